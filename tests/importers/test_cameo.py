"""Coded news of CAMEO as logs: small tables by hand, and the sample where it is."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import negotiation as ng
from negotiation.importers.cameo_codes import CODES
from negotiation.importers.cameo_rows import COLUMNS, PLACE, cameo, cameo_records
from negotiation.importers.coded_events import MEANINGS
from negotiation.importers.common import READ, Imported, Row, SetAside
from negotiation.values import Refused


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def row(id: str, code: str, source: str = "Envoy (East)", target: str = "West", **more: Any) -> Any:
    """A row of the table; an actor is of the country that its name ends in."""
    cells = {
        "Event ID": id, "Event Date": "2030-05-01", "Source Name": source,
        "Source Country": country(source), "Event Text": CODES[code].name, "CAMEO Code": code,
        "Target Name": target, "Target Country": country(target), "Story ID": "700",
        "Sentence Number": "2", "Publisher": "Valley Post",
    }  # fmt: skip
    return {**cells, **{name.replace("_", " "): value for name, value in more.items()}}


def country(name: str) -> str:
    place = name.rpartition("(")[2].rstrip(")")
    return place if place in ("East", "West", "North") else "NA"


def one(*rows: Any, by: Any = "country") -> ng.Log:
    """The log of the one pair of these rows, none of which is set aside."""
    imported = cameo(rows, by=by)
    assert imported.aside == ()
    [log] = imported.logs.values()
    assert ng.check(log) == ()
    return log


def event(code: str, **more: Any) -> Any:
    """The event of a row of this code, between East and West."""
    [record] = one(row("1", code, **more))
    return record.event


def wrong(**cells: Any) -> list[tuple[str | None, str]]:
    """What is wrong with a row that says otherwise in these columns; None is no column."""
    cells = {**row("1", "010"), **{name.replace("_", " "): cell for name, cell in cells.items()}}
    imported = cameo([{name: cell for name, cell in cells.items() if cell is not None}])
    assert imported.logs == {}
    assert imported.report.wrong == len(imported.aside)
    assert {each.reason for each in imported.aside} == {"malformed row"}
    return [(each.column, each.detail) for each in imported.aside]


def told(imported: Imported) -> list[tuple[int, str, bool, str | None]]:
    return [(each.row, each.reason, each.wrong, each.column) for each in imported.aside]


# What a row becomes


def test_a_row_is_a_record() -> None:
    """It is of its day, and keeps where it is from: id, outlet, story, text, code, names, place."""
    told = row(
        "31", "036", City="Ford", District="NA", Province="", Country="North",
        Source_Name="Envoy (East)",
    )  # fmt: skip
    [record] = one(told)

    assert record == ng.Record(
        id="31", negotiation="cameo-country-East--West", time=at("2030-05-01"), precision="day",
        event=ng.ProposalMade(
            proposal="proposal-31", by="East", to=["West"],
            terms={"meeting or negotiation": "offered"},
        ),
        reported_by="Valley Post", quote="Express intent to meet or negotiate", correlation="700",
        attributes={
            "cameocode": "036", "place": "Ford, North", "sourcename": "Envoy (East)",
            "targetname": "West",
        },
    )  # fmt: skip


def test_a_place_is_all_that_is_told_of_it() -> None:
    """From the city to the country, in that order."""
    [record] = one(
        row("31", "010", Country="North", Province="Hills", District="Vale", City="Ford")
    )

    assert dict(record.attributes)["place"] == "Ford, Vale, Hills, North"


def test_what_the_source_does_not_say_is_not_there() -> None:
    """An outlet, a text or a story that is empty or NA is none."""
    [record] = one(row("31", "010", Publisher="", Event_Text="NA", Story_ID="NA", City=None))

    assert (record.reported_by, record.quote, record.correlation) == (None, None, None)
    assert dict(record.attributes) == {
        "cameocode": "010", "sourcename": "Envoy (East)", "targetname": "West",
    }  # fmt: skip


def test_letters_of_every_alphabet_are_kept() -> None:
    """A record whose texts are not ASCII says what they say."""
    [record] = one(row("31", "010", source="Jiří Žák (East)", Publisher="Údolní pošta"))

    assert record.reported_by == "Údolní pošta"
    assert dict(record.attributes)["sourcename"] == "Jiří Žák (East)"


def test_a_new_line_in_a_text_is_a_space() -> None:
    """The text of a row is a quote, and a quote is one line."""
    [record] = one(row("31", "010", Event_Text="Make\nstatement"))

    assert record.quote == "Make statement"


def test_a_text_of_two_lines_changes_nothing_else() -> None:
    """The record has all that it has otherwise: what it repeats, its day, outlet, story, names."""
    above = row("1", "010", Event_Date="2030-05-02"), row("2", "111")
    plain, broken = (
        one(*above, row("3", "111", Event_Text=text, Publisher="Hill Post", City="Ford"))[-1]
        for text in ("Criticize or denounce", "Criticize\nor denounce")
    )

    assert broken == plain
    assert (plain.recorded, plain.repeats) == (at("2030-05-02"), "2")


@pytest.mark.parametrize("code", ["010", "011", "020", "100", "111", "120", "129", "130", "134"])
def test_words_are_a_statement(code: str) -> None:
    """What is said, without saying what about, is what the code is called."""
    assert event(code) == ng.StatementMade(by="East", text=CODES[code].name)


def test_an_accusation_is_no_violation() -> None:
    """1123 may be about something else than a truce, and is a statement of the accuser."""
    assert event("1123") == ng.StatementMade(by="East", text="Accuse of aggression")


def test_an_ultimatum_without_a_date_is_no_deadline() -> None:
    """139 does not say by when."""
    assert event("139") == ng.StatementMade(by="East", text="Give ultimatum")


@pytest.mark.parametrize("code", ["026", "027", "028", "0256", "0212", "025"])
def test_an_appeal_is_a_preference_and_no_proposal(code: str) -> None:
    """Whoever appeals wants something; a third party may."""
    stated = event(code)

    assert (type(stated), stated.by, stated.value, stated.firmness) == (
        ng.PositionStated, "East", "asked for", "preference"
    )  # fmt: skip


def test_a_demand_and_its_refusal_are_about_the_same() -> None:
    """What a position is about says who is to do it: the target of a demand, whoever refuses."""
    log = one(
        row("1", "1053", "East", "West"),
        row("2", "1243", "West", "East", Event_Date="2030-05-02"),
        row("3", "0353", "West", "East", Event_Date="2030-05-03"),
    )

    issue = "release of persons or property by West"
    east, west = (ng.replay(log).parties[name].positions[issue] for name in ("East", "West"))
    assert (east.value, east.firmness) == ("demanded", "demand")
    assert (west.value, west.firmness) == ("intended", "open")
    assert [(each.value, each.firmness) for each in west.history] == [("refused", "preference")]


@pytest.mark.parametrize(
    ("code", "issue", "value", "firmness"),
    [
        ("1056", "de-escalation of military engagement by West", "demanded", "demand"),
        ("106", "meeting or negotiation", "demanded", "demand"),
        ("1412", "policy change by West", "demanded", "demand"),
        ("0354", "easing of economic sanctions, boycott, or embargo by East", "intended", "open"),
        ("035", "yielding by East", "intended", "open"),
        ("0344", "change in institutions, regime by East", "intended", "open"),
        ("038", "mediation", "intended", "open"),
        ("039", "mediation by East", "intended", "open"),
        ("125", "meeting or negotiation", "refused", "preference"),
        ("126", "mediation", "refused", "preference"),
        ("127", "plan, agreement to settle dispute", "refused", "preference"),
        ("1246", "de-escalation of military engagement by East", "refused", "preference"),
        ("0832", "policy change by East", "acceded to", "open"),
        ("057", "formal agreement", "signed", "undertaking"),
    ],
)
def test_a_stand_on_what_the_code_names_is_a_position(
    code: str, issue: str, value: str, firmness: Any
) -> None:
    """It is held as firmly as the code says at the least."""
    assert event(code) == ng.PositionStated(by="East", issue=issue, value=value, firmness=firmness)


@pytest.mark.parametrize(
    ("code", "term"),
    [
        ("036", "meeting or negotiation"),
        ("0356", "de-escalation of military engagement by East"),
        ("037", "settlement of dispute"),
    ],
)
def test_an_intent_to_meet_to_de_escalate_or_to_settle_is_a_proposal(code: str, term: str) -> None:
    """It is of the source to the target, with an id made of that of the row, and one term."""
    assert event(code) == ng.ProposalMade(
        proposal="proposal-1", by="East", to=["West"], terms={term: "offered"}
    )


def test_nothing_answers_a_proposal() -> None:
    """An intent in return, a refusal, a meeting and a withdrawal leave it open."""
    log = one(
        row("1", "036", "East", "West"),
        row("2", "036", "West", "East", Sentence_Number="3"),
        row("3", "125", "West", "East", Event_Date="2030-05-02"),
        row("4", "046", "West", "East", Event_Date="2030-05-03"),
        row("5", "164", "East", "West", Event_Date="2030-05-04"),
    )

    proposals = ng.replay(log).proposals
    assert {id: offer.status for id, offer in proposals.items()} == {
        "proposal-1": "open", "proposal-2": "open",
    }  # fmt: skip


def test_a_further_story_of_a_proposal_repeats_it() -> None:
    """There is one proposal of a day; the same intent on another day is another proposal."""
    log = one(
        row("1", "036"),
        row("2", "036", Story_ID="701"),
        row("3", "036", Event_Date="2030-05-02"),
    )

    assert [(record.id, record.repeats) for record in log] == [
        ("1", None), ("2", "1"), ("3", None),
    ]  # fmt: skip
    assert [*ng.replay(log).proposals] == ["proposal-1", "proposal-3"]


def test_who_mediates_is_a_mediator() -> None:
    """045 is the one code that tells of a role, that of the source."""
    assert event("045") == ng.PartyJoined(party="East", role="mediator")


@pytest.mark.parametrize("code", ["164", "165"])
def test_who_halts_talks_leaves_them(code: str) -> None:
    """The source of 164 and 165 withdraws."""
    assert event(code) == ng.PartyWithdrew(by="East")


@pytest.mark.parametrize("code", ["164", "165"])
def test_who_has_left_and_leaves_on_a_later_day_is_a_problem_of_the_log(code: str) -> None:
    """Another story of the day is a further source; who mediates in between has come back."""
    rows = [row("1", "164"), row("2", "164", Story_ID="701")]
    assert one(*rows)[1].repeats == "1"

    later = row("3", code, Event_Date="2030-05-03")
    [log] = cameo([*rows, later]).logs.values()
    assert [(each.code, each.event) for each in ng.check(log)] == [("already-withdrawn", "3")]
    assert len(one(*rows, row("4", "045", Event_Date="2030-05-02"), later)) == 4


def test_a_truce_binds_whoever_declares_it() -> None:
    """0871 does not say of the target that it declared anything, nor until when it is."""
    assert event("0871") == ng.TruceDeclared(truce="truce-1", by="East", kind="truce")


@pytest.mark.parametrize("code", ["040", "041", "042", "043", "044", "046"])
def test_who_consults_meets(code: str) -> None:
    """A meeting has an id of its own, made of that of the row."""
    assert event(code) == ng.MeetingHeld(meeting="meeting-1", parties=["East", "West"])


@pytest.mark.parametrize("code", ["0841", "196", "1662", "173", "193", "050", "116", "0872"])
def test_a_deed_has_no_counterpart(code: str) -> None:
    """It is set aside under its code and name, so that it is counted, and is not wrong."""
    imported = cameo([row("1", code)])

    assert imported.logs == {}
    [aside] = imported.aside
    name = f"{code} {CODES[code].name}"
    assert told(imported) == [(2, f"no counterpart: {name}", False, "CAMEO Code")]
    assert aside.detail == f"{name}: {CODES[code].note}"
    assert (imported.report.rows, imported.report.records, imported.report.wrong) == (1, 0, 0)


# The table


def test_every_code_has_a_meaning_and_a_reason() -> None:
    """A position names its issue, a proposal its term; every code says why it becomes that."""
    for code in CODES.values():
        assert code.meaning in MEANINGS.values()
        about = code.meaning.event in (ng.PositionStated, ng.ProposalMade)
        assert about == bool(code.issue), code
        assert code.note, code


ROOTS = {
    "01": "statement", "02": "asked", "03": "intended", "04": "meeting", "05": "deed",
    "06": "deed", "07": "deed", "08": "deed", "09": "deed", "10": "demanded", "11": "statement",
    "12": "refused", "13": "statement", "14": "deed", "15": "deed", "16": "deed", "17": "deed",
    "18": "deed", "19": "deed", "20": "deed",
}  # fmt: skip
"""What becomes of most codes, by the first two digits."""

OTHERWISE = {
    "deed": "017 115 116 128",
    "statement": "02 020 10 100 12 120 129 051 052 053 055 056",
    "offered": "0356 036 037",
    "mediator": "045",
    "signed": "057",
    "acceded": "083 0831 0832 0833 0834",
    "truce": "0871",
    "withdrawal": "164 165",
    "demanded": " ".join(f"14{form}{aim}" for form in range(1, 6) for aim in range(1, 5)),
}
"""All that become something else."""


def test_codes_of_one_root_become_alike() -> None:
    """But for those that are named here: no other threat, deed or appeal is more than its root."""
    words = {id(meaning): word for word, meaning in MEANINGS.items()}
    found = {code.code: words[id(code.meaning)] for code in CODES.values()}

    expected = {code: ROOTS[code[:2]] for code in CODES}
    for word, codes in OTHERWISE.items():
        expected |= dict.fromkeys(codes.split(), word)
    assert found == expected


ALIKE = {
    "10": "02", "03": "02", "121": "021", "122": "023", "123": "024", "124": "025", "083": "024",
    "141": "024", "142": "024", "143": "024", "144": "024", "145": "024",
}  # fmt: skip
"""The beginnings of codes, and those of the appeals that ask for the same thing."""


def test_whoever_speaks_of_the_same_thing_is_on_the_same_issue() -> None:
    """A demand, an intent, a refusal and a concession name it as the appeal, but for the doer."""
    named = {code.code: code.issue.replace("{source}", "{target}") for code in CODES.values()}
    pairs = {
        code: like + code.removeprefix(root)
        for root, like in ALIKE.items()
        for code in named
        if code.startswith(root) and named[code] and code[2:3] in ("1", "2", "3", "4", "5")
    }
    assert {code: named[code] for code in pairs} == {code: named[pairs[code]] for code in pairs}
    assert len(pairs) == 93


def test_only_what_is_asked_of_the_target_is_the_targets_to_do() -> None:
    """The issue of an intent or a refusal never names the target."""
    for code in CODES.values():
        asks = code.meaning in (MEANINGS["asked"], MEANINGS["demanded"])
        assert "{source}" not in code.issue or not asks, code
        assert "{target}" not in code.issue or asks, code


@pytest.mark.parametrize(
    ("demand", "refusal"),
    [("106", "125"), ("108", "126"), ("1042", "1232"), ("1056", "1246"), ("101", "121")],
)
def test_a_demand_and_its_refusal_are_stands_on_the_same_issue(demand: str, refusal: str) -> None:
    """What one demands of the other is what the other refuses."""
    log = one(row("1", demand, "East", "West"), row("2", refusal, "West", "East"))

    parties = ng.replay(log).parties
    assert [*parties["East"].positions] == [*parties["West"].positions]


def test_the_kinds_of_event_are_few() -> None:
    """No code becomes an answer to a proposal, a deadline or a claim about a truce."""
    assert {code.meaning.event for code in CODES.values()} == {
        ng.StatementMade, ng.PositionStated, ng.ProposalMade, ng.MeetingHeld, ng.PartyJoined,
        ng.PartyWithdrew, ng.TruceDeclared, None,
    }  # fmt: skip


# Parties


def test_a_negotiation_is_of_two_countries_in_either_direction() -> None:
    """Everybody of a country is the country, and source and target may change places."""
    imported = cameo(
        [row("1", "010"), row("2", "010", "West", "Army (East)"), row("3", "010", "East", "North")]
    )

    assert {id: len(log) for id, log in imported.logs.items()} == {
        "cameo-country-East--West": 2, "cameo-country-East--North": 1,
    }  # fmt: skip


def test_by_name_a_negotiation_is_of_two_actors() -> None:
    """The full names are the parties, with _ for each space."""
    imported = cameo([row("1", "046", "Envoy  (East)", "Army (East)")], by="name")

    [log] = imported.logs.values()
    assert log.negotiation == "cameo-name-Army_(East)--Envoy_(East)"
    assert log[0].event.parties == ("Envoy_(East)", "Army_(East)")  # type: ignore[union-attr]


@pytest.mark.parametrize("absent", ["NA", ""])
def test_an_actor_of_no_country_stands_under_its_name(absent: str) -> None:
    """Organisations of many countries are of none, and parties of their own."""
    log = one(row("1", "039", "League of Valleys", "West", Source_Country=absent))

    assert log.negotiation == "cameo-country-League_of_Valleys--West"


def test_what_happens_within_a_country_is_set_aside_by_country() -> None:
    """There is one party, and no negotiation of one."""
    imported = cameo([row("1", "010", "Envoy (East)", "Army (East)")])

    assert told(imported) == [(2, "within one country", False, "Target Name")]
    assert imported.aside[0].detail == "Envoy (East) and Army (East) are one party here"


def test_one_actor_on_both_sides_is_set_aside_by_name() -> None:
    """An actor does not negotiate with itself."""
    imported = cameo([row("1", "010", "East", "East")], by="name")

    assert told(imported) == [(2, "one actor on both sides", False, "Target Name")]


@pytest.mark.parametrize("by", ["country", "name"])
@pytest.mark.parametrize("name", ["Unspecified Actor", "Unidentified State Actor", "NA", ""])
def test_an_actor_that_is_not_named_is_no_party(name: str, by: Any) -> None:
    """Whoever it was, the source does not know."""
    imported = cameo([row("1", "010", name), row("2", "010", target=name)], by=by)

    assert told(imported) == [
        (2, "actor not named", False, "Source Name"),
        (3, "actor not named", False, "Target Name"),
    ]
    assert imported.aside[0].detail == f"{name!r} names nobody"


def test_of_two_actors_that_are_not_named_the_source_is_told() -> None:
    """A row is set aside once."""
    assert told(cameo([row("1", "010", "NA", "NA")])) == [
        (2, "actor not named", False, "Source Name")
    ]


@pytest.mark.parametrize(
    "cells",
    [
        row("1", "173"), row("1", "010", "NA"), row("1", "010", "East", "East"),
        row("1", "010", Event_Date="May"), row("1", "010", Event_ID="a\x00"),
    ],
    ids=["deed", "nobody", "one party", "date", "control"],
)  # fmt: skip
def test_a_row_that_is_set_aside_is_kept(cells: Any) -> None:
    """Whatever the reason, the whole row stands with it."""
    assert [each.cells for each in cameo([cells]).aside] == [cells]


def test_actors_are_told_apart_by_country_or_by_name_alone() -> None:
    """Any other word is refused."""
    with pytest.raises(Refused, match="must be one of country, name, not str 'city'"):
        cameo([], by="city")  # type: ignore[arg-type]  # that is what is tested


# Repeats and copies


def repeats(*rows: Any, by: Any = "country") -> list[str | None]:
    """Which record each record repeats."""
    return [record.repeats for record in one(*rows, by=by)]


def test_a_further_story_repeats_the_event() -> None:
    """The same actors, code and day from another outlet are a further source of one event."""
    log = one(
        row("1", "111"),
        row("2", "111", Story_ID="701", Publisher="Hill Post"),
        row("3", "111", Story_ID="702"),
    )

    assert [(record.id, record.repeats) for record in log] == [
        ("1", None), ("2", "1"), ("3", "1"),
    ]  # fmt: skip
    assert log[1].reported_by == "Hill Post"
    assert len(ng.replay(log).parties["East"].statements) == 1
    [reason] = ng.explain(log, "parties.East.statements").reasons
    assert [each.id for each in reason.repeated_by] == ["2", "3"]


def test_both_of_those_who_meet_meet_once() -> None:
    """A row with source and target exchanged repeats the meeting, with the event of the first."""
    log = one(row("1", "040", "East", "West"), row("2", "040", "West", "East"))

    assert log[1].repeats == "1"
    assert log[1].event == log[0].event
    assert dict(log[1].attributes)["sourcename"] == "West"
    assert list(ng.replay(log).meetings) == ["meeting-1"]


def test_a_visit_and_its_being_hosted_are_one_meeting() -> None:
    """The guest of 042 is the target of 043; a visit in return is another."""
    guest = row("1", "042", "East", "West")
    host = row("2", "043", "West", "East")
    back = row("3", "042", "West", "East")

    assert repeats(guest, host, back) == [None, "1", None]
    assert repeats(host, guest) == [None, "2"]


@pytest.mark.parametrize("code", ["036", "037"])
def test_an_intent_that_both_have_in_one_sentence_is_one_proposal(code: str) -> None:
    """The row with both exchanged repeats the proposal, and whatever repeats that row, too."""
    log = one(
        row("1", code, "East", "West"),
        row("2", code, "West", "East"),
        row("3", code, "West", "East", Story_ID="701"),
    )

    assert [(record.id, record.repeats) for record in log] == [
        ("1", None), ("2", "1"), ("3", "1"),
    ]  # fmt: skip
    assert log[1].event == log[0].event
    assert dict(log[1].attributes)["sourcename"] == "West"
    assert [*ng.replay(log).proposals] == ["proposal-1"]


def test_a_further_source_of_a_proposal_tells_whose_it_is_too() -> None:
    """Both are exchanged in the sentence of a story that repeats another."""
    first, further = (
        row("1", "036", "East", "West"),
        row("2", "036", "East", "West", Story_ID="701"),
    )

    assert repeats(first, further, row("3", "036", "West", "East", Story_ID="701")) == [
        None, "1", "1",
    ]  # fmt: skip


def test_a_truce_that_both_declare_in_one_sentence_is_one_truce_of_both() -> None:
    """The row with both exchanged joins the truce; a further story of either row repeats it."""
    rows = [
        row("1", "0871", "East", "West"),
        row("2", "0871", "West", "East"),
        row("3", "0871", "West", "East", Story_ID="701"),
    ]
    log = one(*rows, rows[1] | {"Event ID": "4"})

    assert log[1].event == ng.TruceJoined(truce="truce-1", by="West")
    assert [record.repeats for record in log] == [None, None, "2", "2"]
    [truce] = ng.replay(log).truces.values()
    assert truce.mutual
    assert told(cameo([*rows, rows[1]])) == [(5, "second copy", False, None)]


@pytest.mark.parametrize(
    "other", [{"Story_ID": "701"}, {"Sentence_Number": "3"}, {"Event_Date": "2030-05-02"}]
)
@pytest.mark.parametrize("code", ["036", "037", "0871"])
def test_what_both_do_in_two_sentences_or_on_two_days_they_do_apart(code: str, other: Any) -> None:
    """Two proposals may cross, and two truces may be declared on one day."""
    log = one(row("1", code, "East", "West"), row("2", code, "West", "East", **other))

    assert [record.repeats for record in log] == [None, None]
    assert type(log[0].event) is type(log[1].event)


@pytest.mark.parametrize("story", ["", "NA"])
def test_without_a_story_nothing_says_that_they_did_it_together(story: str) -> None:
    """Two rows without a story are not of one sentence."""
    rows = [row("1", "036", "East", "West"), row("2", "036", "West", "East")]

    assert repeats(*({**each, "Story ID": story} for each in rows)) == [None, None]


@pytest.mark.parametrize("number", [None, "", "NA"])
def test_without_a_number_of_the_sentence_nothing_says_it_either(number: str | None) -> None:
    """A story has many sentences, and the column of their numbers may be missing."""
    rows = [row("1", "036", "East", "West"), row("2", "036", "West", "East")]
    for each in rows:
        each["Sentence Number"] = number
        if number is None:
            del each["Sentence Number"]

    assert repeats(*rows) == [None, None]


@pytest.mark.parametrize("code", ["0356", "010", "031", "057", "164"])
def test_what_each_does_for_itself_is_not_one_event(code: str) -> None:
    """Source and target exchanged are two events where each speaks or binds itself."""
    assert repeats(row("1", code, "East", "West"), row("2", code, "West", "East")) == [None, None]


@pytest.mark.parametrize(
    "other",
    [
        row("2", "112"),
        row("2", "111", "Army (East)"),
        row("2", "111", target="Army (West)"),
        row("2", "111", Event_Date="2030-05-02"),
    ],
    ids=["code", "source", "target", "day"],
)
def test_another_event_is_no_repeat(other: Any) -> None:
    """Events differ by code, by the full names of the actors, by country too, and by day."""
    assert repeats(row("1", "111"), other) == [None, None]


def test_an_actor_that_the_source_puts_elsewhere_is_another_party() -> None:
    """Nothing is repeated from one negotiation to another."""
    imported = cameo([row("1", "111"), row("2", "111", Source_Country="North")])

    assert [record.repeats for log in imported.logs.values() for record in log] == [None, None]


def test_a_row_that_is_there_twice_is_a_second_copy() -> None:
    """It is set aside, whether the row is the first of its event or a repeat."""
    first, second = row("1", "040"), row("2", "040", "West", "Envoy (East)")
    imported = cameo([first, second, second, first])

    [log] = imported.logs.values()
    assert [(record.id, record.repeats) for record in log] == [("1", None), ("2", "1")]
    assert told(imported) == [(4, "second copy", False, None), (5, "second copy", False, None)]
    assert [each.detail for each in imported.aside] == [
        "row 3 says the same",
        "row 2 says the same",
    ]


def test_a_row_is_there_twice_if_nothing_differs_that_is_kept_of_it() -> None:
    """What comes into no record, such as how intense the event was, makes no other row."""
    imported = cameo([row("1", "111"), row("1", "111", Intensity="-2.0")])

    assert told(imported) == [(3, "second copy", False, None)]


@pytest.mark.parametrize(
    "other",
    [
        row("1", "112", Event_Text=CODES["111"].name),
        row("1", "111", target="North"),
        row("1", "111", "Army (East)"),
        *(
            row("1", "111", **{column.replace(" ", "_"): "other"})
            for column in ("Event Text", "Story ID", "Publisher", *PLACE)
        ),
    ],
)
def test_an_id_that_another_row_has_is_wrong(other: Any) -> None:
    """It names the row that has the id."""
    imported = cameo([row("1", "111"), other])

    assert told(imported) == [(3, "id of another row", True, "Event ID")]
    assert "row 2 has this id" in imported.aside[0].detail


@pytest.mark.parametrize(
    "other", [row("1", "112"), row("1", "111", target="North")], ids=["code", "pair"]
)
def test_nothing_repeats_what_was_not_taken(other: Any) -> None:
    """A row whose id another has leaves no trace."""
    imported = cameo([row("1", "111"), other, {**other, "Event ID": "2"}])

    kept = [record for log in imported.logs.values() for record in log]
    assert [(record.id, record.repeats) for record in kept] == [("1", None), ("2", None)]


def test_the_same_rows_make_the_same_records() -> None:
    """A second import adds nothing."""
    rows = [row("1", "040"), row("2", "040", "West", "Envoy (East)"), row("3", "0871")]
    first, second = one(*rows), one(*rows)

    assert first.extend(second) == first


# Rows that are wrong


@pytest.mark.parametrize(
    ("cells", "column", "detail"),
    [
        ({"Event_Date": "01/05/2030"}, "Event Date",
         "must be a day such as 2018-06-01, not str '01/05/2030'"),
        ({"Event_Date": ""}, "Event Date", "must be a day such as 2018-06-01, not str ''"),
        ({"Event_Date": "20300501"}, "Event Date",
         "must be a day such as 2018-06-01, not str '20300501'"),
        ({"Event_Date": "2030-02-30"}, "Event Date",
         "must be a day that the calendar has, not str '2030-02-30'"),
        ({"Event_Date": "May", "CAMEO_Code": "173"}, "Event Date",
         "must be a day such as 2018-06-01, not str 'May'"),
        ({"CAMEO_Code": "36"}, "CAMEO Code",
         "must be a code of CAMEO, not str '36'; a code keeps its leading zero: 036"),
        ({"CAMEO_Code": "10"}, "CAMEO Code",
         "has lost its leading zero: 010 is 'Make statement'; 10 is another"),
        ({"CAMEO_Code": "0999"}, "CAMEO Code",
         "must be a code of CAMEO, not str '0999'; did you mean '0"),
        ({"CAMEO_Code": 36}, "CAMEO Code",
         "must be text, as it stands in the table, not int 36"),
        ({"Event_ID": ""}, "Event ID", "must be an id; there is none"),
        ({"Event_ID": "NA"}, "Event ID", "must be an id; there is none"),
        ({"Publisher": 7}, "Publisher", "must be text, as it stands in the table, not int 7"),
        ({"Publisher": None, "Publishers": "x"}, "Publisher",
         "is missing; did you mean 'Publishers'?"),
        ({"Target_Name": None}, "Target Name", "is missing; did you mean"),
        ({"Event_ID": "3\x00"}, "Event ID", "must hold no control characters"),
        ({"Source_Name": " ", "Source_Country": "NA", "Publisher": "NA"}, None, "must be a party"),
        ({"Country": 5}, "Country", "must be text, as it stands in the table, not int 5"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_wrong(
    cells: dict[str, Any], column: str | None, detail: str
) -> None:
    """The column is named, what is there and what is allowed."""
    [(found, reason)] = wrong(**cells)

    assert found == column
    assert detail in reason


def test_a_code_of_two_digits_is_a_code() -> None:
    """Only where the text of the event is that of the code with a zero is the zero lost."""
    assert event("10") == ng.StatementMade(by="East", text="DEMAND")


@pytest.mark.parametrize("side", ["Source Country", "Target Country"])
def test_a_country_that_is_no_text_that_utf_8_can_carry_is_wrong(side: str) -> None:
    """No negotiation can be called after it."""
    [(column, reason)] = wrong(**{side.replace(" ", "_"): "\ud800"})

    assert column == side
    assert "holds a lone surrogate" in reason


def test_a_row_with_more_cells_than_columns_is_told_what_it_lacks() -> None:
    """The csv module files the further cells under None."""
    cells = row("1", "010") | {None: ["x"]}
    del cells["Publisher"]
    [aside] = cameo([cells]).aside

    assert str(aside).startswith("row 2, column Publisher: is missing; allowed: CAMEO Code, ")


@pytest.mark.parametrize(
    "column",
    ["Event_ID", "Event_Text", "Publisher", "Story_ID", "Source_Name", "Target_Name", "City"],
)
@pytest.mark.parametrize("among", ["plain", "Zürich"])
def test_a_control_character_is_wrong_wherever_it_stands(column: str, among: str) -> None:
    """No record has one, whatever else the text holds."""
    [(found, detail)] = wrong(**{column: f"{among}\x07"})

    assert found == column.replace("_", " ")
    assert "must hold no control characters" in detail


def test_everything_that_is_wrong_with_a_row_is_told() -> None:
    """A row is set aside once for each column that is wrong."""
    found = wrong(Event_Date="May", CAMEO_Code="x", Event_ID="", Source_Name=3)

    assert [column for column, _ in found] == [
        "Event ID", "Event Date", "Source Name", "CAMEO Code",
    ]  # fmt: skip


def test_a_wrong_row_leaves_the_others_as_they_are() -> None:
    """The rows around it are of the day they were of."""
    imported = cameo([row("1", "111"), row("2", "111", Event_Date="May"), row("3", "111")])

    [log] = imported.logs.values()
    assert [(record.id, record.repeats) for record in log] == [("1", None), ("3", "1")]
    assert [(each.row, each.column) for each in imported.aside] == [(3, "Event Date")]


def test_rows_are_read_one_by_one() -> None:
    """What is made of a row comes before the next one is asked for; a row keeps its number."""

    def rows() -> Iterator[Row]:
        yield Row(7, row("1", "010"))
        yield Row(9, row("2", "173"))
        raise AssertionError("nobody asked for more")

    made = cameo_records(rows())
    assert next(made) is READ
    record = next(made)
    assert isinstance(record, ng.Record)
    assert record.id == "1"
    assert next(made) is READ
    aside = next(made)
    assert isinstance(aside, SetAside)
    assert aside.row == 9


# The sample


@pytest.fixture(scope="module")
def sample(test_data: Path) -> list[dict[str, str]]:
    """The rows of the sample."""
    with (test_data / "icews_2018_sample.tab").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file, delimiter="\t")]


def test_the_names_of_the_table_are_those_of_the_codebook(test_data: Path) -> None:
    """Every code of the codebook is there, in its order, under its name; 1214 is CAMEO's own."""
    with (test_data / "cameo_codes.csv").open(encoding="utf-8", errors="replace") as file:
        book = {each["code"]: each["name"].strip() for each in csv.DictReader(file)}

    named = {code.code: code.name for code in CODES.values() if code.code != "1214"}
    assert [*named.items()] == [*book.items()]


