"""The commands. Each works everything out before it writes anything."""

from __future__ import annotations

from collections.abc import Iterator

import click

from negotiation import comparing, fold
from negotiation.cli.comparison import compared, comparison_lines
from negotiation.cli.explanation import explanation_json, explanation_lines
from negotiation.cli.options import (
    Format,
    Pair,
    Question,
    about_a_log,
    about_a_pair,
    format_option,
    party_option,
)
from negotiation.cli.output import Failure, Page, emit, emit_json, emit_lines, page, visible
from negotiation.cli.program import FOUND, Command
from negotiation.cli.tables import heading, one_party_lines, problem_lines, state_lines
from negotiation.cli.timeline import entries, timeline_lines
from negotiation.errors import InvalidPath
from negotiation.explaining import explanation
from negotiation.explaining.concerns import Concerns
from negotiation.knowledge import count
from negotiation.log import Log
from negotiation.paths import parse_path
from negotiation.state import Negotiation
from negotiation.wire.states import state_to_json, to_json


@click.command(
    cls=Command,
    example="negotiation replay examples/easter_truce_2025.jsonl \\\n"
    "    --as-of 2025-04-20T12:00:00Z",
)
@about_a_log
@party_option("Only this party.")
@format_option
def replay(question: Question, party: str | None, form: Format) -> None:
    """Print the state of a negotiation: who stands where.

    LOG is a file of JSON Lines, - for standard input, or the URL of a store.
    """
    log = question.log()
    state = fold.replay(log, **question.view)
    party = question.found(party, state)
    if form == "json":
        emit_json(state_to_json(state) if party is None else to_json(state.parties[party]))
        return
    paper = page()
    lines = [*_heading(question, log, state, paper)]
    if party is None:
        lines += state_lines(state, paper)
    else:
        lines += one_party_lines(state, party, paper)
    emit_lines(lines)


@click.command(cls=Command, example="negotiation check examples/easter_truce_2025.jsonl")
@click.pass_context
@about_a_log
@format_option
def check(question: Question, ctx: click.Context, form: Format) -> None:
    """Print what in a log breaks the rules.

    The exit code is 1 if anything does, and 0 if nothing does.

    LOG is a file of JSON Lines, - for standard input, or the URL of a store.
    """
    problems = fold.check(question.log(), **question.view)
    if form == "json":
        emit_json(to_json(problems))
    else:
        emit_lines([*problem_lines(problems, page())] or ["no problems"])
    if problems:
        ctx.exit(FOUND)


@click.command(
    cls=Command,
    example="negotiation timeline examples/easter_truce_2025.jsonl --party ukraine",
)
@about_a_log
@party_option("Only what this party made and what names it.")
@format_option
def timeline(question: Question, party: str | None, form: Format) -> None:
    """Print what happened, record by record, and what it changed.

    What changes by time alone, such as a truce that expires, is no event and has no row.

    LOG is a file of JSON Lines, - for standard input, or the URL of a store.
    """
    log = question.log()
    state = fold.replay(log, **question.view)
    found = [*entries(fold.steps(log, **question.view), question.found(party, state))]
    if form == "json":
        emit_json(to_json(found))
        return
    paper = page()
    lines = [*_heading(question, log, state, paper)]
    if party is not None:
        lines.append(f"{len(found)} of them made by {visible(party)} or naming it")
    emit_lines([*lines, "", *timeline_lines(found, paper)] if found else lines)


@click.command(
    cls=Command,
    example="negotiation explain examples/easter_truce_2025.jsonl truces.easter.status \\\n"
    "    --as-of 2025-04-20T12:00:00Z",
)
@about_a_log
@click.argument("path", metavar="PATH")
@format_option
def explain(question: Question, path: str, form: Format) -> None:
    """Print why a value is what it is: the records behind it.

    LOG is a file of JSON Lines, - for standard input, or the URL of a store.

    PATH says where the value stands in the state, such as truces.easter.status. An id with other
    characters than letters, digits, - and _ stands in brackets and quotes, as in
    'parties.russia.positions["annexed land"].value'.
    """
    log = question.log()
    state = fold.replay(log, **question.view)
    try:
        found = explanation(state, log, Concerns(log), parse_path(path))
    except InvalidPath as error:
        raise Failure(f"{question.name}: {error}") from None
    if form == "json":
        emit_json(explanation_json(found))
        return
    paper = page()
    lines = _heading(question, log, state, paper)
    emit_lines([*lines, *explanation_lines(found, paper)])


@click.command(
    cls=Command,
    example="negotiation diff examples/easter_truce_2025.jsonl \\\n"
    "    --from 2025-04-19T12:00:00Z --to 2025-04-20T12:00:00Z",
)
@about_a_log
@about_a_pair
@format_option
def diff(question: Question, pair: Pair, form: Format) -> None:
    """Print what differs between two states, and where.

    They are those of two moments (--from, --to), of two parties' views (--known-to, --against),
    or of two logs, such as two coders' of one event (LOG OTHER).

    LOG and OTHER are files of JSON Lines, - for standard input, or the URLs of stores.
    """
    comparison = compared(question, pair)
    difference = comparing.diff(comparison.before.state, comparison.after.state)
    if form == "json":
        emit_json(difference.to_json())
    else:
        emit_lines(comparison_lines(comparison, difference, page()))


@click.command(
    cls=Command,
    example="# in ~/.bashrc, so that bash completes the options of\n"
    "# negotiation replay examples/easter_truce_2025.jsonl\n"
    'eval "$(negotiation completion bash)"',
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete words."""
    from click.shell_completion import ShellComplete, get_completion_class

    program = ctx.find_root().command
    name = program.name
    of_shell = get_completion_class(shell)
    assert name is not None
    assert of_shell is not None
    completer = of_shell(program, {}, name, f"_{name.upper()}_COMPLETE")
    emit(ShellComplete.source(completer) + "\n")  # the shell's own asks which bash there is


def _heading(question: Question, log: Log, state: Negotiation, paper: Page) -> Iterator[str]:
    return heading(state, len(count(log, **question.view).records), paper)
