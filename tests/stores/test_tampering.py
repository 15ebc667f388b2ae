"""Tampering: whatever is done to a sealed log of a hundred records, verifying finds it and where.

The lines are looked at by the verifier that every store uses. It is copied before the line that is
altered, so that each alteration costs a line or two and not the whole log.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from copy import copy
from itertools import chain, combinations, permutations, takewhile
from pathlib import Path
from random import Random
from typing import Final

import attrs
import pytest

import negotiation as ng
from negotiation.testing.walking import DIGITS, NEGOTIATION, Walk, Ways
from negotiation.wire.seals import sealed_line
from negotiation.wire.verifying import Verifier

CODEC: Final = ng.Codec()
SIZE: Final = 100

EVERY: Final = "NEGOTIATION_EVERY_VALUE" in os.environ
"""Whether each byte is given all 255 other values, which takes minutes, or some."""

QUOTES: Final = (
    None, "so be it", 'they said ,"hash":"0" and left', "a \\ and a \u2028", "\U0001f54a \ue000 é",
)  # fmt: skip
VALUES: Final = (1, 1.0, 1e16, -0.0, 2**70, 5e-324, "\x00\x1f\x7f\n", {"hash": "x"}, [None, True])


def long_log() -> ng.Log:
    """A sealed log of all kinds of events, with all kinds of texts and numbers."""
    random = Random(5)  # noqa: S311  # for variety, and the same each time
    walk = Walk(("north", "south", "east"), ways=Ways(late=True, hidden=True))
    while len(walk.made) < SIZE:
        walk.stumble(random.randbytes(DIGITS))
    records = []
    for number, record in enumerate(walk.log()[:SIZE]):
        event = record.event
        if number % 7 == 3:
            data = {"noted": VALUES[number % len(VALUES)], "prevhash": number}
            event = ng.UnknownEvent(type="port.noted.v3", data=data)
        records.append(
            attrs.evolve(
                record,
                event=event,
                quote=QUOTES[number % len(QUOTES)],
                attributes={"header": "x", "0": "é"} if number % 4 == 0 else {},
            )
        )
    return ng.seal(ng.Log(NEGOTIATION, records))


LOG: Final = long_log()
LINES: Final = [CODEC.encode(record).encode() for record in LOG]


def states(head: ng.Head | None = None) -> list[Verifier]:
    """The verifier before the first line, before the second, and so on; the last before none."""
    verifier = Verifier(NEGOTIATION, CODEC, head)
    found = [copy(verifier)]
    for line in LINES:
        verifier.take(line)
        found.append(copy(verifier))
    return found


BEFORE: Final = states()
HEADS: Final = [
    head for head in (verifier.done().head for verifier in BEFORE[1:]) if head is not None
]


def shown(before: Verifier, lines: Iterable[bytes]) -> int | None:
    """Where a fault is found in lines that follow on those that a verifier has taken."""
    verifier = copy(before)
    for line in lines:
        verifier.take(line)
        if verifier.over:
            break
    fault = verifier.done().fault
    return None if fault is None else fault.position


def test_the_log_is_long_and_intact() -> None:
    """What is altered below was in order, and its lines hold what is hard to get right."""
    assert len(LINES) == len(HEADS) == SIZE
    assert BEFORE[-1].done() == ng.verify(LOG)
    assert ng.verify(LOG).intact
    assert ng.verify(LOG).sealed == SIZE
    every = b"\n".join(LINES)
    for part in (b"1e+16", b"-0.0", b"\\u0000\\u001f\x7f\\n", b'\\"hash\\"', "\U0001f54a".encode()):
        assert part in every


# Bytes


def others(byte: int) -> Iterable[int]:
    """Other values for a byte."""
    if EVERY:
        return (value for value in range(256) if value != byte)
    near = ((byte + 1) % 256, byte ^ 0x20, byte ^ 0x80)
    return {*near, *b' 0"\n', 0x00} - {byte}


def in_file(texts: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that a file of some texts has, of which any may hold newlines."""
    return (line for line in b"".join(texts).split(b"\n") if line.strip())  # blank ones are skipped


def altered(number: int) -> Iterator[tuple[int, int, int | None]]:
    """Each byte of a line and its end, each other value of it, and where that shows."""
    text = LINES[number] + b"\n"
    behind = LINES[number + 1 :]
    for at, byte in enumerate(text):
        for value in others(byte):
            near = in_file([text[:at], bytes([value]), text[at + 1 :], *behind[:1]])
            yield at, value, shown(BEFORE[number], chain(near, behind[1:]))


