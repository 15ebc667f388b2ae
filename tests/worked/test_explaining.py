"""Why a value is what it is: which records are named, and what is said of each."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

import negotiation as ng
from negotiation.explaining import explanation
from negotiation.explaining.behind import CHANGED_BY, SECTIONS, Behind
from negotiation.explaining.concerns import Concerns
from negotiation.facts import PartyFacts
from negotiation.paths import parse_path
from negotiation.reducers import REACTIONS, Link, Reaction

from .story import story, t

REPORT = Path(__file__).parents[2] / "examples" / "easter_truce_2025.jsonl"

OFFER = (t(1), ng.ProposalMade(proposal="p1", by="northport", to=["southvale"], terms={"n": 1}))
YES = (t(3), ng.ProposalAccepted(proposal="p1", by="southvale"))
NO = (t(2), ng.ProposalRejected(proposal="p1", by="southvale"))
TRUCE = (
    t(1),
    ng.TruceDeclared(
        truce="lull", by="northport", kind="truce", binds=["northport", "southvale"], ends=t(9)
    ),
)
CLAIM = (
    t(4),
    ng.TruceViolated(violation="v1", truce="lull", by="southvale", alleged_by="northport", count=3),
)


def back(id: str, by: str = "coder", **fields: Any) -> ng.EventRetracted:
    return ng.EventRetracted(event=id, by=by, **fields)


def named(log: ng.Log, path: str, **asked: Any) -> list[str]:
    """The ids of the records behind a value, with the problems that kept them from counting."""
    found = ng.explain(log, path, **asked)
    return [
        each.record.id + ("" if each.problem is None else f": {each.problem}")
        for each in found.reasons
    ]


def told(log: ng.Log, path: str, **asked: Any) -> str:
    return ng.explain(log, path, **asked).summary


@pytest.fixture(scope="module")
def report() -> ng.Log:
    return ng.read_log(REPORT)


# The report


def test_a_truce_in_force_in_the_report(report: ng.Log) -> None:
    """On Sunday at noon it stands by Russia's word, whoever rejected it; both are named."""
    noon = datetime.fromisoformat("2025-04-20T12:00Z")
    assert str(ng.explain(report, "truces.easter.status", as_of=noon)) == (
        "truces.easter.status is in-force, since 2025-04-19 15:00Z\n"
        "  e07  russia declares the truce easter from 2025-04-19 15:00Z until 2025-04-20 21:00Z, "
        "binding itself alone (Vladimir Putin, reported by Russian state television)\n"
        "  e09  ukraine rejects the truce easter: a stunt (reported by news report, 21 April 2025)"
    )


def test_a_truce_that_is_over_in_the_report(report: ng.Log) -> None:
    """It expired by its own words: no later record is behind that."""
    found = ng.explain(report, "truces.easter.status")
    assert (found.value, found.summary) == ("expired", "expired, since 2025-04-20 21:00Z")
    assert [each.record.id for each in found.reasons] == ["e07", "e09"]


def test_an_unanswered_proposal_in_the_report(report: ng.Log) -> None:
    """It is open because nobody answered; what was clarified would have made answers lapse."""
    found = ng.explain(report, "proposals.bilateral-talks.status")
    assert found.summary == "open: nobody answered e01"
    assert [each.record.id for each in found.reasons] == ["e01", "e17"]
    assert found.reasons[1].sentence.endswith("(Dmitry Peskov, reported by Interfax)")


def test_claims_in_the_report(report: ng.Log) -> None:
    """A claim's count is its own; whether the accused was bound is the truce's matter as well."""
    path = "violations.nearly-3000-violations"
    assert named(report, f"{path}.count") == ["e34"]
    assert named(report, f"{path}.in_effect") == ["e07", "e34"]
    assert named(report, path) == ["e07", "e34"]
    assert told(report, path) == (
        "alleged by ukraine against russia: about 3000 ceasefire violations, heaviest around "
        "Pokrovsk on the front line, from 2025-04-20 00:00Z until 2025-04-21 00:00Z"
    )


def test_a_position_in_the_report(report: ng.Log) -> None:
    """A stand rests on who took it, and one that others report says so."""
    [reason] = ng.explain(report, 'parties.russia.positions["annexed land"].value').reasons
    assert reason.record.id == "e27"
    [reason] = ng.explain(report, 'parties.france.positions["unconditional ceasefire"]').reasons
    assert reason.sentence.startswith("ukraine says that france takes a position")


# Proposals


def test_a_field_that_nothing_changes_rests_on_the_opening() -> None:
    """What an offer said, to whom and until when is its maker's record alone."""
    log = story(OFFER, NO)
    for field in ("by", "to", "made", "expires", "terms"):
        assert named(log, f"proposals.p1.{field}") == ["e1"]
    for field in ("status", "answers", "answers.southvale", "records"):
        assert named(log, f"proposals.p1.{field}") == ["e1", "e2"]


