"""A scenario: given what happened, when this happens, then so it stands.

    given(offer).when(answer).then(
        value("proposals.p1.status", "accepted"),
        party("south", replies_owed=set()),
    )

What a clause says is compared exactly, and where there is an order, in that order. A scenario that
says nothing of problems says that there are none.

It is `then` that asks. A scenario without it says nothing, and passes whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
from attrs import field, frozen

from negotiation.errors import IllegalEvent, nearest
from negotiation.events import AnyEvent
from negotiation.fold import replay
from negotiation.history import History
from negotiation.legal import Template
from negotiation.log import Log
from negotiation.model import Model
from negotiation.problems import Problem
from negotiation.records import Record
from negotiation.rules import OPEN, Protocol
from negotiation.testing.clauses import (
    Clause,
    InvalidScenario,
    Outcome,
    RefusedClause,
    check_codes,
    faults_of_rules,
)
from negotiation.values import LATEST, describe

START: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When the first bare event of a scenario happens."""

STEP: Final = timedelta(hours=1)
"""How long after the record above it a bare event happens."""


def given(
    *happened: Record | History | AnyEvent,
    negotiation: str = "talks",
    protocol: Protocol = OPEN,
    model: Model = Model.default,
    strict: bool = True,
) -> Given:
    """What happened before.

    Args:
        happened: records, logs and events. An event happens an hour after the latest record
            before it, the first at the beginning of the year 2000; ids are e1, e2 and so on.
        negotiation: the id of the negotiation, where no record has one.
        protocol: the rules beside the lifecycles.
        model: the events that are known.
        strict: refuse events that break a rule: they make a scenario of something else than it
            says. Records and logs are taken as they are.

    Raises:
        IllegalEvent: an event breaks a rule.
        InvalidScenario: something is no record, log or event, or an argument is of another kind.
    """
    _check_kinds(protocol, model, strict)
    log = Log(_negotiation_of(happened, negotiation))
    for each in happened:
        if isinstance(each, Record | History):
            log = log.extend([each] if isinstance(each, Record) else each)
        else:
            time = _next_time(log)
            log = log.append(
                _an_event(each), time=time, strict=strict, protocol=protocol, model=model
            )
    return Given(log, protocol, model)


def _negotiation_of(happened: Iterable[object], otherwise: str) -> str:
    ids = (each.negotiation for each in happened if isinstance(each, Record | History))
    return next((id for id in ids if id is not None), otherwise)


def _check_kinds(protocol: Any, model: Any, strict: Any) -> None:
    if not isinstance(protocol, Protocol):
        raise InvalidScenario(f"protocol must be a Protocol, not {describe(protocol)}")
    if not isinstance(model, Model):
        raise InvalidScenario(f"model must be a Model, not {describe(model)}")
    if type(strict) is not bool:
        raise InvalidScenario(f"strict must be True or False, not {describe(strict)}")


def _an_event(value: Any) -> AnyEvent:
    if isinstance(value, Template):
        raise InvalidScenario(
            "a scenario is made of events, records and logs, not of a Template; its build() makes "
            "the event: give template.build()"
        )
    if not attrs.has(type(value)) or isinstance(value, Clause):
        raise InvalidScenario(
            f"a scenario is made of events, records and logs, not of {describe(value)}"
        )
    event: AnyEvent = value
    return event


def _next_time(log: History) -> datetime:
    latest = max((each.time for each in log), default=START - STEP)
    return min(latest, LATEST - STEP) + STEP


@frozen
class Given:
    """What happened before; `when` says what happens, and its `then` how it stands.

    Attributes:
        log: what happened.
        protocol: the rules beside the lifecycles.
        model: the events that are known.
    """

    log: Log
    protocol: Protocol = OPEN
    model: Model = Model.default

    def when(
        self, *happens: Record | AnyEvent, time: datetime | None = None, **fields: Any
    ) -> When:
        """What happens. Nothing is asked, and nothing can fail, before `then` is called.

        Args:
            happens: one event or record, or several, one after the other.
            time: when the one event happens (default: an hour after the latest record).
            fields: other fields of its record, as for `Log.append`.

        Raises:
            InvalidScenario: nothing happens, or fields are given for more than one event.
        """
        if not happens:
            raise InvalidScenario("nothing happens: when() takes at least one event or record")
        given = {**fields, **({} if time is None else {"time": time})}
        if given and (len(happens) > 1 or isinstance(happens[0], Record)):
            raise InvalidScenario(
                f"{', '.join(given)}: such fields belong to one event; a record has its own, so "
                "give a Record in place of each event"
            )
        for name in given:
            if name not in _APPENDED:
                raise InvalidScenario(f"{name} is no field of a record; {nearest(name, _APPENDED)}")
        for each in happens:
            _an_event(each)
        return When(self, happens, given)


