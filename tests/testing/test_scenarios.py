"""Given, when, then: what a scenario says, and how it fails."""

from datetime import UTC, datetime, timedelta
from textwrap import dedent
from typing import Any

import attrs
import pytest

import negotiation as ng
from negotiation.rules import Protocol, rule
from negotiation.testing.clauses import (
    Clause,
    InvalidScenario,
    changes,
    party,
    problem,
    refused,
    same,
    unchanged,
    value,
)
from negotiation.testing.scenarios import When, given
from negotiation.values import MAX_DEPTH
from tests.worked.story import story, t

NOON = datetime(2031, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFER = ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={"share": 40})
YES = ng.ProposalAccepted(proposal="p1", by="south")
FOREIGN = ng.ProposalAccepted(proposal="p1", by="west")


@rule("too-quiet", "say something first")
def speaks(state: ng.Negotiation, record: ng.Record) -> bool:
    return state.position > 0


QUIET = Protocol("quiet", [speaks])
TEMPLATE = ng.Template(ng.ProposalAccepted, {"proposal": "p1", "by": "south"})


def endless() -> list[Any]:
    """A list in a mapping in that list."""
    within: list[Any] = []
    within.append({"within": within})
    return within


def failure(when: When, *clauses: Clause) -> str:
    """How a scenario fails."""
    with pytest.raises(AssertionError) as failed:
        when.then(*clauses)
    return str(failed.value)


# Given and when


def test_bare_events_happen_an_hour_after_one_another() -> None:
    """The first at the beginning of 2000; ids are e1, e2 and so on."""
    log = given(OFFER, YES).log
    start = datetime(2000, 1, 1, tzinfo=UTC)
    assert [(each.id, each.time) for each in log] == [("e1", start), ("e2", start + HOUR)]
    assert log.negotiation == "talks"
    given(OFFER).when(YES).then(value("time", start + HOUR))


def test_given_takes_records_and_logs_as_they_are() -> None:
    """An event after them happens an hour after the latest of them."""
    log = story((NOON, OFFER), (NOON - HOUR, FOREIGN))
    assert given(log).log == log
    assert given(*log).log == log
    said = ng.StatementMade(by="north", text="well?")
    assert given(log, said).log[-1].time == NOON + HOUR
    assert given(said, negotiation="river").log.negotiation == "river"
    assert given(ng.Log(), said).log.negotiation == "talks"


def test_an_event_that_breaks_a_rule_is_not_given_unless_that_is_meant() -> None:
    """It would make a scenario of something else than it says."""
    with pytest.raises(ng.IllegalEvent, match="not-addressee"):
        given(OFFER, FOREIGN)
    with pytest.raises(ng.IllegalEvent, match="too-quiet"):
        given(OFFER, protocol=QUIET)
    given(OFFER, FOREIGN, strict=False).when(YES).then(value("proposals.p1.status", "accepted"))


def test_no_event_happens_after_the_end_of_time() -> None:
    """After the last moment that there is comes the same moment."""
    end = datetime.max.replace(tzinfo=UTC)
    given(*story((end, OFFER))).when(YES).then(value("time", end))


def test_several_events_happen_one_after_the_other() -> None:
    """Each an hour after the one before; records keep their own times."""
    start = datetime(2000, 1, 1, tzinfo=UTC)
    given().when(OFFER, YES).then(
        value("proposals.p1.made", start), value("parties.south.last_heard", start + HOUR)
    )
    given().when(*story((NOON, OFFER), (t(2), YES))).then(
        value("time", t(2)), value("id", "talks-1")
    )


def test_an_event_may_have_any_field_of_a_record() -> None:
    """Its time among them, as for `append`."""
    when = given(OFFER).when(YES, time=NOON, visible_to=["north"], id="yes")
    when.then(value("time", NOON), value("proposals.p1.records", ["e1", "yes"]))
    when.known_to("west").then(unchanged(), value("proposals.p1.status", "open"))


def test_a_scenario_can_be_asked_as_of_a_moment_and_as_known_by_then() -> None:
    """Before and after alike, so that what differs is what the event did."""
    truce = ng.TruceDeclared(truce="t1", by="north", kind="truce", starts=t(2), ends=t(3))
    when = given(OFFER).when(truce, time=t(1), recorded=t(5))
    when.as_of(t(2)).then(value("truces.t1.status", "in-force"), value("as_of", t(2)))
    when.as_of(t(3)).then(value("truces.t1.status", "expired"))
    when.known_at(t(4)).then(unchanged(), value("truces", {}))