@pytest.mark.parametrize(
    ("by", "records", "repeated", "aside"),
    [
        ("country", 1820, 881, {"within one country": 1009, "actor not named": 7}),
        ("name", 2829, 1059, {"actor not named": 7}),
    ],
)
def test_every_row_of_the_sample_is_accounted_for(
    sample: list[dict[str, str]], by: Any, records: int, repeated: int, aside: dict[str, int]
) -> None:
    """Each is a record or set aside, and none is wrong; no log has a problem."""
    imported = cameo(sample, by=by)
    report = imported.report
    without = sum(n for reason, n in report.aside.items() if reason.startswith("no counterpart"))

    assert report.rows == len(sample) == 3705
    assert report.records + sum(report.aside.values()) == 3705
    assert (report.records, report.wrong, without) == (records, 0, 869)
    assert {reason: report.aside[reason] for reason in aside} == aside
    kept = [record for log in imported.logs.values() for record in log]
    assert len(kept) == records
    assert sum(record.repeats is not None for record in kept) == repeated
    assert [problem for log in imported.logs.values() for problem in ng.check(log)] == []


@pytest.mark.parametrize(
    ("by", "rows", "proposals"),
    [("country", 245, 115), ("name", 299, 159)],
)
def test_the_proposals_of_the_sample_stand_open(
    sample: list[dict[str, str]], by: Any, rows: int, proposals: int
) -> None:
    """Each is of a row of one of the three codes, and none is answered or taken back."""
    logs = cameo(sample, by=by).logs.values()
    offers = [offer for log in logs for offer in ng.replay(log).proposals.values()]

    made = [record for log in logs for record in log if type(record.event) is ng.ProposalMade]
    assert {dict(record.attributes)["cameocode"] for record in made} <= {"0356", "036", "037"}
    assert (len(made), len(offers)) == (rows, proposals)
    assert {offer.status for offer in offers} == {"open"}


