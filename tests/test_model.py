"""Models: events of one's own, what is folded from them, and the lifting of old data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from negotiation.model import qualified, versioned
from negotiation.values import item_id, moment, optional_count, optional_party_id, party_id

NOON: Final = datetime(2031, 3, 1, 12, tzinfo=UTC)
LATER: Final = datetime(2031, 3, 1, 13, tzinfo=UTC)
Json = dict[str, Any]


@ng.event
@attrs.frozen(kw_only=True)
class PriceQuoted:
    """A seller names a price for a lot."""

    lot: str = attrs.field(converter=item_id)
    by: str = attrs.field(converter=party_id)
    price: int | None = attrs.field(default=None, converter=optional_count)
    until: datetime = attrs.field(default=NOON, converter=moment)


@attrs.frozen
class Weighed:
    """A plain attrs class, whose fields have types and no converters."""

    kilos: float
    marks: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Whispered:
    """An event whose actor need not be known."""

    by: str | None = attrs.field(default=None, converter=optional_party_id)


def lowest(prices: Mapping[str, int], record: ng.Record) -> Mapping[str, int]:
    """The lowest price that was quoted for each lot."""
    event: Any = record.event
    return {**prices, event.lot: min(event.price, prices.get(event.lot, event.price))}


def one_more(seen: int, record: ng.Record) -> int:
    """How many there were."""
    return seen + 1


PRICES: Final = ng.Extension("prices", "price-quoted", PriceQuoted, {}, lowest)
WEIGHTS: Final = ng.Extension("weights", "org.example.weighed", Weighed, 0, one_more, version=2)
MODEL: Final = ng.Model.default.extended(PRICES, WEIGHTS)


def line(wire_type: str, data: Any, **attributes: Any) -> str:
    """One line of a log."""
    line = {"specversion": "1.0", "type": wire_type, "source": "lots", "id": "e1"}
    return json.dumps({**line, "time": "2031-03-01T12:00:00Z", **attributes, "data": data})


def lots(*events: Any, model: ng.Model = MODEL) -> ng.Log:
    """A log of these events."""
    log = ng.Log("lots")
    for event in events:
        log = log.append(event, time=NOON, model=model, strict=False)
    return log


# Extensions


def test_an_extension_folds_a_slice_of_its_own() -> None:
    """Its events go through its reducer, and the result is read at its name."""
    log = lots(
        PriceQuoted(lot="l1", by="a", price=5),
        PriceQuoted(lot="l1", by="b", price=3),
        PriceQuoted(lot="l2", by="a", price=9),
    )
    state = ng.replay(log, model=MODEL)
    assert state.slices == {"prices": {"l1": 3, "l2": 9}, "weights": 0}
    assert state.problems == ()


def test_a_slice_begins_as_the_extension_says() -> None:
    """Without any event it is the initial value, also where the log is empty."""
    assert ng.replay(ng.Log("lots"), model=MODEL).slices == {"prices": {}, "weights": 0}
    assert ng.replay(ng.Log("lots")).slices == {}


def test_slices_evolve_as_they_are_replayed() -> None:
    """Step by step or at once, the slices are the same, and older states keep theirs."""
    log = lots(*(PriceQuoted(lot="l", by="a", price=price) for price in (5, 3, 4)))
    state = ng.replay(log.upto(1), model=MODEL)
    later = ng.evolve(ng.evolve(state, log[1], model=MODEL), log[2], model=MODEL)
    assert later == ng.replay(log, model=MODEL)
    assert state.slices["prices"] == {"l": 5}
    assert [step.slices["prices"] for _, step in ng.steps(log, model=MODEL)] == [
        {"l": 5},
        {"l": 3},
        {"l": 3},
    ]


def test_the_maker_of_an_extensions_event_is_heard() -> None:
    """Its `by` is a party of the talks, and a private event of its own is known to it."""
    log = lots(PriceQuoted(lot="l", by="a", price=5))
    hidden = log.append(
        PriceQuoted(lot="l", by="b", price=4), time=LATER, visible_to=["c"], model=MODEL
    )
    assert ng.replay(log, model=MODEL).parties["a"].last_heard == NOON
    assert ng.replay(hidden, known_to="b", model=MODEL).slices["prices"] == {"l": 4}
    assert ng.replay(hidden, known_to="a", model=MODEL).slices["prices"] == {"l": 5}


@attrs.frozen
class Hummed:
    """A plain attrs class that checks nothing, and does not compare all that it holds."""

    by: Any
    tune: Any = attrs.field(default=None, eq=False)


HUMS: Final = ng.Extension("hums", "hummed", Hummed, 0, one_more)


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("", "must be a party's id, which is not empty"),
        ("a b", "must be a party's id, which holds no white space: 'a b'"),
        (["a"], "must be text, not a list"),
        (5, "must be text, not int 5"),
    ],
    ids=["nothing", "two words", "a list", "a number"],
)
def test_the_maker_of_an_extensions_event_is_a_party(by: Any, reason: str) -> None:
    """A `by` that can be no party's id is refused in a record and in a line, by its name."""
    with pytest.raises(ng.InvalidRecord) as refused:
        ng.Record(id="e1", negotiation="lots", time=NOON, event=Hummed(by))
    assert (refused.value.field, refused.value.reason) == ("event.by", reason)
    assert str(refused.value) == f"record 'e1': event.by {reason}"
    with pytest.raises(ng.DecodeError) as unread:
        ng.Codec(MODEL.extended(HUMS)).decode(line("negotiation.hummed.v1", {"by": by}))
    assert (unread.value.path, unread.value.reason) == ("data.by", reason)


