"""Dialogues of CaSiNo as logs: small ones by hand, and the data where it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import negotiation as ng
from examples.casino_points import points
from negotiation.importers.casino_dialogues import casino
from negotiation.importers.common import START, Imported

ANN = {"High": "Water", "Medium": "Food", "Low": "Firewood"}
BEN = {"High": "Food", "Medium": "Firewood", "Low": "Water"}


def turn(by: str, text: Any, task: Any = None) -> dict[str, Any]:
    return {"id": by, "text": text, "task_data": task or {}}


def submit(by: str, water: int | str, food: int | str, firewood: int | str) -> dict[str, Any]:
    """A deal as its submitter sees it: what it gets, and that the other gets the rest of three."""
    get = dict(zip(("Water", "Food", "Firewood"), map(str, (water, food, firewood)), strict=True))
    rest = {issue: 3 - int(count) for issue, count in get.items()}
    return turn(by, "Submit-Deal", {"issue2youget": get, "issue2theyget": rest})


def dialogue(*turns: Any, **more: Any) -> dict[str, Any]:
    people = {"ann": {"value2issue": ANN}, "ben": {"value2issue": BEN}}
    return {"dialogue_id": 7, "chat_logs": [*turns], "participant_info": people, **more}


def one(*turns: Any) -> ng.Log:
    """The log of one dialogue, which has no problem and nothing set aside."""
    imported = casino([dialogue(*turns)])
    assert imported.aside == ()
    (log,) = imported.logs.values()
    assert ng.check(log) == ()
    return log


def scored(*turns: Any) -> tuple[int | None, int | None]:
    state = ng.replay(one(*turns))
    return points(state, "ann"), points(state, "ben")


# What is said


def test_a_dialogue_is_a_negotiation() -> None:
    """Both join, what each was told to care for is a preference, and turns follow in order."""
    log = one(turn("ann", "I get thirsty"), submit("ben", 0, 3, 2), turn("ann", "Accept-Deal"))

    shares = {
        "ben": {"Water": 0, "Food": 3, "Firewood": 2},
        "ann": {"Water": 3, "Food": 0, "Firewood": 1},
    }
    assert log.negotiation == "casino-7"
    assert [each.event for each in log] == [
        ng.PartyJoined(party="ann", role="principal"),
        *(stated("ann", issue, level) for level, issue in ANN.items()),
        ng.PartyJoined(party="ben", role="principal"),
        *(stated("ben", issue, level) for level, issue in BEN.items()),
        ng.StatementMade(by="ann", text="I get thirsty"),
        ng.ProposalMade(proposal="deal-1", by="ben", to=["ann"], terms=shares),
        ng.ProposalAccepted(proposal="deal-1", by="ann"),
    ]
    assert [each.time - START for each in log] == [timedelta(seconds=n) for n in range(11)]
    assert [each.id for each in log] == [f"e{n}" for n in range(1, 12)]
    assert {each.correlation for each in log} == {"dialogue 7"}


def stated(by: str, issue: str, level: str) -> ng.PositionStated:
    return ng.PositionStated(by=by, issue=issue, value=level, firmness="preference")


def test_parties_join_in_the_order_of_the_source() -> None:
    """Whatever their names."""
    people = {"zoe": {"value2issue": ANN}, "ben": {"value2issue": BEN}}
    (log,) = casino([dialogue(participant_info=people)]).logs.values()

    joined = (each.event for each in log if isinstance(each.event, ng.PartyJoined))
    assert [event.party for event in joined] == ["zoe", "ben"]


def test_priorities_are_private() -> None:
    """Neither party knows what the other was told to care for."""
    log = one()

    assert {*ng.replay(log, known_to="ann").parties["ann"].positions} == {*ANN.values()}
    assert ng.replay(log, known_to="ann").parties["ben"].positions == {}


def test_deals_are_answered_by_the_other() -> None:
    """Reject and accept are of the deal that the other submitted last."""
    state = ng.replay(
        one(
            submit("ann", 3, 3, 3), turn("ben", "Reject-Deal"), submit("ben", 1, 1, 1),
            turn("ann", "Reject-Deal"), submit("ann", 2, 1, 1), turn("ben", "Accept-Deal"),
        )
    )  # fmt: skip

    assert {id: each.status for id, each in state.proposals.items()} == {
        "deal-1": "rejected", "deal-2": "rejected", "deal-3": "accepted",
    }  # fmt: skip


def test_who_walks_away_is_named() -> None:
    """It is whoever pressed the button; the other stays."""
    state = ng.replay(one(turn("ben", "Walk-Away")))

    assert {party: each.status for party, each in state.parties.items()} == {
        "ann": "active", "ben": "withdrawn",
    }  # fmt: skip


# Points


def test_points_are_packages_by_priority() -> None:
    """Worked by hand: ann has 2 water, 1 food, 1 firewood: 10 + 4 + 3; ben 1, 2, 2: 3 + 10 + 8."""
    assert scored(submit("ann", 2, 1, 1), turn("ben", "Accept-Deal")) == (17, 21)


def test_a_party_can_work_out_its_own_points() -> None:
    """Its own knowledge is enough for them."""
    log = one(submit("ann", 2, 1, 1), turn("ben", "Accept-Deal"))

    assert points(ng.replay(log, known_to="ben"), "ben") == 21


@pytest.mark.parametrize("party", ["ann", "ben"])
def test_a_walk_away_gives_both_five(party: str) -> None:
    """Whoever it is that walks away."""
    assert scored(submit("ann", 2, 1, 1), turn(party, "Walk-Away")) == (5, 5)


def test_points_are_worked_out_by_who_knows_the_priorities() -> None:
    """What the other was told to care for is not known, and no part of a sum is given for it."""
    log = one(submit("ann", 2, 1, 1), turn("ben", "Accept-Deal"))

    with pytest.raises(ValueError, match="what ann was told to care for is not known"):
        points(ng.replay(log, known_to="ben"), "ann")


def test_there_are_no_points_before_the_end() -> None:
    """An open deal is worth nothing yet."""
    assert scored(submit("ann", 2, 1, 1)) == (None, None)


# Rows that are wrong


def levels(**changed: Any) -> dict[str, Any]:
    """Parties of whom ben was told something else than usual."""
    return people(ben={"value2issue": {**BEN, **changed}})


def people(**changed: Any) -> dict[str, Any]:
    return {"ann": {"value2issue": ANN}, "ben": {"value2issue": BEN}} | changed


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"dialogue_id": [7]}, "dialogue_id"),
        ({"dialogue_id": True}, "dialogue_id"),
        ({"dialogue_id": " "}, "dialogue_id"),
        ({"participant_info": []}, "participant_info"),
        ({"participant_info": people(eve={})}, "participant_info"),
        ({"participant_info": people(ben=None)}, "participant_info.ben.value2issue"),
        ({"participant_info": people(ben={})}, "participant_info.ben.value2issue"),
        ({"participant_info": people(ben={"value2issue": {"High": "Food"}})},
         "participant_info.ben.value2issue"),
        ({"participant_info": people(ben={"value2issue": {**BEN, "None": "Wine"}})},
         "participant_info.ben.value2issue"),
        ({"participant_info": levels(Low="Food")}, "participant_info.ben.value2issue"),
        ({"participant_info": levels(Low="Beer")}, "participant_info.ben.value2issue"),
        ({"participant_info": levels(Low=["Water"])}, "participant_info.ben.value2issue"),
        ({"participant_info": levels(Low=7)}, "participant_info.ben.value2issue"),
        ({"chat_logs": None}, "chat_logs"),
        ({"chat_logs": ["hello"]}, "chat_logs[0]"),
        ({"chat_logs": [turn("eve", "hello")]}, "chat_logs[0]"),
        ({"chat_logs": [turn("ann", "Accept-Deal")]}, "chat_logs[0]"),
        ({"chat_logs": [submit("ann", 2, 1, 1), turn("ann", "Accept-Deal")]}, "chat_logs[1]"),
        ({"chat_logs": [turn("ann", None)]}, None),
    ],
)  # fmt: skip
def test_what_is_no_dialogue_is_wrong(change: Mapping[str, Any], column: str | None) -> None:
    """The part is named, nothing is made of the dialogue, and the others are read."""
    imported = casino([{**dialogue(), **change}, dialogue()])

    assert [(each.row, each.wrong, each.column) for each in imported.aside] == [(1, True, column)]
    assert [*imported.logs] == ["casino-7"]


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"participant_info": []}, "must be an object of two parties"),
        ({"participant_info": people(ben={})},
         "must name an issue for each of High, Medium, Low"),
        ({"chat_logs": None}, "must be a list of turns, not nothing"),
        ({"chat_logs": [turn("eve", "hello")]}, "must be what one of ann, ben wrote"),
    ],
    ids=["parties", "levels", "turns", "writer"],
)  # fmt: skip
def test_what_would_be_right_is_told(change: Mapping[str, Any], detail: str) -> None:
    """With what is there, where that is short."""
    assert [each.detail for each in casino([{**dialogue(), **change}]).aside] == [detail]


@pytest.mark.parametrize("text", ["Accept-Deal", None], ids=["no deal", "no text"])
def test_a_dialogue_that_is_wrong_is_kept_with_its_reason(text: Any) -> None:
    """It is set aside whole, under one reason, whether the importer or the library refuses it."""
    row = dialogue(turn("ann", text))
    imported = casino([row])

    assert [(each.reason, each.cells) for each in imported.aside] == [("malformed dialogue", row)]


def test_who_answered_nothing_is_named() -> None:
    """The party that pressed the button, and which one it was."""
    (aside,) = casino([dialogue(submit("ann", 2, 1, 1), turn("ann", "Reject-Deal"))]).aside

    assert aside.detail == "Reject-Deal of ann, to whom nothing was submitted"


def test_the_parties_care_for_the_same_issues() -> None:
    """No deal shares out what only one of them was told of."""
    (told,) = casino([dialogue(participant_info=levels(Low="Beer"))]).aside

    assert told.detail == "must name the issues of ann: Firewood, Food, Water"


# Deals that do not share out everything


def deal(youget: Any = None, theyget: Any = None) -> dict[str, Any]:
    """A deal of ann's, by what she gets and ben gets; without either, as they would do."""
    whole = submit("ann", 2, 1, 1)["task_data"]
    return turn("ann", "Submit-Deal", {
        "issue2youget": whole["issue2youget"] if youget is None else youget,
        "issue2theyget": whole["issue2theyget"] if theyget is None else theyget,
    })  # fmt: skip


