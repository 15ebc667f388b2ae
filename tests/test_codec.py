"""The codec: every event both ways, each edge of a line, and whatever may stand in a file."""

from __future__ import annotations

import io
import json
import os
import random
from collections import abc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given

import negotiation as ng
from negotiation import records as of_records
from negotiation.testing.wild import full_records, json_values, wild_histories
from negotiation.values import describe
from negotiation.wire.lines import negotiation_of, source_of
from negotiation.wire.text import Limits, parse, parse_carefully
from negotiation.wire.times import parse_time, time_text
from tests.properties.mutations import Mutator

Json = dict[str, Any]

NOON: Final = datetime(2031, 3, 1, 12, tzinfo=UTC)
CODEC: Final = ng.Codec()

# What each event looks like on the wire, with every field that it can have.
WIRE: Final[dict[str, Json]] = {
    "party-joined": {"party": "a", "role": "guarantor", "name": "The Guarantor"},
    "party-withdrew": {"by": "a", "reason": "no progress"},
    "proposal-made": {
        "proposal": "p2",
        "by": "a",
        "to": ["b", "c"],
        "terms": {"price": 1, "rate": 1.0, "fixed": True, "until": None, "lots": ["x", {}]},
        "counters": "p1",
        "expires": "2031-03-02T00:00:00Z",
    },
    "proposal-clarified": {"proposal": "p", "by": "a", "terms": {"price": 2}, "note": "as agreed"},
    "proposal-accepted": {"proposal": "p", "by": "b", "note": "gladly"},
    "proposal-rejected": {"proposal": "p", "by": "b", "reason": "too late"},
    "proposal-withdrawn": {"proposal": "p", "by": "a", "reason": "no answer"},
    "position-stated": {
        "by": "a",
        "issue": "annexed land",
        "value": {"share": 0.5, "parts": [1, None]},
        "firmness": "red-line",
        "condition": "peace",
        "attributed_by": "b",
    },
    "truce-declared": {
        "truce": "t",
        "by": "a",
        "kind": "humanitarian-pause",
        "binds": ["b", "a"],
        "starts": "2031-03-02T00:00:00Z",
        "ends": "2031-03-03T00:00:00.500000Z",
        "scope": "at sea",
        "condition": "no attack",
        "under": "p",
    },
    "truce-joined": {"truce": "t", "by": "c", "starts": "2031-03-02T00:00:00Z"},
    "truce-rejected": {"truce": "t", "by": "c", "reason": "a trick"},
    "truce-extended": {"truce": "t", "by": "a", "ends": "2031-03-04T00:00:00Z"},
    "truce-ended": {"truce": "t", "by": "a", "reason": "an attack"},
    "truce-violated": {
        "violation": "v",
        "truce": "t",
        "by": "a",
        "alleged_by": "b",
        "count": 30,
        "qualifier": "at-least",
        "what": "shells\nand drones",
        "place": "the coast",
        "begins": "2031-03-02T00:00:00Z",
        "ends": "2031-03-02T00:00:00Z",
        "replaces": "v0",
    },
    "truce-observed": {
        "truce": "t",
        "by": "a",
        "claimed_by": "b",
        "what": "a quiet night",
        "begins": "2031-03-02T00:00:00Z",
        "ends": "2031-03-03T00:00:00Z",
    },
    "violation-assessed": {"violation": "v", "by": "c", "finding": "refuted", "note": "no trace"},
    "deadline-set": {
        "deadline": "d",
        "by": "a",
        "on": ["b", "c"],
        "due": "2031-03-05T00:00:00Z",
        "earliest": "2031-03-04T00:00:00Z",
        "demand": "an answer",
        "consequence": "the end",
        "about": "p",
    },
    "deadline-moved": {
        "deadline": "d",
        "by": "b",
        "due": "2031-03-06T00:00:00Z",
        "earliest": "2031-03-06T00:00:00Z",
    },
    "deadline-met": {"deadline": "d", "by": "b", "note": "in writing"},
    "deadline-lifted": {"deadline": "d", "by": "a", "reason": "goodwill"},
    "meeting-scheduled": {
        "meeting": "m",
        "by": "a",
        "parties": ["a", "b"],
        "starts": "2031-03-05T00:00:00Z",
        "place": "Paris",
        "follows": "m0",
    },
    "meeting-held": {
        "meeting": "m",
        "parties": ["c", "a"],
        "place": "Paris",
        "follows": "m0",
        "outcome": "a date",
    },
    "meeting-cancelled": {"meeting": "m", "by": "a", "reason": "no time"},
    "statement-made": {"by": "a", "text": "declined to comment", "about": "p"},
    "event-retracted": {"event": "e0", "by": "a", "reason": "misread"},
}
OPTIONAL: Final = {
    "name", "reason", "note", "counters", "expires", "condition", "attributed_by", "binds",
    "starts", "ends", "scope", "under", "count", "qualifier", "what", "place", "begins",
    "replaces", "earliest", "demand", "consequence", "about", "follows", "outcome",
}  # fmt: skip
REQUIRED_TIMES: Final = {("truce-extended", "ends"), ("meeting-scheduled", "starts")}
TIMES: Final = {"expires", "starts", "ends", "begins", "due", "earliest"}


def line(kind: str = "statement-made", *, data: Any = None, **attributes: Any) -> Json:
    """One line of the log as JSON; attributes given replace its own."""
    return {
        "specversion": "1.0",
        "type": f"negotiation.{kind}.v1",
        "source": "talks",
        "id": "e1",
        "time": "2031-03-01T12:00:00Z",
        "recordedtime": "2031-03-01T12:00:00Z",
        **attributes,
        "data": WIRE[kind] if data is None else data,
    }


