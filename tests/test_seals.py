"""Seals: the canonical form of a line, and the hashes over it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import attrs
import pytest
from hypothesis import given

import negotiation as ng
from negotiation.stores import MemoryStore
from negotiation.testing.wild import json_values, wild_histories
from negotiation.wire.seals import hash_of, says, sealed_line
from negotiation.wire.text import canonical_text, parse, write

CODEC: Final = ng.Codec()
NINE: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)


def hashed(text: str) -> str:
    """The SHA-256 of a text, as hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def said(id: str, text: str = "so be it", **more: Any) -> ng.Record:
    """A statement on the border."""
    return ng.Record(
        id=id,
        negotiation="border",
        time=NINE,
        event=ng.StatementMade(by="north", text=text),
        **more,
    )


def log_of(*records: ng.Record) -> ng.Log:
    """The log of records on the border."""
    return ng.Log("border", records)


def lines_of(log: ng.Log) -> list[bytes]:
    """The lines of a log."""
    return [CODEC.encode(record).encode() for record in log]


def verified(*lines: str) -> ng.Verification:
    """What verifying lines of the border finds."""
    return ng.verify(log_of(*(CODEC.decode(line) for line in lines)))


# The canonical form


CANONICAL: Final[dict[str, tuple[Any, str]]] = {
    "names": ({"b": 1, "a": 2, "B": 3, "": 4}, '{"":4,"B":3,"a":2,"b":1}'),
    "digits": ({"2": 1, "10": 2}, '{"10":2,"2":1}'),
    "accents": ({"é": 1, "z": 2, "e\u0301": 3}, '{"e\u0301":3,"z":2,"é":1}'),
    "astral": ({"\U0001f54a": 1, "\ue000": 2}, '{"\ue000":2,"\U0001f54a":1}'),
    "nested": (
        {"b": [{"hash": 1, "a": {}}], "a": {"prevhash": [], "hash": None}},
        '{"a":{"hash":null,"prevhash":[]},"b":[{"a":{},"hash":1}]}',
    ),
    "words": ([True, False, None], "[true,false,null]"),
    "quotation": ('"\\/', '"\\"\\\\/"'),
    "short escapes": ("\b\t\n\f\r", '"\\b\\t\\n\\f\\r"'),
    "long escapes": ("\x00\x0b\x1f", '"\\u0000\\u000b\\u001f"'),
    "as they are": (
        "\x7f\x85é\u2028\ufeff\uffff\U0001f54a",
        '"\x7f\x85é\u2028\ufeff\uffff\U0001f54a"',
    ),
    "whole": ([1, 0, -7, 2**70], "[1,0,-7,1180591620717411303424]"),
    "double": ([1.0, 0.5, -2.25, 1e15], "[1.0,0.5,-2.25,1000000000000000.0]"),
    "large": ([1e16, 1.5e300, -1e100], "[1e+16,1.5e+300,-1e+100]"),
    "small": ([0.0001, 0.00001, 1.25e-7, 5e-324], "[0.0001,1e-05,1.25e-07,5e-324]"),
    "zero": ([0.0, -0.0], "[0.0,-0.0]"),
    "shortest": ([0.1, 1 / 3, 9007199254740993.0], "[0.1,0.3333333333333333,9007199254740992.0]"),
}


@pytest.mark.parametrize(("value", "text"), CANONICAL.values(), ids=CANONICAL)
def test_a_value_has_one_text(value: Any, text: str) -> None:
    """Members by code point, the fewest escapes, no white space, numbers as Python writes them."""
    assert canonical_text(value) == text


@given(json_values)
def test_the_text_reads_back_and_is_the_same_again(value: Any) -> None:
    """The canonical text of a value is that of what it reads back as."""
    text = canonical_text(value)

    assert canonical_text(parse(text.encode())) == text


