"""What a party may do now, in every lifecycle and under protocols, and what is made of it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from tests.worked.story import Entry, story, t

HOUR: Final = timedelta(hours=1)


def may(
    log: ng.Log,
    party: str | None,
    *classes: type[Any],
    protocol: ng.Protocol = ng.OPEN,
    **asked: Any,
) -> list[str]:
    """What a party may do of these kinds, or of all, as it is printed."""
    offered = ng.legal_events(ng.replay(log), protocol, party, **asked)
    return [str(each) for each in offered if not classes or each.event in classes]


def kinds(log: ng.Log, party: str | None, about: str | None = None, **asked: Any) -> list[str]:
    """The kinds of event that a party may make, all or those that concern one item."""
    offered = ng.legal_events(ng.replay(log), party=party, **asked)
    concerned = [each for each in offered if about is None or about in each.given.values()]
    return [*{each.event.__name__: 0 for each in concerned}]


def offer(id: str = "p", by: str = "a", *to: str, **fields: Any) -> ng.ProposalMade:
    """An offer, of a to b unless it is said otherwise."""
    return ng.ProposalMade(proposal=id, by=by, to=to or ["b"], terms={}, **fields)


def yes(id: str, by: str) -> ng.ProposalAccepted:
    """An acceptance."""
    return ng.ProposalAccepted(proposal=id, by=by)


def says(by: str) -> ng.StatementMade:
    """A statement."""
    return ng.StatementMade(by=by, text="here")


# Each lifecycle


def test_before_anything_has_happened() -> None:
    """A party alone may join, leave, speak, take a stand, and bring things into being."""
    assert kinds(ng.Log(), "a") == [
        "PartyJoined", "PartyWithdrew", "PositionStated", "TruceDeclared", "DeadlineSet",
        "MeetingScheduled", "MeetingHeld", "StatementMade",
    ]  # fmt: skip
    assert "ProposalMade" in kinds(ng.Log(), "a", parties=["b"])
    assert ng.legal_events(ng.replay(ng.Log())) == ()


def test_a_proposal_is_answered_by_its_addressee_and_changed_by_its_maker() -> None:
    """Whoever it was not made to has nothing to do with it."""
    log = story((t(1), offer("p", "a", "b")), (t(1), says("c")))
    assert kinds(log, "a", "p") == ["ProposalClarified", "ProposalWithdrawn"]
    assert kinds(log, "b", "p") == ["ProposalAccepted", "ProposalRejected"]
    assert kinds(log, "c", "p") == []
    [counter] = [
        each for each in ng.legal_events(ng.replay(log), party="b") if "counters" in each.choices
    ]
    assert counter.choices == {"counters": (None, "p")}
    assert counter.open["to"] == (("a",), ("c",), ("a", "c"))


def test_a_proposal_is_answered_once_until_it_is_clarified() -> None:
    """After its answer an addressee has nothing more to say of it; after a clarification it has."""
    log = story(
        (t(1), offer("p", "a", "b", "c")), (t(2), ng.ProposalRejected(proposal="p", by="b"))
    )
    assert kinds(log, "b", "p") == []
    assert kinds(log, "c", "p") == ["ProposalAccepted", "ProposalRejected"]
    log = log.append(ng.ProposalClarified(proposal="p", by="a", terms={}), time=t(3))
    assert kinds(log, "b", "p") == ["ProposalAccepted", "ProposalRejected"]


def test_nothing_is_done_with_a_proposal_that_is_closed() -> None:
    """Accepted, withdrawn or expired: also where it expires at the moment that is asked about."""
    log = story((t(1), offer("p", expires=t(5))))
    assert kinds(log, "b", "p", at=t(5) - HOUR) == ["ProposalAccepted", "ProposalRejected"]
    assert kinds(log, "b", "p", at=t(5)) == kinds(log, "a", "p", at=t(5)) == []
    for last in (yes("p", "b"), ng.ProposalWithdrawn(proposal="p", by="a")):
        closed = log.append(last, time=t(2))
        assert kinds(closed, "a", "p") == kinds(closed, "b", "p") == []


def test_past_its_expiry_a_rejected_proposal_can_be_withdrawn() -> None:
    """And nothing else."""
    log = story((t(1), offer("p", expires=t(5))), (t(2), ng.ProposalRejected(proposal="p", by="b")))
    assert kinds(log, "a", "p", at=t(6)) == ["ProposalWithdrawn"]


def test_a_truce_is_joined_rejected_extended_and_ended() -> None:
    """What a party may do depends on what binds it: nothing, paper, the truce, or no more."""
    declared = ng.TruceDeclared(
        truce="t", by="a", kind="truce", binds=["a", "b"], starts=t(3), ends=t(9)
    )
    log = story((t(1), declared), (t(1), says("c")))
    free, bound = ["TruceJoined", "TruceRejected"], ["TruceExtended", "TruceEnded"]
    observed = ["TruceViolated", "TruceObserved"]
    assert kinds(log, "c", "t") == [*free, *observed]
    assert kinds(log, "b", "t") == ["TruceRejected", *bound, *observed]
    assert kinds(log, "b", "t", at=t(3)) == [*bound, *observed]
    assert kinds(log, "b", "t", at=t(9)) == kinds(log, "b", "t", at=t(12)) == observed
    assert kinds(log, "c", "t", at=t(9)) == ["TruceRejected", *observed]
    log = log.append(ng.TruceEnded(truce="t", by="b"), time=t(5))
    assert kinds(log, "b", "t") == ["TruceJoined", *observed]
    assert kinds(log, "a", "t") == [*bound, *observed]


def test_a_truce_is_joined_from_now() -> None:
    """A start of its own is not offered: whether it comes too late depends on it."""
    log = story((t(1), ng.TruceDeclared(truce="t", by="a", kind="truce", ends=t(9))))
    [joining] = [
        each for each in ng.legal_events(ng.replay(log), party="b") if each.event is ng.TruceJoined
    ]
    assert joining.given == {"truce": "t", "by": "b", "starts": None}
    with pytest.raises(ng.InvalidEvent, match="starts: must be nothing here, not a datetime"):
        joining.build(starts=t(10))


def test_a_claim_is_made_replaced_by_its_accuser_and_assessed_by_anybody() -> None:
    """A claim needs a truce of which it speaks; of the claims there are, only its own are named."""
    declared = ng.TruceDeclared(truce="t", by="a", kind="truce")
    assert may(story((t(1), says("a"))), "b", ng.TruceViolated) == []
    log = story((t(1), declared))
    assert may(log, "b", ng.TruceViolated) == [
        "TruceViolated(alleged_by='b', truce='t', violation=…, by=…)"
    ]
    log = log.append(ng.TruceViolated(violation="v", truce="t", by="a", alleged_by="b"), time=t(2))
    mine, yours = (
        [
            each
            for each in ng.legal_events(ng.replay(log), party=party)
            if each.event is ng.TruceViolated
        ]
        for party in ("b", "a")
    )
    assert [each.choices.get("replaces") for each in mine] == [(None, "v")]
    assert [each.given["replaces"] for each in yours] == [None]
    for party in ("a", "b", "stranger"):
        assert kinds(log, party, "v")[-1] == "ViolationAssessed"


def test_a_deadline_is_met_lifted_and_moved_in_time() -> None:
    """A missed one is only moved; one that is met or lifted stays so."""
    log = story((t(1), ng.DeadlineSet(deadline="d", by="a", on=["b"], due=t(5))))
    assert kinds(log, "c", "d") == ["DeadlineMoved", "DeadlineMet", "DeadlineLifted"]
    assert kinds(log, "b", "d", at=t(5)) == ["DeadlineMoved"]
    for last in (ng.DeadlineMet(deadline="d", by="b"), ng.DeadlineLifted(deadline="d", by="a")):
        assert kinds(log.append(last, time=t(2)), "b", "d") == []


def test_a_meeting_is_held_or_cancelled_once() -> None:
    """One that was scheduled; one that was not comes into being held."""
    log = story((t(1), ng.MeetingScheduled(meeting="m", by="a", parties=["a", "b"], starts=t(3))))
    assert kinds(log, "b", "m") == ["MeetingHeld", "MeetingCancelled"]
    for last in (
        ng.MeetingHeld(meeting="m", parties=["a"]),
        ng.MeetingCancelled(meeting="m", by="b"),
    ):
        assert kinds(log.append(last, time=t(2)), "b", "m") == []
    [held] = [
        each
        for each in ng.legal_events(ng.replay(ng.Log()), party="a")
        if each.event is ng.MeetingHeld
    ]
    assert held == ng.Template(ng.MeetingHeld, {}, {}, {"meeting": ("m1",), "parties": (("a",),)})


def test_a_party_that_left_does_not_leave() -> None:
    """It may join again, and do whatever it might have done before."""
    log = story((t(1), ng.PartyJoined(party="a", role="principal")))
    before = kinds(log, "a")
    after = kinds(log.append(ng.PartyWithdrew(by="a"), time=t(2)), "a")
    assert {*before} - {*after} == {"PartyWithdrew"}


def test_a_position_is_its_own_or_attributed() -> None:
    """Of itself or of anybody; the one who says so is the maker, and that is settled."""
    [own, others] = [
        each
        for each in ng.legal_events(ng.replay(story((t(1), says("b")))), party="a")
        if each.event is ng.PositionStated
    ]
    assert own.given == {"by": "a", "attributed_by": None}
    assert others.given == {"attributed_by": "a"}
    assert others.open["by"] == ("b", "a")
    with pytest.raises(ng.InvalidEvent, match="attributed_by: must be nothing here, not str 'b'"):
        own.build(attributed_by="b")


def test_retractions_and_events_of_extensions_are_not_offered() -> None:
    """The first are about the log; of the others only their makers know what may stand in them."""

    @ng.event
    @attrs.frozen(kw_only=True)
    class BellRung:
        """An event of an extension."""

        by: str

    bells = ng.Extension("bells", "bell-rung", BellRung, 0, lambda rung, _: rung + 1)
    model = ng.Model.default.extended(bells)
    log = ng.Log("x").append(BellRung(by="a"), time=t(1), model=model).append(offer(), time=t(2))
    offered = ng.legal_events(ng.replay(log, model=model), model=model)
    assert {each.event for each in offered} < {*ng.EVENTS} - {ng.EventRetracted}


def test_an_item_gets_an_id_that_is_free() -> None:
    """It begins with the letter of its kind; any other that no item has will do."""
    log = story(
        (t(1), offer("p1")),
        (t(1), offer("p3")),
        (t(1), ng.TruceDeclared(truce="p2", by="a", kind="truce")),
    )
    [made] = [
        each for each in ng.legal_events(ng.replay(log), party="b") if each.event is ng.ProposalMade
    ]
    assert made.open["proposal"] == ("p4",)
    for longer in (made.build(), made.build(proposal="mine")):
        assert log.append(longer, time=t(2))[-1].event == longer
    assert (made.build().proposal, made.build(proposal="mine").proposal) == ("p4", "mine")


def test_the_id_of_a_new_item_is_never_settled() -> None:
    """Also where a rule says that it looks at it: any id that is free will do."""
    reads = {ng.ProposalMade: ["proposal", "expires"]}
    named = ng.Rule("unnamed", "an offer has a name", lambda *_: True, reads=reads)
    [made] = [
        each
        for each in ng.legal_events(
            ng.replay(ng.Log()), ng.OPEN.extended(named), "a", parties=["b"]
        )
        if each.event is ng.ProposalMade
    ]
    assert "proposal" in made.open
    assert made.given == {"by": "a", "counters": None, "expires": None}


# Who is asked, and when


def test_everybody_is_asked_where_nobody_is_named() -> None:
    """All parties that the state or the caller names, sorted."""
    log = story((t(1), offer("p", "b", "a")))
    everybody = ng.legal_events(ng.replay(log), parties=["c"])
    one_by_one = [ng.legal_events(ng.replay(log), party=each, parties=["c"]) for each in "abc"]
    assert everybody == tuple(template for each in one_by_one for template in each)


def test_what_is_offered_has_an_order() -> None:
    """That of the events in the documentation, and of items as they came about."""
    late = story((t(2), offer("p2")), (t(3), offer("p10")), (t(1), offer("p3")))
    answers = [
        "ProposalAccepted(proposal='p3', by='b')",
        "ProposalAccepted(proposal='p2', by='b')",
        "ProposalAccepted(proposal='p10', by='b')",
    ]
    assert may(late, "b", ng.ProposalAccepted) == answers
    *_, (_, stepped) = ng.steps(late)
    assert ng.legal_events(stepped) == ng.legal_events(ng.replay(late))
    offered = [ng.EVENTS.index(each.event) for each in ng.legal_events(stepped, party="b")]
    assert offered == sorted(offered)


def test_the_moment_is_that_of_the_state() -> None:
    """Unless another is given; then statuses and rules are those of that moment."""
    log = story((t(1), offer("p", expires=t(5))))
    early, late = ng.replay(log, as_of=t(4)), ng.replay(log, as_of=t(6))
    assert ng.legal_events(early, at=t(6)) == ng.legal_events(late)
    assert ng.legal_events(late, at=t(4)) == ng.legal_events(early)
    due = ng.alternating_offers(due=t(5))
    assert may(log, "b", protocol=due, at=t(4)) != []
    assert may(log, "b", protocol=due, at=t(5)) == []


def test_the_past_cannot_be_acted_in() -> None:
    """A moment before what happened last is refused, and so is one without a time zone."""
    state = ng.replay(story((t(3), says("a"))))
    with pytest.raises(ng.OutOfRange) as refused:
        ng.legal_events(state, at=t(2))
    assert str(refused.value) == (
        "at must not lie before 2031-03-03T00:00:00+00:00, when something happened last; "
        "it is 2031-03-02T00:00:00+00:00"
    )
    with pytest.raises(ng.InvalidTime, match="at must have a time zone"):
        ng.legal_events(state, at=datetime(2031, 3, 4))  # noqa: DTZ001  # as it says


@pytest.mark.parametrize("asked", [{"party": "a b"}, {"party": ""}, {"parties": ["c", "a b"]}])
def test_a_party_has_an_id(asked: dict[str, Any]) -> None:
    """What no party can be called is refused, also among those that may be named."""
    with pytest.raises(ng.InvalidParty, match="party must be a party's id, which"):
        ng.legal_events(ng.replay(story()), **asked)


def test_what_a_party_may_do_as_it_sees_it() -> None:
    """Of a state as a party knows it, what it may do follows from what it knows."""
    log = story(
        (t(1), offer("p", "a", "b")),
        (t(2), ng.ProposalWithdrawn(proposal="p", by="a"), {"visible_to": ["c"]}),
    )
    known = ng.replay(log, known_to="b")
    assert "ProposalAccepted" in {each.event.__name__ for each in ng.legal_events(known, party="b")}
    assert kinds(log, "b", "p") == []


# Suggestions


def test_suggestions_are_simple_and_fit() -> None:
    """An hour from now, every group of few parties, no terms: what is built breaks no rule."""
    log = story((t(1), says("a")), (t(1), says("b")), (t(1), says("c")))
    offered = {each.event: each for each in ng.legal_events(ng.replay(log), party="b")}
    assert offered[ng.ProposalMade].open == {
        "proposal": ("p1",), "to": (("a",), ("c",), ("a", "c")), "terms": ({},)
    }  # fmt: skip
    assert offered[ng.DeadlineSet].open["due"][0] == t(1) + HOUR
    assert offered[ng.DeadlineSet].open["on"][0] == ("a",)
    assert offered[ng.DeadlineSet].open["on"][-1] == ("a", "c", "b")
    assert offered[ng.MeetingHeld].open["parties"][:2] == (("b",), ("b", "a"))
    for template in offered.values():
        assert len(log.append(template.build(), time=t(1))) == 4


def test_of_many_parties_not_every_group_is_suggested() -> None:
    """Each alone, all together, and those with whom the party has dealt."""
    named = [*"abcdef"]
    log = story((t(1), offer("p", "c", "a", "b")), (t(1), offer("q", "d", "e", "f")))
    [made] = [
        each
        for each in ng.legal_events(ng.replay(log), party="a", parties=named)
        if each.event is ng.ProposalMade and "counters" in each.choices
    ]
    alone = tuple((each,) for each in "bcdef")
    assert made.open["to"] == (*alone, ("b", "c", "d", "e", "f"), ("c", "b"))


def test_a_table_among_many_can_go_on() -> None:
    """Three who negotiate before four who look on are offered their counter-offers."""
    watching = [(t(1), ng.PartyJoined(party=each, role="observer")) for each in "wxyz"]
    log = story(*watching, (t(2), offer("p1", "a", "b", "c")))
    assert may(log, "b", protocol=ng.ALTERNATING_OFFERS) == [
        "PartyWithdrew(by='b')",
        "ProposalMade(by='b', counters='p1', to=('a', 'c'), proposal=…, terms=…)",
        "ProposalAccepted(proposal='p1', by='b')",
    ]
    assert may(log, "c", protocol=ng.ALTERNATING_OFFERS) == []


def test_suggestions_stay_within_time() -> None:
    """At the last moment there is, nothing later can be said."""
    last = datetime.max.replace(tzinfo=UTC)
    log = story(
        (t(1), ng.DeadlineSet(deadline="d", by="a", on=["b"], due=t(5))),
        (t(1), ng.TruceDeclared(truce="t", by="a", kind="truce")),
    )
    offered = ng.legal_events(ng.replay(log), party="a", at=last)
    [moved] = [each for each in offered if each.event is ng.DeadlineMoved]
    [longer] = [each for each in offered if each.event is ng.TruceExtended]
    assert {*moved.open["due"], *longer.open["ends"]} == {last}


# Under a protocol


def test_nobody_acts_out_of_turn_under_alternating_offers() -> None:
    """Whose turn it is answers, in one of three ways; the others wait."""
    log = story((t(1), ng.PartyJoined(party="c", role="observer")), (t(2), offer("p1")))
    assert may(log, "b", protocol=ng.ALTERNATING_OFFERS) == [
        "PartyWithdrew(by='b')",
        "ProposalMade(by='b', counters='p1', to=('a',), proposal=…, terms=…)",
        "ProposalAccepted(proposal='p1', by='b')",
    ]
    for party in ("a", "c", "stranger"):
        assert may(log, party, protocol=ng.ALTERNATING_OFFERS) == []
    log = log.append(yes("p1", "b"), time=t(3))
    assert may(log, None, protocol=ng.ALTERNATING_OFFERS) == []


def test_the_first_offer_is_to_anybody() -> None:
    """Before it parties join and leave, and any of them may begin."""
    log = story((t(1), ng.PartyJoined(party="a", role="principal")))
    assert may(log, "a", protocol=ng.ALTERNATING_OFFERS, parties=["b", "c"]) == [
        "PartyJoined(party='a', role=…)",
        "PartyWithdrew(by='a')",
        "ProposalMade(by='a', to=('b',) or ('c',) or ('b', 'c'), proposal=…, terms=…)",
    ]


def test_what_only_fits_together_is_offered_together() -> None:
    """Two truces that bind different parties: a claim of the one against its own party alone."""
    log = story(
        (t(1), ng.TruceDeclared(truce="t", by="a", kind="truce")),
        (t(1), ng.TruceDeclared(truce="u", by="b", kind="truce")),
    )
    claims = [
        each
        for each in ng.legal_events(ng.replay(log), ng.CEASEFIRE, "c")
        if each.event is ng.TruceViolated
    ]
    assert [(each.given["truce"], each.given["by"]) for each in claims] == [("t", "a"), ("u", "b")]
    assert all(each.given["begins"] is each.given["ends"] is None for each in claims)
    openly = [
        each
        for each in ng.legal_events(ng.replay(log), party="c")
        if each.event is ng.TruceViolated
    ]
    assert [each.choices["truce"] for each in openly] == [("t", "u")]
    assert openly[0].open["by"] == ("a", "b", "c")


def test_only_a_monitor_is_offered_to_verify() -> None:
    """Others may deny."""
    log = story(
        (t(1), ng.PartyJoined(party="m", role="monitor")),
        (t(1), ng.TruceDeclared(truce="t", by="a", kind="truce")),
        (t(2), ng.TruceViolated(violation="v", truce="t", by="a", alleged_by="b")),
    )
    assert may(log, "a", ng.ViolationAssessed, protocol=ng.CEASEFIRE) == [
        "ViolationAssessed(violation='v', by='a', finding='denied')"
    ]
    [finds] = [
        each
        for each in ng.legal_events(ng.replay(log), ng.CEASEFIRE, "m")
        if each.event is ng.ViolationAssessed
    ]
    assert finds.choices["finding"] == ("denied", "verified", "refuted", "unattributed")


def test_a_truce_is_ended_with_notice_and_extended_at_any_time() -> None:
    """Without notice an earlier end is not offered; a later one is, and so is a distant one."""
    log = story((t(1), ng.TruceDeclared(truce="t", by="a", kind="truce", ends=t(20))))
    assert may(log, "a", ng.TruceEnded, protocol=ng.CEASEFIRE, at=t(5)) == []

    def ends(at: datetime) -> list[Any]:
        return [
            each.choices.get("ends") or (each.given["ends"],)
            for each in ng.legal_events(ng.replay(log), ng.CEASEFIRE, "a", at=at)
            if each.event is ng.TruceExtended
        ]

    month = timedelta(days=30)
    assert ends(t(5)) == [(t(5) + month,)]
    assert ends(t(19)) == [(t(19) + month,)]
    log = log.append(ng.StatementMade(by="a", text="we end it", about="t"), time=t(6))
    assert may(log, "a", ng.TruceEnded, protocol=ng.CEASEFIRE, at=t(7)) == [
        "TruceEnded(truce='t', by='a')"
    ]
    assert ends(t(7)) == [(t(7, 1), t(7) + month)]


# Templates


@pytest.fixture
def counter() -> ng.Template:
    """B's counter-offer to p or to q, of any terms."""
    return ng.Template(
        ng.ProposalMade,
        {"by": "b", "to": ("a",), "expires": None},
        {"counters": (None, "p", "q")},
        {"proposal": ("p1",), "terms": ({}, {"price": 1})},
    )


