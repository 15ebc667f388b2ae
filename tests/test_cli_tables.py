"""What the command line prints for reading: layout, words, parties, items, timeline."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any, TypeAlias

import pytest

import negotiation as ng
from negotiation import words
from negotiation.cli import layout, output, tables, timeline
from negotiation.cli.layout import Column, Line
from negotiation.cli.output import Page

Entry: TypeAlias = tuple[datetime, ng.AnyEvent] | tuple[datetime, ng.AnyEvent, Mapping[str, Any]]

PAGE = Page(width=109)
COLOURED = Page(width=109, colour=True)


def t(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2031, 3, day, hour, minute, tzinfo=UTC)


def story(*entries: Entry) -> ng.Log:
    log = ng.Log("talks-1")
    for entry in entries:
        options = entry[2] if len(entry) == 3 else {}
        log = log.append(entry[1], time=entry[0], strict=False, **options)
    return log


def shown(log: ng.Log, page: Page = PAGE, **view: Any) -> str:
    """The whole state of a log as the command line shows it, without the heading."""
    return "\n".join(tables.state_lines(ng.replay(log, **view), page))


def party(log: ng.Log, name: str, **view: Any) -> list[str]:
    """The lines about one party, with single spaces."""
    lines = tables.one_party_lines(ng.replay(log, **view), name, PAGE)
    return [" ".join(line.split()) for line in lines if line]


def section(log: ng.Log, title: str, **view: Any) -> list[str]:
    """The lines under a title, with single spaces and without rules."""
    lines = shown(log, **view).splitlines()
    start = lines.index(title) + 1
    end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
    return [" ".join(line.split()) for line in lines[start:end] if "─" not in line]


def proposal(id: str = "p1", **fields: Any) -> ng.ProposalMade:
    return ng.ProposalMade(
        **{"proposal": id, "by": "union", "to": ["works"], "terms": {"pay": 12}, **fields}
    )


def truce(id: str = "lull", **fields: Any) -> ng.TruceDeclared:
    return ng.TruceDeclared(**{"truce": id, "by": "union", "kind": "truce", **fields})


def claim(id: str = "v1", **fields: Any) -> ng.TruceViolated:
    return ng.TruceViolated(
        **{"violation": id, "truce": "lull", "by": "works", "alleged_by": "union", **fields}
    )


def deadline(id: str = "d1", **fields: Any) -> ng.DeadlineSet:
    return ng.DeadlineSet(**{"deadline": id, "by": "union", "on": ["works"], "due": t(9), **fields})


# Wrapping


def test_text_that_fits_is_one_line() -> None:
    """A text as wide as its column is not broken."""
    assert layout.wrap("four words that fit", 19) == ["four words that fit"]


def test_text_is_broken_between_words() -> None:
    """A text that is too long goes on in the next line, and loses no word."""
    assert layout.wrap("four words that do not fit", 10) == ["four words", "that do", "not fit"]


def test_a_hyphenated_word_is_broken_after_its_hyphen() -> None:
    """Ids are mostly hyphenated words, and break where a reader expects it."""
    assert layout.wrap("nearly-3000-violations", 12) == ["nearly-3000-", "violations"]


def test_a_time_is_kept_together() -> None:
    """A date stays with its hour while the column is wide enough for both."""
    assert layout.wrap("until 2031-03-01 09:00Z at last", 22) == [
        "until", "2031-03-01 09:00Z at", "last",
    ]  # fmt: skip
    assert layout.wrap("until 2031-03-01 09:00Z", 12) == ["until", "2031-03-01", "09:00Z"]


def test_a_word_that_is_too_long_is_folded_and_not_cut() -> None:
    """Every character of a long word is there, and what follows goes on behind it."""
    assert layout.wrap("abcdefghij kl", 4) == ["abcd", "efgh", "ij", "kl"]
    assert layout.wrap("ab cdefghij", 4) == ["ab", "cdef", "ghij"]
    assert layout.wrap("abcde f", 4) == ["abcd", "e f"]


def test_wide_characters_take_two_columns() -> None:
    """Widths are those of a terminal, where a Chinese character takes two columns."""
    assert layout.size("停火") == 4
    assert layout.wrap("停火停火停火", 5) == ["停火", "停火", "停火"]
    assert layout.wrap("停火", 1) == ["停", "火"]


def test_white_space_alone_wraps_to_nothing_that_is_seen() -> None:
    """A text of spaces does not make lines of spaces."""
    assert not "".join(layout.wrap(" " * 9, 4)).strip()


def test_a_megabyte_wraps_in_linear_time() -> None:
    """The longest word that a log can hold is folded without going over it again and again."""
    assert len(layout.wrap("x" * 1_000_000, 50)) == 20_000


# Columns


@pytest.mark.parametrize(
    ("natural", "available", "main", "given"),
    [
        pytest.param([5, 10], 40, 1, [5, 10], id="everything fits"),
        pytest.param([5, 90], 40, 1, [5, 35], id="the main one gives way first"),
        pytest.param([30, 90], 40, 1, [20, 20], id="it keeps half of what there is"),
        pytest.param([30, 5, 90], 40, 2, [15, 5, 20], id="then the widest of the others gives way"),
        pytest.param([30, 8], 34, 1, [26, 8], id="a main one of less than half keeps it all"),
        pytest.param([90, 30], 40, 0, [20, 20], id="the main one may stand first"),
        pytest.param([90], 40, 0, [40], id="it may stand alone"),
        pytest.param([9, 9, 9, 9], 3, 3, [1, 1, 1, 1], id="no column is ever nothing"),
    ],
)
def test_how_wide_columns_become(
    natural: Sequence[int], available: int, main: int, given: Sequence[int]
) -> None:
    """Columns that do not fit shrink in a fixed order, the one with the most text first."""
    assert layout.widths(natural, available, main) == given


def test_a_table_has_titles_over_lines() -> None:
    """Numbers end at the right, all else begins at the left, and no line ends in a space."""
    columns = (Column("no", right=True), Column("word"), Column("text"))
    rows = [("7", "a", "x y"), ("10", "b", "")]

    assert [*layout.table(columns, rows, PAGE)] == [
        "no  word  text",
        "──  ────  ────",
        " 7  a     x y",
        "10  b",
    ]


def test_a_column_with_nothing_in_it_is_left_out() -> None:
    """What no row fills takes no room, and a table without content has no lines."""
    columns = (Column("a"), Column("b"))

    assert [*layout.table(columns, [("x", ""), ("y", "")], PAGE)] == ["a", "─", "x", "y"]
    assert not [*layout.table(columns, [("", "")], PAGE)]
    assert not [*layout.table(columns, [], PAGE)]


def test_a_cell_may_have_several_lines() -> None:
    """The lines of a cell stand below one another, beside those of its neighbours."""
    rows = [("x", [Line("one"), Line(""), Line("two")])]

    assert [*layout.table((Column(), Column()), rows, PAGE, indent=2, titled=False)] == [
        "  x  one",
        "     two",
    ]


def test_white_space_at_the_end_of_a_text_is_not_shown() -> None:
    """A cell of spaces is an empty one."""
    assert [*layout.table((Column(), Column()), [("a  ", "  ")], PAGE, titled=False)] == ["a"]


def test_a_table_is_no_wider_than_its_page() -> None:
    """Whatever the cells hold, the lines fit, and no character is lost."""
    text = "word " * 50 + "x" * 99
    lines = [*layout.table((Column("id"), Column("text")), [("i" * 80, text)], Page(width=40))]

    assert all(len(line) <= 40 for line in lines)
    assert "".join(lines).count("i") == 80 + "id".count("i")
    assert "".join(lines).count("x") == 99 + "text".count("x")


def test_a_page_without_unicode_has_plain_rules_and_arrows() -> None:
    """Where a stream takes ASCII alone, nothing of the library's own needs more."""
    page = Page(unicode=False)

    assert [*layout.table((Column("a"),), [("x",)], page)] == ["a", "-", "x"]
    assert (page.arrow, PAGE.arrow) == ("->", "→")


