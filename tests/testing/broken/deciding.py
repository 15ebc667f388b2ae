"""Stores that decide, fold or seal wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import attrs

import negotiation as ng
from negotiation.errors import Conflict
from negotiation.stores import ANY, MemoryStore, NewLine, Standing
from negotiation.stores.store import Decide
from negotiation.wire.verifying import Fault
from tests.testing.broken.registry import Expectation, Records, caught_by

# Deciding


class Deciding(MemoryStore):
    """Transacts in a way of its own."""

    def transact(self, negotiation: str, decide: Decide, **more: Any) -> ng.Log:
        return self.settle(negotiation, decide, more)

    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        return super().transact(negotiation, decide, **more)


@caught_by("test_a_decision_rests_on_the_state_at_its_time")
class DecidesOnEverything(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        return super().settle(negotiation, lambda _: decide(self.state(negotiation)), more)


@caught_by("test_what_is_decided_is_appended")
class TakesTheFirstDecision(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        def first(state: ng.Negotiation) -> Any:
            decided = decide(state)
            return decided[:1] if isinstance(decided, list) else decided

        return super().settle(negotiation, first, more)


@caught_by("test_what_is_decided_is_appended")
class GivesTheLogWithoutSeals(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        log = super().settle(negotiation, decide, more)
        return ng.Log(negotiation, [attrs.evolve(e, prevhash=None, hash=None) for e in log])


@caught_by("test_what_is_decided_is_recorded_when_it_says")
class RecordsWhenItDecides(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        return super().settle(negotiation, decide, {**more, "recorded": None})


@caught_by("test_a_decision_is_made_anew_where_another_came_first")
class DecidesOnce(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        decided: list[Any] = []

        def once(state: ng.Negotiation) -> Any:
            if not decided:
                decided.append(decide(state))
            return decided[0]

        return super().settle(negotiation, once, more)


class Appends(Deciding):
    """Appends what was decided as everybody would."""

    expecting: bool

    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        for _ in range(more.get("attempts", 100)):
            log = self.read(negotiation)
            decided = decide(ng.replay(log, as_of=more["time"]))
            longer = log.append(decided, time=more["time"], strict=False)
            try:
                expected = len(log) if self.expecting else ANY
                self.append(negotiation, longer[len(log) :], expected=expected)
            except Conflict:
                continue
            return self.read(negotiation)
        raise Conflict(negotiation, expected=0, actual=0)


@caught_by("test_the_same_decision_of_another_is_another")
class TakesAnothersDecisionForItsOwn(Appends):
    expecting = True


@caught_by("test_decisions_of_many_lose_nothing")
class AppendsWhereverItStands(Appends):
    expecting = False


@caught_by("test_a_decision_is_given_up_after_so_many_attempts")
class TriesOnceMore(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        return super().settle(negotiation, decide, {"attempts": 99, **more, **_one_more(more)})


def _one_more(more: dict[str, Any]) -> dict[str, Any]:
    return {"attempts": more["attempts"] + 1} if "attempts" in more else {}


@caught_by("test_a_protocol_refuses_what_breaks_its_rules")
class KnowsNoProtocol(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        return super().settle(negotiation, decide, {**more, "protocol": None})


@caught_by("test_a_protocol_refuses_what_breaks_its_rules")
class KnowsLifecyclesOnly(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        protocol = more.get("protocol") and ng.OPEN
        return super().settle(negotiation, decide, {**more, "protocol": protocol})


@caught_by("test_without_a_protocol_any_decision_is_taken")
class IsAlwaysStrict(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        return super().settle(negotiation, decide, {"protocol": ng.OPEN, **more})


@caught_by("test_a_decision_that_is_none_leaves_no_trace")
class AppendsWhatItCan(Deciding):
    def settle(self, negotiation: str, decide: Any, more: dict[str, Any]) -> ng.Log:
        decided = decide(self.state(negotiation))
        for each in decided if isinstance(decided, list) else [decided]:
            super().settle(negotiation, lambda _, one=each: one, more)
        return self.read(negotiation)


# Folding


class Folding(MemoryStore):
    """Folds in a way of its own."""

    kept: int = 0

    def snapshot(self, negotiation: str) -> int:
        self.kept = super().snapshot(negotiation)
        return self.kept

    def state(self, negotiation: str, **asked: Any) -> ng.Negotiation:
        return self.fold(negotiation, asked)

    def fold(self, negotiation: str, asked: dict[str, Any]) -> ng.Negotiation:
        return super().state(negotiation, **asked)


@caught_by("test_a_state_is_what_replay_gives")
class TellsEverything(Folding):
    def fold(self, negotiation: str, asked: dict[str, Any]) -> ng.Negotiation:
        return super().fold(negotiation, {**asked, "known_to": None})


@caught_by("test_a_snapshot_tells_where_it_stands")
class CountsSnapshots(MemoryStore):
    made = 0

    def snapshot(self, negotiation: str) -> int:
        self.made += 1 if super().snapshot(negotiation) else 0
        return self.made


@caught_by("test_a_snapshot_changes_no_state")
class AnswersFromSnapshots(Folding):
    def fold(self, negotiation: str, asked: dict[str, Any]) -> ng.Negotiation:
        stands = len(self.read(negotiation)) == self.kept
        return super().fold(negotiation, {**asked, "known_at": None} if stands else asked)


@caught_by("test_a_state_goes_on_from_a_snapshot")
class StaysAtSnapshots(Folding):
    def fold(self, negotiation: str, asked: dict[str, Any]) -> ng.Negotiation:
        return ng.replay(self.read(negotiation, upto=self.kept or None), **asked)


@caught_by("test_what_changes_the_past_outdates_a_snapshot")
class LeavesOutWhatIsLate(Folding):
    def fold(self, negotiation: str, asked: dict[str, Any]) -> ng.Negotiation:
        log = self.read(negotiation)
        latest = max((each.time for each in log[: self.kept]), default=None)
        known = [
            each for each in log if latest is None or each in log[: self.kept] or each.time > latest
        ]
        return ng.replay(ng.Log(negotiation, known), **asked)


@caught_by("test_what_changes_the_past_outdates_a_snapshot")
class KnowsNoRetractionsAnyMore(Folding):
    def fold(self, negotiation: str, asked: dict[str, Any]) -> ng.Negotiation:
        log = self.read(negotiation)
        known = [
            each
            for each in log
            if each in log[: self.kept] or not isinstance(each.event, ng.EventRetracted)
        ]
        return ng.replay(ng.Log(negotiation, known), **asked)


@caught_by("test_states_of_any_log_are_those_of_replay")
class KnowsNoUnknownEvents(Folding):
    def fold(self, negotiation: str, asked: dict[str, Any]) -> ng.Negotiation:
        log = self.read(negotiation)
        known = [each for each in log if not isinstance(each.event, ng.UnknownEvent)]
        return ng.replay(ng.Log(negotiation, known), **asked)


@caught_by("test_what_cannot_be_asked_of_a_state_is_told")
class TakesAnyMoment(Folding):
    def fold(self, negotiation: str, asked: dict[str, Any]) -> ng.Negotiation:
        as_of = asked.get("as_of")
        if isinstance(as_of, datetime):
            asked = {**asked, "as_of": as_of.replace(tzinfo=UTC)}
        return super().fold(negotiation, asked)


# Sealing


class Chaining(MemoryStore):
    """Chains records in a way of its own."""

    def _sealed(self, records: Any, standing: Standing) -> Iterator[NewLine]:
        return super()._sealed(records, attrs.evolve(standing, hash=self.before(standing)))

    def before(self, standing: Standing) -> str | None:
        return standing.hash


@caught_by("test_what_is_read_is_sealed")
class ShowsNoSeals(MemoryStore):
    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        for number, each in super().read_all(after=after):
            yield number, attrs.evolve(each, prevhash=None, hash=None)


@caught_by("test_what_is_read_is_sealed")
class ChainsAllNegotiations(Chaining):
    def before(self, standing: Standing) -> str | None:
        last = [each for _, each in self.read_all()][-1:]
        return last[0].hash if last else None


@caught_by("test_seals_do_not_tell_how_a_log_came")
class ChainsEachAppend(Chaining):
    def before(self, standing: Standing) -> str | None:
        return None


@caught_by("test_a_seal_that_is_given_is_made_anew")
class KeepsSealsItIsGiven(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.given: dict[str, ng.Record] = {}

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        given = tuple(records)
        self.given |= {each.id: each for each in given if each.hash is not None}
        return super().append(negotiation, given, expected=expected)

    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        log = super().read(negotiation, upto=upto)
        return ng.Log(negotiation, [self.given.get(each.id, each) for each in log])


@caught_by("test_a_record_that_is_not_what_was_sealed_is_refused")
class SealsWhatWasAltered(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        given = [attrs.evolve(each, prevhash=None, hash=None) for each in records]
        return super().append(negotiation, given, expected=expected)


@caught_by("test_a_log_moves_from_one_store_to_another")
class TakesNothingSealed(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        given = tuple(records)
        if any(each.hash is not None for each in given):
            raise ng.InvalidLog(None, "is sealed")
        return super().append(negotiation, given, expected=expected)


@caught_by("test_a_head_is_where_a_negotiation_stands")
class HeadsOfEverything(MemoryStore):
    def head(self, negotiation: str) -> ng.Head | None:
        found = super().head(negotiation)
        return None if found is None else attrs.evolve(found, position=self._end())


@caught_by("test_what_was_not_altered_is_intact")
class CountsNoSeals(MemoryStore):
    def verify(self, negotiation: str, *, head: ng.Head | None = None) -> ng.Verification:
        return attrs.evolve(super().verify(negotiation, head=head), sealed=0)


@caught_by("test_what_was_not_altered_is_intact")
class FindsFaults(MemoryStore):
    def verify(self, negotiation: str, *, head: ng.Head | None = None) -> ng.Verification:
        found = super().verify(negotiation, head=head)
        fault = Fault(found.count, "is the last") if found.count > 3 else found.fault
        return attrs.evolve(found, fault=fault)


@caught_by("test_a_head_that_was_kept_is_compared")
class LooksAtNoHeads(MemoryStore):
    def verify(self, negotiation: str, *, head: ng.Head | None = None) -> ng.Verification:
        return super().verify(negotiation)


@caught_by("test_a_head_that_was_kept_is_compared")
class LooksAtTheLastHead(MemoryStore):
    def verify(self, negotiation: str, *, head: ng.Head | None = None) -> ng.Verification:
        found = super().verify(negotiation, head=head)
        if head is None or head.position >= len(self.read(negotiation)):
            return found
        return super().verify(negotiation)
