"""The fold: from a log to the state of the negotiation.

`replay` folds a whole log, `evolve` takes one record more, `steps` gives every state on the way.
All run the same reducers over a `Draft`: the facts so far, left as they are, and what the records
at hand make of them, written beside. What a draft has written is its own and is changed in place;
what stands below it is copied before its first change. So `replay`, which folds a whole log into
one draft, copies nothing, and `evolve` copies the few items that its one record changes and puts
them into persistent maps, so that a step does not copy what merely stands.

This is the one place that knows how the fold gets its speed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from operator import attrgetter
from sys import maxsize
from typing import Any, Final, Generic, Self, TypeAlias, TypeVar

import attrs
from attrs import frozen
from rpds import HashTrieMap

from negotiation.collector import collector_paused
from negotiation.errors import (
    ConflictingRecord,
    ExtensionFailed,
    InvalidLog,
    InvalidModel,
    NotNext,
)
from negotiation.events import (
    EVENTS,
    EventRetracted,
    PositionStated,
    maker_field,
    party_fields,
)
from negotiation.facts import Facts, PartyFacts, own_copy
from negotiation.history import History
from negotiation.knowledge import Counting, count, instant, viewer
from negotiation.model import Extension, Model
from negotiation.problems import UNKNOWN_RECORD, Code, Problem
from negotiation.records import Record, fold_order
from negotiation.reducers import NOBODY, REACTIONS, Link, Put, Reaction, Set
from negotiation.rules import OPEN, Protocol, a_protocol
from negotiation.state import Negotiation
from negotiation.values import LATEST, describe
from negotiation.versions import Standing, Versions

K = TypeVar("K")
V = TypeVar("V")


class Written(dict[K, V], Generic[K, V]):
    """What a draft has written, over a map that is left as it is."""

    __slots__ = ("base",)

    def __init__(self, base: Mapping[K, V]) -> None:
        self.base = base

    def read(self, key: K) -> V | None:
        """What stands under a key, written or in the map below; None if nothing does."""
        value = self.get(key)
        return self.base.get(key) if value is None else value


class Draft:
    """Facts in the making. It belongs to one call and never leaves it."""

    __slots__ = ("heard", "items", "parties", "positions", "problems", "slices")

    def __init__(self, facts: Facts) -> None:
        self.items: Written[str, Any] = Written(facts.items)
        self.parties: Written[str, Any] = Written(facts.parties)
        self.positions: Written[tuple[str, str], Any] = Written(facts.positions)
        self.heard: Written[str, Record | None] = Written(facts.heard)
        self.slices: Written[str, Any] = Written(facts.slices)
        self.problems = facts.problems

    def fault(self, code: Code, record: Record) -> None:
        """Note a problem; the sentence about it is made when it is read."""
        self.problems = (self.problems, (code, record))


Handler: TypeAlias = Callable[[Draft, Record, Any], None]
Handlers: TypeAlias = Mapping[type[Any], Handler]
Hearing: TypeAlias = Callable[[Draft, Record, Any], None]
Change: TypeAlias = Callable[[Any, Record, Any], None]


def _changer(changes: tuple[Set | Put, ...], *, keeps: bool = True) -> Change:
    """A function that makes the changes of a row, one after the other, in a draft's own item.

    `keeps` is for items, which keep the ids of the records that made them what they are.
    """
    steps = [_stepper(change, keeps and change is changes[-1]) for change in changes]
    if len(steps) == 1:
        return steps[0]

    def change(item: Any, record: Record, event: Any) -> None:
        for step in steps:
            step(item, record, event)

    return change


def _stepper(change: Set | Put, keeps: bool) -> Change:
    """A function that makes one change, of four shapes: a field or an entry, given or made."""
    field, value, make = change.field, change.value, change.made
    read = attrgetter(field)

    def put_value(item: Any, record: Record, event: Any) -> None:
        read(item)[event.by] = value
        if keeps:
            item.records = (item.records, record)

    def set_value(item: Any, record: Record, event: Any) -> None:
        setattr(item, field, value)
        if keeps:
            item.records = (item.records, record)

    def put_made(item: Any, record: Record, event: Any) -> None:
        read(item)[event.by] = make(item, record, event)  # type: ignore[misc]  # not None here
        if keeps:
            item.records = (item.records, record)

    def set_made(item: Any, record: Record, event: Any) -> None:
        setattr(item, field, make(item, record, event))  # type: ignore[misc]  # not None here
        if keeps:
            item.records = (item.records, record)

    if type(change) is Put:
        return put_value if make is None else put_made
    return set_value if make is None else set_made


def _hear_actor(draft: Draft, record: Record, event: Any) -> None:
    """The usual case: an event names its maker `by`, and nobody else."""
    draft.heard[event.by] = record


def _hearing_several(read: Callable[[Any], tuple[str, ...] | None]) -> Hearing:
    """The next usual case: it names its maker `by`, and a list of others."""

    def hear_several(draft: Draft, record: Record, event: Any) -> None:
        heard = draft.heard
        for party in read(event) or ():
            if party not in heard:
                heard[party] = heard.base.get(party)
        heard[event.by] = record

    return hear_several


def _hearing(event_class: type[Any]) -> Hearing:
    """A function that enters the parties that an event names, and its maker as heard."""
    one, many = party_fields(event_class)
    made_by = maker_field(event_class)
    own = event_class in EVENTS  # whose `by` is never None
    if own and (made_by, one, many) == ("by", ("by",), ()):
        return _hear_actor
    if own and made_by == "by" and one == ("by",) and len(many) == 1:
        return _hearing_several(attrgetter(*many))
    others = [attrgetter(name) for name in one if name != made_by]
    many_others = [attrgetter(name) for name in many]

    def hear(draft: Draft, record: Record, event: Any) -> None:
        heard = draft.heard
        for read in others:
            if (party := read(event)) is not None and party not in heard:
                heard[party] = heard.base.get(party)
        for read in many_others:
            for party in read(event) or ():
                if party not in heard:
                    heard[party] = heard.base.get(party)
        if made_by is not None and (party := getattr(event, made_by)) is not None:
            heard[party] = record

    def hear_position(draft: Draft, record: Record, event: PositionStated) -> None:
        heard = draft.heard
        if event.attributed_by is None:
            heard[event.by] = record
        else:
            heard[event.by] = heard.read(event.by)
            heard[event.attributed_by] = record

    return hear_position if event_class is PositionStated else hear


def _amending(row: Reaction | Link, unknown: Code) -> Callable[[Draft, Record, Any, str], None]:
    """What an event does to an item that is to be there, whose id is given."""
    kind, refuses = row.kind, row.refuses
    change = _changer(row.changes) if row.changes else None

    def amend(draft: Draft, record: Record, event: Any, id: str) -> None:
        items = draft.items
        item = own = items.get(id)
        if own is None:
            item = items.base.get(id)
        if type(item) is not kind:
            draft.fault(unknown, record)
        elif refuses is not None and (refused := refuses(item, event, record.time)) is not None:
            draft.fault(refused, record)
        elif change is not None:
            if own is None:
                item = items[id] = own_copy(item)
            change(item, record, event)

    return amend


def _changing(reaction: Reaction, hear: Hearing | None) -> Handler:
    """For an event that only changes an item: the most frequent kind.

    It does what `_amending` does, written out here because a further call for each record shows.
    """
    key, kind = attrgetter(reaction.key), reaction.kind
    unknown, refuses = reaction.unknown, reaction.refuses
    change = _changer(reaction.changes)
    assert unknown is not None

    def handle(draft: Draft, record: Record, event: Any) -> None:
        if hear is None:
            draft.heard[event.by] = record
        else:
            hear(draft, record, event)
        id = key(event)
        items = draft.items
        item = own = items.get(id)
        if own is None:
            item = items.base.get(id)
        if type(item) is not kind:
            draft.fault(unknown, record)
        elif refuses is not None and (refused := refuses(item, event, record.time)) is not None:
            draft.fault(refused, record)
        else:
            if own is None:
                item = items[id] = own_copy(item)
            change(item, record, event)

    return handle


def _opening(reaction: Reaction, hear: Hearing) -> Handler:
    """For an event that brings an item into being, and may concern others that it names."""
    key, opens = attrgetter(reaction.key), reaction.opens
    links = [(attrgetter(link.key), _amending(link, link.unknown)) for link in reaction.links]
    amend = _amending(reaction, "used-id") if reaction.changes else None
    assert opens is not None

    def handle(draft: Draft, record: Record, event: Any) -> None:
        hear(draft, record, event)
        id = key(event)
        items = draft.items
        if items.read(id) is not None:
            if amend is None:
                draft.fault("used-id", record)
            else:
                amend(draft, record, event, id)
            return
        for read, follow in links:  # looked at before the item stands: it cannot name itself
            if (other := read(event)) is not None:
                follow(draft, record, event, other)
        items[id] = opens(record, event)

    return handle


def _partaking(reaction: Reaction, hear: Hearing) -> Handler:
    """For an event that changes what is known of a party; there always is a party to change."""
    key, refuses = attrgetter(reaction.key), reaction.refuses
    change = _changer(reaction.changes, keeps=False)

    def handle(draft: Draft, record: Record, event: Any) -> None:
        hear(draft, record, event)
        id = key(event)
        parties = draft.parties
        party = own = parties.get(id)
        if own is None:
            party = parties.base.get(id) or NOBODY
        if refuses is not None and (refused := refuses(party, event, record.time)) is not None:
            draft.fault(refused, record)
        else:
            if own is None:
                party = parties[id] = own_copy(party)
            change(party, record, event)

    return handle


def _extending(extension: Extension, hear: Hearing) -> Handler:
    """For an event of an extension: its slice goes through its reducer."""
    name, reduce = extension.name, extension.reduce

    def before(draft: Draft) -> Any:
        slices = draft.slices
        return slices[name] if name in slices else slices.base.get(name, extension.initial)

    def handle(draft: Draft, record: Record, event: Any) -> None:
        hear(draft, record, event)
        try:
            draft.slices[name] = reduce(before(draft), record)
        except Exception as error:
            raise ExtensionFailed(name, record.id, error) from error

    return handle


def _state_position(draft: Draft, record: Record, event: PositionStated) -> None:
    _HEARING[PositionStated](draft, record, event)
    key = (event.by, event.issue)
    draft.positions[key] = (draft.positions.read(key), record)


def _keep_unknown(draft: Draft, record: Record, event: Any) -> None:
    draft.fault("unknown-type", record)


def _serve(event_class: type[Any]) -> Handler:
    if event_class is PositionStated:
        return _state_position
    reaction, hear = REACTIONS[event_class], _HEARING[event_class]
    if reaction.kind is PartyFacts:
        return _partaking(reaction, hear)
    if reaction.opens is None:
        return _changing(reaction, None if hear is _hear_actor else hear)
    return _opening(reaction, hear)


_HEARING: Final[Mapping[type[Any], Hearing]] = {cls: _hearing(cls) for cls in EVENTS}
_HANDLERS: Final[Mapping[type[Any], Handler]] = {
    cls: _serve(cls) for cls in EVENTS if cls is not EventRetracted
}


def handlers_of(model: Model) -> Handlers:
    """Event class → what carries it out. An event that is not there is an unknown one.

    Raises:
        InvalidModel: `model`, which a caller gave, is none.
    """
    if not isinstance(model, Model):
        raise InvalidModel(f"model must be a Model, such as Model.default, not {describe(model)}")
    if not model.extensions:
        return _HANDLERS
    return {
        **_HANDLERS,
        **{
            each.event_class: _extending(each, _hearing(each.event_class))
            for each in model.extensions
        },
    }


def fold_into(
    draft: Draft, records: Iterable[Record], faults: Mapping[str, Code], handlers: Handlers
) -> None:
    """Fold records into a draft.

    Args:
        draft: what stands before them; it is changed.
        records: the records that count, in fold order.
        faults: by record id, the code of each repetition of no record.
        handlers: what carries the events out.
    """
    find = handlers.get
    for record in records:
        if faults and record.id in faults:
            _note_fault(draft, record, faults[record.id], handlers)
        else:
            event = record.event
            find(type(event), _keep_unknown)(draft, record, event)


def _note_fault(draft: Draft, record: Record, code: Code, handlers: Handlers) -> None:
    """A record whose word about another record reaches nothing: it is folded as nothing.

    A faulty repetition counts, so the parties that it names are heard.
    """
    event_class = type(record.event)
    if event_class in handlers:
        _hearing(event_class)(draft, record, record.event)
    else:
        code = "unknown-type"
    draft.fault(code, record)


# Replay, evolve, steps


@frozen
class Seen:
    """The records that a state has seen, so that it knows a copy and what may be repeated.

    Attributes:
        history: the log that was replayed.
        last: (time, position) up to which it was, by now.
        further: the records taken since, by id.
        void: the ids of the records in the log that are retracted.
    """

    history: History
    last: tuple[datetime, int] | None
    further: HashTrieMap[str, Record]
    void: AbstractSet[str]

    @classmethod
    def all_by(cls, history: History, as_of: datetime | None, void: AbstractSet[str]) -> Self:
        """Everything in a log that had happened by a moment; None for all."""
        return cls(history, (LATEST if as_of is None else as_of, maxsize), HashTrieMap(), void)

    def get(self, id: str) -> Record | None:
        """The record of this id, if it was seen."""
        record = self.history.get(id)
        if record is None or self.last is None or (record.time, record.position) > self.last:
            return self.further.get(id)
        return record

    def known(self, id: str, below: Record) -> Record | None:
        """The record of this id that stands above another one in the log, counting or not."""
        record = self.history.get(id) or self.further.get(id)
        return record if record is not None and record.position < below.position else None


def start(model: Model, notes: tuple[tuple[Code, Record], ...] = ()) -> Facts:
    """The facts before anything has happened."""
    initial = {each.name: each.initial for each in model.extensions}
    return Facts({}, {}, {}, {}, initial, None, notes)


def replay(
    log: History,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> Negotiation:
    """The state of a negotiation: a pure function of its log and of when and to whom.

    Every log gives a state. What in it breaks a rule stands in `problems` and changes nothing.

    Args:
        log: the records.
        as_of: only what had happened by then counts, and statuses are as they stood then
            (default: the latest time of the records that count otherwise).
        known_at: only what had been recorded by then counts, retractions included (default: all).
        known_to: only what this party knows counts: what is public, was shown to it or made by it.
            A party that the log does not know sees what is public (default: everything).
        model: the events that are known and what extensions fold.

    Raises:
        InvalidTime: `as_of` or `known_at` has no time zone.
        InvalidParty: `known_to` is no party's id.
        ExtensionFailed: the reducer of an extension raised.
    """
    as_of, known_at = instant(as_of, "as_of"), instant(known_at, "known_at")
    known_to = viewer(known_to)
    counting = count(log, as_of, known_at, known_to)
    records = counting.records
    handlers = handlers_of(model)
    draft = Draft(start(model))
    with collector_paused():
        fold_into(draft, records, counting.faults, handlers)
    last = records[-1] if len(records) else None
    time = None if last is None else last.time
    at = time if as_of is None else as_of
    return Negotiation(
        id=log.negotiation,
        position=counting.top,
        time=time,
        as_of=at,
        known_at=known_at,
        known_to=known_to,
        facts=Facts(
            draft.items,
            draft.parties,
            draft.positions,
            draft.heard,
            {**draft.slices.base, **draft.slices},
            draft.problems,
            counting.notes,
        ),
        seen=Seen.all_by(log, as_of, counting.void),
    )


def check(
    log: History,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    protocol: Protocol = OPEN,
    model: Model = Model.default,
) -> tuple[Problem, ...]:
    """What in a log breaks the rules, in fold order.

    First come the lifecycles, which hold in any case. A record that has no problem with them has
    at most one with the protocol: that with the first of its rules that it breaks.

    Args:
        log: as for `replay`, and so are all others but the protocol.
        as_of: only what had happened by then.
        known_at: only what had been recorded by then.
        known_to: only what this party knows.
        protocol: the rules beside the lifecycles (default: none).
        model: the events that are known and what extensions fold.

    Raises:
        RuleFailed: the function of a rule raised; all others are those of `replay`.
    """
    as_of, known_at = instant(as_of, "as_of"), instant(known_at, "known_at")
    known_to = viewer(known_to)
    if not a_protocol(protocol).rules:
        return replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model).problems
    counting = count(log, as_of, known_at, known_to)
    state = _before_all(log, counting, known_at, known_to, model)
    broken: list[Problem] = []
    for record, after in advanced(state, counting.records, counting.faults, handlers_of(model)):
        if after.facts.problems is state.facts.problems:
            broken += filter(None, [protocol.problem(state, record)])
        state = after
    order = {record.id: fold_order(record) for record in log}
    return tuple(sorted((*state.problems, *broken), key=lambda each: order[each.event]))


def first_problem(
    state: Negotiation, record: Record, protocol: Protocol, handlers: Handlers
) -> Code | Problem | None:
    """What a record that is next breaks: the code of a lifecycle, a protocol's problem, or None."""
    draft = Draft(state.facts)
    fold_into(draft, (record,), {}, handlers)
    if draft.problems is not state.facts.problems:
        _, (code, _) = draft.problems  # type: ignore[misc]  # a draft that has a problem more
        found: Code = code
        return found
    return protocol.problem(state, record)


