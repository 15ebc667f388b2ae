"""The command line, run in this process or in one of its own, on a page that is always the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner, Result

from negotiation.cli import main

PROGRAM: Final = [
    sys.executable, "-c", "from negotiation.cli import main; main(prog_name='negotiation')",
]  # fmt: skip
PLAIN: Final[Mapping[str, str | None]] = {
    "PYTHONUNBUFFERED": None,
    "COLUMNS": "100",
    "NO_COLOR": None,
    "FORCE_COLOR": None,
    "TERM": "xterm",
    "PYTHONUTF8": "1",
}


def run(*args: str | Path, env: Mapping[str, str | None] = PLAIN, **options: Any) -> Result:
    """A command, run in this process."""
    return CliRunner().invoke(main, [*map(str, args)], env={**PLAIN, **env}, **options)


def done(*args: str | Path, **options: Any) -> str:
    """What a command prints that does what it was asked for."""
    result = run(*args, **options)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return result.stdout


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """The environment of a process with some variables set and, where None, taken away."""
    merged = {**os.environ, **PLAIN, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def process(
    *args: str | Path, env: Mapping[str, str | None] = PLAIN, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """A command, run in a process of its own."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(
        [*PROGRAM, *map(str, args)], env=environment(env), timeout=60, check=False, **options
    )
