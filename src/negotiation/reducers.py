"""What each event makes of the facts: a table of reactions, and the pure functions that it names.

A row of `REACTIONS` says of one kind of event which item it concerns, when it is refused and what
it changes. Whether it is refused is asked of a pure function of (item, event, moment), which reads
the tables in `negotiation.lifecycles` and gives the code of the broken rule, or None. What changes
is data: the fields that are set, each to a value or to a pure function's result. So an event type
is added by writing its row, and nothing here ever changes an argument.

`negotiation.fold` carries the rows out: it looks the items up, makes the changes on what is its own
and notes the problems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from attrs import frozen

from negotiation.events import (
    DeadlineLifted,
    DeadlineMet,
    DeadlineMoved,
    DeadlineSet,
    MeetingCancelled,
    MeetingHeld,
    MeetingScheduled,
    PartyJoined,
    PartyWithdrew,
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
    ViolationAssessed,
)
from negotiation.facts import (
    Chain,
    DeadlineFacts,
    MeetingFacts,
    PartyFacts,
    ProposalFacts,
    Span,
    TruceFacts,
    ViolationFacts,
)
from negotiation.lifecycles import (
    ACTIVE,
    COMMITMENT,
    DEADLINE,
    MEETING,
    PARTICIPATION,
    PROPOSAL,
    WITHDRAWN,
    commitment_phase,
    deadline_phase,
    proposal_phase,
)
from negotiation.problems import Code
from negotiation.records import Record
from negotiation.values import FrozenDict

# What a row is made of

Opens: TypeAlias = Callable[[Record, Any], Any]
"""(record, event) → the facts of the item that the event brings into being."""
Refuses: TypeAlias = Callable[[Any, Any, datetime], "Code | None"]
"""(item, event, moment) → the code of the rule that the event breaks, or None."""
Makes: TypeAlias = Callable[[Any, Record, Any], Any]
"""(item, record, event) → the new value of a field."""


@frozen
class Set:
    """One field of the item gets a value: this one, or what a pure function makes."""

    field: str
    value: Any = None
    made: Makes | None = None


@frozen
class Put:
    """One entry of a mapping in the item, that of the event's actor, gets a value."""

    field: str
    value: Any = None
    made: Makes | None = None


@frozen
class Link:
    """Another item that an event names beside its own.

    Attributes:
        key: the field that names it; None in that field is no link.
        kind: the facts that such an item has.
        unknown: the code where there is no such item.
        refuses: when the event may not concern it.
        changes: what the event changes in it; nothing where it must only be there.
    """

    key: str
    kind: type[Any]
    unknown: Code
    refuses: Refuses | None = None
    changes: tuple[Set | Put, ...] = ()


@frozen
class Reaction:
    """How one kind of event is reduced.

    Attributes:
        key: the field that names its item.
        kind: the facts that the item has.
        opens: what brings the item into being, if the event does that.
        unknown: the code where there is no such item; None for an event that opens it.
        refuses: when the event may not change an item that is there.
        changes: what it changes in such an item.
        links: the other items that the event names, in the order in which they are looked at.
    """

    key: str
    kind: type[Any]
    opens: Opens | None = None
    unknown: Code | None = None
    refuses: Refuses | None = None
    changes: tuple[Set | Put, ...] = ()
    links: tuple[Link, ...] = ()


# Proposals


def proposal_made(record: Record, event: ProposalMade) -> ProposalFacts:
    """A proposal comes into being, unanswered."""
    return ProposalFacts(record, event.terms, {}, None, False, (None, record))


def refuses_answer(
    proposal: ProposalFacts,
    event: ProposalAccepted | ProposalRejected | ProposalMade,
    at: datetime,
) -> Code | None:
    """Only addressees answer, while it is not closed, and once until a clarification."""
    opened: Any = proposal.opened.event
    if event.by not in opened.to:
        return "not-addressee"
    if refused := _PROPOSAL_REFUSALS[proposal_phase(proposal, at)].get(type(event)):
        return refused
    return "already-answered" if event.by in proposal.answers else None


