"""Which records concern what: an index over a log that only grows, for whoever asks why.

The fold keeps what became of an item, not what was refused, taken back or told twice. The index
keeps all of it: each record under the items and the parties that it concerns, and each record that
speaks of another one under that other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from threading import Lock
from typing import Any, Final, TypeAlias

from negotiation.collector import collector_paused
from negotiation.events import EventRetracted, party_fields
from negotiation.facts import Chain, PartyFacts, unchain
from negotiation.records import Record
from negotiation.reducers import REACTIONS

Reads: TypeAlias = Callable[[Any], Any]

KEYS: Final[Mapping[type[Any], Reads]] = {
    cls: attrgetter(row.key) for cls, row in REACTIONS.items() if row.kind is not PartyFacts
}
"""Event class → what reads the id of its item."""

LINKS: Final[Mapping[type[Any], Reads]] = {
    cls: attrgetter(link.key)
    for cls, row in REACTIONS.items()
    for link in row.links
    if link.changes
}
"""Event class → what reads the id of the other item that it changes. A truce that must only be
there is none: 100,000 claims that name one are no part of what became of it."""

_ENTRIES: Final = {cls: (key, LINKS.get(cls)) for cls, key in KEYS.items()}


_NAMING: Final[dict[type[Any], tuple[tuple[Reads, ...], tuple[Reads, ...]]]] = {}
"""Event class → what reads its fields that hold one party, and those that hold several."""


def _naming(event_class: type[Any]) -> tuple[tuple[Reads, ...], tuple[Reads, ...]]:
    if event_class not in _NAMING:
        one, many = party_fields(event_class)
        _NAMING[event_class] = tuple(map(attrgetter, one)), tuple(map(attrgetter, many))
    return _NAMING[event_class]


class Concerns:
    """The records of a log under what they concern. It grows by `add`, in log order.

    Whoever reads it leaves out what does not count: it knows no point of view.

    Args:
        records: the first records.
    """

    __slots__ = (
        "_by_item", "_by_party", "_foreign", "_length", "_lock", "_repeats", "_retractions",
        "_waiting",
    )  # fmt: skip

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._by_item: dict[str, Chain[Record]] = {}
        self._by_party: dict[str, Chain[Record]] = {}
        self._foreign: dict[type[Any], Chain[Record]] = {}
        self._repeats: dict[str, Chain[Record]] = {}
        self._retractions: dict[str, Chain[Record]] = {}
        self._waiting: list[Record] = []
        self._length = 0
        self._lock = Lock()
        add = self.add
        with collector_paused():
            for record in records:
                add(record)

    def add(self, record: Record) -> None:
        """Take the next record of the log. It is entered with its parties when one is asked for."""
        event = record.event
        cls = type(event)
        entry = _ENTRIES.get(cls)
        if entry is not None:
            key, link = entry
            id, by_item = key(event), self._by_item
            by_item[id] = (by_item.get(id), record)
            if link is not None and (other := link(event)) is not None and other != id:
                by_item[other] = (by_item.get(other), record)
        elif (target := record.retracts) is not None:
            self._retractions[target] = (self._retractions.get(target), record)
        elif cls not in REACTIONS:
            self._foreign[cls] = (self._foreign.get(cls), record)
        if record.repeats is not None:
            self._repeats[record.repeats] = (self._repeats.get(record.repeats), record)
        self._waiting.append(record)
        self._length += 1

    def grow(self, length: int, records: Iterable[Record]) -> bool:
        """Take further records, if there are so many by now; tells whether it did."""
        with self._lock:
            if self._length != length:
                return False
            for record in records:
                self.add(record)
            return True

    @property
    def items(self) -> Iterable[str]:
        """The ids under which there may be an item."""
        return self._by_item

    def item(self, id: str) -> tuple[Record, ...]:
        """The records that concern an item, refused ones too: its own, and those that change it."""
        return unchain(self._by_item.get(id))

    def party(self, party: str) -> tuple[Record, ...]:
        """The records whose events name a party, but for retractions."""
        by_party = self._by_party
        with self._lock, collector_paused():
            for record in self._waiting:
                event: Any = record.event
                if type(event) is EventRetracted:
                    continue
                one, many = _naming(type(event))
                named = [read(event) for read in one]
                for read in many:
                    named += read(event) or ()
                for each in named:
                    before = by_party.get(each)
                    if each is not None and (before is None or before[1] is not record):
                        by_party[each] = (before, record)
            self._waiting.clear()
        return unchain(by_party.get(party))

    def foreign(self, event_class: type[Any]) -> tuple[Record, ...]:
        """The records of a class of events that is none of the library's own."""
        return unchain(self._foreign.get(event_class))

    def repeats(self, id: str) -> tuple[Record, ...]:
        """The records that say they repeat a record."""
        return unchain(self._repeats.get(id))

    def retractions(self, id: str) -> tuple[Record, ...]:
        """The records that retract a record."""
        return unchain(self._retractions.get(id))
