"""The program as a whole: every error becomes one line and an exit code, never a traceback."""

from __future__ import annotations

from typing import Any, Final

import click

from negotiation.cli.output import complain
from negotiation.errors import NegotiationError

FOUND: Final = 1
"""The exit code where the log has problems or was altered."""

FAILED: Final = 2
"""The exit code where nothing could be done: wrong usage, or input that cannot be read."""

INTERRUPTED: Final = 130


class Command(click.Command):
    """A command whose help ends in an example.

    Args:
        example: lines to type.
    """

    def __init__(self, *args: Any, example: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.example = example

    def format_epilog(
        self,
        ctx: click.Context,  # noqa: ARG002  # click gives it
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the example, as it is to be typed."""
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class Program(Command, click.Group):
    """A group of commands in which whatever fails ends in one line on standard error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        code = FAILED
        try:
            return super().invoke(ctx)
        except NegotiationError as error:
            complain(str(error))
        except OSError as error:
            complain(f"{error.filename or 'input or output'}: {error.strerror or error}")
        except MemoryError:
            complain("the log is too large for the memory that there is")
        except RecursionError:
            complain("the log nests too deep to be read")
        except KeyboardInterrupt:
            code = INTERRUPTED
        return ctx.exit(code)
