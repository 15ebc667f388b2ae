"""NegMAS: the row of a live mechanism."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any, Final

from negotiation.errors import DecodeError
from negotiation.values import describe

NEEDED: Final = ("negotiator_ids", "full_trace", "n_steps", "state")
"""What a mechanism must have."""


def of_mechanism(mechanism: Any, *, run: str | None = None) -> dict[str, Any]:
    """The row of a mechanism, whether it goes on or is over.

    The mechanism is asked for what it has, by name: `negotiator_ids`, `full_trace`, `n_steps` and
    `state`; and, where they are there, `negotiator_names`, `outcome_space.issues`, `id`, `params`,
    and what tells more than the trace: `extended_trace` (the last offer and its round), `history`
    (who had accepted at the end of each round, its time, and when somebody left) and
    `following_negotiators()` (who was asked last, and so ended it).

    Negotiators go by their names where these differ, else by their ids.

    Args:
        mechanism: an `SAOMechanism`, or whatever has these attributes.
        run: the name of the run (default: the mechanism's id).

    Returns:
        A row as `negmas` takes it, made of JSON values.

    Raises:
        DecodeError: it lacks something that a mechanism must have.
    """
    lacks = [name for name in NEEDED if not hasattr(mechanism, name)]
    if lacks:
        wanted = f"must be a mechanism with {', '.join(NEEDED[:-1])} and {NEEDED[-1]}"
        raise DecodeError(f"{wanted}, not {describe(mechanism)}, which lacks {', '.join(lacks)}")
    ids = [*mechanism.negotiator_ids]
    names = [*getattr(mechanism, "negotiator_names", ids)]
    called = dict(zip(ids, names if len({*names}) == len(ids) else ids, strict=True))
    issues = getattr(getattr(mechanism, "outcome_space", None), "issues", None)
    trace = [_element(each, called, whole=issues is None) for each in mechanism.full_trace]
    _complete(trace, mechanism, called, whole=issues is None)
    options = getattr(mechanism, "params", {})
    row = {
        "run": str(getattr(mechanism, "id", "run")) if run is None else run,
        "issues": ["outcome"] if issues is None else [str(each.name) for each in issues],
        "n_steps": None if mechanism.n_steps in (None, float("inf")) else int(mechanism.n_steps),
        "negotiators": [*called.values()],
        "full_trace": trace,
        "final": _final(mechanism, called, whole=issues is None),
        "offering_is_accepting": options.get("offering_is_accepting", True),
        "one_offer_per_step": options.get("one_offer_per_step", False),
    }
    return row | ({"dynamic_entry": True} if options.get("dynamic_entry", False) else {})


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
    trace: list[dict[str, Any]], mechanism: Any, called: Mapping[str, str], *, whole: bool
) -> None:
    """Put back what the trace does not have: the last offer, its round, and who accepted when."""
    kept = [*getattr(mechanism, "extended_trace", ())]
    if not len(kept) == len(trace) > 0:
        return
    history = [*getattr(mechanism, "history", ())]
    _answer(trace, [int(step) for step, *_ in kept], history, called)
    (made, by, offer), last = kept[-1], trace[-1]
    if called[by] == last["negotiator"]:
        step = int(made)
        if step != last["step"]:  # its time is that of the end as well
            times = {int(each.step): each.time for each in history if hasattr(each, "time")}
            last["time"] = float(times[step]) if step in times else None
        last |= {"offered": step, "offer": _offer(offer, whole=whole)}
        last |= {"refused": True} if offer is None else {}


def _answer(
    trace: list[dict[str, Any]], steps: list[int], history: Iterable[Any], called: Mapping[str, str]
) -> None:
    """Put beside each offer who had accepted it at the end of each round, as the trace counts."""
    names = [*called.values()]
    for each in history:
        last = bisect_right(steps, int(each.step)) - 1
        if last >= 0 and hasattr(each, "n_acceptances"):
            place = names.index(trace[last]["negotiator"]) + 1
            order = [*names[place:], *names[: place - 1]]
            rounds = trace[last].setdefault("accepted", [])
            rounds.append(order[: max(int(each.n_acceptances) - 1, 0)])


def _final(mechanism: Any, called: Mapping[str, str], *, whole: bool) -> dict[str, Any]:
    """How a run ended, or how far it has come."""
    state, history = mechanism.state, [*getattr(mechanism, "history", ())]
    left_at: dict[str, int] = {}
    for each in history:
        left = getattr(each, "left_negotiators", ())
        for party in [party for party in called if party in left]:
            left_at.setdefault(called[party], int(each.step))
    error = bool(getattr(state, "has_error", False))
    # In the order in which they are asked next, whoever was asked last comes last.
    order = [*getattr(mechanism, "following_negotiators", list)()]
    asked = order[-1] if order else None
    ended_by = getattr(state, "erred_negotiator", None) if error else asked
    final = {
        "agreement": _offer(state.agreement, whole=whole),
        "broken": bool(state.broken), "timedout": bool(state.timedout), "step": int(state.step),
        "left_negotiators": [
            called[party] for party in called if party in getattr(state, "left_negotiators", ())
        ],
        "left_at": left_at, "ended_by": called[ended_by] if state.broken and ended_by else None,
        "error": error,
    }  # fmt: skip
    if state.timedout and asked is not None and history:
        # Of a round that is complete the last state is from before the time was up.
        within = getattr(history[-1], "timedout", False)
        final["asked_last"] = called[asked] if within else None
    return final


def _offer(offer: Any, *, whole: bool) -> list[Any] | None:
    """An offer as JSON values, which numbers of other libraries are not."""
    if offer is None:
        return None
    values = [each.item() if hasattr(each, "item") else each for each in offer]
    return [values] if whole else values
