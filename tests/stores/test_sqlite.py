"""The SQLite store: its promises, its URLs, its file, and what it costs."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from negotiation.errors import (
    EncodeError,
    OutOfRange,
    StoreDamaged,
    StoreFailed,
    UnknownStore,
)
from negotiation.stores import NEW, Store, open_store
from negotiation.stores.sqlite import SqliteStore
from negotiation.stores.sqlite_file import APPLICATION, VERSION, SqliteFile
from negotiation.testing.contracts import DurableStoreContract
from negotiation.testing.storing import BORDER, race, record, statements
from tests.stores.sqlite_kit import files, ids, kept, raw, tampered


class TestPromises(DurableStoreContract):
    """Everything that every store promises, also of two that are opened at one place."""

    def setup_method(self) -> None:
        self.folder = TemporaryDirectory()
        self.count = 0

    def teardown_method(self) -> None:
        self.folder.cleanup()

    def store(self) -> Store:
        self.count += 1
        return SqliteStore(f"sqlite:///{self.folder.name}/{self.count}.db")

    def again(self, store: Store) -> Store:
        assert isinstance(store, SqliteStore)
        return SqliteStore(store.name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


# URLs


@pytest.mark.parametrize(
    ("url", "shown", "reason"),
    [
        ("sqlite:", "sqlite:", "must be sqlite:/// and the path of a file, as in sqlite:///talks"),
        ("sqlite:talks.db", "sqlite:", "must be sqlite:/// and the path of a file"),
        ("sqlite://north:secret@host/t.db", "sqlite:", "must be sqlite:/// and the path of a file"),
        ("sqlite:///", "sqlite:///", "names no file; `memory:` is a new store in memory"),
        ("sqlite:///:memory:", "sqlite:///:memory:", "names no file; `memory:` is a new store"),
        ("sqlite:///a\0b", "sqlite:///a\0b", "is the path of no file: embedded null"),
        ("sqlite:///\ud800", "sqlite:///\ud800", "is the path of no file: "),
    ],
    ids=repr,
)
def test_a_url_that_names_no_file_is_told(url: str, shown: str, reason: str) -> None:
    """The error says what would be right, and shows no more than a password cannot be in."""
    with pytest.raises(UnknownStore) as caught:
        open_store(url)

    assert caught.value.store == shown
    assert caught.value.reason.startswith(reason)
    assert "secret" not in str(caught.value) + repr(vars(caught.value))


def test_a_url_names_a_file_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slashes and a relative path, or four and an absolute one, name the same file."""
    monkeypatch.chdir(tmp_path)
    with open_store("sqlite:///talks.db") as store:
        monkeypatch.chdir("/")
        store.append(BORDER, statements(1))
    with open_store(f"sqlite:///{tmp_path}/talks.db", create=False) as store:
        assert isinstance(store, SqliteStore)
        assert store.name == f"sqlite:///{tmp_path}/talks.db"
        assert ids(store) == ["e1"]


