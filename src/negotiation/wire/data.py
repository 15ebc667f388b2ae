"""The data of an event: a JSON object to an event class and back, by cattrs.

Fields without a converter of ours (an extension may have them) are structured by cattrs after
their types, strictly: nothing is coerced.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import attrs
import cattrs
from cattrs.errors import AttributeValidationNote, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from negotiation.errors import DecodeError, InvalidEvent, nearest
from negotiation.events import EVENTS, TruceViolated
from negotiation.values import FrozenDict, Refused, describe, moment, optional_moment, thaw
from negotiation.wire.times import parse_time, time_text

_INDEX: Final = re.compile(r"((?:\[[^\]]*\])+) (.*)", re.DOTALL)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, prefer_attrib_converters=True)
    converter.register_structure_hook(datetime, lambda value, _: parse_time(value))
    converter.register_structure_hook(FrozenDict, lambda value, _: FrozenDict(value))
    for kind in (str, int, float, bool):
        converter.register_structure_hook(kind, _strictly(kind))
    converter.register_structure_hook_factory(attrs.has, lambda cls: _structuring(cls, converter))
    converter.register_unstructure_hook(datetime, time_text)
    converter.register_unstructure_hook(FrozenDict, thaw)
    converter.register_unstructure_hook(tuple, thaw)
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


def time_fields(cls: type[Any]) -> tuple[str, ...]:
    """The fields of an event class that hold moments."""
    converters = (moment, optional_moment)
    return tuple(a.name for a in attrs.fields(cls) if a.converter in converters)


def _structuring(cls: type[Any], converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    times: dict[str, Any] = {
        name: override(struct_hook=_optional_time) for name in time_fields(cls)
    }
    return make_dict_structure_fn(cls, converter, **times)


def _optional_time(value: Any, _: Any) -> datetime | None:
    return None if value is None else parse_time(value)


_TIMES: Final = {cls: time_fields(cls) for cls in EVENTS}


class DataCodec:
    """Structures and unstructures the data of events. Makes what it needs per class when asked."""

    def __init__(self) -> None:
        self._made: cattrs.Converter | None = None

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
        """The data of an event, without the fields that are at their default."""
        data: dict[str, Any] = self._converter.unstructure(event)
        if type(event) is TruceViolated and event.qualifier == "exact":
            del data["qualifier"]
        return data


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
