"""What changed between two states: by path, old and new; and what carrying it out gives."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest

import negotiation as ng

from .story import story, t

OFFER = (
    t(1),
    ng.ProposalMade(
        proposal="pay", by="union", to=["works"], terms={"rate": 1, "weeks": 4}, expires=t(9)
    ),
)
LULL = (
    t(2),
    ng.TruceDeclared(
        truce="lull", by="union", kind="truce", binds=["union", "works"], starts=t(4), ends=t(6)
    ),
)
CLAIM = (
    t(3),
    ng.TruceViolated(
        violation="horn", truce="lull", by="works", alleged_by="union", begins=t(4), ends=t(5)
    ),
)


def changed(before: ng.Negotiation, after: ng.Negotiation) -> list[str]:
    """The changes in words, without those of the moment and of what was last heard."""
    left_out = ("position", "time", "as_of", "known_at", "known_to")
    return [
        str(change)
        for change in ng.diff(before, after).changes
        if change.path not in left_out and not change.path.endswith("last_heard")
    ]


def evolved(*entries: Any) -> tuple[ng.Negotiation, ng.Negotiation]:
    """The state before the last of these entries, and the one that evolved from it."""
    *_, (_, before), (_, after) = ng.steps(story(*entries))
    return before, after


def test_a_change_has_a_path_and_says_what_was_and_what_is() -> None:
    """A status that changed is told with its path, its old and its new value."""
    before, after = evolved(OFFER, (t(2), ng.ProposalRejected(proposal="pay", by="works")))
    change = next(c for c in ng.diff(before, after).changes if c.path == "proposals.pay.status")

    assert change == ng.Change("proposals.pay.status", "changed", "open", "rejected")
    assert str(change) == "proposals.pay.status: open → rejected"


def test_changes_stand_in_the_order_of_a_state() -> None:
    """First the moment, then the parties, then the items, each by name and attribute."""
    before, after = evolved(OFFER, (t(2), ng.ProposalRejected(proposal="pay", by="works")))

    assert str(ng.diff(before, after)).splitlines() == [
        "position: 1 → 2",
        "time: 2031-03-01 00:00Z → 2031-03-02 00:00Z",
        "as_of: 2031-03-01 00:00Z → 2031-03-02 00:00Z",
        "parties.union.replies_awaited.pay: removed",
        "parties.works.replies_owed.pay: removed",
        "parties.works.last_heard: none → 2031-03-02 00:00Z",
        "proposals.pay.answers.works: added: rejected",
        "proposals.pay.status: open → rejected",
        "proposals.pay.records: + e2",
    ]


def test_what_appears_is_one_change() -> None:
    """A new item is added as a whole, at its own path; what is null in it is no change."""
    before, after = evolved(OFFER, LULL)
    added = next(c for c in ng.diff(before, after).changes if c.path == "truces.lull")

    assert (added.kind, added.old, added.new) == ("added", None, after.truces["lull"])
    assert str(added).startswith("truces.lull: added: id lull, declared by union, kind truce")
    gone = next(c for c in ng.diff(after, before).changes if c.path == "truces.lull")
    assert gone == ng.Change("truces.lull", "removed", after.truces["lull"], None)
    assert str(gone).startswith("truces.lull: removed: id lull")


def test_terms_are_compared_by_name() -> None:
    """A clarified term is one change, and 1, 1.0 and true are three values."""
    for value, words in (
        (1.0, "1 → 1.0"),
        (True, "1 → true"),
        ("1", "1 → '1'"),
        (None, "1 → none"),
    ):
        clarified = ng.ProposalClarified(
            proposal="pay", by="union", terms={"rate": value, "weeks": 4}
        )
        assert changed(*evolved(OFFER, (t(2), clarified))) == [
            f"proposals.pay.terms.rate: {words}",
            "proposals.pay.records: + e2",
        ]


def test_a_term_that_stays_is_no_change() -> None:
    """Saying the same term again changes nothing but the records of the proposal."""
    for value in (1.5, {"a": [1, 1.0]}, [True]):
        offer = (t(1), ng.ProposalMade(proposal="p", by="a", to=["b"], terms={"x": value}))
        again = ng.ProposalClarified(proposal="p", by="a", terms={"x": value})
        assert changed(*evolved(offer, (t(2), again))) == ["proposals.p.records: + e2"]


def test_a_list_is_one_value() -> None:
    """A list that grew, shrank or became another is told as such."""

    def became(old: list[object], new: list[object]) -> str:
        first, second = (
            ng.PositionStated(by="a", issue="towns", value=value, firmness="demand")
            for value in (old, new)
        )
        changes = changed(*evolved((t(1), first), (t(2), second)))
        return next(each for each in changes if ".value" in each).partition(": ")[2]

    assert became(["x"], ["x", "y", "z"]) == "+ y, z"
    assert became(["x", "y"], ["x"]) == "- y"
    assert became(["x", "y"], ["z", "y"]) == "x, y → z, y"
    assert became([{"of": [1.5]}], []) == "- of: 1.5"
    assert became([], [None]) == "+ none"


def test_a_truce_that_time_ends_changes_by_time_alone() -> None:
    """The same facts at two moments differ in what depends on the moment, and in nothing else."""
    state = ng.replay(story(LULL, CLAIM))
    in_force = attrs.evolve(state, as_of=t(4))

    assert changed(state, in_force) == [
        "truces.lull.mutual: false → true",
        "truces.lull.status: declared → in-force",
        "violations.horn.bound: false → true",
        "violations.horn.in_effect: false → true",
    ]
    assert changed(in_force, state) == [
        "truces.lull.mutual: true → false",
        "truces.lull.status: in-force → declared",
        "violations.horn.bound: true → false",
        "violations.horn.in_effect: true → false",
    ]


def test_a_truce_declared_later_changes_the_claims_about_it() -> None:
    """A claim attaches when its truce appears, though nobody touched the claim."""
    began = ng.TruceDeclared(truce="lull", by="works", kind="truce")
    *_, (_, before), (_, after) = ng.steps(story((t(1), CLAIM[1]), (t(2), began)))

    assert [each for each in changed(before, after) if each.startswith("violations")] == [
        "violations.horn.bound: false → true",
        "violations.horn.in_effect: false → true",
    ]


def test_a_claim_that_appears_leaves_its_truce_alone() -> None:
    """What a new claim is about is compared with it, and has not changed."""
    before, after = evolved(LULL, CLAIM)

    assert [each.partition(": ")[0] for each in changed(before, after)] == [
        "parties.union.violations_alleged_by.horn",
        "parties.works.violations_alleged_against.horn",
        "violations.horn",
    ]


def test_a_claim_that_appears_is_read_with_its_truce() -> None:
    """What is added says whether the accused was bound, under a truce that did not change."""
    before, after = evolved(LULL, (t(5), CLAIM[1]))
    added = next(c for c in ng.diff(before, after).changes if c.path == "violations.horn")

    assert added.new == after.violations["horn"]
    assert added.new.bound
    assert not [each for each in changed(before, after) if each.startswith("truces.lull.records")]


def test_words_that_one_party_did_not_hear() -> None:
    """A statement shown to one party is what it knows and another does not."""
    aside = ng.StatementMade(by="union", text="between us")
    aloud = ng.StatementMade(by="union", text="no comment")
    log = story((t(1), aside, {"visible_to": ["works"]}), (t(2), aloud))
    works, port = (ng.replay(log, known_to=party) for party in ("works", "port"))

    (change,) = changed(port, works)
    assert change.startswith("parties.union.statements: text no comment, time 2031-03-02 00:00Z →")
    assert "text between us, time 2031-03-01 00:00Z, text no comment" in change


def test_a_proposal_that_expires_leaves_nobody_owing_a_reply() -> None:
    """What is said of parties follows from the items, by time as well."""
    state = ng.replay(story(OFFER))

    assert changed(state, attrs.evolve(state, as_of=t(9))) == [
        "parties.union.replies_awaited.pay: removed",
        "parties.works.replies_owed.pay: removed",
        "proposals.pay.status: open → expired",
    ]


def test_one_id_of_two_kinds() -> None:
    """The same id may name a proposal in one log and a meeting in another."""
    meeting = ng.MeetingHeld(meeting="pay", parties=["union", "works"])
    one, other = ng.replay(story(OFFER)), ng.replay(story((t(1), meeting)))
    found = {c.path: c.kind for c in ng.diff(one, other).changes}

    assert found["proposals.pay"] == "removed"
    assert found["meetings.pay"] == "added"
    assert ng.apply(ng.diff(one, other), one) == other


def test_a_party_that_is_only_heard() -> None:
    """A maker whose event leaves everything as it was has been heard all the same."""
    deadline = ng.DeadlineSet(deadline="d", by="union", on=["works"], due=t(9))
    moved = ng.DeadlineMoved(deadline="none", by="union", due=t(8))
    before, after = evolved((t(1), deadline), (t(2), moved))

    assert "parties.union.last_heard: 2031-03-01 00:00Z → 2031-03-02 00:00Z" in str(
        ng.diff(before, after)
    )
    assert [each.partition(": + ")[0] for each in changed(before, after)] == ["problems"]


def test_nothing_changed() -> None:
    """A state does not differ from itself: the difference is false, and says so."""
    state = ng.replay(story(OFFER))
    difference = ng.diff(state, state)

    assert not difference
    assert str(difference) == "nothing changed"
    assert difference.to_json() == {"changes": []}
    assert ng.apply(difference, state) is state


def test_changes_are_values() -> None:
    """Two changes are equal if they say the same; 1 and 1.0 do not."""
    one = ng.Change("slices.x", "changed", 1, frozenset({"a"}))

    assert one == ng.Change("slices.x", "changed", 1, frozenset({"a"}))
    assert hash(one) == hash(ng.Change("slices.x", "changed", 2, None))
    assert one != ng.Change("slices.x", "changed", 1.0, frozenset({"a"}))
    assert one != ng.Change("slices.x", "changed", 1, frozenset())
    assert one != "slices.x"
    assert ng.Change("x", "changed", 0.0, None) != ng.Change("x", "changed", -0.0, None)


def test_a_difference_as_json() -> None:
    """Each change is an object of its path, kind, old and new, as the state's JSON has them."""
    before, after = evolved(OFFER, (t(2), ng.ProposalRejected(proposal="pay", by="works")))
    written = ng.diff(before, after).to_json()

    assert json.loads(json.dumps(written)) == written
    assert written["changes"][2] == {
        "path": "as_of",
        "kind": "changed",
        "old": "2031-03-01T00:00:00Z",
        "new": "2031-03-02T00:00:00Z",
    }


