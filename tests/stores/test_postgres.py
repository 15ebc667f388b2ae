"""The store in a PostgreSQL database, against a real server: its order and how it appends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from random import Random
from typing import Any

import pytest

import negotiation as ng
from negotiation.errors import (
    Conflict,
    ConflictingRecord,
    EncodeError,
    InvalidLog,
    OutOfRange,
    StoreBusy,
    StoreClosed,
    StoreDamaged,
)
from negotiation.stores import Store, postgres
from negotiation.stores.deciding import NOWHERE
from negotiation.stores.postgres import PostgresStore
from negotiation.stores.postgres_database import Ear
from negotiation.stores.postgres_statements import FOUND, NOTED, NUMBERS, PAGE, PAGE_OF_ALL
from negotiation.testing import DurableStoreContract
from negotiation.testing.storing import BORDER, WATER, record, statements
from tests.stores.postgres_kit import (
    asked,
    backend,
    held,
    ids,
    listening,
    numbered,
    tampered,
    until,
    waiting,
)
from tests.stores.server import new_database


class TestPostgresStore(DurableStoreContract):
    """A store in a database keeps every promise of stores."""

    def store(self) -> Store:
        return PostgresStore(new_database())

    def again(self, store: Store) -> Store:
        assert isinstance(store, PostgresStore)
        return PostgresStore(store.name)  # in which there is no password to leave out


@pytest.fixture
def url() -> str:
    return new_database()


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    with PostgresStore(url) as store:
        yield store


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


# The order of all records


def test_nobody_comes_before_what_is_held(
    url: str, store: PostgresStore, threads: ThreadPoolExecutor
) -> None:
    """While an append is not committed others wait, and readers see neither it nor them."""
    with held(url, record("first")) as transaction:
        later = threads.submit(store.append, WATER, statements(2, of=WATER))
        waiting(url)
        with PostgresStore(url) as reader:
            assert numbered(reader) == list(reader.follow(timeout=0)) == []
            assert not later.done()
            transaction.execute("COMMIT")
            assert later.result() == 2
            assert numbered(reader) == [(1, "first"), (2, "e1"), (3, "e2")]


def test_what_is_undone_leaves_no_gap(
    url: str, store: PostgresStore, threads: ThreadPoolExecutor
) -> None:
    """Whoever waited for an append that was undone takes the number that it would have had."""
    with held(url, record("never")) as transaction:
        later = threads.submit(store.append, WATER, statements(2, of=WATER))
        waiting(url)
        transaction.execute("ROLLBACK")
        assert later.result() == 2
    assert numbered(store) == [(1, "e1"), (2, "e2")]
    assert store.append(BORDER, [record("never")], expected=ng.NEW) == 1
    assert numbered(store)[2:] == [(3, "never")]


def test_a_follower_skips_nothing_however_transactions_end(
    url: str, threads: ThreadPoolExecutor
) -> None:
    """Of transactions begun in one order and ended in another it sees each that was kept, once."""
    random, kept = Random(3), []  # noqa: S311  # for variety, and the same each time
    with PostgresStore(url) as follower, ExitStack() as stores:
        seen = threads.submit(lambda: _until_last(follower))
        writers = [stores.enter_context(PostgresStore(url)) for _ in range(3)]
        for turn in range(12):
            with held(url, record("held", of=f"held {turn}", text="in time")) as transaction:
                appends = [
                    threads.submit(
                        writer.append, f"talks {n}", [record(f"{turn}", of=f"talks {n}")]
                    )
                    for n, writer in enumerate(writers)
                ]
                waiting(url, len(appends))
                end = random.choice(["COMMIT", "ROLLBACK"])
                transaction.execute(end)
                assert [each.result() for each in appends] == [turn + 1] * 3
            if end == "COMMIT":
                kept.append((f"held {turn}", "held"))
            kept += [(f"talks {n}", f"{turn}") for n in range(3)]
        writers[0].append("last", [record("last", of="last")])
        found = seen.result()
    assert [number for number, _, _ in found] == [*range(1, len(kept) + 2)]
    assert sorted(each[1:] for each in found) == sorted([*kept, ("last", "last")])


def _until_last(store: Store) -> list[tuple[int, str, str]]:
    seen = []
    for number, each in store.follow(timeout=60):
        seen.append((number, each.negotiation, each.id))
        if each.id == "last":
            break
    return seen


@pytest.mark.parametrize("looked_at", [False, True])
def test_what_is_held_for_too_long_is_told(url: str, looked_at: bool) -> None:
    """Nothing is kept then, and the same append succeeds once the other one is over."""
    with PostgresStore(url, patience=0.05) as store:
        store.append(BORDER, statements(1))
        if looked_at:
            store._left.clear()
        with held(url, record("long", of=WATER)):
            with pytest.raises(StoreBusy, match="another writer holds it for too long") as caught:
                store.append(BORDER, statements(1, first=2))
            assert caught.value.kept is False
            assert ids(store) == ["e1"]
        assert store.append(BORDER, statements(1, first=2)) == 2


@pytest.mark.parametrize("patience", [0, -1, 86_401, float("nan"), True, "1", None])
def test_patience_is_a_number_of_seconds(patience: Any, url: str) -> None:
    """Anything else is refused before the database is touched."""
    with pytest.raises(OutOfRange, match="patience must be a number of seconds up to 86400"):
        PostgresStore(url, patience=patience)
    assert asked(url, "SELECT to_regclass('negotiation_store')") == [(None,)]


# Appending where the store left off, and looking where that is not enough


def test_writers_who_take_turns_build_one_chain(url: str) -> None:
    """Where a store left a negotiation is only a guess, and a wrong one costs nothing."""
    with PostgresStore(url) as one, PostgresStore(url) as other:
        for position in range(1, 13):
            writer = one if position % 3 else other
            assert writer.append(BORDER, statements(1, first=position)) == position
        assert numbered(one) == [(n, f"e{n}") for n in range(1, 13)]
        assert one.verify(BORDER) == other.verify(BORDER)
        assert one.verify(BORDER).intact


def test_a_guess_decides_nothing(url: str) -> None:
    """What is wrong with an append is told by where the negotiation stands, not by the guess."""
    with PostgresStore(url) as one, PostgresStore(url) as other:
        one.append(BORDER, [record("e1", minute=1)])
        other.append(BORDER, [record("e2", minute=7)])
        with pytest.raises(Conflict, match="stands at position 2"):
            one.append(BORDER, [record("e3", minute=8)], expected=1)
        other.append(BORDER, [record("e3", minute=8)])
        with pytest.raises(ConflictingRecord, match="stands at position 2"):
            one.append(BORDER, [record("e2", text="otherwise", minute=9)])
        one.append(BORDER, [record("e4", minute=9)])
        with pytest.raises(InvalidLog, match="before the record above it"):
            one.append(BORDER, [record("e5", minute=2)])
        with pytest.raises(EncodeError, match="at most"):
            one.append(BORDER, [record("e5", minute=9, text="x" * (1 << 20))])
        assert one.append(BORDER, [record("e2", minute=7)], expected=ng.NEW) == 2
        assert other.append(BORDER, [record("e5", minute=9)]) == 5
        with pytest.raises(Conflict, match="stands at position 5"):
            one.append(BORDER, [record("e9")], expected=ng.NEW)
        assert numbered(one) == [(n, f"e{n}") for n in range(1, 6)]


def test_who_writes_alone_need_not_look(store: PostgresStore, monkeypatch: Any) -> None:
    """An append by whoever wrote last is one statement, also after others came in between."""
    with PostgresStore(store.name) as other:
        store.append(BORDER, statements(1))
        other.append(BORDER, statements(1, first=2))
        store.append(BORDER, statements(1, first=3))  # which finds that it is not alone
        store.append(BORDER, statements(1, first=4))  # which finds that it is again
    monkeypatch.setattr(store, "_writing", None)
    assert store.append(BORDER, statements(1, first=5)) == 5
    assert store.append(WATER, statements(7, of=WATER), expected=ng.NEW) == 7


def test_who_does_not_write_alone_looks_first(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a wrong guess there is none until nobody else has written for a while."""
    with PostgresStore(store.name) as other:
        store.append(BORDER, statements(1))
        other.append(BORDER, statements(1, first=2))
        store.append(BORDER, statements(1, first=3))
        monkeypatch.setattr(store._database, "put", None)
        for position in (4, 6):
            other.append(BORDER, statements(1, first=position))
            assert store.append(BORDER, statements(1, first=position + 1)) == position + 1


