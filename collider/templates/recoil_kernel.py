"""Loops of the recoil acceptance: the integral over the component of lepton and recoil across the lepton.

See `collider.templates.recoil_acceptance`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.interpolate import CubicHermiteSpline
from scipy.special import ndtr

#: Stands for no cut, GeV.
NO_BOUND = 1e15
#: Range of the integral over w_perp and widest panel in standard deviations; nodes of a panel.
REACH_SIGMA, PANEL_SIGMA, N_GAUSS = 5.5, 1.9, 8
_PER_SIGMA, _TABLE_SIGMA = 32, 8.0
_GRID = np.linspace(-_TABLE_SIGMA, _TABLE_SIGMA, int(2 * _TABLE_SIGMA) * _PER_SIGMA + 1)
_CUMULATIVE = CubicHermiteSpline(_GRID, ndtr(_GRID), np.exp(-0.5 * _GRID**2) / np.sqrt(2.0 * np.pi))
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(N_GAUSS)
#: The last three arguments of `fill_passing`.
TABLES = (0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS, np.ascontiguousarray(_CUMULATIVE.c.T))


@njit(cache=True, nogil=True, error_model="numpy")
def _normal_below(x, table):  # type: ignore[no-untyped-def]
    """Cumulative normal distribution at x standard deviations: cubics between the nodes, to 1e-8."""
    position = min(max((x + _TABLE_SIGMA) * _PER_SIGMA, 0.0), table.shape[0] - 1e-9)
    k = int(position)
    f = (position - k) / _PER_SIGMA
    return ((table[k, 0] * f + table[k, 1]) * f + table[k, 2]) * f + table[k, 3]


@njit(cache=True, nogil=True)
def _panels(borders, centre, sigma, lepton, missing, mass, recoil):  # type: ignore[no-untyped-def]
    """Fill borders of panels in |w_perp| between which the integrand is smooth; return their number."""
    n = 0
    low, high = max(centre - REACH_SIGMA * sigma, 0.0), centre + REACH_SIGMA * sigma
    steps = int(np.ceil((high - low) / (PANEL_SIGMA * sigma)))
    for i in range(steps + 1):
        borders[n] = low + (high - low) * i / steps
        n += 1
    a = mass * mass / (2.0 * lepton)
    squares = np.zeros(5)  # where each circle ends and where two of the curves cross
    squares[0], squares[1] = missing * missing, recoil * recoil
    if mass > 0.0 and missing > 0.0:
        squares[2] = a * (2.0 * missing - a)
    if mass > 0.0 and recoil < NO_BOUND:
        squares[3] = recoil**2 - (a - np.sqrt(2.0 * a * lepton + recoil**2)) ** 2
    if missing > 0.0 and recoil < NO_BOUND:
        squares[4] = missing**2 - ((missing**2 - recoil**2 + lepton**2) / (2.0 * lepton)) ** 2
    for k in range(5):
        if squares[k] > 0.0:
            border = np.sqrt(squares[k])
            if low < border < high:
                borders[n] = border
                n += 1
    borders[:n].sort()
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def fill_passing(out, lepton, response, sigma, cosines, spread, cuts, nodes, weights, table):  # type: ignore[no-untyped-def]
    """Fill the probability to pass the cuts at one lepton pT.

    Parameters
    ----------
    out : float64[n_q, n_c]
    lepton : float
        Measured lepton pT, GeV.
    response, sigma : float64[n_q]
        Mean and resolution of the recoil, GeV.
    cosines : float64[n_c]
    spread : float64[2, n]
        Factors on the resolution and their probabilities.
    cuts : (float, float, float, float)
        Least missing momentum, least and largest transverse mass, largest recoil, GeV; 0 or `NO_BOUND` for none.
    nodes, weights : float64[n]
        Gauss-Legendre on [0, 1].
    table : float64[n, 4]
        Cubics of `_normal_below`.
    """
    missing, mass_low, mass_high, largest = cuts
    borders = np.empty(64)
    a_low, a_high = mass_low**2 / (2.0 * lepton), mass_high**2 / (2.0 * lepton)
    n_spread = spread.shape[1]
    out[:] = 0.0
    for task in range(sigma.size * cosines.size * n_spread):
        k, c, q = task % n_spread, task // n_spread % cosines.size, task // (n_spread * cosines.size)
        width = spread[0, k] * sigma[q]
        along = lepton - response[q] * cosines[c]
        across = response[q] * np.sqrt(max(1.0 - cosines[c] ** 2, 0.0))
        n = _panels(borders, across, width, lepton, missing, mass_low, largest)
        for node in range((n - 1) * nodes.size):
            p, t = node // nodes.size, nodes[node % nodes.size]
            step = borders[p + 1] - borders[p]
            # The map removes the square roots at the ends of the panels.
            v = borders[p] + step * t * t * (3.0 - 2.0 * t)
            low, high, square = -NO_BOUND, 0.5 * (a_high - v * v / a_high), v * v
            if a_low > 0.0:
                low = 0.5 * (a_low - square / a_low)
            if largest < NO_BOUND:
                radius = np.sqrt(max(largest * largest - square, 0.0))
                low, high = max(low, lepton - radius), min(high, lepton + radius)
            if high <= low:
                continue
            near, far = (v - across) / width, (v + across) / width  # w_perp of either sign
            weight = np.exp(-0.5 * near * near) + np.exp(-0.5 * far * far)
            weight *= spread[1, k] / (np.sqrt(2.0 * np.pi) * width)
            weight *= step * 6.0 * t * (1.0 - t) * weights[node % nodes.size]
            total = _normal_below((high - along) / width, table) - _normal_below((low - along) / width, table)
            hole = np.sqrt(max(missing * missing - square, 0.0))
            inside_low, inside_high = max(low, -hole), min(high, hole)
            if inside_high > inside_low:
                total -= _normal_below((inside_high - along) / width, table)
                total += _normal_below((inside_low - along) / width, table)
            out[q, c] += weight * total
