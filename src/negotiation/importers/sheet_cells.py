"""The cells of a sheet that somebody filled in by hand: what they may say, and what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from negotiation.errors import DecodeError, nearest
from negotiation.values import Refused, describe, moment
from negotiation.wire.shapes import Shape
from negotiation.wire.text import parse

Reader: TypeAlias = Callable[[str], Any]

SEPARATOR: Final = ";"
"""What stands between the members of a list in a cell."""

_TIME: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})"
    r"(?:[ Tt](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?([Zz]|[+-]\d{2}:[0-5]\d)?)?",
    re.ASCII,
)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)", re.ASCII)
_DATE_ELSEWHERE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*", re.ASCII | re.DOTALL)
_WHOLE: Final = re.compile(r"-?\d{1,4000}", re.ASCII)
_JSON_BEGINS: Final = frozenset('-0123456789"{[')
_JSON_WORDS: Final = frozenset({"true", "false", "null"})
_TRUTHS: Final[Mapping[str, bool]] = {"true": True, "false": False}

IN_JSON: Final[Mapping[str, str]] = {
    "object": "JSON objects",
    "nested": "JSON objects",
    "json": "JSON values",
    "list": "JSON arrays",
}
"""The kinds of value whose lists are JSON arrays in a cell, and what stands in these."""


class Times:
    """Reads times, of which those without an offset are of one zone.

    Args:
        zone: the zone.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone: Final = zone
        self.read: Final = lru_cache(maxsize=4096)(self._read)
        """The moment that a cell says, and whether it says no more than the day."""

    def _read(self, cell: str) -> tuple[datetime, bool]:
        found = _TIME.fullmatch(cell)
        if found is None:
            raise Refused(self._allowed(cell))
        day, clock, offset = found.groups()
        try:
            if clock is None:
                first = datetime.fromisoformat(day).replace(tzinfo=self._zone)
                return moment(first), True
            when = datetime.fromisoformat(f"{day}T{clock}{(offset or '').upper()}")
        except ValueError as error:
            raise Refused(f"is no moment that exists: {cell!r} ({error})") from None
        return moment(when if offset else self._placed(when)), False

    def _placed(self, when: datetime) -> datetime:
        """A time in the zone, where it must be once."""
        one, other = (when.replace(tzinfo=self._zone, fold=fold) for fold in (0, 1))
        if one.utcoffset() != other.utcoffset():
            there = one.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) == when
            often = "is there twice" if there else "is not there"
            raise Refused(
                f"{when:%Y-%m-%d %H:%M} {often} in {self._zone}, where the clock was changed; "
                f"write it with its offset, such as {one.isoformat()}"
            )
        return one

    def _allowed(self, cell: str) -> str:
        return (
            f"must be a time such as 2025-04-20, 2025-04-20 15:00 (in {self._zone}) or "
            f"2025-04-20T15:00:00+03:00, not {describe(cell)}{_hint(cell)}"
        )

    def moment(self, cell: str) -> datetime:
        """The moment that a cell says; of a day alone, its first."""
        return self.read(cell)[0]


def _hint(cell: str) -> str:
    """What is wrong with a cell that seems to hold a time."""
    if found := _DATE.match(cell):
        try:
            date.fromisoformat(found[0])
        except ValueError:
            return ""
        return (
            f"; the date is right, and what stands behind it is not: "
            f"{describe(cell[found.end() :])}; a time is written 09:05 or 09:05:30.123456, behind "
            "one space or T, and before Z, an offset or nothing"
        )
    if _DATE_ELSEWHERE.fullmatch(cell):
        return "; of any other date it cannot be known which number is the month"
    return ""


def stripped(cell: Any) -> str:
    """A cell without the white space around it."""
    if not isinstance(cell, str):
        raise Refused(f"must be text, as in a file, not {describe(cell)}")
    return str.strip(cell)


def listed(cell: str) -> list[str]:
    """The members of a list; one more semicolon at its end is no mistake.

    Raises:
        Refused: it has commas and no semicolon.
    """
    if "," in cell and SEPARATOR not in cell:
        raise Refused(
            f"must have semicolons between its members, not commas: {describe(cell)}; one member "
            "that holds a comma has a semicolon behind it"
        )
    members = [member.strip() for member in cell.split(SEPARATOR)]
    return members[:-1] if len(members) > 1 and not members[-1] else members


def one_party(cell: str) -> str:
    """The id of one party.

    Raises:
        Refused: it seems to be a list of several.
    """
    if SEPARATOR in cell:
        raise Refused(f"must be one party, not {describe(cell)}; give each a row of its own")
    return cell


def whole(cell: str) -> int:
    """A whole number."""
    if not _WHOLE.fullmatch(cell):
        raise Refused(
            f"must be a whole number, such as 3000, in digits alone, not {describe(cell)}"
        )
    return int(cell)


def number(cell: str) -> Any:
    """A number, as JSON writes them."""
    found = json_cell(cell)
    if type(found) not in (int, float):
        raise Refused(f"must be a number, such as 12 or 0.5, not {describe(cell)}")
    return found


def truth(cell: str) -> bool:
    """True or false, as spreadsheets write them too."""
    if (found := _TRUTHS.get(cell.lower())) is None:
        raise Refused(f"must be true or false, not {describe(cell)}")
    return found


def chosen(choices: tuple[str, ...], cell: str) -> str:
    """One of some words."""
    if cell not in choices:
        hint = nearest(cell, choices, alike=0.6)  # who writes confirmed does not mean denied
        raise Refused(f"is no word that may stand here: {cell!r}; {hint}")
    return cell


def json_cell(cell: str) -> Any:
    """JSON, where a cell reads as JSON, and else its text; true and false as in `truth`."""
    if cell[:1] not in _JSON_BEGINS and cell not in _JSON_WORDS:
        return _TRUTHS.get(cell.lower(), cell)
    try:
        return parse(cell.encode("utf-8", "surrogatepass"))
    except DecodeError as error:
        if cell[0] == "{":
            raise Refused(f"begins as a JSON object does: {error.reason}") from None
        return cell


def json_object(cell: str) -> Any:
    """A JSON object."""
    found = json_cell(cell)
    if not isinstance(found, dict):
        raise Refused(f'must be a JSON object, such as {{"price": 12}}, not {describe(cell)}')
    return found


def many(read: Reader | None, cell: str) -> list[Any]:
    """A list of whatever one reads."""
    return [each if read is None else read(each) for each in listed(cell)]


_READERS: Final[Mapping[str, Reader]] = {
    "party": one_party,
    "parties": listed,
    "count": whole,
    "whole": whole,
    "number": number,
    "truth": truth,
    "object": json_object,
    "nested": json_object,
    "json": json_cell,
}


def reader(shape: Shape, times: Reader) -> Reader | None:
    """What reads a cell of some shape; None where its text is what it says.

    Args:
        shape: the shape.
        times: what reads a time.
    """
    if shape.kind == "moment":
        return times
    if shape.kind == "choice":
        return partial(chosen, shape.choices)
    if shape.items is not None:
        if shape.items.kind in IN_JSON:
            return json_cell
        return partial(many, reader(shape.items, times))
    return _READERS.get(shape.kind)
