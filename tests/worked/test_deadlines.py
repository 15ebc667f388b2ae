"""Deadlines: pending, in their window, missed, moved, met and lifted."""

import negotiation as ng

from .story import codes, story, t

STRIKE = (
    t(1),
    ng.DeadlineSet(
        deadline="strike",
        by="dockers-union",
        on=["quay-works", "port-board"],
        due=t(8),
        demand="a signed pay offer",
        consequence="a strike",
        about="pay-offer",
    ),
)
VAGUE = (
    t(1),
    ng.DeadlineSet(deadline="soon", by="eastmark", on=["northport"], earliest=t(5), due=t(8, 12)),
)


def test_a_deadline_stands_as_it_was_set() -> None:
    """A deadline keeps who set it, on whom, for when, and the ultimatum it carries."""
    state = ng.replay(story(STRIKE))
    deadline = state.deadlines["strike"]
    assert (deadline.id, deadline.by) == ("strike", "dockers-union")
    assert deadline.on == ("quay-works", "port-board")
    assert (deadline.due, deadline.earliest) == (t(8), None)
    assert (deadline.demand, deadline.consequence) == ("a signed pay offer", "a strike")
    assert (deadline.about, deadline.status) == ("pay-offer", "pending")
    assert deadline.records == ("e1",)
    assert state.parties["quay-works"].deadlines_facing == frozenset({"strike"})
    assert state.parties["port-board"].deadlines_facing == frozenset({"strike"})
    assert state.parties["dockers-union"].deadlines_set == frozenset({"strike"})
    assert state.parties["dockers-union"].deadlines_facing == frozenset()
    assert state.problems == ()


def test_a_deadline_is_missed_at_its_very_instant() -> None:
    """A deadline without a window is pending up to `due` and missed from then on."""
    log = story(STRIKE)
    assert ng.replay(log, as_of=t(7, 23, 59)).deadlines["strike"].status == "pending"
    assert ng.replay(log, as_of=t(8)).deadlines["strike"].status == "missed"


def test_a_vague_deadline_has_a_window() -> None:
    """A vague deadline is in its window from `earliest` and missed at `due`."""
    log = story(VAGUE)
    assert ng.replay(log, as_of=t(4, 23, 59)).deadlines["soon"].status == "pending"
    assert ng.replay(log, as_of=t(5)).deadlines["soon"].status == "in-window"
    assert ng.replay(log, as_of=t(8, 11, 59)).deadlines["soon"].status == "in-window"
    assert ng.replay(log, as_of=t(8, 12)).deadlines["soon"].status == "missed"


def test_a_window_of_no_length() -> None:
    """A deadline whose earliest instant is its due instant has no time in its window."""
    exact = ng.DeadlineSet(deadline="d", by="buyer", on=["seller"], earliest=t(5), due=t(5))
    log = story((t(1), exact))
    assert ng.replay(log, as_of=t(4, 23, 59)).deadlines["d"].status == "pending"
    assert ng.replay(log, as_of=t(5)).deadlines["d"].status == "missed"


def test_a_missed_deadline_is_still_faced() -> None:
    """Only meeting or lifting takes a deadline from those who face it and who set it."""
    state = ng.replay(story(STRIKE), as_of=t(9))
    assert state.parties["quay-works"].deadlines_facing == frozenset({"strike"})
    assert state.parties["dockers-union"].deadlines_set == frozenset({"strike"})


def test_a_deadline_met_in_time_stays_met() -> None:
    """A deadline met before `due` is met, then and ever after, and faced by nobody."""
    log = story(
        STRIKE, (t(7, 23, 59), ng.DeadlineMet(deadline="strike", by="quay-works", note="signed"))
    )
    assert ng.replay(log).deadlines["strike"].status == "met"
    later = ng.replay(log, as_of=t(20))
    assert later.deadlines["strike"].status == "met"
    assert later.deadlines["strike"].records == ("e1", "e2")
    assert later.parties["quay-works"].deadlines_facing == frozenset()
    assert later.parties["port-board"].deadlines_facing == frozenset()
    assert later.parties["dockers-union"].deadlines_set == frozenset()
    assert later.problems == ()


