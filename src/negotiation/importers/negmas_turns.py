"""NegMAS: whose turn was when, and who accepted what, as far as that follows from a row.

Negotiators have their turns in the order in which they stand, round after round, but for those
who have left. So the turns of a run can be numbered, and it follows who had one between two offers.
What follows of it:

- The last object of the trace of a run that is over has the round of the end, and not that of its
  offer, unless the row says so besides. An offer that was agreed on was made in the turn before
  its acceptances: all others that are left accept it in turn. Another one was made in the first
  turn that its maker had, if nobody can have left between and everybody says something when it
  has its turn. If neither is so, its round is not told.
- `responses` say how many accepted after the last turn of who had offered last, as if they were
  those who stand next to it. If that many had a turn, they are the ones. If there were more, some
  had left or were silent, and nothing says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from negotiation.importers.negmas_rows import Run

NEVER: Final = 10**18
"""Later than every turn."""


@frozen
class Seats:
    """The turns of a run, numbered from 0.

    Attributes:
        parties: who has them, in order, over and over.
        single: whether a round is one turn, and not one of each party.
    """

    parties: tuple[str, ...]
    single: bool

    def begins(self, step: int) -> int:
        """The first turn of a round."""
        return step if self.single else step * len(self.parties)

    def step(self, turn: int) -> int:
        """The round of a turn."""
        return turn if self.single else turn // len(self.parties)

    def party(self, turn: int) -> str:
        """Whose turn it is."""
        return self.parties[turn % len(self.parties)]

    def first(self, party: str, turn: int) -> int:
        """The first turn of a party that is not before another turn."""
        return turn + (self.parties.index(party) - turn) % len(self.parties)

    def last(self, party: str, turn: int) -> int:
        """The last turn of a party before another turn; below 0 if there is none."""
        return self.first(party, turn - len(self.parties))


@frozen
class Course:
    """A run with its turns.

    Attributes:
        run: the run.
        seats: whose turns they are.
        offers: the turn of each offer.
        steps: the round of each offer.
        lasts: which offer was the last one of that round.
        over: the first turn that nobody had any more, or that ended it otherwise than by an
            acceptance.
        leaves: who left in which turn; at the latest, if that is not told.
        untimed: of whom it is not told.
        settled: whether it is told in which round the last offer was made.
        orderly: whether all had their turns in order.
    """

    run: Run
    seats: Seats
    offers: tuple[int, ...]
    steps: tuple[int, ...]
    lasts: tuple[int, ...]
    over: int
    leaves: Mapping[str, int]
    untimed: frozenset[str]
    settled: bool
    orderly: bool

    def leave_otherwise(self, index: int) -> set[str]:
        """Those who leave, but not while an offer stands, by the turns."""
        start, stop = self.offers[index], self.until(index)
        return {party for party, turn in self.leaves.items() if not start < turn < stop}

    def until(self, index: int) -> int:
        """The turn before which the next offer or the end was still to come."""
        return self.offers[index + 1] if index + 1 < len(self.offers) else self.over

    def step(self, turn: int, index: int) -> int:
        """The round of a turn after an offer, which is no later than that of the next one."""
        known = index + 1 < len(self.steps)
        return min(self.seats.step(turn), self.steps[index + 1] if known else self.run.last_round)

    def asked(self, start: int, stop: int) -> dict[str, int]:
        """Who had a turn between two turns, and which was the first one."""
        turns = range(start + 1, min(stop, start + len(self.seats.parties)))
        found = {self.seats.party(turn): turn for turn in turns}
        return {
            party: turn for party, turn in found.items() if self.leaves.get(party, NEVER) > turn
        }

    def asked_again(self, index: int) -> bool:
        """Whether the maker of an offer had a turn while it stood."""
        again = self.offers[index] + len(self.seats.parties)
        return again < min(self.until(index), self.leaves.get(self.run.turns[index].by, NEVER))

    def accepted(self, index: int) -> dict[str, int]:
        """Who accepted an offer, and in which turn, as far as that is told."""
        run, by = self.run, self.run.turns[index].by
        if run.agreed(index):
            stayed = [party for party in run.after(by) if party not in run.left]
            return {party: self.seats.last(party, self.over) for party in stayed}
        found: dict[str, int] = {}
        if not self.orderly:
            return found
        beside = self._beside(index)
        if beside is not None:
            found |= self._if_all(self._asked_in_round(index), beside)
        counts = run.is_last(index) and not run.turns[index].one_by_one
        if counts and self.leaves.get(by, NEVER) >= self.over:
            asked = self.asked(self.seats.last(by, self.over), self.over)
            found = self._if_all(asked, index) | found
        return found | self._by_rounds(index)

    def _by_rounds(self, index: int) -> dict[str, int]:
        """Who accepted an offer, and first in which turn, by what is told of each round.

        Whenever its maker has its turn all begin anew; when that has left, they are counted less.
        """
        run, by, found = self.run, self.run.turns[index].by, dict[str, int]()
        for step, accepted in enumerate(run.turns[index].accepted, self.steps[index]):
            stop = min(self.until(index), self.seats.begins(step + 1))
            asked = self.asked(self.seats.last(by, stop), stop)
            counted = {*run.after(by)[: len(accepted)]}
            told = accepted == counted and len(asked) == len(accepted)
            if told and self.leaves.get(by, NEVER) >= stop:
                found = asked | found
        return found

    def nobodys(self, index: int) -> set[str]:
        """Those who accepted, by the responses beside an offer, and cannot have."""
        turn, about, most = self.run.turns[index], index, len(self.run.parties)
        if not self.run.is_last(index):
            about = self.lasts[index]
            most = len(self._asked_in_round(about))
            if self._beside(about) is not None and turn.accepters != self._accepters(about):
                return turn.accepters
        counted = self.run.after(self.run.turns[about].by)[: len(turn.accepters)]
        fits = turn.accepters == {*counted} and len(counted) <= most
        return set() if turn.one_by_one or fits else turn.accepters

    def _if_all(self, asked: dict[str, int], beside: int) -> dict[str, int]:
        """Those who had a turn, if the responses beside an offer say that as many accepted.

        None of them where who accepted by these responses cannot have.
        """
        fits = len(asked) == len(self.run.turns[beside].accepters) and not self.nobodys(beside)
        return asked if fits else {}

    def _asked_in_round(self, index: int) -> dict[str, int]:
        """Who had a turn after an offer, as long as it stood and its round was not over."""
        stop = min(self.until(index), self.seats.begins(self.steps[index] + 1))
        return self.asked(self.offers[index], stop)

    def _accepters(self, index: int) -> set[str]:
        beside = self._beside(index)
        return set() if beside is None else self.run.turns[beside].accepters

    def _beside(self, index: int) -> int | None:
        """Beside which offer stands how many had accepted this one when its round was over.

        Beside all of the round, but not beside the last offer of a run that is over.
        """
        if self.lasts[index] != index:
            return None
        beside = index - 1 if self.run.is_last(index) else index
        if beside < 0 or self.steps[beside] != self.steps[index]:
            return None
        return None if self.run.turns[beside].one_by_one else beside


def course(run: Run) -> Course:
    """The turns of a run."""
    seats = Seats((*run.parties,), run.single)
    over = _over(run, seats)
    leaves = _leaves(run, seats, over)
    offers: list[int] = []
    steps: list[int] = []
    settled = orderly = True
    for index, turn in enumerate(run.turns):
        step = turn.step if turn.offered is None else turn.offered
        after = offers[-1] + 1 if offers else 0
        at = seats.first(turn.by, max(after, seats.begins(step)))
        if turn.offered is None and run.is_last(index) and _has_round_of_end(run):
            found = _last_offer(seats, run, after, over, leaves)
            settled = len(found) < 2
            at = found[-1] if found else at
            step = min(seats.step(at), run.last_round)
        orderly = orderly and seats.step(at) == step
        offers.append(at)
        steps.append(step)
    untimed = run.left - {*run.left_at} - run.leaving - {run.stopped_by}
    return Course(
        run, seats, (*offers,), (*steps,), _lasts(steps), over, leaves, untimed, settled, orderly
    )


def _lasts(steps: list[int]) -> tuple[int, ...]:
    """For each round that is named, the last place where it is, so far as it is named in a row."""
    lasts: list[int] = []
    for index in reversed(range(len(steps))):
        same = bool(lasts) and steps[index] == steps[index + 1]
        lasts.append(lasts[-1] if same else index)
    return (*reversed(lasts),)


def _over(run: Run, seats: Seats) -> int:
    """The turn after that of the last acceptance, the turn that ended it, or the end of a round."""
    end = seats.begins(run.last_round + 1)
    if run.verdict == "agreement":
        by = run.turns[-1].by
        stayed = [party for party in run.after(by) if party not in run.left]
        return seats.last([by, *stayed][-1], end) + 1
    return end if run.stopped_by is None else seats.last(run.stopped_by, end)


def _leaves(run: Run, seats: Seats, over: int) -> dict[str, int]:
    """In which turn somebody left; at the latest, if that is not told."""
    leaves: dict[str, int] = {}
    for party in run.left - run.leaving:
        if party in run.left_at:
            leaves[party] = seats.first(party, seats.begins(run.left_at[party]))
        else:
            leaves[party] = over if party == run.stopped_by else seats.last(party, over)
    return leaves


def _has_round_of_end(run: Run) -> bool:
    """Whether the last object of the trace has that round, and so does not have its own."""
    last = run.turns[-1]
    return last.step == run.last_round and (last.lost or run.verdict == "agreement")


def _last_offer(
    seats: Seats, run: Run, after: int, over: int, leaves: Mapping[str, int]
) -> list[int]:
    """The turns in which the last offer may have been made: the first and the last of them."""
    by, everybody = run.turns[-1].by, len(seats.parties)
    first = seats.first(by, after)
    last = seats.last(by, min(over, leaves.get(by, over)))
    if last <= first:
        return [first] if last == first else []
    if any(after <= turn < over for turn in leaves.values()):
        # It may have accepted what stood before, if something did, and offered later.
        stood = len(run.turns) > 1 and run.turns[-2].terms is not None
        return [first, last] if stood else [first]
    # Else all others accept in turn, and it is over; if more turns were had, some were silent.
    had = (over if run.end_told else seats.begins(run.last_round)) - first
    return [first] if had < everybody else [first, last]