def test_an_answer_that_came_too_late_changed_nothing() -> None:
    """A second answer is named with the rule that it broke."""
    log = story(OFFER, NO, YES)
    assert named(log, "proposals.p1.status") == ["e1", "e2", "e3: already-answered"]
    assert told(log, "proposals.p1.status") == "rejected, by southvale"


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ((), "open: nobody answered e1"),
        ((YES,), "open: eastmere has yet to answer e1"),
        ((NO,), "rejected, by southvale"),
        ((YES, (t(4), attrs.evolve(YES[1], by="eastmere"))), "accepted, by eastmere, southvale"),
        (((t(2), ng.ProposalWithdrawn(proposal="p1", by="northport")),), "withdrawn, by northport"),
        (((t(8), ng.StatementMade(by="eastmere", text="hm")),), "expired, since 2031-03-07 00:00Z"),
    ],
    ids=["open", "half", "rejected", "accepted", "withdrawn", "expired"],
)
def test_the_status_of_a_proposal_in_words(entries: tuple[Any, ...], words: str) -> None:
    """A status says who made it so, or since when."""
    offer = attrs.evolve(OFFER[1], to=["southvale", "eastmere"], expires=t(7))
    assert told(story((t(1), offer), *entries), "proposals.p1.status") == words
    assert told(story((t(1), offer), *entries), "proposals.p1") == words


def test_a_counter_offer_is_behind_what_it_counters() -> None:
    """Both proposals rest on the counter: one was answered by it, the other is it."""
    counter = ng.ProposalMade(
        proposal="p2", by="southvale", to=["northport"], terms={}, counters="p1"
    )
    log = story(OFFER, (t(2), counter))
    assert named(log, "proposals.p1.countered_by") == ["e1", "e2"]
    assert named(log, "proposals.p2.status") == ["e2"]


def test_a_counter_offer_under_a_used_id() -> None:
    """It countered nothing, because of the record that took its id: both are named."""
    counter = ng.ProposalMade(
        proposal="p2", by="southvale", to=["northport"], terms={}, counters="p1"
    )
    taken = ng.DeadlineSet(deadline="p2", by="eastmere", on=["northport"], due=t(9))
    log = story(OFFER, (t(2), taken), (t(3), counter))
    assert named(log, "proposals.p1.status") == ["e1", "e2", "e3: used-id"]
    assert str(ng.explain(log, "proposals.p1.answers")) == (
        "proposals.p1.answers is none\n"
        "  e1  northport makes the proposal p1 to southvale: n: 1\n"
        "  e2  eastmere sets northport the deadline p2, due 2031-03-09 00:00Z\n"
        "  e3  southvale makes the proposal p2 to northport: no terms, countering p1\n"
        "       changed nothing: used-id"
    )
    assert named(log, "deadlines.p2.by") == ["e2", "e3: used-id"]
    twice = story(OFFER, (t(2), taken), (t(2), taken), (t(3), counter))
    assert named(twice, "proposals.p1.status") == ["e1", "e2", "e4: used-id"]


# Truces and claims


def test_a_commitment_rests_on_the_declaration_and_the_partys_own_records() -> None:
    """What others did under the same truce is no part of it, but is part of its status."""
    log = story(
        TRUCE,
        (t(2), ng.TruceExtended(truce="lull", by="northport", ends=t(12))),
        (t(3), ng.TruceEnded(truce="lull", by="southvale")),
        (t(4), ng.TruceObserved(truce="lull", by="northport", claimed_by="eastmere")),
        CLAIM,
    )
    assert named(log, "truces.lull.commitments.southvale.ended") == ["e1", "e3"]
    assert named(log, "parties.northport.truces.lull") == ["e1", "e2"]
    assert named(log, "parties.northport.truces") == ["e1", "e2"]
    assert named(log, "truces.lull.status") == ["e1", "e2", "e3"]
    assert named(log, "truces.lull.observations") == ["e1", "e4"]
    assert named(log, "truces.lull.kind") == ["e1"]
    assert named(log, "truces.lull") == ["e1", "e2", "e3", "e4"]
    assert named(log, "violations.v1.bound") == ["e1", "e3", "e5"]


def test_the_status_of_a_truce_in_words() -> None:
    """It says since when, or when it is to begin, or that there is nobody whom it binds."""
    later = attrs.evolve(TRUCE[1], starts=t(5), binds=None)
    log = story((t(1), later), (t(2), ng.TruceEnded(truce="lull", by="northport")))
    assert told(log, "truces.lull", as_of=t(1)) == "declared, to begin 2031-03-05 00:00Z"
    assert told(log, "truces.lull") == "ended, since 2031-03-02 00:00Z"
    alone = story((t(1), later), (t(2), ng.TruceRejected(truce="lull", by="northport")))
    assert told(alone, "truces.lull") == "declared: it binds nobody"
    assert told(alone, "truces.lull.rejected_by") == "northport"
    assert told(alone, "truces.lull.commitments") == "none"


