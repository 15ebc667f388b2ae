"""Events: 25 immutable classes whose errors name the field and what it may be."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, get_args

import attrs
import pytest

import negotiation as ng
from negotiation.events import maker, maker_field, named, party_fields, wire_name
from negotiation.values import optional_count, party_id

NOON: Final = datetime(2031, 3, 1, 12, tzinfo=UTC)
LATER: Final = NOON + timedelta(hours=1)
NAIVE: Final = datetime(2031, 3, 1, 12)  # noqa: DTZ001  # the zone that is missing is the point

# One right event of each class, with every field given.
FULL: Final[dict[type[Any], dict[str, Any]]] = {
    ng.PartyJoined: {"party": "a", "role": "mediator", "name": "The Mediator"},
    ng.PartyWithdrew: {"by": "a", "reason": "no progress"},
    ng.ProposalMade: {
        "proposal": "p2",
        "by": "a",
        "to": ["b", "c"],
        "terms": {"price": 1},
        "counters": "p1",
        "expires": LATER,
    },
    ng.ProposalClarified: {"proposal": "p", "by": "a", "terms": {}, "note": "as agreed"},
    ng.ProposalAccepted: {"proposal": "p", "by": "b", "note": "gladly"},
    ng.ProposalRejected: {"proposal": "p", "by": "b", "reason": "too late"},
    ng.ProposalWithdrawn: {"proposal": "p", "by": "a", "reason": "no answer"},
    ng.PositionStated: {
        "by": "a",
        "issue": "land",
        "value": ["none of it"],
        "firmness": "red-line",
        "condition": "peace",
        "attributed_by": "b",
    },
    ng.StatementMade: {"by": "a", "text": "", "about": "p"},
    ng.TruceDeclared: {
        "truce": "t",
        "by": "a",
        "kind": "armistice",
        "binds": ["a", "b"],
        "starts": NOON,
        "ends": LATER,
        "scope": "at sea",
        "condition": "no attack",
        "under": "p",
    },
    ng.TruceJoined: {"truce": "t", "by": "c", "starts": NOON},
    ng.TruceRejected: {"truce": "t", "by": "c", "reason": "a trick"},
    ng.TruceExtended: {"truce": "t", "by": "a", "ends": LATER},
    ng.TruceEnded: {"truce": "t", "by": "a", "reason": "an attack"},
    ng.TruceViolated: {
        "violation": "v",
        "truce": "t",
        "by": "a",
        "alleged_by": "b",
        "count": 3,
        "qualifier": "at-least",
        "what": "shells",
        "place": "the coast",
        "begins": NOON,
        "ends": LATER,
        "replaces": "v0",
    },
    ng.TruceObserved: {
        "truce": "t",
        "by": "a",
        "claimed_by": "b",
        "what": "a quiet night",
        "begins": NOON,
        "ends": LATER,
    },
    ng.ViolationAssessed: {"violation": "v", "by": "c", "finding": "refuted", "note": "no trace"},
    ng.DeadlineSet: {
        "deadline": "d",
        "by": "a",
        "on": ["b"],
        "due": LATER,
        "earliest": NOON,
        "demand": "an answer",
        "consequence": "the end",
        "about": "p",
    },
    ng.DeadlineMoved: {"deadline": "d", "by": "a", "due": LATER, "earliest": NOON},
    ng.DeadlineMet: {"deadline": "d", "by": "b", "note": "in writing"},
    ng.DeadlineLifted: {"deadline": "d", "by": "a", "reason": "goodwill"},
    ng.MeetingScheduled: {
        "meeting": "m",
        "by": "a",
        "parties": ["a", "b"],
        "starts": NOON,
        "place": "Paris",
        "follows": "m0",
    },
    ng.MeetingHeld: {
        "meeting": "m",
        "parties": ["a"],
        "place": "Paris",
        "follows": "m0",
        "outcome": "a date",
    },
    ng.MeetingCancelled: {"meeting": "m", "by": "a", "reason": "no time"},
    ng.EventRetracted: {"event": "e1", "by": "a", "reason": "misread"},
    ng.UnknownEvent: {"type": "org.example.thing.v1", "data": {"a": [1]}},
}
REQUIRED: Final = [
    (cls, field.name)
    for cls in FULL
    for field in attrs.fields(cls)
    if field.default is attrs.NOTHING
]
OPTIONAL: Final = [
    (cls, field.name)
    for cls in FULL
    for field in attrs.fields(cls)
    if field.default is not attrs.NOTHING
]

WRONG_PARTY: Final[dict[str, Any]] = {
    "must be text, not int 3": 3,
    "must be a party's id, which is not empty": "",
    "must be a party's id, which holds no white space: 'the north'": "the north",
    "holds a lone surrogate, which is no character: '\\ud800'": "\ud800",
}
WRONG_ITEM: Final[dict[str, Any]] = {
    "must be text, not int 7": 7,
    "must be text, not a list": ["p"],
    "must be an id, which is not empty": "",
}
WRONG_TEXT: Final[dict[str, Any]] = {"must be text, not float 1.5": 1.5}
WRONG_PARTIES: Final[dict[str, Any]] = {
    "must name at least one party": [],
    "must be a list of parties' ids, not str 'b'": "b",
    "[1] names 'b' again; each party stands there once": ["b", "b"],
    "[0] must be a party's id, which is not empty": [""],
}
WRONG_MOMENT: Final[dict[str, Any]] = {
    "must be a datetime with a time zone, not str '2031-03-01T12:00:00Z'": "2031-03-01T12:00:00Z",
    "must have a time zone; 2031-03-01T12:00:00 has none": NAIVE,
}
WRONG_OBJECT: Final[dict[str, Any]] = {
    "must be a JSON object, not a list": [1],
    "holds nan, which is no JSON number": {"a": float("nan")},
    "has the key 1; the keys of a JSON object are text": {1: 1},
}
WRONG: Final[dict[str, dict[str, Any]]] = {
    **dict.fromkeys(("party", "by", "attributed_by", "alleged_by", "claimed_by"), WRONG_PARTY),
    **dict.fromkeys(
        (
            "proposal",
            "counters",
            "issue",
            "truce",
            "under",
            "violation",
            "replaces",
            "deadline",
            "about",
            "meeting",
            "follows",
            "event",
            "type",
        ),
        WRONG_ITEM,
    ),
    **dict.fromkeys(
        (
            "name",
            "note",
            "reason",
            "condition",
            "text",
            "scope",
            "what",
            "place",
            "demand",
            "consequence",
            "outcome",
        ),
        WRONG_TEXT,
    ),
    **dict.fromkeys(("to", "binds", "on", "parties"), WRONG_PARTIES),
    **dict.fromkeys(("starts", "ends", "begins", "expires", "due", "earliest"), WRONG_MOMENT),
    **dict.fromkeys(("terms", "data"), WRONG_OBJECT),
    "value": {"holds a set; JSON has text, finite numbers, booleans, null, lists, objects": {1}},
    "count": {
        "must be a whole number of zero or more, not int -1": -1,
        "must be a whole number of zero or more, not bool True": True,
    },
    "role": {
        "must be one of principal, mediator, guarantor, monitor, observer, not str 'boss'": "boss"
    },
    "firmness": {
        "must be one of open, preference, expectation, undertaking, demand, precondition, "
        "red-line, not str 'firm'": "firm"
    },
    "kind": {
        "must be one of truce, ceasefire, cessation-of-hostilities, humanitarian-pause, "
        "armistice, not nothing": None
    },
    "qualifier": {"must be one of exact, about, at-least, at-most, not str 'some'": "some"},
    "finding": {"must be one of denied, verified, refuted, unattributed, not str 'true'": "true"},
}
FAULTS: Final = [
    pytest.param(cls, field.name, value, reason, id=f"{cls.__name__}.{field.name}: {reason}")
    for cls in FULL
    for field in attrs.fields(cls)
    for reason, value in WRONG[field.name].items()
]


def names(given: Any) -> str:
    """The id of a parameter that is a class."""
    return given.__name__ if isinstance(given, type) else str(given)


def without(cls: type[Any], field: str) -> dict[str, Any]:
    """The fields of the full event but one."""
    return {name: value for name, value in FULL[cls].items() if name != field}


# What holds of every event


def test_there_are_25_events() -> None:
    """The union of the library's own events is closed: these and no others."""
    assert len(ng.EVENTS) == 25
    assert set(FULL) == {*ng.EVENTS, ng.UnknownEvent}
    assert get_args(ng.Event) == ng.EVENTS


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_an_event_holds_its_fields(cls: type[Any]) -> None:
    """Every field that is given is read back; lists are tuples and objects are frozen."""
    event = cls(**FULL[cls])
    for name, given in FULL[cls].items():
        kept = getattr(event, name)
        assert kept == (tuple(given) if isinstance(given, list) else given)
        assert not isinstance(kept, list | dict)


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_an_event_cannot_be_changed(cls: type[Any]) -> None:
    """No field can be set or deleted, and none can be added."""
    event = cls(**FULL[cls])
    for name in (*FULL[cls], "other"):
        with pytest.raises(AttributeError):
            setattr(event, name, "x")
    with pytest.raises(AttributeError):
        delattr(event, next(iter(FULL[cls])))
    assert event == cls(**FULL[cls])


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_events_are_equal_if_their_fields_are(cls: type[Any]) -> None:
    """Two events of one class with the same fields are equal and hash alike; others differ."""
    event = cls(**FULL[cls])
    assert event == cls(**FULL[cls])
    assert hash(event) == hash(cls(**FULL[cls]))
    for other in FULL:
        assert (event == other(**FULL[other])) is (other is cls)


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_an_event_can_be_copied_and_pickled(cls: type[Any]) -> None:
    """A copy, a deep copy and what is unpickled are equal to the event."""
    event = cls(**FULL[cls])
    for twin in (copy.copy(event), copy.deepcopy(event), pickle.loads(pickle.dumps(event))):  # noqa: S301  # pickled here
        assert twin == event
        assert hash(twin) == hash(event)


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_fields_are_given_by_name(cls: type[Any]) -> None:
    """An event takes nothing by place."""
    with pytest.raises(ng.InvalidEvent, match="takes its fields by keyword") as refused:
        cls("x")
    assert refused.value.field is None
    assert refused.value.event_type == cls.__name__
    assert str(refused.value).startswith(f"{cls.__name__}: ")


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_an_unknown_field_names_the_nearest(cls: type[Any]) -> None:
    """A field that the event does not have is refused, with the one that may be meant."""
    field = next(iter(FULL[cls]))
    with pytest.raises(ng.InvalidEvent) as refused:
        cls(**FULL[cls], **{field + "s": "x"})
    assert refused.value.field == field + "s"
    assert refused.value.reason.startswith(f"is no field of it; did you mean {field!r}? allowed: ")


