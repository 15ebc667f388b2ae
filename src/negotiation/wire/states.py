"""A state as JSON and back: exactly the names under which it is read, and times as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar, get_args

import attrs
from rpds import HashTrieMap

from negotiation.errors import DecodeError, EncodeError, nearest
from negotiation.events import (
    DeadlineSet,
    Finding,
    MeetingHeld,
    MeetingScheduled,
    PositionStated,
    ProposalMade,
    StatementMade,
    TruceDeclared,
    TruceObserved,
    TruceViolated,
    role,
)
from negotiation.facts import (
    Answer,
    Chain,
    DeadlineFacts,
    Facts,
    ItemFacts,
    MeetingFacts,
    PartyFacts,
    ProposalFacts,
    Span,
    TruceFacts,
    ViolationFacts,
    chained,
)
from negotiation.fold import Seen
from negotiation.history import History
from negotiation.lifecycles import CANCELLED, HELD, LIFTED, MET, SCHEDULED, WITHDRAWN
from negotiation.model import Model
from negotiation.paths import Path, path_text
from negotiation.problems import REASONS, Problem
from negotiation.records import Record, attribute, negotiation_id
from negotiation.state import CONTENTS, HEAD, Negotiation
from negotiation.values import (
    FrozenDict,
    Refused,
    describe,
    item_id,
    one_of,
    optional_item_id,
    optional_party_id,
    optional_text,
    party_id,
    same_json,
    text,
)
from negotiation.wire.times import parse_time, time_text

T = TypeVar("T")

_SOME_TIME: Final = "0001-01-01T00:00:00Z"
"""Of a record that stands in where its time is not part of a state."""


def state_to_json(state: Negotiation) -> dict[str, Any]:
    """A state as a JSON object.

    The keys are the names of `Negotiation` and of the items in it, in their order; ids are keys,
    sets are sorted lists, times are RFC 3339 in UTC, what is absent is null.

    Raises:
        EncodeError: a slice of an extension holds a value that has no JSON form.
    """
    return {name: to_json(getattr(state, name)) for name in (*HEAD, *CONTENTS)}


def to_json(value: Any) -> Any:
    """A value of a state as JSON: a party, an item, or anything in them."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(value[key]) for key in value}
    if isinstance(value, frozenset | set):
        return sorted(map(to_json, value))
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if attrs.has(type(value)):
        return {a.name: to_json(getattr(value, a.name)) for a in attrs.fields(type(value))}
    raise EncodeError(
        f"a {type(value).__name__} has no JSON form; use attrs classes and JSON values"
    )


def state_from_json(value: Mapping[str, Any], *, model: Model = Model.default) -> Negotiation:
    """The state that a JSON object holds: equal to the one it was made of.

    It can be read, compared and evolved. What it does not hold is which records were seen, so that
    a second copy of an earlier record is not recognised.

    Args:
        value: what `state_to_json` gave.
        model: the model of the state; slices take the types of its extensions' initial values.

    Raises:
        DecodeError: it is no such object; the error has the path to what is wrong.
    """
    if not isinstance(value, Mapping):
        raise DecodeError(f"must be a JSON object, a state, not {describe(value)}")
    for name in (*HEAD, *CONTENTS):
        if name not in value:
            raise DecodeError("is missing", path=name)
    state = _state(value, model)
    try:
        written = state_to_json(state)
    except (EncodeError, TypeError) as error:
        raise DecodeError(f"is no state as state_to_json writes it: {error}") from None
    _check_same(written, value, ())
    return state


def _state(value: Mapping[str, Any], model: Model) -> Negotiation:
    items: dict[str, ItemFacts] = {}
    for name, read in _READERS.items():
        for id, item in _members(value, name):
            items[id] = _read((name, id), read, id, item)
    parties = [*_members(value, "parties")]
    problems = _read(("problems",), enumerate, value["problems"])
    initial = {each.name: each.initial for each in model.extensions}
    facts = Facts(
        items=items,
        parties={id: _read(("parties", id), _party, id, party) for id, party in parties},
        positions={
            (id, issue): _read(("parties", id, "positions", issue), _positions, id, issue, position)
            for id, party in parties
            for issue, position in _members(party, "positions", "parties", id)
        },
        heard={
            id: _read(("parties", id), _heard, id, party["last_heard"]) for id, party in parties
        },
        slices={
            name: _read(("slices", name), _slice, each, initial.get(name))
            for name, each in _members(value, "slices")
        },
        problems=chained(_read(("problems", n), _problem, each) for n, each in problems),
    )
    id, position, time, as_of, known_at, known_to = (
        _read((name,), read, value[name]) for name, read in zip(HEAD, _HEAD, strict=True)
    )
    if (time is None) != (position == 0) or (time is not None and as_of is None):
        raise DecodeError("must be the latest time that counts, and stand with as_of", path="time")
    seen = Seen(History(id), None, HashTrieMap(), frozenset())
    return Negotiation(id, position, time, as_of, known_at, known_to, facts, seen)