def test_a_truce_is_in_force_since_there_was_a_gap_last() -> None:
    """Parties that are bound one behind the other keep it in force, and spans that are over do."""
    log = story(
        (t(1), attrs.evolve(TRUCE[1], starts=t(2), ends=t(8), binds=None)),
        (t(3), ng.TruceJoined(truce="lull", by="southvale")),
        (t(5), ng.TruceEnded(truce="lull", by="northport")),
        (t(6), ng.TruceEnded(truce="lull", by="southvale")),
        (t(6), ng.TruceJoined(truce="lull", by="northport")),
    )
    for day in (4, 5, 6, 7):
        assert told(log, "truces.lull", as_of=t(day)) == "in-force, since 2031-03-02 00:00Z"
    never = story(
        *((each.time, each.event) for each in log.upto(1)),
        (t(3), ng.TruceJoined(truce="lull", by="eastmere", starts=t(7))),
        (t(4), ng.TruceEnded(truce="lull", by="eastmere")),  # before it was bound
    )
    assert told(never, "truces.lull", as_of=t(5)) == "in-force, since 2031-03-02 00:00Z"
    *before, (_, joining) = [(each.time, each.event) for each in log]
    gap = story(*before, (t(7), joining))
    assert told(gap, "truces.lull", as_of=t(7)) == "in-force, since 2031-03-07 00:00Z"


def test_findings_and_replacements_of_a_claim() -> None:
    """Each assessor's finding is its own record; a claim knows which one stands for it."""
    log = story(
        TRUCE,
        CLAIM,
        (t(5), ng.ViolationAssessed(violation="v1", by="southvale", finding="denied")),
        (t(6), ng.ViolationAssessed(violation="v1", by="eastmere", finding="verified")),
        (t(7), attrs.evolve(CLAIM[1], violation="v2", count=4, replaces="v1")),
    )
    assert named(log, "violations.v1.findings.eastmere") == ["e2", "e4"]
    assert named(log, "violations.v1.findings") == ["e2", "e3", "e4"]
    assert named(log, "violations.v1.replaced_by") == ["e2", "e5"]
    assert named(log, "parties.southvale.violations_alleged_against") == ["e2", "e5"]
    assert named(log, "parties.northport.violations_alleged_by") == ["e2", "e5"]
    assert named(log, "violations") == ["e1", "e2", "e3", "e4", "e5"]
    assert told(log, "violations.v1.findings") == "eastmere: verified, southvale: denied"
    assert told(log, "violations.v1.bound") == "true"


# Deadlines and meetings


def test_a_deadline_that_was_moved() -> None:
    """What is due rests on what moved it; what was demanded does not."""
    log = story(
        (t(1), ng.DeadlineSet(deadline="d1", by="eastmere", on=["northport"], due=t(4))),
        (t(2), ng.DeadlineMoved(deadline="d1", by="eastmere", due=t(8), earliest=t(3))),
        (t(3), ng.DeadlineMet(deadline="d1", by="northport")),
        (t(9), ng.StatementMade(by="eastmere", text="too late")),
    )
    assert named(log, "deadlines.d1.due") == ["e1", "e2", "e3"]
    assert named(log, "deadlines.d1.demand") == ["e1"]
    assert told(log, "deadlines.d1", as_of=t(1)) == "pending, due 2031-03-04 00:00Z"
    window = "in-window, due between 2031-03-03 00:00Z and 2031-03-08 00:00Z"
    assert told(story(*((r.time, r.event) for r in log[:2])), "deadlines.d1", as_of=t(3)) == window
    assert told(log, "deadlines.d1") == "met"
    assert told(log.upto(2), "deadlines.d1", as_of=t(9)) == "missed, since 2031-03-08 00:00Z"
    assert named(log, "parties.northport.deadlines_facing") == ["e1", "e2", "e3"]
    assert named(log, "parties.eastmere.deadlines_set") == ["e1", "e2", "e3"]


def test_a_meeting_that_was_held() -> None:
    """Where it took place rests on its being held as well, whoever had called it."""
    log = story(
        (
            t(1),
            ng.MeetingScheduled(
                meeting="m1", by="eastmere", parties=["northport"], starts=t(3), place="the mill"
            ),
        ),
        (t(3), ng.MeetingHeld(meeting="m1", parties=["northport"])),
    )
    assert named(log, "meetings.m1.place") == ["e1", "e2"]
    assert named(log, "meetings.m1.status") == ["e1", "e2"]
    assert told(log, "meetings.m1", as_of=t(1)) == "scheduled, for 2031-03-03 00:00Z"
    assert told(log, "meetings.m1") == "held"


