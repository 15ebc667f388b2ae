"""Faults of the disk under the store of JSON Lines: nothing is lost, and nothing is half there.

The kernel refuses calls, or does a part of what it was asked for; and where a process was killed,
or the power failed, the file is what each of its calls left behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

import negotiation as ng
from negotiation.errors import StoreFailed
from negotiation.stores import indexing
from negotiation.stores.jsonlines import JsonLinesStore
from negotiation.testing.storing import BORDER, WATER, statements
from tests.stores.faults import Fault, apart, needs_faults, refuse, struck

WRITING: Final = os.O_WRONLY | os.O_RDWR
MOST: Final = 1 << 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.jsonl"


@pytest.fixture
def store(path: Path) -> Iterator[JsonLinesStore]:
    with JsonLinesStore(str(path)) as store:
        store.append(BORDER, statements(3))
        store.append(WATER, statements(1, of=WATER))
        yield store


def next_ones(most: int) -> list[ng.Record]:
    """The records to append to what the store has."""
    return statements(most, first=4)


def count(store: ng.Store) -> int:
    """How many records the negotiation has that is written to, which are the first of them."""
    found = [*store.records(BORDER)]
    assert [each.id for each in found] == [f"e{n}" for n in range(1, len(found) + 1)]
    return len(found)


def works(path: Path) -> int:
    """Assert that all that was acknowledged is there, and that the store takes more, and seals it.

    Returns:
        How many records there were of the negotiation that was written to.
    """
    with JsonLinesStore(str(path)) as store:
        stands = count(store)
        assert [each.id for each in store.records(WATER)] == ["e1"]
        one, *more = statements(3, first=stands + 1)
        assert store.append(BORDER, [one], expected=stands) == stands + 1
        assert store.append(BORDER, more, expected=stands + 1) == stands + 3
    with JsonLinesStore(str(path)) as store:
        assert count(store) == stands + 3
        assert store.verify(BORDER).intact
        assert store.verify(WATER).intact
        assert store.torn is None
    return stands


# Calls that the kernel refuses


def faulty(*cases: tuple[int, str, int, bool, bool | None]) -> pytest.MarkDecorator:
    """Appends of so many records with a call that fails, and what is then known of them."""
    faults = [
        (most, Fault(call, error, nth, lasting), kept)
        for most, call, nth, lasting, kept in cases
        for error in (errno.ENOSPC, errno.EIO)
    ]
    return pytest.mark.parametrize(
        ("most", "fault", "kept"),
        [pytest.param(*each, id=f"{each[0]}, {each[1]}") for each in faults],
    )


@needs_faults
@faulty(
    (1, "pwrite", 1, False, False),
    (1, "pwrite", 1, True, False),
    (1, "fsync", 1, False, False),
    (1, "fsync", 1, True, None),
    (3, "pwrite", 1, False, False),
    (3, "pwrite", 1, True, False),
    (3, "pwrite", 2, False, False),
    (3, "pwrite", 2, True, False),
    (3, "fsync", 1, False, False),
    (3, "fsync", 1, True, None),
    (3, "fsync", 2, False, False),
    (3, "fsync", 2, True, None),
)
def test_an_append_that_fails_is_cut_off(
    store: JsonLinesStore, path: Path, most: int, fault: Fault, kept: bool | None
) -> None:
    """Whichever call fails, nothing of the append is there, and the store goes on afterwards."""
    before = path.read_bytes()
    with pytest.raises(StoreFailed, match=os.strerror(fault.error)) as caught:
        struck(lambda: store.append(BORDER, next_ones(most)), fault)

    assert caught.value.kept is kept
    assert ("is not known" in str(caught.value)) is (kept is None)
    assert path.read_bytes() == before
    assert count(store) == 3
    assert store.append(BORDER, next_ones(most), expected=3) == 3 + most
    assert works(path) == 3 + most


@needs_faults
@faulty(
    (1, "pwrite", 1, False, False),
    (1, "fsync", 1, False, True),
    (3, "pwrite", 1, False, False),
    (3, "fsync", 1, False, False),
    (3, "pwrite", 2, False, False),
    (3, "fsync", 2, False, True),
)
def test_an_append_that_cannot_be_cut_off_is_whole_or_torn(
    store: JsonLinesStore, path: Path, most: int, fault: Fault, kept: bool
) -> None:
    """Where not even that can be done, it is not known whether it is kept, and it is never half."""
    size = path.stat().st_size
    cutting = Fault("ftruncate", errno.EIO, lasting=True)
    with pytest.raises(StoreFailed) as caught:
        struck(lambda: store.append(BORDER, next_ones(most)), fault, cutting)

    assert caught.value.kept is None
    assert count(store) == (3 + most if kept else 3)
    torn = path.stat().st_size - size
    assert store.torn == (None if kept or not torn else torn)
    assert store.append(BORDER, next_ones(most)) == 3 + most
    assert works(path) == 3 + most


@contextmanager
def room_for(path: Path, more: int) -> Iterator[None]:
    """The system takes so many bytes more of a file, and then none."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("most", [1, 3], ids=["one record", "several records"])
