"""CaSiNo: two campers who share out firewood, food and water in chat, as JSON.

K. Chawla and others, "CaSiNo: A Corpus of Campsite Negotiation Dialogues for Automatic Negotiation
Systems", NAACL 2021. A row is a dialogue: `dialogue_id`, `chat_logs` (what each party wrote, and
the four buttons that it could press) and `participant_info`.

The source tells no times: turn n of a dialogue is put n seconds after `start`, which orders the
turns and says nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from attrs import frozen

from negotiation.events import (
    AnyEvent,
    PartyJoined,
    PartyWithdrew,
    PositionStated,
    ProposalAccepted,
    ProposalMade,
    ProposalRejected,
    StatementMade,
)
from negotiation.importers.common import (
    START,
    Imported,
    Made,
    Row,
    Wrong,
    beginning,
    gathered,
    made_of,
)
from negotiation.records import Record
from negotiation.values import describe

LEVELS: Final = ("High", "Medium", "Low")
"""What a party's priorities are called, the first first."""

PACKAGES: Final = 3
"""How many there are of each issue."""

SUBMIT: Final = "Submit-Deal"
ACCEPT: Final = "Accept-Deal"
REJECT: Final = "Reject-Deal"
WALK_AWAY: Final = "Walk-Away"

_Shown: TypeAlias = tuple[AnyEvent, list[str] | None]
"""An event, and the parties that it was shown to; None for both."""


def casino(rows: Iterable[Row | Mapping[str, Any]], *, start: datetime = START) -> Imported:
    """Dialogues of CaSiNo as logs, one for each, under the id `casino-` and its `dialogue_id`.

    A dialogue that has none is named by what it says, `casino-content-` and 16 hexadecimal digits:
    so it has the same id in every file, and no other dialogue has it.

    Both parties join. What a party was told to care for is a position that is visible to it alone,
    with the priority (High, Medium, Low) as its value. A message is a statement; Submit-Deal is a
    proposal, with the shares of both parties as its terms; Accept-Deal, Reject-Deal and Walk-Away
    are what they say, of whoever pressed the button.

    A dialogue is made whole or set aside whole. A deal has the terms that it was submitted with,
    whatever they are; but one that was accepted must share out three packages of each issue.

    Args:
        rows: the dialogues, as their JSON objects.
        start: when each of them begins; turn n is n seconds later.

    Raises:
        InvalidTime: `start` has no time zone, or is no datetime.
    """
    return gathered(casino_records(rows, start=start))


def casino_records(
    rows: Iterable[Row | Mapping[str, Any]], *, start: datetime = START
) -> Iterator[Made]:
    """The same one by one, however many dialogues there are; arguments as for `casino`."""
    start = beginning(start)
    known: dict[str, tuple[int, int]] = {}

    def make(row: Row) -> list[Record]:
        made = _dialogue(row, start)
        _check_id(row, made, known)
        return made

    yield from made_of(rows, make, "malformed dialogue")


def _check_id(row: Row, made: list[Record], known: dict[str, tuple[int, int]]) -> None:
    """Two dialogues of one id would be one negotiation; a second copy of one changes nothing.

    Args:
        row: the row.
        made: what comes of it.
        known: the dialogues above, by their ids: the number of the row, and a hash of its records.
    """
    content = hash(tuple(made))
    number, first = known.setdefault(made[0].negotiation, (row.number, content))
    if content != first:
        raise Wrong("dialogue_id", f"row {number} has this id, and says something else")


def _dialogue(row: Row, start: datetime) -> list[Record]:
    """The records of one dialogue, whole, so that none is kept of one that is wrong."""
    given = row.cells.get("dialogue_id")
    if given is not None and (type(given) not in (int, str) or not str(given).strip()):
        raise Wrong("dialogue_id", f"must be the number of the dialogue, not {describe(given)}")
    priorities = _priorities(row.cells.get("participant_info"))
    events: list[_Shown] = []
    for party, levels in priorities.items():
        events.append((PartyJoined(party=party, role="principal"), None))
        for issue, level in levels.items():
            stated = PositionStated(by=party, issue=issue, value=level, firmness="preference")
            events.append((stated, [party]))
    issues = [*next(iter(priorities.values()))]
    turns = _turns(row.cells.get("chat_logs"), [*priorities], issues)
    events.extend((event, None) for event in turns)
    return _records(_content(events) if given is None else str(given), events, start)


def _records(name: str, events: list[_Shown], start: datetime) -> list[Record]:
    """A record of each event, one second after the other."""
    try:
        times = [start + timedelta(seconds=turn) for turn in range(len(events))]
    except OverflowError:
        raise Wrong("chat_logs", f"its turns end beyond all time, from {start}") from None
    return [
        Record(
            id=f"e{turn}", negotiation=f"casino-{name}", time=time, event=event,
            visible_to=visible_to, correlation=f"dialogue {name}",
        )
        for turn, (time, (event, visible_to)) in enumerate(zip(times, events, strict=True), start=1)
    ]  # fmt: skip


