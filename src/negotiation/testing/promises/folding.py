"""States: what a store folds is what `replay` gives, with a snapshot or without."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any, Final

import attrs
import hypothesis.strategies as st

from negotiation.errors import NegotiationError
from negotiation.events import (
    DeadlineSet,
    EventRetracted,
    PositionStated,
    ProposalAccepted,
    ProposalMade,
    StatementMade,
    TruceDeclared,
)
from negotiation.fold import replay
from negotiation.log import Log
from negotiation.records import Record
from negotiation.stores import Store
from negotiation.testing.histories import histories, pasts
from negotiation.testing.promises.base import Promises, anything
from negotiation.testing.storing import BORDER, START, WATER, holds, record, refused, same

DAY: Final = timedelta(days=1)


def story() -> list[Record]:
    """Six records of what happened on six days, one of them hidden from east."""
    events: list[Any] = [
        ProposalMade(
            proposal="p1", by="north", to=["south"], terms={"rate": 1}, expires=START + 4 * DAY
        ),
        TruceDeclared(truce="t1", by="south", kind="truce", ends=START + 3 * DAY),
        PositionStated(by="south", issue="rate", value=2, firmness="demand"),
        DeadlineSet(deadline="d1", by="east", on=["north"], due=START + 9 * DAY),
        ProposalAccepted(proposal="p1", by="south"),
        StatementMade(by="north", text="so be it"),
    ]
    return [
        record(
            f"e{n}",
            time=START + n * DAY,
            recorded=START + n * DAY,
            event=event,
            visible_to=["north"] if n == 3 else None,
        )
        for n, event in enumerate(events)
    ]


ASKED: Final[tuple[dict[str, Any], ...]] = (
    {},
    *({"as_of": START + days * DAY} for days in (-1, 0, 2.5, 3, 4, 5, 20)),
    *({"known_at": START + days * DAY} for days in (-1, 2, 20)),
    *({"known_to": party} for party in ("north", "east", "nobody")),
    {"as_of": START + 20 * DAY, "known_at": START + 3 * DAY, "known_to": "east"},
)
"""What a state of the story may be asked for."""


class Folding(Promises):
    """A state is what the log gives."""

    def test_a_state_is_what_replay_gives(self) -> None:
        """`state` folds the log as of a moment, as known at one, and as known to a party."""
        with self._opened() as store:
            store.append(WATER, [record("e1", of=WATER)])
            store.append(BORDER, story())
            agrees(store, story())
            same(store.state("third"), replay(Log("third")), "the state of what is not there")

    def test_a_snapshot_tells_where_it_stands(self) -> None:
        """It answers with the position where the negotiation stands, and makes none of nothing."""
        with self._opened() as store:
            same(store.snapshot(BORDER), 0, "of a negotiation that is not there")
            for stands in (2, 6):
                store.append(BORDER, story()[:stands])
                for _ in range(2):
                    same(store.snapshot(BORDER), stands)
            holds(store, {BORDER: story()})

    def test_a_snapshot_changes_no_state(self) -> None:
        """What is asked afterwards, also of the time before it, is answered as without."""
        with self._opened() as store:
            store.append(BORDER, story())
            store.snapshot(BORDER)
            agrees(store, story())

    def test_a_state_goes_on_from_a_snapshot(self) -> None:
        """Records that follow a snapshot count, and a second one takes the place of the first."""
        with self._opened() as store:
            for stands in range(1, 7):
                store.append(BORDER, story()[:stands])
                agrees(store, story()[:stands])
                if stands in (2, 4):
                    store.snapshot(BORDER)

    def test_what_changes_the_past_outdates_a_snapshot(self) -> None:
        """A late record, a retraction or a further report after it is in the state all the same."""
        late = DeadlineSet(deadline="d0", by="east", on=["north"], due=START + 2 * DAY)
        further: dict[str, dict[str, Any]] = {
            "late": {"event": late, "time": START + DAY},
            "later, but as of before": {"event": late, "time": START + 30 * DAY},
            "retraction": {"event": EventRetracted(event="e4", by="south")},
            "repeat": {"event": story()[0].event, "repeats": "e0"},
            "hidden": {"visible_to": ["south"]},
        }
        for what, fields in further.items():
            with self._opened() as store:
                store.append(BORDER, story())
                store.snapshot(BORDER)
                last = record(
                    "last", **{"time": START + 5 * DAY, "recorded": START + 8 * DAY, **fields}
                )
                store.append(BORDER, [last])
                agrees(store, [*story(), last], what)

    def test_states_of_any_log_are_those_of_replay(self) -> None:
        """However a log came in pieces, with a snapshot between them, its states are the same."""
        numbers = count()
        with self._opened() as store:

            def agree(drawn: list[Record], cut: int, asked: dict[str, Any]) -> None:
                id = f"talks {next(numbers)}"
                records = [attrs.evolve(each, negotiation=id) for each in drawn]
                store.append(id, records[:cut])
                store.snapshot(id)
                store.append(id, records[cut:])
                for each in ({}, asked, {"as_of": asked["as_of"]}):
                    same(store.state(id, **each), replay(Log(id, records), **each), f"state{each}")

            self._drawn(agree, drawn=histories(), cut=st.integers(0, 10), asked=pasts())

    def test_what_cannot_be_asked_of_a_state_is_told(self) -> None:
        """Moments without a time zone and parties that are none are refused, as by `replay`."""
        wrong: list[dict[str, Any]] = [
            {"as_of": START.replace(tzinfo=None)},
            {"known_at": "now"},
            {"known_to": "two words"},
        ]
        with self._opened() as store:
            store.append(BORDER, story())
            for each in wrong:
                with refused(NegotiationError, f"state({each})"):
                    store.state(BORDER, **anything(each))


def agrees(store: Store, records: Sequence[Record], what: str = "state") -> None:
    """Assert that each state is the one that these records give."""
    for asked in ASKED:
        same(store.state(BORDER, **asked), replay(Log(BORDER, records), **asked), f"{what}{asked}")
