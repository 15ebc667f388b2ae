"""The store that keeps everything in memory, as long as it lives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Final, Self

from negotiation.errors import StoreClosed
from negotiation.log import Log
from negotiation.records import Record
from negotiation.stores.store import ANY, Expectation, StoredNegotiation, cut, grow, listed, whole


class MemoryStore:
    """A `Store` in memory: for tests, for trying out, and for what need not outlive the program."""

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._logs: Final[dict[str, Log]] = {}
        self._order: Final[list[Record]] = []
        self._closed = False

    def append(
        self, negotiation: str, records: Iterable[Record], *, expected: Expectation = ANY
    ) -> int:
        """As in `Store.append`."""
        given = listed(records)
        empty = Log(negotiation)
        with self._held():
            log = self._logs.get(negotiation, empty)
            grown, position = grow(log, given, expected=expected)
            if len(grown) > len(log):
                self._logs[negotiation] = grown
                self._order.extend(grown[len(log) :])
            return position

    def read(self, negotiation: str, *, upto: int | None = None) -> Log:
        """As in `Store.read`."""
        empty = Log(negotiation)
        with self._held():
            log = self._logs.get(negotiation, empty)
        return cut(log, upto)

    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, Record]]:
        """As in `Store.read_all`."""
        whole(after, "after")
        with self._held():
            end = len(self._order)
        return ((index + 1, self._order[index]) for index in range(after, end))

    def negotiations(self) -> Iterator[StoredNegotiation]:
        """As in `Store.negotiations`."""
        with self._held():
            logs = sorted(self._logs.items())
        return (
            StoredNegotiation(
                negotiation=negotiation,
                count=len(log),
                first=log[0].recorded,
                last=log[-1].recorded,
            )
            for negotiation, log in logs
        )

    def close(self) -> None:
        """As in `Store.close`; what was read stays as it is."""
        with self._lock:
            self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise StoreClosed("memory:")
            yield
