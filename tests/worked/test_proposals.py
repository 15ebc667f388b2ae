"""Proposals: made, answered, clarified, countered, withdrawn and expired."""

import negotiation as ng

from .story import codes, story, t

OFFER = (
    t(1),
    ng.ProposalMade(
        proposal="p1",
        by="buyer",
        to=["seller"],
        terms={"price": 10, "quantity": 400},
        expires=t(10),
    ),
)
COUNTER = (
    t(2),
    ng.ProposalMade(proposal="p2", by="seller", to=["buyer"], terms={"price": 14}, counters="p1"),
)
TENDER = (
    t(1),
    ng.ProposalMade(
        proposal="tender",
        by="city",
        to=["millworks", "quarryco"],
        terms={"stone": "grey"},
        expires=t(10),
    ),
)


def test_a_proposal_opens() -> None:
    """A proposal that nobody has answered is open and stands as it was made."""
    proposal = ng.replay(story(OFFER)).proposals["p1"]
    assert proposal.status == "open"
    assert (proposal.id, proposal.by, proposal.to) == ("p1", "buyer", ("seller",))
    assert (proposal.made, proposal.expires) == (t(1), t(10))
    assert (proposal.terms["price"], proposal.terms["quantity"]) == (10, 400)
    assert proposal.answers == {}
    assert (proposal.counters, proposal.countered_by) == (None, ())
    assert proposal.records == ("e1",)


def test_the_one_addressee_accepts() -> None:
    """A proposal is accepted once its only addressee has accepted it."""
    state = ng.replay(story(OFFER, (t(2), ng.ProposalAccepted(proposal="p1", by="seller"))))
    assert state.proposals["p1"].status == "accepted"
    assert state.proposals["p1"].answers == {"seller": "accepted"}
    assert state.proposals["p1"].records == ("e1", "e2")
    assert state.problems == ()


def test_every_addressee_must_accept() -> None:
    """A proposal to several stays open until the last of them has accepted it."""
    log = story(
        TENDER,
        (t(2), ng.ProposalAccepted(proposal="tender", by="quarryco")),
        (t(3), ng.ProposalAccepted(proposal="tender", by="millworks")),
    )
    partly = ng.replay(log, as_of=t(2))
    assert partly.proposals["tender"].status == "open"
    assert partly.proposals["tender"].answers == {"quarryco": "accepted"}
    assert partly.parties["millworks"].replies_owed == frozenset({"tender"})
    assert partly.parties["quarryco"].replies_owed == frozenset()
    assert ng.replay(log).proposals["tender"].status == "accepted"


def test_one_rejection_rejects() -> None:
    """One addressee's no rejects a proposal, and the others may still answer it."""
    log = story(
        TENDER,
        (t(2), ng.ProposalRejected(proposal="tender", by="millworks", reason="too little")),
        (t(3), ng.ProposalAccepted(proposal="tender", by="quarryco")),
    )
    assert ng.replay(log, as_of=t(2)).proposals["tender"].status == "rejected"
    after = ng.replay(log)
    assert after.proposals["tender"].status == "rejected"
    assert after.proposals["tender"].answers == {"millworks": "rejected", "quarryco": "accepted"}
    assert after.problems == ()


def test_a_rejected_proposal_awaits_no_reply() -> None:
    """Replies are owed to open proposals alone, so one rejection frees the other addressee."""
    log = story(TENDER, (t(2), ng.ProposalRejected(proposal="tender", by="millworks")))
    state = ng.replay(log)
    assert state.parties["quarryco"].replies_owed == frozenset()
    assert state.parties["city"].replies_awaited == frozenset()
    assert state.parties["city"].proposals_made == frozenset({"tender"})


def test_a_counter_is_an_answer_and_a_proposal() -> None:
    """A counter answers the proposal that it names and opens one of its own."""
    state = ng.replay(story(OFFER, COUNTER))
    assert state.proposals["p1"].status == "countered"
    assert state.proposals["p1"].answers == {"seller": "countered"}
    assert state.proposals["p1"].countered_by == ("p2",)
    assert state.proposals["p1"].records == ("e1", "e2")
    assert state.proposals["p2"].status == "open"
    assert state.proposals["p2"].counters == "p1"
    assert state.proposals["p2"].records == ("e2",)
    assert state.parties["buyer"].replies_owed == frozenset({"p2"})
    assert state.parties["seller"].replies_owed == frozenset()
    assert state.parties["seller"].replies_awaited == frozenset({"p2"})


