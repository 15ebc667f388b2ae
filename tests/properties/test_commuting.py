"""Names and dates have no bearing on timelines, comparisons, explanations, timers and the like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import assume, given

import negotiation as ng
from negotiation import views
from negotiation.paths import Path, parse_path, path_text
from negotiation.wire.states import to_json
from tests.properties import laws
from tests.properties.strategies import OUTSIDER, PARTIES, WHOLE, Asked, histories, hour, pasts
from tests.properties.test_laws import NEW_ITEMS, NEW_PARTIES

Records = list[ng.Record]


def tell(records: Iterable[ng.Record], **asked: Any) -> dict[str, Any]:
    """What everything above the fold says of a log, as JSON in which paths are lists of steps."""
    log = laws.log_of(records)
    half = len(log) // 2
    timeline = ng.Timeline(log, interval=3)
    early, late = timeline.at(position=half, **asked), timeline.at(**asked)
    upcoming = ng.next_change(late)
    merged = ng.merge(log.upto(half), log)
    return {
        "late": ng.state_to_json(late),
        "early": ng.state_to_json(early),
        "changed": [*told(ng.diff(early, late).changes)],
        "next": upcoming and [to_json(upcoming.at), [*told(upcoming.changes)]],
        "why": [
            [[*path], [each.record.id for each in explained.reasons]]
            for path in statuses(late)
            for explained in [timeline.explain(path_text(path), **asked)]
        ],
        "branch": ng.state_to_json(ng.replay(ng.branch(log, half))),
        "merged": [[each.id for each in merged.log], to_json(merged.proposed)],
        "views": [
            to_json(view(log, **asked))
            for view in (
                views.positions, views.concessions, views.claims, views.replies, views.deadlines,
                views.coverage,
            )
        ],
    }  # fmt: skip


def told(changes: Iterable[ng.Change]) -> Iterator[Any]:
    """Changes as JSON."""
    for change in changes:
        path = parse_path(change.path)
        if path[-1] != "message":
            yield [[*path], change.kind, to_json(change.old), to_json(change.new)]


def statuses(state: ng.Negotiation) -> Iterator[Path]:
    """The paths of the statuses in a state."""
    for section in ("proposals", "truces", "deadlines", "meetings", "parties"):
        for id in getattr(state, section):
            yield section, id, "status"


def in_any_order(value: Any) -> Any:
    """JSON without sentences, in which lists are in one order: that of ids follows the names."""
    if isinstance(value, dict):
        return {key: in_any_order(item) for key, item in value.items() if key != "message"}
    if isinstance(value, list):
        return sorted(map(in_any_order, value), key=laws.exactly)
    if isinstance(value, str) and " " in value:  # ids that a view has joined
        return " ".join(sorted(value.split(" ")))
    return value


@given(
    histories(most=12), pasts(), st.timedeltas(timedelta(days=-365_000), timedelta(days=365_000))
)
def test_time_shift(records: Records, asked: Asked, by: timedelta) -> None:
    """When the whole story takes place has no bearing on what is said of it."""
    laws.time_shift(records, asked, by, tell)


@given(histories(most=12), pasts(), st.permutations(NEW_PARTIES), st.permutations(NEW_ITEMS))
def test_renaming(records: Records, asked: Asked, parties: list[str], items: list[str]) -> None:
    """What a party or an item is called has no bearing on what is said of it."""
    new_parties = dict(zip((*PARTIES, OUTSIDER), parties, strict=False))
    new_items = dict(zip(WHOLE.every_id(), items, strict=False))
    laws.renaming(records, asked, new_parties, new_items, tell, same=same_in_any_order)


@given(histories(), st.integers(0, 12))
def test_a_branch_begins_as_the_log_stood(records: Records, hours: int) -> None:
    """With nothing added, a branch at a moment says what the log says as of it."""
    log, moment = laws.log_of(records), hour(hours)
    assume(len(log) and min(each.time for each in log) <= moment)
    branch = ng.branch(log, moment)
    one, other = (ng.state_to_json(ng.replay(each, as_of=moment)) for each in (log, branch))
    # Problems of retractions stand at every moment; those of what is to come are in no branch.
    laws.alike({**one, "id": None, "problems": []}, {**other, "id": None, "problems": []})


def same_in_any_order(one: Any, other: Any) -> None:
    """Assert that two JSON values say the same, whatever the order of their lists."""
    laws.same(in_any_order(one), in_any_order(other))
