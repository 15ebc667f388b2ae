"""A record as one line: a CloudEvents 1.0 event in the JSON format.

`Codec` decodes and encodes for one model. Decoding reads the common case fast; whatever that cannot
take, for whatever reason, is read again carefully, and the careful reading says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final
from urllib.parse import quote, unquote_to_bytes

from negotiation.errors import DecodeError, EncodeError, InvalidRecord, nearest
from negotiation.events import EVENTS, UnknownEvent
from negotiation.model import Model, versioned
from negotiation.records import (
    ATTRIBUTE_NAME,
    ATTRIBUTES,
    RESERVED,
    Record,
    attribute,
    checked_record,
    further_attributes,
    optional_precision,
    party_set,
)
from negotiation.values import BRANCH, Refused, describe, json_object, thaw
from negotiation.wire.data import DataCodec
from negotiation.wire.seals import sealed_line
from negotiation.wire.text import (
    DEFAULT_LIMITS,
    Limits,
    check_written,
    parse,
    parse_carefully,
    write,
)
from negotiation.wire.times import parse_time, time_text

_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})+")
_JSON_TYPE: Final = re.compile(r"[^/;\s]+/(?:json|[^/;\s]+\+json)\s*(?:;.*)?", re.IGNORECASE)


def _listed(ids: str) -> frozenset[str] | None:
    """The set of parties that an attribute lists."""
    return party_set(ids.split(" "))


_USUAL: Final[Mapping[str, tuple[str, Any]]] = {
    wire: (name, attribute) for name, wire in ATTRIBUTES.items()
} | {
    "precision": ("precision", optional_precision),
    "visibleto": ("visible_to", _listed),
}
"""Name on the wire → the field of the record, and what makes its value of the attribute's."""
_PLACES: Final = {wire: (index, _USUAL[wire][1]) for index, wire in enumerate(ATTRIBUTES.values())}
"""Name on the wire → the place among the optional fields of a record, and what makes its value."""

_NO_OPTIONAL: Final[list[Any]] = [None] * len(ATTRIBUTES)
_WIRE_NAMES: Final = tuple(ATTRIBUTES.values())
_optional_fields: Final = attrgetter(*ATTRIBUTES)
_REQUIRED: Final = ("specversion", "type", "source", "id", "time", "data")


def source_of(negotiation: str) -> str:
    """A negotiation's id as a CloudEvents source: percent-encoded as one path segment.

    What tells a branch stands behind it as it is: `talks#branch`.

    Raises:
        EncodeError: it holds a lone surrogate.
    """
    real = negotiation.removesuffix(BRANCH)
    branch = "" if real in ("", negotiation) else BRANCH
    try:
        return quote(real if branch else negotiation, safe="") + branch
    except UnicodeEncodeError:
        raise EncodeError(
            f"source holds a lone surrogate, which UTF-8 cannot carry: {negotiation!r}"
        ) from None


def negotiation_of(source: str) -> str:
    """The negotiation's id that a CloudEvents source holds.

    Raises:
        Refused: it is not one percent-encoded path segment.
    """
    if not _SEGMENT.fullmatch(source.removesuffix(BRANCH)):
        raise Refused(
            f"must be the negotiation's id, percent-encoded as one path segment, not "
            f"{describe(source)}; that id is written {describe(source_of(source))}"
        )
    try:
        return unquote_to_bytes(source).decode()
    except UnicodeDecodeError:
        raise Refused(f"does not decode to UTF-8: {describe(source)}") from None


