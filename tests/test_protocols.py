"""Alternating offers and a ceasefire that is watched: each rule kept and broken, as logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from negotiation.testing.universe import BUILDS, Chance
from tests.worked.story import Entry, codes, story, t

HOUR: Final = timedelta(hours=1)
TICK: Final = timedelta(microseconds=1)


def broken(protocol: ng.Protocol, log: ng.Log) -> list[tuple[str, str]]:
    """The problems of a log under a protocol, each as the record's id and the rule."""
    return [(each.event, each.code) for each in ng.check(log, protocol=protocol)]


# Alternating offers


def hourly(*events: ng.AnyEvent) -> ng.Log:
    """The log of these events, the first at the beginning of day 1 and then one an hour."""
    return story(*((t(1) + index * HOUR, event) for index, event in enumerate(events)))


def offer(
    id: str,
    by: str,
    *to: str,
    counters: str | None = None,
    expires: datetime | None = None,
) -> ng.ProposalMade:
    """An offer to some."""
    return ng.ProposalMade(
        proposal=id, by=by, to=to, terms={"price": 9}, counters=counters, expires=expires
    )


def yes(id: str, by: str) -> ng.ProposalAccepted:
    """An acceptance."""
    return ng.ProposalAccepted(proposal=id, by=by)


def left(by: str) -> ng.PartyWithdrew:
    """A walk-away."""
    return ng.PartyWithdrew(by=by)


def joined(party: str, role: Any = "principal") -> ng.PartyJoined:
    """A party comes to the table."""
    return ng.PartyJoined(party=party, role=role)


AB: Final = offer("p1", "a", "b")
BA: Final = offer("p2", "b", "a", counters="p1")
ABC: Final = offer("p1", "a", "b", "c")
BAC: Final = offer("p2", "b", "a", "c", counters="p1")


def saop(*events: ng.AnyEvent, **deadline: Any) -> list[tuple[str, str]]:
    """What these events break of alternating offers."""
    return broken(ng.alternating_offers(**deadline), hourly(*events))


def test_two_parties_offer_in_turn_until_one_accepts() -> None:
    """They join, one offers, the other counters, and so on until an offer is accepted."""
    log = hourly(
        joined("a"), joined("b"), AB, BA, offer("p3", "a", "b", counters="p2"), yes("p3", "b")
    )
    assert broken(ng.ALTERNATING_OFFERS, log) == []
    state = ng.replay(log)
    assert {id: each.status for id, each in state.proposals.items()} == {
        "p1": "countered",
        "p2": "countered",
        "p3": "accepted",
    }
    assert ng.talks(state) == ng.Talks(("a", "b"), "p3", "a", 4, None, "agreement")


def test_three_parties_agree_when_each_other_party_accepted() -> None:
    """One acceptance by each of those to whom the standing offer was made ends the talks."""
    assert saop(ABC, yes("p1", "b"), yes("p1", "c")) == []
    talks = ng.talks(ng.replay(hourly(ABC, yes("p1", "b"))))
    assert (talks.next, talks.over) == ("c", None)
    talks = ng.talks(ng.replay(hourly(ABC, yes("p1", "b"), yes("p1", "c"))))
    assert (talks.next, talks.over) == (None, "agreement")


def test_a_counter_offer_begins_the_answers_anew() -> None:
    """What was accepted before it does not count for it: the others answer it, in their turn."""
    countered = (ABC, yes("p1", "b"), offer("p2", "c", "a", "b", counters="p1"))
    assert saop(*countered, yes("p2", "a"), yes("p2", "b")) == []
    talks = ng.talks(ng.replay(hourly(*countered, yes("p2", "a"))))
    assert talks == ng.Talks(("a", "b", "c"), "p2", "c", 4, "b", None)


