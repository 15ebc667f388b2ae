"""The laws that hold for every log, each as a check that says what it needs and can fail.

A check takes records, what is asked of them, and the `Library` that is to keep the law. It passes,
or raises AssertionError. `negotiation.testing.ModelLaws` runs them all for a model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import attrs
from attrs import Factory, frozen

from negotiation.errors import NegotiationError
from negotiation.events import EVENTS, EventRetracted, UnknownEvent, named, party_fields
from negotiation.fold import evolve, replay, steps
from negotiation.log import Log
from negotiation.model import Model
from negotiation.problems import REASONS
from negotiation.records import Record
from negotiation.testing.histories import Asked
from negotiation.testing.kinds import item_fields
from negotiation.testing.telling import (
    Told,
    alike,
    renamed_by,
    rewritten,
    same,
    shifting,
    told,
)
from negotiation.testing.universe import NEGOTIATION
from negotiation.timelines import Timeline
from negotiation.values import moment, optional_moment
from negotiation.wire.lines import Codec
from negotiation.wire.states import state_from_json, state_to_json

Records: TypeAlias = Sequence[Record]


@frozen(kw_only=True)
class Library:
    """What is to keep the laws: a model, and the functions that are asked, each with `model=`.

    Attributes:
        model: the model.
        replay: log → state.
        evolve: (state, record) → state.
        steps: log → pairs of a record and the state right after it.
        timeline: (log, interval=) → what is asked with `at`.
        encode: record → line.
        decode: line → record.
        state_to_json: state → JSON; without `model=`.
        state_from_json: JSON → state.
    """

    model: Model = Model.default
    replay: Callable[..., Any] = replay
    evolve: Callable[..., Any] = evolve
    steps: Callable[..., Any] = steps
    timeline: Callable[..., Any] = Timeline
    encode: Callable[[Record], str] = Factory(lambda self: Codec(self.model).encode, True)
    decode: Callable[[str], Record] = Factory(lambda self: Codec(self.model).decode, True)
    state_to_json: Callable[[Any], dict[str, Any]] = state_to_json
    state_from_json: Callable[..., Any] = state_from_json

    def state(self, records: Records, asked: Asked) -> Any:
        """The state of records."""
        log = records if isinstance(records, Log) else log_of(records)
        return self.replay(log, **asked, model=self.model)

    def tell(self, records: Records, asked: Asked) -> Told:
        """What the state of records says."""
        return told(self.state(records, asked))


LIBRARY: Final = Library()
"""The library itself, with its own model."""


def log_of(records: Iterable[Record]) -> Log:
    """The log of these records, which may be none."""
    return Log(NEGOTIATION, records)


def unique(records: Records) -> list[Record]:
    """The records without second copies, at their positions."""
    return list(log_of(records))


def retracted_by(each: Record) -> set[str]:
    """The id of the record that a record means to retract, if it is a retraction."""
    return {each.event.event} if type(each.event) is EventRetracted else set()


def speaks_of(each: Record) -> set[str]:
    """The ids of the records that a record names."""
    spoken = set() if each.repeats is None else {each.repeats}
    return spoken | retracted_by(each)


def items_named(event: Any) -> set[str]:
    """The ids of the items that an event names."""
    return {getattr(event, name) for name in item_fields(type(event))} - {None}


def in_common(one: Record, other: Record) -> bool:
    """Whether two records name a party or an item together, retract one, or one names the other."""
    return bool(
        named(one.event) & named(other.event)
        or items_named(one.event) & items_named(other.event)
        or retracted_by(one) & retracted_by(other)
        or one.id in speaks_of(other)
        or other.id in speaks_of(one)
    )


# The laws


def purity(records: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """The same input gives the same state, and no record is changed."""
    before = told(list(records))
    log = log_of(records)
    state = library.state(log, asked)
    first = told(state)
    same(library.tell(log, asked), first)
    assert told(state) == first, "the state that was told first has changed"
    assert told(list(records)) == before, "the records have changed"


def evolving_is_pure(
    first: Records, further: Records, asked: Asked, library: Library = LIBRARY
) -> None:
    """Two states can grow from one, and none of the three is changed by it."""
    state = library.state(first, asked)
    before = told(state)
    known = {each.id for each in first}
    nexts = [each for each in further if each.id not in known]
    grown = [library.evolve(state, each, model=library.model) for each in nexts]
    first_told = [told(each) for each in grown]
    again = [told(library.evolve(state, each, model=library.model)) for each in nexts]
    assert told(state) == before, "the state that was evolved has changed"
    assert [told(each) for each in grown] == first_told, "a grown state has changed"
    assert again == first_told, "the same record gave another state"


def totality(records: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """There is a state whatever the records say, and each of its problems is a known one."""
    try:
        state = library.tell(records, asked)
    except Exception as error:
        raise AssertionError(f"no state: {error!r}") from error
    ids = {each.id for each in records}
    for problem in state["problems"]:
        assert problem["code"] in REASONS, f"{problem['code']} is no code of a problem"
        assert problem["event"] in ids, f"{problem['event']} is no record"


def prefix(first: Records, further: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """Replaying all equals evolving what follows onto the state of what came before.

    `further` is neither backdated nor retracting; it may hold copies.
    """
    log = log_of([*first, *further])
    state = library.state(first, asked)
    given: set[str] = {each.id for each in first}
    for each in further:
        placed = log.get(each.id) if each.id not in given else None
        given.add(each.id)
        placed = placed or attrs.evolve(each, position=len(log) + 1)
        state = library.evolve(state, placed, model=library.model)
    evolved = told(state)
    same(evolved, library.tell(log, asked))


def checkpoints(
    records: Records, asked: Asked, interval: int = 3, library: Library = LIBRARY
) -> None:
    """A timeline gives at every position, and however it is asked, what replaying gives."""
    log = log_of(records)
    built = library.timeline(log, interval=interval, model=library.model)
    for position in range(len(log) + 1):
        state = told(built.at(position=position, **asked))
        same(state, library.tell(log.upto(position), asked))
    for question in (asked, {}):
        state = told(built.at(**question))
        same(state, library.tell(log, question))


def idempotence(records: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """A second copy of a record, whenever it was recorded and made, changes nothing."""
    once = log_of(records)
    try:
        twice = log_of([*records, *(_made_anew(each, once[-1].recorded) for each in once)])
    except NegotiationError as error:
        raise AssertionError(f"a copy is not taken for one: {error}") from error
    state = library.tell(once, asked)
    same(library.tell(twice, asked), state)


def _made_anew(each: Record, recorded: datetime) -> Record:
    """A copy of a record, in which the event is made anew of its fields."""
    event: Any = each.event
    return attrs.evolve(each, recorded=recorded, event=attrs.evolve(event))


def round_trip(records: Records, library: Library = LIBRARY) -> None:
    """What is written is read back as it was."""
    for each in records:
        line = library.encode(each)
        read = library.decode(line)
        placed = attrs.evolve(read, position=each.position)
        same(told(placed), told(each))
        assert placed == each, line
        assert hash(placed) == hash(each), line
        assert library.encode(read) == line, line


def states_round_trip(records: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """A state that is read back from its JSON is equal to the one that was written."""
    state = library.state(records, asked)
    written = library.state_to_json(state)
    read = library.state_from_json(json.loads(json.dumps(written)), model=library.model)
    same(told(read), told(state))
    assert read == state, "the state that was read back is not equal to the one written"
    same(told(library.state_to_json(read)), told(written))


def renaming(
    records: Records,
    asked: Asked,
    parties: Mapping[str, str],
    items: Mapping[str, str],
    library: Library = LIBRARY,
    *,
    same: Callable[[Any, Any], None] = alike,
) -> None:
    """Renaming parties and items, no two alike, gives the renamed state."""

    def renamed(each: Record) -> Record:
        shown = each.visible_to and {parties.get(party, party) for party in each.visible_to}
        return attrs.evolve(each, event=with_names(each.event, parties, items), visible_to=shown)

    viewer = asked.get("known_to")
    state = told(library.state(records, asked), renamed_by({**parties, **items}))
    after = library.tell(
        [renamed(each) for each in records],
        {**asked, "known_to": parties.get(viewer, viewer) if viewer else None},
    )
    same(state, after)


def with_names(event: Any, parties: Mapping[str, str], items: Mapping[str, str]) -> Any:
    """An event in which parties and items have other names."""
    cls = type(event)
    if cls is UnknownEvent:
        return event
    one, many = party_fields(cls)
    changes = {name: rewritten(getattr(event, name), renamed_by(parties)) for name in (*one, *many)}
    changes |= {
        name: rewritten(getattr(event, name), renamed_by(items)) for name in item_fields(cls)
    }
    return attrs.evolve(event, **changes)


def time_shift(records: Records, asked: Asked, by: timedelta, library: Library = LIBRARY) -> None:
    """Moving every time by the same amount moves every time of the state, and nothing else."""
    text, time = shifting(by)
    shifted = [
        attrs.evolve(
            each, time=each.time + by, recorded=each.recorded + by, event=at_times(each.event, time)
        )
        for each in records
    ]
    moved = {name: rewritten(value, None, time) for name, value in asked.items()}
    state = told(library.state(records, asked), text, time)
    same(state, library.tell(shifted, moved))


def at_times(event: Any, time: Callable[[datetime], datetime]) -> Any:
    """An event in which every moment is another one."""
    cls = type(event)
    if cls in EVENTS or cls is UnknownEvent:
        changes = {
            a.name: time(value)
            for a in attrs.fields(cls)
            if a.converter in (moment, optional_moment)
            and (value := getattr(event, a.name)) is not None
        }
        return attrs.evolve(event, **changes) if changes else event
    return rewritten(event, None, time)


def commutation(records: Records, index: int, asked: Asked, library: Library = LIBRARY) -> None:
    """Two neighbours that have nothing in common can be swapped.

    They are those at `index` and after it: of equal time and equal recorded time, without a party
    or an item in common, and neither names the other's record.
    """
    one, other = records[index : index + 2]
    assert (one.time, one.recorded) == (other.time, other.recorded), "they are not at once"
    assert not in_common(one, other), "they have something in common"
    swapped = [*records[:index], other, one, *records[index + 2 :]]
    state = library.tell(records, asked)
    alike(state, library.tell(swapped, asked))


def non_interference(
    records: Records, changed: Records, party: str, asked: Asked, library: Library = LIBRARY
) -> None:
    """Whatever is hidden from a party, and however it changes: what the party knows stays alike."""
    seen = [each.id for each in records if each.visible(party)]
    assert [each.id for each in changed if each.visible(party)] == seen, "it sees the change"
    asked = {**asked, "known_to": party}
    state = library.tell(records, asked)
    alike(state, library.tell(changed, asked))


def knows_both_or_neither(records: Records, ids: Iterable[str], asked: Asked) -> bool:
    """Whether whoever asks knows all of these records, or none."""
    by, viewer = asked.get("known_at"), asked.get("known_to")
    knows = {
        each.visible(viewer) and (by is None or each.recorded <= by)
        for each in unique(records)
        if each.id in {*ids}
    }
    return len(knows) == 1


def retraction(records: Records, retracting: str, asked: Asked, library: Library = LIBRARY) -> None:
    """A retracted record and its retraction, copies included, might as well not be there.

    It holds for whoever knows both or neither, where no other record names either by id.
    """
    [word] = {each.id: each for each in records if each.id == retracting}.values()
    assert isinstance(word.event, EventRetracted), "it is no retraction"
    both = {retracting, word.event.event}
    without = [each for each in records if each.id not in both]
    assert not any(speaks_of(each) & both for each in without), "another record names them"
    state = library.tell(records, asked)
    alike(state, library.tell(without, asked))


FINAL: Final[Mapping[str, Sequence[str]]] = {
    "proposals": ("accepted", "withdrawn", "expired"),
    "deadlines": ("met", "lifted"),
    "meetings": ("held", "cancelled"),
}
"""The statuses that are final."""


def finality(records: Records, asked: Asked, library: Library = LIBRARY) -> None:
    """In fold order, what has come to its end stays there."""
    ended: dict[tuple[str, str], str] = {}
    for each, state in library.steps(log_of(records), **asked, model=library.model):
        for kind, final in FINAL.items():
            for id, item in getattr(state, kind).items():
                before = ended.get((kind, id), item.status)
                assert item.status == before, f"{each.id}: {id} was {before}, is {item.status}"
                if item.status in final:
                    ended[kind, id] = item.status
