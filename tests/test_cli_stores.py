"""The commands about stores: what goes in, comes out, moves, and is found to be altered."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from threading import Timer
from typing import IO, Any, Final

import pytest

import negotiation as ng
from negotiation.cli import adding, main, moving, places, reading, sources
from negotiation.stores.store import Expectation
from negotiation.wire.verifying import seal
from tests.program import PROGRAM, done, environment, process, run
from tests.stores.places import PLACES, Place

ROOT: Final = Path(__file__).parents[1]
REPORT: Final = ROOT / "examples" / "easter_truce_2025.jsonl"
WHEN: Final = datetime(2031, 3, 1, tzinfo=UTC)


def printed(*args: str | Path, **options: Any) -> Any:
    """What such a command prints as JSON."""
    return json.loads(done(*args, "--format", "json", **options))


def refused(code: int, *args: str | Path, **options: Any) -> str:
    """The line with which a command refuses that prints nothing."""
    result = run(*args, **options)
    assert (result.exit_code, result.stdout) == (code, ""), result.output
    assert result.stderr.count("\n") == 1
    return result.stderr.removesuffix("\n")


def line(id: str = "e1", text: str = "no", **changes: object) -> dict[str, Any]:
    """A record as JSON, with some of its attributes changed or, where `...`, taken away."""
    fields = {
        "specversion": "1.0",
        "type": "negotiation.statement-made.v1",
        "source": "talks",
        "id": id,
        "time": "2031-03-01T00:00:00Z",
        "data": {"by": "north", "text": text},
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not ...}


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def statements(negotiation: str, *texts: str) -> ng.Log:
    """A log in which north says these things, a day after the other."""
    log = ng.Log(negotiation)
    for day, said in enumerate(texts):
        event = ng.StatementMade(by="north", text=said)
        log = log.append(event, time=WHEN + timedelta(days=day))
    return log


def kept(url: str, *logs: ng.Log) -> str:
    """The URL of a store in which these logs were put."""
    with ng.open_store(url) as store:
        for log in logs:
            assert log.negotiation is not None
            store.append(log.negotiation, log)
    return url


def read(url: str, negotiation: str = "talks") -> ng.Log:
    with ng.open_store(url, create=False) as store:
        return store.read(negotiation)


def heads(url: str) -> list[ng.Head | None]:
    with ng.open_store(url, create=False) as store:
        return [store.head(each.negotiation) for each in store.negotiations()]


def order(url: str) -> list[tuple[str, str]]:
    """The records of a store in the order of all of them, by negotiation and id."""
    with ng.open_store(url, create=False) as store:
        return [(record.negotiation, record.id) for _, record in store.read_all()]


def sealed(*logs: ng.Log) -> list[str]:
    """The lines of logs as a store keeps them."""
    codec = ng.Codec()
    return [codec.encode(record) for log in logs for record in seal(log)]


ANSWER: Final = line(
    "e2", type="negotiation.proposal-accepted.v1", data={"proposal": "p9", "by": "south"}
)
"""A record that breaks a rule."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of a store that is not there yet."""
    return f"sqlite:///{tmp_path}/talks.db"


@pytest.fixture
def other(tmp_path: Path) -> str:
    """The URL of a second store that is not there yet."""
    return f"sqlite:///{tmp_path}/other.db"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of these lines, which is no store by its name."""

    def write(*texts: str, name: str = "log.txt") -> Path:
        path = tmp_path / name
        path.write_text("".join(f"{each}\n" for each in texts), encoding="utf-8")
        return path

    return write


class Screen(StringIO):
    """A terminal as far as it says so itself."""

    def isatty(self) -> bool:
        return True


# Stores as LOG


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize(
    "command",
    [("replay",), ("check",), ("timeline",), ("explain", "truces.easter.status")],
    ids=lambda command: command[0],
)
def test_a_log_in_a_store_is_read_like_a_file(
    command: tuple[str, ...], form: str, url: str, write: Callable[..., Path]
) -> None:
    """What is printed of the one negotiation of a store is what is printed of its sealed file."""
    report = ng.read_log(REPORT)
    kept(url, report)
    file = write(*sealed(report))
    name, *path = command

    assert done(name, url, *path, "--format", form) == done(name, file, *path, "--format", form)


def test_a_log_in_a_store_is_compared_with_a_file(url: str) -> None:
    """Either side of `diff` may be in a store."""
    kept(url, ng.read_log(REPORT))

    assert done("diff", url, REPORT).endswith("nothing differs\n")
    assert done("diff", REPORT, url).endswith("nothing differs\n")


def test_a_store_of_two_negotiations_needs_a_choice(url: str) -> None:
    """The error lists them as it does for a file, and the option chooses."""
    kept(url, statements("dues", "no"), statements("talks", "never"))

    assert refused(2, "replay", url) == (
        f"{url}: holds 2 negotiations ('dues', 'talks'); choose one of them with --negotiation"
    )
    assert done("replay", url, "--negotiation", "talks").startswith("talks\n")


def test_a_store_of_many_negotiations_is_not_listed_whole(url: str) -> None:
    """Of more than 20, an error names the first, or the nearest to the one that was asked for."""
    kept(url, *(statements(f"talks-{number:02}", "no") for number in range(21)))

    assert "holds 21 negotiations ('talks-00', 'talks-01'," in refused(2, "check", url)
    assert refused(2, "check", url).endswith(
        "'talks-19', …); choose one of them with --negotiation"
    )
    assert "no negotiation 'talk-17'; did you mean 'talks-17'?" in refused(
        2, "check", url, "--negotiation", "talk-17"
    )


def test_a_negotiation_that_a_store_does_not_hold(url: str) -> None:
    """The error says which ones it does hold."""
    kept(url, statements("talks", "no"))

    assert refused(2, "replay", url, "--negotiation", "dues") == (
        f"{url}: holds no negotiation 'dues'; it holds 'talks'"
    )


def test_a_store_of_no_negotiations(url: str) -> None:
    """There is no log in it, which is an error, whether one is asked for by name or not."""
    kept(url)

    assert refused(2, "replay", url) == f"{url}: holds no negotiation"
    assert refused(2, "replay", url, "--negotiation", "talks") == (
        f"{url}: holds no negotiation 'talks'; it is empty"
    )


@pytest.mark.parametrize(
    "command",
    [
        ("replay",),
        ("list",),
        ("verify",),
        ("append",),
        ("import-log", str(REPORT), "--to"),
        ("import-log", "--to", "talks.jsonl"),
    ],
    ids=" ".join,
)
def test_a_store_in_memory_is_pointless(command: tuple[str, ...]) -> None:
    """It is empty when the program starts and gone when it ends, and the error says so."""
    assert refused(2, *command, "memory:", input=lines(line())) == (
        "memory: is empty whenever a program opens it; name a store that lasts, such as "
        "sqlite:///talks.db"
    )


@pytest.mark.parametrize("command", ["replay", "list", "verify", "export", "follow"])
def test_reading_makes_no_store(command: str, url: str, tmp_path: Path) -> None:
    """What is only read must be there."""
    assert refused(2, command, url).startswith(f"store '{url}': nothing is there")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("command", ["list", "verify", "export", "follow"])
def test_a_file_of_json_lines_that_is_not_there(command: str, tmp_path: Path) -> None:
    """It is told as any file is that is not there."""
    path = tmp_path / "nowhere.jsonl"

    assert refused(2, command, path) == f"{path}: cannot be read: No such file or directory"
    assert not path.exists()


def test_a_database_may_be_named_like_a_file_of_json_lines(tmp_path: Path) -> None:
    """The beginning of a URL says which kind of store it is, before its end does."""
    url = kept(f"sqlite:///{tmp_path}/talks.jsonl", statements("talks", "no"))

    assert [each["negotiation"] for each in printed("list", url)] == ["talks"]
    assert printed("verify", url)[0]["fault"] is None


def test_a_path_to_json_lines_is_read_as_a_file(tmp_path: Path) -> None:
    """A line that is no record is told with its place, as ever."""
    path = tmp_path / "talks.jsonl"
    path.write_bytes(lines(line()) + b"{}\n")

    assert refused(2, "replay", path).startswith(f"{path}:2: specversion: is missing")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("talks.jsonl", "talks.jsonl"),
        ("postgres.jsonl", "postgres.jsonl"),
        ("sqlite:///a@b?c.db", "sqlite:///a@b?c.db"),
        ("postgresql://localhost:5432/talks", "postgresql://localhost:5432/talks"),
        ("postgresql://me@there/talks", "postgresql://me@there/talks"),
        ("postgresql://me:secret@there/talks", "postgresql://me@there/talks"),
        ("postgres://me:sec/ret?@there/talks?a=b", "postgres://me@there/talks"),
        ("postgresql:///talks?password=secret", "postgresql:///talks"),
        ("postgresql://me:secret@there/talks?options=a@b", "postgresql://me@b"),
        ("POSTGRESQL://me:secret@there/talks", "POSTGRESQL://me@there/talks"),
        ("mysql://me:secret@there/talks", "mysql:"),
        ("mysql://me:secret@there/talks.jsonl", "mysql:"),
        ("password=secret mysql://there/talks", "…:"),
    ],
)
def test_a_password_is_not_shown(source: str, shown: str) -> None:
    """A URL is named in messages by what leads to the store and cannot hold a password."""
    assert places.shown(source) == shown


@pytest.mark.parametrize(
    "command",
    [
        ("check",), ("verify",), ("list",), ("follow",), ("export",), ("append",),
        ("import-log", "-", "--to"), ("import-log", "--to", "x.jsonl"), ("append", "x.jsonl"),
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("end", ["", ".jsonl"])
def test_what_is_meant_as_a_url_is_no_path(
    command: tuple[str, ...], end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names no store that there is, and no more of it is shown than how it begins."""
    monkeypatch.chdir(tmp_path)
    said = refused(2, *command, f"mysql://me:secret@there/talks{end}", input=lines(line()))

    assert "mysql:" in said
    assert "secret" not in said
    assert [*tmp_path.iterdir()] == []


