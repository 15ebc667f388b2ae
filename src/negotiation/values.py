"""The values that events are made of: ids, texts, moments and frozen JSON.

Each converter takes what a caller gave and returns it in the one form in which the library keeps
it, or raises `Refused` with what the value may be. Which field was meant is added by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from negotiation.errors import NegotiationError

MAX_DEPTH = 200
"""JSON values nest at most this deep in memory. Files have a lower limit of their own."""

MAX_INT_BITS = 14_000
"""Whole numbers in JSON values have at most this many bits: about what Python writes as text."""

Json: TypeAlias = "bool | int | float | str | tuple[Json, ...] | FrozenDict | None"
"""A deep-frozen JSON value: lists are tuples, objects are `FrozenDict`."""


class Refused(NegotiationError, ValueError):
    """A value may not stand where it was given; the message ends the sentence "it …"."""


class FrozenDict(Mapping[str, Json]):
    """An immutable JSON object. Equal to any mapping of the same JSON: 1, 1.0 and True differ."""

    __slots__ = ("_items",)
    _items: dict[str, Json]

    def __init__(self, items: Mapping[str, object] | Iterable[tuple[str, object]] = ()) -> None:
        pairs = dict(items)
        object.__setattr__(self, "_items", {_key(k): freeze(v) for k, v in pairs.items()})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a FrozenDict cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a FrozenDict cannot be changed")

    def __getitem__(self, key: str) -> Json:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return same_json(self, other)

    def __hash__(self) -> int:
        return hash(json_key(self))

    def __repr__(self) -> str:
        return repr(self._items)

    def __copy__(self) -> FrozenDict:
        return self

    def __deepcopy__(self, memo: object) -> FrozenDict:
        return self

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Json]]]:
        return FrozenDict, (dict(self._items),)

    def merged(self, other: FrozenDict) -> FrozenDict:
        """This object with the members of `other` in place of its own."""
        return _trusted({**self._items, **other._items})


_set_items = vars(FrozenDict)["_items"].__set__


def _trusted(items: dict[str, Json]) -> FrozenDict:
    """A FrozenDict of what is already frozen, not looked at again."""
    frozen = object.__new__(FrozenDict)
    _set_items(frozen, items)
    return frozen


def freeze(value: Any, depth: int = 1) -> Json:
    """A JSON value, deep-frozen.

    Args:
        value: None, a bool, an int, a finite float, a str, or lists and mappings of these.
        depth: how deep the value stands, from 1.

    Raises:
        Refused: the value is no JSON value, or nests deeper than `MAX_DEPTH`.
    """
    kind = type(value)
    if kind is str:
        return text(value)
    if kind is bool or value is None:
        return value  # type: ignore[no-any-return]  # `kind` tells, which mypy does not follow
    if kind is int or isinstance(value, int):
        return _whole(int(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Refused(f"holds {float(value)}, which is no JSON number")
        return float(value)
    if depth > MAX_DEPTH:
        raise Refused(f"nests deeper than {MAX_DEPTH} levels")
    if kind is dict or isinstance(value, Mapping):
        return _frozen_dict(value, depth)
    if isinstance(value, list | tuple):
        return tuple([freeze(item, depth + 1) for item in value])
    if isinstance(value, str):
        return text(str.__str__(value))
    raise Refused(
        f"holds a {kind.__name__}; JSON has text, finite numbers, booleans, null, lists, objects"
    )


def _frozen_dict(value: Mapping[Any, Any], depth: int) -> FrozenDict:
    deeper = depth + 1
    return _trusted({_key(key): freeze(item, deeper) for key, item in value.items()})


def _whole(value: int) -> int:
    if value.bit_length() > MAX_INT_BITS:
        raise Refused(f"holds a whole number of more than {MAX_INT_BITS} bits")
    return value


def _key(key: object) -> str:
    if type(key) is str and key.isascii():
        return key
    if not isinstance(key, str):
        raise Refused(f"has the key {key!r}; the keys of a JSON object are text")
    return text(str.__str__(key))


def thaw(value: Json) -> object:
    """A frozen JSON value as plain dicts and lists."""
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    if isinstance(value, FrozenDict):
        return {key: thaw(item) for key, item in value.items()}
    return value


def json_key(value: object) -> Hashable:
    """A hashable that is equal for equal JSON values only; 1, 1.0 and True give three."""
    if isinstance(value, list | tuple):
        return ("list", *map(json_key, value))
    if isinstance(value, Mapping):
        return ("object", frozenset((key, json_key(item)) for key, item in value.items()))
    if type(value) is int:
        return ("int", value)
    return (type(value).__name__, repr(value))


def same_json(one: object, other: object) -> bool:
    """Whether two values are the same JSON value; 1, 1.0 and True are three different ones."""
    return json_key(one) == json_key(other)


def text(value: object) -> str:
    """A text that UTF-8 can carry."""
    if type(value) is not str:
        raise Refused(f"must be text, not {describe(value)}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Refused(f"holds a lone surrogate, which is no character: {value!r}") from None
    return value


def optional_text(value: str | None) -> str | None:
    """A text, or None."""
    return None if value is None else text(value)


def item_id(value: str) -> str:
    """The id of an item: a text that is not empty."""
    if type(value) is str and value and value.isascii():
        return value
    if not text(value):
        raise Refused("must be an id, which is not empty")
    return value


def optional_item_id(value: str | None) -> str | None:
    """The id of an item, or None."""
    return None if value is None else item_id(value)


def party_id(value: str) -> str:
    """The id of a party: a text that is not empty and holds no white space."""
    if text(value).split() == [value]:
        return value
    if not value:
        raise Refused("must be a party's id, which is not empty")
    raise Refused(f"must be a party's id, which holds no white space: {value!r}")


def optional_party_id(value: str | None) -> str | None:
    """The id of a party, or None."""
    return None if value is None else party_id(value)


_LISTS = (list, tuple)  # asked first: asking for an Iterable takes longer


def party_ids(value: Iterable[str]) -> tuple[str, ...]:
    """The ids of parties: at least one, none twice, in the order given."""
    if type(value) not in _LISTS and (
        isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable)
    ):
        raise Refused(f"must be a list of parties' ids, not {describe(value)}")
    ids = tuple(sorted(value, key=str)) if isinstance(value, set | frozenset) else tuple(value)
    if not ids:
        raise Refused("must name at least one party")
    for index, one in enumerate(ids):
        if type(one) is str and one.isascii() and one.split() == [one]:
            continue
        try:
            party_id(one)
        except Refused as refused:
            raise Refused(f"[{index}] {refused}") from None
    if len(ids) > 1 and len(set(ids)) < len(ids):
        index = next(index for index, one in enumerate(ids) if one in ids[:index])
        raise Refused(f"[{index}] names {ids[index]!r} again; each party stands there once")
    return ids


def optional_party_ids(value: Iterable[str] | None) -> tuple[str, ...] | None:
    """The ids of parties, or None."""
    return None if value is None else party_ids(value)


BRANCH = "#branch"
"""How the id of a negotiation that is merely supposed to go on so ends."""


def branch_id(negotiation: str) -> str:
    """The id of a branch of a negotiation; that of a branch is its own."""
    return negotiation.removesuffix(BRANCH) + BRANCH


EARLIEST = datetime.min.replace(tzinfo=UTC)
"""The first moment that there is."""

LATEST = datetime.max.replace(tzinfo=UTC)
"""The last moment that there is."""


def moment(value: datetime) -> datetime:
    """A moment: a time-zone-aware datetime, kept in UTC."""
    if not isinstance(value, datetime):
        raise Refused(f"must be a datetime with a time zone, not {describe(value)}")
    if value.tzinfo is UTC and type(value) is datetime:
        return value
    if value.utcoffset() is None:
        raise Refused(f"must have a time zone; {value.isoformat()} has none")
    if getattr(value, "nanosecond", 0):
        raise Refused(f"must be given in microseconds at most: {value.isoformat()}")
    try:
        utc = value.astimezone(UTC)
        return datetime.combine(utc.date(), utc.time(), UTC)
    except OverflowError:
        raise Refused(f"lies outside the years 1 to 9999 in UTC: {value.isoformat()}") from None


def optional_moment(value: datetime | None) -> datetime | None:
    """A moment, or None."""
    return None if value is None else moment(value)


def optional_count(value: int | None) -> int | None:
    """A whole number of zero or more, or None."""
    if value is None:
        return None
    if type(value) is not int or value < 0:
        raise Refused(f"must be a whole number of zero or more, not {describe(value)}")
    return _whole(value)


def json_object(value: Mapping[str, object]) -> FrozenDict:
    """A JSON object, deep-frozen."""
    if type(value) is FrozenDict:
        return value
    if type(value) is not dict and not isinstance(value, Mapping):
        raise Refused(f"must be a JSON object, not {describe(value)}")
    return _frozen_dict(value, 1)


def json_value(value: object) -> Json:
    """A JSON value, deep-frozen."""
    return freeze(value)


T = TypeVar("T", bound=str)


def one_of(value: T, allowed: tuple[T, ...]) -> T:
    """The value, which must be one of those allowed."""
    if value not in allowed:
        raise Refused(f"must be one of {', '.join(allowed)}, not {describe(value)}")
    return value


def describe(value: object) -> str:
    """A value in the words of an error message, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, str | bool | int | float):
        shown = repr(value) if not isinstance(value, int) or value.bit_length() < 1000 else "…"
        return f"{type(value).__name__} {shown if len(shown) <= 60 else shown[:57] + '...'}"
    return f"a {type(value).__name__}"
