"""The command line: what each command prints, how each error is told, what a terminal sees."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import negotiation as ng
from negotiation.cli import main, options, reading
from tests.program import PROGRAM, environment, process, run

ROOT: Final = Path(__file__).parents[1]
LOG: Final = ROOT / "examples" / "easter_truce_2025.jsonl"
COMMANDS: Final = ("replay", "check", "timeline")
SHORT: Final = ("timeline", LOG, "--as-of", "2025-04-19T15:00:00Z")
"""A command whose output fits into the buffer of a terminal that nobody reads."""


def line(**changes: object) -> dict[str, Any]:
    """A record as JSON, with some of its attributes changed or, where `...`, taken away."""
    fields = {
        "specversion": "1.0",
        "type": "negotiation.truce-declared.v1",
        "source": "talks-1",
        "id": "e1",
        "time": "2031-03-01T00:00:00Z",
        "data": {"truce": "lull", "by": "union", "kind": "truce"},
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not ...}


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a log of these records, or of these bytes."""

    def write(*records: dict[str, Any], raw: bytes = b"") -> Path:
        path = tmp_path / "log.jsonl"
        path.write_bytes(lines(*records) + raw)
        return path

    return write


BREACH: Final = line(
    id="e2", type="negotiation.proposal-accepted.v1", data={"proposal": "p9", "by": "works"}
)
"""A record that breaks a rule."""


# replay


def test_replay_prints_the_state_for_reading() -> None:
    """At noon on its one full day the truce binds Russia alone, and Ukraine owes no reply."""
    result = run("replay", LOG, "--as-of", "2025-04-20T12:00:00Z")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(
        "easter-truce-2025\nas of 2025-04-20 12:00Z, 12 records counted\n\nrussia, principal"
    )
    assert "in-force for russia alone, from 2025-04-19 15:00Z until 2025-04-20 21:00Z" in (
        result.stdout
    )
    ukraine = result.stdout.partition("\nukraine, ")[2].partition("\n\n")[0]
    assert "offered" in ukraine
    assert "owes a reply" not in ukraine
    assert "bound by  " not in ukraine


@pytest.mark.parametrize(
    ("arguments", "view"),
    [
        ((), {}),
        (("--as-of", "2025-04-20T12:00:00Z"), {"as_of": datetime(2025, 4, 20, 12, tzinfo=UTC)}),
        (
            ("--known-at", "2025-04-20T12:00:00+03:00"),
            {"known_at": datetime(2025, 4, 20, 9, tzinfo=UTC)},
        ),
        (("--known-to", "ukraine"), {"known_to": "ukraine"}),
        (("--known-to", "nobody"), {"known_to": "nobody"}),
    ],
    ids=["now", "as of", "known at", "known to", "known to a stranger"],
)  # fmt: skip
def test_replay_as_json_is_the_state(arguments: tuple[str, ...], view: dict[str, Any]) -> None:
    """The JSON is what the library makes of the state, indented, in Unicode, with a newline."""
    result = run("replay", LOG, *arguments, "--format", "json")
    state = ng.replay(ng.read_log(LOG), **view)

    assert result.exit_code == 0
    assert result.stdout == (
        json.dumps(ng.state_to_json(state), indent=2, ensure_ascii=False) + "\n"
    )


def test_replay_as_json_holds_the_problems(write: Callable[..., Path]) -> None:
    """The state says what is wrong with the log; replaying it is none the less done."""
    result = run("replay", write(BREACH), "--format", "json")

    assert result.exit_code == 0
    assert [each["code"] for each in json.loads(result.stdout)["problems"]] == ["unknown-proposal"]


def test_replay_of_one_party_prints_that_party() -> None:
    """No other party and no list of items stands beside it."""
    result = run("replay", LOG, "--party", "ukraine")

    assert result.exit_code == 0
    assert "\nukraine, principal, last heard 2025-04-21 00:00Z\n" in result.stdout
    assert "\nrussia, " not in result.stdout
    assert "\nTruces\n" not in result.stdout


def test_replay_of_one_party_as_json_is_its_object() -> None:
    """The object is the one that stands under the party's id in the whole state."""
    whole = json.loads(run("replay", LOG, "--format", "json").stdout)
    result = run("replay", LOG, "--party", "ukraine", "--format", "json")

    assert json.loads(result.stdout) == whole["parties"]["ukraine"]


@pytest.mark.parametrize("command", ["replay", "timeline"])
@pytest.mark.parametrize("form", ["table", "json"])
def test_an_unknown_party_is_an_error_that_names_the_nearest(command: str, form: str) -> None:
    """A misspelt party is told from one of which nothing is known."""
    result = run(command, LOG, "--party", "ukrain", "--format", form)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"{LOG}: no party 'ukrain' as of 2025-04-21T00:00:00Z; did you mean 'ukraine'? "
        "allowed: france, russia, ukraine, united-kingdom, united-states\n"
    )


