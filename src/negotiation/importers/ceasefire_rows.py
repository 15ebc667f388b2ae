"""Ceasefires as the ETH/PRIO Civil Conflict Ceasefire Dataset codes them: a row per actor.

G. Clayton and others, "Introducing the ETH/PRIO Civil Conflict Ceasefire Dataset", Journal of
Conflict Resolution (2022). A row says of one actor in one ceasefire (`cc`, `cf_id`) when it was
declared, when it took effect and when it ended.

The source's dates are days, and both the first and the last belong to the ceasefire. Spans here
are half-open, so:

- it binds from 00:00 UTC of the effective day;
- its last day is the end date, so it ends at 00:00 UTC of the day after;
- a fixed duration of n days is n days from the effective day on, that one included;
- an end date after them is taken, and the duration set aside: the ceasefire was in effect on that
  day, so when it was declared to end is not known. As months are coded as 30 days each, many a
  duration is a day or more too short.

What is not known stays so. A date is unknown where a part of it is -1, 0 or empty. Without an
effective day there is no truce, only the word that one was declared; without an end date no end.
What was in effect has been declared by then: where it is not known when, its record stands at the
effective day, without a precision. What the source has of a date that is not taken, such as a year
alone, is kept with the declaration, as `declaredon`, `effectiveon` and `endedon`.

Nobody is bound by a truce before it starts, and nobody joins it before it is declared. So whoever
takes effect first declares it; at equal starts, whoever declared first. Whoever had declared before
then says so, and joins once there is something to join: its joining stands there without a
precision, and with its own date as `declaredon`. Where dates tie, what the rows say decides and
never their order: the actor's number, or else its name, and then all cells, as text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from attrs import Factory, define, evolve, frozen

from negotiation.errors import NegotiationError
from negotiation.events import (
    AnyEvent,
    PartyJoined,
    StatementMade,
    TruceDeclared,
    TruceEnded,
    TruceExtended,
    TruceJoined,
)
from negotiation.importers.common import (
    MALFORMED,
    Imported,
    Made,
    Row,
    SetAside,
    gathered,
    made_of,
    unused,
)
from negotiation.records import RESERVED, UNPRINTABLE, Precision, Record
from negotiation.values import describe

SOURCE: Final = "ETH/PRIO Civil Conflict Ceasefire Dataset"

COLUMNS: Final = (
    "cc", "cf_id", "ucdp_actor_id", "actor_name", "cf_dec_yr", "cf_dec_month", "cf_dec_day",
    "cf_effect_yr", "cf_effect_month", "cf_effect_day", "end_yr", "end_month", "end_day",
)  # fmt: skip
"""The columns that every row must have. `fixed`, `fixed_time` and `partial` are read where they
are there; all others are kept as attributes of the actor's declaration and joining."""

DATES: Final = {"cf_dec": "declaration", "cf_effect": "start", "end": "end"}
"""The beginning of the columns of each date, and what it is the date of."""

UNTAKEN: Final = {"cf_dec": "declaredon", "cf_effect": "effectiveon", "end": "endedon"}
"""Under which attribute the source's word on a date is kept that is not taken."""

PRECISIONS: Final[tuple[Precision, ...]] = ("year", "month", "day")
"""How exactly a date is known of which one, two or three parts are known."""

CONTRADICTED: Final = "ended before it took effect"
OVERRUN: Final = "ended after its fixed duration"
UNKNOWN: Final = "?-?-?"
DAY: Final = timedelta(days=1)
TRUCE: Final = "ceasefire"

_Moment: TypeAlias = tuple[datetime, Precision]
_Declared: TypeAlias = tuple[datetime, Precision | None]

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.0*)?")
_UNTOLD: Final = frozenset({"", "NA", "nan"})
_TOLD: Final = frozenset({*COLUMNS, "ended"} - {"ucdp_actor_id"})


