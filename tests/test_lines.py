"""Lines of the wire format, one rule at a time: what is read, refused and written."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

import negotiation as ng
from negotiation.wire.lines import Codec
from negotiation.wire.text import parse, parse_carefully

LINE: dict[str, Any] = {
    "specversion": "1.0",
    "type": "negotiation.proposal-made.v1",
    "source": "talks",
    "id": "e1",
    "time": "2031-03-01T12:00:00Z",
    "recordedtime": "2031-03-02T12:00:00Z",
    "data": {"proposal": "p1", "by": "buyer", "to": ["seller"], "terms": {"price": 10}},
}
NOON = datetime(2031, 3, 1, 12, tzinfo=UTC)


def line(**changes: Any) -> str:
    """The line above with attributes changed; None takes one away."""
    changed = {**LINE, **changes}
    return json.dumps({name: value for name, value in changed.items() if value is not None})


def data(**changes: Any) -> str:
    """The line above with members of its data changed."""
    return line(data={**LINE["data"], **changes})


def read(*lines: str | bytes, **options: Any) -> ng.Log:
    """The log that a file of these lines holds."""
    content = b"\n".join(each.encode() if isinstance(each, str) else each for each in lines)
    return ng.read_log(io.BytesIO(content), **options)


WRONG: dict[str, tuple[str | bytes, str, str]] = {
    "no JSON": ("{", "", "is not JSON"),
    "a truncated line": (line()[:-9], "", "is not JSON"),
    "no object": ("[1]", "", "must be a JSON object"),
    "a number": ("7", "", "must be a JSON object"),
    "not UTF-8": (b'{"id": "\xff"}', "", "byte 9 of the line is not UTF-8"),
    "a database": (b"SQLite format 3\0\xff", "", "is a SQLite database; name it as a store, by sq"),
    "a lone surrogate": ('{"id": "\\ud800"}', "specversion", "is missing"),
    "NaN": (data(terms={"a": float("nan")}), "", "NaN, which is no JSON number"),
    "Infinity": (data(terms={"a": float("inf")}), "", "Infinity, which is no JSON number"),
    "a number too large": (line().replace("10}", "1e999}"), "", "too large a number"),
    "too many digits": (
        line().replace("10}", "1" * 5000 + "}"),
        "",
        "is not JSON that can be read",
    ),
    "a member twice": (line().replace('{"price"', '{"price": 9, "price"'), "", "twice"),
    "nesting": (data(terms={"a": json.loads("[" * 62 + "]" * 62)}), "", "nests 65 deep"),
    "a long line": (data(terms={"a": "x" * (1 << 20)}), "", "more than the 1048576 bytes"),
    "no id": (line(id=None), "id", "is missing"),
    "no data": (line(data=None), "data", "is missing"),
    "data that is no object": (line(data=[1]), "data", "must be a JSON object, not"),
    "an empty id": (line(id=""), "id", "must not be empty"),
    "an id that is a number": (line(id=7), "id", "must be a text"),
    "a control character": (line(quote="a\nb"), "quote", "U+000A"),
    "a noncharacter": (line(quote="a\ufdd0"), "quote", "U+FDD0"),
    "another version of CloudEvents": (line(specversion="0.3"), "specversion", 'must be "1.0"'),
    "a path as source": (line(source="a/b"), "source", "percent-encoded as one path segment"),
    "a source that is not UTF-8": (line(source="%ff"), "source", "does not decode to UTF-8"),
    "binary data": (line(data_base64="AA=="), "data_base64", "binary data"),
    "an attribute's name": (line(Foo="x"), "", "is not of a-z and 0-9"),
    "data that is not JSON": (line(datacontenttype="text/xml"), "datacontenttype", "a JSON type"),
    "a naive time": (line(time="2031-03-01T12:00:00"), "time", "with an offset"),
    "a time that does not exist": (line(time="2031-02-30T12:00:00Z"), "time", "no moment"),
    "a leap second": (line(time="2031-03-01T23:59:60Z"), "time", "no moment"),
    "nanoseconds": (line(time="2031-03-01T12:00:00.1234567Z"), "time", "at most microseconds"),
    "a time before the year 1": (line(time="0001-01-01T00:00:00+05:00"), "time", "years 1 to 9999"),
    "a week date": (line(time="2031-W09-6T12:00:00Z"), "time", "with an offset"),
    "a number as time": (line(time=7), "time", "must be a text"),
    "a wrong precision": (line(precision="moment"), "precision", "must be one of instant"),
    "two spaces": (line(visibleto="a  b"), "visibleto", "[1] must be a party's id"),
    "a party twice": (line(visibleto="a a"), "visibleto", "names 'a' again"),
    "an unknown member": (data(prise=1), "data.prise", "is no field of ProposalMade"),
    "an odd member": (line(data={**LINE["data"], "a b": 1}), "data['a b']", "is no field"),
    "a missing member": (data(terms=None), "data.terms", "must be a JSON object"),
    "no member": (line(data={"proposal": "p1"}), "data.by", "is missing"),
    "a number as id": (data(proposal=7), "data.proposal", "must be text, not int 7"),
    "a party with white space": (data(by="a b"), "data.by", "no white space"),
    "an empty list": (data(to=[]), "data.to", "at least one party"),
    "a list with a number": (data(to=["a", 7]), "data.to[1]", "must be text"),
    "a time in the data": (data(expires="tomorrow"), "data.expires", "with an offset"),
    "a number as time in the data": (data(expires=5), "data.expires", "must be a time such as"),
    "its maker as addressee": (data(to=["buyer"]), "data.to", "a proposal is to others"),
}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"a":"b', "is not JSON: Unterminated string starting at character 6"),
        ('{"a":"\t"}', "is not JSON: Invalid control character at character 7"),
        ("{", "is not JSON: Expecting property name enclosed in double quotes at character 2"),
    ],
)
def test_where_a_line_stops_being_json(content: str, reason: str) -> None:
    """What the JSON lacks is said with its place, in one sentence."""
    with pytest.raises(ng.DecodeError) as caught:
        read(content)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("changes", "path", "reason"),
    [
        ({1: "x"}, "", "the attribute name int 1 is not of a-z and 0-9"),
        ({"data": {1: "x"}}, "data['1']", "is no field of ProposalMade"),
    ],
)
def test_names_that_are_no_text(changes: Any, path: str, reason: str) -> None:
    """A value that JSON cannot hold is refused as a wrong line is."""
    with pytest.raises(ng.DecodeError, match=reason) as caught:
        Codec().from_json({**LINE, **changes})
    assert caught.value.path == path


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_line_is_refused_with_its_place(what: str) -> None:
    """What is wrong with a line is said with the file, the line and the path inside it."""
    wrong, path, reason = WRONG[what]
    with pytest.raises(ng.DecodeError) as caught:
        read("", line(), wrong)
    assert (caught.value.line, caught.value.path) == (3, path)
    assert reason in str(caught.value)
    assert str(caught.value).startswith("input:3: ")


def test_what_names_nearest() -> None:
    """An unknown member is told with the field that was probably meant."""
    with pytest.raises(ng.DecodeError, match="did you mean 'expires'"):
        read(data(expirse="2031-03-01T12:00:00Z"))


def test_lines_given_as_text_are_read_too() -> None:
    """A codec takes a line as text or as bytes, with its end or without."""
    codec = Codec()
    assert codec.decode(line()) == codec.decode((line() + "\r\n").encode())
    with pytest.raises(ng.DecodeError, match="lone surrogate"):
        codec.decode("\ud800")


@pytest.mark.parametrize("text", ["\ud800", "a\ud800"])
def test_lone_surrogates_are_refused_wherever_they_stand(text: str) -> None:
    """What UTF-8 cannot carry is refused in attributes, in texts and in keys."""
    for wrong in (line(quote=text), data(terms={"a": text}), data(terms={text: 1})):
        with pytest.raises(ng.DecodeError, match="lone surrogate"):
            read(wrong)
    with pytest.raises(ng.DecodeError, match="lone surrogate"):
        read(line(type="other.v1", data={"a": text}))


def test_what_is_as_deep_as_allowed_is_read() -> None:
    """Nesting of 64 is read; a limit can be moved, and written lines keep to it too."""
    deep = data(terms={"a": json.loads("[" * 61 + "]" * 61)})
    (record,) = read(deep)
    assert read(Codec().encode(record)) == read(deep)
    deeper = data(terms={"a": json.loads("[" * 90 + "]" * 90)})
    (record,) = read(deeper, limits=ng.Limits(depth=100))
    with pytest.raises(ng.EncodeError, match=r"record 'e1': .* deeper than the 64"):
        Codec().encode(record)
    with pytest.raises(ng.EncodeError, match="at most 50 are read"):
        Codec(limits=ng.Limits(line_bytes=50)).encode(record)


def test_brackets_in_texts_do_not_nest() -> None:
    """Only brackets outside texts count as nesting."""
    (record,) = read(data(terms={"a": '[{"' * 90}))
    assert Codec().encode(record).count("[") > 90


def test_blank_lines_and_a_byte_order_mark_are_skipped() -> None:
    """A file may begin with a byte-order mark, end its lines with CR LF and hold blank lines."""
    log = read(b"\xef\xbb\xbf" + line().encode() + b"\r", "  ", line(id="e2"), "")
    assert [(record.id, record.position) for record in log] == [("e1", 1), ("e2", 2)]


def test_an_empty_file_is_an_empty_log() -> None:
    """Nothing in a file is a log without records, whose negotiation is not known."""
    log = read()
    assert (len(log), log.negotiation) == (0, None)
    assert ng.state_to_json(ng.replay(log))["id"] is None


def test_what_is_null_is_absent() -> None:
    """A null attribute and a null optional field are as if they were not there."""
    nulls = json.dumps({**LINE, "quote": None, "data": {**LINE["data"], "counters": None}})
    assert read(nulls) == read(line())


def test_a_missing_recorded_time_is_filled_in() -> None:
    """It is the later of the record's time and the recorded time above."""
    log = read(
        line(recordedtime=None),
        line(id="e2", recordedtime="2031-03-05T00:00:00Z"),
        line(id="e3", recordedtime=None),
    )
    assert [record.recorded.day for record in log] == [1, 5, 5]


