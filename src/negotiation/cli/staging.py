"""Records on their way into a store, kept in a temporary database until all of them are there.

So nothing is put into the store before everything is known to be right, records of many
negotiations that come mixed are appended negotiation by negotiation, and memory is bounded.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, Self

import attrs
from attrs import Factory, frozen

from negotiation.cli.output import Failure
from negotiation.errors import EncodeError, InvalidLog
from negotiation.records import ATTRIBUTES, Record
from negotiation.stores import ANY, Store
from negotiation.stores.deciding import asked
from negotiation.wire.lines import Codec
from negotiation.wire.times import time_text
from negotiation.words import listed

BATCH: Final = 1000
"""How many records are appended at once."""

_TABLES: Final = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE negotiations (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
    CREATE TABLE records (
        number INTEGER PRIMARY KEY, negotiation INTEGER NOT NULL, id BLOB NOT NULL,
        unit INTEGER NOT NULL, row INTEGER, named INTEGER NOT NULL, fixed INTEGER NOT NULL,
        recorded INTEGER NOT NULL, event TEXT NOT NULL, state TEXT NOT NULL, line BLOB NOT NULL
    );
    CREATE UNIQUE INDEX waiting ON records (negotiation, id) WHERE state = 'waiting';
    CREATE INDEX copies ON records (negotiation, id) WHERE state = 'copy';
    BEGIN;
"""
"""A record waits, or is a copy of one that waits, or is in the store already, or is refused."""

_SEAL: Final = 160
"""How many bytes a seal may add to a line, and a later time of recording."""