def _read(path: Path, read: Callable[..., T], *given: Any) -> T:
    """What a reader makes of a part of a state; its refusal is told with the path."""
    try:
        return read(*given)
    except KeyError as missing:
        raise DecodeError(f"lacks {missing}", path=path_text(path)) from None
    except (TypeError, ValueError, AttributeError) as error:
        reason = f"is not as state_to_json writes it: {error}"
        raise DecodeError(reason, path=path_text(path)) from None


def _members(value: Any, name: str, *within: str) -> Iterable[tuple[str, Any]]:
    """The members of an object that is a member of another one."""
    path = (*within, name)
    members = _read(within, lambda: value[name])
    if not isinstance(members, Mapping):
        raise DecodeError(f"must be a JSON object, not {describe(members)}", path=path_text(path))
    return members.items()


def _check_same(written: Any, given: Any, path: Path) -> None:
    """Refuse what is not what would be written, naming the first path at which they differ."""
    if isinstance(written, dict) and isinstance(given, Mapping):
        for name in given:
            if name not in written:
                reason = f"is nothing that a state has there; {nearest(str(name), written)}"
                raise DecodeError(reason, path=path_text((*path, str(name))))
        for name, member in written.items():
            if name not in given:
                raise DecodeError("is missing", path=path_text((*path, name)))
            _check_same(member, given[name], (*path, name))
    elif isinstance(written, list) and isinstance(given, list | tuple):
        if len(written) != len(given):
            reason = f"must be a list of {len(written)}, not of {len(given)}"
            raise DecodeError(reason, path=path_text(path))
        for index, (member, other) in enumerate(zip(written, given, strict=True)):
            _check_same(member, other, (*path, index))
    elif not same_json(written, given):
        reason = f"must be {describe(written)} here, not {describe(given)}"
        raise DecodeError(reason, path=path_text(path))


def _time(value: str | None) -> datetime | None:
    return None if value is None else parse_time(value)


def _record(event: Any, time: str, id: str = "-") -> Record:
    """A record that stands in for the one that is not part of a state: its event and its time."""
    return Record(id=id, negotiation="-", time=parse_time(time), event=event)


def _records(value: Mapping[str, Any]) -> Chain[Record]:
    """The records of an item, of which a state holds the ids."""
    nothing = StatementMade(by="-", text="")
    return chained(_record(nothing, _SOME_TIME, id) for id in value["records"])


def _whole(value: int, least: int) -> int:
    if type(value) is not int or value < least:
        raise Refused(f"must be a whole number from {least}, not {describe(value)}")
    return value


def _optional_negotiation(value: str | None) -> str | None:
    return None if value is None else negotiation_id(value)


def _problem(value: Mapping[str, Any]) -> Problem:
    found = Problem(**value)
    attribute(found.event)
    _whole(found.position, 1)
    one_of(found.code, tuple(REASONS))
    optional_party_id(found.party)
    text(found.message)
    return found


def _heard(party: str, time: str | None) -> Record | None:
    return None if time is None else _record(StatementMade(by=party, text=""), time)


def _span(value: Mapping[str, Any]) -> Span:
    since = parse_time(value["since"])
    return Span(since, _time(value["until"]), _time(value["ended"]))


def _of(parties: Iterable[str], party: str) -> str:
    if party not in parties:
        raise Refused(f"has the party {party!r}, which is not one of {', '.join(parties)}")
    return party


def _proposal(id: str, value: Mapping[str, Any]) -> ProposalFacts:
    terms = FrozenDict(value["terms"])
    event = ProposalMade(
        proposal=id,
        by=value["by"],
        to=value["to"],
        terms=terms,
        counters=value["counters"],
        expires=_time(value["expires"]),
    )
    answers = value["answers"].items()
    return ProposalFacts(
        _record(event, value["made"]),
        terms,
        {_of(event.to, party): one_of(word, get_args(Answer)) for party, word in answers},
        chained(map(item_id, value["countered_by"])),
        value["status"] == WITHDRAWN,
        _records(value),
    )


