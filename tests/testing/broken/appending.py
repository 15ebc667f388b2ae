"""Stores that keep something else than what was appended, or keep it wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from time import sleep
from typing import Any
from unicodedata import normalize

import attrs

import negotiation as ng
from negotiation.errors import Conflict
from negotiation.stores import ANY, NEW, MemoryStore, StoredNegotiation
from negotiation.testing.storing import BORDER, START
from negotiation.values import BRANCH
from tests.testing.broken.registry import Appending, Expectation, Records, caught_by


class Changing(MemoryStore):
    """Keeps each record with a change."""

    def change(self, each: ng.Record) -> ng.Record:
        raise NotImplementedError

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        return super().append(negotiation, map(self.change, records), expected=expected)


@caught_by("test_what_is_appended_is_read")
class ForgetsAttributes(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, attributes={})


class Emptying(Changing):
    """Keeps each event without one of its fields."""

    field: str

    def change(self, each: ng.Record) -> ng.Record:
        event: Any = each.event
        if getattr(event, self.field, None) is None:
            return each
        return attrs.evolve(each, event=attrs.evolve(event, **{self.field: None}))


@caught_by("test_what_is_appended_is_read")
class ForgetsEarliest(Emptying):
    field = "earliest"


@caught_by("test_what_is_appended_is_read")
class ForgetsTheScope(Emptying):
    field = "scope"


@caught_by("test_any_record_is_read_as_it_was_appended")
class ForgetsThePlace(Emptying):
    field = "place"


class Rewriting(Changing):
    """Keeps one text of each record with a change."""

    def write(self, text: str) -> str:
        raise NotImplementedError

    def change(self, each: ng.Record) -> ng.Record:
        return each if each.quote is None else attrs.evolve(each, quote=self.write(each.quote))


@caught_by("test_what_is_appended_is_read")
class NormalisesQuotes(Rewriting):
    def write(self, text: str) -> str:
        return normalize("NFC", text)


@caught_by("test_what_is_appended_is_read")
class CutsQuotes(Rewriting):
    def write(self, text: str) -> str:
        return text[:255]


@caught_by("test_what_is_appended_is_read")
class CutsStatements(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        if not isinstance(each.event, ng.StatementMade):
            return each
        return attrs.evolve(each, event=attrs.evolve(each.event, text=each.event.text[:4000]))


@caught_by("test_records_are_kept_apart_by_any_id")
class CutsRecordIds(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=each.id[:200])


@caught_by("test_what_is_appended_is_read")
class CutsRecordIdsLater(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=each.id[:900])


@caught_by("test_records_are_kept_apart_by_any_id")
class NormalisesRecordIds(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=normalize("NFC", each.id))


@caught_by("test_any_record_is_read_as_it_was_appended")
class WritesAscii(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=each.id.encode("ascii", "replace").decode())


@caught_by("test_recorded_is_kept_as_it_is_given")
class RecordsWhenItHappened(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, recorded=each.time)


@caught_by("test_a_record_of_another_negotiation_is_refused")
class TakesAnything(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        taken = [attrs.evolve(each, negotiation=negotiation) for each in records]
        return super().append(negotiation, taken, expected=expected)


@caught_by("test_positions_are_given_by_the_store")
class BelievesPositions(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        super().put(negotiation, records, expected)
        return records[-1].position if records else 0


@caught_by("test_many_records_are_appended_at_once")
class KeepsOnePage(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        super().put(negotiation, records[:1000], expected)
        return len(records)


@caught_by("test_records_may_come_from_an_iterator")
class LooksTwice(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        if not list(records):
            return len(self.read(negotiation))
        return super().append(negotiation, records, expected=expected)


@caught_by("test_what_was_given_and_read_is_the_callers")
class KeepsTheCallersList(MemoryStore):
    given: Any = ()

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        self.given = self.given or records
        return super().append(negotiation, records, expected=expected)

    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return ng.Log(negotiation, self.given)


@caught_by("test_an_unknown_negotiation_is_an_empty_log")
class ForgetsWhatWasAsked(MemoryStore):
    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return super().read(negotiation, upto=upto) or ng.Log()


@caught_by("test_negotiations_are_kept_apart_by_any_id")
class FoldsCase(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        folded = [attrs.evolve(each, negotiation=negotiation.lower()) for each in records]
        return super().append(negotiation.lower(), folded, expected=expected)


@caught_by("test_negotiations_are_listed")
class ListsAsTheyCame(MemoryStore):
    def negotiations(self) -> Iterator[StoredNegotiation]:
        by_id = {each.negotiation: each for each in super().negotiations()}
        return (by_id[each] for each in self._negotiations)


@caught_by("test_a_log_is_read_up_to_a_position")
class StopsBefore(MemoryStore):
    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return super().read(negotiation, upto=upto and upto - 1)


@caught_by("test_any_is_the_default")
class ExpectsNew(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = NEW) -> int:
        return super().append(negotiation, records, expected=expected)


@caught_by("test_new_is_refused_where_something_is")
class TakesNewForAny(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, records, ANY if expected is NEW else expected)


@caught_by("test_a_position_is_refused_where_it_is_not_the_last")
class TakesAnyLaterPosition(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        ahead = type(expected) is int and expected > len(self.read(negotiation))
        return super().put(negotiation, records, ANY if ahead else expected)


@caught_by("test_what_is_expected_is_of_one_negotiation")
class CountsEverything(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        if type(expected) is int and expected != self._end():
            raise Conflict(negotiation, expected=expected, actual=self._end())
        return super().put(negotiation, records, ANY)


@caught_by("test_a_lost_race_is_a_conflict_first")
class LooksAtContentFirst(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        self.read(negotiation).extend(records)
        return super().put(negotiation, records, expected)


@caught_by("test_the_same_record_again_changes_nothing")
class AnswersWithTheLast(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        super().put(negotiation, records, expected)
        return len(self.read(negotiation))


@caught_by("test_an_append_can_be_tried_again")
class LooksAtPositionsFirst(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        actual = len(self.read(negotiation))
        position = 0 if expected is NEW else expected
        if position is not ANY and position != actual:
            raise Conflict(negotiation, expected=position, actual=actual)
        return super().put(negotiation, records, ANY)


@caught_by("test_copies_beside_new_records_are_left_out")
class TakesOneCopyForAll(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        copies = [each for each in records if self.knows(each)]
        return super().put(negotiation, copies or records, expected)


@caught_by("test_the_same_id_with_other_content_is_refused")
class TakesTheFirst(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, [self.knows(each) or each for each in records], expected)


def blind(name: str, value: Any) -> type[MemoryStore]:
    """A store that takes records for copies, whatever they have in one of their fields."""

    class Blind(Appending):
        def put(self, negotiation: str, records: Any, expected: Any) -> int:
            return super().put(negotiation, map(self.first, records), expected)

        def first(self, each: ng.Record) -> ng.Record:
            known = self.knows(each)
            if known is None or not self.bare(known).same_content(self.bare(each)):
                return each
            return known

        def bare(self, each: ng.Record) -> ng.Record:
            if name in attrs.fields_dict(ng.Record):
                return attrs.evolve(each, **{name: value})
            event: Any = each.event
            has = name in attrs.fields_dict(type(event))
            return attrs.evolve(each, event=attrs.evolve(event, **{name: value}) if has else event)

    Blind.__name__ = f"BlindFor_{name}"
    return Blind


@caught_by("test_the_same_id_with_one_field_changed_is_refused")
class ComparesNoKinds(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, map(self.first, records), expected)

    def first(self, each: ng.Record) -> ng.Record:
        known, event = self.knows(each), each.event
        if known is None or attrs.asdict(known.event) != attrs.asdict(event):
            return each
        return known if attrs.evolve(each, event=known.event).same_content(known) else each


for _name, _value in {
    "time": START,
    **dict.fromkeys(("speaker", "reported_by", "report_url", "quote", "precision", "visible_to")),
    **dict.fromkeys(("repeats", "correlation", "causation", "earliest", "scope", "under", "note")),
    "attributes": (),
}.items():
    caught_by("test_the_same_id_with_one_field_changed_is_refused")(blind(_name, _value))


@caught_by("test_a_record_id_is_of_one_negotiation")
class TakesIdsForGlobal(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        taken = {each.id for _, each in self.read_all() if each.negotiation != negotiation}
        for each in records:
            if each.id in taken:
                raise ng.ConflictingRecord(each.id, "is taken")
        return super().put(negotiation, records, expected)


@caught_by("test_an_append_is_done_whole_or_not_at_all")
class AppendsOneByOne(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        position = 0
        for each in records:
            position = super().put(negotiation, [each], expected)
        return position


@caught_by("test_an_append_is_done_whole_or_not_at_all")
class AppendsIteratorsOneByOne(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        if isinstance(records, list | tuple | str) or not isinstance(records, Iterable):
            return super().append(negotiation, records, expected=expected)
        position = super().append(negotiation, [], expected=expected)
        for each in records:
            position = super().append(negotiation, [each])
        return position


@caught_by("test_an_append_is_done_whole_or_not_at_all")
class AppendsByTheThousand(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        position = super().put(negotiation, records[:1000], expected)
        return super().put(negotiation, records[1000:], ANY) if records[1000:] else position


@caught_by("test_records_that_break_off_are_not_kept")
class KeepsWhatCameBefore(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        came: list[ng.Record] = []
        try:
            came.extend(records)
        finally:
            position = super().append(negotiation, came, expected=expected)
        return position


@caught_by("test_a_log_grows_at_its_end")
class BringsTimesForward(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        log = self.read(negotiation)
        latest = max(each.recorded for each in (*log, *records))
        later = [attrs.evolve(each, recorded=latest) for each in records]
        return super().put(negotiation, later, expected)


@caught_by("test_a_branch_is_refused")
class DropsBranches(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        if negotiation.endswith(BRANCH):
            return len(list(records))
        return super().append(negotiation, records, expected=expected)


@caught_by("test_what_makes_no_sense_is_refused")
class TakesTrueForOne(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        taken = 1 if expected is True else expected
        return super().append(negotiation, records, expected=taken)


@caught_by("test_appending_nothing_changes_nothing")
class AnswersNothingWithZero(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        return super().put(negotiation, records, expected) if records else 0


@caught_by("test_any_appends_agree_with_a_model")
class ExpectsNothingOfCopies(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        copied = records and self.knows(records[-1]) is not None
        return super().put(negotiation, records, ANY if copied else expected)


@caught_by("test_one_writer_wins_each_position")
class LooksAndThenWrites(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        if len(self.read(negotiation)) != expected:
            raise Conflict(negotiation, expected=expected, actual=len(self.read(negotiation)))
        sleep(0.02)
        return super().put(negotiation, records, ANY)


@caught_by("test_writers_lose_nothing")
class WritesBack(Appending):
    def __init__(self) -> None:
        super().__init__()
        self.logs: dict[str, ng.Log] = {}

    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        grown = self.read(negotiation).extend(records)
        sleep(0.002)
        self.logs[negotiation] = grown
        return len(grown)

    def read(self, negotiation: str, *, upto: int | None = None) -> ng.Log:
        return self.logs.get(negotiation, ng.Log(negotiation))


@caught_by("test_a_reader_sees_appends_whole")
class WritesSlowly(Appending):
    def put(self, negotiation: str, records: Any, expected: Any) -> int:
        position = 0
        for each in records:
            position = super().put(negotiation, [each], expected)
            sleep(0.001)
        return position


@caught_by("test_who_follows_skips_nothing")
@caught_by("test_who_follows_sees_everything_once")
class NumbersBeforeItShows(MemoryStore):
    """As a database does whose transactions take their numbers before they commit."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(1)
        self.shown: dict[int, ng.Record] = {}

    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        (each,) = records
        number = next(self.numbers)
        sleep(0.01 if negotiation == BORDER else 0)
        self.shown[number] = each
        return super().append(negotiation, [each], expected=expected)

    def read_all(self, *, after: int = 0) -> Iterator[tuple[int, ng.Record]]:
        return iter(sorted(each for each in self.shown.copy().items() if each[0] > after))