class Codec:
    """Decodes and encodes the lines of a log for one model.

    Args:
        model: the events that are known; others become `UnknownEvent`.
        limits: how much one line may hold.
    """

    def __init__(self, model: Model = Model.default, limits: Limits = DEFAULT_LIMITS) -> None:
        self.model = model
        self.limits = limits
        self._data = DataCodec()
        self._time = lru_cache(maxsize=4096)(parse_time)  # one log repeats its times and its source
        self._source = lru_cache(maxsize=64)(negotiation_of)
        self._time_text = lru_cache(maxsize=4096)(time_text)
        self._source_of = lru_cache(maxsize=64)(source_of)
        self._usual = {f"{name}.v1": cls for name, (_, cls) in model.types.items() if cls in EVENTS}

    # Decoding

    def decode(
        self, line: bytes | str, above: Record | None = None, *, position: int | None = None
    ) -> Record:
        """The record that a line holds.

        Args:
            line: one line, with or without its end; bytes in UTF-8.
            above: the record above it in the log: the new one takes the position after it, and
                where the line gives no recorded time, the later of its own time and that one's.
            position: the position of the record, where that is known otherwise.

        Raises:
            DecodeError: the line is no record; the error has the path inside the line.
        """
        try:
            raw = line.encode() if isinstance(line, str) else line
        except UnicodeEncodeError:
            raise DecodeError("holds a lone surrogate, which UTF-8 cannot carry") from None
        raw = raw.strip(b" \t\r\n")
        if position is None:
            position = 1 if above is None else above.position + 1
        try:
            return self._decode_fast(parse(raw, self.limits), position)
        except (KeyError, ValueError, TypeError, AttributeError):
            return self.from_json(parse_carefully(raw, self.limits), above, position=position)

    def from_json(
        self, value: Any, above: Record | None = None, *, position: int | None = None
    ) -> Record:
        """The record that a decoded JSON value holds; arguments and errors as for `decode`."""
        if not isinstance(value, dict):
            raise DecodeError(f"must be a JSON object, one CloudEvents event; is {describe(value)}")
        found = {name: content for name, content in value.items() if content is not None}
        for name in _REQUIRED:
            if name not in found:
                raise DecodeError(f"is missing; a record has {', '.join(_REQUIRED)}", path=name)
        data = found.pop("data")
        if not isinstance(data, dict):
            raise DecodeError(f"must be a JSON object, not {describe(data)}", path="data")
        for name, content in found.items():
            _check_attribute(name, content)
        if found.pop("specversion") != "1.0":
            raise DecodeError('must be "1.0", the version of CloudEvents', path="specversion")
        if position is None:
            position = 1 if above is None else above.position + 1
        fields: dict[str, Any] = {"position": position}
        fields["id"] = found.pop("id")
        fields["negotiation"] = _at("source", self._source, found.pop("source"))
        fields["time"] = time = _at("time", self._time, found.pop("time"))
        if "recordedtime" in found:
            fields["recorded"] = _at("recordedtime", self._time, found.pop("recordedtime"))
        elif above is not None:
            fields["recorded"] = max(time, above.recorded)
        fields["event"] = self._event(found.pop("type"), data)
        if "visibleto" in found:
            fields["visible_to"] = found.pop("visibleto").split(" ")
        fields |= {_USUAL[name][0]: found.pop(name) for name in _USUAL if name in found}
        try:
            return Record(**fields, attributes=found)
        except InvalidRecord as error:
            path = ATTRIBUTES.get(error.field, error.field.replace("event.", "data."))
            raise DecodeError(error.reason, path=path) from None

    def _event(self, wire_type: str, data: dict[str, Any]) -> Any:
        name, version = versioned(wire_type) or (wire_type, 0)
        current, cls = self.model.types.get(name, (version, UnknownEvent))
        lifted: Mapping[str, Any] = data
        at = version
        while at < current and (lift := self.model.lifts.get((name, at))) is not None:
            lifted = _lift(lift, dict(lifted), f"{name}.v{at}")
            at += 1
        if cls is UnknownEvent or at != current:
            return UnknownEvent(type=wire_type, data=_at("data", json_object, data))
        return self._data.structure(dict(lifted), cls)

    def _decode_fast(self, found: dict[str, Any], position: int) -> Record:
        """What `from_json` gives, or some error where a line is not of the usual form."""
        pop = found.pop
        cls = self._usual[pop("type")]
        if pop("specversion") != "1.0":
            raise ValueError
        id = attribute(pop("id"))
        negotiation = self._source(pop("source"))
        time = self._time(pop("time"))
        event = self._data.structure_fast(pop("data"), cls)
        recorded = self._time(pop("recordedtime"))
        optional = _NO_OPTIONAL.copy()
        others = {}
        for name, content in found.items():
            if (place := _PLACES.get(name)) is None:
                others[name] = content
            else:
                index, convert = place
                optional[index] = convert(content)
        if "datacontenttype" in others:
            raise ValueError
        return checked_record(
            id, negotiation, position, time, event, recorded, *optional,
            further_attributes(others) if others else (),
        )  # fmt: skip

    # Encoding

    def to_json(self, record: Record) -> dict[str, Any]:
        """A record as the JSON object of its line.

        Raises:
            EncodeError: its event is of a class that the model does not know, or it holds what
                cannot be written.
        """
        try:
            return self._line(record)
        except EncodeError as error:
            raise EncodeError(f"record {record.id!r}: {error}") from None

    def _line(self, record: Record) -> dict[str, Any]:
        event: Any = record.event
        if type(event) is UnknownEvent:
            wire_type, data = event.type, thaw(event.data)
            self._refuse_known(wire_type)
            _check_written("type", wire_type)
        elif (known := self.model.wire_types.get(type(event))) is not None:
            wire_type, data = known, self._data.unstructure(event)
        else:
            raise EncodeError(
                f"{type(event).__name__} is no event of the model; extend the model with it"
            )
        for name, content in record.attributes:
            if name == "datacontenttype":  # the record has checked all others
                _check_written(name, content)
        line: dict[str, Any] = {
            "specversion": "1.0",
            "type": wire_type,
            "source": self._source_of(record.negotiation),
            "id": record.id,
            "time": self._time_text(record.time),
            "recordedtime": self._time_text(record.recorded),
        }
        for name, content in zip(_WIRE_NAMES, _optional_fields(record), strict=True):
            if content is not None:
                line[name] = content if type(content) is str else " ".join(sorted(content))
        line.update(record.attributes)
        line["data"] = data
        return line

    def _refuse_known(self, wire_type: str) -> None:
        """An unknown event of a type that is known would be read back as another event."""
        name, version = versioned(wire_type) or (wire_type, 0)
        current, _ = self.model.types.get(name, (-1, None))
        steps = range(version, current)
        if version <= current and all((name, step) in self.model.lifts for step in steps):
            raise EncodeError(
                f"type {wire_type!r} is known to the model and would be read back as its event; "
                "give that event in place of an UnknownEvent"
            )

    def encode(self, record: Record) -> str:
        """A record as one line, without its end; one that is sealed in the form that was sealed.

        Raises:
            EncodeError: its event is not of the model, or holds what cannot be written, or the line
                would be over a limit.
        """
        line = self.to_json(record)
        try:
            return write(line, self.limits, canonical=record.hash is not None)
        except EncodeError as error:
            raise EncodeError(f"record {record.id!r}: {error}") from None

    def seal(self, record: Record, prevhash: str | None) -> tuple[str, str]:
        """A record as the line that a store keeps, and the hash that it carries.

        Args:
            record: the record; a seal that it has already is replaced.
            prevhash: the hash of the record before it; None for the first of a negotiation.

        Raises:
            EncodeError: as for `encode`.
        """
        line = self.to_json(record)
        try:
            sealed, hash = sealed_line(line, prevhash)
            check_written(sealed, self.limits)
        except EncodeError as error:
            raise EncodeError(f"record {record.id!r}: {error}") from None
        return sealed, hash


