"""Events of extensions are made by what their classes say of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, Literal, NewType

import hypothesis.strategies as st
import pytest
from attrs import field, frozen
from hypothesis import HealthCheck, Phase, given, settings

import negotiation as ng
from negotiation.testing.histories import histories
from negotiation.testing.kinds import building, item_fields, kinds_of
from negotiation.testing.universe import HOURS, PARTIES, SIZE, WHOLE, Chance, hour
from negotiation.testing.wild import full_records
from negotiation.values import (
    FrozenDict,
    item_id,
    json_object,
    json_value,
    moment,
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


class Tone(Enum):
    """How something is said."""

    WARM = "warm"
    COLD = "cold"


Tonnes = NewType("Tonnes", int)


@frozen
class Leg:
    """A part of a journey."""

    place: str
    share: float


@ng.event
@frozen(kw_only=True)
class Converted:
    """Every converter of the library."""

    by: str
    one: str = field(converter=party_id)
    perhaps_one: str | None = field(default=None, converter=optional_party_id)
    several: tuple[str, ...] = field(converter=party_ids)
    perhaps_several: tuple[str, ...] | None = field(default=None, converter=optional_party_ids)
    item: str = field(converter=item_id)
    perhaps_item: str | None = field(default=None, converter=optional_item_id)
    words: str = field(converter=text)
    perhaps_words: str | None = field(default=None, converter=optional_text)
    at: datetime = field(converter=moment)
    perhaps_at: datetime | None = field(default=None, converter=optional_moment)
    number: int | None = field(default=None, converter=optional_count)
    terms: FrozenDict = field(converter=json_object)
    value: Any = field(converter=json_value, eq=str)


@frozen(kw_only=True)
class Typed:
    """Every type that is known, and a field that nobody gives."""

    by: str | None
    proposal: str
    truce: str | None
    words: str
    number: int
    share: float
    yes: bool
    at: datetime
    never: None
    anything: Any
    terms: FrozenDict
    more: Mapping[str, Any]
    tone: Tone
    unit: Literal["piece", "tonne"]
    weight: Tonnes
    either: int | str
    perhaps: int | None
    perhaps_either: int | str | None
    pair: tuple[str, int]
    row: tuple[Leg, ...]
    crowd: frozenset[int]
    _hidden: int
    made: int = field(init=False, default=7)


def made(cls: type[Any], times: int = 400) -> list[Any]:
    """Some events of a class."""
    build = building(cls)
    return [
        build(Chance.of((n * 7919, n * 104_729 % SIZE, n * 611_953 % SIZE))) for n in range(times)
    ]


def seen(events: list[Any], name: str) -> set[Any]:
    """What stands in a field of some events."""
    return {getattr(each, name) for each in events}


def test_fields_are_drawn_by_their_converters() -> None:
    """A converter of the library says what a field holds: parties, items, moments and so on."""
    events = made(Converted)
    items = {*WHOLE.every_id()}
    assert seen(events, "by") == seen(events, "one") == {*PARTIES}
    assert seen(events, "perhaps_one") == {None, *PARTIES}
    assert {party for each in events for party in each.several} == {*PARTIES}
    assert None in seen(events, "perhaps_several")
    assert seen(events, "item") == items
    assert seen(events, "perhaps_item") == {None, *items}
    assert len(seen(events, "words")) == len(seen(events, "perhaps_words")) - 1 == 2
    assert seen(events, "at") == {hour(number) for number in range(HOURS)}
    assert None in seen(events, "perhaps_at")
    assert {None, 0, 8} <= seen(events, "number")
    assert {len(each.terms) for each in events} == {0, 1, 2}
    assert {type(each.value) for each in events} == {int, float, bool, type(None), str, tuple}


def test_fields_are_drawn_by_their_types() -> None:
    """Where no converter says it, the type does; `by` names a party, `proposal` an item."""
    events = made(Typed)
    assert seen(events, "by") == {None, *PARTIES}
    assert seen(events, "proposal") == {*WHOLE.every_id()}
    assert seen(events, "truce") == {None, *WHOLE.every_id()}
    assert seen(events, "number") == seen(events, "_hidden") == seen(events, "weight")
    assert seen(events, "yes") == {True, False}
    assert {type(value) for value in seen(events, "share")} == {float}
    assert seen(events, "never") == {None}
    assert seen(events, "tone") == {*Tone}
    assert seen(events, "unit") == {"piece", "tonne"}
    assert {type(value) for value in seen(events, "either")} == {int, str}
    assert {type(value) for value in seen(events, "perhaps")} == {int, type(None)}
    assert {type(value) for value in seen(events, "perhaps_either")} == {int, str, type(None)}
    assert {tuple(map(type, value)) for value in seen(events, "pair")} == {(str, int)}
    assert {len(row) for row in seen(events, "row")} == {0, 1, 2}
    assert all(type(leg) is Leg for row in seen(events, "row") for leg in row)
    assert {len(crowd) for crowd in seen(events, "crowd")} == {0, 1, 2}
    assert seen(events, "made") == {7}


def test_fields_that_hold_items_are_known_by_name_or_converter() -> None:
    """An extension's fields hold items as the library's do, and where their converter says so."""
    assert item_fields(Converted) == ("item", "perhaps_item")
    assert item_fields(Typed) == ("proposal", "truce")
    assert item_fields(ng.ProposalMade) == ("proposal", "counters")
    assert item_fields(ng.PositionStated) == ()


@frozen
class Odd:
    """A field of a type that nothing is known of."""

    by: str
    where: complex


@frozen
class OddInside:
    """The same, further in."""

    by: str
    where: tuple[str, complex] | None


@frozen
class Hinted:
    """A type that cannot be found."""

    by: Nowhere  # type: ignore[name-defined]  # noqa: F821  # that is the point


@frozen
class Refusing:
    """A class that refuses everything."""

    by: str

    def __attrs_post_init__(self) -> None:
        raise ValueError("never")


@pytest.mark.parametrize(
    ("cls", "why"),
    [
        (Odd, r"Odd.where: nothing is known of how to draw <class 'complex'>; give events={Odd: "),
        (OddInside, "OddInside.where: nothing is known of how to draw "),
        (Hinted, r"Hinted: the types of its fields cannot be read \(name 'Nowhere' is not defined"),
        (Refusing, r"Refusing refuses whatever is made by the types of its fields \(never\); give"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(cls: type[Any], why: str) -> None:
    """The error names the field and says how a strategy is given; with one, nothing is refused."""
    model = ng.Model.default.extended(ng.Extension("x", "x", cls, None, lambda *_: None))
    with pytest.raises(ng.InvalidModel, match=why):
        kinds_of(model)
    assert kinds_of(model, {cls: st.nothing()}).model is model


def test_what_a_class_refuses_at_times_is_made_otherwise() -> None:
    """A class may refuse some of what its types allow."""

    @frozen
    class Picky:
        number: int

        def __attrs_post_init__(self) -> None:
            if self.number != 8:
                raise ValueError("not that one")

    assert seen(made(Picky), "number") == {8}


def test_an_example_is_given_up_where_nothing_else_helps() -> None:
    """What is refused again and again is no failure, but an example that does not count."""
    allowed = [True]

    @frozen
    class Fickle:
        by: str

        def __attrs_post_init__(self) -> None:
            if not allowed:
                raise ValueError("no more")

    model = ng.Model.default.extended(ng.Extension("x", "x", Fickle, None, lambda *_: None))
    drawn = histories(model=model)
    allowed.clear()

    @settings(
        max_examples=20,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.filter_too_much],
    )
    @given(drawn)
    def look(records: list[ng.Record]) -> None:
        assert Fickle not in {type(each.event) for each in records}

    look()


@pytest.mark.parametrize("cls", [Converted, ng.ProposalMade])
def test_the_events_of_a_given_strategy_stay_as_they_are(cls: type[Any]) -> None:
    """Nothing of an event that the caller's own strategy drew is turned to what stands above it."""
    model = ng.Model.default.extended(ng.Extension("x", "x", Converted, None, lambda *_: None))
    wanted = (
        made(Converted, 1)[0]
        if cls is Converted
        else ng.ProposalMade(proposal="mine", by="north", to=["east"], terms={})
    )
    found: list[Any] = []

    @settings(max_examples=150, database=None, deadline=None, derandomize=True)
    @given(
        histories(model=model, events={cls: st.just(wanted)}),
        full_records(model=model, events={cls: st.just(wanted)}),
    )
    def look(records: list[ng.Record], record: ng.Record) -> None:
        found.extend(each.event for each in (*records, record) if type(each.event) is cls)

    look()
    assert found
    assert all(each == wanted for each in found)
