"""The store that keeps everything in memory, as long as it lives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import Final

from attrs import Factory, define

from negotiation.model import Model
from negotiation.stores.deciding import NOWHERE, Standing
from negotiation.stores.lines import KeptLine, LineStore, NewLine, NumberedLine
from negotiation.stores.store import StoredNegotiation
from negotiation.wire.text import DEFAULT_LIMITS, Limits


@define
class _Kept:
    """One negotiation: its lines by position, and their positions by id."""

    lines: list[KeptLine] = Factory(list)
    ids: dict[str, int] = Factory(dict)
    standing: Standing = NOWHERE
    first: NewLine | None = None
    snapshot: str | None = None


class MemoryStore(LineStore):
    """A `Store` in memory: for tests, for trying out, and for what need not outlive the program.

    Args:
        model: the events that are known.
        limits: how much one line may hold.
    """

    def __init__(self, *, model: Model = Model.default, limits: Limits = DEFAULT_LIMITS) -> None:
        super().__init__("memory:", model=model, limits=limits)
        self._negotiations: Final[dict[str, _Kept]] = {}
        self._order: Final[list[KeptLine]] = []
        self._grown = Condition(self._lock)

    @contextmanager
    def _writing(self, negotiation: str, ids: Sequence[str]) -> Iterator[_Writing]:
        writing = _Writing(self._negotiations.get(negotiation, _Kept()), ids)
        yield writing
        if writing.new:
            kept = self._negotiations.setdefault(negotiation, writing.kept)
            for each in writing.new:
                line = KeptLine(each.position, each.id, each.line)
                kept.lines.append(line)
                kept.ids[each.id] = each.position
                self._order.append(line)
            last = writing.new[-1]
            kept.first = kept.first or writing.new[0]
            kept.standing = Standing(last.position, last.hash, last.recorded)
            self._grown.notify_all()

    def _standing(self, negotiation: str) -> Standing:
        return self._negotiations.get(negotiation, _Kept()).standing

    def _page(
        self, negotiation: str, after: int, upto: int, most: int, backwards: bool
    ) -> Sequence[KeptLine]:
        lines = self._negotiations[negotiation].lines
        if backwards:
            return lines[max(after, upto - most) : upto][::-1]
        return lines[after : min(upto, after + most)]

    def _end(self) -> int:
        return len(self._order)

    def _page_of_all(self, after: int, upto: int, most: int) -> Sequence[NumberedLine]:
        lines = self._order[after : min(upto, after + most)]
        return [
            NumberedLine(number, each.position, each.line)
            for number, each in enumerate(lines, start=after + 1)
        ]

    def _list(self) -> Iterable[StoredNegotiation]:
        for negotiation, kept in self._negotiations.items():
            first, last = kept.first, kept.standing
            assert first is not None
            assert last.recorded is not None
            yield StoredNegotiation(
                negotiation=negotiation,
                count=last.position,
                first=first.recorded,
                last=last.recorded,
            )

    def _snapshot(self, negotiation: str) -> str | None:
        return self._negotiations.get(negotiation, _Kept()).snapshot

    def _keep_snapshot(self, negotiation: str, text: str) -> None:
        self._negotiations[negotiation].snapshot = text

    def _wait(self, after: int, seconds: float | None) -> bool:
        with self._held():
            return self._grown.wait_for(lambda: self._closed or self._end() > after, seconds)

    def _close(self) -> None:
        self._grown.notify_all()

    def _forked(self) -> None:
        super()._forked()
        self._grown = Condition(self._lock)


class _Writing:
    """An append to one negotiation, which the store's lock keeps others from."""

    def __init__(self, kept: _Kept, ids: Sequence[str]) -> None:
        self.kept: Final = kept
        self.standing: Final = kept.standing
        self.found: Final[Mapping[str, KeptLine]] = {
            id: kept.lines[kept.ids[id] - 1] for id in ids if id in kept.ids
        }
        self.new: Sequence[NewLine] = ()

    def put(self, lines: Sequence[NewLine]) -> None:
        self.new = lines
