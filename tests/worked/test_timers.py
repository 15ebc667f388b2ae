"""What passing time will do: each kind of change, at its very instant."""

from __future__ import annotations

import negotiation as ng

from .story import Entry, story, t


def upcoming(*entries: Entry, at: int = 3) -> list[str]:
    """The next change after a day on which these had happened: when, and what."""
    found = ng.next_change(ng.replay(story(*entries), as_of=t(at)))
    return [] if found is None else str(found).splitlines()


def offer(**options: object) -> Entry:
    fields = {"proposal": "pay", "by": "union", "to": ["works"], "terms": {}, "expires": t(5)}
    return t(1), ng.ProposalMade(**{**fields, **options})  # type: ignore[arg-type]  # checked when built


def lull(*parties: str) -> Entry:
    return t(1), ng.TruceDeclared(
        truce="lull", by="union", kind="truce", binds=parties, starts=t(4), ends=t(6)
    )


def test_a_proposal_expires() -> None:
    """At `expires` an open proposal is expired, and nobody owes a reply to it."""
    assert upcoming(offer()) == [
        "at 2031-03-05 00:00Z",
        "parties.union.replies_awaited.pay: removed",
        "parties.works.replies_owed.pay: removed",
        "proposals.pay.status: open → expired",
    ]
    assert upcoming(offer(), at=5) == []


def test_a_proposal_that_was_answered_does_not_change() -> None:
    """A rejected proposal stays rejected whatever the time."""
    assert upcoming(offer(), (t(2), ng.ProposalRejected(proposal="pay", by="works"))) == []


def test_a_truce_comes_into_force_and_ends() -> None:
    """A truce is in force from its start and expired at its end; two parties make it mutual."""
    assert upcoming(lull("union", "works")) == [
        "at 2031-03-04 00:00Z",
        "truces.lull.mutual: false → true",
        "truces.lull.status: declared → in-force",
    ]
    assert upcoming(lull("union"), at=4) == [
        "at 2031-03-06 00:00Z",
        "truces.lull.status: in-force → expired",
    ]
    assert upcoming(lull("union"), at=6) == []


def test_a_second_commitment_comes_into_force() -> None:
    """Where the truce is in force already, a second party makes it mutual."""
    joined = (t(2), ng.TruceJoined(truce="lull", by="works", starts=t(5)))

    assert upcoming(lull("union"), joined, at=4) == [
        "at 2031-03-05 00:00Z",
        "truces.lull.mutual: false → true",
    ]


def test_each_commitment_has_turns_of_its_own() -> None:
    """Of several commitments the one that turns next is told, whichever was made last."""
    soon = (t(2), ng.TruceEnded(truce="lull", by="union"))
    assert upcoming(lull("union", "works"), soon)[0] == "at 2031-03-04 00:00Z"
    joined = t(2), ng.TruceJoined(truce="lull", by="works", starts=t(5))
    assert upcoming(lull("union"), joined)[:2] == [
        "at 2031-03-04 00:00Z",
        "truces.lull.status: declared → in-force",
    ]


def test_a_third_commitment_changes_nothing() -> None:
    """A third party that is bound later changes no status; the next change is the end."""
    joined = (t(2), ng.TruceJoined(truce="lull", by="port", starts=t(5)))

    assert upcoming(lull("union", "works"), joined, at=4)[0] == "at 2031-03-06 00:00Z"


def test_a_claim_about_a_party_that_will_be_bound() -> None:
    """A claim says whether the accused had been bound by now, which time may change."""
    claim = ng.TruceViolated(
        violation="horn", truce="lull", by="port", alleged_by="union", begins=t(4), ends=t(6)
    )
    joined = (t(2), ng.TruceJoined(truce="lull", by="port", starts=t(5)))

    assert upcoming(lull("union", "works"), joined, (t(3), claim), at=4) == [
        "at 2031-03-05 00:00Z",
        "violations.horn.bound: false → true",
        "violations.horn.in_effect: false → true",
    ]


def test_a_window_opens_and_a_deadline_is_missed() -> None:
    """A vague deadline is in its window from `earliest` on, and missed at `due`."""
    vague = ng.DeadlineSet(deadline="d", by="union", on=["works"], earliest=t(5), due=t(7))

    assert upcoming((t(1), vague)) == [
        "at 2031-03-05 00:00Z",
        "deadlines.d.status: pending → in-window",
    ]
    assert upcoming((t(1), vague), at=5) == [
        "at 2031-03-07 00:00Z",
        "deadlines.d.status: in-window → missed",
    ]
    met = (t(2), ng.DeadlineMet(deadline="d", by="works"))
    assert upcoming((t(1), vague), met) == []


def test_what_changes_at_one_instant_is_told_at_once() -> None:
    """Two things that change at the same instant are one next change."""
    due = ng.DeadlineSet(deadline="d", by="union", on=["works"], due=t(5))

    assert upcoming(offer(), (t(1), due))[-2:] == [
        "proposals.pay.status: open → expired",
        "deadlines.d.status: pending → missed",
    ]


def test_nothing_is_to_come() -> None:
    """An empty log, and a meeting whose start passes, change by no time."""
    meeting = ng.MeetingScheduled(meeting="m", by="union", parties=["works"], starts=t(5))

    assert ng.next_change(ng.replay(ng.Log("talks-1"))) is None
    assert upcoming((t(1), meeting)) == []
