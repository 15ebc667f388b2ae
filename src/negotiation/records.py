"""A record: one event as it entered the log, with its times and its sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from operator import attrgetter
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs
from attrs import Factory, field, frozen

from negotiation.checked import checked
from negotiation.errors import InvalidRecord
from negotiation.events import (
    EVENTS,
    AnyEvent,
    EventRetracted,
    UnknownEvent,
    maker,
    maker_field,
)
from negotiation.values import (
    Refused,
    describe,
    json_key,
    moment,
    one_of,
    optional_party_id,
    party_ids,
    text,
)

Precision: TypeAlias = Literal["instant", "minute", "hour", "day", "week", "month", "year"]
_PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)

UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)
"""Control characters and noncharacters, which CloudEvents keeps out of attribute values."""

ATTRIBUTE_NAME: Final = re.compile(r"[a-z0-9]+")
"""How CloudEvents names attributes."""

_NEWLINE = re.compile(r"\r\n|[\n\r]")


def attribute(value: str) -> str:
    """The value of an attribute: not empty, no control characters, no noncharacters."""
    if type(value) is str and value.isascii() and value.isprintable() and value:
        return value
    if not text(value):
        raise Refused("must not be empty")
    if found := UNPRINTABLE.search(value):
        raise Refused(
            f"must hold no control characters and no noncharacters; it holds U+{ord(found[0]):04X}"
        )
    return value


def optional_attribute(value: str | None) -> str | None:
    """The value of an attribute, or None."""
    return None if value is None else attribute(value)


def negotiation_id(value: str) -> str:
    """The id of a negotiation: a text that is not empty."""
    if not text(value):
        raise Refused("must be an id, which is not empty")
    return value


def _position(value: int) -> int:
    if type(value) is not int or value < 1:
        raise Refused(f"must be a whole number from 1, not {describe(value)}")
    return value


def optional_quote(value: str | None) -> str | None:
    """The value of an attribute in which line ends are spaces, or None."""
    if value is None:
        return None
    if "\n" in text(value) or "\r" in value:
        value = _NEWLINE.sub(" ", value)
    return attribute(value)


def optional_precision(value: Precision | None) -> Precision | None:
    """How exactly a time is known, or None."""
    return None if value is None else one_of(value, _PRECISIONS)


def party_set(value: Iterable[str] | None) -> frozenset[str] | None:
    """The ids of parties as a set that is not empty, or None; as attributes can carry them."""
    if value is None:
        return None
    ids = party_ids(value)
    for one in ids:
        attribute(one)
    return frozenset(ids)


_OWN: Final = frozenset({*EVENTS, UnknownEvent})


def _event(value: AnyEvent) -> AnyEvent:
    cls = type(value)
    if cls in _OWN:
        return value
    if not attrs.has(cls) or cls.__module__.split(".")[0] == __name__.split(".")[0]:
        hint = "; its build() makes one" if hasattr(value, "build") else ""
        raise Refused(f"must be an event, not {describe(value)}{hint}")
    if (name := maker_field(cls)) is not None:
        try:
            optional_party_id(getattr(value, name))
        except Refused as refused:
            raise Refused(f".{name} {refused}") from None
    return value


def _written(value: Any) -> object:
    """What tells values apart as they are written, whatever they make of equality themselves."""
    cls = type(value)
    if cls in _OWN:  # whose equality is that already
        return value
    if attrs.has(cls):
        return cls, *(_written(getattr(value, a.name)) for a in attrs.fields(cls) if a.init)
    if isinstance(value, Mapping):
        return "object", {(type(key), key): _written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return "list", *map(_written, value)
    if isinstance(value, set | frozenset):
        return "set", {(type(each), each) for each in value}
    if value is None or isinstance(value, str | int | float):
        return json_key(value)
    return value if isinstance(value, datetime) else (cls, value)


def further_attributes(value: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Attributes that are not the library's own, as sorted pairs of name and value."""
    try:
        pairs: dict[Any, Any] = dict(value)
    except (TypeError, ValueError):
        raise Refused(f"must be pairs of names and values, not {describe(value)}") from None
    for name, content in pairs.items():
        if type(name) is not str or not _is_further(name):
            raise Refused(
                f"has the name {name!r}; names are a-z and 0-9, and not the library's own"
            )
        try:
            attribute(content)
        except Refused as refused:
            raise Refused(f"[{name!r}] {refused}") from None
    return tuple(sorted(pairs.items()))


@lru_cache(maxsize=256)  # the records of one log repeat their names
def _is_further(name: str) -> bool:
    """Whether an attribute that is not the library's own can have a name."""
    return bool(ATTRIBUTE_NAME.fullmatch(name)) and name not in RESERVED


ATTRIBUTES: Final[Mapping[str, str]] = {
    "speaker": "speaker",
    "reported_by": "reportedby",
    "report_url": "reporturl",
    "quote": "quote",
    "precision": "precision",
    "visible_to": "visibleto",
    "repeats": "repeats",
    "correlation": "correlationid",
    "causation": "causationid",
    "prevhash": "prevhash",
    "hash": "hash",
}
"""The optional fields of a record and their names on the wire, in the order they are written."""

RESERVED: Final = frozenset(
    {"specversion", "type", "source", "id", "time", "recordedtime", "data", *ATTRIBUTES.values()}
)
"""Names on the wire that an unknown attribute cannot have."""


