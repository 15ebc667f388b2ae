"""Tables as rows: CSV and the like, read row by row however large they are."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import TextIOWrapper
from typing import Final

from negotiation.errors import DecodeError, nearest
from negotiation.importers.common import MALFORMED, Row, SetAside
from negotiation.importers.files import (
    PIECE,
    SHOWN,
    Aside,
    Progress,
    Source,
    check_kind,
    opened,
    shortened,
    tell,
)
from negotiation.values import Refused, describe

CELL: Final = 1 << 17
"""How many characters a cell of a table may have."""

ROW: Final = 1 << 20
"""How many characters a row of a table may have."""

DELIMITERS: Final = ",;\t|"
"""What may stand between the cells of a table, the most usual first."""

_BYTE_ORDER_MARK: Final = "\ufeff"
_SEPARATOR: Final = re.compile(r"sep=([^\"\r\n])[\r\n]*+", re.IGNORECASE)
"""The line above its head in which a table may name its delimiter, for Excel."""

_NOT_UTF_8: Final = re.compile("[\udc80-\udcff]")
"""What bytes become that are not UTF-8, so that they can be found in the cells."""


def table_rows(
    source: Source,
    *,
    delimiter: str | None = None,
    required: Iterable[str] | Mapping[str, str] = (),
    plain_tabs: bool = False,
    aside: Aside | None = None,
    progress: Progress | None = None,
) -> Iterator[Row]:
    r"""The rows of a table: CSV, or the like with tabs, in UTF-8, with a head.

    Rows are numbered as in a spreadsheet, from 1 for the head; those that hold nothing but white
    space have a number, and are left out. Lines end in LF, CRLF or CR. A byte-order mark is
    skipped. A cell in double quotes may hold the delimiter, line ends, and double quotes that are
    doubled. A line `sep=;` above the head, as for Excel, names the delimiter, and is no row.

    Args:
        source: a path, or a binary file open for reading, which is left open.
        delimiter: what stands between cells (default: what the file names, or else whichever of
            , ; | and the tab the head has most).
        required: the columns that must be there; there may be others. A mapping may say of each
            what is to be done where it is missing.
        plain_tabs: whether double quotes mean nothing where tabs stand between cells, as in the
            files of ICEWS.
        aside: told of each row that cannot be read; without it, that is an error.
        progress: called with the number of bytes of each piece as it is read.

    Raises:
        DecodeError: it is no such table, or a column is missing, or a row cannot be read; the error
            names the row and the column. A row that goes on over many lines and cannot be read is
            an error in any case, since they may be rows, of which one has a double quote too many.
        Refused: the delimiter is none.
        Unreadable: the file cannot be opened or read.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise Refused(f"the delimiter must be one character, such as a comma, not {delimiter!r}")
    with opened(source, progress) as pieces:
        text = TextIOWrapper(pieces, encoding="utf-8", errors="surrogateescape", newline="")
        table = _Table(text, pieces.name, delimiter, required, aside, plain_tabs=plain_tabs)
        yield from table.rows()


class _TooLong(Exception):  # it never leaves this module
    """A row has more characters than any may have."""