@pytest.mark.parametrize(("cls", "field"), REQUIRED, ids=names)
def test_a_required_field_is_asked_for(cls: type[Any], field: str) -> None:
    """An event without a field that it needs is refused, and the message names it."""
    with pytest.raises(ng.InvalidEvent) as refused:
        cls(**without(cls, field))
    assert (refused.value.event_type, refused.value.field) == (cls.__name__, field)
    assert str(refused.value) == f"{cls.__name__}.{field}: is missing"


@pytest.mark.parametrize(("cls", "field"), OPTIONAL, ids=names)
def test_none_in_an_optional_field_is_an_absent_one(cls: type[Any], field: str) -> None:
    """Leaving an optional field out and giving None make the same event."""
    rest = without(cls, field)
    rest = {name: value for name, value in rest.items() if (field, name) != ("count", "qualifier")}
    absent, none = cls(**rest), cls(**rest, **{field: None})
    assert absent == none
    if (cls, field) == (ng.TruceViolated, "qualifier"):
        assert none.qualifier == "exact"
    else:
        assert getattr(none, field) is None


@pytest.mark.parametrize(("cls", "field", "value", "reason"), FAULTS)
def test_a_wrong_field_is_named(cls: type[Any], field: str, value: Any, reason: str) -> None:
    """A field with a wrong value is refused: the error has its name and what it may be."""
    with pytest.raises(ng.InvalidEvent) as refused:
        cls(**{**FULL[cls], field: value})
    error = refused.value
    assert (error.event_type, error.field, error.reason) == (cls.__name__, field, reason)
    assert str(error) == f"{cls.__name__}.{field}: {reason}"
    assert isinstance(error, ng.NegotiationError)


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_a_changed_event_is_checked_too(cls: type[Any]) -> None:
    """`attrs.evolve` gives another event, and refuses what the class refuses."""
    event = cls(**FULL[cls])
    field = next(iter(FULL[cls]))
    other = attrs.evolve(event, **{field: "other"})
    assert getattr(other, field) == "other"
    assert event == cls(**FULL[cls])
    with pytest.raises(ng.InvalidEvent):
        attrs.evolve(event, **{field: 3})