def test_a_template_builds_an_event(counter: ng.Template) -> None:
    """The first choice and the first suggestion stand for what is not said."""
    assert counter.build() == offer("p1", "b", "a")
    assert counter.build(
        proposal="mine", counters="q", terms={"price": 7}, to=["a"], by="b", expires=None
    ) == ng.ProposalMade(proposal="mine", by="b", to=["a"], terms={"price": 7}, counters="q")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"by": "c"}, "ProposalMade.by: must be 'b' here, not str 'c'"),
        ({"to": ["c"]}, "ProposalMade.to: must be ('a',) here, not ('c',)"),
        ({"expires": t(1)}, "ProposalMade.expires: must be nothing here, not a datetime"),
        (
            {"counters": "r"},
            "ProposalMade.counters: must be nothing or 'p' or 'q' here, not str 'r'",
        ),
        ({"counters": ""}, "ProposalMade.counters: must be an id, which is not empty"),
        ({"terms": 5}, "ProposalMade.terms: must be a JSON object, not int 5"),
        (
            {"term": {}},
            (
                "ProposalMade.term: is no field of it; did you mean 'terms'? "
                "allowed: by, counters, expires, proposal, terms, to"
            ),
        ),
    ],
)
def test_a_template_refuses_what_is_not_allowed(
    counter: ng.Template, fields: dict[str, Any], message: str
) -> None:
    """What is settled stays settled, a choice is one of the choices, and fields are checked."""
    with pytest.raises(ng.InvalidEvent) as refused:
        counter.build(**fields)
    assert str(refused.value) == message


