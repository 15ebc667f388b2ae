"""Rules and protocols as values, and every place where they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import attrs
import pytest

import negotiation as ng
from negotiation.rules import once_a_state
from negotiation.values import describe
from tests.worked.story import Entry, codes, story, t


@ng.rule("shouting", "nobody shouts", reads={ng.StatementMade: ["text"]})
def quiet(state: ng.Negotiation, record: ng.Record) -> bool:
    """No statement is in capitals."""
    return type(record.event) is not ng.StatementMade or not record.event.text.isupper()


@ng.rule("repeating", "a party speaks once", source="A. Clerk: Minutes (1907)")
def once(state: ng.Negotiation, record: ng.Record) -> bool:
    """A party makes one statement."""
    if type(record.event) is not ng.StatementMade:
        return True
    speaker = state.parties.get(record.event.by)
    return speaker is None or not speaker.statements


@ng.rule("raising", "nothing is wrong with this rule")
def faulty(state: ng.Negotiation, record: ng.Record) -> bool:
    """A rule of a programmer who did not think of statements."""
    event: Any = record.event
    return bool(event.proposal)


POLITE: Final = ng.Protocol("polite", [quiet, once])


def says(by: str, text: str = "so it is") -> ng.StatementMade:
    """A statement."""
    return ng.StatementMade(by=by, text=text)


def found(log: ng.Log, protocol: ng.Protocol = POLITE, **asked: Any) -> list[tuple[str, str]]:
    """The problems of a log under a protocol, each as the record's id and the rule."""
    return [(each.event, each.code) for each in ng.check(log, protocol=protocol, **asked)]


def next_record(event: Any, day: int = 1) -> ng.Record:
    """The record of an event on a day."""
    return ng.Record(id="e1", negotiation="talks-1", time=t(day), event=event)


# A rule


def test_a_rule_gives_a_problem_or_nothing() -> None:
    """Called with the state before a record and the record, it says what is wrong with it."""
    state = ng.replay(story())
    assert quiet(state, next_record(says("north"))) is None
    assert quiet(state, next_record(says("north", "NEVER"))) == ng.Problem(
        event="e1",
        position=1,
        code="shouting",
        party="north",
        message="north's StatementMade: nobody shouts",
    )


def test_a_rule_says_what_it_is() -> None:
    """Its code, what it asks, where it comes from and which fields it looks at are data."""
    assert (once.code, once.reason) == ("repeating", "a party speaks once")
    assert (once.source, quiet.source) == ("A. Clerk: Minutes (1907)", None)
    assert dict(quiet.reads) == {ng.StatementMade: {"text"}}
    assert dict(once.reads) == {}


def test_a_rule_is_a_value() -> None:
    """It cannot be changed, equals one that is made alike, and can be a key."""
    twin = ng.Rule("shouting", "nobody shouts", quiet.keeps, None, {ng.StatementMade: ["text"]})
    assert {quiet: 1}[twin] == 1
    assert twin != attrs.evolve(twin, reads={})
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        twin.code = "whispering"  # type: ignore[misc]  # refusing it is the test
    with pytest.raises(TypeError, match="does not support item assignment"):
        twin.reads[ng.StatementMade] = frozenset()  # type: ignore[index]  # as above


@pytest.mark.parametrize(
    "code", ["", "Shouting", "no_shouting", "-no", "no-", "no--no", "so it", 5]
)
def test_a_code_is_words_and_hyphens(code: Any) -> None:
    """Any other code is refused, with one that would be right."""
    with pytest.raises(ng.InvalidProtocol) as refused:
        ng.rule(code, "nobody shouts")(quiet.keeps)
    assert str(refused.value) == (
        f"a rule's code is of a-z, 0-9 and hyphens, such as 'out-of-turn'; not {code!r}"
    )


