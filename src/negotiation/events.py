"""What can happen in a negotiation: 25 kinds of event, closed as one union.

Events are immutable values in the past tense, checked when they are built. `by` is the acting
party. Whoever speaks for it, who reported it and when it happened stand on the record
(`negotiation.records`), and what follows from it stands in `negotiation.reducers`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs
from attrs import field, frozen

from negotiation.checked import checked
from negotiation.errors import InvalidEvent
from negotiation.values import (
    FrozenDict,
    Json,
    item_id,
    json_key,
    json_object,
    json_value,
    moment,
    one_of,
    optional_count,
    optional_item_id,
    optional_moment,
    optional_party_id,
    optional_party_ids,
    optional_text,
    party_id,
    party_ids,
    text,
)

Role: TypeAlias = Literal["principal", "mediator", "guarantor", "monitor", "observer"]
Firmness: TypeAlias = Literal[
    "open", "preference", "expectation", "undertaking", "demand", "precondition", "red-line"
]
TruceKind: TypeAlias = Literal[
    "truce", "ceasefire", "cessation-of-hostilities", "humanitarian-pause", "armistice"
]
Qualifier: TypeAlias = Literal["exact", "about", "at-least", "at-most"]
Finding: TypeAlias = Literal["denied", "verified", "refuted", "unattributed"]

_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_FIRMNESSES: Final[tuple[Firmness, ...]] = get_args(Firmness)
_TRUCE_KINDS: Final[tuple[TruceKind, ...]] = get_args(TruceKind)
_QUALIFIERS: Final[tuple[Qualifier, ...]] = get_args(Qualifier)
_FINDINGS: Final[tuple[Finding, ...]] = get_args(Finding)


def role(value: Role) -> Role:
    """A party's role in the talks."""
    return one_of(value, _ROLES)


def firmness(value: Firmness) -> Firmness:
    """How firmly a position is held."""
    return one_of(value, _FIRMNESSES)


def truce_kind(value: TruceKind) -> TruceKind:
    """The kind of a truce."""
    return one_of(value, _TRUCE_KINDS)


def optional_qualifier(value: Qualifier | None) -> Qualifier | None:
    """How exact a count is, or None."""
    return None if value is None else one_of(value, _QUALIFIERS)


def finding(value: Finding) -> Finding:
    """What an assessor found of a claim."""
    return one_of(value, _FINDINGS)


def _refusal(cls: type[Any], given: dict[str, Any], name: str | None, reason: str) -> InvalidEvent:
    return InvalidEvent(cls.__name__, name, reason)


event = checked(_refusal)
"""Class decorator for events: above `@attrs.frozen(kw_only=True)`, on fields with converters."""


def _refuse(subject: object, name: str, reason: str) -> InvalidEvent:
    return InvalidEvent(type(subject).__name__, name, reason)


def _in_order(subject: object, first: str, last: str, *, together: bool = False) -> None:
    """Refuse a `last` that lies before `first`, or, unless `together`, on it."""
    start, end = getattr(subject, first), getattr(subject, last)
    if start is None or end is None or start < end or (together and start == end):
        return
    allowed = "not lie before" if together else "lie after"
    raise _refuse(subject, last, f"must {allowed} {first}: {end.isoformat()}, {start.isoformat()}")


# Participation


@event
@frozen(kw_only=True)
class PartyJoined:
    """A party takes a role in the talks; said again, it replaces the role and ends a withdrawal."""

    party: str = field(converter=party_id)
    role: Role = field(converter=role)
    name: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class PartyWithdrew:
    """A party leaves the talks. Nothing else changes, and it may still act."""

    by: str = field(converter=party_id)
    reason: str | None = field(default=None, converter=optional_text)


# Proposals


