"""`negotiation import` and `negotiation schema`: what goes into a store, and what is told."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from negotiation import importers
from negotiation.cli import asides, importing, intake, reading, staging
from negotiation.cli.output import Failure, page
from negotiation.errors import StoreFailed
from negotiation.importers import Report, SetAside, blank_sheet, json_rows, table_rows
from negotiation.stores.jsonlines import JsonLinesStore
from negotiation.wire.lines import Codec
from tests.program import done, run

ROOT: Final = Path(__file__).parents[1]
SHEET: Final = ROOT / "examples" / "easter_truce_2025.csv"
HEAD: Final = "negotiation,id,event,time,by,text,recorded\n"
SAID: Final = HEAD + "talks,e1,StatementMade,2025-04-20,north,no,\n"


def report(*args: str | Path, **options: Any) -> dict[str, Any]:
    """The report of such a command as JSON, without what is empty."""
    found = json.loads(done(*args, "--format", "json", **options))
    return {name: value for name, value in found.items() if value not in ({}, None, 0)}


def refused(*args: str | Path, **options: Any) -> list[str]:
    """The lines with which a command refuses."""
    result = run(*args, **options)
    assert result.exit_code == 2, result.output
    return result.stderr.splitlines()


def logs(url: str | Path) -> dict[str, ng.Log]:
    """The logs of a store, without their seals."""
    with ng.open_store(str(url), create=False) as store:
        return {
            each.negotiation: ng.Log(
                each.negotiation, map(bare, store.records(each.negotiation))
            )
            for each in store.negotiations()
        }  # fmt: skip


def bare(record: ng.Record) -> ng.Record:
    line = Codec().to_json(record)
    return Codec().from_json({name: line[name] for name in line if "hash" not in name})


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a file into the folder in which the commands are run."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes, name: str = "talks.csv") -> str:
        raw = content.encode() if isinstance(content, str) else content
        Path(name).write_bytes(raw)
        return name

    return write


# Imports


@pytest.mark.parametrize("url", ["talks.jsonl", "sqlite:///talks.db"], ids=["file", "SQLite"])
def test_a_sheet_becomes_a_log_of_a_store(url: str, write: Callable[..., str]) -> None:
    """The report coded by hand gives the example log, and a second import adds nothing."""
    source = write(SHEET.read_bytes())
    first = report("import", "sheet", source, "--to", url)
    second = report("import", "sheet", source, "--to", url)

    assert {**first, "events": 0} == {
        "rows": 37, "records": 37, "negotiations": 1, "imported": True, "added": 37, "events": 0,
    }  # fmt: skip
    assert first["events"]["PositionStated"] == 15
    assert (second.get("added", 0), second["there"]) == (0, 37)
    assert logs(url) == {
        "easter-truce-2025": ng.read_log(ROOT / "examples" / "easter_truce_2025.jsonl")
    }
    assert sorted(path.name for path in Path().iterdir()) == sorted(
        ["talks.csv", url.rpartition("/")[2]]
    )


def test_a_report_for_reading(write: Callable[..., str]) -> None:
    """It counts rows, records by their events, and what was set aside by its reason."""
    source = write(SAID)

    assert done("import", "sheet", source, "--to", "talks.jsonl") == (
        "read 1 row, and made 1 record of 1 negotiation\n"
        "added 1 record to talks.jsonl; 0 were there already\n"
        "\n"
        "made of the rows  records\n"
        "────────────────  ───────\n"
        "StatementMade           1\n"
    )
    assert "added 0 records to talks.jsonl; 1 was there already\n" in done(
        "import", "sheet", source, "--to", "talks.jsonl"
    )


def test_a_report_has_the_most_frequent_first(write: Callable[..., str]) -> None:
    """Of equals the one that came first; so in words and as JSON."""
    rows = (
        "talks,,TruceEnded,2025-04-20,north,,", "talks,,PartyWithdrew,2025-04-20,north,,",
        "talks,,StatementMade,2025-04-20,north,no,", "water,,StatementMade,2025-04-20,north,no,",
    )  # fmt: skip
    head, ended = HEAD.replace(",recorded", ",recorded,truce"), {"TruceEnded": ",t"}
    lines = (row + ended.get(row.split(",")[2], ",") for row in rows)
    source = write(head + "".join(f"{line}\n" for line in lines))
    in_words = done("import", "sheet", source, "--to", "t.jsonl").splitlines()
    as_json = report("import", "sheet", source, "--to", "u.jsonl")

    names = ["StatementMade", "TruceEnded", "PartyWithdrew"]
    assert [line.split()[0] for line in in_words[-3:]] == [*as_json["events"]] == names
    assert in_words[1] == "added 4 records to t.jsonl; 0 were there already"
    assert as_json["added"] == 4


@pytest.mark.parametrize(
    ("ids", "told", "numbers"),
    [
        ("e1 e1", "added 1 record to t.jsonl; 0 were there already\n1 more stands", (2, 1, 1)),
        ("e1 e1 e1 e2 e2", "added 2 records to t.jsonl; 0 were there already\n3 more stand",
         (5, 2, 3)),
    ],
    ids=["one", "several"],
)  # fmt: skip
def test_second_copies_in_the_source_are_told_apart_from_what_the_store_has(
    ids: str, told: str, numbers: tuple[int, ...], write: Callable[..., str]
) -> None:
    """They are read and not added; all of them are there when the source is imported again."""
    line = SAID.removeprefix(HEAD)
    source = write(HEAD + "".join(line.replace("e1", id) for id in ids.split()))
    in_words = done("import", "sheet", source, "--to", "t.jsonl")
    as_json = report("import", "sheet", source, "--to", "u.jsonl")
    again = report("import", "sheet", source, "--to", "t.jsonl")

    assert f"\n{told} in the source a second time\n" in in_words
    assert (as_json["rows"], as_json["added"], as_json["copies"]) == numbers
    assert "there" not in as_json
    assert (again["there"], again.get("copies", 0)) == (numbers[0], 0)


def test_a_report_keeps_a_password_to_itself() -> None:
    """Of the URL of a store it shows what is no secret."""
    task = intake.Task(
        intake.KINDS["sheet"], "talks.csv", "postgresql://ann:secret@example.org/talks", None,
        False, None, {}, ng.Model.default,
    )  # fmt: skip
    _, line = intake.outcome_lines(task, intake.Outcome(Report(), added=0), page())

    assert line.startswith("added 0 records to postgresql:")
    assert "secret" not in line


def test_an_empty_sheet_makes_nothing(write: Callable[..., str]) -> None:
    """No rows are no mistake; the store is made."""
    output = done("import", "sheet", write(blank_sheet()), "--to", "talks.jsonl")

    assert output.startswith("read 0 rows, and made 0 records of 0 negotiations\nadded 0 records")
    assert logs("talks.jsonl") == {}


CASINO: Final = {
    "dialogue_id": 7,
    "chat_logs": [
        {"id": "ann", "text": "hello", "task_data": {}},
        {"id": "ben", "text": "Walk-Away", "task_data": {}},
    ],
    "participant_info": {
        name: {"value2issue": {"High": "Water", "Medium": "Food", "Low": "Firewood"}}
        for name in ("ann", "ben")
    },
}
NEGMAS: Final = {
    "run": "r1", "issues": ["price"], "n_steps": 3, "negotiators": ["buyer", "seller"],
    "full_trace": [
        {"time": 0.0, "relative_time": 0.2, "step": 0, "negotiator": "buyer", "offer": [11],
         "responses": {}, "state": "continuing"},
        {"time": 0.1, "relative_time": 0.4, "step": 1, "negotiator": "seller", "offer": [0],
         "responses": {"buyer": "ACCEPT_OFFER"}, "state": "agreement"},
    ],
    "final": {"agreement": [0], "broken": False, "timedout": False, "step": 2,
              "left_negotiators": []},
}  # fmt: skip
PLOVER: Final = {
    "id": "P-1", "date": "2030-05-01", "event": "DEMAND", "eventText": "demanded withdrawal",
    "source": [{"actorText": "eastern envoys", "code": "EST"}],
    "target": [{"actorText": "the West", "code": "WST"}],
}  # fmt: skip
CEASEFIRE: Final = (
    "cc,cf_id,ucdp_actor_id,actor_name,cf_dec_yr,cf_dec_month,cf_dec_day,"
    "cf_effect_yr,cf_effect_month,cf_effect_day,end_yr,end_month,end_day\n"
    "70,1,10,North,2030,1,12,2030,1,12,2030,2,9\n"
)
NEWS: Final = (
    "Event ID\tEvent Date\tSource Name\tSource Country\tEvent Text\tCAMEO Code\tTarget Name\t"
    "Target Country\tStory ID\tPublisher\n"
    "1\t2030-05-01\tEnvoy (Eastland)\tEastland\tExpress intent to meet\t036\tWestland\tWestland\t"
    "7\tValley Post\n"
    "2\t2030-05-01\tWestland\tWestland\tfight\t194\tEastland\tEastland\t8\tValley Post\n"
)


@pytest.mark.parametrize(
    ("kind", "content", "negotiation"),
    [
        ("casino", json.dumps([CASINO]), "casino-7"),
        ("negmas", json.dumps([NEGMAS]), "r1"),
        ("cameo", NEWS, "cameo-country-Eastland--Westland"),
        ("plover", json.dumps([PLOVER]), "plover-country-EST--WST"),
        ("ceasefires", CEASEFIRE, "ceasefire-70-1"),
        ("sheet", SAID, "talks"),
    ],
)
def test_every_kind_of_source_is_imported(
    kind: str, content: str, negotiation: str, write: Callable[..., str]
) -> None:
    """Each goes through its importer, and a second time adds nothing."""
    source = write(content, "source")
    first = report("import", kind, source, "--to", "talks.jsonl")
    second = report("import", kind, source, "--to", "talks.jsonl")

    assert [*logs("talks.jsonl")] == [negotiation]
    assert first["added"] == first["records"] == second["there"] == second["records"]
    assert "added" not in second
    assert first["imported"] is second["imported"] is True


@pytest.mark.parametrize(
    ("kind", "data", "negotiations"),
    [
        ("casino", "casino/casino_valid.json", 30),
        ("negmas", "negmas/sao_runs.json", 24),
        ("ceasefires", "ceasefires_quarter.csv", 551),
        ("cameo", "icews_2018_sample.tab", 337),
        ("plover", "plover_gsr_cameo.json", 113),
    ],
)
def test_real_data_is_imported_once(
    kind: str, data: str, negotiations: int, test_data: Path, write: Callable[..., str]
) -> None:
    """All of it goes into a store without a mistake, and a second time adds nothing."""
    source = write((test_data / data).read_bytes(), "source")
    first = report("import", kind, source, "--to", "sqlite:///talks.db")
    second = report("import", kind, source, "--to", "sqlite:///talks.db")

    assert first["added"] == first["records"] == second["there"]
    assert "added" not in second
    read = json_rows(source) if kind in ("casino", "negmas", "plover") else table_rows(source)
    importer: Callable[..., importers.Imported] = getattr(importers, kind)
    made = logs("sqlite:///talks.db")
    assert made == importer(read).logs
    assert len(made) == first["negotiations"] == negotiations


@pytest.mark.parametrize("by", ["country", "name"])
@pytest.mark.parametrize(
    ("kind", "content"),
    [("cameo", NEWS), ("plover", json.dumps([PLOVER]))],
    ids=["cameo", "plover"],
)
def test_what_makes_actors_one_party_is_chosen(
    kind: str, content: str, by: str, write: Callable[..., str]
) -> None:
    """The choice goes to the importer."""
    done("import", kind, write(content), "--to", "t.jsonl", "--by", by)
    (negotiation,) = logs("t.jsonl")

    assert negotiation.startswith(f"{kind}-{by}-")


@pytest.mark.parametrize(
    ("kind", "row"), [("casino", CASINO), ("negmas", NEGMAS)], ids=["casino", "negmas"]
)
def test_when_a_source_without_times_begins_is_chosen(
    kind: str, row: Any, write: Callable[..., str]
) -> None:
    """The moment goes to the importer."""
    source = write(json.dumps([row]))
    done("import", kind, source, "--to", "t.jsonl", "--start", "2031-03-01T00:00:00Z")
    (log,) = logs("t.jsonl").values()

    assert log[0].time == datetime(2031, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "content"),
    [("ceasefires", CEASEFIRE.replace(",", ":")), ("cameo", NEWS.replace("\t", ":"))],
    ids=["ceasefires", "cameo"],
)
def test_every_table_may_have_another_delimiter(
    kind: str, content: str, write: Callable[..., str]
) -> None:
    """Where the head does not tell, it is chosen."""
    source = write(content)

    assert report("import", kind, source, "--to", "t.jsonl", "--delimiter", ":")["added"] >= 1


@pytest.mark.parametrize("tab", ["tab", r"\t", "\t"])
def test_a_tab_has_a_name(tab: str, write: Callable[..., str]) -> None:
    """Nobody need type one."""
    source = write(
        "negotiation\tevent\ttime\tby\ttext\ntalks\tStatementMade\t2031-03-01\tnorth\t;;;;;;\n"
    )

    assert report("import", "sheet", source, "--to", "t.jsonl", "--delimiter", tab)["added"] == 1


def test_the_options_of_a_sheet(write: Callable[..., str]) -> None:
    """Rows may leave out their negotiation and the offset of their times; any delimiter will do."""
    source = write("event:time:by:text\nStatementMade:2025-04-20:north:no\n")
    done("import", "sheet", source, "--to", "t.jsonl", "--negotiation", "talks",
         "--timezone", "Europe/Kyiv", "--delimiter", ":")  # fmt: skip
    done("import", "sheet", write(SAID), "--to", "u.jsonl", "--timezone", "UTC")

    assert logs("t.jsonl")["talks"][0].time == datetime(2025, 4, 19, 21, tzinfo=UTC)
    assert logs("u.jsonl")["talks"][0].time == datetime(2025, 4, 20, tzinfo=UTC)


def test_a_sheet_on_standard_input(write: Callable[..., str]) -> None:
    """It may come from another program."""
    write("", "unused")

    assert report("import", "sheet", "-", "--to", "t.jsonl", input=SAID)["added"] == 1


def test_json_on_standard_input(write: Callable[..., str]) -> None:
    """As lines too, one object for each."""
    write("", "unused")
    lines = "".join(f"{json.dumps({**CASINO, 'dialogue_id': number})}\n" for number in (7, 8))

    assert report("import", "casino", "-", "--to", "t.jsonl", input=lines)["negotiations"] == 2


# What is set aside


def test_what_is_set_aside_is_counted_and_kept(write: Callable[..., str]) -> None:
    """What has no counterpart is no mistake; it stands in a file beside the source."""
    output = done("import", "cameo", write(NEWS, "news.tab"), "--to", "t.jsonl")
    (line,) = Path("news.tab.aside.jsonl").read_text(encoding="utf-8").splitlines()
    kept = json.loads(line)

    assert output.endswith(
        "\n"
        "set aside                                           times\n"
        "──────────────────────────────────────────────────  ─────\n"
        "no counterpart: 194 fight with artillery and tanks      1\n"
        "\n"
        "set aside once, 0 of them for mistakes; kept in news.tab.aside.jsonl\n"
    )
    assert (kept["row"], kept["column"], kept["wrong"]) == (3, "CAMEO Code", False)
    assert kept["reason"].startswith("no counterpart: 194")
    assert kept["cells"]["Story ID"] == "8"


def test_the_report_as_json_counts_what_is_set_aside(write: Callable[..., str]) -> None:
    """By its reason, the most frequent first; of what has no counterpart none is wrong."""
    deed = "{}\t2030-05-01\tWestland\tWestland\tx\t{}\tEastland\tEastland\t8\tValley Post\n"
    source = write(NEWS + deed.format(3, "173") + deed.format(4, "173"), "news.tab")
    found = json.loads(done("import", "cameo", source, "--to", "t.jsonl", "--format", "json"))

    assert [*found["set_aside"].items()] == [
        ("no counterpart: 173 Arrest, detain, or charge with legal action", 2),
        ("no counterpart: 194 fight with artillery and tanks", 1),
    ]
    assert (found["rows"], found["records"]) == (4, 1)
    assert (found["wrong"], found["aside"]) == (0, "news.tab.aside.jsonl")
    assert found["events"] == {"ProposalMade": 1}


def test_the_file_of_what_is_set_aside_is_chosen(write: Callable[..., str]) -> None:
    """It replaces what is there; of standard input nothing is kept unless it is named."""
    source = write(NEWS, "news.tab")
    done(
        "import",
        "cameo",
        "-",
        "--to",
        "u.jsonl",
        "--aside",
        "aside",
        input=NEWS.replace("\n2\t", "\n3\t"),
    )
    write(b"", "other")
    done("import", "cameo", source, "--to", "t.jsonl", "--aside", "aside")
    named = report("import", "cameo", "-", "--to", "t.jsonl", "--aside", "other", input=NEWS)
    unnamed = done("import", "cameo", "-", "--to", "t.jsonl", input=NEWS)

    assert Path("aside").read_bytes() == Path("other").read_bytes()
    assert named["aside"] == "other"
    assert "kept nowhere; name a file with --aside\n" in unnamed
    assert not Path("news.tab.aside.jsonl").exists()


def test_a_place_that_cannot_be_written_is_told_before_anything_is_imported(
    write: Callable[..., str],
) -> None:
    """Nothing is in the store that is not in the report."""
    source = write(NEWS)
    found = refused("import", "cameo", source, "--to", "t.jsonl", "--aside", "no/where")

    assert len(found) == 1
    assert found[0].startswith("no/where: there is no directory ")
    assert found[0].endswith("; make it, or name another file with --aside")
    assert not Path("t.jsonl").exists()


@pytest.mark.parametrize("place", ["folder", "/dev/null"])
def test_what_is_set_aside_goes_into_a_file(place: str, write: Callable[..., str]) -> None:
    """A folder and a device are no files; that is told before anything is read."""
    Path("folder").mkdir()
    [found] = refused("import", "sheet", "-", "--to", "t.jsonl", "--aside", place, input="\x00")

    assert re.fullmatch(f"{place}: is (a directory|no file); name (a file|one) with --aside", found)


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can be made beside the source."""

    def replaced(path: Path, *, force: bool) -> Any:
        assert force
        raise Failure(f"{path}: cannot be written: Permission denied")

    monkeypatch.setattr(asides, "replaced", replaced)


