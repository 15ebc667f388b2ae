"""What if: a log that goes on differently from some point of a real one."""

from __future__ import annotations

from datetime import datetime

import attrs

from negotiation.errors import InvalidRecord, OutOfRange
from negotiation.events import AnyEvent, EventRetracted
from negotiation.knowledge import a_log, instant
from negotiation.log import Log
from negotiation.model import Model
from negotiation.records import Record
from negotiation.values import branch_id, describe


def branch(
    log: Log,
    at: int | datetime,
    *events: AnyEvent,
    time: datetime | None = None,
    strict: bool = True,
    model: Model = Model.default,
) -> Log:
    """A hypothetical continuation of a log from some point on.

    It is a log of its own, and is never taken for the real one: its negotiation is the real one's
    id with `#branch` at its end, its records lose their seals, and what is added has ids of its
    own, branch-1, branch-2 and so on. `append` takes it further. To see what would be different,
    compare its state with that of the log.

    Args:
        log: the log, or a branch of one.
        at: where it goes on: after the record at a position (0 for before any), or at a moment,
            with what had happened by then and with every retraction of that.
        events: what happens then, in this order.
        time: when they happen (default: `at`, or when the latest record so far happened).
        strict: refuse an event that breaks a rule; False takes it, and `check` tells.
        model: the events that are known.

    Raises:
        OutOfRange: the log has no such position, or begins after that moment.
        InvalidTime: a moment has no time zone.
        IllegalEvent: an event breaks a rule.
        InvalidRecord: the log has no negotiation, or events are given and nothing says when.
    """
    a_log(log)
    if log.negotiation is None:
        raise InvalidRecord(None, "negotiation", "is not known; start with Log('its id')")
    kept = _happened_by(log, at) if isinstance(at, datetime) else _first(log, at)
    negotiation = branch_id(log.negotiation)
    hypothetical = Log(
        negotiation,
        [attrs.evolve(each, negotiation=negotiation, prevhash=None, hash=None) for each in kept],
    )
    when = instant(time, "time")
    if when is None:
        latest = max((each.time for each in kept), default=None)
        when = instant(at, "at") if isinstance(at, datetime) else latest
    for number, event in enumerate(events, start=1):
        if when is None:
            raise InvalidRecord(
                f"branch-{number}", "time", "is not known: nothing has happened yet; give time="
            )
        hypothetical = hypothetical.append(
            event, time=when, id=_free_id(hypothetical, number), strict=strict, model=model
        )
    return hypothetical


def _first(log: Log, position: int) -> Log:
    if type(position) is not int or not 0 <= position <= len(log):
        raise OutOfRange(
            f"a branch begins at a position from 0 to {len(log)}, the last of this log, or at a "
            f"moment, not at {describe(position)}"
        )
    return log.upto(position)


def _happened_by(log: Log, at: datetime) -> list[Record]:
    moment = instant(at, "at")
    assert moment is not None
    first = min((each.time for each in log), default=moment)
    if moment < first:
        raise OutOfRange(
            f"a branch begins when something has happened: not at {moment.isoformat()}, "
            f"before this log begins, {first.isoformat()}"
        )
    kept: dict[str, Record] = {}
    for each in log:
        # What is taken back is taken back whenever that was. What takes back or repeats a record
        # that has not happened goes with it; what names none is as faulty as it was.
        about = each.repeats if each.retracts is None else each.retracts
        above = None if about is None else log.get(about)
        named = above is None or above.position >= each.position or above.id in kept
        if named and (each.time <= moment or type(each.event) is EventRetracted):
            kept[each.id] = each
    return [*kept.values()]


def _free_id(log: Log, number: int) -> str:
    while log.get(f"branch-{number}") is not None:
        number += 1
    return f"branch-{number}"
