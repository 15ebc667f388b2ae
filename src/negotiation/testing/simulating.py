"""Simulated negotiations: agents that take turns, and messages that come late or never.

Whatever is left to chance is asked of one source of choices, a function that is given n and gives
a number below n. Zero is always the simplest choice: the next party, no delay, nothing lost. What
an agent draws comes from a `random.Random` of its own, whose seed is one of these choices. So the
same choices always give the same log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
from attrs import define, field, frozen

from negotiation.errors import AgentFailed, IllegalEvent, InvalidStrategy, InvalidTime
from negotiation.events import AnyEvent, EventRetracted, maker, named
from negotiation.fold import replay
from negotiation.knowledge import instant
from negotiation.legal import Template, legal_events
from negotiation.log import Log
from negotiation.model import Model
from negotiation.printing import as_table
from negotiation.problems import Problem
from negotiation.records import Record, attribute
from negotiation.rules import OPEN, Protocol
from negotiation.state import Negotiation
from negotiation.testing.details import HOUR
from negotiation.testing.walking import NEGOTIATION, START
from negotiation.values import Refused, describe, party_id

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Agent: TypeAlias = Callable[[Negotiation, tuple[Template, ...], Random], AnyEvent | None]
"""(what its party knows, what it may do, a source of chance) → what it does; None to pass."""

Choose: TypeAlias = Callable[[int], int]
"""n → a whole number from 0 that is below n."""

SEEDS: Final = 2**16
"""How many seeds there are for the chance of an agent, where they are chosen."""

_SHORTEST: Final = timedelta(seconds=1)


def simulate(
    agents: Mapping[str, Agent],
    protocol: Protocol = OPEN,
    *,
    seed: int | None = None,
    choose: Choose | None = None,
    log: Log | None = None,
    start: datetime | None = None,
    interval: timedelta = HOUR,
    turns: int = 100,
    delay: int = 0,
    losses: int = 0,
    model: Model = Model.default,
) -> Log:
    """Let agents negotiate.

    An agent is a function of three things: the state as its party knows it, whose `known_to` is
    that party and whose `as_of` is now; what the party may do, as `legal_events` gives it; and a
    `random.Random` of its own. It returns an event of its party, or None to pass.

    At each turn one party that may do something is asked. It knows at once what it did itself,
    and of the others what has reached it. What it does reaches all the others before the next
    turn, or, where it is delayed by n turns, halfway between the turns after these n. So messages
    can cross, and the log may hold problems: `check` tells them.

    It ends when all have passed since something last happened and nothing is under way, or when
    the turns are used up.

    Args:
        agents: party → its agent, in the order in which they are asked by default.
        protocol: the rules beside the lifecycles.
        seed: decides whatever is left to chance. Without a seed and without `choose` the parties
            are asked in order, no message is delayed and none is lost.
        choose: decides it in place of a seed: given n, it returns a whole number below n. It is
            asked first for the seed of each agent's `random`, in order, a number below 65536; and
            then, as they come, for who is asked next and for what becomes of each message.
        log: what has happened before (default: nothing).
        start: the moment of the first turn (default: the beginning of the year 2000; after a log,
            an interval later than all that it holds).
        interval: how long after one turn the next one comes, at least a second.
        turns: how many turns there are at most, those at which somebody passes included.
        delay: by how many turns a message is delayed at most.
        losses: how many messages are lost at most.
        model: the events that are known.

    Returns:
        A log that says what happened. The `time` of a record is when it was done, `recorded` when
        it reached the others; one that was lost is visible to its maker alone. Ids count the
        records in the order in which they were made.

    Raises:
        AgentFailed: an agent raised, or returned no event, one of another party, or one that
            breaks a rule in the state that it saw.
        InvalidStrategy: there can be no such simulation, or `choose` raised or gave no such
            number; the message says why.
        RuleFailed: the function of a rule raised.
    """
    setting = _Setting.of(
        agents, protocol, log, start, interval=interval, turns=turns, delay=delay, losses=losses,
        model=model,
    )  # fmt: skip
    _check_chance(seed, choose)
    if choose is not None:
        return _chosen(setting, partial(_asked, choose))
    chance = {party: _chance(seed, party) for party in setting.agents}
    return _simulated(setting, _simplest if seed is None else Random(seed).randrange, chance)  # noqa: S311  # no secret


def simulations(
    agents: Mapping[str, Agent],
    protocol: Protocol = OPEN,
    *,
    log: Log | None = None,
    start: datetime | None = None,
    interval: timedelta = HOUR,
    turns: int = 100,
    delay: int = 0,
    losses: int = 0,
    model: Model = Model.default,
) -> SearchStrategy[Log]:
    """A strategy for Hypothesis: the logs of what agents do, whatever is left to chance.

    The seed of each agent's `random` is chosen by Hypothesis too. A failure shrinks to the fewest
    records, with the least delays and losses, in the plainest order; what an agent draws by chance
    shrinks no further than its seed.

    Args:
        agents: as for `simulate`, and so are all that follow.
        protocol: the rules beside the lifecycles.
        log: what has happened before.
        start: the moment of the first turn.
        interval: how long after one turn the next one comes.
        turns: how many turns there are at most.
        delay: by how many turns a message is delayed at most.
        losses: how many messages are lost at most.
        model: the events that are known.

    Raises:
        InvalidStrategy: there can be no such simulation; the message says why.
    """
    import hypothesis.strategies as st

    setting = _Setting.of(
        agents, protocol, log, start, interval=interval, turns=turns, delay=delay, losses=losses,
        model=model,
    )  # fmt: skip

    @st.composite
    def simulated(draw: st.DrawFn) -> Log:
        def choose(number: int) -> int:
            return draw(st.integers(0, number - 1))

        return _chosen(setting, choose)

    return simulated()


@frozen
class _Setting:
    """What is settled of a simulation; the attributes are the arguments of `simulate`."""

    agents: Mapping[str, Agent]
    protocol: Protocol
    log: Log
    start: datetime
    interval: timedelta
    turns: int
    delay: int
    losses: int
    model: Model

    @classmethod
    def of(
        cls,
        agents: Mapping[str, Agent],
        protocol: Any,
        log: Any,
        start: datetime | None,
        **how: Any,
    ) -> _Setting:
        """What a caller asks for, if there can be such a simulation."""
        log = Log(NEGOTIATION) if log is None else log
        if not isinstance(log, Log) or log.negotiation is None:
            raise InvalidStrategy(f"log must be a Log with an id, not {describe(log)}")
        if not isinstance(protocol, Protocol):
            raise InvalidStrategy(f"protocol must be a Protocol, not {describe(protocol)}")
        _check_agents(agents)
        _check_amounts(**how)
        start = _start(log, start, how["interval"])
        try:
            start + (how["turns"] + how["delay"]) * how["interval"]
        except OverflowError:
            raise InvalidStrategy(
                f"{how['turns']} turns every {how['interval']} and delays of up to {how['delay']} "
                "reach beyond the year 9999; take fewer turns or a shorter interval"
            ) from None
        return cls(dict(agents), protocol, log, start, **how)


def _check_agents(agents: Any) -> None:
    if not isinstance(agents, Mapping) or not agents:
        raise InvalidStrategy(
            "agents must be a mapping of parties to functions, with one at least, not "
            f"{'an empty one' if agents == {} else describe(agents)}"
        )
    for party, agent in agents.items():
        try:
            attribute(party_id(party))
        except Refused as refused:
            raise InvalidStrategy(f"agents: the party {party!r} {refused}") from None
        if not callable(agent):
            raise InvalidStrategy(
                f"agents[{party!r}] must be a function of (view, options, random), not "
                f"{describe(agent)}"
            )


def _check_amounts(*, interval: object, model: Model, **amounts: object) -> None:
    for name, amount in amounts.items():
        if type(amount) is not int or amount < 0:
            raise InvalidStrategy(f"{name} must be a whole number from 0, not {amount!r}")
    if not isinstance(interval, timedelta) or interval < _SHORTEST:
        raise InvalidStrategy(f"interval must be a timedelta of at least 1 s, not {interval!r}")


def _check_chance(seed: Any, choose: Any) -> None:
    if seed is not None and choose is not None:
        raise InvalidStrategy("give a seed or choose, not both: either decides everything")
    if seed is not None and type(seed) is not int:
        raise InvalidStrategy(f"seed must be a whole number, not {describe(seed)}")
    if choose is not None and not callable(choose):
        raise InvalidStrategy(f"choose must be a function of a number, not {describe(choose)}")


def _start(log: Log, start: datetime | None, interval: timedelta) -> datetime:
    """The moment of the first turn."""
    last = max((max(each.time, each.recorded) for each in log), default=None)
    try:
        first = instant(start, "start")
    except InvalidTime as error:
        raise InvalidStrategy(str(error)) from None
    if last is None:
        return first or START
    if first is not None and first <= last:
        raise InvalidStrategy(
            f"start must lie after all that the log holds, {last.isoformat()}, not at "
            f"{first.isoformat()}"
        )
    return first or last + interval


def _simplest(number: int) -> int:
    return 0


def _chance(seed: int | None, party: str) -> Random:
    """The source of chance of one agent, apart from those of the others under the same seed."""
    return Random(f"{seed} {party}")  # noqa: S311  # no secret


def _chosen(setting: _Setting, choose: Choose) -> Log:
    """A simulation whose agents' seeds are chosen, and then all that is left."""
    chance = {party: _chance(_below(choose, SEEDS), party) for party in setting.agents}
    return _simulated(setting, choose, chance)