def test_what_is_settled_stays_so_whatever_else_is_said() -> None:
    """A count brings a qualifier with it, which a rule that reads it does not allow here."""

    @ng.rule("exact", "nobody counts exactly", reads={ng.TruceViolated: ["qualifier"]})
    def vague(state: ng.Negotiation, record: ng.Record) -> bool:
        return getattr(record.event, "qualifier", None) != "exact"

    log = story((t(1), ng.TruceDeclared(truce="t", by="a", kind="truce")))
    offered = ng.legal_events(ng.replay(log), ng.OPEN.extended(vague), "b")
    [claim] = [each for each in offered if each.event is ng.TruceViolated]
    assert claim.build(what="shots").qualifier is None
    with pytest.raises(ng.InvalidEvent, match="qualifier: must be nothing here, not str 'exact'"):
        claim.build(count=3)


def test_a_template_is_printed_as_an_event(counter: ng.Template) -> None:
    """What is settled, what may be chosen, as long as it is short, and what is open."""
    assert str(counter) == (
        "ProposalMade(by='b', to=('a',), counters=nothing or 'p' or 'q', proposal=…, terms=…)"
    )
    longer = attrs.evolve(counter, choices={"counters": (None, "p", "q", "r")})
    assert str(longer) == "ProposalMade(by='b', to=('a',), counters=…, proposal=…, terms=…)"
    assert {counter: 1}[attrs.evolve(counter)] == 1


