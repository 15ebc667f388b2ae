"""What every test of the contract of stores is run with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
import hypothesis.strategies as st

from negotiation.errors import Conflict
from negotiation.stores import Store
from negotiation.testing.storing import Stuck


class Promises:
    """Some promises of stores.

    Attributes:
        settings: how hard Hypothesis tries; None for the profile that is loaded.
    """

    settings: hypothesis.settings | None = None

    def store(self) -> Store:
        """A new, empty store at each call; the tests close it."""
        raise NotImplementedError("say how a store is made: def store(self) -> Store")

    @contextmanager
    def _opened(self) -> Iterator[Store]:
        with closing(self.store()) as store:
            yield store

    def _drawn(self, check: Callable[..., None], **strategies: st.SearchStrategy[Any]) -> None:
        # Decorated when it is run: one function decorated once for all subclasses would be run
        # by several of them, and Hypothesis refuses that.
        test = hypothesis.given(**strategies)(check)
        (test if self.settings is None else self.settings(test))()


@contextmanager
def closing(store: Store) -> Iterator[Store]:
    """A store that is closed in the end, unless it is stuck and would not even close."""
    try:
        yield store
    except Stuck:
        raise
    except BaseException:
        store.close()
        raise
    store.close()


def positions(conflict: Conflict) -> tuple[str, int, int]:
    """What a Conflict says: of which negotiation, what was expected and where it stands."""
    return conflict.negotiation, conflict.expected, conflict.actual


def anything(value: object) -> Any:
    """What a type checker would not let through."""
    return value
