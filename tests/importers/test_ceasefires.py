"""Ceasefires of the ETH/PRIO dataset as logs: small tables by hand, and the data where it is."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import negotiation as ng
from negotiation.importers.ceasefire_rows import COLUMNS, UNTAKEN, ceasefires
from negotiation.importers.common import Imported

UNKNOWN = (-1, -1, -1)
NONE = (0, 0, 0)
DAY = timedelta(days=1)
HOW_TO = Path(__file__).parents[2] / "docs" / "howto" / "import-ceasefires.md"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def row(
    actor: str = "North",
    dec: tuple[Any, ...] = (2001, 5, 1),
    effect: tuple[Any, ...] = (2001, 5, 3),
    end: tuple[Any, ...] = UNKNOWN,
    **more: Any,
) -> dict[str, Any]:
    """A row of the table, of ceasefire 900-7 unless it says otherwise."""
    cells: dict[str, Any] = {"cc": 900, "cf_id": 7, "ucdp_actor_id": -1, "actor_name": actor}
    for prefix, parts in (("cf_dec", dec), ("cf_effect", effect), ("end", end)):
        cells |= dict(
            zip((f"{prefix}_{part}" for part in ("yr", "month", "day")), parts, strict=True)
        )
    return {**cells, **more}


def one(*rows: Mapping[str, Any]) -> tuple[ng.Log, list[tuple[str, int, str | None]]]:
    """The log of the one ceasefire, which has no problem, and what was set aside of it."""
    imported = ceasefires(rows)
    assert imported.report.wrong == 0
    (log,) = imported.logs.values()
    assert ng.check(log) == ()
    return log, told(imported)


def told(imported: Imported) -> list[tuple[str, int, str | None]]:
    return [(each.reason, each.row, each.column) for each in imported.aside]


def attributes(log: ng.Log, id: str) -> dict[str, str]:
    return dict(next(each for each in log if each.id == id).attributes)


def bound(log: ng.Log, party: str, moment: str, truce: str = "ceasefire") -> bool:
    """Whether a party is bound at a moment."""
    return in_force(ng.replay(log, as_of=at(moment)), party, at(moment), truce)


def in_force(state: ng.Negotiation, party: str, moment: datetime, truce: str = "ceasefire") -> bool:
    held = state.truces[truce].commitments.get(party) if truce in state.truces else None
    if held is None or moment < held.since:
        return False
    return not any(over is not None and moment >= over for over in (held.until, held.ended))


# One actor


def test_a_ceasefire_is_a_negotiation() -> None:
    """Its id is made of `cc` and `cf_id`; the actor joins and declares a truce for itself alone."""
    log, aside = one(row(end=(2001, 5, 9)))

    assert log.negotiation == "ceasefire-900-7"
    assert [(each.id, each.time, each.precision, each.event) for each in log] == [
        ("north-joined", at("2001-05-01"), "day",
         ng.PartyJoined(party="north", role="principal", name="North")),
        ("north-declared", at("2001-05-01"), "day",
         ng.TruceDeclared(
             truce="ceasefire", by="north", kind="ceasefire", starts=at("2001-05-03"))),
        ("north-ended", at("2001-05-10"), "day", ng.TruceEnded(truce="ceasefire", by="north")),
    ]  # fmt: skip
    assert {(each.reported_by, each.correlation) for each in log} == {
        ("ETH/PRIO Civil Conflict Ceasefire Dataset", "900-7")
    }
    assert aside == []


def test_both_its_first_and_its_last_day_belong_to_it() -> None:
    """In effect on 3 May and ended on 9 May: from 00:00 of the 3rd until 00:00 of the 10th."""
    log, _ = one(row(end=(2001, 5, 9)))

    assert not bound(log, "north", "2001-05-02T23:59:59")
    assert bound(log, "north", "2001-05-03T00:00:00")
    assert bound(log, "north", "2001-05-09T23:59:59")
    assert not bound(log, "north", "2001-05-10T00:00:00")


def test_a_ceasefire_of_one_day() -> None:
    """Where the last day is the first one, it is in force for that day."""
    log, _ = one(row(end=(2001, 5, 3)))

    assert bound(log, "north", "2001-05-03T12:00:00")
    assert not bound(log, "north", "2001-05-04T00:00:00")


def test_a_partial_ceasefire_has_that_scope() -> None:
    """What `partial` says is the scope; that it is not partial is not said."""
    assert ng.replay(one(row(partial="1"))[0]).truces["ceasefire"].scope == "partial"
    for other in ("0", "-1", ""):
        assert ng.replay(one(row(partial=other))[0]).truces["ceasefire"].scope is None


def test_columns_without_a_field_are_kept_as_attributes() -> None:
    """Purpose, mediators and what else there is stand with the record that declares the truce."""
    log, _ = one(row(p_holiday=1, mediator_send="A\x00 B, C", written="", ended=2, side=None, id=4))

    assert attributes(log, "north-declared") == {
        "ucdpactorid": "-1", "pholiday": "1", "mediatorsend": "A B, C", "ended": "2",
    }  # fmt: skip


def test_how_it_ended_stands_with_its_end() -> None:
    """The code in `ended` is kept as it is, with the record that it is about."""
    log, _ = one(row(end=(2001, 5, 9), ended=4))

    assert attributes(log, "north-ended") == {"ended": "4"}
    assert "ended" not in attributes(log, "north-declared")


# Fixed durations


@pytest.mark.parametrize("last", [UNKNOWN, (2001, 5, 12)])
@pytest.mark.parametrize("code", [1, 2, 4])
def test_a_fixed_duration_runs_out(last: tuple[int, int, int], code: int) -> None:
    """Ten days from 3 May end with the 12th, however they end; the code of how is kept."""
    log, _ = one(row(end=last, fixed=1, fixed_time="10", ended=code))

    ends = at("2001-05-13")
    assert [type(each.event) for each in log] == [ng.PartyJoined, ng.TruceDeclared]
    assert ng.replay(log).truces["ceasefire"].commitments["north"].until == ends
    assert ng.replay(log, as_of=ends).truces["ceasefire"].status == "expired"
    assert attributes(log, "north-declared")["ended"] == str(code)


def test_a_fixed_duration_may_end_early() -> None:
    """Declared for ten days and over after seven: both stand."""
    log, _ = one(row(end=(2001, 5, 9), fixed=1, fixed_time=10))

    held = ng.replay(log).truces["ceasefire"].commitments["north"]
    assert (held.until, held.ended) == (at("2001-05-13"), at("2001-05-10"))


@pytest.mark.parametrize("code", [-1, 1, 2, 4])
@pytest.mark.parametrize(("more", "words"), [(1, "1 day"), (2, "2 days")])
def test_a_recorded_end_goes_before_a_duration_that_is_too_short(
    more: int, words: str, code: int
) -> None:
    """It is in force on its last day, and no end is declared that the source does not have."""
    last = date(2001, 5, 9 + more)
    log, _ = one(row(end=(last.year, last.month, last.day), fixed=1, fixed_time="7", ended=code))
    imported = ceasefires([row(end=(2001, 5, 9 + more), fixed=1, fixed_time="7", ended=code)])

    assert bound(log, "north", f"{last}T23:59:59")
    assert not bound(log, "north", f"{last + DAY}")
    held = ng.replay(log).truces["ceasefire"].commitments["north"]
    assert (held.until, held.ended) == (None, at(f"{last + DAY}"))
    assert attributes(log, "north-ended") == {"ended": str(code)}
    assert attributes(log, "north-declared")["fixedtime"] == "7"
    (aside,) = imported.aside
    assert aside.reason == "ended after its fixed duration"
    assert aside.detail == (
        f"7 days from 2001-05-03, and it ended {words} after them: the end date is taken"
    )


def test_how_much_longer_it_lasted_is_told() -> None:
    """In days, beside the duration and the day from which it is counted."""
    imported = ceasefires([row(end=(2001, 8, 2), fixed=1, fixed_time="90")])

    assert str(imported.aside[0]) == (
        "row 2, column fixed_time: 90 days from 2001-05-03, and it ended 2 days after them: the "
        "end date is taken"
    )


@pytest.mark.parametrize(
    ("fixed", "days", "aside"),
    [
        (0, 0, []),
        (0, "", []),
        (0, 5, [("duration of what is not fixed", 2, "fixed_time")]),
        (0, "a while", [("duration of what is not fixed", 2, "fixed_time")]),
        (1, -1, [("unknown duration", 2, "fixed_time")]),
        (1, "", [("unknown duration", 2, "fixed_time")]),
        (1, "until the harvest", [("unknown duration", 2, "fixed_time")]),
        (1, "5.5", [("unknown duration", 2, "fixed_time")]),
        (1, 0, [("unknown duration", 2, "fixed_time")]),
        (-1, 5, [("unknown duration", 2, "fixed")]),
        ("", -1, [("unknown duration", 2, "fixed")]),
    ],
)
def test_a_duration_that_is_not_known(fixed: object, days: object, aside: list[Any]) -> None:
    """There is no end to a truce of which it is not said in days for how long it is fixed."""
    log, found = one(row(end=NONE, fixed=fixed, fixed_time=days))

    assert ng.replay(log).truces["ceasefire"].ends is None
    assert found == [("no end given", 2, "end_yr"), *aside]


# What is not known


@pytest.mark.parametrize(
    ("end", "reason", "column"),
    [
        (UNKNOWN, "unknown end", "end_yr"),
        (("", "", ""), "unknown end", "end_yr"),
        (("NA", "NA", None), "unknown end", "end_yr"),
        (("nan", math.nan, "nan"), "unknown end", "end_yr"),
        ((2001, -1, -1), "unknown end", "end_month"),
        ((2001, 6, -1), "unknown end", "end_day"),
        ((2001, 6, 0), "unknown end", "end_day"),
        (NONE, "no end given", "end_yr"),
        ((2001, 6, 31), "impossible end", "end_day"),
        ((2001, 13, -1), "impossible end", "end_day"),
        ((9999, 12, 31), "impossible end", "end_yr"),
        ((99999, 1, 1), "impossible end", "end_day"),
    ],
)
def test_an_end_that_is_not_known_is_none(end: Any, reason: str, column: str) -> None:
    """No end is made up where its day is not known, and the report says which part is missing."""
    log, aside = one(row(end=end))

    assert [each.id for each in log] == ["north-joined", "north-declared"]
    assert ng.replay(log).truces["ceasefire"].ends is None
    assert aside == [(reason, 2, column)]


@pytest.mark.parametrize("effect", [UNKNOWN, (2001, -1, -1), (2001, 6, -1), NONE, (2001, 2, 30)])
def test_without_a_start_there_is_no_truce(effect: Any) -> None:
    """What is known is that the actor declared a ceasefire, and that is what it says."""
    log, aside = one(row(effect=effect, end=(2001, 7, 1), fixed=1, fixed_time=9, ended=3))

    assert [each.event for each in log][1:] == [
        ng.StatementMade(by="north", text="declared a ceasefire", about="ceasefire")
    ]
    assert ng.replay(log).truces == {}
    assert attributes(log, "north-declared")["ended"] == "3"
    assert [reason for reason, *_ in aside][1:] == [
        "end without a start",
        "duration without a start",
    ]


def test_a_declaration_known_to_the_month() -> None:
    """Its time is the first moment of the month, and its precision says so."""
    log, aside = one(row(dec=(2001, 5, -1)))

    assert [(each.time, each.precision) for each in log] == [(at("2001-05-01"), "month")] * 2
    assert aside[0] == ("unknown declaration", 2, "cf_dec_day")


def test_an_end_is_known_to_the_day_whatever_is_known_of_the_declaration() -> None:
    """Each date has its own precision."""
    log, _ = one(row(dec=(2001, 5, -1), end=(2001, 5, 9)))

    assert [(each.id, each.precision) for each in log] == [
        ("north-joined", "month"), ("north-declared", "month"), ("north-ended", "day"),
    ]  # fmt: skip


def test_a_declaration_known_to_the_year() -> None:
    """Its time is the first moment of the year, and its precision says so."""
    log, _ = one(row(dec=(2001, "", "")))

    assert [(each.time, each.precision) for each in log] == [(at("2001-01-01"), "year")] * 2


@pytest.mark.parametrize(
    ("dec", "kept", "reasons"),
    [
        (UNKNOWN, None, {"unknown declaration"}),
        (NONE, None, {"no declaration given"}),
        ((2001, 4, 31), "2001-04-31", {"impossible declaration"}),
        ((-1, 4, 3), "?-04-03", {"unknown declaration"}),
        ((2001, 5, 5), "2001-05-05", {"declared after it took effect"}),
        ((2002, -1, -1), "2002-?-?", {"unknown declaration", "declared after it took effect"}),
    ],
)
def test_a_declaration_that_is_not_known_has_no_date(
    dec: Any, kept: str | None, reasons: set[str]
) -> None:
    """It stands at the effective day, without a precision; what the source has of it is kept."""
    log, aside = one(row(dec=dec))

    assert [(each.time, each.precision) for each in log] == [(at("2001-05-03"), None)] * 2
    assert attributes(log, "north-declared").get("declaredon") == kept
    assert {reason for reason, *_ in aside} == {"unknown end"} | reasons


@pytest.mark.parametrize(
    ("dates", "kept"),
    [
        ({"end": (2004, -1, -1)}, {"endedon": "2004-?-?"}),
        ({"end": (2004, 7, 0)}, {"endedon": "2004-07-?"}),
        ({"end": (2004, 2, 30)}, {"endedon": "2004-02-30"}),
        ({"end": (9999, 12, 31)}, {"endedon": "9999-12-31"}),
        ({"end": (2001, -1, -1), "fixed": 1, "fixed_time": 9}, {"endedon": "2001-?-?"}),
        ({"end": (2001, 5, 2)}, {"effectiveon": "2001-05-03", "endedon": "2001-05-02"}),
        ({"effect": (2001, 6, -1)}, {"effectiveon": "2001-06-?"}),
        ({"effect": NONE, "end": (2001, 6, 9)}, {"endedon": "2001-06-09"}),
        ({"end": UNKNOWN}, {}),
        ({"end": (2001, 5, 9)}, {}),
        ({"end": (2001, 5, 11), "fixed": 1, "fixed_time": 9}, {}),
        ({"dec": (2001, 5, -1)}, {}),
    ],
)
def test_what_is_said_of_a_date_that_is_not_taken_is_kept(
    dates: dict[str, Any], kept: dict[str, str]
) -> None:
    """It stands with the declaration, unless nothing is known of the date or it is taken."""
    log, _ = one(row(**dates))
    found = attributes(log, "north-declared")

    assert {name: found[name] for name in UNTAKEN.values() if name in found} == kept


def test_a_row_without_any_date() -> None:
    """Nothing is made of it, and the report says what is not known."""
    imported = ceasefires([row(dec=UNKNOWN, effect=UNKNOWN)])

    assert imported.logs == {}
    assert [reason for reason, *_ in told(imported)] == [
        "unknown declaration", "unknown start", "unknown end",
    ]  # fmt: skip
    assert imported.report.wrong == 0


def test_a_row_without_an_actor() -> None:
    """Whose ceasefire it is is not known, so nothing is made of it."""
    imported = ceasefires([row(actor=" ")])

    assert imported.logs == {}
    assert ("unknown actor", 2, "actor_name") in told(imported)


@pytest.mark.parametrize("number", [0, -1, ""])
def test_a_number_that_is_none_names_nobody(number: Any) -> None:
    """The name tells who it is, or nothing does."""
    log, _ = one(row(ucdp_actor_id=number), row("South", ucdp_actor_id=number))

    assert [*ng.replay(log).parties] == ["north", "south"]
    assert ceasefires([row("", ucdp_actor_id=number)]).logs == {}


# What contradicts itself


def test_ended_before_it_took_effect() -> None:
    """One of the two days is wrong, and nobody says which: neither is taken."""
    log, aside = one(row(end=(2001, 5, 2)))

    assert isinstance(log[-1].event, ng.StatementMade)
    assert ng.replay(log).truces == {}
    assert aside == [("ended before it took effect", 2, "end_day")]


@pytest.mark.parametrize(
    ("end", "detail"),
    [
        ((2001, 6, -1), "the end is not known to the day: 2001-06-?"),
        ((-1, 6, 7), "the end is not known to the day: ?-06-07"),
        (NONE, "there is no end"),
        ((2001, 6, 31), "2001-06-31 is no day"),
        ((9999, 12, 31), "there is no day after it"),
    ],
)
def test_what_is_known_of_a_date_is_told(end: Any, detail: str) -> None:
    """Part by part, with a question mark for each that is not."""
    assert [each.detail for each in ceasefires([row(end=end)]).aside] == [detail]


def test_days_that_contradict_each_other_are_told() -> None:
    """Both of them, each as what it is."""
    ended = ceasefires([row(end=(2001, 5, 2))]).aside
    declared = ceasefires([row(dec=(2001, 5, 5), end=(2001, 5, 9))]).aside

    assert [each.detail for each in (*ended, *declared)] == [
        "ended 2001-05-02, in effect from 2001-05-03: neither is taken",
        "declared 2001-05-05, in effect from 2001-05-03: taken to have been declared by then",
    ]


def test_a_duration_that_is_no_number_is_told() -> None:
    """What the source has in its place is shown; where it has nothing, there is nothing to show."""
    for said, shown in (("until the harvest", ": until the harvest"), ("-1", "")):
        (_, aside) = ceasefires([row(end=NONE, fixed=1, fixed_time=said)]).aside
        assert aside.detail == f"the number of days is not known{shown}"


def test_a_duration_from_a_day_that_is_contradicted() -> None:
    """The day is known, and not taken; so it is not called unknown."""
    imported = ceasefires([row(end=(2001, 5, 2), fixed=1, fixed_time=2)])

    assert str(imported.aside[-1]) == (
        "row 2, column fixed_time: 2 days, and its end contradicts when it took effect"
    )


def test_declared_after_it_took_effect() -> None:
    """It stands from the day on which it took effect, and so has been declared by then."""
    log, aside = one(row(dec=(2001, 5, 5), end=(2001, 5, 9)))

    assert {each.time for each in log} == {at("2001-05-03"), at("2001-05-10")}
    assert aside == [("declared after it took effect", 2, "cf_dec_day")]


def test_declared_on_the_day_on_which_it_took_effect() -> None:
    """Which is no contradiction."""
    log, aside = one(row(dec=(2001, 5, 3), end=(2001, 5, 9)))

    assert log[0].time == at("2001-05-03")
    assert aside == []


# Several actors


def test_a_joint_ceasefire_is_one_truce() -> None:
    """Who declared first declares it, the others join it, and all are bound by their own rows."""
    log, _ = one(
        row("North", dec=(2001, 5, 2), end=(2001, 5, 20)),
        row("South", dec=(2001, 5, 1), end=(2001, 5, 9)),
        row("East", dec=(2001, 5, 2), effect=(2001, 5, 6)),
    )

    assert [(each.id, type(each.event)) for each in log][1::2] == [
        ("south-declared", ng.TruceDeclared), ("north-declared", ng.TruceJoined),
        ("east-declared", ng.TruceJoined), ("north-ended", ng.TruceEnded),
    ]  # fmt: skip
    held = ng.replay(log).truces["ceasefire"].commitments
    assert {party: (each.since, each.ended) for party, each in held.items()} == {
        "south": (at("2001-05-03"), at("2001-05-10")),
        "north": (at("2001-05-03"), at("2001-05-21")),
        "east": (at("2001-05-06"), None),
    }


def test_an_end_that_all_declared_is_the_truce_s() -> None:
    """Where the durations of all actors agree, the truce is declared until then."""
    log, _ = one(*(row(name, fixed=1, fixed_time=5) for name in ("North", "South")))

    state = ng.replay(log)
    assert state.truces["ceasefire"].ends == at("2001-05-08")
    assert len(log) == 4


def test_each_actor_keeps_its_own_duration() -> None:
    """Where they differ, the truce has no end of its own, and each actor its own one."""
    log, _ = one(
        row("North", fixed=1, fixed_time=2), row("South", fixed=1, fixed_time=3),
        row("East", fixed=0, fixed_time=0),
    )  # fmt: skip

    truce = ng.replay(log).truces["ceasefire"]
    assert truce.ends is None
    assert {party: each.until for party, each in truce.commitments.items()} == {
        "north": at("2001-05-05"), "south": at("2001-05-06"), "east": None,
    }  # fmt: skip


def test_two_durations_that_differ_are_no_end_of_the_truce() -> None:
    """Neither the shorter nor the longer one."""
    log, _ = one(row("North", fixed=1, fixed_time=2), row("South", fixed=1, fixed_time=3))

    assert ng.replay(log).truces["ceasefire"].ends is None


def test_who_takes_effect_earlier_declares_the_truce() -> None:
    """It binds whoever takes effect first, and each other from its own effective day."""
    log, _ = one(
        row("North", dec=(2001, 5, 1), effect=(2001, 5, 9)),
        row("South", dec=(2001, 5, 2), effect=(2001, 5, 4)),
    )

    assert bound(log, "south", "2001-05-04")
    assert not bound(log, "north", "2001-05-08")
    assert bound(log, "north", "2001-05-09")


def test_of_those_who_declare_on_one_day_whoever_takes_effect_first_declares_it() -> None:
    """So that the others can join, and there is one truce."""
    log, _ = one(row("North", effect=(2001, 5, 9)), row("South", effect=(2001, 5, 4)))

    (truce,) = ng.replay(log).truces.values()
    assert {party: each.since for party, each in truce.commitments.items()} == {
        "south": at("2001-05-04"), "north": at("2001-05-09"),
    }  # fmt: skip


def test_nobody_joins_a_truce_that_is_over() -> None:
    """A number under which there are ceasefires of different years gives a truce for each."""
    log, _ = one(
        row("North", end=(2001, 5, 9)),
        row("North", dec=(2019, 1, 1), effect=(2019, 1, 2)),
    )

    assert [each.id for each in log] == [
        "north-joined", "north-declared", "north-ended", "north-declared-2",
    ]  # fmt: skip
    assert bound(log, "north", "2001-05-09")
    assert not bound(log, "north", "2019-01-02")
    assert bound(log, "north", "2019-01-02", "ceasefire-2")


def test_the_day_after_a_ceasefire_another_one_begins() -> None:
    """Nobody joins what is over by then; the other row of an actor is a truce of its own."""
    rows = [row("North", end=(2001, 5, 9)), row("North", dec=(2001, 5, 10), effect=(2001, 5, 10))]
    early = row("North", dec=(2001, 5, 1), effect=(2001, 5, 10))
    late = row("North", dec=(2001, 5, 2), end=(2001, 5, 9))

    assert [each.id for each in one(*rows)[0]][-1] == "north-declared-2"
    assert [each.id for each in one(early, late)[0]][1:3] == ["north-declared", "north-declared-2"]
    log, _ = one(rows[0], row("South", dec=(2001, 5, 9), effect=(2001, 5, 10)))
    assert bound(log, "south", "2001-05-10", "ceasefire-2")


def test_an_actor_again_before_its_other_row() -> None:
    """Rows of one actor are two ceasefires also where the later one was declared first."""
    log, _ = one(
        row("North", dec=(2001, 4, 1), effect=(2001, 6, 1)), row("North", end=(2001, 5, 9))
    )

    assert bound(log, "north", "2001-06-01")
    assert bound(log, "north", "2001-05-03", "ceasefire-2")


def test_an_actor_in_several_rows() -> None:
    """It is bound once; a row that says the same, as of another opponent, is set aside."""
    log, aside = one(
        row("North", end=NONE), row("South", end=NONE), row("North", end=NONE),
        row("North", dec=(2001, 5, 2), end=NONE),
    )  # fmt: skip

    assert len(log) == 4
    assert [each for each in aside if each[0] != "no end given"] == [
        ("repeated actor", 4, None), ("repeated actor, otherwise", 5, "cf_dec_day"),
    ]  # fmt: skip


def test_the_row_that_stands_for_a_repeated_actor_is_named() -> None:
    """With every column in which it says otherwise, but for how it spells the name."""
    first = row("North", ucdp_actor_id=12, end=NONE)
    spelt = row("The North", ucdp_actor_id=12, end=NONE)
    later = row("North", ucdp_actor_id=12, dec=(2001, 5, 2), end=(2001, 5, 9))
    imported = ceasefires([row("South", end=NONE), first, spelt, later])

    assert [str(each) for each in imported.aside if each.reason.startswith("repeated")] == [
        "row 4: row 3 says the same",
        ("row 5, column cf_dec_day: row 3 stands for it, which says otherwise: cf_dec_day, end_yr, "
         "end_month, end_day"),
    ]  # fmt: skip


def test_an_actor_that_declared_twice_and_was_never_in_effect() -> None:
    """Two declarations of different days are two statements; one of the same day is one."""
    log, aside = one(
        *(row(dec=(2001, 5, day), effect=NONE, end=NONE) for day in (1, 2, 2)),
    )

    assert [each.id for each in log] == ["north-joined", "north-declared", "north-declared-2"]
    assert aside[-1] == ("repeated actor", 4, None)


@pytest.mark.parametrize(
    ("name", "party"),
    [
        ("Government of  North (East)", "government-of-north-east"),
        ("SPL/A - M faction", "spl-a-m-faction"),
        ("People's Frénte ’80", "peoples-frente-80"),
        ("Frente 3\ufffd80", "frente-3-80"),
        ("Восток", "восток"),
        ("///", "actor"),
    ],
)
def test_party_ids_are_made_of_names(name: str, party: str) -> None:
    """They hold no white space; the whole name stands with the party."""
    state = ng.replay(one(row(name))[0])

    assert [*state.parties] == [party]
    assert state.parties[party].name == " ".join(name.split())


def test_actors_are_told_apart_by_their_numbers() -> None:
    """Two of one name have two ids; one of two names has one; without a number the name tells."""
    log, _ = one(
        row("Front", ucdp_actor_id=357), row("Front", ucdp_actor_id=361),
        row("Old Front", ucdp_actor_id="357", effect=NONE), row("", ucdp_actor_id=12),
        row("Front"),
    )  # fmt: skip

    state = ng.replay(log)
    assert {party: each.name for party, each in state.parties.items()} == {
        "front": "Front", "front-2": "Front", "actor-12": "actor 12", "front-3": "Front",
    }  # fmt: skip


def test_rows_of_one_ceasefire_may_stand_apart() -> None:
    """They are put together wherever they stand, in every order alike; each counts as a row."""
    rows = [row("North"), row("West", cf_id=8), row("South", dec=(2001, 5, 2))]
    imported = ceasefires(rows)

    assert imported.report.rows == 3
    assert {id: len(log) for id, log in imported.logs.items()} == {
        "ceasefire-900-7": 4, "ceasefire-900-8": 2,
    }  # fmt: skip
    assert ceasefires(reversed(rows)).logs == imported.logs


# Rows that cannot be read


def test_what_cannot_be_read_is_wrong() -> None:
    """All mistakes are named, by row and column; rows are numbered as lines, the head the first."""
    short = {name: value for name, value in row().items() if name != "end_day"}
    imported = ceasefires(
        [row(), row(cf_id="x", dec=(2001, "May", 1)), short, row(cc=-1), row(cc="")]
    )

    assert [(each.row, each.column, str(each)) for each in imported.aside if each.wrong] == [
        (3, "cf_id", "row 3, column cf_id: must be a whole number, not str 'x'"),
        (3, "cf_dec_month", "row 3, column cf_dec_month: must be a whole number, not str 'May'"),
        (4, "end_day", "row 4, column end_day: the row has no column end_day"),
        (6, "cc", "row 6, column cc: must have the numbers cc and cf_id"),
    ]
    assert len(imported.logs["ceasefire-900-7"]) == 2


def test_half_a_day_is_no_day() -> None:
    """A fraction is not cut off."""
    imported = ceasefires([row(dec=(2001, 5, "1.5"))])

    assert [(each.column, each.detail) for each in imported.aside if each.wrong] == [
        ("cf_dec_day", "must be a whole number, not str '1.5'")
    ]


def test_all_columns_that_a_row_lacks_are_named() -> None:
    """The row is set aside once, by the first of them."""
    short = {name: value for name, value in row().items() if not name.startswith("end_")}
    imported = ceasefires([short])

    assert [*map(str, imported.aside)] == [
        "row 2, column end_yr: the row has no column end_yr, end_month, end_day"
    ]


def test_a_duration_beyond_all_time_is_wrong() -> None:
    """No such number of days can be meant."""
    imported = ceasefires([row(fixed=1, fixed_time="9999999"), row("South", partial="x")])

    assert imported.logs == {}
    assert [each.column for each in imported.aside if each.wrong] == ["fixed_time", "partial"]


def test_a_row_that_no_record_can_hold_is_wrong() -> None:
    """What the library itself refuses is said with its reason, and none of it is made."""
    imported = ceasefires([row("\ud800"), row("South")])

    assert imported.logs == {}
    assert [(each.row, each.reason) for each in imported.aside if each.wrong] == [
        (2, "malformed row"), (3, "malformed row"),
    ]  # fmt: skip


def test_numbers_may_be_written_as_other_programs_write_them() -> None:
    """`2001.0`, as a data frame with gaps writes it, is 2001."""
    written = {name: f"{value}.0" for name, value in row().items() if name != "actor_name"}

    log, aside = one({**written, "actor_name": "North"})
    assert [each.event for each in log] == [each.event for each in one(row())[0]]
    assert aside == one(row())[1]


def test_the_same_source_twice_gives_the_same_records() -> None:
    """Ids follow from the actors, so nothing is new the second time."""
    rows = [row("North", end=(2001, 6, 1)), row("South")]
    once, again = ceasefires(rows), ceasefires(rows)

    assert once.logs == again.logs
    (log,) = once.logs.values()
    assert log.extend(again.logs["ceasefire-900-7"]) == log


# Any rows


def days() -> st.SearchStrategy[tuple[int, int, int]]:
    known = st.integers(1, 28).map(lambda day: (2001, 5, day))
    return known | known | st.sampled_from([UNKNOWN, NONE, (2001, 5, -1), (2001, -1, -1)])


any_rows = st.lists(
    st.builds(
        row, st.sampled_from(["North", "South", "East"]), days(), days(), days(),
        fixed=st.sampled_from([0, 1, -1]), fixed_time=st.sampled_from([0, 1, 3, 9, -1, "brief"]),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def known_days(cells: Mapping[str, Any]) -> tuple[date, date] | None:
    """The first and the last day of a row of which both are known and not contradicted."""
    found = []
    for prefix in ("cf_effect", "end"):
        parts = [int(cells[f"{prefix}_{part}"]) for part in ("yr", "month", "day")]
        try:
            found.append(date(*parts))
        except ValueError:
            return None
    return (found[0], found[1]) if found[0] <= found[1] else None


def holds(imported: Imported, cells: Mapping[str, Any], moment: datetime, party: str) -> bool:
    """Whether a party is bound at a moment by any truce of a row's ceasefire."""
    log = imported.logs[f"ceasefire-{cells['cc']}-{cells['cf_id']}"]
    state = ng.replay(log, as_of=moment)
    return any(in_force(state, party, moment, truce) for truce in state.truces)