@pytest.mark.parametrize("event_class", ng.EVENTS, ids=lambda each: each.__name__)
def test_other_events_have_no_place(event_class: type[Any]) -> None:
    """Parties join, offer, accept or walk away; whatever else they do breaks the protocol."""
    event = BUILDS[event_class](Chance.of((0, 0, 0)))
    record = ng.Record(id="e1", negotiation="talks-1", time=t(1), event=event)
    problem = ng.ALTERNATING_OFFERS.problem(ng.replay(story()), record)
    allowed = event_class in {
        ng.PartyJoined, ng.PartyWithdrew, ng.ProposalMade, ng.ProposalAccepted
    }  # fmt: skip
    found = None if problem is None else problem.code
    assert (found != "no-place") is allowed


@pytest.mark.parametrize(
    "event",
    [
        ng.ProposalRejected(proposal="p1", by="b"),
        ng.ProposalClarified(proposal="p1", by="a", terms={}),
        ng.ProposalWithdrawn(proposal="p1", by="a"),
        ng.StatementMade(by="b", text="too dear"),
        joined("c"),
        joined("b"),
    ],
    ids=["rejects", "clarifies", "withdraws", "says", "joins late", "joins again"],
)
def test_nobody_does_anything_else_at_the_table(event: Any) -> None:
    """Also where the lifecycles allow it; and nobody joins once an offer was made."""
    assert saop(AB, event) == [("e2", "no-place")]


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ((AB, yes("p1", "b")), offer("p2", "a", "b")),
        ((AB, yes("p1", "b")), left("a")),
        ((ABC, left("b")), yes("p1", "c")),
        ((ABC, left("b")), offer("p2", "c", "a", "b", counters="p1")),
        ((ABC, left("b")), left("c")),
        ((left("a"),), offer("p1", "b", "c")),
        ((left("a"),), joined("a")),
    ],
    ids=[
        "offer after agreement",
        "leaving after agreement",
        "acceptance after a walk-away",
        "offer after a walk-away",
        "second walk-away",
        "offer after one left before any",
        "joining again",
    ],
)
def test_nothing_follows_on_the_end(events: tuple[Any, ...], last: Any) -> None:
    """An agreement ends the talks, and so does the first walk-away, before any offer too."""
    assert saop(*events, last) == [(f"e{len(events) + 1}", "talks-over")]


def test_walking_away_is_an_answer() -> None:
    """Whose turn it is may leave, with two parties and with three."""
    assert saop(AB, left("b")) == []
    assert saop(ABC, yes("p1", "b"), left("c")) == []
    assert ng.talks(ng.replay(hourly(AB, left("b")))).over == "walk-away"


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ((AB,), offer("p2", "a", "b")),
        ((AB,), left("a")),
        ((AB, BA), left("b")),
        ((ABC,), yes("p1", "c")),
        ((ABC,), offer("p2", "c", "a", "b", counters="p1")),
        ((ABC, yes("p1", "b")), left("a")),
        ((ABC, BAC), yes("p2", "a")),
        ((joined("d", "observer"), AB), left("d")),
    ],
    ids=[
        "offers twice",
        "leaves after its own offer",
        "leaves after its counter-offer",
        "accepts too early",
        "counters too early",
        "leaves too early",
        "is not the next",
        "is not at the table",
    ],
)
def test_nobody_speaks_out_of_turn(events: tuple[Any, ...], last: Any) -> None:
    """After the maker of the first offer come those to whom it was made, in that order."""
    assert saop(*events, last) == [(f"e{len(events) + 1}", "out-of-turn")]


