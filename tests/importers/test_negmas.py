"""Runs of NegMAS as logs: small runs by hand, and those that were recorded where they are."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import negotiation as ng
from examples.negmas_verdict import verdict
from negotiation.importers.common import READ, Imported, Row
from negotiation.importers.negmas_runs import START, negmas, negmas_records, of_mechanism

TWO = ("buyer", "seller")
THREE = ("buyer", "seller", "broker")
YES = "ACCEPT_OFFER"


def turn(step: int, by: str, price: int | None, *yes: str, **more: Any) -> dict[str, Any]:
    """An object of the trace: an offer of one issue, and who accepted."""
    offer = None if price is None else [price]
    responses = dict.fromkeys(yes, YES)
    return {"step": step, "negotiator": by, "offer": offer, "responses": responses, **more}


def run(
    *turns: Mapping[str, Any],
    negotiators: tuple[str, ...] = TWO,
    n_steps: Any = 9,
    final: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A row; it goes on unless `final` says how it ended."""
    ends: dict[str, Any] = {
        "agreement": None,
        "broken": False,
        "timedout": False,
        "left_negotiators": [],
    }
    return {
        "run": "r", "issues": ["price"], "n_steps": n_steps, "negotiators": [*negotiators],
        "full_trace": [*turns], "final": {**ends, **(final or {})}, **more,
    }  # fmt: skip


def one(row: Mapping[str, Any]) -> tuple[ng.Log, list[str]]:
    """The log of one run, which has no problem, and why something was set aside."""
    imported = negmas([row])
    assert imported.report.wrong == 0, imported.aside
    (log,) = imported.logs.values()
    assert ng.check(log) == ()
    return log, [each.reason for each in imported.aside]


def said(log: ng.Log) -> list[str]:
    """The talks, without those who join, the deadline and what the mechanism says."""
    told = []
    for each in log:
        event: Any = each.event
        match event:
            case ng.ProposalMade():
                countered = f" for {event.counters}" if event.counters else ""
                told.append(f"{event.by}: {event.proposal} {event.terms['price']}{countered}")
            case ng.ProposalAccepted():
                told.append(f"{event.by}: yes to {event.proposal}")
            case ng.ProposalRejected():
                told.append(f"{event.by}: no to {event.proposal}")
            case ng.ProposalWithdrawn():
                told.append(f"{event.by}: {event.proposal} no more")
            case ng.PartyWithdrew():
                told.append(f"{event.by}: leaves")
            case _:
                pass
    return told


def ended(row: Mapping[str, Any]) -> Any:
    return verdict(ng.replay(one(row)[0]))


# Two parties


def test_an_agreement() -> None:
    """Each offer counters the one that stood, and the last one is accepted."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(1, "buyer", 5, "seller"),
            final={"agreement": [5], "step": 2},
        )
    )  # fmt: skip

    assert [(each.time - START, each.event) for each in log][2:] == [
        (timedelta(seconds=2),
         ng.DeadlineSet(
             deadline="steps", by="mechanism", on=TWO, due=START + timedelta(minutes=9))),
        (timedelta(seconds=3),
         ng.ProposalMade(proposal="offer-1", by="buyer", to=["seller"], terms={"price": 3})),
        (timedelta(seconds=4),
         ng.ProposalMade(
             proposal="offer-2", by="seller", to=["buyer"], terms={"price": 8},
             counters="offer-1")),
        (timedelta(minutes=1),
         ng.ProposalMade(
             proposal="offer-3", by="buyer", to=["seller"], terms={"price": 5},
             counters="offer-2")),
        (timedelta(minutes=1, seconds=1), ng.ProposalAccepted(proposal="offer-3", by="seller")),
        (timedelta(minutes=1, seconds=2),
         ng.DeadlineMet(deadline="steps", by="mechanism", note="agreement")),
        (timedelta(minutes=1, seconds=3), ng.StatementMade(by="mechanism", text="agreement")),
    ]  # fmt: skip
    assert log.negotiation == "r"
    assert {each.correlation for each in log} == {"r"}
    assert aside == []
    assert verdict(ng.replay(log)) == ("agreement", {"price": 5})


def test_the_parties_join_with_their_names() -> None:
    """Names with white space make ids without; the mechanism's id is nobody else's."""
    log, _ = one(run(negotiators=("Agent 1", "Agent-1", " ", "mechanism")))

    state = ng.replay(log)
    assert {party: each.name for party, each in state.parties.items() if each.role} == {
        "Agent-1": "Agent 1", "Agent-1-2": "Agent-1", "negotiator": " ", "mechanism": "mechanism",
    }  # fmt: skip
    assert state.deadlines["steps"].by == "mechanism-"


def test_time_is_up_when_the_rounds_are() -> None:
    """The deadline is missed at the end of the last round, and nobody does anything for it."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(1, "buyer", 4), turn(1, "seller", None),
            n_steps=2, final={"timedout": True, "step": 2},
        )
    )  # fmt: skip

    assert said(log)[-2:] == ["buyer: offer-3 4 for offer-2", "seller: no to offer-3"]
    assert aside == ["terms not told"]
    assert log[-1].time == START + timedelta(minutes=2)
    assert ng.replay(log).deadlines["steps"].status == "missed"
    assert ng.replay(log, as_of=log[-2].time).deadlines["steps"].status == "pending"
    assert verdict(ng.replay(log)) == ("timedout", None)


