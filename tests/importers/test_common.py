"""What all importers do alike: which rows they take, how these are numbered and counted."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import frozen

import negotiation as ng
from negotiation.importers.cameo_rows import cameo, cameo_records
from negotiation.importers.casino_dialogues import casino, casino_records
from negotiation.importers.ceasefire_rows import ceasefire_records, ceasefires
from negotiation.importers.common import READ, Imported, Made, Row, SetAside
from negotiation.importers.negmas_runs import negmas, negmas_records
from negotiation.importers.plover_records import plover, plover_records
from negotiation.importers.sheet_rows import sheet, sheet_records
from tests.importers.negmas_kit import run

CASINO: Final[Mapping[str, Any]] = {
    "dialogue_id": 7,
    "chat_logs": [
        {"id": by, "text": text, "task_data": {}}
        for by, text in (("ann", "hi"), ("ben", "hi"), ("ann", "Walk-Away"))
    ],
    "participant_info": {
        name: {"value2issue": {"High": "Water", "Medium": "Food", "Low": "Firewood"}}
        for name in ("ann", "ben")
    },
}
CAMEO: Final = {
    "Event ID": "1", "Event Date": "2030-05-01", "Source Name": "East", "Source Country": "East",
    "Event Text": "Make statement", "CAMEO Code": "010", "Target Name": "West",
    "Target Country": "West", "Story ID": "700", "Publisher": "Valley Post",
}  # fmt: skip
PLOVER: Final = {
    "id": "P-1", "date": "2030-05-01", "event": "REJECT", "eventText": "refused talks",
    "source": [{"actorText": "eastern envoys", "code": "EST"}],
    "target": [{"actorText": "the West", "code": "WST"}],
}  # fmt: skip
CEASEFIRE: Final = {
    "cc": 900, "cf_id": 7, "ucdp_actor_id": -1, "actor_name": "North",
    "cf_dec_yr": 2001, "cf_dec_month": 5, "cf_dec_day": 1,
    "cf_effect_yr": 2001, "cf_effect_month": 5, "cf_effect_day": 3,
    "end_yr": 2001, "end_month": 5, "end_day": 9,
}  # fmt: skip
SHEET: Final = {
    "negotiation": "talks", "event": "StatementMade", "time": "2025-04-20", "by": "north",
    "text": "no",
}  # fmt: skip


@frozen
class Source:
    """An importer, and what it takes.

    Attributes:
        importer: the importer.
        records: the same one by one.
        first: the number of the first row.
        row: a good row.
        negotiation: the one that it tells of.
        other: a row of which something is set aside.
        told: what is told of that.
    """

    importer: Callable[..., Imported]
    records: Callable[..., Iterator[Made]]
    first: int
    row: Mapping[str, Any]
    negotiation: str
    other: Mapping[str, Any]
    told: tuple[str, ...]


SOURCES: Final = (
    Source(
        casino, casino_records, 1, CASINO, "casino-7",
        {}, ("column participant_info: must be an object of two parties",),
    ),
    Source(
        negmas, negmas_records, 1, run(), "r",
        {}, ("column run: must be the name of the run, not nothing",),
    ),
    Source(
        plover, plover_records, 1, PLOVER, "plover-country-EST--WST",
        PLOVER | {"id": ""}, ("column id: is missing",),
    ),
    Source(
        cameo, cameo_records, 2, CAMEO, "cameo-country-East--West",
        CAMEO | {"Event ID": ""}, ("column Event ID: must be an id; there is none",),
    ),
    Source(
        ceasefires, ceasefire_records, 2, CEASEFIRE, "ceasefire-900-7",
        CEASEFIRE | {"cf_effect_yr": 0, "cf_effect_month": 0, "cf_effect_day": 0, "end_day": -1},
        (
            "column cf_effect_yr: there is no start",
            "column end_day: the end is not known to the day: 2001-05-?",
        ),
    ),
    Source(
        sheet, sheet_records, 2, SHEET, "talks",
        SHEET | {"event": ""}, ("column event: must be the name of an event, not nothing",),
    ),
)  # fmt: skip
"""All of them."""

each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda each: each.importer.__name__)


# Which rows they take


@each_source
@pytest.mark.parametrize(
    "rows",
    ["cv.json", b"{}", Path("cv.json"), None, 5, io.BytesIO(b"{}")],
    ids=["text", "bytes", "path", "nothing", "number", "file"],
)
def test_a_file_is_read_first(source: Source, rows: Any) -> None:
    """A path, a text or an open file are no rows, and it is said what reads them."""
    with pytest.raises(
        ng.DecodeError, match=r"must be rows, one behind the other, not .*json_rows"
    ):
        source.importer(rows)


@each_source
def test_a_single_row_is_no_rows(source: Source) -> None:
    """It stands in a list."""
    with pytest.raises(ng.DecodeError, match="not a dict; a single one stands in a list"):
        source.importer(source.row)


@each_source
@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (None, "must be an object, or a mapping of columns, not nothing"),
        (5, "must be an object, or a mapping of columns, not int 5"),
        ("hello", "must be an object, or a mapping of columns, not str 'hello'"),
        ([1], "must be an object, or a mapping of columns, not a list"),
        ({7: "what?"}, "must have columns with names, not int 7 in place of a name"),
    ],
    ids=["nothing", "number", "text", "list", "no name"],
)
def test_what_is_no_row_is_wrong(source: Source, cells: Any, reason: str) -> None:
    """It is set aside under its number, and the others are read."""
    first = source.first
    imported = source.importer([cells, source.row, cells, Row(41, cells)])

    assert [*imported.aside] == [
        SetAside(number, "no row", wrong=True, detail=reason) for number in (first, first + 2, 41)
    ]
    assert (imported.report.rows, imported.report.wrong) == (4, 3)
    assert [*imported.logs] == [source.negotiation]
    assert imported.logs == source.importer([Row(first + 1, source.row)]).logs


@each_source
def test_rows_keep_their_own_numbers(source: Source) -> None:
    """A `Row` is reported under its number, and each row is counted before what is made of it."""
    made = [*source.records([Row(41, source.other)])]

    assert [at for at, each in enumerate(made) if each is READ] == [0]
    assert [str(each) for each in made if isinstance(each, SetAside)] == [
        f"row 41, {told}" for told in source.told
    ]


# What is counted


def test_the_report_counts_records_by_their_events() -> None:
    """Every record of every dialogue, under the name of its event; and rows, and what is aside."""
    bye = {**CASINO, "dialogue_id": 8, "chat_logs": CASINO["chat_logs"][1:2]}
    report = casino([CASINO, bye, *[{**CASINO, "dialogue_id": True}] * 2]).report

    assert report.events == {
        "PartyJoined": 4, "PositionStated": 12, "StatementMade": 3, "PartyWithdrew": 1,
    }  # fmt: skip
    assert (report.rows, report.records) == (4, 20)
    assert (report.aside, report.wrong) == ({"malformed dialogue": 2}, 2)


def test_what_is_set_aside_without_further_words_is_told_by_its_reason() -> None:
    """An importer of one's own need not say more."""
    assert str(SetAside(3, "unknown date")) == "row 3: unknown date"
