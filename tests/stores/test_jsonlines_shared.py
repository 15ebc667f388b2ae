"""Files of JSON Lines that others write to, put another in place of, or take away."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any, Final

import pytest

import negotiation as ng
from negotiation.errors import (
    StoreBusy,
    StoreDamaged,
    StoreFailed,
)
from negotiation.stores import Store, indexing, jsonlines
from negotiation.stores.jsonlines import JsonLinesStore
from negotiation.testing.storing import BORDER, WATER, record, statements
from tests.stores.jsonlines_kit import (
    ids,
    numbered,
    opening,
    replaced,
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


# Others that write


def test_stores_of_one_file_see_onereplaced(opened: Any) -> None:
    """What one appends the other reads, with the same numbers; copies are known to both."""
    one, other = opened(), opened()
    one.append(BORDER, statements(2))
    other.append(WATER, statements(1, of=WATER))
    assert one.append(BORDER, statements(2)) == other.append(BORDER, statements(2)) == 2
    other.append(BORDER, statements(1, first=3))
    assert numbered(one) == numbered(other)
    assert [number for number, _, _ in numbered(one)] == [1, 2, 3, 4]
    assert one.head(BORDER) == other.head(BORDER)


def test_what_others_appended_is_all_that_is_read(opened: Any) -> None:
    """A store that stays open reads no line twice."""
    one, other = opened(), opened()
    one.append(BORDER, statements(2))
    index = one._index
    other.append(BORDER, statements(1, first=3))
    assert len(ids(one)) == 3
    other.append(BORDER, statements(1, first=4))
    assert len(ids(one)) == 4
    one.append(BORDER, statements(1, first=5))
    other.append(BORDER, statements(1, first=6))
    assert len(ids(one)) == 6
    assert one._index is index


def test_lines_are_counted_as_the_file_grows(path: Path, opened: Any) -> None:
    """Which line is wrong is known of one that came behind others, a torn one among them."""
    store = opened()
    store.append(BORDER, statements(2))
    with path.open("ab") as file:
        file.write(b"{")
    assert store.torn == 1
    with path.open("ab") as file:
        file.write(b"\n")
    with pytest.raises(StoreDamaged, match="line 3: is not JSON"):
        ids(store)


def test_a_line_that_was_written_on_is_told(path: Path, opened: Any) -> None:
    """Whoever writes behind a last line without end writes on that line."""
    path.write_bytes(written(record("e1"))[:-1])
    store = opened()
    assert ids(store) == ["e1"]
    with path.open("ab") as file:
        file.write(written(record("e2", minute=2)))
    with pytest.raises(StoreDamaged, match="line 1: is not JSON"):
        ids(store)


def _as_long(path: Path, new: bytes) -> None:
    touched(path, new.ljust(path.stat().st_size))


def _longer(path: Path, new: bytes) -> None:
    path.write_bytes(new + b" " * path.stat().st_size + b"\n")


CHANGES: Final[dict[str, Callable[[Path, bytes], object]]] = {
    "another file": replaced,
    "other content": Path.write_bytes,
    "other content of the same length": _as_long,
    "other, longer content": _longer,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_that_was_replaced_is_read_anew(path: Path, opened: Any, change: Any) -> None:
    """Whatever takes the place of the file's content, a store that is open goes on with it."""
    store = opened()
    store.append(BORDER, statements(3))

    change(path, written(record("w1", of=WATER)))

    assert numbered(store) == [(1, WATER, "w1")]
    assert store.append(WATER, [record("w2", of=WATER, minute=2)]) == 2
    with opened() as other:
        assert ids(other, WATER) == ["w1", "w2"]


def test_a_file_that_was_replaced_is_appended_to(path: Path, opened: Any) -> None:
    """An append goes to the file that lies at the path, not to one that lay there."""
    store = opened()
    store.append(BORDER, statements(3))
    path.rename(path.with_name("old.jsonl"))
    path.touch()
    assert store.append(BORDER, statements(1), expected=ng.NEW) == 1
    assert path.read_bytes().count(b"\n") == 1


def test_a_file_that_was_replaced_by_one_that_is_alike_is_read_anew(
    path: Path, opened: Any
) -> None:
    """Another file is another one, were its lines as long and the last of them the same."""
    store = opened()
    store.append(BORDER, statements(2))
    replaced(path, path.read_bytes().replace(b'"e1"', b'"x1"') + b"\n")
    assert store.append(BORDER, [record("x1", minute=1)]) == 1


@pytest.mark.parametrize("timeout", [None, 0, 0.1, 60])
def test_a_follower_of_a_file_that_became_shorter_is_told(
    path: Path, opened: Any, timeout: float | None
) -> None:
    """Whoever follows it would wait for numbers that were given out already."""
    store = opened()
    store.append(BORDER, statements(3))
    following = store.follow(timeout=timeout)
    assert [next(following)[0] for _ in range(3)] == [1, 2, 3]
    replaced(path, written(record("w1", of=WATER)))
    with pytest.raises(StoreFailed, match="of 3 records that there were, it holds 1"):
        next(following)