# What a refusal says was allowed


def refused(
    *entries: Entry, event: Any, time: datetime, protocol: ng.Protocol = ng.OPEN, **options: Any
) -> list[str]:
    """What would have been allowed in place of an event that is refused after these entries."""
    with pytest.raises(ng.IllegalEvent) as found:
        story(*entries).append(event, time=time, protocol=protocol, **options)
    error = found.value
    shown = "; ".join(map(str, error.allowed[:3])) + ("; …" if len(error.allowed) > 3 else "")
    said = "; ".join(f"{each.code}: {each.message}" for each in error.problems)
    assert str(error) == (f"{said}. Allowed: {shown}" if shown else said)
    return [*map(str, error.allowed)]


def test_the_nearest_is_what_concerns_the_same_item() -> None:
    """Then what is of the same kind, then all else; each in its usual order."""
    entries = (
        (t(1), offer("p")),
        (t(1), offer("q")),
        (t(2), ng.ProposalWithdrawn(proposal="q", by="a")),
    )
    wrong = ng.ProposalWithdrawn(proposal="p", by="b")
    allowed = refused(*entries, event=wrong, time=t(3))
    assert allowed[:2] == [
        "ProposalAccepted(proposal='p', by='b')",
        "ProposalRejected(proposal='p', by='b')",
    ]
    assert allowed[2] == "PartyJoined(party='b', role=…)"
    allowed = refused(*entries, event=yes("q", "b"), time=t(3))
    assert allowed[:2] == [
        "ProposalAccepted(proposal='p', by='b')",
        "PartyJoined(party='b', role=…)",
    ]
    assert len(allowed) == len(may(story(*entries), "b", at=t(3)))


