"""What the rows of one ceasefire come to together: who declares, who joins, and in any order."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import negotiation as ng
from negotiation.importers.ceasefire_rows import UNTAKEN, ceasefires

NO_DAY = (-1, -1, -1)
DAY = timedelta(days=1)
FEBRUARY = (2000, 2, 1)


def at(month: int, day: int) -> datetime:
    """The first moment of a day of 2000."""
    return datetime(2000, month, day, tzinfo=UTC)


def row(
    actor: str,
    dec: tuple[int, int, int],
    effect: tuple[int, int, int],
    end: tuple[int, int, int] = FEBRUARY,
    **more: Any,
) -> dict[str, Any]:
    """A row of ceasefire 900-7."""
    cells: dict[str, Any] = {"cc": 900, "cf_id": 7, "ucdp_actor_id": -1, "actor_name": actor}
    for prefix, parts in (("cf_dec", dec), ("cf_effect", effect), ("end", end)):
        cells |= zip((f"{prefix}_{part}" for part in ("yr", "month", "day")), parts, strict=True)
    return {**cells, **more}


def one(*rows: Mapping[str, Any]) -> ng.Log:
    """The log of the one ceasefire, which has no problem."""
    imported = ceasefires(rows)
    assert imported.report.wrong == 0
    (log,) = imported.logs.values()
    assert ng.check(log) == ()
    return log


def whichever_order(*rows: Mapping[str, Any]) -> ng.Log:
    """The log of the one ceasefire, which every order of its rows gives."""
    first, *others = [one(*each) for each in permutations(rows)]
    assert all(other == first for other in others)
    return first


def told(log: ng.Log) -> list[tuple[str, str, str]]:
    """Month and day, id and class of each record but those of who took part."""
    return [
        (f"{each.time:%m-%d}", each.id, type(each.event).__name__)
        for each in log
        if not isinstance(each.event, ng.PartyJoined)
    ]


def noted(log: ng.Log, id: str) -> ng.Record:
    return next(each for each in log if each.id == id)


def bound(log: ng.Log, moment: datetime) -> dict[str, tuple[set[str], bool]]:
    """Who is bound at a moment by each truce that binds anybody then, and whether it is mutual."""
    found = {}
    for name, truce in ng.replay(log, as_of=moment).truces.items():
        parties = {
            party
            for party, held in truce.commitments.items()
            if held.since <= moment
            and all(over is None or moment < over for over in (held.until, held.ended))
        }
        if parties:
            found[name] = parties, truce.mutual
    return found


# Who declares


NORTH = row("North", (2000, 1, 1), (2000, 1, 5), p_holiday=1, ended=2)
SOUTH = row("South", (2000, 1, 2), (2000, 1, 3))
EAST = row("East", (1999, 12, 20), (2000, 1, 4), (2000, 1, 6))


def test_whoever_takes_effect_first_declares_the_truce() -> None:
    """Who had declared before says so on its day, and joins when there is something to join."""
    log = whichever_order(NORTH, SOUTH)

    assert told(log) == [
        ("01-01", "north-declared", "StatementMade"),
        ("01-02", "south-declared", "TruceDeclared"),
        ("01-02", "north-joined-truce", "TruceJoined"),
        ("02-02", "south-ended", "TruceEnded"),
        ("02-02", "north-ended", "TruceEnded"),
    ]
    assert [noted(log, id).event for id in ("north-declared", "north-joined-truce")] == [
        ng.StatementMade(by="north", text="declared a ceasefire", about="ceasefire"),
        ng.TruceJoined(truce="ceasefire", by="north", starts=at(1, 5)),
    ]


def test_each_is_bound_on_its_own_days_by_one_truce() -> None:
    """From its own effective day until its own last day, and mutual while both are."""
    log = one(NORTH, SOUTH)
    alone, both = ({"south"}, False), ({"north", "south"}, True)
    moment = timedelta.resolution

    assert bound(log, at(1, 3) - moment) == {}
    assert bound(log, at(1, 3)) == bound(log, at(1, 5) - moment) == {"ceasefire": alone}
    assert bound(log, at(1, 5)) == bound(log, at(2, 2) - moment) == {"ceasefire": both}
    assert bound(log, at(2, 2)) == {}


def test_a_joining_that_had_to_wait_keeps_its_own_date() -> None:
    """It stands where the truce is declared, without a precision, which is not when that was."""
    log = one(NORTH, SOUTH)
    said, joined = noted(log, "north-declared"), noted(log, "north-joined-truce")

    assert (said.time, said.precision) == (at(1, 1), "day")
    assert (joined.time, joined.precision) == (at(1, 2), None)
    assert "declaredon" not in dict(said.attributes)
    assert dict(joined.attributes) == dict(said.attributes) | {"declaredon": "2000-01-01"}
    assert dict(joined.attributes)["pholiday"] == "1"


def test_a_joining_that_had_to_wait_keeps_what_is_known_of_its_date() -> None:
    """The year alone, where the source has no more; the end that is not known stands beside it."""
    log = one(row("North", (2000, -1, -1), (2000, 1, 5), (2000, 3, -1)), SOUTH)

    assert noted(log, "north-declared").precision == "year"
    kept = dict(noted(log, "north-joined-truce").attributes)
    assert {name: kept[name] for name in UNTAKEN.values() if name in kept} == {
        "declaredon": "2000-?-?", "endedon": "2000-03-?",
    }  # fmt: skip


def test_a_duration_counts_from_when_its_actor_took_effect() -> None:
    """Also where it joined later than it declared, and the other's is as long."""
    log = whichever_order(
        row("North", (2000, 1, 1), (2000, 1, 5), NO_DAY, fixed=1, fixed_time=3),
        row("South", (2000, 1, 2), (2000, 1, 3), NO_DAY, fixed=1, fixed_time=3),
    )

    assert [id for _, id, _ in told(log)] == [
        "north-declared", "south-declared", "south-own-end",
        "north-joined-truce", "north-own-end",
    ]  # fmt: skip
    assert [bound(log, at(1, day)).get("ceasefire") for day in (4, 5, 6, 8)] == [
        ({"south"}, False), ({"north", "south"}, True), ({"north"}, False), None,
    ]  # fmt: skip