def test_codes_without_a_counterpart_are_counted_as_the_sample_has_them(
    sample: list[dict[str, str]],
) -> None:
    """The report has as many of each code as there are rows."""
    counted = Counter(
        f"no counterpart: {each['CAMEO Code']} {each['Event Text']}"
        for each in sample
        if CODES[each["CAMEO Code"]].meaning.event is None
    )

    report = cameo(sample, by="name").report
    assert {reason: n for reason, n in report.aside.items() if reason in counted} == counted


def test_a_second_import_of_the_sample_adds_nothing(sample: list[dict[str, str]]) -> None:
    """The logs of both are one and the same."""
    first, second = cameo(sample), cameo(sample)

    assert first.logs == second.logs
    assert all(log.extend(second.logs[id]) == log for id, log in first.logs.items())


def test_a_sample_that_stands_there_twice_is_recognised(sample: list[dict[str, str]]) -> None:
    """Each row of a day that is there twice is a second copy."""
    day = [each for each in sample if each["Event Date"] == "2018-06-01"]
    once, twice = cameo(day).report, cameo([*day, *day]).report

    assert twice.records == once.records
    assert twice.aside["second copy"] == once.records


def test_the_columns_are_those_of_the_sample(sample: list[dict[str, str]]) -> None:
    """Every column that must be there is."""
    assert set(COLUMNS) <= set(sample[0])