def _truce(id: str, value: Mapping[str, Any]) -> TruceFacts:
    declared = TruceDeclared(
        truce=id,
        by=value["declared_by"],
        kind=value["kind"],
        ends=_time(value["ends"]),
        scope=value["scope"],
        condition=value["condition"],
        under=value["under"],
    )
    return TruceFacts(
        _record(declared, value["starts"]),
        {
            party_id(party): (*map(_span, each["earlier"]), _span(each))
            for party, each in value["commitments"].items()
        },
        frozenset(map(party_id, value["rejected_by"])),
        chained(_observation(id, each) for each in value["observations"]),
        _records(value),
    )


def _observation(truce: str, value: Mapping[str, Any]) -> Record:
    event = TruceObserved(
        truce=truce,
        by=value["by"],
        claimed_by=value["claimed_by"],
        what=value["what"],
        begins=_time(value["begins"]),
        ends=_time(value["ends"]),
    )
    return _record(event, value["time"])


def _violation(id: str, value: Mapping[str, Any]) -> ViolationFacts:
    same = ("truce", "by", "alleged_by", "count", "qualifier", "what", "place", "replaces")
    event = TruceViolated(
        violation=id,
        begins=_time(value["begins"]),
        ends=_time(value["ends"]),
        **{name: value[name] for name in same},
    )
    findings = value["findings"].items()
    return ViolationFacts(
        _record(event, value["claimed"]),
        {party_id(by): one_of(found, get_args(Finding)) for by, found in findings},
        optional_item_id(value["replaced_by"]),
        _records(value),
    )


def _deadline(id: str, value: Mapping[str, Any]) -> DeadlineFacts:
    due, earliest = parse_time(value["due"]), _time(value["earliest"])
    same = ("by", "on", "demand", "consequence", "about")
    event = DeadlineSet(
        deadline=id, due=due, earliest=earliest, **{name: value[name] for name in same}
    )
    closed = value["status"] if value["status"] in (MET, LIFTED) else None
    return DeadlineFacts(_record(event, value["due"]), due, earliest, closed, _records(value))


def _meeting(id: str, value: Mapping[str, Any]) -> MeetingFacts:
    event: Any
    if value["by"] is None:
        event = MeetingHeld(meeting=id, parties=value["parties"])
        starts = _SOME_TIME
    else:
        starts = value["starts"]
        event = MeetingScheduled(
            meeting=id, by=value["by"], parties=value["parties"], starts=parse_time(starts)
        )
    return MeetingFacts(
        _record(event, starts),
        event.parties,
        optional_text(value["place"]),
        optional_item_id(value["follows"]),
        optional_text(value["outcome"]),
        one_of(value["status"], (SCHEDULED, HELD, CANCELLED) if value["by"] else (HELD,)),
        _records(value),
    )


def _party(party: str, value: Mapping[str, Any]) -> PartyFacts:
    party_id(party)
    statements = chained(
        _record(StatementMade(by=party, text=each["text"], about=each["about"]), each["time"])
        for each in value["statements"]
    )
    return PartyFacts(
        None if value["role"] is None else role(value["role"]),
        optional_text(value["name"]),
        value["status"] == WITHDRAWN,
        statements,
    )


def _positions(party: str, issue: str, value: Mapping[str, Any]) -> Chain[Record]:
    stances: Iterable[Mapping[str, Any]] = (*value["history"], value)
    same = ("value", "firmness", "condition", "attributed_by")
    return chained(
        _record(
            PositionStated(by=party, issue=issue, **{name: each[name] for name in same}),
            each["since"],
        )
        for each in stances
    )


def _slice(value: Any, initial: Any) -> Any:
    """A slice in the type of its extension's initial value, as far as JSON tells it."""
    kind = type(initial)
    if isinstance(initial, set | frozenset | tuple):
        return kind(value)
    if attrs.has(kind):
        return kind(
            **{
                a.name: _slice(value[a.name], getattr(initial, a.name))
                for a in attrs.fields(kind)
                if a.init
            }
        )
    return value


_READERS: Mapping[str, Callable[[str, Mapping[str, Any]], ItemFacts]] = {
    "proposals": _proposal,
    "truces": _truce,
    "violations": _violation,
    "deadlines": _deadline,
    "meetings": _meeting,
}
"""What reads the items of each kind."""

_HEAD: Final[tuple[Callable[[Any], Any], ...]] = (
    _optional_negotiation,
    lambda value: _whole(value, 0),
    _time,
    _time,
    _time,
    optional_party_id,
)
"""What reads each part of `HEAD`."""
