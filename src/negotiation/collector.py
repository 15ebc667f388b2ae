"""The garbage collector, paused while many records are made or folded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MANY: Final = 100_000
"""Of how many new objects the collector is told that they are there to stay."""


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
        if gc.get_count()[0] > MANY and not gc.get_freeze_count():
            # Else whatever is done next would wait while all that was made is searched, three
            # times over. So it counts as old, and is searched when all that is old is.
            gc.freeze()
            gc.unfreeze()