@given(any_rows)
def test_any_rows_give_a_log_without_problems(rows: list[dict[str, Any]]) -> None:
    """Every row is a party that joined or is set aside, and every row's days are kept."""
    imported = ceasefires(rows)
    aside = {each.row for each in imported.aside if each.reason.startswith("repeated")}

    assert imported.report.wrong == 0
    assert all(ng.check(log) == () for log in imported.logs.values())
    for number, cells in enumerate(rows, start=2):
        span = known_days(cells)
        if span is not None and number not in aside:
            first, last = (datetime(*day.timetuple()[:3], tzinfo=UTC) for day in span)
            party = cells["actor_name"].lower()
            assert holds(imported, cells, first, party)
            assert holds(imported, cells, last + DAY - timedelta.resolution, party)


def names(cells: Mapping[str, Any], day: date) -> bool:
    """Whether a row says that its ceasefire was in effect on a day, or leaves that open."""
    start, *parts = [int(cells[f"cf_effect_{part}"]) for part in ("yr", "month", "day")]
    if min(start, *parts) < 1 or day < date(start, *parts):
        return False
    if min(ends := [int(cells[f"end_{part}"]) for part in ("yr", "month", "day")]) >= 1:
        return day <= date(*ends)
    if cells["fixed"] == 1 and str(cells["fixed_time"]) in ("1", "3", "9"):
        return day < date(start, *parts) + timedelta(days=cells["fixed_time"])
    return True


