"""What the contract of stores stands on: records to keep, a plain model, and threads that race."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise, zip_longest
from threading import Barrier, Event, Thread
from typing import Any, Final, TypeAlias, TypeVar

import attrs
import hypothesis.strategies as st
from attrs import frozen

from negotiation.errors import Conflict, InvalidLog, NegotiationError
from negotiation.events import (
    EventRetracted,
    PositionStated,
    ProposalMade,
    StatementMade,
    TruceViolated,
    UnknownEvent,
)
from negotiation.records import FIELDS, UNPRINTABLE, Record
from negotiation.stores import ANY, NEW, Store

T = TypeVar("T")

BORDER: Final = "border-talks"
WATER: Final = "water-talks"

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

PATIENCE: Final = 60
"""After how many seconds a call that does not come back is taken for one that never will."""

ODD_IDS: Final = (
    "talks", "Talks", "talks ", " talks", "talks.", "../talks", "/talks", "talks/1", "talks%2F1",
    "talks\\1", "talks?a=1#b", "talks\n", "'; DROP TABLE records; --", '"', "%", "_", "*", "~", ".",
    "..", "-", "0", "null", "caf\u00e9", "cafe\u0301", "\U0001f54a", "a" * 300, "a" * 299 + "b",
)  # fmt: skip
"""Ids of negotiations that a careless store mixes up with one another or with something else."""


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


def telling() -> list[Record]:
    """Records that have something in every field, and JSON of every kind."""
    mixed = {"n": 1, "r": 1.0, "yes": True, "none": None, "list": [1, [], {}], "é\n": "\x00\u2028"}
    events = [
        ProposalMade(proposal="p1", by="north", to=["south", "east"], terms=mixed),
        PositionStated(by="south", issue="rate", value=2**70, firmness="demand"),
        TruceViolated(violation="v1", truce="t1", by="north", alleged_by="south", count=0),
        UnknownEvent(type="org.example.door-slammed.v1", data=mixed),
        EventRetracted(event="e1", by="north", reason="é" * 3000),
    ]
    fields: list[dict[str, Any]] = [
        {
            "speaker": "A. Üzer",
            "reported_by": "The 'Daily'",
            "report_url": "https://example.org/?a=1&b",
        },
        {"quote": 'She said "no";\\ twice', "precision": "day"},
        {"visible_to": ["south", "o'neill"], "correlation": "x%20y", "causation": "e1"},
        {"attributes": {"partitionkey": " 7 ", "traceparent": "00-é"}},
        {"repeats": "e2", "time": START - timedelta(microseconds=1)},
    ]
    return [
        record(f"e{n}", minute=n, event=event, **more)
        for n, (event, more) in enumerate(zip(events, fields, strict=True), start=1)
    ]


def bare(record: Record, **changes: Any) -> Record:
    """A record without what a store says of it, its position and its hashes, or with changes."""
    return attrs.evolve(record, **{"position": 1, "prevhash": None, "hash": None, **changes})


def _words(**size: int) -> st.SearchStrategy[str]:
    alphabet = st.characters(exclude_categories=["Cc", "Cs"])
    return st.text(alphabet, min_size=1, **size).filter(lambda text: not UNPRINTABLE.search(text))


def _json() -> st.SearchStrategy[Any]:
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    number = st.integers(-(2**65), 2**65) | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | number | text,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=6,
    )


def any_records() -> st.SearchStrategy[list[Record]]:
    """Records of one negotiation, in the order of recording, whose every text is any text."""
    label = st.none() | _words(max_size=8)
    times = st.datetimes(timezones=st.just(UTC))
    offers = st.builds(
        lambda value: PositionStated(by="north", issue="i", value=value, firmness="open"), _json()
    )
    records = st.builds(
        Record,
        id=_words(max_size=8),
        negotiation=st.just(BORDER),
        time=times,
        recorded=times,
        event=offers,
        speaker=label,
        quote=label,
        correlation=label,
    )
    return st.lists(records, min_size=1, max_size=4, unique_by=lambda each: each.id).map(
        lambda drawn: sorted(drawn, key=lambda each: each.recorded)
    )


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
    raise AssertionError(f"{what} is\n  {found!r}\nand should be\n  {wanted!r}")


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


# A model that is too plain to be wrong

Answer: TypeAlias = "int | type[NegotiationError]"


@frozen
class Asked:
    """One append to ask for; `expected` may be "right", the position at which it stands."""

    negotiation: str
    records: tuple[Record, ...]
    expected: Any

    @staticmethod
    def drawn() -> st.SearchStrategy[Asked]:
        """Appends to two negotiations of few records, so that ids and positions often meet."""
        return st.sampled_from([BORDER, WATER]).flatmap(
            lambda negotiation: st.builds(
                Asked,
                st.just(negotiation),
                st.lists(_few(negotiation), max_size=3).map(tuple),
                st.sampled_from([ANY, "right", NEW, 0, 1, 2, 3]),
            )
        )

    def of(self, store: Store, position: int) -> Answer:
        """What a store answers where the negotiation stands at this position."""
        try:
            return store.append(
                self.negotiation,
                self.records,
                expected=position if self.expected == "right" else self.expected,
            )
        except Conflict:
            return Conflict
        except InvalidLog:
            return InvalidLog


def _few(negotiation: str) -> st.SearchStrategy[Record]:
    return st.builds(
        partial(record, of=negotiation),
        st.sampled_from(["e1", "e2", "e3", "e4"]),
        minute=st.integers(0, 2),
        text=st.sampled_from(["yes", "yes", "no"]),
    )


class Plain:
    """What a store holds and answers, worked out with lists and loops."""

    def __init__(self) -> None:
        self.logs: Final[dict[str, list[Record]]] = {}
        self.order: Final[list[tuple[str, str]]] = []

    def stands(self, negotiation: str) -> int:
        """The position at which a negotiation stands."""
        return len(self.logs.get(negotiation, ()))

    def append(self, asked: Asked) -> Answer:
        """What a store has to answer."""
        log = list(self.logs.get(asked.negotiation, ()))
        before = len(log)
        if not asked.records:
            return before
        if not all(any(each.same_content(one) for one in log) for each in asked.records):
            wanted = {ANY: before, "right": before, NEW: 0}.get(asked.expected, asked.expected)
            if wanted != before:
                return Conflict
            for each in asked.records:
                alike = [one for one in log if one.id == each.id]
                if any(not each.same_content(one) for one in alike):
                    return InvalidLog
                if not alike and log and each.recorded < log[-1].recorded:
                    return InvalidLog
                log += [] if alike else [each]
            self.logs[asked.negotiation] = log
            self.order.extend((asked.negotiation, each.id) for each in log[before:])
        return [each.id for each in log].index(asked.records[-1].id) + 1


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
    errors: list[BaseException] = []
    begin, done = Barrier(len(jobs)), Event()

    def run(number: int, job: Callable[[], T]) -> None:
        begin.wait(PATIENCE)
        answers[number] = job()

    def repeat() -> None:
        while meanwhile is not None:
            last = done.wait(0.001)  # a pause, so that the others get their turn
            meanwhile()
            if last:
                return

    def guarded(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001  # raised again where the test can see it
            errors.append(error)

    def started(task: Callable[[], None]) -> Thread:
        thread = Thread(target=guarded, args=(task,), daemon=True)
        thread.start()
        return thread

    with _taking_turns():
        reader = started(repeat)
        writers = [started(partial(run, number, job)) for number, job in enumerate(jobs)]
        for each in writers:
            each.join(PATIENCE)
        done.set()
        reader.join(PATIENCE)
    if errors:
        raise errors[0]
    if any(each.is_alive() for each in (reader, *writers)):
        raise Stuck(f"a call did not come back within {PATIENCE} seconds")
    return [answers[number] for number in range(len(jobs))]
