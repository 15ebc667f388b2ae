"""Random events over a small universe, so that what could meet does meet.

Four parties, two items of each kind, twelve hours: equal instants, half-open edges, used ids and
late reports come up all the time. Nothing is kept legal.

An event is not drawn field by field, which would take most of the time of a property test: a few
whole numbers are drawn, and each makes many small choices, one after the other. Zero chooses the
first of everything, so that what shrinks becomes simple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, Final, Self, TypeAlias, TypeVar, get_args

from attrs import evolve, frozen

from negotiation.events import (
    DeadlineLifted,
    DeadlineMet,
    DeadlineMoved,
    DeadlineSet,
    EventRetracted,
    Finding,
    Firmness,
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
    Qualifier,
    Role,
    StatementMade,
    TruceDeclared,
    TruceEnded,
    TruceExtended,
    TruceJoined,
    TruceKind,
    TruceObserved,
    TruceRejected,
    TruceViolated,
    UnknownEvent,
    ViolationAssessed,
)

T = TypeVar("T")

PARTIES: Final = ("north", "south", "east", "west")
OUTSIDER: Final = "elsewhere"
NEGOTIATION: Final = "talks"
START: Final = datetime(2031, 3, 1, tzinfo=UTC)
HOURS: Final = 12

UNKNOWN_TYPES: Final = (
    "negotiation.truce-blessed.v1",
    "negotiation.party-joined.v2",
    "negotiation.party-joined",
    "org.example.weather-changed.v1",
)


def hour(number: int) -> datetime:
    """An instant of the grid."""
    return START + timedelta(hours=number)


HOURLY: Final = tuple(map(hour, range(HOURS + 6)))


@frozen
class Universe:
    """The parties and the items that a random event may name.

    Attributes:
        parties: the parties.
        numbers: what the ids of items end with.
    """

    parties: tuple[str, ...] = PARTIES
    numbers: tuple[str, ...] = ("1", "2")

    def ids(self, kind: str) -> tuple[str, ...]:
        """The ids of one kind of item, such as t1 and t2; more where items name their own kind."""
        ids = tuple(kind + number for number in self.numbers)
        return (*ids, *(id + "b" for id in ids)) if kind in "pv" else ids

    def every_id(self) -> tuple[str, ...]:
        """The ids of all items."""
        return tuple(id for kind in "ptvdm" for id in self.ids(kind))


WHOLE: Final = Universe()
FEW: Final = Universe(PARTIES[:3], ("1",))


@frozen
class Words:
    """What random events say, apart from whom and what they name.

    Attributes:
        texts: notes, reasons and the like.
        values: what is taken a stand for, and what is offered.
        terms: whole objects of terms; None to make them of `values`.
        numbers: whole numbers.
    """

    texts: tuple[str, ...] = ("so it was said", "said otherwise")
    values: tuple[Any, ...] = (1, 1.0, True, None, "v", (1, {"a": 2}))
    terms: tuple[Mapping[str, Any], ...] | None = None
    numbers: tuple[int, ...] = (1, 2, 0, 3, 8, -1, 21, 1_000, 2**40)


PLAIN_WORDS: Final = Words()

SIZE: Final = 2**24
"""Hypothesis draws whole numbers below this evenly; of a larger range it prefers the small ones."""


def scattered(number: int) -> int:
    """Another number, far from this one."""
    return ((number + 1) * 0x9E3779B97F4A7C15 ^ number >> 29) % SIZE**3


class Dice:
    """Choices that a whole number makes, its lowest digit the first."""

    __slots__ = ("left",)

    def __init__(self, number: int) -> None:
        self.left = number

    def below(self, sides: int) -> int:
        """A whole number from 0 and below `sides`."""
        self.left, shown = divmod(self.left, sides)
        return shown

    def one(self, options: Sequence[T]) -> T:
        """One of these."""
        return options[self.below(len(options))]

    def maybe(self) -> bool:
        """Yes or, more often, no."""
        return self.below(3) == 2

    def some(self, options: Sequence[T], most: int = 4) -> list[T]:
        """At least one of these, none twice."""
        return self.order(options, 1 + self.below(min(most, len(options))))

    def order(self, options: Sequence[T], count: int) -> list[T]:
        """So many of these, none twice."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(count)]


