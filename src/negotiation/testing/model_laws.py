"""The laws as tests of a model: a class to subclass, for pytest or unittest to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, ClassVar, Final, TypeAlias

import hypothesis.strategies as st
from hypothesis import assume, given
from hypothesis.strategies import DrawFn, SearchStrategy

from negotiation.fold import evolve, replay, steps
from negotiation.log import Log
from negotiation.model import Model
from negotiation.records import Record
from negotiation.testing import altered, histories, laws, wild
from negotiation.testing.histories import Asked, pasts
from negotiation.testing.laws import Library
from negotiation.testing.universe import OUTSIDER, PARTIES, SIZE, WHOLE, Dice
from negotiation.timelines import Timeline
from negotiation.wire.lines import Codec
from negotiation.wire.states import state_from_json, state_to_json

Test: TypeAlias = Callable[..., None]
Names: TypeAlias = Mapping[str, str]
Parts: TypeAlias = tuple[list[Record], list[Record]]

_OLD_PARTIES: Final = (*PARTIES, OUTSIDER)
NEW_PARTIES: Final = (*_OLD_PARTIES, "Zürich", "n.n.", "0", "a,b")
NEW_ITEMS: Final = (*WHOLE.every_id(), "draft 2", "é", "1", "zz")


class ModelLaws:
    """The laws that every model is to keep, one test each. Subclass it and say which model.

        class TestMyModel(ng.testing.ModelLaws):
            model = my_model

    Each test draws random histories, most of which break some rule, with events of the model's
    extensions in them, and looks at them as random parties at random times. How many it tries
    follows the profile of Hypothesis that is active. A law that the model is not meant to keep is
    left out by name: `test_commutation = None`.

    To run the laws against other functions than the library's own, give them here; each takes the
    arguments of the one that it stands for, `model=` among them.

    Attributes:
        model: the model.
        events: event class → the strategy for its events. Without one they are made by what the
            class says of its fields: their converters, or else their types.
        replay: in place of `negotiation.replay`. What it returns is read by the names of a
            `Negotiation`, and so is every other state.
        evolve: in place of `negotiation.evolve`.
        steps: in place of `negotiation.steps`.
        timeline: in place of `negotiation.Timeline`; of it, only `at` is asked.
        codec: model → what has `encode` and `decode`, in place of `negotiation.Codec`.
        state_to_json: in place of `negotiation.state_to_json`; it takes no model.
        state_from_json: in place of `negotiation.state_from_json`.
        test_purity: the same input gives the same state, and nothing that was given is changed.
        test_totality: every log has a state.
        test_prefix: evolving the state of a log with what follows gives the state of all.
        test_checkpoints: a timeline gives at every position what replaying gives.
        test_idempotence: a second copy of a record changes nothing.
        test_round_trip: a record is read back from its line as it was.
        test_round_trip_of_states: a state is read back from its JSON as it was.
        test_renaming: what parties and items are called has no bearing.
        test_time_shift: when it all takes place has no bearing.
        test_commutation: two neighbours at once with nothing in common can be swapped.
        test_non_interference: what is hidden from a party changes nothing that it knows.
        test_retraction: what was said and taken back might as well not have been said.
        test_finality: what is over stays over.

    Raises:
        InvalidModel: when it is subclassed: `events` names a class that is not of the model, or
            nothing is known of what a field of an extension's event may hold.
    """

    __test__: ClassVar[bool] = False
    _made: ClassVar[Mapping[str, Test]] = MappingProxyType({})

    model: ClassVar[Model] = Model.default
    events: ClassVar[Mapping[type[Any], SearchStrategy[Any]]] = MappingProxyType({})

    replay: ClassVar[Callable[..., Any]] = staticmethod(replay)
    evolve: ClassVar[Callable[..., Any]] = staticmethod(evolve)
    steps: ClassVar[Callable[..., Any]] = staticmethod(steps)
    timeline: ClassVar[Callable[..., Any]] = Timeline
    codec: ClassVar[Callable[..., Any]] = Codec
    state_to_json: ClassVar[Callable[..., Any]] = staticmethod(state_to_json)
    state_from_json: ClassVar[Callable[..., Any]] = staticmethod(state_from_json)

    test_purity: ClassVar[Any]
    test_totality: ClassVar[Any]
    test_prefix: ClassVar[Any]
    test_checkpoints: ClassVar[Any]
    test_idempotence: ClassVar[Any]
    test_round_trip: ClassVar[Any]
    test_round_trip_of_states: ClassVar[Any]
    test_renaming: ClassVar[Any]
    test_time_shift: ClassVar[Any]
    test_commutation: ClassVar[Any]
    test_non_interference: ClassVar[Any]
    test_retraction: ClassVar[Any]
    test_finality: ClassVar[Any]

    def __init_subclass__(cls, **options: Any) -> None:
        """Make the tests of this class: tests that classes shared would share their examples."""
        super().__init_subclass__(**options)
        cls.__test__ = vars(cls).get("__test__", True)
        library = cls.library()
        draws: dict[str, Any] = {"model": cls.model, "events": cls.events}
        made: dict[str, Test] = {}
        for name, make in _LAWS.items():
            if getattr(cls, name, make) is not cls._made.get(name, make):
                continue  # it is left out, or is the user's own
            test = made[name] = make(library, draws)
            test.__module__, test.__qualname__ = cls.__module__, f"{cls.__qualname__}.{name}"
            setattr(cls, name, test)
        cls._made = MappingProxyType(made)

    @classmethod
    def library(cls) -> Library:
        """What is to keep the laws."""
        codec = cls.codec(cls.model)
        return Library(
            model=cls.model,
            replay=cls.replay,
            evolve=cls.evolve,
            steps=cls.steps,
            timeline=cls.timeline,
            encode=codec.encode,
            decode=codec.decode,
            state_to_json=cls.state_to_json,
            state_from_json=cls.state_from_json,
        )


# Each of these makes one test. `draws` is how histories are drawn: for which model, by what.

Draws: TypeAlias = dict[str, Any]


def _logs(draws: Draws) -> SearchStrategy[Log]:
    return histories.logs_of(histories.histories(**draws))


def _any_logs(draws: Draws) -> SearchStrategy[Log]:
    """Logs most of which are of a small universe, and some of which hold anything."""
    usual = histories.histories(**draws)
    return histories.logs_of(usual | usual | usual | wild.wild_histories(**draws))


def _purity(library: Library, draws: Draws) -> Test:
    """Of a state that is replayed, and of those that are evolved from it."""

    @given(parts=histories.continued(**draws), asked=pasts())
    def test_purity(self: Any, parts: Parts, asked: Asked) -> None:
        """The same input gives the same state, and nothing that was given is changed."""
        first, further = parts
        laws.purity([*first, *further], asked, library)
        laws.evolving_is_pure(first, further, {**asked, "as_of": None}, library)

    return test_purity


def _totality(library: Library, draws: Draws) -> Test:
    """Of anything that can be written."""

    @given(log=_any_logs(draws), asked=pasts())
    def test_totality(self: Any, log: Log, asked: Asked) -> None:
        """Every log has a state, and each of its problems is a known one."""
        laws.totality(log, asked, library)

    return test_totality


def _prefix(library: Library, draws: Draws) -> Test:
    """With what follows neither backdated nor retracting."""

    @given(parts=histories.continued(**draws), asked=histories.knowledge())
    def test_prefix(self: Any, parts: Parts, asked: Asked) -> None:
        """Evolving the state of a log with what follows gives the state of all."""
        laws.prefix(*parts, asked, library)

    return test_prefix


def _checkpoints(library: Library, draws: Draws) -> Test:
    """At whatever interval they lie."""

    @given(log=_logs(draws), asked=pasts(), interval=st.integers(1, 6))
    def test_checkpoints(self: Any, log: Log, asked: Asked, interval: int) -> None:
        """A timeline gives at every position what replaying gives, late records included."""
        laws.checkpoints(log, asked, interval, library)

    return test_checkpoints


def _idempotence(library: Library, draws: Draws) -> Test:
    """With copies in between and at the end."""

    @given(records=histories.histories(**draws), asked=pasts())
    def test_idempotence(self: Any, records: list[Record], asked: Asked) -> None:
        """A second copy of a record, whenever it was recorded, changes nothing."""
        laws.idempotence(records, asked, library)

    return test_idempotence


def _round_trip(library: Library, draws: Draws) -> Test:
    """Of records that hold anything, or stand in a log."""

    @given(records=st.lists(wild.full_records(**draws), max_size=2) | histories.histories(**draws))
    def test_round_trip(self: Any, records: list[Record]) -> None:
        """A record is read back from its line as it was."""
        laws.round_trip(records, library)

    return test_round_trip


def _round_trip_of_states(library: Library, draws: Draws) -> Test:
    """Of anything that can be written."""

    @given(log=_any_logs(draws), asked=pasts())
    def test_round_trip_of_states(self: Any, log: Log, asked: Asked) -> None:
        """A state is read back from its JSON as it was."""
        laws.states_round_trip(log, asked, library)

    return test_round_trip_of_states


@st.composite
def new_names(draw: DrawFn) -> tuple[Names, Names]:
    """What the parties are called, and what the items, no two alike."""
    parties, items, more = (draw(histories.number) for _ in range(3))
    ids = WHOLE.every_id()
    return (
        dict(zip(_OLD_PARTIES, Dice(parties).order(NEW_PARTIES, len(_OLD_PARTIES)), strict=True)),
        dict(zip(ids, Dice(items + SIZE * more).order(NEW_ITEMS, len(ids)), strict=True)),
    )


def _renaming(library: Library, draws: Draws) -> Test:
    """To names that are taken by others too."""

    @given(log=_logs(draws), asked=pasts(), names=new_names())
    def test_renaming(self: Any, log: Log, asked: Asked, names: tuple[Names, Names]) -> None:
        """What parties and items are called has no bearing on anything."""
        laws.renaming(log, asked, *names, library)

    return test_renaming


def _time_shift(library: Library, draws: Draws) -> Test:
    """By up to a thousand years."""

    @given(
        log=_logs(draws),
        asked=pasts(),
        by=st.timedeltas(timedelta(days=-365_000), timedelta(days=365_000)),
    )
    def test_time_shift(self: Any, log: Log, asked: Asked, by: timedelta) -> None:
        """When the whole story takes place has no bearing on what happens in it."""
        laws.time_shift(log, asked, by, library)

    return test_time_shift


def _commutation(library: Library, draws: Draws) -> Test:
    """Of two that stand anywhere in a log."""

    @given(case=altered.neighbours(**draws), asked=pasts())
    def test_commutation(self: Any, case: tuple[list[Record], int], asked: Asked) -> None:
        """Two neighbours at once that have nothing in common can be swapped."""
        laws.commutation(*case, asked, library)

    return test_commutation


def _non_interference(library: Library, draws: Draws) -> Test:
    """Whatever the changes."""

    @given(case=altered.hidden_changes(**draws), asked=pasts())
    def test_non_interference(
        self: Any, case: tuple[list[Record], list[Record], str], asked: Asked
    ) -> None:
        """What is hidden from a party cannot change what it knows."""
        laws.non_interference(*case, asked, library)

    return test_non_interference


def _retraction(library: Library, draws: Draws) -> Test:
    """For whoever knows both or neither."""

    @given(records=altered.taken_back(**draws), asked=pasts())
    def test_retraction(self: Any, records: list[Record], asked: Asked) -> None:
        """What was said and taken back might as well not have been said."""
        assume(laws.knows_both_or_neither(records, ("said", "unsaid"), asked))
        laws.retraction(records, "unsaid", asked, library)

    return test_retraction


def _finality(library: Library, draws: Draws) -> Test:
    """Of proposals, deadlines and meetings."""

    @given(log=_logs(draws), asked=pasts())
    def test_finality(self: Any, log: Log, asked: Asked) -> None:
        """What is over stays over."""
        laws.finality(log, asked, library)

    return test_finality


_LAWS: Final[Mapping[str, Callable[[Library, Draws], Test]]] = {
    "test_purity": _purity,
    "test_totality": _totality,
    "test_prefix": _prefix,
    "test_checkpoints": _checkpoints,
    "test_idempotence": _idempotence,
    "test_round_trip": _round_trip,
    "test_round_trip_of_states": _round_trip_of_states,
    "test_renaming": _renaming,
    "test_time_shift": _time_shift,
    "test_commutation": _commutation,
    "test_non_interference": _non_interference,
    "test_retraction": _retraction,
    "test_finality": _finality,
}
"""What makes the test of each law."""
