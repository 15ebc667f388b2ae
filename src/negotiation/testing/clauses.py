"""What a scenario may say of its outcome: the clauses of `then`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs
from attrs import frozen

from negotiation.comparing import Change, Difference, diff
from negotiation.errors import InvalidPath, NegotiationError, nearest
from negotiation.log import Log
from negotiation.paths import Path, parse_path, path_text, resolve
from negotiation.printing import as_python, as_table
from negotiation.problems import REASONS, Problem
from negotiation.records import Record
from negotiation.rules import Protocol
from negotiation.state import (
    CONTENTS,
    HEAD,
    Deadline,
    Meeting,
    Negotiation,
    PartyState,
    Proposal,
    Truce,
    Violation,
)
from negotiation.values import MAX_DEPTH, describe, same_json

_DEEPEST: Final = MAX_DEPTH + 20
"""How deep a value of a state nests at most: JSON, in an item, in a pair of old and new."""


class InvalidScenario(NegotiationError, ValueError):
    """A scenario is put together wrongly, so that it could not fail or could not be asked."""


@frozen
class Outcome:
    """What came of a scenario, which its clauses are asked of.

    Attributes:
        given: what happened before.
        happened: the records of what happened then, whether taken or refused.
        before: the state before.
        after: the state after.
        problems: the rules that it broke, as the strict append says, in order.
    """

    given: Log
    happened: tuple[Record, ...]
    before: Negotiation
    after: Negotiation
    problems: tuple[Problem, ...]

    def shown(self) -> Iterator[str]:
        """What a failed scenario shows beside what failed."""
        yield f"what changed:\n{_indented(diff(self.before, self.after))}"
        yield f"given:\n{_indented(as_table(self.given))}"
        yield f"when:\n{_indented(as_table(self.happened))}"


def _indented(text: object) -> str:
    return "\n".join(f"  {line}" for line in str(text).splitlines())


# Clauses


class Clause:
    """One thing that a scenario says of its outcome, made by one of the functions below."""

    __slots__ = ()

    def faults(self, _outcome: Outcome) -> Iterator[str]:
        """What of it does not hold, each with what was expected and what is.

        Clauses about rules say nothing one by one: `faults_of_rules` takes them together.
        """
        return iter(())


def _fault(written: str, expected: object, actual: object) -> str:
    return f"does not hold: {written}\n  expected: {expected}\n  actual:   {actual}"


@frozen(eq=False)
class _Values(Clause):
    """What stands at some paths: how each was written, the path, and what is expected there."""

    expected: tuple[tuple[str, Path, Any], ...]

    def faults(self, outcome: Outcome) -> Iterator[str]:
        for written, path, expected in self.expected:
            try:
                actual = resolve(outcome.after, path)
            except InvalidPath as nowhere:
                shown = f"nothing is there; it {nowhere.reason}"
            else:
                if same(expected, actual):
                    continue
                shown = _shown(actual)
            yield _fault(written, _shown(expected), shown)


def value(path: str, expected: Any) -> Clause:
    """The clause that a value stands at a path.

    Args:
        path: where, as for `explain`: `truces.easter.status`.
        expected: the value. Sets, lists and mappings are compared by what is in them, and an item
            may be given as a mapping of all its fields.

    Raises:
        InvalidPath: no state has such a path.
        InvalidScenario: the value nests deeper than a state does, or holds itself.
    """
    steps = _known_path(path)
    _check_depth(path, expected)
    return _Values(((f"value({path!r}, …)", steps, expected),))


def party(id: str, **expected: Any) -> Clause:
    """The clause that a party stands so.

    Args:
        id: the party.
        expected: attributes of its `PartyState` and their values, as for `value`.

    Raises:
        InvalidPath: parties have no such attribute.
        InvalidScenario: no attribute is given, the party is no text, or a value is as `value` has
            none.
    """
    if not isinstance(id, str):
        raise InvalidScenario(f"party() takes the id of a party, a text, not {describe(id)}")
    if not expected:
        raise InvalidScenario(
            f"party({id!r}) says nothing of the party; {nearest('', _names(PartyState))}"
        )
    paths = {name: _known_path(path_text(("parties", id, name))) for name in expected}
    for name, it in expected.items():
        _check_depth(f"party({id!r}, {name}=…)", it)
    return _Values(
        tuple((f"party({id!r}, {name}=…)", paths[name], it) for name, it in expected.items())
    )


@frozen(eq=False)
class _Changes(Clause):
    """What changed, in order."""

    expected: tuple[tuple[str, Any], ...]

    def faults(self, outcome: Outcome) -> Iterator[str]:
        named = {path for path, _ in self.expected}
        actual = [
            each
            for each in diff(outcome.before, outcome.after).changes
            if each.path in named or not _is_bookkeeping(each.path)
        ]
        found = tuple((each.path, _said(each)) for each in actual)
        if len(found) != len(self.expected) or not all(
            path == each.path and _is_change(expected, each)
            for (path, expected), each in zip(self.expected, actual, strict=True)
        ):
            name = "changes(…)" if self.expected else "unchanged()"
            yield _fault(name, _mapping_shown(self.expected), _mapping_shown(found))


def changes(expected: Mapping[str, Any] | Iterable[Change] | Difference) -> Clause:
    """The clause that exactly this changed, in the order in which `diff` tells it.

    Which records stand behind an item, when a party was last heard, the moment of the state and
    its problems change with every record. They are left out, unless they are named.

    Args:
        expected: path → `(old, new)`, "added" or "removed"; or the changes as `diff` gives them.

    Raises:
        InvalidPath: no state has such a path.
        InvalidScenario: of a change neither is said, or it is not said of paths.
    """
    if isinstance(expected, Mapping):
        pairs = [(path, _a_change(path, said)) for path, said in expected.items()]
    else:
        listed = expected.changes if isinstance(expected, Difference) else expected
        pairs = [(each.path, each) for each in _listed_changes(listed)]
    return _Changes(tuple((path_text(_known_path(path)), said) for path, said in pairs))


def _listed_changes(given: Any) -> Iterator[Change]:
    wrong = "changes() takes a mapping of paths, or Changes as diff() gives them, not "
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InvalidScenario(wrong + describe(given))
    for each in given:
        if not isinstance(each, Change):
            raise InvalidScenario(f"{wrong}{describe(each)} in a list")
        yield each


def unchanged() -> Clause:
    """The clause that nothing changed but what `changes` leaves out."""
    return _Changes(())


_WORDS: Final = ("added", "removed")


def _a_change(path: str, said: Any) -> Any:
    if said in _WORDS if isinstance(said, str) else isinstance(said, tuple) and len(said) == 2:
        _check_depth(path, said)
        return said
    raise InvalidScenario(
        f"{path}: a change is (old, new), 'added' or 'removed'; not {describe(said)}"
    )


def _is_change(expected: Any, actual: Change) -> bool:
    if isinstance(expected, Change):
        return expected == actual
    if isinstance(expected, str):
        return expected == actual.kind
    old, new = expected
    return actual.kind == "changed" and same(old, actual.old) and same(new, actual.new)


def _said(change: Change) -> Any:
    """A change as it is written in a clause."""
    return (change.old, change.new) if change.kind == "changed" else change.kind


def _is_bookkeeping(path: str) -> bool:
    """Whether what stands at a path says which records there were, rather than what of it."""
    steps = parse_path(path)
    last = steps[0] in _SECTIONS and len(steps) == 3 and steps[2] in ("records", "last_heard")
    return last or steps[0] in (*HEAD, "problems")


@frozen
class ProblemClause(Clause):
    """A rule that is broken."""

    code: str
    party: str | None
    event: str | None

    def meets(self, found: Problem) -> bool:
        """Whether it is of this problem."""
        asked = ((self.party, found.party), (self.event, found.event))
        return self.code == found.code and all(it is None or it == at for it, at in asked)

    def __str__(self) -> str:
        return _problem_words(self.code, self.party, self.event)


def problem(code: str, *, party: str | None = None, event: str | None = None) -> Clause:
    """The clause that what happened broke a rule, and was recorded all the same.

    Several of these say that exactly these problems were gained, in this order.

    Args:
        code: the rule.
        party: whose problem it is, if that is to be compared.
        event: the id of the record, if that is to be compared.

    Raises:
        InvalidScenario: one of them is no text.
    """
    _check_code("problem", code)
    for name, id in {"party": party, "event": event}.items():
        if id is not None and not isinstance(id, str):
            raise InvalidScenario(f"problem(): {name} must be an id, a text, not {describe(id)}")
    return ProblemClause(code, party, event)


@frozen
class RefusedClause(Clause):
    """The codes for which the strict append refused what happened."""

    codes: tuple[str, ...]


def refused(*codes: str) -> Clause:
    """The clause that a strict `append` refused what happened, which was therefore not recorded.

    Args:
        codes: the rules that it would have broken: exactly these, in order.

    Raises:
        InvalidScenario: no code is given, or one is no text.
    """
    if not codes:
        raise InvalidScenario("refused() names the rules that were broken, such as 'not-maker'")
    for code in codes:
        _check_code("refused", code)
    return RefusedClause(codes)


def _check_code(clause: str, code: object) -> None:
    if not isinstance(code, str):
        raise InvalidScenario(
            f"{clause}() takes the code of a rule, such as 'not-maker', not {describe(code)}"
        )


def check_codes(clauses: Iterable[Clause], protocol: Protocol) -> None:
    """Refuse clauses about rules that cannot hold: of no such code, or excluding each other.

    Raises:
        InvalidScenario: what is wrong with them.
    """
    problems = [each.code for each in clauses if isinstance(each, ProblemClause)]
    refusals = [code for each in clauses if isinstance(each, RefusedClause) for code in each.codes]
    if problems and refusals:
        raise InvalidScenario(
            "problem() is of an event that was recorded, refused() of one that was not; say one"
        )
    allowed = (*REASONS, *protocol.codes)
    for code in (*problems, *refusals):
        if code not in allowed:
            raise InvalidScenario(f"{code!r} is the code of no rule; {nearest(code, allowed)}")


def faults_of_rules(clauses: Iterable[Clause], outcome: Outcome) -> Iterator[str]:
    """What of the clauses about rules, taken together, does not hold."""
    asked = [each for each in clauses if isinstance(each, ProblemClause)]
    codes = [code for each in clauses if isinstance(each, RefusedClause) for code in each.codes]
    found = outcome.problems
    if codes:
        holds = codes == [each.code for each in found]
        written, expected = "refused(…)", ", ".join(codes)
    else:
        holds = len(asked) == len(found) and all(map(ProblemClause.meets, asked, found))
        written = "problem(…)" if asked else "no problem, as none is said"
        expected = "; ".join(map(str, asked)) or "none"
    if not holds:
        actual = [
            f"{_problem_words(each.code, each.party, each.event)}: {each.message}" for each in found
        ]
        nothing = "nothing was refused" if codes else "none"
        yield _fault(written, expected, "\n            ".join(actual) or nothing)


def _problem_words(code: str, party: str | None, event: str | None) -> str:
    told = (("by", party), ("of", event))
    return " ".join([code, *(f"{word} {it}" for word, it in told if it is not None)])


# Values


def same(expected: Any, actual: Any) -> bool:
    """Whether a value of a state is what was expected, whatever kind of collection that is."""
    if isinstance(actual, frozenset):
        alike = isinstance(expected, set | frozenset | list | tuple)
        return alike and len(expected) == len(actual) and all(map(list(expected).count, actual))
    if isinstance(actual, tuple):
        alike = isinstance(expected, list | tuple) and len(expected) == len(actual)
        return alike and all(map(same, expected, actual))
    if isinstance(expected, Mapping) and attrs.has(type(actual)):
        actual = {name: getattr(actual, name) for name in _names(type(actual))}
    if isinstance(actual, Mapping):
        alike = isinstance(expected, Mapping) and set(expected) == set(actual)
        return alike and all(same(expected[key], actual[key]) for key in actual)
    if isinstance(actual, bool | int | float):
        return same_json(expected, actual)
    return bool(expected == actual)


def _check_depth(where: str, value: Any, depth: int = 0) -> None:
    """Refuse what nests deeper than any state, as does what holds itself."""
    if depth > _DEEPEST:
        raise InvalidScenario(
            f"{where}: what is expected nests deeper than {_DEEPEST} levels, or holds itself; give "
            "a value that ends"
        )
    if isinstance(value, Mapping):
        value = [value[key] for key in value]
    if isinstance(value, list | tuple):
        for each in value:
            _check_depth(where, each, depth + 1)


def _shown(value: Any) -> str:
    """A value as a clause may give it."""
    return as_python(_plain(value)).replace("\n", "\n            ")


def _mapping_shown(pairs: Iterable[tuple[str, Any]]) -> str:
    return _shown({path: _said(it) if isinstance(it, Change) else it for path, it in pairs})


def _plain(value: Any) -> Any:
    """A value of a state in lists, sets and dicts; a pair of old and new stays one."""
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in value}
    if isinstance(value, set | frozenset):
        return set(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_plain, value))
    return value


# Paths


_SECTIONS: Final[Mapping[str, type[Any]]] = {
    "parties": PartyState,
    "proposals": Proposal,
    "truces": Truce,
    "violations": Violation,
    "deadlines": Deadline,
    "meetings": Meeting,
}


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(a.name for a in attrs.fields(kind))


def _known_path(text: str) -> Path:
    """A path that some state has: the names are right, whatever ids there are."""
    path = parse_path(text)
    allowed: dict[int, tuple[str, ...]] = {0: (*HEAD, *CONTENTS)}
    if path[0] in _SECTIONS:
        allowed[2] = _names(_SECTIONS[str(path[0])])
    for index, names in allowed.items():
        if index < len(path) and path[index] not in names:
            step, called = str(path[index]), {it: path_text((*path[:index], it)) for it in names}
            raise InvalidPath(text, f"leads nowhere at {step!r}; {nearest(step, names, called)}")
    return path
