"""The lines of a log are CloudEvents: the official SDK reads them, and we refuse more than it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat

import negotiation as ng

EXAMPLES = sorted(Path("examples").glob("*.jsonl"))
LINES = [line for path in EXAMPLES for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_every_line_of_every_example_is_a_cloudevent(line: bytes) -> None:
    """The official SDK reads each line, with the attributes and the data that we read."""
    event = JSONFormat().read(None, line)
    record = ng.Codec().decode(line)
    assert (event.get_id(), event.get_specversion()) == (record.id, "1.0")
    assert event.get_time() == record.time
    assert event.get_source() == record.negotiation
    assert event.get_extension("reportedby") == record.reported_by
    assert event.get_data() == json.loads(ng.Codec().encode(record))["data"]


LOOSE: dict[str, dict[str, Any]] = {
    "a control character": {"quote": "a\u0007b"},
    "a noncharacter": {"quote": "a\uffff"},
    "an attribute that is no text": {"speaker": 7},
    "a source that is no URI reference": {"source": "a b<>"},
}


@pytest.mark.parametrize("what", LOOSE)
def test_what_the_sdk_lets_pass_is_refused(what: str) -> None:
    """CloudEvents forbids it; the SDK reads it all the same, and we say what would be right."""
    line = json.dumps({**json.loads(LINES[0]), **LOOSE[what]})
    assert JSONFormat().read(None, line).get_id() == "e01"
    with pytest.raises(ng.DecodeError) as caught:
        ng.Codec().decode(line)
    assert caught.value.path in LOOSE[what]
