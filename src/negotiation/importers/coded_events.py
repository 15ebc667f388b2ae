"""What importers of coded news share: what may become of a code, and the events that are made."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from attrs import Factory, define, frozen

from negotiation.events import (
    AnyEvent,
    Firmness,
    MeetingHeld,
    PartyJoined,
    PartyWithdrew,
    PositionStated,
    ProposalMade,
    StatementMade,
    TruceDeclared,
)
from negotiation.importers.common import Row, SetAside
from negotiation.values import EARLIEST, describe

REMEMBERED: Final = 50_000
"""How many rows are remembered, so that repeats are recognised."""

By: TypeAlias = Literal["country", "name"]
"""What makes actors one party: that they are of one country, or that they have one full name."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@frozen
class Meaning:
    """What becomes of all codes that are alike.

    Attributes:
        event: the class of event, or None if there is no counterpart.
        note: why so.
        value: what the party says of the issue, for a position, or of the term, for a proposal.
        firmness: how firmly, for a position.
    """

    event: type[Any] | None
    note: str
    value: str | None = None
    firmness: Firmness | None = None


MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        "statement": Meaning(StatementMade, "words, which change nothing else"),
        "asked": Meaning(
            PositionStated,
            "a wish, perhaps a third party's; no proposal",
            "asked for",
            "preference",
        ),
        "demanded": Meaning(PositionStated, "no proposal and no deadline", "demanded", "demand"),
        "intended": Meaning(
            PositionStated, "a promise or mere willingness; the least is taken", "intended", "open"
        ),
        "offered": Meaning(
            ProposalMade,
            "a proposal by the data's convention; no code answers it, so it stands open",
            "offered",
        ),
        "refused": Meaning(
            PositionStated, "of which proposal or request is not told", "refused", "preference"
        ),
        "acceded": Meaning(
            PositionStated,
            "done, so nothing more is undertaken; to which demand is not told",
            "acceded to",
            "open",
        ),
        "signed": Meaning(
            PositionStated, "who had proposed it is not told", "signed", "undertaking"
        ),
        "meeting": Meaning(MeetingHeld, "the two met or spoke"),
        "mediator": Meaning(PartyJoined, "the source acts as a mediator"),
        "withdrawal": Meaning(PartyWithdrew, "the source leaves"),
        "truce": Meaning(TruceDeclared, "binds the source alone"),
        "deed": Meaning(None, "a deed, and not what is said, agreed or met about"),
    }
)
"""What may become of a code, by the word that the table has for it."""


def event_of(
    meaning: Meaning,
    id: str,
    by: str,
    to: str,
    *,
    text: str,
    issue: str = "",
    value: str | None = None,
) -> AnyEvent:
    """The event that a source tells of.

    Args:
        meaning: what kind of thing it is; not one without a counterpart.
        id: the source's own id of it, from which that of a proposal, a meeting or a truce is made.
        by: the party that did it.
        to: the party that it was done to.
        text: what was said, for a statement.
        issue: what a position is about, or the one term of a proposal.
        value: what is said of it, for a position (default: that of the meaning).
    """
    event = meaning.event
    if event is StatementMade:
        return StatementMade(by=by, text=text)
    if event is PositionStated:
        assert meaning.firmness is not None
        return PositionStated(
            by=by, issue=issue, value=value or meaning.value, firmness=meaning.firmness
        )
    if event is ProposalMade:
        terms = {issue: meaning.value}
        return ProposalMade(proposal=f"proposal-{id}", by=by, to=(to,), terms=terms)
    if event is MeetingHeld:
        return MeetingHeld(meeting=f"meeting-{id}", parties=(by, to))
    if event is PartyJoined:
        return PartyJoined(party=by, role="mediator")
    if event is PartyWithdrew:
        return PartyWithdrew(by=by)
    assert event is TruceDeclared
    return TruceDeclared(truce=f"truce-{id}", by=by, kind="truce")


def day(text: str) -> datetime:
    """The first instant of a day such as 2018-06-01.

    Raises:
        ValueError: it is no such day.
    """
    if not _DAY.fullmatch(text):
        raise ValueError(f"must be a day such as 2018-06-01, not {describe(text)}")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"must be a day that the calendar has, not {describe(text)}") from None


def party(name: str) -> str:
    """The id of the party of a name: `_` stands for each space."""
    return "_".join(name.split())


def pair_id(kind: str, by: By, pair: tuple[str, str]) -> str:
    """The id of the negotiation of two parties, whichever comes first."""
    return f"{kind}-{by}-{'--'.join(sorted(pair))}"


class First(NamedTuple):
    """What the first row of an event made of it.

    Attributes:
        event: the event.
        id: the id of its record.
    """

    event: AnyEvent
    id: str


@define
class Day:
    """What is remembered of the rows of a day.

    Attributes:
        firsts: the first of each event.
        said: the first of what a sentence says that a source and a target do together.
        rows: the number and a hash of each row, by its id.
    """

    firsts: dict[Hashable, First] = Factory(dict)
    said: dict[Hashable, First] = Factory(dict)
    rows: dict[str, tuple[int, int]] = Factory(dict)


class Days:
    """What is remembered of the rows that were read, day by day.

    Of more than `REMEMBERED` rows, those of the days that were at hand the longest time ago are
    forgotten, but for the day that is at hand.

    Attributes:
        today: the day at hand.
        time: its first instant.
        latest: the latest time that anything was recorded so far.
    """

    def __init__(self) -> None:
        self.today = Day()
        self.time = self.latest = EARLIEST
        self._date: object = None
        self._days: dict[str, Day] = {}
        self._remembered = 0
        self._forgotten: set[str] = set()

    def turn_to(self, date: str) -> bool:
        """Take a day at hand.

        Returns:
            Whether it was at hand before, and what was remembered of it is forgotten.

        Raises:
            ValueError: it is no day.
        """
        if date == self._date:
            return False
        self.time = day(date)
        self.latest = max(self.time, self.latest)
        self._date = date
        self.today = self._days.pop(date) if date in self._days else Day()
        self._days[date] = self.today
        while self._remembered > REMEMBERED:  # that of the day at hand is never so much
            oldest = next(iter(self._days))
            self._remembered -= len(self._days.pop(oldest).rows)
            self._forgotten.add(oldest)
        forgotten = date in self._forgotten
        self._forgotten.discard(date)
        return forgotten

    def known(self, row: Row, id: str, says: Hashable, column: str) -> SetAside | None:
        """Why nothing comes of a row whose id another row of the day has.

        None if it is the first; then its id is taken.

        Args:
            row: the row.
            id: its id.
            says: everything that it says.
            column: where the id stands.
        """
        said = hash(says)  # the row itself would take memory, and only rows of one id are compared
        if (first := self.today.rows.get(id)) is None:
            self.today.rows[id] = row.number, said
            self._remembered += 1
            return None
        number, before = first
        if said == before:
            detail = f"row {number} says the same"
            return row.aside("second copy", None, detail)
        detail = f"row {number} has this id, and says something else; each has its own"
        return row.aside("id of another row", column, detail, wrong=True)


def begun_again(row: Row, column: str) -> SetAside:
    """What is said of a row of a day of which the rows above were forgotten.

    Args:
        row: the row.
        column: where its day stands.
    """
    return row.aside(
        "repeats not looked for", column,
        f"{REMEMBERED:,} rows of other days stand between this and the rows of its day above, so "
        "what it repeats of them is not known; sort the rows by their days",
    )  # fmt: skip