def test_styles_are_on_the_beginning_of_a_line_or_on_all_of_it() -> None:
    """A lead is coloured where it stands; a line that goes on has its style throughout."""
    rows = [[[layout.led("open", ", as it is", layout.OPEN), Line("quiet words", layout.QUIET)]]]
    narrow = Page(width=7, colour=True)

    assert [*layout.table((Column(),), rows, narrow, titled=False)] == [
        "\x1b[33mopen\x1b[0m,",
        "as it",
        "is",
        "\x1b[2mquiet\x1b[0m",
        "\x1b[2mwords\x1b[0m",
    ]


def test_a_line_without_a_style_has_no_escape_sequences() -> None:
    """On a terminal, plain text is as plain as elsewhere."""
    assert [*layout.table((Column(),), [["plain"]], COLOURED, titled=False)] == ["plain"]


# What reaches a terminal


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        pytest.param("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m", id="an escape sequence"),
        pytest.param("\x9b31m", r"\x9b31m", id="an escape sequence in one character"),
        pytest.param("a\r\nb\tc\x7f\x00", r"a\r\nb\tc\x7f\x00", id="control characters"),
        pytest.param("abc\u202ecba\u202c", r"abc\u202ecba\u202c", id="an override of direction"),
        pytest.param("\u2066a\u2069\u200f", r"\u2066a\u2069\u200f", id="isolates and marks"),
        pytest.param("a\u2028b\u2029", r"a\u2028b\u2029", id="separators of lines"),
        pytest.param("a\u200bb\ufeff\xad", r"a\u200bb\ufeff\xad", id="what cannot be seen"),
        pytest.param("\U000e0041", r"\U000e0041", id="tags"),
        pytest.param("\udcff", r"\udcff", id="a lone surrogate"),
        pytest.param(
            "\u0645\u06cc\u200c\u062e – é 停火 🕊",
            "\u0645\u06cc\u200c\u062e – é 停火 🕊",
            id="what people write",
        ),
    ],
)
def test_what_would_steer_a_terminal_is_shown_as_an_escape(text: str, safe: str) -> None:
    """No text of a log reaches a terminal as anything but text."""
    assert output.visible(text) == safe
    [line] = layout.table((Column(),), [[text]], PAGE, titled=False)
    assert line == safe


