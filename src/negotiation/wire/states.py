"""A state as JSON and back: exactly the names under which it is read, and times as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import attrs
from rpds import HashTrieMap

from negotiation.errors import DecodeError, EncodeError
from negotiation.events import (
    DeadlineSet,
    MeetingHeld,
    MeetingScheduled,
    PositionStated,
    ProposalMade,
    StatementMade,
    TruceDeclared,
    TruceObserved,
    TruceViolated,
)
from negotiation.facts import (
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
from negotiation.lifecycles import LIFTED, MET, WITHDRAWN
from negotiation.model import Model
from negotiation.problems import Problem
from negotiation.records import Record
from negotiation.state import CONTENTS, HEAD, Negotiation
from negotiation.values import FrozenDict
from negotiation.wire.times import parse_time, time_text

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
        DecodeError: it is no such object.
    """
    try:
        return _state(value, model)
    except KeyError as missing:
        raise DecodeError(f"is no state as state_to_json writes it: it lacks {missing}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise DecodeError(f"is no state as state_to_json writes it: {error}") from None


def _state(value: Mapping[str, Any], model: Model) -> Negotiation:
    items: dict[str, ItemFacts] = {}
    for name, read in _READERS.items():
        items |= {id: read(id, item) for id, item in value[name].items()}
    parties = value["parties"]
    initial = {each.name: each.initial for each in model.extensions}
    facts = Facts(
        items=items,
        parties={party: _party(party, state) for party, state in parties.items()},
        positions={
            (party, issue): _positions(party, issue, position)
            for party, state in parties.items()
            for issue, position in state["positions"].items()
        },
        heard={party: _heard(party, state["last_heard"]) for party, state in parties.items()},
        slices={name: _slice(each, initial.get(name)) for name, each in value["slices"].items()},
        problems=chained(Problem(**each) for each in value["problems"]),
    )
    time, as_of, known_at = (_time(value[name]) for name in ("time", "as_of", "known_at"))
    seen = Seen(History(value["id"]), None, HashTrieMap(), frozenset())
    return Negotiation(
        value["id"], value["position"], time, as_of, known_at, value["known_to"], facts, seen
    )


def _time(value: str | None) -> datetime | None:
    return None if value is None else parse_time(value)


def _record(event: Any, time: str, id: str = "-") -> Record:
    """A record that stands in for the one that is not part of a state: its event and its time."""
    return Record(id=id, negotiation="-", time=parse_time(time), event=event)


def _records(value: Mapping[str, Any]) -> Chain[Record]:
    """The records of an item, of which a state holds the ids."""
    nothing = StatementMade(by="-", text="")
    return chained(_record(nothing, _SOME_TIME, id) for id in value["records"])


def _heard(party: str, time: str | None) -> Record | None:
    return None if time is None else _record(StatementMade(by=party, text=""), time)


def _span(value: Mapping[str, Any]) -> Span:
    since = parse_time(value["since"])
    return Span(since, _time(value["until"]), _time(value["ended"]))


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
    return ProposalFacts(
        _record(event, value["made"]),
        terms,
        dict(value["answers"]),
        chained(value["countered_by"]),
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
            party: (*map(_span, each["earlier"]), _span(each))
            for party, each in value["commitments"].items()
        },
        frozenset(value["rejected_by"]),
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
    return ViolationFacts(
        _record(event, value["claimed"]),
        dict(value["findings"]),
        value["replaced_by"],
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
        tuple(value["parties"]),
        value["place"],
        value["follows"],
        value["outcome"],
        value["status"],
        _records(value),
    )


def _party(party: str, value: Mapping[str, Any]) -> PartyFacts:
    statements = chained(
        _record(StatementMade(by=party, text=each["text"], about=each["about"]), each["time"])
        for each in value["statements"]
    )
    return PartyFacts(value["role"], value["name"], value["status"] == WITHDRAWN, statements)


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
