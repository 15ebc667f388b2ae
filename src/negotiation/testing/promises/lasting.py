"""What a store promises that outlives the object by which it is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Barrier, Event

from negotiation.errors import Conflict, ConflictingRecord
from negotiation.events import DeadlineSet
from negotiation.fold import replay
from negotiation.log import Log
from negotiation.stores import NEW, Store
from negotiation.testing.odd import ODD_IDS, telling
from negotiation.testing.promises.base import Promises, closing, positions
from negotiation.testing.promises.folding import DAY, agrees, story
from negotiation.testing.promises.following import Numbered, until_last, write_all
from negotiation.testing.promises.racing import sees_appends_whole
from negotiation.testing.promises.transacting import TIME, count_on, said
from negotiation.testing.storing import (
    BORDER,
    START,
    WATER,
    holds,
    race,
    reads,
    record,
    refused,
    same,
    statements,
)
from negotiation.wire.verifying import seal


class Lasting(Promises):
    """What is kept is kept at its place, whoever opens it and how often."""

    def again(self, store: Store) -> Store:
        """The place of a store, opened once more; that one may be open or closed."""
        raise NotImplementedError(
            "say how a store's place is opened once more: def again(self, store: Store) -> Store"
        )

    @contextmanager
    def _two(self) -> Iterator[tuple[Store, Store]]:
        with self._opened() as one, closing(self.again(one)) as other:
            yield one, other

    def _reopened(self, store: Store) -> Store:
        store.close()
        return self.again(store)

    # Opened again

    def test_what_was_kept_is_there_again(self) -> None:
        """A store that is closed and opened again holds everything, as it was given."""
        kept = {id: [record("e1", of=id)] for id in ODD_IDS} | {BORDER: telling()}
        with self._opened() as store:
            for negotiation, records in kept.items():
                store.append(negotiation, records)
            listed, everything = list(store.negotiations()), list(store.read_all())
            with closing(self._reopened(store)) as again:
                holds(again, kept)
                same(list(again.negotiations()), listed, "what is listed")
                same(list(again.read_all()), everything, "all records and their numbers")

    def test_what_was_kept_is_there_for_others(self) -> None:
        """What was acknowledged is there for whoever opens the place while the store is open."""
        with self._opened() as store:
            same(store.append(BORDER, telling()), len(telling()))
            with closing(self.again(store)) as other:
                holds(other, {BORDER: telling()})

    def test_positions_and_numbers_go_on(self) -> None:
        """After it is opened again a store goes on where it stood, and knows what it has."""
        store = self.store()
        before: list[Numbered] = []
        for position in range(4):
            with closing(store):
                with refused(Conflict, "a position after the last") as caught:
                    store.append(BORDER, [record("e9")], expected=position + 1)
                same(positions(caught[0]), (BORDER, position + 1, position))
                new = statements(position + 1)[position:]
                same(store.append(BORDER, new, expected=position), position + 1)
                same(store.append(BORDER, statements(1), expected=NEW), 1, "the first once more")
                numbered = list(store.read_all())
                same(numbered[:-1], before, "what had a number before")
                same(numbered[-1][0] > (before[-1][0] if before else 0), True, "a higher number")
                before = numbered
            store = self.again(store)
        with closing(store):
            reads(store, BORDER, statements(4))

    def test_seals_go_on(self) -> None:
        """The chain of hashes goes on where it was, and a head that was kept is still true."""
        wanted = seal(Log(BORDER, statements(4)))
        with self._opened() as store:
            store.append(BORDER, statements(2))
            head = store.head(BORDER)
            with closing(self._reopened(store)) as again:
                same(again.head(BORDER), head, "the head")
                again.append(BORDER, statements(2, first=3))
                same(list(again.read(BORDER)), list(wanted), "the log with its seals")
                found = again.verify(BORDER, head=head)
                same((found.sealed, found.fault), (4, None), "what is found of it")

    def test_states_go_on(self) -> None:
        """A state is that of the log, whether its snapshot was kept before or after."""
        with self._opened() as store:
            store.append(BORDER, story()[:3])
            same(store.snapshot(BORDER), 3)
            with closing(self._reopened(store)) as again:
                agrees(again, story()[:3])
                again.append(BORDER, story())
                agrees(again, story())
                same(again.snapshot(BORDER), 6)
                agrees(again, story())

    # Opened twice

    def test_two_see_what_each_appends(self) -> None:
        """What one has appended the other reads, at once and in every way."""
        with self._two() as stores:
            for position in range(1, 7):
                writer, reader = stores[position % 2], stores[(position + 1) % 2]
                wanted = statements(position)
                same(writer.append(BORDER, wanted[-1:], expected=position - 1), position)
                holds(reader, {BORDER: wanted})
                holds(writer, {BORDER: wanted})
                same(reader.head(BORDER), writer.head(BORDER), "the head")
                same(reader.verify(BORDER), writer.verify(BORDER), "what is found")
                same(reader.state(BORDER), replay(Log(BORDER, wanted)), "the state")

    def test_what_is_expected_holds_between_two(self) -> None:
        """Where the other came first is a Conflict that says so, and nothing is kept."""
        with self._two() as (one, other):
            same(len(other.read(BORDER)), 0)
            one.append(BORDER, statements(2), expected=NEW)
            for expected in (NEW, 1):
                with refused(Conflict, f"{expected!r} where another came first") as caught:
                    other.append(BORDER, [record("late")], expected=expected)
                same(positions(caught[0]), (BORDER, 0 if expected is NEW else expected, 2))
            holds(one, {BORDER: statements(2)})

    def test_the_same_record_through_another_changes_nothing(self) -> None:
        """A copy is known again whoever appended the record, and so is other content."""
        with self._two() as (one, other):
            one.append(BORDER, statements(3))
            same(other.append(BORDER, statements(2), expected=NEW), 2)
            with refused(ConflictingRecord, "e1 with other content"):
                other.append(BORDER, [record("e1", text="other")])
            holds(other, {BORDER: statements(3)})

    def test_a_snapshot_of_another_is_no_older_truth(self) -> None:
        """What one appends after the other's snapshot is in the states of both."""
        late = record(
            "late",
            time=START + DAY,
            recorded=START + 8 * DAY,
            event=DeadlineSet(deadline="d0", by="east", on=["north"], due=START + 2 * DAY),
        )
        with self._two() as (one, other):
            one.append(BORDER, story())
            one.snapshot(BORDER)
            agrees(other, story())
            other.append(BORDER, [late])
            for store in (one, other):
                agrees(store, [*story(), late])

    def test_who_follows_sees_what_another_appends(self) -> None:
        """A follower of one gets all appends to both, each once and in the one order of all."""
        begun = Event()
        with self._two() as (one, other):
            other.append(BORDER, statements(1))
            writers = [(one, BORDER), (other, WATER), (other, "third")]
            seen, _ = race(partial(until_last, one, begun), partial(write_all, writers, [begun]))
            numbered = list(other.read_all())
            same(len(numbered), 46, "the number of records")
            same(seen, numbered, "what was followed")

    def test_decisions_of_two_lose_nothing(self) -> None:
        """Those who count on through one and through the other count together."""
        with self._two() as (one, other):
            meeting = Barrier(4)
            race(*[partial(count_on, each, 5, meeting) for each in (one, one, other, other)])
            wanted = Log(BORDER)
            for number in range(1, 21):
                wanted = wanted.append(said(str(number)), time=TIME)
            reads(one, BORDER, wanted)
            reads(other, BORDER, wanted)

    def test_one_writer_of_two_wins_each_position(self) -> None:
        """Of writers through both that expect one position one succeeds."""

        def attempt(store: Store, position: int, writer: int) -> int:
            mine = record(f"e{position}-{writer}", minute=position)
            try:
                return store.append(BORDER, [mine], expected=position)
            except Conflict as conflict:
                same(positions(conflict), (BORDER, position, position + 1))
                return 0

        with self._two() as stores:
            for position in range(8):
                jobs = [partial(attempt, stores[n % 2], position, n) for n in range(4)]
                same(sorted(race(*jobs)), [0, 0, 0, position + 1], f"who won after {position}")
            for store in stores:
                same(len(store.read(BORDER)), 8, "the number of records")

    def test_another_sees_appends_whole(self) -> None:
        """While one writes, the other reads whole appends and parts of none."""
        with self._two() as (one, other):
            sees_appends_whole(one, other)

    def test_closing_one_leaves_the_other(self) -> None:
        """Whoever closes his own store takes nothing from another's."""
        with self._two() as (one, other):
            one.append(BORDER, statements(1))
            same(len(other.read(BORDER)), 1)
            one.close()
            same(other.append(BORDER, statements(1, first=2), expected=1), 2)
            holds(other, {BORDER: statements(2)})
            same(other.verify(BORDER).fault, None)
