"""States that are kept beside a log: they are used, but never where the log says otherwise."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Final

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import assume, given

import negotiation as ng
from negotiation.errors import ConflictingRecord, EncodeError, StoreDamaged
from negotiation.stores import MemoryStore
from negotiation.stores.lines import KeptLine
from negotiation.testing.histories import Asked, continued, histories, pasts
from negotiation.testing.telling import same, told
from negotiation.testing.universe import NEGOTIATION
from negotiation.testing.wild import wild_histories
from negotiation.wire.kept import Kept
from tests.properties.quotes import QUOTES
from tests.worked.story import Entry, story, t

TALKS: Final = "talks-1"

BEGUN: Final = story(
    (t(1), ng.ProposalMade(proposal="p", by="north", to=["south"], terms={"rate": 12})),
    (t(2), ng.PositionStated(by="south", issue="rate", value=9, firmness="demand")),
    (t(3), ng.TruceDeclared(truce="t", by="north", kind="truce", ends=t(20))),
)
ANSWER: Final = ng.ProposalAccepted(proposal="p", by="south")


def going_on(*entries: Entry, begun: ng.Log = BEGUN) -> ng.Log:
    """The log with these entries at its end."""
    log = begun
    for time, event, *options in entries:
        log = log.append(event, time=time, strict=False, **(options[0] if options else {}))
    return log


class Watched(MemoryStore):
    """A store that notes after which positions it was read."""

    def __init__(self, log: Iterable[ng.Record] = BEGUN, **options: Any) -> None:
        super().__init__(**options)
        self.asked: list[int] = []
        self.append(TALKS, log)

    def _page(self, negotiation: str, after: int, *others: Any) -> Sequence[KeptLine]:
        self.asked.append(after)
        return super()._page(negotiation, after, *others)

    def goes_on(self, **asked: Any) -> bool:
        """Whether a state is folded on from the one that is kept; it is right in any case."""
        self.asked.clear()
        state = self.state(TALKS, **asked)
        went_on = 0 not in self.asked
        same(told(state), told(ng.replay(self.read(TALKS), **asked, model=self._model)))
        return went_on


def kept(log: Iterable[ng.Record] = BEGUN, **options: Any) -> Watched:
    """A store of which the state is kept."""
    store = Watched(log, **options)
    store.snapshot(TALKS)
    return store


# It is used


def test_only_what_follows_is_read() -> None:
    """A state needs the last record that was folded, to know it again, and those that follow."""
    store = kept()
    assert not Watched().goes_on()
    assert store.goes_on()
    store.append(TALKS, going_on((t(4), ANSWER)))
    assert store.goes_on()
    assert store.state(TALKS).proposals["p"].status == "accepted"
    assert store.asked[0] == len(BEGUN) - 1


def test_what_stands_before_it_may_be_lost() -> None:
    """What was folded is not missed where it can no longer be read."""
    store = kept()
    lines = store._negotiations[TALKS].lines
    lines[0] = lines[0]._replace(line=b"torn")

    assert store.state(TALKS).parties["south"].replies_owed == {"p"}
    with pytest.raises(StoreDamaged):
        store.read(TALKS)


@pytest.mark.parametrize("as_of", [t(3), t(4), t(5), t(5, 1), t(19), t(20)])
def test_later_moments_go_on_from_it(as_of: datetime) -> None:
    """As of a moment from its own on, those of the later records count that had happened."""
    store = kept()
    store.append(TALKS, going_on((t(4), ANSWER), (t(5), ng.TruceJoined(truce="t", by="south"))))

    assert store.goes_on(as_of=as_of)


def test_the_same_moment_is_not_late() -> None:
    """A record of the time of the last one that was folded follows it."""
    store = kept()
    store.append(TALKS, going_on((t(3), ANSWER)))

    assert store.goes_on()


def test_later_records_are_folded_in_their_order() -> None:
    """Of the later records themselves, one may be reported after another that came first."""
    store = kept()
    ends = ng.ProposalWithdrawn(proposal="p", by="north")
    store.append(TALKS, going_on((t(6), ends), (t(5), ANSWER)))

    assert store.goes_on()
    assert store.state(TALKS).proposals["p"].status == "accepted"


def test_further_reports_go_on_from_it() -> None:
    """A repetition counts for nothing, whenever it happened, and is a problem if of nothing."""
    store = kept()
    answered = going_on(
        (t(1), BEGUN[0].event, {"repeats": "e1"}),
        (t(4), ANSWER),
        (t(5), ANSWER, {"repeats": "e5"}),
        (t(6), ANSWER, {"repeats": "e8"}),
        (t(6), ANSWER, {"id": "e8"}),
    )
    store.append(TALKS, answered)

    assert store.goes_on()
    assert [each.code for each in store.state(TALKS).problems] == [
        "unknown-record",
        "proposal-closed",
    ]


def test_a_state_of_nothing_that_counts_is_kept() -> None:
    """Where every record was taken back, whatever follows is later."""
    taken_back = going_on((t(9), ng.EventRetracted(event="e1", by="north")), begun=BEGUN.upto(1))
    store = kept(taken_back)
    assert store.goes_on()
    store.append(TALKS, going_on((t(1), ANSWER), begun=taken_back))
    assert store.goes_on()
    assert store.goes_on(as_of=t(1, 1))


def test_a_second_one_takes_its_place() -> None:
    """What is kept again stands at the position by then."""
    store = kept()
    store.append(TALKS, going_on((t(4), ANSWER), (t(5), ANSWER)))
    assert store.snapshot(TALKS) == 5
    assert store.goes_on()
    assert min(store.asked[:1]) == 4


# It is the state of the log


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """What a state may be asked for; often no more than as of when."""
    past = draw(pasts())
    return past if draw(st.booleans()) else {"as_of": past["as_of"]}


def agrees(records: Sequence[ng.Record], cut: int, asked: Asked, model: ng.Model) -> None:
    """Keep the state of the first records; the states of all of them must be those of replay."""
    with MemoryStore(model=model) as store:
        store.append(NEGOTIATION, records[:cut])
        folded = ng.replay(store.read(NEGOTIATION), model=model)
        stands = store.snapshot(NEGOTIATION)
        store.append(NEGOTIATION, records[cut:])
        log = store.read(NEGOTIATION)
        for each in ({}, asked):
            state, expected = store.state(NEGOTIATION, **each), ng.replay(log, **each, model=model)
            went_on = isinstance(state.facts.items, Kept)
            assert went_on is (stands > 0 and follow(log, stands, folded, **each))
            same(told(state), told(expected))
            assert state == expected
            assert ng.state_to_json(state) == ng.state_to_json(expected)
            assert not ng.diff(state, expected).changes


def follow(
    log: ng.Log,
    stands: int,
    folded: ng.Negotiation,
    *,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    known_to: str | None = None,
) -> bool:
    """Whether a state can be folded on from that of the first records."""
    if known_at is not None or known_to is not None:
        return False
    if folded.time is not None and as_of is not None and as_of < folded.time:
        return False
    for each in log[stands:]:
        further = each.repeats is not None and log.upto(each.position - 1).get(each.repeats)
        late = folded.time is not None and each.time < folded.time and not further
        if late or isinstance(each.event, ng.EventRetracted):
            return False
    return True


@given(histories(), st.integers(0, 12), asked())
def test_states_are_those_of_replay(records: list[ng.Record], cut: int, asked: Asked) -> None:
    """Whatever came before and after it was kept, a state is what the log gives."""
    agrees(records, cut, asked, ng.Model.default)


@given(histories(model=QUOTES), st.integers(0, 12), asked())
def test_slices_are_those_of_replay(records: list[ng.Record], cut: int, asked: Asked) -> None:
    """So are the slices of extensions, and the problems of their events."""
    agrees(records, cut, asked, QUOTES)


@given(ng.testing.logs(legal=False, max_size=30), st.integers(0, 30), asked())
def test_long_states_are_those_of_replay(log: ng.Log, cut: int, asked: Asked) -> None:
    """So is the state of a longer log, in which nothing is late."""
    agrees(list(log), cut, asked, ng.Model.default)


@given(wild_histories(), st.integers(0, 6), asked())
def test_wild_states_are_those_of_replay(records: list[ng.Record], cut: int, asked: Asked) -> None:
    """So is one that holds any JSON, any text and any moment."""
    unsealed = [attrs.evolve(each, prevhash=None, hash=None) for each in records]
    agrees(unsealed, cut, asked, ng.Model.default)


@given(continued(model=QUOTES), st.integers(0, 13))
def test_what_goes_on_from_one_evolves(
    parts: tuple[list[ng.Record], list[ng.Record]], cut: int
) -> None:
    """The next records, copies and repetitions too, lead where they lead from the log."""
    first, further = parts
    with MemoryStore(model=QUOTES) as store:
        store.append(NEGOTIATION, first[:cut])
        store.snapshot(NEGOTIATION)
        store.append(NEGOTIATION, first[cut:])
        state = store.state(NEGOTIATION)
        log = store.read(NEGOTIATION)
    assume(isinstance(state.facts.items, Kept))
    for each in further:
        log = log.extend([each])
        placed = log.get(each.id)
        assert placed is not None
        state = ng.evolve(state, placed, model=QUOTES)
        same(told(state), told(ng.replay(log, model=QUOTES)))


def test_records_that_were_seen_are_known_by_their_ids() -> None:
    """A second copy of a record that was folded, whatever it holds, leaves the state as it is."""
    store = kept()
    store.append(TALKS, going_on((t(4), ANSWER)))
    state = store.state(TALKS)
    for each in store.read(TALKS):
        assert ng.evolve(state, attrs.evolve(each, position=9)) is state
    with pytest.raises(ConflictingRecord, match="'e4'"):
        ng.evolve(state, attrs.evolve(store.read(TALKS)[3], event=BEGUN[0].event, position=9))


def test_a_state_can_be_pickled() -> None:
    """A state that was folded on from one is as any other: it can be pickled, and goes on."""
    store = kept()
    store.append(TALKS, going_on((t(4), ANSWER)))
    state = store.state(TALKS)
    again = pickle.loads(pickle.dumps(state))  # noqa: S301  # pickled here
    assert again == state
    longer = going_on((t(4), ANSWER), (t(5), BEGUN[0].event, {"repeats": "e1"}), (t(6), ANSWER))
    for each in longer:
        again = ng.evolve(again, each)
    same(told(again), told(ng.replay(longer)))


def test_numbers_of_any_length_come_back() -> None:
    """A whole number in the terms may be longer than 64 bits, or than 4,000 digits."""
    terms = {"few": 2**64, "many": -(10**4200), "real": 1e300, "one": 1.0}
    store = kept(
        story((t(1), ng.ProposalMade(proposal="p", by="north", to=["south"], terms=terms)))
    )
    same(told(store.state(TALKS)), told(ng.replay(store.read(TALKS))))
    assert isinstance(store.state(TALKS).facts.items, Kept)


def test_items_are_read_when_they_are_asked_for() -> None:
    """One item is read alone, all of them together, and each once."""
    items = kept().state(TALKS).facts.items
    assert isinstance(items, Kept)
    assert (sorted(items), len(items), "q" in items) == (["p", "t"], 2, False)
    assert not items._made
    one = items["p"]
    assert [*items._made] == ["p"]
    assert dict(items.items()) == {"p": one, "t": items["t"]}
    assert items.get("q") is None
    more = items.updated({"q": one}).updated({"t": one}).updated({})
    assert dict(more.items()) == {"p": one, "q": one, "t": one}
    assert sorted(items) == ["p", "t"]
    with pytest.raises(KeyError, match="q"):
        items["q"]


def test_problems_of_every_kind_are_kept() -> None:
    """Unknown types, events of extensions and retractions of nothing stay in fold order."""
    model = ringing(0, 5)
    begun = going_on(
        (t(4), ng.UnknownEvent(type="org.example.hummed.v1", data={"by": "north"})),
        (t(5), BellRung(by="east"), {"repeats": "e99"}),
        (t(9), ng.EventRetracted(event="e99", by="north")),
        (t(5), ng.ProposalAccepted(proposal="q", by="south")),
    )
    store = kept(begun, model=model)
    assert store.goes_on()
    store.append(TALKS, going_on((t(7), ng.TruceEnded(truce="u", by="south")), begun=begun))
    assert store.goes_on()
    found = [(each.event, each.code) for each in store.state(TALKS).problems]
    assert found == [
        ("e4", "unknown-type"),
        ("e5", "unknown-record"),
        ("e7", "unknown-proposal"),
        ("e8", "unknown-truce"),
        ("e6", "unknown-record"),
    ]


# It is ignored


@pytest.mark.parametrize(
    "further",
    [
        (t(2), ANSWER),
        (t(4), ng.EventRetracted(event="e3", by="north")),
        (t(1), ng.EventRetracted(event="e9", by="north")),
        (t(4), ng.EventRetracted(event="e3", by="north"), {"repeats": "e3"}),
        (t(1), ANSWER, {"repeats": "e9"}),
    ],
)
def test_what_changes_the_past_outdates_it(further: Entry) -> None:
    """It is ignored after a late record, a retraction, and a late repetition of nothing."""
    store = kept()
    store.append(TALKS, going_on(further, (t(5), ANSWER)))

    assert not store.goes_on()
    assert store.snapshot(TALKS) == 5
    assert store.goes_on()


@pytest.mark.parametrize(
    "asked",
    [
        {"as_of": t(2)},
        {"as_of": t(3) - timedelta(microseconds=1)},
        {"known_at": t(9)},
        {"known_to": "north"},
    ],
)
def test_other_points_of_view_ignore_it(asked: Mapping[str, Any]) -> None:
    """It is ignored for a moment before it, and for what was known at a time or to a party."""
    assert not kept().goes_on(**asked)


def test_another_log_is_told_by_the_hash() -> None:
    """It is ignored where the record at its position is another one, or is not there."""
    text = kept()._snapshot(TALKS)
    assert text is not None
    other = [*BEGUN[:2], attrs.evolve(BEGUN[2], speaker="somebody else")]
    for log in (other, BEGUN[:2], going_on(begun=ng.Log(TALKS, other))):
        store = Watched(log)
        store._keep_snapshot(TALKS, text)
        assert not store.goes_on()
        store.append(TALKS, [attrs.evolve(BEGUN[2], id=f"later-{each}") for each in range(3)])
        assert not store.goes_on()


def test_an_unsealed_log_has_none(tmp_path: Path) -> None:
    """It is ignored where no hash tells that the record at its position is the same."""
    path = tmp_path / "talks.jsonl"
    ng.write_log(BEGUN, path)
    with ng.open_store(str(path)) as store:
        store.snapshot(TALKS)
        assert not isinstance(store.state(TALKS).facts.items, Kept)


def test_a_damaged_text_is_found() -> None:
    """It is ignored when it was cut off anywhere, or any character of it is another one."""
    store = kept(BEGUN[:1])
    text = store._snapshot(TALKS)
    assert text is not None
    cut = [text[:length] for length in range(len(text))]
    changed = [
        text[:index] + other + text[index + 1 :]
        for index in range(len(text))
        for other in ("", " ", "0", "\ud800", text[index].swapcase(), text[index] * 2)
        if other != text[index]
    ]
    for damaged in (*cut, *changed, text + "\n", text + " ", "[]", "{}"):
        store._keep_snapshot(TALKS, damaged)
        state = store.state(TALKS)
        assert not isinstance(state.facts.items, Kept), damaged
        assert state == ng.replay(BEGUN.upto(1))
    store._keep_snapshot(TALKS, text)
    assert isinstance(store.state(TALKS).facts.items, Kept)


# Extensions


@ng.event
@attrs.frozen(kw_only=True)
class BellRung:
    """Somebody rang."""

    by: str


@attrs.frozen
class Bells:
    """Who rang, and how often."""

    by: frozenset[str] = frozenset()
    often: tuple[int, ...] = ()
    last: Any = None


def ringing(initial: Any, ring: Any) -> ng.Model:
    """A model in which a slice becomes something when a bell is rung."""
    return ng.Model.default.extended(
        ng.Extension("bells", "bell-rung", BellRung, initial, lambda *_: ring)
    )


RUNG: Final = going_on((t(4), BellRung(by="north")))


def bells(initial: Any, ring: Any, *, log: Iterable[ng.Record] = RUNG) -> Watched:
    """A store of which the state is kept, with a slice of bells."""
    return kept(log, model=ringing(initial, ring))


class Tone(Enum):
    """A value that JSON has no word for."""

    HIGH = "high"


class Loud(StrEnum):
    """A text that is more than a text."""

    HIGH = "high"


@attrs.frozen(eq=False)
class Odd:
    """Equal to nothing but itself."""


@pytest.mark.parametrize(
    ("initial", "ring"),
    [
        (0, 5),
        (0, 1.0),
        (0, True),
        ({}, {"b": [1, {"c": None}], "a": -0.0}),
        ([], [[]]),
        ((), ("a", 1)),
        (set(), {"a", "b"}),
        (Bells(), Bells(frozenset({"a"}), (1, 2), {"x": [1.5]})),
        (Odd(), Odd()),
    ],
)
def test_slices_come_back_in_their_types(initial: Any, ring: Any) -> None:
    """A slice of JSON values, and of the types of the initial one, is kept as it is."""
    store = bells(initial, ring)
    state = store.state(TALKS)
    assert isinstance(state.facts.items, Kept)
    assert repr(state.slices["bells"]) == repr(ring)


@pytest.mark.parametrize(
    ("initial", "ring", "reason"),
    [
        ([], [(1,)], r"it would be \[\[1\]\]"),
        ({}, {1: 2}, "it would be {'1': 2}"),
        ({}, Counter("a"), "it would be {'a': 1}"),
        ({}, ng.FrozenDict({"a": 1}), "it would be {'a': 1}"),
        (0, float("nan"), "it would be None"),
        (0, t(1), "it would be '2031-03-01T00:00:00Z'"),
        ("", Loud.HIGH, "it would be 'high'"),
        (set(), {Loud.HIGH}, "it would be {'high'}"),
        (None, Bells(), "it would be {'by': "),
        (Bells(), Bells(last=(1,)), r"it would be Bells\("),
        (Bells(), {"by": []}, "'often'"),
        ((), 5, "'int' object is not iterable"),
        (set(), {(1, 2)}, "unhashable type: 'list'"),
        (None, Tone.HIGH, "a Tone has no JSON form"),
        ("", "\ud800", "surrogates not allowed"),
    ],
)
def test_slices_that_would_come_back_otherwise_are_refused(
    initial: Any, ring: Any, reason: str
) -> None:
    """What JSON cannot tell is refused, and what was kept before stays."""
    store = Watched(model=ringing(initial, ring))
    store.snapshot(TALKS)
    store.append(TALKS, RUNG)
    with pytest.raises(EncodeError, match=f"slice 'bells' would not come .*{reason}"):
        store.snapshot(TALKS)
    assert store.goes_on()


def test_a_slice_that_nothing_was_folded_into_needs_no_json() -> None:
    """An extension's initial value is not kept: the model has it."""
    nothing = object()
    store = bells(nothing, 5, log=BEGUN)
    assert store.state(TALKS).slices["bells"] is nothing
    assert isinstance(store.state(TALKS).facts.items, Kept)
