"""The log: an immutable sequence that grows by being appended to, and what evolves from it."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from multiprocessing import get_context
from threading import Barrier
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from negotiation.history import History

TALKS: Final = "talks"
DAY: Final = datetime(2031, 3, 1, tzinfo=UTC)


def at(hour: int) -> datetime:
    """An hour of the one day in which all of this takes place."""
    return DAY + timedelta(hours=hour)


def said(by: str = "a", text: str = "so") -> ng.StatementMade:
    """A statement, which is always legal."""
    return ng.StatementMade(by=by, text=text)


def offer(proposal: str = "p") -> ng.ProposalMade:
    """A's proposal to b."""
    return ng.ProposalMade(proposal=proposal, by="a", to=["b"], terms={})


def yes(proposal: str = "p") -> ng.ProposalAccepted:
    """B's acceptance of it."""
    return ng.ProposalAccepted(proposal=proposal, by="b")


def record(id: str, hour: int = 1, event: Any = None, **fields: Any) -> ng.Record:
    """A record of these talks."""
    return ng.Record(
        **{"id": id, "negotiation": TALKS, "time": at(hour), "event": event or said(), **fields}
    )


@pytest.fixture
def empty() -> ng.Log:
    """The log of talks that have not begun."""
    return ng.Log(TALKS)


@pytest.fixture
def open_offer(empty: ng.Log) -> ng.Log:
    """A's proposal stands at hour 1."""
    return empty.append(offer(), time=at(1))


# Appending


def test_appending_gives_a_new_log(empty: ng.Log) -> None:
    """The new log has the record at its end, and the old one stays as it was."""
    log = empty.append(said(), time=at(1))
    assert len(empty) == 0
    assert [each.event for each in log] == [said()]
    assert type(log) is ng.Log


def test_a_record_is_filled_in(empty: ng.Log) -> None:
    """It is given the log's negotiation, the next position, an id and a recorded time."""
    log = empty.append(said(), time=at(2)).append(said(), time=at(1))
    assert log[0] == record("e1", 2, recorded=at(2))
    assert log[1] == record("e2", 1, position=2, recorded=at(2))


def test_everything_about_a_record_can_be_said(empty: ng.Log) -> None:
    """Each field of a record is a keyword of append."""
    given: dict[str, Any] = {
        "speaker": "A. Person",
        "reported_by": "The Paper",
        "report_url": "https://example.org/1",
        "quote": "so be it",
        "precision": "day",
        "visible_to": ["b"],
        "correlation": "c1",
        "causation": "c2",
    }
    log = empty.append(said(), time=at(1), id="first", recorded=at(9), **given)
    assert log[0] == record("first", recorded=at(9), **given)
    assert log.append(said(), time=at(1), repeats="first")[1].repeats == "first"


def test_the_default_id_is_the_next_free_one(empty: ng.Log) -> None:
    """It counts from the position, past ids that are taken."""
    log = empty.append(said(), time=at(1), id="e2").append(said("b"), time=at(1))
    assert [each.id for each in log] == ["e2", "e3"]
    taken = empty.append(said(), time=at(1), id="e2").append(said(), time=at(1), id="e3")
    assert taken.append(said("b"), time=at(1))[-1].id == "e4"


def test_the_default_recorded_time_is_the_later_one(empty: ng.Log) -> None:
    """The later of when it happened and when the last record was recorded."""
    log = empty.append(said(), time=at(1), recorded=at(5))
    assert log.append(said("b"), time=at(2))[-1].recorded == at(5)
    assert log.append(said("b"), time=at(6))[-1].recorded == at(6)


