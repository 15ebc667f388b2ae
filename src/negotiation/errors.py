"""What can go wrong, as one tree.

Every error this library raises is a `NegotiationError`. Each says where (file and line, record,
party), what is wrong and what would be right, in its message and as fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from negotiation.legal import Template
    from negotiation.log import Log
    from negotiation.problems import Problem
    from negotiation.state import Negotiation


class NegotiationError(Exception):
    """The root of every error that this library raises."""


class InvalidEvent(NegotiationError, ValueError):
    """An event was built with a field that is wrong, missing or unknown.

    Attributes:
        event_type: the class name of the event.
        field: the field's name, or None where the event as a whole is meant.
        reason: what is wrong with it and what it may be.
    """

    def __init__(self, event_type: str, field: str | None, reason: str) -> None:
        self.event_type = event_type
        self.field = field
        self.reason = reason
        super().__init__(f"{event_type}{'' if field is None else '.' + field}: {reason}")


class InvalidRecord(NegotiationError, ValueError):
    """A record was built with a field that is wrong.

    Attributes:
        record: the record's id, as far as it is known.
        field: the field's name.
        reason: what is wrong with it and what it may be.
    """

    def __init__(self, record: object, field: str, reason: str) -> None:
        self.record = record
        self.field = field
        self.reason = reason
        super().__init__(f"record {record!r}: {field} {reason}")


class InvalidLog(NegotiationError, ValueError):
    """Records that cannot stand in one log in this order, or what is none.

    Attributes:
        record: the id of the record that does not fit; None where it is no matter of one record.
        reason: what is wrong with it and what would be right.
    """

    def __init__(self, record: str | None, reason: str) -> None:
        self.record = record
        self.reason = reason
        super().__init__(reason if record is None else f"record {record!r}: {reason}")


class ConflictingRecord(InvalidLog):
    """A record's id is taken by a record with other content."""


class InvalidModel(NegotiationError, ValueError):
    """A model was given extensions or upcasters that contradict each other."""


class InvalidProtocol(NegotiationError, ValueError):
    """A rule or a protocol was made of what cannot be one, or asked for a rule it has not."""


class InvalidState(NegotiationError, ValueError):
    """Something was given as the state of a negotiation that is none."""


class InvalidStrategy(NegotiationError, ValueError):
    """A strategy, a simulation or an exploration was asked for what there cannot be."""


class RuleFailed(NegotiationError):
    """The function of a rule raised.

    Attributes:
        code: the rule's code.
        record: the id of the record that it was asked about.
    """

    def __init__(self, code: str, record: str, error: Exception) -> None:
        self.code = code
        self.record = record
        super().__init__(
            f"record {record!r}: the rule {code!r} raised {type(error).__name__}: {error}"
        )


class InvalidTime(NegotiationError, ValueError):
    """A moment (`as_of`, `known_at`) that is no time-zone-aware datetime."""


class InvalidParty(NegotiationError, ValueError):
    """A viewer (`known_to`) that cannot be a party's id."""


class ExtensionFailed(NegotiationError):
    """The reducer of an extension raised.

    Attributes:
        extension: the extension's name.
        record: the id of the record it was reducing.
    """

    def __init__(self, extension: str, record: str, error: Exception) -> None:
        self.extension = extension
        self.record = record
        super().__init__(
            f"record {record!r}: the reducer of extension {extension!r} raised "
            f"{type(error).__name__}: {error}"
        )


class AgentFailed(NegotiationError):
    """An agent in a simulation raised, or returned what may not follow.

    Attributes:
        party: the party whose agent it is.
        event: what it returned; None where it raised.
        problem: the problem that the event would have been; None where it is none of the rules.
        state: what the party knew when the agent was asked.
        log: what had happened by then.
    """

    def __init__(
        self,
        party: str,
        reason: str,
        *,
        event: object,
        problem: Problem | None,
        state: Negotiation,
        log: Log,
    ) -> None:
        self.party = party
        self.event = event
        self.problem = problem
        self.state = state
        self.log = log
        super().__init__(f"the agent of {party!r} {reason}")