def evolve(state: Negotiation, record: Record, *, model: Model = Model.default) -> Negotiation:
    """The state after one record more; `state` stays as it was.

    A record that does not count under the state's `known_at` and `known_to`, one that the log of
    the state retracts, and a second copy of one that was seen leave the state as it is.

    Args:
        state: a state made by `replay`, `evolve` or `steps`.
        record: the next record, in log order and in fold order.
        model: the model with which the state was made.

    Raises:
        NotNext: the record retracts another, happened before what was folded, or has a position
            that is taken: it would change the past. `replay` the log with it in place.
        ConflictingRecord: its id is that of a record seen with other content.
        InvalidLog: it belongs to another negotiation.
    """
    if state.id not in (None, record.negotiation):
        raise InvalidLog(
            record.id,
            f"belongs to negotiation {record.negotiation!r}, this state to {state.id!r}",
        )
    seen: Seen = state.seen
    if (known := seen.get(record.id)) is not None:
        if known.same_content(record):
            return state
        raise ConflictingRecord(record.id, "was seen with other content; give it another id")
    if (
        record.id in seen.void
        or not record.visible(state.known_to)
        or (state.known_at is not None and record.recorded > state.known_at)
    ):
        return state
    if type(record.event) is EventRetracted:
        raise NotNext(record.id, "retracts a record, which changes the past; replay the log")
    if record.position <= state.position:
        raise NotNext(
            record.id,
            f"stands at position {record.position}, and the state is at {state.position}; "
            "a next record stands above every one that was folded",
        )
    if state.time is not None and record.time < state.time:
        raise NotNext(
            record.id,
            f"happened {record.time.isoformat()}, before {state.time.isoformat()}, which was "
            "folded already: it changes the past; replay the log",
        )
    repeated = None if record.repeats is None else seen.known(record.repeats, record)
    further = attrs.evolve(seen, further=seen.further.insert(record.id, record))
    if (
        repeated is not None
        and repeated.visible(state.known_to)
        and (state.known_at is None or repeated.recorded <= state.known_at)
    ):
        return attrs.evolve(state, id=record.negotiation, seen=further)
    return advance(state, record, record.repeats is not None, further, handlers_of(model))