@frozen
class When:
    """What happened and what happens; `then` says how it stands.

    Without `then` a scenario passes: it is not run at all.

    Attributes:
        given: what happened before.
        happens: what happens.
        fields: the fields of its record, where it is one event.
        asked: when, as known when and to whom the state is asked for, as for `replay`.
    """

    given: Given
    happens: tuple[Record | AnyEvent, ...]
    fields: Mapping[str, Any]
    asked: Mapping[str, Any] = field(factory=dict)

    def as_of(self, as_of: datetime) -> When:
        """Ask how it stood at this moment, before and after."""
        return attrs.evolve(self, asked={**self.asked, "as_of": as_of})

    def known_at(self, known_at: datetime) -> When:
        """Ask what had been recorded by this moment, before and after."""
        return attrs.evolve(self, asked={**self.asked, "known_at": known_at})

    def known_to(self, known_to: str) -> When:
        """Ask what this party knows, before and after. Problems are those of the whole log."""
        return attrs.evolve(self, asked={**self.asked, "known_to": known_to})

    def then(self, *clauses: Clause) -> None:
        """How it stands then: every clause holds, and no problem is left unsaid.

        What breaks a rule is recorded all the same, unless a clause says that it is refused:
        then it is not.

        Raises:
            AssertionError: a clause does not hold. The message says which, what was expected and
                what is, what changed, and the log.
            InvalidScenario: there is no clause, or clauses that exclude each other.
        """
        __tracebackhide__ = True
        if not clauses:
            raise InvalidScenario("then() without a clause could not fail; unchanged() is one")
        for each in clauses:
            if not isinstance(each, Clause):
                raise InvalidScenario(f"a clause is made by one of its functions, not {each!r}")
        check_codes(clauses, self.given.protocol)
        outcome = self._outcome(any(isinstance(each, RefusedClause) for each in clauses))
        faults = [*faults_of_rules(clauses, outcome)]
        faults += [fault for each in clauses for fault in each.faults(outcome)]
        if faults:
            raise AssertionError("\n\n".join([*faults, *outcome.shown()]))

    def _outcome(self, refusing: bool) -> Outcome:
        """What comes of it; what breaks a rule is refused, or is recorded all the same."""
        before = log = self._before()
        problems: list[Problem] = []
        happened = []
        for each in self.happens:
            record = self._record(log, each)
            happened.append(record)
            found = self._refusal(log, record)
            problems += found
            if not (found and refusing):
                log = log.extend([record])
        model = self.given.model
        return Outcome(
            before,
            tuple(happened),
            replay(before, model=model, **self.asked),
            replay(log, model=model, **self.asked),
            tuple(problems),
        )

    def _before(self) -> Log:
        """The log before; a record that is the first of all says whose negotiation it is."""
        log = self.given.log
        return log if len(log) else Log(_negotiation_of(self.happens, str(log.negotiation)))

    def _record(self, log: Log, happens: Record | AnyEvent) -> Record:
        if isinstance(happens, Record):
            return happens
        fields = {"time": _next_time(log), **self.fields}
        return log.append(happens, strict=False, **fields)[-1]

    def _refusal(self, log: Log, record: Record) -> tuple[Problem, ...]:
        """The problems for which a strict append refuses a record; none if it takes it."""
        fields = {name: getattr(record, name) for name in _APPENDED}
        try:
            log.append(record.event, protocol=self.given.protocol, model=self.given.model, **fields)
        except IllegalEvent as refusal:
            return refusal.problems
        return ()


_APPENDED: Final = (
    "id", "time", "recorded", "speaker", "reported_by", "report_url", "quote", "precision",
    "visible_to", "repeats", "correlation", "causation",
)  # fmt: skip