@event
@frozen(kw_only=True)
class ProposalMade:
    """A party offers terms to others, perhaps in answer to a proposal that it `counters`."""

    proposal: str = field(converter=item_id)
    by: str = field(converter=party_id)
    to: tuple[str, ...] = field(converter=party_ids)
    terms: FrozenDict = field(converter=json_object)
    counters: str | None = field(default=None, converter=optional_item_id)
    expires: datetime | None = field(default=None, converter=optional_moment)

    def __attrs_post_init__(self) -> None:
        if self.by in self.to:
            raise _refuse(self, "to", f"names its maker {self.by!r}; a proposal is to others")


@event
@frozen(kw_only=True)
class ProposalClarified:
    """The maker replaces the terms it names; the answers given so far lapse."""

    proposal: str = field(converter=item_id)
    by: str = field(converter=party_id)
    terms: FrozenDict = field(converter=json_object)
    note: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class ProposalAccepted:
    """One addressee says yes."""

    proposal: str = field(converter=item_id)
    by: str = field(converter=party_id)
    note: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class ProposalRejected:
    """One addressee says no."""

    proposal: str = field(converter=item_id)
    by: str = field(converter=party_id)
    reason: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class ProposalWithdrawn:
    """The maker takes its proposal back."""

    proposal: str = field(converter=item_id)
    by: str = field(converter=party_id)
    reason: str | None = field(default=None, converter=optional_text)


# Positions and statements


@event
@frozen(kw_only=True)
class PositionStated:
    """Where a party stands on an issue, as it says itself or as `attributed_by` says of it."""

    by: str = field(converter=party_id)
    issue: str = field(converter=item_id)
    value: Json = field(converter=json_value, eq=json_key)
    firmness: Firmness = field(converter=firmness)
    condition: str | None = field(default=None, converter=optional_text)
    attributed_by: str | None = field(default=None, converter=optional_party_id)


@event
@frozen(kw_only=True)
class StatementMade:
    """Words on the record that change nothing else."""

    by: str = field(converter=party_id)
    text: str = field(converter=text)
    about: str | None = field(default=None, converter=optional_item_id)


# Truces and claims about them


@event
@frozen(kw_only=True)
class TruceDeclared:
    """A truce that binds the parties named (by default the declarer alone) until it ends."""

    truce: str = field(converter=item_id)
    by: str = field(converter=party_id)
    kind: TruceKind = field(converter=truce_kind)
    binds: tuple[str, ...] | None = field(default=None, converter=optional_party_ids)
    starts: datetime | None = field(default=None, converter=optional_moment)
    ends: datetime | None = field(default=None, converter=optional_moment)
    scope: str | None = field(default=None, converter=optional_text)
    condition: str | None = field(default=None, converter=optional_text)
    under: str | None = field(default=None, converter=optional_item_id)

    def __attrs_post_init__(self) -> None:
        _in_order(self, "starts", "ends")
        if self.binds == (self.by,):
            object.__setattr__(self, "binds", None)

    @property
    def bound(self) -> tuple[str, ...]:
        """The parties that it binds."""
        return self.binds or (self.by,)


@event
@frozen(kw_only=True)
class TruceJoined:
    """One more party binds itself."""

    truce: str = field(converter=item_id)
    by: str = field(converter=party_id)
    starts: datetime | None = field(default=None, converter=optional_moment)


@event
@frozen(kw_only=True)
class TruceRejected:
    """A party will not be bound; whoever declared the truce still is."""

    truce: str = field(converter=item_id)
    by: str = field(converter=party_id)
    reason: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class TruceExtended:
    """A bound party moves the end, for itself alone."""

    truce: str = field(converter=item_id)
    by: str = field(converter=party_id)
    ends: datetime = field(converter=moment)


