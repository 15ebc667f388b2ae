"""Sheets that were filled in by hand: what each cell may say, and how mistakes are told."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import negotiation as ng
from negotiation.importers import Imported, blank_sheet, sheet, table_rows
from negotiation.importers.common import READ, Row
from negotiation.importers.sheet_columns import columns
from negotiation.importers.sheet_rows import sheet_records
from negotiation.testing import logs
from negotiation.wire.data import DataCodec

ROOT: Final = Path(__file__).parents[2]
DAY: Final = datetime(2025, 4, 20, tzinfo=UTC)
SAYS: Final = {"event": "StatementMade", "time": "2025-04-20", "by": "north", "text": "no"}


def rows(content: str) -> list[Row]:
    return [*table_rows(io.BytesIO(content.encode()))]


def read(*cells: Mapping[str, Any], **options: Any) -> Imported:
    """What becomes of rows of these cells, all of one negotiation."""
    names = dict.fromkeys(name for each in cells for name in each)
    options = {"negotiation": "talks", **options}
    return sheet([{**dict.fromkeys(names, ""), **each} for each in cells], **options)


def record(options: Mapping[str, Any] | None = None, **cells: Any) -> ng.Record:
    """The record that a row becomes; it is a statement where nothing else is said."""
    imported = read({**SAYS, **cells}, **(options or {}))
    assert [*map(str, imported.aside)] == []
    return imported.logs["talks"][0]


def event(kind: str, **cells: Any) -> Any:
    """The event that a row becomes."""
    imported = read({"event": kind, "time": "2025-04-20", **cells})
    assert [*map(str, imported.aside)] == []
    return imported.logs["talks"][0].event


def told(*cells: Mapping[str, Any], **options: Any) -> list[str]:
    """What is told of rows that are wrong."""
    imported = read(*cells, **options)
    assert all(each.wrong for each in imported.aside)
    assert imported.report.wrong == len(imported.aside)
    return [*map(str, imported.aside)]


# The example


def test_the_report_coded_by_hand_is_the_example_log() -> None:
    """The sheet of the news report holds the very records of the log, and so the same state."""
    log = ng.read_log(ROOT / "examples" / "easter_truce_2025.jsonl")
    imported = sheet(table_rows(ROOT / "examples" / "easter_truce_2025.csv"))

    assert imported.logs == {"easter-truce-2025": log}
    assert ng.replay(imported.logs["easter-truce-2025"]) == ng.replay(log)
    assert (imported.report.rows, imported.report.records, imported.aside) == (37, 37, ())


def cells_of(record: ng.Record) -> dict[str, str]:
    """A row that says what a record does, with JSON wherever there may be some."""
    cells = {"negotiation": record.negotiation, "event": type(record.event).__name__}
    for name in ("id", "speaker", "reported_by", "report_url", "quote", "precision", "repeats",
                 "correlation", "causation"):  # fmt: skip
        cells[name] = getattr(record, name) or ""
    cells |= {"time": record.time.isoformat(), "recorded": record.recorded.isoformat()}
    cells["visible_to"] = ";".join(sorted(record.visible_to or ()))
    for name, value in DataCodec().unstructure(record.event).items():
        column = f"data.{name}" if name == "event" else name
        if isinstance(value, list) and name != "value":
            cells[column] = ";".join(value)
        elif name in ("terms", "value"):
            cells[column] = json.dumps(value)
        else:
            cells[column] = str(value)
    return cells


@given(logs(legal=False, max_size=8, hidden=True, retracted=True))
def test_a_log_written_as_a_sheet_is_the_log(log: ng.Log) -> None:
    """Whatever event is drawn, its fields by name in a row are the record again."""
    known = [each for each in log if not isinstance(each.event, ng.UnknownEvent)]
    log = ng.Log(log.negotiation, known)
    imported = sheet([cells_of(each) for each in log])

    assert [*map(str, imported.aside)] == []
    assert imported.logs == ({log.negotiation: log} if log else {})


# Which event, which record


@pytest.mark.parametrize(
    "name", ["StatementMade", "statement-made", "negotiation.statement-made",
             "negotiation.statement-made.v1", " StatementMade "],
)  # fmt: skip
def test_an_event_goes_by_several_names(name: str) -> None:
    """It is called by its class or by its wire type, with and without what stands around that."""
    assert record(event=name).event == ng.StatementMade(by="north", text="no")


def test_an_unknown_event_is_told() -> None:
    """The error names the nearest, and whatever else is wrong with the row is told too."""
    found = told({**SAYS, "event": "StatementMad", "time": "soon"}, {**SAYS, "event": ""})

    assert len(found) == 3
    assert found[0].startswith("row 2, column event: is no event: 'StatementMad'; did you mean "
                               "'StatementMade'? allowed: ")  # fmt: skip
    assert found[1].startswith("row 2, column time: must be a time such as")
    assert found[2] == "row 3, column event: must be the name of an event, not nothing"


def test_every_column_of_the_record_is_kept() -> None:
    """What stands in the columns of the record is what the record says."""
    found = record(
        id="e1", negotiation="talks", speaker="Ann", reported_by="a newspaper",
        report_url="https://example.org/1", quote="two\nlines", precision="week",
        visible_to="north; south", repeats="e0", correlation="story 7", causation="e0",
        recorded="2025-04-21 09:30",
    )  # fmt: skip

    assert found == ng.Record(
        id="e1", negotiation="talks", time=DAY, recorded=datetime(2025, 4, 21, 9, 30, tzinfo=UTC),
        event=ng.StatementMade(by="north", text="no"), speaker="Ann", reported_by="a newspaper",
        report_url="https://example.org/1", quote="two lines", precision="week",
        visible_to=["north", "south"], repeats="e0", correlation="story 7", causation="e0",
    )  # fmt: skip


def test_a_row_without_an_id_has_that_of_its_number() -> None:
    """So the same sheet has the same ids every time."""
    log = read(SAYS, {**SAYS, "id": "e7"}, SAYS).logs["talks"]

    assert [each.id for each in log] == ["row-2", "e7", "row-4"]


def test_a_row_may_name_its_negotiation() -> None:
    """A sheet may hold several; rows that name none are of the one that was given."""
    imported = read({**SAYS, "negotiation": "border"}, SAYS, {**SAYS, "negotiation": "water"})

    assert [*imported.logs] == ["border", "talks", "water"]


def test_a_row_of_no_negotiation_is_told() -> None:
    """Where neither the row nor the caller names one, there is none."""
    found = told({**SAYS, "negotiation": "talks"}, {**SAYS, "negotiation": " "}, negotiation=None)

    assert found == [
        "row 3, column negotiation: is missing; name the negotiation here, or for all rows"
    ]


def test_a_negotiation_that_is_none_is_not_missing() -> None:
    """What is wrong with it is told, and nothing else."""
    [line] = told({**SAYS, "negotiation": "\ud800"}, negotiation=None)

    assert line.startswith("row 2, column negotiation: holds a lone surrogate")


def test_a_negotiation_that_is_none_is_told_of_each_row_that_names_no_other() -> None:
    """With what it must be."""
    found = told(SAYS, {**SAYS, "negotiation": "border"}, negotiation="")

    assert found == ["row 2, column negotiation: must be an id, which is not empty"]


def test_what_a_retraction_takes_back_has_a_column_of_its_own() -> None:
    """`event` says what happened, so the field of that name stands under `data.event`."""
    retracted = event("EventRetracted", by="north", **{"data.event": "e1"})

    assert retracted == ng.EventRetracted(event="e1", by="north")


# What is not read


def test_rows_and_columns_of_remarks_are_not_read() -> None:
    """They begin with #, are not counted, and need not be right."""
    imported = read(
        {**SAYS, "#coder": "AB", "# to do": "check"}, {**SAYS, "event": "# no", "by": "a b"}
    )

    assert (imported.report.rows, imported.report.records, imported.aside) == (1, 1, ())


