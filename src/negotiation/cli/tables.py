"""A state for reading: in the order in which a reader asks, and nothing where there is nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, get_args

from negotiation.cli.items import Items, item_lines, titled
from negotiation.cli.layout import BAD, TITLE, Column, Line, table, wrap
from negotiation.cli.output import Page, visible
from negotiation.cli.parties import party_lines
from negotiation.events import Role
from negotiation.problems import Problem
from negotiation.state import Negotiation, PartyState
from negotiation.words import listed, time_words

_ROLES: Final = get_args(Role)
_PROBLEMS: Final = (
    Column("position", right=True),
    Column("record"),
    Column("party"),
    Column("problem"),
)


def heading(state: Negotiation, counted: int, page: Page) -> Iterator[str]:
    """Which negotiation this is, as of when, known when and to whom, and how much was counted.

    Args:
        state: the state.
        counted: how many records counted.
        page: what the lines are to fit on.
    """
    for line in wrap(visible(state.id or "an empty log"), page.width):
        yield page.paint(line, TITLE)
    yield from wrap(visible(point_of_view(state, counted)), page.width)


def point_of_view(state: Negotiation, counted: int) -> str:
    """As of when, known when and to whom a state is, and how many records counted."""
    moments = (("as of", state.as_of), ("known at", state.known_at))
    words = [f"{name} {time_words(time)}" for name, time in moments if time is not None]
    if state.known_to is not None:
        words.append(f"known to {state.known_to}")
    words.append("1 record counted" if counted == 1 else f"{counted} records counted")
    return listed(words)


def state_lines(state: Negotiation, page: Page) -> Iterator[str]:
    """Every party, every item and every problem of a state."""
    items = Items.of(state)
    for party in sorted(state.parties.values(), key=_rank):
        yield ""
        yield from party_lines(party, items, page)
    yield from item_lines(items, page)
    if state.problems:
        yield from titled("Problems", page)
        yield from problem_lines(state.problems, page, indent=2)


def _rank(party: PartyState) -> int:
    """Principals first, whoever is only mentioned last."""
    return _ROLES.index(party.role) if party.role in _ROLES else len(_ROLES)


def one_party_lines(state: Negotiation, party: str, page: Page) -> Iterator[str]:
    """One party of a state."""
    yield ""
    yield from party_lines(state.parties[party], Items.of(state), page)


def problem_lines(problems: Iterable[Problem], page: Page, *, indent: int = 0) -> Iterator[str]:
    """A row for each problem."""
    rows = (
        (
            str(each.position),
            each.event,
            each.party or "",
            [Line(each.code, BAD), Line(each.message)],
        )
        for each in problems
    )
    return table(_PROBLEMS, rows, page, indent=indent)
