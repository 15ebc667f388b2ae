"""JSON of many objects as rows: an array of them, or one behind the other, however many."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from negotiation.errors import DecodeError
from negotiation.importers.common import Row, SetAside
from negotiation.importers.opening import (
    PIECE,
    Aside,
    Pieces,
    Progress,
    Source,
    check_kind,
    opened,
    tell,
)

ENTRY: Final = 1 << 24
"""How many bytes one of the objects may have."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_SPACE: Final = re.compile(rb"[ \t\r\n]*+")
_BEFORE_BRACKET: Final = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_IN_TEXT: Final = re.compile(rb"(?:[^\"\\]++|\\.)*+", re.DOTALL)
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
            the member.
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
        self._pieces: Final = pieces
        self._name: Final = pieces.name
        self._aside: Final = aside
        self._content = b""
        self._at = 0
        self._number = 0

    def rows(self) -> Iterator[Row]:
        """The objects, numbered."""
        in_array = self._begin()
        while self._next(in_array):
            self._number += 1
            if (entry := self._entry()) is None:
                continue
            try:
                yield Row(self._number, _decode(entry))
            except (msgspec.MsgspecError, ValueError, RecursionError) as error:
                self._tell("malformed JSON", *_fault(entry, error))

    def _begin(self) -> bool:
        """Go to the first object; returns whether they stand in an array."""
        self._more()
        check_kind(self._content[:PIECE], self._name, "JSON in UTF-8")
        self._content = self._content.removeprefix(_BYTE_ORDER_MARK)
        first = self._peek()
        if first not in (b"[", b"{"):
            kind = "is no JSON of objects" if first else "is empty"
            raise DecodeError(f"{kind}; it begins with [ or {{", file=self._name)
        self._at += first == b"["
        return first == b"["

    def _next(self, in_array: bool) -> bool:
        """Go to the next object; returns whether there is one."""
        found = self._peek()
        if in_array and found == b"," and self._number:
            self._at += 1
            found = self._peek()
        elif in_array and found == b"]":
            self._at += 1
            if self._peek():
                raise self._error("the array ends, and more follows")
            return False
        elif in_array and self._number and found:
            raise self._error(f"a comma or ] must follow, not {_shown(found)}")
        if found == b"{":
            return True
        if in_array or found:
            there = _shown(found) if found else "the end of the file"
            raise self._error(f"an object must follow, not {there}")
        return False

    def _error(self, reason: str) -> DecodeError:
        where = f"behind row {self._number}" if self._number else ""
        return DecodeError(reason, file=self._name, path=where)

    def _entry(self) -> bytes | None:
        """The object that begins here, and go behind it; None if it is too long.

        Raises:
            DecodeError: the file ends in it.
        """
        start, self._at = self._at, self._at + 1
        depth = 1
        dropped = False
        in_text = False
        while depth:
            pattern = _IN_TEXT if in_text else _BEFORE_BRACKET
            found = pattern.match(self._content, self._at)
            self._at = self._at if found is None else found.end()
            if self._at - start > ENTRY and not dropped:
                self._too_long(start)
                dropped = True
            mark = self._content[self._at : self._at + 1]
            if mark in (b"", b"\\"):
                self._content = self._content[self._at if dropped else start :]
                self._at = 0 if dropped else self._at - start
                start = 0
                if not self._more():
                    column = _member(self._content[start : self._at])
                    raise DecodeError(
                        "the file ends in the middle of it", file=self._name,
                        path=SetAside(self._number, "", column=column).place,
                    )  # fmt: skip
                continue
            self._at += 1
            if mark == b'"':
                in_text = not in_text
            else:
                depth += 1 if mark in b"[{" else -1
        return None if dropped else self._content[start : self._at]

    def _too_long(self, start: int) -> None:
        column = _member(self._content[start : self._at])
        self._tell("too long", column, f"the row has more than the {ENTRY:,} bytes that are read")

    def _tell(self, reason: str, column: str | None, detail: str) -> None:
        tell(SetAside(self._number, reason, column=column, detail=detail), self._aside, self._name)

    def _peek(self) -> bytes:
        """The next byte that is no white space, and go there; nothing at the end of the file."""
        while True:
            found = _SPACE.match(self._content, self._at)
            self._at = self._at if found is None else found.end()
            if self._at < len(self._content):
                return self._content[self._at : self._at + 1]
            self._content, self._at = b"", 0
            if not self._more():
                return b""

    def _more(self) -> bool:
        """Read on, the more the longer the object is; returns whether there was more."""
        pieces = [self._content]
        more = 0
        while more <= len(self._content) // 4 and (piece := self._pieces.read1()):
            pieces.append(piece)
            more += len(piece)
        self._content = b"".join(pieces)
        return more > 0


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


def _fault(entry: bytes, error: Exception) -> tuple[str | None, str]:
    """The member in which an object is malformed, and what is wrong with it."""
    try:
        text = entry.decode()
    except UnicodeDecodeError as found:
        byte = entry[found.start]
        return _member(entry[: found.start]), (
            f"holds the byte 0x{byte:02X}, which is not UTF-8; save the file as UTF-8"
        )
    try:
        json.loads(text)
    except json.JSONDecodeError as found:
        member = _member(text[: found.pos].encode())
        return member, f"is not JSON: {found.msg.removesuffix(' at')}"
    except (ValueError, RecursionError):
        pass  # such as what nests too deep
    place = _BYTE.search(str(error))
    return (
        None if place is None else _member(entry[: int(place[1])]),
        f"is not JSON that can be read: {_BYTE.sub('', str(error)).strip()}",
    )
