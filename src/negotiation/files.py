"""Log files: JSON Lines, one CloudEvents event per line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeAlias

from negotiation.collector import collector_paused
from negotiation.errors import DecodeError, InvalidLog, MixedNegotiations, Unreadable
from negotiation.history import Spine
from negotiation.log import Log
from negotiation.model import Model
from negotiation.wire.lines import Codec
from negotiation.wire.text import DEFAULT_LIMITS, Limits

Source: TypeAlias = "str | os.PathLike[str] | IO[bytes]"
"""A path, or a binary file that is open for reading."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_log(
    source: Source,
    *,
    negotiation: str | None = None,
    model: Model = Model.default,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[int], object] | None = None,
) -> Log:
    """The log that a file holds.

    Blank lines are skipped, and an empty file is an empty log.

    Args:
        source: a path, or a binary file open for reading, which is left open.
        negotiation: the id of the one to read; needed only where the file holds several.
        model: the events that are known.
        limits: how much one line may hold.
        progress: called with the number of bytes of each line as it is read.

    Raises:
        DecodeError: a line is no record; the error has the file, the line and the path inside it.
        MixedNegotiations: the file holds several negotiations and none was chosen.
        Unreadable: the file cannot be opened or read.
    """
    spines: dict[str, Spine] = {}
    spine = Spine()
    decode = Codec(model, limits).decode
    with _opened(source) as (file, name), collector_paused():
        for number, line in _lines(file, name, limits.line_bytes):
            if progress is not None:
                progress(len(line))
            if not line.strip():
                continue
            try:
                record = decode(line, spine.records[-1] if spine.records else None)
                if spine.records and record.negotiation != spine.records[-1].negotiation:
                    spine = spines.get(record.negotiation) or Spine()
                    record = decode(line, spine.records[-1] if spine.records else None)
                spine.add(record)
                spines.setdefault(record.negotiation, spine)
            except InvalidLog as error:
                raise DecodeError(str(error), file=name, line=number) from None
            except DecodeError as error:
                raise error.at(name, number) from None
    if negotiation is not None:
        if spines and negotiation not in spines:
            raise DecodeError(
                f"holds no negotiation {negotiation!r}; it holds "
                f"{', '.join(map(repr, sorted(spines)))}",
                file=name,
            )
        return Log.of(negotiation, spines.get(negotiation) or Spine())
    if len(spines) > 1:
        raise MixedNegotiations(spines, file=name)
    return Log.of(None, spine)


def write_log(
    log: Log,
    target: str | os.PathLike[str] | IO[bytes],
    *,
    model: Model = Model.default,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write a log to a file, whole or not at all.

    Args:
        log: the log.
        target: a path, whose file is replaced once everything is written beside it, or a binary
            file open for writing.
        model: the events that are known.
        limits: how much one line may hold.

    Raises:
        EncodeError: a record cannot be written so that it could be read back.
        Unreadable: the file cannot be written.
    """
    encode = Codec(model, limits).encode
    content = "".join(encode(record) + "\n" for record in log).encode()
    if not isinstance(target, str | os.PathLike):
        target.write(content)
        return
    path = Path(target)
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        raise Unreadable(f"cannot be written: {error.strerror}", file=str(path)) from None


@contextmanager
def _opened(source: Source) -> Iterator[tuple[IO[bytes], str]]:
    if not isinstance(source, str | os.PathLike):
        yield source, str(getattr(source, "name", "input"))
        return
    name = os.fspath(source)
    try:
        file = Path(source).open("rb")  # noqa: SIM115  # closed below; only opening is told of here
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unreadable(f"cannot be read: {reason}", file=name) from None
    with file:
        yield file, name


def _lines(file: IO[bytes], name: str, longest: int) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers; never more than one line in memory."""
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(longest + 6)  # room for a byte-order mark and the line's end
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}", file=name, line=number) from None
        if not line:
            return
        if number == 1 and line.startswith(_BYTE_ORDER_MARK):
            line = line[len(_BYTE_ORDER_MARK) :]
        if len(line.rstrip(b"\r\n")) > longest:
            raise DecodeError(
                f"the line has more than the {longest} bytes that are read", file=name, line=number
            )
        yield number, line
