"""Random negotiations over a small universe, so that what could meet does meet.

Four parties, two items of each kind, twelve hours: equal instants, half-open edges, used ids and
late reports come up all the time. Nothing is kept legal; every log is one that could be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs
import hypothesis.strategies as st
from hypothesis.strategies import SearchStrategy

import negotiation as ng
from negotiation.events import Finding, Firmness, Qualifier, Role, TruceKind
from negotiation.records import Precision

PARTIES: Final = ("north", "south", "east", "west")
OUTSIDER: Final = "elsewhere"
NEGOTIATION: Final = "talks"
START: Final = datetime(2031, 3, 1, tzinfo=UTC)
HOURS: Final = 12

Asked: TypeAlias = Mapping[str, Any]
"""The keyword arguments with which a state is asked for: as_of, known_at, known_to."""


@attrs.frozen
class Universe:
    """The parties and the items that a random event may name."""

    parties: tuple[str, ...] = PARTIES
    numbers: tuple[str, ...] = ("1", "2")

    def ids(self, kind: str) -> tuple[str, ...]:
        """The ids of one kind of item, such as t1 and t2; more where items name their own kind."""
        ids = tuple(kind + number for number in self.numbers)
        return (*ids, *(id + "b" for id in ids)) if kind in "pv" else ids

    def every_id(self) -> tuple[str, ...]:
        """The ids of all items."""
        return tuple(id for kind in "ptvdm" for id in self.ids(kind))


WHOLE: Final = Universe()
FEW: Final = Universe(PARTIES[:3], ("1",))


# Values


def hour(number: int) -> datetime:
    """An instant of the grid."""
    return START + timedelta(hours=number)


instants: Final = st.integers(0, HOURS - 1).map(hour)

ODD_TEXTS: Final = (
    "", " ", '"', "\\", "\x00", "\n", "\x7f", "\x85", "\u00a0", "\u2028", "\ufeff", "\uffff",
    "e\u0301", "\U0001f54a", "null", "[", "{", "0",
)  # fmt: skip

texts: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ODD_TEXTS
)

json_values: Final[SearchStrategy[Any]] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)

json_objects: Final = st.dictionaries(texts, json_values, max_size=3)

small_values: Final[SearchStrategy[Any]] = st.sampled_from([1, 1.0, True, None, "v", [1, {"a": 2}]])
small_terms: Final = st.dictionaries(st.sampled_from(["price", "weeks"]), small_values, max_size=2)


# Events


def between(first: str, last: str, *, together: bool, need_last: bool = False) -> Any:
    """None, one or both of two moments, in order; equal ones only if they may be `together`."""

    def chosen(given: tuple[int, int, int]) -> dict[str, datetime]:
        which, start, length = given
        if not together:
            length += 1
        moments = {first: hour(start), last: hour(start + length)}
        left_out = {0: (), 1: (first,), 2: (last,), 3: (first, last)}[which]
        return {
            name: moment
            for name, moment in moments.items()
            if name not in left_out or (need_last and name == last)
        }

    return st.tuples(st.integers(0, 3), st.integers(0, HOURS - 1), st.integers(0, 5)).map(chosen)


def built(cls: type[Any], *fragments: SearchStrategy[dict[str, Any]], **fields: Any) -> Any:
    """Events of one class: from whole fields, and from fragments that hold several fields."""

    def build(given: tuple[Any, ...]) -> Any:
        *parts, own = given
        merged = {name: value for part in (*parts, own) for name, value in part.items()}
        return cls(**merged)

    return st.tuples(*fragments, st.fixed_dictionaries(fields)).map(build)


def maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Mostly None."""
    return st.none() | st.none() | strategy


