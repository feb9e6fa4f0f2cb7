"""Loops of the W kernel that draw spin and decay: side of the W, angular coefficients, direction of the lepton.

The law is that of `collider.decay.w_decay.decay_density`, sampled without rejection. Coefficients lie in a table
over (ln m, s, y), s = b/(b + ratio), b = pT/m, between whose nodes they are linear: a node chosen by random rounding of
each variable gives the same law, as the density is linear in the coefficients. The share of either side of a W, taken
at a node of its own, is independent of the node of the coefficients. The rounding takes the low bits of words that
their uniforms leave out.

The cosine is a mixture of maximum, minimum and median of three uniforms. Of the azimuth, a uniform phi0 has the four
images phi0, pi/2 - phi0 and their mirror images at the y axis, over which the density 1 + alpha cos(phi) +
beta cos(2 phi) adds up to a constant: one of them is chosen in proportion. Where coefficients of no spin state make the
density negative, it is 0 and that of the mirror image as much smaller.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nucore.rng import BLOCK, DROPPED_BITS

_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_TWO = np.float32(2.0)
_FOUR = np.float32(4.0)

_LOW_BITS = np.uint32((1 << int(DROPPED_BITS)) - 1)
_UNIT = np.float32(2.0 ** -int(DROPPED_BITS))
_UNIT_OF_TWO = np.float32(2.0 ** -(2 * int(DROPPED_BITS)))


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_low_uniforms(out, words):  # type: ignore[no-untyped-def]
    """Make uniform numbers of 18 bits of the low bits of two words.

    Parameters
    ----------
    out : float32[BLOCK]
    words : uint32[2, BLOCK]
    """
    for i in range(BLOCK):
        bits = ((words[0, i] & _LOW_BITS) << DROPPED_BITS) | (words[1, i] & _LOW_BITS)
        out[i] = (np.float32(bits) + _HALF) * _UNIT_OF_TWO


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_position(position, x, low, per_unit, n_nodes):  # type: ignore[no-untyped-def]
    """Compute positions on a uniform grid, counted in nodes and held between its ends.

    Parameters
    ----------
    position, x : float32[BLOCK]
    low, per_unit : float32
        First node, and nodes per unit of x.
    n_nodes : int
    """
    last = np.float32(n_nodes - 1)
    for i in range(BLOCK):
        position[i] = min(max((x[i] - low) * per_unit, _ZERO), last)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_pt_share(out, w_pt, mass, ratio):  # type: ignore[no-untyped-def]
    """Compute s = b/(b + ratio), b = pT/m.

    Parameters
    ----------
    out, w_pt, mass : float32[BLOCK]
    ratio : float32
    """
    for i in range(BLOCK):
        out[i] = w_pt[i] / (w_pt[i] + ratio * mass[i])


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_node(node, position, words, component, table, shape):  # type: ignore[no-untyped-def]
    """Round a position to a node at random, each coordinate for itself.

    Parameters
    ----------
    node : int32[BLOCK]
        Filled: number of the node, tables one after the other, the last coordinate running fastest.
    position : float32[3, BLOCK]
        See `fill_position`.
    words : uint32[3, BLOCK]
        Their low bits decide.
    component : int32[BLOCK]
    table : int32[n_components]
        Table of each component.
    shape : tuple of 3 int
        Nodes of each coordinate.
    """
    n_first, n_second, n_third = np.int32(shape[0]), np.int32(shape[1]), np.int32(shape[2])
    for i in range(BLOCK):
        node[i] = table[np.uint32(component[i])]
    for i in range(BLOCK):
        first = np.int32(position[0, i] + (np.float32(words[0, i] & _LOW_BITS) + _HALF) * _UNIT)
        second = np.int32(position[1, i] + (np.float32(words[1, i] & _LOW_BITS) + _HALF) * _UNIT)
        third = np.int32(position[2, i] + (np.float32(words[2, i] & _LOW_BITS) + _HALF) * _UNIT)
        node[i] = ((node[i] * n_first + first) * n_second + second) * n_third + third


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_side(rapidity, u, share, node):  # type: ignore[no-untyped-def]
    """Keep the sign of the rapidity with the share of its side, else change it.

    Parameters
    ----------
    rapidity, u : float32[BLOCK]
    share : float32[...]
        Share of the rapidity's side at each node, all axes counted as one: 1 minus the share at the opposite rapidity.
    node : int32[BLOCK]
    """
    flat = share.ravel()
    for i in range(BLOCK):
        y = rapidity[i]
        rapidity[i] = y if u[i] < flat[np.uint32(node[i])] else -y


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_coefficients(spin, coefficients, node):  # type: ignore[no-untyped-def]
    """Look up A0 ... A4.

    Parameters
    ----------
    spin : float32[5, BLOCK]
    coefficients : float32[..., 5]
        Its leading axes are counted as one.
    node : int32[BLOCK]
    """
    flat, step = coefficients.ravel(), np.uint32(5)
    for k in range(5):
        for i in range(BLOCK):
            spin[k, i] = flat[np.uint32(node[i]) * step + np.uint32(k)]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_massive(ratio, spin, mass, m4_sq, component):  # type: ignore[no-untyped-def]
    """Turn A0 ... A4 into those of the same law with a massless neutrino, times 1 + r/2, r = m4^2/m^2.

    Parameters
    ----------
    ratio : float32[BLOCK]
        Filled: r.
    spin : float32[5, BLOCK]
    mass : float32[BLOCK]
        Of the W, in GeV.
    m4_sq : float32[n_components]
        In GeV^2.
    component : int32[BLOCK]
    """
    for i in range(BLOCK):
        ratio[i] = m4_sq[np.uint32(component[i])]
    for i in range(BLOCK):
        r = ratio[i] / (mass[i] * mass[i])
        ratio[i] = r
        spin[0, i] = r + (_ONE - r) * spin[0, i]
        spin[1, i] = (_ONE - r) * spin[1, i]
        spin[2, i] = (_ONE - r) * spin[2, i]


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_one_minus_cos(out, u, select, ratio, spin):  # type: ignore[no-untyped-def]
    """Sample 1 - cos(theta) from a (1 - c)^2 + b (1 + c)^2 + A0' (1 - c^2).

    a + b = 1 - A0'/2 and b - a = A4'/2; the three terms are the densities of 1 - 2 max, 1 - 2 min and 1 - 2 median of
    three uniforms, with the probabilities a, b and A0'/2.

    Parameters
    ----------
    out : float32[BLOCK]
    u : float32[3, BLOCK]
    select : float32[BLOCK]
        Uniform of which the fraction of 2 u decides between them.
    ratio : float32[BLOCK]
        r.
    spin : float32[5, BLOCK]
        As `fill_massive` leaves it.
    """
    for i in range(BLOCK):
        x, y, z = u[0, i], u[1, i], u[2, i]
        low, high = min(x, y), max(x, y)
        largest, least, median = max(high, z), min(low, z), max(low, min(high, z))
        v = _TWO * select[i]
        v = (v - np.float32(np.int32(v))) * (_ONE + _HALF * ratio[i])
        ends = _ONE + _HALF * (ratio[i] - spin[0, i])  # a + b
        end = least if v < ends else median
        out[i] = _TWO * (largest if v < _HALF * (ends - _HALF * spin[4, i]) else end)


@njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
def fill_azimuth(cosine, sine, u, x, ratio, spin):  # type: ignore[no-untyped-def]
    """Turn a uniform azimuth into one of the density that belongs to cos(theta).

    Parameters
    ----------
    cosine, sine : float32[BLOCK]
        Of the azimuth; changed.
    u : float32[BLOCK]
        Uniforms that choose one of the four images.
    x : float32[BLOCK]
        1 - cos(theta).
    ratio, spin
        As in `fill_one_minus_cos`.
    """
    for i in range(BLOCK):
        y = _TWO - x[i]
        sin_sq = x[i] * y
        ends, difference = _ONE + _HALF * (ratio[i] - spin[0, i]), _HALF * spin[4, i]
        a, b = _HALF * (ends - difference), _HALF * (ends + difference)
        mean = a * x[i] * x[i] + b * y * y + spin[0, i] * sin_sq
        first = np.sqrt(sin_sq) * (spin[3, i] + _TWO * spin[1, i] * (_ONE - x[i]))
        second = _HALF * spin[2, i] * sin_sq
        c, s = cosine[i], sine[i]
        cos_two = c * c - s * s
        left = _FOUR * mean * u[i]
        pair = _TWO * (mean + second * cos_two)
        swapped = left >= pair
        left = left - pair if swapped else left
        cos_phi, sin_phi = (s, c) if swapped else (c, s)
        cos_two = -cos_two if swapped else cos_two
        kept = left < mean + second * cos_two + first * cos_phi
        cosine[i] = cos_phi if kept else -cos_phi
        sine[i] = sin_phi
