"""Tables for analysts: logs, and the rows of each view worked out by hand."""

import csv
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import attrs
import pytest

import negotiation as ng
from negotiation import views

from .story import codes, story, t

REPORT = Path(__file__).parents[2] / "examples" / "easter_truce_2025.jsonl"
DAY = 86_400.0  # seconds


def cells(rows: Iterable[Any], *names: str) -> list[tuple[Any, ...]]:
    """Some columns of the rows."""
    return [tuple(getattr(row, name) for name in names) for row in rows]


@pytest.fixture(scope="module")
def report() -> ng.Log:
    return ng.read_log(REPORT)


# Positions


def stand(
    value: object,
    *,
    by: str = "northport",
    issue: str = "toll",
    firmness: Any = "demand",
    condition: str | None = None,
    attributed_by: str | None = None,
) -> ng.PositionStated:
    """Northport's stand on the toll, unless told otherwise."""
    return ng.PositionStated(
        by=by,
        issue=issue,
        value=value,
        firmness=firmness,
        condition=condition,
        attributed_by=attributed_by,
    )


def test_a_position_row_holds_what_was_said_and_by_which_record() -> None:
    """A first stand is no change and has nothing that it moved from."""
    log = story(
        (
            t(3),
            stand(10, condition="the pier reopens"),
            {"speaker": "the harbour master", "reported_by": "a gazette", "precision": "day"},
        )
    )

    [row] = views.positions(log)

    assert attrs.asdict(row) == {
        "issue": "toll",
        "party": "northport",
        "attributed_by": None,
        "time": t(3),
        "value": 10,
        "firmness": "demand",
        "condition": "the pier reopens",
        "changed": False,
        "moved_by": None,
        "was": None,
        "was_firmness": None,
        "was_condition": None,
        "was_record": None,
        "record": "e1",
        "speaker": "the harbour master",
        "reported_by": "a gazette",
        "precision": "day",
    }


def test_a_position_moves_by_the_difference_of_numbers() -> None:
    """Each stand is held against the party's stand before, and numbers give a difference."""
    log = story(
        (t(1), stand(10)),
        (t(2), stand(4, by="southvale")),
        (t(3), stand(7)),
        (t(4), stand(7)),
        (t(5), stand(7.5, condition="for a year", firmness="preference")),
    )

    columns = "party", "value", "changed", "moved_by", "was", "was_firmness", "was_record"
    assert cells(views.positions(log), *columns) == [
        ("northport", 10, False, None, None, None, None),
        ("southvale", 4, False, None, None, None, None),
        ("northport", 7, True, -3, 10, "demand", "e1"),
        ("northport", 7, False, 0, 7, "demand", "e3"),
        ("northport", 7.5, True, 0.5, 7, "demand", "e4"),
    ]


@pytest.mark.parametrize(
    ("was", "value", "moved_by"),
    [
        (0.1, 0.3, 0.2),  # as they are written, and not 0.19999999999999998
        (1, 1.0, 0.0),
        (10**400, 10**400 + 1, 1),
        (10**400, 0.5, None),  # farther apart than a float can tell
        (True, 2, None),
        (2, True, None),
        (1, "2", None),
        (None, 2, None),
        ([1], [2], None),
    ],
    ids=repr,
)
def test_only_two_numbers_have_a_difference(was: object, value: object, moved_by: object) -> None:
    """Numbers differ by what is written; all else, booleans too, has no difference."""
    rows = views.positions(story((t(1), stand(was)), (t(2), stand(value))))

    assert (rows[1].changed, rows[1].moved_by) == (True, moved_by)
    assert type(rows[1].moved_by) is type(moved_by)


def test_firmness_and_condition_change_a_stand_too() -> None:
    """A stand of the same value is changed if it is held otherwise or depends on something else."""
    log = story(
        (t(1), stand(10)),
        (t(2), stand(10, firmness="red-line")),
        (t(3), stand(10, firmness="red-line", condition="in winter")),
    )

    columns = "changed", "moved_by", "was_firmness", "was_condition"
    assert cells(views.positions(log), *columns) == [
        (False, None, None, None),
        (True, 0, "demand", None),
        (True, 0, "red-line", None),
    ]


def test_what_another_says_of_a_stand_moves_nobody() -> None:
    """A stand moves from what the same source gave before; another's word is a row of its own."""
    log = story(
        (t(1), stand(10)),
        (t(2), stand(5, attributed_by="southvale")),
        (t(3), stand(10, attributed_by="northport")),
        (t(4), stand(6, attributed_by="southvale")),
    )

    columns = "party", "attributed_by", "value", "changed", "was_record"
    assert cells(views.positions(log), *columns) == [
        ("northport", None, 10, False, None),
        ("northport", "southvale", 5, False, None),
        ("northport", "northport", 10, False, "e1"),
        ("northport", "southvale", 6, True, "e2"),
    ]


def test_positions_are_in_the_order_of_issues_and_then_of_time() -> None:
    """A late report takes its place in the past; equal times keep the order of the log."""
    log = story(
        (t(4), stand(1, issue="pier")),
        (t(4), stand(2, issue="toll")),
        (t(2), stand(3, issue="toll"), {"recorded": t(9)}),
        (t(4), stand(4, issue="pier", by="southvale")),
        (t(4), stand(5, issue="pier")),
    )

    assert cells(views.positions(log), "issue", "record") == [
        ("pier", "e1"),
        ("pier", "e4"),
        ("pier", "e5"),
        ("toll", "e3"),
        ("toll", "e2"),
    ]
    assert cells(views.positions(log, issue="pier"), "record") == [("e1",), ("e4",), ("e5",)]
    assert views.positions(log, issue="ferry") == ()
    assert cells(views.positions(log, known_at=t(8)), "was_record") == [(None,)] * 2