@pytest.mark.parametrize("n_steps", [9, None, math.inf])
def test_time_may_be_up_before_the_rounds_are(n_steps: Any) -> None:
    """By another limit, of which it is known when it is reached: a deadline that is then missed."""
    log, _ = one(run(turn(0, "buyer", 3), n_steps=n_steps, final={"timedout": True, "step": 1}))

    assert ng.replay(log).deadlines["time"].due == START + timedelta(minutes=1)
    assert verdict(ng.replay(log)) == ("timedout", None)


def test_who_left_ended_it() -> None:
    """Of two the one that left is who ended it; the deadline is lifted."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(1, "buyer", None),
            final={"broken": True, "left_negotiators": ["seller"]},
        )
    )  # fmt: skip

    assert said(log)[-2:] == ["buyer: no to offer-2", "seller: leaves"]
    assert ng.replay(log).deadlines["steps"].status == "lifted"
    assert aside == ["terms not told"]
    assert verdict(ng.replay(log)) == ("broken", None)


def test_who_ended_it_may_not_be_told() -> None:
    """The last object of the trace names who proposed, so nobody is said to have ended it."""
    log, aside = one(run(turn(0, "buyer", None), final={"broken": True}))

    assert said(log) == []
    assert aside == ["terms not told", "ended by somebody not named"]
    assert verdict(ng.replay(log)) == ("broken", None)


def test_who_ended_it_may_be_told() -> None:
    """A live mechanism knows it; an error is a reason."""
    log, aside = one(
        run(turn(0, "buyer", 3), final={"broken": True, "ended_by": "seller", "error": True})
    )

    assert said(log)[-1] == "seller: leaves"
    assert [each.event.reason for each in log if isinstance(each.event, ng.PartyWithdrew)] == [
        "error"
    ]
    assert aside == []


def test_broken_before_anything_was_offered() -> None:
    """A run whose trace is empty is a log as well."""
    log, aside = one(run(n_steps=None, final={"broken": True, "ended_by": "buyer"}))

    assert said(log) == ["buyer: leaves"]
    assert log[-1].event == ng.StatementMade(by="mechanism", text="broken")
    assert aside == []
    assert verdict(ng.replay(log)) == ("broken", None)


def test_a_run_that_goes_on() -> None:
    """There is no verdict before its end, and nothing of the mechanism but the deadline."""
    log, _ = one(run(turn(0, "buyer", 3)))

    assert verdict(ng.replay(log)) is None
    assert len(log) == 4


def test_a_refusal_to_offer_rejects_what_stands() -> None:
    """Where a run goes on after it, the next offer counters nothing."""
    log, aside = one(run(turn(0, "buyer", 3), turn(0, "seller", None), turn(1, "buyer", 4)))

    assert said(log) == ["buyer: offer-1 3", "seller: no to offer-1", "buyer: offer-2 4"]
    assert aside == []


def test_a_refusal_of_nothing_says_nothing() -> None:
    """Where no offer stands there is none to reject."""
    log, _ = one(run(turn(0, "buyer", None), turn(0, "seller", 8)))

    assert said(log) == ["seller: offer-1 8"]


def test_a_new_offer_takes_the_place_of_one_s_own() -> None:
    """Who makes an offer while its own stands withdraws that; what the other said is not told."""
    log, aside = one(run(turn(0, "buyer", 3), turn(1, "buyer", 4)))

    assert said(log) == ["buyer: offer-1 3", "buyer: offer-1 no more", "buyer: offer-2 4"]
    assert aside == ["answers not told"]


def test_what_all_have_accepted_is_not_withdrawn() -> None:
    """Another offer of its maker stands beside it; where somebody rejected it, it is withdrawn."""
    yes, no = {"seller": YES, "broker": YES}, {"seller": YES, "broker": "REJECT_OFFER"}
    accepted, _ = one(
        run(turn(0, "buyer", 3, responses=yes), turn(1, "buyer", 4), negotiators=THREE)
    )
    rejected, _ = one(
        run(turn(0, "buyer", 3, responses=no), turn(1, "buyer", 4), negotiators=THREE)
    )

    assert said(accepted)[1:] == [
        "seller: yes to offer-1", "broker: yes to offer-1", "buyer: offer-2 4",
    ]  # fmt: skip
    assert said(rejected)[3:] == ["buyer: offer-1 no more", "buyer: offer-2 4"]


def test_a_refusal_is_no_lost_offer() -> None:
    """Only at the end of a run that is over has the trace lost what was offered."""
    turns = turn(0, "buyer", 3), turn(0, "seller", None), turn(1, "buyer", 4)

    assert one(run(*turns, final={"broken": True}))[1] == ["ended by somebody not named"]
    assert one(run(*turns[:2]))[1] == []


def test_it_ends_in_the_last_round_that_was_played() -> None:
    """Also where the trace has nothing of that round; and if time was up, nobody ended it."""
    broken, _ = one(run(turn(0, "buyer", 3), final={"broken": True, "step": 3}))
    timed_out, _ = one(run(turn(0, "buyer", 3), final={"timedout": True, "ended_by": "buyer"}))

    assert broken[-1].time == START + timedelta(minutes=2, seconds=1)
    assert said(timed_out) == ["buyer: offer-1 3"]


def test_what_is_told_beside_an_offer_is_kept() -> None:
    """Its round and the seconds since the beginning as attributes, and its text as a quote."""
    log, _ = one(run(turn(0, "buyer", 3, time=0.25, text="take\nit\x00", data={"a": 1})))

    assert dict(log[-1].attributes) == {"step": "0", "seconds": "0.25"}
    assert log[-1].quote == "take it "


def test_many_turns_in_a_round_keep_their_order() -> None:
    """However many there are, they stand in their round."""
    names = tuple(f"n{number}" for number in range(80))
    log, _ = one(run(*(turn(0, name, 1) for name in names), negotiators=names))

    assert [each.split(":")[0] for each in said(log)] == [*names]
    assert log[-1].time < START + timedelta(minutes=1)


# Three parties


def test_responses_are_those_to_the_last_offer_of_a_round() -> None:
    """They stand beside each offer of the round; that to the earlier one was to counter it."""
    log, aside = one(
        run(
            turn(0, "buyer", 9, "broker"), turn(0, "seller", 19, "broker"),
            turn(1, "buyer", 12, "broker"), turn(2, "seller", 14, "broker", "buyer"),
            negotiators=THREE, final={"agreement": [14], "step": 3},
        )
    )  # fmt: skip

    assert said(log) == [
        "buyer: offer-1 9", "seller: offer-2 19 for offer-1", "broker: yes to offer-2",
        "buyer: offer-3 12 for offer-2", "seller: offer-4 14 for offer-3",
        "broker: yes to offer-4", "buyer: yes to offer-4",
    ]  # fmt: skip
    assert aside == []
    assert verdict(ng.replay(log)) == ("agreement", {"price": 14})


def test_an_acceptance_and_then_a_counter() -> None:
    """An offer stands until the next party counters it, whoever has accepted it before."""
    log, _ = one(run(turn(0, "buyer", 9, "seller"), turn(1, "broker", 7), negotiators=THREE))

    state = ng.replay(log)
    assert state.proposals["offer-1"].answers == {"seller": "accepted", "broker": "countered"}
    assert state.proposals["offer-1"].status == "countered"


def test_who_has_accepted_counters_no_more() -> None:
    """It has answered, so its own offer stands beside the one that it accepted."""
    log, _ = one(run(turn(0, "buyer", 9, "seller"), turn(1, "seller", 7), negotiators=THREE))

    assert said(log)[-1] == "seller: offer-2 7"


def test_an_answer_that_the_trace_does_not_have() -> None:
    """Between two offers somebody had its turn; what it said is neither told nor guessed."""
    imported = negmas([run(turn(0, "buyer", 9), turn(0, "broker", 7), negotiators=THREE)])

    assert [(each.reason, each.wrong, each.column) for each in imported.aside] == [
        ("answers not told", False, "full_trace")
    ]
    assert imported.aside[0].detail == (
        "the trace does not have the answer of seller to the offer of full_trace[0]"
    )


def test_responses_to_the_last_of_three_offers() -> None:
    """They stand beside all three, and are counted on from the third alone."""
    names = (*THREE, "clerk")
    log, aside = one(
        run(*(turn(0, name, 5, "clerk") for name in THREE), turn(1, "buyer", 6), negotiators=names)
    )

    assert [each for each in said(log) if "yes" in each] == ["clerk: yes to offer-3"]
    assert aside == []


def test_responses_to_an_offer_of_another_round() -> None:
    """What stands beside an offer belongs to its round, or to the last offer of all."""
    log, aside = one(
        run(
            turn(0, "buyer", 9, "broker"), turn(1, "seller", 8, "broker"), turn(2, "buyer", 7),
            negotiators=THREE,
        )
    )  # fmt: skip

    assert said(log)[1:3] == ["seller: offer-2 8 for offer-1", "broker: yes to offer-2"]
    assert aside == ["answers not told"]


def test_responses_that_a_later_offer_does_not_have() -> None:
    """Those to the last offer of a round stand beside it as well; else they are nobody's."""
    log, aside = one(run(turn(0, "buyer", 9, "broker"), turn(0, "seller", 8), negotiators=THREE))

    assert said(log) == ["buyer: offer-1 9", "seller: offer-2 8 for offer-1"]
    assert aside == ["answers not told"]


