"""Loops of the recoil acceptance: the integral over the component of lepton and recoil across the lepton.

See `collider.templates.recoil_acceptance`.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy.special import ndtr

#: Range of the integral over w_perp and widest panel in standard deviations; nodes of a panel.
REACH_SIGMA, PANEL_SIGMA, N_GAUSS = 6.5, 1.5, 6
_PER_SIGMA, _TABLE_SIGMA = 64, 8.0
_GRID = np.linspace(-_TABLE_SIGMA, _TABLE_SIGMA, int(2 * _TABLE_SIGMA) * _PER_SIGMA + 1)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(N_GAUSS)
#: The last four arguments of `fill_below`.
TABLES = (
    0.5 * (_NODES + 1.0),
    0.5 * _WEIGHTS,
    ndtr(_GRID),
    np.exp(-0.5 * _GRID**2) / np.sqrt(2.0 * np.pi) / _PER_SIGMA,
)


@njit(cache=True, nogil=True)
def _normal_below(x, cumulative, density):  # type: ignore[no-untyped-def]
    """Cumulative normal distribution by cubic Hermite interpolation, to 1e-9."""
    position = (x + _TABLE_SIGMA) * _PER_SIGMA
    if position <= 0.0:
        return 0.0
    if position >= cumulative.size - 1:
        return 1.0
    i = int(position)
    f = position - i
    g = 1.0 - f
    value = (1.0 + 2.0 * f) * g * g * cumulative[i] + f * f * (3.0 - 2.0 * f) * cumulative[i + 1]
    return value + f * g * (g * density[i] - f * density[i + 1])


@njit(cache=True, nogil=True)
def _between(low, high, mean, per_sigma, hole, cumulative, density):  # type: ignore[no-untyped-def]
    """Probability of low < w_par < high without |w_par| < hole."""
    if high <= low:
        return 0.0
    at_high = _normal_below((high - mean) * per_sigma, cumulative, density)
    total = at_high - _normal_below((low - mean) * per_sigma, cumulative, density)
    if hole > 0.0:
        inside_low, inside_high = max(low, -hole), min(high, hole)
        if inside_high > inside_low:
            at_inside = _normal_below((inside_high - mean) * per_sigma, cumulative, density)
            total -= at_inside - _normal_below((inside_low - mean) * per_sigma, cumulative, density)
    return total


@njit(cache=True, nogil=True)
def _panels(borders, centre, sigma, lepton, missing, mass, recoil):  # type: ignore[no-untyped-def]
    """Fill borders of panels in w_perp between which the integrand is smooth; return their number."""
    n = 0
    steps = int(np.ceil(2.0 * REACH_SIGMA / PANEL_SIGMA))
    for i in range(steps + 1):
        borders[n] = centre + sigma * REACH_SIGMA * (2.0 * i / steps - 1.0)
        n += 1
    low, high = borders[0], borders[n - 1]
    a = mass * mass / (2.0 * lepton)
    squares = np.zeros(5)  # where each circle ends and where two of the curves cross
    squares[0], squares[1] = missing * missing, min(recoil * recoil, 1e30)
    if mass > 0.0 and missing > 0.0:
        squares[2] = a * (2.0 * missing - a)
    if mass > 0.0 and recoil < 1e15:
        squares[3] = recoil**2 - (a - np.sqrt(2.0 * a * lepton + recoil**2)) ** 2
    if missing > 0.0 and recoil < 1e15:
        squares[4] = missing**2 - ((missing**2 - recoil**2 + lepton**2) / (2.0 * lepton)) ** 2
    for k in range(5):
        if squares[k] > 0.0:
            for sign in (-1.0, 1.0):
                border = sign * np.sqrt(squares[k])
                if low < border < high:
                    borders[n] = border
                    n += 1
    borders[:n].sort()
    return n


@njit(cache=True, nogil=True)
def fill_below(out, thresholds, of_mass, lepton, boson_pt, cosines, recoil, cuts, nodes, weights, cumulative, density):  # type: ignore[no-untyped-def]
    """Fill the probability to pass the cuts with the observable below each threshold, at one lepton pT.

    Parameters
    ----------
    out : float64[n_thresholds, n_q, n_c]
    thresholds : float64[n_thresholds]
        GeV; ``inf`` for no threshold.
    of_mass : bool
        The observable is the transverse mass, else the missing momentum.
    lepton : float
        Measured lepton pT, GeV.
    boson_pt, cosines : float64[n_q], float64[n_c]
    recoil : (float, float, float)
        Response, resolution (GeV), its slope.
    cuts : (float, float, float, float)
        Least missing momentum, least and largest transverse mass, largest recoil; 0 or ``inf`` for none.
    nodes, weights : float64[n]
        Gauss-Legendre on [0, 1].
    cumulative, density : float64[n]
        Table of `_normal_below`.
    """
    missing, mass_low, mass_high, largest = cuts
    borders = np.empty(64)
    a_low, a_high = mass_low**2 / (2.0 * lepton), mass_high**2 / (2.0 * lepton)
    for q in range(boson_pt.size):
        sigma = recoil[1] + recoil[2] * boson_pt[q]
        for c in range(cosines.size):
            along = lepton - recoil[0] * boson_pt[q] * cosines[c]
            across = recoil[0] * boson_pt[q] * np.sqrt(max(1.0 - cosines[c] ** 2, 0.0))
            out[:, q, c] = 0.0
            n = _panels(borders, across, sigma, lepton, missing, mass_low, largest)
            for p in range(n - 1):
                width = borders[p + 1] - borders[p]
                if width <= 0.0:
                    continue
                for g in range(nodes.size):
                    # The map removes the square roots at the ends of the panels.
                    v = borders[p] + width * nodes[g] ** 2 * (3.0 - 2.0 * nodes[g])
                    z = (v - across) / sigma
                    weight = np.exp(-0.5 * z * z) / (np.sqrt(2.0 * np.pi) * sigma)
                    weight *= width * 6.0 * nodes[g] * (1.0 - nodes[g]) * weights[g]
                    low, high = -np.inf, np.inf
                    if a_low > 0.0:
                        low = (a_low * a_low - v * v) / (2.0 * a_low)
                    if a_high < np.inf:
                        high = (a_high * a_high - v * v) / (2.0 * a_high)
                    if largest < np.inf:
                        half = np.sqrt(max(largest * largest - v * v, 0.0))
                        low, high = max(low, lepton - half), min(high, lepton + half)
                    hole = np.sqrt(max(missing * missing - v * v, 0.0))
                    for i in range(thresholds.size):
                        below, above = low, high
                        if thresholds[i] < np.inf and of_mass:
                            a = thresholds[i] ** 2 / (2.0 * lepton)
                            above = min(high, (a * a - v * v) / (2.0 * a))
                        elif thresholds[i] < np.inf:
                            radius = np.sqrt(max(thresholds[i] ** 2 - v * v, 0.0))
                            below, above = max(low, -radius), min(high, radius)
                        out[i, q, c] += weight * _between(below, above, along, 1.0 / sigma, hole, cumulative, density)