def test_the_turn_goes_round_in_the_order_of_the_first_offer() -> None:
    """The order in which later offers name the others is none of turns."""
    first = offer("p1", "a", "c", "b")
    second = offer("p2", "c", "a", "b", counters="p1")
    assert saop(first, second, yes("p2", "b"), yes("p2", "a")) == []
    assert saop(first, second, yes("p2", "a")) == [("e3", "out-of-turn")]


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ((), offer("p1", "a", "b", expires=t(9))),
        ((ABC,), offer("p2", "b", "a", counters="p1")),
        ((AB,), offer("p2", "b", "a", "c", counters="p1")),
        ((AB,), offer("p2", "b", "c", counters="p1")),
        ((AB,), offer("p2", "b", "a", counters="p1", expires=t(9))),
    ],
    ids=["first expires", "leaves one out", "asks one in", "asks another", "expires"],
)
def test_an_offer_goes_to_everybody_and_stands(events: tuple[Any, ...], last: Any) -> None:
    """It is made to everybody else at the table, whom the first offer chose, and never expires."""
    assert saop(*events, last) == [(f"e{len(events) + 1}", "not-to-all")]


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ((AB,), offer("p2", "b", "a")),
        ((ABC, BAC), yes("p1", "c")),
        ((ABC, BAC), offer("p3", "c", "a", "b", counters="p1")),
        ((ABC, BAC), offer("p3", "c", "a", "b")),
    ],
    ids=["counters nothing", "accepts the old one", "counters the old one", "begins anew"],
)
def test_only_the_offer_that_stands_is_answered(events: tuple[Any, ...], last: Any) -> None:
    """A new offer counters, and so rejects, the one that stands; the one before is gone."""
    assert saop(*events, last) == [(f"e{len(events) + 1}", "no-answer")]


@pytest.mark.parametrize(
    ("rounds", "events", "last"),
    [
        (1, (AB, BA), yes("p2", "a")),
        (1, (AB, BA), left("a")),
        (1, (ABC, BAC, offer("p3", "c", "a", "b", counters="p2")), yes("p3", "a")),
        (1, (ABC, yes("p1", "b"), offer("p3", "c", "a", "b", counters="p1")), left("a")),
        (
            2,
            (AB, BA, offer("p3", "a", "b", counters="p2"), offer("p4", "b", "a", counters="p3")),
            yes("p4", "a"),
        ),
    ],
    ids=["two", "two, leaving", "three", "three, one acceptance", "two rounds"],
)
def test_nothing_is_said_after_the_last_round(rounds: int, events: Any, last: Any) -> None:
    """In a round each party has one turn; an acceptance takes a turn as an offer does."""
    assert saop(*events, rounds=rounds) == []
    assert saop(*events, last, rounds=rounds) == [(f"e{len(events) + 1}", "rounds-over")]
    assert saop(*events, last, rounds=rounds + 1) == []


def test_the_last_turn_may_bring_an_agreement() -> None:
    """Then the talks are over for that reason, and not because the rounds are."""
    assert saop(ABC, yes("p1", "b"), yes("p1", "c"), rounds=1) == []
    assert saop(AB, yes("p1", "b"), left("a"), rounds=1) == [("e3", "talks-over")]


def test_joining_takes_no_turn() -> None:
    """However many join, the rounds begin with the first offer."""
    assert saop(joined("a"), joined("b"), joined("a"), AB, BA, rounds=1) == []


def test_nothing_is_said_from_the_deadline_on() -> None:
    """At the very instant the time is over, for joining and leaving too; before it is not."""
    due = t(1) + HOUR
    assert saop(AB, yes("p1", "b"), due=due + TICK) == []
    assert saop(AB, yes("p1", "b"), due=due) == [("e2", "time-over")]
    assert saop(joined("a"), joined("b"), left("a"), due=due) == [
        ("e2", "time-over"),
        ("e3", "time-over"),
    ]
    problems = ng.check(hourly(AB, BA), protocol=ng.alternating_offers(due=due))
    assert problems[0].message.endswith("from 2031-03-01T01:00:00+00:00 on nothing more is said")


def test_what_breaks_the_protocol_moves_the_talks_all_the_same() -> None:
    """An offer out of turn was made, so it stands, and the turn is that of whoever follows."""
    log = hourly(ABC, offer("p2", "c", "a", "b", counters="p1"), yes("p2", "a"), yes("p2", "b"))
    assert broken(ng.ALTERNATING_OFFERS, log) == [("e2", "out-of-turn")]
    assert ng.talks(ng.replay(log)).over == "agreement"


def test_after_the_offer_of_a_stranger_the_first_party_is_next() -> None:
    """Whoever is not at the table has no place in the turn."""
    log = hourly(AB, offer("p2", "x", "a", "b"))
    assert broken(ng.ALTERNATING_OFFERS, log) == [("e2", "out-of-turn")]
    assert ng.talks(ng.replay(log)) == ng.Talks(("a", "b"), "p2", "x", 2, "a", None)


