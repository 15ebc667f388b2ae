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
from unicodedata import normalize

import attrs
import pytest
from hypothesis import Phase, settings

import negotiation as ng
from negotiation.errors import Conflict, StoreClosed
from negotiation.events import EVENTS
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
from negotiation.testing.storing import (
    BORDER,
    ascend,
    contradictions,
    race,
    record,
    refused,
    same,
    statements,
    telling,
)
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

BROKEN: Final[list[tuple[str, type[MemoryStore]]]] = []


def caught_by(test: str) -> Callable[[type[MemoryStore]], type[MemoryStore]]:
    """Say which test of the contract has to find a store out."""

    def entered(store: type[MemoryStore]) -> type[MemoryStore]:
        assert test in TESTS
        BROKEN.append((test, store))
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


class Emptying(Changing):
    """Keeps each event without one of its fields."""

    field: str

    def change(self, each: ng.Record) -> ng.Record:
        event: Any = each.event
        if getattr(event, self.field, None) is None:
            return each
        return attrs.evolve(each, event=attrs.evolve(event, **{self.field: None}))


@caught_by("test_what_is_appended_is_read")
class ForgetsEarliest(Emptying):
    field = "earliest"


@caught_by("test_what_is_appended_is_read")
class ForgetsTheScope(Emptying):
    field = "scope"


@caught_by("test_any_record_is_read_as_it_was_appended")
class ForgetsThePlace(Emptying):
    field = "place"


class Rewriting(Changing):
    """Keeps one text of each record with a change."""

    def write(self, text: str) -> str:
        raise NotImplementedError

    def change(self, each: ng.Record) -> ng.Record:
        return each if each.quote is None else attrs.evolve(each, quote=self.write(each.quote))


@caught_by("test_what_is_appended_is_read")
class NormalisesQuotes(Rewriting):
    def write(self, text: str) -> str:
        return normalize("NFC", text)


@caught_by("test_what_is_appended_is_read")
class CutsQuotes(Rewriting):
    def write(self, text: str) -> str:
        return text[:255]


