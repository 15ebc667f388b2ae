"""Tables of text: columns that fit a page, and cells that wrap and are never cut.

The tables of rich look at each cell several times over: 100,000 rows would take a minute. These
take seconds, because all that they know is columns, lines, and one style for the beginning of a
line. How wide a character is, and what a style is on a terminal, is left to rich.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from negotiation.cli.output import Page, visible

TITLE: Final = "bold"
ID: Final = "cyan"
QUIET: Final = "dim"
GOOD: Final = "green"
OPEN: Final = "yellow"
BAD: Final = "red"

_GAP: Final = 2
_WORDS: Final = re.compile(
    r"(?:\d{4}-\d\d-\d\d \d\d:\d\d(?::[\d.]+)?Z\S*|\S+?-(?=[^\W\d_])|\S+)\s*|\s+"
)
"""What stays together: a time, a word, a part of a word up to the hyphen before another one."""

_PARTS: Final = re.compile(r"\S+\s*|\s+")


class Line(NamedTuple):
    """A line of a cell, as long as it may be.

    Attributes:
        text: what it says.
        style: how it looks, in the words of rich.
        lead: how many characters, from its first, have the style; None for all of them.
    """

    text: str
    style: str = ""
    lead: int | None = None


Cell: TypeAlias = "str | Line | Sequence[Line]"


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: the word above it.
        right: whether its lines end at the right, as numbers do.
        main: whether it gives way first where the page is narrow, and has at least half of it.
    """

    title: str = ""
    right: bool = False
    main: bool = False


class Placed(NamedTuple):
    """A column on a page: what it is, where it begins and how wide it is."""

    column: Column
    start: int
    width: int


def led(lead: str, rest: str, style: str) -> Line:
    """A line that begins with a few words in a style."""
    return Line(lead + rest, style, len(visible(lead)))


def size(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def wrap(text: str, width: int) -> list[str]:
    """Text in lines of at most this width, broken between words where that is possible."""
    if size(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in _words(text, width):
        bare = word.rstrip()
        if line and size(line) + size(bare) > width:
            lines.append(line.rstrip())
            line = ""
        if size(bare) > width:
            *whole, rest = _pieces(bare, width)
            lines += whole
            line = rest + word[len(bare) :]
        else:
            line += word
    return [*lines, line.rstrip()]


def _words(text: str, width: int) -> Iterator[str]:
    """The words of a text, each with the space after it; what is too long may be broken earlier."""
    for word in _WORDS.findall(text):
        if size(word) > width:
            yield from _PARTS.findall(word)
        else:
            yield word


def _pieces(word: str, width: int) -> list[str]:
    """A word cut into pieces that fit; none is empty, however wide its one character is."""
    pieces: list[str] = []
    start = taken = 0
    for index, character in enumerate(word):
        wide = size(character)
        if taken and taken + wide > width:
            pieces.append(word[start:index])
            start, taken = index, 0
        taken += wide
    return [*pieces, word[start:]]


def widths(natural: Sequence[int], available: int, main: int) -> list[int]:
    """How wide each column becomes.

    The main one gives way first, to no less than half of what there is; then the widest others.

    Args:
        natural: how wide each would be if nothing wrapped.
        available: what there is for all of them, without the gaps.
        main: the number of the main one, from 0.
    """
    room = available - min(natural[main], available // 2)
    others = [width for i, width in enumerate(natural) if i != main]
    cap = max([1, *others])
    while cap > 1 and sum(min(width, cap) for width in others) > room:
        cap = min(cap, room + 1) - 1
    given = [min(width, cap) for width in natural]
    given[main] = 0
    given[main] = max(1, min(natural[main], available - sum(given)))
    return given


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    page: Page,
    *,
    indent: int = 0,
    titled: bool = True,
) -> Iterator[str]:
    """The lines of a table. A column that has nothing in any row is left out.

    Args:
        columns: the columns; without a main one, the last is it.
        rows: a cell for each column, in their order.
        page: what the lines are to fit on.
        indent: how far from the left it stands.
        titled: whether the titles stand above it.
    """
    cells = [[_lines(cell) for cell in row] for row in rows]
    natural = [max((_natural(row[i]) for row in cells), default=0) for i in range(len(columns))]
    kept = [i for i, width in enumerate(natural) if width]
    if not kept:
        return
    wanted = [max(natural[i], size(columns[i].title) if titled else 0) for i in kept]
    main = next((n for n, i in enumerate(kept) if columns[i].main), len(kept) - 1)
    given = widths(wanted, page.width - indent - _GAP * (len(kept) - 1), main)
    placed = _placed([columns[i] for i in kept], given, indent)
    if titled:
        yield from _row(placed, [[Line(each.column.title, QUIET)] for each in placed], page)
        yield from _row(placed, [[Line(page.rule * each.width, QUIET)] for each in placed], page)
    for row in cells:
        yield from _row(placed, [row[i] for i in kept], page)


def _lines(cell: Cell) -> list[Line]:
    if isinstance(cell, str):
        cell = Line(cell)
    lines = [cell] if isinstance(cell, Line) else cell
    return [
        Line(safe, style, lead)
        for text, style, lead in lines
        if (safe := visible(text).rstrip())  # visible, before white space goes: it may be control
    ]


def _natural(lines: Sequence[Line]) -> int:
    return max((size(line.text) for line in lines), default=0)


def _placed(columns: Sequence[Column], given: Sequence[int], start: int) -> list[Placed]:
    placed = []
    for column, width in zip(columns, given, strict=True):
        placed.append(Placed(column, start, width))
        start += width + _GAP
    return placed


def _row(placed: Sequence[Placed], cells: Sequence[Sequence[Line]], page: Page) -> Iterator[str]:
    """The lines of one row; none ends in white space."""
    wrapped = [_wrapped(cell, each.width) for cell, each in zip(cells, placed, strict=True)]
    for number in range(max(map(len, wrapped))):
        out = ""
        at = 0
        for (column, start, width), lines in zip(placed, wrapped, strict=True):
            if number < len(lines):
                line = lines[number]
                taken = size(line.text)
                begin = start + (width - taken if column.right else 0)
                out += " " * (begin - at) + _painted(line, page)
                at = begin + taken
        yield out


def _wrapped(cell: Sequence[Line], width: int) -> Sequence[Line]:
    """The lines of a cell, broken to fit; a lead is on the first of what its line becomes."""
    wrapped = []
    for line in cell:
        first, *further = wrap(line.text, width)
        wrapped.append(line._replace(text=first) if further else line)
        wrapped += [Line(text, line.style if line.lead is None else "") for text in further]
    return wrapped


def _painted(line: Line, page: Page) -> str:
    if not page.colour:
        return line.text
    rest = "" if line.lead is None else line.text[line.lead :]
    return page.paint(line.text[: line.lead], line.style) + rest
