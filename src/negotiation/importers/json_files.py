"""JSON of many objects as rows: an array of them, or one behind the other, however many."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

import msgspec

from negotiation.errors import DecodeError
from negotiation.importers.common import Row, SetAside
from negotiation.importers.files import (
    PIECE,
    SHOWN,
    Aside,
    Pieces,
    Progress,
    Source,
    check_kind,
    opened,
    shortened,
    tell,
)
from negotiation.importers.json_text import LOST, WORDS, Broken, JsonText

ENTRY: Final = 1 << 24
"""How many bytes one of the objects may have."""

DEEPEST: Final = 1 << 20
"""How deep one of the objects may nest that is not read, for it to be known where it ends."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_NOT_ALONE: Final = re.compile(rb"[\r\n]|}[ \t]*+{")
_TOKENS: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)"?+(?:[ \t\r\n]*+(:))?|[\[\]{}]', re.DOTALL)
_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_decode = msgspec.json.Decoder().decode


def json_rows(
    source: Source, *, aside: Aside | None = None, progress: Progress | None = None
) -> Iterator[Row]:
    """The objects of a file of JSON: an array of them, or one behind the other, as in JSON Lines.

    They are numbered from 1. No more than one of them is in memory. A byte-order mark is skipped.
    Of members of one name in one object the last counts.

    Args:
        source: a path, or a binary file open for reading, which is left open.
        aside: told of each object that cannot be read; without it, that is an error.
        progress: called with the number of bytes of each piece as it is read.

    Raises:
        DecodeError: it is no such file, or an object cannot be read; the error names the row and
            the member. An object that is malformed is an error in any case, unless it is a line of
            its own in JSON Lines, since where it ends cannot be known, and others may stand in it.
        Unreadable: the file cannot be opened or read.
    """
    with opened(source, progress) as pieces:
        yield from _Objects(pieces, aside).rows()


class _Objects:
    """The objects of a file that is read.

    Args:
        pieces: the file.
        aside: as in `json_rows`.
    """

    def __init__(self, pieces: Pieces, aside: Aside | None) -> None:
        self._text: Final = JsonText(pieces)
        self._name: Final = pieces.name
        self._aside: Final = aside
        self._in_array = False
        self._number = 0

    def rows(self) -> Iterator[Row]:
        """The objects, numbered."""
        self._begin()
        while first := self._next():
            self._number += 1
            begins_line, self._text.begins_line = self._text.begins_line, False
            if first != b"{":
                self._pass_word()
                continue
            entry = self._entry()
            if entry is None:
                continue
            try:
                yield Row(self._number, _decode(entry))
            except (msgspec.MsgspecError, ValueError, RecursionError) as error:
                self._unread(entry, error, begins_line=begins_line)

    def _begin(self) -> None:
        """Go to the first object."""
        self._text.more()
        check_kind(self._text.content[:PIECE], self._name, "JSON in UTF-8")
        self._text.content = self._text.content.removeprefix(_BYTE_ORDER_MARK)
        first = self._text.peek()
        if first not in (b"[", b"{"):
            kind = "is no JSON of objects" if first else "is empty"
            raise DecodeError(f"{kind}; such a file begins with [ or {{", file=self._name)
        self._in_array = first == b"["
        self._text.at += self._in_array

    def _next(self) -> bytes:
        """Go to the next object, or word in place of one; returns how it begins, or nothing."""
        found = self._text.peek()
        if self._in_array and found == b"," and self._number:
            self._text.at += 1
            found = self._text.peek()
        elif self._in_array and found == b"]":
            self._text.at += 1
            if self._text.peek():
                raise self._error("the array ends, and more follows")
            return b""
        elif self._in_array and self._number and found:
            raise self._error(f"a comma or ] must follow, not {_shown(found)}")
        if found == b"{" or (found and found in WORDS):
            return found
        if self._in_array or found:
            there = _shown(found) if found else "the end of the file"
            raise self._error(f"an object must follow, not {there}")
        return b""

    def _pass_word(self) -> None:
        """Set aside a null, a number or the like, which is no row and cannot hold any.

        Raises:
            DecodeError: it is none.
        """
        try:
            word = self._text.word().decode()
        except Broken as broken:
            raise self._lost(str(broken), None) from None
        self._tell("no row", None, f"must be an object, not {word}", word.encode())

    def _error(self, reason: str) -> DecodeError:
        where = f"behind row {self._number}" if self._number else ""
        return DecodeError(reason, file=self._name, path=where)

    def _entry(self) -> bytes | None:
        """The object that begins here, and go behind it; None if it is too long.

        Raises:
            DecodeError: where it ends cannot be known.
        """
        text = self._text
        try:
            short = text.find_end(ENTRY)
        except Broken as broken:
            raise self._lost(str(broken), _member(text.content[text.start : text.at])) from None
        entry = text.content[text.start : text.at]
        if short:
            return entry
        self._skip(entry)
        return None

    def _skip(self, beginning: bytes) -> None:
        """Tell that an object is too long, and go behind it.

        Raises:
            DecodeError: it is no JSON, or nobody is told.
        """
        column = _member(beginning)
        if self._aside is not None:
            self._text.at = self._text.start
            try:
                self._text.skip(DEEPEST)
            except Broken as broken:
                raise self._lost(str(broken), column) from None
        detail = f"the row has more than the {ENTRY:,} bytes that are read"
        self._tell("too long", column, detail, beginning)

    def _tell(self, reason: str, column: str | None, detail: str, raw: bytes) -> None:
        text = shortened(raw[: 4 * SHOWN + 4].decode("utf-8", "backslashreplace"))
        found = SetAside(self._number, reason, column=column, detail=detail, text=text)
        tell(found, self._aside, self._name)

    def _unread(self, entry: bytes, error: Exception, *, begins_line: bool) -> None:
        """Tell that an object cannot be read.

        Raises:
            DecodeError: it is malformed, and no line of its own.
        """
        column, detail, sound = _fault(entry, error)
        if not sound and not (begins_line and self._is_line(entry)):
            raise self._lost(
                f"{detail}; {LOST}, as they could if it were a line of JSON Lines", column
            )
        self._tell("malformed JSON", column, detail, entry)

    def _is_line(self, entry: bytes) -> bool:
        """Whether what begins a line as an object ends at its end, and seems to be one alone."""
        if self._in_array or _NOT_ALONE.search(entry):
            return False
        return not self._text.peek() or self._text.begins_line

    def _lost(self, reason: str, column: str | None) -> DecodeError:
        place = SetAside(self._number, "", column=column).place
        return DecodeError(reason, file=self._name, path=place)


