"""The store that is one file of JSON Lines, which any tool reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import get_ident
from time import monotonic
from typing import Final, Self

import attrs
import msgspec

from negotiation.errors import StoreDamaged, StoreFailed
from negotiation.model import Model
from negotiation.stores.appending import PATIENCE, PIECE, GrowingFile, Signature, Torn
from negotiation.stores.deciding import NOWHERE, Standing
from negotiation.stores.indexing import Index, key
from negotiation.stores.lines import PAUSE, KeptLine, LineStore, NewLine, NumberedLine
from negotiation.stores.store import StoredNegotiation, an_id
from negotiation.wire.seals import Head, sealed_line
from negotiation.wire.text import DEFAULT_LIMITS, Limits
from negotiation.wire.verifying import Verification, Verifier

SETTLED: Final = 2.0
"""After how many seconds a file that is written to again is sure to show another time of change."""


class _Named(msgspec.Struct):
    """The id of a line's record."""

    id: str


_named = msgspec.json.Decoder(_Named).decode


class JsonLinesStore(LineStore):
    """A `Store` in one file of JSON Lines, one CloudEvents event per line, all negotiations in it.

    A file that was written by hand will do; what is appended to it is sealed, and the first seal
    covers what stands before it. Any number of processes may use the file at once. What a process
    keeps in memory of it is an index, not its lines.

    An append is kept once the file has it for good. An append of several records is kept by
    writing one byte: until then, its first line begins with NUL, and whoever finds that takes it
    and what follows for an append that never was. Such a torn end is left alone by reading, told
    by `torn` and `verify`, and cut off by the next append, which keeps the bytes in a file beside:
    of `talks.jsonl` in `talks.jsonl.torn-` and the offset at which they stood. Whatever else is no
    record, at the end too, is damage, which stays until somebody mends it.

    Args:
        path: where the file lies.
        create: make it if it is not there.
        model: the events that are known.
        limits: how much one line may hold.
        patience: for how many seconds the lock of the file is waited for.

    Raises:
        UnknownStore: it is not there, and not to be made.
        StoreFailed: it cannot be opened, it is no file, or the system has no locks for it.
    """

    def __init__(
        self,
        path: str,
        *,
        create: bool = True,
        model: Model = Model.default,
        limits: Limits = DEFAULT_LIMITS,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(path, model=model, limits=limits)
        self._file: Final = GrowingFile(path, create=create, patience=patience)
        self._states: Final = Path(f"{path}.states").absolute()
        self._aside: Path | None = None
        self._longest = 0  # how many records there were when there were most
        self._index: Index | None = None  # None where the file has to be read from its start
        self._seen: tuple[Signature | None, float] = None, 0.0
        self._settled: Signature | None = None

    @classmethod
    def at(cls, url: str, *, model: Model, create: bool) -> Self:
        """The store that a URL names, for `open_store`."""
        return cls(url, model=model, create=create)

    @property
    def torn(self) -> int | None:
        """How many bytes at the end of the file are no whole append; None for none."""
        with self._held():
            return self._read().torn

    @property
    def aside(self) -> Path | None:
        """The file beside that holds what this store cut off last; None if it was never torn."""
        return self._aside

    # What the file holds

    def _current(self) -> Index:
        """The index of all that the file holds, which must all be records."""
        index = self._read()
        if index.damage is not None:
            raise StoreDamaged(self.name, index.damage.reason)
        return index

    def _read(self) -> Index:
        """The index of all that the file holds."""
        index = self._index
        if index is not None and index.torn is None and index.signature == self._file.signature():
            return index
        with self._file.locked(alone=False) as now:
            index = self._fitting(now)
            if now.size - index.end <= PIECE:
                return self._brought(index, now)
        self._index = None
        index.scan(now)  # what is there stays; no writer need wait for so long a reading
        self._index = index
        with self._file.locked(alone=False) as now:
            return self._brought(self._fitting(now), now)

    def _fitting(self, now: Signature) -> Index:
        """The index that there is, if the file only grew since, or an empty one."""
        index = self._index
        return Index(self._file, self._codec) if index is None or not index.fits(now) else index

    def _brought(self, index: Index, now: Signature) -> Index:
        """An index brought up to the end of the file, whose lock is held."""
        self._index = None
        if index.signature != now or index.torn is not None:
            index.scan(now)
        self._index = index
        return index

    def _read_anew(self) -> Index:
        """The index of what lies in the file now, were it altered ever so deftly since."""
        with self._file.locked(alone=False) as now:
            index, began = self._index, monotonic()
        if index is not None and now == self._settled == index.signature:
            return index
        if self._seen[0] != now:
            self._seen = now, began
        self._index = None
        index = self._read()
        if began - self._seen[1] > SETTLED and index.signature == now:
            self._settled = now  # what is written from here on, the time of change tells
        return index

    # Writing

    @contextmanager
    def _writing(self, negotiation: str, ids: Sequence[str]) -> Iterator[_Writing]:
        if self._index is None:
            self._read()  # which keeps no other writer waiting
        with self._file.locked(alone=True) as now:
            index = self._brought(self._fitting(now), now)
            if index.damage is not None:
                raise StoreDamaged(self.name, index.damage.reason)
            found = self._found(index, negotiation, ids)
            writing = _Writing(self._standing_in(index, negotiation), found)
            yield writing
            if writing.new:
                self._check_seals(index, negotiation)
                self._append(index, negotiation, writing.new)

    def _check_seals(self, index: Index, negotiation: str) -> None:
        """Refuse to go on where somebody added a line by hand behind sealed ones."""
        kept = index.kept.get(negotiation)
        if kept is not None and kept.bare is not None:
            raise StoreDamaged(
                self.name,
                f"line {index.line_number(kept.bare)} has no seal though the record before it has "
                f"one; take it out of the file and append it with `negotiation append`",
            )

    def _found(self, index: Index, negotiation: str, ids: Sequence[str]) -> Mapping[str, KeptLine]:
        """Those of the records of a negotiation that have one of these ids."""
        kept = index.kept.get(negotiation)
        if kept is None:
            return {}
        known = [(id, kept.positions.get(key(id))) for id in ids]
        at = sorted({position for _, position in known if position is not None})
        ordinals = [kept.ordinals[position - 1] for position in at]
        lines = dict(zip(at, (line for _, line in index.lines(ordinals)), strict=True))
        return {
            id: KeptLine(position, id, lines[position])
            for id, position in known
            if position is not None
        }

    def _append(self, index: Index, negotiation: str, lines: Sequence[NewLine]) -> None:
        assert index.signature is not None
        self._index = None  # until it is known what the file holds
        end = index.signature.size
        if index.torn is not None:
            self._aside = self._file.set_aside(index.end, end)
            end = index.end
        before = b"\n" if index.open else b""
        content = before + b"".join(each.line + b"\n" for each in lines)
        first = len(before) if len(lines) > 1 else None
        index.grow(negotiation, lines, self._file.append(end, content, first=first))
        self._index = index

    # Reading

    def _standing(self, negotiation: str) -> Standing:
        return self._standing_in(self._current(), negotiation)

    def _standing_in(self, index: Index, negotiation: str) -> Standing:
        kept = index.kept.get(negotiation)
        if kept is None:
            return NOWHERE
        position, hash = kept.chained
        for each in self._pages(negotiation, position, len(kept.ordinals)):
            # What has no seal is sealed on the way, so that the next seal covers it.
            line = self._codec.to_json(self._record(negotiation, each))
            _, hash = sealed_line(line, hash)
            kept.chained = each.position, hash
        return Standing(len(kept.ordinals), hash, kept.last)

    def _page(
        self, negotiation: str, after: int, upto: int, most: int, backwards: bool
    ) -> Sequence[KeptLine]:
        index = self._index or self._current()
        kept = index.kept.get(negotiation)
        if kept is None or upto > len(kept.ordinals):
            raise self._shorter()
        start = max(after, upto - most) if backwards else after
        page = [
            KeptLine(position, self._id(line), line)
            for position, line in index.lines(kept.ordinals[start : min(upto, start + most)])
        ]
        return page[::-1] if backwards else page

    def _id(self, line: bytes) -> str:
        """The id of the record in a line that was one when it was indexed."""
        with suppress(msgspec.MsgspecError, ValueError):
            return _named(line).id
        return ""  # it was altered since; whoever reads it is told

    def _end(self) -> int:
        end = len(self._current())
        self._longest = max(self._longest, end)
        return end

    def _wait(self, after: int, seconds: float | None) -> bool:
        until = None if seconds is None else monotonic() + seconds
        while True:
            left = PAUSE if until is None else max(0, until - monotonic())
            if super()._wait(after, min(PAUSE, left)):
                return True
            with self._held():
                if self._end() < after <= self._longest:
                    raise StoreFailed(
                        self.name,
                        f"has become shorter: of {self._longest} records that there were, it holds "
                        f"{self._end()}; follow it from its start",
                    )
            if left < PAUSE:
                return False

    def _page_of_all(self, after: int, upto: int, most: int) -> Sequence[NumberedLine]:
        index = self._index or self._current()
        if upto > len(index):
            raise self._shorter()
        ordinals = range(after, min(upto, after + most))
        return [
            NumberedLine(ordinal + 1, position, line)
            for ordinal, (position, line) in zip(ordinals, index.lines(ordinals), strict=True)
        ]

    def _shorter(self) -> StoreFailed:
        """What is told where a reading finds another file in place of the one it began with."""
        return StoreFailed(self.name, "has become shorter while it was read; read it again")

    def _list(self) -> Iterable[StoredNegotiation]:
        for negotiation, kept in self._current().kept.items():
            yield StoredNegotiation(
                negotiation=negotiation,
                count=len(kept.ordinals),
                first=kept.first,
                last=kept.last,
            )

    def _damaged(self, negotiation: str, position: int, reason: str) -> StoreDamaged:
        with self._held():
            index = self._index or self._current()
            kept = index.kept.get(negotiation)
            if kept is not None and position <= len(kept.ordinals):  # it is still that file
                number = index.line_number(kept.ordinals[position - 1])
                reason = f"line {number} of the file: {reason}"
        return super()._damaged(negotiation, position, reason)

    def _unreadable(self, number: int, reason: str) -> StoreDamaged:
        with self._held():
            index = self._index or self._current()
            if number > len(index):
                return super()._unreadable(number, reason)
            return StoreDamaged(self.name, f"line {index.line_number(number - 1)}: {reason}")

    # Seals

    def verify(self, negotiation: str, *, head: Head | None = None) -> Verification:
        """As in `Store.verify`; what no store wrote anywhere in the file is a fault as well.

        The fault is a `Torn` where it is none but that the file ends in a torn append.
        """
        an_id(negotiation)
        verifier = Verifier(negotiation, self._codec, head)
        with self._held():
            index = self._read_anew()
            flaw, upto = index.flaw, index.sound(negotiation)
        for kept in self._pages(negotiation, 0, upto):
            verifier.take(kept.line, position=kept.position)
        if flaw is not None and not flaw.torn:
            verifier.cut(flaw.reason)
        found = verifier.done()
        if flaw is not None and found.intact:
            return attrs.evolve(found, fault=Torn(found.count + 1, flaw.reason))
        return found

    # States

    def _state_of(self, negotiation: str) -> Path:
        return self._states / f"{sha256(negotiation.encode()).hexdigest()}.json"

    def _snapshot(self, negotiation: str) -> str | None:
        with suppress(OSError, ValueError):
            return self._state_of(negotiation).read_text("utf-8")
        return None  # it is a convenience; the log has everything

    def _keep_snapshot(self, negotiation: str, text: str) -> None:
        path = self._state_of(negotiation)
        beside = path.with_suffix(f".{os.getpid()}.{get_ident()}")
        try:
            self._states.mkdir(exist_ok=True)
            beside.write_text(text, "utf-8")
            beside.replace(path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise StoreFailed(self.name, f"the state cannot be kept: {error.strerror}") from None

    def _close(self) -> None:
        self._file.close()


class _Writing:
    """An append to one negotiation, which the lock of the file keeps others from."""

    def __init__(self, standing: Standing, found: Mapping[str, KeptLine]) -> None:
        self.standing: Final = standing
        self.found: Final = found
        self.new: Sequence[NewLine] = ()

    def put(self, lines: Sequence[NewLine]) -> None:
        self.new = lines
