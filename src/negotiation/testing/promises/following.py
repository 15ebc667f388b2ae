"""Who follows a store sees what is there, and then whatever is appended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from threading import Event
from time import sleep
from typing import Final, TypeAlias

from negotiation.records import Record
from negotiation.stores import Store
from negotiation.testing import storing
from negotiation.testing.promises.base import Promises
from negotiation.testing.storing import BORDER, WATER, first, race, record, same, soon, statements

Numbered: TypeAlias = "tuple[int, Record]"

LAST: Final = "the last"


class Following(Promises):
    """Who follows skips nothing and sees nothing twice."""

    def test_who_follows_sees_what_is_there(self) -> None:
        """First comes what `read_all` gives, from the beginning or after a number."""
        with self._opened() as store:
            for negotiation in (BORDER, WATER, "third"):
                store.append(negotiation, statements(2, of=negotiation))
            numbered = list(store.read_all())
            same(len(numbered), 6, "the number of records")
            same(_followed(store), numbered, "what is followed")
            for index, (number, _) in enumerate(numbered, start=1):
                same(_followed(store, after=number), numbered[index:])

    def test_who_follows_sees_what_comes(self) -> None:
        """What is appended before the next record is asked for comes, however short the timeout."""

        def go_on(store: Store) -> list[tuple[str, str]]:
            seen = []
            for _, each in store.follow(timeout=0):
                seen.append((each.negotiation, each.id))
                if len(seen) < 4:
                    store.append(WATER, [record(f"e{len(seen)}", of=WATER)])
            return seen

        with self._opened() as store:
            store.append(BORDER, statements(1))
            seen = soon(partial(go_on, store))
            same(seen, [(BORDER, "e1"), (WATER, "e1"), (WATER, "e2"), (WATER, "e3")])

    def test_a_timeout_ends_what_is_followed(self) -> None:
        """Where nothing comes in so many seconds it ends, and what came before was all."""
        with self._opened() as store:
            same(_followed(store), [])
            store.append(BORDER, statements(2))
            for timeout in (0, 0.0, 0.01):
                same(len(_followed(store, timeout=timeout)), 2, f"what came with timeout={timeout}")

    def test_who_follows_is_woken(self) -> None:
        """Whoever waits gets what another appends, however long he would have waited."""

        def wake(store: Store) -> str:
            sleep(0.05)  # until they wait, or nearly always so
            return f"position {store.append(BORDER, statements(2))}"

        with self._opened() as store:
            waiting = [store.follow(timeout=each) for each in (None, float("inf"), 10**9, 60)]
            store.append(BORDER, statements(1))
            there = [first(each, "follow")[1].id for each in waiting]
            same(there, ["e1"] * 4, "what was there")
            jobs = [partial(_next_id, each) for each in waiting]
            found = race(*jobs, partial(wake, store))
            same(found, ["e2"] * 4 + ["position 2"], "what woke them")

    def test_who_follows_sees_everything_once(self) -> None:
        """While many write, each follower gets every record once, in the one order of all."""
        begun = [Event(), Event()]
        with self._opened() as store:
            store.append(BORDER, statements(1))
            followers = [partial(until_last, store, each) for each in begun]
            writers = [(store, BORDER), (store, WATER), (store, "third")]
            *seen, _ = race(*followers, partial(write_all, writers, begun))
            numbered = list(store.read_all())
            same(len(numbered), 46, "the number of records")
            for each in seen:
                same(each, numbered, "what was followed")


def _next_id(following: Iterator[Numbered]) -> str:
    return next((each.id for _, each in following), "nothing")


def _followed(store: Store, after: int = 0, timeout: float = 0) -> list[Numbered]:
    return soon(lambda: list(store.follow(after=after, timeout=timeout)))


def write_all(writers: Sequence[tuple[Store, str]], begun: Sequence[Event]) -> list[Numbered]:
    """Append fifteen records to each negotiation at once, and then the last of all.

    Args:
        writers: through which store to append to which negotiation.
        begun: what tells that followers have begun, for which is waited.
    """

    def write(store: Store, negotiation: str) -> None:
        for each in statements(15, of=negotiation):
            store.append(negotiation, [each])

    for each in begun:
        each.wait(storing.PATIENCE)
    race(*[partial(write, *each) for each in writers])
    store, negotiation = writers[-1]
    store.append(negotiation, [record(LAST, of=negotiation, minute=99)])
    return []


def until_last(store: Store, begun: Event) -> list[Numbered]:
    """What a follower sees, up to the record that is appended last.

    Args:
        store: the store that is followed.
        begun: what is told that it has seen something.
    """
    seen: list[Numbered] = []
    for numbered in store.follow(timeout=storing.PATIENCE):
        seen.append(numbered)
        begun.set()
        if numbered[1].id == LAST:
            break
    return seen
