"""Histories that laws are about: they hold something special, or another stands beside them.

Arguments and errors are those of `negotiation.testing.histories.histories`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import hypothesis.strategies as st
from hypothesis import assume
from hypothesis.strategies import DrawFn, SearchStrategy

from negotiation.events import EventRetracted, UnknownEvent
from negotiation.log import Log
from negotiation.model import Model
from negotiation.records import Record
from negotiation.testing.histories import (
    Entry,
    Events,
    Numbers,
    entry,
    event_of,
    histories_of,
    lines,
    number,
)
from negotiation.testing.kinds import kinds_of
from negotiation.testing.laws import in_common
from negotiation.testing.universe import (
    NEGOTIATION,
    OUTSIDER,
    PARTIES,
    SIZE,
    START,
    UNKNOWN_TYPES,
    Chance,
    Dice,
    Universe,
    hour,
)

_HALVES = (("one", Universe(PARTIES[:2], ("1",))), ("two", Universe(PARTIES[2:], ("2",))))


def neighbours(
    *, model: Model = Model.default, events: Events = None
) -> SearchStrategy[tuple[list[Record], int]]:
    """A history that holds, from an index on, two records without anything in common."""
    kinds = kinds_of(model, events)
    histories = histories_of(kinds, 8)

    @st.composite
    def drawn(draw: DrawFn) -> tuple[list[Record], int]:
        records = list(Log(NEGOTIATION, draw(histories)))
        setup = Dice(draw(number))
        index = setup.below(len(records) + 1)
        above = records[:index]
        recorded = above[-1].recorded if above else START
        time = hour(setup.below(12))
        pair = []
        for id, universe in _HALVES:
            given = entry(draw(lines), kinds, draw, universe=universe)
            named = f"e{given.refers % (len(records) + 2) + 1}"
            event = _unfitted(given, named, universe.parties[0])
            if type(event) is EventRetracted and id == "two":
                event = given.event  # neither of them reaches the other, nor both the same record
            made = Record(
                id=id,
                negotiation=NEGOTIATION,
                time=time,
                recorded=recorded,
                event=event,
                visible_to=given.visible_to,
                repeats=named if given.repeats else None,
            )
            pair.append(made)
        assume(not in_common(*pair))  # only events from a strategy of the caller's own have that
        return [*above, *pair, *records[index:]], index

    return drawn()


def _unfitted(given: Entry, named: str, by: str) -> Any:
    """The event of an entry that stands on its own; a retraction is of the record named."""
    if given.what == "unknown":
        return UnknownEvent(type=UNKNOWN_TYPES[given.refers % 4], data={"price": 1})
    return EventRetracted(event=named, by=by) if given.what == "retraction" else given.event


def hidden_changes(
    *, model: Model = Model.default, events: Events = None
) -> SearchStrategy[tuple[list[Record], list[Record], str]]:
    """A history, the same with changes to what is hidden from a party, and that party."""
    kinds = kinds_of(model, events)
    histories = histories_of(kinds, 10)
    classes = (*kinds.everything, EventRetracted, UnknownEvent)
    alterations = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 2), lines), max_size=5)

    def hidden(
        draw: DrawFn, numbers: Numbers, party: str, id: str, recorded: datetime
    ) -> list[Record]:
        kind, *choices, when, about = numbers
        dice = Dice(about)
        made = Record(
            id=id,
            negotiation=NEGOTIATION,
            time=hour(when),
            recorded=recorded,
            event=event_of(Dice(kind).one(classes), kinds, draw, Chance.of(choices)),
            visible_to=[dice.one([one for one in PARTIES if one != party])],
            repeats=f"e{1 + dice.below(16)}" if dice.maybe() else None,
        )
        return [] if made.visible(party) else [made]

    @st.composite
    def drawn(draw: DrawFn) -> tuple[list[Record], list[Record], str]:
        records = list(Log(NEGOTIATION, draw(histories)))
        party = draw(st.sampled_from((*PARTIES, OUTSIDER)))
        changed = list(records)
        for nth, (place, what, numbers) in enumerate(draw(alterations)):
            unseen = [n for n, each in enumerate(changed) if not each.visible(party)]
            if what == 0:  # one more
                index = place % (len(changed) + 1)
                recorded = changed[index - 1].recorded if index else START
                more = hidden(draw, numbers, party, f"new{nth}", recorded)
                changed[index:index] = more
            elif unseen:  # another one, or none
                index = unseen[place % len(unseen)]
                each = changed[index]
                if what == 1:
                    del changed[index]
                else:
                    other = hidden(draw, numbers, party, each.id, each.recorded)
                    changed[index : index + 1] = other or [each]
        return records, changed, party

    return drawn()


def taken_back(
    *, model: Model = Model.default, events: Events = None
) -> SearchStrategy[list[Record]]:
    """A history with a record "said" and, below it, its retraction "unsaid", at times copied."""
    kinds = kinds_of(model, events)
    histories = histories_of(kinds, 8)

    @st.composite
    def drawn(draw: DrawFn) -> list[Record]:
        records = list(Log(NEGOTIATION, draw(histories)))
        numbers = draw(lines)
        setup = Dice(draw(st.integers(0, SIZE**2)))
        given = entry(numbers, kinds, draw, theme=setup.below(len(kinds.themes)))
        named = f"e{given.refers % (len(records) + 1) + 1}"
        both = {
            "said": _unfitted(given, named, "north"),
            "unsaid": EventRetracted(event="said", by=setup.one(PARTIES)),
        }
        first = setup.below(len(records) + 1)
        second = first + setup.below(len(records) - first + 1)
        times = {"said": given.time, "unsaid": hour(setup.below(12))}
        public = {"said": given.visible_to, "unsaid": given.visible_to if setup.below(2) else None}

        def made(id: str, index: int) -> Record:
            return Record(
                id=id,
                negotiation=NEGOTIATION,
                time=times[id],
                recorded=records[index - 1].recorded if index else START,
                event=both[id],
                visible_to=public[id],
                repeats=f"e{given.refers + 1}" if id == "said" and given.repeats else None,
            )

        whole = [
            *records[:first],
            made("said", first),
            *records[first:second],
            made("unsaid", second),
            *records[second:],
        ]
        last = whole[-1].recorded
        copies = [id for id in ("said", "unsaid", "said") if setup.below(3) == 2]
        return [*whole, *(attrs.evolve(made(id, 0), recorded=last) for id in copies)]

    return drawn()
