"""Strategies for Hypothesis: parties, events, records, and logs that are legal, or nearly so.

A legal log is walked, not filtered: at every step one of the events that `legal_events` allows is
made. A nearly legal one breaks one rule, once, and says which. One draw decides one record, so
that a failing log shrinks record by record to the fewest, with the simplest ids, times and terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final, Literal, TypeAlias

import attrs
import hypothesis.strategies as st
from hypothesis import currently_in_test_context, note, reject
from hypothesis.strategies import SearchStrategy

from negotiation.errors import InvalidStrategy
from negotiation.log import Log
from negotiation.model import Model
from negotiation.problems import Problem
from negotiation.records import Record
from negotiation.rules import OPEN, Protocol, a_protocol
from negotiation.testing.walking import DIGITS, NAMES, NEGOTIATION, Walk, Ways, party_ids_of

Legal: TypeAlias = "bool | Literal['near']"


SLIPPING: Final = 224
"""How high the digit for the hours must be for a step to break a rule, where one is to."""

_STEP: Final = st.binary(min_size=DIGITS, max_size=DIGITS)


class DrawnLog(Log):
    """A log that was drawn.

    Attributes:
        broken: of a nearly legal log the one problem that it has; else None.
    """

    __slots__ = ("broken",)
    broken: Problem | None

    @classmethod
    def of_walk(cls, walk: Walk) -> DrawnLog:
        """The log of a walk."""
        log = cls(NEGOTIATION, walk.log())
        broken = walk.broken
        if broken is not None:  # in log order, which may not be the order of the walk
            place = next(each.position for each in log if each.id == broken.event)
            broken = attrs.evolve(broken, position=place)
        object.__setattr__(log, "broken", broken)
        if currently_in_test_context():
            note(_Table(log))
        return log


class _Table:
    """A log as a table, made only for the example that is shown in the end."""

    def __init__(self, log: DrawnLog) -> None:
        self._log = log

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        from negotiation.printing import as_table

        broken = self._log.broken
        said = "" if broken is None else f"\n{broken.event} breaks {broken.code}"
        printer.text(f"{as_table(self._log)}{said}")


def parties(min_size: int = 2, max_size: int = 4) -> SearchStrategy[tuple[str, ...]]:
    """The ids of some parties: a, b, c …, the fewest first.

    Args:
        min_size: how many at least.
        max_size: how many at most; no more than eight.
    """
    sizes = (min_size, max_size)
    if any(type(each) is not int for each in sizes) or not 1 <= min_size <= max_size <= len(NAMES):
        raise InvalidStrategy(
            f"needs 1 <= min_size <= max_size <= {len(NAMES)}, not {min_size!r} and {max_size!r}"
        )
    return st.integers(min_size, max_size).map(lambda number: NAMES[:number])


def logs(
    *,
    model: Model = Model.default,
    protocol: Protocol = OPEN,
    legal: Legal = True,
    parties: Iterable[str] | int = 3,
    min_size: int = 0,
    max_size: int = 20,
    late: bool = False,
    hidden: bool = False,
    retracted: bool = False,
) -> SearchStrategy[DrawnLog]:
    """Logs of negotiations.

    A test that fails shows the smallest log that fails it, as a table and as Python to paste.

    Args:
        model: the events that are known. Events of its extensions are drawn too.
        protocol: the rules beside the lifecycles.
        legal: True for logs without a problem; "near" for logs with one problem, which stands in
            their `broken`; False for logs of any events, which break rules as it happens.
        parties: who takes part: their ids, or how many there are.
        min_size: how many steps at least, unless the protocol ends before.
        max_size: how many steps at most. A step is a record, or one and its retraction.
        late: some records enter the log after others that happened later.
        hidden: some records are shown to some parties alone.
        retracted: some records are mistakes and are taken back.

    Raises:
        InvalidStrategy: there can be no such log; the message says why.
    """
    names = party_ids_of(parties)
    a_protocol(protocol)
    _check_sizes(min_size, max_size, legal)
    walk = partial(Walk, names, protocol, model, Ways(late, hidden, retracted))
    slip = int(legal == "near")  # which may be a step more than was drawn
    steps = st.lists(_STEP, min_size=max(min_size - slip, 0), max_size=max_size - slip)
    if legal is False:
        return steps.map(lambda taken: _stumbled(walk(), taken))
    _check_first_step(walk())
    go = _walked if legal is True else _slipped
    return steps.map(lambda taken: go(walk(), taken))


def _walked(walk: Walk, taken: Sequence[bytes]) -> DrawnLog:
    for digits in taken:
        if not walk.step(digits):
            break
    return DrawnLog.of_walk(walk)


def _slipped(walk: Walk, taken: Sequence[bytes]) -> DrawnLog:
    """A walk with one step that breaks a rule: the first that says so and can, or a last one."""
    for digits in taken:
        if walk.broken is None and digits[5] >= SLIPPING and walk.slip(digits):
            continue
        if not walk.step(digits):
            break
    if walk.broken is None and not walk.slip(taken[-1] if taken else bytes(DIGITS)):
        reject()  # a protocol of which no single rule can be broken here
    return DrawnLog.of_walk(walk)


def _stumbled(walk: Walk, taken: Sequence[bytes]) -> DrawnLog:
    for digits in taken:
        walk.stumble(digits)
    return DrawnLog.of_walk(walk)


def _check_sizes(min_size: int, max_size: int, legal: Legal) -> None:
    sizes = (min_size, max_size)
    if any(type(each) is not int for each in sizes) or not 0 <= min_size <= max_size:
        raise InvalidStrategy(f"needs 0 <= min_size <= max_size, not {min_size!r} and {max_size!r}")
    if not any(legal is each for each in (True, False)) and legal != "near":
        raise InvalidStrategy(f"legal must be True, False or 'near', not {legal!r}")
    if legal == "near" and max_size == 0:
        raise InvalidStrategy("a log without records breaks no rule; max_size must be 1 or more")


def _check_first_step(walk: Walk) -> None:
    """Say at once where a protocol allows nobody to begin."""
    if not walk.step(bytes(DIGITS)):
        raise InvalidStrategy(
            f"protocol {walk.protocol.name!r} allows {', '.join(walk.parties)} nothing to begin "
            f"with, so there is no legal log; its rules: {', '.join(walk.protocol.codes)}"
        )


def events(*, parties: Iterable[str] | int = 3) -> SearchStrategy[Any]:
    """Single events of any kind of the library's own, whether they fit anything or not.

    Args:
        parties: who may be named: their ids, or how many there are.
    """
    return records(parties=parties).map(lambda record: record.event)


def records(
    *, parties: Iterable[str] | int = 3, late: bool = False, hidden: bool = False
) -> SearchStrategy[Record]:
    """Single records of any kind of event of the library's own.

    Args:
        parties: who may be named: their ids, or how many there are.
        late: it may be recorded later than it happened.
        hidden: it may be shown to some parties alone.
    """
    names, ways = party_ids_of(parties), Ways(late=late, hidden=hidden)

    def alone(digits: bytes) -> Record:
        walk = Walk(names, ways=ways)
        walk.stumble(digits, unknown=False)
        return walk.made[0]

    return _STEP.map(alone)
