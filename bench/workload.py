"""The work that is measured: the same sequence of happenings for this library and for its peer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import attrs

import negotiation as ng

START = datetime(2025, 1, 1, tzinfo=UTC)
PARTIES = ("northport", "southvale", "eastmere")


def happenings(count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and fields of `count` happenings: rounds of eight, each about items of its own.

    A proposal to two parties, both answers, a clarification, an answer to it, a position, a claim
    about the one truce, and a withdrawal.
    """
    yield "TruceDeclared", {"truce": "truce", "by": "northport", "kind": "truce"}
    done = 1
    number = 0
    while done < count:
        number += 1
        by, one, other = (PARTIES[(number + shift) % 3] for shift in range(3))
        proposal = f"p{number}"
        to = [one, other]
        for name, fields in (
            ("ProposalMade", {"by": by, "to": to, "terms": {"price": number, "days": 30}}),
            ("ProposalAccepted", {"by": one}),
            ("ProposalRejected", {"by": other}),
            ("ProposalClarified", {"by": by, "terms": {"price": number + 1}}),
            ("ProposalAccepted", {"by": other}),
            ("PositionStated", {"by": one, "issue": "price", "value": number, "firmness": "open"}),
            (
                "TruceViolated",
                {
                    "violation": f"v{number}",
                    "truce": "truce",
                    "by": by,
                    "alleged_by": one,
                    "count": number,
                },
            ),
            ("ProposalWithdrawn", {"by": by}),
        ):
            yield name, {"proposal": proposal, **fields} if name.startswith("Proposal") else fields
            done += 1
            if done == count:
                return


def at(index: int) -> datetime:
    """The time of the happening at an index."""
    return START + timedelta(seconds=index)


def records(count: int) -> list[ng.Record]:
    """The happenings as records of one negotiation."""
    return [
        ng.Record(
            id=f"e{index + 1}",
            negotiation="talks",
            position=index + 1,
            time=at(index),
            event=getattr(ng, name)(**fields),
        )
        for index, (name, fields) in enumerate(happenings(count))
    ]


def reported(count: int, late_by: int, seed: int = 7) -> list[ng.Record]:
    """The happenings as records of which one in a hundred is late, by up to so many records."""
    random = Random(seed)  # noqa: S311  # no secret hangs on it
    return [
        attrs.evolve(
            record,
            time=at(max(1, index - random.randint(1, late_by))) + timedelta(milliseconds=500),
            recorded=record.time,
        )
        if index > late_by and random.random() < 0.01
        else record
        for index, record in enumerate(records(count))
    ]


def opened(items: int, further: int) -> tuple[list[ng.Record], int]:
    """Records that open `items` proposals, then `further` answers and claims about some of them.

    Returns the records and how many of them come before the answers.
    """
    made: list[ng.AnyEvent] = [ng.TruceDeclared(truce="truce", by="northport", kind="truce")]
    made += [
        ng.ProposalMade(
            proposal=f"p{number}", by="northport", to=["southvale", "eastmere"], terms={"price": 1}
        )
        for number in range(items)
    ]
    before = len(made)
    for number in range(further):
        name = f"p{number * 7919 % items}"
        kind = number % 3
        if kind == 0:
            made.append(
                ng.ProposalClarified(proposal=name, by="northport", terms={"price": number})
            )
        elif kind == 1:
            made.append(ng.ProposalAccepted(proposal=name, by="southvale"))
        else:
            made.append(
                ng.TruceViolated(
                    violation=f"v{number}", truce="truce", by="northport", alleged_by="southvale"
                )
            )
    numbered = enumerate(made)
    return [
        ng.Record(id=f"e{i + 1}", negotiation="talks", position=i + 1, time=at(i), event=event)
        for i, event in numbered
    ], before
