"""Which records count: what had happened, been recorded, been shown, and not been taken back.

The rules of time and knowledge in one place. `count` answers for a whole history; what it gives is
in fold order, (time, position).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence, Set
from datetime import datetime
from operator import attrgetter
from sys import maxsize
from typing import Any, NamedTuple

from negotiation.errors import InvalidLog, InvalidParty, InvalidTime
from negotiation.events import EventRetracted
from negotiation.history import History
from negotiation.problems import ALREADY_RETRACTED, UNKNOWN_RECORD, Code
from negotiation.records import Record
from negotiation.values import Refused, describe, moment, optional_party_id

_time = attrgetter("time")
_recorded = attrgetter("recorded")
_position = attrgetter("position")


class Counting(NamedTuple):
    """The records that count, and what is wrong with those that speak of other records.

    Attributes:
        records: the records that count, in fold order.
        faults: by record id, the code of each retraction that reaches no record and of each
            repetition of none.
        notes: the codes and records of the faulty retractions, which do not count themselves.
        top: the highest position of a record that counts; 0 for none.
        void: the ids of the records that are retracted.
    """

    records: Sequence[Record]
    faults: dict[str, Code]
    notes: tuple[tuple[Code, Record], ...]
    top: int
    void: Set[str]


def count(
    history: History, as_of: datetime | None, known_at: datetime | None, known_to: str | None
) -> Counting:
    """The records that count.

    Args:
        history: the log.
        as_of: only what had happened by then; None for all.
        known_at: only what had been recorded by then; None for all.
        known_to: only what this party knows; None for all.
    """
    records: Sequence[Record] = a_log(history).records
    if known_at is not None:
        records = records[: bisect_right(records, known_at, key=_recorded)]
    if known_to is not None and not history.public:
        records = [record for record in records if record.visible(known_to)]
    faults: dict[str, Code] = {}
    notes: tuple[tuple[Code, Record], ...] = ()
    void: Set[str] = frozenset()
    if not history.plain:
        records, faults, noted, void = _undone(records)
        notes = tuple((faults.pop(record.id), record) for record in noted)
    if not history.chronological:
        records = sorted(records, key=_time)  # stable: equal times keep log order
    if as_of is not None:
        records = records[: bisect_right(records, as_of, key=_time)]
    if history.chronological:
        top = records[-1].position if records else 0
    else:
        top = max(map(_position, records), default=0)
    return Counting(records, faults, notes, top, void)


def _undone(
    known: Sequence[Record],
) -> tuple[list[Record], dict[str, Code], list[Record], set[str]]:
    """What is left once retractions are carried out and repetitions set aside; and what is void."""
    place = {record.id: index for index, record in enumerate(known)}

    def stands(id: str, below: Record) -> bool:
        return place.get(id, maxsize) < place[below.id]

    retractions = [record for record in known if record.retracts is not None]
    void, faults = carried_out(retractions, stands)
    left: list[Record] = []
    notes: list[Record] = []
    for record in known:
        if record.id in void:
            continue
        if record.repeats is not None:
            if not stands(record.repeats, record):
                faults[record.id] = UNKNOWN_RECORD
                (notes if type(record.event) is EventRetracted else left).append(record)
        elif record.retracts is None:
            left.append(record)
        elif record.id in faults:
            notes.append(record)
    return left, faults, notes, void


def carried_out(
    retractions: Sequence[Record], stands: Callable[[str, Record], bool]
) -> tuple[set[str], dict[str, Code]]:
    """What retractions take back.

    Args:
        retractions: the retractions that are known, in log order.
        stands: whether a record of an id is known and stands above another one.

    Returns:
        The ids of the records that are retracted, retractions among them, and by record id the
        code of each retraction that reaches nothing and is not retracted itself.
    """
    void: set[str] = set()
    for record in reversed(retractions):  # a retraction is undone only from below
        if record.id not in void and stands(_target(record), record):
            void.add(_target(record))
    gone: set[str] = set()
    faults: dict[str, Code] = {}
    for record in retractions:
        if record.id in void:
            continue
        if not stands(_target(record), record):
            faults[record.id] = UNKNOWN_RECORD
        elif _target(record) in gone:
            faults[record.id] = ALREADY_RETRACTED
        else:
            gone.add(_target(record))
    return void, faults


def _target(retraction: Record) -> str:
    event: Any = retraction.event
    target: str = event.event
    return target


def a_log(value: History) -> History:
    """A log given by a caller.

    Raises:
        InvalidLog: it is none.
    """
    if not isinstance(value, History):
        raise InvalidLog(None, f"{describe(value)} is no log; read_log reads one from a file")
    return value


def instant(value: datetime | None, name: str) -> datetime | None:
    """A moment given by a caller, in UTC, or None.

    Raises:
        InvalidTime: it has no time zone, or is no datetime; `name` says which argument it was.
    """
    try:
        return None if value is None else moment(value)
    except Refused as refused:
        raise InvalidTime(f"{name} {refused}") from None


def viewer(value: str | None) -> str | None:
    """The party that a caller gave as `known_to`, or None. It need not be known to any log.

    Raises:
        InvalidParty: no party has such an id.
    """
    try:
        return optional_party_id(value)
    except Refused as refused:
        raise InvalidParty(f"known_to {refused}") from None
