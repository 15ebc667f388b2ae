"""What the contract of stores stands on: records to keep, a plain model, and threads that race."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise, takewhile, zip_longest
from threading import Barrier, Event, Thread
from typing import Any, Final, TypeAlias, TypeVar

import attrs
import hypothesis.strategies as st
from attrs import frozen

from negotiation.errors import Conflict, InvalidLog, NegotiationError
from negotiation.events import (
    EVENTS,
    AnyEvent,
    EventRetracted,
    PositionStated,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    StatementMade,
    TruceViolated,
    UnknownEvent,
)
from negotiation.records import FIELDS, Record
from negotiation.stores import ANY, NEW, Store
from negotiation.testing.wild import full_records

T = TypeVar("T")

BORDER: Final = "border-talks"
WATER: Final = "water-talks"

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

PATIENCE: Final = 60
"""After how many seconds a call that does not come back is taken for one that never will."""

STARTING: Final = 60
"""Within how many seconds threads have started, on the busiest machine."""

LONG: Final = 2000
"""How many characters of a value are shown at most where it is not what it should be."""

ODD_IDS: Final = (
    "talks", "Talks", "talks ", " talks", "talks.", "../talks", "/talks", "talks/1", "talks%2F1",
    "talks\\1", "talks?a=1#b", "talks\n", "'; DROP TABLE records; --", '"', "%", "_", "*", "~", ".",
    "..", "-", "0", "null", "caf\u00e9", "cafe\u0301", "\ufb01n", "fin", "\U0001f54a", "a" * 300,
    "a" * 299 + "b",
)  # fmt: skip
"""Ids of negotiations that a careless store mixes up with one another or with something else."""

ODD_RECORD_IDS: Final = tuple(id for id in ODD_IDS if "\n" not in id)
"""The same as ids of records, which hold no control characters."""

_LATER: Final = START + timedelta(days=7, microseconds=1)

FILLED: Final[Mapping[str, Any]] = {
    **{name: f"{name} e\u0301 1" for name in (
        "proposal", "counters", "issue", "about", "truce", "under", "violation", "replaces",
        "deadline", "meeting", "follows", "event",
    )},
    **{name: f" the {name}: \u00e9, e\u0301, \ufb01; \x00 " for name in (
        "name", "reason", "note", "condition", "text", "scope", "what", "place", "demand",
        "consequence", "outcome",
    )},
    "by": "north", "alleged_by": "south", "claimed_by": "south", "party": "north",
    "attributed_by": "south", "to": ["south", "east"], "parties": ["north", "south"],
    "on": ["south", "east"], "binds": ["north", "south"], "role": "mediator",
    "kind": "ceasefire", "firmness": "demand", "qualifier": "at-least", "finding": "verified",
    "terms": {"price": 1}, "value": 2**70, "count": 0, "expires": _LATER, "starts": START,
    "begins": START, "ends": _LATER, "due": _LATER, "earliest": START,
}  # fmt: skip
"""Something for every field that an event has, whichever class it is of."""

_TWO: Final[Mapping[str, tuple[Any, Any]]] = {
    "time": (START - timedelta(microseconds=1), START + timedelta(microseconds=1)),
    "speaker": ("A. \u00dczer", "A. U\u0308zer"),
    "reported_by": ("The 'Daily'", "the 'daily'"),
    "report_url": ("https://example.org/?a=1&b", "https://example.org/?a=1"),
    "quote": ("no", "no "),
    "precision": ("day", "month"),
    "visible_to": (["south"], ["south", "east"]),
    "repeats": ("e2", "e3"),
    "correlation": ("x%20y", "x y"),
    "causation": ("e1", "E1"),
    "attributes": ({"x1": "a"}, {"x1": "a", "x2": "b"}),
}
"""Two values for every field of a record that is of its content, beside its id and its event."""


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
        *(
            record(f"e{n}", minute=n, event=event, **more)
            for n, (event, more) in enumerate(zip(events, fields, strict=True), start=1)
        ),
        *(record(f"f{n}", minute=9, event=each) for n, each in enumerate(map(filled, EVENTS))),
        *_long(),
    ]


def filled(cls: type[Any]) -> AnyEvent:
    """An event of a class of the library's, with something in every field."""
    event: AnyEvent = cls(**{a.name: FILLED[a.name] for a in attrs.fields(cls)})
    return event


def _without(event: Any, name: str) -> AnyEvent:
    names = (name, "qualifier") if name == "count" else (name,)  # one is of the other
    less: AnyEvent = attrs.evolve(event, **dict.fromkeys(names))
    return less


def _long() -> Iterator[Record]:
    """Records that are longer than a careless store is wide."""
    yield record("long", minute=9, text="e\u0301 " * 30_000)
    yield record("quoted", minute=9, quote="e\u0301" + " so" * 3000)
    yield record("r" * 1000, minute=9, repeats="r" * 999)
    names = ("speaker", "reported_by", "report_url", "correlation", "causation")
    yield record("told", minute=9, **{name: f"{name} " + "\u00e9" * 3000 for name in names})
    yield record("more", minute=9, visible_to=["s" * 3000], attributes={"x" * 300: "x" * 3000})


def contradictions() -> list[tuple[Record, Record]]:
    """Pairs of records under one id that differ in one field, of the record or of the event.

    It is there or not, or says something else. One pair differs in nothing but the kind of event.
    """
    full = {name: one for name, (one, _) in _TWO.items()}
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for name, (one, other) in _TWO.items():
        less = {key: value for key, value in full.items() if key != name}
        pairs += [({}, {name: one}), (full, less), (full, {**full, name: other})]
    pairs.append(({"event": filled(ProposalRejected)}, {"event": filled(ProposalWithdrawn)}))
    for event in map(filled, EVENTS):
        absent = [a.name for a in attrs.fields(type(event)) if a.default is None]
        pairs += [({"event": event}, {"event": _without(event, name)}) for name in absent]
    return [
        (record(f"c{n}", **one), record(f"c{n}", **other))
        for n, (one, other) in enumerate(pairs, start=1)
    ]


def bare(record: Record, **changes: Any) -> Record:
    """A record without what a store says of it, its position and its hashes, or with changes."""
    return attrs.evolve(record, **{"position": 1, "prevhash": None, "hash": None, **changes})


def any_records() -> st.SearchStrategy[list[Record]]:
    """Records of one negotiation, in the order of recording, that hold whatever a record may."""

    def in_order(drawn: list[Record]) -> list[Record]:
        times = sorted(each.recorded for each in drawn)
        return [
            bare(each, negotiation=BORDER, recorded=time)
            for each, time in zip(drawn, times, strict=True)
        ]

    several = st.lists(full_records(), min_size=1, max_size=4, unique_by=lambda each: each.id)
    return several.map(in_order)


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
        begin.wait(STARTING)
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