def test_a_long_reading_of_a_store_has_a_progress_bar(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal the records are counted."""
    kept(url, statements("talks", "no", "never", "well"))
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(reading, "PATIENCE", 0)
    monkeypatch.setattr(reading, "_PAUSE", 0)
    monkeypatch.setenv("TERM", "xterm")

    assert reading.read(url, None) == read(url)
    assert "3/?" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")


def test_a_long_reading_of_lines_has_a_progress_bar(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal the bytes are counted, of all that there are."""
    path = write(*sealed(statements("talks", "no")))
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(reading, "PATIENCE", 0)
    monkeypatch.setenv("TERM", "xterm")

    assert [number for number, _ in reading.lines_of(str(path))] == [1]
    assert "bytes" in screen.getvalue()


# append


def test_append_makes_a_store_and_says_what_it_did(url: str) -> None:
    """The records of a file are kept, sealed, and one line says where the negotiation stands."""
    assert done("append", url, REPORT) == (
        "appended 37 records to 'easter-truce-2025', which stands at position 37\n"
    )
    assert read(url, "easter-truce-2025") == seal(ng.read_log(REPORT))


def test_append_goes_on_from_standard_input(url: str) -> None:
    """Without a source the lines are read from standard input, and follow on what is there."""
    done("append", url, input=lines(line(), line("e2")))

    assert done("append", url, "-", input=lines(line("e3"))) == (
        "appended 1 record to 'talks', which stands at position 3\n"
    )
    assert [record.id for record in read(url)] == ["e1", "e2", "e3"]


def test_append_as_json(url: str) -> None:
    """The line's numbers by name."""
    assert printed("append", url, input=lines(line(), line("e2"))) == {
        "negotiation": "talks",
        "appended": 2,
        "position": 2,
    }


def test_append_to_a_file_of_json_lines(tmp_path: Path) -> None:
    """A path that ends in .jsonl is a store as well."""
    path = tmp_path / "talks.jsonl"
    done("append", path, input=lines(line(), line("e2")))

    assert len(ng.read_log(path)) == 2


@pytest.mark.parametrize("options", [(), ("--strict",)], ids=["plain", "strict"])
@pytest.mark.parametrize("expected", ["any", "new", "0", "1", "2", "9"])
def test_the_same_records_again_are_no_change(
    expected: str, options: tuple[str, ...], url: str
) -> None:
    """A second try of what succeeded does nothing, whatever it expects."""
    done("append", url, input=lines(line(), line("e2")))

    assert done(
        "append", url, "--expected", expected, *options, input=lines(line(), line("e2"))
    ) == ("appended nothing to 'talks', which stands at position 2\n")
    assert len(read(url)) == 2


@pytest.mark.parametrize(
    ("ids", "appended"),
    [(("e2", "e3"), 1), (("e3", "e2"), 1), (("e3", "e4", "e1", "e3"), 2), (("e3", "e3"), 1)],
    ids=["old and new", "new and old", "new, old and new again", "new twice"],
)
def test_what_is_there_is_not_counted(ids: tuple[str, ...], appended: int, url: str) -> None:
    """Of records that are there in part, those are appended that are not."""
    done("append", url, input=lines(line(), line("e2")))

    assert printed("append", url, input=lines(*map(line, ids))) == {
        "negotiation": "talks",
        "appended": appended,
        "position": 2 + appended,
    }
    assert len(read(url)) == 2 + appended


@pytest.mark.parametrize("options", [(), ("--strict",)], ids=["plain", "strict"])
@pytest.mark.parametrize(
    ("expected", "wanted"), [("1", "at position 1"), ("new", "to be new"), ("3", "at position 3")]
)
def test_a_conflict_names_both_positions(
    expected: str, wanted: str, options: tuple[str, ...], url: str
) -> None:
    """Who expects the negotiation elsewhere appends nothing."""
    done("append", url, input=lines(line(), line("e2")))

    assert refused(2, "append", url, "--expected", expected, *options, input=lines(line("e3"))) == (
        f"negotiation 'talks' was expected {wanted}, and it stands at position 2; read it again "
        "and decide anew"
    )
    assert len(read(url)) == 2


def test_a_conflict_comes_before_the_rules(url: str) -> None:
    """What would follow elsewhere is not judged by what stands there now."""
    done("append", url, input=lines(line(), line("e3")))

    assert refused(2, "append", url, "--strict", "--expected", "1", input=lines(ANSWER)).startswith(
        "negotiation 'talks' was expected at position 1"
    )


@pytest.mark.parametrize("options", [(), ("--strict",)], ids=["plain", "strict"])
def test_what_is_expected_is_appended(options: tuple[str, ...], url: str) -> None:
    """Who expects the negotiation where it stands appends to it."""
    done("append", url, "--expected", "new", *options, input=lines(line()))
    done("append", url, "--expected", "1", *options, input=lines(line("e2")))

    assert [record.id for record in read(url)] == ["e1", "e2"]


@pytest.mark.parametrize("expected", ["-1", "two", "", "1.0", "²", "1" * 19])
def test_what_cannot_be_expected(expected: str, url: str) -> None:
    """The usage error says what may be."""
    result = run("append", url, f"--expected={expected}", input=lines(line()))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "must be any, new, or a position, a whole number from 0, not" in result.stderr


def test_append_takes_what_breaks_a_rule(url: str) -> None:
    """Logs hold breaches too, and `check` tells them."""
    done("append", url, input=lines(line(), ANSWER))

    assert run("check", url).exit_code == 1


def test_a_strict_append_refuses_what_breaks_a_rule(url: str, write: Callable[..., Path]) -> None:
    """The error has the place of the line and the code of the rule, and nothing is kept."""
    done("append", url, input=lines(line()))
    path = write(json.dumps(line("e3")), "", json.dumps(ANSWER))

    assert refused(2, "append", url, path, "--strict").startswith(f"{path}:3: unknown-proposal: ")
    assert len(read(url)) == 1


def test_a_strict_append_takes_what_keeps_the_rules(url: str) -> None:
    """What is new is judged by what is there already."""
    made = {"proposal": "p9", "by": "north", "to": ["south"], "terms": {"pay": 1}}
    done("append", url, input=lines(line(type="negotiation.proposal-made.v1", data=made)))
    done("append", url, "--strict", input=lines(ANSWER))

    assert ng.replay(read(url)).proposals["p9"].status == "accepted"


def test_a_line_that_does_not_say_when_it_was_recorded(url: str) -> None:
    """It is the later of its time and when the one above was recorded, in the store or the file."""
    done("append", url, input=lines(line(recordedtime="2031-03-05T00:00:00Z")))
    done(
        "append", url,
        input=lines(line("e2"), line(), line("e3"), line("e4", time="2031-03-06T00:00:00Z")),
    )  # fmt: skip

    assert [record.recorded.day for record in read(url)] == [5, 5, 5, 6]


def test_a_copy_does_not_say_when_the_next_line_was_recorded(url: str) -> None:
    """What is behind a second copy of an old record is recorded no earlier than what is there."""
    old = line(recordedtime="2031-03-04T00:00:00Z")
    done("append", url, input=lines(old, line("e2", recordedtime="2031-03-05T00:00:00Z")))
    done("append", url, input=lines(old, line("e3")))

    assert [record.recorded.day for record in read(url)] == [4, 5, 5]


def test_a_record_recorded_too_early_is_refused(url: str, write: Callable[..., Path]) -> None:
    """A log grows at its end; the error has the place of the line."""
    done("append", url, input=lines(line(recordedtime="2031-03-05T00:00:00Z")))
    path = write(json.dumps(line("e2", recordedtime="2031-03-04T00:00:00Z")))

    assert refused(2, "append", url, path).startswith(
        f"{path}:1: record 'e2': was recorded 2031-03-04T00:00:00+00:00, before"
    )


@pytest.mark.parametrize("options", [(), ("--strict",)], ids=["plain", "strict"])
def test_an_id_that_is_taken_is_refused(
    options: tuple[str, ...], url: str, write: Callable[..., Path]
) -> None:
    """Other content under the same id is told with the place of the line, and nothing is kept."""
    done("append", url, input=lines(line()))
    path = write(json.dumps(line("e2")), json.dumps(line("e1", "yes")))

    assert refused(2, "append", url, path, *options).startswith(
        f"{path}:2: record 'e1': stands at position 1 with other content"
    )
    assert len(read(url)) == 1


def test_an_id_that_is_used_twice_in_a_source_is_refused(url: str) -> None:
    """The second of two lines is the one that is told."""
    message = refused(2, "append", url, input=lines(line(), line("e1", "yes")))

    assert message.startswith("<stdin>:2: record 'e1': stands at position 1 with other content")


def test_append_takes_one_negotiation(url: str, tmp_path: Path) -> None:
    """Lines of a second one are an error that names the command for them; no store is made."""
    assert refused(2, "append", url, input=lines(line(), line(source="dues"))) == (
        "<stdin>:2: belongs to negotiation 'dues', the lines above to 'talks'; append takes one "
        "negotiation, import-log several"
    )
    assert [*tmp_path.iterdir()] == []


def test_a_branch_is_not_appended(url: str) -> None:
    """What is merely supposed is kept in no store."""
    assert "negotiation 'talks#branch' is a branch" in refused(
        2, "append", url, input=lines(line(source="talks#branch"))
    )


@pytest.mark.parametrize("form", ["table", "json"])
def test_append_of_nothing(form: str, url: str, tmp_path: Path) -> None:
    """No records are no mistake, and no reason to make a store."""
    said = done("append", url, "--format", form, input=b"\n\n")

    assert [*tmp_path.iterdir()] == []
    assert said == "appended nothing: there are no records\n" or json.loads(said) == {
        "negotiation": None,
        "appended": 0,
        "position": None,
    }


BROKEN: Final = {
    "no JSON": (b"\nhello\n", 2, "is not JSON"),
    "a missing attribute": (lines(line(), line("e2", time=...)), 2, "time: is missing"),
    "a line of more than 1 MiB": (
        lines(line("e1", "x" * (1 << 20))),
        1,
        "the line has 1048",
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_lines_that_cannot_be_read_are_told_with_their_place(
    broken: tuple[bytes, int, str], url: str, tmp_path: Path
) -> None:
    """Nothing is appended of a source of which a line is no record, and no store is made."""
    content, number, reason = broken

    assert refused(2, "append", url, input=content).startswith(f"<stdin>:{number}: {reason}")
    assert [*tmp_path.iterdir()] == []


def test_a_byte_order_mark_is_no_part_of_a_line(url: str) -> None:
    """A file that an editor began with one is read."""
    done("append", url, input=b"\xef\xbb\xbf" + lines(line()))

    assert len(read(url)) == 1


@pytest.mark.parametrize("command", ["append", "verify"])
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere.txt", "nowhere.txt: cannot be read: No such file or directory"),
        ("/", "/: cannot be read: Is a directory"),
        ("", "the path '' is empty; name a file"),
    ],
    ids=["missing", "a directory", "without a name"],
)
def test_a_source_that_cannot_be_read(command: str, path: str, message: str, url: str) -> None:
    """The error names the file, as for every log."""
    arguments = (url, path) if command == "append" else (path,)

    assert refused(2, command, *arguments) == message


def test_a_path_that_no_system_has() -> None:
    """What Python itself has against a path is told too."""
    with pytest.raises(ng.Unreadable, match="cannot be read: embedded null byte"):
        reading.content_of("a\0b")


def test_a_source_that_fails_half_way(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says at which line."""

    class Failing(BytesIO):
        def readline(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().readline(size)

    @contextmanager
    def failing(source: str) -> Iterator[IO[bytes]]:
        yield Failing(lines(line(), line("e2")))

    monkeypatch.setattr(reading, "_binary", failing)

    assert refused(2, "append", url, "log.txt") == "log.txt:2: cannot be read: Input/output error"


def test_standard_input_that_is_closed(url: str) -> None:
    """There is nothing to append, and the error says why."""
    result = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *PROGRAM, "append", url],
        env=environment({}), capture_output=True, timeout=60, check=False,
    )  # fmt: skip

    assert (result.returncode, result.stdout, result.stderr) == (
        2,
        b"",
        b"standard input: cannot be read: it is closed\n",
    )


class Contended(ng.MemoryStore):
    """A store in which others come first, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def append(
        self, negotiation: str, records: Iterable[ng.Record], *, expected: Expectation = ng.ANY
    ) -> int:
        if self.times:
            self.times -= 1
            event = ng.StatementMade(by="south", text="first")
            record = ng.Record(
                id=f"s{self.times}",
                negotiation=negotiation,
                time=WHEN + timedelta(days=1),
                event=event,
            )
            super().append(negotiation, [record])
        return super().append(negotiation, records, expected=expected)


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
def test_an_append_that_expects_nothing_waits_its_turn(
    strict: bool, write: Callable[..., Path]
) -> None:
    """It goes behind whoever came first, and is recorded no earlier."""
    found = adding.Lines(str(write(json.dumps(line()))))
    with Contended(3) as store:
        done = adding.appended(store, found, ng.ANY, strict=strict)

        assert (done.appended, done.position) == (1, 4)
        assert store.read("talks")[-1].recorded == WHEN + timedelta(days=1)


def test_what_others_append_is_not_counted(write: Callable[..., Path]) -> None:
    """Who expects a position at which others have just arrived has added no more than its own."""
    found = adding.Lines(str(write(json.dumps(line(recordedtime="2031-03-05T00:00:00Z")))))
    with Contended(1) as store:
        done = adding.appended(store, found, 1, strict=False)

    assert (done.appended, done.position) == (1, 2)


def test_an_append_that_never_has_its_turn_gives_up(write: Callable[..., Path]) -> None:
    """After a hundred attempts the last conflict is told."""
    found = adding.Lines(str(write(json.dumps(line()))))
    with Contended(100) as store, pytest.raises(ng.Conflict) as caught:
        adding.appended(store, found, ng.ANY, strict=False)

    assert (caught.value.expected, caught.value.actual) == (99, 100)


@pytest.mark.parametrize("command", ["append", "list", "verify", "replay"])
def test_a_store_that_fails_is_told_in_a_line(command: str, tmp_path: Path) -> None:
    """A directory is no database."""
    message = refused(2, command, f"sqlite:///{tmp_path}", input=lines(line()))

    assert message.startswith(f"store 'sqlite:///{tmp_path}': ")


def test_what_is_no_store(tmp_path: Path) -> None:
    """The error says which kinds there are."""
    assert refused(2, "list", "talks.txt").startswith("store 'talks.txt': is no kind of store; ")


# export


def test_export_writes_the_lines_that_a_store_keeps(url: str) -> None:
    """Line by line what was sealed, with all that chains it together."""
    report = ng.read_log(REPORT)
    kept(url, report)

    assert done("export", url).splitlines() == sealed(report)


@pytest.mark.parametrize("name", ["hand.jsonl", "hand.txt", "-"])
def test_export_seals_what_was_written_by_hand(name: str, tmp_path: Path) -> None:
    """A file gets the seals that a store would put there."""
    content = REPORT.read_bytes()
    source = name if name == "-" else tmp_path / name
    (tmp_path / name).write_bytes(content)

    assert done("export", source, input=content).splitlines() == sealed(ng.read_log(REPORT))


def test_export_of_what_was_exported_changes_nothing(url: str, tmp_path: Path) -> None:
    """Its seals are what they were."""
    kept(url, statements("talks", "no", "never"))
    done("export", url, "--to", tmp_path / "sealed.txt")

    assert done("export", tmp_path / "sealed.txt") == done("export", url)


def test_export_keeps_the_order_of_all_records(url: str) -> None:
    """Negotiations are not sorted apart; with one of them named, it is exported alone."""
    for number, negotiation in enumerate(["talks", "dues", "talks", "dues"]):
        done("append", url, input=lines(line(f"e{number}", source=negotiation)))
    ids = [json.loads(each)["id"] for each in done("export", url).splitlines()]
    alone = [
        json.loads(each)["id"] for each in done("export", url, "--negotiation", "dues").splitlines()
    ]

    assert ids == ["e0", "e1", "e2", "e3"]
    assert alone == ["e1", "e3"]


def test_export_of_one_negotiation_of_a_file(write: Callable[..., Path]) -> None:
    """It is sealed as if the others were not there."""
    path = write(*(json.dumps(each) for each in (line(), line(source="dues"), line("e2"))))
    alone = ng.read_log(path, negotiation="talks")

    assert done("export", path, "--negotiation", "talks").splitlines() == sealed(alone)


def test_export_of_a_negotiation_that_is_not_there(url: str) -> None:
    """The error says which ones are."""
    kept(url, statements("talks", "no"))

    assert refused(2, "export", url, "--negotiation", "dues") == (
        f"{url}: holds no negotiation 'dues'; it holds 'talks'"
    )


def test_export_of_an_empty_store(url: str) -> None:
    """No records are no lines."""
    kept(url)

    assert done("export", url) == ""


def test_export_to_a_file(url: str, tmp_path: Path) -> None:
    """The file holds the lines, one line says so, and nothing lies beside it."""
    kept(url, statements("talks", "no", "never"))
    path = tmp_path / "out" / "sealed.jsonl"
    path.parent.mkdir()

    assert done("export", url, "--to", path) == f"exported 2 records to {path}\n"
    assert path.read_text(encoding="utf-8").splitlines() == sealed(
        statements("talks", "no", "never")
    )
    assert [*path.parent.iterdir()] == [path]


def test_export_replaces_no_file_unless_it_is_told_to(url: str, tmp_path: Path) -> None:
    """What was there stays, until --force."""
    kept(url, statements("talks", "no"))
    path = tmp_path / "sealed.jsonl"
    path.write_text("what was there", encoding="utf-8")

    assert refused(2, "export", url, "--to", path) == (
        f"{path}: cannot be written: there is a file already; --force replaces it"
    )
    assert path.read_text(encoding="utf-8") == "what was there"
    done("export", url, "--to", path, "--force")
    assert path.read_text(encoding="utf-8").splitlines() == sealed(statements("talks", "no"))


def test_a_file_that_comes_while_it_is_exported_stays(url: str, tmp_path: Path) -> None:
    """Whether something is there is looked at once more in the end."""
    path = tmp_path / "sealed.jsonl"

    def exporting() -> None:
        with moving.replaced(path, force=False) as file:
            file.write(b"ours")
            path.write_text("theirs", encoding="utf-8")

    with pytest.raises(ng.NegotiationError, match="there is a file already"):
        exporting()
    assert [(each, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [
        (path, "theirs")
    ]


def test_an_export_that_does_not_reach_the_disk_leaves_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file takes its place only once it is kept for good."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    kept(url, statements("talks", "no"))
    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "sealed.jsonl"

    assert refused(2, "export", url, "--to", path) == (
        f"{path}: cannot be written: No space left on device"
    )
    assert [each.name for each in tmp_path.glob("sealed*")] == []


@pytest.mark.parametrize("scheme", ["", "sqlite:///", "SQLite:///"])
def test_what_is_exported_is_not_written_over(scheme: str, tmp_path: Path) -> None:
    """The store that is read, under whatever path, stays what it is, with --force too."""
    path, link = tmp_path / "talks.jsonl", tmp_path / "link.jsonl"
    kept(f"{scheme.lower()}{path}", statements("talks", "no"))
    link.symlink_to(path)
    before = path.read_bytes()

    for target in (path, link):
        assert refused(2, "export", f"{scheme}{path}", "--to", target, "--force") == (
            f"{target}: is what is exported; name another file"
        )
    assert path.read_bytes() == before


def test_export_writes_to_no_store(url: str, tmp_path: Path) -> None:
    """The URL of a store is no path, and is shown without its password."""
    kept(url, statements("talks", "no"))

    assert refused(2, "export", url, "--to", "postgresql://me:secret@there/talks") == (
        "postgresql://me@there/talks: is no file; import-log puts a log into a store"
    )


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (".", "Is a directory"),
        ("nowhere/sealed.jsonl", "No such file or directory"),
        ("/dev/null", "something is there that is no file"),
    ],
    ids=["a directory", "a missing directory", "a device"],
)
def test_a_place_that_cannot_be_written(
    place: str, reason: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names it, with --force too."""
    kept(url, statements("talks", "no"))
    monkeypatch.chdir(tmp_path)

    assert refused(2, "export", url, "--to", place, "--force") == (
        f"{place}: cannot be written: {reason}"
    )


def altered(text: str, before: str, after: str) -> list[str]:
    """Lines of which one was altered."""
    assert before in text
    return text.replace(before, after).splitlines()


@pytest.mark.parametrize("name", ["log.txt", "log.jsonl"])
def test_what_was_altered_is_not_exported(
    name: str, url: str, write: Callable[..., Path], tmp_path: Path
) -> None:
    """The position is told, the exit code is 1, and nothing is written anywhere."""
    kept(url, statements("talks", "no", "never", "well"))
    path = write(*altered(done("export", url), '"never"', '"always"'), name=name)
    message = "negotiation 'talks', position 2: is not what was sealed: its hash is another"

    assert refused(1, "export", path) == message
    assert refused(1, "export", path, "--to", tmp_path / "out.jsonl") == message
    assert not (tmp_path / "out.jsonl").exists()


def spaced(before: str | None, record: ng.Record) -> str:
    """A record as one line that is sealed in another form than the canonical one."""
    text, _ = ng.Codec().seal(record, before)
    start, end = re.split(',"hash":"[0-9a-f]{64}"', text)
    start = start.replace("{", "{ ", 1)
    return f'{start},"hash":"{sha256((start + end).encode()).hexdigest()}"{end}'


def test_a_seal_of_another_form_is_not_exported(write: Callable[..., Path], tmp_path: Path) -> None:
    """It is intact, but nobody can write it anew with the same hash: nothing is left of the try."""
    path = write(spaced(None, statements("talks", "no")[0]))

    assert printed("verify", path)[0]["fault"] is None
    assert refused(2, "export", path, "--to", tmp_path / "out.jsonl") == (
        "negotiation 'talks', position 1: was sealed in another form than the canonical one, and "
        "would be written with another hash"
    )
    assert [*tmp_path.iterdir()] == [path]


def test_exported_lines_are_in_utf_8_whatever_the_locale(url: str) -> None:
    """What was sealed is what is written, byte for byte."""
    kept(url, statements("talks", "“никогда” \u202e"))
    exported = process("export", url, env={"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})

    assert (exported.returncode, exported.stderr) == (0, b"")
    assert exported.stdout.decode().splitlines() == sealed(statements("talks", "“никогда” \u202e"))


def test_exported_lines_cannot_steer_a_terminal(url: str) -> None:
    """Where they are not for programs, what would steer the terminal is an escape."""
    kept(url, statements("talks", "a\u202eb\x9bc"))
    ours, theirs = os.openpty()
    result = process("export", url, stdout=theirs)
    os.close(theirs)
    shown = os.read(ours, 1 << 12).decode()
    os.close(ours)

    assert (result.returncode, result.stderr) == (0, b"")
    assert not {"\u202e", "\x9b"} & set(shown)
    assert json.loads(shown)["data"]["text"] == "a\u202eb\x9bc"


def test_exported_lines_go_to_a_stream_in_memory(url: str) -> None:
    """Called from Python, the program writes them to whatever stands for standard output."""
    kept(url, statements("talks", "no"))
    with redirect_stdout(StringIO()) as stream:
        main(["export", url], standalone_mode=False)

    assert stream.getvalue().splitlines() == sealed(statements("talks", "no"))


@pytest.mark.parametrize("command", ["export", "follow"])
def test_a_reader_of_lines_that_has_left_is_no_error(command: str, url: str) -> None:
    """Where the lines go to `head`, the command ends quietly."""
    kept(url, statements("talks", *("no" * 100 for _ in range(200))))
    got, written = os.pipe()
    os.close(got)
    result = process(command, url, "--negotiation", "talks", stdout=written)
    os.close(written)

    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("command", ["export", "follow", "list"])
def test_a_full_disk_is_told(command: str, url: str) -> None:
    """What could not be written is an error, not a success."""
    kept(url, statements("talks", "no"))
    with Path("/dev/full").open("wb") as full:
        result = process(command, url, stdout=full)

    assert (result.returncode, result.stderr) == (
        2,
        b"standard output: cannot be written: No space left on device\n",
    )


# import-log


def test_import_puts_all_negotiations_of_a_file_into_a_store(url: str, tmp_path: Path) -> None:
    """What was added is told of each, and that a log by hand had no seals, and the head."""
    path = tmp_path / "log.txt"
    path.write_bytes(lines(line(), line(source="dues"), line("e2")))
    said = done("import-log", path, "--to", url).splitlines()
    dues, talks = heads(url)

    assert dues is not None
    assert talks is not None
    assert [each.split() for each in said[2:]] == [
        ["dues", "1", "1", f"{dues.hash[:10]}...", "unsealed"],
        ["talks", "2", "2", f"{talks.hash[:10]}...", "unsealed"],
    ]


@pytest.mark.parametrize("kind", ["sqlite:///{}/copy.db", "{}/copy.jsonl"])
def test_import_keeps_order_and_chain(kind: str, url: str, tmp_path: Path) -> None:
    """A copy of a store has the records of all negotiations in the same order, and the heads."""
    for number, negotiation in enumerate(["talks", "dues", "talks", "talks", "dues"]):
        done("append", url, input=lines(line(f"e{number}", source=negotiation)))
    copy = kind.format(tmp_path)
    said = printed("import-log", url, "--to", copy)

    assert order(copy) == order(url)
    assert heads(copy) == heads(url)
    assert [(each["negotiation"], each["added"], each["sealed"]) for each in said] == [
        ("dues", 2, 2),
        ("talks", 3, 3),
    ]
    assert [ng.Head.from_json(each["head"]) for each in said] == heads(url)


def test_a_log_moves_through_every_kind_of_store(tmp_path: Path) -> None:
    """In the end it is what it was: its lines, their order, and the heads that were kept."""
    first, *places = (each.url(tmp_path / str(n)) for n, each in enumerate((*PLACES, *PLACES)))
    for number, negotiation in enumerate(["talks", "dues", "talks", "talks", "dues"]):
        done("append", first, input=lines(line(f"e{number}", "“no”", source=negotiation)))
    known = tmp_path / "heads.json"
    known.write_text(done("verify", first, "--format", "json"), encoding="utf-8")
    before = first
    for place in places:
        done("import-log", before, "--to", place)
        before = place

        assert done("export", place) == done("export", first)
        assert done("verify", place, "--heads", known) == done("verify", first)
        assert done("list", place) == done("list", first)
        assert done("replay", place, "--negotiation", "dues").startswith("dues\n")


def test_import_of_the_same_again_adds_nothing(url: str, other: str) -> None:
    """The heads are told again."""
    kept(url, statements("talks", "no", "never"))
    first = printed("import-log", url, "--to", other)
    again = printed("import-log", url, "--to", other)

    assert [each["added"] for each in (*first, *again)] == [2, 0]
    assert again[0]["head"] == first[0]["head"]


def test_import_adds_what_is_new(url: str, other: str) -> None:
    """Of a negotiation that is there in part, what stands behind it."""
    kept(other, statements("talks", "no"), statements("alone", "well"))
    kept(url, statements("talks", "no", "never", "yes"), statements("dues", "no"))
    said = printed("import-log", url, "--to", other)

    assert [(each["negotiation"], each["added"]) for each in said] == [("dues", 1), ("talks", 2)]
    assert read(other) == read(url)


def test_import_of_what_has_gone_on_in_the_store(url: str, other: str) -> None:
    """A source that stands further back has nothing to add, and that is no error."""
    kept(url, statements("talks", "no"))
    kept(other, statements("talks", "no", "never"))
    [said] = printed("import-log", url, "--to", other)

    assert (said["added"], said["head"]["position"]) == (0, 2)


@pytest.mark.parametrize(
    "texts",
    [("yes",), ("no", "maybe", "well"), ("no", "maybe")],
    ids=["shorter", "longer", "as long"],
)
def test_import_mixes_no_records(texts: tuple[str, ...], url: str, other: str) -> None:
    """Where the store holds other records of a negotiation, nothing is imported at all."""
    kept(url, statements("dues", "no"), statements("talks", *texts))
    kept(other, statements("talks", "no", "never"))

    assert refused(2, "import-log", url, "--to", other) == (
        "negotiation 'talks': the store holds other records of it; import-log adds to what is the "
        "same"
    )
    assert order(other) == [("talks", "e1"), ("talks", "e2")]


@pytest.mark.parametrize("name", ["log.txt", "log.jsonl"])
@pytest.mark.parametrize("there", [0, 1], ids=["new", "known"])
def test_what_was_altered_is_not_imported(
    there: int, name: str, url: str, other: str, write: Callable[..., Path]
) -> None:
    """The rest is; the exit code is 1, and a line says which one was left out and why."""
    said = ("no", "never", "well")
    kept(url, statements("dues", "no"), statements("talks", *said))
    kept(other, statements("talks", *said[:there]))
    path = write(*altered(done("export", url), '"never"', '"always"'), name=name)
    result = run("import-log", path, "--to", other, "--format", "json")

    assert result.exit_code == 1
    assert result.stderr == (
        "negotiation 'talks', position 2: is not what was sealed: its hash is another\n"
    )
    assert [(each["negotiation"], each["added"]) for each in json.loads(result.stdout)] == [
        ("dues", 1),
        ("talks", 0),
    ]
    assert json.loads(result.stdout)[1]["fault"]["position"] == 2
    assert len(read(other)) == there


def test_what_was_left_out_is_told_in_the_table(url: str, write: Callable[..., Path]) -> None:
    """Its row says so, and has no head where there is none."""
    path = write(*altered("\n".join(sealed(statements("talks", "no"))), '"no"', '"yes"'))
    result = run("import-log", path, "--to", url)

    assert result.exit_code == 1
    assert result.stdout.splitlines()[2:] == ["talks            0         0  altered, and left out"]


def test_import_of_many_records_goes_in_batches(
    url: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch follows on the one before; on a terminal a bar counts the records."""
    screen = Screen()
    monkeypatch.setattr(moving, "_BATCH", 2)
    monkeypatch.setattr(moving, "metered", lambda: reading.Meter(screen, records=True))
    monkeypatch.setattr(reading, "PATIENCE", 0)
    monkeypatch.setattr(reading, "_PAUSE", 0)
    kept(url, statements("talks", *"abcde"))

    assert printed("import-log", url, "--to", other)[0]["added"] == 5
    assert read(other) == read(url)
    assert "5/?" in screen.getvalue()


def test_an_import_that_is_overtaken_mixes_no_records(write: Callable[..., Path]) -> None:
    """What others append in the meantime is a conflict, and stays alone."""
    source = sources.FileLog(str(write(json.dumps(line()))))
    with Contended(1) as store:
        with pytest.raises(ng.Conflict):
            moving.moved(source, store, moving.planned(source, store))

        assert [record.id for record in store.read("talks")] == ["s0"]


def test_import_of_nothing(other: str) -> None:
    """A source without records is no mistake."""
    assert done("import-log", "-", "--to", other, input=b"") == "no negotiations\n"
    assert printed("import-log", "-", "--to", other, input=b"") == []
    assert not Path(other.removeprefix("sqlite:///")).exists()


def test_import_of_a_branch(url: str, other: str) -> None:
    """What is merely supposed goes into no store, and nothing beside it does."""
    source = lines(line(source="dues"), line(source="talks#branch"))

    assert "is a branch" in refused(2, "import-log", "-", "--to", other, input=source)
    assert not Path(other.removeprefix("sqlite:///")).exists()


def test_import_of_a_seal_of_another_form(other: str, write: Callable[..., Path]) -> None:
    """A chain that could not be kept as it is, is not kept at all."""
    path = write(spaced(None, statements("talks", "no")[0]))

    assert "was sealed in another form" in refused(2, "import-log", path, "--to", other)
    assert order(other) == []


def test_import_needs_somewhere_to_go() -> None:
    """The option is not optional."""
    assert "Missing option '--to'" in run("import-log", REPORT).stderr


# verify


def test_verify_says_that_a_log_is_unsealed() -> None:
    """A log by hand may have been altered by anybody; how its head begins is told none the less."""
    *_, said = done("verify", REPORT).splitlines()
    head = ng.verify(ng.read_log(REPORT)).head

    assert head is not None
    assert said.split(maxsplit=3) == [
        "easter-truce-2025", "37", f"{head.hash[:10]}...",
        "unsealed: by itself, an alteration would not show",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite", "jsonl", "txt", "-"])
def test_verify_of_what_is_intact(kind: str, url: str, write: Callable[..., Path]) -> None:
    """Stores, files and standard input are verified alike, and the heads are the same."""
    log = statements("talks", "no", "never")
    kept(url, log)
    path = write(*sealed(log), name=f"log.{kind}")
    source = {"sqlite": url, "-": "-"}.get(kind, str(path))

    assert printed("verify", source, input=path.read_bytes()) == [ng.verify(seal(log)).to_json()]
    assert "  intact\n" in done("verify", source, input=path.read_bytes())


def test_verify_of_what_was_sealed_later(tmp_path: Path) -> None:
    """The first seal covers what stands above it."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(lines(line(), line("e2")))
    done("append", path, input=lines(line("e3")))

    [said] = printed("verify", path)
    assert (said["count"], said["sealed"], said["fault"]) == (3, 1, None)
    assert "1 of 3 sealed; the first seal covers what stands above it" in done("verify", path)


@pytest.mark.parametrize("kind", ["txt", "jsonl"])
def test_verify_names_the_first_position_that_was_altered(
    kind: str, write: Callable[..., Path]
) -> None:
    """The exit code is 1, and the reason is told; an intact negotiation beside it is intact."""
    text = "\n".join(sealed(statements("talks", "no", "never", "well"), statements("dues", "no")))
    path = write(*altered(text, '"never"', '"always"'), name=f"log.{kind}")
    result = run("verify", path, "--format", "json")
    dues, talks = json.loads(result.stdout)

    assert (result.exit_code, result.stderr) == (1, "")
    assert dues["fault"] is None
    assert talks["count"] == 1
    assert talks["fault"] == {
        "position": 2,
        "reason": "is not what was sealed: its hash is another",
    }
    table = run("verify", path, env={"COLUMNS": "120"})
    assert table.exit_code == 1
    assert "altered, position 2: is not what was sealed: its hash is another" in table.stdout


def test_verify_finds_what_was_altered_in_a_database(url: str) -> None:
    """Who can write to the file still cannot write what was sealed."""
    kept(url, statements("talks", "no", "never"))
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE records SET line = replace(line, 'never', 'always')")
    database.close()

    assert json.loads(run("verify", url, "--format", "json").stdout)[0]["fault"]["position"] == 2
    assert refused(1, "export", url).startswith("negotiation 'talks', position 2: ")


@pytest.mark.parametrize("command", ["verify", "export"])
def test_what_was_altered_of_the_notes_of_a_database_is_told(command: str, url: str) -> None:
    """What a store keeps beside the records is part of it: the exit code is 1."""
    kept(url, statements("talks", "no", "never"))
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE negotiations SET last = 'then'")
    database.close()

    assert refused(1, command, url).startswith(f"altered: store '{url}': ")


def test_verify_of_what_is_no_database(tmp_path: Path) -> None:
    """What cannot be read at all is no alteration but an error."""
    (tmp_path / "talks.db").write_bytes(b"hello" * 1000)

    assert refused(2, "verify", f"sqlite:///{tmp_path}/talks.db").startswith("store ")


def test_verify_of_one_negotiation(url: str) -> None:
    """The others are not looked at."""
    kept(url, statements("dues", "no"), statements("talks", "no"))

    assert [each["negotiation"] for each in printed("verify", url, "--negotiation", "talks")] == [
        "talks"
    ]
    assert refused(2, "verify", url, "--negotiation", "x") == (
        f"{url}: holds no negotiation 'x'; it holds 'dues', 'talks'"
    )


def test_verify_of_nothing(url: str) -> None:
    """A store without negotiations holds nothing that could have been altered."""
    kept(url)

    assert done("verify", url) == "no negotiations\n"
    assert printed("verify", url) == []


# Heads that were kept


@pytest.mark.parametrize("form", ["printed", "heads", "one head", "standard input"])
def test_heads_that_were_kept_find_a_tail_that_was_cut(
    form: str, url: str, write: Callable[..., Path], tmp_path: Path
) -> None:
    """The log is intact by itself, and shorter than it was."""
    log = statements("talks", "no", "never", "well")
    kept(url, log)
    said = printed("verify", url)
    content = {"heads": [said[0]["head"]], "one head": said[0]["head"]}.get(form, said)
    known = tmp_path / "heads.json"
    known.write_text(json.dumps(content), encoding="utf-8")
    cut = write(*sealed(log)[:2])
    given = "-" if form == "standard input" else str(known)
    result = run("verify", cut, "--heads", given, "--format", "json", input=known.read_bytes())

    assert printed("verify", cut)[0]["fault"] is None
    assert result.exit_code == 1
    assert json.loads(result.stdout)[0]["fault"]["position"] == 3


def test_heads_that_were_kept_fit_what_has_grown(url: str, tmp_path: Path) -> None:
    """What was appended since is no alteration."""
    kept(url, statements("talks", "no"))
    known = tmp_path / "heads.json"
    known.write_text(done("verify", url, "--format", "json"), encoding="utf-8")
    kept(url, statements("talks", "no", "never"), statements("dues", "no"))

    assert [each["fault"] for each in printed("verify", url, "--heads", known)] == [None, None]


def test_heads_that_were_kept_find_a_log_that_was_written_anew(
    url: str, other: str, tmp_path: Path
) -> None:
    """Another log with seals of its own has another head."""
    kept(url, statements("talks", "no", "never"))
    kept(other, statements("talks", "no", "always"))
    known = tmp_path / "heads.json"
    known.write_text(done("verify", url, "--format", "json"), encoding="utf-8")
    result = run("verify", other, "--heads", known, "--format", "json")
    fault = json.loads(result.stdout)[0]["fault"]

    assert (result.exit_code, fault["position"]) == (1, 2)
    assert "noted" in fault["reason"]


@pytest.mark.parametrize("kind", ["sqlite", "txt", "jsonl"])
def test_heads_that_were_kept_find_a_negotiation_that_is_gone(
    kind: str, url: str, other: str, write: Callable[..., Path], tmp_path: Path
) -> None:
    """One that is missing altogether is a fault, asked for by name or not."""
    kept(url, statements("dues", "no"), statements("talks", "no"))
    known = tmp_path / "heads.json"
    known.write_text(done("verify", url, "--format", "json"), encoding="utf-8")
    kept(other, statements("dues", "no"))
    path = write(*sealed(statements("dues", "no")), name=f"log.{kind}")
    source = other if kind == "sqlite" else path
    result = run("verify", source, "--heads", known, "--format", "json")
    alone = run("verify", source, "--heads", known, "--negotiation", "talks", "--format", "json")

    assert (result.exit_code, alone.exit_code) == (1, 1)
    dues, talks = json.loads(result.stdout)
    assert dues["fault"] is None
    assert (talks["negotiation"], talks["count"], talks["fault"]["position"]) == ("talks", 0, 1)
    assert json.loads(alone.stdout) == [talks]


HEAD: Final = {"negotiation": "talks", "position": 1, "hash": "0" * 64}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hello", "is not JSON"),
        ("[7]", "[0]: must be an object of negotiation, position, hash, not int 7"),
        (json.dumps([{**HEAD, "hash": "x"}]), "[0].hash: must be 64 digits of 0-9 and a-f"),
        (json.dumps([HEAD, HEAD]), "[1]: is a second head of 'talks'"),
        (
            json.dumps([{"head": HEAD, "fault": {"position": 2, "reason": "is missing"}}]),
            "[0]: was altered when it was verified",
        ),
    ],
    ids=["no JSON", "a number", "no hash", "twice", "altered then"],
)
def test_what_are_no_heads(content: str, message: str, write: Callable[..., Path]) -> None:
    """The error says where in the file, and what is wrong."""
    path = write(content, name="heads.json")

    assert refused(2, "verify", REPORT, "--heads", path).startswith(f"{path}: {message}")


def test_heads_that_cannot_be_read(tmp_path: Path) -> None:
    """The error names their file."""
    path = tmp_path / "heads.json"

    assert refused(2, "verify", REPORT, "--heads", path) == (
        f"{path}: cannot be read: No such file or directory"
    )


def test_a_negotiation_of_which_there_was_nothing_has_no_head(write: Callable[..., Path]) -> None:
    """What was verified when it had no records says nothing about it."""
    path = write(json.dumps([{"negotiation": "talks", "head": None, "fault": None}]), name="h.json")

    assert [each["negotiation"] for each in printed("verify", REPORT, "--heads", path)] == [
        "easter-truce-2025"
    ]


def test_standard_input_is_read_once() -> None:
    """The log and the heads cannot both stand there."""
    result = run("verify", "-", "--heads", "-", input=b"")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "standard input can be read once" in result.stderr


# Lines that are no records any more


def damaged(*texts: str, at: int, line: str) -> list[str]:
    """Sealed lines with one of them replaced."""
    found = sealed(statements("talks", *texts))
    found[at] = line
    return found


@pytest.mark.parametrize("name", ["log.txt", "log.jsonl"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_sealed_line_that_is_no_json_any_more_was_altered(
    at: int, name: str, write: Callable[..., Path], other: str
) -> None:
    """It is told with its place in the file, and neither exported nor imported."""
    path = write(*damaged("no", "never", "well", at=at, line="hello"), name=name)
    result = run("verify", path, "--format", "json")
    [talks] = json.loads(result.stdout)

    assert (result.exit_code, result.stderr) == (1, "")
    assert (talks["count"], talks["fault"]["position"]) == (at, at + 1)
    assert f"{path}:{at + 1}: is not JSON" in talks["fault"]["reason"]
    assert f"{path}:{at + 1}: is not JSON" in refused(1, "export", path)
    assert run("import-log", path, "--to", other).exit_code == 1
    assert not Path(other.removeprefix("sqlite:///")).exists()


def test_what_was_altered_above_a_damaged_line_is_told_first(write: Callable[..., Path]) -> None:
    """The first position is told, though a file with such a line cannot be read as a store."""
    found = damaged("no", "never", "well", at=2, line="hello")
    path = write(*altered("\n".join(found), '"never"', '"always"'), name="log.jsonl")
    [talks] = json.loads(run("verify", path, "--format", "json").stdout)

    assert talks["fault"] == {
        "position": 2,
        "reason": "is not what was sealed: its hash is another",
    }


@pytest.mark.parametrize("name", ["log.txt", "log.jsonl"])
def test_a_line_by_hand_that_is_no_json_is_unreadable(
    name: str, write: Callable[..., Path]
) -> None:
    """Nothing says that it ever was any, so that it is told as everywhere."""
    path = write(json.dumps(line()), "hello", json.dumps(line("e2")), name=name)

    assert refused(2, "verify", path).startswith(f"{path}:2: is not JSON")
    assert refused(2, "export", path).startswith(f"{path}:2: is not JSON")


def test_a_damaged_line_is_laid_to_the_negotiation_that_it_names(
    write: Callable[..., Path],
) -> None:
    """Or else to that of the line above it; the first line that cannot be read is the one told."""
    talks, dues = sealed(statements("talks", "no", "never")), sealed(statements("dues", "a", "b"))
    broken = talks[1].replace('"by"', '"bx"')
    path = write(dues[0], talks[0], dues[1], broken, "hello", "[1]")
    found = json.loads(run("verify", path, "--format", "json").stdout)

    assert [(each["negotiation"], each["count"]) for each in found] == [("dues", 2), ("talks", 1)]
    assert found[0]["fault"]["reason"].startswith(f"is no record: {path}:5: is not JSON")
    assert found[1]["fault"]["reason"].startswith(f"is no record: {path}:4: data.bx: ")


def test_a_damaged_line_that_names_a_stranger(write: Callable[..., Path]) -> None:
    """It is laid to the negotiation of the line above."""
    talks = sealed(statements("talks", "no", "never"))
    path = write(talks[0], talks[1].replace('"talks"', '"walks"').replace('"by"', '"bx"'))
    [found] = json.loads(run("verify", path, "--format", "json").stdout)

    assert (found["negotiation"], found["fault"]["position"]) == ("talks", 2)


@pytest.mark.parametrize(
    "change",
    [('"recordedtime":"2031-03-02', '"recordedtime":"2030-03-02'), ('"id":"e2"', '"id":"e1"')],
    ids=["recorded too early", "an id that is taken"],
)
def test_a_sealed_line_that_cannot_stand_there_any_more_was_altered(
    change: tuple[str, str], write: Callable[..., Path]
) -> None:
    """A record that no log could hold is an alteration of a sealed one."""
    path = write(*altered("\n".join(sealed(statements("talks", "no", "never"))), *change))
    [found] = json.loads(run("verify", path, "--format", "json").stdout)

    assert found["fault"]["position"] == 2
    assert f"{path}:2: record " in found["fault"]["reason"]


def test_a_sealed_line_that_was_put_in_twice_was_put_in(write: Callable[..., Path]) -> None:
    """A second copy is none of the records that were sealed, with its seal or without."""
    first, second = sealed(statements("talks", "no", "never"))
    bare = json.dumps({name: v for name, v in json.loads(first).items() if name != "hash"})

    for copy in (first, bare):
        result = run("verify", write(first, copy, second), "--format", "json")
        assert (result.exit_code, json.loads(result.stdout)[0]["fault"]["position"]) == (1, 2)


def test_a_line_by_hand_that_stands_there_twice_is_one_record(write: Callable[..., Path]) -> None:
    """As everywhere: the head is that of the log without the copy."""
    path = write(*(json.dumps(each) for each in (line(), line(), line("e2"))))
    [found] = printed("verify", path)

    assert found["count"] == 2
    assert found["head"] == ng.verify(ng.read_log(path)).to_json()["head"]


def test_a_database_of_which_a_page_is_damaged_was_altered(url: str) -> None:
    """It opens as a store, and what it holds is not what the store wrote."""
    kept(url, statements("talks", *("no" * 500 for _ in range(50))))
    path = Path(url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(16) * ((len(content) - 4096) // 16)
    path.write_bytes(bytes(content))

    assert refused(1, "verify", url).startswith(f"altered: store '{url}': ")


# list


def test_list_for_reading(url: str) -> None:
    """A row for each negotiation, by id."""
    kept(url, statements("talks", "no", "never"), statements("dues", "no"))

    assert done("list", url).splitlines() == [
        "negotiation  records  first recorded     last recorded",
        "───────────  ───────  ─────────────────  ─────────────────",
        "dues               1  2031-03-01 00:00Z  2031-03-01 00:00Z",
        "talks              2  2031-03-01 00:00Z  2031-03-02 00:00Z",
    ]


def test_list_as_json(url: str) -> None:
    """The names are those of the library."""
    kept(url, statements("talks", "no", "never"))

    assert printed("list", url) == [
        {
            "negotiation": "talks",
            "count": 2,
            "first": "2031-03-01T00:00:00Z",
            "last": "2031-03-02T00:00:00Z",
        }
    ]


def test_list_of_nothing(url: str) -> None:
    """An empty store is no mistake."""
    kept(url)

    assert done("list", url) == "no negotiations\n"
    assert printed("list", url) == []


# follow


def test_follow_prints_the_history_a_line_each(url: str) -> None:
    """With its number, its time, its negotiation, its id, and what happened."""
    kept(url, statements("talks", "no\x1b[2J", "never"))

    assert done("follow", url, "--timeout", "0").splitlines() == [
        "     1  2031-03-01 00:00Z  talks  e1  north says: no\\x1b[2J",
        "     2  2031-03-02 00:00Z  talks  e2  north says: never",
    ]


def test_follow_as_json_prints_numbers_and_the_lines_that_are_kept(url: str) -> None:
    """Each is an object on one line: where to go on from, the position, and the record's line."""
    kept(url, statements("dues", "no"), statements("talks", "no", "never"))
    said = done("follow", url, "--timeout", "0", "--format", "json").splitlines()

    assert [*json.loads(said[2])] == ["number", "position", "record"]
    assert said == [
        f'{{"number":{number},"position":{position},"record":{record}}}'
        for number, position, record in zip(
            (1, 2, 3), (1, 1, 2), done("export", url).splitlines(), strict=True
        )
    ]


def test_follow_from_a_number_on(url: str) -> None:
    """Who remembers the last number goes on from there."""
    kept(url, statements("talks", *"abcd"))
    said = done("follow", url, "--timeout", "0", "--after", "2").splitlines()

    assert [each.split()[0] for each in said] == ["3", "4"]


def test_follow_one_negotiation(url: str) -> None:
    """The others are left out, their numbers too."""
    kept(url, statements("dues", "no"), statements("talks", "no"), statements("more", "no"))
    said = done("follow", url, "--timeout", "0", "--negotiation", "talks").splitlines()

    assert [each.split()[0] for each in said] == ["2"]


@pytest.mark.parametrize("option", [("--after", "-1"), ("--timeout", "-1"), ("--timeout", "nan")])
def test_what_cannot_be_followed(option: tuple[str, str], url: str) -> None:
    """A number that is none is told."""
    kept(url)
    result = run("follow", url, *option)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "-1" in result.stderr or "nan" in result.stderr


@contextmanager
def following(*args: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that follows a store."""
    with subprocess.Popen(
        [*PROGRAM, "follow", *args], env=environment({}),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    ) as follower:  # fmt: skip
        patience = Timer(60, follower.kill)
        patience.start()
        try:
            yield follower
        finally:
            patience.cancel()
            follower.kill()


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
def test_follow_prints_what_is_appended_at_once(place: Place, form: str, tmp_path: Path) -> None:
    """What another process appends is there to be read before the next; an interrupt ends it."""
    url = place.url(tmp_path)
    done("append", url, input=lines(line("e1")))
    with following(url, "--format", form) as follower:
        assert follower.stdout is not None
        assert b"e1" in follower.stdout.readline()
        for id in ("e2", "e3"):
            done("append", url, input=lines(line(id)))
            assert id.encode() in follower.stdout.readline()
        follower.send_signal(signal.SIGINT)
        rest = follower.communicate(timeout=60)

    assert (follower.returncode, *rest) == (130, b"", b"")


def test_follow_ends_when_its_reader_leaves(url: str) -> None:
    """The next record that nobody reads ends it, quietly."""
    done("append", url, input=lines(line("e1")))
    with following(url) as follower:
        assert follower.stdout is not None
        assert follower.stderr is not None
        follower.stdout.readline()
        follower.stdout.close()
        done("append", url, input=lines(line("e2")))

        assert (follower.wait(60), follower.stderr.read()) == (0, b"")


def test_follow_ends_after_a_while_without_a_record(url: str) -> None:
    """With --timeout it does not wait for ever."""
    kept(url, statements("talks", "no"))

    assert len(done("follow", url, "--timeout", "0.1").splitlines()) == 1


# A torn end


def torn(path: Path) -> str:
    """A store in a file at a path, which ends in a torn append, by its path."""
    kept(str(path), statements("dues", "no"), statements("talks", "no", "never"))
    with path.open("ab") as file:
        file.write(b'{"data":{"by"')
    return str(path)


WORDS: Final = "13 torn bytes of an append that was never acknowledged"


@pytest.mark.parametrize(
    "command", [("list",), ("follow", "--timeout", "0"), ("export",)], ids=lambda each: each[0]
)
def test_a_torn_end_is_told_when_a_store_is_read(command: tuple[str, ...], tmp_path: Path) -> None:
    """All that is whole is printed, one line says what is torn, and the exit code is 0."""
    result = run(*command, path := torn(tmp_path / "talks.jsonl"))

    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 4 - (command[0] != "list"))
    assert result.stderr == f"{path}: ends in {WORDS}; the next append puts them beside the file\n"


def test_append_tells_where_it_put_a_torn_end(tmp_path: Path) -> None:
    """One line names the file; where there was nothing to append, it says that the end is torn."""
    path = torn(tmp_path / "talks.jsonl")
    size = Path(path).stat().st_size - 13

    result = run("append", path, input=lines(line("e1")))
    assert (result.exit_code, result.stderr.count("ends in 13 torn bytes")) == (0, 1)
    result = run("append", path, input=lines(line("e3", time="2031-03-09T00:00:00Z")))
    assert result.exit_code == 0
    assert result.stderr == f"{path}: ended in {WORDS}; now in {path}.torn-{size}\n"
    assert Path(f"{path}.torn-{size}").read_bytes() == b'{"data":{"by"'
    assert done("append", path, input=lines(line("e3", time="2031-03-09T00:00:00Z")))


def test_one_byte_is_torn(tmp_path: Path) -> None:
    """One byte is counted as one."""
    (tmp_path / "talks.jsonl").write_bytes(b"{")

    assert "ends in 1 torn byte of" in run("list", tmp_path / "talks.jsonl").stderr


def test_import_goes_as_far_as_what_is_whole(tmp_path: Path, other: str) -> None:
    """A torn end of the source is told, and no negotiation is left out for it, however often."""
    path = torn(tmp_path / "talks.jsonl")

    for added in ([1, 2], [0, 0]):
        result = run("import-log", path, "--to", other, "--format", "json")
        assert (result.exit_code, result.stderr.count("\n")) == (0, 1)
        assert [each["added"] for each in json.loads(result.stdout)] == added
    assert order(other) == [("dues", "e1"), ("talks", "e1"), ("talks", "e2")]


def test_verify_calls_a_torn_end_torn(tmp_path: Path) -> None:
    """It is a finding, and no alteration, unless something else was altered."""
    path = torn(tmp_path / "talks.jsonl")
    result = run("verify", path)

    assert result.exit_code == 1
    assert result.stdout.count("torn: the file ends in 13 bytes that are torn") == 2
    assert "altered" not in result.stdout
    Path(path).write_bytes(Path(path).read_bytes().replace(b"never", b"always"))
    table = run("verify", path, env={"COLUMNS": "120"}).stdout
    assert table.count("altered, position 2: is not what was sealed") == 1
    result = run("export", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "negotiation 'talks', position 2: is not what was sealed" in result.stderr


# Help and costs

STORE_COMMANDS: Final = ("append", "export", "follow", "import-log", "list", "verify")


@pytest.mark.parametrize("command", STORE_COMMANDS)
def test_the_help_has_an_example(command: str) -> None:
    """Every help says what its arguments are, and ends in a line to type."""
    said = done(command, "--help")

    assert f"negotiation {command} " in said.partition("\nExample:\n")[2]
    assert "is a file of JSON Lines" in said or "is the URL of a store" in said


def test_stores_are_imported_when_they_are_used() -> None:
    """The program starts, and reads a file, without any of them."""
    asked = (
        "import sys; before = {*sys.modules}; from negotiation.cli import main\n"
        f"main(['check', {str(REPORT)!r}], standalone_mode=False)\n"
        "sys.exit(any(name.startswith(('negotiation.stores', 'sqlite3', 'psycopg'))"
        " for name in {*sys.modules} - before))"
    )

    subprocess.run([sys.executable, "-c", asked], stdout=subprocess.DEVNULL, check=True)


# What the guide shows


def test_the_sessions_of_the_guide_print_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each block is typed after the other in one folder, in which `examples` stands."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "howto" / "command-line.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    typed = [each.partition("\n")[::2] for block in blocks for each in block.split("$ ")[1:]]
    code = 0

    assert len(typed) > 5
    for words, shown in typed:
        if words == "echo $?":
            assert shown == f"{code}\n"
        else:
            said = subprocess.run(
                ["sh", "-c", f'negotiation() {{ {shlex.join(PROGRAM)} "$@"; }}; {words}'],
                env=environment({"COLUMNS": "88"}), text=True, encoding="utf-8", timeout=60,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            code = said.returncode
            assert said.stdout == shown, words
