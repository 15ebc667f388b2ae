"""Violations: who alleges what of whom, and whether the accused was bound at the time."""

from datetime import datetime

import pytest

import negotiation as ng

from .story import codes, story, t

CALM = (
    t(1),
    ng.TruceDeclared(truce="calm", by="northport", kind="ceasefire", starts=t(5), ends=t(10)),
)


def claim(
    violation: str,
    *,
    by: str = "northport",
    alleged_by: str = "southvale",
    begins: datetime | None = None,
    ends: datetime | None = None,
    replaces: str | None = None,
) -> ng.TruceViolated:
    """Southvale's claim against Northport, unless told otherwise."""
    return ng.TruceViolated(
        violation=violation,
        truce="calm",
        by=by,
        alleged_by=alleged_by,
        begins=begins,
        ends=ends,
        replaces=replaces,
    )


def test_a_claim_is_kept_as_it_was_made() -> None:
    """A violation holds what was alleged, by whom and when, and what was not said is null."""
    log = story(
        CALM,
        (
            t(7),
            ng.TruceViolated(
                violation="v1",
                truce="calm",
                by="northport",
                alleged_by="southvale",
                count=444,
                what="shelling",
                place="the causeway",
            ),
        ),
    )
    state = ng.replay(log)
    violation = state.violations["v1"]
    assert (violation.id, violation.truce) == ("v1", "calm")
    assert (violation.by, violation.alleged_by) == ("northport", "southvale")
    assert (violation.claimed, violation.begins, violation.ends) == (t(7), None, None)
    assert (violation.what, violation.place) == ("shelling", "the causeway")
    assert (violation.count, violation.qualifier) == (444, "exact")
    assert (violation.findings, violation.replaces, violation.replaced_by) == ({}, None, None)
    assert (violation.bound, violation.in_effect) == (True, True)
    assert violation.records == ("e2",)
    assert state.parties["northport"].violations_alleged_against == frozenset({"v1"})
    assert state.parties["southvale"].violations_alleged_by == frozenset({"v1"})
    assert state.problems == ()


def test_counts_of_different_sources_stand_side_by_side() -> None:
    """Claims about the same days are never merged, and each keeps its qualifier."""
    about, at_least, at_most = (
        ng.TruceViolated(
            violation="v1",
            truce="calm",
            by="northport",
            alleged_by="southvale",
            count=3000,
            qualifier="about",
        ),
        ng.TruceViolated(
            violation="v2",
            truce="calm",
            by="northport",
            alleged_by="coast-watch",
            count=900,
            qualifier="at-least",
        ),
        ng.TruceViolated(
            violation="v3",
            truce="calm",
            by="northport",
            alleged_by="coast-watch",
            count=0,
            qualifier="at-most",
        ),
    )
    log = story(CALM, (t(8), about), (t(8), at_least), (t(8), at_most))
    state = ng.replay(log)
    assert {key: (each.count, each.qualifier) for key, each in state.violations.items()} == {
        "v1": (3000, "about"),
        "v2": (900, "at-least"),
        "v3": (0, "at-most"),
    }
    assert state.parties["northport"].violations_alleged_against == frozenset({"v1", "v2", "v3"})
    assert state.parties["coast-watch"].violations_alleged_by == frozenset({"v2", "v3"})


def test_a_claim_without_a_count_has_no_qualifier() -> None:
    """Where no count was given there is none, and nothing qualifies it."""
    violation = ng.replay(story(CALM, (t(7), claim("v1")))).violations["v1"]
    assert (violation.count, violation.qualifier) == (None, None)


def test_an_accused_who_was_never_bound() -> None:
    """A claim against a party not bound is no problem: that is what `bound` says."""
    state = ng.replay(story(CALM, (t(7), claim("v1", by="southvale", alleged_by="northport"))))
    assert (state.violations["v1"].bound, state.violations["v1"].in_effect) == (False, False)
    assert state.parties["southvale"].violations_alleged_against == frozenset({"v1"})
    assert state.problems == ()


@pytest.mark.parametrize(
    ("claimed", "in_effect"),
    [(t(4, 23, 59), False), (t(5), True), (t(9, 23, 59), True), (t(10), False)],
)
def test_a_claim_without_dates_is_about_its_own_time(claimed: datetime, in_effect: bool) -> None:
    """A claim that names no dates is in effect if made within the accused's span."""
    state = ng.replay(story(CALM, (claimed, claim("v1"))), as_of=t(12))
    assert state.violations["v1"].in_effect is in_effect
    assert state.violations["v1"].bound is True


@pytest.mark.parametrize(
    ("begins", "ends", "in_effect"),
    [
        (t(3), t(5), False),
        (t(3), t(5, 0, 1), True),
        (t(6), t(7), True),
        (t(3), t(20), True),
        (t(9, 23, 59), t(12), True),
        (t(10), t(12), False),
    ],
)
def test_half_open_spans_meet_or_do_not(begins: datetime, ends: datetime, in_effect: bool) -> None:
    """Two half-open spans that only touch do not meet."""
    log = story(CALM, (t(12), claim("v1", begins=begins, ends=ends)))
    assert ng.replay(log).violations["v1"].in_effect is in_effect