@pytest.mark.usefixtures("unwritable")
def test_what_cannot_be_kept_beside_the_source_is_told(write: Callable[..., str]) -> None:
    """The mistakes are told all the same, and what has no counterpart stops nothing."""
    told = refused("import", "sheet", write(BAD), "--to", "t.jsonl")
    shown = done("import", "cameo", write(NEWS, "news.tab"), "--to", "t.jsonl")

    assert told[0].startswith("talks.csv: row 3, column time: must be a t")
    assert shown.splitlines()[-1].endswith(
        "kept nowhere (news.tab.aside.jsonl: cannot be written: Permission denied); name "
        "another file with --aside"
    )
    assert "added 1 record" in shown


@pytest.mark.usefixtures("unwritable")
def test_where_nothing_can_be_kept_that_should_be_nothing_is_imported(
    write: Callable[..., str],
) -> None:
    """A file that was named must hold what was set aside."""
    result = run("import", "cameo", write(NEWS), "--to", "t.jsonl", "--aside", "named")

    assert result.exit_code == 2
    assert "imported nothing, since what was set aside cannot be kept" in result.stdout
    assert not Path("t.jsonl").exists()


# Mistakes


BAD: Final = (
    SAID.encode()
    + b"talks,e2,StatementMade,03/04/2025,no rth,yes,\n"
    + b"talks,e3,StatementMade,2025-04-21,south,caf\xe9,\n"
    + b"talks,e4,StatementMade,2025-04-22,south,maybe,\n"
    + b"talks,e4,StatementMade,2025-04-23,south,perhaps,\n"
    + b"talks,e5\n"
)


