"""How fast the testing kit draws and explores; and, by itself, what it draws.

`python -m bench.kit` draws 2,000 logs, legal ones, nearly legal ones and any, and prints in
how many every kind of event, every status and every code of a problem came up. It exits with 1 if
one never did, or if one kind of event makes up more than 30 % of the records.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

import negotiation as ng
from negotiation.lifecycles import DEADLINE, MEETING, PROPOSAL, STATUS
from negotiation.testing import DrawnLog, explore, logs

STATUSES = {
    "parties": ("active", "withdrawn"),
    "proposals": tuple(dict.fromkeys(STATUS.get(phase, phase) for phase in PROPOSAL.table)),
    "truces": ("declared", "in-force", "ended", "expired"),
    "deadlines": tuple(DEADLINE.table),
    "meetings": tuple(MEETING.table),
}
MOST_OF_ONE_KIND = 0.3


def drawn(strategy: SearchStrategy[DrawnLog], count: int) -> list[DrawnLog]:
    """So many examples, drawn as Hypothesis draws them for a test."""
    found: list[DrawnLog] = []

    @seed(2025)
    @settings(
        max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def take(log: DrawnLog) -> None:
        found.append(log)

    take()
    return found


def logs_per_second(rounds: int, count: int = 600) -> float:
    """How many legal logs of 20 records Hypothesis draws in a second, in its own loop."""
    strategy = logs(min_size=20, max_size=20)
    drawn(strategy, 50)
    best = 0.0
    for _ in range(rounds):
        begun = time.perf_counter()
        found = drawn(strategy, count)
        best = max(best, len(found) / (time.perf_counter() - begun))
    return best


def world(depth: int) -> tuple[ng.testing.Exploration, float]:
    """Two parties with a proposal, a truce and a deadline: what was found, and in what time."""
    begun = time.perf_counter()
    found = explore(items={"proposal": 1, "truce": 1, "deadline": 1}, depth=depth)
    return found, time.perf_counter() - begun


def seen(log: ng.Log) -> Iterator[str]:
    """The events of a log, and the statuses and problems that it comes to on its way."""
    yield from {f"event {type(each.event).__name__}" for each in log}
    states = [state for _, state in ng.steps(log)]
    if states:
        last = log[-1].time
        states.append(ng.replay(log, as_of=last + (last - log[0].time)))
    for state in states:
        for kind in STATUSES:
            items: dict[str, Any] = getattr(state, kind)
            yield from {f"{kind} {item.status}" for item in items.values()}
    yield from {f"problem {problem.code}" for problem in ng.check(log)}


def expected() -> Iterator[str]:
    """All that has to come up."""
    yield from (f"event {kind.__name__}" for kind in (*ng.EVENTS, ng.UnknownEvent))
    yield from (f"{kind} {status}" for kind, each in STATUSES.items() for status in each)
    yield from (f"problem {code}" for code in ng.REASONS)


def main() -> int:
    """Draw, count, print."""
    counts = {"legal": 800, "near": 600, "any": 600}
    asked: dict[str, Any] = {"late": True, "hidden": True, "retracted": True}
    found = {
        "legal": drawn(logs(**asked), counts["legal"]),
        "near": drawn(logs(legal="near", **asked), counts["near"]),
        "any": drawn(logs(legal=False, **asked), counts["any"]),
    }
    came = {
        name: Counter(what for log in each for what in set(seen(log)))
        for name, each in found.items()
    }
    events = Counter(
        type(record.event).__name__ for each in found.values() for log in each for record in log
    )
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"in how many of {told} logs it came up")
    for what in expected():
        print(f"  {what:32}" + "".join(f"{came[name][what]:6}" for name in counts))
    kind, most = events.most_common(1)[0]
    share = most / events.total()
    print(f"the most frequent kind of event is {kind}: {share:.1%} of {events.total()} records")
    missing = [what for what in expected() if not any(each[what] for each in came.values())]
    illegal = [what for what in came["legal"] if what.startswith("problem")]
    print(f"never seen: {', '.join(missing) or 'nothing'}")
    print(f"problems in legal logs: {', '.join(illegal) or 'none'}")
    return 1 if missing or illegal or share > MOST_OF_ONE_KIND else 0


if __name__ == "__main__":
    sys.exit(main())
