"""A timeline is the replay of its log at every point, for random logs as anybody knows them."""

from __future__ import annotations

from unittest.mock import patch

import hypothesis.strategies as st
import pytest
from hypothesis import given

import negotiation as ng
from negotiation.testing.histories import Asked, histories, pasts
from negotiation.testing.laws import checkpoints, log_of
from negotiation.timelines import courses
from tests.properties import laws

Records = list[ng.Record]

intervals = st.integers(1, 6)


@given(histories(), pasts(), intervals)
def test_checkpoints(records: Records, asked: Asked, interval: int) -> None:
    """At every position, of any moment, known whenever to whomever, it gives what replay does."""
    checkpoints(records, asked, interval)


@given(histories(), pasts(), intervals)
def test_leaving_late_records_out(records: Records, asked: Asked, interval: int) -> None:
    """Leaving a late record out singly gives what folding from before it gives."""
    with patch.object(courses, "DEAR", 0):
        checkpoints(records, {**asked, "as_of": None}, interval)


@given(histories(), pasts(), st.lists(st.integers(1, 7), min_size=1, max_size=4), intervals)
def test_growth(records: Records, asked: Asked, sizes: list[int], interval: int) -> None:
    """However it grew, it is the timeline of its log, and so are those that it grew from."""
    laws.growth(records, asked, sizes, interval)


@given(histories(), pasts(), intervals)
def test_steps_both_ways(records: Records, asked: Asked, interval: int) -> None:
    """It steps through every counting record, from the first to the last and back."""
    laws.steps_both_ways(records, asked, interval)


@given(histories(), pasts(), intervals, st.data())
def test_its_states_evolve(
    records: Records, asked: Asked, interval: int, data: st.DataObject
) -> None:
    """A state from a timeline goes on as one from replay does, or is refused alike."""
    log = log_of(records)
    position = data.draw(st.integers(0, len(log)))
    asked = {"known_at": asked["known_at"], "known_to": asked["known_to"]}
    state = ng.Timeline(log, interval=interval).at(position=position, **asked)
    replayed = ng.replay(log.upto(position), **asked)
    for record in log[position:]:
        try:
            replayed = ng.evolve(replayed, record)
        except ng.NegotiationError as error:
            with pytest.raises(type(error)):
                ng.evolve(state, record)
            return
        state = ng.evolve(state, record)
        assert state == replayed
