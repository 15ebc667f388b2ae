"""`negotiation explain`: the records behind a value, for reading and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

import negotiation as ng
from negotiation.cli import main

REPORT: Final = Path(__file__).parents[1] / "examples" / "easter_truce_2025.jsonl"
WHEN: Final = datetime(2031, 3, 1, tzinfo=UTC)


def run(*args: str | Path, columns: int = 100) -> Result:
    return CliRunner().invoke(main, ["explain", *map(str, args)], env={"COLUMNS": str(columns)})


@pytest.fixture
def told(tmp_path: Path) -> Callable[[ng.Log], Path]:
    """Writes a log into a file."""

    def told(log: ng.Log) -> Path:
        path = tmp_path / "talks.jsonl"
        ng.write_log(log, path)
        return path

    return told


@pytest.fixture
def log() -> ng.Log:
    """An offer with two sources, and an answer too many that writes to the terminal."""
    offer = ng.ProposalMade(proposal="p1", by="northport", to=["southvale"], terms={})
    yes = ng.ProposalAccepted(proposal="p1", by="southvale", note="\x1b[2J")
    return (
        ng.Log("talks")
        .append(offer, time=WHEN)
        .append(offer, time=WHEN, repeats="e1", reported_by="the Weekly", visible_to=["northport"])
        .append(yes, time=WHEN, precision="day")
        .append(yes, time=WHEN, strict=False)
    )


def test_the_records_behind_a_value_of_the_report() -> None:
    """Under the heading stands what the value comes to, then a row for each record."""
    result = run(REPORT, "truces.easter.status", "--as-of", "2025-04-20T12:00:00Z")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "easter-truce-2025\n"
        "as of 2025-04-20 12:00Z, 12 records counted\n"
        "\n"
        "truces.easter.status is in-force, since 2025-04-19 15:00Z\n"
        "\n"
        "time               #  record  what it says\n"
        "─────────────────  ─  ──────  "
        "──────────────────────────────────────────────────────────────────────\n"
        "2025-04-19 15:00Z  7  e07     russia declares the truce easter from 2025-04-19 15:00Z "
        "until\n"
        "                              2025-04-20 21:00Z, binding itself alone (Vladimir Putin, "
        "reported by\n"
        "                              Russian state television)\n"
        "2025-04-19 15:00Z  9  e09     ukraine rejects the truce easter: a stunt (reported by news "
        "report, 21\n"
        "hour                          April 2025)\n"
    )


def test_problems_and_further_sources(told: Callable[[ng.Log], Path], log: ng.Log) -> None:
    """They stand below what the record says; text that steers a terminal is seen, not obeyed."""
    result = run(told(log), "proposals.p1.status")
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()[7:]]
    assert lines == [
        "2031-03-01 00:00Z 1 e1 northport makes the proposal p1 to southvale: no terms",
        "repeated by e2 (reported by the Weekly)",
        "2031-03-01 00:00Z 3 e3 southvale accepts the proposal p1: \\x1b[2J",
        "day",
        "2031-03-01 00:00Z 4 e4 southvale accepts the proposal p1: \\x1b[2J",
        "changed nothing: proposal-closed",
    ]


def test_for_a_program(told: Callable[[ng.Log], Path], log: ng.Log) -> None:
    """As JSON it is an object, with the ids of records where the table has words."""
    found = json.loads(run(told(log), "proposals.p1.answers", "--format", "json").stdout)
    assert {name: found[name] for name in ("path", "value", "summary")} == {
        "path": "proposals.p1.answers",
        "value": {"southvale": "accepted"},
        "summary": "southvale: accepted",
    }
    assert found["reasons"][0] == {
        "record": "e1",
        "type": "negotiation.proposal-made.v1",
        "sentence": "northport makes the proposal p1 to southvale: no terms",
        "problem": None,
        "position": 1,
        "time": "2031-03-01T00:00:00Z",
        "recorded": "2031-03-01T00:00:00Z",
        "speaker": None,
        "reported_by": None,
        "report_url": None,
        "quote": None,
        "repeated_by": ["e2"],
    }
    assert [each["problem"] for each in found["reasons"]] == [None, None, "proposal-closed"]


def test_an_unknown_event_for_a_program(told: Callable[[ng.Log], Path]) -> None:
    """The type of a record that the library does not know is the one that it has."""
    event = ng.UnknownEvent(type="org.example.x", data={})
    file = told(ng.Log("talks").append(event, time=WHEN, strict=False))
    found = json.loads(run(file, "problems[0].code", "--format", "json").stdout)
    assert [each["type"] for each in found["reasons"]] == ["org.example.x"]


def test_what_is_hidden_stays_so(told: Callable[[ng.Log], Path], log: ng.Log) -> None:
    """A source that was shown to another party is not named."""
    assert "Weekly" in run(told(log), "proposals.p1.by", "--known-to", "northport").stdout
    assert "Weekly" not in run(told(log), "proposals.p1.by", "--known-to", "southvale").stdout


def test_nothing_behind_a_value(told: Callable[[ng.Log], Path], log: ng.Log) -> None:
    """Where no record has a say, that is what is printed."""
    lines = run(told(log), "parties.southvale.role").stdout.splitlines()
    assert lines[3:] == ["parties.southvale.role is null: nobody said", "no record has a say in it"]


def test_a_narrow_page() -> None:
    """No line is longer than the page, the first ones included."""
    path = 'parties.russia.positions["annexed land"].value'
    lines = run(REPORT, path, columns=40).stdout.splitlines()
    assert max(map(len, lines)) <= 40


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("truces.eastr.status", "leads nowhere at 'eastr'; did you mean truces.easter?"),
        ("truces.easter.staus", "did you mean truces.easter.status?"),
        ("truces..easter", "cannot be read from character 7 on"),
        ("", "is empty; a path is such as truces.easter.status"),
    ],
    ids=["id", "field", "syntax", "empty"],
)
def test_a_wrong_path_is_one_line(path: str, says: str) -> None:
    """It names the file, what is wrong and the nearest right path; nothing else is printed."""
    result = run(REPORT, path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{REPORT}: path ")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_wrong_path_into_standard_input() -> None:
    """What has no name is called what it is."""
    result = CliRunner().invoke(main, ["explain", "-", "truces"], input="")
    assert result.exit_code == 0
    result = CliRunner().invoke(main, ["explain", "-", "truce"], input="")
    assert result.stderr.startswith("standard input: path 'truce': leads nowhere")