def following(state: Negotiation, record: Record, handlers: Handlers) -> Negotiation:
    """The state after a record that counts and is next: `evolve` for small states.

    Nothing is asked of the record, and it is not among those that the new state has seen.

    Args:
        state: the state before.
        record: the record.
        handlers: what carries the event out.
    """
    draft = Draft(state.facts)
    fold_into(draft, (record,), {}, handlers)
    return with_draft(state, draft, record)


def with_draft(state: Negotiation, draft: Draft, record: Record) -> Negotiation:
    """A small state with what a draft over it has written; copying a small dict is cheapest."""
    return _gone_on(state, draft, record, _copied, state.seen)


def advance(
    state: Negotiation,
    record: Record,
    faulty: bool,
    seen: Seen,
    handlers: Handlers,
) -> Negotiation:
    """The state after one record more that counts.

    Args:
        state: the state before.
        record: the record.
        faulty: whether it says that it repeats a record and there is none.
        seen: what the new state has seen.
        handlers: what carries the event out.
    """
    facts = state.facts
    if type(facts.items) is not Standing:
        facts = _persistent(facts)
    draft = Draft(facts)
    fold_into(draft, (record,), {record.id: UNKNOWN_RECORD} if faulty else {}, handlers)
    return _gone_on(state, draft, record, _kept, seen)


