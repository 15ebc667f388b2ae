"""What an import sets aside: counted, told, and kept in a file that a person or a program reads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any, Final

import msgspec

from negotiation.cli.moving import replaced
from negotiation.cli.output import Failure
from negotiation.cli.staging import Clash
from negotiation.importers.common import Report, SetAside

SHOWN: Final = 20
"""How many mistakes are told on standard error."""

ALIKE: Final = 5
"""How many of these are of one reason and column."""

UNKEPT: Final = 10_000
"""How many are told where no file keeps them, whatever they are."""

_encode: Final = msgspec.json.Encoder().encode

_SAID: Final = frozenset({"row", "column", "reason", "wrong", "detail", "cells"})
"""What a line says of what was set aside."""


def check_place(path: Path) -> None:
    """Refuse a place in which what is set aside cannot be kept.

    Raises:
        Failure: it is no file, holds something else, or its directory is not there.
    """
    if str(path) == "-":
        raise Failure("--aside -: what is set aside goes into a file; name one")
    if path.is_dir():
        raise Failure(f"{path}: is a directory; name a file with --aside")
    if path.exists() and not path.is_file():
        raise Failure(f"{path}: is no file; name one with --aside")
    if path.is_file() and not _is_aside(path):
        raise Failure(f"{path}: holds something else than what was set aside; name another file "
                      "with --aside")  # fmt: skip
    if not path.absolute().parent.is_dir():
        raise Failure(f"{path}: there is no directory {str(path.absolute().parent)!r}; make it, or "
                      "name another file with --aside")  # fmt: skip


def _is_aside(path: Path) -> bool:
    """Whether a file holds what an import set aside, or nothing."""
    try:
        with path.open("rb") as file:
            line = file.readline()
        found = json.loads(line) if line else dict.fromkeys(_SAID)
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.keys() >= _SAID


class Asides:
    """What is set aside, on its way into its file.

    Attributes:
        report: what was counted.
        told: the first mistakes, as lines.
        kept: the file in which it is kept; None for nowhere.
        failure: why it could not be kept, if it could not.

    Args:
        name: what the source is called.
        place: the file that it goes into; None for nowhere.
        file: keeps it until it is known that all of it could be read.
    """

    def __init__(self, name: str, place: Path | None, file: IO[bytes]) -> None:
        self.report: Final = Report()
        self.told: Final[list[str]] = []
        self.kept: str | None = None
        self.failure: Failure | None = None
        self._name: Final = name
        self._place: Final = place
        self._file: Final = file
        self._unread = 0
        self._alike: Final[Counter[tuple[str, str | None]]] = Counter()

    def unread(self, found: SetAside) -> None:
        """Take what is wrong with a row that could not be read; it may be told of several times."""
        self.report.rows += found.row != self._unread
        self._unread = found.row
        self.take(found)

    def take(self, found: SetAside) -> None:
        """Take what was set aside."""
        self._add({"row": found.row, "column": found.column}, found, str(found))

    def clash(self, clash: Clash, cells: Mapping[str, Any] | None = None) -> None:
        """Take what is wrong with what was made of a row, or of a negotiation."""
        found = SetAside(
            clash.row or 0, clash.reason, True, clash.column, clash.detail, cells or {}
        )
        place: dict[str, Any] = {"row": clash.row, "column": clash.column}
        where = str(found) if clash.row else f"negotiation {clash.negotiation!r}: {clash.detail}"
        place |= {"negotiation": clash.negotiation, "id": clash.id}
        if clash.line is not None:
            place["record"] = json.loads(clash.line)
        self._add(place, found, where)

    def _add(self, place: Mapping[str, Any], found: SetAside, line: str) -> None:
        self.report.take(found)
        most, alike = (UNKEPT, UNKEPT) if self._place is None else (SHOWN, ALIKE)
        if found.wrong and len(self.told) < most:
            self._alike[found.reason, found.column] += 1
            if self._alike[found.reason, found.column] <= alike:
                self.told.append(f"{self._name}: {line}")
        said = {
            **place, "reason": found.reason, "wrong": found.wrong, "detail": found.detail,
            "cells": found.cells,
        }  # fmt: skip
        if found.text is not None:
            said["text"] = found.text
        self._file.write(_encode(said) + b"\n")

    def drop(self) -> None:
        """Remove the file of an earlier import, if there is one.

        Raises:
            Failure: it cannot be removed.
        """
        if self._place is None or not self._place.is_file():
            return
        try:
            self._place.unlink(missing_ok=True)
        except OSError as error:
            raise Failure(f"{self._place}: cannot be removed: {error.strerror}") from None

    def write(self) -> None:
        """Write the file, if there is a place for it.

        If nothing was set aside, the file of an earlier import is removed.

        Raises:
            Failure: that cannot be removed.
        """
        if self._place is None:
            return
        if not self.report.aside:
            self.drop()
            return
        self._file.seek(0)
        try:
            with replaced(self._place, force=True) as file:
                copyfileobj(self._file, file)
        except Failure as failure:
            self.failure = failure
        else:
            self.kept = str(self._place)