@caught_by("test_what_is_appended_is_read")
class CutsStatements(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        if not isinstance(each.event, ng.StatementMade):
            return each
        return attrs.evolve(each, event=attrs.evolve(each.event, text=each.event.text[:4000]))


@caught_by("test_records_are_kept_apart_by_any_id")
class CutsRecordIds(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=each.id[:200])


@caught_by("test_what_is_appended_is_read")
class CutsRecordIdsLater(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=each.id[:900])


@caught_by("test_records_are_kept_apart_by_any_id")
class NormalisesRecordIds(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=normalize("NFC", each.id))


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


def blind(name: str, value: Any) -> type[MemoryStore]:
    """A store that takes records for copies, whatever they have in one of their fields."""

    class Blind(Appending):
        def put(self, negotiation: str, records: Any, expected: Any) -> int:
            return super().put(negotiation, map(self.first, records), expected)

        def first(self, each: ng.Record) -> ng.Record:
            known = self.knows(each)
            if known is None or not self.bare(known).same_content(self.bare(each)):
                return each
            return known

        def bare(self, each: ng.Record) -> ng.Record:
            if name in attrs.fields_dict(ng.Record):
                return attrs.evolve(each, **{name: value})
            event: Any = each.event
            has = name in attrs.fields_dict(type(event))
            return attrs.evolve(each, event=attrs.evolve(event, **{name: value}) if has else event)

    Blind.__name__ = f"BlindFor_{name}"
    return Blind


@caught_by("test_the_same_id_with_one_field_changed_is_refused")
class ComparesNoKinds(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, map(self.first, records), expected)

    def first(self, each: ng.Record) -> ng.Record:
        known, event = self.knows(each), each.event
        if known is None or attrs.asdict(known.event) != attrs.asdict(event):
            return each
        return known if attrs.evolve(each, event=known.event).same_content(known) else each


for _name, _value in {
    "time": storing.START,
    **dict.fromkeys(("speaker", "reported_by", "report_url", "quote", "precision", "visible_to")),
    **dict.fromkeys(("repeats", "correlation", "causation", "earliest", "scope", "under", "note")),
    "attributes": (),
}.items():
    caught_by("test_the_same_id_with_one_field_changed_is_refused")(blind(_name, _value))


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


@caught_by("test_an_append_is_done_whole_or_not_at_all")
class AppendsIteratorsOneByOne(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        if isinstance(records, list | tuple | str) or not isinstance(records, Iterable):
            return super().append(negotiation, records, expected=expected)
        position = super().append(negotiation, [], expected=expected)
        for each in records:
            position = super().append(negotiation, [each])
        return position


@caught_by("test_an_append_is_done_whole_or_not_at_all")
class AppendsByTheThousand(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        position = super().put(negotiation, records[:1000], expected)
        return super().put(negotiation, records[1000:], ANY) if records[1000:] else position


@caught_by("test_records_that_break_off_are_not_kept")
class KeepsWhatCameBefore(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        came: list[ng.Record] = []
        try:
            came.extend(records)
        finally:
            position = super().append(negotiation, came, expected=expected)
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


@caught_by("test_a_store_closes_itself")
class SwallowsErrors(MemoryStore):
    def __exit__(  # type: ignore[override]  # that is what is wrong with it
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self.close()
        return True


@caught_by("test_a_store_closes_itself")
class GivesAnother(MemoryStore):
    def __enter__(self) -> Self:
        other = type(self)()
        vars(other).update(vars(self))
        return other


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


@pytest.mark.parametrize(("test", "store"), BROKEN, ids=[each.__name__ for _, each in BROKEN])
def test_each_test_catches_its_broken_stores(test: str, store: type[MemoryStore]) -> None:
    """A store that breaks a promise fails the test of that promise."""
    with pytest.raises((AssertionError, ng.NegotiationError)):
        run(test, store)


def test_every_promise_is_broken_by_some_store() -> None:
    """No test of the contract is one that could not fail."""
    assert {test for test, _ in BROKEN} == set(TESTS)


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


def test_where_long_values_differ_is_told() -> None:
    """Of two long values only the part is shown in which they begin to differ."""
    with pytest.raises(AssertionError) as caught:
        same("a" * 70_000 + "x" + "b" * 5000, "a" * 70_000 + "y")

    assert f"the answer is\n  … {'a' * 40}xbbb" in str(caught.value)
    assert str(caught.value).endswith(f"bbb …\nand should be\n  … {'a' * 40}y'")
    with pytest.raises(AssertionError, match="is\n  'xaaa") as early:
        same("x" + "a" * 5000, "y")
    assert len(str(early.value)) < 2100


@pytest.mark.parametrize("cls", [*EVENTS, ng.Record])
def test_what_tells_has_something_in_every_field(cls: type[Any]) -> None:
    """No field of a record or of an event is left out, so that none can be dropped unseen."""
    of_records: list[Any] = telling()
    told = of_records if cls is ng.Record else [each.event for each in of_records]
    for field in attrs.fields(cls):
        if field.name not in ("prevhash", "hash"):
            found = [getattr(each, field.name) for each in told if type(each) is cls]
            assert any(value not in (None, ()) for value in found), field.name


def test_contradictions_differ_in_every_field() -> None:
    """Each pair has one id and two contents, and no field of a record or an event is left out."""
    differing: set[tuple[type[Any], str]] = set()
    for one, other in contradictions():
        assert one.id == other.id
        assert not one.same_content(other)
        pair: tuple[Any, Any] = (
            (one, other) if one.event == other.event else (one.event, other.event)
        )
        differing |= {
            (type(pair[0]), name)
            for name in attrs.fields_dict(type(pair[0]))
            if getattr(pair[0], name) != getattr(pair[1], name)
        }

    own = {"id", "negotiation", "position", "recorded", "event", "prevhash", "hash"}
    assert differing == {
        *((ng.Record, name) for name in attrs.fields_dict(ng.Record) if name not in own),
        *((cls, a.name) for cls in EVENTS for a in attrs.fields(cls) if a.default is None),
    }


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
