"""Faults at the level of system calls: the kernel itself refuses them, to one thread alone.

A filter of the kernel's (seccomp) is put on a thread, in plain Python, and ends with it. What the
process does otherwise, and the same store in another thread, is not concerned.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread, current_thread
from typing import Any, Final, TypeVar

import pytest
from attrs import frozen

T = TypeVar("T")

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000

_MACHINES: Final = {
    "x86_64": (0xC000003E, {
        "write": 1, "flock": 73, "fsync": 74, "ftruncate": 77, "openat": 257, "pread": 17,
        "pwrite": 18,
    }),
    "aarch64": (0xC00000B7, {
        "write": 64, "flock": 32, "fsync": 82, "ftruncate": 46, "openat": 56, "pread": 67,
        "pwrite": 68,
    }),
}  # fmt: skip
"""How the kernel knows each kind of machine, and its numbers of the calls."""

_MARKED: Final = 900
"""A file descriptor that nothing else has: a call on it is the one that is to fail."""


def refuse(call: str, error: int, *, argument: int = 0, equals: int = -1, bits: int = 0) -> None:
    """Have the kernel refuse a call to the thread that this runs in, until it ends.

    Args:
        call: the name of the call.
        error: the error that it is to give.
        argument: which argument decides; it is only looked at if one of the next two is given.
        equals: refuse it where the argument is this number.
        bits: refuse it where the argument has one of these bits.
    """
    architecture, numbers = _MACHINES[platform.machine()]
    looked_at = [(_LOAD, 0, 0, 16 + 8 * argument)]
    if equals >= 0:
        looked_at.append((_EQUAL, 0, 1, equals))
    elif bits:
        looked_at.append((_ANY_BIT, 0, 1, bits))
    steps = [
        (_LOAD, 0, 0, 4), (_EQUAL, 0, len(looked_at) + 3, architecture),
        (_LOAD, 0, 0, 0), (_EQUAL, 0, len(looked_at) + 1, numbers[call]),
        *looked_at,
        (_RETURN, 0, 0, _ERROR | error),
        (_RETURN, 0, 0, _ALLOW),
    ]  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for given in ((_NO_NEW_PRIVILEGES, 1, 0, 0, 0), (_SECCOMP, _FILTER, ctypes.byref(program))):
        if libc.prctl(*given) != 0:
            raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def apart(work: Callable[[], T]) -> T:
    """Do something in a thread of its own, with which the filters that it puts there end."""
    came: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            came.append(work())
        except BaseException as error:  # noqa: BLE001  # raised again where the test can see it
            failed.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return came[0]


def _why_not() -> str:
    """Why the kernel cannot be asked for faults here; empty where it can."""
    if not sys.platform.startswith("linux"):
        return "system calls are made to fail by seccomp, which is of Linux"
    if platform.machine() not in _MACHINES:
        return f"the numbers of system calls on {platform.machine()} are not known here"
    try:
        apart(lambda: refuse("fsync", errno.EIO, equals=_MARKED))
    except OSError as error:
        return f"the kernel takes no filter: {error}"
    return ""


needs_faults: Final = pytest.mark.skipif(bool(reason := _why_not()), reason=reason or "-")
"""For tests in which the kernel refuses system calls."""


@frozen
class Fault:
    """A call that fails.

    Attributes:
        call: its name.
        error: what it fails with.
        nth: which of the calls by this name fails, from 1.
        lasting: whether all later ones fail as well.
    """

    call: str
    error: int
    nth: int = 1
    lasting: bool = False

    def __str__(self) -> str:
        lasting = ", and from then on" if self.lasting else ""
        return f"{self.call} {self.nth} {errno.errorcode[self.error]}{lasting}"


def struck(work: Callable[[], T], *faults: Fault) -> T:
    """Do something in a thread of its own, in which calls fail."""

    def run() -> T:
        with _striking(faults):
            return work()

    return apart(run)


@contextmanager
def _striking(faults: tuple[Fault, ...]) -> Iterator[None]:
    real = {fault.call: getattr(os, fault.call) for fault in faults}
    for call, function in real.items():
        mine = [fault for fault in faults if fault.call == call]
        setattr(os, call, _failing(function, mine))
    try:
        yield
    finally:
        for call, function in real.items():
            setattr(os, call, function)


def _failing(real: Callable[..., Any], faults: list[Fault]) -> Callable[..., Any]:
    """A call as it is, but that the kernel refuses some of them in this thread."""
    struck_one, calls = current_thread(), 0
    for fault in faults:
        if not fault.lasting:
            refuse(fault.call, fault.error, equals=_MARKED)

    def call(fd: int, *given: Any) -> Any:
        nonlocal calls
        if current_thread() is not struck_one:
            return real(fd, *given)
        calls += 1
        for fault in faults:
            if calls == fault.nth and fault.lasting:
                refuse(fault.call, fault.error)
            elif calls == fault.nth:
                os.dup2(fd, _MARKED)
                try:
                    return real(_MARKED, *given)
                finally:
                    os.close(_MARKED)
        return real(fd, *given)

    return call