def test_three_actors_that_take_effect_in_the_reverse_order() -> None:
    """All that declared before the truce was join it on its day, each from its own."""
    log = whichever_order(NORTH, SOUTH, EAST)

    assert told(log) == [
        ("12-20", "east-declared", "StatementMade"),
        ("01-01", "north-declared", "StatementMade"),
        ("01-02", "south-declared", "TruceDeclared"),
        ("01-02", "east-joined-truce", "TruceJoined"),
        ("01-02", "north-joined-truce", "TruceJoined"),
        ("01-07", "east-ended", "TruceEnded"),
        ("02-02", "south-ended", "TruceEnded"),
        ("02-02", "north-ended", "TruceEnded"),
    ]
    assert [bound(log, at(1, day)).get("ceasefire") for day in (2, 3, 4, 5, 6, 7)] == [
        None, ({"south"}, False), ({"east", "south"}, True), ({"east", "north", "south"}, True),
        ({"east", "north", "south"}, True), ({"north", "south"}, True),
    ]  # fmt: skip


def test_only_who_declared_before_the_truce_was_has_to_wait() -> None:
    """On the day of the truce or after it an actor joins on its own day, and has said no more."""
    log = whichever_order(
        NORTH, SOUTH,
        row("West", (2000, 1, 2), (2000, 1, 4)), row("East", (2000, 1, 4), (2000, 1, 4)),
    )  # fmt: skip

    assert told(log)[:5] == [
        ("01-01", "north-declared", "StatementMade"),
        ("01-02", "south-declared", "TruceDeclared"),
        ("01-02", "west-declared", "TruceJoined"),
        ("01-02", "north-joined-truce", "TruceJoined"),
        ("01-04", "east-declared", "TruceJoined"),
    ]
    assert noted(log, "west-declared").precision == "day"


def test_of_those_who_take_effect_on_one_day_whoever_declared_first_declares_it() -> None:
    """Whatever they are called, and in whichever order they stand."""
    log = whichever_order(
        row("North", (2000, 1, 2), (2000, 1, 3)), row("South", (2000, 1, 1), (2000, 1, 3))
    )

    assert ng.replay(log).truces["ceasefire"].declared_by == "south"
    assert noted(log, "north-declared").event == ng.TruceJoined(
        truce="ceasefire", by="north", starts=at(1, 3)
    )


def test_who_says_it_before_a_later_truce_says_it_of_that_one() -> None:
    """The one that it joins, which it does not confuse with one that was over before."""
    early = row("West", (1999, 1, 1), (1999, 1, 2), (1999, 1, 9))
    log = whichever_order(early, NORTH, SOUTH)

    assert noted(log, "north-declared").event == ng.StatementMade(
        by="north", text="declared a ceasefire", about="ceasefire-2"
    )
    assert bound(log, datetime(1999, 1, 9, 12, tzinfo=UTC)) == {"ceasefire": ({"west"}, False)}
    assert bound(log, at(1, 5)) == {"ceasefire-2": ({"north", "south"}, True)}


# Any order


def test_of_those_who_did_all_on_one_day_the_name_decides() -> None:
    """Who declares, and in which order the records stand, is the same for every order of rows."""
    log = whichever_order(*(row(name, (2000, 1, 1), (2000, 1, 3)) for name in ("B", "C", "A")))

    assert [each.id for each in log][:6] == [
        "a-joined", "a-declared", "b-joined", "b-declared", "c-joined", "c-declared",
    ]  # fmt: skip
    assert ng.replay(log).truces["ceasefire"].declared_by == "a"


