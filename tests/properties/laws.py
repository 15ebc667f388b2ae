"""The laws that hold for every log, each as a check that says what it needs and can fail.

A check takes records and what is asked of them, and a `tell` that makes the state's JSON of both.
Given the library's own it must pass; given one that breaks the law it must raise AssertionError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final, Protocol, TypeAlias

import attrs

import negotiation as ng
from negotiation.facts import DeadlineFacts, Facts, MeetingFacts, ProposalFacts, TruceFacts
from negotiation.lifecycles import (
    ACTIVE,
    LIFECYCLES,
    UNBOUND,
    WITHDRAWN,
    Lifecycle,
    Phase,
    commitment_phase,
    deadline_phase,
    proposal_phase,
)
from negotiation.wire.times import parse_time, time_text
from tests import reference
from tests.properties.strategies import NEGOTIATION, Asked

Json: TypeAlias = dict[str, Any]
Records: TypeAlias = Sequence[ng.Record]
Evolve: TypeAlias = Callable[[ng.Negotiation, ng.Record], ng.Negotiation]
Steps: TypeAlias = Callable[..., Iterator[tuple[ng.Record, ng.Negotiation]]]

CODEC: Final = ng.Codec()


class Tell(Protocol):
    """Records and what is asked of them → the state as JSON."""

    def __call__(self, records: Records, **asked: Any) -> Json: ...


def log_of(records: Iterable[ng.Record]) -> ng.Log:
    """The log of these records, which may be none."""
    return ng.Log(NEGOTIATION, records)


def tell(records: Records, **asked: Any) -> Json:
    """The state of these records, as the library tells it."""
    return ng.state_to_json(ng.replay(log_of(records), **asked))


def exactly(value: Any) -> str:
    """JSON as a text that is equal for equal values only; 1, 1.0 and true are three."""
    return json.dumps(value, sort_keys=True)


def same(one: Any, other: Any) -> None:
    """Assert that two JSON values are the same."""
    if exactly(one) != exactly(other):
        raise AssertionError(f"they differ at {difference(one, other)}")


def difference(one: Any, other: Any, path: str = "") -> str:
    """Where two JSON values differ first, and how."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if key not in one or key not in other:
                return f"{path}.{key}: it is missing in {'one' if key in other else 'the other'}"
            if exactly(one[key]) != exactly(other[key]):
                return difference(one[key], other[key], f"{path}.{key}")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            if exactly(left) != exactly(right):
                return difference(left, right, f"{path}[{index}]")
    return f"{path}: {one!r}, {other!r}"


# Alike: equality without positions, record ids, problem order and messages

SETS: Final = (
    "rejected_by", "proposals_made", "replies_owed", "replies_awaited",
    "violations_alleged_against", "violations_alleged_by", "deadlines_facing", "deadlines_set",
)  # fmt: skip


def alike(one: Json, other: Json) -> None:
    """Assert that two states are alike."""
    same(essence(one), essence(other))


def essence(state: Json) -> Json:
    """What of a state must be equal in one that is alike."""
    kept: Json = _without_records({key: state[key] for key in state if key != "position"})
    kept["problems"] = sorted([p["code"], p["party"] or ""] for p in state["problems"])
    return kept


def _without_records(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _essence_of(key, item) for key, item in value.items()}
    return [_without_records(item) for item in value] if isinstance(value, list) else value


def _essence_of(key: str, item: Any) -> Any:
    if key == "records":
        return len(item)
    return sorted(item) if key in SETS else _without_records(item)


# What events name

PARTY_FIELDS: Final = (
    "party", "by", "attributed_by", "alleged_by", "claimed_by", "to", "binds", "on", "parties",
)  # fmt: skip
ITEM_FIELDS: Final = (
    "proposal", "counters", "truce", "under", "violation", "replaces", "deadline", "about",
    "meeting", "follows",
)  # fmt: skip
RECORD_FIELDS: Final = ("event",)


def named(event: Any, fields: Sequence[str]) -> set[str]:
    """The names that stand in these fields of an event."""
    found: set[str] = set()
    if type(event) is not ng.UnknownEvent:
        for name in fields:
            value = getattr(event, name, None)
            found.update([value] if isinstance(value, str) else value or ())
    return found


def with_names(event: Any, names: Mapping[str, str], fields: Sequence[str]) -> Any:
    """An event with other names in these fields."""
    changes: dict[str, Any] = {}
    for name in fields:
        value = getattr(event, name, None)
        if isinstance(value, str):
            changes[name] = names.get(value, value)
        elif value is not None:
            changes[name] = [names.get(each, each) for each in value]
    return event if type(event) is ng.UnknownEvent else attrs.evolve(event, **changes)