def test_an_answer_before_somebody_ended_it() -> None:
    """Whoever had its turn before the one that ended it said something that is not told."""
    log, aside = one(
        run(turn(0, "buyer", 9), negotiators=THREE, final={"broken": True, "ended_by": "broker"})
    )

    assert said(log) == ["buyer: offer-1 9", "broker: leaves"]
    assert aside == ["answers not told"]


@pytest.mark.parametrize("name", ["broker", "buyer"])
def test_responses_that_belong_to_no_offer(name: str) -> None:
    """They are counted on from whoever offers; others are nobody's answer to this offer."""
    log, aside = one(run(turn(0, "buyer", 9, name), negotiators=THREE))

    assert said(log) == ["buyer: offer-1 9"]
    assert aside == ["answers not told"]


def test_an_answer_to_an_offer_that_is_not_told() -> None:
    """There is nothing to accept in the log, and the report says so."""
    log, aside = one(
        run(turn(0, "buyer", None, "seller"), negotiators=THREE, final={"broken": True})
    )

    assert said(log) == []
    assert aside == ["terms not told", "ended by somebody not named", "answers not told"]


def test_responses_may_be_written_down_one_by_one() -> None:
    """Then each is what it says: by name or by number; who rejects and offers next counters."""
    log, aside = one(
        run(
            turn(0, "buyer", 9, responses={"seller": 1, "broker": "REJECT_OFFER"}),
            turn(0, "seller", 8, responses={"broker": 0, "buyer": "NO_RESPONSE"}),
            turn(0, "broker", 7, responses={"buyer": "LEAVE", "seller": "WAIT"}),
            turn(1, "seller", 6, responses={"broker": "END_NEGOTIATION"}),
            turn(2, "seller", None, responses={"broker": "REJECT_OFFER"}),
            negotiators=THREE, final={"broken": True, "left_negotiators": ["buyer"]},
        )
    )  # fmt: skip

    assert said(log) == [
        "buyer: offer-1 9", "broker: no to offer-1", "seller: offer-2 8 for offer-1",
        "broker: yes to offer-2", "broker: offer-3 7", "buyer: leaves",
        "seller: offer-4 6 for offer-3", "broker: leaves",
    ]  # fmt: skip
    assert aside == ["terms not told"]


