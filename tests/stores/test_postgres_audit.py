"""The store in a PostgreSQL database, when somebody has changed the database by SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

import negotiation as ng
from negotiation.errors import StoreDamaged
from negotiation.stores.postgres import PostgresStore
from negotiation.testing.storing import BORDER, WATER, record, statements
from tests.stores.postgres_kit import asked, numbered, tampered
from tests.stores.server import new_database

LOG: Final = "UPDATE negotiation_logs SET"
RECORD: Final = "UPDATE negotiation_records SET"
MORE: Final = """
    INSERT INTO negotiation_records (number, negotiation, position, id, line)
    SELECT {number}, {negotiation}, {position}, 'e9', line
    FROM negotiation_records WHERE id = 'e5'
    """

FOUND: Final[dict[str, tuple[int, str]]] = {
    f"{RECORD} line = replace(line, 'so be it', 'never') WHERE id = 'e2'": (
        2,
        "is not what was sealed",
    ),
    f"{RECORD} line = 'x' WHERE id = 'e1'": (1, "is no record"),
    f"{RECORD} line = '' WHERE id = 'e5'": (5, "is no record"),
    f"{RECORD} id = 'e9' WHERE id = 'e3'": (3, "has the id str 'e3', and is filed under 'e9'"),
    rf"{RECORD} id = '\x6533ff' WHERE id = 'e3'": (3, "has the id str 'e3', and is filed under"),
    f"{RECORD} position = 9 WHERE id = 'e3'": (3, "is missing"),
    f"{RECORD} position = 9 WHERE id = 'e5'": (5, "is missing; the store has noted 5 records"),
    f"{RECORD} position = -position WHERE id = 'e1'": (1, "is missing"),
    f"{RECORD} number = 99 WHERE id = 'e2'": (6, "noted 8 records in all, and the last of them is"),
    f"{RECORD} number = -1 WHERE id = 'e1'": (1, "is number -1 of all, and the store has noted 1"),
    f"{RECORD} number = -1 WHERE id = 'e5'": (5, "is number -1 of all, and the one before it is 4"),
    f"{RECORD} negotiation = 6 WHERE id = 'e5'": (5, "is missing; the store has noted 5"),
    f"{RECORD} negotiation = 77 WHERE id = 'e4'": (4, "is missing"),
    "DELETE FROM negotiation_records WHERE id = 'e2'": (2, "is missing"),
    "DELETE FROM negotiation_records WHERE id = 'e5'": (5, "is missing; the store has noted 5"),
    "DELETE FROM negotiation_records": (1, "is missing; the store has noted 5 records"),
    MORE.format(number=9, negotiation=1, position=6): (6, "is filed, or one up to position 6"),
    MORE.format(number=9, negotiation=1, position=-3): (1, "is filed behind one at position -3"),
    f"{LOG} position = 4 WHERE key = 1": (5, "the store has noted another hash"),
    f"{LOG} position = 0 WHERE key = 1": (1, "the store has noted another hash"),
    f"{LOG} position = -7 WHERE key = 1": (1, "the store has noted another hash"),
    f"{LOG} position = 6 WHERE key = 1": (6, "the store has noted 6 records"),
    f"{LOG} hash = 'ff' WHERE key = 1": (6, "the store has noted another hash"),
    f"{LOG} hash = '' WHERE key = 1": (6, "the store has noted another hash"),
    f"{LOG} first_recorded = '2026-03-03T09:00:00Z' WHERE key = 1": (
        1,
        "was recorded 2026-03-03T09:01:00Z, and the store has noted 2026-03-03T09:00:00Z",
    ),
    f"{LOG} first_recorded = '' WHERE key = 1": (1, "and the store has noted "),
    f"{LOG} last_recorded = '2026-03-03T09:00:00Z' WHERE key = 1": (
        5,
        "was recorded 2026-03-03T09:05:00Z, and the store has noted 2026-03-03T09:00:00Z",
    ),
    f"{LOG} last_recorded = 'infinity' WHERE key = 1": (5, "and the store has noted None"),
    f"{LOG} source = 'x' WHERE key = 1": (1, "is filed, as number 1 of all, and not noted"),
    f"{LOG} key = 77 WHERE key = 1": (1, "is missing; the store has noted 5"),
    "DELETE FROM negotiation_logs WHERE key = 1": (1, "is filed, as number 1 of all, and not note"),
    "UPDATE negotiation_store SET last = 7": (6, "noted 7 records in all, and the last of them is"),
    "UPDATE negotiation_store SET last = 9": (6, "noted 9 records in all, and the last of them is"),
    "DELETE FROM negotiation_store": (6, "has noted None records in all"),
}
"""What somebody may do to a store of two negotiations, and where and how it shows."""


@pytest.fixture
def store() -> Iterator[PostgresStore]:
    with PostgresStore(new_database()) as store:
        store.append(BORDER, statements(5))
        store.append(WATER, statements(3, of=WATER, first=11))
        yield store


@pytest.mark.parametrize("change", FOUND, ids=lambda change: " ".join(change.split())[:110])
def test_whatever_is_altered_is_found(change: str, store: PostgresStore) -> None:
    """Whether a line, how it is filed or what is noted beside: verifying says where it shows."""
    assert store.verify(BORDER).intact
    tampered(store.name, change)

    position, reason = FOUND[change]
    fault = store.verify(BORDER).fault
    assert fault is not None
    assert (fault.position, reason in fault.reason) == (position, True), fault
    if "WHERE" in change and "number" not in change and "negotiation = 6" not in change:
        assert store.verify(WATER).intact


def test_what_each_column_says_is_tried() -> None:
    """No column of records, of logs or of the store is left out above, but for its version."""
    url = new_database()
    PostgresStore(url).close()
    columns = asked(
        url,
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name <> 'negotiation_snapshots'
        AND column_name NOT IN ('version', 'single')
        """,
    )
    assert len(columns) == 12
    for table, column in columns:
        assert any(f"{table} SET {column} = " in change for change in FOUND), column