def test_positions_are_those_that_replay_counts() -> None:
    """What is hidden, retracted, repeated or yet to come has no row and moves nothing."""
    log = story(
        (t(1), stand(10)),
        (t(2), stand(9), {"visible_to": ["eastmere"]}),
        (t(3), stand(8)),
        (t(3), stand(8), {"repeats": "e3"}),
        (t(3), stand(1), {"repeats": "e99"}),
        (t(4), stand(7)),
        (t(5), ng.EventRetracted(event="e3", by="coder")),
    )

    columns = "record", "moved_by"
    assert cells(views.positions(log), *columns) == [("e1", None), ("e2", -1), ("e6", -2)]
    assert cells(views.positions(log, known_to="southvale"), *columns) == [
        ("e1", None),
        ("e6", -3),
    ]
    assert cells(views.positions(log, known_at=t(4)), *columns)[2:] == [("e3", -1), ("e6", -1)]
    assert cells(views.positions(log, as_of=t(3)), *columns) == [("e1", None), ("e2", -1)]


def test_rows_tell_json_values_apart() -> None:
    """Two rows are equal only if their values are the same JSON: 1, 1.0 and true are three."""
    one, other, third = (views.positions(story((t(1), stand(v))))[0] for v in (1, 1.0, True))

    assert one != other
    assert one != third
    assert one == views.positions(story((t(1), stand(1))))[0]


def test_the_positions_of_the_report(report: ng.Log) -> None:
    """Four stands on an unconditional ceasefire, of which Ukraine says three of others."""
    rows = views.positions(report, issue="unconditional ceasefire")

    assert cells(rows, "party", "attributed_by", "record", "reported_by") == [
        ("ukraine", None, "e18", "X"),
        ("united-kingdom", "ukraine", "e19", "X"),
        ("france", "ukraine", "e20", "X"),
        ("united-states", "ukraine", "e21", "X"),
    ]
    assert {row.changed for row in views.positions(report)} == {False}
    assert len(views.positions(report)) == 15


# Concessions


def offer(
    proposal: str,
    *,
    by: str = "northport",
    to: Iterable[str] = ("southvale",),
    counters: str | None = None,
    **terms: object,
) -> ng.ProposalMade:
    """Northport's offer to Southvale, unless told otherwise."""
    return ng.ProposalMade(proposal=proposal, by=by, to=to, terms=terms, counters=counters)


LEDGER = "record", "party", "to", "term", "was", "value", "moved_by", "was_record", "after"


def test_counter_proposals_are_held_against_ones_own_last_word() -> None:
    """Of offers back and forth, a row says what a party changed and after whose move."""
    log = story(
        (t(1), offer("p1", price=10, weeks=4)),
        (t(2), offer("p2", by="southvale", to=["northport"], counters="p1", price=5)),
        (t(3), offer("p3", counters="p2", price=8)),
        (t(4), offer("p4", by="southvale", to=["northport"], counters="p3", price=6, weeks=2)),
        (t(5), offer("p5", counters="p4", price=8, weeks=3)),
    )

    assert codes(ng.replay(log)) == []
    assert cells(views.concessions(log), *LEDGER) == [
        ("e3", "northport", "southvale", "price", 10, 8, -2, "e1", "e2"),
        ("e4", "southvale", "northport", "price", 5, 6, 1, "e2", "e3"),
        ("e4", "southvale", "northport", "weeks", None, 2, None, None, "e3"),
        ("e5", "northport", "southvale", "weeks", 4, 3, -1, "e1", "e4"),
    ]
    assert {row.event for row in views.concessions(log)} == {"proposal-made"}
    assert {row.after_party for row in views.concessions(log)} == {"northport", "southvale"}


def test_a_concession_row_holds_the_whole_of_the_change() -> None:
    """A clarified term has the proposal, both values and where it was said."""
    log = story(
        (t(1), offer("p1", price=10)),
        (t(2), ng.ProposalRejected(proposal="p1", by="southvale")),
        (
            t(3),
            ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 9}),
            {"speaker": "the envoy", "reported_by": "a gazette", "precision": "hour"},
        ),
    )

    [row] = views.concessions(log)

    assert attrs.asdict(row) == {
        "time": t(3),
        "party": "northport",
        "to": "southvale",
        "event": "proposal-clarified",
        "proposal": "p1",
        "term": "price",
        "issue": None,
        "value": 9,
        "was": 10,
        "moved_by": -1,
        "firmness": None,
        "was_firmness": None,
        "condition": None,
        "was_condition": None,
        "was_record": "e1",
        "after": "e2",
        "after_party": "southvale",
        "record": "e3",
        "speaker": "the envoy",
        "reported_by": "a gazette",
        "precision": "hour",
    }


def test_an_acceptance_takes_the_others_terms() -> None:
    """Whoever accepts what differs from its own last offer in the exchange has changed it."""
    log = story(
        (t(1), offer("p1", price=10, weeks=4)),
        (t(2), offer("p2", by="southvale", to=["northport"], counters="p1", price=5, weeks=4)),
        (t(3), ng.ProposalClarified(proposal="p2", by="southvale", terms={"price": 7})),
        (t(4), ng.ProposalAccepted(proposal="p2", by="northport")),
    )

    rows = views.concessions(log)

    assert cells(rows, *LEDGER) == [
        ("e3", "southvale", "northport", "price", 5, 7, 2, "e2", "e1"),
        ("e4", "northport", "southvale", "price", 10, 7, -3, "e1", "e3"),
    ]
    assert cells(rows, "event", "proposal") == [
        ("proposal-clarified", "p2"),
        ("proposal-accepted", "p2"),
    ]


