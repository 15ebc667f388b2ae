"""Stores beside the peer's event stores on the same databases, and how reading them scales."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Final

import attrs
from eventsourcing.application import Application

import negotiation as ng
from bench import peer, workload

_NUMBERS: Final = count(1)


@attrs.frozen
class Sides:
    """One database, as both libraries use it.

    Attributes:
        name: what it is called.
        store: ours.
        application: theirs.
    """

    name: str
    store: ng.Store
    application: Application[Any]


@contextmanager
def sides() -> Iterator[list[Sides]]:
    """Both libraries on new databases: SQLite, and PostgreSQL, which is started for it."""
    from tests.stores.server import Server

    server = Server(fsync="on")  # as a server is that is to lose nothing
    with tempfile.TemporaryDirectory() as folder:
        found = [
            Sides(
                "SQLite",
                ng.open_store(f"sqlite:///{folder}/ours.db"),
                peer.application(str(Path(folder) / "theirs.db")),
            ),
            Sides(
                "PostgreSQL",
                ng.open_store(server.new_database()),
                peer.application_in_postgres(server.url()),
            ),
        ]
        yield found
        for each in found:
            each.application.close()
            each.store.close()
    server.end()


def records(length: int) -> list[ng.Record]:
    """Records of a negotiation of its own."""
    name = f"talks {next(_NUMBERS)}"
    return [attrs.evolve(each, negotiation=name) for each in workload.records(length)]


def events(length: int) -> list[Any]:
    """The same as domain events of the peer, of an aggregate of its own."""
    return list(peer.talks(workload.happenings(length - 1)).collect_events())


def stored(side: Sides, length: int) -> list[Any]:
    """The same as the rows that the peer's recorder takes, which are made of its events before."""
    return [side.application.mapper.to_stored_event(each) for each in events(length)]


def timed(*works: Callable[[], object]) -> list[float]:
    """The seconds that each piece of work took, one after the other."""
    times = [time.perf_counter()]
    for work in works:
        work()
        times.append(time.perf_counter())
    return [after - before for before, after in pairwise(times)]


def singly(side: Sides, length: int) -> list[float]:
    """Seconds for appends of one record each: ours, theirs, and their recorder alone."""
    mine, others, rows = records(length), events(length), stored(side, length)

    def append() -> None:
        for position, each in enumerate(mine):
            side.store.append(each.negotiation, [each], expected=position)

    def put() -> None:
        for each in others:
            side.application.events.put([each])

    def insert() -> None:
        for each in rows:
            side.application.recorder.insert_events([each])

    return timed(append, put, insert)


def at_once(side: Sides, length: int) -> list[float]:
    """Seconds for one append of many records: ours, theirs, and their recorder alone."""
    mine, others, rows = records(length), events(length), stored(side, length)
    return timed(
        lambda: side.store.append(mine[0].negotiation, mine, expected=ng.NEW),
        lambda: side.application.events.put(others),
        lambda: side.application.recorder.insert_events(rows),
    )


def back(side: Sides, length: int) -> list[float]:
    """Seconds to read a log: ours, theirs; and to its state: ours, theirs, ours from a snapshot."""
    mine, others = records(length), events(length)
    name, id = mine[0].negotiation, others[0].originator_id
    side.store.append(name, mine)
    for start in range(0, length, 1000):  # with more at once the peer waits for ever
        side.application.events.put(others[start : start + 1000])
    found = timed(
        lambda: list(side.store.records(name)),
        lambda: list(side.application.events.get(id)),
        lambda: side.store.state(name),
        lambda: side.application.repository.get(id),
    )
    side.store.snapshot(name)
    return [*found, *timed(lambda: side.store.state(name))]


def _read(store: ng.Store, names: list[str]) -> None:
    for name in names:
        store.read(name)


def read_costs(sizes: list[int], length: int = 1000) -> list[tuple[int, float]]:
    """Microseconds per record to read one negotiation, in a SQLite database that grows."""
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        store = ng.open_store(f"sqlite:///{folder}/grown.db")
        names: list[str] = []
        for size in sizes:
            while len(names) * length < size:
                made = records(length)
                names.append(made[0].negotiation)
                store.append(names[-1], made)
            asked = names[:: max(1, len(names) // 10)][:10]
            work = partial(_read, store, asked)
            seconds = min(timed(work)[0] for _ in range(5))
            costs.append((size, seconds / (len(asked) * length) * 1e6))
        store.close()
    return costs
