"""What a party may do now: the events that the lifecycles and a protocol allow it, as templates.

A template settles what decides whether the event is legal and leaves the rest open. Nothing is
decided here: each template stands because an event made from it was folded and broke no rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from itertools import combinations, product
from math import prod
from operator import attrgetter
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import attrs
from attrs import define, field, frozen

from negotiation.errors import InvalidEvent, InvalidParty, OutOfRange
from negotiation.events import (
    EVENTS,
    AnyEvent,
    EventRetracted,
    MeetingHeld,
    PositionStated,
    ProposalMade,
    TruceJoined,
    maker_field,
    party_fields,
)
from negotiation.facts import (
    DeadlineFacts,
    ItemFacts,
    MeetingFacts,
    PartyFacts,
    ProposalFacts,
    TruceFacts,
    ViolationFacts,
)
from negotiation.fold import Handlers, first_problem, handlers_of
from negotiation.knowledge import instant
from negotiation.model import Model
from negotiation.records import FIELDS, checked_record, fold_order
from negotiation.reducers import REACTIONS, Reaction
from negotiation.rules import OPEN, Protocol, a_protocol
from negotiation.state import Negotiation, a_state
from negotiation.values import (
    EARLIEST,
    LATEST,
    Refused,
    describe,
    item_id,
    json_object,
    json_value,
    party_id,
    text,
)


@frozen
class Template:
    """An event that a party may make: what is settled of it, and what is left to choose.

    Fields that stand in none of the three are optional and may hold anything.

    Attributes:
        event: the class of the event.
        given: the fields that are settled, and their values; None where a field must stay absent.
        choices: the fields of which one of these values must be chosen.
        open: the fields that may hold anything of their kind, each with suggestions. The id of a
            new item may be any that no item has.
    """

    event: type[Any]
    given: Mapping[str, Any] = field(hash=False)
    choices: Mapping[str, tuple[Any, ...]] = field(factory=dict, hash=False)
    open: Mapping[str, tuple[Any, ...]] = field(factory=dict, hash=False)

    def build(self, **fields: Any) -> Any:
        """An event made from this template.

        Args:
            fields: values for what is not settled; the first choice and the first suggestion
                stand for what is not said.

        Returns:
            An event of the template's class.

        Raises:
            InvalidEvent: a value is wrong for its field, or is not one that is allowed.
        """
        first = {name: values[0] for name, values in (*self.open.items(), *self.choices.items())}
        made = self.event(**{**first, **self.given, **fields})
        for name in (*self.given, *self.choices):  # one field may also settle another
            allowed = (self.given[name],) if name in self.given else self.choices[name]
            if (value := getattr(made, name)) not in allowed:
                raise InvalidEvent(
                    self.event.__name__,
                    name,
                    f"must be {_either(allowed)} here, not {_shown(value)}",
                )
        return made

    def __str__(self) -> str:
        words = [f"{name}={value!r}" for name, value in self.given.items() if value is not None]
        words += [f"{name}={_shortly(values)}" for name, values in self.choices.items()]
        words += [f"{name}=…" for name in self.open]
        return f"{self.event.__name__}({', '.join(words)})"


def _shortly(values: tuple[Any, ...], most: int = 3) -> str:
    return _either(values) if len(values) <= most else "…"


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, tuple) else describe(value)


def _either(values: tuple[Any, ...]) -> str:
    return " or ".join("nothing" if value is None else repr(value) for value in values)


def legal_events(
    state: Negotiation,
    protocol: Protocol = OPEN,
    party: str | None = None,
    *,
    at: datetime | None = None,
    parties: Iterable[str] = (),
    model: Model = Model.default,
) -> tuple[Template, ...]:
    """What a party may do now.

    Every event that is built from one of these templates breaks no rule at that moment, and every
    event of the party's that breaks none and names only parties that are known can be built from
    one, but for these: a party joins a truce from a `starts` that it names itself, and fields that
    a rule of the protocol reads hold one of the suggestions, or nothing where they are optional.
    Retractions, which are about the log, and the events of extensions, of which only their makers
    know what may stand in them, are not among them.

    Args:
        state: the state now.
        protocol: the rules beside the lifecycles.
        party: whose events; None for everybody whom the state or `parties` names.
        at: the moment at which it would act (default: the moment of the state).
        parties: parties that may be named beside those that the state names.
        model: the model with which the state was made.

    Raises:
        OutOfRange: `at` lies before what happened last.
        InvalidTime: `at` has no time zone.
        InvalidParty: a party's id cannot be one.
        InvalidProtocol: `protocol` is none.
        InvalidState: `state` is none.
        RuleFailed: the function of a rule raised.
    """
    asking = Asking.of(state, protocol, at=at, parties=parties, model=model)
    acting = asking.parties if party is None else (_party(party),)
    return tuple(
        template
        for each in acting
        for event_class in OWN_MOVES
        for template in asking.templates(event_class, each)
    )


OWN_MOVES: Final = tuple(each for each in EVENTS if each is not EventRetracted)
"""The events that a party may make in a negotiation; a retraction is about the log."""


ITEM_FIELDS: Final = frozenset(
    each.key for each in REACTIONS.values() if each.kind is not PartyFacts
)
"""The fields by which events name the item that they are about."""


@frozen
class Shape:
    """What of an event class its templates are made from; worked out once for each class.

    Attributes:
        maker: the field that names the maker, if there is one.
        item: the field that names the item, if it is about one.
        kind: the facts that the item has.
        opens: whether it brings the item into being.
        amends: whether it changes an item that is there.
        links: the other items that it names: field → the facts that these have.
        literals: field → the words that may stand there.
        required: the fields that must be given, in their order.
    """

    maker: str | None
    item: str | None
    kind: type[Any] | None
    opens: bool
    amends: bool
    links: Mapping[str, type[Any]]
    literals: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]


def _shape(event_class: type[Any]) -> Shape:
    fields: Mapping[str, Any] = attrs.fields_dict(event_class)
    hints = get_type_hints(event_class)
    reaction: Reaction | None = REACTIONS.get(event_class)
    about_item = reaction is not None and reaction.kind is not PartyFacts
    return Shape(
        maker=maker_field(event_class),
        item=reaction.key if reaction is not None and about_item else None,
        kind=reaction.kind if reaction is not None and about_item else None,
        opens=reaction is not None and reaction.opens is not None,
        amends=reaction is not None and bool(reaction.changes),
        links={} if reaction is None else {each.key: each.kind for each in reaction.links},
        literals={
            name: get_args(hint) for name, hint in hints.items() if get_origin(hint) is Literal
        },
        required=tuple(name for name, each in fields.items() if each.default is attrs.NOTHING),
    )


SHAPES: Final[Mapping[type[Any], Shape]] = {each: _shape(each) for each in OWN_MOVES}
"""Of each event that a party may make, its shape."""

NOTHING_MORE: Final = ((None,) * (len(FIELDS) - 7)) + ((),)
"""The optional fields of a record that says nothing but its event."""


@define
class Asking:
    """A question: what may be done in one state, at one moment, under one protocol.

    Attributes:
        state: the state.
        protocol: the rules beside the lifecycles.
        handlers: what carries events out.
        at: the moment at which a party would act.
        parties: the parties that may be named, sorted.
    """

    state: Negotiation
    protocol: Protocol
    handlers: Handlers
    at: datetime
    parties: tuple[str, ...]

    @classmethod
    def of(
        cls,
        state: Negotiation,
        protocol: Protocol = OPEN,
        *,
        at: datetime | None = None,
        parties: Iterable[str] = (),
        model: Model = Model.default,
    ) -> Asking:
        """The question with what is not said filled in; arguments are those of `legal_events`."""
        at = instant(at, "at") or a_state(state).as_of or EARLIEST
        if state.time is not None and at < state.time:
            raise OutOfRange(
                f"at must not lie before {state.time.isoformat()}, when something happened last; "
                f"it is {at.isoformat()}"
            )
        if isinstance(parties, str) or not isinstance(parties, Iterable):
            raise InvalidParty(f"parties must be a list of ids, not {describe(parties)}")
        known = {*state.facts.heard, *map(_party, parties)}
        return cls(state, a_protocol(protocol), handlers_of(model), at, tuple(sorted(known)))

    def verdict(self, event: AnyEvent) -> Any:
        """What an event breaks, as `first_problem` says it."""
        record = checked_record(
            "next",
            self.state.id or "talks",
            self.state.position + 1,
            self.at,
            event,
            self.at,
            *NOTHING_MORE,
        )
        return first_problem(self.state, record, self.protocol, self.handlers)

    def templates(self, event_class: type[Any], party: str) -> Iterator[Template]:
        """The templates of one class of event for one party."""
        if not self.protocol.admits(event_class):
            return
        shape = SHAPES[event_class]
        links = {
            name: self.ids(kind) if name in shape.required else (None, *self.ids(kind))
            for name, kind in shape.links.items()
        }
        for begun in self.begun(event_class, party):
            if (template := self.filled(begun, party, links)) is not None:
                yield from self.narrowed(template, shape)

    def begun(self, event_class: type[Any], party: str) -> Iterator[Template]:
        """Templates with what is settled first: who makes the event, and about which item."""
        shape = SHAPES[event_class]
        made_by = {} if shape.maker is None else {shape.maker: party}
        if shape.item is None or shape.kind is None:
            if event_class is PositionStated:  # whose maker is the one who says so, if given
                yield Template(event_class, {**made_by, "attributed_by": None})
                yield Template(event_class, {"attributed_by": party})
            else:
                yield Template(event_class, made_by)
            return
        if shape.opens:
            yield Template(event_class, made_by, {}, {shape.item: (self.free_id(shape.item),)})
        if shape.amends:
            for id in self.ids(shape.kind):
                yield Template(event_class, {shape.item: id, **made_by})

    def filled(
        self, template: Template, party: str, links: Mapping[str, tuple[Any, ...]]
    ) -> Template | None:
        """The template with every field that must be given; None if one has nothing to choose.

        Args:
            template: what is settled.
            party: who acts.
            links: the fields that name other items, and the ids that may stand there.
        """
        event_class, choices, opened = template.event, {**links}, {**template.open}
        shape = SHAPES[event_class]
        for name in shape.required:
            if name in template.given or name in opened or name in choices:
                continue
            if name in shape.literals:
                choices[name] = shape.literals[name]
            else:
                opened[name] = self.suggested(event_class, name, party)
        if not all(choices.values()) or not all(opened.values()):
            return None
        return Template(event_class, template.given, choices, opened)

    def narrowed(self, template: Template, shape: Shape) -> Iterator[Template]:
        """The template with no more in the fields that decide than what breaks no rule."""
        reads = {*shape.links, *self.protocol.reads(template.event)}
        if template.event is TruceJoined:
            reads.add("starts")  # by which joining may come too late
        if shape.opens:
            reads.discard(shape.item or "")  # any id that is free
        deciding: dict[str, tuple[Any, ...]] = {
            name: template.choices.get(name) or template.open.get(name, (None,))
            for name in sorted(reads.difference(template.given))
        }
        allowed = [
            values
            for values in product(*deciding.values())
            if self.verdict(template.build(**dict(zip(deciding, values, strict=True)))) is None
        ]
        if not allowed:
            return
        left = {
            name: tuple(dict.fromkeys(values))
            for name, values in zip(deciding, zip(*allowed, strict=True), strict=True)
        }
        apart = {name: values for name, values in template.open.items() if name not in reads}
        if len(allowed) == prod(map(len, left.values())):
            yield _settled(template, left, apart)
        else:
            for values in allowed:
                each = {name: (value,) for name, value in zip(deciding, values, strict=True)}
                yield _settled(template, each, apart)

    def ids(self, kind: type[ItemFacts]) -> tuple[str, ...]:
        """The ids of the items of a kind, in the order in which they came into being."""
        return self._by_kind.get(kind, ())

    @cached_property
    def _by_kind(self) -> Mapping[type[Any], tuple[str, ...]]:
        found: defaultdict[type[Any], list[tuple[Any, str]]] = defaultdict(list)
        for id, item in self.state.facts.items.items():
            found[type(item)].append((fold_order(_OPENED[type(item)](item)), id))
        return {kind: tuple(id for _, id in sorted(each)) for kind, each in found.items()}

    def free_id(self, item: str) -> str:
        """An id that no item has, after the field that names such an item: p1, p2, t1 and so on."""
        number, items = 1, self.state.facts.items
        while f"{item[0]}{number}" in items:
            number += 1
        return f"{item[0]}{number}"

    def suggested(self, event_class: type[Any], name: str, party: str) -> tuple[Any, ...]:
        """What may stand in a field that must be given, the simplest first."""
        one, many = party_fields(event_class)
        others = tuple(each for each in self.parties if each != party)
        if name in many:
            if event_class is ProposalMade:
                return groups(others, self._tables(party))
            if event_class is MeetingHeld:
                return tuple((party, *group) for group in ((), *groups(others)))
            return groups((*others, party))
        if name in one:
            return (*others, party)
        return suggestions(event_class, name) or (
            _later(self.at, hours=1),
            _later(self.at, days=30),
        )

    def _tables(self, party: str) -> Iterator[tuple[str, ...]]:
        """Who else was at the tables at which offers were made to a party, or by it."""
        for id in self.ids(ProposalFacts):
            offer: Any = self.state.facts.items[id].opened.event  # type: ignore[union-attr]  # a proposal
            if party in (offer.by, *offer.to):
                yield tuple(each for each in (offer.by, *offer.to) if each != party)


def suggestions(event_class: type[Any], name: str) -> tuple[Any, ...]:
    """Simple values for a field that must be given and names no party; none for a moment."""
    converter: Any = attrs.fields_dict(event_class)[name].converter
    return _SUGGESTED.get(converter, ())


def _settled(
    template: Template,
    deciding: Mapping[str, tuple[Any, ...]],
    apart: Mapping[str, tuple[Any, ...]],
) -> Template:
    """A template whose deciding fields are down to these values."""
    given = {name: values[0] for name, values in deciding.items() if len(values) == 1}
    choices = {name: values for name, values in deciding.items() if len(values) > 1}
    free = {name: values for name, values in template.choices.items() if name not in deciding}
    return Template(template.event, {**template.given, **given}, {**free, **choices}, apart)


def groups(
    parties: tuple[str, ...], met: Iterable[tuple[str, ...]] = ()
) -> tuple[tuple[str, ...], ...]:
    """Groups of parties: of few all there are; of many each alone, all, and those that `met`."""
    if len(parties) <= MANY_PARTIES:
        sizes = range(1, len(parties) + 1)
        return tuple(group for size in sizes for group in combinations(parties, size))
    return tuple(dict.fromkeys((*((each,) for each in parties), parties, *met)))


MANY_PARTIES: Final = 4
"""Of up to so many parties every group is suggested."""


def _later(at: datetime, **by: float) -> datetime:
    return at + timedelta(**by) if at < LATEST - timedelta(**by) else LATEST


def _party(value: str) -> str:
    try:
        return party_id(value)
    except Refused as refused:
        raise InvalidParty(f"party {refused}") from None


_OPENED: Final[Mapping[type[Any], Any]] = {
    ProposalFacts: attrgetter("opened"),
    TruceFacts: attrgetter("declared"),
    ViolationFacts: attrgetter("claim"),
    DeadlineFacts: attrgetter("set"),
    MeetingFacts: attrgetter("opened"),
}
"""Kind of item → what reads off its facts the record that brought it into being."""


_SUGGESTED: Final[Mapping[Any, tuple[Any, ...]]] = {
    text: ("…",),
    item_id: ("terms",),
    json_object: ({},),
    json_value: (None,),
}
"""By the converter of a field: what to suggest for it."""
