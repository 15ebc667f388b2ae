"""NegMAS: runs of its stacked alternating offers, as rows and from a live mechanism.

Y. Mohammad and others, "NegMAS: A Platform for Situated Negotiations" (2021). A row is a run:

- `run`, the name of it; `issues` and `negotiators`, their names in order; `n_steps`, how many
  rounds there are at most, or null;
- `full_trace`, an object for each offer: its `step`, its `negotiator`, the `offer` (values in the
  order of the issues), the `responses` and, if there is any, the `text`;
- `final`: `agreement`, `broken`, `timedout`, `step` (how many rounds were played) and
  `left_negotiators`. What `of_mechanism` adds: `left_at` (negotiator → the round in which it left),
  `ended_by` and `error` (whether it ended by an error of that negotiator);
- `offering_is_accepting`, true where it is not there. Without it whoever makes an offer may refuse
  it, and such a run is set aside.

Nothing of NegMAS is imported here.

Rounds have no dates: round n is put n minutes after `start`, and its turns a second apart. So the
end of the last round is a moment, which is what the deadline needs, and the order of the turns is
kept; nothing else follows from these times.

What the trace of NegMAS says is less than it seems:

- `responses` stand beside every offer of a round, and are those to its last offer. What was
  answered to the others is not told, but that whoever offers next has rejected what stood.
- They are counted on from the proposer, whoever has left or was silent. Those who had left are
  passed over here where it is told; of the silent (NO_RESPONSE) nothing is.
- The last object of a run without agreement names the last proposer, and not what was offered.
- Nothing says who ended a run that is `broken`, and only the live mechanism when somebody left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import Factory, define

from negotiation.errors import NegotiationError
from negotiation.events import (
    AnyEvent,
    DeadlineLifted,
    DeadlineMet,
    DeadlineSet,
    PartyJoined,
    PartyWithdrew,
    ProposalAccepted,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
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
from negotiation.importers.negmas_rows import (
    ACCEPT,
    LEAVING,
    Run,
    Turn,
    of_mechanism,
    read_run,
)
from negotiation.records import Record

__all__ = ["negmas", "negmas_records", "of_mechanism"]

START: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""When every run begins, unless told otherwise."""

ROUND: Final = timedelta(minutes=1)
"""How far apart the rounds are put."""

MECHANISM: Final = "mechanism"
"""The party that sets the deadline and says how it ended: no negotiator, but the mechanism."""


def negmas(rows: Iterable[Row | Mapping[str, Any]], *, start: datetime = START) -> Imported:
    """Runs of NegMAS as logs, one for each, under the name of the run.

    Everybody joins; the mechanism sets the deadline `steps`. An offer is a proposal to all who have
    not left, and counters the one that stood; a refusal to offer rejects it. With an agreement
    all of them have accepted. Who left or ended it has withdrawn. At the end the mechanism says
    `agreement`, `broken` or `timedout`; the deadline was met, lifted or missed.

    Set aside, and not wrong, is what the trace does not tell: answers to any but the last offer of
    a round, the terms of the last offer of a run without agreement, when somebody left, and who
    ended what is broken.

    Args:
        rows: the runs, as their JSON objects.
        start: when each of them begins.

    Raises:
        InvalidTime: `start` has no time zone, or is no datetime.
    """
    return gathered(negmas_records(rows, start=start))


def negmas_records(
    rows: Iterable[Row | Mapping[str, Any]], *, start: datetime = START
) -> Iterator[Made]:
    """The same one by one, however many runs there are; arguments as for `negmas`."""
    start = beginning(start)
    runs: dict[str, int] = {}
    for row in numbered(rows):
        yield READ
        if isinstance(row, SetAside):
            yield row
            continue
        if row.cells.get("offering_is_accepting") is False:
            detail = "whoever made an offer may still refuse it, so it is no proposal"
            yield SetAside(
                row.number, "offers do not bind", False, "offering_is_accepting", detail, row.cells
            )
            continue
        try:
            run = read_run(row)
            _check_new(run, runs)
            made = _Talks(row, run, start).records()
            runs[run.name] = row.number
            yield from made
        except Wrong as wrong:
            yield SetAside(
                row.number, "malformed run", column=wrong.column, detail=str(wrong),
                cells=row.cells,
            )  # fmt: skip
        except NegotiationError as error:
            yield SetAside(row.number, "malformed run", detail=str(error), cells=row.cells)


