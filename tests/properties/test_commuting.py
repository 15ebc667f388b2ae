"""Names and dates have no bearing on timelines, comparisons, explanations, timers and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final

import hypothesis.strategies as st
from hypothesis import assume, given

import negotiation as ng
from negotiation import views
from negotiation.paths import Path, parse_path, path_text
from negotiation.testing import laws
from negotiation.testing.histories import Asked, histories, pasts
from negotiation.testing.laws import Library, log_of
from negotiation.testing.model_laws import Names, new_names
from negotiation.testing.telling import Told, alike, same, told
from negotiation.testing.universe import hour
from negotiation.wire.states import to_json

Records = list[ng.Record]


JOINED: Final = ("denied_by", "verified_by", "refuted_by", "unattributed_by")
"""The columns of a claim in which ids stand joined by a space."""


def tell(log: ng.Log, *, model: ng.Model, **asked: Any) -> dict[str, Any]:
    """What everything above the fold says of a log, as JSON in which paths are lists of steps."""
    half = len(log) // 2
    timeline = ng.Timeline(log, interval=3)
    early, late = timeline.at(position=half, **asked), timeline.at(**asked)
    upcoming = ng.next_change(late)
    merged = ng.merge(log.upto(half), log)
    return {
        "late": ng.state_to_json(late),
        "early": ng.state_to_json(early),
        "changed": [*changes_of(ng.diff(early, late).changes)],
        "next": upcoming and [to_json(upcoming.at), [*changes_of(upcoming.changes)]],
        "why": [
            [[*path], [each.record.id for each in explained.reasons]]
            for path in statuses(late)
            for explained in [timeline.explain(path_text(path), **asked)]
        ],
        "branch": ng.state_to_json(ng.replay(ng.branch(log, half))),
        "merged": [[each.id for each in merged.log], to_json(merged.proposed)],
        "views": [
            [*map(apart, to_json(view(log, **asked)))]
            for view in (
                views.positions, views.concessions, views.claims, views.replies, views.deadlines,
                views.coverage,
            )
        ],
    }  # fmt: skip


def changes_of(changes: Iterable[ng.Change]) -> Iterator[Any]:
    """Changes as JSON."""
    for change in changes:
        path = parse_path(change.path)
        if path[-1] != "message":
            yield [[*path], change.kind, to_json(change.old), to_json(change.new)]


def apart(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a view in which ids that the view has joined are a list again."""
    return {key: value.split() if key in JOINED and value else value for key, value in row.items()}


def statuses(state: ng.Negotiation) -> Iterator[Path]:
    """The paths of the statuses in a state."""
    for section in ("proposals", "truces", "deadlines", "meetings", "parties"):
        for id in getattr(state, section):
            yield section, id, "status"


def in_any_order(value: Told) -> Told:
    """What was told, without sentences, in one order: the order of ids follows their names."""
    if isinstance(value, dict):
        return {key: in_any_order(item) for key, item in value.items() if key != "message"}
    if isinstance(value, tuple):
        return tuple(sorted(map(in_any_order, value), key=repr))
    return value


TOLD: Final = Library(replay=tell)
"""What is to keep the laws here: everything above the fold, in place of the state."""


@given(histories(), pasts(), st.timedeltas(timedelta(days=-365_000), timedelta(days=365_000)))
def test_time_shift(records: Records, asked: Asked, by: timedelta) -> None:
    """When the whole story takes place has no bearing on what is said of it."""
    laws.time_shift(records, asked, by, TOLD)


@given(histories(), pasts(), new_names())
def test_renaming(records: Records, asked: Asked, names: tuple[Names, Names]) -> None:
    """What a party or an item is called has no bearing on what is said of it."""
    laws.renaming(records, asked, *names, TOLD, same=same_in_any_order)


@given(histories(), st.integers(0, 12))
def test_a_branch_begins_as_the_log_stood(records: Records, hours: int) -> None:
    """With nothing added, a branch at a moment says what the log says as of it."""
    log, moment = log_of(records), hour(hours)
    assume(len(log) and min(each.time for each in log) <= moment)
    branch = ng.branch(log, moment)
    one, other = (told(ng.replay(each, as_of=moment)) for each in (log, branch))
    # Problems of retractions stand at every moment; those of what is to come are in no branch.
    alike({**one, "id": None, "problems": ()}, {**other, "id": None, "problems": ()})


def same_in_any_order(one: Told, other: Told) -> None:
    """Assert that what was told is the same, whatever its order."""
    same(in_any_order(one), in_any_order(other))
