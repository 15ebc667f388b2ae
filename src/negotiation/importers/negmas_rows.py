"""NegMAS: what a row says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from negotiation.importers.common import Row, Wrong, unused
from negotiation.records import UNPRINTABLE
from negotiation.values import describe

RESPONSES: Final = (
    "ACCEPT_OFFER", "REJECT_OFFER", "END_NEGOTIATION", "NO_RESPONSE", "WAIT", "LEAVE",
)  # fmt: skip
"""The responses of NegMAS, in the order of their numbers."""

ACCEPT: Final = "ACCEPT_OFFER"
LEAVING: Final = frozenset({"END_NEGOTIATION", "LEAVE"})
VERDICTS: Final = ("agreement", "broken", "timedout")


@frozen
class Turn:
    """An offer and what was answered.

    Attributes:
        column: where it stands.
        step: in which round, as the trace has it; that of the end for the last one of a run.
        offered: in which round it was made, where that is told besides.
        by: whose turn it was.
        terms: what was offered, or None.
        lost: whether something was offered that is not told.
        responses: what the trace has beside it, party → response.
        accepted: who had accepted at the end of each round, from its own on, where that is told.
        text: what was said with it.
        seconds: how long after the beginning of the run it was, as the source says.
    """

    column: str
    step: int
    offered: int | None
    by: str
    terms: Mapping[str, Any] | None
    lost: bool
    responses: Mapping[str, str]
    accepted: tuple[frozenset[str], ...]
    text: str | None
    seconds: str | None

    @property
    def accepters(self) -> set[str]:
        """Those who accepted something, as the trace has it."""
        return {party for party, response in self.responses.items() if response == ACCEPT}

    @property
    def one_by_one(self) -> bool:
        """Whether each response was written down, and not who accepted alone."""
        return {*self.responses} != self.accepters


@frozen
class Run:
    """A run as its row tells it.

    Attributes:
        name: what it is called.
        parties: the parties, in the order in which they speak, each with its name.
        single: whether a round is one turn, and not one of each party.
        rounds: how many rounds there are at most.
        turns: the offers.
        verdict: how it ended, by the mechanism; None where it goes on.
        played: how many rounds were played.
        left: who left.
        left_at: in which round, where that is told.
        ended_by: who ended it, where that is told.
        error: whether it was by an error.
        asked_last: on whom the time ran out, where that is told.
    """

    name: str
    parties: Mapping[str, str]
    single: bool
    rounds: int | None
    turns: tuple[Turn, ...]
    verdict: str | None
    played: int
    left: frozenset[str]
    left_at: Mapping[str, int]
    ended_by: str | None
    error: bool
    asked_last: str | None

    @property
    def used_up(self) -> bool:
        """Whether all rounds were played."""
        return self.rounds is not None and self.played >= self.rounds

    @property
    def last_round(self) -> int:
        """The last round that was played."""
        return max(self.played - 1, 0)

    @property
    def alone(self) -> bool:
        """Whether fewer than two are left, which ends it."""
        return len({*self.parties} - self.left) < 2

    @property
    def stopped_by(self) -> str | None:
        """Whose turn was the last one, if it ended there and not by an acceptance."""
        if self.verdict != "broken":
            return self.asked_last if self.verdict == "timedout" else None
        untimed = self.left - {*self.left_at}
        if self.alone and len(untimed) == 1:
            return next(iter(untimed))
        return self.ended_by

    @property
    def end_told(self) -> bool:
        """Whether it is told which turn was the last one."""
        used_up = self.verdict == "timedout" and self.used_up
        return self.verdict == "agreement" or used_up or self.stopped_by is not None

    @property
    def leaving(self) -> set[str]:
        """Those of whom the trace says, in responses written one by one, that they left."""
        responses = [each for turn in self.turns for each in turn.responses.items()]
        return {party for party, response in responses if response in LEAVING}

    @property
    def ended_in_trace(self) -> bool:
        """Whether a response that ends it stands in the trace."""
        return any("END_NEGOTIATION" in turn.responses.values() for turn in self.turns)

    def agreed(self, index: int) -> bool:
        """Whether an offer is the one that was agreed on, which is the last one."""
        return self.verdict == "agreement" and self.is_last(index)

    def is_last(self, index: int) -> bool:
        """Whether an offer is the last one of a run that is over."""
        return self.verdict is not None and index == len(self.turns) - 1

    def after(self, party: str) -> list[str]:
        """All other parties, in the order in which they speak after one."""
        order = [*self.parties]
        place = order.index(party) + 1
        return [*order[place:], *order[: place - 1]]


def read_run(row: Row) -> Run:
    """A run of a row.

    Raises:
        Wrong: the row is not as NegMAS has them.
    """
    cells = row.cells
    name = cells.get("run")
    if type(name) not in (int, str) or name == "":
        raise Wrong("run", f"must be the name of the run, not {describe(name)}")
    issues = _names(cells, "issues", 1)
    ids = _party_ids(_names(cells, "negotiators", 2))
    rounds = _rounds(cells.get("n_steps"))
    final = _object(cells.get("final"), "final")
    verdict = _verdict(final)
    turns = tuple(_turns(cells.get("full_trace"), issues, ids, over=verdict is not None))
    agreed = (
        _terms(final["agreement"], issues, "final.agreement") if verdict == "agreement" else None
    )
    played = max(_step(final.get("step", 0), "final.step"), turns[-1].step + 1 if turns else 0)
    if rounds is not None and played > rounds:
        raise Wrong("n_steps", f"must not be less than the rounds that were played, {played}")
    left, left_at = _leavers(final, ids)
    if verdict == "agreement" and len(left) > len(ids) - 2:
        raise Wrong("final.left_negotiators", "must leave two or more, who agreed")
    if verdict is not None:
        stayed = frozenset(ids.values()) if len(ids) == 2 or not left else frozenset()
        _check_end(agreed, turns[-1] if turns else None, stayed)
    ended_by, asked_last = (
        None if final.get(key) is None else _party(final[key], ids, f"final.{key}")
        for key in ("ended_by", "asked_last")
    )
    return Run(
        str(name), {id: name for name, id in ids.items()}, cells.get("one_offer_per_step") is True,
        rounds, turns, verdict, played, left, left_at, ended_by, bool(final.get("error")),
        asked_last,
    )  # fmt: skip


def _rounds(rounds: Any) -> int | None:
    """How many rounds there are at most."""
    if rounds in (None, float("inf")):
        return None
    if type(rounds) is not int or rounds < 1:
        raise Wrong("n_steps", f"must be a number of rounds or null, not {describe(rounds)}")
    return rounds


def _leavers(
    final: Mapping[str, Any], ids: Mapping[str, str]
) -> tuple[frozenset[str], dict[str, int]]:
    """Who left, and of whom it is told in which round."""
    left = [
        _party(each, ids, "final.left_negotiators")
        for each in _list(final.get("left_negotiators") or [], "final.left_negotiators")
    ]
    left_at = {
        _party(each, ids, "final.left_at"): _step(step, "final.left_at")
        for each, step in _object(final.get("left_at") or {}, "final.left_at").items()
    }
    return frozenset({*left, *left_at}), left_at


def _verdict(final: Mapping[str, Any]) -> str | None:
    """How a run ended, by the mechanism."""
    found = [each for each in VERDICTS if final.get(each) not in (None, False)]
    if len(found) > 1:
        raise Wrong("final", f"must be one of {', '.join(VERDICTS)}, not {' and '.join(found)}")
    return found[0] if found else None


def _check_end(
    agreed: Mapping[str, Any] | None, last: Turn | None, parties: frozenset[str]
) -> None:
    """The agreement of a run that is over is what was offered last and all others accepted.

    Args:
        agreed: the agreement, if there is one.
        last: the last turn, if there was one.
        parties: all of them; none where some of three or more have left, since it is not told who
            the others are that were asked.
    """
    if agreed is not None:
        if last is None or last.terms != agreed:
            raise Wrong("final.agreement", "must be what was offered last")
        return
    if last is None or last.terms is None or not parties:
        return
    if parties - {last.by} <= last.accepters:
        raise Wrong("final.agreement", "must be what was offered last, which was accepted")


def _object(value: Any, column: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Wrong(column, f"must be an object, not {describe(value)}")
    return value


def _list(value: Any, column: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise Wrong(column, f"must be a list, not {describe(value)}")
    return [*value]


def _names(cells: Mapping[str, Any], column: str, least: int) -> list[str]:
    names = _list(cells.get(column), column)
    if not all(type(each) is str for each in names):
        raise Wrong(column, "must be names")
    if len(names) < least or len({*names}) < len(names):
        raise Wrong(column, f"must be {least} names or more, none of them twice")
    return names


def _party_ids(names: list[str]) -> dict[str, str]:
    """A party's id for each name: the name, without white space."""
    ids: dict[str, str] = {}
    for name in names:
        ids[name] = unused("-".join(name.split()) or "negotiator", ids.values())
    return ids