def test_json_escapes_what_would_steer_a_terminal() -> None:
    """The JSON is the same value, and safe to look at."""
    value = {"text": "\x1b[31m \x9b \u202e \x7f \udcff \U000e0041 é 停火\n"}
    text = output.json_text(value)

    assert json.loads(text) == value
    assert r"\u001b[31m \u009b \u202e \u007f \udcff \udb40\udc41 é 停火\n" in text


def test_json_of_ascii_alone_is_the_same_value() -> None:
    """Where a stream does not take Unicode, JSON says the same with escapes."""
    assert json.loads(output.json_text(["é"], unicode=False)) == ["é"]
    assert output.json_text(["é"], unicode=False).isascii()


class Screen(StringIO):
    """A terminal as far as it says so itself."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "on_terminal", "elsewhere"),
    [
        pytest.param({}, True, False, id="colour only on a terminal"),
        pytest.param({"NO_COLOR": "1"}, False, False, id="NO_COLOR forbids it"),
        pytest.param({"NO_COLOR": ""}, True, False, id="an empty NO_COLOR says nothing"),
        pytest.param({"FORCE_COLOR": "1"}, True, True, id="FORCE_COLOR asks for it"),
        pytest.param({"TERM": "dumb"}, False, False, id="a dumb terminal has none"),
        pytest.param({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True, id="unless forced"),
        pytest.param({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False, id="no is no"),
    ],
)
def test_when_text_is_coloured(
    environ: Mapping[str, str], on_terminal: bool, elsewhere: bool
) -> None:
    """Colour follows the terminal and the variables that people set."""
    assert Page.of(Screen(), environ).colour is on_terminal
    assert Page.of(StringIO(), environ).colour is elsewhere


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        pytest.param("120", 120, id="as wide as it says"),
        pytest.param("10", output.NARROWEST, id="no narrower than can be read"),
        pytest.param("0", 80, id="zero says nothing"),
        pytest.param("wide", 80, id="nor does a word"),
        pytest.param("²", 80, id="nor a digit of another kind"),
        pytest.param("", 80, id="nor nothing"),
    ],
)
def test_how_wide_a_page_is(columns: str, width: int) -> None:
    """COLUMNS says how wide a page is; without it, what is no terminal has 80 columns."""
    assert Page.of(StringIO(), {"COLUMNS": columns}).width == width


@pytest.mark.parametrize(
    ("encoding", "unicode"), [("utf-8", True), ("UTF8", True), ("latin-1", False), ("ascii", False)]
)
def test_what_a_stream_takes_follows_from_its_encoding(encoding: str, unicode: bool) -> None:
    """Only UTF-8 takes every character."""
    assert Page.of(TextIOWrapper(BytesIO(), encoding), {}).unicode is unicode


# Words


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (t(1, 15), "2031-03-01 15:00Z"),
        (t(1) + timedelta(seconds=7), "2031-03-01 00:00:07Z"),
        (t(1) + timedelta(microseconds=5), "2031-03-01 00:00:00.000005Z"),
        (datetime(7, 1, 1, tzinfo=UTC), "0007-01-01 00:00Z"),
        (datetime.fromisoformat("2031-03-01T01:30+02:00"), "2031-02-28 23:30Z"),
    ],
    ids=["minutes", "seconds", "microseconds", "long ago", "elsewhere"],
)
def test_a_time_in_words(time: datetime, text: str) -> None:
    """Times are in UTC, and have seconds only where they are not zero."""
    assert words.time_words(time) == text


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (
            ng.PartyJoined(party="court", role="mediator", name="Labour Court"),
            "court joins as mediator, by the name of Labour Court",
        ),
        (ng.PartyJoined(party="court", role="monitor"), "court joins as monitor"),
        (ng.PartyWithdrew(by="union"), "union withdraws from the talks"),
        (
            ng.PartyWithdrew(by="union", reason="no offer"),
            "union withdraws from the talks: no offer",
        ),
        (proposal(), "union makes the proposal p1 to works: pay: 12"),
        (
            proposal(to=["works", "port"], terms={}, counters="p0", expires=t(9)),
            (
                "union makes the proposal p1 to works, port: no terms, countering p0, "
                "expiring 2031-03-09 00:00Z"
            ),
        ),
        (
            ng.ProposalClarified(
                proposal="p1", by="union", note="at most",
                terms={"pay": {"a": [1, None]}, "by": "May"},
            ),
            'union clarifies the proposal p1: pay: {"a": [1, null]}; by: May; at most',
        ),
        (ng.ProposalAccepted(proposal="p1", by="works"), "works accepts the proposal p1"),
        (
            ng.ProposalRejected(proposal="p1", by="works", reason="too dear"),
            "works rejects the proposal p1: too dear",
        ),
        (ng.ProposalWithdrawn(proposal="p1", by="union"), "union withdraws the proposal p1"),
        (
            ng.PositionStated(by="union", issue="pay", value="12", firmness="red-line"),
            "union takes a position on pay, red line: 12",
        ),
        (
            ng.PositionStated(
                by="works", issue="pay", value=True, firmness="open",
                condition="no strike", attributed_by="court",
            ),
            "court says that works takes a position on pay, open: true, on condition: no strike",
        ),
        (truce(), "union declares the truce lull, binding itself alone"),
        (
            truce(
                kind="cessation-of-hostilities", binds=["union", "works"], starts=t(1), ends=t(2),
                scope="the port", condition="pay", under="p1",
            ),
            (
                "union declares the cessation of hostilities lull from 2031-03-01 00:00Z "
                "until 2031-03-02 00:00Z, binding union, works, scope: the port, "
                "on condition: pay, under p1"
            ),
        ),
        (ng.TruceJoined(truce="lull", by="works"), "works joins the truce lull"),
        (
            ng.TruceJoined(truce="lull", by="works", starts=t(3)),
            "works joins the truce lull from 2031-03-03 00:00Z",
        ),
        (ng.TruceRejected(truce="lull", by="works"), "works rejects the truce lull"),
        (
            ng.TruceExtended(truce="lull", by="works", ends=t(4)),
            "works extends the truce lull for itself until 2031-03-04 00:00Z",
        ),
        (ng.TruceEnded(truce="lull", by="works"), "works ends the truce lull for itself"),
        (claim(), "union alleges that works violated the truce lull (claim v1)"),
        (
            claim(
                count=30, qualifier="at-least", what="lockouts", place="the quay",
                begins=t(1), replaces="v0",
            ),
            (
                "union alleges that works violated the truce lull: at least 30 lockouts, the quay, "
                "from 2031-03-01 00:00Z, replacing the claim v0 (claim v1)"
            ),
        ),
        (
            claim(count=0, begins=t(1), ends=t(1)),
            (
                "union alleges that works violated the truce lull: exactly 0, at 2031-03-01 00:00Z "
                "(claim v1)"
            ),
        ),
        (
            ng.TruceObserved(truce="lull", by="works", claimed_by="court"),
            "court claims that works observed the truce lull",
        ),
        (
            ng.TruceObserved(truce="lull", by="works", claimed_by="court", what="quiet", ends=t(2)),
            "court claims that works observed the truce lull: quiet, until 2031-03-02 00:00Z",
        ),
        (
            ng.ViolationAssessed(violation="v1", by="court", finding="refuted", note="no trace"),
            "court assesses the claim v1: refuted, no trace",
        ),
        (deadline(), "union sets works the deadline d1, due 2031-03-09 00:00Z"),
        (
            deadline(earliest=t(8), demand="an offer", consequence="a strike", about="p1"),
            (
                "union sets works the deadline d1, due between 2031-03-08 00:00Z and "
                "2031-03-09 00:00Z, demanding: an offer; or else: a strike (about p1)"
            ),
        ),
        (
            ng.DeadlineMoved(deadline="d1", by="court", due=t(10)),
            "court moves the deadline d1, due 2031-03-10 00:00Z",
        ),
        (ng.DeadlineMet(deadline="d1", by="works"), "works meets the deadline d1"),
        (ng.DeadlineLifted(deadline="d1", by="union"), "union lifts the deadline d1"),
        (
            ng.MeetingScheduled(meeting="m2", by="court", parties=["union", "works"], starts=t(5)),
            "court schedules the meeting m2 of union, works for 2031-03-05 00:00Z",
        ),
        (
            ng.MeetingHeld(
                meeting="m2", parties=["union"], place="Cork", follows="m1", outcome="a draft"
            ),
            "the meeting m2 of union is held at Cork, following m1: a draft",
        ),
        (ng.MeetingCancelled(meeting="m2", by="court"), "court cancels the meeting m2"),
        (
            ng.StatementMade(by="works", text="no comment", about="d1"),
            "works says: no comment (about d1)",
        ),
        (ng.StatementMade(by="works", text="no comment"), "works says: no comment"),
        (
            ng.EventRetracted(event="e3", by="court", reason="a slip"),
            "court takes back e3: a slip",
        ),
        (
            ng.UnknownEvent(type="org.example.thing.v1", data={}),
            "an event of the unknown type org.example.thing.v1",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_event_in_words(event: ng.AnyEvent, sentence: str) -> None:
    """Every event is one sentence, whose subject is the party that made it."""
    assert words.summary(event) == sentence


def test_every_event_has_words() -> None:
    """There is a row for each, retractions too, which only explanations name."""
    assert set(words.SUMMARIES) == {*ng.EVENTS}


# Parties


def test_a_party_begins_with_who_it_is() -> None:
    """The first line has the party's id, name, role, withdrawal and when it was last heard."""
    log = story(
        (t(1), ng.PartyJoined(party="court", role="mediator", name="Labour Court")),
        (t(2), ng.PartyWithdrew(by="court")),
        (t(2), ng.StatementMade(by="union", text="well")),
    )

    assert party(log, "court") == [
        "court (Labour Court), mediator, withdrawn, last heard 2031-03-02 00:00Z"
    ]


