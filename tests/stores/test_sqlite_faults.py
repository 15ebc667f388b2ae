"""What the SQLite store stands on fails: locks, disks, pages, permissions.

Each fault is a real one: another connection holds the lock, a page is overwritten, a disk is full.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from typing import Final

import pytest

from negotiation.errors import (
    StoreBusy,
    StoreDamaged,
    StoreFailed,
)
from negotiation.stores import Store
from negotiation.stores.sqlite import SqliteStore
from negotiation.testing.storing import BORDER, WATER, record, statements
from tests.stores.sqlite_kit import files, ids, kept, raw, tampered

NOBODY: Final = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


# Somebody else holds the file


def test_a_file_that_another_holds_for_long_is_busy(url: str, path: Path) -> None:
    """Nothing is kept, everything can be read, and later the same append succeeds."""
    with SqliteStore(url, patience=0.05) as store, raw(path) as connection:
        store.append(BORDER, statements(1))
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match=r"others have held it for 0\.05 seconds; try again"):
            store.append(BORDER, statements(2))
        assert ids(store) == ["e1"]
        connection.execute("ROLLBACK")
        assert store.append(BORDER, statements(2)) == 2
        assert store.verify(BORDER).intact


def test_a_busy_file_is_waited_for(url: str, path: Path) -> None:
    """Where the other is done in time, an append succeeds."""
    with SqliteStore(url, patience=60) as store:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        with closing(connection):
            connection.execute("BEGIN IMMEDIATE")
            timer = Timer(0.05, connection.execute, ["COMMIT"])
            timer.start()
            assert store.append(BORDER, statements(1)) == 1
            timer.join()


def test_a_file_that_cannot_be_made_ready_is_busy(url: str, path: Path) -> None:
    """One that was put out of WAL mode, and is being read so, cannot be put back into it."""
    kept(url, *statements(1))
    with raw(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM records").fetchall()
        with pytest.raises(StoreBusy):
            SqliteStore(url, patience=0.05)
        connection.execute("COMMIT")
    with SqliteStore(url, patience=0.05) as store:
        assert store._file.run("PRAGMA journal_mode") == [(b"wal",)]


# The disk


@pytest.mark.parametrize(
    ("negotiation", "count"),
    [(BORDER, 1), (BORDER, 1500), (WATER * 999, 1)],
    ids=["one", "many", "new"],
)
def test_a_database_at_its_largest_takes_nothing(negotiation: str, count: int, url: str) -> None:
    """The append is not kept, what was acknowledged is, and with more room it goes on."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(5))
        [(pages,)] = store._file.run("PRAGMA page_count")
        store._file.run(f"PRAGMA max_page_count = {pages}")
        more = [record(f"f{n}", of=negotiation, minute=9, text="x" * 5000) for n in range(count)]
        with pytest.raises(StoreFailed, match="there is no room left; make some and app") as caught:
            store.append(negotiation, more)
        assert caught.value.kept is False
        assert [each.count for each in store.negotiations()] == [5]
        assert store.verify(BORDER).sealed == 5

        store._file.run(f"PRAGMA max_page_count = {pages + 9999}")
        store.append(negotiation, more)
        assert store.verify(negotiation).intact


def test_a_full_disk_takes_nothing(url: str, path: Path) -> None:
    """Where the disk has no room for a commit, nothing of it is kept."""
    kept(url, *statements(5))
    try:
        os.mknod(f"{path}-wal", 0o020600, os.makedev(1, 7))  # all that is written to it is too much
    except OSError as error:
        pytest.skip(f"a device that is always full cannot be made: {error}")
    with SqliteStore(url) as store:
        with pytest.raises(StoreFailed, match="there is no room left") as caught:
            store.append(BORDER, statements(6))
        assert caught.value.kept is False
        assert len(ids(store)) == 5

    Path(f"{path}-wal").unlink(missing_ok=True)
    with SqliteStore(url) as store:
        assert store.append(BORDER, statements(6), expected=5) == 6
        assert store.verify(BORDER).intact


@contextmanager
def short_of(path: Path) -> Iterator[None]:
    """No file may grow beyond the size that one has."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fails_leaves_open_what_is_kept(url: str, path: Path) -> None:
    """An error on the way to the disk says so; the same append then does what is left to do."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(5))
        with short_of(Path(f"{path}-wal")):
            with pytest.raises(StoreFailed, match="the disk failed; try again once it") as caught:
                store.append(BORDER, statements(9))
            assert caught.value.kept is None
            assert ids(store) == ["e1", "e2", "e3", "e4", "e5"]
        assert store.append(BORDER, statements(9), expected=5) == 9
    with SqliteStore(url) as store:
        assert store.verify(BORDER).sealed == 9


