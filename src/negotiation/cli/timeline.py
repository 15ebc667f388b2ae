"""What happened, record by record: who did what, who says so, and which statuses it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from negotiation.cli.items import STYLES
from negotiation.cli.layout import BAD, ID, QUIET, Cell, Column, Line, led, table
from negotiation.cli.output import Page
from negotiation.events import PartyJoined, PartyWithdrew, maker, named
from negotiation.facts import (
    DeadlineFacts,
    Facts,
    MeetingFacts,
    ProposalFacts,
    TruceFacts,
)
from negotiation.lifecycles import (
    ACTIVE,
    STATUS,
    WITHDRAWN,
    deadline_phase,
    proposal_phase,
    truce_status,
)
from negotiation.model import Model
from negotiation.paths import path_text
from negotiation.records import Record
from negotiation.state import Negotiation
from negotiation.words import source_words, summary, time_words

WIDE: Final = 110
"""From this width on, the sources have a column of their own."""


_COLUMNS: Final = (
    Column("time"),
    Column("#", right=True),
    Column("record"),
    Column("what happened", main=True),
    Column("source"),
)
_ITEM_FIELDS: Final = ("proposal", "counters", "truce", "deadline", "meeting")
"""The fields of events that name what has a status."""

_NOTHING: Final = Facts({}, {}, {}, {}, {}, None)
"""What stands before the first record."""


@frozen
class Change:
    """A status that a record changed.

    Attributes:
        path: where in the state it stands.
        before: the status before, at the moment of the record; None for what was not there.
        after: the status since.
    """

    path: str
    before: str | None
    after: str


@frozen
class Entry:
    """One record that counts, and what it changed.

    Attributes:
        time: when it happened.
        precision: how exactly that is known.
        position: its place in the log.
        id: its id.
        type: the wire type of its event.
        party: the party that made it, or None.
        summary: what happened, in words.
        reported_by: the outlet.
        speaker: who spoke for the party.
        changes: the statuses that changed by it. What changes by time alone is no record's doing.
        problems: the codes of the rules that it breaks.
    """

    time: datetime
    precision: str | None
    position: int
    id: str
    type: str
    party: str | None
    summary: str
    reported_by: str | None
    speaker: str | None
    changes: tuple[Change, ...]
    problems: tuple[str, ...]


def entries(
    steps: Iterable[tuple[Record, Negotiation]], party: str | None = None
) -> Iterator[Entry]:
    """An entry for each step of a fold.

    Each costs the same however much there is: only what the event names is looked at.

    Args:
        steps: what `negotiation.steps` yields.
        party: only what this party made or what names it; None for everything.
    """
    before = _NOTHING
    for record, state in steps:
        event: Any = record.event
        if party is None or party == maker(event) or party in named(event):
            yield Entry(
                record.time,
                record.precision,
                record.position,
                record.id,
                Model.default.wire_types.get(type(event)) or event.type,
                maker(event),
                summary(event),
                record.reported_by,
                record.speaker,
                tuple(_changes(record, before, state.facts)),
                tuple(_problems(before, state.facts))[::-1],
            )
        before = state.facts


def _changes(record: Record, before: Facts, after: Facts) -> Iterator[Change]:
    """The statuses that differ at the moment of the record: without it, and with it."""
    event: Any = record.event
    if isinstance(event, PartyJoined | PartyWithdrew):
        party = event.party if isinstance(event, PartyJoined) else event.by
        statuses = _party_status(before, party), _party_status(after, party)
        if statuses[0] != statuses[1]:
            yield Change(path_text(("parties", party, "status")), *statuses)
    for name in _ITEM_FIELDS:
        id = getattr(event, name, None) or ""  # no id is empty
        item = after.items.get(id)
        if type(item) in _STATUSES:
            section, status_of = _STATUSES[type(item)]
            was = before.items.get(id)
            old = None if was is None else status_of(was, record.time)
            new = status_of(item, record.time)
            if old != new:
                yield Change(path_text((section, id, "status")), old, new)


def _party_status(facts: Facts, party: str) -> str:
    known = facts.parties.get(party)
    return WITHDRAWN if known is not None and known.withdrawn else ACTIVE


def _proposal_status(proposal: ProposalFacts, at: datetime) -> str:
    phase = proposal_phase(proposal, at)
    return STATUS.get(phase, phase)


_STATUSES: Final[Mapping[type[Any], tuple[str, Callable[[Any, datetime], str]]]] = {
    ProposalFacts: ("proposals", _proposal_status),
    TruceFacts: ("truces", truce_status),
    DeadlineFacts: ("deadlines", deadline_phase),
    MeetingFacts: ("meetings", lambda meeting, _: meeting.status),
}
"""The items that have a status: where they stand in a state, and what tells the status."""


def _problems(before: Facts, after: Facts) -> Iterator[str]:
    """The codes of the problems that one step brought, the last first."""
    found = after.problems
    while found is not before.problems and found is not None:
        found, (code, _) = found
        yield code


def timeline_lines(found: Iterable[Entry], page: Page) -> Iterator[str]:
    """A row for each entry."""
    wide = page.width >= WIDE
    return table(_COLUMNS, (_row(each, wide, page.arrow) for each in found), page)


def _row(entry: Entry, wide: bool, arrow: str) -> tuple[Cell, ...]:
    subject = entry.party or ""
    happened = led(subject, entry.summary[len(subject) :], ID)
    source = Line(source_words(entry.speaker, entry.reported_by), QUIET)
    followed = [
        *(_change(each, arrow) for each in entry.changes),
        *(Line(f"problem: {code}", BAD) for code in entry.problems),
    ]
    time = [Line(time_words(entry.time)), Line(entry.precision or "", QUIET)]
    what = [happened, *followed] if wide else [happened, source, *followed]
    return time, str(entry.position), entry.id, what, source if wide else ""


def _change(change: Change, arrow: str) -> Line:
    before = "" if change.before is None else f" {change.before} {arrow}"
    path = change.path.removesuffix(".status")
    return Line(f"{path}:{before} {change.after}", STYLES.get(change.after, QUIET))