def test_empty_rows_are_not_read() -> None:
    """A mapping of empty cells is no row, and what is None is empty."""
    imported = read(SAYS, dict.fromkeys(SAYS, ""), dict.fromkeys(SAYS), {**SAYS, "text": None})

    assert imported.report.rows == 2
    assert [*map(str, imported.aside)] == ["row 5, column text: is missing; StatementMade needs it"]


# Times


@pytest.mark.parametrize(
    ("cell", "time", "precision"),
    [
        ("2025-04-20", DAY, "day"),
        (" 2025-04-20 ", DAY, "day"),
        ("\t2025-04-20\xa0\n", DAY, "day"),
        ("2025-04-20 00:00", DAY, None),
        ("2025-04-20 15:00", DAY + timedelta(hours=15), None),
        ("2025-04-20T15:00", DAY + timedelta(hours=15), None),
        ("2025-04-20 15:00:30", DAY + timedelta(hours=15, seconds=30), None),
        ("2025-04-20 15:00Z", DAY + timedelta(hours=15), None),
        ("2025-04-20 15:00 +03:00", DAY + timedelta(hours=12), None),
        ("2025-04-20T15:00:00Z", DAY + timedelta(hours=15), None),
        ("2025-04-20t15:00:00.5z", DAY + timedelta(hours=15, seconds=0.5), None),
        ("2025-04-20T15:00:00-05:30", DAY + timedelta(hours=20, minutes=30), None),
    ],
)
def test_times_are_written_in_three_ways(cell: str, time: datetime, precision: str | None) -> None:
    """A day alone is its first instant and known to the day; of others no precision is said."""
    found = record(time=cell)

    assert (found.time, found.precision) == (time, precision)


