"""The example agents: what they ask for and accept, and how two planted bugs in them are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings

import negotiation as ng
from examples.agents import Issue, Preferences, Terms, boulware, by_time, conceder, tit_for_tat
from negotiation.errors import AgentFailed
from negotiation.testing.simulating import Agent, simulate, simulations

ROUNDS = 4
PROTOCOL = ng.alternating_offers(rounds=ROUNDS)

BUYER = Preferences({"price": Issue(0, 10, weight=3), "weeks": Issue(0, 10)}, reservation=0.3)
SELLER = Preferences({"price": Issue(10, 0), "weeks": Issue(10, 0, weight=2)}, reservation=0.5)
WANTS = {"buyer": BUYER, "seller": SELLER}

Factory = Callable[..., Agent]
FACTORIES: tuple[Factory, ...] = (conceder, boulware, tit_for_tat)
each_pair = pytest.mark.parametrize("buyer", FACTORIES, ids=lambda each: each.__name__)
each_other = pytest.mark.parametrize("seller", FACTORIES, ids=lambda each: each.__name__)


def meeting(buyer: Factory, seller: Factory) -> dict[str, Agent]:
    return {"buyer": buyer(BUYER, rounds=ROUNDS), "seller": seller(SELLER, rounds=ROUNDS)}


def agreed(log: ng.Log) -> ng.Proposal | None:
    found = [each for each in ng.replay(log).proposals.values() if each.status == "accepted"]
    return found[0] if found else None


def worth(log: ng.Log) -> Iterator[tuple[str, float]]:
    """Whatever a party offered or accepted, and its utility to that party."""
    state = ng.replay(log)
    for record in log:
        event: Any = record.event
        yield event.by, WANTS[event.by].utility(state.proposals[event.proposal].terms)


def silent(view: ng.Negotiation, options: tuple[ng.Template, ...], random: Random) -> Any:
    return None


def path(agent: Factory) -> list[float]:
    """What the buyer asks for, round after round, of a seller that never concedes."""
    stubborn = by_time(Preferences(SELLER.issues, reservation=1), rounds=ROUNDS, beta=1)
    log = simulate({"buyer": agent(BUYER, rounds=ROUNDS), "seller": stubborn}, PROTOCOL)
    made = [each.event for each in log if each.event.by == "buyer"]  # type: ignore[union-attr]
    return [BUYER.utility(each.terms) for each in made]  # type: ignore[union-attr]


# Preferences


def test_a_utility_is_the_weighted_mean_of_how_good_each_issue_is() -> None:
    """Worked by hand: price 4 is worth 0.6, weeks 9 are worth 0.1; (3 × 0.6 + 0.1) / 4 = 0.475."""
    assert BUYER.utility({"price": 4, "weeks": 9}) == 0.475
    assert BUYER.utility({"price": 0, "weeks": 0}) == 1
    assert BUYER.utility({"price": 10, "weeks": 10}) == 0


@pytest.mark.parametrize("value", [99, "cheap", None])
def test_what_cannot_be_agreed_on_is_worth_nothing(value: object) -> None:
    """A value beyond the worst, no number, and an issue of which nothing is said are the worst."""
    assert BUYER.utility({"price": value, "weeks": 0}) == 0.25
    assert BUYER.utility({"weeks": 0}) == 0.25


def test_terms_of_a_utility_have_it() -> None:
    """Of the terms that are asked for each issue is equally good."""
    assert BUYER.terms(0.3) == {"price": 7, "weeks": 7}
    assert SELLER.terms(0.3) == {"price": 3, "weeks": 3}
    assert all(BUYER.utility(BUYER.terms(n / 100)) == n / 100 for n in range(101))


# How they concede


def test_a_conceder_concedes_early() -> None:
    """1 - 0.7 × (k/3)^(1/4) for the rounds k from 0 to 3, in hundredths."""
    assert path(conceder) == [1, 0.47, 0.37, 0.3]


def test_a_boulware_concedes_late() -> None:
    """1 - 0.7 × (k/3)^4 for the rounds k from 0 to 3, in hundredths."""
    assert path(boulware) == [1, 0.99, 0.86, 0.3]


def test_the_last_offer_is_worth_exactly_the_reservation_value() -> None:
    """What is asked for is rounded to hundredths, but never below the reservation value."""
    wants = Preferences(BUYER.issues, reservation=0.305)
    log = simulate({"buyer": conceder(wants, rounds=1), "seller": silent}, PROTOCOL, turns=1)

    assert [wants.utility(each.terms) for each in ng.replay(log).proposals.values()] == [0.305]


def test_after_its_last_round_an_agent_keeps_to_its_reservation() -> None:
    """Where the talks go on for longer than it was told, it concedes no further."""

    def short(wants: Preferences, *, rounds: int) -> Agent:
        return conceder(wants, rounds=2)

    assert path(short) == [1, 0.3, 0.3, 0.3]


def test_tit_for_tat_concedes_nothing_for_nothing() -> None:
    """To one that never concedes it concedes in the last round alone."""
    assert path(tit_for_tat) == [1, 1, 1, 0.3]


def test_tit_for_tat_gives_back_what_it_gets() -> None:
    """Issue by issue it moves by as much as the other moved last, and goes back with it."""
    offers: list[Terms] = [
        {"price": 10, "weeks": 10}, {"price": 8, "weeks": 10}, {"price": 9, "weeks": 7},
        {"price": 9, "weeks": 7}, {"price": 0, "weeks": 0},
    ]  # fmt: skip
    asked = answers(offers)

    assert asked == [
        {"price": 0, "weeks": 0},
        {"price": 2, "weeks": 0},
        {"price": 1, "weeks": 3},
        {"price": 1, "weeks": 3},
    ]


def test_tit_for_tat_follows_no_further_than_its_reservation() -> None:
    """A concession that would take it below its reservation value takes it there."""
    generous = Preferences(BUYER.issues, reservation=0.9)
    asked = answers([{"price": 10, "weeks": 10}, {"price": 5, "weeks": 5}], generous)

    assert asked == [{"price": 0, "weeks": 0}, {"price": 1, "weeks": 1}]


def test_tit_for_tat_asks_for_nothing_beyond_the_best() -> None:
    """When the other goes back further than it came, it is back at the best values."""
    offers: list[Terms] = [
        {"price": 8, "weeks": 8}, {"price": 7, "weeks": 8}, {"price": 10, "weeks": 0},
        {"price": 9, "weeks": 0},
    ]  # fmt: skip

    assert answers(offers) == [
        {"price": 0, "weeks": 0},
        {"price": 1, "weeks": 0},
        {"price": 0, "weeks": 8},
        {"price": 1, "weeks": 8},
    ]


def answers(offers: list[Terms], wants: Preferences = BUYER) -> list[Any]:
    """What tit for tat answers to these offers, until it accepts one."""

    def scripted(view: ng.Negotiation, options: tuple[ng.Template, ...], random: Random) -> Any:
        made = sum(each.by == "seller" for each in view.proposals.values())
        offer = [each for each in options if each.event is ng.ProposalMade]
        if made == len(offers) or not offer:
            return None
        return offer[0].build(proposal=f"seller-{made + 1}", to=["buyer"], terms=offers[made])

    log = simulate({"seller": scripted, "buyer": tit_for_tat(wants, rounds=99)}, PROTOCOL)
    return [{**each.event.terms} for each in log if type(each.event) is ng.ProposalMade][1::2]


# What they agree on


@each_pair
@each_other
def test_two_agree_when_their_zones_overlap(buyer: Factory, seller: Factory) -> None:
    """Whatever the order and the delays; 0.3 + 0.5 is no more than 1, so something suits both."""

    @settings(max_examples=15)
    @given(simulations(meeting(buyer, seller), PROTOCOL, delay=3))
    def agree(log: ng.Log) -> None:
        assert agreed(log) is not None

    agree()


@each_pair
@each_other
def test_none_goes_below_its_reservation_value(buyer: Factory, seller: Factory) -> None:
    """Neither in what it offers nor in what it accepts, with delays and losses too."""

    @settings(max_examples=15)
    @given(simulations(meeting(buyer, seller), PROTOCOL, delay=3, losses=2))
    def never_below(log: ng.Log) -> None:
        assert all(utility >= WANTS[by].reservation for by, utility in worth(log))

    never_below()


@each_pair
@each_other
def test_they_do_not_agree_when_their_zones_do_not_overlap(buyer: Factory, seller: Factory) -> None:
    """Of 0.6 and 0.5 one would go below its reservation value, so the rounds are used up."""
    wants = Preferences(BUYER.issues, reservation=0.6)
    agents = {"buyer": buyer(wants, rounds=ROUNDS), "seller": seller(SELLER, rounds=ROUNDS)}
    log = simulate(agents, PROTOCOL)

    assert agreed(log) is None
    assert len(log) == 2 * ROUNDS


@each_pair
@each_other
def test_an_offer_is_accepted_iff_it_is_as_good_as_the_next_one(
    buyer: Factory, seller: Factory
) -> None:
    """What a party counters is worse to it than what it asks for in its place."""
    log = simulate(meeting(buyer, seller), PROTOCOL)

    for (_, before), (_, after) in pairwise((each.event.by, each.event) for each in log):  # type: ignore[union-attr]
        if type(after) is ng.ProposalMade:
            wants = WANTS[after.by]
            assert wants.utility(before.terms) < wants.utility(after.terms)  # type: ignore[union-attr]


def test_one_round_is_the_last_one() -> None:
    """Where there is one round alone, each asks for its reservation value at once."""
    agents = {"buyer": conceder(BUYER, rounds=1), "seller": boulware(SELLER, rounds=1)}
    log = simulate(agents, ng.alternating_offers(rounds=1))

    assert [type(each.event) for each in log] == [ng.ProposalMade, ng.ProposalAccepted]
    assert [*worth(log)] == [("buyer", 0.3), ("seller", 0.7)]


def test_what_is_as_good_as_the_next_offer_is_accepted() -> None:
    """Of 0.3 and 0.7 nothing is left over: there is one price, and it is accepted."""
    exact = Preferences(SELLER.issues, reservation=0.7)
    agents = {"buyer": conceder(BUYER, rounds=1), "seller": boulware(exact, rounds=1)}
    log = simulate(agents, ng.alternating_offers(rounds=1))

    assert agreed(log) is not None


def three() -> dict[str, Agent]:
    broker = Preferences({"price": Issue(5, 0)}, reservation=0.2)
    return {
        "buyer": boulware(BUYER, rounds=ROUNDS),
        "seller": conceder(Preferences(SELLER.issues, 0.3), rounds=ROUNDS),
        "broker": conceder(broker, rounds=ROUNDS),
    }


def test_three_can_agree() -> None:
    """An offer goes to all the others, and it takes the word of each."""
    log = simulate(three(), PROTOCOL)

    found = agreed(log)
    assert found is not None
    assert {found.by, *found.answers} == {"buyer", "seller", "broker"}
    assert set(found.answers.values()) == {"accepted"}
    assert ng.check(log, protocol=PROTOCOL) == ()


def test_they_wait_for_their_turn_where_no_rule_says_so() -> None:
    """In open talks they speak one after the other all the same, and stop at the agreement."""
    for agents in (meeting(conceder, boulware), three()):
        said = [
            [each.event for each in simulate(agents, protocol)] for protocol in (ng.OPEN, PROTOCOL)
        ]
        assert said[0] == said[1]


def test_they_pass_where_they_may_not_answer() -> None:
    """Where nothing but words is allowed they have nothing to say."""

    @ng.rule("words-alone", "nobody does anything but speak")
    def words_alone(state: ng.Negotiation, record: ng.Record) -> bool:
        return type(record.event) is ng.StatementMade

    log = simulate(meeting(conceder, boulware), ng.Protocol("words", [words_alone]))

    assert len(log) == 0


# Two planted bugs


def fickle(view: ng.Negotiation, options: tuple[ng.Template, ...], random: Random) -> Any:
    """Makes an offer, or withdraws one, as it pleases."""
    may = [each for each in options if each.event in (ng.ProposalMade, ng.ProposalWithdrawn)]
    option = random.choice(may)
    if option.event is ng.ProposalWithdrawn:
        return option.build()
    return option.build(to=["buyer"], terms={"price": random.randint(1, 9)}, counters=None)


def bargain_hunter(*, careful: bool) -> Agent:
    """An agent that takes the cheapest offer; the careless one takes withdrawn ones too."""

    def agent(view: ng.Negotiation, options: tuple[ng.Template, ...], random: Random) -> Any:
        offers = [
            each
            for each in view.proposals.values()
            if "buyer" not in each.answers and (each.status == "open" or not careful)
        ]
        if not offers:
            return None
        cheapest = min(offers, key=lambda each: each.terms["price"])  # type: ignore[arg-type,return-value]
        return ng.ProposalAccepted(proposal=cheapest.id, by="buyer")

    return agent


def hurried(*, careful: bool) -> Agent:
    """A buyer that concedes within six hours; the careless one does not stop when they are over."""

    def agent(view: ng.Negotiation, options: tuple[ng.Template, ...], random: Random) -> Any:
        begun = min((each.made for each in view.proposals.values()), default=view.as_of)
        gone = (view.as_of - begun) / timedelta(hours=6)  # type: ignore[operator]
        asked = 1 - (1 - BUYER.reservation) * (min(gone, 1) if careful else gone)
        for each in options:
            if each.event is ng.ProposalAccepted:
                offered = view.proposals[each.given["proposal"]].terms
                if BUYER.utility(offered) >= asked:
                    return each.build()
        for each in options:
            if each.event is ng.ProposalMade:
                name = f"buyer-{view.position + 1}"
                return each.build(proposal=name, to=["seller"], terms=BUYER.terms(asked))
        return None

    return agent


# Explaining a failure would trace every line of it.
fresh = settings(
    database=None, max_examples=200, derandomize=True, phases=[Phase.generate, Phase.shrink]
)


def test_accepting_after_a_visible_withdrawal_is_found() -> None:
    """The agent is named, and what had happened is an offer and its withdrawal, nothing else."""

    @fresh
    @given(simulations({"seller": fickle, "buyer": bargain_hunter(careful=False)}, turns=9))
    def fails(log: ng.Log) -> None: ...

    with pytest.raises(AgentFailed, match="a rule: proposal-closed: ") as caught:
        fails()

    assert [type(each.event) for each in caught.value.log] == [
        ng.ProposalMade, ng.ProposalWithdrawn,
    ]  # fmt: skip
    assert caught.value.party == "buyer"
    assert caught.value.state.proposals["p1"].status == "withdrawn"
    assert all(each.recorded == each.time for each in caught.value.log)


@settings(max_examples=30)
@given(simulations({"seller": fickle, "buyer": bargain_hunter(careful=True)}, turns=9, delay=2))
def test_accepting_before_a_withdrawal_is_known_is_no_bug(log: ng.Log) -> None:
    """The careful agent never fails, though a withdrawal may have been under way."""
    assert {found.code for found in ng.check(log)} <= {"proposal-closed", "used-id"}


SHORT = ng.alternating_offers(rounds=3)  # six turns, an hour apart


def below(log: ng.Log) -> bool:
    return any(by == "buyer" and utility < BUYER.reservation for by, utility in worth(log))


def test_conceding_below_the_reservation_when_messages_are_late_is_found() -> None:
    """In time the buyer keeps to its reservation value; late, it is below it within six records."""
    agents = {"buyer": hurried(careful=False), "seller": boulware(SELLER, rounds=3)}
    shortest = find(simulations(agents, SHORT, delay=6), below, settings=fresh)

    assert not below(simulate(agents, SHORT))
    assert len(shortest) <= 6
    assert any(each.recorded > each.time for each in shortest)


CAREFUL = {"buyer": hurried(careful=True), "seller": boulware(SELLER, rounds=3)}


@settings(max_examples=30)
@given(simulations(CAREFUL, SHORT, delay=6))
def test_conceding_by_the_clock_is_no_bug(log: ng.Log) -> None:
    """The careful buyer stops at its reservation value, however late messages come."""
    assert not below(log)
