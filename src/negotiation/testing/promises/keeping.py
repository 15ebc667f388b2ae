"""What is appended is kept, as it was given and where it belongs."""

from __future__ import annotations

from negotiation.errors import EncodeError
from negotiation.fold import replay
from negotiation.log import Log
from negotiation.records import Record
from negotiation.stores import NEW, StoredNegotiation
from negotiation.testing.odd import (
    MEBIBYTE,
    ODD_IDS,
    ODD_RECORD_IDS,
    any_records,
    noise,
    telling,
)
from negotiation.testing.promises.base import Promises
from negotiation.testing.storing import (
    BORDER,
    START,
    WATER,
    bare,
    holds,
    reads,
    record,
    same,
    statements,
)
from negotiation.wire.seals import Head
from negotiation.wire.verifying import seal, verify


class Keeping(Promises):
    """What is appended is kept."""

    # What is appended is what is read

    def test_what_is_appended_is_read(self) -> None:
        """Every field of a record comes back as it was given, but for its position."""
        with self._opened() as store:
            for each in telling():
                store.append(BORDER, [each])
            reads(store, BORDER, telling())

    def test_any_record_is_read_as_it_was_appended(self) -> None:
        """Whatever an event, an id or an attribute may hold comes back."""

        def any_record_is_read(records: list[Record]) -> None:
            with self._opened() as store:
                store.append(BORDER, records)
                reads(store, BORDER, records)

        self._drawn(any_record_is_read, records=any_records())

    def test_recorded_is_kept_as_it_is_given(self) -> None:
        """A store has no clock: what entered the log in 1990 did so, and many at one instant."""
        old = [
            record("e1", time=START, recorded=START.replace(year=1990)),
            record("e2", time=START.replace(year=1), recorded=START.replace(year=1990)),
            record("e3", recorded=START.replace(year=9999, microsecond=1)),
        ]
        with self._opened() as store:
            store.append(BORDER, old)
            same([each.recorded for each in store.read(BORDER)], [e.recorded for e in old])

    def test_positions_are_given_by_the_store(self) -> None:
        """Records are numbered 1, 2, 3 as they come, whatever position they say."""
        one, two, three = statements(3)
        with self._opened() as store:
            same(store.append(BORDER, [bare(one, position=7)]), 1)
            same(store.append(BORDER, [bare(two, position=1), bare(three, position=1)]), 3)
            same([each.position for each in store.read(BORDER)], [1, 2, 3])

    def test_records_may_come_from_an_iterator(self) -> None:
        """Records are read once, so that anything which gives them will do."""
        with self._opened() as store:
            same(store.append(BORDER, iter(statements(3))), 3)
            reads(store, BORDER, statements(3))

    def test_what_was_given_and_read_is_the_callers(self) -> None:
        """A list that was appended and a log that was read are apart from what the store holds."""
        given = statements(2)
        with self._opened() as store:
            store.append(BORDER, given)
            given.clear()
            before = store.read(BORDER)
            before.extend(statements(2, first=3))
            reads(store, BORDER, statements(2))
            store.append(BORDER, [record("e9", minute=9)])
            same(len(before), 2, "the log that was read before")

    # Negotiations

    def test_an_unknown_negotiation_is_an_empty_log(self) -> None:
        """Asking for a negotiation that does not exist gives its empty log and creates nothing."""
        with self._opened() as store:
            store.append(BORDER, statements(1))
            log = store.read(WATER)
            same((log.negotiation, len(log)), (WATER, 0))
            holds(store, {BORDER: statements(1)})

    def test_negotiations_are_kept_apart_by_any_id(self) -> None:
        """Ids that differ in case, in spaces or in how they are escaped are different ones."""
        kept = {id: [record(f"of {n}", of=id), record("e2", of=id)] for n, id in enumerate(ODD_IDS)}
        with self._opened() as store:
            for negotiation, records in kept.items():
                same(store.append(negotiation, records, expected=NEW), 2, repr(negotiation))
            holds(store, kept)

    def test_negotiations_are_known_by_any_id(self) -> None:
        """States, snapshots, heads and seals are each negotiation's own, whatever its id."""
        with self._opened() as store:
            for n, id in enumerate(ODD_IDS):
                store.append(id, [record("e1", of=id, text=f"of {n}")])
                same(store.snapshot(id), 1, f"the snapshot of {id!r}")
            for n, id in enumerate(ODD_IDS):
                log = Log(id, [record("e1", of=id, text=f"of {n}")])
                same(store.head(id), Head(id, 1, seal(log)[0].hash or ""), f"the head of {id!r}")
                same(store.state(id), replay(log), f"the state of {id!r}")
                same(store.verify(id), verify(seal(log)), f"what is found of {id!r}")

    def test_records_are_kept_apart_by_any_id(self) -> None:
        """So are records of one negotiation, which are then known again by these ids."""
        kept = [record(id, text=f"of {n}") for n, id in enumerate(ODD_RECORD_IDS)]
        with self._opened() as store:
            same(store.append(BORDER, kept, expected=NEW), len(kept))
            holds(store, {BORDER: kept})
            for position, each in enumerate(kept, start=1):
                same(store.append(BORDER, [each]), position, repr(each.id))

    def test_a_huge_id_is_kept_or_refused(self) -> None:
        """An id too long for the store is an EncodeError; one that it takes comes back whole."""
        kept: dict[str, list[Record]] = {}
        with self._opened() as store:
            for length in (100_000, MEBIBYTE - 1_000, MEBIBYTE):
                id = noise(length)
                for of, each in {id: record("e1", of=id), BORDER: record(id)}.items():
                    try:
                        same(store.append(of, [each]), len(kept.get(of, ())) + 1, "its position")
                    except EncodeError:
                        continue
                    kept.setdefault(of, []).append(each)
                same(len(store.read(id[1:])), 0, "the records of a negotiation that is not there")
            holds(store, kept)
            same(store.append(WATER, [record("e1", of=WATER)]), 1)

    def test_negotiations_are_listed(self) -> None:
        """The list has each negotiation once, by its id, with its count and recorded times."""
        with self._opened() as store:
            store.append(WATER, [record("e1", of=WATER, minute=5)])
            store.append(BORDER, statements(3))
            store.append(WATER, [record("e2", of=WATER, minute=8)])
            listed = {each.negotiation: each for each in store.negotiations()}
            same(list(listed), [BORDER, WATER])
            for negotiation, count in {BORDER: 3, WATER: 2}.items():
                log = store.read(negotiation)
                wanted = StoredNegotiation(
                    negotiation=negotiation,
                    count=count,
                    first=log[0].recorded,
                    last=log[-1].recorded,
                )
                same(listed[negotiation], wanted)
