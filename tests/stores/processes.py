"""Processes that write to a store and follow it, to be watched, crowded together and killed.

They come from a fork server that has the library loaded, so that hundreds of them are cheap.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from random import Random
from typing import Any, Final

import negotiation as ng

KILLS: Final = int(os.environ.get("NEGOTIATION_KILLS", "12"))
"""How many writers are killed for each store."""

SERVER_KILLS: Final = max(1, KILLS // 25)
"""How often a database server is killed."""

APPENDS: Final = int(os.environ.get("NEGOTIATION_APPENDS", "60"))
"""How often each of many processes appends to one store."""

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)

_FORKING: Final = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.stores.processes", "negotiation.stores.sqlite"])


def said(negotiation: str, id: str, text: str = "so be it") -> ng.Record:
    """A statement under an id."""
    event = ng.StatementMade(by="north", text=text)
    return ng.Record(id=id, negotiation=negotiation, time=NOON, event=event)


@contextmanager
def running(work: Callable[..., None], *given: Any) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process that does some work, and the connection on which it tells of it.

    The work is called with the other end of the connection and with what is given.
    """
    ours, theirs = _FORKING.Pipe(duplex=True)
    process = _FORKING.Process(target=work, args=(theirs, *given), daemon=True)
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        ours.close()


def told(connection: Connection) -> Iterator[Any]:
    """What a process tells until it ends, which may be in the middle of a word."""
    try:
        while True:
            yield connection.recv()
    except (EOFError, OSError):
        return


def write_on(connection: Connection, url: str, negotiation: str, batch: int) -> None:
    """Append one or several records until that fails, and tell each time what is acknowledged.

    Before each append it tells which ids it is about to append, so that what may be there without
    having been acknowledged is known.
    """
    with ng.open_store(url) as store:
        stands = getattr(store.head(negotiation), "position", 0)
        while True:
            ids = [f"e{stands + each}" for each in range(1, batch + 1)]
            connection.send(("try", ids))
            try:
                store.append(negotiation, [said(negotiation, id) for id in ids], expected=stands)
            except ng.StoreFailed as failed:
                connection.send(("failed", failed.kept))
                return
            connection.send(("kept", ids))
            stands += batch


def crowd(connection: Connection, url: str, writer: int, appends: int, talks: list[str]) -> None:
    """Append to several negotiations, with every kind of expectation, and tell what came of it."""
    random = Random(writer)  # noqa: S311  # for variety, and the same each time
    kept: dict[str, tuple[str, int]] = {}
    conflicts: list[tuple[str, str, int, int]] = []
    connection.recv()  # until all are there
    with ng.open_store(url) as store:
        for turn in range(appends):
            negotiation, id = random.choice(talks), f"e{writer}-{turn}"
            append = partial(store.append, negotiation, [said(negotiation, id)])
            expected: Any = random.choice([ng.ANY, ng.NEW, "stands"])
            while id not in kept:
                head = store.head(negotiation)
                stands = 0 if head is None else head.position
                try:
                    position = append(expected=stands if expected == "stands" else expected)
                except ng.Conflict as conflict:
                    conflicts.append((negotiation, conflict.negotiation, stands, conflict.actual))
                    expected = random.choice([ng.ANY, "stands"])
                except ng.StoreBusy:
                    continue
                else:
                    kept[id] = (negotiation, position)
    connection.send((kept, conflicts))


def follow(connection: Connection, url: str, until: int) -> None:
    """Follow a store until so many records were seen, and tell each of them."""
    with ng.open_store(url) as store:
        connection.send("following")
        seen = []
        for number, record in store.follow(timeout=120):
            seen.append((number, record.negotiation, record.position, record.id))
            if len(seen) == until:
                break
        connection.send(seen)
