"""A mapping as it stood at any of many moments, in the memory of what changed between them."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any, Final, Generic, Self, TypeAlias, TypeVar

from rpds import HashTrieMap

K = TypeVar("K")
V = TypeVar("V")
Version: TypeAlias = "tuple[Version[V] | None, int, V]"
"""What a key stood for from some mark on, after what it stood for before: (before, mark, value)."""


class Versions(Generic[K, V]):
    """Every value that each key has had, each from a mark (0, 1, 2 …) on. It only grows."""

    __slots__ = ("latest", "written")

    def __init__(self, values: Mapping[K, V] | None = None) -> None:
        self.latest: dict[K, Version[V]] = {}
        self.written: list[tuple[K, ...]] = []  # mark → the keys that were given values there
        self.write({} if values is None else values)

    def write(self, values: Mapping[K, V]) -> None:
        """Let keys stand for these values from the next mark on."""
        latest, mark = self.latest, len(self.written)
        for key, value in values.items():
            latest[key] = (latest.get(key), mark, value)
        self.written.append(tuple(values))

    def upto(self, mark: int) -> Versions[K, V]:
        """A copy without what was written after a mark, to be grown apart from this one."""
        kept: Versions[K, V] = Versions()
        kept.written = self.written[: mark + 1]
        kept.latest = latest = dict(self.latest)
        for key in {key for keys in self.written[mark + 1 :] for key in keys}:
            version = _by(latest.pop(key), mark)
            if version is not None:
                latest[key] = version
        return kept

    def at(self, mark: int, own: Mapping[K, V] | None = None) -> Standing[K, V]:
        """The mapping as it stood at a mark; `own` gives values in place of those."""
        return Standing(self, mark, {} if own is None else own)


def _by(version: Version[V] | None, mark: int) -> Version[V] | None:
    while version is not None and version[1] > mark:
        version = version[0]
    return version


class Standing(Mapping[K, V]):
    """A mapping as it stood at one mark, with values of its own in place of some. Immutable.

    Iterating goes through every key that ever stood; looking one key up does not.
    """

    __slots__ = ("_mark", "_own", "_versions")

    def __init__(self, versions: Versions[K, V], mark: int, own: Mapping[K, V]) -> None:
        self._versions = versions
        self._mark = mark
        self._own = own

    def get(self, key: K, default: Any = None) -> Any:
        """What stands under a key."""
        own = self._own
        if own and key in own:
            value = own[key]
            return default if value is GONE else value
        version = _by(self._versions.latest.get(key), self._mark)
        return default if version is None else version[2]

    def __getitem__(self, key: K) -> V:
        value = self.get(key, _NOTHING)
        if value is _NOTHING:
            raise KeyError(key)
        found: V = value
        return found

    def __contains__(self, key: object) -> bool:
        return self.get(key, _NOTHING) is not _NOTHING  # type: ignore[arg-type]  # any key may be asked for

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self._pairs())

    def items(self) -> ItemsView[K, V]:
        """Every key with its value, looked up once."""
        return _Pairs(self)

    def _pairs(self) -> Iterator[tuple[K, V]]:
        own, mark = self._own, self._mark
        for key, value in own.items():
            if value is not GONE:
                yield key, value
        for key, last in self._versions.latest.items():
            version = _by(last, mark)
            if version is not None and key not in own:
                yield key, version[2]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def updated(self, values: Mapping[K, V]) -> Self:
        """The same mapping but for some keys; those whose value is `GONE` are not in it."""
        own = self._own
        return type(self)(self._versions, self._mark, {**own, **values} if own else values)

    def written_since(self, other: Standing[K, V]) -> set[K]:
        """The keys that may stand for other values in another such mapping."""
        if self._versions is not other._versions:
            return {*self, *other}
        keys = {*self._own, *other._own}
        first, last = sorted((self._mark, other._mark))
        return keys.union(*self._versions.written[first + 1 : last + 1])

    def insert(self, key: K, value: V) -> Self:
        """The same mapping but for one key. It shares all else with this one."""
        own: Any = self._own
        if type(own) is not HashTrieMap:
            own = HashTrieMap(own)
        return type(self)(self._versions, self._mark, own.insert(key, value))


def differing(one: Mapping[K, Any], other: Mapping[K, Any]) -> set[K]:
    """The keys under which not the same object stands in two mappings.

    Where both are of the same versions, only what was written between them is looked at.
    """
    if one is other:
        return set()
    if isinstance(one, Standing) and isinstance(other, Standing):
        keys = one.written_since(other)
    else:
        keys = {*one, *other}
    return {key for key in keys if one.get(key, _NOTHING) is not other.get(key, _NOTHING)}


class _Pairs(ItemsView[K, V]):
    """The items of a mapping that stands, without a second look for each value."""

    _mapping: Standing[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return self._mapping._pairs()  # noqa: SLF001  # the two are one


GONE: Final[Any] = object()
"""In place of a value: that there is none."""

_NOTHING: Final[Any] = object()
