"""`ModelLaws`: sound models pass every law, and for each law a faulty one is found out by it."""

from __future__ import annotations

import re
import unittest
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

import attrs
import hypothesis.strategies as st
import pytest
from attrs import field, frozen
from hypothesis import HealthCheck, Phase, settings

import negotiation as ng
from negotiation.testing import ModelLaws
from negotiation.testing.universe import PLAIN_WORDS
from negotiation.values import item_id, party_id
from tests.properties.quotes import QUOTES

LAWS: Final = (
    "test_purity",
    "test_totality",
    "test_prefix",
    "test_checkpoints",
    "test_idempotence",
    "test_round_trip",
    "test_round_trip_of_states",
    "test_renaming",
    "test_time_shift",
    "test_commutation",
    "test_non_interference",
    "test_retraction",
    "test_finality",
)

Laws = type[ModelLaws]


def run(laws: Laws, law: str, examples: int = 600) -> None:
    """Run one law, always with the same examples."""
    few = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no fault of a law
    )
    few(getattr(laws, law))(laws())


# Models with a fault


@ng.event
@frozen(kw_only=True)
class Quoted:
    """A party names a price for a lot."""

    by: str = field(converter=party_id)
    lot: str = field(converter=item_id)
    price: int


def laws_of(
    reduce: Callable[[Any, Any], Any],
    initial: Any = None,
    event: type[Any] = Quoted,
    **hooks: Any,
) -> Laws:
    """The laws of a model whose reducer or event class may be at fault."""
    extension = ng.Extension("quotes", "org.example.quoted", event, initial, reduce)
    return type("TestIt", (ModelLaws,), {"model": ng.Model.default.extended(extension), **hooks})


def nothing(slice: Any, record: Any) -> Any:
    """A reducer that is not at fault: it makes nothing of anything."""
    return slice


def counting() -> Laws:
    """The reducer remembers how often it was called."""
    calls = count()
    return laws_of(lambda *_: next(calls))


def growing_a_list() -> Laws:
    """The reducer changes the slice that it is given, once there is one."""

    def reduce(slice: list[int] | None, record: ng.Record) -> list[int]:
        slice = [] if slice is None else slice
        slice.append(record.event.price)  # type: ignore[union-attr]  # a Quoted
        return slice

    return laws_of(reduce)


def growing_the_initial_list() -> Laws:
    """The reducer changes the initial slice itself."""

    def reduce(slice: list[int], record: ng.Record) -> list[int]:
        slice.append(record.event.price)  # type: ignore[union-attr]  # a Quoted
        return slice

    return laws_of(reduce, [])


def raising() -> Laws:
    """The reducer does not know what to do with a price."""

    def reduce(slice: None, record: ng.Record) -> None:
        if record.event.price == 3:  # type: ignore[union-attr]  # a Quoted
            raise ValueError("three?")

    return laws_of(reduce)


def renumbering() -> Laws:
    """An event that is made of the fields of another is never equal to it."""
    made = count()

    def renumbered(number: int) -> int:
        return number + next(made)

    @frozen(kw_only=True)
    class Numbered:
        by: str
        number: int = field(converter=renumbered)

    return laws_of(nothing, event=Numbered)


def shouting() -> Laws:
    """A converter adds something each time."""

    def shouted(words: str) -> str:
        return words + "!"

    @frozen(kw_only=True)
    class Shouted:
        by: str
        words: str = field(converter=shouted)

    return laws_of(nothing, event=Shouted)


def unequal() -> Laws:
    """An event is equal to nothing but itself."""

    @frozen(kw_only=True, eq=False)
    class Said:
        by: str

    return laws_of(nothing, event=Said)


def keyed_by_number() -> Laws:
    """The keys of the slice are no texts, so that JSON does not give them back."""
    return laws_of(lambda kept, record: {**kept, record.event.price: record.event.by}, {})


def favouring_north() -> Laws:
    """The reducer treats one party otherwise than all others."""
    return laws_of(lambda kept, record: kept + (record.event.by == "north"), 0)


def resting_on_sundays() -> Laws:
    """The reducer asks which day of the week it is."""
    return laws_of(lambda kept, record: kept + (record.time.weekday() < 6), 0)


def keeping_the_last() -> Laws:
    """The reducer keeps the latest price, whoever named it for whatever."""
    return laws_of(lambda _, record: record.event.price)


def counting_positions() -> Laws:
    """The reducer makes something of where in the log a record stands."""
    return laws_of(lambda _, record: record.position)


def going_back() -> Laws:
    """What is at fault is no model but the steps."""

    def steps(log: ng.Log, **asked: Any) -> Iterator[tuple[ng.Record, ng.Negotiation]]:
        return reversed([*ng.steps(log, **asked)])

    return laws_of(nothing, steps=staticmethod(steps))


