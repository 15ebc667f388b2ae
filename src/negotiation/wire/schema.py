"""The wire format as JSON Schema, draft 2020-12: the line of a log, and the data of each event."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from negotiation.events import TruceViolated
from negotiation.model import Model
from negotiation.records import ATTRIBUTES, Precision, Record
from negotiation.values import BRANCH
from negotiation.wire.shapes import Shape, fields_of

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

_SPACE: Final = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""What is white space, as the members of a class in a regular expression."""

_CONTROL: Final = "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]"
_DATE: Final = "(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_OFFSET: Final = "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_SEGMENT: Final = "([A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})+"
_JSON_TYPE: Final = rf"^[^/;{_SPACE}]+/([^/;{_SPACE}]+\+)?[Jj][Ss][Oo][Nn][{_SPACE}]*(;.*)?$"

_COMMON: Final[dict[str, Any]] = {
    "attribute": {
        "description": "A text that is not empty, without control characters.",
        "type": "string",
        "minLength": 1,
        "not": {"pattern": _CONTROL},
    },
    "moment": {
        "description": "A time after RFC 3339 with an offset and at most microseconds.",
        "type": "string",
        "format": "date-time",
        "pattern": f"^{_DATE}[Tt]{_CLOCK}{_OFFSET}$",
        "not": {"pattern": _CONTROL},
    },
    "party": {
        "description": "A party's id, which holds no white space.",
        "type": "string",
        "minLength": 1,
        "not": {"pattern": f"[{_SPACE}]"},
    },
    "parties": {
        "description": "The ids of parties: at least one, none twice.",
        "type": "array",
        "items": {"$ref": "#/$defs/party"},
        "minItems": 1,
        "uniqueItems": True,
    },
    "item": {
        "description": "An id, which is not empty.",
        "type": "string",
        "minLength": 1,
    },
}

_PLAIN: Final[dict[str, dict[str, Any]]] = {
    **{name: {"$ref": f"#/$defs/{name}"} for name in ("moment", "party", "parties", "item")},
    "text": {"type": "string"},
    "count": {"type": "integer", "minimum": 0},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "truth": {"type": "boolean"},
    "object": {"type": "object"},
    "json": {},
}

_FURTHER: Final[dict[type[Any], dict[str, Any]]] = {
    TruceViolated: {
        "if": {"properties": {"qualifier": {"type": "string"}}, "required": ["qualifier"]},
        "then": {"properties": {"count": {"type": "integer"}}, "required": ["count"]},
    }
}
"""What must hold between the fields of an event, as far as a schema can say it."""

_ATTRIBUTES: Final[dict[str, dict[str, Any]]] = {
    "precision": {"enum": [*get_args(Precision)]},
    "visible_to": {
        "$ref": "#/$defs/attribute",
        "pattern": f"^[^{_SPACE}]+( [^{_SPACE}]+)*$",
    },
}
"""The fields of a record that are more than any attribute."""


def json_schema(*, model: Model = Model.default) -> dict[str, Any]:
    """JSON Schema, draft 2020-12, for the lines of a log and for the data of each event.

    It describes one line. The schema of an event's data stands in `$defs` under the name of its
    class; data of a type or version that the model does not know is any object. What is valid may
    be refused all the same, for what no schema can say: a day that its month does not have; a time
    or a party that does not go with another field; a whole number that is written 3.0; an id that
    does not decode; a member that stands twice; a line that is too long.

    Args:
        model: the events that are known.
    """
    named = _names(model)
    known = [
        {
            "if": {"properties": {"type": {"const": wire_type}}, "required": ["type"]},
            "then": {"properties": {"data": {"$ref": named[cls]}}},
        }
        for cls, wire_type in model.wire_types.items()
    ]
    events = {ref.removeprefix(_DEFS): _data(cls, named) for cls, ref in named.items()}
    return {
        "$schema": DRAFT,
        "title": "A line of a log of negotiations",
        "description": "A record as a CloudEvents 1.0 event in the JSON format.",
        "type": "object",
        "properties": _line(),
        "patternProperties": {"^(?!data$)[a-z0-9]+$": {"$ref": "#/$defs/further"}},
        "additionalProperties": {"type": "null"},
        "required": ["specversion", "type", "source", "id", "time", "data"],
        "allOf": known,
        "$defs": {**_COMMON, _OTHERS: _or_null({"$ref": "#/$defs/attribute"}), **events},
    }


