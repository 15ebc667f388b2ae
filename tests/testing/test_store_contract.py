"""The contract of stores: the memory store keeps it, and each test catches one that does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import count
from threading import Event
from time import sleep
from types import TracebackType
from typing import Any, Final, Self

import attrs
import pytest
from hypothesis import Phase, settings

import negotiation as ng
from negotiation.errors import Conflict, StoreClosed
from negotiation.stores import (
    ANY,
    NEW,
    Expected,
    MemoryStore,
    Store,
    StoredNegotiation,
    open_store,
)
from negotiation.stores.store import listed
from negotiation.testing import storing
from negotiation.testing.contracts import StoreContract
from negotiation.testing.storing import BORDER, ascend, race, record, refused, same, statements
from negotiation.values import BRANCH

Records = Iterable[ng.Record]
Expectation = int | Expected

TESTS: Final = [name for name in dir(StoreContract) if name.startswith("test_")]


class TestMemoryStore(StoreContract):
    def store(self) -> Store:
        return MemoryStore()


class TestAStoreByItsURL(StoreContract):
    settings: settings | None = settings(max_examples=10)

    def store(self) -> Store:
        return open_store("memory:")


# Stores that break one promise each

BROKEN: Final[dict[str, type[MemoryStore]]] = {}


def caught_by(test: str) -> Callable[[type[MemoryStore]], type[MemoryStore]]:
    """Say which test of the contract has to find a store out."""

    def entered(store: type[MemoryStore]) -> type[MemoryStore]:
        assert test in TESTS
        assert test not in BROKEN
        BROKEN[test] = store
        return store

    return entered


class Changing(MemoryStore):
    """Keeps each record with a change."""

    def change(self, each: ng.Record) -> ng.Record:
        raise NotImplementedError

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        return super().append(negotiation, map(self.change, records), expected=expected)


@caught_by("test_what_is_appended_is_read")
class ForgetsAttributes(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, attributes={})


@caught_by("test_any_record_is_read_as_it_was_appended")
class WritesAscii(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=each.id.encode("ascii", "replace").decode())


@caught_by("test_recorded_is_kept_as_it_is_given")
class RecordsWhenItHappened(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, recorded=each.time)


@caught_by("test_a_record_of_another_negotiation_is_refused")
class TakesAnything(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        taken = [attrs.evolve(each, negotiation=negotiation) for each in records]
        return super().append(negotiation, taken, expected=expected)


class Appending(MemoryStore):
    """Appends in a way of its own."""

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        return self.put(negotiation, listed(records), expected)

    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return MemoryStore.append(self, negotiation, records, expected=expected)

    def knows(self, each: ng.Record) -> ng.Record | None:
        return self.read(each.negotiation).get(each.id)


@caught_by("test_positions_are_given_by_the_store")
class BelievesPositions(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        super().put(negotiation, records, expected)
        return records[-1].position if records else 0


@caught_by("test_many_records_are_appended_at_once")
class KeepsOnePage(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        super().put(negotiation, records[:1000], expected)
        return len(records)


@caught_by("test_records_may_come_from_an_iterator")
class LooksTwice(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        if not list(records):
            return len(self.read(negotiation))
        return super().append(negotiation, records, expected=expected)


@caught_by("test_what_was_given_and_read_is_the_callers")
class KeepsTheCallersList(MemoryStore):
    given: Any = ()

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        self.given = self.given or records
        return super().append(negotiation, records, expected=expected)

    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return ng.Log(negotiation, self.given)


@caught_by("test_an_unknown_negotiation_is_an_empty_log")
class ForgetsWhatWasAsked(MemoryStore):
    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return super().read(negotiation, upto=upto) or ng.Log()


@caught_by("test_negotiations_are_kept_apart_by_any_id")
class FoldsCase(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        folded = [attrs.evolve(each, negotiation=negotiation.lower()) for each in records]
        return super().append(negotiation.lower(), folded, expected=expected)


@caught_by("test_negotiations_are_listed")
class ListsAsTheyCame(MemoryStore):
    def negotiations(self) -> Iterator[StoredNegotiation]:
        by_id = {each.negotiation: each for each in super().negotiations()}
        return (by_id[each] for each in self._logs)


@caught_by("test_a_log_is_read_up_to_a_position")
class StopsBefore(MemoryStore):
    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return super().read(negotiation, upto=upto and upto - 1)


@caught_by("test_any_is_the_default")
class ExpectsNew(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = NEW) -> int:
        return super().append(negotiation, records, expected=expected)


@caught_by("test_new_is_refused_where_something_is")
class TakesNewForAny(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, records, ANY if expected is NEW else expected)


@caught_by("test_a_position_is_refused_where_it_is_not_the_last")
class TakesAnyLaterPosition(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        ahead = type(expected) is int and expected > len(self.read(negotiation))
        return super().put(negotiation, records, ANY if ahead else expected)


@caught_by("test_what_is_expected_is_of_one_negotiation")
class CountsEverything(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        if type(expected) is int and expected != len(self._order):
            raise Conflict(negotiation, expected=expected, actual=len(self._order))
        return super().put(negotiation, records, ANY)


@caught_by("test_a_lost_race_is_a_conflict_first")
class LooksAtContentFirst(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        self.read(negotiation).extend(records)
        return super().put(negotiation, records, expected)


@caught_by("test_the_same_record_again_changes_nothing")
class AnswersWithTheLast(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        super().put(negotiation, records, expected)
        return len(self.read(negotiation))


@caught_by("test_an_append_can_be_tried_again")
class LooksAtPositionsFirst(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        actual = len(self.read(negotiation))
        position = 0 if expected is NEW else expected
        if position is not ANY and position != actual:
            raise Conflict(negotiation, expected=position, actual=actual)
        return super().put(negotiation, records, ANY)


@caught_by("test_copies_beside_new_records_are_left_out")
class TakesOneCopyForAll(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        copies = [each for each in records if self.knows(each)]
        return super().put(negotiation, copies or records, expected)


@caught_by("test_the_same_id_with_other_content_is_refused")
class TakesTheFirst(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, [self.knows(each) or each for each in records], expected)


@caught_by("test_a_record_id_is_of_one_negotiation")
class TakesIdsForGlobal(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        taken = {each.id for _, each in self.read_all() if each.negotiation != negotiation}
        for each in records:
            if each.id in taken:
                raise ng.ConflictingRecord(each.id, "is taken")
        return super().put(negotiation, records, expected)


@caught_by("test_an_append_is_done_whole_or_not_at_all")
class AppendsOneByOne(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        position = 0
        for each in records:
            position = super().put(negotiation, [each], expected)
        return position


@caught_by("test_a_log_grows_at_its_end")
class BringsTimesForward(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        log = self.read(negotiation)
        latest = max(each.recorded for each in (*log, *records))
        later = [attrs.evolve(each, recorded=latest) for each in records]
        return super().put(negotiation, later, expected)


@caught_by("test_a_branch_is_refused")
class DropsBranches(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        if negotiation.endswith(BRANCH):
            return len(list(records))
        return super().append(negotiation, records, expected=expected)


@caught_by("test_what_makes_no_sense_is_refused")
class TakesTrueForOne(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, records, 1 if expected is True else expected)


@caught_by("test_appending_nothing_changes_nothing")
class AnswersNothingWithZero(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, records, expected) if records else 0


@caught_by("test_all_records_have_one_order")
class SortsByNegotiation(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        everything = [each for _, log in sorted(self._logs.items()) for each in log]
        return iter([*enumerate(everything, start=1)][after:])


@caught_by("test_reading_all_begins_after_a_number")
class BeginsAtTheNumber(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return super().read_all(after=max(after - 1, 0))


@caught_by("test_numbers_stay")
class NumbersAnew(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return ((number + len(self._logs), each) for number, each in super().read_all(after=after))


@caught_by("test_a_reading_ends_where_it_began")
class ReadsOn(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        while after < len(self._order):
            after += 1
            yield after, self._order[after - 1]


@caught_by("test_any_appends_agree_with_a_model")
class ExpectsNothingOfCopies(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        copied = records and self.knows(records[-1]) is not None
        return super().put(negotiation, records, ANY if copied else expected)


@caught_by("test_one_writer_wins_each_position")
class LooksAndThenWrites(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        if len(self.read(negotiation)) != expected:
            raise Conflict(negotiation, expected=expected, actual=len(self.read(negotiation)))
        sleep(0.02)
        return super().put(negotiation, records, ANY)


@caught_by("test_writers_lose_nothing")
class WritesBack(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        grown = self.read(negotiation).extend(records)
        sleep(0.002)
        self._logs[negotiation] = grown
        return len(grown)


@caught_by("test_a_reader_sees_appends_whole")
class WritesSlowly(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        position = 0
        for each in records:
            position = super().put(negotiation, [each], expected)
            sleep(0.001)
        return position


@caught_by("test_who_follows_skips_nothing")
class NumbersBeforeItShows(MemoryStore):
    """As a database does whose transactions take their numbers before they commit."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)
        self.shown: dict[int, ng.Record] = {}

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        (each,) = records
        number = next(self.numbers)
        sleep(0.01 if negotiation == BORDER else 0)
        self.shown[number] = each
        return super().append(negotiation, [each], expected=expected)

    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return iter(sorted(each for each in self.shown.copy().items() if each[0] > after))


