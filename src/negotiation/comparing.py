"""What changed between two states: by path, old and new, in a fixed order.

`diff` compares any two states, of one log or of two, from any points of view; `apply` carries a
difference out. What stands on one side alone is one change, at its own path. What stands on both
is compared by attribute, by key of a mapping and by member of a set, as deep as these go; a
sequence, such as `records`, is one value. The order is that of the names in a state and of the
attributes in an item; keys and members are sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final, Literal, TypeAlias, TypeVar

import attrs
from attrs import frozen

from negotiation.collector import collector_paused
from negotiation.errors import DecodeError, DoesNotFit
from negotiation.facts import Facts, ItemFacts, Span, TruceFacts, ViolationFacts
from negotiation.lifecycles import TURNS
from negotiation.paths import Path, further, parse_path, path_text
from negotiation.state import CONTENTS, HEAD, Negotiation
from negotiation.values import EARLIEST, json_key, same_json
from negotiation.versions import differing
from negotiation.wire.states import state_from_json, to_json
from negotiation.words import state_words

K = TypeVar("K")
V = TypeVar("V")
Kind: TypeAlias = Literal["added", "removed", "changed"]


@frozen(eq=False)
class Change:
    """One thing that is not as it was.

    Two are equal if they say the same; 1, 1.0 and true are three values, as in all JSON.

    Attributes:
        path: where in the state it stands.
        kind: added, removed or changed. What is null was there, and is "changed"; what was added
            was not there before.
        old: what stood there; None if it was added.
        new: what stands there; None if it was removed.
    """

    path: str
    kind: Kind
    old: Any
    new: Any

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Change):
            return NotImplemented
        return (
            (self.path, self.kind) == (other.path, other.kind)
            and _same(self.old, other.old)
            and _same(self.new, other.new)
        )

    def __hash__(self) -> int:
        return hash((self.path, self.kind))

    def __str__(self) -> str:
        return f"{self.path}: {self.words()}"

    def words(self, arrow: str = "→", added: str = "added", removed: str = "removed") -> str:
        """What became of it, in words.

        Args:
            arrow: what stands between old and new.
            added: the word for what stands on the later side alone.
            removed: the word for what stands on the earlier side alone.
        """
        if self.kind == "changed":
            return _changed_words(self.old, self.new, arrow)
        word, value = (added, self.new) if self.kind == "added" else (removed, self.old)
        said = state_words(value)
        return word if said == parse_path(self.path)[-1] else f"{word}: {said}"


def _changed_words(old: Any, new: Any, arrow: str) -> str:
    if isinstance(old, tuple) and isinstance(new, tuple):
        alike = next(
            (
                i
                for i, (one, other) in enumerate(zip(old, new, strict=False))
                if not _same(one, other)
            ),
            min(len(old), len(new)),
        )
        if alike == len(old):
            return f"+ {state_words(new[alike:])}"
        if alike == len(new):
            return f"- {state_words(old[alike:])}"
    before, after = state_words(old), state_words(new)
    if before == after:  # such as the number 1 and the text
        before, after = repr(old), repr(new)
    return f"{before} {arrow} {after}"


@frozen
class Difference:
    """What changed from one state to another; false where nothing did.

    Attributes:
        changes: every change, in the order in which they stand in a state.
    """

    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.changes)) or "nothing changed"

    def to_json(self) -> dict[str, Any]:
        """The difference as a JSON object.

        `changes` is a list of objects of `path`, `kind`, `old` and `new`, the values as in the
        JSON of a state; `kind` tells what is absent from what is null.

        Raises:
            EncodeError: a slice of an extension that changed has no JSON form.
        """
        written: dict[str, Any] = to_json(self)
        return written


def diff(before: Negotiation, after: Negotiation) -> Difference:
    """What changed from one state to another.

    The states may be of one log or of two, from any points of view; their moments and what is
    known of them are compared as well. Slices of extensions are compared as wholes.

    Args:
        before: the state from which it changed.
        after: the state to which it changed.
    """
    found: list[Change] = []
    for name in HEAD:
        _compare(name, getattr(before, name), getattr(after, name), found)
    with collector_paused():
        one, other = _unlike(before, after)
        for name in one:
            _compare_keys(name, one[name], other[name], found)
    _compare_slices(before.slices, after.slices, found)
    if not _same_problems(before.facts, after.facts):
        _compare("problems", before.problems, after.problems, found)
    return Difference(tuple(found))


Comparing: TypeAlias = Callable[[str, Any, Any, list[Change]], None]
"""(path, old, new, the changes found so far) → nothing; it adds those that it finds."""


def _compare(path: str, old: Any, new: Any, found: list[Change]) -> None:
    if old is not new:
        kind = type(old)
        compare: Comparing = _compare_values
        if kind is type(new):
            compare = _comparing(kind)  # type: ignore[arg-type]  # a class can be hashed
        compare(path, old, new, found)


@cache
def _comparing(kind: type[Any]) -> Comparing:
    """How two values of one kind are compared."""
    if issubclass(kind, Mapping):
        return _compare_keys
    if issubclass(kind, frozenset):
        return _compare_members
    if attrs.has(kind):
        return _comparing_attributes(tuple(a.name for a in attrs.fields(kind)))
    return _compare_values


def _comparing_attributes(names: tuple[str, ...]) -> Comparing:
    read = attrgetter(*names)

    def compare_attributes(path: str, old: Any, new: Any, found: list[Change]) -> None:
        for name, one, other in zip(names, read(old), read(new), strict=True):
            if one is not other:
                _compare(f"{path}.{name}", one, other, found)

    return compare_attributes


def _compare_keys(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], found: list[Change]
) -> None:
    before, after = set(old), set(new)
    for key in sorted(before | after):
        at = further(path, key)
        if key not in after:
            found.append(Change(at, "removed", old[key], None))
        elif key not in before:
            found.append(Change(at, "added", None, new[key]))
        else:
            _compare(at, old[key], new[key], found)


def _compare_members(
    path: str, old: frozenset[str], new: frozenset[str], found: list[Change]
) -> None:
    for member in sorted(old ^ new):
        at = further(path, member)
        if member in old:
            found.append(Change(at, "removed", member, None))
        else:
            found.append(Change(at, "added", None, member))


def _compare_values(path: str, old: Any, new: Any, found: list[Change]) -> None:
    if not _same(old, new):
        found.append(Change(path, "changed", old, new))


def _same(one: Any, other: Any) -> bool:
    """Whether two values of a state are the same; 1, 1.0 and true are three."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float):
        return json_key(one) == json_key(other)
    return bool(one == other)


