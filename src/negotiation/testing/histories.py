"""Random histories: the records of a negotiation as they came, most of them breaking some rule.

They are late, hidden, repeated, retracted and copied; every one could have been written. What
Hypothesis draws for a line of a log is a few whole numbers (see `negotiation.testing.universe`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

import attrs
import hypothesis.strategies as st
from attrs import frozen
from hypothesis.strategies import DrawFn, SearchStrategy

from negotiation.events import (
    EVENTS,
    DeadlineSet,
    EventRetracted,
    MeetingHeld,
    MeetingScheduled,
    ProposalAccepted,
    ProposalClarified,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    TruceDeclared,
    TruceViolated,
    UnknownEvent,
)
from negotiation.log import Log
from negotiation.model import Model
from negotiation.records import Record
from negotiation.testing.kinds import Kinds, kinds_of
from negotiation.testing.universe import (
    FEW,
    HOURS,
    NEGOTIATION,
    OUTSIDER,
    PARTIES,
    SIZE,
    START,
    UNKNOWN_TYPES,
    WHOLE,
    Build,
    Chance,
    Dice,
    Universe,
    hour,
)

Asked: TypeAlias = Mapping[str, Any]
"""The keyword arguments with which a state is asked for: as_of, known_at, known_to."""

Events: TypeAlias = Mapping[type[Any], SearchStrategy[Any]] | None
"""Event class → the strategy that draws its events, where the caller has one."""

MOST: Final = 12
"""How many records a history holds at most, unless the caller says so."""

# The lines of a log in the making

Numbers: TypeAlias = tuple[int, int, int, int, int, int]
"""What is drawn for a line: the kind, who, which, how, when, and all about the record."""

number: Final = st.integers(0, SIZE - 1)
lines: Final[SearchStrategy[Numbers]] = st.tuples(
    st.integers(0, 1023), number, number, number, st.integers(0, HOURS - 1), number
)

What: TypeAlias = Literal["event", "unknown", "retraction", "copy"]
_WHAT: Final[tuple[What, ...]] = (
    *("event",) * 12, "unknown", "retraction", "retraction", "copy",
)  # fmt: skip


@frozen
class Entry:
    """One line of a log in the making.

    Attributes:
        what: what stands there.
        event: the event, if it is one.
        numbers: who, which and how, of which the event was made.
        universe: what it may name.
        builds: what makes events of each class.
        fits: whether it is turned to what stands above it.
        time: when it happened.
        delay: how many hours after the one above it was recorded.
        visible_to: to whom it was shown.
        refers: chooses the record or the item that it speaks of, if any.
        repeats: whether it repeats that record.
    """

    what: What
    event: Any
    numbers: tuple[int, int, int]
    universe: Universe
    builds: Mapping[type[Any], Build]
    fits: bool
    time: datetime
    delay: int
    visible_to: Sequence[str] | None
    refers: int
    repeats: bool


def entry(
    numbers: Numbers,
    kinds: Kinds,
    draw: DrawFn,
    *,
    theme: int = -1,
    plain: bool = False,
    universe: Universe = WHOLE,
) -> Entry:
    """The line that these numbers stand for; a plain one is public and speaks of no other record.

    Args:
        numbers: what was drawn.
        kinds: the events that it may hold.
        draw: draws the events for which the caller has a strategy.
        theme: what the log is about; -1 for everything.
        plain: whether it is a plain one.
        universe: the parties and items of the event.
    """
    kind, who, which, how, when, about = numbers
    theme_of = kinds.themes[theme] if theme >= 0 else kinds.everything
    cls = Dice(kind).one(theme_of)
    dice = Dice(about)
    delay, fits, refers = dice.below(3), dice.below(4) < 3, dice.below(31)
    what, repeats, shown = dice.one(_WHAT), dice.below(8) == 7, dice.below(8) > 5
    return Entry(
        what="event" if plain else what,
        event=event_of(cls, kinds, draw, Chance.of((who, which, how), universe)),
        numbers=(who, which, how),
        universe=universe,
        builds=kinds.builds,
        fits=fits and cls not in kinds.given,
        time=hour(when),
        delay=delay,
        visible_to=dice.some(PARTIES, 3) if shown and not plain else None,
        refers=refers,
        repeats=repeats and not plain,
    )


def event_of(cls: type[Any], kinds: Kinds, draw: DrawFn, chance: Chance) -> Any:
    """An event of a class: by the caller's own strategy, if there is one."""
    given = kinds.given.get(cls)
    return kinds.builds[cls](chance) if given is None else draw(given)


