"""A store of lines that are filed in a database, beside notes of where each negotiation stands."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from itertools import pairwise

import attrs

from negotiation.errors import DecodeError, StoreDamaged
from negotiation.stores.deciding import Standing
from negotiation.stores.lines import PAGE, LineStore
from negotiation.wire.lines import source_of
from negotiation.wire.text import parse
from negotiation.wire.times import time_text
from negotiation.wire.verifying import Fault, Verification, Verifier


class FiledStore(LineStore):
    """A `LineStore` that verifies, beside the lines, what is noted of them and how they are filed.

    Each of the further methods is called with the lock held, too.
    """

    @abstractmethod
    def _misfiled(self, negotiation: str, standing: Standing) -> Fault | None:
        """What is wrong with how the lines of a negotiation are filed as a whole."""

    @abstractmethod
    def _beginnings(self, source: str) -> Iterable[tuple[int, bytes]]:
        """The first line of each negotiation, with its number, if it holds such a `source`."""

    @abstractmethod
    def _numbers(self, negotiation: str, low: int, high: int) -> Sequence[tuple[int]]:
        """The numbers of the lines of a negotiation, from a position to another, in their order."""

    def _ill_noted(self, negotiation: str | bytes) -> StoreDamaged:
        return StoreDamaged(
            self.name,
            f"what is noted of negotiation {negotiation!r} is not what a store notes; "
            f"restore it from a copy",
        )

    def _verified(self, verifier: Verifier, standing: Standing) -> Verification:
        found = super()._verified(verifier, standing)
        if found.fault is not None:
            return found
        with self._held():
            fault = self._misfiled(verifier.negotiation, standing)
        for low in range(0, standing.position, PAGE):
            if fault is None:
                with self._held():
                    fault = self._misnumbered(verifier.negotiation, low)
        return attrs.evolve(found, fault=fault)

    def _mistimed(self, negotiation: str, standing: Standing, first: str) -> Fault | None:
        """Which of the first and the last line was recorded at another time than is noted.

        Args:
            negotiation: its id; it has lines.
            standing: where it stands by the notes.
            first: when its first line was recorded by the notes.
        """
        last = standing.recorded and time_text(standing.recorded)
        for position, noted in ((1, first), (standing.position, last)):
            [kept] = self._page(negotiation, position - 1, position, 1, False)
            said = self._said(kept.line, "recordedtime")
            if said != noted:
                return Fault(position, f"was recorded {said}, and the store has noted {noted}")
        return None

    def _unnoted(self, negotiation: str) -> Fault | None:
        """That lines of a negotiation are filed which the store has not noted under its id."""
        source = source_of(negotiation)
        for number, line in self._beginnings(f'"source":"{source}"'):
            if self._said(line, "source") == source:
                return Fault(1, f"is filed, as number {number} of all, and not noted")
        return None

    def _said(self, line: bytes, name: str) -> object:
        """What a line says of something; None if it is no line of a record."""
        try:
            value = parse(line, self._codec.limits)
        except DecodeError:
            return None
        return value.get(name) if isinstance(value, dict) else None

    def _misnumbered(self, negotiation: str, low: int) -> Fault | None:
        """The first line from a position on that is numbered before the one before it."""
        rows = self._numbers(negotiation, low, low + PAGE)
        for position, ((one,), (other,)) in enumerate(pairwise(rows), start=max(low, 1) + 1):
            if other <= one:
                return Fault(position, f"is number {other} of all, and the one before it is {one}")
        return None
