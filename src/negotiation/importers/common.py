"""What importers share: the rows of a source, what is made of them, and what is set aside."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, count
from typing import Any, Final, TypeAlias

from attrs import Factory, define, frozen

from negotiation.collector import collector_paused
from negotiation.errors import DecodeError, InvalidTime, NegotiationError
from negotiation.history import Spine
from negotiation.log import Log
from negotiation.records import Record
from negotiation.values import Refused, describe, moment

MALFORMED: Final = "malformed row"
"""Why a row of a table is set aside that is wrong in itself."""


@frozen
class Row:
    """One row of a source.

    Attributes:
        number: where it stands, as a person would count: the line of a table, its head being
            line 1, or the place in a list, from 1.
        cells: its columns, or whatever a row of the source is made of, by name.
    """

    number: int
    cells: Mapping[str, Any]

    def aside(
        self, reason: str, column: str | None, detail: str, *, wrong: bool = False
    ) -> SetAside:
        """The row, or a part of it, set aside."""
        return SetAside(self.number, reason, wrong, column, detail, self.cells)


@frozen
class SetAside:
    """A row, or a part of one, of which no record was made.

    Attributes:
        row: its number.
        reason: why, in the same words for all rows that are alike: `unknown date`.
        wrong: whether the source is at fault, and not merely says what has no counterpart here.
        column: the column that it is about; None for the row as a whole.
        detail: what is there and what would be right.
        cells: the row.
        text: what stands there, where it could not be read as a row.
    """

    row: int
    reason: str
    wrong: bool = True
    column: str | None = None
    detail: str = ""
    cells: Mapping[str, Any] = Factory(dict)
    text: str | None = None

    @property
    def place(self) -> str:
        """Where it stands: the row, and the column if it is about one."""
        return f"row {self.row}" + ("" if self.column is None else f", column {self.column}")

    def __str__(self) -> str:
        return f"{self.place}: {self.detail or self.reason}"


class Wrong(Exception):  # it never leaves the importers
    """A row that is not as its source has them.

    Args:
        column: where that shows.
        reason: what is wrong there and what would be right.
    """

    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        super().__init__(reason)


@frozen
class Read:
    """A row that was read, of which nothing more is to be said; so that rows can be counted."""


READ: Final = Read()

Made: TypeAlias = Record | SetAside | Read
"""What an importer makes of a source, in its order: `READ` once for each row, before what is made
of it."""


@define
class Report:
    """What an import came to.

    Attributes:
        rows: how many rows were read.
        events: how many records were made of each class of event, by its name.
        aside: how many rows were set aside, or parts of rows, by reason.
        wrong: how many of these because the source is at fault.
    """

    rows: int = 0
    events: Counter[str] = Factory(Counter)
    aside: Counter[str] = Factory(Counter)
    wrong: int = 0

    @property
    def records(self) -> int:
        """How many records were made."""
        return self.events.total()

    def take(self, made: Made) -> None:
        """Count one thing more."""
        if isinstance(made, Read):
            self.rows += 1
        elif isinstance(made, SetAside):
            self.aside[made.reason] += 1
            self.wrong += made.wrong
        else:
            self.events[type(made.event).__name__] += 1


@frozen
class Imported:
    """A source as logs.

    Attributes:
        logs: a log for each negotiation, by its id, in the order in which they began.
        report: what was counted.
        aside: what was set aside, in the order of the source.
    """

    logs: Mapping[str, Log]
    report: Report
    aside: tuple[SetAside, ...]


def gathered(made: Iterable[Made]) -> Imported:
    """Everything that an importer makes, as logs and a report.

    Raises:
        ConflictingRecord: two records of one id say different things.
        InvalidLog: a record was recorded before the one above it.
    """
    report = Report()
    aside: list[SetAside] = []
    spines: defaultdict[str, Spine] = defaultdict(Spine)
    with collector_paused():
        for each in made:
            report.take(each)
            if isinstance(each, Record):
                spines[each.negotiation].add(each)
            elif isinstance(each, SetAside):
                aside.append(each)
    logs = {negotiation: Log.of(negotiation, spine) for negotiation, spine in spines.items()}
    return Imported(logs, report, tuple(aside))


def numbered(rows: Iterable[Row | Mapping[str, Any]], first: int = 1) -> Iterator[Row | SetAside]:
    """Rows with their numbers; those that have none yet are numbered in their order.

    What is no row comes as `SetAside`, and is wrong.

    Args:
        rows: the rows; a plain mapping has no number.
        first: the number of the first.

    Raises:
        DecodeError: it is no collection of rows, but a path, a text, an open file or one row.
    """
    given: Any = rows
    no_rows = isinstance(given, str | bytes | bytearray | Mapping) or hasattr(given, "read")
    if no_rows or not isinstance(given, Iterable):
        hint = "table_rows or json_rows reads them from a file"
        if isinstance(given, Mapping):
            hint = "a single one stands in a list"
        raise DecodeError(f"must be rows, one behind the other, not {describe(rows)}; {hint}")
    for number, each in enumerate(rows, start=first):
        row = each if isinstance(each, Row) else Row(number, each)
        reason = _no_row(row.cells)
        yield row if reason is None else SetAside(row.number, "no row", detail=reason)


def made_of(
    rows: Iterable[Row | Mapping[str, Any]],
    make: Callable[[Row], Iterable[Made]],
    malformed: str,
    first: int = 1,
) -> Iterator[Made]:
    """What an importer makes of rows one by one: all of a row, or why nothing comes of it.

    Args:
        rows: the rows.
        make: makes it of a row; it may raise `Wrong`, or an error of the library.
        malformed: the reason for which a row is then set aside.
        first: the number of the first row.
    """
    for row in numbered(rows, first):
        yield READ
        if isinstance(row, SetAside):
            yield row
            continue
        try:
            made = [*make(row)]
        except Wrong as wrong:
            yield row.aside(malformed, wrong.column, str(wrong), wrong=True)
        except NegotiationError as error:
            yield row.aside(malformed, None, str(error), wrong=True)
        else:
            yield from made


def _no_row(cells: Any) -> str | None:
    """Why something is no row, if it is none."""
    if type(cells) is dict and type(next(iter(cells), "")) is str:
        return None  # as is nearly every one
    if not isinstance(cells, Mapping):
        return f"must be an object, or a mapping of columns, not {describe(cells)}"
    if cells and not any(isinstance(name, str) for name in cells):
        return f"must have columns with names, not {describe(next(iter(cells)))} in place of a name"
    return None


def unused(id: str, taken: Container[str]) -> str:
    """An id, or where it is taken that with the first number behind it, from 2 on, that is not."""
    numbers = (f"{id}-{number}" for number in count(2))
    return next(each for each in chain((id,), numbers) if each not in taken)


START: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When a source begins that tells no times, unless a caller says otherwise."""


def beginning(start: datetime) -> datetime:
    """The moment at which a caller lets a source begin that tells no times.

    Raises:
        InvalidTime: it has no time zone, or is no datetime.
    """
    try:
        return moment(start)
    except Refused as refused:
        raise InvalidTime(f"start {refused}") from None
