"""Runs that NegMAS itself plays, with all that was said in them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any

import pytest
from attrs import frozen

from negotiation.importers.negmas_live import of_mechanism

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of packages that NegMAS itself imports
    peer = pytest.importorskip("negmas")
    sao = pytest.importorskip("negmas.sao")

RUNS = 500
NAMES = ("buyer", "seller", "broker", "clerk")
ISSUES = ("price", "weeks")
LIMITS = ("rounds", "rounds", "time", "both")
SECONDS = 0.01
ACCEPT, REJECT, END, SILENT, _, LEAVE = sao.ResponseType

Mechanism: Any = sao.SAOMechanism
Negotiator: Any = sao.SAONegotiator
Decide = Callable[[Any], tuple[Any, Any]]


@frozen
class Said:
    """What a negotiator did when it was asked.

    Attributes:
        step: in which round.
        by: who.
        response: its response, by name.
        offer: what it offered, if anything.
    """

    step: int
    by: str
    response: str
    offer: tuple[Any, ...] | None

    @property
    def ends(self) -> bool:
        """Whether it will have no more to do with it: by leaving, by ending, by not offering."""
        return self.response != ACCEPT.name and self.offer is None


class Heard(Mechanism):  # type: ignore[misc]  # it is there only where NegMAS is
    """A mechanism that writes down what it hears, and not what comes too late."""

    def __init__(self, **more: Any) -> None:
        super().__init__(issues=[peer.make_issue(20, "price"), peer.make_issue(5, "weeks")], **more)
        self.said: list[Said] = []

    def _safe_counter(self, negotiator: Any, *args: Any, **more: Any) -> Any:
        response, failed = super()._safe_counter(negotiator, *args, **more)
        if response is not None:
            offer = response.outcome if response.response is REJECT else None
            by, said = negotiator.name, response.response.name
            self.said.append(Said(self.state.step, by, said, offer))
        return response, failed


class Decides(Negotiator):  # type: ignore[misc]  # as above
    """A negotiator that does what a function says."""

    def __init__(self, name: str, decide: Decide) -> None:
        super().__init__(name=name)
        self.decide = decide

    def propose(self, state: Any, dest: str | None = None) -> Any:
        raise NotImplementedError

    def __call__(self, state: Any, dest: str | None = None) -> Any:
        return sao.SAOResponse(*self.decide(state))


@frozen
class Played:
    """A run and all that was said in it, the answers that the trace does not have included."""

    mechanism: Any
    limit: str

    @property
    def id(self) -> str:
        """What it is called."""
        return str(self.mechanism.id)

    @property
    def said(self) -> list[Said]:
        """What the mechanism heard."""
        return list(self.mechanism.said)

    @property
    def parties(self) -> tuple[str, ...]:
        """The names of the negotiators."""
        return tuple(self.mechanism.negotiator_names)

    @property
    def verdict(self) -> tuple[str, Mapping[str, Any] | None]:
        """The mechanism's own."""
        state = self.mechanism.state
        if state.agreement is not None:
            return "agreement", dict(zip(ISSUES, state.agreement, strict=True))
        return ("broken" if state.broken else "timedout"), None


def by_chance(random: Random, leaving: float, slow: float) -> Decide:
    """It decides by chance; it may leave, end the talks, refuse to offer, or be too late."""

    def decide(state: Any) -> tuple[Any, Any]:
        if random.random() < slow:
            time.sleep(2 * SECONDS)
        chance = random.random()
        if chance < leaving:
            return random.choice((END, LEAVE)), None
        if state.current_offer is not None and chance < leaving + 0.3:
            return ACCEPT, state.current_offer
        if chance > 1 - leaving / 4:
            return REJECT, None
        return REJECT, (random.randrange(20), random.randrange(5))

    return decide


def unyielding(random: Random) -> Decide:
    """It never accepts."""
    return lambda _: (REJECT, (random.randrange(20), random.randrange(5)))


def wants(random: Random, mechanism: Any) -> Any:
    """What one of NegMAS' own negotiators wants."""
    issues = mechanism.outcome_space.issues
    return peer.preferences.LinearAdditiveUtilityFunction(
        values=[
            peer.preferences.AffineFun(random.choice((-1, 1)) / (issue.cardinality - 1), bias=0)
            for issue in issues
        ],
        issues=issues,
        reserved_value=random.choice((-1, 0.3)),
    )


def play(number: int) -> Played:
    """A run of two to four: every third of NegMAS' own negotiators, the others by chance."""
    random = Random(number)  # noqa: S311  # no secret
    names, limit = NAMES[: random.choice((2, 2, 3, 3, 4))], LIMITS[number % len(LIMITS)]
    mechanism = Heard(
        n_steps=None if limit == "time" else random.randint(1, 12),
        time_limit=None if limit == "rounds" else SECONDS,
    )
    kinds = (sao.BoulwareTBNegotiator, sao.ConcederTBNegotiator, sao.LinearTBNegotiator)
    leaving, slow = random.choice((0, 0.05, 0.2)), 0 if limit == "rounds" else 0.03
    for name in names:
        if number % 3 == 0:
            mechanism.add(random.choice(kinds)(name=name), preferences=wants(random, mechanism))
        elif number % 7 == 0:
            mechanism.add(Decides(name, unyielding(random)))
        else:
            mechanism.add(Decides(name, by_chance(random, leaving, slow)))
    mechanism.run()
    return Played(mechanism, limit)


@cache
def fresh_runs() -> tuple[Played, ...]:
    """All of them, played once."""
    return tuple(play(number) for number in range(RUNS))


def scripted(moves: Mapping[str, list[Any]], *, begun: bool = True, **more: Any) -> Any:
    """A run in which each says what is written for it: a price, or a response; and then 0.

    Unless it is `begun`, and so played to its end, it is there to be played step by step.
    """
    mechanism = Heard(**more)
    for name in moves:
        script = iter(moves[name])

        def decide(state: Any, script: Any = script) -> tuple[Any, Any]:
            move = next(script, 0)
            if isinstance(move, sao.ResponseType):
                return move, state.current_offer if move is ACCEPT else None
            return REJECT, (move, 0)

        mechanism.add(Decides(name, decide))
    if begun:
        mechanism.run()
    return mechanism


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
