"""Truces: declared, joined, rejected, extended, ended, and over by time alone."""

import negotiation as ng

from .story import codes, story, t

CALM = (
    t(1),
    ng.TruceDeclared(truce="calm", by="northport", kind="ceasefire", starts=t(5), ends=t(10)),
)
"""Northport binds itself alone, four days ahead and for five days."""

PAUSE = (
    t(1),
    ng.TruceDeclared(
        truce="pause",
        by="harbour-council",
        kind="humanitarian-pause",
        binds=["northport", "southvale"],
        starts=t(5),
        ends=t(10),
    ),
)
"""A mediator declares what binds the two sides and not itself."""

NIGHT = ng.TruceDeclared(truce="night", by="northport", kind="truce")
"""From the moment it is declared, without an end."""


def test_a_declarer_binds_itself_alone() -> None:
    """A truce binds its declarer from `starts` until `ends`, and nobody else."""
    state = ng.replay(story(CALM))
    truce = state.truces["calm"]
    assert (truce.id, truce.declared_by, truce.kind) == ("calm", "northport", "ceasefire")
    assert (truce.starts, truce.ends) == (t(5), t(10))
    assert set(truce.commitments) == {"northport"}
    bound = truce.commitments["northport"]
    assert (bound.since, bound.until, bound.ended, bound.earlier) == (t(5), t(10), None, ())
    assert (truce.rejected_by, truce.observations, truce.mutual) == (frozenset(), (), False)
    assert truce.records == ("e1",)
    assert state.parties["northport"].truces["calm"] == bound


def test_a_truce_comes_into_force_and_expires_by_time_alone() -> None:
    """A truce is in force at its start and no longer at its end."""
    log = story(CALM)
    assert ng.replay(log, as_of=t(1)).truces["calm"].status == "declared"
    assert ng.replay(log, as_of=t(4, 23, 59)).truces["calm"].status == "declared"
    assert ng.replay(log, as_of=t(5)).truces["calm"].status == "in-force"
    assert ng.replay(log, as_of=t(9, 23, 59)).truces["calm"].status == "in-force"
    assert ng.replay(log, as_of=t(10)).truces["calm"].status == "expired"


def test_a_truce_without_dates_starts_when_declared() -> None:
    """A truce that names no dates starts at the record's time and has no end."""
    log = story((t(2, 6), NIGHT))
    truce = ng.replay(log).truces["night"]
    assert (truce.starts, truce.ends, truce.status) == (t(2, 6), None, "in-force")
    assert truce.commitments["northport"].since == t(2, 6)
    assert truce.commitments["northport"].until is None
    assert ng.replay(log, as_of=t(31)).truces["night"].status == "in-force"
    assert "night" not in ng.replay(log, as_of=t(2, 5)).truces


def test_a_truce_may_start_before_it_was_declared() -> None:
    """A start in the past is kept, yet nothing stands before the declaration."""
    past = ng.TruceDeclared(truce="calm", by="northport", kind="armistice", starts=t(2))
    log = story((t(4), past))
    assert ng.replay(log).truces["calm"].commitments["northport"].since == t(2)
    assert ng.replay(log).truces["calm"].status == "in-force"
    assert ng.replay(log, as_of=t(3)).truces == {}


def test_a_truce_binds_those_it_names() -> None:
    """A declared truce that names others binds them, and its declarer only if named."""
    log = story(PAUSE)
    truce = ng.replay(log).truces["pause"]
    assert set(truce.commitments) == {"northport", "southvale"}
    assert truce.declared_by == "harbour-council"
    assert ng.replay(log, as_of=t(4)).truces["pause"].mutual is False
    assert ng.replay(log, as_of=t(5)).truces["pause"].mutual is True
    assert ng.replay(log, as_of=t(10)).truces["pause"].mutual is False
    assert ng.replay(log).parties["harbour-council"].truces == {}


def test_a_rejected_truce_still_binds_its_declarer() -> None:
    """A rejection keeps its author unbound and the declarer bound."""
    log = story(CALM, (t(6), ng.TruceRejected(truce="calm", by="southvale", reason="a stunt")))
    state = ng.replay(log)
    truce = state.truces["calm"]
    assert truce.rejected_by == frozenset({"southvale"})
    assert set(truce.commitments) == {"northport"}
    assert (truce.status, truce.mutual) == ("in-force", False)
    assert state.parties["southvale"].truces == {}
    assert state.problems == ()


