"""The lifecycles of proposal, truce, deadline, meeting and participation, as tables.

Each item of a negotiation is at any moment in one phase. A table says, for each phase and each
event that concerns the item, into which phases the event leads, or with which code it is refused.
The reducers ask these tables; the diagrams in the documentation are drawn from them.

What depends on time alone (expiry, a deadline missed, a truce coming into force) is no event. The
functions below read it off the facts and a moment. Spans are half-open: at its start a thing has
begun, at its end it is over.

A phase is finer than the status that a state shows: `STATUS` of a lifecycle names the status of
each phase where the two differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, TypeAlias

from attrs import field, frozen

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
    TruceDeclared,
    TruceEnded,
    TruceExtended,
    TruceJoined,
    TruceRejected,
)
from negotiation.facts import (
    DeadlineFacts,
    ItemFacts,
    ProposalFacts,
    Span,
    TruceFacts,
    ViolationFacts,
)
from negotiation.problems import Code

Phase: TypeAlias = str
Cell: TypeAlias = "tuple[Phase, ...] | Code"
"""The phases that an event may lead into, or the code with which it is refused."""


@frozen
class Lifecycle:
    """The table of one kind of item.

    Attributes:
        name: what goes through these phases.
        begins: the event that brings it into being and the phases in which it then may be.
        table: phase → event class → the phases it may lead into, or the code of its refusal.
        passing: phase → the phases that follow from the passing of time alone.
        guards: event class → further codes that may refuse it whatever the phase.
    """

    name: str
    begins: Mapping[type[Any], tuple[Phase, ...]]
    table: Mapping[Phase, Mapping[type[Any], Cell]]
    passing: Mapping[Phase, tuple[Phase, ...]] = field(factory=dict)
    guards: Mapping[type[Any], tuple[Code, ...]] = field(factory=dict)

    @property
    def refusals(self) -> Mapping[Phase, Mapping[type[Any], Code]]:
        """The refusals in the table: phase → event class → code; what is allowed is left out."""
        return {
            phase: {event: cell for event, cell in row.items() if isinstance(cell, str)}
            for phase, row in self.table.items()
        }


# Proposals

OPEN: Final = "open"
ACCEPTED: Final = "accepted"
REJECTED: Final = "rejected"
COUNTERED: Final = "countered"
WITHDRAWN: Final = "withdrawn"
EXPIRED: Final = "expired"
REJECTED_PAST: Final = "rejected, past its expiry"
COUNTERED_PAST: Final = "countered, past its expiry"

_ANSWERABLE: Final[Mapping[type[Any], Cell]] = {
    ProposalClarified: (OPEN,),
    ProposalWithdrawn: (WITHDRAWN,),
}
_CLOSED: Final[Mapping[type[Any], Cell]] = dict.fromkeys(
    (ProposalClarified, ProposalAccepted, ProposalRejected, ProposalMade, ProposalWithdrawn),
    "proposal-closed",
)
_PAST: Final[Mapping[type[Any], Cell]] = {**_CLOSED, ProposalWithdrawn: (WITHDRAWN,)}

PROPOSAL: Final = Lifecycle(
    name="proposal",
    begins={ProposalMade: (OPEN, EXPIRED)},
    table={
        OPEN: {
            **_ANSWERABLE,
            ProposalAccepted: (OPEN, ACCEPTED),
            ProposalRejected: (REJECTED,),
            ProposalMade: (COUNTERED,),
        },
        REJECTED: {
            **_ANSWERABLE,
            ProposalAccepted: (REJECTED,),
            ProposalRejected: (REJECTED,),
            ProposalMade: (REJECTED,),
        },
        COUNTERED: {
            **_ANSWERABLE,
            ProposalAccepted: (COUNTERED,),
            ProposalRejected: (REJECTED,),
            ProposalMade: (COUNTERED,),
        },
        REJECTED_PAST: _PAST,
        COUNTERED_PAST: _PAST,
        ACCEPTED: _CLOSED,
        WITHDRAWN: _CLOSED,
        EXPIRED: _CLOSED,
    },
    passing={OPEN: (EXPIRED,), REJECTED: (REJECTED_PAST,), COUNTERED: (COUNTERED_PAST,)},
    guards={
        ProposalClarified: ("not-maker",),
        ProposalWithdrawn: ("not-maker",),
        ProposalAccepted: ("not-addressee", "already-answered"),
        ProposalRejected: ("not-addressee", "already-answered"),
        ProposalMade: ("not-addressee", "already-answered"),
    },
)
"""One row per phase; here `ProposalMade` is another proposal, which counters this one."""


def proposal_phase(proposal: ProposalFacts, at: datetime) -> Phase:
    """The phase of a proposal at a moment.

    Withdrawn if withdrawn; else accepted if every addressee accepted; else rejected if any
    rejected; else countered if any countered; else expired from `expires` on; else open.
    """
    if proposal.withdrawn:
        return WITHDRAWN
    opened: Any = proposal.opened.event
    expired = opened.expires is not None and at >= opened.expires
    answers = proposal.answers
    if answers:
        given = answers.values()
        if "rejected" in given:
            return REJECTED_PAST if expired else REJECTED
        if "countered" in given:
            return COUNTERED_PAST if expired else COUNTERED
        if len(answers) == len(opened.to):
            return ACCEPTED
    return EXPIRED if expired else OPEN


# Truces: what one party's commitment goes through

UNBOUND: Final = "unbound"
PLEDGED: Final = "pledged"
BOUND: Final = "bound"
OVER: Final = "over"
RELEASED: Final = "released"

COMMITMENT: Final = Lifecycle(
    name="truce, for each party",
    begins={TruceDeclared: (UNBOUND, PLEDGED, BOUND, OVER, RELEASED)},
    table={
        UNBOUND: {
            TruceJoined: (PLEDGED, BOUND, OVER),
            TruceRejected: (UNBOUND,),
            TruceExtended: "not-bound",
            TruceEnded: "not-bound",
        },
        PLEDGED: {
            TruceJoined: "already-bound",
            TruceRejected: (UNBOUND,),
            TruceExtended: (PLEDGED, RELEASED),
            TruceEnded: (RELEASED,),
        },
        BOUND: {
            TruceJoined: "already-bound",
            TruceRejected: "already-bound",
            TruceExtended: (BOUND, OVER, RELEASED),
            TruceEnded: (OVER,),
        },
        OVER: {
            TruceJoined: (BOUND, OVER),
            TruceRejected: "already-bound",
            TruceExtended: "truce-over",
            TruceEnded: "truce-over",
        },
        RELEASED: {
            TruceJoined: (PLEDGED, BOUND, OVER),
            TruceRejected: (UNBOUND,),
            TruceExtended: "truce-over",
            TruceEnded: "truce-over",
        },
    },
    passing={PLEDGED: (BOUND, OVER, RELEASED), BOUND: (OVER,)},
    guards={TruceJoined: ("truce-over",)},
)
"""Unbound: never bound, or it rejected in time. Pledged: bound on paper, nothing begun. Bound: on
paper, and a span of its has begun. Over: ended or past its end. Released: over before it began.
A span may end before its start, at it, or in the past: what was said of it counts as said."""


def commitment_phase(spans: tuple[Span, ...], at: datetime) -> Phase:
    """The phase of one party's commitment at a moment; no spans for a party not bound."""
    if not spans:
        return UNBOUND
    begun = any(span.begun(at) for span in spans)
    if spans[-1].over(at):
        return OVER if begun else RELEASED
    return BOUND if begun else PLEDGED