def test_where_negotiations_were_left_is_not_remembered_for_ever(
    store: PostgresStore, monkeypatch: Any
) -> None:
    """However many are written to, only so many are remembered."""
    monkeypatch.setattr(postgres, "REMEMBERED", 3)
    for n in range(10):
        assert store.append(f"talks {n}", [record("e1", of=f"talks {n}")], expected=0) == 1
        assert 0 < len(store._left) <= 3


@pytest.mark.parametrize(
    ("most", "largest", "portions"), [(3, 1 << 25, 4), (10_000, 1000, 5), (10_000, 1, 10)]
)
def test_many_lines_are_put_in_portions(
    most: int,
    largest: int,
    portions: int,
    store: PostgresStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are one append all the same, kept or undone as a whole."""
    monkeypatch.setattr(postgres, "MOST", most)
    monkeypatch.setattr(postgres, "LARGEST", largest)
    lines = [*store._sealed(statements(10), NOWHERE)]
    assert len([*store._puts(BORDER, NOWHERE, lines)]) == portions
    for first in (1, 11):
        assert store.append(BORDER, statements(10, first=first), expected=first - 1) == first + 9
    assert numbered(store) == [(n, f"e{n}") for n in range(1, 21)]
    assert store.verify(BORDER).intact
    tampered(store.name, "UPDATE negotiation_records SET position = 29 WHERE number = 20")
    with pytest.raises(StoreDamaged) as caught:
        store.append(BORDER, statements(10, first=21))
    assert caught.value.kept is False
    assert store.append(WATER, statements(1, of=WATER)) == 1
    assert numbered(store)[20:] == [(21, "e1")]


def test_a_record_that_cannot_be_written_undoes_those_before_it(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though they were on their way already, and the connection is as good as before."""
    monkeypatch.setattr(postgres, "MOST", 1)
    process = backend(store)
    for expected in (ng.NEW, ng.ANY):
        records = [*statements(5), record("e6", minute=6, text="x" * (1 << 20))]
        with pytest.raises(EncodeError, match="record 'e6': the line would have"):
            store.append(BORDER, records, expected=expected)
        assert numbered(store) == []
    assert store.append(BORDER, statements(5), expected=ng.NEW) == 5
    assert backend(store) == process


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_append_that_is_interrupted_is_undone(
    error: type[BaseException], store: PostgresStore
) -> None:
    """Others need not wait for it, and the store goes on."""
    store.append(BORDER, statements(1))
    process = backend(store)
    with pytest.raises(error):
        _interrupted(store, error)
    assert backend(store) == process
    with PostgresStore(store.name, patience=0.5) as other:
        other.append(BORDER, statements(1, first=2))
    assert store.append(BORDER, statements(1, first=3)) == 3


def _interrupted(store: PostgresStore, error: type[BaseException]) -> None:
    with store._writing(BORDER, ["e1"]) as writing:
        assert writing.found["e1"].position == 1
        raise error


def test_what_was_acknowledged_is_durable_whatever_the_server_says(url: str) -> None:
    """A server, or a URL, that would rather be fast is not listened to."""
    with PostgresStore(f"{url}%20-csynchronous_commit%3Doff") as store:
        [(value,)] = store._database.run("SHOW synchronous_commit")
        assert value == b"on"


@pytest.mark.parametrize("looked_at", [False, True])
def test_an_append_sees_what_was_committed_while_it_waited(
    looked_at: bool, url: str, threads: ThreadPoolExecutor
) -> None:
    """Also where the server would have a transaction see no more than when it began."""
    with PostgresStore(f"{url}%20-cdefault_transaction_isolation%3Dserializable") as store:
        store.append(WATER, statements(1, of=WATER))
        if looked_at:
            store._left.clear()
        with held(url, *statements(2)) as transaction:
            append = threads.submit(store.append, WATER, statements(2, of=WATER))
            waiting(url)
            transaction.execute("COMMIT")
            assert append.result() == 2
        assert numbered(store) == [(1, "e1"), (2, "e1"), (3, "e2"), (4, "e2")]


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("negotiation", ["talks", "a" * 100_000])
def test_reading_goes_by_the_indexes(negotiation: str, count: int, store: PostgresStore) -> None:
    """No statement that is asked for a part of the records looks at all of them, however few."""
    store.append(negotiation, [record(f"e{n}", of=negotiation) for n in range(count)])
    tampered(store.name, "ANALYZE negotiation_records, negotiation_logs")
    explained = _explained(store, negotiation)
    assert len(explained) == 6
    for statement, plan in explained.items():
        assert "Index" in plan, statement
        assert "Seq Scan on negotiation_records" not in plan, statement
        assert "Seq Scan on negotiation_logs" not in plan, statement
        assert "Sort" not in plan, statement


def _explained(store: PostgresStore, negotiation: str) -> dict[str, str]:
    values = {
        "digest": postgres._digest(negotiation), "after": 0, "upto": 200, "most": 100, "low": 0,
        "high": 100, "ids": "e1\ne7",
    }  # fmt: skip
    parts = (NOTED, FOUND, *PAGE.values(), PAGE_OF_ALL, NUMBERS)
    plans = {each: store._database.run(f"EXPLAIN {each}", **values) for each in parts}
    return {each: "\n".join(row[0].decode() for row in rows) for each, rows in plans.items()}


# Ids


def test_an_id_is_nothing_but_an_id(store: PostgresStore) -> None:
    """Whatever an id would mean to PostgreSQL or to psycopg, it is kept as it is."""
    odd = [
        "'; DROP TABLE negotiation_records; --", "%s", "%(digest)s", "%", "\\x00", "\\", "\\\\n",
        "$1", "{}", "E'\\n'", "NULL", "é" * 40_000, "a" * 100_000, "a" * 99_999 + "b",
    ]  # fmt: skip
    negotiations = [*odd, "\x00", "\n", "e1\ne2", "\x1b", "\ud7ff\ue000"]
    for negotiation in negotiations:
        kept = [record(id, of=negotiation) for id in odd]
        assert store.append(negotiation, kept, expected=ng.NEW) == len(odd)
        assert store.append(negotiation, kept[::-1]) == 1
        assert ids(store, negotiation) == odd
        assert store.verify(negotiation).intact
    assert [each.negotiation for each in store.negotiations()] == sorted(negotiations)


@pytest.mark.parametrize("long", [record("x" * (1 << 20)), record("e1", of="x" * (1 << 20))])
def test_an_id_that_fills_a_line_is_told(long: ng.Record, store: PostgresStore) -> None:
    """A line is read up to a mebibyte, so no longer one is written, and nothing is kept of it."""
    for expected in (ng.NEW, ng.ANY):
        with pytest.raises(EncodeError, match="at most 1048576 are read"):
            store.append(
                long.negotiation, [record("e0", of=long.negotiation), long], expected=expected
            )
    assert numbered(store) == []
    assert list(store.negotiations()) == []


# Following


def test_what_comes_just_before_a_follower_listens_is_not_missed(
    store: PostgresStore, monkeypatch: Any
) -> None:
    """It looks once more after it has begun to listen, and need not be told."""
    monkeypatch.setattr(postgres, "POLL", 1000)
    listen = Ear.listen

    def late(ear: Ear) -> None:
        with PostgresStore(store.name) as other:
            other.append(BORDER, statements(1))
        listen(ear)

    monkeypatch.setattr(Ear, "listen", late)
    assert next(store.follow(timeout=20))[1].id == "e1"


def test_a_follower_is_woken(url: str, monkeypatch: Any, threads: ThreadPoolExecutor) -> None:
    """It is told of what others commit, and need not ask."""
    monkeypatch.setattr(postgres, "POLL", 1000)
    with PostgresStore(url) as follower, PostgresStore(url) as writer:
        found = threads.submit(next, follower.follow(timeout=60))
        listening(follower)
        writer.append(BORDER, statements(1))
        assert found.result()[1].id == "e1"


def test_a_follower_finds_what_nobody_tells(
    url: str, monkeypatch: Any, threads: ThreadPoolExecutor
) -> None:
    """Now and then it asks by itself."""
    monkeypatch.setattr(postgres, "POLL", 0.05)
    monkeypatch.setattr(Ear, "hears", _deaf)
    with PostgresStore(url) as follower, PostgresStore(url) as writer:
        found = threads.submit(next, follower.follow(timeout=60))
        listening(follower)
        writer.append(BORDER, statements(1))
        assert found.result()[1].id == "e1"


def _deaf(ear: Ear, seconds: float) -> bool:
    ear._connection.execute("SELECT pg_sleep(%s)", [seconds])
    return False


def test_a_store_is_not_woken_by_its_neighbours(url: str, threads: ThreadPoolExecutor) -> None:
    """Stores in one database that have tables of their own do not disturb each other."""
    with PostgresStore(url) as follower, PostgresStore(new_database()) as neighbour:
        heard = threads.submit(_heard, follower)
        listening(follower, "LISTEN %")
        neighbour.append(BORDER, statements(1))
        follower.append(WATER, statements(1, of=WATER))
        assert heard.result() == [f"negotiation_{follower._database.channel.partition('_')[2]}"]


def _heard(store: PostgresStore) -> list[str]:
    with store._listening() as ear:
        return [each.channel for each in ear._connection.notifies(timeout=30, stop_after=1)]


def test_a_follower_keeps_one_connection(url: str, store: PostgresStore) -> None:
    """However often it waits, and it does not listen while it does not wait."""
    follow = store.follow()
    for n in range(1, 4):
        store.append(BORDER, statements(1, first=n))
        assert next(follow)[0] == n
        assert list(store.follow(after=n, timeout=0)) == []
    [ears] = store._ears.values()
    [ear] = ears
    assert ear._connection.execute("SELECT pg_listening_channels()").fetchall() == []


def test_closing_a_store_ends_its_connections(
    url: str, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of its followers too, whether they wait or not."""
    monkeypatch.setattr(postgres, "POLL", 1000)
    store = PostgresStore(f"{url}&application_name=to_be_closed")
    follower = threads.submit(next, store.follow(timeout=60))
    listening(store)
    assert list(store.follow(timeout=0)) == []
    question = "SELECT pid FROM pg_stat_activity WHERE application_name = 'to_be_closed'"
    assert len(asked(url, question)) == 3
    store.close()
    with pytest.raises(StoreClosed):
        follower.result()
    until(lambda: not asked(url, question))


def test_a_follower_that_is_told_in_the_moment_of_closing_leaves_nothing_open(
    store: PostgresStore,
) -> None:
    """Its connection is not put aside for later where there is no later."""
    with store._listening() as ear:
        store.close()
    assert ear._connection.closed
    assert not any(store._ears.values())


# Processes

WRITER = """
import sys
from negotiation.testing.storing import record
from negotiation.stores.deciding import NOWHERE
from negotiation.stores.postgres import PostgresStore

url, name = sys.argv[1:]
sys.stdin.readline()
with PostgresStore(url) as store:
    for n in range(40):
        store.append("talks", [record(f"{name}{n}", of="talks")])
"""


def test_processes_share_a_store_that_neither_has_made(url: str) -> None:
    """Both make it at once and append to one negotiation: each record is there once, in a chain."""
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, name], stdin=subprocess.PIPE)
        for name in "ab"
    ]
    for each in writers:
        each.communicate(b"go\n")
    assert [each.wait() for each in writers] == [0, 0]
    with PostgresStore(url, create=False) as store:
        found = ids(store, "talks")
        assert sorted(found) == sorted(f"{name}{n}" for name in "ab" for n in range(40))
        assert [id for id in found if id.startswith("a")] == [f"a{n}" for n in range(40)]
        assert [number for number, _ in numbered(store)] == [*range(1, 81)]
        assert store.verify("talks").intact


FORKING = """
import os
import sys
from negotiation.testing.storing import record
from negotiation.stores.deciding import NOWHERE
from negotiation.stores.postgres import PostgresStore

store = PostgresStore(sys.argv[1])
store.append("talks", [record("before", of="talks")])
assert list(store.follow(after=1, timeout=0)) == []
child = os.fork()
store.append("talks", [record("child" if child == 0 else "parent", of="talks")])
assert list(store.follow(after=3, timeout=0)) == []
if child == 0:
    store.close()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
store.append("talks", [record("after", of="talks")])
store.close()
"""


def test_a_process_that_forks_shares_no_connection(url: str) -> None:
    """Parent and child go on with the same store, each on its own way to the server."""
    subprocess.run([sys.executable, "-W", "error", "-c", FORKING, url], check=True)
    with PostgresStore(url) as store:
        found = ids(store, "talks")
        assert (found[0], sorted(found[1:3]), found[3:]) == (
            "before",
            ["child", "parent"],
            ["after"],
        )
        assert store.verify("talks").intact


def test_a_process_that_was_forked_closes_nothing_of_its_parent(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it never used the store, it may close it."""
    store.append(BORDER, statements(1))
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: 0)
        store._close()
    assert ids(store) == ["e1"]
