"""An empty sheet to fill in by hand, which says of each column what stands in it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import Final, get_args

from negotiation.importers.sheet_cells import IN_JSON, SEPARATOR
from negotiation.importers.sheet_columns import COMMENT, LAST, OWN, column_of, columns
from negotiation.model import Model
from negotiation.records import Precision, Record
from negotiation.wire.schema import attribute_words
from negotiation.wire.shapes import Shape, fields_of

_TIME: Final = "a time: 2025-04-20, 2025-04-20 15:00 or 2025-04-20T15:00:00+03:00"
_KINDS: Final[Mapping[str, str]] = {
    "party": "a party's id, without white space",
    "parties": f"parties' ids, with {SEPARATOR} between them",
    "item": "an id",
    "text": "text",
    "moment": _TIME,
    "count": "a whole number from 0",
    "whole": "a whole number",
    "number": "a number",
    "truth": "true or false",
    "object": 'a JSON object; or a column for each of its members, such as terms.price for "price"',
    "nested": "a JSON object",
    "json": "what reads as JSON is JSON, TRUE and FALSE are true and false, all else is text",
}

_MEANT: Final[Mapping[str, str]] = {
    "by": "who acts; of TruceViolated the accused, of TruceObserved who complied",
    "binds": "whom it binds; empty for by alone, who else is bound only if named here",
    "begins": "from when on",
    "ends": "the first instant at which it is over; of what lasts a whole day, the next day",
}
"""What a column means, where its name does not say it of every event."""

_EXAMPLES: Final[tuple[Mapping[str, str], ...]] = (
    {
        "negotiation": "talks", "id": "e1", "event": "PartyJoined", "time": "2025-04-18",
        "party": "north", "role": "principal", "name": "The North",
    },
    {
        "negotiation": "talks", "id": "e2", "event": "ProposalMade", "time": "2025-04-19 15:00",
        "proposal": "p1", "by": "north", "to": "south; east",
        "terms": '{"ceasefire": true, "days": 30}', "expires": "2025-04-26",
        "speaker": "The spokeswoman", "reported_by": "a newspaper",
        "quote": "a ceasefire of thirty days",
    },
    {
        "negotiation": "talks", "id": "e3", "event": "ProposalRejected", "time": "2025-04-21",
        "proposal": "p1", "by": "south", "reason": "a stunt", "recorded": "2025-04-22 09:00",
    },
    {
        "negotiation": "talks", "id": "e4", "event": "TruceDeclared", "time": "2025-04-23",
        "truce": "t1", "by": "north", "kind": "truce", "starts": "2025-04-24", "ends": "2025-04-25",
    },
    {
        "negotiation": "talks", "id": "e5", "event": "TruceViolated", "time": "2025-04-24 20:00",
        "violation": "v1", "truce": "t1", "by": "north", "alleged_by": "south", "count": "3",
        "qualifier": "at-least",
    },
)  # fmt: skip
"""Rows as they may be filled in."""


def blank_sheet(*, model: Model = Model.default) -> str:
    """An empty sheet as CSV: a head with every column, and rows that explain it.

    The rows that explain it, and an example, begin with # in the column `event`, so that they are
    not read when the sheet is imported. Columns that are not needed may be deleted.

    Args:
        model: the events that are known.
    """
    head = columns(model)
    written = StringIO()
    rows = csv.DictWriter(written, head, restval="", lineterminator="\n")
    rows.writeheader()
    rows.writerow(_explained(model))
    rows.writerow(_where(model))
    for example in _EXAMPLES:
        rows.writerow({**example, "event": f"{COMMENT} {example['event']}"})
    return written.getvalue()


def _explained(model: Model) -> dict[str, str]:
    """What stands in each column."""
    said = attribute_words(Record)
    kinds: dict[str, dict[str, None]] = {}
    for cls in model.wire_types:
        for field in fields_of(cls):
            kinds.setdefault(column_of(field.name), {})[_words(field.shape)] = None
    names = ", ".join(cls.__name__ for cls in model.wire_types)
    return {
        **{name: said[name] for name in columns(model) if name in said},
        **{name: " / ".join(words) for name, words in kinds.items()},
        **{name: f"{meant}; {' / '.join(kinds[name])}" for name, meant in _MEANT.items()},
        "event": f"{COMMENT} What happened: one of {names}. A row that begins with # is not read.",
        "time": f"{said['time']} It is {_TIME}; a day alone is its first instant.",
        "recorded": f"{said['recorded']} It is {_TIME}.",
        "precision": f"{said['precision']} It is {_one_of(get_args(Precision))}.",
        "visible_to": f"To whom it was shown: {_KINDS['parties']}. Empty: it is public.",
    }


def _words(shape: Shape) -> str:
    """What a value of some shape is."""
    if shape.kind == "choice":
        return _one_of(shape.choices)
    if shape.items is not None:
        if (held := IN_JSON.get(shape.items.kind)) is not None:
            return f"a JSON array of {held}"
        return f"{_words(shape.items)}; several with {SEPARATOR} between them"
    return _KINDS[shape.kind]


def _one_of(words: Iterable[str]) -> str:
    return f"one of {', '.join(words)}"


def _where(model: Model) -> dict[str, str]:
    """Which events have each column."""
    fields = (name for name in columns(model) if name not in OWN)
    return {
        **{name: ", ".join(_having(model, name)) for name in fields},
        "event": f"{COMMENT} Which events have the column; a * where it must be filled in.",
        **dict.fromkeys(("negotiation", "time"), "all *"),
        **dict.fromkeys(("id", "precision", *LAST), "all"),
    }


def _having(model: Model, column: str) -> Iterator[str]:
    for cls in model.wire_types:
        for field in fields_of(cls):
            if column_of(field.name) == column:
                yield cls.__name__ + " *" * field.required