def text(value: Json) -> str:
    """A line as compact JSON, which is the usual form."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode(value: Json) -> ng.Record:
    """The record of a line, read from its text."""
    return CODEC.decode(text(value))


def read(*lines: str | bytes, end: bytes = b"\n", **options: Any) -> ng.Log:
    """The log that a file of these lines holds."""
    return ng.read_log(
        io.BytesIO(b"".join((x.encode() if isinstance(x, str) else x) + end for x in lines)),
        **options,
    )


def exactly(value: Any) -> str:
    """JSON as a text that tells 1, 1.0 and true apart."""
    return json.dumps(value, sort_keys=True)


# Every event both ways


def optional_fields() -> Iterator[tuple[str, str]]:
    """Each event on the wire with each of the fields that it need not have."""
    for kind, data in WIRE.items():
        for name in data:
            if name in OPTIONAL and (kind, name) not in REQUIRED_TIMES:
                yield kind, name


def test_the_wire_types_are_those_of_the_25_events() -> None:
    """Every event has its one name on the wire, in version 1."""
    assert len(WIRE) == 25
    assert {f"negotiation.{kind}.v1" for kind in WIRE} == set(ng.Model.default.wire_types.values())


@pytest.mark.parametrize("kind", WIRE)
def test_an_event_is_written_back_as_it_was_read(kind: str) -> None:
    """Each field comes back under its name, with the same JSON value."""
    record = decode(line(kind))
    assert ng.Model.default.wire_types[type(record.event)] == f"negotiation.{kind}.v1"
    assert exactly(CODEC.to_json(record)) == exactly(line(kind))
    assert CODEC.encode(record) == text(line(kind))
    assert CODEC.decode(CODEC.encode(record)) == record


@pytest.mark.parametrize(("kind", "name"), list(optional_fields()))
def test_an_optional_field_is_absent_or_null(kind: str, name: str) -> None:
    """Null in it and nothing of it are the same event, which is written without it."""
    rest = {key: value for key, value in WIRE[kind].items() if key != name}
    if name == "count":
        del rest["qualifier"]
    absent, null = decode(line(kind, data=rest)), decode(line(kind, data={**rest, name: None}))
    assert absent == null
    assert name not in CODEC.to_json(absent)["data"]


@pytest.mark.parametrize(
    ("kind", "written", "default"),
    [
        ("truce-violated", {"count": 3}, {"count": 3, "qualifier": "exact"}),
        ("truce-declared", {}, {"binds": ["a"]}),
        ("truce-declared", {"binds": ["b"]}, {"binds": ["b"], "ends": None}),
    ],
)
def test_what_is_said_by_default_is_not_written(kind: str, written: Json, default: Json) -> None:
    """An exact count and a truce that binds its declarer are written without saying so."""
    needed = {key: value for key, value in WIRE[kind].items() if key not in OPTIONAL}
    record = decode(line(kind, data={**needed, **default}))
    assert record == decode(line(kind, data={**needed, **written}))
    assert CODEC.to_json(record)["data"] == {**needed, **written}


@pytest.mark.parametrize("kind", WIRE)
def test_a_required_field_is_asked_for(kind: str) -> None:
    """A field that an event needs is missing by its path, and null in it is refused by its path."""
    for name in WIRE[kind]:
        if name in OPTIONAL and (kind, name) not in REQUIRED_TIMES:
            continue
        rest = {key: value for key, value in WIRE[kind].items() if key != name}
        with pytest.raises(ng.DecodeError) as missing:
            decode(line(kind, data=rest))
        assert (missing.value.path, missing.value.reason) == (f"data.{name}", "is missing")
        if name != "value":
            with pytest.raises(ng.DecodeError) as null:
                decode(line(kind, data={**rest, name: None}))
            assert null.value.path == f"data.{name}"


@pytest.mark.parametrize("kind", WIRE)
def test_a_number_is_no_id_no_party_and_no_time(kind: str) -> None:
    """Where a text belongs a number is refused, with its path and what may stand there."""
    for name in WIRE[kind]:
        if name in {"terms", "value", "count"}:
            continue
        with pytest.raises(ng.DecodeError, match="must ") as refused:
            decode(line(kind, data={**WIRE[kind], name: 7}))
        assert refused.value.path == f"data.{name}"
        assert "int 7" in refused.value.reason


@pytest.mark.parametrize("kind", WIRE)
def test_an_unknown_field_names_the_nearest(kind: str) -> None:
    """A field with a slip in its name is refused with the one that is meant."""
    name = max(WIRE[kind], key=len)
    with pytest.raises(ng.DecodeError) as refused:
        decode(line(kind, data={**WIRE[kind], name[:-1] + "x": 1}))
    assert refused.value.path == f"data.{name[:-1]}x"
    assert f"did you mean {name!r}?" in refused.value.reason


@pytest.mark.parametrize("kind", WIRE)
def test_times_in_data_are_read_in_any_offset(kind: str) -> None:
    """The same instants in another offset make the same event."""
    data = {
        name: value.replace("T00:", "T03:").replace("Z", "+03:00") if name in TIMES else value
        for name, value in WIRE[kind].items()
    }
    assert decode(line(kind, data=data)) == decode(line(kind))


@pytest.mark.parametrize("kind", WIRE)
def test_naive_times_in_data_are_refused(kind: str) -> None:
    """A time without an offset is refused by its path."""
    for name in TIMES & WIRE[kind].keys():
        naive = WIRE[kind][name].removesuffix("Z")
        with pytest.raises(ng.DecodeError, match="must be a time with an offset") as refused:
            decode(line(kind, data={**WIRE[kind], name: naive}))
        assert refused.value.path == f"data.{name}"


# Times


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2031-03-01T12:00:00Z", "2031-03-01T12:00:00Z"),
        ("2031-03-01t12:00:00z", "2031-03-01T12:00:00Z"),
        ("2031-03-01T12:00:00+00:00", "2031-03-01T12:00:00Z"),
        ("2031-03-01T12:00:00-00:00", "2031-03-01T12:00:00Z"),
        ("2031-03-01T17:45:00+05:45", "2031-03-01T12:00:00Z"),
        ("2031-02-28T12:01:00-23:59", "2031-03-01T12:00:00Z"),
        ("2031-03-01T12:00:00.5Z", "2031-03-01T12:00:00.500000Z"),
        ("2031-03-01T12:00:00.1234Z", "2031-03-01T12:00:00.123400Z"),
        ("2031-03-01T12:00:00.000001Z", "2031-03-01T12:00:00.000001Z"),
        ("2031-03-01T12:00:00.000000Z", "2031-03-01T12:00:00Z"),
        ("2032-02-29T00:00:00Z", "2032-02-29T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T05:00:00+05:00", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_a_time_is_kept_in_utc(given: str, kept: str) -> None:
    """RFC 3339 in any offset is read; it is written in UTC, with no fraction or six digits."""
    assert time_text(parse_time(given)) == kept
    assert CODEC.to_json(decode(line(time=given, recordedtime=given)))["time"] == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "2031-03-01T12:00:00",
        "2031-03-01T12:00:00 Z",
        "2031-03-01 12:00:00Z",
        "2031-03-01T12:00Z",
        "2031-03-01",
        "20310301T120000Z",
        "2031-060T12:00:00Z",
        "2031-W09-6T12:00:00Z",
        "2031-03-01T12:00:00.Z",
        "2031-03-01T12:00:00,5Z",
        "2031-03-01T12:00:00.1234567Z",
        "2031-03-01T12:00:00+0300",
        "2031-03-01T12:00:00+03",
        "2031-03-01T12:00:00+03:00:30",
        "2031-03-01T12:00:00UTC",
        "+2031-03-01T12:00:00Z",
        "12031-03-01T12:00:00Z",
        "-001-03-01T12:00:00Z",
        "٢٠٣١-03-01T12:00:00Z",
        "tomorrow",
    ],
)
def test_what_is_no_rfc_3339_is_refused(wrong: str) -> None:
    """The message shows a time that would be right."""
    with pytest.raises(ng.DecodeError, match="such as 2025-04-19T15:00:00Z") as refused:
        decode(line(time=wrong))
    assert refused.value.path == "time"


@pytest.mark.parametrize(
    "wrong",
    [
        "2031-02-29T12:00:00Z",
        "2031-13-01T12:00:00Z",
        "2031-00-01T12:00:00Z",
        "2031-03-00T12:00:00Z",
        "2031-03-01T24:00:00Z",
        "2031-03-01T12:60:00Z",
        "2031-06-30T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "2031-03-01T12:00:00+24:00",
        "2031-03-01T12:00:00-24:00",
        "2031-03-01T12:00:00+99:99",
        "2031-03-01T12:00:00+00:60",
        "2031-03-01T12:00:00-01:75",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ],
)
def test_a_time_that_does_not_exist_is_refused(wrong: str) -> None:
    """No such day, hour, minute, second, offset or year."""
    for name in ("time", "recordedtime"):
        with pytest.raises(ng.DecodeError) as refused:
            decode(line(**{name: wrong}))
        assert refused.value.path == name
    with pytest.raises(ng.DecodeError) as refused:
        decode(line("truce-joined", data={**WIRE["truce-joined"], "starts": wrong}))
    assert refused.value.path == "data.starts"


# Attributes


@pytest.mark.parametrize(
    ("negotiation", "source"),
    [
        ("talks", "talks"),
        ("easter-truce_2025.v1~", "easter-truce_2025.v1~"),
        ("a b", "a%20b"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("urn:x", "urn%3Ax"),
        ("100%", "100%25"),
        ("été", "%C3%A9t%C3%A9"),
        ("\x00\n", "%00%0A"),
        ("..", ".."),
    ],
)
def test_a_negotiations_id_is_one_path_segment(negotiation: str, source: str) -> None:
    """It is percent-encoded, the colon too, and comes back as it was."""
    assert source_of(negotiation) == source
    assert negotiation_of(source) == negotiation
    record = decode(line(source=source))
    assert record.negotiation == negotiation
    assert CODEC.to_json(record)["source"] == source


@pytest.mark.parametrize(
    ("source", "negotiation"), [("a%2fb", "a/b"), ("%61", "a"), ("a@b,c;d=e!", "a@b,c;d=e!")]
)
def test_a_source_may_be_encoded_otherwise(source: str, negotiation: str) -> None:
    """Whatever is one path segment is read; it is written in the one way of the library."""
    record = decode(line(source=source))
    assert record.negotiation == negotiation
    assert decode(CODEC.to_json(record)) == record


@pytest.mark.parametrize(
    "source",
    ["a/b", "/a", "a b", "urn:x", "a?b", "a#b", "100%", "%2", "%zz", "é", "[a]", "https://a/b"],
)
def test_a_source_that_is_no_segment_is_refused(source: str) -> None:
    """The message says how such an id is written."""
    with pytest.raises(ng.DecodeError) as refused:
        decode(line(source=source))
    assert refused.value.path == "source"
    assert "percent-encoded as one path segment" in refused.value.reason
    assert repr(source_of(source)) in refused.value.reason


ATTRIBUTES: Final = (
    "speaker", "reportedby", "reporturl", "quote", "repeats", "correlationid", "causationid",
    "prevhash", "hash", "subject", "dataschema",
)  # fmt: skip


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_is_a_text_without_control_characters(name: str) -> None:
    """What is empty, no text, or holds what CloudEvents forbids is refused by the name."""
    wrongs: list[tuple[Any, str]] = [
        ("", "must not be empty"),
        (7, "must be a text, as every attribute, not int 7"),
        (True, "must be a text"),
        (["x"], "must be a text"),
        ({}, "must be a text"),
        ("a\nb", "it holds U+000A"),
        ("\x7f", "it holds U+007F"),
        ("\x85", "it holds U+0085"),
        ("\ufdd0", "it holds U+FDD0"),
        ("\ufffe", "it holds U+FFFE"),
        ("\U0010ffff", "it holds U+10FFFF"),
    ]
    for wrong, reason in wrongs:
        with pytest.raises(ng.DecodeError) as refused:
            decode(line(**{name: wrong}))
        assert refused.value.path == name
        assert reason in refused.value.reason
    assert decode({**line(), name: None}) == decode(line())
    for right in (" ", "é\u2028\ufeff\U0001f54a", "\ue000"):
        assert CODEC.to_json(decode(line(**{name: right})))[name] == right


def test_every_field_of_a_record_is_carried() -> None:
    """Each has its name on the wire and comes back from there; data stands last."""
    full = {name: f"the {name}" for name in ATTRIBUTES}
    given = line(**full, precision="day", visibleto="a b")
    record = decode(given)
    assert (record.speaker, record.reported_by) == ("the speaker", "the reportedby")
    assert (record.report_url, record.quote) == ("the reporturl", "the quote")
    assert (record.precision, record.visible_to) == ("day", frozenset({"a", "b"}))
    assert (record.repeats, record.correlation) == ("the repeats", "the correlationid")
    assert (record.causation, record.prevhash) == ("the causationid", "the prevhash")
    assert record.hash == "the hash"
    assert record.attributes == (("dataschema", "the dataschema"), ("subject", "the subject"))
    written = CODEC.to_json(record)
    assert exactly(written) == exactly(given)
    assert next(iter(written)) == "specversion"
    assert list(written)[-1] == "data"


@pytest.mark.parametrize("name", ["specversion", "type", "source", "id", "time", "data"])
def test_a_record_needs_six_attributes(name: str) -> None:
    """One that is missing or null is named; recordedtime is none of them."""
    for changed in ({**line(), name: None}, {k: v for k, v in line().items() if k != name}):
        with pytest.raises(ng.DecodeError) as refused:
            decode(changed)
        assert refused.value.path == name
        assert refused.value.reason.startswith("is missing")


@pytest.mark.parametrize("name", ["Speaker", "reported_by", "reported-by", "é", "", "a b", "time "])
def test_the_name_of_an_attribute_is_of_letters_and_digits(name: str) -> None:
    """CloudEvents has a-z and 0-9 in names; the nearest that the library has is told."""
    with pytest.raises(ng.DecodeError, match="is not of a-z and 0-9") as refused:
        decode(line(**{name: "x"}))
    if name in {"Speaker", "reported_by", "time "}:
        assert "did you mean" in refused.value.reason


@pytest.mark.parametrize(
    ("content", "right"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/json", True),
        ("application/cloudevents+json", True),
        ("application/vnd.example.v1+json;a=b", True),
        ("application/xml", False),
        ("json", False),
        ("application/jsonl", False),
        ("text/plain; format=json", False),
    ],
)
def test_data_is_json(content: str, right: bool) -> None:
    """A datacontenttype that is a JSON type is kept and written back; any other is refused."""
    given = line(datacontenttype=content)
    if right:
        assert exactly(CODEC.to_json(decode(given))) == exactly(given)
    else:
        with pytest.raises(ng.DecodeError) as refused:
            decode(given)
        assert refused.value.path == "datacontenttype"


def test_binary_data_is_refused() -> None:
    """CloudEvents may carry binary data; a record's data is an object."""
    with pytest.raises(ng.DecodeError, match="stands for binary data") as refused:
        decode(line(data_base64="AAAA"))
    assert refused.value.path == "data_base64"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("a  b", "must be a party's id, which is not empty"),
        (" a", "must be a party's id, which is not empty"),
        ("a ", "must be a party's id, which is not empty"),
        ("a b a", "names 'a' again"),
        ("a\u00a0b", "holds no white space"),
        ("a\tb", "U+0009"),
    ],
)
def test_the_parties_that_see_a_record_are_joined_by_one_space(given: str, reason: str) -> None:
    """They are ids of parties, none of them twice."""
    with pytest.raises(ng.DecodeError) as refused:
        decode(line(visibleto=given))
    assert refused.value.path == "visibleto"
    assert reason in refused.value.reason