def test_a_model_and_a_protocol_hold_in_the_whole_scenario() -> None:
    """They say which events are known and what is asked of them."""

    @ng.event
    @attrs.frozen(kw_only=True)
    class Counted:
        by: str

    model = ng.Model.default.extended(
        ng.Extension("count", "counted", Counted, 0, lambda count, _: count + 1)
    )
    given(Counted(by="north"), model=model).when(Counted(by="south")).then(
        value("slices.count", 2), changes({"parties.south": "added", "slices.count": (1, 2)})
    )
    given(protocol=QUIET).when(OFFER).then(problem("too-quiet", party="north", event="e1"))
    given(protocol=QUIET).when(OFFER).then(refused("too-quiet"), value("position", 0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: given(OFFER).when(), "nothing happens: when() takes at least one event or record"),
        (lambda: given("offer"), "records and logs, not of str 'offer'"),  # type: ignore[arg-type]  # no event
        (lambda: given(OFFER).when(unchanged()), "not of a _Changes"),  # type: ignore[arg-type]  # a clause
        (lambda: given().when(OFFER, YES, time=NOON), "time: such fields belong to one event"),
        (lambda: given().when(story((NOON, OFFER))[0], quote="so"), "quote: such fields belong to"),
        (lambda: given().when(OFFER, speeker="x"), "no field of a record; did you mean 'speaker'?"),
        (lambda: given().when(OFFER).then(), "then() without a clause could not fail"),
        (lambda: given().when(OFFER).then("open"), "functions, not 'open'"),  # type: ignore[arg-type]  # no clause
        (lambda: party("north"), "says nothing of the party; allowed: deadlines_facing, "),
        (refused, "refused() names the rules that were broken, such as 'not-maker'"),
        (lambda: given().when(YES).then(problem("not-maked")), "rule; did you mean 'not-maker'?"),
        (lambda: given().when(YES).then(refused("too-quiet")), "'too-quiet' is the code of no"),
        (lambda: given().when(YES).then(refused("used-id"), problem("used-id")), "say one"),
        (lambda: changes({"position": 1}), "position: a change is (old, new), 'added' or"),
        (lambda: changes({"position": "addd"}), "not str 'addd'"),
        (lambda: changes({"position": (1,)}), "not a tuple"),
        (lambda: changes(["position"]), "not str 'position' in a list"),  # type: ignore[list-item]  # no change
        (lambda: changes("position"), "takes a mapping of paths, or Changes as diff() gives "),  # type: ignore[arg-type]  # no changes
        (lambda: changes(3), "not int 3"),  # type: ignore[arg-type]  # no changes
        (lambda: problem(3), "problem() takes the code of a rule, such as 'not-maker', not int 3"),  # type: ignore[arg-type]  # no code
        (lambda: problem("used-id", party=3), "problem(): party must be an id, a text, not int 3"),  # type: ignore[arg-type]  # no id
        (lambda: problem("used-id", event=3), "problem(): event must be an id, a text, not int 3"),  # type: ignore[arg-type]  # no id
        (lambda: refused("used-id", 3), "refused() takes the code of a rule, such as 'not-maker'"),  # type: ignore[arg-type]  # no code
        (lambda: party(3, status="active"), "party() takes the id of a party, a text, not int 3"),  # type: ignore[arg-type]  # no id
        (lambda: given(model="x"), "model must be a Model, not str 'x'"),  # type: ignore[arg-type]  # no model
        (lambda: given(protocol="x"), "protocol must be a Protocol, not str 'x'"),  # type: ignore[arg-type]  # no protocol
        (lambda: given(strict=0), "strict must be True or False, not int 0"),  # type: ignore[arg-type]  # no bool
        (lambda: given(TEMPLATE), "not of a Template; its build() makes the event: give template."),
        (lambda: given(OFFER).when(TEMPLATE), "not of a Template; its build() makes the event"),
        (lambda: value("position", endless()), "position: what is expected nests deeper than 220 "),
        (lambda: party("south", status=endless()), "party('south', status=…): what is expected"),
        (lambda: changes({"position": (1, endless())}), "deeper than 220 levels, or holds itself"),
    ],
)  # fmt: skip
def test_a_scenario_that_is_put_together_wrongly_is_refused(make: Any, message: str) -> None:
    """It says what is wrong with it, and is no failed assertion."""
    with pytest.raises(InvalidScenario) as wrong:
        make()
    assert message in str(wrong.value)


