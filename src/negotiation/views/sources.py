"""What the views share: where a row comes from, and how moments and numbers are compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from negotiation.facts import Chain, unchain
from negotiation.records import Record, fold_order
from negotiation.values import Json


def in_fold_order(chains: Iterable[Chain[Record]]) -> list[Record]:
    """The records of these chains, each once."""
    records = {record.id: record for chain in chains for record in unchain(chain)}
    return sorted(records.values(), key=fold_order)


def source(record: Record) -> dict[str, Any]:
    """The columns that tell where a row comes from."""
    return {
        "time": record.time,
        "record": record.id,
        "speaker": record.speaker,
        "reported_by": record.reported_by,
        "precision": record.precision,
    }


def seconds(since: datetime, until: datetime) -> float:
    """How long it is from one moment to another."""
    return (until - since).total_seconds()


def difference(value: Json, was: Json) -> int | float | None:
    """By how much a number differs from another, as they are written; None for anything else."""
    if type(value) is int and type(was) is int:
        return value - was
    if type(value) not in _NUMBERS or type(was) not in _NUMBERS:
        return None
    try:  # exactly, and rounded once: 0.3 less 0.1 is 0.2
        return float(Fraction(str(value)) - Fraction(str(was)))
    except OverflowError:  # farther apart than a float can tell
        return None


_NUMBERS: Final = (int, float)
"""The types of JSON numbers; a boolean is none."""