def test_a_party_of_an_empty_log_is_unknown() -> None:
    """Where nothing has happened there is no moment and no party to name."""
    result = run("replay", "-", "--party", "ukraine", input=b"")

    assert result.exit_code == 2
    assert result.stderr == "standard input: no party 'ukraine'; allowed: none\n"


def test_an_unknown_party_cannot_steer_the_terminal(write: Callable[..., Path]) -> None:
    """The ids that an error lists come from the log, and are text there too."""
    path = write(line(data={"truce": "lull", "by": "\x1b[31m", "kind": "truce"}))
    result = run("replay", path, "--party", "works")

    assert result.stderr.endswith(r"allowed: \x1b[31m" + "\n")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--as-of", "--known-at"])
def test_now_is_read_from_the_clock(command: str, option: str, write: Callable[..., Path]) -> None:
    """What happens, or is recorded, after the moment at which the command runs does not count."""
    late = {**BREACH, "time": "2999-01-01T00:00:00Z"}
    path = write(line(), late)
    result = run(command, path, option, "now", "--format", "json")

    assert result.exit_code == 0
    assert "unknown-proposal" not in result.stdout
    assert "unknown-proposal" in run(command, path, "--format", "json").stdout


@pytest.mark.parametrize(
    "moment",
    [
        "2025-04-20T12:00:00Z", "2025-04-20 12:00Z", "2025-04-20T12:00z", "2025-04-20 12:00:00Z",
        "2025-04-20 15:00+03:00", "2025-04-20 12:00:00.000Z",
    ],
)  # fmt: skip
def test_a_moment_may_be_given_as_it_is_shown(moment: str) -> None:
    """Seconds may be left out, and a space may stand before the time of day."""
    given = run("replay", LOG, "--as-of", moment, "--format", "json")

    assert json.loads(given.stdout)["as_of"] == "2025-04-20T12:00:00Z"


@pytest.mark.parametrize(
    "moment",
    [
        "2025-04-20 12:00", "2025-04-20", "2025-04-20 12Z", "2025-04-20  12:00Z",
        "2025-04-20 12:00:Z", "2025-04-20 24:30Z", "20250420--- 12:00Z", "2025-04-20 12:00 Z",
    ],
)  # fmt: skip
def test_a_moment_that_is_none_is_refused(moment: str) -> None:
    """Of a time without an offset nobody knows when it was."""
    result = run("replay", LOG, "--as-of", moment)

    assert result.exit_code == 2
    assert "Invalid value for '--as-of'" in result.stderr


def test_as_of_now_is_the_present_moment() -> None:
    """The moment of the state is the one at which it is asked for."""
    state = json.loads(run("replay", LOG, "--as-of", "now", "--format", "json").stdout)

    now = datetime.now(UTC)  # noqa: TID251  # what the clock says is what is tested
    age = now - datetime.fromisoformat(state["as_of"])
    assert timedelta(0) <= age < timedelta(minutes=1)


# check


def test_check_of_a_clean_log_says_so() -> None:
    """No problem is good news, and exit code 0."""
    result = run("check", LOG)

    assert (result.exit_code, result.stdout, result.stderr) == (0, "no problems\n", "")
    assert run("check", LOG, "--format", "json").stdout == "[]\n"


def test_check_prints_the_problems_and_exits_with_1(write: Callable[..., Path]) -> None:
    """A log that breaks a rule can stop a script."""
    result = run("check", write(line(), BREACH), env={"COLUMNS": "80"})

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "position  record  party  problem",
        "────────  ──────  ─────  ───────────────────────────────────────────────────────",
        "       2  e2      works  unknown-proposal",
        "                         works's ProposalAccepted, proposal 'p9', names a",
        "                         proposal that nobody has made by then",
    ]


def test_check_as_json_lists_the_problems(write: Callable[..., Path]) -> None:
    """Each problem has the names of the library."""
    result = run("check", write(line(), BREACH), "--format", "json")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "event": "e2",
            "position": 2,
            "code": "unknown-proposal",
            "party": "works",
            "message": "works's ProposalAccepted, proposal 'p9', names a proposal that nobody has "
            "made by then",
        }
    ]


def test_check_sees_only_what_is_asked_about(write: Callable[..., Path]) -> None:
    """A problem that was not there by then, or is hidden from the viewer, is not told."""
    path = write(
        line(),
        {**BREACH, "time": "2031-03-02T00:00:00Z", "visibleto": "works"},
    )

    assert run("check", path, "--as-of", "2031-03-01T12:00:00Z").exit_code == 0
    assert run("check", path, "--known-at", "2031-03-01T12:00:00Z").exit_code == 0
    assert run("check", path, "--known-to", "union").exit_code == 0
    assert run("check", path, "--known-to", "works").exit_code == 1


# timeline