def refuses_change(
    proposal: ProposalFacts, event: ProposalClarified | ProposalWithdrawn, at: datetime
) -> Code | None:
    """Only its maker clarifies or withdraws a proposal, while it is not closed."""
    opened: Any = proposal.opened.event
    if event.by != opened.by:
        return "not-maker"
    return _PROPOSAL_REFUSALS[proposal_phase(proposal, at)].get(type(event))


def clarified_terms(
    proposal: ProposalFacts, record: Record, event: ProposalClarified
) -> FrozenDict:
    """The terms with those that are named replaced."""
    return proposal.terms.merged(event.terms)


def one_counter_more(proposal: ProposalFacts, record: Record, event: ProposalMade) -> Chain[str]:
    """The counters to a proposal with a new one."""
    return proposal.countered_by, event.proposal


# Truces and claims about them


def truce_declared(record: Record, event: TruceDeclared) -> TruceFacts:
    """The parties named are bound from its start, on paper from now on."""
    span = Span(record.time if event.starts is None else event.starts, event.ends)
    return TruceFacts(
        record, dict.fromkeys(event.bound, (span,)), frozenset(), None, (None, record)
    )


def refuses_commitment(
    truce: TruceFacts, event: TruceRejected | TruceExtended | TruceEnded, at: datetime
) -> Code | None:
    """What a party may do depends on whether and how it is bound."""
    spans = truce.commitments.get(event.by, ())
    return _COMMITMENT_REFUSALS[commitment_phase(spans, at)].get(type(event))


def refuses_joining(truce: TruceFacts, event: TruceJoined, at: datetime) -> Code | None:
    """A party joins that does not stand bound, while the declared end is still to come."""
    spans = truce.commitments.get(event.by, ())
    if refused := _COMMITMENT_REFUSALS[commitment_phase(spans, at)].get(TruceJoined):
        return refused
    declared: Any = truce.declared.event
    over = declared.ends is not None and _joins_at(truce, event, at) >= declared.ends
    return "truce-over" if over else None


def _joins_at(truce: TruceFacts, event: TruceJoined, at: datetime) -> datetime:
    return max(truce.starts, at if event.starts is None else event.starts)


def joined_spans(truce: TruceFacts, record: Record, event: TruceJoined) -> tuple[Span, ...]:
    """Bound from the later of its start and the truce's, to the declared end."""
    declared: Any = truce.declared.event
    since = _joins_at(truce, event, record.time)
    return (*truce.commitments.get(event.by, ()), Span(since, declared.ends))


def extended_spans(truce: TruceFacts, record: Record, event: TruceExtended) -> tuple[Span, ...]:
    """The party's own end is moved."""
    *earlier, last = truce.commitments[event.by]
    return (*earlier, Span(last.since, event.ends))


def ended_spans(truce: TruceFacts, record: Record, event: TruceEnded) -> tuple[Span, ...]:
    """The party's own part ends now."""
    *earlier, last = truce.commitments[event.by]
    return (*earlier, Span(last.since, last.until, record.time))


def without_commitment(
    truce: TruceFacts, record: Record, event: TruceRejected
) -> dict[str, tuple[Span, ...]]:
    """The commitments without the party's, of which nothing had begun."""
    return {party: spans for party, spans in truce.commitments.items() if party != event.by}


def with_rejecter(truce: TruceFacts, record: Record, event: TruceRejected) -> frozenset[str]:
    """Those whose latest word is no, with one more."""
    return truce.rejected_by | {event.by}


def without_rejecter(truce: TruceFacts, record: Record, event: TruceJoined) -> frozenset[str]:
    """Those whose latest word is no, with one less."""
    return truce.rejected_by - {event.by}


def one_observation_more(truce: TruceFacts, record: Record, event: TruceObserved) -> Chain[Record]:
    """A claim of compliance stands beside all others."""
    return truce.observations, record


