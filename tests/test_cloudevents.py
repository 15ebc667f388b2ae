"""The lines of a log are CloudEvents: the official SDK reads them, and we refuse more than it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given

import negotiation as ng
from negotiation.records import ATTRIBUTES
from negotiation.testing.wild import full_records
from negotiation.wire.lines import negotiation_of

EXAMPLES: Final = sorted(Path("examples").glob("*.jsonl"))
LINES: Final = [
    pytest.param(line, id=f"{path.stem}:{number}")
    for path in EXAMPLES
    for number, line in enumerate(path.read_bytes().splitlines(), start=1)
]
LINE: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "type": "negotiation.party-withdrew.v1",
    "source": "talks",
    "id": "e01",
    "time": "2031-03-01T12:00:00Z",
    "recordedtime": "2031-03-01T12:00:00Z",
    "data": {"by": "north"},
}


def read_alike(line: bytes, record: ng.Record) -> None:
    """Assert that the SDK reads of a line what the record holds."""
    event = JSONFormat().read(None, line)
    written = ng.Codec().to_json(record)
    assert (event.get_id(), event.get_specversion()) == (record.id, "1.0")
    assert event.get_type() == written["type"]
    assert event.get_time() == record.time
    assert negotiation_of(event.get_source()) == record.negotiation
    for field, name in ATTRIBUTES.items():
        value = event.get_extension(name)
        if field == "visible_to" and value is not None:
            assert frozenset(value.split(" ")) == record.visible_to
        else:
            assert value == getattr(record, field)
    for name, value in record.attributes:
        assert written[name] == event.get_attributes()[name] == value
    found, wanted = event.get_data(), written["data"]
    assert json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True)


def test_there_are_examples() -> None:
    """The examples lie where they are looked for."""
    assert len(EXAMPLES) > 0
    assert len(LINES) > len(EXAMPLES)


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_every_example_is_a_cloudevent(line: bytes) -> None:
    """The official SDK reads each line, with the attributes and the data that we read."""
    read_alike(line, ng.Codec().decode(line))


@given(full_records())
def test_every_line_that_is_written_is_a_cloudevent(record: ng.Record) -> None:
    """Whatever a record holds, the official SDK reads its line as we do."""
    read_alike(ng.Codec().encode(record).encode(), record)


LOOSE: Final[dict[str, dict[str, Any]]] = {
    "a control character": {"quote": "a\u0007b"},
    "a noncharacter": {"quote": "a\uffff"},
    "an empty attribute": {"quote": ""},
    "an attribute that is no text": {"speaker": 7},
    "an attribute that is an object": {"speaker": {"name": "A. Person"}},
    "a source that is no URI reference": {"source": "a b<>"},
    "a source of several segments": {"source": "talks/1"},
    "a time in days": {"time": "2031-03-01T24:00:00Z"},
    "a time without seconds": {"time": "2031-03-01T12:00Z"},
    "a recorded time that is none": {"recordedtime": "yesterday"},
    "data that is text": {"data": "by north"},
    "data of another type": {"datacontenttype": "text/plain"},
    "binary data beside it": {"data_base64": "AAAA", "data": None},
}


@pytest.mark.parametrize("what", LOOSE)
def test_what_the_sdk_lets_pass_is_refused(what: str) -> None:
    """CloudEvents or the log forbids it; the SDK reads it, and we say what would be right."""
    line = json.dumps({**LINE, **LOOSE[what]})
    assert JSONFormat().read(None, line).get_id() == "e01"
    with pytest.raises(ng.DecodeError) as caught:
        ng.Codec().decode(line)
    assert caught.value.path in LOOSE[what]


STRICT: Final[dict[str, dict[str, Any]]] = {
    "no id": {"id": None},
    "an empty id": {"id": ""},
    "another version": {"specversion": "0.9"},
    "an attribute's name": {"reported_by": "x"},
    "a naive time": {"time": "2031-03-01T12:00:00"},
}


@pytest.mark.parametrize("what", STRICT)
def test_what_the_sdk_refuses_is_refused(what: str) -> None:
    """Nothing that the official SDK does not read is read by us."""
    line = json.dumps({**LINE, **STRICT[what]})
    with pytest.raises(Exception):  # noqa: B017, PT011  # the SDK's errors have no common root
        JSONFormat().read(None, line)
    with pytest.raises(ng.DecodeError):
        ng.Codec().decode(line)


def test_the_line_that_the_cases_change_is_right() -> None:
    """Unchanged, both read it."""
    read_alike(json.dumps(LINE).encode(), ng.Codec().decode(json.dumps(LINE)))
