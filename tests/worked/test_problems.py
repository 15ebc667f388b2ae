"""Problems: each rule that a record can break, what is looked for first, what stays as it was."""

import pytest

import negotiation as ng

from .story import Entry, codes, story, t

OFFER = (t(1), ng.ProposalMade(proposal="p1", by="buyer", to=["seller"], terms={}))
CALM = (
    t(1),
    ng.TruceDeclared(truce="calm", by="northport", kind="ceasefire", starts=t(1), ends=t(5)),
)
CLAIM = (
    t(2),
    ng.TruceViolated(violation="v1", truce="calm", by="northport", alleged_by="southvale"),
)
DUE = (t(1), ng.DeadlineSet(deadline="d1", by="union", on=["works"], due=t(5)))
ROUND = (
    t(1),
    ng.MeetingScheduled(meeting="m1", by="union", parties=["union", "works"], starts=t(4)),
)

BREACHES: dict[str, tuple[str | None, tuple[Entry, ...]]] = {
    "used-id": ("seller", (OFFER, (t(2), ng.TruceDeclared(truce="p1", by="seller", kind="truce")))),
    "unknown-proposal": ("seller", ((t(1), ng.ProposalRejected(proposal="p1", by="seller")),)),
    "unknown-truce": ("southvale", ((t(1), ng.TruceJoined(truce="calm", by="southvale")),)),
    "unknown-violation": (
        "coast-watch",
        ((t(1), ng.ViolationAssessed(violation="v1", by="coast-watch", finding="denied")),),
    ),
    "unknown-deadline": ("works", ((t(1), ng.DeadlineMet(deadline="d1", by="works")),)),
    "unknown-meeting": ("works", ((t(1), ng.MeetingCancelled(meeting="m1", by="works")),)),
    "not-addressee": ("rival", (OFFER, (t(2), ng.ProposalAccepted(proposal="p1", by="rival")))),
    "not-maker": ("seller", (OFFER, (t(2), ng.ProposalWithdrawn(proposal="p1", by="seller")))),
    "proposal-closed": (
        "buyer",
        (
            OFFER,
            (t(2), ng.ProposalAccepted(proposal="p1", by="seller")),
            (t(3), ng.ProposalWithdrawn(proposal="p1", by="buyer")),
        ),
    ),
    "already-answered": (
        "seller",
        (
            OFFER,
            (t(2), ng.ProposalRejected(proposal="p1", by="seller")),
            (t(3), ng.ProposalAccepted(proposal="p1", by="seller")),
        ),
    ),
    "already-bound": ("northport", (CALM, (t(2), ng.TruceJoined(truce="calm", by="northport")))),
    "truce-over": ("southvale", (CALM, (t(5), ng.TruceJoined(truce="calm", by="southvale")))),
    "not-bound": ("southvale", (CALM, (t(2), ng.TruceEnded(truce="calm", by="southvale")))),
    "wrong-replaces": (
        "coast-watch",
        (
            CALM,
            CLAIM,
            (
                t(3),
                ng.TruceViolated(
                    violation="v2",
                    truce="calm",
                    by="northport",
                    alleged_by="coast-watch",
                    replaces="v1",
                ),
            ),
        ),
    ),
    "deadline-closed": (
        "works",
        (
            DUE,
            (t(2), ng.DeadlineLifted(deadline="d1", by="union")),
            (t(3), ng.DeadlineMet(deadline="d1", by="works")),
        ),
    ),
    "deadline-missed": ("works", (DUE, (t(5), ng.DeadlineMet(deadline="d1", by="works")))),
    "meeting-closed": (
        None,
        (
            ROUND,
            (t(2), ng.MeetingCancelled(meeting="m1", by="works")),
            (t(4), ng.MeetingHeld(meeting="m1", parties=["union"])),
        ),
    ),
    "already-withdrawn": (
        "works",
        ((t(1), ng.PartyWithdrew(by="works")), (t(2), ng.PartyWithdrew(by="works"))),
    ),
    "unknown-type": (None, ((t(1), ng.UnknownEvent(type="com.example.other.v1", data={"a": 1})),)),
    "unknown-record": ("wire", (OFFER, (t(2), ng.EventRetracted(event="e7", by="wire")))),
    "already-retracted": (
        "wire",
        (
            OFFER,
            (t(2), ng.EventRetracted(event="e1", by="buyer")),
            (t(3), ng.EventRetracted(event="e1", by="wire")),
        ),
    ),
}
"""By code: the party at fault and a story whose last record alone breaks the rule."""