def test_a_log_grows_at_its_end() -> None:
    """A recorded time before that of the record above is refused, with its place."""
    with pytest.raises(ng.DecodeError, match="input:2: record 'e2': was recorded"):
        read(line(), line(id="e2", recordedtime="2031-03-01T12:00:00Z"))


def test_a_copy_is_read_once_and_another_content_is_refused() -> None:
    """The same id with the same content is a copy, however it is written; else it is refused."""
    copy = line(recordedtime="2031-03-01T00:00:00Z", datacontenttype="application/json")
    assert len(read(line(), line(id="e2"), copy)) == 2
    with pytest.raises(ng.DecodeError, match="input:2: record 'e1': stands at position 1 with"):
        read(line(), line(quote="other"))


def test_two_negotiations_in_one_file() -> None:
    """A file that holds two is refused unless one is chosen, and its lines are then its own."""
    lines = (line(), line(source="other", recordedtime="2031-03-01T12:00:00Z"), line(id="e2"))
    with pytest.raises(ng.MixedNegotiations) as caught:
        read(*lines)
    assert caught.value.negotiations == ("other", "talks")
    assert [record.id for record in read(*lines, negotiation="talks")] == ["e1", "e2"]
    assert len(read(negotiation="talks")) == 0
    with pytest.raises(ng.DecodeError, match="holds no negotiation 'third'"):
        read(*lines, negotiation="third")