def test_what_concerns_the_item_comes_before_what_is_of_the_kind() -> None:
    """Also where the documentation names it later."""
    entries = (
        (t(1), ng.TruceDeclared(truce="t", by="a", kind="truce")),
        (t(1), ng.TruceDeclared(truce="u", by="b", kind="truce")),
    )
    allowed = refused(*entries, event=ng.TruceEnded(truce="t", by="b"), time=t(2))
    assert [each.partition(", by")[0] for each in allowed[:4]] == [
        "TruceJoined(truce='t'",
        "TruceRejected(truce='t'",
        "TruceObserved(truce='t', claimed_by='b'",
        "TruceEnded(truce='u'",
    ]


def test_a_refusal_under_a_protocol_says_what_it_allows() -> None:
    """To the party that acted; where it may do nothing, to those whose turn it is."""
    entries = ((t(1), offer("p1")),)
    turn = [
        "ProposalAccepted(proposal='p1', by='b')",
        "PartyWithdrew(by='b')",
        "ProposalMade(by='b', counters='p1', to=('a',), proposal=…, terms=…)",
    ]
    asked: dict[str, Any] = {"time": t(2), "protocol": ng.ALTERNATING_OFFERS}
    rejection = ng.ProposalRejected(proposal="p1", by="b")
    assert refused(*entries, event=rejection, **asked) == turn
    again = offer("p2", "a", "b", counters="p1")
    assert refused(*entries, event=ng.ProposalWithdrawn(proposal="p1", by="a"), **asked) == turn
    assert {*refused(*entries, event=again, **asked)} <= {*may(story(*entries), "a", at=t(2))} | {
        *turn
    }
    over = (*entries, (t(1), yes("p1", "b")))
    assert refused(*over, event=says("a"), **asked) == []