def test_a_party_that_is_only_mentioned_is_just_its_id() -> None:
    """Who has done nothing has no role, was not heard and has nothing to its name."""
    log = story((t(1), ng.MeetingHeld(meeting="m", parties=["port"])))

    assert party(log, "port") == ["port"]


def test_what_a_party_offered_and_awaits() -> None:
    """An offer has its status and terms; a reply is awaited from those who have not answered."""
    log = story(
        (t(1), proposal(to=["works", "port"], expires=t(8))),
        (t(2), ng.ProposalAccepted(proposal="p1", by="port")),
    )

    assert party(log, "union")[1:] == [
        "offered p1 open, to works, port",
        "pay: 12",
        "awaits a reply p1 from works, until 2031-03-08 00:00Z",
    ]


def test_what_a_party_owes_a_reply_to() -> None:
    """A reply is owed to the maker of the offer, whose terms stand with it."""
    log = story((t(1), proposal()), (t(1), proposal("p2", expires=t(8))))

    assert party(log, "works")[1:] == [
        "owes a reply p1 to union",
        "pay: 12",
        "p2 to union, until 2031-03-08 00:00Z",
        "pay: 12",
    ]


def test_what_a_party_is_bound_by() -> None:
    """A commitment has its status, its span, and the spans for which the party was bound before."""
    log = story(
        (t(1), truce(ends=t(9))),
        (t(2), ng.TruceEnded(truce="lull", by="union")),
        (t(3), ng.TruceJoined(truce="lull", by="union")),
    )

    assert party(log, "union")[1:] == [
        "bound by lull in-force, from 2031-03-03 00:00Z until 2031-03-09 00:00Z",
        "before that from 2031-03-01 00:00Z until 2031-03-09 00:00Z, ended 2031-03-02 00:00Z",
    ]


