"""What is claimed of truces, and when they bound whom: `claims` and `coverage`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any, Final, get_args

from negotiation.events import Finding
from negotiation.facts import Span, TruceFacts, ViolationFacts, held
from negotiation.fold import replay
from negotiation.history import History
from negotiation.model import Model
from negotiation.records import fold_order
from negotiation.views.rows import ClaimRow, CoverageRow
from negotiation.views.sources import seconds, source


def claims(
    log: History,
    *,
    truce: str | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> tuple[ClaimRow, ...]:
    """Who accuses whom of what: a row for each claim, replaced ones too.

    In the order of accusers, then of the accused, then in fold order.

    Args:
        log: the records.
        truce: only claims that name this truce; None for all.
        as_of: as for `replay`, and so are the others.
    """
    state = replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model)
    made: list[tuple[tuple[object, ...], ClaimRow]] = []
    for id, facts in state.facts.items.items():
        if not isinstance(facts, ViolationFacts):
            continue
        claim = state.violations[id]
        if truce in (None, claim.truce):
            row = ClaimRow(
                accuser=claim.alleged_by,
                accused=claim.by,
                violation=id,
                **{name: getattr(claim, name) for name in _CLAIMED},
                **_findings(claim.findings),
                **source(facts.claim),
            )
            made.append(((row.accuser, row.accused, *fold_order(facts.claim)), row))
    return tuple(row for _, row in sorted(made, key=lambda each: each[0]))


_CLAIMED: Final = (
    "truce", "count", "qualifier", "what", "place", "begins", "ends", "replaces", "replaced_by",
    "bound", "in_effect",
)  # fmt: skip


def _findings(findings: Mapping[str, str]) -> dict[str, Any]:
    """Each finding → the parties that have come to it."""
    return {
        f"{finding}_by": " ".join(sorted(p for p in findings if findings[p] == finding)) or None
        for finding in get_args(Finding)
    }


# Coverage


def coverage(
    log: History,
    *,
    truce: str | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> tuple[CoverageRow, ...]:
    """When a truce bound whom, when it was mutual, and the claims inside and outside these spans.

    Spans that touch are one; a span that had not begun by `as_of`, or was over before or when it
    began, has no row. A claim whose time meets several spans is counted in each of them. In the
    order of truces; first each party that is or was bound, on paper too, or is accused, in order,
    with its spans and a not-bound row; then the mutual spans and a not-mutual row.

    Args:
        log: the records.
        truce: only this truce; None for all.
        as_of: as for `replay`, and so are the others.
    """
    state = replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model)
    at: Any = state.as_of  # None only where there is nothing to ask it
    alleged: defaultdict[str, list[ViolationFacts]] = defaultdict(list)
    truces: dict[str, TruceFacts] = {}
    for id, facts in state.facts.items.items():
        if isinstance(facts, TruceFacts) and truce in (None, id):
            truces[id] = facts
        elif isinstance(facts, ViolationFacts):
            event: Any = facts.claim.event
            alleged[event.truce].append(facts)
    return tuple(
        row for id in sorted(truces) for row in _coverage_rows(id, truces[id], alleged[id], at)
    )


def _coverage_rows(
    id: str, truce: TruceFacts, alleged: Sequence[ViolationFacts], at: datetime
) -> Iterator[CoverageRow]:
    against: defaultdict[str, list[ViolationFacts]] = defaultdict(list)
    for each in alleged:
        event: Any = each.claim.event
        against[event.by].append(each)
    everybody: list[Span] = []
    for party in sorted({*truce.commitments, *against}):
        bound = [span for span in truce.commitments.get(party, ()) if span.begun(at)]
        spans = held(bound, 1)
        everybody += spans
        yield from _rows_of(id, ("bound", "not-bound", party), spans, against[party], at)
    yield from _rows_of(id, ("mutual", "not-mutual", None), held(everybody, 2), alleged, at)


def _rows_of(
    id: str,
    of: tuple[str, str, str | None],
    spans: Sequence[Span],
    alleged: Sequence[ViolationFacts],
    at: datetime,
) -> Iterator[CoverageRow]:
    """A row for each span, and one for the time outside.

    Args:
        id: the truce.
        of: what the spans and the time outside are called, and the party whose they are.
        spans: the spans, in order and apart.
        alleged: the claims to count.
        at: the moment of which the rows tell.
    """
    inside, outside, party = of
    standing = _met(spans, [each.claimed for each in alleged if each.replaced_by is None])
    replaced = _met(spans, [each.claimed for each in alleged if each.replaced_by is not None])
    for index, span in enumerate(spans):
        yield CoverageRow(
            truce=id,
            coverage=inside,
            party=party,
            since=span.since,
            until=span.until,
            over=span.over(at),
            seconds=seconds(span.since, min(at, span.until or at)),
            claims=standing[index],
            replaced=replaced[index],
            as_of=at,
        )
    yield CoverageRow(
        truce=id,
        coverage=outside,
        party=party,
        since=None,
        until=None,
        over=None,
        seconds=None,
        claims=standing[-1],
        replaced=replaced[-1],
        as_of=at,
    )


def _met(spans: Sequence[Span], times: Iterable[tuple[datetime, datetime]]) -> list[int]:
    """How many times meet each of the spans, which are in order and apart; last: how many none.

    As `Span.meets` has it, but each time is looked up once, however many spans there are.
    """
    sinces = [span.since for span in spans]
    untils = [span.until for span in spans if span.until is not None]  # the last may have none
    steps = [0] * (len(spans) + 1)
    outside = 0
    for begins, ends in times:
        first = bisect_right(untils, begins)
        past = bisect_right(sinces, ends) if begins == ends else bisect_left(sinces, ends)
        if first < past:
            steps[first] += 1
            steps[past] -= 1
        else:
            outside += 1
    return [*accumulate(steps[:-1]), outside]
