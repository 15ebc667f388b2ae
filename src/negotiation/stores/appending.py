"""A file that grows at its end: locked between processes, and each append whole or not there."""

from __future__ import annotations

import errno
import os
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any, Final, NamedTuple

from attrs import frozen

from negotiation.errors import StoreBusy, StoreFailed, UnknownStore
from negotiation.wire.verifying import Fault

PATIENCE: Final = 10.0
"""For how many seconds the lock of a file is waited for."""

PIECE: Final = 1 << 20
"""How many bytes are read at once, where many are."""

UNDECIDED: Final = b"\0"
"""What stands in place of the first byte of an append of several lines until it is decided."""

_BEGINNING: Final = b'{"data":{'
"""How every sealed line begins."""

_FLAGS: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)  # no pipe is waited for
_SHORTEST, _LONGEST = 0.0005, 0.01  # seconds between two looks whether a lock is free


@frozen
class Torn(Fault):
    """What `verify` tells where nothing is wrong but that the file ends in a torn append."""


class Signature(NamedTuple):
    """What tells that a file is another one, or was written to.

    Attributes:
        device: with the inode, which file it is.
        inode: see `device`.
        size: how many bytes it has.
        changed: when it was last written to, in nanoseconds.
    """

    device: int
    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, found: os.stat_result) -> Signature:
        """The signature in what the system tells of a file."""
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def same_file(self, other: Signature) -> bool:
        """Whether another signature is one of the same file."""
        return self[:2] == other[:2]


