"""One news report of 21 April 2025, coded sentence by sentence: what its replay must say."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

import negotiation as ng

LOG = Path(__file__).parents[1] / "examples" / "easter_truce_2025.jsonl"
LONGEST_QUOTE = 12  # words


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture(scope="module")
def log() -> ng.Log:
    return ng.read_log(LOG)


@pytest.fixture(scope="module")
def state(log: ng.Log) -> ng.Negotiation:
    return ng.replay(log)


@pytest.fixture(scope="module")
def records(log: ng.Log) -> dict[str, ng.Record]:
    return {record.id: record for record in log}


@pytest.fixture(scope="module")
def report() -> str:
    folder = os.environ.get("NEGOTIATION_TEST_DATA")
    if folder is None:
        pytest.skip("NEGOTIATION_TEST_DATA is not set, so the report cannot be found")
    article = Path(folder).parent / "article.txt"
    if not article.is_file():
        pytest.skip(f"the report is not at {article}")
    return article.read_text(encoding="utf-8")


@pytest.fixture(params=["replay", "timeline"])
def moment(log: ng.Log, request: pytest.FixtureRequest) -> Callable[..., ng.Negotiation]:
    """The state at a moment, replayed or out of a timeline."""
    if request.param == "timeline":
        return ng.Timeline(log, interval=4).at
    return lambda **asked: ng.replay(log, **asked)


# Sentence by sentence


def test_sentence_01_bilateral_talks_are_a_proposal_to_ukraine(state: ng.Negotiation) -> None:
    """Russia's offer of bilateral talks is a proposal whose one addressee is Ukraine."""
    proposal = state.proposals["bilateral-talks"]

    assert proposal.by == "russia"
    assert list(proposal.to) == ["ukraine"]
    assert proposal.made == at("2025-04-21T00:00Z")


def test_sentence_01_openness_to_more_ceasefires_is_a_position_and_no_offer(
    state: ng.Negotiation,
) -> None:
    """Being open to more ceasefires is where Russia stands: no offer and no second truce."""
    position = state.parties["russia"].positions["further ceasefires"]

    assert position.firmness == "open"
    assert state.parties["russia"].proposals_made == {"bilateral-talks"}
    assert set(state.truces) == {"easter"}


def test_sentence_02_the_london_meeting_is_scheduled_for_wednesday(state: ng.Negotiation) -> None:
    """A delegation sent to London for Wednesday is a scheduled meeting, not one that was held."""
    london = state.meetings["london"]

    assert london.status == "scheduled"
    assert london.starts == at("2025-04-23T00:00Z")
    assert london.by == "ukraine"


def test_sentence_02_only_those_the_report_names_are_expected_in_london(
    state: ng.Negotiation,
) -> None:
    """The "other Western countries" are not named, so nobody is put in their place."""
    assert list(state.meetings["london"].parties) == ["ukraine", "united-states"]


def test_sentence_03_the_paris_meeting_was_held_in_the_week_before(
    state: ng.Negotiation, records: dict[str, ng.Record]
) -> None:
    """The talks in Paris are a held meeting of the week of 14 April, never scheduled."""
    paris = state.meetings["paris"]
    [source] = paris.records

    assert paris.status == "held"
    assert paris.starts is None
    assert records[source].time == at("2025-04-14T00:00Z")
    assert records[source].precision == "week"


def test_sentence_03_london_follows_paris(state: ng.Negotiation) -> None:
    """The London talks name the Paris meeting as the one that they follow."""
    assert state.meetings["london"].follows == "paris"


def test_sentence_04_the_truce_binds_russia_alone(state: ng.Negotiation) -> None:
    """A truce declared unilaterally binds its declarer, from start to end, and nobody else."""
    truce = state.truces["easter"]

    assert truce.declared_by == "russia"
    assert set(truce.commitments) == {"russia"}
    assert truce.commitments["russia"].since == at("2025-04-19T15:00Z")
    assert truce.commitments["russia"].until == at("2025-04-20T21:00Z")
    assert set(state.parties["russia"].truces) == {"easter"}
    assert not state.parties["ukraine"].truces


