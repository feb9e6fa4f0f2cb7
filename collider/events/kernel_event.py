"""Loops of the W kernel that make an event: tables, decay and boosts, in blocks of float32.

A loop either looks up tables or does arithmetic; there is no branch and no libm call in a loop of arithmetic, and
every constant is a float32, so that LLVM turns each loop into vector instructions.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nucore.rng import BLOCK, DROPPED_BITS

_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)

# exp(f) = 1 + f + f**2 P(f), |f| <= ln(2)/2 (minimax fit made for this package, error below 3.2e-9 before rounding).
_E0 = np.float32(0.5000000095128249)
_E1 = np.float32(0.16666518898831298)
_E2 = np.float32(0.04166620598594497)
_E3 = np.float32(0.008368882232361553)
_E4 = np.float32(0.0013950478860256397)
_LOG2_E = np.float32(1.4426950408889634)
# ln 2 in two parts, the first with 16 bits so that its product with a small integer is exact.
_LN2_HIGH = np.float32(0.693145751953125)
_LN2_LOW = np.float32(1.4286068203094172e-06)
_EXPONENT_BIAS = np.int32(127)
_MANTISSA_BITS = np.int32(23)

_LOW_BITS = np.uint32((1 << int(DROPPED_BITS)) - 1)
_UNIT = np.float32(2.0 ** -int(DROPPED_BITS))


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_exp(out, x):  # type: ignore[no-untyped-def]
    """Compute exp(x) in float32 without libm; relative error below 3e-7.

    Parameters
    ----------
    out, x : float32[BLOCK]
        |x| < 80.
    """
    power = np.empty(BLOCK, np.int32)
    for i in range(BLOCK):
        n = np.floor(x[i] * _LOG2_E + _HALF)
        f = (x[i] - n * _LN2_HIGH) - n * _LN2_LOW
        out[i] = _ONE + (f + f * f * (_E0 + f * (_E1 + f * (_E2 + f * (_E3 + f * _E4)))))
        power[i] = np.int32((np.int32(n) + _EXPONENT_BIAS) << _MANTISSA_BITS)
    scale = power.view(np.float32)
    for i in range(BLOCK):
        out[i] = out[i] * scale[i]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_component(out, words, thresholds):  # type: ignore[no-untyped-def]
    """Choose components: the number of thresholds not above the word.

    Parameters
    ----------
    out : int32[BLOCK]
    words : uint32[BLOCK]
    thresholds : uint64[n_components - 1]
        Cumulative probabilities times 2**32, ascending.
    """
    for i in range(BLOCK):
        out[i] = 0
    for j in range(thresholds.shape[0]):
        threshold = thresholds[j]
        for i in range(BLOCK):
            out[i] += np.int32(np.uint64(words[i]) >= threshold)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_index(index, fraction, u, n_nodes):  # type: ignore[no-untyped-def]
    """Split u (n_nodes - 1) into interval and fraction.

    Exact if n_nodes - 1 is a power of two, else rounded to float32.

    Parameters
    ----------
    index : int32[BLOCK]
        From 0 to n_nodes - 2.
    fraction, u : float32[BLOCK]
    n_nodes : int
    """
    scale = np.float32(n_nodes - 1)
    last = np.int32(n_nodes - 2)
    for i in range(BLOCK):
        t = u[i] * scale
        index[i] = min(np.int32(t), last)
        fraction[i] = t - np.float32(index[i])


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def look_up(out, table, row, index, fraction):  # type: ignore[no-untyped-def]
    """Interpolate linearly in a row of a table.

    Parameters
    ----------
    out, fraction : float32[BLOCK]
    table : float32[..., n_nodes]
        Its leading axes are counted as one.
    row, index : int32[BLOCK]
    """
    n_nodes = np.int32(table.shape[-1])
    flat = table.ravel()
    for i in range(BLOCK):
        j = np.uint32(row[i] * n_nodes + index[i])
        low = flat[j]
        out[i] = low + fraction[i] * (flat[j + np.uint32(1)] - low)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def look_up_rapidity(out, table, component, row, index, fraction):  # type: ignore[no-untyped-def]
    """Interpolate bilinearly in rows of rapidity quantiles.

    Parameters
    ----------
    out, row, fraction : float32[BLOCK]
        `row` is the fractional row index, `fraction` that within the column `index`.
    table : float32[n_components, n_rows, n_y]
    component, index : int32[BLOCK]
    """
    n_rows, n_y = np.int32(table.shape[1]), np.int32(table.shape[2])
    last = np.int32(n_rows - 2)
    flat = table.ravel()
    step = np.uint32(n_y)
    for i in range(BLOCK):
        i_row = min(np.int32(row[i]), last)
        f_row = row[i] - np.float32(i_row)
        j = np.uint32((component[i] * n_rows + i_row) * n_y + index[i])
        low = flat[j] + fraction[i] * (flat[j + np.uint32(1)] - flat[j])
        j += step
        high = flat[j] + fraction[i] * (flat[j + np.uint32(1)] - flat[j])
        out[i] = low + f_row * (high - low)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_pt_row(row, component, rapidity, words, rows_per_rapidity, n_rows):  # type: ignore[no-untyped-def]
    """Choose a row of the W pT table by random rounding of |y|, so that rows mix as hat functions of |y|.

    Parameters
    ----------
    row : int32[BLOCK]
        Filled: row of the table with the components' rows one after the other.
    component : int32[BLOCK]
    rapidity : float32[BLOCK]
    words : uint32[BLOCK]
        Their low bits, which uniforms leave out, make the uniform number of the rounding.
    rows_per_rapidity : float32
    n_rows : int
        Of one component.
    """
    last = np.int32(n_rows - 1)
    for i in range(BLOCK):
        position = abs(rapidity[i]) * rows_per_rapidity + (np.float32(words[i] & _LOW_BITS) + _HALF) * _UNIT
        row[i] = component[i] * np.int32(n_rows) + min(np.int32(position), last)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_momentum(out, mass, m4_sq, component):  # type: ignore[no-untyped-def]
    """Compute the lepton's momentum (m - m4^2/m)/2 in the W rest frame.

    Parameters
    ----------
    out, mass : float32[BLOCK]
        In GeV.
    m4_sq : float32[n_components]
        In GeV^2.
    component : int32[BLOCK]
    """
    for i in range(BLOCK):
        out[i] = m4_sq[np.uint32(component[i])]
    for i in range(BLOCK):
        out[i] = _HALF * (mass[i] - out[i] / mass[i])


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def boost_along_x(along, energy, mass, w_pt, x, cosine):  # type: ignore[no-untyped-def]
    """Boost the lepton, in units of its rest-frame momentum, by the W's transverse momentum.

    Parameters
    ----------
    along, energy : float32[BLOCK]
        Filled: component along the W's transverse momentum, and energy.
    mass, w_pt : float32[BLOCK]
        Of the W, in GeV.
    x, cosine : float32[BLOCK]
        1 - cos(theta) and cos(azimuth) in the Collins-Soper frame.
    """
    for i in range(BLOCK):
        along[i] = np.sqrt(x[i] * (_TWO - x[i])) * cosine[i]
    for i in range(BLOCK):
        inverse = _ONE / mass[i]
        beta_gamma = w_pt[i] * inverse
        gamma = np.sqrt(_ONE + beta_gamma * beta_gamma)
        sin_cos = along[i]
        along[i] = gamma * sin_cos + beta_gamma
        energy[i] = gamma + beta_gamma * sin_cos


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_transverse(out, momentum, along, x, cosine):  # type: ignore[no-untyped-def]
    """Compute the lepton's transverse momentum in the laboratory.

    Parameters
    ----------
    out, momentum : float32[BLOCK]
        In GeV; `momentum` in the W rest frame.
    along, x, cosine : float32[BLOCK]
        As in `boost_along_x`.
    """
    for i in range(BLOCK):
        across_sq = x[i] * (_TWO - x[i]) * (_ONE - cosine[i] * cosine[i])
        out[i] = momentum[i] * np.sqrt(along[i] * along[i] + across_sq)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_across(out, x, sine):  # type: ignore[no-untyped-def]
    """Compute the lepton's component across the W's transverse momentum and the beams, in units of its momentum.

    Parameters
    ----------
    out, x, sine : float32[BLOCK]
        1 - cos(theta) and sin(azimuth) in the Collins-Soper frame.
    """
    for i in range(BLOCK):
        out[i] = np.sqrt(x[i] * (_TWO - x[i])) * sine[i]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_longitudinal(out, momentum, energy, x, boost):  # type: ignore[no-untyped-def]
    """Compute the lepton's longitudinal momentum in the laboratory, z not mirrored.

    Parameters
    ----------
    out, momentum : float32[BLOCK]
        In GeV; `momentum` in the W rest frame.
    energy, x : float32[BLOCK]
        As in `boost_along_x`.
    boost : float32[BLOCK]
        exp(rapidity of the W).
    """
    for i in range(BLOCK):
        inverse = _ONE / boost[i]
        cosh, sinh = boost[i] + inverse, boost[i] - inverse
        out[i] = _HALF * momentum[i] * (sinh * energy[i] + cosh * (_ONE - x[i]))
