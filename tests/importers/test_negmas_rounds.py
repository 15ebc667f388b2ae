"""In which round of a run of NegMAS things were said, and who had a turn at its end, by hand."""

from __future__ import annotations

from typing import Any

import pytest

import negotiation as ng
from negotiation.importers.negmas_runs import negmas
from tests.importers.negmas_kit import THREE, clock, one, run, said, turn

# In which round


def test_the_last_object_has_the_round_of_the_end() -> None:
    """An offer that was agreed on was made in the turn before its acceptances."""
    two, _ = one(
        run(turn(0, "buyer", 3), turn(1, "seller", 8, "buyer"), final={"agreement": [8], "step": 2})
    )
    three, aside = one(
        run(
            turn(0, "buyer", 3), turn(1, "seller", 8, "broker", "buyer", time=0.5),
            negotiators=THREE, final={"agreement": [8], "step": 2},
        )
    )  # fmt: skip

    assert clock(two)[1:] == [("seller: offer-2 8 for offer-1", 0), ("buyer: yes to offer-2", 1)]
    assert clock(three)[1:] == [
        ("seller: offer-2 8 for offer-1", 0), ("broker: yes to offer-2", 0),
        ("buyer: yes to offer-2", 1),
    ]  # fmt: skip
    assert aside == []
    (offer,) = [each for each in three if getattr(each.event, "proposal", "") == "offer-2"][:1]
    assert dict(offer.attributes) == {"step": "0"}


def test_the_first_party_s_offer_was_made_in_the_round_of_the_end() -> None:
    """All others came after it; so it is where all who came before it have left."""
    first, _ = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(1, "buyer", 5, "seller", time=0.5),
            final={"agreement": [5], "step": 2},
        )
    )  # fmt: skip
    left, _ = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(0, "broker", 7),
            turn(1, "seller", 5, "broker"), negotiators=THREE,
            final={"agreement": [5], "step": 2, "left_at": {"buyer": 1}},
        )
    )  # fmt: skip

    assert clock(first)[2:] == [("buyer: offer-3 5 for offer-2", 1), ("seller: yes to offer-3", 1)]
    assert dict(first[-4].attributes) == {"step": "1", "seconds": "0.5"}
    assert clock(left)[3:] == [
        ("buyer: leaves", 1), ("seller: offer-4 5 for offer-3", 1), ("broker: yes to offer-4", 1),
    ]  # fmt: skip


def test_a_lost_offer_was_made_in_the_next_turn_of_its_maker() -> None:
    """If all say something in their turns: what stood is rejected in that round."""
    ended = {"broken": True, "step": 2}
    log, aside = one(run(turn(0, "buyer", 3), turn(1, "seller", None), final=ended))

    assert clock(log) == [("buyer: offer-1 3", 0), ("seller: no to offer-1", 0)]
    assert aside == ["terms not told", "ended by somebody not named"]


@pytest.mark.parametrize(
    ("turns", "final", "latest"),
    [
        # The seller has a turn in the last round too, and may have said nothing to its own offer.
        ([turn(0, "buyer", 3), turn(1, "seller", None)], {"timedout": True, "step": 2}, 1),
        # It lasted for two rounds more.
        ([turn(0, "buyer", 3), turn(2, "seller", None)], {"broken": True, "step": 3}, 2),
        ([turn(0, "buyer", 3), turn(2, "seller", 8, "buyer")], {"agreement": [8], "step": 3}, 1),
        # Of three, one had left, so that two could go on with what they had accepted.
        (
            [turn(0, "buyer", 3), turn(1, "seller", None)],
            {"broken": True, "step": 2, "left_negotiators": ["broker"]}, 1,
        ),
    ],
)  # fmt: skip
def test_the_round_of_the_last_offer_may_not_be_told(
    turns: list[dict[str, Any]], final: dict[str, Any], latest: int
) -> None:
    """Where somebody was silent, or can have accepted before: it stands at the latest possible."""
    names = THREE if "left_negotiators" in final else THREE[:2]
    imported = negmas([run(*turns, n_steps=final["step"], negotiators=names, final=final)])

    (aside,) = [each for each in imported.aside if each.reason == "round not told"]
    assert (aside.column, aside.wrong) == ("full_trace[1].step", False)
    assert aside.detail == "seller offered last, and it is not told when: at the latest here"
    answer = next(each for each in imported.logs["r"] if rejects(each))
    assert answer.time.minute == latest


@pytest.mark.parametrize("final", [{}, {"ended_by": "broker"}])
def test_it_may_be_told_who_ended_it_and_not_in_which_round_was_the_last_offer(
    final: dict[str, Any],
) -> None:
    """Of three, somebody was silent if it was not in the round in which it ended."""
    turns = turn(0, "buyer", 3), turn(1, "seller", None)
    _, aside = one(run(*turns, negotiators=THREE, final={"broken": True, "step": 2, **final}))

    assert ("round not told" in aside) is bool(final)


