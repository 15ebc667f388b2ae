"""A machine that runs a system of one's own beside the model, and compares after every step.

    class Ledger(negotiation.testing.NegotiationMachine):
        def begin(self):
            self.ledger = my_ledger.Ledger()

        def submit(self, record):
            self.ledger.post(record)

        def compare(self, state):
            assert self.ledger.open_offers() == {
                offer.id for offer in state.proposals.values() if offer.status == "open"
            }

    TestLedger = Ledger.TestCase

It is a `RuleBasedStateMachine` of Hypothesis: rules, invariants and settings can be added as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import SearchStrategy

from negotiation.errors import InvalidStrategy, NegotiationError
from negotiation.fold import check, evolve, replay
from negotiation.log import Log
from negotiation.model import Model
from negotiation.printing import as_python, as_table
from negotiation.records import Record
from negotiation.rules import OPEN, Protocol
from negotiation.state import Negotiation
from negotiation.testing.walking import DIGITS, NEGOTIATION, START, Walk
from negotiation.values import Refused, describe, party_ids

_steps: SearchStrategy[bytes] = st.binary(min_size=DIGITS, max_size=DIGITS)
_legal: SearchStrategy[Record | None] = st.runner().flatmap(
    lambda machine: _steps.map(machine.legal_record)
)
_illegal: SearchStrategy[Record | None] = st.runner().flatmap(
    lambda machine: _steps.map(machine.illegal_record)
)


def _tells_refusals(machine: NegotiationMachine) -> bool:
    return type(machine).refuses is not NegotiationMachine.refuses


class NegotiationMachine(RuleBasedStateMachine):
    """Records, one after the other, for a system and for the model. Subclass it.

    At each step one of the events that `legal_events` allows happens and is handed to `submit`.
    Where the subclass says how its system refuses, it is also handed events that break one rule,
    which have to leave it as it was. After every step, and before the first, `compare` is asked.
    What fails has a note: the log that leads there, as a table and as Python.

    Attributes:
        protocol: the rules beside the lifecycles.
        parties: the ids of those who negotiate.
        model: the events that are known.
        most: how many records there are at most.
        refusals: the errors by which the system refuses a record, where it raises.
        log: the records so far that broke no rule.
        state: what they lead to, as of the last of them.

    Raises:
        InvalidStrategy: `parties` names none, the protocol allows them nothing to begin with, or
            `refuses` does not say whether it did.
    """

    protocol: ClassVar[Protocol] = OPEN
    parties: ClassVar[Iterable[str]] = ("a", "b")
    model: ClassVar[Model] = Model.default
    most: ClassVar[int] = 20
    refusals: ClassVar[tuple[type[Exception], ...]] = (NegotiationError,)

    log: Log
    state: Negotiation

    def __init__(self) -> None:
        super().__init__()
        self.log = Log(NEGOTIATION)
        self.state = replay(self.log, model=self.model)
        if not self._walk().step(bytes(DIGITS)):
            raise InvalidStrategy(
                f"protocol {self.protocol.name!r} allows {', '.join(self.parties)} nothing to "
                f"begin with; its rules: {', '.join(self.protocol.codes)}"
            )
        self.begin()

    # What a subclass says

    def begin(self) -> None:
        """Make the system, new and empty. `teardown`, which is Hypothesis' own, ends it."""

    def submit(self, record: Record) -> None:
        """Hand a record to the system, which has to take it.

        Args:
            record: the record; it breaks no rule.
        """
        raise NotImplementedError("say how the system takes a record: def submit(self, record)")

    def refuses(self, record: Record) -> bool:
        """Hand the system a record that it has to refuse. Not overridden, none is tried.

        Args:
            record: the record; it breaks one rule.

        Returns:
            True if it was refused, False if it was taken. An error that is one of `refusals` says
                yes too. Anything else is an `InvalidStrategy`.
        """
        raise NotImplementedError("say how the system refuses: def refuses(self, record)")

    def compare(self, state: Negotiation) -> None:
        """Compare what the system says with what the model says: assert what has to be equal.

        Args:
            state: the state by the model.
        """
        raise NotImplementedError("say what has to be equal: def compare(self, state)")

    # What Hypothesis does

    @rule(record=_legal)
    def happens(self, record: Record | None) -> None:
        """The system takes what breaks no rule. None where nothing may follow any more."""
        if record is None:
            return
        self.log = self.log.extend([record])
        self.state = evolve(self.state, record, model=self.model)
        with self._told(self.log):
            self.submit(record)

    @precondition(_tells_refusals)
    @rule(record=_illegal)
    def is_refused(self, record: Record | None) -> None:
        """The system refuses what breaks a rule. None where no rule can be broken."""
        if record is None:
            return
        tried = self.log.extend([record])
        with self._told(tried):
            try:
                refused = self.refuses(record)
            except self.refusals:
                return
            if type(refused) is not bool:
                raise InvalidStrategy(
                    f"{type(self).__name__}.refuses must return True or False, or raise one of "
                    f"`refusals`; it returned {describe(refused)}"
                )
            if not refused:
                found = check(tried, protocol=self.protocol, model=self.model)[-1]
                raise AssertionError(f"took what breaks a rule: {found.code}: {found.message}")

    @invariant()
    def agrees(self) -> None:
        """The system says what the model says."""
        with self._told(self.log):
            self.compare(self.state)

    def legal_record(self, digits: bytes) -> Record | None:
        """A next record that breaks no rule, chosen by some digits; None if there is none."""
        walk = self._walk()
        return walk.made[-1] if len(self.log) < self.most and walk.step(digits) else None

    def illegal_record(self, digits: bytes) -> Record | None:
        """A next record that breaks one rule, chosen by some digits; None if there is none."""
        walk = self._walk()
        return walk.made[-1] if walk.slip(digits) else None

    def _walk(self) -> Walk:
        """The walk that has led here."""
        try:
            parties = party_ids(self.parties)
        except Refused as refused:
            raise InvalidStrategy(f"parties {refused}") from None
        return Walk(
            parties,
            self.protocol,
            self.model,
            now=START if self.state.time is None else self.state.time,
            state=self.state,
            made=[*self.log],
        )

    @contextmanager
    def _told(self, log: Log) -> Iterator[None]:
        """Tell what happened, if what follows fails."""
        try:
            yield
        except Exception as error:
            error.add_note(f"{as_table(log)}\n\n{as_python(log)}")
            raise
