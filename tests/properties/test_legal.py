"""What a party may do: whatever is offered is legal, whatever is legal is offered, for any log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given

import negotiation as ng
from negotiation.events import maker, maker_field, named
from negotiation.legal import OWN_MOVES, SHAPES
from negotiation.testing.histories import Asked, histories, logs_of, number, pasts
from negotiation.testing.universe import (
    BUILDS,
    FEW,
    NEGOTIATION,
    OUTSIDER,
    PARTIES,
    SIZE,
    START,
    Chance,
    Dice,
    Words,
    hour,
)
from negotiation.testing.wild import ODD_TEXTS

PROTOCOLS: Final = (
    ng.OPEN,
    ng.ALTERNATING_OFFERS,
    ng.alternating_offers(rounds=2, due=hour(10)),
    ng.CEASEFIRE,
    ng.ceasefire(notice=timedelta(hours=2)),
)
"""Those of the library, and such as hold within the twelve hours of a random log."""

protocols: Final = st.sampled_from(PROTOCOLS)

RULES: Final = tuple(dict.fromkeys(rule for protocol in PROTOCOLS for rule in protocol.rules))

numbers: Final = st.tuples(number, number, number)

ANYTHING: Final = Words(
    texts=ODD_TEXTS,
    values=(0.0, -1.5e300, True, None, "", "\x00", (), {"": []}, 2**70),
    terms=({}, {"": None}, {"price": 1.0, "weeks": ({"a": [2]},)}),
)


def scattered(drawn: tuple[int, int, int], index: int) -> tuple[int, int, int]:
    """Other numbers for each index, so that what is drawn once makes many events."""
    who, which, how = ((each + 1) * (index * 2654435761 + 1) % SIZE for each in drawn)
    return who, which, how


# Random logs that get far under a protocol


def filled(template: ng.Template, drawn: tuple[int, int, int], state: ng.Negotiation) -> Any:
    """An event made from a template, with anything in the fields that may hold anything."""
    cls, item, dice = template.event, SHAPES[template.event].item or "", Dice(sum(drawn))
    anything = BUILDS[cls](Chance.of(drawn, FEW, ANYTHING))
    fields: dict[str, Any] = {}
    for name in attrs.fields_dict(cls):
        if name in template.choices:
            fields[name] = dice.one(template.choices[name])
        elif name in template.open and dice.maybe():
            fields[name] = dice.one(template.open[name])
        elif name not in template.given:
            fields[name] = getattr(anything, name)
    if item in template.open and fields[item] in state.facts.items:
        del fields[item]
    if "to" in fields and template.given["by"] in fields["to"]:
        del fields["to"]
    try:
        return template.build(**fields)
    except ng.InvalidEvent:  # two moments in the wrong order
        return template.build()


@st.composite
def walks(draw: st.DrawFn, protocol: ng.Protocol) -> ng.Log:
    """Logs that begin anyhow, or with nothing, and go on as a protocol allows."""
    log = ng.Log(NEGOTIATION, draw(histories(4)) if draw(st.booleans()) else ())
    drawn, steps = draw(numbers), draw(st.integers(0, 12))
    parties = PARTIES[: 2 + drawn[0] % 2]
    now = max((record.time for record in log), default=START)
    for index in range(steps):
        state, dice = ng.replay(log, as_of=now), Dice(sum(scattered(drawn, index)))
        party = ng.talks(state).next if dice.maybe() else None
        offered = ng.legal_events(state, protocol, party or dice.one(parties), parties=parties)
        if offered:
            event = filled(favoured(offered, dice), scattered(drawn, index), state)
            log = log.append(event, time=now, strict=False)
        now += timedelta(hours=dice.below(2))
    return log


def favoured(offered: Sequence[ng.Template], dice: Dice) -> ng.Template:
    """One of the templates, each kind as often as the others, mostly what speaks of an item."""
    about = [each for each in offered if SHAPES[each.event].item not in {None, *each.open}]
    some = about if about and dice.below(2) else offered
    kind = dice.one([*dict.fromkeys(each.event for each in some)])
    return dice.one([each for each in some if each.event is kind])


def logs_under(protocol: ng.Protocol) -> st.SearchStrategy[ng.Log]:
    """Any logs, and such as get far under a protocol."""
    return logs_of(histories()) | walks(protocol) | walks(protocol)


@st.composite
def moments(draw: st.DrawFn) -> tuple[ng.Protocol, ng.Log, datetime, ng.Negotiation]:
    """A protocol, a log, a moment not before its last event, and the state at that moment."""
    protocol = draw(protocols)
    log = draw(logs_under(protocol))
    last = max((record.time for record in log), default=START)
    at = last + timedelta(hours=draw(st.sampled_from([0, 0, 1, 3])))
    return protocol, log, at, ng.replay(log, as_of=at)


def next_record(state: ng.Negotiation, event: Any, at: datetime) -> ng.Record:
    """The record of an event that comes next."""
    return ng.Record(
        id="next", negotiation=NEGOTIATION, position=state.position + 1, time=at, event=event
    )


def broken(state: ng.Negotiation, protocol: ng.Protocol, record: ng.Record) -> list[str]:
    """The codes of all the rules that a record breaks, those of the lifecycles among them."""
    found = [problem.code for problem in ng.evolve(state, record).problems[len(state.problems) :]]
    asked = [rule(state, record) for rule in protocol.rules]
    return found + [problem.code for problem in asked if problem is not None]


# Sound


@given(moments(), st.sampled_from((*PARTIES, OUTSIDER)), numbers, number)
def test_whatever_is_built_from_a_template_is_legal(
    moment: tuple[Any, ...], party: str, drawn: tuple[int, int, int], chosen: int
) -> None:
    """For any log, protocol and party, and with anything in the fields that are left open."""
    protocol, log, at, state = moment
    templates = ng.legal_events(state, protocol, party, at=at, parties=PARTIES)
    for index, template in enumerate(templates):
        event = filled(template, scattered(drawn, index), state)
        assert maker(event) == (None if template.event is ng.MeetingHeld else party)
        assert broken(state, protocol, next_record(state, event, at)) == [], event
        if index == chosen % len(templates):
            assert len(log.append(event, time=at, protocol=protocol)) == len(log) + 1


# Complete


def fitting(event: Any, state: ng.Negotiation, dice: Dice) -> Any:
    """The event turned to items that are there, made by whom they concern."""
    shape = SHAPES[type(event)]
    changes: dict[str, Any] = {}
    for name, kind in {**shape.links, shape.item or "": shape.kind}.items():
        ids = sorted(id for id, item in state.facts.items.items() if type(item) is kind)
        if name == shape.item and shape.opens and dice.below(4):
            changes[name] = "new"
        elif ids and getattr(event, name) is not None:
            changes[name] = dice.one(ids)
    if (about := state.proposals.get(changes.get("proposal", ""))) is not None:
        answers = type(event) in (ng.ProposalAccepted, ng.ProposalRejected)
        changes["by"] = dice.one(about.to) if answers else about.by
        if type(event) is ng.ProposalMade:
            changes["to"] = about.to
    truce = state.truces.get(changes.get("truce", ""))
    bound = [] if truce is None else [*truce.commitments]
    if bound and type(event) in (ng.TruceExtended, ng.TruceEnded, ng.TruceViolated):
        changes["by"] = dice.one(bound)
    return attrs.evolve(event, **changes)


def attempt(drawn: tuple[int, int, int], state: ng.Negotiation) -> Any:
    """A random event, mostly turned to what is there, and at times to whose turn it is."""
    there = {None, *map(type, state.facts.items.values())}
    dice = Dice(sum(drawn))
    turned = dice.below(4)
    cls = dice.one([each for each in ATTEMPTED if SHAPES[each].opens or SHAPES[each].kind in there])
    event = BUILDS[cls](Chance.of(drawn))
    if turned:
        event = fitting(event, state, dice)
    talks = ng.talks(state)
    if turned > 1 and type(event) in (ng.ProposalMade, ng.ProposalAccepted):
        by = talks.next or event.by
        if type(event) is ng.ProposalAccepted:
            return attrs.evolve(event, by=by, proposal=talks.standing or event.proposal)
        to = sorted({*(talks.parties or PARTIES[:3])} - {by}) or event.to
        return attrs.evolve(event, by=by, to=to, counters=talks.standing, expires=None)
    return event


ATTEMPTED: Final = (*OWN_MOVES, *(ng.ProposalMade, ng.ProposalAccepted) * 4)


def can_be_built(event: Any, templates: Iterable[ng.Template]) -> list[ng.Template]:
    """The templates from which an event can be built."""
    fields = {name: getattr(event, name) for name in attrs.fields_dict(type(event))}
    found = []
    for template in templates:
        if template.event is type(event):
            try:
                built = template.build(**fields)
            except ng.InvalidEvent:
                continue
            assert built == event
            found.append(template)
    return found


def excused(event: Any, protocol: ng.Protocol, template: ng.Template) -> bool:
    """Whether `legal_events` says that it leaves such an event out; the template is an open one."""
    for name in protocol.reads(type(event)):
        suggested = template.open.get(name) or template.choices.get(name)
        if suggested is None and name not in template.given:
            suggested = (None,)
        if suggested is not None and getattr(event, name) not in suggested:
            return True
    return False


@given(moments(), st.sampled_from([(), PARTIES]), numbers)
def test_whatever_is_legal_can_be_built_from_a_template(
    moment: tuple[Any, ...], parties: tuple[str, ...], drawn: tuple[int, int, int]
) -> None:
    """Any event of a party that breaks no rule is offered, but for what the docstring names."""
    protocol, _log, at, state = moment

    @cache
    def offered(protocol: ng.Protocol, party: str | None) -> tuple[ng.Template, ...]:
        return ng.legal_events(state, protocol, party, at=at, parties=parties)

    for index in range(20):
        event = attempt(scattered(drawn, index), state)
        party = maker(event)
        strangers = named(event) - {*state.parties, *parties, party}
        if strangers or broken(state, protocol, next_record(state, event, at)):
            continue
        if type(event) is ng.TruceJoined and event.starts is not None:
            continue
        openly = can_be_built(event, offered(ng.OPEN, party))
        assert openly, event
        if not excused(event, protocol, openly[0]):
            assert can_be_built(event, offered(protocol, party)), event


@given(moments())
def test_what_a_party_may_do_follows_from_the_state_alone(moment: tuple[Any, ...]) -> None:
    """However the state was come by: replayed at once, or stepped through."""
    protocol, log, at, state = moment
    stepped = [state for _, state in ng.steps(log)][-1:]
    for other in stepped:
        assert ng.legal_events(other, protocol, at=at) == ng.legal_events(state, protocol, at=at)


# What rules look at


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.code}-{RULES.index(rule)}")
@given(data=st.data())
def test_a_rule_reads_what_it_says_it_reads(data: st.DataObject, rule: ng.Rule) -> None:
    """Other values in fields beside these, the maker and the item leave its verdict as it is."""
    protocol = next(each for each in PROTOCOLS if rule in each.rules)
    log = data.draw(logs_under(protocol))
    at = max((record.time for record in log), default=START)
    state = ng.replay(log)
    drawn = data.draw(numbers)
    for index in range(20):
        event = attempt(scattered(drawn, index), state)
        other = BUILDS[type(event)](Chance.of(scattered(drawn, index + 1)))
        assert alike(rule, state, event, other, at), (event, other)


def alike(rule: ng.Rule, state: ng.Negotiation, event: Any, other: Any, at: datetime) -> bool:
    """Whether a rule judges an event as it does with another's values in what it does not read."""
    kept = {*rule.reads.get(type(event), ()), maker_field(type(event)), SHAPES[type(event)].item}
    if type(event) is ng.PositionStated:
        kept |= {"by", "attributed_by"}
    changed = {
        name: getattr(other, name) for name in attrs.fields_dict(type(event)) if name not in kept
    }
    if "to" in changed:
        changed["to"] = tuple(party for party in changed["to"] if party != event.by) or event.to
    try:
        again = attrs.evolve(event, **changed)
    except ng.InvalidEvent:  # two moments in the wrong order
        return True
    one, two = (rule(state, next_record(state, each, at)) for each in (event, again))
    return (one is None) == (two is None)


