"""A walk follows its digits: the same digits, the same negotiation; zeros, the simplest one."""

from __future__ import annotations

import negotiation as ng
from negotiation.testing.strategies import DrawnLog
from negotiation.testing.walking import BREAKERS, DIGITS, KINDS, Walk

ZEROS = bytes(DIGITS)


def digits(kind: int = 0, who: int = 0, which: int = 0, **more: int) -> bytes:
    """The digits of one step."""
    return bytes([kind, who, which, more.get("choice", 0), more.get("say", 0), 0, 0, 0])


def stumbling(*steps: bytes, parties: tuple[str, ...] = ("a", "b")) -> list[object]:
    """The events of a walk that breaks rules as it happens."""
    walk = Walk(parties)
    for step in steps:
        walk.stumble(step)
    return [record.event for record in walk.made]


def test_zeros_are_the_simplest_step() -> None:
    """Where nothing is chosen the first party says something."""
    walk = Walk(("a", "b"))
    assert walk.step(ZEROS)
    assert [record.event for record in walk.made] == [ng.StatementMade(by="a", text="…")]


def test_what_may_not_happen_yet_gives_way_to_what_it_answers_to() -> None:
    """An answer before there is an offer becomes the next kind that may happen."""
    walk = Walk(("a", "b"))
    walk.step(digits(KINDS.index(ng.ProposalAccepted)))
    walk.step(digits(KINDS.index(ng.ProposalAccepted), who=1))
    assert [type(record.event) for record in walk.made] == [ng.ProposalMade, ng.ProposalAccepted]


def test_anything_may_happen_by_mistake() -> None:
    """Events that nobody knows, retractions of nothing, and answers to nothing come up."""
    unknown, retraction, answer = stumbling(
        digits(240), digits(245, which=3), digits(KINDS.index(ng.ProposalAccepted))
    )
    assert unknown == ng.UnknownEvent(type="negotiation.truce-blessed.v1", data={"by": "nobody"})
    assert retraction == ng.EventRetracted(event="e1", by="a")
    assert answer == ng.ProposalAccepted(proposal="p1", by="a")


def test_who_is_alone_offers_to_nobody() -> None:
    """Where an event would have to name others and there are none, something is said instead."""
    assert stumbling(digits(KINDS.index(ng.ProposalMade)), parties=("a",)) == [
        ng.StatementMade(by="a", text="…")
    ]


def test_every_code_of_the_lifecycles_has_events_that_can_meet_it() -> None:
    """All codes but those about unknown types and records are met by some kind of event."""
    records = {"unknown-type", "unknown-record", "already-retracted"}
    assert {*BREAKERS} == {*ng.REASONS} - records
    assert BREAKERS["not-maker"] == {ng.ProposalClarified, ng.ProposalWithdrawn}


def test_a_walk_gives_its_log_outside_of_a_property_test_too() -> None:
    """The log of a walk needs no test that Hypothesis drives; there is nobody to show it to."""
    walk = Walk(("a", "b"))
    walk.step(ZEROS)
    log = DrawnLog.of_walk(walk)
    assert [record.event for record in log] == [ng.StatementMade(by="a", text="…")]
    assert log.broken is None
