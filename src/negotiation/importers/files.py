"""Files of foreign data: opened, read piece by piece, refused where they are of another kind.

What is wrong with a file as a whole is an error. What is wrong with one row is an error too, unless
`aside` is given: then it is told, and the rows behind it are read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Final, TypeAlias

from negotiation.errors import DecodeError, Unreadable
from negotiation.importers.common import SetAside
from negotiation.values import describe

Source: TypeAlias = "str | os.PathLike[str] | IO[bytes]"
"""A path, or a binary file that is open for reading."""

Aside: TypeAlias = Callable[[SetAside], object]
Progress: TypeAlias = Callable[[int], object]

PIECE: Final = 1 << 16
"""How many bytes are read at once."""

SHOWN: Final = 100_000
"""How many characters are kept of a row that could not be read."""

_OTHER_KINDS: Final = (
    (b"PK\x03\x04", "a workbook such as .xlsx, or another ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "a workbook of an old kind, such as .xls"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"\xff\xfe\x00\x00", "in UTF-32"),
    (b"\x00\x00\xfe\xff", "in UTF-32"),
    (b"\xff\xfe", "in UTF-16"),  # as the first of those in UTF-32 begin too
    (b"\xfe\xff", "in UTF-16"),
)
"""How files of other kinds begin, and what they are."""


class Pieces(BufferedIOBase):
    """A binary file that somebody else opened and will close, read piece by piece.

    Args:
        file: the file.
        name: what it is called in an error.
        progress: called with the number of bytes of each piece.
    """

    def __init__(self, file: IO[bytes], name: str, progress: Progress | None) -> None:
        self._file: Final = file
        self.name: Final = name
        self._progress: Final = progress

    def readable(self) -> bool:
        """It is."""
        return True

    def read1(self, size: int = -1, /) -> bytes:  # noqa: ARG002  # whoever reads says how much
        """The next piece, however large; nothing at the end of the file.

        Raises:
            Unreadable: it cannot be read, or holds text where there should be bytes.
        """
        try:
            piece = self._file.read(PIECE)
        except (OSError, ValueError) as error:
            raise _unreadable(self.name, error) from None
        if not isinstance(piece, bytes):
            raise Unreadable(f"must be {_FILE} for reading bytes, not text", file=self.name)
        if self._progress is not None and piece:
            self._progress(len(piece))
        return piece


_FILE: Final = "a path, or a binary file that is open"


def _unreadable(name: str, error: OSError | ValueError) -> Unreadable:
    reason = getattr(error, "strerror", None) or str(error)
    return Unreadable(f"cannot be read: {reason}", file=name)


@contextmanager
def opened(source: Source, progress: Progress | None) -> Iterator[Pieces]:
    """A file for reading.

    Raises:
        Unreadable: it cannot be opened, or is no file.
    """
    if not isinstance(source, str | os.PathLike):
        if not hasattr(source, "read"):
            raise Unreadable(f"must be {_FILE} for reading, not {describe(source)}")
        name = str(getattr(source, "name", "input"))
        yield Pieces(source, name, progress)
        return
    name = os.fspath(source)
    if not name:
        raise Unreadable("the path '' is empty; name a file")
    path = Path(source)
    try:
        file = path.open("rb")  # closed below; only opening is told of here
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from None
    with file:
        yield Pieces(file, name, progress)


def tell(found: SetAside, aside: Aside | None, name: str) -> None:
    """Tell what is wrong with a row, or raise it where nobody is to be told.

    Raises:
        DecodeError: `aside` is None.
    """
    if aside is None:
        raise DecodeError(found.detail, file=name, path=found.place)
    aside(found)


def shortened(text: str) -> str:
    """The text of a row that could not be read, cut where it is long."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def check_kind(beginning: bytes, name: str, wanted: str) -> None:
    """Refuse a file that is of another kind by how it begins.

    Raises:
        DecodeError: it is.
    """
    for signature, kind in _OTHER_KINDS:
        if beginning.startswith(signature):
            raise DecodeError(f"is {kind}; save it as {wanted}", file=name)
    if b"\x00" in beginning:
        raise DecodeError(f"holds no text; save it as {wanted}", file=name)
