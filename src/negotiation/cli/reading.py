"""The log that a command is given: read from a path or from standard input, with a progress bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self, TextIO

from negotiation.cli.output import Failure, is_terminal
from negotiation.errors import MixedNegotiations
from negotiation.log import Log

if TYPE_CHECKING:
    from rich.progress import Progress

STDIN: Final = "-"
PATIENCE: Final = 1.0
"""For how many seconds a log is read without a word."""

_PAUSE: Final = 0.1
"""How many seconds pass between two looks of the bar."""


class Meter:
    """A progress bar that appears on a terminal once reading has taken longer than `PATIENCE`.

    Args:
        stream: the terminal.
        total: how many bytes there are to read; None if that is not known.
        clock: tells the seconds that pass.
    """

    def __init__(
        self, stream: TextIO, total: int | None, clock: Callable[[], float] = monotonic
    ) -> None:
        self._stream = stream
        self._total = total
        self._clock = clock
        self._next = clock() + PATIENCE
        self._read = 0
        self._bar: Progress | None = None

    def __call__(self, size: int) -> None:
        """Take note of so many bytes more that were read."""
        self._read += size
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _PAUSE
        if self._bar is None:
            self._bar = self._started()
        self._bar.update(self._bar.task_ids[0], completed=self._read)

    def _started(self) -> Progress:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        bar = Progress(
            TextColumn("reading"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(file=self._stream, force_terminal=True),
            transient=True,
        )
        bar.add_task("reading", total=self._total)
        bar.start()
        return bar

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def read(source: str, negotiation: str | None) -> Log:
    """The log at a path, or on standard input where the path is `-`.

    Args:
        source: the path.
        negotiation: the id of the negotiation to read; needed where there are several.

    Raises:
        DecodeError: as for `read_log`.
        Failure: there are several negotiations and none was chosen, or standard input is closed.
    """
    from negotiation.files import read_log

    try:
        with _meter(source) as progress:
            return read_log(
                _stdin() if source == STDIN else source, negotiation=negotiation, progress=progress
            )
    except MixedNegotiations as error:
        raise Failure(f"{error} with --negotiation") from None


def _stdin() -> IO[bytes]:
    if sys.stdin is None:
        raise Failure("standard input: cannot be read: it is closed")
    return sys.stdin.buffer


def _meter(source: str) -> AbstractContextManager[Meter | None]:
    if sys.stderr is None or not is_terminal(sys.stderr, os.environ):
        return nullcontext()
    total = None
    with suppress(OSError, ValueError):  # `read_log` says what is wrong with it
        total = Path(source).stat().st_size or None
    return Meter(sys.stderr, total)
