"""Who answered and who left in runs of NegMAS, of three and more, by hand."""

from __future__ import annotations

import pytest

import negotiation as ng
from examples.negmas_verdict import verdict
from negotiation.importers.negmas_runs import negmas
from tests.importers.negmas_kit import THREE, YES, clock, ended, one, run, said, turn

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
    log, _ = one(run(turn(0, "seller", 9, "broker"), turn(1, "buyer", 7), negotiators=THREE))

    state = ng.replay(log)
    assert state.proposals["offer-1"].answers == {"broker": "accepted", "buyer": "countered"}
    assert state.proposals["offer-1"].status == "countered"


def test_who_has_accepted_counters_no_more() -> None:
    """It has answered, so its own offer stands beside the one that it accepted."""
    log, _ = one(
        run(
            turn(0, "seller", 9, "broker"), turn(1, "broker", 7), negotiators=THREE,
            final={"left_at": {"buyer": 1}},
        )
    )  # fmt: skip

    assert said(log) == [
        "seller: offer-1 9", "broker: yes to offer-1", "buyer: leaves", "broker: offer-2 7",
    ]  # fmt: skip


def test_responses_are_those_of_the_round_though_an_offer_stood_longer() -> None:
    """The buyer, who had its turn in the next round, is not among those who are counted."""
    row = run(turn(0, "seller", 9, "broker"), turn(1, "broker", 7), negotiators=THREE)

    imported = negmas([row])
    assert clock(imported.logs["r"]) == [
        ("seller: offer-1 9", 0), ("broker: yes to offer-1", 0), ("broker: offer-2 7", 1),
    ]  # fmt: skip
    (aside,) = imported.aside
    assert aside.detail == (
        "the trace does not have the answer of buyer to the offer of full_trace[0], "
        "seller to the offer of full_trace[0], which is its own"
    )


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
        run(
            *(turn(0, name, 5, "clerk") for name in THREE), *(turn(1, name, 6) for name in names),
            negotiators=names,
        )
    )  # fmt: skip

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


def test_responses_that_are_not_those_to_the_last_offer_of_their_round() -> None:
    """They are named, and so is who was asked about that offer."""
    row = run(turn(0, "buyer", 9, "broker"), turn(0, "seller", 8), negotiators=THREE)

    assert [each.detail for each in negmas([row]).aside] == [
        (
            "the trace does not have the answer of "
            "broker beside full_trace[0], broker to the offer of full_trace[1]"
        )
    ]


def test_who_ended_it_has_not_accepted() -> None:
    """Where responses say so, they are nobody's; those of the round say who did before."""
    row = run(
        turn(0, "buyer", 9, "broker", "clerk"), turn(0, "seller", 8, "broker"),
        negotiators=(*THREE, "clerk"), final={"broken": True, "ended_by": "clerk"},
    )  # fmt: skip
    imported = negmas([row])

    assert said(imported.logs["r"])[2:] == ["broker: yes to offer-2", "clerk: leaves"]
    assert [each.detail for each in imported.aside] == [
        (
            "the trace does not have the answer of "
            "broker beside full_trace[0], clerk beside full_trace[0]"
        )
    ]


def test_responses_of_nobody_are_named_in_the_order_of_the_names() -> None:
    """However many they are, so that a second import says the same."""
    names = (*"hgfedcba",)
    row = run(
        turn(0, "h", 1, *names[1:]), turn(0, "g", 1), turn(0, "a", 1), negotiators=names,
        final={"left_at": dict.fromkeys("fedcb", 0)},
    )  # fmt: skip

    (aside,) = negmas([row]).aside
    assert aside.detail == "the trace does not have the answer of " + ", ".join(
        f"{name} beside full_trace[0]" for name in "abcdefg"
    )


def test_where_those_who_accepted_cannot_have_nobody_else_has() -> None:
    """As many had a turn, but others: the row has its negotiators in another order."""
    ends = {"broken": True, "ended_by": "broker"}
    log, why = one(run(turn(0, "buyer", 9, "broker"), negotiators=THREE, final=ends))

    assert said(log) == ["buyer: offer-1 9", "broker: leaves"]
    assert why == ["answers not told"]


def test_nobody_accepts_its_own_offer() -> None:
    """Of two, a maker's own word is no acceptance of the other."""
    log, why = one(run(turn(0, "buyer", 3, "buyer"), final={"timedout": True}))

    assert said(log) == ["buyer: offer-1 3"]
    assert why == ["answers not told"]


