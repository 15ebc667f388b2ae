"""Runs of NegMAS as logs: small runs by hand, and those that were recorded where they are."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import negotiation as ng
from examples.negmas_verdict import verdict
from negotiation.importers.common import READ, Imported, Row
from negotiation.importers.negmas_runs import START, negmas, negmas_records, of_mechanism
from tests.importers.negmas_kit import THREE, TWO, YES, ended, one, run, said, turn

# Two parties


def test_an_agreement() -> None:
    """Each offer counters the one that stood, and the last one is accepted."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(1, "buyer", 5, "seller"),
            final={"agreement": [5], "step": 2},
        )
    )  # fmt: skip

    assert [(each.time - START, each.event) for each in log][2:] == [
        (timedelta(seconds=2),
         ng.DeadlineSet(
             deadline="steps", by="mechanism", on=TWO, due=START + timedelta(minutes=9))),
        (timedelta(seconds=3),
         ng.ProposalMade(proposal="offer-1", by="buyer", to=["seller"], terms={"price": 3})),
        (timedelta(seconds=4),
         ng.ProposalMade(
             proposal="offer-2", by="seller", to=["buyer"], terms={"price": 8},
             counters="offer-1")),
        (timedelta(minutes=1),
         ng.ProposalMade(
             proposal="offer-3", by="buyer", to=["seller"], terms={"price": 5},
             counters="offer-2")),
        (timedelta(minutes=1, seconds=1), ng.ProposalAccepted(proposal="offer-3", by="seller")),
        (timedelta(minutes=1, seconds=2),
         ng.DeadlineMet(deadline="steps", by="mechanism", note="agreement")),
        (timedelta(minutes=1, seconds=3), ng.StatementMade(by="mechanism", text="agreement")),
    ]  # fmt: skip
    assert log.negotiation == "r"
    assert {each.correlation for each in log} == {"r"}
    assert aside == []
    assert verdict(ng.replay(log)) == ("agreement", {"price": 5})


def test_the_parties_join_with_their_names() -> None:
    """Names with white space make ids without; the mechanism's id is nobody else's."""
    log, _ = one(run(negotiators=("Agent 1", "Agent-1", " ", "mechanism")))

    state = ng.replay(log)
    assert {party: each.name for party, each in state.parties.items() if each.role} == {
        "Agent-1": "Agent 1", "Agent-1-2": "Agent-1", "negotiator": " ", "mechanism": "mechanism",
    }  # fmt: skip
    assert state.deadlines["steps"].by == "mechanism-"


