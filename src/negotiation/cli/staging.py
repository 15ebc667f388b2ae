"""Records on their way into a store, kept in a temporary database until all of them are there.

So nothing is put into the store before everything is known to be right, records of many
negotiations that come mixed are appended negotiation by negotiation, and memory is bounded.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, Self

import attrs
from attrs import frozen

from negotiation.cli.output import Failure
from negotiation.errors import EncodeError, InvalidLog
from negotiation.records import Record
from negotiation.stores import ANY, Store
from negotiation.stores.deciding import asked
from negotiation.wire.lines import Codec
from negotiation.wire.times import time_text

BATCH: Final = 1000
"""How many records are appended at once."""

_TABLES: Final = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE negotiations (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
    CREATE TABLE records (
        number INTEGER PRIMARY KEY, negotiation INTEGER NOT NULL, id BLOB NOT NULL,
        row INTEGER, fixed INTEGER NOT NULL, recorded INTEGER NOT NULL,
        dropped INTEGER NOT NULL DEFAULT 0, line BLOB NOT NULL,
        UNIQUE (negotiation, id)
    );
    BEGIN;
"""
_SEAL: Final = 160
"""How many bytes a seal may add to a line, and a later time of recording."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


@frozen
class Clash:
    """What is wrong with a record that was staged, or was to be.

    Attributes:
        row: the number of the row of which it was made; None if that is not known.
        negotiation: the id of its negotiation.
        id: its id.
        column: the column that it is about.
        detail: what is wrong with it.
    """

    row: int | None
    negotiation: str
    id: str
    column: str
    detail: str


class Staging:
    """Records that wait to be appended.

    Args:
        codec: writes and reads them.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec: Final = codec
        self._database: Final = sqlite3.connect("", isolation_level=None)  # a file of its own
        self._database.executescript(_TABLES)
        self._number: Final = lru_cache(maxsize=4096)(self._number_of)
        self.count = 0
        """How many records wait."""
        self.known = 0
        """How many others are copies, of one another or of what is in the store."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._database.close()

    def _all(self, query: str, *values: Any) -> sqlite3.Cursor:
        """Do what a query says.

        Raises:
            Failure: there is no room left for temporary files, or they cannot be written.
        """
        try:
            return self._database.execute(query, values)
        except sqlite3.Error as error:
            raise Failure(f"temporary files: cannot be written: {error}") from None

    def _number_of(self, negotiation: str) -> int:
        """The number of a negotiation.

        Raises:
            InvalidLog: no store keeps one of this id.
        """
        asked(negotiation, (), ANY)
        name = negotiation.encode()
        self._all("INSERT INTO negotiations (name) VALUES (?) ON CONFLICT DO NOTHING", name)
        [number] = self._all("SELECT number FROM negotiations WHERE name = ?", name).fetchone()
        return int(number)

    def add(self, record: Record, row: int | None, *, fixed: bool) -> Clash | None:
        """Put a record behind the others. A second copy of one changes nothing.

        Args:
            record: the record.
            row: the number of the row of which it was made.
            fixed: whether the source says when it was recorded.

        Returns:
            What is wrong with it, if anything is.
        """

        def clash(column: str, detail: str) -> Clash:
            return Clash(row, record.negotiation, record.id, column, detail)

        try:
            negotiation = self._number(record.negotiation)
            line = self._codec.encode(record).encode()
        except InvalidLog as error:
            return clash("negotiation", error.reason)
        except EncodeError as error:
            return clash("event", str(error))
        if len(line) + _SEAL > (most := self._codec.limits.line_bytes):
            return clash("event", f"the line would be longer with its seal than the {most} bytes "
                                  "that are read")  # fmt: skip
        id = record.id.encode()
        added = self._all(
            "INSERT INTO records (negotiation, id, row, fixed, recorded, line)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            negotiation, id, row, fixed, _ticks(record.recorded), line,
        )  # fmt: skip
        if added.rowcount:
            self.count += 1
            return None
        first, there = self._all(
            "SELECT row, line FROM records WHERE negotiation = ? AND id = ?", negotiation, id
        ).fetchone()
        if self._codec.decode(there).same_content(record):
            self.known += 1
            return None
        where = "" if first is None else f" in row {first}"
        return clash("id", f"{record.id!r} stands{where} already, with other content")

    def negotiations(self) -> list[tuple[int, str]]:
        """The negotiations of which records wait, in the order in which they came, with numbers."""
        found = self._all("SELECT number, name FROM negotiations ORDER BY number")
        return [(number, name.decode()) for number, name in found]

    # Against what is in the store

    def clashes(self, store: Store | None) -> Iterator[Clash]:
        """What is wrong with records for what stands above them, which are then dropped.

        Those that are in the store already do not wait any more.

        Args:
            store: the store that they are for; None for one that is still to be made.
        """
        self._all("CREATE INDEX in_order ON records (negotiation, number)")
        for number, negotiation in self.negotiations():
            last: datetime | None = None
            for kept in () if store is None else store.records(negotiation):
                last = kept.recorded
                if clash := self._met(number, kept):
                    yield clash
            if last is not None:
                yield from self._too_early(number, negotiation, last)

    def _met(self, negotiation: int, kept: Record) -> Clash | None:
        """Drop the record of the id of one that is in the store; returns if it is another one."""
        found = self._all(
            "SELECT number, row, line FROM records WHERE negotiation = ? AND id = ?",
            negotiation, kept.id.encode(),
        ).fetchone()  # fmt: skip
        if found is None:
            return None
        number, row, line = found
        self._drop(number)
        if self._codec.decode(line).same_content(kept):
            self.known += 1
            return None
        return Clash(
            row, kept.negotiation, kept.id, "id",
            f"{kept.id!r} stands in the store at position {kept.position}, with other content",
        )  # fmt: skip

    def _drop(self, number: int) -> None:
        self._all("UPDATE records SET dropped = 1 WHERE number = ?", number)
        self.count -= 1

    def _too_early(self, number: int, negotiation: str, last: datetime) -> Iterator[Clash]:
        """Drop what the source itself says was recorded before the last record in the store."""
        while found := self._all(
            "SELECT number, id, row FROM records WHERE negotiation = ? AND NOT dropped AND fixed"
            " AND recorded < ? ORDER BY number LIMIT ?",
            number, _ticks(last), BATCH,
        ).fetchall():  # fmt: skip
            for each, id, row in found:
                self._drop(each)
                yield Clash(
                    row, negotiation, id.decode(), "recorded",
                    f"lies before {time_text(last)}, when the last record in the store was "
                    "recorded; a log grows at its end",
                )  # fmt: skip

    # Into the store

    def append(self, store: Store) -> Iterator[int]:
        """Append all records that wait, negotiation by negotiation; yields how many at a time."""
        for number, negotiation in self.negotiations():
            last = next(iter(store.records(negotiation, backwards=True)), None)
            latest = None if last is None else last.recorded
            lines = self._all(
                "SELECT line, fixed FROM records WHERE negotiation = ? AND NOT dropped"
                " ORDER BY number",
                number,
            )
            while found := lines.fetchmany(BATCH):
                batch: list[Record] = []
                for line, fixed in found:
                    record = self._codec.decode(line)
                    if latest is not None and record.recorded < latest and not fixed:
                        record = attrs.evolve(record, recorded=latest)
                    latest = record.recorded
                    batch.append(record)
                store.append(negotiation, batch)
                yield len(batch)


def _ticks(time: datetime) -> int:
    return (time - _EPOCH) // _TICK