def test_unknown_types_and_attributes_survive() -> None:
    """What the library does not know is kept whole and written back as the same JSON value."""
    for wire_type in ("org.example.seen.v1", "negotiation.proposal-made.v2", "whatever"):
        given = json.loads(line(type=wire_type, data={"a": [1, 1.0, True, None]}, subject="x"))
        (record,) = read(json.dumps(given))
        assert isinstance(record.event, ng.UnknownEvent)
        assert json.loads(Codec().encode(record)) == given
        assert [found.code for found in ng.check(read(json.dumps(given)))] == ["unknown-type"]


def test_defaults_are_left_out() -> None:
    """Fields at their default are not written: exact counts, the declarer alone, nothing said."""
    claim = {"violation": "v", "truce": "t", "by": "a", "alleged_by": "b", "count": 3}
    truce = {"truce": "t", "by": "a", "kind": "truce"}
    for name, written, more in (
        ("truce-violated", claim, {"qualifier": "exact", "what": None}),
        ("truce-declared", truce, {"binds": ["a"]}),
    ):
        (record,) = read(line(type=f"negotiation.{name}.v1", data={**written, **more}))
        assert json.loads(Codec().encode(record))["data"] == written


def test_every_attribute_of_a_record_is_carried() -> None:
    """Each optional field of a record has its name on the wire, and comes back from there."""
    attributes = {
        "speaker": "A. Minister",
        "reportedby": "a news agency",
        "reporturl": "https://example.org/1",
        "quote": "“so it is”",
        "precision": "day",
        "visibleto": "buyer seller",
        "repeats": "e0",
        "correlationid": "c1",
        "causationid": "c0",
        "prevhash": "0",
        "hash": "1",
    }
    (record,) = read(line(**attributes))
    assert record.visible_to == frozenset({"buyer", "seller"})
    written = json.loads(Codec().encode(record))
    assert {name: written[name] for name in attributes} == attributes
    assert list(written) == sorted(written)  # as a sealed record is
    unsealed = attrs.evolve(record, hash=None)
    assert list(json.loads(Codec().encode(unsealed)))[-1] == "data"