# The same rules wherever they are asked


@given(st.data(), protocols, pasts())
def test_check_says_of_each_record_what_the_protocol_says_of_it(
    data: st.DataObject, protocol: ng.Protocol, asked: Asked
) -> None:
    """Problems of the lifecycles are those of replay; any other record is asked of the protocol."""
    log = data.draw(logs_under(protocol))
    lifecycles = ng.replay(log, **asked).problems
    faulty = {problem.event for problem in lifecycles}
    before = ng.replay(ng.Log(NEGOTIATION))
    expected = []
    for record, after in ng.steps(log, **asked):
        codes = [problem.code for rule in protocol.rules if (problem := rule(before, record))]
        if record.id not in faulty and codes:
            expected.append((record.id, codes[0]))
        before = after
    found = ng.check(log, protocol=protocol, **asked)
    order = [(log[problem.position - 1].time, problem.position) for problem in found]
    assert order == sorted(order)
    assert [problem for problem in found if problem.code in ng.REASONS] == list(lifecycles)
    assert [(p.event, p.code) for p in found if p.code not in ng.REASONS] == expected


@given(st.data(), protocols, st.booleans())
def test_a_strict_append_refuses_what_check_would_tell(
    data: st.DataObject, protocol: ng.Protocol, late: bool
) -> None:
    """The log is the longer one if no problem is gained, else the error holds those gained."""
    log = data.draw(logs_under(protocol))
    state = ng.replay(log)
    drawn = data.draw(numbers)
    if data.draw(st.integers(0, 4)):
        event = attempt(drawn, state)
    else:
        event = BUILDS[ng.EventRetracted](Chance.of(drawn))
    times = [record.time for record in log] or [START]
    options: dict[str, Any] = {
        "time": data.draw(st.sampled_from(times)) if late else max(times),
        "repeats": data.draw(st.none() | st.none() | st.just("e1")),
    }
    longer = log.append(event, strict=False, **options)
    had = Counter((found.event, found.code) for found in ng.check(log, protocol=protocol))
    has = Counter((found.event, found.code) for found in ng.check(longer, protocol=protocol))
    try:
        assert log.append(event, protocol=protocol, **options) == longer
        gained: Counter[tuple[str, str]] = Counter()
    except ng.IllegalEvent as refused:
        gained = Counter((found.event, found.code) for found in refused.problems)
        assert gained
    assert gained == has - had
