"""Why is this so? The records behind a value of a state, with a sentence about each.

Which records these are stands in `negotiation.explaining.behind`; here they are put into words.
What an event is called has its row in `negotiation.words`; what a status means has its row here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import attrs
from attrs import field, frozen

from negotiation.events import EventRetracted
from negotiation.explaining.behind import SECTIONS, Behind
from negotiation.explaining.concerns import Concerns
from negotiation.facts import Span, held
from negotiation.fold import replay
from negotiation.history import History
from negotiation.model import Model
from negotiation.paths import Path, parse_path, path_text, resolve
from negotiation.problems import Problem
from negotiation.records import Record, fold_order
from negotiation.state import (
    CONTENTS,
    Deadline,
    Meeting,
    Negotiation,
    PartyState,
    Proposal,
    Statement,
    Truce,
    Violation,
)
from negotiation.values import EARLIEST, FrozenDict
from negotiation.words import (
    claim_words,
    due_words,
    listed,
    source_words,
    summary,
    time_words,
    value_words,
)


@frozen
class Reason:
    """A record behind a value.

    Attributes:
        record: the record.
        sentence: what it says and who says so.
        problem: the code of the rule that it broke, where it changed nothing because of that.
        repeated_by: the records that repeat it, in fold order: further sources.
    """

    record: Record
    sentence: str
    problem: str | None = None
    repeated_by: tuple[Record, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.record.id}  {self.sentence}"]
        if self.problem is not None:
            lines.append(f"changed nothing: {self.problem}")
        lines += [f"repeated by {source}" for source in self.sources]
        return "\n     ".join(lines)

    @property
    def sources(self) -> tuple[str, ...]:
        """The further sources in words."""
        return tuple(_with_source(each.id, each) for each in self.repeated_by)


@frozen
class Explanation:
    """Why a value of a state is what it is.

    Every record of the log that is left out could be missing, and the value would be the same as of
    that moment.

    Attributes:
        path: where in the state the value stands.
        value: the value.
        summary: what it comes to, in one line.
        reasons: the records behind it, in fold order; none where no record has a say in it.
    """

    path: str
    value: Any = field(eq=repr)
    summary: str
    reasons: tuple[Reason, ...]

    def __str__(self) -> str:
        lines = [f"{self.path} is {self.summary}", *map(str, self.reasons)]
        return "\n".join(lines).replace("\n", "\n  ")


def explain(
    log: History,
    path: str,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> Explanation:
    """The records behind a value of the state that a log gives, with a sentence each.

    Only records that are known then and to that party are named, and what they change is told as of
    the state's moment. A record that is left out could be missing without changing the value.

    Args:
        log: the records.
        path: where the value stands, such as `truces.easter.status`; an id with other characters
            than letters, digits, - and _ stands in brackets: `parties.russia.positions["annexed
            land"].value`.
        as_of: as for `replay`, and so are all that follow.
        known_at: only what had been recorded by then.
        known_to: only what this party knows.
        model: the events that are known and what extensions fold.

    Raises:
        InvalidPath: it leads to nothing; the message names the nearest right path.
        InvalidTime: `as_of` or `known_at` has no time zone.
        ExtensionFailed: the reducer of an extension raised.
    """
    steps = parse_path(path)
    state = replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model)
    return explanation(state, log, Concerns(log), steps, model=model)


def explanation(
    state: Negotiation,
    log: History,
    concerns: Concerns,
    path: Path,
    *,
    model: Model = Model.default,
) -> Explanation:
    """The records behind a value of a state, found by an index: what `explain` gives.

    Args:
        state: the state.
        log: the log that it was made of.
        concerns: the index over that log, or over a longer one that begins with it.
        path: where the value stands.
        model: the model with which the state was made.

    Raises:
        InvalidPath: it leads to nothing; the message names the nearest right path.
    """
    value = resolve(state, path)
    behind = Behind(state, log, concerns, model)
    behind.name(path)
    sources = {id: behind.sources(record) for id, record in behind.found.items()}
    told = {each.id for group in sources.values() for each in group}
    named = [
        record
        for record in behind.found.values()
        if record.id not in told or behind.original(record) is None
    ]
    codes = _codes(state, {record.id for record in named} - behind.active)
    return Explanation(
        path_text(path),
        value,
        _summary(state, path, value),
        tuple(
            Reason(record, _sentence(record, log, behind), codes.get(record.id), sources[record.id])
            for record in sorted(named, key=fold_order)
        ),
    )


def _codes(state: Negotiation, ids: set[str]) -> dict[str, str]:
    """The codes of the rules that these records broke, where they broke one; the latest of each."""
    codes: dict[str, str] = {}
    facts = state.facts
    for code, record in facts.notes:
        if record.id in ids:
            codes[record.id] = code
    found = facts.problems
    while found is not None and len(codes) < len(ids):
        found, last = found
        id = last.event if isinstance(last, Problem) else last[1].id
        if id in ids:
            codes.setdefault(id, last.code if isinstance(last, Problem) else last[0])
    return codes


# Words


def _sentence(record: Record, log: History, behind: Behind) -> str:
    """What a record says, what it takes back, and who says so."""
    said = summary(record.event)
    if type(record.event) is EventRetracted:
        target = log.get(record.event.event)
        if target is not None and target.position < record.position and behind.known(target):
            said += f" ({summary(target.event)})"
    return _with_source(said, record)


def _with_source(words: str, record: Record) -> str:
    source = source_words(record.speaker, record.reported_by)
    return f"{words} ({source})" if source else words


def _summary(state: Negotiation, path: Path, value: Any) -> str:
    """What a value comes to: of a status, also since when or why."""
    whole = path[:2] if len(path) == 3 and path[2] == "status" else path
    item = resolve(state, whole)
    if type(item) in _STATUS_WORDS and path[0] in SECTIONS:
        at = state.as_of or EARLIEST
        return str(item.status) + _STATUS_WORDS[type(item)](item, at)
    return "null: nobody said" if value is None and path[0] in CONTENTS else _value_words(value)


def _proposal_words(proposal: Proposal, at: datetime) -> str:
    opened = proposal.records[0]
    answered = sorted(
        party for party, answer in proposal.answers.items() if answer == proposal.status
    )
    if proposal.status == "open":
        silent = [party for party in proposal.to if party not in proposal.answers]
        return f": {listed(silent) if proposal.answers else 'nobody'} " + (
            f"has yet to answer {opened}" if proposal.answers else f"answered {opened}"
        )
    if proposal.status == "expired":
        assert proposal.expires is not None
        return f", since {time_words(proposal.expires)}"
    return f", by {listed(answered) or proposal.by}"


def _truce_words(truce: Truce, at: datetime) -> str:
    spans = [Span(each.since, each.until, each.ended) for each in truce.commitments.values()]
    if not spans:
        return ": it binds nobody"
    if truce.status == "in-force":
        earlier = [span for each in truce.commitments.values() for span in each.earlier]
        bound = held((each for each in (*earlier, *spans) if each.begun(at)), 1)
        return f", since {time_words(next(each.since for each in bound if each.in_force(at)))}"
    if truce.status == "declared":
        return f", to begin {time_words(min(e.since for e in spans if not e.over(at)))}"
    return f", since {time_words(max(each.end for each in spans if each.end is not None))}"


def _deadline_words(deadline: Deadline, at: datetime) -> str:
    if deadline.status in ("met", "lifted"):
        return ""
    if deadline.status == "missed":
        return f", since {time_words(deadline.due)}"
    return f", {due_words(deadline.due, deadline.earliest)}"


def _meeting_words(meeting: Meeting, at: datetime) -> str:
    if meeting.status != "scheduled" or meeting.starts is None:
        return ""
    return f", for {time_words(meeting.starts)}"


_STATUS_WORDS: Final[Mapping[type[Any], Callable[[Any, datetime], str]]] = {
    Proposal: _proposal_words,
    Truce: _truce_words,
    Deadline: _deadline_words,
    Meeting: _meeting_words,
}
"""Kind of item → what is to be said after its status."""


def _claimed_words(claim: Violation) -> str:
    said = claim_words(claim)
    return f"alleged by {claim.alleged_by} against {claim.by}{said and ': '}{said}"


_VALUE_WORDS: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
    datetime: time_words,
    FrozenDict: value_words,
    Violation: _claimed_words,
    Problem: lambda value: f"{value.code}: {value.message}",
    Statement: lambda value: value.text,
    PartyState: lambda value: value.status,
}
"""Type of value → what it is called."""


def _value_words(value: Any) -> str:
    """What a value is called, in one line."""
    if words := _VALUE_WORDS.get(type(value)):
        return words(value)
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, Mapping):
        return listed(_entry_words(key, value[key]) for key in sorted(value)) or "none"
    if isinstance(value, list | tuple):
        return listed(_value_words(each) for each in value) or "none"
    if attrs.has(type(value)):
        said = ((a.name, getattr(value, a.name)) for a in attrs.fields(type(value)))
        return "; ".join(f"{name}: {_value_words(each)}" for name, each in said if each is not None)
    return str(value)


def _entry_words(key: str, value: Any) -> str:
    return key if attrs.has(type(value)) else f"{key}: {_value_words(value)}"
