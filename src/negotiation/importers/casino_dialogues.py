"""CaSiNo: two campers who share out firewood, food and water in chat, as JSON.

K. Chawla and others, "CaSiNo: A Corpus of Campsite Negotiation Dialogues for Automatic Negotiation
Systems", NAACL 2021. A row is a dialogue: `dialogue_id`, `chat_logs` (what each party wrote, and
the four buttons that it could press) and `participant_info`.

The source tells no times: turn n of a dialogue is put n seconds after `start`, which orders the
turns and says nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from negotiation.errors import NegotiationError
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
    READ,
    Imported,
    Made,
    Row,
    SetAside,
    Wrong,
    beginning,
    gathered,
    numbered,
)
from negotiation.records import Record
from negotiation.values import describe

START: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When every dialogue begins, unless told otherwise."""

LEVELS: Final = ("High", "Medium", "Low")
"""What a party's priorities are called, the first first."""

PACKAGES: Final = 3
"""How many there are of each issue."""

SUBMIT: Final = "Submit-Deal"
ACCEPT: Final = "Accept-Deal"
REJECT: Final = "Reject-Deal"
WALK_AWAY: Final = "Walk-Away"


def casino(rows: Iterable[Row | Mapping[str, Any]], *, start: datetime = START) -> Imported:
    """Dialogues of CaSiNo as logs, one for each, under the id `casino-` and its `dialogue_id`.

    Both parties join. What a party was told to care for is a position that is visible to it alone,
    with the priority (High, Medium, Low) as its value. A message is a statement; Submit-Deal is a
    proposal, with the shares of both parties as its terms; Accept-Deal, Reject-Deal and Walk-Away
    are what they say, of whoever pressed the button.

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
    for row in numbered(rows):
        yield READ
        if isinstance(row, SetAside):
            yield row
            continue
        try:
            made = _dialogue(row, start)
            _check_id(row, made, known)
            yield from made
        except Wrong as wrong:
            yield SetAside(
                row.number, "malformed dialogue", column=wrong.column, detail=str(wrong),
                cells=row.cells,
            )  # fmt: skip
        except NegotiationError as error:
            yield SetAside(row.number, "malformed dialogue", detail=str(error), cells=row.cells)


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
    number = row.cells.get("dialogue_id")
    if type(number) not in (int, str):
        raise Wrong("dialogue_id", f"must be the number of the dialogue, not {describe(number)}")
    negotiation = f"casino-{number}"
    people = row.cells.get("participant_info")
    if not isinstance(people, Mapping) or len(people) != 2:
        raise Wrong("participant_info", "must be an object of two parties")
    made: list[Record] = []

    def note(event: AnyEvent, **fields: Any) -> None:
        try:
            time = start + timedelta(seconds=len(made))
        except OverflowError:
            raise Wrong("chat_logs", f"its turns end beyond all time, from {start}") from None
        record = Record(
            id=f"e{len(made) + 1}", negotiation=negotiation, time=time, event=event,
            correlation=f"dialogue {number}", **fields,
        )  # fmt: skip
        made.append(record)

    for party, about in people.items():
        note(PartyJoined(party=party, role="principal"))
        for issue, level in _priorities(party, about):
            stated = PositionStated(by=party, issue=issue, value=level, firmness="preference")
            note(stated, visible_to=[party])
    for event in _turns(row.cells.get("chat_logs"), [*people]):
        note(event)
    return made


def _priorities(party: str, about: Any) -> Iterator[tuple[str, str]]:
    """What a party was told to care for, and how much."""
    column = f"participant_info.{party}.value2issue"
    levels = about.get("value2issue") if isinstance(about, Mapping) else None
    if not isinstance(levels, Mapping) or set(levels) != {*LEVELS}:
        raise Wrong(column, f"must name an issue for each of {', '.join(LEVELS)}")
    for level in LEVELS:
        yield levels[level], level


def _turns(turns: Any, parties: list[str]) -> Iterator[AnyEvent]:
    """What the parties did, turn by turn."""
    if not isinstance(turns, list):
        raise Wrong("chat_logs", f"must be a list of turns, not {describe(turns)}")
    submitted: list[tuple[str, str]] = []
    for index, turn in enumerate(turns):
        column = f"chat_logs[{index}]"
        if not isinstance(turn, Mapping) or turn.get("id") not in parties:
            raise Wrong(column, f"must be what one of {', '.join(parties)} wrote")
        by, text, task = turn["id"], turn.get("text"), turn.get("task_data")
        other = parties[1 - parties.index(by)]
        if text == SUBMIT:
            submitted.append((f"deal-{len(submitted) + 1}", by))
            terms = _terms(task, by, other, column)
            yield ProposalMade(proposal=submitted[-1][0], by=by, to=[other], terms=terms)
        elif text in (ACCEPT, REJECT):
            theirs = [deal for deal, submitter in submitted if submitter == other]
            if not theirs:
                raise Wrong(column, f"{text} of {by}, to whom nothing was submitted")
            answer = ProposalAccepted if text == ACCEPT else ProposalRejected
            yield answer(proposal=theirs[-1], by=by)
        elif text == WALK_AWAY:
            yield PartyWithdrew(by=by)
        else:
            yield StatementMade(by=by, text=text)


def _terms(task: Any, by: str, other: str, column: str) -> dict[str, dict[str, int]]:
    """Who gets how many of each issue; the source says so as the submitter sees it."""
    terms: dict[str, dict[str, int]] = {}
    for party, name in ((by, "issue2youget"), (other, "issue2theyget")):
        shares = task.get(name) if isinstance(task, Mapping) else None
        if not isinstance(shares, Mapping):
            raise Wrong(f"{column}.task_data.{name}", "must say how many of each issue")
        terms[party] = {}
        for issue, count in shares.items():
            digits = str(count)
            if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
                raise Wrong(
                    f"{column}.task_data.{name}.{issue}",
                    f"must be a whole number, not {describe(count)}",
                )
            terms[party][issue] = int(digits)
    for issue in {**terms[by], **terms[other]}:
        shares = [terms[party].get(issue, 0) for party in (by, other)]
        if sum(shares) != PACKAGES:
            raise Wrong(
                f"{column}.task_data",
                f"must share out {PACKAGES} packages of {issue}, not {shares[0]} and {shares[1]}",
            )
    return terms
