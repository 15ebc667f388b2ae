"""Stores at a place that several objects open, some of which do not keep what that promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from time import sleep
from typing import Any, Self

import attrs

import negotiation as ng
from negotiation.errors import Conflict
from negotiation.stores import ANY, NEW, NewLine, Standing
from tests.testing.broken.registry import Appending, caught_by

OURS = ("_negotiations", "_order", "_lock", "_grown", "notes")


class Placed(Appending):
    """What lies in memory is a place of its own, which can be opened again."""

    opened = 0

    def __init__(self) -> None:
        super().__init__()
        self.notes: dict[str, int] = {}

    def again(self) -> Self:
        """Another store at the same place."""
        other = type(self)()
        vars(other).update({name: vars(self)[name] for name in self.shares()})
        other.opened = self.opened + 1
        return other

    def shares(self) -> tuple[str, ...]:
        """What all stores at the place have in common."""
        return OURS


@caught_by("test_what_was_kept_is_there_again")
class ForgetsWhenItCloses(Placed):
    def again(self) -> Self:
        return type(self)() if self._closed else super().again()


@caught_by("test_what_was_kept_is_there_for_others")
class WritesWhenItCloses(Placed):
    def again(self) -> Self:
        return super().again() if self._closed else type(self)()


@caught_by("test_positions_and_numbers_go_on")
class NumbersAnewWhenOpened(Placed):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        for number, each in super().read_all(after=max(0, after - self.opened)):
            yield number + self.opened, each


@caught_by("test_positions_and_numbers_go_on")
class KnowsWhatItAppendedItself(Placed):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        copies = [each for each in records if self.knows(each)]
        if copies and self.opened > 1:
            raise ng.ConflictingRecord(copies[0].id, "is not known any more")
        return super().put(negotiation, records, expected)


@caught_by("test_seals_go_on")
class BeginsChainsAnew(Placed):
    begun = False

    def _sealed(self, records: Any, standing: Standing) -> Iterator[NewLine]:
        hash = standing.hash if self.begun or not self.opened else None
        self.begun = True
        return super()._sealed(records, attrs.evolve(standing, hash=hash))


@caught_by("test_states_go_on")
class BelievesOldSnapshots(Placed):
    def snapshot(self, negotiation: str) -> int:
        self.notes[negotiation] = super().snapshot(negotiation)
        return self.notes[negotiation]

    def state(self, negotiation: str, **asked: Any) -> ng.Negotiation:
        upto = self.notes.get(negotiation) if self.opened else None
        return ng.replay(self.read(negotiation, upto=upto), **asked)


@caught_by("test_two_see_what_each_appends")
class ReadsOnce(Placed):
    def __init__(self) -> None:
        super().__init__()
        self.logs: dict[str, ng.Log] = {}

    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        self.logs.pop(negotiation, None)
        return super().put(negotiation, records, expected)

    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        log = self.logs.setdefault(negotiation, super().read(negotiation))
        return log if upto is None else log.upto(upto)


@caught_by("test_what_is_expected_holds_between_two")
class RemembersWhereItStands(Placed):
    def __init__(self) -> None:
        super().__init__()
        self.stands: dict[str, int] = {}

    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        stands = self.stands.get(negotiation, 0)
        if expected is not ANY and (0 if expected is NEW else expected) == stands:
            expected = ANY
        self.stands[negotiation] = super().put(negotiation, records, expected)
        return self.stands[negotiation]


@caught_by("test_the_same_record_through_another_changes_nothing")
class KnowsItsOwnRecords(Placed):
    def __init__(self) -> None:
        super().__init__()
        self.mine: set[str] = set()

    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        for each in records:
            if each.id not in self.mine and self.knows(each):
                raise Conflict(negotiation, expected=0, actual=len(self.read(negotiation)))
        self.mine |= {each.id for each in records}
        return super().put(negotiation, records, expected)


@caught_by("test_a_snapshot_of_another_is_no_older_truth")
class KeepsItsState(Placed):
    def __init__(self) -> None:
        super().__init__()
        self.logs: dict[str, ng.Log] = {}

    def snapshot(self, negotiation: str) -> int:
        self.logs[negotiation] = self.read(negotiation)
        return super().snapshot(negotiation)

    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        self.logs.pop(negotiation, None)
        return super().put(negotiation, records, expected)

    def state(self, negotiation: str, **asked: Any) -> ng.Negotiation:
        return ng.replay(self.logs.get(negotiation, self.read(negotiation)), **asked)


@caught_by("test_who_follows_sees_what_another_appends")
class FollowsItselfAlone(Placed):
    mine = 0

    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        position = super().put(negotiation, records, expected)
        self.mine = self._end()
        return position

    def follow(
        self, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[tuple[int, ng.Record]]:
        found = super().follow(after=after, timeout=timeout)
        return takewhile(lambda each: each[0] <= self.mine, found)


class Unlocked(Placed):
    """Keeps no other store at the place from writing at the same time."""

    def shares(self) -> tuple[str, ...]:
        return tuple(name for name in OURS if name not in ("_lock", "_grown"))

    @contextmanager
    def _writing(self, negotiation: str, ids: Sequence[str]) -> Iterator[Any]:
        with super()._writing(negotiation, ids) as writing:
            yield writing
            sleep(0.002)


@caught_by("test_decisions_of_two_lose_nothing")
class DecidesUnlocked(Unlocked):
    pass


@caught_by("test_one_writer_of_two_wins_each_position")
class WritesUnlocked(Unlocked):
    pass


@caught_by("test_another_sees_appends_whole")
class WritesSlowlyForOthers(Placed):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        position = 0
        for each in records:
            position = super().put(negotiation, [each], expected)
            sleep(0.001)
        return position


@caught_by("test_closing_one_leaves_the_other")
class ClosesThePlace(Placed):
    def _close(self) -> None:
        self._negotiations.clear()
        self._order.clear()
