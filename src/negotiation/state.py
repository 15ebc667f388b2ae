"""What is read: the state of a negotiation at a moment, and of each party and item in it.

A `Negotiation` holds facts and a moment. Its mappings make each item when it is read, with the
status that it has at that moment; nothing here is stored as truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Generic, Self, TypeVar

from attrs import define, field, frozen

from negotiation.errors import InvalidState, UnknownName
from negotiation.facts import (
    Answer,
    Chain,
    DeadlineFacts,
    Facts,
    ItemFacts,
    MeetingFacts,
    ProposalFacts,
    Span,
    TruceFacts,
    ViolationFacts,
    unchain,
)
from negotiation.lifecycles import (
    ACTIVE,
    OPEN,
    STATUS,
    WITHDRAWN,
    claim_bearing,
    deadline_phase,
    proposal_phase,
    truce_mutual,
    truce_status,
)
from negotiation.problems import Problem, problem
from negotiation.records import Record, fold_order
from negotiation.reducers import NOBODY
from negotiation.values import EARLIEST, FrozenDict, Json, describe, json_key

V = TypeVar("V")
F = TypeVar("F")


@frozen
class Stance:
    """A stand on an issue as it was once stated.

    Attributes:
        value: the stand.
        firmness: how firmly it is held.
        condition: what it depends on.
        attributed_by: who says so, where not the party itself.
        since: when it was stated.
    """

    value: Json = field(eq=json_key)
    firmness: str
    condition: str | None
    attributed_by: str | None
    since: datetime


@frozen
class Position(Stance):
    """A party's stand on an issue, and the stands it took before, oldest first."""

    history: tuple[Stance, ...] = ()


@frozen
class Statement:
    """Words on the record.

    Attributes:
        text: the words.
        about: the id of what they are about, a label.
        time: when they were said.
    """

    text: str
    about: str | None
    time: datetime


@frozen
class Commitment:
    """What binds a party under a truce.

    Attributes:
        since: when it begins to bind.
        until: when it is to end; None for no end.
        ended: when the party ended it; None if it did not.
        earlier: the spans for which it was bound before, oldest first.
    """

    since: datetime
    until: datetime | None = None
    ended: datetime | None = None
    earlier: tuple[Span, ...] = ()


@frozen
class Observation:
    """A claim that a party kept a truce."""

    by: str
    claimed_by: str
    what: str | None
    begins: datetime | None
    ends: datetime | None
    time: datetime


@frozen
class Proposal:
    """An offer, the answers to it and what has become of it.

    Attributes:
        id: its id.
        by: its maker.
        to: its addressees, in the order given.
        terms: what is offered now.
        made: when it was made.
        expires: when it expires, or None.
        answers: addressee → accepted, rejected or countered.
        counters: the proposal that it counters, as it says.
        countered_by: the proposals that counter it, oldest first.
        status: open, accepted, rejected, countered, withdrawn or expired.
        records: the ids of the records that made it what it is, in fold order.
    """

    id: str
    by: str
    to: tuple[str, ...]
    terms: FrozenDict
    made: datetime
    expires: datetime | None
    answers: Mapping[str, Answer]
    counters: str | None
    countered_by: tuple[str, ...]
    status: str
    records: tuple[str, ...]


@frozen
class Truce:
    """A truce and whom it binds.

    Attributes:
        id: its id.
        declared_by: who declared it.
        kind: what it was called.
        starts: when it starts.
        ends: when it ends as declared, or None.
        scope: what it covers.
        condition: what it depends on.
        under: a label: the proposal it comes from.
        rejected_by: the parties whose latest word on it was no.
        observations: the claims of compliance, in fold order.
        commitments: party → what binds it.
        mutual: whether two parties or more are bound at this moment.
        status: declared, in-force, ended or expired.
        records: the ids of the records that made it what it is, in fold order.
    """

    id: str
    declared_by: str
    kind: str
    starts: datetime
    ends: datetime | None
    scope: str | None
    condition: str | None
    under: str | None
    rejected_by: frozenset[str]
    observations: tuple[Observation, ...]
    commitments: Mapping[str, Commitment]
    mutual: bool
    status: str
    records: tuple[str, ...]


