"""What if: hypothetical continuations of a log."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import negotiation as ng

START = datetime(2030, 5, 1, tzinfo=UTC)


def at(hour: float) -> datetime:
    """An hour of the first day, or after it."""
    return START + timedelta(hours=hour)


LOG = (
    ng.Log("talks")
    .append(
        ng.ProposalMade(proposal="p1", by="northport", to=["southvale"], terms={"price": 7}),
        time=at(1),
    )
    .append(ng.ProposalRejected(proposal="p1", by="southvale"), time=at(3), recorded=at(4))
    .append(ng.StatementMade(by="northport", text="reported late"), time=at(2), recorded=at(5))
    .append(ng.EventRetracted(event="e1", by="northport"), time=at(6), strict=False)
)
YES = ng.ProposalAccepted(proposal="p1", by="southvale")


def test_a_branch_goes_on_from_a_position() -> None:
    """After the record at a position, other things happen, and the log stays as it was."""
    other = ng.branch(LOG, 1, YES)
    assert ng.replay(other).proposals["p1"].status == "accepted"
    assert [each.id for each in other] == ["e1", "branch-1"]
    assert other[-1].time == at(1)
    assert LOG.negotiation == "talks"
    assert len(LOG) == 4


def test_a_branch_goes_on_from_a_moment() -> None:
    """At a moment, what had happened by then stands, less what of it was taken back since."""
    other = ng.branch(LOG, at(2.5), ng.StatementMade(by="southvale", text="then"))
    assert [each.id for each in other] == ["e1", "e3", "e4", "branch-1"]
    assert other[-1].time == at(2.5)
    assert sorted(ng.replay(other).parties) == ["northport", "southvale"]
    assert not ng.replay(other).proposals


def test_a_branch_has_an_id_of_its_own() -> None:
    """A branch is never taken for the real log: its id says what it is, and so does its source."""
    other = ng.branch(LOG, 1, YES)
    assert other.negotiation == "talks#branch"
    assert {each.negotiation for each in other} == {"talks#branch"}
    assert '"source":"talks#branch"' in ng.Codec().encode(other[0])
    with pytest.raises(ng.InvalidLog, match="belongs to negotiation 'talks#branch'"):
        LOG.extend(other)


def test_a_branch_can_be_written_and_read() -> None:
    """A branch is read from its file as it was."""
    other = ng.branch(LOG, 1, YES)
    file = io.BytesIO()
    ng.write_log(other, file)
    assert ng.read_log(io.BytesIO(file.getvalue())) == other


def test_a_negotiation_whose_id_only_looks_like_a_branch() -> None:
    """An id that is nothing but the mark of a branch is written as any other id."""
    log = ng.Log("#branch").append(ng.StatementMade(by="northport", text="so"), time=at(1))
    assert '"source":"%23branch"' in ng.Codec().encode(log[0])


def test_a_branch_of_a_branch() -> None:
    """A branch can be branched again; the ids of what is added stay unique."""
    one = ng.branch(LOG, 1, ng.StatementMade(by="southvale", text="one"))
    two = ng.branch(one, 2, ng.StatementMade(by="southvale", text="two"), YES)
    assert two.negotiation == "talks#branch"
    assert [each.id for each in two] == ["e1", "branch-1", "branch-2", "branch-3"]


def test_a_branch_leaves_seals_behind() -> None:
    """What is hypothetical is not sealed."""
    log = ng.Log(
        "talks",
        [
            ng.Record(
                id="e1", negotiation="talks", time=at(1), event=LOG[0].event, hash="a", prevhash="b"
            )
        ],
    )
    branched = ng.branch(log, 1)
    assert (branched[0].hash, branched[0].prevhash) == (None, None)


def test_when_it_happens() -> None:
    """What happens in a branch happens when that is said."""
    other = ng.branch(LOG, 1, YES, time=at(9))
    assert other[-1].time == other[-1].recorded == at(9)


def test_a_branch_from_before_anything() -> None:
    """Before any record, only a given time says when something happens."""
    said = ng.StatementMade(by="northport", text="first")
    assert len(ng.branch(LOG, 0)) == 0
    assert [each.time for each in ng.branch(LOG, 0, said, time=at(1))] == [at(1)]
    with pytest.raises(ng.InvalidRecord, match="nothing has happened yet; give time="):
        ng.branch(LOG, 0, said)


def test_a_branch_keeps_the_rules() -> None:
    """An event that breaks a rule is refused, unless that is what is to be seen."""
    again = ng.ProposalRejected(proposal="p1", by="southvale")
    with pytest.raises(ng.IllegalEvent, match="already-answered"):
        ng.branch(LOG, 2, again)
    loose = ng.branch(LOG, 2, again, strict=False)
    assert [problem.code for problem in ng.check(loose)] == ["already-answered"]


@pytest.mark.parametrize(
    ("point", "message"),
    [
        (5, "a branch begins at a position from 0 to 4, the last of this log"),
        (-1, "a branch begins at a position from 0 to 4"),
        (True, "a branch begins at a position from 0 to 4"),
        ("e1", "or at a moment, not at str 'e1'"),
        (at(0), "a branch begins when something has happened: not at 2030-05-01T00:00:00"),
    ],
)
def test_where_no_branch_can_begin(point: Any, message: str) -> None:
    """A position that is not there, or a moment before the log, is refused with what would do."""
    with pytest.raises(ng.OutOfRange, match=message):
        ng.branch(LOG, point)


def test_a_branch_at_a_moment_of_an_empty_log() -> None:
    """Any moment will do where nothing has happened."""
    said = ng.StatementMade(by="northport", text="first")
    assert ng.branch(ng.Log("talks"), at(1), said)[0].time == at(1)


def test_a_branch_at_a_moment_without_a_time_zone() -> None:
    """A moment without a time zone is refused."""
    with pytest.raises(ng.InvalidTime, match="at must have a time zone"):
        ng.branch(LOG, datetime(2030, 5, 1))  # noqa: DTZ001  # what is refused
    with pytest.raises(ng.InvalidTime, match="time must have a time zone"):
        ng.branch(LOG, 1, time=datetime(2030, 5, 1))  # noqa: DTZ001  # what is refused


def test_a_branch_of_a_log_without_an_id() -> None:
    """A log that has no negotiation yet has no branches."""
    with pytest.raises(ng.InvalidRecord, match="negotiation is not known"):
        ng.branch(ng.Log(), 0)


def test_a_branch_of_what_is_no_log() -> None:
    """What is no log is refused as such."""
    with pytest.raises(ng.InvalidLog, match="is no log; read_log reads one"):
        ng.branch("log.jsonl", 0)  # type: ignore[arg-type]


def test_a_branch_without_what_repeats_a_later_record() -> None:
    """A further source of something that has not happened by then goes with it."""
    said = ng.StatementMade(by="northport", text="one")
    log = (
        ng.Log("talks")
        .append(ng.StatementMade(by="southvale", text="before"), time=at(1))
        .append(said, time=at(12))
        .append(said, time=at(1), repeats="e2", precision="day", recorded=at(13))
    )
    assert [each.id for each in ng.branch(log, at(6))] == ["e1"]
    assert [each.id for each in ng.branch(log, at(12))] == ["e1", "e2", "e3"]
