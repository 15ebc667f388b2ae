"""Several logs of one negotiation, by different coders or outlets, in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge as merge_sorted
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final

import attrs
from attrs import frozen

from negotiation.errors import InvalidLog
from negotiation.events import EVENTS, EventRetracted
from negotiation.log import Log
from negotiation.records import Record
from negotiation.values import describe, json_key

WORDS: Final = frozenset(
    {"reason", "note", "what", "place", "scope", "condition", "demand", "consequence", "outcome"}
)
"""The fields that hold free words, which two reports of one event may choose differently."""

_recorded = attrgetter("recorded")


@frozen
class Repetition:
    """A record that may report the same event as one of another log.

    Attributes:
        record: the id of the record, in the merged log.
        repeats: the id of the record above it that it may repeat.
        differs: the fields of the event that the two put into different words.
    """

    record: str
    repeats: str
    differs: tuple[str, ...]


@frozen
class Merged:
    """Several logs in one, and what in it may be the same.

    Attributes:
        log: the records of all, by recorded time.
        proposed: the records that may report an event that another log reports too. None of them is
            a repetition until it is accepted.
        renamed: for each log that was merged, the ids that were taken by other records → the
            ids that its records have in the merged log.
    """

    log: Log
    proposed: tuple[Repetition, ...]
    renamed: tuple[Mapping[str, str], ...]

    def accepting(self, *accepted: Repetition) -> Log:
        """The merged log in which these records repeat what they are proposed to repeat.

        Args:
            accepted: some or all of `proposed`; `merged.accepting(*merged.proposed)` takes all.

        Raises:
            InvalidLog: one of them was not proposed.
        """
        repeats = {each.record: each.repeats for each in accepted}
        for each in accepted:
            if each not in self.proposed:
                raise InvalidLog(
                    each.record, f"was not proposed as a repetition of {each.repeats!r}"
                )
        return Log(
            self.log.negotiation,
            [
                attrs.evolve(each, repeats=repeats[each.id]) if each.id in repeats else each
                for each in self.log
            ],
        )


def merge(log: Log, *others: Log) -> Merged:
    """Several logs of one negotiation in one, by recorded time.

    At equal recorded times, the records of an earlier argument come first. A record that is in
    two logs, under the same id and with the same content, is in the merged log once. Where two
    records have one id, the later log's record is renamed: its id gets the number of the log, as
    in e7~2, and so do the retractions and repetitions of it in that log. Equal ids of items are
    taken to mean the same item. Seals are left behind.

    Records that report the same event are not merged but proposed: those that agree in every field
    but free words, and in time as far as the coarser of the two precisions tells.

    Args:
        log: the first log.
        others: further logs of the same negotiation.

    Raises:
        InvalidLog: a log belongs to another negotiation.
    """
    logs = (log, *others)
    for each in logs:
        if not isinstance(each, Log):
            raise InvalidLog(None, f"{describe(each)} is no log; merge takes logs")
    _check_one_negotiation(logs)
    taken: dict[str, Record] = {}
    renamed: list[Mapping[str, str]] = []
    parts: list[list[tuple[int, Record]]] = []
    for number, each in enumerate(logs, start=1):
        names = _new_names(each, taken, number)
        renamed.append(MappingProxyType(names))
        part = [_renamed(record, names) for record in each]
        taken.update((record.id, record) for record in part)
        parts.append([(number, record) for record in part])
    merged = [*merge_sorted(*parts, key=lambda pair: _recorded(pair[1]))]
    whole = Log(next((each.negotiation for each in logs if each.negotiation is not None), None))
    whole = whole.extend(record for _, record in merged)
    origin: dict[str, int] = {}
    for number, record in merged:
        origin.setdefault(record.id, number)
    return Merged(whole, tuple(_proposed(whole, origin)), tuple(renamed))


def _check_one_negotiation(logs: Sequence[Log]) -> None:
    known = None
    for each in logs:
        if each.negotiation is None:
            continue
        if known not in (None, each.negotiation):
            raise InvalidLog(
                each[0].id if len(each) else None,
                f"belongs to negotiation {each.negotiation!r}, the first log to {known!r}; "
                "logs of one negotiation can be merged",
            )
        known = each.negotiation


def _new_names(log: Log, taken: Mapping[str, Record], number: int) -> dict[str, str]:
    """New ids for the records of a log whose ids other records have."""
    names: dict[str, str] = {}
    given = {record.id for record in log}
    named = -1
    while named < len(names):  # a record that names one with a new id is another one for that
        named = len(names)
        for record in log:
            other = taken.get(record.id)
            if other is None or record.id in names or _renamed(record, names).same_content(other):
                continue
            name = f"{record.id}~{number}"
            while name in taken or name in given:
                name += "~"
            names[record.id] = name
            given.add(name)
    return names


def _unsealed(record: Record) -> Record:
    if record.hash is None and record.prevhash is None:
        return record
    return attrs.evolve(record, hash=None, prevhash=None)


def _renamed(record: Record, names: Mapping[str, str]) -> Record:
    """A record with new ids for itself and for the records of its log that it names."""
    changes: dict[str, Any] = {}
    if record.id in names:
        changes["id"] = names[record.id]
    if record.repeats is not None and record.repeats in names:
        changes["repeats"] = names[record.repeats]
    event = record.event
    if type(event) is EventRetracted and event.event in names:
        changes["event"] = attrs.evolve(event, event=names[event.event])
    record = _unsealed(record)
    return attrs.evolve(record, **changes) if changes else record


def _proposed(log: Log, origin: Mapping[str, int]) -> Iterator[Repetition]:
    """The records that may repeat one of another log, in log order, each with the first such."""
    seen: dict[object, list[Record]] = {}
    for record in log:
        if record.repeats is not None or type(record.event) not in EVENTS:
            continue
        alike = seen.setdefault(_identity(record.event), [])
        first = next((each for each in alike if _same(each, record, origin)), None)
        if first is None:
            alike.append(record)
        else:
            yield Repetition(record.id, first.id, _differs(first.event, record.event))


def _identity(event: Any) -> object:
    """What two reports of one event agree on."""
    fields = [
        json_key(getattr(event, each.name))
        for each in attrs.fields(type(event))
        if each.name not in WORDS
    ]
    return (type(event), *fields)


def _same(first: Record, record: Record, origin: Mapping[str, int]) -> bool:
    return (
        origin[first.id] != origin[record.id]
        and _one_time(first, record)
        and _known_wherever(first, record)
    )


def _known_wherever(first: Record, record: Record) -> bool:
    """Whether all who know a record know the first: else, to some, it would repeat nothing."""
    if first.visible_to is None:
        return True
    return record.visible_to is not None and record.visible_to <= first.visible_to


def _one_time(first: Record, record: Record) -> bool:
    """Whether two records may have happened at one time, as exactly as that is known."""
    precision = max(first.precision, record.precision, key=_SPANS.index)
    return _span(first.time, precision) == _span(record.time, precision)


_SPANS: Final = (None, "instant", "minute", "hour", "day", "week", "month", "year")
_PARTS: Final = {"minute": 5, "hour": 4, "day": 3, "month": 2, "year": 1}


def _span(time: datetime, precision: str | None) -> object:
    """The span in which a time lies, as exactly as a precision tells."""
    if precision == "week":
        return time.isocalendar()[:2]
    return time.timetuple()[: _PARTS[precision]] if precision in _PARTS else time


def _differs(first: Any, other: Any) -> tuple[str, ...]:
    return tuple(
        each.name
        for each in attrs.fields(type(first))
        if getattr(first, each.name) != getattr(other, each.name)
    )
