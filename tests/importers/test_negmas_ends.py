"""How runs of NegMAS end, and what an import before the end has to do with one after it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random
from typing import Any

import pytest

import negotiation as ng
from examples.negmas_verdict import verdict
from negotiation.errors import DecodeError
from negotiation.importers.negmas_live import of_mechanism
from negotiation.importers.negmas_runs import negmas
from tests.importers.negmas_kit import THREE, clock, one, run, said, turn
from tests.importers.negmas_peer import (
    ACCEPT,
    LEAVE,
    NAMES,
    Decides,
    Heard,
    Played,
    bare,
    by_chance,
    scripted,
)

pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that NegMAS itself imports


# Who accepted and left


@pytest.mark.parametrize("limit", [{"n_steps": 5}, {"time_limit": 5}])
def test_who_accepted_and_then_left_has_not_agreed(limit: dict[str, Any]) -> None:
    """Its last word is that it leaves, though it is the last of those who were asked."""
    moves = {"buyer": [1, LEAVE], "seller": [2, ACCEPT], "broker": [ACCEPT, LEAVE]}
    mechanism = scripted(moves, **limit)
    log, _ = one(of_mechanism(mechanism))

    assert mechanism.state.broken
    assert said(log)[2:] == ["broker: yes to offer-2", "buyer: leaves", "broker: leaves"]
    assert verdict(ng.replay(log)) == ("broken", None)
    assert verdict(ng.replay(one(bare(mechanism))[0])) == ("broken", None)


# Who goes on alone


def test_a_run_that_parties_may_enter_is_set_aside() -> None:
    """NegMAS plays on with one that is left alone, and that is no negotiation."""
    mechanism = scripted({"buyer": [1, LEAVE], "seller": [2, 3]}, n_steps=5, dynamic_entry=True)
    imported = negmas(mechanism)

    assert mechanism.state.timedout
    assert (imported.logs, imported.report.wrong) == ({}, 0)
    assert [str(each) for each in imported.aside] == [
        (
            "row 1, column dynamic_entry: parties may enter, and one goes on alone: "
            "no negotiation of these parties"
        )
    ]
    assert imported.report.aside == {"parties may enter": 1}


def test_a_run_that_nobody_may_enter_is_one_as_any_other() -> None:
    """To say so is the same as to say nothing."""
    assert negmas([run(turn(0, "buyer", 3), dynamic_entry=False)]).logs == (
        negmas([run(turn(0, "buyer", 3))]).logs
    )


def test_offers_to_nobody_are_set_aside() -> None:
    """Each of them, where a row does not say that one may go on alone; none is in the log."""
    mechanism = scripted({"buyer": [1, LEAVE], "seller": [2, 3]}, n_steps=5, dynamic_entry=True)
    row = of_mechanism(mechanism)
    del row["dynamic_entry"]
    imported = negmas([row])

    assert said(imported.logs[mechanism.id]) == [
        "buyer: offer-1 1", "seller: offer-2 2 for offer-1", "buyer: leaves",
    ]  # fmt: skip
    assert imported.report.aside == {"offer to nobody": 4}
    assert str(imported.aside[0]) == (
        "row 1, column full_trace[2].offer: "
        "seller made an offer when all others had left, so nobody could answer it"
    )


def test_nobody_agrees_alone() -> None:
    """An agreement when all others have left contradicts itself; two of three may agree."""
    final = {"agreement": [3], "left_at": {"seller": 0}}
    (aside,) = negmas([run(turn(1, "buyer", 3), final=final)]).aside

    assert str(aside) == (
        "row 1, column final.left_negotiators: must leave two or more, who agreed"
    )
    assert negmas([run(turn(1, "buyer", 3), negotiators=THREE, final=final)]).report.wrong == 0


# One import before the end, and another one after it


def logs(mechanism: Any) -> Iterator[ng.Log]:
    """What is imported before each round, and at the end."""
    yield one(of_mechanism(mechanism, run="r"))[0]
    while not mechanism.state.ended:
        mechanism.step()
        yield one(of_mechanism(mechanism, run="r"))[0]


def fresh(moves: dict[str, list[Any]], **more: Any) -> Any:
    """A run as `scripted` makes it, that has not begun."""
    return scripted(moves, begun=False, **more)


def test_what_was_imported_before_the_end_is_there_at_the_end() -> None:
    """Also the seconds of the last offer, though the trace has those of the end."""
    store = ng.open_store("memory:")
    for log in logs(fresh({"buyer": [4, ACCEPT], "seller": [15]}, n_steps=5)):
        store.append("r", log)

    offers = [each for each in store.read("r") if isinstance(each.event, ng.ProposalMade)]
    assert [[*dict(each.attributes)] for each in offers] == [["seconds", "step"]] * 2
    assert verdict(ng.replay(store.read("r"))) == ("agreement", {"price": 15, "weeks": 0})


@pytest.mark.parametrize("single", [False, True])
def test_each_import_goes_on_where_the_one_before_ended(single: bool) -> None:
    """In 150 runs of two to four by chance; one that the docs name is another one in the end."""
    goes_on = again = 0
    for number in range(150):
        random = Random(number)  # noqa: S311  # no secret
        mechanism = Heard(n_steps=8, one_offer_per_step=single)
        for name in NAMES[: random.choice((2, 3, 4))]:
            mechanism.add(Decides(name, by_chance(random, 0.15, 0)))
        had = [*logs(mechanism)]
        kept = [each == later.upto(len(each)) for each, later in pairwise(had)]
        if not all(kept):
            again += 1
            assert mechanism.state.agreement is not None
            assert asked_again(mechanism)
        goes_on += len(kept)
    assert goes_on >= 250
    assert again <= 3


def asked_again(mechanism: Any) -> bool:
    """Whether the maker of the last offer had its turn again."""
    spoken = Played(mechanism, "").said
    last = max(place for place, each in enumerate(spoken) if each.offer is not None)
    return any(each.by == spoken[last].by for each in spoken[last + 1 :])


def test_an_acceptance_that_the_mechanism_forgets_is_kept() -> None:
    """It does so when it asks the maker of the offer once more; the log does not."""
    *_, before, log = logs(
        fresh({"buyer": [1, ACCEPT], "seller": [ACCEPT, LEAVE], "broker": [LEAVE]}, n_steps=5)
    )

    assert said(before) == ["buyer: offer-1 1", "seller: yes to offer-1", "broker: leaves"]
    assert said(log) == [*said(before), "seller: leaves"]


def test_an_acceptance_in_a_later_round_than_that_of_the_offer_is_told() -> None:
    """As soon as that round is over, and still when the offer has been countered."""
    moves = {"buyer": [1], "seller": [2], "broker": [ACCEPT], "clerk": [4]}
    _, _, _, third, fourth, *_ = logs(fresh(moves, n_steps=5, one_offer_per_step=True))

    assert clock(third)[-1] == ("broker: yes to offer-2", 2)
    assert clock(fourth) == [*clock(third), ("clerk: offer-3 4 for offer-2", 3)]


@pytest.mark.parametrize(
    "moves",
    [
        {"buyer": [1, ACCEPT], "seller": [ACCEPT, ACCEPT], "broker": [LEAVE]},
        {"buyer": [1, LEAVE], "seller": [ACCEPT] * 2, "broker": [ACCEPT] * 2, "clerk": [LEAVE]},
    ],
)
def test_what_is_agreed_on_after_its_maker_had_its_turn_is_another_log(
    moves: dict[str, list[Any]],
) -> None:
    """All others accept again, and a store that has their first acceptance refuses the second."""
    _, before, log = logs(fresh(moves, n_steps=5))
    store = ng.open_store("memory:")
    store.append("r", before)

    assert ("seller: yes to offer-1", 0) in clock(before)
    assert ("seller: yes to offer-1", 1) in clock(log)
    assert verdict(ng.replay(log)) == ("agreement", {"price": 1, "weeks": 0})
    with pytest.raises(ng.ConflictingRecord):
        store.append("r", log)


# Rows that say who had accepted at the end of each round


@pytest.mark.parametrize(
    ("accepted", "final", "when"),
    [
        ([["broker"]], {}, 0),
        ([["broker"], ["broker"]], {}, 0),
        ([[], ["broker"]], {}, 1),
        ([["buyer"], ["broker", "buyer"]], {}, None),  # who did not have a turn, and too many
        ([[], ["broker"]], {"left_at": {"seller": 1}}, None),  # one less is counted then
        ([], {}, None),
        (None, {}, None),
    ],
)
def test_who_had_accepted_at_the_end_of_each_round(
    accepted: Any, final: dict[str, Any], when: int | None
) -> None:
    """Those who had a turn since the maker had one, if they are as many; they did it first then."""
    offer = turn(0, "seller", 2, accepted=accepted)
    log, _ = one(run(offer, turn(2, "buyer", 3), negotiators=THREE, final=final))

    answers = dict(clock(log))
    assert answers.get("broker: yes to offer-1") == when
    assert "buyer: yes to offer-1" not in answers


@pytest.mark.parametrize("accepted", ["x", [["nobody"]], ["seller"], [1]])
def test_who_had_accepted_must_be_parties(accepted: Any) -> None:
    """A list of them for each round."""
    (aside,) = negmas([run(turn(0, "buyer", 3, accepted=accepted))]).aside

    assert (aside.column, aside.wrong) == ("full_trace[0].accepted", True)


# What is no mechanism


@pytest.mark.parametrize("value", ["x", None, 3, {"full_trace": []}])
def test_what_is_no_mechanism_says_so(value: Any) -> None:
    """And what it lacks."""
    with pytest.raises(DecodeError) as caught:
        of_mechanism(value)

    wanted = "negotiator_ids, full_trace, n_steps and state"
    assert str(caught.value).startswith(f"must be a mechanism with {wanted}, not ")
    assert str(caught.value).endswith("which lacks negotiator_ids, full_trace, n_steps, state")


def test_what_has_a_part_of_a_mechanism_is_told_the_others() -> None:
    """Those alone."""

    class Part:
        full_trace = ()
        n_steps = 3

    part: Any = Part()
    with pytest.raises(DecodeError, match=r"which lacks negotiator_ids, state$"):
        negmas(part)