def test_a_counter_may_be_countered() -> None:
    """Each of a chain of counters answers the one before it and no other."""
    log = story(
        OFFER,
        COUNTER,
        (
            t(3),
            ng.ProposalMade(
                proposal="p3", by="buyer", to=["seller"], terms={"price": 12}, counters="p2"
            ),
        ),
        (t(4), ng.ProposalAccepted(proposal="p3", by="seller")),
    )
    proposals = ng.replay(log).proposals
    assert {key: each.status for key, each in proposals.items()} == {
        "p1": "countered",
        "p2": "countered",
        "p3": "accepted",
    }
    assert proposals["p1"].countered_by == ("p2",)
    assert proposals["p2"].countered_by == ("p3",)
    assert proposals["p3"].countered_by == ()


def test_a_counter_outweighs_an_acceptance() -> None:
    """A proposal that one addressee accepted and another countered is countered."""
    log = story(
        TENDER,
        (t(2), ng.ProposalAccepted(proposal="tender", by="millworks")),
        (
            t(3),
            ng.ProposalMade(
                proposal="bid", by="quarryco", to=["city"], terms={}, counters="tender"
            ),
        ),
    )
    tender = ng.replay(log).proposals["tender"]
    assert tender.status == "countered"
    assert tender.answers == {"millworks": "accepted", "quarryco": "countered"}


def test_a_rejection_outweighs_a_counter() -> None:
    """A proposal that one addressee countered and another rejected is rejected."""
    log = story(
        TENDER,
        (
            t(2),
            ng.ProposalMade(
                proposal="bid", by="quarryco", to=["city"], terms={}, counters="tender"
            ),
        ),
        (t(3), ng.ProposalRejected(proposal="tender", by="millworks")),
    )
    assert ng.replay(log, as_of=t(2)).proposals["tender"].status == "countered"
    assert ng.replay(log).proposals["tender"].status == "rejected"
    assert ng.replay(log).proposals["tender"].countered_by == ("bid",)


def test_a_clarification_replaces_the_terms_it_names() -> None:
    """A clarification changes or adds the terms that it names and leaves the rest."""
    log = story(
        OFFER,
        (t(2), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 11, "by": "rail"})),
    )
    proposal = ng.replay(log).proposals["p1"]
    assert dict(proposal.terms) == {"price": 11, "quantity": 400, "by": "rail"}
    assert (proposal.made, proposal.expires) == (t(1), t(10))
    assert proposal.records == ("e1", "e2")
    assert ng.replay(log, as_of=t(1)).proposals["p1"].terms["price"] == 10


def test_a_clarification_lapses_answers_but_not_the_counters() -> None:
    """After a clarification nobody has answered, while `countered_by` stays."""
    log = story(
        OFFER,
        COUNTER,
        (t(3), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 12})),
    )
    assert ng.replay(log, as_of=t(2)).proposals["p1"].status == "countered"
    state = ng.replay(log)
    assert state.proposals["p1"].status == "open"
    assert state.proposals["p1"].answers == {}
    assert state.proposals["p1"].countered_by == ("p2",)
    assert state.proposals["p1"].records == ("e1", "e2", "e3")
    assert state.parties["seller"].replies_owed == frozenset({"p1"})


def test_a_clarification_revives_a_rejected_proposal() -> None:
    """A rejection lapses too, and its author may then say yes."""
    log = story(
        OFFER,
        (t(2), ng.ProposalRejected(proposal="p1", by="seller")),
        (t(3), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 12})),
        (t(4), ng.ProposalAccepted(proposal="p1", by="seller")),
    )
    assert ng.replay(log, as_of=t(3)).proposals["p1"].status == "open"
    assert ng.replay(log).proposals["p1"].status == "accepted"
    assert ng.replay(log).problems == ()


def test_countering_again_after_a_clarification() -> None:
    """Whoever countered may counter again after a clarification, and both counters are kept."""
    log = story(
        OFFER,
        COUNTER,
        (t(3), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 12})),
        (
            t(4),
            ng.ProposalMade(
                proposal="p3", by="seller", to=["buyer"], terms={"price": 13}, counters="p1"
            ),
        ),
    )
    state = ng.replay(log)
    assert state.proposals["p1"].countered_by == ("p2", "p3")
    assert state.proposals["p1"].answers == {"seller": "countered"}
    assert state.parties["buyer"].replies_owed == frozenset({"p2", "p3"})
    assert state.problems == ()


