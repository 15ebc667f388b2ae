"""What is owed and due: `replies` and `deadlines`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from negotiation.events import ProposalAccepted, ProposalClarified
from negotiation.facts import DeadlineFacts, ProposalFacts, unchain
from negotiation.fold import replay
from negotiation.history import History
from negotiation.lifecycles import LIFTED, MET, OPEN, deadline_phase, proposal_phase
from negotiation.model import Model
from negotiation.records import Record
from negotiation.views.rows import DeadlineRow, ReplyRow
from negotiation.views.sources import seconds, source


def replies(
    log: History,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> tuple[ReplyRow, ...]:
    """Who owes whom a reply, and since when: a row for each addressee of each open proposal.

    In the order of those who owe, then of `since`, then of the ids of the proposals.

    Args:
        log: the records.
        as_of: as for `replay`, and so are the others.
    """
    state = replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model)
    at: Any = state.as_of  # None only where there is nothing to ask it
    rows = [
        _reply_row(id, facts, party, record, at)
        for id, facts in state.facts.items.items()
        if isinstance(facts, ProposalFacts) and proposal_phase(facts, at) == OPEN
        for party, record in _owing(facts).items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.party, row.since, row.proposal)))


def _owing(proposal: ProposalFacts) -> dict[str, Record]:
    """The parties that owe an open proposal a reply → the record since which they do."""
    offer: Any = proposal.opened.event
    opened, closed = proposal.opened, False
    lapsed: dict[str, Record] = {}  # party → the clarification after which its own answer lapsed
    answered: list[str] = []
    for record in unchain(proposal.records):
        event = record.event
        if isinstance(event, ProposalAccepted):
            answered.append(event.by)
        elif isinstance(event, ProposalClarified):
            if closed:  # it is open to everybody anew
                opened, closed, lapsed = record, False, {}
            else:
                lapsed.update(dict.fromkeys(answered, record))
            answered = []
        else:  # the record that made it, or one that rejects or counters it
            closed = record is not proposal.opened
    return {party: lapsed.get(party, opened) for party in offer.to if party not in proposal.answers}


def _reply_row(id: str, facts: ProposalFacts, party: str, record: Record, at: datetime) -> ReplyRow:
    offer: Any = facts.opened.event
    told = source(record)
    since = told.pop("time")
    return ReplyRow(
        party=party,
        to=offer.by,
        proposal=id,
        since=since,
        seconds_owed=seconds(since, at),
        expires=offer.expires,
        seconds_left=None if offer.expires is None else seconds(at, offer.expires),
        as_of=at,
        **told,
    )


# Deadlines


def deadlines(
    log: History,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
    model: Model = Model.default,
) -> tuple[DeadlineRow, ...]:
    """What is due, by whom, and the time that is left: a row for each party it is set to.

    In the order of `due`, then of the ids; the parties in the order in which they were named.

    Args:
        log: the records.
        as_of: as for `replay`, and so are the others.
    """
    state = replay(log, as_of=as_of, known_at=known_at, known_to=known_to, model=model)
    at: Any = state.as_of  # None only where there is nothing to ask it
    found = [
        (each.due, id, each)
        for id, each in state.facts.items.items()
        if isinstance(each, DeadlineFacts)
    ]
    found.sort(key=lambda each: each[:2])
    return tuple(row for _, id, facts in found for row in _deadline_rows(id, facts, at))


def _deadline_rows(id: str, facts: DeadlineFacts, at: datetime) -> Iterator[DeadlineRow]:
    event: Any = facts.set.event
    status = deadline_phase(facts, at)
    for party in event.on:
        yield DeadlineRow(
            deadline=id,
            by=event.by,
            on=party,
            due=facts.due,
            earliest=facts.earliest,
            first_due=event.due,
            status=status,
            seconds_left=None if status in (MET, LIFTED) else seconds(at, facts.due),
            demand=event.demand,
            consequence=event.consequence,
            about=event.about,
            as_of=at,
            **source(facts.set),
        )
