"""The shapes of the rows, one for each view, and rows as a table.

The fields of a row are texts, numbers, booleans, moments and None; only a position's value or a
term may be another JSON value.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs
from attrs import field, frozen

from negotiation.values import FrozenDict, Json, json_key
from negotiation.words import value_words


@frozen(kw_only=True)
class PositionRow:
    """A stand on an issue as it was stated, and what it moved from.

    What it moved from is the stand that the same source gave before: the party's own words are
    held against its own words, and what another says of it against what that other said before.

    Attributes:
        issue: the issue.
        party: whose stand it is.
        attributed_by: who says so, where not the party itself: then it is a claim about a stand.
        time: when it was stated.
        value: the stand.
        firmness: how firmly it is held.
        condition: what it depends on.
        changed: whether value, firmness or condition differ from those before; False for a first.
        moved_by: the value less the one before, where both are numbers.
        was: the value before.
        was_firmness: the firmness before.
        was_condition: the condition before.
        was_record: the record that stated it before; None for a first stand.
        record: the record that states it.
        speaker: who spoke for the party.
        reported_by: the outlet.
        precision: how exactly the time is known.
    """

    issue: str
    party: str
    attributed_by: str | None
    time: datetime
    value: Json = field(eq=json_key)
    firmness: str
    condition: str | None
    changed: bool
    moved_by: int | float | None
    was: Json = field(eq=json_key)
    was_firmness: str | None
    was_condition: str | None
    was_record: str | None
    record: str
    speaker: str | None
    reported_by: str | None
    precision: str | None


@frozen(kw_only=True)
class ConcessionRow:
    """A party's change of what it had itself said before: a term that it offers, or its stand.

    Of terms, what it had said before is its last word on that term, to that party, in the same
    exchange: among a proposal and the proposals that counter it, directly or by way of others.
    Whether the change is one for the better, and for whom, nobody said.

    Attributes:
        time: when it was made.
        party: who made it.
        to: to whom, of terms; None for a position.
        event: the type of what it did: proposal-made (a counter-proposal), proposal-clarified,
            proposal-accepted (it takes the other's terms) or position-stated.
        proposal: the proposal that it made, clarified or accepted.
        term: the term that changed.
        issue: the issue on which it stands otherwise.
        value: the term or the stand now.
        was: the one before.
        moved_by: the value less the one before, where both are numbers.
        firmness: how firmly a position is held.
        was_firmness: how firmly it was held before.
        condition: what a position depends on.
        was_condition: what it depended on before.
        was_record: the record of its last word before; None for a term that is new.
        after: the record of the last move of `to` in the exchange before this one; of a position,
            of the last that another party stated on the issue in its own words.
        after_party: whose move that was.
        record: the record of the change.
        speaker: who spoke for the party.
        reported_by: the outlet.
        precision: how exactly the time is known.
    """

    time: datetime
    party: str
    to: str | None = None
    event: str
    proposal: str | None = None
    term: str | None = None
    issue: str | None = None
    value: Json = field(eq=json_key)
    was: Json = field(eq=json_key)
    moved_by: int | float | None
    firmness: str | None = None
    was_firmness: str | None = None
    condition: str | None = None
    was_condition: str | None = None
    was_record: str | None
    after: str | None
    after_party: str | None
    record: str
    speaker: str | None
    reported_by: str | None
    precision: str | None


@frozen(kw_only=True)
class ClaimRow:
    """One party's claim that another broke a truce. Never a fact, and never a part of a sum.

    Attributes:
        accuser: who makes the claim.
        accused: against whom.
        truce: the truce, declared by then or not.
        violation: the id of the claim.
        time: when it was made.
        count: how many violations it claims, if it says so.
        qualifier: how exact the count is.
        what: what is said to have happened.
        place: where.
        begins: when it is said to have begun.
        ends: when it is said to have ended.
        replaces: the claim that this one replaces, as it says.
        replaced_by: the claim by which its accuser replaced it; None for one that stands.
        bound: whether the accused had been bound by the truce.
        in_effect: whether what is claimed falls into a time when it was bound.
        denied_by: who denies it; like the next three, ids joined by a space, None for nobody.
        verified_by: who found it to be so.
        refuted_by: who found it not to be so.
        unattributed_by: who found that it cannot be said whose doing it was.
        record: the record of the claim.
        speaker: who spoke for the accuser.
        reported_by: the outlet.
        precision: how exactly the time is known.
    """

    accuser: str
    accused: str
    truce: str
    violation: str
    time: datetime
    count: int | None
    qualifier: str | None
    what: str | None
    place: str | None
    begins: datetime | None
    ends: datetime | None
    replaces: str | None
    replaced_by: str | None
    bound: bool
    in_effect: bool
    denied_by: str | None
    verified_by: str | None
    refuted_by: str | None
    unattributed_by: str | None
    record: str
    speaker: str | None
    reported_by: str | None
    precision: str | None


@frozen(kw_only=True)
class ReplyRow:
    """A reply that a party owes.

    Attributes:
        party: who owes it.
        to: who waits for it.
        proposal: the proposal that waits for it.
        since: since when: when the proposal was made, or when the clarification was that let an
            answer lapse, the party's own or one that had closed the proposal.
        seconds_owed: how long that is, as of `as_of`.
        expires: until when it can be given; None for no end.
        seconds_left: how long that is, as of `as_of`.
        as_of: the moment of which the row tells.
        record: the record since which it is owed.
        speaker: who spoke for the party that waits.
        reported_by: the outlet.
        precision: how exactly `since` is known.
    """

    party: str
    to: str
    proposal: str
    since: datetime
    seconds_owed: float
    expires: datetime | None
    seconds_left: float | None
    as_of: datetime
    record: str
    speaker: str | None
    reported_by: str | None
    precision: str | None


@frozen(kw_only=True)
class DeadlineRow:
    """A deadline as it stands for one of the parties to which it is set.

    Attributes:
        deadline: its id.
        by: who set it.
        on: the party, one of those to which it is set.
        due: when it is missed.
        earliest: when its window begins, if it is a vague one.
        first_due: when it was due as it was first set; `due` unless it was moved.
        status: pending, in-window, missed, met or lifted.
        seconds_left: how long it is until `due`, as of `as_of`: negative for one that is overdue,
            zero at the instant it is missed, None for one that was met or lifted.
        demand: what is asked for.
        consequence: what is threatened.
        about: the id of what it is about, a label.
        time: when it was set.
        as_of: the moment of which the row tells.
        record: the record that set it.
        speaker: who spoke for the party that set it.
        reported_by: the outlet.
        precision: how exactly `time` is known.
    """

    deadline: str
    by: str
    on: str
    due: datetime
    earliest: datetime | None
    first_due: datetime
    status: str
    seconds_left: float | None
    demand: str | None
    consequence: str | None
    about: str | None
    time: datetime
    as_of: datetime
    record: str
    speaker: str | None
    reported_by: str | None
    precision: str | None


@frozen(kw_only=True)
class CoverageRow:
    """A span for which a truce bound a party, or was mutual, or all the time outside such spans.

    Attributes:
        truce: the truce.
        coverage: bound (a span for which the party was bound), not-bound (all the time outside
            these), mutual (a span for which two parties or more were bound) or not-mutual.
        party: the party; None for mutual and not-mutual.
        since: when the span began; None for the time outside.
        until: when it was or is to be over; None for no end.
        over: whether it was over by `as_of`; None for the time outside.
        seconds: how long it had lasted by `as_of`; None for the time outside.
        claims: how many claims that stand speak of a time in it: a number of claims, whatever
            counts they make. Against this party, or for mutual and not-mutual against anybody.
        replaced: how many claims do that their accusers have replaced.
        as_of: the moment of which the row tells.
    """

    truce: str
    coverage: str
    party: str | None
    since: datetime | None
    until: datetime | None
    over: bool | None
    seconds: float | None
    claims: int
    replaced: int
    as_of: datetime


def columns(row: type[attrs.AttrsInstance]) -> tuple[str, ...]:
    """The names of the columns of a kind of row, in their order: the header of an empty table.

    Args:
        row: the class of the rows, such as `PositionRow`.
    """
    return tuple(each.name for each in attrs.fields(row))


def table(rows: Iterable[attrs.AttrsInstance]) -> list[dict[str, Any]]:
    """Rows as dicts, for `csv.DictWriter` or a data frame.

    Every row of a kind has the same keys in the same order, those that `columns` names. Moments
    stay datetimes and what is absent stays None; a list or an object becomes its JSON text.

    Args:
        rows: what one of the views gave.
    """
    return [{name: _cell(getattr(row, name)) for name in columns(type(row))} for row in rows]


def _cell(value: Any) -> Any:
    return value_words(value) if isinstance(value, tuple | FrozenDict) else value