def test_every_byte_that_is_changed_is_found() -> None:
    """The fault is at the record whose line the byte is of, or at the next in one case."""
    tried = at_the_next = 0
    for number, line in enumerate(LINES):
        for at, value, position in altered(number):
            tried += 1
            if position == number + 1:
                continue
            # A first record whose `hash` has another name is one that was never sealed, with one
            # attribute more. At the beginning such a record may stand. The second was not sealed
            # behind it, which tells that one of the two was altered, and not which.
            name = line.index(b'"hash":"') + 1
            assert (number, position) == (0, 2), (number, at, value)
            assert name <= at < name + len("hash")
            at_the_next += 1
    assert at_the_next
    print(f"\n{tried} changes of a byte, {at_the_next} of them shown at the next record")  # noqa: T201  # of a long run


def test_every_byte_that_is_left_out_is_found() -> None:
    """The fault is at the record whose line it was of, or at the next as above."""
    for number, line in enumerate(LINES):
        name = line.index(b'"hash":"') + 1
        for at in range(len(line)):
            position = shown(BEFORE[number], [line[:at] + line[at + 1 :], *LINES[number + 1 :]])
            assert position == number + 1 or (
                (number, position) == (0, 2) and name <= at < name + len("hash")
            )


# Records


def test_every_record_that_is_dropped_is_found() -> None:
    """The fault is where it stood; without the last it is a cut tail, which a head finds."""
    for number in range(SIZE - 1):
        assert shown(BEFORE[number], LINES[number + 1 :]) == number + 1
    assert shown(BEFORE[SIZE - 1], []) is None
    assert shown(states(HEADS[-1])[SIZE - 1], []) == SIZE


def test_every_two_records_that_are_swapped_are_found() -> None:
    """The fault is where the first of them stood."""
    for first, second in combinations(range(SIZE), 2):
        lines = [*LINES]
        lines[first], lines[second] = lines[second], lines[first]
        assert shown(BEFORE[first], lines[first:]) == first + 1


def test_every_record_that_is_put_in_again_is_found() -> None:
    """The fault is where the copy stands; of two that stand side by side, at the second."""
    for number, line in enumerate(LINES):
        for gap in range(SIZE + 1):
            beside = gap == number  # put before itself it is the same text as put behind itself
            assert shown(BEFORE[gap], [line, *LINES[gap:]]) == gap + 1 + beside


def forged(number: int, gap: int) -> bytes:
    """A record that never was, made of another one and sealed so that it fits into a gap."""
    value = {**json.loads(LINES[number]), "id": "forged", "quote": "never"}
    return sealed_line(value, HEADS[gap - 1].hash if gap else None)[0].encode()


def test_every_forged_record_that_is_put_in_is_found() -> None:
    """Its seal fits the record before it; that the next was sealed behind another tells."""
    for gap in range(SIZE):
        # The forged record stands at gap + 1. Nothing is wrong with it until the next one is
        # looked at, and then either of the two may be the forged one.
        assert shown(BEFORE[gap], [forged(gap * 7 % SIZE, gap), *LINES[gap:]]) == gap + 2


def test_every_record_that_is_forged_in_place_of_another_is_found() -> None:
    """The record behind it tells, or in place of the last a head."""
    for number in range(SIZE - 1):
        lines = [forged(number, number), *LINES[number + 1 :]]
        assert shown(BEFORE[number], lines) == number + 2  # as above
    assert shown(states(HEADS[-1])[SIZE - 1], [forged(SIZE - 1, SIZE - 1)]) == SIZE


def test_a_forged_record_at_the_end_is_an_append() -> None:
    """Who may append may append anything: a seal says that it stood there, not that it is true."""
    assert shown(BEFORE[SIZE], [forged(0, SIZE)]) is None


def test_every_record_without_a_seal_that_is_put_in_is_found() -> None:
    """Behind a sealed record there is none; in front of them all, the next one tells."""
    plain = CODEC.encode(attrs.evolve(LOG[0], id="plain", hash=None, prevhash=None)).encode()
    for gap in range(SIZE + 1):
        # In front of them all it may stand; the next was sealed as the first, so that one of the
        # two was altered.
        assert shown(BEFORE[gap], [plain, *LINES[gap:]]) == max(gap + 1, 2)