def test_timeline_prints_what_happened_in_fold_order() -> None:
    """A row for each record that counts, by time and then by place in the log."""
    result = run("timeline", LOG, "--format", "json")
    rows = json.loads(result.stdout)

    assert result.exit_code == 0
    assert len(rows) == 37
    assert [(row["time"], row["position"]) for row in rows] == sorted(
        (row["time"], row["position"]) for row in rows
    )
    assert rows[4] == {
        "time": "2025-04-19T15:00:00Z",
        "precision": None,
        "position": 7,
        "id": "e07",
        "type": "negotiation.truce-declared.v1",
        "party": "russia",
        "summary": "russia declares the truce easter from 2025-04-19 15:00Z until "
        "2025-04-20 21:00Z, binding itself alone",
        "reported_by": "Russian state television",
        "speaker": "Vladimir Putin",
        "changes": [{"path": "truces.easter.status", "before": None, "after": "in-force"}],
        "problems": [],
    }


def test_timeline_for_reading() -> None:
    """The table begins as a state does and goes on with the rows."""
    result = run(*SHORT, "--party", "russia", env={"COLUMNS": "80"})

    assert result.exit_code == 0
    assert result.stdout.splitlines()[:8] == [
        "easter-truce-2025",
        "as of 2025-04-19 15:00Z, 6 records counted",
        "3 of them made by russia or naming it",
        "",
        "time                #  record  what happened",
        "─────────────────  ──  ──────  ─────────────────────────────────────────────────",
        "2025-04-18 00:00Z   5  e05     russia joins as principal",
        "day                            reported by news report, 21 April 2025",
    ]


def test_timeline_of_a_party_leaves_out_the_rest() -> None:
    """Only what the party made and what names it is there."""
    result = run("timeline", LOG, "--party", "united-kingdom", "--format", "json")

    assert [row["id"] for row in json.loads(result.stdout)] == ["e19", "e22"]


# Which log


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_log_on_standard_input(command: str, form: str) -> None:
    """The path - is standard input, and makes no difference to what is printed."""
    piped = run(command, "-", "--format", form, input=LOG.read_bytes())

    assert (piped.exit_code, piped.stderr) == (0, "")
    assert piped.stdout == run(command, LOG, "--format", form).stdout


@pytest.mark.parametrize(
    ("command", "table", "as_json"),
    [
        ("replay", "an empty log\n0 records counted\n", None),
        ("check", "no problems\n", []),
        ("timeline", "an empty log\n0 records counted\n", []),
    ],
)
def test_an_empty_file_is_an_empty_log(
    command: str, table: str, as_json: object, write: Callable[..., Path]
) -> None:
    """Nothing has happened, and that is no error."""
    path = write()
    printed = json.loads(run(command, path, "--format", "json").stdout)

    assert run(command, path).stdout == table
    assert run(command, path).exit_code == 0
    assert printed == as_json or (printed["id"], printed["parties"]) == (None, {})


