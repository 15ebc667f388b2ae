"""What every store promises, and what all of them decide alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import Enum
from types import TracebackType
from typing import Final, Protocol, Self, TypeAlias

from attrs import frozen

from negotiation.errors import Conflict, InvalidLog, OutOfRange
from negotiation.log import Log
from negotiation.records import Record
from negotiation.values import BRANCH, describe


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


class Store(Protocol):
    """Keeps the records of any number of negotiations, which only grow.

    A store may be used by several threads at once. It is a context manager that closes itself.
    `negotiation.testing.StoreContract` has a test for each of its promises.
    """

    def append(
        self, negotiation: str, records: Iterable[Record], *, expected: Expectation = ANY
    ) -> int:
        """Put records at the end of a negotiation, all of them or none.

        The store numbers them by position, and keeps everything else as it is given. A record
        that is there already, with the same content, is left where it stands. If all of them are,
        nothing is done, whatever was expected: the append is a second try of one that succeeded.

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
            OutOfRange: `expected` is none of the three.
            StoreClosed: the store is closed, and so for all that follow.
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

    def negotiations(self) -> Iterator[StoredNegotiation]:
        """The negotiations that there are, in the order of their ids."""

    def close(self) -> None:
        """Give back what the store holds. Closing it again does nothing."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def grow(log: Log, records: Iterable[Record], *, expected: Expectation = ANY) -> tuple[Log, int]:
    """A log as it stands after an append that a store was asked for: what `append` promises.

    It is pure. A store that calls it and then keeps the records that are new, while nobody else
    writes to that negotiation, has decided every case as it must be decided.

    Args:
        log: the log as it is stored; of a negotiation that does not exist yet, empty with its id.
        records: as in `Store.append`.
        expected: as in `Store.append`.

    Returns:
        The log with what is new at its end, and the position to answer with.

    Raises:
        Conflict: as in `Store.append`, and so for ConflictingRecord, InvalidLog and OutOfRange.
    """
    given = _records(_owner(log), records)
    position = _position(expected)
    if not given:
        return log, len(log)
    if not all(_holds(log, each) for each in given):
        if position is not None and position != len(log):
            raise Conflict(given[0].negotiation, expected=position, actual=len(log))
        log = log.extend(given)
    last = log.get(given[-1].id)
    assert last is not None
    return log, last.position


def cut(log: Log, upto: int | None = None) -> Log:
    """A log as `Store.read` gives it, up to a position or whole.

    Args:
        log: the log as it is stored; of a negotiation that does not exist, empty with its id.
        upto: as in `Store.read`.

    Raises:
        InvalidLog: the log has no id.
        OutOfRange: `upto` is no whole number from 0.
    """
    _owner(log)
    return log if upto is None else log.upto(whole(upto, "upto"))


def listed(given: Iterable[Record]) -> tuple[Record, ...]:
    """What was given as records, read once; a store does so before it holds any lock."""
    if not isinstance(given, Iterable):
        raise InvalidLog(None, f"records must be a list of records, not {describe(given)}")
    return tuple(given)


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


def _position(expected: Expectation) -> int | None:
    """The position that is expected; None for any."""
    if isinstance(expected, Expected):
        return None if expected is ANY else 0
    if type(expected) is not int or expected < 0:
        raise OutOfRange(
            f"expected must be NEW, ANY or a position, a whole number from 0, "
            f"not {describe(expected)}"
        )
    return expected


def _holds(log: Log, record: Record) -> bool:
    known = log.get(record.id)
    return known is not None and record.same_content(known)


def _owner(log: Log) -> str:
    if log.negotiation is None:
        raise InvalidLog(None, "negotiation must be an id, not nothing")
    return log.negotiation


def _records(negotiation: str, given: Iterable[Record]) -> tuple[Record, ...]:
    """What was given as records, if each of them may stand in a store under this negotiation."""
    if negotiation.endswith(BRANCH):
        raise InvalidLog(
            None,
            f"negotiation {negotiation!r} is a branch, which is merely supposed; a store keeps "
            f"what was recorded",
        )
    records = listed(given)
    for index, each in enumerate(records):
        if not isinstance(each, Record):
            raise InvalidLog(None, f"records[{index}] must be a Record, not {describe(each)}")
        if each.negotiation != negotiation:
            raise InvalidLog(
                each.id,
                f"belongs to negotiation {each.negotiation!r}; it cannot be appended to "
                f"{negotiation!r}",
            )
    return records
