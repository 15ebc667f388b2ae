"""The machine: it finds what is wrong with a small service, and tells it as a short log."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import negotiation as ng
from negotiation.errors import InvalidStrategy
from negotiation.events import named
from negotiation.testing.machine import NegotiationMachine

# Explaining a failure would trace every line of it.
SHORT = settings(
    max_examples=30,
    stateful_step_count=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
)
LONG = settings(SHORT, max_examples=500, stateful_step_count=15)


@ng.rule("offers-alone", "here are offers and answers, and nothing else")
def offers_alone(state: ng.Negotiation, record: ng.Record) -> bool:
    """The service knows of nothing else."""
    return type(record.event) in (ng.ProposalMade, ng.ProposalAccepted, ng.ProposalWithdrawn)


@ng.rule(
    "to-one",
    "an offer is made to one party and stands until it is answered",
    reads={ng.ProposalMade: ("to", "counters", "expires")},
)
def to_one(state: ng.Negotiation, record: ng.Record) -> bool:
    """The service knows of nothing else."""
    event: Any = record.event
    if type(event) is not ng.ProposalMade:
        return True
    return len(event.to) == 1 and event.counters is None and event.expires is None


OFFERS = ng.Protocol("offers", [offers_alone, to_one])


class Refusal(Exception):
    """What the service says to what it does not take."""


class Service:
    """A tiny service, correct as it stands: offers by id, and what became of them."""

    def __init__(self) -> None:
        self.offers: dict[str, str] = {}
        self.by: dict[str, str] = {}
        self.to: dict[str, str] = {}

    def post(self, event: Any) -> None:
        if type(event) is ng.ProposalMade:
            self.make(event)
        elif type(event) is ng.ProposalAccepted:
            self.accept(event)
        elif type(event) is ng.ProposalWithdrawn:
            self.withdraw(event)
        else:
            raise Refusal("no such thing here")

    def make(self, event: Any) -> None:
        wrong = len(event.to) != 1 or event.counters is not None or event.expires is not None
        if wrong or event.proposal in self.offers:
            raise Refusal("no such offer")
        self.offers[event.proposal] = "open"
        self.by[event.proposal] = event.by
        self.to[event.proposal] = event.to[0]

    def accept(self, event: Any) -> None:
        if self.offers.get(event.proposal) != "open" or self.to[event.proposal] != event.by:
            raise Refusal("not to be accepted")
        self.offers[event.proposal] = "accepted"

    def withdraw(self, event: Any) -> None:
        if self.offers.get(event.proposal) != "open" or self.by[event.proposal] != event.by:
            raise Refusal("not to be withdrawn")
        self.offers[event.proposal] = "withdrawn"


class Machine(NegotiationMachine):
    protocol = OFFERS
    refusals: ClassVar[tuple[type[Exception], ...]] = (Refusal,)
    service_class: ClassVar[type[Service]] = Service

    def begin(self) -> None:
        self.service = self.service_class()

    def submit(self, record: ng.Record) -> None:
        self.service.post(record.event)

    def refuses(self, record: ng.Record) -> bool:
        self.service.post(record.event)
        return False

    def compare(self, state: ng.Negotiation) -> None:
        assert self.service.offers == {id: each.status for id, each in state.proposals.items()}


def found(
    machine: type[NegotiationMachine],
    error: type[BaseException] = AssertionError,
    tries: settings = LONG,
) -> tuple[list[str], str]:
    """The kinds of the records in the shortest log that fails, and all that was printed."""
    with contextlib.redirect_stdout(io.StringIO()), pytest.raises(error) as caught:
        run_state_machine_as_test(machine, settings=tries)
    notes = caught.value.__notes__
    log = evaluated(notes[0])
    return [type(each.event).__name__ for each in log], "\n".join([str(caught.value), *notes])


def evaluated(told: str) -> ng.Log:
    """The log that was told as Python, below the table."""
    names = {"ng": ng, "datetime": datetime}
    log: ng.Log = eval(told[told.index("ng.Log(") :], names)  # noqa: S307  # as just printed
    return log


def with_service(service: type[Service]) -> type[NegotiationMachine]:
    return type("Broken", (Machine,), {"service_class": service})


# A service that is right


def test_a_correct_service_passes() -> None:
    """Whatever happens and whatever it is to refuse, it says what the model says."""
    run_state_machine_as_test(Machine, settings=SHORT)


def test_every_kind_of_record_is_tried() -> None:
    """What the service sees is everything that the protocol knows, legal and not."""
    taken: set[str] = set()
    refused: set[str] = set()

    class Listening(Machine):
        def submit(self, record: ng.Record) -> None:
            taken.add(type(record.event).__name__)
            super().submit(record)

        def refuses(self, record: ng.Record) -> bool:
            refused.add(type(record.event).__name__)
            return super().refuses(record)

    run_state_machine_as_test(Listening, settings=SHORT)

    assert taken == {"ProposalMade", "ProposalAccepted", "ProposalWithdrawn"}
    assert taken < refused
    assert len(refused) > 5  # of the 23 other kinds, some


# Services that are wrong


def test_a_service_that_forgets_withdrawals_is_found() -> None:
    """The shortest log that tells: an offer, and its withdrawal."""

    class Forgetful(Service):
        def withdraw(self, event: Any) -> None:
            before = dict(self.offers)
            super().withdraw(event)
            self.offers = before

    kinds, printed = found(with_service(Forgetful))

    assert kinds == ["ProposalMade", "ProposalWithdrawn"]
    assert "withdraws the proposal p1" in printed


def test_a_service_that_accepts_twice_is_found() -> None:
    """The shortest log that tells: an offer, its acceptance, and that again, to be refused."""

    class Twice(Service):
        def accept(self, event: Any) -> None:
            accepted = self.offers.get(event.proposal) == "accepted"
            if not accepted or self.to[event.proposal] != event.by:
                super().accept(event)

    kinds, printed = found(with_service(Twice))

    assert kinds == ["ProposalMade", "ProposalAccepted", "ProposalAccepted"]
    assert "took what breaks a rule: proposal-closed: " in printed


def test_a_service_that_mixes_up_two_proposals_is_found() -> None:
    """The shortest log that tells: two offers, and the acceptance of the first."""

    class Confused(Service):
        def accept(self, event: Any) -> None:
            super().accept(event)
            self.offers[event.proposal] = "open"
            self.offers[max(self.offers)] = "accepted"

    kinds, _ = found(with_service(Confused))

    assert kinds == ["ProposalMade", "ProposalMade", "ProposalAccepted"]


def test_a_service_that_refuses_and_changes_all_the_same_is_found() -> None:
    """What is refused has to leave everything as it was."""

    class Leaky(Service):
        def accept(self, event: Any) -> None:
            try:
                super().accept(event)
            except Refusal:
                self.offers[event.proposal] = "accepted"
                raise

    kinds, printed = found(with_service(Leaky))

    assert kinds == []  # what was refused is no part of the log
    assert printed.count("state.is_refused(record=ng.Record(") == 1


def test_a_service_that_refuses_what_is_legal_is_found() -> None:
    """An error out of `submit` is a failure, whatever it is."""

    class Strict(Service):
        def accept(self, event: Any) -> None:
            raise Refusal("never")

    kinds, _ = found(with_service(Strict), Refusal)

    assert kinds == ["ProposalMade", "ProposalAccepted"]


def test_an_error_that_is_no_refusal_is_a_failure() -> None:
    """A service that breaks down over what it has to refuse has not refused it."""

    class Fragile(Service):
        def withdraw(self, event: Any) -> None:
            self.offers[event.proposal]  # an unknown one is a KeyError
            super().withdraw(event)

    kinds, _ = found(with_service(Fragile), KeyError, settings(SHORT, max_examples=200))

    assert kinds == ["ProposalWithdrawn"]


def test_a_service_that_says_that_it_refuses_is_believed() -> None:
    """`refuses` may return True in place of raising."""

    class Telling(Machine):
        def refuses(self, record: ng.Record) -> bool:
            try:
                self.service.post(record.event)
            except Refusal:
                return True
            return False

    run_state_machine_as_test(Telling, settings=SHORT)


@pytest.mark.parametrize(("answer", "shown"), [(None, "nothing"), (0, "int 0"), ("no", "str 'no'")])
def test_what_says_neither_yes_nor_no_is_an_error(answer: Any, shown: str) -> None:
    """A `refuses` that forgets to return is told so, and not that it took the record."""

    class Vague(Machine):
        def refuses(self, record: ng.Record) -> bool:
            return answer  # type: ignore[no-any-return]  # that is what is wrong with it

    wrong = rf"^Vague\.refuses must return True or False, or raise .*; it returned {shown}\n"
    with pytest.raises(InvalidStrategy, match=wrong):
        run_state_machine_as_test(Vague, settings=SHORT)


def test_what_was_to_be_refused_is_told_with_its_rule() -> None:
    """The error names the rule that the record breaks."""

    class Lax(Machine):
        def refuses(self, record: ng.Record) -> bool:
            return False

    with pytest.raises(AssertionError, match=r"^took what breaks a rule: [a-z-]+: "):
        run_state_machine_as_test(Lax, settings=SHORT)


def test_a_failure_prints_the_log_as_a_table_and_as_python() -> None:
    """The table is read, and the Python goes into a regression test."""

    class Never(Machine):
        def submit(self, record: ng.Record) -> None:
            raise Refusal("never")

    kinds, printed = found(Never, Refusal)

    assert kinds == ["ProposalMade"]
    assert "id  time               party  what happened" in printed
    assert "e1  2000-01-01 01:00Z  a      makes the proposal p1 to b: no terms" in printed
    assert "state.happens(record=ng.Record(" in printed


# Settings


def test_nothing_illegal_is_tried_unless_the_system_can_refuse() -> None:
    """Without `refuses` the machine hands over what is legal, and nothing else."""

    class Trusting(NegotiationMachine):
        protocol = OFFERS

        def begin(self) -> None:
            self.service = Service()

        def submit(self, record: ng.Record) -> None:
            self.service.post(record.event)  # raises for anything illegal

        def compare(self, state: ng.Negotiation) -> None:
            assert state.problems == ()

    run_state_machine_as_test(Trusting, settings=SHORT)


def test_there_are_no_more_records_than_most() -> None:
    """The log grows up to `most`, and no further."""
    longest = 0

    class Small(Machine):
        most = 3

        def compare(self, state: ng.Negotiation) -> None:
            nonlocal longest
            longest = max(longest, len(self.log))
            assert state == ng.replay(self.log)

    run_state_machine_as_test(Small, settings=SHORT)

    assert longest == 3


def test_talks_that_are_over_stay_so() -> None:
    """Where nothing may follow any more, nothing is submitted."""
    ended = False

    class Talks(NegotiationMachine):
        protocol = ng.alternating_offers(rounds=1)
        parties: ClassVar[Iterable[str]] = ("north", "south")

        def submit(self, record: ng.Record) -> None:
            assert named(record.event) <= {"north", "south"}

        def compare(self, state: ng.Negotiation) -> None:
            nonlocal ended
            ended |= not ng.legal_events(state, self.protocol, parties=self.parties)
            assert ng.check(self.log, protocol=self.protocol) == ()

    run_state_machine_as_test(Talks, settings=SHORT)

    assert ended


def test_where_there_is_no_record_nothing_is_done() -> None:
    """A step for which no record can be drawn leaves everything as it was."""
    machine = Machine()
    machine.happens(record=None)
    machine.is_refused(record=None)

    assert len(machine.log) == 0
    assert machine.service.offers == {}


def compares_nothing(machine: NegotiationMachine, state: ng.Negotiation) -> None: ...


@pytest.mark.parametrize(
    ("hooks", "missing"),
    [
        ({}, "compare"),
        ({"compare": compares_nothing}, "submit"),
    ],
    ids=["compare", "submit"],
)
def test_what_a_subclass_has_to_say_is_asked_for(hooks: dict[str, Any], missing: str) -> None:
    """A machine that compares nothing, or submits nothing, does not pass."""
    machine = type("Unsaid", (NegotiationMachine,), hooks)

    with pytest.raises(NotImplementedError, match=rf"def {missing}\(self, "):
        run_state_machine_as_test(machine, settings=SHORT)


def test_refuses_that_calls_the_default_is_told_so() -> None:
    """There is no default way to refuse."""

    class Unsaid(Machine):
        def refuses(self, record: ng.Record) -> bool:
            return NegotiationMachine.refuses(self, record)

    with pytest.raises(NotImplementedError, match=r"def refuses\(self, record\)"):
        run_state_machine_as_test(Unsaid, settings=SHORT)


@pytest.mark.parametrize("parties", [(), ("a", "a"), "ab", ("a b",)])
def test_parties_that_are_none_are_refused_at_once(parties: Any) -> None:
    """The ids of parties are what they are everywhere."""
    machine = type("Odd", (Machine,), {"parties": parties})

    with pytest.raises(InvalidStrategy, match=r"^parties "):
        machine()


def test_a_protocol_in_which_nothing_can_begin_is_refused_at_once() -> None:
    """The error names the protocol and its rules."""

    @ng.rule("silence", "nobody does anything")
    def silence(state: ng.Negotiation, record: ng.Record) -> bool:
        return False

    machine = type("Silent", (Machine,), {"protocol": ng.Protocol("silent", [silence])})

    with pytest.raises(
        InvalidStrategy,
        match="protocol 'silent' allows a, b nothing to begin with; its rules: silence",
    ):
        machine()