def test_an_acceptance_takes_the_terms_that_a_clarification_left() -> None:
    """Accepted is what is offered by then: clarified terms, and those that stand as they were."""
    log = story(
        (t(1), offer("p1", price=10, weeks=4)),
        (t(2), offer("p2", by="southvale", to=["northport"], counters="p1", price=5, weeks=2)),
        (t(3), ng.ProposalClarified(proposal="p2", by="southvale", terms={"price": 10})),
        (t(4), ng.ProposalAccepted(proposal="p2", by="northport")),
    )

    assert cells(views.concessions(log), *LEDGER)[1:] == [
        ("e4", "northport", "southvale", "weeks", 4, 2, -2, "e1", "e3"),
    ]


def test_a_clarification_is_held_against_the_last_word_and_speaks_of_what_it_names() -> None:
    """An older offer that is clarified moves on from the newer one, and in no other term."""
    log = story(
        (t(1), offer("p1", price=10, weeks=4)),
        (t(2), offer("p2", by="southvale", to=["northport"], counters="p1", price=5)),
        (t(3), offer("p3", counters="p2", price=8, weeks=3)),
        (t(4), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 9})),
    )

    assert codes(ng.replay(log)) == []
    assert cells(views.concessions(log), *LEDGER) == [
        ("e3", "northport", "southvale", "price", 10, 8, -2, "e1", "e2"),
        ("e3", "northport", "southvale", "weeks", 4, 3, -1, "e1", "e2"),
        ("e4", "northport", "southvale", "price", 8, 9, 1, "e3", "e2"),
    ]


def test_terms_are_compared_as_json() -> None:
    """A term that was 1 and is true, or 1.0, has changed."""
    log = story(
        (t(1), offer("p1", ferry=1, pier=1, quay={"a": 1})),
        (
            t(2),
            ng.ProposalClarified(
                proposal="p1", by="northport", terms={"ferry": True, "pier": 1.0, "quay": {"a": 1}}
            ),
        ),
    )

    assert cells(views.concessions(log), "term", "moved_by") == [("ferry", None), ("pier", 0)]


def test_whoever_made_no_offer_changes_none_by_accepting() -> None:
    """A first offer, and the acceptance of one, change nothing that the party had said."""
    log = story(
        (t(1), offer("p1", price=10)),
        (t(2), ng.ProposalAccepted(proposal="p1", by="southvale")),
    )

    assert views.concessions(log) == ()


def test_a_party_that_accepted_moves_on_from_what_it_accepted() -> None:
    """An answer that lapsed was said all the same: the next offer is held against it."""
    log = story(
        (t(1), offer("p1", to=["southvale", "eastmere"], price=10)),
        (t(2), ng.ProposalAccepted(proposal="p1", by="southvale")),
        (t(3), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 12})),
        (t(4), offer("p2", by="southvale", to=["northport"], counters="p1", price=11)),
    )

    assert cells(views.concessions(log), *LEDGER) == [
        ("e3", "northport", "southvale", "price", 10, 12, 2, "e1", "e2"),
        ("e3", "northport", "eastmere", "price", 10, 12, 2, "e1", None),
        ("e4", "southvale", "northport", "price", 10, 11, 1, "e2", "e3"),
    ]


def test_a_term_that_is_not_named_is_not_changed() -> None:
    """Silence on a term takes nothing back, and a clarification of the same value gives nothing."""
    log = story(
        (t(1), offer("p1", price=10, weeks=4)),
        (t(2), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 10})),
        (t(3), offer("p2", by="southvale", to=["northport"], counters="p1", price=5)),
        (t(4), offer("p3", counters="p2", price=10)),
    )

    assert views.concessions(log) == ()


def test_another_offer_of_the_same_party_is_no_change() -> None:
    """Offers that no counter links are two exchanges, whatever their terms are called."""
    log = story(
        (t(1), offer("p1", price=10)),
        (t(2), ng.ProposalRejected(proposal="p1", by="southvale")),
        (t(3), offer("p2", price=6)),
        (t(4), offer("p3", counters="p2", price=5)),  # its own offer: no counter
    )

    assert codes(ng.replay(log)) == [("e4", "not-addressee")]
    assert views.concessions(log) == ()


def test_an_offer_to_each_party_is_held_against_the_last_to_that_party() -> None:
    """What is offered to one party of an exchange changes nothing of what another was offered."""
    log = story(
        (t(1), offer("p1", to=["southvale", "eastmere"], price=10)),
        (t(2), offer("p2", by="southvale", to=["northport"], counters="p1", price=5)),
        (t(3), offer("p3", counters="p2", price=8)),
        (t(4), offer("p4", by="eastmere", to=["northport"], counters="p1", price=6)),
        (t(5), offer("p5", to=["eastmere", "westhaven"], counters="p4", price=9)),
    )

    assert codes(ng.replay(log)) == []
    assert cells(views.concessions(log), *LEDGER) == [
        ("e3", "northport", "southvale", "price", 10, 8, -2, "e1", "e2"),
        ("e5", "northport", "eastmere", "price", 10, 9, -1, "e1", "e4"),
    ]


