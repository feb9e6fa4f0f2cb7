"""Integrals of M -> l chi phi* over the invisible mass: rates, bins of the lepton momentum, moments, nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.quadrature import Offsets, cell_nodes, interval_nodes, smooth_cells
from mesons.decays.three_body_decay import ThreeBodyDecay

Array = NDArray[np.float64]

#: Nodes below this share of the rate are dropped from `momentum_nodes`.
_NEGLIGIBLE = 1e-15


def dratio_dx(decay: ThreeBodyDecay, x: ArrayLike) -> Array:
    """(1/Gamma_{M -> l nu}) dGamma/dx with x = 2 E_l/M (Eq. 12 with finite m4).

    Parameters
    ----------
    decay : ThreeBodyDecay
    x : array, shape (n,)
        Between 2 m_l/M and 1 + x_l - (sqrt(x_chi) + sqrt(x_phi))^2; zero outside.

    Returns
    -------
    array, shape (n,)
    """
    x = np.asarray(x, dtype=np.float64)
    if decay.energy_release <= 0.0:
        return np.zeros_like(x)
    below_max = decay.m_parent**2 * (x - 2.0 * decay.m_lepton / decay.m_parent)
    points = Offsets(decay.range_sq - below_max, below_max, decay.pole_below_max - below_max)
    return decay.density(points) * decay.m_parent**2


def break_points(decay: ThreeBodyDecay, momentum_edges: ArrayLike | None = None) -> Offsets:
    """Return the ends of the Q^2 range, the pole where it lies inside, and given momenta, by increasing Q^2."""
    minimum = Offsets(np.array([0.0]), np.array([decay.range_sq]), np.array([-decay.pole_above_min]))
    maximum = Offsets(np.array([decay.range_sq]), np.array([0.0]), np.array([decay.pole_below_max]))
    parts = [minimum, maximum]
    if decay.pole_above_min > 0.0 and decay.pole_below_max > 0.0:
        parts.append(Offsets(np.array([decay.pole_above_min]), np.array([decay.pole_below_max]), np.array([0.0])))
    if momentum_edges is not None:
        cuts = decay.points_at_momentum(momentum_edges)
        inside = (cuts.above_min > 0.0) & (cuts.below_max > 0.0) & (cuts.from_pole != 0.0)
        parts.append(Offsets(cuts.above_min[inside], cuts.below_max[inside], cuts.from_pole[inside]))
    points = Offsets.concatenate(parts)
    order = np.lexsort((-points.below_max, points.from_pole, points.above_min))
    return Offsets(points.above_min[order], points.below_max[order], points.from_pole[order])


def _range_nodes(decay: ThreeBodyDecay, points: Offsets) -> tuple[Offsets, Array, NDArray[np.intp]]:
    """Nodes, weights (GeV^2) and interval numbers of the intervals between neighbouring break points."""
    width = decay.pole_width
    smooth = smooth_cells(points, width)
    cells, cell_weights = cell_nodes(points)
    nodes = [Offsets(cells.above_min[smooth], cells.below_max[smooth], cells.from_pole[smooth])]
    weights = [cell_weights[smooth].ravel()]
    numbers = [np.repeat(np.flatnonzero(smooth), cell_weights.shape[1])]
    for i in map(int, np.flatnonzero(~smooth)):
        node, weight = interval_nodes(points.take(i), points.take(i + 1), width)
        nodes.append(node)
        weights.append(weight)
        numbers.append(np.full(weight.size, i))
    return Offsets.concatenate(nodes), np.concatenate(weights), np.concatenate(numbers)


def _interval_integrals(decay: ThreeBodyDecay, points: Offsets) -> Array:
    """Integrals of the density between neighbouring break points, shape (n - 1,)."""
    nodes, weights, numbers = _range_nodes(decay, points)
    integrals = np.zeros(points.above_min.size - 1)
    np.add.at(integrals, numbers, decay.density(nodes) * weights)
    return integrals


def invisible_moments(decay: ThreeBodyDecay, momentum: ArrayLike, n_moments: int) -> Array:
    """Integrals of the spectral density times powers of Q^2, from Q^2_min up to the Q^2 of lepton momenta.

    Parameters
    ----------
    decay : ThreeBodyDecay
    momentum : array, shape (n,)
        Momenta p in GeV; the upper limit is Q^2 = M^2 + m_l^2 - 2 M E_l(p).
    n_moments : int

    Returns
    -------
    array, shape (n_moments, n)
        Moment k in GeV^(2k); zero where the limit lies below Q^2_min.
    """
    p = np.asarray(momentum, dtype=np.float64)
    if decay.is_closed:
        return np.zeros((n_moments, p.size))
    points = break_points(decay, p)
    nodes, steps, numbers = _range_nodes(decay, points)
    weight = decay.spectral_density(nodes) * steps
    above = decay.points_at_momentum(p).above_min
    last = np.searchsorted(points.above_min, np.clip(above, 0.0, decay.range_sq), side="left")
    moments = np.empty((n_moments, p.size))
    for k in range(n_moments):
        integrals = np.bincount(numbers, weight, minlength=points.above_min.size - 1)
        moments[k] = np.concatenate([[0.0], np.cumsum(integrals)])[last]
        weight = weight * decay.invisible_mass_sq(nodes)
    return moments


def momentum_nodes(decay: ThreeBodyDecay, cuts: ArrayLike | None = None) -> tuple[Array, Array]:
    """Lepton momenta and weights that integrate any smooth function of the momentum over the spectrum.

    Parameters
    ----------
    decay : ThreeBodyDecay
    cuts : array, shape (m,), optional
        Momenta (GeV) at which panels end: no farther apart than the function varies.

    Returns
    -------
    momentum, weight : array, shape (n,)
        GeV, and shares of Gamma(M -> l nu): the weights add up to `three_body_ratio`. Empty where closed.
    """
    if decay.is_closed:
        return np.zeros(0), np.zeros(0)
    nodes, steps, _ = _range_nodes(decay, break_points(decay, cuts))
    weight = decay.density(nodes) * steps
    kept = weight > _NEGLIGIBLE * weight.sum()
    return decay.lepton_momentum(nodes)[kept], weight[kept]


def three_body_ratio(decay: ThreeBodyDecay) -> float:
    """Gamma(M -> l chi phi*) / Gamma(M -> l nu), off-shell and on-shell together.

    The integral of Eq. 12 with finite m4 and its width over the whole spectrum; zero where closed. It already
    contains M -> l nu4 where nu4 -> chi phi* is open.

    Parameters
    ----------
    decay : ThreeBodyDecay

    Returns
    -------
    float
    """
    if decay.is_closed:
        return 0.0
    return float(_interval_integrals(decay, break_points(decay)).sum())


def ratio_in_bins(decay: ThreeBodyDecay, edges: ArrayLike) -> Array:
    """Share of Gamma(M -> l nu) in bins of the lepton momentum.

    Parameters
    ----------
    decay : ThreeBodyDecay
    edges : array, shape (n + 1,)
        Increasing momenta in GeV, not negative.

    Returns
    -------
    array, shape (n,)
        Integrals of `dratio_dp` over the bins, narrow peaks included.
    """
    edges = np.asarray(edges, dtype=np.float64)
    if decay.is_closed:
        return np.zeros(edges.size - 1)
    points = break_points(decay, edges)
    integrals = _interval_integrals(decay, points)
    # cumulative from the top of the Q^2 range, which is p = 0
    momentum = decay.lepton_momentum(points)[::-1]
    cumulative = np.concatenate([[0.0], np.cumsum(integrals[::-1])])
    index = np.searchsorted(momentum, edges * (1.0 - 1e-12), side="left")
    # a peak may lie closer to the end of the spectrum than the tolerance
    index = np.where(edges < momentum[-1], index, cumulative.size - 1)
    return np.diff(cumulative[index])
