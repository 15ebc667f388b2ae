"""The values that events are made of: what may stand in them, and that nothing changes them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

import negotiation as ng
from negotiation import values
from negotiation.values import Refused

LONE_SURROGATE: Final = "\ud800"
THREE_ONES: Final = (1, 1.0, True)


def nested(depth: int) -> Any:
    """Lists in lists, so deep."""
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


# JSON


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        (True, True),
        (0, 0),
        (-1.5, -1.5),
        ("naïve", "naïve"),
        ([1, [2]], (1, (2,))),
        ((), ()),
        ({"a": [1]}, ng.FrozenDict({"a": [1]})),
        (MappingProxyType({"a": None}), ng.FrozenDict({"a": None})),
    ],
)
def test_a_json_value_is_kept_frozen(given: Any, kept: Any) -> None:
    """Lists become tuples, objects become FrozenDict, and what is frozen stays as it is."""
    frozen = values.freeze(given)
    assert frozen == kept
    assert type(frozen) is type(kept)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (float("nan"), "holds nan, which is no JSON number"),
        (float("inf"), "holds inf, which is no JSON number"),
        ([float("-inf")], "holds -inf, which is no JSON number"),
        ({1, 2}, "holds a set; JSON has text, finite numbers, booleans, null, lists, objects"),
        (b"x", "holds a bytes; JSON has"),
        ([datetime(2031, 3, 1, tzinfo=UTC)], "holds a datetime; JSON has"),
        ({1: "x"}, "has the key 1; the keys of a JSON object are text"),
        ({"a": {None: 1}}, "has the key None; the keys of a JSON object are text"),
        (LONE_SURROGATE, r"holds a lone surrogate, which is no character: '\ud800'"),
        ({LONE_SURROGATE: 1}, "holds a lone surrogate"),
        (["é" + LONE_SURROGATE], "holds a lone surrogate"),
        (2**values.MAX_INT_BITS, "holds a whole number of more than 14000 bits"),
        (nested(201), "nests deeper than 200 levels"),
        ({"a": nested(200)}, "nests deeper than 200 levels"),
    ],
)
def test_what_is_no_json_is_refused(given: Any, reason: str) -> None:
    """A value that JSON does not have is refused, and the message says what JSON has."""
    with pytest.raises(Refused) as refused:
        values.freeze(given)
    assert reason in str(refused.value)


def test_a_list_that_holds_itself_is_refused() -> None:
    """A value without an end nests too deep."""
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(Refused, match="nests deeper than 200 levels"):
        values.freeze(endless)


@pytest.mark.parametrize("value", [nested(200), {"a": nested(199)}, 2**13_999, "\U0001f54a"])
def test_what_is_within_the_limits_is_taken(value: Any) -> None:
    """200 levels, 14,000 bits and any character may stand in a value."""
    assert values.thaw(values.freeze(value)) == value


@pytest.mark.parametrize(
    "value", [None, True, 1, 1.5, "x", [1, [2, {"a": None}]], {"b": {"c": []}, "a": [{}]}]
)
def test_thawing_undoes_freezing(value: Any) -> None:
    """A thawed value is the one that was frozen, in plain dicts and lists."""
    assert values.thaw(values.freeze(value)) == value
    assert type(values.thaw(values.freeze(value))) is type(value)


class Number(int):
    """A whole number of a class of its own."""


class Fraction(float):
    """A number of a class of its own."""


class Words(str):
    """A text of a class of its own."""

    __slots__ = ()


class Colour(str, Enum):  # noqa: UP042  # of the older kind, whose str() is not its text
    """A text that is one of several."""

    RED = "red"


@pytest.mark.parametrize("value", [Number(3), Fraction(1.5), Words("so"), Colour.RED], ids=repr)
def test_subclasses_are_kept_as_plain_values(value: Any) -> None:
    """What is a number or a text in its caller's own class is kept as a plain one."""
    frozen = values.freeze([value])
    assert frozen == (value,)
    assert isinstance(frozen, tuple)
    assert type(frozen[0]) in {int, float, str}


