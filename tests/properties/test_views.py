"""What holds of every view, whatever the log and whatever it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import hypothesis.strategies as st
from hypothesis import given

import negotiation as ng
from negotiation import views
from negotiation.testing import laws
from negotiation.testing.histories import Asked, histories, pasts
from negotiation.testing.laws import Library, log_of
from negotiation.testing.wild import wild_histories
from negotiation.wire.times import time_text

Records = list[ng.Record]
View = Callable[..., tuple[Any, ...]]

VIEWS: Final[tuple[View, ...]] = (
    views.positions,
    views.concessions,
    views.claims,
    views.replies,
    views.deadlines,
    views.coverage,
)


def rows_of(records: laws.Records, **asked: Any) -> dict[str, tuple[Any, ...]]:
    """The rows of every view by its name."""
    return {view.__name__: view(log_of(records), **asked) for view in VIEWS}


def tell(log: ng.Log, *, model: ng.Model, **asked: Any) -> dict[str, Any]:
    """The table of every view as JSON."""

    def cell(value: Any) -> Any:
        return time_text(value) if isinstance(value, datetime) else value

    return {
        name: [{key: cell(value) for key, value in row.items()} for row in views.table(rows)]
        for name, rows in rows_of(log, **asked).items()
    }


TOLD: Final = Library(replay=tell)
"""What is to keep the laws here: the views in place of the state."""


@given(histories() | wild_histories(), pasts())
def test_every_log_has_rows_of_plain_values(records: Records, asked: Asked) -> None:
    """Any log gives tables, the same each time, of nothing but texts, numbers and moments."""
    laws.purity(records, asked, TOLD)
    plain = (str, int, float, datetime, type(None))
    for rows in rows_of(records, **asked).values():
        for row in views.table(rows):
            assert all(isinstance(value, plain) for value in row.values())


@given(histories(), pasts())
def test_second_copies_give_no_rows(records: Records, asked: Asked) -> None:
    """A second copy of a record, whenever it was recorded, changes no row."""
    laws.idempotence(records, asked, TOLD)


@given(histories(), pasts(), st.timedeltas(timedelta(days=-365_000), timedelta(days=365_000)))
def test_moving_all_times_moves_the_rows(records: Records, asked: Asked, by: timedelta) -> None:
    """When the whole story takes place changes the moments in the rows, and nothing else."""
    laws.time_shift(records, asked, by, TOLD)


@given(histories(), pasts())
def test_a_view_is_that_of_the_log_so_restricted(records: Records, asked: Asked) -> None:
    """What was recorded later, is hidden or happened later might as well not be there."""
    log = log_of(records)
    by, viewer, at = asked["known_at"], asked["known_to"], asked["as_of"]
    known = [each for each in log if by is None or each.recorded <= by]
    visible = [each for each in known if each.visible(viewer)]
    past = [
        each
        for each in visible
        if at is None or each.time <= at or isinstance(each.event, ng.EventRetracted)
    ]

    expected = rows_of(log, **asked)

    assert rows_of(known, as_of=at, known_to=viewer) == expected
    assert rows_of(visible, as_of=at) == expected
    assert rows_of(past, as_of=at) == expected


@given(histories(), pasts())
def test_positions_tell_the_state_and_its_history(records: Records, asked: Asked) -> None:
    """The rows of a party on an issue are its position and the history of that, oldest first."""
    log = log_of(records)
    told: dict[tuple[str, str], list[Any]] = {}
    for row in views.positions(log, **asked):
        stance = ng.Stance(row.value, row.firmness, row.condition, row.attributed_by, row.time)
        told.setdefault((row.party, row.issue), []).append(stance)

    expected = {}
    for party, state in ng.replay(log, **asked).parties.items():
        for issue, stood in state.positions.items():
            last = (stood.value, stood.firmness, stood.condition, stood.attributed_by, stood.since)
            expected[party, issue] = [*stood.history, ng.Stance(*last)]
    assert told == expected


@given(histories(), pasts())
def test_changes_of_own_stands_are_the_concessions_on_issues(
    records: Records, asked: Asked
) -> None:
    """The ledger holds each changed stand that a party stated itself, and no other."""
    log = log_of(records)
    own = [
        (row.record, row.was_record, row.moved_by)
        for row in views.positions(log, **asked)
        if row.changed and row.attributed_by in (None, row.party)
    ]
    ledger = [
        (row.record, row.was_record, row.moved_by)
        for row in views.concessions(log, **asked)
        if row.issue is not None
    ]

    assert sorted(ledger) == sorted(own)


@given(histories(), pasts())
def test_concessions_are_steps_from_one_word_to_the_next(records: Records, asked: Asked) -> None:
    """What a row moved from is what its record says, by the same party; `after` is another's."""
    log = log_of(records)
    rows = views.concessions(log, **asked)
    order = {each.id: n for n, (each, _) in enumerate(ng.steps(log, **asked))}

    assert [order[row.record] for row in rows] == sorted(order[row.record] for row in rows)
    for row in rows:
        if row.was_record is not None:
            said: Any = log.get(row.was_record)
            assert order[row.was_record] < order[row.record]
            assert said.event.by == row.party
        if row.after is not None:
            move: Any = log.get(row.after)
            assert order[row.after] < order[row.record]
            assert move.event.by == row.after_party != row.party
            assert row.to in (None, row.after_party)