def test_a_record_that_was_put_to_another_negotiation_is_found_there(store: PostgresStore) -> None:
    """Where it was it is missing, and where it is now there is one more than was noted."""
    tampered(store.name, f"{RECORD} negotiation = 6 WHERE id = 'e5'")

    fault = store.verify(WATER).fault
    assert fault is not None
    assert fault.position == 4


@pytest.mark.parametrize("position", [1000, 1001, 1002, 2000, 2001, 2100])
def test_numbers_are_compared_across_pages(position: int) -> None:
    """Also the first line of a page must be numbered behind the last of the page before."""
    with PostgresStore(new_database()) as store:
        store.append(BORDER, statements(2100))
        number = f"{RECORD} number = %d WHERE position = %d"
        tampered(
            store.name,
            number % (9999, position - 1),
            number % (position - 1, position),
            number % (position, position - 1),
        )
        fault = store.verify(BORDER).fault
        assert fault is not None
        assert (fault.position, fault.reason) == (
            position,
            f"is number {position - 1} of all, and the one before it is {position}",
        )


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM negotiation_logs WHERE key = 1",
        "DELETE FROM negotiation_store",
        f"{LOG} source = 'x y' WHERE key = 1",
        f"{LOG} source = '%FF' WHERE key = 1",
        f"{LOG} source = '' WHERE key = 1",
        f"{LOG} position = 4 WHERE key = 1",
        f"{LOG} first_recorded = 'x' WHERE key = 1",
        f"{LOG} last_recorded = '' WHERE key = 1",
    ],
)
def test_what_does_not_add_up_is_not_listed(change: str, store: PostgresStore) -> None:
    """A list that would leave out records, or tell what is none of a negotiation, is refused."""
    tampered(store.name, change)

    with pytest.raises(StoreDamaged, match="restore it from a copy"):
        store.negotiations()


def test_a_negotiation_that_begins_anew_is_not_listed(store: PostgresStore) -> None:
    """Where what was noted of it was removed it may, but the store no longer adds up."""
    tampered(store.name, "DELETE FROM negotiation_logs WHERE key = 1")
    assert store.append(BORDER, statements(1)) == 1
    with pytest.raises(StoreDamaged, match="has noted 4 records in its negotiations, and 9 in all"):
        store.negotiations()


