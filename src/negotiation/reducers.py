"""What each event makes of the facts: pure functions, and the table that says which one serves.

A reducer takes the facts of one item (None where the event brings it into being) and the record,
and returns the item's new facts, or the code of the rule that the event breaks. It changes neither
argument. What may follow what is asked of the tables in `negotiation.lifecycles`.

`REACTIONS` is the whole of it: one row per event. To add an event type, write its reducer and its
row. `negotiation.fold` looks the items up, stores what the reducers return and notes the problems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias

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
    ViolationAssessed,
)
from negotiation.facts import (
    Answer,
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
    UNBOUND,
    WITHDRAWN,
    commitment_phase,
    deadline_phase,
    proposal_phase,
)
from negotiation.problems import Code
from negotiation.records import Record
from negotiation.values import FrozenDict

# Proposals


def proposal_made(record: Record, event: ProposalMade) -> ProposalFacts:
    """A proposal comes into being, unanswered."""
    return ProposalFacts(record, event.terms, {}, None, False, (None, record.id))


def proposal_countered(
    proposal: ProposalFacts, record: Record, event: ProposalMade
) -> ProposalFacts | Code:
    """A new proposal of an addressee answers this one."""
    return _answered(
        proposal, record, event, "countered", (proposal.countered_by, event.proposal)
    )


def proposal_clarified(
    proposal: ProposalFacts, record: Record, event: ProposalClarified
) -> ProposalFacts | Code:
    """The maker replaces the terms it names; answers lapse, counters stay."""
    return _by_maker(proposal, record, event) or ProposalFacts(
        proposal.opened,
        proposal.terms.merged(event.terms),
        {},
        proposal.countered_by,
        False,
        (proposal.records, record.id),
    )


def proposal_withdrawn(
    proposal: ProposalFacts, record: Record, event: ProposalWithdrawn
) -> ProposalFacts | Code:
    """The maker takes it back."""
    return _by_maker(proposal, record, event) or ProposalFacts(
        proposal.opened,
        proposal.terms,
        proposal.answers,
        proposal.countered_by,
        True,
        (proposal.records, record.id),
    )


def proposal_accepted(
    proposal: ProposalFacts, record: Record, event: ProposalAccepted
) -> ProposalFacts | Code:
    """One addressee says yes."""
    return _answered(proposal, record, event, "accepted", proposal.countered_by)


def proposal_rejected(
    proposal: ProposalFacts, record: Record, event: ProposalRejected
) -> ProposalFacts | Code:
    """One addressee says no."""
    return _answered(proposal, record, event, "rejected", proposal.countered_by)


def _answered(
    proposal: ProposalFacts,
    record: Record,
    event: ProposalAccepted | ProposalRejected | ProposalMade,
    answer: Answer,
    countered_by: Chain[str],
) -> ProposalFacts | Code:
    by = event.by
    opened: Any = proposal.opened.event
    if by not in opened.to:
        return "not-addressee"
    if refused := PROPOSAL.refusal(proposal_phase(proposal, record.time), type(event)):
        return refused
    if by in proposal.answers:
        return "already-answered"
    return ProposalFacts(
        proposal.opened,
        proposal.terms,
        {**proposal.answers, by: answer},
        countered_by,
        False,
        (proposal.records, record.id),
    )


def _by_maker(
    proposal: ProposalFacts, record: Record, event: ProposalClarified | ProposalWithdrawn
) -> Code | None:
    opened: Any = proposal.opened.event
    if event.by != opened.by:
        return "not-maker"
    return PROPOSAL.refusal(proposal_phase(proposal, record.time), type(event))


# Truces and claims about them


def truce_declared(record: Record, event: TruceDeclared) -> TruceFacts:
    """The parties named are bound from its start, on paper from now on."""
    span = Span(record.time if event.starts is None else event.starts, event.ends)
    return TruceFacts(
        record, dict.fromkeys(event.bound, (span,)), frozenset(), None, (None, record.id)
    )


def truce_joined(truce: TruceFacts, record: Record, event: TruceJoined) -> TruceFacts | Code:
    """One more party is bound, from the later of its start and the truce's, to the declared end."""
    spans = truce.commitments.get(event.by, ())
    if refused := COMMITMENT.refusal(commitment_phase(spans, record.time), TruceJoined):
        return refused
    declared: Any = truce.declared.event
    since = max(truce.starts, record.time if event.starts is None else event.starts)
    if declared.ends is not None and since >= declared.ends:
        return "truce-over"
    return _bound(
        truce, record, (*spans, Span(since, declared.ends)), truce.rejected_by - {event.by}
    )


def truce_rejected(truce: TruceFacts, record: Record, event: TruceRejected) -> TruceFacts | Code:
    """A party says no: it is not bound, and is not bound any more by what has not begun."""
    spans = truce.commitments.get(event.by, ())
    if refused := COMMITMENT.refusal(commitment_phase(spans, record.time), TruceRejected):
        return refused
    return _bound(truce, record, (), truce.rejected_by | {event.by})