def _at(path: str, read: Any, value: Any) -> Any:
    """What `read` makes of a value, its refusal told with the path."""
    try:
        return read(value)
    except Refused as refused:
        raise DecodeError(str(refused), path=path) from None


def _check_written(name: str, content: str) -> None:
    """Refuse an attribute that could not be read back."""
    try:
        _check_attribute(name, content)
    except DecodeError as error:
        raise EncodeError(str(error)) from None


def _check_attribute(name: Any, value: Any) -> None:
    if name == "data_base64":
        raise DecodeError("stands for binary data; a record's data is a JSON object", path=name)
    if not isinstance(name, str) or not ATTRIBUTE_NAME.fullmatch(name):
        hint = nearest(str(name), RESERVED)
        raise DecodeError(f"the attribute name {describe(name)} is not of a-z and 0-9; {hint}")
    if not isinstance(value, str):
        raise DecodeError(f"must be a text, as every attribute, not {describe(value)}", path=name)
    _at(name, attribute, value)
    if name == "datacontenttype" and not _JSON_TYPE.fullmatch(value):
        raise DecodeError(f"must be a JSON type, not {describe(value)}", path=name)


def _lift(lift: Any, data: dict[str, Any], wire_type: str) -> Mapping[str, Any]:
    try:
        lifted: Any = lift(data)
    except Exception as error:
        raise DecodeError(
            f"the upcaster of {wire_type} raised {type(error).__name__}: {error}", path="data"
        ) from error
    if not isinstance(lifted, Mapping):
        raise DecodeError(
            f"the upcaster of {wire_type} gave {describe(lifted)}; it gives a JSON object",
            path="data",
        )
    return lifted