def hummed(tune: Any) -> ng.Record:
    """The record of a tune."""
    return ng.Record(id="e1", negotiation="lots", time=NOON, event=Hummed("a", tune))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        (None, "None"),
        (["a"], ["b"]),
        ([1], [1.0]),
        ({"a": 1}, {"a": True}),
        ({1: "a"}, {True: "a"}),
        (frozenset({1}), frozenset({1.0})),
        (Weighed(1.0), Weighed(1)),
        (Hummed("a", 1), Hummed("a", 2)),
        (NOON, LATER),
        (Decimal(1), 1),
    ],
)
def test_content_is_compared_as_it_is_written(one: Any, other: Any) -> None:
    """Two events of an extension that are written otherwise differ, whatever they call equal."""
    assert not hummed(one).same_content(hummed(other))
    with pytest.raises(ng.ConflictingRecord):
        ng.Log("lots", [hummed(one), hummed(other)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (float("nan"), float("nan")),
        (["a", 1.0], ("a", 1.0)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (frozenset("abcdefgh"), set("hgfedcba")),
        (NOON, NOON.astimezone(timezone(timedelta(hours=3)))),
        (Weighed(1.0, ["x"]), Weighed(1.0, ["x"])),
        (Decimal(1), Decimal(1)),
    ],
)
def test_content_that_is_written_alike_is_the_same(one: Any, other: Any) -> None:
    """A list is a tuple, members have no order, and a moment is the same in every zone."""
    assert hummed(one).same_content(hummed(other))


def test_an_extensions_event_may_have_no_maker() -> None:
    """Without a `by`, or with none in it, nobody is heard and nobody is named."""
    whispers = ng.Extension("whispers", "whispered", Whispered, 0, one_more)
    model = MODEL.extended(whispers)
    state = ng.replay(lots(Weighed(1.0), Whispered(), model=model), model=model)
    assert state.slices["weights"] == state.slices["whispers"] == 1
    assert list(state.parties) == []


def test_an_extensions_event_is_unknown_without_it() -> None:
    """Under another model it counts, changes nothing and is a problem."""
    state = ng.replay(lots(PriceQuoted(lot="l", by="a", price=5)))
    assert [problem.code for problem in state.problems] == ["unknown-type"]
    assert state.position == 1
    assert list(state.parties) == []


def test_a_repetition_of_an_extensions_event_is_folded_as_nothing() -> None:
    """A further source does not go through the reducer."""
    log = lots(Weighed(2.5)).append(Weighed(2.5), time=NOON, repeats="e1", model=MODEL)
    log = log.append(Weighed(2.5), time=NOON, repeats="e9", model=MODEL, strict=False)
    state = ng.replay(log, model=MODEL)
    assert state.slices["weights"] == 1
    assert [problem.code for problem in state.problems] == ["unknown-record"]


def raising(seen: int, record: ng.Record) -> int:
    """A reducer with a mistake in it."""
    raise ZeroDivisionError("no such weight")


BROKEN: Final = ng.Model.default.extended(ng.Extension("broken", "weighed", Weighed, 0, raising))
FAILING: Final[dict[str, Callable[[ng.Log], object]]] = {
    "replay": lambda log: ng.replay(log, model=BROKEN),
    "check": lambda log: ng.check(log, model=BROKEN),
    "steps": lambda log: list(ng.steps(log, model=BROKEN)),
    "evolve": lambda log: ng.evolve(ng.replay(ng.Log("lots"), model=BROKEN), log[0], model=BROKEN),
    "append": lambda log: ng.Log("lots").append(log[0].event, time=NOON, model=BROKEN),
}


@pytest.mark.parametrize("function", FAILING)
def test_a_reducer_that_raises_is_named(function: str) -> None:
    """The error names the extension and the record, and keeps what was raised as its cause."""
    with pytest.raises(ng.ExtensionFailed) as failed:
        FAILING[function](lots(Weighed(1.0), model=BROKEN))
    assert (failed.value.extension, failed.value.record) == ("broken", "e1")
    assert "ZeroDivisionError: no such weight" in str(failed.value)
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


WRONG: Final[dict[str, tuple[tuple[ng.Extension, ...], str]]] = {
    "two of one name": (
        (attrs.evolve(WEIGHTS, name="prices"),),
        "two extensions are named 'prices'; name one anew",
    ),
    "two of one name at once": (
        (
            ng.Extension("more", "more", Whispered, 0, one_more),
            ng.Extension("more", "still-more", Whispered, 0, one_more),
        ),
        "two extensions are named 'more'",
    ),
    "a class twice": (
        (ng.Extension("more", "more", PriceQuoted, 0, one_more),),
        "the event class PriceQuoted or the wire type 'more' is taken",
    ),
    "a class of the library": (
        (ng.Extension("more", "more", ng.TruceEnded, 0, one_more),),
        "the event class TruceEnded or the wire type 'more' is taken",
    ),
    "a wire type twice": (
        (ng.Extension("more", "negotiation.price-quoted", Whispered, 0, one_more),),
        "the wire type 'negotiation.price-quoted' is taken; each stands for one event",
    ),
    "a wire type of the library": (
        (ng.Extension("more", "truce-ended", Whispered, 0, one_more),),
        "the wire type 'truce-ended' is taken",
    ),
    "no attrs class": (
        (ng.Extension("more", "more", dict, 0, one_more),),
        "extension 'more': <class 'dict'> is no attrs class; make it one with @negotiation.event",
    ),
    "no name": (
        (ng.Extension("", "more", Whispered, 0, one_more),),
        "extension '': needs a name and a wire type",
    ),
    "a version that cannot be read": (
        (ng.Extension("more", "more", Whispered, 0, one_more, version=-1),),
        "extension 'more': ",
    ),
    "the class of what is unknown": (
        (ng.Extension("more", "more", ng.UnknownEvent, 0, one_more),),
        "the event class UnknownEvent or the wire type 'more' is taken",
    ),
    "no wire type": (
        (ng.Extension("more", "More Words", Whispered, 0, one_more),),
        "such as 'price-quoted'; not 'More Words'",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_extensions_must_not_contradict_each_other(case: str) -> None:
    """What is taken or malformed is refused, and the model stays as it was."""
    extensions, reason = WRONG[case]
    with pytest.raises(ng.InvalidModel) as refused:
        MODEL.extended(*extensions)
    assert reason in str(refused.value)
    assert MODEL.extensions == (PRICES, WEIGHTS)


def test_a_model_is_a_value() -> None:
    """Extending gives another model; equal ones are equal, and the default stays as it is."""
    assert ng.Model.default.extensions == ()
    assert ng.Model.default.extended(PRICES).extended(WEIGHTS) == MODEL
    assert MODEL.extended() == MODEL
    assert ng.Model.default == ng.Model()
    assert ng.Model.default != MODEL


# Extensions on the wire


def test_events_of_ones_own_are_read_and_written() -> None:
    """Under the wire type and the version of the extension, defaults left out."""
    codec = ng.Codec(MODEL)
    quoted = lots(PriceQuoted(lot="l", by="a", price=5, until=LATER))[0]
    assert codec.to_json(quoted)["type"] == "negotiation.price-quoted.v1"
    assert codec.to_json(quoted)["data"] == {
        "lot": "l",
        "by": "a",
        "price": 5,
        "until": "2031-03-01T13:00:00Z",
    }
    weighed = lots(Weighed(2.5, ["x"]))[0]
    assert codec.to_json(weighed)["type"] == "org.example.weighed.v2"
    assert codec.to_json(lots(Weighed(2.5))[0])["data"] == {"kilos": 2.5}
    for record in (quoted, weighed):
        assert codec.decode(codec.encode(record)) == record


@pytest.mark.parametrize(
    ("wire_type", "data", "path", "reason"),
    [
        ("negotiation.price-quoted.v1", {"by": "a"}, "data.lot", "is missing"),
        (
            "negotiation.price-quoted.v1",
            {"lot": "l", "by": "a", "prise": 3},
            "data.prise",
            "is no field of PriceQuoted; did you mean 'price'?",
        ),
        (
            "negotiation.price-quoted.v1",
            {"lot": "l", "by": "a", "price": -3},
            "data.price",
            "must be a whole number of zero or more, not int -3",
        ),
        (
            "negotiation.price-quoted.v1",
            {"lot": "l", "by": "a", "until": "noon"},
            "data.until",
            "must be a time with an offset",
        ),
        (
            "org.example.weighed.v2",
            {"kilos": "3"},
            "data.kilos",
            "must be of type float, not str '3'",
        ),
        (
            "org.example.weighed.v2",
            {"kilos": 3, "marks": ["x", 4]},
            "data.marks[1]",
            "must be of type str, not int 4",
        ),
    ],
)
def test_wrong_data_of_an_extension_is_told_by_path(
    wire_type: str, data: Json, path: str, reason: str
) -> None:
    """Fields with a converter and fields with a type alone are both checked, and never coerced."""
    with pytest.raises(ng.DecodeError) as refused:
        ng.Codec(MODEL).decode(line(wire_type, data))
    assert refused.value.path == path
    assert refused.value.reason.startswith(reason)


@attrs.frozen
class Doubted:
    """An event that checks itself."""

    kilos: float

    def __attrs_post_init__(self) -> None:
        if self.kilos < 0:
            error = ValueError("weighs less than nothing")
            error.add_note("so say the scales")
            raise error


def test_an_event_that_refuses_itself_is_told_by_path() -> None:
    """What the event class of an extension raises is the reason, and its data is the path."""
    model = MODEL.extended(ng.Extension("doubted", "doubted", Doubted, 0, one_more))
    with pytest.raises(ng.DecodeError) as refused:
        ng.Codec(model).decode(line("negotiation.doubted.v1", {"kilos": -1}))
    assert refused.value.path == "data"
    assert refused.value.reason == "weighs less than nothing"


@attrs.frozen
class Measured:
    """An event that holds a number that JSON does not have."""

    impedance: complex


def test_a_field_that_json_cannot_hold_is_told_by_path() -> None:
    """Data for a field whose type cannot be read is refused as any other wrong data."""
    model = MODEL.extended(ng.Extension("measured", "measured", Measured, 0, one_more))
    with pytest.raises(ng.DecodeError) as refused:
        ng.Codec(model).decode(line("negotiation.measured.v1", {"impedance": 1}))
    assert refused.value.path.startswith("data")


@ng.event
@attrs.frozen(kw_only=True)
class Counted:
    """An event one of whose fields has no converter."""

    amount: int
    by: str = attrs.field(converter=party_id)


def test_a_field_without_a_converter_takes_anything() -> None:
    """The fault of another field is told all the same."""
    assert Counted(amount=3, by="a").amount == 3
    with pytest.raises(ng.InvalidEvent, match=r"Counted\.by: must be a party's id"):
        Counted(amount=3, by="")


def test_a_state_with_slices_is_read_back() -> None:
    """A state's slices are JSON as the rest of it."""
    state = ng.replay(lots(PriceQuoted(lot="l", by="a", price=5), Weighed(1.0)), model=MODEL)
    told = json.loads(json.dumps(ng.state_to_json(state)))
    assert told["slices"] == {"prices": {"l": 5}, "weights": 1}
    assert ng.state_from_json(told, model=MODEL) == state


# Versions and upcasters


def lift_1(data: Json) -> Json:
    """Version 1 of what was weighed was in grams."""
    return {"kilos": data["grams"] / 1000}


def lift_0(data: Json) -> Json:
    """Version 0 was a bare number."""
    return {"grams": data["weight"]}


LIFTING: Final = MODEL.lifting(
    ng.Upcaster("org.example.weighed", 1, lift_1), ng.Upcaster("org.example.weighed", 0, lift_0)
)


@pytest.mark.parametrize(
    ("wire_type", "data"),
    [
        ("org.example.weighed.v2", {"kilos": 2.5}),
        ("org.example.weighed.v1", {"grams": 2500}),
        ("org.example.weighed.v0", {"weight": 2500}),
    ],
)
def test_old_data_is_lifted(wire_type: str, data: Json) -> None:
    """Version by version, to the one that is read; it is written as that."""
    record = ng.Codec(LIFTING).decode(line(wire_type, data))
    assert record.event == Weighed(2.5)
    assert ng.Codec(LIFTING).to_json(record)["type"] == "org.example.weighed.v2"


@pytest.mark.parametrize(
    "wire_type",
    [
        "org.example.weighed.v3",
        "org.example.weighed.v01",
        "org.example.weighed.vx",
        "negotiation.truce-ended.v2",
        "negotiation.truce-ended.v0",
        "negotiation.truce-started.v1",
        "x",
        ".v1",
    ],
)
def test_a_version_that_nothing_lifts_is_unknown(wire_type: str) -> None:
    """It is kept whole, as it was read, and written back the same."""
    text = line(wire_type, {"any": [1, 1.0, None]}, recordedtime="2031-03-01T12:00:00Z")
    codec = ng.Codec(LIFTING)
    record = codec.decode(text)
    assert record.event == ng.UnknownEvent(type=wire_type, data={"any": [1, 1.0, None]})
    assert json.loads(codec.encode(record)) == json.loads(text)


def test_a_version_of_many_digits_is_unknown() -> None:
    """However large its number, a version is one that nothing lifts."""
    wire_type = "negotiation.truce-ended.v" + "9" * 5000
    record = ng.Codec().decode(line(wire_type, {}))
    assert record.event == ng.UnknownEvent(type=wire_type, data={})


def test_a_gap_between_versions_leaves_data_as_it_was_read() -> None:
    """Data that can be lifted a part of the way only is kept as it came."""
    model = MODEL.lifting(ng.Upcaster("org.example.weighed", 0, lift_0))
    record = ng.Codec(model).decode(line("org.example.weighed.v0", {"weight": 1}))
    assert record.event == ng.UnknownEvent(type="org.example.weighed.v0", data={"weight": 1})


def test_data_of_the_library_can_be_lifted_too() -> None:
    """A bare name stands in the library's own namespace."""
    model = ng.Model.default.lifting(
        ng.Upcaster("party-withdrew", 0, lambda data: {"by": data["party"]})
    )
    record = ng.Codec(model).decode(line("negotiation.party-withdrew.v0", {"party": "a"}))
    assert record.event == ng.PartyWithdrew(by="a")


def test_an_upcaster_that_raises_is_named() -> None:
    """The error has the wire type, the version, the line's path and what was raised."""
    with pytest.raises(ng.DecodeError) as refused:
        ng.Codec(LIFTING).decode(line("org.example.weighed.v1", {}))
    assert refused.value.path == "data"
    assert "the upcaster of org.example.weighed.v1 raised KeyError" in refused.value.reason
    assert isinstance(refused.value.__cause__, KeyError)


@pytest.mark.parametrize("lifted", [None, 3, "text", [1]], ids=repr)
def test_an_upcaster_gives_an_object(lifted: Any) -> None:
    """Whatever else it gives is refused with the path of the data."""
    model = MODEL.lifting(ng.Upcaster("org.example.weighed", 1, lambda _: lifted))
    with pytest.raises(ng.DecodeError) as refused:
        ng.Codec(model).decode(line("org.example.weighed.v1", {"grams": 1}))
    assert refused.value.path.startswith("data")


def test_lifted_data_is_checked() -> None:
    """What an upcaster makes is read as any other data."""
    model = MODEL.lifting(ng.Upcaster("org.example.weighed", 1, lambda _: {"kilos": "heavy"}))
    with pytest.raises(ng.DecodeError) as refused:
        ng.Codec(model).decode(line("org.example.weighed.v1", {"grams": 1}))
    assert refused.value.path == "data.kilos"


def test_two_upcasters_of_one_version_are_refused() -> None:
    """One version is lifted in one way, however its type is written."""
    with pytest.raises(ng.InvalidModel, match="two upcasters lift version 0 of"):
        MODEL.lifting(
            ng.Upcaster("party-withdrew", 0, lift_0),
            ng.Upcaster("negotiation.party-withdrew", 0, lift_1),
        )
    with pytest.raises(ng.InvalidModel):
        LIFTING.lifting(ng.Upcaster("org.example.weighed", 1, lift_1))


@pytest.mark.parametrize(
    ("name", "whole"),
    [("price-quoted", "negotiation.price-quoted"), ("org.example.x", "org.example.x")],
)
def test_a_bare_name_is_the_librarys(name: str, whole: str) -> None:
    """A wire type without a dot stands in the library's namespace."""
    assert qualified(name) == whole


@pytest.mark.parametrize(
    ("wire_type", "parts"),
    [
        ("negotiation.truce-joined.v1", ("negotiation.truce-joined", 1)),
        ("x.v10", ("x", 10)),
        ("x.v0", ("x", 0)),
        ("x.v1.v2", ("x.v1", 2)),
        ("x.v01", None),
        ("x.v", None),
        ("x", None),
        (".v1", None),
        ("x.v-1", None),
        ("x.v1 ", None),
    ],
)
def test_the_version_of_a_wire_type(wire_type: str, parts: tuple[str, int] | None) -> None:
    """The digits after the last `.v`; a type without them has no version."""
    assert versioned(wire_type) == parts