def test_any_other_failure_of_sqlite_is_told(url: str) -> None:
    """No error of the driver comes through, whatever it says."""
    with SqliteStore(url) as store:
        store._file._current().setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 300)
        with pytest.raises(StoreFailed, match=r"SQLite failed .* too big") as caught:
            store.append(BORDER, [record("e1", text="x" * 300)])
        assert caught.value.kept is False
        assert list(store.negotiations()) == []


def test_a_damaged_page_is_told(url: str, path: Path) -> None:
    """Whoever reads it learns that it is damaged; whoever does not, reads on."""
    kept(url, *statements(5))
    kept(url, *[record(f"w{n}", of=WATER, text="x" * 999) for n in range(100)])
    with raw(path) as connection:
        rows = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'records'")
        [(page,)] = rows.fetchall()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(content)

    with SqliteStore(url) as store:
        assert len(list(store.negotiations())) == 2
        for call in (store.read, store.verify, lambda of: store.append(of, [record("e1", of=of)])):
            with pytest.raises(StoreDamaged, match="is damaged; restore it from a copy"):
                call(BORDER)


# The file is no longer the one that was opened


def deleted(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("other.db"))


def replaced(path: Path) -> None:
    other = path.with_name("other.db")
    kept(f"sqlite:///{other}", *statements(2))
    other.replace(path)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


CHANGES: Final = [deleted, moved, replaced, emptied]
GONE: Final = "the file that was opened is gone, or another is in its place; open it again"


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("rested", [False, True], ids=["open", "after a fork"])
def test_a_file_that_is_no_longer_there_takes_nothing(
    change: Callable[[Path], None], rested: bool, url: str, path: Path
) -> None:
    """Whoever appends, reads or follows learns it, and nothing is acknowledged."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(1))
        if rested:
            store._file.close()
        change(path)
        for use in (
            lambda: store.append(BORDER, statements(3)),
            lambda: store.read(BORDER),
            lambda: list(store.follow(timeout=0)),
            lambda: store.snapshot(BORDER),
        ):
            with pytest.raises(StoreFailed, match=GONE) as caught:
                use()
            assert caught.value.kept is False


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_goes_during_an_append_takes_nothing(
    change: Callable[[Path], None], url: str, path: Path
) -> None:
    """At the latest when it is to be committed the store looks again, and then commits nothing."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(1))
        seen: list[str] = []
        store._file._current().set_trace_callback(seen.append)
        with pytest.raises(StoreFailed, match=GONE) as caught, store._writing(BORDER, ()):
            change(path)
        assert caught.value.kept is False
        assert "COMMIT" not in seen