def test_a_changed_stand_is_in_the_ledger() -> None:
    """A stand that a party itself changes has a row, after the last that another party stated."""
    log = story(
        (t(1), stand(10)),
        (t(2), stand(3, by="southvale")),
        (t(3), stand(4, by="eastmere", attributed_by="southvale")),
        (t(4), stand(10, firmness="preference", condition="in summer")),
        (t(5), stand(4, by="southvale")),
        (t(5), stand(5, by="southvale")),
        (t(6), stand(5, by="southvale")),
        (t(7), stand(1, issue="pier")),
        (t(8), stand(2, issue="pier")),
    )

    rows = views.concessions(log)

    assert cells(rows, *LEDGER) == [
        ("e4", "northport", None, None, 10, 10, 0, "e1", "e2"),
        ("e5", "southvale", None, None, 3, 4, 1, "e2", "e4"),
        ("e6", "southvale", None, None, 4, 5, 1, "e5", "e4"),
        ("e9", "northport", None, None, 1, 2, 1, "e8", None),
    ]
    assert {row.event for row in rows} == {"position-stated"}
    assert cells(rows, "issue", "firmness", "was_firmness", "condition")[0] == (
        "toll",
        "preference",
        "demand",
        "in summer",
    )
    assert cells(rows, "after_party") == [
        ("southvale",),
        ("northport",),
        ("northport",),
        (None,),
    ]


def test_a_stand_comes_after_the_last_that_any_other_party_stated() -> None:
    """Of several others who spoke on the issue, the latest is named; one's own word never is."""
    log = story(
        (t(1), stand(1)),
        (t(2), stand(2, by="southvale")),
        (t(3), stand(3, by="eastmere")),
        (t(4), stand(4)),
        (t(5), stand(5)),
        (t(6), stand(6, by="southvale")),
        (t(7), stand(7, by="eastmere")),
    )

    assert cells(views.concessions(log), "record", "after", "after_party") == [
        ("e4", "e3", "eastmere"),
        ("e5", "e3", "eastmere"),
        ("e6", "e5", "northport"),
        ("e7", "e6", "southvale"),
    ]


def test_terms_and_stands_stand_in_fold_order() -> None:
    """The ledger is one, in the order in which things happened, late reports included."""
    log = story(
        (t(1), stand(10)),
        (t(1), offer("p1", price=10, area="the pier")),
        (t(4), stand(9)),
        (
            t(3),
            ng.ProposalClarified(
                proposal="p1", by="northport", terms={"price": 9, "area": "the quay"}
            ),
            {"recorded": t(9)},
        ),
    )

    columns = "record", "term", "issue"
    assert cells(views.concessions(log), *columns) == [
        ("e4", "area", None),
        ("e4", "price", None),
        ("e3", None, "toll"),
    ]
    assert cells(views.concessions(log, known_at=t(8)), *columns) == [("e3", None, "toll")]


def test_what_broke_a_rule_concedes_nothing() -> None:
    """A clarification or an answer that was refused, retracted or hidden has no row."""
    log = story(
        (t(1), offer("p1", price=10)),
        (t(2), ng.ProposalClarified(proposal="p1", by="southvale", terms={"price": 1})),
        (t(3), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 9})),
        (
            t(4),
            ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 8}),
            {"visible_to": ["southvale"]},
        ),
        (t(5), ng.EventRetracted(event="e3", by="coder")),
    )

    columns = "record", "was", "value"
    assert cells(views.concessions(log), *columns) == [("e4", 10, 8)]
    assert cells(views.concessions(log, known_at=t(4)), *columns) == [("e3", 10, 9), ("e4", 9, 8)]
    assert views.concessions(log, known_to="eastmere") == ()
    assert views.concessions(log, as_of=t(3)) == ()


def test_the_concessions_of_the_report(report: ng.Log) -> None:
    """One clarification, by which one term is changed and one is new; nobody had answered."""
    assert cells(views.concessions(report), *LEDGER) == [
        (
            *("e17", "russia", "ukraine", "subject", None, "not striking civilian targets"),
            *(None, None, None),
        ),
        (
            *("e17", "russia", "ukraine", "talks", "bilateral"),
            "negotiations and discussions with the Ukrainian side",
            *(None, "e01", None),
        ),
    ]


# Claims

CALM = (
    t(1),
    ng.TruceDeclared(truce="calm", by="northport", kind="ceasefire", starts=t(5), ends=t(10)),
)


def claim(violation: str, **fields: Any) -> ng.TruceViolated:
    """Southvale's claim that Northport broke the calm, unless told otherwise."""
    defaults = {"truce": "calm", "by": "northport", "alleged_by": "southvale"}
    return ng.TruceViolated(violation=violation, **{**defaults, **fields})


def test_a_claim_row_holds_the_claim_and_what_others_found() -> None:
    """A row says who claims what of whom, who found what of it, and whether it met a span."""
    log = story(
        CALM,
        (
            t(6),
            claim("v1", count=9, qualifier="about", what="shots", place="the ford", begins=t(6)),
            {"speaker": "the reeve", "reported_by": "a gazette", "precision": "day"},
        ),
        (t(7), ng.ViolationAssessed(violation="v1", by="northport", finding="denied")),
        (t(7), ng.ViolationAssessed(violation="v1", by="eastmere", finding="denied")),
        (t(7), ng.ViolationAssessed(violation="v1", by="watch", finding="refuted")),
        (t(8), ng.ViolationAssessed(violation="v1", by="watch", finding="verified")),
        (t(8), ng.ViolationAssessed(violation="v1", by="abbey", finding="unattributed")),
    )

    [row] = views.claims(log)

    assert attrs.asdict(row) == {
        "accuser": "southvale",
        "accused": "northport",
        "truce": "calm",
        "violation": "v1",
        "time": t(6),
        "count": 9,
        "qualifier": "about",
        "what": "shots",
        "place": "the ford",
        "begins": t(6),
        "ends": None,
        "replaces": None,
        "replaced_by": None,
        "bound": True,
        "in_effect": True,
        "denied_by": "eastmere northport",
        "verified_by": "watch",
        "refuted_by": None,
        "unattributed_by": "abbey",
        "record": "e2",
        "speaker": "the reeve",
        "reported_by": "a gazette",
        "precision": "day",
    }


