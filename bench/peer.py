"""The peer, `eventsourcing`: an aggregate to which the same things happen."""

from __future__ import annotations

from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


class Talks(Aggregate):
    """A negotiation as an aggregate that changes in place, with the least it needs to know."""

    @event("Opened")
    def __init__(self, name: str) -> None:
        self.name = name
        self.truces: dict[str, Any] = {}
        self.proposals: dict[str, dict[str, Any]] = {}
        self.positions: dict[tuple[str, str], list[Any]] = {}
        self.violations: dict[str, Any] = {}

    @event("TruceDeclared")
    def truce_declared(self, truce: str, by: str, kind: str) -> None:
        self.truces[truce] = {"by": by, "kind": kind}

    @event("ProposalMade")
    def proposal_made(self, proposal: str, by: str, to: list[str], terms: dict[str, Any]) -> None:
        self.proposals[proposal] = {
            "by": by, "to": to, "terms": dict(terms), "answers": {}, "withdrawn": False,
        }  # fmt: skip

    @event("ProposalAccepted")
    def proposal_accepted(self, proposal: str, by: str) -> None:
        self.proposals[proposal]["answers"][by] = "accepted"

    @event("ProposalRejected")
    def proposal_rejected(self, proposal: str, by: str) -> None:
        self.proposals[proposal]["answers"][by] = "rejected"

    @event("ProposalClarified")
    def proposal_clarified(self, proposal: str, by: str, terms: dict[str, Any]) -> None:
        self.proposals[proposal]["terms"].update(terms)
        self.proposals[proposal]["answers"] = {}

    @event("ProposalWithdrawn")
    def proposal_withdrawn(self, proposal: str, by: str) -> None:
        self.proposals[proposal]["withdrawn"] = True

    @event("PositionStated")
    def position_stated(self, by: str, issue: str, value: Any, firmness: str) -> None:
        self.positions.setdefault((by, issue), []).append((value, firmness))

    @event("TruceViolated")
    def truce_violated(
        self, violation: str, truce: str, by: str, alleged_by: str, count: int
    ) -> None:
        self.violations[violation] = (truce, by, alleged_by, count)


def talks(happenings: Any) -> Talks:
    """An aggregate to which these things have happened."""
    aggregate = Talks("talks")
    methods = {
        "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_"): name
        for name in (
            "TruceDeclared", "ProposalMade", "ProposalAccepted", "ProposalRejected",
            "ProposalClarified", "ProposalWithdrawn", "PositionStated", "TruceViolated",
        )
    }  # fmt: skip
    by_name = {name: method for method, name in methods.items()}
    for name, fields in happenings:
        getattr(aggregate, by_name[name])(**fields)
    return aggregate


def application(path: str) -> Application[Any]:
    """An application that stores its aggregates in a SQLite file."""
    return Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path})


def application_in_postgres(url: str) -> Application[Any]:
    """An application that stores its aggregates in a PostgreSQL database.

    Args:
        url: its URL; a host may also be the folder of a socket, given as ?host=.
    """
    from psycopg.conninfo import conninfo_to_dict

    found = conninfo_to_dict(url)
    return Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(found["dbname"]),
            "POSTGRES_HOST": str(found["host"]),
            "POSTGRES_PORT": str(found.get("port", 5432)),
            "POSTGRES_USER": str(found.get("user", "postgres")),
            "POSTGRES_PASSWORD": str(found.get("password", "none")),
        }
    )