@pytest.mark.parametrize(
    ("as_of", "status"),
    [(t(1), "declared"), (t(2), "in-force"), (t(4), "expired")],
    ids=["to come", "begun", "over"],
)
def test_whether_a_commitment_binds_follows_from_the_moment(as_of: datetime, status: str) -> None:
    """Time alone brings a commitment into force and ends it."""
    log = story((t(1), truce(starts=t(2), ends=t(4))))

    assert party(log, "union", as_of=as_of)[1].startswith(f"bound by lull {status}, from")


def test_a_commitment_that_the_party_ended_is_ended() -> None:
    """An end that a party brought about is told from one that time brought."""
    log = story((t(1), truce()), (t(2), ng.TruceEnded(truce="lull", by="union")))

    assert party(log, "union")[1:] == [
        "bound by lull ended, from 2031-03-01 00:00Z, ended 2031-03-02 00:00Z"
    ]


def test_what_a_party_is_accused_of_is_never_added_up() -> None:
    """Each claim has its own count, its accuser, and whether the accused was bound."""
    log = story(
        (t(1), truce(binds=["works"], ends=t(5))),
        (t(2), claim("v1", count=30, qualifier="about", what="lockouts")),
        (t(3), claim("v2", count=12, alleged_by="court")),
        (t(6), claim("v3")),
        (t(6), claim("v4", by="port", alleged_by="works")),
        (t(6), claim("v5", truce="other")),
        (t(7), ng.ViolationAssessed(violation="v5", by="court", finding="unattributed")),
        (t(7), claim("v6", truce="other", replaces="v5")),
    )

    assert party(log, "works")[2:] == [
        "accused of v1 about 30 lockouts, alleged by union",
        "works was bound by lull, at the time",
        "v2 exactly 12, alleged by court",
        "works was bound by lull, at the time",
        "v3 alleged by union",
        "works was bound by lull, but not at the time",
        "v5 alleged by union",
        "truce other was not declared",
        "found unattributed by court",
        "replaced by v6",
        "v6 alleged by union",
        "truce other was not declared",
        "replaces v5",
        "alleges v4 against port",
    ]
    assert "port was not bound by lull" in party(log, "port")
    assert "42" not in shown(log)