def _party(name: Any, ids: Mapping[str, str], column: str) -> str:
    if type(name) is not str or name not in ids:
        raise Wrong(column, f"must be one of {', '.join(ids)}, not {describe(name)}")
    return ids[name]


def _step(step: Any, column: str) -> int:
    if type(step) is not int or not 0 <= step < 10**9:
        raise Wrong(column, f"must be the number of a round, not {describe(step)}")
    return step


def _turns(trace: Any, issues: list[str], ids: Mapping[str, str], *, over: bool) -> Iterator[Turn]:
    elements = _list(trace, "full_trace")
    before = 0
    for index, each in enumerate(elements):
        column = f"full_trace[{index}]"
        element = _object(each, column)
        step = _step(element.get("step"), f"{column}.step")
        if step < before:
            raise Wrong(f"{column}.step", f"must not lie before {before}, the round above")
        offered = element.get("offered")
        if offered is not None and not before <= _step(offered, f"{column}.offered") <= step:
            raise Wrong(f"{column}.offered", f"must lie between {before} and {step}")
        before = step
        offer, text, seconds = (element.get(name) for name in ("offer", "text", "time"))
        responses = _object(element.get("responses") or {}, f"{column}.responses")
        yield Turn(
            column, step, offered, _party(element.get("negotiator"), ids, f"{column}.negotiator"),
            None if offer is None else _terms(offer, issues, f"{column}.offer"),
            offer is None and over and index == len(elements) - 1 and not element.get("refused"),
            {
                _party(name, ids, f"{column}.responses"): _response(response, column)
                for name, response in responses.items()
            },
            tuple(_accepted(element.get("accepted") or [], ids, f"{column}.accepted")),
            UNPRINTABLE.sub(" ", text) if type(text) is str and text else None,
            None if seconds is None else str(seconds),
        )  # fmt: skip


def _accepted(rounds: Any, ids: Mapping[str, str], column: str) -> Iterator[frozenset[str]]:
    for parties in _list(rounds, column):
        yield frozenset(_party(each, ids, column) for each in _list(parties, column))


def _terms(offer: Any, issues: list[str], column: str) -> dict[str, Any]:
    if not isinstance(offer, list | tuple) or len(offer) != len(issues):
        wanted = f"must be a list of {len(issues)}, a value for each issue"
        raise Wrong(column, f"{wanted}, not {describe(offer)}")
    return dict(zip(issues, offer, strict=True))


def _response(response: Any, column: str) -> str:
    """The name of a response; a program that writes JSON may have written its number."""
    if type(response) is int and 0 <= response < len(RESPONSES):
        return RESPONSES[response]
    if response not in RESPONSES:
        raise Wrong(
            f"{column}.responses", f"must be {', '.join(RESPONSES)}, not {describe(response)}"
        )
    return str(response)