def around(cells: Mapping[str, Any]) -> set[date]:
    """The days before and after those that a row names."""
    known = {
        date(*parts)
        for prefix in ("cf_effect", "end")
        if min(parts := [int(cells[f"{prefix}_{part}"]) for part in ("yr", "month", "day")]) >= 1
    }
    return {day + timedelta(days=shift) for day in known for shift in (-1, 1, 2, 3, 9)}


@given(any_rows)
def test_nobody_is_bound_on_a_day_that_no_row_names(rows: list[dict[str, Any]]) -> None:
    """Neither before it took effect nor after the last day, whatever the other rows say."""
    for log in ceasefires(rows).logs.values():
        for day in {day for cells in rows for day in around(cells)}:
            noon = datetime(*day.timetuple()[:3], 12, tzinfo=UTC)
            state = ng.replay(log, as_of=noon)
            for party in state.parties:
                theirs = [cells for cells in rows if cells["actor_name"].lower() == party]
                held = any(in_force(state, party, noon, truce) for truce in state.truces)
                assert not held or any(names(cells, day) for cells in theirs)


# The data


@pytest.fixture(scope="module")
def table(test_data: Path) -> list[dict[str, str]]:
    with (test_data / "ceasefires_quarter.csv").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


@pytest.fixture(scope="module")
def imported(table: list[dict[str, str]]) -> Imported:
    return ceasefires(table)


