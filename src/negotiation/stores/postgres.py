"""The store in a PostgreSQL database, which any number of processes on any machines may share.

Records have one order over all negotiations, in which none is ever skipped. The numbers that a
sequence or an identity column gives out will not do for that: they are given when a record is put,
and seen when its transaction commits, and transactions commit in another order. A reader that has
come to number 8 may be there before 7 is committed, and will not look for it again. Here one row
holds the last number. An append takes its numbers from it and so locks it until the append is
committed or undone; the next one waits. So numbers leave out none, they ascend in the order of the
commits, and whoever sees one of them sees all below it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from math import inf
from time import monotonic
from typing import Any, Final, NamedTuple, Self

from negotiation.errors import (
    NegotiationError,
    OutOfRange,
    StoreClosed,
    StoreDamaged,
    StoreFailed,
)
from negotiation.model import Model
from negotiation.records import Record
from negotiation.stores import postgres_statements as statements
from negotiation.stores.deciding import NOWHERE, Standing, asked, settle
from negotiation.stores.filed import FiledStore
from negotiation.stores.lines import KeptLine, NewLine, NumberedLine
from negotiation.stores.postgres_database import Ear, PostgresDatabase, Statement
from negotiation.stores.store import ANY, Expectation, StoredNegotiation, an_id
from negotiation.values import Refused, describe
from negotiation.wire.lines import negotiation_of, source_of
from negotiation.wire.text import DEFAULT_LIMITS, Limits
from negotiation.wire.times import parse_time, time_text
from negotiation.wire.verifying import Fault

MOST: Final = 100
"""How many lines are put by one statement."""

LARGEST: Final = 1 << 25
"""How many bytes are put by one statement, if it is not a single line."""

REMEMBERED: Final = 10_000
"""Of how many negotiations is remembered where the store left them."""

POLL: Final = 5.0
"""After how many seconds a follower looks by itself, though nobody told it of anything."""

NAP: Final = 0.5
"""After how many seconds a follower looks whether its store was closed."""


class PostgresStore(FiledStore):
    """A `Store` in a PostgreSQL database.

    Its tables have names that begin with `negotiation_`, in the schema that the search path of the
    connection comes to first. A URL may say which: `?options=-csearch_path%3Dtalks`. A pooler
    between the two must leave a session to one client.

    Args:
        url: `postgresql://user@host/database`, as PostgreSQL knows them.
        model: the events that are known.
        limits: how much one line may hold.
        create: make the tables if they are not there.
        patience: for how many seconds another writer may hold the store before `StoreBusy` says so.

    Raises:
        UnknownStore: the URL names no database, psycopg is not installed, or no tables are there
            and none are to be made.
        StoreFailed: the database cannot be reached or used, or is of a later version.
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
        if type(patience) not in (int, float) or not 0 < patience <= 86_400:
            raise OutOfRange(
                f"patience must be a number of seconds up to 86400, not {describe(patience)}"
            )
        self._database: Final = PostgresDatabase(url, create=create, patience=patience)
        super().__init__(self._database.name, model=model, limits=limits)
        self._left: Final[dict[str, _Left]] = {}
        self._ears: Final[dict[int, list[Ear]]] = {}

    @classmethod
    def at(cls, url: str, *, model: Model = Model.default, create: bool = True) -> Self:
        """The store that a URL names; arguments and errors as for the class."""
        return cls(url, model=model, create=create)

    # Writing

    def append(
        self, negotiation: str, records: Iterable[Record], *, expected: Expectation = ANY
    ) -> int:
        """As in `Store.append`."""
        given, position = asked(negotiation, records, expected)
        with self._held():
            answer = self._at_once(negotiation, given, position) if given else None
        return super().append(negotiation, given, expected=expected) if answer is None else answer

    def _at_once(
        self, negotiation: str, given: Sequence[Record], expected: int | None
    ) -> int | None:
        """Append where this store left a negotiation, and so without looking where it stands.

        Returns:
            What `append` gives; None where it has to be looked at.
        """
        left = self._left.get(negotiation)
        if left is None and expected == 0:
            left = _Left(NOWHERE, alone=True)
        if left is None or not left.alone:
            return None
        self._leave(negotiation, left.standing, alone=False)  # if it fails, it is looked at next
        try:
            new, answer = settle(given, expected, left.standing, {})
            after = self._put_at_once(negotiation, left.standing, new)
        except StoreDamaged as error:
            if error.kept is not False:
                raise
            return None
        except StoreFailed:
            raise
        except NegotiationError:
            return None  # or another error comes before it
        if after is None:
            return None
        self._leave(negotiation, after, alone=True)
        return answer

    def _put_at_once(
        self, negotiation: str, standing: Standing, records: Sequence[Record]
    ) -> Standing | None:
        """Put records behind where a negotiation is thought to stand.

        Returns:
            Where it stands now; None if nothing was put.
        """
        ways: list[Standing] = []

        def puts() -> Iterator[Statement]:
            sealed = self._sealed(records, standing)
            for put, after in self._puts(negotiation, standing, sealed):
                ways.append(after)
                yield put

        if len(records) == 1:
            [put] = puts()
            done = bool(self._database.put(*put))
        else:
            with self._database.transaction() as transaction:
                done = all(transaction.pass_by(puts()))
        return ways[-1] if done else None

    def _leave(self, negotiation: str, standing: Standing, *, alone: bool) -> None:
        if len(self._left) >= REMEMBERED:
            self._left.clear()
        self._left[negotiation] = _Left(standing, alone)

    @contextmanager
    def _writing(self, negotiation: str, ids: Sequence[str]) -> Iterator[_Writing]:
        left, digest = self._left.pop(negotiation, None), _digest(negotiation)
        with self._database.transaction() as transaction:
            locked, noted, found = transaction.begin(
                (statements.LOCK, {}),
                (statements.NOTED, {"digest": digest}),
                (statements.FOUND, {"digest": digest, "ids": "\n".join(ids)}),
            )
            standing = _standing(noted)
            if not locked or (noted and standing.recorded is None):
                raise self._ill_noted(negotiation)
            writing = _Writing(standing, found)
            yield writing
            if not writing.new:
                return
            puts = [*self._puts(negotiation, standing, writing.new)]
            transaction.commit(put for put, _ in puts)
        # Where others write too, it is not worth trying without looking.
        alone = left is None or left.standing == standing
        self._leave(negotiation, puts[-1][1], alone=alone)

    def _puts(
        self, negotiation: str, standing: Standing, lines: Iterable[NewLine]
    ) -> Iterator[tuple[Statement, Standing]]:
        """The statements that put lines behind where a negotiation stands, and where to."""
        for some in _apportioned(lines):
            last = some[-1]
            values: dict[str, object] = {
                "count": len(some),
                "after": standing.position,
                "hash": last.hash,
                "last": time_text(last.recorded),
                "ids": "\n".join(each.id for each in some),  # in neither is a newline
                "lines": b"\n".join(each.line for each in some).decode(),
                "channel": self._database.channel,
            }
            if standing.hash is None:
                values["source"] = source_of(negotiation)
                values["first"] = time_text(some[0].recorded)
                statement = statements.BEGIN[len(some) > 1]
            else:
                values["digest"] = _digest(negotiation)
                values["before"] = standing.hash
                statement = statements.GO_ON[len(some) > 1]
            standing = Standing(last.position, last.hash, last.recorded)
            yield (statement, values), standing

    # Reading

    def _standing(self, negotiation: str) -> Standing:
        return _standing(self._database.run(statements.NOTED, digest=_digest(negotiation)))

    def _page(
        self, negotiation: str, after: int, upto: int, most: int, backwards: bool
    ) -> Sequence[KeptLine]:
        rows = self._database.run(
            statements.PAGE[backwards],
            digest=_digest(negotiation),
            after=after,
            upto=upto,
            most=most,
        )
        return [_kept(*row) for row in rows]

    def _end(self) -> int:
        return self._database.end()

    def _page_of_all(self, after: int, upto: int, most: int) -> Sequence[NumberedLine]:
        rows = self._database.run(statements.PAGE_OF_ALL, after=after, upto=upto, most=most)
        return [NumberedLine(*row) for row in rows]

    def _list(self) -> Iterable[StoredNegotiation]:
        rows = self._database.run(statements.LIST)
        listed = [self._listed(*row[:4]) for row in rows]
        count = sum(each.count for each in listed)
        if rows and count != rows[0][4]:
            raise StoreDamaged(
                self.name,
                f"has noted {count} records in its negotiations, and {rows[0][4]} in all; verify "
                f"it and restore it from a copy",
            )
        return listed

    def _listed(self, source: bytes, count: int, first: bytes, last: bytes) -> StoredNegotiation:
        try:
            return StoredNegotiation(
                negotiation=an_id(negotiation_of(source.decode())),
                count=count,
                first=parse_time(first.decode()),
                last=parse_time(last.decode()),
            )
        except Refused:
            raise self._ill_noted(source.decode()) from None

    def _snapshot(self, negotiation: str) -> str | None:
        rows = self._database.run(statements.SNAPSHOT, digest=_digest(negotiation))
        return rows[0][0].decode() if rows else None

    def _keep_snapshot(self, negotiation: str, text: str) -> None:
        self._database.run(statements.KEEP_SNAPSHOT, digest=_digest(negotiation), text=text)

    # Following

    def _wait(self, after: int, seconds: float | None) -> bool:
        ends = inf if seconds is None else monotonic() + seconds
        with self._listening() as ear:  # from here on nothing is missed
            while ear.end() <= after:
                if self._closed:
                    raise StoreClosed(self.name)
                if (now := monotonic()) >= ends:
                    return False
                self._linger(ear, min(ends, now + POLL))
        return True

    def _linger(self, ear: Ear, until: float) -> None:
        """Wait until something is committed, the store is closed or the time has come."""
        while not self._closed and (rest := until - monotonic()) > 0:
            if ear.hears(min(NAP, rest)):
                return

    @contextmanager
    def _listening(self) -> Iterator[Ear]:
        """An ear that is rested, or a new one."""
        with self._held():
            ears = self._ears.setdefault(os.getpid(), [])
            ear = ears.pop() if ears else None
        ear = ear or Ear(self._database)
        try:
            ear.listen()
            yield ear
            ear.rest()
        except BaseException:
            ear.close()
            raise
        with self._lock:
            if self._closed:
                ear.close()
            else:
                ears.append(ear)

    def _close(self) -> None:
        for ear in self._ears.get(os.getpid(), []):
            ear.close()
        self._database.close()

    # Whether what is noted beside the lines agrees with them

    def _misfiled(self, negotiation: str, standing: Standing) -> Fault | None:
        """What is wrong with how the lines of a negotiation are filed as a whole."""
        rows = self._database.run(statements.FILED, digest=_digest(negotiation))
        if not rows:
            return self._unnoted(negotiation)
        [(key, count, first, last, end, lowest, highest, begins)] = rows
        if lowest != 1:
            return Fault(1, f"is filed behind one at position {lowest}")
        if highest != count:
            return Fault(
                count + 1,
                f"is filed, or one up to position {highest}; the store has noted {count} records",
            )
        if last != end:
            return Fault(
                count + 1,
                f"may be missing: the store has noted {last} records in all, and the last of them "
                f"is number {end}",
            )
        if begins != key:
            return Fault(1, f"is number {begins} of all, and the store has noted {key}")
        if not standing.position:
            return None  # it began while it was verified
        return self._mistimed(negotiation, standing, first.decode())

    def _beginnings(self, source: str) -> Iterable[tuple[int, bytes]]:
        return self._database.run(statements.BEGINNINGS, sought=source)

    def _numbers(self, negotiation: str, low: int, high: int) -> Sequence[tuple[int]]:
        return self._database.run(
            statements.NUMBERS, digest=_digest(negotiation), low=low, high=high
        )


