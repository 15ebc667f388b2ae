"""What is folded: the facts of each item, free of everything that passing time alone changes.

Facts are values to everybody but the fold: only a draft assigns to them, and only to those that
it made or copied itself, which the laws of purity and prefix watch over. Their classes are slotted
and not frozen so that it can. Sequences that only grow are chains: (what came before, the last).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Literal, TypeAlias, TypeVar, get_args

from attrs import define, fields, frozen

from negotiation.problems import Code
from negotiation.records import Record
from negotiation.values import FrozenDict

T = TypeVar("T")
Chain: TypeAlias = "tuple[Chain[T], T] | None"
"""A sequence that grows at its end in constant time and shares what came before: (before, last)."""

Answer: TypeAlias = Literal["accepted", "rejected", "countered"]


def unchain(chain: Chain[T]) -> tuple[T, ...]:
    """The members of a chain, oldest first."""
    members = []
    while chain is not None:
        chain, last = chain
        members.append(last)
    return tuple(reversed(members))


def chained(members: Iterable[T]) -> Chain[T]:
    """A chain of these members, given oldest first."""
    chain: Chain[T] = None
    for member in members:
        chain = (chain, member)
    return chain


@frozen
class Span:
    """One stretch of time for which a party is bound by a truce, on paper from its making.

    Attributes:
        since: when it begins.
        until: when it is to end; None for no end.
        ended: when the party ended it; None if it did not.
    """

    since: datetime
    until: datetime | None = None
    ended: datetime | None = None

    @property
    def end(self) -> datetime | None:
        """When it is over: at `until`, or at `ended` if that is earlier."""
        if self.until is None or self.ended is None:
            return self.until or self.ended
        return min(self.until, self.ended)

    def begun(self, at: datetime) -> bool:
        """Whether it ever bound the party by then; a span ended before it began never did."""
        return self.since <= at and (self.end is None or self.end >= self.since)

    def over(self, at: datetime) -> bool:
        """Whether its end has come."""
        return self.ended is not None or (self.until is not None and self.until <= at)

    def in_force(self, at: datetime) -> bool:
        """Whether it binds the party at this moment."""
        return self.since <= at and (self.end is None or at < self.end)

    def meets(self, begins: datetime, ends: datetime) -> bool:
        """Whether it shares a moment with [begins, ends), or holds the instant if they are one."""
        if self.end is not None and self.end <= self.since:
            return False
        begun = self.since < ends or begins == ends == self.since
        return begun and (self.end is None or begins < self.end)


def held(spans: Iterable[Span], least: int) -> list[Span]:
    """The spans of time in which at least so many of these spans run, in order and apart.

    Args:
        spans: spans that have begun; one that ended before it began is none of them.
        least: how many.
    """
    steps: defaultdict[datetime, int] = defaultdict(int)
    for span in spans:
        steps[span.since] += 1
        if span.end is not None:
            steps[span.end] -= 1
    found: list[Span] = []
    since, running = None, 0
    for time in sorted(steps):
        running += steps[time]
        if since is None and running >= least:
            since = time
        elif since is not None and running < least:
            found.append(Span(since, time))
            since = None
    return found if since is None else [*found, Span(since)]


@define(eq=False)
class ProposalFacts:
    """A proposal: the record that opened it and what has become of it."""

    opened: Record
    terms: FrozenDict
    answers: Mapping[str, Answer]
    countered_by: Chain[str]
    withdrawn: bool
    records: Chain[Record]


@define(eq=False)
class TruceFacts:
    """A truce: the record that declared it, and each party's spans, oldest first."""

    declared: Record
    commitments: Mapping[str, tuple[Span, ...]]
    rejected_by: frozenset[str]
    observations: Chain[Record]
    records: Chain[Record]

    @property
    def starts(self) -> datetime:
        """When it starts: as declared, or when it was declared."""
        starts: datetime | None = self.declared.event.starts  # type: ignore[union-attr]  # a TruceDeclared
        return self.declared.time if starts is None else starts


def claimed(record: Record) -> tuple[datetime, datetime]:
    """The time of which the claim in a record speaks: from when until when, or when it was made."""
    event: Any = record.event
    begins = event.begins or event.ends or record.time
    return begins, event.ends or begins


@define(eq=False)
class ViolationFacts:
    """A claim that a truce was broken: the record of it, and what others found."""

    claim: Record
    findings: Mapping[str, str]
    replaced_by: str | None
    records: Chain[Record]

    @property
    def claimed(self) -> tuple[datetime, datetime]:
        """The time of which it speaks."""
        return claimed(self.claim)


@define(eq=False)
class DeadlineFacts:
    """A deadline: the record that set it, its span now, and how it was closed, if it was."""

    set: Record
    due: datetime
    earliest: datetime | None
    closed: Literal["met", "lifted"] | None
    records: Chain[Record]


@define(eq=False)
class MeetingFacts:
    """A meeting: the record of its scheduling, or of its being held unscheduled."""

    opened: Record
    parties: tuple[str, ...]
    place: str | None
    follows: str | None
    outcome: str | None
    status: Literal["scheduled", "held", "cancelled"]
    records: Chain[Record]


@define(eq=False)
class PartyFacts:
    """A party in the talks: its part in them, and its statements."""

    role: str | None = None
    name: str | None = None
    withdrawn: bool = False
    statements: Chain[Record] = None


ItemFacts: TypeAlias = ProposalFacts | TruceFacts | ViolationFacts | DeadlineFacts | MeetingFacts


_READ: Final = {
    kind: attrgetter(*(a.name for a in fields(kind))) for kind in (*get_args(ItemFacts), PartyFacts)
}
_MAPPING: Final = {ProposalFacts: "answers", TruceFacts: "commitments", ViolationFacts: "findings"}


def own_copy(facts: T) -> T:
    """The same facts of an item or a party, to be changed by whoever asked, mapping and all."""
    kind: Any = type(facts)
    own: T = kind(*_READ[kind](facts))
    if name := _MAPPING.get(kind):
        setattr(own, name, dict(getattr(own, name)))
    return own


@define(eq=False)
class Facts:
    """Everything that was folded, each map by its key. No map is changed once it stands here.

    Attributes:
        items: every item by its id; ids are unique across all kinds.
        parties: the parties that joined, withdrew or made statements.
        positions: (party, issue) → the records that stated it.
        heard: every party named → the last record of which it is the maker, or None.
        slices: extension → what its reducer made.
        problems: the problems met, in fold order: (code, record), or a `Problem` as it was read.
        notes: the problems of retractions, which are about the log and hold at every moment.
        persistent: the same facts in persistent maps, once somebody went on from them.
    """

    items: Mapping[str, ItemFacts]
    parties: Mapping[str, PartyFacts]
    positions: Mapping[tuple[str, str], Chain[Record]]
    heard: Mapping[str, Record | None]
    slices: Mapping[str, Any]
    problems: Chain[Any]
    notes: tuple[tuple[Code, Record], ...] = ()
    persistent: Facts | None = None
