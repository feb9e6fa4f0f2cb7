"""Ranges of numbered items, cut on a fixed grid.

Items are events, toys, masses or points of a scan. Events are cut on multiples of `nucore.rng.BLOCK`, so that a block
of the kernels is never split between two workers.
"""

from __future__ import annotations

import operator
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

    Examples
    --------
    >>> import nuportal
    >>> nuportal.Shard.parse("2/4")
    Shard(number=2, count=4)
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        for name in ("number", "count"):
            object.__setattr__(self, name, operator.index(getattr(self, name)))  # also of NumPy
        if not 1 <= self.number <= self.count:
            raise InputError(f"invalid shard '{self}': expected I/N with 1 <= I <= N, e.g. 3/8")

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``I/N``."""
        number, _, count = text.partition("/")
        if not (number.isdecimal() and count.isdecimal() and len(text) < 24):
            raise InputError(f"invalid shard {text!r}: expected I/N with 1 <= I <= N, e.g. 3/8")
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
        It may begin anywhere; an empty one gives no chunk.
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
        For a step below 1, or a range that is not of positive 63-bit integers; at the call.

    Examples
    --------
    >>> list(cut(Chunk(1000, 3000), 2000, 1024))
    [Chunk(first=1000, n=1048), Chunk(first=2048, n=1952)]
    """
    if step < 1:
        raise InputError(f"items per chunk must be at least 1, got {step}")
    if span.first < 0 or span.n < 0 or span.stop > 2**63 - grain:
        raise InputError(f"item numbers must be between 0 and 2**63, got {span.first} to {span.stop}")
    step = -(-step // grain) * grain
    bounds = range(span.first // step * step, span.stop, step) if span.n else ()
    return (Chunk(max(at, span.first), min(at + step, span.stop) - max(at, span.first)) for at in bounds)