def test_the_parties_that_see_a_record_are_a_set() -> None:
    """Their order does not matter; they are written in one."""
    assert decode(line(visibleto="b a")) == decode(line(visibleto="a b"))
    assert CODEC.to_json(decode(line(visibleto="b a")))["visibleto"] == "a b"


# What is written can be read


def made(**fields: Any) -> ng.Record:
    """A record of somebody's saying nothing."""
    event = ng.StatementMade(by="a", text="")
    return ng.Record(**{"id": "e1", "negotiation": "talks", "time": NOON, "event": event, **fields})


UNREADABLE: Final[dict[str, Callable[[], ng.Record]]] = {
    "a type with a control character": lambda: made(event=ng.UnknownEvent(type="x\ny", data={})),
    "a known type": lambda: made(
        event=ng.UnknownEvent(type="negotiation.party-withdrew.v1", data={"by": "a"})
    ),
    "a content type that is not JSON": lambda: made(attributes={"datacontenttype": "text/plain"}),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_could_not_be_read_back_is_not_written(case: str) -> None:
    """A record whose line nobody could read cannot be made or cannot be written."""
    with pytest.raises(ng.NegotiationError):
        CODEC.encode(UNREADABLE[case]())


@attrs.frozen
class Sung:
    """An event that no model here knows."""

    by: str


def test_an_event_that_the_model_does_not_know_is_not_written() -> None:
    """The error names the record and the class, and says what to do."""
    with pytest.raises(ng.EncodeError) as refused:
        CODEC.encode(made(event=Sung("a")))
    assert str(refused.value) == (
        "record 'e1': Sung is no event of the model; extend the model with it"
    )


def test_a_negotiation_of_half_a_character_is_not_written() -> None:
    """An importer may make such a record; the error names it, and the branch of one."""
    for negotiation in ("talks\ud800", "talks\ud800#branch"):
        absent = [None] * len(of_records.ATTRIBUTES)
        broken = of_records.checked_record(
            "e1", negotiation, 1, NOON, made().event, NOON, *absent, ()
        )
        for write in (CODEC.encode, CODEC.to_json, lambda record: CODEC.seal(record, None)):
            with pytest.raises(ng.EncodeError) as refused:
                write(broken)
            assert str(refused.value) == (
                "record 'e1': source holds a lone surrogate, which UTF-8 cannot carry: "
                f"{negotiation!r}"
            )


def test_a_newline_in_a_quote_is_written_as_a_space() -> None:
    """A quote may be given as it was printed."""
    record = made(quote="so\nbe\r\nit\r!")
    assert record.quote == "so be it !"
    assert decode(CODEC.to_json(record)) == record


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"attributes": 5}, "attributes"),
        ({"attributes": "ab"}, "attributes"),
        ({"attributes": {5: "x"}}, "attributes"),
        ({"attributes": {"x": 5}}, "attributes"),
        ({"attributes": {"speaker": "x"}}, "attributes"),
        ({"attributes": {"X": "x"}}, "attributes"),
        ({"attributes": {"x": "\n"}}, "attributes"),
        ({"visible_to": {1, "a"}}, "visible_to"),
        ({"visible_to": ["\x01"]}, "visible_to"),
        ({"position": 0}, "position"),
        ({"negotiation": ""}, "negotiation"),
        ({"more": 1}, "more"),
        ({"id": None}, "id"),
    ],
)
def test_a_wrong_field_of_a_record_is_named(fields: Json, field: str) -> None:
    """Whatever is wrong with a record is told by the field, in an error of the library."""
    with pytest.raises(ng.InvalidRecord) as refused:
        made(**fields)
    assert refused.value.field == field