@given(json_values)
def test_a_line_is_written_as_json_is(value: Any) -> None:
    """Without spaces, members in their order, whatever writes it."""
    assert write(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# Sealed lines, by hand


def test_the_first_line_is_hashed_without_its_hash() -> None:
    """The hash is over the canonical line, and then takes its sorted place in it."""
    hash = hashed(
        '{"data":{"by":"north","text":"so be it"},'
        '"id":"e1","recordedtime":"2026-03-02T09:00:00Z","source":"border","specversion":"1.0",'
        '"time":"2026-03-02T09:00:00Z","type":"negotiation.statement-made.v1"}'
    )

    line = (
        '{"data":{"by":"north","text":"so be it"},'
        f'"hash":"{hash}",'
        '"id":"e1","recordedtime":"2026-03-02T09:00:00Z","source":"border","specversion":"1.0",'
        '"time":"2026-03-02T09:00:00Z","type":"negotiation.statement-made.v1"}'
    )

    assert CODEC.seal(said("e1"), None) == (line, hash)


def test_a_later_line_is_hashed_with_the_hash_before_it() -> None:
    """The hash of the record before stands in the line as prevhash, and is hashed with it."""
    first, second = ng.seal(log_of(said("e1"), said("e2", "and so it was")))

    assert first.prevhash is None
    assert second.prevhash == first.hash
    assert second.hash == hashed(
        '{"data":{"by":"north","text":"and so it was"},'
        f'"id":"e2","prevhash":"{first.hash}",'
        '"recordedtime":"2026-03-02T09:00:00Z","source":"border","specversion":"1.0",'
        '"time":"2026-03-02T09:00:00Z","type":"negotiation.statement-made.v1"}'
    )


def test_every_attribute_stands_in_its_sorted_place() -> None:
    """Those that sort between hash and id too; what looks like a hash in a text is none."""
    record = said(
        "e1",
        quote='they said ,"hash":"0" and left',
        attributes={"0": "x", "hashes": "two", "header": "é", "hasg": "y"},
        visible_to=["south", "east"],
    )
    before = '{"0":"x","data":{"by":"north","text":"so be it"},"hasg":"y"'
    behind = (
        ',"hashes":"two","header":"é","id":"e1","quote":"they said ,\\"hash\\":\\"0\\" and left",'
        '"recordedtime":"2026-03-02T09:00:00Z","source":"border","specversion":"1.0",'
        '"time":"2026-03-02T09:00:00Z","type":"negotiation.statement-made.v1",'
        '"visibleto":"east south"}'
    )
    hash = hashed(before + behind)
    line = f'{before},"hash":"{hash}"{behind}'

    assert CODEC.seal(record, None) == (line, hash)
    assert hash_of(line.encode()) == hash
    assert verified(line).intact


def test_members_of_the_data_named_as_the_seal_is_are_data() -> None:
    """They stay where they are, and are hashed with the rest."""
    data = {"prevhash": "p", "hash": "0" * 64, "a": {"hash": "1" * 64}}
    record = attrs.evolve(said("e1"), event=ng.UnknownEvent(type="port.noted.v1", data=data))
    inside = f'{{"a":{{"hash":"{"1" * 64}"}},"hash":"{"0" * 64}","prevhash":"p"}}'
    behind = (
        '"id":"e1","recordedtime":"2026-03-02T09:00:00Z","source":"border","specversion":"1.0",'
        '"time":"2026-03-02T09:00:00Z","type":"port.noted.v1"}'
    )
    line, hash = CODEC.seal(record, None)

    assert hash == hashed(f'{{"data":{inside},{behind}')
    assert line == f'{{"data":{inside},"hash":"{hash}",{behind}'
    assert verified(line).intact


def test_a_seal_that_is_there_is_made_anew() -> None:
    """The seal of a record is no part of what is sealed."""
    old = said("e1", hash="0" * 64, prevhash="1" * 64)

    assert CODEC.seal(old, None) == CODEC.seal(said("e1"), None)
    assert ng.seal(log_of(old)) == ng.seal(log_of(said("e1")))


def test_a_sealed_line_that_would_be_too_long_is_refused() -> None:
    """The seal counts, so that what was written can be read back."""
    line, _ = CODEC.seal(said("e1"), None)
    exact, less = (
        ng.Codec(limits=ng.Limits(line_bytes=most)) for most in (len(line), len(line) - 1)
    )

    assert exact.seal(said("e1"), None)[0] == line
    with pytest.raises(ng.EncodeError, match=f"record 'e1': the line would have {len(line)} bytes"):
        less.seal(said("e1"), None)


# Sealed records


def test_what_no_record_can_hold_was_not_sealed() -> None:
    """An object in place of an attribute could hold what looks like the hash of the line."""
    line, hash = CODEC.seal(said("e1"), None)
    value = json.loads(line)
    odd = {**value, "z": {"a": "", "hash": "0" * 64}}

    assert says(value, hash)
    assert not says(odd, sealed_line(odd, None)[1])


@given(wild_histories())
def test_a_sealed_record_is_written_as_it_was_sealed(records: list[ng.Record]) -> None:
    """Whatever it holds: read it has its hash, and written it is the same line, byte for byte."""
    sealed = ng.seal(ng.Log(None, records))

    above: ng.Record | None = None
    for record in sealed:
        before = None if above is None else above.hash
        line, hash = CODEC.seal(record, before)
        decoded = CODEC.decode(line, above)
        assert (decoded.hash, decoded.prevhash) == (hash, before)
        assert decoded == record
        assert CODEC.encode(decoded) == line == canonical_text(json.loads(line))
        assert hash_of(line.encode()) == hash
        above = decoded


@given(wild_histories())
def test_a_log_is_sealed_in_one_way(records: list[ng.Record]) -> None:
    """By hand, by a store at once, and by one record by record: the seals are the same."""
    log = ng.Log("talks", [attrs.evolve(each, hash=None, prevhash=None) for each in records])
    sealed = ng.seal(log)

    whole, single = MemoryStore(), MemoryStore()
    whole.append("talks", log)
    for record in log:
        single.append("talks", [record])

    assert lines_of(whole.read("talks")) == lines_of(sealed) == lines_of(single.read("talks"))
    assert ng.seal(sealed) == sealed
    assert all(a.same_content(b) for a, b in zip(log, sealed, strict=True))


@given(wild_histories())
def test_what_a_log_comes_to_does_not_depend_on_its_seal(records: list[ng.Record]) -> None:
    """A log without seals has the head that it will have once it is sealed; both are intact."""
    log = ng.Log("talks", [attrs.evolve(each, hash=None, prevhash=None) for each in records])
    plain, sealed = ng.verify(log), ng.verify(ng.seal(log))

    assert plain.intact
    assert sealed.intact
    assert (plain.count, plain.sealed) == (len(log), 0)
    assert (sealed.count, sealed.sealed) == (len(log), len(log))
    assert plain.head == sealed.head
