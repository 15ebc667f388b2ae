"""One story asked at many moments: what had happened, what had been recorded of it, who knew it.

The answers were worked out by hand from the rules of time and knowledge, and each says why.
"""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import Any, Final, TypeAlias

import pytest

import negotiation as ng
from negotiation.paths import parse_path, resolve

from .story import story, t

SHOTS: Final = ng.TruceViolated(
    violation="shots",
    truce="thaw",
    by="southvale",
    alleged_by="northport",
    count=5,
    begins=t(5, 20),
    ends=t(5, 22),
)
RECOUNTED: Final = ng.TruceViolated(
    violation="shots-recounted",
    truce="thaw",
    by="southvale",
    alleged_by="northport",
    count=4,
    qualifier="about",
    begins=t(5, 20),
    ends=t(5, 22),
    replaces="shots",
)
NETS: Final = ng.TruceViolated(
    violation="nets",
    truce="thaw",
    by="northport",
    alleged_by="southvale",
    count=3,
    qualifier="at-least",
)

LOG: Final = story(
    # e1 to e7: offers, a truce for both and a deadline; one offer is between the two alone
    (t(1, 9), ng.PartyJoined(party="eastmere", role="mediator")),
    (
        t(2, 9),
        ng.ProposalMade(
            proposal="ferry", by="northport", to=["southvale"], terms={"boats": 2}, expires=t(8)
        ),
    ),
    (t(2, 12), ng.PositionStated(by="southvale", issue="toll", value=10, firmness="demand")),
    (
        t(3, 9),
        ng.ProposalMade(
            proposal="quiet", by="northport", to=["southvale"], terms={"boats": 1}, expires=t(11)
        ),
        {"visible_to": ["southvale"]},
    ),
    (
        t(3, 15),
        ng.TruceDeclared(
            truce="thaw",
            by="northport",
            kind="truce",
            binds=["northport", "southvale"],
            starts=t(5),
            ends=t(10),
        ),
    ),
    (
        t(4, 9),
        ng.DeadlineSet(
            deadline="survey", by="eastmere", on=["northport", "southvale"], earliest=t(8), due=t(9)
        ),
    ),
    (
        t(4, 12),
        ng.ProposalMade(
            proposal="ferry-b",
            by="southvale",
            to=["northport"],
            terms={"boats": 3},
            counters="ferry",
            expires=t(16),
        ),
    ),
    # e8 to e11: a claim of each side, one not shown to the accused, and a further source of each
    (t(6, 8), SHOTS, {"recorded": t(6, 9)}),
    (t(6, 17), NETS, {"recorded": t(6, 18), "visible_to": ["eastmere"]}),
    (
        t(6, 8),
        SHOTS,
        {"recorded": t(7, 9), "repeats": "e8", "reported_by": "the harbour gazette"},
    ),
    (
        t(6, 17),
        NETS,
        {"recorded": t(7, 10), "repeats": "e9", "reported_by": "the southern herald"},
    ),
    # e12, e13: reports that come late; the first is taken back by e16, which e20 takes back
    (t(4, 18), ng.TruceRejected(truce="thaw", by="southvale"), {"recorded": t(8, 9)}),
    (
        t(7, 12),
        ng.DeadlineMoved(deadline="survey", by="eastmere", due=t(12)),
        {"recorded": t(8, 12)},
    ),
    (t(9, 6), ng.TruceEnded(truce="thaw", by="southvale"), {"recorded": t(9, 9)}),
    (t(9, 9), ng.TruceExtended(truce="thaw", by="northport", ends=t(14))),
    (t(9, 18), ng.EventRetracted(event="e12", by="archive", reason="of another year")),
    (t(10, 9), RECOUNTED),
    (
        t(11, 9),
        ng.MeetingScheduled(
            meeting="pier", by="eastmere", parties=["northport", "southvale"], starts=t(13, 10)
        ),
    ),
    (
        t(11, 20),
        ng.DeadlineMet(deadline="survey", by="southvale"),
        {"recorded": t(12, 9), "visible_to": ["eastmere"]},
    ),
    (t(13, 9), ng.EventRetracted(event="e16", by="archive", reason="of this year after all")),
    (
        t(13, 10),
        ng.MeetingHeld(meeting="pier", parties=["northport", "southvale"], outcome="a draft"),
        {"recorded": t(13, 18), "visible_to": ["northport", "southvale"]},
    ),
    (t(14, 9), ng.ProposalAccepted(proposal="ferry-b", by="northport")),
    # e23 to e25: what the mediator says of a party behind its back, late; a claim taken back
    (
        t(10, 12),
        ng.PositionStated(
            by="southvale", issue="toll", value=7, firmness="preference", attributed_by="eastmere"
        ),
        {"recorded": t(15, 9), "visible_to": ["northport"]},
    ),
    (
        t(15, 12),
        ng.PositionStated(by="southvale", issue="toll", value=8, firmness="demand"),
        {"recorded": t(16, 9)},
    ),
    (t(16, 12), ng.EventRetracted(event="e9", by="southvale", reason="nobody saw it")),
)

