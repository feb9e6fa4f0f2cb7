"""Logarithm, cosine, sine and normal numbers of blocks of uniforms, in float32 without libm so that LLVM vectorises."""

from __future__ import annotations

import numpy as np
from numba import njit

from nucore.rng import BLOCK

_HALF = np.float32(0.5)
_ZERO = np.float32(0.0)

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
_SQRT_HALF_BITS = np.int32(0x3F3504F3)  # float32 bits of sqrt(1/2)
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
        w = abs(_TWO * u[i] - _ONE) - _HALF
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
        exponent = np.int32(bits[i] - _SQRT_HALF_BITS) >> _MANTISSA_BITS
        mantissa[i] = bits[i] - np.int32(exponent << _MANTISSA_BITS)
        out[i] = np.float32(exponent)
    reduced = mantissa.view(np.float32)
    for i in range(BLOCK):
        f = reduced[i] - _ONE
        p = _L0 + f * (_L1 + f * (_L2 + f * (_L3 + f * (_L4 + f * (_L5 + f * _L6)))))
        out[i] = out[i] * _LN2 + (f - f * f * (_HALF - f * p))


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
    fill_normals(first, u_radius, u_angle)
    radius = np.empty(BLOCK, np.float32)
    fill_log(radius, u_radius)
    fill_sin_two_pi(second, u_angle)
    for i in range(BLOCK):
        second[i] = np.sqrt(-_TWO * radius[i]) * second[i]
