"""For those who test negotiations: strategies, laws, contracts, scenarios, machines, simulation.

Nothing here is imported before it is used, so that the plugin for pytest costs little. It needs
the extra `testing`: Hypothesis and pytest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from negotiation.testing.clauses import (
        Clause,
        InvalidScenario,
        changes,
        party,
        problem,
        refused,
        unchanged,
        value,
    )
    from negotiation.testing.contracts import DurableStoreContract, StoreContract
    from negotiation.testing.exploring import Exploration, explore
    from negotiation.testing.machine import NegotiationMachine
    from negotiation.testing.model_laws import ModelLaws
    from negotiation.testing.scenarios import given
    from negotiation.testing.simulating import Agent, simulate, simulations
    from negotiation.testing.strategies import DrawnLog, events, logs, parties, records

_WHEN_USED: Final = {
    "Agent": "simulating",
    "Clause": "clauses",
    "DrawnLog": "strategies",
    "DurableStoreContract": "contracts",
    "Exploration": "exploring",
    "InvalidScenario": "clauses",
    "ModelLaws": "model_laws",
    "NegotiationMachine": "machine",
    "StoreContract": "contracts",
    "changes": "clauses",
    "events": "strategies",
    "explore": "exploring",
    "given": "scenarios",
    "logs": "strategies",
    "parties": "strategies",
    "party": "clauses",
    "problem": "clauses",
    "records": "strategies",
    "refused": "clauses",
    "simulate": "simulating",
    "simulations": "simulating",
    "unchanged": "clauses",
    "value": "clauses",
}


def __getattr__(name: str) -> Any:
    if name not in _WHEN_USED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHEN_USED[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHEN_USED})


__all__ = [
    "Agent",
    "Clause",
    "DrawnLog",
    "DurableStoreContract",
    "Exploration",
    "InvalidScenario",
    "ModelLaws",
    "NegotiationMachine",
    "StoreContract",
    "changes",
    "events",
    "explore",
    "given",
    "logs",
    "parties",
    "party",
    "problem",
    "records",
    "refused",
    "simulate",
    "simulations",
    "unchanged",
    "value",
]