# Heads


def test_every_head_finds_every_tail_that_was_cut_off_before_it() -> None:
    """The fault is at the first record that is missing; what was cut behind it, no head knows."""
    for head in HEADS:
        for kept, verifier in enumerate(states(head)):
            assert shown(verifier, []) == (kept + 1 if kept < head.position else None)


def test_every_head_finds_what_was_sealed_anew_from_the_first_record_on() -> None:
    """The fault is where the head stands: it does not tell which record up to there it was."""
    anew: list[bytes] = []
    before = None
    for line in LINES:
        more = {} if anew else {"quote": "never"}
        text, before = sealed_line({**json.loads(line), **more}, before)
        anew.append(text.encode())

    assert shown(BEFORE[0], anew) is None
    for head in HEADS:
        assert shown(Verifier(NEGOTIATION, CODEC, head), anew) == head.position


# Files


FEW: Final = LINES[:5]
CONTENT: Final = b"".join(line + b"\n" for line in FEW)


def shown_in(file: Path, head: ng.Head | None = None) -> dict[str, int]:
    """Where faults are found in a file, by negotiation."""
    with ng.open_store(str(file), create=False) as store:
        names = {NEGOTIATION}
        with suppress(ng.StoreDamaged):  # what cannot be listed can be verified all the same
            names |= {each.negotiation for each in store.negotiations()}
        found = {
            name: store.verify(name, head=head if name == NEGOTIATION else None).fault
            for name in names
        }
    return {name: fault.position for name, fault in found.items() if fault is not None}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that holds the first five records."""
    path = tmp_path / "talks.jsonl"
    path.write_bytes(CONTENT)
    assert shown_in(path, HEADS[4]) == {}
    return path


def test_every_byte_of_a_file_that_is_changed_is_found(file: Path) -> None:
    """By a store that is opened then; the fault is at the record, or right behind it."""
    tried, number = 0, 1
    for at, byte in enumerate(CONTENT):
        for value in ((byte + 1) % 256, 0, ord(" \n"[byte != ord("\n")])):
            tried += 1
            file.write_bytes(CONTENT[:at] + bytes([value]) + CONTENT[at + 1 :])
            found = shown_in(file)
            if NEGOTIATION not in found:
                # The last record is another negotiation's now, which it does not begin.
                assert [*found.values()] == [1], (at, value)
                assert (number, byte in b"talks") == (5, True)
            elif found[NEGOTIATION] != number:
                # The name of the first hash, as above; and the very last newline.
                assert (number, found[NEGOTIATION]) in {(1, 2), (5, 6)}
        number += byte == ord("\n")
    print(f"\n{tried} changes of a byte of a file")  # noqa: T201  # as above


def test_what_is_altered_under_an_open_store_is_found(file: Path) -> None:
    """It looks at the file as it is, and not as it was."""
    with ng.open_store(str(file), create=False) as store:
        for at in range(0, len(CONTENT), 19):
            with file.open("r+b") as opened:
                opened.seek(at)
                opened.write(bytes([CONTENT[at] ^ 1]))
            assert not store.verify(NEGOTIATION, head=HEADS[4]).intact
            file.write_bytes(CONTENT)
            assert store.verify(NEGOTIATION).intact


def test_records_that_are_moved_about_in_a_file_are_found(file: Path) -> None:
    """Every order of the records, every selection, and every one that is there twice."""
    for lines in chain(
        permutations(FEW),
        *(combinations(FEW, size) for size in range(5)),
        ([*FEW[:gap], line, *FEW[gap:]] for line in FEW for gap in range(6)),
    ):
        same = takewhile(lambda pair: pair[0] == pair[1], zip(lines, FEW, strict=False))
        first = len([*same]) + 1
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        if [*lines] != FEW:
            assert shown_in(file, HEADS[4]) == {NEGOTIATION: first}


def test_every_cut_of_a_file_is_found(file: Path) -> None:
    """Wherever it is cut; the fault is at the first record that is not whole."""
    for size in range(len(CONTENT)):
        file.write_bytes(CONTENT[:size])
        whole = CONTENT[:size].count(b"\n")
        found = shown_in(file, HEADS[4])[NEGOTIATION]
        # The last line may be all there but for its end.
        assert found == whole + 1 or (found == whole + 2 and CONTENT[size] == ord("\n"))
