"""What a camper of a CaSiNo dialogue scores, by the state that its log gives.

For logs of `negotiation.importers.casino`. K. Chawla and others, "CaSiNo: A Corpus of Campsite
Negotiation Dialogues for Automatic Negotiation Systems" (2021): of what a party was told to care
for most each package is worth 5 points, of the next 4, of the last 3; when one walks away, both
have 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import negotiation as ng

WORTH: Final[Mapping[Any, int]] = {"High": 5, "Medium": 4, "Low": 3}
"""What a package is worth, by the priority of what is in it."""

WALKED_AWAY: Final = 5
"""What each has when one has walked away."""


def points(state: ng.Negotiation, party: str) -> int | None:
    """The points of a party; None while the talks go on.

    Args:
        state: the state of a dialogue, as whoever sees everything knows it, or the party itself.
        party: the party.

    Raises:
        ValueError: it is not known what the party was told to care for, of all that was shared out.
    """
    for deal in state.proposals.values():
        if deal.status == "accepted":
            shares: Any = deal.terms[party]
            told = state.parties[party].positions
            if shares.keys() != told.keys():
                raise ValueError(f"what {party} was told to care for is not known of all issues")
            return sum(WORTH[told[issue].value] * int(count) for issue, count in shares.items())
    if any(each.status == "withdrawn" for each in state.parties.values()):
        return WALKED_AWAY
    return None
