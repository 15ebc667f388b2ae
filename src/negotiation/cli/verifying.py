"""Whether records are as they were sealed: what was found, and heads that were kept earlier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from negotiation.cli.layout import BAD, GOOD, QUIET, Cell, Column, Line, table
from negotiation.cli.output import Page
from negotiation.cli.places import ids_of, no_such
from negotiation.cli.reading import content_of, name_of
from negotiation.cli.sources import Source, looking
from negotiation.errors import DecodeError
from negotiation.stores.appending import Torn
from negotiation.wire.seals import Head
from negotiation.wire.text import Limits, parse_carefully
from negotiation.wire.verifying import Verification

_COLUMNS: Final = (
    Column("negotiation"),
    Column("records", right=True),
    Column("head"),
    Column("what was found", main=True),
)
_MOST: Final = Limits(line_bytes=1 << 30)
"""How large a file of heads may be."""


def verified(
    source: Source, name: str, negotiation: str | None, heads: Mapping[str, Head]
) -> list[Verification]:
    """What verifying a negotiation finds, or all that there are and all of which heads were kept.

    Args:
        source: what holds them.
        name: what to call it in a message.
        negotiation: the id of the one to verify; None for all.
        heads: where negotiations are known to have stood.

    Raises:
        Failure: there is no such negotiation, and none was known.
        Found: what a store has noted beside the records was altered.
    """
    with looking():
        ids = sorted({*ids_of(source), *heads})
        if negotiation is not None:
            if negotiation not in ids:
                raise no_such(name, negotiation, ids)
            ids = [negotiation]
        return [source.verify(id, head=heads.get(id)) for id in ids]


def heads_in(path: str) -> dict[str, Head]:
    """The heads that a file holds, by negotiation.

    Args:
        path: that of a file which holds what `verify --format json` prints, or a list of heads; or
            - for standard input.

    Raises:
        DecodeError: it holds something else, or what was altered when it was verified.
        Unreadable: it cannot be read.
    """
    try:
        return _heads(parse_carefully(content_of(path), _MOST))
    except DecodeError as error:
        raise error.at(error.file or name_of(path), error.line) from None


def _heads(value: Any) -> dict[str, Head]:
    heads: dict[str, Head] = {}
    for index, each in enumerate(value if isinstance(value, list) else [value]):
        head = _head(each, f"[{index}]")
        if head is None:
            continue
        if head.negotiation in heads:
            raise DecodeError(f"is a second head of {head.negotiation!r}", path=f"[{index}]")
        heads[head.negotiation] = head
    return heads


def _head(value: Any, path: str) -> Head | None:
    """The head that an element of a list holds; None for what was verified and empty."""
    if isinstance(value, Mapping) and "head" in value:
        if value.get("fault") is not None:
            raise DecodeError("was altered when it was verified; keep a head of before", path=path)
        value = value["head"]
        if value is None:
            return None
    try:
        return Head.from_json(value)
    except DecodeError as error:
        inner = "." + error.path if error.path else ""
        raise DecodeError(error.reason, path=path + inner) from None


def verification_lines(found: Iterable[Verification], page: Page) -> Iterator[str]:
    """A row for each negotiation."""
    return table(_COLUMNS, map(_row, found), page)


def _row(found: Verification) -> tuple[Cell, ...]:
    head = found.head if found.intact else None
    return found.negotiation, str(found.count), head_words(head), [*_found(found)]


def _found(found: Verification) -> Iterator[Line]:
    if isinstance(found.fault, Torn):
        yield Line(f"torn: {found.fault.reason}", BAD)
    elif found.fault is not None:
        yield Line(f"altered, position {found.fault.position}: {found.fault.reason}", BAD)
    elif not found.sealed:
        yield Line("unsealed: by itself, an alteration would not show")
    else:
        yield Line("intact", GOOD)
        if found.sealed < found.count:
            yield Line(f"{seal_words(found)}; the first seal covers what stands above it")


def head_words(head: Head | None) -> Line:
    """The beginning of a head's hash, for reading; whoever compares heads takes all of it."""
    return Line("" if head is None else f"{head.hash[:10]}...", QUIET)


def seal_words(found: Verification) -> str:
    """How many records carry a seal."""
    if found.sealed in (0, found.count):
        return "sealed" if found.sealed else "unsealed"
    return f"{found.sealed} of {found.count} sealed"
