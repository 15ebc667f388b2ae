"""The data of an event: a JSON object to an event class and back, by cattrs.

Fields without a converter of ours (an extension may have them) are structured by cattrs after
their types, strictly: nothing is coerced.
"""

from __future__ import annotations

import re
import typing
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
    Set,
)
from datetime import datetime
from functools import partial
from itertools import repeat
from typing import Any, Final

import attrs
import cattrs
from cattrs.errors import AttributeValidationNote, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from negotiation.errors import DecodeError, EncodeError, InvalidEvent, nearest
from negotiation.events import EVENTS, TruceViolated
from negotiation.values import (
    FrozenDict,
    Refused,
    describe,
    freeze,
    json_object,
    moment,
    optional_moment,
    thaw,
)
from negotiation.wire.shapes import fields_of
from negotiation.wire.times import parse_time, time_text

_INDEX: Final = re.compile(r"((?:\[[^\]]*\])+) (.*)", re.DOTALL)

_LISTS: Final[Mapping[Any, Callable[[list[Any]], Any]]] = {
    **dict.fromkeys((list, MutableSequence), list),
    **dict.fromkeys((tuple, Sequence, Iterable, Collection), tuple),
    **dict.fromkeys((set, MutableSet), set),
    **dict.fromkeys((frozenset, Set), frozenset),
}
"""The types whose values are lists on the wire, and what makes them of a list."""

_PLAIN_LISTS: Final = (list, tuple)  # asked first: asking for a Collection takes longer
_OBJECTS: Final = (dict, Mapping, MutableMapping)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(
        forbid_extra_keys=True,
        prefer_attrib_converters=True,
        unstruct_collection_overrides={Set: _in_order, tuple: list},
    )
    converter.register_structure_hook(datetime, lambda value, _: parse_time(value))
    converter.register_structure_hook(FrozenDict, lambda value, _: json_object(value))
    for kind in (str, int, float, bool):
        converter.register_structure_hook(kind, _strictly(kind))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _structuring(cls, converter))
    converter.register_structure_hook_factory(
        lambda kind: _plain(kind) in _LISTS, lambda kind: _list_structuring(kind, converter)
    )
    converter.register_structure_hook_factory(
        lambda kind: _plain(kind) in _OBJECTS, lambda kind: _object_structuring(kind, converter)
    )
    converter.register_unstructure_hook(datetime, time_text)
    converter.register_unstructure_hook(FrozenDict, thaw)
    converter.register_unstructure_hook(tuple, thaw)
    converter.register_unstructure_hook_factory(
        lambda kind: _plain(kind) in (Sequence, Iterable, Collection),
        lambda kind: converter.gen_unstructure_iterable(kind, unstructure_to=list),
    )
    converter.register_unstructure_hook_factory(
        attrs.has,
        lambda cls: make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=True),
    )
    return converter


def _strictly(kind: type[Any]) -> Callable[[Any, Any], Any]:
    allowed = (int, float) if kind is float else (kind,)

    def structure(value: Any, _: Any) -> Any:
        if type(value) not in allowed:
            raise Refused(f"must be of type {kind.__name__}, not {describe(value)}")
        return value

    return structure


def _plain(kind: Any) -> Any:
    """A type without its arguments."""
    return typing.get_origin(kind) or kind


def _list_structuring(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """What reads a list: of one type of item, or of an item of each of several types."""
    build, arguments = _LISTS[_plain(kind)], typing.get_args(kind)
    fixed = _plain(kind) is tuple and arguments != () and arguments[1:] != (...,)

    def structure(value: Any, _: Any) -> Any:
        _check_list(value)
        if fixed and len(value) != len(arguments):
            raise Refused(f"must be a list of {len(arguments)}, not of {len(value)}")
        types = arguments if fixed else repeat(arguments[0] if arguments else Any)
        items = enumerate(zip(value, types, strict=False))
        return build([_item(converter, index, *each) for index, each in items])

    return structure


def _check_list(value: Any) -> None:
    if type(value) in _PLAIN_LISTS:
        return
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Collection):
        raise Refused(f"must be a list, not {describe(value)}")