@pytest.mark.parametrize(
    ("make", "nearest"),
    [
        (lambda: value("proposals.p1.stauts", 1), "did you mean proposals.p1.status?"),
        (lambda: value("proposal.p1", 1), "did you mean proposals?"),
        (lambda: party("south", reply_owed=set()), "did you mean parties.south.replies_owed?"),
        (lambda: changes({"truces.t1.state": (1, 2)}), "did you mean truces.t1.status?"),
        (lambda: value("", 1), "is empty; a path is such as truces.easter.status"),
    ],
)
def test_a_path_that_no_state_has_is_refused_with_the_nearest_right_one(
    make: Any, nearest: str
) -> None:
    """At once, whatever happens in the scenario."""
    with pytest.raises(ng.InvalidPath) as wrong:
        make()
    assert nearest in str(wrong.value)


def test_the_known_paths_are_those_of_a_state() -> None:
    """Every path of a state that holds one of everything is known."""
    truce = ng.TruceDeclared(truce="t1", by="north", kind="truce")
    claim = ng.TruceViolated(violation="v1", truce="t1", by="north", alleged_by="south")
    due = ng.DeadlineSet(deadline="d1", by="north", on=["south"], due=NOON)
    met = ng.MeetingHeld(meeting="m1", parties=["north"])
    state = ng.replay(given(OFFER, truce, claim, due, met).log)
    for section, id in (("parties", "north"), ("proposals", "p1"), ("truces", "t1"),
                        ("violations", "v1"), ("deadlines", "d1"), ("meetings", "m1")):  # fmt: skip
        item = getattr(state, section)[id]
        for name in attrs.fields_dict(type(item)):
            given(OFFER, truce, claim, due).when(met).then(
                value(f"{section}.{id}.{name}", getattr(item, name))
            )


# What holds


def test_a_party_and_values_are_as_they_are_said_to_be() -> None:
    """Sets, lists and mappings are compared by what is in them."""
    given(OFFER).when(YES).then(
        party("south", replies_owed=set(), status="active", proposals_made=()),
        party("north", proposals_made=["p1"]),
        value("proposals.p1.terms", {"share": 40}),
        value("proposals.p1.answers", {"south": "accepted"}),
        value("proposals.p1.to", ["south"]),
        value("proposals.p1.expires", None),
    )


def test_the_deepest_terms_there_are_can_be_expected() -> None:
    """A value that a state can hold is none that nests too deep."""
    deep: Any = 40
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    offer = attrs.evolve(OFFER, terms={"share": deep})
    given().when(offer).then(
        value("proposals.p1.terms", {"share": deep}), value("proposals.p1.terms.share", deep)
    )


def test_a_scenario_that_is_not_asked_passes() -> None:
    """Before `then` nothing is run and nothing can fail."""
    given(OFFER).when(FOREIGN)
    assert failure(given(OFFER).when(FOREIGN), unchanged())


@pytest.mark.parametrize(
    ("expected", "actual", "alike"),
    [
        ({"a", "b"}, frozenset("ab"), True),
        (["b", "a"], frozenset("ab"), True),
        (["a", "a"], frozenset("ab"), False),
        ("ab", frozenset("ab"), False),
        ([["a"]], frozenset("a"), False),
        (["a", "b"], ("a", "b"), True),
        (["b", "a"], ("a", "b"), False),
        (["a"], ("a", "b"), False),
        ({"a"}, ("a",), False),
        ({"x": [1, {"y": None}]}, ng.FrozenDict({"x": [1, {"y": None}]}), True),
        ({"x": True}, ng.FrozenDict({"x": 1}), False),
        ({"x": 1}, ng.FrozenDict({"x": 1, "y": 2}), False),
        ({"x": 1, "y": 2}, ng.FrozenDict({"x": 1}), False),
        ([], ng.FrozenDict(), False),
        (1, True, False),
        (1.0, 1, False),
        (0.5, 0.5, True),
        ("1", 1, False),
        (None, None, True),
        ({"since": NOON, "until": None, "ended": None, "earlier": []}, ng.Commitment(NOON), True),
        ({"since": NOON}, ng.Commitment(NOON), False),
        (ng.Commitment(NOON), ng.Commitment(NOON), True),
        (ng.Commitment(NOON), ng.Commitment(t(2)), False),
    ],
)
def test_values_are_compared_by_content(expected: Any, actual: Any, alike: bool) -> None:
    """Order counts in a list, types of numbers count everywhere, and all fields of an item do."""
    assert same(expected, actual) is alike


