"""Files of JSON Lines that were written by hand, altered, or torn."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import negotiation as ng
from negotiation.errors import (
    NegotiationError,
    StoreDamaged,
)
from negotiation.stores import jsonlines
from negotiation.stores.appending import Torn
from negotiation.stores.jsonlines import JsonLinesStore
from negotiation.testing.storing import BORDER, WATER, reads, record, statements
from negotiation.wire.text import Limits, write
from tests.stores.jsonlines_kit import (
    CODEC,
    ids,
    numbered,
    opening,
    touched,
    undated,
    written,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.jsonl"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[..., JsonLinesStore]]:
    with opening(path) as opened:
        yield opened


# Files written by hand


def test_a_file_written_by_hand_is_a_store(path: Path, opened: Any) -> None:
    """A byte-order mark, other line ends, blank lines, second copies, no last end: all is read."""
    one, two, three = statements(3)
    late = record("w1", of=WATER, minute=9)
    spaced = write(CODEC.to_json(two)).replace('","', '" ,\t"').encode()
    path.write_bytes(
        b"\xef\xbb\xbf" + written(one).replace(b"\n", b"\r\n") + b"\n  \t\r\n \x0c\n"
        + written(late) + b"  " + spaced + b"  \n" + written(one, one) + written(three)[:-1]
    )  # fmt: skip

    store = opened()

    reads(store, BORDER, [one, two, three])
    reads(store, WATER, [late])
    assert list(store.read(BORDER)) == list(ng.read_log(path, negotiation=BORDER))
    assert numbered(store) == [
        (1, BORDER, "e1"), (2, WATER, "w1"), (3, BORDER, "e2"), (4, BORDER, "e3"),
    ]  # fmt: skip
    assert store.torn is None
    found = store.verify(BORDER)
    assert (found.intact, found.count, found.sealed) == (True, 3, 0)


def test_a_time_that_is_not_said_is_the_later_one(path: Path, opened: Any) -> None:
    """Without a time of recording a record has its own, or that of the one above, if later."""
    lines = [
        undated(record("e1")), undated(record("w1", of=WATER)), written(record("e2", minute=5)),
        undated(record("e3")), undated(record("e4")),
    ]  # fmt: skip
    path.write_bytes(b"".join(lines))
    log = ng.read_log(path, negotiation=BORDER)
    times = {each.id: each.recorded for each in log}

    store = opened()

    assert times["e4"] == times["e2"] > times["e1"] == record("e1").time
    assert {
        each.id: each.recorded for each in store.records(BORDER, after=2)
    }.items() <= times.items()
    assert [*store.records(BORDER, backwards=True)] == [*log][::-1]
    assert {each.id: each.recorded for _, each in store.read_all() if each.id != "w1"} == times
    (listed, _) = store.negotiations()
    assert (listed.first, listed.last) == (times["e1"], times["e4"])


def test_ids_are_known_however_they_are_written(path: Path, opened: Any) -> None:
    """A negotiation's id may be percent-encoded needlessly; ids may hold what is seldom printed."""
    given = [record("é\u00a0\u2028"), *(record("x" * most) for most in (15, 16, 17, 100))]
    path.write_bytes(written(*given).replace(b'"border-talks"', b'"b%6frder-talks"', 3))

    store = opened()

    assert [store.append(BORDER, [each]) for each in given] == [1, 2, 3, 4, 5]
    assert store.append(BORDER, statements(1), expected=5) == 6
    assert ids(store) == [*(each.id for each in given), "e1"]


