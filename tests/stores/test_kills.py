"""Writers that are killed at any instant: what was acknowledged is there, and nothing by halves."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import pytest

import negotiation as ng
from tests.stores.places import PLACES, Place
from tests.stores.processes import KILLS, SERVER_KILLS, running, said, told, write_on
from tests.stores.server import Server


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.kind)
def test_a_killed_writer_loses_nothing(place: Place, tmp_path: Path) -> None:
    """After SIGKILL all that was acknowledged is there in order, and one append more or none."""
    random = Random(place.kind)  # noqa: S311  # for variety, and the same each time
    kept: dict[str, list[str]] = {}
    url, tally = "", {"killed": 0, "acknowledged": 0, "found whole": 0}
    for turn in range(KILLS):
        if turn % 50 == 0:
            kept, url = {}, place.url(tmp_path / str(turn))
        negotiation = random.choice(["border", "water"])
        with running(write_on, url, negotiation, random.choice([1, 1, 2, 7])) as (process, heard):
            tries, acknowledged = _killed_after(process, heard, random)
        tally["killed"] += 1
        tally["acknowledged"] += len(acknowledged)
        ids = kept.setdefault(negotiation, [])
        ids += acknowledged
        with ng.open_store(url) as store:
            found = [each.id for each in store.records(negotiation)]
            if tries and found[len(ids) :] == tries:
                ids += tries  # it was kept, and killed before it could say so
                tally["found whole"] += 1
            _is_as_told(store, kept)
            assert store.append(negotiation, [said(negotiation, f"after {turn}")]) == len(ids) + 1
            ids.append(f"after {turn}")
            assert all(store.verify(each).intact for each in kept)
    print(f"\n{place.kind}: {tally}")  # noqa: T201  # the tally of a long run


def _killed_after(process: Any, heard: Any, random: Random) -> tuple[list[str], list[str]]:
    """Kill a writer at a random instant; what it was trying, and what was acknowledged to it."""
    wanted = random.randrange(0, 6)
    said_so_far = []
    for number in count():
        if number > wanted * 2 or not heard.poll(30):
            break
        said_so_far.append(heard.recv())
    sleep(random.random() * 0.004)
    process.kill()
    process.join()
    said_so_far += told(heard)
    acknowledged = [id for word, ids in said_so_far if word == "kept" for id in ids]
    last = said_so_far[-1] if said_so_far else ("kept", [])
    return last[1] if last[0] == "try" else [], acknowledged


def _is_as_told(store: ng.Store, kept: dict[str, list[str]]) -> None:
    for negotiation, ids in kept.items():
        records = [*store.records(negotiation)]
        assert [each.id for each in records] == ids
        assert [each.position for each in records] == [*range(1, len(ids) + 1)]
    order = [(each.negotiation, each.id) for _, each in store.read_all()]
    for negotiation, ids in kept.items():
        assert [id for of, id in order if of == negotiation] == ids
    assert len(order) == sum(map(len, kept.values()))


def test_a_killed_server_loses_nothing() -> None:
    """After SIGKILL of the database server the same holds, and a store goes on once it is back."""
    server = Server(fsync="on")
    try:
        url = server.new_database()
        kept: dict[str, list[str]] = {"border": []}
        with ng.open_store(url) as store:
            for turn in range(SERVER_KILLS):
                _kill_under_a_writer(server, url, kept["border"], 0.002 * (turn % 10))
                with suppress(ng.StoreFailed):  # it learns only now that its connection is gone
                    store.head("border")
                _is_as_told(store, kept)
                assert store.verify("border").intact
    finally:
        server.end()


def _kill_under_a_writer(server: Server, url: str, ids: list[str], pause: float) -> None:
    """Kill a server while somebody writes, start it again, and note what was kept."""
    with running(write_on, url, "border", 3) as (process, heard):
        said_so_far = [heard.recv() for _ in range(6)]
        sleep(pause)
        server.kill()
        said_so_far += told(heard)
        process.join()
    server.start()
    ids += [id for word, each in said_so_far if word == "kept" for id in each]
    (_, tries), (word, may_be_kept) = said_so_far[-2:]
    assert word == "failed"
    with ng.open_store(url) as store:
        found = [each.id for each in store.records("border")]
    if may_be_kept is None and found[len(ids) :] == tries:
        ids += tries
