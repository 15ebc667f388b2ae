"""Beside NegMAS: its runs as logs, its moves by our protocol, and our agents in its mechanism."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from attrs import frozen

import negotiation as ng
from examples.agents import Agent, Issue, Preferences, boulware, conceder, tit_for_tat
from examples.negmas_verdict import verdict
from negotiation.importers.common import Imported
from negotiation.importers.negmas_runs import negmas, of_mechanism
from negotiation.testing import simulate

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of packages that NegMAS itself imports
    peer = pytest.importorskip("negmas")
    sao = pytest.importorskip("negmas.sao")

pytestmark = pytest.mark.filterwarnings("ignore")  # as above

RUNS = 500
NAMES = ("buyer", "seller", "broker")
ISSUES = ("price", "weeks")
START = datetime(2030, 1, 1, tzinfo=UTC)
ACCEPT, REJECT, END, _, _, LEAVE = sao.ResponseType


@frozen
class Said:
    """What a negotiator did when it was asked."""

    by: str
    response: str
    offer: tuple[Any, ...] | None

    @property
    def ends(self) -> bool:
        """Whether it will have no more to do with it: by leaving, by ending, by not offering."""
        return self.response != ACCEPT.name and self.offer is None


@frozen
class Played:
    """A run and all that was said in it, the answers that the trace does not have included."""

    mechanism: Any
    said: list[Said]
    rounds: int

    @property
    def verdict(self) -> tuple[str, Mapping[str, Any] | None]:
        """The mechanism's own."""
        state = self.mechanism.state
        if state.agreement is not None:
            return "agreement", dict(zip(ISSUES, state.agreement, strict=True))
        return ("broken" if state.broken else "timedout"), None


Negotiator: Any = sao.SAONegotiator


class Decides(Negotiator):  # type: ignore[misc]  # it is there only where NegMAS is
    """A negotiator that does what a function says."""

    def __init__(self, name: str, decide: Callable[[Any], tuple[Any, Any]]) -> None:
        super().__init__(name=name)
        self.decide = decide

    def propose(self, state: Any, dest: str | None = None) -> Any:
        raise NotImplementedError

    def __call__(self, state: Any, dest: str | None = None) -> Any:
        return sao.SAOResponse(*self.decide(state))


def by_chance(random: Random, leaving: float) -> Callable[[Any], tuple[Any, Any]]:
    """It decides by chance; it may leave, end the talks, or refuse to offer."""

    def decide(state: Any) -> tuple[Any, Any]:
        chance = random.random()
        if chance < leaving:
            return random.choice((END, LEAVE)), None
        if state.current_offer is not None and chance < leaving + 0.3:
            return ACCEPT, state.current_offer
        if chance > 1 - leaving / 4:
            return REJECT, None
        return REJECT, (random.randrange(20), random.randrange(5))

    return decide


def overheard(negotiator: Any, said: list[Said]) -> Any:
    """The negotiator, of which is written down whatever it does."""
    kind = type(negotiator)

    def call(self: Any, state: Any, dest: str | None = None) -> Any:
        answer = kind.__call__(self, state, dest)
        offer = answer.outcome if answer.response is REJECT else None
        said.append(Said(self.name, answer.response.name, offer))
        return answer

    negotiator.__class__ = type("Overheard", (kind,), {"__call__": call})
    return negotiator


def play(number: int) -> Played:
    """A run of two or three: every third of NegMAS' own agents, the others by chance."""
    random, said = Random(number), list[Said]()  # noqa: S311  # no secret
    rounds, names = random.randint(1, 12), NAMES[: random.choice((2, 3))]
    issues = [peer.make_issue(20, "price"), peer.make_issue(5, "weeks")]
    mechanism = sao.SAOMechanism(issues=issues, n_steps=rounds)
    kinds = (sao.BoulwareTBNegotiator, sao.ConcederTBNegotiator, sao.LinearTBNegotiator)
    leaving = random.choice((0, 0.05, 0.2))
    for name in names:
        if number % 3:
            mechanism.add(overheard(Decides(name, by_chance(random, leaving)), said))
            continue
        wants = peer.preferences.LinearAdditiveUtilityFunction(
            values=[
                peer.preferences.AffineFun(random.choice((-1, 1)) / (issue.cardinality - 1), bias=0)
                for issue in issues
            ],
            issues=issues,
            reserved_value=random.choice((-1, 0.3)),
        )
        mechanism.add(overheard(random.choice(kinds)(name=name), said), preferences=wants)
    mechanism.run()
    return Played(mechanism, said, rounds)


@pytest.fixture(scope="module")
def runs() -> list[Played]:
    return [play(number) for number in range(RUNS)]


@pytest.fixture(scope="module")
def imported(runs: list[Played]) -> Imported:
    return negmas(of_mechanism(run.mechanism) for run in runs)