@event
@frozen(kw_only=True)
class TruceEnded:
    """A bound party ends the truce, for itself alone."""

    truce: str = field(converter=item_id)
    by: str = field(converter=party_id)
    reason: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class TruceViolated:
    """`alleged_by` claims that `by` broke a truce. A claim, never a fact."""

    violation: str = field(converter=item_id)
    truce: str = field(converter=item_id)
    by: str = field(converter=party_id)
    alleged_by: str = field(converter=party_id)
    count: int | None = field(default=None, converter=optional_count)
    qualifier: Qualifier | None = field(default=None, converter=optional_qualifier)
    what: str | None = field(default=None, converter=optional_text)
    place: str | None = field(default=None, converter=optional_text)
    begins: datetime | None = field(default=None, converter=optional_moment)
    ends: datetime | None = field(default=None, converter=optional_moment)
    replaces: str | None = field(default=None, converter=optional_item_id)

    def __attrs_post_init__(self) -> None:
        _in_order(self, "begins", "ends", together=True)
        if self.count is None:
            if self.qualifier is not None:
                raise _refuse(self, "qualifier", "says how exact a count is; there is no count")
        elif self.qualifier is None:
            object.__setattr__(self, "qualifier", "exact")


@event
@frozen(kw_only=True)
class TruceObserved:
    """`claimed_by` claims that `by` kept a truce. It cancels no claim of the contrary."""

    truce: str = field(converter=item_id)
    by: str = field(converter=party_id)
    claimed_by: str = field(converter=party_id)
    what: str | None = field(default=None, converter=optional_text)
    begins: datetime | None = field(default=None, converter=optional_moment)
    ends: datetime | None = field(default=None, converter=optional_moment)

    def __attrs_post_init__(self) -> None:
        _in_order(self, "begins", "ends", together=True)


@event
@frozen(kw_only=True)
class ViolationAssessed:
    """Somebody's finding on a claim; each assessor's latest is kept."""

    violation: str = field(converter=item_id)
    by: str = field(converter=party_id)
    finding: Finding = field(converter=finding)
    note: str | None = field(default=None, converter=optional_text)


# Deadlines


@event
@frozen(kw_only=True)
class DeadlineSet:
    """Something is due; a vague deadline is the span from `earliest` to `due`."""

    deadline: str = field(converter=item_id)
    by: str = field(converter=party_id)
    on: tuple[str, ...] = field(converter=party_ids)
    due: datetime = field(converter=moment)
    earliest: datetime | None = field(default=None, converter=optional_moment)
    demand: str | None = field(default=None, converter=optional_text)
    consequence: str | None = field(default=None, converter=optional_text)
    about: str | None = field(default=None, converter=optional_item_id)

    def __attrs_post_init__(self) -> None:
        _in_order(self, "earliest", "due", together=True)


@event
@frozen(kw_only=True)
class DeadlineMoved:
    """Both ends of a deadline are replaced; a missed one may come to life again."""

    deadline: str = field(converter=item_id)
    by: str = field(converter=party_id)
    due: datetime = field(converter=moment)
    earliest: datetime | None = field(default=None, converter=optional_moment)

    def __attrs_post_init__(self) -> None:
        _in_order(self, "earliest", "due", together=True)


@event
@frozen(kw_only=True)
class DeadlineMet:
    """What was due was done."""

    deadline: str = field(converter=item_id)
    by: str = field(converter=party_id)
    note: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class DeadlineLifted:
    """A deadline is taken away."""

    deadline: str = field(converter=item_id)
    by: str = field(converter=party_id)
    reason: str | None = field(default=None, converter=optional_text)


# Meetings


@event
@frozen(kw_only=True)
class MeetingScheduled:
    """Parties are to meet."""

    meeting: str = field(converter=item_id)
    by: str = field(converter=party_id)
    parties: tuple[str, ...] = field(converter=party_ids)
    starts: datetime = field(converter=moment)
    place: str | None = field(default=None, converter=optional_text)
    follows: str | None = field(default=None, converter=optional_item_id)


