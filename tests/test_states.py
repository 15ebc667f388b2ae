"""States as JSON and back."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

import negotiation as ng
from tests.worked.story import t

REPORT = ng.read_log("examples/easter_truce_2025.jsonl")


def there_and_back(state: ng.Negotiation, **options: Any) -> ng.Negotiation:
    """The state that the JSON text of a state holds."""
    return ng.state_from_json(json.loads(json.dumps(ng.state_to_json(state))), **options)


def test_a_state_comes_back_as_it_was() -> None:
    """Every state on the way through the report is equal to itself read from JSON."""
    for _, state in ng.steps(REPORT):
        again = there_and_back(state)
        assert again == state
        assert ng.state_to_json(again) == ng.state_to_json(state)


def test_a_state_that_was_read_can_be_evolved() -> None:
    """A state read from JSON takes the next record as the state that was written would."""
    log = ng.Log("talks").append(
        ng.ProposalMade(proposal="p1", by="a", to=["b"], terms={"x": 1}), time=t(1)
    )
    log = log.append(ng.TruceObserved(truce="t", by="a", claimed_by="b"), time=t(2), strict=False)
    longer = log.append(ng.ProposalAccepted(proposal="p1", by="b"), time=t(3))
    again = there_and_back(ng.replay(log))
    assert ng.evolve(again, longer[-1]) == ng.replay(longer)


@attrs.frozen
class Tally:
    """A slice with a set in it."""

    seen: frozenset[str] = frozenset()


def test_slices_come_back_in_their_types() -> None:
    """What an extension folded is read back in the types of its initial value."""

    @ng.event
    @attrs.frozen(kw_only=True)
    class Noted:
        by: str

    def reduce(tally: Tally, record: ng.Record) -> Tally:
        return Tally(tally.seen | {record.id})

    model = ng.Model.default.extended(
        ng.Extension("tally", "noted", Noted, Tally(), reduce),
    )
    log = ng.Log("talks").append(Noted(by="a"), time=t(1), model=model)
    state = ng.replay(log, model=model)
    assert state.slices["tally"] == Tally(frozenset({"e1"}))
    assert there_and_back(state, model=model) == state
    assert there_and_back(state).slices["tally"] == {"seen": ["e1"]}


def test_what_has_no_json_form_is_refused() -> None:
    """A slice that JSON cannot hold is named when the state is written."""

    @ng.event
    @attrs.frozen(kw_only=True)
    class Noted:
        by: str

    model = ng.Model.default.extended(
        ng.Extension("odd", "noted", Noted, object(), lambda odd, _: odd)
    )
    with pytest.raises(ng.EncodeError, match="a object has no JSON form"):
        ng.state_to_json(ng.replay(ng.Log("talks"), model=model))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [({}, "lacks 'proposals'"), ({"proposals": 7}, "no state"), ({"proposals": {"p": 7}}, "no")],
)
def test_json_that_is_no_state_is_refused(broken: dict[str, Any], reason: str) -> None:
    """What is no state is told as such, in an error of the library."""
    with pytest.raises(ng.DecodeError, match=reason):
        ng.state_from_json(broken)
