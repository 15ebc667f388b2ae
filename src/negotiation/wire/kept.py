"""A state as text that a store keeps beside a log: written and read for speed.

`negotiation.wire.states` is for whoever reads a state. This is for the library alone, which knows
that it wrote the text itself and that nothing in it has changed. So facts stand in it as they are
folded, none is looked at before somebody asks for it, and only JSON values are checked again.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from reprlib import repr as shortened
from typing import Any, Final, TypeAlias, TypeVar

import attrs
import msgspec
from msgspec import Raw
from rpds import HashTrieMap

from negotiation.collector import collector_paused
from negotiation.errors import EncodeError
from negotiation.events import EVENTS, StatementMade, UnknownEvent
from negotiation.facts import (
    Chain,
    DeadlineFacts,
    Facts,
    MeetingFacts,
    PartyFacts,
    ProposalFacts,
    Span,
    TruceFacts,
    ViolationFacts,
    chained,
    unchain,
)
from negotiation.fold import Seen
from negotiation.history import History
from negotiation.model import Model
from negotiation.problems import Code
from negotiation.records import ATTRIBUTES, Record, checked_record
from negotiation.state import Negotiation
from negotiation.values import EARLIEST, json_object, thaw
from negotiation.wire.data import DataCodec
from negotiation.wire.states import _slice, to_json
from negotiation.wire.times import parse_time

K = TypeVar("K")
V = TypeVar("V")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class _Text(msgspec.Struct):
    """What stands in the text. What is `Raw` is left as text until it is asked for."""

    negotiation: str
    ids: list[str]
    position: int
    time: datetime | None
    items: dict[str, Raw]
    parties: dict[str, Raw]
    positions: list[tuple[str, str, Raw]]
    heard: list[tuple[str, list[Any] | None]]
    slices: dict[str, Any]
    problems: list[tuple[Code, list[Any]]]
    notes: list[tuple[Code, list[Any]]]


_decode_whole = msgspec.json.Decoder(_Text).decode


def state_to_text(state: Negotiation, log: History, model: Model) -> str:
    """The state that a whole log gives, as text.

    Args:
        state: the state.
        log: the log, which has records.
        model: the model of the state.

    Raises:
        EncodeError: a slice of an extension would not come back as it is.
    """
    facts, codec = state.facts, _Codec(model, "", ())
    whole = {
        "negotiation": state.id,
        "ids": [record.id for record in log],
        "position": state.position,
        "time": state.time,
        "items": {id: codec.put(item) for id, item in facts.items.items()},
        "parties": {id: codec.put(party) for id, party in facts.parties.items()},
        "positions": [(*key, codec.put_records(stated)) for key, stated in facts.positions.items()],
        "heard": [
            (party, None if record is None else (record.position, record.time))
            for party, record in facts.heard.items()
        ],
        "slices": {
            each.name: _slice_to_json(each.name, facts.slices[each.name], each.initial)
            for each in model.extensions
            if facts.slices[each.name] is not each.initial
        },
        "problems": [(code, codec.put_record(record)) for code, record in unchain(facts.problems)],
        "notes": [(code, codec.put_record(record)) for code, record in facts.notes],
    }
    return _encode(whole).decode()


def state_from_text(text: str, model: Model) -> Negotiation:
    """The state that was written as this text; it can be read, compared and evolved.

    Of the records that were seen it has the ids: any record of such an id leaves it as it is.

    Args:
        text: what `state_to_text` gave, unchanged, under the same version of the library.
        model: the same model.
    """
    whole = _decode_whole(text.encode())
    codec = _Codec(model, whole.negotiation, whole.ids)
    initial = {each.name: each.initial for each in model.extensions}
    positions = {(party, issue): stated for party, issue, stated in whole.positions}
    facts = Facts(
        items=Kept(whole.items, codec.get),
        parties=Kept(whole.parties, codec.get),
        positions=Kept(positions, lambda stated: codec.get_records(_decode(stated))),
        heard={
            party: None if at is None else codec.stand_in(at[0], parse_time(at[1]))
            for party, at in whole.heard
        },
        slices=initial | {name: _slice(each, initial[name]) for name, each in whole.slices.items()},
        problems=chained((code, codec.get_record(each)) for code, each in whole.problems),
        notes=tuple((code, codec.get_record(each)) for code, each in whole.notes),
    )
    seen: Any = Kept(
        dict(zip(whole.ids, range(1, len(whole.ids) + 1), strict=True)), codec.stand_in
    )
    return Negotiation(
        whole.negotiation,
        whole.position,
        whole.time,
        whole.time,
        None,
        None,
        facts,
        Seen(seen, None, HashTrieMap(), seen.keys()),
    )


class Kept(Mapping[K, V]):
    """A map of values that are made of what is kept of them when they are first asked for.

    Args:
        kept: what is kept, by key.
        make: makes a value of it, which is never None.
        made: the values that are made already.
    """

    __slots__ = ("_kept", "_made", "_make")

    def __init__(
        self, kept: Mapping[K, Any], make: Callable[[Any], V], made: Mapping[K, V] | None = None
    ) -> None:
        self._kept = kept
        self._make = make
        self._made: dict[K, V] = dict(made or {})

    def get(self, key: K, default: Any = None) -> Any:
        """The value of a key."""
        value = self._made.get(key)
        if value is None:
            if (kept := self._kept.get(key)) is None:
                return default
            value = self._made.setdefault(key, self._make(kept))
        return value

    def __getitem__(self, key: K) -> V:
        if key not in self._kept:
            raise KeyError(key)
        value: V = self.get(key)
        return value

    def __iter__(self) -> Iterator[K]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def items(self) -> ItemsView[K, V]:
        """Every key with its value, all of them made in one go."""
        with collector_paused():
            for key in self._kept:
                self.get(key)
        return self._made.items()

    def __reduce__(self) -> tuple[type[dict[K, V]], tuple[dict[K, V]]]:
        return dict, (dict(self.items()),)

    def updated(self, values: Mapping[K, V]) -> Kept[K, V]:
        """The same map with some other values."""
        if not values:
            return self
        kept = {**self._kept, **dict.fromkeys(values, True)}
        return Kept(kept, self._make, {**self._made, **values})


_OWN: Final = frozenset(EVENTS)
_NOTHING: Final = StatementMade(by="-", text="")
_BEFORE: Final = (None,) * [*ATTRIBUTES].index("repeats")
_BEHIND: Final = (None,) * (len(ATTRIBUTES) - len(_BEFORE) - 1)


class _Codec:
    """Writes and reads the facts of one log. `_ROWS` says what there is of each kind."""

    def __init__(self, model: Model, negotiation: str, ids: Sequence[str]) -> None:
        self._negotiation = negotiation
        self._ids = ids
        self._names = model.wire_types
        self._classes = {name: cls for cls, name in self._names.items()}
        self._data = DataCodec()

    def put(self, facts: Any) -> list[Any]:
        """An item or a party."""
        name, read = _NAMES[type(facts)]
        parts = zip(_ROWS[name][1], read(facts), strict=True)
        return [name, *(put(self, part) for (put, _), part in parts)]

    def get(self, kept: Raw) -> Any:
        """An item or a party, read."""
        name, *parts = _decode(kept)
        kind, forms = _ROWS[name]
        return kind(*[get(self, part) for (_, get), part in zip(forms, parts, strict=True)])

    def put_record(self, record: Record) -> list[Any]:
        """A record: its position, its time, its event, and what it repeats if it does."""
        event: Any = record.event
        if type(event) is UnknownEvent:
            told = [event.type, {}]
        else:
            told = [self._names[type(event)], self._data.unstructure(event)]
        repeats = [] if record.repeats is None else [record.repeats]
        return [record.position, record.time, *told, *repeats]

    def get_record(self, kept: Sequence[Any]) -> Record:
        """A record, read."""
        position, time, name, data, *repeats = kept
        cls = self._classes.get(name, UnknownEvent)
        if cls in _OWN:
            event = self._data.structure_fast(data, cls)
        elif cls is UnknownEvent:
            event = UnknownEvent(type=name, data=data)
        else:
            event = self._data.structure(data, cls)
        return self.stand_in(position, parse_time(time), event, *repeats)

    def put_records(self, chain: Chain[Record]) -> list[Any]:
        """Records, oldest first."""
        return [*map(self.put_record, unchain(chain))]

    def get_records(self, kept: Iterable[Any]) -> Chain[Record]:
        """Records, read."""
        return chained(map(self.get_record, kept))

    def stand_in(
        self,
        position: int,
        time: datetime = EARLIEST,
        event: Any = _NOTHING,
        repeats: str | None = None,
    ) -> Record:
        """A record of which no more is told than a state shows."""
        id, negotiation = self._ids[position - 1], self._negotiation
        return checked_record(
            id, negotiation, position, time, event, time, *_BEFORE, repeats, *_BEHIND, ()
        )


def _time(kept: str | None) -> datetime | None:
    return None if kept is None else parse_time(kept)


def _spans(kept: Iterable[tuple[str, str | None, str | None]]) -> tuple[Span, ...]:
    return tuple(Span(parse_time(since), *map(_time, ends)) for since, *ends in kept)


_Form: TypeAlias = "tuple[Callable[[_Codec, Any], Any], Callable[[_Codec, Any], Any]]"
"""How one fact is written, and how it is read."""

_SAME: Final[_Form] = (lambda _, value: value, lambda _, kept: kept)
_TIME: Final[_Form] = (lambda _, time: time, lambda _, kept: _time(kept))
_TERMS: Final[_Form] = (lambda _, terms: thaw(terms), lambda _, kept: json_object(kept))
_LIST: Final[_Form] = (lambda _, members: members, lambda _, kept: tuple(kept))
_SET: Final[_Form] = (lambda _, members: sorted(members), lambda _, kept: frozenset(kept))
_CHAIN: Final[_Form] = (lambda _, chain: unchain(chain), lambda _, kept: chained(kept))
_SPANS: Final[_Form] = (
    lambda _, bound: {party: [*map(attrs.astuple, spans)] for party, spans in bound.items()},
    lambda _, kept: {party: _spans(spans) for party, spans in kept.items()},
)
_RECORD: Final[_Form] = (_Codec.put_record, _Codec.get_record)
_RECORDS: Final[_Form] = (_Codec.put_records, _Codec.get_records)
_MADE_BY: Final[_Form] = (  # of the records that made an item what it is, a state shows the ids
    lambda _, chain: [record.position for record in unchain(chain)],
    lambda codec, kept: chained(map(codec.stand_in, kept)),
)

_ROWS: Final[Mapping[str, tuple[type[Any], tuple[_Form, ...]]]] = {
    "proposal": (ProposalFacts, (_RECORD, _TERMS, _SAME, _CHAIN, _SAME, _MADE_BY)),
    "truce": (TruceFacts, (_RECORD, _SPANS, _SET, _RECORDS, _MADE_BY)),
    "violation": (ViolationFacts, (_RECORD, _SAME, _SAME, _MADE_BY)),
    "deadline": (DeadlineFacts, (_RECORD, _TIME, _TIME, _SAME, _MADE_BY)),
    "meeting": (MeetingFacts, (_RECORD, _LIST, _SAME, _SAME, _SAME, _SAME, _MADE_BY)),
    "party": (PartyFacts, (_SAME, _SAME, _SAME, _RECORDS)),
}
"""Each kind of facts, and the forms of its fields in their order."""

_NAMES: Final = {
    kind: (name, attrgetter(*(a.name for a in attrs.fields(kind))))
    for name, (kind, _) in _ROWS.items()
}


def _slice_to_json(name: str, value: Any, initial: Any) -> Any:
    """A slice as a JSON value of which it can be made again, types and all.

    Raises:
        EncodeError: there is none.
    """
    try:
        written = to_json(value)
        again = _slice(_decode(_encode(written)), initial)
        if _typed(again) == _typed(value):
            return written
        reason = f"it would be {shortened(again)}"
    except Exception as error:  # noqa: BLE001  # whatever the classes of a slice raise
        reason = str(error)
    raise EncodeError(
        f"slice {name!r} would not come back from JSON as it is: {reason}. It may hold JSON values "
        "and, where the initial value of its extension has them, sets, tuples and attrs classes"
    )


def _typed(value: Any) -> object:
    """What tells a value from equal ones of other types."""
    kind = type(value)
    if attrs.has(kind):
        return kind, [_typed(getattr(value, a.name)) for a in attrs.fields(kind)]
    if isinstance(value, Mapping):
        return kind, [(_typed(key), _typed(each)) for key, each in value.items()]
    if isinstance(value, list | tuple):
        return kind, [*map(_typed, value)]
    if isinstance(value, set | frozenset):
        return kind, {(type(each), each) for each in value}
    return kind, value
