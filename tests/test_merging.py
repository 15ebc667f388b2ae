"""Several logs of one negotiation in one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import negotiation as ng

START = datetime(2030, 5, 1, tzinfo=UTC)
DECLARED = ng.TruceDeclared(truce="lull", by="northport", kind="truce", scope="the river")


def at(hour: float) -> datetime:
    """An hour of the first day, or after it."""
    return START + timedelta(hours=hour)


def record(id: str, hour: float, event: ng.AnyEvent, **fields: Any) -> ng.Record:
    """A record of something that happened at an hour."""
    return ng.Record(id=id, negotiation="talks", time=at(hour), event=event, **fields)


def log(*records: ng.Record) -> ng.Log:
    """A coder's log."""
    return ng.Log("talks", records)


def said(text: str) -> ng.StatementMade:
    """Words on the record."""
    return ng.StatementMade(by="northport", text=text)


def test_by_recorded_time() -> None:
    """Records stand in the order in which they were recorded; the first log's go first."""
    one = log(record("a1", 1, said("one")), record("a2", 4, said("four")))
    other = log(record("b1", 0, said("two"), recorded=at(2)), record("b2", 4, said("five")))
    merged = ng.merge(one, other)
    assert [(each.id, each.position) for each in merged.log] == [
        ("a1", 1), ("b1", 2), ("a2", 3), ("b2", 4),
    ]  # fmt: skip
    assert merged.proposed == ()
    assert merged.renamed == ({}, {})


def test_one_log_alone() -> None:
    """A log merged with none, or with an empty one, is itself."""
    one = log(record("a1", 1, said("one")))
    assert ng.merge(one).log == one
    assert ng.merge(one, ng.Log()).log == ng.merge(ng.Log(), one).log == one
    assert ng.merge(ng.Log()).log == ng.Log()


def test_a_record_in_both() -> None:
    """The same record under the same id stands in the merged log once."""
    shared = record("e1", 1, said("one"))
    merged = ng.merge(log(shared), log(shared, record("e2", 2, said("two"))))
    assert [each.id for each in merged.log] == ["e1", "e2"]
    assert merged.proposed == ()


def test_one_id_for_two_records() -> None:
    """The later log's record gets another id, and its log's words about it follow."""
    one = log(record("e1", 1, said("one")), record("e1~2", 1, said("taken")))
    other = log(
        record("e1", 2, said("uno")),
        record("e2", 3, said("uno"), repeats="e1"),
        record("e3", 4, ng.EventRetracted(event="e1", by="northport")),
    )
    merged = ng.merge(one, other)
    assert merged.renamed == ({}, {"e1": "e1~2~"})
    assert [each.id for each in merged.log] == ["e1", "e1~2", "e1~2~", "e2", "e3"]
    assert merged.log[3].repeats == "e1~2~"
    assert merged.log[4].retracts == "e1~2~"
    words = [each.text for each in ng.replay(merged.log).parties["northport"].statements]
    assert words == ["one", "taken"]


@pytest.mark.parametrize(
    "follows",
    [
        record("e2", 2, ng.EventRetracted(event="e1", by="clerk")),
        record("e2", 1, said("so"), repeats="e1"),
    ],
    ids=["a retraction", "a repetition"],
)
def test_what_names_a_record_that_is_renamed(follows: ng.Record) -> None:
    """Two records that read the same are two if they name two records that have one id."""
    one, other = (log(record("e1", 1, said(word)), follows) for word in ("yes", "no"))
    merged = ng.merge(one, other)
    assert merged.renamed == ({}, {"e1": "e1~2", "e2": "e2~2"})
    assert ng.check(merged.log) == ()
    assert {(each.retracts or each.repeats) for each in merged.log} == {None, "e1", "e1~2"}


def test_what_names_a_renamed_record_that_stands_below_it() -> None:
    """A retraction of what is still to come follows its record's new id all the same."""
    early = record("e1", 1, ng.EventRetracted(event="e2", by="clerk"))
    one, other = (log(early, record("e2", 2, said(word))) for word in ("yes", "no"))
    merged = ng.merge(one, other)
    assert merged.renamed == ({}, {"e1": "e1~2", "e2": "e2~2"})
    assert [each.retracts for each in merged.log] == ["e2", "e2~2", None, None]


def test_the_same_event_is_proposed_and_not_merged() -> None:
    """Two reports of one event are both there, until somebody says that they are one."""
    one = log(record("a1", 1, DECLARED, reported_by="the northern daily"))
    other = log(record("b1", 1, DECLARED, reported_by="the southern daily", recorded=at(2)))
    merged = ng.merge(one, other)
    assert merged.proposed == (ng.Repetition("b1", "a1", ()),)
    assert [problem.code for problem in ng.check(merged.log)] == ["used-id"]
    accepted = merged.accepting(*merged.proposed)
    assert ng.check(accepted) == ()
    assert accepted[1].repeats == "a1"
    assert merged.log[1].repeats is None


