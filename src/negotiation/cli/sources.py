"""What is verified, exported and moved: the negotiations of a store or of a file, alike."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import attrs
from attrs import Factory, define

from negotiation.cli.output import Found
from negotiation.cli.places import names_store, opened
from negotiation.cli.reading import lines_of, name_of
from negotiation.errors import DecodeError, InvalidLog, StoreDamaged
from negotiation.history import Spine
from negotiation.records import Record
from negotiation.stores import StoredNegotiation
from negotiation.stores.appending import Torn
from negotiation.stores.opening import FILE
from negotiation.values import Refused
from negotiation.wire.lines import Codec, negotiation_of
from negotiation.wire.seals import Head
from negotiation.wire.text import parse
from negotiation.wire.verifying import Fault, Verification, Verifier


class Source(typing.Protocol):
    """What every store can do, and a file that was read."""

    def negotiations(self) -> Iterable[StoredNegotiation]:
        """The negotiations that there are, in the order of their ids."""

    def records(self, negotiation: str) -> Iterable[Record]:
        """The records of a negotiation."""

    def read_all(self) -> Iterable[tuple[int, Record]]:
        """The records of all negotiations, numbered, in the order in which they stand there."""

    def verify(self, negotiation: str, *, head: Head | None = None) -> Verification:
        """Whether the records of a negotiation are as they were sealed."""


@contextmanager
def opened_source(source: str) -> Iterator[Source]:
    """What a LOG holds.

    Args:
        source: a path, - for standard input, or the URL of a store.

    Raises:
        DecodeError, Failure: as for `FileLog`, which reads a file of JSON Lines too where a line of
            it is no record; else it is read as a store.
        UnknownStore, StoreFailed: as for `open_store`.
    """
    if names_store(source):
        with opened(source) as store:
            yield store
        return
    if not source.endswith(FILE):
        yield FileLog(source)
        return
    with opened(source) as store:
        try:
            store.negotiations()
        except StoreDamaged:
            yield _DamagedFile(source, store)
        else:
            yield store


def upto_torn(found: Verification) -> Verification:
    """What verifying found, in which a torn end, behind what is whole, is no fault."""
    return attrs.evolve(found, fault=None) if isinstance(found.fault, Torn) else found


@contextmanager
def looking() -> Iterator[None]:
    """While what is open is looked at: what was not written by a store was altered.

    Raises:
        Found: the store is damaged.
    """
    try:
        yield
    except StoreDamaged as error:
        raise Found(f"altered: {error}") from None


@define
class _Lines:
    """The lines of one negotiation of a file.

    Attributes:
        raw: the lines as they stand there; of an unsealed one no second copy.
        spine: the records that they are.
        sealed: whether one of them carries a seal.
        damage: what is wrong with the line behind the last one; None if nothing is.
    """

    raw: list[bytes] = Factory(list)
    spine: Spine = Factory(Spine)
    sealed: bool = False
    damage: str | None = None


class FileLog:
    """A `Source` of lines that are no store: a file that was read, or standard input.

    In a file that carries seals, a line that is no record is one that was altered, as `verify`
    tells.

    Args:
        source: the path, or - for standard input.

    Raises:
        DecodeError: a line is no record, and none carries a seal.
        Unreadable: the file cannot be opened or read.
        Failure: standard input is closed.
    """

    def __init__(self, source: str) -> None:
        self._codec: Final = Codec()
        self._negotiations: Final[dict[str, _Lines]] = {}
        self._order: Final[list[Record]] = []
        damaged: list[tuple[str | None, int, DecodeError]] = []
        above: str | None = None
        for number, raw in lines_of(source):
            line = raw.strip(b" \t\r\n")
            try:
                above = self._take(line, above)
            except (DecodeError, InvalidLog) as error:
                wrong = error if isinstance(error, DecodeError) else DecodeError(str(error))
                owner = self._owner(line, above)
                at = len(self._negotiations[owner].raw) if owner is not None else 0
                damaged.append((owner, at, wrong.at(name_of(source), number)))
        if damaged and not any(lines.sealed for lines in self._negotiations.values()):
            raise damaged[0][-1]
        for owner, at, wrong in damaged:
            lines = self._negotiations[owner or next(iter(self._negotiations))]
            if lines.damage is None:
                lines.damage = f"is no record: {wrong}"
                del lines.raw[at:]

    def _take(self, line: bytes, above: str | None) -> str:
        """Take a line, given the negotiation of the one above it; returns its own."""
        record = self._codec.decode(line, self._last(above))
        if (negotiation := record.negotiation) != above:
            record = self._codec.decode(line, self._last(negotiation))
        lines = self._negotiations.get(negotiation) or _Lines()
        length = len(lines.spine.records)
        lines.spine.add(record)
        self._negotiations[negotiation] = lines
        lines.sealed = lines.sealed or record.hash is not None
        if grown := len(lines.spine.records) > length:
            self._order.append(lines.spine.records[-1])
        if grown or lines.sealed:
            lines.raw.append(line)
        return negotiation

    def _last(self, negotiation: str | None) -> Record | None:
        lines = self._negotiations.get(negotiation or "")
        return None if lines is None else lines.spine.records[-1]

    def _owner(self, line: bytes, above: str | None) -> str | None:
        """The negotiation of a line that is no record: the one it names, or that of the line above.

        None if there is no line above.
        """
        try:
            value = parse(line)
            named = negotiation_of(value["source"])
        except (DecodeError, Refused, KeyError, TypeError, AttributeError):
            return above
        return named if named in self._negotiations else above

    def negotiations(self) -> Iterator[StoredNegotiation]:
        """As in `Source`."""
        for negotiation in sorted(self._negotiations):
            records = self._negotiations[negotiation].spine.records
            yield StoredNegotiation(
                negotiation=negotiation,
                count=len(records),
                first=records[0].recorded,
                last=records[-1].recorded,
            )

    def records(self, negotiation: str) -> Sequence[Record]:
        """As in `Source`."""
        return self._negotiations[negotiation].spine.records

    def read_all(self) -> Iterable[tuple[int, Record]]:
        """As in `Source`."""
        return enumerate(self._order, start=1)

    def verify(self, negotiation: str, *, head: Head | None = None) -> Verification:
        """As in `Source`."""
        verifier = Verifier(negotiation, self._codec, head)
        lines = self._negotiations.get(negotiation) or _Lines()
        for line in lines.raw:
            verifier.take(line)
        if lines.damage is not None:
            verifier.cut(lines.damage)
        return verifier.done()


class _DamagedFile(FileLog):
    """A file of JSON Lines in which there is what no store wrote, as the store itself tells.

    Args:
        source: its path.
        store: the store that it is.
    """

    def __init__(self, source: str, store: Source) -> None:
        super().__init__(source)
        self._source: Final = source
        self._store: Final = store

    def verify(self, negotiation: str, *, head: Head | None = None) -> Verification:
        """As in `Source`."""
        found = self._store.verify(negotiation, head=head)
        if found.fault is None or not found.fault.reason.startswith("line "):
            return found
        place = f"{self._source}:{found.fault.reason.removeprefix('line ')}"
        return attrs.evolve(found, fault=Fault(found.fault.position, place))