def test_sentence_04_that_fighting_resumed_is_a_statement_and_ends_no_truce(
    state: ng.Negotiation,
) -> None:
    """That fighting resumed is a remark; the truce ran out on its own and nobody ended it."""
    said = [
        statement.text
        for statement in state.parties["russia"].statements
        if statement.about == "easter"
    ]

    assert said == ["the fighting resumed after the Easter ceasefire"]
    assert state.truces["easter"].status == "expired"
    assert state.truces["easter"].commitments["russia"].ended is None


def test_sentence_05_each_side_claims_that_the_other_broke_the_truce(state: ng.Negotiation) -> None:
    """Mutual accusations are two claims, one from each side, without a count."""
    by_ukraine = state.violations["ukraine-broke-the-truce"]
    by_russia = state.violations["russia-broke-the-truce"]

    assert (by_ukraine.by, by_ukraine.alleged_by) == ("ukraine", "russia")
    assert (by_russia.by, by_russia.alleged_by) == ("russia", "ukraine")
    assert by_ukraine.count is None
    assert by_russia.count is None


def test_sentence_05_a_rejected_truce_still_binds_its_declarer(log: ng.Log) -> None:
    """Ukraine's rejection leaves Ukraine unbound, and Russia bound by its own truce."""
    truce = ng.replay(log, as_of=at("2025-04-19T15:00Z")).truces["easter"]

    assert truce.rejected_by == {"ukraine"}
    assert set(truce.commitments) == {"russia"}
    assert truce.status == "in-force"


def test_sentence_05_the_rejection_comes_after_the_declaration_it_answers(
    records: dict[str, ng.Record],
) -> None:
    """A rejection is coded no earlier than what it answers, and later in the log."""
    declared, rejected = records["e07"], records["e09"]

    assert isinstance(declared.event, ng.TruceDeclared)
    assert isinstance(rejected.event, ng.TruceRejected)
    assert (declared.time, declared.position) < (rejected.time, rejected.position)
    assert rejected.precision == "hour"


def test_sentence_06_washingtons_wish_is_a_position_and_extends_nothing(
    state: ng.Negotiation,
) -> None:
    """To welcome an extension is a preference: nothing is offered, and the end stays."""
    united_states = state.parties["united-states"]

    assert united_states.positions["extension of the Easter truce"].firmness == "preference"
    assert not united_states.proposals_made
    assert state.truces["easter"].ends == at("2025-04-20T21:00Z")
    assert state.truces["easter"].commitments["russia"].until == at("2025-04-20T21:00Z")


def test_sentence_07_thirty_days_on_civilian_targets_is_a_proposal_to_russia(
    state: ng.Negotiation,
) -> None:
    """The request for thirty days is Ukraine's proposal, open, and Russia owes the reply."""
    proposal = state.proposals["civilian-targets"]

    assert proposal.by == "ukraine"
    assert list(proposal.to) == ["russia"]
    assert proposal.terms["days"] == 30
    assert proposal.status == "open"
    assert state.parties["russia"].replies_owed == {"civilian-targets"}
    assert state.parties["ukraine"].replies_awaited == {"civilian-targets"}


def test_sentence_07_the_attacks_on_sunday_are_ukraines_claim(state: ng.Negotiation) -> None:
    """Ukraine alleges attacks on Sunday, by a party then bound by the truce."""
    claim = state.violations["attacks-on-sunday"]

    assert (claim.by, claim.alleged_by) == ("russia", "ukraine")
    assert (claim.begins, claim.ends) == (at("2025-04-20T00:00Z"), at("2025-04-21T00:00Z"))
    assert claim.count is None
    assert claim.bound
    assert claim.in_effect


def test_sentence_07_what_the_attacks_show_is_a_statement_about_them(state: ng.Negotiation) -> None:
    """What Moscow is said to intend is Ukraine's statement, and no position of Russia's."""
    said = [
        statement.text
        for statement in state.parties["ukraine"].statements
        if statement.about == "attacks-on-sunday"
    ]

    assert said == [
        "the attacks during the ceasefire on Sunday show that Moscow intends to prolong the war"
    ]
    assert all(
        position.attributed_by is None for position in state.parties["russia"].positions.values()
    )


def test_sentence_08_expecting_the_same_of_kyiv_is_an_expectation(state: ng.Negotiation) -> None:
    """Russia expects the same of Kyiv; what it expects is not Kyiv's position."""
    assert state.parties["russia"].positions["peace initiatives"].firmness == "expectation"
    assert "peace initiatives" not in state.parties["ukraine"].positions