# Parties


def test_what_a_party_owes_rests_on_all_that_was_offered_to_it() -> None:
    """An answered offer would be owed a reply again if the answer went."""
    other = (t(1), attrs.evolve(OFFER[1], proposal="p2"))
    log = story(OFFER, other, YES)
    assert named(log, "parties.southvale.replies_owed") == ["e1", "e2", "e3"]
    assert named(log, "parties.northport.replies_awaited") == ["e1", "e2", "e3"]
    assert named(log, "parties.northport.proposals_made") == ["e1", "e2"]
    assert told(log, "parties.southvale.replies_owed") == "p2"


def test_a_reply_to_an_offer_that_has_expired_is_awaited_no_more() -> None:
    """What ended the wait is time alone, so that no offer that has expired by then is behind it."""

    def offer(**fields: Any) -> ng.ProposalMade:
        return attrs.evolve(OFFER[1], **fields)

    log = story(
        (t(1), offer(to=["southvale", "eastmere"], expires=t(4))),
        (t(1), offer(expires=t(2))),
        (t(1), offer(expires=t(2))),
        (t(4), offer(proposal="p1b", by="southvale", to=["northport"])),
    )
    awaited, owed = "parties.northport.replies_awaited", "parties.southvale.replies_owed"
    for asked in ({}, {"as_of": t(9)}):
        assert named(log, awaited, **asked) == named(log, owed, **asked) == []
        assert named(log, "parties.northport.proposals_made", **asked) == [
            "e1",
            "e2: used-id",
            "e3: used-id",
        ]
        assert named(log, "parties.southvale.replies_awaited", **asked) == ["e4"]
    assert named(log, awaited, as_of=t(3)) == ["e1", "e2: used-id", "e3: used-id"]
    endless = story((t(1), offer(expires=t(2))), (t(1), offer()), (t(4), offer(proposal="p2")))
    assert named(endless, awaited) == ["e1", "e2: used-id", "e3"]


def test_an_offer_that_would_expire_at_once_if_it_were_restored() -> None:
    """What took it back has no part in why no reply is awaited; it has one if the offer lasts."""
    log = story(
        OFFER,
        NO,
        (t(3), ng.StatementMade(by="northport", text="one moment")),
        (t(6), attrs.evolve(OFFER[1], proposal="p2", expires=t(5))),
        (t(6), attrs.evolve(OFFER[1], proposal="p3", expires=t(7))),
        (t(3), back("e4")),
        (t(3), back("e5")),
    )
    assert named(log, "parties.northport.replies_awaited") == ["e1", "e2", "e7"]


@pytest.mark.parametrize(
    ("event", "section", "field"),
    [
        (OFFER[1], "proposals", "proposals_made"),
        (OFFER[1], "proposals", "replies_awaited"),
        (
            ng.DeadlineSet(deadline="p1", by="northport", on=["southvale"], due=t(9)),
            "deadlines",
            "deadlines_set",
        ),
        (attrs.evolve(CLAIM[1], violation="p1"), "violations", "violations_alleged_by"),
    ],
    ids=["proposals_made", "replies_awaited", "deadlines_set", "violations_alleged_by"],
)
def test_what_was_taken_back_under_a_used_id(event: ng.Event, section: str, field: str) -> None:
    """It is kept out twice over, so that neither who had the id nor the retraction has a say."""
    taken = ng.MeetingHeld(meeting="p1", parties=["northport", "southvale"])
    here = (t(4), ng.StatementMade(by="northport", text="we are here"))
    log = story((t(1), taken), (t(2), event), (t(3), back("e2")), here, here)
    freed = log.append(back("e1"), time=t(5))
    for path in (section, f"parties.northport.{field}"):
        assert named(log.upto(2), path) == ["e1", "e2: used-id"]
        assert named(log, path) == []
        assert named(freed, path) == ["e3", "e6"]


def test_a_party_that_never_left_is_active_whatever_it_did() -> None:
    """Joining has a say in the status only where the party had left, or had seemed to."""
    joined = (t(1), ng.PartyJoined(party="northport", role="principal"))
    left, again = (t(2), ng.PartyWithdrew(by="northport")), (t(3), joined[1])
    path = "parties.northport.status"
    assert named(story(joined, again), path) == []
    assert named(story(joined, left, again), path) == ["e1", "e2", "e3"]
    assert named(story(joined, left, (t(4), back("e2"))), path) == ["e1", "e3"]