def test_a_file_of_two_negotiations_needs_a_choice(write: Callable[..., Path]) -> None:
    """The error lists the negotiations and names the option that chooses."""
    path = write(line(), line(source="talks-2"))
    result = run("replay", path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"{path}: holds 2 negotiations ('talks-1', 'talks-2'); "
        "choose one of them with --negotiation\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_one_of_two_negotiations_is_chosen(command: str, write: Callable[..., Path]) -> None:
    """The records of the other one are as if they were not there."""
    path = write(line(), {**BREACH, "source": "talks-2"})

    chosen = run(command, path, "--negotiation", "talks-1", "--format", "json")

    assert chosen.exit_code == 0
    assert "works" not in chosen.stdout


def test_a_negotiation_that_is_not_there(write: Callable[..., Path]) -> None:
    """The error says which ones are."""
    path = write(line())
    result = run("replay", path, "--negotiation", "talks-9")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{path}: holds no negotiation 'talks-9'; it holds 'talks-1'\n"


# What cannot be read


class Broken(NamedTuple):
    """A log that cannot be read: its bytes, the line that is wrong, and what is said of it."""

    content: bytes
    line: int
    reason: str


GOOD: Final = lines(line())
DEEP: Final = json.dumps(line(data={"proposal": "p", "by": "a", "to": ["b"], "terms": {}})).replace(
    '"terms": {}', '"terms": ' + '{"a":' * 63 + "1" + "}" * 63
)
BROKEN: Final = {
    "not UTF-8": Broken(GOOD + b'{"id":"\xff"}\n', 2, "byte 8 of the line is not UTF-8"),
    "a truncated last line": Broken(GOOD + GOOD[:40], 2, "is not JSON: "),
    "no JSON": Broken(b"hello\n", 1, "is not JSON: Expecting value at character 1"),
    "no object": Broken(b"\n[1]\n", 2, "must be a JSON object, one CloudEvents event; is a list"),
    "a missing attribute": Broken(lines(line(time=...)), 1, "time: is missing"),
    "a wrong attribute": Broken(lines(line(specversion="0.3")), 1, 'specversion: must be "1.0"'),
    "an unknown member of the data": Broken(
        lines(line(data={"truce": "lull", "by": "union", "kind": "truce", "start": "x"})),
        1,
        "data.start: is no field of TruceDeclared; did you mean 'starts'?",
    ),
    "a missing member of the data": Broken(
        lines(line(data={"truce": "lull", "by": "union"})), 1, "data.kind: is missing"
    ),
    "a time without an offset": Broken(
        lines(line(time="2031-03-01T00:00:00")), 1, "time: must be a time with an offset"
    ),
    "a time that does not exist": Broken(
        lines(line(time="2031-02-30T00:00:00Z")), 1, "time: is no moment that exists"
    ),
    "a number for an id": Broken(lines(line(id=7)), 1, "id: must be a text"),
    "a number for an item's id": Broken(
        lines(line(data={"truce": 7, "by": "union", "kind": "truce"})), 1, "data.truce: "
    ),
    "an id with other content": Broken(
        lines(line(), line(time="2031-03-02T00:00:00Z")), 2, "record 'e1': stands at position 1"
    ),
    "a line of more than 1 MiB": Broken(
        lines(line(), line(id="e2", quote="x" * (1 << 20))), 2, "the line has more than the 1048576"
    ),
    "nesting of more than 64": Broken(DEEP.encode(), 1, "the line nests 65 deep"),
    "NaN": Broken(GOOD.replace(b'"lull"', b"NaN"), 1, "holds NaN, which is no JSON number"),
    "Infinity": Broken(GOOD.replace(b'"lull"', b"-Infinity"), 1, "holds -Infinity"),
    "a number that is too large": Broken(GOOD.replace(b'"lull"', b"1e999"), 1, "holds 1e999"),
    "a member twice": Broken(GOOD.replace(b'{"truce"', b'{"by": 1, "truce"'), 1, "has the member"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_is_told_with_its_place(
    broken: Broken, write: Callable[..., Path]
) -> None:
    """One line on standard error says where and what; the exit code is 2; nothing is printed."""
    path = write(raw=broken.content)
    result = run("replay", path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}:{broken.line}: {broken.reason}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["table", "json"])
def test_every_command_tells_it_alike(command: str, form: str, write: Callable[..., Path]) -> None:
    """No command prints half of what it was asked for before it fails."""
    path = write(line(), raw=b"{}\n")
    result = run(command, path, "--format", form)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}:2: specversion: is missing")


def test_what_cannot_be_read_from_standard_input() -> None:
    """Standard input has a name in errors too."""
    result = process("replay", "-", input=b"\n\n{}\n")

    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.startswith(b"<stdin>:3: specversion: is missing")


def test_a_missing_file(tmp_path: Path) -> None:
    """The error names the file."""
    result = run("check", tmp_path / "nowhere.jsonl")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"{tmp_path / 'nowhere.jsonl'}: cannot be read: No such file or directory\n"
    )


def test_a_file_without_a_name() -> None:
    """An empty path is shown as what it is."""
    result = run("replay", "")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "the path '' is empty; name a file\n"