def others(**shares: Any) -> dict[str, Any]:
    """What ben gets, but for this."""
    return {"Water": 1, "Food": 2, "Firewood": 2, **shares}


INCOMPLETE = [
    (turn("ann", "Submit-Deal"), ".issue2youget"),
    (turn("ann", "Submit-Deal", 7), ".issue2youget"),
    (deal(youget={}, theyget={}), ".issue2youget"),
    (deal(youget=["3"]), ".issue2youget"),
    (deal(youget={"Food": "3"}, theyget={"Food": "0"}), ".issue2youget"),
    (deal(theyget={"Food": "2", "Water": "1"}), ".issue2theyget"),
    (deal(theyget=others(Beer="0")), ".issue2theyget"),
    (deal(theyget=others(Food="3")), ""),
    (deal(theyget=others(Food="1")), ""),
    *(
        (deal(theyget=others(Food=count)), ".issue2theyget.Food")
        for count in ("", "-1", "1.5", "²", "9999999999", None, -1, 2.0, True)
    ),
]
"""Deals of which no points come, and in which part of them that shows."""


@pytest.mark.parametrize(("submitted", "column"), INCOMPLETE)
def test_a_deal_that_was_accepted_shares_out_everything(submitted: Any, column: str) -> None:
    """Else the dialogue is set aside whole, where the deal stands that no points come of."""
    imported = casino([dialogue(submitted, turn("ben", "Accept-Deal"))])

    (aside,) = imported.aside
    assert aside.column == f"chat_logs[0].task_data{column}"
    assert aside.detail.endswith(": the deal was accepted")
    assert imported.logs == {}


