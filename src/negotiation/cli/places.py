"""The stores that commands are given: opened and closed, named without a password."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import ENOENT
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from negotiation.cli.output import Failure, complain
from negotiation.errors import Unreadable, nearest
from negotiation.model import Model
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
    """Whether a text is the URL of a store; every path, one to JSON Lines too, is that of a log.

    Whatever has `://` in it was meant as a URL, if none of a store that there is.
    """
    return "://" in source or _names_known(source)


def _names_known(source: str) -> bool:
    if ":" not in source:
        return False
    from negotiation.stores.opening import is_store  # nobody who reads a file waits for it

    return is_store(source)


def shown(source: str) -> str:
    """What to call a log in a message: its path, or its URL without what may be a password."""
    if not names_store(source):
        return source
    kind = source.partition(":")[0]
    if not _names_known(source):
        return f"{kind if kind.isalnum() else '…'}:"
    if not kind.lower().startswith("postgres"):
        return source
    scheme, slashes, rest = source.partition("//")
    user, at, place = rest.rpartition("@")
    return scheme + slashes + user.partition(":")[0] + at + place.partition("?")[0]


def file_of(source: str) -> Path | None:
    """The file that a log or a store lies in; None where it is none."""
    if not names_store(source):
        return None if source == "-" else Path(source)
    scheme, _, path = source.partition(":///")
    return Path(path) if scheme.lower() == "sqlite" else None


def same_file(source: str, path: str) -> bool:
    """Whether a log or a store lies in the file of a path."""
    file = file_of(source)
    with suppress(OSError, ValueError):  # one of them is not there
        return file is not None and file.samefile(path)
    return False


@contextmanager
def opened(url: str, *, create: bool = False, model: Model = Model.default) -> Iterator[Store]:
    """A store, closed in the end. That it is torn is told on standard error.

    Args:
        url: its URL, or the path of a file of JSON Lines.
        create: make it if it is not there.
        model: the events that are known.

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
    # What is meant as a URL is never the path of a file, however it ends.
    as_given = url + "/" if "://" in url and not _names_known(url) else url
    with open_store(as_given, create=create, model=model) as store:
        if is_file and not create:
            _tell_torn(store, url)
        yield store
        if is_file and create:
            _tell_torn(store, url)


def _tell_torn(store: Any, url: str) -> None:
    """Say that a file of JSON Lines ends in a torn append, or where that was put."""
    if (torn := store.torn) is not None:
        complain(f"{url}: ends in {_torn_words(torn)}; the next append puts them beside the file")
    elif store.aside is not None:
        path = Path(url).with_name(store.aside.name)
        complain(f"{url}: ended in {_torn_words(store.aside.stat().st_size)}; now in {path}")


def _torn_words(size: int) -> str:
    bytes_ = "1 torn byte" if size == 1 else f"{size} torn bytes"
    return f"{bytes_} of an append that was never acknowledged"


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
