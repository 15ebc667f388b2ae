"""Stores by their URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from negotiation.errors import UnknownStore, nearest
from negotiation.stores.memory import MemoryStore
from negotiation.stores.store import Store
from negotiation.values import describe


def _memory(url: str) -> Store:
    if url != "memory:":
        raise UnknownStore("memory:", "takes nothing behind the colon; each one opened is new")
    return MemoryStore()


KINDS: Final[Mapping[str, Callable[[str], Store]]] = {"memory:": _memory}
"""How the URL of each kind of store begins, and what opens it."""


def open_store(url: str) -> Store:
    """The store that a URL names.

    Args:
        url: `memory:` for a new, empty one in memory.

    Raises:
        UnknownStore: there is no such kind of store. The error shows how the URL begins and no
            more of it, since a URL may hold a password.
    """
    if not isinstance(url, str):
        raise UnknownStore(None, f"the URL must be text, not {describe(url)}")
    for kind, opened in KINDS.items():
        if url.startswith(kind):
            return opened(url)
    before, colon, _ = url.partition(":")
    shown = (before if len(before) <= 60 else before[:57] + "...") + colon
    raise UnknownStore(shown, f"is no kind of store; {nearest(shown, KINDS)}")
