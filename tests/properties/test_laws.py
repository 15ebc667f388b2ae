"""The laws of the fold, for random logs as random parties know them at random times."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

import negotiation as ng
from negotiation.testing.histories import Asked, continued, histories, knowledge, pasts
from negotiation.testing.laws import log_of
from negotiation.testing.wild import json_values, wild_histories
from tests.properties import laws
from tests.properties.quotes import QUOTES

Records = list[ng.Record]


class TestDefaultModel(ng.testing.ModelLaws):
    """The library keeps the laws."""


class TestWithExtensions(ng.testing.ModelLaws):
    """It keeps them with events and slices of a user's own."""

    model = QUOTES


@given(histories(), pasts())
def test_steps_equal_replay(records: Records, asked: Asked) -> None:
    """Each step is what replay says as of that moment, the last one what it says in the end."""
    laws.steps(records, asked)


@given(histories(), pasts())
def test_steps_are_evolved(records: Records, asked: Asked) -> None:
    """Each step that is next in log order is what evolving the one before gives."""
    laws.steps_are_evolved(records, asked)


@given(histories(), pasts(), st.lists(st.integers(0, 99), min_size=1, max_size=6), json_values)
def test_states_are_read_strictly(
    records: Records, asked: Asked, steps: list[int], junk: object
) -> None:
    """What no state is written as is refused, and never mended."""
    laws.states_are_read_strictly(records, asked, steps, junk)


@given(continued(), knowledge())
def test_restored_states_evolve_alike(parts: tuple[Records, Records], asked: Asked) -> None:
    """Reading a state back and going on from it is as good as never having written it."""
    laws.restored_states_evolve_alike(*parts, asked)


@given(histories() | wild_histories(), pasts())
def test_phases_are_in_the_tables(records: Records, asked: Asked) -> None:
    """The lifecycles hold: whatever phase something comes to, its table says so."""
    laws.in_the_tables(records, asked)


@given(histories(), pasts())
def test_as_the_rules_say(records: Records, asked: Asked) -> None:
    """The state is that of a second, slow reading of the rules, but for messages."""
    laws.as_the_rules_say(records, asked)


@given(histories(6), pasts(), histories(6), pasts(), st.booleans())
def test_equality_of_states(
    records: Records, asked: Asked, others: Records, asked_of_others: Asked, swap: bool
) -> None:
    """States are equal if, and only if, their JSON is, however they were come by."""
    log, other = log_of(records), log_of(others if swap else records)
    laws.equality(ng.replay(log, **asked), ng.replay(other, **asked_of_others))
    for _, state in ng.steps(log, **asked):
        laws.equality(state, ng.replay(log, **asked))


@given(json_values, json_values)
def test_equality_of_values(one: object, other: object) -> None:
    """Frozen objects are equal, and hash alike, if and only if they are the same JSON."""
    left, right = ng.FrozenDict({"v": one}), ng.FrozenDict({"v": other})
    equal = laws.exactly(one) == laws.exactly(other)
    assert (left == right) is equal
    assert not equal or hash(left) == hash(right)
    assert left == ng.FrozenDict({"v": one})
    assert hash(left) == hash(ng.FrozenDict({"v": one}))