def party_of(imported: Imported, cells: Mapping[str, Any]) -> str:
    """The party that a row is about, by its number, else by its name."""
    log = imported.logs[f"ceasefire-{cells['cc']}-{cells['cf_id']}"]
    numbers = {
        each.event.by: dict(each.attributes)["ucdpactorid"]  # type: ignore[union-attr]
        for each in log
        if "-declared" in each.id
    }
    named = {each.name: each.party for each in ng.replay(log).parties.values()}
    wanted = cells["ucdp_actor_id"]
    found = [party for party, number in numbers.items() if number == wanted != "-1"]
    return found[0] if found else named[" ".join(cells["actor_name"].split())]


def test_the_real_table_is_imported_whole(imported: Imported) -> None:
    """551 logs of 1,018 rows, with no problem in any of them, and nothing wrong."""
    assert imported.report.rows == 1018
    assert len(imported.logs) == 551
    assert imported.report.wrong == 0
    assert [problem for log in imported.logs.values() for problem in ng.check(log)] == []


def test_every_row_is_accounted_for(imported: Imported, table: list[dict[str, str]]) -> None:
    """Each row is the declaration of a party, or of a row that is set aside for that one."""
    declared = sum("-declared" in each.id for log in imported.logs.values() for each in log)
    repeated = sum(each.reason.startswith("repeated") for each in imported.aside)

    assert declared + repeated == 1018
    assert (declared, repeated) == (941, 77)
    assert all(party_of(imported, cells) for cells in table)
    assert dict(imported.report.aside) == {
        "unknown end": 494, "no end given": 91, "impossible end": 1,
        "unknown start": 70, "no start given": 32, "unknown declaration": 36,
        "end without a start": 15, "duration without a start": 20,
        "unknown duration": 66, "ended after its fixed duration": 122,
        "declared after it took effect": 9, "ended before it took effect": 1,
        "repeated actor": 76, "repeated actor, otherwise": 1,
    }  # fmt: skip