def test_responses_to_an_offer_that_is_not_told_are_counted_past_those_who_left() -> None:
    """The broker accepted it, where the trace names the seller, who had left."""
    row = run(
        turn(0, "buyer", None, "seller"), negotiators=(*THREE, "clerk"),
        final={"broken": True, "ended_by": "clerk", "left_at": {"seller": 0}},
    )  # fmt: skip

    assert [each.detail for each in negmas([row]).aside][1:] == [
        (
            "the trace does not have the answer of "
            "broker to the offer of full_trace[0], which is not told"
        )
    ]


def test_responses_of_nobody_to_an_offer_that_is_not_told() -> None:
    """They are named once, and not as answers to it."""
    row = run(turn(0, "buyer", None, "broker"), negotiators=THREE, final={"broken": True})

    assert negmas([row]).aside[-1].detail == (
        "the trace does not have the answer of broker beside full_trace[0]"
    )


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


def test_responses_one_by_one_are_in_the_order_of_the_turns() -> None:
    """And not in that in which the row has them."""
    log, _ = one(
        run(
            turn(0, "buyer", 9, responses={"broker": "REJECT_OFFER", "seller": YES}),
            negotiators=THREE,
        )
    )  # fmt: skip

    assert said(log)[1:] == ["seller: yes to offer-1", "broker: no to offer-1"]


def test_a_response_that_is_not_among_those_written_down() -> None:
    """Whoever had its turn and has none said something that is not told."""
    row = run(
        turn(0, "buyer", 9, responses={"seller": "NO_RESPONSE"}), turn(0, "clerk", 7),
        negotiators=(*THREE, "clerk"),
    )  # fmt: skip

    assert [each.detail for each in negmas([row]).aside] == [
        "the trace does not have the answer of broker to the offer of full_trace[0]"
    ]


@pytest.mark.parametrize(
    ("response", "why"), [("END_NEGOTIATION", []), ("LEAVE", ["ended by somebody not named"])]
)
def test_who_left_may_be_written_down(response: str, why: list[str]) -> None:
    """Then it is told when; and that it ended it, but where it left two others."""
    log, aside = one(
        run(
            turn(0, "buyer", 9, responses={"seller": "REJECT_OFFER", "broker": response}),
            negotiators=THREE, final={"broken": True, "left_negotiators": ["broker"]},
        )
    )  # fmt: skip

    assert said(log)[1:] == ["seller: no to offer-1", "broker: leaves"]
    assert aside == why


def test_responses_one_by_one_are_not_counted() -> None:
    """Who said nothing is told to have said nothing, and one acceptance is that of its party."""
    imported = negmas(
        [
            run(
                turn(0, "buyer", 9, responses={"seller": "NO_RESPONSE"}), turn(0, "broker", 7),
                turn(1, "seller", 8, responses={"broker": "WAIT", "buyer": YES}, offered=1),
                negotiators=THREE, final={"broken": True, "ended_by": "buyer", "step": 3},
            )
        ]
    )  # fmt: skip

    assert said(imported.logs["r"])[1:] == [
        "broker: offer-2 7 for offer-1", "seller: offer-3 8 for offer-2", "buyer: yes to offer-3",
        "buyer: leaves",
    ]  # fmt: skip
    assert [each.detail for each in imported.aside] == [
        "the trace does not have the answer of buyer to the offer of full_trace[1]"
    ]


def test_acceptances_of_what_was_agreed_on_come_last() -> None:
    """Also where it is written down that somebody left besides."""
    row = run(
        turn(0, "buyer", 9, responses={"broker": YES, "seller": "LEAVE"}),
        negotiators=("buyer", "broker", "seller"),
        final={"agreement": [9], "left_negotiators": ["seller"]},
    )  # fmt: skip

    assert said(one(row)[0])[1:] == ["seller: leaves", "broker: yes to offer-1"]
    assert ended(row) == ("agreement", {"price": 9})


@pytest.mark.parametrize("response", ["REJECT_OFFER", "NO_RESPONSE", "WAIT"])
def test_a_response_that_is_written_down_is_told(response: str) -> None:
    """Whoever had its turn between two offers has said so, and nothing is missing."""
    log, aside = one(
        run(
            turn(0, "buyer", 9, responses={"seller": response}), turn(0, "broker", 7),
            negotiators=THREE,
        )
    )  # fmt: skip

    rejected = ["seller: no to offer-1"] if response == "REJECT_OFFER" else []
    assert said(log)[:-1] == ["buyer: offer-1 9", *rejected]
    assert aside == []


# Leaving of three


