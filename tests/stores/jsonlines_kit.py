"""What the tests of the store of JSON Lines share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import negotiation as ng
from negotiation.stores import Store
from negotiation.stores.jsonlines import JsonLinesStore
from negotiation.testing.storing import BORDER
from negotiation.wire.text import write

CODEC: Final = ng.Codec()


@contextmanager
def opening(path: Path) -> Iterator[Callable[..., JsonLinesStore]]:
    """What opens the file of a path, as often as it is asked to, and closes it in the end."""
    with ExitStack() as stack:
        yield lambda **given: stack.enter_context(JsonLinesStore(str(path), **given))


def written(*records: ng.Record) -> bytes:
    """Lines without seals, as somebody writes them."""
    return b"".join(CODEC.encode(each).encode() + b"\n" for each in records)


def undated(record: ng.Record) -> bytes:
    """A line without a seal that does not say when it was recorded."""
    line: dict[str, Any] = {**CODEC.to_json(record), "recordedtime": None}
    return write(line).encode() + b"\n"


def replaced(path: Path, content: bytes) -> None:
    """Put another file in the place of one."""
    path.with_name("new").write_bytes(content)
    path.with_name("new").replace(path)


def touched(path: Path, content: bytes) -> None:
    """Write to a file so that its time of change is the same as ever."""
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))


def numbered(store: Store) -> list[tuple[int, str, str]]:
    """What reading everything gives: numbers, negotiations and ids."""
    return [(number, each.negotiation, each.id) for number, each in store.read_all()]


def ids(store: Store, negotiation: str = BORDER) -> list[str]:
    """The ids of the records of a negotiation."""
    return [each.id for each in store.records(negotiation)]
