"""The program as a whole: every error becomes one line and an exit code, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import click
from click.exceptions import Exit

from negotiation.cli.output import Found, complain, emit, forget
from negotiation.errors import Altered, NegotiationError

FOUND: Final = 1
"""The exit code where the log has problems or was altered."""

FAILED: Final = 2
"""The exit code where nothing could be done: wrong usage, or input that cannot be read."""

INTERRUPTED: Final = 130


@contextmanager
def told() -> Iterator[None]:
    """Whatever fails inside ends in one line on standard error and an exit code."""
    code = FAILED
    try:
        yield
    except (Altered, Found) as error:
        complain(str(error))
        code = FOUND
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
    else:
        return
    raise Exit(code)


def showing(text: Callable[[click.Context], str]) -> Callable[..., None]:
    """What an option does that prints a text in place of running a command.

    Args:
        text: gives the text.
    """

    def show(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
        if asked and not ctx.resilient_parsing:
            emit(text(ctx) + "\n")
            ctx.exit()

    return show


class Command(click.Command):
    """A command whose help ends in an example.

    Args:
        example: lines to type.
    """

    def __init__(self, *args: Any, example: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.example = example

    def get_help_option(self, ctx: click.Context) -> click.Option:
        """The option `--help`, whose text goes where all output goes."""
        option = super().get_help_option(ctx)
        assert option is not None  # no command goes without it
        option.callback = showing(click.Context.get_help)
        return option

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

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the program. Where click itself cannot write, the exit code says so at least."""
        try:
            return super().main(*args, **options)
        except OSError as error:
            complain(f"output: cannot be written: {error.strerror}")
            with suppress(AttributeError):  # there may be none
                forget(sys.stdout)
            sys.exit(FAILED)

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the command line."""
        with told():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        with told():
            return super().invoke(ctx)
