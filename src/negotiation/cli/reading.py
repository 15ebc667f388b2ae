"""The log that a command is given: a path, standard input or a store, read with a progress bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self, TextIO

from negotiation.cli.output import Failure, is_terminal
from negotiation.cli.places import ids_of, names_store, no_such, opened, several, shown
from negotiation.errors import MixedNegotiations, Unreadable
from negotiation.log import Log
from negotiation.records import Record

if TYPE_CHECKING:
    from rich.progress import Progress

    from negotiation.stores import Store

STDIN: Final = "-"
PATIENCE: Final = 1.0
"""For how many seconds a log is read without a word."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_PAUSE: Final = 0.1
"""How many seconds pass between two looks of the bar."""


class Meter:
    """A progress bar that appears on a terminal once reading has taken longer than `PATIENCE`.

    Args:
        stream: the terminal.
        total: how many bytes there are to read; None if that is not known.
        records: whether it is records that are counted, not bytes.
        doing: what is being done with them.
        clock: tells the seconds that pass.
    """

    def __init__(
        self,
        stream: TextIO,
        total: int | None = None,
        *,
        records: bool = False,
        doing: str = "reading",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._stream = stream
        self._total = total
        self._records = records
        self._doing = doing
        self._clock = clock
        self._next = clock() + PATIENCE
        self._read = 0
        self._bar: Progress | None = None

    def __call__(self, size: int) -> None:
        """Take note of so many bytes or records more that were read."""
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
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        bar = Progress(
            TextColumn(self._doing),
            BarColumn(),
            MofNCompleteColumn() if self._records else DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(file=self._stream, force_terminal=True),
            transient=True,
        )
        bar.add_task(self._doing, total=self._total)
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
    """The log at a path, on standard input where the path is `-`, or in a store.

    Args:
        source: the path, or the URL of the store.
        negotiation: the id of the negotiation to read; needed where there are several.

    Raises:
        DecodeError: as for `read_log`.
        Failure: there are several negotiations and none was chosen, or standard input is closed;
            a store holds none, or not the one that was chosen.
        UnknownStore, StoreFailed: as for `open_store`.
    """
    if names_store(source):
        with opened(source) as store:
            return _kept(store, shown(source), negotiation)
    from negotiation.files import read_log

    try:
        with _meter(source) as progress:
            return read_log(
                stdin() if source == STDIN else source, negotiation=negotiation, progress=progress
            )
    except MixedNegotiations as error:
        raise Failure(f"{error} with --negotiation") from None


def _kept(store: Store, name: str, negotiation: str | None) -> Log:
    """The log of a negotiation of a store."""
    if negotiation is None:
        ids = ids_of(store)
        if len(ids) != 1:
            raise several(name, ids)
        [negotiation] = ids
    with metered() as progress:
        if progress is None:
            log = store.read(negotiation)
        else:
            log = Log(negotiation, _counted(store.records(negotiation), progress))
    if not log:
        raise no_such(name, negotiation, ids_of(store))
    return log


def _counted(records: Iterable[Record], progress: Meter) -> Iterator[Record]:
    for record in records:
        progress(1)
        yield record


def lines_of(source: str) -> Iterator[tuple[int, bytes]]:
    """The lines at a path or on standard input that are not blank, with their numbers.

    No more than one of them is in memory. One that is longer than a line may be is cut, and is
    longer still.

    Raises:
        Failure: standard input is closed.
        Unreadable: the file cannot be opened or read.
    """
    from negotiation.wire.text import DEFAULT_LIMITS

    number = 0
    try:
        with _binary(source) as file, _meter(source) as progress:
            # room for a byte-order mark and the line's end
            while line := file.readline(DEFAULT_LIMITS.line_bytes + 6):
                number += 1
                if progress is not None:
                    progress(len(line))
                line = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
                if line.strip():
                    yield number, line
    except (OSError, ValueError) as error:
        raise _unreadable(source, error, number + 1 if number else None) from None


def content_of(source: str) -> bytes:
    """Everything that is at a path or on standard input.

    Raises:
        Failure, Unreadable: as for `lines_of`.
    """
    try:
        with _binary(source) as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise _unreadable(source, error) from None


def name_of(source: str) -> str:
    """What a path or standard input is called in front of the number of a line."""
    return "<stdin>" if source == STDIN else source


def _binary(source: str) -> AbstractContextManager[IO[bytes]]:
    if not source:
        raise Failure("the path '' is empty; name a file")
    if names_store(source):
        raise Failure(f"{shown(source)}: is the URL of a store, and no file")
    return nullcontext(stdin()) if source == STDIN else Path(source).open("rb")


def _unreadable(source: str, error: OSError | ValueError, line: int | None = None) -> Unreadable:
    reason = getattr(error, "strerror", None) or str(error)
    return Unreadable(f"cannot be read: {reason}", file=name_of(source), line=line)


def stdin() -> IO[bytes]:
    """Standard input as bytes.

    Raises:
        Failure: it is closed.
    """
    if sys.stdin is None:
        raise Failure("standard input: cannot be read: it is closed")
    return sys.stdin.buffer


def _meter(source: str) -> AbstractContextManager[Meter | None]:
    total = None
    with suppress(OSError, ValueError):  # whoever reads it says what is wrong with it
        total = Path(source).stat().st_size or None
    return metered(total, records=False)


def metered(
    total: int | None = None, *, records: bool = True, doing: str = "reading"
) -> AbstractContextManager[Meter | None]:
    """A progress bar, if there is a terminal for one; arguments as for `Meter`."""
    if sys.stderr is None or not is_terminal(sys.stderr, os.environ):
        return nullcontext()
    return Meter(sys.stderr, total, records=records, doing=doing)
