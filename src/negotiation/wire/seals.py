"""The seal of records: a chain of hashes over their lines, by which an alteration is found.

The hash of a record is the SHA-256 of its canonical line, which holds `prevhash`, the hash of the
record before, and everything else but the hash itself. A sealed line is that text with the member
`hash` in its place, so that whoever takes the member out again has the text that was hashed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from attrs import frozen

from negotiation.errors import DecodeError, nearest
from negotiation.records import negotiation_id
from negotiation.values import Refused, describe
from negotiation.wire.text import canonical_text

_MEMBER: Final = ',"hash":"'
_REST: Final = 65
"""How long the rest of the member is: 64 digits and a quotation mark."""

_DIGITS: Final = frozenset("0123456789abcdef")
_BLANK: Final = "0" * 64
"""What stands in place of a hash until it is known."""


def a_hash(value: Any) -> str:
    """The value, which must be a hash as records carry it."""
    if isinstance(value, str) and len(value) == 64 and _DIGITS.issuperset(value):
        return value
    raise Refused(f"must be 64 digits of 0-9 and a-f, not {describe(value)}")


def _position(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise Refused(f"must be a whole number from 1, not {describe(value)}")
    return value


@frozen
class Head:
    """Where a negotiation stood: its last position and the hash of the record there.

    Kept elsewhere and compared later, it shows whether anything up to it was altered or cut off.

    Attributes:
        negotiation: the id of the negotiation.
        position: the position of its last record.
        hash: the hash of that record, which depends on every record before it.
    """

    negotiation: str
    position: int
    hash: str

    def to_json(self) -> dict[str, Any]:
        """The head as a JSON object."""
        return {name: getattr(self, name) for name in HEAD}

    @classmethod
    def from_json(cls, value: Any) -> Head:
        """The head that a JSON object holds.

        Raises:
            DecodeError: it holds none.
        """
        if not isinstance(value, Mapping):
            raise DecodeError(f"must be an object of {', '.join(HEAD)}, not {describe(value)}")
        for name in value:
            if name not in HEAD:
                raise DecodeError(f"is not of a head; {nearest(str(name), HEAD)}", path=str(name))
        for name, check in HEAD.items():
            if name not in value:
                raise DecodeError("is missing", path=name)
            try:
                check(value[name])
            except Refused as refused:
                raise DecodeError(str(refused), path=name) from None
        return cls(**value)


HEAD: Final[Mapping[str, Callable[[Any], object]]] = {
    "negotiation": negotiation_id,
    "position": _position,
    "hash": a_hash,
}
"""The fields of a head, and what refuses a value that one cannot have."""


def sealed_line(line: Mapping[str, Any], prevhash: str | None) -> tuple[str, str]:
    """The sealed text of a line, and its hash.

    Args:
        line: the line as a JSON object; a seal that it carries is left out.
        prevhash: the hash of the record before it; None for the first of a negotiation.
    """
    members = {**line, "hash": _BLANK, "prevhash": prevhash}
    if prevhash is None:
        del members["prevhash"]
    start, end = _around_hash(canonical_text(members).encode())
    hash = sha256(start + end).hexdigest()
    return f'{start.decode()}{_MEMBER}{hash}"{end.decode()}', hash


def hash_of(line: bytes) -> str:
    """The hash that a sealed line should carry: that of its text without the hash."""
    start, end = _around_hash(line)
    return sha256(start + end).hexdigest()


def _around_hash(line: bytes) -> tuple[bytes, bytes]:
    """What stands before the member `hash` of a sealed line, and what stands behind it.

    What stands behind it are attributes, and in their text a quotation mark is escaped; so the last
    that looks like the member is it.
    """
    start, _, end = line.rpartition(_MEMBER.encode())
    return start, end[_REST:]


def in_place(names: Iterable[str]) -> bool:
    """Whether the hash stands in its place among the members of a line, named in their order."""
    before = True
    for name in names:
        if name == "hash":
            before = False
        elif (name < "hash") is not before:
            return False
    return True


def says(value: Mapping[str, Any], hash: str) -> bool:
    """Whether a line says, in whatever form, what was sealed with a hash."""
    if not all(type(each) is str for name, each in value.items() if name > "hash"):
        return False  # no attribute, and what is no attribute was not sealed
    try:
        return sealed_line(value, value.get("prevhash"))[1] == hash
    except UnicodeEncodeError:  # a lone surrogate, which nothing that was sealed can hold
        return False
