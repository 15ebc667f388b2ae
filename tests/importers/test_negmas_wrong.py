"""Rows of NegMAS that contradict themselves, or are no runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

import negotiation as ng
from negotiation.importers.negmas_runs import negmas
from tests.importers.negmas_kit import THREE, TWO, one, run, turn

# Rows that are wrong


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"run": None}, "run"),
        ({"run": ""}, "run"),
        ({"issues": "price"}, "issues"),
        ({"issues": []}, "issues"),
        ({"issues": [1]}, "issues"),
        ({"negotiators": ["buyer"]}, "negotiators"),
        ({"negotiators": ["buyer", "buyer"]}, "negotiators"),
        ({"n_steps": 0}, "n_steps"),
        ({"n_steps": "9"}, "n_steps"),
        ({"n_steps": True}, "n_steps"),
        ({"n_steps": 1, "final": {"step": 2}}, "n_steps"),
        ({"n_steps": 1, "full_trace": [turn(1, "buyer", 3)]}, "n_steps"),
        ({"n_steps": 10**15}, "n_steps"),
        ({"full_trace": None}, "full_trace"),
        ({"full_trace": ["x"]}, "full_trace[0]"),
        ({"full_trace": [turn(-1, "buyer", 3)]}, "full_trace[0].step"),
        ({"full_trace": [turn(True, "buyer", 3)]}, "full_trace[0].step"),
        ({"full_trace": [turn(0, "buyer", 3, negotiator=["buyer"])]}, "full_trace[0].negotiator"),
        ({"full_trace": [turn(1, "buyer", 3), turn(0, "seller", 3)]}, "full_trace[1].step"),
        ({"full_trace": [turn(0, "nobody", 3)]}, "full_trace[0].negotiator"),
        ({"full_trace": [turn(0, "buyer", 3, offer=3)]}, "full_trace[0].offer"),
        ({"full_trace": [turn(0, "buyer", 3, offer=[3, 4])]}, "full_trace[0].offer"),
        ({"full_trace": [turn(0, "buyer", 3, responses=[1])]}, "full_trace[0].responses"),
        ({"full_trace": [turn(0, "buyer", 3, responses={"x": 0})]}, "full_trace[0].responses"),
        ({"full_trace": [turn(0, "buyer", 3, responses={"seller": 6})]}, "full_trace[0].responses"),
        ({"final": None}, "final"),
        ({"final": {"broken": True, "timedout": True}}, "final"),
        ({"full_trace": [turn(0, "buyer", 3, responses={"seller": True})]},
         "full_trace[0].responses"),
        ({"n_steps": None, "full_trace": [turn(10**15, "buyer", 3)]}, "full_trace[0].step"),
        ({"final": {"agreement": []}, "full_trace": [turn(0, "buyer", 3)]}, "final.agreement"),
        ({"final": {"ended_by": ""}}, "final.ended_by"),
        ({"final": {"agreement": [3]}}, "final.agreement"),
        ({"final": {"agreement": [3]}, "full_trace": [turn(0, "buyer", 4)]}, "final.agreement"),
        ({"final": {"step": "2"}}, "final.step"),
        ({"final": {"step": None}}, "final.step"),
        ({"final": {"left_negotiators": "x"}}, "final.left_negotiators"),
        ({"final": {"left_negotiators": ["x"]}}, "final.left_negotiators"),
        ({"final": {"left_at": ["x"]}}, "final.left_at"),
        ({"final": {"left_at": {"buyer": "x"}}}, "final.left_at"),
        ({"final": {"ended_by": 1}}, "final.ended_by"),
        ({"final": {"asked_last": "x"}}, "final.asked_last"),
        ({"full_trace": [turn(0, "buyer", 3, offered=1)]}, "full_trace[0].offered"),
        (
            {"full_trace": [turn(1, "buyer", 3), turn(2, "seller", 3, offered=0)]},
            "full_trace[1].offered",
        ),
        ({"full_trace": [turn(0, "buyer", 3, offered="x")]}, "full_trace[0].offered"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_run_is_wrong(change: dict[str, Any], column: str) -> None:
    """The column is named, nothing is made of the row, and the rows below it are."""
    imported = negmas([{**run(), **change}, run()])

    assert [(each.row, each.column, each.wrong) for each in imported.aside] == [(1, column, True)]
    assert [*imported.logs] == ["r"]


@pytest.mark.parametrize("negotiators", [TWO, THREE])
@pytest.mark.parametrize("end", ["timedout", "broken"])
def test_what_all_others_accepted_is_an_agreement(negotiators: tuple[str, ...], end: str) -> None:
    """A run that ended otherwise contradicts itself, unless somebody had left."""
    row = run(turn(0, "buyer", 3, *negotiators[1:]), negotiators=negotiators, final={end: True})
    imported = negmas([row])
    [aside] = imported.aside

    assert imported.logs == {}
    assert aside.wrong
    assert str(aside) == (
        "row 1, column final.agreement: must be what was offered last, which was accepted"
    )
    if negotiators is THREE:
        row["final"]["left_negotiators"] = ["broker"]
        assert [*negmas([row]).logs] == ["r"]


def test_a_run_that_stands_above_is_wrong() -> None:
    """Two runs of one name would be one negotiation."""
    imported = negmas([run(run=""), run(), run()])

    assert str(imported.aside[1]) == "row 3, column run: stands in row 2 too: r"
    assert len(imported.logs) == 1


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"negotiators": ["a"]}, "must be 2 names or more, none of them twice"),
        ({"n_steps": 1, "final": {"step": 2}},
         "must not be less than the rounds that were played, 2"),
        ({"full_trace": [turn(0, "buyer", 3, offer=[3, 4])]},
         "must be a list of 1, a value for each issue, not a list"),
        ({"full_trace": [turn(0, "x", 3)]}, "must be one of buyer, seller, not str 'x'"),
        ({"full_trace": [turn(1, "buyer", 3), turn(0, "seller", 3)]},
         "must not lie before 1, the round above"),
        ({"full_trace": [turn(1, "buyer", 3), turn(2, "seller", 3, offered=0)]},
         "must lie between 1 and 2"),
        ({"final": {"broken": True, "timedout": True}},
         "must be one of agreement, broken, timedout, not broken and timedout"),
    ],
    ids=["parties", "rounds", "offer", "name", "order", "offered", "verdict"],
)  # fmt: skip
def test_what_would_be_right_is_told(change: Mapping[str, Any], detail: str) -> None:
    """With what is there."""
    assert [each.detail for each in negmas([{**run(), **change}]).aside] == [detail]


@pytest.mark.parametrize(
    "wrong", [{"n_steps": 0}, {"full_trace": [turn(0, "buyer", 3, offer=[math.nan])]}]
)
def test_a_run_that_is_wrong_is_kept_with_its_reason(wrong: dict[str, Any]) -> None:
    """It is set aside whole, under one reason, whether the importer or the library refuses it."""
    row = {**run(), **wrong}

    assert [(each.reason, each.cells) for each in negmas([row]).aside] == [("malformed run", row)]


def test_runs_begin_at_a_moment() -> None:
    """What is none is refused; one that is too late is told of the run that does not fit."""
    with pytest.raises(ng.InvalidTime, match="start must have a time zone"):
        negmas([run()], start=datetime(2031, 1, 1))  # noqa: DTZ001  # that is what is tested
    for rounds in (None, 9):
        late = negmas([run(n_steps=rounds)], start=datetime.max.replace(tzinfo=UTC))
        assert [(each.column, each.wrong) for each in late.aside] == [("n_steps", True)]


def test_values_that_no_record_can_hold_are_wrong() -> None:
    """What the library itself refuses is said with its reason."""
    imported = negmas([run(turn(0, "buyer", 3, offer=[math.nan]))])

    assert imported.aside[0].wrong
    assert "nan" in imported.aside[0].detail


def test_offers_that_do_not_bind_are_no_proposals() -> None:
    """Where whoever offers may still refuse, a run is set aside, and is not wrong."""
    imported = negmas([run(turn(0, "buyer", 3), offering_is_accepting=False)])

    assert imported.logs == {}
    assert [(each.reason, each.wrong) for each in imported.aside] == [("offers do not bind", False)]


def test_runs_begin_in_2000_where_nobody_says() -> None:
    """A moment that is the same every time, so that a second import makes the same records."""
    assert one(run())[0][0].time == datetime(2000, 1, 1, tzinfo=UTC)


def test_runs_begin_when_one_says() -> None:
    """The same run at another time is the same but for its times."""
    start = datetime(2031, 1, 1, tzinfo=UTC)
    log = negmas([run(turn(0, "buyer", 3))], start=start).logs["r"]

    assert log[0].time == start
    assert [each.id for each in log] == [each.id for each in one(run(turn(0, "buyer", 3)))[0]]