def test_a_record_takes_its_fields_by_name() -> None:
    """Nothing is taken by place."""
    with pytest.raises(ng.InvalidRecord, match="takes its fields by keyword"):
        ng.Record("e1")  # type: ignore[call-arg]  # refusing it is the test


# Events of a model


@attrs.frozen
class Part:
    """A part of an offer."""

    size: int
    of: Part | None = None
    parts: tuple[Part, ...] = ()


def of(hint: Any, *, converter: Any = None) -> tuple[ng.Codec, type[Any]]:
    """A codec that knows an event with one field of a type, and the class of the event."""
    field = attrs.field(type=hint, default=None, converter=converter)
    cls = attrs.make_class("Told", {"what": field}, frozen=True, kw_only=True)
    extension = ng.Extension("told", "org.example.told", cls, None, lambda found, _: found)
    return ng.Codec(ng.Model.default.extended(extension)), cls


def what(codec: ng.Codec, data: Any) -> Any:
    """What such an event has in its field, read from its line."""
    told = text({**line(), "type": "org.example.told.v1", "data": {"what": data}})
    event: Any = codec.decode(told).event
    return event.what


LISTS: Final[tuple[tuple[Any, type[Any]], ...]] = (
    (list, list), (list[str], list), (abc.MutableSequence[str], list),
    (tuple, tuple), (tuple[str, ...], tuple), (abc.Sequence, tuple), (abc.Sequence[str], tuple),
    (abc.Iterable, tuple), (abc.Iterable[str], tuple), (abc.Collection[str], tuple),
    (set, set), (set[str], set), (abc.MutableSet[str], set),
    (frozenset, frozenset), (frozenset[str], frozenset), (abc.Set[str], frozenset),
    (tuple[str, str], tuple),
)  # fmt: skip


@pytest.mark.parametrize(("hint", "kind"), LISTS, ids=str)
def test_a_list_of_an_extension_is_a_list(hint: Any, kind: type[Any]) -> None:
    """Whatever its type makes of one, it is read of a list, and written as one."""
    codec, cls = of(hint)
    value = what(codec, ["south", "north"])
    order = ["south", "north"] if kind in (list, tuple) else ["north", "south"]

    assert type(value) is kind
    assert value == kind(["south", "north"])
    assert codec.to_json(made(event=cls(what=value)))["data"] == {"what": order}
    assert codec.decode(codec.encode(made(event=cls(what=value)))).event == cls(what=value)


@pytest.mark.parametrize("data", ["no", {"n": 1, "s": 2}, 5, 0.5, True], ids=str)
@pytest.mark.parametrize("hint", [hint for hint, _ in LISTS], ids=str)
def test_what_is_no_list_is_refused_with_its_path(hint: Any, data: Any) -> None:
    """A text is no list of its letters, and an object none of its names."""
    inside: Any = dict[str, hint]
    for kind, wrong, path in ((hint, data, "data.what"), (inside, {"a": data}, "data.what['a']")):
        with pytest.raises(ng.DecodeError) as refused:
            what(of(kind)[0], wrong)
        assert str(refused.value) == f"{path}: must be a list, not {describe(data)}"