def test_where_a_party_stands() -> None:
    """A position has its firmness, condition and source, and then those that it replaced."""
    log = story(
        (t(1), ng.PositionStated(by="works", issue="pay", value=9, firmness="open")),
        (t(2), ng.PositionStated(by="works", issue="pay", value=10, firmness="preference")),
        (
            t(3),
            ng.PositionStated(
                by="works", issue="pay", value=11, firmness="red-line",
                condition="no strike", attributed_by="court",
            ),
        ),
    )  # fmt: skip

    assert party(log, "works")[1:] == [
        "positions pay red line: 11",
        "on condition: no strike",
        "since 2031-03-03 00:00Z, as court says",
        "before, from 2031-03-02 00:00Z, preference: 10",
        "before, from 2031-03-01 00:00Z, open: 9",
    ]


def test_which_deadlines_a_party_faces_and_has_set() -> None:
    """A deadline stands with whoever it is set to and with whoever set it."""
    log = story((t(1), deadline(demand="an offer", consequence="a strike")))

    assert party(log, "works")[1:] == [
        "faces d1 pending, due 2031-03-09 00:00Z, set by union",
        "demand: an offer",
        "consequence: a strike",
    ]
    assert party(log, "union")[1] == "has set d1 pending, due 2031-03-09 00:00Z, on works"


def test_what_a_party_said() -> None:
    """Statements have their time and what they are about, in their order."""
    log = story(
        (t(1), ng.StatementMade(by="works", text="no comment", about="d1")),
        (t(2), ng.StatementMade(by="works", text="well")),
    )

    assert party(log, "works")[1:] == [
        "statements 2031-03-01 00:00Z no comment (about d1)",
        "2031-03-02 00:00Z well",
    ]


def test_principals_come_first() -> None:
    """Parties stand by their roles, and who has none comes last."""
    log = story(
        (t(1), ng.StatementMade(by="alpha", text="well")),
        (t(1), ng.PartyJoined(party="beta", role="observer")),
        (t(1), ng.PartyJoined(party="delta", role="principal")),
        (t(1), ng.PartyJoined(party="gamma", role="principal")),
    )
    lines = shown(log).splitlines()
    first = [line.split(",")[0] for line in lines if line and not line.startswith(" ")]

    assert first == ["delta", "gamma", "beta", "alpha"]


# Items


def test_proposals_have_their_answers_and_counters() -> None:
    """A proposal shows who answered what, what it counters and what counters it."""
    log = story(
        (t(1), proposal(expires=t(8))),
        (t(2), proposal("p2", by="works", to=["union"], counters="p1")),
    )

    assert section(log, "Proposals") == [
        "p1 countered, from union to works",
        "pay: 12",
        "answers: works countered",
        "countered by p2",
        "made 2031-03-01 00:00Z, expires 2031-03-08 00:00Z",
        "p2 open, from works to union",
        "pay: 12",
        "counters p1",
        "made 2031-03-02 00:00Z",
    ]


def test_truces_say_who_is_bound_and_who_is_not() -> None:
    """A truce shows each commitment, who rejected it, its terms and who is said to have kept it."""
    log = story(
        (t(1), truce(ends=t(9), scope="the port", condition="pay", under="p1")),
        (t(1), ng.TruceRejected(truce="lull", by="port")),
        (t(2), ng.TruceObserved(truce="lull", by="union", claimed_by="court", what="quiet")),
    )

    assert section(log, "Truces") == [
        "lull in-force, truce declared by union",
        "in-force for union alone, from 2031-03-01 00:00Z until 2031-03-09 00:00Z",
        "rejected by port",
        "scope: the port",
        "condition: pay",
        "under p1",
        "observed by union, claims court: quiet",
    ]


def test_nobody_is_alone_in_a_mutual_truce() -> None:
    """Where two parties are bound, neither is said to be bound alone."""
    log = story((t(1), truce(binds=["union", "works"])))

    assert section(log, "Truces")[1:] == [
        "in-force for union, from 2031-03-01 00:00Z",
        "in-force for works, from 2031-03-01 00:00Z",
    ]


def test_claims_stand_side_by_side() -> None:
    """Claims are a table by accused and accuser, each with its own count."""
    log = story(
        (t(1), truce()),
        (t(2), claim("v1", by="union", alleged_by="works", count=5, what="pickets", place="quay")),
        (t(2), claim("v2", by="union", alleged_by="court", begins=t(1), ends=t(2))),
    )

    assert section(log, "Violations alleged") == [
        "accused alleged by count claim",
        "union court v2: from 2031-03-01 00:00Z until 2031-03-02 00:00Z",
        "union was bound by lull, at the time",
        "union works exactly 5 v1: pickets, quay, claimed 2031-03-02 00:00Z",
        "union was bound by lull, at the time",
    ]


