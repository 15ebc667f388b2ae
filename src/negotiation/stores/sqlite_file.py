"""The SQLite file of a store: how it is opened, and what its errors mean.

Whoever uses it holds the lock of the store.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from threading import RLock, get_ident
from time import monotonic, sleep
from typing import Any, Final
from weakref import ref

from negotiation.errors import StoreBusy, StoreDamaged, StoreFailed, UnknownStore

_SCHEME: Final = "sqlite:///"
_NOTHING: Final = "nothing is there, and nothing was to be made"

APPLICATION: Final = 0x6E65676F
"""What marks a SQLite file as one of this library's, its `application_id`: "nego" in ASCII."""

VERSION: Final = 1
"""Which tables such a file has, its `user_version`."""

_TABLES: Final = (
    """
    CREATE TABLE negotiations (
        key INTEGER PRIMARY KEY,
        negotiation TEXT NOT NULL UNIQUE,  -- its id
        count INTEGER NOT NULL,  -- of its records
        hash TEXT NOT NULL,  -- of the last record
        first TEXT NOT NULL,  -- when the first record was recorded
        last TEXT NOT NULL  -- when the last record was recorded
    )
    """,
    """
    CREATE TABLE records (
        number INTEGER PRIMARY KEY,  -- in the order of all records
        negotiation INTEGER NOT NULL REFERENCES negotiations (key),
        position INTEGER NOT NULL,  -- in the negotiation: 1, 2, 3 and so on
        id TEXT NOT NULL,
        line TEXT NOT NULL,  -- the sealed line
        UNIQUE (negotiation, position),
        UNIQUE (negotiation, id)
    )
    """,
    """
    CREATE TABLE snapshots (
        negotiation INTEGER PRIMARY KEY REFERENCES negotiations (key),
        text TEXT NOT NULL
    )
    """,
)

_SETTINGS: Final = (
    "synchronous = EXTRA",  # in WAL mode the same as FULL: what is committed is on the disk
    "fullfsync = ON",  # where fsync leaves it in the disk's own cache
    "checkpoint_fullfsync = ON",
    "cell_size_check = ON",  # a damaged page is told and not followed
    "trusted_schema = OFF",  # whoever made the file, it calls no functions
)

_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}

_PAUSE: Final = 0.002
"""For how many seconds one who waits for the file rests before he tries again."""

_REASONS: Final[Mapping[int, tuple[type[StoreFailed], str]]] = {
    sqlite3.SQLITE_FULL: (StoreFailed, "there is no room left; make some and append again"),
    sqlite3.SQLITE_IOERR: (StoreFailed, "the disk failed; try again once it works"),
    sqlite3.SQLITE_READONLY: (
        StoreFailed,
        "cannot be written to; the file and its directory must allow it",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreFailed,
        "cannot be opened; the file must be readable and its directory writable",
    ),
    sqlite3.SQLITE_NOTADB: (
        StoreDamaged,
        "is no SQLite database; name one, or a file that is not there yet",
    ),
    sqlite3.SQLITE_CORRUPT: (StoreDamaged, "is damaged; restore it from a copy"),
    sqlite3.SQLITE_CONSTRAINT: (
        StoreDamaged,
        "holds records that it has not noted; verify it and restore it from a copy",
    ),
    sqlite3.SQLITE_ERROR: (StoreDamaged, "has not the tables that a store makes"),
}
"""What the codes of SQLite mean for a store; any other is a failure that says no more."""


_WHILE_FORKING: Final = 10
"""For how many seconds a fork waits for what other threads are doing with a file."""