@pytest.mark.parametrize("more", [0, 1, 100, 350, 700])
def test_an_append_that_is_written_in_part_is_cut_off(
    store: JsonLinesStore, path: Path, most: int, more: int
) -> None:
    """Where the system writes less than it was asked for, and then no more, nothing is kept."""
    before = path.read_bytes()
    more = min(more, 300 * most)
    with pytest.raises(StoreFailed, match="File too large") as caught, room_for(path, more):
        store.append(BORDER, next_ones(most))

    assert caught.value.kept is False
    assert path.read_bytes() == before
    assert store.append(BORDER, next_ones(most)) == 3 + most
    assert works(path) == 3 + most


@needs_faults
@pytest.mark.parametrize("most", [1, 3], ids=["one record", "several records"])
def test_a_part_that_cannot_be_cut_off_is_torn(
    store: JsonLinesStore, path: Path, most: int
) -> None:
    """A part of an append that stays is told, not read, and put aside by the next append."""
    before = path.read_bytes()

    def append() -> None:
        refuse("ftruncate", errno.EIO)
        with room_for(path, 200):
            store.append(BORDER, next_ones(most))

    with pytest.raises(StoreFailed) as caught:
        apart(append)

    assert caught.value.kept is None
    assert store.torn == 200
    assert count(store) == 3
    torn = path.read_bytes().removeprefix(before)
    assert works(path) == 3
    assert path.with_name(f"talks.jsonl.torn-{len(before)}").read_bytes() == torn


@pytest.mark.parametrize("most", [1, 3], ids=["one record", "several records"])
def test_short_writes_are_continued(
    store: JsonLinesStore, path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Where the system takes a few bytes at a time, it is given the rest until it has them all."""
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, content, at: write(fd, content[:7], at))
    assert store.append(BORDER, next_ones(most)) == 3 + most
    monkeypatch.undo()
    assert works(path) == 3 + most


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("most", [1, 3], ids=["one record", "several records"])
def test_an_append_that_is_interrupted_is_whole_or_torn(
    store: JsonLinesStore, path: Path, monkeypatch: pytest.MonkeyPatch, most: int, nth: int
) -> None:
    """Whoever interrupts an append leaves all of it or nothing that counts."""
    calls = iter(range(1, 9))
    sync = os.fsync

    def interrupted(fd: int) -> None:
        if next(calls) == nth:
            raise KeyboardInterrupt
        sync(fd)

    monkeypatch.setattr(os, "fsync", interrupted)
    wanted = 3 + most
    if nth <= min(most, 2):
        with pytest.raises(KeyboardInterrupt):
            store.append(BORDER, next_ones(most))
        wanted = 3 + most if nth == min(most, 2) else 3
    else:
        store.append(BORDER, next_ones(most))
    monkeypatch.undo()
    assert count(store) == wanted
    assert works(path) == wanted


def test_noting_an_append_that_is_interrupted_is_done_anew(
    store: JsonLinesStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that was left half done is not used."""
    add, calls = indexing.Index._add, iter(range(1, 9))

    def interrupted(*given: Any) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt
        add(*given)

    monkeypatch.setattr(indexing.Index, "_add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.append(BORDER, next_ones(3))
    monkeypatch.undo()
    assert count(store) == 6
    assert works(path) == 6


# The first append to a file


@needs_faults
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_a_directory_that_cannot_be_made_durable_fails_the_append(
    path: Path, lasting: bool
) -> None:
    """Before a new file is sure to be found again, nothing that it holds is acknowledged."""
    with JsonLinesStore(str(path)) as store:
        with pytest.raises(StoreFailed) as caught:
            struck(
                lambda: store.append(BORDER, statements(1)), Fault("fsync", errno.EIO, 2, lasting)
            )
        assert caught.value.kept is (None if lasting else False)
        assert count(store) == 0
        assert store.append(BORDER, statements(1)) == 1


@needs_faults
def test_a_directory_that_may_not_be_read_is_none_to_make_durable(path: Path) -> None:
    """Where a directory may not be read, or is not to be made durable, files in it are written."""
    with JsonLinesStore(str(path)) as store:

        def append() -> int:
            refuse("openat", errno.EACCES)
            return store.append(BORDER, statements(1))

        assert apart(append) == 1
    path.unlink()
    with JsonLinesStore(str(path)) as store:
        invalid = Fault("fsync", errno.EINVAL, 2)
        assert struck(lambda: store.append(BORDER, statements(1)), invalid) == 1


# Repairing


REPAIRING: Final[dict[str, Callable[[], object]]] = {
    "no file beside": lambda: refuse("openat", errno.EROFS, argument=2, bits=os.O_CREAT),
    "a full disk": lambda: refuse("write", errno.ENOSPC),
    "a disk that fails": lambda: refuse("fsync", errno.EIO),
    "a file that cannot be read": lambda: refuse("pread", errno.EIO, argument=3, bits=MOST - 1),
}


@needs_faults
@pytest.mark.parametrize("fault", REPAIRING.values(), ids=REPAIRING)
@pytest.mark.parametrize("torn", [b'{"data"', b"\0" + b"x" * 3_000_000], ids=["short", "long"])
def test_a_torn_end_that_cannot_be_set_aside_stays(
    store: JsonLinesStore, path: Path, fault: Callable[[], object], torn: bytes
) -> None:
    """Nothing is cut off before it lies elsewhere, and nothing by halves is left elsewhere."""
    with path.open("ab") as file:
        file.write(torn)
    before = path.read_bytes()
    assert store.torn == len(torn)

    def append() -> None:
        fault()
        store.append(BORDER, next_ones(1))

    with pytest.raises(StoreFailed) as caught:
        apart(append)

    assert caught.value.kept is False
    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]
    assert works(path) == 3
    (beside,) = {*path.parent.iterdir()} - {path}
    assert beside.read_bytes() == torn


@needs_faults
@pytest.mark.parametrize("nth", [1, 2], ids=["the file", "the directory"])
def test_a_torn_end_is_cut_off_once_it_is_durable_elsewhere(
    store: JsonLinesStore, path: Path, nth: int
) -> None:
    """The copy and the directory that holds it are made durable first."""
    with path.open("ab") as file:
        file.write(b"{")
    before = path.read_bytes()
    with pytest.raises(StoreFailed, match="cannot be set aside"):
        struck(lambda: store.append(BORDER, next_ones(1)), Fault("fsync", errno.EIO, nth))
    assert path.read_bytes() == before
    assert works(path) == 3


@needs_faults
def test_a_torn_end_that_cannot_be_cut_off_is_set_aside_again(
    store: JsonLinesStore, path: Path
) -> None:
    """What was set aside is never written over."""
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"{")
    with pytest.raises(StoreFailed, match="cannot be set aside"):
        struck(lambda: store.append(BORDER, next_ones(1)), Fault("ftruncate", errno.EIO))
    assert works(path) == 3
    beside = {each.name: each.read_bytes() for each in path.parent.iterdir() if each != path}
    assert beside == {f"talks.jsonl.torn-{size}{again}": b"{" for again in ("", "-2")}


