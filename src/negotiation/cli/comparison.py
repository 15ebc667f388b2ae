"""What differs between two states, for reading: two moments, two parties' views, or two logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import click
from attrs import frozen

from negotiation import fold
from negotiation.cli.items import STYLES
from negotiation.cli.layout import ID, TITLE, Column, Line, table, wrap
from negotiation.cli.options import Pair, Question, View
from negotiation.cli.output import Page, visible
from negotiation.cli.places import shown
from negotiation.cli.reading import STDIN, read
from negotiation.cli.tables import point_of_view
from negotiation.comparing import Change, Difference
from negotiation.knowledge import count
from negotiation.log import Log
from negotiation.state import Negotiation

_NO_PAIR: Final = (
    "say what to compare: two moments with --from T1 --to T2, two parties' views with "
    "--known-to PARTY --against PARTY, or two logs with LOG OTHER"
)
_TWO_PAIRS: Final = (
    "one pair is compared at a time: two moments (--from, --to), two parties' views (--known-to, "
    "--against), or two logs (LOG OTHER)"
)


@frozen
class Side:
    """One of the two states that are compared.

    Attributes:
        name: what it is called here.
        state: the state.
        counted: how many records counted.
    """

    name: str
    state: Negotiation
    counted: int


@frozen
class Comparison:
    """Two sides, and what to say of what stands on one of them alone.

    Attributes:
        before: the side on the left.
        after: the side on the right.
        removed: the words for what stands on the left alone.
        added: the words for what stands on the right alone.
    """

    before: Side
    after: Side
    removed: str = "removed"
    added: str = "added"


def compared(question: Question, pair: Pair) -> Comparison:
    """The two sides that are to be compared.

    Args:
        question: the log and the point of view that both share.
        pair: what they do not share.

    Raises:
        click.UsageError: this names no two sides, or more.
    """
    _check_usage(question, pair)
    log, view = question.log(), question.view
    if pair.other is not None:
        other = read(pair.other, question.negotiation)
        one, two = shown(question.source), shown(pair.other)
        sides = _side(one, log, view), _side(two, other, view)
        return Comparison(*sides, f"only in {one}", f"only in {two}")
    if pair.against is not None:
        one, two = str(view["known_to"]), pair.against
        sides = _side(one, log, view), _side(two, log, View({**view, "known_to": two}))
        return Comparison(*sides, f"only {one} knows", f"only {two} knows")
    return Comparison(
        _side("from", log, View({**view, "as_of": pair.first})),
        _side("to", log, View({**view, "as_of": pair.last})),
    )


def _check_usage(question: Question, pair: Pair) -> None:
    moments = pair.first is not None or pair.last is not None
    given = moments + (pair.other is not None) + (pair.against is not None)
    view = question.view
    if given != 1:
        raise click.UsageError(_TWO_PAIRS if given else _NO_PAIR)
    if moments and pair.first is None:
        raise click.UsageError("--to goes with --from, the moment to compare with")
    if moments and view["as_of"] is not None:
        raise click.UsageError("--as-of is one moment, --from and --to are two; leave it out")
    if pair.against is not None and view["known_to"] is None:
        raise click.UsageError("--against goes with --known-to, the party to compare with")
    if pair.other == question.source == STDIN:
        raise click.UsageError("standard input can be read once; LOG or OTHER must be a path")


def _side(name: str, log: Log, view: View) -> Side:
    return Side(name, fold.replay(log, **view), len(count(log, **view).records))


def comparison_lines(comparison: Comparison, difference: Difference, page: Page) -> Iterator[str]:
    """Which sides were compared, and a row for each change."""
    sides = comparison.before, comparison.after
    ids = dict.fromkeys(side.state.id or "an empty log" for side in sides)
    for line in wrap(visible(f" {page.arrow} ".join(ids)), page.width):
        yield page.paint(line, TITLE)
    for side in sides:
        seen = f"{side.name}: {point_of_view(side.state, side.counted)}"
        yield from wrap(visible(seen), page.width)
    changes = difference.changes
    yield {0: "nothing differs", 1: "1 change"}.get(len(changes), f"{len(changes)} changes")
    if changes:
        yield ""
        both = Column(f"{sides[0].name} {page.arrow} {sides[1].name}", main=True)
        rows = ((Line(each.path, ID), _words(each, comparison, page)) for each in changes)
        yield from table((Column("where"), both), rows, page)


def _words(change: Change, comparison: Comparison, page: Page) -> Line:
    words = change.words(page.arrow, comparison.added, comparison.removed)
    return Line(words, STYLES.get(str(change.new), "") if change.path.endswith(".status") else "")
