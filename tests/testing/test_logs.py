"""Drawn logs: legal ones break no rule, nearly legal ones break one, and all shrink to little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, find, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

import negotiation as ng
from negotiation.errors import InvalidStrategy
from negotiation.events import named
from negotiation.testing import events, logs, parties, records
from negotiation.testing.strategies import DrawnLog
from tests.properties.quotes import QUOTES

PROTOCOLS = [ng.OPEN, ng.ALTERNATING_OFFERS, ng.CEASEFIRE]


def by_name(protocol: ng.Protocol) -> str:
    """What a case is called."""
    return protocol.name


def in_any_way(**asked: Any) -> SearchStrategy[DrawnLog]:
    """Logs whose records may come in order or late, hidden and retracted too."""

    def chosen(late: bool, hidden: bool, retracted: bool) -> SearchStrategy[DrawnLog]:
        return logs(**asked, late=late, hidden=hidden, retracted=retracted)

    return st.tuples(*[st.booleans()] * 3).flatmap(lambda given: chosen(*given))


def smallest(strategy: Any, condition: Callable[[Any], bool]) -> Any:
    """The smallest example that meets a condition."""
    phases = (Phase.generate, Phase.shrink)  # to explain it would take longer than to find it
    return find(
        strategy,
        condition,
        settings=settings(max_examples=20_000, database=None, phases=phases),
    )


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=by_name)
def test_legal_logs_break_no_rule(protocol: ng.Protocol) -> None:
    """A legal log has no problem, late, hidden and retracted records or not."""

    @given(in_any_way(protocol=protocol))
    def check(log: DrawnLog) -> None:
        assert ng.check(log, protocol=protocol) == ()
        assert log.broken is None

    check()


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=by_name)
def test_legal_logs_can_be_appended_strictly(protocol: ng.Protocol) -> None:
    """Each record of a legal log is one that a strict append takes after those before it."""

    @given(logs(protocol=protocol))
    def check(log: DrawnLog) -> None:
        grown = ng.Log(log.negotiation)
        for record in log:
            grown = grown.append(record.event, time=record.time, protocol=protocol)
        assert [each.event for each in grown] == [each.event for each in log]

    check()


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=by_name)
def test_nearly_legal_logs_break_one_rule_and_say_which(protocol: ng.Protocol) -> None:
    """A nearly legal log has one problem, which is its `broken`."""

    @given(in_any_way(protocol=protocol, legal="near"))
    def check(log: DrawnLog) -> None:
        assert ng.check(log, protocol=protocol) == (log.broken,)

    check()


LONGEST: dict[str, int] = {"rounds-over": 5}
"""Two rounds of two parties are four turns; all else takes three records, at times one more."""


@pytest.mark.parametrize(
    ("protocol", "codes"),
    [
        (
            ng.OPEN,
            ["used-id", "not-addressee", "already-answered", "already-withdrawn", "wrong-replaces"],
        ),
        (
            ng.alternating_offers(rounds=2),
            ["out-of-turn", "no-answer", "rounds-over", "talks-over"],
        ),
        (ng.CEASEFIRE, ["outside-truce", "not-monitor", "no-notice", "not-maker"]),
    ],
    ids=["open", "alternating offers", "ceasefire"],
)
def test_each_rule_is_the_one_that_is_broken(protocol: ng.Protocol, codes: list[str]) -> None:
    """Any rule can be the one that a nearly legal log breaks."""
    for code in codes:

        def breaks(log: DrawnLog, code: str = code) -> bool:
            return log.broken is not None and log.broken.code == code

        log = smallest(logs(protocol=protocol, legal="near"), breaks)
        assert [each.code for each in ng.check(log, protocol=protocol)] == [code]
        assert len(log) <= LONGEST.get(code, 4)


def test_alternating_offers_are_drawn_beyond_the_first_word() -> None:
    """Most drawn talks go on for a while, and many end in an agreement."""
    lengths: list[int] = []
    agreed: list[bool] = []

    @seed(1)
    @settings(max_examples=200, database=None)
    @given(logs(protocol=ng.ALTERNATING_OFFERS, min_size=10))
    def look(log: DrawnLog) -> None:
        lengths.append(len(log))
        agreed.append(ng.talks(ng.replay(log)).over == "agreement")

    look()
    assert sum(lengths) / len(lengths) > 4
    assert sum(agreed) > len(agreed) / 2


def test_any_logs_hold_what_legal_ones_cannot() -> None:
    """Logs of any events break rules, and at times several."""
    log = smallest(logs(legal=False), lambda log: len({p.code for p in ng.check(log)}) >= 2)
    assert len(log) <= 2  # a claim may have two
    assert log.broken is None


def test_a_log_shrinks_to_the_records_that_matter() -> None:
    """What is found shrinks to the fewest records, with the simplest ids, terms and times."""
    log = smallest(
        logs(), lambda log: any(p.status == "accepted" for p in ng.replay(log).proposals.values())
    )
    offer, answer = (record.event for record in log)
    assert offer == ng.ProposalMade(proposal="p1", by="a", to=["b"], terms={})
    assert answer == ng.ProposalAccepted(proposal="p1", by="b")
    assert [record.id for record in log] == ["e1", "e2"]
    assert {record.time.isoformat()[11:] for record in log} == {"01:00:00+00:00", "02:00:00+00:00"}


def test_a_failure_shows_the_log_as_a_table_and_as_python() -> None:
    """What fails is told with the smallest log, as a table to read and as Python to paste."""

    @settings(database=None, phases=(Phase.generate, Phase.shrink))
    @given(log=logs(legal="near"))
    def fails(log: DrawnLog) -> None:
        assert log.broken is None

    with pytest.raises(AssertionError) as failed:
        fails()
    told = "\n".join(failed.value.__notes__)
    assert "id  time               party  what happened" in told
    assert "\ne1 breaks " in told
    assert 'log=ng.Log(\n        "talks",\n        [\n            ng.Record(' in told


@pytest.mark.parametrize("way", ["late", "hidden", "retracted"])
def test_records_come_in_other_ways_only_if_asked(way: str) -> None:
    """Late, hidden and retracted records are drawn where they are asked for, and not elsewhere."""

    def found(log: ng.Log) -> bool:
        return {
            "late": not log.chronological,
            "hidden": not log.public,
            "retracted": not log.plain,
        }[way]

    assert found(smallest(logs(**{way: True}), found))  # type: ignore[arg-type]  # one of the three

    @given(logs())
    def none_else(log: DrawnLog) -> None:
        assert not found(log)

    none_else()


@given(in_any_way())
def test_no_log_is_longer_than_was_asked(log: DrawnLog) -> None:
    """A step is a record, or one with its retraction."""
    steps = [each for each in log if type(each.event) is not ng.EventRetracted]
    assert len(steps) <= 20


@given(logs(legal="near", max_size=2))
def test_no_nearly_legal_log_is_longer_than_was_asked(log: DrawnLog) -> None:
    """The record that breaks a rule counts with the others."""
    assert 1 <= len(log) <= 2


def test_where_no_single_rule_can_be_broken_nothing_is_nearly_legal() -> None:
    """Of a protocol that says everything twice no log breaks one rule alone."""

    def silent(code: str) -> ng.Rule:
        return ng.Rule(code, "only words", lambda *_: True, kinds=[ng.StatementMade])

    with pytest.raises(Unsatisfiable):
        smallest(
            logs(protocol=ng.Protocol("words", [silent("one"), silent("two")]), legal="near"),
            bool,
        )


@given(logs(min_size=5, max_size=5, parties=["north", "south"]))
def test_a_log_is_as_long_as_was_asked_and_names_the_parties_given(log: DrawnLog) -> None:
    """`min_size` and `max_size` count records; nobody but the parties given takes part."""
    assert len(log) == 5
    assert {*ng.replay(log).parties} <= {"north", "south"}


@pytest.mark.parametrize("legal", [True, False])
def test_events_of_extensions_are_drawn(legal: bool) -> None:
    """Logs of a model with extensions hold their events too, and legal ones only legal ones."""
    drawn = logs(model=QUOTES, legal=legal, parties=["north", "south"])
    extended = {each.event_class for each in QUOTES.extensions}
    log = smallest(drawn, lambda log: len(extended & {type(each.event) for each in log}) >= 2)
    assert len(log) == 2
    assert not legal or ng.check(log, model=QUOTES) == ()


def test_a_protocol_may_refuse_events_of_extensions() -> None:
    """What a protocol has no place for is not drawn under it."""

    @given(logs(model=QUOTES, protocol=ng.ALTERNATING_OFFERS))
    def check(log: DrawnLog) -> None:
        assert ng.check(log, model=QUOTES, protocol=ng.ALTERNATING_OFFERS) == ()

    check()


def test_one_party_alone_can_talk() -> None:
    """A negotiation of one has legal logs too; nothing is offered to nobody."""

    @given(logs(parties=1, min_size=1))
    def check(log: DrawnLog) -> None:
        assert ng.check(log) == ()
        assert {*ng.replay(log).parties} <= {"a"}

    check()


@given(parties(), parties(1, 1))
def test_parties_have_the_simplest_ids(some: tuple[str, ...], one: tuple[str, ...]) -> None:
    """Parties are called a, b, c and so on."""
    assert some in {("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")}
    assert one == ("a",)


@pytest.mark.parametrize("sizes", [(-1, 2), (5, 2), (2, 9), ("2", 3)])
def test_parties_that_cannot_be_drawn_are_refused_at_once(sizes: Any) -> None:
    """There are one to eight parties, and no fewer at most than at least."""
    with pytest.raises(InvalidStrategy, match="needs 1 <= min_size <= max_size <= 8"):
        parties(*sizes)


@given(events(parties=["north", "south"]))
def test_single_events_name_the_parties_given(event: Any) -> None:
    """An event is one of the library's own, of the parties given."""
    assert type(event) in ng.EVENTS
    assert named(event) <= {"north", "south"}


