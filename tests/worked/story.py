"""Short logs, so that a worked example reads as what happened and what follows from it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import negotiation as ng

Entry: TypeAlias = tuple[datetime, ng.AnyEvent] | tuple[datetime, ng.AnyEvent, Mapping[str, Any]]
"""When it happened, what happened and, where they matter, the record's other attributes."""


def t(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant of the one month in which every story takes place."""
    return datetime(2031, 3, day, hour, minute, tzinfo=UTC)


def story(*entries: Entry) -> ng.Log:
    """The log of these entries, in the order in which they were recorded: e1, e2, e3 and so on."""
    log = ng.Log("talks-1")
    for entry in entries:
        options = entry[2] if len(entry) == 3 else {}
        log = log.append(entry[1], time=entry[0], strict=False, **options)
    return log


def codes(state: ng.Negotiation) -> list[tuple[str, str]]:
    """The problems of a state, each as the record's id and the rule that it broke."""
    return [(problem.event, problem.code) for problem in state.problems]
