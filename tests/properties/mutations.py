"""Damage to the lines of a log: the same, in the same order, for the same seed."""

from __future__ import annotations

import copy
import json
import random
from typing import Any, Final

import attrs

ODD: Final[list[Any]] = [
    None, True, False, 0, -1, 1, 1.0, 2**63, 2**64, -(2**63) - 1, 10**40, 1e300, "", " ", "a b",
    "a", "\x00", "\n", "\ud800", "\ufffe", "é", "\u00a0", [], {}, [[]], ["a", "a"], ["a", 7],
    {"": 0}, {"a": {"b": [1, 1.0, True]}}, "2031-03-01T12:00:00Z", "9999-12-31T23:59:59-01:00",
    "2031-03-01T12:00:00+00:60", "%", "%ff", "a" * 300, float("nan"), float("inf"),
    json.loads("[" * 63 + "]" * 63), "1.0", "talks", "e1", "negotiation.truce-ended.v1",
    "negotiation.truce-ended.v2", "x.v" + "9" * 5000, "text/plain",
]  # fmt: skip
"""Values that a member of a line may be given in place of its own."""

NAMES: Final = (
    "visibleto", "precision", "quote", "repeats", "hash", "subject", "datacontenttype",
    "data_base64", "X", "starts", "ends", "count", "qualifier",
)  # fmt: skip
"""Members that a line may be given beside its own."""


@attrs.frozen
class Mutator:
    """Damages lines.

    Attributes:
        rng: chooses which, how and where.
        values: the lines, as JSON.
        lines: the same as compact text.
    """

    rng: random.Random
    values: list[dict[str, Any]]
    lines: list[bytes] = attrs.field(init=False)

    @lines.default
    def _text(self) -> list[bytes]:
        return [written(value) for value in self.values]

    def line(self) -> bytes:
        """One damaged line."""
        ways = (self.flipped, self.cut, self.swapped, self.spliced)
        if self.rng.random() < 0.6:
            return self.revalued(json.loads(self.rng.choice(self.lines)))
        return self.rng.choice(ways)(self.rng.choice(self.lines))

    def at(self, raw: bytes) -> int:
        """A place in a line."""
        return self.rng.randrange(len(raw))

    def flipped(self, raw: bytes) -> bytes:
        """Some bits are flipped."""
        changed = bytearray(raw)
        for _ in range(self.rng.randrange(1, 4)):
            changed[self.at(raw)] ^= 1 << self.rng.randrange(8)
        return bytes(changed)

    def cut(self, raw: bytes) -> bytes:
        """Some bytes are missing, at times all to the end."""
        start, end = sorted((self.at(raw), self.at(raw)))
        return raw[:start] + raw[end if self.rng.random() < 0.8 else len(raw) :]

    def swapped(self, raw: bytes) -> bytes:
        """Two stretches have changed places."""
        a, b, c = sorted((self.at(raw), self.at(raw), self.at(raw)))
        return raw[:a] + raw[b:c] + raw[a:b] + raw[c:]

    def spliced(self, raw: bytes) -> bytes:
        """The beginning of one line and the end of another."""
        other = self.rng.choice(self.lines)
        return raw[: self.at(raw)] + other[self.at(other) :]

    def revalued(self, value: dict[str, Any]) -> bytes:
        """Members are replaced, added, taken away or doubled, or the type is another's."""
        for _ in range(self.rng.randrange(1, 3)):
            part = value if self.rng.random() < 0.5 else value.get("data")
            if isinstance(part, dict) and part:
                self.change(part, self.rng.choice((*part, *NAMES)))
        if self.rng.random() < 0.1:
            value["type"] = self.rng.choice(self.values)["type"]
        raw = written(value, compact=self.rng.random() < 0.7)
        return raw if self.rng.random() < 0.95 else raw.replace(b":", b':1,"id":', 1)

    def change(self, part: dict[str, Any], name: str) -> None:
        """One member of an object is changed."""
        if self.rng.random() < 0.2:
            part.pop(name, None)
        elif isinstance(part.get(name), list) and self.rng.random() < 0.5:
            part[name] = [*part[name], self.odd()]
        else:
            part[name] = self.odd()

    def odd(self) -> Any:
        """An odd value, the receiver's own."""
        return copy.deepcopy(self.rng.choice(ODD))


def written(value: dict[str, Any], *, compact: bool = True) -> bytes:
    """A line as text: compact, which is the usual form, or spaced."""
    return json.dumps(value, separators=(",", ":") if compact else None).encode()
