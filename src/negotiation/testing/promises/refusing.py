"""What is refused, and that nothing is left of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from negotiation.errors import InvalidLog, NegotiationError, OutOfRange
from negotiation.records import Record
from negotiation.stores import ANY, NEW, Store
from negotiation.testing.promises.base import Promises, anything
from negotiation.testing.storing import (
    BORDER,
    START,
    WATER,
    holds,
    reads,
    record,
    refused,
    same,
    soon,
    statements,
)
from negotiation.values import BRANCH


class Refusing(Promises):
    """What is refused leaves no trace."""

    def test_an_append_is_done_whole_or_not_at_all(self) -> None:
        """Where one record is refused none is kept, and the next append finds no trace of them."""
        wrong = (record("e1", text="other"), record("e4", minute=0), record("e4", of=WATER), "e4")
        batches: list[list[Any]] = [
            [record("e3", minute=3), each, record("e5", minute=5)] for each in wrong
        ]
        batches.append([*statements(1200, first=3), record("e1", text="other")])
        with self._opened() as store:
            store.append(BORDER, statements(2))
            for batch in batches:
                for given in (list, iter):
                    with refused(NegotiationError, f"a batch with {batch[1]!r} in it"):
                        store.append(BORDER, given(batch))
                    holds(store, {BORDER: statements(2)})
            same(store.append(BORDER, statements(1, first=3), expected=2), 3)

    def test_records_that_break_off_are_not_kept(self) -> None:
        """Where what gives the records fails before its end, none is kept and the error comes."""

        def breaking_off() -> Iterator[Record]:
            yield from statements(2, first=3)
            raise InvalidLog(None, "it breaks off on purpose")

        with self._opened() as store:
            store.append(BORDER, statements(2))
            with refused(InvalidLog, "what breaks off"):
                store.append(BORDER, breaking_off())
            holds(store, {BORDER: statements(2)})
            same(store.append(BORDER, statements(1, first=3), expected=2), 3)

    def test_a_log_grows_at_its_end(self) -> None:
        """A record that was recorded before the one above it is refused."""
        with self._opened() as store:
            store.append(BORDER, [record("e1", minute=5)])
            with refused(InvalidLog, "a record that was recorded before the last"):
                store.append(BORDER, [record("e2", minute=4)])
            with refused(InvalidLog, "records that were recorded the other way round"):
                store.append(BORDER, [record("e2", minute=7), record("e3", minute=6)])
            reads(store, BORDER, [record("e1", minute=5)])

    def test_a_record_of_another_negotiation_is_refused(self) -> None:
        """A record goes where it says that it belongs, and nowhere else."""
        with self._opened() as store:
            for records in ([record("e1", of=WATER)], [record("e1"), record("e2", of=WATER)]):
                with refused(InvalidLog, f"a record of {WATER!r} in {BORDER!r}"):
                    store.append(BORDER, records)
            holds(store, {})

    def test_a_branch_is_refused(self) -> None:
        """What is merely supposed is not kept beside what was recorded."""
        branch = BORDER + BRANCH
        with self._opened() as store:
            with refused(InvalidLog, "a branch"):
                store.append(branch, [record("branch-1", of=branch)])
            holds(store, {})

    def test_what_makes_no_sense_is_refused(self) -> None:
        """A wrong argument is a NegotiationError, and nothing is kept of it."""
        one = statements(1)
        with self._opened() as store:
            for number in (-1, True, 1.0, "new", None):
                with refused(OutOfRange, f"expected={number!r}"):
                    store.append(BORDER, one, expected=anything(number))
            for records in ("e1", [None], [one], 7, None, one[0]):
                with refused(InvalidLog, f"records={records!r}"):
                    store.append(BORDER, anything(records))
            for what, ask in _numbers(store).items():
                for number in (-1, True, 1.0, "1", "after"):
                    with refused(OutOfRange, f"{what}={number!r}"):
                        ask(anything(number))
            for seconds in (-1, True, "1", float("nan")):
                with refused(OutOfRange, f"timeout={seconds!r}"):
                    _through(store.follow(timeout=anything(seconds)))
            holds(store, {})

    def test_what_is_no_id_is_refused(self) -> None:
        """Every method that takes the id of a negotiation refuses what cannot be one."""
        with self._opened() as store:
            for negotiation in map(anything, ("", "\ud800", 7, None, [])):
                for what, ask in _negotiations(store).items():
                    with refused(InvalidLog, f"{what} of negotiation {negotiation!r}"):
                        ask(negotiation)
            holds(store, {})

    def test_appending_nothing_changes_nothing(self) -> None:
        """No records at all are no mistake: the answer is where the negotiation stands."""
        with self._opened() as store:
            same(store.append(WATER, []), 0)
            store.append(BORDER, statements(2))
            for expected in (ANY, NEW, 1, 2):
                same(store.append(BORDER, [], expected=expected), 2)
            holds(store, {BORDER: statements(2)})


def _numbers(store: Store) -> dict[str, Callable[[Any], object]]:
    """What takes a position or a number, by the name of the argument."""
    return {
        "read: upto": lambda number: store.read(BORDER, upto=number),
        "records: upto": lambda number: _through(store.records(BORDER, upto=number)),
        "records: after": lambda number: _through(store.records(BORDER, after=number)),
        "read_all: after": lambda number: _through(store.read_all(after=number)),
        "follow: after": lambda number: _through(store.follow(after=number, timeout=0)),
    }


def _through(given: Iterator[Any]) -> None:
    """Go through what is given piece by piece, if it comes."""
    soon(partial(list, given))


def _negotiations(store: Store) -> dict[str, Callable[[Any], object]]:
    """What takes the id of a negotiation, by the name of the method."""
    return {
        "append": lambda name: store.append(name, []),
        "transact": lambda name: store.transact(name, lambda _: None, time=START),
        "read": store.read,
        "records": lambda name: _through(store.records(name)),
        "state": store.state,
        "snapshot": store.snapshot,
        "head": store.head,
        "verify": store.verify,
    }