def test_claims_stand_side_by_side_and_replaced_ones_are_marked() -> None:
    """Each claim is a row, by accuser and accused; nothing is added up or left out."""
    log = story(
        CALM,
        (t(6), claim("v1", count=3)),
        (t(7), claim("v2", count=30, qualifier="at-least")),
        (t(8), claim("v3", count=4, replaces="v1")),
        (t(8), claim("v4", by="southvale", alleged_by="northport", count=1)),
        (t(8), claim("v5", by="southvale", alleged_by="eastmere")),
        (t(4), claim("v6", count=2), {"recorded": t(9)}),
        (t(9), claim("v1", count=99)),
        (t(9), claim("v7", truce="unheard-of")),
        (t(9), claim("v8", by="eastmere")),
    )

    columns = "accuser", "accused", "violation", "count", "replaced_by"
    assert cells(views.claims(log), *columns) == [
        ("eastmere", "southvale", "v5", None, None),
        ("northport", "southvale", "v4", 1, None),
        ("southvale", "eastmere", "v8", None, None),
        ("southvale", "northport", "v6", 2, None),
        ("southvale", "northport", "v1", 3, "v3"),
        ("southvale", "northport", "v2", 30, None),
        ("southvale", "northport", "v3", 4, None),
        ("southvale", "northport", "v7", None, None),
    ]
    assert cells(views.claims(log, truce="unheard-of"), "violation") == [("v7",)]
    assert cells(views.claims(log, as_of=t(7)), *columns)[1] == (
        *("southvale", "northport", "v1", 3, None),
    )


def test_the_claims_of_the_report(report: ng.Log) -> None:
    """Four claims of Russia and three of Ukraine, each with its own count."""
    columns = "accuser", "accused", "record", "count", "qualifier", "bound", "in_effect"
    assert cells(views.claims(report), *columns) == [
        ("russia", "ukraine", "e10", None, None, False, False),
        ("russia", "ukraine", "e35", 444, "exact", False, False),
        ("russia", "ukraine", "e36", 900, "at-least", False, False),
        ("russia", "ukraine", "e37", None, None, False, False),
        ("ukraine", "russia", "e11", None, None, True, False),
        ("ukraine", "russia", "e14", None, None, True, True),
        ("ukraine", "russia", "e34", 3000, "about", True, True),
    ]
    assert {row.accuser for row in views.claims(report, as_of=t_report(20))} == {"russia"}
    assert views.claims(report, known_at=t_report(21)) == ()


def t_report(day: int, hour: int = 0) -> Any:
    return t(1, hour).replace(year=2025, month=4, day=day)


# Replies


def test_a_reply_row_says_who_owes_whom_and_for_how_long() -> None:
    """Each addressee of an open proposal that has not answered owes a reply since it was made."""
    made = ng.ProposalMade(
        proposal="p1", by="northport", to=["southvale", "eastmere"], terms={}, expires=t(9)
    )
    log = story((t(1), made, {"reported_by": "a gazette"}))

    assert attrs.asdict(views.replies(log, as_of=t(3))[0]) == {
        "party": "eastmere",
        "to": "northport",
        "proposal": "p1",
        "since": t(1),
        "seconds_owed": 2 * DAY,
        "expires": t(9),
        "seconds_left": 6 * DAY,
        "as_of": t(3),
        "record": "e1",
        "speaker": None,
        "reported_by": "a gazette",
        "precision": None,
    }
    assert cells(views.replies(log), "party", "seconds_owed") == [
        ("eastmere", 0),
        ("southvale", 0),
    ]
    assert views.replies(log, as_of=t(9)) == ()


DEBTS = "party", "to", "proposal", "since", "record"


def test_who_has_answered_owes_nothing_until_a_clarification() -> None:
    """An answer that lapsed is owed since the clarification, one never given since the offer."""
    log = story(
        (t(1), offer("p1", to=["southvale", "eastmere", "westhaven"], price=10)),
        (t(2), ng.ProposalAccepted(proposal="p1", by="southvale")),
        (t(3), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 9})),
        (t(4), ng.ProposalAccepted(proposal="p1", by="southvale")),
        (t(5), ng.ProposalAccepted(proposal="p1", by="eastmere")),
        (t(6), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 8})),
        (t(7), ng.ProposalAccepted(proposal="p1", by="eastmere")),
        (t(8), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 7})),
    )

    assert codes(ng.replay(log)) == []
    assert cells(views.replies(log, as_of=t(2)), *DEBTS) == [
        ("eastmere", "northport", "p1", t(1), "e1"),
        ("westhaven", "northport", "p1", t(1), "e1"),
    ]
    assert cells(views.replies(log, as_of=t(3)), *DEBTS) == [
        ("eastmere", "northport", "p1", t(1), "e1"),
        ("southvale", "northport", "p1", t(3), "e3"),
        ("westhaven", "northport", "p1", t(1), "e1"),
    ]
    assert cells(views.replies(log, as_of=t(7)), *DEBTS) == [
        ("southvale", "northport", "p1", t(6), "e6"),
        ("westhaven", "northport", "p1", t(1), "e1"),
    ]
    assert cells(views.replies(log), *DEBTS) == [
        ("eastmere", "northport", "p1", t(8), "e8"),
        ("southvale", "northport", "p1", t(6), "e6"),
        ("westhaven", "northport", "p1", t(1), "e1"),
    ]