_PLAIN_JSON: Final = ("datacontenttype", "application/json")
"""What CloudEvents assumes where the attribute is absent."""


def _refusal(cls: type[Any], given: dict[str, Any], name: str | None, reason: str) -> InvalidRecord:
    name = name or "as a whole"
    if reason.startswith("."):  # a part of the field
        part, _, reason = reason.partition(" ")
        name += part
    return InvalidRecord(given.get("id"), name, reason)


FIELDS: Final = (
    "id", "negotiation", "position", "time", "event", "recorded", *ATTRIBUTES, "attributes",
)  # fmt: skip
"""The fields of a record, in their order."""

_Fields: Any = attrs.make_class("_Fields", list(FIELDS), slots=True, eq=False)
"""The slots of a record, without what makes it one: its checks and that it cannot be changed."""


@checked(_refusal)
@frozen(kw_only=True)
class Record(_Fields):  # type: ignore[misc]  # made when the module is imported
    """One event in the log of one negotiation.

    Attributes:
        id: unique in the negotiation.
        negotiation: the id of the negotiation.
        position: its place in the log, 1, 2, 3 …; a `Log` numbers its records itself.
        time: when it happened; of a claim, when it was made. With a coarse `precision`, the first
            instant of the span, or of what it answers where that is later.
        recorded: when it entered the log (default: `time`).
        event: what happened.
        speaker: the person who spoke for the acting party.
        reported_by: the outlet that reported it.
        report_url: where the report stands.
        quote: the words of the report; a newline in it is kept as a space.
        precision: how exactly `time` is known; a label, never used for ordering.
        visible_to: the parties that it was shown to; None for a public one.
        repeats: the id of the record that reports the same event: this one is a further source.
        correlation: what it belongs to, in the caller's own terms.
        causation: what caused it, in the caller's own terms.
        prevhash: the hash of the record before it, where a store sealed it.
        hash: its own hash, where a store sealed it.
        attributes: further attributes of the line it was read from, sorted pairs of name and value.

    Raises:
        InvalidRecord: a field is wrong; the message names it and what it may be.
    """

    id: str = field(converter=attribute)
    negotiation: str = field(converter=negotiation_id)
    position: int = field(default=1, converter=_position)
    time: datetime = field(converter=moment)
    event: AnyEvent = field(converter=_event)
    recorded: datetime = field(
        default=Factory(lambda self: self.time, takes_self=True), converter=moment
    )
    speaker: str | None = field(default=None, converter=optional_attribute)
    reported_by: str | None = field(default=None, converter=optional_attribute)
    report_url: str | None = field(default=None, converter=optional_attribute)
    quote: str | None = field(default=None, converter=optional_quote)
    precision: Precision | None = field(default=None, converter=optional_precision)
    visible_to: frozenset[str] | None = field(default=None, converter=party_set)
    repeats: str | None = field(default=None, converter=optional_attribute)
    correlation: str | None = field(default=None, converter=optional_attribute)
    causation: str | None = field(default=None, converter=optional_attribute)
    prevhash: str | None = field(default=None, converter=optional_attribute)
    hash: str | None = field(default=None, converter=optional_attribute)
    attributes: tuple[tuple[str, str], ...] = field(default=(), converter=further_attributes)

    def visible(self, party: str | None) -> bool:
        """Whether a party knows of this record; None stands for whoever sees everything.

        A party knows what is public, what it was shown and what it made itself.
        """
        return (
            party is None
            or self.visible_to is None
            or party in self.visible_to
            or party == maker(self.event)
        )

    def same_content(self, other: Record) -> bool:
        """Whether another record says the same: all but its position, recorded time and hashes."""
        return self._content() == other._content()

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Print it as Python, in IPython and in the failing examples of Hypothesis."""
        import_module("negotiation.printing").pretty(self, printer)  # by name: it stands above

    def _content(self) -> tuple[object, ...]:
        attributes = tuple(pair for pair in self.attributes if pair != _PLAIN_JSON)
        return (
            self.id, self.negotiation, self.time, _written(self.event), attributes,
            *(getattr(self, name) for name in ATTRIBUTES if name not in ("prevhash", "hash")),
        )  # fmt: skip

    @property
    def retracts(self) -> str | None:
        """The id of the record that this one retracts, if it is a retraction that says so anew."""
        if type(self.event) is EventRetracted and self.repeats is None:
            return self.event.event
        return None


fold_order: Final[Callable[[Record], tuple[datetime, int]]] = attrgetter("time", "position")
"""Where a record stands in the fold: by time, and at equal times by position."""


def checked_record(*values: Any) -> Record:
    """A record of values that are already what the converters make of them.

    For readers of many records, which check each value as they read it. Setting the fields of a
    frozen instance one by one would cost most of the time of reading a line, so the instance is
    made before it becomes a record.

    Args:
        values: one for each field, in the order of the fields.
    """
    made = _Fields(*values)
    made.__class__ = Record
    record: Record = made
    return record


_VALUES: Final = attrgetter(*FIELDS)
_POSITION: Final = FIELDS.index("position")


def placed(record: Record, position: int) -> Record:
    """A record at another position.

    Every log numbers its records, so this takes the other fields as they are, without checks.
    """
    values = _VALUES(record)
    return checked_record(*values[:_POSITION], position, *values[_POSITION + 1 :])
