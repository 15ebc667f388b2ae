"""Rules as values: what a protocol asks of an event, beyond what the lifecycles say.

A rule is a small pure function of the state before a record and of the record, which is kept or
broken. A protocol is a named set of rules. What breaks one is a `Problem`, as with the lifecycles:
it happened all the same, and only a strict `append` refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any, Final, TypeVar

import attrs
from attrs import field, frozen

from negotiation.errors import InvalidProtocol, RuleFailed, nearest
from negotiation.events import maker
from negotiation.problems import REASONS, Problem, event_words
from negotiation.records import Record
from negotiation.state import Negotiation, a_state
from negotiation.values import describe

V = TypeVar("V")

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _code(value: str) -> str:
    if type(value) is not str or not _CODE.fullmatch(value):
        raise InvalidProtocol(
            f"a rule's code is of a-z, 0-9 and hyphens, such as 'out-of-turn'; not {value!r}"
        )
    if value in REASONS:
        raise InvalidProtocol(f"{value!r} is a code of the lifecycles, which hold in any case")
    return value


def _reason(value: str) -> str:
    if type(value) is not str or len(value.split("\n")) > 1 or not value.strip():
        raise InvalidProtocol(f"a rule's reason is one line of text, not {describe(value)}")
    return value


def _function(value: Callable[[Negotiation, Record], bool]) -> Callable[..., bool]:
    if not callable(value):
        raise InvalidProtocol(
            f"a rule keeps by a function of state and record, not by {describe(value)}"
        )
    return value


def _kinds(value: Iterable[type[Any]] | None) -> frozenset[type[Any]] | None:
    if value is None:
        return None
    if isinstance(value, str | type) or not isinstance(value, Iterable):
        raise InvalidProtocol(f"kinds must be several classes, not {describe(value)}")
    return frozenset(map(_event_class, value))


def _event_class(value: Any) -> type[Any]:
    if not isinstance(value, type) or not attrs.has(value):
        raise InvalidProtocol(
            f"a rule is about classes of events, such as ProposalMade; not {describe(value)}"
        )
    return value


def _reads(value: Mapping[type[Any], Iterable[str]]) -> Mapping[type[Any], frozenset[str]]:
    if not isinstance(value, Mapping):
        raise InvalidProtocol(
            f"what a rule reads is given as {{class: [fields]}}, not as {describe(value)}"
        )
    reads = {}
    for event, names in value.items():
        fields = attrs.fields_dict(_event_class(event))
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise InvalidProtocol(
                f"what a rule reads of {event.__name__} is a list of fields, not {describe(names)}"
            )
        reads[event] = frozenset(names)
        for name in sorted(reads[event].difference(fields), key=str):
            raise InvalidProtocol(
                f"a rule reads {name!r} of {event.__name__}, which has no such field; "
                f"{nearest(str(name), fields)}"
            )
    return MappingProxyType(reads)


@frozen
class Rule:
    """One thing that a protocol asks of every event.

    Called with the state before a record and with the record, it gives the `Problem` that the
    record has, or None.

    Attributes:
        code: what a problem with it is called, of a-z, 0-9 and hyphens.
        reason: what the rule asks, in one line.
        keeps: (state, record) → whether the record keeps the rule. Pure. The state is the one
            before the record, as of the record's time.
        source: where the rule comes from, if it is one of the field's.
        reads: event class → the fields of such an event on which the verdict may depend, beside
            its maker and the item that it changes. What a party may do is worked out from this: a
            field that no rule reads may hold anything.
        kinds: the only classes of events that can keep the rule, of which it is asked; every other
            breaks it. None for all.
    """

    code: str = field(converter=_code)
    reason: str = field(converter=_reason)
    keeps: Callable[[Negotiation, Record], bool] = field(converter=_function)
    source: str | None = None
    reads: Mapping[type[Any], frozenset[str]] = field(factory=dict, converter=_reads, hash=False)
    kinds: frozenset[type[Any]] | None = field(default=None, converter=_kinds)

    def __call__(self, state: Negotiation, record: Record) -> Problem | None:
        """The problem that a record has with this rule, or None.

        Args:
            state: the state before the record.
            record: the record.

        Raises:
            RuleFailed: the function of the rule raised, or answered neither True nor False.
        """
        return self.asked(as_of_record(state, record), record)

    def admits(self, event_class: type[Any]) -> bool:
        """Whether events of a class can keep the rule at all."""
        return self.kinds is None or event_class in self.kinds

    def asked(self, state: Negotiation, record: Record) -> Problem | None:
        """The same, of a state that stands as of the record's time."""
        try:
            kept: object = self.admits(type(record.event)) and self.keeps(state, record)
        except Exception as error:
            raise RuleFailed(self.code, record.id, error) from error
        if kept is not True and kept is not False:
            answer = TypeError(f"a rule answers True or False, not {describe(kept)}")
            raise RuleFailed(self.code, record.id, answer) from answer
        if kept:
            return None
        message = f"{event_words(record)}: {self.reason}"
        return Problem(record.id, record.position, self.code, maker(record.event), message)