@frozen
class Chance:
    """What chooses the fields of one event.

    Attributes:
        who: chooses parties.
        which: chooses items.
        how: chooses all else.
        universe: the parties and the items.
        words: what is said of them.
    """

    who: Dice
    which: Dice
    how: Dice
    universe: Universe = WHOLE
    words: Words = PLAIN_WORDS

    @classmethod
    def of(
        cls, numbers: Iterable[int], universe: Universe = WHOLE, words: Words = PLAIN_WORDS
    ) -> Self:
        """The choices that three numbers make."""
        who, which, how = map(Dice, numbers)
        return cls(who, which, how, universe, words)

    @property
    def number(self) -> int:
        """Its three numbers in one."""
        return self.who.left + SIZE * (self.which.left + SIZE * self.how.left)

    def in_a_row(self, number: int) -> Self:
        """The choices that one number makes, for events of which nothing else is known."""
        dice = Dice(number)
        return evolve(self, who=dice, which=dice, how=dice)

    def party(self) -> str:
        """A party."""
        return self.who.one(self.universe.parties)

    def parties(self, most: int = 4) -> list[str]:
        """At least one party."""
        return self.who.some(self.universe.parties, most)

    def item(self, kind: str) -> str:
        """An item of a kind; seldom one of another kind."""
        if self.which.below(20) == 7:
            return self.any_item()
        return self.which.one(self.universe.ids(kind))

    def any_item(self) -> str:
        """An item of any kind."""
        return self.which.one(self.universe.every_id())

    def label(self) -> str | None:
        """Now and then, an item of any kind."""
        return self.any_item() if self.how.maybe() else None

    def instant(self) -> datetime:
        """An instant of the grid."""
        return HOURLY[self.how.below(HOURS)]

    def later(self) -> datetime | None:
        """Now and then, an instant."""
        return self.instant() if self.how.maybe() else None

    def text(self) -> str:
        """Some words."""
        return self.how.one(self.words.texts)

    def note(self) -> str | None:
        """Now and then, some words."""
        return self.text() if self.how.maybe() else None

    def value(self) -> Any:
        """A JSON value."""
        return self.how.one(self.words.values)

    def terms(self) -> Mapping[str, Any]:
        """What is offered."""
        if self.words.terms is not None:
            return self.how.one(self.words.terms)
        given = self.how.below(4)
        return {name: self.value() for bit, name in ((1, "price"), (2, "weeks")) if given & bit}

    def span(self, first: str, last: str, *, together: bool, need: bool = False) -> dict[str, Any]:
        """None, one or both of two moments, in order; equal ones only if they may be `together`."""
        left_out, start, length = self.how.below(4), self.how.below(HOURS), self.how.below(6)
        moments = {}
        if not left_out & 1:
            moments[first] = HOURLY[start]
        if need or not left_out & 2:
            moments[last] = HOURLY[min(start + length + (not together), len(HOURLY) - 1)]
        return moments


Build: TypeAlias = Callable[[Chance], Any]


def _proposal_made(c: Chance) -> ProposalMade:
    by, *others = (c.universe.parties[n] for n in c.who.one(_ORDERS[len(c.universe.parties)]))
    return ProposalMade(
        proposal=c.item("p"),
        by=by,
        to=others[: c.how.one(_ADDRESSEES)],
        terms=c.terms(),
        counters=c.item("p") if c.which.below(2) else None,
        expires=c.later(),
    )


_ADDRESSEES: Final = (1, 1, 1, 1, 1, 1, 2, 2, 2, 3)
_ORDERS: Final = {size: tuple(permutations(range(size))) for size in range(2, 5)}
"""For so many parties, every order of them."""


def _position_stated(c: Chance) -> PositionStated:
    return PositionStated(
        by=c.party(),
        issue=c.which.one(("land", "annexed land")),
        value=c.value(),
        firmness=c.how.one(_FIRMNESS),
        condition=c.note(),
        attributed_by=c.party() if c.how.maybe() else None,
    )


def _truce_declared(c: Chance) -> TruceDeclared:
    return TruceDeclared(
        truce=c.item("t"),
        by=c.party(),
        kind=c.how.one(_KINDS),
        binds=c.parties() if c.how.maybe() else None,
        scope=c.note(),
        condition=c.note(),
        under=c.label(),
        **c.span("starts", "ends", together=False),
    )


def _truce_violated(c: Chance) -> TruceViolated:
    counted = c.how.below(2) == 1
    return TruceViolated(
        violation=c.item("v"),
        truce=c.item("t"),
        by=c.party(),
        alleged_by=c.party(),
        count=c.how.below(4) if counted else None,
        qualifier=c.how.one(_QUALIFIERS) if counted and c.how.maybe() else None,
        what=c.note(),
        place=c.note(),
        replaces=c.item("v") if c.which.below(2) else None,
        **c.span("begins", "ends", together=True),
    )


