"""Where the parties stand, and what they change of it: `positions` and `concessions`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias

from negotiation.events import (
    PositionStated,
    ProposalAccepted,
    ProposalClarified,
    ProposalMade,
    maker,
    wire_name,
)
from negotiation.facts import Facts, ProposalFacts, unchain
from negotiation.fold import replay
from negotiation.history import History
from negotiation.model import Model
from negotiation.records import Record, fold_order
from negotiation.values import FrozenDict, Json, json_key, same_json
from negotiation.views.rows import ConcessionRow, PositionRow, columns
from negotiation.views.sources import difference, in_fold_order, source


def positions(
    log: History,
    *,
    issue: str | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> tuple[PositionRow, ...]:
    """Who stood where on each issue, when, and what moved: a row for each position stated.

    In the order of issues, and within an issue in fold order.

    Args:
        log: the records.
        issue: only this issue; None for all.
        as_of: as for `replay`, and so are the others.
    """
    state = replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model)
    stated = [of for (_, on), of in state.facts.positions.items() if issue in (None, on)]
    before: dict[tuple[str, str, str | None], Record] = {}
    rows: defaultdict[str, list[PositionRow]] = defaultdict(list)
    for record in in_fold_order(stated):
        event: Any = record.event
        said = event.issue, event.by, maker(event)
        rows[event.issue].append(_position_row(record, event, before.get(said)))
        before[said] = record
    return tuple(row for on in sorted(rows) for row in rows[on])


def _position_row(record: Record, event: PositionStated, before: Record | None) -> PositionRow:
    was: Any = None if before is None else before.event
    return PositionRow(
        issue=event.issue,
        party=event.by,
        attributed_by=event.attributed_by,
        value=event.value,
        firmness=event.firmness,
        condition=event.condition,
        changed=was is not None and _stand(was) != _stand(event),
        moved_by=None if was is None else difference(event.value, was.value),
        **_was(before),
        **source(record),
    )


def _stand(event: PositionStated) -> tuple[object, ...]:
    return json_key(event.value), event.firmness, event.condition


def _was(before: Record | None) -> dict[str, Any]:
    """The columns that tell of the stand before."""
    if before is None:
        return {"was": None, "was_firmness": None, "was_condition": None, "was_record": None}
    event: Any = before.event
    return {
        "was": event.value,
        "was_firmness": event.firmness,
        "was_condition": event.condition,
        "was_record": before.id,
    }


# Concessions


def concessions(
    log: History,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> tuple[ConcessionRow, ...]:
    """Who changed its own offer or stand, how, and after whose move: a row for each change.

    A first offer and a first stand change nothing and have no row, and neither has what others say
    of a party's stand. A new offer that leaves out a term says nothing of that term. In fold
    order; the changes of one record in the order of the addressees, then of the terms.

    Args:
        log: the records.
        as_of: as for `replay`, and so are the others.
    """
    state = replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model)
    found = [*_restated(state.facts), *_offered_anew(state.facts)]
    found.sort(key=lambda each: fold_order(each[0]))  # stable: one record's rows keep their order
    return tuple(row for _, row in found)


def _restated(facts: Facts) -> Iterator[tuple[Record, ConcessionRow]]:
    """The changes of stands, each with its record."""
    said: defaultdict[str, dict[str, Record]] = defaultdict(dict)  # issue → party → its last word
    for record in in_fold_order(facts.positions.values()):
        event: Any = record.event
        if maker(event) != event.by:
            continue
        words = said[event.issue]
        before = words.pop(event.by, None)
        if before is not None:
            row = _position_row(record, event, before)
            if row.changed:
                after = words[next(reversed(words))] if words else None  # the latest stands last
                yield record, _stand_changed(row, after)
        words[event.by] = record


def _stand_changed(row: PositionRow, after: Record | None) -> ConcessionRow:
    shared = {name: getattr(row, name) for name in _SHARED}
    return ConcessionRow(event=_TYPES[PositionStated], **_after(after), **shared)


def _after(move: Record | None) -> dict[str, Any]:
    """The columns that tell of another party's last move."""
    if move is None:
        return {"after": None, "after_party": None}
    return {"after": move.id, "after_party": maker(move.event)}


_TYPES: Final = {
    each: wire_name(each)
    for each in (ProposalMade, ProposalClarified, ProposalAccepted, PositionStated)
}
"""What changes a party's own word, and what it is called on the wire."""

_SHARED: Final = [name for name in columns(PositionRow) if name in columns(ConcessionRow)]

"""The columns that a change of stand takes over from the row of the stand."""

_Words: TypeAlias = "dict[str, tuple[Json, str]]"
"""Term → a party's last word on it, and the record of that."""


def _offered_anew(facts: Facts) -> Iterator[tuple[Record, ConcessionRow]]:
    """The changes of terms, each with its record."""
    proposals = {id: each for id, each in facts.items.items() if isinstance(each, ProposalFacts)}
    answers = {
        counter: id for id, each in proposals.items() for counter in unchain(each.countered_by)
    }
    exchanges: dict[str, str] = {}  # proposal → the one with which its exchange began
    terms: dict[str, FrozenDict] = {}  # proposal → its terms by now
    words: dict[tuple[str, str, str], _Words] = {}  # by exchange, party and addressee
    moves: dict[tuple[str, str], Record] = {}  # the last one, by exchange and party
    for record in in_fold_order(each.records for each in proposals.values()):
        event: Any = record.event
        id = event.proposal
        if isinstance(event, ProposalMade):
            exchanges[id] = exchanges[answers[id]] if id in answers else id
        said, to = _said(event, proposals[id].opened.event, terms)
        exchange = exchanges[id]
        for other in to:
            key = exchange, event.by, other
            if key in words:
                after = moves.get((exchange, other))
                for term in sorted(said):
                    value, was = said[term], words[key].get(term)
                    if was is None or not same_json(was[0], value):
                        row = _term_changed(record, other, term, value=value, was=was, after=after)
                        yield record, row
            words.setdefault(key, {}).update((term, (said[term], record.id)) for term in said)
        moves[exchange, event.by] = record


def _said(
    event: Any, offer: Any, terms: dict[str, FrozenDict]
) -> tuple[FrozenDict, tuple[str, ...]]:
    """The terms that a party stands by with an event, and to whom; keeps what is offered now."""
    if isinstance(event, ProposalMade):
        terms[event.proposal] = event.terms
        return event.terms, event.to
    if isinstance(event, ProposalClarified):
        terms[event.proposal] = terms[event.proposal].merged(event.terms)
        return event.terms, offer.to
    if isinstance(event, ProposalAccepted):
        return terms[event.proposal], (offer.by,)
    return FrozenDict(), ()  # a rejection, a withdrawal: a move, and no word on the terms


def _term_changed(
    record: Record,
    to: str,
    term: str,
    *,
    value: Json,
    was: tuple[Json, str] | None,
    after: Record | None,
) -> ConcessionRow:
    event: Any = record.event
    return ConcessionRow(
        party=event.by,
        to=to,
        event=_TYPES[type(event)],
        proposal=event.proposal,
        term=term,
        value=value,
        was=None if was is None else was[0],
        moved_by=None if was is None else difference(value, was[0]),
        was_record=None if was is None else was[1],
        **_after(after),
        **source(record),
    )
