"""Stores by their URL."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from negotiation.errors import UnknownStore, nearest
from negotiation.model import Model
from negotiation.stores.memory import MemoryStore
from negotiation.stores.store import Store
from negotiation.values import describe

FILE: Final = ".jsonl"
"""How the path of a store ends that is a file of JSON Lines."""

_MODULES: Final[Mapping[str, tuple[str, str]]] = {
    "sqlite:": ("sqlite", "SqliteStore"),
    "postgresql:": ("postgres", "PostgresStore"),
    "postgres:": ("postgres", "PostgresStore"),
    FILE: ("jsonlines", "JsonLinesStore"),
}
"""How the URL of each durable kind begins, or ends; its module, imported when used; its class."""

_KINDS: Final = ("memory:", *_MODULES)


def is_store(url: str) -> bool:
    """Whether a text is the URL of a store, other than a file of JSON Lines."""
    return url.startswith(tuple(kind for kind in _KINDS if kind != FILE))


def open_store(url: str, *, model: Model = Model.default, create: bool = True) -> Store:
    """The store that a URL names.

    Args:
        url: `memory:` for a new, empty one in memory; `talks.jsonl`, a path that ends in .jsonl,
            for a file of JSON Lines; `sqlite:///talks.db` for a SQLite database, with a fourth
            slash where its path is absolute; `postgresql://user@host/database` for PostgreSQL,
            which needs the extra `postgres`.
        model: the events that are known.
        create: make what is not there yet.

    Raises:
        UnknownStore: there is no such kind of store, or nothing is there and nothing is to be made.
            The error shows no more of a URL than a password cannot be in.
        StoreFailed: it cannot be opened.
    """
    if not isinstance(url, str):
        raise UnknownStore(None, f"the URL must be text, not {describe(url)}")
    if url.startswith("memory:"):
        if url != "memory:":
            raise UnknownStore("memory:", "takes nothing behind the colon; each one opened is new")
        return MemoryStore(model=model)
    for kind, (module, name) in _MODULES.items():
        if url.startswith(kind) or (kind == FILE and url.endswith(FILE)):
            opened = getattr(import_module(f"negotiation.stores.{module}"), name).at
            store: Store = opened(url, model=model, create=create)
            return store
    before, colon, _ = url.partition(":")
    shown = (before if len(before) <= 60 else before[:57] + "...") + colon
    raise UnknownStore(shown, f"is no kind of store; {nearest(shown, _KINDS)}")
