"""The commands about stores: what goes into them, comes out of them, and is still as it was sealed.

What they do stands in modules of its own, imported when it is done: nobody else waits for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from negotiation.cli.layout import ID, Column, Line, table
from negotiation.cli.options import Format, format_option
from negotiation.cli.output import (
    Outlet,
    Page,
    complain,
    emit,
    emit_json,
    emit_lines,
    page,
    records_words,
    visible,
)
from negotiation.cli.places import ids_of, no_such, opened, shown
from negotiation.cli.program import FOUND, Command
from negotiation.cli.reading import STDIN
from negotiation.errors import Altered
from negotiation.wire.states import to_json
from negotiation.words import summary, time_words

if TYPE_CHECKING:
    from negotiation.records import Record
    from negotiation.stores.store import Expectation

_PATH: Final = click.Path(readable=False, allow_dash=True)
_ONCE: Final = "standard input can be read once; LOG or the heads must be a path"
_LISTED: Final = (
    Column("negotiation", main=True),
    Column("records", right=True),
    Column("first recorded"),
    Column("last recorded"),
)


def _expected(ctx: click.Context, param: click.Parameter, value: str) -> Expectation:
    """Where a negotiation is expected to stand."""
    from negotiation.stores import ANY, NEW

    if value in ("any", "new"):
        return ANY if value == "any" else NEW
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise click.BadParameter(
            f"must be any, new, or a position, a whole number from 0, not {value!r}", ctx, param
        )
    return int(value)


@click.command(
    cls=Command,
    example="negotiation append sqlite:///talks.db examples/easter_truce_2025.jsonl \\\n"
    "    --expected new",
)
@click.argument("store", metavar="STORE", type=_PATH)
@click.argument("source", metavar="[SOURCE]", type=_PATH, default=STDIN)
@click.option(
    "--expected",
    metavar="N|new|any",
    default="any",
    show_default=True,
    callback=_expected,
    help="The position at which the negotiation must stand.",
)
@click.option("--strict", is_flag=True, help="Refuse records that break a rule of the lifecycles.")
@format_option
def append(store: str, source: str, expected: Expectation, strict: bool, form: Format) -> None:
    """Append records to a negotiation of a store.

    All of them are appended, or none. Those that are there already stay as they are. Where a line
    does not say when it was recorded, it is when it happened, or when the record above it was
    recorded, if that is later.

    STORE is the URL of a store, or a path that ends in .jsonl; it is made if it is not there.

    SOURCE is a file of JSON Lines, all of one negotiation, or - for standard input.
    """
    from negotiation.cli.adding import NOTHING, Lines, appended

    lines = Lines(source)
    done = NOTHING
    if lines.negotiation is not None:
        with opened(store, create=True) as kept:
            done = appended(kept, lines, expected, strict=strict)
    if form == "json":
        emit_json(done.to_json())
    else:
        emit(visible(done.words) + "\n")


@click.command(
    cls=Command,
    example="negotiation export examples/easter_truce_2025.jsonl --to sealed.jsonl",
)
@click.argument("source", metavar="LOG", type=_PATH)
@click.option("--negotiation", metavar="ID", help="Only this one.")
@click.option(
    "--to", "target", metavar="FILE", type=click.Path(), help="Where to (default: standard output)."
)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def export(source: str, negotiation: str | None, target: str | None, force: bool) -> None:
    """Write the records of a log as sealed lines.

    They are the lines that a store keeps, in the order in which it keeps them; a log that was
    written by hand gets its seals here. A log that was altered is not exported: the exit code is 1.
    Of a file that ends in a torn append, all before it is exported.

    LOG is a file of JSON Lines, - for standard input, or the URL of a store.
    """
    from negotiation.cli.moving import check_target, replaced, sealed_lines
    from negotiation.cli.sources import looking, opened_source, upto_torn

    if target is not None:
        check_target(source, target)
    with opened_source(source) as log:
        with looking():
            ids = ids_of(log)
            if negotiation not in (None, *ids):
                raise no_such(shown(source), str(negotiation), ids)
            for each in ids if negotiation is None else [negotiation]:
                upto_torn(log.verify(each)).insist()
        lines = sealed_lines(log, negotiation)
        if target is None:
            outlet = Outlet()
            if all(outlet.line(line) for line in lines):
                outlet.flush()
            return
        count = 0
        with replaced(Path(target), force=force) as file:
            for line in lines:
                file.write(line.encode() + b"\n")
                count += 1
    emit(visible(f"exported {records_words(count)} to {target}") + "\n")


@click.command(
    cls=Command,
    example="negotiation import-log examples/easter_truce_2025.jsonl --to sqlite:///talks.db",
)
@click.argument("source", metavar="SOURCE", type=_PATH)
@click.option("--to", "store", metavar="STORE", type=_PATH, required=True, help="Where to.")
@format_option
@click.pass_context
def import_log(ctx: click.Context, source: str, store: str, form: Format) -> None:
    """Add all negotiations of a log to a store, with their chain of seals.

    Each is verified first. One that was altered is left out, and the exit code is 1. What is there
    already stays as it is, so that an import may be done again. Of a file that ends in a torn
    append, all before it is added.

    SOURCE is a file of JSON Lines, - for standard input, or the URL of a store.

    STORE is the URL of a store, or a path that ends in .jsonl; it is made if it is not there and
    there is anything to add.
    """
    from negotiation.cli.moving import imported, moved_lines
    from negotiation.cli.sources import opened_source

    with opened_source(source) as log:
        found = imported(log, store)
    if form == "json":
        emit_json([each.to_json() for each in found])
    elif found:
        emit_lines(moved_lines(found, page()))
    else:
        emit("no negotiations\n")
    faults = [(each.found.negotiation, each.found.fault) for each in found if each.found.fault]
    for id, fault in faults:
        complain(str(Altered(id, fault.position, fault.reason)))
    if faults:
        ctx.exit(FOUND)


@click.command(cls=Command, example="negotiation verify examples/easter_truce_2025.jsonl")
@click.argument("source", metavar="LOG", type=_PATH)
@click.option("--negotiation", metavar="ID", help="Only this one.")
@click.option(
    "--heads", metavar="FILE", type=_PATH, help="Compare with what --format json printed earlier."
)
@format_option
@click.pass_context
def verify(
    ctx: click.Context, source: str, negotiation: str | None, heads: str | None, form: Format
) -> None:
    """Print whether the records of a log are as they were sealed.

    The exit code is 1 if any was altered, added, taken out or moved, or if a file ends in a torn
    append, and 0 if none was. That the last records are missing shows only by comparing with a head
    that was kept elsewhere: by --heads, with a file of them, such as this command prints as JSON.

    LOG is a file of JSON Lines, - for standard input, or the URL of a store.
    """
    from negotiation.cli.sources import opened_source
    from negotiation.cli.verifying import heads_in, verification_lines, verified

    if heads == source == STDIN:
        raise click.UsageError(_ONCE)
    known = {} if heads is None else heads_in(heads)
    with opened_source(source) as log:
        found = verified(log, shown(source), negotiation, known)
    if form == "json":
        emit_json([each.to_json() for each in found])
    else:
        emit_lines(verification_lines(found, page()) if found else ["no negotiations"])
    if not all(each.intact for each in found):
        ctx.exit(FOUND)


@click.command("list", cls=Command, example="negotiation list sqlite:///talks.db")
@click.argument("store", metavar="STORE", type=_PATH)
@format_option
def list_negotiations(store: str, form: Format) -> None:
    """Print which negotiations a store holds.

    STORE is the URL of a store, or a path that ends in .jsonl.
    """
    with opened(store) as kept:
        found = [*kept.negotiations()]
    if form == "json":
        emit_json(to_json(found))
        return
    rows = (
        (Line(each.negotiation, ID), str(each.count), time_words(each.first), time_words(each.last))
        for each in found
    )
    emit_lines(table(_LISTED, rows, page()) if found else ["no negotiations"])


@click.command(
    cls=Command,
    example="negotiation follow postgresql://localhost/talks --after 250 --format json",
)
@click.argument("store", metavar="STORE", type=_PATH)
@click.option(
    "--after",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    help="Only what has a higher number than this.",
)
@click.option("--negotiation", metavar="ID", help="Only this one.")
@click.option(
    "--timeout",
    metavar="S",
    type=click.FloatRange(min=0),
    help="End after so many seconds in which nothing is appended (default: never).",
)
@format_option
def follow(
    store: str, after: int, negotiation: str | None, timeout: float | None, form: Format
) -> None:
    """Print the records of a store, and then further ones as they are appended.

    Each is printed once, on a line of its own, in the order in which they were appended: for
    reading with its number in that order, for programs as a JSON object of its number, its position
    in its negotiation, and the record, which is the line that the store keeps.

    STORE is the URL of a store, or a path that ends in .jsonl.
    """
    from negotiation.wire.lines import Codec

    encode, outlet, paper = Codec().encode, Outlet(), page()
    with opened(store) as kept:
        for number, record in kept.follow(after=after, timeout=timeout):
            if negotiation not in (None, record.negotiation):
                continue
            if form == "json":
                place = f'"number":{number},"position":{record.position}'
                line = f'{{{place},"record":{encode(record)}}}'
                read = outlet.line(line) and outlet.flush()
            else:
                read = outlet.say(_told(number, record, paper))
            if not read:
                return


def _told(number: int, record: Record, page: Page) -> str:
    """A record on one line."""
    time, id = time_words(record.time), page.paint(visible(record.id), ID)
    said = visible(f"{number:>6}  {time}  {record.negotiation}  ")
    return f"{said}{id}  {visible(summary(record.event))}\n"