@pytest.mark.parametrize("hint", [tuple[str, ...], list[str] | None, frozenset[str]], ids=str)
def test_a_converter_of_an_extension_is_given_lists(hint: Any) -> None:
    """Where the type is a list, a converter of its own does not make one of a text."""
    codec, _ = of(hint, converter=attrs.converters.optional(tuple))

    assert what(codec, ["south"]) == ("south",)
    assert what(codec, None) is None
    with pytest.raises(ng.DecodeError, match=r"^data\.what: must be a list, not str 'south'"):
        what(codec, "south")


def test_a_converter_may_take_what_the_type_does_not_tell() -> None:
    """Of a type that is no list, nothing is known."""
    codec, _ = of(Any, converter=tuple)

    assert what(codec, "no") == ("n", "o")


@pytest.mark.parametrize(
    ("hint", "data", "path", "reason"),
    [
        (list[str], ["a", 1], "[1]", "must be of type str, not int 1"),
        (tuple[str, int], ["a", "b"], "[1]", "must be of type int, not str 'b'"),
        (tuple[str, int], ["a"], "", "must be a list of 2, not of 1"),
        (tuple[str, int], ["a", 1, 2], "", "must be a list of 2, not of 3"),
        (tuple[frozenset[str], ...], [["a"], "b"], "[1]", "must be a list, not str 'b'"),
        (list[Part], [{"size": 1}, {"size": "x"}], "[1].size", "must be of type int, not str 'x'"),
        (Part, {"size": 1, "parts": [{"size": 2, "parts": "x"}]}, ".parts[0].parts",
         "must be a list, not str 'x'"),
        (dict[str, int], {"a": 1, "b": "x"}, "['b']", "must be of type int, not str 'x'"),
        (dict[int, int], {"a": 1}, "['a']", "must be of type int, not str 'a'"),
    ],
    ids=["item", "one of two", "too few", "too many", "inner", "object", "recursive", "member",
         "name"],
)  # fmt: skip
def test_what_is_wrong_in_a_list_has_its_place(
    hint: Any, data: Any, path: str, reason: str
) -> None:
    """The path goes into lists, objects and classes."""
    codec, _ = of(hint)
    with pytest.raises(ng.DecodeError) as refused:
        what(codec, data)

    assert refused.value.path == f"data.what{path}"
    assert refused.value.reason == reason


def test_a_note_of_an_error_is_no_place() -> None:
    """What a class of an extension adds to its errors is not taken for a part of the path."""

    @attrs.frozen
    class Odd:
        size: int

        def __attrs_post_init__(self) -> None:
            error = ValueError("is odd")
            error.add_note("so it is")
            raise error

    with pytest.raises(ng.DecodeError) as refused:
        what(of(list[Odd])[0], [{"size": 1}])
    assert str(refused.value) == "data.what[0]: is odd"


@pytest.mark.parametrize("data", [[["a", 1]], "no", 5], ids=["pairs", "text", "number"])
@pytest.mark.parametrize(
    "hint", [dict, dict[str, int], abc.Mapping, abc.Mapping[str, int], ng.FrozenDict], ids=str
)
def test_what_is_no_object_is_refused_with_its_path(hint: Any, data: Any) -> None:
    """Pairs are none either."""
    codec, _ = of(hint)

    assert what(codec, {"a": 1}) == {"a": 1}
    with pytest.raises(ng.DecodeError) as refused:
        what(codec, data)
    assert str(refused.value) == f"data.what: must be a JSON object, not {describe(data)}"


@pytest.mark.parametrize(
    ("hint", "value", "data"),
    [
        (frozenset[int], frozenset({10, 9, -1}), [-1, 9, 10]),
        (Any, {"b", "a"}, ["a", "b"]),
        (frozenset, frozenset({"a", 1, None}), ["a", 1, None]),
        (frozenset[frozenset[str]], frozenset({frozenset("ba"), frozenset("c")}),
         [["a", "b"], ["c"]]),
        (frozenset[Part], frozenset({Part(2), Part(10)}), [{"size": 10}, {"size": 2}]),
        (tuple[frozenset[str], ...], (frozenset("ba"),), [["a", "b"]]),
        (dict[str, set[str]], {"x": {"b", "a"}}, {"x": ["a", "b"]}),
        (abc.Iterable[Part], (Part(1, Part(2)),), [{"size": 1, "of": {"size": 2}}]),
        (tuple[int, str], (1, "a"), [1, "a"]),
    ],
    ids=["numbers", "any", "mixed", "sets", "objects", "in a list", "in an object", "iterable",
         "pair"],
)  # fmt: skip
def test_a_set_is_written_in_an_order_of_its_own(hint: Any, value: Any, data: Any) -> None:
    """So that the same event is the same line, whatever stands in the set and wherever it is."""
    codec, cls = of(hint)
    record = made(event=cls(what=value))

    assert codec.to_json(record)["data"] == {"what": data}
    assert json.loads(codec.encode(record))["data"] == {"what": data}
    assert json.loads(codec.seal(record, None)[0])["data"] == {"what": data}


@pytest.mark.parametrize(
    ("hint", "value", "reason"),
    [
        (bytes, b"a", "data.what holds a bytes; JSON has text, finite numbers"),
        (Any, Decimal("0.5"), "data.what holds a Decimal"),
        (Any, (Part(1),), "data.what holds a Part"),
        (float, float("nan"), "data.what holds nan, which is no JSON number"),
        (str, "half \ud800", "data.what holds a lone surrogate"),
        (dict[int, str], {1: "a"}, "data.what has the key 1; the keys of a JSON object are text"),
        (frozenset[bytes], frozenset({b"a"}), "data.what holds a bytes"),
        (tuple[str, ...], "north", "data.what must be a list, not str 'north'"),
        (frozenset[str], "north", "data.what must be a list, not str 'north'"),
        (list[str] | None, {"a": 1}, "data.what must be a list, not a dict"),
        (tuple[str, ...], 5, "data.what must be a list, not int 5"),
        (Part, "x", "data cannot be written as JSON: AttributeError: "),
    ],
    ids=["bytes", "decimal", "class", "NaN", "surrogate", "key", "bytes in a set", "text",
         "letters", "object", "number", "other class"],
)  # fmt: skip
def test_what_json_cannot_hold_is_not_written(hint: Any, value: Any, reason: str) -> None:
    """Nor what could not be read back; the error names the record and the field."""
    codec, cls = of(hint)
    for write in (codec.encode, codec.to_json, lambda record: codec.seal(record, None)):
        with pytest.raises(ng.EncodeError) as refused:
            write(made(event=cls(what=value)))
        assert str(refused.value).startswith(f"record 'e1': {reason}")


# Files


def refused(content: bytes, **options: Any) -> ng.DecodeError:
    """The error that reading a file gives."""
    with pytest.raises(ng.DecodeError) as caught:
        ng.read_log(io.BytesIO(content), **options)
    return caught.value


GOOD: Final = text(line()).encode()