@cache
def event_of(
    cls: type[Any],
    universe: Universe = WHOLE,
    *,
    terms: SearchStrategy[Any] = small_terms,
    value: SearchStrategy[Any] = small_values,
    words: SearchStrategy[str] = st.just("so it was said"),  # noqa: B008  # a strategy is a value
) -> SearchStrategy[Any]:
    """Random events of one class."""
    party = st.sampled_from(universe.parties)
    every_id = st.sampled_from(universe.every_id())

    def some(most: int = 4) -> Any:
        return st.lists(party, min_size=1, max_size=min(most, len(universe.parties)), unique=True)

    def item(kind: str) -> Any:
        own = st.sampled_from(universe.ids(kind))
        return st.integers(0, 19).flatmap(lambda n: every_id if n == 7 else own)

    def one(literal: Any) -> Any:
        return st.sampled_from(get_args(literal))

    maker_and_addressees = st.tuples(st.permutations(universe.parties), st.integers(0, 9)).map(
        lambda given: {
            "by": given[0][0],
            "to": given[0][1 : 3 + given[1] // 9] if given[1] > 5 else given[0][1:2],
        }
    )
    note = maybe(words)
    label = maybe(every_id)
    proposal, truce, violation = item("p"), item("t"), item("v")
    deadline, meeting = item("d"), item("m")
    claimed = between("begins", "ends", together=True)
    due = between("earliest", "due", together=True, need_last=True)
    strategies: dict[type[Any], Callable[[], Any]] = {
        ng.PartyJoined: lambda: built(cls, party=party, role=one(Role), name=note),
        ng.PartyWithdrew: lambda: built(cls, by=party, reason=note),
        ng.ProposalMade: lambda: built(
            cls,
            maker_and_addressees,
            proposal=proposal,
            terms=terms,
            counters=st.none() | proposal,
            expires=maybe(instants),
        ),
        ng.ProposalClarified: lambda: built(
            cls, proposal=proposal, by=party, terms=terms, note=note
        ),
        ng.ProposalAccepted: lambda: built(cls, proposal=proposal, by=party, note=note),
        ng.ProposalRejected: lambda: built(cls, proposal=proposal, by=party, reason=note),
        ng.ProposalWithdrawn: lambda: built(cls, proposal=proposal, by=party, reason=note),
        ng.PositionStated: lambda: built(
            cls,
            by=party,
            issue=st.sampled_from(["land", "annexed land"]),
            value=value,
            firmness=one(Firmness),
            condition=note,
            attributed_by=maybe(party),
        ),
        ng.StatementMade: lambda: built(cls, by=party, text=words, about=label),
        ng.TruceDeclared: lambda: built(
            cls,
            between("starts", "ends", together=False),
            truce=truce,
            by=party,
            kind=one(TruceKind),
            binds=maybe(some()),
            scope=note,
            condition=note,
            under=label,
        ),
        ng.TruceJoined: lambda: built(cls, truce=truce, by=party, starts=maybe(instants)),
        ng.TruceRejected: lambda: built(cls, truce=truce, by=party, reason=note),
        ng.TruceExtended: lambda: built(cls, truce=truce, by=party, ends=instants),
        ng.TruceEnded: lambda: built(cls, truce=truce, by=party, reason=note),
        ng.TruceViolated: lambda: built(
            cls,
            claimed,
            st.none().map(lambda _: {})
            | st.fixed_dictionaries(
                {"count": st.integers(0, 3), "qualifier": maybe(one(Qualifier))}
            ),
            violation=violation,
            truce=truce,
            by=party,
            alleged_by=party,
            what=note,
            place=note,
            replaces=st.none() | violation,
        ),
        ng.TruceObserved: lambda: built(
            cls, claimed, truce=truce, by=party, claimed_by=party, what=note
        ),
        ng.ViolationAssessed: lambda: built(
            cls, violation=violation, by=party, finding=one(Finding), note=note
        ),
        ng.DeadlineSet: lambda: built(
            cls,
            due,
            deadline=deadline,
            by=party,
            on=some(2),
            demand=note,
            consequence=note,
            about=label,
        ),
        ng.DeadlineMoved: lambda: built(cls, due, deadline=deadline, by=party),
        ng.DeadlineMet: lambda: built(cls, deadline=deadline, by=party, note=note),
        ng.DeadlineLifted: lambda: built(cls, deadline=deadline, by=party, reason=note),
        ng.MeetingScheduled: lambda: built(
            cls,
            meeting=meeting,
            by=party,
            parties=some(),
            starts=instants,
            place=note,
            follows=label,
        ),
        ng.MeetingHeld: lambda: built(
            cls, meeting=meeting, parties=some(), place=note, follows=label, outcome=note
        ),
        ng.MeetingCancelled: lambda: built(cls, meeting=meeting, by=party, reason=note),
        ng.EventRetracted: lambda: built(
            cls, event=st.integers(1, 30).map("e{}".format), by=party, reason=note
        ),
    }
    strategy: SearchStrategy[Any] = strategies[cls]()
    return strategy


UNKNOWN_TYPES: Final = (
    "negotiation.truce-blessed.v1",
    "negotiation.party-joined.v2",
    "negotiation.party-joined",
    "org.example.weather-changed.v1",
)

unknown_events: Final = st.builds(
    ng.UnknownEvent, type=st.sampled_from(UNKNOWN_TYPES), data=json_objects
)

_PROPOSALS: Final = (
    *(ng.ProposalMade,) * 2,
    ng.ProposalClarified,
    *(ng.ProposalAccepted,) * 4,
    *(ng.ProposalRejected,) * 3,
    ng.ProposalWithdrawn,
)
_TRUCES: Final = (
    *(ng.TruceDeclared,) * 2,
    *(ng.TruceJoined,) * 2,
    ng.TruceRejected,
    ng.TruceExtended,
    *(ng.TruceEnded,) * 2,
)
_CLAIMS: Final = (*(ng.TruceViolated,) * 3, ng.TruceObserved, ng.ViolationAssessed)
_DEADLINES: Final = (
    *(ng.DeadlineSet,) * 2,
    *(ng.DeadlineMoved,) * 2,
    ng.DeadlineMet,
    ng.DeadlineLifted,
)
_MEETINGS: Final = (*(ng.MeetingScheduled,) * 2, ng.MeetingHeld, ng.MeetingCancelled)
_PARTIES: Final = (ng.PartyJoined, *(ng.PartyWithdrew,) * 2, ng.PositionStated, ng.StatementMade)

THEMES: Final[tuple[tuple[type[Any], ...], ...]] = (
    tuple(cls for cls in ng.EVENTS if cls is not ng.EventRetracted),
    _PROPOSALS,
    _TRUCES,
    (*_TRUCES, *_CLAIMS, *_CLAIMS),
    _DEADLINES,
    (*_MEETINGS, *_PARTIES),
)
"""What a log is about: with fewer kinds of event its items go further in their lifecycles."""


@cache
def events(theme: int = 0, universe: Universe = WHOLE) -> SearchStrategy[Any]:
    """Random events of a theme: all kinds but retractions in theme 0."""
    return st.sampled_from(THEMES[theme]).flatmap(lambda cls: event_of(cls, universe))


# Records and logs

What: TypeAlias = Literal["event", "unknown", "retraction", "copy"]


@attrs.frozen
class Entry:
    """One line of a log in the making; `refers` chooses the record that it speaks of, if any."""

    what: What
    event: Any
    fits: bool
    time: datetime
    delay: int
    visible_to: Sequence[str] | None
    refers: int
    repeats: bool


@cache
def entries(theme: int, *, plain: bool, universe: Universe = WHOLE) -> SearchStrategy[Entry]:
    """Random entries; plain ones are public events that speak of no other record."""
    visible_to = st.lists(st.sampled_from(PARTIES), min_size=1, max_size=3, unique=True)
    seldom = st.integers(0, 7)
    return st.builds(
        Entry,
        what=st.just("event")
        if plain
        else st.sampled_from(("event",) * 12 + ("unknown", "retraction", "retraction", "copy")),
        event=events(theme, universe),
        fits=st.booleans(),
        time=instants,
        delay=st.integers(0, 2),
        visible_to=st.none()
        if plain
        else st.tuples(seldom, visible_to).map(lambda given: None if given[0] < 6 else given[1]),
        refers=st.integers(0, 30),
        repeats=st.just(False) if plain else seldom.map(lambda n: n == 5),
    )


def fitting(event: Any, above: Sequence[ng.Record], refers: int) -> Any:
    """The event turned to what is there, so that it is more often legal and goes further."""
    opened = {
        key: [each.event for each in above if type(each.event) is cls]
        for key, cls in OPENED.items()
    }

    def one(key: str) -> Any:
        found = opened[key]
        return found[refers % len(found)] if found else None

    if type(event) in OPENED.values():
        offer, claim = one("proposal"), one("violation")
        if type(event) is ng.ProposalMade and event.counters and offer:
            return attrs.evolve(
                event, by=offer.to[0], to=[offer.by], counters=offer.proposal, expires=None
            )
        if type(event) is ng.TruceViolated and (truce := one("truce")):
            event = attrs.evolve(event, truce=truce.truce, by=truce.bound[0])
            if event.replaces and claim:
                return attrs.evolve(event, replaces=claim.violation, alleged_by=claim.alleged_by)
        return event
    for key in OPENED:
        if hasattr(event, key) and (item := one(key)):
            event = attrs.evolve(event, **{key: getattr(item, key)})
            if type(event) in (ng.ProposalAccepted, ng.ProposalRejected):
                event = attrs.evolve(event, by=item.to[refers % len(item.to)])
            elif type(event) in (ng.ProposalClarified, ng.ProposalWithdrawn):
                event = attrs.evolve(event, by=item.by)
    return event


OPENED: Final[Mapping[str, type[Any]]] = {
    "proposal": ng.ProposalMade,
    "truce": ng.TruceDeclared,
    "violation": ng.TruceViolated,
    "deadline": ng.DeadlineSet,
    "meeting": ng.MeetingScheduled,
}
"""The field that names an item → the event that opens it."""


def record(entry: Entry, id: str, recorded: datetime, above: Sequence[ng.Record]) -> ng.Record:
    """The record of an entry below others: a copy of one of them, or a new one."""
    if entry.what == "copy" and above:
        return attrs.evolve(above[entry.refers % len(above)], recorded=recorded)
    spoken_of = f"e{entry.refers % (len(above) + 2) + 1}"  # mostly one above, at times one below
    event = fitting(entry.event, above, entry.refers) if entry.fits else entry.event
    if entry.what == "unknown":
        event = ng.UnknownEvent(type=UNKNOWN_TYPES[entry.refers % 4], data={"by": "north"})
    elif entry.what == "retraction":
        event = ng.EventRetracted(event=spoken_of, by=PARTIES[entry.refers % 4])
    return ng.Record(
        id=id,
        negotiation=NEGOTIATION,
        position=len(above) + 1,
        time=entry.time,
        recorded=recorded,
        event=event,
        visible_to=entry.visible_to,
        repeats=spoken_of if entry.repeats else None,
    )


def assembled(given: Sequence[Entry]) -> list[ng.Record]:
    """The records of these entries as they came, copies included."""
    records: list[ng.Record] = []
    recorded = START
    for entry in given:
        recorded += timedelta(hours=entry.delay)
        records.append(record(entry, f"e{len(records) + 1}", recorded, records))
    return records


@st.composite
def histories(draw: st.DrawFn, most: int = 25) -> list[ng.Record]:
    """The records of one negotiation as they came: late, hidden, repeated, retracted, copied."""
    theme = draw(st.integers(0, len(THEMES) - 1))
    plain = draw(st.integers(0, 2)) == 0
    universe = draw(st.sampled_from([WHOLE, FEW]))
    fewest = min(draw(st.sampled_from([0, 4, 12, 18])), most)
    given = draw(
        st.lists(entries(theme, plain=plain, universe=universe), min_size=fewest, max_size=most)
    )
    if draw(st.booleans()):  # nothing is reported late
        times = sorted(entry.time for entry in given)
        given = [attrs.evolve(e, time=time) for e, time in zip(given, times, strict=True)]
    return assembled(given)


def logs() -> SearchStrategy[ng.Log]:
    """Random logs, legal or not."""
    return histories().map(lambda records: ng.Log(NEGOTIATION, records))


def pasts() -> SearchStrategy[Asked]:
    """How a state may be asked for: as of when, known at what time and to whom."""
    moment = st.integers(-1, 2 * HOURS + 1).map(lambda n: START + timedelta(minutes=30 * n))
    return st.fixed_dictionaries(
        {
            "as_of": st.none() | moment,
            "known_at": st.none() | st.none() | moment,
            "known_to": st.none() | st.sampled_from((*PARTIES, OUTSIDER)),
        }
    )


def knowledge() -> SearchStrategy[Asked]:
    """The same without `as_of`."""
    return pasts().map(lambda asked: {name: asked[name] for name in ("known_at", "known_to")})


@st.composite
def continued(draw: st.DrawFn) -> tuple[list[ng.Record], list[ng.Record]]:
    """A history, and records that may follow it: neither backdated nor retracting."""
    first = draw(histories(12))
    theme = draw(st.integers(0, len(THEMES) - 1))
    both = list(first)
    recorded = first[-1].recorded if first else START
    time = max((each.time for each in first), default=START)
    for entry in draw(st.lists(entries(theme, plain=False), max_size=6)):
        recorded += timedelta(hours=entry.delay)
        time += timedelta(hours=entry.refers % 2)
        speaks = draw(st.sampled_from(["as it does", "as it does", "copies", "repeats"]))
        what: What = "event" if entry.what == "retraction" else entry.what
        placed = attrs.evolve(
            entry,
            what="copy" if speaks == "copies" else what,
            time=time,
            repeats=entry.repeats or speaks == "repeats",
        )
        further = record(placed, f"e{len(both) + 1}", recorded, both)
        if type(further.event) is not ng.EventRetracted:
            both.append(further)
    return first, both[len(first) :]


# What else a line may hold

attribute_texts: Final = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=6
) | st.sampled_from([" ", '"', "\\", "\u2028", "\ufeff", "\U0001f54a", "a  b"])

