"""What the contract of stores stands on: records to keep, comparisons, and threads that race."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, pairwise, takewhile, zip_longest
from threading import Barrier, Event, Thread
from time import monotonic
from typing import Any, Final, TypeVar

import attrs

from negotiation.errors import NegotiationError
from negotiation.events import StatementMade
from negotiation.records import FIELDS, Record
from negotiation.stores import Store

T = TypeVar("T")

BORDER: Final = "border-talks"
WATER: Final = "water-talks"

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

PATIENCE: Final = 60
"""After how many seconds a call that does not come back is taken for one that never will."""

GRACE: Final = 1
"""For how many seconds other threads may go on after one has failed."""

STARTING: Final = 60
"""Within how many seconds threads have started, on the busiest machine."""

LONG: Final = 2000
"""How many characters of a value are shown at most where it is not what it should be."""

# Records


def record(
    id: str, *, of: str = BORDER, minute: int = 0, text: str = "so be it", **fields: Any
) -> Record:
    """A record that entered the log some minutes after the start.

    Args:
        id: its id.
        of: the negotiation.
        minute: when it was recorded; the time of the event is one for all.
        text: what was stated.
        fields: further fields of the record, in place of these.
    """
    said = StatementMade(by="north", text=text)
    recorded = START + timedelta(days=1, minutes=minute)
    given = {"negotiation": of, "time": START, "recorded": recorded, "event": said, **fields}
    return Record(id=id, **given)


def statements(count: int, *, of: str = BORDER, first: int = 1) -> list[Record]:
    """The records e1, e2, e3 and so on, each recorded at the minute of its number."""
    return [record(f"e{n}", of=of, minute=n) for n in range(first, first + count)]


def bare(record: Record, **changes: Any) -> Record:
    """A record without what a store says of it, its position and its hashes, or with changes."""
    return attrs.evolve(record, **{"position": 1, "prevhash": None, "hash": None, **changes})


# What was found and what it should be


def same(found: object, wanted: object, what: str = "the answer") -> None:
    """Assert that two values are equal, and say what they are of; of long lists, where."""
    if found == wanted and type(found) is type(wanted):
        return
    if isinstance(found, list) and isinstance(wanted, list) and len(found) + len(wanted) > 40:
        pairs = enumerate(zip_longest(found, wanted, fillvalue=object()))
        first = next(index for index, (one, other) in pairs if one != other)
        what += f", {len(found)} long and not {len(wanted)}, from index {first} on"
        found, wanted = found[first : first + 3], wanted[first : first + 3]
    one, other = _differing(repr(found), repr(wanted))
    raise AssertionError(f"{what} is\n  {one}\nand should be\n  {other}")


def _differing(one: str, other: str) -> tuple[str, str]:
    """Two texts, cut to where they differ if one of them is long."""
    if max(len(one), len(other)) <= LONG:
        return one, other
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    start = max(0, sum(1 for _ in alike) - 40)
    return _cut(one, start), _cut(other, start)


def _cut(text: str, start: int) -> str:
    end = start + LONG
    return f"{'… ' if start else ''}{text[start:end]}{' …' if text[end:] else ''}"


def ascend(numbers: Sequence[int]) -> None:
    """Assert that there are numbers, that they ascend and that they begin above zero."""
    if not numbers or not all(one < other for one, other in pairwise([0, *numbers])):
        raise AssertionError(f"the numbers of records should ascend from 1 and are {numbers}")


@contextmanager
def refused(error: type[NegotiationError], what: str) -> Iterator[list[Any]]:
    """Assert that something is refused with an error, which stands in the list afterwards."""
    caught: list[Any] = []
    try:
        yield caught
    except error as refusal:
        caught.append(refusal)
        return
    except NegotiationError as other:
        raise AssertionError(f"{what} gave {other!r}; {error.__name__} was due") from other
    raise AssertionError(f"{what} was taken; {error.__name__} was due")


def reads(store: Store, negotiation: str, wanted: Iterable[Record]) -> None:
    """Assert that a log holds these records, numbered from 1 and else as they were given."""
    log = store.read(negotiation)
    same(log.negotiation, negotiation, "the negotiation of the log")
    _as_given(f"the log of {negotiation!r}", list(log), list(wanted))


def holds(store: Store, wanted: Mapping[str, Sequence[Record]]) -> None:
    """Assert that a store holds these negotiations and nothing else, however it is asked."""
    listed = [(each.negotiation, each.count) for each in store.negotiations()]
    same(listed, sorted((id, len(records)) for id, records in wanted.items()), "what is listed")
    numbered = list(store.read_all())
    if wanted or numbered:
        ascend([number for number, _ in numbered])
    for negotiation, records in wanted.items():
        reads(store, negotiation, records)
        found = [each for _, each in numbered if each.negotiation == negotiation]
        _as_given(f"what read_all gives of {negotiation!r}", found, records)
    same(len(numbered), sum(map(len, wanted.values())), "the number of all records")


def _as_given(what: str, found: Sequence[Record], wanted: Sequence[Record]) -> None:
    same([each.id for each in found], [each.id for each in wanted], f"{what}: its ids")
    numbers = list(range(1, len(wanted) + 1))
    same([each.position for each in found], numbers, f"{what}: its positions")
    for one, other in zip(found, wanted, strict=True):
        for name in FIELDS:
            if name not in ("position", "prevhash", "hash"):  # which are the store's own to give
                same(getattr(one, name), getattr(other, name), f"{what}: {name} of {one.id!r}")


# Threads


class Stuck(AssertionError):
    """A call did not come back."""


@contextmanager
def _taking_turns() -> Iterator[None]:
    """Let threads interrupt one another as often as can be, so that they meet where they may."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