def losing_its_memory() -> Laws:
    """What is at fault is the timeline: it knows no extension."""

    def timeline(log: ng.Log, *, interval: int, model: ng.Model) -> ng.Timeline:
        return ng.Timeline(log, interval=interval)

    return laws_of(nothing, timeline=staticmethod(timeline))


FAULTS: Final[tuple[tuple[str, Callable[[], Laws]], ...]] = (
    ("test_purity", counting),
    ("test_purity", growing_a_list),
    ("test_totality", raising),
    ("test_prefix", growing_the_initial_list),
    ("test_checkpoints", growing_a_list),
    ("test_checkpoints", losing_its_memory),
    ("test_idempotence", renumbering),
    ("test_round_trip", shouting),
    ("test_round_trip", unequal),
    ("test_round_trip_of_states", keyed_by_number),
    ("test_renaming", favouring_north),
    ("test_time_shift", resting_on_sundays),
    ("test_commutation", keeping_the_last),
    ("test_non_interference", counting_positions),
    ("test_retraction", counting_positions),
    ("test_finality", going_back),
)


def test_each_law_has_a_model_that_breaks_it() -> None:
    """No law goes unproven, and each is listed here."""
    assert {law for law, _ in FAULTS} == {*LAWS}
    assert {name for name in ModelLaws.__annotations__ if name.startswith("test_")} == {*LAWS}


@pytest.mark.parametrize(
    ("law", "faulty"), FAULTS, ids=lambda each: getattr(each, "__name__", each)
)
def test_a_faulty_model_is_found_out(law: str, faulty: Callable[[], Laws]) -> None:
    """The test of the law that it breaks fails, and it is an assertion that does."""
    with pytest.raises(AssertionError):
        run(faulty(), law)


@pytest.mark.parametrize("law", LAWS)
def test_the_model_of_the_library_is_sound(law: str) -> None:
    """Without a model of one's own it is the library that keeps the laws."""
    run(type("TestIt", (ModelLaws,), {}), law, 30)


@pytest.mark.parametrize("law", LAWS)
def test_a_model_with_sound_extensions_passes(law: str) -> None:
    """Slices that are made with care keep every law."""
    run(type("TestIt", (ModelLaws,), {"model": QUOTES}), law, 30)


def test_a_law_is_left_out_by_name() -> None:
    """Where a class says None there is no test, nor in a class derived from it."""

    class TestSome(ModelLaws):
        test_commutation = None

    class TestSomeMore(TestSome):
        model = QUOTES

    assert TestSome.test_commutation is None
    assert TestSomeMore.test_commutation is None
    assert callable(TestSomeMore.test_purity)


def test_a_test_of_the_users_own_stays() -> None:
    """A class may test a law in its own way, and one derived from it tests it so too."""

    class TestOwn(ModelLaws):
        def test_purity(self) -> str:
            """It is pure, one may say."""
            return "my own"

    class TestOwnToo(TestOwn):
        model = QUOTES

    assert TestOwn().test_purity() == TestOwnToo().test_purity() == "my own"


def test_each_class_has_tests_of_its_own() -> None:
    """Derived classes run with their own model and do not share a function with the first."""

    class TestFirst(ModelLaws):
        model = QUOTES

    class TestSecond(TestFirst):
        model = laws_of(lambda _, record: record.event.price / 0).model

    assert TestFirst.test_totality is not TestSecond.test_totality
    run(TestFirst, "test_totality", 30)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        run(TestSecond, "test_totality")


def test_its_tests_are_named_after_the_class() -> None:
    """Their names lead to the class that has them, and each says what it specifies."""

    class TestNamed(ModelLaws):
        pass

    for law in LAWS:
        test = getattr(TestNamed, law)
        assert test.__qualname__.endswith(f"TestNamed.{law}")
        assert test.__module__ == __name__
        assert test.__doc__
        assert test.is_hypothesis_test


def test_only_subclasses_are_collected() -> None:
    """Importing the class into a module of tests adds no test there; a subclass may say no too."""

    class TestNever(ModelLaws):
        __test__ = False

    class TestAgain(TestNever):
        pass

    assert (ModelLaws.__test__, TestNever.__test__, TestAgain.__test__) == (False, False, True)


def test_it_runs_under_unittest() -> None:
    """The laws need nothing of pytest."""

    class TestIt(ModelLaws, unittest.TestCase):
        model = QUOTES

    few = settings(max_examples=5, database=None, deadline=None)
    TestIt.test_finality = few(TestIt.test_finality)
    result = unittest.TestResult()
    TestIt("test_finality").run(result)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


