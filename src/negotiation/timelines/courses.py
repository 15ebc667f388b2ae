"""A log in fold order as one viewer knows it, with what stood after every so many records.

A `Course` is what grows, shared by all who look at a beginning of it; a `Track` is such a
beginning. It tells which of the kept states a question goes on from, and which records it folds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from functools import partial
from operator import attrgetter
from threading import Lock
from typing import Any, Final, NamedTuple

from attrs import evolve, field, frozen

from negotiation.collector import collector_paused
from negotiation.events import EventRetracted
from negotiation.explaining.concerns import Concerns
from negotiation.facts import Chain, Facts
from negotiation.fold import Draft, fold_into, handlers_of, start
from negotiation.history import History
from negotiation.knowledge import carried_out
from negotiation.model import Model
from negotiation.problems import UNKNOWN_RECORD, Code
from negotiation.records import Record, fold_order
from negotiation.timelines.blocks import Blocks
from negotiation.timelines.lateness import Elsewhere, without
from negotiation.values import EARLIEST, LATEST
from negotiation.versions import Versions

_MAPS: Final = ("items", "parties", "positions", "heard", "slices")
_time = attrgetter("time")
_position = attrgetter("position")
_top = attrgetter("top")

DEAR: Final = 20
"""How many records are folded in the time in which one late record is left out singly."""


class Mark(NamedTuple):
    """What of a kept state stands in no map.

    Attributes:
        top: the highest position among the records that count.
        time: the latest time among them.
        problems: the problems met.
    """

    top: int
    time: datetime | None
    problems: Chain[Any]


class Course:
    """What a viewer's records make of each other, in fold order. Shared, and grown at its end.

    Args:
        interval: after how many records a state is kept.
        model: the events that are known.

    Attributes:
        records: every record that may count, in fold order, retracted ones too.
        marks: what stands after none, one, two … intervals of them.
        maps: the five maps of the facts, at every mark.
    """

    __slots__ = ("handlers", "interval", "lock", "maps", "marks", "model", "records")

    def __init__(self, interval: int, model: Model) -> None:
        self.interval: Final = interval
        self.model: Final = model
        self.handlers: Final = handlers_of(model)
        self.lock: Final = Lock()
        self.records: Blocks[Record] = Blocks(interval)
        self.marks = [Mark(0, None, None)]
        self.maps: dict[str, Versions[Any, Any]] = {name: Versions() for name in _MAPS}
        self.maps["slices"] = Versions(start(model).slices)

    def upto(self, length: int, marks: int) -> Course:
        """A copy of its beginning, to be grown apart from this one."""
        course = Course(self.interval, self.model)
        course.records = self.records.upto(length)
        course.marks = self.marks[:marks]
        course.maps = {name: versions.upto(marks - 1) for name, versions in self.maps.items()}
        return course

    def block(self, mark: int, void: Set[str]) -> list[Record]:
        """The records that count between a mark and the next one."""
        records = self.records[mark * self.interval : (mark + 1) * self.interval]
        return [each for each in records if each.id not in void] if void else records

    def fold_on(self, kept: int, void: Set[str], faults: Mapping[str, Code]) -> int:
        """Fold what stands after the first marks, which hold; gives how many marks there are."""
        for mark in range(kept, len(self.records) // self.interval + 1):
            before, block = self.marks[-1], self.block(mark - 1, void)
            draft = Draft(self.facts(mark - 1))
            fold_into(draft, block, faults, self.handlers)
            for name in _MAPS:
                self.maps[name].write(getattr(draft, name))
            top = max([before.top, *map(_position, block)])
            self.marks.append(Mark(top, block[-1].time if block else before.time, draft.problems))
        return len(self.marks)

    def place(self, record: Record, length: int) -> int:
        """Where a record stands, or is to stand, among the first ones in fold order."""
        return bisect_left(self.records, fold_order(record), hi=length, key=fold_order)

    def facts(self, mark: int) -> Facts:
        """What stood at a mark."""
        standing: dict[str, Any] = {name: versions.at(mark) for name, versions in self.maps.items()}
        return Facts(**standing, problems=self.marks[mark].problems)

    def folded(self, query: Query, faults: Mapping[str, Code]) -> Facts:
        """What stands after the records of a query are folded."""
        draft = Draft(query.facts)
        fold_into(draft, query.rest, faults, self.handlers)
        standing: dict[str, Any] = {
            name: getattr(query.facts, name).updated(getattr(draft, name)) for name in _MAPS
        }
        return Facts(**standing, problems=draft.problems, notes=query.notes)


@frozen
class Track:
    """The index for one viewer: a beginning of a course, and which of it counts by now.

    Attributes:
        viewer: whose knowledge it is; None for everything.
        course: the records in fold order, and what they make of each other.
        length: how many of the records are this track's.
        marks: how many of the marks are.
        faults: by record id, the code of each repetition of no record.
        retractions: the retractions, in log order.
        notes: the retractions that say that they repeat a record and repeat none.
        void: the ids of the records that are retracted by now.
        late: those that happened before any that was recorded earlier, in log order.
        latest: the latest time in the log, known to the viewer or not.
    """

    viewer: str | None
    course: Course
    length: int = 0
    marks: int = 1
    faults: Mapping[str, Code] = field(factory=dict)
    retractions: tuple[Record, ...] = ()
    notes: tuple[Record, ...] = ()
    void: frozenset[str] = frozenset()
    late: tuple[Record, ...] = ()
    latest: datetime = EARLIEST

    @classmethod
    def of(cls, log: History, viewer: str | None, interval: int, model: Model) -> Track:
        """The index over a whole log."""
        return cls(viewer, Course(interval, model)).extended(log, log)

    def extended(self, log: History, new: Iterable[Record]) -> Track:
        """The index over a log that has grown.

        Args:
            log: the log as it is now.
            new: the records that it has gained.
        """
        faults = dict(self.faults)
        counting: list[Record] = []
        retractions: list[Record] = []
        notes: list[Record] = []
        viewer = self.viewer
        late: list[Record] = []
        latest = self.latest
        for record in new:
            in_time = record.time >= latest
            if in_time:
                latest = record.time
            if viewer is not None and not record.visible(viewer):
                continue
            if record.repeats is not None:
                if not self._stands(log, record.repeats, record):
                    faults[record.id] = UNKNOWN_RECORD
                    if type(record.event) is EventRetracted:
                        notes.append(record)
                        continue
                else:
                    continue
            elif type(record.event) is EventRetracted:
                retractions.append(record)
                continue
            counting.append(record)
            if not in_time:
                late.append(record)
        all_retractions = (*self.retractions, *retractions)
        void = self.void
        if retractions:
            void = frozenset(self._carried_out(log, all_retractions)[0])
        kept, course = self._grown(log, counting, void)
        length = len(course.records)
        with course.lock, collector_paused():
            marks = course.fold_on(kept, void, faults)
        return evolve(
            self,
            course=course,
            length=length,
            marks=marks,
            faults=faults,
            retractions=all_retractions,
            notes=(*self.notes, *notes),
            void=void,
            late=(*self.late, *late),
            latest=latest,
        )

    def _grown(self, log: History, new: list[Record], void: frozenset[str]) -> tuple[int, Course]:
        """A course with further records in their places, and how many of its marks still hold."""
        course, length = self.course, self.length
        first = length
        if new:
            new = sorted(new, key=_time)  # stable: equal times keep log order
            first = course.place(new[0], length)
        kept = min(first, self._earliest(log, void)) // course.interval + 1
        with course.lock:
            at_end = length == len(course.records) and self.marks == len(course.marks)
            if at_end and first == length and kept == self.marks:
                course.records.extend(new)
                return kept, course
            after = course.records[first:length]
            course = course.upto(first, kept)
        course.records.extend(sorted((*after, *new), key=fold_order))
        return kept, course

    def _earliest(self, log: History, void: Set[str]) -> int:
        """The first place in fold order at which it matters that other records are retracted."""
        places = [self.length]
        for id in void ^ self.void:
            record = log.get(id)
            if record is not None and self._may_count(record):
                places.append(self.course.place(record, self.length))
        return min(places)

    def _may_count(self, record: Record) -> bool:
        """Whether a record is one of the course's, if it is retracted or not."""
        return (
            record.visible(self.viewer)
            and type(record.event) is not EventRetracted
            and (record.repeats is None or record.id in self.faults)
        )

    def _stands(self, log: History, id: str, below: Record) -> bool:
        record = log.get(id)
        return (
            record is not None and record.position < below.position and record.visible(self.viewer)
        )

    def _carried_out(
        self, log: History, retractions: Sequence[Record]
    ) -> tuple[set[str], dict[str, Code]]:
        return carried_out(retractions, partial(self._stands, log))

    def query(
        self,
        log: History,
        position: int,
        last: datetime | None,
        concerns: Callable[[], Concerns] | None = None,
    ) -> Query:
        """What a state is made of.

        Args:
            log: the log.
            position: only what was recorded up to there.
            last: only what had happened by then; None for all. What is recorded up to the position
                must have happened by then if `concerns` is given.
            concerns: gives what concerns what, so that few late records are left out singly.
        """
        course = self.course
        void: Set[str] = self.void
        notes: list[tuple[Code, Record]] = []
        stop = earliest = self.length
        if last is not None:
            stop = bisect_right(course.records, (last, position), hi=stop, key=fold_order)
        if self.retractions or self.notes:
            known = self.retractions[: bisect_right(self.retractions, position, key=_position)]
            void, faults = self._carried_out(log, known)
            earliest = self._earliest(log.upto(position), void)
            notes = [(faults[each.id], each) for each in known if each.id in faults]
            notes += [
                (UNKNOWN_RECORD, each)
                for each in self.notes
                if each.position <= position and each.id not in void
            ]
        mark = min(stop, earliest) // course.interval
        safe = bisect_right(course.marks, position, hi=mark + 1, key=_top) - 1
        before = None
        if concerns is not None and mark > safe:
            longer = (mark - safe) * course.interval
            before = self._without_late(log.upto(position), mark, void, longer, concerns)
        if before is None:
            mark, before = safe, (course.facts(safe), course.marks[safe])
        rest = course.records[mark * course.interval : stop]
        rest = [each for each in rest if each.position <= position and each.id not in void]
        return Query(mark, *before, rest, tuple(notes), void)

    def _without_late(
        self,
        log: History,
        mark: int,
        void: Set[str],
        longer: int,
        concerns: Callable[[], Concerns],
    ) -> tuple[Facts, Mark] | None:
        """What stood at a mark without what was recorded later, if that is quickly told.

        Args:
            log: the log as far as it was recorded.
            mark: the number of the mark.
            void: the ids of the records that are retracted.
            longer: how many records are to be folded otherwise.
            concerns: gives what concerns what.
        """
        position = len(log)
        course = self.course
        end = mark * course.interval
        ends = fold_order(course.records[end]) if end < self.length else (LATEST, 0)
        since = bisect_right(self.late, position, key=_position)
        soon = [each for each in self.late[since:] if each.time <= ends[0]]
        late = [each for each in soon if fold_order(each) < ends and each.id not in self.void]
        if DEAR * len(late) > longer or course.model.extensions:
            return None

        def counts(record: Record) -> bool:
            return (
                record.position <= position
                and record.repeats is None
                and record.id not in void
                and fold_order(record) < ends
                and record.visible(self.viewer)
            )

        def before() -> Iterator[Record]:
            for index in range(end - 1, -1, -1):
                if course.records[index].id not in self.void:  # it was not folded
                    yield course.records[index]

        try:
            facts = without(
                course.facts(mark),
                late,
                before,
                counts=counts,
                concerns=concerns(),
                handlers=course.handlers,
            )
        except Elsewhere:
            return None
        gone = {each.id for each in late}
        times = (each.time for each in before() if each.id not in gone)
        tops = (each.position for each in reversed(log) if self._counts(each, void))
        return facts, Mark(next(tops, 0), next(times, None), facts.problems)

    def _counts(self, record: Record, void: Set[str]) -> bool:
        return record.id not in void and self._may_count(record)


class Query(NamedTuple):
    """What a state is made of: the mark that it goes on from, and what is folded after it.

    Attributes:
        mark: the number of the mark.
        facts: what stood there.
        before: what of that stands in no map.
        rest: the records that count and come after it, in fold order.
        notes: the codes and records of the faulty retractions.
        void: the ids of the records that are retracted.
    """

    mark: int
    facts: Facts
    before: Mark
    rest: list[Record]
    notes: tuple[tuple[Code, Record], ...]
    void: Set[str]
