"""The store in one SQLite file, which any number of processes on one machine may share.

The file is in WAL mode: readers and the one writer of the moment do not wait for one another. Each
append is one transaction, on the disk when it returns. The writer gives out the numbers of lines,
so that they ascend in the order in which appends become visible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from threading import Condition
from time import monotonic
from typing import Any, Final, Self

from negotiation.errors import (
    OutOfRange,
)
from negotiation.model import Model
from negotiation.stores.deciding import NOWHERE, Standing
from negotiation.stores.filed import FiledStore
from negotiation.stores.lines import PAUSE, KeptLine, NewLine, NumberedLine
from negotiation.stores.sqlite_file import SqliteFile
from negotiation.stores.store import StoredNegotiation, an_id
from negotiation.values import Refused, describe
from negotiation.wire.text import DEFAULT_LIMITS, Limits
from negotiation.wire.times import parse_time, time_text
from negotiation.wire.verifying import Fault

_KEY: Final = "(SELECT key FROM negotiations WHERE negotiation = ?)"

_NOTED: Final = "SELECT key, count, hash, last FROM negotiations WHERE negotiation = ?"
_BEGIN: Final = """
    INSERT INTO negotiations (negotiation, first, count, hash, last) VALUES (?, ?, ?, ?, ?)
    """
_GO_ON: Final = "UPDATE negotiations SET count = ?, hash = ?, last = ? WHERE key = ?"
_PUT: Final = "INSERT INTO records (negotiation, position, id, line) VALUES (?, ?, ?, ?)"
_FOUND: Final = "SELECT position, id, line FROM records WHERE negotiation = ? AND id IN"
_PAGE: Final = f"""
    SELECT position, id, line FROM records
    WHERE negotiation = {_KEY} AND position > ? AND position <= ? ORDER BY position
    """  # noqa: S608  # of constants
_PAGE_OF_ALL: Final = """
    SELECT number, position, line FROM records WHERE number > ? AND number <= ?
    ORDER BY number LIMIT ?
    """
_NUMBERS: Final = f"""
    SELECT number FROM records WHERE negotiation = {_KEY} AND position BETWEEN ? AND ?
    ORDER BY position
    """  # noqa: S608  # of constants
_FILED: Final = """
    SELECT count, first,
        (SELECT min(position) FROM records WHERE negotiation = key),
        (SELECT max(position) FROM records WHERE negotiation = key)
    FROM negotiations WHERE negotiation = ?
    """
# The first line of each negotiation that has any, found by steps down the index.
_BEGINNINGS: Final = """
    WITH RECURSIVE keys (key) AS (
        SELECT min(negotiation) FROM records
        UNION ALL
        SELECT (SELECT min(negotiation) FROM records WHERE negotiation > key)
        FROM keys WHERE key IS NOT NULL
    )
    SELECT number, line FROM keys JOIN records ON number = (
        SELECT number FROM records WHERE negotiation = key ORDER BY position LIMIT 1
    )
    """
_STRAY: Final = f"{_BEGINNINGS} WHERE key NOT IN (SELECT key FROM negotiations) LIMIT 1"  # noqa: S608  # as above
_THAT_HOLD: Final = f"{_BEGINNINGS} WHERE instr(CAST(line AS BLOB), ?)"
_SNAPSHOT: Final = f"SELECT text FROM snapshots WHERE negotiation = {_KEY}"  # noqa: S608  # as above
_KEEP_SNAPSHOT: Final = """
    INSERT OR REPLACE INTO snapshots (negotiation, text)
    SELECT key, ? FROM negotiations WHERE negotiation = ?
    """

_AT_ONCE: Final = 500
"""How many ids are looked up by one statement; some builds of SQLite take fewer than 1,000."""


class SqliteStore(FiledStore):
    """A `Store` in a SQLite file.

    Args:
        url: `sqlite:///` and the path of the file, as it is; with a fourth slash where it is
            absolute.
        model: the events that are known.
        limits: how much one line may hold.
        create: make the file if it is not there.
        patience: for how many seconds others may be writing before `StoreBusy` says so.

    Raises:
        UnknownStore: the URL names no file, or nothing is there and nothing is to be made.
        StoreFailed: the file cannot be opened, is none of this library's, or is of a later version.
        OutOfRange: `patience` is no number of seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        model: Model = Model.default,
        limits: Limits = DEFAULT_LIMITS,
        create: bool = True,
        patience: float = 10,
    ) -> None:
        if type(patience) not in (int, float) or not 0 <= patience <= 86_400:
            raise OutOfRange(
                f"patience must be a number of seconds from 0 to 86400, not {describe(patience)}"
            )
        super().__init__(url, model=model, limits=limits)
        self._file: Final = SqliteFile(url, create=create, patience=patience)
        self._grown = Condition(self._lock)

    @classmethod
    def at(cls, url: str, *, model: Model = Model.default, create: bool = True) -> Self:
        """The store that a URL names; arguments and errors as for the class."""
        return cls(url, model=model, create=create)

    # Where lines lie

    @contextmanager
    def _writing(self, negotiation: str, ids: Sequence[str]) -> Iterator[_Writing]:
        with self._file.transaction():
            key, standing = self._noted(negotiation)
            if key is not None and standing.recorded is None:
                raise self._ill_noted(negotiation)
            found = {} if key is None else self._found(key, ids)
            yield _Writing(standing, found, partial(self._put, negotiation, key))
        self._grown.notify_all()

    def _found(self, key: int, ids: Sequence[str]) -> dict[str, KeptLine]:
        found = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            for row in self._file.run(f"{_FOUND} ({', '.join('?' * len(some))})", key, *some):
                kept = _kept(*row)
                found[kept.id] = kept
        return found

    def _put(self, negotiation: str, key: int | None, lines: Sequence[NewLine]) -> None:
        last = lines[-1]
        note = (last.position, last.hash, time_text(last.recorded))
        if key is None:
            begun = time_text(lines[0].recorded)
            self._file.run(_BEGIN, negotiation, begun, *note)
            [(key,)] = self._file.run("SELECT last_insert_rowid()")
        else:
            self._file.run(_GO_ON, *note, key)
        self._file.run_many(
            _PUT, ((key, each.position, each.id, each.line.decode()) for each in lines)
        )

    def _standing(self, negotiation: str) -> Standing:
        return self._noted(negotiation)[1]

    def _noted(self, negotiation: str) -> tuple[int | None, Standing]:
        """The key of a negotiation, None if there is none, and where it stands."""
        rows = self._file.run(_NOTED, negotiation)
        if not rows:
            return None, NOWHERE
        [(key, count, hash, last)] = rows
        if type(count) is not int:
            raise self._ill_noted(negotiation)
        return key, Standing(count, _text(hash), _time(last))

    def _page(
        self, negotiation: str, after: int, upto: int, most: int, backwards: bool
    ) -> Sequence[KeptLine]:
        order = "DESC" if backwards else "ASC"
        rows = self._file.run(f"{_PAGE} {order} LIMIT ?", negotiation, after, upto, most)
        return [_kept(*row) for row in rows]

    def _end(self) -> int:
        [(end,)] = self._file.run("SELECT max(number) FROM records")
        return end or 0

    def _page_of_all(self, after: int, upto: int, most: int) -> Sequence[NumberedLine]:
        lines = [NumberedLine(*row) for row in self._file.run(_PAGE_OF_ALL, after, upto, most)]
        for each in lines:
            if type(each.position) is not int:
                raise self._unreadable(each.number, "is filed at no position")
        return lines

    def _list(self) -> Iterable[StoredNegotiation]:
        rows = self._file.run("SELECT negotiation, count, first, last FROM negotiations")
        stray = self._file.run(_STRAY)
        if stray:
            reason = "is of no negotiation that is noted; restore it from a copy"
            raise self._unreadable(stray[0][0], reason)
        return [self._listed(*row) for row in rows]

    def _listed(self, id: bytes, count: Any, first: bytes, last: bytes) -> StoredNegotiation:
        times = _time(first), _time(last)
        try:
            negotiation = an_id(id.decode())
        except ValueError:
            raise self._ill_noted(id) from None
        if type(count) is not int or times[0] is None or times[1] is None:
            raise self._ill_noted(negotiation)
        return StoredNegotiation(
            negotiation=negotiation, count=count, first=times[0], last=times[1]
        )

    def _snapshot(self, negotiation: str) -> str | None:
        rows = self._file.run(_SNAPSHOT, negotiation)
        return _text(rows[0][0]) if rows else None

    def _keep_snapshot(self, negotiation: str, text: str) -> None:
        self._file.run(_KEEP_SNAPSHOT, text, negotiation, kept=None)

    def _wait(self, after: int, seconds: float | None) -> bool:
        until = None if seconds is None else monotonic() + seconds
        with self._held():
            while not self._closed and self._end() <= after:  # what others have committed, too
                pause = PAUSE if until is None else min(PAUSE, until - monotonic())
                if pause <= 0:
                    return False
                self._grown.wait(pause)
        return True

    def _close(self) -> None:
        self._grown.notify_all()
        self._file.close()

    def _forked(self) -> None:
        super()._forked()
        self._grown = Condition(self._lock)
        self._file.forked()

    # Whether what is noted beside the lines agrees with them

    def _misfiled(self, negotiation: str, standing: Standing) -> Fault | None:
        """What is wrong with how the lines of a negotiation are filed as a whole."""
        rows = self._file.run(_FILED, negotiation)
        if not rows:
            return self._unnoted(negotiation)
        [(count, first, lowest, highest)] = rows
        if lowest != 1:
            return Fault(1, f"is filed behind one at position {lowest!r}")
        if highest != count:
            return Fault(
                standing.position + 1,
                f"is filed, or one up to position {highest!r}; the store has noted {count} records",
            )
        if not standing.position:
            return None
        return self._mistimed(negotiation, standing, _text(first))

    def _beginnings(self, source: str) -> Iterable[tuple[int, bytes]]:
        return self._file.run(_THAT_HOLD, source.encode())

    def _numbers(self, negotiation: str, low: int, high: int) -> Sequence[tuple[int]]:
        return self._file.run(_NUMBERS, negotiation, low, high)


class _Writing:
    """An append to one negotiation, inside its transaction."""

    def __init__(
        self,
        standing: Standing,
        found: Mapping[str, KeptLine],
        put: Callable[[Sequence[NewLine]], None],
    ) -> None:
        self.standing: Final = standing
        self.found: Final = found
        self._put: Final = put

    def put(self, lines: Sequence[NewLine]) -> None:
        self._put(lines)


def _kept(position: int, id: bytes, line: bytes) -> KeptLine:
    return KeptLine(position, _text(id), line)


def _text(value: bytes) -> str:
    """A text as it lies in the file; what was damaged is not equal to any other."""
    return value.decode("utf-8", "surrogateescape")


def _time(value: bytes) -> datetime | None:
    try:
        return parse_time(_text(value))
    except Refused:
        return None
