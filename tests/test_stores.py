"""The memory store, what stores decide alike, and stores by their URL.

That the memory store keeps its promises is tested with the contract of stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from negotiation import stores
from negotiation.errors import Conflict, StoreClosed, UnknownStore
from negotiation.stores import (
    ANY,
    NEW,
    MemoryStore,
    StoredNegotiation,
    cut,
    grow,
    open_store,
    whole,
)
from negotiation.testing.storing import race

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)


def said(id: str, text: str = "so be it", *, of: str = "talks", hour: int = 0) -> ng.Record:
    """A statement, recorded an hour or more after the start."""
    return ng.Record(
        id=id,
        negotiation=of,
        time=START,
        recorded=START + timedelta(hours=hour),
        event=ng.StatementMade(by="north", text=text),
    )


def log_of(*ids: str) -> ng.Log:
    """A log of statements."""
    return ng.Log("talks", [said(id) for id in ids])


def ids(records: Any) -> list[str]:
    """The ids of records."""
    return [each.id for each in records]


# grow


@pytest.mark.parametrize("expected", [ANY, 2])
def test_growing_puts_new_records_at_the_end(expected: Any) -> None:
    """New records follow the old ones, and the answer is the position of the last."""
    log = log_of("e1", "e2")

    grown, position = grow(log, [said("e3"), said("e4")], expected=expected)

    assert (ids(grown), position) == (["e1", "e2", "e3", "e4"], 4)
    assert ids(log) == ["e1", "e2"]


@pytest.mark.parametrize("expected", [ANY, NEW, 0])
def test_growing_begins_a_negotiation(expected: Any) -> None:
    """An empty log with an id is a negotiation that does not exist yet."""
    grown, position = grow(ng.Log("talks"), [said("e1")], expected=expected)

    assert (ids(grown), position) == (["e1"], 1)


@pytest.mark.parametrize("expected", [ANY, NEW, 0, 1, 2, 7])
def test_growing_by_copies_is_growing_by_nothing(expected: Any) -> None:
    """Where every record is there the log is the same one, whatever was expected."""
    log = log_of("e1", "e2", "e3")
    copy = attrs.evolve(said("e2"), position=9, recorded=START - timedelta(days=1))

    assert grow(log, [said("e3"), copy], expected=expected) == (log, 2)
    assert grow(log, [], expected=expected) == (log, 3)


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        (NEW, 2, "negotiation 'talks' was expected to be new, and it stands at position 2"),
        (0, 2, "negotiation 'talks' was expected to be new, and it stands at position 2"),
        (1, 2, "negotiation 'talks' was expected at position 1, and it stands at position 2"),
        (3, 2, "negotiation 'talks' was expected at position 3, and it stands at position 2"),
        (3, 0, "negotiation 'talks' was expected at position 3, and it does not exist"),
    ],
    ids=str,
)
def test_a_conflict_says_what_was_expected_and_what_is(
    expected: Any, actual: int, message: str
) -> None:
    """The positions are fields and stand in the message, with what to do."""
    log = log_of("e1", "e2").upto(actual)

    with pytest.raises(Conflict) as caught:
        grow(log, [said("e2", "otherwise")], expected=expected)

    error = caught.value
    wanted = 0 if expected is NEW else expected
    assert (error.negotiation, error.expected, error.actual) == ("talks", wanted, actual)
    assert str(error) == message + "; read it again and decide anew"


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([said("e1", "no")], "record 'e1': stands at position 1 with other content"),
        ([said("e5", hour=-1)], "record 'e5': was recorded .*, before the record above it"),
        ([said("e5", of="x")], "record 'e5': belongs to negotiation 'x'; it cannot be appended to"),
        ([said("e5"), "e6"], r"records\[1\] must be a Record, not str 'e6'"),
        (7, "records must be a list of records, not int 7"),
        (said("e5"), "records must be a list of records, not a Record"),
    ],
    ids=["content", "order", "owner", "text", "number", "record"],
)
def test_what_cannot_stand_in_the_log_is_refused(records: Any, message: str) -> None:
    """The error names the record and what is wrong with it."""
    with pytest.raises(ng.InvalidLog, match=message):
        grow(log_of("e1"), records)


def test_a_branch_is_not_stored() -> None:
    """A branch has an id of its own, by which a store knows it, and refuses even none of it."""
    branch = ng.branch(log_of("e1"), 1)

    given: list[Any] = [branch, []]
    for records in given:
        with pytest.raises(
            ng.InvalidLog, match="'talks#branch' is a branch, which is merely supposed"
        ):
            grow(ng.Log("talks#branch"), records)


@pytest.mark.parametrize("expected", [-1, True, 1.0, "new", None], ids=repr)
def test_what_can_be_expected_is_told(expected: Any) -> None:
    """Anything but NEW, ANY and a position is refused, also with nothing to append."""
    for records in ([said("e1")], []):
        with pytest.raises(ng.OutOfRange, match="expected must be NEW, ANY or a position, a whole"):
            grow(ng.Log("talks"), records, expected=expected)


def test_the_words_for_what_is_expected_show_as_they_are_written() -> None:
    """NEW and ANY print as their names."""
    assert [repr(NEW), repr(ANY)] == ["NEW", "ANY"]


# cut and whole


def test_cutting_keeps_the_beginning() -> None:
    """A log is cut after a position, or left whole."""
    log = log_of("e1", "e2")

    assert cut(log) == cut(log, 2) == cut(log, 9) == log
    assert (ids(cut(log, 1)), ids(cut(log, 0))) == (["e1"], [])


@pytest.mark.parametrize("call", [cut, lambda log: grow(log, [])], ids=["cut", "grow"])
def test_a_log_without_an_id_is_no_stored_one(call: Callable[[ng.Log], object]) -> None:
    """A store knows negotiations by their ids."""
    with pytest.raises(ng.InvalidLog, match="negotiation must be an id, not nothing"):
        call(ng.Log())


@pytest.mark.parametrize("value", [-1, True, 1.5, "1", None], ids=repr)
def test_a_number_that_is_none_is_told(value: Any) -> None:
    """The error names the argument and what it may be."""
    with pytest.raises(ng.OutOfRange, match="after must be a whole number from 0, not"):
        whole(value, "after")


# The memory store


def test_a_store_knows_what_a_log_made() -> None:
    """What a strict log took goes into the store; a whole log may be given as well as its end."""
    with MemoryStore() as store:
        log = store.read("talks").append(
            ng.PartyJoined(party="north", role="principal"), time=START
        )
        assert store.append("talks", log, expected=NEW) == 1
        log = log.append(ng.StatementMade(by="north", text="now"), time=START)
        assert store.append("talks", log, expected=1) == 2
        assert store.read("talks") == log


def test_logs_that_grow_from_what_was_read_do_not_meet() -> None:
    """Two readers and the store go on from the same log, and none sees what the others add."""
    with MemoryStore() as store:
        store.append("talks", log_of("e1"))
        mine = store.read("talks").extend([said("mine")])
        yours = store.read("talks").extend([said("yours")])
        store.append("talks", [said("e2")])

        assert ids(store.read("talks")) == ["e1", "e2"]
        assert (ids(mine), ids(yours)) == (["e1", "mine"], ["e1", "yours"])


def test_records_may_come_from_the_store_itself() -> None:
    """A generator that reads the store while it is appended to it is read before."""

    def copied(store: MemoryStore) -> Iterator[ng.Record]:
        for each in store.read("talks"):
            yield attrs.evolve(each, negotiation="copy")

    store = MemoryStore()  # left open: if it is stuck, closing it would not come back
    store.append("talks", log_of("e1", "e2"))
    assert race(lambda: store.append("copy", copied(store))) == [2]


def test_negotiations_are_told_by_the_times_of_their_records() -> None:
    """The list tells how many records there are, and when the first and the last were recorded."""
    with MemoryStore() as store:
        store.append("talks", [said("e1", hour=1), said("e2", hour=3)])

        assert list(store.negotiations()) == [
            StoredNegotiation(
                negotiation="talks",
                count=2,
                first=START + timedelta(hours=1),
                last=START + timedelta(hours=3),
            )
        ]


def test_numbers_of_all_records_go_across_negotiations() -> None:
    """In memory the numbers leave none out."""
    with MemoryStore() as store:
        store.append("talks", log_of("e1", "e2"))
        store.append("water", [said("e1", of="water")])
        store.append("talks", log_of("e1", "e2", "e3"))

        assert [(n, each.negotiation, each.id) for n, each in store.read_all(after=1)] == [
            (2, "talks", "e2"),
            (3, "water", "e1"),
            (4, "talks", "e3"),
        ]


def test_wrong_arguments_are_told_before_anything_is_read() -> None:
    """`read_all` refuses when it is called, not only when it is gone through."""
    store = MemoryStore()
    with pytest.raises(ng.OutOfRange, match="after must be"):
        store.read_all(after=-1)
    store.close()
    with pytest.raises(StoreClosed):
        store.read_all()


def test_a_closed_store_says_so() -> None:
    """The error names the store; what it read before can still be gone through."""
    store = MemoryStore()
    store.append("talks", log_of("e1"))
    everything, listed = store.read_all(), store.negotiations()
    store.close()

    with pytest.raises(StoreClosed, match=r"^store 'memory:' is closed; open it again$") as caught:
        store.read("talks")
    assert caught.value.store == "memory:"
    assert len(list(everything)) == len(list(listed)) == 1


# Stores by their URL


def test_a_store_in_memory_is_new_each_time() -> None:
    """`memory:` opens a store of its own each time."""
    one, other = open_store("memory:"), open_store("memory:")
    one.append("talks", log_of("e1"))

    assert isinstance(one, MemoryStore)
    assert len(other.read("talks")) == 0


@pytest.mark.parametrize(
    ("url", "store", "reason"),
    [
        ("memory", "memory", "is no kind of store; did you mean 'memory:'? allowed: memory:"),
        ("memory://x", "memory:", "takes nothing behind the colon; each one opened is new"),
        ("redis://x", "redis:", "is no kind of store; allowed: memory:"),
        ("", "", "is no kind of store; allowed: memory:"),
        ("x" * 99, "x" * 57 + "...", "is no kind of store; allowed: memory:"),
        (7, None, "the URL must be text, not int 7"),
    ],
    ids=repr,
)
def test_an_unknown_store_is_told_with_the_kinds_there_are(
    url: Any, store: str | None, reason: str
) -> None:
    """The error says what was given and which kinds of store there are."""
    with pytest.raises(UnknownStore) as caught:
        open_store(url)

    assert (caught.value.store, caught.value.reason) == (store, reason)
    assert str(caught.value) == (reason if store is None else f"store {store!r}: {reason}")


def test_a_password_in_a_url_is_not_shown() -> None:
    """Of a URL that is refused only its beginning is shown."""
    with pytest.raises(UnknownStore) as caught:
        open_store("nosql://north:secret@example.org/talks")

    assert "secret" not in repr(caught.value) + str(vars(caught.value))


def test_the_package_has_what_a_store_is_made_with() -> None:
    """Every name of the package is there."""
    assert all(hasattr(stores, name) for name in stores.__all__)