# Slices


@attrs.frozen
class Toll:
    """A toll was paid."""

    by: str


@attrs.frozen
class Purse:
    """What was paid; no mapping, and nothing that JSON has a form for."""

    coins: complex = 0


def one_coin_more(purse: Purse, record: ng.Record) -> Purse:
    return Purse(purse.coins + 1j)


MODEL = ng.Model.default.extended(
    ng.Extension("purse", "org.example.toll", Toll, Purse(), one_coin_more)
)


def test_slices_are_compared_and_put_as_wholes() -> None:
    """What an extension made is one value, whatever it is made of."""
    log = story(OFFER)
    before = ng.replay(log, model=MODEL)
    after = ng.evolve(
        before, ng.Record(id="e2", negotiation="talks-1", position=2, time=t(2), event=Toll("a")),
        model=MODEL,
    )  # fmt: skip
    change = ng.diff(before, after).changes[-1]

    assert change == ng.Change("slices.purse", "changed", Purse(), Purse(1j))
    assert str(change) == "slices.purse: coins 0 → coins 1j"
    assert ng.apply(ng.diff(before, after), before) == after


def test_a_slice_on_one_side_alone() -> None:
    """States of two models differ in the slices that only one of them has."""
    log = story(OFFER)
    without, having = ng.replay(log), ng.replay(log, model=MODEL)

    assert changed(without, having) == ["slices.purse: added: coins 0"]
    assert changed(having, without) == ["slices.purse: removed: coins 0"]
    assert ng.apply(ng.diff(without, having), without) == having
    assert ng.apply(ng.diff(having, without), having) == without
    assert ng.replay(log, model=MODEL) == having
    assert not ng.diff(having, ng.replay(log, model=MODEL))


