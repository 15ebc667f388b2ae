"""The records of one negotiation in log order, and what is known of them without folding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from sys import maxsize
from threading import Lock
from typing import Any, Final, Self, overload

from negotiation.errors import ConflictingRecord, InvalidLog
from negotiation.events import EventRetracted
from negotiation.records import Record, negotiation_id, placed
from negotiation.values import Refused, describe


class Spine:
    """What the histories that grew from one another share: each is a prefix of it.

    Only the longest of them grows it in place; any other starts a spine of its own. So appending
    costs the same however long the history is, and no history ever sees another's records.
    """

    __slots__ = ("first_hidden", "first_late", "first_meta", "ids", "lock", "records")

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records: Final[list[Record]] = []
        self.ids: Final[dict[str, int]] = {}
        self.lock: Final = Lock()
        self.first_late = self.first_hidden = self.first_meta = maxsize
        for record in records:
            self.add(record)

    def upto(self, length: int) -> Spine:
        """A copy of its beginning, to be grown apart from this one."""
        spine = Spine()
        spine.records[:] = self.records[:length]
        spine.ids.update(self.ids)
        for record in self.records[length:]:
            del spine.ids[record.id]
        for name in ("first_late", "first_hidden", "first_meta"):
            first = getattr(self, name)
            setattr(spine, name, first if first < length else maxsize)
        return spine

    def add(self, record: Record) -> None:
        """Take one more record, unless it is a copy of one that is here."""
        records = self.records
        index = len(records)
        if (known := self.ids.get(record.id)) is not None:
            if record.same_content(records[known]):
                return
            raise ConflictingRecord(
                record.id,
                f"stands at position {known + 1} with other content; give the new one another id",
            )
        if records:
            above = records[-1]
            if record.recorded < above.recorded:
                raise InvalidLog(
                    record.id,
                    f"was recorded {record.recorded.isoformat()}, before the record above it "
                    f"({above.id!r}, {above.recorded.isoformat()}); a log grows at its end",
                )
            if record.negotiation != above.negotiation:
                raise InvalidLog(
                    record.id,
                    f"belongs to negotiation {record.negotiation!r}, this log to "
                    f"{above.negotiation!r}",
                )
            if record.time < above.time and index < self.first_late:
                self.first_late = index
        if record.visible_to is not None and index < self.first_hidden:
            self.first_hidden = index
        if record.repeats is not None or type(record.event) is EventRetracted:
            self.first_meta = min(self.first_meta, index)
        if record.position != index + 1:
            record = placed(record, index + 1)
        self.ids[record.id] = index
        records.append(record)


class History(Sequence[Record]):
    """An immutable sequence of the records of one negotiation, numbered from 1.

    Args:
        negotiation: the negotiation's id; None leaves it to the first record.
        records: the records in the order in which they were recorded. Their positions are
            numbered anew; a second copy of a record is dropped.

    Raises:
        InvalidLog: a record was recorded before the one above it, or is another negotiation's; the
            id is none, or something is no record.
        ConflictingRecord: a record's id is taken by a record with other content.
    """

    __slots__ = ("_length", "_negotiation", "_spine")

    _length: int
    _negotiation: str | None
    _spine: Spine

    def __init__(self, negotiation: str | None = None, records: Iterable[Record] = ()) -> None:
        if negotiation is not None:
            try:
                negotiation_id(negotiation)
            except Refused as refused:
                raise InvalidLog(None, f"negotiation {refused}") from None
        spine = Spine(_all_records(records))
        self._set(negotiation, spine, len(spine.records))
        if negotiation is not None and spine.records:
            self._check_owner(spine.records[0])

    @classmethod
    def of(cls, negotiation: str | None, spine: Spine) -> Self:
        """The history of everything that a spine holds, which becomes its own."""
        history = object.__new__(cls)
        history._set(negotiation, spine, len(spine.records))
        return history

    def _set(self, negotiation: str | None, spine: Spine, length: int) -> None:
        object.__setattr__(self, "_negotiation", negotiation)
        object.__setattr__(self, "_spine", spine)
        object.__setattr__(self, "_length", length)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed")

    def _check_owner(self, record: Record) -> None:
        if self.negotiation not in (None, record.negotiation):
            raise InvalidLog(
                record.id,
                f"belongs to negotiation {record.negotiation!r}, this log to {self.negotiation!r}",
            )

    @property
    def negotiation(self) -> str | None:
        """The id of the negotiation; None for an empty log that was given none."""
        if self._negotiation is None and self._length:
            return self._spine.records[0].negotiation
        return self._negotiation

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, index: int | slice) -> Record | tuple[Record, ...]:
        if isinstance(index, slice):
            return tuple(self._spine.records[i] for i in range(*index.indices(self._length)))
        if not -self._length <= index < self._length:
            raise IndexError(f"a log of {self._length} records has no index {index}")
        return self._spine.records[index % self._length]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Record]:
        records = self._spine.records
        for index in range(self._length):
            yield records[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        return (self.negotiation, self.records) == (other.negotiation, other.records)

    def __hash__(self) -> int:
        return hash((self.negotiation, self._length))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.negotiation!r}: {self._length} records>"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Print it as Python, in IPython and in the failing examples of Hypothesis."""
        import_module("negotiation.printing").pretty(self, printer)  # by name: it stands above

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str | None, list[Record]]]:
        return type(self), (self._negotiation, self.records)

    @property
    def records(self) -> list[Record]:
        """The records as a new list, in log order."""
        return self._spine.records[: self._length]

    def get(self, id: str) -> Record | None:
        """The record of this id, or None."""
        index = self._spine.ids.get(id, maxsize)
        return self._spine.records[index] if index < self._length else None

    def extend(self, records: Iterable[Record]) -> Self:
        """This log with further records at its end, all of them or none.

        Args:
            records: as for the constructor. A copy of a record that is here changes nothing.

        Raises:
            InvalidLog: as for the constructor.
        """
        new = _all_records(records)
        for record in new:
            self._check_owner(record)
        spine = self._spine
        with spine.lock:
            if len(spine.records) != self._length:
                spine = spine.upto(self._length)
            for record in new:  # one that is refused leaves the earlier ones out of every length
                spine.add(record)
            extended = object.__new__(type(self))
            extended._set(self._negotiation, spine, len(spine.records))
        return extended

    def upto(self, position: int) -> Self:
        """The first records of this log, up to a position, which it includes."""
        prefix = object.__new__(type(self))
        prefix._set(self.negotiation, self._spine, min(max(position, 0), self._length))
        return prefix

    @property
    def chronological(self) -> bool:
        """Whether each record happened no earlier than the one above it."""
        return self._spine.first_late >= self._length

    @property
    def public(self) -> bool:
        """Whether every record is public."""
        return self._spine.first_hidden >= self._length

    @property
    def plain(self) -> bool:
        """Whether no record retracts or repeats another."""
        return self._spine.first_meta >= self._length


def _all_records(given: Iterable[Record]) -> tuple[Record, ...]:
    """What a caller gave as records, if that is what it is."""
    if not isinstance(given, Iterable):
        raise InvalidLog(None, f"records must be a list of records, not {describe(given)}")
    records = tuple(given)
    for index, each in enumerate(records):
        if not isinstance(each, Record):
            raise InvalidLog(
                None,
                f"records[{index}] must be a Record, not {describe(each)}; events are appended",
            )
    return records
