"""What is remembered of the rows of coded news, so that copies and repeats are recognised."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

import negotiation as ng
from negotiation.errors import ConflictingRecord
from negotiation.importers import Imported, cameo, coded_events, plover
from negotiation.importers.cameo_codes import CODES

MAY = ("2030-05-01", "2030-05-02", "2030-05-03")


def row(id: str, day: str, code: str = "111") -> dict[str, str]:
    """A row of CAMEO: what East did to West."""
    return {
        "Event ID": id, "Event Date": day, "Source Name": "Envoy (East)", "Source Country": "East",
        "Event Text": CODES[code].name, "CAMEO Code": code, "Target Name": "West",
        "Target Country": "West", "Story ID": id, "Publisher": "Valley Post",
    }  # fmt: skip


def told(id: str, day: str) -> dict[str, Any]:
    """A record of PLOVER: what East did to West."""
    east, west = ({"actorText": name, "code": name[:3].upper()} for name in ("East", "West"))
    return {
        "id": id, "date": day, "source": [east], "target": [west], "event": "DEMAND",
        "eventText": "asked for more", "text": "East asked West for more.",
    }  # fmt: skip


def repeats(imported: Imported) -> list[tuple[str, str | None]]:
    """Each record and the one that it repeats."""
    return [(record.id, record.repeats) for log in imported.logs.values() for record in log]


@pytest.mark.parametrize("read", [cameo, plover])
@pytest.mark.parametrize("order", [*permutations("abcd")])
def test_repeats_are_recognised_in_any_order_of_days(read: Any, order: Any) -> None:
    """The first row of a day is the event, whatever rows of other days stand between."""
    days = dict(zip("abcd", (*MAY[:2], *MAY[:2]), strict=True))
    make = row if read is cameo else told
    imported = read([make(id, days[id]) for id in order])

    firsts: dict[str, str] = {}
    for id in order:
        firsts.setdefault(days[id], id)
    expected = {id: None if firsts[days[id]] == id else firsts[days[id]] for id in order}
    assert dict(repeats(imported)) == expected
    assert imported.aside == ()


def test_a_row_of_an_earlier_day_is_recorded_on_the_latest_day_read() -> None:
    """It takes its place in the past."""
    [log] = cameo([row("1", MAY[0]), row("2", MAY[1]), row("3", MAY[0])]).logs.values()

    assert [f"{record.time:%Y-%m-%d}" for record in log] == [MAY[0], MAY[1], MAY[0]]
    assert log[2].recorded == datetime(2030, 5, 2, tzinfo=UTC)
    assert [record.id for record, _ in ng.steps(log)] == ["1", "2"]


def test_an_id_is_remembered_as_long_as_its_day() -> None:
    """A copy of a row is one, and another row of its id is wrong, though another day came."""
    rows = [row("1", MAY[0]), row("2", MAY[1])]
    copied, taken = cameo([*rows, rows[0]]), cameo([*rows, row("1", MAY[0], "112")])

    assert [(each.row, each.reason) for each in copied.aside] == [(4, "second copy")]
    assert [(each.row, each.reason) for each in taken.aside] == [(4, "id of another row")]


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are remembered, and the days that they belong to."""
    monkeypatch.setattr(coded_events, "REMEMBERED", 2)


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize(("read", "column"), [(cameo, "Event Date"), (plover, "date")])
def test_that_a_day_was_forgotten_is_told(read: Any, column: str) -> None:
    """Its further rows are events of their own, and the report says so once for each return."""
    make = row if read is cameo else told
    days = {"1": MAY[0], "2": MAY[1], "3": MAY[1], "4": MAY[2], "5": MAY[0], "6": MAY[0]}
    imported = read([make(*each) for each in days.items()])

    assert dict(repeats(imported)) == {**dict.fromkeys("1245"), "3": "2", "6": "5"}
    [found] = imported.aside
    assert (found.reason, found.wrong, found.column) == ("repeats not looked for", False, column)
    assert found.row == (6 if read is cameo else 5)
    assert found.detail.startswith("2 rows of other days stand between this and the rows of its da")


@pytest.mark.usefixtures("forgetful")
def test_a_day_that_was_begun_again_is_remembered_like_any_other() -> None:
    """Nothing is told when it comes at hand the next time."""
    days = dict(zip("1234567", (MAY[n] for n in (0, 1, 1, 2, 0, 2, 0)), strict=True))
    imported = cameo([row(*each) for each in days.items()])

    assert [(each.row, each.reason) for each in imported.aside] == [(6, "repeats not looked for")]
    assert dict(repeats(imported))["7"] == "5"


@pytest.mark.usefixtures("forgetful")
def test_the_day_at_hand_and_the_days_before_it_are_remembered() -> None:
    """Those go first that were at hand the longest time ago, and a day goes as a whole."""
    days = {"1": MAY[0], "2": MAY[1], "3": MAY[0], "4": MAY[2], "5": MAY[0], "6": MAY[1]}
    imported = cameo([row(*each) for each in days.items()])

    assert dict(repeats(imported)) == {**dict.fromkeys("1246"), "3": "1", "5": "1"}
    assert [each.row for each in imported.aside] == [7]


@pytest.mark.usefixtures("forgetful")
def test_a_copy_of_what_was_forgotten_is_the_logs_to_recognise() -> None:
    """The same content is a copy; other content under one id is an error of the whole."""
    rows = [row("1", MAY[0]), row("2", MAY[1]), row("3", MAY[1]), row("4", MAY[2])]
    imported = cameo([*rows, rows[0]])

    assert [id for id, _ in repeats(imported)] == ["1", "2", "3", "4"]
    with pytest.raises(ConflictingRecord, match="stands at position 1 with other content"):
        cameo([*rows, row("1", MAY[0], "112")])
