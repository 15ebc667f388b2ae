"""Where a negotiation is expected to stand, and what is there already."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from negotiation.errors import Conflict, ConflictingRecord
from negotiation.events import ProposalMade
from negotiation.records import Record
from negotiation.stores import ANY, NEW
from negotiation.testing.odd import contradictions
from negotiation.testing.plain import Asked, Plain
from negotiation.testing.promises.base import Promises, positions
from negotiation.testing.storing import (
    BORDER,
    START,
    WATER,
    bare,
    holds,
    reads,
    record,
    refused,
    same,
    statements,
)


class Expecting(Promises):
    """What is expected is held to, and what is there already is known again."""

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
                same(positions(caught[0]), (BORDER, 0, 2))
            holds(store, {BORDER: statements(2), WATER: statements(1, of=WATER)})

    def test_a_position_is_refused_where_it_is_not_the_last(self) -> None:
        """A Conflict says where the negotiation was expected and where it stands."""
        with self._opened() as store:
            with refused(Conflict, "a position in a negotiation that does not exist") as caught:
                store.append(BORDER, statements(1), expected=1)
            same(positions(caught[0]), (BORDER, 1, 0))
            store.append(BORDER, statements(2))
            for expected in (1, 3):
                with refused(Conflict, f"expecting {expected} where 2 is the last") as caught:
                    store.append(BORDER, statements(1, first=3), expected=expected)
                same(positions(caught[0]), (BORDER, expected, 2))
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