def test_an_event_with_a_problem_of_its_own_takes_no_turn() -> None:
    """What the lifecycles refuse changes nothing, so the same party is next."""
    log = hourly(AB, yes("p9", "b"), yes("p1", "b"))
    assert broken(ng.ALTERNATING_OFFERS, log) == [("e2", "unknown-proposal")]


def test_talks_that_have_not_begun() -> None:
    """Before the first offer there is nobody at the table, and it is anybody's turn."""
    assert ng.talks(ng.replay(hourly(joined("a")))) == ng.Talks()
    assert ng.talks(ng.replay(hourly(left("a")))) == ng.Talks(over="walk-away")
    state = ng.replay(hourly(AB))
    assert ng.talks(state) is ng.talks(state)


def test_an_observer_leaves_without_ending_the_talks() -> None:
    """Once there is an offer, only a party at the table walks away, for whoever reads the log."""
    log = hourly(joined("d", "observer"), AB, left("d"), yes("p1", "b"))
    assert broken(ng.ALTERNATING_OFFERS, log) == [("e3", "out-of-turn")]
    assert ng.talks(ng.replay(log)).over == "agreement"


def test_without_the_rule_of_the_end_talks_may_begin_anew() -> None:
    """Taking a rule out leaves a protocol in which the others hold."""
    endless = ng.ALTERNATING_OFFERS.without("talks-over")
    again = offer("p2", "a", "b")
    assert broken(endless, hourly(AB, yes("p1", "b"), again)) == []
    assert broken(endless, hourly(AB, yes("p1", "b"), offer("p2", "a", "b", expires=t(9)))) == [
        ("e3", "not-to-all")
    ]


def test_alternating_offers_have_a_name_and_codes() -> None:
    """The constant is what is made with nothing further said; deadlines add their rules."""
    assert ng.alternating_offers() == ng.ALTERNATING_OFFERS
    assert ng.ALTERNATING_OFFERS.name == "alternating offers"
    assert ng.ALTERNATING_OFFERS.codes == (
        "no-place", "talks-over", "out-of-turn", "not-to-all", "no-answer"
    )  # fmt: skip
    both = ng.alternating_offers(rounds=3, due=t(9), name="short talks")
    assert both.name == "short talks"
    assert {*both.codes} - {*ng.ALTERNATING_OFFERS.codes} == {"rounds-over", "time-over"}
    assert all(rule.source for rule in both.rules)


@pytest.mark.parametrize("rounds", [0, -1, True, 1.0, "2"])
def test_rounds_are_counted_from_one(rounds: Any) -> None:
    """Any other number is refused."""
    with pytest.raises(ng.InvalidProtocol) as refused:
        ng.alternating_offers(rounds=rounds)
    assert str(refused.value) == f"rounds must be a whole number from 1, not {rounds!r}"


def test_a_deadline_has_a_time_zone() -> None:
    """A moment without one is refused, and so is what is no moment."""
    with pytest.raises(ng.InvalidProtocol, match="due must have a time zone"):
        ng.alternating_offers(due=datetime(2031, 3, 1))  # noqa: DTZ001  # as it says
    with pytest.raises(ng.InvalidProtocol, match="due must be a datetime with a time zone"):
        ng.alternating_offers(due="noon")  # type: ignore[arg-type]  # as it says


# A ceasefire that is watched


def truce(**fields: Any) -> ng.TruceDeclared:
    """North and south hold a truce from day 5 to day 9."""
    usual = {"binds": ["north", "south"], "starts": t(5), "ends": t(9)}
    return ng.TruceDeclared(truce="t", by="north", kind="ceasefire", **{**usual, **fields})


def claim(by: str = "north", **fields: Any) -> ng.TruceViolated:
    """South says that somebody broke it."""
    return ng.TruceViolated(violation="v", truce="t", by=by, alleged_by="south", **fields)


