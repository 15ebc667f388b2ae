"""What else an event may say: values for the fields on which no rule depends, chosen by numbers.

Zero is the simplest choice: nothing more is said than must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from negotiation.events import (
    DeadlineLifted,
    DeadlineMet,
    DeadlineMoved,
    DeadlineSet,
    MeetingCancelled,
    MeetingHeld,
    MeetingScheduled,
    PartyJoined,
    PartyWithdrew,
    PositionStated,
    ProposalAccepted,
    ProposalClarified,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    StatementMade,
    TruceDeclared,
    TruceEnded,
    TruceExtended,
    TruceObserved,
    TruceRejected,
    TruceViolated,
    ViolationAssessed,
)
from negotiation.legal import Template

Fields: TypeAlias = "dict[str, Any]"
Groups: TypeAlias = Callable[[int, datetime, Sequence[str]], Iterator[Fields]]
"""(number, moment, ids of items) → fields that may be added, those that go together at once."""

HOUR: Final = timedelta(hours=1)

TERMS: Final[tuple[Fields, ...]] = (
    {}, {"price": 1}, {"price": 2}, {"price": 1.0, "weeks": 2}, {"price": True}, {"price": None},
)  # fmt: skip


def filled(template: Template, choice: int, number: int, at: datetime, ids: Sequence[str]) -> Any:
    """An event made from a template.

    Args:
        template: what is settled.
        choice: decides between what may be chosen.
        number: decides what else is said.
        at: the moment at which the event happens.
        ids: the ids of the items that there are, which labels may name.
    """
    fields: Fields = {}
    for name, values in (*template.choices.items(), *template.open.items()):
        choice, index = divmod(choice, len(values))
        fields[name] = values[index]
    if number:
        settled = {*template.given, *template.choices}
        for group in DETAILS[template.event](number, at, ids):
            if settled.isdisjoint(group):
                fields |= group
    return template.event(**{**fields, **template.given})


def _words(name: str) -> Groups:
    """A text, at times."""

    def words(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
        if number % 4 == 1:
            yield {name: "so it was said"}

    return words


def _terms(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield {"terms": TERMS[number % len(TERMS)]}


def _proposal_made(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield from _terms(number, at, ids)
    if number % 5 == 1:
        yield {"expires": at + (number % 4) * HOUR}


def _position(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield {"value": (None, 1, 1.0, True, "north of it", {"share": 0.5})[number % 6]}
    yield {"issue": ("land", "price")[number % 2]}
    if number % 4 == 1:
        yield {"condition": "if the others do"}


def _statement(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield {"text": "so it was said"}
    if ids and number % 2:
        yield {"about": ids[number // 2 % len(ids)]}


def _truce_declared(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    which, hours = number % 6, number // 6 % 5
    if which == 1:
        yield {"ends": at + (hours + 1) * HOUR}
    elif which == 2:
        yield {"starts": at + hours * HOUR, "ends": at + (2 * hours + 1) * HOUR}
    elif which == 3:
        yield {"starts": at + hours * HOUR}
    elif which == 4:
        yield {"starts": at - hours * HOUR, "ends": at + HOUR}
    if number % 7 == 1:
        yield {"scope": "along the river", "condition": "if the others do"}
    if ids and number % 5 == 1:
        yield {"under": ids[number % len(ids)]}


def _truce_extended(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield {"ends": at + (number % 8 - 1) * HOUR}


def _claimed(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    which, hours = number % 4, number // 4 % 4
    if which == 1:
        yield {"begins": at - hours * HOUR, "ends": at}
    elif which == 2:
        yield {"begins": at - (hours + 1) * HOUR}
    elif which == 3:
        yield {"ends": at + HOUR}
    if number % 5 == 1:
        yield {"what": "shots"}


def _violated(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield from _claimed(number, at, ids)
    if number % 3 == 1:
        yield {"count": number % 6, "qualifier": (None, "about", "at-least")[number // 3 % 3]}


def _due(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    due = at + (number % 6) * HOUR
    yield {"due": due, "earliest": None if number % 3 else due - (number // 6 % 3) * HOUR}


def _deadline_set(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield from _due(number, at, ids)
    if number % 4 == 1:
        yield {"demand": "an answer", "consequence": "we leave"}
    if ids and number % 5 == 1:
        yield {"about": ids[number % len(ids)]}


def _meeting(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    if number % 3 == 1:
        yield {"place": "by the lake"}
    if ids and number % 4 == 1:
        yield {"follows": ids[number % len(ids)]}


def _meeting_scheduled(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield {"starts": at + (number % 5) * HOUR}
    yield from _meeting(number, at, ids)


def _meeting_held(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield from _meeting(number, at, ids)
    yield from _words("outcome")(number, at, ids)


def _nothing(number: int, at: datetime, ids: Sequence[str]) -> Iterator[Fields]:
    yield from ()


class _Details(dict[type[Any], Groups]):
    """What may be said with each kind of event; nothing with one that is not named."""

    def __missing__(self, event_class: type[Any]) -> Groups:
        return _nothing


DETAILS: Final[Mapping[type[Any], Groups]] = _Details(
    {
        PartyJoined: _words("name"),
        PartyWithdrew: _words("reason"),
        ProposalMade: _proposal_made,
        ProposalClarified: _terms,
        ProposalAccepted: _words("note"),
        ProposalRejected: _words("reason"),
        ProposalWithdrawn: _words("reason"),
        PositionStated: _position,
        StatementMade: _statement,
        TruceDeclared: _truce_declared,
        TruceExtended: _truce_extended,
        TruceEnded: _words("reason"),
        TruceRejected: _words("reason"),
        TruceViolated: _violated,
        TruceObserved: _claimed,
        ViolationAssessed: _words("note"),
        DeadlineSet: _deadline_set,
        DeadlineMoved: _due,
        DeadlineMet: _words("note"),
        DeadlineLifted: _words("reason"),
        MeetingScheduled: _meeting_scheduled,
        MeetingHeld: _meeting_held,
        MeetingCancelled: _words("reason"),
    }
)
