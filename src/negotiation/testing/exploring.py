"""Every state that a small world can come to, looked at one by one.

A world has a few parties, a few items and a few moments. `explore` goes through it breadth first:
from every state it tries every event of the world, takes those that break no rule, and keeps the
states that it has not seen. So what it says of a protocol up to some depth is no sample.

States are compared by their content, without positions and without the ids of records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import permutations, product
from typing import Any, Final, NamedTuple, TypeAlias

import attrs
from attrs import define, field, frozen

from negotiation.errors import InvalidEvent, InvalidStrategy, nearest
from negotiation.events import (
    PartyJoined,
    PartyWithdrew,
    PositionStated,
    ProposalMade,
    StatementMade,
    party_fields,
)
from negotiation.facts import (
    DeadlineFacts,
    Facts,
    MeetingFacts,
    ProposalFacts,
    TruceFacts,
    ViolationFacts,
    unchain,
)
from negotiation.fold import Draft, Handlers, fold_into, handlers_of, replay, with_draft
from negotiation.legal import NOTHING_MORE, OWN_MOVES, SHAPES, groups, suggestions
from negotiation.lifecycles import (
    ACTIVE,
    LIFECYCLES,
    WITHDRAWN,
    commitment_phase,
    deadline_phase,
    proposal_phase,
)
from negotiation.log import Log
from negotiation.model import Model
from negotiation.records import Record, checked_record
from negotiation.reducers import NOBODY
from negotiation.rules import OPEN, Protocol, a_protocol
from negotiation.state import Negotiation
from negotiation.testing.details import HOUR
from negotiation.testing.walking import NEGOTIATION, START, party_ids_of
from negotiation.values import describe, json_key

Invariant: TypeAlias = Callable[[Negotiation], bool | None]
Row: TypeAlias = tuple[str, str, str]
"""(lifecycle, phase, event): a row of a table and the event that meets it."""

MOST_STATES: Final = 1_000_000
"""At how many states an exploration stops, if nothing else is said."""

OF_PARTIES: Final[Mapping[str, tuple[type[Any], ...]]] = {
    "party": (PartyJoined, PartyWithdrew),
    "position": (PositionStated,),
    "statement": (StatementMade,),
}
"""What a world may hold beside items, and the events that concern it."""

_FIELDS: Final = frozenset(attribute.name for each in OWN_MOVES for attribute in attrs.fields(each))

ITEMS: Final = tuple(sorted({shape.item for shape in SHAPES.values() if shape.item is not None}))
"""The kinds of item that a world may hold."""


@frozen
class Exploration:
    """What an exploration found.

    Attributes:
        states: how many different states it saw, the one in which nothing has happened included.
        transitions: how many legal steps it took between them.
        levels: how many new states each depth brought; the first is that of depth 0.
        partial: whether it stopped at its bound of states before it was through.
        closed: whether the last depth brought no new state: there are no others at any depth.
        refused: rule → how many steps it refused; codes of the lifecycles among them.
        counterexample: the shortest log that leads to a state in which the invariant does not
            hold; None if it holds in every state that was seen.
        unexercised_rules: the codes of the protocol's rules that refused nothing.
        unexercised_rows: the rows of the tables of this world's items that nothing met.
    """

    states: int
    transitions: int
    levels: tuple[int, ...]
    partial: bool
    closed: bool
    refused: Mapping[str, int]
    counterexample: Log | None
    unexercised_rules: tuple[str, ...]
    unexercised_rows: tuple[Row, ...]

    def __str__(self) -> str:
        depth = len(self.levels) - 1
        so_far = f"partial, stopped at {self.states} states" if self.partial else "complete"
        lines = [
            f"{self.states} states, {self.transitions} transitions, to depth {depth} ({so_far})",
            f"refused: {_counts(self.refused)}",
            f"rules that refused nothing: {', '.join(self.unexercised_rules) or 'none'}",
            f"rows of tables that nothing met: {len(self.unexercised_rows)}",
        ]
        if self.counterexample is not None:
            lines.append(f"the invariant is broken after {len(self.counterexample)} records")
        return "\n".join(lines)


def _counts(counted: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {counted[name]}" for name in sorted(counted)) or "nothing"


def explore(
    protocol: Protocol = OPEN,
    *,
    parties: Iterable[str] | int = 2,
    items: Mapping[str, int],
    depth: int,
    invariant: Invariant | None = None,
    moments: int = 1,
    choices: Mapping[str, Sequence[Any]] | None = None,
    most_states: int = MOST_STATES,
) -> Exploration:
    """Go through every state that a small world can come to.

    Args:
        protocol: the rules beside the lifecycles.
        parties: the parties: their ids, or how many there are.
        items: how many there may be of each kind: proposal, truce, violation, deadline, meeting.
            With `party` parties join and leave; `position` and `statement` let them state theirs.
        depth: up to how many records.
        invariant: state → whether all is well. It is asked of every state. False says that it is
            broken, and so does an AssertionError; True and None, that it holds.
        moments: at how many moments, an hour apart, things may happen, in any number at each.
        choices: field of events → the values that it may have. Of fields that must be given, those
            that name a party or the item have every value, and those that name several parties
            every group of up to four, in every order where a rule of the protocol reads the field;
            any other has one simple value, or each of its words where a rule reads it. Fields
            that may be left out are, but for `counters` and `replaces`.
        most_states: stop, and say so, when so many states were seen.

    Returns:
        The counts and, where the invariant is broken, the shortest log that breaks it. Of several
        shortest ones it is the first in the order in which events and parties are tried.

    Raises:
        InvalidStrategy: there is no such world.
        InvalidProtocol: `protocol` is none.
    """
    world = World.of(
        a_protocol(protocol), parties, items, moments, {} if choices is None else choices
    )
    if invariant is not None and not callable(invariant):
        raise InvalidStrategy(f"invariant must be a function of a state, not {describe(invariant)}")
    for name, number in (("depth", depth), ("most_states", most_states)):
        if type(number) is not int or number < 1:
            raise InvalidStrategy(f"{name} must be a whole number from 1, not {number!r}")
    return _Search(world, invariant, most_states).run(depth)


class Attempt(NamedTuple):
    """An event of a world, and when it is tried.

    Attributes:
        event: the event; the same object wherever it happens.
        after: the ids of the items that come first: items alike get their ids in order, so that
            no two states differ in these alone, and only the first unused id is tried as unknown.
        lifecycle: the lifecycle whose table it meets, if any.
        subject: the item or the party that goes through it.
    """

    event: Any
    after: frozenset[str]
    lifecycle: str | None
    subject: str | None


@frozen
class World:
    """The events that can happen in a small world, and when.

    Attributes:
        protocol: the rules beside the lifecycles.
        attempts: every event of the world.
        moments: when things may happen.
        kinds: the kinds of thing that there are.
    """

    protocol: Protocol
    attempts: tuple[Attempt, ...]
    moments: tuple[datetime, ...]
    kinds: frozenset[str]

    @classmethod
    def of(
        cls,
        protocol: Protocol,
        parties: Iterable[str] | int,
        items: Mapping[str, int],
        moments: int,
        choices: Mapping[str, Sequence[Any]],
    ) -> World:
        """The world of these parties and items; arguments and errors are those of `explore`."""
        names = party_ids_of(parties)
        _check_mappings(items, choices)
        for kind, number in items.items():
            if kind not in ITEMS and kind not in OF_PARTIES:
                said = nearest(str(kind), (*ITEMS, *OF_PARTIES))
                raise InvalidStrategy(f"items: there is no kind {kind!r}; {said}")
            if type(number) is not int or number < 0:
                raise InvalidStrategy(f"items[{kind!r}] must be a whole number, not {number!r}")
        for name, values in choices.items():
            if name not in _FIELDS:
                said = nearest(str(name), _FIELDS)
                raise InvalidStrategy(f"choices: no event has a field {name!r}; {said}")
            if not isinstance(values, list | tuple) or not values:
                raise InvalidStrategy(
                    f"choices[{name!r}] must be a list of values, not {describe(values)}"
                )
        if type(moments) is not int or moments < 1:
            raise InvalidStrategy(f"moments must be a whole number from 1, not {moments!r}")
        times = tuple(START + hour * HOUR for hour in range(moments + 1))
        maker = _EventMaker(protocol, names, _ids_of(items), times[1:], choices)
        attempts = tuple(each for kind in OWN_MOVES for each in maker.attempts(kind))
        if not attempts:
            raise InvalidStrategy("items: a world with nothing in it has no events; name some")
        return cls(protocol, attempts, times[:-1], frozenset(items))


def _check_mappings(*given: object) -> None:
    if not all(isinstance(each, Mapping) for each in given):
        raise InvalidStrategy("items and choices are mappings, such as {'proposal': 1}")


def _ids_of(items: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    return {
        kind: tuple(f"{kind[0]}{number}" for number in range(1, most + 1))
        for kind, most in items.items()
    }


@frozen
class _EventMaker:
    """Makes every event that the fields of its class allow in a world."""

    protocol: Protocol
    parties: tuple[str, ...]
    ids: Mapping[str, tuple[str, ...]]
    times: tuple[datetime, ...]
    choices: Mapping[str, Sequence[Any]]

    def attempts(self, event_class: type[Any]) -> Iterator[Attempt]:
        """Every event of a class."""
        shape = SHAPES[event_class]
        if shape.item is None:
            if not any(
                event_class in classes and self.ids.get(kind)
                for kind, classes in OF_PARTIES.items()
            ):
                return
        elif not self.ids.get(shape.item):
            return
        refused, made = None, 0
        for party in self.parties if shape.maker else self.parties[:1]:
            fields = self._fields(event_class, party)
            for values in product(*fields.values()):
                try:
                    event = event_class(**dict(zip(fields, values, strict=True)))
                except InvalidEvent as error:  # such as an offer to its maker
                    refused = error
                else:
                    made += 1
                    yield Attempt(event, self._after(event), *_subject(event))
        if refused is not None and not made:
            raise InvalidStrategy(f"choices: {refused}")

    def _fields(self, event_class: type[Any], party: str) -> dict[str, Sequence[Any]]:
        """Every field that is given, and its values."""
        shape, reads = SHAPES[event_class], self.protocol.reads(event_class)
        fields: dict[str, Sequence[Any]] = {}
        if shape.maker is not None:
            fields[shape.maker] = (party,)
        if shape.item is not None:
            fields[shape.item] = self.ids[shape.item]
        for name, kind in shape.links.items():
            ids = self.ids.get(KIND_OF[kind], ())
            fields[name] = ids if name in shape.required else (None, *ids)
        for attribute in attrs.fields(event_class):
            name = attribute.name
            if name in fields:
                continue
            if name in self.choices:
                fields[name] = self.choices[name]
            elif name in shape.literals:
                fields[name] = shape.literals[name][: None if name in reads else 1]
            elif name in shape.required:
                fields[name] = self._simple(event_class, name, party)
        return fields

    def _simple(self, event_class: type[Any], name: str, party: str) -> Sequence[Any]:
        one, many = party_fields(event_class)
        others = tuple(each for each in self.parties if each != party)
        if name in many:
            found = groups(others if event_class is ProposalMade else self.parties)
            if name in self.protocol.reads(event_class):
                return tuple(each for group in found for each in permutations(group))
            return found
        if name in one:
            return self.parties
        return suggestions(event_class, name) or self.times

    def _after(self, event: Any) -> frozenset[str]:
        shape, before = SHAPES[type(event)], set[str]()
        named = [
            (shape.item, shape.item),
            *((key, KIND_OF[kind]) for key, kind in shape.links.items()),
        ]
        for key, item in named:
            ids = self.ids.get(item or "", ())
            name = getattr(event, key or "", None)
            if name in ids:
                before.update(ids[: ids.index(name)])
        return frozenset(before)


KIND_OF: Final[Mapping[type[Any], str]] = {
    shape.kind: shape.item for shape in SHAPES.values() if shape.kind is not None and shape.item
}
"""Facts of an item → the field that names such an item."""

_COMMITMENT: Final = "truce, for each party"


def _subject(event: Any) -> tuple[str | None, str | None]:
    """The lifecycle whose table an event meets, and what goes through it."""
    kind = type(event)
    if kind is ProposalMade:
        return ("proposal", event.counters) if event.counters else (None, None)
    if kind is PartyJoined:
        return "participation", event.party
    if kind is PartyWithdrew:
        return "participation", event.by
    for name, lifecycle in (
        ("proposal", "proposal"),
        ("deadline", "deadline"),
        ("meeting", "meeting"),
    ):
        if hasattr(event, name):
            return lifecycle, getattr(event, name)
    if kind in LIFECYCLE[_COMMITMENT].table["unbound"]:
        return _COMMITMENT, event.truce
    return None, None


LIFECYCLE: Final = {each.name: each for each in LIFECYCLES}


def _phase(facts: Facts, attempt: Attempt, at: datetime) -> str | None:
    """The phase in which an attempt meets its subject; None where it is not there."""
    if attempt.lifecycle == "participation":
        known: Any = facts.parties.get(attempt.subject or "") or NOBODY
        return WITHDRAWN if known.withdrawn else ACTIVE
    item = facts.items.get(attempt.subject or "")
    if isinstance(item, ProposalFacts):
        return proposal_phase(item, at)
    if isinstance(item, DeadlineFacts):
        return deadline_phase(item, at)
    if isinstance(item, MeetingFacts):
        return item.status
    if isinstance(item, TruceFacts):
        return commitment_phase(item.commitments.get(attempt.event.by, ()), at)
    return None


# The search


class Node(NamedTuple):
    """A state on the edge of what was seen.

    Attributes:
        number: which state it is, in the order in which they were seen.
        state: the state.
        parts: what it holds, by name, each as a number that stands for its content.
    """

    number: int
    state: Negotiation
    parts: dict[Any, int]


class Step(NamedTuple):
    """How a state was reached: from which one, by what, and when."""

    before: int
    event: Any
    time: datetime


@define
class _Search:
    """One exploration on its way."""

    world: World
    invariant: Invariant | None
    most_states: int
    handlers: Handlers = field(factory=lambda: handlers_of(Model.default))
    seen: set[Any] = field(factory=set)
    steps: list[Step | None] = field(factory=list)
    contents: dict[Any, int] = field(factory=dict)
    tried: dict[frozenset[str], list[Attempt]] = field(factory=dict)
    refused: Counter[str] = field(factory=Counter)
    met: set[tuple[str, str, type[Any]]] = field(factory=set)
    transitions: int = 0
    found: int | None = None

    def run(self, depth: int) -> Exploration:
        """Search up to a depth."""
        first = Node(0, replay(Log(NEGOTIATION)), {})
        self.seen.add((None, frozenset()))
        self.steps.append(None)
        if not self._holds(first.state):
            self.found = 0
        edge, levels = [first], [1]
        while edge and len(levels) <= depth and self.found is None and not self._full:
            edge = self._next_level(edge)
            levels.append(len(edge))
        return self._outcome(levels, closed=not edge)

    @property
    def _full(self) -> bool:
        return len(self.steps) >= self.most_states

    def _next_level(self, edge: Sequence[Node]) -> list[Node]:
        level: list[Node] = []
        for node in edge:
            for at in self.world.moments:
                if node.state.time is None or at >= node.state.time:
                    for reached in self._reached(node, at):
                        level.append(reached)
                        if self.found is not None or self._full:
                            return level
        return level

    def _reached(self, node: Node, at: datetime) -> Iterator[Node]:
        """The new states to which a state leads at a moment."""
        state = attrs.evolve(node.state, as_of=at)
        facts, rules = state.facts, self.world.protocol.rules
        for attempt in self._attempts(facts.items.keys()):
            if attempt.lifecycle is not None:
                phase = _phase(facts, attempt, at)
                if phase is not None:
                    self.met.add((attempt.lifecycle, phase, type(attempt.event)))
            record = checked_record(
                f"e{state.position + 1}", NEGOTIATION, state.position + 1, at, attempt.event, at,
                *NOTHING_MORE,
            )  # fmt: skip
            draft = Draft(facts)
            fold_into(draft, (record,), {}, self.handlers)
            if draft.problems is not facts.problems:
                _, (code, _) = draft.problems  # type: ignore[misc]  # there is one more
                self.refused[code] += 1
                continue
            if rules and (broken := self.world.protocol.problem(state, record)) is not None:
                self.refused[broken.code] += 1
                continue
            self.transitions += 1
            reached = self._entered(node, draft, record)
            if reached is not None:
                yield reached

    def _attempts(self, ids: AbstractSet[str]) -> Sequence[Attempt]:
        """What can be tried where there are items of these ids."""
        there = frozenset(ids)
        if there not in self.tried:
            self.tried[there] = [each for each in self.world.attempts if each.after <= there]
        return self.tried[there]

    def _entered(self, node: Node, draft: Draft, record: Record) -> Node | None:
        """The state after a step, if it was not seen before."""
        changed = {name: self._number(part) for name, part in _parts(draft)}
        parts = {**node.parts, **changed}
        key = (record.time, frozenset(parts.items()))
        if key in self.seen:
            return None
        self.seen.add(key)
        number = len(self.steps)
        self.steps.append(Step(node.number, record.event, record.time))
        state = with_draft(node.state, draft, record)
        if not self._holds(state):
            self.found = number
        return Node(number, state, parts)

    def _number(self, content: Any) -> int:
        return self.contents.setdefault(content, len(self.contents))

    def _holds(self, state: Negotiation) -> bool:
        if self.invariant is None:
            return True
        try:
            held: object = self.invariant(state)
        except AssertionError:
            return False
        if held is not None and not isinstance(held, bool):
            raise InvalidStrategy(f"an invariant answers True or False, not {describe(held)}")
        return held is not False

    def _outcome(self, levels: Sequence[int], *, closed: bool) -> Exploration:
        world = self.world
        return Exploration(
            states=len(self.steps),
            transitions=self.transitions,
            levels=tuple(levels),
            partial=self._full,
            closed=closed,
            refused=dict(sorted(self.refused.items())),
            counterexample=None if self.found is None else self._way_to(self.found),
            unexercised_rules=tuple(
                code for code in world.protocol.codes if code not in self.refused
            ),
            unexercised_rows=tuple(
                row
                for row in _rows(world)
                if row not in {(n, p, e.__name__) for n, p, e in self.met}
            ),
        )

    def _way_to(self, number: int) -> Log:
        taken: list[Step] = []
        while (step := self.steps[number]) is not None:
            taken.append(step)
            number = step.before
        log = Log(NEGOTIATION)
        for step in reversed(taken):
            log = log.append(step.event, time=step.time, strict=False)
        return log


def _rows(world: World) -> Iterator[Row]:
    """The rows of the tables that the items of a world have."""
    for kind, name in _TABLES.items():
        if kind in world.kinds:
            for phase, row in LIFECYCLE[name].table.items():
                for event_class in row:
                    yield name, phase, event_class.__name__


_TABLES: Final = {
    "proposal": "proposal",
    "truce": _COMMITMENT,
    "deadline": "deadline",
    "meeting": "meeting",
    "party": "participation",
}


def _parts(draft: Draft) -> Iterator[tuple[Any, Any]]:
    """What a step has changed, by name: its content, without positions and ids of records.

    An event stands for itself: in one world, equal ones are the same object.
    """
    for name, item in draft.items.items():
        yield name, _content(item)
    for party, heard in draft.heard.items():
        yield ("heard", party), None if heard is None else heard.time
    for party, known in draft.parties.items():
        said = tuple(map(_opening, unchain(known.statements)))
        yield ("party", party), (known.role, known.name, known.withdrawn, said)
    for place, stated in draft.positions.items():
        yield ("position", place), tuple(map(_opening, unchain(stated)))


def _content(item: Any) -> Any:
    kind = type(item)
    if kind is ProposalFacts:
        return (
            *_opening(item.opened), json_key(item.terms), frozenset(item.answers.items()),
            unchain(item.countered_by), item.withdrawn,
        )  # fmt: skip
    if kind is TruceFacts:
        return (
            *_opening(item.declared), frozenset(item.commitments.items()), item.rejected_by,
            tuple(map(_opening, unchain(item.observations))),
        )  # fmt: skip
    if kind is ViolationFacts:
        return *_opening(item.claim), frozenset(item.findings.items()), item.replaced_by
    if kind is DeadlineFacts:
        return *_opening(item.set), item.due, item.earliest, item.closed
    return (
        *_opening(item.opened), item.parties, item.place, item.follows, item.outcome, item.status,
    )  # fmt: skip


def _opening(record: Record) -> tuple[datetime, int]:
    """When something was said, and what."""
    return record.time, id(record.event)
