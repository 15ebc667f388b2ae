"""Protocols of the field, as rules: alternating offers, and a ceasefire that is watched.

Each is a value. A function makes one to measure; the constant is the one with nothing further said.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from negotiation.errors import InvalidProtocol
from negotiation.events import (
    PartyJoined,
    PartyWithdrew,
    ProposalAccepted,
    ProposalMade,
    TruceEnded,
    TruceExtended,
    TruceViolated,
    ViolationAssessed,
    maker,
)
from negotiation.facts import ItemFacts, ProposalFacts, Span, TruceFacts, claimed, unchain
from negotiation.records import Record, fold_order
from negotiation.rules import Protocol, Rule, once_a_state, rule
from negotiation.state import Negotiation
from negotiation.values import Refused, moment

# Alternating offers

_SAOP: Final = (
    "R. Aydoğan, D. Festen, K. V. Hindriks, C. M. Jonker: Alternating Offers Protocols for "
    "Multilateral Negotiation (2017)"
)
_RUBINSTEIN: Final = "A. Rubinstein: Perfect Equilibrium in a Bargaining Model (1982)"


@frozen
class Talks:
    """How far talks by alternating offers have come.

    Attributes:
        parties: those who negotiate, in the order in which they speak: whoever made the first
            offer, then those to whom it was made. Empty before it.
        standing: the id of the offer that is to be answered; None where there is none.
        by: who made it.
        turns: how many turns were taken: each offer is one, and each acceptance.
        next: whose turn it is; None if it is anybody's, or nobody's any more.
        over: why nothing more is to be said: "agreement", "walk-away"; None before that.
    """

    parties: tuple[str, ...] = ()
    standing: str | None = None
    by: str | None = None
    turns: int = 0
    next: str | None = None
    over: str | None = None


@once_a_state
def talks(state: Negotiation) -> Talks:
    """How far the talks have come, read off the proposals and whoever left."""
    facts = state.facts
    left = {party for party, known in facts.parties.items() if known.withdrawn}
    offers = [item for item in facts.items.values() if type(item) is ProposalFacts]
    if not offers:
        return Talks(over="walk-away" if left else None)
    offers.sort(key=lambda offer: fold_order(offer.opened))
    first: Any = offers[0].opened.event
    standing, last = offers[-1], _offer(offers[-1])
    parties = (first.by, *first.to)
    said_yes = [answer == "accepted" for answer in standing.answers.values()]
    turns = sum(1 + [*offer.answers.values()].count("accepted") for offer in offers)
    over = None
    if any(len(_yes(offer)) == len(_offer(offer).to) for offer in offers):
        over = "agreement"
    elif left & {*parties}:
        over = "walk-away"
    after = parties.index(last.by) + 1 + sum(said_yes) if last.by in parties else 0
    following = parties[after % len(parties)]
    return Talks(parties, last.proposal, last.by, turns, None if over else following, over)


def _offer(offer: ProposalFacts) -> Any:
    return offer.opened.event


def _yes(offer: ProposalFacts) -> list[str]:
    return [party for party, answer in offer.answers.items() if answer == "accepted"]


_PLACE: Final = (PartyJoined, ProposalMade, ProposalAccepted, PartyWithdrew)


@rule(
    "no-place",
    "in alternating offers parties join before the first offer, offer, accept or walk away",
    source=_SAOP,
    kinds=_PLACE,
)
def has_a_place(state: Negotiation, record: Record) -> bool:
    """What else is said has no place in this protocol."""
    return type(record.event) is not PartyJoined or not talks(state).parties


@rule("talks-over", "nothing follows on an agreement or on a walk-away", source=_SAOP)
def before_the_end(state: Negotiation, record: Record) -> bool:
    """The talks end with the first agreement, and with the first party that leaves."""
    return talks(state).over is None


@rule("out-of-turn", "the parties speak one after the other", source=_SAOP)
def in_turn(state: Negotiation, record: Record) -> bool:
    """Whoever made the first offer is followed by those to whom it was made, in that order."""
    if type(record.event) is PartyJoined:
        return True
    following = talks(state).next
    return following is None or maker(record.event) == following


@rule(
    "not-to-all",
    "an offer is made to everybody else at the table, and stands until it is answered",
    source=_SAOP,
    reads={ProposalMade: ("to", "expires")},
)
def to_all(state: Negotiation, record: Record) -> bool:
    """An offer goes to all the others, and none expires."""
    event: Any = record.event
    if type(event) is not ProposalMade:
        return True
    parties = talks(state).parties
    return event.expires is None and (not parties or {event.by, *event.to} == {*parties})


@rule(
    "no-answer",
    "the party whose turn it is answers the offer that stands: it accepts, counters or walks away",
    source=_RUBINSTEIN,
    reads={ProposalMade: ("counters",)},
)
def answers_what_stands(state: Negotiation, record: Record) -> bool:
    """A new offer counters, and so rejects, the one that stands; only that one is accepted."""
    event, standing = record.event, talks(state)
    if type(event) is ProposalMade:
        return event.counters == (None if standing.over else standing.standing)
    return type(event) is not ProposalAccepted or event.proposal == standing.standing


def alternating_offers(
    *, rounds: int | None = None, due: datetime | None = None, name: str = "alternating offers"
) -> Protocol:
    """The stacked alternating offers protocol, for two or more parties.

    The parties speak in turn: whoever made the first offer, then those to whom it was made, in the
    order given there. Whose turn it is accepts the offer that stands, makes another one to all the
    others, which rejects the one that stood, or walks away. One acceptance by each of the others
    is an agreement. An agreement ends the talks, and so do a walk-away and the deadline.

    Args:
        rounds: how many rounds there are at most; in one round each party has one turn.
        due: the moment from which on nothing more may be said.
        name: what the protocol is called.

    Raises:
        InvalidProtocol: `rounds` is no whole number from 1, or `due` has no time zone.
    """
    rules = [has_a_place, before_the_end]
    if rounds is not None:
        rules.append(_within_rounds(rounds))
    if due is not None:
        rules.append(_in_time(due))
    return Protocol(name, (*rules, in_turn, to_all, answers_what_stands))


def _within_rounds(rounds: int) -> Rule:
    if type(rounds) is not int or rounds < 1:
        raise InvalidProtocol(f"rounds must be a whole number from 1, not {rounds!r}")

    def within_rounds(state: Negotiation, record: Record) -> bool:
        far = talks(state)
        return not far.parties or far.turns < rounds * len(far.parties)

    reason = f"after round {rounds} nothing more is said"
    return Rule("rounds-over", reason, within_rounds, _SAOP)


def _in_time(due: datetime) -> Rule:
    try:
        at = moment(due)
    except Refused as refused:
        raise InvalidProtocol(f"due {refused}") from None

    def in_time(state: Negotiation, record: Record) -> bool:
        return record.time < at

    return Rule("time-over", f"from {at.isoformat()} on nothing more is said", in_time, _SAOP)


ALTERNATING_OFFERS: Final = alternating_offers()
"""Alternating offers without a deadline."""

# A ceasefire that is watched

_HAGUE: Final = "Regulations annexed to Hague Convention IV (1907), article 36"
_MONITORING: Final = (
    "United Nations Department of Political and Peacebuilding Affairs: "
    "Guidance on Mediation of Ceasefires (2022)"
)


@rule(
    "outside-truce",
    "a claim speaks of a time at which the truce bound the accused",
    source=_MONITORING,
    reads={TruceViolated: ("truce", "by", "begins", "ends")},
)
def inside_a_truce(state: Negotiation, record: Record) -> bool:
    """No claim outside a truce: nobody breaks what did not bind it."""
    event = record.event
    if type(event) is not TruceViolated:
        return True
    truce = state.facts.items.get(event.truce)
    begun = [span for span in _spans(truce, event.by) if span.begun(record.time)]
    return any(span.meets(*claimed(record)) for span in begun)


@rule(
    "not-monitor",
    "only a monitor verifies: finds a claim verified, refuted or without an author; "
    "anybody may deny one",
    source=_MONITORING,
    reads={ViolationAssessed: ("finding",)},
)
def by_a_monitor(state: Negotiation, record: Record) -> bool:
    """What a claim comes to is found by a party that joined as a monitor."""
    event = record.event
    if type(event) is not ViolationAssessed or event.finding == "denied":
        return True
    known = state.facts.parties.get(event.by)
    return known is not None and known.role == "monitor"


def _spans(truce: ItemFacts | None, party: str) -> tuple[Span, ...]:
    return truce.commitments.get(party, ()) if isinstance(truce, TruceFacts) else ()


def _announced(state: Negotiation, record: Record) -> list[datetime]:
    """When the party spoke of ending a truce: now, and whenever it said something about it."""
    event: Any = record.event
    known = state.facts.parties.get(event.by)
    spoken = () if known is None else unchain(known.statements)
    about = [said.time for said in spoken if getattr(said.event, "about", None) == event.truce]
    return [record.time, *about]


_ENDS: Final = {TruceExtended: ("ends",)}


def _with_notice(notice: timedelta) -> Rule:
    if type(notice) is not timedelta or notice < timedelta(0):
        raise InvalidProtocol(f"notice must be a timedelta of zero or more, not {notice!r}")

    def with_notice(state: Negotiation, record: Record) -> bool:
        event: Any = record.event
        if type(event) is TruceEnded:
            ends = record.time
        elif type(event) is TruceExtended:
            ends = event.ends
        else:
            return True
        spans = _spans(state.facts.items.get(event.truce), event.by)
        if not spans or ends < spans[-1].since:
            return True  # it never begins to bind
        until = spans[-1].until
        if until is not None and ends >= until:
            return True  # nothing ends earlier than was said
        return any(notice <= ends - at for at in _announced(state, record))

    reason = (
        f"whoever ends a truce, or its own part in it earlier than was said, says so {notice} "
        "before, in a statement about the truce"
    )
    return Rule("no-notice", reason, with_notice, _HAGUE, _ENDS)


def ceasefire(*, notice: timedelta = timedelta(hours=24), name: str = "ceasefire") -> Protocol:
    """A ceasefire that is watched.

    No claim of a violation outside a truce; only monitors verify claims; an end needs notice: a
    statement about the truce by the party that ends it.

    Args:
        notice: how long before the end it must be given.
        name: what the protocol is called.

    Raises:
        InvalidProtocol: `notice` is no timedelta of zero or more.
    """
    return Protocol(name, (inside_a_truce, by_a_monitor, _with_notice(notice)))


CEASEFIRE: Final = ceasefire()
"""A ceasefire that is ended with a day's notice."""