def test_what_changed_is_said_exactly_and_in_order() -> None:
    """But for the moment, the records behind it and when a party was last heard."""
    when = given(OFFER).when(YES)
    said = {
        "parties.north.replies_awaited.p1": "removed",
        "parties.south.replies_owed.p1": "removed",
        "proposals.p1.answers.south": "added",
        "proposals.p1.status": ("open", "accepted"),
    }
    when.then(changes(said))
    assert "does not hold: changes(…)" in failure(when, changes(dict(reversed(said.items()))))
    assert "does not hold: changes(…)" in failure(when, changes({**said, "position": (1, 3)}))
    other = {path.replace("south", "north"): it for path, it in said.items()}
    assert "does not hold: changes(…)" in failure(when, changes(other))
    assert "does not hold: changes(…)" in failure(when, changes(dict([*said.items()][1:])))
    for path, wrong in (("proposals.p1.answers.south", "removed"),
                        ("proposals.p1.answers.south", (None, "accepted")),
                        ("proposals.p1.status", ("open", "rejected")),
                        ("proposals.p1.status", ("countered", "accepted"))):  # fmt: skip
        assert "does not hold: changes(…)" in failure(when, changes({**said, path: wrong}))


def test_what_is_left_out_of_changes_can_be_named() -> None:
    """Then it is one of them."""
    start = datetime(2000, 1, 1, tzinfo=UTC)
    said = ng.StatementMade(by="north", text="well?")
    statement = ng.Statement("well?", None, start + HOUR)
    given(OFFER).when(said).then(
        changes(
            {
                "position": (1, 2),
                "parties.north.statements": ([], [statement]),
                "parties.north.last_heard": (start, start + HOUR),
            }
        )
    )


def test_what_changed_can_be_said_as_a_difference_says_it() -> None:
    """As `diff` gives it, or as a list of its changes."""
    difference = ng.diff(ng.replay(given(OFFER).log), ng.replay(given(OFFER, YES).log))
    when = given(OFFER).when(YES)
    when.then(changes(difference), changes(difference.changes))
    other = attrs.evolve(difference.changes[-1], new="lost")
    assert "does not hold" in failure(when, changes([*difference.changes[:-1], other]))


def test_problems_are_exactly_those_said_in_their_order() -> None:
    """Each with its party and its record where these are said."""
    outsider = ng.ProposalRejected(proposal="p1", by="east")
    when = given(OFFER).when(FOREIGN, ng.ProposalWithdrawn(proposal="p1", by="south"), outsider)
    codes = "not-addressee", "not-maker", "not-addressee"
    when.then(*map(problem, codes))
    when.then(
        problem("not-addressee", party="west", event="e2"),
        problem("not-maker", party="south"),
        problem("not-addressee", event="e4"),
        value("proposals.p1.status", "open"),
    )
    for wrong in (
        [problem(codes[0]), problem(codes[1])],
        [problem(codes[0]), problem(codes[0]), problem(codes[1])],
        [*map(problem, codes), problem("used-id")],
        [problem(codes[0], party="east"), problem(codes[1]), problem(codes[2])],
        [problem(codes[0], event="e3"), problem(codes[1]), problem(codes[2])],
    ):
        assert "does not hold: problem(…)" in failure(when, *wrong)


def test_what_is_refused_is_not_recorded() -> None:
    """What comes after it happens all the same."""
    given(OFFER).when(FOREIGN).then(refused("not-addressee"), unchanged(), value("position", 1))
    given(OFFER).when(FOREIGN, YES).then(
        refused("not-addressee"), value("proposals.p1.records", ["e1", "e2"])
    )


def test_what_breaks_a_rule_changes_nothing_else() -> None:
    """The problem is said by a clause of its own, and is no change."""
    given(OFFER, YES).when(YES).then(problem("proposal-closed"), unchanged())


def test_a_record_is_refused_as_an_event_is() -> None:
    """With the fields that it has."""
    late = story((t(2), OFFER), (t(1), YES))
    given(late[0]).when(late[1]).then(refused("unknown-proposal"), unchanged())
    given(late[0]).when(late[1]).then(problem("unknown-proposal", event="e2"))


# How it fails


