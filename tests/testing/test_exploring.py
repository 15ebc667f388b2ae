"""Exploring small worlds: every state is counted once, and what is proven is proven."""

from __future__ import annotations

from typing import Any

import pytest

import negotiation as ng
from negotiation.errors import InvalidStrategy
from negotiation.testing import explore
from negotiation.testing.walking import START


def agreements(state: ng.Negotiation) -> int:
    """How many proposals are accepted."""
    return sum(offer.status == "accepted" for offer in state.proposals.values())


def one_agreement_at_most(state: ng.Negotiation) -> bool:
    """No state holds two agreements."""
    return agreements(state) < 2


# Two worlds counted by hand


def test_the_states_of_one_proposal_are_those_counted_by_hand() -> None:
    """Two parties and one proposal come to 15 states, by 22 steps, and to no others."""
    # Nothing; then either offers to the other (2). Each offer is accepted, rejected or withdrawn
    # (6); clarified without new terms it is as it was. One that was rejected is clarified, and
    # then open, with the addressee heard of, or it is withdrawn, with the answer kept (4). One that
    # was clarified is accepted or rejected as before, or withdrawn without an answer (2).
    # Steps: 2 from nothing; clarify, accept, reject and withdraw from each of 2 open offers (8);
    # clarify and withdraw from each of 2 rejected ones (4); four again from 2 clarified (8).
    found = explore(items={"proposal": 1}, depth=9)
    assert found.levels == (1, 2, 6, 4, 2, 0)
    assert (found.states, found.transitions) == (15, 22)
    assert found.closed
    assert not found.partial


def test_the_states_of_two_parties_are_those_counted_by_hand() -> None:
    """Two parties that come and go are in 16 states, between which there are 48 steps."""
    # Each party is not heard of, or active, or has left with a role or without one: 4 * 4 states.
    # Unheard of, it joins or leaves; active, it joins again or leaves; having left, in two ways, it
    # joins: 6 steps for either party, whichever of its 4 states the other is in: 2 * 6 * 4.
    found = explore(items={"party": 1}, depth=9)
    assert (found.states, found.transitions) == (16, 48)
    assert found.refused == {"already-withdrawn": 16}  # either party, left in two ways: 2 * 2 * 4
    assert found.closed


def test_moments_are_part_of_the_content() -> None:
    """With two moments a deadline is set at either, and missed when the second has come."""
    # Set by a or by b, on a, on b or on both: 6 deadlines, due at the second moment or after it: 12
    # at the first moment. Set at the second it is due then, or after: 12 more.
    found = explore(items={"deadline": 1}, depth=1, moments=2)
    assert found.levels == (1, 24)
    later = explore(items={"deadline": 1}, depth=2, moments=2)
    assert later.unexercised_rows == (
        ("deadline", "in-window", "DeadlineMoved"),  # which needs an earliest
        ("deadline", "in-window", "DeadlineMet"),
        ("deadline", "in-window", "DeadlineLifted"),
        ("deadline", "met", "DeadlineMoved"),  # which needs a third record
        ("deadline", "met", "DeadlineMet"),
        ("deadline", "met", "DeadlineLifted"),
        ("deadline", "lifted", "DeadlineMoved"),
        ("deadline", "lifted", "DeadlineMet"),
        ("deadline", "lifted", "DeadlineLifted"),
    )


# What alternating offers promise


@pytest.mark.parametrize("parties", [2, 3])
def test_alternating_offers_end_in_one_agreement_at_most(parties: int) -> None:
    """No log of up to seven records by alternating offers has two agreements."""
    found = explore(
        ng.ALTERNATING_OFFERS,
        parties=parties,
        items={"proposal": 7, "party": 1},
        depth=7,
        invariant=one_agreement_at_most,
    )
    assert found.counterexample is None
    assert not found.partial
    assert len(found.levels) == 8


def test_nothing_follows_the_end_of_alternating_offers() -> None:
    """After an agreement or a walk-away nobody may do anything, in no log of up to seven."""

    def silent_after_the_end(state: ng.Negotiation) -> bool:
        return ng.talks(state).over is None or not ng.legal_events(state, ng.ALTERNATING_OFFERS)

    found = explore(
        ng.ALTERNATING_OFFERS,
        items={"proposal": 7, "party": 1},
        depth=7,
        invariant=silent_after_the_end,
    )
    assert found.counterexample is None
    assert found.states > 100


def test_without_the_end_there_are_two_agreements_after_four_records() -> None:
    """Without the rule that ends the talks, the shortest way to two agreements is four records."""
    # An agreement takes an offer and an answer; two of them take four records.
    found = explore(
        ng.ALTERNATING_OFFERS.without("talks-over"),
        items={"proposal": 7, "party": 1},
        depth=7,
        invariant=one_agreement_at_most,
    )
    assert found.counterexample is not None
    assert [type(each.event).__name__ for each in found.counterexample] == [
        "ProposalMade", "ProposalAccepted", "ProposalMade", "ProposalAccepted",
    ]  # fmt: skip
    assert agreements(ng.replay(found.counterexample)) == 2


def test_a_counterexample_is_legal_but_for_the_invariant() -> None:
    """The log that breaks an invariant breaks no rule of the protocol it was found under."""
    protocol = ng.ALTERNATING_OFFERS.without("talks-over")
    found = explore(protocol, items={"proposal": 3}, depth=4, invariant=one_agreement_at_most)
    assert found.counterexample is not None
    assert ng.check(found.counterexample, protocol=protocol) == ()
    assert [each.code for each in ng.check(found.counterexample, protocol=ng.ALTERNATING_OFFERS)]


