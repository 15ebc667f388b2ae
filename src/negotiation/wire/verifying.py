"""Verifying: whether sealed lines are as they were sealed, and where they first are not."""

from __future__ import annotations

from typing import Any

import attrs
from attrs import frozen

from negotiation.errors import Altered, DecodeError, InvalidLog, NegotiationError
from negotiation.log import Log
from negotiation.model import Model, versioned
from negotiation.records import Record
from negotiation.values import Refused, describe
from negotiation.wire.lines import Codec, negotiation_of, source_of
from negotiation.wire.seals import HEAD, Head, a_hash, hash_of, in_place, says, sealed_line
from negotiation.wire.text import parse


@frozen
class Fault:
    """Where it first shows that records are not as they were sealed.

    Attributes:
        position: the position of the record.
        reason: what shows it.
    """

    position: int
    reason: str


@frozen
class Verification:
    """What verifying the records of one negotiation found.

    Attributes:
        negotiation: the id of the negotiation.
        count: how many records there are before the fault, or in all.
        sealed: how many of them carry a seal. The first seal also covers what stands before it.
        head: where the negotiation stands by them, to be kept and compared later; None if there
            are none.
        fault: where it first shows that something was altered; None if nothing does.
    """

    negotiation: str
    count: int
    sealed: int
    head: Head | None
    fault: Fault | None

    @property
    def intact(self) -> bool:
        """Whether nothing shows that anything was altered; of unsealed records, nothing can."""
        return self.fault is None

    def insist(self) -> None:
        """Do nothing if nothing was altered.

        Raises:
            Altered: something was.
        """
        if self.fault is not None:
            raise Altered(self.negotiation, self.fault.position, self.fault.reason)

    def to_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "negotiation": self.negotiation,
            "count": self.count,
            "sealed": self.sealed,
            "head": None if self.head is None else self.head.to_json(),
            "fault": None if self.fault is None else attrs.asdict(self.fault),
        }


class Verifier:
    """Takes the lines of one negotiation in their order and says in the end what was found.

    A copy, by `copy.copy`, goes its own way from there.

    Args:
        negotiation: the id of the negotiation.
        codec: reads the lines that carry no seal.
        head: where the negotiation is known to have stood.

    Raises:
        InvalidLog: `head` is none of this negotiation.
    """

    def __init__(self, negotiation: str, codec: Codec, head: Head | None = None) -> None:
        self.negotiation = negotiation
        self._source = source_of(negotiation)
        self._codec = codec
        self._known = _known(head, negotiation)
        self._count = self._sealed = 0
        self._hash: str | None = None
        self._above: Record | None = None
        self._fault: Fault | None = None
        self._rewritten: Fault | None = None

    @property
    def over(self) -> bool:
        """Whether a fault was found behind which nothing can be said any more."""
        return self._fault is not None

    def take(self, line: bytes, *, position: int | None = None, id: str | None = None) -> None:
        """Take the next line.

        Args:
            line: the line, without its end.
            position: where the store says that the record stands, if it says so.
            id: which id the store says that the record has, if it says so.
        """
        if self.over:
            return
        at = self._count + 1
        try:
            value = self._read(line, at, position, id)
            sealed = value.get("hash") is not None
            hash = self._checked(line, value, at) if sealed else self._reckoned(value)
            self._compare(at, hash)
        except Refused as refused:
            self._fault = Fault(at, str(refused))
        else:
            self._count, self._hash = at, hash
            self._sealed += sealed

    def _read(self, line: bytes, at: int, position: int | None, id: str | None) -> dict[str, Any]:
        """The line as a JSON object, which stands where it should."""
        if position not in (None, at):
            raise Refused(f"is missing; the next record is that of position {position}")
        try:
            value = parse(line, self._codec.limits)
        except DecodeError as error:
            raise Refused(f"is no record: {error}") from None
        if not isinstance(value, dict):
            raise Refused(f"is no record: must be a JSON object, not {describe(value)}")
        if not self._owns(value.get("source")):
            raise Refused(f"belongs to another negotiation, {describe(value.get('source'))}")
        if id is not None and value.get("id") != id:
            raise Refused(f"has the id {describe(value.get('id'))}, and is filed under {id!r}")
        return value

    def _owns(self, source: Any) -> bool:
        """Whether a source is this negotiation's, in whichever way it is percent-encoded."""
        if source == self._source:
            return True
        try:
            return isinstance(source, str) and negotiation_of(source) == self.negotiation
        except Refused:
            return False

    def _reckoned(self, value: dict[str, Any]) -> str:
        """The hash that a line without a seal would have if it were sealed."""
        if self._sealed:
            raise Refused("has no seal, and the record before it has one")
        if value.get("prevhash") is not None:
            raise Refused("has no seal any more: it has a prevhash, and no hash")
        try:
            self._above = self._codec.from_json(value, self._above)
            return sealed_line(self._codec.to_json(self._above), self._hash)[1]
        except NegotiationError as error:
            raise Refused(f"is no record: {error}") from None

    def _checked(self, line: bytes, value: dict[str, Any], at: int) -> str:
        """The hash of a line that has a seal."""
        try:
            hash = a_hash(value["hash"])
        except Refused as refused:
            raise Refused(f"has no seal any more: its hash {refused}") from None
        rewritten = hash_of(line) != hash or not in_place(value)
        if rewritten and not says(value, hash):
            raise Refused("is not what was sealed: its hash is another")
        if value.get("prevhash") != self._hash:
            raise Refused(self._misplaced(value.get("prevhash")))
        if rewritten and self._rewritten is None:
            self._rewritten = Fault(at, "says what was sealed, but is written in another way")
        return hash

    def _compare(self, at: int, hash: str) -> None:
        """Refuse another hash than the one where the negotiation is known to have stood."""
        known = self._known
        if known is not None and at == known.position and hash != known.hash:
            raise Refused(
                f"has another hash than was noted for it, {known.hash}: it or one before it was "
                "altered and sealed anew"
            )

    def _misplaced(self, before: str | None) -> str:
        """What shows that a line, which is as it was sealed, was not sealed behind the last."""
        if before is None:
            return "was sealed as the first record of its negotiation, and is not"
        if self._hash is None:
            return "was sealed behind another record, and none stands before it"
        if not self._sealed:
            return (
                "was sealed behind other records: those before it, which have no seal of their "
                "own, were altered, or are read with another model than then"
            )
        return "was sealed behind another record, or the one before it was altered and sealed anew"

    def cut(self, reason: str) -> None:
        """Note that something else follows on the last line that was taken."""
        self._fault = self._fault or Fault(self._count + 1, reason)

    def done(self) -> Verification:
        """What was found."""
        known = self._known
        fault = self._fault
        if fault is None and known is not None and known.position > self._count:
            fault = Fault(
                self._count + 1,
                f"is missing; the negotiation is known to have stood at position {known.position}",
            )
        head = None if self._hash is None else Head(self.negotiation, self._count, self._hash)
        return Verification(
            self.negotiation, self._count, self._sealed, head, fault or self._rewritten
        )