# Reading and locking


@needs_faults
def test_a_disk_that_cannot_be_read_is_told(store: JsonLinesStore, path: Path) -> None:
    """A reading that fails says so, and succeeds once the fault is over."""
    other = JsonLinesStore(str(path))
    for ask in (other.read, other.verify, lambda of: other.append(of, next_ones(1)), other.read):
        with pytest.raises(StoreFailed, match="cannot be read: Input/output error"):
            struck(partial(ask, BORDER), Fault("pread", errno.EIO))
    assert count(other) == 3
    with pytest.raises(StoreFailed, match="cannot be read: Input/output error"):
        struck(partial(other.read, BORDER), Fault("pread", errno.EIO))
    assert count(other) == 3
    other.close()


@needs_faults
def test_a_file_that_cannot_be_locked_is_told(store: JsonLinesStore) -> None:
    """Where a file system has no locks, nothing is written."""

    def append() -> None:
        refuse("flock", errno.ENOLCK)
        store.append(BORDER, next_ones(1))

    with pytest.raises(StoreFailed, match="cannot be locked: No locks available"):
        apart(append)
    assert count(store) == 3


@needs_faults
def test_a_file_that_may_only_be_read_is_read(store: JsonLinesStore, path: Path) -> None:
    """An append to it is refused, unless it has nothing to add, and done once it may be."""

    def use() -> JsonLinesStore:
        refuse("openat", errno.EROFS, argument=2, bits=WRITING)
        found = JsonLinesStore(str(path))
        assert count(found) == 3
        assert found.append(BORDER, statements(3)) == 3
        assert found.verify(BORDER).intact
        refused(found)
        os.write(writable, b"{")
        refused(found)
        return found

    def refused(found: JsonLinesStore) -> None:
        with pytest.raises(StoreFailed, match="not written to: Read-only file system") as caught:
            found.append(BORDER, next_ones(1))
        assert caught.value.kept is False

    writable = os.open(path, os.O_WRONLY | os.O_APPEND)
    with apart(use) as found:
        os.close(writable)
        assert found.append(BORDER, next_ones(1)) == 4
    assert works(path) == 4


