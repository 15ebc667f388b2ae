"""Which events random histories hold: the library's own, and those of a model's extensions.

Events of an extension are made by what their class says of its fields: by the converter where it
is one of the library's, by the type otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, NewType, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen
from hypothesis import reject
from hypothesis.strategies import SearchStrategy

from negotiation.errors import InvalidModel, NegotiationError
from negotiation.events import (
    EVENTS,
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
)
from negotiation.model import Model
from negotiation.testing.universe import BUILDS, Build, Chance, scattered
from negotiation.values import (
    FrozenDict,
    item_id,
    json_object,
    json_value,
    moment,
    optional_count,
    optional_item_id,
    optional_moment,
    optional_party_id,
    optional_party_ids,
    optional_text,
    party_id,
    party_ids,
    text,
)

# What a log is about

_PROPOSALS: Final = (
    *(ProposalMade,) * 2,
    ProposalClarified,
    *(ProposalAccepted,) * 4,
    *(ProposalRejected,) * 3,
    ProposalWithdrawn,
)
_TRUCES: Final = (
    *(TruceDeclared,) * 2,
    *(TruceJoined,) * 2,
    TruceRejected,
    TruceExtended,
    *(TruceEnded,) * 2,
)
_CLAIMS: Final = (*(TruceViolated,) * 3, TruceObserved, ViolationAssessed)
_DEADLINES: Final = (*(DeadlineSet,) * 2, *(DeadlineMoved,) * 2, DeadlineMet, DeadlineLifted)
_MEETINGS: Final = (*(MeetingScheduled,) * 2, MeetingHeld, MeetingCancelled)
_PARTIES: Final = (PartyJoined, *(PartyWithdrew,) * 2, PositionStated, StatementMade)

THEMES: Final[tuple[tuple[type[Any], ...], ...]] = (
    (StatementMade, *(cls for cls in EVENTS if cls not in (StatementMade, EventRetracted))),
    _PROPOSALS,
    _TRUCES,
    (*_TRUCES, *_CLAIMS, *_CLAIMS),
    _DEADLINES,
    (*_MEETINGS, *_PARTIES),
)
"""What a log is about: with fewer kinds of event its items go further in their lifecycles."""


@frozen
class Kinds:
    """The events that random histories hold.

    Attributes:
        model: the model that knows them.
        given: event class → the caller's own strategy for its events.
        builds: event class → what makes one of them otherwise.
        themes: what a history may be about.
    """

    model: Model
    given: Mapping[type[Any], SearchStrategy[Any]]
    builds: Mapping[type[Any], Build]
    themes: tuple[tuple[type[Any], ...], ...]

    @property
    def everything(self) -> tuple[type[Any], ...]:
        """The widest theme."""
        return self.themes[1 if self.model.extensions else 0]

    def every_class(self) -> tuple[type[Any], ...]:
        """All kinds of event that the model knows."""
        return (*EVENTS, *(each.event_class for each in self.model.extensions))


def kinds_of(
    model: Model = Model.default, events: Mapping[type[Any], SearchStrategy[Any]] | None = None
) -> Kinds:
    """The events that histories of a model hold; of those of extensions about one in three is.

    Args:
        model: the model.
        events: event class → the strategy that draws its events, in place of the usual one.

    Raises:
        InvalidModel: `events` names a class that is not of the model, or nothing is known of what
            a field of an extension's event may hold.
    """
    given = dict(events or {})
    further = tuple(each.event_class for each in model.extensions)
    for cls in given:
        if cls not in EVENTS and cls not in further:
            name = getattr(cls, "__name__", repr(cls))
            raise InvalidModel(f"events: {name} is no event of the model; extend the model with it")
    builds = {cls: build for cls, build in BUILDS.items() if cls not in given}
    builds |= {cls: building(cls) for cls in further if cls not in given}
    if not further:
        return Kinds(model, given, builds, THEMES)
    themes = (
        further,
        *((*theme, *further * (1 + len(theme) // len(further) // 2)) for theme in THEMES),
    )
    return Kinds(model, given, builds, themes)


# What an extension's event says of its fields

_REFUSALS: Final = (NegotiationError, ValueError, TypeError)
_TRIES: Final = 50


def _optional(make: Build) -> Build:
    """Now and then, what is made."""
    return lambda c: make(c) if c.how.maybe() else None


_BY_CONVERTER: Final[Mapping[Any, Build]] = {
    party_id: Chance.party,
    optional_party_id: _optional(Chance.party),
    party_ids: Chance.parties,
    optional_party_ids: _optional(Chance.parties),
    item_id: Chance.any_item,
    optional_item_id: _optional(Chance.any_item),
    text: Chance.text,
    optional_text: Chance.note,
    moment: Chance.instant,
    optional_moment: Chance.later,
    optional_count: lambda c: abs(c.how.one(c.words.numbers)) if c.how.maybe() else None,
    json_object: Chance.terms,
    json_value: Chance.value,
}

_BY_TYPE: Final[Mapping[Any, Build]] = {
    str: Chance.text,
    int: lambda c: c.how.one(c.words.numbers),
    float: lambda c: c.how.one(c.words.numbers) / 2,
    bool: lambda c: c.how.below(2) == 1,
    NoneType: lambda _: None,
    datetime: Chance.instant,
    FrozenDict: Chance.terms,
    Any: Chance.value,
    object: Chance.value,
}


def building(cls: type[Any]) -> Build:
    """What makes random events of an extension's class.

    Raises:
        InvalidModel: nothing is known of what a field may hold, or the class refuses all of it.
    """
    make = _making(cls)

    def build(chance: Chance) -> Any:
        number = chance.number
        for _ in range(_TRIES):
            try:
                return make(chance.in_a_row(number))
            except _REFUSALS:
                number = scattered(number)
        return reject()

    refused: Exception | None = None
    number = 0
    for _ in range(_TRIES):
        try:
            make(Chance.of((0, 0, 0)).in_a_row(number))
        except _REFUSALS as error:
            refused, number = error, scattered(number)
        else:
            return build
    raise InvalidModel(
        f"{cls.__name__} refuses whatever is made by the types of its fields ({refused}); give "
        f"events={{{cls.__name__}: a strategy}}"
    )


def _making(cls: type[Any]) -> Build:
    """The same, not tried."""
    try:
        hints = get_type_hints(cls)
    except NameError as error:
        raise InvalidModel(
            f"{cls.__name__}: the types of its fields cannot be read ({error}); give "
            f"events={{{cls.__name__}: a strategy}}"
        ) from None
    fields: dict[str, Build] = {}
    for field in attrs.fields(cls):
        if field.init:
            found = _by_name(field, hints.get(field.name, Any))
            if found is None:
                raise InvalidModel(
                    f"{cls.__name__}.{field.name}: nothing is known of how to draw "
                    f"{hints[field.name]!r}; give events={{{cls.__name__}: a strategy}}"
                )
            fields[field.alias] = found
    return lambda chance: cls(**{name: make(chance) for name, make in fields.items()})


def _by_name(field: attrs.Attribute[Any], hint: Any) -> Build | None:
    """What makes the values of a field."""
    if (known := _BY_CONVERTER.get(field.converter)) is not None:
        return known
    if field.name == "by":
        return _optional(Chance.party) if NoneType in get_args(hint) else Chance.party
    if field.name in ITEM_FIELDS and str in (hint, *get_args(hint)):
        return _optional(Chance.any_item) if NoneType in get_args(hint) else Chance.any_item
    return _by_type(hint)


def _by_type(hint: Any) -> Build | None:
    """What makes values of a type; None where nothing is known of it."""
    if isinstance(hint, NewType):
        return _by_type(hint.__supertype__)
    if (known := _BY_TYPE.get(hint)) is not None:
        return known
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return lambda c: c.how.one(args)
    if origin in (Union, UnionType):
        return _union(args)
    if origin is tuple or origin is frozenset:
        return _several(origin, args)
    if origin is not None and issubclass(origin, Mapping):
        return Chance.terms
    if isinstance(hint, type) and issubclass(hint, Enum):
        members = tuple(hint)
        return lambda c: c.how.one(members)
    return _making(hint) if isinstance(hint, type) and attrs.has(hint) else None


def _union(args: tuple[Any, ...]) -> Build | None:
    """What makes values of one of these types; None among them stands for most of them."""
    makes = [make for each in args if each is not NoneType and (make := _by_type(each))]
    if len(makes) < len([each for each in args if each is not NoneType]):
        return None
    one = makes[0] if len(makes) == 1 else lambda c: c.how.one(makes)(c)
    return _optional(one) if NoneType in args else one


def _several(kind: type[Any], args: tuple[Any, ...]) -> Build | None:
    """What makes tuples or frozen sets."""
    alike = kind is frozenset or args[-1:] == (Ellipsis,)
    makes = [_by_type(each) for each in (args[:1] if alike else args)]
    if any(make is None for make in makes):
        return None
    if alike:
        return lambda c: kind(makes[0](c) for _ in range(c.how.below(3)))  # type: ignore[misc]  # asked above
    return lambda c: tuple(make(c) for make in makes)  # type: ignore[misc]  # asked above


# What events name

ITEM_FIELDS: Final = (
    "proposal", "counters", "truce", "under", "violation", "replaces", "deadline", "about",
    "meeting", "follows",
)  # fmt: skip
"""The fields that hold the id of an item."""


def item_fields(cls: type[Any]) -> tuple[str, ...]:
    """The fields of an event class that hold the id of an item.

    In an extension's event, a field with the name of one of the library's does, and so does one
    whose converter says so.
    """
    if (own := _ITEM_FIELDS.get(cls)) is not None:
        return own
    return tuple(
        a.name
        for a in attrs.fields(cls)
        if a.name in ITEM_FIELDS or a.converter in (item_id, optional_item_id)
    )


_ITEM_FIELDS: Final[Mapping[type[Any], tuple[str, ...]]] = {
    cls: tuple(a.name for a in attrs.fields(cls) if a.name in ITEM_FIELDS)
    for cls in (*EVENTS, UnknownEvent)
}
