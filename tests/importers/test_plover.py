"""Records of PLOVER as logs: small ones by hand, and the gold standard where it is."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import negotiation as ng
from bench import confusion
from negotiation.importers.coded_events import MEANINGS
from negotiation.importers.common import Imported, Row
from negotiation.importers.plover_codes import KINDS
from negotiation.importers.plover_records import plover
from negotiation.values import Refused

EAST = {"actorText": "eastern envoys", "code": "EST", "sector": "GOV"}
WEST = {"actorText": "the West", "code": "WST"}
NORTH = {"actorText": "northern rebels", "code": "NRT", "sector": "REB"}
REBELS = {"actorText": "eastern rebels", "code": "EST", "sector": "REB"}
LEAGUE = {"actorText": "League of Valleys", "code": "IGO"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(event: str, words: str = "said so", **more: Any) -> dict[str, Any]:
    """A record of the East to the West."""
    return {
        "id": "P-1", "date": "2030-05-01", "source": [EAST], "target": [WEST], "event": event,
        "eventText": words, "text": f"The East {words} to the West.", "publication": "Valley Post",
        **more,
    }  # fmt: skip


def one(*rows: Any, by: Any = "country") -> ng.Log:
    """The log of the one pair of these records, none of which is set aside."""
    imported = plover(rows, by=by)
    assert imported.aside == ()
    [log] = imported.logs.values()
    assert ng.check(log) == ()
    return log


def event(kind: str, words: str = "said so", **more: Any) -> Any:
    """The event of a record of this kind."""
    [record] = one(told(kind, words, **more))
    return record.event


def aside(imported: Imported) -> list[tuple[int, str, bool, str | None]]:
    return [(each.row, each.reason, each.wrong, each.column) for each in imported.aside]


def wrong(**members: Any) -> list[tuple[str | None, str]]:
    """What is wrong with a record that says otherwise in these members."""
    imported = plover([{**told("REJECT"), **members}])
    assert imported.logs == {}
    assert imported.report.wrong == len(imported.aside)
    assert {each.reason for each in imported.aside} == {"malformed record"}
    return [(each.column, each.detail) for each in imported.aside]


# What a record becomes


def test_a_record_of_the_source_is_a_record() -> None:
    """It keeps its id, outlet, sentence, event, mode, context and names, and when it was coded."""
    [record] = one(
        told("REJECT", "refused talks", mode="meet", context="diplomatic", dateCoded="2030-06-02")
    )

    assert record == ng.Record(
        id="P-1", negotiation="plover-country-EST--WST", time=at("2030-05-01"), precision="day",
        recorded=at("2030-06-02"), reported_by="Valley Post", correlation="P-1",
        quote="The East refused talks to the West.",
        event=ng.PositionStated(
            by="EST", issue="what EST is to do (diplomatic)", value="refused talks",
            firmness="preference",
        ),
        attributes={
            "ploverevent": "REJECT", "plovermode": "meet", "context": "diplomatic",
            "sourcename": "eastern envoys", "targetname": "the West",
        },
    )  # fmt: skip


def test_what_the_source_does_not_say_is_not_there() -> None:
    """Without an outlet, a sentence, a mode, a context and a day of coding there is none."""
    bare = told("REJECT", publication="", mode="", context=None)
    del bare["text"]
    [record] = one(bare)

    assert (record.reported_by, record.quote) == (None, None)
    assert [*dict(record.attributes)] == ["ploverevent", "sourcename", "targetname"]
    assert record.recorded == record.time
    assert record.event.issue == "what EST is to do"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "doer", "firmness"),
    [
        ("AGREE", "EST", "open"),
        ("CONCEDE", "EST", "open"),
        ("REJECT", "EST", "preference"),
        ("DEMAND", "WST", "demand"),
        ("REQUEST", "WST", "preference"),
    ],
)
def test_a_stand_is_on_what_one_of_the_two_is_to_do(kind: str, doer: str, firmness: Any) -> None:
    """It is the target that is asked, and the source that answers, in the words that were coded."""
    assert event(kind, "withdraw troops", context="military") == ng.PositionStated(
        by="EST", issue=f"what {doer} is to do (military)", value="withdraw troops",
        firmness=firmness,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["THREATEN", "ACCUSE", "DISAPPROVE"])
def test_words_are_a_statement(kind: str) -> None:
    """A threat is no deadline, an accusation no violation; the words are kept."""
    assert event(kind, "accused of breaking the truce") == ng.StatementMade(
        by="EST", text="accused of breaking the truce"
    )


@pytest.mark.parametrize("mode", ["visit", "host", "phone", None])
def test_who_consults_meets(mode: str | None) -> None:
    """The meeting has an id of its own, made of that of the record."""
    held = ng.MeetingHeld(meeting="meeting-P-1", parties=["EST", "WST"])
    assert event("CONSULT", mode=mode) == held


def test_a_mode_may_tell_what_the_event_does_not() -> None:
    """A retreat is a deed, of the mode ceasefire a truce; an accusation may be an investigation."""
    truce = ng.TruceDeclared(truce="truce-P-1", by="EST", kind="truce")
    assert event("RETREAT", mode="ceasefire") == truce
    assert aside(
        plover([told("RETREAT", mode="withdraw"), told("ACCUSE", mode="investigate")])
    ) == [
        (1, "no counterpart: RETREAT", False, "event"),
        (2, "no counterpart: ACCUSE", False, "event"),
    ]


@pytest.mark.parametrize("kind", ["FIGHT", "SUPPORT", "SANCTION", "PROTEST", "AID"])
def test_a_deed_has_no_counterpart(kind: str) -> None:
    """It is set aside under its event, and is not wrong."""
    imported = plover([told(kind)])

    assert aside(imported) == [(1, f"no counterpart: {kind}", False, "event")]
    assert imported.aside[0].detail == f"{kind}: {KINDS[kind, None].note}"


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("intended", "AGREE CONCEDE"), ("refused", "REJECT"),
        ("demanded", "DEMAND"), ("asked", "REQUEST"), ("meeting", "CONSULT"),
        ("statement", "DISAPPROVE ACCUSE THREATEN"), ("truce", "RETREAT/ceasefire"),
        ("deed", ("SUPPORT COOPERATE AID RETREAT INVESTIGATE ACCUSE/investigate PROTEST CRIME "
                  "SANCTION MOBILIZE COERCE ASSAULT FIGHT")),
    ],
)  # fmt: skip
def test_what_becomes_of_each_kind(word: str, kinds: str) -> None:
    """Every event of PLOVER is here, and with a mode where that tells something else."""
    meaning = MEANINGS[word]
    found = {
        f"{event}/{mode}" if mode else event
        for (event, mode), kind in KINDS.items()
        if kind.meaning is meaning
    }

    assert found == {*kinds.split()}


def test_what_several_do_with_each_other_is_of_two_kinds() -> None:
    """They meet, or agree; whatever else they do, they do to somebody."""
    assert {kind.event for kind in KINDS.values() if kind.mutual} == {"CONSULT", "AGREE"}


def test_every_kind_has_a_reason_and_a_position_a_doer() -> None:
    """Who is to do it is said of positions, and of nothing else; modes stand beside their event."""
    for kind in KINDS.values():
        assert kind.note, kind
        stated = kind.meaning.event is ng.PositionStated
        assert kind.doer in (("source", "target") if stated else ("",)), kind
        assert (kind.event, None) in KINDS, kind


def test_a_record_of_the_file_is_no_event() -> None:
    """It is set aside, whatever else it has."""
    imported = plover([{"id": "P-0", "event": "DOCUMENT", "eventText": "…"}])

    assert aside(imported) == [(1, "document record", False, "event")]


# Who did it to whom


def test_each_pair_has_its_own_record() -> None:
    """Of one record with two targets the id is in two negotiations."""
    imported = plover([told("DEMAND", target=[WEST, NORTH])])

    assert {id: [each.id for each in log] for id, log in imported.logs.items()} == {
        "plover-country-EST--WST": ["P-1"], "plover-country-EST--NRT": ["P-1"],
    }  # fmt: skip


@pytest.mark.parametrize("target", ["", None, [], "diplomatic"])
def test_sources_without_a_target_did_it_with_each_other(target: Any) -> None:
    """Each agrees for itself; a text names nobody."""
    log = one(told("AGREE", "agreed", source=[EAST, WEST], target=target))

    assert [(each.id, each.event.by) for each in log] == [  # type: ignore[union-attr]
        ("P-1", "EST"), ("P-1-2", "WST"),
    ]  # fmt: skip
    assert [each.correlation for each in log] == ["P-1", "P-1"]
    assert [dict(each.attributes)["targetname"] for each in log] == ["the West", "eastern envoys"]


def test_sources_without_a_target_meet_once() -> None:
    """A meeting is of both."""
    [record] = one(told("CONSULT", source=[EAST, WEST], target=""))

    assert record.event == ng.MeetingHeld(meeting="meeting-P-1", parties=["EST", "WST"])


@pytest.mark.parametrize(
    "kind", ["DEMAND", "REQUEST", "ACCUSE", "DISAPPROVE", "THREATEN", "CONCEDE", "REJECT"]
)
def test_sources_without_a_target_do_nothing_else_to_each_other(kind: str) -> None:
    """Whom both of them demand it of, or refuse it to, is not told: it need not be each other."""
    imported = plover([told(kind, "demanded withdrawal", source=[EAST, WEST], target="")])

    assert imported.logs == {}
    assert aside(imported) == [(1, "no target named", False, "target")]
    assert imported.aside[0].detail == "it is not told whom they did it to"


def test_what_two_actors_of_a_country_do_is_one_event() -> None:
    """By country both are one party; the record of the second keeps its name, and repeats."""
    log = one(told("CONSULT", source=[EAST, REBELS]))

    assert [(each.id, each.repeats) for each in log] == [("P-1", None), ("P-1-2", "P-1")]
    assert log[0].event == log[1].event
    assert [dict(each.attributes)["sourcename"] for each in log] == [
        EAST["actorText"],
        REBELS["actorText"],
    ]


def test_what_each_of_two_who_agree_does_is_its_own() -> None:
    """Only what one party did again is repeated, and by whoever does it a second time."""
    log = one(told("AGREE", source=[EAST, REBELS, WEST], target=""))

    acts = [(each.event.by, each.repeats) for each in log]  # type: ignore[union-attr]
    assert [acts.count((by, None)) for by in ("EST", "WST")] == [1, 1]
    assert len(acts) == 4


def test_a_further_source_repeats_what_two_of_a_country_did() -> None:
    """It names the record that is the event, whoever of them it tells of."""
    both, rebels = told("DEMAND", source=[EAST, REBELS]), told("DEMAND", source=[REBELS])
    log = one(both, {**rebels, "id": "P-2"})

    assert [each.repeats for each in log] == [None, "P-1", "P-1"]


@pytest.mark.parametrize("order", [1, -1])
def test_an_id_that_the_record_of_a_second_actor_has_is_taken(order: int) -> None:
    """Nothing is lost but the row that comes later."""
    rows = [told("CONSULT", source=[EAST, REBELS]), told("REJECT", id="P-1-2")]
    imported = plover(rows[::order])

    assert aside(imported) == [(2, "id of another row", True, "id")]
    assert imported.report.records == (2 if order == 1 else 1)


@pytest.mark.parametrize(
    "members", [{"target": ""}, {"source": None}, {"source": []}, {"source": "x y", "target": ""}]
)
def test_an_actor_alone_is_set_aside(members: dict[str, Any]) -> None:
    """Nobody else is named, so there is no negotiation."""
    imported = plover([told("DEMAND", **members)])

    assert aside(imported) == [(1, "one actor alone", False, "target")]
    assert imported.aside[0].detail == "it names no other actor"


def test_by_name_the_names_are_the_parties() -> None:
    """What the sentence calls them, with _ for each space."""
    log = one(told("DEMAND", target=[REBELS]), by="name")

    assert log.negotiation == "plover-name-eastern_envoys--eastern_rebels"


@pytest.mark.parametrize("code", ["IGO", "NGO", "NGM", "IMG", "INT", "ISM", "MNC", "UIS"])
def test_an_actor_of_no_country_stands_under_its_name(code: str) -> None:
    """Organisations of many countries have a code that is none of theirs."""
    log = one(told("DEMAND", source=[{**LEAGUE, "code": code}]))

    assert log.negotiation == "plover-country-League_of_Valleys--WST"


def test_what_happens_within_a_country_is_set_aside_by_country() -> None:
    """Of several targets those abroad are kept."""
    imported = plover([told("DEMAND", target=[REBELS]), told("DEMAND", target=[REBELS, WEST])])

    assert aside(imported) == [(1, "within one country", False, "target")]
    assert [*imported.logs] == ["plover-country-EST--WST"]


def test_one_actor_on_both_sides_is_set_aside_by_name() -> None:
    """An actor does not negotiate with itself."""
    imported = plover([told("DEMAND", target=[EAST])], by="name")

    assert aside(imported) == [(1, "one actor on both sides", False, "target")]


def test_actors_that_are_one_party_are_named() -> None:
    """By what the sentence calls them."""
    imported = plover([told("DEMAND", target=[REBELS])])

    assert imported.aside[0].detail == "eastern envoys and eastern rebels are one party here"


@pytest.mark.parametrize(
    "members",
    [{"event": "FIGHT"}, {"target": ""}, {"date": "May"}, {"publication": "\x07"}],
    ids=["deed", "alone", "date", "control"],
)
def test_a_record_that_is_set_aside_is_kept(members: dict[str, Any]) -> None:
    """Whatever the reason, the whole record stands with it."""
    record = {**told("REJECT"), **members}

    assert [each.cells for each in plover([record]).aside] == [record]


def test_actors_are_told_apart_by_country_or_by_name_alone() -> None:
    """Any other word is refused."""
    with pytest.raises(Refused, match="must be one of country, name, not str 'city'"):
        plover([], by="city")  # type: ignore[arg-type]  # that is what is tested


# Repeats and copies


def test_the_same_event_in_the_same_words_is_a_repeat() -> None:
    """Another outlet is a further source; other words are another event."""
    log = one(
        told("REJECT", "refused"),
        told("REJECT", "refused", id="P-2", publication="Hill Post"),
        told("REJECT", "refused talks", id="P-3"),
        told("REJECT", "refused", id="P-4"),
    )

    assert [(each.id, each.repeats) for each in log] == [
        ("P-1", None), ("P-2", "P-1"), ("P-3", None), ("P-4", "P-1"),
    ]  # fmt: skip


def test_the_same_words_of_another_kind_are_another_event() -> None:
    """Events differ by kind and by mode, whatever the words."""
    log = one(
        told("REJECT", "refused"), told("DISAPPROVE", "refused", id="P-2"),
        told("REJECT", "refused", id="P-3", mode="meet"),
        told("REJECT", "refused", id="P-4", mode="meet"),
    )  # fmt: skip

    assert [each.repeats for each in log] == [None, None, None, "P-3"]


def test_the_same_words_of_another_actor_are_another_event() -> None:
    """By country too it is the actors of the same names that did it."""
    log = one(
        told("REJECT"), told("REJECT", id="P-2", source=[REBELS]),
        told("REJECT", id="P-3", target=[{**WEST, "actorText": "western press"}]),
    )  # fmt: skip

    assert [each.repeats for each in log] == [None, None, None]


def test_a_repeat_is_one_towards_each_of_several_targets() -> None:
    """Each record of a further source repeats the one of its own negotiation."""
    targets = [WEST, NORTH, {**WEST, "actorText": "western press"}]
    imported = plover([told("DEMAND", target=targets), told("DEMAND", id="P-2", target=targets)])

    assert {id: [each.repeats for each in log] for id, log in imported.logs.items()} == {
        "plover-country-EST--WST": [None, "P-1", "P-1", "P-1"],
        "plover-country-EST--NRT": [None, "P-1"],
    }


def test_both_of_those_who_meet_meet_once() -> None:
    """Source and target may be exchanged, and the event is that of the first."""
    log = one(told("CONSULT"), told("CONSULT", id="P-2", source=[WEST], target=[EAST]))

    assert log[1].repeats == "P-1"
    assert log[1].event == log[0].event


def test_an_actor_of_another_code_is_another_party() -> None:
    """Nothing is repeated from one negotiation to another."""
    imported = plover([told("REJECT"), told("REJECT", id="P-2", target=[{**WEST, "code": "NRT"}])])

    assert [record.repeats for log in imported.logs.values() for record in log] == [None, None]


def test_a_record_that_is_there_twice_is_a_second_copy() -> None:
    """It is set aside, whatever number of records it makes."""
    agreed = told("AGREE", source=[EAST, WEST], target="")
    imported = plover([agreed, agreed])

    assert aside(imported) == [(2, "second copy", False, None)]
    assert [each.repeats for each in imported.logs["plover-country-EST--WST"]] == [None, None]


def test_a_record_is_there_twice_if_nothing_differs_that_is_kept_of_it() -> None:
    """What comes into no record of the log makes no other record."""
    imported = plover([told("DEMAND"), told("DEMAND", headline="other", mode="")])

    assert aside(imported) == [(2, "second copy", False, None)]


@pytest.mark.parametrize(
    "members",
    [
        {"event": "REJECT"},
        {"target": [WEST, NORTH]},
        {"target": [NORTH]},
        {"source": [{**EAST, "actorText": "other"}]},
        *({member: "other"} for member in ("mode", "context", "eventText", "text", "publication")),
    ],
)
def test_an_id_that_another_record_has_is_wrong(members: dict[str, Any]) -> None:
    """Each record has its own."""
    imported = plover([told("DEMAND"), told("DEMAND") | members])

    assert aside(imported) == [(2, "id of another row", True, "id")]


def test_a_record_coded_earlier_than_one_above_is_recorded_with_it() -> None:
    """A log grows at its end."""
    log = one(
        told("REJECT", dateCoded="2030-06-02"), told("AGREE", id="P-2", dateCoded="2030-06-01")
    )

    assert [each.recorded for each in log] == [at("2030-06-02"), at("2030-06-02")]


# Records that are wrong


@pytest.mark.parametrize(
    ("members", "column", "detail"),
    [
        (
            {"event": "REJEKT"},
            "event",
            "must be an event of PLOVER, not str 'REJEKT'; did you mean",
        ),
        ({"event": ["REJECT"]}, "event", "must be an event of PLOVER, not a list"),
        ({"event": None}, "event", "must be an event of PLOVER, not nothing"),
        ({"id": ""}, "id", "is missing"),
        ({"id": 7}, "id", "must be text, not int 7"),
        ({"date": None}, "date", "is missing"),
        ({"date": "1 May 2030"}, "date", "must be a day such as 2018-06-01"),
        ({"dateCoded": "2030-13-01"}, "dateCoded", "must be a day that the calendar has"),
        ({"dateCoded": 2030}, "dateCoded", "must be text, not int 2030"),
        ({"eventText": None}, "eventText", "is missing"),
        ({"mode": 1}, "mode", "must be text, not int 1"),
        ({"context": ["military"]}, "context", "must be text, not a list"),
        ({"text": 1}, "text", "must be text, not int 1"),
        ({"publication": 1}, "publication", "must be text, not int 1"),
        ({"source": ["East"]}, "source", "must be a list of actors with actorText"),
        ({"target": [{"actorText": "the West", "code": " "}]}, "target", "with code, a text"),
        ({"publication": "\x07"}, "publication", "must hold no control characters"),
        ({"text": "a\nb\x07"}, "text", "must hold no control characters"),
        ({"eventText": "\ud800"}, None, "holds a lone surrogate"),
        (
            {"source": [{"actorText": "a\x07", "code": "EST"}]},
            "source",
            "actorText must hold no control characters",
        ),
        ({"source": 5}, "source", "must be a list of actors, not int 5"),
    ],
)
def test_a_record_that_cannot_be_read_is_wrong(
    members: dict[str, Any], column: str | None, detail: str
) -> None:
    """The member is named, what is there and what it must be."""
    found, reason = wrong(**members)[0]

    assert found == column
    assert detail in reason


def test_everything_that_is_wrong_with_a_record_is_told() -> None:
    """A record is set aside once for each thing that is wrong."""
    found = wrong(event="X", date="May", eventText="", target=[{"code": "WST"}])

    assert [column for column, _ in found] == ["event", "eventText", "date", "target"]


# The gold standard


@pytest.fixture(scope="module")
def gold(test_data: Path) -> list[dict[str, Any]]:
    """The gold standard records, and that of the file."""
    records: list[dict[str, Any]] = json.loads((test_data / "plover_gsr_cameo.json").read_bytes())
    return records


@pytest.mark.parametrize(
    ("by", "mapped", "alone", "within"), [("name", 168, 7, 0), ("country", 126, 7, 42)]
)
def test_every_record_of_the_gold_standard_is_accounted_for(
    gold: list[dict[str, Any]], by: Any, mapped: int, alone: int, within: int
) -> None:
    """Of 322 each is mapped or set aside, 146 without a counterpart; no log has a problem."""
    imported = plover(gold, by=by)
    reasons = imported.report.aside
    without = sum(n for reason, n in reasons.items() if reason.startswith("no counterpart"))

    assert imported.report.rows == len(gold) == 323
    assert (imported.report.wrong, reasons["document record"], without) == (0, 1, 146)
    assert (reasons["one actor alone"], reasons["within one country"]) == (alone, within)
    assert reasons["no target named"] == 1
    sources = {each.correlation for log in imported.logs.values() for each in log}
    assert len(sources) == mapped == 322 - without - alone - within - 1
    assert [problem for log in imported.logs.values() for problem in ng.check(log)] == []


def test_a_second_import_of_the_gold_standard_adds_nothing(gold: list[dict[str, Any]]) -> None:
    """The logs of both are one and the same."""
    first, second = plover(gold), plover(gold)

    assert all(log.extend(second.logs[id]) == log for id, log in first.logs.items())


def test_every_record_of_the_gold_standard_has_the_same_date(gold: list[dict[str, Any]]) -> None:
    """It stands in for one that is not known, so the how-to asks of them no question of time."""
    page = Path(__file__).parents[2] / "docs" / "howto" / "import-plover.md"

    assert {each["date"] for each in gold if each["event"] != "DOCUMENT"} == {"2000-01-01"}
    assert "are all dated 2000-01-01" in page.read_text(encoding="utf-8")


def test_their_events_fall_among_ours(
    gold: list[dict[str, Any]], test_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table is printed; each record that reads otherwise than it is coded is explained."""
    table = confusion.confusion(confusion.fates(gold))

    ids = {each["id"].removeprefix("PLOVER-GSR01-") for each in gold}
    read = Counter(id for reading in confusion.READINGS for id in reading.records)
    assert read.keys() <= ids
    assert set(read.values()) == {1}
    confusion.main(str(test_data / "plover_gsr_cameo.json"))
    head, *lines = capsys.readouterr().out.splitlines()
    assert "StatementMade, read as TruceViolated" in "\n".join(lines)
    columns = re.split("  +", head.strip())
    for line, (kind, row) in zip(lines, table.items(), strict=False):
        assert line.split() == [kind, *(str(row[fate]) for fate in columns if row[fate])]
        for fate in filter(row.__getitem__, columns):  # a figure ends where its column does
            assert line[: head.index(fate) + len(fate)].endswith(str(row[fate]))
    for reading in confusion.READINGS:
        assert any(line.endswith(f"read as {reading.event}: {reading.why}") for line in lines)
        assert "  " + " ".join(reading.records) in lines


