"""Files as rows: what is read of tables and of JSON, and how whatever is wrong is told."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import negotiation as ng
from negotiation.importers import Row, SetAside, json_files, json_rows, table_rows
from negotiation.importers.files import Pieces
from negotiation.importers.json_files import ENTRY
from negotiation.importers.json_text import Broken, JsonText
from negotiation.importers.table_files import CELL, ROW


def table(content: str | bytes, **options: Any) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a table as numbers and cells."""
    raw = content.encode() if isinstance(content, str) else content
    return [(row.number, dict(row.cells)) for row in table_rows(io.BytesIO(raw), **options)]


def objects(content: str | bytes, **options: Any) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON with their numbers."""
    raw = content.encode() if isinstance(content, str) else content
    return [(row.number, dict(row.cells)) for row in json_rows(io.BytesIO(raw), **options)]


def told(read: Any, content: str | bytes, **options: Any) -> tuple[list[int], list[str]]:
    """The numbers of the rows that can be read, and what is told of the others."""
    aside: list[SetAside] = []
    rows = read(content, aside=aside.append, **options)
    assert all(each.wrong for each in aside)
    return [number for number, _ in rows], [str(each) for each in aside]


def refusal(read: Any, content: str | bytes, **options: Any) -> str:
    with pytest.raises(ng.DecodeError) as caught:
        read(content, **options)
    return str(caught.value)


class Endless(io.BytesIO):
    """A file with something very long in its middle, which is never in memory as a whole."""

    def __init__(self, before: bytes, fill: bytes, times: int, after: bytes) -> None:
        super().__init__()
        self.largest = 0
        self._pieces = iter([before, *[fill] * times, after])

    def read(self, size: int | None = -1) -> bytes:
        self.largest = max(self.largest, size or -1)
        return next(self._pieces, b"")


# Tables


def test_rows_are_numbered_as_in_a_spreadsheet() -> None:
    """The head is row 1, empty rows have a number and are left out, a row may have many lines."""
    content = 'id,text\n1,"two\nlines"\n\n,\n2,one\n'

    assert table(content) == [
        (2, {"id": "1", "text": "two\nlines"}),
        (5, {"id": "2", "text": "one"}),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "open"])
def test_lines_end_in_three_ways(end: str, last: bool) -> None:
    """LF, CRLF and CR end a line, and the last line may go without; inside quotes they are kept."""
    content = end.join(["id,text", f'1,"a{end}b"', "2,c"]) + end * last

    assert table(content) == [(2, {"id": "1", "text": f"a{end}b"}), (3, {"id": "2", "text": "c"})]


def test_a_byte_order_mark_is_skipped() -> None:
    """It is no part of the name of the first column, not even of one in quotes."""
    assert table(b'\xef\xbb\xbf"id",text\n1,a\n') == [(2, {"id": "1", "text": "a"})]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_the_head_tells_the_delimiter(mark: str) -> None:
    """It is whichever of four marks the head has most, or the one that is asked for."""
    content = f"id{mark}text{mark}note\n1{mark}a, b; c|d{mark}\n" if mark == "\t" else (
        f"id{mark}text{mark}note\n1{mark}a{mark}b\n"
    )  # fmt: skip
    (row,) = table(content)

    assert list(row[1]) == ["id", "text", "note"]
    assert table("a;b, c;d\n1;2;3\n") == [(2, {"a": "1", "b, c": "2", "d": "3"})]
    assert table("id;a\n1;2\n", delimiter=",") == [(2, {"id;a": "1;2"})]


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"], ids=["none", "two", "quote", "line"])
def test_a_delimiter_is_one_character(delimiter: str) -> None:
    """What cannot stand between cells is refused."""
    with pytest.raises(ng.Refused, match="must be one character"):
        table("a,b\n", delimiter=delimiter)


def test_a_table_is_read_from_a_path(tmp_path: Path) -> None:
    """A path may be text or a Path, and errors name the file."""
    path = tmp_path / "events.csv"
    path.write_text("id,text\n1,a\n2\n", encoding="utf-8")
    rows = table_rows(path)

    assert next(rows) == Row(2, {"id": "1", "text": "a"})
    with pytest.raises(ng.DecodeError, match=r"events\.csv: row 3: has 1 cell, and the head 2"):
        next(rows)
    assert next(table_rows(str(path))).number == 2


def test_a_file_stays_open() -> None:
    """Whoever opened a file closes it."""
    file = io.BytesIO(b"id\n1\n")

    assert len(list(table_rows(file))) == 1
    assert not file.closed


def test_what_was_read_is_told() -> None:
    """Progress is told in bytes, which add up to the size of the file."""
    content = b"id,text\n" + b"1,abc\n" * 30_000
    read: list[int] = []
    list(table_rows(io.BytesIO(content), progress=read.append))

    assert sum(read) == len(content)
    assert len(read) > 1
    assert 0 not in read


def test_columns_that_are_missing_are_named() -> None:
    """All of them are, each with the nearest that is there."""
    message = refusal(table, "idd,text\n", required=["id", "text", "speaker"])

    assert message == (
        "input: row 1: has no column 'id'; did you mean 'idd'? allowed: idd, text; "
        "has no column 'speaker'; allowed: idd, text"
    )


def test_a_head_of_one_column_hints_at_the_delimiter() -> None:
    """Where a table seems to have one column, another delimiter may be the reason."""
    assert refusal(table, "id:time\n1:2\n", required=["id"]).endswith("is another delimiter used?")


def test_the_name_of_a_column_is_kept_as_it_is_written() -> None:
    """But for the white space around it; capitals tell columns apart."""
    assert table("Id, Event Text ,id\n1,a,2\n") == [(2, {"Id": "1", "Event Text": "a", "id": "2"})]


def test_a_column_stands_there_once() -> None:
    """Two columns of one name are refused, since one of them would be lost."""
    assert refusal(table, "id,text, id\n") == "input: row 1: has the column 'id' twice"


def test_a_column_without_a_name_is_empty() -> None:
    """Spreadsheets leave empty columns; something in one of them is a mistake."""
    assert table("id,,\n1,,\n") == [(2, {"id": "1"})]
    assert table("id,,\n1, ,\u00a0\n") == [(2, {"id": "1"})]
    assert told(table, "id,text,\n1,a,x\n2,b,\n") == (
        [3], ["row 2, column number 3: holds str 'x', and the column has no name"],
    )  # fmt: skip


def test_cells_beyond_the_head_are_empty() -> None:
    """Commas at the end of a row are no mistake; something behind them is, and so is too little."""
    numbers, aside = told(table, "id,text\n1,a,, \n2,b,,c\n3\n4,d\n")

    assert numbers == [2, 5]
    assert aside == [
        ("row 3: has 4 cells, and the head 2; a cell that holds the delimiter stands in double "
        "quotes"),
        ("row 4: has 1 cell, and the head 2; a cell that holds a line end stands in double quotes"),
    ]  # fmt: skip


def test_where_double_quotes_mean_nothing_they_are_not_recommended() -> None:
    """A row of such a table that has too many cells, or too few, is told without them."""
    numbers, aside = told(table, "id\ttext\n1\ta\tb\n2\n3\td\n", plain_tabs=True)

    assert numbers == [4]
    assert aside == ["row 2: has 3 cells, and the head 2", "row 3: has 1 cell, and the head 2"]


@pytest.mark.parametrize(
    "row",
    [" , ", "\u00a0,", ',"\u2003 "', "\t,\t,\t", " ", '" \n",'],
    ids=["spaces", "no-break", "quoted", "more", "fewer", "lines"],
)
def test_a_row_of_nothing_but_white_space_is_empty(row: str) -> None:
    """It has a number and is left out, however many cells it has; what is in others is kept."""
    assert table(f"id,text\n{row}\n , a\n") == [(3, {"id": " ", "text": " a"})]


def test_a_head_of_nothing_but_white_space_is_none() -> None:
    """It is an empty row above the head."""
    assert table(" ; ;;;\nid;text\n1;a\n ; ;;;\n", delimiter=";") == [(3, {"id": "1", "text": "a"})]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [";", "\t", ",", "^"], ids=["semicolon", "tab", "comma", "other"])
def test_a_line_above_the_head_may_name_the_delimiter(mark: str, end: str) -> None:
    """Spreadsheets show it as no row, so it has no number."""
    content = f"sep={mark}{end}id{mark}text{end}1{mark}a{end}"

    assert table(content) == [(2, {"id": "1", "text": "a"})]
    assert table("\ufeffSEP" + content.removeprefix("sep")) == table(content)


def test_a_delimiter_that_is_asked_for_is_taken_before_one_that_is_named() -> None:
    """The line that names another is no row either."""
    assert table("sep=;\nid,a;b\n1,2\n", delimiter=",") == [(2, {"id": "1", "a;b": "2"})]


def test_a_line_that_names_a_delimiter_counts_as_a_line() -> None:
    """It is none of the rows, but one of the lines."""
    found = refusal(table, 'sep=,\nid,text\n1,a\n2,"b\n3,c\n')

    assert found == (
        "input: row 3, column text: begins with a double quote that is not closed; lines 4 to 5 "
        "cannot be read: is a double quote not closed?"
    )


@pytest.mark.parametrize("line", ["sep=", 'sep="', "sep=;;", "sep=a,b", "separator=;"])
def test_any_other_first_line_is_the_head(line: str) -> None:
    """One that names no delimiter, or more than one character, is one of columns."""
    assert table(f"{line}\n", delimiter="|", required=()) == []
    assert "has no column 'id'" in refusal(table, f"{line}\nid\n", required=["id"])


def test_a_table_that_names_its_delimiter_and_no_more_is_empty() -> None:
    """There is no head."""
    assert refusal(table, "sep=;\n").startswith("input: is empty; a table has a head")


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"PK\x03\x04 and so on", "a workbook such as .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1", "a workbook of an old kind"),
        (b"\x1f\x8b\x08", "compressed by gzip"),
        (b"%PDF-1.7", "a PDF document"),
        (b"SQLite format 3\x00", "a SQLite database"),
        ("id,text".encode("utf-16"), "in UTF-16"),
        (b"\xfe\xff" + "id,text".encode("utf-16-be"), "in UTF-16"),
        ("id,text".encode("utf-16-be"), "holds no text"),
        (b"\xfe\xff" + "id".encode("utf-16-be"), "in UTF-16"),
        ("id,text".encode("utf-32"), "in UTF-32"),
        (b"\x00\x00\xfe\xff" + "id".encode("utf-32-be"), "in UTF-32"),
        ("id,text".encode("utf-16-le"), "holds no text"),
        (b"id,te" + b"x" * 1_000 + b"\x00t\n", "holds no text"),
        (b'{"id": 1}', "is JSON"),
        (b"[1]", "is JSON"),
        (b"<html>", "is HTML or XML"),
        (b"", "is empty; a table has a head"),
        (b"\n\r\n,,\n", "is empty; a table has a head"),
    ],
    ids=["xlsx", "xls", "gzip", "pdf", "sqlite", "utf-16", "other utf-16", "no mark", "utf-16-be",
         "utf-32", "utf-32-be", "no mark either", "further on", "object", "array", "html",
         "empty", "blank"],
)  # fmt: skip
def test_a_file_of_another_kind_is_no_table(beginning: bytes, kind: str) -> None:
    """What a file is shows by how it begins, and the error says what would be right."""
    assert kind in refusal(table, beginning)


def test_what_is_not_utf_8_is_told_by_row_and_column() -> None:
    """Mixed encodings are found cell by cell, with the character that may have been meant."""
    content = "id,text,note\n1,café,\n".encode() + "2,café,naïve\n3,ok,\n".encode("latin-1")
    numbers, aside = told(table, content)

    assert numbers == [2, 4]
    assert aside == [
        (
            "row 3, column text: holds the byte 0xE9, which is not UTF-8 (in Windows-1252 "
            "it would be 'é'); save the file as UTF-8"
        ),
        (
            "row 3, column note: holds the byte 0xEF, which is not UTF-8 (in Windows-1252 "
            "it would be 'ï'); save the file as UTF-8"
        ),
    ]


def test_what_is_not_utf_8_is_found_in_every_line_of_a_row() -> None:
    """A row may have many lines."""
    numbers, aside = told(table, b'id,text\n1,"a\nb\ncaf\xe9"\n2,c\n')

    assert numbers == [3]
    assert [line.partition(":")[0] for line in aside] == ["row 2, column text"]


def test_a_byte_may_have_been_meant_for_windows() -> None:
    """Where Windows-1252 and Latin-1 differ, it is the former that people have."""
    _, (line,) = told(table, b"id,text\n1,12 \x80\n")

    assert "0x80, which is not UTF-8 (in Windows-1252 it would be '€')" in line


def test_whatever_is_wrong_with_rows_is_counted_alike() -> None:
    """By its reason, in tables and in JSON."""
    aside: list[SetAside] = []
    rows = f'1\n1,"a"b,\n1,a,b\n1,\xe9,\n1,{"x" * (CELL + 1)},\n1,{"x" * (ROW + 1)},\n'
    list(table_rows(io.BytesIO(f"id,text,\n{rows}".encode("latin-1")), aside=aside.append))
    wrong = b'{"a": x}\n{"a": "\xe9"}\n{"a": "' + b"x" * ENTRY + b'"}'
    list(json_rows(io.BytesIO(wrong), aside=aside.append))

    assert [(each.row, each.reason) for each in aside] == [
        (2, "malformed row"), (3, "malformed row"), (4, "malformed row"), (5, "not UTF-8"),
        (6, "too long"), (7, "too long"), (1, "malformed JSON"), (2, "malformed JSON"),
        (3, "too long"),
    ]  # fmt: skip


def test_a_row_that_is_set_aside_is_shown() -> None:
    """Its cells are kept and show what is not UTF-8; where all were read there is no text."""
    aside: list[SetAside] = []
    list(table_rows(io.BytesIO(b"id,text\n1,caf\xe9\n"), aside=aside.append))

    assert [(each.reason, each.cells, each.text) for each in aside] == [
        ("not UTF-8", {"id": "1", "text": "caf\\xe9"}, None)
    ]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ('1,"a"b,c', '1,"a"b,c'),
        ("1,a,b,c,\u00e9", "1,a,b,c,é"),
        ("1", "1"),
        ('1,"a\n\nb"', '1,"a\n\nb"'),
        ('1,a,"b', '1,a,"b'),
        (b"1,caf\xe9,b,c".decode("latin-1"), "1,café,b,c"),
        ("1," + "x" * 131_073 + ",b", "1," + "x" * 99_997 + "…"),
        ("1," + "x" * 2_000_000 + ",b", "1," + "x" * 99_997 + "…"),
        ("," * 99_999 + "x", "," * 99_999 + "x"),
        ("," * 100_000 + "x", "," * 99_999 + "…"),
    ],
    ids=["quotes", "more", "fewer", "lines", "open", "encoding", "long cell", "long row", "fits",
         "cut"],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "\r\n"], ids=["open", "ended"])
def test_a_row_that_cannot_be_read_is_kept_as_text(row: str, text: str, end: str) -> None:
    """Its lines are, without the last line end, and cut where there are more than 100,000."""
    aside: list[SetAside] = []
    content = f"id,text,note\n{row}{end}"
    list(table_rows(io.BytesIO(content.encode()), aside=aside.append))

    assert [each.text for each in aside] == [text]
    assert len(text) <= 100_000


def test_what_is_not_utf_8_can_be_seen_in_the_text_of_a_row() -> None:
    """Its bytes are shown, as in the cells."""
    aside: list[SetAside] = []
    list(table_rows(io.BytesIO(b'id,text\n1,"caf\xe9"b\n'), aside=aside.append))

    assert [each.text for each in aside] == ['1,"caf\\xe9"b']


def test_the_text_of_a_row_is_kept_beside_its_cells() -> None:
    """What stands in columns without a name, or behind the last column, is in no cell."""
    aside: list[SetAside] = []
    content = b"id,,\n1,a,b\n2,,,c\n3\n"
    list(table_rows(io.BytesIO(content), aside=aside.append))

    assert [(each.cells["id"], each.text) for each in aside] == [
        ("1", "1,a,b"), ("2", "2,,,c"), ("3", "3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('1,"a"b', "column text: goes on behind its closing double quote"),
        ('"1" ,a', "column id: goes on behind its closing double quote"),
        ('"1",a,"b""', "column note: begins with a double quote that is not closed"),
    ],
    ids=["behind", "blank", "open"],
)
def test_quotes_that_do_not_match_are_told(row: str, reason: str) -> None:
    """A row whose quotes do not match is told by its column, and the row above it is read."""
    numbers, aside = told(table, f"id,text,note\n0,a,b\n{row}\n")

    assert numbers == [2]
    assert len(aside) == 1
    assert aside[0].startswith(f"row 3, {reason}")


def test_rows_below_a_malformed_one_are_read() -> None:
    """The next line is a row of its own."""
    assert told(table, 'id,text\n1,"a"b\n2,c\n')[0] == [3]


def test_whatever_else_the_csv_module_refuses_is_told() -> None:
    """Its own limit, which is anybody's to lower, is told in its own words."""
    before = csv.field_size_limit(5)
    try:
        numbers, aside = told(table, "id,text\n1,abcdefgh\n2,b\n")
    finally:
        csv.field_size_limit(before)

    assert numbers == [3]
    assert aside == ["row 2, column text: is malformed: field larger than field limit (5)"]


