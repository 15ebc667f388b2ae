"""Three agents for alternating offers: a conceder, a boulware, and one that gives tit for tat.

Each negotiates several issues at once, such as price and weeks, with a linear additive utility: how
good each issue is, from 0 for the worst value to 1 for the best, times its weight. None goes below
its reservation value, and each accepts what is at least as good as what it would ask for next.

The tactics are those of P. Faratin, C. Sierra, N. R. Jennings: Negotiation Decision Functions for
Autonomous Agents (1998). `negotiation.testing.simulate` lets the agents meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from random import Random
from typing import Any, TypeAlias

import negotiation as ng

Agent: TypeAlias = Callable[[ng.Negotiation, tuple[ng.Template, ...], Random], Any]
Terms: TypeAlias = Mapping[str, Any]
Asks: TypeAlias = Callable[[ng.Negotiation], Terms]


@dataclass(frozen=True)
class Issue:
    """Something to agree on.

    Attributes:
        best: the value that one likes most.
        worst: the value that one likes least of those that may be agreed on.
        weight: how much the issue counts beside the others.
    """

    best: float
    worst: float
    weight: float = 1

    def share(self, value: Any) -> float:
        """How good a value is: 1 for the best, 0 for the worst and for what is no number."""
        if not isinstance(value, int | float):
            return 0
        return max(0, min(1, (self.worst - value) / (self.worst - self.best)))

    def value(self, share: float) -> float:
        """The value that is so good."""
        return round(float(self.worst - share * (self.worst - self.best)), 6)


@dataclass(frozen=True)
class Preferences:
    """What a party wants.

    Attributes:
        issues: name → the issue.
        reservation: the utility, from 0 to 1, below which no agreement is better than one.
    """

    issues: Mapping[str, Issue]
    reservation: float

    def utility(self, terms: Terms) -> float:
        """How good terms are, from 0 to 1. Rounded, so that no noise of floats decides."""
        weights = sum(issue.weight for issue in self.issues.values())
        worth = sum(
            issue.weight * issue.share(terms.get(name)) for name, issue in self.issues.items()
        )
        return round(worth / weights, 6)

    def terms(self, utility: float) -> dict[str, float]:
        """The terms of which each issue is so good."""
        return {name: issue.value(utility) for name, issue in self.issues.items()}


def conceder(preferences: Preferences, *, rounds: int) -> Agent:
    """An agent that concedes early, and is near its reservation value long before the last round.

    Args:
        preferences: what its party wants.
        rounds: the number of rounds after which the talks are over.
    """
    return by_time(preferences, rounds=rounds, beta=4)


def boulware(preferences: Preferences, *, rounds: int) -> Agent:
    """An agent that hardly concedes before the last rounds.

    Args:
        preferences: what its party wants.
        rounds: the number of rounds after which the talks are over.
    """
    return by_time(preferences, rounds=rounds, beta=1 / 4)


def by_time(preferences: Preferences, *, rounds: int, beta: float) -> Agent:
    """An agent that concedes with time: by the last round it asks for its reservation value.

    Args:
        preferences: what its party wants.
        rounds: the number of rounds after which the talks are over.
        beta: above 1 it concedes early, below 1 late.
    """

    def asks(view: ng.Negotiation) -> Terms:
        conceded = _elapsed(view, rounds) ** (1 / beta) * (1 - preferences.reservation)
        return preferences.terms(max(preferences.reservation, round(1 - conceded, 2)))

    return _agent(preferences, asks)


def tit_for_tat(preferences: Preferences, *, rounds: int) -> Agent:
    """An agent that concedes on each issue as much as the other did last, or takes as much back.

    In the last round it asks for its reservation value, since nothing is left to answer.

    Args:
        preferences: what its party wants.
        rounds: the number of rounds after which the talks are over.
    """

    def asks(view: ng.Negotiation) -> Terms:
        own = _offers(view, view.known_to)
        theirs = _offers(view, ng.talks(view).by)
        if _elapsed(view, rounds) >= 1:
            return preferences.terms(preferences.reservation)
        if not own or len(theirs) < 2:
            return own[-1] if own else preferences.terms(1)
        asked = {}
        for name, issue in preferences.issues.items():
            gained = issue.share(theirs[-1].get(name)) - issue.share(theirs[-2].get(name))
            asked[name] = issue.value(max(0, min(1, issue.share(own[-1][name]) - gained)))
        if preferences.utility(asked) < preferences.reservation:
            return preferences.terms(preferences.reservation)
        return asked

    return _agent(preferences, asks)


def _agent(preferences: Preferences, asks: Asks) -> Agent:
    """An agent that accepts what is as good as what it asks, and else asks."""

    def agent(view: ng.Negotiation, options: tuple[ng.Template, ...], random: Random) -> Any:
        talks, me, asked = ng.talks(view), view.known_to, asks(view)
        if talks.over or talks.next not in (None, me):
            return None
        for option in options:
            if option.event is ng.ProposalAccepted and option.given["proposal"] == talks.standing:
                offered = view.proposals[option.given["proposal"]].terms
                if preferences.utility(offered) >= preferences.utility(asked):
                    return option.build()
        for option in options:
            if option.event is ng.ProposalMade:
                name = f"{me}-{len(_offers(view, me)) + 1}"
                to = option.given.get("to") or _all_others(option)
                return option.build(proposal=name, to=to, terms=asked, counters=talks.standing)
        return None

    return agent


def _elapsed(view: ng.Negotiation, rounds: int) -> float:
    """How far the talks have come: 0 in the first round, 1 in the last, more after it."""
    talks = ng.talks(view)
    taken = talks.turns // max(1, len(talks.parties))
    return taken / (rounds - 1) if rounds > 1 else 1


def _offers(view: ng.Negotiation, party: str | None) -> list[Terms]:
    """What a party has offered, the oldest first."""
    made = sorted(view.proposals.values(), key=attrgetter("made"))
    return [proposal.terms for proposal in made if proposal.by == party]


def _all_others(offer: ng.Template) -> tuple[str, ...]:
    """Everybody to whom an offer may be made."""
    return max(offer.choices.get("to") or offer.open["to"], key=len)