def test_every_known_span_is_in_force_on_its_days_and_on_no_other(
    imported: Imported, table: list[dict[str, str]]
) -> None:
    """Not the day before it took effect, on that day, on the last day, and not the day after."""
    moment, tested = timedelta.resolution, 0
    for cells in table:
        if (span := known_days(cells)) is None:
            continue
        first, last = (datetime(*day.timetuple()[:3], tzinfo=UTC) for day in span)
        party, tested = party_of(imported, cells), tested + 1
        asked = (first - DAY, first - moment, first, last, last + DAY - moment, last + DAY)
        assert [holds(imported, cells, each, party) for each in asked] == [
            False, False, True, True, True, False,
        ], cells  # fmt: skip
    assert tested == 416


def test_every_known_start_is_kept(imported: Imported, table: list[dict[str, str]]) -> None:
    """Also where the end is not known: bound on the effective day, and not before."""
    tested = 0
    for number, cells in enumerate(table, start=2):
        parts = [int(cells[f"cf_effect_{part}"]) for part in ("yr", "month", "day")]
        if min(parts) < 1 or number == 53:  # of which the end contradicts the start
            continue
        first, party = datetime(*parts, tzinfo=UTC), party_of(imported, cells)  # type: ignore[misc,arg-type]
        assert holds(imported, cells, first, party)
        assert not holds(imported, cells, first - timedelta.resolution, party)
        tested += 1
    assert tested == 915


