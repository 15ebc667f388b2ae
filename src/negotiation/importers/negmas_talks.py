"""NegMAS: the records of a run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import Factory, define

from negotiation.events import (
    AnyEvent,
    DeadlineLifted,
    DeadlineMet,
    DeadlineSet,
    MeetingCancelled,
    MeetingHeld,
    MeetingScheduled,
    PartyJoined,
    PartyWithdrew,
    ProposalAccepted,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
    StatementMade,
)
from negotiation.importers.common import Made, Row, SetAside, Wrong
from negotiation.importers.negmas_rows import ACCEPT, LEAVING, Run, Turn
from negotiation.importers.negmas_turns import Course, course
from negotiation.records import Record

ROUND: Final = timedelta(minutes=1)
"""How far apart the rounds are put."""

MECHANISM: Final = "mechanism"
"""The party that sets the deadline and says how it ended: no negotiator, but the mechanism."""


def records_of(row: Row, run: Run, start: datetime) -> list[Made]:
    """Everything that is made of a run.

    Args:
        row: where it stands.
        run: what it says.
        start: when the run begins.

    Raises:
        Wrong: it would end beyond all time.
    """
    return _Talks(row, run, course(run), start).records()


@define
class _Standing:
    """The offer that stands, and who has answered it."""

    id: str
    by: str
    to: tuple[str, ...]
    answered: set[str] = Factory(set)
    refused: bool = False

    @property
    def agreed(self) -> bool:
        """Whether all have accepted it."""
        return not self.refused and self.answered == {*self.to}

    def asks(self, party: str) -> bool:
        """Whether a party may still answer."""
        return party in self.to and party not in self.answered


@define
class _Talks:
    """The records of a run, as they are made."""

    row: Row
    run: Run
    course: Course
    start: datetime
    made: list[Record] = Factory(list)
    step: int = 0
    in_step: int = 0
    offers: int = 0
    standing: _Standing | None = None
    left: set[str] = Factory(set)
    untold: list[str] = Factory(list)
    unsure: dict[str, str] = Factory(dict)
    aside: list[SetAside] = Factory(list)

    @property
    def mechanism(self) -> str:
        """The id of the mechanism, which no negotiator has."""
        name = MECHANISM
        while name in self.run.parties:
            name += "-"
        return name

    def records(self) -> list[Made]:
        """Everything that is made of the run."""
        for party, name in self.run.parties.items():
            self.note(PartyJoined(party=party, role="principal", name=name))
        self.open()
        self.between(-1, -1)
        for index, turn in enumerate(self.run.turns):
            self.advance(self.course.steps[index])
            self.offer(index, turn)
            self.responses(index, turn)
            if self.run.agreed(index):  # whose acceptances come last, whatever else is said
                self.leave_all(self.course.leave_otherwise(index))
            self.between(index, self.course.offers[index])
        self.end()
        self.untold += [
            f"{party} to that of {column} and to later ones, unless it had left"
            for party, column in self.unsure.items()
        ]
        if self.untold:
            detail = "the trace does not have the answer of " + ", ".join(self.untold)
            self.put("answers not told", "full_trace", detail)
        return [*self.made, *self.aside]

    def moment(self, step: int) -> datetime:
        """When a round begins; one that ends beyond all time is wrong."""
        try:
            return self.start + (step + 1) * ROUND - ROUND
        except OverflowError:
            detail = f"round {step}, at a minute each from {self.start}, ends beyond all time"
            raise Wrong("n_steps", detail) from None

    def advance(self, step: int) -> None:
        """Go on to a round."""
        if step > self.step:
            self.step, self.in_step = step, 0

    def note(self, event: AnyEvent, **more: Any) -> None:
        """Make a record of what happens now."""
        time = self.moment(self.step) + timedelta(seconds=min(self.in_step, 59))
        self.in_step += 1
        self.made.append(
            Record(
                id=f"e{len(self.made) + 1}", negotiation=self.run.name, time=time, event=event,
                correlation=self.run.name, **more,
            )
        )  # fmt: skip

    def put(self, reason: str, column: str, detail: str) -> None:
        """Set aside what the source does not tell."""
        self.aside.append(self.row.aside(reason, column, detail))

    def leave(self, party: str, reason: str | None = None) -> None:
        """Somebody leaves, once."""
        if party in self.left:
            return
        self.left.add(party)
        self.note(PartyWithdrew(by=party, reason=reason))
        if party in self.course.untimed:
            detail = f"{party} left, and it is not told when: at the latest here"
            self.put("time of leaving not told", "final.left_negotiators", detail)

    def between(self, index: int, start: int) -> None:
        """What was done in the turns between an offer and the next one, or the end."""
        course, stop = self.course, self.course.until(index)
        leaves = {turn: party for party, turn in course.leaves.items() if start < turn < stop}
        asked = {turn: party for party, turn in course.asked(start, stop).items()}
        accepted = {} if self.standing is None else course.accepted(index)
        accepts = {turn: party for party, turn in accepted.items()}
        for turn, party in sorted((asked | accepts | leaves).items()):
            self.advance(course.step(turn, index))
            if turn in leaves:
                self.leave(party)
            elif self.standing is not None and turn in accepts:
                self.answer(self.standing, party, ProposalAccepted)
            elif self.standing is not None and party not in accepted:
                self.untell(self.standing, party, self.run.turns[index])
        if self.standing is not None and course.asked_again(index):
            column = self.run.turns[index].column
            self.untold.append(f"{self.standing.by} to the offer of {column}, which is its own")

    def untell(self, standing: _Standing, party: str, turn: Turn) -> None:
        """The answer of a party is not told; of one that may have left, once for all later ones."""
        if not standing.asks(party) or (turn.one_by_one and party in turn.responses):
            return
        if party in self.course.untimed:
            self.unsure.setdefault(party, turn.column)
        elif party not in self.left:
            self.untold.append(f"{party} to the offer of {turn.column}")

    def offer(self, index: int, turn: Turn) -> None:
        """A turn: an offer, which takes the place of the one that stood, or a refusal of it."""
        stood, self.standing = self.standing, None
        answers = stood is not None and stood.asks(turn.by)
        self.tell_of(index, turn)
        to = tuple(party for party in self.run.after(turn.by) if party not in self.left)
        if turn.terms is not None and not to:
            detail = f"{turn.by} made an offer when all others had left, so nobody could answer it"
            self.put("offer to nobody", f"{turn.column}.offer", detail)
        if turn.terms is None or not to:
            if stood is not None and answers:
                self.note(ProposalRejected(proposal=stood.id, by=turn.by))
            return
        if stood is not None and stood.by == turn.by and not stood.agreed:
            self.note(ProposalWithdrawn(proposal=stood.id, by=turn.by))
        self.offers += 1
        self.standing = _Standing(f"offer-{self.offers}", turn.by, to)
        made = ProposalMade(
            proposal=self.standing.id, by=turn.by, to=to, terms=turn.terms,
            counters=stood.id if stood is not None and answers else None,
        )  # fmt: skip
        kept = {"step": str(self.course.steps[index])}
        if turn.seconds is not None and self.course.steps[index] in (turn.step, turn.offered):
            kept["seconds"] = turn.seconds
        self.note(made, quote=turn.text, attributes=kept)

    def tell_of(self, index: int, turn: Turn) -> None:
        """Set aside what is not told of an offer."""
        if turn.lost:
            detail = f"{turn.by} made an offer, and the trace no longer has it"
            self.put("terms not told", f"{turn.column}.offer", detail)
        if index == len(self.run.turns) - 1 and not self.course.settled:
            detail = f"{turn.by} offered last, and it is not told when: at the latest here"
            self.put("round not told", f"{turn.column}.step", detail)

    def responses(self, index: int, turn: Turn) -> None:
        """What stands beside an offer, but for acceptances that are counted."""
        nobodys = self.course.nobodys(index)
        self.untold += [f"{party} beside {turn.column}" for party in sorted(nobodys)]
        if turn.lost:
            self.untold += [
                f"{party} to the offer of {turn.column}, which is not told"
                for party in self.course.accepted(index) or sorted(turn.accepters - nobodys)
            ]
        following = self.run.turns[index + 1].by if index + 1 < len(self.run.turns) else None
        for party in self.run.after(turn.by) if turn.one_by_one else ():
            said = turn.responses.get(party)
            if said in LEAVING:
                self.leave(party)
            elif self.standing is None or self.run.agreed(index):
                continue
            elif said == ACCEPT:
                self.answer(self.standing, party, ProposalAccepted)
            elif said == "REJECT_OFFER" and party != following:
                self.answer(self.standing, party, ProposalRejected)

    def answer(
        self, offer: _Standing, party: str, answer: type[ProposalAccepted | ProposalRejected]
    ) -> None:
        """Somebody answers the offer that stands, if it is asked."""
        if offer.asks(party):
            offer.answered.add(party)
            offer.refused = offer.refused or answer is ProposalRejected
            self.note(answer(proposal=offer.id, by=party))

    def leave_all(self, parties: Iterable[str]) -> None:
        """Several leave, in the order of their turns."""
        for party in sorted(parties, key=self.course.leaves.__getitem__):
            self.leave(party)

    def end(self) -> None:
        """How it ended."""
        run = self.run
        self.advance(run.last_round)
        ended_by = run.stopped_by if run.verdict == "broken" else None
        self.leave_all({*self.course.leaves})
        if run.verdict is None:
            return
        if ended_by is not None:
            self.leave(ended_by, "error" if run.error else None)
        elif run.verdict == "broken" and not run.alone and not run.ended_in_trace:
            detail = "somebody ended it, and it is not told who"
            self.put("ended by somebody not named", "final.broken", detail)
        if run.verdict == "timedout":
            self.advance(run.played)
        self.close(run.verdict)
        self.note(StatementMade(by=self.mechanism, text=run.verdict))

    def open(self) -> None:
        """The mechanism sets the deadline; talks without one are a meeting, which may break up."""
        by, everybody = self.mechanism, [*self.run.parties]
        if self.run.rounds is None:
            starts = self.start
            self.note(MeetingScheduled(meeting="talks", by=by, parties=everybody, starts=starts))
        else:
            due = self.moment(self.run.rounds)
            self.note(DeadlineSet(deadline="steps", by=by, on=everybody, due=due))

    def close(self, verdict: str) -> None:
        """What the mechanism does at the end, besides saying how it ended."""
        by, everybody = self.mechanism, [*self.run.parties]
        if verdict == "timedout" and not self.run.used_up:
            due = self.moment(self.step)
            self.note(DeadlineSet(deadline="time", by=by, on=everybody, due=due))
        if self.run.rounds is None:
            self.note(
                MeetingCancelled(meeting="talks", by=by, reason=verdict) if verdict == "broken"
                else MeetingHeld(meeting="talks", parties=everybody)
            )  # fmt: skip
        elif verdict == "broken":
            self.note(DeadlineLifted(deadline="steps", by=by, reason=verdict))
        elif verdict == "agreement":
            self.note(DeadlineMet(deadline="steps", by=by, note=verdict))