@frozen
class Violation:
    """A claim that a party broke a truce: who says so, and what others found. Never a fact.

    Attributes:
        id: its id.
        truce: the truce, declared by then or not.
        by: the accused.
        alleged_by: the accuser.
        claimed: when it was claimed.
        what: what is said to have happened.
        place: where.
        begins: when it is said to have begun.
        ends: when it is said to have ended.
        count: how many violations are claimed.
        qualifier: how exact the count is.
        findings: assessor → its latest finding.
        replaces: the claim that this one replaces, as it says.
        replaced_by: the latest claim that replaces this one.
        bound: whether the accused had been bound by the truce by this moment.
        in_effect: whether what is claimed falls into a time when it was bound.
        records: the ids of the records that made it what it is, in fold order.
    """

    id: str
    truce: str
    by: str
    alleged_by: str
    claimed: datetime
    what: str | None
    place: str | None
    begins: datetime | None
    ends: datetime | None
    count: int | None
    qualifier: str | None
    findings: Mapping[str, str]
    replaces: str | None
    replaced_by: str | None
    bound: bool
    in_effect: bool
    records: tuple[str, ...]


@frozen
class Deadline:
    """Something that is due.

    Attributes:
        id: its id.
        by: who set it.
        on: the parties that it is set to, in the order given.
        due: when it is missed.
        earliest: when its window begins, if it is a vague one.
        demand: what is asked for.
        consequence: what is threatened.
        about: a label: the item that it is about.
        status: pending, in-window, missed, met or lifted.
        records: the ids of the records that made it what it is, in fold order.
    """

    id: str
    by: str
    on: tuple[str, ...]
    due: datetime
    earliest: datetime | None
    demand: str | None
    consequence: str | None
    about: str | None
    status: str
    records: tuple[str, ...]


@frozen
class Meeting:
    """A meeting of parties.

    Attributes:
        id: its id.
        by: who scheduled it; None if nobody did.
        parties: who is to meet, or met, in the order given.
        starts: when it is to start; None if it was not scheduled.
        place: where.
        follows: a label: the meeting that it follows.
        outcome: what came of it.
        status: scheduled, held or cancelled.
        records: the ids of the records that made it what it is, in fold order.
    """

    id: str
    by: str | None
    parties: tuple[str, ...]
    starts: datetime | None
    place: str | None
    follows: str | None
    outcome: str | None
    status: str
    records: tuple[str, ...]


@frozen
class PartyState:
    """Where a party stands: what it offered, owes, is bound by and is accused of.

    Attributes:
        party: its id.
        name: its name, if it joined with one.
        role: its role in the talks, or None for one that is only mentioned.
        status: active or withdrawn.
        positions: issue → where it stands.
        proposals_made: the proposals that it made.
        replies_owed: the open proposals to it that it has not answered.
        replies_awaited: the open proposals that it made.
        truces: truce → what binds it.
        violations_alleged_against: the claims against it.
        violations_alleged_by: the claims that it made, replaced ones too.
        deadlines_facing: the deadlines set to it that are not yet met or lifted.
        deadlines_set: the deadlines that it set and that are not yet met or lifted.
        statements: what it said for the record, in fold order.
        last_heard: when it was last the maker of an event.
    """

    party: str
    name: str | None
    role: str | None
    status: str
    positions: Mapping[str, Position]
    proposals_made: frozenset[str]
    replies_owed: frozenset[str]
    replies_awaited: frozenset[str]
    truces: Mapping[str, Commitment]
    violations_alleged_against: frozenset[str]
    violations_alleged_by: frozenset[str]
    deadlines_facing: frozenset[str]
    deadlines_set: frozenset[str]
    statements: tuple[Statement, ...]
    last_heard: datetime | None


