"""Records and ids that a careless store drops, cuts, normalises or mixes up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

import attrs
import hypothesis.strategies as st

from negotiation.events import (
    EVENTS,
    AnyEvent,
    EventRetracted,
    PositionStated,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    TruceViolated,
    UnknownEvent,
)
from negotiation.records import UNPRINTABLE, Record
from negotiation.testing.storing import BORDER, START, bare, record
from negotiation.testing.wild import full_records

MEBIBYTE: Final = 1 << 20


def noise(length: int) -> str:
    """A text of hexadecimal digits that cannot be compressed to much less than half of it."""
    return "".join(sha256(b"%d" % n).hexdigest() for n in range(length // 64 + 1))[:length]


ODD_IDS: Final = (
    "talks", "Talks", "talks ", " talks", "talks.", "../talks", "/talks", "talks/1", "talks%2F1",
    "talks\\1", "talks?a=1#b", "talks\n", "'; DROP TABLE records; --", '"', "%", "_", "*", "~", ".",
    "..", "-", "0", "null", "caf\u00e9", "cafe\u0301", "\ufb01n", "fin", "\U0001f54a", "a" * 300,
    "a" * 299 + "b", "talks\x00", "talks\x001", "\x00", "\x1b[0m", "\uffff", "${talks}", "{0}",
    "%s", noise(5000), noise(4999),
)  # fmt: skip
"""Ids of negotiations that a careless store mixes up with one another or with something else."""

ODD_RECORD_IDS: Final = tuple(id for id in ODD_IDS if not UNPRINTABLE.search(id))
"""The same as ids of records, which hold no control characters and no noncharacters."""

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