def with_names_in_json(value: Any, names: Mapping[str, str]) -> Any:
    """A state as JSON with every text that is one of the names replaced, keys too."""
    if isinstance(value, dict):
        return {names.get(key, key): with_names_in_json(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [with_names_in_json(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def text_of(records: Records) -> list[str]:
    """All that can be seen of records, as text."""
    return [f"{each!r} {CODEC.encode(each)}" for each in records]


# The laws


def purity(records: Records, asked: Asked, tell: Tell = tell) -> None:
    """The same input gives the same state, and no record is changed."""
    before = text_of(records)
    first = tell(records, **asked)
    told = exactly(first)
    same(tell(records, **asked), first)
    assert exactly(first) == told, "the state that was told first has changed"
    assert text_of(records) == before, "the records have changed"


def evolving_is_pure(
    first: Records, further: Records, asked: Asked, evolve: Evolve = ng.evolve
) -> None:
    """Two states can grow from one, and none of the three is changed by it."""
    state = ng.replay(log_of(first), **asked)
    before = exactly(ng.state_to_json(state))
    known = {each.id for each in first}
    nexts = [each for each in further if each.id not in known]
    grown = [evolve(state, each) for each in nexts]
    told = [exactly(ng.state_to_json(each)) for each in grown]
    again = [evolve(state, each) for each in nexts]
    assert exactly(ng.state_to_json(state)) == before, "the state that was evolved has changed"
    assert [exactly(ng.state_to_json(each)) for each in grown] == told, "a grown state has changed"
    assert grown == again, "the same record gave another state"


def totality(records: Records, asked: Asked, tell: Tell = tell) -> None:
    """There is a state whatever the records say, and each of its problems is a known one."""
    try:
        state = tell(records, **asked)
    except Exception as error:
        raise AssertionError(f"no state: {error!r}") from error
    for problem in state["problems"]:
        assert problem["code"] in ng.REASONS
        assert problem["event"] in {each.id for each in records}


def prefix(
    first: Records, further: Records, asked: Asked, evolve: Evolve = ng.evolve, tell: Tell = tell
) -> None:
    """Replaying all equals evolving what follows onto the state of what came before.

    `further` is neither backdated nor retracting; it may hold copies.
    """
    log = log_of([*first, *further])
    state = ng.replay(log_of(first), **asked)
    given: set[str] = {each.id for each in first}
    for each in further:
        placed = log.get(each.id) if each.id not in given else None
        given.add(each.id)
        state = evolve(state, placed or attrs.evolve(each, position=len(log) + 1))
    same(ng.state_to_json(state), tell(list(log), **asked))


def steps(records: Records, asked: Asked, steps: Steps = ng.steps, tell: Tell = tell) -> None:
    """Each step is the state as of its record, once no more records of that time follow."""
    taken = list(steps(log_of(records), **asked))
    order = [(each.time, each.position) for each, _ in taken]
    assert order == sorted(order), "the steps are not in fold order"
    for index, (each, state) in enumerate(taken):
        if index + 1 == len(taken) or taken[index + 1][0].time > each.time:
            same(ng.state_to_json(state), tell(records, **{**asked, "as_of": each.time}))
    if taken and asked.get("as_of") is None:
        same(ng.state_to_json(taken[-1][1]), tell(records, **asked))


def idempotence(records: Records, asked: Asked, tell: Tell = tell) -> None:
    """A second copy of a record, whenever it was recorded, changes nothing."""
    once = unique(records)
    same(tell(records, **asked), tell(once, **asked))
    again = [attrs.evolve(each, recorded=records[-1].recorded) for each in once]
    same(tell([*records, *again], **asked), tell(once, **asked))


def unique(records: Records) -> list[ng.Record]:
    """The records without second copies, at their positions."""
    return list(log_of(records))


def round_trip(
    records: Records,
    encode: Callable[[ng.Record], str] = CODEC.encode,
    decode: Callable[[str], ng.Record] = CODEC.decode,
) -> None:
    """What is written is read back as it was."""
    for each in records:
        line = encode(each)
        read = decode(line)
        assert attrs.evolve(read, position=each.position) == each, line
        assert hash(attrs.evolve(read, position=each.position)) == hash(each)
        assert encode(read) == line


def states_round_trip(records: Records, asked: Asked, tell: Tell = tell) -> None:
    """A state that is read back from its JSON is equal to the one that was written."""
    state = ng.replay(log_of(records), **asked)
    told = tell(records, **asked)
    read = ng.state_from_json(json.loads(json.dumps(told)))
    assert read == state
    same(ng.state_to_json(read), told)


def states_are_read_strictly(
    records: Records,
    asked: Asked,
    steps: Sequence[int],
    junk: object,
    read: Callable[[Json], ng.Negotiation] = ng.state_from_json,
) -> None:
    """JSON in which one value was changed is refused, or is what the state read would be."""
    told = tell(records, **asked)
    at: Any = told
    while True:
        keys = sorted(at) if isinstance(at, dict) else [*range(len(at))]
        key = keys[steps[0] % len(keys)]
        if not isinstance(at[key], dict | list) or not at[key] or len(steps) == 1:
            at[key] = junk
            break
        at, steps = at[key], steps[1:]
    try:
        state = read(told)
    except ng.DecodeError:
        return
    same(ng.state_to_json(state), told)


def restored_states_evolve_alike(
    first: Records, further: Records, asked: Asked, evolve: Evolve = ng.evolve
) -> None:
    """A state that is read back takes the next records as the one that was written does.

    It does not know which records were seen, so they are new ones that repeat none.
    """
    state = ng.replay(log_of(first), **asked)
    read = ng.state_from_json(json.loads(json.dumps(ng.state_to_json(state))))
    seen = {each.id for each in first}
    for each in log_of([*first, *further])[len(log_of(first)) :]:
        if each.id not in seen and each.repeats is None:
            state, read = ng.evolve(state, each), evolve(read, each)
            alike(ng.state_to_json(state), ng.state_to_json(read))


def steps_are_evolved(records: Records, asked: Asked, evolve: Evolve = ng.evolve) -> None:
    """Where the next step is next in log order too, it is what evolving gives."""
    taken = list(ng.steps(log_of(records), **asked))
    for (_, before), (each, after) in pairwise(taken):
        if each.position > before.position:
            same(ng.state_to_json(evolve(before, each)), ng.state_to_json(after))


def renaming(
    records: Records,
    asked: Asked,
    parties: Mapping[str, str],
    items: Mapping[str, str],
    tell: Tell = tell,
    *,
    same: Callable[[Any, Any], None] = alike,
) -> None:
    """Renaming parties and items, no two alike, gives the renamed state."""

    def renamed(each: ng.Record) -> ng.Record:
        event = with_names(each.event, parties, PARTY_FIELDS)
        event = with_names(event, items, ITEM_FIELDS)
        shown = each.visible_to and {parties.get(party, party) for party in each.visible_to}
        return attrs.evolve(each, event=event, visible_to=shown)

    viewer = asked.get("known_to")
    after = tell(
        [renamed(each) for each in records],
        **{**asked, "known_to": parties.get(viewer, viewer) if viewer else None},
    )
    same(with_names_in_json(tell(records, **asked), {**parties, **items}), after)


_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?Z")


def time_shift(records: Records, asked: Asked, by: timedelta, tell: Tell = tell) -> None:
    """Moving every time by the same amount moves every time of the state, and nothing else."""

    def moved(value: Any) -> Any:
        if isinstance(value, datetime):
            return value + by
        if isinstance(value, str) and _TIME.fullmatch(value):
            return time_text(parse_time(value) + by)
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        return [moved(item) for item in value] if isinstance(value, list) else value

    def event_moved(event: Any) -> Any:
        fields = {a.name: getattr(event, a.name) for a in attrs.fields(type(event))}
        times = {name: value + by for name, value in fields.items() if isinstance(value, datetime)}
        return attrs.evolve(event, **times)

    shifted = [
        attrs.evolve(
            each, time=each.time + by, recorded=each.recorded + by, event=event_moved(each.event)
        )
        for each in records
    ]
    after = tell(shifted, **{name: moved(value) for name, value in asked.items()})
    same(moved(tell(records, **asked)), after)


def commutation(records: Records, index: int, asked: Asked, tell: Tell = tell) -> None:
    """Two neighbours that have nothing in common can be swapped.

    They are those at `index` and after it: of equal time and equal recorded time, without a party
    or an item in common, and neither names the other's record.
    """
    one, other = records[index : index + 2]
    assert (one.time, one.recorded) == (other.time, other.recorded)
    for fields in (PARTY_FIELDS, ITEM_FIELDS, RECORD_FIELDS):
        assert not named(one.event, fields) & named(other.event, fields)
    assert one.id not in speaks_of(other)
    assert other.id not in speaks_of(one)
    swapped = [*records[:index], other, one, *records[index + 2 :]]
    alike(tell(records, **asked), tell(swapped, **asked))


def speaks_of(each: ng.Record) -> set[str]:
    """The ids of the records that a record names."""
    spoken = set() if each.repeats is None else {each.repeats}
    return spoken | named(each.event, RECORD_FIELDS)


def non_interference(
    records: Records, changed: Records, party: str, asked: Asked, tell: Tell = tell
) -> None:
    """Whatever is hidden from a party, and however it changes: what the party knows stays alike."""
    seen = [each.id for each in records if each.visible(party)]
    assert [each.id for each in changed if each.visible(party)] == seen
    asked = {**asked, "known_to": party}
    alike(tell(records, **asked), tell(changed, **asked))


def retraction(records: Records, retracting: str, asked: Asked, tell: Tell = tell) -> None:
    """A retracted record and its retraction, copies included, might as well not be there.

    It holds for whoever knows both or neither, where no other record names either by id.
    """
    [word] = {each.id: each for each in records if each.id == retracting}.values()
    assert isinstance(word.event, ng.EventRetracted)
    both = {retracting, word.event.event}
    without = [each for each in records if each.id not in both]
    assert not any(speaks_of(each) & both for each in without)
    alike(tell(records, **asked), tell(without, **asked))


FINAL: Final[Mapping[str, Sequence[str]]] = {
    "proposals": ("accepted", "withdrawn", "expired"),
    "deadlines": ("met", "lifted"),
    "meetings": ("held", "cancelled"),
}


def finality(records: Records, asked: Asked, steps: Steps = ng.steps) -> None:
    """In fold order, what has come to its end stays there."""
    ended: dict[tuple[str, str], str] = {}
    for each, state in steps(log_of(records), **asked):
        for kind, final in FINAL.items():
            for id, item in getattr(state, kind).items():
                before = ended.get((kind, id), item.status)
                assert item.status == before, f"{each.id}: {id} was {before}, is {item.status}"
                if item.status in final:
                    ended[kind, id] = item.status


Thing: TypeAlias = tuple[str | None, ...]
"""What goes through a lifecycle: its name, and an item, a party, or a truce and a party."""


def phases(facts: Facts, at: datetime) -> dict[Thing, Phase]:
    """The phase of everything that has one, at a moment."""
    found: dict[Thing, Phase] = {}
    for id, item in facts.items.items():
        if isinstance(item, ProposalFacts):
            found["proposal", id] = proposal_phase(item, at)
        elif isinstance(item, DeadlineFacts):
            found["deadline", id] = deadline_phase(item, at)
        elif isinstance(item, MeetingFacts):
            found["meeting", id] = item.status
        elif isinstance(item, TruceFacts):
            for party in facts.heard:
                spans = item.commitments.get(party, ())
                found["truce, for each party", id, party] = commitment_phase(spans, at)
    for party in facts.heard:
        known = facts.parties.get(party)
        found["participation", party] = WITHDRAWN if known and known.withdrawn else ACTIVE
    return found


def concerned(event: Any) -> set[Thing]:
    """What an event means to lead into a phase, if it is there."""
    if type(event) is ng.ProposalMade:
        return {("proposal", event.counters)}
    if type(event) is ng.PartyJoined:
        return {("participation", event.party)}
    named = {
        (name, *(getattr(event, field, "") for field in fields))
        for name, *fields in (
            ("proposal", "proposal"),
            ("truce, for each party", "truce", "by"),
            ("deadline", "deadline"),
            ("meeting", "meeting"),
        )
    }
    return named | {("participation", event.by)} if type(event) is ng.PartyWithdrew else named


def in_the_tables(
    records: Records, asked: Asked, lifecycles: Sequence[Lifecycle] = LIFECYCLES
) -> None:
    """Every phase that an item begins in, is led into or comes to by time alone is in its table."""
    table: dict[str | None, Lifecycle] = {each.name: each for each in lifecycles}
    moments = sorted({moment for each in records for moment in _moments(each)})
    before = ng.replay(log_of(()), **{**asked, "as_of": None})
    for each, after in ng.steps(log_of(records), **asked):
        _as_time_passes(before, [at for at in moments if at <= each.time], table)
        refused = {found.code for found in after.problems if found.event == each.id}
        was, now = phases(before.facts, each.time), phases(after.facts, each.time)
        for thing, phase in now.items():
            lifecycle = table[thing[0]]
            where = f"{each.id}: {thing} was {was.get(thing)}, is {phase}"
            if thing[0] == "participation":
                was.setdefault(thing, ACTIVE)
            elif thing[1] in before.facts.items:
                was.setdefault(thing, UNBOUND)  # to a party that is new
            if thing not in was:
                assert phase in lifecycle.begins[type(each.event)], where
                continue
            cell = lifecycle.table[was[thing]].get(type(each.event))
            guards = {*lifecycle.guards.get(type(each.event), ())}
            if cell is None or thing not in concerned(each.event) or refused & UNRELATED:
                assert phase == was[thing], where
            elif isinstance(cell, str):
                assert phase == was[thing], where
                assert refused & {cell, *guards}, where
            else:
                assert phase == was[thing] if refused & guards else phase in cell, where
        before = after
    _as_time_passes(before, moments, table)


UNRELATED: Final = {code for code in ng.REASONS if code == "used-id" or code.startswith("unknown-")}
"""The codes of events that do not find what they speak of."""


def _moments(each: ng.Record) -> set[datetime]:
    """Every moment that a record names."""
    fields = attrs.fields(type(each.event))
    named = {
        getattr(each.event, a.name) for a in fields if a.name not in ("terms", "value", "data")
    }
    return {each.time} | {value for value in named if isinstance(value, datetime)}


def _as_time_passes(
    state: ng.Negotiation, moments: Sequence[datetime], table: Mapping[str | None, Lifecycle]
) -> None:
    later = [at for at in moments if state.time and at >= state.time]
    for earlier, at in pairwise(phases(state.facts, at) for at in later):
        for thing, phase in at.items():
            passing = table[thing[0]].passing.get(earlier[thing], ())
            assert phase in (earlier[thing], *passing), f"{thing} was {earlier[thing]}, is {phase}"


def as_the_rules_say(records: Records, asked: Asked, tell: Tell = tell) -> None:
    """A second reading of the rules, written apart and slow, tells the same state."""
    lines = [CODEC.to_json(each) for each in records]
    told = {
        name: time_text(value) if isinstance(value, datetime) else value
        for name, value in asked.items()
    }
    expected = reference.read(json.loads(json.dumps(lines)), **told)
    expected["id"] = NEGOTIATION  # which no line tells where there is none
    same(_without_messages(tell(records, **asked)), _without_messages(expected))


def _without_messages(state: Json) -> Json:
    problems = [{**problem, "message": ""} for problem in state["problems"]]
    return {**state, "problems": problems}


def equality(one: ng.Negotiation, other: ng.Negotiation) -> None:
    """Two states are equal if, and only if, their JSON is the same; equal ones hash alike."""
    equal = exactly(ng.state_to_json(one)) == exactly(ng.state_to_json(other))
    assert (one == other) is equal
    assert (one != other) is not equal
    assert not equal or hash(one) == hash(other)


def checkpoints(
    records: Records,
    asked: Asked,
    interval: int = 3,
    timeline: Callable[..., ng.Timeline] = ng.Timeline,
    tell: Tell = tell,
) -> None:
    """A timeline gives at every position, and however it is asked, what replaying gives."""
    log = log_of(records)
    built = timeline(log, interval=interval)
    for position in range(len(log) + 1):
        for question in ({}, asked):
            state = built.at(position=position, **question)
            same(ng.state_to_json(state), tell(log.upto(position), **question))
    assert built.at(**asked) == ng.replay(log, **asked)


def growth(
    records: Records,
    asked: Asked,
    sizes: Sequence[int],
    interval: int = 3,
    extend: Callable[[ng.Timeline, Records], ng.Timeline] = ng.Timeline.extend,
) -> None:
    """A timeline that grew by some records at a time, or branched, is that of its whole log."""
    log = log_of(records)
    grown = ng.Timeline(ng.Log(log.negotiation), interval=interval)
    grown.at(**asked)  # so that the index for this viewer grows too
    earlier: list[ng.Timeline] = []
    rest = [*log]
    while rest:
        size = sizes[len(earlier) % len(sizes)]
        earlier.append(grown)
        grown, rest = extend(grown, rest[:size]), rest[size:]
    assert grown.log == log
    for each in (*earlier, grown, *(extend(each, [*log[len(each.log) :]]) for each in earlier)):
        for question in ({}, asked):
            same(
                ng.state_to_json(each.at(**question)),
                ng.state_to_json(ng.replay(each.log, **question)),
            )


def steps_both_ways(records: Records, asked: Asked, interval: int = 3) -> None:
    """A timeline steps through what `steps` does, forwards and backwards."""
    log = log_of(records)
    timeline = ng.Timeline(log, interval=interval)
    there = [*ng.steps(log, **asked)]
    assert [*timeline.steps(**asked)] == there
    assert [*timeline.steps(**asked, backwards=True)] == there[::-1]
