"""What every store promises."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import Final, Self, TypeAlias

from attrs import frozen

from negotiation.errors import InvalidLog, OutOfRange
from negotiation.events import AnyEvent
from negotiation.log import Log
from negotiation.records import Record, negotiation_id
from negotiation.rules import Protocol
from negotiation.state import Negotiation
from negotiation.values import Refused, describe
from negotiation.wire.seals import Head
from negotiation.wire.verifying import Verification


class Expected(Enum):
    """What may be said of where a negotiation stands, in place of a position."""

    ANY = "any"
    NEW = "new"

    def __repr__(self) -> str:
        return self.name


ANY: Final = Expected.ANY
"""Wherever the negotiation stands, and whether it exists or not."""

NEW: Final = Expected.NEW
"""The negotiation must not exist yet; position 0 says the same."""

Expectation: TypeAlias = int | Expected

Decision: TypeAlias = "AnyEvent | Record | Iterable[AnyEvent | Record] | None"
Decide: TypeAlias = Callable[[Negotiation], Decision]


@frozen(kw_only=True)
class StoredNegotiation:
    """One negotiation of a store, as a list of them tells it.

    Attributes:
        negotiation: its id.
        count: how many records it has, which is the position at which it stands.
        first: when the first of them was recorded.
        last: when the last of them was recorded.
    """

    negotiation: str
    count: int
    first: datetime
    last: datetime


class Store(typing.Protocol):
    """Keeps the records of any number of negotiations, which only grow.

    A store may be used by several threads at once. It is a context manager that closes itself.
    `negotiation.testing.StoreContract` has a test for each of its promises, and
    `negotiation.stores.LineStore` keeps most of them for whoever says where lines lie.
    """

    def append(
        self, negotiation: str, records: Iterable[Record], *, expected: Expectation = ANY
    ) -> int:
        """Put records at the end of a negotiation, all of them or none.

        When this returns, they are kept for good. The store numbers them by position and seals
        them, behind whatever record stands there; everything else it keeps as it is given. A
        record that is there already, with the same content, is left where it stands. If all of
        them are, nothing is done, whatever was expected: the append is a second try of one that
        succeeded.

        Args:
            negotiation: the id of the negotiation. It comes into being with its first record.
            records: the records, in the order in which they were recorded; none is no mistake.
            expected: the position at which the negotiation must stand, `NEW` if it must not
                exist, or `ANY`.

        Returns:
            The position of the last of these records; of none, where the negotiation stands.

        Raises:
            Conflict: the negotiation stands elsewhere than expected. This is found before
                anything that the records themselves have against being there.
            ConflictingRecord: a record's id is taken by a record with other content.
            InvalidLog: a record was recorded before the one above it, or is another
                negotiation's; the negotiation is a branch, or its id is none; something is no
                record.
            EncodeError: a record cannot be written so that it could be read back.
            Altered: a record that is new carries a seal and is not what was sealed.
            OutOfRange: `expected` is none of the three.
            StoreFailed: what the store stands on failed; the error says what is known to be kept.
                Every method may raise it.
            StoreClosed: the store is closed, and so for all that follow.
        """

    def transact(
        self,
        negotiation: str,
        decide: Decide,
        *,
        time: datetime,
        recorded: datetime | None = None,
        protocol: Protocol | None = None,
        attempts: int = 100,
    ) -> Log:
        """Decide on what stands there, and append what was decided, if nobody else came first.

        Where somebody did, everything is done again from the start.

        Args:
            negotiation: the id of the negotiation.
            decide: gives, for the state as it stood at `time`, an event, a record, a list of them,
                or None to leave things as they are. It may be called several times.
            time: when the events happen; records bring their own.
            recorded: when they enter the log (default: the later of `time` and the last recorded).
            protocol: the rules that they must keep, beside those of the lifecycles; `OPEN` for
                those of the lifecycles alone. None takes what breaks a rule as well, and `check`
                tells.
            attempts: how often it is tried.

        Two writers who decide the same on the same state have decided it twice: the second decides
        again.

        Returns:
            The log with what was appended at its end, as `read` gives it.

        Raises:
            IllegalEvent: by the protocol, what was decided may not follow.
            InvalidRecord: what was decided is neither an event nor a record.
            Conflict: others came first in every attempt.
        """

    def read(self, negotiation: str, *, upto: int | None = None) -> Log:
        """The log of a negotiation, which is empty if there is no such negotiation.

        Args:
            negotiation: its id.
            upto: the position of the last record to read; None, or more than there are, for all.

        Raises:
            InvalidLog: the id is none.
            OutOfRange: `upto` is no whole number from 0.
        """

    def records(
        self, negotiation: str, *, after: int = 0, upto: int | None = None, backwards: bool = False
    ) -> Iterator[Record]:
        """The records of a negotiation one by one, however many there are.

        A reading ends with what was there when it began.

        Args:
            negotiation: its id.
            after: the position after which to begin; 0 for the beginning.
            upto: as in `read`.
            backwards: give the last of them first.

        Raises:
            InvalidLog: the id is none.
            OutOfRange: `after` or `upto` is no whole number from 0.
        """

    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, Record]]:
        """The records of all negotiations in one order, each with its number in that order.

        What is appended later has the higher number, and keeps it. Numbers ascend from 1 and may
        leave some out; positions leave out none. A reading ends with what was there when it
        began. What is wrong is told at the latest when the first record is asked for.

        Args:
            after: the number after which to begin; 0 for the beginning.

        Raises:
            OutOfRange: `after` is no whole number from 0.
        """

    def follow(
        self, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[tuple[int, Record]]:
        """The records of all negotiations, and then further ones as they are appended.

        Whoever appends them, in this process or another: each comes once, in the order of its
        number, and none is skipped.

        Args:
            after: as in `read_all`.
            timeout: after how many seconds without a record this ends; None for never.

        Raises:
            OutOfRange: `after` is no whole number from 0, or `timeout` no number of seconds.
        """

    def negotiations(self) -> Iterator[StoredNegotiation]:
        """The negotiations that there are, in the order of their ids."""

    def state(
        self,
        negotiation: str,
        *,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        known_to: str | None = None,
    ) -> Negotiation:
        """The state of a negotiation: what `replay` gives for its log.

        It is folded from the state that `snapshot` kept, where that leads to the same. Of the
        records behind such a state the ids are known: `evolve` takes any record of such an id for
        a second copy.

        Args:
            negotiation: its id.
            as_of: as for `replay`, and so are the others.
            known_at: only what had been recorded by then.
            known_to: only what this party knows.
        """

    def snapshot(self, negotiation: str) -> int:
        """Keep the state of a negotiation as it stands, for `state` to start from.

        Returns:
            The position at which it stands.

        Raises:
            EncodeError: a slice of an extension would not come back from JSON as it is, or an
                extension's reducer uses something that cannot be told from another.
        """

    def head(self, negotiation: str) -> Head | None:
        """Where a negotiation stands, with the hash of its last record; None if there is none."""

    def verify(self, negotiation: str, *, head: Head | None = None) -> Verification:
        """Whether the records of a negotiation are as they were sealed.

        Args:
            negotiation: its id.
            head: where it is known to have stood, from `head` at an earlier time. Without one, a
                tail that was cut off cleanly cannot be told from one that never was.

        Raises:
            InvalidLog: the head is none of this negotiation.
        """

    def close(self) -> None:
        """Give back what the store holds. Closing it again does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def an_id(negotiation: str) -> str:
    """The id of a negotiation that was asked for.

    Raises:
        InvalidLog: it is none.
    """
    try:
        return negotiation_id(negotiation)
    except Refused as refused:
        raise InvalidLog(None, f"negotiation {refused}") from None


def whole(value: int, name: str) -> int:
    """A position or a number that was asked for, which must be a whole number from 0.

    Args:
        value: what was given.
        name: the name of the argument, for the error.

    Raises:
        OutOfRange: it is none.
    """
    if type(value) is not int or value < 0:
        raise OutOfRange(f"{name} must be a whole number from 0, not {describe(value)}")
    return value