@pytest.mark.parametrize("most", [1, 2], ids=["one record", "several records"])
def test_the_first_seal_covers_what_was_written_by_hand(path: Path, opened: Any, most: int) -> None:
    """What is appended to a file without seals is sealed, over all that stands before it."""
    path.write_bytes(undated(record("e0")) + undated(record("e1"))[:-1])
    with opened() as store:
        head = store.head(BORDER)
        store.append(BORDER, statements(most, first=2))
        found = store.verify(BORDER, head=head)
        assert (found.intact, found.count, found.sealed) == (True, 2 + most, most)
        assert found.head == store.head(BORDER)
    with opened() as store:
        assert store.verify(BORDER, head=head) == found
    path.write_bytes(path.read_bytes().replace(b"so be it", b"so it be", 1))
    fault = opened().verify(BORDER).fault
    assert fault is not None
    assert fault.position == 3


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n  ", " ", "\r\n", " \r"], ids=repr)
@pytest.mark.parametrize("most", [1, 2], ids=["one record", "several records"])
def test_what_is_appended_stands_on_lines_of_its_own(
    path: Path, opened: Any, end: str, most: int
) -> None:
    """However a file written by hand ends, the next record begins a line."""
    path.write_bytes(written(record("e1"))[:-1] + end.encode())

    with opened() as store:
        assert store.append(BORDER, statements(most, first=2)) == 1 + most
        assert len(ids(store)) == 1 + most
        assert store.verify(BORDER).intact

    with opened() as store:
        assert len(ids(store)) == 1 + most
        assert store.verify(BORDER).intact
        assert store.torn is None


