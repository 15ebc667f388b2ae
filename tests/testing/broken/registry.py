"""Stores that each break one promise, and the test of the contract that has to catch them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import negotiation as ng
from negotiation.stores import ANY, Expected, MemoryStore
from negotiation.stores.deciding import asked

Records = Iterable[ng.Record]
Expectation = int | Expected
S = TypeVar("S", bound=type[MemoryStore])

BROKEN: Final[list[tuple[str, type[MemoryStore]]]] = []


def caught_by(test: str) -> Callable[[S], S]:
    """Say which test of the contract has to find a store out."""

    def entered(store: S) -> S:
        BROKEN.append((test, store))
        return store

    return entered


class Appending(MemoryStore):
    """Appends in a way of its own."""

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        given, _ = asked(negotiation, records, expected)
        return self.put(negotiation, given, expected)

    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return MemoryStore.append(self, negotiation, records, expected=expected)

    def knows(self, each: ng.Record) -> ng.Record | None:
        return self.read(each.negotiation).get(each.id)