def test_where_there_are_mistakes_nothing_is_imported(write: Callable[..., str]) -> None:
    """All of them are told by row and column, whatever they are, and the exit code is 2."""
    source = write(BAD)
    result = run("import", "sheet", source, "--to", "t.jsonl")

    assert result.exit_code == 2
    assert [line[:42] for line in result.stderr.splitlines()] == [
        "talks.csv: row 3, column time: must be a t",
        "talks.csv: row 3, column by: must be a par",
        "talks.csv: row 4, column text: holds the b",
        "talks.csv: row 6, column id: says somethin",
        "talks.csv: row 7: has 2 cells, and the hea",
    ]
    assert "imported nothing, since there are mistakes; --keep-good imports the rest" in (
        result.stdout
    )
    assert not Path("t.jsonl").exists()
    assert len(Path("talks.csv.aside.jsonl").read_bytes().splitlines()) == 5


def test_the_text_of_what_cannot_be_read_is_kept(write: Callable[..., str]) -> None:
    """Where whoever reads the source gives it; where it does not, there is none."""
    write("", "unused")
    with TemporaryFile() as file:
        taking = asides.Asides("talks.csv", Path("kept"), file)
        for text in ('a,"b"c\n', None):
            taking.unread(SetAside(3, "malformed row", text=text))
        taking.write()

    first, second = map(json.loads, Path("kept").read_text().splitlines())
    assert first["text"] == 'a,"b"c\n'
    assert "text" not in second


def test_how_many_mistakes_are_not_told_is(write: Callable[..., str]) -> None:
    """Of those that are alike the first five are."""
    source = write(HEAD + "talks,,Statement,2025-04-20,north,no,\n" * 6)
    told = refused("import", "sheet", source, "--to", "t.jsonl")

    assert len(told) == 6
    assert told[-1].startswith("talks.csv: and 1 more mistake; all of them stand in ")


