"""What states and records say, told in a form that is compared strictly."""

from __future__ import annotations

from typing import Any

import pytest

from negotiation.testing.telling import same, told


class Names(list[str]):
    """A list that somebody made a class of their own for."""


def test_values_of_other_types_are_told_apart() -> None:
    """1, 1.0 and true are three values."""
    assert len({told(1), told(1.0), told(True)}) == 3  # a value like the others


@pytest.mark.parametrize("value", [{"b", "a", "c"}, frozenset({2, "a", 1.5}), {None, 3}])
def test_a_set_is_told_in_one_order(value: Any) -> None:
    """Whatever its members are."""
    members = told(value)

    assert isinstance(members, tuple)
    assert members == told({*sorted(value, key=repr, reverse=True)})
    assert sorted(map(repr, members)) == sorted(repr(told(each)) for each in value)


def test_a_list_of_another_class_is_a_list() -> None:
    """What is compared is what it holds."""
    assert told(Names(["a"])) == told(["a"]) == told(("a",))


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ({"a": 1}, {}, "they differ at .a: it is missing in the other"),
        ({}, {"a": 1}, "they differ at .a: it is missing in one"),
        ({"a": [1, 2]}, {"a": [1, 3]}, "they differ at .a[1]: 2, 3"),
        ({"a": [1]}, {"a": [1, 2]}, "they differ at .a: [1], [1, 2]"),
        (1, 1.0, "they differ at : 1, 1.0"),
    ],
)
def test_where_two_differ_is_said(one: Any, other: Any, message: str) -> None:
    """The first place and what stands there."""
    with pytest.raises(AssertionError) as caught:
        same(told(one), told(other))
    assert str(caught.value) == message