class _Left(NamedTuple):
    """Where a store left a negotiation.

    Attributes:
        standing: where it stood then.
        alone: whether nobody else has written to it as far as is known.
    """

    standing: Standing
    alone: bool


class _Writing:
    """An append to one negotiation, inside its transaction."""

    def __init__(self, standing: Standing, found: Iterable[Any]) -> None:
        self.standing: Final = standing
        self.found: Final[Mapping[str, KeptLine]] = {
            kept.id: kept for kept in (_kept(*row) for row in found)
        }
        self.new: Sequence[NewLine] = ()

    def put(self, lines: Sequence[NewLine]) -> None:
        self.new = lines


def _digest(negotiation: str) -> bytes:
    """By what a negotiation is found, however long its id is."""
    return sha256(source_of(negotiation).encode()).digest()


def _standing(noted: Sequence[Any]) -> Standing:
    """Where a negotiation stands, by what is noted of it; a time that is none is left out."""
    if not noted:
        return NOWHERE
    [(position, hash, recorded)] = noted
    return Standing(position, hash.decode(), _time(recorded))


def _time(value: bytes) -> datetime | None:
    try:
        return parse_time(value.decode())
    except Refused:
        return None


def _kept(position: int, id: bytes, line: bytes) -> KeptLine:
    return KeptLine(position, id.decode("utf-8", "surrogateescape"), line)


def _apportioned(lines: Iterable[NewLine]) -> Iterator[Sequence[NewLine]]:
    """Lines in portions, each of which one statement can put."""
    portion: list[NewLine] = []
    size = 0
    for each in lines:
        if portion and (len(portion) >= MOST or size + len(each.line) > LARGEST):
            yield portion
            portion, size = [], 0
        portion.append(each)
        size += len(each.line)
    yield portion
