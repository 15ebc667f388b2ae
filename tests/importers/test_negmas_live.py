"""Runs that NegMAS itself plays, as logs: from the mechanism, and from rows alone."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeAlias

import pytest

import negotiation as ng
from examples.negmas_verdict import verdict
from negotiation.importers.common import START, Imported
from negotiation.importers.negmas_live import of_mechanism
from negotiation.importers.negmas_rows import RESPONSES
from negotiation.importers.negmas_runs import negmas
from tests.importers.negmas_peer import (
    ACCEPT,
    END,
    LEAVE,
    NAMES,
    Played,
    bare,
    fresh_runs,
    scripted,
)

pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that NegMAS itself imports

Act: TypeAlias = tuple[str, str, int, int]
"""Who did what, about which offer, and in which round."""


def happened(run: Played) -> list[Act]:
    """What was said, but to one's own offer."""
    offers, maker, told = 0, "", list[Act]()
    for each in run.said:
        if each.offer is not None:
            offers, maker = offers + 1, each.by
            told.append((each.by, "offers", offers, each.step))
        elif each.response != ACCEPT.name or not offers:  # to accept nothing ends it too
            told.append((each.by, "leaves", 0, each.step))
        elif each.by != maker:
            told.append((each.by, "accepts", offers, each.step))
    return told


