"""What is read: one negotiation or all, whole or in part, in order."""

from __future__ import annotations

from functools import partial
from itertools import islice, product

from negotiation.errors import Conflict
from negotiation.records import Record
from negotiation.stores import NEW
from negotiation.testing.promises.base import Promises
from negotiation.testing.storing import (
    BORDER,
    WATER,
    ascend,
    first,
    holds,
    race,
    reads,
    record,
    refused,
    same,
    soon,
    statements,
)


class Reading(Promises):
    """What is read is what is there, in order."""

    # One negotiation

    def test_a_log_is_read_up_to_a_position(self) -> None:
        """`upto` includes the position; 0 is before all, and beyond the end is the whole log."""
        with self._opened() as store:
            store.append(BORDER, statements(3))
            found = [[each.id for each in store.read(BORDER, upto=upto)] for upto in (0, 2, 3, 9)]
            same(found, [[], ["e1", "e2"], ["e1", "e2", "e3"], ["e1", "e2", "e3"]])

    def test_many_records_are_appended_at_once(self) -> None:
        """One append may bring more records than one page holds."""
        many = statements(1500)
        with self._opened() as store:
            same(store.append(BORDER, many, expected=NEW), 1500)
            reads(store, BORDER, many)

    def test_records_are_read_one_by_one(self) -> None:
        """`records` gives what `read` gives, forwards and backwards, and nothing of nothing."""
        with self._opened() as store:
            store.append(WATER, statements(2, of=WATER))
            store.append(BORDER, statements(3))
            found, log = list(store.records(BORDER)), list(store.read(BORDER))
            same([each.id for each in found], ["e1", "e2", "e3"])
            same(found, log)
            same(list(store.records(BORDER, backwards=True)), log[::-1])
            same(list(store.records("third")), [])
            same(list(store.records("third", backwards=True)), [])
            holds(store, {BORDER: statements(3), WATER: statements(2, of=WATER)})

    def test_records_are_read_between_positions(self) -> None:
        """`after` leaves its position out and `upto` includes its own, also from the end."""
        with self._opened() as store:
            store.append(WATER, statements(9, of=WATER))
            store.append(BORDER, statements(5))
            for after, upto in product((0, 1, 3, 5, 8), (None, 0, 1, 3, 5, 8)):
                wanted = [
                    f"e{n}" for n in range(after + 1, 1 + min(5, 5 if upto is None else upto))
                ]
                for backwards in (False, True):
                    found = store.records(BORDER, after=after, upto=upto, backwards=backwards)
                    same(
                        [each.id for each in found],
                        wanted[::-1] if backwards else wanted,
                        f"records(after={after}, upto={upto}, backwards={backwards})",
                    )

    def test_long_negotiations_are_read_in_order(self) -> None:
        """Nothing is lost where one page of a long reading ends and the next begins."""
        ids = [f"e{n}" for n in range(1, 2501)]
        with self._opened() as store:
            same(store.append(BORDER, statements(2500), expected=NEW), 2500)
            for after, upto in ((0, 2500), (1000, 2000), (999, 2001), (1, 2499)):
                found = [each.id for each in store.records(BORDER, after=after, upto=upto)]
                same(found, ids[after:upto], f"the records after {after} up to {upto}")
                back = store.records(BORDER, after=after, upto=upto, backwards=True)
                same([each.id for each in back], found[::-1], f"the same backwards from {upto}")
            same([each.position for each in store.read(BORDER, upto=2001)], [*range(1, 2002)])
            numbered = list(store.read_all())
            same([each.id for _, each in numbered], ids, "the ids of all records")
            same(list(store.read_all(after=numbered[999][0])), numbered[1000:], "those after 1000")

    def test_a_reading_of_records_ends_where_it_began(self) -> None:
        """What is appended while a negotiation is read is for the next reading."""
        with self._opened() as store:
            store.append(BORDER, statements(2000))
            readings = {
                backwards: store.records(BORDER, backwards=backwards) for backwards in (False, True)
            }
            began = [first(reading, "records").position for reading in readings.values()]
            store.append(BORDER, statements(2, first=2001))
            ended = [[each.position for each in reading][-1] for reading in readings.values()]
            same((began, ended), ([1, 2000], [2000, 1]), "where readings began and ended")
            same(len(store.read(BORDER)), 2002, "the number of records")

    # All negotiations in one order

    def test_all_records_have_one_order(self) -> None:
        """What is appended later has the higher number, of whichever negotiation it is."""
        with self._opened() as store:
            store.append(BORDER, statements(2))
            store.append(WATER, statements(2, of=WATER))
            store.append(BORDER, statements(1, first=3))
            store.append(BORDER, statements(1))
            numbered = list(store.read_all())
            found = [(each.negotiation, each.position) for _, each in numbered]
            same(found, [(BORDER, 1), (BORDER, 2), (WATER, 1), (WATER, 2), (BORDER, 3)])
            ascend([number for number, _ in numbered])

    def test_reading_all_begins_after_a_number(self) -> None:
        """Who has read up to a number goes on from there, misses nothing and sees nothing twice."""
        with self._opened() as store:
            for negotiation in (BORDER, WATER, "third"):
                store.append(negotiation, statements(2, of=negotiation))
            numbered = list(store.read_all(after=0))
            same(len(numbered), 6, "the number of records")
            for index, (number, _) in enumerate(numbered, start=1):
                same(list(store.read_all(after=number)), numbered[index:])
            same(list(store.read_all(after=numbered[-1][0] + 10)), [])

    def test_numbers_stay(self) -> None:
        """A record keeps its number as the store grows and as appends are refused or repeated."""
        with self._opened() as store:
            store.append(BORDER, statements(2))
            before = list(store.read_all())
            same(len(before), 2, "the number of records")
            with refused(Conflict, "NEW where something is"):
                store.append(BORDER, statements(1, first=3), expected=NEW)
            store.append(BORDER, statements(2))
            store.append("another", statements(2, of="another"))
            same(list(store.read_all())[:2], before)

    def test_a_reading_ends_where_it_began(self) -> None:
        """What is appended while all is being read is for the next reading, and disturbs none."""
        with self._opened() as store:
            store.append(BORDER, statements(3))
            seen = []
            for number, each in islice(store.read_all(), 9):
                seen.append(each.id)
                store.append(WATER, [record(f"e{number}", of=WATER)])
            same(seen, ["e1", "e2", "e3"])
            same(len(store.read(WATER)), 3, "what was appended meanwhile")

    def test_numbers_and_positions_may_be_beyond_all(self) -> None:
        """A number of any size may be asked for; there is nothing after one beyond the last."""
        beyond = 2**70
        with self._opened() as store:
            store.append(BORDER, statements(3))
            log = list(store.read(BORDER))
            same([each.id for each in log], ["e1", "e2", "e3"])
            same(list(store.read(BORDER, upto=beyond)), log)
            same(list(store.records(BORDER, upto=beyond, backwards=True)), log[::-1])
            same(list(store.records(BORDER, after=beyond)), [])
            same(list(store.read_all(after=beyond)), [])
            same(soon(lambda: list(store.follow(after=beyond, timeout=0))), [])
            with refused(Conflict, f"expecting {beyond} where 3 is the last"):
                store.append(BORDER, statements(1, first=4), expected=beyond)

    def test_a_reading_that_is_left_keeps_nobody_from_writing(self) -> None:
        """Whoever takes his time over what he reads holds up no writer, and misses nothing."""
        with self._opened() as store:
            store.append(BORDER, statements(1200))
            log = list(store.read(BORDER))
            same(len(log), 1200, "the number of records")
            readings = (
                store.records(BORDER),
                (each for _, each in store.read_all()),
                (each for _, each in store.follow(timeout=0)),
            )
            for number, reading in enumerate(readings):
                seen = [*islice(reading, 1)]
                other = record(f"e{number}", of=WATER)
                same(race(partial(store.append, WATER, [other])), [number + 1])
                rest: list[Record] = soon(partial(list, reading))
                seen.extend(each for each in rest if each.negotiation == BORDER)
                same(seen, log, "what was read by and by")
