"""A model: which events are known, how old data is lifted, and what extensions fold beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Final

import attrs
from attrs import field, frozen

from negotiation.errors import InvalidModel
from negotiation.events import EVENTS, UnknownEvent, wire_name
from negotiation.records import Record

NAMESPACE: Final = "negotiation"
_WIRE_TYPE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_VERSIONED = re.compile(r"(?P<name>.+)\.v(?P<version>[1-9][0-9]{0,8}|0)")


def qualified(name: str) -> str:
    """A wire type without its version; a bare name stands in the library's own namespace."""
    return name if "." in name else f"{NAMESPACE}.{name}"


def versioned(wire_type: str) -> tuple[str, int] | None:
    """The name and the version of a full wire type, such as `negotiation.truce-joined.v1`."""
    found = _VERSIONED.fullmatch(wire_type)
    return None if found is None else (found["name"], int(found["version"]))


@frozen
class Extension:
    """An event type of a user's own, and what is folded from it.

    Attributes:
        name: the key under which the result stands in `state.slices`.
        wire_type: its CloudEvents type without a version: `price-quoted` stands for
            `negotiation.price-quoted`, a dotted name such as `org.example.price-quoted` for itself.
        event_class: an attrs class, best made with `negotiation.event`. Its `by`, if it has one, is
            its maker.
        initial: the slice before the first such event.
        reduce: (slice, record) → slice; pure, called for the records of this event.
        version: the schema version that is written and read.
    """

    name: str
    wire_type: str
    event_class: type[Any]
    initial: Any
    reduce: Callable[[Any, Record], Any]
    version: int = 1


@frozen
class Upcaster:
    """Lifts the data of one version of a wire type to the next version.

    Attributes:
        wire_type: the type without its version, as for an `Extension`.
        version: the version that it lifts; the result is of version + 1.
        lift: old data → new data, both plain JSON objects; pure.
    """

    wire_type: str
    version: int
    lift: Callable[[dict[str, Any]], Mapping[str, Any]]


@frozen
class Model:
    """The events that a log may hold and what is made of them. `Model.default` is the library's.

    A model is a value: `extended` and `lifting` return another one, and nothing is registered
    anywhere. Every function that needs a model takes it as `model=`.

    Attributes:
        extensions: the event types beside the library's own.
        upcasters: what lifts the data of older versions.
    """

    default: ClassVar[Model]

    extensions: tuple[Extension, ...] = ()
    upcasters: tuple[Upcaster, ...] = field(default=(), repr=False)

    def extended(self, *extensions: Extension) -> Model:
        """This model with further event types.

        Raises:
            InvalidModel: a name, a wire type or an event class is taken or malformed.
        """
        for index, extension in enumerate(extensions):
            before = (*self.extensions, *extensions[:index])
            if not extension.name or not _WIRE_TYPE.fullmatch(extension.wire_type):
                raise InvalidModel(
                    f"extension {extension.name!r}: needs a name and a wire type of a-z, 0-9, "
                    f"hyphens and dots without its version, such as 'price-quoted'; not "
                    f"{extension.wire_type!r}"
                )
            if type(extension.version) is not int or not 0 <= extension.version < 10**9:
                raise InvalidModel(
                    f"extension {extension.name!r}: its version must be a whole number from 0 to "
                    f"{10**9 - 1}, not {extension.version!r}"
                )
            if extension.name in {other.name for other in before}:
                raise InvalidModel(f"two extensions are named {extension.name!r}; name one anew")
            if not attrs.has(extension.event_class):
                raise InvalidModel(
                    f"extension {extension.name!r}: {extension.event_class!r} is no attrs class; "
                    "make it one with @negotiation.event"
                )
            classes = {*EVENTS, UnknownEvent, *(other.event_class for other in before)}
            types = {
                *(qualified(wire_name(cls)) for cls in EVENTS),
                *(qualified(other.wire_type) for other in before),
            }
            if extension.event_class in classes or qualified(extension.wire_type) in types:
                raise InvalidModel(
                    f"extension {extension.name!r}: the event class "
                    f"{extension.event_class.__name__} or the wire type {extension.wire_type!r} "
                    "is taken; each stands for one event"
                )
        return attrs.evolve(self, extensions=(*self.extensions, *extensions))

    def lifting(self, *upcasters: Upcaster) -> Model:
        """This model with further upcasters.

        Raises:
            InvalidModel: two lift the same version of a type.
        """
        every = (*self.upcasters, *upcasters)
        keys = [(qualified(each.wire_type), each.version) for each in every]
        for key in keys:
            if keys.count(key) > 1:
                raise InvalidModel(f"two upcasters lift version {key[1]} of {key[0]!r}; keep one")
        return attrs.evolve(self, upcasters=every)

    @cached_property
    def types(self) -> Mapping[str, tuple[int, type[Any]]]:
        """Wire type without version → the version that is current, and its event class."""
        own = {qualified(wire_name(cls)): (1, cls) for cls in EVENTS}
        return own | {
            qualified(each.wire_type): (each.version, each.event_class) for each in self.extensions
        }

    @cached_property
    def wire_types(self) -> Mapping[type[Any], str]:
        """Event class → the full wire type under which it is written."""
        return {cls: f"{name}.v{version}" for name, (version, cls) in self.types.items()}

    @cached_property
    def lifts(self) -> Mapping[tuple[str, int], Callable[[dict[str, Any]], Mapping[str, Any]]]:
        """(wire type, version) → what lifts it to the next version."""
        return {(qualified(each.wire_type), each.version): each.lift for each in self.upcasters}


Model.default = Model()