@caught_by("test_a_closed_store_refuses")
class ClosesByForgetting(MemoryStore):
    def close(self) -> None:
        self._logs.clear()


@caught_by("test_a_store_closes_itself")
class StaysOpenAfterErrors(MemoryStore):
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()


class Nothing:
    """A store that takes everything and keeps nothing."""

    def __init__(self, answer: Callable[[Any], int]) -> None:
        self.answer = answer

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        return self.answer(records)

    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return ng.Log(negotiation)

    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return iter(())

    def negotiations(self) -> Iterator[StoredNegotiation]:
        return iter(())

    def close(self) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass


FIRST: Final = settings(max_examples=150, database=None, derandomize=True, phases=[Phase.generate])


def run(test: str, made: Callable[[], Store]) -> None:
    """Run one test of the contract; what it finds first will do."""

    class Contract(StoreContract):
        settings: settings | None = FIRST

        def store(self) -> Store:
            return made()

    getattr(Contract(), test)()


@pytest.mark.parametrize("test", TESTS)
def test_each_test_catches_its_broken_store(test: str) -> None:
    """For every promise there is a store that breaks it, and the test of that promise fails."""
    with pytest.raises((AssertionError, ng.NegotiationError)):
        run(test, BROKEN[test])


def test_a_store_without_its_lock_is_caught() -> None:
    """Writers meet where nothing keeps them apart, at the latest when they have tried often."""

    class Unlocked(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            vars(self)["_lock"] = nullcontext()

    def often() -> None:
        for _ in range(50):
            run("test_one_writer_wins_each_position", Unlocked)

    with pytest.raises(AssertionError, match="who won after position"):
        often()


@pytest.mark.parametrize("test", TESTS)
def test_no_broken_store_is_caught_by_chance(test: str) -> None:
    """What stands under the broken stores passes, run in the same way."""
    run(test, Appending)


@pytest.mark.parametrize("answer", [0, 1, "count"])
@pytest.mark.parametrize("test", TESTS)
def test_a_store_that_does_nothing_fails_every_test(test: str, answer: int | str) -> None:
    """No promise is kept by a store that keeps nothing, whatever number it answers with."""

    def answers(records: Any) -> int:
        return answer if isinstance(answer, int) else len(list(records))

    with pytest.raises(AssertionError):
        run(test, lambda: Nothing(answers))


# What the tests are made of


def test_a_contract_without_a_store_says_what_is_missing() -> None:
    """Whoever forgets the factory is told its name."""
    with pytest.raises(NotImplementedError, match=r"def store\(self\) -> Store"):
        StoreContract().store()


def test_the_contract_needs_no_pytest() -> None:
    """Any runner can call the tests."""
    script = "import sys, negotiation.testing.contracts; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert "pytest" not in run.stdout.split()


def test_what_differs_is_told() -> None:
    """A failed comparison says what was compared, what was found and what it should be."""
    with pytest.raises(AssertionError, match=r"the count is\n  True\nand should be\n  1"):
        same(True, 1, "the count")


def test_where_long_lists_differ_is_told() -> None:
    """Of two long lists it is told from where on they differ, and how long they are."""
    with pytest.raises(AssertionError, match=r"50 long and not 52, from index 50 on is\n  \[\]\n"):
        same(list(range(50)), list(range(52)))
    with pytest.raises(
        AssertionError, match=r"from index 1 on is\n  \[1, 2, 3\]\n.*\n  \[0, 2, 3\]"
    ):
        same(list(range(30)), [0, 0, *range(2, 30)])


@pytest.mark.parametrize("numbers", [[], [0, 1], [1, 1], [2, 1]], ids=str)
def test_numbers_that_do_not_ascend_are_told(numbers: list[int]) -> None:
    """Numbers begin above zero, and each is higher than the one before."""
    with pytest.raises(AssertionError, match="should ascend from 1"):
        ascend(numbers)


def test_what_was_not_refused_is_told() -> None:
    """What should have been refused is named with the error that was due."""
    taken = pytest.raises(AssertionError, match="a late append was taken; Conflict was due")
    with taken, refused(Conflict, "a late append"):
        pass
    other = pytest.raises(AssertionError, match=r"it gave StoreClosed\(.*; Conflict was due")
    with other, refused(Conflict, "it"):
        raise StoreClosed("memory:")


def test_an_error_in_a_thread_comes_through() -> None:
    """What fails in a thread, or beside it, fails the test."""

    def fails() -> None:
        raise Conflict(BORDER, expected=1, actual=2)

    with pytest.raises(Conflict):
        race(fails, lambda: None)
    with pytest.raises(Conflict):
        race(lambda: None, meanwhile=fails)


def test_what_does_not_come_back_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that blocks for ever fails the test and does not block it."""
    monkeypatch.setattr(storing, "PATIENCE", 0.05)
    never = Event()
    with pytest.raises(AssertionError, match="did not come back"):
        race(never.wait)
    never.set()


def test_a_store_that_is_stuck_fails_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that is never given back is told, though the store cannot even be closed."""

    class KeepsTheLock(MemoryStore):
        def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
            self._lock.acquire()
            return super().append(negotiation, records, expected=expected)

    monkeypatch.setattr(storing, "PATIENCE", 0.05)
    with pytest.raises(AssertionError, match="did not come back"):
        run("test_writers_lose_nothing", KeepsTheLock)


def test_a_store_that_fails_is_closed() -> None:
    """The tests close what they opened, whatever was found."""
    made: list[MemoryStore] = []

    def opened() -> MemoryStore:
        made.append(LooksTwice())
        return made[-1]

    with pytest.raises(AssertionError):
        run("test_records_may_come_from_an_iterator", opened)
    with pytest.raises(StoreClosed):
        made[0].read(BORDER)


def test_what_is_done_meanwhile_is_done_once_more_in_the_end() -> None:
    """The last look comes after everything is done."""
    done: list[int] = []
    looks: list[int] = []

    race(lambda: done.append(1), lambda: done.append(2), meanwhile=lambda: looks.append(len(done)))

    assert looks[-1] == 2


def test_statements_are_records_as_they_come() -> None:
    """What the contract appends is in the order of recording, and of one negotiation."""
    assert [each.id for each in ng.Log(BORDER, statements(3))] == ["e1", "e2", "e3"]
    assert record("e1").same_content(statements(1)[0])