def rule(
    code: str,
    reason: str,
    *,
    source: str | None = None,
    reads: Mapping[type[Any], Iterable[str]] = MappingProxyType({}),
    kinds: Iterable[type[Any]] | None = None,
) -> Callable[[Callable[[Negotiation, Record], bool]], Rule]:
    """A decorator that makes a rule of a function of state and record.

    Args:
        code: as in `Rule`, and so are all that follow.
        reason: what the rule asks, in one line.
        source: where it comes from.
        reads: event class → the fields on which the verdict may depend.
        kinds: the classes of events that can keep the rule at all; None for all.
    """

    def made(keeps: Callable[[Negotiation, Record], bool]) -> Rule:
        return Rule(code, reason, keeps, source, reads, kinds)

    return made


def _rules(value: Iterable[Rule]) -> tuple[Rule, ...]:
    try:
        return tuple(value)
    except TypeError:
        raise InvalidProtocol(f"rules must be several rules, not {describe(value)}") from None


@frozen
class Protocol:
    """A named set of rules, beside the lifecycles, which hold in any case.

    Attributes:
        name: what it is called.
        rules: its rules, in the order in which they are asked.

    Raises:
        InvalidProtocol: two rules have one code, or something is no rule.
    """

    name: str
    rules: tuple[Rule, ...] = field(default=(), converter=_rules)

    def __attrs_post_init__(self) -> None:
        for index, each in enumerate(self.rules):
            if not isinstance(each, Rule):
                raise InvalidProtocol(f"protocol {self.name!r}: rules[{index}] is no Rule")
        codes = [each.code for each in self.rules]
        for code in codes:
            if codes.count(code) > 1:
                raise InvalidProtocol(f"protocol {self.name!r}: two rules have the code {code!r}")

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its rules, in their order."""
        return tuple(each.code for each in self.rules)

    def reads(self, event_class: type[Any]) -> frozenset[str]:
        """The fields of events of a class that its rules look at."""
        return frozenset(name for each in self.rules for name in each.reads.get(event_class, ()))

    def admits(self, event_class: type[Any]) -> bool:
        """Whether events of a class can keep its rules at all, whatever the state."""
        return all(each.admits(event_class) for each in self.rules)

    def problem(self, state: Negotiation, record: Record) -> Problem | None:
        """The problem that a record has with the first rule that it breaks, or None.

        Args:
            state: the state before the record.
            record: the record.

        Raises:
            RuleFailed: the function of a rule raised.
        """
        if not self.rules:
            return None
        state = as_of_record(state, record)
        for each in self.rules:
            if (found := each.asked(state, record)) is not None:
                return found
        return None

    def extended(self, *rules: Rule, name: str | None = None) -> Protocol:
        """This protocol with further rules, which are asked last.

        Args:
            rules: the rules.
            name: what it is called (default: as this one).
        """
        return Protocol(self.name if name is None else name, (*self.rules, *rules))

    def without(self, *codes: str) -> Protocol:
        """This protocol without the rules of these codes.

        Raises:
            InvalidProtocol: it has no rule of such a code.
        """
        for code in codes:
            if code not in self.codes:
                raise InvalidProtocol(
                    f"protocol {self.name!r} has no rule {code!r}; {nearest(str(code), self.codes)}"
                )
        return attrs.evolve(self, rules=[each for each in self.rules if each.code not in codes])


def a_protocol(value: Protocol) -> Protocol:
    """A protocol given by a caller.

    Raises:
        InvalidProtocol: it is none.
    """
    if not isinstance(value, Protocol):
        raise InvalidProtocol(f"protocol must be a Protocol, such as OPEN, not {describe(value)}")
    return value


OPEN: Final = Protocol("open")
"""Diplomacy: whatever the lifecycles allow."""


def as_of_record(state: Negotiation, record: Record) -> Negotiation:
    """The state before a record, with statuses as they stand at the record's time."""
    return state if state.as_of == record.time else attrs.evolve(state, as_of=record.time)


def once_a_state(work_out: Callable[[Negotiation], V]) -> Callable[[Negotiation], V]:
    """A decorator: what a pure function says of a state is worked out once for that state."""

    @wraps(work_out)
    def worked_out(state: Negotiation) -> V:
        kept: dict[Any, Any] = a_state(state).worked_out
        if worked_out not in kept:
            kept[worked_out] = work_out(state)
        value: V = kept[worked_out]
        return value

    return worked_out
