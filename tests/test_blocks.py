"""A list in blocks."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from negotiation.timelines.blocks import Blocks

lists = st.lists(st.integers(), max_size=12)


@given(st.integers(1, 5), lists, lists, st.data())
def test_a_list_in_blocks_is_a_list(
    size: int, first: list[int], more: list[int], data: st.DataObject
) -> None:
    """It has the members, the length and the slices of a list that grew the same way."""
    blocks: Blocks[int] = Blocks(size)
    blocks.extend(first)
    blocks.extend(more)
    whole = first + more
    assert len(blocks) == len(whole)
    assert [*blocks] == whole
    part = data.draw(st.slices(len(whole)).filter(lambda each: each.step in (None, 1)))
    assert blocks[part] == whole[part]


@given(st.integers(1, 5), lists, lists, lists, st.data())
def test_a_copy_grows_apart(
    size: int, first: list[int], one: list[int], other: list[int], data: st.DataObject
) -> None:
    """A copy of its beginning grows apart from it, though they share blocks."""
    blocks: Blocks[int] = Blocks(size)
    blocks.extend(first)
    length = data.draw(st.integers(0, len(first)))
    copy = blocks.upto(length)
    copy.extend(one)
    blocks.extend(other)
    assert [*copy] == first[:length] + one
    assert [*blocks] == first + other