def test_deadlines_say_what_is_due() -> None:
    """A deadline shows who set it to whom, its window, and what it is about."""
    log = story((t(1), deadline(earliest=t(1), about="p1")))

    assert section(log, "Deadlines") == [
        "d1 in-window, due between 2031-03-01 00:00Z and 2031-03-09 00:00Z, set by union on works",
        "about p1",
    ]


def test_meetings_say_who_when_and_what_came_of_it() -> None:
    """A meeting shows its status, time, place, parties, outcome, predecessor and who called it."""
    log = story(
        (
            t(1),
            ng.MeetingScheduled(
                meeting="m2", by="court", parties=["union", "works"], starts=t(5),
                place="Cork", follows="m1",
            ),
        ),
        (t(2), ng.MeetingHeld(meeting="m3", parties=["union"], outcome="a draft")),
    )  # fmt: skip

    assert section(log, "Meetings") == [
        "m2 scheduled, 2031-03-05 00:00Z, Cork, union, works",
        "follows m1",
        "scheduled by court",
        "m3 held, union",
        "outcome: a draft",
    ]


def test_problems_stand_at_the_end() -> None:
    """What breaks the rules has its record, party, code and sentence."""
    log = story((t(1), ng.ProposalAccepted(proposal="p9", by="works")))

    assert section(log, "Problems") == [
        "position record party problem",
        "1 e1 works unknown-proposal",
        "works's ProposalAccepted, proposal 'p9', names a proposal that nobody has made by",
        "then",
    ]


def test_sections_with_nothing_in_them_are_left_out() -> None:
    """A log of one statement has one party and nothing else."""
    log = story((t(1), ng.StatementMade(by="works", text="well")))

    assert shown(log).splitlines() == [
        "",
        "works, last heard 2031-03-01 00:00Z",
        "  statements  2031-03-01 00:00Z  well",
    ]


def test_statuses_are_coloured_on_a_terminal() -> None:
    """What is open, what is good and what is bad differ at a glance."""
    log = story(
        (t(1), proposal("p1")),
        (t(1), proposal("p2")),
        (t(1), proposal("p3")),
        (t(1), proposal("p4")),
        (t(2), ng.ProposalAccepted(proposal="p2", by="works")),
        (t(2), ng.ProposalRejected(proposal="p3", by="works")),
        (t(2), ng.ProposalWithdrawn(proposal="p4", by="union")),
    )
    text = shown(log, COLOURED)

    for coloured in ("\x1b[33mopen", "\x1b[32maccepted", "\x1b[31mrejected", "\x1b[2mwithdrawn"):
        assert coloured + "\x1b[0m" in text


def test_markup_in_a_log_is_only_text() -> None:
    """What other programs read as markup is shown as it stands."""
    log = story((t(1), ng.StatementMade(by="works", text="[red]x[/red] :smile: [link=y]z")))

    assert "[red]x[/red] :smile: [link=y]z" in shown(log, COLOURED)


# The heading


def test_the_heading_says_which_state_it_is() -> None:
    """Negotiation, moment, knowledge and the number of records that count."""
    log = story((t(1), ng.StatementMade(by="works", text="well")))
    state = ng.replay(log, known_at=t(5), known_to="court")

    assert [*tables.heading(state, 1, PAGE)] == [
        "talks-1",
        "as of 2031-03-01 00:00Z, known at 2031-03-05 00:00Z, known to court, 1 record counted",
    ]
    assert [*tables.heading(ng.replay(ng.Log()), 0, PAGE)] == ["an empty log", "0 records counted"]


# The timeline


def changes(log: ng.Log) -> list[list[tuple[str, str | None, str]]]:
    return [
        [(change.path, change.before, change.after) for change in entry.changes]
        for entry in timeline.entries(ng.steps(log))
    ]


def test_a_timeline_says_which_statuses_a_record_changed() -> None:
    """A change has its path, the status before, null for what was not there, and the one since."""
    log = story(
        (t(1), proposal()),
        (t(2), proposal("p 2", by="works", to=["union"], counters="p1")),
        (t(3), ng.ProposalAccepted(proposal="p 2", by="union")),
        (t(4), truce(starts=t(6))),
        (t(5), ng.TruceRejected(truce="lull", by="works")),
        (t(7), deadline()),
        (t(8), ng.DeadlineMet(deadline="d1", by="works")),
        (t(9), ng.MeetingHeld(meeting="m", parties=["works"])),
        (t(9), ng.PartyJoined(party="works", role="principal")),
        (t(9), ng.PartyWithdrew(by="works")),
        (t(10), ng.PartyJoined(party="works", role="principal")),
    )

    assert changes(log) == [
        [("proposals.p1.status", None, "open")],
        [('proposals["p 2"].status', None, "open"), ("proposals.p1.status", "open", "countered")],
        [('proposals["p 2"].status', "open", "accepted")],
        [("truces.lull.status", None, "declared")],
        [],
        [("deadlines.d1.status", None, "pending")],
        [("deadlines.d1.status", "pending", "met")],
        [("meetings.m.status", None, "held")],
        [],
        [("parties.works.status", "active", "withdrawn")],
        [("parties.works.status", "withdrawn", "active")],
    ]