def test_every_kind_of_the_gold_standard_has_its_row(gold: list[dict[str, Any]]) -> None:
    """What became of all of them; most kinds become one of our events, or none."""
    assert confusion.confusion(confusion.fates(gold)) == {
        "DOCUMENT": {"document record": 1},
        "AGREE": {"PositionStated": 37, "one actor alone": 3},
        "CONSULT": {"MeetingHeld": 11},
        "CONCEDE": {"PositionStated": 11, "one actor alone": 1},
        "DEMAND": {"PositionStated": 33, "one actor alone": 1},
        "REJECT": {"PositionStated": 31, "one actor alone": 2, "no target named": 1},
        "DISAPPROVE": {"StatementMade": 16},
        "THREATEN": {"StatementMade": 29},
        **{kind: {"no counterpart": count} for kind, count in DEEDS.items()},
    }


DEEDS = {
    "SUPPORT": 12, "COOPERATE": 4, "AID": 10, "RETREAT": 14, "INVESTIGATE": 9, "PROTEST": 27,
    "MOBILIZE": 6, "SANCTION": 14, "FIGHT": 17, "COERCE": 18, "ASSAULT": 15,
}  # fmt: skip


def test_a_record_falls_once_whatever_becomes_of_it() -> None:
    """By full name; of several records that are made of one the first tells."""
    both = told("AGREE", source=[EAST, WEST], target="")
    rows: list[Any] = [
        both,
        Row(9, {**told("CONSULT", target=[REBELS]), "id": "P-2"}),
        told("FIGHT", id="3"),
    ]

    assert [(cells["id"], fate) for cells, fate in confusion.fates(rows)] == [
        ("P-1", "PositionStated"), ("P-2", "MeetingHeld"), ("3", "no counterpart"),
    ]  # fmt: skip