@given(histories(), pasts())
def test_claims_are_those_of_the_state(records: Records, asked: Asked) -> None:
    """Each claim of the state has one row, which says what the state says."""
    log = log_of(records)
    violations = ng.replay(log, **asked).violations
    rows = views.claims(log, **asked)

    assert Counter(row.violation for row in rows) == Counter(list(violations))
    for row in rows:
        claim = violations[row.violation]
        assert (row.accuser, row.accused, row.time) == (claim.alleged_by, claim.by, claim.claimed)
        for name in ("truce", "count", "qualifier", "replaced_by", "bound", "in_effect"):
            assert getattr(row, name) == getattr(claim, name)
        found = {
            party: finding
            for finding in ("denied", "verified", "refuted", "unattributed")
            for party in (getattr(row, f"{finding}_by") or "").split()
        }
        assert found == claim.findings


@given(histories(), pasts())
def test_replies_are_those_owed_since_the_step_that_asked_for_them(
    records: Records, asked: Asked
) -> None:
    """Each reply owed has one row, and is owed since the last step at which it came to be owed."""
    log = log_of(records)
    state = ng.replay(log, **asked)
    since: dict[tuple[str, str], ng.Record] = {}
    for record, step in ng.steps(log, **asked):
        owed = {(party, id) for party in step.parties for id in step.parties[party].replies_owed}
        since = {each: since.get(each, record) for each in owed}

    rows = {(row.party, row.proposal): row for row in views.replies(log, **asked)}

    assert set(rows) == {(p, id) for p in state.parties for id in state.parties[p].replies_owed}
    for key, row in rows.items():
        assert (row.record, row.since) == (since[key].id, since[key].time)
        assert row.to == state.proposals[row.proposal].by
        assert row.seconds_owed >= 0
        assert row.seconds_left is None or row.seconds_left > 0


@given(histories(), pasts())
def test_deadlines_are_those_of_the_state(records: Records, asked: Asked) -> None:
    """Each party of each deadline has one row; no time is left exactly for what was missed."""
    log = log_of(records)
    deadlines = ng.replay(log, **asked).deadlines
    rows = views.deadlines(log, **asked)

    assert sorted((row.deadline, row.on) for row in rows) == sorted(
        (id, party) for id, each in deadlines.items() for party in each.on
    )
    for row in rows:
        each = deadlines[row.deadline]
        for name in ("by", "due", "earliest", "status", "demand", "consequence", "about"):
            assert getattr(row, name) == getattr(each, name)
        assert (row.seconds_left is None) == (row.status in ("met", "lifted"))
        if row.seconds_left is not None:
            assert (row.seconds_left <= 0) == (row.status == "missed")


@given(histories(), pasts())
def test_coverage_is_what_the_commitments_say(records: Records, asked: Asked) -> None:
    """The rows cover, instant by instant, what the spans do, and count the claims that meet it."""
    log = log_of(records)
    state = ng.replay(log, **asked)
    rows = views.coverage(log, **asked)

    assert {row.truce for row in rows} == set(state.truces)
    for id, truce in state.truces.items():
        bound = {
            party: [s for s in (*each.earlier, last(each)) if s.begun(state.as_of or s.since)]
            for party, each in truce.commitments.items()
        }
        own = [row for row in rows if row.truce == id]
        spans = [span for each in bound.values() for span in each]
        instants = {span.since for span in spans} | {span.end for span in spans if span.end}
        for instant in instants:
            held = {p for p, each in bound.items() if any(s.in_force(instant) for s in each)}
            there = [row for row in own if row.since is not None and holds(row, instant)]
            assert {row.party for row in there if row.coverage == "bound"} == held
            assert sum(row.coverage == "mutual" for row in there) == (len(held) >= 2)
        assert truce.mutual == any(row.coverage == "mutual" and not row.over for row in own)
        claims = [each for each in state.violations.values() if each.truce == id]
        for row in own:
            met = [each for each in claims if counted(row, each, own)]
            standing = sum(each.replaced_by is None for each in met)
            assert (row.claims, row.replaced) == (standing, len(met) - standing)


def last(commitment: ng.Commitment) -> ng.Span:
    return ng.Span(commitment.since, commitment.until, commitment.ended)


def holds(row: views.CoverageRow, instant: datetime) -> bool:
    """Whether a span holds this instant."""
    assert row.since is not None
    return row.since <= instant and (row.until is None or instant < row.until)


def counted(row: views.CoverageRow, claim: ng.Violation, own: list[views.CoverageRow]) -> bool:
    """Whether a row counts a claim, read off the spans one by one."""
    if row.coverage == "not-bound":
        return row.party == claim.by and not claim.in_effect
    if row.coverage == "not-mutual":
        mutual = [other for other in own if other.coverage == "mutual"]
        return not any(counted(other, claim, own) for other in mutual)
    begins = claim.begins or claim.ends or claim.claimed
    assert row.since is not None
    return row.party in (None, claim.by) and ng.Span(row.since, row.until).meets(
        begins, claim.ends or begins
    )