def _gone_on(
    state: Negotiation,
    draft: Draft,
    record: Record,
    keep: Callable[[Written[Any, Any]], Mapping[Any, Any]],
    seen: Seen,
) -> Negotiation:
    """The state that follows on another by a record, with what a draft has written of it."""
    time = record.time
    return Negotiation(
        record.negotiation,
        max(state.position, record.position),
        time,
        time if state.as_of is None or time > state.as_of else state.as_of,
        state.known_at,
        state.known_to,
        Facts(
            keep(draft.items),
            keep(draft.parties),
            keep(draft.positions),
            keep(draft.heard),
            keep(draft.slices),
            draft.problems,
            state.facts.notes,
        ),
        seen,
    )


def _copied(written: Written[K, V]) -> Mapping[K, V]:
    """The map under a draft with what was written in it, as a new dict."""
    return {**written.base, **written}


def _kept(written: Written[K, V]) -> Mapping[K, V]:
    """The map under a draft with what was written in it: it shares all else with the old one."""
    kept: Any = written.base
    for key, value in written.items():
        kept = kept.insert(key, value)
    shared: Mapping[K, V] = kept
    return shared


def _persistent(facts: Facts) -> Facts:
    """The same facts in maps that can be changed without copying. Made once for a state."""
    if facts.persistent is None:
        facts.persistent = Facts(
            items=Versions(facts.items).at(0),
            parties=Versions(facts.parties).at(0),
            positions=Versions(facts.positions).at(0),
            heard=Versions(facts.heard).at(0),
            slices=Versions(facts.slices).at(0),
            problems=facts.problems,
            notes=facts.notes,
        )
    return facts.persistent