def test_sentence_09_peskov_clarifies_the_proposal(state: ng.Negotiation) -> None:
    """What the president meant clarifies the terms of his proposal and makes no new one."""
    proposal = state.proposals["bilateral-talks"]

    assert list(proposal.records) == ["e01", "e17"]
    assert proposal.terms["talks"] == "negotiations and discussions with the Ukrainian side"
    assert proposal.terms["subject"] == "not striking civilian targets"
    assert set(state.proposals) == {"bilateral-talks", "civilian-targets"}


def test_sentence_09_a_spokesman_is_the_speaker_and_russia_the_principal(
    records: dict[str, ng.Record],
) -> None:
    """The clarification is Russia's, the words are Peskov's, and Interfax is who reports them."""
    clarification = records["e17"]

    assert isinstance(clarification.event, ng.ProposalClarified)
    assert clarification.event.by == "russia"
    assert clarification.speaker == "Dmitry Peskov"
    assert clarification.reported_by == "Interfax"


def test_sentence_10_silence_leaves_the_proposal_open(state: ng.Negotiation) -> None:
    """To pass over an offer is no answer: it stays open, and Ukraine still owes a reply."""
    proposal = state.proposals["bilateral-talks"]

    assert proposal.status == "open"
    assert not proposal.answers
    assert state.parties["ukraine"].replies_owed == {"bilateral-talks"}
    assert state.parties["russia"].replies_awaited == {"bilateral-talks"}


def test_sentence_10_silence_is_no_event(log: ng.Log) -> None:
    """No record has Ukraine say anything about the offer of talks."""
    named = [
        record.id for record in log if getattr(record.event, "proposal", None) == "bilateral-talks"
    ]
    said = [
        record.id for record in log if getattr(record.event, "about", None) == "bilateral-talks"
    ]

    assert named == ["e01", "e17"]
    assert said == []


@pytest.mark.parametrize(
    ("party", "attributed_by"),
    [
        ("ukraine", None),
        ("united-kingdom", "ukraine"),
        ("france", "ukraine"),
        ("united-states", "ukraine"),
    ],
)
def test_sentence_11_readiness_is_one_position_each_and_the_others_are_attributed(
    state: ng.Negotiation, party: str, attributed_by: str | None
) -> None:
    """Ukraine speaks for itself; that the three others are ready is what Ukraine says of them."""
    position = state.parties[party].positions["unconditional ceasefire"]

    assert position.firmness == "open"
    assert position.attributed_by == attributed_by


def test_sentence_11_a_party_spoken_for_was_not_heard(state: ng.Negotiation) -> None:
    """A position that Ukraine attributes to France is no word from France."""
    assert state.parties["france"].last_heard is None
    assert state.parties["united-kingdom"].last_heard is None


def test_sentence_11_the_talk_with_starmer_was_held_and_never_scheduled(
    state: ng.Negotiation,
) -> None:
    """Discussions that took place are a held meeting without a scheduler or a start."""
    talk = state.meetings["zelenskiy-starmer"]

    assert talk.status == "held"
    assert list(talk.parties) == ["ukraine", "united-kingdom"]
    assert talk.by is None
    assert talk.starts is None


def test_sentence_12_mirroring_is_two_undertakings_that_do_not_undo_the_rejection(
    state: ng.Negotiation,
) -> None:
    """To mirror the Russian army is to undertake two things under conditions; it joins no truce."""
    ukraine = state.parties["ukraine"]
    undertakings = {
        issue for issue, position in ukraine.positions.items() if position.firmness == "undertaking"
    }

    assert undertakings == {"answer to a ceasefire", "answer to strikes"}
    assert state.truces["easter"].rejected_by == {"ukraine"}
    assert not ukraine.truces


def test_sentence_13_a_ceasefire_meets_a_ceasefire_and_strikes_meet_strikes(
    state: ng.Negotiation,
) -> None:
    """Each undertaking holds under a condition of its own, and the condition is kept with it."""
    to_a_ceasefire = state.parties["ukraine"].positions["answer to a ceasefire"]
    to_strikes = state.parties["ukraine"].positions["answer to strikes"]

    assert (to_a_ceasefire.value, to_a_ceasefire.condition) == ("a ceasefire", "Russia ceases fire")
    assert (to_strikes.value, to_strikes.condition) == (
        "Ukrainian strikes in defence",
        "Russia strikes",
    )