def test_the_precision_of_a_day_may_be_said() -> None:
    """What the column says stands; a day in another column says nothing of the record."""
    assert record(time="2025-04-01", precision="month").precision == "month"
    later = {"event": "TruceExtended", "truce": "t", "by": "n", "ends": "2025-04-21"}
    (extended,) = read({**later, "time": "2025-04-20 15:00"}).logs["talks"]
    assert extended.event == ng.TruceExtended(truce="t", by="n", ends=DAY + timedelta(days=1))
    assert extended.precision is None


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("03/04/2025", ("must be a time such as 2025-04-20, 2025-04-20 15:00 (in UTC) or "
         "2025-04-20T15:00:00+03:00, not str '03/04/2025'; of any other date it cannot be known "
         "which number is the month")),
        ("20.4.2025", "which number is the month"),
        ("2025-4-3", "which number is the month"),
        ("20 April 2025", "must be a time such as"),
        ("45767", "must be a time such as"),
        ("2025-02-30", "is no moment that exists: '2025-02-30' (day is out of range for month)"),
        ("2025-04-20 24:01", "is no moment that exists: '2025-04-20 24:01' (hour must be in"),
        ("0001-01-01T00:00:00+01:00", "lies outside the years 1 to 9999"),
        ("2025-04-20 15:00:00.1234567", ("must be a time such as 2025-04-20, 2025-04-20 15:00 (in "
         "UTC) or 2025-04-20T15:00:00+03:00, not str '2025-04-20 15:00:00.1234567'; the date is "
         "right, and what stands behind it is not: str ' 15:00:00.1234567'; a time is written "
         "09:05 or 09:05:30.123456, behind one space or T, and before Z, an offset or nothing")),
        ("2025-04-20 10:00 CET", "what stands behind it is not: str ' 10:00 CET'"),
        ("2025-04-20 9:05", "what stands behind it is not: str ' 9:05'"),
        ("2025-04-20T10", "what stands behind it is not: str 'T10'"),
        ("2025-04-20Z", "what stands behind it is not: str 'Z'"),
        ("2025-04-20\xa010:00", "what stands behind it is not: str '\\xa010:00'"),
        ("2025-04-201", "which number is the month"),
    ],
)  # fmt: skip
def test_any_other_time_is_told(cell: str, reason: str) -> None:
    """What could be read in two ways is refused, and so is what does not exist."""
    (line,) = told({**SAYS, "time": cell})

    assert line.startswith("row 2, column time: ")
    assert reason in line


def test_a_time_that_is_wrong_as_a_whole_has_no_hint() -> None:
    """Where the date does not exist either, nothing of it is right."""
    (line,) = told({**SAYS, "time": "2025-02-30 9:05"})

    assert line.endswith("not str '2025-02-30 9:05'")


KYIV: Final = ZoneInfo("Europe/Kyiv")