@pytest.mark.parametrize("code", [*ng.REASONS])
def test_a_code_of_the_lifecycles_is_taken(code: str) -> None:
    """A rule of a protocol cannot be taken for one that holds in any case."""
    with pytest.raises(ng.InvalidProtocol, match=f"'{code}' is a code of the lifecycles"):
        ng.Rule(code, "so it is", quiet.keeps)


def test_what_a_rule_reads_are_fields_of_events() -> None:
    """A field that no such event has is refused, and so is a text in place of a list."""
    with pytest.raises(ng.InvalidProtocol) as refused:
        ng.Rule("x", "y", quiet.keeps, reads={ng.StatementMade: ["txt"]})
    assert str(refused.value) == (
        "a rule reads 'txt' of StatementMade, which has no such field; did you mean 'text'? "
        "allowed: about, by, text"
    )
    with pytest.raises(
        ng.InvalidProtocol, match="reads of StatementMade is a list of fields, not str 'text'"
    ):
        ng.Rule("x", "y", quiet.keeps, reads={ng.StatementMade: "text"})
    names: Iterator[str] = iter(["text", "about"])
    reads = ng.Rule("x", "y", quiet.keeps, reads={ng.StatementMade: names}).reads
    assert reads[ng.StatementMade] == {"text", "about"}


def test_a_rule_may_name_the_kinds_of_events_that_can_keep_it() -> None:
    """Of these it is asked; every other breaks it, and the rule is not asked."""
    asked: list[str] = []

    @ng.rule("chatting", "there are statements, and no others", kinds=[ng.StatementMade])
    def nothing_else(state: ng.Negotiation, record: ng.Record) -> bool:
        asked.append(record.id)
        return record.event != says("north", "other")

    log = story(
        (t(1), says("north")),
        (t(2), ng.PartyJoined(party="north", role="observer")),
        (t(3), says("north", "other")),
    )
    assert found(log, ng.OPEN.extended(nothing_else)) == [("e2", "chatting"), ("e3", "chatting")]
    assert asked == ["e1", "e3"]
    assert nothing_else.kinds == frozenset([ng.StatementMade])
    assert nothing_else.admits(ng.StatementMade)
    assert not nothing_else.admits(ng.PartyJoined)
    assert quiet.kinds is None
    assert quiet.admits(ng.PartyJoined)


def test_the_kinds_of_a_rule_are_several() -> None:
    """One class in place of a list of classes is refused."""
    with pytest.raises(ng.InvalidProtocol, match="kinds must be several classes, not a type"):
        ng.Rule("x", "y", quiet.keeps, kinds=ng.StatementMade)  # type: ignore[arg-type]  # as it says


def test_a_rule_sees_the_state_as_of_the_record() -> None:
    """Whatever moment the state that it is given stands at, statuses are those of the record's."""
    seen: list[tuple[Any, str]] = []

    @ng.rule("watching", "everything is seen")
    def watching(state: ng.Negotiation, record: ng.Record) -> bool:
        seen.append((state.as_of, state.proposals["p"].status))
        return True

    offer = ng.ProposalMade(proposal="p", by="north", to=["south"], terms={}, expires=t(5))
    log = story((t(1), offer))
    protocol = ng.Protocol("watched", [watching])
    for state in (ng.replay(log), ng.replay(log, as_of=t(4)), ng.replay(log, as_of=t(9))):
        watching(state, next_record(says("north"), 4))
        protocol.problem(state, next_record(says("north"), 5))
    log.append(says("south"), time=t(4), protocol=protocol)
    log.append(says("south"), time=t(5), protocol=protocol)
    assert seen == [(t(4), "open"), (t(5), "expired")] * 4


# A protocol


def test_a_protocol_is_a_named_set_of_rules() -> None:
    """It has a name, its rules in their order, and their codes; it is a value as they are."""
    assert (POLITE.name, POLITE.rules) == ("polite", (quiet, once))
    assert POLITE.codes == ("shouting", "repeating")
    assert {POLITE: 1}[ng.Protocol("polite", (quiet, once))] == 1
    assert ng.Protocol("rude", (quiet, once)) != POLITE