# Fields that depend on one another

PROPOSAL: Final = FULL[ng.ProposalMade]
TOGETHER: Final = [
    (ng.TruceViolated, "begins", "ends"),
    (ng.TruceObserved, "begins", "ends"),
    (ng.DeadlineSet, "earliest", "due"),
    (ng.DeadlineMoved, "earliest", "due"),
]


def test_a_proposal_is_to_others() -> None:
    """Its maker is not among its addressees."""
    with pytest.raises(ng.InvalidEvent) as refused:
        ng.ProposalMade(**{**PROPOSAL, "to": ["b", "a"]})
    assert refused.value.field == "to"
    assert refused.value.reason == "names its maker 'a'; a proposal is to others"


@pytest.mark.parametrize("ends", [NOON, NOON - timedelta(microseconds=1)], ids=["at", "before"])
def test_a_truce_ends_after_it_starts(ends: datetime) -> None:
    """An end at the start or before it is refused."""
    with pytest.raises(ng.InvalidEvent) as refused:
        ng.TruceDeclared(truce="t", by="a", kind="truce", starts=NOON, ends=ends)
    assert refused.value.field == "ends"
    assert refused.value.reason.startswith("must lie after starts: ")


@pytest.mark.parametrize(("cls", "first", "last"), TOGETHER, ids=names)
def test_an_instant_may_begin_and_end(cls: type[Any], first: str, last: str) -> None:
    """What is claimed or due may be one instant; it does not end before it begins."""
    event = cls(**{**FULL[cls], first: NOON, last: NOON})
    assert getattr(event, first) == getattr(event, last)
    with pytest.raises(ng.InvalidEvent) as refused:
        cls(**{**FULL[cls], first: LATER, last: NOON})
    assert refused.value.field == last
    assert refused.value.reason.startswith(f"must not lie before {first}: ")


