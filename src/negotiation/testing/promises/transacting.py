"""Decisions: what rests on the state is appended only where that state still stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any, Final

from negotiation.errors import (
    Conflict,
    IllegalEvent,
    InvalidLog,
    InvalidRecord,
    NegotiationError,
)
from negotiation.events import ProposalAccepted, ProposalMade, StatementMade
from negotiation.fold import check, replay
from negotiation.log import Log
from negotiation.protocols import ALTERNATING_OFFERS
from negotiation.rules import OPEN
from negotiation.state import Negotiation
from negotiation.stores import Store
from negotiation.testing.promises.base import Promises, anything, positions
from negotiation.testing.storing import (
    BORDER,
    START,
    holds,
    race,
    reads,
    record,
    refused,
    same,
    statements,
)
from negotiation.wire.verifying import seal

DAY: Final = timedelta(days=1)
TIME: Final = START + 3 * DAY
"""After everything that `record` makes."""


class Transacting(Promises):
    """A decision counts once, and rests on what stands there."""

    def test_a_decision_rests_on_the_state_at_its_time(self) -> None:
        """What decides is given the state as of that time, which knows nothing of later events."""
        known = [
            record("e1", event=offer("p1", expires=START + DAY)),
            record("e2", minute=1, time=START + 5 * DAY),
        ]
        with self._opened() as store:
            store.append(BORDER, known)
            for time, status in ((START + DAY / 2, "open"), (START + 2 * DAY, "expired")):
                seen: list[Negotiation] = []
                store.transact(BORDER, seen.append, time=time)
                same(seen, [replay(Log(BORDER, known), as_of=time)], f"the state as of {time}")
                same(seen[0].proposals["p1"].status, status)

    def test_what_is_decided_is_appended(self) -> None:
        """An event, a record, several of both, or nothing stands at the end, as `read` gives it."""
        mine = record("mine", recorded=TIME + DAY)
        decisions: list[Any] = [
            None,
            said("one"),
            mine,
            [said("two"), record("mine too", recorded=TIME + 2 * DAY), said("three")],
            iter([said("four")]),
            [],
            mine,
        ]
        wanted = Log(BORDER).append(said("one"), time=TIME).append_record(mine)
        wanted = wanted.append(said("two"), time=TIME)
        wanted = wanted.append_record(record("mine too", recorded=TIME + 2 * DAY))
        wanted = wanted.append(said("three"), time=TIME).append(said("four"), time=TIME)
        with self._opened() as store:
            lengths = []
            for decision in decisions:
                log = store.transact(BORDER, _only(decision), time=TIME)
                same(list(log), list(store.read(BORDER)), "the log that was given back")
                lengths.append(len(log))
            same(lengths, [0, 1, 2, 5, 6, 6, 6], "how long it was each time")
            reads(store, BORDER, wanted)
            same(list(store.read(BORDER)), list(seal(wanted)), "the log with its seals")

    def test_what_is_decided_is_recorded_when_it_says(self) -> None:
        """Events happen at `time`, recorded when it says or else no earlier than the last."""
        with self._opened() as store:
            store.transact(BORDER, _only(said("one")), time=TIME, recorded=TIME + DAY)
            store.transact(BORDER, _only(said("two")), time=START)
            with refused(InvalidLog, "a decision that was recorded before the last record"):
                store.transact(BORDER, _only(said("no")), time=START, recorded=TIME)
            found = [(each.time, each.recorded) for each in store.read(BORDER)]
            same(found, [(TIME, TIME + DAY), (START, TIME + DAY)], "times and recorded times")

    def test_a_decision_is_made_anew_where_another_came_first(self) -> None:
        """What rests on a state that no longer stands is dropped, and decided on what does."""
        seen: list[int] = []
        with self._opened() as store:
            store.append(BORDER, statements(1))

            def decide(state: Negotiation) -> StatementMade:
                seen.append(state.position)
                if len(seen) < 3:
                    store.append(BORDER, statements(1, first=1 + len(seen)))
                return said(f"after {state.position}")

            log = store.transact(BORDER, decide, time=TIME)
            same(seen, [1, 2, 3], "the positions on which was decided")
            same([each.id for each in log], ["e1", "e2", "e3", "e4"])
            same(_texts(store)[-1], "after 3")

    def test_the_same_decision_of_another_is_another(self) -> None:
        """Two who decide the same on the same state are two, and both of them count."""
        with self._opened() as store:

            def decide(state: Negotiation) -> StatementMade:
                number = len(state.parties["north"].statements) if state.parties else 0
                if not number:
                    same_again = Log(BORDER).append(said("1"), time=TIME)
                    store.append(BORDER, same_again)
                return said(str(number + 1))

            store.transact(BORDER, decide, time=TIME)
            same(_texts(store), ["1", "2"], "what was decided by both")

    def test_a_decision_is_given_up_after_so_many_attempts(self) -> None:
        """Where another came first each time the Conflict comes through and nothing is kept."""
        tried: list[int] = []
        with self._opened() as store:

            def decide(state: Negotiation) -> StatementMade:
                tried.append(state.position)
                store.append(BORDER, statements(1, first=len(tried)))
                return said("too late")

            for attempts, before in ((1, 0), (3, 1)):
                with refused(Conflict, f"{attempts} attempts that all came too late") as caught:
                    store.transact(BORDER, decide, time=TIME, attempts=attempts)
                last = before + attempts
                same(positions(caught[0]), (BORDER, last - 1, last))
            same(tried, [0, 1, 2, 3], "the positions on which was decided")
            holds(store, {BORDER: statements(4)})

    def test_a_protocol_refuses_what_breaks_its_rules(self) -> None:
        """With one, every event must be allowed where it would stand; else none of them is kept."""
        known = [record("e1", event=offer("p1"))]
        wrong: list[Any] = [
            [ProposalAccepted(proposal="p1", by="south"), offer("p1")],
            [said("first"), ProposalAccepted(proposal="p2", by="south")],
            record("mine", event=ProposalAccepted(proposal="p2", by="south"), recorded=TIME),
        ]
        with self._opened() as store:
            store.append(BORDER, known)
            for each in wrong:
                with refused(IllegalEvent, f"the decision {each!r}"):
                    store.transact(BORDER, _only(each), time=TIME, protocol=OPEN)
            again = _only(offer("p2"))
            with refused(IllegalEvent, "two offers of one party"):
                store.transact(BORDER, again, time=TIME, protocol=ALTERNATING_OFFERS)
            holds(store, {BORDER: known})
            same(len(store.transact(BORDER, again, time=TIME, protocol=OPEN)), 2)

    def test_without_a_protocol_any_decision_is_taken(self) -> None:
        """What breaks a rule is then kept all the same, and `check` tells."""
        with self._opened() as store:
            wrong = ProposalAccepted(proposal="p1", by="south")
            store.transact(BORDER, _only(wrong), time=TIME)
            same([each.code for each in check(store.read(BORDER))], ["unknown-proposal"])

    def test_a_decision_that_is_none_leaves_no_trace(self) -> None:
        """What decides may fail or give something else; that is told and nothing is kept."""

        def fail(_: Negotiation) -> StatementMade:
            raise InvalidLog(None, "on purpose")

        with self._opened() as store:
            for decision in (7, "text", [said("yes"), 7], [[said("yes")]]):
                with refused(InvalidRecord, f"the decision {decision!r}"):
                    store.transact(BORDER, _only(anything(decision)), time=TIME)
            with refused(InvalidLog, "what fails while it decides"):
                store.transact(BORDER, fail, time=TIME)
            wrong: dict[str, Any] = {"attempts": 0, "time": None, "recorded": 7, "protocol": 7}
            for name, value in wrong.items():
                with refused(NegotiationError, f"{name}={value!r}"):
                    given: dict[str, Any] = {"time": TIME, name: value}
                    store.transact(BORDER, _only(said("no")), **given)
            holds(store, {})

    def test_decisions_of_many_lose_nothing(self) -> None:
        """Each of many who count on from what stands there counts, and no number comes twice."""
        with self._opened() as store:
            meeting = Barrier(4)
            race(*[partial(count_on, store, 5, meeting) for _ in range(4)])
            same(_texts(store), [str(n) for n in range(1, 21)], "what was counted")


def offer(id: str, **fields: Any) -> ProposalMade:
    """An offer of north to south."""
    return ProposalMade(proposal=id, by="north", to=["south"], terms={"rate": 1}, **fields)


def said(text: str) -> StatementMade:
    """A statement of north."""
    return StatementMade(by="north", text=text)


def count_on(store: Store, times: int, meeting: Barrier) -> None:
    """Say the number after that of all statements, several times.

    Args:
        store: where they are said.
        times: how often.
        meeting: where all who count meet when they have seen what stands there.
    """
    met: list[Negotiation] = []

    def decide(state: Negotiation) -> StatementMade:
        if not met:
            met.append(state)
            with suppress(BrokenBarrierError):  # where one decides after the other
                meeting.wait(1)
        spoken = state.parties["north"].statements if state.parties else ()
        return said(str(len(spoken) + 1))

    for _ in range(times):
        store.transact(BORDER, decide, time=TIME)


def _only(decision: Any) -> Callable[[Negotiation], Any]:
    """What decides without a look at the state."""
    return lambda _: decision


def _texts(store: Store) -> list[str]:
    """What was said, in the order of the log."""
    events: Iterable[Any] = (each.event for each in store.read(BORDER))
    return [event.text for event in events]