def test_moments_in_other_zones_are_the_same_moments(empty: ng.Log) -> None:
    """Times may be given in any zone and are kept in UTC."""
    east = timezone(timedelta(hours=9))
    log = empty.append(said(), time=at(1).astimezone(east), recorded=at(2).astimezone(east))
    assert log == empty.append(said(), time=at(1), recorded=at(2))
    assert log[0].recorded.tzinfo is UTC


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"time": datetime(2031, 3, 1)}, "time"),  # noqa: DTZ001  # what is missing is the point
        ({"time": "2031-03-01T00:00:00Z"}, "time"),
        ({"recorded": 5}, "recorded"),
        ({"id": ""}, "id"),
        ({"id": "e\n1"}, "id"),
        ({"speaker": ""}, "speaker"),
        ({"quote": 3}, "quote"),
        ({"precision": "decade"}, "precision"),
        ({"visible_to": []}, "visible_to"),
        ({"visible_to": "b"}, "visible_to"),
        ({"visible_to": ["b c"]}, "visible_to"),
        ({"repeats": ""}, "repeats"),
        ({"event": "said"}, "event"),
        ({"event": {"by": "a"}}, "event"),
    ],
)
def test_a_wrong_field_of_a_record_is_named(
    empty: ng.Log, wrong: dict[str, Any], field: str
) -> None:
    """What no record can have is refused with the record's id and the field's name."""
    with pytest.raises(ng.InvalidRecord) as refused:
        empty.append(**{"event": said(), "time": at(1), **wrong})
    assert refused.value.field == field
    assert refused.value.record == wrong.get("id", "e1")
    assert field in str(refused.value)


def test_a_log_without_a_name_cannot_be_begun() -> None:
    """Only a log that knows its negotiation can be appended to."""
    with pytest.raises(ng.InvalidRecord, match="start with Log"):
        ng.Log().append(said(), time=at(1))
    assert len(ng.Log(None, [record("e1")]).append(said(), time=at(2))) == 2


def test_a_record_is_recorded_after_those_above_it(empty: ng.Log) -> None:
    """A recorded time before the last one is refused; the same one is not."""
    log = empty.append(said(), time=at(1), recorded=at(5))
    assert len(log.append(said(), time=at(1), recorded=at(5))) == 2
    with pytest.raises(ng.InvalidLog, match="before the record above it") as refused:
        log.append(said(), time=at(1), recorded=at(4))
    assert refused.value.record == "e2"


# Strict and not


def test_an_illegal_event_is_refused(open_offer: ng.Log) -> None:
    """The error holds the problems that the log would have gained, and the log is as before."""
    with pytest.raises(ng.IllegalEvent) as refused:
        open_offer.append(yes("q"), time=at(2))
    [problem] = refused.value.problems
    assert (problem.event, problem.position, problem.code) == ("e2", 2, "unknown-proposal")
    assert problem.party == "b"
    assert str(refused.value) == (
        f"unknown-proposal: {problem.message}. Allowed: ProposalAccepted(proposal='p', by='b'); "
        "PartyJoined(party='b', role=…); PartyWithdrew(by='b'); …"
    )
    assert len(open_offer) == 1
    assert open_offer.append(yes(), time=at(2))[-1].event == yes()


def test_an_illegal_event_is_taken_where_nobody_is_strict(open_offer: ng.Log) -> None:
    """`strict=False` takes it, and `check` tells."""
    log = open_offer.append(yes("q"), time=at(2), strict=False)
    assert [problem.code for problem in ng.check(log)] == ["unknown-proposal"]


def test_old_problems_are_no_reason_to_refuse(open_offer: ng.Log) -> None:
    """Only what an event adds to the problems counts against it."""
    log = open_offer.append(yes("q"), time=at(2), strict=False).append(said("b"), time=at(3))
    assert len(ng.check(log)) == 1
    with pytest.raises(ng.IllegalEvent) as refused:
        log.append(yes("q"), time=at(4))
    assert [problem.event for problem in refused.value.problems] == ["e4"]


def test_old_problems_are_no_reason_to_refuse_a_late_report(open_offer: ng.Log) -> None:
    """What is put into the past, too, answers only for the problems that it adds."""
    log = open_offer.append(yes("q"), time=at(4), strict=False)
    assert len(ng.check(log.append(said("b"), time=at(3)))) == 1
    with pytest.raises(ng.IllegalEvent) as refused:
        log.append(yes("r"), time=at(3))
    assert [problem.event for problem in refused.value.problems] == ["e3"]


def test_a_late_report_that_makes_another_record_illegal_is_refused(open_offer: ng.Log) -> None:
    """What is put into the past may break what followed: the later record has the problem."""
    log = open_offer.append(yes(), time=at(5))
    with pytest.raises(ng.IllegalEvent) as refused:
        log.append(ng.ProposalWithdrawn(proposal="p", by="a"), time=at(3))
    [problem] = refused.value.problems
    assert (problem.event, problem.code) == ("e2", "proposal-closed")


def test_a_late_report_may_be_legal(open_offer: ng.Log) -> None:
    """A report of the past that breaks nothing is taken."""
    log = open_offer.append(yes(), time=at(5)).append(said("b"), time=at(2))
    assert [each.id for each, _ in ng.steps(log)] == ["e1", "e3", "e2"]


