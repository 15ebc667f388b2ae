"""The store in a PostgreSQL database, when the server, the way to it or the URL is not in order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Final
from urllib.parse import quote

import psycopg
import pytest

import negotiation as ng
from negotiation.errors import StoreBusy, StoreClosed, StoreDamaged, StoreFailed, UnknownStore
from negotiation.stores import postgres
from negotiation.stores.postgres import PostgresStore
from negotiation.testing.storing import BORDER, WATER, statements
from tests.stores.postgres_kit import (
    asked,
    backend,
    breaking,
    ended,
    held,
    ids,
    listening,
    numbered,
    tampered,
    until,
    waiting,
)  # fmt: skip
from tests.stores.server import Server, connected, new_database, server


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


# The server and the way to it


def test_a_server_that_was_killed_has_kept_what_was_acknowledged(
    url: str, store: PostgresStore
) -> None:
    """What is asked of it fails while it is down, and succeeds again once it is up."""
    store.append(BORDER, statements(3))
    for turn, break_off in enumerate([server().kill, server().stop], start=4):
        break_off()
        with pytest.raises(StoreFailed, match="whether the append is kept is not known") as caught:
            store.append(BORDER, statements(1, first=turn))
        assert caught.value.kept is None
        for attempt in (
            lambda turn=turn: store.append(BORDER, statements(1, first=turn)),
            lambda: store.read(BORDER),
            lambda: next(store.read_all()),
            lambda: store.verify(BORDER),
            lambda: store.snapshot(BORDER),
            store.negotiations,
        ):
            with pytest.raises(StoreFailed, match="cannot be reached") as caught:
                attempt()
            assert caught.value.kept is False
        server().start()
        assert store.append(BORDER, statements(1, first=turn)) == turn
    assert numbered(store) == [(n, f"e{n}") for n in range(1, 6)]
    assert store.verify(BORDER).intact


def test_a_follower_is_told_of_a_lost_server(
    store: PostgresStore, threads: ThreadPoolExecutor
) -> None:
    """It does not wait for ever for what never comes, and can follow again."""
    store.append(BORDER, statements(1))
    follow = store.follow(timeout=60)
    assert next(follow)[0] == 1
    found = threads.submit(next, follow)
    ended(store.name, listening(store))
    with pytest.raises(StoreFailed, match="cannot be reached, or no longer") as caught:
        found.result()
    assert caught.value.kept is False
    assert list(store.follow(after=1, timeout=0)) == []
    assert store.append(BORDER, statements(1, first=2)) == 2


@pytest.mark.parametrize(("looked_at", "kept"), [(False, None), (True, False)])
def test_a_connection_that_was_ended_is_made_anew(
    looked_at: bool, kept: bool | None, store: PostgresStore
) -> None:
    """What comes first fails, and says what is known; the next append finds everything in order."""
    store.append(BORDER, statements(1))
    ended(store.name, backend(store))
    if looked_at:
        store._left.clear()
    with pytest.raises(StoreFailed, match="cannot be reached, or no longer") as caught:
        store.append(BORDER, statements(1, first=2))
    assert (type(caught.value), caught.value.kept) == (StoreFailed, kept)
    assert store.append(BORDER, statements(2, first=2)) == 3
    assert numbered(store) == [(1, "e1"), (2, "e2"), (3, "e3")]


@pytest.mark.parametrize(("looked_at", "kept"), [(False, None), (True, False)])
def test_an_append_whose_connection_is_ended_is_not_kept_by_halves(
    looked_at: bool, kept: bool | None, store: PostgresStore, threads: ThreadPoolExecutor
) -> None:
    """While it waits for another one, or later: it can be tried again and is there once."""
    store.append(BORDER, statements(1))
    if looked_at:
        store._left.clear()
    with held(store.name, *statements(1, of=WATER)):
        append = threads.submit(store.append, BORDER, statements(20, first=2))
        waiting(store.name)
        ended(store.name, backend(store))
        with pytest.raises(StoreFailed) as caught:
            append.result()
        assert caught.value.kept is kept
    assert ids(store) == ["e1"]
    assert store.append(BORDER, statements(20, first=2)) == 21
    assert [number for number, _ in numbered(store)] == [*range(1, 22)]


def test_a_transaction_whose_connection_is_ended_is_undone(store: PostgresStore) -> None:
    """The store finds out at the end of it, at the latest, and goes on with another connection."""
    store.append(BORDER, statements(1))
    store._left.clear()
    with pytest.raises(ZeroDivisionError):
        _ended_within(store)
    assert store.append(BORDER, statements(1, first=2)) == 2


def _ended_within(store: PostgresStore) -> float:
    with store._writing(BORDER, []):
        ended(store.name, backend(store))
        return 1 / 0


@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize(
    ("count", "word"),
    [(1, b"so be it"), (3, b"so be it"), (1, b"COMMIT"), (3, b"COMMIT")],
    ids=["one at once", "three at once", "one, looked at", "three, looked at"],
)
def test_an_append_whose_answer_was_lost_can_be_tried_again(
    count: int, word: bytes, heard: bool, url: str
) -> None:
    """Whether it is kept is not known then; appended again it is there once, and acknowledged."""
    PostgresStore(url).close()
    records = statements(count)
    with breaking(url, word, heard=heard) as frail, PostgresStore(frail) as store:
        expected = ng.NEW if word == b"so be it" else ng.ANY
        with pytest.raises(StoreFailed, match="is not known; append the same again") as caught:
            store.append(BORDER, records, expected=expected)
        assert caught.value.kept is None
        with PostgresStore(url) as other:
            assert ids(other) == ([each.id for each in records] if heard else [])
        assert store.append(BORDER, records, expected=expected) == count
        assert numbered(store) == [(n, f"e{n}") for n in range(1, count + 1)]


@pytest.mark.parametrize("looked_at", [False, True])
def test_an_append_that_takes_longer_than_the_server_allows_is_undone(
    looked_at: bool, store: PostgresStore
) -> None:
    """A limit of the server holds for the store as well."""
    store.append(BORDER, statements(1))
    if looked_at:
        store._left.clear()
    with held(store.name, *statements(1, of=WATER)):
        store._database._current().execute("SET statement_timeout = 50")
        with pytest.raises(StoreFailed, match="took longer than its server allows") as caught:
            store.append(BORDER, statements(1, first=2))
        assert caught.value.kept is False
        store._database._current().execute("RESET statement_timeout")
    assert store.append(BORDER, statements(1, first=2)) == 2


ERRORS: Final[dict[str, tuple[type[StoreFailed], str]]] = {
    "53100": (StoreFailed, "no room left"),
    "53200": (StoreFailed, "no room left"),
    "58030": (StoreFailed, "whose disk failed"),
    "40001": (StoreBusy, "another writer came in between"),
    "40P01": (StoreBusy, "another writer came in between"),
    "XX001": (StoreDamaged, "is damaged; restore it"),
    "42P01": (StoreDamaged, "has not the tables that a store makes"),
    "54000": (StoreFailed, "has a server that refused"),
}
"""What a server may say, and what is made of it."""


@pytest.mark.parametrize("looked_at", [False, True])
@pytest.mark.parametrize("code", ERRORS)
def test_what_a_server_refuses_is_not_kept(
    code: str, looked_at: bool, store: PostgresStore
) -> None:
    """A full disk, a broken one, a damaged file: it is told, and the next append goes on."""
    store.append(BORDER, statements(1))
    tampered(
        store.name,
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'no, thanks' USING ERRCODE = '{code}'; END $$",
        "CREATE TRIGGER refuse AFTER INSERT ON negotiation_records EXECUTE FUNCTION refuse()",
    )
    if looked_at:
        store._left.clear()
    kind, reason = ERRORS[code]
    with pytest.raises(kind, match=rf"{reason}.* \(PostgreSQL: no, thanks\)") as caught:
        store.append(BORDER, statements(2, first=2))
    assert (type(caught.value), caught.value.kept) == (kind, False)
    tampered(store.name, "DROP TRIGGER refuse ON negotiation_records")
    assert store.append(BORDER, statements(2, first=2)) == 3
    assert [number for number, _ in numbered(store)] == [1, 2, 3]


def test_damage_that_came_too_late_for_an_append_is_told(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not tried another way where it may be kept."""
    store.append(BORDER, statements(1))

    def damaged(*given: object) -> None:
        raise StoreDamaged(store.name, "is damaged", kept=None)

    monkeypatch.setattr(store._database, "put", damaged)
    with pytest.raises(StoreDamaged, match="is damaged") as caught:
        store.append(BORDER, statements(1, first=2))
    assert caught.value.kept is None