_INSERT: Final = (
    "INSERT INTO records (number, negotiation, id, unit, row, named, fixed, recorded, event, state,"
    " line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_SAID: Final = (
    "time", *(name for name in ATTRIBUTES if name not in ("prevhash", "hash")), "attributes",
)  # fmt: skip
"""What a record says besides its event."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


@frozen
class Unit:
    """Records that are staged together or not at all.

    Attributes:
        records: the records.
        row: the number of the row of which they were made; None if that is not known.
        cells: the row.
        fixed: whether the source says when they were recorded.
    """

    records: Sequence[Record]
    row: int | None = None
    cells: Mapping[str, Any] = Factory(dict)
    fixed: bool = False


@frozen
class Clash:
    """What is wrong with a unit that was staged, or was to be.

    Attributes:
        row: the number of the row of which it was made; None if that is not known.
        negotiation: the id of the negotiation of the record that is at fault.
        id: the id of that record.
        reason: what is wrong, in the same words for all that are alike.
        column: the column that it is about; None if the row has no such column.
        detail: what is wrong with it.
        line: the record as a line, where the row itself is no longer at hand.
    """

    row: int | None
    negotiation: str
    id: str
    reason: str
    column: str | None
    detail: str
    line: str | None = None


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
        self._last = 0

    @property
    def count(self) -> int:
        """How many records wait."""
        return self._how_many("waiting")

    @property
    def known(self) -> int:
        """How many others are in the store already."""
        return self._how_many("known")

    @property
    def copies(self) -> int:
        """How many others are second copies of one that waits."""
        return self._how_many("copy")

    def _how_many(self, state: str) -> int:
        [count] = self._execute("SELECT COUNT(*) FROM records WHERE state = ?", state).fetchone()
        return int(count)

    @property
    def events(self) -> Counter[str]:
        """How many records are not refused, of each class of event."""
        return Counter(dict(self._execute(
            "SELECT event, COUNT(*) FROM records WHERE state <> 'refused' GROUP BY event"
            " ORDER BY MIN(number)"
        )))  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._database.close()

    def _execute(self, query: str, *values: Any) -> sqlite3.Cursor:
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
        self._execute("INSERT INTO negotiations (name) VALUES (?) ON CONFLICT DO NOTHING", name)
        [number] = self._execute("SELECT number FROM negotiations WHERE name = ?", name).fetchone()
        return int(number)

    def add(self, unit: Unit) -> Clash | None:
        """Put records behind the others, all of them or none. Second copies change nothing.

        Args:
            unit: the records.

        Returns:
            What is wrong with the first at fault, if there is one.
        """
        before = self._last
        for record in unit.records:
            if clash := self._add(unit, before + 1, record):
                self._execute("DELETE FROM records WHERE number > ?", before)
                self._last = before
                return clash
        return None

    def _add(self, unit: Unit, first: int, record: Record) -> Clash | None:
        """Put a record of a unit, of which the first has a number, behind the others."""

        def clash(reason: str, column: str, detail: str) -> Clash:
            there = column if column in unit.cells else None
            return Clash(unit.row, record.negotiation, record.id, reason, there, detail)

        try:
            negotiation = self._number(record.negotiation)
            line = self._codec.encode(record).encode()
        except InvalidLog as error:
            return clash("wrong negotiation", "negotiation", error.reason)
        except EncodeError as error:
            return clash("wrong event", "event", str(error))
        if len(line) + _SEAL > (most := self._codec.limits.line_bytes):
            return clash("wrong event", "event", "the line would be longer with its seal than the "
                         f"{most} bytes that are read")  # fmt: skip
        id = record.id.encode()
        values = (negotiation, id, first, unit.row, "id" in unit.cells, unit.fixed,
                  _ticks(record.recorded), type(record.event).__name__)  # fmt: skip
        self._last += 1
        if self._execute(_INSERT, self._last, *values, "waiting", line).rowcount:
            return None
        row, there = self._execute(
            "SELECT row, line FROM records WHERE negotiation = ? AND id = ? AND state = 'waiting'",
            negotiation, id,
        ).fetchone()  # fmt: skip
        if (above := self._codec.decode(there)).same_content(record):
            self._execute(_INSERT, self._last, *values, "copy", line)
            return None
        other = "what stands above" if row is None else f"row {row}"
        return clash("same id", "id", _otherwise(other, above, record))

    def negotiations(self) -> list[tuple[int, str]]:
        """The negotiations of records that are not refused, in their order, with numbers."""
        found = self._execute(
            "SELECT number, name FROM negotiations WHERE number IN"
            " (SELECT negotiation FROM records WHERE state <> 'refused') ORDER BY number"
        )
        return [(number, name.decode()) for number, name in found]

    # Against what is in the store

    def clashes(self, store: Store | None) -> Iterator[Clash]:
        """Compare with the store; a unit of which a record clashes with it is refused as a whole.

        Records that are in the store already do not wait any more.

        Args:
            store: the store that they are for; None for one that is still to be made.
        """
        self._execute("CREATE INDEX in_order ON records (negotiation, number)")
        self._execute("CREATE INDEX units ON records (unit)")
        for number, negotiation in self.negotiations():
            last: datetime | None = None
            for kept in () if store is None else store.records(negotiation):
                last = kept.recorded
                yield from self._met(number, kept)
            if last is not None:
                yield from self._too_early(number, negotiation, last)

    def _met(self, negotiation: int, kept: Record) -> Iterator[Clash]:
        """Compare the records of the id of one that is in the store with it."""
        found = self._execute(
            "SELECT number, unit, row, named, line FROM records"
            " WHERE negotiation = ? AND id = ? AND state = 'waiting' UNION ALL"
            " SELECT number, unit, row, named, line FROM records"
            " WHERE negotiation = ? AND id = ? AND state = 'copy'",
            *(negotiation, kept.id.encode()) * 2,
        ).fetchall()  # fmt: skip
        for number, unit, row, named, line in found:
            if (record := self._codec.decode(line)).same_content(kept):
                self._execute("UPDATE records SET state = 'known' WHERE number = ?", number)
                continue
            self._refuse(unit)
            yield Clash(
                row, kept.negotiation, kept.id, "same id", "id" if named else None,
                _otherwise("the store", kept, record), line.decode(),
            )  # fmt: skip

    def _refuse(self, unit: int) -> None:
        """Refuse a unit; copies of what waited in it wait in its place."""
        waited = self._execute(
            "SELECT negotiation, id FROM records WHERE unit = ? AND state = 'waiting'", unit
        ).fetchall()
        self._execute("UPDATE records SET state = 'refused' WHERE unit = ?", unit)
        for negotiation, id in waited:
            self._execute(
                "UPDATE records SET state = 'waiting' WHERE number = (SELECT MIN(number) FROM"
                " records WHERE negotiation = ? AND id = ? AND state = 'copy')",
                negotiation, id,
            )  # fmt: skip

    def _too_early(self, number: int, negotiation: str, last: datetime) -> Iterator[Clash]:
        """Refuse what the source itself says was recorded before the last record in the store."""
        while found := self._execute(
            "SELECT unit, id, row, line FROM records WHERE negotiation = ? AND state = 'waiting'"
            " AND fixed AND recorded < ? ORDER BY number LIMIT ?",
            number, _ticks(last), BATCH,
        ).fetchall():  # fmt: skip
            for unit, id, row, line in found:
                self._refuse(unit)
                yield Clash(
                    row, negotiation, id.decode(), "wrong recorded", "recorded",
                    f"lies before {time_text(last)}, when the last record in the store was "
                    "recorded; a log grows at its end", line.decode(),
                )  # fmt: skip

    # Into the store

    def append(self, store: Store) -> Iterator[int]:
        """Append all records that wait, negotiation by negotiation; yields how many at a time."""
        for number, negotiation in self.negotiations():
            last = next(iter(store.records(negotiation, backwards=True)), None)
            latest = None if last is None else last.recorded
            lines = self._execute(
                "SELECT line, fixed FROM records WHERE negotiation = ? AND state = 'waiting'"
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


def _otherwise(other: str, there: Record, record: Record) -> str:
    """What is wrong with a record that has the id of another.

    Args:
        other: where the other stands.
        there: the other.
        record: the record.
    """
    return (
        f"says something else than {other} under the id {record.id!r} of {record.negotiation!r}: "
        f"another {listed(_differing(there, record))}; what is corrected later is retracted, and "
        "recorded anew under an id of its own"
    )


def _differing(one: Record, other: Record) -> list[str]:
    """The fields in which two records differ."""
    if type(one.event) is not type(other.event):
        return ["event"]
    fields = [each.name for each in attrs.fields(type(one.event)) if each.init]
    found = [name for name in fields if not _same(one.event, other.event, name)]
    found += [name for name in _SAID if not _same(one, other, name)]
    return found or ["event"]  # which differs as JSON, as 1 and 1.0 do


def _same(one: Any, other: Any, name: str) -> bool:
    return bool(getattr(one, name) == getattr(other, name))