def test_who_a_party_is() -> None:
    """Role and name rest on joining, the status on leaving too; a second leaving is a problem."""
    log = story(
        (t(1), ng.PartyJoined(party="northport", role="principal", name="The Port")),
        (t(2), ng.PartyWithdrew(by="northport")),
        (t(3), ng.PartyWithdrew(by="northport")),
    )
    assert named(log, "parties.northport.role") == ["e1"]
    assert named(log, "parties.northport.name") == ["e1"]
    assert named(log, "parties.northport.status") == ["e1", "e2", "e3: already-withdrawn"]
    assert named(log, "problems[0].code") == ["e1", "e2", "e3: already-withdrawn"]
    assert told(log, "parties.northport.status") == "withdrawn"
    assert told(log, "parties.northport") == "withdrawn"


def test_a_name_rests_on_the_records_that_give_one() -> None:
    """Joining again without a name has no say in the name."""
    joined = ng.PartyJoined(party="northport", role="observer")
    log = story((t(1), joined), (t(2), ng.StatementMade(by="northport", text="we are here")))
    assert named(log, "parties.northport.name") == []
    log = log.append(attrs.evolve(joined, name="The Port"), time=t(3)).append(joined, time=t(4))
    assert named(log, "parties.northport.name") == ["e3"]
    assert named(log, "parties.northport.role") == ["e1", "e3", "e4"]


def test_a_party_that_tried_to_be_bound_in_vain_is_there_by_what_names_it() -> None:
    """Where all that a party did for a truce changed nothing, what names the party has a say."""
    log = story(
        (t(1), ng.StatementMade(by="southvale", text="we are here")),
        (t(2), ng.TruceJoined(truce="lull", by="southvale")),
        (t(4), ng.StatementMade(by="southvale", text="we are still here")),
    )
    behind = sorted(named(log, "parties.southvale.truces", as_of=t(3)))
    assert behind == ["e1", "e2: unknown-truce"]
    assert sorted(named(log, "parties.southvale.truces")) == [*behind, "e3"]


def test_a_party_that_one_record_names_is_there_by_it() -> None:
    """What nobody said has no record behind it, but the party may have one."""
    log = story(OFFER, NO)
    assert named(story(OFFER), "parties.southvale.role") == ["e1"]
    assert named(log, "parties.southvale.role") == []
    assert told(log, "parties.southvale.role") == "null: nobody said"
    assert str(ng.explain(log, "parties.southvale.role")) == (
        "parties.southvale.role is null: nobody said"
    )


def test_a_position_rests_on_the_last_word_and_earlier_ones_that_agree() -> None:
    """An earlier stand that says something else is history, and named for the history."""

    def stand(value: object, **fields: Any) -> ng.PositionStated:
        return ng.PositionStated(
            by="northport", issue="toll", value=value, firmness="demand", **fields
        )

    log = story((t(1), stand(1)), (t(2), stand(2)), (t(3), stand(2)), (t(4), stand(True)))
    path = "parties.northport.positions"
    assert named(log, f"{path}.toll.value", as_of=t(3)) == ["e2", "e3"]
    assert named(log, f"{path}.toll.since", as_of=t(3)) == ["e3"]
    assert named(log, f"{path}.toll.value") == ["e4"]
    for whole in ("", ".toll", ".toll.history"):
        assert named(log, path + whole) == ["e1", "e2", "e3", "e4"]
    assert told(log, f"{path}.toll.value") == "true"
    assert told(log, f"{path}.toll", as_of=t(1)) == (
        "value: 1; firmness: demand; since: 2031-03-01 00:00Z; history: none"
    )


def test_a_position_is_that_of_the_party_that_holds_it() -> None:
    """Who says so of another has no position by it, and was heard."""
    stated = ng.PositionStated(
        by="northport", issue="toll", value=1, firmness="open", attributed_by="eastmere"
    )
    log = story((t(1), stated), (t(2), ng.StatementMade(by="eastmere", text="so they said")))
    assert named(log, "parties.northport.positions") == ["e1"]
    assert named(log, "parties.eastmere.positions") == []
    assert named(log, "parties.eastmere.last_heard", as_of=t(1)) == ["e1"]


def test_when_a_party_was_last_heard() -> None:
    """It is its last word, or several of one moment."""
    log = story(OFFER, NO, (t(3), ng.StatementMade(by="southvale", text="that was all")))
    assert named(log, "parties.southvale.last_heard") == ["e3"]
    assert named(log, "parties.southvale.statements") == ["e3"]
    assert named(log, "parties.southvale.party") == []
    assert told(log, "parties.southvale.statements") == "that was all"
    assert named(log, "parties.southvale") == ["e1", "e2", "e3"]


# Time and knowledge