def test_a_refusal_names_those_whom_the_event_names() -> None:
    """Whoever stands in the refused event may stand in what is allowed."""
    allowed = refused(event=offer("p", "a", "b", counters="q"), time=t(1))
    assert allowed[0] == "ProposalMade(by='a', proposal=…, to=…, terms=…)"


def test_a_refusal_of_what_nobody_made_says_what_anybody_may_do() -> None:
    """A meeting that was cancelled is not held."""
    entries = (
        (t(1), ng.MeetingScheduled(meeting="m", by="a", parties=["a"], starts=t(3))),
        (t(2), ng.MeetingCancelled(meeting="m", by="a")),
    )
    allowed = refused(*entries, event=ng.MeetingHeld(meeting="m", parties=["a"]), time=t(3))
    assert allowed[0] == "MeetingHeld(meeting=…, parties=…)"


def test_a_refusal_of_a_late_report_says_what_was_allowed_then() -> None:
    """Of the moment of the event, not of the last one."""
    entries = ((t(1), offer("p", expires=t(5))), (t(6), says("b")))
    wrong = ng.ProposalWithdrawn(proposal="p", by="b")
    allowed = refused(*entries, event=wrong, time=t(2))
    assert allowed[0] == "ProposalAccepted(proposal='p', by='b')"
    assert all("'p'" not in each for each in refused(*entries, event=wrong, time=t(5)))