def _shown(byte: bytes) -> str:
    return byte.decode("ascii", "backslashreplace")


def _member(start: bytes) -> str | None:
    """The member of an object that its beginning ends in."""
    depth = 0
    member: bytes | None = None
    for token in _TOKENS.finditer(start):
        if token[0] in (b"{", b"["):
            depth += 1
        elif token[0] in (b"}", b"]"):
            depth -= 1
        elif depth == 1 and token[2]:
            member = token[1]
    return None if member is None else member.decode("utf-8", "backslashreplace")


def _fault(entry: bytes, error: Exception) -> tuple[str | None, str, bool]:
    """The member in which an object cannot be read, why, and whether it is well formed."""
    text = entry.decode("utf-8", "surrogateescape")
    try:
        json.loads(text)
    except json.JSONDecodeError as found:
        before = text[: found.pos].encode("utf-8", "surrogateescape")
        return _member(before), f"is not JSON: {found.msg.removesuffix(' at')}", False
    except (ValueError, RecursionError):  # it was not read to its end
        sound = _is_sound(entry)
    else:
        sound = True
    return *_unreadable(entry, error), sound


def _is_sound(entry: bytes) -> bool:
    """Whether an object is well formed, however deep it nests."""
    try:
        JsonText(Pieces(BytesIO(entry), "", None)).skip(DEEPEST)
    except Broken:
        return False
    return True


def _unreadable(entry: bytes, error: Exception) -> tuple[str | None, str]:
    """The member in which an object cannot be read though it may be well formed, and why."""
    try:
        entry.decode()
    except UnicodeDecodeError as found:
        return _member(entry[: found.start]), (
            f"holds the byte 0x{entry[found.start]:02X}, which is not UTF-8; save the file as UTF-8"
        )
    if isinstance(error, RecursionError):
        return None, "is not JSON that can be read: it nests too deep"
    place = _BYTE.search(str(error))
    return (
        None if place is None else _member(entry[: int(place[1])]),
        f"is not JSON that can be read: {_BYTE.sub('', str(error)).strip()}",
    )
