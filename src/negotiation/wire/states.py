"""A state as JSON: exactly the names under which it is read, and times as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from negotiation.state import CONTENTS, Negotiation
from negotiation.wire.times import time_text


def state_to_json(state: Negotiation) -> dict[str, Any]:
    """A state as a JSON object.

    The keys are the names of `Negotiation` and of the items in it, in their order; ids are keys,
    sets are sorted lists, times are RFC 3339 in UTC, what is absent is null.
    """
    head = {
        name: to_json(getattr(state, name))
        for name in ("id", "position", "time", "as_of", "known_at", "known_to")
    }
    return head | {name: to_json(getattr(state, name)) for name in CONTENTS}


def to_json(value: Any) -> Any:
    """A value of a state as JSON."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Mapping):
        return {key: to_json(value[key]) for key in value}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return {a.name: to_json(getattr(value, a.name)) for a in attrs.fields(type(value))}