@event
@frozen(kw_only=True)
class MeetingHeld:
    """Parties met, whether or not anybody had scheduled it."""

    meeting: str = field(converter=item_id)
    parties: tuple[str, ...] = field(converter=party_ids)
    place: str | None = field(default=None, converter=optional_text)
    follows: str | None = field(default=None, converter=optional_item_id)
    outcome: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class MeetingCancelled:
    """A meeting will not be held."""

    meeting: str = field(converter=item_id)
    by: str = field(converter=party_id)
    reason: str | None = field(default=None, converter=optional_text)


# The log itself


@event
@frozen(kw_only=True)
class EventRetracted:
    """A record of the log no longer counts. This is about the log, not the world."""

    event: str = field(converter=item_id)
    by: str = field(converter=party_id)
    reason: str | None = field(default=None, converter=optional_text)


@event
@frozen(kw_only=True)
class UnknownEvent:
    """An event of a type or version that the model does not know, kept whole.

    Attributes:
        type: the CloudEvents type as it was read.
        data: its data as it was read.
    """

    type: str = field(converter=item_id)
    data: FrozenDict = field(converter=json_object)


Event: TypeAlias = (
    PartyJoined
    | PartyWithdrew
    | ProposalMade
    | ProposalClarified
    | ProposalAccepted
    | ProposalRejected
    | ProposalWithdrawn
    | PositionStated
    | TruceDeclared
    | TruceJoined
    | TruceRejected
    | TruceExtended
    | TruceEnded
    | TruceViolated
    | TruceObserved
    | ViolationAssessed
    | DeadlineSet
    | DeadlineMoved
    | DeadlineMet
    | DeadlineLifted
    | MeetingScheduled
    | MeetingHeld
    | MeetingCancelled
    | StatementMade
    | EventRetracted
)
"""The closed union of the library's own events."""

AnyEvent: TypeAlias = Event | UnknownEvent | attrs.AttrsInstance
"""An event of the library, one that is not known, or one that an extension of a model brings."""

EVENTS: Final[tuple[type[Any], ...]] = get_args(Event)
"""The 25 classes of `Event`, in the order of the documentation."""


def wire_name(cls: type[Any]) -> str:
    """The name of an event's class on the wire: `ProposalMade` is `proposal-made`."""
    return "".join("-" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("-")


_MAKERS: Final[dict[type[Any], str | None]] = {
    **dict.fromkeys(EVENTS, "by"),
    PartyJoined: "party",
    TruceViolated: "alleged_by",
    TruceObserved: "claimed_by",
    MeetingHeld: None,
    UnknownEvent: None,
}
_PARTY = (party_id, optional_party_id)
_PARTIES = (party_ids, optional_party_ids)


def maker_field(cls: type[Any]) -> str | None:
    """The field that names the maker of an event: who knows of it even where it is private.

    It is `by` but for joining (`party`), for claims (whoever makes them) and for meetings held and
    unknown events, which nobody makes. Of an attributed position it is `attributed_by`, if given.
    """
    if cls in _MAKERS:
        return _MAKERS[cls]
    return "by" if "by" in attrs.fields_dict(cls) else None


def maker(event: AnyEvent) -> str | None:
    """The party that made an event, or None where nobody is said to have made it."""
    cls = type(event)
    if cls is PositionStated:
        return event.attributed_by or event.by  # type: ignore[union-attr]  # its class was asked
    name = maker_field(cls)
    return None if name is None else getattr(event, name)


def party_fields(cls: type[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of an event that name parties: those that hold one, and those that hold several.

    A field names parties if its converter says so; `by` always does.
    """
    fields: Callable[[Any], Any] = attrs.fields
    one = tuple(a.name for a in fields(cls) if a.converter in _PARTY or a.name == "by")
    many = tuple(a.name for a in fields(cls) if a.converter in _PARTIES)
    return one, many


def named(event: AnyEvent) -> frozenset[str]:
    """The parties that an event names."""
    one, many = party_fields(type(event))
    names = {getattr(event, name) for name in one}
    for name in many:
        names.update(getattr(event, name) or ())
    return frozenset(names - {None})