def ceasefires(rows: Iterable[Row | Mapping[str, Any]]) -> Imported:
    """Ceasefires as logs, one for each, under the id `ceasefire-`, its `cc` and its `cf_id`.

    The actor that took effect first declares the truce `ceasefire`, which binds it alone; each
    other joins it, on the day on which it declared and from its own effective day. One that had
    declared before the truce was says so on its day, and joins on that of the truce. An end date is
    `TruceEnded` of that actor, which says that it was over for it, and not that anybody ended it;
    there is none where it is the last day of a fixed duration, since that says it already. An actor
    of which the source does not tell when it took effect says that it declared a ceasefire, and
    nothing more.

    Dates of one row that contradict each other, and rows of one actor that do, are set aside with
    what they say; the rest stands. So does what is not known. None of this makes a row wrong: wrong
    is what cannot be read, as text where a number belongs.

    Args:
        rows: the rows of the table. They may stand in any order, which gives the same logs, and
            are all held until the last one has been read.
    """
    return gathered(ceasefire_records(rows))


def ceasefire_records(rows: Iterable[Row | Mapping[str, Any]]) -> Iterator[Made]:
    """The same one by one; arguments as for `ceasefires`."""
    together: dict[str, list[_Entry]] = {}

    def make(row: Row) -> list[SetAside]:
        reading = _Reading(row)
        if (entry := _entry(reading)) is not None:
            together.setdefault(entry.ceasefire, []).append(entry)
        return reading.aside

    yield from made_of(rows, make, MALFORMED, first=2)  # the head of the table is line 1
    for ceasefire, entries in together.items():
        try:
            yield from _ceasefire(ceasefire, entries)
        except NegotiationError as error:
            for entry in entries:
                yield entry.row.aside(MALFORMED, None, str(error), wrong=True)


# Reading a row


@frozen(eq=False)
class _Entry:
    """What a row says; no two rows are one, whatever they say.

    Attributes:
        row: the row.
        ceasefire: the number of the ceasefire.
        actor: who it is, for telling the actors of one ceasefire apart.
        name: what the actor is called.
        declared: when it was declared, or the latest moment by which it had been.
        precision: how exactly that is known; None where it is not, and `declared` is the day from
            which it was in effect.
        shown: what the source has of each date, by the beginning of its columns.
        start: when it took effect, if that is known.
        until: when it is to end by its fixed duration; None also where it ended after that.
        end: when it was over.
        scope: what it covers.
    """

    row: Row
    ceasefire: str
    actor: str
    name: str
    declared: datetime
    precision: Precision | None
    shown: Mapping[str, str]
    start: datetime | None
    until: datetime | None
    end: datetime | None
    scope: str | None

    @property
    def over(self) -> datetime | None:
        """When the actor was no longer bound, if that is known."""
        return self.until if self.end is None else self.end

    @property
    def ended(self) -> datetime | None:
        """When it was over, unless that is when it was to end."""
        return None if self.end == self.until else self.end


@define
class _Reading:
    """A row as it is read, with what of it is set aside, and each date as far as it is known."""

    row: Row
    aside: list[SetAside] = Factory(list)
    shown: dict[str, str] = Factory(dict)

    def put(self, reason: str, column: str | None, detail: str, *, wrong: bool = False) -> None:
        """Set something aside."""
        self.aside.append(self.row.aside(reason, column, detail, wrong=wrong))

    @property
    def wrong(self) -> bool:
        """Whether something in the row cannot be read."""
        return any(each.wrong for each in self.aside)

    def text(self, column: str) -> str:
        """What a cell holds; nothing where the source says nothing."""
        value = self.row.cells.get(column)
        held = "" if value is None else " ".join(str(value).split())
        return "" if held in _UNTOLD else held

    def whole(self, column: str) -> int | None:
        """The number in a cell; None where there is none, and where there is something else."""
        held = self.text(column)
        if not held:
            return None
        if not _NUMBER.fullmatch(held):
            self.put(
                "not a number", column, f"must be a whole number, not {describe(held)}", wrong=True
            )
            return None
        return int(held.partition(".")[0])

    def date(self, prefix: str) -> _Moment | None:
        """The first moment of a date and how exactly it is known; None where nothing is."""
        parts = {part: self.whole(f"{prefix}_{part}") for part in ("yr", "month", "day")}
        known: list[int] = []
        for value in parts.values():
            if value is None or value <= 0:
                break
            known.append(value)
        what, column = DATES[prefix], f"{prefix}_{[*parts][min(len(known), 2)]}"
        shown = "-".join(f"{value:02}" if value and value > 0 else "?" for value in parts.values())
        self.shown[prefix] = shown
        try:
            year, month, day = (*known, 1, 1, 1)[:3]
            first = datetime(year, month, day, tzinfo=UTC)
        except ValueError:
            self.put(f"impossible {what}", column, f"{shown} is no day")
            return None
        if parts["yr"] == 0:
            self.put(f"no {what} given", column, f"there is no {what}")
        elif len(known) < len(parts):
            self.put(f"unknown {what}", column, f"the {what} is not known to the day: {shown}")
        return (first, PRECISIONS[len(known) - 1]) if known else None

    def day(self, prefix: str) -> datetime | None:
        """The first moment of a date that is known to the day."""
        date = self.date(prefix)
        return date[0] if date is not None and date[1] == "day" else None


