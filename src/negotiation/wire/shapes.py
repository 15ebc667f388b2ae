"""What a field of an event may hold, told from its converter or its type.

The schema of the wire format is made of it, and so is what a spreadsheet may say in a cell.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import attrs
from attrs import frozen

from negotiation import values
from negotiation.events import maker_field
from negotiation.values import FrozenDict

Kind: TypeAlias = Literal[
    "party",
    "parties",
    "item",
    "text",
    "moment",
    "count",
    "whole",
    "number",
    "truth",
    "choice",
    "list",
    "object",
    "nested",
    "json",
]

_CONVERTERS: Final[Mapping[Callable[[Any], Any], tuple[Kind, bool]]] = {
    values.party_id: ("party", False),
    values.optional_party_id: ("party", True),
    values.party_ids: ("parties", False),
    values.optional_party_ids: ("parties", True),
    values.item_id: ("item", False),
    values.optional_item_id: ("item", True),
    values.text: ("text", False),
    values.optional_text: ("text", True),
    values.moment: ("moment", False),
    values.optional_moment: ("moment", True),
    values.optional_count: ("count", True),
    values.json_object: ("object", False),
    values.json_value: ("json", False),
}
"""What each converter of the library takes, and whether null, which stands for an absent value."""

_TYPES: Final[Mapping[Any, Kind]] = {
    str: "text",
    bool: "truth",
    int: "whole",
    float: "number",
    datetime: "moment",
    FrozenDict: "object",
    dict: "object",
    Mapping: "object",
}
_LISTS: Final = (list, tuple, set, frozenset, Sequence, Iterable)


@frozen
class Shape:
    """What a field may hold.

    Attributes:
        kind: what it is.
        null: whether null may stand there, which is an absent value.
        choices: the words of which it is one, of a `choice`.
        items: what each item of a `list` is.
        cls: the class of a `nested` value.
    """

    kind: Kind
    null: bool = False
    choices: tuple[str, ...] = ()
    items: Shape | None = None
    cls: type[Any] | None = None


_ANYTHING: Final = Shape("json", null=True)


@frozen
class Field:
    """A field of an event.

    Attributes:
        name: its name.
        shape: what it may hold.
        required: whether it must be there.
    """

    name: str
    shape: Shape
    required: bool


def fields_of(cls: type[Any]) -> tuple[Field, ...]:
    """The fields of an event class that are read and written, in their order."""
    hints = _hints(cls)
    return tuple(
        Field(
            each.name,
            _shape(each.converter, hints.get(each.name, Any), each.name == maker_field(cls)),
            each.default is attrs.NOTHING,
        )
        for each in attrs.fields(cls)
        if each.init
    )


def _hints(cls: type[Any]) -> Mapping[str, Any]:
    """The types of the fields of a class, as far as they can be told."""
    try:
        return typing.get_type_hints(cls)
    except (NameError, TypeError, AttributeError):  # a type that only type checkers can see
        return {each.name: each.type for each in attrs.fields(cls)}


def _shape(converter: Any, hint: Any, is_maker: bool) -> Shape:
    if converter in _CONVERTERS:
        kind, null = _CONVERTERS[converter]
        return Shape(kind, null)
    shape = _typed(hint)
    return Shape("party", shape.null) if is_maker else shape


def _typed(hint: Any) -> Shape:
    """What a type takes; any JSON value where it does not tell."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        others = [each for each in arguments if each is not type(None)]
        if len(others) == 1:
            return attrs.evolve(_typed(others[0]), null=len(others) < len(arguments))
    elif origin is Literal and all(type(each) is str for each in arguments):
        return Shape("choice", choices=arguments)
    elif origin in _LISTS and (origin is not tuple or arguments[1:] == (...,)):
        return Shape("list", items=_typed(arguments[0]) if arguments else _ANYTHING)
    elif hint in _LISTS:
        return Shape("list", items=_ANYTHING)
    elif (origin or hint) in _TYPES:
        return Shape(_TYPES[origin or hint])
    elif isinstance(hint, type) and attrs.has(hint):
        return Shape("nested", cls=hint)
    return _ANYTHING