@pytest.mark.parametrize("code", BREACHES)
def test_a_breach_is_a_value(code: str) -> None:
    """A breach names the record, its position, the rule and the party, and says so in words."""
    party, entries = BREACHES[code]
    log = story(*entries)
    (problem,) = ng.check(log)
    assert problem.code == code
    assert (problem.event, problem.position) == (f"e{len(entries)}", len(entries))
    assert problem.party == party
    assert problem.message
    assert ng.replay(log).problems == (problem,)


SENTENCES: dict[str, tuple[str, tuple[Entry, ...]]] = {
    "an ended truce is rejected": (
        (
            "northport's TruceRejected, truce 'calm', comes when the party is bound already, or "
            "has been; as long as it is, it may end or extend that"
        ),
        (
            CALM,
            (t(2), ng.TruceEnded(truce="calm", by="northport")),
            (t(3), ng.TruceRejected(truce="calm", by="northport")),
        ),
    ),
    "a rejected proposal is accepted too late": (
        (
            "rival's ProposalAccepted, proposal 'p2', comes when the proposal is accepted, "
            "withdrawn or past its expiry"
        ),
        (
            (
                t(1),
                ng.ProposalMade(
                    proposal="p2", by="buyer", to=["seller", "rival"], terms={}, expires=t(3)
                ),
            ),
            (t(2), ng.ProposalRejected(proposal="p2", by="seller")),
            (t(3), ng.ProposalAccepted(proposal="p2", by="rival")),
        ),
    ),
    "a wrong counter": (
        (
            "seller's ProposalMade, proposal 'p2', counters 'p1', names a proposal that nobody has "
            "made by then"
        ),
        (
            (
                t(1),
                ng.ProposalMade(proposal="p2", by="seller", to=["buyer"], terms={}, counters="p1"),
            ),
        ),
    ),
    "a repetition of nothing": (
        "works's StatementMade, repeating 'e9', names a record that does not stand above it",
        ((t(1), ng.StatementMade(by="works", text="so"), {"repeats": "e9"}),),
    ),
    "nothing is named": (
        "works's PartyWithdrew comes from a party that has left the talks; it may join again",
        BREACHES["already-withdrawn"][1],
    ),
}


@pytest.mark.parametrize("what", SENTENCES)
def test_a_problem_is_told_in_a_sentence(what: str) -> None:
    """It says who did what to which item, why that breaks a rule, and what would not."""
    sentence, entries = SENTENCES[what]
    assert [problem.message for problem in ng.check(story(*entries))] == [sentence]


@pytest.mark.parametrize("code", BREACHES)
def test_a_strict_append_refuses_what_a_fold_takes(code: str) -> None:
    """What becomes a problem when taken is refused when appended strictly."""
    *before, last = BREACHES[code][1]
    log = story(*before)
    with pytest.raises(ng.IllegalEvent):
        log.append(last[1], time=last[0], strict=True)


def test_an_id_is_used_across_all_kinds() -> None:
    """An id taken by one item is taken for every kind of item, and the first item stands."""
    log = story(
        CALM,
        OFFER,
        (t(2), ng.ProposalMade(proposal="p1", by="seller", to=["buyer"], terms={"n": 2})),
        (t(2), ng.TruceDeclared(truce="p1", by="northport", kind="truce")),
        (
            t(2),
            ng.TruceViolated(violation="p1", truce="calm", by="northport", alleged_by="southvale"),
        ),
        (t(2), ng.DeadlineSet(deadline="p1", by="union", on=["works"], due=t(9))),
        (t(2), ng.MeetingScheduled(meeting="p1", by="union", parties=["works"], starts=t(9))),
        (t(2), ng.MeetingHeld(meeting="p1", parties=["works"])),
        (t(2), ng.TruceDeclared(truce="calm", by="southvale", kind="armistice")),
    )
    state = ng.replay(log)
    assert codes(state) == [(f"e{n}", "used-id") for n in range(3, 10)]
    assert state.proposals["p1"].by == "buyer"
    assert state.proposals["p1"].records == ("e2",)
    assert set(state.truces) == {"calm"}
    assert state.truces["calm"].declared_by == "northport"
    assert (state.violations, state.deadlines, state.meetings) == ({}, {}, {})
    assert {"union", "works", "southvale"} <= set(state.parties)
    assert state.parties["works"].deadlines_facing == frozenset()
    assert state.parties["northport"].violations_alleged_against == frozenset()