def test_the_others_go_on_when_one_has_left() -> None:
    """In the round in which it left, after those who spoke before it; it is asked no more."""
    log, aside = one(
        run(
            turn(0, "buyer", 9), turn(0, "seller", 8), turn(0, "broker", 7), turn(1, "buyer", 6),
            turn(1, "broker", 5), turn(2, "buyer", 4, "seller"),
            negotiators=THREE,
            final={"agreement": [4], "step": 3, "left_negotiators": ["seller"],
                   "left_at": {"seller": 1}},
        )
    )  # fmt: skip

    assert said(log)[3:] == [
        "buyer: offer-4 6 for offer-3", "seller: leaves", "broker: offer-5 5 for offer-4",
        "buyer: offer-6 4 for offer-5", "broker: yes to offer-6",
    ]  # fmt: skip
    assert ng.replay(log).proposals["offer-6"].to == ("broker",)
    assert verdict(ng.replay(log)) == ("agreement", {"price": 4})
    assert aside == []


def test_responses_are_counted_past_those_who_left() -> None:
    """The trace names whoever sits next, also where it had left: it was the one after it."""
    log, aside = one(
        run(
            turn(0, "buyer", 9, "broker"), turn(0, "seller", 8, "broker"), turn(1, "buyer", 5),
            turn(1, "clerk", 6), negotiators=(*THREE, "clerk"),
            final={"left_negotiators": ["broker"], "left_at": {"broker": 0}},
        )
    )  # fmt: skip

    assert said(log)[1:4] == [
        "seller: offer-2 8 for offer-1", "broker: leaves", "clerk: yes to offer-2",
    ]  # fmt: skip
    assert aside == ["answers not told"]  # of the seller to the offer of round 1


def test_as_many_as_accepted_had_a_turn_or_nobody_is_said_to_have() -> None:
    """One of the two was silent, and the trace does not say which."""
    imported = negmas(
        [
            run(
                turn(0, "buyer", 9, "broker"), turn(0, "seller", 8, "broker"), turn(1, "buyer", 5),
                turn(1, "seller", 6), turn(1, "broker", 6), turn(1, "clerk", 6),
                negotiators=(*THREE, "clerk"),
            )
        ]
    )  # fmt: skip

    assert imported.report.events["ProposalAccepted"] == 0
    (aside,) = imported.aside
    assert aside.detail == (
        "the trace does not have the answer of broker to the offer of full_trace[1], "
        "clerk to the offer of full_trace[1]"
    )


def test_a_turn_at_one_s_own_offer() -> None:
    """What was said at it is no answer to an offer of another, and is not told."""
    imported = negmas(
        [
            run(
                turn(0, "buyer", 9, "broker"), turn(0, "seller", 8, "broker"),
                turn(1, "broker", 7), negotiators=THREE, final={"left_at": {"buyer": 1}},
            )
        ]
    )  # fmt: skip

    assert imported.aside[0].detail == (
        "the trace does not have the answer of "
        "seller to the offer of full_trace[1], which is its own"
    )


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
        turn(0, "seller", 8, "broker"), turn(1, "buyer", 9, offered=0),
        negotiators=("seller", "buyer", "broker"),
        final={"broken": True, "left_negotiators": ["seller"], "left_at": {"seller": 1},
               "ended_by": "buyer", "step": 2},
    )  # fmt: skip

    assert said(one(row)[0])[-3:] == ["broker: yes to offer-2", "seller: leaves", "buyer: leaves"]
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
            turn(1, "buyer", None), negotiators=THREE,
            final={"broken": True, "left_negotiators": ["broker", "buyer"], "step": 2},
        )
    )  # fmt: skip

    assert said(log) == ["buyer: leaves", "broker: leaves"]
    assert aside == ["terms not told", "time of leaving not told", "time of leaving not told"]


def test_who_speaks_later_has_not_left_yet() -> None:
    """So what it accepted before that counts, though it is not told when it left."""
    log, _ = one(
        run(
            turn(0, "buyer", 7, "broker"), turn(0, "seller", 9, "broker"), turn(1, "buyer", 7),
            turn(1, "broker", 8), negotiators=THREE,
            final={"left_negotiators": ["broker"], "step": 3},
        )
    )  # fmt: skip

    assert said(log)[2] == "broker: yes to offer-2"


def test_who_may_have_left_may_not_have_accepted() -> None:
    """Without the time of leaving nobody counts unless all do; it is told once for all offers."""
    imported = negmas(
        [
            run(
                turn(0, "buyer", 9, "broker"), turn(0, "seller", 8, "broker"), turn(1, "buyer", 7),
                turn(1, "seller", 6), turn(1, "clerk", 5), negotiators=(*THREE, "clerk"),
                final={"left_negotiators": ["broker"], "step": 3},
            )
        ]
    )  # fmt: skip

    assert imported.report.events["ProposalAccepted"] == 0
    left, answers = imported.aside
    assert left.detail == "broker left, and it is not told when: at the latest here"
    assert answers.detail == (
        "the trace does not have the answer of clerk to the offer of full_trace[1], "
        "buyer to the offer of full_trace[4], seller to the offer of full_trace[4], "
        "clerk to the offer of full_trace[4], which is its own, "
        "broker to that of full_trace[1] and to later ones, unless it had left"
    )


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