attribute_names: Final = st.sampled_from(["subject", "dataschema", "traceparent", "x1", "0"])


@st.composite
def full_records(draw: st.DrawFn) -> ng.Record:
    """Single records of every type with every optional field, and any JSON and text in them."""
    cls = draw(st.sampled_from((*ng.EVENTS, ng.UnknownEvent)))
    event = draw(
        unknown_events
        if cls is ng.UnknownEvent
        else event_of(cls, terms=json_objects, value=json_values, words=texts)
    )
    moment = st.datetimes(
        datetime(1, 1, 2),  # noqa: DTZ001  # the zone is drawn beside it
        datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.just(UTC),
    )
    optional = st.none() | attribute_texts
    visible_to = st.frozensets(st.sampled_from((*PARTIES, "nör:d", "a,b")), min_size=1)
    return ng.Record(
        id=draw(attribute_texts),
        negotiation=draw(texts.filter(bool)),
        time=draw(moment),
        recorded=draw(moment),
        event=event,
        speaker=draw(optional),
        reported_by=draw(optional),
        report_url=draw(optional),
        quote=draw(optional),
        precision=draw(st.none() | st.sampled_from(get_args(Precision))),
        visible_to=draw(st.none() | visible_to),
        repeats=draw(optional),
        correlation=draw(optional),
        causation=draw(optional),
        prevhash=draw(optional),
        hash=draw(optional),
        attributes=draw(st.dictionaries(attribute_names, attribute_texts, max_size=2)),
    )


