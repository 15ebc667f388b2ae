"""A party for reading: what it offered, owes, is bound by and is accused of; where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from negotiation.cli.items import Items, claim_lines, commitment_lines, due_lines, status_line
from negotiation.cli.layout import ID, QUIET, TITLE, Cell, Column, Line, led, table
from negotiation.cli.output import Page
from negotiation.state import Deadline, PartyState, Position, Proposal, Statement, Violation
from negotiation.words import (
    claim_words,
    kind_words,
    listed,
    terms_words,
    time_words,
    value_words,
)

Row: TypeAlias = tuple[Cell, Cell]
"""The id of what is spoken of, and what there is to say of it."""

_COLUMNS: Final = (Column(), Column(), Column())


def party_lines(party: PartyState, items: Items, page: Page) -> Iterator[str]:
    """Where a party stands.

    Args:
        party: the party.
        items: the items of the state that it is of.
        page: what the lines are to fit on.
    """
    yield from table(_COLUMNS[:1], [[_title(party)]], page, titled=False)
    rows = (
        (Line(label if number == 0 else "", QUIET), *row)
        for label, group in _groups(party, items)
        for number, row in enumerate(group)
    )
    yield from table(_COLUMNS, rows, page, indent=2, titled=False)


def _title(party: PartyState) -> Line:
    heard = party.last_heard
    words = (
        party.role,
        "withdrawn" if party.status == "withdrawn" else None,
        None if heard is None else f"last heard {time_words(heard)}",
    )
    name = "" if party.name is None else f" ({party.name})"
    return led(party.party, name + "".join(f", {word}" for word in words if word), TITLE)


def _groups(party: PartyState, items: Items) -> Iterator[tuple[str, Iterable[Row]]]:
    """What there is to say, under the words for it, in the order in which a reader asks."""
    offers, claims, deadlines = items.proposals, items.violations, items.deadlines
    yield "offered", _rows(party.proposals_made, offers, _offered)
    yield "owes a reply", _rows(party.replies_owed, offers, _owed)
    yield "awaits a reply", _rows(party.replies_awaited, offers, _awaited)
    yield (
        "bound by",
        ((Line(id, ID), commitment_lines(each, items.as_of)) for id, each in party.truces.items()),
    )
    yield (
        "accused of",
        _rows(party.violations_alleged_against, claims, lambda claim: _accused(claim, items)),
    )
    yield "alleges", _rows(party.violations_alleged_by, claims, _alleged)
    yield "positions", ((Line(issue, ID), _stand(each)) for issue, each in party.positions.items())
    yield "faces", _rows(party.deadlines_facing, deadlines, _faced)
    yield "has set", _rows(party.deadlines_set, deadlines, _set)
    yield "statements", map(_said, party.statements)


def _rows(
    ids: Iterable[str], items: Mapping[str, Any], describe: Callable[[Any], Cell]
) -> Iterator[Row]:
    return ((Line(id, ID), describe(items[id])) for id in sorted(ids))


def _offered(proposal: Proposal) -> Cell:
    first = status_line(proposal.status, f", to {listed(proposal.to)}")
    return [first, Line(terms_words(proposal.terms))]


def _owed(proposal: Proposal) -> Cell:
    return [Line(f"to {proposal.by}{_until(proposal)}"), Line(terms_words(proposal.terms))]


def _awaited(proposal: Proposal) -> Cell:
    silent = (party for party in proposal.to if party not in proposal.answers)
    return f"from {listed(silent)}{_until(proposal)}"


def _until(proposal: Proposal) -> str:
    return "" if proposal.expires is None else f", until {time_words(proposal.expires)}"


def _accused(claim: Violation, items: Items) -> Cell:
    said = claim_words(claim)
    first = Line(f"{said}{said and ', '}alleged by {claim.alleged_by}")
    return [first, *claim_lines(claim, items.truces)]


def _alleged(claim: Violation) -> Cell:
    said = claim_words(claim)
    return f"{said}{said and ', '}against {claim.by}"


def _stand(position: Position) -> Cell:
    """What a party wants and how firmly, since when, who says so, and what it wanted before."""
    source = "" if position.attributed_by is None else f", as {position.attributed_by} says"
    lines = [led(kind_words(position.firmness), f": {value_words(position.value)}", ID)]
    if position.condition is not None:
        lines.append(Line(f"on condition: {position.condition}"))
    lines.append(Line(f"since {time_words(position.since)}{source}", QUIET))
    for each in reversed(position.history):
        stood = f"{kind_words(each.firmness)}: {value_words(each.value)}"
        lines.append(Line(f"before, from {time_words(each.since)}, {stood}", QUIET))
    return lines


def _faced(deadline: Deadline) -> Cell:
    return due_lines(deadline, f", set by {deadline.by}")


def _set(deadline: Deadline) -> Cell:
    return due_lines(deadline, f", on {listed(deadline.on)}")


def _said(statement: Statement) -> Row:
    about = "" if statement.about is None else f" (about {statement.about})"
    return time_words(statement.time), statement.text + about
