"""The random logs are worth the name: whatever a log can hold or lead to comes up in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import hypothesis.strategies as st
from hypothesis import given, seed

import negotiation as ng
from negotiation.testing.altered import hidden_changes, neighbours, taken_back
from negotiation.testing.histories import Asked, continued, histories, pasts
from negotiation.testing.wild import full_records

STATUSES: Final = {
    "parties": {"active", "withdrawn"},
    "proposals": {"open", "accepted", "rejected", "countered", "withdrawn", "expired"},
    "truces": {"declared", "in-force", "ended", "expired"},
    "deadlines": {"pending", "in-window", "missed", "met", "lifted"},
    "meetings": {"scheduled", "held", "cancelled"},
}
EXPECTED: Final = {
    *(f"problem {code}" for code in ng.REASONS),
    *(f"{kind} {status}" for kind, statuses in STATUSES.items() for status in statuses),
    *(f"event {cls.__name__}" for cls in (*ng.EVENTS, ng.UnknownEvent)),
    "violation bound True, in effect True",
    "violation bound True, in effect False",
    "violation bound False, in effect False",
    "violation replaced",
    "truce mutual",
    "truce joined again",
    "truce rejected",
    "late",
    "at once",
    "hidden",
    "repeated",
    "copied",
    "empty",
    "nothing counts",
    "in the middle",
    "known by then",
}
ROUNDS: Final = 40


def seen_in(records: list[ng.Record], asked: Asked) -> Iterator[str]:
    """What comes up in a log and in the state that is asked of it."""
    log = ng.Log("talks", records)
    yield from (f"event {type(each.event).__name__}" for each in log)
    yield from ["copied"] if len(log) < len(records) else []
    yield from [] if len(log) else ["empty"]
    yield from ["hidden"] if any(each.visible_to for each in log) else []
    yield from ["repeated"] if any(each.repeats for each in log) else []
    times = [each.time for each in log]
    yield from ["late"] if times != sorted(times) else []
    yield from ["at once"] if len(set(times)) < len(times) else []
    for state in (ng.replay(log), ng.replay(log, **asked)):
        yield from seen_in_state(state)
        if len(log) and state.time is None:
            yield "nothing counts"
        if state.as_of is not None and any(each.time > state.as_of for each in log):
            yield "in the middle"
        if state.known_at is not None and any(each.recorded > state.known_at for each in log):
            yield "known by then"


def seen_in_state(state: ng.Negotiation) -> Iterator[str]:
    """The statuses and the problems of a state, and what else its items may show."""
    yield from (f"problem {problem.code}" for problem in state.problems)
    for kind in STATUSES:
        items: dict[str, Any] = getattr(state, kind)
        yield from (f"{kind} {item.status}" for item in items.values())
    for violation in state.violations.values():
        yield f"violation bound {violation.bound}, in effect {violation.in_effect}"
        yield from ["violation replaced"] if violation.replaced_by else []
    for truce in state.truces.values():
        yield from ["truce mutual"] if truce.mutual else []
        yield from ["truce rejected"] if truce.rejected_by else []
        if any(commitment.earlier for commitment in truce.commitments.values()):
            yield "truce joined again"


def test_everything_comes_up() -> None:
    """Every event, every problem, every status and every kind of record occurs within few logs."""
    missing = set(EXPECTED)
    for round in range(ROUNDS):

        @seed(round)
        @given(histories(), pasts())
        def look(records: list[ng.Record], asked: Asked) -> None:
            missing.difference_update(seen_in(records, asked))

        look()
        if not missing:
            return
    raise AssertionError(f"never seen: {sorted(missing)}")


@given(continued())
def test_what_continues_a_log_neither_backdates_nor_retracts(
    parts: tuple[list[ng.Record], list[ng.Record]],
) -> None:
    """What follows a log happened no earlier than anything in it, and retracts nothing."""
    first, further = parts
    latest = max((each.time for each in first), default=None)
    known = {each.id for each in first}
    for each in further:
        if each.id not in known:
            known.add(each.id)
            assert latest is None or each.time >= latest
            latest = each.time
        assert type(each.event) is not ng.EventRetracted


@given(neighbours(), hidden_changes(), taken_back(), st.lists(full_records(), max_size=1))
def test_changed_histories_are_logs(
    pair: tuple[list[ng.Record], int],
    changes: tuple[list[ng.Record], list[ng.Record], str],
    retracting: list[ng.Record],
    alone: list[ng.Record],
) -> None:
    """What the laws are asked about can be recorded in one log."""
    for records in (pair[0], changes[0], changes[1], retracting, alone):
        ng.Log(None, records)