def _entry(reading: _Reading) -> _Entry | None:
    """What a row says, or None where nothing can be made of it."""
    missing = [column for column in COLUMNS if column not in reading.row.cells]
    if missing:
        detail = f"the row has no column {', '.join(missing)}"
        reading.put("missing column", missing[0], detail, wrong=True)
        return None
    numbers = [reading.whole(column) for column in ("cc", "cf_id")]
    number, name = reading.whole("ucdp_actor_id"), reading.text("actor_name")
    identified = number is not None and number > 0
    declared, start, last = _dates(reading)
    end = _day_after(reading, start, last)
    until = _until(reading, start, end)
    scope = "partial" if reading.whole("partial") == 1 else None
    if not reading.wrong and None in numbers:
        reading.put("no ceasefire", "cc", "must have the numbers cc and cf_id", wrong=True)
    if not identified and not name:
        reading.put("unknown actor", "actor_name", "neither its number nor its name is known")
    if reading.wrong or declared is None or not (identified or name):
        return None  # why, has been said
    return _Entry(
        reading.row, "-".join(map(str, numbers)), str(number) if identified else name,
        name or f"actor {number}", *declared, reading.shown, start, until, end, scope,
    )  # fmt: skip


def _dates(reading: _Reading) -> tuple[_Declared | None, datetime | None, datetime | None]:
    """When it was declared, when it took effect and its last day, without what is contradicted."""
    declared = reading.date("cf_dec")
    start, last = reading.day("cf_effect"), reading.day("end")
    if start is not None and last is not None and last < start:
        detail = f"ended {last:%Y-%m-%d}, in effect from {start:%Y-%m-%d}: neither is taken"
        reading.put(CONTRADICTED, "end_day", detail)
        start = last = None
    if start is not None and declared is not None and declared[0] > start:
        detail = f"declared {declared[0]:%Y-%m-%d}, in effect from {start:%Y-%m-%d}"
        reading.put(
            "declared after it took effect", "cf_dec_day",
            f"{detail}: taken to have been declared by then",
        )  # fmt: skip
        declared = None
    if declared is None and start is not None:
        return (start, None), start, last
    return declared, start, last


def _day_after(reading: _Reading, start: datetime | None, last: datetime | None) -> datetime | None:
    """When a ceasefire is over whose last day is known."""
    if last is None:
        return None
    if start is None:
        reading.put("end without a start", "end_day", "it is not known when it took effect")
        return None
    try:
        return last + DAY
    except OverflowError:
        reading.put("impossible end", "end_yr", "there is no day after it")
        return None


def _until(reading: _Reading, start: datetime | None, end: datetime | None) -> datetime | None:
    """When a ceasefire is to end by its fixed duration; see the convention above."""
    if "fixed" not in reading.row.cells:
        return None
    fixed, said = reading.whole("fixed"), reading.text("fixed_time")
    days = int(said.partition(".")[0]) if _NUMBER.fullmatch(said) else None
    if fixed == 0:
        if said and (days is None or days > 0):
            reading.put("duration of what is not fixed", "fixed_time", f"fixed is 0: {said}")
        return None
    if fixed != 1 or days is None or days <= 0:
        column = "fixed_time" if fixed == 1 else "fixed"
        detail = f"the number of days is not known{f': {said}' if said and days is None else ''}"
        reading.put("unknown duration", column, detail)
        return None
    if start is None:
        contradicted = any(each.reason == CONTRADICTED for each in reading.aside)
        why = "its end contradicts when" if contradicted else "it is not known when"
        detail = f"{_counted(days)}, and {why} it took effect"
        reading.put("duration without a start", "fixed_time", detail)
        return None
    try:
        until = start + days * DAY
    except OverflowError:
        reading.put("impossible duration", "fixed_time", f"there are no {days} days", wrong=True)
        return None
    if end is None or end <= until:
        return until
    more = (end - until).days
    detail = f"{_counted(days)} from {start:%Y-%m-%d}, and it ended {_counted(more)} after them"
    reading.put(OVERRUN, "fixed_time", f"{detail}: the end date is taken")
    return None