def ceased(*entries: Entry, **fields: Any) -> list[tuple[str, str]]:
    """What is broken of a ceasefire, of which the truce was declared on day 1, by what follows."""
    return broken(ng.CEASEFIRE, story((t(1), truce(**fields)), *entries))


@pytest.mark.parametrize(
    "entry",
    [
        (t(5), claim()),
        (t(9) - TICK, claim()),
        (t(12), claim(begins=t(6))),
        (t(12), claim(begins=t(4), ends=t(6))),
        (t(12), claim(begins=t(8), ends=t(12))),
        (t(12), claim(ends=t(6))),
        (t(5), claim(begins=t(6))),
    ],
    ids=[
        "at its start",
        "before its end",
        "afterwards",
        "from before",
        "until after",
        "by",
        "to come",
    ],
)
def test_a_claim_speaks_of_a_time_within_the_truce(entry: Entry) -> None:
    """Some moment of which it speaks is one at which the accused was bound."""
    assert ceased(entry) == []


@pytest.mark.parametrize(
    "entry",
    [
        (t(5) - TICK, claim()),
        (t(9), claim()),
        (t(12), claim()),
        (t(6), claim("east")),
        (t(6), claim(begins=t(3), ends=t(5))),
        (t(6), claim(begins=t(9), ends=t(10))),
        (t(4), claim(begins=t(6))),
    ],
    ids=["before", "at its end", "after", "not bound", "of before", "of after", "not yet begun"],
)
def test_a_claim_outside_the_truce_breaks_the_protocol(entry: Entry) -> None:
    """Nobody breaks what did not bind it; the claim is kept all the same."""
    assert ceased(entry) == [("e2", "outside-truce")]
    assert not ng.replay(story((t(1), truce()), entry)).violations["v"].in_effect


def test_a_claim_is_asked_about_as_it_was_known_when_it_was_made() -> None:
    """A party that joined later was not bound then, and one that rejected was never bound."""
    assert ceased((t(6), claim("east")), (t(7), ng.TruceJoined(truce="t", by="east"))) == [
        ("e2", "outside-truce")
    ]
    assert ceased((t(2), ng.TruceRejected(truce="t", by="north")), (t(6), claim())) == [
        ("e3", "outside-truce")
    ]
    assert ceased((t(2), ng.TruceEnded(truce="t", by="north")), (t(6), claim())) == [
        ("e3", "outside-truce")
    ]


def test_a_claim_within_an_earlier_span_is_inside() -> None:
    """A party that ended its part and joined again was bound before."""
    said = ng.StatementMade(by="north", text="we leave", about="t")
    log = (
        (t(5), said),
        (t(6), ng.TruceEnded(truce="t", by="north")),
        (t(8), ng.TruceJoined(truce="t", by="north")),
    )
    assert ceased(*log, (t(8), claim(begins=t(5, 12)))) == []
    assert ceased(*log, (t(8), claim(begins=t(7)))) == [("e5", "outside-truce")]


def test_a_claim_of_no_truce_has_that_problem_alone() -> None:
    """What the lifecycles say comes first, whether the truce is unknown or no truce at all."""
    assert broken(ng.CEASEFIRE, story((t(6), claim()))) == [("e1", "unknown-truce")]
    offered = ng.ProposalMade(proposal="t", by="north", to=["south"], terms={})
    log = story((t(1), offered), (t(6), claim()))
    assert broken(ng.CEASEFIRE, log) == [("e2", "unknown-truce")]
    state = ng.replay(story((t(1), offered)))
    [inside] = [rule for rule in ng.CEASEFIRE.rules if rule.code == "outside-truce"]
    assert inside(state, attrs.evolve(log[1], position=2)) is not None


def assessed(by: str, finding: Any) -> ng.ViolationAssessed:
    """Somebody's finding on the claim."""
    return ng.ViolationAssessed(violation="v", by=by, finding=finding)


