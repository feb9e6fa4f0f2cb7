"""Ranges of numbered items, cut on a fixed grid.

Items are events, toys, masses or points of a scan. Events are cut on multiples of `nucore.rng.BLOCK`, so that a block
of the kernels is never split between two workers. Together with random numbers that depend on the number of the item
alone this makes every result independent of workers, chunk size and shards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nucore.errors import InputError


@dataclass(frozen=True, order=True)
class Chunk:
    """Consecutive items ``first ... first + n - 1``."""

    first: int
    n: int

    @property
    def stop(self) -> int:
        """Number after the last item."""
        return self.first + self.n


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, from 1.

    Raises
    ------
    InputError
        Unless ``1 <= number <= count``.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise InputError(f"shard {self} is not allowed: I/N with 1 <= I <= N, as 3/8, is")

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``I/N``."""
        number, _, count = text.partition("/")
        if not (number.isdecimal() and count.isdecimal() and len(text) < 24):
            raise InputError(f"shard {text!r} is not allowed: I/N with 1 <= I <= N, as 3/8, is")
        return cls(int(number), int(count))

    def of(self, items: Chunk, grain: int = 1) -> Chunk:
        """Items of this shard: cut on multiples of `grain`, adjacent to those of the next shard; possibly none."""
        low, high = items.first // grain, -(-items.stop // grain)
        cuts = (grain * (low + (high - low) * k // self.count) for k in (self.number - 1, self.number))
        first, stop = (min(max(at, items.first), items.stop) for at in cuts)
        return Chunk(first, stop - first)


def cut(span: Chunk, step: int, grain: int = 1) -> Iterator[Chunk]:
    """Cut a range on multiples of `step`, itself rounded up to a multiple of `grain`.

    Parameters
    ----------
    span : Chunk
        It need not begin on a multiple of anything; nothing comes of an empty one.
    step : int, >= 1
        Largest number of items in a chunk.
    grain : int, >= 1

    Returns
    -------
    iterator of Chunk
        Adjacent chunks in order; together they hold each item once.

    Raises
    ------
    InputError
        For a step below 1, or a range that is not of positive 63-bit integers.

    Examples
    --------
    >>> list(cut(Chunk(1000, 3000), 2000, 1024))
    [Chunk(first=1000, n=1048), Chunk(first=2048, n=1952)]
    """
    if step < 1:
        raise InputError(f"items in a chunk = {step}: an integer >= 1 is needed")
    if span.first < 0 or span.n < 0 or span.stop > 2**63 - grain:
        raise InputError(
            f"items {span.first} to {span.stop} are not allowed: 0 <= first, and the last below 2**63, are"
        )
    return _cut(span.first, span.stop, -(-step // grain) * grain)


def _cut(start: int, stop: int, step: int) -> Iterator[Chunk]:
    while start < stop:
        end = min((start // step + 1) * step, stop)
        yield Chunk(start, end - start)
        start = end
