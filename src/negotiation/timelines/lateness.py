"""What stood before some late records were known: the facts without them, found where they matter.

A late record changes the past, but only of what it concerns. So what stood without it is what
stands with it, but for a few items, whose own records are folded again. Where that cannot be told
from the items alone, because a late record touches more than that, it is left to a longer fold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from negotiation.events import (
    PositionStated,
    StatementMade,
    TruceViolated,
    maker,
    named,
)
from negotiation.explaining.concerns import KEYS, LINKS, Concerns
from negotiation.facts import Chain, Facts, PartyFacts, TruceFacts, own_copy, unchain
from negotiation.fold import Draft, Handlers, fold_into
from negotiation.records import Record, fold_order
from negotiation.reducers import REACTIONS
from negotiation.versions import GONE, Standing

MOST: Final = 5_000
"""How many records are looked at to find what a late one concerns, before that is given up."""


_OF_PARTIES: Final = frozenset(
    cls for cls, row in REACTIONS.items() if row.kind is PartyFacts and cls is not StatementMade
)
"""The events that change what a party is. All of those about it would have to be folded again."""


class Elsewhere(Exception):  # no error: the answer is to be found elsewhere
    """What stood cannot be told from the items that the late records concern."""


def without(
    facts: Facts,
    late: Sequence[Record],
    before: Callable[[], Iterable[Record]],
    *,
    counts: Callable[[Record], bool],
    concerns: Concerns,
    handlers: Handlers,
) -> Facts:
    """The facts of a log without some late records in it.

    Args:
        facts: what stands with them, in maps of the class `Standing`.
        late: the late records.
        before: gives the records that were folded, the last of them first, late ones too.
        counts: whether a record that concerns an item is one of those, and not a late one.
        concerns: which records concern what.
        handlers: what carries the events out.

    Raises:
        Elsewhere: it takes more than the items that they concern to tell.
    """
    gone = {record.id: record for record in late}
    ids: set[str] = set()
    issues: dict[tuple[str, str], int] = {}
    speakers: dict[str, int] = {}
    for record in late:
        event: Any = record.event
        kind = type(event)
        if record.repeats is not None or kind in _OF_PARTIES:
            raise Elsewhere
        if kind is PositionStated:
            issues[event.by, event.issue] = issues.get((event.by, event.issue), 0) + 1
        elif kind is StatementMade:
            speakers[event.by] = speakers.get(event.by, 0) + 1
        else:
            ids.update(_items(event))
    parties = {party for record in late for party in named(record.event)}
    items, folded, problems = _without_items(facts, ids, counts, concerns, handlers)
    return Facts(
        items=_with(facts.items, items),
        parties=_with(
            facts.parties,
            {each: _fewer_statements(facts, each, speakers[each], gone) for each in speakers},
        ),
        positions=_with(
            facts.positions,
            {each: _fewer(facts.positions[each], issues[each], gone) or GONE for each in issues},
        ),
        heard=_with(facts.heard, {each: _heard(facts, each, before, gone) for each in parties}),
        slices=facts.slices,
        problems=_problems(facts.problems, {**folded, **gone}, problems),
    )


def _with(standing: Any, values: dict[Any, Any]) -> Any:
    changed: Standing[Any, Any] = standing
    return changed.updated(values) if values else changed


def _items(event: Any) -> list[str]:
    """The items that an event makes or changes."""
    reads = (table.get(type(event)) for table in (KEYS, LINKS))
    return [id for read in reads if read is not None and (id := read(event)) is not None]


def _without_items(
    facts: Facts,
    ids: set[str],
    counts: Callable[[Record], bool],
    concerns: Concerns,
    handlers: Handlers,
) -> tuple[dict[str, Any], dict[str, Record], Chain[Any]]:
    """Some items, and those that hang together with them, made of the records that count alone.

    Returns:
        Item → its facts, or that it is gone; the records folded again, and their problems.
    """
    found: dict[str, Record] = {}
    waiting = [*ids]
    seen = {*ids}
    while waiting:
        for record in concerns.item(waiting.pop()):
            if record.id not in found and counts(record):
                found[record.id] = record
                more = [id for id in _items(record.event) if id not in seen]
                seen.update(more)
                waiting += more
        if len(found) > MOST:
            raise Elsewhere
    folded = {**found}
    for record in [*found.values()]:  # a claim asks whether there is a truce by then, no more
        if type(record.event) is TruceViolated and record.event.truce not in seen:
            truce = facts.items.get(record.event.truce)
            if type(truce) is TruceFacts:
                found[truce.declared.id] = truce.declared
    draft = Draft(Facts({}, {}, {}, {}, {}, None))
    fold_into(draft, sorted(found.values(), key=fold_order), {}, handlers)
    items = {id: draft.items.get(id, GONE) for id in seen}
    for id, item in items.items():
        if _declared(item) is not _declared(facts.items.get(id)):
            raise Elsewhere  # claims about it, which are not among its records, would know
    return items, folded, draft.problems


def _declared(item: Any) -> Record | None:
    return item.declared if type(item) is TruceFacts else None


def _fewer(chain: Chain[Record], number: int, gone: Mapping[str, Record]) -> Chain[Record]:
    """A chain without so many records, which are in it."""
    after: list[Record] = []
    while number and chain is not None:
        chain, last = chain
        if last.id in gone:
            number -= 1
        else:
            after.append(last)
    for record in reversed(after):
        chain = (chain, record)
    return chain


def _fewer_statements(facts: Facts, party: str, number: int, gone: Mapping[str, Record]) -> Any:
    fewer = own_copy(facts.parties[party])
    fewer.statements = _fewer(fewer.statements, number, gone)
    return fewer


def _heard(
    facts: Facts, party: str, before: Callable[[], Iterable[Record]], gone: Mapping[str, Record]
) -> Any:
    """The record in which a party was last heard; None if it was only named, or that it is gone."""
    last = facts.heard.get(party)
    if last is not None and last.id not in gone:
        return last
    named_before: Any = GONE
    for number, record in enumerate(before()):
        if number > MOST:
            raise Elsewhere
        if record.id not in gone and party in named(record.event):
            if last is None or maker(record.event) == party:
                return record if last is not None else None
            named_before = None
    return named_before


def _problems(chain: Chain[Any], affected: Mapping[str, Record], new: Chain[Any]) -> Chain[Any]:
    """The problems with new ones in place of those of some records."""
    first = min(map(fold_order, affected.values()))
    after: list[Any] = []
    while chain is not None and fold_order(chain[1][1]) >= first:
        chain, last = chain
        if last[1].id not in affected:
            after.append(last)
    for each in sorted((*reversed(after), *unchain(new)), key=lambda found: fold_order(found[1])):
        chain = (chain, each)
    return chain
