"""Beside NegMAS: its moves by our protocol, and our agents in its mechanism."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

import negotiation as ng
from examples.agents import Agent, Issue, Preferences, boulware, conceder, tit_for_tat
from examples.negmas_verdict import verdict
from negotiation.importers.negmas_live import of_mechanism
from negotiation.importers.negmas_runs import negmas
from negotiation.testing import simulate
from tests.importers.negmas_peer import (
    ACCEPT,
    ISSUES,
    NAMES,
    REJECT,
    Decides,
    Heard,
    Played,
    Said,
    fresh_runs,
    peer,
    sao,
)

pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that NegMAS itself imports

START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def runs() -> list[Played]:
    """Those that are limited by rounds alone: a protocol knows no seconds."""
    return [run for run in fresh_runs() if run.limit == "rounds"]


# Their moves under our protocol


def event_of(said: Said, log: ng.Log) -> ng.AnyEvent:
    """A move of NegMAS as an event; not to offer is to end it, in NegMAS as by us."""
    standing = ng.talks(ng.replay(log)).standing
    if said.response == ACCEPT.name:
        return ng.ProposalAccepted(proposal=standing or "none", by=said.by)
    if said.offer is None:
        return ng.PartyWithdrew(by=said.by)
    order = ng.talks(ng.replay(log)).parties or NAMES[: int(log.negotiation or "2")]
    place = order.index(said.by)
    to = (*order[place + 1 :], *order[:place])
    terms = dict(zip(ISSUES, said.offer, strict=True))
    return ng.ProposalMade(
        proposal=f"p{len(log) + 1}", by=said.by, to=to, terms=terms, counters=standing
    )


def under_protocol(run: Played) -> tuple[ng.Log, ng.Protocol]:
    """The moves of a run, each appended strictly, and so legal."""
    protocol = ng.alternating_offers(rounds=run.mechanism.n_steps)
    log = ng.Log(str(len(run.parties)))
    for turn, said in enumerate(run.said):
        assert ng.talks(ng.replay(log)).next in (None, said.by)
        log = log.append(event_of(said, log), time=START + timedelta(hours=turn), protocol=protocol)
        if said.ends:
            break
    return log, protocol


def test_their_moves_are_legal_by_our_protocol(runs: list[Played]) -> None:
    """Whoever is asked there has its turn here, and every move is legal, until somebody leaves."""
    for run in runs:
        log, protocol = under_protocol(run)
        assert ng.check(log, protocol=protocol) == ()
        assert len(log) == len(run.said) or any(each.ends for each in run.said)


def test_their_talks_are_over_when_ours_are(runs: list[Played]) -> None:
    """By agreement, by a walk-away, or because the rounds are used up, and not before."""
    for run in runs:
        log, protocol = under_protocol(run)
        state = ng.replay(log)
        if len(log) < len(run.said):
            continue  # after one of three has left NegMAS goes on with two, and this protocol ends
        over = {"agreement": "agreement", "broken": "walk-away", "timedout": None}
        assert ng.talks(state).over == over[run.verdict[0]]
        for party in state.parties:
            assert ng.legal_events(state, protocol, party) == ()
        for shorter in (log.upto(each) for each in range(1, len(log))):
            assert ng.talks(ng.replay(shorter)).over is None


def test_who_goes_on_after_one_has_left_breaks_our_protocol(runs: list[Played]) -> None:
    """Of three NegMAS lets two go on; the protocol of the paper ends, and so does ours."""
    went_on = 0
    for run in runs:
        log, protocol = under_protocol(run)
        if len(log) < len(run.said):
            went_on += 1
            assert ng.talks(ng.replay(log)).over == "walk-away"
            assert ng.legal_events(ng.replay(log), protocol) == ()
    assert went_on >= 20


@pytest.mark.parametrize("turn", [0, 1])
def test_an_acceptance_of_nothing_is_refused_by_both(turn: int) -> None:
    """NegMAS ends the run; our protocol has nothing to accept."""
    moves = [(REJECT, None)] * turn + [(ACCEPT, None)]
    mechanism = Heard(n_steps=5, end_on_no_response=not turn)
    for name in NAMES[:2]:
        mechanism.add(Decides(name, lambda _: moves[len(mechanism.said)]))
    mechanism.run()

    assert mechanism.state.broken
    log = ng.Log("2")
    with pytest.raises(ng.IllegalEvent, match="unknown-proposal"):
        log.append(event_of(mechanism.said[-1], log), time=START, protocol=ng.ALTERNATING_OFFERS)
    assert verdict(ng.replay(negmas([of_mechanism(mechanism)]).logs[mechanism.id])) == (
        "broken", None,
    )  # fmt: skip


# Our agents in their mechanism

ROUNDS = 6
BUYER = Preferences({"price": Issue(0, 10, weight=3), "weeks": Issue(0, 10)}, reservation=0.3)
SELLER = Preferences({"price": Issue(10, 0), "weeks": Issue(10, 0, weight=2)}, reservation=0.5)
GREEDY = Preferences(SELLER.issues, reservation=0.75)
KINDS = (conceder, boulware, tit_for_tat)


def in_their_mechanism(agents: Mapping[str, Agent], protocol: ng.Protocol) -> tuple[Any, ng.Log]:
    """Our agents, asked by NegMAS; each sees the log of what was said before."""
    issues = [peer.make_issue((0.0, 10.0), name) for name in ISSUES]
    mechanism = sao.SAOMechanism(issues=issues, n_steps=ROUNDS)
    log = ng.Log(str(len(agents)))

    def asked(party: str) -> Callable[[Any], tuple[Any, Any]]:
        def decide(state: Any) -> tuple[Any, Any]:
            nonlocal log
            view = ng.replay(log, known_to=party)
            options = ng.legal_events(view, protocol, party, parties=[*agents])
            event = agents[party](view, options, Random(0))  # noqa: S311  # no secret
            log = log.append(event, time=START + timedelta(hours=len(log)), protocol=protocol)
            if isinstance(event, ng.ProposalAccepted):
                return ACCEPT, state.current_offer
            return REJECT, tuple(event.terms[name] for name in ISSUES if name in event.terms)

        return decide

    for party in agents:
        mechanism.add(Decides(party, asked(party)))
    mechanism.run()
    return mechanism, log


def offers(log: Iterable[ng.Record]) -> list[tuple[str, Mapping[str, Any]]]:
    """Who offered what."""
    return [
        (each.event.by, each.event.terms) for each in log if isinstance(each.event, ng.ProposalMade)
    ]


@pytest.mark.parametrize("seller_wants", [SELLER, GREEDY], ids=["modest", "greedy"])
@pytest.mark.parametrize("buyer", KINDS)
@pytest.mark.parametrize("seller", KINDS)
def test_our_agents_come_to_the_same_in_their_mechanism(
    buyer: Any, seller: Any, seller_wants: Preferences
) -> None:
    """The same offers in the same order, and the same verdict: agreement, or time is up."""
    agents = {
        "buyer": buyer(BUYER, rounds=ROUNDS), "seller": seller(seller_wants, rounds=ROUNDS),
    }  # fmt: skip
    protocol = ng.alternating_offers(rounds=ROUNDS)
    mechanism, _ = in_their_mechanism(agents, protocol)
    ours = simulate(agents, protocol)
    theirs = negmas([of_mechanism(mechanism)]).logs[mechanism.id]

    assert offers(theirs) == offers(ours)
    agreed = [
        each.terms for each in ng.replay(ours).proposals.values() if each.status == "accepted"
    ]
    expected = ("agreement", agreed[0]) if agreed else ("timedout", None)
    assert verdict(ng.replay(theirs)) == expected
    assert mechanism.state.timedout is not bool(agreed)


def test_three_of_our_agents_come_to_the_same_in_their_mechanism() -> None:
    """With three parties too an offer is agreed on when both others have accepted it."""
    agents = {  # in the order in which the first offer names them, in which they speak by us
        "buyer": boulware(BUYER, rounds=ROUNDS),
        "broker": conceder(Preferences(SELLER.issues, 0.2), rounds=ROUNDS),
        "seller": conceder(Preferences(SELLER.issues, 0.3), rounds=ROUNDS),
    }
    protocol = ng.alternating_offers(rounds=ROUNDS)
    mechanism, _ = in_their_mechanism(agents, protocol)
    ours = simulate(agents, protocol)

    (agreed,) = [
        each.terms for each in ng.replay(ours).proposals.values() if each.status == "accepted"
    ]
    assert dict(zip(ISSUES, mechanism.state.agreement, strict=True)) == agreed
