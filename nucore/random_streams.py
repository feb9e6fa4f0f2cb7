"""Random numbers by event number for code outside the kernels, and numpy's generator for all others."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError


class Stream(IntEnum):
    """Independent streams of one seed; a value, once released, keeps its meaning."""

    W = 1
    KAON = 2
    PION = 3
    TAU = 4
    MESON = 5
    EXPOSURE = 16
    BACKGROUND = 17
    TOYS = 18
    RESPONSE = 19


def check_seed(seed: int) -> int:
    """Return the seed, an integer in [0, 2**64).

    Raises
    ------
    InputError
        Outside the range.
    """
    if not 0 <= seed < 2**64:
        raise InputError(f"invalid seed {seed}: expected an integer from 0 to 2**64 - 1")
    return int(seed)


def uniforms(
    seed: int,
    stream: int,
    first_event: int,
    n_events: int,
    n_per_event: int,
    dtype: type[np.float32] | type[np.float64] = np.float64,
) -> NDArray[np.float32] | NDArray[np.float64]:
    """Return uniforms in the open interval (0, 1) of a range of events.

    Parameters
    ----------
    seed : int
        From 0 to 2**64 - 1.
    stream : int
        A member of `Stream`, or any integer from 0 to 2**32 - 1.
    first_event, n_events : int
        Range of event indices, within 0 to 2**63 - 1.
    n_per_event : int
        Uniforms of each event.
    dtype : numpy.float32 or numpy.float64
        float32 gives exactly the numbers of `nucore.rng.words_to_uniforms`; float64 uses all 32 bits of the same words.

    Returns
    -------
    array[n_per_event, n_events]
        Row j holds uniform j of every event.

    Raises
    ------
    InputError
        For a seed, stream or range that is not allowed.
    """
    from nucore.rng import BLOCK, DROPPED_BITS, HALF, UNIT_23, WORDS_PER_CALL, fill_word_table  # loads a compiler

    check_seed(seed)
    if not 0 <= stream < 2**32:
        raise InputError(f"invalid stream {stream}: expected an integer from 0 to 2**32 - 1")
    if first_event < 0 or n_events < 0 or first_event + n_events > 2**63 - 1 or n_per_event < 0:
        raise InputError("invalid event range: first_event, n_events and n_per_event must be from 0 to 2**63 - 1")
    calls = -(-n_per_event // WORDS_PER_CALL)
    blocks = -(-n_events // BLOCK)
    words = np.empty((WORDS_PER_CALL * calls, blocks * BLOCK), np.uint32)
    fill_word_table(words, np.uint64(seed), stream, np.int64(first_event))
    kept = words[:n_per_event, :n_events]
    if dtype is np.float32:
        return ((kept >> DROPPED_BITS).astype(np.float32) + HALF) * UNIT_23
    return (kept + 0.5) * 2.0**-32


def generator(seed: int, stream: int) -> np.random.Generator:
    """Return numpy's generator for random numbers that belong to no event (a Poisson exposure, toys).

    Parameters
    ----------
    seed : int
        From 0 to 2**64 - 1.
    stream : int
        A member of `Stream`, or any integer from 0 to 2**64 - 1.

    Returns
    -------
    numpy.random.Generator
        Philox4x64-10 with key (seed, stream): another bijection than that of the events, hence independent.
    """
    return np.random.Generator(np.random.Philox(key=check_seed(seed) + (int(stream) << 64)))
