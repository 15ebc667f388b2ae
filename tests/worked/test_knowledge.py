"""Time and knowledge: what had happened, what was known of it and to whom, what was taken back."""

from datetime import timedelta, timezone

import pytest

import negotiation as ng

from .story import codes, story, t

OFFER = (t(1), ng.ProposalMade(proposal="p1", by="buyer", to=["seller"], terms={"n": 1}))
YES = (t(3), ng.ProposalAccepted(proposal="p1", by="seller"))
NO = (t(2), ng.ProposalRejected(proposal="p1", by="seller"))


def test_an_empty_log() -> None:
    """Of nothing, the state is nothing: position 0, no time and no instant to judge it by."""
    state = ng.replay(ng.Log("talks-1"))
    assert (state.id, state.position) == ("talks-1", 0)
    assert (state.time, state.as_of, state.known_at, state.known_to) == (None, None, None, None)
    assert (state.parties, state.proposals, state.truces) == ({}, {}, {})
    assert (state.violations, state.deadlines, state.meetings) == ({}, {}, {})
    assert state.problems == ()


def test_by_default_a_log_is_judged_at_its_latest_time() -> None:
    """Without `as_of` the latest time of what counts is the instant of judgement."""
    state = ng.replay(story(OFFER, YES))
    assert (state.position, state.time, state.as_of) == (2, t(3), t(3))


def test_what_was_asked_for_is_kept() -> None:
    """A state says for which instant, knowledge and party it was drawn."""
    state = ng.replay(story(OFFER, YES), as_of=t(20), known_at=t(19), known_to="seller")
    assert (state.as_of, state.known_at, state.known_to) == (t(20), t(19), "seller")
    assert (state.position, state.time) == (2, t(3))


def test_as_of_shows_only_what_had_happened() -> None:
    """A record counts from its very time on, and later ones leave no trace."""
    log = story(OFFER, YES)
    before = ng.replay(log, as_of=t(2, 23, 59))
    assert (before.position, before.time, before.as_of) == (1, t(1), t(2, 23, 59))
    assert before.proposals["p1"].status == "open"
    assert ng.replay(log, as_of=t(3)).proposals["p1"].status == "accepted"
    nothing = ng.replay(story(YES), as_of=t(2))
    assert (nothing.position, nothing.time, nothing.parties) == (0, None, {})


def test_an_instant_is_the_same_in_every_zone() -> None:
    """Records are compared as instants, whatever zone their times are written in."""
    ahead = timezone(timedelta(hours=2))
    log = story(OFFER, (t(3).astimezone(ahead), YES[1]))
    assert ng.replay(log) == ng.replay(story(OFFER, YES))
    assert ng.replay(log, as_of=t(2, 23, 59)).proposals["p1"].status == "open"
    assert ng.replay(log, as_of=t(3).astimezone(ahead)).proposals["p1"].status == "accepted"


def test_a_problem_is_there_only_once_it_happened() -> None:
    """Problems follow `as_of` like everything else."""
    log = story(OFFER, NO, (t(4), ng.ProposalAccepted(proposal="p1", by="seller")))
    assert ng.replay(log, as_of=t(3)).problems == ()
    assert codes(ng.replay(log, as_of=t(4))) == [("e3", "already-answered")]


def test_known_at_shows_only_what_had_been_recorded() -> None:
    """What was reported late was not known before, whatever its own time."""
    log = story(OFFER, (t(3), YES[1], {"recorded": t(6)}))
    unknown = ng.replay(log, as_of=t(5), known_at=t(5))
    assert unknown.proposals["p1"].status == "open"
    assert unknown.position == 1
    assert ng.replay(log, as_of=t(5), known_at=t(6)).proposals["p1"].status == "accepted"
    assert ng.replay(log, as_of=t(5)).proposals["p1"].status == "accepted"
    assert ng.replay(log, as_of=t(2), known_at=t(6)).proposals["p1"].status == "open"