def test_the_last_offer_of_the_first_party_when_it_went_on_for_two_rounds() -> None:
    """The other one was silent in its turn, so the first may have offered once more."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(2, "buyer", None),
            final={"broken": True, "step": 3},
        )
    )  # fmt: skip

    assert clock(log)[2:] == [("buyer: no to offer-2", 2)]
    assert "round not told" in aside


def test_it_may_break_up_in_the_last_round_that_there_is() -> None:
    """Which does not tell which turn was the last one."""
    turns = turn(0, "buyer", 3), turn(1, "seller", None)
    log, aside = one(run(*turns, n_steps=2, final={"broken": True, "step": 2}))

    assert clock(log)[1:] == [("seller: no to offer-1", 0)]
    assert aside == ["terms not told", "ended by somebody not named"]


@pytest.mark.parametrize(
    ("turns", "final"),
    [
        # The broker left before the offer that stood, and the other two went on.
        (
            [turn(0, "buyer", 3), turn(0, "seller", 4), turn(1, "buyer", 5),
             turn(2, "seller", None)],
            {"broken": True, "step": 3, "left_at": {"broker": 0}},
        ),
        # The seller left, which is written down beside the offer.
        (
            [turn(0, "buyer", 9, responses={"seller": "LEAVE"}), turn(1, "broker", None)],
            {"broken": True, "step": 2, "left_negotiators": ["seller"]},
        ),
        # Nothing stood that could be accepted before the buyer left.
        (
            [turn(0, "buyer", 9), turn(0, "seller", None), turn(1, "broker", None)],
            {"broken": True, "step": 2, "left_at": {"buyer": 1}},
        ),
    ],
)  # fmt: skip
def test_somebody_left_and_it_is_told_when_the_last_offer_was_made(
    turns: list[dict[str, Any]], final: dict[str, Any]
) -> None:
    """In the next turn of its maker, where it can have accepted nothing and gone on."""
    log, aside = one(run(*turns, negotiators=THREE, final=final))

    rejected = [each for each in clock(log) if " no to " in each[0]]
    assert [each[1] for each in rejected] == [final["step"] - 2]
    assert aside == ["terms not told", "ended by somebody not named"]


def rejects(record: ng.Record) -> bool:
    """Whether an offer is rejected or countered by it."""
    event: Any = record.event
    return isinstance(event, ng.ProposalRejected) or bool(getattr(event, "counters", None))


def test_who_left_had_offered_before() -> None:
    """In the last turn but one that it had at the latest."""
    log, aside = one(
        run(
            turn(0, "broker", 7), turn(2, "buyer", None), negotiators=THREE, n_steps=3,
            final={"timedout": True, "step": 3, "left_negotiators": ["buyer"]},
        )
    )  # fmt: skip

    assert clock(log)[1:] == [("buyer: no to offer-1", 1), ("buyer: leaves", 2)]
    assert aside == ["terms not told", "time of leaving not told"]


def test_what_is_there_has_its_own_round() -> None:
    """A last object that has its offer in spite of the end, or an earlier round than that."""
    whole, _ = one(
        run(
            turn(0, "buyer", 3), turn(1, "seller", 4),
            final={"broken": True, "ended_by": "buyer", "step": 2},
        )
    )  # fmt: skip
    earlier, aside = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), negotiators=THREE,
            final={"agreement": [8], "step": 3},
        )
    )  # fmt: skip

    assert clock(whole)[1] == ("seller: offer-2 4 for offer-1", 1)
    assert clock(earlier)[1] == ("seller: offer-2 8 for offer-1", 0)
    assert "round not told" not in aside


def test_nothing_stood_so_nothing_was_accepted() -> None:
    """Who has its turn then must offer or leave, also where somebody left later."""
    imported = negmas(
        [
            run(
                turn(1, "buyer", 3, "seller"), negotiators=THREE,
                final={"agreement": [3], "step": 2, "left_at": {"broker": 0}},
            )
        ]
    )  # fmt: skip

    assert clock(imported.logs["r"]) == [
        ("buyer: offer-1 3", 0), ("broker: leaves", 0), ("seller: yes to offer-1", 1),
    ]  # fmt: skip
    (aside,) = imported.aside
    assert aside.detail == (
        "the trace does not have the answer of "
        "buyer to the offer of full_trace[0], which is its own"
    )


def test_the_row_may_say_in_which_round_the_last_offer_was_made() -> None:
    """As that of a live mechanism does."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(2, "seller", 8, offered=0),
            final={"timedout": True, "asked_last": "buyer", "step": 3},
        )
    )  # fmt: skip

    assert clock(log)[1] == ("seller: offer-2 8 for offer-1", 0)
    assert aside == ["answers not told"]  # of the buyer in round 1, of the seller to its own