@pytest.mark.parametrize(
    ("content", "number", "reason"),
    [
        (GOOD + b"\n" + GOOD[:-1], 2, "is not JSON: "),
        (GOOD + b"\n" + GOOD[:1], 2, "is not JSON: "),
        (b"\n\n" + GOOD + b"\n\n{\n", 5, "is not JSON: "),
        (GOOD + b"\r\n\r\nx\r\n", 3, "is not JSON: "),
        (GOOD + b"\n\xff\xfe\n", 2, "byte 1 of the line is not UTF-8"),
        (GOOD + b"\n" + GOOD.replace(b"declined", b"d\xe9clined"), 2, "is not UTF-8"),
        (b"\xef\xbb\xbf" + GOOD + b"\n[]\n", 2, "must be a JSON object"),
        (GOOD + b"\n\xef\xbb\xbf" + GOOD, 2, "is not JSON"),
        (b"null", 1, "must be a JSON object, one CloudEvents event; is nothing"),
        (GOOD + GOOD, 1, "is not JSON: Extra data"),
        (GOOD[:-1] + b",}", 1, "is not JSON: "),
        (GOOD.replace(b'"id"', b"'id'"), 1, "is not JSON: "),
        (GOOD.replace(b'"e1"', b'"e\t1"'), 1, "is not JSON: "),
        (GOOD.replace(b'"e1"', b'"e\\x1"'), 1, "is not JSON: "),
    ],
)
def test_a_broken_line_is_told_by_its_number(content: bytes, number: int, reason: str) -> None:
    """Lines are counted from 1, blank ones too; the last one may have been cut."""
    error = refused(content)
    assert (error.file, error.line) == ("input", number)
    assert reason in error.reason
    assert str(error).startswith(f"input:{number}: ")


def test_an_error_names_the_file(tmp_path: Path) -> None:
    """The path as it was given, the line, the place inside it and what would be right."""
    path = tmp_path / "talks.jsonl"
    path.write_bytes(GOOD + b"\n" + text(line(id="e2", precision="decade")).encode())
    for source in (path, str(path)):
        with pytest.raises(ng.DecodeError) as caught:
            ng.read_log(source)
        assert str(caught.value) == (
            f"{path}:2: precision: must be one of instant, minute, hour, day, week, month, year, "
            "not str 'decade'"
        )
    with path.open("rb") as file, pytest.raises(ng.DecodeError, match=r"talks\.jsonl:2: precision"):
        ng.read_log(file)


class Broken(io.BytesIO):
    """A file on a disk that is failing."""

    name = "broken"

    def readline(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A directory, a missing file, a path that none can have, a disk that fails."""
    for path, reason in (
        (tmp_path, "Is a directory"),
        (tmp_path / "none.jsonl", "No such file or directory"),
        ("a\0b", "embedded null byte"),
    ):
        with pytest.raises(ng.Unreadable) as refused:
            ng.read_log(path)
        assert (refused.value.file, refused.value.line) == (str(path), None)
        assert refused.value.reason == f"cannot be read: {reason}"
    with pytest.raises(ng.Unreadable, match="broken:1: cannot be read: Input/output error"):
        ng.read_log(Broken())


def test_a_log_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A file is replaced once everything is written; where that fails it stays as it was."""
    path = tmp_path / "talks.jsonl"
    log = read(GOOD, text(line(id="e2")))
    ng.write_log(log, path)
    assert ng.read_log(path) == log
    ng.write_log(log.upto(1), str(path))
    assert path.read_bytes() == GOOD + b"\n"
    with pytest.raises(ng.EncodeError, match="record 'e1': the line would have"):
        ng.write_log(log, path, limits=Limits(line_bytes=9))
    assert path.read_bytes() == GOOD + b"\n"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ng.Unreadable) as refused:
        ng.write_log(log, tmp_path / "nowhere" / "talks.jsonl")
    assert refused.value.reason == "cannot be written: No such file or directory"


def test_progress_is_told_in_bytes() -> None:
    """Whoever reads a log hears the size of every line as it is read, blank ones too."""
    heard: list[int] = []
    read(GOOD, "", text(line(id="e2")), progress=heard.append)
    assert heard == [len(GOOD) + 1, 1, len(GOOD) + 1]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"  \n", b"\n \n"], ids=repr)
def test_lines_may_end_in_several_ways(end: bytes) -> None:
    """Line feeds, with carriage returns, with spaces before them, with blank lines after."""
    log = read(GOOD, text(line(id="e2")), end=end)
    assert [(each.id, each.position) for each in log] == [("e1", 1), ("e2", 2)]
    assert read(GOOD, end=b"") == log.upto(1)


def test_white_space_and_order_do_not_matter() -> None:
    """A line may be indented, spaced and ordered in any way, and escape what it likes."""
    pretty = json.dumps(dict(reversed(line(quote="é").items())), separators=(" ,\t", " : "))
    assert CODEC.decode("\t " + pretty) == decode(line(quote="é"))
    assert CODEC.decode(text(line()).replace("talks", "t\\u0061lks")) == decode(line())


def test_a_caller_may_stop_the_reading() -> None:
    """What `progress` raises is the caller's own and comes out as it is."""

    def stop(size: int) -> None:
        raise ValueError(f"enough after {size} bytes")

    with pytest.raises(ValueError, match="enough after") as stopped:
        read(GOOD, progress=stop)
    assert not isinstance(stopped.value, ng.NegotiationError)
    with pytest.raises(ValueError, match="enough after") as stopped:
        ng.read_log("examples/easter_truce_2025.jsonl", progress=stop)
    assert not isinstance(stopped.value, ng.NegotiationError)


def padded(size: int, **attributes: Any) -> bytes:
    """A line of exactly so many bytes."""
    bare = len(text(line(data={"by": "a", "text": ""}, **attributes)).encode())
    return text(line(data={"by": "a", "text": "x" * (size - bare)}, **attributes)).encode()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with byte-order mark"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"], ids=repr)
def test_a_line_has_at_most_so_many_bytes(mark: bytes, end: bytes) -> None:
    """As many as the limit are read, whatever ends the line; one more is refused."""
    limits = Limits(line_bytes=500)
    assert len(read(mark + padded(500), end=end, limits=limits)) == 1
    for size in (501, 502, 503, 504, 2000):
        error = refused(mark + padded(size) + end, limits=limits)
        assert (error.line, error.path) == (1, "")
        assert "500 bytes that are read" in error.reason
    if end:
        error = refused(mark + padded(500) + end + b"x", limits=limits)
        assert error.line == 2


def test_a_line_has_at_most_a_mebibyte_by_default() -> None:
    """1,048,576 bytes and not one more; the limit may be raised."""
    most = 1 << 20
    assert len(read(padded(most))) == 1
    assert "more than the 1048576 bytes" in refused(padded(most + 1)).reason
    (record,) = read(padded(most + 1), limits=Limits(line_bytes=most + 1))
    with pytest.raises(ng.EncodeError, match="the line would have 1048577 bytes"):
        CODEC.encode(record)
    with pytest.raises(ng.DecodeError, match="the line has 1048577 bytes"):
        CODEC.decode(padded(most + 1))
    assert CODEC.encode(CODEC.decode(padded(most))).encode() == padded(most)