# What is too long


@pytest.mark.parametrize("quote", ["", '"'], ids=["bare", "quoted"])
@pytest.mark.parametrize("size", [CELL + 1, ROW + 1], ids=["cell", "row"])
def test_a_cell_that_is_too_long_is_told(quote: str, size: int) -> None:
    """It is told by row and column, and the rows below it are read."""
    content = f"id,text\n1,a\n2,{quote}{'x' * size}{quote}\n3,b\n"
    numbers, aside = told(table, content)

    assert numbers == [2, 4]
    assert aside == [
        "row 3, column text: has more than the 131,072 characters that are read of a cell"
    ]


def test_a_cell_may_be_as_long_as_it_may() -> None:
    """And no longer."""
    assert told(table, f"id,text\n1,{'x' * CELL}\n2,{'x' * (CELL + 1)}\n")[0] == [2]


def test_a_row_of_many_lines_that_is_too_long_is_an_error() -> None:
    """Its lines may be rows, which must not be lost without a word, whoever is told."""
    message = refusal(table, 'id,text\n1,"' + "abc\n" * 60_000 + '"\n2,b\n', aside=[].append)

    assert message == (
        "input: row 2, column text: has more than the 131,072 characters that are read of a cell; "
        "lines 2 to 60002 cannot be read: is a double quote not closed?"
    )