# Leaving of three


def test_the_others_go_on_when_one_has_left() -> None:
    """In the round in which it left, after those who spoke before it; it is asked no more."""
    log, aside = one(
        run(
            turn(0, "buyer", 9), turn(0, "seller", 8), turn(0, "broker", 7), turn(1, "buyer", 6),
            turn(1, "broker", 5, "buyer"), turn(2, "buyer", 4, "seller"),
            negotiators=THREE,
            final={"agreement": [4], "step": 3, "left_negotiators": ["seller"],
                   "left_at": {"seller": 1}},
        )
    )  # fmt: skip

    assert said(log)[3:] == [
        "buyer: offer-4 6 for offer-3", "seller: leaves", "broker: offer-5 5 for offer-4",
        "buyer: yes to offer-5", "buyer: offer-6 4", "broker: yes to offer-6",
    ]  # fmt: skip
    assert ng.replay(log).proposals["offer-6"].to == ("broker",)
    assert verdict(ng.replay(log)) == ("agreement", {"price": 4})
    assert aside == []


def test_responses_are_counted_past_those_who_left() -> None:
    """The trace names whoever sits next, also where it had left: it was the one after it."""
    log, aside = one(
        run(
            turn(0, "buyer", 9, "seller"), turn(1, "broker", 5),
            negotiators=("buyer", "seller", "broker", "clerk"),
            final={"left_negotiators": ["seller"], "left_at": {"seller": 0}},
        )
    )  # fmt: skip

    assert said(log) == [
        "buyer: offer-1 9", "broker: yes to offer-1", "seller: leaves", "broker: offer-2 5",
    ]  # fmt: skip
    assert aside == ["answers not told"]


