"""What tells a model, and the fold of this version of the library, from another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from copyreg import dispatch_table
from enum import Enum
from functools import cache, cached_property, partial
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from threading import Lock, RLock
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, Final, ForwardRef, TypeAlias
from weakref import WeakKeyDictionary

import attrs

from negotiation.errors import EncodeError
from negotiation.model import Model

FOLDING: Final = (
    "checked", "collector", "events", "facts", "fold", "history", "knowledge", "lifecycles",
    "model", "problems", "records", "reducers", "state", "stores.fingerprints",
    "stores.snapshots", "values", "versions", "wire.data", "wire.kept", "wire.shapes",
    "wire.states", "wire.times",
)  # fmt: skip
"""The modules of the library that decide which state a log gives and how it is kept."""


def fingerprint(model: Model) -> str:
    """What tells a model, and the fold of this version of the library, from another.

    It sees the code of the functions that a model holds, that of the functions and classes of the
    same packages which these name, and the constants, defaults, closures and attributes of all of
    them. Code that lies in other packages it does not see: the `version` of an extension is there
    to tell that it changed.

    Args:
        model: the model.

    Raises:
        EncodeError: the model holds something that cannot be told from another thing of its class.
    """
    seen: _Seen = {}
    homes = _homes(model)
    told = [_library()]

    def tell(where: str, *parts: object) -> None:
        try:
            for part in parts:
                told.extend(_told(part, seen, homes))
        except _Untold as error:
            raise EncodeError(
                f"{where} {error}, which cannot be told from another, so that a change of the "
                "model might not show. Make it of functions, plain values and objects of these"
            ) from error.__cause__

    for each in model.extensions:
        where = f"extension {each.name!r}:"
        tell(
            f"{where} its event class uses",
            (each.name, each.wire_type, each.version),
            each.event_class,
        )
        tell(f"{where} its initial value holds", each.initial)
        tell(f"{where} its reducer uses", each.reduce)
    for lifting in model.upcasters:
        about = (lifting.wire_type, lifting.version)
        tell("the upcaster of {!r}, version {}, uses".format(*about), about, lifting.lift)
    return sha256("\0".join(told).encode("utf-8", "backslashreplace")).hexdigest()


@cache
def _library() -> str:
    """A digest of the library's own code."""
    whole = sha256()
    for name in FOLDING:
        spec: Any = sys.modules[f"negotiation.{name}"].__spec__
        whole.update(spec.loader.get_data(spec.origin))
    return whole.hexdigest()


class _Untold(Exception):
    """A value that cannot be told from another; the message is what it is."""


_Seen: TypeAlias = dict[int, tuple[object, str]]
_Homes: TypeAlias = frozenset[str]


def _homes(model: Model) -> _Homes:
    """The packages whose code is looked at: those of what the model holds."""
    held: list[Any] = [each.lift for each in model.upcasters]
    for each in model.extensions:
        held += (each.event_class, type(each.initial), each.reduce)
    return frozenset(map(_package, held)) - sys.stdlib_module_names


def _package(value: Any) -> str:
    while isinstance(value, partial):
        value = value.func
    return str(getattr(value, "__module__", None)).partition(".")[0]


def _told(value: object, seen: _Seen, homes: _Homes) -> Iterator[str]:
    """What makes a value what it is, as texts that are the same in every process.

    Args:
        value: the value.
        seen: what was told already, by identity, and its number.
        homes: the packages whose code is looked at.

    Raises:
        _Untold: it holds something that cannot be told from another.
    """
    inside: list[tuple[object, Iterator[object]]] = [(None, iter((value,)))]
    left = MOST
    while inside:
        whole, parts = inside[-1]
        try:
            part = next(parts)
        except StopIteration:
            inside.pop()
            yield ")"
            continue
        except _Untold:
            raise
        except Exception as error:  # of a user's own code, which may raise anything
            raise _Untold(_a(whole)) from error
        cls = type(part)
        yield cls.__qualname__
        if part is None or cls in _PLAIN:
            yield hex(part) if type(part) is int else repr(part)  # of any length
        elif id(part) in seen:
            yield seen[id(part)][1]
        elif not left or len(inside) > DEEPEST:
            raise _Untold(f"{_a(part)} behind too many others")
        else:
            left -= 1
            if not issubclass(cls, tuple | CodeType):  # Python may share those that are equal
                seen[id(part)] = part, str(len(seen))
            inside.append((part, _parts(part, seen, homes)))


def _a(value: object) -> str:
    return f"a value of {type(value).__module__}.{type(value).__qualname__}"


def _parts(value: Any, seen: _Seen, homes: _Homes) -> Iterator[object]:
    """The values that make a value what it is."""
    cls: Any = type(value)
    if isinstance(value, FunctionType | type):
        yield f"{value.__module__}.{value.__qualname__}"
        if _package(value) in homes:
            yield from _parts_of(value, homes)
        elif isinstance(value, FunctionType) and _is_made(value):
            yield from _cells(value)
        return
    for kind, parts in _WHOLE:
        if isinstance(value, kind):
            yield from parts(value)
            return
    if issubclass(cls, set | frozenset):
        yield from sorted("\0".join(_told(each, seen.copy(), homes)) for each in value)
    for kind, parts in _HOLDING:
        if isinstance(value, kind):
            yield from parts(value)
    if cls not in _CONTAINERS:
        yield cls
        yield from _state(value)


