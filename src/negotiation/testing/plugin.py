"""A plugin for pytest: a failed `assert state == other` says what differs, by path.

It is loaded in every run of pytest where this library is installed, so it imports no more than the
core before a comparison has failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from negotiation.history import History
    from negotiation.records import Record
    from negotiation.state import Negotiation


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """What pytest shows of two states, two logs or two records that are not equal.

    Args:
        op: the operator of the comparison.
        left: what stands on its left.
        right: what stands on its right.

    Returns:
        The lines of the explanation; None for other comparisons, which are pytest's own.
    """
    if op != "==":
        return None
    from negotiation.history import History
    from negotiation.records import Record
    from negotiation.state import Negotiation

    lines: Iterator[str] = iter(())
    if isinstance(left, Negotiation) and isinstance(right, Negotiation):
        lines = _states(left, right)
    elif isinstance(left, History) and isinstance(right, History):
        lines = _logs(left, right)
    elif isinstance(left, Record) and isinstance(right, Record):
        lines = _records(left, right)
    found = list(lines)
    return [f"{_called(left)} == {_called(right)}", *found] if found else None


def _called(value: Any) -> str:
    from negotiation.records import Record

    return f"<Record {value.id!r}>" if isinstance(value, Record) else repr(value)


def _states(left: Negotiation, right: Negotiation) -> Iterator[str]:
    """A line for each path at which two states differ."""
    from negotiation.comparing import diff

    for change in diff(left, right).changes:
        words = change.words("!=", added="only on the right", removed="only on the left")
        yield f"{change.path}: {words}"


def _logs(left: History, right: History) -> Iterator[str]:
    """The first record that differs, and how."""
    if left.negotiation != right.negotiation:
        yield f"negotiation: {left.negotiation!r} != {right.negotiation!r}"
        return
    for position, (one, other) in enumerate(zip_longest(left, right), start=1):
        if one is None or other is None:
            side, further = ("right", other) if one is None else ("left", one)
            more = abs(len(left) - len(right))
            yield f"the {side} goes on after position {position - 1}, with {more} more:"
            yield from _python(further)
            return
        if one != other:
            yield f"position {position} is the first that differs:"
            yield from _records(one, other)
            return


def _records(left: Record, right: Record) -> Iterator[str]:
    """The fields in which two records differ."""
    from negotiation.records import FIELDS

    for name in FIELDS:
        one, other = getattr(left, name), getattr(right, name)
        if one != other:
            yield f"{name}:"
            yield from (f"  left:  {line}" for line in _python(one))
            yield from (f"  right: {line}" for line in _python(other))


def _python(value: object) -> list[str]:
    from negotiation.printing import as_python

    return as_python(value).split("\n")