def test_known_at_before_everything() -> None:
    """Before the first record was made nothing was known, and there is nothing to judge by."""
    state = ng.replay(story((t(1), OFFER[1], {"recorded": t(4)})), known_at=t(3))
    assert (state.position, state.time, state.as_of, state.known_at) == (0, None, None, t(3))
    assert state.proposals == {}


def test_by_default_a_past_knowledge_is_judged_at_its_own_latest_time() -> None:
    """With `known_at` alone, the instant of judgement is the latest that was known of."""
    log = story(OFFER, (t(3), YES[1], {"recorded": t(6)}))
    assert ng.replay(log, known_at=t(5)).as_of == t(1)
    assert ng.replay(log, known_at=t(6)).as_of == t(3)


def test_a_late_report_takes_its_place_in_the_past() -> None:
    """An answer reported late comes first if it was given first, and undoes the later one."""
    log = story(OFFER, YES, NO)
    early = ng.replay(log, known_at=t(2))
    assert early.proposals["p1"].status == "open"
    state = ng.replay(log)
    assert state.proposals["p1"].status == "rejected"
    assert state.proposals["p1"].records == ("e1", "e3")
    assert codes(state) == [("e2", "already-answered")]
    assert (state.position, state.time) == (3, t(3))


def test_a_late_report_mends_what_seemed_a_problem() -> None:
    """An answer to an unknown proposal is none once the proposal's own report arrives."""
    log = story(YES, (t(1), OFFER[1], {"recorded": t(5)}))
    before = ng.replay(log, known_at=t(4))
    assert codes(before) == [("e1", "unknown-proposal")]
    assert before.proposals == {}
    after = ng.replay(log, known_at=t(5))
    assert after.problems == ()
    assert after.proposals["p1"].status == "accepted"
    assert after.proposals["p1"].records == ("e2", "e1")


def test_a_late_report_may_take_an_id_from_a_later_record() -> None:
    """Of two items under one id, the one that happened first has it, whenever reported."""
    rival = ng.ProposalMade(proposal="p1", by="rival", to=["seller"], terms={})
    log = story((t(4), OFFER[1]), (t(2), rival))
    assert ng.replay(log, as_of=t(3)).proposals["p1"].by == "rival"
    assert codes(ng.replay(log)) == [("e1", "used-id")]
    assert ng.replay(log).proposals["p1"].by == "rival"


def test_a_late_position_goes_into_the_history() -> None:
    """A stand reported late does not replace one that was taken after it."""
    log = story(
        (t(4), ng.PositionStated(by="buyer", issue="price", value=12, firmness="demand")),
        (t(2), ng.PositionStated(by="buyer", issue="price", value=9, firmness="demand")),
    )
    price = ng.replay(log).parties["buyer"].positions["price"]
    assert (price.value, price.since) == (12, t(4))
    assert [(old.value, old.since) for old in price.history] == [(9, t(2))]


def test_a_plan_reported_after_the_meeting() -> None:
    """A late report of a meeting's plan comes before the meeting, and neither is a problem."""
    plan = ng.MeetingScheduled(meeting="m1", by="buyer", parties=["seller"], starts=t(5))
    log = story(
        (t(5), ng.MeetingHeld(meeting="m1", parties=["buyer", "seller"])),
        (t(2), plan, {"recorded": t(7)}),
    )
    assert ng.replay(log, known_at=t(6)).meetings["m1"].by is None
    meeting = ng.replay(log).meetings["m1"]
    assert (meeting.status, meeting.by, meeting.starts) == ("held", "buyer", t(5))
    assert meeting.parties == ("buyer", "seller")
    assert ng.replay(log).problems == ()


def test_a_late_extension_mends_a_late_end() -> None:
    """Ending a truce that seemed to be over is no problem once its extension is reported."""
    calm = ng.TruceDeclared(truce="calm", by="northport", kind="truce", ends=t(10))
    log = story(
        (t(1), calm),
        (t(11), ng.TruceEnded(truce="calm", by="northport")),
        (t(9), ng.TruceExtended(truce="calm", by="northport", ends=t(20)), {"recorded": t(12)}),
    )
    before = ng.replay(log, known_at=t(11))
    assert codes(before) == [("e2", "truce-over")]
    assert before.truces["calm"].status == "expired"
    after = ng.replay(log)
    assert after.problems == ()
    assert after.truces["calm"].status == "ended"
    assert after.truces["calm"].records == ("e1", "e3", "e2")
    assert ng.replay(log, as_of=t(10, 12)).truces["calm"].status == "in-force"


