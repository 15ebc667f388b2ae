"""What a state or a record says, in a form that can be kept, compared strictly and told apart.

The form is plain dicts and tuples, in which 1, 1.0 and true are three values, sets have an order
and the class of an attrs value stands under `class`. It shares nothing that could be changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import attrs

from negotiation.state import CONTENTS, HEAD, Negotiation
from negotiation.wire.times import parse_time, time_text

Told: TypeAlias = Any
"""What `told` gives."""

Text: TypeAlias = Callable[[str], str] | None
Time: TypeAlias = Callable[[datetime], datetime] | None

_ITEMS: Final = ("proposals", "truces", "violations", "deadlines", "meetings")
_FIELDS: Final = (*HEAD, *CONTENTS)


def told(value: Any, text: Text = None, time: Time = None) -> Told:
    """What a value says: a state, a record, anything in them, or JSON.

    Args:
        value: the value.
        text: what becomes of every text, keys too.
        time: what becomes of every moment.
    """
    kind = type(value)
    if kind is str:
        return value if text is None else text(value)
    if value is None or kind is int:
        return value
    if kind is datetime:
        return value if time is None else time(value)
    if kind is tuple or kind is list:
        return tuple([told(each, text, time) for each in value])
    if kind is bool or kind is float:
        return kind, repr(value)
    return _told_whole(value, text, time)


def _told_whole(value: Any, text: Text, time: Time) -> Told:
    """The same for what has parts, and for what has none and is unusual."""
    kind = type(value)
    if (fields := getattr(kind, "__attrs_attrs__", None)) is not None:
        if isinstance(value, Negotiation):
            return {name: told(getattr(value, name), text, time) for name in _FIELDS}
        parts: dict[Any, Told] = {"class": kind}
        for field in fields:
            parts[field.name] = told(getattr(value, field.name), text, time)
        return parts
    if isinstance(value, Mapping):
        return {
            key if text is None and type(key) is str else told(key, text, time): told(
                each, text, time
            )
            for key, each in value.items()
        }
    if isinstance(value, set | frozenset):
        return _in_order([told(each, text, time) for each in value])
    if isinstance(value, list | tuple):
        return tuple([told(each, text, time) for each in value])
    return kind, value


def _in_order(values: list[Told]) -> Told:
    try:
        return tuple(sorted(values))
    except TypeError:  # they are not all of one kind
        return tuple(sorted(values, key=repr))


def same(one: Told, other: Told) -> None:
    """Assert that two values, as they were told, say the same.

    Raises:
        AssertionError: they do not; it says where they differ first.
    """
    if one != other:
        raise AssertionError(f"they differ at {difference(one, other)}")


def difference(one: Told, other: Told, path: str = "") -> str:
    """Where what two values say differs first, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other}, key=str)
        key = next(key for key in keys if one.get(key, _NOTHING) != other.get(key, _NOTHING))
        if key in one and key in other:
            return difference(one[key], other[key], f"{path}.{key}")
        return f"{path}.{key}: it is missing in {'one' if key in other else 'the other'}"
    if _is_list(one) and _is_list(other) and len(one) == len(other):
        index = next(n for n, each in enumerate(one) if each != other[n])
        return difference(one[index], other[index], f"{path}[{index}]")
    return f"{path}: {_shown(one)}, {_shown(other)}"


_NOTHING: Final = object()


def _is_list(value: Told) -> bool:
    """Whether it is a list, and not a value that stands with its type."""
    return isinstance(value, tuple) and not (len(value) == 2 and isinstance(value[0], type))


def _shown(value: Told) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]" if _is_list(value) else str(value[1])
    return repr(value)


# Alike: equality without positions, record ids, problem order and messages


def essence(state: Told) -> Told:
    """What of a state that was told must be equal in one that is alike."""
    kept = {name: state[name] for name in state if name != "position"}
    for name in _ITEMS:
        kept[name] = {
            id: {**item, "records": len(item["records"])} for id, item in state[name].items()
        }
    kept["problems"] = sorted((p["code"], p["party"] or "") for p in state["problems"])
    return kept


def alike(one: Told, other: Told) -> None:
    """Assert that two states, as they were told, are alike.

    Raises:
        AssertionError: they are not.
    """
    same(essence(one), essence(other))


# Other names and other times

_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?Z")


def renamed_by(names: Mapping[str, str]) -> Callable[[str], str]:
    """What becomes of a text where things have other names."""
    return lambda text: names.get(text, text)


def shifting(by: timedelta) -> tuple[Callable[[str], str], Callable[[datetime], datetime]]:
    """What becomes of a text, if it is a time as in JSON, and of a moment, at another time."""

    def text(value: str) -> str:
        if len(value) < 20 or not _TIME.fullmatch(value):
            return value
        return time_text(parse_time(value) + by)

    return text, lambda value: value + by


def rewritten(value: Any, text: Text = None, time: Time = None) -> Any:
    """A field of an event with every text or every moment replaced; it stays of its type."""
    kind = type(value)
    if kind is str:
        return value if text is None else text(value)
    if kind is datetime:
        return value if time is None else time(value)
    if kind is tuple or kind is frozenset:
        return kind(_rewritten(value, text, time))
    if attrs.has(kind):
        changes = {
            a.alias: rewritten(getattr(value, a.name), text, time)
            for a in attrs.fields(kind)
            if a.init
        }
        return attrs.evolve(value, **changes)
    return value


def _rewritten(values: Iterable[Any], text: Text, time: Time) -> list[Any]:
    return [rewritten(each, text, time) for each in values]
