"""Meetings: scheduled, held with or without notice, and cancelled."""

import negotiation as ng

from .story import codes, story, t

ROUND = (
    t(1),
    ng.MeetingScheduled(
        meeting="round-2",
        by="labour-court",
        parties=["dockers-union", "quay-works"],
        starts=t(6, 9),
        place="the court house",
        follows="round-1",
    ),
)
HELD = (t(6, 18), ng.MeetingHeld(meeting="round-2", parties=["quay-works"]))
CANCELLED = (t(4), ng.MeetingCancelled(meeting="round-2", by="quay-works"))


def test_a_meeting_is_scheduled() -> None:
    """A scheduled meeting keeps who called whom, when and where, and may follow a label."""
    state = ng.replay(story(ROUND))
    meeting = state.meetings["round-2"]
    assert (meeting.id, meeting.by, meeting.status) == ("round-2", "labour-court", "scheduled")
    assert meeting.parties == ("dockers-union", "quay-works")
    assert (meeting.starts, meeting.place) == (t(6, 9), "the court house")
    assert (meeting.follows, meeting.outcome) == ("round-1", None)
    assert meeting.records == ("e1",)
    assert state.problems == ()


def test_time_alone_holds_no_meeting() -> None:
    """A meeting whose hour has passed is scheduled until somebody says otherwise."""
    assert ng.replay(story(ROUND), as_of=t(20)).meetings["round-2"].status == "scheduled"


def test_a_meeting_held_as_scheduled() -> None:
    """A held meeting has the parties that came, and otherwise what was not said anew."""
    state = ng.replay(story(ROUND, HELD))
    meeting = state.meetings["round-2"]
    assert (meeting.status, meeting.parties) == ("held", ("quay-works",))
    assert (meeting.by, meeting.starts) == ("labour-court", t(6, 9))
    assert (meeting.place, meeting.follows) == ("the court house", "round-1")
    assert meeting.outcome is None
    assert meeting.records == ("e1", "e2")
    assert state.problems == ()


def test_a_meeting_held_elsewhere_than_scheduled() -> None:
    """Place, predecessor and outcome are replaced where the report of a meeting gives them."""
    held = ng.MeetingHeld(
        meeting="round-2",
        parties=["quay-works", "dockers-union", "port-board"],
        place="the pier",
        follows="round-0",
        outcome="a draft",
    )
    meeting = ng.replay(story(ROUND, (t(7), held))).meetings["round-2"]
    assert meeting.parties == ("quay-works", "dockers-union", "port-board")
    assert (meeting.place, meeting.follows, meeting.outcome) == ("the pier", "round-0", "a draft")
    assert meeting.starts == t(6, 9)


def test_a_meeting_that_was_never_scheduled() -> None:
    """A meeting first heard of when held comes into being held, called by nobody."""
    state = ng.replay(story(HELD))
    meeting = state.meetings["round-2"]
    assert (meeting.status, meeting.by, meeting.starts) == ("held", None, None)
    assert (meeting.parties, meeting.place, meeting.follows) == (("quay-works",), None, None)
    assert meeting.records == ("e1",)
    assert state.problems == ()


def test_a_meeting_is_cancelled() -> None:
    """A cancelled meeting keeps its plan and is cancelled from that time on."""
    log = story(ROUND, CANCELLED)
    assert ng.replay(log, as_of=t(3)).meetings["round-2"].status == "scheduled"
    meeting = ng.replay(log).meetings["round-2"]
    assert (meeting.status, meeting.starts) == ("cancelled", t(6, 9))
    assert meeting.records == ("e1", "e2")


def test_a_held_meeting_is_final() -> None:
    """A meeting once held can be neither held again nor cancelled."""
    again = ng.MeetingHeld(meeting="round-2", parties=["dockers-union"], outcome="none")
    log = story(
        ROUND,
        HELD,
        (t(7), again),
        (t(8), ng.MeetingCancelled(meeting="round-2", by="labour-court")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e3", "meeting-closed"), ("e4", "meeting-closed")]
    assert state.meetings["round-2"].status == "held"
    assert state.meetings["round-2"].parties == ("quay-works",)
    assert state.meetings["round-2"].records == ("e1", "e2")


def test_a_cancelled_meeting_is_final() -> None:
    """A cancelled meeting can be neither held nor cancelled again."""
    log = story(
        ROUND, CANCELLED, HELD, (t(7), ng.MeetingCancelled(meeting="round-2", by="quay-works"))
    )
    state = ng.replay(log)
    assert codes(state) == [("e3", "meeting-closed"), ("e4", "meeting-closed")]
    assert state.meetings["round-2"].status == "cancelled"
    assert state.meetings["round-2"].parties == ("dockers-union", "quay-works")


def test_a_meeting_is_scheduled_once() -> None:
    """Scheduling a meeting that is there already is a problem, and the first plan stands."""
    later = ng.MeetingScheduled(
        meeting="round-2", by="quay-works", parties=["port-board"], starts=t(9)
    )
    state = ng.replay(story(ROUND, (t(2), later)))
    assert codes(state) == [("e2", "used-id")]
    assert state.meetings["round-2"].starts == t(6, 9)
    assert state.meetings["round-2"].by == "labour-court"


def test_a_plan_made_after_the_meeting() -> None:
    """A meeting that was held cannot be scheduled afterwards."""
    state = ng.replay(story(HELD, (t(7), ROUND[1])))
    assert codes(state) == [("e2", "used-id")]
    assert (state.meetings["round-2"].status, state.meetings["round-2"].by) == ("held", None)


def test_an_unknown_meeting_cannot_be_cancelled() -> None:
    """Cancelling a meeting that nobody scheduled is a problem, and none comes into being."""
    state = ng.replay(story(CANCELLED))
    assert codes(state) == [("e1", "unknown-meeting")]
    assert state.meetings == {}


def test_a_meeting_that_nobody_had_scheduled_keeps_all_that_is_said_of_it() -> None:
    """Where it was, what it followed and what came of it are those of the record of it."""
    held = ng.MeetingHeld(
        meeting="quay", parties=["union"], place="the quay", follows="office", outcome="no word"
    )
    meeting = ng.replay(story((t(1), held))).meetings["quay"]
    assert (meeting.place, meeting.follows, meeting.outcome) == ("the quay", "office", "no word")
    assert (meeting.by, meeting.starts) == (None, None)
