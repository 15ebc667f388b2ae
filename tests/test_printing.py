"""Logs as Python to paste and as tables to read."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from attrs import field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.vendor.pretty import pretty

import negotiation as ng
from negotiation.printing import as_python, as_table
from negotiation.testing.histories import histories, logs_of
from negotiation.testing.universe import NEGOTIATION
from negotiation.testing.wild import full_records, json_objects, texts, wild_histories
from negotiation.values import json_object, json_value, optional_party_ids, party_id
from tests.worked.story import story, t


class Currency(Enum):
    EURO = "euro"
    CROWN = "crown"


@frozen
class Amount:
    value: float
    currency: Currency = Currency.EURO


@ng.event
@frozen(kw_only=True)
class PriceQuoted:
    by: str = field(converter=party_id)
    amount: Amount
    to: tuple[str, ...] | None = field(default=None, converter=optional_party_ids)
    terms: ng.FrozenDict = field(default=ng.FrozenDict(), converter=json_object)
    note: Any = ""
    _secret: bool = False
    checked: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "checked", True)


NAMES = SimpleNamespace(
    ng=ng, datetime=datetime, json=json, PriceQuoted=PriceQuoted, Amount=Amount, Currency=Currency
)
TIMES = st.sampled_from([datetime(2031, 3, 1), datetime(2031, 3, 1, 12, tzinfo=UTC)])  # noqa: DTZ001  # an extension may hold any

quotes = st.builds(
    PriceQuoted,
    by=st.just("north"),
    amount=st.builds(Amount, st.floats(allow_nan=False), st.sampled_from(Currency)),
    to=st.none() | st.just(("south", "east")),
    terms=json_objects,
    note=st.recursive(
        st.none() | st.integers() | st.binary(max_size=2) | texts | TIMES,
        lambda inner: st.tuples(inner) | st.lists(inner, max_size=2),
        max_leaves=3,
    )
    | st.sets(st.integers(0, 3)) | st.frozensets(st.text(max_size=1)),
    secret=st.booleans(),
)  # fmt: skip


def built(text: str) -> Any:
    """What the text builds, where a user's test has its names."""
    names = dict(vars(NAMES))
    exec(f"built = {text}", names)  # noqa: S102  # that it can be pasted is the point
    return names["built"]


def at(hour: int) -> datetime:
    return t(1, hour)


OFFER = ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={"share": 40})
YES = ng.ProposalAccepted(proposal="p1", by="south")


# As Python


def test_a_log_is_written_as_the_python_that_builds_it() -> None:
    """Defaults are left out, and what is too long for a line has a line for each part."""
    log = story((at(0), OFFER), (at(1), YES, {"speaker": "a \"spokesman\""}))  # fmt: skip
    assert as_python(log) == (
        """\
ng.Log(
    "talks-1",
    [
        ng.Record(
            id="e1",
            negotiation="talks-1",
            time=datetime.fromisoformat("2031-03-01T00:00Z"),
            event=ng.ProposalMade(
                proposal="p1", by="north", to=["south"], terms={"share": 40}
            ),
        ),
        ng.Record(
            id="e2",
            negotiation="talks-1",
            time=datetime.fromisoformat("2031-03-01T01:00Z"),
            event=ng.ProposalAccepted(proposal="p1", by="south"),
            speaker='a "spokesman"',
        ),
    ],
)"""
    )


@pytest.mark.parametrize("log", [ng.Log(), ng.Log("talks"), ng.Log('"o\'clock"\n')])
def test_an_empty_log_is_written_with_its_negotiation_if_it_has_one(log: ng.Log) -> None:
    """What is built has the same negotiation, or none either."""
    assert built(as_python(log)) == log
    assert as_python(ng.Log()) == "ng.Log()"


@given(logs_of(histories()))
def test_every_log_can_be_built_anew_from_its_python(log: ng.Log) -> None:
    """Late, hidden, repeated and retracted records, problems and unknown events are the same."""
    assert built(as_python(log)) == log


@given(wild_histories())
def test_any_text_and_any_json_can_be_built_anew(records: list[ng.Record]) -> None:
    """The records of a log, whatever stands in their events, attributes and hashes."""
    log = ng.Log(NEGOTIATION, records)
    assert built(as_python(log)) == log
    assert [attrs.astuple(each) for each in built(as_python(records))] == [
        attrs.astuple(each) for each in records
    ]


@given(full_records(), st.integers(1, 3))
def test_a_single_record_is_written_with_its_position(record: ng.Record, position: int) -> None:
    """In a log its position follows from its place; alone it has one of its own."""
    record = attrs.evolve(record, position=position)
    assert built(as_python(record)) == record
    assert ("position=" in as_python(attrs.evolve(record, event=YES, id="e1"))) == (position > 1)