def _asked(choose: Choose, number: int) -> int:
    """What a caller's function chooses, if it does."""
    try:
        chosen = choose(number)
    except Exception as error:
        raise InvalidStrategy(
            f"choose({number}) must give a whole number from 0 to {number - 1}; it raised "
            f"{type(error).__name__}: {error}"
        ) from error
    if type(chosen) is not int or not 0 <= chosen < number:
        raise InvalidStrategy(
            f"choose({number}) must give a whole number from 0 to {number - 1}, not {chosen!r}"
        )
    return chosen


def _below(choose: Choose, number: int) -> int:
    """A number below another one; where there is no choice, none is asked."""
    return choose(number) if number > 1 else 0


@define
class _Party:
    """A party in the talks.

    Attributes:
        id: its id.
        agent: what acts for it.
        random: the agent's source of chance.
        known: what it knows, in the order in which it learnt of it.
    """

    id: str
    agent: Agent
    random: Random
    known: Log


@define
class _Talks:
    """A simulation on its way.

    Attributes:
        setting: what is settled.
        choose: decides what is not.
        parties: the parties, in the order in which they are asked by default.
        waiting: those that may be asked next: they did not pass since something last happened.
        made: the records so far, in the order in which they were made.
        under_way: those that have not reached the others.
        losses: how many messages may still be lost.
        ids: the ids of the records to come.
    """

    setting: _Setting
    choose: Choose
    parties: list[_Party]
    waiting: list[_Party]
    losses: int
    ids: Iterator[str]
    made: list[Record] = field(factory=list)
    under_way: list[Record] = field(factory=list)

    def turn(self, now: datetime) -> bool:
        """Let one party act, if any may; False if nothing will happen any more."""
        if arrived := [each for each in self.under_way if each.recorded <= now]:
            self._deliver(arrived)
        while self.waiting:
            party = self.waiting.pop(_below(self.choose, len(self.waiting)))
            view, options = self._place_of(party, now)
            if options:
                self._ask(party, view, options)
                return True
        return bool(self.under_way)

    def log(self) -> Log:
        """What happened, in the order in which it reached others."""
        return self.setting.log.extend(sorted(self.made, key=attrgetter("recorded")))

    def _deliver(self, arrived: Sequence[Record]) -> None:
        for record in sorted(arrived, key=attrgetter("recorded")):
            self.under_way.remove(record)
            for party in self.parties:
                party.known = party.known.extend([record])  # its maker has it
        self.waiting += [each for each in self.parties if each not in self.waiting]

    def _place_of(self, party: _Party, now: datetime) -> tuple[Negotiation, tuple[Template, ...]]:
        """What a party knows now, and what it may do."""
        setting = self.setting
        view = replay(party.known, as_of=now, known_to=party.id, model=setting.model)
        options = legal_events(
            view, setting.protocol, party.id, at=now, parties=setting.agents, model=setting.model
        )
        return view, options

    def _ask(self, party: _Party, view: Negotiation, options: tuple[Template, ...]) -> None:
        """Let an agent do something, or pass."""
        failed = partial(self._failed, party, view)
        try:
            event = party.agent(view, options, party.random)
        except Exception as error:
            raise failed(f"raised {type(error).__name__}: {error}") from error
        if event is None:
            return
        if (wrong := _no_event_of(party.id, event)) is not None:
            raise failed(f"returned {wrong}", event)
        try:
            party.known = party.known.append(
                event,
                time=view.as_of,  # type: ignore[arg-type]  # it was asked for as of now
                id=next(self.ids),
                protocol=self.setting.protocol,
                model=self.setting.model,
            )
        except IllegalEvent as error:
            problem = error.problems[0]
            reason = f"returned {_a(event)} that breaks a rule: {problem.code}: {problem.message}"
            raise failed(reason, event, problem) from error
        self._send(party.known[-1], party.id)
        place = self.parties.index(party) + 1
        self.waiting = self.parties[place:] + self.parties[:place]

    def _send(self, record: Record, by: str) -> None:
        """Send what a party did to the others."""
        delay = self.setting.delay
        late = _below(self.choose, delay + 1 + bool(self.losses))
        if late > delay:
            self.losses -= 1
            self.made.append(attrs.evolve(record, visible_to=[by]))
            return
        if late:
            arrives = record.time + late * self.setting.interval + self.setting.interval / 2
            record = attrs.evolve(record, recorded=arrives)
        self.made.append(record)
        self.under_way.append(record)

    def _failed(
        self, party: _Party, view: Negotiation, reason: str, event: object = None,
        problem: Problem | None = None,
    ) -> AgentFailed:  # fmt: skip
        log = self.log()
        failed = AgentFailed(party.id, reason, event=event, problem=problem, state=view, log=log)
        failed.add_note(f"What had happened:\n\n{as_table(log)}")
        return failed


