"""Tables for analysts: what a log says over time, as plain rows of one shape for each question.

Each view takes a log and what `replay` takes, and gives a tuple of frozen rows in a fixed order.
It counts the records that `replay` counts, and a record that changed nothing there gives no row.
It tells what was said and never judges it: who gains by a move, or which claim is true.
"""

from negotiation.views.dues import deadlines, replies
from negotiation.views.rows import (
    ClaimRow,
    ConcessionRow,
    CoverageRow,
    DeadlineRow,
    PositionRow,
    ReplyRow,
    columns,
    table,
)
from negotiation.views.stands import concessions, positions
from negotiation.views.truces import claims, coverage

__all__ = [
    "ClaimRow",
    "ConcessionRow",
    "CoverageRow",
    "DeadlineRow",
    "PositionRow",
    "ReplyRow",
    "claims",
    "columns",
    "concessions",
    "coverage",
    "deadlines",
    "positions",
    "replies",
    "table",
]