class SqliteFile:
    """A connection to the file of a store, which is made if need be.

    It is closed before the process forks, and made anew when it is next used, in either process.

    Args:
        url: the URL of the store, by which errors name it.
        create: make the file if it is not there.
        patience: for how many seconds others may hold it before `StoreBusy` says so.

    Raises:
        UnknownStore: the URL names no file, or nothing is there and nothing is to be made.
        StoreFailed: the file cannot be opened, is none of this library's, or is of a later version.
    """

    def __init__(self, url: str, *, create: bool, patience: float) -> None:
        self._url: Final = url
        self._patience: Final = patience
        self._path: Final = _located(url, create)
        self._frozen: object = None
        self._known: tuple[int, int] | None = None
        self._least = 0  # bytes that the file has
        self._process = os.getpid()
        self._using = RLock()
        self._forking: int | None = None  # the thread that does
        self._inherited = False
        self._connection: sqlite3.Connection | None = None
        _FILES.add(ref(self, _FILES.discard))
        with self._using:
            self._open(create)

    # Opening

    def _open(self, create: bool) -> sqlite3.Connection:
        self._frozen = None
        self._connection = self._connected("rwc" if create else "rw")
        self._known = self._known or self._identity()
        try:
            self._prepare(create)
        except BaseException:
            self._connection.close()
            self._connection = None
            raise
        self._least = 1
        return self._connection

    def _current(self) -> sqlite3.Connection:
        """The connection, or a new one to the file that was opened at first."""
        if self._inherited:
            raise StoreFailed(
                self._url,
                "was being used when this process was forked, and cannot be used here; fork while "
                "nobody uses it, or start processes without forking",
            )
        if self._connection is None:
            self._check()
            return self._open(create=False)
        return self._connection

    def _connected(self, mode: str) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                f"{self._path.as_uri()}?mode={mode}",
                uri=True,
                timeout=0,  # `run` waits by itself, more evenly
                isolation_level=None,
                check_same_thread=False,  # the lock of the store sees to it
            )
        except sqlite3.Error as error:
            raise self._failure(error) from None
        connection.text_factory = bytes  # a line is handed on as it lies there
        return connection

    def _prepare(self, create: bool) -> None:
        try:
            new = self._is_new()
        except StoreFailed as error:
            stamp = self._stamp()
            if isinstance(error, StoreBusy | StoreDamaged) or not self._at_rest():
                raise
            self._current().close()
            self._connection = self._connected("ro&immutable=1")
            self._frozen = stamp
            new = self._is_new()
        if new and not create:
            raise UnknownStore(self._url, _NOTHING, absent=True)
        for setting in _SETTINGS:
            self.run(f"PRAGMA {setting}")
        try:
            self.run("PRAGMA journal_mode = WAL")
        except (StoreBusy, StoreDamaged):
            raise
        except StoreFailed:
            pass  # what cannot be written to can be read all the same
        if new:
            self._make()

    def _is_new(self) -> bool:
        """Whether nothing is in the file yet; if not, it is a store of this version."""
        [(application, version, tables)] = self.run(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master) "
            "FROM pragma_application_id, pragma_user_version"
        )
        if (application, version) == (APPLICATION, VERSION):
            return False
        if application == APPLICATION:
            raise StoreDamaged(
                self._url,
                f"is of version {version}, and this version of the library knows {VERSION}; open "
                f"it with the one that wrote it",
            )
        if application or version or tables:
            raise StoreDamaged(
                self._url,
                "is a SQLite database of something else; name another file, or one that is not "
                "there yet",
            )
        return True

    def _make(self) -> None:
        with self.transaction():
            if self._is_new():  # and not made by another process meanwhile
                for table in _TABLES:
                    self.run(table)
                self.run(f"PRAGMA application_id = {APPLICATION}")
                self.run(f"PRAGMA user_version = {VERSION}")

    # A directory that cannot be written to has no room for what connections share. Where no other
    # can be writing, the file is read as it stands, and that it still stands so is looked at.

    def _at_rest(self) -> bool:
        effective = os.access in os.supports_effective_ids
        writable = os.access(self._path.parent, os.W_OK, effective_ids=effective)
        return not writable and not self._size("-wal") and not self._size("-journal")

    def _check_stamp(self) -> None:
        if self._frozen != self._stamp():
            raise StoreFailed(
                self._url,
                "was written to while it was read in a directory that cannot be written to; open "
                "it again",
            )

    def _stamp(self) -> object:
        try:
            found = self._path.stat()
        except OSError:
            return "gone"
        return found.st_ino, found.st_size, found.st_mtime_ns, self._size("-wal")

    def _size(self, suffix: str) -> int:
        try:
            return Path(f"{self._path}{suffix}").stat().st_size
        except FileNotFoundError:
            return 0

    # What is written to a file that was deleted, moved or replaced is lost.

    def _check(self, kept: bool | None = False) -> None:
        if self._frozen is not None:
            self._check_stamp()
        elif (found := self._identity()) is None or found != self._known:
            raise StoreFailed(
                self._url,
                "the file that was opened is gone, or another is in its place; open it again",
                kept=kept,
            )

    def _identity(self) -> tuple[int, int] | None:
        """Which file the path names; None if it names none, or one that was emptied."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return None if found.st_size < self._least else (found.st_dev, found.st_ino)

    # Statements

    def run(self, statement: str, *values: object, kept: bool | None = False) -> list[Any]:
        """What a statement gives, all of it, so that nothing is left open behind it.

        Args:
            statement: the statement.
            values: the values of its parameters.
            kept: what is known of an append at hand where it fails.
        """
        with self._using:
            rows = self._run(self._current(), statement, values, kept)
            self._check(kept)
        return rows

    def _run(
        self,
        connection: sqlite3.Connection,
        statement: str,
        values: Sequence[Any],
        kept: bool | None,
    ) -> list[Any]:
        until = None
        while True:
            try:
                return connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                now = monotonic()
                until = now + self._patience if until is None else until
                if _code(error) not in _BUSY or now >= until:
                    raise self._failure(error, kept) from None
            sleep(_PAUSE)

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement that gives nothing, once for each row of values."""
        with self._using:
            try:
                self._current().executemany(statement, rows)
            except sqlite3.Error as error:
                raise self._failure(error) from None
            self._check()

    def _failure(self, error: sqlite3.Error, kept: bool | None = False) -> StoreFailed:
        code = _code(error)
        if code in _BUSY:
            return StoreBusy(
                self._url,
                f"others have held it for {self._patience} seconds; try again",
            )
        kind, reason = _REASONS.get(code, (StoreFailed, "SQLite failed"))
        if code == sqlite3.SQLITE_FULL:
            kept = False  # what marks an append as whole comes last, and had no room
        return kind(self._url, f"{reason} (SQLite: {error})", kept=kept)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction that writes: kept, for good, once it is left without an error."""
        with self._using:
            connection = self._current()
            try:
                self.run("BEGIN IMMEDIATE")
                yield
                self._check()
                # If this fails on the way to the disk, it may have got there.
                self.run("COMMIT", kept=None)
            except BaseException:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the connection, if one is open."""
        with self._using:
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()

    # SQLite keeps for a process which locks it has, and a fork copies that, but not the locks: even
    # a new connection in the child would go without. So none may be open when a process forks.

    def rest(self) -> None:
        """Close the connection before a fork, and keep others from making one until it is over."""
        if self._process != os.getpid() or not self._using.acquire(timeout=_WHILE_FORKING):
            return
        self._forking = get_ident()
        if self._connection is not None and not self._connection.in_transaction:
            self.close()

    def go_on(self) -> None:
        """Let others use it again, in the process that has forked."""
        if self._forking == get_ident():
            self._forking = None
            self._using.release()

    def forked(self) -> None:
        """Begin anew in a process that was forked; what was left open is its parent's."""
        self._using, self._forking, self._process = RLock(), None, os.getpid()
        if self._connection is not None:
            _abandon(self._connection)
            self._connection, self._inherited = None, True