def test_leaving_after_an_offer_that_the_others_agree_on() -> None:
    """The offer was made to it too, and stays open; the others have agreed all the same."""
    log, _ = one(
        run(
            turn(0, "seller", 6, "buyer"), negotiators=("seller", "broker", "buyer"),
            final={"agreement": [6], "left_negotiators": ["broker"], "left_at": {"broker": 0}},
        )
    )  # fmt: skip

    assert said(log) == ["seller: offer-1 6", "broker: leaves", "buyer: yes to offer-1"]
    assert ng.replay(log).proposals["offer-1"].status == "open"
    assert verdict(ng.replay(log)) == ("agreement", {"price": 6})


def test_who_is_left_has_not_agreed_by_somebody_s_leaving() -> None:
    """That all others have accepted already is no agreement; the last word is an acceptance."""
    row = run(
        turn(0, "buyer", 9, "seller"), negotiators=THREE,
        final={"broken": True, "left_negotiators": ["broker"], "left_at": {"broker": 0},
               "ended_by": "buyer"},
    )  # fmt: skip

    assert said(one(row)[0])[-3:] == ["seller: yes to offer-1", "broker: leaves", "buyer: leaves"]
    assert ended(row) == ("broken", None)


def test_when_somebody_left_may_not_be_told() -> None:
    """By the time of an agreement it had left, so it was without it; else it is gone at the end."""
    turns = turn(0, "buyer", 9), turn(0, "seller", 8), turn(1, "buyer", 7, "seller", "broker")
    left = {"left_negotiators": ["broker"]}
    agreed, aside = one(run(*turns, negotiators=THREE, final={"agreement": [7], **left}))
    broken, why = one(run(*turns[:2], negotiators=THREE, final={"broken": True, **left}))

    assert said(agreed)[2:] == [
        "broker: leaves", "buyer: offer-3 7 for offer-2", "seller: yes to offer-3",
    ]  # fmt: skip
    assert aside == ["time of leaving not told"]
    assert said(broken)[2:] == ["broker: leaves"]
    assert why == ["time of leaving not told", "ended by somebody not named"]


def test_when_two_left_may_not_be_told() -> None:
    """The last of the two ended it, and it is not told which that was."""
    log, aside = one(
        run(
            turn(0, "buyer", 9), negotiators=THREE,
            final={"broken": True, "left_negotiators": ["buyer", "broker"]},
        )
    )  # fmt: skip

    assert said(log)[1:] == ["buyer: leaves", "broker: leaves"]
    assert aside == ["time of leaving not told"] * 2