_DEFS: Final = "#/$defs/"
_OTHERS: Final = "further"
"""What stands for attributes that are not the library's own."""


def _names(model: Model) -> dict[type[Any], str]:
    """Where the schema of each class stands: the events, and whatever stands in their fields."""
    waiting = [*model.wire_types]
    names: dict[type[Any], str] = {}
    for cls in waiting:  # which grows
        name = cls.__name__
        while _DEFS + name in names.values() or name in (*_COMMON, _OTHERS):
            name += "-"
        names.setdefault(cls, _DEFS + name)
        waiting += [
            each
            for field in fields_of(cls)
            if (each := _nested(field.shape)) is not None and each not in waiting
        ]
    return names


def _nested(shape: Shape) -> type[Any] | None:
    """The class of the values in a field, or of the items of its lists."""
    return _nested(shape.items) if shape.items is not None else shape.cls


def _line() -> dict[str, Any]:
    """The schema of each attribute that the library knows, and of the data."""
    said = attribute_words(Record)
    line: dict[str, Any] = {
        "specversion": {"description": "The version of CloudEvents.", "const": "1.0"},
        "type": {
            "description": "The type of the event, with the version of its data.",
            "$ref": "#/$defs/attribute",
        },
        "source": {
            "description": "The id of the negotiation, percent-encoded as one path segment.",
            "type": "string",
            "pattern": f"^{_SEGMENT}({BRANCH})?$",
            "not": {"pattern": _CONTROL},
        },
        "id": {"description": said["id"], "$ref": "#/$defs/attribute"},
        "time": {"description": said["time"], "$ref": "#/$defs/moment"},
        "recordedtime": {
            "description": said["recorded"],
            **_or_null({"$ref": "#/$defs/moment"}),
        },
        "datacontenttype": {
            "description": "The type of the data, which is a JSON type.",
            **_or_null({"$ref": "#/$defs/attribute", "pattern": _JSON_TYPE}),
        },
        "data_base64": {"description": "Data is never binary.", "type": "null"},
    }
    for field, name in ATTRIBUTES.items():
        kind = _ATTRIBUTES.get(field, {"$ref": "#/$defs/attribute"})
        line[name] = {"description": said[field], **_or_null(kind)}
    line["data"] = {"description": "The fields of the event.", "type": "object"}
    return line


def _data(cls: type[Any], named: Mapping[type[Any], str]) -> dict[str, Any]:
    """The schema of the data of an event, or of what stands in a field."""
    fields = fields_of(cls)
    found: dict[str, Any] = {"title": cls.__name__}
    if said := class_words(cls):
        found["description"] = said
    return {
        **found,
        "type": "object",
        "properties": {each.name: _shaped(each.shape, named) for each in fields},
        "required": [each.name for each in fields if each.required],
        "additionalProperties": False,
        **_FURTHER.get(cls, {}),
    }


def _shaped(shape: Shape, named: Mapping[type[Any], str]) -> dict[str, Any]:
    """The schema of a value of some shape."""
    found = _PLAIN.get(shape.kind, {})
    if shape.kind == "choice":
        found = {"enum": [*shape.choices]}
    elif shape.items is not None:
        found = {"type": "array", "items": _shaped(shape.items, named)}
    elif shape.cls is not None:
        found = {"$ref": named[shape.cls]}
    return _or_null(found) if shape.null and found else found


def _or_null(found: dict[str, Any]) -> dict[str, Any]:
    """A schema that takes null too, which stands for an absent value."""
    if "enum" in found:
        return {**found, "enum": [*found["enum"], None]}
    if type(found.get("type")) is str:
        return {**found, "type": [found["type"], "null"]}
    return {"anyOf": [found, {"type": "null"}]}


# What the classes say of themselves


def class_words(cls: type[Any]) -> str:
    """The first sentences of the docstring of a class."""
    if (said := cls.__doc__) is None or said.startswith(f"{cls.__name__}("):
        return ""
    return " ".join(inspect.cleandoc(said).partition("\n\n")[0].split())


def attribute_words(cls: type[Any]) -> dict[str, str]:
    """What the docstring of a class says of each of its attributes."""
    _, _, listed = inspect.cleandoc(cls.__doc__ or "").partition("\nAttributes:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n     .*)*)", listed.partition("\n\n")[0], re.MULTILINE)
    return {name: _sentence(" ".join(words.split())) for name, words in found}


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
