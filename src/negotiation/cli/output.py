"""Where output goes: what a stream can show, and text that is safe to show on it.

Whatever a log says is somebody else's text. On its way out, what would steer a terminal or reorder
a line is written as an escape that can be seen, in tables and in JSON alike.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from io import TextIOWrapper
from typing import Any, Final, Self, TextIO

from attrs import frozen

from negotiation.errors import NegotiationError

NARROWEST: Final = 40
"""On a page that is narrower still, lines are left to the terminal to break."""

_DEFAULT_WIDTH: Final = 80
_UNSEEN: Final = (
    "\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
"""Beyond ASCII's control characters: C1, bidirectional and invisible ones, lone surrogates. The
joiners that Persian and Indic words are written with stay."""

_UNSAFE: Final = re.compile(f"[\x00-\x1f{_UNSEEN}]")
_UNSAFE_IN_JSON: Final = re.compile(f"[{_UNSEEN}]")


class Failure(NegotiationError):
    """What was asked for cannot be done; the message is the line that says why."""


class Found(Failure):
    """What a command looks for was found, which its exit code says; the message says what."""


@frozen
class Page:
    """What a stream can show.

    Attributes:
        width: how many columns a line has.
        colour: whether text is coloured.
        unicode: whether it takes every character.
    """

    width: int = _DEFAULT_WIDTH
    colour: bool = False
    unicode: bool = True

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> Self:
        """The page that a stream is, as the environment says: COLUMNS, NO_COLOR and so on."""
        return cls(
            max(_width(stream, environ), NARROWEST),
            _coloured(stream, environ),
            _takes_unicode(stream),
        )

    @property
    def arrow(self) -> str:
        """What stands between before and after."""
        return "→" if self.unicode else "->"

    @property
    def rule(self) -> str:
        """What the line under a table's head is made of."""
        return "─" if self.unicode else "-"

    def paint(self, text: str, style: str) -> str:
        """Text in a style, given in the words of rich; as it is where nothing is coloured."""
        if not (self.colour and style):
            return text
        from rich.color import ColorSystem
        from rich.style import Style

        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


def is_terminal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a stream is a terminal that can do more than print one line after the other."""
    return stream.isatty() and environ.get("TERM") not in ("dumb", "unknown")


def _coloured(stream: TextIO, environ: Mapping[str, str]) -> bool:
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or is_terminal(stream, environ)


def _width(stream: TextIO, environ: Mapping[str, str]) -> int:
    columns = environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns[:6]):
        return int(columns[:6])
    with suppress(OSError):  # no terminal
        return os.get_terminal_size(stream.fileno()).columns or _DEFAULT_WIDTH
    return _DEFAULT_WIDTH


def _takes_unicode(stream: TextIO) -> bool:
    encoding = (stream.encoding or "utf-8").lower()
    return encoding.replace("-", "").replace("_", "") in ("utf8", "cp65001")


def visible(text: str) -> str:
    """Text in which control characters and the like are escapes that can be seen."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def json_text(value: Any, *, unicode: bool = True) -> str:
    """A value as indented JSON, a newline at its end.

    Args:
        value: what JSON can hold.
        unicode: whether characters beyond ASCII are written as they are.
    """
    return _escaped(json.dumps(value, indent=2, ensure_ascii=not unicode)) + "\n"


def _escaped(text: str) -> str:
    """JSON in which what would steer a terminal is escaped."""
    return _UNSAFE_IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1], text)


def stdout() -> TextIO:
    """Standard output.

    Raises:
        Failure: it was closed.
    """
    if sys.stdout is None:
        raise Failure("standard output: cannot be written: it is closed")
    return sys.stdout


def page() -> Page:
    """The page that standard output is."""
    return Page.of(stdout(), os.environ)


def emit(text: str) -> None:
    """Write everything there is to say to standard output, at once.

    A reader who has left early, such as `head`, is no error.

    Raises:
        Failure: it cannot be written, for want of space for instance.
    """
    Outlet().say(text)


class Outlet:
    """Standard output for what is written bit by bit.

    Raises:
        Failure: it is closed; and so where it cannot be written to.
    """

    def __init__(self) -> None:
        self._stream = stdout()
        self._bytes = self._stream.buffer if isinstance(self._stream, TextIOWrapper) else None
        self._terminal = self._stream.isatty()
        if isinstance(self._stream, TextIOWrapper):
            self._stream.reconfigure(errors="backslashreplace")

    def say(self, text: str) -> bool:
        """Write text at once.

        Returns:
            Whether there still is a reader, who may have left early, such as `head`.
        """
        return self._done(lambda: self._stream.write(text)) and self.flush()

    def line(self, line: str) -> bool:
        """Write a line of a log, in UTF-8 whatever the locale, byte for byte what was sealed.

        A terminal, which is nobody's log, is shown what would steer it as escapes.

        Returns:
            As in `say`.
        """
        if self._bytes is None or self._terminal:
            text = _escaped(line) + "\n"
            return self._done(lambda: self._stream.write(text))
        content, file = line.encode() + b"\n", self._bytes
        return self._done(lambda: file.write(content))

    def flush(self) -> bool:
        """Let the reader have what was written; returns as in `say`."""
        return self._done(self._stream.flush)

    def _done(self, write: Callable[[], object]) -> bool:
        try:
            write()
        except BrokenPipeError:
            forget(self._stream)
            return False
        except OSError as error:
            forget(self._stream)
            raise Failure(f"standard output: cannot be written: {error.strerror}") from None
        return True


def emit_json(value: Any) -> None:
    """Write a value to standard output as JSON."""
    emit(json_text(value, unicode=_takes_unicode(stdout())))


def emit_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output, once there are all of them."""
    emit("".join(f"{line}\n" for line in lines))


def records_words(count: int) -> str:
    """So many records."""
    return "1 record" if count == 1 else f"{count} records"


def complain(message: str) -> None:
    """Write one line to standard error."""
    if sys.stderr is not None:
        try:
            sys.stderr.write(visible(message) + "\n")
            sys.stderr.flush()
        except OSError:
            forget(sys.stderr)


def forget(stream: TextIO) -> None:
    """Let what could not be written go nowhere, so that closing the stream at the end succeeds."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
