"""Immutable value classes whose errors name the field that is wrong and what it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any, Final, TypeVar

import attrs

from negotiation.errors import nearest
from negotiation.values import Refused

C = TypeVar("C", bound=type[Any])
_USUAL: Final = frozenset({str, int, bool, datetime, tuple, list, dict, type(None)})
"""What most values are, and none of them an iterator."""

Refusal = Callable[[type[Any], dict[str, Any], "str | None", str], Exception]


def checked(refusal: Refusal) -> Callable[[C], C]:
    """A class decorator: the errors of an attrs class name the field and what it may be.

    The class is frozen and keyword-only, and its converters check what they are given. They
    raise `Refused` without knowing which field they serve. Only once one has refused is the field
    looked for, so that what is right pays nothing for good messages.

    Args:
        refusal: makes the error from the class, the arguments given, the field (None for the
            value as a whole) and the reason.
    """

    def decorate(cls: C) -> C:
        build = cls.__init__

        @wraps(build)
        def init(self: Any, *args: Any, **given: Any) -> None:
            for name, value in given.items():
                if type(value) in _USUAL:
                    continue
                if hasattr(value, "__next__"):  # an iterator, which can be read only once
                    given[name] = tuple(value)
            try:
                build(self, *args, **given)
            except (Refused, TypeError) as error:
                field, reason = next(faults(cls, args, given), (None, str(error)))
                raise refusal(cls, given, field, reason) from None

        cls.__init__ = init
        cls.__checked_init__ = build
        return cls

    return decorate


def faults(
    cls: type[Any], args: tuple[Any, ...], given: dict[str, Any]
) -> Iterator[tuple[str | None, str]]:
    """Every field that is wrong in `cls(*args, **given)`, with the reason."""
    fields = attrs.fields_dict(cls)
    if args:
        yield None, "takes its fields by keyword"
    for name in given:
        if name not in fields:
            yield name, f"is no field of it; {nearest(name, fields)}"
    for name, attribute in fields.items():
        if name not in given:
            if attribute.default is attrs.NOTHING:
                yield name, "is missing"
            continue
        convert: Any = attribute.converter
        try:
            if convert is not None:
                convert(given[name])
        except (Refused, TypeError) as refused:
            yield name, str(refused)
