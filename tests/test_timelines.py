"""A timeline: the index over a log that gives the state at any point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import attrs
import pytest

import negotiation as ng
from negotiation.reducers import REACTIONS
from negotiation.timelines import lateness
from negotiation.timelines import timeline as timelines

START = datetime(2030, 5, 1, tzinfo=UTC)


def at(hour: float) -> datetime:
    """An hour of the first day, or after it."""
    return START + timedelta(hours=hour)


def said(words: str, by: str = "northport") -> ng.StatementMade:
    """Words on the record."""
    return ng.StatementMade(by=by, text=words)


def record(id: str, hour: float, event: ng.AnyEvent, **fields: Any) -> ng.Record:
    """A record of something that happened at an hour."""
    return ng.Record(id=id, negotiation="talks", time=at(hour), event=event, **fields)


def words(state: ng.Negotiation, party: str = "northport") -> list[str]:
    """What a party said, in fold order."""
    return [each.text for each in state.parties[party].statements]


@ng.event
@attrs.frozen(kw_only=True)
class Words:
    """An event of an extension."""

    by: str = attrs.field()


LOG = ng.Log(
    "talks",
    [
        record("e1", 1, said("one")),
        record("e2", 3, said("three")),
        record("e3", 2, said("two, reported late"), recorded=at(4)),
        record("e4", 5, said("five"), visible_to=["southvale"]),
        record("e5", 6, ng.EventRetracted(event="e2", by="northport")),
    ],
)
TIMELINE = ng.Timeline(LOG, interval=2)


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0, None),
        (1, ["one"]),
        (2, ["one", "three"]),
        (3, ["one", "two, reported late", "three"]),
        (4, ["one", "two, reported late", "three", "five"]),
        (5, ["one", "two, reported late", "five"]),
        (None, ["one", "two, reported late", "five"]),
    ],
)
def test_a_position(position: int | None, expected: list[str] | None) -> None:
    """At a position stands what the first so many records say, late and retracted ones too."""
    state = TIMELINE.at(position=position)
    assert ("northport" in state.parties) is (expected is not None)
    assert expected is None or words(state) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"as_of": at(2)}, ["one", "two, reported late"]),
        ({"as_of": at(3), "known_at": at(3)}, ["one", "three"]),
        ({"as_of": at(3), "known_at": at(4)}, ["one", "two, reported late", "three"]),
        ({"position": 3, "as_of": at(2.5)}, ["one", "two, reported late"]),
        ({"position": 3, "known_at": at(3)}, ["one", "three"]),
        ({"known_to": "southvale"}, ["one", "two, reported late", "five"]),
        ({"known_to": "eastmere"}, ["one", "two, reported late"]),
        ({"known_to": "westhaven"}, ["one", "two, reported late"]),
    ],
)
def test_a_point_of_view(asked: dict[str, Any], expected: list[str]) -> None:
    """As of any moment, known at any moment and to anybody stands what replaying gives."""
    state = TIMELINE.at(**asked)
    assert words(state) == expected
    assert state.known_to == asked.get("known_to")


def test_a_moment_before_the_log() -> None:
    """Before anything had happened, or had been recorded, nothing stands."""
    assert TIMELINE.at(as_of=at(0)) == ng.replay(LOG, as_of=at(0))
    assert TIMELINE.at(known_at=at(0)) == ng.replay(LOG, known_at=at(0))


@pytest.mark.parametrize("position", [-1, 6, 1.0, True, "e3"])
def test_a_position_out_of_range(position: Any) -> None:
    """A position that the log does not have is refused, and the message says which it has."""
    message = "position must be a whole number from 0, before anything, to 5, the last of this log"
    with pytest.raises(ng.OutOfRange, match=message):
        TIMELINE.at(position=position)
    with pytest.raises(ng.OutOfRange, match=message):
        TIMELINE.steps(position=position)


@pytest.mark.parametrize("name", ["as_of", "known_at"])
def test_a_moment_without_a_time_zone(name: str) -> None:
    """A moment without a time zone is refused by its name."""
    naive: dict[str, Any] = {name: datetime(2030, 5, 1)}  # noqa: DTZ001  # what is refused
    for ask in (TIMELINE.at, TIMELINE.steps):
        with pytest.raises(ng.InvalidTime, match=f"{name} must have a time zone"):
            ask(**naive)


@pytest.mark.parametrize("interval", [0, -1, 2.0, True, None])
def test_a_wrong_interval(interval: Any) -> None:
    """The interval is a whole number from 1."""
    with pytest.raises(ng.OutOfRange, match="interval must be a whole number from 1"):
        ng.Timeline(LOG, interval=interval)


def test_a_timeline_of_what_is_no_log() -> None:
    """A path, or a list of records, is no log yet."""
    for wrong in ("log.jsonl", [*LOG]):
        with pytest.raises(ng.InvalidLog, match="is no log; read_log reads one from a file"):
            ng.Timeline(wrong)  # type: ignore[arg-type]


def test_growing() -> None:
    """A timeline that is given records is a new one; the old one stays as it was."""
    late = record("e6", 1.5, said("half past one"), recorded=at(7))
    back = record("e7", 8, ng.EventRetracted(event="e5", by="northport"))
    longer = TIMELINE.extend([late, back])
    assert longer.log == LOG.extend([late, back])
    assert longer.interval == 2
    assert words(longer.at()) == ["one", "half past one", "two, reported late", "three", "five"]
    assert TIMELINE.at() == ng.replay(LOG)


def test_growing_twice_from_one() -> None:
    """Two timelines that grew from one know nothing of each other."""
    one = TIMELINE.append(record("e6", 9, said("nine")))
    other = TIMELINE.append(record("e6", 9, said("nine, says another")))
    for timeline, last in ((one, "nine"), (other, "nine, says another")):
        assert words(timeline.at())[-1] == last
        assert timeline.at() == ng.replay(timeline.log)


def test_a_copy_changes_nothing() -> None:
    """A second copy of a record takes no position and changes no state."""
    assert TIMELINE.append(LOG[0]).at() == TIMELINE.at()


def test_what_cannot_be_appended() -> None:
    """A record that does not fit at the log's end is refused as the log refuses it."""
    with pytest.raises(ng.InvalidLog, match="a log grows at its end"):
        TIMELINE.append(record("e6", 1, said("too late")))
    assert TIMELINE.at() == ng.replay(LOG)


