"""Log files: JSON Lines, one CloudEvents event per line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EISDIR
from functools import partial
from io import UnsupportedOperation
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from negotiation.collector import collector_paused
from negotiation.errors import DecodeError, InvalidLog, MixedNegotiations, Unreadable
from negotiation.history import Spine
from negotiation.log import Log
from negotiation.model import Model
from negotiation.values import describe
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
    write: Callable[[bytes], object]
    if isinstance(target, str | os.PathLike):
        write = partial(_replace, _path(target))
    elif hasattr(target, "write"):
        write = target.write
    else:
        raise Unreadable(f"must be {_FILE} for writing, not {describe(target)}")
    try:
        write(content)
    except TypeError:
        reason = f"must be {_FILE} for writing bytes, not text"
        raise Unreadable(reason, file=_name(target, "output")) from None
    except (OSError, ValueError) as error:
        reason = f"cannot be written: {_reason(error)}"
        raise Unreadable(reason, file=_name(target, "output")) from None


_FILE: Final = "a path, or a binary file that is open"


def _path(given: str | os.PathLike[str]) -> Path:
    if not os.fspath(given):
        raise Unreadable("the path '' is empty; name a file")
    return Path(given)


def _name(given: Any, nameless: str) -> str:
    """What a file is called in a message."""
    if isinstance(given, str | os.PathLike):
        return os.fspath(given)
    return str(getattr(given, "name", nameless))


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, UnsupportedOperation):
        return "the file is not open for that"
    return getattr(error, "strerror", None) or str(error)


def _replace(path: Path, content: bytes) -> None:
    """Put a file of this content in the place of what is there, leaving nothing beside it."""
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    beside = path.with_name(path.name + ".part")
    file = beside.open("wb")
    try:
        with file:
            file.write(content)
        beside.replace(path)
    except BaseException:
        beside.unlink()
        raise


@contextmanager
def _opened(source: Source) -> Iterator[tuple[IO[bytes], str]]:
    name = _name(source, "input")
    if not isinstance(source, str | os.PathLike):
        if not hasattr(source, "readline"):
            raise Unreadable(f"must be {_FILE} for reading, not {describe(source)}")
        yield source, name
        return
    path = _path(source)
    try:
        file = path.open("rb")  # closed below; only opening is told of here
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot be read: {_reason(error)}", file=name) from None
    with file:
        yield file, name


def _lines(file: IO[bytes], name: str, longest: int) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers; never more than one line in memory."""
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(longest + 6)  # room for a byte-order mark and the line's end
        except (OSError, ValueError) as error:
            raise Unreadable(f"cannot be read: {_reason(error)}", file=name, line=number) from None
        if not isinstance(line, bytes):
            raise Unreadable(f"must be {_FILE} for reading bytes, not text", file=name)
        if not line:
            return
        if number == 1 and line.startswith(_BYTE_ORDER_MARK):
            line = line[len(_BYTE_ORDER_MARK) :]
        if len(line.rstrip(b"\r\n")) > longest:
            raise DecodeError(
                f"the line has more than the {longest} bytes that are read", file=name, line=number
            )
        yield number, line
