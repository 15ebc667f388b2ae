"""Runs of NegMAS by hand, and what is said in their logs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import negotiation as ng
from examples.negmas_verdict import verdict
from negotiation.importers.common import START
from negotiation.importers.negmas_runs import negmas

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


def clock(log: ng.Log) -> list[tuple[str, int]]:
    """What is `said`, with the round in which it stands."""
    times = [each.time for each in log if said(ng.Log("r", [each]))]
    return [
        (told, int((time - START) / timedelta(minutes=1)))
        for told, time in zip(said(log), times, strict=True)
    ]


def ended(row: Mapping[str, Any]) -> Any:
    return verdict(ng.replay(one(row)[0]))