def test_one_answer_each() -> None:
    """An addressee's second answer, a counter included, is a problem and changes nothing."""
    log = story(
        OFFER,
        (t(2), ng.ProposalRejected(proposal="p1", by="seller")),
        (t(3), ng.ProposalAccepted(proposal="p1", by="seller")),
        (
            t(4),
            ng.ProposalMade(proposal="p2", by="seller", to=["buyer"], terms={}, counters="p1"),
        ),
    )
    state = ng.replay(log)
    assert codes(state) == [("e3", "already-answered"), ("e4", "already-answered")]
    assert state.proposals["p1"].answers == {"seller": "rejected"}
    assert state.proposals["p1"].countered_by == ()
    assert state.proposals["p1"].records == ("e1", "e2")
    assert (state.proposals["p2"].status, state.proposals["p2"].counters) == ("open", "p1")


def test_only_addressees_answer() -> None:
    """Neither a bystander nor the maker can accept, reject or counter a proposal."""
    log = story(
        OFFER,
        (t(2), ng.ProposalAccepted(proposal="p1", by="rival")),
        (t(3), ng.ProposalRejected(proposal="p1", by="buyer")),
        (
            t(4),
            ng.ProposalMade(proposal="p2", by="rival", to=["buyer"], terms={}, counters="p1"),
        ),
        (
            t(5),
            ng.ProposalMade(proposal="p3", by="buyer", to=["seller"], terms={}, counters="p1"),
        ),
    )
    state = ng.replay(log)
    assert codes(state) == [
        ("e2", "not-addressee"),
        ("e3", "not-addressee"),
        ("e4", "not-addressee"),
        ("e5", "not-addressee"),
    ]
    assert state.proposals["p1"].status == "open"
    assert state.proposals["p1"].countered_by == ()
    assert state.proposals["p2"].status == "open"
    assert state.proposals["p3"].counters == "p1"


def test_only_the_maker_clarifies_or_withdraws() -> None:
    """An addressee that clarifies or withdraws a proposal is a problem, and it stands."""
    log = story(
        OFFER,
        (t(2), ng.ProposalClarified(proposal="p1", by="seller", terms={"price": 99})),
        (t(3), ng.ProposalWithdrawn(proposal="p1", by="seller")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e2", "not-maker"), ("e3", "not-maker")]
    assert state.proposals["p1"].status == "open"
    assert state.proposals["p1"].terms["price"] == 10


def test_a_withdrawn_proposal_is_final() -> None:
    """Nothing is taken from a proposal once its maker has withdrawn it."""
    log = story(
        OFFER,
        (t(2), ng.ProposalWithdrawn(proposal="p1", by="buyer", reason="budget cut")),
        (t(3), ng.ProposalAccepted(proposal="p1", by="seller")),
        (t(4), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 1})),
        (t(5), ng.ProposalWithdrawn(proposal="p1", by="buyer")),
    )
    state = ng.replay(log)
    assert state.proposals["p1"].status == "withdrawn"
    assert state.proposals["p1"].answers == {}
    assert codes(state) == [(key, "proposal-closed") for key in ("e3", "e4", "e5")]
    assert ng.replay(log, as_of=t(20)).proposals["p1"].status == "withdrawn"


def test_an_accepted_proposal_is_final() -> None:
    """An accepted proposal can be neither withdrawn nor answered again, and never expires."""
    log = story(
        OFFER,
        (t(2), ng.ProposalAccepted(proposal="p1", by="seller")),
        (t(3), ng.ProposalWithdrawn(proposal="p1", by="buyer")),
        (t(4), ng.ProposalRejected(proposal="p1", by="seller")),
    )
    assert codes(ng.replay(log)) == [("e3", "proposal-closed"), ("e4", "proposal-closed")]
    assert ng.replay(log).proposals["p1"].status == "accepted"
    assert ng.replay(log, as_of=t(10)).proposals["p1"].status == "accepted"


def test_a_rejected_proposal_may_be_withdrawn() -> None:
    """A rejection is not final: the maker may withdraw, and the answer stays on record."""
    log = story(
        OFFER,
        (t(2), ng.ProposalRejected(proposal="p1", by="seller")),
        (t(3), ng.ProposalWithdrawn(proposal="p1", by="buyer")),
    )
    state = ng.replay(log)
    assert state.proposals["p1"].status == "withdrawn"
    assert state.proposals["p1"].answers == {"seller": "rejected"}
    assert state.problems == ()