@pytest.mark.parametrize(
    "closing",
    [
        ng.ProposalRejected(proposal="p1", by="southvale"),
        offer("p2", by="southvale", to=["westhaven"], counters="p1", price=1),
    ],
    ids=["rejected", "countered"],
)
def test_a_proposal_that_is_opened_anew_is_owed_a_reply_since_then(closing: ng.AnyEvent) -> None:
    """While a proposal is rejected or countered nobody owes a reply; a clarification asks anew."""
    log = story(
        (t(1), offer("p1", to=["southvale", "eastmere"], price=10)),
        (t(2), ng.ProposalAccepted(proposal="p1", by="eastmere")),
        (t(3), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 9})),
        (t(4), closing),
        (t(5), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 8})),
        (t(6), ng.ProposalClarified(proposal="p1", by="northport", terms={"price": 7})),
    )

    def owed(day: int) -> list[tuple[Any, ...]]:
        return [row for row in cells(views.replies(log, as_of=t(day)), *DEBTS) if "p1" in row]

    assert codes(ng.replay(log)) == []
    assert owed(4) == []
    assert (
        owed(5)
        == owed(6)
        == [
            ("eastmere", "northport", "p1", t(5), "e5"),
            ("southvale", "northport", "p1", t(5), "e5"),
        ]
    )


def test_replies_are_in_the_order_of_who_owes_and_since_when() -> None:
    """Of one party's debts the oldest stands first; of equally old ones the first id."""
    log = story(
        (t(3), offer("p3", by="southvale", to=["northport"])),
        (t(2), offer("p4"), {"recorded": t(4)}),
        (t(3), offer("p1", by="eastmere", to=["northport"]), {"recorded": t(4)}),
        (t(4), offer("p2"), {"visible_to": ["southvale"]}),
        (t(4), offer("p5")),
        (t(5), ng.EventRetracted(event="e5", by="coder")),
        (t(6), ng.ProposalAccepted(proposal="p4", by="eastmere")),
    )

    assert codes(ng.replay(log)) == [("e7", "not-addressee")]
    assert cells(views.replies(log), "party", "proposal") == [
        ("northport", "p1"),
        ("northport", "p3"),
        ("southvale", "p4"),
        ("southvale", "p2"),
    ]
    assert cells(views.replies(log, known_to="eastmere"), "proposal") == [("p1",), ("p3",), ("p4",)]
    assert cells(views.replies(log, known_at=t(3)), "proposal") == [("p3",)]


def test_the_replies_of_the_report(report: ng.Log) -> None:
    """Russia owes Ukraine a reply since the 20th, and Ukraine owes one since the 21st."""
    rows = views.replies(report, as_of=t_report(22))

    assert cells(rows, *DEBTS, "seconds_owed", "seconds_left") == [
        ("russia", "ukraine", "civilian-targets", t_report(20), "e13", 2 * DAY, None),
        ("ukraine", "russia", "bilateral-talks", t_report(21), "e01", DAY, None),
    ]


# Deadlines


def test_a_deadline_has_a_row_for_each_party_it_is_set_to() -> None:
    """A row tells what is due by whom, as it was set, and the time that is left."""
    log = story(
        (
            t(1),
            ng.DeadlineSet(
                deadline="d1",
                by="northport",
                on=["southvale", "eastmere"],
                due=t(9),
                earliest=t(4),
                demand="an answer",
                consequence="the pier closes",
                about="p1",
            ),
            {"speaker": "the envoy", "reported_by": "a gazette", "precision": "day"},
        ),
        (t(2), ng.DeadlineMoved(deadline="d1", by="northport", due=t(10), earliest=t(5))),
    )

    first, second = views.deadlines(log, as_of=t(6))

    assert attrs.asdict(first) == {
        "deadline": "d1",
        "by": "northport",
        "on": "southvale",
        "due": t(10),
        "earliest": t(5),
        "first_due": t(9),
        "status": "in-window",
        "seconds_left": 4 * DAY,
        "demand": "an answer",
        "consequence": "the pier closes",
        "about": "p1",
        "time": t(1),
        "as_of": t(6),
        "record": "e1",
        "speaker": "the envoy",
        "reported_by": "a gazette",
        "precision": "day",
    }
    assert second == attrs.evolve(first, on="eastmere")


def test_the_time_left_is_negative_for_what_is_overdue() -> None:
    """What is overdue has less than no time left; what was met or lifted runs no longer."""

    def due(deadline: str, day: int) -> ng.DeadlineSet:
        return ng.DeadlineSet(deadline=deadline, by="northport", on=["southvale"], due=t(day))

    log = story(
        (t(1), due("met", 8)),
        (t(1), due("lifted", 8)),
        (t(1), due("late", 5)),
        (t(1), due("now", 6)),
        (t(1), due("soon", 7)),
        (t(2), ng.DeadlineMet(deadline="met", by="southvale")),
        (t(2), ng.DeadlineLifted(deadline="lifted", by="northport")),
        (t(6), ng.DeadlineMet(deadline="late", by="southvale")),
    )

    assert codes(ng.replay(log)) == [("e8", "deadline-missed")]
    assert cells(views.deadlines(log), "deadline", "status", "seconds_left") == [
        ("late", "missed", -DAY),
        ("now", "missed", 0),
        ("soon", "pending", DAY),
        ("lifted", "lifted", None),
        ("met", "met", None),
    ]
    assert cells(views.deadlines(log, as_of=t(1)), "status", "seconds_left")[3] == (
        *("pending", 7 * DAY),
    )


