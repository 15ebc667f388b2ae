"""Many who write and read at once."""

from __future__ import annotations

from functools import partial

from negotiation.errors import Conflict
from negotiation.records import Record
from negotiation.stores import Store
from negotiation.testing.promises.base import Promises, positions
from negotiation.testing.storing import (
    BORDER,
    WATER,
    ascend,
    race,
    reads,
    record,
    same,
    statements,
)


class Racing(Promises):
    """Many at once do each other no harm."""

    def test_one_writer_wins_each_position(self) -> None:
        """Of writers that expect the same position one succeeds; the others get a Conflict."""

        def attempt(store: Store, position: int, writer: int) -> int | None:
            mine = record(f"e{position}-{writer}", minute=position)
            try:
                return store.append(BORDER, [mine], expected=position)
            except Conflict as conflict:
                same(positions(conflict), (BORDER, position, position + 1))
                return None

        with self._opened() as store:
            for position in range(8):
                answers = race(*[partial(attempt, store, position, each) for each in range(4)])
                won = [each for each in answers if each is not None]
                same(won, [position + 1], f"who won after position {position}")
            same(len(store.read(BORDER)), 8, "the number of records")

    def test_writers_lose_nothing(self) -> None:
        """Of many writers at once each finds its records where it was told that they stand."""

        def write(store: Store, writer: int) -> dict[str, int]:
            ids = [f"e{writer}-{each}" for each in range(10)]
            return {id: store.append(BORDER, [record(id)]) for id in ids}

        with self._opened() as store:
            answers = race(*[partial(write, store, writer) for writer in range(4)])
            stand = {id: position for each in answers for id, position in each.items()}
            same({each.id: each.position for each in store.read(BORDER)}, stand)
            same(sorted(stand.values()), list(range(1, 41)))
            same({each.id: each.position for _, each in store.read_all()}, stand)

    def test_a_reader_sees_appends_whole(self) -> None:
        """While others write, a log and all logs together hold whole appends and parts of none."""
        with self._opened() as store:
            sees_appends_whole(store, store)

    def test_who_follows_skips_nothing(self) -> None:
        """Who goes on reading after the last number sees each record once, while many write."""
        writers = (BORDER, WATER, "third")
        seen: list[tuple[int, Record]] = []

        def write(store: Store, negotiation: str) -> None:
            for each in statements(15, of=negotiation):
                store.append(negotiation, [each])

        def follow(store: Store) -> None:
            seen.extend(store.read_all(after=seen[-1][0] if seen else 0))

        with self._opened() as store:
            race(
                *[partial(write, store, each) for each in writers], meanwhile=partial(follow, store)
            )
            ascend([number for number, _ in seen])
            for negotiation in writers:
                found = [each.id for _, each in seen if each.negotiation == negotiation]
                same(found, [each.id for each in statements(15)], f"what was seen of {negotiation}")


def sees_appends_whole(writing: Store, reading: Store) -> None:
    """Assert that, while appends go in by one store, the other reads none of them in part."""
    batches = [statements(5, first=1 + 5 * each) for each in range(12)]

    def write() -> None:
        for each in batches:
            writing.append(BORDER, each)

    def look() -> None:
        log, everything = reading.read(BORDER), list(reading.read_all())
        same((len(log) % 5, len(everything) % 5), (0, 0), "records of a part of an append")

    race(write, meanwhile=look)
    reads(reading, BORDER, [each for batch in batches for each in batch])
