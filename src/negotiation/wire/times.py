"""Moments as text: RFC 3339, in UTC when written."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from negotiation.values import Refused, describe, moment

_RFC_3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:[0-5]\d)", re.ASCII
)

_USUAL_MARKS: Final = "2025-04-19T15:00:00Z"[4::3]
"""What stands between the digits of a time to the second in UTC."""


def parse_time(value: object) -> datetime:
    """A moment from RFC 3339 text, such as 2025-04-19T15:00:00Z or 2025-04-19T18:00:00.5+03:00.

    Raises:
        Refused: it is no such text, has no offset, more than six digits of a second, or no such
            moment exists.
    """
    if type(value) is str and len(value) == 20 and value[4::3] == _USUAL_MARKS:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass  # said below
    if not isinstance(value, str):
        raise Refused(f"must be a time such as 2025-04-19T15:00:00Z, not {describe(value)}")
    if not _RFC_3339.fullmatch(value):
        raise Refused(
            f"must be a time with an offset and at most microseconds, such as "
            f"2025-04-19T15:00:00Z, not {describe(value)}"
        )
    try:
        return moment(datetime.fromisoformat(value.upper()))
    except ValueError as error:
        raise Refused(f"is no moment that exists: {value!r} ({error})") from None


def time_text(value: datetime) -> str:
    """A moment as RFC 3339 text in UTC: ending in Z, with no fraction or with six digits."""
    return value.astimezone(UTC).isoformat()[:-6] + "Z"