def test_a_protocol_tells_the_first_rule_that_is_broken() -> None:
    """A record that breaks two rules has one problem, that with the rule asked first."""
    log = story((t(1), says("north")))
    both = ng.Record(
        id="e2", negotiation="talks-1", position=2, time=t(2), event=says("north", "NO")
    )
    for rules in ([quiet, once], [once, quiet]):
        problem = ng.Protocol("polite", rules).problem(ng.replay(log), both)
        assert problem is not None
        assert problem.code == rules[0].code
    assert POLITE.problem(ng.replay(log), next_record(says("south"), 2)) is None


def test_an_open_protocol_has_no_rules() -> None:
    """Diplomacy: whatever the lifecycles allow."""
    assert ng.Protocol("open") == ng.OPEN
    assert ng.OPEN.codes == ()
    assert ng.OPEN.problem(ng.replay(story()), next_record(says("north", "NEVER"))) is None


def test_a_protocol_can_be_extended() -> None:
    """The further rules are asked last; the protocol itself stays as it was."""
    longer = ng.OPEN.extended(quiet).extended(once, name="polite")
    assert longer == POLITE
    assert ng.OPEN.extended(quiet).name == "open"
    assert ng.OPEN.codes == ()


def test_a_protocol_can_do_without_a_rule() -> None:
    """All others stay, in their order, and so does the name."""
    assert POLITE.without("shouting") == ng.Protocol("polite", [once])
    assert POLITE.without("repeating", "shouting").rules == ()
    assert POLITE.without() == POLITE


def test_a_rule_that_a_protocol_has_not_cannot_be_taken_out() -> None:
    """The message names the nearest one and all that there are."""
    with pytest.raises(ng.InvalidProtocol) as refused:
        POLITE.without("shouting", "repeat")
    assert str(refused.value) == (
        "protocol 'polite' has no rule 'repeat'; did you mean 'repeating'? "
        "allowed: repeating, shouting"
    )


def test_a_protocol_is_made_of_rules() -> None:
    """What is no rule, one rule alone and two rules of one code are refused."""
    with pytest.raises(ng.InvalidProtocol, match="protocol 'polite': rules\\[1\\] is no Rule"):
        ng.Protocol("polite", [quiet, quiet.keeps])  # type: ignore[list-item]  # as it says
    with pytest.raises(ng.InvalidProtocol, match="rules must be several rules, not a Rule"):
        ng.Protocol("polite", quiet)  # type: ignore[arg-type]  # as it says
    with pytest.raises(ng.InvalidProtocol, match="polite': two rules have the code 'shouting'"):
        POLITE.extended(attrs.evolve(once, code="shouting"))


def test_a_protocol_reads_what_its_rules_read() -> None:
    """Of a class of events, the fields at which any of its rules looks."""
    about = ng.Rule("x", "y", quiet.keeps, reads={ng.StatementMade: ["about"]})
    assert POLITE.extended(about).reads(ng.StatementMade) == {"text", "about"}
    assert POLITE.reads(ng.ProposalMade) == frozenset()


# A rule that raises


def test_a_rule_that_raises_is_named() -> None:
    """The error names the rule and the record, and what was raised is its cause."""
    log = story((t(1), says("north")))
    with pytest.raises(ng.RuleFailed) as failed:
        ng.check(log, protocol=ng.OPEN.extended(faulty))
    assert (failed.value.code, failed.value.record) == ("raising", "e1")
    assert str(failed.value) == (
        "record 'e1': the rule 'raising' raised AttributeError: "
        "'StatementMade' object has no attribute 'proposal'"
    )
    assert type(failed.value.__cause__) is AttributeError