_FILES: Final[set[ref[SqliteFile]]] = set()
"""Those of this process, as every fork concerns them all."""


def _files() -> list[SqliteFile]:
    return [file for each in tuple(_FILES) if (file := each()) is not None]


def _before_fork() -> None:
    for each in _files():
        each.rest()


def _after_fork() -> None:
    for each in _files():
        each.go_on()


# Where no process can be forked there is nothing to be told of it.
getattr(os, "register_at_fork", dict)(before=_before_fork, after_in_parent=_after_fork)


def _abandon(connection: sqlite3.Connection) -> None:
    """Leave a connection open for ever: to close it would disturb what others do."""
    import ctypes  # seldom needed

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))


def _located(url: str, create: bool) -> Path:
    """The file that a URL names, if it can be one of a store."""
    path = url.removeprefix(_SCHEME)
    if path == url:
        raise UnknownStore(
            "sqlite:",
            f"must be {_SCHEME} and the path of a file, as in sqlite:///talks.db or, where it is "
            f"absolute, sqlite:////srv/talks.db",
        )
    if path in ("", ":memory:"):
        raise UnknownStore(url, "names no file; `memory:` is a new store in memory")
    try:
        found = Path(path).absolute()
        mode = _mode(found)
    except OSError as error:
        raise StoreFailed(url, f"cannot be reached: {error.strerror}") from None
    except ValueError as error:
        raise UnknownStore(url, f"is the path of no file: {error}") from None
    if mode is None and not create:
        raise UnknownStore(url, _NOTHING, absent=True)
    if mode is None and not found.parent.is_dir():
        raise StoreFailed(url, f"cannot be made; there is no directory {str(found.parent)!r}")
    if mode is not None and not S_ISREG(mode):
        raise StoreFailed(url, "is a directory or a device; name a file")
    return found


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def _code(error: sqlite3.Error) -> int:
    """The code of SQLite's error, without what further distinguishes it."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
