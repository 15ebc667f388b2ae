"""What the tests of the PostgreSQL store share."""

from __future__ import annotations

import select
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import Any, Final, TypeAlias, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict

import negotiation as ng
from negotiation.stores import Store
from negotiation.stores import postgres_statements as statements
from negotiation.stores.deciding import NOWHERE
from negotiation.stores.postgres import PostgresStore
from negotiation.testing.storing import BORDER
from tests.stores.server import connected

T = TypeVar("T")
Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

PATIENCE: Final = 30
"""For how many seconds something is waited for that comes at once on most machines."""


def tampered(url: str, *changes: str) -> None:
    """Let somebody change the database of a store by SQL."""
    with connected(url) as connection:
        for each in changes:
            connection.execute(each)


def asked(url: str, question: str) -> list[Any]:
    """What somebody else finds in the database of a store."""
    with connected(url) as connection:
        return connection.execute(question).fetchall()


def ids(store: Store, negotiation: str = BORDER) -> list[str]:
    """The ids of the records of a negotiation."""
    return [each.id for each in store.records(negotiation)]


def numbered(store: Store) -> list[tuple[int, str]]:
    """The numbers and ids of all records."""
    return [(number, record.id) for number, record in store.read_all()]


@contextmanager
def held(url: str, *records: ng.Record) -> Iterator[Connection]:
    """An append to a new negotiation, done as a store does it up to its end, which is left open."""
    with PostgresStore(url) as store, connected(url) as connection:
        connection.execute("BEGIN")
        connection.execute(statements.LOCK)
        lines = [*store._sealed(records, NOWHERE)]
        for (statement, values), _ in store._puts(records[0].negotiation, NOWHERE, lines):
            connection.execute(statement, values)
        yield connection


def backend(store: PostgresStore) -> int:
    """The process of the server that answers a store."""
    return store._database._current().info.backend_pid


def ended(url: str, *backends: int) -> None:
    """Have the server end some of its processes, and wait until they are gone."""
    with connected(url) as connection:
        for each in backends:
            connection.execute("SELECT pg_terminate_backend(%s, 10000)", [each])


def until(found: Callable[[], T]) -> T:
    """Wait until there is something; gives it."""
    patience = monotonic() + PATIENCE
    while not (there := found()):
        assert monotonic() < patience
        sleep(0.005)
    return there


def waiting(url: str, count: int = 1) -> None:
    """Wait until so many connections to the database wait for what another one holds."""
    question = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    until(lambda: len(asked(url, question)) >= count)


def listening(store: PostgresStore, last: str = statements.END) -> int:
    """Wait until a follower of a store waits; gives the process that answers it.

    Args:
        store: the store.
        last: what the follower has said last, after it began to listen.
    """
    question = f"""
        SELECT pid FROM pg_stat_activity
        WHERE state = 'idle' AND query LIKE '{last}' AND pid <> {backend(store)}
        """  # noqa: S608  # of constants
    [(found,), *_] = until(lambda: asked(store.name, question))
    return int(found)


@contextmanager
def breaking(url: str, word: bytes, *, heard: bool) -> Iterator[str]:
    """A way to a server that breaks once something is said on it; gives the URL that goes by it.

    Args:
        url: of a database there.
        word: what breaks it.
        heard: whether the server hears that word; its answer is lost in any case.
    """
    there = str(conninfo_to_dict(url)["host"])
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/.s.PGSQL.5432")
        listener.listen()
        thread = Thread(target=_serve, args=(listener, f"{there}/.s.PGSQL.5432", word, heard))
        thread.start()
        try:
            yield url.replace(there, folder)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket, there: str, word: bytes, heard: bool) -> None:
    broken = False
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # it was shut down
            return
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(there)
            broken |= _breaks(client, server, None if broken else word, heard)


def _breaks(client: socket.socket, server: socket.socket, word: bytes | None, heard: bool) -> bool:
    """Carry what either end says, until one of them stops or it breaks; whether it did."""
    breaks = False
    while True:
        for end in select.select([client, server], [], [])[0]:
            try:
                said = end.recv(1 << 20)
            except ConnectionResetError:
                said = b""
            breaks = breaks or (end is client and word is not None and word in said)
            if not said or (breaks and (end is server or not heard)):
                return breaks
            (server if end is client else client).sendall(said)