def test_sentence_14_walking_away_is_one_vague_deadline_on_both_sides(
    state: ng.Negotiation,
) -> None:
    """One deadline, a span, faces Russia and Ukraine with a demand and a consequence."""
    assert set(state.deadlines) == {"progress-in-a-few-days"}
    deadline = state.deadlines["progress-in-a-few-days"]

    assert deadline.by == "united-states"
    assert list(deadline.on) == ["russia", "ukraine"]
    assert (deadline.earliest, deadline.due) == (at("2025-04-20T00:00Z"), at("2025-04-26T00:00Z"))
    assert deadline.demand == "progress"
    assert deadline.consequence == "the United States could walk away from the peace talks"
    assert state.parties["russia"].deadlines_facing == {"progress-in-a-few-days"}
    assert state.parties["ukraine"].deadlines_facing == {"progress-in-a-few-days"}
    assert state.parties["united-states"].deadlines_set == {"progress-in-a-few-days"}


@pytest.mark.parametrize(
    ("when", "status"),
    [
        ("2025-04-18T00:00Z", "pending"),
        ("2025-04-19T23:59Z", "pending"),
        ("2025-04-20T00:00Z", "in-window"),
        ("2025-04-25T23:59Z", "in-window"),
        ("2025-04-26T00:00Z", "missed"),
    ],
)
def test_sentence_14_a_vague_deadline_opens_on_the_20th_and_runs_through_the_25th(
    log: ng.Log, when: str, status: str
) -> None:
    """The deadline is pending before its window and missed once the 25th is over."""
    assert ng.replay(log, as_of=at(when)).deadlines["progress-in-a-few-days"].status == status


def test_sentence_14_two_speakers_make_one_record(
    state: ng.Negotiation, records: dict[str, ng.Record]
) -> None:
    """Trump and Rubio both said it, so the one record names both."""
    [source] = state.deadlines["progress-in-a-few-days"].records

    assert records[source].speaker == "Donald Trump; Marco Rubio"


def test_sentence_15_a_hope_is_a_position_and_does_not_move_the_deadline(log: ng.Log) -> None:
    """Hoping for an agreement this week is a preference; the deadline stands as it stood before."""
    before = ng.replay(log, as_of=at("2025-04-19T23:59Z")).deadlines["progress-in-a-few-days"]
    after = ng.replay(log, as_of=at("2025-04-20T00:00Z"))
    deadline = after.deadlines["progress-in-a-few-days"]

    assert after.parties["united-states"].positions["agreement this week"].firmness == "preference"
    assert (deadline.earliest, deadline.due) == (before.earliest, before.due)
    assert list(deadline.records) == list(before.records)
    assert set(after.deadlines) == {"progress-in-a-few-days"}


@pytest.mark.parametrize("issue", ["annexed land", "permanent neutrality"])
def test_sentence_16_russia_keeps_two_demands(state: ng.Negotiation, issue: str) -> None:
    """Land and neutrality are two issues, and Russia's stand on each is a demand."""
    assert state.parties["russia"].positions[issue].firmness == "demand"


@pytest.mark.parametrize("issue", ["annexed land", "permanent neutrality"])
def test_sentence_17_ukraine_draws_red_lines_on_the_same_two_issues(
    state: ng.Negotiation, issue: str
) -> None:
    """Ukraine's red lines stand beside Russia's demands, on the same issues."""
    position = state.parties["ukraine"].positions[issue]

    assert position.firmness == "red-line"
    assert (
        position.value
        == "would amount to surrender and leave Ukraine defenceless if Moscow attacks again"
    )
    assert issue in state.parties["russia"].positions


def test_sentence_18_declining_to_comment_is_a_statement_about_the_deadline(
    state: ng.Negotiation, records: dict[str, ng.Record]
) -> None:
    """Not commenting is kept as said, with what it is about and who said it."""
    [statement] = [
        s for s in state.parties["russia"].statements if s.about == "progress-in-a-few-days"
    ]

    assert statement.text == "would not comment, “especially on the deadline”"
    assert isinstance(records["e31"].event, ng.StatementMade)
    assert records["e31"].speaker == "Dmitry Peskov"


