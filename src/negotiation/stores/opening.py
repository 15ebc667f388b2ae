"""Stores by their URL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Final

from negotiation.errors import UnknownStore, nearest
from negotiation.fold import handlers_of
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

_WORD: Final = re.compile(r"[\w.+/-]*")
"""What is no pair of a name and a value."""

_DATABASE: Final = re.compile(r"\.(db|sqlite3?)$", re.IGNORECASE)
"""How the path of a SQLite database usually ends."""


def is_store(url: str) -> bool:
    """Whether a text is the URL of a store, other than a file of JSON Lines."""
    return url.lower().startswith(tuple(kind for kind in _KINDS if kind != FILE))


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
        InvalidModel: `model` is none.
    """
    if not isinstance(url, str):
        raise UnknownStore(None, f"the URL must be text, not {describe(url)}")
    handlers_of(model)  # which refuses what is no model, before anything is opened
    before, colon, _ = url.partition(":")
    scheme = before.lower() + colon
    if scheme == "memory:":
        if url != "memory:":
            raise UnknownStore("memory:", "takes nothing behind the colon; each one opened is new")
        return MemoryStore(model=model)
    found = _MODULES.get(scheme)
    if found is None and url.endswith(FILE) and "://" not in url:
        found = _MODULES[FILE]
    if found is None:
        shown = _shown(url)
        hint = f"did you mean sqlite:///{shown}? " if shown and _DATABASE.search(shown) else ""
        raise UnknownStore(shown, f"is no kind of store; {hint}{nearest(shown or '', _KINDS)}")
    module, name = found
    at = scheme + url[len(scheme) :] if scheme in _MODULES else url
    opened = getattr(import_module(f"negotiation.stores.{module}"), name).at
    store: Store = opened(at, model=model, create=create)
    return store


def _shown(url: str) -> str | None:
    """How a text begins that is no URL of ours, as far as it cannot hold a password."""
    before, colon, _ = url.partition(":")
    if not _WORD.fullmatch(before):
        return None
    return (before if len(before) <= 60 else before[:57] + "...") + colon