def test_who_speaks_later_has_not_left_yet() -> None:
    """So what it accepted before that counts, though it is not told when it left."""
    log, _ = one(
        run(
            turn(0, "buyer", 9, "seller"), turn(0, "broker", 7), turn(1, "seller", 8),
            negotiators=THREE, final={"left_negotiators": ["seller"]},
        )
    )  # fmt: skip

    assert said(log)[1] == "seller: yes to offer-1"


def test_who_may_have_left_may_not_have_accepted() -> None:
    """Without the time of leaving only those count who must be among those who accepted."""
    log, aside = one(
        run(
            turn(0, "buyer", 9, "seller", "broker"), turn(1, "clerk", 5),
            turn(1, "buyer", 6, "seller"),
            negotiators=("buyer", "seller", "broker", "clerk"),
            final={"left_negotiators": ["seller"]},
        )
    )  # fmt: skip

    assert said(log) == [
        "buyer: offer-1 9", "broker: yes to offer-1", "clerk: offer-2 5 for offer-1",
        "buyer: offer-3 6 for offer-2", "seller: leaves",
    ]  # fmt: skip
    assert aside == ["time of leaving not told", "answers not told"]


def test_who_has_left_answers_no_more() -> None:
    """An offer is not made to it, so that it has nothing to answer."""
    log, _ = one(
        run(
            turn(1, "buyer", 9, responses={"seller": YES, "broker": "NO_RESPONSE"}),
            negotiators=THREE,
            final={"left_negotiators": ["seller"], "left_at": {"seller": 0}},
        )
    )

    assert said(log) == ["seller: leaves", "buyer: offer-1 9"]


def test_an_offer_to_nobody_is_none() -> None:
    """When all others have left there is nobody to make it to."""
    log, _ = one(
        run(
            turn(0, "buyer", 9), turn(2, "buyer", 8),
            final={"left_negotiators": ["seller"], "left_at": {"seller": 1}},
        )
    )  # fmt: skip

    assert said(log) == ["buyer: offer-1 9", "seller: leaves"]


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
        ({"n_steps": 1, "final": {"step": 2}}, "n_steps"),
        ({"n_steps": 10**15}, "n_steps"),
        ({"full_trace": None}, "full_trace"),
        ({"full_trace": ["x"]}, "full_trace[0]"),
        ({"full_trace": [turn(-1, "buyer", 3)]}, "full_trace[0].step"),
        ({"full_trace": [turn(1, "buyer", 3), turn(0, "seller", 3)]}, "full_trace[1].step"),
        ({"full_trace": [turn(0, "nobody", 3)]}, "full_trace[0].negotiator"),
        ({"full_trace": [turn(0, "buyer", 3, offer=3)]}, "full_trace[0].offer"),
        ({"full_trace": [turn(0, "buyer", 3, offer=[3, 4])]}, "full_trace[0].offer"),
        ({"full_trace": [turn(0, "buyer", 3, responses=[1])]}, "full_trace[0].responses"),
        ({"full_trace": [turn(0, "buyer", 3, responses={"x": 0})]}, "full_trace[0].responses"),
        ({"full_trace": [turn(0, "buyer", 3, responses={"seller": 6})]}, "full_trace[0].responses"),
        ({"final": None}, "final"),
        ({"final": {"broken": True, "timedout": True}}, "final"),
        ({"final": {"agreement": [3]}}, "final.agreement"),
        ({"final": {"agreement": [3]}, "full_trace": [turn(0, "buyer", 4)]}, "final.agreement"),
        ({"final": {"step": "2"}}, "final.step"),
        ({"final": {"left_negotiators": "x"}}, "final.left_negotiators"),
        ({"final": {"left_negotiators": ["x"]}}, "final.left_negotiators"),
        ({"final": {"left_at": ["x"]}}, "final.left_at"),
        ({"final": {"left_at": {"buyer": "x"}}}, "final.left_at"),
        ({"final": {"ended_by": 1}}, "final.ended_by"),
    ],
)
def test_a_row_that_is_no_run_is_wrong(change: dict[str, Any], column: str) -> None:
    """The column is named, nothing is made of the row, and the rows below it are."""
    imported = negmas([{**run(), **change}, run()])

    assert [(each.row, each.column, each.wrong) for each in imported.aside] == [(1, column, True)]
    assert [*imported.logs] == ["r"]