def _known(head: Any, negotiation: str) -> Head | None:
    """The head that was given, which can be one of the negotiation."""
    if head is None:
        return None
    if not isinstance(head, Head):
        raise InvalidLog(None, f"head must be a Head of {negotiation!r}, not {describe(head)}")
    for name, check in HEAD.items():
        try:
            check(getattr(head, name))
        except Refused as refused:
            raise InvalidLog(None, f"head: its {name} {refused}") from None
    if head.negotiation != negotiation:
        raise InvalidLog(None, f"head is one of {head.negotiation!r}, not of {negotiation!r}")
    return head


def verify(log: Log, *, head: Head | None = None, model: Model = Model.default) -> Verification:
    """Whether the records of a log are as they were sealed.

    It asks of each record whether the line that would be written for it is the one that was
    sealed. Of a file or a database, ask the store: it looks at the very lines that lie there.

    Args:
        log: the log; it must know its negotiation.
        head: where the negotiation is known to have stood, from an earlier time.
        model: the events that are known.

    Raises:
        EncodeError: a record's event is not of the model.
        InvalidLog: the log is empty and of no negotiation, or `head` is none of its negotiation.
    """
    if log.negotiation is None:
        raise InvalidLog(None, "negotiation is not known; start with Log('its id')")
    codec = Codec(model)
    verifier = Verifier(log.negotiation, codec, head)
    for record in log:
        verifier.take(codec.encode(record).encode())
    found = verifier.done()
    fault = found.fault
    if fault is None or fault.position > len(log) or not _lifted(log[fault.position - 1], model):
        return found
    reason = f"{fault.reason}; or an older version was lifted: ask the store that it was read from"
    return attrs.evolve(found, fault=Fault(fault.position, reason))


def _lifted(record: Record, model: Model) -> bool:
    """Whether a record may have been of an older version when it was read."""
    name, _ = versioned(model.wire_types.get(type(record.event), "")) or ("", 0)
    return any(name == lifted for lifted, _ in model.lifts)


def seal(log: Log, *, model: Model = Model.default) -> Log:
    """The log with a seal on each record, as a store would put it there.

    Args:
        log: the log; seals that it has are made anew.
        model: the events that are known.

    Raises:
        EncodeError: a record's event is not of the model, or its line would be over a limit.
    """
    codec = Codec(model)
    sealed: list[Record] = []
    before: str | None = None
    for record in log:
        _, hash = codec.seal(record, before)
        sealed.append(attrs.evolve(record, prevhash=before, hash=hash))
        before = hash
    return Log(log.negotiation, sealed)
