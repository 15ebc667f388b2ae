"""Every row of every lifecycle: what each event meets in each phase, written out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

import negotiation as ng

from .story import story, t

Moves = dict[str, Any]
Rows = Mapping[str, Mapping[str, str | None]]
Told = tuple[int, Any]

# Proposals: of northport, to southvale and eastmark. Southvale has had its say where somebody has.

OFFER: Final = ng.ProposalMade(proposal="p", by="northport", to=["southvale", "eastmark"], terms={})
BRIEF: Final = ng.ProposalMade(
    proposal="p", by="northport", to=["southvale", "eastmark"], terms={}, expires=t(7)
)


def no(by: str) -> Any:
    return ng.ProposalRejected(proposal="p", by=by)


def yes(by: str) -> Any:
    return ng.ProposalAccepted(proposal="p", by=by)


def counter(by: str, id: str) -> Any:
    return ng.ProposalMade(proposal=id, by=by, to=["northport"], terms={}, counters="p")


BACK: Final = ng.ProposalWithdrawn(proposal="p", by="northport")

PROPOSALS: Final[dict[str, list[Told]]] = {
    "open": [(1, OFFER)],
    "rejected": [(1, OFFER), (2, no("southvale"))],
    "countered": [(1, OFFER), (2, counter("southvale", "q"))],
    "rejected, past its expiry": [(1, BRIEF), (2, no("southvale"))],
    "countered, past its expiry": [(1, BRIEF), (2, counter("southvale", "q"))],
    "accepted": [(1, OFFER), (2, yes("southvale")), (3, yes("eastmark"))],
    "withdrawn": [(1, OFFER), (2, BACK)],
    "expired": [(1, BRIEF)],
}
ANSWERS: Final[Moves] = {
    "clarify": ng.ProposalClarified(proposal="p", by="northport", terms={"n": 1}),
    "accept": yes("eastmark"),
    "reject": no("eastmark"),
    "counter": counter("eastmark", "r"),
    "withdraw": BACK,
}
CLOSED: Final = "proposal-closed"
PROPOSAL_ROWS: Final[Rows] = {
    "open": dict.fromkeys(ANSWERS),
    "rejected": dict.fromkeys(ANSWERS),
    "countered": dict.fromkeys(ANSWERS),
    "rejected, past its expiry": {**dict.fromkeys(ANSWERS, CLOSED), "withdraw": None},
    "countered, past its expiry": {**dict.fromkeys(ANSWERS, CLOSED), "withdraw": None},
    "accepted": dict.fromkeys(ANSWERS, CLOSED),
    "withdrawn": dict.fromkeys(ANSWERS, CLOSED),
    "expired": dict.fromkeys(ANSWERS, CLOSED),
}

# Truces: what southvale may do


def truce(starts: int, ends: int, *binds: str) -> Any:
    return ng.TruceDeclared(
        truce="t", by="northport", kind="truce", binds=binds, starts=t(starts), ends=t(ends)
    )


OUT: Final = ng.TruceEnded(truce="t", by="southvale")

COMMITMENTS: Final[dict[str, list[Told]]] = {
    "unbound": [(1, truce(2, 20, "northport"))],
    "pledged": [(1, truce(15, 20, "northport", "southvale"))],
    "bound": [(1, truce(2, 20, "northport", "southvale"))],
    "over": [(1, truce(2, 20, "northport", "southvale")), (5, OUT)],
    "released": [(1, truce(15, 20, "northport", "southvale")), (5, OUT)],
}
PART: Final[Moves] = {
    "join": ng.TruceJoined(truce="t", by="southvale"),
    "reject": ng.TruceRejected(truce="t", by="southvale"),
    "extend": ng.TruceExtended(truce="t", by="southvale", ends=t(22)),
    "end": OUT,
}
COMMITMENT_ROWS: Final[Rows] = {
    "unbound": {"join": None, "reject": None, "extend": "not-bound", "end": "not-bound"},
    "pledged": {"join": "already-bound", "reject": None, "extend": None, "end": None},
    "bound": {"join": "already-bound", "reject": "already-bound", "extend": None, "end": None},
    "over": {"join": None, "reject": "already-bound", "extend": "truce-over", "end": "truce-over"},
    "released": {"join": None, "reject": None, "extend": "truce-over", "end": "truce-over"},
}

# Deadlines


def deadline(earliest: int, due: int) -> Any:
    return ng.DeadlineSet(
        deadline="d", by="northport", on=["southvale"], due=t(due), earliest=t(earliest)
    )


DEADLINES: Final[dict[str, list[Told]]] = {
    "pending": [(1, deadline(12, 15))],
    "in-window": [(1, deadline(5, 15))],
    "missed": [(1, deadline(5, 7))],
    "met": [(1, deadline(5, 15)), (6, ng.DeadlineMet(deadline="d", by="southvale"))],
    "lifted": [(1, deadline(5, 15)), (6, ng.DeadlineLifted(deadline="d", by="northport"))],
}
DUTIES: Final[Moves] = {
    "move": ng.DeadlineMoved(deadline="d", by="southvale", due=t(30)),
    "meet": ng.DeadlineMet(deadline="d", by="southvale"),
    "lift": ng.DeadlineLifted(deadline="d", by="northport"),
}
DEADLINE_ROWS: Final[Rows] = {
    "pending": dict.fromkeys(DUTIES),
    "in-window": dict.fromkeys(DUTIES),
    "missed": {"move": None, "meet": "deadline-missed", "lift": "deadline-missed"},
    "met": dict.fromkeys(DUTIES, "deadline-closed"),
    "lifted": dict.fromkeys(DUTIES, "deadline-closed"),
}

# Meetings, and parties

PLAN: Final = ng.MeetingScheduled(
    meeting="m", by="northport", parties=["northport", "southvale"], starts=t(12)
)
HELD: Final = ng.MeetingHeld(meeting="m", parties=["northport"])
OFF: Final = ng.MeetingCancelled(meeting="m", by="southvale")

MEETINGS: Final[dict[str, list[Told]]] = {
    "scheduled": [(1, PLAN)],
    "held": [(1, PLAN), (2, HELD)],
    "cancelled": [(1, PLAN), (2, OFF)],
}
MEETING_ROWS: Final[Rows] = {
    "scheduled": {"hold": None, "cancel": None},
    "held": {"hold": "meeting-closed", "cancel": "meeting-closed"},
    "cancelled": {"hold": "meeting-closed", "cancel": "meeting-closed"},
}

JOIN: Final = ng.PartyJoined(party="southvale", role="principal")
LEAVE: Final = ng.PartyWithdrew(by="southvale")

PARTICIPATION_ROWS: Final[Rows] = {
    "active": {"join": None, "leave": None},
    "withdrawn": {"join": None, "leave": "already-withdrawn"},
}

TABLES: Final[tuple[tuple[dict[str, list[Told]], Moves, Rows], ...]] = (
    (PROPOSALS, ANSWERS, PROPOSAL_ROWS),
    (COMMITMENTS, PART, COMMITMENT_ROWS),
    (DEADLINES, DUTIES, DEADLINE_ROWS),
    (MEETINGS, {"hold": HELD, "cancel": OFF}, MEETING_ROWS),
    (
        {"active": [(1, JOIN)], "withdrawn": [(1, LEAVE)]},
        {"join": JOIN, "leave": LEAVE},
        PARTICIPATION_ROWS,
    ),
)
CASES: Final = [
    pytest.param(phases[phase], moves[move], code, id=f"{phase}, {move}")
    for phases, moves, rows in TABLES
    for phase, row in rows.items()
    for move, code in row.items()
]


@pytest.mark.parametrize(("begun", "event", "code"), CASES)
def test_every_row_of_every_table(begun: list[Told], event: Any, code: str | None) -> None:
    """On the tenth day an event has the problem that its row says, or none, and then it counts."""
    log = story(*((t(day), each) for day, each in begun))
    assert ng.check(log) == ()
    after = log.append(event, time=t(10), strict=False)
    assert [problem.code for problem in ng.check(after)] == ([] if code is None else [code])
