"""Many processes at one store, and one that follows it."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import pytest

import negotiation as ng
from tests.stores.places import PLACES, Place
from tests.stores.processes import APPENDS, crowd, follow, running

WRITERS = 8
TALKS = [f"talks {number}" for number in range(10)]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
def test_a_crowd_loses_nothing(place: Place, tmp_path: Path) -> None:
    """No append is lost or doubled, no position is left out, and a follower sees each once."""
    url = place.url(tmp_path)
    total = WRITERS * APPENDS
    kept: dict[str, tuple[str, int]] = {}
    conflicts: list[tuple[str, str, int, int]] = []
    with ExitStack() as stack:
        _, follower = stack.enter_context(running(follow, url, total))
        assert follower.recv() == "following"
        writers = [
            stack.enter_context(running(crowd, url, number, APPENDS, TALKS))[1]
            for number in range(WRITERS)
        ]
        for each in writers:
            each.send("go")
        for each in writers:
            told, met = each.recv()
            kept |= told
            conflicts += met
        seen = follower.recv()
    assert len(kept) == total
    assert conflicts
    for asked, answered, stood, stands in conflicts:
        assert (answered, stands >= max(stood, 1)) == (asked, True)
    _agrees_with_the_store(url, kept)
    _was_followed(seen, kept)
    print(f"\n{place.kind}: {total} appends, {len(conflicts)} conflicts")  # noqa: T201  # of a long run


def _agrees_with_the_store(url: str, kept: dict[str, tuple[str, int]]) -> None:
    with ng.open_store(url) as store:
        for negotiation in TALKS:
            log = store.read(negotiation)
            wanted = {id: at for id, (of, at) in kept.items() if of == negotiation}
            assert {each.id: each.position for each in log} == wanted
            assert sorted(wanted.values()) == [*range(1, len(log) + 1)]
            assert store.verify(negotiation).intact


def _was_followed(seen: list[tuple[int, str, int, str]], kept: dict[str, tuple[str, int]]) -> None:
    numbers = [number for number, _, _, _ in seen]
    assert numbers == sorted(set(numbers))
    assert {id: (of, at) for _, of, at, id in seen} == kept
    assert len(seen) == len(kept)
    positions = defaultdict(list)
    for _, of, at, _ in seen:
        positions[of].append(at)
    assert all(found == [*range(1, len(found) + 1)] for found in positions.values())