def test_what_time_alone_changes_is_no_records_doing() -> None:
    """The status before is the one at the moment of the record, whatever it was at the last one."""
    log = story(
        (t(1), deadline()),
        (t(10), ng.DeadlineMoved(deadline="d1", by="union", due=t(12))),
        (t(13), ng.StatementMade(by="works", text="well")),
    )

    assert changes(log)[1:] == [[("deadlines.d1.status", "missed", "pending")], []]


def test_a_rejected_proposal_stays_rejected_past_its_expiry() -> None:
    """The statuses are those that a state shows."""
    log = story(
        (t(1), proposal(expires=t(3))),
        (t(2), ng.ProposalRejected(proposal="p1", by="works")),
        (t(4), ng.ProposalWithdrawn(proposal="p1", by="union")),
    )

    assert changes(log)[2] == [("proposals.p1.status", "rejected", "withdrawn")]


def test_a_timeline_says_which_rules_a_record_breaks() -> None:
    """A record that breaks rules has their codes, in the order in which they were met."""
    log = story(
        (t(1), claim("v1", replaces="v0")),
        (t(2), ng.ProposalAccepted(proposal="p9", by="works")),
        (t(3), ng.StatementMade(by="works", text="well")),
    )

    assert [entry.problems for entry in timeline.entries(ng.steps(log))] == [
        ("unknown-truce", "wrong-replaces"),
        ("unknown-proposal",),
        (),
    ]


def test_the_timeline_of_a_party_has_what_it_made_and_what_names_it() -> None:
    """Neither its own records nor those about it are left out, and no others are there."""
    log = story(
        (t(1), ng.StatementMade(by="works", text="well")),
        (t(2), proposal()),
        (t(3), ng.StatementMade(by="union", text="well")),
        (t(4), ng.TruceObserved(truce="lull", by="union", claimed_by="works")),
        (t(5), ng.UnknownEvent(type="org.example.thing.v1", data={"by": "works"})),
    )

    assert [entry.id for entry in timeline.entries(ng.steps(log), "works")] == ["e1", "e2", "e4"]


def lines_of(log: ng.Log, width: int) -> list[str]:
    return [*timeline.timeline_lines(timeline.entries(ng.steps(log)), Page(width=width))]


def test_a_timeline_for_reading() -> None:
    """A row has its time with the precision, position, record, sentence, source and changes."""
    log = story(
        (
            t(1),
            proposal(),
            {"precision": "day", "speaker": "A. Smith", "reported_by": "the Echo"},
        ),
        (t(2), ng.ProposalAccepted(proposal="p1", by="works")),
        (t(3), ng.ProposalAccepted(proposal="p1", by="works")),
        (t(4), ng.MeetingHeld(meeting="m", parties=["works"]), {"reported_by": "the Echo"}),
    )

    assert lines_of(log, 80) == [
        "time               #  record  what happened",
        "─────────────────  ─  ──────  ─────────────────────────────────────────────",
        "2031-03-01 00:00Z  1  e1      union makes the proposal p1 to works: pay: 12",
        "day                           A. Smith, reported by the Echo",
        "                              proposals.p1: open",
        "2031-03-02 00:00Z  2  e2      works accepts the proposal p1",
        "                              proposals.p1: open → accepted",
        "2031-03-03 00:00Z  3  e3      works accepts the proposal p1",
        "                              problem: proposal-closed",
        "2031-03-04 00:00Z  4  e4      the meeting m of works is held",
        "                              reported by the Echo",
        "                              meetings.m: held",
    ]


def test_a_wide_timeline_has_the_sources_in_a_column_of_their_own() -> None:
    """Where there is room, what happened and who says so stand beside each other."""
    log = story((t(1), proposal(), {"reported_by": "the Echo"}))

    assert lines_of(log, timeline.WIDE)[2].split("  ")[-2:] == [
        "union makes the proposal p1 to works: pay: 12",
        "reported by the Echo",
    ]


def test_a_step_of_a_timeline_costs_the_same_however_much_there_is() -> None:
    """An item that thousands of records have touched is not looked at from its beginning."""
    observed = ng.TruceObserved(truce="lull", by="union", claimed_by="court")
    log = ng.Log(
        "talks-1",
        [
            ng.Record(
                id=f"e{n}", negotiation="talks-1", time=t(1), event=observed if n else truce()
            )
            for n in range(20_000)
        ],
    )

    assert sum(len(entry.changes) for entry in timeline.entries(ng.steps(log))) == 1