@pytest.mark.parametrize(
    ("cell", "zone", "time"),
    [
        ("2025-04-20", KYIV, DAY - timedelta(hours=3)),
        ("2025-04-20 15:00", KYIV, DAY + timedelta(hours=12)),
        ("2025-01-20 15:00", KYIV, datetime(2025, 1, 20, 13, tzinfo=UTC)),
        ("2025-04-20T15:00:00Z", KYIV, DAY + timedelta(hours=15)),
        # the day began at one, since the clock was changed at midnight
        ("2018-11-04", ZoneInfo("America/Sao_Paulo"), datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ],
)
def test_times_without_an_offset_are_of_one_zone(cell: str, zone: tzinfo, time: datetime) -> None:
    """A day begins there too, and summer time is kept."""
    assert record({"zone": zone}, time=cell).time == time


@pytest.mark.parametrize(
    ("cell", "reason", "offset"),
    [
        ("2025-03-30 03:30", "2025-03-30 03:30 is not there in Europe/Kyiv", "+02:00"),
        ("2025-10-26 03:30", "2025-10-26 03:30 is there twice in Europe/Kyiv", "+03:00"),
    ],
    ids=["spring", "autumn"],
)
def test_an_hour_that_is_not_there_once_is_told(cell: str, reason: str, offset: str) -> None:
    """When the clock is changed, an hour is skipped or comes twice; an offset says which."""
    (line,) = told({**SAYS, "time": cell}, zone=KYIV)

    assert reason in line
    written = f"{cell.replace(' ', 'T')}:00{offset}"
    assert line.endswith(f"write it with its offset, such as {written}")
    assert told({**SAYS, "time": written}, zone=KYIV) == []


def test_the_zone_is_told_where_a_time_is_wrong() -> None:
    """It is that of times without an offset."""
    (line,) = told({**SAYS, "time": "noon"}, zone=KYIV)

    assert "2025-04-20 15:00 (in Europe/Kyiv)" in line


def test_when_it_was_recorded_is_of_that_zone_too() -> None:
    """As every other time without an offset."""
    found = record({"zone": KYIV}, recorded="2025-04-21 09:30")

    assert found.recorded == datetime(2025, 4, 21, 6, 30, tzinfo=UTC)


def test_a_time_is_missing() -> None:
    """Every row says when it happened."""
    assert told({**SAYS, "time": ""}) == [
        "row 2, column time: is missing; it says when it happened"
    ]


# When it was recorded


def test_rows_are_recorded_in_their_order() -> None:
    """Without another word a row is recorded when it happened, or with the row above it."""
    log = read(
        {**SAYS, "time": "2025-04-20"},
        {**SAYS, "time": "2025-04-22"},
        {**SAYS, "time": "2025-04-21"},
        {**SAYS, "time": "2025-04-19", "recorded": "2025-04-23"},
        {**SAYS, "time": "2025-04-19"},
    ).logs["talks"]

    assert [each.recorded.day for each in log] == [20, 22, 22, 23, 23]


def test_a_row_that_was_recorded_too_early_is_told() -> None:
    """A log grows at its end; another negotiation has an order of its own."""
    found = told(
        {**SAYS, "time": "2025-04-22"},
        {**SAYS, "recorded": "2025-04-21"},
        {**SAYS, "recorded": "2025-04-21", "negotiation": "border"},
    )

    assert found == [
        ("row 3, column recorded: lies before 2025-04-22T00:00:00Z, when a row above was recorded; "
        "a log grows at its end")
    ]  # fmt: skip


# Lists, objects, values


@pytest.mark.parametrize(
    ("cell", "to"),
    [
        ("south", ("south",)),
        ("south; east", ("south", "east")),
        ("south ;east;", ("south", "east")),
    ],
    ids=["one", "two", "ended"],
)
def test_lists_have_semicolons(cell: str, to: tuple[str, ...]) -> None:
    """White space around a member is none of it, and one semicolon too many is no mistake."""
    made = event("ProposalMade", proposal="p", by="north", to=cell, terms="{}")

    assert made.to == to


def test_a_list_with_a_gap_is_told() -> None:
    """The error has the place in the list."""
    cells = {"event": "ProposalMade", "time": "2025-04-20", "proposal": "p", "terms": "{}"}
    found = told({**cells, "by": "north", "to": "south;;east"})

    assert found == ["row 2, column to: [1] must be a party's id, which is not empty"]


def test_fields_that_do_not_agree_are_told_beside_what_else_is_wrong() -> None:
    """One run tells what is wrong with the event, and with its record."""
    truce = {"event": "TruceDeclared", "time": "2031-05-01", "truce": "t1", "kind": "truce",
             "by": "north", "starts": "2031-05-09", "ends": "2031-05-08"}  # fmt: skip
    offer = {"event": "ProposalMade", "time": "soon", "proposal": "p1", "by": "north",
             "to": "north", "terms.price": "5"}  # fmt: skip
    columns = [line.split(":")[0] for line in told({**truce, "precision": "daily"}, offer)]

    assert columns == [
        "row 2, column ends", "row 2, column precision", "row 3, column time", "row 3, column to",
    ]  # fmt: skip
    assert [line.split(":")[0] for line in told({**truce, "by": "no body"})] == ["row 2, column by"]


def test_several_parties_where_one_acts_are_told() -> None:
    """Nobody is called north;south."""
    cells = {"event": "StatementMade", "time": "2025-04-20", "text": "yes"}

    assert told({**cells, "by": "north;south"}) == [
        "row 2, column by: must be one party, not str 'north;south'; give each a row of its own"
    ]


def test_a_list_with_commas_is_told() -> None:
    """Wherever there is a list; one member that holds a comma has a semicolon behind it."""
    cells = {"event": "ProposalMade", "time": "2025-04-20", "proposal": "p", "terms": "{}"}
    found = told({**cells, "by": "north", "to": "south,east", "visible_to": "north,south"})
    made = event("ProposalMade", proposal="p", by="north", to="south,east;", terms="{}")
    many = event("ProposalMade", proposal="p", by="north", to="south,east; west", terms="{}")

    assert found == [
        ("row 2, column to: must have semicolons between its members, not commas: str "
        "'south,east'; one member that holds a comma has a semicolon behind it"),
        ("row 2, column visible_to: must have semicolons between its members, not commas: str "
        "'north,south'; one member that holds a comma has a semicolon behind it"),
    ]  # fmt: skip
    assert made.to == ("south,east",)
    assert many.to == ("south,east", "west")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12), ("12.0", 12.0), ("-3", -3), ("true", True), ("null", None), ('"12"', "12"),
        ('{"a": [1]}', {"a": [1]}), ("[1, 2]", (1, 2)), ("open to talks", "open to talks"),
        ("TRUE", True), ("False", False), ('"TRUE"', "TRUE"), ("1,5", "1,5"),
        ("[sic] open", "[sic] open"), ('"a" and b', '"a" and b'),
        ("2025-04-20", "2025-04-20"), ("007", "007"), ("NaN", "NaN"), ("- none", "- none"),
    ],
)  # fmt: skip
def test_a_value_is_json_where_it_reads_as_json(cell: str, value: Any) -> None:
    """Numbers, true, false, null, text in quotes, lists and objects are; all else is text."""
    stated = event("PositionStated", by="north", issue="land", value=cell, firmness="open")
    terms = event("ProposalClarified", proposal="p", by="north", **{"terms.land": cell}).terms

    assert stated == ng.PositionStated(by="north", issue="land", value=value, firmness="open")
    assert terms == {"land": value}


def test_terms_have_columns_or_are_an_object() -> None:
    """A column for each term, one JSON object, or both."""
    made = event(
        "ProposalClarified", proposal="p", by="north", terms='{"days": 30}',
        **{"terms.price": "12", "terms.a.b": "x", "terms.none": ""},
    )  # fmt: skip

    assert made.terms == {"days": 30, "price": 12, "a.b": "x"}


def test_terms_that_are_no_object_are_told() -> None:
    """The error shows what would be, and where JSON goes wrong."""
    cells = {"event": "ProposalClarified", "time": "2025-04-20", "proposal": "p", "by": "north"}
    found = told(
        {**cells, "terms": "price: 12"},
        {**cells, "terms": '{"price": 12,}'},
        {**cells, "terms": '{"price": 12}', "terms.price": "13"},
        {**cells, "terms.price": '{"amount": '},
        {**cells},
    )

    assert found == [
        "row 2, column terms: must be a JSON object, such as {\"price\": 12}, not str 'price: 12'",
        ("row 3, column terms: begins as a JSON object does: is not JSON: Expecting property name "
        "enclosed in double quotes at character 14"),
        "row 4, column terms.price: stands in the column terms too",
        ("row 5, column terms.price: begins as a JSON object does: is not JSON: Expecting value at "
        "character 11"),
        "row 6, column terms: is missing; ProposalClarified needs it",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell", ["3,000", "about 3000", "3.0", "-", "+3", "²", "9" * 5_000],
    ids=["commas", "words", "fraction", "sign", "plus", "power", "endless"],
)  # fmt: skip
def test_a_count_is_digits(cell: str) -> None:
    """Commas, words and fractions are no whole number."""
    (line,) = told({**VIOLATED, "count": cell})

    assert line.startswith("row 2, column count: must be a whole number, such as 3000, in digits")


