"""Why a value is what it is: the records behind it, each with who says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from negotiation.cli.layout import BAD, ID, QUIET, TITLE, Cell, Column, Line, table, wrap
from negotiation.cli.output import Page, visible
from negotiation.explaining import Explanation, Reason
from negotiation.model import Model
from negotiation.wire.states import to_json
from negotiation.words import time_words

_COLUMNS: Final = (
    Column("time"),
    Column("#", right=True),
    Column("record"),
    Column("what it says", main=True),
)


def explanation_lines(found: Explanation, page: Page) -> Iterator[str]:
    """What stands at a path, and a row for each record behind it."""
    yield ""
    first, *further = wrap(visible(f"{found.path} is {found.summary}"), page.width)
    yield page.paint(first, TITLE)
    for line in further:
        yield page.paint(line, TITLE)
    if found.reasons:
        yield ""
        yield from table(_COLUMNS, map(_row, found.reasons), page)
    else:
        yield from wrap("no record has a say in it", page.width)


def _row(reason: Reason) -> tuple[Cell, ...]:
    record = reason.record
    said = [
        Line(reason.sentence),
        *([] if reason.problem is None else [Line(f"changed nothing: {reason.problem}", BAD)]),
        *(Line(f"repeated by {source}", QUIET) for source in reason.sources),
    ]
    time = [Line(time_words(record.time)), Line(record.precision or "", QUIET)]
    return time, str(record.position), Line(record.id, ID), said


def explanation_json(found: Explanation) -> dict[str, Any]:
    """An explanation for programs."""
    return {
        "path": found.path,
        "value": to_json(found.value),
        "summary": found.summary,
        "reasons": [_reason_json(reason) for reason in found.reasons],
    }


def _reason_json(reason: Reason) -> dict[str, Any]:
    record = reason.record
    event: Any = record.event
    told = ("position", "time", "recorded", "speaker", "reported_by", "report_url", "quote")
    return {
        "record": record.id,
        "type": Model.default.wire_types.get(type(event)) or event.type,
        "sentence": reason.sentence,
        "problem": reason.problem,
        **{name: to_json(getattr(record, name)) for name in told},
        "repeated_by": [each.id for each in reason.repeated_by],
    }