def test_the_lines_of_a_row_that_is_too_long_are_counted_to_its_end() -> None:
    """Lines that are longer than a piece count once."""
    long = "x" * (ROW + 1)
    message = refusal(table, f'id,text\n1,"{long}\n{long}\nx"\n2,b\n', aside=[].append)

    assert "; lines 2 to 4 cannot be read" in message


def test_a_row_of_many_cells_may_be_too_long() -> None:
    """A row has a limit of its own, which is told of the row."""
    names = [f"c{index}" for index in range(20)]
    content = ",".join(names) + "\n" + ",".join(["x" * 60_000] * 20) + "\n" + "," * 18 + "y,z\n"
    numbers, aside = told(table, content)

    assert numbers == [3]
    assert aside == ["row 2: has more than the 1,048,576 characters that are read"]


def test_the_limit_of_a_cell_is_the_librarys_own() -> None:
    """Whoever raises the limit of the csv module does not change what is read here."""
    before = csv.field_size_limit(10 * ROW)
    try:
        long = told(table, f"id,text\n1,{'x' * (CELL + 1)}\n2,b\n")
        many = told(table, f"id,text\n{'1' * 70_000},{'x' * 70_000}\n")
    finally:
        csv.field_size_limit(before)

    assert long == (
        [3], ["row 2, column text: has more than the 131,072 characters that are read of a cell"],
    )  # fmt: skip
    assert many == ([2], [])