VIOLATED: Final = {
    "event": "TruceViolated", "time": "2025-04-20", "violation": "v", "truce": "t", "by": "north",
    "alleged_by": "south",
}  # fmt: skip


def test_a_claim_with_its_count() -> None:
    """A count is a whole number, with a qualifier or exact."""
    made = event("TruceViolated", **{k: v for k, v in VIOLATED.items() if k not in SAYS} | {
        "by": "north", "count": "3000", "qualifier": "about"})  # fmt: skip

    assert (made.count, made.qualifier) == (3000, "about")
    assert told({**VIOLATED, "count": "-1"}) == [
        "row 2, column count: must be a whole number of zero or more, not int -1"
    ]


# Mistakes


def test_no_word_is_guessed_that_means_something_else() -> None:
    """All that may stand there are listed, and only a misspelt one has its like proposed."""
    row = {"event": "ViolationAssessed", "time": "2031-05-01", "violation": "v1", "by": "north"}
    imported = sheet([{**row, "finding": "confirmed"}, {**row, "event": "TruceAccepted"}],
                     negotiation="talks")  # fmt: skip
    finding, event = (each.detail for each in imported.aside if each.column in ("finding", "event"))

    assert finding.endswith("'confirmed'; allowed: denied, refuted, unattributed, verified")
    assert "did you mean" not in event
    assert all(cls.__name__ in event for cls in ng.EVENTS)


def test_a_word_that_may_not_stand_there_is_told() -> None:
    """The error names the nearest, and all that may."""
    joined = {"event": "PartyJoined", "time": "2025-04-20", "party": "north"}
    found = told({**SAYS, "precision": "dya"}, {**joined, "role": "Principal"})

    assert found == [
        ("row 2, column precision: is no word that may stand here: 'dya'; did you mean 'day'? "
        "allowed: day, hour, instant, minute, month, week, year"),
        ("row 3, column role: is no word that may stand here: 'Principal'; did you mean "
        "'principal'? allowed: guarantor, mediator, monitor, observer, principal"),
    ]  # fmt: skip


def test_a_cell_that_the_event_does_not_have_is_told() -> None:
    """A field of another event is no field of this one."""
    found = told({**SAYS, "too": "", "terms.price": "12"}, {**SAYS, "reason": "fear"})

    assert found == [
        ("row 2, column terms.price: must be empty: StatementMade has no such field; allowed: "
        "about, by, text"),
        ("row 3, column reason: must be empty: StatementMade has no such field; allowed: "
        "about, by, text"),
    ]  # fmt: skip


def test_a_column_that_no_event_has_is_told_once() -> None:
    """Of the head, with what may be meant; a row that has something there is not read by halves."""
    imported = read({**SAYS, "txt": "a"}, {**SAYS, "txt": ""}, {**SAYS, "txt": "b"})

    assert imported.report.records == 1
    assert [*map(str, imported.aside[1:])] == [
        "row 2, column txt: holds str 'a', and is no column",
        "row 4, column txt: holds str 'b', and is no column",
    ]
    assert str(imported.aside[0]).startswith(
        "row 1, column txt: is no column of a sheet; did you mean 'text'? allowed: about, "
    )
    assert str(imported.aside[0]).endswith("one whose name begins with # is not read")


def test_a_row_with_nothing_but_a_remark_is_empty() -> None:
    """What stands in a column that is not read makes no row of it."""
    imported = read(SAYS, {**dict.fromkeys(SAYS, ""), "#coder": "AB"})

    assert (imported.report.rows, imported.report.records, imported.aside) == (1, 1, ())


def test_columns_that_are_missing_are_told() -> None:
    """All of them are, each with the nearest that is there, and nothing more is said."""
    found = sheet([{"evnt": "StatementMade", "by": "north"}])

    assert [*map(str, found.aside)] == [
        "row 1, column negotiation: is missing; allowed: by, evnt",
        "row 1, column event: is missing; did you mean 'evnt'? allowed: by, evnt",
        "row 1, column time: is missing; allowed: by, evnt",
    ]
    assert (found.report.rows, found.logs) == (0, {})


def test_a_seal_has_no_column() -> None:
    """Hashes are made by whatever keeps the log, and not by hand."""
    found = told({**SAYS, "hash": "a", "prevhash": "b"})

    assert [line.partition(": ")[0] for line in found] == [
        f"row {number}, column {name}" for number in (1, 2) for name in ("hash", "prevhash")
    ]


def test_a_mistake_is_counted_by_its_column_and_the_row_is_kept() -> None:
    """Rows that are wrong in the same column are alike; each stands with what it says."""
    rows = {**SAYS, "time": "soon"}, {**SAYS, "time": "later", "by": "a b"}
    imported = read(*rows)

    assert imported.report.aside == {"wrong time": 2, "wrong by": 1}
    assert [each.cells for each in imported.aside] == [rows[0], rows[1], rows[1]]


def test_everything_that_is_wrong_with_a_row_is_told_at_once() -> None:
    """In the order of the columns, and then the fields that are missing."""
    found = told(
        {
            "event": "DeadlineSet", "time": "soon", "by": "no rth", "on": "south;south",
            "due": "later", "speaker": "A\tB", "id": "a\nb",
        }
    )  # fmt: skip

    assert [line.partition(": ")[0] for line in found] == [
        "row 2, column time",
        "row 2, column by",
        "row 2, column on",
        "row 2, column due",
        "row 2, column speaker",
        "row 2, column id",
        "row 2, column deadline",
    ]


