"""What the tests of the SQLite store share."""

from __future__ import annotations

import os
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from signal import alarm

import negotiation as ng
from negotiation.stores import Store
from negotiation.stores.sqlite import SqliteStore
from negotiation.testing.storing import BORDER


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of somebody else's to the file of a store."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def tampered(path: Path, *statements: str) -> None:
    """Let somebody change the file of a store by SQL."""
    with raw(path) as connection:
        for each in statements:
            connection.execute(each)


def kept(url: str, *records: ng.Record) -> None:
    """Append records to a store of some URL and close it."""
    with SqliteStore(url) as store:
        store.append(records[0].negotiation, records)


def ids(store: Store, negotiation: str = BORDER) -> list[str]:
    """The ids of the records of a negotiation."""
    return [each.id for each in store.records(negotiation)]


def files(folder: Path) -> list[str]:
    """The names of what is in a folder."""
    return sorted(each.name for each in folder.iterdir())


def forked(action: Callable[[], object]) -> Callable[[], int]:
    """Do something in a process that is forked; gives what waits for it and tells how it ended.

    It ends with 0, with 1 if there was an error, or by a signal after a minute.
    """
    if (child := os.fork()) == 0:
        status = 1
        try:
            alarm(60)
            action()
            status = 0
        except BaseException:  # noqa: BLE001  # this process ends here
            traceback.print_exc()
        finally:
            os._exit(status)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
