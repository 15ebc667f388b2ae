"""Appending the lines of a file to a negotiation of a store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Any, Final

import attrs
from attrs import frozen

from negotiation.cli.output import records_words
from negotiation.cli.reading import lines_of, name_of
from negotiation.errors import Conflict, DecodeError, IllegalEvent, InvalidLog
from negotiation.log import Log
from negotiation.records import Record
from negotiation.stores import ANY, NEW, Store
from negotiation.stores.store import Expectation
from negotiation.wire.lines import Codec

_ATTEMPTS: Final = 100
"""How often an append is tried that does not mind where the negotiation stands."""


@frozen
class Appended:
    """What an append did.

    Attributes:
        negotiation: the id of the negotiation; None where there were no lines.
        appended: how many records it has more.
        position: where it stands.
    """

    negotiation: str | None
    appended: int
    position: int | None

    def to_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return attrs.asdict(self)

    @property
    def words(self) -> str:
        """The same in a sentence."""
        if self.negotiation is None:
            return "appended nothing: there are no records"
        what = records_words(self.appended) if self.appended else "nothing"
        return f"appended {what} to {self.negotiation!r}, which stands at position {self.position}"


NOTHING: Final = Appended(None, 0, None)
"""What comes of no lines."""


class Lines:
    """Lines that are to be appended, all of one negotiation.

    Args:
        source: the path where they stand, or - for standard input.

    Raises:
        DecodeError: a line is no record, or is another negotiation's.
        Unreadable: the file cannot be read.
        Failure: standard input is closed.
    """

    def __init__(self, source: str) -> None:
        self._name: Final = name_of(source)
        self._lines: Final = list(lines_of(source))
        self._codec: Final = Codec()
        records = self.records(None)
        self._numbers: Final = {
            record.id: number for record, (number, _) in zip(records, self._lines, strict=True)
        }
        self.negotiation: Final = records[0].negotiation if records else None

    def records(self, last: Record | None) -> list[Record]:
        """The records, each recorded no earlier than the one above where its line does not say.

        Args:
            last: the record above the first of them.
        """
        above = last
        records: list[Record] = []
        for number, line in self._lines:
            try:
                record = self._codec.decode(line, above)
            except DecodeError as error:
                raise error.at(self._name, number) from None
            if records and record.negotiation != records[0].negotiation:
                raise DecodeError(
                    f"belongs to negotiation {record.negotiation!r}, the lines above to "
                    f"{records[0].negotiation!r}; append takes one negotiation, import-log several",
                    file=self._name,
                    line=number,
                )
            if above is None or record.recorded >= above.recorded:  # else it is a copy, or wrong
                above = record
            records.append(record)
        return records

    def located(self, id: str | None, error: Exception) -> Exception:
        """An error about the record of an id, told with the place of its line."""
        number = self._numbers.get(id or "")
        return error if number is None else DecodeError(str(error), file=self._name, line=number)


def appended(store: Store, lines: Lines, expected: Expectation, *, strict: bool) -> Appended:
    """Append lines to the negotiation that they belong to.

    Args:
        store: the store.
        lines: the lines; at least one.
        expected: as in `Store.append`.
        strict: refuse what breaks a rule of the lifecycles.

    Raises:
        Conflict: the negotiation stands elsewhere than expected.
        DecodeError: a record cannot stand there; the error has the place of its line.
        StoreFailed: as in `Store.append`, and so are all others.
    """
    assert lines.negotiation is not None
    tries = _ATTEMPTS
    while True:
        tries -= 1
        try:
            return _attempt(store, lines.negotiation, lines, expected, strict)
        except Conflict:
            if expected is not ANY or not tries:
                raise
        except IllegalEvent as error:
            raise lines.located(error.problems[0].event, error) from None
        except InvalidLog as error:
            raise lines.located(error.record, error) from None


def _attempt(
    store: Store, negotiation: str, lines: Lines, expected: Expectation, strict: bool
) -> Appended:
    """One attempt: on what stands there now, and nowhere else."""
    log = store.read(negotiation) if strict else None
    last = next(iter(store.records(negotiation, backwards=True) if log is None else log[-1:]), None)
    stands = 0 if last is None else last.position
    records = _unique(lines.records(last))
    at = stands if expected is ANY else 0 if expected is NEW else expected
    assert isinstance(at, int)
    if log is not None:
        _check(log, records, at)
    answer = store.append(negotiation, records, expected=at)
    before = max(at, stands)
    new = answer - before
    if new <= 0:  # the last of them was there already, but not all need have been
        ids = {each.id for each in records}
        behind = store.records(negotiation, after=before)
        new = sum(1 for _ in takewhile(lambda each: each.id in ids, behind))
    return Appended(negotiation, new, before + new if new else stands)


def _unique(records: Iterable[Record]) -> list[Record]:
    """The records without second copies; what has the id of another but not its content stays."""
    found: dict[str, Record] = {}
    return [
        each
        for each in records
        if (first := found.setdefault(each.id, each)) is each or not each.same_content(first)
    ]


def _check(log: Log, records: Sequence[Record], at: int) -> None:
    """Refuse records that break a rule where they are new and stand where they are expected to.

    Raises:
        Conflict: the log stands elsewhere. The store would say so too, unless others bring it there
            in the meantime.
        IllegalEvent: a rule is broken.
    """
    if at == len(log):
        for each in records:
            log = log.append_record(each)
    elif not all((kept := log.get(each.id)) and each.same_content(kept) for each in records):
        raise Conflict(records[0].negotiation, expected=at, actual=len(log))
