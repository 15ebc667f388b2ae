"""Parties: who is named, what role it has, where it stands and when it was last heard."""

import negotiation as ng

from .story import codes, story, t

JOINED = (t(1), ng.PartyJoined(party="northport", role="principal", name="Port of North"))


def test_a_party_joins() -> None:
    """A party that joins has the role and name given, is active and owes nothing."""
    state = ng.replay(story(JOINED))
    party = state.parties["northport"]
    assert (party.party, party.name, party.role) == ("northport", "Port of North", "principal")
    assert party.status == "active"
    assert (party.positions, party.truces, party.statements) == ({}, {}, ())
    assert party.proposals_made == frozenset()
    assert party.replies_owed == frozenset()
    assert party.replies_awaited == frozenset()
    assert party.deadlines_facing == frozenset()
    assert party.deadlines_set == frozenset()
    assert party.last_heard == t(1)


def test_joining_again_replaces_the_role() -> None:
    """A party that joins again has the new role, and its old name unless it gives another."""
    log = story(
        JOINED,
        (t(2), ng.PartyJoined(party="northport", role="guarantor")),
        (t(3), ng.PartyJoined(party="northport", role="observer", name="North")),
    )
    second = ng.replay(log, as_of=t(2)).parties["northport"]
    assert (second.role, second.name) == ("guarantor", "Port of North")
    third = ng.replay(log).parties["northport"]
    assert (third.role, third.name) == ("observer", "North")
    assert ng.replay(log).problems == ()


def test_a_party_merely_mentioned_has_no_role() -> None:
    """Everyone an event names stands among the parties, active, without role or word."""
    log = story(
        (t(1), ng.ProposalMade(proposal="p1", by="buyer", to=["seller"], terms={})),
        (t(2), ng.DeadlineSet(deadline="d1", by="court", on=["lessee"], due=t(9))),
        (t(3), ng.MeetingHeld(meeting="m1", parties=["guest"])),
        (
            t(4),
            ng.TruceDeclared(truce="t1", by="council", kind="truce", binds=["east", "west"]),
        ),
        (t(5), ng.TruceViolated(violation="v1", truce="t1", by="raiders", alleged_by="coast")),
        (t(6), ng.TruceObserved(truce="t1", by="hill-folk", claimed_by="watch")),
        (
            t(7),
            ng.PositionStated(
                by="ally", issue="i", value=None, firmness="open", attributed_by="herald"
            ),
        ),
    )
    state = ng.replay(log)
    heard = {"buyer", "court", "council", "coast", "watch", "herald"}
    silent = {"seller", "lessee", "guest", "east", "west", "raiders", "hill-folk", "ally"}
    assert set(state.parties) == heard | silent
    assert {party.role for party in state.parties.values()} == {None}
    assert {party.status for party in state.parties.values()} == {"active"}
    assert {key for key, party in state.parties.items() if party.last_heard is None} == silent


def test_a_problematic_record_names_parties_too() -> None:
    """Who answers an unknown proposal is a party and was heard."""
    state = ng.replay(story((t(2), ng.ProposalAccepted(proposal="p9", by="stranger"))))
    assert codes(state) == [("e1", "unknown-proposal")]
    assert state.parties["stranger"].last_heard == t(2)
    assert state.parties["stranger"].role is None


def test_a_party_walks_away() -> None:
    """A withdrawal changes the party's status and nothing that stands between the parties."""
    log = story(
        JOINED,
        (t(2), ng.ProposalMade(proposal="p1", by="southvale", to=["northport"], terms={})),
        (t(3), ng.TruceDeclared(truce="calm", by="northport", kind="truce")),
        (t(4), ng.PartyWithdrew(by="northport", reason="no progress")),
    )
    assert ng.replay(log, as_of=t(3)).parties["northport"].status == "active"
    state = ng.replay(log)
    assert state.parties["northport"].status == "withdrawn"
    assert state.parties["northport"].role == "principal"
    assert state.parties["northport"].replies_owed == frozenset({"p1"})
    assert state.proposals["p1"].status == "open"
    assert state.truces["calm"].status == "in-force"
    assert state.problems == ()


def test_a_withdrawn_party_may_still_act() -> None:
    """What a party does after it withdrew counts, and does not bring it back."""
    log = story(
        (t(1), ng.ProposalMade(proposal="p1", by="southvale", to=["northport"], terms={})),
        (t(2), ng.PartyWithdrew(by="northport")),
        (t(3), ng.ProposalAccepted(proposal="p1", by="northport")),
    )
    state = ng.replay(log)
    assert state.proposals["p1"].status == "accepted"
    assert state.parties["northport"].status == "withdrawn"
    assert state.parties["northport"].last_heard == t(3)
    assert state.problems == ()