def test_a_truce_binds_its_declarer_alone_by_default() -> None:
    """Binding oneself alone and saying nothing are the same."""
    alone = ng.TruceDeclared(truce="t", by="a", kind="truce", binds=["a"])
    assert alone == ng.TruceDeclared(truce="t", by="a", kind="truce")
    assert alone.binds is None
    assert alone.bound == ("a",)
    assert ng.TruceDeclared(truce="t", by="a", kind="truce", binds=["b"]).bound == ("b",)


def test_a_count_is_exact_by_default() -> None:
    """A count without a qualifier is an exact one; a qualifier without a count is refused."""
    claim: dict[str, Any] = {"violation": "v", "truce": "t", "by": "a", "alleged_by": "b"}
    counted = ng.TruceViolated(**claim, count=0)
    assert counted.qualifier == "exact"
    assert counted == ng.TruceViolated(**claim, count=0, qualifier="exact")
    assert counted != ng.TruceViolated(**claim, count=0, qualifier="about")
    assert ng.TruceViolated(**claim).qualifier is None
    with pytest.raises(ng.InvalidEvent) as refused:
        ng.TruceViolated(**claim, qualifier="about")
    assert refused.value.field == "qualifier"
    assert refused.value.reason == "says how exact a count is; there is no count"


# Values in events


def test_terms_are_the_events_own() -> None:
    """Whatever the caller does later to the dict and the lists in it, the event keeps its terms."""
    prices = [1, 2]
    terms: dict[str, Any] = {"prices": prices, "more": {"weeks": 3}}
    event = ng.ProposalMade(proposal="p", by="a", to=["b"], terms=terms)
    prices.append(3)
    terms["more"]["weeks"] = 4
    terms["new"] = True
    assert event.terms == {"prices": [1, 2], "more": {"weeks": 3}}


def test_lists_are_the_events_own() -> None:
    """Whatever the caller does later to a list of parties, the event keeps its own."""
    to = ["b"]
    event = ng.ProposalMade(proposal="p", by="a", to=to, terms={})
    to.append("c")
    assert event.to == ("b",)


def test_an_iterator_of_parties_is_read_once() -> None:
    """Parties may come from an iterator; what is wrong is told as it would be of a list."""
    assert ng.ProposalMade(proposal="p", by="a", to=iter(["b"]), terms={}).to == ("b",)
    with pytest.raises(ng.InvalidEvent, match=r"ProposalMade\.to: \[1\] names 'b' again"):
        ng.ProposalMade(proposal="p", by="a", to=iter(["b", "b"]), terms={})
    with pytest.raises(ng.InvalidEvent, match=r"ProposalMade\.terms: must be a JSON object"):
        ng.ProposalMade(proposal="p", by="a", to=iter(["b"]), terms=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0.0, False), ([1], [1.0])])