def test_a_directory(tmp_path: Path) -> None:
    """A directory is no log."""
    result = run("timeline", tmp_path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{tmp_path}: cannot be read: Is a directory\n"


def test_the_name_of_a_file_cannot_break_the_line(tmp_path: Path) -> None:
    """An error is one line, whatever a file is called."""
    result = run("replay", tmp_path / "a\n\x1b[31mb")

    assert result.stderr == (
        f"{tmp_path}/a\\n\\x1b[31mb: cannot be read: No such file or directory\n"
    )


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf\n")
@example(b'{"specversion":"1.0","type":"x","source":"a","id":"b","time":"0001-01-01T00:00:00Z"}')
def test_no_bytes_make_a_traceback(content: bytes) -> None:
    """Whatever a file holds, the answer is a state or one line that says why not."""
    for command in COMMANDS:
        result = run(command, "-", input=content)

        assert result.exit_code in {0, 1, 2}
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert bool(result.stdout) != bool(result.stderr)


@given(st.data())
def test_no_change_to_a_log_makes_a_traceback(data: st.DataObject) -> None:
    """A log with a few bytes changed is read, or refused in one line."""
    content = bytearray(LOG.read_bytes()[:4000])
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    result = run("timeline", "-", input=bytes(content))

    assert result.exit_code in {0, 2}
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert bool(result.stdout) != bool(result.stderr)


# What else may fail


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (MemoryError(), 2, "the log is too large for the memory that there is\n"),
        (RecursionError(), 2, "the log nests too deep to be read\n"),
        (OSError(5, "Input/output error", "talks.jsonl"), 2, "talks.jsonl: Input/output error\n"),
        (OSError(5, "Input/output error"), 2, "input or output: Input/output error\n"),
        (OSError("no words"), 2, "input or output: no words\n"),
        (ng.InvalidTime("as_of has none"), 2, "as_of has none\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=["memory", "recursion", "a file", "no file", "no reason", "the library", "interrupt"],
)
def test_whatever_fails_ends_in_a_line_and_an_exit_code(
    error: BaseException, code: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is never a traceback; an interrupt says nothing."""

    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr(options, "read", fail)
    result = run("replay", LOG)

    assert (result.exit_code, result.stdout, result.stderr) == (code, "", message)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("replay", LOG), 0),
        (("check", "-"), 1),
        (("--help",), 0),
        (("replay", "--help"), 0),
        (("--version",), 0),
    ],
    ids=["done", "problems", "help", "help of a command", "version"],
)
def test_a_reader_that_has_left_is_no_error(args: tuple[str, ...], code: int) -> None:
    """Where the output goes to `head`, the command ends quietly with the code it would have had."""
    read, written = os.pipe()
    os.close(read)
    result = process(*args, stdout=written, input=lines(BREACH))
    os.close(written)

    assert (result.returncode, result.stderr) == (code, b"")


needs_dev_full = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="there is no /dev/full here"
)
HALF_TYPED: Final = {
    "_NEGOTIATION_COMPLETE": "bash_complete",
    "COMP_WORDS": "negotiation re",
    "COMP_CWORD": "1",
}
"""The environment in which a shell asks what the words may become."""

WRITING: Final = (("replay", LOG), ("--help",), ("check", "--help"), ("--version",))


@needs_dev_full
@pytest.mark.parametrize("args", WRITING, ids=["a state", "help", "help of a command", "version"])
def test_a_full_disk_is_told(args: tuple[str, ...]) -> None:
    """What could not be written is an error, not a success."""
    with Path("/dev/full").open("wb") as full:
        result = process(*args, stdout=full)

    assert (result.returncode, result.stderr) == (
        2,
        b"standard output: cannot be written: No space left on device\n",
    )


@needs_dev_full
@pytest.mark.parametrize(
    "args", [("replay", "nowhere.jsonl"), ("reply",), ()], ids=["input", "usage", "nothing asked"]
)
def test_an_error_that_cannot_be_told(args: tuple[str, ...]) -> None:
    """Where standard error takes nothing, the exit code is still that of the error."""
    with Path("/dev/full").open("wb") as full:
        result = process(*args, stderr=full)

    assert (result.returncode, result.stdout) == (2, b"")


@needs_dev_full
def test_completion_that_cannot_be_written() -> None:
    """What click itself writes fails in one line too."""
    with Path("/dev/full").open("wb") as full:
        result = process(stdout=full, env=HALF_TYPED)

    assert (result.returncode, result.stderr) == (
        2,
        b"output: cannot be written: No space left on device\n",
    )


@pytest.mark.parametrize(
    ("closing", "message"),
    [
        (">&-", b"standard output: cannot be written: it is closed\n"),
        ("<&-", b"standard input: cannot be read: it is closed\n"),
        (">&- 2>&-", b""),
    ],
    ids=["output", "input", "errors"],
)
def test_a_stream_that_is_closed(closing: str, message: bytes) -> None:
    """A command that has nowhere to write or to read from fails in one line, where it can."""
    result = subprocess.run(
        ["sh", "-c", f'exec "$@" {closing}', "sh", *PROGRAM, "replay", "-"],
        env=environment({}), input=b"", capture_output=True, timeout=60, check=False,
    )  # fmt: skip

    assert (result.returncode, result.stdout, result.stderr) == (2, b"", message)


def test_the_program_runs_as_a_module_too() -> None:
    """Where it is not on the path; and it goes by the same name."""
    result = subprocess.run(
        [sys.executable, "-m", "negotiation", "replay", "--help"],
        env=environment({}), capture_output=True, check=True, timeout=60,
    )  # fmt: skip

    assert result.stdout.startswith(b"Usage: negotiation replay ")


def test_a_stream_that_takes_ascii_alone() -> None:
    """What cannot be written is escaped, and the library's own signs are plain."""
    table = process("timeline", LOG, env={"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    text = table.stdout.decode("ascii")

    assert (table.returncode, table.stderr) == (0, b"")
    assert r"would not comment, \u201cespecially on the deadline\u201d" in " ".join(text.split())
    assert "-----------------  --  ------  ----" in text


def test_json_on_a_stream_that_takes_ascii_alone() -> None:
    """The JSON is the same value in any encoding."""
    ascii_ = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}
    printed = process("replay", LOG, "--format", "json", env=ascii_).stdout

    assert json.loads(printed.decode("ascii")) == ng.state_to_json(ng.replay(ng.read_log(LOG)))


def test_a_stream_in_memory() -> None:
    """Called from Python, the program writes to whatever stands for standard output."""
    with redirect_stdout(StringIO()) as stream:
        main(["check", str(LOG)], standalone_mode=False)

    assert stream.getvalue() == "no problems\n"


# diff


def test_diff_of_two_moments_for_reading() -> None:
    """From the eve of the truce to its noon, the truce came, and a deadline's window opened."""
    result = run("diff", LOG, "--from", "2025-04-19T12:00:00Z", "--to", "2025-04-20T12:00:00Z")

    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:5] == [
        "easter-truce-2025",
        "from: as of 2025-04-19 12:00Z, 4 records counted",
        "to: as of 2025-04-20 12:00Z, 12 records counted",
        "26 changes",
        "",
    ]
    assert lines[5].split() == ["where", "from", "→", "to"]
    said = [" ".join(line.split()) for line in lines]
    assert "deadlines.progress-in-a-few-days.status pending → in-window" in said
    assert "parties.russia.replies_owed.civilian-targets added" in said


def test_diff_to_the_end_of_a_log() -> None:
    """Without --to, the other side is the end of the log."""
    last = run("diff", LOG, "--from", "2025-04-19T12:00:00Z", "--format", "json").stdout
    before, after = (
        ng.replay(ng.read_log(LOG), as_of=at)
        for at in (datetime(2025, 4, 19, 12, tzinfo=UTC), None)
    )

    assert json.loads(last) == ng.diff(before, after).to_json()


def test_diff_of_what_two_parties_know(write: Callable[..., Path]) -> None:
    """What only one of two parties knows is named as such; what both know is left out."""
    said = {"type": "negotiation.statement-made.v1", "data": {"by": "works", "text": "never"}}
    log = write(line(), line(**said, id="e2", visibleto="mediator"))
    result = run("diff", log, "--known-to", "works", "--against", "union")

    assert result.exit_code == 0
    said_of = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "works: as of 2031-03-01 00:00Z, known to works, 2 records counted" in said_of
    assert "union: as of 2031-03-01 00:00Z, known to union, 1 record counted" in said_of
    assert any(words.startswith("parties.works only works knows: party works") for words in said_of)
    back = run("diff", log, "--known-to", "union", "--against", "works").stdout
    assert "only works knows: party works" in " ".join(back.split())


def test_diff_of_two_logs(write: Callable[..., Path], tmp_path: Path) -> None:
    """Two codings of one event are compared; what one of them has alone is said to be in it."""
    other = tmp_path / "other.jsonl"
    other.write_bytes(lines(line(source="talks-2"), line(**{**BREACH, "source": "talks-2"})))
    log = write(line())
    result = run("diff", log, other)

    assert result.exit_code == 0
    assert result.stdout.startswith("talks-1 → talks-2\n")
    assert "only in" in result.stdout
    found = json.loads(run("diff", log, other, "--format", "json").stdout)["changes"]
    assert [change["path"] for change in found] == [
        "id", "position", "parties.works", "problems",
    ]  # fmt: skip


def test_diff_of_a_log_and_itself() -> None:
    """A log does not differ from itself, not even on standard input."""
    result = run("diff", "-", LOG, input=LOG.read_bytes())

    assert result.exit_code == 0
    assert result.stdout.endswith("nothing differs\n")


def test_diff_of_one_change() -> None:
    """A single change is counted as one."""
    result = run("diff", LOG, "--known-to", "russia", "--against", "ukraine")

    assert "\n1 change\n" in result.stdout


@pytest.mark.parametrize("columns", [40, 80])
def test_every_line_of_a_diff_fits_the_page(columns: int) -> None:
    """No line is wider than the terminal, however long a path is."""
    moments = ("--from", "2025-04-19T12:00:00Z", "--to", "2025-04-20T12:00:00Z")
    result = run("diff", LOG, *moments, env={"COLUMNS": str(columns)})

    assert all(len(line) <= columns for line in result.stdout.splitlines())


# Usage


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("replay",), "Missing argument 'LOG'"),
        (("replay", "x", "--sideways"), "No such option"),
        (("replay", "x", "--format", "xml"), "'xml' is not one of 'table', 'json'"),
        (("reply", "x"), "No such command 'reply'"),
        (("check", "x", "--party", "a"), "No such option"),
        (("diff", "x"), "say what to compare: two moments with --from T1 --to T2"),
        (("diff", "x", "y", "--from", "now"), "one pair is compared at a time"),
        (
            ("diff", "x", "y", "--known-to", "a", "--against", "b"),
            "one pair is compared at a time",
        ),
        (("diff", "x", "--to", "now"), "--to goes with --from"),
        (("diff", "x", "--from", "now", "--as-of", "now"), "--as-of is one moment"),
        (("diff", "x", "--against", "b"), "--against goes with --known-to"),
        (("diff", "-", "-"), "standard input can be read once"),
        (("completion", "tcsh"), "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
        (
            ("replay", "x", "--as-of", "2025-04-20"),
            "'--as-of': 2025-04-20 is a day; say which moment of it, such as 2025-04-20T12:00:00Z",
        ),
        (
            ("replay", "x", "--as-of", "2025-04-20T12:00:00"),
            "such as 2025-04-19T15:00:00Z, not str '2025-04-20T12:00:00'; or now",
        ),
        (
            ("timeline", "x", "--known-at", "2025-02-30T12:00:00Z"),
            "'--known-at': is no moment that exists",
        ),
        (("check", "x", "--as-of", "yesterday"), "'--as-of': must be a time with an offset"),
        (("replay", "x", "--party", ""), "'--party': must be a party's id, which is not empty"),
        (("replay", "x", "--known-to", "a b"), "'--known-to': must be a party's id, which holds"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_wrong_usage_is_told_and_exits_with_2(args: tuple[str, ...], message: str) -> None:
    """A command that is not understood does nothing, and says what would be."""
    result = run(*args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize("command", ["", "replay", "check", "timeline", "diff", "completion"])
def test_the_help_has_an_example(command: str) -> None:
    """Every help ends in a line to try on the example that is shipped."""
    result = run(*filter(None, [command]), "--help")

    assert result.exit_code == 0
    examples = result.stdout.partition("\nExample:\n")[2]
    assert f"negotiation {command or 'replay'}" in examples
    assert "examples/easter_truce_2025.jsonl" in examples


def test_the_examples_of_the_help_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the help says can be typed as it stands."""
    monkeypatch.chdir(ROOT)
    for command in (*COMMANDS, "diff"):
        typed = run(command, "--help").stdout.partition("\nExample:\n")[2]
        words = typed.replace("\\\n", " ").split()

        assert words[:2] == ["negotiation", command]
        assert run(*words[1:]).exit_code == 0


def test_the_version() -> None:
    """The version is that of the package."""
    result = run("--version")

    assert (result.exit_code, result.stdout) == (0, "negotiation, version 0.1.0\n")


# Completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_a_shell(shell: str) -> None:
    """The script asks the program itself what may come next."""
    result = run("completion", shell)

    assert (result.exit_code, result.stderr) == (0, "")
    assert f"_NEGOTIATION_COMPLETE={shell}_complete" in result.stdout
    assert "negotiation" in result.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_takes_the_script() -> None:
    """Sourcing it defines a completion for the program."""
    result = subprocess.run(
        ["bash", "-c", 'eval "$(cat)"; complete -p negotiation'],
        input=run("completion", "bash").stdout_bytes, capture_output=True, check=True,
    )  # fmt: skip

    assert result.stdout.strip().endswith(b"_negotiation_completion negotiation")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("negotiation re", ["plain,replay"]),
        ("negotiation replay --kn", ["plain,--known-at", "plain,--known-to"]),
        ("negotiation replay examples/e", ["file,examples/e"]),
    ],
    ids=["a command", "an option", "a file"],
)
def test_what_a_shell_is_offered(typed: str, offered: list[str]) -> None:
    """Commands, options and files are completed."""
    env = {
        "_NEGOTIATION_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
    }

    assert process(env=env).stdout.decode().split() == offered


# Terminals


class Terminal:
    """A pseudo-terminal of some width, for one process to write on."""

    def __init__(self, columns: int = 100) -> None:
        self._ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))

    def written(self, seconds: float) -> str:
        """What was written and not yet read, as soon as there is something, within some time."""
        ready, _, _ = select.select([self._ours], [], [], seconds)
        return os.read(self._ours, 1 << 16).decode(errors="replace") if ready else ""

    def shown(self) -> str:
        """Everything that was written, once whoever wrote has ended."""
        os.close(self.theirs)
        read = b""
        while chunk := self._chunk():
            read += chunk
        os.close(self._ours)
        return read.decode().replace("\r\n", "\n")

    def _chunk(self) -> bytes:
        try:
            return os.read(self._ours, 1 << 16)
        except OSError:  # the end, as Linux tells it
            return b""


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
    ids=["by itself", "NO_COLOR", "a dumb one", "FORCE_COLOR"],
)
def test_colour_on_a_terminal(env: Mapping[str, str], coloured: bool) -> None:
    """A terminal gets colour unless it cannot show it or its user does not want it."""
    terminal = Terminal()
    result = process(*SHORT, env={**env, "COLUMNS": None}, stdout=terminal.theirs)

    assert (result.returncode, result.stderr) == (0, b"")
    shown = terminal.shown()
    assert "truce" in shown
    assert ("\x1b[" in shown) is coloured


@pytest.mark.parametrize(
    ("env", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True)], ids=["by itself", "forced"]
)
def test_colour_in_a_pipe(env: Mapping[str, str], coloured: bool) -> None:
    """What is no terminal gets colour only if somebody asks for it."""
    assert (b"\x1b[" in process(*SHORT, env=env).stdout) is coloured


@pytest.mark.parametrize("command", ["replay", "timeline"])
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_every_line_fits_the_page(command: str, columns: int) -> None:
    """However narrow the page, no line is wider, and none ends in white space."""
    printed = run(command, LOG, env={"COLUMNS": str(columns)}).stdout.splitlines()

    assert max(map(len, printed)) <= columns
    assert [line.rstrip() for line in printed] == printed


def test_the_width_of_a_terminal_is_respected() -> None:
    """The table is as wide as the terminal says it is."""
    terminal = Terminal(columns=64)
    process(*SHORT, env={"COLUMNS": None, "NO_COLOR": "1"}, stdout=terminal.theirs)

    assert max(map(len, terminal.shown().splitlines())) == 64


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_log_cannot_steer_a_terminal(form: str, write: Callable[..., Path]) -> None:
    """No control character and no change of direction reaches the terminal from a log."""
    said = {"by": "union", "text": "\x1b]0;title\x07 \x1b[2J \u202egnol \x9b31m [bold]x[/bold]"}
    path = write(line(type="negotiation.statement-made.v1", data=said))
    terminal = Terminal()
    process("replay", path, "--format", form, env={"NO_COLOR": "1"}, stdout=terminal.theirs)
    shown = terminal.shown()

    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
    assert "[bold]x[/bold]" in shown


def test_json_and_help_do_without_rich() -> None:
    """What prints no table does not wait for what draws them."""
    asked = (
        "import sys; from negotiation.cli import main\n"
        f"for args in (['replay', {str(LOG)!r}, '--format', 'json'], ['--help']):\n"
        "    main(args, standalone_mode=False)\n"
        "sys.exit(any(name.partition('.')[0] == 'rich' for name in sys.modules))"
    )

    subprocess.run([sys.executable, "-c", asked], stdout=subprocess.DEVNULL, check=True)


# The progress bar


class Screen(StringIO):
    """A terminal as far as it says so itself."""

    def isatty(self) -> bool:
        return True


def test_a_log_that_takes_long_to_read_has_a_progress_bar() -> None:
    """After a second a bar appears on standard error; standard output sees nothing of it."""
    terminal = Terminal()
    with subprocess.Popen(
        [*PROGRAM, "check", "-"],
        env=environment({"COLUMNS": None}),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=terminal.theirs,
    ) as slow:  # fmt: skip
        assert slow.stdin is not None
        assert slow.stdout is not None
        first, *rest = LOG.read_bytes().splitlines(keepends=True)
        shown = ""
        for _ in range(600):
            slow.stdin.write(first)  # a copy of it is no second record
            slow.stdin.flush()
            shown += terminal.written(0.1)
            if "reading" in shown:
                break
        slow.stdin.write(b"".join(rest))
        slow.stdin.close()
        printed = slow.stdout.read()
        slow.wait(60)

    assert (slow.returncode, printed) == (0, b"no problems\n")
    assert "reading" in shown
    assert terminal.shown().endswith("\x1b[2K")


def test_a_log_that_is_read_at_once_has_no_progress_bar() -> None:
    """A terminal sees nothing of a reading that takes no time."""
    terminal = Terminal()
    result = process("check", LOG, stderr=terminal.theirs)

    assert (result.returncode, result.stdout) == (0, b"no problems\n")
    assert terminal.shown() == ""


def test_a_dumb_terminal_has_no_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar needs a terminal that can go back over a line."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(reading, "PATIENCE", 0)
    monkeypatch.setenv("TERM", "dumb")
    reading.read(str(LOG), None)

    assert screen.getvalue() == ""


class Clock:
    """Tells the times it was given, one after the other."""

    def __init__(self, *times: float) -> None:
        self._times = iter(times)

    def __call__(self) -> float:
        return next(self._times)


def test_a_bar_shows_how_much_was_read() -> None:
    """Nothing is shown within the first second; then the bytes, of all that there are."""
    screen = Screen()
    with reading.Meter(screen, total=4000, clock=Clock(0, 0.5, 1.5, 1.55, 2)) as meter:
        meter(1000)
        assert screen.getvalue() == ""
        meter(1000)
        meter(1000)
        meter(500)

    assert "reading" in screen.getvalue()
    assert "3.5/4.0 kB" in screen.getvalue()


def test_a_bar_goes_before_an_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that cannot be read is told on a line of its own."""
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(reading, "PATIENCE", 0)
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(ng.Unreadable):
        reading.read(str(ROOT), None)
    with pytest.raises(ng.NegotiationError, match="no negotiation 'x'"):
        reading.read(str(LOG), "x")

    assert screen.getvalue().endswith("\x1b[2K")
