"""What in a log breaks the rules, as values: the codes, and the sentence behind each."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

from negotiation.events import maker
from negotiation.records import Record

Code: TypeAlias = Literal[
    "used-id",
    "unknown-proposal",
    "unknown-truce",
    "unknown-violation",
    "unknown-deadline",
    "unknown-meeting",
    "not-addressee",
    "not-maker",
    "proposal-closed",
    "already-answered",
    "already-bound",
    "truce-over",
    "not-bound",
    "wrong-replaces",
    "deadline-closed",
    "deadline-missed",
    "meeting-closed",
    "already-withdrawn",
    "unknown-type",
    "unknown-record",
    "already-retracted",
]

REASONS: Final[dict[Code, str]] = {
    "used-id": "{event} uses an id that another item has; give this one an id of its own",
    "unknown-proposal": "{event} names a proposal that nobody has made by then",
    "unknown-truce": "{event} names a truce that nobody has declared by then",
    "unknown-violation": "{event} names a claim that nobody has made by then",
    "unknown-deadline": "{event} names a deadline that nobody has set by then",
    "unknown-meeting": "{event} names a meeting that nobody has scheduled or held by then",
    "not-addressee": "{event} answers a proposal that was made to others; only they answer it",
    "not-maker": "{event} changes another party's proposal; only its maker clarifies or withdraws",
    "proposal-closed": "{event} comes when the proposal is accepted, withdrawn or past its expiry",
    "already-answered": "{event} answers a second time; one answer counts until a clarification",
    "already-bound": (
        "{event} comes when the party is bound already, or has been; as long as it is, it may end "
        "or extend that"
    ),
    "truce-over": (
        "{event} comes when the truce is over for the party; it may join one until its declared "
        "end, which an extension moves for its maker alone"
    ),
    "not-bound": "{event} comes from a party that the truce does not bind; it may join or reject",
    "wrong-replaces": "{event} replaces no earlier claim of the same accuser; the claim stands",
    "deadline-closed": "{event} comes when the deadline is met or lifted; set a new one",
    "deadline-missed": "{event} comes when the deadline is missed; only moving it revives it",
    "meeting-closed": "{event} comes when the meeting is held or cancelled; schedule a new one",
    "already-withdrawn": "{event} comes from a party that has left the talks; it may join again",
    "unknown-type": "the type {type!r} is not known; the record is kept whole, changing nothing",
    "unknown-record": "{event} names a record that does not stand above it",
    "already-retracted": "{event} retracts a record that a retraction above it has taken back",
}
"""Every code, in the order in which they are looked for, and what it says of a record."""

UNKNOWN_RECORD: Final[Code] = "unknown-record"
ALREADY_RETRACTED: Final[Code] = "already-retracted"


@frozen
class Problem:
    """Something in a log that breaks a rule. It changes nothing; the record stays where it is.

    Attributes:
        event: the id of the record.
        position: where the record stands in the log.
        code: the rule, one of `REASONS` or a protocol's own.
        party: the party that made the event, or None.
        message: what is wrong and what would be right.
    """

    event: str
    position: int
    code: str
    party: str | None
    message: str


def problem(code: Code, record: Record) -> Problem:
    """The problem that a record has."""
    event: Any = record.event
    first, *more = _words(record)
    apposition = "," if more else ""
    message = REASONS[code].format(
        event=", ".join([first, *more]) + apposition,
        type=getattr(event, "type", type(event).__name__),
    )
    return Problem(record.id, record.position, code, maker(event), message)


def event_words(record: Record) -> str:
    """What a message calls the event of a record: its maker, its kind and what it names."""
    return ", ".join(_words(record))


def _words(record: Record) -> list[str]:
    event: Any = record.event
    named = {name: getattr(event, name, None) for name in _IDS}
    words = [f"{maker(event) or 'nobody'}'s {type(event).__name__}"]
    words += [f"{name} {value!r}" for name, value in named.items() if type(value) is str]
    if record.repeats is not None:
        words.append(f"repeating {record.repeats!r}")
    return words


_IDS: Final = (
    "proposal", "counters", "truce", "violation", "replaces", "deadline", "meeting", "event",
)  # fmt: skip