def test_a_retracted_record() -> None:
    """The retraction is behind the value: without it the record would count. So it says which."""
    log = story(OFFER, NO, (t(9), back("e2", reason="a slip"), {"reported_by": "the archive"}))
    found = ng.explain(log, "proposals.p1.status", as_of=t(3))
    assert found.summary == "open: nobody answered e1"
    assert [each.record.id for each in found.reasons] == ["e1", "e3"]
    assert found.reasons[1].sentence == (
        "coder takes back e2: a slip (southvale rejects the proposal p1) (reported by the archive)"
    )
    assert named(log, "proposals.p1.status", known_at=t(8)) == ["e1", "e2"]


def test_a_retraction_that_was_taken_back() -> None:
    """Each has a say in whether the record counts, the one that came too late has not."""
    log = story(OFFER, NO, (t(4), back("e2")), (t(5), back("e3")), (t(6), back("e9")))
    assert named(log, "proposals.p1.status") == ["e1", "e2", "e3", "e4"]
    early = story(OFFER, (t(2), back("e3")), (t(3), NO[1]))
    assert named(early, "proposals.p1.status") == ["e1", "e3"]
    twice = story(OFFER, NO, (t(4), back("e2")), (t(5), back("e2")))
    assert named(twice, "proposals.p1.status") == ["e1", "e3", "e4: already-retracted"]
    assert named(twice, "problems[0]") == ["e2", "e3", "e4: already-retracted"]
    assert told(twice, "problems[0]").startswith("already-retracted: coder's EventRetracted")


def test_an_opening_that_was_retracted() -> None:
    """Who had the id before is not behind an item, but what took that record back is."""
    rival = attrs.evolve(OFFER[1], by="eastmere")
    log = story((t(1), rival), (t(2), OFFER[1]), (t(3), back("e1")))
    assert named(log, "proposals.p1.by") == ["e2", "e3"]
    later = story((t(1), OFFER[1]), (t(2), rival), (t(3), back("e2")))
    assert named(later, "proposals.p1.by") == ["e1"]


def test_further_sources_are_listed() -> None:
    """A record that repeats another is a source of it, and so is one that repeats that."""
    log = story(
        OFFER,
        (t(1), OFFER[1], {"repeats": "e1", "reported_by": "the Weekly"}),
        (t(1), OFFER[1], {"repeats": "e2", "speaker": "a clerk"}),
        (t(1), OFFER[1], {"repeats": "e1", "reported_by": "nobody knows"}),
        (t(2), back("e4")),
        (t(9), OFFER[1], {"repeats": "e1"}),
    )
    found = ng.explain(log, "proposals.p1.terms.n", as_of=t(3))
    [reason] = found.reasons
    assert [each.id for each in reason.repeated_by] == ["e2", "e3"]
    assert str(found) == (
        "proposals.p1.terms.n is 1\n"
        "  e1  northport makes the proposal p1 to southvale: n: 1\n"
        "       repeated by e2 (reported by the Weekly)\n"
        "       repeated by e3 (a clerk)"
    )


def test_what_a_source_would_say_if_it_stood_alone() -> None:
    """A repetition is silent because of what it repeats: that is behind when a party was heard."""
    log = story(OFFER, NO, (t(5), NO[1], {"repeats": "e2"}), (t(6), OFFER[1], {"repeats": "e1"}))
    late = {"as_of": t(7)}
    assert named(log, "parties.southvale.last_heard", **late) == ["e2"]
    assert named(log, "parties.northport.last_heard", **late) == ["e1"]
    assert named(log, "position", **late) == ["e1", "e2"]
    assert named(log, "time", **late) == ["e1", "e2"]
    undone = log.append(back("e3"), time=t(6)).append(back("e4"), time=t(8), visible_to=["x"])
    assert named(undone, "parties.southvale.last_heard", **late) == ["e2"]
    assert named(undone, "time", **late) == ["e2"]
    assert named(undone, "time", as_of=t(7), known_to="eastmere") == ["e1", "e2"]
    assert named(undone, "position", as_of=t(2)) == ["e2"]


def test_a_retraction_that_is_told_twice() -> None:
    """It never counts, so that it is the log's last word neither once nor twice."""
    log = story(OFFER, (t(4), back("e9")), (t(5), back("e9"), {"repeats": "e2"}))
    answered = log.append(NO[1], time=t(5), repeats="e2")
    for path in ("time", "position", "parties"):
        assert named(log, path, as_of=t(6)) == ["e1"]
        assert named(answered, path, as_of=t(6)) == ["e1", "e2"]


def test_what_was_taken_back_of_the_time_after_the_moment() -> None:
    """It would have made the moment another one only where nothing later counts."""
    set_ = ng.DeadlineSet(deadline="d1", by="eastmere", on=["northport"], due=t(9))
    log = story(OFFER, (t(1), ng.StatementMade(by="eastmere", text="well")), (t(6), set_))
    log = log.append(back("e3"), time=t(6))
    path = "parties.eastmere.deadlines_set"
    assert named(log, path) == named(log, path, as_of=t(1)) == ["e2", "e4"]
    assert named(log, path, as_of=t(2)) == ["e2"]
    log = log.append(ng.StatementMade(by="eastmere", text="no"), time=t(6))
    assert named(log, path, as_of=t(1)) == ["e2"]


