"""CAMEO: news events that were coded as who did what to whom, as raw ICEWS columns.

E. Boschee and others, "ICEWS Coded Event Data". A row says that on a day a source actor did
something of a kind, its CAMEO code, to a target actor, and which sentence of which story says so.
What becomes of a code stands in `cameo_codes`. PLOVER is in `plover_records`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias, get_args

from negotiation.errors import NegotiationError, nearest
from negotiation.events import AnyEvent, MeetingHeld, TruceDeclared, TruceJoined
from negotiation.importers.cameo_codes import CODES, Code
from negotiation.importers.coded_events import (
    By,
    Days,
    First,
    begun_again,
    day,
    event_of,
    pair_id,
    party,
)
from negotiation.importers.common import MALFORMED, Imported, Made, Row, SetAside, gathered, made_of
from negotiation.records import Record, attribute, checked_record, optional_quote
from negotiation.values import describe, one_of

COLUMNS: Final = (
    "Event ID", "Event Date", "Source Name", "Source Country", "Event Text", "CAMEO Code",
    "Target Name", "Target Country", "Story ID", "Publisher",
)  # fmt: skip
"""The columns that every row must have; those of `PLACE` are kept where they are there too."""

PLACE: Final = ("City", "District", "Province", "Country")
"""The columns that say to which place the story was put, which need not be where it happened."""

SAID: Final = ("Event Text", "Story ID", "Publisher", *PLACE)
"""The columns besides code and actors that come into a record."""

ABSENT: Final = ("", "NA")
"""How the source says that there is nothing to say."""

UNNAMED: Final = frozenset({*ABSENT, "Unspecified Actor", "Unidentified State Actor"})
"""What the source calls actors of which it does not know who they are."""

VISIT, HOST = "042", "043"

Actor: TypeAlias = tuple[str, str]
"""The full name of an actor, and the id of the party that it is."""


def cameo(rows: Iterable[Row | Mapping[str, Any]], *, by: By = "country") -> Imported:
    """Coded news as logs, one for each pair of actors that had to do with each other.

    The log of a pair has the id `cameo-country-Egypt--Sudan`, with the parties in the order of the
    alphabet. A party's id is its country or its full name, with `_` for each space.

    A row becomes at most one event, by the table `CODES`. The day of the event is its time, with
    the precision `day`; a row of an earlier day than one above it is recorded on the latest day
    that was read. The record has the `Event ID` as its id, the `Event Text` as its quote, the
    `Publisher` as the outlet that reported it and the `Story ID` as its correlation. Its attributes
    are the code, the full names of source and target, and the place that the source gives, which
    need not be where they met: `cameocode`, `sourcename`, `targetname`, `place`.

    Of rows of one day with the same code, source and target, the first is the event, and the others
    repeat it, whichever story they are from. So do, where two meet, a row with both of them
    exchanged, and the visit of the one and its being hosted by the other. The codebook has one row
    for each of two who do something together; so where one sentence of a story has a row and the
    same with both exchanged, an intent to meet (036) or to settle the dispute (037) is repeated by
    the second, and a truce (0871) is joined by it; without the column `Sentence Number` that cannot
    be known, and they are two. For this the last 50,000 rows are remembered, by whole days; where
    so many stand between rows of one day, the report says that repeats were not looked for.

    Set aside, each counted by its reason and none of it wrong, are rows whose code has no
    counterpart, second copies of a row, actors that are not named, and pairs that are one party.

    Args:
        rows: the rows of the table, as text, best in the order of their days.
        by: what makes actors one party: `country`, or the full `name`. An actor of no country
            stands under its name either way. By country everybody of a country acts as it, citizens
            and rebels too, and what happens within one country is set aside.

    Raises:
        Refused: `by` is neither.
    """
    return gathered(cameo_records(rows, by=by))


def cameo_records(rows: Iterable[Row | Mapping[str, Any]], *, by: By = "country") -> Iterator[Made]:
    """The same one by one, however many rows there are; arguments as for `cameo`."""
    one_of(by, get_args(By))
    days = Days()

    def make(row: Row) -> Iterable[Made]:
        try:
            again = days.turn_to(row.cells["Event Date"])
            made = _made(row, CODES[row.cells["CAMEO Code"]], by, days)
            return (made, begun_again(row, "Event Date")) if again else (made,)
        except (KeyError, TypeError, AttributeError, ValueError, NegotiationError) as error:
            return _faults(row, error)

    yield from made_of(rows, make, MALFORMED, first=2)  # the head of the table is line 1


def _made(row: Row, code: Code, by: By, days: Days) -> Record | SetAside:
    """What becomes of a row."""
    cells = row.cells
    if len(code.code) == 2 and _lost_its_zero(cells):
        raise ValueError("has a code without its zero")  # what is wrong is looked for again
    if code.meaning.event is None:
        name = f"{code.code} {code.name}"
        return row.aside(f"no counterpart: {name}", "CAMEO Code", f"{name}: {code.note}")
    actors = _actors(row, by)
    if isinstance(actors, SetAside):
        return actors
    source, target = actors
    pair = source[1], target[1]
    id = cells["Event ID"]
    key = _same_event(code, source, target)
    first = days.today.firsts.get(key)
    if first is None:
        twin = days.today.said.get(_sentence(cells, code, target, source)) if code.joint else None
        event, repeats = _event(id, code, pair, twin)
    else:
        event, repeats = first
    negotiation = pair_id("cameo", by, pair)
    made = _record(cells, code.code, days, negotiation=negotiation, event=event, repeats=repeats)
    says = (code.code, *source, *target, *map(cells.get, SAID))
    if aside := days.known(row, id, says, "Event ID"):
        return aside
    if first is None:
        first = days.today.firsts[key] = First(event, repeats or id)
    if code.joint:
        days.today.said.setdefault(_sentence(cells, code, source, target), first)
    return made


def _actors(row: Row, by: By) -> tuple[Actor, Actor] | SetAside:
    """The source and the target of a row, or why they are no two parties."""
    cells = row.cells
    source, target = names = cells["Source Name"], cells["Target Name"]
    if source in UNNAMED or target in UNNAMED:
        column = "Source Name" if source in UNNAMED else "Target Name"
        return row.aside("actor not named", column, f"{cells[column]!r} names nobody")
    if by == "country":
        one, other = cells["Source Country"], cells["Target Country"]
        source = source if one in ABSENT else one
        target = target if other in ABSENT else other
    source, target = party(source), party(target)
    if source == target:
        reason = "within one country" if by == "country" else "one actor on both sides"
        return row.aside(reason, "Target Name", f"{names[0]} and {names[1]} are one party here")
    return (names[0], source), (names[1], target)


def _same_event(code: Code, source: Actor, target: Actor) -> Hashable:
    """What rows of one day have in common that tell of one event."""
    if code.code == HOST:
        return VISIT, target, source
    if source > target and code.code != VISIT and code.meaning.event is MeetingHeld:
        return code.code, target, source
    return code.code, source, target


def _sentence(cells: Mapping[str, Any], code: Code, source: Actor, target: Actor) -> Hashable:
    """What says that a source and a target do something together: a sentence of a story."""
    story, sentence = cells["Story ID"], cells.get("Sentence Number", "")
    if story in ABSENT or sentence in ABSENT:
        return code.code, source, target, cells["Event ID"]  # which no other row has
    return code.code, source, target, story, sentence


def _event(
    id: str, code: Code, pair: tuple[str, str], twin: First | None
) -> tuple[AnyEvent, str | None]:
    """The event that a row tells of, and the id of the record that it repeats.

    Args:
        id: the id of the row.
        code: its code.
        pair: the parties.
        twin: what the row of the other of both made of it, if they did it together.
    """
    if twin is not None:
        if isinstance(twin.event, TruceDeclared):
            return TruceJoined(truce=twin.event.truce, by=pair[0]), None
        return twin
    issue = code.issue.replace("{source}", pair[0]).replace("{target}", pair[1])
    return event_of(code.meaning, id, *pair, text=code.name, issue=issue), None


def _record(
    cells: Mapping[str, Any],
    code: str,
    days: Days,
    *,
    negotiation: str,
    event: AnyEvent,
    repeats: str | None,
) -> Record:
    """The record of a row, whose texts are looked at one by one only where it may matter."""
    id, quote = cells["Event ID"], cells["Event Text"]
    publisher, story = cells["Publisher"], cells["Story ID"]
    source, target = cells["Source Name"], cells["Target Name"]
    places = [cells.get(column) for column in PLACE]
    place = ", ".join([each for each in places if each is not None and each not in ABSENT])
    attributes = [("cameocode", code), ("sourcename", source), ("targetname", target)]
    if place:
        attributes.insert(1, ("place", place))  # in the order of the alphabet
    if id in ABSENT:
        raise ValueError("has no id")  # what is wrong with a row is looked for again
    reported_by = None if publisher in ABSENT else publisher
    said = None if quote in ABSENT else quote
    correlation = None if story in ABSENT else story
    # All of them must be text.
    texts = id + negotiation + quote + publisher + story + source + target + place
    if texts.isprintable():  # then every one of them is as a record has it
        return checked_record(
            id, negotiation, 1, days.time, event, days.latest, None, reported_by, None, said,
            "day", None, repeats, correlation, None, None, None, tuple(attributes),
        )  # fmt: skip
    return Record(
        id=id, negotiation=negotiation, time=days.time, event=event, recorded=days.latest,
        reported_by=reported_by, quote=said, precision="day", repeats=repeats,
        correlation=correlation, attributes=dict(attributes),
    )  # fmt: skip


# What is wrong with a row


def _faults(row: Row, error: Exception) -> Iterator[SetAside]:
    """Everything that is wrong with a row, of which no record could be made."""
    found = False
    for column in (*COLUMNS, *(column for column in PLACE if column in row.cells)):
        if reason := _fault(row.cells, column):
            found = True
            yield row.aside(MALFORMED, column, reason, wrong=True)
    if not found:
        yield row.aside(MALFORMED, None, str(error), wrong=True)


def _fault(cells: Mapping[str, Any], column: str) -> str | None:
    """What is wrong with a cell, if anything."""
    if column not in cells:
        return f"is missing; {nearest(column, map(str, cells))}"
    cell = cells[column]
    if type(cell) is not str:
        return f"must be text, as it stands in the table, not {describe(cell)}"
    if column == "Event ID" and cell in ABSENT:
        return "must be an id; there is none"
    if column == "CAMEO Code" and cell not in CODES:
        return f"must be a code of CAMEO, not {describe(cell)}; {_likely(cell)}"
    if column == "CAMEO Code" and _lost_its_zero(cells):
        return f"has lost its leading zero: 0{cell} is {cells['Event Text']!r}; {cell} is another"
    try:
        if column == "Event Date":
            day(cell)
        elif cell not in ABSENT:
            (optional_quote if column == "Event Text" else attribute)(cell)
    except ValueError as error:
        return str(error)
    return None


def _lost_its_zero(cells: Mapping[str, Any]) -> bool:
    """Whether the text of an event is that of its code with a zero before it.

    A spreadsheet takes 010 for a number and keeps 10, which is another code.
    """
    meant = CODES.get(f"0{cells['CAMEO Code']}")
    return meant is not None and meant.name == cells.get("Event Text")


def _likely(code: str) -> str:
    """Which code may be meant."""
    if f"0{code}" in CODES:
        return f"a code keeps its leading zero: 0{code}"
    return nearest(code, CODES)