def test_the_row_may_say_in_which_round_the_agreement_was_offered() -> None:
    """Where it stood for a while: all others accepted it in their last turns."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(2, "seller", 8, "broker", "buyer", offered=0),
            negotiators=THREE, final={"agreement": [8], "step": 3},
        )
    )  # fmt: skip

    assert clock(log)[1:] == [
        ("seller: offer-2 8 for offer-1", 0), ("broker: yes to offer-2", 1),
        ("buyer: yes to offer-2", 2),
    ]  # fmt: skip
    assert aside == ["answers not told"]  # of the seller to its own


def test_a_round_may_be_one_turn() -> None:
    """Then it is told who had one in each, and who ended it."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(1, "seller", 4), turn(4, "broker", 8, offered=2),
            negotiators=THREE, one_offer_per_step=True,
            final={"agreement": [8], "step": 5},
        )
    )  # fmt: skip

    assert clock(log)[2:] == [
        ("broker: offer-3 8 for offer-2", 2), ("buyer: yes to offer-3", 3),
        ("seller: yes to offer-3", 4),
    ]  # fmt: skip
    assert aside == []


def test_turns_out_of_order() -> None:
    """Some waited: the offers stand in their rounds, and no acceptance is told but the last."""
    turns = (
        turn(0, "seller", 4, "broker"), turn(0, "buyer", 3, "broker"),
        turn(1, "seller", 5, "broker"),
    )  # fmt: skip
    goes_on, aside = one(run(*turns, negotiators=THREE))
    agreed, _ = one(
        run(*turns, turn(1, "buyer", 7, "seller", "broker"), negotiators=THREE,
            final={"agreement": [7], "step": 2})
    )  # fmt: skip
    lost, _ = one(
        run(turn(0, "seller", 4), turn(0, "buyer", None), negotiators=THREE,
            final={"broken": True, "step": 1})
    )  # fmt: skip
    far, _ = one(
        run(turn(0, "clerk", 4), turn(0, "seller", 3), turn(1, "buyer", 5),
            negotiators=(*THREE, "clerk"))
    )  # fmt: skip

    assert clock(goes_on) == [
        ("seller: offer-1 4", 0), ("buyer: offer-2 3 for offer-1", 0),
        ("seller: offer-3 5 for offer-2", 1),
    ]  # fmt: skip
    assert aside == ["answers not told"]
    assert clock(agreed)[3:] == [
        ("buyer: offer-4 7 for offer-3", 1), ("seller: yes to offer-4", 1),
        ("broker: yes to offer-4", 1),
    ]  # fmt: skip
    assert ng.replay(agreed).deadlines["steps"].status == "met"
    assert [step for _, step in clock(far)] == [0, 0, 1]
    assert clock(lost) == [("seller: offer-1 4", 0), ("buyer: no to offer-1", 0)]


# Who had a turn at the end


@pytest.mark.parametrize(
    "final",
    [
        {"timedout": True, "step": 2},
        {"broken": True, "step": 2},
        {"broken": True, "step": 2, "ended_by": "broker"},
        {"timedout": True, "step": 2, "asked_last": "broker"},
        {"step": 2},
    ],
)
def test_an_acceptance_before_the_end_that_the_trace_does_not_have(final: dict[str, Any]) -> None:
    """The buyer had a turn after the last offer, and what it said is not told."""
    imported = negmas(
        [
            run(
                turn(0, "buyer", 1), turn(0, "seller", 2), turn(1, "broker", 3, offered=0),
                negotiators=THREE, n_steps=2, final={**final, "left_at": {"seller": 1}},
            )
        ]
    )  # fmt: skip

    (aside,) = [each for each in imported.aside if each.reason == "answers not told"]
    assert "the answer of buyer to the offer of full_trace[2]" in aside.detail
    assert "seller" not in aside.detail


def test_on_whom_the_time_ran_out() -> None:
    """It did not answer and did not leave; those before it did, and their answers are not told."""
    row = run(
        turn(0, "buyer", 9), negotiators=THREE,
        final={"timedout": True, "step": 1, "asked_last": "broker"},
    )  # fmt: skip

    imported = negmas([row])
    assert said(imported.logs["r"]) == ["buyer: offer-1 9"]
    assert [each.detail for each in imported.aside] == [
        "the trace does not have the answer of seller to the offer of full_trace[0]"
    ]


def test_on_whom_the_time_ran_out_says_nothing_where_it_did_not() -> None:
    """A run that goes on is the same with it."""
    runs = [run(turn(0, "buyer", 9), negotiators=THREE, final=final)
            for final in ({}, {"asked_last": "broker"})]  # fmt: skip

    assert [each.detail for each in negmas(runs[:1]).aside] == [
        each.detail for each in negmas(runs[1:]).aside
    ]


