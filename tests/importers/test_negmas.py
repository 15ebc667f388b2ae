"""Runs of NegMAS as logs: small runs by hand, and those that were recorded where they are."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

import negotiation as ng
from examples.negmas_verdict import verdict
from negotiation.importers.common import START, Imported
from negotiation.importers.negmas_live import of_mechanism
from negotiation.importers.negmas_runs import negmas
from tests.importers.negmas_kit import THREE, TWO, YES, ended, one, run, said, turn

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
    assert [each.id for each in log] == [f"e{number}" for number in range(1, len(log) + 1)]
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


def test_the_mechanism_s_id_is_not_that_of_a_name_with_white_space() -> None:
    """What counts is the id that is made of the name."""
    log, _ = one(run(negotiators=(" mechanism", "buyer")))

    assert [each.event.by for each in log if isinstance(each.event, ng.DeadlineSet)] == [
        "mechanism-"
    ]


def test_names_that_would_make_one_id_are_numbered() -> None:
    """From the second one on, in their order."""
    log, _ = one(run(negotiators=("a b", "a-b", "a\tb", "a  b")))

    assert [each.event.party for each in log if isinstance(each.event, ng.PartyJoined)] == [
        "a-b", "a-b-2", "a-b-3", "a-b-4",
    ]  # fmt: skip


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

    limit = ng.replay(log).deadlines["time"]
    assert (limit.due, limit.on, limit.by) == (START + timedelta(minutes=1), TWO, "mechanism")
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


@pytest.mark.parametrize("names", [TWO, THREE])
@pytest.mark.parametrize("n_steps", [5, None])
@pytest.mark.parametrize("by", ["broker", "seller", None])
def test_it_is_broken_however_it_was_limited(
    names: tuple[str, ...], n_steps: int | None, by: str | None
) -> None:
    """Also without a number of rounds, and whether it is told or not who ended it."""
    last = turn(0, "seller", None) if names == THREE else turn(1, "buyer", None)
    by = by if by in names else None
    row = run(
        turn(0, "buyer", 3), last, negotiators=names, n_steps=n_steps,
        final={"broken": True, "ended_by": by},
    )  # fmt: skip

    assert ended(row) == ("broken", None)
    assert [each for each in said(one(row)[0]) if "leaves" in each] == [f"{by}: leaves"] * bool(by)


@pytest.mark.parametrize(
    ("turns", "n_steps", "final", "expected"),
    [
        ([turn(0, "buyer", 3)], 9, {"broken": True},
         ng.DeadlineLifted(deadline="steps", by="mechanism", reason="broken")),
        ([turn(0, "buyer", 3, "seller")], 9, {"agreement": [3]},
         ng.DeadlineMet(deadline="steps", by="mechanism", note="agreement")),
        ([turn(0, "buyer", 3)], None, {"broken": True},
         ng.MeetingCancelled(meeting="talks", by="mechanism", reason="broken")),
        ([turn(0, "buyer", 3, "seller")], None, {"agreement": [3]},
         ng.MeetingHeld(meeting="talks", parties=TWO)),
    ],
    ids=["lifted", "met", "cancelled", "held"],
)  # fmt: skip
def test_what_becomes_of_the_talks_says_why(
    turns: Any, n_steps: Any, final: dict[str, Any], expected: ng.AnyEvent
) -> None:
    """The mechanism's own word for the end is the reason, and a statement of it the last record."""
    log, _ = one(run(*turns, n_steps=n_steps, final=final))

    (word,) = final
    assert [each.event for each in log][-2:] == [
        expected, ng.StatementMade(by="mechanism", text=word),
    ]  # fmt: skip


def test_talks_without_a_number_of_rounds_are_a_meeting() -> None:
    """Which is held, or cancelled where it breaks up; while it goes on neither."""

    def talks(*turns: Any, **final: Any) -> ng.Meeting:
        log, _ = one(run(turn(0, "buyer", 3), *turns, n_steps=None, final=final))
        assert "steps" not in ng.replay(log).deadlines
        return ng.replay(log).meetings["talks"]

    assert (talks().status, talks().by, talks().starts) == ("scheduled", "mechanism", START)
    assert talks().parties == TWO
    assert talks(turn(0, "seller", None), broken=True).status == "cancelled"
    assert talks(turn(0, "seller", None), timedout=True).status == "held"
    assert talks(turn(1, "seller", 4, "buyer"), agreement=[4]).status == "held"