def test_sentence_18_declining_to_comment_changes_nothing_else(state: ng.Negotiation) -> None:
    """The deadline is neither met nor lifted nor moved, and Russia still faces it."""
    deadline = state.deadlines["progress-in-a-few-days"]

    assert list(deadline.records) == ["e25"]
    assert deadline.status == "in-window"
    assert "progress-in-a-few-days" in state.parties["russia"].deadlines_facing


def test_sentence_19_russia_stays_open(state: ng.Negotiation) -> None:
    """To stay open and work with the American side is a position and gives nobody a role."""
    assert state.parties["russia"].positions["peaceful settlement"].firmness == "open"
    assert state.parties["united-states"].role is None


def test_sentence_20_no_air_raid_alerts_is_a_statement_and_no_compliance(
    state: ng.Negotiation,
) -> None:
    """A Sunday without alerts is a statement; nobody claims that the truce was observed."""
    said = [statement.text for statement in state.parties["ukraine"].statements]

    assert "no air raid alerts in Ukraine on Sunday" in said
    assert not state.truces["easter"].observations


def test_sentence_20_nearly_3000_violations_is_ukraines_claim_against_a_bound_party(
    state: ng.Negotiation,
) -> None:
    """The count stands as claimed, about 3000, against Russia, which the truce bound."""
    claim = state.violations["nearly-3000-violations"]

    assert (claim.by, claim.alleged_by) == ("russia", "ukraine")
    assert (claim.count, claim.qualifier) == (3000, "about")
    assert claim.place == "heaviest around Pokrovsk on the front line"
    assert claim.bound
    assert claim.in_effect


def test_sentence_21_the_ministry_makes_three_claims(state: ng.Negotiation) -> None:
    """444 is exact, more than 900 is at least 900, and the casualties have no count."""
    claims = {
        claim.id: (claim.count, claim.qualifier)
        for claim in state.violations.values()
        if claim.alleged_by == "russia" and claim.what is not None
    }

    assert claims == {
        "positions-fired-on": (444, "exact"),
        "drone-attacks": (900, "at-least"),
        "civilian-casualties": (None, None),
    }


def test_sentence_21_claims_are_neither_summed_nor_merged(state: ng.Negotiation) -> None:
    """Every claim of either side stands by itself with its own count; none replaces another."""
    counts = {
        claim.id: claim.count for claim in state.violations.values() if claim.count is not None
    }
    of_russia = {
        "ukraine-broke-the-truce",
        "positions-fired-on",
        "drone-attacks",
        "civilian-casualties",
    }
    of_ukraine = {"russia-broke-the-truce", "attacks-on-sunday", "nearly-3000-violations"}

    assert counts == {
        "positions-fired-on": 444,
        "drone-attacks": 900,
        "nearly-3000-violations": 3000,
    }
    assert all(claim.replaced_by is None for claim in state.violations.values())
    assert state.parties["russia"].violations_alleged_by == of_russia
    assert state.parties["ukraine"].violations_alleged_against == of_russia
    assert state.parties["ukraine"].violations_alleged_by == of_ukraine
    assert state.parties["russia"].violations_alleged_against == of_ukraine


def test_sentence_21_ukraine_is_accused_though_the_truce_never_bound_it(
    state: ng.Negotiation,
) -> None:
    """A claim against a party not bound is kept, and says that the party was not bound."""
    against_ukraine = [claim for claim in state.violations.values() if claim.by == "ukraine"]

    assert len(against_ukraine) == 4
    assert not any(claim.bound or claim.in_effect for claim in against_ukraine)


# Time and knowledge


def test_at_the_end_of_the_truce_russias_counts_stand_and_ukraines_does_not_yet(
    moment: Callable[..., ng.Negotiation],
) -> None:
    """As of 20 April 21:00Z the ministry has given its counts, and Ukraine has not."""
    state = moment(as_of=at("2025-04-20T21:00Z"))
    counts = {
        claim.id: (claim.alleged_by, claim.count, claim.qualifier)
        for claim in state.violations.values()
        if claim.count is not None
    }

    assert counts == {
        "positions-fired-on": ("russia", 444, "exact"),
        "drone-attacks": ("russia", 900, "at-least"),
    }
    assert "nearly-3000-violations" not in state.violations
    assert not state.parties["ukraine"].violations_alleged_by
    assert not state.parties["russia"].violations_alleged_against


