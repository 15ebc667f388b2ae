"""Records, and what holds of states whatever is in them."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import attrs
import pytest

import negotiation as ng
from negotiation import collector
from negotiation.collector import collector_paused
from tests.worked.story import story, t

SAID = ng.StatementMade(by="buyer", text="good morning")


def record(**changes: Any) -> ng.Record:
    """A record of something said, with fields changed."""
    return ng.Record(**{"id": "e1", "negotiation": "talks", "time": t(1), "event": SAID, **changes})


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("id", "", "must not be empty"),
        ("negotiation", "", "must be an id, which is not empty"),
        ("position", 0, "must be a whole number from 1, not int 0"),
        ("time", datetime(2031, 3, 1), "must have a time zone"),  # noqa: DTZ001  # what is refused
        ("event", "said", "must be an event, not str 'said'"),
        ("event", ng.StatementMade, "must be an event, not a type"),
        ("precision", "moment", "must be one of instant, minute"),
        ("visible_to", "buyer", "must be a list of parties' ids, not str 'buyer'"),
        ("visible_to", [], "must name at least one party"),
        ("visible_to", {"a\x7f"}, "must hold no control characters"),
        ("attributes", {"Subject": "x"}, "has the name 'Subject'"),
        ("attributes", {"speaker": "x"}, "not the library's own"),
        ("attributes", {"subject": ""}, "['subject'] must not be empty"),
        ("speeker", "x", "did you mean 'speaker'?"),
    ],
)
def test_a_record_names_the_field_that_is_wrong(field: str, value: object, reason: str) -> None:
    """A wrong field of a record is named, with what it may be."""
    with pytest.raises(ng.InvalidRecord) as caught:
        record(**{field: value})
    assert (caught.value.record, caught.value.field) == ("" if field == "id" else "e1", field)
    assert reason in str(caught.value)


def test_a_record_is_no_event() -> None:
    """A record of a record is refused, by the record and by the log that is to take it."""
    with pytest.raises(ng.InvalidRecord, match="event must be an event, not a Record"):
        record(event=record())
    with pytest.raises(ng.InvalidRecord, match="event must be an event, not a Record"):
        ng.Log("talks").append(record(), time=t(1))


def test_a_record_has_what_was_given() -> None:
    """A record is recorded when it happened unless told otherwise, and a newline is a space."""
    given = record(quote="so\r\nit is", visible_to={"b", "a"}, attributes={"subject": "x"})
    assert (given.recorded, given.position) == (t(1), 1)
    assert (given.quote, given.visible_to) == ("so it is", frozenset({"a", "b"}))
    assert attrs.evolve(given, id="e2").attributes == (("subject", "x"),)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        given.id = "e3"  # type: ignore[misc]  # what is refused


def test_times_are_kept_in_utc() -> None:
    """A moment given in another zone is the same moment, in UTC."""
    moscow = datetime.fromisoformat("2025-04-19T18:00:00+03:00")
    kept = record(time=moscow).time
    assert (kept, kept.tzinfo) == (moscow, UTC)


def test_states_compare_by_content() -> None:
    """States are equal if all that they show is, and differ from whatever is no state."""
    one = ng.replay(story((t(1), SAID)))
    other = ng.replay(story((t(1), ng.StatementMade(by="buyer", text="good evening"))))
    assert one == ng.replay(story((t(1), SAID)))
    assert hash(one) == hash(other)
    assert one != other
    assert one != ng.replay(story((t(2), SAID)))
    assert one != "a state"
    assert one == one  # noqa: PLR0124  # by identity, too
    assert "1 parties" in repr(one)
    assert repr(one.proposals) == "{}"


@pytest.mark.parametrize("name", ["proposals", "truces", "meetings", "parties"])
def test_what_is_not_there_is_told_with_the_nearest(name: str) -> None:
    """A state that is asked for what it does not hold names what it holds."""
    state = ng.replay(ng.read_log("examples/easter_truce_2025.jsonl"))
    held = getattr(state, name)
    key = next(iter(held))
    with pytest.raises(ng.UnknownName, match=f"did you mean '{key}'"):
        held[key + "x"]
    assert key + "x" not in held


def test_steps_close_and_reopen_as_replay_does() -> None:
    """Going on from a state gives what replaying gives, for each kind of item."""
    log = story(
        (t(1), ng.MeetingScheduled(meeting="m", by="a", parties=["a", "b"], starts=t(5))),
        (t(2), ng.DeadlineSet(deadline="d", by="a", on=["b"], due=t(9))),
        (t(2), SAID, {"repeats": "e9"}),
        (t(3), ng.UnknownEvent(type="org.example.v1", data={}), {"repeats": "e9"}),
        (t(5), ng.MeetingHeld(meeting="m", parties=["a"], outcome="talk")),
        (t(6), ng.MeetingHeld(meeting="m", parties=["b"])),
        (t(7), ng.DeadlineMet(deadline="d", by="b")),
        (t(8), ng.TruceObserved(truce="t", by="a", claimed_by="b")),
    )
    *_, (_, last) = ng.steps(log)
    state = ng.replay(log)
    assert last == state
    codes = [(found.event, found.code) for found in state.problems]
    assert codes == [
        ("e3", "unknown-record"),
        ("e4", "unknown-type"),
        ("e6", "meeting-closed"),
        ("e8", "unknown-truce"),
    ]
    again = ng.evolve(state, record(id="e9", negotiation="talks-1", position=9, time=t(9)))
    assert ng.evolve(state, record(id="e9", negotiation="talks-1", position=9, time=t(9))) == again


def test_a_span_that_ends_as_it_begins_meets_nothing() -> None:
    """A party that ends a truce at the instant of its start was bound, for no time at all."""
    log = story(
        (t(1), ng.TruceDeclared(truce="t", by="a", kind="truce", starts=t(2))),
        (t(2), ng.TruceEnded(truce="t", by="a")),
        (t(3), ng.TruceViolated(violation="v", truce="t", by="a", alleged_by="b", begins=t(2))),
        (t(4), ng.TruceObserved(truce="t", by="a", claimed_by="b", what="quiet")),
    )
    state = ng.replay(log)
    claim = state.violations["v"]
    assert (claim.bound, claim.in_effect) == (True, False)
    assert ng.state_from_json(ng.state_to_json(state)) == state


@pytest.mark.parametrize("was", [gc.enable, gc.disable])
def test_the_collector_is_left_as_it_was(was: Callable[[], None]) -> None:
    """Replaying pauses the garbage collector where it runs, and leaves it as it found it."""
    running = gc.isenabled()
    try:
        was()
        before = gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled() is before
    finally:
        (gc.enable if running else gc.disable)()


@pytest.mark.parametrize("frozen", [False, True])
def test_what_many_make_counts_as_old(frozen: bool) -> None:
    """After many objects were made the collector takes them for old, unless a caller froze some."""
    running = gc.isenabled()
    gc.enable()
    try:
        with patch.object(collector, "MANY", 10), collector_paused():
            if frozen:
                gc.freeze()
            made = [[number] for number in range(1000)]
        assert bool(gc.get_freeze_count()) is frozen
        old = any(each is made[-1] for each in gc.get_objects(generation=2))
        assert old is not frozen
    finally:
        gc.unfreeze()
        (gc.enable if running else gc.disable)()


def test_an_event_is_built_of_fields_alone() -> None:
    """Fields are given by keyword, and what a class itself refuses is told as it says it."""
    with pytest.raises(ng.InvalidEvent, match="takes its fields by keyword"):
        ng.PartyWithdrew("buyer")  # type: ignore[call-arg]  # what is refused

    @ng.event
    @attrs.frozen(kw_only=True)
    class Weighed:
        grams: Any

        def __attrs_post_init__(self) -> None:
            if self.grams == "none":
                raise TypeError("nothing was weighed")

    with pytest.raises(ng.InvalidEvent, match="nothing was weighed"):
        Weighed(grams="none")
    assert Weighed(grams=[1]).grams == [1]


def test_a_line_over_the_limit_is_refused_by_the_codec_too() -> None:
    """A codec that is given a line by itself keeps to its limit."""
    with pytest.raises(ng.DecodeError, match="has 12 bytes; at most 10"):
        ng.Codec(limits=ng.Limits(line_bytes=10)).decode('{"id": "e1"}')


def test_an_extensions_lists_are_told_with_their_place() -> None:
    """What is wrong inside a list of an extension's event is told with its index."""

    @ng.event
    @attrs.frozen(kw_only=True)
    class Weighed:
        grams: list[int]

    model = ng.Model.default.extended(
        ng.Extension("weights", "weighed", Weighed, 0, lambda total, _: total)
    )
    codec = ng.Codec(model)
    line = codec.encode(record(event=Weighed(grams=[1, 2])))
    assert codec.decode(line).event == Weighed(grams=[1, 2])
    with pytest.raises(ng.DecodeError) as caught:
        codec.decode(line.replace("[1,2]", '[1,"2"]'))
    assert caught.value.path == "data.grams[1]"