def test_broken_before_anything_was_offered() -> None:
    """A run whose trace is empty is a log as well."""
    log, aside = one(run(n_steps=None, final={"broken": True, "ended_by": "buyer"}))

    assert said(log) == ["buyer: leaves"]
    assert log[-1].event == ng.StatementMade(by="mechanism", text="broken")
    assert aside == []
    assert verdict(ng.replay(log)) == ("broken", None)


def test_who_left_before_anything_was_offered() -> None:
    """In the order of the turns, also where no round was completed; the last one ended it."""
    log, aside = one(
        run(
            negotiators=THREE,
            final={"broken": True, "step": 0, "left_negotiators": ["broker", "buyer"],
                   "left_at": {"buyer": 0}},
        )
    )  # fmt: skip

    assert said(log) == ["buyer: leaves", "broker: leaves"]
    assert aside == []


def test_an_acceptance_in_a_run_that_goes_on() -> None:
    """It is none of a mistake: the end of the run is not written yet."""
    log, aside = one(run(turn(0, "buyer", 3, "seller")))

    assert said(log) == ["buyer: offer-1 3", "seller: yes to offer-1"]
    assert aside == []


def test_an_acceptance_of_what_is_not_told() -> None:
    """It cannot be held against the end, so such a run is none of a mistake."""
    _, aside = one(run(turn(0, "buyer", None, "seller"), final={"broken": True}))

    assert aside == ["terms not told", "ended by somebody not named", "answers not told"]


def test_a_run_that_goes_on() -> None:
    """There is no verdict before its end, and nothing of the mechanism but the deadline."""
    log, _ = one(run(turn(0, "buyer", 3)))

    assert verdict(ng.replay(log)) is None
    assert len(log) == 4


def test_a_refusal_to_offer_rejects_what_stands() -> None:
    """Where a run goes on after it, the next offer counters nothing."""
    log, aside = one(
        run(turn(0, "buyer", 3), turn(0, "seller", None), turn(1, "buyer", 4), turn(1, "seller", 5))
    )

    assert said(log)[:3] == ["buyer: offer-1 3", "seller: no to offer-1", "buyer: offer-2 4"]
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


@pytest.mark.parametrize("seller", [YES, "REJECT_OFFER"])
@pytest.mark.parametrize("broker", [YES, "REJECT_OFFER", "NO_RESPONSE"])
def test_what_not_all_have_accepted_is_withdrawn(seller: str, broker: str) -> None:
    """Whoever rejected it or was silent, and in whatever order."""
    responses = {"seller": seller, "broker": broker}
    log, _ = one(
        run(
            turn(0, "buyer", 3, responses=responses), turn(1, "buyer", 4), negotiators=THREE,
        )
    )  # fmt: skip

    assert ("buyer: offer-1 no more" in said(log)) is not (seller == broker == YES)


def test_a_refusal_is_no_lost_offer() -> None:
    """Only at the end of a run that is over has the trace lost what was offered, if it was."""
    turns = turn(0, "buyer", 3), turn(0, "seller", None)
    lost, refused = turn(1, "buyer", None), turn(1, "buyer", None, offered=1, refused=True)

    assert one(run(*turns))[1] == []
    assert one(run(*turns, lost, final={"broken": True, "ended_by": "seller"}))[1] == [
        "terms not told"
    ]
    assert one(run(*turns, refused, final={"broken": True, "ended_by": "seller"}))[1] == []


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


@pytest.mark.parametrize("text", ["", None, 5])
def test_what_is_no_text_is_no_quote(text: Any) -> None:
    """An offer without words has none, and one that was made at once has its moment."""
    log, _ = one(run(turn(0, "buyer", 3, time=0.0, text=text)))

    assert log[-1].quote is None
    assert dict(log[-1].attributes) == {"step": "0", "seconds": "0.0"}