@pytest.mark.parametrize(
    ("instant", "in_effect"), [(t(4), False), (t(5), True), (t(9), True), (t(10), False)]
)
def test_a_claim_about_one_instant(instant: datetime, in_effect: bool) -> None:
    """A claim that begins and ends at once, or names only one of the two, is that instant."""
    log = story(
        CALM,
        (t(12), claim("both", begins=instant, ends=instant)),
        (t(12), claim("begins", begins=instant)),
        (t(12), claim("ends", ends=instant)),
    )
    violations = ng.replay(log).violations
    assert {each.in_effect for each in violations.values()} == {in_effect}


def test_bound_follows_as_of() -> None:
    """The accused is bound once its span has begun by `as_of`, not before."""
    log = story(CALM, (t(2), claim("v1")), (t(2), claim("v2", begins=t(2), ends=t(6))))
    before = ng.replay(log, as_of=t(4)).violations
    assert (before["v1"].bound, before["v1"].in_effect) == (False, False)
    assert (before["v2"].bound, before["v2"].in_effect) == (False, False)
    after = ng.replay(log, as_of=t(5)).violations
    assert (after["v1"].bound, after["v1"].in_effect) == (True, False)
    assert (after["v2"].bound, after["v2"].in_effect) == (True, True)


def test_a_claim_after_an_early_end() -> None:
    """Who ended a truce was bound by it, but nothing later is in effect."""
    log = story(
        CALM,
        (t(7), ng.TruceEnded(truce="calm", by="northport")),
        (t(8), claim("v1")),
        (t(8), claim("v2", begins=t(7), ends=t(8))),
        (t(8), claim("v3", begins=t(6), ends=t(8))),
    )
    violations = ng.replay(log).violations
    assert {key: each.bound for key, each in violations.items()} == {
        "v1": True,
        "v2": True,
        "v3": True,
    }
    assert {key: each.in_effect for key, each in violations.items()} == {
        "v1": False,
        "v2": False,
        "v3": True,
    }


def test_a_claim_under_a_span_that_never_began() -> None:
    """A span ended before it began bound nobody, so no claim falls within it."""
    log = story(
        CALM,
        (t(3), ng.TruceEnded(truce="calm", by="northport")),
        (t(6), claim("v1")),
    )
    violation = ng.replay(log).violations["v1"]
    assert (violation.bound, violation.in_effect) == (False, False)


def test_a_claim_against_one_who_rejected_in_time() -> None:
    """A party unbound by its rejection is not bound by the truce it is accused of breaking."""
    log = story(
        CALM,
        (t(4), ng.TruceRejected(truce="calm", by="northport")),
        (t(6), claim("v1")),
    )
    violation = ng.replay(log).violations["v1"]
    assert (violation.bound, violation.in_effect) == (False, False)


def test_a_claim_against_one_who_joined_later() -> None:
    """What is claimed from before the accused joined is not in effect, though it is bound now."""
    log = story(
        CALM,
        (t(6), claim("v1", by="southvale", alleged_by="northport")),
        (t(7), ng.TruceJoined(truce="calm", by="southvale")),
        (t(7), claim("v2", by="southvale", alleged_by="northport")),
    )
    assert ng.replay(log, as_of=t(6)).violations["v1"].bound is False
    violations = ng.replay(log).violations
    assert (violations["v1"].bound, violations["v1"].in_effect) == (True, False)
    assert (violations["v2"].bound, violations["v2"].in_effect) == (True, True)


def test_claims_about_two_spans_and_the_gap_between() -> None:
    """An accused who ended and joined again was bound in both spans and not between them."""
    log = story(
        CALM,
        (t(6), ng.TruceEnded(truce="calm", by="northport")),
        (t(8), ng.TruceJoined(truce="calm", by="northport")),
        (t(9), claim("first", begins=t(5), ends=t(6))),
        (t(9), claim("gap", begins=t(6), ends=t(8))),
        (t(9), claim("second", begins=t(8), ends=t(9))),
    )
    violations = ng.replay(log).violations
    assert violations["first"].in_effect is True
    assert violations["gap"].in_effect is False
    assert violations["second"].in_effect is True
    assert violations["gap"].bound is True


def test_a_claim_within_an_extension() -> None:
    """What happens after the declared end is in effect for a party that extended."""
    log = story(
        CALM,
        (t(9), ng.TruceExtended(truce="calm", by="northport", ends=t(14))),
        (t(13, 23, 59), claim("v1")),
        (t(14), claim("v2")),
    )
    violations = ng.replay(log).violations
    assert (violations["v1"].in_effect, violations["v2"].in_effect) == (True, False)


