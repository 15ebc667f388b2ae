"""A list in blocks, so that a copy of its beginning shares all whole blocks with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Blocks(Sequence[T]):
    """A list that only grows at its end, kept in blocks of one size.

    Args:
        size: how many members a block has.
    """

    __slots__ = ("_blocks", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._blocks: list[list[T]] = [[]]  # all whole but the last, which is never

    def __len__(self) -> int:
        return (len(self._blocks) - 1) * self._size + len(self._blocks[-1])

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            start, stop, _ = index.indices(len(self))
            return self._between(start, stop)
        return self._blocks[index // self._size][index % self._size]

    def _between(self, start: int, stop: int) -> list[T]:
        size = self._size
        first = start // size
        found: list[T] = []
        for block in self._blocks[first : -(-stop // size)]:
            found += block
        return found[start - first * size : stop - first * size]

    def extend(self, members: Iterable[T]) -> None:
        """Take further members at the end."""
        blocks, size = self._blocks, self._size
        new = [*members]
        room = size - len(blocks[-1])
        blocks[-1] += new[:room]
        for start in range(room, len(new) + 1, size):
            blocks.append(new[start : start + size])

    def upto(self, length: int) -> Blocks[T]:
        """A copy of so many members, which can be grown apart from this one."""
        copy: Blocks[T] = Blocks(self._size)
        whole = length // self._size
        copy._blocks = [*self._blocks[:whole], self._between(whole * self._size, length)]
        return copy
