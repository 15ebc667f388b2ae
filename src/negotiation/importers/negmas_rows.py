"""NegMAS: what a row says, and the row of a live mechanism."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from negotiation.importers.common import Row, Wrong
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
        step: in which round.
        by: whose turn it was.
        terms: what was offered, or None.
        lost: whether something was offered that is not told.
        responses: what the trace has beside it, party → response.
        text: what was said with it.
        seconds: how long after the beginning of the run it was, as the source says.
    """

    column: str
    step: int
    by: str
    terms: Mapping[str, Any] | None
    lost: bool
    responses: Mapping[str, str]
    text: str | None
    seconds: str | None

    @property
    def accepters(self) -> set[str]:
        """Those who accepted something, as the trace has it."""
        return {party for party, response in self.responses.items() if response == ACCEPT}


@frozen
class Run:
    """A run as its row tells it.

    Attributes:
        name: what it is called.
        parties: the parties, in the order in which they speak, each with its name.
        rounds: how many rounds there are at most.
        turns: the offers.
        verdict: how it ended, by the mechanism; None where it goes on.
        played: how many rounds were played.
        left: who left.
        left_at: in which round, where that is told.
        ended_by: who ended it, where that is told.
        error: whether it was by an error.
    """

    name: str
    parties: Mapping[str, str]
    rounds: int | None
    turns: tuple[Turn, ...]
    verdict: str | None
    played: int
    left: frozenset[str]
    left_at: Mapping[str, int]
    ended_by: str | None
    error: bool

    @property
    def used_up(self) -> bool:
        """Whether all rounds were played."""
        return self.rounds is not None and self.played >= self.rounds

    @property
    def ended_in_trace(self) -> bool:
        """Whether a response that ends it stands in the trace."""
        said = (response for turn in self.turns for response in turn.responses.values())
        return "END_NEGOTIATION" in said

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
    rounds = cells.get("n_steps")
    if rounds == float("inf"):
        rounds = None
    if rounds is not None and (type(rounds) is not int or rounds < 1):
        raise Wrong("n_steps", f"must be a number of rounds or null, not {describe(rounds)}")
    final = _object(cells.get("final"), "final")
    verdict = _verdict(final)
    turns = tuple(_turns(cells.get("full_trace"), issues, ids, over=verdict is not None))
    agreed = (
        _terms(final["agreement"], issues, "final.agreement") if verdict == "agreement" else None
    )
    if verdict is not None:
        _check_end(agreed, turns[-1] if turns else None, {*ids.values()})
    played = max(_step(final.get("step", 0), "final.step"), turns[-1].step + 1 if turns else 0)
    if rounds is not None and played > rounds:
        raise Wrong("n_steps", f"must not be less than the rounds that were played, {played}")
    left_at = {
        _party(each, ids, "final.left_at"): _step(step, "final.left_at")
        for each, step in _object(final.get("left_at") or {}, "final.left_at").items()
    }
    left = [
        _party(each, ids, "final.left_negotiators")
        for each in _list(final.get("left_negotiators") or [], "final.left_negotiators")
    ]
    ended_by = final.get("ended_by")
    return Run(
        str(name), {id: name for name, id in ids.items()}, rounds, turns, verdict, played,
        frozenset({*left, *left_at}), left_at,
        None if ended_by is None else _party(ended_by, ids, "final.ended_by"),
        bool(final.get("error")),
    )  # fmt: skip


def _verdict(final: Mapping[str, Any]) -> str | None:
    """How a run ended, by the mechanism."""
    found = [each for each in VERDICTS if final.get(each) not in (None, False)]
    if len(found) > 1:
        raise Wrong("final", f"must be one of {', '.join(VERDICTS)}, not {' and '.join(found)}")
    return found[0] if found else None


def _check_end(agreed: Mapping[str, Any] | None, last: Turn | None, parties: set[str]) -> None:
    """The agreement of a run that is over is what was offered last; of two, one accepts it."""
    if agreed is not None:
        if last is None or last.terms != agreed:
            raise Wrong("final.agreement", "must be what was offered last")
        return
    if last is None or last.terms is None or len(parties) > 2:
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
        plain, number = "-".join(name.split()) or "negotiator", 1
        id = plain
        while id in ids.values():
            number += 1
            id = f"{plain}-{number}"
        ids[name] = id
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
        before = step
        offer, text, seconds = (element.get(name) for name in ("offer", "text", "time"))
        responses = _object(element.get("responses") or {}, f"{column}.responses")
        yield Turn(
            column, step, _party(element.get("negotiator"), ids, f"{column}.negotiator"),
            None if offer is None else _terms(offer, issues, f"{column}.offer"),
            offer is None and over and index == len(elements) - 1,
            {
                _party(name, ids, f"{column}.responses"): _response(response, column)
                for name, response in responses.items()
            },
            UNPRINTABLE.sub(" ", text) if type(text) is str and text else None,
            None if seconds is None else str(seconds),
        )  # fmt: skip


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


