"""Negotiations as immutable event logs, folded by pure reducers into the state of each party.

    import negotiation as ng

    log = ng.read_log("easter_truce_2025.jsonl")
    state = ng.replay(log, as_of=when)
    state.parties["ukraine"].replies_owed

The core is imported at once; what reads and writes files is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from negotiation.errors import (
    AgentFailed,
    Altered,
    Conflict,
    ConflictingRecord,
    DecodeError,
    DoesNotFit,
    EncodeError,
    ExtensionFailed,
    IllegalEvent,
    InvalidEvent,
    InvalidLog,
    InvalidModel,
    InvalidParty,
    InvalidPath,
    InvalidProtocol,
    InvalidRecord,
    InvalidState,
    InvalidStrategy,
    InvalidTime,
    MixedNegotiations,
    NegotiationError,
    NotNext,
    OutOfRange,
    RuleFailed,
    StoreBusy,
    StoreClosed,
    StoreDamaged,
    StoreFailed,
    UnknownName,
    UnknownStore,
    Unreadable,
)
from negotiation.events import (
    EVENTS,
    AnyEvent,
    DeadlineLifted,
    DeadlineMet,
    DeadlineMoved,
    DeadlineSet,
    Event,
    EventRetracted,
    MeetingCancelled,
    MeetingHeld,
    MeetingScheduled,
    PartyJoined,
    PartyWithdrew,
    PositionStated,
    ProposalAccepted,
    ProposalClarified,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    StatementMade,
    TruceDeclared,
    TruceEnded,
    TruceExtended,
    TruceJoined,
    TruceObserved,
    TruceRejected,
    TruceViolated,
    UnknownEvent,
    ViolationAssessed,
    event,
)
from negotiation.facts import Span
from negotiation.fold import check, evolve, replay, steps
from negotiation.log import Log
from negotiation.model import Extension, Model, Upcaster
from negotiation.problems import REASONS, Problem
from negotiation.records import Record
from negotiation.rules import OPEN, Protocol, Rule, rule
from negotiation.state import (
    Commitment,
    Deadline,
    Meeting,
    Negotiation,
    Observation,
    PartyState,
    Position,
    Proposal,
    Stance,
    Statement,
    Truce,
    Violation,
)
from negotiation.values import FrozenDict, Refused

if TYPE_CHECKING:
    from negotiation import importers, testing, views
    from negotiation.branching import branch
    from negotiation.comparing import Change, Difference, apply, diff
    from negotiation.explaining import Explanation, Reason, explain
    from negotiation.files import read_log, write_log
    from negotiation.legal import Template, legal_events
    from negotiation.merging import Merged, Repetition, merge
    from negotiation.printing import as_python, as_table
    from negotiation.protocols import (
        ALTERNATING_OFFERS,
        CEASEFIRE,
        Talks,
        alternating_offers,
        ceasefire,
        talks,
    )
    from negotiation.stores import ANY, NEW, MemoryStore, Store, StoredNegotiation, open_store
    from negotiation.timelines import Timeline
    from negotiation.timers import Upcoming, next_change
    from negotiation.wire.lines import Codec
    from negotiation.wire.schema import json_schema
    from negotiation.wire.seals import Head
    from negotiation.wire.states import state_from_json, state_to_json
    from negotiation.wire.text import Limits
    from negotiation.wire.verifying import Fault, Verification, seal, verify

_WHEN_USED: Final = {
    "ALTERNATING_OFFERS": "negotiation.protocols",
    "ANY": "negotiation.stores",
    "CEASEFIRE": "negotiation.protocols",
    "NEW": "negotiation.stores",
    "Change": "negotiation.comparing",
    "Codec": "negotiation.wire.lines",
    "Difference": "negotiation.comparing",
    "Explanation": "negotiation.explaining",
    "Fault": "negotiation.wire.verifying",
    "Head": "negotiation.wire.seals",
    "Limits": "negotiation.wire.text",
    "MemoryStore": "negotiation.stores",
    "Merged": "negotiation.merging",
    "Reason": "negotiation.explaining",
    "Repetition": "negotiation.merging",
    "Store": "negotiation.stores",
    "StoredNegotiation": "negotiation.stores",
    "Talks": "negotiation.protocols",
    "Template": "negotiation.legal",
    "Timeline": "negotiation.timelines",
    "Upcoming": "negotiation.timers",
    "Verification": "negotiation.wire.verifying",
    "alternating_offers": "negotiation.protocols",
    "apply": "negotiation.comparing",
    "as_python": "negotiation.printing",
    "as_table": "negotiation.printing",
    "branch": "negotiation.branching",
    "ceasefire": "negotiation.protocols",
    "diff": "negotiation.comparing",
    "explain": "negotiation.explaining",
    "json_schema": "negotiation.wire.schema",
    "legal_events": "negotiation.legal",
    "merge": "negotiation.merging",
    "next_change": "negotiation.timers",
    "open_store": "negotiation.stores",
    "read_log": "negotiation.files",
    "seal": "negotiation.wire.verifying",
    "state_from_json": "negotiation.wire.states",
    "state_to_json": "negotiation.wire.states",
    "talks": "negotiation.protocols",
    "verify": "negotiation.wire.verifying",
    "write_log": "negotiation.files",
}
_MODULES: Final = frozenset({"importers", "testing", "views"})
"""The modules that are public as a whole, imported when they are first used too."""


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _WHEN_USED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHEN_USED[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHEN_USED, *_MODULES})


__all__ = [
    "ALTERNATING_OFFERS",
    "ANY",
    "CEASEFIRE",
    "EVENTS",
    "NEW",
    "OPEN",
    "REASONS",
    "AgentFailed",
    "Altered",
    "AnyEvent",
    "Change",
    "Codec",
    "Commitment",
    "Conflict",
    "ConflictingRecord",
    "Deadline",
    "DeadlineLifted",
    "DeadlineMet",
    "DeadlineMoved",
    "DeadlineSet",
    "DecodeError",
    "Difference",
    "DoesNotFit",
    "EncodeError",
    "Event",
    "EventRetracted",
    "Explanation",
    "Extension",
    "ExtensionFailed",
    "Fault",
    "FrozenDict",
    "Head",
    "IllegalEvent",
    "InvalidEvent",
    "InvalidLog",
    "InvalidModel",
    "InvalidParty",
    "InvalidPath",
    "InvalidProtocol",
    "InvalidRecord",
    "InvalidState",
    "InvalidStrategy",
    "InvalidTime",
    "Limits",
    "Log",
    "Meeting",
    "MeetingCancelled",
    "MeetingHeld",
    "MeetingScheduled",
    "MemoryStore",
    "Merged",
    "MixedNegotiations",
    "Model",
    "Negotiation",
    "NegotiationError",
    "NotNext",
    "Observation",
    "OutOfRange",
    "PartyJoined",
    "PartyState",
    "PartyWithdrew",
    "Position",
    "PositionStated",
    "Problem",
    "Proposal",
    "ProposalAccepted",
    "ProposalClarified",
    "ProposalMade",
    "ProposalRejected",
    "ProposalWithdrawn",
    "Protocol",
    "Reason",
    "Record",
    "Refused",
    "Repetition",
    "Rule",
    "RuleFailed",
    "Span",
    "Stance",
    "Statement",
    "StatementMade",
    "Store",
    "StoreBusy",
    "StoreClosed",
    "StoreDamaged",
    "StoreFailed",
    "StoredNegotiation",
    "Talks",
    "Template",
    "Timeline",
    "Truce",
    "TruceDeclared",
    "TruceEnded",
    "TruceExtended",
    "TruceJoined",
    "TruceObserved",
    "TruceRejected",
    "TruceViolated",
    "UnknownEvent",
    "UnknownName",
    "UnknownStore",
    "Unreadable",
    "Upcaster",
    "Upcoming",
    "Verification",
    "Violation",
    "ViolationAssessed",
    "alternating_offers",
    "apply",
    "as_python",
    "as_table",
    "branch",
    "ceasefire",
    "check",
    "diff",
    "event",
    "evolve",
    "explain",
    "importers",
    "json_schema",
    "legal_events",
    "merge",
    "next_change",
    "open_store",
    "read_log",
    "replay",
    "rule",
    "seal",
    "state_from_json",
    "state_to_json",
    "steps",
    "talks",
    "testing",
    "verify",
    "views",
    "write_log",
]