def test_equal_times_keep_log_order() -> None:
    """Of two records of one instant, the one recorded first comes first."""
    in_order = story(OFFER, (t(1), YES[1]))
    assert ng.replay(in_order).proposals["p1"].status == "accepted"
    assert ng.replay(in_order).problems == ()
    reversed_ = story((t(1), YES[1]), OFFER)
    assert ng.replay(reversed_).proposals["p1"].status == "open"
    assert codes(ng.replay(reversed_)) == [("e1", "unknown-proposal")]


def test_problems_stand_in_fold_order() -> None:
    """Problems are listed by when things happened, not by when they were recorded."""
    log = story(
        (t(5), ng.ProposalAccepted(proposal="p8", by="seller")),
        (t(3), ng.ProposalAccepted(proposal="p9", by="seller")),
    )
    assert [(problem.event, problem.position) for problem in ng.check(log)] == [
        ("e2", 2),
        ("e1", 1),
    ]


def test_a_retraction_takes_a_record_back() -> None:
    """A retracted answer was never given, and the retraction itself does not count."""
    log = story(OFFER, YES, (t(5), ng.EventRetracted(event="e2", by="wire", reason="misread")))
    state = ng.replay(log)
    assert state.proposals["p1"].status == "open"
    assert state.proposals["p1"].records == ("e1",)
    assert (state.position, state.time, state.as_of) == (1, t(1), t(1))
    assert "wire" not in state.parties
    assert state.parties["seller"].last_heard is None
    assert state.problems == ()


def test_a_retraction_follows_known_at_and_never_as_of() -> None:
    """A retraction counts for every past instant, but only for those who know of it yet."""
    log = story(OFFER, (t(5), ng.EventRetracted(event="e1", by="buyer"), {"recorded": t(7)}))
    assert ng.replay(log, as_of=t(2)).proposals == {}
    assert ng.replay(log, as_of=t(6)).proposals == {}
    assert ng.replay(log, as_of=t(2), known_at=t(6)).proposals["p1"].status == "open"
    assert ng.replay(log, as_of=t(6), known_at=t(6)).proposals["p1"].status == "open"
    assert ng.replay(log, as_of=t(6), known_at=t(7)).proposals == {}


def test_a_retracted_proposal_leaves_its_answers_behind() -> None:
    """An answer to a retracted proposal answers an unknown one."""
    log = story(OFFER, YES, (t(5), ng.EventRetracted(event="e1", by="buyer")))
    state = ng.replay(log)
    assert state.proposals == {}
    assert codes(state) == [("e2", "unknown-proposal")]
    assert set(state.parties) == {"seller"}
    assert state.position == 2


def test_a_retracted_counter_counters_nothing() -> None:
    """A proposal whose counter is retracted is open as before."""
    counter = ng.ProposalMade(proposal="p2", by="seller", to=["buyer"], terms={}, counters="p1")
    log = story(OFFER, (t(2), counter), (t(3), ng.EventRetracted(event="e2", by="seller")))
    state = ng.replay(log)
    assert set(state.proposals) == {"p1"}
    assert (state.proposals["p1"].status, state.proposals["p1"].countered_by) == ("open", ())
    assert state.proposals["p1"].records == ("e1",)


def test_the_id_of_a_retracted_item_is_free() -> None:
    """An item whose record is retracted never was, so that its id may be used."""
    log = story(
        OFFER,
        (t(2), ng.EventRetracted(event="e1", by="buyer")),
        (t(3), ng.TruceDeclared(truce="p1", by="buyer", kind="truce")),
    )
    state = ng.replay(log)
    assert state.problems == ()
    assert (state.proposals, set(state.truces)) == ({}, {"p1"})


