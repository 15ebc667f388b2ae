"""What stores decide alike, what lines they cannot read, and stores by their URL.

That the memory store keeps its promises is tested with the contract of stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from time import sleep
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from negotiation import stores
from negotiation.errors import Conflict, StoreClosed, StoreDamaged, UnknownStore
from negotiation.stores import (
    ANY,
    NEW,
    Expected,
    LineStore,
    MemoryStore,
    StoredNegotiation,
    open_store,
    whole,
)
from negotiation.stores.deciding import Standing, asked, settle
from negotiation.stores.opening import is_store
from negotiation.testing.storing import race

START: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

KINDS: Final = "allowed: .jsonl, memory:, postgres:, postgresql:, sqlite:"


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


def decided(log: ng.Log, records: Any, expected: Any = ANY) -> tuple[list[str], int]:
    """What an append to a log comes to: the ids of what is new, and the answer."""
    given, position = asked("talks", records, expected)
    last = log[-1] if log else None
    standing = Standing(len(log), last and last.hash, last and last.recorded)
    wanted = {each.id for each in given}
    new, answer = settle(given, position, standing, {e.id: e for e in log if e.id in wanted})
    return ids(new), answer


# What an append comes to


@pytest.mark.parametrize("expected", [ANY, 2])
def test_new_records_go_to_the_end(expected: Any) -> None:
    """New records follow the old ones, and the answer is the position of the last."""
    log = log_of("e1", "e2")

    assert decided(log, [said("e3"), said("e4")], expected) == (["e3", "e4"], 4)


@pytest.mark.parametrize("expected", [ANY, NEW, 0])
def test_the_first_record_begins_a_negotiation(expected: Any) -> None:
    """Where nothing stands everything is new."""
    assert decided(ng.Log("talks"), [said("e1")], expected) == (["e1"], 1)


@pytest.mark.parametrize("expected", [ANY, NEW, 0, 1, 2, 7])
def test_copies_alone_are_nothing_new(expected: Any) -> None:
    """Where every record is there nothing is to be done, whatever was expected."""
    log = log_of("e1", "e2", "e3")
    copy = attrs.evolve(said("e2"), position=9, recorded=START - timedelta(days=1))

    assert decided(log, [said("e3"), copy], expected) == ([], 2)
    assert decided(log, [], expected) == ([], 3)


def test_copies_among_new_records_are_left_out() -> None:
    """Each record is put there once; the answer is the position of the last one given."""
    log = log_of("e1", "e2")

    assert decided(log, [said("e2"), said("e3"), said("e3"), said("e4")]) == (["e3", "e4"], 4)
    assert decided(log, [said("e3"), said("e1")]) == (["e3"], 1)


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
        decided(log, [said("e2", "otherwise")], expected)

    error = caught.value
    wanted = 0 if expected is NEW else expected
    assert (error.negotiation, error.expected, error.actual) == ("talks", wanted, actual)
    assert str(error) == message + "; read it again and decide anew"


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([said("e1", "no")], "record 'e1': stands at position 1 with other content"),
        ([said("e5"), said("e5", "no")], "record 'e5': stands at position 2 with other content"),
        ([said("e5", hour=-1)], "record 'e5': was recorded .*, before the record above it"),
        ([said("e5", hour=2), said("e6")], "record 'e6': was recorded .*, before the record above"),
        ([said("e5", of="x")], "record 'e5': belongs to negotiation 'x'; it cannot be appended to"),
        ([said("e5"), "e6"], r"records\[1\] must be a Record, not str 'e6'"),
        (7, "records must be a list of records, not int 7"),
        (said("e5"), "records must be a list of records, not a Record"),
    ],
    ids=["content", "contents", "order", "orders", "owner", "text", "number", "record"],
)
def test_what_cannot_stand_in_the_log_is_refused(records: Any, message: str) -> None:
    """The error names the record and what is wrong with it."""
    with pytest.raises(ng.InvalidLog, match=message):
        decided(log_of("e1"), records)


def test_a_branch_is_not_stored() -> None:
    """A branch has an id of its own, by which a store knows it, and refuses even none of it."""
    branch = ng.branch(log_of("e1"), 1)

    given: list[Any] = [branch, []]
    for records in given:
        with pytest.raises(
            ng.InvalidLog, match="'talks#branch' is a branch, which is merely supposed"
        ):
            asked("talks#branch", records, ANY)


@pytest.mark.parametrize("expected", [-1, True, 1.0, "new", None], ids=repr)
def test_what_can_be_expected_is_told(expected: Any) -> None:
    """Anything but NEW, ANY and a position is refused, also with nothing to append."""
    for records in ([said("e1")], []):
        with pytest.raises(ng.OutOfRange, match="expected must be NEW, ANY or a position, a whole"):
            asked("talks", records, expected)


@pytest.mark.parametrize("negotiation", ["", None, 7], ids=repr)
def test_a_negotiation_is_known_by_its_id(negotiation: Any) -> None:
    """What is no id is refused before anything else."""
    with pytest.raises(ng.InvalidLog, match="negotiation must be"):
        asked(negotiation, [], ANY)


def test_the_words_for_what_is_expected_show_as_they_are_written() -> None:
    """NEW and ANY print as their names."""
    assert [repr(each) for each in Expected] == ["ANY", "NEW"]


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
        assert store.read("talks") == ng.seal(log)


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
            yield attrs.evolve(each, negotiation="copy", prevhash=None, hash=None)

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
    """The error names the store; a list that was given before can still be gone through."""
    store = MemoryStore()
    store.append("talks", log_of("e1"))
    listed = store.negotiations()
    store.close()

    with pytest.raises(StoreClosed, match=r"^store 'memory:' is closed; open it again$") as caught:
        store.read("talks")
    assert caught.value.store == "memory:"
    assert len(list(listed)) == 1


# Decisions


def said_anew(_: ng.Negotiation) -> ng.StatementMade:
    """Decides to say something, whatever stands there."""
    return ng.StatementMade(by="north", text="anew")


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"attempts": 0}, ng.OutOfRange, "attempts must be a whole number from 1, not int 0"),
        ({"attempts": True}, ng.OutOfRange, "attempts must be a whole number from 1, not bool"),
        ({"time": None}, ng.InvalidTime, "time must be a datetime with a time zone, not nothing"),
        ({"time": START.replace(tzinfo=None)}, ng.InvalidTime, "time must have a time zone"),
        ({"protocol": "open"}, ng.InvalidProtocol, "must be a Protocol"),
    ],
    ids=["attempts", "attempt", "time", "zone", "protocol"],
)
def test_what_can_be_asked_of_a_decision_is_told(
    asked: dict[str, Any], error: type[Exception], message: str
) -> None:
    """A wrong argument is told before anything is decided."""
    decided: list[ng.Negotiation] = []
    given: dict[str, Any] = {"time": START, **asked}

    with MemoryStore() as store, pytest.raises(error, match=message):
        store.transact("talks", decided.append, **given)
    assert decided == []


def test_nothing_is_decided_of_a_branch() -> None:
    """What is merely supposed is refused before anybody decides on it."""
    decided: list[ng.Negotiation] = []

    with MemoryStore() as store, pytest.raises(ng.InvalidLog, match="is a branch"):
        store.transact("talks#branch", decided.append, time=START)
    assert decided == []


def test_what_was_decided_is_told_where_it_is_none() -> None:
    """The error says what may be decided."""
    message = "must be what was decided, an event, a record, a list of them or None, not int 7"
    seven: Any = 7

    with MemoryStore() as store, pytest.raises(ng.InvalidRecord, match=message):
        store.transact("talks", lambda _: seven, time=START)


def test_a_decision_of_which_a_line_would_be_too_long_is_not_kept() -> None:
    """What cannot be written is refused whole, though what stands before it could be."""
    long = ng.StatementMade(by="north", text="so " * 400_000)

    with MemoryStore() as store:
        with pytest.raises(ng.EncodeError, match="at most 1048576 are read"):
            store.transact("talks", lambda state: [said_anew(state), long], time=START)
        assert len(store.read("talks")) == 0


# Waiting


class Polling(MemoryStore):
    """Looks again and again, as a store does that nothing wakes."""

    _wait = LineStore._wait


def test_a_store_that_nothing_wakes_looks_again() -> None:
    """A follower gets what comes, within its time or without one, and ends with its time."""
    with Polling() as store:
        store.append("talks", log_of("e1"))
        for timeout in (None, 60):
            following = store.follow(after=len(store.read("talks")) - 1, timeout=timeout)
            last = next(following)[1].position

            def come(position: int = last) -> int:
                sleep(0.02)  # so that it has looked at least once
                return store.append("talks", [said(f"e{position + 1}")])

            found = race(lambda: next(following)[1].position, come)  # noqa: B023  # now

            assert found == [last + 1, last + 1]
        assert len(list(store.follow(timeout=0.01))) == 3


def test_who_waits_is_told_that_the_store_is_closed() -> None:
    """Looking again at a closed store is using it."""
    store = Polling()
    following = store.follow()

    def close() -> None:
        sleep(0.02)
        store.close()

    def follow() -> None:
        with pytest.raises(StoreClosed):
            next(following)

    race(follow, close)


# Lines that are not as they were written


def damaged(change: Callable[[list[Any]], object]) -> MemoryStore:
    """A store of three records whose lines were changed behind its back."""
    store = MemoryStore()
    store.append("talks", [said("e1"), said("e2", hour=1), said("e3", hour=2)])
    change(store._negotiations["talks"].lines)
    return store


def written(position: int, line: bytes) -> Callable[[list[Any]], object]:
    """Puts another line at a position."""

    def change(lines: list[Any]) -> None:
        lines[position - 1] = lines[position - 1]._replace(line=line)

    return change


def another(id: str, **fields: Any) -> bytes:
    """The line of another record."""
    return ng.Codec().encode(said(id, **fields)).encode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (written(2, b"{}"), "position 2: specversion: is missing"),
        (written(2, b"\xff"), "position 2: byte 1 of the line is not UTF-8"),
        (written(2, another("e2", of="x")), "position 2: belongs to negotiation 'x'"),
        (written(2, another("e2", hour=9)), "position 3: record 'e3': was recorded .*, before"),
        (written(2, another("e1", text="no")), "position 2: record 'e1': stands at position 1"),
        (lambda lines: lines.pop(1), "position 2: is missing"),
    ],
    ids=["line", "bytes", "owner", "order", "id", "gap"],
)
def test_a_log_that_is_damaged_is_told(change: Callable[[list[Any]], object], message: str) -> None:
    """The error names the store, the negotiation and the position."""
    with damaged(change) as store:
        with pytest.raises(StoreDamaged, match=f"store 'memory:': negotiation 'talks', {message}"):
            store.read("talks")
        assert not store.verify("talks").intact


def test_what_is_damaged_is_told_in_the_order_of_all() -> None:
    """Where the records of all negotiations are read the line is named by its number."""
    with damaged(lambda _: None) as store:
        store._order[1] = store._order[1]._replace(line=b"{}")

        everything = store.read_all()

        assert next(everything)[1].id == "e1"
        with pytest.raises(StoreDamaged, match="store 'memory:': line number 2: specversion: is"):
            next(everything)


def test_an_append_does_not_go_on_from_what_is_damaged() -> None:
    """A record that is given again is compared with what is there, if that can be read."""
    with damaged(written(2, b"{}")) as store, pytest.raises(StoreDamaged, match="position 2"):
        store.append("talks", [said("e2", hour=1)])


def test_what_a_store_has_noted_is_compared_with_its_lines() -> None:
    """A tail that is gone and another end than was noted are faults without any head."""
    with damaged(lambda lines: lines.pop()) as store:
        fault = store.verify("talks").fault

        assert fault is not None
        assert (fault.position, fault.reason) == (3, "is missing; the store has noted 3 records")
    with damaged(lambda _: None) as store:
        kept = store._negotiations["talks"]
        kept.standing = attrs.evolve(kept.standing, hash="0" * 64)
        fault = store.verify("talks").fault

        assert fault is not None
        assert (fault.position, fault.reason[:44]) == (
            4,
            "should follow: the store has noted another h",
        )


def test_a_head_is_of_the_negotiation_that_is_verified() -> None:
    """The head of another negotiation, or what is none, is refused."""
    with damaged(lambda _: None) as store:
        given: list[Any] = [ng.Head("water", 3, "0" * 64), "0" * 64, store.verify("talks")]
        for head in given:
            with pytest.raises(ng.InvalidLog, match="head must be one of 'talks', not"):
                store.verify("talks", head=head)


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
        ("memory", "memory", f"is no kind of store; did you mean 'memory:'? {KINDS}"),
        ("memory://x", "memory:", "takes nothing behind the colon; each one opened is new"),
        ("memory:x.jsonl", "memory:", "takes nothing behind the colon; each one opened is new"),
        ("sqlit:///x", "sqlit:", f"is no kind of store; did you mean 'sqlite:'? {KINDS}"),
        ("", "", f"is no kind of store; {KINDS}"),
        ("x/y.db", "x/y.db", f"is no kind of store; did you mean sqlite:///x/y.db? {KINDS}"),
        (
            "/y.SQLite3",
            "/y.SQLite3",
            f"is no kind of store; did you mean sqlite:////y.SQLite3? {KINDS}",
        ),
        ("x" * 99, "x" * 57 + "...", f"is no kind of store; {KINDS}"),
        ("host=here password=sesame", None, f"is no kind of store; {KINDS}"),
        ("MEMORY:x", "memory:", "takes nothing behind the colon; each one opened is new"),
        (
            "mysql://me:sesame@here/x.jsonl",
            "mysql:",
            f"is no kind of store; did you mean 'sqlite:'? {KINDS}",
        ),
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


def test_the_url_of_a_store_is_told_from_the_path_of_a_file() -> None:
    """A path is none, also of a file that could be opened as a store, and so is anything else."""
    stores = ("memory:", "sqlite:///talks.db", "postgresql://north@host/talks", "postgres://host")

    assert all(map(is_store, stores))
    assert not any(map(is_store, ("talks.jsonl", "sqlite.jsonl", "talks.db", "-", "", "redis:")))


def test_a_password_in_a_url_is_not_shown() -> None:
    """Of a URL that is refused only its beginning is shown."""
    with pytest.raises(UnknownStore) as caught:
        open_store("nosql://north:secret@example.org/talks")

    assert "secret" not in repr(caught.value) + str(vars(caught.value))


def test_the_package_has_what_a_store_is_made_with() -> None:
    """Every name of the package is there."""
    assert all(hasattr(stores, name) for name in stores.__all__)


def test_a_page_of_long_lines_is_short() -> None:
    """However long lines are, only some megabytes of them are in memory at once."""

    class Asked(MemoryStore):
        most: list[int]

        def _page(self, *where: Any) -> Any:
            self.most.append(where[3])
            return super()._page(*where)

        def _page_of_all(self, after: int, upto: int, most: int) -> Any:
            self.most.append(most)
            return super()._page_of_all(after, upto, most)

    with Asked() as store:
        store.append("short", [said(f"e{n}", of="short") for n in range(120)])
        store.append("long", [said(f"e{n}", "so " * 100_000, of="long") for n in range(70)])
        asked: dict[str, list[int]] = {}
        readings: dict[str, Callable[[], Any]] = {
            "short": partial(store.records, "short"),
            "long": partial(store.records, "long"),
            "backwards": partial(store.records, "long", backwards=True),
            "all": partial(store.read_all, after=120),
        }
        for name, reading in readings.items():
            store.most = []
            assert len(list(reading())) == (120 if name == "short" else 70)
            asked[name] = store.most
    assert asked == {
        "short": [50, 1000],
        "long": [50, 13, 13],
        "backwards": [50, 13, 13],
        "all": [50, 13, 13],
    }