# The functions that are asked


def test_the_laws_are_run_against_what_the_class_names() -> None:
    """Each function of one's own is called in place of the library's, with the model."""
    called: dict[str, list[object]] = {}

    def noting(name: str, function: Any) -> Any:
        def noted(*args: Any, **options: Any) -> Any:
            called.setdefault(name, []).append(options.get("model"))
            return function(*args, **options)

        return staticmethod(noted)

    names = ("replay", "evolve", "steps", "state_to_json", "state_from_json")
    hooks = {name: noting(name, getattr(ng, name)) for name in names}
    hooks["timeline"] = noting("timeline", ng.Timeline)
    hooks["codec"] = noting("codec", ng.Codec)
    laws: Laws = type("TestIt", (ModelLaws,), {"model": QUOTES, **hooks})
    for law in LAWS:
        run(laws, law, 10)
    with_model = {*hooks} - {"state_to_json", "codec"}
    assert {name for name in called if all(model is QUOTES for model in called[name])} == with_model
    assert {*called} == {*hooks}


# How a failure is shown


def test_a_failure_shows_the_records_as_python() -> None:
    """What was drawn is printed as what one would write, down to how the state was asked for."""
    laws = raising()
    shown = settings(
        max_examples=500,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
    )
    with pytest.raises(AssertionError) as raised:
        shown(laws.test_totality)(laws())
    example = "\n".join(raised.value.__notes__)
    assert "ng.Record(" in example
    assert re.search(r'Quoted\(by="[^"]+", lot="[^"]+", price=3\)', example)
    assert "'as_of': None, 'known_at': None, 'known_to': None" in example


# Whose events are drawn


def drawn_prices(events: Mapping[type[Any], Any] | None) -> set[int]:
    """The prices that stand in some histories."""
    seen: set[int] = set()

    def reduce(slice: None, record: ng.Record) -> None:
        seen.add(record.event.price)  # type: ignore[union-attr]  # a Quoted

    run(laws_of(reduce, events=events), "test_totality", 80)
    return seen


def test_events_of_extensions_are_drawn() -> None:
    """Without a strategy, what the class says of its fields makes its events."""
    drawn = drawn_prices({})
    assert drawn <= {*PLAIN_WORDS.numbers}
    assert len(drawn) > len(PLAIN_WORDS.numbers) / 2


def test_events_are_drawn_by_the_strategy_that_is_given() -> None:
    """A strategy for a class draws all its events."""
    quotes = st.builds(Quoted, by=st.just("north"), lot=st.just("grain"), price=st.integers(70, 72))
    assert {70, 71, 72} == drawn_prices({Quoted: quotes})


def test_events_of_the_library_can_be_drawn_otherwise_too() -> None:
    """A strategy may stand for one of the library's own classes."""
    said: set[str] = set()

    def replay(log: ng.Log, **asked: Any) -> ng.Negotiation:
        said.update(each.event.text for each in log if type(each.event) is ng.StatementMade)
        return ng.replay(log, **asked)

    words = st.builds(ng.StatementMade, by=st.just("north"), text=st.just("yes"))
    laws = laws_of(nothing, replay=staticmethod(replay), events={ng.StatementMade: words})
    run(laws, "test_totality", 100)
    assert said == {"yes"}


def test_laws_hold_with_events_from_a_strategy() -> None:
    """Events in which neighbours have something in common are no counterexample."""
    quotes = st.builds(Quoted, by=st.just("north"), lot=st.just("grain"), price=st.integers(1, 3))
    laws = laws_of(
        lambda kept, record: {**kept, record.event.by: record.event.price},
        {},
        events={Quoted: quotes},
    )
    for law in LAWS:
        run(laws, law, 15)


def test_a_strategy_for_no_event_of_the_model_is_refused() -> None:
    """The class that is not of the model is named when the laws are subclassed."""
    with pytest.raises(ng.InvalidModel, match="events: Quoted is no event of the model"):
        type("TestIt", (ModelLaws,), {"events": {Quoted: st.nothing()}})


def test_times_in_slices_move_with_the_story() -> None:
    """A slice may keep moments, and times as JSON has them, wherever they stand."""

    @attrs.frozen
    class Latest:
        at: datetime
        text: str

    def reduce(slice: Mapping[str, Any], record: ng.Record) -> Mapping[str, Any]:
        text = record.time.astimezone(UTC).isoformat().replace("+00:00", "Z")
        event: Any = record.event
        return {**slice, event.by: (Latest(record.time, text), {event.lot})}

    laws = laws_of(reduce, {})
    for law in ("test_time_shift", "test_renaming", "test_commutation"):
        run(laws, law, 40)