def test_stepping_back() -> None:
    """Steps go from the last to the first where that is asked for."""
    back = [(each.id, words(state)[-1]) for each, state in TIMELINE.steps(backwards=True)]
    assert back == [("e4", "five"), ("e3", "two, reported late"), ("e1", "one")]
    forth = [each.id for each, _ in TIMELINE.steps(position=3)]
    assert forth == ["e1", "e3", "e2"]


@pytest.mark.parametrize(
    "asked", [{}, {"position": 3}, {"as_of": at(3)}, {"known_to": "southvale"}]
)
def test_explaining(asked: dict[str, Any]) -> None:
    """A timeline explains what the log explains, at any point."""
    told = {name: value for name, value in asked.items() if name != "position"}
    log = LOG.upto(asked.get("position", len(LOG)))
    path = "parties.northport.statements"
    assert TIMELINE.explain(path, **asked) == ng.explain(log, path, **told)


def test_explaining_as_it_grows() -> None:
    """What was added is explained too, and by a timeline that does not have it, it is not."""
    path = "parties.northport.statements"
    shorter = ng.Timeline(LOG, interval=2)
    before = shorter.explain(path)
    one = shorter.append(record("e6", 9, said("nine")))
    other = shorter.append(record("e6", 9, said("nine, says another")))
    for timeline in (one, other):
        assert timeline.explain(path) == ng.explain(timeline.log, path)
    assert shorter.explain(path) == before


def test_explaining_what_is_not_there() -> None:
    """A wrong path names the nearest right one."""
    with pytest.raises(ng.InvalidPath, match=r"did you mean parties\.northport\?"):
        TIMELINE.explain("parties.northprt.status")


def test_extensions_are_folded() -> None:
    """A timeline of a model with extensions has their slices at every point."""
    model = ng.Model.default.extended(
        ng.Extension("words", "words-said", Words, 0, lambda said, _: said + 1)
    )
    log = ng.Log("talks", [record(f"e{n}", n, Words(by="northport")) for n in range(1, 8)])
    timeline = ng.Timeline(log, interval=3, model=model)
    slices = [timeline.at(position=n).slices["words"] for n in range(8)]
    assert slices == [0, 1, 2, 3, 4, 5, 6, 7]