def test_a_proposal_expires_at_its_very_instant() -> None:
    """A proposal is open up to `expires` and expired from that instant on."""
    log = story(OFFER)
    before = ng.replay(log, as_of=t(9, 23, 59))
    assert before.proposals["p1"].status == "open"
    assert before.parties["seller"].replies_owed == frozenset({"p1"})
    assert before.parties["buyer"].replies_awaited == frozenset({"p1"})
    then = ng.replay(log, as_of=t(10))
    assert then.proposals["p1"].status == "expired"
    assert then.parties["seller"].replies_owed == frozenset()
    assert then.parties["buyer"].replies_awaited == frozenset()
    assert then.time == t(1)


def test_an_answer_just_in_time_and_one_too_late() -> None:
    """An answer counts a minute before `expires` and is a problem at that instant."""
    in_time = story(OFFER, (t(9, 23, 59), ng.ProposalAccepted(proposal="p1", by="seller")))
    assert ng.replay(in_time, as_of=t(11)).proposals["p1"].status == "accepted"
    late = ng.replay(story(OFFER, (t(10), ng.ProposalAccepted(proposal="p1", by="seller"))))
    assert late.proposals["p1"].status == "expired"
    assert late.proposals["p1"].answers == {}
    assert codes(late) == [("e2", "proposal-closed")]


def test_an_expired_proposal_is_final() -> None:
    """Neither its maker nor a counter can move a proposal that has expired."""
    log = story(
        OFFER,
        (t(11), ng.ProposalWithdrawn(proposal="p1", by="buyer")),
        (t(12), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 11})),
        (
            t(13),
            ng.ProposalMade(proposal="p2", by="seller", to=["buyer"], terms={}, counters="p1"),
        ),
    )
    state = ng.replay(log)
    assert codes(state) == [(key, "proposal-closed") for key in ("e2", "e3", "e4")]
    assert state.proposals["p1"].status == "expired"
    assert state.proposals["p1"].terms["price"] == 10
    assert state.proposals["p1"].countered_by == ()
    assert (state.proposals["p2"].status, state.proposals["p2"].counters) == ("open", "p1")


def test_expired_after_partial_acceptance() -> None:
    """A proposal that only some accepted in time expires, and their answers stay."""
    log = story(TENDER, (t(2), ng.ProposalAccepted(proposal="tender", by="millworks")))
    state = ng.replay(log, as_of=t(10))
    assert state.proposals["tender"].status == "expired"
    assert state.proposals["tender"].answers == {"millworks": "accepted"}
    assert state.parties["quarryco"].replies_owed == frozenset()


def test_only_a_withdrawal_is_taken_from_a_rejected_proposal_past_its_expiry() -> None:
    """A rejected proposal stays rejected past `expires`, and its maker alone may still close it."""
    log = story(
        TENDER,
        (t(5), ng.ProposalRejected(proposal="tender", by="millworks")),
        (t(10), ng.ProposalAccepted(proposal="tender", by="quarryco")),
        (t(11), ng.ProposalClarified(proposal="tender", by="city", terms={"stone": "red"})),
        (
            t(12),
            ng.ProposalMade(
                proposal="bid", by="quarryco", to=["city"], terms={}, counters="tender"
            ),
        ),
        (t(13), ng.ProposalWithdrawn(proposal="tender", by="city")),
    )
    before = ng.replay(log, as_of=t(12))
    assert before.proposals["tender"].status == "rejected"
    assert before.proposals["tender"].answers == {"millworks": "rejected"}
    assert before.proposals["tender"].terms["stone"] == "grey"
    after = ng.replay(log)
    assert after.proposals["tender"].status == "withdrawn"
    assert after.proposals["tender"].records == ("e1", "e2", "e6")
    assert codes(after) == [(key, "proposal-closed") for key in ("e3", "e4", "e5")]


def test_only_a_withdrawal_is_taken_from_a_countered_proposal_past_its_expiry() -> None:
    """A countered proposal stays countered past `expires`, and a clarification comes too late."""
    log = story(
        OFFER,
        COUNTER,
        (t(11), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 11})),
        (t(12), ng.ProposalWithdrawn(proposal="p1", by="buyer")),
    )
    assert ng.replay(log, as_of=t(11)).proposals["p1"].status == "countered"
    assert ng.replay(log, as_of=t(11)).proposals["p1"].answers == {"seller": "countered"}
    assert ng.replay(log).proposals["p1"].status == "withdrawn"
    assert codes(ng.replay(log)) == [("e3", "proposal-closed")]


