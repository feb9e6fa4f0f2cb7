r"""Loop over Z/gamma* -> l l: transverse momentum of one lepton where the other one is not seen.

In the frame in which the Z has no rapidity the leptons, of momentum m/2 each in the Z rest frame, have in units of it

    lepton 1: (gamma s cos(phi) + b, s sin(phi), c),    lepton 2: (-gamma s cos(phi) + b, -s sin(phi), -c),

b = q/m, gamma = sqrt(1 + b^2), s and c sine and cosine of the polar angle.  The rapidity of the Z adds to both
pseudorapidities, so that lepton 1 is in an |eta| bin and lepton 2 in the detector in known intervals of it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Irrational steps, from point to point and mass to mass, of the choice of masses and of the polar angles.
_STEP_MASS, _STEP_POINT, _STEP_COSINE = 0.8191725133961645, 0.6710436067037893, 0.5497004779019703


@njit(cache=True, nogil=True)
def _below(cumulative, position):  # type: ignore[no-untyped-def]
    """Interpolate a cumulative distribution, given at equal steps, at a position in steps."""
    last = cumulative.size - 1
    if position <= 0.0:
        return 0.0
    if position >= last:
        return cumulative[last]
    i = int(position)
    return cumulative[i] + (position - i) * (cumulative[i + 1] - cumulative[i])


@njit(cache=True, nogil=True)
def seen_alone(cumulative, low, per_step, eta_1, eta_2, bin_low, bin_high, eta_max):  # type: ignore[no-untyped-def]
    """Probability that lepton 1 is in an |eta| bin and lepton 2 is not seen.

    Parameters
    ----------
    cumulative, low, per_step
        Cumulative distribution of the rapidity of the Z.
    eta_1, eta_2 : float
        Pseudorapidities at vanishing rapidity of the Z.
    bin_low, bin_high : float
        The bin, of |eta|.
    eta_max : float
        Lepton 2 is seen inside |eta| < eta_max.
    """
    total = 0.0
    for side in range(2):
        start = bin_low - eta_1 if side == 0 else -bin_high - eta_1
        stop = bin_high - eta_1 if side == 0 else -bin_low - eta_1
        total += _below(cumulative, (stop - low) * per_step) - _below(cumulative, (start - low) * per_step)
        start, stop = max(start, -eta_max - eta_2), min(stop, eta_max - eta_2)
        if stop > start:
            total -= _below(cumulative, (stop - low) * per_step) - _below(cumulative, (start - low) * per_step)
    return total


@njit(cache=True, nogil=True)
def fill_lost(  # type: ignore[no-untyped-def]
    content, first_cell, cell, boson_pt, azimuths, row_weights, modes, masses, rates, cumulatives, low, per_step,
    eta_edges, seen, stride, n_cosines, offset,
):  # fmt: skip
    """Add the spectrum of ln pT of lepton 1 to ``content``.

    Parameters
    ----------
    content : float64[n_cells, n_eta, n_modes]
    first_cell, cell : int, float
        Cell i is at ln(pT/GeV) = (first_cell + i) cell; values are shared between neighbours.
    boson_pt, azimuths : float64[n]
        Transverse momentum of the Z, GeV, and azimuth of lepton 1 about it.
    row_weights : float64[n, n_rows]
        Probability of the point in each row of the transverse-momentum table.
    modes : float64[n, n_steps, n_modes]
        Factors at equal steps of the cosine between lepton 1 and Z in the transverse plane; one row if there are none.
    masses : float64[n_masses]
        GeV.
    rates : float64[n_masses]
        Cross section that each mass stands for.
    cumulatives : float64[n_masses, 2, n_rows, n_y]
        Of the rapidity at equal steps, shared between rows: of the coefficients of 3/8 (1 + c^2) and 3/8 c in the decay
        density of lepton 1 about the quark, the former with total 1.
    low, per_step : float64[n_masses]
        First rapidity and steps per unit.
    eta_edges : float64[n_eta + 1]
    seen : (float, float)
        |eta| below which and pT (GeV) above which lepton 2 is seen.
    stride : int
        Each point takes every ``stride``-th mass, not all points the same.
    n_cosines, offset : int, float
        Polar angles, and shift of their grid in [0, 1), which differs for each point and mass.
    """
    n_cells, n_eta, n_modes = content.shape
    n_masses, n_terms, n_rows, n_y = cumulatives.shape
    n_steps = modes.shape[1]
    combined = np.zeros((n_terms, n_y))
    alone = np.empty(n_terms)
    factor = np.ones(n_modes)
    for p in range(boson_pt.size):
        cos_phi, sin_phi = np.cos(azimuths[p]), np.sin(azimuths[p])
        for m in range(int((p * _STEP_MASS) % 1.0 * stride), n_masses, stride):
            combined[:] = 0.0
            for term in range(n_terms):
                for row in range(n_rows):
                    weight = row_weights[p, row] * rates[m] * stride
                    for j in range(n_y):
                        combined[term, j] += weight * cumulatives[m, term, row, j]
            b = boson_pt[p] / masses[m]
            gamma = np.sqrt(1.0 + b * b)
            step = (offset + p * _STEP_POINT + m * _STEP_COSINE) % 1.0
            for i in range(n_cosines):
                c = 2.0 * (i + step) / n_cosines - 1.0
                s = np.sqrt(1.0 - c * c)
                along, across = gamma * cos_phi * s + b, sin_phi * s
                x_1 = np.sqrt(along * along + across * across) + 1e-12
                position = np.log(0.5 * masses[m] * x_1) / cell - first_cell
                if position < 0.0 or position >= n_cells - 1:
                    continue
                other = b - gamma * cos_phi * s
                x_2 = np.sqrt(other * other + across * across) + 1e-12
                eta_max = seen[0] if 0.5 * masses[m] * x_2 > seen[1] else 0.0
                eta_1, eta_2 = np.arcsinh(c / x_1), np.arcsinh(-c / x_2)
                if n_steps > 1:
                    at = 0.5 * (along / x_1 + 1.0) * (n_steps - 1)
                    k = min(max(int(at), 0), n_steps - 2)
                    for j in range(n_modes):
                        factor[j] = modes[p, k, j] + (at - k) * (modes[p, k + 1, j] - modes[p, k, j])
                cell_index = int(position)
                share = position - cell_index
                for e in range(n_eta):
                    for term in range(n_terms):
                        alone[term] = seen_alone(
                            combined[term], low[m], per_step[m], eta_1, eta_2, eta_edges[e], eta_edges[e + 1], eta_max
                        )
                    weight = 0.75 / n_cosines * ((1.0 + c * c) * alone[0] + c * alone[1])
                    for j in range(n_modes):
                        content[cell_index, e, j] += (1.0 - share) * weight * factor[j]
                        content[cell_index + 1, e, j] += share * weight * factor[j]