def test_what_does_not_go_together_is_told() -> None:
    """Each cell may be right, and the event wrong."""
    found = told(
        {**VIOLATED, "qualifier": "about"},
        {"event": "ProposalMade", "time": "2025-04-20", "proposal": "p", "by": "north",
         "to": "north", "terms": "{}"},
        {"event": "TruceDeclared", "time": "2025-04-20", "truce": "t", "by": "north",
         "kind": "truce", "starts": "2025-04-20", "ends": "2025-04-19"},
    )  # fmt: skip

    assert [line.partition(", ")[2].partition(";")[0] for line in found] == [
        "column qualifier: says how exact a count is",
        "column to: names its maker 'north'",
        "column ends: must lie after starts: 2025-04-19T00:00:00+00:00, 2025-04-20T00:00:00+00:00",
    ]


def test_an_id_that_is_taken_is_told() -> None:
    """Two rows of one id that say different things are a mistake; a second copy is none."""
    first = {**SAYS, "id": "e1"}
    imported = read(first, {**first, "text": "yes"}, first, {**first, "negotiation": "border"})

    assert [*map(str, imported.aside)] == [
        "row 3, column id: 'e1' is the id of row 2 too, which says something else"
    ]
    assert [len(log) for log in imported.logs.values()] == [1, 1]


def test_cells_are_text() -> None:
    """What a program puts into a row is refused, unless it is text."""
    assert told({**SAYS, "text": 12}, {**SAYS, "event": 7}, {**SAYS, "text": 0}) == [
        "row 2, column text: must be text, as in a file, not int 12",
        "row 3, column event: must be the name of an event, not int 7",
        "row 4, column text: must be text, as in a file, not int 0",
    ]


def test_rows_of_the_csv_module_are_read() -> None:
    """Rows that are not numbered count from 2; cells beyond the head are told."""
    content = (
        "event,time,by,text\nStatementMade,2025-04-20,north,no,more\nStatementMade,2025-04-20\n"
    )
    imported = sheet(csv.DictReader(io.StringIO(content)), negotiation="talks")

    assert [*map(str, imported.aside)] == [
        "row 2: must be text, as in a file, not a list",
        "row 3, column by: is missing; StatementMade needs it",
        "row 3, column text: is missing; StatementMade needs it",
    ]


def test_a_zone_is_a_time_zone() -> None:
    """Its name is refused."""
    with pytest.raises(ng.InvalidTime, match="zone must be a time zone, such as ZoneInfo"):
        sheet([SAYS], negotiation="talks", zone="Europe/Kyiv")  # type: ignore[arg-type]  # that is what is tested


def test_a_column_has_a_name() -> None:
    """What stands under anything but text is told of the row."""
    cells: Any = {**SAYS, 7: "what?"}
    imported = sheet([cells], negotiation="talks")

    assert [*map(str, imported.aside)] == ["row 2: holds str 'what?' in a column that has no name"]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(columns(ng.Model.default)) | st.sampled_from(["terms.price", "?", "#"]),
            st.sampled_from(["2025-04-20", "north", "a;b", "{", "[", '"', "1e9", "-", "12", "day"])
            | st.text(max_size=5),
            min_size=3,
        ),
        max_size=4,
    ),
    st.sampled_from(["StatementMade", "ProposalMade", "EventRetracted", "PositionStated"]),
)
def test_no_cell_makes_a_traceback(cells: list[dict[str, str]], kind: str) -> None:
    """Whatever stands in the cells, each row that is read becomes a record or is told."""
    given = [{"event": kind, "time": "2025-04-20", **each} for each in cells]
    imported = sheet(given, negotiation="talks")
    found = {each.row for each in imported.aside if each.reason != "unknown column"}

    assert imported.report.records + len(found) == imported.report.rows


def test_what_is_made_comes_row_by_row() -> None:
    """Each row is counted before what is made of it, and no more rows are read than are needed."""
    taken: list[int] = []

    def endless() -> Any:
        number = 1
        while True:
            number += 1
            taken.append(number)
            yield SAYS

    made = sheet_records(endless(), negotiation="talks")

    assert next(made) is READ
    assert isinstance(next(made), ng.Record)
    assert taken == [2]


def test_a_cell_may_be_text_of_another_class() -> None:
    """Whatever is text is read as such."""

    class Word(str):
        __slots__ = ()

    made = event("StatementMade", by=Word("north"), text=Word(" no "))

    assert made == ng.StatementMade(by="north", text="no")
    assert type(made.text) is str


# Events of a user's own


@ng.event
@attrs.frozen(kw_only=True)
class PrisonersExchanged:
    """Two parties exchange prisoners."""

    by: str
    between: tuple[str, ...]
    released: int
    since: datetime | None = None
    share: float = 0.0
    done: bool = False
    ages: list[int] = attrs.Factory(list)
    time: str | None = None
    about: ng.FrozenDict | None = None
    notes: list[dict[str, int]] = attrs.Factory(list)
    groups: list[list[int]] = attrs.Factory(list)


def _same(slice: Any, record: ng.Record) -> Any:
    return slice


