"""What every store promises, as tests: a class to subclass, with one test for each promise.

    class TestMyStore(negotiation.testing.StoreContract):
        def store(self):
            return MyStore()

The tests need no fixtures and import nothing of pytest, so that any runner can call them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

import hypothesis
import hypothesis.strategies as st

from negotiation.errors import (
    Conflict,
    ConflictingRecord,
    InvalidLog,
    NegotiationError,
    OutOfRange,
    StoreClosed,
)
from negotiation.events import ProposalMade
from negotiation.records import Record
from negotiation.stores import ANY, NEW, Store, StoredNegotiation
from negotiation.testing.storing import (
    BORDER,
    ODD_IDS,
    ODD_RECORD_IDS,
    START,
    WATER,
    Asked,
    Plain,
    Stuck,
    any_records,
    ascend,
    bare,
    contradictions,
    holds,
    race,
    reads,
    record,
    refused,
    same,
    statements,
    telling,
)
from negotiation.values import BRANCH


class StoreContract:
    """The promises of a `Store`, one test each. Subclass it and say how a store is made.

    Attributes:
        settings: how hard Hypothesis tries; None for the profile that is loaded.
    """

    settings: hypothesis.settings | None = None

    def store(self) -> Store:
        """A new, empty store at each call; the tests close it."""
        raise NotImplementedError("say how a store is made: def store(self) -> Store")

    @contextmanager
    def _opened(self) -> Iterator[Store]:
        store = self.store()
        try:
            yield store
        except Stuck:
            raise  # closing it would not come back either
        except BaseException:
            store.close()
            raise
        store.close()

    def _drawn(self, check: Callable[..., None], **strategies: st.SearchStrategy[Any]) -> None:
        # Decorated when it is run: one function decorated once for all subclasses would be run
        # by several of them, and Hypothesis refuses that.
        test = hypothesis.given(**strategies)(check)
        (test if self.settings is None else self.settings(test))()

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

    def test_many_records_are_appended_at_once(self) -> None:
        """One append may bring more records than one page holds."""
        many = statements(1500)
        with self._opened() as store:
            same(store.append(BORDER, many, expected=NEW), 1500)
            reads(store, BORDER, many)

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

    def test_records_are_kept_apart_by_any_id(self) -> None:
        """So are records of one negotiation, which are then known again by these ids."""
        kept = [record(id, text=f"of {n}") for n, id in enumerate(ODD_RECORD_IDS)]
        with self._opened() as store:
            same(store.append(BORDER, kept, expected=NEW), len(kept))
            holds(store, {BORDER: kept})
            for position, each in enumerate(kept, start=1):
                same(store.append(BORDER, [each]), position, repr(each.id))

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

    def test_a_log_is_read_up_to_a_position(self) -> None:
        """`upto` includes the position; 0 is before all, and beyond the end is the whole log."""
        with self._opened() as store:
            store.append(BORDER, statements(3))
            found = [[each.id for each in store.read(BORDER, upto=upto)] for upto in (0, 2, 3, 9)]
            same(found, [[], ["e1", "e2"], ["e1", "e2", "e3"], ["e1", "e2", "e3"]])

    # What is expected

    def test_any_is_the_default(self) -> None:
        """Where nothing is expected, records are appended wherever the negotiation stands."""
        one, two, three = statements(3)
        with self._opened() as store:
            same(store.append(BORDER, [one]), 1)
            same(store.append(BORDER, [two], expected=ANY), 2)
            same(store.append(BORDER, [three]), 3)
            reads(store, BORDER, [one, two, three])

    def test_new_is_refused_where_something_is(self) -> None:
        """`NEW`, or position 0, begins a negotiation; one that exists is a Conflict."""
        with self._opened() as store:
            same(store.append(BORDER, statements(2), expected=NEW), 2)
            same(store.append(WATER, statements(1, of=WATER), expected=0), 1)
            for expected in (NEW, 0):
                with refused(Conflict, f"an append that expects {expected!r}") as caught:
                    store.append(BORDER, statements(1, first=3), expected=expected)
                same(_positions(caught[0]), (BORDER, 0, 2))
            holds(store, {BORDER: statements(2), WATER: statements(1, of=WATER)})

    def test_a_position_is_refused_where_it_is_not_the_last(self) -> None:
        """A Conflict says where the negotiation was expected and where it stands."""
        with self._opened() as store:
            with refused(Conflict, "a position in a negotiation that does not exist") as caught:
                store.append(BORDER, statements(1), expected=1)
            same(_positions(caught[0]), (BORDER, 1, 0))
            store.append(BORDER, statements(2))
            for expected in (1, 3):
                with refused(Conflict, f"expecting {expected} where 2 is the last") as caught:
                    store.append(BORDER, statements(1, first=3), expected=expected)
                same(_positions(caught[0]), (BORDER, expected, 2))
            same(store.append(BORDER, statements(1, first=3), expected=2), 3)
            holds(store, {BORDER: statements(3)})

    def test_what_is_expected_is_of_one_negotiation(self) -> None:
        """A position that is expected is the negotiation's own, whatever else the store holds."""
        with self._opened() as store:
            store.append(WATER, statements(3, of=WATER))
            same(store.append(BORDER, statements(1), expected=NEW), 1)
            same(store.append(BORDER, statements(1, first=2), expected=1), 2)
            holds(store, {WATER: statements(3, of=WATER), BORDER: statements(2)})

    def test_a_lost_race_is_a_conflict_first(self) -> None:
        """Where another came first, that is said, though it also took the id or recorded later."""
        with self._opened() as store:
            store.append(BORDER, [record("e1"), record("e2", minute=5)])
            for late in (record("e2", text="mine"), record("e3", minute=2)):
                with refused(Conflict, f"{late.id} after another append came first"):
                    store.append(BORDER, [late], expected=1)
            reads(store, BORDER, [record("e1"), record("e2", minute=5)])

    # The same record again

    def test_the_same_record_again_changes_nothing(self) -> None:
        """A copy gives the position that the record has, wherever, whenever it was recorded."""
        with self._opened() as store:
            store.append(BORDER, statements(3))
            for position, each in enumerate(statements(3), start=1):
                later = bare(each, recorded=START.replace(year=2040), position=9)
                for copy in (each, later):
                    same(store.append(BORDER, [copy]), position)
            holds(store, {BORDER: statements(3)})

    def test_an_append_can_be_tried_again(self) -> None:
        """Who never heard that an append succeeded may repeat it and gets the same answer."""
        with self._opened() as store:
            for _ in range(2):
                same(store.append(BORDER, statements(2), expected=NEW), 2)
            for _ in range(2):
                same(store.append(BORDER, statements(2, first=3), expected=2), 4)
            same(store.append(BORDER, statements(2), expected=NEW), 2, "the first, once more")
            holds(store, {BORDER: statements(4)})

    def test_copies_beside_new_records_are_left_out(self) -> None:
        """Of copies and new records the new ones are appended, if what is expected holds."""
        one, two, three = statements(3)
        with self._opened() as store:
            store.append(BORDER, [one])
            with refused(Conflict, "a record that is new, beside one that is not"):
                store.append(BORDER, [one, two], expected=NEW)
            same(store.append(BORDER, [one, two, two], expected=1), 2)
            same(store.append(BORDER, [three, one]), 1, "the position of the last, a copy")
            holds(store, {BORDER: [one, two, three]})

    def test_the_same_id_with_other_content_is_refused(self) -> None:
        """An id stands for one record; 1, 1.0 and True in it are three contents."""

        def offer(price: object, **fields: Any) -> Record:
            terms = {"price": price}
            event = ProposalMade(proposal="p1", by="north", to=["south"], terms=terms)
            return record("e1", event=event, **fields)

        with self._opened() as store:
            store.append(BORDER, [offer(1)])
            others = (record("e1"), offer(1.0), offer(True), offer(1, quote="one"))
            for other in others:
                with refused(ConflictingRecord, f"e1 with other content, {other!r}"):
                    store.append(BORDER, [other])
            with refused(ConflictingRecord, "two contents under one id in one append"):
                store.append(BORDER, [record("e2"), record("e2", text="no")])
            holds(store, {BORDER: [offer(1)]})

    def test_the_same_id_with_one_field_changed_is_refused(self) -> None:
        """All that a record and its event say is content, each field of it alone."""
        pairs = contradictions()
        with self._opened() as store:
            store.append(BORDER, [one for one, _ in pairs])
            for one, other in pairs:
                with refused(ConflictingRecord, f"after {one!r} its id with {other!r}"):
                    store.append(BORDER, [other])
            holds(store, {BORDER: [one for one, _ in pairs]})

    def test_a_record_id_is_of_one_negotiation(self) -> None:
        """Two negotiations may use the same id for records that say different things."""
        with self._opened() as store:
            for negotiation, text in {BORDER: "yes", WATER: "no"}.items():
                same(store.append(negotiation, [record("e1", of=negotiation, text=text)]), 1)
            holds(
                store,
                {BORDER: [record("e1", text="yes")], WATER: [record("e1", of=WATER, text="no")]},
            )

    # What is refused

    def test_an_append_is_done_whole_or_not_at_all(self) -> None:
        """Where one record is refused none is kept, and the next append finds no trace of them."""
        wrong = (record("e1", text="other"), record("e4", minute=0), record("e4", of=WATER), "e4")
        batches: list[list[Any]] = [
            [record("e3", minute=3), each, record("e5", minute=5)] for each in wrong
        ]
        batches.append([*statements(1200, first=3), record("e1", text="other")])
        with self._opened() as store:
            store.append(BORDER, statements(2))
            for batch in batches:
                for given in (list, iter):
                    with refused(NegotiationError, f"a batch with {batch[1]!r} in it"):
                        store.append(BORDER, given(batch))
                    holds(store, {BORDER: statements(2)})
            same(store.append(BORDER, statements(1, first=3), expected=2), 3)

    def test_records_that_break_off_are_not_kept(self) -> None:
        """Where what gives the records fails before its end, none is kept and the error comes."""

        def breaking_off() -> Iterator[Record]:
            yield from statements(2, first=3)
            raise InvalidLog(None, "it breaks off on purpose")

        with self._opened() as store:
            store.append(BORDER, statements(2))
            with refused(InvalidLog, "what breaks off"):
                store.append(BORDER, breaking_off())
            holds(store, {BORDER: statements(2)})
            same(store.append(BORDER, statements(1, first=3), expected=2), 3)

    def test_a_log_grows_at_its_end(self) -> None:
        """A record that was recorded before the one above it is refused."""
        with self._opened() as store:
            store.append(BORDER, [record("e1", minute=5)])
            with refused(InvalidLog, "a record that was recorded before the last"):
                store.append(BORDER, [record("e2", minute=4)])
            with refused(InvalidLog, "records that were recorded the other way round"):
                store.append(BORDER, [record("e2", minute=7), record("e3", minute=6)])
            reads(store, BORDER, [record("e1", minute=5)])

    def test_a_record_of_another_negotiation_is_refused(self) -> None:
        """A record goes where it says that it belongs, and nowhere else."""
        with self._opened() as store:
            for records in ([record("e1", of=WATER)], [record("e1"), record("e2", of=WATER)]):
                with refused(InvalidLog, f"a record of {WATER!r} in {BORDER!r}"):
                    store.append(BORDER, records)
            holds(store, {})

    def test_a_branch_is_refused(self) -> None:
        """What is merely supposed is not kept beside what was recorded."""
        branch = BORDER + BRANCH
        with self._opened() as store:
            with refused(InvalidLog, "a branch"):
                store.append(branch, [record("branch-1", of=branch)])
            holds(store, {})

    def test_what_makes_no_sense_is_refused(self) -> None:
        """A wrong argument is a NegotiationError, and nothing is kept of it."""
        one = statements(1)
        with self._opened() as store:
            for number in (-1, True, 1.0, "new", None):
                with refused(OutOfRange, f"expected={number!r}"):
                    store.append(BORDER, one, expected=_any(number))
            for number in (-1, True, 1.0, "1"):
                with refused(OutOfRange, f"upto={number!r}"):
                    store.read(BORDER, upto=_any(number))
                with refused(OutOfRange, f"after={number!r}"):
                    list(store.read_all(after=_any(number)))
            for records in ("e1", [None], [one], 7, None, one[0]):
                with refused(InvalidLog, f"records={records!r}"):
                    store.append(BORDER, _any(records))
            for negotiation in map(_any, ("", "\ud800", 7, None, [])):
                with refused(InvalidLog, f"an append to negotiation {negotiation!r}"):
                    store.append(negotiation, [])
                with refused(InvalidLog, f"reading negotiation {negotiation!r}"):
                    store.read(negotiation)
            holds(store, {})

    def test_appending_nothing_changes_nothing(self) -> None:
        """No records at all are no mistake: the answer is where the negotiation stands."""
        with self._opened() as store:
            same(store.append(WATER, []), 0)
            store.append(BORDER, statements(2))
            for expected in (ANY, NEW, 1, 2):
                same(store.append(BORDER, [], expected=expected), 2)
            holds(store, {BORDER: statements(2)})

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

    def test_any_appends_agree_with_a_model(self) -> None:
        """Whatever is asked, in whatever order, is answered and kept as a plain model says."""

        def appends_agree(asked: list[Asked]) -> None:
            model = Plain()
            with self._opened() as store:
                for one in asked:
                    answer = one.of(store, model.stands(one.negotiation))
                    same(answer, model.append(one), repr(one))
                    holds(store, model.logs)
                order = [(each.negotiation, each.id) for _, each in store.read_all()]
                same(order, model.order, "the order of all records")

        self._drawn(appends_agree, asked=st.lists(Asked.drawn(), max_size=6))

    # Many at once

    def test_one_writer_wins_each_position(self) -> None:
        """Of writers that expect the same position one succeeds; the others get a Conflict."""

        def attempt(store: Store, position: int, writer: int) -> int | None:
            mine = record(f"e{position}-{writer}", minute=position)
            try:
                return store.append(BORDER, [mine], expected=position)
            except Conflict as conflict:
                same(_positions(conflict), (BORDER, position, position + 1))
                return None

        with self._opened() as store:
            for position in range(8):
                answers = race(*[partial(attempt, store, position, each) for each in range(4)])
                won = [each for each in answers if each is not None]
                same(won, [position + 1], f"who won after position {position}")
            same(len(store.read(BORDER)), 8, "the number of records")

    def test_writers_lose_nothing(self) -> None:
        """Of many writers at once each finds its records where it was told that they stand."""

        def write(store: Store, writer: int) -> dict[str, int]:
            ids = [f"e{writer}-{each}" for each in range(10)]
            return {id: store.append(BORDER, [record(id)]) for id in ids}

        with self._opened() as store:
            answers = race(*[partial(write, store, writer) for writer in range(4)])
            stand = {id: position for each in answers for id, position in each.items()}
            same({each.id: each.position for each in store.read(BORDER)}, stand)
            same(sorted(stand.values()), list(range(1, 41)))
            same({each.id: each.position for _, each in store.read_all()}, stand)

    def test_a_reader_sees_appends_whole(self) -> None:
        """While others write, a log and all logs together hold whole appends and parts of none."""
        batches = [statements(5, first=1 + 5 * each) for each in range(12)]

        def write(store: Store) -> None:
            for each in batches:
                store.append(BORDER, each)

        def look(store: Store) -> None:
            log, everything = store.read(BORDER), list(store.read_all())
            same((len(log) % 5, len(everything) % 5), (0, 0), "records of a part of an append")

        with self._opened() as store:
            race(partial(write, store), meanwhile=partial(look, store))
            reads(store, BORDER, [each for batch in batches for each in batch])

    def test_who_follows_skips_nothing(self) -> None:
        """Who goes on reading after the last number sees each record once, while many write."""
        writers = (BORDER, WATER, "third")
        seen: list[tuple[int, Record]] = []

        def write(store: Store, negotiation: str) -> None:
            for each in statements(15, of=negotiation):
                store.append(negotiation, [each])

        def follow(store: Store) -> None:
            seen.extend(store.read_all(after=seen[-1][0] if seen else 0))

        with self._opened() as store:
            race(
                *[partial(write, store, each) for each in writers], meanwhile=partial(follow, store)
            )
            ascend([number for number, _ in seen])
            for negotiation in writers:
                found = [each.id for _, each in seen if each.negotiation == negotiation]
                same(found, [each.id for each in statements(15)], f"what was seen of {negotiation}")

    # The end

    def test_a_closed_store_refuses(self) -> None:
        """After it is closed a store does nothing but say so; what was read stays."""
        calls: dict[str, Callable[[Store], object]] = {
            "append": lambda store: store.append(BORDER, statements(1)),
            "read": lambda store: store.read(BORDER),
            "read_all": lambda store: list(store.read_all()),
            "negotiations": lambda store: list(store.negotiations()),
        }
        store = self.store()
        store.append(BORDER, statements(2))
        log = store.read(BORDER)
        store.close()
        for name, call in calls.items():
            with refused(StoreClosed, f"{name} on a closed store"):
                call(store)
        store.close()
        same([each.id for each in log], ["e1", "e2"], "what was read before")

    def test_a_store_closes_itself(self) -> None:
        """As a context manager a store is itself, closed in the end, and lets errors through."""
        for error in (None, InvalidLog(None, "on purpose")):
            made, came = self.store(), None
            try:
                with made as store:
                    same(store is made, True, "whether `with` gives the store itself")
                    store.append(BORDER, statements(1))
                    if error is not None:
                        raise error
            except InvalidLog as raised:
                came = raised
            if came is not error:
                raise AssertionError(f"out of the context came {came!r}; {error!r} was due")
            with refused(StoreClosed, "read after the context"):
                made.read(BORDER)


def _positions(conflict: Conflict) -> tuple[str, int, int]:
    return conflict.negotiation, conflict.expected, conflict.actual


def _any(value: object) -> Any:
    """What a type checker would not let through."""
    return value