class View(Mapping[str, V], Generic[V]):
    """A read-only mapping by id, sorted, whose values are made when they are read."""

    __slots__ = ("_keys", "_read")

    def __init__(self, keys: Callable[[], list[str]], read: Callable[[str], V]) -> None:
        self._keys = keys
        self._read = read

    def __getitem__(self, key: str) -> V:
        return self._read(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys())

    def __len__(self) -> int:
        return len(self._keys())

    def __repr__(self) -> str:
        return repr(dict(self))


@frozen(eq=False, repr=False)
class Negotiation:
    """The state of a negotiation: who stands where at a moment, as known then and to whom.

    Two are equal if their contents are: everything below, whatever way they were come by.

    Attributes:
        id: the negotiation's id; None for an empty log that was given none.
        position: the highest position among the records that count; 0 for none.
        time: the latest time among them; None for none.
        as_of: the moment at which the statuses stand; None if nothing has happened.
        known_at: only what had been recorded by then counts; None for everything.
        known_to: only what this party knows counts; None for everything.
        facts: what was folded; not part of the contract.
        seen: the records that were seen; not part of the content.
    """

    id: str | None
    position: int
    time: datetime | None
    as_of: datetime | None
    known_at: datetime | None
    known_to: str | None
    facts: Facts
    seen: Any = None

    @cached_property
    def parties(self) -> Mapping[str, PartyState]:
        """Every party that a counting record's event names."""
        return View(lambda: sorted(self.facts.heard), self._party)

    @cached_property
    def proposals(self) -> Mapping[str, Proposal]:
        """Every proposal by its id."""
        return self._items(ProposalFacts, _proposal)

    @cached_property
    def truces(self) -> Mapping[str, Truce]:
        """Every truce by its id."""
        return self._items(TruceFacts, _truce)

    @cached_property
    def violations(self) -> Mapping[str, Violation]:
        """Every claim of a violation by its id."""
        return self._items(ViolationFacts, self._violation)

    @cached_property
    def deadlines(self) -> Mapping[str, Deadline]:
        """Every deadline by its id."""
        return self._items(DeadlineFacts, _deadline)

    @cached_property
    def meetings(self) -> Mapping[str, Meeting]:
        """Every meeting by its id."""
        return self._items(MeetingFacts, _meeting)

    @property
    def slices(self) -> Mapping[str, Any]:
        """Extension → what its reducer made of its events."""
        return MappingProxyType(dict(self.facts.slices))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What in the log breaks the rules, in fold order."""
        found = unchain(self.facts.problems)
        if self.facts.notes:
            found = tuple(sorted((*found, *self.facts.notes), key=lambda each: fold_order(each[1])))
        return tuple(each if isinstance(each, Problem) else problem(*each) for each in found)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Negotiation):
            return NotImplemented
        if self.moment != other.moment:
            return False
        return self.facts is other.facts or all(
            getattr(self, name) == getattr(other, name) for name in CONTENTS
        )

    def __hash__(self) -> int:
        return hash(self.moment)

    def __repr__(self) -> str:
        held = ", ".join(f"{len(getattr(self, name))} {name}" for name in CONTENTS)
        return f"<Negotiation {self.id!r} at {self.position}, as of {self.as_of}: {held}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    @property
    def moment(self) -> tuple[object, ...]:
        """What of the log this is the state of: id, position, time, as_of, known_at, known_to."""
        return tuple(getattr(self, name) for name in HEAD)

    def _items(self, kind: type[F], read: Callable[[str, F, datetime], V]) -> View[V]:
        items = self.facts.items

        def keys() -> list[str]:
            return sorted(id for id, facts in items.items() if type(facts) is kind)

        def one(id: str) -> V:
            facts = items.get(id)
            if type(facts) is not kind:
                raise UnknownName(id, keys)
            return read(id, facts, self._at)

        return View(keys, one)

    @property
    def _at(self) -> datetime:
        """The moment of the statuses. Where nothing has happened there is nothing to ask it."""
        return self.as_of or EARLIEST

    def _violation(self, id: str, facts: ViolationFacts, at: datetime) -> Violation:
        claim: Any = facts.claim.event
        bound, in_effect = claim_bearing(facts, self.facts.items, at)
        return Violation(
            id=id,
            truce=claim.truce,
            by=claim.by,
            alleged_by=claim.alleged_by,
            claimed=facts.claim.time,
            what=claim.what,
            place=claim.place,
            begins=claim.begins,
            ends=claim.ends,
            count=claim.count,
            qualifier=claim.qualifier,
            findings=MappingProxyType(facts.findings),
            replaces=claim.replaces,
            replaced_by=facts.replaced_by,
            bound=bound,
            in_effect=in_effect,
            records=_ids(facts.records),
        )

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """What the items say of each party, gathered in one pass; not part of the contract."""
        of: defaultdict[str, Standing] = defaultdict(Standing)
        for (party, issue), stated in self.facts.positions.items():
            of[party].positions[issue] = stated
        for id, item in self.facts.items.items():
            _gather(of, id, item, self._at)
        return of

    @cached_property
    def worked_out(self) -> dict[Any, Any]:
        """What functions of this state keep of it, by function; not part of the contract."""
        return {}

    def _party(self, party: str) -> PartyState:
        if party not in self.facts.heard:
            raise UnknownName(party, lambda: self.facts.heard)
        heard = self.facts.heard[party]
        facts = self.facts.parties.get(party) or NOBODY
        standing = self.standings.get(party) or Standing()
        return PartyState(
            party=party,
            name=facts.name,
            role=facts.role,
            status=WITHDRAWN if facts.withdrawn else ACTIVE,
            positions=MappingProxyType(
                {
                    issue: _position(standing.positions[issue])
                    for issue in sorted(standing.positions)
                }
            ),
            truces=MappingProxyType(
                {id: _commitment(standing.truces[id]) for id in sorted(standing.truces)}
            ),
            statements=tuple(map(_statement, unchain(facts.statements))),
            last_heard=None if heard is None else heard.time,
            **{name: frozenset(getattr(standing, name)) for name in _SETS},
        )


def a_state(value: Negotiation) -> Negotiation:
    """A state given by a caller.

    Raises:
        InvalidState: it is none.
    """
    if not isinstance(value, Negotiation):
        raise InvalidState(f"must be a state, not {describe(value)}; replay makes one of a log")
    return value


HEAD: Final = ("id", "position", "time", "as_of", "known_at", "known_to")
"""What of the log a state is the state of."""

CONTENTS: Final = (
    "parties", "proposals", "truces", "violations", "deadlines", "meetings", "slices", "problems",
)  # fmt: skip
"""The mappings of a state, in their order, and its problems."""

_SETS: Final = (
    "proposals_made", "replies_owed", "replies_awaited", "violations_alleged_against",
    "violations_alleged_by", "deadlines_facing", "deadlines_set",
)  # fmt: skip


@define
class Standing:
    """What the items say of one party, while it is gathered."""

    positions: dict[str, Chain[Record]] = field(factory=dict)
    truces: dict[str, tuple[Span, ...]] = field(factory=dict)
    proposals_made: set[str] = field(factory=set)
    replies_owed: set[str] = field(factory=set)
    replies_awaited: set[str] = field(factory=set)
    violations_alleged_against: set[str] = field(factory=set)
    violations_alleged_by: set[str] = field(factory=set)
    deadlines_facing: set[str] = field(factory=set)
    deadlines_set: set[str] = field(factory=set)


def _gather(of: Mapping[str, Standing], id: str, item: ItemFacts, at: datetime) -> None:
    """Enter one item with the parties that it concerns."""
    if isinstance(item, ProposalFacts):
        offer: Any = item.opened.event
        of[offer.by].proposals_made.add(id)
        if proposal_phase(item, at) == OPEN:
            of[offer.by].replies_awaited.add(id)
            for party in offer.to:
                if party not in item.answers:
                    of[party].replies_owed.add(id)
    elif isinstance(item, TruceFacts):
        for party, spans in item.commitments.items():
            of[party].truces[id] = spans
    elif isinstance(item, ViolationFacts):
        claim: Any = item.claim.event
        of[claim.by].violations_alleged_against.add(id)
        of[claim.alleged_by].violations_alleged_by.add(id)
    elif isinstance(item, DeadlineFacts) and item.closed is None:
        deadline: Any = item.set.event
        of[deadline.by].deadlines_set.add(id)
        for party in deadline.on:
            of[party].deadlines_facing.add(id)


def _ids(records: Chain[Record]) -> tuple[str, ...]:
    return tuple(record.id for record in unchain(records))


def _stance(record: Record) -> Stance:
    event: Any = record.event
    return Stance(event.value, event.firmness, event.condition, event.attributed_by, record.time)


def _position(stated: Chain[Record]) -> Position:
    *earlier, latest = map(_stance, unchain(stated))
    return Position(
        latest.value,
        latest.firmness,
        latest.condition,
        latest.attributed_by,
        latest.since,
        tuple(earlier),
    )


def _statement(record: Record) -> Statement:
    event: Any = record.event
    return Statement(event.text, event.about, record.time)


def _commitment(spans: tuple[Span, ...]) -> Commitment:
    *earlier, last = spans
    return Commitment(last.since, last.until, last.ended, tuple(earlier))


def _observation(record: Record) -> Observation:
    event: Any = record.event
    return Observation(
        event.by, event.claimed_by, event.what, event.begins, event.ends, record.time
    )


def _proposal(id: str, facts: ProposalFacts, at: datetime) -> Proposal:
    offer: Any = facts.opened.event
    phase = proposal_phase(facts, at)
    return Proposal(
        id=id,
        by=offer.by,
        to=offer.to,
        terms=facts.terms,
        made=facts.opened.time,
        expires=offer.expires,
        answers=MappingProxyType(facts.answers),
        counters=offer.counters,
        countered_by=unchain(facts.countered_by),
        status=STATUS.get(phase, phase),
        records=_ids(facts.records),
    )


def _truce(id: str, facts: TruceFacts, at: datetime) -> Truce:
    declared: Any = facts.declared.event
    commitments = facts.commitments
    return Truce(
        id=id,
        declared_by=declared.by,
        kind=declared.kind,
        starts=facts.starts,
        ends=declared.ends,
        scope=declared.scope,
        condition=declared.condition,
        under=declared.under,
        rejected_by=facts.rejected_by,
        observations=tuple(map(_observation, unchain(facts.observations))),
        commitments=MappingProxyType(
            {party: _commitment(commitments[party]) for party in sorted(commitments)}
        ),
        mutual=truce_mutual(facts, at),
        status=truce_status(facts, at),
        records=_ids(facts.records),
    )


def _deadline(id: str, facts: DeadlineFacts, at: datetime) -> Deadline:
    event: Any = facts.set.event
    return Deadline(
        id=id,
        by=event.by,
        on=event.on,
        due=facts.due,
        earliest=facts.earliest,
        demand=event.demand,
        consequence=event.consequence,
        about=event.about,
        status=deadline_phase(facts, at),
        records=_ids(facts.records),
    )


def _meeting(id: str, facts: MeetingFacts, at: datetime) -> Meeting:
    scheduled: Any = facts.opened.event
    return Meeting(
        id=id,
        by=getattr(scheduled, "by", None),
        parties=facts.parties,
        starts=getattr(scheduled, "starts", None),
        place=facts.place,
        follows=facts.follows,
        outcome=facts.outcome,
        status=facts.status,
        records=_ids(facts.records),
    )