OPENED: Final[Mapping[str, type[Any]]] = {
    "proposal": ProposalMade,
    "truce": TruceDeclared,
    "violation": TruceViolated,
    "deadline": DeadlineSet,
    "meeting": MeetingScheduled,
}
"""The field that names an item → the event that opens it."""

_OPENING: Final[Mapping[type[Any], str]] = {cls: key for key, cls in OPENED.items()}
_SPEAKING: Final = frozenset(EVENTS) - {MeetingHeld, *OPENED.values()}


def fitting(entry: Entry, above: Sequence[Record]) -> Any:
    """The event of an entry turned to what is there, so that it is more often legal.

    What opens an item takes an id that is free, and what speaks of an item speaks of one that is
    there. Where there is none, what opens one stands in for it.
    """

    def one(key: str) -> Any:
        found = [each.event for each in above if type(each.event) is OPENED[key]]
        return found[entry.refers % len(found)] if found else None

    event = entry.event
    cls = type(event)
    if cls in _OPENING:
        return _fitting_opening(event, entry.universe, one, above)
    changes = {}
    for key in OPENED:
        if not hasattr(event, key):
            continue
        if (item := one(key)) is not None:
            changes[key] = getattr(item, key)
            if cls in (ProposalAccepted, ProposalRejected):
                changes["by"] = item.to[entry.refers % len(item.to)]
            elif cls in (ProposalClarified, ProposalWithdrawn):
                changes["by"] = item.by
        elif cls in _SPEAKING and (build := entry.builds.get(OPENED[key])) is not None:
            opening = build(Chance.of(entry.numbers, entry.universe))
            return _fitting_opening(opening, entry.universe, one, above)
    return attrs.evolve(event, **changes) if changes else event


def _fitting_opening(
    event: Any, universe: Universe, one: Callable[[str], Any], above: Sequence[Record]
) -> Any:
    """The same for an event that opens an item: also a counter-offer, or a claim about a truce."""
    key = _OPENING[type(event)]
    used = {getattr(each.event, key) for each in above if type(each.event) is type(event)}
    changes: dict[str, Any] = {}
    if getattr(event, key) in used:
        changes[key] = next((id for id in universe.ids(key[0]) if id not in used), "p1")
    if type(event) is ProposalMade and event.counters and (offer := one("proposal")):
        changes |= {"by": offer.to[0], "to": [offer.by], "counters": offer.proposal}
        changes["expires"] = None
    if type(event) is TruceViolated and (truce := one("truce")):
        changes |= {"truce": truce.truce, "by": truce.bound[0]}
        if event.replaces and (claim := one("violation")):
            changes |= {"replaces": claim.violation, "alleged_by": claim.alleged_by}
    return attrs.evolve(event, **changes) if changes else event


def record(entry: Entry, id: str, recorded: datetime, above: Sequence[Record]) -> Record:
    """The record of an entry below others: a copy of one of them, or a new one."""
    if entry.what == "copy" and above:
        return attrs.evolve(above[entry.refers % len(above)], recorded=recorded)
    spoken_of = f"e{entry.refers % (len(above) + 2) + 1}"  # mostly one above, at times one below
    event = fitting(entry, above) if entry.fits else entry.event
    if entry.what == "unknown":
        event = UnknownEvent(type=UNKNOWN_TYPES[entry.refers % 4], data={"by": "north"})
    elif entry.what == "retraction":
        event = EventRetracted(event=spoken_of, by=PARTIES[entry.refers % 4])
    return Record(
        id=id,
        negotiation=NEGOTIATION,
        position=len(above) + 1,
        time=entry.time,
        recorded=recorded,
        event=event,
        visible_to=entry.visible_to,
        repeats=spoken_of if entry.repeats else None,
    )