def test_a_repetition_of_nothing() -> None:
    """It changed nothing, and the rule that it broke is told."""
    log = story(OFFER, (t(2), NO[1], {"repeats": "e9"}))
    assert named(log, "proposals.p1.status") == ["e1", "e2: unknown-record"]
    assert named(log, "problems[0].party") == ["e2: unknown-record"]
    told_twice = story(OFFER, (t(2), NO[1], {"repeats": "e1"}), (t(3), back("e2")))
    assert named(told_twice, "proposals.p1.status") == ["e1"]


def test_what_is_hidden_is_not_told() -> None:
    """Whoever does not know a record is not told of it, nor of what took it back or repeats it."""
    private = {"visible_to": ["northport"]}
    log = story(
        OFFER,
        (t(2), ng.ProposalClarified(proposal="p1", by="northport", terms={"n": 7}), private),
        (t(3), back("e2", by="northport")),
        (t(1), OFFER[1], {"repeats": "e1", **private}),
    )
    told_northport = ng.explain(log, "proposals.p1.terms", known_to="northport")
    told_eastmere = ng.explain(log, "proposals.p1.terms", known_to="eastmere")
    assert [each.record.id for each in told_northport.reasons] == ["e1", "e3"]
    assert [each.record.id for each in told_eastmere.reasons] == ["e1"]
    assert [each.id for each in told_northport.reasons[0].repeated_by] == ["e4"]
    assert told_eastmere.reasons[0].repeated_by == ()
    problem = ng.explain(log, "problems[0]", known_to="eastmere")
    assert [each.sentence for each in problem.reasons] == ["northport takes back e2"]


# Problems, extensions and the log as a whole


def test_a_problem_rests_on_what_the_record_was_measured_by() -> None:
    """An unknown item is the matter of its id, a refusal that of all that became of the item."""
    log = story(OFFER, NO, YES, (t(4), ng.TruceEnded(truce="p1", by="northport")))
    assert named(log, "problems[0]") == ["e1", "e2", "e3: already-answered", "e4: unknown-truce"]
    assert named(log, "problems[1].code") == ["e1", "e4: unknown-truce"]
    assert told(log, "problems[1].code") == "unknown-truce"


def test_an_unknown_event_is_a_problem_by_itself() -> None:
    """Its record is all that there is to name."""
    log = story(OFFER, (t(2), ng.UnknownEvent(type="org.example.x", data={})))
    assert named(log, "problems[0]") == ["e2: unknown-type"]
    assert named(log, "parties") == ["e1"]


def test_a_whole_mapping() -> None:
    """All that concerns its items is behind it; all that is known is behind the problems."""
    log = story(OFFER, TRUCE, NO, YES, (t(5), YES[1], {"repeats": "e4"}), (t(9), back("e1")))
    assert named(log, "proposals", known_at=t(8)) == ["e1", "e3", "e4: already-answered"]
    assert named(log, "truces") == ["e2"]
    assert named(log, "proposals") == ["e3: unknown-proposal", "e4: unknown-proposal", "e6"]
    assert told(log, "proposals") == "none"
    unknown = ["e3: unknown-proposal", "e4: unknown-proposal"]
    assert named(log, "problems") == ["e1", "e2", *unknown, "e6"]
    assert named(log, "problems", as_of=t(1)) == ["e1", "e2", "e4", "e6"]
    undone = story(OFFER, (t(5), YES[1]), (t(2), back("e2")))
    assert named(undone, "problems", as_of=t(1)) == ["e1", "e3", "e2"]
    assert named(log, "parties") == ["e2", "e3", "e4", "e6"]
    assert told(log, "parties") == "northport, southvale"


def test_what_nobody_said_has_no_reasons() -> None:
    """What was asked, and the negotiation's id, rest on no record."""
    log = story(OFFER)
    for path in ("id", "known_at", "known_to", "deadlines", "slices"):
        assert named(log, path) == []
    assert named(log, "as_of", as_of=t(2)) == []
    assert named(log, "as_of") == ["e1"]
    assert told(log, "known_to") == "null"
    assert named(ng.Log("talks-1"), "position") == []


@ng.event
@attrs.frozen(kw_only=True)
class Toll:
    """A toll was paid."""

    by: str = attrs.field()
    paid: int = attrs.field()


@ng.event
@attrs.frozen(kw_only=True)
class Rent:
    """A rent was paid."""

    by: str = attrs.field()


