"""Paths into a state: `truces.easter.status`, `parties.ukraine.positions["annexed land"].value`.

A path is a sequence of steps: the name of an attribute, the key of a mapping, the member of a set,
or the index of a sequence. Written as text, steps are joined by dots; a key with other characters
than letters, digits, - and _ stands in brackets as a JSON text, an index in brackets as a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import attrs

from negotiation.errors import InvalidPath, nearest
from negotiation.state import CONTENTS, HEAD, Negotiation
from negotiation.values import describe

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]

_PLAIN: Final = re.compile(r"[\w-]+")
_INDEX: Final = re.compile(r"[0-9]{1,9}")
_STEP: Final = re.compile(r'(\.?)([\w-]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]')


def path_text(path: Iterable[Step]) -> str:
    """A path as text."""
    text = ""
    for step in path:
        text = further(text, step)
    return text


def further(text: str, step: Step) -> str:
    """The text of a path with one step more."""
    if isinstance(step, int):
        return f"{text}[{step}]"
    if _PLAIN.fullmatch(step):
        return f"{text}.{step}" if text else step
    return f"{text}[{json.dumps(step, ensure_ascii=False)}]"


def parse_path(text: str) -> Path:
    """A path from its text.

    Raises:
        InvalidPath: it is not written as a path is.
    """
    if not isinstance(text, str):
        raise InvalidPath(describe(text), "a path is a text, such as truces.easter.status")
    path: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (found[2] is not None and bool(found[1]) != bool(path)):
            raise InvalidPath(
                text,
                f"cannot be read from character {at + 1} on; names are joined by dots, and an id "
                'with other characters than letters, digits, - and _ stands in brackets: ["an id"]',
            )
        path.append(_step(text, found))
        at = found.end()
    if not path:
        raise InvalidPath(text, "is empty; a path is such as truces.easter.status")
    return tuple(path)


def _step(text: str, found: re.Match[str]) -> Step:
    if found[2] is not None:
        return found[2]
    if found[3] is not None:
        return int(found[3])
    try:
        return str(json.loads(found[4]))
    except ValueError:
        raise InvalidPath(text, f"holds {found[4]}, which is no JSON text") from None


def names(value: Any) -> Iterable[Step]:
    """The steps that lead further from a value of a state; none from a plain value."""
    if isinstance(value, Negotiation):
        return (*HEAD, *CONTENTS)
    if isinstance(value, Mapping):
        return tuple(value)
    if isinstance(value, frozenset):
        return tuple(sorted(value))
    if isinstance(value, tuple):
        return range(len(value))
    if attrs.has(type(value)):
        return tuple(a.name for a in attrs.fields(type(value)))
    return ()


def resolve(state: Any, path: Path) -> Any:
    """The value at a path.

    Args:
        state: where the path begins, mostly a state.
        path: the steps to take.

    Raises:
        InvalidPath: there is nothing there; the message names the nearest right path.
    """
    value = state
    for index, step in enumerate(path):
        try:
            value = _taken(value, step)
        except LookupError:
            raise _nowhere(value, path, index) from None
    return value


def _taken(value: Any, step: Step) -> Any:
    if isinstance(value, Mapping):
        return value[step]
    if isinstance(value, frozenset):
        return step if step in value else _missing()
    if isinstance(value, tuple):
        return value[int(step)] if _INDEX.fullmatch(str(step)) else _missing()
    return getattr(value, str(step)) if step in names(value) else _missing()


def _missing() -> Any:
    raise LookupError


def _nowhere(value: Any, path: Path, index: int) -> InvalidPath:
    whole, before, step = path_text(path), path[:index], str(path[index])
    allowed = {str(name): path_text((*before, name)) for name in names(value)}
    if not allowed:
        end = path_text(before)
        more = (
            "it is empty" if isinstance(value, Mapping | frozenset | tuple) else "it has no parts"
        )
        return InvalidPath(whole, f"leads past {end or 'the state'}: {more}")
    return InvalidPath(whole, f"leads nowhere at {step!r}; {nearest(step, allowed, allowed)}")
