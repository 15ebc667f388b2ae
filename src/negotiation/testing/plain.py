"""A model of stores that is too plain to be wrong, and appends that are asked of both."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, TypeAlias

import hypothesis.strategies as st
from attrs import frozen

from negotiation.errors import Conflict, InvalidLog, NegotiationError
from negotiation.records import Record
from negotiation.stores import ANY, NEW, Store
from negotiation.testing.storing import BORDER, WATER, record

Answer: TypeAlias = "int | type[NegotiationError]"


@frozen
class Asked:
    """One append to ask for; `expected` may be "right", the position at which it stands."""

    negotiation: str
    records: tuple[Record, ...]
    expected: Any

    @staticmethod
    def drawn() -> st.SearchStrategy[Asked]:
        """Appends to two negotiations of few records, so that ids and positions often meet."""
        return st.sampled_from([BORDER, WATER]).flatmap(
            lambda negotiation: st.builds(
                Asked,
                st.just(negotiation),
                st.lists(_few(negotiation), max_size=3).map(tuple),
                st.sampled_from([ANY, "right", NEW, 0, 1, 2, 3]),
            )
        )

    def of(self, store: Store, position: int) -> Answer:
        """What a store answers where the negotiation stands at this position."""
        try:
            return store.append(
                self.negotiation,
                self.records,
                expected=position if self.expected == "right" else self.expected,
            )
        except Conflict:
            return Conflict
        except InvalidLog:
            return InvalidLog


def _few(negotiation: str) -> st.SearchStrategy[Record]:
    return st.builds(
        partial(record, of=negotiation),
        st.sampled_from(["e1", "e2", "e3", "e4"]),
        minute=st.integers(0, 2),
        text=st.sampled_from(["yes", "yes", "no"]),
    )


class Plain:
    """What a store holds and answers, worked out with lists and loops."""

    def __init__(self) -> None:
        self.logs: Final[dict[str, list[Record]]] = {}
        self.order: Final[list[tuple[str, str]]] = []

    def stands(self, negotiation: str) -> int:
        """The position at which a negotiation stands."""
        return len(self.logs.get(negotiation, ()))

    def append(self, asked: Asked) -> Answer:
        """What a store has to answer."""
        log = list(self.logs.get(asked.negotiation, ()))
        before = len(log)
        if not asked.records:
            return before
        if not all(any(each.same_content(one) for one in log) for each in asked.records):
            wanted = {ANY: before, "right": before, NEW: 0}.get(asked.expected, asked.expected)
            if wanted != before:
                return Conflict
            for each in asked.records:
                alike = [one for one in log if one.id == each.id]
                if any(not each.same_content(one) for one in alike):
                    return InvalidLog
                if not alike and log and each.recorded < log[-1].recorded:
                    return InvalidLog
                log += [] if alike else [each]
            self.logs[asked.negotiation] = log
            self.order.extend((asked.negotiation, each.id) for each in log[before:])
        return [each.id for each in log].index(asked.records[-1].id) + 1