def test_many_turns_in_a_round_keep_their_order() -> None:
    """However many there are, they stand in their round."""
    names = tuple(f"n{number}" for number in range(80))
    log, _ = one(run(*(turn(0, name, 1) for name in names), negotiators=names))

    assert [each.split(":")[0] for each in said(log)] == [*names]
    assert log[-1].time < START + timedelta(minutes=1)


def test_the_last_of_many_offers_of_a_moment_is_the_one_that_counts() -> None:
    """They are in the order of their numbers, and not of the digits of these."""
    names = tuple(f"n{number}" for number in range(80))
    turns = [turn(0, name, 1) for name in names[:-1]]
    last = turn(0, names[-1], 2, *names[:-1])

    assert ended(run(*turns, last, negotiators=names, final={"agreement": [2]})) == (
        "agreement", {"price": 2},
    )  # fmt: skip


def test_a_run_may_have_a_number_for_a_name() -> None:
    """The negotiation is called by its digits."""
    assert [*negmas([run(run=7)]).logs] == ["7"]


def test_rounds_are_counted_by_the_trace_where_nothing_else_tells() -> None:
    """Round 2 is the third, and time was up at its end."""
    log, _ = one(run(turn(2, "buyer", 3), n_steps=None, final={"timedout": True}))

    assert ng.replay(log).deadlines["time"].due == START + timedelta(minutes=3)


def test_what_is_null_or_not_there_says_nothing() -> None:
    """As in a row where nobody answered and nobody left."""
    full = run(turn(0, "buyer", 3), final={"step": 1, "left_at": {}, "ended_by": None})
    null = run(turn(0, "buyer", 3, responses=None))
    null["final"] |= {"left_negotiators": None, "left_at": None, "asked_last": None}
    bare = run({"step": 0, "negotiator": "buyer", "offer": [3]})
    bare["final"] = {}

    assert one(null) == one(bare) == one(full)


def test_a_row_may_be_made_of_other_lists_and_mappings() -> None:
    """Of tuples and of whatever maps, as programs have them."""
    row = run(turn(0, "buyer", 3, "seller"), final={"agreement": [3]})
    other = MappingProxyType(
        {
            **row, "issues": ("price",), "negotiators": TWO,
            "full_trace": (
                MappingProxyType(
                    turn(0, "buyer", 3, offer=(3,), responses=MappingProxyType({"seller": YES}))
                ),
            ),
            "final": MappingProxyType({"agreement": (3,)}),
        }
    )  # fmt: skip

    assert one(other) == one(row)


# What is not told


@pytest.mark.parametrize(
    ("row", "places"),
    [
        (run(turn(0, "buyer", None), final={"broken": True}),
         [("terms not told", "full_trace[0].offer"),
          ("ended by somebody not named", "final.broken")]),
        (run(turn(0, "buyer", 9), turn(0, "broker", 7), negotiators=THREE),
         [("answers not told", "full_trace")]),
        (run(turn(0, "buyer", 9), negotiators=THREE, n_steps=1,
             final={"timedout": True, "left_negotiators": ["broker"]}),
         [("time of leaving not told", "final.left_negotiators"),
          ("answers not told", "full_trace")]),
        (run(turn(0, "buyer", 3), turn(2, "seller", 8, "buyer"), final={"agreement": [8]}),
         [("round not told", "full_trace[1].step"), ("answers not told", "full_trace")]),
        (run(offering_is_accepting=False), [("offers do not bind", "offering_is_accepting")]),
    ],
    ids=["terms", "answers", "leaving", "round", "binding"],
)  # fmt: skip
def test_what_the_source_does_not_tell_is_set_aside_by_its_place(
    row: dict[str, Any], places: list[tuple[str, str]]
) -> None:
    """It is not wrong; the row, its number and the part of it that does not tell are named."""
    imported = negmas([run(run="above"), row])

    assert [(each.reason, each.column) for each in imported.aside] == places
    assert {(each.row, each.wrong) for each in imported.aside} == {(2, False)}
    assert all(each.cells == row for each in imported.aside)