class IllegalEvent(NegotiationError):
    """A strict `append` was asked for an event that would break a rule.

    Attributes:
        problems: the problems that the log would have gained.
        allowed: what would have been allowed in its place, as `legal_events` gives it, the nearest
            first: to the party that made it, or, where that may do nothing, to the others.
    """

    def __init__(
        self, problems: Sequence[Problem], allowed: Callable[[], Sequence[Template]] | None = None
    ) -> None:
        self.problems = tuple(problems)
        self._find_allowed = allowed
        super().__init__(self.problems)

    @property
    def allowed(self) -> tuple[Template, ...]:  # found when it is read: who tries needs none
        """What would have been allowed in its place."""
        return () if self._find_allowed is None else tuple(self._find_allowed())

    def __str__(self) -> str:
        said = "; ".join(f"{p.code}: {p.message}" for p in self.problems)
        allowed = self.allowed
        return f"{said}. Allowed: {_listed(allowed)}" if allowed else said


def _listed(allowed: Sequence[Template], most: int = 3) -> str:
    return "; ".join(map(str, allowed[:most])) + ("; …" if len(allowed) > most else "")


class UnknownName(NegotiationError, KeyError):
    """A state was asked for a party or an item that it does not hold.

    Attributes:
        name: the id that was asked for.
        allowed: gives the ids that there are.
    """

    def __init__(self, name: str, allowed: Callable[[], Iterable[str]]) -> None:
        self.name = name
        self.allowed = allowed
        super().__init__(name)

    def __str__(self) -> str:  # made when it is read: `in` and `get` ask for none
        return f"there is no {self.name!r}; {nearest(str(self.name), self.allowed())}"


class NotNext(NegotiationError, ValueError):
    """`evolve` was given a record that is not the next one: it would change the past.

    Attributes:
        record: the record's id.
        reason: why it is not next, and what to use in place of `evolve`.
    """

    def __init__(self, record: str, reason: str) -> None:
        self.record = record
        self.reason = reason
        super().__init__(f"record {record!r}: {reason}")