def test_a_retraction_that_makes_another_record_illegal_is_refused(open_offer: ng.Log) -> None:
    """Taking back an offer that was accepted leaves an acceptance of nothing."""
    log = open_offer.append(yes(), time=at(2))
    with pytest.raises(ng.IllegalEvent) as refused:
        log.append(ng.EventRetracted(event="e1", by="a"), time=at(3))
    assert [problem.code for problem in refused.value.problems] == ["unknown-proposal"]
    assert len(log.append(ng.EventRetracted(event="e2", by="a"), time=at(3))) == 3


@pytest.mark.parametrize(
    ("event", "options", "code"),
    [
        (ng.EventRetracted(event="e9", by="a"), {}, "unknown-record"),
        (said(), {"repeats": "e9"}, "unknown-record"),
        (ng.UnknownEvent(type="x.v1", data={}), {}, "unknown-type"),
    ],
)
def test_records_that_speak_of_nothing_are_refused(
    open_offer: ng.Log, event: Any, options: dict[str, Any], code: str
) -> None:
    """Strictness covers retractions, repetitions and unknown types."""
    with pytest.raises(ng.IllegalEvent) as refused:
        open_offer.append(event, time=at(2), **options)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_appending_strictly_asks_the_model(empty: ng.Log) -> None:
    """An event of an extension is known under its model and unknown without it."""

    @ng.event
    @attrs.frozen(kw_only=True)
    class BellRung:
        pass

    bells = ng.Extension("bells", "bell-rung", BellRung, 0, lambda rung, _: rung + 1)
    model = ng.Model.default.extended(bells)
    log = empty.append(BellRung(), time=at(1), model=model)
    log = log.append(BellRung(), time=at(2), model=model)
    assert ng.replay(log, model=model).slices["bells"] == 2
    with pytest.raises(ng.IllegalEvent):
        log.append(BellRung(), time=at(3))


@pytest.mark.parametrize("hour", [1, 3], ids=["at once", "later"])
def test_a_refused_event_leaves_the_log_to_be_appended_to(open_offer: ng.Log, hour: int) -> None:
    """After a refusal the same log takes another event, again and again."""
    for _ in range(3):
        with pytest.raises(ng.IllegalEvent):
            open_offer.append(yes("q"), time=at(hour))
        log = open_offer.append(yes(), time=at(hour))
        assert [each.event for each in log] == [offer(), yes()]
        assert ng.check(log) == ()


# Copies and conflicts


def test_a_copy_changes_nothing(open_offer: ng.Log) -> None:
    """A record with a known id and the same content is dropped, whenever it is recorded."""
    assert open_offer.append(offer(), time=at(1), id="e1") == open_offer
    late = attrs.evolve(open_offer[0], recorded=at(9), position=7)
    assert open_offer.extend([late, late]) == open_offer
    early = attrs.evolve(open_offer[0], recorded=at(0))
    assert open_offer.append(said(), time=at(5)).extend([early])[0].recorded == at(1)


def test_an_id_stands_for_one_content(open_offer: ng.Log) -> None:
    """A known id with other content is refused, with the place of the first."""
    with pytest.raises(ng.ConflictingRecord, match="stands at position 1") as refused:
        open_offer.append(said(), time=at(1), id="e1")
    assert refused.value.record == "e1"
    with pytest.raises(ng.ConflictingRecord):
        open_offer.append(offer(), time=at(1), id="e1", speaker="A. Person")
    with pytest.raises(ng.InvalidLog):
        ng.Log(TALKS, [record("e1", event=offer()), record("e1", event=yes())])


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"position": 5}, True),
        ({"recorded": at(9)}, True),
        ({"hash": "x", "prevhash": "y"}, True),
        ({"attributes": {"datacontenttype": "application/json"}}, True),
        ({"attributes": {"subject": "x"}}, False),
        ({"time": at(2)}, False),
        ({"event": said("b")}, False),
        ({"visible_to": ["b"]}, False),
        ({"repeats": "e0"}, False),
        ({"precision": "day"}, False),
        ({"negotiation": "other"}, False),
    ],
)
def test_what_a_copy_may_differ_in(change: dict[str, Any], same: bool) -> None:
    """A copy may differ in its position, its recorded time and its hashes, and in nothing else."""
    one = record("e1")
    assert one.same_content(attrs.evolve(one, **change)) is same


