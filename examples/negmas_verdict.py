"""How talks by stacked alternating offers ended, by what was said in them.

For logs of `negotiation.importers.negmas`. The mechanism's own word, a statement of it, is not
looked at: what is told here follows from offers, answers, the deadline (or, in talks without one,
the meeting that they are), and who left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import negotiation as ng

Verdict: TypeAlias = tuple[str, Mapping[str, Any] | None]


def verdict(state: ng.Negotiation) -> Verdict | None:
    """Agreement, with the terms; broken; or timed out. None while the talks go on.

    The acceptance that makes an offer an agreement is the last thing that a negotiator says:
    everybody to whom the offer was made has then accepted it, but for those who have left. That all
    who are left have accepted already when somebody leaves is no agreement, also where whoever
    leaves is one of those who had accepted.
    """
    offers = sorted(
        state.proposals.values(), key=lambda offer: (offer.made, len(offer.id), offer.id)
    )
    negotiators = [party for party in state.parties.values() if party.role == "principal"]
    if offers and _agreed(offers[-1], negotiators):
        return "agreement", offers[-1].terms
    statuses: set[str] = {deadline.status for deadline in state.deadlines.values()}
    statuses |= {meeting.status for meeting in state.meetings.values()}
    alone = sum(party.status == "active" for party in negotiators) < 2
    if alone or not statuses.isdisjoint({"lifted", "cancelled"}):
        return "broken", None
    return ("timedout", None) if "missed" in statuses else None


def _agreed(offer: ng.Proposal, negotiators: list[ng.PartyState]) -> bool:
    if offer.status not in ("open", "accepted"):
        return False
    yes = {party for party, answer in offer.answers.items() if answer == "accepted"}
    asked = {party.party for party in negotiators if party.status == "active"} & {*offer.to}
    last = max(negotiators, key=lambda party: party.last_heard or offer.made)
    return asked <= yes and last.party in asked
