"""What lies behind a value of a state: the records without which it might be another one.

A value rests on records that made it what it is, and on records that would have made it another
one had something else not been there: one that was refused because of an earlier one, one that was
retracted, one that was set aside because it repeats another. So the retractions that reach a record
are found with it, and who took an id with whoever would have had it.

What a field rests on follows from the rows of `negotiation.reducers`: the records that change it
and those that decide whether these are refused. A field that nothing changes rests on the opening
of its item alone.

The moment is part of the question: all of this is as of the state's `as_of`, whatever record it was
taken from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from negotiation.events import (
    DeadlineSet,
    EventRetracted,
    PartyJoined,
    PartyWithdrew,
    PositionStated,
    ProposalMade,
    StatementMade,
    TruceDeclared,
    TruceJoined,
    TruceViolated,
    maker,
    named,
)
from negotiation.explaining.concerns import KEYS, LINKS, Concerns
from negotiation.facts import (
    Chain,
    DeadlineFacts,
    MeetingFacts,
    ProposalFacts,
    TruceFacts,
    ViolationFacts,
    unchain,
)
from negotiation.history import History
from negotiation.model import Model
from negotiation.paths import Path
from negotiation.problems import Problem
from negotiation.records import Record, fold_order
from negotiation.reducers import REACTIONS
from negotiation.state import Negotiation
from negotiation.values import LATEST, json_key

SECTIONS: Final[Mapping[str, type[Any]]] = {
    "proposals": ProposalFacts,
    "truces": TruceFacts,
    "violations": ViolationFacts,
    "deadlines": DeadlineFacts,
    "meetings": MeetingFacts,
}
"""The mappings of a state that hold items, and the facts of these."""

_OPENERS: Final = frozenset(cls for cls in KEYS if REACTIONS[cls].opens)

_ANSWERED: Final = frozenset({"answers", "withdrawn"})
_COMMITTED: Final = frozenset({"commitments"})
_DUE: Final = frozenset({"due", "earliest", "closed"})
_CLOSED: Final = frozenset({"closed"})
_MET: Final = frozenset({"status"})

CHANGED_BY: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "proposals": {
        "terms": frozenset({"terms"}),
        "answers": frozenset({"answers"}),
        "countered_by": frozenset({"countered_by"}),
        "status": _ANSWERED,
    },
    "truces": {
        "rejected_by": frozenset({"rejected_by"}),
        "observations": frozenset({"observations"}),
        "commitments": _COMMITTED,
        "mutual": _COMMITTED,
        "status": _COMMITTED,
    },
    "violations": {
        "findings": frozenset({"findings"}),
        "replaced_by": frozenset({"replaced_by"}),
    },
    "deadlines": {
        "due": frozenset({"due"}),
        "earliest": frozenset({"earliest"}),
        "status": _DUE,
    },
    "meetings": {
        "parties": frozenset({"parties"}),
        "place": frozenset({"place"}),
        "follows": frozenset({"follows"}),
        "outcome": frozenset({"outcome"}),
        "status": _MET,
    },
}
"""The fields of an item that may change → the facts that they show. All others are as it opened."""

DECIDED_BY: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("terms", "answers", "countered_by", "withdrawn"), _ANSWERED),
    **dict.fromkeys(("commitments", "rejected_by"), _COMMITTED),
    **dict.fromkeys(("due", "earliest", "closed"), _DUE),
    **dict.fromkeys(("parties", "place", "follows", "outcome", "status"), _MET),
}
"""Fact of an item → the facts that decide whether an event that would change it is refused. One
that is left out changes whatever else became of its item."""

_OF_AN_OPENING: Final = frozenset(
    {"used-id"} | {row.unknown for row in REACTIONS.values() if row.unknown is not None}
)
"""The codes of what only the opening of an item decides."""

_BOUND: Final = ("bound", "in_effect")
"""The fields of a claim that show the accused's part in the truce."""