def _check_new(run: Run, runs: Mapping[str, int]) -> None:
    """Two runs of one name would be one negotiation."""
    if run.name in runs:
        raise Wrong("run", f"stands in row {runs[run.name]} too: {run.name}")


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
    start: datetime
    made: list[Record] = Factory(list)
    step: int = 0
    in_step: int = 0
    offers: int = 0
    standing: _Standing | None = None
    left: set[str] = Factory(set)
    untold: list[str] = Factory(list)
    aside: list[SetAside] = Factory(list)

    @property
    def mechanism(self) -> str:
        """The id of the mechanism, which no negotiator has."""
        name = MECHANISM
        while name in self.run.parties:
            name += "-"
        return name

    @property
    def unsure(self) -> set[str]:
        """Those of whom it is told that they left, and not when."""
        return {*self.run.left} - self.left - {*self.run.left_at}

    def records(self) -> list[Made]:
        """Everything that is made of the run."""
        for party, name in self.run.parties.items():
            self.note(PartyJoined(party=party, role="principal", name=name))
        if self.run.rounds is not None:
            due = self.moment(self.run.rounds)
            everybody = [*self.run.parties]
            self.note(DeadlineSet(deadline="steps", by=self.mechanism, on=everybody, due=due))
        for index, turn in enumerate(self.run.turns):
            self.leave_before(index, turn)
            self.advance(turn.step)
            self.offer(turn)
            told = self.answers(index, turn)
            self.passed_over(index, turn, told)
        self.end()
        if self.untold:
            detail = "the trace does not have the answer of " + ", ".join(self.untold)
            self.put("answers not told", "full_trace", detail)
        return [*self.made, *self.aside]

    def agreed(self, index: int) -> bool:
        """Whether an offer is the one that was agreed on, which is the last one."""
        return self.run.verdict == "agreement" and index == len(self.run.turns) - 1

    def moment(self, step: int) -> datetime:
        """When a round begins; all of it lies in time."""
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
        self.aside.append(SetAside(self.row.number, reason, False, column, detail, self.row.cells))

    def leave(self, party: str, reason: str | None = None) -> None:
        """Somebody leaves, once."""
        if party not in self.left:
            self.left.add(party)
            self.note(PartyWithdrew(by=party, reason=reason))

    def leave_before(self, index: int, turn: Turn) -> None:
        """Those leave who did so before a turn.

        Of whom it is not told when, it is told of an agreement that it was without them.
        """
        order = [*self.run.parties]
        for party in order:
            step = self.run.left_at.get(party)
            earlier = order.index(party) < order.index(turn.by)
            if step is not None and (step, not earlier) < (turn.step, True):
                self.advance(step)
                self.leave(party)
        if self.agreed(index):
            self.leave_sometime(self.unsure - {turn.by})

    def leave_sometime(self, parties: set[str]) -> None:
        """Those leave of whom it is not told when."""
        for party in [each for each in self.run.parties if each in parties]:
            self.leave(party)
            detail = f"{party} left, and it is not told when: at the latest here"
            self.put("time of leaving not told", "final.left_negotiators", detail)

    def offer(self, turn: Turn) -> None:
        """A turn: an offer, which takes the place of the one that stood, or a refusal of it."""
        stood, self.standing = self.standing, None
        answers = stood is not None and stood.asks(turn.by)
        to = tuple(party for party in self.run.after(turn.by) if party not in self.left)
        if turn.lost:
            detail = f"{turn.by} made an offer, and the trace no longer has it"
            self.put("terms not told", f"{turn.column}.offer", detail)
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
        kept = {"step": str(turn.step)} | (
            {} if turn.seconds is None else {"seconds": turn.seconds}
        )
        self.note(made, quote=turn.text, attributes=kept)

    def answers(self, index: int, turn: Turn) -> set[str]:
        """What was answered to the offer of a turn; returns of whom that is told."""
        accepters = self.accepters(index, turn)
        if self.agreed(index):  # the acceptance that made it an agreement came after all who left
            for party in [each for each in self.run.parties if each in self.run.left]:
                self.leave(party)
        for party in accepters:
            if self.standing is None:
                self.untold.append(f"{party} to the offer of {turn.column}, which is not told")
            else:
                self.answer(self.standing, party, ProposalAccepted)
        others = {party: said for party, said in turn.responses.items() if said != ACCEPT}
        following = self.run.turns[index + 1].by if index + 1 < len(self.run.turns) else None
        for party, said in others.items():
            if said in LEAVING:
                self.leave(party)
            elif said == "REJECT_OFFER" and party != following and self.standing is not None:
                self.answer(self.standing, party, ProposalRejected)
        return {*accepters, *others}

    def answer(
        self, offer: _Standing, party: str, answer: type[ProposalAccepted | ProposalRejected]
    ) -> None:
        """Somebody answers the offer that stands, if it is asked."""
        if offer.asks(party):
            offer.answered.add(party)
            offer.refused = offer.refused or answer is ProposalRejected
            self.note(answer(proposal=offer.id, by=party))

    def accepters(self, index: int, turn: Turn) -> list[str]:
        """Who accepted the offer of a turn, in order, as far as that is told."""
        after, accepters = self.run.after(turn.by), turn.accepters
        if self.agreed(index):
            return [party for party in after if party not in self.run.left]
        if {*turn.responses} != accepters:  # each response was written down
            return [party for party in after if party in accepters]
        counted = after[: len(accepters)]
        if accepters != {*counted}:
            if not self.told_later(index, accepters):
                self.untold += [f"{party} beside {turn.column}" for party in sorted(accepters)]
            return []
        unsure = self.unsure - {each.by for each in self.run.turns[index:]}
        if not unsure:
            until = self.run.played if index == len(self.run.turns) - 1 else turn.step
            return [
                party for party in after
                if party not in self.left and self.run.left_at.get(party, until + 1) > until
            ][: len(accepters)]  # fmt: skip
        self.untold += [f"{party} beside {turn.column}" for party in counted if party in unsure]
        return [party for party in counted if party not in unsure]

    def told_later(self, index: int, accepters: set[str]) -> bool:
        """Whether these responses are those to a later offer of the round, which has them too."""
        turn, last = self.run.turns[index], len(self.run.turns) - 1
        for place, later in enumerate(self.run.turns[index + 1 :], start=index + 1):
            if later.step == turn.step or place == last:
                counted = {*self.run.after(later.by)[: len(accepters)]}
                if accepters == counted and accepters <= later.accepters:
                    return True
        return False

    def passed_over(self, index: int, turn: Turn, told: set[str]) -> None:
        """Between two offers others may have had their turn, of whom the trace has nothing."""
        following = self.run.ended_by
        if index + 1 < len(self.run.turns):
            following = self.run.turns[index + 1].by
        if following is None:
            return
        speaking = {each.by for each in self.run.turns[index:]}
        for party in self.run.after(turn.by):
            if party == following and party not in told:
                break
            gone = self.left | (self.unsure - speaking)
            if party not in told and party not in gone and not self.leaves_by(party, index):
                self.untold.append(f"{party} to the offer of {turn.column}")

    def leaves_by(self, party: str, index: int) -> bool:
        """Whether it is told that a party leaves before the turn after this one."""
        step, turns = self.run.left_at.get(party), self.run.turns
        last = turns[index + 1].step if index + 1 < len(turns) else self.run.played
        return step is not None and step <= last

    def end(self) -> None:
        """How it ended."""
        verdict, used_up = self.run.verdict, self.run.used_up
        self.advance(max(self.run.played - 1, 0))
        for party in self.run.left_at:
            self.leave(party)
        alone = len({*self.run.parties} - self.run.left) < 2
        if verdict == "broken" and alone and len(self.unsure) == 1:
            self.leave(next(iter(self.unsure)))  # which is how it ended
        self.leave_sometime(self.unsure)
        if verdict is None:
            return
        if verdict == "broken" and self.run.ended_by is not None:
            self.leave(self.run.ended_by, "error" if self.run.error else None)
        elif verdict == "broken" and not alone and not self.run.ended_in_trace:
            detail = "somebody ended it, and it is not told who"
            self.put("ended by somebody not named", "final.broken", detail)
        mechanism = self.mechanism
        if verdict == "timedout":
            self.advance(self.run.played)
            if not used_up:
                everybody, now = [*self.run.parties], self.moment(self.step)
                self.note(DeadlineSet(deadline="time", by=mechanism, on=everybody, due=now))
        elif self.run.rounds is not None and verdict == "agreement":
            self.note(DeadlineMet(deadline="steps", by=mechanism, note=verdict))
        elif self.run.rounds is not None:
            self.note(DeadlineLifted(deadline="steps", by=mechanism, reason=verdict))
        self.note(StatementMade(by=mechanism, text=verdict))