def test_a_run_that_stands_above_is_wrong() -> None:
    """Two runs of one name would be one negotiation."""
    imported = negmas([run(), run()])

    assert str(imported.aside[0]) == "row 2, column run: stands in row 1 too: r"
    assert len(imported.logs) == 1


@pytest.mark.parametrize("verdict", ["timedout", "broken"])
def test_an_acceptance_without_an_agreement_is_wrong(verdict: str) -> None:
    """Of two, the one has agreed where it accepts, and the run cannot have ended otherwise."""
    imported = negmas([run(turn(0, "buyer", 3, "seller"), final={verdict: True})])

    assert imported.logs == {}
    assert [(each.column, each.wrong) for each in imported.aside] == [("final.agreement", True)]


def test_what_is_no_row_is_wrong() -> None:
    """It is set aside with its number, and the others are read."""
    imported = negmas([5, run()])  # type: ignore[list-item]  # that is what is tested

    assert [(each.row, each.reason, each.wrong) for each in imported.aside] == [(1, "no row", True)]
    assert [*imported.logs] == ["r"]


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


def test_rows_keep_their_own_numbers() -> None:
    """A `Row` is reported under its number, and each row is counted before what is made of it."""
    made = [*negmas_records([Row(7, {})])]

    assert made[0] is READ
    assert getattr(made[1], "row", None) == 7


def test_runs_begin_when_one_says() -> None:
    """The same run at another time is the same but for its times."""
    start = datetime(2031, 1, 1, tzinfo=UTC)
    log = negmas([run(turn(0, "buyer", 3))], start=start).logs["r"]

    assert log[0].time == start
    assert [each.id for each in log] == [each.id for each in one(run(turn(0, "buyer", 3)))[0]]


# A live mechanism


class Response(IntEnum):
    """As NegMAS has them."""

    ACCEPT_OFFER = 0


class Whole:
    """A number of another library."""

    def __init__(self, value: int) -> None:
        self.value = value

    def item(self) -> int:
        return self.value


def element(step: int, by: str, offer: Any, *yes: str) -> SimpleNamespace:
    return SimpleNamespace(
        time=0.5, step=step, negotiator=by, offer=offer, state="continuing",
        responses=dict.fromkeys(yes, Response.ACCEPT_OFFER),
    )  # fmt: skip


def mechanism(*trace: Any, **more: Any) -> SimpleNamespace:
    """Something that looks like a mechanism of two, and has no more than it must."""
    state = {"agreement": None, "broken": False, "timedout": False, "step": 1}
    has = {"negotiator_ids": ["b-1", "s-2"], "full_trace": [*trace], "n_steps": 9}
    state |= more.pop("state", {})
    return SimpleNamespace(**{**has, **more}, state=SimpleNamespace(**state))


def test_a_mechanism_is_a_row() -> None:
    """What it has is enough for a row; names go before ids where they tell apart."""
    issues = SimpleNamespace(issues=[SimpleNamespace(name="price")])
    row = of_mechanism(
        mechanism(
            element(0, "b-1", (Whole(3),), "s-2"), id="m", negotiator_names=["buyer", "seller"],
            outcome_space=issues, state={"agreement": (3,)},
        )
    )  # fmt: skip

    assert row == {
        "run": "m", "issues": ["price"], "n_steps": 9, "negotiators": ["buyer", "seller"],
        "full_trace": [
            {"time": 0.5, "step": 0, "negotiator": "buyer", "offer": [3], "state": "continuing",
             "responses": {"seller": "ACCEPT_OFFER"}, "text": None}
        ],
        "final": {"agreement": [3], "broken": False, "timedout": False, "step": 1,
                  "left_negotiators": [], "left_at": {}, "ended_by": None, "error": False},
        "offering_is_accepting": True,
    }  # fmt: skip
    assert json.loads(json.dumps(row)) == row
    assert ended(row) == ("agreement", {"price": 3})


def test_a_mechanism_without_issues() -> None:
    """Its outcomes are the values of one issue."""
    row = of_mechanism(
        mechanism(element(0, "b-1", ("deal", 3)), n_steps=math.inf, negotiator_names=["x", "x"]),
        run="mine",
    )

    assert (row["run"], row["n_steps"], row["negotiators"]) == ("mine", None, ["b-1", "s-2"])
    (offer,) = ng.replay(one(row)[0]).proposals.values()
    assert offer.terms == {"outcome": ["deal", 3]}


