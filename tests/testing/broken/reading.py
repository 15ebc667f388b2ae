"""Stores that do not give what they keep, not in order, or not to its end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from time import sleep
from types import TracebackType
from typing import Any, Self

import negotiation as ng
from negotiation.stores import MemoryStore
from tests.testing.broken.registry import caught_by


@caught_by("test_all_records_have_one_order")
class SortsByNegotiation(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        everything = [each for id in sorted(self._negotiations) for each in self.read(id)]
        return iter([*enumerate(everything, start=1)][after:])


@caught_by("test_reading_all_begins_after_a_number")
class BeginsAtTheNumber(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return super().read_all(after=max(after - 1, 0))


@caught_by("test_numbers_stay")
class NumbersAnew(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        more = len(self._negotiations)
        return ((number + more, each) for number, each in super().read_all(after=after))


@caught_by("test_a_reading_ends_where_it_began")
class ReadsOn(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        while after < self._end():
            after, each = next(super().read_all(after=after))
            yield after, each


@caught_by("test_a_closed_store_refuses")
class ClosesByForgetting(MemoryStore):
    def close(self) -> None:
        self._negotiations.clear()
        self._order.clear()


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


# Records one by one


class Picking(MemoryStore):
    """Gives the records of a negotiation in a way of its own."""

    def records(
        self, negotiation: str, *, after: int = 0, upto: int | None = None, backwards: bool = False
    ) -> Iterator[ng.Record]:
        return self.pick(negotiation, after, upto, backwards)

    def pick(
        self, negotiation: str, after: int, upto: int | None, backwards: bool
    ) -> Iterator[ng.Record]:
        return super().records(negotiation, after=after, upto=upto, backwards=backwards)


@caught_by("test_records_are_read_one_by_one")
class KnowsNoBackwards(Picking):
    def pick(
        self, negotiation: str, after: int, upto: int | None, backwards: bool
    ) -> Iterator[ng.Record]:
        return super().pick(negotiation, after, upto, backwards=False)


@caught_by("test_records_are_read_between_positions")
class BeginsAtThePosition(Picking):
    def pick(
        self, negotiation: str, after: int, upto: int | None, backwards: bool
    ) -> Iterator[ng.Record]:
        return super().pick(negotiation, max(after - 1, 0), upto, backwards)


@caught_by("test_records_are_read_between_positions")
class CountsFromTheEnd(Picking):
    def pick(
        self, negotiation: str, after: int, upto: int | None, backwards: bool
    ) -> Iterator[ng.Record]:
        found = super().pick(negotiation, 0, upto, backwards)
        return islice(found, after, None)


@caught_by("test_long_negotiations_are_read_in_order")
class LosesOneAtEachPage(Picking):
    def pick(
        self, negotiation: str, after: int, upto: int | None, backwards: bool
    ) -> Iterator[ng.Record]:
        found = super().pick(negotiation, after, upto, backwards)
        return (each for n, each in enumerate(found, start=1) if n % 1001)


@caught_by("test_long_negotiations_are_read_in_order")
class LosesOneOfAllAtEachPage(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return (each for n, each in enumerate(super().read_all(after=after), start=1) if n % 1001)


@caught_by("test_a_reading_of_records_ends_where_it_began")
class ReadsRecordsOn(Picking):
    def pick(
        self, negotiation: str, after: int, upto: int | None, backwards: bool
    ) -> Iterator[ng.Record]:
        if backwards:
            yield from super().pick(negotiation, after, upto, backwards)
            return
        while each := next(super().pick(negotiation, after, upto, backwards), None):
            after += 1
            yield each


@caught_by("test_numbers_and_positions_may_be_beyond_all")
class CountsIn64Bits(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return super().read_all(after=after if after < 2**63 else after % 2**64)


@caught_by("test_a_reading_that_is_left_keeps_nobody_from_writing")
class HoldsItsLock(Picking):
    def pick(
        self, negotiation: str, after: int, upto: int | None, backwards: bool
    ) -> Iterator[ng.Record]:
        with self._lock:
            yield from super().pick(negotiation, after, upto, backwards)


# Following


class Following(MemoryStore):
    """Is followed in a way of its own."""

    def follow(
        self, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[tuple[int, ng.Record]]:
        return self.lead(after, timeout)

    def lead(self, after: int, timeout: float | None) -> Iterator[tuple[int, ng.Record]]:
        return super().follow(after=after, timeout=timeout)


@caught_by("test_who_follows_sees_what_is_there")
class FollowsWhatIsNew(Following):
    def lead(self, after: int, timeout: float | None) -> Iterator[tuple[int, ng.Record]]:
        return super().lead(max(after, self._end()), timeout)


@caught_by("test_who_follows_sees_what_comes")
class FollowsWhatIsThere(Following):
    def lead(self, after: int, timeout: float | None) -> Iterator[tuple[int, ng.Record]]:
        yield from self.read_all(after=after)
        if timeout != 0:
            yield from super().lead(self._end(), timeout)


@caught_by("test_a_timeout_ends_what_is_followed")
class FollowsForEver(Following):
    def lead(self, after: int, timeout: float | None) -> Iterator[tuple[int, ng.Record]]:
        return super().lead(after, None)


@caught_by("test_a_timeout_ends_what_is_followed")
class EndsBeforeItBegins(Following):
    def lead(self, after: int, timeout: float | None) -> Iterator[tuple[int, ng.Record]]:
        return super().lead(after, timeout) if timeout == 0 else iter(())


@caught_by("test_who_follows_is_woken")
class SleepsWell(Following):
    def lead(self, after: int, timeout: float | None) -> Iterator[tuple[int, ng.Record]]:
        yield from self.read_all(after=after)
        sleep(min(timeout or 3, 3))


@caught_by("test_who_follows_is_woken")
class KnowsNoInfinity(Following):
    def lead(self, after: int, timeout: float | None) -> Iterator[tuple[int, ng.Record]]:
        if timeout is not None and timeout > 60:
            raise ng.OutOfRange("is too long")
        return super().lead(after, timeout)


@caught_by("test_who_follows_sees_everything_once")
class SeesTheLastAgain(Following):
    def lead(self, after: int, timeout: float | None) -> Iterator[tuple[int, ng.Record]]:
        while self._wait(after, timeout):
            for number, each in list(self.read_all(after=max(after - 1, 0))):
                after = number
                yield number, each


# Closing


def open_for(name: str) -> type[MemoryStore]:
    """A store of which one method works on when it is closed."""

    def method(self: Any, *args: Any, **more: Any) -> object:
        was, self._closed = self._closed, False
        try:
            answer = getattr(MemoryStore, name)(self, *args, **more)
            return iter(list(answer)) if isinstance(answer, Iterator) and was else answer
        finally:
            self._closed = was

    made = type(f"OpenFor_{name}", (MemoryStore,), {name: method})
    return caught_by("test_a_closed_store_refuses")(made)


for _name in (
    *("append", "transact", "read", "records", "read_all", "follow", "negotiations"),
    *("state", "snapshot", "head", "verify"),
):
    open_for(_name)


def stops_short(name: str) -> type[MemoryStore]:
    """A store of which one reading ends when it is closed, as if there were no more."""

    def method(self: Any, *args: Any, **more: Any) -> Iterator[Any]:
        try:
            yield from getattr(MemoryStore, name)(self, *args, **more)
        except ng.StoreClosed:
            return

    made = type(f"StopsShort_{name}", (MemoryStore,), {name: method})
    return caught_by("test_closing_ends_what_is_under_way")(made)


for _name in ("records", "read_all", "follow"):
    stops_short(_name)


@caught_by("test_closing_wakes_who_follows")
class WaitsOnWhenItIsClosed(MemoryStore):
    def _wait(self, after: int, seconds: float | None) -> bool:
        with self._lock:
            return self._grown.wait_for(lambda: self._end() > after, seconds)