def test_numbers_and_truth_are_three_values() -> None:
    """1, 1.0 and True are different, alone, in lists and in objects."""
    for index, one in enumerate(THREE_ONES):
        for other in THREE_ONES[index + 1 :]:
            assert not values.same_json(one, other)
            assert not values.same_json([one], [other])
            assert ng.FrozenDict({"a": one}) != ng.FrozenDict({"a": other})
            assert ng.FrozenDict({"a": [one]}) != {"a": [other]}
    assert not values.same_json(0.0, -0.0)


def test_the_order_of_members_does_not_matter() -> None:
    """Two objects with the same members are the same value; two lists must agree in order."""
    assert values.same_json({"a": 1, "b": [2, 3]}, {"b": [2, 3], "a": 1})
    assert not values.same_json([1, 2], [2, 1])
    assert values.same_json([1, 2], (1, 2))


# FrozenDict


def test_a_frozen_dict_is_a_mapping() -> None:
    """It is read like a dict and shows itself like one."""
    terms = ng.FrozenDict({"price": 3, "weeks": [1, 2]})
    assert isinstance(terms, Mapping)
    assert terms["price"] == 3
    assert list(terms) == ["price", "weeks"]
    assert len(terms) == 2
    assert "price" in terms
    assert "cost" not in terms
    assert dict(terms) == {"price": 3, "weeks": (1, 2)}
    assert {**terms} == dict(terms)
    assert repr(terms) == "{'price': 3, 'weeks': (1, 2)}"
    with pytest.raises(KeyError):
        terms["cost"]


@pytest.mark.parametrize(
    "items", [{}, {"a": 1}, [("a", 1), ("b", {"c": []})], ng.FrozenDict({"a": [None]})]
)
def test_a_frozen_dict_is_made_like_a_dict(items: Any) -> None:
    """From nothing, a mapping or pairs."""
    assert ng.FrozenDict(items) == dict(items)


def test_a_frozen_dict_refuses_what_is_no_json() -> None:
    """Its keys are text and its values JSON."""
    with pytest.raises(Refused, match="the keys of a JSON object are text"):
        ng.FrozenDict({1: 2})  # type: ignore[arg-type]  # refusing it is the test
    with pytest.raises(ng.NegotiationError, match="holds a set"):
        ng.FrozenDict({"a": {2}})