@pytest.mark.parametrize(
    "name",
    ["a.db?mode=memory", "file:a.db", "100%41.db", "it's #1; --.db", " ", "\u2603.db", "..a"],
    ids=repr,
)
def test_a_path_is_taken_as_it_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in a path means anything but itself."""
    monkeypatch.chdir(tmp_path)
    kept(f"sqlite:///{name}", *statements(1))

    assert files(tmp_path) == [name]


def test_nothing_is_made_where_nothing_is_to_be_made(tmp_path: Path) -> None:
    """A file that is not there, or has nothing in it, is then no store, and stays as it is."""
    (tmp_path / "empty.db").touch()
    for name in ("talks.db", "no/talks.db", "empty.db", "empty.db/talks.db"):
        with pytest.raises(UnknownStore, match="nothing is there, and nothing was to be made"):
            open_store(f"sqlite:///{tmp_path}/{name}", create=False)

    assert [(each.name, each.stat().st_size) for each in tmp_path.iterdir()] == [("empty.db", 0)]


@pytest.mark.parametrize(
    ("make", "name", "reason"),
    [
        (Path.mkdir, "talks", "is a directory or a device; name a file"),
        (os.mkfifo, "talks", "is a directory or a device; name a file"),
        (Path.touch, "talks/talks.db", "cannot be made; there is no directory '.*/talks'"),
        (Path.mkdir, "talks/no/talks.db", "cannot be made; there is no directory '.*/talks/no'"),
        (Path.mkdir, "x" * 300, "cannot be reached: File name too long"),
    ],
    ids=["directory", "pipe", "in a file", "in nothing", "long"],
)
def test_a_place_where_no_file_can_be_is_told(
    make: Callable[[Path], None], name: str, reason: str, tmp_path: Path
) -> None:
    """The error says what is there."""
    make(tmp_path / "talks")

    with pytest.raises(StoreFailed, match=reason) as caught:
        open_store(f"sqlite:///{tmp_path}/{name}")
    assert caught.value.kept is False
    assert files(tmp_path) == ["talks"]


@pytest.mark.parametrize("patience", [-1, "5", None, True, float("nan"), 1e9], ids=repr)
def test_patience_is_a_number_of_seconds(patience: Any, url: str, path: Path) -> None:
    """Anything else is refused before a file is made."""
    with pytest.raises(OutOfRange, match="patience must be a number of seconds from 0 to 86400"):
        SqliteStore(url, patience=patience)
    assert not path.exists()


# The file


def test_a_file_is_marked_as_a_store(url: str, path: Path) -> None:
    """It has the library's mark, the version of its tables, and is in WAL mode."""
    kept(url, *statements(1))

    with raw(path) as connection:
        for name, value in (
            ("application_id", APPLICATION),
            ("user_version", VERSION),
            ("journal_mode", "wal"),
            ("integrity_check", "ok"),
        ):
            assert connection.execute(f"PRAGMA {name}").fetchone() == (value,)


def test_what_is_committed_is_written_to_the_disk(url: str) -> None:
    """Each commit waits for the disk, also where fsync alone does not go so far."""
    with SqliteStore(url) as store:
        settings = ("synchronous", "fullfsync", "checkpoint_fullfsync")
        assert [store._file.run(f"PRAGMA {name}") for name in settings] == [[(3,)], [(1,)], [(1,)]]


def test_a_file_can_be_read_with_any_tool(url: str, path: Path) -> None:
    """The tables say in plain text what there is, and the lines are JSON for SQL as well."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(3))
        head = store.head(BORDER)
        assert head is not None

    with raw(path) as connection:
        assert connection.execute("SELECT * FROM negotiations").fetchall() == [
            (1, BORDER, 3, head.hash, "2026-03-03T09:01:00Z", "2026-03-03T09:03:00Z")
        ]
        assert connection.execute(
            "SELECT number, negotiation, position, id, json_extract(line, '$.data.by') FROM records"
        ).fetchall() == [(n, 1, n, f"e{n}", "north") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (
            [f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {VERSION + 1}"],
            "is of version 2, and this version of the library knows 1; open it with the one that",
        ),
        (["CREATE TABLE others (a)"], "is a SQLite database of something else; name another file"),
        (["PRAGMA user_version = 7"], "is a SQLite database of something else"),
        (["PRAGMA application_id = 7"], "is a SQLite database of something else"),
    ],
    ids=["newer", "tables", "version", "application"],
)
@pytest.mark.parametrize("create", [True, False], ids=["create", "open"])
def test_a_database_that_is_no_store_is_left_alone(
    statements: list[str], reason: str, create: bool, url: str, path: Path
) -> None:
    """It is told what it is, and not one byte of it is changed."""
    tampered(path, *statements)
    before = path.read_bytes()

    with pytest.raises(StoreDamaged, match=reason):
        open_store(url, create=create)
    assert path.read_bytes() == before
    assert files(path.parent) == [path.name]


@pytest.mark.parametrize("content", [b"xy", b'{"id": 1}\n' * 2000], ids=["small", "large"])
def test_a_file_that_is_no_database_is_left_alone(content: bytes, url: str, path: Path) -> None:
    """It is told, and not one byte of it is changed."""
    path.write_bytes(content)

    with pytest.raises(StoreDamaged, match="is no SQLite database; name one, or a file that is"):
        open_store(url)
    assert path.read_bytes() == content


def test_a_store_without_its_tables_is_damaged(url: str, path: Path) -> None:
    """A file with the mark of a store that has not what a store makes says so when it is read."""
    kept(url, *statements(1))
    tampered(path, "DROP TABLE records")

    with SqliteStore(url) as store, pytest.raises(StoreDamaged, match="no such table: records"):
        store.read(BORDER)


def test_a_file_that_was_left_half_made_is_made(url: str, path: Path) -> None:
    """Whoever was killed between making a file and making its tables leaves nothing in the way."""
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA user_version"):
        tampered(path, statement)
        kept(url, *statements(1))


def test_a_file_that_another_makes_meanwhile_is_taken(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that make a new file, the second finds the tables made, and what is in them."""
    begin = SqliteFile.transaction

    def late(self: SqliteFile) -> Any:
        monkeypatch.undo()
        kept(url, *statements(1))
        return begin(self)

    monkeypatch.setattr(SqliteFile, "transaction", late)
    with SqliteStore(url) as store:
        assert ids(store) == ["e1"]