@pytest.mark.parametrize("submitted", [each for each, _ in INCOMPLETE])
@pytest.mark.parametrize("answer", [[], [turn("ben", "Reject-Deal")]])
def test_a_deal_that_was_not_accepted_is_what_was_submitted(submitted: Any, answer: Any) -> None:
    """No points depend on it, so those of the dialogue are what they are."""
    assert scored(submitted, *answer, submit("ann", 2, 1, 1), turn("ben", "Accept-Deal")) == (
        17, 21,
    )  # fmt: skip
    assert scored(submitted, *answer, turn("ben", "Walk-Away")) == (5, 5)


def test_the_terms_of_a_deal_are_those_that_it_has() -> None:
    """Numbers are numbers, and what is missing or none of them stays so."""
    log = one(
        deal(theyget=others(Food="")), deal(youget={"Food": "9"}), turn("ann", "Submit-Deal"),
    )  # fmt: skip
    usual = {"Water": 2, "Food": 1, "Firewood": 1}

    assert [each.terms for each in ng.replay(log).proposals.values()] == [
        {"ann": usual, "ben": {"Water": 1, "Food": "", "Firewood": 2}},
        {"ann": {"Food": 9}, "ben": {"Water": 1, "Food": 2, "Firewood": 2}},
        {},
    ]


def test_a_deal_that_shares_out_too_much() -> None:
    """What is wrong with it is said as the source has it."""
    (aside,) = casino([dialogue(deal(theyget=others(Food="3")), turn("ben", "Accept-Deal"))]).aside

    assert aside.detail == ("must share out 3 packages of Food, not 1 and 3: the deal was accepted")


# Dialogues without an id