def test_numbers_that_are_written_otherwise_are_another_event(write: Callable[..., str]) -> None:
    """1 and 1.0 are equal, and no seal is."""
    head = "negotiation,id,event,time,by,issue,firmness,value\n"
    row = "talks,e1,PositionStated,2025-04-20,north,pay,open,"
    (told,) = refused("import", "sheet", write(f"{head}{row}1\n{row}1.0\n"), "--to", "t.jsonl")

    assert "says something else than row 2 under the id 'e1' of 'talks': another event" in told


def test_a_record_that_clashes_is_kept_with_its_row(write: Callable[..., str]) -> None:
    """The line says of which negotiation and id it is, and what stands in the row."""
    refused("import", "sheet", write(BAD), "--to", "t.jsonl")
    lines = map(json.loads, Path("talks.csv.aside.jsonl").read_text().splitlines())
    (clash,) = (line for line in lines if line["reason"] == "same id")

    assert (clash["row"], clash["negotiation"], clash["id"]) == (6, "talks", "e4")
    assert (clash["wrong"], clash["column"], clash["cells"]["text"]) == (True, "id", "perhaps")


def test_keep_good_imports_the_rest(write: Callable[..., str]) -> None:
    """The mistakes are told all the same, and the exit code is 0."""
    result = run("import", "sheet", write(BAD), "--to", "t.jsonl", "--keep-good")

    assert result.exit_code == 0
    assert len(result.stderr.splitlines()) == 5
    assert "read 6 rows, and made 2 records of 1 negotiation\nadded 2 records" in result.stdout
    assert [record.id for record in logs("t.jsonl")["talks"]] == ["e1", "e4"]


def test_keep_good_imports_the_rest_of_json(write: Callable[..., str]) -> None:
    """An object that cannot be read is a mistake of its row, and so is one that is no dialogue."""
    other = json.dumps({**CASINO, "dialogue_id": 8})
    source = write(f'{json.dumps(CASINO)}\n{{"a": x}}\n{{}}\n{other}\n', "talks.json")
    result = run("import", "casino", source, "--to", "t.jsonl", "--keep-good")

    assert result.exit_code == 0
    assert [line.partition(": ")[2][:32] for line in result.stderr.splitlines()] == [
        "row 2, column a: is not JSON: Ex", "row 3, column participant_info: ",
    ]  # fmt: skip
    assert result.stdout.startswith("read 4 rows, and made 20 records of 2 negotiations\n")
    assert [*logs("t.jsonl")] == ["casino-7", "casino-8"]