def test_many_may_open_a_new_file_at_once(url: str) -> None:
    """One of them makes it; all of them write to it."""

    def write(number: int) -> None:
        with SqliteStore(url) as store:
            store.append(BORDER, [record(f"e{number}")])

    race(*[lambda number=number: write(number) for number in range(6)])

    with SqliteStore(url) as store:
        assert sorted(ids(store)) == [f"e{number}" for number in range(6)]
        assert store.verify(BORDER).intact


# Ids and sizes


def test_ids_of_negotiations_may_hold_anything(url: str) -> None:
    """Those that differ behind a NUL, or in nothing that the eye sees, are different ones."""
    odd = ["a", "a\0", "a\0b", "a\0c", "\0", "'; DROP TABLE records; --", "..", "\ufffe", "\ufeff"]
    with SqliteStore(url) as store:
        for each in odd:
            store.append(each, [record(f"of {each!r}", of=each)], expected=NEW)
        assert [each.negotiation for each in store.negotiations()] == sorted(odd)
    with SqliteStore(url) as store:
        for each in odd:
            assert ids(store, each) == [f"of {each!r}"]
            assert store.verify(each).intact


def test_an_id_that_fills_a_line_is_told(url: str) -> None:
    """Ids may be as long as a line has room for; longer ones are an EncodeError, and not kept."""
    some, most = "x" * 1_000_000, "x" * (1 << 20)
    with SqliteStore(url) as store:
        for id, of in ((some, BORDER), ("e1", some)):
            assert store.append(of, [record(id, of=of)]) == 1
            assert store.append(of, [record(id, of=of)]) == 1
            assert ids(store, of) == [id]
            assert store.verify(of).intact
        for id, of in ((most, BORDER), ("e1", most)):
            with pytest.raises(EncodeError, match="at most 1048576 are read"):
                store.append(of, [record(id, of=of)])
        assert [each.count for each in store.negotiations()] == [1, 1]


def test_many_records_are_found_again_beside_new_ones(url: str) -> None:
    """A batch of 1,500 of which some are there is looked up in parts and leaves out those."""
    many = statements(3000)
    with SqliteStore(url) as store:
        assert store.append(BORDER, many[:1500], expected=NEW) == 1500
        assert store.append(BORDER, many[750:2250], expected=1500) == 2250
        assert store.append(BORDER, many[::2], expected=2250) == 2625
        assert store.verify(BORDER).sealed == 2625


def test_an_append_is_as_cheap_to_a_long_log_as_to_a_short_one(url: str) -> None:
    """It takes the same few statements, none of which reads what is there already."""
    with SqliteStore(url) as store:
        seen: list[str] = []
        store.append(BORDER, statements(2))
        store._file._current().set_trace_callback(seen.append)
        store.append(BORDER, statements(1, first=3))
        few = [each.split()[0] for each in seen]
        store.append(BORDER, statements(1000, first=4))
        seen.clear()
        store.append(BORDER, statements(1, first=1004))

        assert [each.split()[0] for each in seen] == few
        assert few == ["BEGIN", "SELECT", "SELECT", "UPDATE", "INSERT", "COMMIT"]


def test_one_who_reads_keeps_no_one_from_tidying_up(url: str, path: Path) -> None:
    """In the middle of a log nothing is left open that keeps what was written from its place."""
    with SqliteStore(url) as store, raw(path) as connection:
        store.append(BORDER, statements(1500))
        begun = [store.records(BORDER), store.read_all(), store.follow()]
        for each in begun:
            next(each)
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
        assert [len(list(islice(each, 1499))) for each in begun] == [1499] * 3
