"""The arguments that commands share: which log, as of when, known when and to whom, in which form.

A command takes them by the decorators `about_a_log`, `party_option` and `format_option`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final, Literal, TypeAlias, TypedDict

import click
from attrs import frozen

from negotiation.cli.output import Failure
from negotiation.cli.places import shown
from negotiation.cli.reading import STDIN, read
from negotiation.errors import nearest
from negotiation.log import Log
from negotiation.state import Negotiation
from negotiation.values import Refused, optional_party_id
from negotiation.wire.times import parse_time, time_text

Command: TypeAlias = Callable[..., None]
Format: TypeAlias = Literal["table", "json"]
_NOW: Final = "negotiation.now"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SHORT: Final = re.compile(
    r"([\d-]{10})[Tt ](\d{2}:\d{2})(:[\d.]+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class View(TypedDict):
    """What `replay`, `check` and `steps` take beside a log."""

    as_of: datetime | None
    known_at: datetime | None
    known_to: str | None


@frozen
class Question:
    """Which log is asked about, and from which point of view.

    Attributes:
        source: the path of the log, - for standard input, or the URL of a store.
        negotiation: the id of the negotiation, where the log holds several.
        view: as of when, known when and to whom.
    """

    source: str
    negotiation: str | None
    view: View

    @property
    def name(self) -> str:
        """What to call the log in a message."""
        return "standard input" if self.source == STDIN else shown(self.source)

    def log(self) -> Log:
        """The log."""
        return read(self.source, self.negotiation)

    def found(self, party: str | None, state: Negotiation) -> str | None:
        """A party that is asked about, or None.

        Raises:
            Failure: the state does not hold it; the message names the nearest.
        """
        if party is None or party in state.parties:
            return party
        when = "" if state.as_of is None else f" as of {time_text(state.as_of)}"
        raise Failure(f"{self.name}: no party {party!r}{when}; {nearest(party, state.parties)}")


def about_a_log(command: Command) -> Command:
    """A decorator: the command takes a log and a point of view, as a `Question`."""

    @wraps(command)
    def ask(
        *args: Any,
        source: str,
        negotiation: str | None,
        as_of: datetime | None,
        known_at: datetime | None,
        known_to: str | None,
        **options: Any,
    ) -> None:
        view = View(as_of=as_of, known_at=known_at, known_to=known_to)
        command(Question(source, negotiation, view), *args, **options)

    decorated: Command = ask
    for parameter in reversed(_LOG):
        decorated = parameter(decorated)
    return decorated


@frozen
class Pair:
    """What of the two sides of a comparison is not the same.

    Attributes:
        other: a second log.
        first: the moment of the left side.
        last: the moment of the right side.
        against: the party whose view is the right side.
    """

    other: str | None
    first: datetime | None
    last: datetime | None
    against: str | None


def about_a_pair(command: Command) -> Command:
    """A decorator: the command takes what makes two sides of a question, as a `Pair`."""

    @wraps(command)
    def ask(
        *args: Any,
        other: str | None,
        first: datetime | None,
        last: datetime | None,
        against: str | None,
        **options: Any,
    ) -> None:
        command(*args, Pair(other, first, last, against), **options)

    decorated: Command = ask
    for parameter in reversed(_PAIR):
        decorated = parameter(decorated)
    return decorated


def party_option(help: str) -> Callable[[Command], Command]:
    """The option `--party`.

    Args:
        help: what naming a party does there.
    """
    return click.option("--party", metavar="PARTY", callback=_party, help=help)


format_option: Final = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="For reading, or for programs.",
)
"""The option `--format`."""


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """A moment on the command line. This is the one place that reads the clock."""
    if value is None:
        return None
    if value == "now":
        now: datetime = ctx.meta.setdefault(_NOW, datetime.now(UTC))  # one moment for all options
        return now
    if _DAY.fullmatch(value):
        raise click.BadParameter(
            f"{value} is a day; say which moment of it, such as {value}T12:00:00Z", ctx, param
        )
    try:
        return moment_of(value)
    except Refused as refused:
        raise click.BadParameter(f"{refused}; or now", ctx, param) from None


def moment_of(text: str) -> datetime:
    """A moment as people write it, and as the tables show it: `2025-04-19 15:00Z` will do.

    Raises:
        Refused: it is none, or has no offset.
    """
    if found := _SHORT.fullmatch(text):
        day, clock, seconds, offset = found.groups()
        return parse_time(f"{day}T{clock}{seconds or ':00'}{offset}")
    return parse_time(text)


def _party(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The id of a party on the command line."""
    try:
        return optional_party_id(value)
    except Refused as refused:
        raise click.BadParameter(str(refused), ctx, param) from None


_LOG: Final = (
    click.argument("source", metavar="LOG", type=click.Path(readable=False, allow_dash=True)),
    click.option(
        "--as-of", metavar="T|now", callback=_moment, help="Only what had happened by then."
    ),
    click.option(
        "--known-at", metavar="T|now", callback=_moment, help="Only what had been recorded by then."
    ),
    click.option(
        "--known-to", metavar="PARTY", callback=_party, help="Only what this party knows."
    ),
    click.option("--negotiation", metavar="ID", help="Which one, where LOG holds several."),
)
"""What `about_a_log` adds to a command, in the order in which the help lists it."""

_PAIR: Final = (
    click.argument(
        "other",
        metavar="[OTHER]",
        required=False,
        type=click.Path(readable=False, allow_dash=True),
    ),
    click.option(
        "--from", "first", metavar="T|now", callback=_moment, help="Compare as of this moment,"
    ),
    click.option(
        "--to",
        "last",
        metavar="T|now",
        callback=_moment,
        help="with as of this one (default: the end of the log).",
    ),
    click.option(
        "--against",
        metavar="PARTY",
        callback=_party,
        help="Compare what --known-to knows with what this party knows.",
    ),
)
"""What `about_a_pair` adds to a command."""