def deep(levels: int) -> Json:
    """A line that nests so deep: the line is one level, its data two."""
    value: Any = 0
    for _ in range(levels - 2):
        value = [value]
    return line("position-stated", data={**WIRE["position-stated"], "value": value})


def test_a_line_nests_at_most_so_deep() -> None:
    """64 levels are read and written, 65 are neither; the limit may be moved."""
    record = decode(deep(64))
    assert CODEC.encode(record) == text(deep(64))
    with pytest.raises(ng.DecodeError, match="the line nests 65 deep; at most 64 are read"):
        decode(deep(65))
    (deeper,) = read(text(deep(65)), limits=Limits(depth=65))
    with pytest.raises(ng.EncodeError, match="nest deeper than the 64"):
        CODEC.encode(deeper)
    assert ng.Codec(limits=Limits(depth=65)).encode(deeper) == text(deep(65))
    with pytest.raises(ng.DecodeError, match="nests 3 deep; at most 2"):
        read(text(deep(3)), limits=Limits(depth=2))
    assert decode(line(quote="[{" * 40)).quote == "[{" * 40


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"depth": "x"}, "depth must be a whole number from 1 to 200, not str 'x'"),
        ({"depth": 0}, "depth must be a whole number from 1 to 200, not int 0"),
        ({"depth": 201}, "depth must be a whole number from 1 to 200, not int 201"),
        ({"line_bytes": None}, "line_bytes must be a whole number from 1, not nothing"),
        ({"line_bytes": 0}, "line_bytes must be a whole number from 1, not int 0"),
        ({"line_bytes": True}, "line_bytes must be a whole number from 1, not bool True"),
    ],
)
def test_limits_have_limits(given: Any, reason: str) -> None:
    """A line holds a byte and a level at least, and 200 levels at most."""
    with pytest.raises(ng.NegotiationError) as caught:
        Limits(**given)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("NaN", "NaN, which is no JSON number"),
        ("-Infinity", "-Infinity, which is no JSON number"),
        ("1e999", "1e999, which is too large a number"),
        ("-1e999", "-1e999, which is too large a number"),
        ("9" * 4300, "holds a whole number of more than 14000 bits"),
        ("9" * 5000, "is not JSON that can be read"),
        ("01", "is not JSON"),
        ("+1", "is not JSON"),
        (".5", "is not JSON"),
        ("0x1", "is not JSON"),
    ],
)
def test_what_is_no_number_is_refused(number: str, reason: str) -> None:
    """JSON has finite numbers alone, and Python reads whole ones of so many digits."""
    data = '{"by":"a","issue":"i","value":[NUMBER],"firmness":"open"}'.replace("NUMBER", number)
    start = text(line("position-stated", data={}))[: -len("{}}")]
    error = refused(f"{start}{data}}}".encode())
    assert error.line == 1
    assert reason in error.reason


@pytest.mark.parametrize(
    "number", ["0", "-0", "1", "1.0", "1e5", "1E+2", "-0.0", "1e-400", "9007199254740993", "9" * 80]
)
def test_numbers_are_kept_as_they_are(number: str) -> None:
    """A whole number stays one however large, and a number with a point or exponent is none."""
    value = json.loads(number)
    record = decode(line("position-stated", data={**WIRE["position-stated"], "value": value}))
    as_read = CODEC.decode(
        text(line("position-stated", data={**WIRE["position-stated"], "value": "@"})).replace(
            '"@"', number
        )
    )
    assert as_read == record
    assert exactly(CODEC.to_json(as_read)["data"]["value"]) == exactly(value)


@pytest.mark.parametrize(
    ("change", "member"),
    [
        (('"id":"e1"', '"id":"e1","id":"e1"'), "id"),
        (('"by":"a"', '"by":"a","b\\u0079":"b"'), "by"),
        (('"data":', '"data":{},"data":'), "data"),
    ],
)
def test_a_member_stands_once_in_an_object(change: tuple[str, str], member: str) -> None:
    """The same name twice is refused, at every level and however it is escaped."""
    error = refused(text(line()).replace(*change).encode())
    assert f"has the member str {member!r} twice in one object" in error.reason


def test_lone_surrogates_are_refused() -> None:
    """Half a character is none: in an attribute, a text, a key, and in a line given as text."""
    half = "\\ud800"
    for change in (
        ('"e1"', f'"{half}"'),
        ('"declined to comment"', f'"{half}"'),
        ('"text":', f'"{half}":1,"text":'),
        ('"negotiation.statement-made.v1"', f'"{half}"'),
        ('"source":', f'"{half}":"x","source":'),
    ):
        assert refused(text(line()).replace(*change).encode()).line == 1
    with pytest.raises(ng.DecodeError, match="holds a lone surrogate"):
        CODEC.decode(text(line()).replace("declined", "\ud800"))
    pair = text(line()).replace("declined", "\\ud83d\\udd4a")
    assert CODEC.to_json(CODEC.decode(pair))["data"]["text"].startswith("\U0001f54a")


def test_ids_stand_for_one_record() -> None:
    """An id again with other content is refused at its line; a copy is passed over."""
    other = text(line(speaker="A. Person"))
    error = refused(GOOD + b"\n" + other.encode())
    assert error.line == 2
    assert "record 'e1': stands at position 1 with other content" in error.reason
    early = text(line(recordedtime="2031-02-01T00:00:00Z"))
    assert read(GOOD, text(line(id="e2")), early, GOOD) == read(GOOD, text(line(id="e2")))


def test_a_record_is_recorded_after_those_above_it() -> None:
    """A recorded time before the one above is refused at its line, with both."""
    error = refused(
        GOOD + b"\n" + text(line(id="e2", recordedtime="2031-03-01T11:00:00Z")).encode()
    )
    assert error.line == 2
    assert "was recorded 2031-03-01T11:00:00+00:00, before the record above it" in error.reason


def test_a_missing_recorded_time_is_that_of_the_record_above() -> None:
    """Or its own time where that is later; a copy is no record above."""
    without = {k: v for k, v in line(id="e2").items() if k != "recordedtime"}
    late = text(line(recordedtime="2031-03-09T00:00:00Z"))
    log = read(GOOD, late, text(without), text({**without, "id": "e3"}))
    assert [each.recorded for each in log] == [NOON] * 3
    assert read(text(line(id="e0", recordedtime="2031-03-09T00:00:00Z")), text(without))[
        1
    ].recorded == datetime(2031, 3, 9, tzinfo=UTC)
    assert read(text(without))[0].recorded == NOON