MODEL: Final = ng.Model.default.extended(
    ng.Extension("prisoners", "org.example.prisoners-exchanged", PrisonersExchanged, None, _same)
)
EXCHANGED: Final = {
    "event": "PrisonersExchanged", "time": "2025-04-20", "by": "north", "between": "north; south",
    "released": "120",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["PrisonersExchanged", "org.example.prisoners-exchanged",
             "org.example.prisoners-exchanged.v1"],
)  # fmt: skip
def test_events_of_a_model_have_columns(name: str) -> None:
    """Their fields are read by their types; one of a name that is taken stands under `data.`."""
    imported = read(
        {**EXCHANGED, "event": name, "since": "2025-04-01", "share": "0.5", "done": "TRUE",
         "ages": "30; 40", "data.time": "noon", "about.place": "the bridge", "notes": '[{"a": 1}]',
         "groups": "[[1, 2], [3]]"},
        model=MODEL,
    )  # fmt: skip

    assert [*map(str, imported.aside)] == []
    assert imported.logs["talks"][0].event == PrisonersExchanged(
        by="north", between=("north", "south"), released=120,
        since=datetime(2025, 4, 1, tzinfo=UTC), share=0.5, done=True, ages=[30, 40], time="noon",
        about=ng.FrozenDict({"place": "the bridge"}), notes=[{"a": 1}],
        groups=[[1, 2], [3]],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("released", "many", "must be a whole number"),
        ("share", "half", "must be a number, such as 12 or 0.5, not str 'half'"),
        ("share", "true", "must be a number, such as 12 or 0.5, not str 'true'"),
        ("done", "yes", "must be true or false, not str 'yes'"),
        ("ages", "30; old", "must be a whole number"),
        ("since", "1/4/2025", "must be a time such as"),
        ("notes", '[{"a": "x"}]', "must be of type int, not str 'x'"),
        ("by", "no rth", "must be a party's id, which holds no white space: 'no rth'"),
        ("released", "", "is missing; PrisonersExchanged needs it"),
        ("text", "no", "must be empty: PrisonersExchanged has no such field"),
    ],
)
def test_mistakes_in_events_of_a_model_are_told(column: str, cell: str, reason: str) -> None:
    """They are told like those of any other event."""
    (line,) = told({**EXCHANGED, column: cell}, model=MODEL)

    assert line.startswith(f"row 2, column {column}: {reason}")


def test_an_event_of_a_model_may_refuse_as_a_whole() -> None:
    """What its class says of several fields together is told of the event."""

    @attrs.frozen(kw_only=True)
    class Odd:
        by: str
        text: str

        def __attrs_post_init__(self) -> None:
            raise ValueError("is odd")

    model = ng.Model.default.extended(ng.Extension("odd", "odd", Odd, None, _same))

    assert told({**SAYS, "event": "odd"}, model=model) == ["row 2, column event: is odd"]


def test_of_two_events_of_one_name_the_first_has_it() -> None:
    """The library's own stays what it was; the other goes by its wire type."""

    @attrs.frozen(kw_only=True)
    class StatementMade:
        by: str
        text: str

    model = ng.Model.default.extended(
        ng.Extension("said", "org.example.said", StatementMade, None, _same)
    )
    imported = read(SAYS, {**SAYS, "event": "org.example.said"}, model=model)

    assert [each.event for each in imported.logs["talks"]] == [
        ng.StatementMade(by="north", text="no"), StatementMade(by="north", text="no"),
    ]  # fmt: skip


@attrs.frozen
class Price:
    amount: float
    currency: str = "EUR"


@attrs.frozen(kw_only=True)
class Quoted:
    by: str
    price: Price


def test_the_members_of_what_is_nested_have_columns() -> None:
    """As those of any object; one that is missing is told."""
    model = ng.Model.default.extended(ng.Extension("q", "quoted", Quoted, None, _same))
    cells = {"event": "quoted", "time": "2025-04-20", "by": "north", "price.currency": "UAH"}
    imported = read({**cells, "price.amount": "12.5"}, cells, model=model)

    assert [each.event for each in imported.logs["talks"]] == [
        Quoted(by="north", price=Price(12.5, "UAH"))
    ]
    (line,) = map(str, imported.aside)
    assert line.startswith("row 3, column price: ")


@pytest.mark.parametrize("cell", ["\ud800", '"\ud800"', '{"a": "\ud800"}', '["\ud800'])
def test_half_a_character_is_told(cell: str) -> None:
    """A program that makes rows may hold one; no file does."""
    stated = {"event": "PositionStated", "time": "2025-04-20", "by": "north", "issue": "land"}
    (line,) = told({**stated, "firmness": "open", "value": cell})

    assert line.startswith("row 2, column value: ")


# The empty sheet


@pytest.mark.parametrize("model", [ng.Model.default, MODEL], ids=["default", "extended"])
def test_the_empty_sheet_is_empty(model: ng.Model) -> None:
    """It has every column, and all that it explains is not read."""
    found = rows(blank_sheet(model=model))

    assert tuple(found[0].cells) == columns(model)
    assert sheet(found, model=model).report == sheet([]).report


def test_the_columns_of_the_empty_sheet_stand_in_an_order_for_people() -> None:
    """What and when comes first, then the fields of the events, then where it is from."""
    head = columns(ng.Model.default)

    assert head[:7] == ("negotiation", "id", "event", "time", "precision", "party", "role")
    assert head[-10:] == (
        "data.event", "speaker", "reported_by", "report_url", "quote", "visible_to", "repeats",
        "correlation", "causation", "recorded",
    )  # fmt: skip