def test_what_refuses_a_demand_is_not_read_as_an_answer_to_a_proposal(
    gold: list[dict[str, Any]],
) -> None:
    """Nor is the refusal of an appeal, a call, a request or an ultimatum: none of them is one."""
    refused = re.compile(
        r"(?:reject|dismiss|refus|meet)\w*(?:\W+\w+){0,5}?\W+(?:demand|appeal|call|request|ultimatum)"
    )
    demanded = {
        each["id"].removeprefix("PLOVER-GSR01-")
        for each in gold
        if each["event"] == "REJECT" and refused.search(each["text"])
    }
    answers = {
        id
        for reading in confusion.READINGS
        if reading.event == "ProposalRejected"
        for id in reading.records
    }

    assert {id[-2:] for id in demanded} == {
        "02", "04", "05", "07", "10", "12", "18", "21", "23", "30",
    }  # fmt: skip
    assert not answers & demanded
    assert {id[-2:] for id in answers} == {"01", "03", "22", "25", "26", "27", "29", "33"}


@pytest.mark.parametrize(
    ("record", "became", "event"),
    [
        ("AGREE-0018", "one actor alone", "PositionStated"),
        ("CONCEDE-0005", "PositionStated", "nothing"),
        ("CONSULT-0007", "MeetingHeld", "MeetingScheduled"),
        ("DEMAND-0003", "PositionStated", "nothing"),
        ("REJECT-0017", "no target named", "MeetingHeld"),
        ("REJECT-0030", "PositionStated", "StatementMade"),
        ("REJECT-0034", "PositionStated", None),
        ("THREATEN-0027", "StatementMade", None),
    ],
)
def test_what_a_person_reads(
    gold: list[dict[str, Any]], record: str, became: str, event: str | None
) -> None:
    """What is listed is another event than the record became; what is not listed is the same."""
    fates = {each["id"]: fate for each, fate in confusion.fates(gold)}
    read = {id: reading.event for reading in confusion.READINGS for id in reading.records}

    assert fates[f"PLOVER-GSR01-{record}"] == became
    assert read.get(record) == event