def bare(mechanism: Any) -> dict[str, Any]:
    """The row that a file has: what the trace says, and not what the mechanism knows besides."""
    row = of_mechanism(mechanism)
    called = dict(zip(mechanism.negotiator_ids, mechanism.negotiator_names, strict=True))
    row["full_trace"] = [
        {
            "step": each.step, "negotiator": called[each.negotiator],
            "offer": None if each.offer is None else [*each.offer],
            "responses": {called[by]: said.name for by, said in each.responses.items()},
        }
        for each in mechanism.full_trace
    ]  # fmt: skip
    row["final"] = {
        name: row["final"][name]
        for name in ("agreement", "broken", "timedout", "step", "left_negotiators")
    }
    return row


# Their runs as our logs


def test_our_verdict_is_the_mechanism_s(runs: list[Played], imported: Imported) -> None:
    """In 500 of 500, with two and three parties and of all endings; no log has a problem."""
    counted: Counter[tuple[int, str]] = Counter()

    assert imported.report.wrong == 0
    for run in runs:
        log = imported.logs[run.mechanism.id]
        assert ng.check(log) == ()
        assert verdict(ng.replay(log)) == run.verdict
        counted[len(run.mechanism.negotiators), run.verdict[0]] += 1
    assert len(counted) == 6
    assert min(counted.values()) >= 15, counted
    assert sum(bool(run.mechanism.state.left_negotiators) for run in runs) >= 40


def test_it_is_so_from_rows_alone(runs: list[Played]) -> None:
    """In 500 of 500 too, where the rows say neither when somebody left nor who ended it."""
    rows = negmas(bare(run.mechanism) for run in runs)

    assert rows.report.wrong == 0
    for run in runs:
        log = rows.logs[run.mechanism.id]
        assert ng.check(log) == ()
        assert verdict(ng.replay(log)) == run.verdict
    assert rows.report.aside["ended by somebody not named"] >= 50
    assert rows.report.aside["time of leaving not told"] >= 5


def happened(run: Played) -> list[tuple[str, str, int]]:
    """What was said, with the number of the offer that it is about."""
    offers, told = 0, []
    for each in run.said:
        offers += each.offer is not None
        if each.offer is not None:
            told.append(("offers", each.by, offers))
        elif each.response == ACCEPT.name:
            told.append(("accepts", each.by, offers))
        else:
            told.append(("leaves", each.by, 0))
    return told


def logged(log: ng.Log) -> list[tuple[str, str, int]]:
    """The same of a log; a rejection counts as the offer that is not told."""
    told = []
    for record in log:
        event = record.event
        if isinstance(event, ng.ProposalMade | ng.ProposalAccepted):
            what = "offers" if isinstance(event, ng.ProposalMade) else "accepts"
            told.append((what, event.by, int(event.proposal.removeprefix("offer-"))))
        elif isinstance(event, ng.PartyWithdrew):
            told.append(("leaves", event.by, 0))
    return told


def test_nothing_is_said_that_was_not_said(runs: list[Played], imported: Imported) -> None:
    """Each offer, acceptance and leave of a log happened; acceptances alone are missing."""
    for run in runs:
        log = imported.logs[run.mechanism.id]
        true, told = Counter(happened(run)), Counter(logged(log))
        assert told <= true
        assert {what for what, *_ in true - told} <= {"accepts"}
        reported = sum(
            each.detail.count(" to the offer of ")
            for each in imported.aside
            if each.cells["run"] == log.negotiation and each.reason == "answers not told"
        )
        missing = (true - told).total()
        assert reported == missing or (reported < missing and run.mechanism.state.left_negotiators)


def test_nothing_is_said_of_rows_alone_that_was_not_said(runs: list[Played]) -> None:
    """Where the source tells less, less is said: no acceptance by somebody who had left."""
    rows = negmas(bare(run.mechanism) for run in runs)
    for run in runs:
        assert Counter(logged(rows.logs[run.mechanism.id])) <= Counter(happened(run))


def test_the_offers_and_those_who_left_are_in_order(runs: list[Played], imported: Imported) -> None:
    """Of two parties a log has everything, in the order in which it was said."""
    for run in runs:
        if len(run.mechanism.negotiators) == 2:
            assert logged(imported.logs[run.mechanism.id]) == happened(run)


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
    protocol = ng.alternating_offers(rounds=run.rounds)
    log = ng.Log(str(len(run.mechanism.negotiators)))
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
    mechanism = sao.SAOMechanism(issues=[peer.make_issue(20, "price")], n_steps=5)
    said = list[Said]()
    moves = [(REJECT, (3,))] * turn + [(ACCEPT, None)]
    if turn:
        mechanism = sao.SAOMechanism(
            issues=[peer.make_issue(20, "price")], n_steps=5, end_on_no_response=False
        )
        moves = [(REJECT, None), (ACCEPT, None)]
    for name in NAMES[:2]:
        mechanism.add(overheard(Decides(name, lambda _: moves[len(said)]), said))
    mechanism.run()

    assert mechanism.state.broken
    log = ng.Log("2")
    with pytest.raises(ng.IllegalEvent, match="unknown-proposal"):
        log.append(event_of(said[-1], log), time=START, protocol=ng.ALTERNATING_OFFERS)
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