def test_a_head_that_is_too_long_is_an_error() -> None:
    """Without a head nothing can be read, whoever is told."""
    aside: list[SetAside] = []
    message = refusal(table, "x" * (ROW + 1) + "\n1\n", aside=aside.append)

    assert message.startswith("input: row 1, column number 1: has more than")
    assert aside == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('"b\n3,c\n', "begins with a double quote that is not closed; lines 3 to 4 cannot"),
        ('"b\n3,c\n4,d\n', "begins with a double quote that is not closed; lines 3 to 5 cannot"),
        ('"b\n3,c\n4,"d"\n5,e\n', "goes on behind its closing double quote"),
        ('"b\n' + "3,c\n" * 300_000, "has more than the 131,072 characters that are read"),
    ],
    ids=["over the last", "to the end", "to another quote", "too long"],
)  # fmt: skip
def test_a_quote_that_is_not_closed_is_an_error(rows: str, message: str) -> None:
    """The rows below it would be lost, so it is no mistake of one row, whoever is told."""
    found = refusal(table, "id,text\n1,a\n2," + rows, aside=[].append)

    assert found.startswith(f"input: row 3, column text: {message}")
    assert found.endswith("cannot be read: is a double quote not closed?")


def test_double_quotes_may_mean_nothing_where_tabs_stand_between_cells() -> None:
    """They are read as they stand, and a row ends with its line, however long it is."""
    content = f'id\ttext\n1\t"Abu" Foo\n2\t"b\n3\t"{"x" * (ROW + 1)}\n4\td\n'
    rows = table(content, plain_tabs=True, aside=[].append)

    assert rows == [
        (2, {"id": "1", "text": '"Abu" Foo'}), (3, {"id": "2", "text": '"b'}),
        (5, {"id": "4", "text": "d"}),
    ]  # fmt: skip
    assert table('id,text\n1,"a"\n', plain_tabs=True) == [(2, {"id": "1", "text": "a"})]


def test_what_is_to_be_done_where_a_column_is_missing_may_be_given() -> None:
    """It is told in place of the names that are nearest."""
    message = refusal(table, "id,text\n", required={"id": "", "time": "write the time"})

    assert message == "input: row 1: has no column 'time'; write the time"


# What is in memory


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """No more than so much memory is taken at once."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("fill", [b"x" * 65_536, b'""' * 32_768], ids=["one line", "quotes"])
def test_of_a_cell_however_long_little_is_in_memory(fill: bytes) -> None:
    """Of forty megabytes in one cell, which are read in pieces, there are never more than a few."""
    file = Endless(b'id,text\n1,"', fill, 640, b'"\n2,b\n')
    aside: list[SetAside] = []

    with at_most(16):
        assert [row.number for row in table_rows(file, aside=aside.append)] == [3]
    assert [each.place for each in aside] == ["row 2, column text"]
    assert 0 < file.largest <= 1 << 16


def test_of_a_head_however_long_little_is_in_memory() -> None:
    """A file of one line is refused before all of it has been read."""
    with at_most(16), pytest.raises(ng.DecodeError, match="row 1, column number 1: has more than"):
        list(table_rows(Endless(b"x", b"x" * 65_536, 640, b"\n")))


def test_of_an_object_however_long_little_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies beyond the limit is dropped while it is read."""
    monkeypatch.setattr(json_files, "ENTRY", 1 << 20)
    file = Endless(b'[{"a": "', b"x" * 65_536, 640, b'"}, {"a": 3}]')

    with at_most(8):
        assert [row.number for row in json_rows(file, aside=list[SetAside]().append)] == [2]


