"""Where in a file of lines each record lies, found by a light reading of the lines."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final, Literal

import attrs
import msgspec
from attrs import frozen

from negotiation.errors import ConflictingRecord, DecodeError, InvalidLog
from negotiation.stores.appending import PIECE, UNDECIDED, GrowingFile, Signature, left_behind
from negotiation.stores.lines import NewLine
from negotiation.wire.lines import Codec, negotiation_of, source_of
from negotiation.wire.text import parse, parse_carefully, write
from negotiation.wire.times import parse_time, time_text

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\n"
_GAP: Final = 4096  # what lies between two lines is read along with them up to so many bytes


class _Object(msgspec.Struct):
    """Any JSON object."""


class _Light(msgspec.Struct, gc=False):
    """What the index has to know of a line, and a little that every record has."""

    specversion: Literal["1.0"]
    type: str
    source: str
    id: str
    time: str
    data: _Object
    recordedtime: str | None = None
    hash: str | None = None


_decode = msgspec.json.Decoder(_Light).decode


@frozen
class Flaw:
    """Something in a file that no store wrote.

    Attributes:
        start: the offset at which it begins.
        reason: what it is.
        torn: whether it is a torn end, and all before it is whole.
    """

    start: int
    reason: str
    torn: bool = False


class Kept:
    """What is known of one negotiation without its lines.

    Attributes:
        ordinals: which lines of the file are its own: their numbers, from 0.
        positions: the position of each of its records, by what stands for the record's id.
        first: when the first of them was recorded.
        last: when the last of them was recorded.
        chained: the last position whose hash is known, and that hash.
        sealed: whether one of them carries a seal.
        bare: which line of the file is the first of them that carries none behind one that does;
            None for none.
    """

    __slots__ = ("bare", "chained", "first", "last", "ordinals", "positions", "sealed")

    def __init__(self, first: datetime) -> None:
        self.ordinals: Final = array("Q")
        self.positions: Final[dict[bytes, int]] = {}
        self.first: Final = first
        self.last = first
        self.chained: tuple[int, str | None] = 0, None
        self.sealed = False
        self.bare: int | None = None


class Index:
    """Where the lines of a file lie, but never the lines.

    Args:
        file: the file.
        codec: reads what is not of the usual form, and says what is wrong with it.

    Attributes:
        kept: the negotiations, by their ids.
        end: the offset up to which lines were read.
        open: whether the last of them lacks its end.
        signature: the file's signature as of the last reading.
        torn: how many bytes at the end are no whole append; None for none.
        damage: what cannot be read as a record, and behind which nothing was read.
    """

    def __init__(self, file: GrowingFile, codec: Codec) -> None:
        self._file: Final = file
        self._codec: Final = codec
        self._time: Final = lru_cache(maxsize=4096)(parse_time)
        self._starts: Final = array("Q")
        self._sizes: Final = array("I")
        self._positions: Final = array("I")
        self._recorded: Final[dict[int, datetime]] = {}  # by ordinal, where the line does not say
        self._sources: Final[dict[str, Kept]] = {}
        self.kept: Final[dict[str, Kept]] = {}
        self.end = self._line = 0
        self.open = self._sealed = False
        self.signature: Signature | None = None
        self.torn: int | None = None
        self.damage: Flaw | None = None
        self._odd: Flaw | None = None
        self._last = b""

    def __len__(self) -> int:
        return len(self._starts)

    # Reading what was appended

    def fits(self, now: Signature) -> bool:
        """Whether a file of this signature is what was read, or has grown from it."""
        was = self.signature
        if was is None or was == now:
            return True
        if self.damage is not None or self.open or not was.same_file(now) or now.size < self.end:
            return False
        if now.size == was.size and self.torn is None:
            return False  # it was written to, and nothing appended
        return self._digest() == self._last

    def scan(self, now: Signature) -> None:
        """Read the lines behind those that were read.

        Args:
            now: the file's signature; it has the size up to which is read.
        """
        self.torn = None
        try:
            for line, whole in self._lines(self.end, now.size):
                self._line += 1
                if not self._take(line, whole, now.size):
                    self._line -= 1
                    break
        except (DecodeError, InvalidLog) as error:
            self.damage = Flaw(self.end, f"line {self._line}: {error}")
        self.signature = now
        self._last = self._digest()

    def _lines(self, start: int, end: int) -> Iterator[tuple[bytes, bool]]:
        """The lines between two offsets, and whether each has its end."""
        most, rest = self._codec.limits.line_bytes, b""
        for at in range(start, end, PIECE):
            *lines, rest = (rest + self._file.read(at, min(PIECE, end - at))).split(b"\n")
            for line in lines:
                yield line, True
            if len(rest) > most + PIECE:
                break  # it is too long, however long it is
        if rest:
            yield rest, False

    def _take(self, line: bytes, whole: bool, size: int) -> bool:
        """Take a line; False if it and everything behind it is torn."""
        if line[:1] == UNDECIDED:
            self._check_undecided(size)
            self.torn = size - self.end
            return False
        end = self.end + len(line) + whole
        try:
            self._read(line)
        except DecodeError:
            # A single line that was cut off; or one that holds nothing where the power failed.
            cut_off = not whole or (end == size and UNDECIDED in line)
            too_long = len(line) > self._codec.limits.line_bytes
            if not cut_off or too_long or not left_behind(line):
                raise
            self.torn = size - self.end
            return False
        self.end = end
        if not whole:
            self.open = True
            self._note("the last line lacks its end")
        return True

    def _check_undecided(self, size: int) -> None:
        """Refuse an append that never was where it is plain that it was: it is of one negotiation.

        Its lines are to be cut off by the next append, so that nothing but its own may follow.
        """
        sources = set()
        for line, _ in self._lines(self.end, size):
            with suppress(msgspec.MsgspecError, ValueError):
                sources.add(_decode(line.replace(UNDECIDED, b"{", 1)).source)
        if len(sources) > 1:
            raise DecodeError(
                "begins with NUL, as what was never appended whole does; but records of several "
                "negotiations follow, so that this byte was altered"
            )

    def _read(self, line: bytes) -> None:
        """Note where the record of a line lies."""
        start = self.end
        if start == 0 and line.startswith(_BYTE_ORDER_MARK):
            start, line = len(_BYTE_ORDER_MARK), line[len(_BYTE_ORDER_MARK) :]
        if not line.strip():
            self._note(f"line {self._line} is blank")
            return
        light = self._light(line)
        recorded = self._time(light.recordedtime or light.time)
        kept = self._sources.get(light.source)
        if kept is None:
            kept = self._begun(light.source, negotiation_of(light.source), recorded)
        known_as = key(light.id)
        if (position := kept.positions.get(known_as)) is not None:
            self._check_copy(light.id, kept, position, line)
            return
        if light.recordedtime is None:
            self._recorded[len(self)] = recorded = max(recorded, kept.last)
        if recorded < kept.last:
            raise InvalidLog(
                light.id,
                f"was recorded {recorded.isoformat()}, before the record above it "
                f"({kept.last.isoformat()}); a log grows at its end",
            )
        self._add(kept, known_as, start, len(line), light.hash)
        kept.last = recorded
        if start > self.end:
            self._note("the file begins with a byte-order mark")

    def _light(self, line: bytes) -> _Light:
        """What the index has to know of a line."""
        most = self._codec.limits.line_bytes
        if len(line) > most and len(line.rstrip(b"\r\n")) > most:
            raise DecodeError(f"the line has more than the {most} bytes that are read")
        try:
            light = _decode(line)
            self._time(light.recordedtime or light.time)
            if light.source not in self._sources:
                negotiation_of(light.source)
            if light.id and light.id.isprintable():
                return light
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass  # the careful reading says why
        value = parse_carefully(line.strip(_BLANK), self._codec.limits)
        self._codec.from_json(value)
        return _Light(**{name: value.get(name) for name in _Light.__struct_fields__})

    def _begun(self, source: str, negotiation: str, recorded: datetime) -> Kept:
        self._sources[source] = kept = self.kept.setdefault(negotiation, Kept(recorded))
        return kept

    def _check_copy(self, id: str, kept: Kept, position: int, line: bytes) -> None:
        """Refuse a record under an id that is taken, unless it is a second copy."""
        (first,) = self._raw([kept.ordinals[position - 1]])
        if not self._codec.decode(first).same_content(self._codec.decode(line)):
            raise ConflictingRecord(
                id,
                f"stands at position {position} with other content; give the new one another id",
            )
        self._note(f"line {self._line} is a second copy of the record {id!r}")

    def _add(self, kept: Kept, known_as: bytes, start: int, size: int, hash: str | None) -> None:
        kept.ordinals.append(len(self._starts))
        kept.positions[known_as] = position = len(kept.ordinals)
        if hash is not None:
            self._sealed = kept.sealed = True
            kept.chained = position, hash
        elif kept.sealed and kept.bare is None:
            kept.bare = len(self._starts)
        self._starts.append(start)
        self._sizes.append(size)
        self._positions.append(position)

    def _note(self, reason: str) -> None:
        """Note what no store writes, once it has written anything; before, it was written so."""
        if self._sealed and self._odd is None:
            self._odd = Flaw(self.end, reason)

    def _digest(self) -> bytes:
        """What stands for the last record's line, as it lies there now."""
        return b"".join(
            _digest(line) for line in self._raw(range(max(len(self) - 1, 0), len(self)))
        )

    def grow(self, negotiation: str, lines: Sequence[NewLine], now: Signature) -> None:
        """Note lines that were appended.

        Args:
            negotiation: whose they are.
            lines: the lines.
            now: the file's signature since then.
        """
        start = self.end + self.open
        kept = self.kept.get(negotiation)
        if kept is None:
            kept = self._begun(source_of(negotiation), negotiation, lines[0].recorded)
        for each in lines:
            self._add(kept, key(each.id), start, len(each.line), each.hash)
            start += len(each.line) + 1
        self._line += len(lines)
        kept.last = lines[-1].recorded
        self.end, self.open, self.torn, self.signature = start, False, None, now
        self._last = _digest(lines[-1].line)

    # Reading lines

    def lines(self, ordinals: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """The lines of these numbers, which ascend from 0, each with its position.

        Where a line does not say when it was recorded, that is put in.
        """
        for ordinal, line in zip(ordinals, self._raw(ordinals), strict=True):
            recorded = self._recorded.get(ordinal)
            dated = line if recorded is None else self._dated(line, recorded)
            yield self._positions[ordinal], dated

    def _dated(self, line: bytes, recorded: datetime) -> bytes:
        """A line with the time at which it was recorded."""
        value = None
        with suppress(DecodeError):
            value = parse(line.strip(_BLANK), self._codec.limits)
        if not isinstance(value, dict):
            return line  # it was altered since; whoever reads it is told
        wide = attrs.evolve(self._codec.limits, line_bytes=2 * len(line) + 100)
        return write({**value, "recordedtime": time_text(recorded)}, wide).encode()

    def _raw(self, ordinals: Sequence[int]) -> Iterator[bytes]:
        """The lines as they lie there, those that lie together read together."""
        at = 0
        while at < len(ordinals):
            start = end = self._starts[ordinals[at]]
            places: list[tuple[int, int]] = []
            for ordinal in ordinals[at:]:
                place = self._starts[ordinal]
                if place - end > _GAP or (places and place + self._sizes[ordinal] - start > PIECE):
                    break
                end = place + self._sizes[ordinal]
                places.append((place - start, end - start))
            content = self._file.read(start, end - start)
            yield from (content[one:other] for one, other in places)
            at += len(places)

    def line_number(self, ordinal: int) -> int:
        """The number of a line among all of the file, blank ones too, from 1."""
        end = self._starts[ordinal]
        pieces = (self._file.read(at, min(PIECE, end - at)) for at in range(0, end, PIECE))
        return 1 + sum(piece.count(b"\n") for piece in pieces)

    # What no store wrote

    @property
    def flaw(self) -> Flaw | None:
        """The first thing in the file that no store wrote; None for nothing."""
        if self._odd is not None or self.damage is not None or self.torn is None:
            return self._odd or self.damage
        return Flaw(self.end, f"the file ends in {self.torn} bytes that are torn", torn=True)

    def sound(self, negotiation: str) -> int:
        """The position of the last record of a negotiation that lies before any flaw."""
        kept, flaw = self.kept.get(negotiation), self.flaw
        if kept is None:
            return 0
        if flaw is None:
            return len(kept.ordinals)
        return bisect_left(kept.ordinals, flaw.start, key=self._starts.__getitem__)


def key(id: str) -> bytes:
    """What stands for a record's id: itself if it is short, or a digest, which is longer."""
    raw = id.encode()
    return raw if len(raw) < 16 else blake2b(raw, digest_size=16).digest()


def _digest(line: bytes) -> bytes:
    return blake2b(line, digest_size=16).digest()
