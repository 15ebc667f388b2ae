"""The laws of the fold, for random logs as random parties know them at random times."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import hypothesis.strategies as st
from hypothesis import assume, given

import negotiation as ng
from tests.properties import laws
from tests.properties.strategies import (
    OUTSIDER,
    PARTIES,
    WHOLE,
    Asked,
    continued,
    full_records,
    hidden_changes,
    histories,
    json_values,
    knowledge,
    neighbours,
    pasts,
    taken_back,
    wild_histories,
)

Records = list[ng.Record]

NEW_PARTIES: Final = (*PARTIES, OUTSIDER, "Zürich", "n.n.", "0", "a,b")
NEW_ITEMS: Final = (*WHOLE.every_id(), "draft 2", "é", "1", "zz")


@given(histories(), pasts())
def test_purity(records: Records, asked: Asked) -> None:
    """The same log asked the same gives the same state, and stays as it was."""
    laws.purity(records, asked)


@given(continued(), knowledge())
def test_purity_of_evolve(parts: tuple[Records, Records], asked: Asked) -> None:
    """Two states can grow from one state, and none of the three is changed by it."""
    laws.evolving_is_pure(*parts, asked)


@given(histories() | wild_histories(), pasts())
def test_totality(records: Records, asked: Asked) -> None:
    """Any sequence of any events has a state."""
    laws.totality(records, asked)


@given(continued(), knowledge())
def test_prefix(parts: tuple[Records, Records], asked: Asked) -> None:
    """Evolving a state with what follows gives the state of all, whoever knows it."""
    laws.prefix(*parts, asked)


@given(histories(), pasts())
def test_steps_equal_replay(records: Records, asked: Asked) -> None:
    """Each step is what replay says as of that moment, the last one what it says in the end."""
    laws.steps(records, asked)


@given(histories(), pasts())
def test_steps_are_evolved(records: Records, asked: Asked) -> None:
    """Each step that is next in log order is what evolving the one before gives."""
    laws.steps_are_evolved(records, asked)


@given(histories(), pasts())
def test_idempotence(records: Records, asked: Asked) -> None:
    """Second copies change nothing, wherever they stand."""
    laws.idempotence(records, asked)


@given(st.lists(full_records(), max_size=3) | histories())
def test_round_trip_of_records(records: Records) -> None:
    """Any record is read back from its line as it was."""
    laws.round_trip(records)


@given(histories() | wild_histories(), pasts())
def test_round_trip_of_states(records: Records, asked: Asked) -> None:
    """Any state is read back from its JSON as it was."""
    laws.states_round_trip(records, asked)


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


@given(histories(), pasts(), st.permutations(NEW_PARTIES), st.permutations(NEW_ITEMS))
def test_renaming(records: Records, asked: Asked, parties: list[str], items: list[str]) -> None:
    """What a party or an item is called has no bearing on anything."""
    new_parties = dict(zip((*PARTIES, OUTSIDER), parties, strict=False))
    new_items = dict(zip(WHOLE.every_id(), items, strict=False))
    laws.renaming(records, asked, new_parties, new_items)


@given(histories(), pasts(), st.timedeltas(timedelta(days=-365_000), timedelta(days=365_000)))
def test_time_shift(records: Records, asked: Asked, by: timedelta) -> None:
    """When the whole story takes place has no bearing on what happens in it."""
    laws.time_shift(records, asked, by)


@given(neighbours(), pasts())
def test_commutation(case: tuple[Records, int], asked: Asked) -> None:
    """The order of two records at once that have nothing in common has no bearing."""
    laws.commutation(*case, asked)


@given(hidden_changes(), pasts())
def test_non_interference(case: tuple[Records, Records, str], asked: Asked) -> None:
    """What a party does not know cannot change what it knows."""
    laws.non_interference(*case, asked)


@given(taken_back(), pasts())
def test_retraction(records: Records, asked: Asked) -> None:
    """What was said and taken back was never said, for whoever knows both or neither."""
    viewer, by = asked["known_to"], asked["known_at"]
    knows = {
        each.visible(viewer) and (by is None or each.recorded <= by)
        for each in laws.unique(records)
        if each.id in ("said", "unsaid")
    }
    assume(len(knows) == 1)
    laws.retraction(records, "unsaid", asked)


@given(histories(), pasts())
def test_finality(records: Records, asked: Asked) -> None:
    """What is over stays over."""
    laws.finality(records, asked)


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
    log, other = laws.log_of(records), laws.log_of(others if swap else records)
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
