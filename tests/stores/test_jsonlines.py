"""The store of JSON Lines: its promises, how it is opened, and how it reads."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import negotiation as ng
from negotiation.errors import (
    StoreDamaged,
    StoreFailed,
    UnknownStore,
)
from negotiation.stores import Store, appending, indexing
from negotiation.stores.jsonlines import JsonLinesStore
from negotiation.testing.contracts import DurableStoreContract
from negotiation.testing.storing import BORDER, WATER, reads, record, statements
from tests.stores.jsonlines_kit import (
    ids,
    numbered,
    opening,
    replaced,
    written,
)


class TestPromises(DurableStoreContract):
    """Everything that every store promises."""

    def setup_method(self) -> None:
        self.folder = TemporaryDirectory()
        self.count = count()

    def teardown_method(self) -> None:
        self.folder.cleanup()

    def store(self) -> Store:
        return JsonLinesStore(f"{self.folder.name}/{next(self.count)}.jsonl")

    def again(self, store: Store) -> Store:
        assert isinstance(store, JsonLinesStore)
        return JsonLinesStore(store.name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.jsonl"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[..., JsonLinesStore]]:
    with opening(path) as opened:
        yield opened


# Opening


def test_a_file_is_made_where_none_is(path: Path) -> None:
    """A path that ends in .jsonl is opened as a store, and a file comes into being."""
    with ng.open_store(str(path)) as store:
        assert isinstance(store, JsonLinesStore)
        assert store.name == str(path)
        assert [*store.negotiations()] == []
    assert path.read_bytes() == b""


def test_nothing_is_made_unless_it_may_be(path: Path) -> None:
    """Where nothing may be made, a file that is not there is no store."""
    with pytest.raises(UnknownStore, match="is not there"):
        ng.open_store(str(path), create=False)
    assert not path.exists()
    path.touch()
    ng.open_store(str(path), create=False).close()


def test_a_directory_is_not_made(path: Path) -> None:
    """A file is made in a directory that is there."""
    with pytest.raises(StoreFailed, match="make its directory first"):
        JsonLinesStore(str(path / "talks.jsonl"))


def test_what_is_no_file_is_refused(path: Path) -> None:
    """A directory, a pipe and a path that the system cannot take are told apart from a store."""
    path.mkdir()
    os.mkfifo(path / "pipe.jsonl")
    for each, reason in {
        str(path): "a directory or a device",
        str(path / "pipe.jsonl"): "a directory or a device",
        f"{path}\0.jsonl": "null",
        f"{path}/{'x' * 300}.jsonl": "name too long",
    }.items():
        with pytest.raises(StoreFailed, match=f"(?i){reason}"):
            JsonLinesStore(each)


def test_a_system_without_locks_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files cannot be locked, the store says which one to use in its place."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(StoreFailed, match="use SQLite"):
        JsonLinesStore(str(path))


def test_a_relative_path_is_meant_as_of_the_opening(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that changes its directory stays with the file that it opened."""
    monkeypatch.chdir(path.parent)
    with JsonLinesStore("talks.jsonl") as store:
        monkeypatch.chdir("/")
        store.append(BORDER, statements(1))
        store.snapshot(BORDER)
        assert store.name == "talks.jsonl"
    assert [each.name for each in path.parent.iterdir() if each.is_dir()] == ["talks.jsonl.states"]


def test_no_file_is_left_open(path: Path) -> None:
    """What is refused, replaced, closed or forgotten holds no file any more."""
    gc.collect()
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208  # as Python, too, counts what is open
    with pytest.raises(StoreFailed):
        JsonLinesStore(str(path.parent))
    with JsonLinesStore(str(path)) as store:
        replaced(path, b"")
        assert ids(store) == []
        assert len(os.listdir("/dev/fd")) == before + 1  # noqa: PTH208  # as above
    del store
    forgotten = JsonLinesStore(str(path))
    assert ids(forgotten) == []
    del forgotten
    gc.collect()
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208  # as above