@given(quotes)
def test_an_event_of_an_extension_is_written_by_the_name_of_its_class(quote: PriceQuoted) -> None:
    """Its values are of the same types, so that it is the same event whatever converters it has."""
    log = ng.Log("talks").append(quote, time=at(0), strict=False)
    again = built(as_python(log))
    assert again == log
    assert repr(again[0].event) == repr(quote) or isinstance(quote.note, set | frozenset)


def test_a_member_of_an_enumeration_is_written_by_its_name() -> None:
    """Its value alone would be another one."""
    quote = PriceQuoted(by="north", amount=Amount(1.5, Currency.CROWN))

    assert "Currency.CROWN" in as_python(ng.Log("talks").append(quote, time=at(0), strict=False))


def test_a_time_of_an_extension_keeps_its_zone() -> None:
    """A time may stand in any zone there, or in none."""
    zone = timezone(timedelta(hours=2))
    for when in (datetime(2031, 3, 1, tzinfo=zone), datetime(2031, 3, 1, 1, 2, 3, 4)):  # noqa: DTZ001  # in none
        assert repr(built(as_python(when))) == repr(when)


def test_numbers_that_are_no_literals_are_written_as_float() -> None:
    """An extension may hold what JSON cannot."""
    assert as_python([float("inf"), float("-inf"), 1.5]) == '[float("inf"), float("-inf"), 1.5]'
    assert as_python(float("nan")) == 'float("nan")'


def test_values_of_other_types_are_written_as_they_say_of_themselves() -> None:
    """Of a type that is not known nothing better can be said."""
    assert as_python({1: date(2031, 3, 1)}) == "{1: datetime.date(2031, 3, 1)}"


def test_lines_are_no_longer_than_88_columns_where_they_can_be_broken() -> None:
    """As the usual formatters would write them, so that what is pasted stays as it is."""

    def written(much: int) -> str:
        return as_python(ng.PartyWithdrew(by="x" * much)).replace("x" * much, "x")

    assert written(65) == 'ng.PartyWithdrew(by="x")'
    assert written(66) == written(79) == 'ng.PartyWithdrew(\n    by="x"\n)'
    assert written(80) == 'ng.PartyWithdrew(\n    by="x",\n)'


def test_one_value_in_a_tuple_keeps_its_comma() -> None:
    """Without the comma it would be the value itself."""
    assert as_python(("a",)) == '("a",)'
    assert as_python(("a", ())) == '("a", ())'


def test_sets_are_written_in_order_and_empty_ones_by_name() -> None:
    """The same set is written the same way each time."""
    assert as_python(set("hgfedcba")) == '{"a", "b", "c", "d", "e", "f", "g", "h"}'
    assert (
        as_python([set(), frozenset(), frozenset("a")]) == '[set(), frozenset(), frozenset({"a"})]'
    )


def test_defaults_are_left_out_only_where_they_are_surely_the_same() -> None:
    """True is no default 1, and 0.0 may be -0.0."""

    @frozen
    class Held:
        number: Any = 1
        fraction: float = 0.0

    assert as_python(Held()) == "Held()"
    assert as_python(Held(True, -0.0)) == "Held(number=True, fraction=-0.0)"


def test_terms_that_nest_deeper_than_python_reads_are_written_as_json() -> None:
    """Python reads no more than 200 brackets, and JSON values nest 200 deep beside those around."""
    deep: Any = ()
    for number in range(190):
        deep = [number, deep] if number % 2 else {'"key"': deep}
    record = story((at(0), attrs.evolve(OFFER, terms={"deep": deep})))[0]
    text = as_python(record)
    assert "json.loads(" in text
    assert built(text) == record
    assert "json.loads(" not in as_python(attrs.evolve(OFFER, terms={"deep": json_value([[[]]])}))


def test_items_of_a_state_are_written_by_their_public_names() -> None:
    """A value of a state can be pasted as well."""
    state = ng.replay(story((at(0), OFFER)))
    assert built(as_python(state.parties["north"])) == state.parties["north"]


# Where Python is printed


def test_a_log_and_a_record_are_pretty_printed_as_python() -> None:
    """What Hypothesis shows of a failing example, and IPython of a value, can be pasted."""
    log = story((at(0), OFFER))
    assert pretty(log) == as_python(log)
    assert built(pretty({"log": log, "records": list(log)})) == {"log": log, "records": list(log)}
    assert repr(log) == "<Log 'talks-1': 1 records>"


def test_a_failing_example_of_hypothesis_shows_the_python_of_the_log() -> None:
    """The example that it reports is the argument of the test as it can be written."""

    @settings(max_examples=20, database=None, print_blob=False)
    @given(st.just(story((at(0), YES))))
    def fails(log: ng.Log) -> None:
        assert not ng.check(log)

    with pytest.raises(AssertionError) as failed:
        fails()
    notes = "\n".join(failed.value.__notes__)
    assert 'event=ng.ProposalAccepted(proposal="p1", by="south"),' in notes


