"""The law of explanations: nothing that matters is left out, and not all that is named is idle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import Any, Final, TypeAlias

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import negotiation as ng
from negotiation.errors import InvalidPath
from negotiation.paths import Path, names, path_text, resolve
from negotiation.testing.histories import Asked, histories, pasts
from negotiation.testing.laws import log_of
from negotiation.testing.universe import START
from negotiation.wire.states import to_json
from tests.properties import laws

FEW: Final = 8
"""Of up to so many named records any that go together are tried; of more, all but one or two."""

Explain: TypeAlias = Callable[..., ng.Explanation]

OF_THE_QUESTION: Final = ("id", "as_of", "known_at", "known_to")
"""What depends on who asks, and on no record; `as_of` is part of the question here."""


@st.composite
def asked_for(draw: st.DrawFn, most: int = 14) -> tuple[list[ng.Record], Asked, Path]:
    """A history, a point of view and a path that leads somewhere in the state then."""
    records, asked = draw(histories(most)), draw(pasts())
    value: Any = ng.replay(log_of(records), **asked)
    path: list[Any] = []
    while further := list(names(value)):
        if path and draw(st.integers(0, 5)) == 0:
            break
        path.append(draw(st.sampled_from(further)))
        value = resolve(value, (path[-1],))
    return records, asked, tuple(path)


def told(records: Iterable[ng.Record], asked: Asked, path: Path, problem: Any) -> str:
    """The value at a path; of what is numbered anew, the record that it stands for."""
    log = log_of(records)
    state = ng.replay(log, **asked)
    if path == ("position",):
        return log[state.position - 1].id if state.position else "none"
    if problem is not None:  # one is followed by what it is about, not by its place in the list
        found = [each for each in state.problems if _about(each) == _about(problem)]
        return laws.exactly(to_json([_unnumbered(resolve(each, path[2:])) for each in found]))
    try:
        return laws.exactly(to_json(_unnumbered(resolve(state, path))))
    except InvalidPath:
        return "it is not there"


def _about(problem: ng.Problem) -> tuple[str, str]:
    return problem.event, problem.code


def _unnumbered(value: Any) -> Any:
    if isinstance(value, ng.Problem):
        return attrs.evolve(value, position=1)
    return tuple(map(_unnumbered, value)) if isinstance(value, tuple) else value


def explained(
    records: Sequence[ng.Record], asked: Asked, path: Path, explain: Explain = ng.explain
) -> None:
    """Assert that what is left out has no say in a value, and that something named has."""
    log = log_of(records)
    found = explain(log, path_text(path), **asked)
    state = ng.replay(log, **asked)
    at_that_moment = {**asked, "as_of": state.as_of}
    at_the_latest = {**asked, "as_of": None}  # a state does not tell if that was what was asked
    if path[0] == "problems" and len(path) > 2 and path[2] == "position":
        return
    problem = state.problems[int(path[1])] if path[0] == "problems" and len(path) > 1 else None
    reasons = {each.record.id for each in found.reasons}
    named = reasons.union(*({each.id for each in r.repeated_by} for r in found.reasons))

    def without(ids: Iterable[str], asked: Asked = at_that_moment) -> str:
        return told((each for each in log if each.id not in ids), asked, path, problem)

    value = without(())
    for each in log:
        if each.id not in named:
            assert without({each.id}) == value, f"{each.id} is left out, and has a say"
    if reasons and path[0] not in OF_THE_QUESTION and path != ("problems",):
        undoing = {r.record.id for r in found.reasons if type(r.record.event) is ng.EventRetracted}
        # Where several records each suffice, as many openings under one id, only some of them
        # together have a say.
        together = range(2 if len(named) <= FEW else len(named) - 2, len(named))
        some = [
            *({id} for id in named),
            named,
            named - undoing,
            *({*ids} for size in together for ids in combinations(sorted(named), size)),
        ]
        asks = [at_that_moment, at_the_latest][: 2 if state.as_of == state.time else 1]
        assert any(without(ids, ask) != without((), ask) for ids in some for ask in asks), (
            "nothing that is named has a say"
        )


@given(asked_for())
def test_what_is_left_out_has_no_say(case: tuple[list[ng.Record], Asked, Path]) -> None:
    """Any one record that is not named can go, and some that are named cannot."""
    explained(*case)


def broken(change: Callable[[ng.Explanation], ng.Explanation]) -> Explain:
    """An `explain` whose answers are changed."""
    return lambda *args, **options: change(ng.explain(*args, **options))


ANSWERED: Final = [
    attrs.evolve(each, id=f"e{number}", position=number)
    for number, each in enumerate(
        (
            ng.Record(id="e", negotiation="talks", time=START, event=event)
            for event in (
                ng.ProposalMade(proposal="p1", by="north", to=["south"], terms={}),
                ng.ProposalRejected(proposal="p1", by="south"),
                ng.StatementMade(by="north", text="so be it"),
            )
        ),
        start=1,
    )
]
NOBODY_ASKED: Final = {"as_of": None, "known_at": None, "known_to": None}
STATUS: Final = ("proposals", "p1", "status")


def test_the_law_bites_where_a_record_is_left_out() -> None:
    """An explanation that hides the answer is found out."""
    hiding = broken(lambda found: attrs.evolve(found, reasons=found.reasons[:1]))
    explained(ANSWERED, NOBODY_ASKED, STATUS)
    with pytest.raises(AssertionError, match="e2 is left out, and has a say"):
        explained(ANSWERED, NOBODY_ASKED, STATUS, hiding)


def test_the_law_bites_where_only_idle_records_are_named() -> None:
    """An explanation by what has nothing to do with it is found out."""
    idle = ng.Reason(ANSWERED[2], "north says: so be it")
    known_to = broken(lambda found: attrs.evolve(found, reasons=(idle,)))
    with pytest.raises(AssertionError, match="nothing that is named has a say"):
        explained(ANSWERED, NOBODY_ASKED, ("parties", "south", "role"), known_to)
