"""What pytest shows where two states, logs or records are not equal."""

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import attrs
import pytest

import negotiation as ng
from negotiation.testing.plugin import pytest_assertrepr_compare
from tests.worked.story import story, t

ROOT = Path(__file__).parents[2]
OFFER = ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={"share": 40})
YES = ng.ProposalAccepted(proposal="p1", by="south")
NO = ng.ProposalRejected(proposal="p1", by="south")


def shown(left: object, right: object) -> list[str]:
    """The lines under the first, which names both."""
    lines = pytest_assertrepr_compare("==", left, right)
    assert lines is not None
    return lines[1:]


def test_two_states_differ_by_path() -> None:
    """Each path at which they do has a line, left before right."""
    left, right = (ng.replay(story((t(1), OFFER), (t(2), answer))) for answer in (YES, NO))
    assert shown(left, right) == [
        "proposals.p1.answers.south: accepted != rejected",
        "proposals.p1.status: accepted != rejected",
    ]


def test_what_stands_on_one_side_alone_is_said_to() -> None:
    """On the left or on the right."""
    offered = ng.replay(story((t(1), OFFER)))
    answered = ng.replay(story((t(1), OFFER), (t(2), YES)), as_of=t(1))
    answered = attrs.evolve(answered, facts=ng.replay(story((t(1), OFFER), (t(1), YES))).facts)
    lines = shown(offered, answered)
    assert "proposals.p1.answers.south: only on the right: accepted" in lines
    assert "parties.south.replies_owed.p1: only on the left" in lines


def test_the_first_line_names_both() -> None:
    """As their `repr` does, which is short; records are named by their ids."""
    log = story((t(1), OFFER), (t(2), YES))
    lines = pytest_assertrepr_compare("==", log, log.upto(1))
    assert lines is not None
    assert lines[0] == "<Log 'talks-1': 2 records> == <Log 'talks-1': 1 records>"
    lines = pytest_assertrepr_compare("==", log[0], log[1])
    assert lines is not None
    assert lines[0] == "<Record 'e1'> == <Record 'e2'>"


def test_two_logs_differ_from_a_record_on() -> None:
    """Its fields that differ are shown as Python."""
    left = story((t(1), OFFER), (t(2), YES), (t(3), YES))
    right = story((t(1), OFFER), (t(2), NO, {"speaker": "a clerk"}))
    assert shown(left, right) == [
        "position 2 is the first that differs:",
        "event:",
        '  left:  ng.ProposalAccepted(proposal="p1", by="south")',
        '  right: ng.ProposalRejected(proposal="p1", by="south")',
        "speaker:",
        "  left:  None",
        '  right: "a clerk"',
    ]


def test_one_log_may_go_on_after_the_other() -> None:
    """The first further record is shown, and how many there are."""
    long = story((t(1), OFFER), (t(2), YES), (t(3), YES))
    first, *further = shown(long, long.upto(1))
    assert first == "the left goes on after position 1, with 2 more:"
    assert further[:2] == ["ng.Record(", '    id="e2",']
    assert shown(long.upto(2), long)[0] == "the right goes on after position 2, with 1 more:"


def test_two_logs_may_be_of_two_negotiations() -> None:
    """Then that is what differs."""
    log = story((t(1), OFFER))
    assert shown(log, ng.Log("river", [attrs.evolve(log[0], negotiation="river")])) == [
        "negotiation: 'talks-1' != 'river'"
    ]
    assert shown(ng.Log("talks"), ng.Log("river")) == ["negotiation: 'talks' != 'river'"]


def test_two_records_differ_by_field() -> None:
    """Positions and times among them."""
    record = story((t(1), OFFER))[0]
    assert shown(record, attrs.evolve(record, position=2, time=t(2))) == [
        "position:",
        "  left:  1",
        "  right: 2",
        "time:",
        '  left:  datetime.fromisoformat("2031-03-01T00:00Z")',
        '  right: datetime.fromisoformat("2031-03-02T00:00Z")',
    ]


@pytest.mark.parametrize("op", ["!=", "is", "in", "<"])
def test_other_operators_are_left_to_pytest(op: str) -> None:
    """Only what was to be equal is shown."""
    assert pytest_assertrepr_compare(op, ng.replay(ng.Log("a")), ng.replay(ng.Log("b"))) is None


def test_other_values_are_left_to_pytest() -> None:
    """And so is a comparison of two kinds, and of what does not differ."""
    state, log = ng.replay(ng.Log("talks")), story((t(1), OFFER))
    pairs = [(1, 2), (state, log), (log, state), (log, log[0]), (log[0], log), (state, 1)]
    assert [pytest_assertrepr_compare("==", *each) for each in pairs] == [None] * len(pairs)
    assert pytest_assertrepr_compare("==", log, log) is None


def test_pytest_shows_it_where_the_library_is_installed(tmp_path: Path) -> None:
    """A failed assertion of a user's test has the lines."""
    (tmp_path / "test_user.py").write_text(
        "import negotiation as ng\n\n"
        "def test_it():\n"
        "    assert ng.replay(ng.Log('talks')) == ng.replay(ng.Log('river'))\n"
    )
    plugin = ["-p", "no:negotiation", "-p", "negotiation.testing.plugin"]  # however it is installed
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "-q", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 1, run.stdout + run.stderr
    assert "E         id: talks != river\n" in run.stdout
    without = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:negotiation", "-q", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "E         id: talks != river\n" not in without.stdout


def test_the_project_names_the_plugin_to_pytest() -> None:
    """As an entry point, so that it is loaded where the library is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module = import_module(project["entry-points"]["pytest11"]["negotiation"])
    assert module.pytest_assertrepr_compare is pytest_assertrepr_compare


def test_the_plugin_imports_nothing_heavy() -> None:
    """It is loaded in every run of pytest, also in those that use nothing of it."""
    heavy = "hypothesis", "click", "msgspec", "cattrs", "rich", "pytest"
    script = (
        "import sys, negotiation.testing.plugin\n"
        f"print(*({{*{heavy!r}}} & set(sys.modules)), *(name for name in sys.modules if "
        "name.startswith('negotiation.testing.') and not name.endswith('.plugin')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert run.stdout.strip() == ""