def test_an_event_that_the_model_does_not_know_is_not_written() -> None:
    """Writing an event of a class that is not in the model is refused: nobody could read it."""

    @attrs.frozen
    class Sung:
        by: str

    record = ng.Record(id="e1", negotiation="talks", time=NOON, event=Sung(by="buyer"))
    with pytest.raises(ng.EncodeError, match="Sung is no event of the model"):
        Codec().encode(record)


def test_a_log_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Writing replaces a file only once everything is written; what fails leaves it as it was."""
    path = tmp_path / "talks.jsonl"
    log = read(line())
    ng.write_log(log, path)
    assert ng.read_log(path) == log
    buffer = io.BytesIO()
    ng.write_log(log, buffer)
    assert buffer.getvalue() == path.read_bytes()
    with pytest.raises(ng.EncodeError):
        ng.write_log(log, path, limits=ng.Limits(line_bytes=9))
    assert path.read_bytes() == buffer.getvalue()
    with pytest.raises(ng.Unreadable, match="cannot be written"):
        ng.write_log(log, tmp_path / "nowhere" / "talks.jsonl")


@pytest.mark.parametrize("given", ["", ".", "/", "..", "a\0", "folder", "folder/none/x"])
def test_what_no_log_can_be_written_to(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A target that is no file is named in one error, and nothing is left anywhere near it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(ng.Unreadable, match=r"cannot be written|name a file"):
        ng.write_log(read(line()), given)
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_what_is_written_halfway_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the last step fails, the file stays as it was and nothing stands beside it."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "talks.jsonl"
    path.write_bytes(b"before")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ng.Unreadable, match=r"talks.jsonl: cannot be written: No space left"):
        ng.write_log(read(line()), path)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"before"]


def closed() -> io.BytesIO:
    """A file that was closed."""
    file = io.BytesIO(line().encode())
    file.close()
    return file


def text_file() -> io.TextIOWrapper:
    """A file that was opened for text, of a name that it does not tell."""
    return io.TextIOWrapper(io.BytesIO(line().encode()))


NO_FILES: dict[str, tuple[Callable[[], Any], str]] = {
    "text in memory": (lambda: io.StringIO(line()), "must be a path, or a binary file that is"),
    "a file opened for text": (text_file, "bytes, not text"),
    "a closed file": (closed, "closed file"),
    "nothing": (lambda: None, "not nothing"),
    "a number": (lambda: 5, "not int 5"),
    "bytes": (lambda: b"talks.jsonl", "not a bytes"),
    "no path": (lambda: "", "the path '' is empty; name a file"),
}


@pytest.mark.parametrize("what", NO_FILES)
def test_what_is_no_file(what: str) -> None:
    """What is neither a path nor an open binary file is told, for reading and for writing."""
    make, reason = NO_FILES[what]
    with pytest.raises(ng.Unreadable, match=reason):
        ng.read_log(make())
    with pytest.raises(ng.Unreadable, match=reason):
        ng.write_log(read(line()), make())


def test_a_file_that_is_not_open_for_it(tmp_path: Path) -> None:
    """A file open for the one cannot be used for the other."""
    path = tmp_path / "talks.jsonl"
    with (
        path.open("wb") as written,
        pytest.raises(ng.Unreadable, match=r"talks.jsonl:1: cannot be read: the file is not open"),
    ):
        ng.read_log(written)
    with (
        path.open("rb") as opened,
        pytest.raises(ng.Unreadable, match=r"talks.jsonl: cannot be written: the file is not open"),
    ):
        ng.write_log(read(line()), opened)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A directory, a missing file, a path that is none and a broken file are named."""
    for path in (tmp_path, tmp_path / "none.jsonl", "a\0b"):
        with pytest.raises(ng.Unreadable, match="cannot be read"):
            ng.read_log(path)

    class Broken(io.RawIOBase):
        name = "broken"

        def readable(self) -> bool:
            return True

        def readline(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(ng.Unreadable, match="broken:1: cannot be read: Input/output error"):
        ng.read_log(Broken())  # type: ignore[arg-type]  # a file as far as it is asked


def test_progress_is_told_in_bytes() -> None:
    """Whoever reads a log hears of every line as it is read."""
    heard: list[int] = []
    read(line(), "", line(id="e2"), progress=heard.append)
    assert heard == [len(line()) + 1, 1, len(line(id="e2"))]


# A million ways to be wrong


def mutations(rng: random.Random, good: list[bytes]) -> Callable[[], bytes]:
    """A source of lines that were flipped, cut, swapped, spliced, or given other JSON values."""
    values: list[Any] = [
        None,
        True,
        0,
        -1,
        1.5,
        10**30,
        "",
        " ",
        "a b",
        "\0",
        "é",
        [],
        {},
        [[]],
        {"a": {}},
    ]
    values += ["2031-03-01T12:00:00Z", "9999-12-31T23:59:59-01:00", "%", "a" * 300, ["a", "a"]]

    def flipped(source: bytes) -> bytes:
        at = rng.randrange(len(source))
        return source[:at] + bytes([source[at] ^ (1 << rng.randrange(8))]) + source[at + 1 :]

    def cut(source: bytes) -> bytes:
        start, end = sorted(rng.randrange(len(source) + 1) for _ in range(2))
        return source[:start] + source[end:]

    def swapped(source: bytes) -> bytes:
        a, b, c = sorted(rng.randrange(len(source) + 1) for _ in range(3))
        return source[:a] + source[b:c] + source[a:b] + source[c:]

    def spliced(source: bytes) -> bytes:
        other = rng.choice(good)
        return source[: rng.randrange(len(source))] + other[rng.randrange(len(other)) :]

    def revalued(source: bytes) -> bytes:
        value = json.loads(source)
        part = value if rng.random() < 0.4 else value["data"]
        name = rng.choice([*part, "visibleto", "extra", "X"])
        part[name] = rng.choice(values)
        if rng.random() < 0.2:
            del part[rng.choice(list(part))]
        return json.dumps(value, ensure_ascii=rng.random() < 0.5).encode()

    ways = (flipped, cut, swapped, spliced, revalued)
    return lambda: rng.choice(ways)(rng.choice(good))


def test_both_ways_of_reading_agree_on_mutated_lines() -> None:
    """The quick way and the careful way give the same record, or the same error."""
    good = Path("examples/easter_truce_2025.jsonl").read_bytes().splitlines()
    compact = [json.dumps(json.loads(each), separators=(",", ":")).encode() for each in good]
    mutate = mutations(random.Random(444), [*good, *compact])  # noqa: S311  # as above
    codec = Codec()

    def outcome(work: Callable[[], object]) -> object:
        try:
            return work()
        except ng.DecodeError as error:
            return (type(error), error.path, error.reason)

    read_well = 0
    for _ in range(10_000):
        each = mutate().strip(b" \t\r\n")
        careful = outcome(lambda each=each: codec.from_json(parse_carefully(each)))  # type: ignore[misc]  # bound now
        assert outcome(lambda each=each: codec.decode(each)) == careful  # type: ignore[misc]  # bound now
        values = outcome(lambda each=each: repr(parse_carefully(each)))  # type: ignore[misc]  # bound now
        assert outcome(lambda each=each: repr(parse(each))) == values  # type: ignore[misc]  # bound now
        read_well += isinstance(careful, ng.Record)
    assert read_well > 500
