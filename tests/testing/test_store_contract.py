"""The contract of stores: the memory store keeps it, and each test catches one that does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from threading import Event
from types import TracebackType
from typing import Any, Final, Self
from unittest.mock import Mock

import attrs
import pytest
from hypothesis import Phase, settings

import negotiation as ng
from negotiation.errors import Conflict, StoreClosed
from negotiation.events import EVENTS
from negotiation.stores import ANY, MemoryStore, Store, StoredNegotiation, open_store
from negotiation.testing import storing
from negotiation.testing.contracts import DurableStoreContract, StoreContract
from negotiation.testing.odd import contradictions, telling
from negotiation.testing.promises.lasting import Lasting
from negotiation.testing.storing import BORDER, ascend, race, record, refused, same, statements
from tests.testing.broken import (
    deciding,  # noqa: F401  # whose stores are entered as it is imported
    reading,  # noqa: F401  # as above
)
from tests.testing.broken.appending import LooksTwice
from tests.testing.broken.lasting import Placed
from tests.testing.broken.registry import BROKEN, Expectation, Records

TESTS: Final = [name for name in dir(DurableStoreContract) if name.startswith("test_")]


class TestMemoryStore(StoreContract):
    def store(self) -> Store:
        return MemoryStore()


class TestAStoreByItsURL(StoreContract):
    settings: settings | None = settings(max_examples=10)

    def store(self) -> Store:
        return open_store("memory:")


class TestAStoreAtAPlace(Lasting):
    def store(self) -> Placed:
        return Placed()

    def again(self, store: Any) -> Placed:
        place: Placed = store
        return place.again()


# Stores that break one promise each


class Nothing:
    """A store that takes everything and keeps nothing."""

    def __init__(self, answer: Callable[[Any], int]) -> None:
        self.answer = answer

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        return self.answer(records)

    def transact(self, negotiation: str, decide: object, **more: Any) -> ng.Log:
        return ng.Log(negotiation)

    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return ng.Log(negotiation)

    def records(
        self, negotiation: str, *, after: int = 0, upto: int | None = None, backwards: bool = False
    ) -> Iterator[ng.Record]:
        return iter(())

    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return iter(())

    def follow(
        self, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[tuple[int, ng.Record]]:
        return iter(())

    def negotiations(self) -> Iterator[StoredNegotiation]:
        return iter(())

    def state(self, negotiation: str, **asked: Any) -> ng.Negotiation:
        return ng.replay(ng.Log(negotiation))

    def snapshot(self, negotiation: str) -> int:
        return self.answer([])

    def head(self, negotiation: str) -> ng.Head | None:
        return None

    def verify(self, negotiation: str, *, head: ng.Head | None = None) -> ng.Verification:
        return ng.Verification(negotiation, count=0, sealed=0, head=None, fault=None)

    def again(self) -> Self:
        return self

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

    class Contract(DurableStoreContract):
        settings: settings | None = FIRST

        def store(self) -> Store:
            return made()

        def again(self, store: Any) -> Store:
            place: Store = store.again()
            return place

    getattr(Contract(), test)()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not come back is given up soon."""
    monkeypatch.setattr(storing, "PATIENCE", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("test", "store"), BROKEN, ids=[f"{each.__name__}-{test}" for test, each in BROKEN]
)
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
            vars(self).update(_lock=nullcontext(), _grown=Mock())

    def often() -> None:
        for _ in range(50):
            run("test_one_writer_wins_each_position", Unlocked)

    with pytest.raises(AssertionError, match="who won after position"):
        often()


@pytest.mark.parametrize("test", TESTS)
def test_no_broken_store_is_caught_by_chance(test: str) -> None:
    """What stands under the broken stores passes, run in the same way."""
    run(test, Placed)


@pytest.mark.usefixtures("impatient")
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
    """Whoever forgets to say how a store is made, or opened again, is told the name of it."""
    with pytest.raises(NotImplementedError, match=r"def store\(self\) -> Store"):
        StoreContract().store()
    with pytest.raises(NotImplementedError, match=r"def again\(self, store: Store\) -> Store"):
        DurableStoreContract().again(MemoryStore())


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