DECLARED: Final = "declared"
IN_FORCE: Final = "in-force"
ENDED: Final = "ended"


def truce_status(truce: TruceFacts, at: datetime) -> Phase:
    """The status of a truce at a moment.

    In force if any commitment is; else declared if one is still to come or there is none; else
    ended if all were ended; else expired.
    """
    spans = [each[-1] for each in truce.commitments.values()]
    if any(span.in_force(at) for span in spans):
        return IN_FORCE
    if not spans or any(at < span.since and not span.over(at) for span in spans):
        return DECLARED
    return ENDED if all(span.ended is not None for span in spans) else EXPIRED


def truce_mutual(truce: TruceFacts, at: datetime) -> bool:
    """Whether two parties or more are bound at a moment."""
    return sum(spans[-1].in_force(at) for spans in truce.commitments.values()) >= 2


# Claims about truces: what they say beside what is claimed


def spans_claimed(claim: ViolationFacts, items: Mapping[str, ItemFacts]) -> tuple[Span, ...]:
    """The spans of the accused under the truce that a claim names; none before it is declared."""
    event: Any = claim.claim.event
    truce = items.get(event.truce)
    return truce.commitments.get(event.by, ()) if type(truce) is TruceFacts else ()


def claim_bearing(
    claim: ViolationFacts, items: Mapping[str, ItemFacts], at: datetime
) -> tuple[bool, bool]:
    """Whether the accused had been bound by a moment, and whether the claim falls into that."""
    begun = [span for span in spans_claimed(claim, items) if span.begun(at)]
    return bool(begun), any(span.meets(*claim.claimed) for span in begun)