class Behind:
    """The records behind a value, gathered for one answer.

    Args:
        state: the state that holds the value.
        log: the log that the state was made of.
        concerns: the index over that log, or over one that begins with it.
        model: the model with which the state was made.

    Attributes:
        found: the records behind what was asked for, by id.
        active: the ids of those that had a part in it; the others changed nothing.
    """

    def __init__(
        self, state: Negotiation, log: History, concerns: Concerns, model: Model = Model.default
    ) -> None:
        self.found: dict[str, Record] = {}
        self.active: set[str] = set()
        self._state = state
        self._log = log
        self._concerns = concerns
        self._model = model
        self._until = LATEST if state.as_of is None else state.as_of
        self._parties = {
            "positions": self._positions,
            "proposals_made": self._offers,
            "replies_owed": lambda party: self._replies(party, owed=True),
            "replies_awaited": lambda party: self._replies(party, owed=False),
            "truces": self._bound,
            "violations_alleged_against": lambda party: self._claims(party, "by"),
            "violations_alleged_by": lambda party: self._claims(party, "alleged_by"),
            "deadlines_facing": lambda party: self._deadlines(party, facing=True),
            "deadlines_set": lambda party: self._deadlines(party, facing=False),
            "statements": lambda party: self._said(party, StatementMade),
            "role": lambda party: self._said(party, PartyJoined),
            "name": self._called,
            "status": self._stays,
            "last_heard": self._heard,
        }

    # Which records there are, from the state's point of view

    def known(self, record: Record) -> bool:
        """Whether whoever asks knows of a record, counting or not."""
        state = self._state
        return (
            record.position <= len(self._log)
            and record.visible(state.known_to)
            and (state.known_at is None or record.recorded <= state.known_at)
        )

    def retractions(self, record: Record) -> list[Record]:
        """The retractions that reach a record, and those that reach these, as far as known."""
        reached: list[Record] = []
        waiting = [record]
        while waiting:
            target = waiting.pop()
            for each in self._concerns.retractions(target.id):
                if each.position > target.position and self.known(each):
                    reached.append(each)
                    waiting.append(each)
        return reached

    def retracted(self, record: Record) -> bool:
        """Whether a record is taken back by a retraction that is not taken back itself."""
        undone: set[str] = set()
        for each in sorted(self.retractions(record), key=_position, reverse=True):
            if each.id not in undone and each.retracts is not None:
                undone.add(each.retracts)
        return record.id in undone

    def original(self, record: Record) -> Record | None:
        """The record that another one repeats, so that it is folded as nothing; None if none."""
        original = None if record.repeats is None else self._log.get(record.repeats)
        if original is None or original.position >= record.position or not self.known(original):
            return None
        return original

    def sources(self, record: Record) -> tuple[Record, ...]:
        """The records that repeat one: further sources, and those that repeat these."""
        found: list[Record] = []
        waiting = [record]
        while waiting:
            source = waiting.pop()
            for each in self._concerns.repeats(source.id):
                if each.position > source.position and self.known(each):
                    waiting.append(each)
                    if each.time <= self._until and not self.retracted(each):
                        found.append(each)
        return tuple(sorted(found, key=fold_order))

    def _happened(self, record: Record) -> bool:
        return record.time <= self._until and self.known(record)

    @cached_property
    def _latest(self) -> bool:
        """Whether the moment is the latest that there is, so that it may have been taken for it."""
        return self._state.as_of == self._state.time and not any(
            each.time > self._until and self._stands(each) for each in self._log
        )

    def _matters(self, record: Record) -> bool:
        """Whether a record happened, or would have been the latest, had it not been taken back."""
        return self._happened(record) or (
            self.known(record) and self.retracted(record) and self._latest
        )

    def _counts(self, record: Record) -> bool:
        return record.time <= self._until and self._stands(record)

    def _stands(self, record: Record) -> bool:
        """Whether a record counts once its time has come."""
        return (
            self.known(record)
            and type(record.event) is not EventRetracted
            and self.original(record) is None
            and not self.retracted(record)
        )

    # What is named

    def _name(self, record: Record, *, active: bool = True) -> None:
        self.found[record.id] = record
        if active:
            self.active.add(record.id)

    def _weigh(self, record: Record, *, active: bool) -> None:
        """Name a record that happened, if it counts, and the retractions that decide whether."""
        for each in self.retractions(record):
            self._name(each, active=False)
        if self._counts(record):
            self._name(record, active=active)

    def _opening(self, id: str, until: Record | None = None) -> None:
        """Name who opened an item, who wanted to under the same id, and who would have first.

        Args:
            id: the id of the item.
            until: only what comes before this record in fold order.
        """
        opened = False
        rivals: list[Record] = []
        for each in self._openers(id):
            if until is not None and (opened or fold_order(each) >= fold_order(until)):
                break
            if opened:
                rivals.append(each)
            else:
                self._weigh(each, active=True)
                opened = self._counts(each)
        makers = self._makers(id) if rivals else frozenset()
        for each in rivals:
            if self._counts(each):
                self._name(each, active=each.id in makers)

    def _openers(self, id: str) -> list[Record]:
        """The records that would open an item of this id, in fold order."""
        return sorted(
            (
                each
                for each in self._concerns.item(id)
                if type(each.event) in _OPENERS
                and _own(each) == id
                and each.repeats is None
                and self._matters(each)
            ),
            key=fold_order,
        )

    def _may_open(self, record: Record) -> bool:
        """Whether a record opens its item, or would, had others not been there.

        One that was taken back from an id that is used is kept out twice over.
        """
        return self._counts(record) or not any(
            self._counts(each)
            for each in self._openers(_own(record))
            if fold_order(each) < fold_order(record)
        )

    def _makers(self, id: str) -> frozenset[str]:
        """The ids of the records that made an item what it is."""
        item = self._state.facts.items.get(id)
        records: Chain[Record] = None if item is None else item.records
        return frozenset(record.id for record in unchain(records))

    def _changing(
        self, id: str, shown: frozenset[str] | None = None, by: str | None = None
    ) -> None:
        """Name the opening of an item, and what changed some of its facts or might have.

        Args:
            id: the id of the item.
            shown: the facts; None for all of them.
            by: only what this party did.
        """
        self._opening(id)
        concerned = [
            (each, facts)
            for each in self._concerns.item(id)
            if (facts := _changes(each, id))
            and (by is None or getattr(each.event, "by", None) == by)
            and self._matters(each)
            and self.original(each) is None
        ]
        if shown is not None:
            if not any(facts & shown for _, facts in concerned):
                return
            shown = shown.union(*(DECIDED_BY.get(fact, ()) for fact in shown))
        makers = self._makers(id)
        for each, facts in concerned:
            if shown is None or facts & shown:
                self._weigh(each, active=each.id in makers)
                if each.repeats is None and (own := _own(each)) != id:
                    self._opening(own, each)  # under a used id it would have changed nothing

    # Items

    def _item(self, section: str, id: str, rest: Path) -> None:
        field = str(rest[0]) if rest else None
        if field is None or field == "records":
            self._changing(id)
        elif shown := CHANGED_BY[section].get(field):
            keyed = field in ("commitments", "findings") and len(rest) > 1
            self._changing(id, shown, str(rest[1]) if keyed else None)
        else:
            self._opening(id)
        if section == "violations" and (field is None or field in _BOUND):
            self._opening(id)
            claim: Any = self._state.facts.items[id].claim.event  # type: ignore[union-attr]  # a claim's
            self._bound_by(claim.truce, claim.by)

    def _bound_by(self, truce: str, party: str) -> None:
        """Name what bound a party by a truce, or freed it."""
        self._changing(truce, _COMMITTED, party)

    def _section(self, section: str) -> None:
        kind = SECTIONS[section]
        for id in tuple(self._concerns.items):
            if any(
                REACTIONS[type(each.event)].kind is kind and self._may_open(each)
                for each in self._openers(id)
            ):
                self._changing(id)
                item = self._state.facts.items.get(id)
                if type(item) is ViolationFacts:
                    self._item(section, id, ("bound",))

    # Parties

    def _party(self, party: str, rest: Path) -> None:
        for record in self._sole_mention(party):
            self._weigh(record, active=True)
        if not rest:
            for gather in self._parties.values():
                gather(party)
        elif rest[0] == "positions" and len(rest) > 1:
            self._position(party, str(rest[1]), rest[2:])
        elif rest[0] == "truces" and len(rest) > 1:
            self._bound_by(str(rest[1]), party)
        elif rest[0] in self._parties:
            self._parties[str(rest[0])](party)

    def _sole_mention(self, party: str) -> list[Record]:
        """The one record that names a party, without which it would not be there."""
        mentions: list[Record] = []
        for each in self._concerns.party(party):
            if self._counts(each):
                mentions.append(each)
                if len(mentions) > 1:
                    return []
        return mentions

    def _of(self, party: str, *classes: type[Any]) -> Iterator[tuple[Record, Any]]:
        """The records of these classes that name a party, and that happened, with their events."""
        for each in self._concerns.party(party):
            if type(each.event) in classes and each.repeats is None and self._matters(each):
                yield each, each.event

    def _opened(self, party: str, cls: type[Any]) -> Iterator[tuple[Record, Any]]:
        """Those of them that opened an item, or would have, with their events."""
        return (found for found in self._of(party, cls) if self._may_open(found[0]))

    def _said(self, party: str, *classes: type[Any]) -> None:
        """Name the records of these classes, which name nobody but the party."""
        for each, _ in self._of(party, *classes):
            self._weigh(each, active=False)

    def _stays(self, party: str) -> None:
        """Name who joined and who left; a party that never left is active in any case."""
        if any(self._of(party, PartyWithdrew)):
            self._said(party, PartyJoined, PartyWithdrew)

    def _called(self, party: str) -> None:
        """Name the records that give a name; joining without one leaves it as it is."""
        for each, event in self._of(party, PartyJoined):
            if event.name is not None:
                self._weigh(each, active=False)

    def _positions(self, party: str) -> None:
        for each, event in self._of(party, PositionStated):
            if event.by == party:
                self._weigh(each, active=True)

    def _position(self, party: str, issue: str, rest: Path) -> None:
        """Name what stated a position; of one field the last, and those before that agree."""
        stated = [
            each
            for each, event in self._of(party, PositionStated)
            if (event.by, event.issue) == (party, issue)
        ]
        whole = not rest or rest[0] == "history"
        latest = None
        for each in sorted(stated, key=fold_order, reverse=True):
            if self._counts(each) and not whole:
                says = _says(each, str(rest[0]))
                if latest not in (None, says):
                    return
                latest = says
            self._weigh(each, active=True)

    def _offers(self, party: str) -> None:
        for id in dict.fromkeys(
            event.proposal for _, event in self._opened(party, ProposalMade) if event.by == party
        ):
            self._opening(id)

    def _replies(self, party: str, *, owed: bool) -> None:
        """Name what became of the offers to which replies may be due: not of those that expired."""
        for id in dict.fromkeys(
            event.proposal
            for each, event in self._opened(party, ProposalMade)
            if (party in event.to if owed else event.by == party)
            and (event.expires is None or event.expires > max(each.time, self._until))
        ):
            self._changing(id)

    def _bound(self, party: str) -> None:
        truces = dict.fromkeys(
            event.truce
            for _, event in self._of(party, TruceDeclared, TruceJoined)
            if type(event) is TruceJoined or party in event.bound
        )
        for id in truces:
            self._bound_by(id, party)
        if truces and not self._state.parties[party].truces:
            # It tried, and nothing came of it: that it is there at all is what has a say.
            for each in self._concerns.party(party):
                if self._matters(each):
                    self._weigh(each, active=False)

    def _claims(self, party: str, role: str) -> None:
        for id in dict.fromkeys(
            event.violation
            for _, event in self._opened(party, TruceViolated)
            if getattr(event, role) == party
        ):
            self._opening(id)

    def _deadlines(self, party: str, *, facing: bool) -> None:
        for id in dict.fromkeys(
            event.deadline
            for _, event in self._opened(party, DeadlineSet)
            if (party in event.on if facing else event.by == party)
        ):
            self._changing(id, _CLOSED)

    def _heard(self, party: str) -> None:
        heard = self._state.facts.heard[party]
        made = (each for each in self._concerns.party(party) if maker(each.event) == party)
        self._last(made, None if heard is None else heard.time)

    def _last(self, records: Iterable[Record], time: datetime | None) -> None:
        """Name the records of a time, and what keeps later ones from counting."""
        for each in records:
            if self._matters(each) and (time is None or each.time >= time):
                self._standing(each)

    def _standing(self, record: Record) -> None:
        """Name a record, or what keeps it from counting; a retraction never counts."""
        if type(record.event) is EventRetracted:
            return
        original = self.original(record)
        if original is None:
            self._weigh(record, active=True)
        elif not self.retracted(record):
            self._name(original)

    # The log as a whole

    def _problem(self, found: Problem) -> None:
        """Name the record that has a problem, and what it was measured by."""
        record = self._log.get(found.event)
        if record is None:
            return
        event: Any = record.event
        self._weigh(record, active=False)
        if type(event) is EventRetracted:
            self._name(record, active=False)
            target = self._log.get(event.event)
            if target is not None and found.code == "already-retracted":
                for each in (target, *self.retractions(target)):
                    self._name(each, active=False)
        elif found.code == "already-withdrawn":
            self._said(event.by, PartyJoined, PartyWithdrew)
        elif found.code in ("unknown-type", "unknown-record"):
            pass
        elif found.code in _OF_AN_OPENING:
            for id in _every_id(event):
                self._opening(id)
        else:
            for id in _every_id(event):
                self._changing(id)

    def _everything(self) -> None:
        """Name every record that happened, every retraction, and all that records speak of.

        Any of them may keep another one from being a problem.
        """
        concerns = self._concerns
        for each in self._log:
            if self.known(each) and (
                each.time <= self._until
                or type(each.event) is EventRetracted
                or concerns.repeats(each.id)
                or concerns.retractions(each.id)
            ):
                self._name(each, active=False)

    def _slice(self, name: str) -> None:
        for extension in self._model.extensions:
            if extension.name == name:
                for each in self._concerns.foreign(extension.event_class):
                    if self._matters(each):
                        self._weigh(each, active=True)

    def name(self, path: Path) -> None:
        """Find the records behind the value at a path, which leads somewhere in the state."""
        first, *more = path
        rest = tuple(more)
        if first not in SECTIONS:
            self._beside_items(str(first), rest)
        elif rest:
            self._item(str(first), str(rest[0]), rest[1:])
        else:
            self._section(str(first))

    def _beside_items(self, first: str, rest: Path) -> None:
        state, log = self._state, self._log
        if first == "parties" and rest:
            self._party(str(rest[0]), rest[1:])
        elif first == "parties":
            self._last((each for each in log if named(each.event)), None)
        elif first == "problems" and rest:
            self._problem(state.problems[int(rest[0])])
        elif first == "problems":
            self._everything()
        elif first == "slices":
            for name in rest[:1] or state.slices:
                self._slice(str(name))
        elif first == "position":
            self._last(log[max(state.position - 1, 0) :], None)
        elif first == "time" or (first == "as_of" and state.as_of == state.time):
            self._last(log, state.time)


def _position(record: Record) -> int:
    return record.position


def _own(record: Record) -> str:
    """The id of the item that a record's event is about."""
    id: str = KEYS[type(record.event)](record.event)
    return id


def _every_id(event: Any) -> set[str]:
    """The ids of the items that an event is measured by."""
    row = REACTIONS[type(event)]
    keys = (row.key, *(link.key for link in row.links))
    return {id for key in keys if (id := getattr(event, key)) is not None}


def _changes(record: Record, id: str) -> frozenset[str]:
    """The facts that a record may change in an item that is there."""
    row = REACTIONS[type(record.event)]
    own = row.changes if _own(record) == id else ()
    linked = (
        change
        for link in row.links
        if link.changes and LINKS[type(record.event)](record.event) == id
        for change in link.changes
    )
    return frozenset(change.field for change in (*own, *linked))


def _says(record: Record, field: str) -> Any:
    if field == "since":
        return record.time
    return json_key(getattr(record.event, field))