def test_a_claim_about_a_truce_nobody_declared() -> None:
    """A claim that names an unknown truce is a problem, and is kept all the same."""
    state = ng.replay(story((t(7), claim("v1"))))
    assert codes(state) == [("e1", "unknown-truce")]
    assert (state.violations["v1"].truce, state.truces) == ("calm", {})
    assert (state.violations["v1"].bound, state.violations["v1"].in_effect) == (False, False)
    assert state.parties["northport"].violations_alleged_against == frozenset({"v1"})
    assert state.parties["southvale"].violations_alleged_by == frozenset({"v1"})


def test_a_claim_attaches_when_its_truce_appears() -> None:
    """A claim made before the truce was declared keeps its problem and gains its bearing."""
    late = ng.TruceDeclared(truce="calm", by="northport", kind="ceasefire", starts=t(2))
    log = story((t(3), claim("v1")), (t(4), late))
    assert ng.replay(log, as_of=t(3)).violations["v1"].bound is False
    state = ng.replay(log)
    assert codes(state) == [("e1", "unknown-truce")]
    assert (state.violations["v1"].bound, state.violations["v1"].in_effect) == (True, True)


def test_each_assessor_has_one_finding_the_latest() -> None:
    """Findings stand side by side by assessor, and a later one replaces its author's own."""
    log = story(
        CALM,
        (t(6), claim("v1")),
        (t(7), ng.ViolationAssessed(violation="v1", by="northport", finding="denied")),
        (t(8), ng.ViolationAssessed(violation="v1", by="coast-watch", finding="unattributed")),
        (t(9), ng.ViolationAssessed(violation="v1", by="coast-watch", finding="verified")),
        (t(10), ng.ViolationAssessed(violation="v1", by="eastmark", finding="refuted")),
    )
    assert ng.replay(log, as_of=t(8)).violations["v1"].findings == {
        "northport": "denied",
        "coast-watch": "unattributed",
    }
    violation = ng.replay(log).violations["v1"]
    assert violation.findings == {
        "northport": "denied",
        "coast-watch": "verified",
        "eastmark": "refuted",
    }
    assert violation.records == ("e2", "e3", "e4", "e5", "e6")


def test_an_assessment_of_what_nobody_alleged_yet() -> None:
    """A finding on an unknown violation is a problem, and a later claim does not inherit it."""
    log = story(
        CALM,
        (t(6), ng.ViolationAssessed(violation="v1", by="coast-watch", finding="verified")),
        (t(7), claim("v1")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e2", "unknown-violation")]
    assert state.violations["v1"].findings == {}
    assert state.violations["v1"].records == ("e3",)


def test_an_accuser_replaces_its_own_claim() -> None:
    """A replaced claim stays, names its successor and counts among the alleged."""
    log = story(CALM, (t(6), claim("v1")), (t(7), claim("v2", replaces="v1")))
    state = ng.replay(log)
    assert state.violations["v1"].replaced_by == "v2"
    assert state.violations["v1"].records == ("e2", "e3")
    assert state.violations["v2"].replaces == "v1"
    assert (state.violations["v2"].replaced_by, state.violations["v2"].records) == (None, ("e3",))
    assert state.parties["northport"].violations_alleged_against == frozenset({"v1", "v2"})
    assert state.parties["southvale"].violations_alleged_by == frozenset({"v1", "v2"})
    assert state.problems == ()


def test_of_two_replacements_the_later_is_named() -> None:
    """A claim replaced twice is replaced by the later claim, and neither is a problem."""
    log = story(
        CALM,
        (t(6), claim("v1")),
        (t(7), claim("v2", replaces="v1")),
        (t(8), claim("v3", replaces="v1")),
    )
    state = ng.replay(log)
    assert state.violations["v1"].replaced_by == "v3"
    assert state.violations["v1"].records == ("e2", "e3", "e4")
    assert state.violations["v2"].replaced_by is None
    assert state.problems == ()


def test_a_wrong_replacement_is_a_claim_that_stands() -> None:
    """Nobody replaces another's claim, an unknown one or one still to come."""
    log = story(
        CALM,
        (t(6), claim("v1")),
        (t(7), claim("v2", alleged_by="coast-watch", replaces="v1")),
        (t(8), claim("v3", replaces="v9")),
        (t(9), claim("v4", replaces="v5")),
        (t(10), claim("v5")),
    )
    state = ng.replay(log)
    assert codes(state) == [
        ("e3", "wrong-replaces"),
        ("e4", "wrong-replaces"),
        ("e5", "wrong-replaces"),
    ]
    assert state.violations["v1"].replaced_by is None
    assert state.violations["v1"].records == ("e2",)
    assert state.violations["v2"].replaces == "v1"
    assert state.violations["v3"].replaces == "v9"
    assert state.violations["v5"].replaced_by is None


def test_a_claim_may_have_two_problems() -> None:
    """A claim with a wrong truce and a wrong replacement has a problem for each, and is kept."""
    state = ng.replay(story((t(6), claim("v2", replaces="v1"))))
    assert codes(state) == [("e1", "unknown-truce"), ("e1", "wrong-replaces")]
    assert state.violations["v2"].replaces == "v1"
