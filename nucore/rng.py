"""Counter-based random numbers: the uniforms of event i are the same in any block, thread or worker.

Philox4x32-10 turns a 128-bit counter and a 64-bit key into four 32-bit words. The counter holds the event
index and the key the seed and the stream, so that no state is carried from one event to the next:

===========  =====================================================
key[0]       seed, bits 0-31
key[1]       stream (which process or purpose: `Stream`)
counter[0]   event index, bits 0-31
counter[1]   event index, bits 32-63
counter[2]   call: words 4*call ... 4*call+3 of the event
counter[3]   seed, bits 32-63 (zero for an ordinary seed)
===========  =====================================================

Philox is a bijection of the counter for every key, so two events of a stream never share a counter block.
Events are handled in blocks of `BLOCK`, one array of `BLOCK` numbers per quantity, so that LLVM vectorises.

References
----------
J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011), doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nucore.errors import InputError

BLOCK = 1024
"""Events in a block; chunks of events begin and end on multiples of it."""

WORDS_PER_CALL = 4

_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
# Multipliers and Weyl increments of Philox4x32 (Salmon et al. 2011, section 4.3).
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_ROUNDS = 10

DROPPED_BITS = np.uint32(9)
"""Low bits of a word that its float32 uniform leaves out: that holds 23 bits and the half that keeps 0 and 1 out."""

_UNIT_23 = np.float32(2.0**-23)
_HALF = np.float32(0.5)


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


@njit(nogil=True, cache=True)
def philox4x32(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Four words of Philox4x32-10.

    Parameters
    ----------
    c0, c1, c2, c3, k0, k1 : uint64
        Counter and key words, each below 2**32.

    Returns
    -------
    tuple of 4 uint64, each below 2**32.
    """
    for _ in range(_ROUNDS):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0 = (product_1 >> _SHIFT) ^ c1 ^ k0
        c2 = (product_0 >> _SHIFT) ^ c3 ^ k1
        c1 = product_1 & _MASK
        c3 = product_0 & _MASK
        k0 = (k0 + _WEYL_0) & _MASK
        k1 = (k1 + _WEYL_1) & _MASK
    return c0, c1, c2, c3


@njit(nogil=True, cache=True)
def _fill_call(out, seed, stream, first_event, call):  # type: ignore[no-untyped-def]
    """Fill the four words of one call for `BLOCK` consecutive events, ``out`` uint32[4, BLOCK]."""
    k0 = np.uint64(seed) & _MASK
    k1 = np.uint64(stream) & _MASK
    c2 = np.uint64(call) & _MASK
    c3 = np.uint64(seed) >> _SHIFT
    first = np.uint64(first_event)
    for i in range(BLOCK):
        event = first + np.uint64(i)
        w0, w1, w2, w3 = philox4x32(event & _MASK, event >> _SHIFT, c2, c3, k0, k1)
        out[0, i] = np.uint32(w0)
        out[1, i] = np.uint32(w1)
        out[2, i] = np.uint32(w2)
        out[3, i] = np.uint32(w3)


@njit(nogil=True, cache=True)
def fill_words(out, seed, stream, first_event):  # type: ignore[no-untyped-def]
    """Fill a block with 32-bit words.

    Parameters
    ----------
    out : uint32[k, BLOCK], k a multiple of 4
        ``out[j, i]`` becomes word j of event ``first_event + i``.
    seed, stream, first_event : non-negative integers
    """
    for call in range(out.shape[0] // WORDS_PER_CALL):
        rows = out[WORDS_PER_CALL * call : WORDS_PER_CALL * (call + 1)]
        _fill_call(rows, seed, stream, first_event, call)


@njit(nogil=True, fastmath=True, cache=True)
def words_to_uniforms(words, out):  # type: ignore[no-untyped-def]
    """Convert words to uniforms (n + 1/2) 2**-23, n the 23 high bits: exact, in [2**-24, 1 - 2**-24].

    Parameters
    ----------
    words : uint32[rows, BLOCK]
    out : float32[rows, BLOCK]
    """
    for row in range(words.shape[0]):
        for i in range(BLOCK):
            out[row, i] = (np.float32(words[row, i] >> DROPPED_BITS) + _HALF) * _UNIT_23


@njit(nogil=True, cache=True)
def _fill_word_table(out, seed, stream, first_event):  # type: ignore[no-untyped-def]
    """Words of consecutive events, ``out`` uint32[4 * calls, blocks * BLOCK]."""
    words = np.empty((out.shape[0], BLOCK), np.uint32)
    for block in range(out.shape[1] // BLOCK):
        low = block * BLOCK
        fill_words(words, seed, stream, first_event + low)
        out[:, low : low + BLOCK] = words


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
        float32 gives exactly the numbers of `words_to_uniforms`; float64 uses all 32 bits of the same words.

    Returns
    -------
    array[n_per_event, n_events]
        Row j holds uniform j of every event.

    Raises
    ------
    InputError
        For a seed, stream or range that is not allowed.
    """
    check_seed(seed)
    if not 0 <= stream < 2**32:
        raise InputError(f"invalid stream {stream}: expected an integer from 0 to 2**32 - 1")
    if first_event < 0 or n_events < 0 or first_event + n_events > 2**63 - 1 or n_per_event < 0:
        raise InputError("invalid event range: first_event, n_events and n_per_event must be from 0 to 2**63 - 1")
    calls = -(-n_per_event // WORDS_PER_CALL)
    blocks = -(-n_events // BLOCK)
    words = np.empty((WORDS_PER_CALL * calls, blocks * BLOCK), np.uint32)
    _fill_word_table(words, np.uint64(seed), stream, np.int64(first_event))
    kept = words[:n_per_event, :n_events]
    if dtype is np.float32:
        return ((kept >> DROPPED_BITS).astype(np.float32) + _HALF) * _UNIT_23
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