@needs_faults
@pytest.mark.parametrize(
    ("there", "bits", "reason"),
    [
        pytest.param(True, 0, "Permission denied", id="it may not be read"),
        pytest.param(False, WRITING, "Permission denied", id="none may be made"),
    ],
)
def test_a_file_that_may_not_be_opened_is_told(
    path: Path, there: bool, bits: int, reason: str
) -> None:
    """Why a file cannot be opened is what the system says of it."""
    if there:
        path.touch()

    def use() -> None:
        refuse("openat", errno.EACCES, argument=2, bits=bits)
        JsonLinesStore(str(path))

    with pytest.raises(StoreFailed, match=f"cannot be opened: {reason}"):
        apart(use)


@needs_faults
def test_a_state_that_cannot_be_kept_leaves_nothing(store: JsonLinesStore, path: Path) -> None:
    """On a full disk no state is kept, and the one before stays."""
    store.snapshot(BORDER)
    (kept,) = path.with_name("talks.jsonl.states").iterdir()
    before = kept.read_bytes()

    def snapshot() -> None:
        refuse("write", errno.ENOSPC)
        store.append(BORDER, next_ones(1))
        store.snapshot(BORDER)

    with pytest.raises(StoreFailed, match="No space left"):
        apart(snapshot)
    assert [*kept.parent.iterdir()] == [kept]
    assert kept.read_bytes() == before
    assert store.state(BORDER).position == 4


def test_a_disk_with_a_cache_of_its_own_is_told_to_write_it(store: JsonLinesStore) -> None:
    """Where a system distinguishes them, an append is made durable on the disk, not on its way."""
    told: list[tuple[int, int]] = []
    full = {**vars(fcntl), "F_FULLFSYNC": 51, "fcntl": lambda fd, what: told.append((fd, what))}
    store._file._fcntl = SimpleNamespace(**full)  # type: ignore[misc]
    store.append(BORDER, next_ones(1))
    assert told == [(store._file._fd, 51)]


# Wherever it stops


def left_behind(path: Path, work: Callable[[], object]) -> list[bytes]:
    """What the file holds before each call that changes it, and in the end."""
    states: list[bytes] = []
    real = {name: getattr(os, name) for name in ("pwrite", "fsync", "ftruncate")}

    def noting(name: str) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            states.append(path.read_bytes())
            return real[name](*given)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in real:
            patch.setattr(os, name, noting(name))
        work()
    return [*dict.fromkeys([*states, path.read_bytes()])]


def in_part(before: bytes, after: bytes, step: int) -> Iterator[bytes]:
    """What may lie there where a write was cut off, or the power failed before it was durable."""
    for written in range(len(before), len(after), step):
        yield after[:written]
        if written % (9 * step) == 0:
            yield after[:written].ljust(len(after), b"\0")
            yield after[:written].ljust(len(after) - 1, b"\0") + after[-1:]


@pytest.mark.parametrize("most", [1, 3], ids=["one record", "several records"])
def test_wherever_a_write_stops_the_append_is_whole_or_torn(
    store: JsonLinesStore, path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Of one record all must lie there but the end of its line; several are not there yet."""
    whole = path.read_bytes()
    states = left_behind(path, lambda: store.append(BORDER, next_ones(most)))
    written = states[1]
    monkeypatch.setattr(os, "fsync", lambda _: None)  # many files, which no fault befalls
    kept = []
    for state in in_part(whole, written, step=most):
        path.write_bytes(state)
        stands = works(path)
        assert stands in (3, 3 + most)
        if stands > 3:
            kept.append(state)
        for each in path.parent.iterdir():
            each.unlink()
    assert kept == ([written[:-1]] if most == 1 else [])


@pytest.mark.parametrize("most", [1, 3], ids=["one record", "several records"])
@pytest.mark.parametrize(
    ("less", "torn"),
    [
        pytest.param(0, b"", id="whole"),
        pytest.param(0, b'{"data', id="torn"),
        pytest.param(0, b"\0{}\n{}\n", id="undecided"),
        pytest.param(1, b"", id="without end"),
    ],
)
def test_between_any_two_calls_the_append_is_there_or_not(
    store: JsonLinesStore, path: Path, most: int, less: int, torn: bytes
) -> None:
    """An append that is killed between two of its calls is there whole, or not at all."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - less] + torn)
    states = left_behind(path, lambda: store.append(BORDER, next_ones(most)))
    assert len(states) == 1 + bool(torn) + (1 if most == 1 else 2)
    for state in states:
        path.write_bytes(state)
        assert works(path) == (3 + most if state == states[-1] else 3)
    assert states[-1].startswith(whole)
