"""Deciding on what stands in a store, and appending it if nobody else came first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from negotiation.errors import Conflict, InvalidLog, InvalidRecord, InvalidTime, OutOfRange
from negotiation.events import AnyEvent
from negotiation.fold import replay
from negotiation.knowledge import instant
from negotiation.log import Log
from negotiation.model import Model
from negotiation.records import Record
from negotiation.rules import OPEN, Protocol, a_protocol
from negotiation.stores.store import Decide
from negotiation.values import describe


def transact(
    read: Callable[[], Log],
    decide: Decide,
    extended: Callable[[Log, Sequence[Record]], Log],
    *,
    time: datetime,
    recorded: datetime | None = None,
    protocol: Protocol | None = None,
    attempts: int = 100,
    model: Model = Model.default,
) -> Log:
    """What `Store.transact` promises, for a store that says how it reads and grows one log.

    Args:
        read: gives the log as it stands.
        decide: as in `Store.transact`, and so are all others but the model.
        extended: puts records at the end of the log that was read and gives the longer log; raises
            Conflict where the negotiation stands elsewhere by then.
        time: when the events happen.
        recorded: when they enter the log.
        protocol: the rules that they must keep.
        attempts: how often it is tried.
        model: the events that are known.
    """
    if not callable(decide):
        raise InvalidLog(None, f"decide must be a function of the state, not {describe(decide)}")
    if protocol is not None:
        a_protocol(protocol)
    if type(attempts) is not int or attempts < 1:
        raise OutOfRange(f"attempts must be a whole number from 1, not {describe(attempts)}")
    if instant(time, "time") is None:
        raise InvalidTime("time must be a datetime with a time zone, not nothing")
    strict, rules = protocol is not None, protocol or OPEN
    while True:
        attempts -= 1
        log = longer = read()
        for each in _listed(decide(replay(log, as_of=time, model=model))):
            if isinstance(each, Record):
                longer = longer.append_record(each, strict=strict, protocol=rules, model=model)
            else:
                longer = longer.append(
                    each, time=time, recorded=recorded, strict=strict, protocol=rules, model=model
                )
        new = longer[len(log) :]
        try:
            return extended(log, new) if new else log
        except Conflict:
            if not attempts:
                raise


def _listed(decision: Any) -> Sequence[AnyEvent | Record]:
    """What was decided, as a list."""
    if decision is None:
        return ()
    if isinstance(decision, Record) or attrs.has(type(decision)):
        return (decision,)
    if isinstance(decision, Iterable):
        return tuple(decision)
    raise InvalidRecord(
        None,
        "event",
        f"must be what was decided, an event, a record, a list of them or None, "
        f"not {describe(decision)}",
    )
