"""What becomes of stores in processes that are forked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from negotiation.errors import StoreFailed
from negotiation.stores import LineStore, MemoryStore, open_store, sqlite_file
from negotiation.stores.sqlite import SqliteStore
from negotiation.testing.storing import BORDER, WATER, statements
from tests.stores.sqlite_kit import forked, ids, kept, raw

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

FIVE = ["e1", "e2", "e3", "e4", "e5"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@contextmanager
def elsewhere(lock: Any) -> Iterator[None]:
    """Let another thread hold a lock."""
    has, over = Event(), Event()

    def hold() -> None:
        with lock:
            has.set()
            over.wait()

    thread = Thread(target=hold)
    thread.start()
    has.wait()
    try:
        yield
    finally:
        over.set()
        thread.join()


def told(store: SqliteStore) -> None:
    """Assert that a store cannot be used in this process, and says so."""
    for use in (store.read, lambda of: store.append(of, statements(1))):
        with pytest.raises(StoreFailed, match="was being used when this process was for") as caught:
            use(BORDER)
        assert caught.value.kept is False


@pytest.mark.parametrize("again", [False, True], ids=["the same store", "another store"])
def test_a_forked_process_outlives_what_its_parent_closes(again: bool, url: str) -> None:
    """What it appends once its parent has closed the store is there, like all that is kept."""
    ready, go = os.pipe(), os.pipe()
    store = SqliteStore(url)
    store.append(BORDER, statements(1))

    def child() -> None:
        mine = SqliteStore(url) if again else store
        assert ids(mine) == ["e1"]
        os.write(ready[1], b".")
        os.read(go[0], 1)
        for count in range(2, 6):
            assert mine.append(BORDER, statements(count)) == count

    ended = forked(child)
    os.close(ready[1])  # so that a child that fails is not waited for
    assert os.read(ready[0], 1) == b"."
    store.close()
    os.write(go[1], b".")
    assert ended() == 0
    for each in (ready[0], *go):
        os.close(each)
    with SqliteStore(url) as store:
        assert ids(store) == FIVE
        assert store.verify(BORDER).intact


def test_both_go_on_after_a_fork(url: str) -> None:
    """Parent, child and the child's child write to one file through one store, and lose nothing."""
    store = SqliteStore(url)
    store.append(BORDER, statements(1))

    def child() -> None:
        assert forked(lambda: store.append(BORDER, statements(1, first=2)))() == 0
        store.append(BORDER, statements(1, first=3))
        assert forked(lambda: store.append(BORDER, statements(1, first=4)))() == 0
        store.close()

    ended = forked(child)
    for number in range(50):
        store.append(WATER, statements(1, first=number, of=WATER))
    assert ended() == 0
    store.append(BORDER, statements(1, first=5))
    store.close()
    with SqliteStore(url) as store:
        assert ids(store) == FIVE
        assert [each.count for each in store.negotiations()] == [5, 50]
        assert len(list(store.read_all())) == 55
        assert store.verify(BORDER).intact


def test_a_store_that_is_closed_is_no_matter_to_a_fork(url: str) -> None:
    """Nor is one that is closed in the child alone: its parent goes on with it."""
    kept(url, *statements(1))
    with SqliteStore(url) as store:
        assert forked(store.close)() == 0
        assert ids(store) == ["e1"]
    assert forked(store.close)() == 0


def test_a_fork_in_the_middle_of_an_append_is_told_in_the_child(url: str, path: Path) -> None:
    """The child can use nothing of it and disturbs nothing; the append of the parent is kept."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(1))
        with store._held(), store._writing(WATER, ()):
            ended = forked(lambda: told(store))
            store._file.run("UPDATE negotiations SET first = '2026-03-03T09:00:00Z'")
        assert ended() == 0
        assert store.append(BORDER, statements(2)) == 2
    with raw(path) as connection:
        rows = connection.execute("SELECT count, first FROM negotiations").fetchall()
    assert rows == [(2, "2026-03-03T09:00:00Z")]


def test_a_fork_does_not_wait_for_ever(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another thread is stuck in the file, the child is told, and the parent goes on."""
    monkeypatch.setattr(sqlite_file, "_WHILE_FORKING", 0)
    with SqliteStore(url) as store:
        store.append(BORDER, statements(1))
        with elsewhere(store._file._using):
            assert forked(lambda: told(store))() == 0
        assert store.append(BORDER, statements(2)) == 2


def test_a_fork_that_is_not_announced_is_told_in_the_child(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that finds itself with its parent's connection neither uses nor closes it."""
    store = SqliteStore(url)
    store.append(BORDER, statements(1))
    connection = store._file._current()
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: 0)
        told(store)
        store.close()
    assert connection.execute("SELECT count(*) FROM records").fetchall() == [(1,)]
    connection.close()


def test_what_was_at_rest_is_opened_anew_in_the_child(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a fork left nothing open, the process has a connection of its own at its first use."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(1))
        store._file.close()
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: 0)
            assert store.append(BORDER, statements(2)) == 2
            store._file.close()
        assert ids(store) == ["e1", "e2"]


@pytest.mark.parametrize("place", ["memory:", "sqlite", "jsonl"])
def test_a_fork_while_a_store_is_held_does_not_hang_the_child(place: str, tmp_path: Path) -> None:
    """The child has a lock of its own, whatever another thread of its parent was doing."""
    urls = {"sqlite": f"sqlite:///{tmp_path}/a.db", "jsonl": f"{tmp_path}/a.jsonl"}
    with open_store(urls.get(place, place)) as store:
        assert isinstance(store, LineStore)
        store.append(BORDER, statements(1))

        def child() -> None:
            assert store.append(BORDER, statements(2)) == 2
            assert [each.id for _, each in store.follow(timeout=0)] == ["e1", "e2"]
            store.close()

        with elsewhere(store._lock):
            ended = forked(child)
            closed = forked(store.close)
            assert (ended(), closed()) == (0, 0)
        assert ids(store) == (["e1"] if place == "memory:" else ["e1", "e2"])


def test_threads_of_a_forked_process_share_one_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that come first at once, one makes the lock, and both have it."""
    store, made = MemoryStore(), []
    make = MemoryStore._forked

    def slowly(self: MemoryStore) -> None:
        made.append(self)
        if len(made) == 1:
            other.start()
            other.join(0.05)
        make(self)

    other = Thread(target=lambda: store.append(BORDER, statements(1)))
    monkeypatch.setattr(MemoryStore, "_forked", slowly)
    monkeypatch.setattr(os, "getpid", lambda: 0)
    with store._held():
        assert len(made) == 1
        assert store._end() == 0
    other.join()
    assert (len(made), ids(store)) == (1, ["e1"])