def _parts_of(value: Any, homes: _Homes) -> Iterator[object]:
    if isinstance(value, type):
        yield from _parts_of_class(value)
    elif not value.__code__.co_filename.startswith(_GENERATED):  # else its class has it all
        yield from (value.__code__, value.__defaults__, value.__kwdefaults__)
        yield from chain(_cells(value), _named(value, homes), _items(vars(value)))


def _is_made(function: FunctionType) -> bool:
    """Whether a function was made by a call, and so may differ from another of its code."""
    return "<locals>" in function.__qualname__ and _package(function) not in sys.stdlib_module_names


def _cells(function: FunctionType) -> Iterator[object]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # it was not filled yet
            yield None


def _named(function: FunctionType, homes: _Homes) -> Iterator[object]:
    """What the names in a function stand for, in its module and in modules reached from there."""
    names = [*_names(function.__code__)]
    places = [function.__globals__]
    for place in places:  # which grows
        for name in names:
            if name in place:
                value = place[name]
                yield value
                if isinstance(value, ModuleType) and value.__name__.partition(".")[0] in homes:
                    within = vars(value)
                    if all(within is not each for each in places):
                        places.append(within)


def _names(code: CodeType) -> Iterator[str]:
    """The names in a piece of code and in those inside it."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def _parts_of_class(cls: Any) -> Iterator[object]:
    yield from (type(cls), cls.__mro__[1:], getattr(cls, "__annotations__", None))
    if attrs.has(cls):
        for a in attrs.fields(cls):
            yield (a.name, getattr(a.default, "factory", a.default), a.converter)
    for name, member in vars(cls).items():
        own = not name.startswith("__") and name != "_abc_impl"  # which notes what was asked
        if own or isinstance(member, FunctionType | staticmethod | classmethod | property):
            yield from (name, member)


def _state(value: Any) -> Iterator[object]:
    """What an object holds: in its fields, its slots and its `__dict__`, and out of sight."""
    cls: Any = type(value)
    logging = sys.modules.get("logging")  # which is long to import, and seldom used here
    if logging is not None and isinstance(value, logging.Logger):
        yield value.name
        return
    standard = _package(cls) in sys.stdlib_module_names
    reducing = (cls.__reduce_ex__, cls.__reduce__) != (object.__reduce_ex__, object.__reduce__)
    if not (standard and reducing):  # which may keep what it worked out beside what it is
        if attrs.has(cls):
            for a in attrs.fields(cls):
                yield getattr(value, a.name, None)
        else:
            yield from _slots(value)
        yield from _items(
            {
                name: held
                for name, held in getattr(value, "__dict__", {}).items()
                if not isinstance(getattr(cls, name, None), cached_property)
            }
        )
    if (standard and reducing) or _hides(cls):
        reduce = dispatch_table.get(cls)
        reduced = value.__reduce_ex__(4) if reduce is None else reduce(value)
        if isinstance(reduced, str):  # the name under which its module has it
            yield from (getattr(value, "__module__", None), reduced)
            yield getattr(value, "__wrapped__", None)  # what it stands before, if it does
        else:
            yield from ([*each] if isinstance(each, Iterator) else each for each in reduced)


def _members(cls: Any) -> Iterator[tuple[str, Any]]:
    for each in cls.__mro__:
        for name, member in vars(each).items():
            if isinstance(member, MemberDescriptorType):
                yield name, member


def _slots(value: object) -> Iterator[object]:
    for name, member in _members(type(value)):
        try:
            yield from (name, member.__get__(value))
        except AttributeError:  # it is empty
            yield None


def _items(held: Mapping[str, object]) -> Iterator[object]:
    for name in sorted(held, key=str):
        yield from (name, held[name])


def _hides(cls: Any) -> bool:
    """Whether objects of a class take more room than what can be seen of them."""
    seen = (
        2 + sum(1 for _ in _members(cls)) + (cls.__dictoffset__ > 0) + (cls.__weakrefoffset__ > 0)
    )
    return bool(cls.__basicsize__ > seen * _WORD or cls.__itemsize__)


MOST: Final = 1_000_000
DEEPEST: Final = 10_000
"""How many values one may lead to and how deep: one that makes new ones when asked has no end."""

_GENERATED: Final = "<attrs generated"
_WORD: Final = object.__basicsize__ // 2
_PLAIN: Final = frozenset({bool, int, float, complex, str, bytes})
_CONTAINERS: Final = frozenset({list, tuple, dict, set, frozenset, MappingProxyType})

_Parts: TypeAlias = tuple[tuple[Any, Callable[[Any], Iterable[object]]], ...]

_WHOLE: Final[_Parts] = (
    (CodeType, attrgetter("co_code", "co_exceptiontable", "co_names", "co_consts")),
    (MethodType, attrgetter("__func__", "__self__")),
    (BuiltinFunctionType, attrgetter("__module__", "__qualname__", "__self__")),
    (staticmethod | classmethod, lambda value: (value.__func__,)),
    (property, lambda value: (value.fget,)),
    (ModuleType, lambda value: (value.__name__,)),
    (Enum, attrgetter("__class__", "_name_", "_value_")),
    (ForwardRef, lambda value: (value.__forward_arg__,)),
    (type(Lock()) | type(RLock()), lambda _: ()),
    (WeakKeyDictionary, lambda _: ()),  # which only ever saves work: what it has may vanish
)
"""What makes a value what it is, by its class."""

_HOLDING: Final[_Parts] = (
    (list | tuple, iter),
    (Mapping, lambda value: chain.from_iterable(value.items())),
)
"""What values hold beside their own attributes, by their class."""
