"""The end of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from threading import Event
from time import sleep

from negotiation.errors import InvalidLog, StoreClosed
from negotiation.stores import Store
from negotiation.testing import storing
from negotiation.testing.promises.base import Promises, anything, closing
from negotiation.testing.storing import BORDER, START, first, race, refused, same, soon, statements


class Closing(Promises):
    """A closed store does nothing but say so."""

    def test_a_closed_store_refuses(self) -> None:
        """After it is closed every method says so and does nothing; what was read stays."""
        store = self.store()
        store.append(BORDER, statements(2))
        log = store.read(BORDER)
        store.close()
        for name, call in _calls(store).items():
            with refused(StoreClosed, f"{name} on a closed store"):
                _through(call())
        store.close()
        same([each.id for each in log], ["e1", "e2"], "what was read before")

    def test_closing_ends_what_is_under_way(self) -> None:
        """A reading that was begun goes on to its end or says that the store is closed."""
        for name in ("records", "read_all", "follow"):
            store = self.store()
            with closing(store):
                store.append(BORDER, statements(1500))
                reading = iter(anything(_calls(store, timeout=None)[name])())
                seen = [first(reading, name)]
                store.close()
                try:
                    seen.extend(soon(partial(list, reading)))
                except StoreClosed:
                    continue
                same(len(seen), 1500, f"how many {name} gave, and then ended")

    def test_closing_wakes_who_follows(self) -> None:
        """Whoever waits for what comes is told that nothing will."""
        store = self.store()
        with closing(store):
            store.append(BORDER, statements(1))
            following = store.follow()
            same(first(following, "follow")[1].id, "e1")
            asking = Event()

            def wait() -> None:
                asking.set()
                with refused(StoreClosed, "following a store that is closed"):
                    first(following, "follow, further on,")

            def close() -> None:
                asking.wait(storing.PATIENCE)
                sleep(0.05)  # until it waits, or nearly always so
                store.close()

            race(wait, close)

    def test_a_store_closes_itself(self) -> None:
        """As a context manager a store is itself, closed in the end, and lets errors through."""
        for error in (None, InvalidLog(None, "on purpose")):
            made, came = self.store(), None
            try:
                with made as store:
                    same(store is made, True, "whether `with` gives the store itself")
                    store.append(BORDER, statements(1))
                    if error is not None:
                        raise error
            except InvalidLog as raised:
                came = raised
            if came is not error:
                raise AssertionError(f"out of the context came {came!r}; {error!r} was due")
            with refused(StoreClosed, "read after the context"):
                made.read(BORDER)


def _through(answer: object) -> None:
    """Go through what is given piece by piece."""
    if isinstance(answer, Iterator):
        soon(partial(list, answer))


def _calls(store: Store, timeout: float | None = 0) -> dict[str, Callable[[], object]]:
    """Every method of a store, called; what it gives piece by piece is still to be gone through."""
    return {
        "append": lambda: store.append(BORDER, statements(1)),
        "append of nothing": lambda: store.append(BORDER, []),
        "transact": lambda: store.transact(BORDER, lambda _: None, time=START),
        "read": lambda: store.read(BORDER),
        "records": lambda: store.records(BORDER),
        "read_all": store.read_all,
        "follow": lambda: store.follow(timeout=timeout),
        "negotiations": store.negotiations,
        "state": lambda: store.state(BORDER),
        "snapshot": lambda: store.snapshot(BORDER),
        "head": lambda: store.head(BORDER),
        "verify": lambda: store.verify(BORDER),
    }