@pytest.mark.parametrize("finding", ["verified", "refuted", "unattributed"])
def test_only_a_monitor_verifies(finding: str) -> None:
    """A party that joined as a monitor finds; others, and one that is a monitor no more, do not."""
    claimed = ((t(2), joined("watch", "monitor")), (t(6), claim()))
    assert ceased(*claimed, (t(7), assessed("watch", finding))) == []
    assert ceased(*claimed, (t(7), assessed("north", finding))) == [("e4", "not-monitor")]
    assert ceased(*claimed, (t(7), assessed("stranger", finding))) == [("e4", "not-monitor")]
    changed = (*claimed, (t(7), joined("watch", "observer")))
    assert ceased(*changed, (t(8), assessed("watch", finding))) == [("e5", "not-monitor")]


@pytest.mark.parametrize("by", ["north", "stranger", "watch"])
def test_anybody_may_deny_a_claim(by: str) -> None:
    """The accused above all."""
    claimed = ((t(2), joined("watch", "monitor")), (t(6), claim()))
    assert ceased(*claimed, (t(7), assessed(by, "denied"))) == []


def ended(by: str = "north") -> ng.TruceEnded:
    """Somebody ends its part."""
    return ng.TruceEnded(truce="t", by=by)


def spoke(by: str = "north", about: str | None = "t") -> ng.StatementMade:
    """Somebody says something, about the truce or not."""
    return ng.StatementMade(by=by, text="we shall not go on", about=about)


def extended(ends: datetime) -> ng.TruceExtended:
    """North moves its end."""
    return ng.TruceExtended(truce="t", by="north", ends=ends)


def test_an_end_needs_notice() -> None:
    """Without a statement about the truce a day before, ending it breaks the protocol."""
    assert ceased((t(7), ended())) == [("e2", "no-notice")]
    assert ceased((t(6), spoke()), (t(7), ended())) == []
    assert ceased((t(6) + TICK, spoke()), (t(7), ended())) == [("e3", "no-notice")]
    assert ceased((t(2), spoke()), (t(6), spoke("north", None)), (t(7), ended())) == []


@pytest.mark.parametrize(
    "said",
    [spoke("south"), spoke("north", None), spoke("north", "other")],
    ids=["by another", "of nothing", "of another"],
)
def test_notice_is_given_by_whoever_ends_the_truce(said: ng.StatementMade) -> None:
    """A statement of another party is none, and neither is one about another thing."""
    assert ceased((t(6), said), (t(8), ended())) == [("e3", "no-notice")]


def test_one_partys_notice_is_its_own() -> None:
    """The other party needs notice of its own."""
    assert ceased((t(6), spoke()), (t(7), ended()), (t(7), ended("south"))) == [("e4", "no-notice")]


def test_a_shortened_end_is_its_own_notice() -> None:
    """An end moved to a day from now or later was told in time; a nearer one was not."""
    assert ceased((t(6), extended(t(7)))) == []
    assert ceased((t(6), extended(t(7) - TICK))) == [("e2", "no-notice")]
    assert ceased((t(6), spoke()), (t(7), extended(t(7) + TICK))) == []
    assert ceased((t(6), extended(t(6)))) == [("e2", "no-notice")]


def test_a_later_end_needs_no_notice() -> None:
    """Neither does the end that was said already."""
    assert ceased((t(8, 23), extended(t(20)))) == []
    assert ceased((t(8, 23), extended(t(9)))) == []


def test_an_end_is_earlier_than_what_was_said_last() -> None:
    """A truce that was extended ends, without notice, no earlier than it was extended to."""
    assert ceased((t(6), extended(t(20))), (t(12), extended(t(12, 1)))) == [("e3", "no-notice")]
    assert ceased((t(6), extended(t(20))), (t(12), extended(t(13)))) == []


def test_a_truce_without_an_end_is_ended_with_notice() -> None:
    """An end a day from now is notice; ending it at once is not."""
    assert ceased((t(6), extended(t(7))), ends=None) == []
    assert ceased((t(6), extended(t(6, 23))), ends=None) == [("e2", "no-notice")]
    assert ceased((t(6), ended()), ends=None) == [("e2", "no-notice")]