def test_a_file_that_goes_while_it_is_committed_leaves_open_what_is_kept(
    url: str, path: Path
) -> None:
    """Where it went is not known, so neither is whether the records are there."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(1))
        store._file._current().set_trace_callback(
            lambda statement: path.unlink() if statement == "COMMIT" else None
        )
        with pytest.raises(StoreFailed, match=GONE) as caught:
            store.append(BORDER, statements(2))
        assert caught.value.kept is None


def test_a_file_that_was_put_in_its_place_is_left_alone(url: str, path: Path) -> None:
    """Opened again, the store has what is there now, also when the first one is closed late."""
    store = SqliteStore(url)
    store.append(BORDER, statements(1))
    deleted(path)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()
    with SqliteStore(url) as again:
        again.append(BORDER, statements(3))
        store.close()
        assert again.append(BORDER, statements(4)) == 4
        with SqliteStore(url) as other:
            assert ids(other) == ["e1", "e2", "e3", "e4"]


# Where nothing may be written


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that everybody can reach, with a store of three records, closed."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        kept(f"sqlite:///{folder}/talks.db", *statements(3))
        yield folder


@contextmanager
def may_only_read(place: Path) -> Iterator[None]:
    """Be somebody who may not write to a file or to what is in a folder."""
    mode = place.stat().st_mode & 0o777
    place.chmod(mode & 0o555)
    root = os.geteuid() == 0  # which may do everything
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        place.chmod(mode)


def takes_nothing(store: Store) -> None:
    """Assert that a store refuses to be written to, and can be read all the same."""
    with pytest.raises(StoreFailed, match="cannot be written to; the file and its dir") as caught:
        store.append(BORDER, statements(4))
    assert caught.value.kept is False
    assert ids(store) == [each.id for _, each in store.follow(timeout=0)] == ["e1", "e2", "e3"]
    assert store.verify(BORDER).intact


def test_a_file_that_cannot_be_written_to_can_be_read(shelf: Path) -> None:
    """Everything can be read, and an append says that it cannot be written to."""
    shelf.chmod(0o777)
    with (
        may_only_read(shelf / "talks.db"),
        SqliteStore(f"sqlite:///{shelf}/talks.db") as store,
    ):
        takes_nothing(store)


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_a_folder_that_cannot_be_written_to_can_be_read(mode: str, shelf: Path) -> None:
    """Also then everything can be read, and nothing is left there."""
    tampered(shelf / "talks.db", f"PRAGMA journal_mode = {mode}")
    with may_only_read(shelf), SqliteStore(f"sqlite:///{shelf}/talks.db", create=False) as store:
        takes_nothing(store)
        assert files(shelf) == ["talks.db"]


def test_what_is_written_meanwhile_is_not_overlooked(shelf: Path) -> None:
    """A file that was read as it stood and is written to says so; opened again, it has it all."""
    url = f"sqlite:///{shelf}/talks.db"
    with may_only_read(shelf):
        reader = SqliteStore(url)
    with reader, SqliteStore(url) as writer:
        writer.append(BORDER, statements(4))
        with may_only_read(shelf):
            with pytest.raises(StoreFailed, match="was written to while it was read in a dir"):
                reader.read(BORDER)
            with SqliteStore(url) as again:
                assert ids(again) == ["e1", "e2", "e3", "e4"]


def test_a_file_that_is_gone_is_not_overlooked(shelf: Path) -> None:
    """Nor is one that somebody took away."""
    with may_only_read(shelf):
        reader = SqliteStore(f"sqlite:///{shelf}/talks.db")
    (shelf / "talks.db").unlink()
    with reader, pytest.raises(StoreFailed, match="was written to while it was read"):
        reader.read(BORDER)


def test_what_was_not_yet_put_in_its_place_is_not_overlooked(shelf: Path) -> None:
    """A file of which a part lies beside it still cannot be read where nothing may be written."""
    url = f"sqlite:///{shelf}/talks.db"
    with SqliteStore(url) as store:
        store.append(BORDER, statements(4))
        copies = {name: (shelf / name).read_bytes() for name in ("talks.db", "talks.db-wal")}
    for name, content in copies.items():
        (shelf / name).write_bytes(content)

    with may_only_read(shelf), pytest.raises(StoreFailed, match="the file must be readable and"):
        SqliteStore(url)
    with SqliteStore(url) as store:
        assert ids(store) == ["e1", "e2", "e3", "e4"]


def test_what_was_left_half_written_is_not_overlooked(shelf: Path) -> None:
    """Nor can one that waits to be put back as it was; where it may be written to, it is."""
    path = shelf / "talks.db"
    with raw(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN")
        connection.execute("UPDATE records SET line = zeroblob(99999)")
        copies = {each.name: each.read_bytes() for each in shelf.iterdir()}
        connection.execute("ROLLBACK")
    for name, content in copies.items():
        (shelf / name).write_bytes(content)

    with may_only_read(shelf), pytest.raises(StoreFailed, match="the file and its directory must"):
        SqliteStore(f"sqlite:///{path}")
    with SqliteStore(f"sqlite:///{path}") as store:
        assert store.verify(BORDER).sealed == 3


def test_what_another_is_writing_is_waited_for(shelf: Path) -> None:
    """A file is read as it stands only where nobody holds it."""
    tampered(shelf / "talks.db", "PRAGMA journal_mode = DELETE")
    with raw(shelf / "talks.db") as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with may_only_read(shelf), pytest.raises(StoreBusy):
            SqliteStore(f"sqlite:///{shelf}/talks.db", patience=0.05)


def test_what_connections_share_cannot_be_done_without(shelf: Path) -> None:
    """Where others could be writing, a file is not read as it stands, whatever is in the way."""
    (shelf / "talks.db-shm").symlink_to("nowhere")
    with pytest.raises(StoreFailed, match="the file must be readable and"):
        SqliteStore(f"sqlite:///{shelf}/talks.db")


def test_nothing_is_made_where_nothing_may_be(shelf: Path) -> None:
    """A new file in such a folder, or an empty one that may not be written to, is told."""
    (shelf / "empty.db").touch()
    for name, reason in (("new.db", "cannot be opened"), ("empty.db", "cannot be written to")):
        with may_only_read(shelf), pytest.raises(StoreFailed, match=reason):
            SqliteStore(f"sqlite:///{shelf}/{name}")
    assert files(shelf) == ["empty.db", "talks.db"]


def test_a_file_that_may_not_be_read_is_told(shelf: Path) -> None:
    """So is a folder that one may not look into."""
    (shelf / "talks.db").chmod(0)
    with may_only_read(shelf), pytest.raises(StoreFailed, match="cannot be opened; the file must"):
        SqliteStore(f"sqlite:///{shelf}/talks.db")
    shelf.chmod(0)
    with may_only_read(shelf), pytest.raises(StoreFailed, match="cannot be reached: Permission"):
        SqliteStore(f"sqlite:///{shelf}/talks.db")
