"""Measures this library beside its peers in one run and prints ratios: `make bench`.

Absolute figures belong to the machine; the ratios are what is promised. Each pair is measured in
turns, several rounds, and the best round of each counts.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import attrs

import negotiation as ng
from bench import importing, kit, peer, stores, workload
from negotiation.wire.lines import Codec

ROWS: list[tuple[str, str, str, str]] = []


def best(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The shortest time in seconds that each piece of work took, taken in turns."""
    shortest = [float("inf")] * len(works)
    for _ in range(rounds):
        for index, work in enumerate(works):
            gc.collect()
            start = time.perf_counter()
            result = work()
            shortest[index] = min(shortest[index], time.perf_counter() - start)
            del result
    return shortest


def row(what: str, figures: str, ratio: float, target: float, *, at_most: bool = False) -> None:
    """Note one line of the table."""
    met = ratio <= target if at_most else ratio >= target
    sign = "≤" if at_most else "≥"
    ROWS.append((what, figures, f"{ratio:.2f}", f"{sign} {target:g} {'met' if met else 'MISSED'}"))


def rate(count: int, seconds: float) -> str:
    """Records per second in thousands."""
    return f"{count / seconds / 1000:.0f} k/s"


def imports(rounds: int) -> None:
    """`import negotiation` against importing attrs and the map library, over bare Python."""

    def start(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-I", "-c", code], check=True)  # noqa: S603

    bare, libraries, whole = best(
        max(rounds, 5) * 3,
        start("pass"),
        start("import attrs, rpds"),
        start("import negotiation"),
    )
    ours, theirs = whole - bare, libraries - bare
    row(
        "import negotiation / import attrs and rpds",
        f"{ours * 1000:.0f} ms / {theirs * 1000:.0f} ms",
        ours / theirs,
        2.5,
        at_most=True,
    )


def fold(rounds: int, count: int) -> None:
    """The fold of events in memory against the peer's mutate path in memory."""
    log = ng.Log("talks", workload.records(count))
    events = list(peer.talks(workload.happenings(count)).collect_events())

    def mutate() -> object:
        aggregate: Any = None
        for each in events:
            aggregate = each.mutate(aggregate)
        return aggregate

    ours, theirs = best(rounds, lambda: ng.replay(log), mutate)
    row(
        "fold in memory / eventsourcing mutate",
        f"{rate(count, ours)} / {rate(count, theirs)}",
        theirs / ours,
        3,
    )


def standing(rounds: int, few: int, many: int, further: int) -> None:
    """The cost per record while few or many items stand open, in `replay` and in `steps`."""
    logs = [workload.opened(items, further) for items in (few, many)]
    whole = [ng.Log("talks", made) for made, _ in logs]
    start = [ng.Log("talks", made[:before]) for made, before in logs]
    times = best(
        rounds,
        *(
            lambda log=log: ng.replay(log)
            for pair in zip(start, whole, strict=True)
            for log in pair
        ),
    )
    costs = [(times[1] - times[0]) / further, (times[3] - times[2]) / further]
    row(
        f"replay, cost per record at {many:,} open items / at {few}",
        " / ".join(f"{cost * 1e6:.2f} µs" for cost in reversed(costs)),
        costs[1] / costs[0],
        2,
        at_most=True,
    )

    def last_steps(index: int) -> float:
        taken = ng.steps(whole[index])
        for _ in range(logs[index][1]):
            next(taken)
        gc.collect()
        begun = time.perf_counter()
        for _ in taken:
            pass
        return (time.perf_counter() - begun) / further

    stepped = [min(last_steps(index) for _ in range(rounds)) for index in (0, 1)]
    row(
        f"steps, cost per record at {many:,} open items / at {few}",
        " / ".join(f"{cost * 1e6:.2f} µs" for cost in reversed(stepped)),
        stepped[1] / stepped[0],
        2,
        at_most=True,
    )


def files(rounds: int, count: int) -> None:
    """A JSON Lines file to a state against the peer's rebuild from SQLite."""
    encode = Codec().encode
    lines = "".join(encode(record) + "\n" for record in workload.records(count)).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "talks.jsonl"
        path.write_bytes(lines)
        application = peer.application(str(Path(folder) / "talks.db"))
        aggregate = peer.talks(workload.happenings(count))
        application.save(aggregate)
        ours, theirs = best(
            rounds,
            lambda: ng.replay(ng.read_log(path)),
            lambda: application.repository.get(aggregate.id),
        )
    row(
        "JSON Lines to state / eventsourcing rebuild from SQLite",
        f"{rate(count, ours)} / {rate(count, theirs)}",
        theirs / ours,
        6,
    )


def timelines(rounds: int, count: int) -> None:
    """A timeline of a long log with late records: its making, its answers, its growing."""
    log = ng.Log("talks", workload.reported(count, late_by=5_000))
    plain, built = best(rounds, lambda: ng.replay(log), lambda: ng.Timeline(log))
    row(
        f"timeline of {count:,} records, 1 % late / replay",
        f"{built:.2f} s / {plain:.2f} s",
        built / plain,
        1.5,
        at_most=True,
    )
    timeline = ng.Timeline(log)
    timeline.explain("id")  # the first question takes a pass over the log
    random = Random(7)  # noqa: S311  # no secret hangs on it
    positions = [random.randrange(count + 1) for _ in range(500)]
    moments = [workload.at(random.randrange(count)) for _ in range(500)]
    median_of("any position", [partial(timeline.at, position=each) for each in positions], 5)
    median_of("any as_of", [partial(timeline.at, as_of=each) for each in moments], 5)
    grown = float("inf")
    for number in range(rounds):
        late = attrs.evolve(log[-1], id=f"late{number}", time=workload.at(count - count // 100))
        start = time.perf_counter()
        timeline = timeline.append(late)
        grown = min(grown, time.perf_counter() - start)
    row(
        "a late record in the newest 1 % / making the timeline",
        f"{grown * 1000:.0f} ms / {built * 1000:.0f} ms",
        grown / built,
        0.05,
        at_most=True,
    )


def questions(items: int, changed: int) -> None:
    """Why, and what changed, on a state of many items of which a few changed."""
    made, _ = workload.opened(items, 0)
    more = [
        ng.Record(
            id=f"x{n}",
            negotiation="talks",
            position=len(made) + 1 + n,
            time=workload.at(len(made) + n),
            event=ng.ProposalAccepted(proposal=f"p{n * 7919 % items}", by="southvale"),
        )
        for n in range(changed)
    ]
    before = ng.replay(ng.Log("talks", made))
    after = before
    for record in more:
        after = ng.evolve(after, record)
    assert len(ng.diff(before, after).changes) > changed
    named = f"of {items:,} items, {changed} of them changed"
    median_of(f"diff {named}", [lambda: ng.diff(before, after)] * 50, 10)
    timeline = ng.Timeline(ng.Log("talks", [*made, *more]))
    start, end = (timeline.at(position=len(made) + n) for n in (0, changed))
    median_of(f"diff {named}, by a timeline", [lambda: ng.diff(start, end)] * 50, 10)
    paths = [f"proposals.p{n * 7919 % items}.status" for n in range(50)]
    median_of(
        f"timeline.explain of {items:,} items",
        [partial(timeline.explain, path) for path in paths],
        10,
    )


def testing(rounds: int) -> None:
    """The testing kit: logs drawn, and a small world gone through."""
    drawn = kit.logs_per_second(rounds)
    row("legal logs of 20 records drawn by Hypothesis, per second", "", drawn, 300)
    found, seconds = kit.world(6)
    row(
        "explore, 2 parties, a proposal, a truce, a deadline, to depth 6, seconds",
        f"{found.states:,} states",
        seconds,
        60,
        at_most=True,
    )
    row(
        "explore, transitions per second",
        f"{found.transitions:,} transitions",
        found.transitions / seconds,
        20_000,
    )


def kept(rounds: int, longest: int) -> None:
    """Stores, beside the peer's event stores on the same databases."""
    with stores.sides() as both:
        for side, batch in zip(both, (1.5, 3.0), strict=True):
            ours, theirs, recorder = shortest(rounds, partial(stores.singly, side, 500))
            rates = f"{500 / ours:.0f} /s / {500 / theirs:.0f} /s"
            row(f"{side.name}: durable appends, one record each", rates, theirs / ours, 1.3)
            ours, theirs, recorder = shortest(rounds, partial(stores.at_once, side, 1000))
            rates = f"{rate(1000, ours)} / {rate(1000, theirs)}"
            row(f"{side.name}: durable appends, 1,000 at once", rates, theirs / ours, batch)
            row("  beside its recorder alone", rate(1000, recorder), recorder / ours, batch)
            read, reads, fold, gets, again = shortest(rounds, partial(stores.back, side, 5000))
            row(
                f"{side.name}: read back as records / events",
                f"{rate(5000, read)} / {rate(5000, reads)}",
                reads / read,
                2,
            )
            row(
                f"{side.name}: to the state / repository.get",
                f"{rate(5000, fold)} / {rate(5000, gets)}",
                gets / fold,
                10,
            )
            row("  from a snapshot", rate(5000, again), gets / again, 10)
    sizes = [size for size in (10**4, 10**5, 10**6, 10**7) if size <= longest]
    (_, least), *others = stores.read_costs(sizes)
    for size, cost in others:
        row(
            f"SQLite: read a record of {size:,} / of 10,000",
            f"{cost:.1f} / {least:.1f} us",
            cost / least,
            1.2,
            at_most=True,
        )


def foreign(rounds: int, count: int) -> None:
    """Rows of foreign tables to logs, and whole imports."""
    with tempfile.TemporaryDirectory() as folder:
        for source in importing.SOURCES:
            path, longer = Path(folder) / "few", Path(folder) / "many"
            source.write(path, count)
            source.write(longer, count * 5)
            rows, more = (importing.count_rows(source, each) for each in (path, longer))
            ours, least = best(
                rounds,
                partial(source.read, path),
                partial(importing.merely_read, source, path),
            )
            rates = f"{rate(rows, ours)} / {rate(rows, least)}"
            row(f"{source.name}: rows to logs / rows read by csv", rates, least / ours, 0.08)
            if source.rate is not None:
                target = source.rate
                row("  rows a second, in thousands", rate(rows, ours), rows / ours / 1000, target)
            seconds, peak = importing.whole_import(source, path, Path(folder) / "few.db")
            longest, most = importing.whole_import(source, longer, Path(folder) / "many.db")
            rates = f"{rate(rows, seconds)} / {rate(more, longest)}"
            row(f"  import into SQLite, of {rows:,} / of {more:,} rows", rates,
                longest / more / (seconds / rows), 1.2, at_most=True)  # fmt: skip
            row("  its memory, at the peak", f"{peak:.0f} / {most:.0f} MiB", most / peak, 1.2,
                at_most=True)  # fmt: skip
            for each in Path(folder).iterdir():
                each.unlink()


def shortest(rounds: int, work: Callable[[], list[float]]) -> list[float]:
    """The shortest of the times that each part of some work took in several rounds."""
    return [min(times) for times in zip(*(work() for _ in range(rounds)), strict=True)]


def median_of(what: str, works: list[Callable[[], object]], most: float) -> None:
    """Note the median of the times that works took, and the longest, in milliseconds."""
    times = []
    for work in works:
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    median = sorted(times)[len(times) // 2]
    row(what, f"median {median:.2f} ms, longest {max(times):.2f} ms", median, most, at_most=True)


def memory(count: int) -> None:
    """The memory of a process that reads and replays a long log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.jsonl"
        encode = Codec().encode
        with path.open("w", encoding="utf-8") as file:
            for index, (name, fields) in enumerate(workload.happenings(count)):
                event = getattr(ng, name)(**fields)
                record = ng.Record(
                    id=f"e{index + 1}", negotiation="talks", time=workload.at(index), event=event
                )
                file.write(encode(record) + "\n")
        code = (
            "import resource, sys, time, negotiation as ng; begun = time.perf_counter();"
            "log = ng.read_log(sys.argv[1]); read = time.perf_counter(); state = ng.replay(log);"
            "done = time.perf_counter();"
            "print(len(log), len(state.proposals), read - begun, done - read,"
            "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        shown = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True
        ).stdout.split()
    gib = int(shown[4]) / 1024**2
    row(
        f"read and replay {count:,} records, peak GiB",
        f"read {float(shown[2]):.1f} s, replay {float(shown[3]):.1f} s",
        gib,
        1.5,
        at_most=True,
    )


def main() -> int:
    """Run the benchmarks and print the table. Exit 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--long", type=int, default=1_000_000)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    benchmarks: dict[str, Callable[[], None]] = {
        "imports": lambda: imports(chosen.rounds),
        "fold": lambda: fold(chosen.rounds, chosen.count),
        "standing": lambda: standing(chosen.rounds, 10, chosen.count, 30_000),
        "files": lambda: files(chosen.rounds, chosen.count),
        "timelines": lambda: timelines(chosen.rounds, chosen.long),
        "questions": lambda: questions(10_000, 100),
        "memory": lambda: memory(chosen.long),
        "testing": lambda: testing(chosen.rounds),
        "foreign": lambda: foreign(chosen.rounds, chosen.count),
        "stores": lambda: kept(chosen.rounds, chosen.long),
    }
    for name, run in benchmarks.items():
        if chosen.only in ("", name):
            run()
    widths = [max(len(line[column]) for line in ROWS) for column in range(4)]
    for line in ROWS:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    return 1 if any("MISSED" in line[3] for line in ROWS) else 0


if __name__ == "__main__":
    sys.exit(main())