@pytest.mark.parametrize(
    ("read", "before", "row", "after"),
    [
        (table_rows, b"id,text\n", b"1," + b"x" * 4_000 + b"\n", b""),
        (json_rows, b"[", b'{"id": "' + b"x" * 4_000 + b'"},', b"{}]"),
    ],
    ids=["table", "JSON"],
)
def test_of_a_file_of_many_rows_few_are_in_memory(
    read: Any, before: bytes, row: bytes, after: bytes
) -> None:
    """However many there are."""
    with at_most(2):
        assert sum(1 for _ in read(Endless(before, row * 16, 200, after))) >= 3_200


# What cannot be opened or read


@pytest.mark.parametrize("read", [table_rows, json_rows], ids=["table", "JSON"])
def test_what_is_no_file_is_unreadable(read: Any, tmp_path: Path) -> None:
    """Whatever cannot be read as bytes is told, with the name of the file."""

    class Broken(io.RawIOBase):
        name = "broken"

        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    closed = io.BytesIO()
    closed.close()
    for source, message in (
        (tmp_path / "nowhere", "nowhere: cannot be read: No such file or directory"),
        (tmp_path, "cannot be read: Is a directory"),
        ("", "the path '' is empty"),
        ("a\0b", "a\0b: cannot be read: embedded null byte"),
        (7, "must be a path, or a binary file that is open for reading, not int 7"),
        (io.StringIO("id\n"), ("input: must be a path, or a binary file that is open for reading "
                              "bytes, not text")),
        (Broken(), "broken: cannot be read: Input/output error"),
        (closed, "input: cannot be read: I/O operation on closed file"),
    ):  # fmt: skip
        with pytest.raises(ng.Unreadable) as caught:
            list(read(source))
        assert message in str(caught.value)


# JSON


@pytest.mark.parametrize(
    "content",
    [
        '[{"id": 1}, {"id": 2, "in": [{"a": "]}"}, {}]}]',
        '\n [ {"id": 1}\n,{"id": 2, "in": [{"a": "]}"}, {}]}\n]\n',
        '{"id": 1}\n{"id": 2, "in": [{"a": "]}"}, {}]}\n',
        '\ufeff{"id": 1}{"id": 2, "in": [{"a": "]}"}, {}]}',
    ],
    ids=["array", "spaced", "lines", "marked"],
)
def test_objects_stand_in_an_array_or_one_behind_the_other(content: str) -> None:
    """Both are read alike, numbered from 1, with white space wherever JSON has it."""
    assert objects(content) == [(1, {"id": 1}), (2, {"id": 2, "in": [{"a": "]}"}, {}]})]


def test_of_members_of_one_name_the_last_counts() -> None:
    """As most readers of JSON have it."""
    assert objects('{"a": 1, "a": 2}') == [(1, {"a": 2})]


def test_an_array_may_be_empty() -> None:
    """No objects are no mistake."""
    assert objects(" [ ] ") == []


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class _Dribbling(io.BytesIO):
    """A file that gives a few bytes at a time, so that pieces end anywhere."""

    def __init__(self, content: bytes, piece: int) -> None:
        super().__init__(content)
        self._piece = piece

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._piece)


@given(
    st.lists(st.dictionaries(st.text(), _VALUES, max_size=4), max_size=4),
    st.booleans(),
    st.integers(1, 9),
    st.sampled_from([None, 1]),
)
@example([{"a": 'b\\"c[{'}], True, 1, None)
def test_whatever_json_holds_is_read(
    values: list[dict[str, Any]], in_array: bool, piece: int, indent: int | None
) -> None:
    """Wherever the pieces of a file end, its objects are those that were written."""
    lines = [json.dumps(value, indent=indent, ensure_ascii=False) for value in values]
    content = f"[{','.join(lines)}]" if in_array else "\n".join(lines)
    if not content:
        return
    rows = json_rows(_Dribbling(content.encode(), piece))

    assert [row.cells for row in rows] == values


def test_behind_a_word_in_an_array_stands_a_comma() -> None:
    """As behind an object; where a row begins cannot be told otherwise."""
    aside: list[SetAside] = []

    with pytest.raises(ng.DecodeError, match=re.escape("a comma or ] must follow, not {")):
        list(json_rows(io.BytesIO(b'[null {"id": 1}]'), aside=aside.append))
    assert [*map(str, aside)] == ["row 1: must be an object, not null"]


@pytest.mark.parametrize("word", ["null", "true", "-12.5e3", "NaN", "0"])
@pytest.mark.parametrize("form", ["[{},{},{}]", "[ {} , {}\n, {} ]", "{}\n{}\n{}\n"])
@pytest.mark.parametrize("piece", [1, 5, 99])
def test_a_word_in_place_of_an_object_is_set_aside(word: str, form: str, piece: int) -> None:
    """It holds no others, so those behind it are read."""
    parts = ['{"id": 1}', word, '{"id": 3}']
    content = re.sub("{}", lambda _: parts.pop(0), form)
    aside: list[SetAside] = []
    rows = [*json_rows(_Dribbling(content.encode(), piece), aside=aside.append)]

    assert [(row.number, row.cells) for row in rows] == [(1, {"id": 1}), (3, {"id": 3})]
    assert [(str(each), each.reason, each.text) for each in aside] == [
        (f"row 2: must be an object, not {word}", "no row", word)
    ]
    with pytest.raises(ng.DecodeError, match=f"row 2: must be an object, not {word}"):
        list(json_rows(_Dribbling(content.encode(), piece)))