def truce_violated(record: Record, event: TruceViolated) -> ViolationFacts:
    """A claim is made."""
    return ViolationFacts(record, {}, None, (None, record))


def refuses_replacement(
    violation: ViolationFacts, event: TruceViolated, at: datetime
) -> Code | None:
    """Only a claim of the same accuser is replaced."""
    claim: Any = violation.claim.event
    return None if claim.alleged_by == event.alleged_by else "wrong-replaces"


def replacing_claim(violation: ViolationFacts, record: Record, event: TruceViolated) -> str:
    """The claim that stands for this one."""
    return event.violation


def latest_finding(violation: ViolationFacts, record: Record, event: ViolationAssessed) -> str:
    """What the assessor found."""
    return event.finding


# Deadlines


def deadline_set(record: Record, event: DeadlineSet) -> DeadlineFacts:
    """Something becomes due."""
    return DeadlineFacts(record, event.due, event.earliest, None, (None, record))


def refuses_deadline(
    deadline: DeadlineFacts, event: DeadlineMoved | DeadlineMet | DeadlineLifted, at: datetime
) -> Code | None:
    """Nothing follows on being met or lifted; a missed one is only moved."""
    return _DEADLINE_REFUSALS[deadline_phase(deadline, at)].get(type(event))


def moved_due(deadline: DeadlineFacts, record: Record, event: DeadlineMoved) -> datetime:
    """When it is due now."""
    return event.due


def moved_earliest(
    deadline: DeadlineFacts, record: Record, event: DeadlineMoved
) -> datetime | None:
    """When its window begins now."""
    return event.earliest


# Meetings


def meeting_scheduled(record: Record, event: MeetingScheduled) -> MeetingFacts:
    """Parties are to meet."""
    return MeetingFacts(
        record, event.parties, event.place, event.follows, None, "scheduled", (None, record)
    )


def meeting_held_unscheduled(record: Record, event: MeetingHeld) -> MeetingFacts:
    """A meeting that nobody had scheduled comes into being held."""
    return MeetingFacts(
        record, event.parties, event.place, event.follows, event.outcome, "held", (None, record)
    )


def refuses_meeting(
    meeting: MeetingFacts, event: MeetingHeld | MeetingCancelled, at: datetime
) -> Code | None:
    """What was held or cancelled stays so."""
    return _MEETING_REFUSALS[meeting.status].get(type(event))


def _given(field: str) -> Makes:
    """The event's field of this name, or the item's where the event does not give it."""

    def make(item: Any, record: Record, event: Any) -> Any:
        given = getattr(event, field)
        return getattr(item, field) if given is None else given

    return make


# Parties

NOBODY: Final = PartyFacts()
"""A party of which nothing is known but that it was named."""


def refuses_participation(
    party: PartyFacts, event: PartyJoined | PartyWithdrew, at: datetime
) -> Code | None:
    """A party that has left cannot leave."""
    return _PARTICIPATION_REFUSALS[WITHDRAWN if party.withdrawn else ACTIVE].get(type(event))


def one_statement_more(party: PartyFacts, record: Record, event: StatementMade) -> Chain[Record]:
    """The party's words with new ones."""
    return party.statements, record


# Which reducer serves which event

_PROPOSAL_REFUSALS: Final = PROPOSAL.refusals
_COMMITMENT_REFUSALS: Final = COMMITMENT.refusals
_DEADLINE_REFUSALS: Final = DEADLINE.refusals
_MEETING_REFUSALS: Final = MEETING.refusals
_PARTICIPATION_REFUSALS: Final = PARTICIPATION.refusals


def _on_proposal(refuses: Refuses, *changes: Set | Put) -> Reaction:
    return Reaction("proposal", ProposalFacts, None, "unknown-proposal", refuses, changes)


def _on_truce(refuses: Refuses | None, *changes: Set | Put) -> Reaction:
    return Reaction("truce", TruceFacts, None, "unknown-truce", refuses, changes)