def test_a_follower_waits_for_a_number_that_is_to_come(opened: Any) -> None:
    """Who begins behind the end of a file is told nothing until there is as much."""
    store = opened()
    store.append(BORDER, statements(2))
    assert [*store.follow(after=3, timeout=0.12)] == []
    following = store.follow(after=2, timeout=60)
    writer = Timer(0.2, store.append, (BORDER, statements(1, first=3)))
    writer.start()
    assert next(following)[0] == 3
    writer.join()


def test_the_lock_is_that_of_the_file_that_is_written_to(path: Path, opened: Any) -> None:
    """Where a file was replaced, the lock of the one in its place is waited for."""
    store = opened(patience=0.01)
    assert ids(store) == []
    replaced(path, b"")
    other = opened()
    with other._file.locked(alone=True), pytest.raises(StoreBusy):
        store.append(BORDER, statements(1))
    assert store.append(BORDER, statements(1)) == 1


def test_a_file_that_is_gone_is_told(path: Path, opened: Any) -> None:
    """Where the file was taken away, nothing is made in its place unasked."""
    store = opened()
    store.append(BORDER, statements(1))
    path.unlink()
    for ask in (store.read, store.verify, lambda of: store.append(of, statements(2))):
        with pytest.raises(StoreFailed, match="is gone"):
            ask(BORDER)
    path.mkdir()
    with pytest.raises(StoreFailed, match="cannot be opened again"):
        store.append(BORDER, statements(2))
    path.rmdir()
    path.touch()
    assert store.append(BORDER, statements(2)) == 2


def test_a_file_that_shrinks_while_it_is_read_is_told(path: Path, opened: Any) -> None:
    """A reading that finds less than there was says so."""
    store = opened()
    store.append(BORDER, statements(1500))
    reading = store.records(BORDER)
    next(reading)
    path.write_bytes(b"")
    with pytest.raises(StoreFailed, match="has become shorter"):
        list(reading)


def test_a_line_that_is_altered_while_it_is_read_is_told(path: Path, opened: Any) -> None:
    """What lies where a record was, and is none, is told, with its line."""
    content = undated(record("e1")) + written(record("e2", minute=2))
    touched(path, content)
    store = opened()
    assert len(ids(store)) == 2
    for junk in (b"[]", b"x", b"\xff"):
        touched(path, junk.ljust(len(content)))
        for after in (0, 1):
            with pytest.raises(StoreDamaged, match=f"position {after + 1}: line 1 of the file"):
                [*store.records(BORDER, after=after)]


def test_a_writer_waits_forreplaced(opened: Any) -> None:
    """A lock that another process has is waited for, and then had."""
    store, other = opened(), opened()
    locked, release = Event(), Event()

    def hold() -> None:
        with other._file.locked(alone=True):
            locked.set()
            release.wait(30)

    thread = Thread(target=hold)
    thread.start()
    locked.wait(30)
    asked = Thread(target=store.append, args=(BORDER, statements(1)))
    asked.start()
    asked.join(0.05)
    assert asked.is_alive()
    release.set()
    asked.join(30)
    thread.join(30)
    assert ids(other) == ["e1"]


@pytest.mark.parametrize("alone", [True, False], ids=["a writer", "a reader"])
def test_a_lock_that_is_not_had_in_time_is_told(opened: Any, alone: bool) -> None:
    """After as many seconds as were given the store is busy, and nothing is kept."""
    store, other = opened(patience=0.01), opened()
    with other._file.locked(alone=alone):
        with pytest.raises(StoreBusy, match=r"held its lock for 0\.01 seconds") as caught:
            store.append(BORDER, statements(1))
        assert caught.value.kept is False
    assert ids(store) == []
    assert store.append(BORDER, statements(1)) == 1


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_locks_for_itself(opened: Any) -> None:
    """A process that was forked opens the file anew; its parent's lock would be its own."""
    store = opened(patience=0.01)
    with store._file.locked(alone=True):
        if (child := os.fork()) == 0:
            try:
                store.append(BORDER, statements(1))
            except StoreBusy:
                os._exit(7)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
    assert store.append(BORDER, statements(1)) == 1


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda store: len(store.read(BORDER)), id="a reader"),
        pytest.param(lambda store: store.append(BORDER, statements(21)), id="a writer"),
    ],
)
def test_a_long_first_reading_keeps_no_writer_waiting(
    opened: Any, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Store], int]
) -> None:
    """While a long file is read from its start, others append to it, and that is read as well."""
    writer, store = opened(patience=0.01), opened()
    writer.append(BORDER, statements(20))
    scan, scans = indexing.Index.scan, count()

    def meanwhile(index: Any, now: Any) -> None:
        if next(scans) == 0:
            writer.append(BORDER, statements(1, first=21))
        scan(index, now)

    monkeypatch.setattr(jsonlines, "PIECE", 100)
    monkeypatch.setattr(indexing.Index, "scan", meanwhile)
    assert ask(store) == 21