def _simulated(setting: _Setting, choose: Choose, chance: Mapping[str, Random]) -> Log:
    parties = [
        _Party(party, agent, chance[party], _shown(setting.log, party))
        for party, agent in setting.agents.items()
    ]
    numbered = (f"e{number}" for number in count(len(setting.log) + 1))
    ids = (id for id in numbered if setting.log.get(id) is None)
    talks = _Talks(setting, choose, parties, [*parties], setting.losses, ids)
    for number in range(setting.turns):
        if not talks.turn(setting.start + number * setting.interval):
            break
    return talks.log()


def _shown(log: Log, party: str) -> Log:
    """What of a log a party knows."""
    return Log(log.negotiation, [each for each in log if each.visible(party)])


def _no_event_of(party: str, event: Any) -> str | None:
    """What is wrong with what an agent returned, if it is no event that its party can make."""
    if isinstance(event, Template):
        return "a Template; its build() makes the event"
    if not attrs.has(type(event)):
        return f"{describe(event)}, which is no event; return an event, or None to pass"
    if type(event) is EventRetracted:
        return "an EventRetracted, which is about the log and nothing that a party does"
    by = maker(event)
    if by == party or (by is None and party in named(event)):
        return None
    return f"{_a(event)} of {'nobody' if by is None else repr(by)}; an agent acts for its own party"


def _a(event: object) -> str:
    name = type(event).__name__
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
