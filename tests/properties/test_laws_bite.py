"""Each law can fail: a library that breaks it is found out by one short log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import count
from typing import Any, Final, NamedTuple

import attrs
import pytest

import negotiation as ng
from negotiation.events import maker
from negotiation.lifecycles import (
    BOUND,
    COMMITMENT,
    LIFECYCLES,
    OVER,
    PLEDGED,
    RELEASED,
    UNBOUND,
    Lifecycle,
    Phase,
)
from negotiation.testing import laws
from negotiation.testing.laws import LIBRARY, Library, log_of
from negotiation.testing.telling import same, told
from negotiation.testing.universe import NEGOTIATION, START, hour
from tests.properties import laws as own

Json = dict[str, Any]

# What happened, in four short logs


def said(*events: tuple[int, Any], **options: dict[str, Any]) -> list[ng.Record]:
    """Records e1, e2, e3 of what happened at an hour, each recorded an hour after the one above."""
    return [
        ng.Record(
            id=f"e{position}",
            negotiation=NEGOTIATION,
            position=position,
            time=hour(when),
            recorded=START + timedelta(days=1, hours=position),
            event=event,
            **options.get(f"e{position}", {}),
        )
        for position, (when, event) in enumerate(events, start=1)
    ]


CALM: Final = said(
    (1, ng.TruceDeclared(truce="t1", by="north", kind="truce", starts=hour(2), ends=hour(6))),
    (2, ng.TruceJoined(truce="t1", by="south")),
    (3, ng.TruceViolated(violation="v1", truce="t1", by="north", alleged_by="south", count=3)),
    (6, ng.TruceViolated(violation="v2", truce="t1", by="north", alleged_by="east", count=4)),
)
OFFER: Final = said(
    (1, ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={"price": 1})),
    (2, ng.ProposalAccepted(proposal="p1", by="south")),
    (3, ng.StatementMade(by="east", text="so be it")),
)
SECRET: Final = said(
    (1, ng.StatementMade(by="north", text="in the open")),
    (2, ng.StatementMade(by="north", text="behind closed doors")),
    e2={"visible_to": ["south"]},
)
TAKEN_BACK: Final = said(
    (1, ng.StatementMade(by="north", text="never said")),
    (2, ng.EventRetracted(event="e1", by="south")),
)
ABUSE: Final = said((1, ng.UnknownEvent(type="negotiation.door-slammed.v1", data={})))
LATE: Final = said(
    (5, ng.DeadlineMet(deadline="d1", by="south")),
    (1, ng.DeadlineSet(deadline="d1", by="north", on=["south"], due=hour(9))),
)
AT_ONCE: Final = said(
    (1, ng.StatementMade(by="north", text="yes")), (1, ng.StatementMade(by="south", text="no"))
)
AT_ONCE[1] = attrs.evolve(AT_ONCE[1], recorded=AT_ONCE[0].recorded)
NO_WAY_BACK: Final = said(
    (1, ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={})),
    (2, ng.ProposalWithdrawn(proposal="p1", by="north")),
    (3, ng.StatementMade(by="north", text="that was it")),
)


def truce(starts: int | None, ends: int) -> ng.TruceDeclared:
    """A truce of the north, from one hour to another."""
    return ng.TruceDeclared(
        truce="t1",
        by="north",
        kind="truce",
        starts=None if starts is None else hour(starts),
        ends=hour(ends),
    )


BACKDATED: Final = ng.TruceJoined(truce="t1", by="north", starts=hour(3))
EMPTY: Final = said((6, truce(None, 6)))
JOINED_LATE: Final = said((1, truce(2, 5)), (6, attrs.evolve(BACKDATED, by="south")))
REJOINED_LATE: Final = said((1, truce(2, 5)), (6, BACKDATED))
RELEASED_AND_LATE: Final = said(
    (1, truce(2, 5)), (1, ng.TruceEnded(truce="t1", by="north")), (6, BACKDATED)
)
NEVER_BOUND: Final = said(
    (1, truce(3, 9)), (4, ng.TruceExtended(truce="t1", by="north", ends=hour(2)))
)
EMPTIED: Final = said((1, truce(5, 9)), (2, ng.TruceExtended(truce="t1", by="north", ends=hour(5))))

RUMOUR: Final = ng.StatementMade(by="nobody", text="?")

# Libraries that break a law


def changing(change: Callable[[ng.Record], ng.Record | None]) -> Library:
    """A library that takes each record for another one, or for none."""

    def broken(log: ng.Log, **asked: Any) -> ng.Negotiation:
        return ng.replay(log_of(taken for each in log if (taken := change(each))), **asked)

    return Library(replay=broken)


def retelling(change: Callable[[Json], object]) -> Library:
    """A library that tells something else of a state."""

    def broken(state: ng.Negotiation) -> Json:
        written = ng.state_to_json(state)
        change(written)
        return written

    return Library(state_to_json=broken)


forgets_retractions = changing(lambda each: None if type(each.event) is ng.EventRetracted else each)
hides_nothing = changing(lambda each: attrs.evolve(each, visible_to=None))
knows_no_late_report = changing(
    lambda each: attrs.evolve(each, time=max(each.time, hour(each.position)))
)


def counting_calls() -> Library:
    """A library that remembers how often it was asked."""
    calls = count()

    def broken(log: ng.Log, **asked: Any) -> ng.Negotiation:
        return attrs.evolve(ng.replay(log, **asked), position=next(calls))

    return Library(replay=broken)


def noting_in_records(log: ng.Log, **asked: Any) -> ng.Negotiation:
    """A library that writes into the records that it is given."""
    for each in log:
        object.__setattr__(each, "speaker", "it was read")
    return ng.replay(log, **asked)


def refusing_the_unknown(log: ng.Log, **asked: Any) -> ng.Negotiation:
    """A library that stops at what it does not know."""
    if any(type(each.event) is ng.UnknownEvent for each in log):
        raise ValueError("what is this?")
    return ng.replay(log, **asked)


def closing_spans(state: Json) -> None:
    """Spans hold their end."""
    for truce in state["truces"].values():
        for commitment in truce["commitments"].values():
            if commitment["until"] == state["as_of"]:
                truce["status"] = "in-force"


def summing_claims(state: Json) -> None:
    """Claims are added up."""
    total = sum(each["count"] or 0 for each in state["violations"].values())
    for each in state["violations"].values():
        each["count"] = total


def favouring_north(log: ng.Log, **asked: Any) -> ng.Negotiation:
    """One party is treated otherwise than all others."""
    joined = ng.PartyJoined(party="north", role="mediator")
    changed = [attrs.evolve(e, event=joined) if maker(e.event) == "north" else e for e in log]
    return ng.replay(log_of(changed), **asked)


def watching_the_clock(log: ng.Log, **asked: Any) -> ng.Negotiation:
    """A library for which some later moment is now."""
    return ng.replay(log, **{**asked, "as_of": asked["as_of"] or START + timedelta(days=9)})


def hearing_the_last(log: ng.Log, **asked: Any) -> ng.Negotiation:
    """A library that keeps one record of each moment."""
    return ng.replay(log_of({each.time: each for each in log}.values()), **asked)


def ignoring_when_it_was_recorded(log: ng.Log, **asked: Any) -> ng.Negotiation:
    """A library for which everything was always known."""
    state = ng.replay(log, **{**asked, "known_at": None})
    return attrs.evolve(state, known_at=asked["known_at"])


def evolving_in_place(state: ng.Negotiation, record: ng.Record, **_: Any) -> ng.Negotiation:
    """A step that changes the state that it is given."""
    object.__setattr__(state, "facts", ng.evolve(state, record).facts)
    return state


def evolving_twice(state: ng.Negotiation, record: ng.Record, **_: Any) -> ng.Negotiation:
    """A step that does not know a copy when it sees one."""
    return ng.evolve(state, attrs.evolve(record, id=f"e{record.position}"))


def evolving_by_halves(state: ng.Negotiation, record: ng.Record, **_: Any) -> ng.Negotiation:
    """A step that forgets who spoke."""
    return ng.evolve(state, attrs.evolve(record, event=RUMOUR))


def steps_in_log_order(log: ng.Log, **asked: Any) -> Iterator[tuple[ng.Record, ng.Negotiation]]:
    """Steps that follow the reports, not the events."""
    return iter(sorted(ng.steps(log, **asked), key=lambda step: step[0].position))


def steps_backwards(log: ng.Log, **asked: Any) -> Iterator[tuple[ng.Record, ng.Negotiation]]:
    """Steps that undo what was done."""
    return reversed(list(ng.steps(log, **asked)))


def steps_behind(log: ng.Log, **asked: Any) -> Iterator[tuple[ng.Record, ng.Negotiation]]:
    """Steps that tell the state before each record."""
    state = ng.replay(log.upto(0), **asked)
    for record, after in ng.steps(log, **asked):
        yield record, state
        state = after


def mending(written: Json, **_: Any) -> ng.Negotiation:
    """A reader that takes a state for another one, whatever it is told."""
    return ng.replay(log_of(OFFER))


def blurring(log: ng.Log, **options: Any) -> ng.Timeline:
    """A timeline that remembers when something happened, and not what."""
    return ng.Timeline(log_of(attrs.evolve(each, event=RUMOUR) for each in log), **options)


def losing_fractions(record: ng.Record) -> str:
    """A line in which 1.0 has become 1."""
    return own.CODEC.encode(record).replace("1.0}", "1}")


def without(start: Phase | None, event: type[Any] | None, end: Phase) -> list[Lifecycle]:
    """The tables without one arrow of a commitment's: from the beginning, or by time, if None."""

    def cut(row: Mapping[Any, Any], key: object) -> dict[Any, Any]:
        return {**row, key: tuple(phase for phase in row[key] if phase != end)}

    if start is None:
        less = attrs.evolve(COMMITMENT, begins=cut(COMMITMENT.begins, event))
    elif event is None:
        less = attrs.evolve(COMMITMENT, passing=cut(COMMITMENT.passing, start))
    else:
        row = cut(COMMITMENT.table[start], event)
        less = attrs.evolve(COMMITMENT, table={**COMMITMENT.table, start: row})
    return [less if each is COMMITMENT else each for each in LIFECYCLES]