def test_when_somebody_left_is_enough() -> None:
    """Whoever is said to have left in some round need not stand among those who left as well."""
    log, aside = one(
        run(
            turn(0, "buyer", 9), turn(0, "seller", 8), turn(0, "broker", 7), turn(1, "buyer", 6),
            negotiators=THREE,
            final={"agreement": [6], "left_negotiators": None, "left_at": {"seller": 1}},
        )
    )  # fmt: skip

    assert said(log)[3:] == [
        "buyer: offer-4 6 for offer-3", "seller: leaves", "broker: yes to offer-4",
    ]  # fmt: skip
    assert aside == []


def test_an_offer_to_nobody_is_none() -> None:
    """When all others have left there is nobody to make it to."""
    log, _ = one(
        run(
            turn(0, "buyer", 9), turn(2, "buyer", 8),
            final={"left_negotiators": ["seller"], "left_at": {"seller": 1}},
        )
    )  # fmt: skip

    assert said(log) == ["buyer: offer-1 9", "seller: leaves"]


def test_those_who_leave_do_so_when_they_have_their_turn() -> None:
    """By the round and the place, not by the place alone; who ended it comes last."""
    rounds = [
        turn(step, name, 5) for step, names in enumerate(("abcd", "abc", "bc")) for name in names
    ]
    log, aside = one(
        run(
            *rounds, negotiators=(*"abcd",),
            final={"left_negotiators": ["a", "d"], "left_at": {"a": 2, "d": 1}, "step": 3},
        )
    )  # fmt: skip
    broken, _ = one(
        run(
            turn(0, "a", 1), turn(1, "b", 2, offered=0), negotiators=(*"abc",),
            final={"broken": True, "ended_by": "a", "step": 2, "left_at": {"a": 1, "c": 0}},
        )
    )  # fmt: skip

    assert [each for each in clock(log) if "leaves" in each[0]] == [
        ("d: leaves", 1),
        ("a: leaves", 2),
    ]
    assert aside == []
    assert clock(broken)[2:] == [("c: leaves", 0), ("a: leaves", 1)]


def test_who_left_is_told_and_not_when() -> None:
    """Before an agreement it was asked and left: the offer was made to it too."""
    log, aside = one(
        run(
            turn(0, "a", 1, "b"), negotiators=(*"abc",),
            final={"agreement": [1], "left_negotiators": ["b"], "step": 1},
        )
    )  # fmt: skip

    assert said(log) == ["a: offer-1 1", "b: leaves", "c: yes to offer-1"]
    assert ng.replay(log).proposals["offer-1"].to == ("b", "c")
    assert aside == ["time of leaving not told"]


def test_who_left_when_all_was_over() -> None:
    """A row that says so is not believed: whoever has not accepted had left before."""
    row = run(
        turn(0, "buyer", 1, "broker"), negotiators=("buyer", "broker", "seller"),
        final={"agreement": [1], "left_at": {"broker": 7}},
    )  # fmt: skip

    assert said(one(row)[0]) == ["buyer: offer-1 1", "broker: leaves", "seller: yes to offer-1"]
    assert one(row)[1] == []


def test_the_last_who_could_leave_ended_it_in_the_last_round() -> None:
    """When fewer than two are left it is over, and it is told when the other one left."""
    log, aside = one(
        run(
            turn(1, "buyer", None), negotiators=THREE,
            final={"broken": True, "step": 2, "left_negotiators": ["broker", "seller"],
                   "left_at": {"broker": 0}},
        )
    )  # fmt: skip

    assert clock(log) == [("broker: leaves", 0), ("seller: leaves", 1)]
    assert aside == ["terms not told"]


def test_who_offers_has_not_left_yet() -> None:
    """Also where a row says that it left in the same round, before that turn or after it."""
    log, _ = one(
        run(
            turn(0, "buyer", 9), turn(0, "seller", 8), turn(0, "broker", 7),
            negotiators=THREE, final={"left_at": {"seller": 0}},
        )
    )  # fmt: skip

    told = said(log)
    assert told.index("seller: leaves") > told.index("seller: offer-2 8 for offer-1")


def test_those_who_leave_later_than_can_be() -> None:
    """They leave at the end, in the order in which they are said to."""
    log, _ = one(run(turn(0, "buyer", 9), final={"left_at": {"buyer": 9, "seller": 8}}))

    assert clock(log)[1:] == [("seller: leaves", 0), ("buyer: leaves", 0)]