def test_the_deadline_of_the_report(report: ng.Log) -> None:
    """The one ultimatum is set to both sides, in a window that has begun, with five days left."""
    columns = "on", "status", "seconds_left", "demand"
    assert cells(views.deadlines(report), *columns) == [
        ("russia", "in-window", 5 * DAY, "progress"),
        ("ukraine", "in-window", 5 * DAY, "progress"),
    ]
    assert cells(views.deadlines(report, as_of=t_report(27)), "status", "seconds_left") == [
        ("missed", -DAY),
        ("missed", -DAY),
    ]
    assert views.deadlines(report, known_at=t_report(21, 17)) == ()


# Coverage

SPANS = "coverage", "party", "since", "until", "over", "seconds"


def test_a_truce_covers_the_spans_of_each_party_and_what_is_mutual() -> None:
    """Each party's spans, then those in which two or more were bound, each with its outside."""
    log = story(
        CALM,
        (t(2), ng.TruceJoined(truce="calm", by="southvale", starts=t(6))),
        (t(7), ng.TruceEnded(truce="calm", by="southvale")),
        (t(8), ng.TruceJoined(truce="calm", by="southvale")),
        (t(9), ng.TruceRejected(truce="calm", by="eastmere")),
    )

    assert codes(ng.replay(log)) == []
    assert cells(views.coverage(log), *SPANS) == [
        ("bound", "northport", t(5), t(10), False, 4 * DAY),
        ("not-bound", "northport", None, None, None, None),
        ("bound", "southvale", t(6), t(7), True, DAY),
        ("bound", "southvale", t(8), t(10), False, DAY),
        ("not-bound", "southvale", None, None, None, None),
        ("mutual", None, t(6), t(7), True, DAY),
        ("mutual", None, t(8), t(10), False, DAY),
        ("not-mutual", None, None, None, None, None),
    ]
    assert {row.truce for row in views.coverage(log)} == {"calm"}


def test_spans_are_covered_from_their_start_up_to_their_end() -> None:
    """At its start a span has begun, and lasted no time; at its end it is over."""
    log = story(CALM)

    def told(day: int) -> list[tuple[Any, ...]]:
        return cells(views.coverage(log, as_of=t(day)), "coverage", "over", "seconds", "as_of")[:-2]

    assert told(4) == []
    assert told(5) == [("bound", False, 0, t(5))]
    assert told(10) == [("bound", True, 5 * DAY, t(10))]
    assert told(12) == [("bound", True, 5 * DAY, t(12))]


def test_a_truce_without_an_end_covers_what_is_to_come() -> None:
    """A span that nobody ended has no end, lasts up to the moment asked, and meets any claim."""
    log = story(
        (t(2), ng.TruceDeclared(truce="night", by="northport", kind="truce")),
        (t(2), ng.TruceJoined(truce="night", by="southvale")),
        (t(4), claim("v1", truce="night", begins=t(20), ends=t(21))),
    )

    assert cells(views.coverage(log), *SPANS, "claims")[::2] == [
        ("bound", "northport", t(2), None, False, 2 * DAY, 1),
        ("bound", "southvale", t(2), None, False, 2 * DAY, 0),
        ("mutual", None, t(2), None, False, 2 * DAY, 1),
    ]


def test_one_party_twice_is_not_mutual() -> None:
    """Spans of one party that overlap are one span, and a truce of one party is not mutual."""
    log = story(
        (t(2), ng.TruceDeclared(truce="night", by="northport", kind="truce", ends=t(9))),
        (t(5), ng.TruceEnded(truce="night", by="northport")),
        (t(6), ng.TruceJoined(truce="night", by="northport", starts=t(3))),
    )

    assert codes(ng.replay(log)) == []
    assert cells(views.coverage(log), *SPANS) == [
        ("bound", "northport", t(2), t(9), False, 4 * DAY),
        ("not-bound", "northport", None, None, None, None),
        ("not-mutual", None, None, None, None, None),
    ]


def test_a_truce_that_passes_from_hand_to_hand_stays_mutual() -> None:
    """One party is bound from the instant at which another is not: two are, throughout."""
    log = story(
        CALM,
        (t(2), ng.TruceJoined(truce="calm", by="southvale")),
        (t(3), ng.TruceJoined(truce="calm", by="eastmere", starts=t(7))),
        (t(7), ng.TruceEnded(truce="calm", by="southvale")),
        (t(11), ng.StatementMade(by="eastmere", text="it held")),
    )

    mutual = [row for row in views.coverage(log) if row.coverage == "mutual"]
    assert cells(mutual, "since", "until") == [(t(5), t(10))]


def test_claims_are_counted_inside_and_outside_the_spans() -> None:
    """A row counts claims, not what they count; it counts those apart that were replaced."""
    log = story(
        CALM,
        (t(2), ng.TruceJoined(truce="calm", by="southvale", starts=t(8))),
        (t(6), claim("inside", count=500)),
        (t(6), claim("also-inside", count=3, begins=t(3), ends=t(6))),
        (t(6), claim("before", begins=t(3), ends=t(5))),
        (t(6), claim("at-the-start", begins=t(5), ends=t(5))),
        (t(6), claim("at-the-end", begins=t(10), ends=t(12))),
        (t(8), claim("reply", by="southvale", alleged_by="northport")),
        (t(8), claim("again", replaces="inside", ends=t(8))),
        (t(8), claim("unbound", by="eastmere")),
        (t(8), claim("elsewhere", truce="storm")),
    )

    assert cells(views.coverage(log), "coverage", "party", "claims", "replaced") == [
        ("not-bound", "eastmere", 1, 0),
        ("bound", "northport", 3, 1),
        ("not-bound", "northport", 2, 0),
        ("bound", "southvale", 1, 0),
        ("not-bound", "southvale", 0, 0),
        ("mutual", None, 3, 0),
        ("not-mutual", None, 4, 1),
    ]