class Lenient(ng.Negotiation):
    """A state that is equal to anything."""

    __hash__ = ng.Negotiation.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def lenient(state: ng.Negotiation) -> ng.Negotiation:
    """The same state, equal to anything."""
    return Lenient(**{a.name: getattr(state, a.name) for a in attrs.fields(ng.Negotiation)})


# Each law, kept by the library and broken by one that is not like it

NOTHING: Final = {"as_of": None, "known_at": None, "known_to": None}
KNOWN: Final = {"known_at": None, "known_to": None}
FRACTION: Final = said(
    (1, ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={"price": 1.0}))
)
NAMES: Final = {"north": "south", "south": "north", "east": "east", "west": "west"}

Law = Callable[..., None]
CASES: Final[dict[str, tuple[Law, tuple[Any, ...], Any, Any]]] = {
    "purity, same output": (laws.purity, (OFFER, NOTHING), LIBRARY, counting_calls()),
    "purity of evolve": (
        laws.evolving_is_pure,
        (OFFER[:1], OFFER[1:2], KNOWN),
        LIBRARY,
        Library(evolve=evolving_in_place),
    ),
    "totality": (
        laws.totality, (ABUSE, NOTHING), LIBRARY, Library(replay=refusing_the_unknown),
    ),
    "prefix": (
        laws.prefix,
        (OFFER[:1], [OFFER[1], OFFER[1]], KNOWN),
        LIBRARY,
        Library(evolve=evolving_twice),
    ),
    "checkpoints": (
        laws.checkpoints, (OFFER, NOTHING, 2), LIBRARY, Library(timeline=blurring),
    ),
    "steps, order": (own.steps, (LATE, NOTHING), LIBRARY, Library(steps=steps_in_log_order)),
    "steps, states": (own.steps, (OFFER, NOTHING), LIBRARY, Library(steps=steps_behind)),
    "steps, evolved": (
        own.steps_are_evolved, (OFFER, NOTHING), LIBRARY, Library(evolve=evolving_by_halves),
    ),
    "restored states": (
        own.restored_states_evolve_alike,
        (OFFER[:1], OFFER[1:2], KNOWN),
        LIBRARY,
        Library(evolve=evolving_by_halves),
    ),
    "round trip": (laws.round_trip, (FRACTION,), LIBRARY, Library(encode=losing_fractions)),
    "round trip of states": (
        laws.states_round_trip, (CALM, NOTHING), LIBRARY, retelling(summing_claims),
    ),
    "states, strictly": (
        own.states_are_read_strictly,
        (OFFER, NOTHING, [3], 7),
        LIBRARY,
        Library(state_from_json=mending),
    ),
    "renaming": (
        laws.renaming, (OFFER, NOTHING, NAMES, {}), LIBRARY, Library(replay=favouring_north),
    ),
    "time shift": (
        laws.time_shift,
        (OFFER, NOTHING, timedelta(days=30)),
        LIBRARY,
        Library(replay=watching_the_clock),
    ),
    "commutation": (
        laws.commutation, (AT_ONCE, 0, NOTHING), LIBRARY, Library(replay=hearing_the_last),
    ),
    "non-interference": (
        laws.non_interference, (SECRET, SECRET[:1], "east", NOTHING), LIBRARY, hides_nothing,
    ),
    "retraction": (laws.retraction, (TAKEN_BACK, "e2", NOTHING), LIBRARY, forgets_retractions),
    "finality": (laws.finality, (NO_WAY_BACK, NOTHING), LIBRARY, Library(steps=steps_backwards)),
    **{
        f"tables, {name}": (own.in_the_tables, (log, NOTHING), LIFECYCLES, without(*arrow))
        for name, log, arrow in (
            ("an empty span", EMPTY, (None, ng.TruceDeclared, OVER)),
            ("joined after the end", JOINED_LATE, (UNBOUND, ng.TruceJoined, OVER)),
            ("joined again after the end", REJOINED_LATE, (OVER, ng.TruceJoined, OVER)),
            ("released, joined late", RELEASED_AND_LATE, (RELEASED, ng.TruceJoined, OVER)),
            ("ended before its start", NEVER_BOUND, (BOUND, ng.TruceExtended, RELEASED)),
            ("over when it begins", EMPTIED, (PLEDGED, None, OVER)),
        )
    },
    "claims, not truth": (
        own.as_the_rules_say, (CALM, NOTHING), LIBRARY, retelling(summing_claims),
    ),
    "half-open spans": (
        own.as_the_rules_say, (CALM, NOTHING), LIBRARY, retelling(closing_spans),
    ),
    "late reports": (own.as_the_rules_say, (LATE, NOTHING), LIBRARY, knows_no_late_report),
    "retractions": (
        own.as_the_rules_say, (TAKEN_BACK, NOTHING), LIBRARY, forgets_retractions,
    ),
    "visibility": (
        own.as_the_rules_say, (SECRET, {**NOTHING, "known_to": "east"}), LIBRARY, hides_nothing,
    ),
    "recorded time": (
        own.as_the_rules_say,
        (OFFER, {**NOTHING, "known_at": START}),
        LIBRARY,
        Library(replay=ignoring_when_it_was_recorded),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_library_keeps_the_law(name: str) -> None:
    """The library passes the check with the log of the case."""
    law, case, kept, _ = CASES[name]
    law(*case, kept)


@pytest.mark.parametrize("name", CASES)
def test_a_broken_library_is_found_out(name: str) -> None:
    """A library that breaks the law fails the same check with the same log."""
    law, case, _, broken = CASES[name]
    with pytest.raises(AssertionError):
        law(*case, broken)


def test_records_that_are_written_into_are_found_out() -> None:
    """Purity fails where the records have changed, even if the state is right."""
    records = said((1, ng.StatementMade(by="north", text="once")))
    with pytest.raises(AssertionError, match="the records have changed"):
        laws.purity(records, NOTHING, Library(replay=noting_in_records))


def test_copies_that_are_taken_for_something_else_are_found_out() -> None:
    """Idempotence fails where a copy, made anew, is another record."""
    calls = count()

    def renumbered(number: int) -> int:
        return number + next(calls)

    @attrs.frozen
    class Numbered:
        number: int = attrs.field(converter=renumbered)

    [record] = said((1, Numbered(number=0)))
    laws.idempotence(OFFER, NOTHING)
    with pytest.raises(AssertionError, match="a copy is not taken for one: record 'e1'"):
        laws.idempotence([record], NOTHING)


def test_states_that_are_equal_to_anything_are_found_out() -> None:
    """Equality fails where two states are equal whose JSON is not."""
    one, other = ng.replay(log_of(OFFER)), ng.replay(log_of(CALM))
    own.equality(one, other)
    with pytest.raises(AssertionError):
        own.equality(lenient(one), other)


def test_laws_ask_for_what_they_speak_of() -> None:
    """A law is not taken for kept by a log that it says nothing about."""
    same_party = said(
        (1, ng.StatementMade(by="north", text="yes")), (1, ng.StatementMade(by="north", text="no"))
    )
    with pytest.raises(AssertionError):
        laws.commutation(same_party, 0, NOTHING)
    with pytest.raises(AssertionError):
        laws.non_interference(SECRET, SECRET[:1], "south", NOTHING)
    thrice = [*TAKEN_BACK, *said((3, ng.EventRetracted(event="e1", by="north")))]
    with pytest.raises(AssertionError):
        laws.retraction([*thrice[:2], attrs.evolve(thrice[2], id="e3")], "e2", NOTHING)


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 1.0}}, ".a.b: 1, 1.0"),
        ({"a": 1}, {"a": 1, "b": 2}, ".b: it is missing in one"),
        ({"a": 1, "b": 2}, {"a": 1}, ".b: it is missing in the other"),
        ([1, True], [1, 1], "[1]: True, 1"),
        ([1], [1, 2], ": [1], [1, 2]"),
        ([1.0], [2.0], "[0]: 1.0, 2.0"),
        ({"a": {1, "a"}}, {"a": {1}}, ".a: ['a', 1], [1]"),
    ],
)
def test_a_check_says_where_states_differ(one: Any, other: Any, where: str) -> None:
    """Two values that differ are told apart by path, also where 1, 1.0 and true stand."""
    with pytest.raises(AssertionError, match=r"they differ at ") as raised:
        same(told(one), told(other))
    assert str(raised.value).endswith(where)


class Pair(NamedTuple):
    one: int
    other: int


def test_what_was_told_stays_as_it_was() -> None:
    """What is changed later, and what is merely equal, is told apart from what was told."""
    given = {"a": [1, {2}], "b": START}
    before = told(given)
    assert told(given) == before
    given["a"][1].add(3)  # type: ignore[index]  # a list
    assert told(given) != before
    assert told((1, 2)) == told([1, 2]) == told(Pair(1, 2))
    assert told(1.0) not in (1, told(True))
    assert told(object()) != told(object())