def test_a_refused_retraction_says_nothing_of_the_talks() -> None:
    """To correct a log is not to take part in what it is of."""
    assert refused(event=ng.EventRetracted(event="e9", by="clerk"), time=t(1)) == []


# Imports


def test_what_is_allowed_is_imported_when_it_is_asked_for() -> None:
    """Importing the package, replaying and appending what is legal need neither module."""
    script = (
        "import sys, datetime, negotiation as ng\n"
        "now = datetime.datetime(2031, 3, 1, tzinfo=datetime.timezone.utc)\n"
        "log = ng.Log('x').append(ng.StatementMade(by='a', text='b'), time=now)\n"
        "ng.check(log, protocol=ng.OPEN)\n"
        "print('\\n'.join(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    imported = set(run.stdout.split())
    assert "negotiation.rules" in imported
    assert not imported & {"negotiation.legal", "negotiation.protocols", "negotiation.testing"}


def test_what_is_no_state_or_no_parties_is_refused() -> None:
    """A log in place of its state, and parties that are no list of ids, are named."""
    log = story((t(1), ng.StatementMade(by="a", text="so")))
    wrong: Any = log
    for ask in (lambda: ng.legal_events(wrong), lambda: ng.talks(wrong)):
        with pytest.raises(ng.InvalidState, match="must be a state, not a Log; replay makes one"):
            ask()
    for parties in ("abc", 3):
        with pytest.raises(ng.InvalidParty, match="parties must be a list of ids, not "):
            ng.legal_events(ng.replay(log), parties=parties)  # type: ignore[arg-type]  # wrong


def test_a_template_is_no_event() -> None:
    """A template in place of an event is refused, and so is all else of the library's own."""
    log = story((t(1), ng.StatementMade(by="a", text="so")))
    [template, *_] = ng.legal_events(ng.replay(log))
    with pytest.raises(ng.InvalidRecord, match=r"not a Template; its build\(\) makes one"):
        log.append(template, time=t(2))
    with pytest.raises(ng.InvalidRecord, match=r"must be an event, not a Protocol$"):
        log.append(ng.OPEN, time=t(2), strict=False)


def test_what_is_allowed_in_the_past_fits_what_came_after() -> None:
    """In place of a late report, only what leaves all that is known since as it is is allowed."""
    log = story(
        (t(1), ng.ProposalMade(proposal="p", by="a", to=["b"], terms={})),
        (t(4), ng.ProposalAccepted(proposal="p", by="b")),
    )
    late = ng.ProposalWithdrawn(proposal="p", by="b")
    with pytest.raises(ng.IllegalEvent) as refused:
        log.append(late, time=t(2))
    answers = {each.event for each in refused.value.allowed if each.given.get("proposal") == "p"}
    assert answers == set()
    for template in refused.value.allowed:
        log.append(template.build(), time=t(2))
