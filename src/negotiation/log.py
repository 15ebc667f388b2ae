"""The log that is grown: a history to which events are appended, strictly or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Self

import attrs

from negotiation.errors import IllegalEvent, InvalidRecord
from negotiation.events import AnyEvent, EventRetracted, maker, named
from negotiation.fold import check, evolve, replay
from negotiation.history import History
from negotiation.model import Model
from negotiation.problems import Problem
from negotiation.records import Precision, Record
from negotiation.rules import OPEN, Protocol, a_protocol
from negotiation.state import Negotiation

if TYPE_CHECKING:
    from negotiation.legal import Template


class Log(History):
    """An immutable log of one negotiation. Appending gives a new log and leaves this one.

    Args:
        negotiation: the negotiation's id; None leaves it to the first record.
        records: the records in the order in which they were recorded.

    Raises:
        InvalidLog: a record was recorded before the one above it, or is another negotiation's; the
            id is none, or something is no record.
        ConflictingRecord: a record's id is taken by a record with other content.
    """

    __slots__ = ("_kept",)

    def append(
        self,
        event: AnyEvent,
        *,
        time: datetime,
        id: str | None = None,
        recorded: datetime | None = None,
        strict: bool = True,
        protocol: Protocol = OPEN,
        model: Model = Model.default,
        speaker: str | None = None,
        reported_by: str | None = None,
        report_url: str | None = None,
        quote: str | None = None,
        precision: Precision | None = None,
        visible_to: Iterable[str] | None = None,
        repeats: str | None = None,
        correlation: str | None = None,
        causation: str | None = None,
    ) -> Self:
        """This log with one event more.

        Args:
            event: what happened.
            time: when it happened.
            id: the record's id (default: the next free one of e1, e2, …, by position).
            recorded: when it entered the log (default: the later of `time` and the last recorded).
            strict: refuse an event that breaks a rule; False takes it, and `check` tells.
            protocol: the rules beside the lifecycles.
            model: the events that are known.
            speaker: as in `Record`, and so are all that follow.
            reported_by: the outlet.
            report_url: where the report stands.
            quote: the words of the report.
            precision: how exactly `time` is known.
            visible_to: the parties that it was shown to; None for everybody.
            repeats: the id of the record that reports the same event.
            correlation: what it belongs to.
            causation: what caused it.

        Raises:
            IllegalEvent: the log would gain a problem; the error says what would have been allowed.
            InvalidRecord: a field of the record is wrong, or the log has no negotiation yet.
            ConflictingRecord: the id is taken by a record with other content.
            InvalidLog: it was recorded before the last record.
            InvalidProtocol: `protocol` is none.
            InvalidModel: `model` is none.
            RuleFailed: the function of a rule raised.
        """
        a_protocol(protocol)
        if self.negotiation is None:
            raise InvalidRecord(id, "negotiation", "is not known; start with Log('its id')")
        record = Record(
            id=self._free_id() if id is None else id,
            negotiation=self.negotiation,
            position=len(self) + 1,
            time=time,
            event=event,
            speaker=speaker,
            reported_by=reported_by,
            report_url=report_url,
            quote=quote,
            precision=precision,
            visible_to=visible_to,
            repeats=repeats,
            correlation=correlation,
            causation=causation,
        )
        if recorded is not None:
            record = attrs.evolve(record, recorded=recorded)
        elif len(self) and self[-1].recorded > record.recorded:
            record = attrs.evolve(record, recorded=self[-1].recorded)
        return self.append_record(record, strict=strict, protocol=protocol, model=model)

    def append_record(
        self,
        record: Record,
        *,
        strict: bool = True,
        protocol: Protocol = OPEN,
        model: Model = Model.default,
    ) -> Self:
        """This log with one record more; a copy of one that is here changes nothing.

        Args:
            record: the record; it is numbered anew.
            strict: as in `append`, and so are the others.
            protocol: the rules beside the lifecycles.
            model: the events that are known.

        Raises:
            IllegalEvent: as in `append`, and so for all others.
        """
        a_protocol(protocol)
        extended = self.extend([record])
        if strict and len(extended) > len(self):
            gained = _gained(self, extended, protocol, model)
            if gained:
                raise IllegalEvent(gained, partial(_allowed, self, extended[-1], protocol, model))
        return extended

    def _state(self, model: Model) -> Negotiation:
        """The state that this log gives, kept so that appending to it folds only what is new."""
        kept = getattr(self, "_kept", None)
        return (
            kept[1] if kept and kept[0] is model else self._keep(model, replay(self, model=model))
        )

    def _keep(self, model: Model, state: Negotiation) -> Negotiation:
        """Keep the state that this log gives under a model."""
        object.__setattr__(self, "_kept", (model, state))
        return state

    def _free_id(self) -> str:
        number = len(self) + 1
        while self.get(f"e{number}") is not None:
            number += 1
        return f"e{number}"


def _gained(before: Log, after: Log, protocol: Protocol, model: Model) -> tuple[Problem, ...]:
    """The problems of a log, one record longer, that the one before did not have."""
    record = after[-1]
    if after.chronological and record.repeats is None and type(record.event) is not EventRetracted:
        was = before._state(model)  # noqa: SLF001  # of the same class
        now = after._keep(model, evolve(was, record, model=model))  # noqa: SLF001  # as above
        if now.facts.problems is was.facts.problems:
            broken = protocol.problem(was, record)
            return () if broken is None else (broken,)
        return now.problems[len(was.problems) :]  # the latest record's stand last in fold order
    had = Counter(
        (found.event, found.code) for found in check(before, protocol=protocol, model=model)
    )
    gained = []
    for found in check(after, protocol=protocol, model=model):
        if had[found.event, found.code]:
            had[found.event, found.code] -= 1
        else:
            gained.append(found)
    return tuple(gained)


def _allowed(before: Log, record: Record, protocol: Protocol, model: Model) -> tuple[Template, ...]:
    """What would have been allowed in place of a record, the nearest first."""
    from negotiation.legal import ITEM_FIELDS, legal_events

    if type(record.event) is EventRetracted:
        return ()  # to correct a log is not to take part in the talks
    state = replay(before, as_of=record.time, model=model)
    party = maker(record.event)
    allowed = legal_events(
        state, protocol, party, at=record.time, parties=named(record.event), model=model
    )
    if not allowed and party is not None:
        allowed = legal_events(state, protocol, at=record.time, model=model)
    event = record.event

    def distance(template: Template) -> int:
        """Nearest is what concerns the same item, then what is of the same kind."""
        for name in ITEM_FIELDS.intersection(template.given):
            if getattr(event, name, None) == template.given[name]:
                return 0
        return 1 if template.event is type(event) else 2

    if before and record.time < max(each.time for each in before):
        # What was to come is in the log already, and has its say in what fits before it.
        allowed = tuple(
            each for each in allowed if _fits(before, record, each.build(), protocol, model)
        )
    return tuple(sorted(allowed, key=distance))


def _fits(before: Log, record: Record, event: AnyEvent, protocol: Protocol, model: Model) -> bool:
    """Whether an event might stand in place of a record at the end of a log."""
    return not _gained(before, before.extend([attrs.evolve(record, event=event)]), protocol, model)