def test_negotiations_may_share_a_file() -> None:
    """Each keeps its own positions, recorded times and ids; one must be chosen."""
    lines = [
        text(line(id=id, source=source, recordedtime=f"2031-03-0{day}T00:00:00Z"))
        for id, source, day in (("e1", "b", 5), ("e1", "a", 3), ("e2", "b", 6), ("e2", "a", 4))
    ]
    with pytest.raises(ng.MixedNegotiations) as mixed:
        read(*lines)
    assert mixed.value.negotiations == ("a", "b")
    assert (mixed.value.file, mixed.value.line) == ("input", None)
    for name in ("a", "b"):
        log = read(*lines, negotiation=name)
        assert [(each.id, each.position) for each in log] == [("e1", 1), ("e2", 2)]
        assert log.negotiation == name
    error = refused("\n".join(lines).encode(), negotiation="c")
    assert "holds no negotiation 'c'; it holds 'a', 'b'" in error.reason


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_file_of_nothing_is_a_log_of_nothing(content: bytes) -> None:
    """An empty file, blank lines and a byte-order mark hold no records."""
    assert len(ng.read_log(io.BytesIO(content))) == 0
    assert ng.read_log(io.BytesIO(content), negotiation="talks") == ng.Log("talks")


# Properties


@given(st.lists(full_records(), min_size=1, max_size=3))
def test_any_record_is_read_back(records: list[ng.Record]) -> None:
    """Whatever a record can hold is written so that it is read back, in both ways of reading."""
    for each in records:
        encoded = CODEC.encode(each)
        assert CODEC.decode(encoded) == each
        assert CODEC.from_json(parse_carefully(encoded.encode())) == each
        assert CODEC.encode(CODEC.decode(encoded)) == encoded


@given(wild_histories())
def test_any_log_is_read_back(records: list[ng.Record]) -> None:
    """What is written to a file is read from it, and written again the same."""
    log = ng.Log(None, records)
    file = io.BytesIO()
    ng.write_log(log, file)
    again = ng.read_log(io.BytesIO(file.getvalue()))
    assert again == log
    rewritten = io.BytesIO()
    ng.write_log(again, rewritten)
    assert rewritten.getvalue() == file.getvalue()


@given(st.dictionaries(st.sampled_from(["subject", "x1", "dataschema"]), st.text(min_size=1)))
def test_unknown_attributes_survive(attributes: dict[str, str]) -> None:
    """Attributes that the library does not know are written back, or refused by their name."""
    given = line(**attributes)
    try:
        record = decode(given)
    except ng.DecodeError as error:
        assert error.path in attributes  # noqa: PT017  # which values are refused is told above
    else:
        assert exactly(CODEC.to_json(record)) == exactly(given)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_unknown_types_survive(data: Json) -> None:
    """Data of a type that the library does not know is written back as the same JSON value."""
    given = {**line(data=data), "type": "org.example.weather-changed.v3"}
    record = decode(given)
    assert type(record.event) is ng.UnknownEvent
    assert exactly(json.loads(CODEC.encode(record))) == exactly(given)


def outcome(work: Callable[[], Any]) -> Any:
    """What some work gives, or the error of the library that it raises."""
    try:
        return work()
    except ng.NegotiationError as error:
        return type(error), getattr(error, "path", None), str(error)


def both_ways_agree(raw: bytes) -> None:
    """Assert that the quick and the careful reading of a line agree, errors included."""
    stripped = raw.strip(b" \t\r\n")
    quick = outcome(lambda: CODEC.decode(raw))
    assert quick == outcome(lambda: CODEC.from_json(parse_carefully(stripped)))
    assert repr(outcome(lambda: parse(stripped))) == repr(
        outcome(lambda: parse_carefully(stripped))
    )


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A line with some of its JSON replaced, doubled or taken away, or some of its bytes."""
    value = CODEC.to_json(draw(full_records()))
    for _ in range(draw(st.integers(0, 2))):
        part = draw(st.sampled_from([value, value.get("data")]))
        if not isinstance(part, dict) or not part:
            continue
        name = draw(st.sampled_from(sorted(part)) | st.sampled_from([*ATTRIBUTES, "visibleto"]))
        match draw(st.sampled_from(["replace", "drop", "rename", "quote"])):
            case "replace":
                part[name] = draw(json_values)
            case "drop":
                part.pop(name, None)
            case "rename":
                part[draw(st.text(max_size=4))] = part.pop(name, None)
            case _:
                part[name] = str(part.get(name)) + draw(st.sampled_from("a ,\n\x00é"))
    raw = json.dumps(value, ensure_ascii=draw(st.booleans()), separators=(",", ":")).encode()
    start = draw(st.integers(0, len(raw)))
    match draw(st.sampled_from(["as it is", "as it is", "cut", "doubled", "overwritten"])):
        case "cut":
            return raw[:start]
        case "doubled":
            return raw[:start] + raw[max(0, start - 20) :]
        case "overwritten":
            written = draw(st.binary(max_size=3))
            return raw[:start] + written + raw[start + len(written) :]
        case _:
            return raw


@given(mangled())
def test_the_quick_and_the_careful_way_agree(raw: bytes) -> None:
    """The same record, or the same error at the same path with the same words."""
    both_ways_agree(raw)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | json_values.map(exactly))
def test_anything_is_a_record_or_an_error(anything: bytes | str) -> None:
    """Any bytes and any JSON value are read alike both ways, and nothing else is raised."""
    both_ways_agree(anything.encode() if isinstance(anything, str) else anything)


# Mutated lines

COUNT: Final = 10_000 if os.environ.get("HYPOTHESIS_PROFILE", "dev") == "dev" else 200_000
PARTS: Final = 8


def mutator(seed: int) -> Mutator:
    """A mutator of lines of every type, with every attribute in some of them."""
    full = dict.fromkeys(ATTRIBUTES, "x") | {"precision": "day", "visibleto": "a b"}
    lines = [line(kind, id="e2", **more) for kind in WIRE for more in ({}, full)]
    return Mutator(random.Random(seed), lines)  # noqa: S311  # the same ones every time


def check_place(error: ng.NegotiationError, raw: bytes) -> None:
    """Assert that an error tells where the file is wrong: at the second line or the third."""
    if isinstance(error, ng.MixedNegotiations):
        assert len(error.negotiations) > 1
        return
    assert isinstance(error, ng.DecodeError), raw
    assert error.file == "input"
    assert error.line is not None
    assert 2 <= error.line <= 3 + raw.count(b"\n"), raw
    assert str(error) == ": ".join(
        part for part in (f"input:{error.line}", error.path, error.reason) if part
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_mutated_lines_are_read_or_refused_with_their_place(part: int) -> None:
    """A damaged line is read, and can be written, or an error of the library says where it is."""
    mutate = mutator(part)
    last = text(line(id="e3")).encode()
    refusals = kept = 0
    for _ in range(COUNT // PARTS):
        raw = mutate.line()
        try:
            log = ng.read_log(io.BytesIO(b"\n".join((GOOD, raw, last))))
        except ng.NegotiationError as error:
            refusals += 1
            check_place(error, raw)
        else:
            kept += 1
            file = io.BytesIO()
            ng.write_log(log, file)
            assert ng.read_log(io.BytesIO(file.getvalue())) == log, raw
    assert refusals > COUNT / PARTS / 2
    assert kept > COUNT / PARTS / 50


def test_both_ways_agree_on_mutated_lines() -> None:
    """The quick way and the careful way give the same record or the same error."""
    mutate = mutator(PARTS)
    for _ in range(COUNT // 10):
        both_ways_agree(mutate.line())