def compared(table: list[dict[str, str]]) -> dict[str, Counter[str]]:
    """How many days longer than fixed each ceasefire was in effect, by the code of its end."""
    found: dict[str, Counter[str]] = {}
    for cells in table:
        span, days = known_days(cells), cells["fixed_time"]
        if span is None or cells["fixed"] != "1" or not days.isdigit() or days == "0":
            continue
        more = (span[1] - span[0]).days + 1 - int(days)
        group = "earlier" if more < 0 else str(more) if more < 2 else "2-5" if more < 6 else "later"
        found.setdefault(cells["ended"], Counter())[group] += 1
    return found


def as_table(figures: Mapping[str, Counter[str]]) -> str:
    """The comparison as the how-to shows it."""
    groups = ("earlier", "0", "1", "2-5", "later")
    return "\n".join(
        f"| {' | '.join((code, *(str(figures[code][group] or '–') for group in groups)))} |"
        for code in sorted(figures)
    )


def test_how_fixed_durations_compare_with_recorded_ends(
    imported: Imported, table: list[dict[str, str]]
) -> None:
    """The table of the how-to, by the code of the end; what ended later is set aside."""
    figures = compared(table)

    assert {code: dict(counted) for code, counted in figures.items()} == {
        "-1": {"earlier": 2, "0": 2, "1": 1},
        "0": {"2-5": 2},
        "1": {"0": 83, "1": 29, "2-5": 6},
        "2": {"earlier": 7, "0": 2, "1": 1, "later": 3},
        "4": {"earlier": 30, "0": 30, "1": 41, "2-5": 32, "later": 7},
    }
    assert as_table(figures) in HOW_TO.read_text(encoding="utf-8")
    longer = sum(each["1"] + each["2-5"] + each["later"] for each in figures.values())
    assert imported.report.aside["ended after its fixed duration"] == longer == 122


def test_every_declared_end_is_the_one_of_the_source(imported: Imported) -> None:
    """An actor is bound until the last of its fixed days, or until no day that is known."""
    tested = Counter[bool]()
    for log in imported.logs.values():
        state = ng.replay(log)
        for record in log:
            if isinstance(event := record.event, ng.TruceDeclared | ng.TruceJoined):
                held = state.truces[event.truce].commitments[event.by]
                days = dict(record.attributes)["fixedtime"]
                assert held.until is None or held.until == held.since + int(days) * DAY, record
                tested[held.until is None] += 1
    assert tested == {True: 620, False: 228}


def test_the_columns_that_are_needed_are_there(table: list[dict[str, str]]) -> None:
    """The table has every column without which a row cannot be read."""
    assert {*COLUMNS} <= {*table[0]}