def test_where_no_file_keeps_them_very_many_mistakes_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How many there are besides is told too, and how to keep them."""
    monkeypatch.setattr(asides, "UNKEPT", 3)
    wrong = HEAD + "talks,,StatementMade,soon,north,no,\n" * 5
    told = refused("import", "sheet", "-", "--to", "t.jsonl", input=wrong)

    assert [line.partition(": ")[2][:6] for line in told[:-1]] == ["row 2,", "row 3,", "row 4,"]
    assert told[-1] == "<stdin>: and 2 more mistakes; name a file for all of them with --aside"


def test_the_first_mistakes_are_told_and_all_are_kept(write: Callable[..., str]) -> None:
    """Five of a column and reason are told, and 20 in all; where no file keeps them, all are."""
    rows = [
        "talks,,Statement,2025-04-20,north,no,\n",
        "talks,,StatementMade,soon,north,no,\n",
        "talks,,StatementMade,2025-04-20,no rth,no,\n",
        "talks,,StatementMade,2025-04-20,north,,\n",
        "talks,,StatementMade,2025-04-20,north,no,soon\n",
    ]
    source = write(HEAD + "".join(row * 10 for row in rows))
    told = refused("import", "sheet", source, "--to", "t.jsonl")
    unkept = refused("import", "sheet", "-", "--to", "t.jsonl", input=Path(source).read_text())

    assert [re.findall(r"row \d+, column \w+", line) for line in told[:-1]] == [
        [f"row {row}, column {column}"]
        for start, column in ((2, "event"), (12, "time"), (22, "by"), (32, "text"))
        for row in range(start, start + 5)
    ]
    assert told[-1] == (
        "talks.csv: and 30 more mistakes; all of them stand in talks.csv.aside.jsonl"
    )
    assert [re.findall(r"row (\d+)", line) for line in unkept] == [[str(n)] for n in range(2, 52)]
    assert len(Path("talks.csv.aside.jsonl").read_bytes().splitlines()) == 50


@pytest.mark.parametrize(
    ("kind", "content", "message"),
    [
        ("sheet", "[]", "is JSON, and no table"),
        ("sheet", "", "is empty; a table has a head with the names of its columns"),
        ("sheet", "evnt,time\n", "row 1: has no column 'event'; did you mean 'evnt'?"),
        ("cameo", "a,b\n", "row 1: has no column 'Event ID'"),
        ("ceasefires", "cc,cf_id\n1,2\n", "row 1: has no column 'ucdp_actor_id'"),
        ("casino", "a,b\n", "is no JSON of objects; such a file begins with [ or {"),
        ("casino", b"\xff\xfe[", "is in UTF-16; save it as JSON in UTF-8"),
    ],
)
def test_a_source_of_another_kind_is_told(
    kind: str, content: str | bytes, message: str, write: Callable[..., str]
) -> None:
    """A file that cannot be what it is said to be is refused as a whole."""
    (line,) = refused("import", kind, write(content), "--to", "t.jsonl")

    assert line.startswith(f"talks.csv: {message}")
    assert not Path("t.jsonl").exists()


def test_a_source_that_is_not_there(write: Callable[..., str]) -> None:
    """It is told by its name."""
    write("", "unused")

    assert refused("import", "sheet", "nowhere.csv", "--to", "t.jsonl") == [
        "nowhere.csv: cannot be read: No such file or directory"
    ]
    assert refused("import", "sheet", "", "--to", "t.jsonl") == [
        "the path '' is empty; name a file"
    ]


def test_a_closed_standard_input(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and nothing is made."""
    write("", "unused")
    monkeypatch.setattr(reading, "sys", type("Closed", (), {"stdin": None, "stderr": None}))

    assert refused("import", "sheet", "-", "--to", "t.jsonl") == [
        "standard input: cannot be read: it is closed"
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("import", "sheets", "f", "--to", "t.jsonl"), "'sheets' is not one of"),
        (("import", "sheet", "f"), "Missing option '--to'"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--by", "name"),
         "--by says nothing about a source of the kind sheet"),
        (("import", "casino", "f", "--to", "t.jsonl", "--timezone", "UTC"),
         "--timezone says nothing about a source of the kind casino"),
        (("import", "casino", "f", "--to", "t.jsonl", "--delimiter", ";"),
         "--delimiter says nothing about a source of the kind casino"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--timezone", "Kiew"),
         "there is no time zone 'Kiew'; name one such as Europe/Kyiv"),
        (("import", "casino", "f", "--to", "t.jsonl", "--start", "now"), "must be a time"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--aside", "./f"),
         "SOURCE and what is set aside are one file, f; name another"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--delimiter", ",,"),
         "the delimiter must be one character"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--delimiter", ""),
         "the delimiter must be one character"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--timezone", "Europe"),
         "there is no time zone 'Europe'"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--aside", "there/../f"),
         "SOURCE and what is set aside are one file, f; name another"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--aside", "-"),
         "--aside -: what is set aside goes into a file; name one"),
        (("import", "sheet", "ring.csv", "--to", "t.jsonl"), "ring.csv: cannot be read: Too many"),
        (("import", "sheet", "f", "--to", "ring.jsonl"),
         "store 'ring.jsonl': cannot be opened: Too many levels of symbolic links"),
        (("import", "sheet", "f", "--to", "t.jsonl", "--aside", "."),
         ".: is a directory; name a file with --aside"),
        (("import", "sheet", "nowhere.csv", "--to", "nowhere/t.jsonl"),
         "nowhere/t.jsonl: cannot be made; there is no directory '/"),
        (("import", "sheet", "f", "--to", "sqlite:///f"), "SOURCE and STORE are one file"),
        (("import", "sheet", "f", "--to", "f.aside.jsonl"), "STORE and what is set aside are one"),
        (("import", "sheet", "f", "--to", "nothing://x.jsonl"), "store 'nothing:': is no kind of"),
        (("import", "sheet", "f", "--to", "memory:"), "memory: is empty whenever"),
        (("import", "sheet", "f", "--to", "talks.db"), "is no kind of store"),
        (("schema", "--model", "json"), "'json' cannot be found"),
        (("schema", "--model", "nowhere:model"), "'nowhere:model' cannot be found"),
        (("schema", "--model", ""), "cannot be found"),
        (("schema", "--model", ".a:x"), "'.a:x' cannot be found: "),
        (("schema", "--model", "raises:x"), "'raises:x' cannot be found: no luck today"),
        (("schema", "--model", "silent:x"), "'silent:x' cannot be found: RuntimeError"),
        (("schema", "--model", "exits:x"), "'exits:x' cannot be found: goodbye"),
        (("schema", "--model", "json:dumps"), "'json:dumps' is no Model but a function"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told(
    args: tuple[str, ...], message: str, write: Callable[..., str]
) -> None:
    """What is not understood does nothing, and says what would be right."""
    write(SAID, "f")
    write("raise RuntimeError('no luck\\ntoday')", "raises.py")
    write("raise RuntimeError", "silent.py")
    write("raise SystemExit('goodbye')", "exits.py")
    Path("ring.jsonl").symlink_to("ring.csv")
    Path("ring.csv").symlink_to("ring.jsonl")

    assert message in "\n".join(refused(*args))
    assert not Path("t.jsonl").exists()


# What is in the store already


def stored(*rows: str) -> str:
    return HEAD + "".join(f"talks,{row}\n" for row in rows)


ONE: Final = "e1,StatementMade,2025-04-20,north,no,"
TWO: Final = "e2,StatementMade,2025-04-22,north,yes,"


def test_rows_that_were_added_are_added(write: Callable[..., str]) -> None:
    """A sheet that has grown is imported again; new rows go behind what is there."""
    done("import", "sheet", write(stored(ONE, TWO)), "--to", "t.jsonl")
    new = "e3,StatementMade,2025-04-21,south,oh,"
    found = report("import", "sheet", write(stored(ONE, new, TWO)), "--to", "t.jsonl")
    log = logs("t.jsonl")["talks"]

    assert (found["added"], found["there"]) == (1, 2)
    assert [record.id for record in log] == ["e1", "e2", "e3"]
    assert [record.recorded.day for record in log] == [20, 22, 22]


def test_a_row_that_was_changed_is_told(write: Callable[..., str]) -> None:
    """What the store has is kept; a correction is a record of its own."""
    done("import", "sheet", write(stored(ONE, TWO)), "--to", "t.jsonl")
    source = write(stored(ONE, TWO.replace("yes", "no"), TWO.replace("e2", "e4")))

    (line,) = refused("import", "sheet", source, "--to", "t.jsonl")
    assert line == (
        "talks.csv: row 3, column id: says something else than the store under the id 'e2' of "
        "'talks': another text; what is corrected later is retracted, and recorded anew under an "
        "id of its own"
    )
    assert report("import", "sheet", write(stored(ONE)), "--to", "t.jsonl")["there"] == 1
    result = run("import", "sheet", write(stored(ONE, TWO.replace("yes", "no"), TWO.replace(
        "e2", "e4"))), "--to", "t.jsonl", "--keep-good")  # fmt: skip
    assert result.exit_code == 0
    assert [record.id for record in logs("t.jsonl")["talks"]] == ["e1", "e2", "e4"]


def test_a_row_that_says_it_was_recorded_too_early_is_told(write: Callable[..., str]) -> None:
    """Its word is not changed; the store's last record was recorded later."""
    done("import", "sheet", write(stored(ONE, TWO)), "--to", "t.jsonl")
    early = "e3,StatementMade,2025-04-21,south,oh,2025-04-21 12:00"
    same = "e4,StatementMade,2025-04-21,south,oh,2025-04-22 00:00"
    late = "e5,StatementMade,2025-04-21,south,oh,2025-04-22 12:00"

    assert refused("import", "sheet", write(stored(early, late)), "--to", "t.jsonl") == [
        ("talks.csv: row 2, column recorded: lies before 2025-04-22T00:00:00Z, when the last "
        "record in the store was recorded; a log grows at its end")
    ]  # fmt: skip
    assert report("import", "sheet", write(stored(same, late)), "--to", "t.jsonl")["added"] == 2


def test_records_that_were_made_at_the_end_are_told_by_their_ids(write: Callable[..., str]) -> None:
    """Where an importer holds all rows, no row can be named."""
    head = (
        "cc,cf_id,location,ucdp_actor_id,actor_name,cf_dec_yr,cf_dec_month,cf_dec_day,"
        "cf_effect_yr,cf_effect_month,cf_effect_day,side,partial,written,fixed,fixed_time,"
        "p_humanitarian,p_peaceprocess,p_holiday,p_election,p_other,p_unclear,ceasefire_class,"
        "timing,mediator_nego,mediator_send,implement,enforcement,ended,end_yr,end_month,end_day\n"
    )
    row = (
        "70,1,Eastland,10,North,2030,1,12,2030,1,12,1,0,0,0,0,1,1,0,0,0,0,1,1,0,0,0,0,2,2030,2,{}\n"
    )
    done("import", "ceasefires", write(head + row.format(9)), "--to", "t.jsonl")
    source = write(head + row.format(10))
    told = refused("import", "ceasefires", source, "--to", "t.jsonl")

    (line,) = told
    assert line.startswith(
        "talks.csv: negotiation 'ceasefire-70-1': says something else than the store under the id "
    )
    (*_, kept) = map(json.loads, Path("talks.csv.aside.jsonl").read_text().splitlines())
    assert (kept["row"], kept["negotiation"], kept["reason"]) == (None, "ceasefire-70-1", "same id")
    other = row.format(9).replace("70,1,", "70,2,") + row.format(9).replace("70,1,", "70,3,")
    both = write(head + row.format(10) + other)
    run("import", "ceasefires", both, "--to", "t.jsonl", "--keep-good")
    assert [*logs("t.jsonl")] == ["ceasefire-70-1", "ceasefire-70-2", "ceasefire-70-3"]


def dialogue(text: str) -> dict[str, Any]:
    said: Any = CASINO["chat_logs"]
    return {**CASINO, "chat_logs": [{**said[0], "text": text}, *said[1:]]}


def test_a_row_goes_in_whole_or_not_at_all(write: Callable[..., str]) -> None:
    """Where one record of it is refused, so are the others, as one mistake; nothing is spliced."""
    longer = dialogue("good day")
    longer["chat_logs"].append({"id": "ann", "text": "bye", "task_data": {}})
    done("import", "casino", write(json.dumps([CASINO])), "--to", "t.jsonl")
    before = logs("t.jsonl")
    source = write(json.dumps([longer, {**CASINO, "dialogue_id": 8}]))
    result = run("import", "casino", source, "--to", "t.jsonl", "--keep-good", "--format", "json")
    found = json.loads(result.stdout)
    (line,) = result.stderr.splitlines()

    assert line.startswith("talks.csv: row 1: says something else than the store under the id 'e")
    assert " of 'casino-7': another text; " in line
    assert logs("t.jsonl")["casino-7"] == before["casino-7"]
    assert (found["wrong"], found["negotiations"], found["there"]) == (1, 1, 0)
    assert found["records"] == found["added"] == len(logs("t.jsonl")["casino-8"])
    assert sum(found["events"].values()) == found["records"]


def test_nothing_is_imported_where_nothing_is_left(write: Callable[..., str]) -> None:
    """A source of another kind that reads as JSON makes no store, even where the rest is wanted."""
    source = write(json.dumps([NEGMAS, NEGMAS]))
    result = run("import", "casino", source, "--to", "t.jsonl", "--keep-good")

    assert result.exit_code == 2
    assert "imported nothing, since nothing is without mistakes; is the source of this" in (
        result.stdout
    )
    assert not Path("t.jsonl").exists()


NO_NEGOTIATION: Final = (
    "row 1: has no column 'negotiation'; name it in a column, or for all rows with --negotiation ID"
)
OPEN_QUOTE: Final = (
    "row 3, column text: begins with a double quote that is not closed; lines 3 to 4 cannot be "
    "read: is a double quote not closed?"
)


@pytest.mark.parametrize("more", [(), ("--keep-good",)], ids=["all", "keep good"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("event,time\n", NO_NEGOTIATION),
        (SAID + 'talks,e2,StatementMade,2025-04-21,north,"no,\n' + SAID[len(HEAD):],
         OPEN_QUOTE),
    ],
    ids=["no negotiation", "open quote"],
)  # fmt: skip
def test_what_concerns_the_whole_sheet_is_no_mistake_of_a_row(
    content: str, message: str, more: tuple[str, ...], write: Callable[..., str]
) -> None:
    """Nothing is imported, even where the rest is wanted."""
    found = refused("import", "sheet", write(content), "--to", "t.jsonl", *more)

    assert found == [f"talks.csv: {message}"]
    assert not Path("t.jsonl").exists()


def test_names_in_coded_news_may_hold_double_quotes(write: Callable[..., str]) -> None:
    """They are not how a cell begins or ends."""
    source = write(NEWS.replace("Envoy (Eastland)", '"Abu" Envoy'))

    assert report("import", "cameo", source, "--to", "t.jsonl")["added"] == 1


def test_what_an_import_set_aside_goes_with_its_reason(write: Callable[..., str]) -> None:
    """A file of what was set aside tells of the last import, wherever it is."""
    refused("import", "sheet", write(BAD), "--to", "t.jsonl")
    refused("import", "sheet", write(BAD), "--to", "t.jsonl", "--aside", "named")
    assert Path("talks.csv.aside.jsonl").exists()
    done("import", "sheet", write(SAID), "--to", "t.jsonl")
    done("import", "sheet", write(SAID), "--to", "t.jsonl", "--aside", "named")

    assert not Path("talks.csv.aside.jsonl").exists()
    assert not Path("named").exists()


def test_what_an_import_set_aside_goes_where_the_source_is_refused_as_a_whole(
    write: Callable[..., str],
) -> None:
    """Nothing was taken from it that it could tell of."""
    refused("import", "sheet", write(BAD), "--to", "t.jsonl")
    refused("import", "sheet", write("{}"), "--to", "t.jsonl")

    assert not Path("talks.csv.aside.jsonl").exists()


def test_the_mistakes_above_what_cannot_be_read_are_told(write: Callable[..., str]) -> None:
    """So that a sheet need not be mended in as many rounds as it has mistakes."""
    told = refused("import", "sheet", write(BAD + b't,e,StatementMade,2025-04-20,x,"a\nb,\n'),
                   "--to", "t.jsonl")  # fmt: skip

    assert told[0].startswith("talks.csv: row 3, column time: must be a time")
    assert "is a double quote not closed?" in told[-1]


def test_what_clashes_with_the_store_is_kept_as_the_record_that_it_is(
    write: Callable[..., str],
) -> None:
    """The row is no longer at hand when it is compared with the store."""
    done("import", "sheet", write(stored(ONE, TWO)), "--to", "t.jsonl")
    early = "e3,StatementMade,2025-04-21,south,oh,2025-04-21 12:00"
    refused("import", "sheet", write(stored(early, TWO.replace("yes", "no"))), "--to", "t.jsonl")

    kept = [json.loads(line) for line in Path("talks.csv.aside.jsonl").read_bytes().splitlines()]
    assert [(each["id"], each["cells"], each["record"]["data"]["text"]) for each in kept] == [
        ("e2", {}, "no"), ("e3", {}, "oh"),
    ]  # fmt: skip


def test_a_row_that_cannot_be_read_is_one_row(write: Callable[..., str]) -> None:
    """However much is wrong with it."""
    result = run("import", "sheet", write(SAID.encode() + b"t,\xe9,\xe9,,,,\n"), "--to", "t.jsonl")

    assert result.stdout.startswith("read 2 rows, and made 1 record ")
    assert len(result.stderr.splitlines()) == 2


def test_a_file_of_what_was_set_aside_that_cannot_go_is_told(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would tell of another import."""

    def unlink(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    refused("import", "sheet", write(BAD), "--to", "t.jsonl")
    source = write(SAID)
    monkeypatch.setattr(Path, "unlink", unlink)

    assert refused("import", "sheet", source, "--to", "t.jsonl") == [
        "talks.csv.aside.jsonl: cannot be removed: Permission denied"
    ]


TWO_TALKS: Final = SAID + "others,e1,StatementMade,2025-04-20,south,yes,\n"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Lets the second append to a file fail."""
    append = JsonLinesStore.append
    calls: list[str] = []

    def fail(error: BaseException) -> None:
        def second(store: JsonLinesStore, negotiation: str, records: Any) -> int:
            calls.append(negotiation)
            if len(calls) == 2:
                raise error
            return append(store, negotiation, records)

        monkeypatch.setattr(JsonLinesStore, "append", second)

    return fail


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (StoreFailed("t.jsonl", "there is no room left"), 2,
         "store 't.jsonl': there is no room left; "),
        (KeyboardInterrupt(), 130, "interrupted: "),
    ],
    ids=["no room", "interrupted"],
)  # fmt: skip
def test_what_an_import_that_is_stopped_has_added_is_told(
    error: BaseException,
    code: int,
    said: str,
    write: Callable[..., str],
    failing: Callable[[BaseException], None],
) -> None:
    """A log only grows, so it stays, and the same import again adds the rest."""
    source = write(TWO_TALKS)
    failing(error)
    result = run("import", "sheet", source, "--to", "t.jsonl")

    assert result.exit_code == code
    assert result.stderr == (
        f"{said}1 of 2 records were added to t.jsonl, and stay there; the same import again adds "
        "the rest\n"
    )
    assert [*logs("t.jsonl")] == ["talks"]

    again = report("import", "sheet", source, "--to", "t.jsonl")
    assert (again["added"], again["there"]) == (1, 1)


