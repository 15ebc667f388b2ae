"""Seals: records are chained by their hashes, which are the same in every store."""

from __future__ import annotations

from functools import partial
from typing import Final

import attrs

from negotiation.errors import Altered, Conflict, InvalidLog
from negotiation.log import Log
from negotiation.records import Record
from negotiation.stores import NEW
from negotiation.testing.odd import telling
from negotiation.testing.promises.base import Promises, anything
from negotiation.testing.storing import (
    BORDER,
    WATER,
    bare,
    holds,
    record,
    refused,
    same,
    soon,
    statements,
)
from negotiation.wire.seals import Head
from negotiation.wire.verifying import Verification, seal, verify

OTHER: Final = "0" * 64
"""The hash of nothing."""


class Sealing(Promises):
    """What was altered shows."""

    def test_what_is_read_is_sealed(self) -> None:
        """Each record carries its hash and the one before, as `seal` gives them, however read."""
        wanted = list(seal(Log(BORDER, telling())))
        with self._opened() as store:
            store.append(WATER, statements(2, of=WATER))
            store.append(BORDER, telling())
            same(list(store.read(BORDER)), wanted, "the log")
            same(list(store.records(BORDER)), wanted, "its records")
            for each in (store.read_all(), store.follow(timeout=0)):
                found: list[tuple[int, Record]] = soon(partial(list, each))
                same([record for _, record in found if record.negotiation == BORDER], wanted)
            of_water = list(seal(Log(WATER, statements(2, of=WATER))))
            same(list(store.read(WATER)), of_water, "another log")

    def test_seals_do_not_tell_how_a_log_came(self) -> None:
        """One by one, in pieces, or with copies between them: the hashes are the same."""
        wanted = [each.hash for each in seal(Log(BORDER, statements(6)))]
        ways = ([[1], [2], [3], [4], [5], [6]], [[1, 2], [1, 2, 3], [2, 4, 5, 6]], [range(1, 7)])
        for way in ways:
            with self._opened() as store:
                for part in way:
                    store.append(BORDER, [statements(6)[n - 1] for n in part])
                same([each.hash for each in store.read(BORDER)], wanted, f"the hashes of {way!r}")

    def test_a_seal_that_is_given_is_made_anew(self) -> None:
        """A part of a sealed log gets the seals that it has behind whatever stands there."""
        part = list(seal(Log(BORDER, statements(4))))[2:]
        with self._opened() as store:
            store.append(BORDER, part)
            same(list(store.read(BORDER)), list(seal(Log(BORDER, statements(2, first=3)))))
            same(store.append(BORDER, part), 2, "the position of the last, a copy")

    def test_a_record_that_is_not_what_was_sealed_is_refused(self) -> None:
        """Who alters a record that carries a seal cannot have it sealed again unseen."""
        one, two = seal(Log(BORDER, statements(2)))
        altered = record("e2", minute=2, text="no", prevhash=two.prevhash, hash=two.hash)
        with self._opened() as store:
            with refused(Altered, "an altered record, with what stands before it"):
                store.append(BORDER, [one, altered])
            holds(store, {})
            store.append(BORDER, [one])
            with refused(Altered, "an altered record alone"):
                store.append(BORDER, [altered])
            same(store.append(BORDER, [bare(altered)]), 2, "without the seal")

    def test_a_log_moves_from_one_store_to_another(self) -> None:
        """What is read from one and appended to another is equal there, its chain too."""
        with self._opened() as one, self._opened() as other:
            one.append(BORDER, telling())
            same(other.append(BORDER, one.read(BORDER), expected=NEW), len(telling()))
            same(list(other.read(BORDER)), list(one.read(BORDER)), "the log that was moved")
            same(other.head(BORDER), one.head(BORDER), "its head")
            same(other.append(BORDER, one.read(BORDER)), len(telling()), "once more")

    def test_a_head_is_where_a_negotiation_stands(self) -> None:
        """It has the position and the hash of the last record, and there is none of nothing."""
        hashes = [each.hash or "" for each in seal(Log(BORDER, statements(3)))]
        with self._opened() as store:
            same(store.head(BORDER), None, "the head of a negotiation that is not there")
            store.append(WATER, statements(1, of=WATER))
            for position, each in enumerate(statements(3), start=1):
                store.append(BORDER, [each])
                same(store.head(BORDER), Head(BORDER, position, hashes[position - 1]))
            with refused(Conflict, "NEW where something is"):
                store.append(BORDER, [record("e4")], expected=NEW)
            same(store.head(BORDER), Head(BORDER, 3, hashes[2]), "after what was refused")

    def test_what_was_not_altered_is_intact(self) -> None:
        """`verify` finds no fault in what was appended, and tells how much it is and its head."""
        with self._opened() as store:
            nothing = Verification(BORDER, count=0, sealed=0, head=None, fault=None)
            same(store.verify(BORDER), nothing, "what is found of nothing")
            store.append(WATER, statements(1, of=WATER))
            for records in (telling()[:3], telling()):
                store.append(BORDER, records)
                count = len(records)
                found, head = store.verify(BORDER), store.head(BORDER)
                same(found, Verification(BORDER, count, sealed=count, head=head, fault=None))
                same(verify(store.read(BORDER)), found, "what is found of the log that was read")

    def test_a_head_that_was_kept_is_compared(self) -> None:
        """An earlier head is still there; one with another hash or a later position is a fault."""
        with self._opened() as store:
            store.append(BORDER, statements(2))
            head = Head(BORDER, 2, seal(Log(BORDER, statements(2)))[-1].hash or "")
            for more in ([], statements(2, first=3)):
                store.append(BORDER, more)
                same(store.verify(BORDER, head=head).fault, None, "what is found of a true head")
            stands = store.head(BORDER)
            same(store.verify(BORDER, head=stands).fault, None, "what is found of the last head")
            false = {
                1: attrs.evolve(head, position=1),
                2: attrs.evolve(head, hash=OTHER),
                5: attrs.evolve(head, position=6),
            }
            for position, each in false.items():
                fault = store.verify(BORDER, head=each).fault
                same(fault and fault.position, position, f"where {each!r} shows to be false")
            gone = store.verify(WATER, head=Head(WATER, 1, OTHER)).fault
            same(gone and gone.position, 1, "where a head shows that all is gone")
            for other in (attrs.evolve(head, negotiation=WATER), OTHER, store.verify(BORDER)):
                with refused(InvalidLog, f"head={other!r}"):
                    store.verify(BORDER, head=anything(other))