NOTHING: Final = "no such thing"
"""The answer where the state has nothing at the path."""

Row: TypeAlias = tuple[datetime | None, datetime | None, str | None, Any, str]
"""as_of, known_at and known_to, None where it is not asked for; the answer; why it is so."""

ANSWERS: Final[dict[str, list[Row]]] = {
    # What of the log this is the state of
    "position": [
        (None, None, None, 24, "e25 retracts, and a retraction does not count"),
        (None, t(1, 8), None, 0, "nothing was recorded yet"),
        (None, t(10), None, 15, "e16 retracts, so e15 is the highest"),
        (None, t(7, 10), None, 9, "e10 and e11 only repeat"),
        (None, t(7, 10), "northport", 11, "it cannot see that e11 repeats e9, so e11 counts"),
        (None, t(7, 10), "eastmere", 9, "it was shown e9, so e11 repeats"),
        (None, t(16), None, 23, "e24 was recorded nine hours later"),
        (None, t(16), "southvale", 22, "e23 speaks of it, yet was not shown to it"),
        (t(5), None, None, 12, "of what had happened by the 5th, e12 was recorded last"),
        (t(5), t(8), "westhaven", 7, "e12 was not recorded by then"),
    ],
    "as_of": [
        (None, None, None, t(15, 12), "e24 is the latest that counts; e25 does not"),
        (None, t(1, 8), "northport", None, "nothing had happened that it knew of"),
        (None, t(7, 9), None, t(6, 17), "e9 is the latest"),
        (None, t(7, 9), "northport", t(6, 8), "e9 is hidden, and e8 is the latest then"),
        (None, t(8, 9), "southvale", t(6, 17), "what was recorded last, e12, happened before"),
        (t(20), t(8, 9), None, t(20), "the moment that was asked for"),
    ],
    # A truce of two, of which one may have said no before it began
    "truces.thaw.status": [
        (t(4, 23), None, None, "declared", "it starts on the 5th"),
        (t(5), t(3, 15), None, "in-force", "a span holds its start"),
        (t(5), t(3, 14), None, NOTHING, "declared an hour later"),
        (t(10), t(9, 8), None, "expired", "a span does not hold its end; e15 is not recorded"),
        (t(10), t(9, 9), "southvale", "in-force", "e15 moved the end"),
        (t(14), None, "eastmere", "expired", "the later end has come"),
        (t(14), t(12), None, "expired", "not all ended it: northport's part ran out"),
    ],
    "truces.thaw.mutual": [
        (t(6), t(7), None, True, "e12 is not recorded yet"),
        (t(6), t(9), None, False, "e12 says that southvale had said no"),
        (t(6), t(10), None, True, "e16 took e12 back"),
        (t(6), t(13, 8), "westhaven", True, "e20 is not recorded yet"),
        (t(6), t(13, 9), "westhaven", False, "e20 took e16 back, so e12 counts"),
        (t(6), None, "northport", False, "e12 counts for good, and is public"),
        (t(9, 5), t(10), None, True, "southvale ended it at six"),
        (t(9, 6), t(10), None, False, "ended is ended from that instant on"),
    ],
    "truces.thaw.rejected_by": [
        (t(4, 17), None, None, set(), "southvale said no at six in the evening"),
        (t(4, 18), None, None, {"southvale"}, "it has said no"),
        (t(4, 18), t(12), None, set(), "that record is retracted"),
        (t(4, 18), t(8, 9), "northport", {"southvale"}, "the letter has just been recorded"),
    ],
    "truces.thaw.commitments.southvale.ended": [
        (t(14), t(12), None, t(9, 6), "e14 ended it while e12 was retracted"),
        (t(9), t(12), None, None, "e14 had not happened"),
        (None, None, None, NOTHING, "it was never bound: e12 counts"),
    ],
    "truces.thaw.records": [
        (None, None, None, ("e5", "e12", "e15"), "e14 ends nothing and changes nothing"),
        (None, t(12), "eastmere", ("e5", "e14", "e15"), "e12 is retracted, and e14 ends"),
    ],
    # Claims, a further source, a count that is replaced
    "violations.shots.bound": [
        (t(6, 12), t(7), None, True, "both were bound as far as was known"),
        (t(6, 12), t(9), "northport", False, "southvale had said no"),
        (t(6, 12), t(12), "northport", True, "it had not, after e16"),
        (t(6, 12), t(14), "northport", False, "it had, after e20"),
        (t(6, 8), t(6, 8), None, NOTHING, "claimed, and not recorded for an hour"),
    ],
    "violations.shots.in_effect": [
        (t(20), t(12), None, True, "it was bound then, even if it ended that later"),
        (t(20), None, None, False, "it never was bound"),
    ],
    "violations.shots.replaced_by": [
        (t(10), None, None, None, "e17 comes nine hours later"),
        (t(10, 9), None, None, "shots-recounted", "e17 replaces it"),
        (None, t(10, 8), "southvale", None, "e17 is not recorded yet"),
    ],
    "violations.shots.count": [
        (None, None, None, 5, "a claim that is replaced keeps its count"),
    ],
    "violations.shots.records": [
        (None, None, "southvale", ("e8", "e17"), "e10 is a further source and no record of it"),
        (None, t(7, 9), None, ("e8",), "e17 is to come"),
    ],
    "violations.nets.count": [
        (None, t(16), None, 3, "as claimed"),
        (None, t(16), "southvale", 3, "a claim is its accuser's"),
        (t(7), t(7, 9), "eastmere", 3, "it was shown e9"),
        (None, t(16), "northport", NOTHING, "the accused was not shown it, and e11 is no claim"),
        (None, None, "eastmere", NOTHING, "e25 took it back"),
        (t(7), None, "southvale", NOTHING, "taken back for every moment, also before e25"),
    ],
    "parties.southvale.violations_alleged_against": [
        (None, None, "westhaven", {"shots", "shots-recounted"}, "replaced ones too"),
        (None, t(6, 9), None, {"shots"}, "e8 was recorded just then"),
    ],
    # An offer with an end and a counter, and one that only two know of
    "proposals.ferry.status": [
        (t(4, 11), None, None, "open", "southvale counters at noon"),
        (t(8), None, None, "countered", "an offer that was countered does not expire"),
        (t(8), t(4), "eastmere", "expired", "the counter is not recorded yet"),
        (t(7, 23, 59), t(4), "eastmere", "open", "the last minute"),
    ],
    "proposals.ferry-b.status": [
        (t(14, 8), None, "westhaven", "open", "accepted at nine"),
        (t(16), t(14, 8), None, "expired", "its end has come, and no answer was recorded"),
        (t(16), t(14, 9), None, "accepted", "accepted before its end"),
    ],
    "proposals.quiet.status": [
        (t(10), None, "southvale", "open", "it was shown the offer"),
        (t(11), None, "northport", "expired", "its maker knows it"),
        (t(10), None, "eastmere", NOTHING, "the mediator was not shown it"),
    ],
    "parties.southvale.replies_owed": [
        (t(4), None, None, {"ferry", "quiet"}, "both are open"),
        (t(4), None, "eastmere", {"ferry"}, "it knows of one"),
        (t(8), t(4), "northport", {"quiet"}, "ferry has expired, not countered as was known"),
        (t(5), t(6), "southvale", {"quiet"}, "ferry is countered"),
    ],
    # A deadline that is moved, met behind closed doors
    "deadlines.survey.status": [
        (t(8, 6), t(8, 9), None, "in-window", "the span of e6 has begun"),
        (t(8, 6), None, None, "pending", "e13 left no earliest"),
        (t(9), t(8, 9), "southvale", "missed", "e13 is not recorded yet"),
        (t(9), t(8, 12), "southvale", "pending", "e13 moved it to the 12th"),
        (t(12), None, "northport", "missed", "it was not shown e19"),
        (t(12), None, "eastmere", "met", "it was shown e19"),
        (t(12), None, "southvale", "met", "it made e19 itself"),
        (t(12), t(12), None, "missed", "e19 is recorded nine hours later"),
    ],
    "deadlines.survey.due": [
        (t(7, 11), None, None, t(9), "moved at noon"),
        (t(7, 12), None, None, t(12), "e13 moved it then"),
        (t(7, 12), t(8), None, t(9), "it was recorded a day later"),
    ],
    "parties.northport.deadlines_facing": [
        (t(13), None, "northport", {"survey"}, "missed, and neither met nor lifted"),
        (t(13), None, "eastmere", set(), "met"),
    ],
    # A meeting held behind closed doors
    "meetings.pier.status": [
        (t(11, 8), None, None, NOTHING, "scheduled at nine"),
        (t(14), None, "eastmere", "scheduled", "it scheduled it, and was not shown e21"),
        (t(14), None, "northport", "held", "it was shown e21"),
        (t(13, 12), t(13, 12), None, "scheduled", "e21 is recorded in the evening"),
        (t(13, 12), t(13, 18), None, "held", "it was"),
    ],
    # A stand, one that others attribute to the party, and who was heard last
    "parties.southvale.positions.toll.value": [
        (t(11), t(12), None, 10, "e23 is not recorded yet"),
        (t(11), None, None, 7, "e23 takes its place in the past"),
        (t(11), None, "southvale", 10, "it does not know what is said of it"),
        (t(11), None, "eastmere", 7, "whoever attributes a stand has made the record"),
        (None, None, "northport", 8, "e24 came later than e23"),
    ],
    "parties.southvale.positions.toll.history[1].value": [
        (None, None, "northport", 7, "e3, e23, then e24"),
        (None, None, "westhaven", NOTHING, "it knows of e3 alone before e24"),
    ],
    "parties.southvale.last_heard": [
        (t(14), None, None, t(11, 20), "e19"),
        (t(14), None, "northport", t(9, 6), "e14, a problem, counts; e19 is hidden"),
        (t(9), None, "westhaven", t(6, 17), "e11 is southvale's claim, folded as nothing"),
        (t(9), None, "southvale", t(4, 18), "e9 is retracted and e11 repeats it: e12"),
    ],
    "parties.eastmere.last_heard": [
        (t(11), None, "northport", t(10, 12), "e23 is eastmere's word"),
        (t(11), None, "southvale", t(7, 12), "e13; e23 is hidden"),
    ],
    # What breaks a rule depends on who looks, and when
    "problems": [
        (None, t(12), None, (), "southvale ends what binds it"),
        (None, t(12), "eastmere", (), "e11 repeats what it was shown"),
        (t(9), t(9, 9), None, (), "e14 had not happened"),
    ],
    "problems[0].code": [
        (None, None, None, "not-bound", "southvale ends what never bound it"),
        (None, t(9, 9), None, "not-bound", "the same, before e16"),
        (None, t(8), "westhaven", "unknown-record", "e11 repeats what it cannot see"),
    ],
    "problems[0].event": [
        (None, None, "southvale", "e14", "alone: it knows e9, and e11 and e25 reach it"),
        (None, None, "northport", "e11", "it repeats what northport cannot see"),
    ],
    "problems[0].party": [
        (None, None, "northport", "southvale", "the accuser is the maker of a claim"),
    ],
    "problems[1].event": [
        (t(9), None, "northport", "e25", "a retraction of nothing is one at every moment"),
        (None, None, "northport", "e14", "e11, e14, e25, in the order of time"),
        (t(9), t(16), "northport", NOTHING, "e25 is not recorded yet"),
    ],
}  # fmt: skip