# A live mechanism


def of_mechanism(mechanism: Any, *, run: str | None = None) -> dict[str, Any]:
    """The row of a mechanism, whether it goes on or is over.

    The mechanism is asked for what it has, by name: `negotiator_ids`, `full_trace`, `n_steps` and
    `state`; and, where they are there, `negotiator_names`, `outcome_space.issues`, `id`, `params`,
    and what tells more than the trace: `extended_trace` (the offers that it no longer has),
    `history` (when somebody left) and `following_negotiators()` (who was asked last, and so ended
    it).

    Negotiators go by their names where these differ, else by their ids.

    Args:
        mechanism: an `SAOMechanism`, or whatever has these attributes.
        run: the name of the run (default: the mechanism's id).

    Returns:
        A row as `negmas` takes it, made of JSON values.
    """
    ids = [*mechanism.negotiator_ids]
    names = [*getattr(mechanism, "negotiator_names", ids)]
    called = dict(zip(ids, names if len({*names}) == len(ids) else ids, strict=True))
    issues = getattr(getattr(mechanism, "outcome_space", None), "issues", None)
    trace = [_element(each, called, whole=issues is None) for each in mechanism.full_trace]
    _complete(trace, getattr(mechanism, "extended_trace", ()), called, whole=issues is None)
    return {
        "run": str(getattr(mechanism, "id", "run")) if run is None else run,
        "issues": ["outcome"] if issues is None else [str(each.name) for each in issues],
        "n_steps": None if mechanism.n_steps in (None, float("inf")) else int(mechanism.n_steps),
        "negotiators": [*called.values()],
        "full_trace": trace,
        "final": _final(mechanism, called, whole=issues is None),
        "offering_is_accepting": getattr(mechanism, "params", {}).get(
            "offering_is_accepting", True
        ),
    }


def _element(each: Any, called: Mapping[str, str], *, whole: bool) -> dict[str, Any]:
    """An object of the trace."""
    return {
        "time": float(each.time), "step": int(each.step), "negotiator": called[each.negotiator],
        "offer": _offer(each.offer, whole=whole),
        "responses": {
            called[party]: getattr(response, "name", response)
            for party, response in each.responses.items()
        },
        "state": each.state, "text": getattr(each, "text", None),
    }  # fmt: skip


def _complete(
    trace: list[dict[str, Any]], offers: Iterable[Any], called: Mapping[str, str], *, whole: bool
) -> None:
    """Put back what the end of a run took the place of: the last offer and its round."""
    kept = [*offers]
    if len(kept) == len(trace) > 0:
        step, by, offer = kept[-1]
        if called[by] == trace[-1]["negotiator"]:
            trace[-1] |= {"step": int(step), "offer": _offer(offer, whole=whole)}


def _final(mechanism: Any, called: Mapping[str, str], *, whole: bool) -> dict[str, Any]:
    """How a run ended, or how far it has come."""
    state = mechanism.state
    left_at: dict[str, int] = {}
    for each in getattr(mechanism, "history", ()):
        for party in getattr(each, "left_negotiators", ()):
            left_at.setdefault(called[party], int(each.step))
    error, ended_by = bool(getattr(state, "has_error", False)), None
    if state.broken and error:
        ended_by = getattr(state, "erred_negotiator", None) or None
    elif state.broken and hasattr(mechanism, "following_negotiators"):
        # In the order in which they are asked next, whoever was asked last comes last.
        *_, ended_by = mechanism.following_negotiators()
    left = getattr(state, "left_negotiators", ())
    return {
        "agreement": _offer(state.agreement, whole=whole),
        "broken": bool(state.broken), "timedout": bool(state.timedout), "step": int(state.step),
        "left_negotiators": sorted(called[party] for party in left), "left_at": left_at,
        "ended_by": None if ended_by is None else called[ended_by], "error": error,
    }  # fmt: skip


def _offer(offer: Any, *, whole: bool) -> list[Any] | None:
    """An offer as JSON values, which numbers of other libraries are not."""
    if offer is None:
        return None
    values = [each.item() if hasattr(each, "item") else each for each in offer]
    return [values] if whole else values