class InvalidPath(NegotiationError, ValueError):
    """A path that leads to nothing in a state.

    Attributes:
        path: the path as it was given.
        reason: what is wrong with it and what would be right.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"path {path!r}: {reason}")


class OutOfRange(NegotiationError, ValueError):
    """A position or a moment that lies outside the log that was asked."""


class DoesNotFit(NegotiationError, ValueError):
    """A difference was applied to a state that is not like the one it starts from.

    Attributes:
        path: where it does not fit.
        reason: what stands there and what would have to.
    """

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"path {path!r}: {reason}")


class DecodeError(NegotiationError, ValueError):
    """Input that cannot be read.

    Attributes:
        file: the name of the file, or None.
        line: the number of the line, from 1, or None.
        path: where inside the line, such as `data.to[1]`; empty for the line as a whole.
        reason: what is wrong and what would be right.
    """

    def __init__(
        self, reason: str, *, file: str | None = None, line: int | None = None, path: str = ""
    ) -> None:
        self.file = file
        self.line = line
        self.path = path
        self.reason = reason
        place = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(": ".join(part for part in (place, path, reason) if part))

    def at(self, file: str | None, line: int | None) -> DecodeError:
        """The same error, located in a file."""
        return type(self)(self.reason, file=file, line=line, path=self.path)


class Unreadable(DecodeError):
    """A file that cannot be opened or read at all: missing, a directory, not permitted."""


class MixedNegotiations(DecodeError):
    """One file holds the records of several negotiations and none was chosen.

    Attributes:
        negotiations: their ids, sorted.
    """

    def __init__(self, negotiations: Iterable[str], *, file: str | None = None) -> None:
        self.negotiations = tuple(sorted(negotiations))
        super().__init__(
            f"holds {len(self.negotiations)} negotiations "
            f"({', '.join(map(repr, self.negotiations))}); choose one of them",
            file=file,
        )


class Conflict(NegotiationError):
    """A negotiation does not stand where it was expected to: another append came first.

    Attributes:
        negotiation: its id.
        expected: the position that was expected; 0 where it was expected to be new.
        actual: the position at which it stands; 0 where it does not exist.
    """

    def __init__(self, negotiation: str, *, expected: int, actual: int) -> None:
        self.negotiation = negotiation
        self.expected = expected
        self.actual = actual
        wanted = f"at position {expected}" if expected else "to be new"
        stands = f"it stands at position {actual}" if actual else "it does not exist"
        super().__init__(
            f"negotiation {negotiation!r} was expected {wanted}, and {stands}; read it again and "
            f"decide anew"
        )


class UnknownStore(NegotiationError, ValueError):
    """A URL that names no store.

    Attributes:
        store: how the URL begins; the rest may hold a password. None where it is no text.
        reason: what is wrong with it and what would be right.
        absent: whether it is right, and there is nothing yet.
    """

    def __init__(self, store: str | None, reason: str, *, absent: bool = False) -> None:
        self.store = store
        self.reason = reason
        self.absent = absent
        super().__init__(reason if store is None else f"store {store!r}: {reason}")


class StoreClosed(NegotiationError):
    """A store was used after it was closed.

    Attributes:
        store: its URL, without a password.
    """

    def __init__(self, store: str) -> None:
        self.store = store
        super().__init__(f"store {store!r} is closed; open it again")


class StoreFailed(NegotiationError):
    """What a store stands on failed: a disk, a file, a database or the way to it.

    Whatever was acknowledged before is kept. What is known of the append at hand says `kept`.

    Attributes:
        store: its URL, without a password.
        reason: what failed and what can be done.
        kept: False where nothing of the append is kept; None where that is not known: append the
            same records again, and those that are there already stay as they are.
    """

    def __init__(self, store: str, reason: str, *, kept: bool | None = False) -> None:
        self.store = store
        self.reason = reason
        self.kept = kept
        super().__init__(f"store {store!r}: {reason}")


class StoreBusy(StoreFailed):
    """Another writer holds the store for too long. Nothing was kept; it can be tried again."""


class StoreDamaged(StoreFailed):
    """What lies in the store is not what a store has written, or not for this version of it."""


class Altered(NegotiationError):
    """Sealed records are not as they were sealed.

    Attributes:
        negotiation: the id of the negotiation.
        position: the first position at which this shows.
        reason: what shows it.
    """

    def __init__(self, negotiation: str, position: int, reason: str) -> None:
        self.negotiation = negotiation
        self.position = position
        self.reason = reason
        super().__init__(f"negotiation {negotiation!r}, position {position}: {reason}")


class EncodeError(NegotiationError, ValueError):
    """A value that cannot be written: nothing else could read it back."""


_LISTED: Final = 30
"""How many of the words that are allowed a message lists."""


def nearest(
    word: str,
    allowed: Iterable[str],
    called: Mapping[str, str] | None = None,
    *,
    alike: float = 0.5,
) -> str:
    """The end of a message about a wrong word: what it may have meant and what is allowed.

    Args:
        word: the word that was given.
        allowed: the words that may stand there.
        called: what the hint is to call a word (default: the word itself, in quotes).
        alike: how alike a word must be to be meant, from 0 to 1.
    """
    from difflib import get_close_matches  # used for errors only

    words = sorted(filter(None, allowed))
    close = get_close_matches(word[:100], words, n=1, cutoff=alike)
    hint = f"did you mean {called[close[0]] if called else repr(close[0])}? " if close else ""
    listed = ", ".join(words[:_LISTED]) + (", …" if len(words) > _LISTED else "")
    return f"{hint}allowed: {listed or 'none'}"