def test_what_has_not_begun_needs_no_notice() -> None:
    """A party that is bound on paper alone may leave; at the very start it was bound."""
    assert ceased((t(4), ended())) == []
    assert ceased((t(4), extended(t(4, 12)))) == []
    assert ceased((t(4), extended(t(5)))) == []
    assert ceased((t(4, 12), extended(t(5)))) == [("e2", "no-notice")]
    assert ceased((t(5), ended())) == [("e2", "no-notice")]
    assert ceased((t(4), ng.TruceRejected(truce="t", by="north"))) == []


def test_ending_what_does_not_bind_has_that_problem_alone() -> None:
    """What the lifecycles say comes first; the rule itself has nothing to say of it."""
    assert ceased((t(6), ended("east"))) == [("e2", "not-bound")]
    assert ceased((t(10), ended())) == [("e2", "truce-over")]
    state = ng.replay(story((t(1), truce())))
    record = ng.Record(id="x", negotiation="talks-1", position=2, time=t(6), event=ended("east"))
    assert ng.CEASEFIRE.problem(state, record) is None


def test_other_notice_may_be_asked() -> None:
    """None at all, or an hour; the reason of the rule tells how much."""
    log = story((t(1), truce()), (t(6), spoke()), (t(6, 1), ended()), (t(6, 1), ended("south")))
    assert broken(ng.ceasefire(notice=timedelta(0)), log) == []
    assert broken(ng.ceasefire(notice=HOUR), log) == [("e4", "no-notice")]
    assert broken(ng.ceasefire(notice=HOUR + TICK), log) == [
        ("e3", "no-notice"),
        ("e4", "no-notice"),
    ]
    [problem] = ng.check(log, protocol=ng.ceasefire(notice=HOUR))
    assert "says so 1:00:00 before, in a statement about the truce" in problem.message


def test_notice_is_counted_to_the_end_of_time() -> None:
    """No moment is too late to be asked about."""
    last = datetime.max.replace(tzinfo=UTC)
    log = story((t(1), truce(ends=None)), (last, extended(last)), (last, ended()))
    assert broken(ng.CEASEFIRE, log) == [("e2", "no-notice"), ("e3", "truce-over")]


def test_a_ceasefire_is_open_in_all_else() -> None:
    """Offers, meetings and statements are as free as in diplomacy."""
    log = story(
        (t(1), truce()),
        (t(1), AB),
        (t(2), ng.ProposalRejected(proposal="p1", by="b")),
        (t(3), ng.MeetingHeld(meeting="m", parties=["north", "south"])),
        (t(6), ng.TruceObserved(truce="t", by="north", claimed_by="south")),
        (t(6), ng.TruceJoined(truce="t", by="east")),
    )
    assert broken(ng.CEASEFIRE, log) == codes(ng.replay(log)) == []


def test_a_ceasefire_has_a_name_and_codes() -> None:
    """The constant asks for a day's notice."""
    assert ng.CEASEFIRE.name == "ceasefire"
    assert ng.CEASEFIRE.codes == ("outside-truce", "not-monitor", "no-notice")
    assert ng.ceasefire(name="armistice of the mill").name == "armistice of the mill"
    assert all(rule.source for rule in ng.CEASEFIRE.rules)


@pytest.mark.parametrize("notice", [timedelta(microseconds=-1), 24, None])
def test_notice_is_a_stretch_of_time(notice: Any) -> None:
    """Any other value is refused, and so is one below zero."""
    with pytest.raises(ng.InvalidProtocol) as refused:
        ng.ceasefire(notice=notice)
    assert str(refused.value) == f"notice must be a timedelta of zero or more, not {notice!r}"


def test_the_deadline_in_rounds_is_named_in_the_message() -> None:
    """Whoever speaks after the last round is told which it was."""
    log = hourly(AB, offer("p2", "b", "a", counters="p1"), offer("p3", "a", "b", counters="p2"))
    [problem] = ng.check(log, protocol=ng.alternating_offers(rounds=1))
    assert problem.code == "rounds-over"
    assert problem.message.endswith("after round 1 nothing more is said")
