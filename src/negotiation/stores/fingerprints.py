"""What tells a model, and the fold of this version of the library, from another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final, TypeAlias

import attrs

from negotiation.model import Model

FOLDING: Final = (
    "checked", "collector", "events", "facts", "fold", "history", "knowledge", "lifecycles",
    "model", "problems", "records", "reducers", "state", "stores.fingerprints",
    "stores.snapshots", "values", "versions", "wire.data", "wire.kept", "wire.states",
    "wire.times",
)  # fmt: skip
"""The modules of the library that decide which state a log gives and how it is kept."""


def fingerprint(model: Model) -> str:
    """What tells a model, and the fold of this version of the library, from another.

    It sees the code of the functions that a model holds, that of the functions and classes of the
    same package which these name, and the constants, defaults and closures of all of them. What
    lies in other packages, or is reached only through a value, it does not see: the `version` of
    an extension is there to tell that it changed.

    Args:
        model: the model.
    """
    seen: _Seen = {}
    told = [_library()]
    for each in model.extensions:
        about = (each.name, each.wire_type, each.version)
        for part in (about, each.event_class, each.initial, each.reduce):
            told += _told(part, seen)
    for lifting in model.upcasters:
        for part in (lifting.wire_type, lifting.version, lifting.lift):
            told += _told(part, seen)
    return sha256("\0".join(told).encode("utf-8", "backslashreplace")).hexdigest()


@cache
def _library() -> str:
    """A digest of the library's own code."""
    whole = sha256()
    for name in FOLDING:
        spec: Any = sys.modules[f"negotiation.{name}"].__spec__
        whole.update(spec.loader.get_data(spec.origin))
    return whole.hexdigest()


_Seen: TypeAlias = dict[int, tuple[object, str]]


def _told(value: object, seen: _Seen, home: str | None = None) -> Iterator[str]:
    """What makes a value what it is, as texts that are the same in every process.

    Args:
        value: the value.
        seen: what was told already, by identity, and its number.
        home: the package whose code is looked at; None for that of the first function or class.
    """
    yield type(value).__qualname__
    if value is None or type(value) in _PLAIN:
        yield repr(value)
        return
    if id(value) in seen:
        yield seen[id(value)][1]
        return
    if not isinstance(value, tuple | CodeType):  # of which Python may share those that are equal
        seen[id(value)] = value, str(len(seen))
    if isinstance(value, FunctionType | type):
        yield f"{value.__module__}.{value.__qualname__}"
        home = home or _package(value)
        if _package(value) != home:
            return
    for part in _parts(value, home):
        yield from _told(part, seen, home)


def _package(value: FunctionType | type) -> str:
    return str(value.__module__).partition(".")[0]


def _parts(value: object, home: str | None) -> Iterable[object]:
    """The values that make a value what it is."""
    if isinstance(value, FunctionType):
        return _parts_of_function(value, home)
    for kind, parts in _PARTS:
        if isinstance(value, kind):
            return parts(value)
    cls: Any = type(value)
    if attrs.has(cls):
        return cls, *(getattr(value, a.name) for a in attrs.fields(cls))
    shown = repr(value)
    return cls, "" if " at 0x" in shown else shown  # an address tells nothing


def _parts_of_function(function: FunctionType, home: str | None) -> Iterator[object]:
    if function.__code__.co_filename.startswith(_GENERATED):
        return  # it follows from the fields of its class
    yield from (function.__code__, function.__defaults__, function.__kwdefaults__)
    yield from (cell.cell_contents for cell in function.__closure__ or ())
    names = [*_names(function.__code__)]
    within = function.__globals__
    modules = [vars(each) for each in map(within.get, names) if _is_module(each, home)]
    for place in (within, *modules):
        yield from (place[name] for name in names if name in place)


def _is_module(value: object, home: str | None) -> bool:
    return isinstance(value, ModuleType) and value.__name__.partition(".")[0] == home


def _names(code: CodeType) -> Iterator[str]:
    """The names in a piece of code and in those inside it."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def _parts_of_class(cls: Any) -> Iterator[object]:
    yield from (cls.__mro__[1:], getattr(cls, "__annotations__", None))
    if attrs.has(cls):
        for a in attrs.fields(cls):
            yield (a.name, getattr(a.default, "factory", a.default), a.converter)
    for name, member in vars(cls).items():
        plain = type(member) in _PLAIN and not name.startswith("__")
        if plain or isinstance(member, FunctionType | staticmethod | classmethod | property):
            yield from (name, member)


_GENERATED: Final = "<attrs generated"
_PLAIN: Final = frozenset({bool, int, float, complex, str, bytes})

_PARTS: Final[tuple[tuple[Any, Callable[[Any], Iterable[object]]], ...]] = (
    (type, _parts_of_class),
    (CodeType, attrgetter("co_code", "co_exceptiontable", "co_names", "co_consts")),
    (MethodType, attrgetter("__func__", "__self__")),
    (partial, attrgetter("func", "args", "keywords")),
    (staticmethod | classmethod, lambda value: (value.__func__,)),
    (property, lambda value: (value.fget,)),
    (ModuleType, lambda value: (value.__name__,)),
    (list | tuple, lambda value: value),
    (set | frozenset, lambda value: sorted(map(repr, value))),
    (Mapping, lambda value: chain.from_iterable(value.items())),
)
"""What makes a value what it is, by its class."""