def _on_deadline(*changes: Set | Put) -> Reaction:
    return Reaction("deadline", DeadlineFacts, None, "unknown-deadline", refuses_deadline, changes)


REACTIONS: Final[Mapping[type[Any], Reaction]] = {
    ProposalMade: Reaction(
        "proposal",
        ProposalFacts,
        opens=proposal_made,
        links=(
            Link(
                "counters",
                ProposalFacts,
                "unknown-proposal",
                refuses_answer,
                (Put("answers", "countered"), Set("countered_by", made=one_counter_more)),
            ),
        ),
    ),
    ProposalClarified: _on_proposal(
        refuses_change, Set("terms", made=clarified_terms), Set("answers", made=lambda *_: {})
    ),
    ProposalAccepted: _on_proposal(refuses_answer, Put("answers", "accepted")),
    ProposalRejected: _on_proposal(refuses_answer, Put("answers", "rejected")),
    ProposalWithdrawn: _on_proposal(refuses_change, Set("withdrawn", True)),
    TruceDeclared: Reaction("truce", TruceFacts, opens=truce_declared),
    TruceJoined: _on_truce(
        refuses_joining,
        Put("commitments", made=joined_spans),
        Set("rejected_by", made=without_rejecter),
    ),
    TruceRejected: _on_truce(
        refuses_commitment,
        Set("commitments", made=without_commitment),
        Set("rejected_by", made=with_rejecter),
    ),
    TruceExtended: _on_truce(refuses_commitment, Put("commitments", made=extended_spans)),
    TruceEnded: _on_truce(refuses_commitment, Put("commitments", made=ended_spans)),
    TruceObserved: _on_truce(None, Set("observations", made=one_observation_more)),
    TruceViolated: Reaction(
        "violation",
        ViolationFacts,
        opens=truce_violated,
        links=(
            Link("truce", TruceFacts, "unknown-truce"),
            Link(
                "replaces",
                ViolationFacts,
                "wrong-replaces",
                refuses_replacement,
                (Set("replaced_by", made=replacing_claim),),
            ),
        ),
    ),
    ViolationAssessed: Reaction(
        "violation",
        ViolationFacts,
        unknown="unknown-violation",
        changes=(Put("findings", made=latest_finding),),
    ),
    DeadlineSet: Reaction("deadline", DeadlineFacts, opens=deadline_set),
    DeadlineMoved: _on_deadline(Set("due", made=moved_due), Set("earliest", made=moved_earliest)),
    DeadlineMet: _on_deadline(Set("closed", "met")),
    DeadlineLifted: _on_deadline(Set("closed", "lifted")),
    MeetingScheduled: Reaction("meeting", MeetingFacts, opens=meeting_scheduled),
    MeetingHeld: Reaction(
        "meeting",
        MeetingFacts,
        opens=meeting_held_unscheduled,
        refuses=refuses_meeting,
        changes=(
            Set("parties", made=_given("parties")),
            Set("place", made=_given("place")),
            Set("follows", made=_given("follows")),
            Set("outcome", made=_given("outcome")),
            Set("status", "held"),
        ),
    ),
    MeetingCancelled: Reaction(
        "meeting",
        MeetingFacts,
        unknown="unknown-meeting",
        refuses=refuses_meeting,
        changes=(Set("status", "cancelled"),),
    ),
    PartyJoined: Reaction(
        "party",
        PartyFacts,
        refuses=refuses_participation,
        changes=(
            Set("role", made=_given("role")),
            Set("name", made=_given("name")),
            Set("withdrawn", False),
        ),
    ),
    PartyWithdrew: Reaction(
        "by", PartyFacts, refuses=refuses_participation, changes=(Set("withdrawn", True),)
    ),
    StatementMade: Reaction(
        "by", PartyFacts, changes=(Set("statements", made=one_statement_more),)
    ),
}
"""One row per event. `PositionStated` has none: a position is the chain of the records that stated
it. `EventRetracted` has none: it is about the log and is carried out before the fold."""