@pytest.mark.parametrize(
    "ask",
    [
        lambda log, protocol: log.append(says("north"), time=t(3), protocol=protocol),
        lambda log, protocol: log.append(says("north"), time=t(1), protocol=protocol),
        lambda log, protocol: ng.legal_events(ng.replay(log), protocol, "north"),
        lambda log, protocol: protocol.rules[0](ng.replay(log), next_record(says("north"))),
    ],
    ids=["append", "append late", "legal_events", "the rule"],
)
def test_a_rule_that_raises_is_named_wherever_it_is_asked(ask: Any) -> None:
    """It is a mistake in a program, and never taken for a rule kept or broken."""
    offer = ng.ProposalMade(proposal="p", by="north", to=["south"], terms={})
    with pytest.raises(ng.RuleFailed, match="the rule 'raising' raised AttributeError"):
        ask(story((t(2), offer)), ng.OPEN.extended(faulty))


# Checking


def test_check_tells_what_breaks_a_protocol() -> None:
    """Problems are in fold order, with the code, the maker and the reason of the rule."""
    log = story(
        (t(1), says("north")),
        (t(2), says("south", "NEVER")),
        (t(3), says("north", "again")),
    )
    assert ng.check(log) == ()
    assert found(log) == [("e2", "shouting"), ("e3", "repeating")]
    assert ng.check(log, protocol=POLITE)[1] == ng.Problem(
        event="e3",
        position=3,
        code="repeating",
        party="north",
        message="north's StatementMade: a party speaks once",
    )


def test_what_breaks_a_protocol_happened_all_the_same() -> None:
    """The record has its effect, and no state tells of the problem."""
    log = story((t(1), says("north")), (t(2), says("north")))
    state = ng.replay(log)
    assert len(state.parties["north"].statements) == 2
    assert state.problems == ()


UNHEARD: Final = ng.ProposalAccepted(proposal="p", by="south")


@ng.rule("silence", "nobody says anything")
def silent(state: ng.Negotiation, record: ng.Record) -> bool:
    """Whatever is said breaks it."""
    return False


def test_a_record_with_a_problem_of_its_own_is_not_asked_about() -> None:
    """A record that breaks a lifecycle has no further problem with the protocol."""
    log = story((t(1), UNHEARD), (t(2), says("north")))
    assert found(log, ng.OPEN.extended(silent)) == [("e1", "unknown-proposal"), ("e2", "silence")]


def test_a_claim_with_two_problems_keeps_both() -> None:
    """The lifecycles tell of its truce and of what it replaces; the protocol is not asked."""
    claim = ng.TruceViolated(violation="v", truce="t", by="north", alleged_by="south", replaces="w")
    log = story((t(1), claim))
    problems = found(log, ng.OPEN.extended(silent))
    assert problems == [("e1", "unknown-truce"), ("e1", "wrong-replaces")]


def test_records_of_nothing_are_not_asked_about() -> None:
    """An unknown event and a repetition of no record have their own problem; a copy has none."""
    log = story(
        (t(1), ng.UnknownEvent(type="org.example.rain", data={})),
        (t(2), says("north"), {"repeats": "e9"}),
        (t(3), says("south")),
        (t(4), says("south"), {"repeats": "e3"}),
    )
    assert found(log, ng.OPEN.extended(silent)) == [
        ("e1", "unknown-type"),
        ("e2", "unknown-record"),
        ("e3", "silence"),
    ]


def test_both_kinds_of_problems_are_in_fold_order() -> None:
    """A late report stands where it happened, and so does what is wrong with a retraction."""
    log = story(
        (t(4), says("north", "NEVER")),
        (t(5), UNHEARD),
        (t(3), ng.EventRetracted(event="e9", by="clerk")),
        (t(2), says("north", "NO")),
        (t(4), UNHEARD),
        (t(6), says("south", "YES")),
    )
    assert found(log) == [
        ("e4", "shouting"),
        ("e3", "unknown-record"),
        ("e1", "shouting"),
        ("e5", "unknown-proposal"),
        ("e2", "unknown-proposal"),
        ("e6", "shouting"),
    ]


def test_a_late_report_may_make_a_later_record_break_a_rule() -> None:
    """Rules see what had happened before the record, not what had been reported by then."""
    log = story((t(5), says("north")), (t(3), says("north", "earlier")))
    assert found(log) == [("e1", "repeating")]
    assert found(log, known_at=t(4)) == []


