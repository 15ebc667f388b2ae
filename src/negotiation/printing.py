"""Logs and records on paper: as a plain table to read, and as Python to paste into a test.

The Python is one expression. It stands on two names:

    from datetime import datetime

    import negotiation as ng
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeAlias
from unicodedata import category, east_asian_width

import attrs
from attrs import frozen

from negotiation.events import EVENTS, UnknownEvent, maker
from negotiation.history import History
from negotiation.records import Record
from negotiation.values import FrozenDict, thaw
from negotiation.words import listed, source_words, time_words, told

LINE_WIDTH: Final = 88
"""How long a line of Python becomes, where it can be broken."""

_NESTED: Final = 100
"""From this depth on a JSON value is written as JSON: Python reads no more than 200 brackets."""

_AT_A_PROMPT: Final = 100
"""A log of more records than this is too much to be printed for merely being looked at."""


# As Python


def as_python(value: object) -> str:
    """The Python that builds a log, a record, an event or any value of these, or a list of them.

    What it builds is equal to what was given. It is one expression, over several lines where it
    is long, with defaults left out; `ng` and `datetime` are to be imported, and an extension's own
    classes by their names. What lies deeper than 100 levels inside JSON values is written with
    `json.loads`.

    Args:
        value: what is to be built.
    """
    return _laid_out(_node(value))


def pretty(value: History | Record, printer: Any) -> None:
    """Print a log or a record as Python: the protocol of IPython, and of Hypothesis' examples.

    Args:
        value: what is printed. Of a long log it is the `repr`.
        printer: where it is printed to.
    """
    if isinstance(value, History) and len(value) > _AT_A_PROMPT:
        printer.text(repr(value))
        return
    for number, line in enumerate(as_python(value).split("\n")):
        if number:
            printer.break_()
        printer.text(line)


@frozen
class _Group:
    """Something in brackets: on one line, or its parts on one of their own, or each on its own."""

    opened: str
    parts: Sequence[tuple[str, _Node]]
    closed: str

    def inside(self) -> str:
        inside = ", ".join(lead + _flat(part) for lead, part in self.parts)
        return inside + ("," if self.opened == "(" and len(self.parts) == 1 else "")


_Node: TypeAlias = str | _Group


def _flat(node: _Node) -> str:
    return node if isinstance(node, str) else f"{node.opened}{node.inside()}{node.closed}"


def _laid_out(node: _Node, indent: int = 0, taken: int = 0) -> str:
    """The text of a node; `taken` is what else stands on its first line."""
    flat = _flat(node)
    if isinstance(node, str) or not node.parts or indent + taken + len(flat) <= LINE_WIDTH:
        return flat
    deeper = indent + 4
    lines = [node.inside()]
    if deeper + len(lines[0]) > LINE_WIDTH:
        lines = [f"{lead}{_laid_out(part, deeper, len(lead) + 1)}," for lead, part in node.parts]
    body = "".join(f"{' ' * deeper}{line}\n" for line in lines)
    return f"{node.opened}\n{body}{' ' * indent}{node.closed}"


def _call(name: str, fields: Mapping[str, _Node]) -> _Group:
    return _Group(f"{name}(", [(f"{field}=", node) for field, node in fields.items()], ")")


def _node(value: Any) -> _Node:
    """Any value, exactly: a tuple stays one, and so does a frozen object."""
    kind = type(value)
    if isinstance(value, History):
        return _log(value)
    if kind is Record:
        return _record(value, "position")
    if attrs.has(kind):
        own = kind.__module__.partition(".")[0] == __name__.partition(".")[0]
        fields = _fields(value, _plain if kind in _OWN else _node)
        return _call(f"ng.{kind.__name__}" if own else kind.__name__, fields)
    if kind is FrozenDict:
        return _Group("ng.FrozenDict(", [("", _plain(value))], ")")
    if kind is frozenset:
        return _Group("frozenset(", [("", _node(set(value)))] if value else [], ")")
    return _builtin(value, _node)


def _plain(value: Any, depth: int = 1) -> _Node:
    """A field of the library's own events, as one writes it: lists and dicts, which are frozen."""
    if depth > _NESTED and isinstance(value, tuple | FrozenDict):
        return f"json.loads({_text(json.dumps(thaw(value), ensure_ascii=False))})"
    value = list(value) if isinstance(value, tuple) else value
    return _builtin(value, lambda inner: _plain(inner, depth + 1))


def _builtin(value: Any, write: Callable[[Any], _Node]) -> _Node:
    """A value of a builtin type, or, of any other, what it says of itself."""
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is float and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, Enum):
        return f"{kind.__name__}.{value.name}"
    if isinstance(value, Mapping):
        return _Group("{", [(f"{_flat(write(key))}: ", write(value[key])) for key in value], "}")
    if kind in _BRACKETS and value != set():
        opened, closed = tuple(_BRACKETS[kind])
        members = sorted(value, key=repr) if kind is set else value
        return _Group(opened, [("", write(each)) for each in members], closed)
    return repr(value)