def test_a_clarification_does_not_renew_the_expiry() -> None:
    """A clarified proposal expires when the original said."""
    log = story(OFFER, (t(9), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 11})))
    assert ng.replay(log).proposals["p1"].status == "open"
    assert ng.replay(log, as_of=t(10)).proposals["p1"].status == "expired"


def test_a_proposal_may_be_stale_when_made() -> None:
    """A proposal whose expiry had passed when it was made was never open."""
    stale = ng.ProposalMade(proposal="p1", by="buyer", to=["seller"], terms={}, expires=t(2))
    state = ng.replay(story((t(3), stale)))
    assert state.proposals["p1"].status == "expired"
    assert state.parties["seller"].replies_owed == frozenset()
    assert state.problems == ()


def test_a_counter_to_nothing_opens_all_the_same() -> None:
    """A counter that names an unknown proposal is a problem and an open proposal."""
    lone = ng.ProposalMade(proposal="p2", by="seller", to=["buyer"], terms={}, counters="p1")
    state = ng.replay(story((t(1), lone)))
    assert codes(state) == [("e1", "unknown-proposal")]
    assert (state.proposals["p2"].status, state.proposals["p2"].counters) == ("open", "p1")
    assert state.parties["buyer"].replies_owed == frozenset({"p2"})


def test_a_counter_to_what_comes_later_counters_nothing() -> None:
    """A proposal made after its supposed counter is untouched by it."""
    state = ng.replay(story(COUNTER, (t(3), OFFER[1])))
    assert codes(state) == [("e1", "unknown-proposal")]
    assert state.proposals["p1"].status == "open"
    assert state.proposals["p1"].countered_by == ()
    assert state.proposals["p1"].records == ("e2",)


def test_a_counter_under_a_used_id_counters_nothing() -> None:
    """A counter that takes an id already used neither opens nor answers anything."""
    log = story(
        OFFER,
        (t(2), ng.ProposalMade(proposal="p9", by="seller", to=["buyer"], terms={"price": 20})),
        (
            t(3),
            ng.ProposalMade(
                proposal="p9", by="seller", to=["buyer"], terms={"price": 30}, counters="p1"
            ),
        ),
    )
    state = ng.replay(log)
    assert codes(state) == [("e3", "used-id")]
    assert (state.proposals["p1"].status, state.proposals["p1"].answers) == ("open", {})
    assert state.proposals["p1"].countered_by == ()
    assert (state.proposals["p9"].terms["price"], state.proposals["p9"].counters) == (20, None)


def test_one_and_one_point_nought_and_true_are_three_values() -> None:
    """Terms that Python calls equal are different where JSON writes them differently."""
    whole, real, truth = (
        ng.ProposalMade(proposal="p1", by="buyer", to=["seller"], terms={"n": n})
        for n in (1, 1.0, True)
    )
    assert whole != real
    assert whole != truth
    assert real != truth
    states = [ng.replay(story((t(1), event))) for event in (whole, real, truth)]
    assert states[0] != states[1]
    assert states[0] != states[2]
    assert states[1] != states[2]
    assert [type(state.proposals["p1"].terms["n"]) for state in states] == [int, float, bool]


def test_values_differ_inside_lists_and_objects_too() -> None:
    """A whole number and a truth value stay apart however deep they lie."""
    whole, truth = (
        ng.ProposalMade(proposal="p1", by="buyer", to=["seller"], terms={"lots": [{"n": n}]})
        for n in (1, True)
    )
    assert whole != truth
    assert ng.replay(story((t(1), whole))) != ng.replay(story((t(1), truth)))


def test_a_lapsed_rejection_does_not_keep_a_proposal_from_expiring() -> None:
    """A proposal rejected, clarified and left unanswered expires."""
    log = story(
        OFFER,
        (t(2), ng.ProposalRejected(proposal="p1", by="seller")),
        (t(3), ng.ProposalClarified(proposal="p1", by="buyer", terms={"price": 12})),
    )
    assert ng.replay(log, as_of=t(9)).proposals["p1"].status == "open"
    assert ng.replay(log, as_of=t(10)).proposals["p1"].status == "expired"
    assert ng.replay(log, as_of=t(2)).proposals["p1"].status == "rejected"