# Changes to a history that a law speaks of


@st.composite
def wild_histories(draw: st.DrawFn) -> list[ng.Record]:
    """Histories of records that hold any JSON and any text, years apart."""
    drawn = draw(st.lists(full_records(), max_size=6))
    recorded = sorted(each.recorded for each in drawn)
    return [
        attrs.evolve(each, id=f"e{n}", negotiation=NEGOTIATION, position=n, recorded=moment)
        for n, (each, moment) in enumerate(zip(drawn, recorded, strict=True), start=1)
    ]


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[list[ng.Record], int]:
    """A history that holds, from an index on, two records without anything in common."""
    records = list(ng.Log(NEGOTIATION, draw(histories(12))))
    index = draw(st.integers(0, len(records)))
    above = records[:index]
    recorded = above[-1].recorded if above else START
    time = draw(instants)
    pair = []
    for id, universe in (
        ("one", Universe(PARTIES[:2], ("1",))),
        ("two", Universe(PARTIES[2:], ("2",))),
    ):
        entry = draw(entries(0, plain=False, universe=universe))
        event = entry.event if entry.what != "unknown" else draw(unknown_events)
        named = f"e{entry.refers % (len(records) + 2) + 1}"
        if entry.what == "retraction" and id == "one":
            event = ng.EventRetracted(event=named, by=universe.parties[0])
        pair.append(
            ng.Record(
                id=id,
                negotiation=NEGOTIATION,
                time=time,
                recorded=recorded,
                event=event,
                visible_to=entry.visible_to,
                repeats=named if entry.repeats else None,
            )
        )
    return [*above, *pair, *records[index:]], index