class _Table:
    """A table that is read.

    Args:
        text: its text, from the beginning; what is not UTF-8 is escaped.
        name: what the file is called in an error.
        delimiter: what stands between the cells, or None.
        required: the columns that must be there.
        aside: as in `table_rows`.
        plain_tabs: as in `table_rows`.
    """

    def __init__(
        self,
        text: TextIOWrapper,
        name: str,
        delimiter: str | None,
        required: Iterable[str] | Mapping[str, str],
        aside: Aside | None,
        *,
        plain_tabs: bool,
    ) -> None:
        self._text: Final = text
        self._name: Final = name
        self._aside: Aside | None = None  # a head that cannot be read is an error for everybody
        self._held: Final[list[str]] = []
        self._number = 0
        self._names: Sequence[str] = ()
        self._line = 0
        self._first = self._beginning()
        named = self._named_delimiter()
        self._delimiter: Final = delimiter or named or _likeliest(self._first)
        self._quoted: Final = not (plain_tabs and self._delimiter == "\t")
        self._names = self._head(required)
        self._aside = aside

    def _beginning(self) -> str:
        """The first line, which shows whether it is a table at all."""
        line = self._text.readline(ROW + 1)
        raw = line[:PIECE].encode("utf-8", "surrogateescape")
        check_kind(raw, self._name, "CSV in UTF-8")
        line = line.removeprefix(_BYTE_ORDER_MARK)
        for sign, kind in (("{", "JSON"), ("[", "JSON"), ("<", "HTML or XML")):
            if line.startswith(sign):
                raise DecodeError(f"is {kind}, and no table", file=self._name)
        return line

    def _named_delimiter(self) -> str | None:
        """The delimiter that the first line names, if it does; then the head is the next."""
        found = _SEPARATOR.fullmatch(self._first)
        if found is None:
            return None
        self._line = 1
        self._first = self._text.readline(ROW + 1)
        return found[1]

    def _head(self, required: Iterable[str] | Mapping[str, str]) -> list[str]:
        names = [name.strip() for name in next(self._cells(), ())]
        if not names:
            raise DecodeError("is empty; a table has a head with the names of its columns",
                              file=self._name)  # fmt: skip
        where = f"row {self._number}"
        for index, one in enumerate(names):
            if one and one in names[:index]:
                raise DecodeError(f"has the column {one!r} twice", file=self._name, path=where)
        hints = required if isinstance(required, Mapping) else dict.fromkeys(required, "")
        if missing := [one for one in hints if one not in names]:
            raise DecodeError(
                "; ".join(
                    f"has no column {one!r}; {hints[one] or nearest(one, names)}" for one in missing
                )
                + ("" if len(names) > 1 else "; is another delimiter used?"),
                file=self._name, path=where,
            )  # fmt: skip
        return names

    def rows(self) -> Iterator[Row]:
        """The rows below the head."""
        names, width = self._names, len(self._names)
        nameless = "" in names
        for cells in self._cells():
            if len(cells) != width and not self._fits(cells):
                continue
            if nameless and not self._named(cells):
                continue
            named = dict(zip(names, cells, strict=False))
            if nameless:
                del named[""]
            yield Row(self._number, named)

    def _cells(self) -> Iterator[list[str]]:
        """The cells of each row that can be read and is not empty."""
        held = self._held
        while True:
            reader = csv.reader(
                self._lines(), delimiter=self._delimiter, strict=True,
                quoting=csv.QUOTE_MINIMAL if self._quoted else csv.QUOTE_NONE,
            )  # fmt: skip
            try:
                while True:
                    held.clear()
                    self._number += 1
                    try:
                        cells = next(reader)
                    except csv.Error as error:
                        self._malformed(str(error))
                        continue
                    first = next(filter(None, cells), "")
                    if not first or (first.isspace() and _is_blank(cells)):
                        continue
                    line = held[0]
                    plain = len(held) == 1 and len(line) <= CELL and line.isascii()
                    if plain or (self._is_utf_8(cells) and self._is_short(cells)):
                        yield cells
            except StopIteration:
                return
            except _TooLong:
                self._skip_row()

    def _lines(self) -> Iterator[str]:
        """The lines of the text; `_held` has those of the row at hand."""
        held, readline = self._held, self._text.readline
        line, self._first = self._first, ""
        size = 0
        while line := line or readline(ROW + 1):
            size = size + len(line) if held else len(line)
            held.append(line)
            self._line += 1
            if size > ROW:
                raise _TooLong
            yield line
            line = ""

    # What is wrong with a row

    def _tell(
        self,
        reason: str,
        detail: str,
        column: str | None = None,
        *,
        cells: Sequence[str] = (),
        text: str | None = None,
    ) -> None:
        shown = dict(zip(self._names, map(_shown, cells), strict=False))
        if text is not None:
            text = shortened(_shown(text.rstrip("\r\n")[: SHOWN + 1]))
        found = SetAside(self._number, reason, column=column, detail=detail, cells=shown, text=text)
        tell(found, self._aside, self._name)

    def _text_of_row(self) -> str:
        return "".join(self._held)

    def _column(self, index: int) -> str:
        """What the column at an index is called."""
        name = self._names[index] if index < len(self._names) else ""
        return name or f"number {index + 1}"

    def _fits(self, cells: list[str]) -> bool:
        """Whether a row has no more cells than the head, but empty ones, and no fewer."""
        count, width = len(cells), len(self._names)
        if count > width and _is_blank(cells[width:]):
            return True
        held = "the delimiter" if count > width else "a line end"
        hint = f"; a cell that holds {held} stands in double quotes" if self._quoted else ""
        cells_are = "1 cell" if count == 1 else f"{count} cells"
        self._tell(
            MALFORMED, f"has {cells_are}, and the head {width}{hint}",
            cells=cells, text=self._text_of_row(),
        )  # fmt: skip
        return False

    def _named(self, cells: list[str]) -> bool:
        """Whether nothing stands in a column that has no name."""
        for index, (name, cell) in enumerate(zip(self._names, cells, strict=False)):
            if not name and cell.strip():
                self._tell(
                    MALFORMED, f"holds {describe(cell)}, and the column has no name",
                    self._column(index), cells=cells, text=self._text_of_row(),
                )  # fmt: skip
                return False
        return True

    def _is_utf_8(self, cells: list[str]) -> bool:
        """Whether the row holds nothing but UTF-8."""
        for line in self._held:
            if not line.isascii() and _NOT_UTF_8.search(line):
                break
        else:
            return True
        for index, cell in enumerate(cells):
            if found := _NOT_UTF_8.search(cell):
                byte = found[0].encode("utf-8", "surrogateescape")
                other = byte.decode("cp1252", "replace")
                self._tell(
                    "not UTF-8",
                    f"holds the byte 0x{byte.hex().upper()}, which is not UTF-8 (in Windows-1252 "
                    f"it would be {other!r}); save the file as UTF-8",
                    self._column(index), cells=cells,
                )  # fmt: skip
        return False

    def _is_short(self, cells: list[str]) -> bool:
        """Whether no cell is too long; the limit of the csv module is anybody's to change."""
        if sum(map(len, self._held)) <= CELL:
            return True
        long = next((index for index, cell in enumerate(cells) if len(cell) > CELL), None)
        if long is None:
            return True
        self._tell("too long", _LONG, self._column(long), text=self._text_of_row())
        return False

    def _malformed(self, error: str) -> None:
        """Tell why the row that is held is no row."""
        index, reason = self._fault()
        if reason == _LONG:
            self._skip_row()
        else:
            reason = reason or f"is malformed: {error}"
            self._check_lines(len(self._held), reason, self._column(index))
            self._tell(MALFORMED, reason, self._column(index), text=self._text_of_row())

    def _skip_row(self) -> None:
        """Tell that the row that is held is too long, and read on to its end."""
        index, reason = self._fault()
        text = piece = self._text_of_row()
        quotes = piece.count('"')
        begun = not piece.endswith(("\n", "\r"))
        lines = len(self._held)
        while piece and not (
            piece.endswith(("\n", "\r")) and (quotes % 2 == 0 or not self._quoted)
        ):
            piece = self._text.readline(PIECE)
            quotes += piece.count('"')
            lines += bool(piece) and not begun
            begun = bool(piece) and not piece.endswith(("\n", "\r"))
        self._line += lines - len(self._held)
        column = self._column(index) if reason else None
        size = reason if reason == _LONG else f"has more than the {ROW:,} characters that are read"
        self._check_lines(lines, size, column)
        self._tell("too long", size, column, text=text)

    def _fault(self) -> tuple[int, str]:
        return _fault(self._text_of_row(), self._delimiter, quoted=self._quoted)

    def _check_lines(self, count: int, reason: str, column: str | None) -> None:
        """Refuse to lose lines that may be rows.

        Raises:
            DecodeError: a row that cannot be read has more than one.
        """
        if count > 1:
            lines = f"lines {self._line - count + 1} to {self._line}"
            raise DecodeError(
                f"{reason}; {lines} cannot be read: is a double quote not closed?",
                file=self._name, path=SetAside(self._number, "", column=column).place,
            )  # fmt: skip