def test_the_order_of_the_table_is_tried_where_it_matters() -> None:
    """Three parties sit down in either order, since the order is that in which they speak."""
    found = explore(
        ng.ALTERNATING_OFFERS,
        parties=3,
        items={"proposal": 1},
        depth=1,
        invariant=lambda state: ng.talks(state).parties != ("a", "c", "b"),
    )
    assert found.counterexample is not None


# Invariants


def test_an_invariant_may_assert() -> None:
    """An invariant that raises AssertionError is broken; any other error is the caller's own."""

    def asserting(state: ng.Negotiation) -> None:
        assert not state.proposals

    def failing(state: ng.Negotiation) -> bool:
        raise ZeroDivisionError

    found = explore(items={"proposal": 1}, depth=3, invariant=asserting)
    assert found.counterexample is not None
    assert len(found.counterexample) == 1
    with pytest.raises(ZeroDivisionError):
        explore(items={"proposal": 1}, depth=3, invariant=failing)


def test_an_invariant_that_never_holds_is_broken_by_nothing() -> None:
    """Where the first state breaks the invariant, the shortest log is the empty one."""
    found = explore(items={"proposal": 1}, depth=3, invariant=lambda _: False)
    assert found.counterexample == ng.Log("talks")
    assert found.states == 1


# What was exercised


def test_what_was_not_exercised_is_said() -> None:
    """Rules that refused nothing are named, and so are the rows of the tables that were not met."""
    found = explore(ng.ALTERNATING_OFFERS, items={"proposal": 2}, depth=3)
    assert "not-to-all" in found.unexercised_rules  # of two parties, the other is all
    assert "out-of-turn" not in found.unexercised_rules
    assert ("proposal", "expired", "ProposalAccepted") in found.unexercised_rows
    assert ("proposal", "open", "ProposalAccepted") not in found.unexercised_rows
    assert {row[0] for row in found.unexercised_rows} == {"proposal"}


def test_with_moments_and_choices_every_row_is_met() -> None:
    """A world with expiry and enough moments meets every row of the table of proposals."""
    found = explore(
        items={"proposal": 2},
        depth=5,
        moments=2,
        choices={"expires": [None, START.replace(hour=1)], "to": [("a",), ("b",)]},
        parties=["a", "b"],
    )
    assert found.unexercised_rows == ()


def test_every_kind_of_thing_can_be_explored() -> None:
    """A world may hold every kind of item, positions and statements."""
    found = explore(
        ng.CEASEFIRE,
        items={
            "truce": 1, "violation": 1, "meeting": 1, "party": 1, "position": 1, "statement": 1,
        },
        depth=2,
        choices={"role": ["principal", "monitor"]},
    )  # fmt: skip
    assert "outside-truce" in found.refused
    assert found.levels == (1, 21, 221)


# Bounds and bad input


def test_an_exploration_stops_at_its_bound_and_says_so() -> None:
    """At the bound of states what was found is given, and called partial."""
    found = explore(items={"proposal": 2, "truce": 1}, depth=6, most_states=50)
    assert found.states == 50
    assert found.partial
    assert not found.closed
    assert "partial, stopped at 50 states" in str(found)


def test_an_exploration_is_told_in_a_few_lines() -> None:
    """As text it gives the counts, what was refused, and what was not exercised."""
    text = str(explore(items={"proposal": 1}, depth=9, invariant=lambda state: not state.truces))
    assert "15 states, 22 transitions, to depth 5 (complete)" in text
    assert "not-addressee 28" in text
    broken = explore(items={"proposal": 1}, depth=1, invariant=lambda state: not state.proposals)
    assert "the invariant is broken after 1 records" in str(broken)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"items": {"propsal": 1}}, "there is no kind 'propsal'; did you mean 'proposal'"),
        ({"items": ["proposal"]}, "items and choices are mappings"),
        ({"items": {"proposal": 1}, "choices": {"expirse": [None]}}, "did you mean 'expires'"),
        ({"items": {"proposal": 1}, "choices": {"terms": []}}, "must be a list of values, not a"),
        ({"items": {"proposal": 1}, "choices": {"terms": "abc"}}, "must be a list of values"),
        ({"items": {"proposal": 1}, "invariant": 3}, "invariant must be a function of a state"),
        (
            {"items": {"proposal": 1}, "invariant": lambda _: "well"},
            "an invariant answers True or False, not str 'well'",
        ),
        ({"items": {"proposal": -1}}, r"items\['proposal'\] must be a whole number, not -1"),
        ({"items": {}}, "a world with nothing in it has no events"),
        ({"items": {"proposal": 1}, "depth": 0}, "depth must be a whole number from 1, not 0"),
        (
            {"items": {"proposal": 1}, "choices": {"to": [()]}},
            "choices: ProposalMade.to: must name",
        ),
        ({"items": {"proposal": 1}, "moments": 0}, "moments must be a whole number from 1, not 0"),
        ({"items": {"proposal": 1}, "parties": 0}, "parties: 1 to 8"),
        ({"items": {"proposal": 1}, "most_states": 0}, "most_states must be a whole number from 1"),
    ],
)
def test_a_world_that_cannot_be_is_refused(asked: dict[str, Any], message: str) -> None:
    """A wrong argument is refused with what would be right."""
    with pytest.raises(InvalidStrategy, match=message):
        explore(**{"depth": 2, **asked})