@given(
    st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=2), max_size=5), st.integers(1, 9)
)
@example([["\r", '"\n'], ["\ufeff", ","]], 1)
def test_whatever_a_table_holds_is_read(cells: list[list[str]], piece: int) -> None:
    """Wherever the pieces of a file end, its cells are those that the csv module wrote."""
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *cells])
    rows = table_rows(_Dribbling(written.getvalue().encode(), piece))

    assert [list(row.cells.values()) for row in rows] == [
        row for row in cells if any(cell.strip() for cell in row)
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "input: is empty; such a file begins with [ or {"),
        ("  \n", "input: is empty; such a file begins with [ or {"),
        ("id,text\n", "input: is no JSON of objects; such a file begins with [ or {"),
        (b"PK\x03\x04", ("input: is a workbook such as .xlsx, or another ZIP archive; save it as "
                        "JSON in UTF-8")),
        ('{"id": 1}'.encode("utf-16"), "input: is in UTF-16; save it as JSON in UTF-8"),
        ('{"id": 1}'.encode("utf-32"), "input: is in UTF-32; save it as JSON in UTF-8"),
        ("[nul]", "input: row 1: is not JSON; the objects below cannot be told from it"),
        ("[nul", "input: row 1: the file ends in the middle of it"),
        ("[[1]]", "input: an object must follow, not ["),
        ("[, {}]", "input: an object must follow, not ,"),
        ('[{"id": 1}, "é"]', 'input: behind row 1: an object must follow, not "'),
        ('{"id": 1}, {}', "input: behind row 1: an object must follow, not ,"),
        ('[{"id": 1} {}]', "input: behind row 1: a comma or ] must follow, not {"),
        ('[{"id": 1},]', "input: behind row 1: an object must follow, not ]"),
        ('[{"id": 1}', "input: behind row 1: an object must follow, not the end of the file"),
        ('[{"id": 1}, ', "input: behind row 1: an object must follow, not the end of the file"),
        ("[", "input: an object must follow, not the end of the file"),
        ("[]]", "input: the array ends, and more follows"),
        ('[{"id": 1}, {"text": "a', "input: row 2, column text: the file ends in the middle of it"),
        ('{"id": 1}\n{', "input: row 2: the file ends in the middle of it"),
        ('{}{"text": "a\\', "input: row 2, column text: the file ends in the middle of it"),
        ('{}}', "input: behind row 1: an object must follow, not }"),
        ('{"id": "\\', "input: row 1, column id: the file ends in the middle of it"),
    ],
)  # fmt: skip
def test_what_is_no_json_of_objects_is_refused(content: str | bytes, message: str) -> None:
    """Where the objects themselves cannot be told apart, nothing more is read."""
    aside: list[SetAside] = []

    assert refusal(objects, content, aside=aside.append) == message
    assert aside == []


LOST: Final = "the objects below cannot be told from it"
OPEN: Final = f"a text goes on over the end of its line; {LOST}: is a double quote not closed?"


def test_a_double_quote_too_many_is_an_error() -> None:
    """The objects up to another would be lost, so it is no mistake of one row, whoever is told."""
    lines = [f'{{"id": {number}, "text": "a"}}\n' for number in range(1, 13)]
    lines[2] = '{"id": 3, "text": "5" pipe "}\n'
    lines[9] = '{"id": 10, "text": "5" pipe "}\n'

    assert refusal(objects, "".join(lines), aside=[].append) == f"input: row 3, column text: {OPEN}"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(
    "content",
    [
        '[{"a": 1}, {"b": "x!"}, {"a": 3}]', '{"a": 1}!{"b": {"c": [{}, "x!"]}}!{"a": 3}!',
        '{"a": 1}{"b": "x\\!"}', '{"a": 1}{"b": "x\\"!', '{"a": 1}{"b": "\\\\x\\\\!',
    ],
    ids=["array", "lines", "escaped", "behind a quote", "behind a backslash"],
)  # fmt: skip
@pytest.mark.parametrize("piece", [1, 1 << 16], ids=["bit by bit", "at once"])
def test_a_text_ends_in_its_line(content: str, end: str, piece: int) -> None:
    """A line end inside of it is never JSON, wherever the pieces of the file end."""
    file = _Dribbling(content.replace("!", end).encode(), piece)
    aside: list[SetAside] = []
    with pytest.raises(ng.DecodeError) as caught:
        list(json_rows(file, aside=aside.append))

    assert str(caught.value) == f"input: row 2, column b: {OPEN}"


@pytest.mark.parametrize(
    ("wrong", "place", "reason"),
    [
        ('{"a": [}]}', "row 2, column a", "} stands where ] must close what is open"),
        ('{"a": 1, "b": {"c": [{}, 2}}', "row 2, column b", "} stands where ] must close what is"),
        ('{"b": {"c": 2]}', "row 2, column b", "] stands where } must close what is open"),
        ("{]", "row 2", "] stands where } must close what is open"),
    ],
    ids=["crossed", "array", "object", "outermost"],
)
@pytest.mark.parametrize("form", ["[{{}}, {}, {{}}]", "{{}}\n{}\n{{}}\n"], ids=["array", "lines"])
def test_brackets_of_two_kinds_do_not_match(wrong: str, place: str, reason: str, form: str) -> None:
    """Where one of a kind closes one of another, nothing more is read, whoever is told."""
    found = refusal(objects, form.format(wrong), aside=[].append)

    assert found.startswith(f"input: {place}: {reason}")
    assert found.endswith(f"; {LOST}")


UNREAD: Final[dict[str, tuple[bytes, str]]] = {
    "NaN": (b'{"a": 1, "b": NaN}', "column b: is not JSON that can be read: "),
    "large": (b'{"a": 1e999}', "is not JSON that can be read: Number out of range"),
    "encoding": (b'{"a": "caf\xe9"}', "column a: holds the byte 0xE9, which is not UTF-8"),
    "deep": (
        b'{"a": [{"b": -1.5e3}, {}, [], "x", true, '
        + b"[" * 5000
        + b"]" * 5000
        + b', null], "c": 2}',
        "is not JSON that can be read: it nests too deep",
    ),
}
MALFORMED: Final[dict[str, tuple[bytes, str]]] = {
    "word": (b'{"a": 1, "b": nope}', "column b: is not JSON: Expecting value"),
    "comma": (b'{"a": {"c": 1,}, "b": 2}', "column a: is not JSON: "),
    "name": (b"{1}", "is not JSON: Expecting property name"),
    "quotes": (b'{"a": 1, "b": "5" pipe "6" x}', "column b: is not JSON: Expecting"),
    "encoding too": (b'{"caf\xe9": 1, "b": "\xe9" "c"}', "column b: is not JSON: Expecting"),
    "tab": (b'{"a": "x\ty"}', "column a: is not JSON: Invalid control character"),
    "escape": (b'{"a": "\\q"}', "column a: is not JSON: Invalid"),
}