def test_what_is_not_told_is_said_in_words() -> None:
    """Of whom the answers are missing, to which offers, and whose offer it was."""
    imported = negmas(
        [
            run(
                turn(0, "buyer", 9), turn(0, "clerk", 7), turn(1, "broker", None, "clerk"),
                negotiators=(*THREE, "clerk"), final={"broken": True, "ended_by": "clerk"},
            )
        ]
    )  # fmt: skip

    assert [each.detail for each in imported.aside] == [
        "broker made an offer, and the trace no longer has it",
        ("the trace does not have the answer of seller to the offer of full_trace[0], broker to "
         "the offer of full_trace[0], buyer to the offer of full_trace[1], seller to the offer of "
         "full_trace[1], clerk to the offer of full_trace[2], which is not told"),
    ]  # fmt: skip


def test_who_left_at_a_time_that_is_not_told_is_named() -> None:
    """Each of them on its own."""
    left = ["buyer", "broker"]
    imported = negmas([run(negotiators=THREE, final={"timedout": True, "left_negotiators": left})])

    assert [each.detail for each in imported.aside] == [
        f"{party} left, and it is not told when: at the latest here" for party in left
    ]


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

    def __int__(self) -> int:
        return self.value

    def __bool__(self) -> bool:
        return self.value != 0

    def __str__(self) -> str:
        return str(self.value)


def element(step: Any, by: str, offer: Any, *yes: str) -> SimpleNamespace:
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


class Running(SimpleNamespace):
    """A mechanism that goes on whenever somebody goes through it."""

    def __iter__(self) -> Any:
        raise AssertionError("it is run")


def test_a_mechanism_may_stand_for_its_row() -> None:
    """It is asked for what it has, and not run."""
    had = mechanism(element(0, "b-1", (3,), "s-2"), state={"agreement": (3,)})
    going: Any = Running(**vars(had))

    assert negmas(going) == negmas([of_mechanism(had)])
    assert negmas(going).report.rows == 1


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
        "offering_is_accepting": True, "one_offer_per_step": False,
    }  # fmt: skip
    assert json.loads(json.dumps(row)) == row
    assert ended(row) == ("agreement", {"price": 3})


def test_a_mechanism_says_whether_its_offers_bind() -> None:
    """Where they do not, its run is set aside as that of a row is."""
    row = of_mechanism(mechanism(params={"offering_is_accepting": False}))

    assert row["offering_is_accepting"] is False
    assert negmas([row]).report.aside == {"offers do not bind": 1}


def test_a_mechanism_says_whether_a_round_is_one_turn() -> None:
    """Its row does too, so that an acceptance stands in the round after the offer."""
    row = of_mechanism(
        mechanism(
            element(1, "b-1", (3,), "s-2"), params={"one_offer_per_step": True},
            extended_trace=[(0, "b-1", (3,))], state={"agreement": (3,), "step": 2},
        )
    )  # fmt: skip

    assert row["one_offer_per_step"] is True
    assert [each.time.minute for each in one(row)[0][-4:-2]] == [0, 1]


def test_what_was_said_with_an_offer_is_in_the_row() -> None:
    """It becomes the quote of the offer."""
    spoken = element(0, "b-1", (3,))
    spoken.text = "take it"
    row = of_mechanism(mechanism(spoken))

    assert row["full_trace"][0]["text"] == "take it"
    assert one(row)[0][-1].quote == "take it"


def test_a_mechanism_may_count_in_numbers_of_another_library() -> None:
    """Its row is made of JSON values all the same."""
    none, some, two = Whole(0), Whole(1), Whole(2)
    names = SimpleNamespace(issues=[SimpleNamespace(name=two)])
    state = {"broken": some, "timedout": none, "step": two, "has_error": none}
    row = of_mechanism(
        mechanism(
            element(some, "b-1", None), id=two, n_steps=two, outcome_space=names,
            extended_trace=[(none, "b-1", (two,))], state=state,
            history=[SimpleNamespace(step=some, left_negotiators={"s-2"})],
        )
    )  # fmt: skip

    assert json.loads(json.dumps(row)) == row
    assert (row["run"], row["issues"], row["n_steps"]) == ("2", ["2"], 2)
    assert row["full_trace"][0]["step"] == 1
    assert row["full_trace"][0]["offered"] == 0
    assert row["final"] == {
        "agreement": None, "broken": True, "timedout": False, "step": 2, "left_negotiators": [],
        "left_at": {"s-2": 1}, "ended_by": None, "error": False,
    }  # fmt: skip


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

    last = row["full_trace"][1]
    assert (last["step"], last["offered"], last["offer"]) == (2, 1, [[4]])
    assert "refused" not in last
    assert row["final"]["left_at"] == {"s-2": 1}
    assert row["final"]["left_negotiators"] == ["s-2"]
    assert row["final"]["ended_by"] == "b-1"


