"""A walk through a negotiation: what happens next, decided by a few digits a step.

Zeros are the simplest step. The same digits always give the same walk.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final

import attrs
from attrs import define, field, frozen

from negotiation.errors import InvalidStrategy
from negotiation.events import (
    DeadlineLifted,
    DeadlineMet,
    DeadlineMoved,
    DeadlineSet,
    EventRetracted,
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
    TruceJoined,
    TruceObserved,
    TruceRejected,
    TruceViolated,
    UnknownEvent,
    ViolationAssessed,
    maker,
)
from negotiation.fold import Handlers, first_problem, following, handlers_of, replay
from negotiation.history import History
from negotiation.legal import SHAPES, Asking, Template
from negotiation.lifecycles import LIFECYCLES
from negotiation.log import Log
from negotiation.model import Model
from negotiation.problems import REASONS, Problem
from negotiation.records import Record
from negotiation.reducers import REACTIONS
from negotiation.rules import OPEN, Protocol, as_of_record
from negotiation.state import Negotiation
from negotiation.testing.details import HOUR, filled
from negotiation.testing.kinds import building
from negotiation.testing.universe import Build, Chance, Universe
from negotiation.values import Refused, party_ids

START: Final = datetime(2000, 1, 1, tzinfo=UTC)
NEGOTIATION: Final = "talks"

NAMES: Final = ("a", "b", "c", "d", "e", "f", "g", "h")
"""The ids of parties, where only their number is said; the simplest first."""


def party_ids_of(given: Iterable[str] | int) -> tuple[str, ...]:
    """The ids of parties, of which a caller gave the ids or the number.

    Raises:
        InvalidStrategy: there are none, or too many, or an id is none.
    """
    if isinstance(given, int):
        if not 1 <= given <= len(NAMES):
            raise InvalidStrategy(f"parties: 1 to {len(NAMES)}, or a list of ids; not {given}")
        return NAMES[:given]
    try:
        return party_ids(given)
    except Refused as refused:
        raise InvalidStrategy(f"parties {refused}") from None


KINDS: Final = (
    StatementMade, ProposalMade, ProposalAccepted, ProposalRejected, ProposalClarified,
    ProposalAccepted, ProposalWithdrawn, ProposalMade, PositionStated, TruceDeclared, TruceJoined,
    TruceExtended, TruceEnded, TruceRejected, TruceObserved, ViolationAssessed, TruceViolated,
    ViolationAssessed, TruceViolated, TruceDeclared, DeadlineMet, DeadlineMoved, DeadlineLifted,
    DeadlineSet, MeetingHeld, MeetingCancelled, MeetingScheduled, PartyWithdrew, PartyJoined,
)  # fmt: skip
"""What may happen, the simplest first. What may not happen yet is followed by what it answers to,
which takes its place then."""


def _breakers() -> Iterator[tuple[str, type[Any]]]:
    """Every code of the lifecycles that an event can meet, with the event."""
    for event_class, reaction in REACTIONS.items():
        if reaction.opens is not None and not reaction.changes:
            yield "used-id", event_class
        for unknown in (reaction.unknown, *(link.unknown for link in reaction.links)):
            if unknown is not None:
                yield unknown, event_class
    for lifecycle in LIFECYCLES:
        for row in lifecycle.refusals.values():
            yield from ((code, event_class) for event_class, code in row.items())
        for event_class, codes in lifecycle.guards.items():
            yield from ((code, event_class) for code in codes)


BREAKERS: Final[Mapping[str, frozenset[type[Any]]]] = {
    code: frozenset(kind for broken, kind in _breakers() if broken == code)
    for code in REASONS
    if code in dict(_breakers())
}
"""Code of the lifecycles → the kinds of event that can meet it."""


@frozen
class Ways:
    """In which ways records may come, beside in order and to everybody.

    Attributes:
        late: some enter the log after others that happened later.
        hidden: some are shown to some parties alone.
        retracted: some were mistakes and are taken back.
    """

    late: bool = False
    hidden: bool = False
    retracted: bool = False


DIGITS: Final = 8
"""How many digits, from 0 to 255, decide a step: its kind, who acts, which of the possible events,
what is chosen in it, what else is said, when, how late it is recorded, and who sees it."""

_LEAVING: Final = 200
"""How high the digit for the kind must be for a party to leave, where it says so."""

_HOURS: Final = (1, 1, 0, 2, 1, 0, 5, 24)
_DELAYS: Final = (0, 0, 1, 0, 3, 0, 30, 0)


@define
class Walk:
    """A negotiation on its way. Taking a step changes it.

    Attributes:
        parties: the ids of those who may act, the simplest first.
        protocol: the rules that every step keeps.
        model: the events that are known.
        ways: how records may come.
        now: when something happened last.
        state: what the steps so far lead to.
        made: the records so far, in the order in which they happened.
        broken: the problem of the step that was to break a rule.
    """

    parties: tuple[str, ...]
    protocol: Protocol = OPEN
    model: Model = Model.default
    ways: Ways = Ways()
    now: datetime = START
    state: Negotiation = field(factory=lambda: replay(History(NEGOTIATION)))
    made: list[Record] = field(factory=list)
    broken: Problem | None = None
    handlers: Handlers = field(init=False)
    kinds: tuple[type[Any], ...] = field(init=False)
    extensions: tuple[Build, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.handlers = handlers_of(self.model)
        self.kinds = tuple(each for each in KINDS if self.protocol.admits(each)) or KINDS
        self.extensions = tuple(building(each.event_class) for each in self.model.extensions)

    def step(self, digits: bytes) -> bool:
        """Let something happen that breaks no rule; False if nothing may."""
        at = self.now + _HOURS[digits[5] % 8] * HOUR
        if (event := self._extended(digits)) is not None:
            record = self._record(event, at, digits)
            if first_problem(self.state, record, self.protocol, self.handlers) is None:
                self.enter(event, at, digits)
                return True
        asking = self._asking(at)
        for event_class, party in self._turns(digits, self.kinds):
            if templates := [*asking.templates(event_class, party)]:
                template = templates[digits[2] % len(templates)]
                self.enter(self._event(template, digits, at), at, digits)
                return True
        return False

    def slip(self, digits: bytes) -> bool:
        """Let something be recorded that breaks one rule, once; False if no rule can be broken.

        The digits say which rule; where that cannot be broken now, it is the next that can.
        """
        at = self.now + _HOURS[digits[5] % 8] * HOUR
        codes = (*self.protocol.codes, *BREAKERS)
        first = digits[2] % len(codes)
        for code in (*codes[first:], *codes[:first]):
            for event in self._breaking(code, digits, at):
                found = self._only_problem(self._record(event, at, digits))
                if found is not None and found.code == code:
                    self.broken = found
                    self.enter(event, at, digits)
                    return True
        return False

    def _breaking(self, code: str, digits: bytes, at: datetime) -> Iterator[Any]:
        """Events that may break a rule and no other."""
        if code in BREAKERS:
            yield from self._tried(digits, at, BREAKERS[code])
            return
        lenient = self._asking(at, self.protocol.without(code))
        for event_class, party in self._turns(digits, KINDS):
            for template in lenient.templates(event_class, party):
                yield self._event(template, digits, at)

    def _tried(self, digits: bytes, at: datetime, kinds: Container[type[Any]]) -> Iterator[Any]:
        """What might be tried by events of these kinds, beginning with what the digits say."""
        asking = self._asking(at)
        for event_class, party in self._turns(digits, KINDS):
            if event_class in kinds:
                for template in self._attempts(asking, event_class, party):
                    yield self._event(template, digits, at)

    def stumble(self, digits: bytes, *, unknown: bool = True) -> None:
        """Let anything happen, whether it breaks rules or not.

        Args:
            digits: what decides.
            unknown: whether it may be an event that the library does not know.
        """
        at = self.now + _HOURS[digits[5] % 8] * HOUR
        asking = self._asking(at)
        event = self._extended(digits)
        if event is not None:
            pass
        elif digits[0] >= 245:
            target = f"e{digits[2] % (len(self.made) + 2) + 1}"
            event = EventRetracted(event=target, by=self._party(digits))
        elif unknown and digits[0] >= 240:
            event = UnknownEvent(type="negotiation.truce-blessed.v1", data={"by": "nobody"})
        else:
            tried = [*self._attempts(asking, *next(self._turns(digits, KINDS)))]
            if not tried:  # nobody is there to be named
                tried = [*self._attempts(asking, StatementMade, self._party(digits))]
            event = self._event(tried[digits[2] % len(tried)], digits, at)
        self.enter(event, at, digits)

    def enter(self, event: Any, at: datetime, digits: bytes) -> None:
        """Enter an event that happened at a moment, and let it count, unless it is taken back."""
        record = self._record(event, at, digits)
        self.made.append(record)
        self.now = at
        if self.ways.retracted and digits[6] % 16 == 9 and self.broken is None:
            word = EventRetracted(event=record.id, by=maker(event) or self._party(digits))
            self.made.append(self._record(word, at, digits))
        elif type(event) is not EventRetracted:
            self.state = following(self.state, record, self.handlers)

    def log(self) -> Log:
        """What was recorded, in the order in which it was."""
        recorded: dict[datetime, datetime] = {}
        placed = []
        for each in self.made:  # what happened at once is recorded in the order it happened
            at = max(each.recorded, recorded.get(each.time, each.recorded))
            recorded[each.time] = at
            placed.append(each if at == each.recorded else attrs.evolve(each, recorded=at))
        return Log(NEGOTIATION, sorted(placed, key=attrgetter("recorded")))

    def _extended(self, digits: bytes) -> Any:
        """An event of an extension of the model, one step in three; None for the library's own."""
        if not self.extensions or digits[0] % 3 != 2:
            return None
        build = self.extensions[digits[2] % len(self.extensions)]
        return build(Chance.of((digits[1], digits[3], digits[4]), Universe(self.parties)))

    def _asking(self, at: datetime, protocol: Protocol | None = None) -> Asking:
        return Asking.of(
            self.state,
            self.protocol if protocol is None else protocol,
            at=at,
            parties=self.parties,
            model=self.model,
        )

    def _party(self, digits: bytes) -> str:
        return self.parties[digits[1] % len(self.parties)]

    def _turns(self, digits: bytes, kinds: Sequence[type[Any]]) -> Iterator[tuple[type[Any], str]]:
        """Every kind of event by every party, beginning with what the digits say.

        Leaving comes first only where much is said for it, so that most talks go on for a while.
        """
        parties = len(self.parties)
        first = digits[0] % len(kinds)
        if kinds[first] is PartyWithdrew and digits[0] < _LEAVING:
            first += 1
        tried: set[type[Any]] = set()
        for number in range(len(kinds)):
            kind = kinds[(first + number) % len(kinds)]
            if kind not in tried:
                tried.add(kind)
                for party in range(parties):
                    yield kind, self.parties[(digits[1] + party) % parties]

    def _event(self, template: Template, digits: bytes, at: datetime) -> Any:
        return filled(template, digits[3], digits[4], at, [*self.state.facts.items])

    def _record(self, event: Any, at: datetime, digits: bytes) -> Record:
        late = self.ways.late and not self.broken
        hidden = self.ways.hidden and digits[7] % 4 == 1
        shown = [each for bit, each in enumerate(self.parties) if digits[7] >> 2 >> bit & 1]
        number = len(self.made) + 1
        return Record(
            id=f"e{number}",
            negotiation=NEGOTIATION,
            position=number,
            time=at,
            recorded=at + (_DELAYS[digits[6] % 8] if late else 0) * HOUR,
            event=event,
            visible_to=(shown or [self.parties[0]]) if hidden else None,
        )

    def _attempts(self, asking: Asking, event_class: type[Any], party: str) -> Iterator[Template]:
        """What a party might try, legal or not: other items, ones that are not there, used ids."""
        shape = SHAPES[event_class]
        begun = [*asking.begun(event_class, party)]
        unused = asking.free_id(shape.item or "next")
        if shape.item is not None:
            made_by = {} if shape.maker is None else {shape.maker: party}
            if shape.amends:
                begun.append(Template(event_class, {**made_by, shape.item: unused}))
            if shape.opens and (used := tuple(self.state.facts.items)):
                begun.append(Template(event_class, made_by, {}, {shape.item: used}))
        links = {
            name: (*(() if name in shape.required else (None,)), unused, *asking.ids(kind))
            for name, kind in shape.links.items()
        }
        for template in begun:
            if (filled_in := asking.filled(template, party, links)) is not None:
                yield filled_in

    def _only_problem(self, record: Record) -> Problem | None:
        """The problem of a record that breaks one rule and no other; else None."""
        before = as_of_record(self.state, record)
        after = following(before, record, self.handlers)
        gained = [*after.problems[len(before.problems) :]]
        gained += [
            found for rule in self.protocol.rules if (found := rule(before, record)) is not None
        ]
        return gained[0] if len(gained) == 1 else None
