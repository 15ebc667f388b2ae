"""What an append comes to, decided alike for every store, without touching any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from negotiation.errors import Conflict, ConflictingRecord, InvalidLog, OutOfRange
from negotiation.records import Record
from negotiation.stores.store import ANY, Expectation, Expected, an_id
from negotiation.values import BRANCH, describe


@frozen
class Standing:
    """Where a negotiation stands in a store.

    Attributes:
        position: that of its last record; 0 if there is none.
        hash: the hash of that record, for the next one to follow on.
        recorded: when that record entered the log.
    """

    position: int = 0
    hash: str | None = None
    recorded: datetime | None = None


NOWHERE: Final = Standing()
"""Where a negotiation stands that does not exist."""


def asked(
    negotiation: str, records: Iterable[Record], expected: Expectation
) -> tuple[tuple[Record, ...], int | None]:
    """What an append was asked for, if it may be asked for at all.

    Returns:
        The records, and the position at which the negotiation must stand; None for any.

    Raises:
        InvalidLog: the negotiation is a branch or its id is none, or what was given are no records
            of it.
        OutOfRange: `expected` is no position.
    """
    if an_id(negotiation).endswith(BRANCH):
        raise InvalidLog(
            None,
            f"negotiation {negotiation!r} is a branch, which is merely supposed; a store keeps "
            f"what was recorded",
        )
    if not isinstance(records, Iterable):
        raise InvalidLog(None, f"records must be a list of records, not {describe(records)}")
    given = tuple(records)
    for index, each in enumerate(given):
        if not isinstance(each, Record):
            raise InvalidLog(None, f"records[{index}] must be a Record, not {describe(each)}")
        if each.negotiation != negotiation:
            raise InvalidLog(
                each.id,
                f"belongs to negotiation {each.negotiation!r}; it cannot be appended to "
                f"{negotiation!r}",
            )
    return given, _position(expected)


def _position(expected: Expectation) -> int | None:
    """The position that is expected; None for any."""
    if isinstance(expected, Expected):
        return None if expected is ANY else 0
    if type(expected) is not int or expected < 0:
        raise OutOfRange(
            f"expected must be NEW, ANY or a position, a whole number from 0, "
            f"not {describe(expected)}"
        )
    return expected


def settle(
    given: Sequence[Record],
    expected: int | None,
    standing: Standing,
    found: Mapping[str, Record],
) -> tuple[list[Record], int]:
    """Decide an append.

    Args:
        given: the records that `asked` let through.
        expected: the position that it found to be expected; None for any.
        standing: where the negotiation stands.
        found: those records of the negotiation, by id, whose ids are among the given ones'.

    Returns:
        The records that are new, to be put at the end in this order, and the position to answer
        with.

    Raises:
        Conflict: the negotiation stands elsewhere than expected, and not all records are there.
        ConflictingRecord: an id is taken by a record with other content.
        InvalidLog: a record was recorded before the one above it.
    """
    if not given:
        return [], standing.position
    positions = {id: record.position for id, record in found.items()}
    if all(each.id in found and each.same_content(found[each.id]) for each in given):
        return [], positions[given[-1].id]
    if expected not in (None, standing.position):
        assert expected is not None
        raise Conflict(given[0].negotiation, expected=expected, actual=standing.position)
    known = dict(found)
    new: list[Record] = []
    recorded = standing.recorded
    for each in given:
        if (other := known.get(each.id)) is not None:
            if not each.same_content(other):
                raise ConflictingRecord(
                    each.id,
                    f"stands at position {positions[each.id]} with other content; give the new "
                    f"one another id",
                )
            continue
        if recorded is not None and each.recorded < recorded:
            raise InvalidLog(
                each.id,
                f"was recorded {each.recorded.isoformat()}, before the record above it "
                f"({recorded.isoformat()}); a log grows at its end",
            )
        recorded = each.recorded
        known[each.id] = each
        new.append(each)
        positions[each.id] = standing.position + len(new)
    return new, positions[given[-1].id]