@caught_by("test_negotiations_are_known_by_any_id")
class HeadsOfFoldedIds(MemoryStore):
    def head(self, negotiation: str) -> ng.Head | None:
        alike = [each for each in self._negotiations if each.lower() == negotiation.lower()]
        found = super().head(alike[0]) if alike else None
        return None if found is None else attrs.evolve(found, negotiation=negotiation)


@caught_by("test_negotiations_are_known_by_any_id")
class VerifiesById(MemoryStore):
    def verify(self, negotiation: str, *, head: ng.Head | None = None) -> ng.Verification:
        return super().verify(negotiation.partition("\0")[0] or negotiation, head=head)


@caught_by("test_a_huge_id_is_kept_or_refused")
class CutsHugeIds(Changing):
    def change(self, each: ng.Record) -> ng.Record:
        return attrs.evolve(each, id=each.id[:50_000])


@caught_by("test_a_huge_id_is_kept_or_refused")
class RefusesHugeIdsTooLate(MemoryStore):
    def append(self, negotiation: str, records: Records, *, expected: Expectation = ANY) -> int:
        position = super().append(negotiation, records, expected=expected)
        if len(negotiation) > 50_000:
            raise ng.EncodeError("is too long")
        return position


@caught_by("test_what_is_no_id_is_refused")
class HasHeadsOfAnything(MemoryStore):
    def head(self, negotiation: str) -> ng.Head | None:
        return super().head(negotiation) if negotiation in list(self._negotiations) else None


@caught_by("test_what_makes_no_sense_is_refused")
class FollowsForAnyTime(MemoryStore):
    def follow(
        self, *, after: int = 0, timeout: float | None = None
    ) -> Iterator[tuple[int, ng.Record]]:
        return super().follow(after=after, timeout=max(0, float(timeout or 0)))


@caught_by("test_what_makes_no_sense_is_refused")
class BeginsAnywhere(MemoryStore):
    def records(
        self, negotiation: str, *, after: int = 0, upto: int | None = None, backwards: bool = False
    ) -> Iterator[ng.Record]:
        begins = max(0, after)
        return super().records(negotiation, after=begins, upto=upto, backwards=backwards)