def test_every_kind_of_event_is_drawn() -> None:
    """Each of the library's events can be what `events` draws."""
    for kind in ng.EVENTS:

        def is_one(event: Any, kind: type[Any] = kind) -> bool:
            return type(event) is kind

        assert is_one(smallest(events(), is_one))


@given(records(hidden=True))
def test_single_records_are_records(record: ng.Record) -> None:
    """A record can stand in a log by itself."""
    assert len(ng.Log(None, [record])) == 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"parties": ()}, "parties must name at least one party"),
        ({"parties": 0}, "parties: 1 to 8, or a list of ids; not 0"),
        ({"parties": ["north south"]}, "holds no white space"),
        ({"min_size": 3, "max_size": 2}, "needs 0 <= min_size <= max_size, not 3 and 2"),
        ({"legal": "nearly"}, "legal must be True, False or 'near', not 'nearly'"),
        ({"legal": 1}, "legal must be True, False or 'near', not 1"),
        ({"max_size": 2.0}, "needs 0 <= min_size <= max_size, not 0 and 2.0"),
        ({"legal": "near", "max_size": 0}, "a log without records breaks no rule"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(asked: dict[str, Any], message: str) -> None:
    """A wrong argument is refused when the strategy is made, with what would be right."""
    with pytest.raises(InvalidStrategy, match=message):
        logs(**asked)


def test_a_protocol_that_allows_nothing_is_refused_at_once() -> None:
    """Where no first event is legal there is no legal log, and the message names the rules."""

    @ng.rule("silence", "nobody speaks")
    def silence(state: ng.Negotiation, record: ng.Record) -> bool:
        return False

    mute = ng.Protocol("mute", [silence])
    with pytest.raises(InvalidStrategy, match=r"protocol 'mute' allows a, b, c nothing .*silence"):
        logs(protocol=mute)
    logs(protocol=mute, legal=False)