# What may only be read


def test_a_connection_that_may_only_read_reads(url: str, store: PostgresStore) -> None:
    """An append to it is refused, and says why."""
    store.append(BORDER, statements(2))
    with PostgresStore(f"{url}%20-cdefault_transaction_read_only%3Don") as reader:
        assert ids(reader) == ["e1", "e2"]
        assert [number for number, _ in reader.follow(timeout=0)] == [1, 2]
        with pytest.raises(StoreFailed, match="can be read there, and not written to") as caught:
            reader.append(BORDER, statements(1, first=3))
        assert caught.value.kept is False


def test_a_user_who_may_only_read_reads(url: str, store: PostgresStore) -> None:
    """What is not granted is refused, and says so."""
    store.append(BORDER, statements(2))
    schema = url.rpartition("%3D")[2]
    tampered(
        url,
        "DROP ROLE IF EXISTS onlooker",
        "CREATE ROLE onlooker LOGIN",
        f"GRANT USAGE ON SCHEMA {schema} TO onlooker",
    )
    theirs = url.replace("postgres@", "onlooker@")
    with pytest.raises(StoreFailed, match="is not permitted to this user"):
        PostgresStore(theirs)
    tampered(url, f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO onlooker")
    with PostgresStore(theirs) as reader:
        assert ids(reader) == ["e1", "e2"]
        with pytest.raises(StoreFailed, match="is not permitted to this user") as caught:
            reader.append(BORDER, statements(1, first=3))
        assert caught.value.kept is False
    other = new_database()
    tampered(other, f"GRANT USAGE ON SCHEMA {other.rpartition('%3D')[2]} TO onlooker")
    with pytest.raises(StoreFailed, match="is not permitted to this user"):
        PostgresStore(other.replace("postgres@", "onlooker@"))
    tampered(url, "DROP OWNED BY onlooker", "DROP ROLE onlooker")


def test_a_standby_is_read_and_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells nobody of what comes, and so is asked; it takes nothing, and makes no tables."""
    monkeypatch.setattr(postgres, "NAP", 0.02)
    own = Server()
    with PostgresStore(own.url()) as store:
        store.append(BORDER, statements(2))
    own.stop()
    signal = own.folder / "data" / "standby.signal"
    signal.touch()
    own.start()
    with PostgresStore(own.url()) as standby, ThreadPoolExecutor(1) as threads:
        assert [number for number, _ in standby.follow(timeout=0.1)] == [1, 2]
        with pytest.raises(StoreFailed, match="can be read there, and not written to") as caught:
            standby.append(BORDER, statements(1, first=3))
        assert caught.value.kept is False
        follow = threads.submit(next, standby.follow(after=2, timeout=60))
        until(lambda: standby._ears and not any(standby._ears.values()))
        standby.close()
        with pytest.raises(StoreClosed):
            follow.result()
    with pytest.raises(StoreFailed, match="can be read there, and not written to"):
        PostgresStore(f"{own.url('template1')}")
    own.end()


# Opening


def test_nothing_is_made_where_nothing_is_to_be_made(url: str) -> None:
    """A store that is only to be read is not begun by mistake."""
    with pytest.raises(UnknownStore, match="nothing is there, and nothing was to be made"):
        PostgresStore.at(url, create=False)
    assert asked(url, "SELECT to_regclass('negotiation_store')") == [(None,)]
    with ng.open_store(url) as store:
        store.append(BORDER, statements(1))
    with ng.open_store(url, create=False) as store:
        assert ids(store) == ["e1"]


def test_a_store_is_made_once_by_many(url: str, threads: ThreadPoolExecutor) -> None:
    """Whoever opens a new one at the same time finds the same one."""
    together = Barrier(6)

    def opened(number: int) -> int:
        together.wait()
        with PostgresStore(url) as store:
            return store.append(BORDER, statements(1, first=number))

    assert sorted(threads.map(opened, [1] * 6)) == [1] * 6
    assert sorted(threads.map(opened, [1, 1, 1, 1, 1, 1])) == [1] * 6
    assert asked(url, "SELECT version, last FROM negotiation_store") == [(1, 1)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE negotiation_store SET version = 2", "is of version 2, and this version of the li"),
        ("DELETE FROM negotiation_store", "is of version none"),
        ("ALTER TABLE negotiation_store DROP COLUMN version", "has not the tables that a store ma"),
    ],
)
def test_what_is_no_store_of_this_version_is_left_alone(
    change: str, reason: str, url: str, store: PostgresStore
) -> None:
    """It is told when it is opened, and when a connection is made anew."""
    store.append(BORDER, statements(1))
    tampered(url, change)
    ended(url, backend(store))
    with pytest.raises(StoreFailed, match="cannot be reached"):
        store.read(BORDER)
    for attempt in (lambda: PostgresStore(url), lambda: store.read(BORDER)):
        with pytest.raises(StoreDamaged, match=reason):
            attempt()


def test_a_store_without_its_tables_is_damaged(store: PostgresStore) -> None:
    """What is asked of it says so."""
    tampered(store.name, "DROP TABLE negotiation_records, negotiation_logs")
    for attempt in (
        lambda: store.append(BORDER, statements(1)),
        lambda: store.append(BORDER, statements(1), expected=ng.NEW),
        lambda: store.read(BORDER),
        store.negotiations,
    ):
        with pytest.raises(StoreDamaged, match="has not the tables that a store makes"):
            attempt()


def test_a_database_in_another_encoding_is_refused() -> None:
    """Not every text could be kept there as it is."""
    with connected(server().url()) as connection:
        connection.execute("DROP DATABASE IF EXISTS narrow")
        connection.execute("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreFailed, match="is a database in LATIN1; a store needs one in UTF8"):
        PostgresStore(server().url("narrow"))


# URLs and passwords

SESAME: Final = "open sesame"


@pytest.mark.parametrize(
    "given",
    [
        "postgresql:",
        "postgresql:talks",
        "postgresql:/host/talks",
        "postgresql://host:sesame/talks",
        "postgresql://north:sesame@sesame@host/talks",
        "postgresql://north:ses/ame@host/talks",
        "postgresql://north:ses?sesame@host/talks",
        "postgresql://north:sesame#1@host/talks",
        "postgresql://north:se:same@host/talks",
        "postgresql://north:[sesame]@host/talks",
        "postgresql://north@host/talks?user=a@sesame",
        "postgresql://north:sesame\n@host/talks",
        "postgresql://north:sesame\x00@host/talks",
        "postgresql://north:sesame\ud800@host/talks",
        "postgresql:host=host password=sesame",
        "host=host password=sesame",
        "postgresql://" + "," * 5000 + "#sesame",
    ],
)
def test_what_is_no_url_is_told_without_its_password(given: str) -> None:
    """Where it is not certain where a password ends, nothing of the URL is shown."""
    with pytest.raises(UnknownStore, match=r"must be postgresql://user:password@host") as caught:
        PostgresStore(given)
    assert caught.value.store == "postgresql:"
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "shown", "reason"),
    [
        ("?sesame_words=open", "?sesame_words=open", 'invalid URI query parameter: "sesame_words"'),
        ("?password=1&words=open", "?words=open", 'invalid URI query parameter: "words"'),
        ("?password=words&words=open", "?words=open", "names no database$"),
        ("?password=%ZZ", "", "names no database$"),
    ],
)
def test_a_url_that_postgresql_does_not_know_is_told(given: str, shown: str, reason: str) -> None:
    """With what PostgreSQL says, if that holds no password."""
    with pytest.raises(UnknownStore, match=reason) as caught:
        PostgresStore(f"postgresql://host/talks{given}")
    assert caught.value.store == f"postgresql://host/talks{shown}"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            "postgresql://north:sesame@/talks?host=/nowhere",
            "postgresql://north@/talks?host=/nowhere",
        ),
        ("postgres://:ses%40ame@/talks?host=/nowhere", "postgres://@/talks?host=/nowhere"),
        (
            "postgresql:///talks?password=sesame&host=/nowhere&sslp%61ssword=sesame",
            "postgresql:///talks?host=/nowhere",
        ),
        ("postgresql://?PGPASSWORD=sesame&host=/nowhere", "postgresql://?host=/nowhere"),
        (
            "postgresql://[::1]:1,[::2]:/talks?host=/nowhere",
            "postgresql://[::1]:1,[::2]:/talks?host=/nowhere",
        ),
    ],
)
def test_no_password_is_shown(given: str, shown: str) -> None:
    """A URL is shown without it, and so is what PostgreSQL says."""
    with pytest.raises((StoreFailed, UnknownStore)) as caught:
        PostgresStore(given)
    assert (getattr(caught.value, "store", None), "sesame" in str(caught.value)) == (shown, False)
    assert "ses%40ame" not in str(caught.value)


def test_what_happens_to_hold_a_password_is_not_shown() -> None:
    """What PostgreSQL says is left out where the password is a word of it."""
    with pytest.raises(StoreFailed, match=r"cannot be reached, or no longer.*\(PostgreSQL: conn"):
        PostgresStore("postgresql://north:sesame@/talks?host=/nowhere")
    for password in ("nowhere", "now%68ere"):
        with pytest.raises(StoreFailed, match=r"try again once it can$"):
            PostgresStore(f"postgresql://north:{password}@/talks?host=/nowhere")


def test_a_store_is_opened_with_a_password(url: str) -> None:
    """It is used, and not shown by the store nor by its errors."""
    tampered(url, "DROP ROLE IF EXISTS keeper", "CREATE ROLE keeper LOGIN SUPERUSER")
    theirs = url.replace("postgres@", f"keeper:{quote(SESAME)}@") + "&application_name=talks"
    store = PostgresStore(theirs)
    assert store.name == url.replace("postgres@", "keeper@") + "&application_name=talks"
    assert store._database._current().info.password == SESAME
    assert store._database._current().info.get_parameters()["application_name"] == "talks"
    store.close()
    with pytest.raises(StoreClosed) as caught:
        store.read(BORDER)
    assert "sesame" not in str(caught.value)


def test_a_store_needs_psycopg(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, what to install is told."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UnknownStore, match=r"needs psycopg.*install `negotiation\[postgres\]`"):
        ng.open_store(url)


def test_a_connection_that_cannot_be_set_up_is_closed(url: str) -> None:
    """Nothing is left open behind a store that could not be opened."""
    for _ in range(3):
        with pytest.raises(UnknownStore):
            PostgresStore(f"{url}&application_name=to_be_refused", create=False)
    question = "SELECT pid FROM pg_stat_activity WHERE application_name = 'to_be_refused'"
    until(lambda: not asked(url, question))


def test_psycopg_is_imported_when_it_is_used() -> None:
    """A program that keeps its negotiations elsewhere does not load it."""
    assert psycopg.__name__ in sys.modules
    code = "import negotiation, sys; assert 'psycopg' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