@pytest.mark.parametrize("form", [b'[{"a": 0}, %b, {"a": 2}]', b'{"a": 0} %b {"a": 2}',
                                  b'{"a": 0}\n%b\n{"a": 2}\n'],
                         ids=["array", "row", "lines"])  # fmt: skip
@pytest.mark.parametrize("case", UNREAD)
def test_a_well_formed_object_that_cannot_be_read_is_told(case: str, form: bytes) -> None:
    """It is told by row and member, and the objects behind it are read, wherever it stands."""
    wrong, message = UNREAD[case]
    numbers, aside = told(objects, form % wrong)

    assert numbers == [1, 3]
    assert len(aside) == 1
    assert aside[0].removeprefix("row 2").lstrip(":, ").startswith(message)


@pytest.mark.parametrize(
    "form",
    [b'{"a": 0}\n%b\n{"a": 2}\n', b'{"a": 0}\r\n\t%b \t\r\n{"a": 2}', b'{"a": 0}\r%b\r{"a": 2}\r'],
    ids=["LF", "CRLF", "CR"],
)
@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_line_is_told(case: str, form: bytes) -> None:
    """Where a malformed object has a line of its own, the lines behind it are read."""
    wrong, message = MALFORMED[case]
    numbers, aside = told(objects, form % wrong)

    assert numbers == [1, 3]
    assert len(aside) == 1
    assert aside[0].removeprefix("row 2").lstrip(":, ").startswith(message)


@pytest.mark.parametrize("content", [b"{x}\n{}\n", b"{}\n{x}", b"\xef\xbb\xbf {x}"])
def test_a_malformed_line_may_be_the_first_or_the_last(content: bytes) -> None:
    """The file begins a line and ends one, so that such a line is set aside there too."""
    assert len(told(objects, content)[1]) == 1


@pytest.mark.parametrize(
    "form",
    [
        b'[{"a": 0}, %b, {"a": 2}]', b'[\n{"a": 0},\n%b\n,\n{"a": 2}\n]',
        b'{"a": 0} %b\n{"a": 2}\n', b'{"a": 0}\n%b {"a": 2}\n', b'%b{"a": 2}\n',
        b'[{"a": 0},\n%b]',
    ],
    ids=["array", "lines of an array", "behind another", "before another", "first", "last"],
)  # fmt: skip
@pytest.mark.parametrize("case", MALFORMED)
def test_where_a_malformed_object_ends_is_known_by_its_line_alone(case: str, form: bytes) -> None:
    """Anywhere else others may stand in it, so it is an error, whoever is told."""
    wrong, message = MALFORMED[case]
    found = refusal(objects, form % wrong, aside=[].append)

    assert message in found
    assert found.endswith(f"; {LOST}, as they could if it were a line of JSON Lines")


@pytest.mark.parametrize(
    "content",
    [
        b'{"text": "5" pipe "} \t{"text": "6" pipe "}\n', b'{"a": x,\n"b": 1}\n{}\n',
        b'[{"a": "5" pipe "}, {"a": 1}, {"a": "6" pipe "}, {}]',
        b'{"a": {"b": 1}\n{"a": 2}\n{"a": 3}}\n',
        b'{"a": ' + b"[" * 5000 + b"x" + b"]" * 5000 + b"}{}",
        b'{"a": [' + b"[" * 5000 + b"]" * 5000 + b"1]}{}",
    ],
    ids=["two", "lines", "an array", "unclosed", "deep word", "deep comma"],
)  # fmt: skip
def test_no_object_is_lost_in_another(content: bytes) -> None:
    """What goes for one object and may be several is an error, whoever is told."""
    found = refusal(objects, content, aside=[].append)

    assert found.startswith("input: row 1")
    assert LOST in found


def test_an_object_that_cannot_be_read_is_kept_as_text() -> None:
    """It is as it stands there, with the bytes that are not UTF-8, and cut where it is long."""
    aside: list[SetAside] = []
    fits = '{"b": "\U0001f54a' + "é" * 99_987 + '", x}'
    cut = fits.replace("x", "xy")
    content = b'{"a": "caf\xe9"}\n{"a": x}\n' + f"{fits}\n{cut}\n".encode()
    list(json_rows(io.BytesIO(content), aside=aside.append))

    assert [each.text for each in aside] == [
        '{"a": "caf\\xe9"}', '{"a": x}', fits, cut[:99_999] + "…",
    ]  # fmt: skip
    assert len(fits) == 100_000
    assert all(each.cells == {} for each in aside)


def test_without_anybody_to_tell_a_malformed_object_is_an_error() -> None:
    """The objects before it have been read by then."""
    rows: Iterator[Row] = json_rows(io.BytesIO(b'{"a": 1}{"a": x}'))

    assert next(rows).cells == {"a": 1}
    with pytest.raises(ng.DecodeError, match="input: row 2, column a: is not JSON"):
        next(rows)


@pytest.mark.parametrize(
    "fill", [b"x" * 65_536, b'\\"' * 32_768, b"]}[{" * 16_384], ids=["plain", "quotes", "brackets"]
)
def test_an_object_that_is_too_long_is_told(fill: bytes) -> None:
    """It is told by its member while it is read, and dropped piece by piece up to its end."""
    times = ENTRY // len(fill) + 9
    file = Endless(b'[{"a": 1}, {"b": {"c": 1}, "d": "', fill, times, b'"}, {"a": 3}]')
    aside: list[SetAside] = []

    assert [row.number for row in json_rows(file, aside=aside.append)] == [1, 3]
    assert [*map(str, aside)] == [
        "row 2, column d: the row has more than the 16,777,216 bytes that are read"
    ]
    text = '{"b": {"c": 1}, "d": "' + fill.decode() * 2
    assert [each.text for each in aside] == [text[:99_999] + "…"]