WRONG: Final[dict[str, tuple[bytes, str]]] = {
    "no JSON": (b"so be it\n", "is not JSON"),
    "a list": (b"[]\n", "must be a JSON object"),
    "no record": (b"{}\n", "is missing"),
    "a number as its id": (written(record("e2")).replace(b'"e2"', b"2"), "must be a text"),
    "an empty id": (written(record("e2")).replace(b'"e2"', b'""'), "must not be empty"),
    "a control character": (written(record("e2")).replace(b'"e2"', b'"\\u0007"'), "control"),
    "another version": (written(record("e2")).replace(b'"1.0"', b'"0.3"'), "of CloudEvents"),
    "no time": (written(record("e2")).replace(b'"recordedtime":"2', b'"recordedtime":"x'), "time"),
    "no segment": (written(record("e2")).replace(b'"border-talks"', b'"a/b"'), "percent-encoded"),
    "no UTF-8": (written(record("e2")).replace(b'"e2"', b'"\xff"'), "not UTF-8"),
    "other content": (written(record("e1", text="no")), "stands at position 1"),
    "an earlier one": (written(record("e2", minute=-9)), "before the record above it"),
    "a long line": (b" " * 5000 + written(record("e2")), "has more than the 2000 bytes"),
    "NUL amid others": (b"\0" + written(record("e2"), record("w1", of=WATER))[1:], "begins with"),
    "NUL behind a line": (b"so be it\0\0\n", "is not JSON"),
    "NUL in a line": (written(record("e2"), record("e3")).replace(b"so", b"\0o", 1), "not JSON"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_line_that_is_no_record_is_told(
    path: Path, opened: Any, wrong: tuple[bytes, str]
) -> None:
    """Whatever is asked of a file, a line in it that is no record is told with its number."""
    line, reason = wrong
    path.write_bytes(
        written(record("e1", minute=1)) + b"\n" + line + written(record("e9", minute=9))
    )
    before = path.read_bytes()
    store = opened(limits=Limits(line_bytes=2000))

    for ask in (
        lambda: store.read(BORDER),
        lambda: store.head(BORDER),
        lambda: [*store.read_all()],
        lambda: [*store.negotiations()],
        lambda: store.append(BORDER, statements(1, first=5)),
    ):
        with pytest.raises(StoreDamaged, match=f"line 3: .*{reason}"):
            ask()

    fault = store.verify(BORDER).fault
    assert fault is not None
    assert (fault.position, fault.reason[:7]) == (2, "line 3:")
    assert store.torn is None
    assert path.read_bytes() == before


def test_a_line_without_end_is_not_read_to_its_end(
    path: Path, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long a line is, not much more of it is read than one may have."""
    path.write_bytes(written(record("e1")) + b"x" * 5_000_000)
    pread, sizes = os.pread, list[int]()

    def noting(fd: int, size: int, at: int) -> bytes:
        sizes.append(size)
        return pread(fd, size, at)

    monkeypatch.setattr(os, "pread", noting)
    store = opened()

    with pytest.raises(StoreDamaged, match="line 2: the line has more than the 1048576 bytes"):
        store.read(BORDER)
    assert sum(sizes) < 4_000_000
    assert store.torn is None


def test_a_damaged_file_that_was_mended_is_read(path: Path, opened: Any) -> None:
    """Damage is looked for again once the file has changed."""
    path.write_bytes(b"x\n")
    store = opened()
    with pytest.raises(StoreDamaged):
        ids(store)
    path.write_bytes(written(record("e1")))
    assert ids(store) == ["e1"]


def test_an_event_that_is_none_is_told_where_it_lies(path: Path, opened: Any) -> None:
    """A record with an event that cannot be read is told when it is read, with its line."""
    wrong = written(record("e2", minute=2)).replace(b'"by"', b'"bye"')
    path.write_bytes(b"\n" + written(record("e1")) + wrong + written(record("w1", of=WATER)))
    store = opened()

    with pytest.raises(StoreDamaged, match=r"'border-talks', position 2: line 3 of the file: data"):
        store.read(BORDER)
    with pytest.raises(StoreDamaged, match="line 3: data"):
        [*store.read_all()]
    with pytest.raises(StoreDamaged, match="line 3"):
        store.append(BORDER, statements(1, first=3))
    assert ids(store, WATER) == ["w1"]
    fault = store.verify(BORDER).fault
    assert fault is not None
    assert fault.position == 2


# Verifying


def sealed(path: Path) -> list[bytes]:
    """The lines of a file that a store wrote: those of two negotiations, by turns."""
    with JsonLinesStore(str(path)) as store:
        for border, water in zip(statements(2), statements(2, of=WATER), strict=True):
            store.append(BORDER, [border])
            store.append(WATER, [water])
        store.append(BORDER, statements(1, first=3))
    return path.read_bytes().splitlines(keepends=True)


def faults(path: Path) -> dict[str, int]:
    """Where verifying finds a fault in which negotiation of a file, or an error for all."""
    try:
        with JsonLinesStore(str(path)) as store:
            listed = {each.negotiation for each in store.negotiations()} | {BORDER, WATER}
            found = {each: store.verify(each).fault for each in listed}
            return {each: fault.position for each, fault in found.items() if fault is not None}
    except NegotiationError:
        return {"": 0}


def test_every_byte_of_a_sealed_file_matters(path: Path) -> None:
    """Whichever byte is changed, a line's end too, it is found."""
    whole = b"".join(sealed(path))
    assert faults(path) == {}
    for at, old in enumerate(whole):
        edge = b"\n" in whole[max(at - 1, 0) : at + 2]
        for new in {old ^ 1, *((0, 0x0A, 0x0D, 0x20) if edge else (0x0A,))} - {old}:
            path.write_bytes(whole[:at] + bytes([new]) + whole[at + 1 :])
            assert faults(path), f"byte {at}: {old} made {new}"


def test_every_byte_that_is_missing_matters(path: Path) -> None:
    """Whichever byte is left out, it is found; of the last record, only all of them can be."""
    whole = b"".join(sealed(path))
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + whole[at + 1 :])
        assert faults(path), f"byte {at}"


ADDED: Final[dict[str, tuple[Callable[[list[bytes]], list[bytes]], int]]] = {
    "a blank line": (lambda lines: [*lines[:2], b"\n", *lines[2:]], 2),
    "two blank lines": (lambda lines: [*lines[:2], b"\n", *lines[2:4], b"\n", *lines[4:]], 2),
    "a blank line at the end": (lambda lines: [*lines, b"\n"], 4),
    "blanks at the end": (lambda lines: [*lines, b"  "], 4),
    "blanks before a line": (lambda lines: [*lines[:2], b" ", *lines[2:]], 2),
    "blanks behind a line": (lambda lines: [*lines[:2], lines[2][:-1], b" \n", *lines[3:]], 2),
    "another end of a line": (lambda lines: [*lines[:2], lines[2][:-1], b"\r\n", *lines[3:]], 2),
    "no end of the last line": (lambda lines: [*lines[:-1], lines[-1][:-1]], 4),
    "a byte-order mark": (lambda lines: [b"\xef\xbb\xbf", *lines], 1),
    "a second copy": (lambda lines: [*lines[:4], lines[2], lines[4]], 3),
    "a second copy at the end": (lambda lines: [*lines, lines[-1]], 4),
    "a record without a seal": (lambda lines: [*lines, written(record("e9", minute=9))], 4),
    "half a record": (lambda lines: [*lines[:-1], lines[-1][:50]], 3),
    "a record less": (lambda lines: [*lines[:2], *lines[3:]], 2),
    "records in other order": (lambda lines: [*lines[:2], lines[4], lines[3], lines[2]], 2),
}


@pytest.mark.parametrize("added", ADDED.values(), ids=ADDED)
def test_what_no_store_wrote_is_found(path: Path, added: Any) -> None:
    """Whatever is put between sealed lines, or behind them, is found where it stands."""
    alter, position = added
    path.write_bytes(b"".join(alter(sealed(path))))

    found = faults(path)

    assert found.get(BORDER, found.get("")) in (position, 0)


def test_an_alteration_is_found_by_a_store_that_is_open(path: Path, opened: Any) -> None:
    """Verifying looks at what lies in the file now, were its time of change the same as before."""
    whole = b"".join(sealed(path))
    touched(path, whole)
    store = opened()
    assert store.verify(BORDER).intact
    touched(path, whole.replace(b"\n{", b" {"))
    assert not store.verify(BORDER).intact


def test_a_file_that_has_settled_is_read_once(
    path: Path, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verifying many negotiations reads the file once, when nothing was written for a while."""
    sealed(path)
    store = opened()
    store.verify(BORDER)
    first = store._index
    store.verify(BORDER)
    assert store._index is not first
    monkeypatch.setattr(jsonlines, "SETTLED", -1.0)
    store.verify(BORDER)
    second = store._index
    store.verify(WATER)
    assert store._index is second
    store.append(BORDER, statements(1, first=4))
    store.verify(BORDER)
    assert store._index is not second


# A torn end


def test_a_torn_end_is_told_and_repaired(path: Path, opened: Any) -> None:
    """A file opens with a torn end, which the next append cuts off and keeps beside it."""
    lines = sealed(path)
    whole = b"".join(lines)
    for number, torn in enumerate([b'{"data":{"by"', b"\0" + lines[0][1:] + lines[2], b"\0\0\n"]):
        path.write_bytes(whole + torn)
        store = opened()

        assert store.torn == len(torn)
        assert len(ids(store)) == 3
        assert path.read_bytes() == whole + torn
        fault = store.verify(BORDER).fault
        assert fault is not None
        assert (fault.position, str(len(torn)) in fault.reason) == (4, True)

        assert store.append(BORDER, statements(1, first=4)) == 4

        assert store.torn is None
        assert store.verify(BORDER).intact
        again = f"-{number + 1}" if number else ""
        beside = path.with_name(f"talks.jsonl.torn-{len(whole)}{again}")
        assert beside.read_bytes() == torn
        assert store.aside == beside
        assert path.read_bytes().startswith(whole + b'{"data"')


FOREIGN: Final[dict[str, bytes]] = {
    "another program's": b'{"config":true}',
    "a list": b"[1, 2]",
    "a mistyped record": written(record("e9", minute=9))[:-2].replace(b'{"', b'{ "', 1),
    "a mistyped name": b'{"dato":{"by":"north"}}',
    "another program's, where the power failed": b'{"config":true}\0\0\0',
    "all but the last NUL": b'{"dat_\0\0\n',
}


@pytest.mark.parametrize("last", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("above", [0, 1], ids=["alone", "behind records"])
def test_what_no_append_left_behind_is_not_torn(
    path: Path, opened: Any, last: bytes, above: int
) -> None:
    """A last line that no store began is damage, told with its number, and stays where it is."""
    whole = b"".join(sealed(path)) * above
    path.write_bytes(whole + last)
    number = whole.count(b"\n") + 1
    store = opened()

    assert store.torn is None
    for ask in (store.read, lambda of: store.append(of, statements(1, first=4))):
        with pytest.raises(StoreDamaged, match=f"{path}': line {number}: "):
            ask(BORDER)
    assert [*path.parent.iterdir()] == [path]
    assert path.read_bytes() == whole + last


@pytest.mark.parametrize("rest", [b"", b"\0", b"\0\0\0\n"], ids=["", "NUL", "NUL and its end"])
def test_every_beginning_of_what_a_store_writes_is_torn(
    path: Path, opened: Any, rest: bytes
) -> None:
    """Wherever a line was cut off, and whatever the power failure left behind it."""
    whole = b"".join(sealed(path))
    for size in range(1, 40):
        path.write_bytes(whole + whole[:size] + rest)
        assert opened().torn == size + len(rest)


@pytest.mark.parametrize("later", [[], statements(1, of=WATER, first=3)], ids=["last", "amid"])
def test_a_line_by_hand_behind_a_seal_is_not_sealed_over(
    path: Path, opened: Any, later: list[ng.Record]
) -> None:
    """Its negotiation is read, and takes no more until it is out of the file; others do."""
    whole = b"".join(sealed(path))
    path.write_bytes(whole + written(record("e4", minute=9)))
    store = opened()
    if later:
        store.append(WATER, later)
    before = path.read_bytes()

    for most in (1, 2):
        with pytest.raises(StoreDamaged, match="line 6 has no seal though the record before it"):
            store.append(BORDER, statements(most, first=9))
    assert store.append(BORDER, statements(2)) == 2
    assert ids(store) == ["e1", "e2", "e3", "e4"]
    assert path.read_bytes() == before

    path.write_bytes(whole)
    assert store.append(BORDER, [record("e4", minute=9)]) == 4
    assert store.verify(BORDER).intact


def test_a_torn_end_is_the_last_that_is_told(path: Path, opened: Any) -> None:
    """It is another kind of finding, and none where something else is wrong or missing."""
    whole = b"".join(sealed(path))
    store = opened()
    head = store.head(BORDER)
    path.write_bytes(whole + b"{")

    assert isinstance(store.verify(BORDER, head=head).fault, Torn)
    assert store.verify(BORDER).head == head

    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]) + b"{")
    fault = store.verify(BORDER, head=head).fault
    assert fault is not None
    assert not isinstance(fault, Torn)
    assert "is missing" in fault.reason


def test_nothing_is_repaired_for_nothing(path: Path, opened: Any) -> None:
    """An append that has nothing to add, or is refused, leaves a torn end alone."""
    sealed(path)
    with path.open("ab") as file:
        file.write(b"{")
    before = path.read_bytes()
    store = opened()

    assert store.append(BORDER, statements(2)) == 2
    with pytest.raises(ng.Conflict):
        store.append(BORDER, statements(1, first=5), expected=2)

    assert path.read_bytes() == before
    assert store.torn == 1


def test_a_torn_end_that_another_repaired_is_read(path: Path, opened: Any) -> None:
    """What takes the place of a torn end is seen, were the file as long as before."""
    sealed(path)
    head = path.read_bytes()
    one, other = opened(), opened()
    other.append(BORDER, statements(1, first=4))
    whole = path.read_bytes()
    touched(path, head + b"\0" * (len(whole) - len(head)))
    assert one.torn == len(whole) - len(head)

    touched(path, whole)

    assert len(ids(one)) == 4
    assert one.torn is None