def truce_extended(truce: TruceFacts, record: Record, event: TruceExtended) -> TruceFacts | Code:
    """A bound party moves its own end."""
    spans = truce.commitments.get(event.by, ())
    if refused := COMMITMENT.refusal(commitment_phase(spans, record.time), TruceExtended):
        return refused
    return _bound(
        truce, record, (*spans[:-1], Span(spans[-1].since, event.ends)), truce.rejected_by
    )


def truce_ended(truce: TruceFacts, record: Record, event: TruceEnded) -> TruceFacts | Code:
    """A bound party ends it for itself."""
    spans = truce.commitments.get(event.by, ())
    if refused := COMMITMENT.refusal(commitment_phase(spans, record.time), TruceEnded):
        return refused
    last = Span(spans[-1].since, spans[-1].until, record.time)
    return _bound(truce, record, (*spans[:-1], last), truce.rejected_by)


def _bound(
    truce: TruceFacts, record: Record, spans: tuple[Span, ...], rejected_by: frozenset[str]
) -> TruceFacts:
    """The truce with the actor's spans replaced; without any, it is no longer bound at all."""
    by = record.event.by  # type: ignore[union-attr]  # only events with an actor come here
    commitments = {**truce.commitments, by: spans}
    if not spans:
        del commitments[by]
    return TruceFacts(
        truce.declared, commitments, rejected_by, truce.observations, (truce.records, record.id)
    )


def truce_observed(truce: TruceFacts, record: Record, event: TruceObserved) -> TruceFacts:
    """A claim of compliance stands beside all others."""
    return TruceFacts(
        truce.declared,
        truce.commitments,
        truce.rejected_by,
        (truce.observations, record),
        (truce.records, record.id),
    )


def truce_violated(record: Record, event: TruceViolated) -> ViolationFacts:
    """A claim is made."""
    return ViolationFacts(record, {}, None, (None, record.id))


def violation_replaced(
    violation: ViolationFacts, record: Record, event: TruceViolated
) -> ViolationFacts | Code:
    """A later claim of the same accuser stands for this one."""
    claim: Any = violation.claim.event
    if claim.alleged_by != event.alleged_by:
        return "wrong-replaces"
    return ViolationFacts(
        violation.claim, violation.findings, event.violation, (violation.records, record.id)
    )


def violation_assessed(
    violation: ViolationFacts, record: Record, event: ViolationAssessed
) -> ViolationFacts:
    """An assessor's latest finding."""
    return ViolationFacts(
        violation.claim,
        {**violation.findings, event.by: event.finding},
        violation.replaced_by,
        (violation.records, record.id),
    )


# Deadlines


def deadline_set(record: Record, event: DeadlineSet) -> DeadlineFacts:
    """Something becomes due."""
    return DeadlineFacts(record, event.due, event.earliest, None, (None, record.id))


def deadline_moved(
    deadline: DeadlineFacts, record: Record, event: DeadlineMoved
) -> DeadlineFacts | Code:
    """Both its ends are replaced."""
    return DEADLINE.refusal(deadline_phase(deadline, record.time), DeadlineMoved) or DeadlineFacts(
        deadline.set, event.due, event.earliest, None, (deadline.records, record.id)
    )


def deadline_met(
    deadline: DeadlineFacts, record: Record, event: DeadlineMet
) -> DeadlineFacts | Code:
    """What was due was done in time."""
    return _closed(deadline, record, DeadlineMet, "met")


def deadline_lifted(
    deadline: DeadlineFacts, record: Record, event: DeadlineLifted
) -> DeadlineFacts | Code:
    """It is taken away in time."""
    return _closed(deadline, record, DeadlineLifted, "lifted")


def _closed(
    deadline: DeadlineFacts, record: Record, event: type[Any], how: Literal["met", "lifted"]
) -> DeadlineFacts | Code:
    return DEADLINE.refusal(deadline_phase(deadline, record.time), event) or DeadlineFacts(
        deadline.set, deadline.due, deadline.earliest, how, (deadline.records, record.id)
    )


# Meetings


def meeting_scheduled(record: Record, event: MeetingScheduled) -> MeetingFacts:
    """Parties are to meet."""
    return MeetingFacts(
        record, event.parties, event.place, event.follows, None, "scheduled", (None, record.id)
    )


def meeting_held_unscheduled(record: Record, event: MeetingHeld) -> MeetingFacts:
    """A meeting that nobody had scheduled comes into being held."""
    return MeetingFacts(
        record, event.parties, event.place, event.follows, event.outcome, "held", (None, record.id)
    )


def meeting_held(meeting: MeetingFacts, record: Record, event: MeetingHeld) -> MeetingFacts | Code:
    """It was held: by whom is now known, and perhaps where and after what."""
    return MEETING.refusal(meeting.status, MeetingHeld) or MeetingFacts(
        meeting.opened,
        event.parties,
        meeting.place if event.place is None else event.place,
        meeting.follows if event.follows is None else event.follows,
        event.outcome,
        "held",
        (meeting.records, record.id),
    )


