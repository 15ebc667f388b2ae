"""What an auditor finds in a SQLite store that somebody has altered."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

import negotiation as ng
from negotiation.errors import (
    StoreDamaged,
)
from negotiation.stores.sqlite import SqliteStore
from negotiation.testing.storing import BORDER, WATER, record, statements
from tests.stores.sqlite_kit import kept, raw, tampered


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talks.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


# Whoever alters the file is found

LINE: Final = "SELECT negotiation, 6, 'e6', line FROM records WHERE id = 'e5'"

FOUND: Final[dict[str, tuple[int, str]]] = {
    "UPDATE records SET line = replace(line, 'so be it', 'never') WHERE id = 'e2'": (
        2,
        "is not what was sealed",
    ),
    "UPDATE records SET line = x'ff00' WHERE id = 'e1'": (1, "is no record"),
    "UPDATE records SET id = 'e9' WHERE id = 'e3'": (
        3,
        "has the id str 'e3', and is filed under 'e9'",
    ),
    "UPDATE records SET id = x'6533ff' WHERE id = 'e3'": (
        3,
        "has the id str 'e3', and is filed under",
    ),
    "UPDATE records SET position = 9 WHERE id = 'e3'": (3, "is missing"),
    "UPDATE records SET position = 2.5 WHERE id = 'e3'": (3, "is missing"),
    "UPDATE records SET position = 'x' WHERE id = 'e5'": (5, "is missing"),
    "UPDATE records SET position = 0 WHERE id = 'e1'": (1, "is missing"),
    "UPDATE records SET number = 99 WHERE id = 'e2'": (3, "is number 3 of all, and the one bef"),
    "UPDATE records SET number = -1 WHERE id = 'e5'": (5, "is number -1 of all, and the one bef"),
    "UPDATE records SET negotiation = 2 WHERE id = 'e5'": (5, "is missing; the store has noted 5"),
    "UPDATE records SET negotiation = 7 WHERE id = 'e4'": (4, "is missing"),
    "DELETE FROM records WHERE id = 'e2'": (2, "is missing"),
    "DELETE FROM records WHERE id = 'e5'": (5, "is missing; the store has noted 5 records"),
    "DELETE FROM records WHERE negotiation = 1": (1, "is missing; the store has noted 5 records"),
    f"INSERT INTO records (negotiation, position, id, line) {LINE}": (
        6,
        "is filed, or one up to position 6; the store has noted 5 records",
    ),
    f"INSERT INTO records (negotiation, position, id, line) {LINE.replace('6,', '-3,')}": (
        1,
        "is filed behind one at position -3",
    ),
    "UPDATE negotiations SET count = 4 WHERE key = 1": (5, "the store has noted another hash"),
    "UPDATE negotiations SET count = 0 WHERE key = 1": (1, "the store has noted another hash"),
    "UPDATE negotiations SET count = 6 WHERE key = 1": (6, "the store has noted 6 records"),
    "UPDATE negotiations SET hash = 'ff' WHERE key = 1": (6, "the store has noted another hash"),
    "UPDATE negotiations SET first = '2026-03-03T09:00:00Z' WHERE key = 1": (
        1,
        "was recorded 2026-03-03T09:01:00Z, and the store has noted 2026-03-03T09:00:00Z",
    ),
    "UPDATE negotiations SET last = '2026-03-03T09:00:00Z' WHERE key = 1": (
        5,
        "was recorded 2026-03-03T09:05:00Z, and the store has noted 2026-03-03T09:00:00Z",
    ),
    "UPDATE negotiations SET last = x'ff' WHERE key = 1": (5, "and the store has noted None"),
    "UPDATE negotiations SET negotiation = 'x' WHERE key = 1": (
        1,
        "is filed, as number 1 of all, and not noted",
    ),
    "UPDATE negotiations SET key = 7 WHERE key = 1": (1, "is missing; the store has noted 5"),
    "DELETE FROM negotiations WHERE key = 1": (1, "is filed, as number 1 of all, and not noted"),
}
"""What somebody may do to a store of two negotiations, and where and how it shows."""


@pytest.mark.parametrize("statement", FOUND, ids=lambda statement: statement[:90])
def test_whatever_is_altered_is_found(statement: str, url: str, path: Path) -> None:
    """Whether a line, how it is filed or what is noted beside: verifying says where it shows."""
    kept(url, *statements(5))
    kept(url, *statements(3, of=WATER, first=11))
    with SqliteStore(url) as store:
        assert store.verify(BORDER).intact
    tampered(path, statement)

    position, reason = FOUND[statement]
    with SqliteStore(url) as store:
        fault = store.verify(BORDER).fault
        assert fault is not None
        assert (fault.position, reason in fault.reason) == (position, True), fault
        if "negotiation = 2" not in statement:
            assert store.verify(WATER).intact


def test_a_record_that_was_put_to_another_negotiation_is_found_there(url: str, path: Path) -> None:
    """Where it was it is missing, and where it is now there is one more than was noted."""
    kept(url, *statements(5))
    kept(url, *statements(3, of=WATER, first=11))
    tampered(path, "UPDATE records SET negotiation = 2 WHERE id = 'e5'")

    with SqliteStore(url) as store:
        fault = store.verify(WATER).fault
        assert fault is not None
        assert fault.position == 4


@pytest.mark.parametrize("position", [1000, 1001, 1002, 2000, 2001, 2100])
def test_numbers_are_compared_across_pages(position: int, url: str, path: Path) -> None:
    """Also the first line of a page must be numbered behind the last of the page before."""
    kept(url, *statements(2100))
    with raw(path) as connection:
        number = "UPDATE records SET number = ? WHERE position = ?"
        connection.execute(number, (9999, position - 1))
        connection.execute(number, (position - 1, position))
        connection.execute(number, (position, position - 1))

    with SqliteStore(url) as store:
        fault = store.verify(BORDER).fault
        assert fault is not None
        assert (fault.position, fault.reason) == (
            position,
            f"is number {position - 1} of all, and the one before it is {position}",
        )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM negotiations WHERE key = 1",
        "UPDATE negotiations SET key = 7 WHERE key = 1",
        "UPDATE records SET negotiation = 7 WHERE id = 'e4'",
        "UPDATE negotiations SET negotiation = '' WHERE key = 1",
        "UPDATE negotiations SET negotiation = x'ff' WHERE key = 1",
        "UPDATE negotiations SET count = 'x' WHERE key = 1",
        "UPDATE negotiations SET first = 'x' WHERE key = 1",
        "UPDATE negotiations SET last = 'x' WHERE key = 1",
    ],
)
def test_what_is_noted_of_no_negotiation_is_not_listed(
    statement: str, url: str, path: Path
) -> None:
    """A list that would leave out records, or tell what is none of a negotiation, is refused."""
    kept(url, *statements(5))
    tampered(path, statement)

    with SqliteStore(url) as store, pytest.raises(StoreDamaged, match="restore it from a copy"):
        store.negotiations()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE negotiations SET count = 'x'", "what is noted of negotiation 'border-talks'"),
        ("UPDATE negotiations SET last = 'x'", "what is noted of negotiation 'border-talks'"),
        ("UPDATE negotiations SET count = 4", "holds records that it has not noted"),
        ("DELETE FROM negotiations", "holds records that it has not noted"),
        ("UPDATE records SET line = '{}' WHERE id = 'e1'", "position 1: specversion: is missing"),
    ],
)
def test_nothing_is_put_on_what_is_damaged(
    statement: str, reason: str, url: str, path: Path
) -> None:
    """An append to what does not agree with itself is refused, and nothing of it is kept."""
    kept(url, *statements(5))
    tampered(path, statement)

    with SqliteStore(url) as store:
        before = store._file.run("SELECT * FROM records")
        with pytest.raises(StoreDamaged, match=reason) as caught:
            store.append(BORDER, [*statements(1), record("e6", minute=9)])
        assert caught.value.kept is False
        assert store._file.run("SELECT * FROM records") == before


def test_a_line_that_is_filed_at_no_position_is_not_read(url: str, path: Path) -> None:
    """Whoever reads all records is told of the one that has no place."""
    kept(url, *statements(3))
    tampered(path, "UPDATE records SET position = 'x' WHERE id = 'e2'")

    with SqliteStore(url) as store, pytest.raises(StoreDamaged, match="line number 2: is filed at"):
        list(store.read_all())


def test_a_negotiation_that_is_only_spoken_of_is_none(url: str, path: Path) -> None:
    """Lines that merely hold the words of its source, or are no records, are none of it."""
    spoken = ng.ProposalMade(proposal="p", by="north", to=["south"], terms={"source": "gone"})
    kept(url, record("e1", event=spoken))
    kept(url, *statements(1, of=WATER))
    kept(url, *statements(1, of="third"))
    tampered(
        path,
        """UPDATE records SET line = '{"source":"gone",' WHERE negotiation = 2""",
        """UPDATE records SET line = '[{"source":"gone"}]' WHERE negotiation = 3""",
    )

    with SqliteStore(url) as store:
        assert store.verify("gone").intact
        assert store.verify("gone").count == 0


def test_a_negotiation_that_begins_while_it_is_verified_is_none_yet(url: str) -> None:
    """What is verified is what was there when it began."""
    with SqliteStore(url) as store:
        pages = store._pages

        def late(*given: Any) -> Any:
            kept(url, *statements(3))
            return pages(*given)

        store._pages = late  # type: ignore[assignment, method-assign]
        assert (store.verify(BORDER).count, store.verify(BORDER).intact) == (0, True)
        assert store.verify(BORDER).count == 3


def test_what_grows_while_it_is_verified_is_intact(url: str) -> None:
    """Records that others append meanwhile are no alteration."""
    kept(url, *statements(3))
    with SqliteStore(url) as store:
        pages = store._pages

        def late(*given: Any) -> Any:
            kept(url, *statements(5))
            return pages(*given)

        store._pages = late  # type: ignore[assignment, method-assign]
        found = store.verify(BORDER)
        assert (found.count, found.fault) == (3, None)


def test_a_snapshot_that_was_altered_is_not_used(url: str, path: Path) -> None:
    """The state is then folded from the log."""
    with SqliteStore(url) as store:
        store.append(BORDER, statements(3))
        store.snapshot(BORDER)
        state = store.state(BORDER)
        for change in (
            "UPDATE snapshots SET text = replace(text, 'north', 'south')",
            "UPDATE snapshots SET text = 'x'",
            "UPDATE snapshots SET text = x'ff'",
        ):
            tampered(path, change)
            assert store.state(BORDER) == state