@pytest.mark.parametrize(
    ("middle", "reason"),
    [
        (b'5" pipe "}, {"a": 1}, {"a": "6" pipe ', f"is not JSON; {LOST}"),
        (b'x\n"}, {"d": "', OPEN),
        (b'", "e": {"f": [1, {}, -2.5], "g": {"h": 2}, {"a": 1}, ', f"is not JSON; {LOST}"),
        (b'", "e": [[1, {}, [2, {"f": [3}}', f"is not JSON; {LOST}"),
        (b'", "e": tru', f"is not JSON; {LOST}"),
        (b'", "e": ' + b"1" * (1 << 17), f"is not JSON; {LOST}"),
        (b'", "e": ', "the file ends in the middle of it"),
    ],
    ids=["quotes", "line", "unclosed", "brackets", "word", "number", "end"],
)
def test_an_object_that_is_too_long_must_be_json(middle: bytes, reason: str) -> None:
    """Otherwise others may stand in it, so it is an error, whoever is told."""
    fill = b"x" * 65_536
    after = b"" if middle.endswith((b": ", b"1")) else b'"}, {"a": 3}]'
    file = Endless(b'[{"a": 1}, {"d": "', fill, 2 * ENTRY // len(fill), middle + after)
    aside: list[SetAside] = []
    with pytest.raises(ng.DecodeError) as caught:
        list(json_rows(file, aside=aside.append))

    assert str(caught.value) == f"input: row 2, column d: {reason}"


def test_without_anybody_to_tell_an_object_that_is_too_long_is_an_error_at_once() -> None:
    """Its end is not looked for."""
    file = Endless(b'[{"d": "', b"x" * 65_536, ENTRY // 30_000, b"the end")
    with pytest.raises(ng.DecodeError, match="row 1, column d: the row has more than"):
        list(json_rows(file))

    assert file.read() != b""


def _behind(content: str, piece: int) -> str | None:
    """What stands behind an object that is skipped; None if it is no JSON."""
    text = JsonText(Pieces(_Dribbling(content.encode(), piece), "", None))
    try:
        text.skip(100)
    except Broken:
        return None
    while text.more():
        pass
    return text.content[text.at :].decode()


_OBJECTS = st.dictionaries(st.text("a1,:[{}] é", max_size=3), _VALUES, min_size=1, max_size=4)
_PUT = st.sampled_from(["", *'{}[],:"1x', " ", "null", "01", "\n", "]}", "{}", ', "a": 1'])


@given(
    st.builds(json.dumps, _OBJECTS, indent=st.sampled_from([None, 1])),
    st.integers(1, 9),
    st.tuples(st.integers(0, 200), _PUT, st.integers(0, 2)),
)
@example('{"a": [[1], {"b": 2}, {"c": []}], "d": [{}]}', 1, (0, "", 0))
@example('{"a": [], "b": {}}', 9, (0, "", 0))
def test_what_is_skipped_is_json(content: str, piece: int, change: tuple[int, str, int]) -> None:
    """Whatever is changed in an object, it is skipped to its end if it can be read."""
    at, put, out = change
    at = 1 + at % (len(content) - 1)
    content = content[:at] + put + content[at + out :] + ' , {"a": 1}'
    try:
        read, end = json.JSONDecoder().raw_decode(content)
    except json.JSONDecodeError:
        read, end = None, 0
    behind = _behind(content, piece)

    if read is not None:
        assert behind == content[end:]
    elif "\\" not in content:  # of escapes it is not asked whether they are right
        assert behind is None


@pytest.mark.parametrize(
    "content",
    ['{"a": [1,]}', '{"a": [{},]}', '{"a": 1,}', '{"a": {"b": 1,}}', '{"a": {"b": {}, }}',
     '{"a" 1}', '{"a": {"b" 1}, "c": 1}', '{"a": [1 2], "c": 1}', '{"a": [[[1] 2], 3]}',
     '{"a": {"b": 1 "c": 2}}', '{"a": {"b": [1]}, {}}', '{"a": [,1]}', "{,}", '{"a",}', '{"a"}',
     "{1: 2}", '{"a": {[1]: 2}}', '{"a": [1: 2]}', '{"a": 01}', '{"a": [-, 1]}', '{"a": 1.}',
     '{"a": 1]', '{"a": [1}', '{"a": [{"b": 1]}', '{"a": [[[]]], "b": 1,}', '{"a" 1, "b": 2}',
     '{"a": {"b": 1 "c": 2}, "d": 1}', '{"a": [[[]], 1,]}'],
)  # fmt: skip
@pytest.mark.parametrize("piece", [1, 1 << 16], ids=["bit by bit", "at once"])
def test_what_is_no_json_is_not_skipped(content: str, piece: int) -> None:
    """Wherever a comma, a colon, a name or a bracket is not where it may be."""
    assert _behind(content + ', {"a": 1}]', piece) is None


def test_what_is_skipped_may_nest_so_deep() -> None:
    """Deeper, nothing behind it can be told from it."""
    most = '{"a":' * 50 + "[" * 50 + "]" * 50 + "}" * 50

    assert _behind(most + "x", 7) == "x"
    assert _behind(most.replace("[]", "[{}]"), 7) is None


def test_objects_are_read_as_they_come() -> None:
    """No more of a file is read than is needed for the next of its objects."""
    read: list[int] = []
    rows = json_rows(io.BytesIO(b'{"a": "' + b"x" * 50_000 + b'"}\n' * 1 + b'{"b": 1}\n' * 50_000),
                     progress=read.append)  # fmt: skip
    next(rows)

    assert sum(read) == 1 << 16