def test_a_timeline_keeps_an_index_for_a_few_viewers() -> None:
    """However many parties are asked about, only a few indices are kept, and answers stay right."""
    parties = [f"party-{n}" for n in range(2 * timelines.VIEWERS)]
    log = ng.Log(
        "talks",
        [
            record(f"e{n}", n, said(party), visible_to=[party])
            for n, party in enumerate(parties, start=1)
        ],
    )
    timeline = ng.Timeline(log)
    for party in (*parties, parties[0]):
        assert words(timeline.at(known_to=party)) == [party]
    assert len(timeline._tracks) == 1 + timelines.VIEWERS
    assert timeline.at() == ng.replay(log)


def test_a_timeline_of_a_public_log_has_one_index() -> None:
    """Where every record is public, every party knows the same."""
    timeline = ng.Timeline(ng.Log("talks", [record("e1", 1, said("one"))]))
    assert words(timeline.at(known_to="southvale")) == ["one"]
    assert len(timeline._tracks) == 1


def test_a_timeline_shows_itself() -> None:
    """Its repr has its log and its interval, not what it keeps."""
    text = "Timeline(log=<Log 'talks': 5 records>, interval=2, model="
    assert repr(TIMELINE).startswith(text)


def test_the_mappings_of_a_state_are_whole() -> None:
    """What stands at a point is a mapping as any other: its keys, its length, what is not in it."""
    items = ng.Timeline(
        ng.Log(
            "talks",
            [
                record(f"e{n}", n, ng.TruceDeclared(truce=f"t{n}", by="northport", kind="truce"))
                for n in range(1, 6)
            ],
        ),
        interval=2,
    ).at(position=3)
    assert sorted(items.truces) == ["t1", "t2", "t3"]
    assert len(items.facts.items) == 3
    assert sorted(items.facts.items) == ["t1", "t2", "t3"]
    assert "t4" not in items.facts.items
    with pytest.raises(KeyError):
        items.facts.items["t4"]


def late_story(*late: ng.AnyEvent) -> ng.Log:
    """Sixty records in time, after which others are reported that happened early on."""
    made: list[ng.AnyEvent] = [
        ng.ProposalMade(
            proposal="p1", by="northport", to=["southvale", "midland"], terms={"price": 1}
        ),
        said("first", "eastmere"),
        ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 2}),
        ng.TruceDeclared(truce="calm", by="northport", kind="truce"),
        ng.TruceViolated(violation="v2", truce="calm", by="northport", alleged_by="southvale"),
        ng.TruceViolated(violation="v3", truce="none", by="northport", alleged_by="southvale"),
    ]
    made += [
        ng.PositionStated(by="southvale", issue="price", value=n, firmness="open")
        if n % 3
        else said(f"no. {n}", "northport")
        for n in range(53)
    ]
    made.append(ng.ProposalAccepted(proposal="p1", by="southvale"))
    records = [record(f"e{n}", n, event) for n, event in enumerate(made)]
    records += [
        record(f"late{n}", 5.5, event, recorded=at(100 + n)) for n, event in enumerate(late)
    ]
    return ng.Log("talks", records)


@pytest.mark.parametrize(
    "late",
    [
        said("late", "northport"),
        said("late", "eastmere"),
        said("late", "westhaven"),
        said("late", "midland"),
        ng.PositionStated(by="southvale", issue="price", value="late", firmness="open"),
        ng.PositionStated(by="southvale", issue="other", value="late", firmness="open"),
        ng.ProposalRejected(proposal="p1", by="southvale"),
        ng.ProposalWithdrawn(proposal="p1", by="northport"),
        ng.TruceDeclared(truce="lull", by="northport", kind="truce"),
        ng.TruceViolated(violation="v1", truce="calm", by="northport", alleged_by="southvale"),
        ng.TruceViolated(violation="v1", truce="none", by="northport", alleged_by="southvale"),
        ng.ViolationAssessed(violation="v2", by="northport", finding="denied"),
        ng.ViolationAssessed(violation="v3", by="northport", finding="denied"),
        ng.DeadlineMet(deadline="none", by="northport"),
        ng.MeetingHeld(meeting="m1", parties=["westhaven", "eastmere"]),
        ng.PartyWithdrew(by="southvale"),
        ng.UnknownEvent(type="other.v1", data={}),
    ],
)
@pytest.mark.parametrize("most", [lateness.MOST, 1])
def test_before_a_late_report(late: ng.AnyEvent, most: int) -> None:
    """Before a late record was known, all stood as if it had not happened, however it is found."""
    log = late_story(late)
    timeline = ng.Timeline(log, interval=2)
    with patch.object(lateness, "MOST", most):
        for position in (len(log), len(log) - 1, 40, 5):
            assert timeline.at(position=position) == ng.replay(log.upto(position))


