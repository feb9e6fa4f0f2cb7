"""Chunks and shards hold each item once."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nucore.errors import InputError
from nucore.rng import BLOCK
from nucore.run.chunks import Chunk, Shard, cut

GRAINS = st.sampled_from([1, 7, BLOCK])


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**40), st.integers(1, 10**6), st.integers(1, 10**5), GRAINS)
def test_chunks_hold_each_item_once_and_end_on_the_grid(first, n, step, grain):
    chunks = list(itertools.islice(cut(Chunk(first, n), max(step, n // 500), grain), 2000))
    assert chunks[0].first == first
    assert chunks[-1].stop == first + n
    assert all(a.stop == b.first for a, b in itertools.pairwise(chunks))
    assert all(chunk.stop % grain == 0 for chunk in chunks[:-1])
    assert all(1 <= chunk.n < max(step, n // 500) + grain for chunk in chunks)


def test_no_items_are_no_chunk():
    assert list(cut(Chunk(5, 0), 10)) == []


@pytest.mark.parametrize(
    ("first", "n", "step", "grain"),
    [(0, -1, 1, 1), (-1, 1, 1, 1), (2**63, 1, 1, 1), (2**63 - 5, 1, 1, BLOCK), (0, 1, 0, 1), (0, 1, -3, 1)],
)
def test_a_range_that_is_not_allowed_is_refused_at_the_call(first, n, step, grain):
    with pytest.raises(InputError):
        cut(Chunk(first, n), step, grain)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**40), st.integers(0, 10**5), st.integers(1, 300), GRAINS)
def test_shards_hold_each_item_once(first, n, count, grain):
    items = Chunk(first, n)
    parts = [Shard(k, count).of(items, grain) for k in range(1, count + 1)]
    assert parts[0].first == first
    assert parts[-1].stop == items.stop
    assert all(a.stop == b.first and a.n >= 0 for a, b in itertools.pairwise(parts))
    assert all(part.stop % grain == 0 or part.stop == items.stop for part in parts if part.n)
    # they differ by one grain inside, and the ends may be cut short
    assert all(part.n <= (n // grain // count + 2) * grain for part in parts)


def test_names_of_shards():
    assert Shard.parse("3/8") == Shard(3, 8)
    assert str(Shard(3, 8)) == "3/8"


@pytest.mark.parametrize("text", ["", "3", "/", "0/8", "9/8", "-1/8", "1/0", "1.0/2", "a/b", "1/2/3", " 1/2", "1" * 99])
def test_names_that_are_no_shard_are_refused(text):
    with pytest.raises(InputError, match="shard"):
        Shard.parse(text)