CHANGES: Final[dict[str, Callable[[Any], object]]] = {
    "setting a member": lambda terms: terms.__setitem__("a", 2),
    "deleting a member": lambda terms: terms.__delitem__("a"),
    "updating": lambda terms: terms.update(b=1),
    "replacing its slot": lambda terms: setattr(terms, "_items", {}),
    "deleting its slot": lambda terms: delattr(terms, "_items"),
    "a new attribute": lambda terms: setattr(terms, "other", 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_frozen_dict_cannot_be_changed(change: str) -> None:
    """Nothing that changes a dict is there, and its slots are closed."""
    terms = ng.FrozenDict({"a": 1})
    with pytest.raises((AttributeError, TypeError)):
        CHANGES[change](terms)
    assert terms == {"a": 1}


def test_a_frozen_dict_is_equal_to_what_is_the_same() -> None:
    """Equal to any mapping of the same JSON and to nothing else; equal ones hash alike."""
    one, other = ng.FrozenDict({"a": [1], "b": 2}), ng.FrozenDict({"b": 2, "a": (1,)})
    assert one == other
    assert hash(one) == hash(other)
    assert one == {"a": [1], "b": 2}
    assert one.__eq__({"b": 2, "a": [1]}) is True
    assert one != {"a": [1]}
    assert one != [("a", [1]), ("b", 2)]
    assert one != "a"
    assert one != {"a": 10**5000}
    assert {one: "found"}[other] == "found"


def test_a_frozen_dict_is_copied_as_itself() -> None:
    """A copy of what cannot change is the thing itself; pickling gives an equal one."""
    terms = ng.FrozenDict({"a": [1.0, {"b": None}]})
    assert copy.copy(terms) is terms
    assert copy.deepcopy(terms) is terms
    assert copy.deepcopy([terms])[0] is terms
    assert pickle.loads(pickle.dumps(terms)) == terms  # noqa: S301  # pickled one line above


def test_merging_replaces_members() -> None:
    """The members of the other stand in place of its own; both stay as they were."""
    terms, newer = ng.FrozenDict({"a": 1, "b": 2}), ng.FrozenDict({"b": 3, "c": 4})
    assert terms.merged(newer) == {"a": 1, "b": 3, "c": 4}
    assert terms == {"a": 1, "b": 2}
    assert newer == {"b": 3, "c": 4}


# Texts and ids


@pytest.mark.parametrize(
    ("convert", "given", "reason"),
    [
        (values.text, 3, "must be text, not int 3"),
        (values.text, None, "must be text, not nothing"),
        (values.text, Words("x"), "must be text, not"),
        (values.text, LONE_SURROGATE, "holds a lone surrogate"),
        (values.optional_text, b"x", "must be text, not a bytes"),
        (values.item_id, "", "must be an id, which is not empty"),
        (values.item_id, 7, "must be text, not int 7"),
        (values.optional_item_id, "", "must be an id, which is not empty"),
        (values.party_id, "", "must be a party's id, which is not empty"),
        (values.party_id, "the north", "must be a party's id, which holds no white space"),
        (values.party_id, "north\n", "which holds no white space: 'north\\n'"),
        (values.party_id, "no\u00a0rth", "which holds no white space"),
        (values.party_id, " ", "which holds no white space"),
        (values.optional_party_id, "", "must be a party's id, which is not empty"),
        (values.party_ids, [], "must name at least one party"),
        (values.party_ids, "north", "must be a list of parties' ids, not str 'north'"),
        (values.party_ids, b"north", "must be a list of parties' ids, not a bytes"),
        (values.party_ids, {"north": 1}, "must be a list of parties' ids, not a dict"),
        (values.party_ids, 5, "must be a list of parties' ids, not int 5"),
        (values.party_ids, None, "must be a list of parties' ids, not nothing"),
        (values.party_ids, ["a", ""], "[1] must be a party's id, which is not empty"),
        (values.party_ids, ["a", 3], "[1] must be text, not int 3"),
        (values.party_ids, ["é f"], "[0] must be a party's id, which holds no white space: 'é f'"),
        (values.party_ids, ["a", "b", "a"], "[2] names 'a' again; each party stands there once"),
        (values.optional_party_ids, [], "must name at least one party"),
        (values.optional_count, -1, "must be a whole number of zero or more, not int -1"),
        (values.optional_count, 1.0, "must be a whole number of zero or more, not float 1.0"),
        (values.optional_count, True, "must be a whole number of zero or more, not bool True"),
        (values.optional_count, "3", "must be a whole number of zero or more, not str '3'"),
        (values.optional_count, 2**14_000, "holds a whole number of more than 14000 bits"),
        (values.optional_count, -(2**14_000), "must be a whole number of zero or more, not int …"),
        (values.json_object, [1], "must be a JSON object, not a list"),
        (values.json_object, None, "must be a JSON object, not nothing"),
    ],
)
def test_a_wrong_value_is_refused(convert: Callable[[Any], Any], given: Any, reason: str) -> None:
    """Each converter says what may stand there and what it was given."""
    with pytest.raises(Refused) as refused:
        convert(given)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("convert", "given", "kept"),
    [
        (values.text, "", ""),
        (values.optional_text, None, None),
        (values.item_id, "annexed land, 2nd draft", "annexed land, 2nd draft"),
        (values.item_id, "é", "é"),
        (values.optional_item_id, None, None),
        (values.party_id, "n.n./é-1", "n.n./é-1"),
        (values.optional_party_id, None, None),
        (values.party_ids, ["b", "a"], ("b", "a")),
        (values.party_ids, ("é",), ("é",)),
        (values.party_ids, iter(["a", "b"]), ("a", "b")),
        (values.optional_party_ids, None, None),
        (values.optional_count, 0, 0),
        (values.optional_count, None, None),
        (values.json_object, {"a": 1}, ng.FrozenDict({"a": 1})),
        (values.json_object, MappingProxyType({}), ng.FrozenDict()),
        (values.json_value, [1], (1,)),
    ],
)
def test_a_right_value_is_kept(convert: Callable[[Any], Any], given: Any, kept: Any) -> None:
    """Each converter gives the one form in which the library keeps a value."""
    converted = convert(given)
    assert converted == kept
    assert type(converted) is type(kept)


def test_a_frozen_object_is_not_frozen_again() -> None:
    """An object that is frozen already is kept as it is; inside a value it stays the same."""
    terms = ng.FrozenDict({"a": 1})
    assert values.json_object(terms) is terms
    assert values.json_value([terms]) == (terms,)


def test_one_of_several_words() -> None:
    """A word from a closed list is itself; any other is refused with the list."""
    assert values.one_of("b", ("a", "b")) == "b"
    with pytest.raises(Refused, match=r"must be one of a, b, not str 'c'"):
        values.one_of("c", ("a", "b"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (3, "int 3"),
        (True, "bool True"),
        ("x", "str 'x'"),
        (1.5, "float 1.5"),
        ([1], "a list"),
        (10**400, "int …"),
        ("x" * 100, "str '" + "x" * 56 + "..."),
    ],
)
def test_a_value_is_described_in_few_words(value: object, words: str) -> None:
    """A message names the kind of a value and, where it is short, the value."""
    assert values.describe(value) == words


# Moments

NOON: Final = datetime(2031, 3, 1, 12, tzinfo=UTC)


class OwnDatetime(datetime):
    """A datetime of a class of its own."""


class Nanoseconds(datetime):
    """A datetime that is finer than the library keeps."""

    nanosecond = 7


@pytest.mark.parametrize(
    "given",
    [
        NOON,
        NOON.astimezone(timezone(timedelta(hours=3))),
        NOON.astimezone(ZoneInfo("Asia/Tokyo")),
        OwnDatetime(2031, 3, 1, 12, tzinfo=UTC),
    ],
)
def test_a_moment_is_kept_in_utc(given: datetime) -> None:
    """Whatever its zone and its class, a moment is a plain datetime in UTC."""
    kept = values.moment(given)
    assert kept == NOON
    assert kept.tzinfo is UTC
    assert type(kept) is datetime


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("2031-03-01", "must be a datetime with a time zone, not str '2031-03-01'"),
        (None, "must be a datetime with a time zone, not nothing"),
        (NOON.date(), "must be a datetime with a time zone, not a date"),
        (NOON.replace(tzinfo=None), "must have a time zone; 2031-03-01T12:00:00 has none"),
        (Nanoseconds(2031, 3, 1, tzinfo=UTC), "must be given in microseconds at most"),
        (
            datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
            "lies outside the years 1 to 9999 in UTC: 0001-01-01T00:00:00+01:00",
        ),
        (
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
            "lies outside the years 1 to 9999 in UTC",
        ),
    ],
)
def test_what_is_no_moment_is_refused(given: Any, reason: str) -> None:
    """A moment has a zone, microseconds at most, and a place in the years 1 to 9999."""
    with pytest.raises(Refused) as refused:
        values.moment(given)
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    "given", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_the_first_and_the_last_moment_can_be_kept(given: datetime) -> None:
    """All that datetime has in UTC can be a moment."""
    assert values.optional_moment(given) == given
    assert values.optional_moment(None) is None