def test_a_retraction_of_a_retraction() -> None:
    """A retraction that is itself retracted retracts nothing."""
    log = story(
        OFFER,
        (t(2), ng.EventRetracted(event="e1", by="buyer")),
        (t(3), ng.EventRetracted(event="e2", by="buyer")),
    )
    assert ng.replay(log, known_at=t(1)).proposals["p1"].status == "open"
    assert ng.replay(log, known_at=t(2)).proposals == {}
    assert ng.replay(log).proposals["p1"].status == "open"
    assert ng.replay(log).problems == ()
    assert ng.replay(log).position == 1


def test_a_retraction_restored() -> None:
    """Each retraction in a chain undoes the one before it."""
    log = story(
        OFFER,
        (t(2), ng.EventRetracted(event="e1", by="buyer")),
        (t(3), ng.EventRetracted(event="e2", by="buyer")),
        (t(4), ng.EventRetracted(event="e3", by="buyer")),
    )
    assert ng.replay(log).proposals == {}
    assert ng.replay(log).problems == ()


def test_a_second_retraction_stands_when_the_first_is_taken_back() -> None:
    """A record retracted twice stays retracted while one of the two stands."""
    log = story(
        OFFER,
        (t(2), ng.EventRetracted(event="e1", by="buyer")),
        (t(3), ng.EventRetracted(event="e1", by="buyer")),
        (t(4), ng.EventRetracted(event="e2", by="buyer")),
    )
    assert codes(ng.replay(log, known_at=t(3))) == [("e3", "already-retracted")]
    assert ng.replay(log, known_at=t(3)).proposals == {}
    assert ng.replay(log).proposals == {}


def test_a_retraction_reaches_only_records_above_it() -> None:
    """A retraction of itself or of a record still to come is a problem and retracts nothing."""
    log = story(
        (t(1), ng.EventRetracted(event="e2", by="buyer")),
        OFFER,
        (t(2), ng.EventRetracted(event="e3", by="buyer")),
        (t(3), ng.EventRetracted(event="e9", by="buyer")),
    )
    state = ng.replay(log)
    assert state.proposals["p1"].status == "open"
    assert codes(state) == [(key, "unknown-record") for key in ("e1", "e3", "e4")]


def test_a_retraction_dated_before_what_it_retracts() -> None:
    """A retraction reaches what lies above it in the log, whatever the two times."""
    log = story((t(5), OFFER[1]), (t(2), ng.EventRetracted(event="e1", by="buyer")))
    assert ng.replay(log).proposals == {}
    assert ng.replay(log).problems == ()


def test_a_hidden_retraction() -> None:
    """A retraction binds those who can see it, its maker included, and nobody else."""
    log = story(OFFER, (t(2), ng.EventRetracted(event="e1", by="wire"), {"visible_to": ["seller"]}))
    assert ng.replay(log).proposals == {}
    assert ng.replay(log, known_to="seller").proposals == {}
    assert ng.replay(log, known_to="wire").proposals == {}
    assert ng.replay(log, known_to="buyer").proposals["p1"].status == "open"
    assert ng.replay(log, known_to="rival").proposals["p1"].status == "open"


def test_a_public_retraction_after_a_hidden_one() -> None:
    """A second retraction is a problem only for those who could see the first."""
    log = story(
        OFFER,
        (t(2), ng.EventRetracted(event="e1", by="wire"), {"visible_to": ["seller"]}),
        (t(3), ng.EventRetracted(event="e1", by="buyer")),
    )
    assert codes(ng.replay(log, known_to="seller")) == [("e3", "already-retracted")]
    assert codes(ng.replay(log, known_to="rival")) == []
    assert ng.replay(log, known_to="rival").proposals == {}
    assert ng.replay(log, known_to="seller").proposals == {}