def test_a_retracted_record_is_not_asked_about() -> None:
    """What was taken back breaks nothing, and nothing that follows breaks a rule because of it."""
    log = story(
        (t(1), says("north")),
        (t(2), says("north", "NEVER")),
        (t(3), says("north", "again")),
        (t(4), ng.EventRetracted(event="e2", by="clerk")),
    )
    assert found(log) == [("e3", "repeating")]
    log = log.append(ng.EventRetracted(event="e1", by="clerk"), time=t(5))
    assert found(log) == []
    assert found(log, known_at=t(3)) == [("e2", "shouting"), ("e3", "repeating")]


def test_what_a_party_does_not_know_of_is_not_asked_about() -> None:
    """Under `known_to` a hidden record breaks nothing, and nothing breaks a rule because of it."""
    log = story(
        (t(1), says("north"), {"visible_to": ["south"]}),
        (t(2), says("north", "again")),
        (t(3), says("south", "NO"), {"visible_to": ["north"]}),
    )
    assert found(log) == [("e2", "repeating"), ("e3", "shouting")]
    assert found(log, known_to="north") == [("e2", "repeating"), ("e3", "shouting")]
    assert found(log, known_to="south") == [("e2", "repeating"), ("e3", "shouting")]
    assert found(log, known_to="east") == []


def test_check_takes_a_moment() -> None:
    """Only what had happened by then is asked about."""
    log = story((t(1), says("north", "NO")), (t(3), says("north", "yes")))
    assert found(log, as_of=t(2)) == [("e1", "shouting")]
    assert found(log, as_of=t(1)) == [("e1", "shouting")]
    assert found(log, as_of=t(1) - timedelta(microseconds=1)) == []


def test_an_empty_log_breaks_no_rule() -> None:
    """Where nothing counts there is nothing to ask about but what is wrong with retractions."""
    assert ng.check(ng.Log(), protocol=ng.OPEN.extended(silent)) == ()
    log = story((t(1), ng.EventRetracted(event="e9", by="clerk")))
    assert found(log, ng.OPEN.extended(silent)) == [("e1", "unknown-record")]


@ng.event
@attrs.frozen(kw_only=True)
class BellRung:
    """An event of an extension."""

    by: str


BELLS: Final = ng.Model.default.extended(
    ng.Extension("bells", "bell-rung", BellRung, 0, lambda rung, _: rung + 1)
)


@ng.rule("ringing", "the bell rings twice at most")
def twice(state: ng.Negotiation, record: ng.Record) -> bool:
    """A rule about an event of an extension, which looks at its slice."""
    return type(record.event) is not BellRung or state.slices["bells"] < 2


def test_events_of_an_extension_are_asked_about() -> None:
    """Under the model that knows them, a rule may look at them and at their slice."""
    log = ng.Log("talks-1")
    for day in (1, 2, 3):
        log = log.append(BellRung(by="north"), time=t(day), model=BELLS, strict=False)
    protocol = ng.OPEN.extended(twice)
    assert found(log, protocol, model=BELLS) == [("e3", "ringing")]
    with pytest.raises(ng.IllegalEvent, match="ringing: north's BellRung: the bell rings twice"):
        log.append(BellRung(by="north"), time=t(4), protocol=protocol, model=BELLS)
    assert log.append(says("north"), time=t(4), protocol=protocol, model=BELLS)[-1].id == "e4"


# Appending