def test_a_mechanism_knows_what_its_trace_does_not() -> None:
    """What was offered last, in which round somebody left, and who was asked last."""
    history = [
        SimpleNamespace(step=0), SimpleNamespace(step=1, left_negotiators={"s-2"}),
        SimpleNamespace(step=2, left_negotiators={"s-2"}),
    ]  # fmt: skip
    row = of_mechanism(
        mechanism(
            element(0, "b-1", (3,)), element(2, "s-2", None), extended_trace=[
                (0, "b-1", (3,)), (1, "s-2", (4,))], history=history,
            following_negotiators=lambda: ["s-2", "b-1"],
            state={"broken": True, "left_negotiators": {"s-2"}}, params={},
        )
    )  # fmt: skip

    assert (row["full_trace"][1]["step"], row["full_trace"][1]["offer"]) == (1, [[4]])
    assert row["final"]["left_at"] == {"s-2": 1}
    assert row["final"]["left_negotiators"] == ["s-2"]
    assert row["final"]["ended_by"] == "b-1"


@pytest.mark.parametrize("offers", [[], [(0, "s-2", (3,))], [(0, "b-1", (3,)), (1, "b-1", (3,))]])
def test_an_offer_of_somebody_else_is_not_put_back(offers: list[Any]) -> None:
    """Only where both traces agree about who offered last is the one taken from the other."""
    row = of_mechanism(mechanism(element(2, "b-1", None), extended_trace=offers))

    assert (row["full_trace"][0]["step"], row["full_trace"][0]["offer"]) == (2, None)


@pytest.mark.parametrize(("erred", "by"), [("s-2", "s-2"), ("", None)])
def test_a_mechanism_that_ended_by_an_error(erred: str, by: str | None) -> None:
    """Whoever erred ended it; where nobody did, nobody is said to have."""
    state = {"broken": True, "has_error": True, "erred_negotiator": erred}
    row = of_mechanism(mechanism(state=state, following_negotiators=lambda: ["b-1"]))

    assert (row["final"]["ended_by"], row["final"]["error"]) == (by, True)


def test_a_mechanism_that_does_not_say_who_was_asked_last() -> None:
    """Then it is not known who ended it."""
    assert of_mechanism(mechanism(state={"broken": True}))["final"]["ended_by"] is None


# The runs that were recorded


@pytest.fixture(scope="module")
def rows(test_data: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((test_data / "negmas/sao_runs.json").read_bytes())
    return loaded


@pytest.fixture(scope="module")
def imported(rows: list[dict[str, Any]]) -> Imported:
    return negmas(rows)


def test_our_verdict_is_the_mechanism_s_in_every_run(
    rows: list[dict[str, Any]], imported: Imported
) -> None:
    """24 of 24: agreement on the same terms, broken, or timed out; no log has a problem."""
    assert len(rows) == len(imported.logs) == 24
    for row in rows:
        final, log = row["final"], imported.logs[row["run"]]
        expected: Any = ("broken" if final["broken"] else "timedout"), None
        if final["agreement"] is not None:
            expected = "agreement", dict(zip(row["issues"], final["agreement"], strict=True))
        assert verdict(ng.replay(log)) == expected
        assert ng.check(log) == ()


def test_every_turn_is_an_offer_or_is_set_aside(
    rows: list[dict[str, Any]], imported: Imported
) -> None:
    """398 offers, of 6 of which the trace does not have the terms."""
    assert sum(len(row["full_trace"]) for row in rows) == 398
    assert imported.report.events["ProposalMade"] == 392
    assert imported.report.wrong == 0
    assert dict(imported.report.aside) == {
        "terms not told": 6, "answers not told": 3, "ended by somebody not named": 2,
    }  # fmt: skip


def test_an_agreement_is_accepted_by_all(imported: Imported) -> None:
    """Its offer is the only one that is accepted, and it is the last; in a run without, none is."""
    for log in imported.logs.values():
        accepted = [each for each in ng.replay(log).proposals.values() if each.status == "accepted"]
        offers = [each.event for each in log if isinstance(each.event, ng.ProposalMade)]
        agreed = isinstance(log[-2].event, ng.DeadlineMet)
        assert [each.id for each in accepted] == ([offers[-1].proposal] if agreed else [])
