"""The laws that are the library's own business, beside those of `negotiation.testing.laws`.

They know the library's internals, or a second reading of its rules. A check takes records, what is
asked of them, and what is to keep the law: it passes, or raises AssertionError.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, TypeAlias

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
from negotiation.testing.histories import Asked
from negotiation.testing.laws import LIBRARY, Library, Records, log_of
from negotiation.testing.telling import alike, same, told
from negotiation.testing.universe import NEGOTIATION
from negotiation.wire.times import time_text
from tests import reference

Json: TypeAlias = dict[str, Any]

CODEC: Final = ng.Codec()
SETS: Final = (
    "rejected_by", "proposals_made", "replies_owed", "replies_awaited",
    "violations_alleged_against", "violations_alleged_by", "deadlines_facing", "deadlines_set",
)  # fmt: skip
"""What in the JSON of a state are sets."""


def exactly(value: Any) -> str:
    """JSON as a text that is equal for equal values only; 1, 1.0 and true are three."""
    return json.dumps(value, sort_keys=True)


def json_of(records: Records, asked: Asked, library: Library = LIBRARY) -> Json:
    """The state of these records as JSON."""
    return library.state_to_json(library.state(records, asked))


def steps(records: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """Each step is the state as of its record, once no more records of that time follow."""
    taken = list(library.steps(log_of(records), **asked, model=library.model))
    order = [(each.time, each.position) for each, _ in taken]
    assert order == sorted(order), "the steps are not in fold order"
    for index, (each, state) in enumerate(taken):
        if index + 1 == len(taken) or taken[index + 1][0].time > each.time:
            same(told(state), library.tell(records, {**asked, "as_of": each.time}))
    if taken and asked.get("as_of") is None:
        same(told(taken[-1][1]), library.tell(records, asked))


def states_are_read_strictly(
    records: Records,
    asked: Asked,
    steps: Sequence[int],
    junk: object,
    library: Library = LIBRARY,
) -> None:
    """JSON in which one value was changed is refused, or is what the state read would be."""
    written = json_of(records, asked, library)
    at: Any = written
    while True:
        keys = sorted(at) if isinstance(at, dict) else [*range(len(at))]
        key = keys[steps[0] % len(keys)]
        if not isinstance(at[key], dict | list) or not at[key] or len(steps) == 1:
            at[key] = junk
            break
        at, steps = at[key], steps[1:]
    try:
        state = library.state_from_json(written, model=library.model)
    except ng.DecodeError:
        return
    same(told(library.state_to_json(state)), told(written))


def restored_states_evolve_alike(
    first: Records, further: Records, asked: Asked, library: Library = LIBRARY
) -> None:
    """A state that is read back takes the next records as the one that was written does.

    It does not know which records were seen, so they are new ones that repeat none.
    """
    state = library.state(first, asked)
    read = ng.state_from_json(ng.state_to_json(state), model=library.model)
    seen = {each.id for each in first}
    for each in log_of([*first, *further])[len(log_of(first)) :]:
        if each.id not in seen and each.repeats is None:
            state = ng.evolve(state, each, model=library.model)
            read = library.evolve(read, each, model=library.model)
            alike(told(state), told(read))


def steps_are_evolved(records: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """Where the next step is next in log order too, it is what evolving gives."""
    taken = list(ng.steps(log_of(records), **asked, model=library.model))
    for (_, before), (each, after) in pairwise(taken):
        if each.position > before.position:
            evolved = library.evolve(before, each, model=library.model)
            same(told(evolved), told(after))


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


def as_the_rules_say(records: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """A second reading of the rules, written apart and slow, tells the same state."""
    lines = [CODEC.to_json(each) for each in records]
    question = {
        name: time_text(value) if isinstance(value, datetime) else value
        for name, value in asked.items()
    }
    expected = reference.read(json.loads(json.dumps(lines)), **question)
    expected["id"] = NEGOTIATION  # which no line tells where there is none
    state = json_of(records, asked, library)
    same(told(_without_messages(state)), told(_without_messages(expected)))


def _without_messages(state: Json) -> Json:
    problems = [{**problem, "message": ""} for problem in state["problems"]]
    return {**state, "problems": problems}


def equality(one: ng.Negotiation, other: ng.Negotiation) -> None:
    """Two states are equal if, and only if, their JSON is the same; equal ones hash alike."""
    equal = exactly(ng.state_to_json(one)) == exactly(ng.state_to_json(other))
    assert (one == other) is equal
    assert (one != other) is not equal
    assert not equal or hash(one) == hash(other)


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
            same(told(each.at(**question)), told(ng.replay(each.log, **question)))


def steps_both_ways(records: Records, asked: Asked, interval: int = 3) -> None:
    """A timeline steps through what `steps` does, forwards and backwards."""
    log = log_of(records)
    timeline = ng.Timeline(log, interval=interval)
    there = [*ng.steps(log, **asked)]
    assert [*timeline.steps(**asked)] == there
    assert [*timeline.steps(**asked, backwards=True)] == there[::-1]