def test_a_failed_scenario_says_what_was_expected_what_is_what_changed_and_the_log() -> None:
    """One message has all that is needed."""
    message = failure(
        given(OFFER).when(YES),
        party("south", replies_owed={"p1"}, status="active"),
        value("proposals.p1.status", "open"),
    )
    assert message == dedent(
        """\
        does not hold: party('south', replies_owed=…)
          expected: {"p1"}
          actual:   set()

        does not hold: value('proposals.p1.status', …)
          expected: "open"
          actual:   "accepted"

        what changed:
          position: 1 → 2
          time: 2000-01-01 00:00Z → 2000-01-01 01:00Z
          as_of: 2000-01-01 00:00Z → 2000-01-01 01:00Z
          parties.north.replies_awaited.p1: removed
          parties.south.replies_owed.p1: removed
          parties.south.last_heard: none → 2000-01-01 01:00Z
          proposals.p1.answers.south: added: accepted
          proposals.p1.status: open → accepted
          proposals.p1.records: + e2

        given:
          id  time               party  what happened
          --  -----------------  -----  -----------------------------------------
          e1  2000-01-01 00:00Z  north  makes the proposal p1 to south: share: 40

        when:
          id  time               party  what happened
          --  -----------------  -----  -----------------------
          e2  2000-01-01 01:00Z  south  accepts the proposal p1"""
    )


def test_a_problem_that_nobody_spoke_of_fails_a_scenario() -> None:
    """Whatever else of it holds."""
    message = failure(given(OFFER).when(FOREIGN), value("proposals.p1.status", "open"))
    assert message.startswith(
        dedent(
            """\
            does not hold: no problem, as none is said
              expected: none
              actual:   not-addressee by west of e2: west's ProposalAccepted, proposal 'p1',"""
        )
    )


def test_a_problem_that_did_not_arise_fails_a_scenario() -> None:
    """It is said with its party and its record."""
    message = failure(given(OFFER).when(YES), problem("not-addressee", party="west", event="e2"))
    assert message.startswith(
        "does not hold: problem(…)\n  expected: not-addressee by west of e2\n  actual:   none\n"
    )


def test_what_was_not_refused_fails_a_scenario() -> None:
    """And so does what was refused for another rule, or for more."""
    message = failure(given(OFFER).when(YES), refused("not-addressee"))
    assert message.startswith(
        "does not hold: refused(…)\n  expected: not-addressee\n  actual:   nothing was refused\n"
    )
    assert "proposals.p1.status: open → accepted" in message
    when = given(OFFER).when(FOREIGN)
    assert "actual:   not-addressee by west of e2: " in failure(when, refused("not-maker"))
    assert "does not hold" in failure(when, refused("not-addressee", "not-maker"))
    assert "does not hold" in failure(when, refused("not-addressee"), refused("not-maker"))
    twice = given(OFFER).when(FOREIGN, FOREIGN)
    twice.then(refused("not-addressee", "not-addressee"))
    assert "does not hold" in failure(twice, refused("not-addressee"))


def test_a_path_at_which_nothing_stands_fails_a_scenario() -> None:
    """It names the nearest that there is."""
    message = failure(given(OFFER).when(YES), value("proposals.p2.status", "open"))
    assert (
        "  expected: \"open\"\n  actual:   nothing is there; it leads nowhere at 'p2'; "
        "did you mean proposals.p1? allowed: p1\n" in message
    )


def test_changes_that_were_not_said_fail_a_scenario() -> None:
    """What is, is shown as it can be said."""
    message = failure(given().when(ng.PartyWithdrew(by="north")), unchanged())
    assert message.startswith(
        'does not hold: unchanged()\n  expected: {}\n  actual:   {"parties.north": "added"}\n\n'
    )
    message = failure(given(OFFER).when(YES), unchanged())
    assert (
        '  actual:   {\n                "parties.north.replies_awaited.p1": "removed",\n' in message
    )
    message = failure(given(OFFER).when(YES), changes([ng.Change("position", "changed", 1, 2)]))
    assert '  expected: {"position": (1, 2)}\n' in message


def test_the_shown_values_can_be_said() -> None:
    """Sets, lists and mappings of a state are shown as sets, tuples and dicts."""
    message = failure(given(OFFER).when(YES), value("proposals.p1", None), value("truces", 1))
    assert '                terms=ng.FrozenDict({"share": 40}),\n' in message
    assert "  actual:   {}\n" in message
    message = failure(given(OFFER).when(YES), party("south", replies_owed=frozenset({"p2"})))
    assert '  expected: {"p2"}\n  actual:   set()\n' in message