# Extending


def test_extending_takes_all(empty: ng.Log) -> None:
    """Records are numbered anew, whatever positions they came with."""
    log = empty.extend(record(id, position=9) for id in ("x", "y", "z"))
    assert [(each.id, each.position) for each in log] == [("x", 1), ("y", 2), ("z", 3)]


@pytest.mark.parametrize(
    "wrong",
    [
        record("x", event=yes()),
        record("w", hour=0),
        record("w", hour=5, negotiation="others"),
    ],
    ids=["conflicting", "recorded too early", "of others"],
)
def test_extending_takes_all_or_none(empty: ng.Log, wrong: ng.Record) -> None:
    """One record that does not fit keeps all of them out, and the log can still be extended."""
    log = empty.extend([record("x")])
    with pytest.raises(ng.InvalidLog) as refused:
        log.extend([record("y", 2), wrong, record("z", 3)])
    assert refused.value.record == wrong.id
    assert [each.id for each in log] == ["x"]
    assert log.get("y") is None
    assert [each.id for each in log.extend([record("z", 3)])] == ["x", "z"]


def test_a_log_is_of_one_negotiation() -> None:
    """Another negotiation's records are refused, by a named log and by one named by its records."""
    with pytest.raises(ng.InvalidLog, match="belongs to negotiation 'talks', this log to 'others'"):
        ng.Log("others", [record("e1")])
    with pytest.raises(ng.InvalidLog, match="belongs to negotiation 'others', this log to 'talks'"):
        ng.Log(None, [record("e1"), record("e2", negotiation="others")])
    with pytest.raises(ng.InvalidLog):
        ng.Log().extend([record("e1"), record("e2", negotiation="others")])


# Branching


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ((5,), "negotiation must be text, not int 5"),
        (("",), "negotiation must be an id, which is not empty"),
        (("x", 5), "records must be a list of records, not int 5"),
        (("x", ["a"]), "records[0] must be a Record, not str 'a'; events are appended"),
        (("x", None), "records must be a list of records, not nothing"),
    ],
    ids=["a number", "no id", "no list", "no record", "nothing"],
)
def test_what_no_log_is_made_of(given: Any, reason: str) -> None:
    """A log is made of an id and of records; anything else is named."""
    with pytest.raises(ng.InvalidLog) as caught:
        ng.Log(*given)
    assert (str(caught.value), caught.value.record) == (reason, None)


def test_what_no_log_is_extended_by(three: ng.Log) -> None:
    """An event is no record: a log is extended by records."""
    with pytest.raises(ng.InvalidLog, match=r"records\[0\] must be a Record, not a StatementMade"):
        three.extend([ng.StatementMade(by="a", text="b")])  # type: ignore[list-item]  # that is it


def test_two_logs_can_grow_from_one(open_offer: ng.Log) -> None:
    """Neither sees what the other was given; the one they grew from sees nothing of it."""
    one = open_offer.append(yes(), time=at(2))
    other = open_offer.append(said("b", "no"), time=at(3), id="no")
    further = one.append(said(), time=at(4))
    assert [each.id for each in one] == ["e1", "e2"]
    assert [each.id for each in other] == ["e1", "no"]
    assert [each.id for each in further] == ["e1", "e2", "e3"]
    assert one.get("no") is None
    assert other.get("e2") is None
    assert open_offer.get("e2") is None
    assert ng.replay(one).proposals["p"].status == "accepted"
    assert ng.replay(other).proposals["p"].status == "open"


def test_branches_keep_what_holds_of_them_alone(open_offer: ng.Log) -> None:
    """A late, a hidden or a retracting record in one branch says nothing of another."""
    late = open_offer.append(said(), time=at(0))
    hidden = open_offer.append(said(), time=at(2), visible_to=["b"])
    meta = open_offer.append(ng.EventRetracted(event="e1", by="a"), time=at(2))
    plain = open_offer.append(said(), time=at(2))
    assert [log.chronological for log in (late, hidden, meta, plain)] == [False, True, True, True]
    assert [log.public for log in (late, hidden, meta, plain)] == [True, False, True, True]
    assert [log.plain for log in (late, hidden, meta, plain)] == [True, True, False, True]