def logged(log: ng.Log) -> list[Act]:
    """The same of a log."""
    told = list[Act]()
    for record in log:
        event, step = record.event, int((record.time - START).total_seconds() // 60)
        if isinstance(event, ng.ProposalMade | ng.ProposalAccepted):
            what = "offers" if isinstance(event, ng.ProposalMade) else "accepts"
            told.append((event.by, what, int(event.proposal.removeprefix("offer-")), step))
        elif isinstance(event, ng.PartyWithdrew):
            told.append((event.by, "leaves", 0, step))
    return told


def untold(imported: Imported, run: str) -> dict[str, str]:
    """What was set aside of a run, by the reason."""
    found = dict[str, str]()
    for each in imported.aside:
        if each.cells["run"] == run:
            found[each.reason] = f"{found.get(each.reason, '')} {each.detail}"
    return found


@pytest.fixture(scope="module")
def runs() -> tuple[Played, ...]:
    return fresh_runs()


@pytest.fixture(scope="module")
def imported(runs: tuple[Played, ...]) -> Imported:
    return negmas(of_mechanism(run.mechanism) for run in runs)


@pytest.fixture(scope="module")
def rows(runs: tuple[Played, ...]) -> Imported:
    return negmas(bare(run.mechanism) for run in runs)


# Fresh runs


def test_our_verdict_is_the_mechanism_s(runs: tuple[Played, ...], imported: Imported) -> None:
    """In 500 of 500, of two to four parties, of all endings and limits; no log has a problem."""
    parties, limits = Counter[tuple[int, str]](), Counter[tuple[str, str]]()

    assert imported.report.wrong == 0
    for run in runs:
        log = imported.logs[run.id]
        assert ng.check(log) == ()
        assert verdict(ng.replay(log)) == run.verdict
        parties[len(run.parties), run.verdict[0]] += 1
        limits[run.limit, run.verdict[0]] += 1
    assert (len(parties), len(limits)) == (9, 9)
    assert min(parties.values()) >= 5, parties
    assert min(limits.values()) >= 5, limits
    assert sum(bool(run.mechanism.state.left_negotiators) for run in runs) >= 40
    assert sum(of_mechanism(run.mechanism)["final"].get("asked_last") is not None for run in runs)


def test_a_mechanism_is_not_run_by_being_imported(runs: tuple[Played, ...]) -> None:
    """It stands for its row, though going through it would run it."""
    for run in runs[:20]:
        assert negmas(run.mechanism) == negmas([of_mechanism(run.mechanism)])


def test_it_is_so_from_rows_alone(runs: tuple[Played, ...], rows: Imported) -> None:
    """In 500 of 500 too, where the rows say neither when somebody left nor who ended it."""
    assert rows.report.wrong == 0
    for run in runs:
        log = rows.logs[run.id]
        assert ng.check(log) == ()
        assert verdict(ng.replay(log)) == run.verdict
    assert rows.report.aside["ended by somebody not named"] >= 50
    assert rows.report.aside["time of leaving not told"] >= 5


def test_a_log_has_what_was_said_in_its_order_and_round(
    runs: tuple[Played, ...], imported: Imported
) -> None:
    """All of it but acceptances that are not told, and each of these is reported."""
    for run in runs:
        log, aside = imported.logs[run.id], untold(imported, run.id)
        true, told = happened(run), logged(log)
        remaining = iter(true)
        assert all(act in remaining for act in told), (true, told)
        missing = {act[:3] for act in true} - {act[:3] for act in told}
        for party, what, offer in missing:
            column = of_mechanism(run.mechanism)["full_trace"]
            assert what == "accepts"
            assert offer <= len(column)
            assert f"{party} to the offer of full_trace[{offer - 1}]" in aside["answers not told"]
        assert {*aside} <= {"answers not told"}
        if len(run.parties) == 2:
            assert (told, aside) == (true, {})


def test_of_rows_alone_too_but_for_what_is_said_not_to_be_told(
    runs: tuple[Played, ...], rows: Imported
) -> None:
    """What was lost is reported, and of what is at the latest in a round, it was no later."""
    for run in runs:
        aside, told = untold(rows, run.id), logged(rows.logs[run.id])
        true = happened(run)
        last = max((offer for _, _, offer, _ in true), default=0)
        for party, what, offer, step in told:
            steps = [act[3] for act in true if act[:3] == (party, what, offer)]
            late = f"{party} left" in aside.get("time of leaving not told", "") and what == "leaves"
            late |= "round not told" in aside and (what, offer) == ("offers", last)
            assert step in steps or (late and min(steps) < step), (party, what, offer, step, true)
        for party, what, offer in {act[:3] for act in true} - {act[:3] for act in told}:
            if what == "leaves":
                assert "ended by somebody not named" in aside
            elif what == "offers" or "terms not told" not in aside or offer < last:
                reason = "terms not told" if what == "offers" else "answers not told"
                assert f"{party} " in aside[reason]


# What happens seldom


def told_of(mechanism: Any) -> tuple[list[Act], Imported]:
    """The log of a run, beside what was said in it."""
    imported = negmas([of_mechanism(mechanism)])
    log = imported.logs[mechanism.id]
    assert verdict(ng.replay(log)) == Played(mechanism, "").verdict
    return logged(log), imported


@pytest.mark.parametrize(
    "limit", [{"time_limit": 5}, {"n_steps": 5}, {"n_steps": 5, "time_limit": 5}]
)
def test_it_breaks_up_however_it_is_limited(limit: dict[str, Any]) -> None:
    """Of three the third ends it; two could go on, so that its leaving alone does not tell."""
    mechanism = scripted({"buyer": [1], "seller": [2], "broker": [END]}, **limit)

    assert mechanism.state.broken
    assert told_of(mechanism)[0][-1] == ("broker", "leaves", 0, 0)
    row = negmas([bare(mechanism)])
    assert verdict(ng.replay(row.logs[mechanism.id])) == ("broken", None)


def test_those_who_leave_in_one_round_do_so_in_their_order() -> None:
    """And who is the last one ends it; the mechanism has them as a set."""
    for _ in range(10):
        moves = {"buyer": [1, LEAVE], "seller": [2, LEAVE], "broker": [3]}
        assert told_of(scripted(moves, n_steps=5))[0][3:] == [
            ("buyer", "leaves", 0, 1), ("seller", "leaves", 0, 1),
        ]  # fmt: skip


def test_those_who_leave_do_so_in_their_round() -> None:
    """Also where those of a later round stand before those of an earlier one."""
    three = scripted({"buyer": [1, LEAVE], "seller": [2], "broker": [LEAVE]}, n_steps=5)
    four = scripted(
        {"buyer": [1, 1, LEAVE], "seller": [2] * 3, "broker": [3] * 3, "clerk": [4, LEAVE]},
        n_steps=3,
    )

    assert told_of(three)[0][2:] == [("broker", "leaves", 0, 0), ("buyer", "leaves", 0, 1)]
    assert [act for act in told_of(four)[0] if act[1] == "leaves"] == [
        ("clerk", "leaves", 0, 1), ("buyer", "leaves", 0, 2),
    ]  # fmt: skip


@pytest.mark.parametrize("row", [of_mechanism, bare])
def test_an_acceptance_stands_in_the_round_after_the_offer(row: Any) -> None:
    """Where whoever accepts comes first in the order; the trace has one round for both."""
    mechanism = scripted({"buyer": [1, ACCEPT], "seller": [2]}, n_steps=5)

    assert [(each.step, each.negotiator) for each in mechanism.full_trace][-1][0] == 1
    assert logged(negmas([row(mechanism)]).logs[mechanism.id])[1:] == [
        ("seller", "offers", 2, 0), ("buyer", "accepts", 2, 1),
    ]  # fmt: skip


def test_an_offer_is_made_to_those_who_leave_after_it() -> None:
    """A row says only that the seller left, which was before the last acceptance."""
    mechanism = scripted({"buyer": [1], "seller": [LEAVE], "broker": [ACCEPT]}, n_steps=5)
    log = negmas([bare(mechanism)]).logs[mechanism.id]

    assert ng.replay(log).proposals["offer-1"].to == ("seller", "broker")
    assert logged(log) == happened(Played(mechanism, "rounds"))


def test_an_acceptance_that_is_lost_at_the_end_is_reported() -> None:
    """The mechanism forgets it when it asks the maker of the offer once more."""
    mechanism = scripted(
        {"buyer": [1, ACCEPT], "seller": [2, LEAVE], "broker": [3, ACCEPT]}, n_steps=2
    )
    _, imported = told_of(mechanism)

    (aside,) = imported.aside
    assert aside.detail == (
        "the trace does not have the answer of buyer to the offer of full_trace[2], "
        "broker to the offer of full_trace[2], which is its own"
    )


def test_a_round_may_be_one_turn_of_one() -> None:
    """Each offer and acceptance then has its own."""
    mechanism = scripted(
        {"buyer": [1], "seller": [2], "broker": [ACCEPT], "clerk": [4]},
        n_steps=9, one_offer_per_step=True,
    )  # fmt: skip
    told, imported = told_of(mechanism)

    assert told[:4] == [
        ("buyer", "offers", 1, 0), ("seller", "offers", 2, 1), ("broker", "accepts", 2, 2),
        ("clerk", "offers", 3, 3),
    ]  # fmt: skip
    assert imported.aside == ()


def test_responses_have_the_numbers_that_they_have_in_negmas() -> None:
    """So that a row may have either."""
    assert tuple(type(ACCEPT)(number).name for number in range(6)) == RESPONSES


def test_names_of_the_parties_are_those_of_the_negotiators(runs: tuple[Played, ...]) -> None:
    """So that a log can be held against what was said."""
    assert {name for run in runs for name in run.parties} == {*NAMES}
