"""The commands about foreign data: `import`, and `schema`, which says what it may look like.

What they do stands in modules of its own, imported when it is done: nobody else waits for them.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, tzinfo
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from negotiation.cli.options import Format, format_option, moment_of
from negotiation.cli.output import complain, emit, emit_json, emit_lines, page
from negotiation.cli.program import FAILED, Command
from negotiation.model import Model
from negotiation.values import Refused

_PATH: Final = click.Path(readable=False, allow_dash=True)
_KINDS: Final = ("casino", "negmas", "ceasefires", "cameo", "plover", "sheet")


def _model(ctx: click.Context, param: click.Parameter, value: str | None) -> Model | None:
    """A model that stands in a module of the user's own."""
    if value is None:
        return None
    name, _, path = value.partition(":")
    found: Any = None
    try:
        sys.path.insert(0, str(Path.cwd()))
        try:
            found = import_module(name)
        finally:
            sys.path.pop(0)
        for part in path.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # a module may raise anything
        why = " ".join(str(error).split()) or type(error).__name__
        raise click.BadParameter(f"{value!r} cannot be found: {why}", ctx, param) from None
    if not isinstance(found, Model):
        raise click.BadParameter(
            f"{value!r} is no Model but a {type(found).__name__}; name one, as MODULE:NAME",
            ctx, param,
        )  # fmt: skip
    return found


def _zone(ctx: click.Context, param: click.Parameter, value: str | None) -> tzinfo | None:
    """A time zone by its name."""
    from zoneinfo import ZoneInfo

    if value in (None, "UTC"):
        return None if value is None else UTC
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise click.BadParameter(
            f"there is no time zone {value!r}; name one such as Europe/Kyiv", ctx, param
        ) from None


def _start(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """A moment."""
    try:
        return None if value is None else moment_of(value)
    except Refused as refused:
        raise click.BadParameter(str(refused), ctx, param) from None


def _delimiter(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """What stands between cells; a tab, which is hard to type, has a name."""
    return "\t" if value in ("tab", "\\t") else value


model_option: Final = click.option(
    "--model", metavar="MODULE:NAME", callback=_model, help="A model with events of your own."
)
"""The option `--model`."""

_OPTIONS: Final = (
    click.option("--negotiation", metavar="ID", help="sheet: the one of rows that name none."),
    click.option(
        "--timezone", "zone", metavar="ZONE", callback=_zone,
        help="sheet: of times without an offset (default: UTC).",
    ),
    click.option(
        "--by", type=click.Choice(["country", "name"]),
        help="cameo, plover: what makes actors one party (default: country).",
    ),
    click.option(
        "--start", metavar="T", callback=_start,
        help="casino, negmas: when each begins (default: 2000-01-01T00:00:00Z).",
    ),
    click.option(
        "--delimiter", metavar="C|tab", callback=_delimiter,
        help="What stands between the cells of a table (default: what its head has most).",
    ),
    model_option,
)  # fmt: skip
"""The options that not every kind of source takes."""


def _further(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(
    "import",
    cls=Command,
    example="negotiation import sheet examples/easter_truce_2025.csv --to sqlite:///talks.db",
)
@click.argument("kind", metavar="KIND", type=click.Choice(_KINDS))
@click.argument("source", metavar="SOURCE", type=_PATH)
@click.option("--to", "store", metavar="STORE", type=_PATH, required=True, help="Where to.")
@click.option("--keep-good", is_flag=True, help="Where there are mistakes, import the rest.")
@click.option(
    "--aside", metavar="FILE", type=click.Path(),
    help="Where the rows go that are set aside (default: SOURCE.aside.jsonl).",
)  # fmt: skip
@_further
@format_option
@click.pass_context
def import_data(
    ctx: click.Context, /, *, kind: str, source: str, store: str, keep_good: bool,
    aside: str | None, form: Format, **options: Any,
) -> None:  # fmt: skip
    """Import foreign data as logs.

    All of it is imported, or, where there are mistakes in it, nothing: then they are told, with row
    and column, and the exit code is 2. What has no counterpart here is no mistake; it is counted
    and set aside. What the store has already stays as it is, so that an import may be done again.

    KIND is casino, negmas, ceasefires, cameo, plover or sheet, a CSV file that was filled in by
    hand, one row for each event.

    SOURCE is a file, or - for standard input.

    STORE is the URL of a store, or a path that ends in .jsonl; it is made if it is not there.
    """
    from negotiation.cli.intake import KINDS, Task, imported, mistakes, outcome_lines

    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if not KINDS[kind].takes(name):
            said = "timezone" if name == "zone" else name
            raise click.UsageError(f"--{said} says nothing about a source of the kind {kind}")
    delimiter = given.pop("delimiter", None)
    task = Task(
        KINDS[kind], source, store, aside, keep_good, delimiter, given,
        given.get("model", Model.default),
    )  # fmt: skip
    outcome = imported(task)
    if form == "json":
        emit_json(outcome.to_json())
    else:
        emit_lines(outcome_lines(task, outcome, page()))
    for mistake in mistakes(task, outcome):
        complain(mistake)
    if outcome.added is None:
        ctx.exit(FAILED)


@click.command(cls=Command, example="negotiation schema > line.schema.json")
@click.option("--sheet", is_flag=True, help="Write an empty sheet with explanations in its place.")
@model_option
def schema(sheet: bool, model: Model | None) -> None:
    """Print JSON Schema for the lines of a log and the data of each event.

    With --sheet it is an empty sheet as CSV: its columns, what stands in each of them, and an
    example, in rows that are not read when the sheet is imported.
    """
    model = model or Model.default
    if sheet:
        from negotiation.importers.sheet_blank import blank_sheet

        emit(blank_sheet(model=model))
    else:
        from negotiation.wire.schema import json_schema

        emit_json(json_schema(model=model))