_OWN: Final = frozenset({*EVENTS, UnknownEvent})
_BRACKETS: Final[Mapping[type[Any], str]] = {list: "[]", tuple: "()", set: "{}"}


def _text(value: str) -> str:
    """A text in double quotes, unless it holds some."""
    text = repr(value)
    return text if '"' in text else f'"{text[1:-1]}"'


def _moment(value: datetime) -> str:
    exact = "auto" if value.second or value.microsecond else "minutes"
    text = value.isoformat(timespec=exact)
    if value.utcoffset() == timedelta():
        text = text.removesuffix("+00:00") + "Z"
    return f'datetime.fromisoformat("{text}")'


def _fields(value: Any, write: Any, skip: Iterable[str] = ()) -> dict[str, _Node]:
    """The fields that are not at their defaults, by the names under which they are given."""
    return {
        a.alias: write(getattr(value, a.name))
        for a in attrs.fields(type(value))
        if a.init and a.name not in skip and not _same(getattr(value, a.name), a.default)
    }


def _same(value: Any, default: Any) -> bool:
    """Whether a value is surely its default."""
    alike = type(value) is type(default) and isinstance(value, str | int)
    return value is default or bool(alike and value == default)


_WRITTEN_APART: Final = ("position", "event", "recorded", "visible_to", "attributes")


def _record(record: Record, *shown: str) -> _Node:
    """A record; `shown` names what is shown only where it stands alone."""
    fields = _fields(record, _plain, _WRITTEN_APART)
    if "position" in shown and record.position != 1:
        fields["position"] = repr(record.position)
    if record.recorded != record.time:
        fields["recorded"] = _moment(record.recorded)
    fields["event"] = _node(record.event)
    if record.visible_to is not None:
        fields["visible_to"] = _plain(sorted(record.visible_to))
    if record.attributes:
        fields["attributes"] = _plain(dict(record.attributes))
    first = ("id", "negotiation", "position", "time", "recorded", "event")
    ordered = sorted(fields, key=lambda name: first.index(name) if name in first else len(first))
    return _call("ng.Record", {name: fields[name] for name in ordered})


def _log(log: History) -> _Node:
    parts: list[tuple[str, _Node]] = []
    if log.negotiation is not None:
        parts.append(("", _text(log.negotiation)))
    if len(log):
        parts.append(("", _Group("[", [("", _record(each)) for each in log], "]")))
    return _Group("ng.Log(", parts, ")")


# As a table


@frozen
class _Column:
    """A column of a table.

    Attributes:
        head: what stands above it.
        most: how wide it may become.
    """

    head: str
    most: int


_COLUMNS: Final = (
    _Column("id", 24),
    _Column("time", 34),
    _Column("recorded", 34),
    _Column("party", 16),
    _Column("what happened", 60),
    _Column("seen by", 20),
    _Column("source", 32),
)


def as_table(log: History | Record | Iterable[Record]) -> str:
    """The records of a log as a table of plain text, a record a row, without colours.

    When a record was recorded, who sees it and its source are columns only where some record
    differs in it from the usual: recorded when it happened, public, with no source.

    Args:
        log: a log, a record, or several records.
    """
    records = [log] if isinstance(log, Record) else list(log)
    if not records:
        return "no records"
    rows = [[*map(_visible, _cells(each))] for each in records]
    kept = [n for n in range(len(_COLUMNS)) if any(row[n] for row in rows)]
    cells = [[_wrapped(row[n], _COLUMNS[n].most) for n in kept] for row in rows]
    heads = [[_COLUMNS[n].head] for n in kept]
    widths = [
        max(_width(line) for cell in column for line in cell)
        for column in zip(heads, *cells, strict=True)
    ]
    rule = [["-" * width] for width in widths]
    return "\n".join(line for row in (heads, rule, *cells) for line in _lines(row, widths))


def _cells(record: Record) -> tuple[str, ...]:
    """What stands in each column for a record."""
    precise = "" if record.precision is None else f" ({record.precision})"
    return (
        record.id,
        time_words(record.time) + precise,
        "" if record.recorded == record.time else time_words(record.recorded),
        maker(record.event) or "",
        told(record.event) + ("" if record.repeats is None else f" (repeats {record.repeats})"),
        "" if record.visible_to is None else listed(sorted(record.visible_to)),
        source_words(record.speaker, record.reported_by),
    )


def _visible(text: str) -> str:
    """Text on one line, in which whatever could not be seen is an escape."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _wrapped(text: str, most: int) -> list[str]:
    return textwrap.wrap(text, most, break_on_hyphens=False) or [""]


def _width(text: str) -> int:
    """How many columns a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text
    )


def _lines(row: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """The lines of a row whose cells hold several."""
    for number in range(max(map(len, row))):
        texts = [cell[number] if number < len(cell) else "" for cell in row]
        padded = [
            text + " " * (width - _width(text)) for text, width in zip(texts, widths, strict=True)
        ]
        yield "  ".join(padded).rstrip()