def test_a_part_of_a_log_can_grow(open_offer: ng.Log) -> None:
    """The first records of a log are a log; growing it leaves the rest of the other alone."""
    log = open_offer.append(yes(), time=at(2)).append(said(), time=at(3))
    branch = log.upto(1).append(said("b", "no"), time=at(2))
    assert [each.event for each in branch] == [offer(), said("b", "no")]
    assert [each.event for each in log] == [offer(), yes(), said()]


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_threads_can_append_to_one_log(empty: ng.Log) -> None:
    """Each gets a log of its own, whatever the others do to the same one at the same time."""
    log = empty.extend(record(f"e{n}", event=said(f"party-{n}")) for n in range(1, 100))

    def grow(name: str) -> list[str]:
        grown = log
        for n in range(5):
            grown = grown.append(said(), time=at(2), id=f"{name}-{n}")
        return [each.id for each in grown[len(log) :]]

    with ThreadPoolExecutor(4) as threads:
        names = [f"thread-{n}" for n in range(16)]
        grown = dict(zip(names, threads.map(grow, names), strict=True))
    assert grown == {name: [f"{name}-{n}" for n in range(5)] for name in names}
    assert len(log) == 99


@pytest.mark.usefixtures("hasty_threads")
def test_threads_can_evolve_one_state(empty: ng.Log) -> None:
    """Many threads that evolve one state at the same time all get the same next state."""
    log = empty.extend(record(f"e{n}", event=offer(f"p{n}")) for n in range(1, 2000))
    following = record("next", 2, position=2000)
    together = Barrier(4)

    def grow(state: ng.Negotiation) -> ng.Negotiation:
        together.wait()
        return ng.evolve(state, following)

    with ThreadPoolExecutor(4) as threads:
        for _ in range(80):
            state = ng.replay(log)
            grown = [threads.submit(grow, state) for _ in range(4)]
            assert [each.result().position for each in grown] == [2000] * 4


# Reading


@pytest.fixture
def three(empty: ng.Log) -> ng.Log:
    """Three records: e1, e2 and e3."""
    return empty.extend([record("e1"), record("e2", 2), record("e3", 3)])


def test_a_log_is_a_sequence_of_its_records(three: ng.Log) -> None:
    """It has a length and an order, indices from both ends, and slices, which are tuples."""
    e1, e2, e3 = three
    assert len(three) == 3
    assert (three[0], three[2], three[-1], three[-3]) == (e1, e3, e3, e1)
    assert three[1:] == (e2, e3)
    assert three[::-1] == (e3, e2, e1)
    assert three[5:] == ()
    assert list(reversed(three)) == [e3, e2, e1]
    assert e2 in three
    assert record("e4") not in three
    assert three.index(e2) == 1
    assert three.count(e3) == 1
    assert three.records == [e1, e2, e3]


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_outside_is_refused(three: ng.Log, index: int) -> None:
    """Also where the records that the index would reach are those of a longer log."""
    longer = three.append(said(), time=at(4))
    with pytest.raises(IndexError, match=f"a log of 3 records has no index {index}"):
        three[index]
    assert len(longer) == 4


def test_a_record_is_found_by_its_id(three: ng.Log) -> None:
    """`get` gives the record of an id, or None."""
    assert three.get("e2") == three[1]
    assert three.get("e9") is None
    assert three.upto(1).get("e2") is None