def test_time_is_up_when_the_rounds_are() -> None:
    """The deadline is missed at the end of the last round, and nobody does anything for it."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(1, "buyer", 4), turn(1, "seller", None),
            n_steps=2, final={"timedout": True, "step": 2},
        )
    )  # fmt: skip

    assert said(log)[-2:] == ["buyer: offer-3 4 for offer-2", "seller: no to offer-3"]
    assert aside == ["terms not told"]
    assert log[-1].time == START + timedelta(minutes=2)
    assert ng.replay(log).deadlines["steps"].status == "missed"
    assert ng.replay(log, as_of=log[-2].time).deadlines["steps"].status == "pending"
    assert verdict(ng.replay(log)) == ("timedout", None)


@pytest.mark.parametrize("n_steps", [9, None, math.inf])
def test_time_may_be_up_before_the_rounds_are(n_steps: Any) -> None:
    """By another limit, of which it is known when it is reached: a deadline that is then missed."""
    log, _ = one(run(turn(0, "buyer", 3), n_steps=n_steps, final={"timedout": True, "step": 1}))

    assert ng.replay(log).deadlines["time"].due == START + timedelta(minutes=1)
    assert verdict(ng.replay(log)) == ("timedout", None)


def test_who_left_ended_it() -> None:
    """Of two the one that left is who ended it; the deadline is lifted."""
    log, aside = one(
        run(
            turn(0, "buyer", 3), turn(0, "seller", 8), turn(1, "buyer", None),
            final={"broken": True, "left_negotiators": ["seller"]},
        )
    )  # fmt: skip

    assert said(log)[-2:] == ["buyer: no to offer-2", "seller: leaves"]
    assert ng.replay(log).deadlines["steps"].status == "lifted"
    assert aside == ["terms not told"]
    assert verdict(ng.replay(log)) == ("broken", None)


def test_who_ended_it_may_not_be_told() -> None:
    """The last object of the trace names who proposed, so nobody is said to have ended it."""
    log, aside = one(run(turn(0, "buyer", None), final={"broken": True}))

    assert said(log) == []
    assert aside == ["terms not told", "ended by somebody not named"]
    assert verdict(ng.replay(log)) == ("broken", None)


def test_who_ended_it_may_be_told() -> None:
    """A live mechanism knows it; an error is a reason."""
    log, aside = one(
        run(turn(0, "buyer", 3), final={"broken": True, "ended_by": "seller", "error": True})
    )

    assert said(log)[-1] == "seller: leaves"
    assert [each.event.reason for each in log if isinstance(each.event, ng.PartyWithdrew)] == [
        "error"
    ]
    assert aside == []


@pytest.mark.parametrize("names", [TWO, THREE])
@pytest.mark.parametrize("n_steps", [5, None])
@pytest.mark.parametrize("by", ["broker", "seller", None])
def test_it_is_broken_however_it_was_limited(
    names: tuple[str, ...], n_steps: int | None, by: str | None
) -> None:
    """Also without a number of rounds, and whether it is told or not who ended it."""
    last = turn(0, "seller", None) if names == THREE else turn(1, "buyer", None)
    by = by if by in names else None
    row = run(
        turn(0, "buyer", 3), last, negotiators=names, n_steps=n_steps,
        final={"broken": True, "ended_by": by},
    )  # fmt: skip

    assert ended(row) == ("broken", None)
    assert [each for each in said(one(row)[0]) if "leaves" in each] == [f"{by}: leaves"] * bool(by)


def test_talks_without_a_number_of_rounds_are_a_meeting() -> None:
    """Which is held, or cancelled where it breaks up; while it goes on neither."""

    def talks(*turns: Any, **final: Any) -> ng.Meeting:
        log, _ = one(run(turn(0, "buyer", 3), *turns, n_steps=None, final=final))
        assert "steps" not in ng.replay(log).deadlines
        return ng.replay(log).meetings["talks"]

    assert (talks().status, talks().by, talks().starts) == ("scheduled", "mechanism", START)
    assert talks().parties == TWO
    assert talks(turn(0, "seller", None), broken=True).status == "cancelled"
    assert talks(turn(0, "seller", None), timedout=True).status == "held"
    assert talks(turn(1, "seller", 4, "buyer"), agreement=[4]).status == "held"


def test_broken_before_anything_was_offered() -> None:
    """A run whose trace is empty is a log as well."""
    log, aside = one(run(n_steps=None, final={"broken": True, "ended_by": "buyer"}))

    assert said(log) == ["buyer: leaves"]
    assert log[-1].event == ng.StatementMade(by="mechanism", text="broken")
    assert aside == []
    assert verdict(ng.replay(log)) == ("broken", None)


def test_a_run_that_goes_on() -> None:
    """There is no verdict before its end, and nothing of the mechanism but the deadline."""
    log, _ = one(run(turn(0, "buyer", 3)))

    assert verdict(ng.replay(log)) is None
    assert len(log) == 4


def test_a_refusal_to_offer_rejects_what_stands() -> None:
    """Where a run goes on after it, the next offer counters nothing."""
    log, aside = one(
        run(turn(0, "buyer", 3), turn(0, "seller", None), turn(1, "buyer", 4), turn(1, "seller", 5))
    )

    assert said(log)[:3] == ["buyer: offer-1 3", "seller: no to offer-1", "buyer: offer-2 4"]
    assert aside == []


def test_a_refusal_of_nothing_says_nothing() -> None:
    """Where no offer stands there is none to reject."""
    log, _ = one(run(turn(0, "buyer", None), turn(0, "seller", 8)))

    assert said(log) == ["seller: offer-1 8"]


def test_a_new_offer_takes_the_place_of_one_s_own() -> None:
    """Who makes an offer while its own stands withdraws that; what the other said is not told."""
    log, aside = one(run(turn(0, "buyer", 3), turn(1, "buyer", 4)))

    assert said(log) == ["buyer: offer-1 3", "buyer: offer-1 no more", "buyer: offer-2 4"]
    assert aside == ["answers not told"]


def test_what_all_have_accepted_is_not_withdrawn() -> None:
    """Another offer of its maker stands beside it; where somebody rejected it, it is withdrawn."""
    yes, no = {"seller": YES, "broker": YES}, {"seller": YES, "broker": "REJECT_OFFER"}
    accepted, _ = one(
        run(turn(0, "buyer", 3, responses=yes), turn(1, "buyer", 4), negotiators=THREE)
    )
    rejected, _ = one(
        run(turn(0, "buyer", 3, responses=no), turn(1, "buyer", 4), negotiators=THREE)
    )

    assert said(accepted)[1:] == [
        "seller: yes to offer-1", "broker: yes to offer-1", "buyer: offer-2 4",
    ]  # fmt: skip
    assert said(rejected)[3:] == ["buyer: offer-1 no more", "buyer: offer-2 4"]


def test_a_refusal_is_no_lost_offer() -> None:
    """Only at the end of a run that is over has the trace lost what was offered, if it was."""
    turns = turn(0, "buyer", 3), turn(0, "seller", None)
    lost, refused = turn(1, "buyer", None), turn(1, "buyer", None, offered=1, refused=True)

    assert one(run(*turns))[1] == []
    assert one(run(*turns, lost, final={"broken": True, "ended_by": "seller"}))[1] == [
        "terms not told"
    ]
    assert one(run(*turns, refused, final={"broken": True, "ended_by": "seller"}))[1] == []


def test_it_ends_in_the_last_round_that_was_played() -> None:
    """Also where the trace has nothing of that round; and if time was up, nobody ended it."""
    broken, _ = one(run(turn(0, "buyer", 3), final={"broken": True, "step": 3}))
    timed_out, _ = one(run(turn(0, "buyer", 3), final={"timedout": True, "ended_by": "buyer"}))

    assert broken[-1].time == START + timedelta(minutes=2, seconds=1)
    assert said(timed_out) == ["buyer: offer-1 3"]


def test_what_is_told_beside_an_offer_is_kept() -> None:
    """Its round and the seconds since the beginning as attributes, and its text as a quote."""
    log, _ = one(run(turn(0, "buyer", 3, time=0.25, text="take\nit\x00", data={"a": 1})))

    assert dict(log[-1].attributes) == {"step": "0", "seconds": "0.25"}
    assert log[-1].quote == "take it "


def test_many_turns_in_a_round_keep_their_order() -> None:
    """However many there are, they stand in their round."""
    names = tuple(f"n{number}" for number in range(80))
    log, _ = one(run(*(turn(0, name, 1) for name in names), negotiators=names))

    assert [each.split(":")[0] for each in said(log)] == [*names]
    assert log[-1].time < START + timedelta(minutes=1)


# Rows that are wrong


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"run": None}, "run"),
        ({"run": ""}, "run"),
        ({"issues": "price"}, "issues"),
        ({"issues": []}, "issues"),
        ({"issues": [1]}, "issues"),
        ({"negotiators": ["buyer"]}, "negotiators"),
        ({"negotiators": ["buyer", "buyer"]}, "negotiators"),
        ({"n_steps": 0}, "n_steps"),
        ({"n_steps": "9"}, "n_steps"),
        ({"n_steps": 1, "final": {"step": 2}}, "n_steps"),
        ({"n_steps": 10**15}, "n_steps"),
        ({"full_trace": None}, "full_trace"),
        ({"full_trace": ["x"]}, "full_trace[0]"),
        ({"full_trace": [turn(-1, "buyer", 3)]}, "full_trace[0].step"),
        ({"full_trace": [turn(1, "buyer", 3), turn(0, "seller", 3)]}, "full_trace[1].step"),
        ({"full_trace": [turn(0, "nobody", 3)]}, "full_trace[0].negotiator"),
        ({"full_trace": [turn(0, "buyer", 3, offer=3)]}, "full_trace[0].offer"),
        ({"full_trace": [turn(0, "buyer", 3, offer=[3, 4])]}, "full_trace[0].offer"),
        ({"full_trace": [turn(0, "buyer", 3, responses=[1])]}, "full_trace[0].responses"),
        ({"full_trace": [turn(0, "buyer", 3, responses={"x": 0})]}, "full_trace[0].responses"),
        ({"full_trace": [turn(0, "buyer", 3, responses={"seller": 6})]}, "full_trace[0].responses"),
        ({"final": None}, "final"),
        ({"final": {"broken": True, "timedout": True}}, "final"),
        ({"final": {"agreement": [3]}}, "final.agreement"),
        ({"final": {"agreement": [3]}, "full_trace": [turn(0, "buyer", 4)]}, "final.agreement"),
        ({"final": {"step": "2"}}, "final.step"),
        ({"final": {"left_negotiators": "x"}}, "final.left_negotiators"),
        ({"final": {"left_negotiators": ["x"]}}, "final.left_negotiators"),
        ({"final": {"left_at": ["x"]}}, "final.left_at"),
        ({"final": {"left_at": {"buyer": "x"}}}, "final.left_at"),
        ({"final": {"ended_by": 1}}, "final.ended_by"),
        ({"final": {"asked_last": "x"}}, "final.asked_last"),
        ({"full_trace": [turn(0, "buyer", 3, offered=1)]}, "full_trace[0].offered"),
        (
            {"full_trace": [turn(1, "buyer", 3), turn(2, "seller", 3, offered=0)]},
            "full_trace[1].offered",
        ),
        ({"full_trace": [turn(0, "buyer", 3, offered="x")]}, "full_trace[0].offered"),
    ],
)
def test_a_row_that_is_no_run_is_wrong(change: dict[str, Any], column: str) -> None:
    """The column is named, nothing is made of the row, and the rows below it are."""
    imported = negmas([{**run(), **change}, run()])

    assert [(each.row, each.column, each.wrong) for each in imported.aside] == [(1, column, True)]
    assert [*imported.logs] == ["r"]


def test_a_run_that_stands_above_is_wrong() -> None:
    """Two runs of one name would be one negotiation."""
    imported = negmas([run(), run()])

    assert str(imported.aside[0]) == "row 2, column run: stands in row 1 too: r"
    assert len(imported.logs) == 1


@pytest.mark.parametrize("verdict", ["timedout", "broken"])
def test_an_acceptance_without_an_agreement_is_wrong(verdict: str) -> None:
    """Of two, the one has agreed where it accepts, and the run cannot have ended otherwise."""
    imported = negmas([run(turn(0, "buyer", 3, "seller"), final={verdict: True})])

    assert imported.logs == {}
    assert [(each.column, each.wrong) for each in imported.aside] == [("final.agreement", True)]


def test_what_is_no_row_is_wrong() -> None:
    """It is set aside with its number, and the others are read."""
    imported = negmas([5, run()])  # type: ignore[list-item]  # that is what is tested

    assert [(each.row, each.reason, each.wrong) for each in imported.aside] == [(1, "no row", True)]
    assert [*imported.logs] == ["r"]


def test_runs_begin_at_a_moment() -> None:
    """What is none is refused; one that is too late is told of the run that does not fit."""
    with pytest.raises(ng.InvalidTime, match="start must have a time zone"):
        negmas([run()], start=datetime(2031, 1, 1))  # noqa: DTZ001  # that is what is tested
    for rounds in (None, 9):
        late = negmas([run(n_steps=rounds)], start=datetime.max.replace(tzinfo=UTC))
        assert [(each.column, each.wrong) for each in late.aside] == [("n_steps", True)]


def test_values_that_no_record_can_hold_are_wrong() -> None:
    """What the library itself refuses is said with its reason."""
    imported = negmas([run(turn(0, "buyer", 3, offer=[math.nan]))])

    assert imported.aside[0].wrong
    assert "nan" in imported.aside[0].detail


def test_offers_that_do_not_bind_are_no_proposals() -> None:
    """Where whoever offers may still refuse, a run is set aside, and is not wrong."""
    imported = negmas([run(turn(0, "buyer", 3), offering_is_accepting=False)])

    assert imported.logs == {}
    assert [(each.reason, each.wrong) for each in imported.aside] == [("offers do not bind", False)]


def test_rows_keep_their_own_numbers() -> None:
    """A `Row` is reported under its number, and each row is counted before what is made of it."""
    made = [*negmas_records([Row(7, {})])]

    assert made[0] is READ
    assert getattr(made[1], "row", None) == 7


def test_runs_begin_when_one_says() -> None:
    """The same run at another time is the same but for its times."""
    start = datetime(2031, 1, 1, tzinfo=UTC)
    log = negmas([run(turn(0, "buyer", 3))], start=start).logs["r"]

    assert log[0].time == start
    assert [each.id for each in log] == [each.id for each in one(run(turn(0, "buyer", 3)))[0]]


# A live mechanism


class Response(IntEnum):
    """As NegMAS has them."""

    ACCEPT_OFFER = 0


class Whole:
    """A number of another library."""

    def __init__(self, value: int) -> None:
        self.value = value

    def item(self) -> int:
        return self.value


def element(step: int, by: str, offer: Any, *yes: str) -> SimpleNamespace:
    return SimpleNamespace(
        time=0.5, step=step, negotiator=by, offer=offer, state="continuing",
        responses=dict.fromkeys(yes, Response.ACCEPT_OFFER),
    )  # fmt: skip


def mechanism(*trace: Any, **more: Any) -> SimpleNamespace:
    """Something that looks like a mechanism of two, and has no more than it must."""
    state = {"agreement": None, "broken": False, "timedout": False, "step": 1}
    has = {"negotiator_ids": ["b-1", "s-2"], "full_trace": [*trace], "n_steps": 9}
    state |= more.pop("state", {})
    return SimpleNamespace(**{**has, **more}, state=SimpleNamespace(**state))


def test_a_mechanism_is_a_row() -> None:
    """What it has is enough for a row; names go before ids where they tell apart."""
    issues = SimpleNamespace(issues=[SimpleNamespace(name="price")])
    row = of_mechanism(
        mechanism(
            element(0, "b-1", (Whole(3),), "s-2"), id="m", negotiator_names=["buyer", "seller"],
            outcome_space=issues, state={"agreement": (3,)},
        )
    )  # fmt: skip

    assert row == {
        "run": "m", "issues": ["price"], "n_steps": 9, "negotiators": ["buyer", "seller"],
        "full_trace": [
            {"time": 0.5, "step": 0, "negotiator": "buyer", "offer": [3], "state": "continuing",
             "responses": {"seller": "ACCEPT_OFFER"}, "text": None}
        ],
        "final": {"agreement": [3], "broken": False, "timedout": False, "step": 1,
                  "left_negotiators": [], "left_at": {}, "ended_by": None, "error": False},
        "offering_is_accepting": True, "one_offer_per_step": False,
    }  # fmt: skip
    assert json.loads(json.dumps(row)) == row
    assert ended(row) == ("agreement", {"price": 3})


def test_a_mechanism_without_issues() -> None:
    """Its outcomes are the values of one issue."""
    row = of_mechanism(
        mechanism(element(0, "b-1", ("deal", 3)), n_steps=math.inf, negotiator_names=["x", "x"]),
        run="mine",
    )

    assert (row["run"], row["n_steps"], row["negotiators"]) == ("mine", None, ["b-1", "s-2"])
    (offer,) = ng.replay(one(row)[0]).proposals.values()
    assert offer.terms == {"outcome": ["deal", 3]}


def test_a_mechanism_knows_what_its_trace_does_not() -> None:
    """What was offered last, in which round somebody left, and who was asked last."""
    history = [
        SimpleNamespace(step=0), SimpleNamespace(step=1, left_negotiators={"s-2"}),
        SimpleNamespace(step=2, left_negotiators={"s-2"}),
    ]  # fmt: skip
    row = of_mechanism(
        mechanism(
            element(0, "b-1", (3,)), element(2, "s-2", None), extended_trace=[
                (0, "b-1", (3,)), (1, "s-2", (4,))], history=history,
            following_negotiators=lambda: ["s-2", "b-1"],
            state={"broken": True, "left_negotiators": {"s-2"}}, params={},
        )
    )  # fmt: skip

    last = row["full_trace"][1]
    assert (last["step"], last["offered"], last["offer"]) == (2, 1, [[4]])
    assert "refused" not in last
    assert row["final"]["left_at"] == {"s-2": 1}
    assert row["final"]["left_negotiators"] == ["s-2"]
    assert row["final"]["ended_by"] == "b-1"


def test_a_mechanism_without_negotiators_is_no_run() -> None:
    """Its row can be made, and is wrong as it stands."""
    row = of_mechanism(mechanism(negotiator_ids=[], following_negotiators=list))

    assert [(each.column, each.wrong) for each in negmas([row]).aside] == [("negotiators", True)]


def test_those_who_left_are_in_the_order_of_their_turns() -> None:
    """Also of one round, of which the mechanism has a set."""
    ids = [f"{number}" for number in range(9)]
    history = [SimpleNamespace(step=3, left_negotiators={*ids[:7]})]
    row = of_mechanism(
        mechanism(
            negotiator_ids=ids, history=history, state={"left_negotiators": {*ids[:7]}},
        )
    )  # fmt: skip

    assert [*row["final"]["left_at"]] == row["final"]["left_negotiators"] == ids[:7]


@pytest.mark.parametrize("within", [True, False])
def test_a_mechanism_knows_on_whom_the_time_ran_out(within: bool) -> None:
    """Or that it was between two rounds: then the last state is from before it did."""
    row = of_mechanism(
        mechanism(
            element(0, "b-1", None), extended_trace=[(0, "b-1", None)],
            history=[SimpleNamespace(step=0, timedout=within)],
            following_negotiators=lambda: ["b-1", "s-2"], state={"timedout": True},
        )
    )  # fmt: skip

    assert row["final"]["asked_last"] == ("s-2" if within else None)
    assert row["final"]["ended_by"] is None
    assert row["full_trace"][0]["refused"]


@pytest.mark.parametrize("offers", [[], [(0, "s-2", (3,))], [(0, "b-1", (3,)), (1, "b-1", (3,))]])
def test_an_offer_of_somebody_else_is_not_put_back(offers: list[Any]) -> None:
    """Only where both traces agree about who offered last is the one taken from the other."""
    row = of_mechanism(mechanism(element(2, "b-1", None), extended_trace=offers))

    assert (row["full_trace"][0]["step"], row["full_trace"][0]["offer"]) == (2, None)


@pytest.mark.parametrize(("erred", "by"), [("s-2", "s-2"), ("", None)])
def test_a_mechanism_that_ended_by_an_error(erred: str, by: str | None) -> None:
    """Whoever erred ended it; where nobody did, nobody is said to have."""
    state = {"broken": True, "has_error": True, "erred_negotiator": erred}
    row = of_mechanism(mechanism(state=state, following_negotiators=lambda: ["b-1"]))

    assert (row["final"]["ended_by"], row["final"]["error"]) == (by, True)


def test_a_mechanism_that_does_not_say_who_was_asked_last() -> None:
    """Then it is not known who ended it."""
    assert of_mechanism(mechanism(state={"broken": True}))["final"]["ended_by"] is None


# The runs that were recorded


@pytest.fixture(scope="module")
def rows(test_data: Path) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((test_data / "negmas/sao_runs.json").read_bytes())
    return loaded


@pytest.fixture(scope="module")
def imported(rows: list[dict[str, Any]]) -> Imported:
    return negmas(rows)


def test_our_verdict_is_the_mechanism_s_in_every_run(
    rows: list[dict[str, Any]], imported: Imported
) -> None:
    """24 of 24: agreement on the same terms, broken, or timed out; no log has a problem."""
    assert len(rows) == len(imported.logs) == 24
    for row in rows:
        final, log = row["final"], imported.logs[row["run"]]
        expected: Any = ("broken" if final["broken"] else "timedout"), None
        if final["agreement"] is not None:
            expected = "agreement", dict(zip(row["issues"], final["agreement"], strict=True))
        assert verdict(ng.replay(log)) == expected
        assert ng.check(log) == ()


def test_every_turn_is_an_offer_or_is_set_aside(
    rows: list[dict[str, Any]], imported: Imported
) -> None:
    """398 offers, of 6 of which the trace does not have the terms."""
    assert sum(len(row["full_trace"]) for row in rows) == 398
    assert imported.report.events["ProposalMade"] == 392
    assert imported.report.wrong == 0
    assert dict(imported.report.aside) == {
        "terms not told": 6, "answers not told": 3, "ended by somebody not named": 2,
    }  # fmt: skip


def test_an_agreement_is_accepted_by_all(imported: Imported) -> None:
    """Its offer is the only one that is accepted, and it is the last; in a run without, none is."""
    for log in imported.logs.values():
        accepted = [each for each in ng.replay(log).proposals.values() if each.status == "accepted"]
        offers = [each.event for each in log if isinstance(each.event, ng.ProposalMade)]
        agreed = isinstance(log[-2].event, ng.DeadlineMet)
        assert [each.id for each in accepted] == ([offers[-1].proposal] if agreed else [])
