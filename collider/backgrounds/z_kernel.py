r"""Loop over Z/gamma* -> l l: transverse momentum of one lepton where the other one is not seen.

In the frame in which the Z has no rapidity the leptons, of momentum m/2 each in the Z rest frame, have in units of it

    lepton 1: (gamma s cos(phi) + b, s sin(phi), c),    lepton 2: (-gamma s cos(phi) + b, -s sin(phi), -c),

b = q/m, gamma = sqrt(1 + b^2), s and c sine and cosine of the polar angle.  The rapidity of the Z adds to both
pseudorapidities, so that lepton 1 is in an |eta| bin and lepton 2 in the detector in known intervals of it.  Polar
angle and phi are those of the Collins-Soper frame, in which lepton 1 has the density of
`collider.production.angular_coefficients` with the coefficients of `collider.production.z_spin`: its six terms have
one distribution of the rapidity each.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Irrational steps, from point to point and mass to mass, of the choice of masses and of the polar angles.
_STEP_MASS, _STEP_POINT, _STEP_COSINE = 0.8191725133961645, 0.6710436067037893, 0.5497004779019703


@njit(cache=True, nogil=True)
def _add_below(total, sign, cumulative, position):  # type: ignore[no-untyped-def]
    """Add (times a sign) cumulative distributions, given at equal steps, at a position in steps."""
    last = cumulative.shape[0] - 1
    position = min(max(position, 0.0), float(last))
    i = min(int(position), last - 1)
    f = sign * (position - i)
    for k in range(6):
        total[k] += (sign - f) * cumulative[i, k] + f * cumulative[i + 1, k]


@njit(cache=True, nogil=True)
def seen_alone(total, cumulative, low, per_step, eta_1, eta_2, bin_low, bin_high, eta_max):  # type: ignore[no-untyped-def]
    """Put into ``total`` the probability that lepton 1 is in an |eta| bin and lepton 2 is not seen.

    Parameters
    ----------
    total : float64[n_terms]
    cumulative : float64[n_y, n_terms]
        Cumulative distributions of the rapidity of the Z.
    low, per_step : float
        Its first value, and steps per unit.
    eta_1, eta_2 : float
        Pseudorapidities at vanishing rapidity of the Z.
    bin_low, bin_high : float
        The bin, of |eta|.
    eta_max : float
        Lepton 2 is seen inside |eta| < eta_max.
    """
    total[:] = 0.0
    for side in range(2):
        start = bin_low - eta_1 if side == 0 else -bin_high - eta_1
        stop = bin_high - eta_1 if side == 0 else -bin_low - eta_1
        _add_below(total, 1.0, cumulative, (stop - low) * per_step)
        _add_below(total, -1.0, cumulative, (start - low) * per_step)
        start, stop = max(start, -eta_max - eta_2), min(stop, eta_max - eta_2)
        if stop > start:
            _add_below(total, -1.0, cumulative, (stop - low) * per_step)
            _add_below(total, 1.0, cumulative, (start - low) * per_step)


@njit(cache=True, nogil=True)
def accumulate(cumulative, shares, densities, low, per_step, coefficients, pt_node, rapidity_max):  # type: ignore[no-untyped-def]
    """Fill the cumulative distributions of the rapidity, of the rate and of the rate times each coefficient.

    Parameters
    ----------
    cumulative : float64[n_cells + 1, 6]
    shares : float64[n_rows]
        Weights of the rows of ``densities``.
    densities : float64[n_rows, n_cells]
        Content of cells in the rapidity.
    low, per_step : float
        First border of the cells, and cells per unit.
    coefficients : float64[n_pt, n_nodes, 5]
        At equal steps of rapidity from -rapidity_max to rapidity_max; linear between nodes.
    pt_node : float
        Position among the nodes of the transverse momentum.
    rapidity_max : float
    """
    n_pt, n_nodes, n_coefficients = coefficients.shape
    pt_node = min(pt_node, n_pt - 1.0)
    i = min(int(pt_node), n_pt - 2)
    f = pt_node - i
    at_pt = np.empty((n_nodes, n_coefficients))
    for k in range(n_nodes):
        for a in range(n_coefficients):
            at_pt[k, a] = (1.0 - f) * coefficients[i, k, a] + f * coefficients[i + 1, k, a]
    content = np.zeros(densities.shape[1])
    for row in range(shares.size):
        for j in range(content.size):
            content[j] += shares[row] * densities[row, j]
    cumulative[0] = 0.0
    for j in range(content.size):
        at = 0.5 * (n_nodes - 1.0) * (1.0 + (low + (j + 0.5) / per_step) / rapidity_max)
        at = min(max(at, 0.0), n_nodes - 1.0)
        k = min(int(at), n_nodes - 2)
        below, above = content[j] * (1.0 - at + k), content[j] * (at - k)
        cumulative[j + 1, 0] = cumulative[j, 0] + content[j]
        for a in range(n_coefficients):
            cumulative[j + 1, a + 1] = cumulative[j, a + 1] + below * at_pt[k, a] + above * at_pt[k + 1, a]


@njit(cache=True, nogil=True)
def fill_lost(  # type: ignore[no-untyped-def]
    content, first_cell, cell, boson_pt, azimuths, row_weights, modes, masses, rates, densities, low, per_step,
    coefficients, grid, eta_edges, seen, stride, n_cosines, offset,
):  # fmt: skip
    """Add the spectrum of ln pT of lepton 1 to ``content``.

    Parameters
    ----------
    content : float64[2, n_cells, n_eta, n_modes]
        Of positive and of negative leptons 1.
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
    densities : float64[n_masses, n_rows, n_cells]
        Distribution of the rapidity in equal cells, shared between rows, with total 1.
    low, per_step : float64[n_masses]
        First rapidity and cells per unit.
    coefficients : float64[n_masses, n_pt, n_nodes, 5]
        A0..A4 of the negative lepton, see `accumulate`.
    grid : (float, float, float)
        Scale and step of the nodes of the transverse momentum, in b/(b + scale), and largest rapidity.
    eta_edges : float64[n_eta + 1]
    seen : (float, float)
        |eta| below which and pT (GeV) above which lepton 2 is seen.
    stride : int
        Each point takes every ``stride``-th mass, not all points the same.
    n_cosines, offset : int, float
        Polar angles, and shift of their grid in [0, 1), which differs for each point and mass.
    """
    _, n_cells, n_eta, n_modes = content.shape
    n_steps = modes.shape[1]
    cumulative = np.zeros((densities.shape[2] + 1, 6))
    shares, terms, alone, factor = np.empty(row_weights.shape[1]), np.empty(6), np.empty(6), np.ones(n_modes)
    for p in range(boson_pt.size):
        cos_phi, sin_phi = np.cos(azimuths[p]), np.sin(azimuths[p])
        for m in range(int((p * _STEP_MASS) % 1.0 * stride), masses.size, stride):
            b = boson_pt[p] / masses[m]
            gamma = np.sqrt(1.0 + b * b)
            shares[:] = row_weights[p] * (rates[m] * stride)
            pt_node = b / (b + grid[0]) / grid[1]
            accumulate(cumulative, shares, densities[m], low[m], per_step[m], coefficients[m], pt_node, grid[2])
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
                terms[0], terms[1] = 1.0 + c * c, 0.5 - 1.5 * c * c
                terms[2], terms[3] = 2.0 * s * c * cos_phi, 0.5 * s * s * (2.0 * cos_phi * cos_phi - 1.0)
                terms[4], terms[5] = s * cos_phi, c
                for e in range(n_eta):
                    seen_alone(
                        alone, cumulative, low[m], per_step[m], eta_1, eta_2, eta_edges[e], eta_edges[e + 1], eta_max
                    )
                    even, odd = 0.0, 0.75 / n_cosines * (terms[4] * alone[4] + terms[5] * alone[5])
                    for k in range(4):
                        even += 0.75 / n_cosines * terms[k] * alone[k]
                    for sign in range(2):
                        weight = even - odd if sign == 0 else even + odd
                        for j in range(n_modes):
                            content[sign, cell_index, e, j] += (1.0 - share) * weight * factor[j]
                            content[sign, cell_index + 1, e, j] += share * weight * factor[j]