def _object_structuring(kind: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    of_names, of_members = typing.get_args(kind) or (Any, Any)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise Refused(f"must be a JSON object, not {describe(value)}")
        return {
            _item(converter, name, name, of_names): _item(converter, name, member, of_members)
            for name, member in value.items()
        }

    return structure


def _item(converter: cattrs.Converter, index: Any, item: Any, kind: Any) -> Any:
    """An item of a list, or of an object, structured; what is wrong with it has its index."""
    try:
        return converter.structure(item, kind)
    except Exception as error:  # noqa: BLE001  # whatever cattrs or an extension raises
        error.add_note(IterableValidationNote("", index, kind))
        raise cattrs.IterableValidationError("", [error], kind) from None


def _in_order(items: Iterable[Any]) -> list[Any]:
    """The items of a set, in an order that is always the same."""
    found = list(items)
    try:
        return sorted(found)
    except TypeError:  # of several types, or of one that has no order
        return sorted(found, key=repr)


def time_fields(cls: type[Any]) -> tuple[str, ...]:
    """The fields of an event class that hold moments."""
    converters = (moment, optional_moment)
    return tuple(a.name for a in attrs.fields(cls) if a.converter in converters)


def _structuring(cls: type[Any], converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    hooks: dict[str, Any] = {
        name: override(struct_hook=_optional_time) for name in time_fields(cls)
    }
    for name in _list_fields(cls):
        if attrs.fields_dict(cls)[name].converter is not None:
            hooks[name] = override(struct_hook=_optional_list)
    return make_dict_structure_fn(cls, converter, **hooks)


def _list_fields(cls: type[Any]) -> tuple[str, ...]:
    """The fields of a class of an extension that hold lists."""
    return tuple(field.name for field in fields_of(cls) if field.shape.kind == "list")


def _optional_list(value: Any, _: Any = None) -> Any:
    """A list that a field of an extension is given, or None, as it is."""
    if value is not None:
        _check_list(value)
    return value


def _optional_time(value: Any, _: Any) -> datetime | None:
    return None if value is None else parse_time(value)


_TIMES: Final = {cls: time_fields(cls) for cls in EVENTS}


class DataCodec:
    """Structures and unstructures the data of events. Makes what it needs per class when asked."""

    def __init__(self) -> None:
        self._made: cattrs.Converter | None = None
        self._writers: Final[dict[type[Any], Callable[[Any], dict[str, Any]]]] = {}

    @property
    def _converter(self) -> cattrs.Converter:
        """Made when it is first asked for, which for many a log is never."""
        if self._made is None:
            self._made = _converter()
        return self._made

    def structure(self, data: dict[str, Any], cls: type[Any]) -> Any:
        """The event of this class that has this data.

        Raises:
            DecodeError: with the path inside the line.
        """
        fields = attrs.fields_dict(cls)
        for name in data:
            if name not in fields:
                raise DecodeError(
                    f"is no field of {cls.__name__}; {nearest(str(name), fields)}",
                    path=_join(str(name)),
                )
        for name, field in fields.items():
            if name not in data and field.default is attrs.NOTHING:
                raise DecodeError("is missing", path=_join(name))
        try:
            return self._converter.structure(data, cls)
        except Exception as error:  # noqa: BLE001  # whatever cattrs or an extension raises
            path, reason = _leaf(error)
            raise DecodeError(reason, path="data" + path) from None

    def structure_fast(self, data: dict[str, Any], cls: type[Any]) -> Any:
        """The same for the library's own classes, raising whatever it raises where data is wrong.

        It skips what only serves the error messages; `data` is changed.
        """
        for name in _TIMES[cls]:
            if (value := data.get(name)) is not None:
                data[name] = parse_time(value)
        event = object.__new__(cls)
        event.__checked_init__(**data)
        return event

    def unstructure(self, event: Any) -> dict[str, Any]:
        """The data of an event, without the fields that are at their default.

        Raises:
            EncodeError: a field of an extension holds what JSON cannot.
        """
        cls = type(event)
        return (self._writers.get(cls) or self._writer(cls))(event)

    def _writer(self, cls: type[Any]) -> Callable[[Any], dict[str, Any]]:
        write = self._converter.get_unstructure_hook(cls)
        if cls is TruceViolated:
            write = partial(_claim, write)
        elif cls not in _TIMES:
            write = partial(_checked, write, _list_fields(cls))
        self._writers[cls] = write
        return write


def _claim(write: Callable[[Any], dict[str, Any]], event: TruceViolated) -> dict[str, Any]:
    data = write(event)
    if event.qualifier == "exact":
        del data["qualifier"]
    return data


def _checked(
    write: Callable[[Any], dict[str, Any]], lists: tuple[str, ...], event: Any
) -> dict[str, Any]:
    """The data of an event of an extension, of which it is not known that it is JSON.

    Raises:
        EncodeError: it is not, or could not be read back.
    """
    for name in lists:
        _check_field(name, _optional_list, getattr(event, name))
    try:
        data = write(event)
    except Exception as error:  # noqa: BLE001  # whatever values of other types make of cattrs
        raise EncodeError(
            f"data cannot be written as JSON: {type(error).__name__}: {error}"
        ) from None
    for name, value in data.items():
        _check_field(name, freeze, value)
    return data


def _check_field(name: str, check: Callable[[Any], object], value: Any) -> None:
    try:
        check(value)
    except Refused as refused:
        raise EncodeError(f"{_join(name)} {refused}") from None


def _join(name: str) -> str:
    return f"data.{name}" if name.isidentifier() else f"data[{name!r}]"


def _leaf(error: BaseException, path: str = "") -> tuple[str, str]:
    """The first error inside what cattrs raised: the path that its notes tell, and the reason."""
    if isinstance(error, cattrs.BaseValidationError):
        inner = error.exceptions[0]
        for note in getattr(inner, "__notes__", ()):
            if isinstance(note, AttributeValidationNote):
                path += f".{note.name}"
            elif isinstance(note, IterableValidationNote):
                path += f"[{note.index!r}]"
        return _leaf(inner, path)
    reason = str(error)
    if isinstance(error, InvalidEvent):
        path, reason = path + (f".{error.field}" if error.field else ""), error.reason
    if indexed := _INDEX.fullmatch(reason):
        path, reason = path + indexed[1], indexed[2]
    return path, reason
