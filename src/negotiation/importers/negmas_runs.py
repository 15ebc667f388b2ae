"""NegMAS: runs of its stacked alternating offers, as rows and from a live mechanism.

Y. Mohammad and others, "NegMAS: A Platform for Situated Negotiations" (2021). A row is a run:

- `run`, the name of it; `issues` and `negotiators`, their names in order; `n_steps`, how many
  rounds there are at most, or null;
- `full_trace`, an object for each offer: its `step`, its `negotiator`, the `offer` (values in the
  order of the issues), the `responses` and, if there are any, the `text` and the `time`, in seconds
  since the run began. What `of_mechanism` adds: `accepted`, for each round from its own to that
  before the next offer, who had accepted when it was over, counted as `responses` are; and to the
  last one `offered`, the round in which it was made, whose `time` it then has, and `refused` if
  nothing was offered;
- `final`: `agreement`, `broken`, `timedout`, `step` (how many rounds were played) and
  `left_negotiators`. What `of_mechanism` adds: `left_at` (negotiator → the round in which it left),
  `ended_by`, `error` (whether it ended by an error of that negotiator) and `asked_last` (on whom
  the time ran out; null if that was between two rounds);
- `offering_is_accepting`, true where it is not there. Without it whoever makes an offer may refuse
  it, and such a run is set aside;
- `dynamic_entry`, false where it is not there. With it negotiators may join later, and one that is
  left alone goes on; such a run is set aside too;
- `one_offer_per_step`, false where it is not there. With it a round is one turn.

Nothing of NegMAS is imported here.

Rounds have no dates: round n is put n minutes after `start`, and its turns a second apart. So the
end of the last round is a moment, which is what the deadline needs, and the order of the turns is
kept; nothing else follows from these times. A limit of seconds has no place among them. So talks
without a number of rounds have no deadline until their time is up; they are a meeting, held, or
cancelled where they break up.

What the trace of NegMAS says is less than it seems (what follows of it: `negmas_turns`):

- `responses` stand beside every offer of a round, and are those to its last offer. What was
  answered to the others is not told, but that whoever offers next has rejected what stood.
- They are counted on from the proposer, whoever has left or was silent. Those who had left are
  passed over here where it is told; where some were silent (NO_RESPONSE), nobody is said to have
  accepted but to an agreement.
- Who waits (WAIT) lets others go first. Of that there is nothing either. Where turns come out of
  order nobody is said to have accepted; elsewhere the usual order is taken for granted.
- The last object of a run without agreement names the last proposer, and not what was offered.
- It has the round of the end, and so has that of a run with an agreement.
- Nothing says who ended a run that is `broken`, and only the live mechanism when somebody left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

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
from negotiation.importers.negmas_live import of_mechanism
from negotiation.importers.negmas_rows import Run, read_run
from negotiation.importers.negmas_talks import records_of


def negmas(rows: Iterable[Row | Mapping[str, Any]], *, start: datetime = START) -> Imported:
    """Runs of NegMAS as logs, one for each, under the name of the run.

    Everybody joins; the mechanism sets the deadline `steps`, or without a number of rounds
    schedules the meeting `talks`. An offer is a proposal to all of whom it is not told that they
    have left, and counters the one that stood; a refusal to offer rejects it. With an agreement all
    others have accepted. Who left or ended it has withdrawn. At the end the mechanism says
    `agreement`, `broken` or `timedout`; the deadline was met, lifted or missed, the meeting held or
    cancelled.

    Set aside, and not wrong, is what the trace does not tell: answers to any but the last offer of
    a round, the terms of the last offer of a run without agreement, and in rare cases its round,
    when somebody left, and who ended what is broken. Those who left without a time leave at the
    latest possible.

    Args:
        rows: the runs, as their JSON objects; or one live mechanism, of which `of_mechanism` makes
            the row.
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
    if hasattr(rows, "full_trace"):  # to go through a mechanism would run it
        rows = [of_mechanism(rows)]
    runs: dict[str, int] = {}

    def make(row: Row) -> list[Made]:
        if row.cells.get("dynamic_entry") is True:
            detail = "parties may enter, and one goes on alone: no negotiation of these parties"
            return [row.aside("parties may enter", "dynamic_entry", detail)]
        if row.cells.get("offering_is_accepting") is False:
            detail = "whoever made an offer may still refuse it, so it is no proposal"
            return [row.aside("offers do not bind", "offering_is_accepting", detail)]
        run = read_run(row)
        _check_new(run, runs)
        made = records_of(row, run, start)
        runs[run.name] = row.number
        return made

    yield from made_of(rows, make, "malformed run")


def _check_new(run: Run, runs: Mapping[str, int]) -> None:
    """Two runs of one name would be one negotiation."""
    if run.name in runs:
        raise Wrong("run", f"stands in row {runs[run.name]} too: {run.name}")