def meeting_cancelled(
    meeting: MeetingFacts, record: Record, event: MeetingCancelled
) -> MeetingFacts | Code:
    """It will not be held."""
    return MEETING.refusal(meeting.status, MeetingCancelled) or MeetingFacts(
        meeting.opened,
        meeting.parties,
        meeting.place,
        meeting.follows,
        meeting.outcome,
        "cancelled",
        (meeting.records, record.id),
    )


# Parties

NOBODY: Final = PartyFacts()
"""A party of which nothing is known but that it was named."""


def party_joined(party: PartyFacts, record: Record, event: PartyJoined) -> PartyFacts | Code:
    """It has this role from now on, and is back if it had left."""
    return _participates(party, PartyJoined) or PartyFacts(
        event.role,
        party.name if event.name is None else event.name,
        False,
        party.statements,
    )


def party_withdrew(party: PartyFacts, record: Record, event: PartyWithdrew) -> PartyFacts | Code:
    """It leaves the talks."""
    return _participates(party, PartyWithdrew) or PartyFacts(
        party.role, party.name, True, party.statements
    )


def _participates(party: PartyFacts, event: type[Any]) -> Code | None:
    return PARTICIPATION.refusal(WITHDRAWN if party.withdrawn else ACTIVE, event)


def statement_made(party: PartyFacts, record: Record, event: StatementMade) -> PartyFacts:
    """Its words are kept."""
    return PartyFacts(party.role, party.name, party.withdrawn, (party.statements, record))


# Which reducer serves which event

Opens: TypeAlias = Callable[[Record, Any], Any]
Changes: TypeAlias = Callable[[Any, Record, Any], Any]


@frozen
class Link:
    """Another item that an event names beside its own.

    Attributes:
        key: the field that names it; None in that field is no link.
        kind: the facts that such an item has.
        unknown: the code where there is no such item.
        change: what the event makes of it; None where it must only be there.
    """

    key: str
    kind: type[Any]
    unknown: Code
    change: Changes | None = None


@frozen
class Reaction:
    """How one kind of event is reduced.

    Attributes:
        key: the field that names its item.
        kind: the facts that the item has.
        opens: the reducer that brings the item into being, if the event does that.
        change: the reducer that changes an item that is there, if the event does that.
        unknown: the code where there is no such item and the event does not open one.
        links: the other items that the event names, in the order in which they are looked at.
    """

    key: str
    kind: type[Any]
    opens: Opens | None = None
    change: Changes | None = None
    unknown: Code = "used-id"
    links: tuple[Link, ...] = ()


def _on(key: str, kind: type[Any], unknown: Code) -> Callable[[Changes], Reaction]:
    return lambda change: Reaction(key, kind, change=change, unknown=unknown)


_proposal: Final = _on("proposal", ProposalFacts, "unknown-proposal")
_truce: Final = _on("truce", TruceFacts, "unknown-truce")
_deadline: Final = _on("deadline", DeadlineFacts, "unknown-deadline")

REACTIONS: Final[Mapping[type[Any], Reaction]] = {
    ProposalMade: Reaction(
        "proposal",
        ProposalFacts,
        opens=proposal_made,
        links=(Link("counters", ProposalFacts, "unknown-proposal", proposal_countered),),
    ),
    ProposalClarified: _proposal(proposal_clarified),
    ProposalAccepted: _proposal(proposal_accepted),
    ProposalRejected: _proposal(proposal_rejected),
    ProposalWithdrawn: _proposal(proposal_withdrawn),
    TruceDeclared: Reaction("truce", TruceFacts, opens=truce_declared),
    TruceJoined: _truce(truce_joined),
    TruceRejected: _truce(truce_rejected),
    TruceExtended: _truce(truce_extended),
    TruceEnded: _truce(truce_ended),
    TruceObserved: _truce(truce_observed),
    TruceViolated: Reaction(
        "violation",
        ViolationFacts,
        opens=truce_violated,
        links=(
            Link("truce", TruceFacts, "unknown-truce"),
            Link("replaces", ViolationFacts, "wrong-replaces", violation_replaced),
        ),
    ),
    ViolationAssessed: _on("violation", ViolationFacts, "unknown-violation")(violation_assessed),
    DeadlineSet: Reaction("deadline", DeadlineFacts, opens=deadline_set),
    DeadlineMoved: _deadline(deadline_moved),
    DeadlineMet: _deadline(deadline_met),
    DeadlineLifted: _deadline(deadline_lifted),
    MeetingScheduled: Reaction("meeting", MeetingFacts, opens=meeting_scheduled),
    MeetingHeld: Reaction(
        "meeting", MeetingFacts, opens=meeting_held_unscheduled, change=meeting_held
    ),
    MeetingCancelled: _on("meeting", MeetingFacts, "unknown-meeting")(meeting_cancelled),
    PartyJoined: Reaction("party", PartyFacts, change=party_joined),
    PartyWithdrew: Reaction("by", PartyFacts, change=party_withdrew),
    StatementMade: Reaction("by", PartyFacts, change=statement_made),
}
"""One row per event. `PositionStated` has none: a position is the chain of the records that stated
it. `EventRetracted` has none: it is about the log and is carried out before the fold."""
