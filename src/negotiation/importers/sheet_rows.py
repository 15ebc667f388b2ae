"""A sheet that an analyst fills in by hand: one row for each event, as CSV.

Its columns are the fields of the events and those of the record, under the names that they have in
Python. `event` says what happened, such as `ProposalMade` or `proposal-made`. A field whose name
is taken by a column of the record stands under `data.`: what a retraction takes back is
`data.event`. A member of a JSON object may have a column of its own: `terms.price`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from attrs import Factory, define

from negotiation.checked import faults
from negotiation.errors import DecodeError, InvalidEvent, InvalidRecord, InvalidTime, nearest
from negotiation.events import EVENTS, UnknownEvent
from negotiation.importers.common import (
    MALFORMED,
    READ,
    Imported,
    Made,
    Row,
    SetAside,
    gathered,
    numbered,
)
from negotiation.importers.sheet_cells import stripped
from negotiation.importers.sheet_columns import COMMENT, Plan, Plans, column_of
from negotiation.model import Model
from negotiation.records import ATTRIBUTES, Record, checked_record, negotiation_id
from negotiation.values import Refused, describe
from negotiation.wire.times import time_text

REQUIRED: Final = ("event", "time")
"""The columns that a sheet must have; and `negotiation`, where it is not given otherwise."""

_HEAD: Final = 1
_FIELD: Final = re.compile(r"data\.(\w+)")


def sheet(
    rows: Iterable[Row | Mapping[str, Any]],
    *,
    negotiation: str | None = None,
    model: Model = Model.default,
    zone: tzinfo = UTC,
) -> Imported:
    """A sheet that was filled in by hand, as logs.

    A cell is read without the white space around it, and an empty one is absent. Lists have
    semicolons between their members. A time is `2025-04-20`, which is the first instant of that
    day and known to the day, or `2025-04-20 15:00`, or one with an offset. In `value` and `terms`,
    what reads as JSON is JSON, and all else is text. Rows whose `event`, and columns whose name,
    begins with # are not read. A row that has something in a column of any other name is wrong.

    A row without an id has that of its number, `row-7`. Where `recorded` is empty, it is `time`, or
    when a row of that negotiation above was recorded, if that is later.

    Args:
        rows: the rows below the head; those without a number are numbered from 2.
        negotiation: the id of the negotiation of rows that name none.
        model: the events that are known.
        zone: the time zone of times without an offset.
    """
    return gathered(_unique(_Sheet(negotiation, model, zone), rows))


def sheet_records(
    rows: Iterable[Row | Mapping[str, Any]],
    *,
    negotiation: str | None = None,
    model: Model = Model.default,
    zone: tzinfo = UTC,
) -> Iterator[Made]:
    """The same one by one, however many rows there are; arguments as for `sheet`.

    It does not remember ids: a second record of one id comes as it is.
    """
    return _Sheet(negotiation, model, zone).records(rows)


def _unique(reading: _Sheet, rows: Iterable[Row | Mapping[str, Any]]) -> Iterator[Made]:
    """What is made of rows, but for records that have the id of another and not its content."""
    known: dict[tuple[str, str], tuple[Record, int]] = {}
    for made in reading.records(rows):
        if isinstance(made, Record):
            row, key = reading.row, (made.negotiation, made.id)
            if (above := known.get(key)) is None:
                known[key] = made, row.number
            elif not made.same_content(above[0]):
                number = above[1]
                detail = f"{made.id!r} is the id of row {number} too, which says something else"
                yield row.aside("same id", "id", detail, wrong=True)
                continue
        yield made


@define
class _Taken:
    """What the cells of a row say, and what is wrong with them, by column."""

    event: dict[str, Any] = Factory(dict)
    record: dict[str, Any] = Factory(dict)
    members: dict[str, dict[str, Any]] = Factory(dict)
    faults: dict[Any, str] = Factory(dict)


class _Sheet:
    """Makes records of rows; arguments as for `sheet`."""

    def __init__(self, negotiation: str | None, model: Model, zone: tzinfo) -> None:
        if not isinstance(zone, tzinfo):
            raise InvalidTime(
                f"zone must be a time zone, such as ZoneInfo('Europe/Kyiv'), not {describe(zone)}"
            )
        self.row = Row(_HEAD, {})
        """The row at hand."""
        self._negotiation: Final = negotiation
        self._plans: Final = Plans(model, zone)
        self._unknown: Final[set[str]] = set()
        self._latest: Final[dict[str, datetime]] = {}
        self._count: Final[defaultdict[str, int]] = defaultdict(int)

    def records(self, rows: Iterable[Row | Mapping[str, Any]]) -> Iterator[Made]:
        """What is made of rows."""
        for row in numbered(rows, first=_HEAD + 1):
            if isinstance(row, SetAside):
                yield from (READ, row)
                continue
            if self.row.number == _HEAD and (missing := [*self._missing(row)]):
                yield from missing
                return
            self.row = row
            kind = row.cells.get("event")
            kind = kind.strip() if isinstance(kind, str) else kind
            if (isinstance(kind, str) and kind.startswith(COMMENT)) or (not kind and _empty(row)):
                continue
            yield READ
            taken = _Taken()
            plan = self._plan(kind, taken)
            for column in self._take(row, plan, taken):
                taken.faults[column] = f"holds {describe(row.cells[column])}, and is no column"
                if column not in self._unknown:
                    self._unknown.add(column)
                    detail = self._plans.unknown(column)
                    yield SetAside(_HEAD, "unknown column", True, column, detail)
            if (record := self._record(plan, taken)) is not None:
                yield record
            if taken.faults:
                yield from _wrong(row, taken.faults)

    def _missing(self, row: Row) -> Iterator[SetAside]:
        """The columns that are not there and must be."""
        needed = REQUIRED if self._negotiation is not None else ("negotiation", *REQUIRED)
        for name in needed:
            if name not in row.cells:
                detail = f"is missing; {nearest(name, map(str, row.cells))}"
                yield SetAside(_HEAD, "missing column", True, name, detail)

    def _plan(self, kind: Any, taken: _Taken) -> Plan:
        """What is done with rows of a kind of event, or of any kind where it is unknown."""
        try:
            return self._plans.of(kind)
        except Refused as refused:
            taken.faults["event"] = str(refused)
            return self._plans.of_any

    def _take(self, row: Row, plan: Plan, taken: _Taken) -> list[str]:
        """Take what the cells of a row say; returns the columns that nothing is known of."""
        steps = plan.steps
        unknown: list[str] = []
        cells = row.cells.items()
        for name, cell in [(name, cell) for name, cell in cells if cell or cell not in ("", None)]:
            step = steps.get(name) or self._plans.step(plan, name)
            if step is None:
                unknown.append(name)
                continue
            into, read, of_record, member = step
            if into is None:
                continue
            try:
                if not (words := cell.strip() if type(cell) is str else stripped(cell)):
                    continue
                value = words if read is None else read(words)
            except Refused as refused:
                taken.faults[name] = str(refused)
                if member is not None:
                    taken.members.setdefault(into, {})
                continue
            if of_record:
                taken.record[into] = value
            elif member is None:
                taken.event[into] = value
            else:
                taken.members.setdefault(into, {})[member] = value
        if taken.members:
            _join(taken)
        return unknown

    def _record(self, plan: Plan, taken: _Taken) -> Record | None:
        """The record of a row; None, and the faults, where there are any."""
        given = taken.record
        if "id" not in given:
            given["id"] = f"row-{self.row.number}"
        if "negotiation" not in given and "negotiation" not in taken.faults:
            self._name(taken)
        time, day = given.pop("time", (None, False))
        if time is not None:
            given["time"] = time
            if day:
                given.setdefault("precision", "day")
        elif "time" not in taken.faults:
            taken.faults["time"] = "is missing; it says when it happened"
        if not plan.needed <= taken.event.keys():
            self._tell_missing(plan, taken)
        if time is not None and "negotiation" in given:
            self._order(taken)
        if not taken.faults:
            try:
                position = self._count[given["negotiation"]] + 1  # so that no log need copy it
                record = _built(plan.build(**taken.event), given, position)
            except (InvalidEvent, InvalidRecord, DecodeError) as error:
                _find_more(plan, taken)
                taken.faults = taken.faults or {_column(error): error.reason}
            else:
                self._latest[record.negotiation] = record.recorded
                self._count[record.negotiation] = position
                return record
        else:
            _find_more(plan, taken)
        return None

    def _tell_missing(self, plan: Plan, taken: _Taken) -> None:
        """Say which fields of the event are not there and must be."""
        for column, field in plan.fields.items():
            needed = field.name in plan.needed and field.name not in taken.event
            if needed and column not in taken.faults:
                taken.faults[column] = f"is missing; {plan.cls.__name__} needs it"

    def _name(self, taken: _Taken) -> None:
        """Take the negotiation that was named for all rows."""
        if self._negotiation is None:
            taken.faults["negotiation"] = "is missing; name the negotiation here, or for all rows"
            return
        try:
            taken.record["negotiation"] = negotiation_id(self._negotiation)
        except Refused as refused:
            taken.faults["negotiation"] = str(refused)

    def _order(self, taken: _Taken) -> None:
        """Say when a row was recorded: as its cell does, but not before the rows above it."""
        given = taken.record
        latest = self._latest.get(given["negotiation"])
        if "recorded" not in given:
            time = given["time"]
            given["recorded"] = time if latest is None or time > latest else latest
        elif latest is not None and given["recorded"] < latest:
            taken.faults["recorded"] = (
                f"lies before {time_text(latest)}, when a row above was recorded; a log grows at "
                "its end"
            )


def _empty(row: Row) -> bool:
    """Whether a row has nothing but white space in the columns that are read."""
    return all(
        not (cell.strip() if isinstance(cell, str) else cell) or str(name).startswith(COMMENT)
        for name, cell in row.cells.items()
    )


def _wrong(row: Row, faults: Mapping[Any, str]) -> Iterator[SetAside]:
    """What is wrong with a row: in the order of its columns, and then what it lacks."""
    for name in [*(name for name in row.cells if name in faults),
                 *(name for name in faults if name not in row.cells)]:  # fmt: skip
        if isinstance(name, str):
            yield row.aside(f"wrong {name}", name, faults[name], wrong=True)
        else:
            yield row.aside(MALFORMED, None, faults[name], wrong=True)


def _built(event: Any, given: Mapping[str, Any], position: int) -> Record:
    """The record of an event, with fields that were checked as their cells were read.

    Raises:
        InvalidRecord: the event, which is not of this library, is none.
    """
    if type(event) not in EVENTS:
        return Record(event=event, position=position, **given)
    return checked_record(
        given["id"], given["negotiation"], position, given["time"], event, given["recorded"],
        *map(given.get, ATTRIBUTES), (),
    )  # fmt: skip


def _join(taken: _Taken) -> None:
    """Put members that have columns of their own into the objects that they are members of."""
    for field, members in taken.members.items():
        whole = taken.event.get(field, {})
        for name in members:
            if name in whole:
                column = column_of(field)
                taken.faults[f"{column}.{name}"] = f"stands in the column {column} too"
        taken.event[field] = {**whole, **members}


def _find_more(plan: Plan, taken: _Taken) -> None:
    """Find every other field that is wrong, so that all of them are told at once."""
    found = [
        (column_of(str(name)), reason)
        for name, reason in faults(plan.cls, (), taken.event)
        if name in taken.event
    ]
    found += [
        (str(name), reason)
        for name, reason in faults(Record, (), taken.record)
        if name in taken.record
    ]
    for column, reason in found:
        taken.faults.setdefault(column, reason)
    if plan.cls is UnknownEvent or any(_of_event(plan, column) for column in taken.faults):
        return
    try:  # do its fields agree with each other?
        plan.build(**taken.event)
    except (InvalidEvent, DecodeError) as error:
        taken.faults[_column(error)] = error.reason


def _of_event(plan: Plan, column: Any) -> bool:
    """Whether a column is one of a field of the event, or of a member of one."""
    return any(column == name or str(column).startswith(f"{name}.") for name in plan.fields)


def _column(error: InvalidEvent | InvalidRecord | DecodeError) -> str:
    """The column that an error is about."""
    if isinstance(error, InvalidRecord):
        return error.field.removeprefix("event.")
    if isinstance(error, InvalidEvent):
        return column_of(error.field or "event")
    found = _FIELD.match(error.path)
    return "event" if found is None else column_of(found[1])
