"""Importing foreign data: read and checked as a whole, then put into a store or not at all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final, Literal

from attrs import define, frozen

from negotiation.cli.asides import Asides, check_place
from negotiation.cli.layout import Column, table
from negotiation.cli.output import Failure, Page, complain, records_words
from negotiation.cli.places import file_of, opened, shown
from negotiation.cli.reading import STDIN, Meter, metered, name_of, stdin
from negotiation.cli.staging import Staging, Unit
from negotiation.errors import DecodeError, NegotiationError, UnknownStore, Unreadable
from negotiation.importers import cameo_rows, ceasefire_rows, sheet_rows
from negotiation.importers.cameo_rows import cameo_records
from negotiation.importers.casino_dialogues import casino_records
from negotiation.importers.ceasefire_rows import ceasefire_records
from negotiation.importers.common import Made, Read, Report, Row, SetAside
from negotiation.importers.json_files import json_rows
from negotiation.importers.negmas_runs import negmas_records
from negotiation.importers.plover_records import plover_records
from negotiation.importers.sheet_rows import sheet_records
from negotiation.importers.table_files import table_rows
from negotiation.model import Model
from negotiation.records import Record
from negotiation.stores import Store
from negotiation.wire.lines import Codec

_COUNTED: Final = (Column("made of the rows", main=True), Column("records", right=True))
_LEFT: Final = (Column("set aside", main=True), Column("times", right=True))


@frozen
class Kind:
    """A kind of source.

    Attributes:
        form: what its files are.
        records: makes records one by one.
        options: which of the options of the command it takes.
        required: the columns that must be there.
        recorded: the column that may say when a row was recorded.
        unless: columns that must be there unless the option of that name is given.
        plain_tabs: whether double quotes mean nothing where tabs stand between cells.
    """

    form: Literal["table", "json"]
    records: Callable[..., Iterator[Made]]
    options: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    recorded: str | None = None
    unless: tuple[str, ...] = ()
    plain_tabs: bool = False

    def takes(self, option: str) -> bool:
        """Whether it takes an option of the command."""
        return option in self.options or (option == "delimiter" and self.form == "table")


KINDS: Final[Mapping[str, Kind]] = {
    "casino": Kind("json", casino_records, ("start",)),
    "negmas": Kind("json", negmas_records, ("start",)),
    "ceasefires": Kind("table", ceasefire_records, required=ceasefire_rows.COLUMNS),
    "cameo": Kind("table", cameo_records, ("by",), cameo_rows.COLUMNS, plain_tabs=True),
    "plover": Kind("json", plover_records, ("by",)),
    "sheet": Kind(
        "table", sheet_records, ("negotiation", "zone", "model"), sheet_rows.REQUIRED, "recorded",
        unless=("negotiation",),
    ),
}  # fmt: skip
"""What can be imported."""


@frozen
class Task:
    """What is to be imported.

    Attributes:
        kind: what kind of source it is.
        source: its path, or - for standard input.
        store: the URL of the store.
        aside: where the rows go that are set aside; None for beside the source.
        keep_good: whether the rest is imported where something is wrong.
        delimiter: what stands between the cells of a table, or None.
        options: what the importer is given.
        model: the events that are known.
    """

    kind: Kind
    source: str
    store: str
    aside: str | None
    keep_good: bool
    delimiter: str | None
    options: Mapping[str, Any]
    model: Model

    @property
    def place(self) -> Path | None:
        """Where the rows go that are set aside; None for nowhere."""
        if self.aside is not None:
            return Path(self.aside)
        if self.source != STDIN and Path(self.source).is_file():
            return Path(f"{self.source}.aside.jsonl")
        return None


@define
class Outcome:
    """What an import came to.

    Attributes:
        report: what was read, made and set aside.
        negotiations: of how many negotiations records were made.
        there: how many records the store had already.
        copies: how many records stand in the source more than once.
        added: how many records the store has more; None if nothing was to be imported.
        aside: the file of what was set aside; None if there is none.
        unkept: why what was set aside could not be kept in its file, if it could not.
        told: the first mistakes, as lines.
    """

    report: Report
    negotiations: int = 0
    there: int = 0
    copies: int = 0
    added: int | None = None
    aside: str | None = None
    unkept: str | None = None
    told: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        report = self.report
        return {
            "rows": report.rows,
            "records": report.records,
            "negotiations": self.negotiations,
            "imported": self.added is not None,
            "added": self.added or 0,
            "there": self.there,
            "copies": self.copies,
            "events": dict(report.events.most_common()),
            "set_aside": dict(report.aside.most_common()),
            "wrong": report.wrong,
            "aside": self.aside,
        }


def imported(task: Task) -> Outcome:
    """Import a source.

    Raises:
        Failure: two of the files are one; what is set aside cannot be kept where it was asked for;
            standard input is closed; the store failed when some of it was in it.
        DecodeError: the source is of another kind, or lacks a column.
        Unreadable: the source cannot be read.
        UnknownStore, StoreFailed: as for `open_store`.
    """
    _check_places(task)
    with ExitStack() as stack:
        store = _existing(task, stack)
        asides = Asides(name_of(task.source), task.place, stack.enter_context(TemporaryFile()))
        staging = stack.enter_context(Staging(Codec(task.model)))
        outcome = _staged(task, staging, asides, store)
        good = task.keep_good and outcome.report.records
        if outcome.unkept is not None and task.aside is not None:
            return outcome
        if outcome.report.wrong and not good:
            return outcome
        if store is None:
            store = stack.enter_context(opened(task.store, create=True, model=task.model))
        outcome.added = _appended(task, staging, store)
        return outcome


def _staged(task: Task, staging: Staging, asides: Asides, store: Store | None) -> Outcome:
    """What is made of the source, kept beside the store until all of it is known to be right."""
    with metered(_size(task.source), records=False) as progress:
        try:
            _Reading(task, staging, asides, progress).read()
        except DecodeError:
            for line in asides.told:  # what is wrong above it
                complain(line)
            asides.drop()
            raise
    for clash in staging.clashes(store):
        asides.clash(clash)
    report = asides.report
    report.events = staging.events
    asides.write()
    return Outcome(
        report,
        negotiations=len(staging.negotiations()),
        there=staging.known,
        copies=staging.copies,
        aside=asides.kept,
        unkept=None if asides.failure is None else str(asides.failure),
        told=asides.told,
    )


def _appended(task: Task, staging: Staging, store: Store) -> int:
    """Append what was staged; returns how many records were.

    Raises:
        Failure: the store failed when some of them were in it, where they stay.
    """
    added, total = 0, staging.count

    def stopped() -> str:
        return (
            f"{added} of {records_words(total)} were added to {shown(task.store)}, and stay there; "
            "the same import again adds the rest"
        )

    with metered(total, doing="writing") as progress:
        try:
            for count in staging.append(store):
                added += count
                if progress is not None:
                    progress(count)
        except NegotiationError as error:
            if not added:
                raise
            raise Failure(f"{error}; {stopped()}") from None
        except KeyboardInterrupt:
            complain(f"interrupted: {stopped()}")
            raise
    return added


def _check_places(task: Task) -> None:
    """Refuse to write over what is read, or over the store.

    Raises:
        Failure: two of the three are one file, or what is set aside cannot go where it should.
    """
    source = None if task.source == STDIN else Path(task.source)
    named = {"SOURCE": source, "STORE": file_of(task.store), "what is set aside": task.place}
    real = {what: os.path.realpath(path) for what, path in named.items() if path is not None}
    for one, other in combinations(real, 2):
        if real[one] == real[other]:
            raise Failure(f"{one} and {other} are one file, {named[one]}; name another")
    if task.place is not None:
        check_place(task.place)


def _existing(task: Task, stack: ExitStack) -> Store | None:
    """The store, if it is there already.

    Raises:
        Failure: it is one in memory, in which nothing could be kept, or its directory is not there.
        UnknownStore: there is no such kind of store.
        StoreFailed: it cannot be opened.
    """
    file = file_of(task.store)
    try:
        return stack.enter_context(opened(task.store, model=task.model))
    except Unreadable:
        pass  # a file of JSON Lines that is not there yet
    except UnknownStore as error:
        if not error.absent:
            raise
    if file is not None and not file.absolute().parent.is_dir():
        raise Failure(f"{shown(task.store)}: cannot be made; there is no directory "
                      f"{str(file.absolute().parent)!r}")  # fmt: skip
    return None


def _size(source: str) -> int | None:
    path = Path(source)
    return path.stat().st_size or None if path.is_file() else None


class _Reading:
    """The rows of a source on their way through its importer.

    Args:
        task: what is to be imported.
        staging: takes what is made of them.
        asides: takes the rows that cannot be read.
        progress: takes note of the bytes that were read.
    """

    def __init__(
        self, task: Task, staging: Staging, asides: Asides, progress: Meter | None
    ) -> None:
        self._task: Final = task
        self._staging: Final = staging
        self._asides: Final = asides
        self._progress: Final = progress
        self._row: Row | None = None
        self._of: Row | None = None
        self._records: list[Record] = []

    def read(self) -> None:
        """Stage the records row by row; by negotiations, where an importer holds all rows."""
        for made in self.made():
            if isinstance(made, SetAside):
                self._asides.take(made)
                continue
            if isinstance(made, Read) or self._row is not self._of or self._is_other(made):
                self._stage()
                self._of = self._row
            if isinstance(made, Read):
                self._asides.report.take(made)
            else:
                self._records.append(made)
        self._stage()

    def _is_other(self, record: Record) -> bool:
        """Whether a record is of another negotiation than those before it, and of no row."""
        before = self._records
        return self._row is None and before[-1].negotiation != record.negotiation

    def _unread(self, found: SetAside) -> None:
        """Set aside a row that could not be read, behind what the rows above it became."""
        self._stage()
        self._asides.unread(found)

    def _stage(self) -> None:
        """Stage what was made of the row, or the negotiation, that is at its end."""
        if not self._records:
            return
        unit = Unit(self._records)
        if (row := self._of) is not None:
            column = self._task.kind.recorded
            fixed = column is not None and bool((row.cells.get(column) or "").strip())
            unit = Unit(self._records, row.number, row.cells, fixed)
        self._records = []
        if clash := self._staging.add(unit):
            self._asides.clash(clash, unit.cells)

    def made(self) -> Iterator[Made]:
        """What the importer makes of the rows."""
        kind = self._task.kind
        required = dict.fromkeys(kind.required, "")
        for name in kind.unless:
            if name not in self._task.options:
                required[name] = f"name it in a column, or for all rows with --{name} ID"
        return kind.records(self._rows(required), **self._task.options)

    def _rows(self, required: Mapping[str, str]) -> Iterator[Row]:
        task = self._task
        source = stdin() if task.source == STDIN else task.source
        told: dict[str, Any] = {"aside": self._unread, "progress": self._progress}
        if task.kind.form == "table":
            rows = table_rows(source, delimiter=task.delimiter, required=required,
                              plain_tabs=task.kind.plain_tabs, **told)  # fmt: skip
        else:
            rows = json_rows(source, **told)
        for row in rows:
            self._row = row
            yield row
        self._row = None


# What is said of it


def outcome_lines(task: Task, outcome: Outcome, page: Page) -> Iterator[str]:
    """The report of an import, for reading."""
    report = outcome.report
    rows = "1 row" if report.rows == 1 else f"{report.rows} rows"
    many = outcome.negotiations
    of = "1 negotiation" if many == 1 else f"{many} negotiations"
    yield f"read {rows}, and made {records_words(report.records)} of {of}"
    if outcome.added is None and outcome.unkept is not None and task.aside is not None:
        yield "imported nothing, since what was set aside cannot be kept where it was asked for"
    elif outcome.added is None and task.keep_good:
        yield "imported nothing, since nothing is without mistakes; is the source of this kind?"
    elif outcome.added is None:
        yield "imported nothing, since there are mistakes; --keep-good imports the rest"
    else:
        were = "1 was" if outcome.there == 1 else f"{outcome.there} were"
        yield f"added {records_words(outcome.added)} to {shown(task.store)}; {were} there already"
        if outcome.copies:
            again = "1 more stands" if outcome.copies == 1 else f"{outcome.copies} more stand"
            yield f"{again} in the source a second time"
    yield from _counts(_COUNTED, report.events, page)
    yield from _counts(_LEFT, report.aside, page)
    if report.aside:
        where = (
            "nowhere; name a file with --aside" if outcome.aside is None else f"in {outcome.aside}"
        )
        if outcome.unkept is not None:
            where = f"nowhere ({outcome.unkept}); name another file with --aside"
        times = "once" if report.aside.total() == 1 else f"{report.aside.total()} times"
        yield ""
        yield f"set aside {times}, {report.wrong} of them for mistakes; kept {where}"


def _counts(columns: tuple[Column, Column], counts: Counter[str], page: Page) -> Iterator[str]:
    if counts:
        yield ""
        rows = ((name, str(count)) for name, count in counts.most_common())
        yield from table(columns, rows, page)


def mistakes(task: Task, outcome: Outcome) -> Iterator[str]:
    """The first mistakes, a line for each."""
    yield from outcome.told
    if more := outcome.report.wrong - len(outcome.told):
        where = "; name a file for all of them with --aside"
        if outcome.aside is not None:
            where = f"; all of them stand in {outcome.aside}"
        words = "1 more mistake" if more == 1 else f"{more} more mistakes"
        yield f"{name_of(task.source)}: and {words}{where}"
