"""What passing time will do: the next instant at which a state changes by itself, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs
from attrs import frozen

from negotiation.comparing import Change, diff
from negotiation.facts import (
    DeadlineFacts,
    ItemFacts,
    MeetingFacts,
    ProposalFacts,
    TruceFacts,
    ViolationFacts,
)
from negotiation.lifecycles import (
    STATUS,
    TURNS,
    claim_bearing,
    deadline_phase,
    proposal_phase,
    spans_claimed,
    truce_mutual,
    truce_status,
)
from negotiation.state import Negotiation
from negotiation.words import time_words


@frozen
class Upcoming:
    """What passing time alone changes next.

    Attributes:
        at: the instant at which it changes; just before, all is as it was.
        changes: everything that is not as it was, such as the status of a proposal that expires,
            and that its addressee no longer owes a reply; in the order of a `Difference`.
    """

    at: datetime
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        return "\n".join([f"at {time_words(self.at)}", *map(str, self.changes)])


def next_change(state: Negotiation) -> Upcoming | None:
    """The next instant after `as_of` at which a state changes by time alone, and what changes.

    A proposal expires, a truce comes into force or ends, a deadline's window opens or the deadline
    is missed, and a claim turns out to be one about a party that was bound.

    Args:
        state: the state; its `as_of` is the moment from which to look.

    Returns:
        The next change, or None where time alone changes nothing any more.
    """
    now = state.as_of
    if now is None:
        return None
    items = state.facts.items
    coming = [at for item in items.values() if (at := _first_change(item, items, now)) is not None]
    if not coming:
        return None
    at = min(coming)
    changes = diff(state, attrs.evolve(state, as_of=at)).changes
    return Upcoming(at, tuple(change for change in changes if change.path != "as_of"))


def _first_change(
    item: ItemFacts, items: Mapping[str, ItemFacts], now: datetime
) -> datetime | None:
    """The first instant after `now` at which time alone changes what is read of an item."""
    later = sorted(at for at in _turns(item, items) if at is not None and at > now)
    if not later:
        return None
    reading = _reading(item, items, now)
    return next((at for at in later if _reading(item, items, at) != reading), None)


def _turns(item: ItemFacts, items: Mapping[str, ItemFacts]) -> Iterable[datetime | None]:
    if isinstance(item, ViolationFacts):
        return [span.since for span in spans_claimed(item, items)]
    return () if isinstance(item, MeetingFacts) else TURNS[type(item)](item)


def _reading(item: ItemFacts, items: Mapping[str, ItemFacts], at: datetime) -> object:
    """All that depends on the moment, of an item that time may change."""
    if isinstance(item, ProposalFacts):
        phase = proposal_phase(item, at)
        return STATUS.get(phase, phase)
    if isinstance(item, TruceFacts):
        return truce_status(item, at), truce_mutual(item, at)
    if isinstance(item, DeadlineFacts):
        return deadline_phase(item, at)
    assert isinstance(item, ViolationFacts)  # a meeting has no turns
    return claim_bearing(item, items, at)