@pytest.mark.parametrize(
    ("entries", "time", "event", "options", "gained"),
    [
        ([], t(1), says("north", "NO"), {}, [("e1", "shouting")]),
        ([(t(1), says("north"))], t(2), says("north"), {}, [("e2", "repeating")]),
        ([(t(1), says("north"))], t(1), says("north"), {}, [("e2", "repeating")]),
        ([(t(2), says("south"))], t(1), says("north", "NO"), {}, [("e2", "shouting")]),
        ([(t(2), says("north"))], t(1), says("north"), {}, [("e1", "repeating")]),
        ([], t(1), says("north", "NO"), {"repeats": "e9"}, [("e1", "unknown-record")]),
        ([], t(1), UNHEARD, {}, [("e1", "unknown-proposal")]),
    ],
    ids=["first", "next", "at once", "late", "late, for another", "repeats none", "lifecycle"],
)
def test_a_strict_append_refuses_what_breaks_a_protocol(
    entries: list[Entry], time: Any, event: Any, options: dict[str, Any], gained: Any
) -> None:
    """On every path the error holds the problems that the log would have gained."""
    log = story(*entries)
    with pytest.raises(ng.IllegalEvent) as refused:
        log.append(event, time=time, protocol=POLITE, **options)
    assert [(each.event, each.code) for each in refused.value.problems] == gained
    taken = log.append(event, time=time, protocol=POLITE, strict=False, **options)
    assert found(taken) == gained


def test_a_strict_append_takes_what_keeps_a_protocol() -> None:
    """Next, late, repeating another record, and retracting one."""
    log = story((t(3), says("north")))
    log = log.append(says("south"), time=t(4), protocol=POLITE)
    log = log.append(says("east"), time=t(1), protocol=POLITE)
    log = log.append(says("north", "NO"), time=t(5), repeats="e1", protocol=POLITE)
    log = log.append(ng.EventRetracted(event="e1", by="clerk"), time=t(6), protocol=POLITE)
    log = log.append(says("north"), time=t(7), protocol=POLITE)
    assert found(log) == []


def test_a_retraction_that_makes_another_record_break_a_rule_is_refused() -> None:
    """Taking a record back may leave one that broke nothing only because of it."""

    @ng.rule("unasked", "nobody speaks before the chair has")
    def after_the_chair(state: ng.Negotiation, record: ng.Record) -> bool:
        return record.event == says("chair") or "chair" in state.parties

    chaired = ng.Protocol("chaired", [after_the_chair])
    log = story((t(1), says("chair")), (t(2), says("north")))
    with pytest.raises(ng.IllegalEvent) as refused:
        log.append(ng.EventRetracted(event="e1", by="clerk"), time=t(3), protocol=chaired)
    assert [(each.event, each.code) for each in refused.value.problems] == [("e2", "unasked")]
    assert len(log.append(ng.EventRetracted(event="e2", by="c"), time=t(3), protocol=chaired)) == 3


def test_old_problems_with_a_protocol_are_no_reason_to_refuse() -> None:
    """Only what an event adds counts against it, whether it comes next or late."""
    log = story((t(2), says("north", "NO")), (t(3), says("north")))
    assert len(found(log)) == 2
    for time in (t(1), t(4)):
        longer = log.append(says("south"), time=time, protocol=POLITE)
        assert len(found(longer)) == 2


def test_a_copy_is_not_asked_about() -> None:
    """A record with a known id and the same content changes nothing, so it breaks nothing."""
    log = story((t(1), says("north", "NO")))
    assert log.append(says("north", "NO"), time=t(1), id="e1", protocol=POLITE) == log


def test_appending_leaves_what_a_log_is() -> None:
    """The protocol is asked and not kept: without it the same log takes anything."""
    log = story().append(says("north"), time=t(1), protocol=POLITE)
    assert codes(ng.replay(log.append(says("north", "NO"), time=t(2)))) == []


# What is worked out of a state


def test_what_is_said_of_a_state_is_worked_out_once() -> None:
    """Asked again of the same state it is the same value; of another state it is worked out."""
    asked: list[ng.Negotiation] = []

    @once_a_state
    def parties(state: ng.Negotiation) -> list[str]:
        """Who is there."""
        asked.append(state)
        return [*state.parties]

    log = story((t(1), says("north")))
    one, other = ng.replay(log), ng.replay(log)
    assert parties(one) is parties(one)
    assert parties(other) == ["north"]
    assert [id(each) for each in asked] == [id(one), id(other)]
    assert parties.__doc__ == "Who is there."