def test_a_long_log_is_not_written_out_for_being_looked_at() -> None:
    """More than a hundred records would flood a prompt; `as_python` writes them all the same."""
    log = ng.Log("talks", [attrs.evolve(story((at(0), YES))[0], id=f"r{n}", negotiation="talks")
                           for n in range(101)])  # fmt: skip
    assert pretty(log) == "<Log 'talks': 101 records>"
    assert pretty(log.upto(100)).startswith("ng.Log(\n")
    assert as_python(log).count("ng.Record(") == 101


# As a table


def test_a_table_has_a_row_for_each_record() -> None:
    """Who did what when; columns in which nothing would stand are left out."""
    assert as_table(story((at(0), OFFER), (at(1), YES))) == (
        """\
id  time               party  what happened
--  -----------------  -----  -----------------------------------------
e1  2031-03-01 00:00Z  north  makes the proposal p1 to south: share: 40
e2  2031-03-01 01:00Z  south  accepts the proposal p1"""
    )


def test_a_table_shows_what_is_unusual_of_a_record() -> None:
    """When it was recorded, who sees it, its source, its precision and what it repeats."""
    log = story(
        (at(3), YES, {"visible_to": list("fedcba"), "precision": "day"}),
        (at(0), YES, {"reported_by": "a paper", "speaker": "a clerk"}),
        (at(4), YES, {"repeats": "e2"}),
    )
    rows = [
        "id  time                     recorded           party  ",
        "--  -----------------------  -----------------  -----  ",
        "e1  2031-03-01 03:00Z (day)                     south  ",
        "e2  2031-03-01 00:00Z        2031-03-01 03:00Z  south  ",
        "e3  2031-03-01 04:00Z                           south  ",
    ]
    further = [
        "what happened                         seen by           source",
        "------------------------------------  ----------------  ----------------------------",
        "accepts the proposal p1               a, b, c, d, e, f",
        "accepts the proposal p1                                 a clerk, reported by a paper",
        "accepts the proposal p1 (repeats e2)",
    ]
    assert as_table(log).splitlines() == [a + b for a, b in zip(rows, further, strict=True)]


def test_long_words_take_several_lines_of_a_row() -> None:
    """The columns stay where they are."""
    said = ng.StatementMade(by="north", text="word " * 20 + "end")
    lines = as_table(story((at(0), said))).splitlines()
    assert lines[2].endswith(" north  says: word word word word word word word word word word word")
    assert lines[3].strip().startswith("word")
    assert lines[3].index("word") == lines[2].index("says")
    assert len(lines) == 4


def test_a_table_shows_events_that_are_not_the_librarys_own() -> None:
    """An unknown one by its type, one of an extension by what it holds."""
    unknown = ng.UnknownEvent(type="org.example.sung.v1", data={})
    table = as_table(story((at(0), unknown), (at(1), PriceQuoted(by="north", amount=Amount(2.5)))))
    rows = table.splitlines()[2:]
    assert rows[0].endswith("an event of the unknown type org.example.sung.v1")
    assert "  north  PriceQuoted: by north, amount value 2.5" in rows[1]


def test_what_cannot_be_seen_is_an_escape_in_a_table() -> None:
    """No text breaks the rows or hides in them."""
    said = ng.StatementMade(by="north", text="one\ntwo\x1b[31m\u200b")
    (row,) = as_table(story((at(0), said))).splitlines()[2:]
    assert row.endswith(r"says: one\ntwo\x1b[31m\u200b")


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    """A row is as wide as it is seen in a monospaced font."""
    wide = ng.PartyWithdrew(by="北")
    marked = ng.PartyWithdrew(by="e\u0301")
    rows = as_table(story((at(0), wide), (at(1), marked))).splitlines()
    assert [row.partition("withdraws")[0] for row in rows[2:]] == [
        "e1  2031-03-01 00:00Z  北     ",
        "e2  2031-03-01 01:00Z  e\u0301      ",
    ]


def test_a_table_takes_a_log_records_or_one_record() -> None:
    """And nothing at all, of which there are no records."""
    log = story((at(0), OFFER))
    assert as_table(log[0]) == as_table(list(log)) == as_table(log)
    assert as_table([]) == as_table(ng.Log("talks")) == "no records"


@given(logs_of(histories()))
def test_every_log_has_a_table_of_its_ids(log: ng.Log) -> None:
    """A table is made of any log, and has the ids in their order."""
    rows = as_table(log).splitlines()[2:]
    assert [row.split(" ")[0] for row in rows if row[0] != " "] == [each.id for each in log]