def test_a_claim_that_meets_two_spans_is_counted_in_both() -> None:
    """A claim about a long time meets each span in it, so rows are not to be added up."""
    log = story(
        CALM,
        (t(6), ng.TruceEnded(truce="calm", by="northport")),
        (t(7), ng.TruceJoined(truce="calm", by="northport")),
        (t(8), claim("v1", begins=t(5), ends=t(8))),
        (t(8), claim("v2", begins=t(5), ends=t(7))),
    )

    assert cells(views.coverage(log), "coverage", "since", "claims") == [
        ("bound", t(5), 2),
        ("bound", t(7), 1),
        ("not-bound", None, 0),
        ("not-mutual", None, 2),
    ]


def test_what_never_bound_covers_nothing() -> None:
    """A span that was ended before it began, or as it did, has no row; its party has one."""
    log = story(CALM, (t(5), ng.TruceEnded(truce="calm", by="northport")))

    assert cells(views.coverage(log), "coverage", "party") == [
        ("not-bound", "northport"),
        ("not-mutual", None),
    ]


def test_coverage_is_that_of_the_truces_in_order() -> None:
    """Truces stand in the order of their ids, and one of them can be asked for."""
    log = story(
        CALM,
        (t(2), ng.TruceDeclared(truce="before", by="southvale", kind="truce", ends=t(3))),
        (t(2), ng.TruceEnded(truce="calm", by="northport"), {"visible_to": ["eastmere"]}),
    )

    assert [row.truce for row in views.coverage(log)] == ["before"] * 3 + ["calm"] * 2
    assert {row.truce for row in views.coverage(log, truce="calm")} == {"calm"}
    assert views.coverage(log, truce="storm") == ()
    public = views.coverage(log, truce="calm", known_to="westhaven", as_of=t(6))
    assert cells(public, "coverage", "party")[0] == ("bound", "northport")


def test_the_coverage_of_the_report(report: ng.Log) -> None:
    """The Easter truce bound Russia for 30 hours, never Ukraine, and was never mutual."""
    assert cells(views.coverage(report), *SPANS, "claims") == [
        (
            *("bound", "russia", t_report(19, 15), t_report(20, 21), True),
            *(timedelta(hours=30).total_seconds(), 2),
        ),
        ("not-bound", "russia", None, None, None, None, 1),
        ("not-bound", "ukraine", None, None, None, None, 4),
        ("not-mutual", None, None, None, None, None, 7),
    ]


# Tables

VIEWS = {
    views.positions: views.PositionRow,
    views.concessions: views.ConcessionRow,
    views.claims: views.ClaimRow,
    views.replies: views.ReplyRow,
    views.deadlines: views.DeadlineRow,
    views.coverage: views.CoverageRow,
}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_view_gives_rows_of_one_shape(view: Any, report: ng.Log) -> None:
    """The rows of a view are of one frozen class, and its columns are the keys of their table."""
    rows = view(report)

    assert {type(row) for row in rows} == {VIEWS[view]}
    assert [tuple(line) for line in views.table(rows)] == [views.columns(VIEWS[view])] * len(rows)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        rows[0].record = "e99"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_an_empty_log_has_no_rows(view: Any) -> None:
    """Where nothing has happened every view is empty, whatever it is asked."""
    log = ng.Log("talks-1")

    assert view(log) == view(log, as_of=t(1), known_at=t(1), known_to="northport") == ()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_moment_without_a_time_zone_is_refused(view: Any) -> None:
    """A view refuses what `replay` refuses."""
    with pytest.raises(ng.InvalidTime, match="known_at must have a time zone"):
        view(ng.Log("talks-1"), known_at=t(1).replace(tzinfo=None))


def test_a_table_holds_plain_values() -> None:
    """A list or an object becomes its JSON text; everything else stays what it is."""
    values = [{"b": [1, None], "a": "Zürich"}, ["x"], True, None, 1.5, "text"]
    log = story(*((t(day), stand(value)) for day, value in enumerate(values, start=1)))

    told = views.table(views.positions(log))

    assert [line["value"] for line in told] == [
        '{"b": [1, null], "a": "Zürich"}',
        '["x"]',
        *(True, None, 1.5, "text"),
    ]
    assert told[1]["was"] == told[0]["value"]
    assert told[0]["time"] == t(1)


def test_a_table_is_written_and_read_as_csv(report: ng.Log) -> None:
    """The columns are the header of a CSV file, of an empty one too."""
    file = StringIO()
    writer = csv.DictWriter(file, views.columns(views.ReplyRow))
    writer.writeheader()
    writer.writerows(views.table(views.replies(report)))

    read = list(csv.DictReader(StringIO(file.getvalue())))
    assert [line["proposal"] for line in read] == ["civilian-targets", "bilateral-talks"]
    assert [line["expires"] for line in read] == ["", ""]
    assert read[0]["since"] == "2025-04-20 00:00:00+00:00"


def test_the_views_are_imported_when_they_are_asked_for() -> None:
    """`ng.views` is the module."""
    assert ng.views is views