@st.composite
def hidden_changes(draw: st.DrawFn) -> tuple[list[ng.Record], list[ng.Record], str]:
    """A history, the same with changes to what is hidden from a party, and that party."""
    records = list(ng.Log(NEGOTIATION, draw(histories(16))))
    party = draw(st.sampled_from((*PARTIES, OUTSIDER)))
    others = [one for one in PARTIES if one != party]

    def hidden(id: str, recorded: datetime) -> ng.Record | None:
        event = draw(events() | unknown_events | event_of(ng.EventRetracted))
        made = ng.Record(
            id=id,
            negotiation=NEGOTIATION,
            time=draw(instants),
            recorded=recorded,
            event=event,
            visible_to=[draw(st.sampled_from(others))],
            repeats=draw(maybe(st.integers(1, 16).map("e{}".format))),
        )
        return None if made.visible(party) else made

    changed: list[ng.Record] = []
    for each in records:
        if each.visible(party):
            changed.append(each)
        elif draw(st.booleans()):  # else it goes
            changed.append(hidden(each.id, each.recorded) or each)
        if draw(st.integers(0, 3)) == 2 and (more := hidden(f"new{each.id}", each.recorded)):
            changed.append(more)
    return records, changed, party


@st.composite
def taken_back(draw: st.DrawFn) -> list[ng.Record]:
    """A history with a record "said" and, below it, its retraction "unsaid", at times copied."""
    records = list(ng.Log(NEGOTIATION, draw(histories(12))))
    entry = draw(entries(draw(st.integers(0, len(THEMES) - 1)), plain=False))
    event = entry.event
    if entry.what == "unknown":
        event = draw(unknown_events)
    elif entry.what == "retraction":
        event = ng.EventRetracted(event=f"e{entry.refers % (len(records) + 1) + 1}", by="north")
    public = {"said": entry.visible_to, "unsaid": draw(st.none() | st.just(entry.visible_to))}
    said = {
        "said": event,
        "unsaid": ng.EventRetracted(event="said", by=draw(st.sampled_from(PARTIES))),
    }
    first = draw(st.integers(0, len(records)))
    second = draw(st.integers(first, len(records)))
    times = {"said": entry.time, "unsaid": draw(instants)}

    def made(id: str, index: int) -> ng.Record:
        return ng.Record(
            id=id,
            negotiation=NEGOTIATION,
            time=times[id],
            recorded=records[index - 1].recorded if index else START,
            event=said[id],
            visible_to=public[id],
            repeats=f"e{entry.refers + 1}" if id == "said" and entry.repeats else None,
        )

    whole = [
        *records[:first],
        made("said", first),
        *records[first:second],
        made("unsaid", second),
        *records[second:],
    ]
    last = whole[-1].recorded
    copies = draw(st.lists(st.sampled_from(["said", "unsaid"]), max_size=2))
    return [*whole, *(attrs.evolve(made(id, 0), recorded=last) for id in copies)]