def test_a_rejection_before_the_start_unbinds() -> None:
    """A party bound on paper that rejects before its span begins is bound no more."""
    log = story(PAUSE, (t(4, 23), ng.TruceRejected(truce="pause", by="southvale")))
    assert "southvale" in ng.replay(log, as_of=t(3)).truces["pause"].commitments
    state = ng.replay(log, as_of=t(6))
    truce = state.truces["pause"]
    assert set(truce.commitments) == {"northport"}
    assert truce.rejected_by == frozenset({"southvale"})
    assert (truce.status, truce.mutual) == ("in-force", False)
    assert state.parties["southvale"].truces == {}
    assert state.problems == ()


def test_a_rejection_at_the_start_comes_too_late() -> None:
    """A party whose span begins this very instant can end the truce but not reject it."""
    log = story(PAUSE, (t(5), ng.TruceRejected(truce="pause", by="southvale")))
    truce = ng.replay(log).truces["pause"]
    assert codes(ng.replay(log)) == [("e2", "already-bound")]
    assert set(truce.commitments) == {"northport", "southvale"}
    assert truce.rejected_by == frozenset()
    assert truce.mutual is True


def test_a_rejection_after_a_span_that_is_over() -> None:
    """Who was once bound cannot reject the truce afterwards either."""
    log = story(
        CALM,
        (t(6), ng.TruceJoined(truce="calm", by="southvale")),
        (t(7), ng.TruceEnded(truce="calm", by="southvale")),
        (t(8), ng.TruceRejected(truce="calm", by="southvale")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e4", "already-bound")]
    assert state.truces["calm"].rejected_by == frozenset()
    assert state.truces["calm"].commitments["southvale"].ended == t(7)


def test_a_truce_that_everybody_rejected_in_time() -> None:
    """A truce that binds nobody is declared for ever, past its declared end as well."""
    log = story(
        PAUSE,
        (t(2), ng.TruceRejected(truce="pause", by="northport")),
        (t(3), ng.TruceRejected(truce="pause", by="southvale")),
    )
    truce = ng.replay(log).truces["pause"]
    assert truce.commitments == {}
    assert truce.rejected_by == frozenset({"northport", "southvale"})
    assert truce.status == "declared"
    assert ng.replay(log, as_of=t(6)).truces["pause"].status == "declared"
    assert ng.replay(log, as_of=t(12)).truces["pause"].status == "declared"


def test_joining_early_binds_from_the_start() -> None:
    """A party that joins before the start is bound from the start, not from its word."""
    log = story(CALM, (t(3), ng.TruceJoined(truce="calm", by="southvale")))
    truce = ng.replay(log).truces["calm"]
    assert truce.commitments["southvale"].since == t(5)
    assert truce.commitments["southvale"].until == t(10)
    assert (truce.status, truce.mutual) == ("declared", False)
    assert ng.replay(log, as_of=t(5)).truces["calm"].mutual is True
    assert truce.records == ("e1", "e2")


def test_joining_late_binds_from_the_joining() -> None:
    """A party that joins later than the start is bound from then to the declared end."""
    log = story(CALM, (t(7), ng.TruceJoined(truce="calm", by="southvale")))
    joined = ng.replay(log).truces["calm"].commitments["southvale"]
    assert (joined.since, joined.until) == (t(7), t(10))
    assert ng.replay(log, as_of=t(6)).truces["calm"].mutual is False
    assert ng.replay(log, as_of=t(7)).truces["calm"].mutual is True
    assert ng.replay(log, as_of=t(10)).truces["calm"].mutual is False


def test_joining_from_a_named_start() -> None:
    """A party may join from a day of its own, but never from before the truce's start."""
    log = story(
        CALM,
        (t(3), ng.TruceJoined(truce="calm", by="southvale", starts=t(8))),
        (t(3), ng.TruceJoined(truce="calm", by="eastmark", starts=t(4))),
    )
    commitments = ng.replay(log).truces["calm"].commitments
    assert commitments["southvale"].since == t(8)
    assert commitments["eastmark"].since == t(5)


def test_joining_at_the_end_is_joining_nothing() -> None:
    """A party whose span would begin at the declared end or later joins too late."""
    log = story(
        CALM,
        (t(9), ng.TruceJoined(truce="calm", by="eastmark", starts=t(10))),
        (t(10), ng.TruceJoined(truce="calm", by="southvale")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e2", "truce-over"), ("e3", "truce-over")]
    assert set(state.truces["calm"].commitments) == {"northport"}


def test_joining_takes_back_a_rejection() -> None:
    """A party's latest word counts: who joins after a no has not rejected the truce."""
    log = story(
        CALM,
        (t(2), ng.TruceRejected(truce="calm", by="southvale")),
        (t(6), ng.TruceJoined(truce="calm", by="southvale")),
    )
    assert ng.replay(log, as_of=t(5)).truces["calm"].rejected_by == frozenset({"southvale"})
    truce = ng.replay(log).truces["calm"]
    assert truce.rejected_by == frozenset()
    assert truce.commitments["southvale"].since == t(6)
    assert truce.mutual is True
    assert ng.replay(log).problems == ()


def test_a_declarer_that_rejected_may_join() -> None:
    """A declarer unbound by its own rejection is bound again from the day it joins."""
    log = story(
        CALM,
        (t(2), ng.TruceRejected(truce="calm", by="northport")),
        (t(7), ng.TruceJoined(truce="calm", by="northport")),
    )
    assert ng.replay(log, as_of=t(6)).truces["calm"].status == "declared"
    assert ng.replay(log).truces["calm"].status == "in-force"
    assert ng.replay(log).truces["calm"].commitments["northport"].since == t(7)
    assert ng.replay(log).problems == ()


def test_joining_what_one_is_bound_by() -> None:
    """Joining is a problem for a party bound already, on paper or in force."""
    log = story(
        CALM,
        (t(3), ng.TruceJoined(truce="calm", by="northport")),
        (t(6), ng.TruceJoined(truce="calm", by="northport")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e2", "already-bound"), ("e3", "already-bound")]
    assert state.truces["calm"].commitments["northport"].since == t(5)
    assert state.truces["calm"].commitments["northport"].earlier == ()


def test_extending_moves_the_end_for_one_alone() -> None:
    """An extension moves its author's end and neither the other's nor the declared one."""
    log = story(PAUSE, (t(9), ng.TruceExtended(truce="pause", by="northport", ends=t(15))))
    truce = ng.replay(log).truces["pause"]
    assert truce.commitments["northport"].until == t(15)
    assert truce.commitments["southvale"].until == t(10)
    assert truce.ends == t(10)
    assert truce.records == ("e1", "e2")
    later = ng.replay(log, as_of=t(12)).truces["pause"]
    assert (later.status, later.mutual) == ("in-force", False)
    assert ng.replay(log, as_of=t(15)).truces["pause"].status == "expired"


def test_an_extension_does_not_reach_those_who_join() -> None:
    """Who joins is bound to the declared end, and too late after it, whoever extended."""
    log = story(
        CALM,
        (t(6), ng.TruceExtended(truce="calm", by="northport", ends=t(20))),
        (t(8), ng.TruceJoined(truce="calm", by="southvale")),
        (t(12), ng.TruceJoined(truce="calm", by="eastmark")),
        (t(13), ng.TruceJoined(truce="calm", by="northport")),
    )
    state = ng.replay(log)
    assert state.truces["calm"].commitments["southvale"].until == t(10)
    assert "eastmark" not in state.truces["calm"].commitments
    assert codes(state) == [("e4", "truce-over"), ("e5", "already-bound")]


def test_extending_before_the_start() -> None:
    """A party bound on paper may extend before its span has begun."""
    log = story(CALM, (t(2), ng.TruceExtended(truce="calm", by="northport", ends=t(12))))
    assert ng.replay(log).problems == ()
    assert ng.replay(log).truces["calm"].status == "declared"
    assert ng.replay(log, as_of=t(11)).truces["calm"].status == "in-force"


def test_an_open_truce_may_be_given_an_end() -> None:
    """A truce without an end runs out once an extension names one."""
    log = story((t(2), NIGHT), (t(4), ng.TruceExtended(truce="night", by="northport", ends=t(6))))
    assert ng.replay(log).truces["night"].commitments["northport"].until == t(6)
    assert ng.replay(log).truces["night"].ends is None
    assert ng.replay(log, as_of=t(6)).truces["night"].status == "expired"


def test_ending_frees_one_party_alone() -> None:
    """A party that ends a truce is free at that instant, the other bound on."""
    log = story(PAUSE, (t(7), ng.TruceEnded(truce="pause", by="northport", reason="shelling")))
    ended = ng.replay(log).truces["pause"].commitments["northport"]
    assert (ended.since, ended.until, ended.ended) == (t(5), t(10), t(7))
    assert ng.replay(log, as_of=t(6, 23, 59)).truces["pause"].mutual is True
    then = ng.replay(log, as_of=t(7)).truces["pause"]
    assert (then.status, then.mutual) == ("in-force", False)
    assert then.commitments["southvale"].ended is None


def test_a_truce_that_all_ended_is_ended() -> None:
    """A truce is ended once every party bound by it has ended it, and stays so."""
    log = story(
        PAUSE,
        (t(7), ng.TruceEnded(truce="pause", by="northport")),
        (t(8), ng.TruceEnded(truce="pause", by="southvale")),
    )
    assert ng.replay(log, as_of=t(7)).truces["pause"].status == "in-force"
    assert ng.replay(log, as_of=t(8)).truces["pause"].status == "ended"
    assert ng.replay(log, as_of=t(12)).truces["pause"].status == "ended"


def test_a_truce_that_one_ended_and_one_outlived_is_expired() -> None:
    """A truce that not all ended expires when the last span runs out."""
    log = story(PAUSE, (t(7), ng.TruceEnded(truce="pause", by="northport")))
    assert ng.replay(log, as_of=t(9)).truces["pause"].status == "in-force"
    assert ng.replay(log, as_of=t(10)).truces["pause"].status == "expired"


def test_a_span_ended_before_it_began_never_bound() -> None:
    """A truce that its only party ends before the start never comes into force."""
    log = story(CALM, (t(3), ng.TruceEnded(truce="calm", by="northport")))
    state = ng.replay(log)
    assert state.problems == ()
    assert state.truces["calm"].commitments["northport"].ended == t(3)
    assert state.truces["calm"].status == "ended"
    assert ng.replay(log, as_of=t(2)).truces["calm"].status == "declared"
    assert ng.replay(log, as_of=t(6)).truces["calm"].status == "ended"


def test_one_ends_before_the_start_while_the_other_waits() -> None:
    """A truce is still declared while one of its spans is to come."""
    log = story(PAUSE, (t(3), ng.TruceEnded(truce="pause", by="northport")))
    assert ng.replay(log).truces["pause"].status == "declared"
    later = ng.replay(log, as_of=t(5)).truces["pause"]
    assert (later.status, later.mutual) == ("in-force", False)


def test_joining_again_after_an_end() -> None:
    """A party that ended a truce may join it again, and its earlier span is kept."""
    log = story(
        CALM,
        (t(6), ng.TruceEnded(truce="calm", by="northport")),
        (t(8), ng.TruceJoined(truce="calm", by="northport")),
    )
    gap = ng.replay(log, as_of=t(7)).truces["calm"]
    assert gap.status == "ended"
    truce = ng.replay(log).truces["calm"]
    again = truce.commitments["northport"]
    assert (again.since, again.until, again.ended) == (t(8), t(10), None)
    assert [(span.since, span.until, span.ended) for span in again.earlier] == [(t(5), t(10), t(6))]
    assert truce.status == "in-force"
    assert ng.replay(log).problems == ()
    assert ng.replay(log, as_of=t(10)).truces["calm"].status == "expired"


def test_joining_again_for_a_later_day() -> None:
    """Between an end and the start of the next span a truce is declared, not ended."""
    log = story(
        CALM,
        (t(6), ng.TruceEnded(truce="calm", by="northport")),
        (t(7), ng.TruceJoined(truce="calm", by="northport", starts=t(9))),
    )
    assert ng.replay(log, as_of=t(6)).truces["calm"].status == "ended"
    assert ng.replay(log, as_of=t(8)).truces["calm"].status == "declared"
    assert ng.replay(log, as_of=t(9)).truces["calm"].status == "in-force"


def test_a_party_may_end_and_join_at_one_instant() -> None:
    """At the instant of its end a party is bound no longer, so it may join again."""
    log = story(
        (t(2), NIGHT),
        (t(4), ng.TruceEnded(truce="night", by="northport")),
        (t(4), ng.TruceJoined(truce="night", by="northport")),
    )
    state = ng.replay(log)
    assert state.problems == ()
    assert state.truces["night"].commitments["northport"].since == t(4)
    assert state.truces["night"].commitments["northport"].earlier[0].ended == t(4)
    assert state.truces["night"].status == "in-force"


def test_extending_or_ending_after_the_end() -> None:
    """From the instant a party's span is over, it can neither extend nor end it."""
    log = story(
        CALM,
        (t(10), ng.TruceExtended(truce="calm", by="northport", ends=t(20))),
        (t(11), ng.TruceEnded(truce="calm", by="northport")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e2", "truce-over"), ("e3", "truce-over")]
    assert state.truces["calm"].status == "expired"
    assert state.truces["calm"].commitments["northport"].until == t(10)
    assert state.truces["calm"].commitments["northport"].ended is None


def test_ending_twice() -> None:
    """A party that ended a truce can neither end it again nor extend it."""
    log = story(
        CALM,
        (t(6), ng.TruceEnded(truce="calm", by="northport")),
        (t(7), ng.TruceEnded(truce="calm", by="northport")),
        (t(8), ng.TruceExtended(truce="calm", by="northport", ends=t(20))),
    )
    state = ng.replay(log)
    assert codes(state) == [("e3", "truce-over"), ("e4", "truce-over")]
    assert state.truces["calm"].commitments["northport"].ended == t(6)
    assert state.truces["calm"].commitments["northport"].until == t(10)


def test_extending_or_ending_what_never_bound_one() -> None:
    """A party not bound on paper can neither extend nor end a truce, a rejecter no more."""
    log = story(
        PAUSE,
        (t(2), ng.TruceExtended(truce="pause", by="harbour-council", ends=t(20))),
        (t(3), ng.TruceRejected(truce="pause", by="southvale")),
        (t(6), ng.TruceEnded(truce="pause", by="southvale")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e2", "not-bound"), ("e4", "not-bound")]
    assert set(state.truces["pause"].commitments) == {"northport"}


def test_an_observation_is_kept_beside_the_claims() -> None:
    """A claim of compliance stands with the truce and cancels no alleged violation."""
    log = story(
        CALM,
        (
            t(6),
            ng.TruceViolated(violation="v1", truce="calm", by="northport", alleged_by="southvale"),
        ),
        (
            t(7),
            ng.TruceObserved(
                truce="calm",
                by="northport",
                claimed_by="coast-watch",
                what="no fire from the harbour",
                begins=t(5),
                ends=t(7),
            ),
        ),
    )
    state = ng.replay(log)
    (seen,) = state.truces["calm"].observations
    assert (seen.by, seen.claimed_by, seen.time) == ("northport", "coast-watch", t(7))
    assert (seen.what, seen.begins, seen.ends) == ("no fire from the harbour", t(5), t(7))
    assert state.violations["v1"].in_effect is True
    assert state.parties["northport"].violations_alleged_against == frozenset({"v1"})
    assert state.problems == ()


def test_labels_of_a_truce_are_kept_as_given() -> None:
    """Scope, condition and the proposal it stands under are kept, and may name nothing."""
    state = ng.replay(
        story(
            (
                t(1),
                ng.TruceDeclared(
                    truce="strike-pause",
                    by="dockers-union",
                    kind="truce",
                    scope="the night shift",
                    condition="talks continue",
                    under="no-such-proposal",
                ),
            )
        )
    )
    truce = state.truces["strike-pause"]
    assert (truce.scope, truce.condition) == ("the night shift", "talks continue")
    assert truce.under == "no-such-proposal"
    assert state.problems == ()


def test_nobody_joins_a_truce_that_was_never_declared() -> None:
    """Whatever names an unknown truce is a problem, and none comes into being."""
    log = story(
        (t(1), ng.TruceJoined(truce="calm", by="southvale")),
        (t(2), ng.TruceRejected(truce="calm", by="southvale")),
        (t(3), ng.TruceExtended(truce="calm", by="southvale", ends=t(9))),
        (t(4), ng.TruceEnded(truce="calm", by="southvale")),
        (t(5), ng.TruceObserved(truce="calm", by="southvale", claimed_by="southvale")),
    )
    state = ng.replay(log)
    assert codes(state) == [(f"e{n}", "unknown-truce") for n in range(1, 6)]
    assert state.truces == {}
    assert state.parties["southvale"].truces == {}


def test_a_rejection_after_a_span_that_never_began() -> None:
    """A party that ended its span before it began was never bound, so it may still reject."""
    log = story(
        PAUSE,
        (t(3), ng.TruceEnded(truce="pause", by="northport")),
        (t(6), ng.TruceRejected(truce="pause", by="northport")),
    )
    state = ng.replay(log)
    assert state.problems == ()
    assert state.truces["pause"].rejected_by == frozenset({"northport"})
    assert (state.truces["pause"].status, state.truces["pause"].mutual) == ("in-force", False)


def test_joining_again_before_the_start() -> None:
    """A party that ended a truce before its start and joins again is bound from the start."""
    log = story(
        CALM,
        (t(2), ng.TruceEnded(truce="calm", by="northport")),
        (t(3), ng.TruceJoined(truce="calm", by="northport")),
    )
    assert ng.replay(log, as_of=t(2)).truces["calm"].status == "ended"
    assert ng.replay(log).truces["calm"].status == "declared"
    assert ng.replay(log).truces["calm"].commitments["northport"].since == t(5)
    assert ng.replay(log, as_of=t(5)).truces["calm"].status == "in-force"
    assert ng.replay(log).problems == ()


def test_rejecting_twice() -> None:
    """A party not bound may say no as often as it likes."""
    no = ng.TruceRejected(truce="calm", by="southvale")
    state = ng.replay(story(CALM, (t(2), no), (t(7), no), (t(12), no)))
    assert state.problems == ()
    assert state.truces["calm"].rejected_by == frozenset({"southvale"})
    assert state.truces["calm"].status == "expired"


def test_an_extension_may_name_an_earlier_end() -> None:
    """An extension moves the end to where it says, so that a truce may be over by it."""
    log = story(CALM, (t(7), ng.TruceExtended(truce="calm", by="northport", ends=t(6))))
    assert ng.replay(log, as_of=t(6, 12)).truces["calm"].status == "in-force"
    assert ng.replay(log).truces["calm"].commitments["northport"].until == t(6)
    assert ng.replay(log).truces["calm"].status == "expired"


def test_a_truce_that_is_ended_at_its_very_start() -> None:
    """A span ended at its start has begun, for no time at all: it is too late to reject."""
    log = story(
        CALM,
        (t(5), ng.TruceEnded(truce="calm", by="northport")),
        (t(6), ng.TruceRejected(truce="calm", by="northport")),
        (t(6), ng.TruceViolated(violation="v", truce="calm", by="northport", alleged_by="coast")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e3", "already-bound")]
    assert state.truces["calm"].status == "ended"
    assert state.violations["v"].bound
    assert not state.violations["v"].in_effect


def test_a_claim_around_a_span_of_no_time_falls_outside_it() -> None:
    """What is claimed of the days around a truce that lasted for no time at all is outside it."""
    around = ng.TruceViolated(
        violation="v", truce="calm", by="northport", alleged_by="coast", begins=t(4), ends=t(7)
    )
    log = story(CALM, (t(5), ng.TruceEnded(truce="calm", by="northport")), (t(8), around))
    assert not ng.replay(log).violations["v"].in_effect
    earlier = story(CALM, (t(6), ng.TruceEnded(truce="calm", by="northport")), (t(8), around))
    assert ng.replay(earlier).violations["v"].in_effect


def test_at_its_start_a_truce_is_no_longer_to_come() -> None:
    """A span over at its start is not to come when that has come: the truce is expired."""
    log = story(
        CALM,
        (t(2), ng.TruceExtended(truce="calm", by="northport", ends=t(5))),
        (t(6), ng.StatementMade(by="coast", text="so much for that")),
    )
    assert ng.replay(log, as_of=t(4)).truces["calm"].status == "declared"
    assert ng.replay(log, as_of=t(5)).truces["calm"].status == "expired"