def assembled(given: Sequence[Entry]) -> list[Record]:
    """The records of these entries as they came, copies included."""
    records: list[Record] = []
    recorded = START
    for each in given:
        recorded += timedelta(hours=each.delay)
        records.append(record(each, f"e{len(records) + 1}", recorded, records))
    return records


# Histories, and how they may be asked


def histories(
    most: int = MOST, *, model: Model = Model.default, events: Events = None
) -> SearchStrategy[list[Record]]:
    """The records of one negotiation as they came: late, hidden, repeated, retracted, copied.

    Args:
        most: how many there are at most.
        model: the model whose events they hold.
        events: event class → the strategy that draws its events, in place of the usual one.

    Raises:
        InvalidModel: as for `negotiation.testing.kinds.kinds_of`.
    """
    return histories_of(kinds_of(model, events), most)


def histories_of(kinds: Kinds, most: int) -> SearchStrategy[list[Record]]:
    """The same for kinds of events that are known already."""
    sizes = [st.lists(lines, min_size=most * n // 4, max_size=most) for n in range(4)]

    @st.composite
    def drawn(draw: DrawFn) -> list[Record]:
        setup = Dice(draw(st.integers(0, 4095)))
        size, theme, in_order = setup.below(4), setup.below(len(kinds.themes)), setup.below(2)
        universe, plain = setup.one((WHOLE, FEW)), setup.below(3) == 2
        given = [
            entry(each, kinds, draw, theme=theme, plain=plain, universe=universe)
            for each in draw(sizes[size])
        ]
        if in_order:  # nothing is reported late
            times = sorted(each.time for each in given)
            given = [attrs.evolve(e, time=time) for e, time in zip(given, times, strict=True)]
        return assembled(given)

    return drawn()


def logs_of(histories: SearchStrategy[list[Record]]) -> SearchStrategy[Log]:
    """The logs of histories: their records without second copies."""

    @st.composite  # and not `map`, of which an example would show the call in place of the log
    def drawn(draw: DrawFn) -> Log:
        return Log(NEGOTIATION, draw(histories))

    return drawn()


@st.composite
def pasts(draw: DrawFn) -> dict[str, Any]:
    """How a state may be asked for: as of when, known at what time and to whom."""
    dice = Dice(draw(number))

    def moment() -> datetime:
        return START + timedelta(minutes=30 * (dice.below(2 * HOURS + 2) - 1))

    return {
        "as_of": moment() if dice.below(2) else None,
        "known_at": moment() if dice.maybe() else None,
        "known_to": dice.one((*PARTIES, OUTSIDER)) if dice.below(2) else None,
    }


@st.composite
def knowledge(draw: DrawFn) -> dict[str, Any]:
    """The same without `as_of`."""
    asked = draw(pasts())
    return {name: asked[name] for name in ("known_at", "known_to")}


def continued(
    *, model: Model = Model.default, events: Events = None
) -> SearchStrategy[tuple[list[Record], list[Record]]]:
    """A history, and records that may follow it: neither backdated nor retracting.

    Arguments and errors are those of `histories`, and so are they below.
    """
    kinds = kinds_of(model, events)
    firsts = histories_of(kinds, 8)
    furthers = st.lists(st.tuples(lines, st.integers(0, 3)), max_size=5)

    @st.composite
    def drawn(draw: DrawFn) -> tuple[list[Record], list[Record]]:
        first = draw(firsts)
        theme = draw(st.integers(0, len(kinds.themes) - 1))
        both = list(first)
        recorded = first[-1].recorded if first else START
        time = max((each.time for each in first), default=START)
        for numbers, speaks in draw(furthers):
            given = entry(numbers, kinds, draw, theme=theme)
            recorded += timedelta(hours=given.delay)
            time += timedelta(hours=given.refers % 2)
            what: What = "event" if given.what == "retraction" else given.what
            placed = attrs.evolve(
                given,
                what="copy" if speaks == 2 else what,
                time=time,
                repeats=given.repeats or speaks == 3,
            )
            further = record(placed, f"e{len(both) + 1}", recorded, both)
            if type(further.event) is not EventRetracted:
                both.append(further)
        return first, both[len(first) :]

    return drawn()
