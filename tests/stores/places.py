"""Where stores lie: one place of each durable kind, made anew when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import frozen


@frozen
class Place:
    """A kind of store that outlives its process.

    Attributes:
        kind: what it is.
        url: gives the URL of a new one, which may lie in a folder of its own.
    """

    kind: str
    url: Callable[[Path], str]


def _lines(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / "talks.jsonl")


def _sqlite(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'talks.db'}"


def _postgres(folder: Path) -> str:
    from tests.stores.server import new_database

    return new_database()


PLACES: Final = (Place("jsonlines", _lines), Place("sqlite", _sqlite), Place("postgres", _postgres))