def steps(
    log: History,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> Iterator[tuple[Record, Negotiation]]:
    """Each record that counts, in fold order, with the state right after it.

    Each state's `as_of` is the time of its record. The last state equals `replay` with the same
    arguments, but for an `as_of` later than the last record. Arguments and errors are those of
    `replay`; nothing is folded before it is asked for.
    """
    as_of, known_at = instant(as_of, "as_of"), instant(known_at, "known_at")
    known_to = viewer(known_to)
    return _steps(log, count(log, as_of, known_at, known_to), known_at, known_to, model)


def _steps(
    log: History,
    counting: Counting,
    known_at: datetime | None,
    known_to: str | None,
    model: Model,
) -> Iterator[tuple[Record, Negotiation]]:
    state = _before_all(log, counting, known_at, known_to, model)
    yield from advanced(state, counting.records, counting.faults, handlers_of(model))


def _before_all(
    log: History,
    counting: Counting,
    known_at: datetime | None,
    known_to: str | None,
    model: Model,
) -> Negotiation:
    """The state before the first record that counts."""
    return Negotiation(
        log.negotiation,
        0,
        None,
        None,
        known_at,
        known_to,
        start(model, counting.notes),
        Seen(log, None, HashTrieMap(), counting.void),
    )


def advanced(
    state: Negotiation,
    records: Iterable[Record],
    faults: Mapping[str, Code],
    handlers: Handlers,
) -> Iterator[tuple[Record, Negotiation]]:
    """Each of these records, with the state right after it.

    Args:
        state: the state before them.
        records: records that count, in fold order.
        faults: as for `fold_into`, and so are the handlers.
        handlers: what carries the events out.
    """
    seen: Seen = state.seen
    for record in records:
        by_then = Seen(seen.history, (record.time, record.position), seen.further, seen.void)
        state = advance(state, record, record.id in faults, by_then, handlers)
        yield record, state
