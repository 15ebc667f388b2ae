"""JSON text to values, within limits: what is not strictly JSON is refused, with the reason.

`parse` reads with msgspec where that is certain to give the same value, and else with the standard
library, which tells duplicate members, NaN and the like.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec
from attrs import frozen

from negotiation.errors import DecodeError, EncodeError
from negotiation.values import MAX_DEPTH, Refused, describe

_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_NOT_BRACKETS: Final = re.compile(r"[^\[\]{}]+")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


@frozen
class Limits:
    """How much one line may hold.

    Attributes:
        line_bytes: bytes of a line, without its end.
        depth: how deep its JSON nests; the line's own object is at depth 1.
    """

    line_bytes: int = 1 << 20
    depth: int = 64

    def __attrs_post_init__(self) -> None:
        for name, most in (("line_bytes", None), ("depth", MAX_DEPTH)):
            value = getattr(self, name)
            if type(value) is not int or value < 1 or (most is not None and value > most):
                upto = "" if most is None else f" to {most}"
                raise Refused(f"{name} must be a whole number from 1{upto}, not {describe(value)}")


DEFAULT_LIMITS: Final = Limits()


def parse(line: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The JSON value that a line holds.

    Raises:
        DecodeError: the line is not strictly JSON in UTF-8, or is over a limit.
    """
    if len(line) <= limits.line_bytes and line.count(b"[") + line.count(b"{") <= limits.depth:
        try:
            value = _decode(line)
            if _encode(value) == line:  # so no member stood there twice and was lost
                return value
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass  # the careful reading says why
    return parse_carefully(line, limits)


def parse_carefully(line: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """What `parse` does, without msgspec."""
    if len(line) > limits.line_bytes:
        raise DecodeError(f"the line has {len(line)} bytes; at most {limits.line_bytes} are read")
    try:
        content = line.decode()
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1} of the line is not UTF-8"
        if line.startswith(b"SQLite format 3\0"):
            reason = "is a SQLite database; name it as a store, by sqlite:/// and its path"
        raise DecodeError(reason) from None
    if (depth := nesting(content)) > limits.depth:
        raise DecodeError(f"the line nests {depth} deep; at most {limits.depth} are read")
    try:
        return json.loads(
            content, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
    except DecodeError:
        raise
    except json.JSONDecodeError as error:
        reason = error.msg.removesuffix(" at")
        raise DecodeError(f"is not JSON: {reason} at character {error.pos + 1}") from None
    except ValueError as error:
        raise DecodeError(f"is not JSON that can be read: {error}") from None


def nesting(content: str) -> int:
    """How deep JSON text nests, by its brackets outside strings."""
    depth = deepest = 0
    for bracket in _NOT_BRACKETS.sub("", _STRINGS.sub("", content)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DecodeError(f"has the member {describe(twice)} twice in one object")
    return members


def _constant(name: str) -> Any:
    raise DecodeError(f"holds {name}, which is no JSON number")


def _float(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise DecodeError(f"holds {digits[:40]}, which is too large a number")
    return value


def write(value: Any, limits: Limits = DEFAULT_LIMITS, *, canonical: bool = False) -> str:
    """A JSON value as one line of compact text, which `parse` reads back under the same limits.

    Args:
        value: the value.
        limits: how much the line may hold.
        canonical: whether the members of each object are sorted by their names.

    Raises:
        EncodeError: the line would be over a limit.
    """
    if canonical:
        line = canonical_text(value)
    else:
        line = _compact_quickly(value).decode() if _without_floats(value) else _compact(value)
    check_written(line, limits)
    return line


def check_written(line: str, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuse a line that could not be read back.

    Raises:
        EncodeError: the line is over a limit.
    """
    size = len(line) if line.isascii() else len(line.encode())
    if size > limits.line_bytes:
        raise EncodeError(f"the line would have {size} bytes; at most {limits.line_bytes} are read")
    if line.count("[") + line.count("{") > limits.depth and nesting(line) > limits.depth:
        raise EncodeError(f"the line would nest deeper than the {limits.depth} that are read")


_compact: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
).encode
_sorted: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
).encode

# msgspec writes the same, but for other numbers than whole ones.
_compact_quickly: Final = msgspec.json.Encoder().encode
_sorted_quickly: Final = msgspec.json.Encoder(order="sorted").encode


def canonical_text(value: Any) -> str:
    r"""A JSON value in its canonical form: the one text that stands for it.

    The members of objects are sorted by the code points of their names, and nothing stands between
    the tokens. Strings escape the quotation mark, the reverse solidus and what lies below U+0020,
    as `\b`, `\t`, `\n`, `\f`, `\r` or as `\u00` and two digits of 0-9 and a-f. A whole number
    is its digits; any other is the shortest decimal that reads back as the same double, as Python
    writes it.
    """
    return _sorted_quickly(value).decode() if _without_floats(value) else _sorted(value)


def _without_floats(value: Any) -> bool:
    """Whether a value, made of dicts and lists, has no numbers but whole ones."""
    kind = type(value)
    if kind is dict:
        value = value.values()
    elif kind is not list:
        return kind in _EXACT
    for each in value:  # noqa: SIM110  # every record is asked, and `all` takes twice as long
        if type(each) not in _EXACT and not _without_floats(each):
            return False
    return True


_EXACT: Final = frozenset({str, int, bool, type(None)})
"""What is written alike by whoever writes it."""