def _compare_slices(old: Mapping[str, Any], new: Mapping[str, Any], found: list[Change]) -> None:
    """Slices are of types that only their extensions know: each is one value."""
    for name in sorted({*old, *new}):
        path = path_text(("slices", name))
        if name not in new:
            found.append(Change(path, "removed", old[name], None))
        elif name not in old:
            found.append(Change(path, "added", None, new[name]))
        elif old[name] is not new[name] and old[name] != new[name]:
            found.append(Change(path, "changed", old[name], new[name]))


def _same_problems(one: Facts, other: Facts) -> bool:
    """Whether the problems are the very same. Sentences about them are made only if not."""
    return one.problems is other.problems and one.notes == other.notes


# What is compared: no more than differs
#
# Where two states share facts, only what has facts of its own on either side can differ, and what
# time alone tells apart. So two small states are compared, which hold every item and position that
# differs. What they leave out is the same on both sides: such an item adds the same members to the
# same sets of the same parties, and names no party that stands on one side alone.


def _unlike(before: Negotiation, after: Negotiation) -> tuple[_Sections, _Sections]:
    """The sections of two states, each with all that differs and little else."""
    old, new = (each.facts.persistent or each.facts for each in (before, after))
    items, others = old.items, new.items
    first, last = sorted((before.as_of or EARLIEST, after.as_of or EARLIEST))
    ids = differing(items, others) | _turned(items, first, last)
    ids |= _claims_touched(ids, items, others, first, last)
    ids |= {*_truces_named(ids, items), *_truces_named(ids, others)}
    issues = differing(old.positions, new.positions)
    parts = _part(before, items, ids, issues), _part(after, others, ids, issues)
    parties = {
        *differing(old.heard, new.heard),
        *differing(old.parties, new.parties),
        *parts[0].standings,
        *parts[1].standings,
    }
    return _sections(parts[0], parties), _sections(parts[1], parties)


_Sections: TypeAlias = Mapping[str, Mapping[str, Any]]


def _part(
    state: Negotiation, items: Mapping[str, ItemFacts], ids: set[str], issues: set[tuple[str, str]]
) -> Negotiation:
    """A state of these items and positions alone, as far as it has them, and of all parties."""
    facts = state.facts
    kept = {id: items[id] for id in ids if id in items}
    positions = {key: facts.positions[key] for key in issues if key in facts.positions}
    return attrs.evolve(state, facts=Facts(kept, facts.parties, positions, facts.heard, {}, None))


def _sections(part: Negotiation, parties: set[str]) -> _Sections:
    of_parties = {id: part.parties[id] for id in parties if id in part.facts.heard}
    return {"parties": of_parties, **{name: getattr(part, name) for name in _ITEMS}}


_ITEMS: Final = ("proposals", "truces", "violations", "deadlines", "meetings")


