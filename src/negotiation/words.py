"""What things are called: times, counts, terms and events in plain words, in the field's terms.

The words of an event are one row of a table: `SUMMARIES` gives, for each class, the sentence about
an event of it, of which the party that made it is the subject.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from negotiation.events import (
    AnyEvent,
    DeadlineLifted,
    DeadlineMet,
    DeadlineMoved,
    DeadlineSet,
    EventRetracted,
    MeetingCancelled,
    MeetingHeld,
    MeetingScheduled,
    PartyJoined,
    PartyWithdrew,
    PositionStated,
    ProposalAccepted,
    ProposalClarified,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    StatementMade,
    TruceDeclared,
    TruceEnded,
    TruceExtended,
    TruceJoined,
    TruceObserved,
    TruceRejected,
    TruceViolated,
    UnknownEvent,
    ViolationAssessed,
    maker,
)
from negotiation.values import FrozenDict, Json, thaw


def time_words(time: datetime) -> str:
    """A moment in UTC, without seconds where they are zero: `2025-04-19 15:00Z`."""
    text = time.astimezone(UTC).strftime("%H:%M:%S.%f")
    text = text.removesuffix(".000000").removesuffix(":00")
    return f"{time.astimezone(UTC).date().isoformat()} {text}Z"


def span_words(begins: datetime | None, ends: datetime | None) -> str:
    """From when until when, as far as that is known."""
    if begins is not None and begins == ends:
        return f"at {time_words(begins)}"
    words = [f"{word} {time_words(t)}" for word, t in (("from", begins), ("until", ends)) if t]
    return " ".join(words)


def value_words(value: Json) -> str:
    """A JSON value: text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(thaw(value), ensure_ascii=False)