def test_positions_of_different_json_differ(one: Any, other: Any) -> None:
    """A position of 1 is not one of 1.0 or of true."""
    stated: dict[str, Any] = {"by": "a", "issue": "price", "firmness": "demand"}
    event = ng.PositionStated(**stated, value=one)
    assert event != ng.PositionStated(**stated, value=other)
    assert event == ng.PositionStated(**stated, value=copy.deepcopy(one))
    assert hash(event) == hash(ng.PositionStated(**stated, value=copy.deepcopy(one)))
    terms: dict[str, Any] = {"proposal": "p", "by": "a", "to": ["b"]}
    assert ng.ProposalMade(**terms, terms={"x": one}) != ng.ProposalMade(
        **terms, terms={"x": other}
    )


def test_a_position_may_be_null() -> None:
    """Null is a value as any other, and not an absent one."""
    assert ng.PositionStated(by="a", issue="land", value=None, firmness="open").value is None


def test_moments_are_kept_in_utc() -> None:
    """The same instant in another zone makes the same event."""
    east = LATER.astimezone(timezone(timedelta(hours=9)))
    event = ng.TruceExtended(truce="t", by="a", ends=east)
    assert event == ng.TruceExtended(truce="t", by="a", ends=LATER)
    assert event.ends.tzinfo is UTC


# Who made it and whom it names


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_the_maker_of_an_event(cls: type[Any]) -> None:
    """It is `by`, but for those who join, claim or are quoted, and for what nobody makes."""
    makers = {
        ng.PartyJoined: "party",
        ng.PositionStated: "attributed_by",
        ng.TruceViolated: "alleged_by",
        ng.TruceObserved: "claimed_by",
        ng.MeetingHeld: None,
        ng.UnknownEvent: None,
    }
    field = makers.get(cls, "by")
    assert maker(cls(**FULL[cls])) == (None if field is None else FULL[cls][field])


def test_a_party_makes_its_own_statement_of_a_position() -> None:
    """Without `attributed_by`, a position is said by the party whose it is."""
    assert maker(ng.PositionStated(by="a", issue="land", value=1, firmness="open")) == "a"


@pytest.mark.parametrize("cls", FULL, ids=names)
def test_the_parties_that_an_event_names(cls: type[Any]) -> None:
    """Whoever stands in a field for parties is named; an unknown event names nobody."""
    fields = ("party", "by", "attributed_by", "alleged_by", "claimed_by")
    expected = {FULL[cls][name] for name in fields if name in FULL[cls]}
    for name in ("to", "binds", "on", "parties"):
        expected.update(FULL[cls].get(name, ()))
    assert named(cls(**FULL[cls])) == expected


def test_parties_that_are_absent_are_not_named() -> None:
    """None in an optional field for parties names nobody."""
    assert named(ng.TruceDeclared(truce="t", by="a", kind="truce")) == {"a"}
    assert named(ng.PositionStated(by="a", issue="i", value=1, firmness="open")) == {"a"}


def test_an_event_of_ones_own() -> None:
    """A class made with `negotiation.event` has the same errors; its `by` is its maker."""

    @ng.event
    @attrs.frozen(kw_only=True)
    class PriceQuoted:
        by: str = attrs.field(converter=party_id)
        price: int | None = attrs.field(default=None, converter=optional_count)

    assert maker_field(PriceQuoted) == "by"
    assert party_fields(PriceQuoted) == (("by",), ())
    assert maker(PriceQuoted(by="a")) == "a"
    with pytest.raises(ng.InvalidEvent, match=r"PriceQuoted\.price: must be a whole number"):
        PriceQuoted(by="a", price=-1)


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (ng.PartyJoined, "party-joined"),
        (ng.ViolationAssessed, "violation-assessed"),
        (ng.EventRetracted, "event-retracted"),
    ],
    ids=names,
)
def test_the_name_on_the_wire_is_that_of_the_class(cls: type[Any], name: str) -> None:
    """The words of the class's name, joined by hyphens."""
    assert wire_name(cls) == name