def test_a_deadline_is_not_met_at_its_due_instant() -> None:
    """Meeting a deadline at or after `due` is a problem, and it stays missed."""
    log = story(
        STRIKE,
        (t(8), ng.DeadlineMet(deadline="strike", by="quay-works")),
        (t(9), ng.DeadlineMet(deadline="strike", by="port-board")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e2", "deadline-missed"), ("e3", "deadline-missed")]
    assert state.deadlines["strike"].status == "missed"
    assert state.deadlines["strike"].records == ("e1",)


def test_a_deadline_may_be_lifted_in_time() -> None:
    """A deadline lifted before `due` is lifted for good and faced by nobody."""
    log = story(STRIKE, (t(6), ng.DeadlineLifted(deadline="strike", by="dockers-union")))
    assert ng.replay(log, as_of=t(5)).deadlines["strike"].status == "pending"
    state = ng.replay(log, as_of=t(9))
    assert state.deadlines["strike"].status == "lifted"
    assert state.parties["quay-works"].deadlines_facing == frozenset()
    assert state.parties["dockers-union"].deadlines_set == frozenset()


def test_a_missed_deadline_cannot_be_lifted() -> None:
    """Lifting a deadline at its due instant is a problem, and it stays missed."""
    log = story(STRIKE, (t(8), ng.DeadlineLifted(deadline="strike", by="dockers-union")))
    assert codes(ng.replay(log)) == [("e2", "deadline-missed")]
    assert ng.replay(log).deadlines["strike"].status == "missed"


def test_moving_replaces_both_ends_of_the_window() -> None:
    """A moved deadline has the new due instant, and a window only if it names one."""
    log = story(
        VAGUE,
        (t(2), ng.DeadlineMoved(deadline="soon", by="eastmark", due=t(12))),
        (t(4), ng.DeadlineMoved(deadline="soon", by="eastmark", earliest=t(3), due=t(15))),
    )
    first = ng.replay(log, as_of=t(3)).deadlines["soon"]
    assert (first.earliest, first.due, first.status) == (None, t(12), "pending")
    second = ng.replay(log).deadlines["soon"]
    assert (second.earliest, second.due, second.status) == (t(3), t(15), "in-window")
    assert second.records == ("e1", "e2", "e3")


def test_anybody_may_move_a_deadline() -> None:
    """Another party may move, meet or lift a deadline, which stays its setter's."""
    log = story(
        STRIKE,
        (t(2), ng.DeadlineMoved(deadline="strike", by="labour-court", due=t(20))),
        (t(3), ng.DeadlineLifted(deadline="strike", by="labour-court")),
    )
    state = ng.replay(log)
    assert state.problems == ()
    assert state.deadlines["strike"].status == "lifted"
    assert state.deadlines["strike"].by == "dockers-union"
    assert ng.replay(log, as_of=t(2)).parties["labour-court"].deadlines_set == frozenset()


def test_moving_revives_a_missed_deadline() -> None:
    """A missed deadline that is moved into the future is pending again and can be met."""
    log = story(
        STRIKE,
        (t(9), ng.DeadlineMoved(deadline="strike", by="dockers-union", due=t(12))),
        (t(11), ng.DeadlineMet(deadline="strike", by="quay-works")),
    )
    assert ng.replay(log, as_of=t(8, 12)).deadlines["strike"].status == "missed"
    assert ng.replay(log, as_of=t(9)).deadlines["strike"].status == "pending"
    assert ng.replay(log).deadlines["strike"].status == "met"
    assert ng.replay(log).problems == ()


def test_a_deadline_moved_into_the_past_is_missed() -> None:
    """A deadline brought forward to an instant already gone is missed at once."""
    log = story(STRIKE, (t(5), ng.DeadlineMoved(deadline="strike", by="dockers-union", due=t(4))))
    assert ng.replay(log, as_of=t(4, 12)).deadlines["strike"].status == "pending"
    assert ng.replay(log).deadlines["strike"].status == "missed"
    assert ng.replay(log).problems == ()


def test_nothing_follows_a_met_deadline() -> None:
    """Meeting, moving or lifting a met deadline is a problem, before `due` and after it."""
    log = story(
        STRIKE,
        (t(2), ng.DeadlineMet(deadline="strike", by="quay-works")),
        (t(3), ng.DeadlineMet(deadline="strike", by="port-board")),
        (t(4), ng.DeadlineMoved(deadline="strike", by="dockers-union", due=t(20))),
        (t(9), ng.DeadlineLifted(deadline="strike", by="dockers-union")),
    )
    state = ng.replay(log)
    assert codes(state) == [(key, "deadline-closed") for key in ("e3", "e4", "e5")]
    assert (state.deadlines["strike"].status, state.deadlines["strike"].due) == ("met", t(8))
    assert state.deadlines["strike"].records == ("e1", "e2")


def test_nothing_follows_a_lifted_deadline() -> None:
    """A lifted deadline can be neither moved nor met."""
    log = story(
        STRIKE,
        (t(2), ng.DeadlineLifted(deadline="strike", by="dockers-union")),
        (t(3), ng.DeadlineMoved(deadline="strike", by="dockers-union", due=t(20))),
        (t(9), ng.DeadlineMet(deadline="strike", by="quay-works")),
    )
    state = ng.replay(log)
    assert codes(state) == [("e3", "deadline-closed"), ("e4", "deadline-closed")]
    assert (state.deadlines["strike"].status, state.deadlines["strike"].due) == ("lifted", t(8))


def test_a_hope_is_not_a_deadline() -> None:
    """A position and a statement about a deadline leave it where it was."""
    log = story(
        VAGUE,
        (
            t(2),
            ng.PositionStated(
                by="eastmark", issue="soon", value="by the third", firmness="expectation"
            ),
        ),
        (t(3), ng.StatementMade(by="northport", text="declined to comment", about="soon")),
    )
    state = ng.replay(log)
    assert (state.deadlines["soon"].due, state.deadlines["soon"].records) == (t(8, 12), ("e1",))
    assert set(state.deadlines) == {"soon"}


def test_an_unknown_deadline_cannot_be_moved_met_or_lifted() -> None:
    """Whatever names an unknown deadline is a problem, and none comes into being."""
    log = story(
        (t(1), ng.DeadlineMoved(deadline="strike", by="dockers-union", due=t(9))),
        (t(2), ng.DeadlineMet(deadline="strike", by="quay-works")),
        (t(3), ng.DeadlineLifted(deadline="strike", by="dockers-union")),
    )
    state = ng.replay(log)
    assert codes(state) == [(key, "unknown-deadline") for key in ("e1", "e2", "e3")]
    assert state.deadlines == {}