class _Threads:
    """Threads that are watched together: the first that fails ends the wait for the others."""

    def __init__(self) -> None:
        self.errors: Final[list[BaseException]] = []

    def start(self, task: Callable[[], None]) -> Thread:
        """A thread that does something."""
        thread = Thread(target=self._guarded, args=(task,), daemon=True)
        thread.start()
        return thread

    def _guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001  # raised again where the test can see it
            self.errors.append(error)

    def wait(self, *threads: Thread) -> None:
        """Wait until these are done."""
        until = monotonic() + PATIENCE
        for each in threads:
            while each.is_alive() and monotonic() < until:
                each.join(0.02)
                if self.errors:
                    until = min(until, monotonic() + GRACE)


def race(*jobs: Callable[[], T], meanwhile: Callable[[], object] | None = None) -> list[T]:
    """Do several things at once, in threads of their own.

    Args:
        jobs: what to do; all begin at the same time.
        meanwhile: what to do again and again until they are done, and once more after that.

    Returns:
        What each job gave.

    Raises:
        Stuck: something did not come back; any error of theirs comes through.
    """
    answers: dict[int, T] = {}
    threads = _Threads()
    begin, done = Barrier(len(jobs)), Event()

    def run(number: int, job: Callable[[], T]) -> None:
        begin.wait(STARTING)
        answers[number] = job()

    def repeat() -> None:
        while meanwhile is not None:
            last = done.wait(0.001)  # a pause, so that the others get their turn
            meanwhile()
            if last:
                return

    with _taking_turns():
        reader = threads.start(repeat)
        writers = [threads.start(partial(run, number, job)) for number, job in enumerate(jobs)]
        threads.wait(*writers)
        done.set()
        threads.wait(reader)
    if threads.errors:
        raise threads.errors[0]
    if any(each.is_alive() for each in (reader, *writers)):
        raise Stuck(f"a call did not come back within {PATIENCE} seconds")
    return [answers[number] for number in range(len(jobs))]


def soon(call: Callable[[], T]) -> T:
    """What a call gives, if it comes back.

    Raises:
        Stuck: it does not; any error of its own comes through.
    """
    return race(call)[0]


def first(given: Iterator[T], what: str) -> T:
    """The first of what is given piece by piece, if it comes."""
    found = soon(lambda: [*islice(given, 1)])
    if not found:
        raise AssertionError(f"{what} gave nothing")
    return found[0]