@pytest.mark.parametrize(
    ("position", "length"), [(-1, 0), (0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (99, 3)]
)
def test_the_first_records_are_a_log(three: ng.Log, position: int, length: int) -> None:
    """`upto` gives the log as it was when it had so many records."""
    part = three.upto(position)
    assert part == ng.Log(TALKS, three[:length])
    assert part.negotiation == TALKS


def test_a_log_cannot_be_changed(three: ng.Log) -> None:
    """Its attributes cannot be set, and the list of its records is the caller's own."""
    with pytest.raises(AttributeError, match="a Log cannot be changed"):
        three._length = 1
    three.records.clear()
    assert len(three) == 3


def test_a_copy_of_a_log_is_the_log(three: ng.Log) -> None:
    """What cannot change needs no copy: a log, whole or in part, and a state."""
    for value in (three, three.upto(1), ng.replay(three)):
        assert copy.copy(value) is value
        assert copy.deepcopy([value])[0] is value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_log_can_be_pickled(three: ng.Log, protocol: int) -> None:
    """A log, a part of one and an empty one come back from a pickle, and grow."""
    for log in (three, three.upto(1), ng.Log(TALKS), ng.Log()):
        again = pickle.loads(pickle.dumps(log, protocol))  # noqa: S301  # made here
        assert type(again) is ng.Log
        assert again == log
        assert again.negotiation == log.negotiation
        assert again.records == log.records
    kept = pickle.loads(pickle.dumps(three.append(said(), time=at(9)), protocol))  # noqa: S301  # as above
    assert ng.replay(kept.append(offer("new"), time=at(9))).proposals["new"].status == "open"


def test_processes_take_logs(three: ng.Log) -> None:
    """A log can be handed to other processes, and comes back from them."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert [*pool.map(ng.Log.upto, [three], [2])] == [three.upto(2)]


def test_logs_are_equal_if_their_records_are(three: ng.Log) -> None:
    """Whatever way they were come by; equal ones hash alike."""
    twin = ng.Log(None, list(three))
    assert three == twin
    assert hash(three) == hash(twin)
    assert three == History(TALKS, list(three))
    assert three.append(said(), time=at(4)).upto(3) == three
    assert three != three.upto(2)
    assert ng.Log(TALKS) != ng.Log("others")
    assert ng.Log(TALKS) != ng.Log()
    assert three != list(three)
    assert {three: "found"}[twin] == "found"


def test_a_log_knows_its_negotiation(three: ng.Log) -> None:
    """As it was named, or as its records name it; an empty one without a name has none."""
    assert three.negotiation == TALKS
    assert ng.Log(None, list(three)).negotiation == TALKS
    assert ng.Log().negotiation is None
    assert ng.Log().extend(three).negotiation == TALKS


def test_a_log_shows_what_it_is(three: ng.Log) -> None:
    """The class, the negotiation and the number of records."""
    assert repr(three) == "<Log 'talks': 3 records>"


# Evolving


def test_evolving_is_one_step_of_the_same_fold(open_offer: ng.Log) -> None:
    """The state after the next record is the replay of the longer log."""
    log = open_offer.append(yes(), time=at(2))
    state = ng.replay(open_offer)
    assert ng.evolve(state, log[-1]) == ng.replay(log)
    assert state.proposals["p"].status == "open"


def test_evolving_from_nothing(empty: ng.Log) -> None:
    """An empty log's state takes the first record, also where the log was given no name."""
    log = empty.append(offer(), time=at(1))
    assert ng.evolve(ng.replay(empty), log[0]) == ng.replay(log)
    assert ng.evolve(ng.replay(ng.Log()), log[0]) == ng.replay(log)


@pytest.mark.parametrize(
    ("next_record", "reason"),
    [
        (record("e3", 1, position=3), "happened 2031-03-01T01:00:00+00:00, before 2031-03-01T02"),
        (record("e3", 3, position=2), "stands at position 2, and the state is at 2"),
        (
            record("e3", 3, position=3, event=ng.EventRetracted(event="e1", by="a")),
            "retracts a record, which changes the past",
        ),
    ],
    ids=["backdated", "out of place", "retracting"],
)
def test_what_changes_the_past_is_not_next(
    open_offer: ng.Log, next_record: ng.Record, reason: str
) -> None:
    """A backdated record, one at a position that is taken, and a retraction are refused."""
    state = ng.replay(open_offer.append(yes(), time=at(2)))
    with pytest.raises(ng.NotNext) as refused:
        ng.evolve(state, next_record)
    assert refused.value.record == "e3"
    assert refused.value.reason.startswith(reason)


def test_a_record_of_equal_time_is_next(open_offer: ng.Log) -> None:
    """Equal times keep log order, so a record of the same moment follows."""
    log = open_offer.append(yes(), time=at(1))
    assert ng.evolve(ng.replay(open_offer), log[-1]) == ng.replay(log)


def test_a_copy_leaves_a_state_as_it_is(open_offer: ng.Log) -> None:
    """Every record that the state has seen, replayed or evolved, may come again."""
    log = open_offer.append(said("c"), time=at(9), visible_to=["b"]).append(yes(), time=at(2))
    log = log.append(ng.EventRetracted(event="e2", by="c"), time=at(2))
    state = ng.replay(log)
    grown = ng.evolve(state, record("e5", 3, position=5, event=said("b")))
    for each in log:
        assert ng.evolve(state, attrs.evolve(each, position=7, recorded=at(10))) is state
        assert ng.evolve(grown, each) is grown
    again = record("e5", 3, position=9, event=said("b"))
    assert ng.evolve(grown, again) is grown


def test_a_repetition_of_what_was_retracted_is_folded_as_nothing(open_offer: ng.Log) -> None:
    """A retracted record stands in the log all the same, and a further source may repeat it."""
    log = open_offer.append(ng.EventRetracted(event="e1", by="a"), time=at(1))
    longer = log.append(offer(), time=at(2), repeats="e1")
    assert ng.evolve(ng.replay(log), longer[-1]) == ng.replay(longer)


def test_a_known_id_with_other_content_is_refused(open_offer: ng.Log) -> None:
    """A state takes no second record under an id that it has seen."""
    with pytest.raises(ng.ConflictingRecord, match="was seen with other content") as refused:
        ng.evolve(ng.replay(open_offer), record("e1", 2, position=2))
    assert refused.value.record == "e1"


def test_another_negotiations_record_is_refused(open_offer: ng.Log) -> None:
    """A state is of one negotiation."""
    other = record("x", 2, position=2, negotiation="others")
    with pytest.raises(ng.InvalidLog, match="belongs to negotiation 'others', this state to"):
        ng.evolve(ng.replay(open_offer), other)


@pytest.mark.parametrize(
    ("asked", "options"),
    [({"known_to": "c"}, {"visible_to": ["b"]}), ({"known_at": at(5)}, {"recorded": at(6)})],
    ids=["hidden", "recorded later"],
)
def test_what_does_not_count_leaves_a_state_as_it_is(
    open_offer: ng.Log, asked: dict[str, Any], options: dict[str, Any]
) -> None:
    """A record that the viewer does not know changes nothing of what it knows."""
    log = open_offer.append(said("b"), time=at(2), **options)
    state = ng.replay(open_offer, **asked)
    assert ng.evolve(state, log[-1]) is state
    assert state == ng.replay(log, **asked)


def test_as_of_never_moves_back(open_offer: ng.Log) -> None:
    """A record before the moment that was asked for is taken, and the moment stays."""
    state = ng.evolve(ng.replay(open_offer, as_of=at(9)), record("e2", 2, position=2))
    assert (state.time, state.as_of) == (at(2), at(9))
    later = ng.evolve(state, record("e3", 11, position=3))
    assert (later.time, later.as_of) == (at(11), at(11))


def test_steps_are_taken_as_they_are_asked_for(open_offer: ng.Log) -> None:
    """Each step is the record and the state right after it; wrong arguments are told at once."""
    log = open_offer.append(yes(), time=at(2))
    taken = [(each.id, state.proposals["p"].status) for each, state in ng.steps(log)]
    assert taken == [("e1", "open"), ("e2", "accepted")]
    with pytest.raises(ng.InvalidTime, match="as_of must be a datetime with a time zone"):
        ng.steps(log, as_of="2031-03-01")  # type: ignore[arg-type]  # refusing it is the test


@pytest.mark.parametrize("name", ["as_of", "known_at"])
@pytest.mark.parametrize("function", [ng.replay, ng.check, ng.steps], ids=lambda one: one.__name__)
def test_a_moment_without_a_zone_is_refused(open_offer: ng.Log, function: Any, name: str) -> None:
    """The error names the argument."""
    with pytest.raises(ng.InvalidTime, match=f"{name} must have a time zone"):
        function(open_offer, **{name: datetime(2031, 3, 1)})  # noqa: DTZ001  # as it says


@pytest.mark.parametrize(
    ("viewer", "reason"),
    [
        (["x"], "known_to must be text, not a list"),
        (5, "known_to must be text, not int 5"),
        ("", "known_to must be a party's id, which is not empty"),
        ("a b", "known_to must be a party's id, which holds no white space: 'a b'"),
    ],
    ids=["a list", "a number", "nothing", "two words"],
)
def test_a_viewer_that_no_party_can_be_is_refused(
    open_offer: ng.Log, viewer: Any, reason: str
) -> None:
    """A wrong viewer is named, at once and by every function, and never taken for a stranger."""
    timeline = ng.Timeline(open_offer)
    functions: list[Any] = [
        partial(function, open_offer) for function in (ng.replay, ng.check, ng.steps)
    ]
    for function in (*functions, timeline.at, timeline.steps):
        with pytest.raises(ng.InvalidParty) as refused:
            function(known_to=viewer)
        assert str(refused.value) == reason