def test_a_retraction_of_what_one_cannot_see() -> None:
    """A public retraction of a hidden record is, to those outside, one of nothing."""
    log = story(
        (t(1), OFFER[1], {"visible_to": ["seller"]}),
        (t(2), ng.EventRetracted(event="e1", by="wire")),
    )
    assert ng.replay(log).problems == ()
    assert ng.replay(log, known_to="seller").problems == ()
    assert codes(ng.replay(log, known_to="rival")) == [("e2", "unknown-record")]
    assert ng.replay(log, known_to="rival").position == 0


def test_a_second_copy_changes_nothing() -> None:
    """A record under an id already there, with the same content, is the record itself."""
    once = story(OFFER, YES)
    twice = story(OFFER, YES, (*OFFER, {"id": "e1"}), (*YES, {"id": "e2", "recorded": t(9)}))
    assert ng.replay(twice) == ng.replay(once)
    assert ng.replay(twice).position == 2
    assert ng.replay(twice).proposals["p1"].records == ("e1", "e2")


def test_a_copy_does_not_undo_a_retraction() -> None:
    """A retracted id stays used: recording the same again brings nothing back."""
    log = story(OFFER, (t(2), ng.EventRetracted(event="e1", by="buyer")), (*OFFER, {"id": "e1"}))
    assert ng.replay(log).proposals == {}
    assert ng.replay(log).position == 0
    assert ng.replay(log).problems == ()


def test_one_id_with_two_contents_is_refused() -> None:
    """A record that is no copy cannot have the id of another, not even by a value's type."""
    real = ng.ProposalMade(proposal="p1", by="buyer", to=["seller"], terms={"n": 1.0})
    for other in (YES, (t(1), real)):
        with pytest.raises(ng.NegotiationError):
            story(OFFER, (*other, {"id": "e1"}))


def test_a_repeat_is_a_further_source_and_folded_as_nothing() -> None:
    """A record that reports the same event again neither counts nor answers twice."""
    log = story(OFFER, YES, (t(4), YES[1], {"repeats": "e2", "reported_by": "the gazette"}))
    state = ng.replay(log)
    assert state.problems == ()
    assert state.proposals["p1"].records == ("e1", "e2")
    assert (state.position, state.time, state.as_of) == (2, t(3), t(3))
    assert state.parties["seller"].last_heard == t(3)


def test_a_repeat_of_nothing() -> None:
    """A record that repeats none of those above it is a problem."""
    log = story(OFFER, (*YES, {"repeats": "e9"}))
    assert codes(ng.replay(log)) == [("e2", "unknown-record")]
    hidden = story((*OFFER, {"visible_to": ["seller"]}), (t(1), OFFER[1], {"repeats": "e1"}))
    assert codes(ng.replay(hidden, known_to="seller")) == []
    assert codes(ng.replay(hidden, known_to="rival")) == [("e2", "unknown-record")]


def test_a_hidden_record_is_known_to_its_readers_and_its_maker() -> None:
    """A record made visible to some is known to them and to whoever made it."""
    log = story((*OFFER, {"visible_to": ["broker"]}))
    assert set(ng.replay(log).proposals) == {"p1"}
    assert set(ng.replay(log, known_to="broker").proposals) == {"p1"}
    assert set(ng.replay(log, known_to="buyer").proposals) == {"p1"}
    assert ng.replay(log, known_to="seller").proposals == {}
    assert ng.replay(log, known_to="seller").parties == {}
    assert ng.replay(log, known_to="nobody-known").position == 0


def test_a_secret_joining() -> None:
    """A truce is mutual for those who know that the other side joined it."""
    log = story(
        (t(1), ng.TruceDeclared(truce="calm", by="northport", kind="truce")),
        (
            t(2),
            ng.TruceJoined(truce="calm", by="southvale"),
            {"visible_to": ["northport"]},
        ),
        (t(3), ng.StatementMade(by="eastmark", text="no sign of the south")),
    )
    assert ng.replay(log, known_to="northport").truces["calm"].mutual is True
    assert ng.replay(log, known_to="southvale").truces["calm"].mutual is True
    outside = ng.replay(log, known_to="eastmark")
    assert outside.truces["calm"].mutual is False
    assert set(outside.parties) == {"northport", "eastmark"}
    assert (outside.position, outside.problems) == (3, ())