# Pages


@pytest.mark.parametrize("piece", [400, 5000, 1 << 20])
def test_lines_are_read_wherever_they_lie(
    opened: Any, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    """Lines that lie together or apart, long ones and short ones, are read as they were written."""
    for module in (appending, indexing):
        monkeypatch.setattr(module, "PIECE", piece)
    long = [record(f"l{n}", of=WATER, minute=n, text="x" * 3000 * n) for n in range(4)]
    with opened() as store:
        for n, each in enumerate(long):
            store.append(BORDER, statements(5, first=1 + 5 * n))
            store.append(WATER, [each])
    store = opened()
    reads(store, BORDER, statements(20))
    reads(store, WATER, long)
    assert [each.id for each in store.records(BORDER, backwards=True, upto=3)] == ["e3", "e2", "e1"]
    assert len(numbered(store)) == 24


@pytest.mark.parametrize("of", [BORDER, WATER])
def test_a_file_that_is_replaced_while_it_is_read_is_told(path: Path, opened: Any, of: str) -> None:
    """A reading that began with another file does not pass for one of all that there is."""
    store = opened()
    store.append(BORDER, statements(1500))
    reading, everything = store.records(BORDER), store.read_all()
    next(reading)
    next(everything)
    path.write_bytes(written(record("w1", of=of)))
    assert numbered(store) == [(1, of, "w1")]
    for each in (reading, everything):
        with pytest.raises(StoreFailed, match="has become shorter while it was read"):
            list(each)


def test_damage_in_a_file_that_is_gone_since_is_told(path: Path, opened: Any) -> None:
    """What is wrong with a line is told as well when another file lies there by then."""
    with opened() as store:
        store.append(BORDER, statements(2))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b'"by"', b'"bye"'))
    store = opened()
    reading, everything = store.records(BORDER), store.read_all()
    next(reading)
    next(everything)
    path.write_bytes(written(record("w1", of=WATER)))
    assert ids(store, WATER) == ["w1"]
    with pytest.raises(StoreDamaged, match="'border-talks', position 2: data"):
        next(reading)
    with pytest.raises(StoreDamaged, match="number 2: data"):
        next(everything)


# States


def test_states_lie_beside_the_file(path: Path, opened: Any) -> None:
    """What a negotiation is called says nothing about which files are written."""
    store = opened()
    for negotiation in ("../../talks", "/", "a" * 5000, "é\n"):
        store.append(negotiation, statements(1, of=negotiation))
        store.snapshot(negotiation)
    beside = [*path.with_name("talks.jsonl.states").iterdir()]
    assert len(beside) == 4
    assert {(len(each.stem), each.suffix) for each in beside} == {(64, ".json")}
    assert {*path.parent.iterdir()} == {path, path.with_name("talks.jsonl.states")}


def test_a_state_that_is_damaged_is_not_used(path: Path, opened: Any) -> None:
    """The log has everything, whatever has become of a state that was kept."""
    store = opened()
    store.append(BORDER, statements(2))
    wanted = store.state(BORDER)
    store.snapshot(BORDER)
    (kept,) = path.with_name("talks.jsonl.states").iterdir()
    for junk in (b"", b"{", b"\xff\xfe", b'{"position": 7}'):
        kept.write_bytes(junk)
        assert store.state(BORDER) == wanted
    kept.unlink()
    kept.mkdir()
    assert store.state(BORDER) == wanted
    with pytest.raises(StoreFailed, match="the state cannot be kept"):
        store.snapshot(BORDER)
    assert [*kept.parent.iterdir()] == [kept]
    kept.rmdir()
    kept.parent.rmdir()
    kept.parent.touch()
    with pytest.raises(StoreFailed, match="the state cannot be kept"):
        store.snapshot(BORDER)
    assert store.state(BORDER) == wanted