@pytest.mark.parametrize("looked_at", [False, True])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (f"{LOG} position = 4", "is not what was sealed|holds records that it has not noted"),
        (f"{LOG} last_recorded = 'x', hash = ''", "what is noted of negotiation 'border-talks'"),
        (MORE.format(number=99, negotiation=1, position=6), "holds records that it has not noted"),
        (MORE.format(number=9, negotiation=99, position=1), "holds records that it has not noted"),
        ("DELETE FROM negotiation_store", "what is noted of negotiation 'border-talks'"),
        ("UPDATE negotiation_store SET last = 2", "holds records that it has not noted"),
    ],
)
def test_nothing_is_put_on_what_is_damaged(
    change: str, reason: str, looked_at: bool, store: PostgresStore
) -> None:
    """An append to what does not agree with itself is refused, and nothing of it is kept."""
    tampered(store.name, change)
    if looked_at:
        store._left.clear()
    before = asked(store.name, "SELECT * FROM negotiation_records")

    with pytest.raises(StoreDamaged, match=reason) as caught:
        store.append(BORDER, [record("e6", minute=9)])
    assert caught.value.kept is False
    assert asked(store.name, "SELECT * FROM negotiation_records") == before


def test_a_copy_of_what_was_altered_is_told(store: PostgresStore) -> None:
    """Who appends a record again is not told that it is there where it cannot be read."""
    tampered(store.name, f"{RECORD} line = '{{}}' WHERE id = 'e1'")

    with pytest.raises(StoreDamaged, match="position 1: specversion: is missing"):
        store.append(BORDER, [*statements(1), record("e6", minute=9)])


def test_a_store_that_lost_its_last_number_reads_nothing(store: PostgresStore) -> None:
    """Rather than telling that there is nothing."""
    tampered(store.name, "DELETE FROM negotiation_store")

    with pytest.raises(StoreDamaged, match="has lost the number of its last record"):
        next(store.read_all())


def test_a_negotiation_that_is_only_spoken_of_is_none(store: PostgresStore) -> None:
    """Lines that merely hold the words of its source, or are no records, are none of it."""
    terms = {"source": "gone"}
    spoken = ng.ProposalMade(proposal="p", by="north", to=["south"], terms=terms)
    for name in ("first", "second", "third"):
        store.append(name, [record("e1", of=name, event=spoken)])
    tampered(
        store.name,
        f"""{RECORD} line = '{{"source":"gone",' WHERE number = 10""",
        f"""{RECORD} line = '[{{"source":"gone"}}]' WHERE number = 11""",
    )

    assert store.verify("gone").intact
    assert store.verify("gone").count == 0


def test_a_negotiation_that_begins_while_it_is_verified_is_none_yet(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is verified is what was there when it began."""
    pages = store._pages

    def late(*given: Any) -> Any:
        store.append("late", statements(3, of="late"))
        return pages(*given)

    monkeypatch.setattr(store, "_pages", late)
    assert (store.verify("late").count, store.verify("late").intact) == (0, True)
    assert store.verify("late").count == 3


def test_what_grows_while_it_is_verified_is_intact(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that others append meanwhile are no alteration."""
    pages = store._pages

    def late(*given: Any) -> Any:
        store.append(BORDER, statements(7))
        return pages(*given)

    monkeypatch.setattr(store, "_pages", late)
    found = store.verify(BORDER)
    assert (found.count, found.fault) == (5, None)


def test_numbers_may_be_left_out(store: PostgresStore) -> None:
    """Where somebody removed a negotiation as a whole, the others are as they were."""
    tampered(
        store.name,
        "DELETE FROM negotiation_records WHERE negotiation = 1",
        "DELETE FROM negotiation_logs WHERE key = 1",
    )

    assert numbered(store) == [(6, "e11"), (7, "e12"), (8, "e13")]
    assert store.verify(WATER).intact
    assert store.append(WATER, statements(1, of=WATER, first=14)) == 4


@pytest.mark.parametrize("text", ["replace(text, 'north', 'south')", "'x'", "''"])
def test_a_snapshot_that_was_altered_is_not_used(text: str, store: PostgresStore) -> None:
    """The state is then folded from the log."""
    store.snapshot(BORDER)
    store.append(BORDER, statements(1, first=6))
    store.snapshot(BORDER)
    state = store.state(BORDER)
    tampered(store.name, f"UPDATE negotiation_snapshots SET text = {text}")  # noqa: S608  # by intent

    assert store.state(BORDER) == state
    assert len(asked(store.name, "SELECT text FROM negotiation_snapshots")) == 1