def test_an_item_of_another_kind_is_unknown() -> None:
    """Naming an item of another kind than meant is naming nothing."""
    log = story(
        OFFER,
        CALM,
        (t(2), ng.ProposalAccepted(proposal="calm", by="seller")),
        (t(2), ng.TruceJoined(truce="p1", by="southvale")),
        (t(2), ng.ViolationAssessed(violation="p1", by="southvale", finding="denied")),
        (t(2), ng.DeadlineLifted(deadline="calm", by="southvale")),
        (t(2), ng.MeetingCancelled(meeting="p1", by="seller")),
    )
    assert codes(ng.replay(log)) == [
        ("e3", "unknown-proposal"),
        ("e4", "unknown-truce"),
        ("e5", "unknown-violation"),
        ("e6", "unknown-deadline"),
        ("e7", "unknown-meeting"),
    ]


def test_a_used_id_is_looked_for_before_a_wrong_counter() -> None:
    """A record gains one problem at most, the first that is looked for."""
    log = story(
        OFFER,
        (
            t(2),
            ng.ProposalMade(proposal="p1", by="rival", to=["buyer"], terms={}, counters="p9"),
        ),
    )
    assert codes(ng.replay(log)) == [("e2", "used-id")]


def test_who_may_act_is_looked_for_before_whether_it_is_too_late() -> None:
    """A stranger's answer to a closed proposal is a stranger's, an author's second one is late."""
    log = story(
        OFFER,
        (t(2), ng.ProposalAccepted(proposal="p1", by="seller")),
        (t(3), ng.ProposalAccepted(proposal="p1", by="rival")),
        (t(4), ng.ProposalWithdrawn(proposal="p1", by="seller")),
        (t(5), ng.ProposalAccepted(proposal="p1", by="seller")),
    )
    assert codes(ng.replay(log)) == [
        ("e3", "not-addressee"),
        ("e4", "not-maker"),
        ("e5", "proposal-closed"),
    ]


def test_a_closed_deadline_is_looked_for_before_a_missed_one() -> None:
    """Meeting a lifted deadline after it was due is meeting a lifted one."""
    log = story(
        DUE,
        (t(2), ng.DeadlineLifted(deadline="d1", by="union")),
        (t(6), ng.DeadlineMet(deadline="d1", by="works")),
    )
    assert codes(ng.replay(log)) == [("e3", "deadline-closed")]


def test_an_unknown_type_counts_and_changes_nothing() -> None:
    """An event of an unknown type takes a position and a time, and names nobody."""
    log = story(OFFER, (t(4), ng.UnknownEvent(type="com.example.other.v1", data={"by": "x"})))
    state = ng.replay(log)
    assert codes(state) == [("e2", "unknown-type")]
    assert (state.position, state.time) == (2, t(4))
    assert set(state.parties) == {"buyer", "seller"}
    assert state.proposals == ng.replay(log, as_of=t(1)).proposals


def test_labels_that_name_nothing_are_no_problem() -> None:
    """`under`, `about` and `follows` may name whatever their author likes."""
    log = story(
        (t(1), ng.TruceDeclared(truce="calm", by="northport", kind="truce", under="x1")),
        (t(1), ng.DeadlineSet(deadline="d1", by="union", on=["works"], due=t(5), about="x2")),
        (t(1), ng.StatementMade(by="union", text="soon", about="x3")),
        (
            t(1),
            ng.MeetingScheduled(
                meeting="m1", by="union", parties=["works"], starts=t(4), follows="x4"
            ),
        ),
        (t(4), ng.MeetingHeld(meeting="m2", parties=["works"], follows="x5")),
    )
    assert ng.check(log) == ()


def test_a_sound_story_has_no_problems() -> None:
    """Talks from the first offer to the signing, by the rules, leave no problem behind."""
    log = story(
        (t(1), ng.PartyJoined(party="union", role="principal")),
        (t(1), ng.PartyJoined(party="works", role="principal")),
        (t(2), ng.ProposalMade(proposal="p1", by="union", to=["works"], terms={"pay": 8})),
        (t(2), ng.DeadlineSet(deadline="d1", by="union", on=["works"], due=t(9), about="p1")),
        (
            t(3),
            ng.ProposalMade(
                proposal="p2", by="works", to=["union"], terms={"pay": 4}, counters="p1"
            ),
        ),
        (t(4), ng.MeetingHeld(meeting="m1", parties=["union", "works"])),
        (t(5), ng.ProposalClarified(proposal="p2", by="works", terms={"pay": 6})),
        (t(6), ng.ProposalAccepted(proposal="p2", by="union")),
        (t(6), ng.DeadlineMet(deadline="d1", by="works")),
    )
    state = ng.replay(log)
    assert state.problems == ()
    assert (state.proposals["p1"].status, state.proposals["p2"].status) == ("countered", "accepted")
    assert state.proposals["p2"].terms["pay"] == 6
    assert state.deadlines["d1"].status == "met"
    assert state.parties["works"].replies_owed == frozenset()
    assert state.position == 9