def _truce_observed(c: Chance) -> TruceObserved:
    return TruceObserved(
        truce=c.item("t"),
        by=c.party(),
        claimed_by=c.party(),
        what=c.note(),
        **c.span("begins", "ends", together=True),
    )


def _deadline_set(c: Chance) -> DeadlineSet:
    return DeadlineSet(
        deadline=c.item("d"),
        by=c.party(),
        on=c.parties(2),
        demand=c.note(),
        consequence=c.note(),
        about=c.label(),
        **c.span("earliest", "due", together=True, need=True),
    )


def _meeting_scheduled(c: Chance) -> MeetingScheduled:
    return MeetingScheduled(
        meeting=c.item("m"),
        by=c.party(),
        parties=c.parties(),
        starts=c.instant(),
        place=c.note(),
        follows=c.label(),
    )


def _meeting_held(c: Chance) -> MeetingHeld:
    return MeetingHeld(
        meeting=c.item("m"),
        parties=c.parties(),
        place=c.note(),
        follows=c.label(),
        outcome=c.note(),
    )


def _deadline_moved(c: Chance) -> DeadlineMoved:
    due = c.span("earliest", "due", together=True, need=True)
    return DeadlineMoved(deadline=c.item("d"), by=c.party(), **due)


_ROLES: Final = get_args(Role)
_FIRMNESS: Final = get_args(Firmness)
_KINDS: Final = get_args(TruceKind)
_QUALIFIERS: Final = get_args(Qualifier)
_FINDINGS: Final = get_args(Finding)

BUILDS: Final[Mapping[type[Any], Build]] = {
    PartyJoined: lambda c: PartyJoined(party=c.party(), role=c.how.one(_ROLES), name=c.note()),
    PartyWithdrew: lambda c: PartyWithdrew(by=c.party(), reason=c.note()),
    ProposalMade: _proposal_made,
    ProposalClarified: lambda c: ProposalClarified(
        proposal=c.item("p"), by=c.party(), terms=c.terms(), note=c.note()
    ),
    ProposalAccepted: lambda c: ProposalAccepted(proposal=c.item("p"), by=c.party(), note=c.note()),
    ProposalRejected: lambda c: ProposalRejected(
        proposal=c.item("p"), by=c.party(), reason=c.note()
    ),
    ProposalWithdrawn: lambda c: ProposalWithdrawn(
        proposal=c.item("p"), by=c.party(), reason=c.note()
    ),
    PositionStated: _position_stated,
    StatementMade: lambda c: StatementMade(by=c.party(), text=c.text(), about=c.label()),
    TruceDeclared: _truce_declared,
    TruceJoined: lambda c: TruceJoined(truce=c.item("t"), by=c.party(), starts=c.later()),
    TruceRejected: lambda c: TruceRejected(truce=c.item("t"), by=c.party(), reason=c.note()),
    TruceExtended: lambda c: TruceExtended(truce=c.item("t"), by=c.party(), ends=c.instant()),
    TruceEnded: lambda c: TruceEnded(truce=c.item("t"), by=c.party(), reason=c.note()),
    TruceViolated: _truce_violated,
    TruceObserved: _truce_observed,
    ViolationAssessed: lambda c: ViolationAssessed(
        violation=c.item("v"), by=c.party(), finding=c.how.one(_FINDINGS), note=c.note()
    ),
    DeadlineSet: _deadline_set,
    DeadlineMoved: _deadline_moved,
    DeadlineMet: lambda c: DeadlineMet(deadline=c.item("d"), by=c.party(), note=c.note()),
    DeadlineLifted: lambda c: DeadlineLifted(deadline=c.item("d"), by=c.party(), reason=c.note()),
    MeetingScheduled: _meeting_scheduled,
    MeetingHeld: _meeting_held,
    MeetingCancelled: lambda c: MeetingCancelled(
        meeting=c.item("m"), by=c.party(), reason=c.note()
    ),
    EventRetracted: lambda c: EventRetracted(
        event=f"e{1 + c.which.below(16)}", by=c.party(), reason=c.note()
    ),
    UnknownEvent: lambda c: UnknownEvent(type=c.how.one(UNKNOWN_TYPES), data=c.terms()),
}
"""Event class → what makes a random event of it."""