def state_words(value: Any) -> str:
    """Any value of a state: what is in it by name, without what is empty."""
    if value is None or (isinstance(value, Mapping | tuple | frozenset) and not value):
        return "none"
    if isinstance(value, datetime):
        return time_words(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {state_words(value[name])}" for name in value)
    if isinstance(value, tuple | frozenset):
        members = map(state_words, value)
        return listed(sorted(members) if isinstance(value, frozenset) else members)
    if attrs.has(type(value)):
        held = ((a.name, getattr(value, a.name)) for a in attrs.fields(type(value)))
        return listed(
            f"{kind_words(name.replace('_', '-'))} {state_words(each)}"
            for name, each in held
            if state_words(each) != "none"
        )
    return value_words(value) if isinstance(value, str | bool | int | float) else repr(value)


def terms_words(terms: FrozenDict) -> str:
    """What a proposal offers."""
    return "; ".join(f"{name}: {value_words(terms[name])}" for name in terms) or "no terms"


def count_words(count: int | None, qualifier: str | None) -> str:
    """A count with its qualifier; nothing where there is no count."""
    if count is None or qualifier is None:
        return ""
    return f"{'exactly' if qualifier == 'exact' else kind_words(qualifier)} {count}"


def claim_words(claim: Any) -> str:
    """What is said to have happened: the count, what, where and when, as far as said."""
    counted = count_words(claim.count, claim.qualifier)
    what = " ".join(filter(None, (counted, claim.what)))
    return listed(filter(None, (what, claim.place, span_words(claim.begins, claim.ends))))


def kind_words(kind: str) -> str:
    """A term with spaces for its hyphens."""
    return kind.replace("-", " ")


def listed(words: Iterable[str]) -> str:
    """Words with commas between them."""
    return ", ".join(words)


def source_words(speaker: str | None, reported_by: str | None) -> str:
    """Who spoke and who reported it."""
    reported = None if reported_by is None else f"reported by {reported_by}"
    return listed(filter(None, (speaker, reported)))


def summary(event: AnyEvent) -> str:
    """What happened, in one sentence; its subject is the party that made the event, if any."""
    subject = maker(event) if type(event) in SUMMARIES else None
    return told(event) if subject is None else f"{subject} {told(event)}"


def told(event: AnyEvent) -> str:
    """The same without its subject; of an event of an extension, what stands in its fields."""
    return SUMMARIES.get(type(event), _of_another_type)(event)


def _also(words: str, text: object) -> str:
    """Some words before a text, or nothing where there is no text."""
    return "" if text is None else f"{words}{text}"


def _when(words: str, time: datetime | None) -> str:
    return "" if time is None else f"{words}{time_words(time)}"


def _party_joined(e: PartyJoined) -> str:
    return f"joins as {e.role}" + _also(", by the name of ", e.name)


def _proposal_made(e: ProposalMade) -> str:
    return (
        f"makes the proposal {e.proposal} to {listed(e.to)}: {terms_words(e.terms)}"
        + _also(", countering ", e.counters)
        + _when(", expiring ", e.expires)
    )


def _proposal_clarified(e: ProposalClarified) -> str:
    return f"clarifies the proposal {e.proposal}: {terms_words(e.terms)}" + _also("; ", e.note)


def _position_stated(e: PositionStated) -> str:
    says = "takes" if e.attributed_by is None else f"says that {e.by} takes"
    firmness = kind_words(e.firmness)
    return f"{says} a position on {e.issue}, {firmness}: {value_words(e.value)}" + _also(
        ", on condition: ", e.condition
    )


def _truce_declared(e: TruceDeclared) -> str:
    span = span_words(e.starts, e.ends)
    return (
        f"declares the {kind_words(e.kind)} {e.truce}{span and ' '}{span}, binding "
        + ("itself alone" if e.binds is None else listed(e.binds))
        + _also(", scope: ", e.scope)
        + _also(", on condition: ", e.condition)
        + _also(", under ", e.under)
    )


def _truce_violated(e: TruceViolated) -> str:
    claim = claim_words(e)
    return (
        f"alleges that {e.by} violated the truce {e.truce}{claim and ': '}{claim}"
        + _also(", replacing the claim ", e.replaces)
        + f" (claim {e.violation})"
    )


def _truce_observed(e: TruceObserved) -> str:
    span = span_words(e.begins, e.ends)
    said = listed(filter(None, (e.what, span)))
    return f"claims that {e.by} observed the truce {e.truce}{said and ': '}{said}"


def due_words(due: datetime, earliest: datetime | None) -> str:
    """When something is due: a moment, or a span."""
    if earliest is None:
        return f"due {time_words(due)}"
    return f"due between {time_words(earliest)} and {time_words(due)}"


def _deadline_set(e: DeadlineSet) -> str:
    return (
        f"sets {listed(e.on)} the deadline {e.deadline}, {due_words(e.due, e.earliest)}"
        + _also(", demanding: ", e.demand)
        + _also("; or else: ", e.consequence)
        + _also(" (about ", e.about)
        + ("" if e.about is None else ")")
    )


def _meeting_scheduled(e: MeetingScheduled) -> str:
    return (
        f"schedules the meeting {e.meeting} of {listed(e.parties)} for {time_words(e.starts)}"
        + _also(" at ", e.place)
        + _also(", following ", e.follows)
    )


def _meeting_held(e: MeetingHeld) -> str:
    return (
        f"the meeting {e.meeting} of {listed(e.parties)} is held"
        + _also(" at ", e.place)
        + _also(", following ", e.follows)
        + _also(": ", e.outcome)
    )


def _statement_made(e: StatementMade) -> str:
    return f"says: {e.text}" + ("" if e.about is None else f" (about {e.about})")


def _of_another_type(event: Any) -> str:
    if type(event) is UnknownEvent:
        return f"an event of the unknown type {event.type}"
    return f"{type(event).__name__}: {state_words(event)}"


SUMMARIES: Final[Mapping[type[Any], Callable[[Any], str]]] = {
    PartyJoined: _party_joined,
    PartyWithdrew: lambda e: "withdraws from the talks" + _also(": ", e.reason),
    ProposalMade: _proposal_made,
    ProposalClarified: _proposal_clarified,
    ProposalAccepted: lambda e: f"accepts the proposal {e.proposal}" + _also(": ", e.note),
    ProposalRejected: lambda e: f"rejects the proposal {e.proposal}" + _also(": ", e.reason),
    ProposalWithdrawn: lambda e: f"withdraws the proposal {e.proposal}" + _also(": ", e.reason),
    PositionStated: _position_stated,
    TruceDeclared: _truce_declared,
    TruceJoined: lambda e: f"joins the truce {e.truce}" + _when(" from ", e.starts),
    TruceRejected: lambda e: f"rejects the truce {e.truce}" + _also(": ", e.reason),
    TruceExtended: lambda e: f"extends the truce {e.truce} for itself until {time_words(e.ends)}",
    TruceEnded: lambda e: f"ends the truce {e.truce} for itself" + _also(": ", e.reason),
    TruceViolated: _truce_violated,
    TruceObserved: _truce_observed,
    ViolationAssessed: lambda e: (
        f"assesses the claim {e.violation}: {e.finding}" + _also(", ", e.note)
    ),
    DeadlineSet: _deadline_set,
    DeadlineMoved: lambda e: f"moves the deadline {e.deadline}, {due_words(e.due, e.earliest)}",
    DeadlineMet: lambda e: f"meets the deadline {e.deadline}" + _also(": ", e.note),
    DeadlineLifted: lambda e: f"lifts the deadline {e.deadline}" + _also(": ", e.reason),
    MeetingScheduled: _meeting_scheduled,
    MeetingHeld: _meeting_held,
    MeetingCancelled: lambda e: f"cancels the meeting {e.meeting}" + _also(": ", e.reason),
    StatementMade: _statement_made,
    EventRetracted: lambda e: f"takes back {e.event}" + _also(": ", e.reason),
}
"""One row per event."""