def test_withdrawing_twice() -> None:
    """A second withdrawal is a problem, unless the party joined again in between."""
    log = story(
        (t(1), ng.PartyWithdrew(by="northport")),
        (t(2), ng.PartyWithdrew(by="northport")),
        (t(3), ng.PartyJoined(party="northport", role="observer")),
        (t(4), ng.PartyWithdrew(by="northport")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e2", "already-withdrawn")]
    assert ng.replay(log, as_of=t(2)).parties["northport"].status == "withdrawn"
    assert ng.replay(log, as_of=t(3)).parties["northport"].status == "active"
    assert state.parties["northport"].status == "withdrawn"


def test_a_later_position_replaces_an_earlier_one() -> None:
    """A party's stand on an issue is its latest, and the earlier ones are kept oldest first."""
    log = story(
        (t(1), ng.PositionStated(by="union", issue="pay", value=8, firmness="demand")),
        (t(2), ng.PositionStated(by="union", issue="pay", value=6, firmness="preference")),
        (
            t(3),
            ng.PositionStated(
                by="union", issue="pay", value=5, firmness="undertaking", condition="no cuts"
            ),
        ),
        (t(4), ng.PositionStated(by="union", issue="hours", value="35", firmness="red-line")),
    )
    positions = ng.replay(log).parties["union"].positions
    assert set(positions) == {"pay", "hours"}
    pay = positions["pay"]
    assert (pay.value, pay.firmness, pay.condition) == (5, "undertaking", "no cuts")
    assert (pay.since, pay.attributed_by) == (t(3), None)
    assert [(old.value, old.firmness, old.condition, old.since) for old in pay.history] == [
        (8, "demand", None, t(1)),
        (6, "preference", None, t(2)),
    ]
    assert positions["hours"].history == ()
    assert ng.replay(log, as_of=t(2)).parties["union"].positions["pay"].value == 6


def test_a_position_said_by_another() -> None:
    """An attributed position is its party's stand and its author's word."""
    log = story(
        (t(1), ng.PositionStated(by="eastmark", issue="truce", value="no", firmness="open")),
        (
            t(2),
            ng.PositionStated(
                by="eastmark",
                issue="truce",
                value="yes",
                firmness="expectation",
                attributed_by="northport",
            ),
        ),
    )
    parties = ng.replay(log).parties
    stand = parties["eastmark"].positions["truce"]
    assert (stand.value, stand.attributed_by, stand.since) == ("yes", "northport", t(2))
    assert [(old.value, old.attributed_by) for old in stand.history] == [("no", None)]
    assert parties["northport"].positions == {}
    assert parties["eastmark"].last_heard == t(1)
    assert parties["northport"].last_heard == t(2)


def test_an_openness_is_no_offer() -> None:
    """A position makes no proposal, truce or deadline, and asks nobody for a reply."""
    open_ = ng.PositionStated(by="northport", issue="truce", value="more", firmness="open")
    state = ng.replay(story((t(1), open_)))
    assert (state.proposals, state.truces, state.deadlines) == ({}, {}, {})
    assert set(state.parties) == {"northport"}


def test_statements_are_kept_in_order_and_change_nothing() -> None:
    """Statements stand with their party, each with what it is about and when it was made."""
    log = story(
        (t(1), ng.ProposalMade(proposal="p1", by="southvale", to=["northport"], terms={})),
        (t(2), ng.StatementMade(by="northport", text="declined to comment", about="p1")),
        (t(3), ng.StatementMade(by="northport", text="we keep working", about="nothing known")),
        (t(4), ng.StatementMade(by="northport", text="good night")),
    )
    state = ng.replay(log)
    statements = state.parties["northport"].statements
    assert [(said.text, said.about, said.time) for said in statements] == [
        ("declined to comment", "p1", t(2)),
        ("we keep working", "nothing known", t(3)),
        ("good night", None, t(4)),
    ]
    assert state.proposals["p1"].status == "open"
    assert state.proposals["p1"].records == ("e1",)
    assert state.parties["northport"].replies_owed == frozenset({"p1"})
    assert state.problems == ()


def test_a_meeting_held_lets_nobody_be_heard() -> None:
    """Taking part in a meeting is not a word of one's own, scheduling one is."""
    log = story(
        (
            t(1),
            ng.MeetingScheduled(meeting="m1", by="northport", parties=["southvale"], starts=t(4)),
        ),
        (t(4), ng.MeetingHeld(meeting="m1", parties=["northport", "southvale"])),
    )
    parties = ng.replay(log).parties
    assert parties["northport"].last_heard == t(1)
    assert parties["southvale"].last_heard is None


def test_last_heard_follows_as_of() -> None:
    """A party was last heard at its latest record that had happened by then."""
    log = story(
        JOINED,
        (t(5), ng.StatementMade(by="northport", text="late")),
        (t(3), ng.StatementMade(by="northport", text="early")),
    )
    assert ng.replay(log).parties["northport"].last_heard == t(5)
    assert ng.replay(log, as_of=t(4)).parties["northport"].last_heard == t(3)
    assert ng.replay(log, as_of=t(2)).parties["northport"].last_heard == t(1)


def test_accuser_and_claimant_are_heard_the_accused_is_not() -> None:
    """A claim is the word of who makes it, not of the party that it speaks of."""
    log = story(
        (t(1), ng.TruceDeclared(truce="calm", by="northport", kind="truce")),
        (
            t(2),
            ng.TruceViolated(violation="v1", truce="calm", by="northport", alleged_by="southvale"),
        ),
        (t(3), ng.TruceObserved(truce="calm", by="northport", claimed_by="eastmark")),
    )
    parties = ng.replay(log).parties
    assert parties["northport"].last_heard == t(1)
    assert parties["southvale"].last_heard == t(2)
    assert parties["eastmark"].last_heard == t(3)


def test_nobody_unnamed_is_a_party() -> None:
    """Who is named by no event stands nowhere among the parties."""
    parties = ng.replay(story(JOINED)).parties
    assert set(parties) == {"northport"}
    assert "northport" in parties
    assert "nobody" not in parties
    assert parties.get("nobody") is None
