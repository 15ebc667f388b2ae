"""An index over a log: the state at any position, any moment and from any point of view, at once.

A `Timeline` folds its log once and keeps what stood after every so many records. A state is made
from the last of these that comes before anything that was different then, by folding the few
records that follow: those that are late, or hidden, or were retracted since, included. When
records are added, only what comes after the earliest change is folded again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

from attrs import evolve, field, frozen

from negotiation.collector import collector_paused
from negotiation.errors import OutOfRange
from negotiation.events import maker
from negotiation.explaining import Explanation, explanation
from negotiation.explaining.concerns import Concerns
from negotiation.fold import Seen, advanced
from negotiation.knowledge import a_log, instant, viewer
from negotiation.log import Log
from negotiation.model import Model
from negotiation.paths import parse_path
from negotiation.records import Record
from negotiation.state import Negotiation
from negotiation.timelines.courses import Query, Track
from negotiation.values import EARLIEST, describe

INTERVAL: Final = 1000
"""After how many records a state is kept, unless another interval is asked for."""

VIEWERS: Final = 8
"""For how many parties' knowledge a timeline keeps an index beside the one for everything."""

_time = attrgetter("time")
_recorded = attrgetter("recorded")
_position = attrgetter("position")


@frozen(eq=False)
class Timeline:
    """An index over a log that gives the state at any position and any moment at once.

    It is immutable, as the log is. Building it costs at most half as much again as one replay. It
    keeps what changed from interval to interval, not whole states.

    Args:
        log: the log.
        interval: after how many records a state is kept. A state is made by folding at most so
            many records, and those after the place of one that was recorded late or retracted.
        model: the events that are known and what extensions fold.

    Raises:
        OutOfRange: the interval is no whole number from 1.
        ExtensionFailed: the reducer of an extension raised.
    """

    log: Log
    interval: int = field(default=INTERVAL, kw_only=True)
    model: Model = field(default=Model.default, kw_only=True)
    _latest: list[datetime] = field(init=False, repr=False)
    _insiders: frozenset[str] = field(init=False, repr=False)
    _tracks: dict[str | None, Track] = field(init=False, repr=False)
    _concerns: Concerns | None = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        a_log(self.log)
        if type(self.interval) is not int or self.interval < 1:
            raise OutOfRange(
                f"interval must be a whole number from 1, not {describe(self.interval)}"
            )
        self._take(self.log, [], frozenset(), {}, None)
        self._track(None)

    def _take(
        self,
        new: Sequence[Record],
        latest: list[datetime],
        insiders: frozenset[str],
        tracks: dict[str | None, Track],
        concerns: Concerns | None,
    ) -> None:
        """Enter what the records that the log gained mean for it."""
        if not self.log.public:
            insiders = insiders.union(*map(_insiders, new))
        set_privately = object.__setattr__
        set_privately(self, "_latest", _running_latest(self.log, latest, self.interval))
        set_privately(self, "_insiders", insiders)
        set_privately(self, "_concerns", concerns)
        set_privately(
            self,
            "_tracks",
            {viewer: track.extended(self.log, new) for viewer, track in tracks.items()},
        )

    def extend(self, records: Iterable[Record]) -> Timeline:
        """The timeline of the log with further records at its end; this one stays as it is.

        Only what comes after the earliest change is folded again: nothing, for records that
        happened last; what happened since, for one that is late or retracts another.

        Args:
            records: as for `Log.extend`.

        Raises:
            InvalidLog: as for `Log.extend`.
        """
        log = self.log.extend(records)
        longer = object.__new__(Timeline)
        for name, value in (("log", log), ("interval", self.interval), ("model", self.model)):
            object.__setattr__(longer, name, value)
        new = log[len(self.log) :]
        longer._take(new, self._latest, self._insiders, self._tracks, self._concerns_with(new))
        return longer

    def append(self, record: Record) -> Timeline:
        """The timeline of the log with one record more; arguments and errors as for `extend`."""
        return self.extend((record,))

    def at(
        self,
        *,
        position: int | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        known_to: str | None = None,
    ) -> Negotiation:
        """The state at a point: what `replay` gives, without replaying.

        Args:
            position: only the records up to there, which is `replay(log.upto(position), …)`
                (default: all).
            as_of: as for `replay`, and so are the others.
            known_at: only what had been recorded by then counts.
            known_to: only what this party knows counts.

        Raises:
            OutOfRange: there is no such position.
            InvalidTime: `as_of` or `known_at` has no time zone.
            InvalidParty: `known_to` is no party's id.
            ExtensionFailed: the reducer of an extension raised.
        """
        as_of, known_at = instant(as_of, "as_of"), instant(known_at, "known_at")
        known_to = viewer(known_to)
        log = self._upto(position)
        track, query = self._query(log, as_of, known_at, known_to, singly=as_of is None)
        with collector_paused():
            facts = track.course.folded(query, track.faults)
        time = query.rest[-1].time if query.rest else query.before.time
        return Negotiation(
            id=log.negotiation,
            position=max([query.before.top, *map(_position, query.rest)]),
            time=time,
            as_of=time if as_of is None else as_of,
            known_at=known_at,
            known_to=known_to,
            facts=facts,
            seen=Seen.all_by(log, as_of, query.void),
        )

    def steps(
        self,
        *,
        position: int | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        known_to: str | None = None,
        backwards: bool = False,
    ) -> Iterator[tuple[Record, Negotiation]]:
        """Each record that counts, in fold order, with the state right after it.

        What `negotiation.steps` gives, and from the last to the first if that is asked for. No
        more states are kept at a time than one interval has.

        Args:
            position: as for `at`, and so are `as_of`, `known_at` and `known_to`.
            as_of: only what had happened by then counts.
            known_at: only what had been recorded by then counts.
            known_to: only what this party knows counts.
            backwards: begin at the end.

        Raises:
            OutOfRange: as for `at`, and so are the others.
        """
        as_of, known_at = instant(as_of, "as_of"), instant(known_at, "known_at")
        known_to = viewer(known_to)
        log = self._upto(position)
        return self._steps(log, as_of, known_at, known_to, backwards)

    def _steps(
        self,
        log: Log,
        as_of: datetime | None,
        known_at: datetime | None,
        known_to: str | None,
        backwards: bool,
    ) -> Iterator[tuple[Record, Negotiation]]:
        track, query = self._query(log, as_of, known_at, known_to)
        course = track.course
        blocks: list[tuple[int, Sequence[Record] | None]] = [(m, None) for m in range(query.mark)]
        blocks.append((query.mark, query.rest))
        for mark, rest in reversed(blocks) if backwards else blocks:
            records = course.block(mark, track.void) if rest is None else rest
            before = course.marks[mark]
            state = Negotiation(
                log.negotiation, before.top, before.time, before.time, known_at, known_to,
                evolve(course.facts(mark), notes=query.notes), Seen.all_by(log, None, query.void),
            )  # fmt: skip
            taken = advanced(state, records, track.faults, course.handlers)
            yield from reversed([*taken]) if backwards else taken

    def explain(
        self,
        path: str,
        *,
        position: int | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        known_to: str | None = None,
    ) -> Explanation:
        """The records behind a value of the state at a point: what `explain` gives, at once.

        The first question takes a pass over the log, which later ones are spared.

        Args:
            path: where the value stands, such as `truces.easter.status`.
            position: as for `at`, and so are all that follow.
            as_of: only what had happened by then.
            known_at: only what had been recorded by then.
            known_to: only what this party knows.

        Raises:
            InvalidPath: it leads to nothing; the message names the nearest right path.
            OutOfRange: as for `at`, and so are the others.
        """
        steps = parse_path(path)
        state = self.at(position=position, as_of=as_of, known_at=known_at, known_to=known_to)
        log = self._upto(position)
        return explanation(state, log, self._concerning(), steps, model=self.model)

    def _upto(self, position: int | None) -> Log:
        if position is None:
            return self.log
        if type(position) is not int or not 0 <= position <= len(self.log):
            raise OutOfRange(
                f"position must be a whole number from 0, before anything, to {len(self.log)}, "
                f"the last of this log, not {describe(position)}"
            )
        return self.log.upto(position)

    def _query(
        self,
        log: Log,
        as_of: datetime | None,
        known_at: datetime | None,
        known_to: str | None,
        *,
        singly: bool = False,
    ) -> tuple[Track, Query]:
        """The index that answers a question, and what its state is made of.

        `singly` lets it leave out a few late records singly, so that the state follows on no mark.
        """
        position = len(log)
        if known_at is not None:
            position = bisect_right(log, known_at, key=_recorded)
        last = as_of
        if position < len(self.log):
            latest = self._latest_by(position)
            last = latest if as_of is None else min(latest, as_of)
        track = self._track(known_to)
        return track, track.query(log, position, last, self._concerning if singly else None)

    def _concerning(self) -> Concerns:
        """Which records of the log concern what; made when it is first asked for."""
        concerns = self._concerns
        if concerns is None:
            with collector_paused():
                concerns = Concerns(self.log)
            object.__setattr__(self, "_concerns", concerns)
        return concerns

    def _concerns_with(self, new: Iterable[Record]) -> Concerns | None:
        """The same with further records, if it has been made and holds no others by now."""
        concerns = self._concerns
        if concerns is None or not concerns.grow(len(self.log), new):
            return None
        return concerns

    def _latest_by(self, position: int) -> datetime:
        """The latest time among the first records."""
        if not position:
            return EARLIEST
        block = position // self.interval
        times = [each.time for each in self.log[block * self.interval : position]]
        return max([self._latest[block], *times])

    def _track(self, known_to: str | None) -> Track:
        """The index for a viewer; whoever knows only what is public shares one."""
        knower = known_to
        if self.log.public:
            knower = None
        elif knower is not None and knower not in self._insiders:
            knower = _NOBODY
        track = self._tracks.get(knower)
        if track is None:
            track = Track.of(self.log, knower, self.interval, self.model)
            while len(self._tracks) > VIEWERS:
                del self._tracks[next(each for each in self._tracks if each is not None)]
            self._tracks[knower] = track
        return track


_NOBODY: Final = ""
"""The viewer who was shown nothing and made nothing; no party has this id."""


def _insiders(record: Record) -> Iterable[str]:
    """Who knows of a record that is not public."""
    if record.visible_to is None:
        return ()
    by = maker(record.event)
    return record.visible_to if by is None else (*record.visible_to, by)


def _running_latest(log: Log, known: list[datetime], interval: int) -> list[datetime]:
    """The latest time among the first 0, 1, 2 … intervals of records."""
    latest = [*known] or [EARLIEST]
    while len(latest) * interval <= len(log):
        block = log[(len(latest) - 1) * interval : len(latest) * interval]
        latest.append(max([latest[-1], *map(_time, block)]))
    return latest
