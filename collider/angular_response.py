r"""Distribution of the lepton pT at fixed W mass, integrated over everything but the mass.

A lepton of momentum k in the W rest frame (massless, k = m (1-r)/2) has, after the boost to a W of transverse
momentum q, a transverse momentum pT = k X(theta, phi; b) that is proportional to k, with

    X^2 = (gamma sin(theta) cos(phi) + b)^2 + (sin(theta) sin(phi))^2,   b = q/m,  gamma = sqrt(1 + b^2),

and the decay law is linear in r = m4^2/m^2: (1-c)^2 + r (1-c^2).  The distributions of t = ln X under the two
terms of that law, inside |eta| < eta_max, therefore serve every nu4 mass; a template is a weighted sum of
shifted copies of them (`collider.templates`).  They depend smoothly on m, so few nodes in ln m suffice.

Integration: polar angle and azimuth on a grid of cells, each spread over ln X by the trapezoid that the linear
variation over the cell gives; W transverse momentum by the trapezoidal rule in a variable in which the
integrand vanishes at both ends, with another offset (as for the azimuth) for each replica.
The |eta| acceptance is exact at the centre of a cell: a massless lepton's pseudorapidity adds to the
rapidity of the W.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from collider.production import WComponent

Array = NDArray[np.float64]

#: Width of the cells in t = ln X, and the largest t kept.
LOG_CELL = 0.00125
LOG_MAX = 3.0
#: Cells of the cumulative rapidity distribution.
N_RAPIDITY_GRID = 1024
#: Cells are spread over at least this many grid cells on either side.
MIN_HALF_WIDTH = 0.5


@dataclass(frozen=True)
class IntegrationGrid:
    """Numbers of points of the integration, and how many times it is repeated with other offsets.

    The offsets of the replicas are evenly spaced from a random start, so their mean is that of a finer grid
    and their scatter overestimates its error.

    Attributes
    ----------
    n_theta : int
        Cells of the polar angle in [0, pi/2].
    n_phi : int
        Cells of the azimuth in [0, 2 pi]; its random offset makes the two equal halves interleave.
    n_pt : int
        Values of the W transverse momentum.
    n_replicas : int
        Repetitions, from whose scatter the uncertainty follows.
    seed : int
        Of the random start of the offsets.
    """

    n_theta: int = 64
    n_phi: int = 20
    n_pt: int = 48
    n_replicas: int = 4
    seed: int = 20170904


@dataclass(frozen=True, eq=False)
class AngularResponse:
    """Distribution of t = ln(pT/k) at nodes of the W mass.

    Attributes
    ----------
    log_masses : float64[n_nodes]
        ln of the W mass in GeV, increasing.
    first_cell : int
        Cell i of the grid covers t from (first_cell + i - 1/2) to (first_cell + i + 1/2) times LOG_CELL.
    density : float32[n_replicas, n_nodes, 2, n_cells]
        Probability per cell, for the decay densities (1-c)^2 and (1-c^2) (not normalised).
    """

    log_masses: Array
    first_cell: int
    density: NDArray[np.float32]


def mass_nodes(lowest: float, highest: float, pole: float) -> Array:
    """Return W masses (GeV) at which the response is computed, dense around the pole."""
    inner_low, inner_high = 0.68 * pole, 2.0 * pole
    pieces = [np.geomspace(inner_low, inner_high, 16)]
    if lowest < inner_low:
        pieces.insert(0, np.geomspace(lowest, inner_low, 8)[:-1])
    if highest > inner_high:
        pieces.append(np.geomspace(inner_high, highest, 12)[1:])
    nodes = np.concatenate(pieces)
    return np.asarray(nodes[(nodes >= lowest * (1 - 1e-12)) & (nodes <= highest * (1 + 1e-12))])


def angular_response(
    component: WComponent, masses: Array, eta_max: float, pt_low: float, grid: IntegrationGrid
) -> AngularResponse:
    """Compute the distribution of ln(pT/k) inside |eta| < eta_max at the given W masses.

    Parameters
    ----------
    component : WComponent
        Gives the rapidity and transverse-momentum tables; its mass table and m4 do not matter.
    masses : float64[n_nodes]
        GeV, increasing.
    eta_max : float
        ``inf`` for no cut.
    pt_low : float
        Smallest lepton pT (GeV) of interest: t below ln(2 pt_low/m) is not computed, m being the mass of the
        next node but one, to which the interpolation in mass may reach.
    grid : IntegrationGrid
    """
    first = int(np.floor(np.log(2.0 * pt_low / masses[-1]) / LOG_CELL)) - 2
    n_cells = int(np.ceil(LOG_MAX / LOG_CELL)) - first + 1
    density = np.zeros((grid.n_replicas, masses.size, 2, n_cells), dtype=np.float32)
    rows = np.interp(np.log(masses), np.log(component.rapidity_masses), np.arange(component.rapidity_masses.size))
    # One random offset for each replica, spaced evenly so that together they form a grid finer by their number.
    start = np.random.default_rng(grid.seed).random(2)
    offsets = (start + np.arange(grid.n_replicas)[:, None] / grid.n_replicas * [1.0, 1.0]) % 1.0
    for replica, (offset_pt, offset_phi) in enumerate(offsets):
        boson_pt, weights = _pt_nodes(component.pt_quantiles, grid.n_pt, offset_pt)
        for node, (mass, row) in enumerate(zip(masses, rows, strict=True)):
            ramps = np.zeros((2, n_cells))
            fill_ramps(
                ramps,
                boson_pt / mass,
                weights,
                component.rapidity_quantiles,
                float(row),
                float(eta_max),
                float(np.log(2.0 * pt_low / masses[min(node + 2, masses.size - 1)])),
                first,
                grid.n_theta,
                grid.n_phi,
                offset_phi,
            )
            density[replica, node] = ramps.cumsum(axis=1).cumsum(axis=1)
    return AngularResponse(np.log(masses), first, density)


def _pt_nodes(pt_quantiles: Array, n: int, offset: float) -> tuple[Array, Array]:
    """Return values of the W transverse momentum (GeV) and their weights, which sum to about 1.

    With u = 1 - (1-v)^3 (1+3v) the weight 12 v (1-v)^2 vanishes at both ends, faster in the tail.
    """
    v = (np.arange(n) + offset) / n
    u = 1.0 - (1.0 - v) ** 3 * (1.0 + 3.0 * v)
    values = np.interp(u, np.linspace(0.0, 1.0, pt_quantiles.size), pt_quantiles)
    weights = 12.0 * v * (1.0 - v) ** 2 / n
    return values, np.asarray(weights / weights.sum())


@njit(cache=True, nogil=True)
def fill_cumulative(cumulative, rapidity_quantiles, row):  # type: ignore[no-untyped-def]
    """Fill the cumulative rapidity distribution at a fractional table row on a uniform grid; return its ends."""
    n_nodes = rapidity_quantiles.shape[1]
    i = min(int(row), rapidity_quantiles.shape[0] - 2)
    f = row - i
    nodes = (1.0 - f) * rapidity_quantiles[i] + f * rapidity_quantiles[i + 1]
    low, high = nodes[0], nodes[n_nodes - 1]
    step = (high - low) / (cumulative.size - 1)
    k = 1
    for j in range(cumulative.size):
        y = low + j * step
        while y > nodes[k] and k < n_nodes - 1:
            k += 1
        part = (y - nodes[k - 1]) / (nodes[k] - nodes[k - 1])
        cumulative[j] = (k - 1 + min(max(part, 0.0), 1.0)) / (n_nodes - 1)
    return low, high


@njit(cache=True, nogil=True)
def probability_below(cumulative, low, high, y):  # type: ignore[no-untyped-def]
    """Cumulative probability at rapidity y from the uniform grid of `fill_cumulative`."""
    x = (y - low) / (high - low) * (cumulative.size - 1)
    if x <= 0.0:
        return 0.0
    if x >= cumulative.size - 1:
        return 1.0
    i = int(x)
    return cumulative[i] + (x - i) * (cumulative[i + 1] - cumulative[i])


@njit(cache=True, nogil=True)
def add_ramp(ramps, x, weight_0, weight_1):  # type: ignore[no-untyped-def]
    """Add a slope that starts at cell position x: its second difference, by cubic Lagrange weights.

    They keep moments up to the third, hence total and mean of what is summed up from the differences.
    """
    if x < 1.0 or x >= ramps.shape[1] - 3:
        return
    i = int(x)
    f = x - i
    g = 1.0 - f
    a = -f * g * (1.0 + g) / 6.0
    b = (1.0 + f) * g * (1.0 + g) / 2.0
    c = (1.0 + f) * f * (1.0 + g) / 2.0
    d = -(1.0 + f) * f * g / 6.0
    ramps[0, i - 1] += a * weight_0
    ramps[0, i] += b * weight_0
    ramps[0, i + 1] += c * weight_0
    ramps[0, i + 2] += d * weight_0
    ramps[1, i - 1] += a * weight_1
    ramps[1, i] += b * weight_1
    ramps[1, i + 1] += c * weight_1
    ramps[1, i + 2] += d * weight_1


@njit(cache=True, nogil=True)
def add_trapezoid(ramps, x, half_a, half_b, weight_0, weight_1):  # type: ignore[no-untyped-def]
    """Add the convolution of two boxes of half-widths half_a, half_b centred at x (all in cells).

    ``ramps`` holds second differences: its cumulative sum taken twice is the content of the cells.
    """
    if x - half_a - half_b < 1.0:
        # Below the grid: nobody asks for these cells, but their slopes would leak upwards.
        return
    scale = 0.25 / (half_a * half_b)
    w0, w1 = scale * weight_0, scale * weight_1
    # The double sum of a unit second difference at cell i starts at cell i with 1: hence the shift by one.
    centre = x + 1.0
    add_ramp(ramps, centre - half_a - half_b, w0, w1)
    add_ramp(ramps, centre - half_a + half_b, -w0, -w1)
    add_ramp(ramps, centre + half_a - half_b, -w0, -w1)
    add_ramp(ramps, centre + half_a + half_b, w0, w1)


@njit(cache=True, nogil=True)
def fill_ramps(  # type: ignore[no-untyped-def]
    ramps, ratios, weights, rapidity_quantiles, row, eta_max, log_low, first_cell, n_theta, n_phi, offset_phi
):
    """Add the distribution of ln X at one W mass to ``ramps`` as second differences.

    Parameters
    ----------
    ramps : float64[2, n_cells]
        For (1-c)^2 and (1-c^2).
    ratios, weights : float64[n]
        Nodes of q/m and their weights.
    rapidity_quantiles, row
        Table as in `WComponent` and the fractional row of this mass.
    eta_max, log_low : float
        Cut on |eta|; ln X below which nothing is needed.
    first_cell : int
        Grid as in `AngularResponse`.
    n_theta, n_phi : int
        Cells in [0, pi/2] and [0, 2 pi].
    offset_phi : float
        In [0, 1): shift of the azimuth grid in cells.
    """
    cumulative = np.empty(N_RAPIDITY_GRID + 1)
    y_low, y_high = fill_cumulative(cumulative, rapidity_quantiles, row)
    theta_step = 0.5 * np.pi / n_theta
    phi_step = 2.0 * np.pi / n_phi
    # Means over a cell of cos(phi), cos(2 phi), sin(theta), cos(2 theta), relative to their value at its centre.
    mean_phi = np.sin(0.5 * phi_step) / (0.5 * phi_step)
    mean_phi_2 = np.sin(phi_step) / phi_step
    mean_theta = np.sin(0.5 * theta_step) / (0.5 * theta_step)
    mean_theta_2 = np.sin(theta_step) / theta_step
    polar = np.empty((n_theta, 7))
    for j in range(n_theta):
        theta = (j + 0.5) * theta_step
        c1, c0 = np.cos(j * theta_step), np.cos((j + 1) * theta_step)
        polar[j, 0], polar[j, 1] = np.sin(theta), np.cos(theta)
        polar[j, 2] = 0.5 - (0.5 - np.sin(theta) ** 2) * mean_theta_2
        polar[j, 3] = c1 - c0
        polar[j, 4] = (c1**3 - c0**3) / 3.0
        polar[j, 5] = c1 * c1 - c0 * c0
        # Mean of theta in the cell relative to its centre, for the density sin(theta) (1 + cos^2(theta)).
        slope = 1.0 / np.tan(theta) - np.sin(2.0 * theta) / (1.0 + np.cos(theta) ** 2)
        polar[j, 6] = slope * theta_step * theta_step / 12.0
    for q in range(ratios.size):
        b = ratios[q]
        gamma = np.sqrt(1.0 + b * b)
        norm = weights[q] / n_phi
        for p in range(n_phi):
            phi = (p + offset_phi) * phi_step
            cos_phi, sin_phi = np.cos(phi), np.sin(phi)
            mean_linear = 2.0 * b * gamma * cos_phi * mean_phi * mean_theta
            mean_square = 1.0 + b * b * (0.5 + 0.5 * np.cos(2.0 * phi) * mean_phi_2)
            for j in range(n_theta):
                sin_theta, cos_theta = polar[j, 0], polar[j, 1]
                along = gamma * cos_phi * sin_theta + b
                across = sin_phi * sin_theta
                x_sq = along * along + across * across + 1e-30
                # Half of the variation of ln X over the cell in theta and in phi.
                per_theta = (along * gamma * cos_phi + across * sin_phi) * cos_theta / x_sq
                d_theta = abs(per_theta) * 0.5 * theta_step
                d_phi = abs((across * cos_phi - along * gamma * sin_phi) * sin_theta / x_sq) * 0.5 * phi_step
                d_theta, d_phi = min(d_theta, 0.2), min(d_phi, 0.2)
                # Mean of ln X over the cell, to second order, from the exact mean of X^2.
                mean_sq = b * b + mean_linear * sin_theta + polar[j, 2] * mean_square
                log_x = 0.5 * np.log(mean_sq) - (d_theta * d_theta + d_phi * d_phi) / 3.0 + per_theta * polar[j, 6]
                if log_x + d_theta + d_phi < log_low:
                    continue
                eta = np.arcsinh(cos_theta / np.sqrt(x_sq))
                forward = probability_below(cumulative, y_low, y_high, eta_max - eta) - probability_below(
                    cumulative, y_low, y_high, -eta_max - eta
                )
                backward = probability_below(cumulative, y_low, y_high, eta_max + eta) - probability_below(
                    cumulative, y_low, y_high, -eta_max + eta
                )
                even, odd = polar[j, 3] + polar[j, 4], polar[j, 5]
                add_trapezoid(
                    ramps,
                    log_x / LOG_CELL - first_cell,
                    max(d_theta / LOG_CELL, MIN_HALF_WIDTH),
                    max(d_phi / LOG_CELL, MIN_HALF_WIDTH),
                    norm * ((even - odd) * forward + (even + odd) * backward),
                    norm * (polar[j, 3] - polar[j, 4]) * (forward + backward),
                )
