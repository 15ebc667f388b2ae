"""The command line, `negotiation`: read a log, say who stands where, what is wrong, what happened.

`main` is the program. A further command is a function in `negotiation.cli.commands`, in
`negotiation.cli.keeping` where it is about stores, or in `negotiation.cli.importing` where it is
about foreign data, listed below.
Of rich, only what prints tables imports anything, and only when it prints.
"""

from __future__ import annotations

from typing import Final

import click

from negotiation.cli import commands, importing, keeping
from negotiation.cli.program import Program, showing


def _version(ctx: click.Context) -> str:
    from importlib.metadata import version  # takes long to import

    return f"negotiation, version {version('negotiation')}"


@click.group(
    "negotiation",
    cls=Program,
    example="negotiation replay examples/easter_truce_2025.jsonl --party ukraine",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=showing(_version),
    help="Show the version and exit.",
)
def main() -> None:
    """Replay the log of a negotiation into the state of each party."""


COMMANDS: Final = (
    commands.replay,
    commands.check,
    commands.timeline,
    commands.explain,
    commands.diff,
    keeping.append,
    keeping.list_negotiations,
    keeping.follow,
    keeping.export,
    keeping.import_log,
    keeping.verify,
    importing.import_data,
    importing.schema,
    commands.completion,
)
"""Every command."""

for _command in COMMANDS:
    main.add_command(_command)

__all__ = ["main"]