def test_the_example_of_the_empty_sheet_can_be_imported() -> None:
    """Without the # before their events, the rows of the example are right."""
    content = re.sub("# ([PT][a-z]+[A-Z])", r"\1", blank_sheet())
    imported = sheet(rows(content))

    assert [*map(str, imported.aside)] == []
    assert ng.check(imported.logs["talks"]) == ()
    assert [type(each.event).__name__ for each in imported.logs["talks"]] == [
        "PartyJoined",
        "ProposalMade",
        "ProposalRejected",
        "TruceDeclared",
        "TruceViolated",
    ]


def test_the_empty_sheet_explains_every_column() -> None:
    """It says of each what stands in it and which events have it, those of a model included."""
    what, which, *_ = rows(blank_sheet(model=MODEL))

    assert all(what.cells.values())
    assert all(which.cells.values())
    assert what.cells["role"] == "one of principal, mediator, guarantor, monitor, observer"
    assert what.cells["speaker"] == "The person who spoke for the acting party."
    assert what.cells["ages"] == "a whole number; several with ; between them"
    assert which.cells["to"] == "ProposalMade *"
    assert which.cells["expires"] == "ProposalMade"
    assert which.cells["released"] == "PrisonersExchanged *"
    assert what.cells["about"].startswith("an id / a JSON object")


@attrs.frozen(kw_only=True)
class PricesQuoted:
    """Prices are named, in lists of lists and lists of numbers."""

    by: str
    quotes: tuple[dict[str, int], ...] = ()
    tables: list[list[int]] = attrs.Factory(list)
    rates: tuple[float, ...] = ()
    places: frozenset[str] = frozenset()


QUOTED: Final = ng.Model.default.extended(
    ng.Extension("prices", "org.example.prices-quoted", PricesQuoted, None, _same)
)
PRICES: Final = {"event": "PricesQuoted", "time": "2025-04-20", "by": "north"}


def test_a_list_of_what_is_no_word_is_a_json_array() -> None:
    """The empty sheet says so, and a sheet is read so."""
    what, *_ = rows(blank_sheet(model=QUOTED))
    imported = read(
        {**PRICES, "quotes": '[{"a": 1}, {"b": 2}]', "tables": "[[1, 2], []]", "rates": "1; 0.5"},
        model=QUOTED,
    )

    assert what.cells["quotes"] == "a JSON array of JSON objects"
    assert what.cells["tables"] == "a JSON array of JSON arrays"
    assert what.cells["rates"] == "a number; several with ; between them"
    assert imported.logs["talks"][0].event == PricesQuoted(
        by="north", quotes=({"a": 1}, {"b": 2}), tables=[[1, 2], []], rates=(1.0, 0.5)
    )


def test_a_list_of_numbers_with_a_gap_is_told() -> None:
    """Nothing is no number."""
    assert told({**PRICES, "rates": "1;;2"}, model=QUOTED) == [
        "row 2, column rates: must be a number, such as 12 or 0.5, not str ''"
    ]


def test_a_list_in_place_of_an_array_is_told() -> None:
    """What does not read as JSON is text, and a text is no list."""
    assert told({**PRICES, "quotes": "a; b"}, model=QUOTED) == [
        "row 2, column quotes: must be a list, not str 'a; b'"
    ]


def test_a_set_has_a_column_and_can_be_written() -> None:
    """Its members have semicolons between them, and stand sorted on the line."""
    imported = read({**PRICES, "places": "west; east"}, model=QUOTED)
    made = imported.logs["talks"][0]
    line = ng.Codec(QUOTED).to_json(made)

    assert made.event == PricesQuoted(by="north", places=frozenset({"east", "west"}))
    assert line["data"] == {"by": "north", "places": ["east", "west"]}


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("negotiation", "all *"), ("time", "all *"), ("id", "all"), ("precision", "all"),
        ("quote", "all"), ("recorded", "all"), ("terms", "ProposalMade *, ProposalClarified *"),
        ("kind", "TruceDeclared *"), ("data.event", "EventRetracted *"),
    ],
)  # fmt: skip
def test_the_empty_sheet_says_which_events_need_a_column(column: str, words: str) -> None:
    """A * stands where it must be filled in, as the importer has it."""
    _, which, *_ = rows(blank_sheet())

    assert which.cells[column] == words


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("time", ("It is a time: 2025-04-20, 2025-04-20 15:00 or 2025-04-20T15:00:00+03:00; a day "
                  "alone is its first instant.")),
        ("recorded", "It is a time: 2025-04-20, 2025-04-20 15:00 or 2025-04-20T15:00:00+03:00."),
        ("precision", "It is one of instant, minute, hour, day, week, month, year."),
        ("visible_to", "parties' ids, with ; between them. Empty: it is public."),
        ("to", "parties' ids, with ; between them"),
        ("count", "a whole number from 0"),
        ("event", "TruceEnded, TruceViolated"),
        ("by", "of TruceViolated the accused, of TruceObserved who complied; a party's id"),
        ("ends", "of what lasts a whole day, the next day; a time: "),
    ],
)  # fmt: skip
def test_the_empty_sheet_says_what_a_cell_may_hold(column: str, words: str) -> None:
    """Its explanations are those of the cells that are read."""
    what, *_ = rows(blank_sheet())

    assert words in what.cells[column]