def test_the_number_decides_before_all_else() -> None:
    """Where the source has one, it tells who an actor is; so it tells the ids of one name apart."""
    log = whichever_order(
        *(
            {"place": 9 - number, **row("Front", (2000, 1, 1), (2000, 1, 3), ucdp_actor_id=number)}
            for number in (2, 3, 1)
        )
    )

    declared = {each.id: dict(each.attributes).get("ucdpactorid") for each in log}
    assert [(id, number) for id, number in declared.items() if number is not None] == [
        ("front-declared", "1"), ("front-2-declared", "2"), ("front-3-declared", "3"),
    ]  # fmt: skip


def test_which_row_of_an_actor_stands_is_the_same_for_every_order() -> None:
    """Where they say the same of every day, it is the one whose cells come first as text."""
    rows = [row("North", (2000, 1, 1), (2000, 1, 3), written=said) for said in ("no", None, "a")]
    log = whichever_order(*rows)

    assert "written" not in dict(noted(log, "north-declared").attributes)
    assert len(log) == 3


def test_what_an_actor_is_called_is_the_same_for_every_order() -> None:
    """By the row that stands for it, and first by one of which it is known when it took effect."""
    rows = [
        row(name, (2000, 1, 1), effect, ucdp_actor_id=12)
        for name, effect in (("The Old Front", NO_DAY), ("The Front", (2000, 1, 3)))
    ]

    assert ng.replay(whichever_order(*rows)).parties["the-front"].name == "The Front"


# Any rows


def days(*more: tuple[int, int, int]) -> st.SearchStrategy[tuple[int, int, int]]:
    known = st.integers(1, 7).map(lambda day: (2000, 1, day))
    return known | known | known | st.sampled_from([NO_DAY, *more])


def rows_of(actor: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Any rows of an actor."""
    return st.builds(
        row, actor, days((2000, -1, -1), (1999, 12, -1)), days(), days(),
        ucdp_actor_id=st.sampled_from([-1, 1, 2]),
        fixed=st.sampled_from([0, 1]), fixed_time=st.sampled_from([0, 1, 3]),
        partial=st.sampled_from([0, 1]), written=st.sampled_from([None, "", "a", 1]),
    )  # fmt: skip


@given(
    st.lists(rows_of(st.sampled_from(["North", "South", "north"])), min_size=1, max_size=5).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(rows))
    )
)
def test_any_order_of_any_rows_gives_equal_logs(
    orders: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    """Which has no problem, and sets the same aside; only the numbers of the rows differ."""
    one_way, another = (ceasefires(rows) for rows in orders)

    assert one_way.logs == another.logs
    assert one_way.report == another.report
    assert all(ng.check(log) == () for log in one_way.logs.values())


def in_effect(cells: Mapping[str, Any], day: datetime) -> bool:
    """Whether a ceasefire is in effect on a day for the actor of a row, by that row alone."""
    first, last = (
        None if cells[f"{prefix}_day"] == -1 else at(1, cells[f"{prefix}_day"])
        for prefix in ("cf_effect", "end")
    )
    if first is None or (last is not None and last < first):
        return False
    if last is None and cells["fixed"] == 1 and cells["fixed_time"] > 0:
        last = first + (cells["fixed_time"] - 1) * DAY
    return first <= day and (last is None or day <= last)


@given(st.tuples(*(rows_of(st.just(name)) for name in ("North", "South", "East", "West"))))
def test_who_is_bound_follows_from_each_actor_s_own_row(rows: tuple[dict[str, Any], ...]) -> None:
    """On each day by one truce together, which is mutual where there are two or more of them."""
    rows = tuple({**cells, "ucdp_actor_id": -1} for cells in rows)
    for log in ceasefires(rows).logs.values():
        for day in (at(1, 1) + number * DAY for number in range(-1, 12)):
            due = {cells["actor_name"].lower() for cells in rows if in_effect(cells, day)}
            for moment in (day, day + DAY - timedelta.resolution):
                assert [*bound(log, moment).values()] == ([(due, len(due) > 1)] if due else [])


# The data


@pytest.fixture(scope="module")
def table(test_data: Path) -> list[dict[str, str]]:
    with (test_data / "ceasefires_quarter.csv").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_shuffled_table_gives_equal_logs(table: list[dict[str, str]], seed: int) -> None:
    """The same 551, record for record, and the same counts of what is set aside."""
    imported = ceasefires(table)
    order = Random(seed)  # noqa: S311  # the same order each time, and no secret
    shuffled = ceasefires(order.sample(table, len(table)))

    assert len(shuffled.logs) == 551
    assert [name for name, log in imported.logs.items() if shuffled.logs[name] != log] == []
    assert shuffled.report == imported.report
