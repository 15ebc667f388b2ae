"""The stores that commands are given: opened and closed, named without a password."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from errno import ENOENT
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from negotiation.cli.output import Failure
from negotiation.errors import Unreadable, nearest
from negotiation.words import listed

if TYPE_CHECKING:
    from negotiation.stores import Store, StoredNegotiation

_MOST: Final = 20
"""How many ids an error lists."""

_LOST: Final = (
    "memory: is empty whenever a program opens it; name a store that lasts, such as "
    "sqlite:///talks.db"
)


class Listing(Protocol):
    """What can say which negotiations it holds."""

    def negotiations(self) -> Iterable[StoredNegotiation]:
        """The negotiations, in the order of their ids."""


def names_store(source: str) -> bool:
    """Whether a text is the URL of a store; every path, one to JSON Lines too, is that of a log."""
    if ":" not in source:
        return False
    from negotiation.stores.opening import is_store  # nobody who reads a file waits for it

    return is_store(source)


def shown(source: str) -> str:
    """What to call a log in a message: its path, or its URL without what may be a password."""
    if not source.startswith("postgres") or not names_store(source):
        return source
    scheme, slashes, rest = source.partition("//")
    user, at, place = rest.rpartition("@")
    return scheme + slashes + user.partition(":")[0] + at + place.partition("?")[0]


@contextmanager
def opened(url: str, *, create: bool = False) -> Iterator[Store]:
    """A store, closed in the end.

    Args:
        url: its URL, or the path of a file of JSON Lines.
        create: make it if it is not there.

    Raises:
        Failure: it is one in memory, which nothing could be read from or kept in.
        Unreadable: it is a file of JSON Lines that is not there.
        UnknownStore, StoreFailed: as for `open_store`.
    """
    from negotiation.stores.opening import FILE, open_store

    if url == "memory:":
        raise Failure(_LOST)
    is_file = url.endswith(FILE) and not names_store(url)
    if is_file and not create and not Path(url).exists():
        raise Unreadable(f"cannot be read: {os.strerror(ENOENT)}", file=url)
    with open_store(url, create=create) as store:
        yield store


def ids_of(source: Listing) -> list[str]:
    """The ids of the negotiations that a store or the like holds, sorted."""
    return [each.negotiation for each in source.negotiations()]


def several(name: str, ids: Sequence[str]) -> Failure:
    """The error where one negotiation is needed, and a store holds none or several."""
    if not ids:
        return Failure(f"{name}: holds no negotiation")
    return Failure(
        f"{name}: holds {len(ids)} negotiations ({_listed(ids)}); choose one of them with "
        "--negotiation"
    )


def no_such(name: str, negotiation: str, ids: Sequence[str]) -> Failure:
    """The error where a log does not hold the negotiation that was chosen, but those of `ids`."""
    if not ids:
        return Failure(f"{name}: holds no negotiation {negotiation!r}; it is empty")
    holds = nearest(negotiation, ids) if len(ids) > _MOST else f"it holds {_listed(ids)}"
    return Failure(f"{name}: holds no negotiation {negotiation!r}; {holds}")


def _listed(ids: Sequence[str]) -> str:
    first = [repr(id) for id in ids[:_MOST]]
    return listed([*first, "…"] if len(ids) > _MOST else first)