# Carrying it out on the wrong state


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("proposals.pay.status", "changed", "expired", "open"), "is open, and expired was to be"),
        (("proposals.sea", "removed", None, None), "is not there, and was to be removed"),
        (("proposals.pay", "added", None, None), "is there already, and was to be added"),
        (("proposals.sea.status", "changed", "a", "b"), "there is no proposals.sea to change"),
        (("parties.works.replies_owed.pay", "added", None, "pay"), "is there already"),
        (("parties.works.replies_owed.sea", "removed", "sea", None), "is not there"),
        (("proposals.pay.status", "changed", "open", "expired"), "would not come out"),
        (("parties.works.replies_owed.pay", "removed", "pay", None), "would not come out"),
        (("proposals.pay.status", "changed", "open", "open"), "would not come out"),
        (("slices.purse", "removed", Purse(), None), "is not there"),
        (("proposals.pay.terms.rate", "changed", 1.0, 2), "is 1, and 1.0 was to be changed"),
    ],
)
def test_a_difference_of_another_state_is_refused(change: tuple[Any, ...], reason: str) -> None:
    """What does not fit is refused with the path at which it does not, or with its set's."""
    with pytest.raises(ng.DoesNotFit) as refused:
        ng.apply(ng.Difference((ng.Change(*change),)), ng.replay(story(OFFER)))

    assert change[0] in (refused.value.path, f"{refused.value.path}.pay")
    assert reason in refused.value.reason
    assert reason in str(refused.value)


def test_a_difference_is_not_applied_twice() -> None:
    """Once carried out it does not fit any more: what it changes is changed."""
    before, after = evolved(OFFER, LULL)
    difference = ng.diff(before, after)

    assert ng.apply(difference, before) == after
    with pytest.raises(ng.DoesNotFit, match="path 'position': is 2, and 1 was to be changed"):
        ng.apply(difference, after)


def test_a_member_takes_its_place_in_a_set() -> None:
    """What is added to a set that stands comes out right, wherever in it the new member belongs."""
    earlier = ng.ProposalMade(proposal="air", by="union", to=["works"], terms={})
    before, after = evolved(OFFER, (t(2), earlier))

    assert "parties.works.replies_owed.air: added" in changed(before, after)
    assert ng.apply(ng.diff(before, after), before) == after
    assert ng.apply(ng.diff(after, before), after) == before
