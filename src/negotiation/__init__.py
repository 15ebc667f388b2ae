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
    InvalidRecord,
    InvalidTime,
    MixedNegotiations,
    NegotiationError,
    NotNext,
    OutOfRange,
    UnknownName,
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
    from negotiation import views
    from negotiation.branching import branch
    from negotiation.comparing import Change, Difference, apply, diff
    from negotiation.explaining import Explanation, Reason, explain
    from negotiation.files import read_log, write_log
    from negotiation.merging import Merged, Repetition, merge
    from negotiation.timelines import Timeline
    from negotiation.timers import Upcoming, next_change
    from negotiation.wire.lines import Codec
    from negotiation.wire.states import state_from_json, state_to_json
    from negotiation.wire.text import Limits

_WHEN_USED: Final = {
    "Change": "negotiation.comparing",
    "Codec": "negotiation.wire.lines",
    "Difference": "negotiation.comparing",
    "Explanation": "negotiation.explaining",
    "Limits": "negotiation.wire.text",
    "Merged": "negotiation.merging",
    "Reason": "negotiation.explaining",
    "Repetition": "negotiation.merging",
    "Timeline": "negotiation.timelines",
    "Upcoming": "negotiation.timers",
    "apply": "negotiation.comparing",
    "branch": "negotiation.branching",
    "diff": "negotiation.comparing",
    "explain": "negotiation.explaining",
    "merge": "negotiation.merging",
    "next_change": "negotiation.timers",
    "read_log": "negotiation.files",
    "state_from_json": "negotiation.wire.states",
    "state_to_json": "negotiation.wire.states",
    "write_log": "negotiation.files",
}
_MODULES: Final = frozenset({"views"})
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
    "EVENTS",
    "REASONS",
    "AnyEvent",
    "Change",
    "Codec",
    "Commitment",
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
    "FrozenDict",
    "IllegalEvent",
    "InvalidEvent",
    "InvalidLog",
    "InvalidModel",
    "InvalidParty",
    "InvalidPath",
    "InvalidRecord",
    "InvalidTime",
    "Limits",
    "Log",
    "Meeting",
    "MeetingCancelled",
    "MeetingHeld",
    "MeetingScheduled",
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
    "Reason",
    "Record",
    "Refused",
    "Repetition",
    "Span",
    "Stance",
    "Statement",
    "StatementMade",
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
    "Unreadable",
    "Upcaster",
    "Upcoming",
    "Violation",
    "ViolationAssessed",
    "apply",
    "branch",
    "check",
    "diff",
    "event",
    "evolve",
    "explain",
    "merge",
    "next_change",
    "read_log",
    "replay",
    "state_from_json",
    "state_to_json",
    "steps",
    "views",
    "write_log",
]
