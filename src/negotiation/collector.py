"""The garbage collector, paused while many records are made or folded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the search for reference cycles, if it is on.

    Records and facts make none, but are so many that the search for some would take a good part of
    the time. Whatever is no longer used is freed at once all the same.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
