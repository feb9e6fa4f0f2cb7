"""Counter-based random numbers: the uniforms of event i are the same in any block, thread or worker.

Philox4x32-10 turns a 128-bit counter and a 64-bit key into four 32-bit words. The counter holds the event
index and the key the seed and the stream, so that no state is carried from one event to the next:

===========  ===================================================================
key[0]       seed, bits 0-31
key[1]       stream (which process or purpose: `nucore.random_streams.Stream`)
counter[0]   event index, bits 0-31
counter[1]   event index, bits 32-63
counter[2]   call: words 4*call ... 4*call+3 of the event
counter[3]   seed, bits 32-63 (zero for an ordinary seed)
===========  ===================================================================

Philox is a bijection of the counter for every key, so two events of a stream never share a counter block.
Events are handled in blocks of `BLOCK`, one array of `BLOCK` numbers per quantity, so that LLVM vectorises.

References
----------
J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011), doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import numpy as np
from numba import njit

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

UNIT_23 = np.float32(2.0**-23)
HALF = np.float32(0.5)
_ZERO = np.float32(0.0)


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
            out[row, i] = (np.float32(words[row, i] >> DROPPED_BITS) + HALF) * UNIT_23


# The functions below stay in the module of the uniforms: compiled from another one they are inlined differently, and
# the last bits of generated events change.

# cos(2 pi u) = sin(pi w), w = |2u - 1| - 1/2 in [-1/2, 1/2]: w times a polynomial in w**2 (minimax fit made
# for this package, error below 3.4e-9 before rounding).
_S0 = np.float32(3.1415925800447364)
_S1 = np.float32(-5.167706878926849)
_S2 = np.float32(2.5500313772864374)
_S3 = np.float32(-0.5980451741515954)
_S4 = np.float32(0.07722012900260557)

# ln(1 + f) = f - f**2/2 + f**3 P(f), sqrt(1/2) <= 1 + f < sqrt(2) (minimax fit made for this package,
# relative error below 3.4e-8 before rounding).
_L0 = np.float32(0.3333385806645271)
_L1 = np.float32(-0.25001746933066754)
_L2 = np.float32(0.1996539812632551)
_L3 = np.float32(-0.16565634505450824)
_L4 = np.float32(0.1487696088610965)
_L5 = np.float32(-0.14350201609758095)
_L6 = np.float32(0.08917870507074674)
_LN2 = np.float32(0.6931471805599453)
_SQRTHALF_BITS = np.int32(0x3F3504F3)  # float32 bits of sqrt(1/2)
_MANTISSA_BITS = np.int32(23)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)


@njit(nogil=True, fastmath=True, cache=True)
def fill_cos_two_pi(out, u):  # type: ignore[no-untyped-def]
    """Compute cos(2 pi u) in float32 without libm; absolute error below 3e-7.

    Parameters
    ----------
    out, u : float32[BLOCK]
        u in [0, 1].
    """
    for i in range(BLOCK):
        w = abs(_TWO * u[i] - _ONE) - HALF
        q = w * w
        out[i] = w * (_S0 + q * (_S1 + q * (_S2 + q * (_S3 + q * _S4))))


@njit(nogil=True, fastmath=True, cache=True)
def fill_sin_two_pi(out, u):  # type: ignore[no-untyped-def]
    """Compute sin(2 pi u) in float32 without libm; absolute error below 3e-7.

    Parameters
    ----------
    out, u : float32[BLOCK]
        u in [0, 1].
    """
    for i in range(BLOCK):
        t = _ONE - _TWO * u[i]
        w = min(abs(t), _ONE - abs(t))
        w = w if t > _ZERO else -w
        q = w * w
        out[i] = w * (_S0 + q * (_S1 + q * (_S2 + q * (_S3 + q * _S4))))


@njit(nogil=True, fastmath=True, cache=True)
def fill_log(out, u):  # type: ignore[no-untyped-def]
    """Compute ln(u) in float32 without libm; relative error below 3e-7.

    Parameters
    ----------
    out, u : float32[BLOCK]
        u positive, finite and normal.
    """
    bits = u.view(np.int32)
    mantissa = np.empty(BLOCK, np.int32)
    for i in range(BLOCK):
        exponent = np.int32(bits[i] - _SQRTHALF_BITS) >> _MANTISSA_BITS
        mantissa[i] = bits[i] - np.int32(exponent << _MANTISSA_BITS)
        out[i] = np.float32(exponent)
    reduced = mantissa.view(np.float32)
    for i in range(BLOCK):
        f = reduced[i] - _ONE
        p = _L0 + f * (_L1 + f * (_L2 + f * (_L3 + f * (_L4 + f * (_L5 + f * _L6)))))
        out[i] = out[i] * _LN2 + (f - f * f * (HALF - f * p))


@njit(nogil=True, fastmath=True, cache=True)
def fill_normals(out, u_radius, u_angle):  # type: ignore[no-untyped-def]
    """Compute standard normal numbers by Box and Muller's transformation, sqrt(-2 ln u1) cos(2 pi u2).

    Parameters
    ----------
    out, u_radius, u_angle : float32[BLOCK]
        Uniforms in (0, 1); with 23-bit uniforms the numbers lie within +-5.77.
    """
    fill_log(out, u_radius)
    cosine = np.empty(BLOCK, np.float32)
    fill_cos_two_pi(cosine, u_angle)
    for i in range(BLOCK):
        out[i] = np.sqrt(-_TWO * out[i]) * cosine[i]


@njit(nogil=True, fastmath=True, cache=True)
def fill_normal_pairs(first, second, u_radius, u_angle):  # type: ignore[no-untyped-def]
    """Compute two independent standard normal numbers, sqrt(-2 ln u1) times cos and sin of 2 pi u2.

    Parameters
    ----------
    first, second, u_radius, u_angle : float32[BLOCK]
        As in `fill_normals`.
    """
    radius = np.empty(BLOCK, np.float32)
    fill_log(radius, u_radius)
    fill_cos_two_pi(first, u_angle)
    fill_sin_two_pi(second, u_angle)
    for i in range(BLOCK):
        length = np.sqrt(-_TWO * radius[i])
        first[i] = length * first[i]
        second[i] = length * second[i]


@njit(nogil=True, cache=True)
def fill_word_table(out, seed, stream, first_event):  # type: ignore[no-untyped-def]
    """Words of consecutive events, ``out`` uint32[4 * calls, blocks * BLOCK]."""
    words = np.empty((out.shape[0], BLOCK), np.uint32)
    for block in range(out.shape[1] // BLOCK):
        low = block * BLOCK
        fill_words(words, seed, stream, first_event + low)
        out[:, low : low + BLOCK] = words