def test_states_of_two_timelines_can_be_compared() -> None:
    """What differs between states of two timelines is found, whatever the two share."""
    one = ng.Timeline(late_story(said("late")), interval=2).at(position=60)
    other = ng.Timeline(late_story(), interval=3).at(position=60)
    assert one == other
    assert not ng.diff(one, other)
    assert ng.diff(ng.Timeline(late_story(said("late"))).at(), other)


def test_what_a_late_record_may_ask_of_other_items() -> None:
    """Only a claim asks whether another item is there and changes nothing of it."""
    asked = {
        (cls, link.key) for cls, row in REACTIONS.items() for link in row.links if not link.changes
    }
    assert asked == {(ng.TruceViolated, "truce")}


def test_before_a_late_report_that_is_taken_back() -> None:
    """A late record that counts no more need not be left out of what was folded without it."""
    land = ng.PositionStated(by="southvale", issue="land", value=1, firmness="open")
    log = late_story(land, said("late"))
    log = log.append(ng.EventRetracted(event="late0", by="clerk"), time=at(200), strict=False)
    timeline = ng.Timeline(log, interval=2)
    for position in (60, 61, 62, 63):
        assert timeline.at(position=position) == ng.replay(log.upto(position))


@pytest.mark.parametrize(("first", "last"), [(4, 60), (60, 4), (10, 11), (7, 7)])
def test_what_changed_between_two_positions(first: int, last: int) -> None:
    """What was written between two kept states is found to have changed, and nothing else."""
    timeline = ng.Timeline(late_story(), interval=2)
    states = [timeline.at(position=position) for position in (first, last)]
    replayed = [ng.replay(timeline.log.upto(position)) for position in (first, last)]
    assert ng.diff(*states) == ng.diff(*replayed)


def test_two_problems_of_one_record_keep_their_order() -> None:
    """Before a late report was known, problems stood in the order in which they were found."""
    late = ng.TruceViolated(violation="v9", truce="none", by="northport", alleged_by="southvale")
    wrong = ng.TruceViolated(
        violation="v8", truce="none", by="northport", alleged_by="southvale", replaces="v7"
    )
    story = late_story()
    log = ng.Log("talks", [*story[:20], record("wrong", 19.5, wrong), *story[20:]])
    log = log.extend([record("late", 5.5, late, recorded=at(100))])
    before = ng.Timeline(log, interval=2).at(position=len(log) - 1)
    assert before == ng.replay(log.upto(len(log) - 1))
    codes = [each.code for each in before.problems if each.event == "wrong"]
    assert codes == ["unknown-truce", "wrong-replaces"]


def test_late_records_are_left_out_singly() -> None:
    """A state from before a late report goes on from a mark after what it reports."""
    timeline = ng.Timeline(late_story(said("late")), interval=2)
    _, query = timeline._query(timeline.log.upto(60), None, None, None, singly=True)
    assert query.mark == 30
    _, query = timeline._query(timeline.log.upto(60), None, None, None)
    assert query.mark == 3


def test_what_was_retracted_does_not_stand_where_a_late_record_is_left_out() -> None:
    """Without it a mark is what stood there, whose last record may be one that was taken back."""
    told = [record(f"e{n}", n, said(str(n))) for n in range(1, 20)]
    back = record("back", 20, ng.EventRetracted(event="e19", by="northport"))
    late = record("late", 0.5, said("late"), recorded=at(21))
    timeline = ng.Timeline(ng.Log("talks", [*told, back, late]), interval=10)
    state = timeline.at(position=20)

    assert words(state) == [str(n) for n in range(1, 19)]
    assert (state.position, state.time) == (18, at(18))
    assert words(timeline.at()) == ["late", *words(state)]