def _likeliest(head: str) -> str:
    """The delimiter that a head has most."""
    return max(DELIMITERS, key=head.count)


def _is_blank(cells: Iterable[str]) -> bool:
    """Whether cells hold nothing but white space."""
    return not any(map(str.strip, cells))


def _shown(cell: str) -> str:
    """A cell in which what is not UTF-8 can be seen."""
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


_LONG: Final = f"has more than the {CELL:,} characters that are read of a cell"
_QUOTED: Final = re.compile(r'"(?:[^"]++|"")*+')

_NEVER: Final = re.compile(r"(?!)")


def _fault(text: str, delimiter: str, *, quoted: bool) -> tuple[int, str]:
    """The index of the cell of a row that is malformed or too long, and what is wrong with it."""
    index = at = 0
    quotes = _QUOTED if quoted else _NEVER
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*+")
    while True:
        start = at
        reason = ""
        if cell := quotes.match(text, at):
            at = cell.end() + 1
            if at > len(text):
                reason = "begins with a double quote that is not closed"
        found = plain.match(text, at)
        end = at if found is None else found.end()
        if not reason and cell and end > at:
            reason = (
                "goes on behind its closing double quote; a double quote inside of a cell is "
                "doubled, and then the cell stands in double quotes"
            )
        if end - start > CELL:
            reason = _LONG
        if reason or end >= len(text) or text[end] != delimiter:
            return index, reason
        index, at = index + 1, end + 1