CASES: Final = [
    pytest.param(path, *row[:4], id=f"{path}: {row[4]}")
    for path, rows in ANSWERS.items()
    for row in rows
]


def grown() -> ng.Timeline:
    """The timeline of a log that is grown record by record, asked by everybody all the while."""
    timeline = ng.Timeline(ng.Log("talks-1"), interval=4)
    for record in LOG:
        timeline = timeline.append(record)
        for party in (None, "northport", "southvale", "eastmere", "westhaven"):
            timeline.at(known_to=party)
    return timeline


BUILT: Final = ng.Timeline(LOG, interval=4)
GROWN: Final = grown()


def answer(state: ng.Negotiation, path: str) -> Any:
    """What a state says at a path."""
    try:
        return resolve(state, parse_path(path))
    except ng.InvalidPath:
        return NOTHING


@pytest.mark.parametrize(("path", "as_of", "known_at", "known_to", "expected"), CASES)
def test_a_moment(
    path: str,
    as_of: datetime | None,
    known_at: datetime | None,
    known_to: str | None,
    expected: Any,
) -> None:
    """A replay, a timeline and a timeline that grew say at each moment what was worked out."""
    asked: dict[str, Any] = {"as_of": as_of, "known_at": known_at, "known_to": known_to}
    assert answer(ng.replay(LOG, **asked), path) == expected
    assert answer(BUILT.at(**asked), path) == expected
    assert answer(GROWN.at(**asked), path) == expected


def test_the_moments_asked_for() -> None:
    """Each of the three is asked for and left out, with each choice of the others."""
    asked = {
        tuple(part is not None for part in row[:3]) for rows in ANSWERS.values() for row in rows
    }
    assert asked == set(product((True, False), repeat=3))


@pytest.mark.parametrize("path", ANSWERS)
def test_what_is_not_there_is_there_at_another_moment(path: str) -> None:
    """No question is answered by nothing alone, as a misspelt one would be."""
    assert any(row[3] != NOTHING for row in ANSWERS[path])


def test_whoever_only_corrects_the_log_is_no_party() -> None:
    """A retraction names its maker and makes it no party, whether it still holds or not."""
    for known_at in (t(10), t(14), None):
        assert "archive" not in ng.replay(LOG, known_at=known_at).parties