def test_who_accepted_after_an_offer_had_stood_for_a_round() -> None:
    """Its maker was silent in its turn, and the responses are of those asked since."""
    row = run(
        turn(1, "buyer", 9, "seller", offered=0), negotiators=THREE,
        final={"broken": True, "ended_by": "broker", "step": 2},
    )  # fmt: skip

    imported = negmas([row])
    assert clock(imported.logs["r"]) == [
        ("buyer: offer-1 9", 0), ("seller: yes to offer-1", 1), ("broker: leaves", 1),
    ]  # fmt: skip
    assert [each.detail for each in imported.aside] == [
        (
            "the trace does not have the answer of broker to the offer of full_trace[0], "
            "buyer to the offer of full_trace[0], which is its own"
        )
    ]


def test_responses_of_an_earlier_round_are_not_those_to_the_last_offer() -> None:
    """Though as many were asked about it before somebody ended it."""
    log, aside = one(
        run(
            turn(0, "seller", 8, "broker"), turn(1, "buyer", 7, offered=1), negotiators=THREE,
            final={"broken": True, "ended_by": "broker", "step": 2},
        )
    )  # fmt: skip

    assert said(log) == [
        "seller: offer-1 8", "broker: yes to offer-1", "buyer: offer-2 7 for offer-1",
        "broker: leaves",
    ]  # fmt: skip
    assert aside == ["answers not told"]


def test_who_accepted_before_somebody_ended_it() -> None:
    """As many as the responses beside the last offer say had a turn since its maker had one."""
    log, aside = one(
        run(
            turn(0, "seller", 1, "clerk"), turn(1, "broker", 2, "clerk", "buyer", offered=0),
            negotiators=(*THREE, "clerk"), final={"broken": True, "ended_by": "seller", "step": 2},
        )
    )  # fmt: skip

    assert clock(log)[1:] == [
        ("broker: offer-2 2 for offer-1", 0), ("clerk: yes to offer-2", 0),
        ("buyer: yes to offer-2", 1), ("seller: leaves", 1),
    ]  # fmt: skip
    assert aside == []


def test_who_accepted_in_its_round_an_offer_that_stood_longer() -> None:
    """The responses beside the others of the round say it, those beside it are of the end."""
    log, aside = one(
        run(
            turn(0, "buyer", 1, "broker"), turn(2, "seller", 2, offered=0), negotiators=THREE,
            n_steps=3, final={"timedout": True, "step": 3, "left_at": {"buyer": 1}},
        )
    )  # fmt: skip

    assert clock(log)[1:] == [
        ("seller: offer-2 2 for offer-1", 0), ("broker: yes to offer-2", 0), ("buyer: leaves", 1),
    ]  # fmt: skip
    assert aside == ["answers not told"]  # of the seller to its own


def test_of_an_offer_whose_maker_left_it_is_not_told_who_accepted() -> None:
    """The trace counts one less then, and goes on counting when all had their turns once."""
    imported = negmas(
        [
            run(
                turn(2, "buyer", 1, "seller", offered=0), negotiators=(*THREE, "clerk"),
                final={"broken": True, "ended_by": "broker", "step": 3, "left_at": {"buyer": 1}},
            )
        ]
    )  # fmt: skip

    assert said(imported.logs["r"]) == ["buyer: offer-1 1", "buyer: leaves", "broker: leaves"]
    assert [each.detail for each in imported.aside] == [
        "the trace does not have the answer of " + ", ".join(
            f"{party} to the offer of full_trace[0]" for party in ("seller", "broker", "clerk")
        )
    ]  # fmt: skip


def test_who_accepted_twice_did_so_the_first_time() -> None:
    """In the round of the offer, and once more when its maker had let it stand."""
    log, _ = one(
        run(
            turn(0, "buyer", 1, "broker", "clerk"), turn(1, "seller", 2, "broker", offered=0),
            negotiators=(*THREE, "clerk"),
            final={"broken": True, "ended_by": "clerk", "step": 2, "left_at": {"buyer": 1}},
        )
    )  # fmt: skip

    assert clock(log)[1:] == [
        ("seller: offer-2 2 for offer-1", 0), ("broker: yes to offer-2", 0),
        ("clerk: yes to offer-2", 0), ("buyer: leaves", 1), ("clerk: leaves", 1),
    ]  # fmt: skip


def test_more_accepted_than_had_a_turn() -> None:
    """Nobody is said to have, and all of them are named."""
    imported = negmas(
        [
            run(
                turn(0, "seller", 9, "broker", "buyer"), turn(1, "buyer", 8, "seller"),
                turn(1, "broker", 7), negotiators=THREE,
            )
        ]
    )  # fmt: skip

    assert imported.report.events["ProposalAccepted"] == 0
    assert "broker beside full_trace[0], buyer beside full_trace[0]" in imported.aside[0].detail