def _counted(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


# Making records


@define
class _Truce:
    """A truce and what its members' rows say; the first of them declares it."""

    members: list[_Entry] = Factory(list)
    id: str = TRUCE

    def takes(self, entry: _Entry) -> bool:
        """Whether an actor may join that starts no earlier: before the truce is over for all."""
        start: Any = entry.start  # whoever would join has one
        if any(each.actor == entry.actor for each in self.members):
            return False
        return any(each.over is None or each.over > start for each in self.members)

    def awaited_by(self, entry: _Entry) -> bool:
        """Whether a member declared before there was anything to join."""
        return entry.declared < self.members[0].declared

    @property
    def ends(self) -> datetime | None:
        """When it is declared to end, where its members agree about that."""
        first, *others = [each.until for each in self.members]
        return first if all(each == first for each in others) else None


@define
class _Log:
    """The records of one ceasefire, as they are made."""

    ceasefire: str
    made: list[Record] = Factory(list)
    ids: set[str] = Factory(set)

    def note(self, entry: _Entry, party: str, what: str, event: AnyEvent, **more: Any) -> None:
        """Make a record, under an id that says who did what."""
        id = unused(f"{party}-{what}", self.ids)
        self.ids.add(id)
        fields = {"time": entry.declared, "precision": entry.precision, **more}
        record = Record(
            id=id, negotiation=f"ceasefire-{self.ceasefire}", event=event, reported_by=SOURCE,
            correlation=self.ceasefire, **fields,
        )  # fmt: skip
        self.made.append(record)


def _ceasefire(ceasefire: str, entries: list[_Entry]) -> list[Made]:
    """The records of one ceasefire, and the rows of it that another one stands for."""
    aside: list[Made] = []
    spoken: dict[str, list[_Entry]] = {}
    kept: list[_Entry] = []
    for entry in sorted(entries, key=_order):
        earlier = spoken.setdefault(entry.actor, [])
        twin = next((each for each in earlier if _same_time(each, entry)), None)
        if twin is not None:
            aside.append(_repeated(entry, twin))
            continue
        earlier.append(entry)
        kept.append(entry)
    parties, truces = _parties(kept), _truces(kept)
    log = _Log(ceasefire)
    for entry in kept:
        (party, name), truce = parties[entry.actor], truces.get(entry)
        if entry is spoken[entry.actor][0]:
            log.note(entry, party, "joined", PartyJoined(party=party, role="principal", name=name))
        if truce is None or truce.awaited_by(entry):
            about = TRUCE if truce is None else truce.id
            said = StatementMade(by=party, text="declared a ceasefire", about=about)
            log.note(entry, party, "declared", said, attributes=_kept(entry))
        else:
            _bind(log, entry, party, truce, "declared")
    for entry, truce in truces.items():
        if truce.awaited_by(entry):
            then = evolve(entry, declared=truce.members[0].declared, precision=None)
            _bind(log, then, parties[entry.actor][0], truce, "joined-truce")
    return [*aside, *sorted(log.made, key=lambda record: record.time)]


def _order(entry: _Entry) -> tuple[Any, ...]:
    """Who declared first, of these who took effect first, and else what the row itself says."""
    cells = entry.row.cells.items()
    said = [(str(column), "" if held is None else str(held)) for column, held in cells]
    return entry.declared, entry.start is None, entry.start or entry.declared, entry.actor, said


def _truces(entries: list[_Entry]) -> dict[_Entry, _Truce]:
    """The truce of each row that has a start; the rows stand in the order of `_order`."""
    truces: list[_Truce] = []
    for entry in sorted(entries, key=lambda each: each.start or each.declared):
        if entry.start is None:
            continue
        truce = next((each for each in truces if each.takes(entry)), None)
        if truce is None:
            truces.append(truce := _Truce())
        truce.members.append(entry)
    for number, truce in enumerate(sorted(truces, key=lambda each: _order(each.members[0])), 1):
        truce.id = TRUCE if number == 1 else f"{TRUCE}-{number}"
    return {entry: truce for truce in truces for entry in truce.members}


def _bind(log: _Log, entry: _Entry, party: str, truce: _Truce, what: str) -> None:
    """An actor declares a truce or joins it, and how it is over for it."""
    event: AnyEvent = TruceJoined(truce=truce.id, by=party, starts=entry.start)
    if entry is truce.members[0]:
        event = TruceDeclared(
            truce=truce.id, by=party, kind="ceasefire", starts=entry.start, ends=truce.ends,
            scope=entry.scope,
        )  # fmt: skip
    log.note(entry, party, what, event, attributes=_kept(entry))
    if entry.until is not None and entry.until != truce.ends:
        own = TruceExtended(truce=truce.id, by=party, ends=entry.until)
        log.note(entry, party, "own-end", own)
    if entry.ended is not None:
        code = _attributes({"ended": entry.row.cells.get("ended")}, {"ended"})
        over = TruceEnded(truce=truce.id, by=party)
        log.note(entry, party, "ended", over, time=entry.ended, precision="day", attributes=code)


def _same_time(earlier: _Entry, entry: _Entry) -> bool:
    """Whether two rows of one actor speak of the same time."""
    if earlier.start is None or entry.start is None:
        return (earlier.start, earlier.declared) == (entry.start, entry.declared)
    before = earlier.over is not None and earlier.over <= entry.start
    after = entry.over is not None and entry.over <= earlier.start
    return not before and not after


def _repeated(entry: _Entry, twin: _Entry) -> SetAside:
    """A row of an actor of which another row speaks already, as where it faces several others."""
    cells, others = entry.row.cells, twin.row.cells
    differing = [name for name in cells if name != "actor_name" and cells[name] != others.get(name)]
    if not differing:
        return entry.row.aside("repeated actor", None, f"row {twin.row.number} says the same")
    detail = f"row {twin.row.number} stands for it, which says otherwise: {', '.join(differing)}"
    return entry.row.aside("repeated actor, otherwise", differing[0], detail)


def _parties(entries: list[_Entry]) -> dict[str, tuple[str, str]]:
    """A readable id for each actor, in small letters, digits and hyphens, and its name."""
    parties: dict[str, tuple[str, str]] = {}
    taken: set[str] = set()
    for entry in entries:
        if entry.actor in parties:
            continue
        parts = unicodedata.normalize("NFKD", entry.name.lower())
        bare = "".join(
            each for each in parts if not unicodedata.combining(each) and each not in "'’"
        )
        readable = re.sub(r"[\W_]+", "-", bare).strip("-") or "actor"
        id = unused(readable, taken)
        taken.add(id)
        parties[entry.actor] = id, entry.name
    return parties


def _kept(entry: _Entry) -> dict[str, str]:
    """What stands with a declaration: columns without a field, and dates that are not taken."""
    kept = _attributes(entry.row.cells, {"ended"} if entry.ended is None else set())
    taken = {"cf_dec": entry.precision, "cf_effect": entry.start, "end": entry.end}
    for prefix, shown in entry.shown.items():
        if taken[prefix] is None and shown != UNKNOWN:
            kept[UNTAKEN[prefix]] = shown
    return kept


def _attributes(cells: Mapping[str, Any], also: set[str]) -> dict[str, str]:
    """Columns for which an event has no field, under their names in small letters and digits."""
    kept: dict[str, str] = {}
    for column, value in cells.items():
        name = re.sub("[^a-z0-9]", "", str(column).lower())
        held = " ".join(UNPRINTABLE.sub(" ", "" if value is None else str(value)).split())
        if held and name and name not in RESERVED and (column in also or column not in _TOLD):
            kept[name] = held
    return kept