def test_where_nothing_was_added_there_is_nothing_more_to_tell(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of the store says it all."""

    def append(*_: object) -> int:
        raise StoreFailed("t.jsonl", "there is no room left")

    monkeypatch.setattr(JsonLinesStore, "append", append)

    assert refused("import", "sheet", write(SAID), "--to", "t.jsonl") == [
        "store 't.jsonl': there is no room left"
    ]


@pytest.mark.parametrize(
    ("row", "differs"),
    [
        ("talks,e1,StatementMade,2025-04-21,south,no,", "by, time"),
        ("talks,e1,PartyWithdrew,2025-04-20,north,,", "event"),
    ],
)
def test_a_clash_says_in_what_it_differs(row: str, differs: str, write: Callable[..., str]) -> None:
    """The fields of the event come before those of the record."""
    (line,) = refused("import", "sheet", write(f"{SAID}{row}\n"), "--to", "t.jsonl")

    assert f"than row 2 under the id 'e1' of 'talks': another {differs}; " in line


@pytest.mark.parametrize("content", ["precious\n", "[]\n", '{"row": 1}\n', "\n"])
def test_no_other_file_is_replaced_by_what_is_set_aside(
    content: str, write: Callable[..., str]
) -> None:
    """Only what an import wrote is written over."""
    write(content, "precious")
    found = refused("import", "sheet", write(BAD), "--to", "t.jsonl", "--aside", "precious")

    assert found == [
        "precious: holds something else than what was set aside; name another file with --aside"
    ]
    assert Path("precious").read_text() == content


def test_beside_what_is_no_file_nothing_is_kept(write: Callable[..., str]) -> None:
    """A pipe has no place beside it, and standard input none, whatever file is called `-`."""
    write("", "-")
    assert report("import", "cameo", "-", "--to", "u.jsonl", input=NEWS).get("aside") is None
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_text(NEWS))
    writer.start()
    found = done("import", "cameo", "pipe", "--to", "t.jsonl")
    writer.join()

    assert "kept nowhere; name a file with --aside\n" in found
    assert not Path("pipe.aside.jsonl").exists()


def test_a_store_that_cannot_be_opened_is_told_first(write: Callable[..., str]) -> None:
    """A source is not read for a store in which nothing can be put."""
    write("this is no database", "talks.db")

    (line,) = refused("import", "sheet", "nowhere.csv", "--to", "sqlite:///talks.db")
    assert line.startswith("store 'sqlite:///talks.db': ")
    (line,) = refused("import", "sheet", "nowhere.csv", "--to", "talks.db")
    assert "is no kind of store" in line


# Staging


def record(id: str = "e1", negotiation: str = "talks", day: int = 1, **fields: Any) -> ng.Record:
    return ng.Record(
        id=id, negotiation=negotiation, time=datetime(2031, 3, day, tzinfo=UTC),
        event=ng.StatementMade(by="north", text=fields.pop("text", "no")), **fields,
    )  # fmt: skip


SHEET_ROW: Final = dict.fromkeys(("negotiation", "id", "event"), "")


def add(
    waiting: staging.Staging, record: ng.Record, row: int | None, *, fixed: bool = False
) -> staging.Clash | None:
    return waiting.add(staging.Unit([record], row, SHEET_ROW, fixed))


@pytest.fixture
def waiting() -> Iterator[staging.Staging]:
    with staging.Staging(Codec()) as opened:
        yield opened


def test_negotiations_that_come_mixed_are_appended_one_by_one(waiting: staging.Staging) -> None:
    """Each is appended as a whole, in the order in which its records came."""
    for number in range(6):
        assert not add(waiting, record(f"e{number}", f"n{number % 2}"), number)
    store = ng.MemoryStore()

    assert list(waiting.clashes(None)) == []
    assert list(waiting.append(store)) == [3, 3]
    assert [each.id for _, each in store.read_all()] == ["e0", "e2", "e4", "e1", "e3", "e5"]


def test_many_records_are_appended_in_batches(
    waiting: staging.Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more of them are in memory at once."""
    monkeypatch.setattr(staging, "BATCH", 2)
    for number in range(5):
        add(waiting, record(f"e{number}"), None)

    assert list(waiting.append(ng.MemoryStore())) == [2, 2, 1]


def test_records_are_recorded_in_their_order(waiting: staging.Staging) -> None:
    """One that an importer gives out of order is recorded with the one above it."""
    for number, day in enumerate((2, 1, 4, 3)):
        add(waiting, record(f"e{number}", day=day), None)
    store = ng.MemoryStore()
    list(waiting.append(store))

    assert [each.recorded.day for each in store.read("talks")] == [2, 2, 4, 4]


def test_what_the_source_says_is_not_changed(waiting: staging.Staging) -> None:
    """Where others appended in the meantime, a record that says when it was recorded is refused."""
    add(waiting, record(), 2, fixed=True)
    assert list(waiting.clashes(None)) == []
    store = ng.MemoryStore()
    store.append("talks", [record("e0", day=9)])

    with pytest.raises(ng.InvalidLog, match="before the record above it"):
        list(waiting.append(store))


def test_many_records_may_be_too_early(
    waiting: staging.Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are told, however many at a time are looked at."""
    monkeypatch.setattr(staging, "BATCH", 2)
    store = ng.MemoryStore()
    store.append("talks", [record("e0", day=9)])
    for number in range(1, 6):
        when = datetime(2031, 3, 1, tzinfo=UTC) + timedelta(days=2 * number - 1)
        add(waiting, record(f"e{number}", recorded=when), number, fixed=True)
    found = list(waiting.clashes(store))

    assert [(each.row, each.id, each.column) for each in found] == [
        (1, "e1", "recorded"), (2, "e2", "recorded"), (3, "e3", "recorded"), (4, "e4", "recorded"),
    ]  # fmt: skip
    assert waiting.count == 1


def at_fault(clash: staging.Clash | None) -> tuple[int | None, str | None, str]:
    """Where something is wrong, and how what is wrong with it begins."""
    assert clash is not None
    return clash.row, clash.column, " ".join(clash.detail.split()[:7])


def test_a_second_copy_is_counted(waiting: staging.Staging) -> None:
    """It is not wrong, and does not wait itself."""
    assert add(waiting, record(), 2) is None
    assert add(waiting, record(), 3) is None

    assert (waiting.count, waiting.known, waiting.copies) == (1, 0, 1)
    assert list(waiting.append(ng.MemoryStore())) == [1]


def test_other_content_under_an_id_is_told(waiting: staging.Staging) -> None:
    """The row of the first is named, where it is known; what is there already stays."""
    add(waiting, record(), 2)
    add(waiting, record(), 3)
    add(waiting, record("e7"), None)

    assert at_fault(add(waiting, record(text="yes"), 4)) == (
        4, "id", "says something else than row 2 under",
    )  # fmt: skip
    assert at_fault(add(waiting, record("e7", text="yes"), 5)) == (
        5, "id", "says something else than what stands above",
    )  # fmt: skip
    assert (waiting.count, waiting.known, waiting.copies) == (2, 0, 1)
    assert list(waiting.append(ng.MemoryStore())) == [2]


def test_a_branch_is_not_staged(waiting: staging.Staging) -> None:
    """No store keeps a log of such an id."""
    add(waiting, record(), 2)

    assert at_fault(add(waiting, record(negotiation="talks#branch"), 6)) == (
        6, "negotiation", "negotiation 'talks#branch' is a branch, which is",
    )  # fmt: skip
    assert (waiting.count, waiting.known, waiting.copies) == (1, 0, 0)
    assert list(waiting.append(ng.MemoryStore())) == [1]


def test_a_line_that_is_too_long_is_not_staged(waiting: staging.Staging) -> None:
    """The longest that is staged can still be read with its seal."""
    room = (1 << 20) - len(Codec().encode(record("e9", text="")))
    longest = record("e9", text="x" * (room - staging._SEAL))
    add(waiting, record(), 2)

    assert at_fault(add(waiting, record("e8", text="x" * (1 << 20)), 7)) == (
        7, "event", "record 'e8': the line would have 1048763",
    )  # fmt: skip
    assert at_fault(add(waiting, record("e9", text="x" * room), 8)) == (
        8, "event", "the line would be longer with its",
    )  # fmt: skip
    assert add(waiting, longest, 9) is None
    later = attrs.evolve(longest, recorded=longest.recorded + timedelta(microseconds=1))
    assert len(Codec().seal(later, "0" * 64)[0]) <= 1 << 20
    assert (waiting.count, waiting.known, waiting.copies) == (2, 0, 0)
    assert list(waiting.append(ng.MemoryStore())) == [2]


def test_a_unit_is_staged_whole_or_not_at_all(waiting: staging.Staging) -> None:
    """Of one that is refused no record waits, and none counts as a copy."""
    assert waiting.add(staging.Unit([record("e1")], 2)) is None
    clash = waiting.add(
        staging.Unit([record("e0"), record("e1"), record("e2"), record("e2", text="yes")], 3)
    )

    assert clash is not None
    assert (clash.row, clash.column) == (3, None)
    assert clash.detail.startswith(
        "says something else than row 3 under the id 'e2' of 'talks': another text; "
    )
    assert (waiting.count, waiting.known, waiting.events) == (1, 0, {"StatementMade": 1})


def test_a_copy_takes_the_place_of_what_is_refused(waiting: staging.Staging) -> None:
    """A row that says the same as one that is refused for something else is there as a whole."""
    waiting.add(staging.Unit([record("e1"), record("e2")], 2))
    waiting.add(staging.Unit([record("e2"), record("e3")], 3))
    store = ng.MemoryStore()
    store.append("talks", [record("e1", text="yes")])
    clashes = list(waiting.clashes(store))

    assert [(each.row, each.id) for each in clashes] == [(2, "e1")]
    assert (waiting.count, waiting.known) == (2, 0)
    assert list(waiting.append(store)) == [2]
    assert [each.id for each in store.read("talks")] == ["e1", "e2", "e3"]


def test_a_copy_of_what_is_refused_is_refused_too(waiting: staging.Staging) -> None:
    """Rows that say the same say something else than the store, each of them."""
    add(waiting, record(), 2)
    add(waiting, record(), 3)
    store = ng.MemoryStore()
    store.append("talks", [record(text="yes")])

    assert [(each.row, each.id) for each in waiting.clashes(store)] == [(2, "e1"), (3, "e1")]
    assert (waiting.count, waiting.known, waiting.negotiations()) == (0, 0, [])


def test_a_full_disk_is_told(waiting: staging.Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept for the time being is no traceback."""

    class Full:
        def execute(self, *args: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

    whole = waiting._database
    monkeypatch.setattr(waiting, "_database", Full())
    with pytest.raises(ng.NegotiationError, match="temporary files: cannot be written: database"):
        add(waiting, record(), 2)
    monkeypatch.setattr(waiting, "_database", whole)


def test_the_second_half_has_a_progress_bar_too(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes are counted while a source is read, and records while they are put into the store."""
    counted: dict[Any, int] = {}

    @contextmanager
    def metered(
        total: int | None = None, *, records: bool = True, doing: str = "reading"
    ) -> Iterator[Any]:
        def count(size: int) -> None:
            counted[total, records, doing] = counted.get((total, records, doing), 0) + size

        yield count

    monkeypatch.setattr(intake, "metered", metered)
    done("import", "sheet", write(SHEET.read_bytes()), "--to", "t.jsonl")
    done("import", "sheet", "-", "--to", "u.jsonl", input=SAID)

    size = SHEET.stat().st_size
    assert counted == {
        (size, False, "reading"): size,
        (37, True, "writing"): 37,
        (None, False, "reading"): len(SAID),
        (1, True, "writing"): 1,
    }


# schema


def test_the_schema_is_printed() -> None:
    """It is the schema that the library makes, as JSON."""
    assert json.loads(done("schema")) == ng.json_schema()


def test_an_empty_sheet_is_printed() -> None:
    """It has a head and explanations, as the library writes them."""
    output = done("schema", "--sheet")

    assert output == blank_sheet()
    assert next(csv.reader(io.StringIO(output)))[:4] == ["negotiation", "id", "event", "time"]


MODEL: Final = '''
import attrs
import negotiation as ng

@ng.event
@attrs.frozen(kw_only=True)
class PrisonersExchanged:
    """Two parties exchange prisoners."""
    by: str
    released: int

class Models:
    model = ng.Model.default.extended(ng.Extension(
        "prisoners", "org.example.prisoners-exchanged", PrisonersExchanged, 0,
        lambda total, record: total + record.event.released))
'''


def test_a_model_of_the_users_own(
    write: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events are in the schema, in the empty sheet, and in what is imported."""
    write(MODEL, "own_model.py")
    monkeypatch.delitem(sys.modules, "own_model", raising=False)
    path = sys.path[:]
    named = ("--model", "own_model:Models.model")
    source = write("event,time,by,released\nPrisonersExchanged,2025-04-20,north,12\n")
    done("import", "sheet", source, "--to", "t.jsonl", "--negotiation", "talks", *named)
    again = report("import", "sheet", source, "--to", "t.jsonl", "--negotiation", "talks", *named)

    assert (again["there"], again["events"]) == (1, {"PrisonersExchanged": 1})
    assert "PrisonersExchanged" in json.loads(done("schema", *named))["$defs"]
    assert ",released," in done("schema", "--sheet", *named)
    assert sys.path == path
    assert '"type":"org.example.prisoners-exchanged.v1"' in Path("t.jsonl").read_text()
    assert refused("import", "sheet", source, "--to", "u.jsonl", "--negotiation", "talks")


# Help


@pytest.mark.parametrize("command", ["import", "schema"])
def test_the_examples_of_the_help_work(
    command: str, write: Callable[..., str], tmp_path: Path
) -> None:
    """What the help says can be typed as it stands, where the examples are."""
    write("", "unused")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    typed = done(command, "--help").partition("\nExample:\n")[2]
    words = typed.partition(">")[0].split()

    assert words[:2] == ["negotiation", command]
    done(*words[1:])


def test_every_kind_of_source_can_be_named() -> None:
    """The command takes the kinds that there are, though it loads none before it is used."""
    assert tuple(intake.KINDS) == importing._KINDS
