"""The PostgreSQL database of a store: how it is reached and made, and what its errors mean.

Whoever uses it holds the lock of the store, but for an `Ear`, which is one thread's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from time import sleep
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote

from negotiation.errors import StoreBusy, StoreDamaged, StoreFailed, UnknownStore
from negotiation.stores import postgres_statements as statements

if TYPE_CHECKING:
    import psycopg

    Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_SCHEME: Final = "postgresql:"
# Nothing that separates two parts may stand in one, so that it is certain where a password ends.
_PART: Final = r"[^:,@/?#\[\]]*"
_HOST: Final = rf"(?:{_PART}|\[[0-9A-Fa-f:.]*\])(?::[0-9]*)?"
_URL: Final = re.compile(
    rf"(?P<scheme>postgres(?:ql)?://)(?:(?P<user>{_PART})(?::(?P<password>{_PART}))?@)?"
    rf"(?P<place>{_HOST}(?:,{_HOST})*(?:/{_PART})?)(?:\?(?P<query>[^@?#]*))?"
)
_SECRET: Final = re.compile("password|secret|scram", re.IGNORECASE)

_DEFAULTS: Final = {
    "connect_timeout": "10",
    "fallback_application_name": "negotiation",
    "keepalives_idle": "30",  # so that a server that is gone without a word is noticed
    "keepalives_interval": "10",
    "keepalives_count": "3",
}

_REASONS: Final[Mapping[str, tuple[type[StoreFailed], str]]] = {
    "55P03": (StoreBusy, "another writer holds it for too long; try again"),
    "40": (StoreBusy, "another writer came in between; try again"),
    "57014": (StoreFailed, "was cancelled, or took longer than its server allows; try again"),
    "25006": (StoreFailed, "can be read there, and not written to"),
    "42501": (StoreFailed, "is not permitted to this user"),
    "53": (StoreFailed, "has a server with no room left; make some and try again"),
    "58": (StoreFailed, "has a server whose disk failed; try again once it works"),
    "22": (StoreDamaged, "is not as it has noted; verify it and restore it from a copy"),
    "23": (StoreDamaged, "holds records that it has not noted; verify it and restore it"),
    "42": (StoreDamaged, "has not the tables that a store makes"),
    "XX": (StoreDamaged, "is damaged; restore it from a copy"),
    **dict.fromkeys(
        ("", "08", "57"), (StoreFailed, "cannot be reached, or no longer; try again once it can")
    ),
}
"""What the codes of PostgreSQL, or their classes, mean for a store."""

_REFUSED: Final = (StoreFailed, "has a server that refused")

Statement: TypeAlias = tuple[str, Mapping[str, object]]
"""What is said to PostgreSQL, with the values of its parameters."""

_BEGIN: Final[Statement] = ("BEGIN", {})
_COMMIT: Final[Statement] = ("COMMIT", {})


class PostgresDatabase:
    """A connection to the database of a store, whose tables are made if need be.

    A connection that was lost is made anew when it is next used. A process that was forked makes
    its own, and leaves its parent's alone.

    Args:
        url: its URL.
        create: make the tables if they are not there.
        patience: for how many seconds another writer may hold it before `StoreBusy` says so.

    Raises:
        UnknownStore: the URL names no database, psycopg is not installed, or no tables are there
            and none are to be made.
        StoreFailed: it cannot be reached or used, or is of a later version.
    """

    def __init__(self, url: str, *, create: bool, patience: float) -> None:
        self.name, self._secrets = shown(url)
        self._settings: Final = statements.SETTINGS.format(patience=max(1, round(patience * 1000)))
        self._target: Final = self._parsed(url)
        self._connections: Final[dict[int, Connection]] = {}  # by process
        self.channel = ""
        """On which the server says that something was committed."""
        self._open(create)

    # Opening

    def _parsed(self, url: str) -> dict[str, Any]:
        try:
            from psycopg import Error
            from psycopg.conninfo import conninfo_to_dict
        except ImportError as error:
            raise UnknownStore(
                _SCHEME,
                f"needs psycopg, which cannot be imported ({error}); install "
                f"`negotiation[postgres]`, and `psycopg[binary]` where there is no libpq",
            ) from None
        try:
            found = conninfo_to_dict(url)
        except Error as error:
            raise UnknownStore(self.name, f"names no database{self._told(error)}") from None
        return {**_DEFAULTS, **found, "client_encoding": "UTF8"}

    def connected(self) -> Connection:
        """A new connection."""
        import psycopg
        from psycopg.types.string import ByteaBinaryLoader

        with self.failing():
            connection = psycopg.connect(autocommit=True, **self._target)
        connection.adapters.register_loader("text", ByteaBinaryLoader)  # a line as it lies there
        return connection

    def _open(self, create: bool) -> Connection:
        connection = self.connected()
        try:
            with self.failing():
                connection.execute(self._settings)
                self._prepare(connection, create)
        except BaseException:
            connection.close()
            raise
        self._connections[os.getpid()] = connection
        return connection

    def _prepare(self, connection: Connection, create: bool) -> None:
        [(table, encoding)] = sent(connection, statements.LOOK).fetchall()
        if encoding != b"UTF8":
            raise StoreFailed(
                self.name, f"is a database in {encoding.decode()}; a store needs one in UTF8"
            )
        if table is None:
            if not create:
                raise UnknownStore(
                    self.name, "nothing is there, and nothing was to be made", absent=True
                )
            connection.execute(statements.TABLES)  # in one transaction
            [(table, _)] = sent(connection, statements.LOOK).fetchall()
        versions = sent(connection, statements.LOOK_AT_VERSION).fetchall()
        if versions != [(statements.VERSION,)]:
            told = " and ".join(str(version) for (version,) in versions) or "none"
            raise StoreDamaged(
                self.name,
                f"is of version {told}, and this version of the library knows "
                f"{statements.VERSION}; open it with the one that wrote it",
            )
        self.channel = f"negotiation_{table}"

    def _current(self) -> Connection:
        connection = self._connections.get(os.getpid())
        return self._open(create=False) if connection is None or connection.closed else connection

    def close(self) -> None:
        """Close the connection."""
        connection = self._connections.pop(os.getpid(), None)
        if connection is not None:
            connection.close()

    # Statements

    def run(self, statement: str, **values: object) -> list[Any]:
        """What a statement gives, all of it."""
        with self.failing():
            return sent(self._current(), statement, values).fetchall()

    def put(self, statement: str, values: Mapping[str, object]) -> list[Any]:
        """What a statement gives that is an append."""
        connection = self._current()
        with self.failing(commits=True):
            return sent(connection, statement, values).fetchall()

    def end(self, connection: Connection | None = None) -> int:
        """The number of the last record.

        Args:
            connection: the one to ask on (default: the database's own).
        """
        with self.failing():
            rows = sent(connection or self._current(), statements.END).fetchall()
        if not rows:
            raise StoreDamaged(
                self.name, "has lost the number of its last record; restore it from a copy"
            )
        return int(rows[0][0])

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction, which is undone at the end of the context unless it was committed."""
        import psycopg
        from psycopg.pq import TransactionStatus

        connection = self._current()
        try:
            yield Transaction(self, connection)
        finally:
            if connection.info.transaction_status != TransactionStatus.IDLE:
                try:
                    connection.execute("ROLLBACK")
                except psycopg.Error:
                    connection.close()

    # Errors

    @contextmanager
    def failing(self, *, commits: bool = False) -> Iterator[None]:
        """Errors of psycopg become the store's.

        Args:
            commits: whether an append may be committed by what fails.
        """
        from psycopg import Error

        try:
            yield
        except Error as error:
            raise self._failure(error, commits) from None

    def _failure(self, error: psycopg.Error, commits: bool) -> StoreFailed:
        code = error.sqlstate or ""
        kind, reason = _REASONS.get(code) or _REASONS.get(code[:2]) or _REFUSED
        # An error undoes the transaction. Whatever ends the connection may come after its end.
        if commits and error.diag.severity_nonlocalized != "ERROR":
            reason += "; whether the append is kept is not known; append the same again"
            return kind(self.name, f"{reason}{self._told(error)}", kept=None)
        return kind(self.name, f"{reason}{self._told(error)}")

    def _told(self, error: psycopg.Error) -> str:
        """What PostgreSQL said, unless it may have said a password."""
        said = " ".join((error.diag.message_primary or str(error)).split())
        return "" if any(each in said for each in self._secrets) else f" (PostgreSQL: {said})"


class Transaction:
    """What is said in one transaction, several statements at once.

    Args:
        database: where.
        connection: on which of its connections.
    """

    def __init__(self, database: PostgresDatabase, connection: Connection) -> None:
        self._database: Final = database
        self._connection: Final = connection

    def begin(self, *asked: Statement) -> list[list[Any]]:
        """Begin it; gives what each of some statements gives."""
        return self._run((_BEGIN, *asked))[1:]

    def commit(self, asked: Iterable[Statement]) -> None:
        """Commit it, after some statements."""
        self._run((*asked, _COMMIT), commits=True)

    def pass_by(self, asked: Iterable[Statement]) -> list[list[Any]]:
        """Begin it and commit it; gives what each of the statements between gives.

        The server is at each of them while the next one is made.
        """
        return self._run(chain([_BEGIN], asked, [_COMMIT]), commits=True)[1:-1]

    def _run(self, asked: Iterable[Statement], *, commits: bool = False) -> list[list[Any]]:
        with self._database.failing(commits=commits):
            with self._connection.pipeline():
                cursors = [sent(self._connection, *each) for each in asked]
            return [cursor.fetchall() if cursor.description else [] for cursor in cursors]


class Ear:
    """A connection of one thread's own, on which the server says that something was committed.

    Args:
        database: where to listen.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        self._database: Final = database
        self._connection: Final = database.connected()
        self._deaf = False

    def listen(self) -> None:
        """Begin to listen: whatever is committed from now on is heard."""
        from psycopg.errors import ReadOnlySqlTransaction

        with self._database.failing(), suppress(ReadOnlySqlTransaction):
            self._deaf = True  # to a standby, which says nothing
            self._connection.execute(f"LISTEN {self._database.channel}")
            self._deaf = False

    def rest(self) -> None:
        """Listen no more: nothing is said to it that it would not take in time."""
        with self._database.failing():
            self._connection.execute("UNLISTEN *")

    def end(self) -> int:
        """The number of the last record."""
        return self._database.end(self._connection)

    def hears(self, seconds: float) -> bool:
        """Wait until something is committed, at most so long; whether something may be."""
        if self._deaf:
            sleep(seconds)
            return True
        with self._database.failing():
            return bool([*self._connection.notifies(timeout=seconds, stop_after=1)])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def sent(
    connection: Connection, statement: str, values: Mapping[str, object] | None = None
) -> psycopg.Cursor[tuple[Any, ...]]:
    """A statement that was sent, prepared and to be answered in binary."""
    return connection.execute(statement, values or None, prepare=True, binary=True)


def shown(url: str) -> tuple[str, frozenset[str]]:
    """A URL without its passwords, and the passwords.

    Raises:
        UnknownStore: it is no URL of a PostgreSQL database.
    """
    found = _URL.fullmatch(url) if url.isprintable() else None
    if found is None:
        raise UnknownStore(
            _SCHEME,
            "must be postgresql://user:password@host:port/database?name=value, any part of which "
            "may be left out; what is special inside a part is percent-encoded, as %40 for @",
        )
    pairs = [pair.partition("=") for pair in (found["query"] or "").split("&")]
    secret = {found["password"] or ""} | {pair[2] for pair in pairs if _is_secret(pair[0])}
    query = "&".join("".join(pair) for pair in pairs if not _is_secret(pair[0]))
    user = "" if found["user"] is None else f"{found['user']}@"
    name = f"{found['scheme']}{user}{found['place']}{'?' if query else ''}{query}"
    return name, frozenset({*secret, *map(unquote, secret)} - {""})


def _is_secret(name: str) -> bool:
    return _SECRET.search(unquote(name)) is not None