def test_other_words_for_the_same_event() -> None:
    """Free words may differ, and the proposal says where they do."""
    other_words = ng.TruceDeclared(truce="lull", by="northport", kind="truce", scope="along it")
    merged = ng.merge(log(record("a1", 1, DECLARED)), log(record("b1", 1, other_words)))
    assert merged.proposed == (ng.Repetition("b1", "a1", ("scope",)),)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            ng.TruceViolated(violation="v", truce="t", by="a", alleged_by="b", count=444),
            ng.TruceViolated(violation="v", truce="t", by="a", alleged_by="b", count=900),
        ),
        (
            ng.PositionStated(by="a", issue="price", value=1, firmness="open"),
            ng.PositionStated(by="a", issue="price", value=1.0, firmness="open"),
        ),
        (said("one thing"), said("another")),
        (ng.UnknownEvent(type="x.v1", data={}), ng.UnknownEvent(type="x.v1", data={})),
        (DECLARED, ng.TruceJoined(truce="lull", by="northport")),
    ],
)
def test_what_is_not_the_same_event(first: ng.AnyEvent, second: ng.AnyEvent) -> None:
    """Other counts, values, words and kinds are other events; what is unknown is not judged."""
    assert ng.merge(log(record("a1", 1, first)), log(record("b1", 1, second))).proposed == ()


@pytest.mark.parametrize(
    ("first", "hour", "second", "alike"),
    [
        (None, 9.5, None, False),
        ("instant", 9.5, "minute", False),
        ("instant", 9 + 1 / 120, "minute", True),
        ("minute", 9.5, "hour", True),
        ("hour", 10, "hour", False),
        ("day", 23, None, True),
        ("day", 24, "day", False),
        ("week", 4 * 24, None, True),
        ("week", 5 * 24, None, False),
        ("month", 30 * 24, "day", True),
        ("month", 31 * 24, "month", False),
        ("year", 200 * 24, "month", True),
        ("year", 300 * 24, "year", False),
    ],
)
def test_the_same_time(first: Any, hour: float, second: Any, alike: bool) -> None:
    """Times agree as far as the coarser of the two precisions tells: 1 May 2030 is a Wednesday."""
    one = log(record("a1", 9, DECLARED, precision=first))
    other = log(record("b1", hour, DECLARED, precision=second))
    assert bool(ng.merge(one, other).proposed) is alike


def test_within_one_log_nothing_is_proposed() -> None:
    """What one coder entered twice was meant twice; what already repeats is left alone."""
    twice = log(record("a1", 1, said("again")), record("a2", 1, said("again")))
    repeated = log(record("b1", 1, said("again"), repeats="b0"))
    assert ng.merge(twice, repeated).proposed == ()


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        (None, ["southvale"], True),
        (["southvale", "eastmere"], ["southvale"], True),
        (["southvale"], ["southvale", "eastmere"], False),
        (["southvale"], None, False),
    ],
)
def test_who_knows_of_it(first: Any, second: Any, alike: bool) -> None:
    """A record may repeat one only if all who know of it know of that one too."""
    one = log(record("a1", 1, said("so"), visible_to=first))
    other = log(record("b1", 1, said("so"), visible_to=second))
    assert bool(ng.merge(one, other).proposed) is alike


def test_three_logs() -> None:
    """Each later report is proposed to repeat the first one."""
    logs = [log(record(id, 1, DECLARED)) for id in ("a1", "b1", "c1")]
    assert [each.repeats for each in ng.merge(*logs).proposed] == ["a1", "a1"]


def test_seals_are_left_behind() -> None:
    """A merged log is another chain of records than those that it is made of."""
    sealed = log(record("a1", 1, DECLARED, hash="a", prevhash="b"))
    merged = ng.merge(sealed, sealed).log
    assert [(each.id, each.hash, each.prevhash) for each in merged] == [("a1", None, None)]


def test_two_negotiations() -> None:
    """Logs of two negotiations are not merged."""
    other = ng.Log("tariffs").append(said("so"), time=at(1))
    with pytest.raises(ng.InvalidLog, match="'e1': belongs to negotiation 'tariffs', the first"):
        ng.merge(log(record("a1", 1, DECLARED)), other)
    with pytest.raises(ng.InvalidLog, match="belongs to negotiation 'tariffs'"):
        ng.merge(ng.Log("talks"), ng.Log("tariffs"))
    with pytest.raises(ng.InvalidLog, match="merge takes logs"):
        ng.merge(ng.Log("talks"), [other])  # type: ignore[arg-type]


def test_accepting_what_was_not_proposed() -> None:
    """Only what was proposed can be accepted."""
    merged = ng.merge(log(record("a1", 1, DECLARED)))
    with pytest.raises(ng.InvalidLog, match="was not proposed as a repetition of 'a1'"):
        merged.accepting(ng.Repetition("b1", "a1", ()))
