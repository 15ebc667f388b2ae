"""A store of lines: everything about a store but where its lines lie."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from threading import TIMEOUT_MAX, RLock
from time import monotonic, sleep
from types import TracebackType
from typing import Final, NamedTuple, Protocol, Self

from negotiation.collector import collector_paused
from negotiation.errors import (
    Altered,
    Conflict,
    DecodeError,
    InvalidLog,
    OutOfRange,
    StoreClosed,
    StoreDamaged,
)
from negotiation.fold import handlers_of
from negotiation.history import Spine
from negotiation.log import Log
from negotiation.model import Model
from negotiation.records import Record
from negotiation.rules import Protocol as Rules
from negotiation.state import Negotiation
from negotiation.stores import snapshots, transactions
from negotiation.stores.deciding import Standing, asked, settle
from negotiation.stores.store import ANY, Decide, Expectation, StoredNegotiation, an_id, whole
from negotiation.values import describe
from negotiation.wire.lines import Codec
from negotiation.wire.seals import Head
from negotiation.wire.text import DEFAULT_LIMITS, Limits
from negotiation.wire.verifying import Verification, Verifier

FIRST_PAGE: Final = 50
PAGE: Final = 1000
PAGE_BYTES: Final = 4 << 20
"""How many lines are asked for at once, at first and at most, and about how long they may be."""

PAUSE: Final = 0.05
"""For how many seconds a follower rests before it looks again, where nothing wakes it."""


class NewLine(NamedTuple):
    """A line that is to be kept.

    Attributes:
        position: where its record stands in the negotiation.
        id: the record's id.
        recorded: when the record entered the log.
        line: the sealed line, without its end.
        hash: the hash that it carries.
    """

    position: int
    id: str
    recorded: datetime
    line: bytes
    hash: str


class KeptLine(NamedTuple):
    """A line that is kept.

    Attributes:
        position: where its record stands in the negotiation.
        id: the id under which it is filed.
        line: the line, without its end.
    """

    position: int
    id: str
    line: bytes


class NumberedLine(NamedTuple):
    """A line that is kept, as one of all lines of the store.

    Attributes:
        number: its number in the order of all lines.
        position: where its record stands in its negotiation.
        line: the line, without its end.
    """

    number: int
    position: int
    line: bytes


class Writing(Protocol):
    """A negotiation that nobody else can write to until this is over."""

    @property
    def standing(self) -> Standing:
        """Where it stands."""

    @property
    def found(self) -> Mapping[str, KeptLine]:
        """Those of its lines that have one of the ids that were asked for, by id."""

    def put(self, lines: Sequence[NewLine]) -> None:
        """Put lines at its end. They are kept, for good, once the context is left."""


class LineStore(ABC):
    """A `Store` but for where its lines lie, which a subclass says in a few methods.

    Each is called with the lock of the store held, by one thread at a time.

    Args:
        name: the URL of the store, without a password.
        model: the events that are known.
        limits: how much one line may hold.

    Raises:
        InvalidModel: `model` is none.
    """

    def __init__(
        self, name: str, *, model: Model = Model.default, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        handlers_of(model)  # which refuses what is no model
        self.name: Final = name
        self._model: Final = model
        self._codec: Final = Codec(model, limits)
        self._lock = RLock()
        self._process = os.getpid()
        self._forks: Final[dict[int, AbstractContextManager[object]]] = {}
        self._closed = False

    # Where lines lie

    @abstractmethod
    def _writing(self, negotiation: str, ids: Sequence[str]) -> AbstractContextManager[Writing]:
        """Begin to write to a negotiation; left without an error, what was put is kept for good.

        Left with one, nothing is.

        Args:
            negotiation: its id.
            ids: the ids of records to look for; one may be there several times.
        """

    @abstractmethod
    def _standing(self, negotiation: str) -> Standing:
        """Where a negotiation stands."""

    @abstractmethod
    def _page(
        self, negotiation: str, after: int, upto: int, most: int, backwards: bool
    ) -> Sequence[KeptLine]:
        """Lines of a negotiation, by position.

        Args:
            negotiation: its id.
            after: only those of higher positions.
            upto: only those of this position and lower ones.
            most: at most so many.
            backwards: the highest first.
        """

    @abstractmethod
    def _end(self) -> int:
        """The highest number of a line; 0 if there is none."""

    @abstractmethod
    def _page_of_all(self, after: int, upto: int, most: int) -> Sequence[NumberedLine]:
        """Lines of all negotiations, by number.

        Args:
            after: only those of higher numbers.
            upto: only those of this number and lower ones.
            most: at most so many.
        """

    @abstractmethod
    def _list(self) -> Iterable[StoredNegotiation]:
        """The negotiations that there are, in any order."""

    @abstractmethod
    def _snapshot(self, negotiation: str) -> str | None:
        """The text that was kept last for a negotiation."""

    @abstractmethod
    def _keep_snapshot(self, negotiation: str, text: str) -> None:
        """Keep a text for a negotiation that has records, in place of the one before."""

    @abstractmethod
    def _close(self) -> None:
        """Give back what is held. Called once."""

    def _wait(self, after: int, seconds: float | None) -> bool:
        """Wait for a line of a higher number; called without the lock.

        Returns:
            Whether there may be one; False once so many seconds have passed without.
        """
        until = None if seconds is None else monotonic() + seconds
        while True:
            with self._held():
                if self._end() > after:
                    return True
            pause = PAUSE if until is None else min(PAUSE, until - monotonic())
            if pause <= 0:
                return False
            sleep(pause)

    # Writing

    def append(
        self, negotiation: str, records: Iterable[Record], *, expected: Expectation = ANY
    ) -> int:
        """As in `Store.append`."""
        given, position = asked(negotiation, records, expected)
        with self._held(), self._writing(negotiation, [each.id for each in given]) as writing:
            found = {id: self._record(negotiation, kept) for id, kept in writing.found.items()}
            new, answer = settle(given, position, writing.standing, found)
            if new:
                writing.put([*self._sealed(new, writing.standing)])
        return answer

    def _sealed(self, records: Iterable[Record], standing: Standing) -> Iterator[NewLine]:
        before = standing.hash
        for position, record in enumerate(records, start=standing.position + 1):
            line, hash = self._codec.seal(record, before)
            if record.hash not in (None, hash):
                self._insist_on_its_seal(record)
            yield NewLine(position, record.id, record.recorded, line.encode(), hash)
            before = hash

    def _insist_on_its_seal(self, record: Record) -> None:
        """Refuse a record that is not what its own seal says; one that is may follow on another."""
        if self._codec.seal(record, record.prevhash)[1] != record.hash:
            raise Altered(
                record.negotiation,
                record.position,
                f"record {record.id!r} is not what was sealed: it was altered, or lifted to a "
                "later version of its type; append it as it was, or without prevhash and hash",
            )

    def transact(
        self,
        negotiation: str,
        decide: Decide,
        *,
        time: datetime,
        recorded: datetime | None = None,
        protocol: Rules | None = None,
        attempts: int = 100,
    ) -> Log:
        """As in `Store.transact`."""
        asked(negotiation, (), ANY)
        return transactions.transact(
            partial(self.read, negotiation),
            decide,
            self._extended,
            time=time,
            recorded=recorded,
            protocol=protocol,
            attempts=attempts,
            model=self._model,
        )

    def _extended(self, log: Log, records: Sequence[Record]) -> Log:
        """A log with further records at its end, kept there, if it still ends where it did.

        Unlike an append that is tried again, one that finds them there comes too late: another
        writer decided the same, and both are to count.
        """
        negotiation, position = log.negotiation or "", len(log)
        with self._held(), self._writing(negotiation, ()) as writing:
            if writing.standing.position != position:
                raise Conflict(negotiation, expected=position, actual=writing.standing.position)
            lines = [*self._sealed(records, writing.standing)]
            longer = log.extend(
                self._record(negotiation, KeptLine(each.position, each.id, each.line))
                for each in lines
            )
            writing.put(lines)
        return longer

    # Reading

    def read(self, negotiation: str, *, upto: int | None = None) -> Log:
        """As in `Store.read`."""
        spine, records = Spine(), self.records(negotiation, upto=upto)
        with collector_paused():
            for at, record in enumerate(records, start=1):
                if record.position != at:
                    raise self._damaged(negotiation, at, "is missing")
                try:
                    spine.add(record)
                except InvalidLog as error:
                    raise self._damaged(negotiation, at, str(error)) from None
        return Log.of(negotiation, spine)

    def records(
        self, negotiation: str, *, after: int = 0, upto: int | None = None, backwards: bool = False
    ) -> Iterator[Record]:
        """As in `Store.records`."""
        an_id(negotiation)
        low, high = whole(after, "after"), None if upto is None else whole(upto, "upto")
        with self._held():
            end = self._standing(negotiation).position
        high = end if high is None else min(high, end)
        return (
            self._record(negotiation, each)
            for each in self._pages(negotiation, low, high, backwards)
        )

    def _pages(
        self, negotiation: str, low: int, high: int, backwards: bool = False
    ) -> Iterator[KeptLine]:
        most = FIRST_PAGE
        while low < high:
            with self._held():
                page = self._page(negotiation, low, high, most, backwards)
            yield from page
            if len(page) < most:
                return
            most = _next_page(page)
            if backwards:
                high = page[-1].position - 1
            else:
                low = page[-1].position

    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, Record]]:
        """As in `Store.read_all`."""
        whole(after, "after")
        with self._held():
            end = self._end()
        return self._all(after, end)

    def _all(self, after: int, end: int) -> Iterator[tuple[int, Record]]:
        most = FIRST_PAGE
        while after < end:
            with self._held():
                page = self._page_of_all(after, end, most)
            for number, position, line in page:
                try:
                    record = self._codec.decode(line, position=position)
                except DecodeError as error:
                    raise self._unreadable(number, str(error)) from None
                yield number, record
            if len(page) < most:
                return
            after, most = page[-1].number, _next_page(page)

    def follow(
        self, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[tuple[int, Record]]:
        """As in `Store.follow`."""
        whole(after, "after")
        if timeout is not None and (type(timeout) not in (int, float) or not timeout >= 0):
            raise OutOfRange(f"timeout must be a number of seconds from 0, not {describe(timeout)}")
        return self._followed(after, None if timeout is None or timeout > TIMEOUT_MAX else timeout)

    def _followed(self, after: int, timeout: float | None) -> Iterator[tuple[int, Record]]:
        while True:
            for after, record in self.read_all(after=after):  # noqa: B020, PLR1704  # from there on
                yield after, record
            if not self._wait(after, timeout):
                return

    def negotiations(self) -> Iterator[StoredNegotiation]:
        """As in `Store.negotiations`."""
        with self._held():
            listed = sorted(self._list(), key=lambda each: each.negotiation)
        return iter(listed)

    def _record(self, negotiation: str, kept: KeptLine) -> Record:
        try:
            record = self._codec.decode(kept.line, position=kept.position)
        except DecodeError as error:
            raise self._damaged(negotiation, kept.position, str(error)) from None
        if record.negotiation != negotiation:
            reason = f"belongs to negotiation {record.negotiation!r}"
            raise self._damaged(negotiation, kept.position, reason)
        return record

    def _damaged(self, negotiation: str, position: int, reason: str) -> StoreDamaged:
        where = f"negotiation {negotiation!r}, position {position}"
        return StoreDamaged(self.name, f"{where}: {reason}")

    def _unreadable(self, number: int, reason: str) -> StoreDamaged:
        return StoreDamaged(self.name, f"line number {number}: {reason}")

    # States

    def state(
        self,
        negotiation: str,
        *,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        known_to: str | None = None,
    ) -> Negotiation:
        """As in `Store.state`."""
        an_id(negotiation)
        with self._held():
            text = self._snapshot(negotiation)
        return snapshots.state(
            self, negotiation, text, self._model, as_of=as_of, known_at=known_at, known_to=known_to
        )

    def snapshot(self, negotiation: str) -> int:
        """As in `Store.snapshot`."""
        log = self.read(negotiation)
        if len(log):
            text = snapshots.text_of(log, self._model)
            with self._held():
                self._keep_snapshot(negotiation, text)
        return len(log)

    # Seals

    def head(self, negotiation: str) -> Head | None:
        """As in `Store.head`."""
        an_id(negotiation)
        with self._held():
            standing = self._standing(negotiation)
        return self._head(negotiation, standing)

    def _head(self, negotiation: str, standing: Standing) -> Head | None:
        if standing.hash is None:
            return None
        return Head(negotiation, standing.position, standing.hash)

    def verify(self, negotiation: str, *, head: Head | None = None) -> Verification:
        """As in `Store.verify`."""
        an_id(negotiation)
        if head is not None and not _is_head_of(head, negotiation):
            raise InvalidLog(None, f"head must be one of {negotiation!r}, not {describe(head)}")
        with self._held():
            standing = self._standing(negotiation)
        verifier = Verifier(negotiation, self._codec, head)
        for kept in self._pages(negotiation, 0, standing.position):
            verifier.take(kept.line, position=kept.position, id=kept.id)
        return self._verified(verifier, standing)

    def _verified(self, verifier: Verifier, standing: Standing) -> Verification:
        """What verifying found, compared with where the store has noted that it stands."""
        if not verifier.over:
            found = verifier.done().head
            if (0 if found is None else found.position) < standing.position:
                verifier.cut(f"is missing; the store has noted {standing.position} records")
            elif found != self._head(verifier.negotiation, standing):
                verifier.cut("should follow: the store has noted another hash for the one before")
        return verifier.done()

    # The end

    def close(self) -> None:
        """As in `Store.close`; what was read stays as it is."""
        with self._own_lock():
            if not self._closed:
                self._closed = True
                self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._own_lock():
            if self._closed:
                raise StoreClosed(self.name)
            yield

    def _own_lock(self) -> AbstractContextManager[object]:
        """The lock, which is a new one in a process that was forked."""
        process = os.getpid()
        if self._process != process:
            with self._forks.setdefault(process, RLock()):  # one of several threads there does it
                if self._process != process:
                    self._forked()
                    self._process = process
        return self._lock

    def _forked(self) -> None:
        """Make a new lock: nobody in a process that was forked gives the old one back."""
        self._lock = RLock()


def _is_head_of(head: object, negotiation: str) -> bool:
    return isinstance(head, Head) and head.negotiation == negotiation


def _next_page(page: Sequence[KeptLine] | Sequence[NumberedLine]) -> int:
    """How many lines to ask for after a page of so long ones, so that memory stays bounded."""
    length = sum(len(each.line) for each in page) // len(page)
    return max(1, min(PAGE, PAGE_BYTES // max(1, length)))