# Deadlines

PENDING: Final = "pending"
IN_WINDOW: Final = "in-window"
MISSED: Final = "missed"
MET: Final = "met"
LIFTED: Final = "lifted"

_RUNNING: Final[Mapping[type[Any], Cell]] = {
    DeadlineMoved: (PENDING, IN_WINDOW, MISSED),
    DeadlineMet: (MET,),
    DeadlineLifted: (LIFTED,),
}
_DONE: Final[Mapping[type[Any], Cell]] = dict.fromkeys(_RUNNING, "deadline-closed")

DEADLINE: Final = Lifecycle(
    name="deadline",
    begins={DeadlineSet: (PENDING, IN_WINDOW, MISSED)},
    table={
        PENDING: _RUNNING,
        IN_WINDOW: _RUNNING,
        MISSED: {
            DeadlineMoved: (PENDING, IN_WINDOW, MISSED),
            DeadlineMet: "deadline-missed",
            DeadlineLifted: "deadline-missed",
        },
        MET: _DONE,
        LIFTED: _DONE,
    },
    passing={PENDING: (IN_WINDOW, MISSED), IN_WINDOW: (MISSED,)},
)


def deadline_phase(deadline: DeadlineFacts, at: datetime) -> Phase:
    """Lifted or met if it was; else missed from `due` on; else in its window from `earliest` on."""
    if deadline.closed is not None:
        return deadline.closed
    if at >= deadline.due:
        return MISSED
    if deadline.earliest is not None and at >= deadline.earliest:
        return IN_WINDOW
    return PENDING


# Meetings

SCHEDULED: Final = "scheduled"
HELD: Final = "held"
CANCELLED: Final = "cancelled"

_PAST_MEETING: Final[Mapping[type[Any], Cell]] = dict.fromkeys(
    (MeetingHeld, MeetingCancelled), "meeting-closed"
)

MEETING: Final = Lifecycle(
    name="meeting",
    begins={MeetingScheduled: (SCHEDULED,), MeetingHeld: (HELD,)},
    table={
        SCHEDULED: {MeetingHeld: (HELD,), MeetingCancelled: (CANCELLED,)},
        HELD: _PAST_MEETING,
        CANCELLED: _PAST_MEETING,
    },
)

# Participation

ACTIVE: Final = "active"

PARTICIPATION: Final = Lifecycle(
    name="participation",
    begins={PartyJoined: (ACTIVE,)},
    table={
        ACTIVE: {PartyJoined: (ACTIVE,), PartyWithdrew: (WITHDRAWN,)},
        WITHDRAWN: {PartyJoined: (ACTIVE,), PartyWithdrew: "already-withdrawn"},
    },
)

# Passing time


def _truce_turns(truce: TruceFacts) -> list[datetime | None]:
    turns: list[datetime | None] = []
    for spans in truce.commitments.values():
        for span in spans:
            turns += (span.since, span.until, span.ended)
    return turns


Turns: TypeAlias = Callable[[Any], "Iterable[datetime | None]"]

TURNS: Final[Mapping[type[Any], Turns]] = {
    ProposalFacts: lambda proposal: (proposal.opened.event.expires,),
    TruceFacts: _truce_turns,
    DeadlineFacts: attrgetter("earliest", "due"),
}
"""The instants, in no order and some of them None, at which time alone may change what is read of
an item. Between two of them nothing of it changes, and of a meeting never. A claim has none of its
own: what time changes of it turns where the spans of the accused begin."""


LIFECYCLES: Final = (PROPOSAL, COMMITMENT, DEADLINE, MEETING, PARTICIPATION)
"""All five, in the order in which the documentation draws them."""

STATUS: Final[Mapping[Phase, str]] = {REJECTED_PAST: REJECTED, COUNTERED_PAST: COUNTERED}
"""The status that a state shows for a phase, where it is not the phase's own name."""