def unnamed(*turns: Any) -> dict[str, Any]:
    found = dialogue(*turns)
    del found["dialogue_id"]
    return found


def test_a_dialogue_without_an_id_is_named_by_what_it_says() -> None:
    """It has the same log wherever it stands, whenever it begins; a copy of it adds nothing."""
    first, second = unnamed(turn("ann", "Hello")), unnamed(turn("ann", "Good day"))
    imported = casino([first, dialogue(), second, first])

    assert imported.aside == ()
    assert [*imported.logs] == [
        "casino-content-6efb35d525f9b925", "casino-7", "casino-content-ebc9f132c974d820",
    ]  # fmt: skip
    assert casino([second, {**first, "dialogue_id": None}, dialogue()]).logs == imported.logs
    later = casino([second], start=datetime(2031, 1, 1, tzinfo=UTC))
    assert [*later.logs] == ["casino-content-ebc9f132c974d820"]


def test_the_name_of_a_dialogue_depends_on_what_is_read_alone() -> None:
    """Other editions of the corpus write numbers as numbers, and have more in every turn."""
    plain = submit("ann", 2, 1, 1)
    task = {name: {**shares} for name, shares in plain["task_data"].items()}
    task["issue2youget"] = {issue: int(n) for issue, n in reversed(task["issue2youget"].items())}
    rows = [unnamed(plain), {**unnamed({**plain, "task_data": {**task, "data": ""}}), "more": 1}]

    assert len(casino(rows).logs) == 1


# Rows


def test_dialogues_begin_in_2000_where_nobody_says() -> None:
    """A moment that is the same every time, so that a second import makes the same records."""
    assert casino([dialogue()]).logs["casino-7"][0].time == datetime(2000, 1, 1, tzinfo=UTC)


def test_dialogues_begin_when_one_says() -> None:
    """The source tells no times, so turn 0 stands at `start`."""
    start = datetime(2031, 1, 1, tzinfo=UTC)

    assert casino([dialogue()], start=start).logs["casino-7"][0].time == start


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (datetime(2031, 1, 1), "start must have a time zone; 2031-01-01T00:00:00 has none"),  # noqa: DTZ001  # that is what is tested
        ("2031-01-01", "start must be a datetime with a time zone, not str '2031-01-01'"),
    ],
)
def test_dialogues_begin_at_a_moment(start: Any, reason: str) -> None:
    """What is none is refused once, and not of every dialogue."""
    with pytest.raises(ng.InvalidTime) as refused:
        casino([dialogue(), dialogue()], start=start)
    assert str(refused.value) == reason


def test_turns_beyond_all_time_are_wrong() -> None:
    """A start so late is told of the dialogue that does not fit."""
    imported = casino([dialogue()], start=datetime.max.replace(tzinfo=UTC))

    assert imported.aside[0].wrong
    assert imported.aside[0].column == "chat_logs"
    assert "its turns end beyond all time" in imported.aside[0].detail


def test_an_id_that_another_dialogue_has_is_wrong() -> None:
    """The second is set aside whole where it says something else; a second copy adds nothing."""
    imported = casino([dialogue(), dialogue(turn("ann", "Hello")), dialogue()])

    assert [*map(str, imported.aside)] == [
        "row 2, column dialogue_id: row 1 has this id, and says something else"
    ]
    assert imported.report.wrong == 1
    assert len(imported.logs["casino-7"]) == 8


# The data


@pytest.fixture(scope="module")
def rows(test_data: Path) -> list[dict[str, Any]]:
    files = (test_data / f"casino/casino_{name}.json" for name in ("valid", "test"))
    return [row for file in files for row in json.loads(file.read_bytes())]


@pytest.fixture(scope="module")
def imported(rows: list[dict[str, Any]]) -> Imported:
    return casino(rows)


def test_points_are_those_that_were_recorded(
    rows: list[dict[str, Any]], imported: Imported
) -> None:
    """For both parties of 130 of 130 dialogues, with no problem in any log, and nothing aside."""
    assert len(rows) == len(imported.logs) == imported.report.rows == 130
    assert imported.aside == ()
    for row in rows:
        log = imported.logs[f"casino-{row['dialogue_id']}"]
        assert ng.check(log) == ()
        for party, about in row["participant_info"].items():
            recorded = about["outcomes"]["points_scored"]
            assert points(ng.replay(log), party) == recorded
            assert points(ng.replay(log, known_to=party), party) == recorded


def test_every_turn_is_a_record(rows: list[dict[str, Any]], imported: Imported) -> None:
    """And so is each party's joining, and each of its three priorities."""
    for row in rows:
        log = imported.logs[f"casino-{row['dialogue_id']}"]
        assert len(log) == 8 + len(row["chat_logs"])
