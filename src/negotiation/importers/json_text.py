"""JSON read piece by piece: where an object ends, and whether it is JSON, however long it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from negotiation.importers.files import PIECE, Pieces

LOST: Final = "the objects below cannot be told from it"
"""What it means that the end of an object cannot be known."""

_IN_TEXT: Final = rb'[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*+'
_PARTS: Final[Mapping[str, bytes]] = {
    "MEMBER": rb"TEXT_:_VALUE",
    "VALUE": rb"(?:WORD|TEXT|\[_(?:SCALAR_(?:,_SCALAR_)*+)?+\]|{_(?:PAIR_(?:,_PAIR_)*+)?+})",
    "PAIR": rb"TEXT_:_SCALAR",
    "SCALAR": rb"(?:TEXT|WORD)",
    "WORD": (
        rb"(?:true|false|null|NaN|-?Infinity|-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?)"
        rb"(?=END)"
    ),
    "END": rb'[ \t\r\n"{}\[\],:]',
    "FLAT": rb'(?:[^"\[\]{}]++|TEXT)',
    "TEXT": b'"' + _IN_TEXT + b'"',
    "_": rb"[ \t\r\n]*+",
}
"""What JSON is made of, each of parts that stand below; flat is what holds no brackets."""


def _pattern(source: bytes) -> re.Pattern[bytes]:
    for name, part in _PARTS.items():
        source = source.replace(name.encode(), part)
    return re.compile(source)


_SPACE: Final = _pattern(b"_")
_LINE_END: Final = _pattern(rb"[\r\n]")
_INSIDE: Final = _pattern(_IN_TEXT)
_OVER_LINES: Final = _pattern(b'"?' + _IN_TEXT + rb"\\?[\r\n]")
_BRACKET: Final = _pattern(rb"(?:FLAT|{FLAT*+}|\[FLAT*+\])*+([\[\]{}]?)")
"""The next bracket but for pairs that hold no others; there is none where a text is open."""

_TOKEN: Final = _pattern(rb"_([{}\[\],:]|SCALAR)")
_WORD_END: Final = _pattern(b"END")
_MEMBERS: Final = _pattern(rb"(?:_MEMBER_,)*+")
_ITEMS: Final = _pattern(rb"(?:_VALUE_,)*+")

_CLOSES: Final[Mapping[bytes, bytes]] = {b"}": b"{", b"]": b"["}
_CLOSED_BY: Final[Mapping[bytes, bytes]] = {begin: end for end, begin in _CLOSES.items()}

_STATES: Final = range(8)
(_VALUE, _ITEM_OR_END, _ITEM, _MEMBER_OR_END, _MEMBER, _COLON, _IN_ARRAY, _IN_OBJECT) = _STATES
"""What is to come in an object, or an array; behind a value, a comma or the end."""

WORDS: Final = b"-0123456789tfnNI"
"""How a value begins that is neither a text nor holds others."""

_VALUES: Final = b'{["' + WORDS
_GRAMMAR: Final[Mapping[int, Mapping[int, int]]] = {
    _VALUE: dict.fromkeys(_VALUES, _IN_OBJECT),
    _ITEM_OR_END: dict.fromkeys(_VALUES + b"]", _IN_ARRAY),
    _ITEM: dict.fromkeys(_VALUES, _IN_ARRAY),
    _MEMBER_OR_END: dict.fromkeys(b'"}', _COLON),
    _MEMBER: dict.fromkeys(b'"', _COLON),
    _COLON: dict.fromkeys(b":", _VALUE),
    _IN_ARRAY: dict.fromkeys(b",]", _ITEM),
    _IN_OBJECT: dict.fromkeys(b",}", _MEMBER),
}
"""What is to come next behind a token, by how it begins; behind a bracket, that of its value."""

_MANY: Final[Mapping[int, tuple[re.Pattern[bytes], int]]] = {
    _ITEM_OR_END: (_ITEMS, _ITEM),
    _ITEM: (_ITEMS, _ITEM),
    _MEMBER_OR_END: (_MEMBERS, _MEMBER),
    _MEMBER: (_MEMBERS, _MEMBER),
}
"""What can be read at once, and what is to come then."""


class Broken(Exception):  # it never leaves the importers
    """Where an object ends cannot be known; the message says why."""


class JsonText:
    """JSON that is read piece by piece.

    Args:
        pieces: the file.

    Attributes:
        content: what is in memory of it.
        start: where the object at hand begins in it.
        at: how far it was read.
        begins_line: whether nothing but white space stands between there and the end of the line
            above.
    """

    def __init__(self, pieces: Pieces) -> None:
        self._pieces: Final = pieces
        self.content = b""
        self.start = 0
        self.at = 0
        self.begins_line = True

    def peek(self) -> bytes:
        """The next byte that is no white space, and go there; nothing at the end of the file."""
        while True:
            start = self.at
            if self._passes(_SPACE) and _LINE_END.search(self.content, start, self.at):
                self.begins_line = True
            if self.at < len(self.content):
                return self.content[self.at : self.at + 1]
            self.content, self.at = b"", 0
            if not self.more():
                return b""

    def more(self) -> bool:
        """Read a quarter of what is held, or more, so that the work grows with the file alone.

        Returns:
            Whether there was more.
        """
        pieces = [self.content]
        more = 0
        while more <= len(self.content) // 4 and (piece := self._pieces.read1()):
            pieces.append(piece)
            more += len(piece)
        self.content = b"".join(pieces)
        return more > 0

    def find_end(self, most: int) -> bool:
        """Go behind the object that begins here.

        Args:
            most: how many bytes it may have.

        Returns:
            Whether it has no more; if it has, its end was not looked for.

        Raises:
            Broken: its double quotes or its brackets do not match.
        """
        self.start, self.at = self.at, self.at + 1
        opened = bytearray(b"{")
        while True:
            for found in _BRACKET.finditer(  # pragma: no branch  # the last finds nothing
                self.content, self.at
            ):
                self.at = found.end()
                mark = found[1]
                if mark in _CLOSED_BY:
                    opened += mark
                elif not mark:
                    break
                elif not opened.endswith(_CLOSES[mark]):
                    raise Broken(_mismatch(mark, bytes(opened[-1:])))
                elif len(opened) == 1:
                    return self.at - self.start <= most
                else:
                    del opened[-1]
            if len(self.content) - self.start > most:
                return False
            self._read_on(self.start)

    def skip(self, deepest: int) -> None:
        """Go behind the object that begins here, of which nothing is kept.

        Args:
            deepest: how deep it may nest.

        Raises:
            Broken: it is not JSON, or nests deeper.
        """
        opened = bytearray()
        state = _VALUE
        while state == _VALUE or opened:
            if state in _MANY and self._passes(_MANY[state][0]):
                state = _MANY[state][1]
            token = self._token()
            following = _GRAMMAR[state].get(token)
            if following is None:
                raise Broken(_NO_JSON)
            if token in b"{[":
                opened.append(following)
                following = _MEMBER_OR_END if token == _BRACE else _ITEM_OR_END
                if len(opened) > deepest:
                    raise Broken(f"nests too deep; {LOST}")
            elif token in b"}]":
                following = opened.pop()
            state = following

    def word(self) -> bytes:
        """What begins here and is neither a text nor holds other values, and go behind it.

        Raises:
            Broken: it is not JSON.
        """
        self.start = self.at
        self._token()
        return self.content[self.start : self.at]

    def _token(self) -> int:
        """How the next token begins, and go behind it."""
        while (found := _TOKEN.match(self.content, self.at)) is None:
            self._passes(_SPACE)
            if self.content.startswith(b'"', self.at):
                return self._text()
            if _WORD_END.search(self.content, self.at) or len(self.content) - self.at > PIECE:
                raise Broken(_NO_JSON)
            self._read_on(self.at)
        self.at = found.end()
        return self.content[found.start(1)]

    def _text(self) -> int:
        """The same for a text that goes on over the end of what is in memory."""
        quote = self.content[self.at]
        self.at += 1
        self._passes(_INSIDE)
        while not self.content.startswith(b'"', self.at):
            self._read_on(self.at)
            self._passes(_INSIDE)
        self.at += 1
        return quote

    def _passes(self, pattern: re.Pattern[bytes]) -> bool:
        """Go behind what a pattern matches; returns whether that is anything."""
        found = pattern.match(self.content, self.at)
        if found is None or found.end() == self.at:
            return False
        self.at = found.end()
        return True

    def _read_on(self, start: int) -> None:
        """Read on in the middle of an object; what stands before `start` goes.

        Raises:
            Broken: the file ends, or a text that is open goes on over the end of its line.
        """
        self.content, self.start, self.at = self.content[start:], 0, self.at - start
        if _OVER_LINES.match(self.content, self.at):
            raise Broken(
                f"a text goes on over the end of its line; {LOST}: is a double quote not closed?"
            )
        if not self.more():
            raise Broken("the file ends in the middle of it")


_BRACE: Final = ord("{")
_NO_JSON: Final = f"is not JSON; {LOST}"


def _mismatch(mark: bytes, opened: bytes) -> str:
    end = _CLOSED_BY[opened].decode()
    return f"{mark.decode()} stands where {end} must close what is open; {LOST}"