class GrowingFile:
    """A file of lines to which any number of processes append.

    An append of one line is one write that is made durable; torn, it lacks the end of its line. An
    append of several is written with NUL in place of its very first byte and made durable, and
    then that byte is written and made durable: the commit of a batch is one byte. No line begins
    with NUL, so whoever finds one that does takes everything from there on for an append that never
    was. An append that fails is cut off again.

    Args:
        path: where the file lies.
        create: make it if it is not there.
        patience: for how many seconds its lock is waited for.

    Raises:
        UnknownStore: it is not there, and not to be made.
        StoreFailed: it cannot be opened, it is no file, or the system has no locks for it.
    """

    def __init__(self, path: str, *, create: bool, patience: float = PATIENCE) -> None:
        self.name: Final = path
        self._patience = patience
        try:
            import fcntl
        except ImportError:
            reason = "needs locks that this system does not have; use SQLite: sqlite:///talks.db"
            raise StoreFailed(path, reason) from None
        self._fcntl: Final[Any] = fcntl  # which knows more on one system than on another
        try:
            self._path: Final = Path(path).absolute()
            self._open(create)
        except FileNotFoundError:
            if create:
                raise StoreFailed(path, "cannot be made; make its directory first") from None
            raise UnknownStore(path, "is not there; create=True makes it", absent=True) from None
        except (OSError, ValueError) as error:
            raise self._failed("cannot be opened", error) from None

    # Opening and locking

    def _open(self, create: bool) -> None:
        """Open what lies at the path: for writing, or for reading where that is all there is."""
        told = None
        try:
            fd = os.open(self._path, os.O_RDWR | (os.O_CREAT if create else 0) | _FLAGS, 0o666)
        except OSError as refusal:
            try:
                fd = os.open(self._path, os.O_RDONLY | _FLAGS)
            except FileNotFoundError:
                raise refusal from None
            told = _told(refusal)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError(errno.EISDIR, "it is a directory or a device, and no file of lines")
        self._hold(fd, told)

    def _hold(self, fd: int, refusal: str | None) -> None:
        self._fd, self._owner, self._refusal = fd, os.getpid(), refusal
        self._release = weakref.finalize(self, os.close, fd)

    def _reopen(self) -> None:
        release = self._release
        try:
            self._open(create=False)
        except OSError as error:
            raise self._failed("cannot be opened again", error) from None
        release()

    def close(self) -> None:
        """Close the file, which gives back its lock."""
        self._release()

    def signature(self) -> Signature:
        """The signature of what lies at the path now."""
        try:
            return Signature.of(self._path.stat())
        except OSError as error:
            raise self._failed("is gone", error) from None

    @contextmanager
    def locked(self, *, alone: bool) -> Iterator[Signature]:
        """Keep other processes from writing to what lies at the path; gives its signature.

        Args:
            alone: keep them from reading its end as well.

        Raises:
            StoreBusy: another process has the lock for too long.
        """
        # A process that was forked has its parent's lock, so it needs a file of its own; and what
        # could not be written to may be by now.
        if self._owner != os.getpid() or (alone and self._refusal is not None):
            self._reopen()
        self._acquire(alone)
        try:
            while not (now := Signature.of(os.fstat(self._fd))).same_file(self.signature()):
                self._reopen()  # another file was put in its place
                self._acquire(alone)
            yield now
        finally:
            self._fcntl.flock(self._fd, self._fcntl.LOCK_UN)

    def _acquire(self, alone: bool) -> None:
        how = (self._fcntl.LOCK_EX if alone else self._fcntl.LOCK_SH) | self._fcntl.LOCK_NB
        until, pause = monotonic() + self._patience, _SHORTEST
        while True:
            try:
                self._fcntl.flock(self._fd, how)
                return
            except BlockingIOError:
                if monotonic() >= until:
                    raise StoreBusy(
                        self.name,
                        f"another process has held its lock for {self._patience:g} seconds; try "
                        f"again",
                    ) from None
            except OSError as error:
                raise self._failed("cannot be locked", error) from None
            sleep(pause)
            pause = min(2 * pause, _LONGEST)

    # Reading

    def read(self, start: int, size: int) -> bytes:
        """So many bytes from an offset on.

        Raises:
            StoreFailed: it cannot be read, or has fewer.
        """
        content = b""
        while len(content) < size:
            try:
                more = os.pread(self._fd, size - len(content), start + len(content))
            except OSError as error:
                raise self._failed("cannot be read", error) from None
            if not more:
                raise StoreFailed(self.name, "has become shorter while it was read; read it again")
            content += more
        return content

    # Writing

    def append(self, start: int, content: bytes, *, first: int | None = None) -> Signature:
        """Put lines at the end, all of them or none, for good; the lock must be held alone.

        Args:
            start: where the file ends.
            content: the lines, each with its end.
            first: which byte of the content decides about it, the first of several lines; None
                where there is one line.

        Raises:
            StoreFailed: it cannot be done; the error says what is kept.
        """
        self._writable()
        try:
            if first is None:
                self._write(start, content)
            else:
                self._write(start, content[:first] + UNDECIDED + content[first + 1 :])
                self._sync()
                self._write(start + first, content[first : first + 1])
            self._sync()
            if start == 0:
                _sync_directory(self._path.parent)  # or a new file might not be found again
            return Signature.of(os.fstat(self._fd))
        except OSError as error:
            raise self._taken_back(start, error) from None

    def _writable(self) -> None:
        if self._refusal is not None:
            raise StoreFailed(self.name, f"can be read, and not written to: {self._refusal}")

    def _write(self, start: int, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            written = os.pwrite(self._fd, rest, start)  # which may be less than all
            start += written
            rest = rest[written:]

    def _sync(self) -> None:
        full = getattr(self._fcntl, "F_FULLFSYNC", None)  # macOS: of the disk's own cache, too
        os.fsync(self._fd) if full is None else self._fcntl.fcntl(self._fd, full)

    def _cut(self, end: int) -> None:
        os.ftruncate(self._fd, end)
        self._sync()

    def _taken_back(self, end: int, error: OSError) -> StoreFailed:
        """Cut off what was begun, and say what is kept."""
        kept: bool | None = False
        known = "nothing of the append is kept"
        try:
            self._cut(end)
        except OSError:
            kept, known = None, "whether the append is kept is not known; append the same again"
        return StoreFailed(self.name, f"cannot be written to: {_told(error)}; {known}", kept=kept)

    def set_aside(self, start: int, end: int) -> Path:
        """Cut off what stands behind an offset, once it is copied to a file beside this one.

        Args:
            start: the offset.
            end: where the file ends.

        Returns:
            The path of the copy, which is a new file.
        """
        self._writable()
        try:
            aside = self._copied(start, end)
            self._cut(start)
        except OSError as error:
            raise self._failed("has a torn end that cannot be set aside", error) from None
        return aside

    def _copied(self, start: int, end: int) -> Path:
        file, aside = self._beside(start)
        try:
            with file:
                for at in range(start, end, PIECE):
                    file.write(self.read(at, min(PIECE, end - at)))
                file.flush()
                os.fsync(file.fileno())
            _sync_directory(self._path.parent)
        except BaseException:
            aside.unlink()
            raise
        return aside

    def _beside(self, start: int) -> tuple[IO[bytes], Path]:
        """A new file beside this one, for what was torn at an offset."""
        again, number = "", 1
        while True:
            aside = self._path.with_name(f"{self._path.name}.torn-{start}{again}")
            with suppress(FileExistsError):
                return aside.open("xb"), aside
            number += 1
            again = f"-{number}"

    def _failed(self, what: str, error: OSError | ValueError) -> StoreFailed:
        return StoreFailed(self.name, f"{what}: {_told(error)}")


def left_behind(line: bytes) -> bool:
    """Whether a last line that is no record may be what an append of one line left behind.

    It begins as what a store writes does, up to where it was cut off or, where the power failed,
    up to the first NUL.
    """
    written = line.partition(UNDECIDED)[0]
    return written.startswith(_BEGINNING) or _BEGINNING.startswith(written)


def _told(error: OSError | ValueError) -> str:
    """What the system said."""
    return getattr(error, "strerror", None) or str(error)


def _sync_directory(path: Path) -> None:
    """Make durable which files a directory holds, where the system knows of such a thing."""
    try:
        fd = os.open(path, os.O_RDONLY | _FLAGS)
    except PermissionError:
        return  # one may be let write to it, and not read it
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno != errno.EINVAL:  # by which some say that they know of no such thing
            raise
    finally:
        os.close(fd)