@pytest.mark.parametrize("answer", [None, "not today", 1])
def test_a_rule_that_answers_otherwise_has_failed(answer: Any) -> None:
    """A rule answers True or False; anything else would be taken for one of them by accident."""

    @ng.rule("odd", "nothing odd")
    def odd(state: ng.Negotiation, record: ng.Record) -> Any:
        return answer

    log = story((t(1), ng.StatementMade(by="a", text="so")))
    with pytest.raises(
        ng.RuleFailed, match="'odd' raised TypeError: a rule answers True"
    ) as failed:
        ng.check(log, protocol=ng.Protocol("p", [odd]))
    assert failed.value.record == "e1"
    assert str(failed.value).endswith(f"True or False, not {describe(answer)}")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"reason": ""}, "a rule's reason is one line of text, not str ''"),
        ({"reason": "one\ntwo"}, "a rule's reason is one line of text"),
        ({"reason": 3}, "a rule's reason is one line of text, not int 3"),
        ({"keeps": 3}, "a rule keeps by a function of state and record, not by int 3"),
        ({"kinds": "ProposalMade"}, "kinds must be several classes, not str 'ProposalMade'"),
        ({"kinds": ["ProposalMade"]}, "a rule is about classes of events, .*not str"),
        ({"kinds": 3}, "kinds must be several classes, not int 3"),
        ({"reads": ["by"]}, "what a rule reads is given as .*, not as a list"),
        ({"reads": {3: ["by"]}}, "a rule is about classes of events, .*not int 3"),
        ({"reads": {int: ["by"]}}, "a rule is about classes of events, .*not a type"),
        ({"reads": {ng.StatementMade: [3, "x"]}}, "a rule reads 3 of StatementMade"),
        ({"reads": {ng.StatementMade: 3}}, "StatementMade is a list of fields, not int 3"),
        ({"reads": {ng.StatementMade: [3]}}, "a rule reads 3 of StatementMade"),
    ],
)
def test_what_no_rule_can_be_made_of_is_refused(given: dict[str, Any], message: str) -> None:
    """A wrong part of a rule is refused when it is made, with what would be right."""
    parts = {"code": "odd", "reason": "nothing odd", "keeps": lambda *_: True}
    with pytest.raises(ng.InvalidProtocol, match=message):
        ng.Rule(**{**parts, **given})


@pytest.mark.parametrize("wrong", ["open", None, 3])
def test_what_is_no_protocol_is_refused(wrong: Any) -> None:
    """Whatever takes a protocol says what it was given in its place."""
    log = story((t(1), ng.StatementMade(by="a", text="so")))
    again = ng.StatementMade(by="a", text="again")
    for ask in (
        lambda: ng.check(log, protocol=wrong),
        lambda: log.append(again, time=t(2), protocol=wrong),
        lambda: ng.legal_events(ng.replay(log), wrong),
    ):
        with pytest.raises(ng.InvalidProtocol, match="protocol must be a Protocol") as refused:
            ask()
        assert str(refused.value).endswith(f"such as OPEN, not {describe(wrong)}")
    with pytest.raises(ng.InvalidProtocol, match="has no rule 3"):
        ng.CEASEFIRE.without(3)  # type: ignore[arg-type]  # which is the point


def test_what_is_no_model_is_refused() -> None:
    """A model that is none is named, wherever it is given."""
    log = story((t(1), ng.StatementMade(by="a", text="so")))
    wrong: Any = None
    for ask in (
        lambda: ng.replay(log, model=wrong),
        lambda: ng.legal_events(ng.replay(log), model=wrong),
        lambda: log.append(ng.StatementMade(by="a", text="again"), time=t(2), model=wrong),
    ):
        with pytest.raises(ng.InvalidModel, match=r"model must be a Model, .*not nothing"):
            ask()