def _content(events: list[_Shown]) -> str:
    """A name for a dialogue that has none: by what it says, and by nothing else."""
    from negotiation.wire.lines import Codec

    codec, seal = Codec(), None
    for record in _records("", events, START):
        _, seal = codec.seal(record, seal)
    return f"content-{str(seal)[:16]}"


def _priorities(people: Any) -> dict[str, dict[str, str]]:
    """What each party was told to care for, and how much: the issues of both are the same three."""
    if not isinstance(people, Mapping) or len(people) != 2:
        raise Wrong("participant_info", "must be an object of two parties")
    priorities: dict[str, dict[str, str]] = {}
    for party, about in people.items():
        column = f"participant_info.{party}.value2issue"
        levels = about.get("value2issue") if isinstance(about, Mapping) else None
        if not isinstance(levels, Mapping) or set(levels) != {*LEVELS}:
            raise Wrong(column, f"must name an issue for each of {', '.join(LEVELS)}")
        issues = [levels[level] for level in LEVELS]
        if not all(isinstance(issue, str) for issue in issues) or len({*issues}) < len(LEVELS):
            raise Wrong(column, f"must name another issue for each of {', '.join(LEVELS)}")
        priorities[party] = dict(zip(issues, LEVELS, strict=True))
        for other, theirs in priorities.items():
            if theirs.keys() != priorities[party].keys():
                raise Wrong(column, f"must name the issues of {other}: {', '.join(sorted(theirs))}")
    return priorities


@frozen
class _Deal:
    """A deal that was submitted.

    Attributes:
        id: the proposal.
        by: who submitted it.
        to: the other.
        terms: who gets how many of each issue, as it was submitted.
        column: where that stands.
    """

    id: str
    by: str
    to: str
    terms: Mapping[str, Any]
    column: str

    def check_shares(self, issues: list[str]) -> None:
        """Refuse a deal that does not share out everything: no points come of it.

        Raises:
            Wrong: it does not say of each issue, and of nothing else, who gets how many.
        """
        for party, name in ((self.by, "issue2youget"), (self.to, "issue2theyget")):
            shares, column = self.terms.get(party), f"{self.column}.{name}"
            if not isinstance(shares, Mapping) or {*shares} != {*issues}:
                told = ", ".join(sorted(issues))
                raise Wrong(
                    column, f"must say how many of {told}, and of no more: the deal was accepted"
                )
            for issue, count in shares.items():
                if type(count) is not int or count < 0:
                    reason = f"must be a whole number, not {describe(count)}"
                    raise Wrong(f"{column}.{issue}", f"{reason}: the deal was accepted")
        for issue in issues:
            one, other = (self.terms[party][issue] for party in (self.by, self.to))
            if one + other != PACKAGES:
                reason = f"must share out {PACKAGES} packages of {issue}, not {one} and {other}"
                raise Wrong(self.column, f"{reason}: the deal was accepted")


def _turns(turns: Any, parties: list[str], issues: list[str]) -> Iterator[AnyEvent]:
    """What the parties did, turn by turn."""
    if not isinstance(turns, list):
        raise Wrong("chat_logs", f"must be a list of turns, not {describe(turns)}")
    submitted: list[_Deal] = []
    for index, turn in enumerate(turns):
        column = f"chat_logs[{index}]"
        if not isinstance(turn, Mapping) or turn.get("id") not in parties:
            raise Wrong(column, f"must be what one of {', '.join(parties)} wrote")
        by, text = turn["id"], turn.get("text")
        other = parties[1 - parties.index(by)]
        if text == SUBMIT:
            terms = _terms(turn.get("task_data"), by, other)
            deal = _Deal(f"deal-{len(submitted) + 1}", by, other, terms, f"{column}.task_data")
            submitted.append(deal)
            yield ProposalMade(proposal=deal.id, by=by, to=[other], terms=terms)
        elif text in (ACCEPT, REJECT):
            theirs = [deal for deal in submitted if deal.by == other]
            if not theirs:
                raise Wrong(column, f"{text} of {by}, to whom nothing was submitted")
            if text == ACCEPT:
                theirs[-1].check_shares(issues)
            answer = ProposalAccepted if text == ACCEPT else ProposalRejected
            yield answer(proposal=theirs[-1].id, by=by)
        elif text == WALK_AWAY:
            yield PartyWithdrew(by=by)
        else:
            yield StatementMade(by=by, text=text)


def _terms(task: Any, by: str, other: str) -> dict[str, Any]:
    """Who gets how many of each issue, as given; the source says so as the submitter sees it."""
    terms: dict[str, Any] = {}
    for party, name in ((by, "issue2youget"), (other, "issue2theyget")):
        shares = task.get(name) if isinstance(task, Mapping) else None
        if isinstance(shares, Mapping):
            terms[party] = {issue: _count(count) for issue, count in shares.items()}
        elif shares is not None:
            terms[party] = shares
    return terms


def _count(count: Any) -> Any:
    """A number of packages, which the source writes as text; what is none stays as it is."""
    digits = isinstance(count, str) and count.isascii() and count.isdigit() and len(count) < 10
    return int(count) if digits else count
