"""PLOVER: events coded as who did what to whom, as JSON.

The Open Event Data Alliance, "PLOVER: Political Language Ontology for Verifiable Event Records". A
record has an `event`, perhaps with a `mode`, on a `date`, with a `source` and a `target` that are
lists of actors, and the sentence that it was coded from.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import combinations, permutations, product
from typing import Any, Final, TypeAlias, get_args

from attrs import frozen

from negotiation.errors import nearest
from negotiation.events import MeetingHeld, maker
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
from negotiation.importers.common import Imported, Made, Row, SetAside, gathered, made_of
from negotiation.importers.plover_codes import DOCUMENT, KINDS, NO_COUNTRY, Kind
from negotiation.records import Record, attribute, optional_quote
from negotiation.values import Refused, describe, one_of

MALFORMED: Final = "malformed record"
"""Why a record is set aside that is wrong."""

SAID: Final = ("mode", "context", "eventText", "text", "publication")
"""The members besides event and actors that come into a record."""


def plover(rows: Iterable[Row | Mapping[str, Any]], *, by: By = "country") -> Imported:
    """Records of PLOVER as logs, one for each pair of actors that had to do with each other.

    The log of a pair has the id `plover-country-EGY--SDN`. A party's id is the code of its country
    or its name, the `actorText`, with `_` for each space.

    A record becomes one event between each source and each target, by the table `KINDS`. Sources
    that have no target met or agreed with each other; of other kinds it is not told whom they did
    it to. A position is on what the one who is asked, or who answers, is to do, with the `context`
    where there is one; its value is the `eventText`, the words that were coded. The event is of the
    day of the `date`, recorded on the day `dateCoded` or on a later one where the source had that
    before. The record has the `id` as its own and as its correlation, the sentence as its quote and
    the `publication` as the outlet that reported it. Its attributes are `ploverevent`,
    `plovermode`, `context`, `sourcename` and `targetname`.

    Records of one day that tell of the same event in the same words, of the same actors, repeat the
    first, those of a meeting also where source and target are exchanged.

    Set aside, each counted by its reason and none of it wrong, are events without a counterpart,
    records of one actor alone or without a target, second copies, and pairs that are one party.

    Args:
        rows: the records, as their JSON objects.
        by: what makes actors one party: the `country`, or the full `name`. An actor of no country
            stands under its name either way. By country everybody of a country acts as it, and what
            happens within one country is set aside.

    Raises:
        Refused: `by` is neither.
    """
    return gathered(plover_records(rows, by=by))


def plover_records(
    rows: Iterable[Row | Mapping[str, Any]], *, by: By = "country"
) -> Iterator[Made]:
    """The same one by one, however many there are; arguments as for `plover`."""
    one_of(by, get_args(By))
    days = Days()

    def make(row: Row) -> list[Record | SetAside]:
        wrong: list[Record | SetAside] = [
            row.aside(MALFORMED, column, reason, wrong=True) for column, reason in _wrong(row.cells)
        ]
        return wrong or _made(row, by, days)

    yield from made_of(rows, make, MALFORMED)


@frozen
class _Actor:
    """An actor.

    Attributes:
        name: what it is called.
        party: the party that it is.
    """

    name: str
    party: str


_Pair: TypeAlias = tuple[_Actor, _Actor]


def _made(row: Row, by: By, days: Days) -> list[Record | SetAside]:
    """What becomes of a record."""
    cells = row.cells
    if cells["event"] == DOCUMENT:
        return [row.aside("document record", "event", "it speaks of the file, and of no event")]
    kind = KINDS.get((cells["event"], cells.get("mode"))) or KINDS[cells["event"], None]
    if kind.meaning.event is None:
        reason = f"no counterpart: {kind.event}"
        return [row.aside(reason, "event", f"{kind.event}: {kind.note}")]
    again = [begun_again(row, "date")] if days.turn_to(cells["date"]) else []
    if coded := cells.get("dateCoded"):
        days.latest = max(days.latest, day(coded))
    pairs = [*_pairs(cells, kind, by)]
    apart = [(one, other) for one, other in pairs if one.party != other.party]
    if not apart:
        return [_alone(row, pairs, by), *again]
    telling = _Telling(cells, kind, by, days)
    made: list[Record] = []
    for pair in apart:
        made.append(telling.record(pair, made))
    says = telling.says(apart)
    for id in dict.fromkeys(record.id for record in made):
        if aside := days.known(row, id, says, "id"):
            return [aside, *again]
    for pair, record in zip(apart, made, strict=True):
        days.today.firsts.setdefault(
            telling.same(pair), First(record.event, record.repeats or record.id)
        )
    return [*made, *again]


def _pairs(cells: Mapping[str, Any], kind: Kind, by: By) -> Iterator[_Pair]:
    """Who did it to whom."""
    sources, targets = ([*_actors(cells.get(side), by)] for side in ("source", "target"))
    if sources and targets:
        yield from product(sources, targets)
    elif not kind.mutual:
        return
    elif kind.meaning.event is MeetingHeld:
        yield from combinations(sources, 2)
    else:
        yield from permutations(sources, 2)


def _actors(told: Any, by: By) -> Iterator[_Actor]:
    """The actors of one side; a text there names nobody."""
    for each in told if isinstance(told, list) else ():
        name, code = each["actorText"], each["code"]
        yield _Actor(name, party(name if by == "name" or code in NO_COUNTRY else code))


@frozen
class _Telling:
    """A record of the source, of which those of the log are made.

    Attributes:
        cells: the record.
        kind: what kind of event it is of.
        by: what makes actors one party.
        days: what is remembered of the rows above.
    """

    cells: Mapping[str, Any]
    kind: Kind
    by: By
    days: Days

    def record(self, pair: _Pair, made: list[Record]) -> Record:
        """The record of what one actor did to another; it repeats the first of the same event.

        What several of one party did is one event of that party.

        Args:
            pair: the two.
            made: the records that were made before of this one of the source.
        """
        cells, kind, days = self.cells, self.kind, self.days
        source, target = pair
        negotiation = pair_id("plover", self.by, (source.party, target.party))
        before = [each for each in made if each.negotiation == negotiation]
        id = f"{cells['id']}-{len(before) + 1}" if before else cells["id"]
        doer = target if kind.doer == "target" else source
        context = cells.get("context")
        event = event_of(
            kind.meaning, id, source.party, target.party, text=cells["eventText"],
            issue=f"what {doer.party} is to do" + (f" ({context})" if context else ""),
            value=cells["eventText"],
        )  # fmt: skip
        first = days.today.firsts.get(self.same(pair))
        if first is None:  # others of the same party may have done it, in the same sentence
            alike = (each for each in before if maker(each.event) == maker(event))
            first = next((First(each.event, each.repeats or each.id) for each in alike), None)
        attributes = {
            "ploverevent": kind.event, "plovermode": cells.get("mode"), "context": context,
            "sourcename": source.name, "targetname": target.name,
        }  # fmt: skip
        return Record(
            id=id, negotiation=negotiation, time=days.time, recorded=days.latest,
            event=event if first is None else first.event,
            reported_by=cells.get("publication") or None, quote=cells.get("text") or None,
            precision="day", repeats=None if first is None else first.id, correlation=cells["id"],
            attributes={name: value for name, value in attributes.items() if value},
        )  # fmt: skip

    def says(self, pairs: Iterable[_Pair]) -> Hashable:
        """Everything that comes into the records of some pairs."""
        told = (self.cells.get(name) or None for name in SAID)
        return self.kind.event, *told, *pairs

    def same(self, pair: _Pair) -> Hashable:
        """What records of one day have in common that tell of one event."""
        sides = [(each.name, each.party) for each in pair]
        if self.kind.meaning.event is MeetingHeld:
            sides.sort()
        return self.kind.event, self.cells.get("mode"), self.cells["eventText"], *sides


# What is set aside


def _alone(row: Row, pairs: list[_Pair], by: By) -> SetAside:
    """Why there is nobody to negotiate with."""
    sources = row.cells.get("source")
    if not pairs and isinstance(sources, list) and len(sources) > 1:
        return row.aside("no target named", "target", "it is not told whom they did it to")
    if not pairs:
        return row.aside("one actor alone", "target", "it names no other actor")
    reason = "within one country" if by == "country" else "one actor on both sides"
    one, other = pairs[0]
    return row.aside(reason, "target", f"{one.name} and {other.name} are one party here")


def _wrong(cells: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The members of a record that are wrong, and what they must be."""
    event = cells.get("event")
    if event == DOCUMENT:
        return
    events = [each.event for each in KINDS.values()]
    if event not in events:
        hint = nearest(str(event), {DOCUMENT, *events})
        yield "event", f"must be an event of PLOVER, not {describe(event)}; {hint}"
    for column in ("id", "date", "eventText"):
        if not cells.get(column):
            yield column, "is missing"
    for column in (
        "id",
        "date",
        "eventText",
        "mode",
        "context",
        "text",
        "publication",
        "dateCoded",
    ):
        value = cells.get(column)
        if not isinstance(value, str | None):
            yield column, f"must be text, not {describe(value)}"
        elif value:
            yield from _wrong_text(column, value)
    for column in ("source", "target"):
        yield from _wrong_actors(column, cells.get(column))


def _wrong_text(column: str, value: str) -> Iterator[tuple[str, str]]:
    try:
        if column in ("date", "dateCoded"):
            day(value)
        elif column != "eventText":  # which no attribute carries
            (optional_quote if column == "text" else attribute)(value)
    except ValueError as error:
        yield column, str(error)


def _wrong_actors(column: str, actors: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(actors, list | str | None):
        yield column, f"must be a list of actors, not {describe(actors)}"
    for actor in actors if isinstance(actors, list) else ():
        told = actor if isinstance(actor, Mapping) else {}
        for name in ("actorText", "code"):
            value = told.get(name)
            if not isinstance(value, str) or not value.split():
                yield column, f"must be a list of actors with {name}, a text, not {describe(value)}"
                continue
            try:
                attribute(value)
            except Refused as refused:
                yield column, f"has an actor whose {name} {refused}"
