"""States as JSON and back."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from tests.worked.story import story, t

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


WHOLE: Final = story(
    (t(1), ng.PartyJoined(party="a", role="mediator", name="A")),
    (t(1), ng.ProposalMade(proposal="p", by="a", to=["b"], terms={"x": 1})),
    (t(1), ng.ProposalMade(proposal="q", by="b", to=["a"], terms={}, counters="p")),
    (t(1), ng.PositionStated(by="a", issue="land", value=1, firmness="open")),
    (t(1), ng.TruceDeclared(truce="t", by="a", kind="truce", starts=t(2))),
    (t(1), ng.TruceViolated(violation="v", truce="t", by="a", alleged_by="b", count=3)),
    (t(1), ng.ViolationAssessed(violation="v", by="c", finding="denied")),
    (t(1), ng.DeadlineSet(deadline="d", by="a", on=["b"], due=t(9))),
    (t(1), ng.MeetingScheduled(meeting="m", by="a", parties=["b"], starts=t(3))),
    (t(1), ng.MeetingHeld(meeting="n", parties=["b"])),
    (t(1), ng.StatementMade(by="a", text="so")),
    (t(2), ng.TruceRejected(truce="t", by="a")),
)
"""One item of each kind, and one problem: a truce is rejected once it binds."""


def changed(value: Any, path: str, new: Any) -> Any:
    """A state as JSON in which something is put at a path, or, where `...`, taken away."""
    if not path:
        return new
    step, _, rest = path.partition("/")
    if isinstance(value, list):
        return [
            changed(each, rest, new) if str(n) == step else each for n, each in enumerate(value)
        ]
    rest_of_it = {key: each for key, each in value.items() if key != step}
    if new is ... and not rest:
        return rest_of_it
    return {**rest_of_it, step: changed(value.get(step), rest, new)}


JUNK: Final[tuple[tuple[str, Any, str, str], ...]] = (
    ("proposals", ..., "proposals", "is missing"),
    ("mood", "tense", "mood", "is nothing that a state has there; allowed: as_of, deadlines"),
    ("position", "x", "position", "must be a whole number from 0, not str 'x'"),
    ("position", -1, "position", "must be a whole number from 0, not int -1"),
    ("position", 0, "time", "must be the latest time that counts"),
    ("position", True, "position", "must be a whole number from 0, not bool True"),
    ("id", 5, "id", "must be text, not int 5"),
    ("id", "", "id", "must be an id, which is not empty"),
    ("time", 5, "time", "must be a time such as"),
    ("time", None, "time", "must be the latest time that counts"),
    ("as_of", None, "time", "and stand with as_of"),
    ("as_of", "2031-03-02T01:00:00+01:00", "as_of", "must be str '2031-03-02T00:00:00Z' here"),
    ("known_at", "then", "known_at", "must be a time with an offset"),
    ("known_to", "a b", "known_to", "which holds no white space"),
    ("proposals", 7, "proposals", "must be a JSON object, not int 7"),
    ("proposals/p", 7, "proposals.p", "is not as state_to_json writes it"),
    ("proposals/p/by", ..., "proposals.p", "lacks 'by'"),
    ("proposals/p/by", "", "proposals.p", "must be a party's id, which is not empty"),
    ("proposals/p/status", "open", "proposals.p.status", "must be str 'countered' here, not str"),
    ("proposals/p/mood", 1, "proposals.p.mood", "did you mean 'made'? allowed: ans"),
    ("proposals/p/answers/b", "maybe", "proposals.p", "must be one of accepted, rejected, count"),
    ("proposals/p/answers/c", "accepted", "proposals.p", "the party 'c', which is not one of b"),
    ("proposals/p/countered_by", [""], "proposals.p", "must be an id, which is not empty"),
    ("proposals/p/terms/x", float("nan"), "proposals.p", "is no JSON number"),
    ("proposals/p/records", "e2", "proposals.p.records", "must be a list here, not str 'e2'"),
    ("proposals/p/records/0", "", "proposals.p", "id must not be empty"),
    ("truces/t/commitments/a b", {}, "truces.t", "which holds no white space"),
    ("truces/t/rejected_by", ["b", "a"], "truces.t.rejected_by[0]", "must be str 'a' here, not"),
    ("truces/t/rejected_by", ["b", "b"], "truces.t.rejected_by", "a list of 1, not of 2"),
    ("truces/t/mutual", ..., "truces.t.mutual", "is missing"),
    ("truces/t/mutual", 0, "truces.t.mutual", "must be bool False here, not int 0"),
    ("violations/v/findings/c", "unsure", "violations.v", "must be one of denied"),
    ("violations/v/replaced_by", 5, "violations.v", "must be text, not int 5"),
    ("violations/v/qualifier", None, "violations.v.qualifier", "must be str 'exact' here, not n"),
    ("deadlines/d/status", "over", "deadlines.d.status", "must be str 'pending' here"),
    ("meetings/m/status", "over", "meetings.m", "must be one of scheduled, held, cancelled"),
    ("meetings/n/status", "scheduled", "meetings.n", "must be one of held"),
    ("meetings/m/place", 5, "meetings.m", "must be text, not int 5"),
    ("parties/a/role", "queen", "parties.a", "must be one of principal"),
    ("parties/a/name", 5, "parties.a", "must be text, not int 5"),
    ("parties/a/status", "gone", "parties.a.status", "must be str 'active' here, not str 'gone'"),
    ("parties/a/positions", 5, "parties.a.positions", "must be a JSON object"),
    ("parties/a/positions/land/firmness", "?", "parties.a.positions.land", "must be one of open"),
    ("parties/a/replies_owed", [], "parties.a.replies_owed", "must be a list of 1, not of 0"),
    ("parties/b/last_heard", 5, "parties.b", "must be a time such as"),
    ("parties/a b", {}, 'parties["a b"]', "which holds no white space"),
    ("problems", 5, "problems", "is not as state_to_json writes it"),
    ("problems/0/code", "nonsense", "problems[0]", "must be one of used-id"),
    ("problems/0/position", 0, "problems[0]", "must be a whole number from 1, not int 0"),
    ("problems/0/party", "", "problems[0]", "must be a party's id"),
    ("problems/0/message", None, "problems[0]", "must be text, not nothing"),
    ("problems/0/mood", 1, "problems[0]", "unexpected keyword argument 'mood'"),
    ("slices", [], "slices", "must be a JSON object, not a list"),
    ("slices/tally", object(), "", "a object has no JSON form"),
)


@pytest.mark.parametrize(
    ("path", "new", "where", "reason"),
    JUNK,
    ids=[f"{path} {n}" for n, (path, *_) in enumerate(JUNK)],
)
def test_json_that_is_no_state_is_refused(path: str, new: Any, where: str, reason: str) -> None:
    """Whatever a state is not written as is refused, with the path to the first wrong part."""
    told = ng.state_to_json(ng.replay(WHOLE))
    with pytest.raises(ng.DecodeError, match=re.escape(reason)) as refused:
        ng.state_from_json(changed(told, path, new))
    assert refused.value.path == where


@pytest.mark.parametrize("value", [None, 5, [], "{}"])
def test_what_is_no_object_is_no_state(value: Any) -> None:
    """A state is a JSON object."""
    with pytest.raises(ng.DecodeError, match="must be a JSON object, a state, not"):
        ng.state_from_json(value)