def test_a_mechanism_s_negotiators_go_by_their_names() -> None:
    """Whatever it tells of them, where it has their ids."""
    row = of_mechanism(
        mechanism(
            element(2, "b-1", None), negotiator_names=["buyer", "seller"],
            extended_trace=[(1, "b-1", (3,))], following_negotiators=lambda: ["b-1", "s-2"],
            history=[SimpleNamespace(step=2, left_negotiators={"s-2"})],
            state={"broken": True, "left_negotiators": {"s-2"}},
        )
    )  # fmt: skip

    (last,), final = row["full_trace"], row["final"]
    assert (last["negotiator"], last["offered"], last["offer"]) == ("buyer", 1, [[3]])
    assert (final["left_negotiators"], final["left_at"]) == (["seller"], {"seller": 2})
    assert final["ended_by"] == "seller"


def test_a_mechanism_without_negotiators_is_no_run() -> None:
    """Its row can be made, and is wrong as it stands."""
    row = of_mechanism(mechanism(negotiator_ids=[], following_negotiators=list))

    assert [(each.column, each.wrong) for each in negmas([row]).aside] == [("negotiators", True)]


def test_those_who_left_are_in_the_order_of_their_turns() -> None:
    """Also of one round, of which the mechanism has a set."""
    ids = [f"{number}" for number in range(9)]
    history = [SimpleNamespace(step=3, left_negotiators={*ids[:7]})]
    row = of_mechanism(
        mechanism(
            negotiator_ids=ids, history=history, state={"left_negotiators": {*ids[:7]}},
        )
    )  # fmt: skip

    assert [*row["final"]["left_at"]] == row["final"]["left_negotiators"] == ids[:7]


@pytest.mark.parametrize("within", [True, False])
def test_a_mechanism_knows_on_whom_the_time_ran_out(within: bool) -> None:
    """Or that it was between two rounds: then the last state is from before it did."""
    row = of_mechanism(
        mechanism(
            element(0, "b-1", None), extended_trace=[(0, "b-1", None)],
            history=[SimpleNamespace(step=0, timedout=within)],
            following_negotiators=lambda: ["b-1", "s-2"], state={"timedout": True},
        )
    )  # fmt: skip

    assert row["final"]["asked_last"] == ("s-2" if within else None)
    assert row["final"]["ended_by"] is None
    assert row["full_trace"][0]["refused"]


@pytest.mark.parametrize(
    ("state", "order"), [({"broken": True}, ["b-1"]), ({}, ["b-1"]), ({"timedout": True}, [])]
)
def test_a_mechanism_whose_time_did_not_run_out_on_anybody(state: Any, order: list[str]) -> None:
    """It was not up, or the mechanism does not say who was asked: then the row does not either."""
    row = of_mechanism(
        mechanism(
            history=[SimpleNamespace(step=0, timedout=bool(state.get("timedout")))], state=state,
            following_negotiators=lambda: order,
        )
    )  # fmt: skip

    assert "asked_last" not in row["final"]


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


@pytest.mark.parametrize("rounds", [None, math.inf])
def test_a_mechanism_may_have_no_last_round(rounds: Any) -> None:
    """Then the row has none either, and the log no deadline."""
    row = of_mechanism(mechanism(n_steps=rounds))

    assert row["n_steps"] is None
    assert ng.replay(one(row)[0]).deadlines == {}


def test_a_mechanism_whose_time_is_up() -> None:
    """Nobody ended it, whoever was asked last."""
    row = of_mechanism(
        mechanism(
            element(0, "b-1", (3,)), state={"timedout": True}, following_negotiators=lambda: ["b-1"]
        )
    )

    assert row["final"]["ended_by"] is None
    assert ended(row) == ("timedout", None)


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