def test_by_monday_ukraines_count_stands_beside_them(
    moment: Callable[..., ng.Negotiation],
) -> None:
    """As of 21 April Ukraine has given its count too, and those of the ministry stand as before."""
    state = moment(as_of=at("2025-04-21T00:00Z"))
    counts = {
        claim.id: claim.count for claim in state.violations.values() if claim.count is not None
    }

    assert counts == {
        "positions-fired-on": 444,
        "drone-attacks": 900,
        "nearly-3000-violations": 3000,
    }


@pytest.mark.parametrize("as_of", [None, "2025-04-20T21:00Z", "2025-05-01T00:00Z"])
@pytest.mark.parametrize("known_to", [None, "ukraine", "france"])
def test_before_the_report_was_recorded_nothing_is_known(
    moment: Callable[..., ng.Negotiation], as_of: str | None, known_to: str | None
) -> None:
    """Known before 21 April 18:00Z there is no party and no item, whatever had happened by then."""
    state = moment(
        as_of=None if as_of is None else at(as_of),
        known_at=at("2025-04-21T17:59:59.999999Z"),
        known_to=known_to,
    )

    assert not state.parties
    assert not state.proposals
    assert not state.truces
    assert not state.violations
    assert not state.deadlines
    assert not state.meetings
    assert state.problems == ()
    assert (state.position, state.time) == (0, None)


def test_once_the_report_was_recorded_all_of_it_is_known(
    moment: Callable[..., ng.Negotiation], log: ng.Log, state: ng.Negotiation
) -> None:
    """Known at 21 April 18:00Z everything in the report counts."""
    known = moment(known_at=at("2025-04-21T18:00Z"))

    assert known.position == state.position == len(log)
    assert known.parties == state.parties


def test_at_easter_noon_the_truce_is_in_force_for_russia_alone(log: ng.Log) -> None:
    """As of 20 April 12:00Z Russia is bound, the truce is not mutual, and Ukraine owes nothing."""
    state = ng.replay(log, as_of=at("2025-04-20T12:00Z"))

    assert state.truces["easter"].status == "in-force"
    assert set(state.truces["easter"].commitments) == {"russia"}
    assert not state.truces["easter"].mutual
    assert not state.parties["ukraine"].truces
    assert not state.parties["ukraine"].replies_owed


def test_the_truce_is_in_force_at_its_start_and_no_longer_at_its_end(log: ng.Log) -> None:
    """The truce holds from 19 April 15:00Z up to, and not at, 20 April 21:00Z."""
    status = {
        when: ng.replay(log, as_of=at(when)).truces["easter"].status
        for when in ("2025-04-19T15:00Z", "2025-04-20T20:59Z", "2025-04-20T21:00Z")
    }

    assert status == {
        "2025-04-19T15:00Z": "in-force",
        "2025-04-20T20:59Z": "in-force",
        "2025-04-20T21:00Z": "expired",
    }


# The log as a whole


def test_the_log_has_no_problems(log: ng.Log) -> None:
    """A faithful coding of the report breaks no rule."""
    assert ng.check(log) == ()


def test_only_those_the_report_calls_the_parties_have_a_role(state: ng.Negotiation) -> None:
    """Russia and Ukraine are the parties to the talks; whoever is merely mentioned has no role."""
    roles = {name: party.role for name, party in state.parties.items()}

    assert roles == {
        "russia": "principal",
        "ukraine": "principal",
        "united-states": None,
        "united-kingdom": None,
        "france": None,
    }


def test_every_record_was_recorded_at_once(log: ng.Log) -> None:
    """The whole report was recorded at 21 April 18:00Z, its records numbered in order."""
    assert {record.recorded for record in log} == {at("2025-04-21T18:00Z")}
    assert [record.id for record in log] == [
        f"e{position:02}" for position in range(1, len(log) + 1)
    ]


def test_every_record_has_a_reporter_and_a_short_quote(log: ng.Log) -> None:
    """Each record says who reports it and shows the few words that it rests on."""
    for record in log:
        assert record.reported_by, record.id
        assert record.quote, record.id
        assert len(record.quote.split()) <= LONGEST_QUOTE, record.id


def test_every_quote_stands_verbatim_in_the_report(log: ng.Log, report: str) -> None:
    """No record rests on words that the report does not contain."""
    missing = [record.id for record in log if record.quote is None or record.quote not in report]

    assert missing == []