def test_the_slice_of_an_extension() -> None:
    """Its own events are behind it, and those of another extension are not."""

    def paid(tolls: int, record: ng.Record) -> int:
        assert isinstance(record.event, Toll)
        return tolls + record.event.paid

    add = ng.Extension("tolls", "org.example.toll", Toll, 0, paid)
    other = ng.Extension("rents", "org.example.rent", Rent, 0, lambda n, _: n + 1)
    model = ng.Model.default.extended(add).extended(other)
    log = ng.Log("talks-1")
    log = log.append(Toll(by="northport", paid=2), time=t(1), model=model)
    log = log.append(OFFER[1], time=t(1, 1), model=model)
    log = log.append(Toll(by="northport", paid=3), time=t(1, 2), model=model)
    found = ng.explain(log, "slices.tolls", as_of=t(1, 1), model=model)
    assert (found.value, [each.record.id for each in found.reasons]) == (2, ["e1"])
    assert found.reasons[0].sentence == "Toll: by northport, paid 2"
    [problem] = ng.check(log.upto(1))  # by a model that does not know it
    assert problem.message.startswith("the type 'Toll' is not known")
    whole = ng.explain(log, "slices", model=model)
    assert [each.record.id for each in whole.reasons] == ["e1", "e3"]
    assert whole.summary == "rents: 0, tolls: 5"


# The index


def test_an_index_over_a_longer_log_answers_for_a_shorter_one() -> None:
    """What stands below the log that is asked about is left out."""
    log = story(OFFER, NO, (t(3), back("e2")), (t(4), NO[1], {"repeats": "e2"}))
    concerns = Concerns(log)
    for length in range(1, 5):
        short = log.upto(length)
        given = explanation(ng.replay(short), short, concerns, parse_path("proposals.p1.status"))
        assert given == ng.explain(short, "proposals.p1.status")


def test_an_index_grows() -> None:
    """A record that is added after a question is found by the next one."""
    log = story(OFFER, NO, (t(3), back("e2", by="southvale")))
    concerns = Concerns(log[:1])
    assert [each.id for each in concerns.party("southvale")] == ["e1"]
    concerns.add(log[1])
    concerns.add(log[2])
    assert [each.id for each in concerns.party("southvale")] == ["e1", "e2"]
    assert [each.id for each in concerns.item("p1")] == ["e1", "e2"]


def test_a_state_that_was_read_back_is_explained() -> None:
    """Its problems are values by now, and are found all the same."""
    log = story(OFFER, NO, YES)
    state = ng.state_from_json(ng.state_to_json(ng.replay(log)))
    given = explanation(state, log, Concerns(log), parse_path("proposals.p1.status"))
    assert given == ng.explain(log, "proposals.p1.status")


def test_a_problem_of_a_record_that_the_log_does_not_hold() -> None:
    """Asked about another log than its own, a state names nothing that it cannot show."""
    state = ng.replay(story(OFFER, NO, YES))
    behind = Behind(state, story(OFFER), Concerns(story(OFFER)))
    behind.name(parse_path("problems[0]"))
    assert behind.found == {}


def test_every_fact_that_an_event_changes_is_shown_by_a_field() -> None:
    """No row of the reducers changes an item in a way that explanations do not know of."""
    rows: list[Reaction | Link] = [*REACTIONS.values()]
    rows += [link for reaction in REACTIONS.values() for link in reaction.links]
    changed = {
        (row.kind, change.field)
        for row in rows
        for change in row.changes
        if row.kind is not PartyFacts
    }
    shown = {
        (SECTIONS[section], fact)
        for section, fields in CHANGED_BY.items()
        for facts in fields.values()
        for fact in facts
    }
    assert changed == shown


def test_a_wrong_path_names_the_nearest() -> None:
    """What leads nowhere is refused, with what would be right."""
    with pytest.raises(ng.InvalidPath, match=r"did you mean proposals\.p1\.status\?"):
        ng.explain(story(OFFER), "proposals.p1.staus")


@pytest.mark.parametrize(
    "path",
    ["parties.northport", "parties.northport.truces.lull", "truces.lull.commitments.northport"],
)
def test_an_event_without_an_actor_under_a_used_id(path: str) -> None:
    """A meeting that was held under the id of a truce has no part in who is bound by that."""
    log = story(TRUCE, (t(2), ng.MeetingHeld(meeting="lull", parties=["northport"])))
    assert "e1" in named(log, path)


def test_a_party_that_is_there_by_one_record_that_was_taken_back_and_restored() -> None:
    """What restores the one record that names a party is behind all that is said of the party."""
    log = story(
        (t(1), ng.StatementMade(by="eastmere", text="so")),
        (t(2), OFFER[1]),
        (t(3), back("e2")),
        (t(4), back("e3")),
    )
    assert {"e2", "e4"} <= {*named(log, "parties.southvale.role")}
