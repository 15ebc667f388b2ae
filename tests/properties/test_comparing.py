"""The laws of comparing states and of passing time, for random logs as random parties know them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import attrs
import hypothesis.strategies as st
from hypothesis import given

import negotiation as ng
from negotiation.paths import path_text
from negotiation.testing.histories import Asked, continued, histories, knowledge, pasts
from negotiation.testing.laws import log_of
from negotiation.testing.universe import HOURS, START
from negotiation.testing.wild import wild_histories
from tests.properties.laws import SETS, exactly

Records: TypeAlias = list[ng.Record]
Found: TypeAlias = dict[str, tuple[str, Any, Any]]

moments: Final = st.integers(-1, 2 * HOURS + 1).map(lambda n: START + timedelta(minutes=30 * n))
some_histories: Final = histories() | histories() | wild_histories()
tick: Final = timedelta(microseconds=1)


def slow(before: ng.Negotiation, after: ng.Negotiation) -> Found:
    """What `diff` is to find, worked out from the JSON of both states with nothing left out."""
    return {
        path_text(path): (kind, old, new)
        for path, kind, old, new in unlike((), ng.state_to_json(before), ng.state_to_json(after))
    }


def unlike(path: tuple[str, ...], old: Any, new: Any) -> Iterator[tuple[Any, str, Any, Any]]:
    """Each path at which two JSON values differ, with what stands there."""
    if len(path) == 3 and path[0] in ("parties", "truces") and path[2] in SETS:
        old, new = ({member: member for member in members} for members in (old, new))
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if exactly(old) != exactly(new):
            yield path, "changed", old, new
        return
    for key in {*old, *new}:
        if key not in new:
            yield (*path, key), "removed", old[key], None
        elif key not in old:
            yield (*path, key), "added", None, new[key]
        else:
            yield from unlike((*path, key), old[key], new[key])


def agree(before: ng.Negotiation, after: ng.Negotiation) -> None:
    """Assert that `diff` finds what there is to find, and that `apply` carries it out."""
    difference = ng.diff(before, after)
    found = {
        each["path"]: (each["kind"], each["old"], each["new"])
        for each in difference.to_json()["changes"]
    }
    assert len(found) == len(difference.changes)
    assert exactly(found) == exactly(slow(before, after))
    assert bool(difference) == (before != after)
    assert ng.apply(difference, before) == after


@given(some_histories, some_histories, pasts(), pasts())
def test_states_of_two_logs(one: Records, other: Records, first: Asked, second: Asked) -> None:
    """Any two states, from any two points of view, differ in what their JSON differs in."""
    agree(ng.replay(log_of(one), **first), ng.replay(log_of(other), **second))


@given(some_histories, pasts(), pasts())
def test_states_of_one_log(records: Records, first: Asked, second: Asked) -> None:
    """Any two states of one log differ in what their JSON differs in."""
    agree(ng.replay(log_of(records), **first), ng.replay(log_of(records), **second))


@given(histories(), pasts(), st.data())
def test_states_that_share_facts(records: Records, asked: Asked, data: st.DataObject) -> None:
    """What two states have in common by identity hides nothing, at whatever moments they are."""
    states = [state for _, state in ng.steps(log_of(records), **asked)]
    if states:
        one, other = (data.draw(st.sampled_from(states)) for _ in range(2))
        later = attrs.evolve(other, as_of=data.draw(moments))
        agree(one, other)
        agree(one, later)
        agree(later, other)


@given(continued(), knowledge())
def test_states_that_were_evolved(parts: tuple[Records, Records], asked: Asked) -> None:
    """A state that was evolved from another differs from it in what their JSON differs in."""
    before = after = ng.replay(log_of(parts[0]), **asked)
    for record in parts[1]:
        after = ng.evolve(after, record)
    agree(before, after)
    agree(after, before)


@given(histories(), pasts())
def test_a_state_and_itself(records: Records, asked: Asked) -> None:
    """Nothing changed from a state to itself, nor to the same one made anew."""
    state = ng.replay(log_of(records), **asked)
    assert not ng.diff(state, state)
    assert not ng.diff(state, ng.state_from_json(ng.state_to_json(state)))


@given(histories(), pasts(), moments)
def test_another_moment_is_another_replay(records: Records, asked: Asked, at: datetime) -> None:
    """The facts at a later moment are what is replayed as of it, where no record lies between."""
    log = log_of(records)
    state = ng.replay(log, **asked)
    whole = ng.replay(log, **{**asked, "as_of": None})
    if state.as_of is not None and at >= state.as_of and state.time == whole.time:
        assert attrs.evolve(state, as_of=at) == ng.replay(log, **{**asked, "as_of": at})


@given(histories(), pasts(), st.data())
def test_the_next_change(records: Records, asked: Asked, data: st.DataObject) -> None:
    """Nothing changes by time before the next change, at it what it names, and all in turn."""
    state = ng.replay(log_of(records), **asked)
    upcoming = ng.next_change(state)
    if upcoming is None:
        quiet = [data.draw(moments), datetime.max.replace(tzinfo=START.tzinfo)]
    else:
        assert state.as_of is not None
        assert upcoming.at > state.as_of
        assert upcoming.changes
        later = attrs.evolve(state, as_of=upcoming.at)
        head, *rest = ng.diff(state, later).changes
        assert head.path == "as_of"
        assert tuple(rest) == upcoming.changes
        quiet = [
            data.draw(st.datetimes(*bare(state.as_of, upcoming.at - tick))).replace(
                tzinfo=START.tzinfo
            ),
            upcoming.at - tick,
        ]
    for at in quiet:
        if state.as_of is not None and at > state.as_of:
            found = slow(state, attrs.evolve(state, as_of=at))
            assert set(found) == {"as_of"}


def bare(*moments: datetime) -> list[datetime]:
    """These moments without their zone, as the strategy wants them."""
    return [moment.replace(tzinfo=None) for moment in moments]


@given(histories(), pasts())
def test_changes_to_come_end(records: Records, asked: Asked) -> None:
    """Going from each change to the next leads through all that the far future holds."""
    state = end = ng.replay(log_of(records), **asked)
    if state.as_of is not None:
        end = attrs.evolve(state, as_of=datetime.max.replace(tzinfo=START.tzinfo))
    while (upcoming := ng.next_change(state)) is not None:
        state = attrs.evolve(state, as_of=upcoming.at)
    assert {change.path for change in ng.diff(state, end).changes} <= {"as_of"}
