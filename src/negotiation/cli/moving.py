"""Moving logs: out of a store or a file as sealed lines, and into a store with their chain."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import EEXIST, EISDIR
from pathlib import Path
from typing import IO, Any, Final

from attrs import frozen

from negotiation.cli.layout import BAD, Cell, Column, Line, table
from negotiation.cli.output import Failure, Page
from negotiation.cli.places import file_of, names_store, opened, same_file, shown
from negotiation.cli.reading import metered
from negotiation.cli.sources import Source, upto_torn
from negotiation.cli.verifying import head_words, seal_words
from negotiation.records import Record
from negotiation.stores import ANY, MemoryStore, Store
from negotiation.stores.deciding import asked
from negotiation.wire.lines import Codec
from negotiation.wire.seals import Head
from negotiation.wire.verifying import Verification

_BATCH: Final = 1000
"""How many records are appended at once."""


class Sealing:
    """Seals records in their order, each on the one before it in its negotiation.

    Args:
        hashes: the hash of the last record of each negotiation that does not begin here.
    """

    def __init__(self, hashes: Mapping[str, str] | None = None) -> None:
        self._codec: Final = Codec()
        self._hashes: Final = dict(hashes or {})

    def line(self, record: Record) -> str:
        """The sealed line of the next record.

        Raises:
            Failure: it is sealed already, but not so. As it was not altered, whoever sealed it
                wrote it in another form.
            EncodeError: it cannot be written so that it could be read back.
        """
        line, hash = self._codec.seal(record, self._hashes.get(record.negotiation))
        if record.hash not in (None, hash):
            raise Failure(
                f"negotiation {record.negotiation!r}, position {record.position}: was sealed in "
                f"another form than the canonical one, and would be written with another hash"
            )
        self._hashes[record.negotiation] = hash
        return line


# Out


def sealed_lines(source: Source, negotiation: str | None) -> Iterator[str]:
    """The sealed lines of one negotiation, or of all in the order of the source.

    Raises:
        Failure: as in `Sealing.line`, while they are read.
    """
    if negotiation is None:
        records: Iterable[Record] = (record for _, record in source.read_all())
    else:
        records = source.records(negotiation)
    return map(Sealing().line, records)


def check_target(source: str, target: str) -> None:
    """Refuse to write over the log that is read.

    Args:
        source: where it lies.
        target: the path to write to.

    Raises:
        Failure: they are the same, or the target is no path but the URL of a store.
    """
    if names_store(target):
        raise Failure(f"{shown(target)}: is no file; import-log puts a log into a store")
    if same_file(source, target):
        raise Failure(f"{target}: is what is exported; name another file")


@contextmanager
def replaced(path: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """A file to write, which takes its place once it is whole and leaves nothing if it fails.

    Args:
        path: the place.
        force: whether a file may be there already.

    Raises:
        Failure: there is one and it may not, or the file cannot be written.
    """
    try:
        _check_place(path, force)
        beside = path.with_name(f"{path.name}.{os.getpid()}.part")
        with beside.open("xb") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                _check_place(path, force)
                beside.replace(path)
            except BaseException:
                beside.unlink()
                raise
    except OSError as error:
        raise Failure(f"{path}: cannot be written: {error.strerror}") from None


def _check_place(path: Path, force: bool) -> None:
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    if path.exists() and not path.is_file():
        raise OSError(EEXIST, "something is there that is no file")
    if path.exists() and not force:
        raise FileExistsError(EEXIST, "there is a file already; --force replaces it")


# In


@frozen
class Plan:
    """What is to become of a negotiation in a store.

    Attributes:
        found: what verifying it in its source found.
        head: where it stands in the store; None if it does not exist there.
        adds: whether what comes behind is to be added.
    """

    found: Verification
    head: Head | None
    adds: bool = True


@frozen
class Moved:
    """What became of a negotiation.

    Attributes:
        added: how many records the store has more of it.
        found: what verifying it in its source found.
        head: where it stands in the store.
    """

    added: int
    found: Verification
    head: Head | None

    def to_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        found = self.found.to_json()
        return {
            "negotiation": self.found.negotiation,
            "added": self.added,
            "sealed": self.found.sealed,
            "head": None if self.head is None else self.head.to_json(),
            "fault": found["fault"],
        }


_COLUMNS: Final = (
    Column("negotiation"),
    Column("added", right=True),
    Column("position", right=True),
    Column("head"),
    Column("in the source", main=True),
)


def moved_lines(found: Iterable[Moved], page: Page) -> Iterator[str]:
    """A row for each negotiation."""
    return table(_COLUMNS, map(_row, found), page)


def _row(moved: Moved) -> tuple[Cell, ...]:
    found, head = moved.found, moved.head
    said = Line(seal_words(found)) if found.intact else Line("altered, and left out", BAD)
    position = str(head.position if head else 0)
    return found.negotiation, str(moved.added), position, head_words(head), said


def imported(source: Source, url: str) -> list[Moved]:
    """Add all negotiations of a source to a store, which is made if there is anything to add.

    Args:
        source: the source.
        url: the URL of the store, or its path.

    Raises:
        UnknownStore: there is no such kind of store.
        NegotiationError: as in `planned` and in `moved`.
    """
    file, plans = file_of(url), None
    if file is not None and not file.exists():
        with MemoryStore() as nothing:
            plans = planned(source, nothing)
            if not any(each.adds and each.found.count for each in plans):
                return moved(source, nothing, plans)
    with opened(url, create=True) as store:
        return moved(source, store, planned(source, store) if plans is None else plans)


def planned(source: Source, store: Store) -> list[Plan]:
    """What is to be done with each negotiation, found before anything is.

    Raises:
        Failure: the store holds other records of a negotiation.
        InvalidLog: a negotiation is none that a store keeps.
    """
    return [_plan(source, store, each.negotiation) for each in source.negotiations()]


def _plan(source: Source, store: Store, negotiation: str) -> Plan:
    asked(negotiation, (), ANY)
    head = store.head(negotiation)
    found = upto_torn(source.verify(negotiation, head=head))
    if found.intact or head is None:
        return Plan(found, head, adds=found.intact)
    found = upto_torn(
        source.verify(negotiation)
    )  # is it the head that does not fit, or was it altered?
    if found.intact and not (
        found.count < head.position and store.verify(negotiation, head=found.head).intact
    ):
        raise Failure(
            f"negotiation {negotiation!r}: the store holds other records of it; import-log adds to "
            f"what is the same"
        )
    return Plan(found, head, adds=False)


def moved(source: Source, store: Store, plans: Sequence[Plan]) -> list[Moved]:
    """Do what was planned: append what is new, in the order of the source.

    Raises:
        Conflict: somebody else appends to a negotiation at the same time.
        Failure: as in `Sealing.line`.
        StoreFailed: as in `Store.append`, and so are all others.
    """
    adding = [each for each in plans if each.adds]
    stands = {each.found.negotiation: each.head.position if each.head else 0 for each in adding}
    sealing = Sealing({each.head.negotiation: each.head.hash for each in adding if each.head})
    added = Counter[str]()
    with metered() as progress:
        for batch in _batches(_behind(source, stands)):
            for record in batch:
                sealing.line(record)
            negotiation = batch[0].negotiation
            at = stands[negotiation] + added[negotiation]
            store.append(negotiation, batch, expected=at)
            added[negotiation] += len(batch)
            if progress is not None:
                progress(len(batch))
    return [
        Moved(added[id], each.found, store.head(id))
        for each in plans
        for id in [each.found.negotiation]
    ]


def _behind(source: Source, stands: Mapping[str, int]) -> Iterator[Record]:
    """The records behind certain positions, in the order of their source."""
    for _, record in source.read_all():
        if record.position > stands.get(record.negotiation, record.position):
            yield record


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Records that follow on one another and belong to one negotiation, so many at a time."""
    batch: list[Record] = []
    for record in records:
        if batch and (len(batch) == _BATCH or record.negotiation != batch[0].negotiation):
            yield batch
            batch = []
        batch.append(record)
    if batch:
        yield batch