def _turned(items: Mapping[str, ItemFacts], first: datetime, last: datetime) -> set[str]:
    """The items that time alone may tell apart at two moments."""
    if first == last:
        return set()
    return {
        id
        for id, item in items.items()
        if (turns := TURNS.get(type(item))) is not None
        for turn in turns(item)
        if turn is not None and first < turn <= last
    }


def _claims_touched(
    ids: set[str],
    items: Mapping[str, ItemFacts],
    others: Mapping[str, ItemFacts],
    first: datetime,
    last: datetime,
) -> set[str]:
    """The claims about commitments that are among these items and differ, or begin in between."""
    touched: set[tuple[str, str]] = set()
    for id in ids:
        old, new = _bound(items.get(id)), _bound(others.get(id))
        for party in {*old, *new}:
            spans = old.get(party, ())
            if spans != new.get(party, ()) or any(first < span.since <= last for span in spans):
                touched.add((id, party))
    if not touched:
        return set()
    return {
        id
        for id, item in items.items()
        if isinstance(item, ViolationFacts)
        and (item.claim.event.truce, item.claim.event.by) in touched  # type: ignore[union-attr]  # a TruceViolated
    }


def _truces_named(ids: set[str], items: Mapping[str, ItemFacts]) -> Iterator[str]:
    """The truces of the claims among these items: a claim is read with its truce."""
    for id in ids:
        item = items.get(id)
        if isinstance(item, ViolationFacts):
            yield item.claim.event.truce  # type: ignore[union-attr]  # a TruceViolated


def _bound(item: ItemFacts | None) -> Mapping[str, tuple[Span, ...]]:
    return item.commitments if isinstance(item, TruceFacts) else {}


# Carrying a difference out


def apply(difference: Difference, state: Negotiation) -> Negotiation:
    """The state that a difference leads to: `apply(diff(a, b), a) == b`.

    What comes out can be read, compared and evolved; which records were seen is not part of it.

    Args:
        difference: what is to change.
        state: a state in which everything that is to change stands as the difference says.

    Raises:
        DoesNotFit: something does not stand there so, or what is to stand there cannot follow.
    """
    if not difference:
        return state
    tree = {name: to_json(getattr(state, name)) for name in (*HEAD, *CONTENTS) if name != "slices"}
    slices = dict(state.slices)
    for change in difference.changes:
        path = parse_path(change.path)
        if path[0] == "slices":  # values of any type, which JSON may not hold
            _put({"slices": slices}, path, change, change.old, change.new)
        else:
            _put(tree, path, change, to_json(change.old), to_json(change.new))
    try:
        applied = state_from_json({**tree, "slices": {}})
    except DecodeError as error:
        raise DoesNotFit(error.path, _OTHER_STATES) from None
    applied = attrs.evolve(applied, facts=attrs.evolve(applied.facts, slices=slices))
    _check_outcome(difference, diff(state, applied))
    return applied


def _put(tree: dict[str, Any], path: Path, change: Change, old: Any, new: Any) -> None:
    """Carry out one change in what a state holds; in JSON the members of a set are a list."""
    *way, last = path
    place: Any = tree
    for step in way:
        place = place.get(step) if isinstance(place, dict) else None
    if not isinstance(place, dict | list):
        raise DoesNotFit(change.path, f"there is no {path_text(way) or 'such name'} to change")
    stands = last in place
    if change.kind == "added" and stands:
        raise DoesNotFit(change.path, "is there already, and was to be added")
    if change.kind != "added" and not stands:
        raise DoesNotFit(change.path, f"is not there, and was to be {change.kind}")
    if isinstance(place, list):
        (place.append if change.kind == "added" else place.remove)(last)
        place.sort(key=str)  # as the members of a set are written
    elif change.kind != "added" and not _equal(place[last], old):
        raise DoesNotFit(
            change.path, f"is {state_words(place[last])}, and {state_words(old)} was to be changed"
        )
    elif change.kind == "removed":
        del place[last]
    else:
        place[last] = new


def _equal(one: Any, other: Any) -> bool:
    """Whether two values of JSON, or two slices, are the same."""
    return one is other or (one == other and same_json(one, other))


_OTHER_STATES: Final = "would not come out as the difference says; it is of other states"


def _check_outcome(asked: Difference, came: Difference) -> None:
    """Refuse what is asked for where it is not what came of it.

    What a state says of parties, statuses and problems follows from its items, and a difference of
    other states may ask for what does not follow here.
    """
    wanted = {change.path: change for change in asked.changes}
    found = {change.path: change for change in came.changes}
    for path in (*wanted, *found):
        if wanted.get(path) != found.get(path):
            raise DoesNotFit(path, _OTHER_STATES)