def test_an_answer_to_what_one_cannot_see() -> None:
    """Whoever sees an answer without its proposal sees a problem."""
    log = story((*OFFER, {"visible_to": ["seller"]}), YES)
    assert ng.replay(log, known_to="seller").proposals["p1"].status == "accepted"
    outside = ng.replay(log, known_to="rival")
    assert codes(outside) == [("e2", "unknown-proposal")]
    assert set(outside.parties) == {"seller"}
    assert (outside.position, outside.time) == (2, t(3))


def test_a_viewer_is_judged_at_the_latest_time_it_knows_of() -> None:
    """By default a party's view ends with the last record that it can see."""
    log = story(OFFER, (*YES, {"visible_to": ["buyer"]}))
    assert ng.replay(log, known_to="buyer").as_of == t(3)
    assert ng.replay(log, known_to="seller").as_of == t(3)
    assert ng.replay(log, known_to="rival").as_of == t(1)
    assert ng.replay(log, known_to="rival").proposals["p1"].status == "open"


def test_a_used_id_shows_only_to_those_who_see_both() -> None:
    """Two items under one id are a problem for whoever knows of both."""
    other = ng.ProposalMade(proposal="p1", by="rival", to=["seller"], terms={"n": 2})
    log = story((*OFFER, {"visible_to": ["seller"]}), (t(2), other))
    assert codes(ng.replay(log, known_to="seller")) == [("e2", "used-id")]
    assert ng.replay(log, known_to="seller").proposals["p1"].by == "buyer"
    assert ng.replay(log, known_to="rival").problems == ()
    assert ng.replay(log, known_to="rival").proposals["p1"].by == "rival"


@pytest.mark.parametrize(
    ("event", "maker", "other"),
    [
        (ng.PartyJoined(party="clerk", role="observer"), "clerk", None),
        (ng.StatementMade(by="northport", text="no comment"), "northport", None),
        (
            ng.PositionStated(
                by="eastmark", issue="calm", value="yes", firmness="open", attributed_by="northport"
            ),
            "northport",
            "eastmark",
        ),
        (
            ng.TruceViolated(violation="v1", truce="calm", by="northport", alleged_by="southvale"),
            "southvale",
            "northport",
        ),
        (
            ng.TruceObserved(truce="calm", by="northport", claimed_by="coast-watch"),
            "coast-watch",
            "northport",
        ),
        (ng.MeetingHeld(meeting="m1", parties=["northport", "southvale"]), None, "northport"),
        (ng.UnknownEvent(type="com.example.other.v1", data={"by": "northport"}), None, "northport"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_who_made_a_record(event: ng.AnyEvent, maker: str | None, other: str | None) -> None:
    """A hidden record is known to its maker, and not to whom it merely speaks of."""
    log = story((t(1), event, {"visible_to": ["archive"]}))
    assert ng.replay(log, known_to="archive").position == 1
    if maker is not None:
        assert ng.replay(log, known_to=maker).position == 1
    if other is not None:
        assert ng.replay(log, known_to=other).position == 0


def test_evolving_with_a_record_that_was_taken_back() -> None:
    """A state takes no record that its own log retracts: it does not count."""
    log = story(
        (t(1), ng.StatementMade(by="northport", text="one")),
        (t(2), ng.StatementMade(by="southvale", text="two")),
        (t(3), ng.EventRetracted(event="e2", by="southvale")),
        (t(2, 1), ng.StatementMade(by="eastmark", text="three")),
    )
    first = ng.replay(log, as_of=t(1))
    assert ng.evolve(first, log[1]) is first
    assert ng.evolve(first, log[3]) == ng.replay(log, as_of=t(2, 1))
    assert sorted(ng.replay(log, as_of=t(2, 1)).parties) == ["eastmark", "northport"]
    assert sorted(ng.evolve(ng.replay(log.upto(1)), log[1]).parties) == ["northport", "southvale"]
