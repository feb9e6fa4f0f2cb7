"""M+ -> l+ chi phi* with a finite m4 and its running width: Eq. 12 and its integrals.

One expression covers the off-shell exchange and the on-shell nu4, whose narrow-width limit is the two-body
decay M -> l nu4 followed by nu4 -> chi phi*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.quadrature import Offsets, cell_nodes, interval_nodes, smooth_cells
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters, require_left_handed
from nucore.model.particles import MESONS, check_flavour, mass
from nucore.model.widths import running_width_nu4

Array = NDArray[np.float64]

#: Nodes below this share of the rate are dropped from `momentum_nodes`.
_NEGLIGIBLE = 1e-15


@dataclass(frozen=True)
class ThreeBodyDecay:
    """Masses (GeV) and couplings of one decay M -> l chi phi*.

    Attributes
    ----------
    m_parent, m_lepton, m_chi, m_phi, m4 : float
        Masses in GeV.
    yL : float
        Coupling of phi chibar N_L.
    U_sq : float
        |U_l4|^2 of the lepton produced.
    s_sq : float
        Sum of |U_l4|^2 over flavours, which enters the propagator.
    """

    m_parent: float
    m_lepton: float
    m_chi: float
    m_phi: float
    m4: float
    yL: float
    U_sq: float
    s_sq: float

    @classmethod
    def from_parameters(cls, parent: str, lepton: str, parameters: PortalParameters) -> ThreeBodyDecay:
        """Decay of a named meson (``K+``...) to a named lepton (``mu``...) at a parameter point.

        Raises
        ------
        InputError
            If the parent or the lepton is not known, M -> l nu is closed, or yR is not zero.
        """
        m_parent, m_lepton = parent_and_lepton_mass(parent, lepton)
        p = parameters
        require_left_handed(p, f"the decay {parent} -> {lepton} chi phi")
        return cls(m_parent, m_lepton, p.m_chi, p.m_phi, p.m4, p.yL, p.U_sq(lepton), p.U4_sq)

    # Differences of nearly equal masses are summed exactly.
    @property
    def energy_release(self) -> float:
        """M - m_l - m_chi - m_phi in GeV; the decay is open where it is positive."""
        return math.fsum([self.m_parent, -self.m_lepton, -self.m_chi, -self.m_phi])

    @property
    def pole_above_min(self) -> float:
        """m4^2 - Q^2_min in GeV^2; positive where nu4 -> chi phi* is open."""
        return math.fsum([self.m4, -self.m_chi, -self.m_phi]) * (self.m4 + self.m_chi + self.m_phi)

    @property
    def pole_below_max(self) -> float:
        """Q^2_max - m4^2 in GeV^2; positive where M -> l nu4 is open."""
        return math.fsum([self.m_parent, -self.m_lepton, -self.m4]) * (self.m_parent - self.m_lepton + self.m4)

    @property
    def range_sq(self) -> float:
        """Q^2_max - Q^2_min in GeV^2."""
        return self.energy_release * (self.m_parent - self.m_lepton + self.m_chi + self.m_phi)

    @property
    def max_momentum(self) -> float:
        """Largest lepton momentum in the rest frame of the parent, at Q^2_min (GeV)."""
        v = self.range_sq
        return math.sqrt(v * (v + 4.0 * self.m_parent * self.m_lepton)) / (2.0 * self.m_parent)

    @property
    def pole_width(self) -> float:
        """m4 Gamma4 of Eq. 10 in GeV^2, zero where nu4 -> chi phi* is closed."""
        if self.pole_above_min <= 0.0:
            return 0.0
        return self.m4**2 * (1.0 - self.s_sq) * float(self._running_width(np.asarray(self.pole_above_min)))

    def _running_width(self, above_min: Array) -> Array:
        """gamma(Q^2), the absorptive part of the chi-phi bubble, dimensionless."""
        return np.asarray(running_width_nu4(above_min, self.m_chi, self.m_phi, self.yL))

    def lepton_momentum(self, points: Offsets) -> Array:
        """Lepton momentum in the parent's rest frame (GeV), shape of `points`."""
        v = points.below_max
        return np.sqrt(v * (v + 4.0 * self.m_parent * self.m_lepton)) / (2.0 * self.m_parent)

    def lepton_energy_fraction(self, points: Offsets) -> Array:
        """Lepton energy over half the mass of the parent, 2 E_l / M; shape of `points`."""
        return (points.below_max + 2.0 * self.m_parent * self.m_lepton) / self.m_parent**2

    def points_at_momentum(self, momentum: ArrayLike) -> Offsets:
        """Offsets of the Q^2 that belong to lepton momenta (GeV), shape (n,)."""
        p = np.asarray(momentum, dtype=np.float64)
        kinetic = p**2 / (np.hypot(p, self.m_lepton) + self.m_lepton)
        below_max = 2.0 * self.m_parent * kinetic
        return Offsets(self.range_sq - below_max, below_max, self.pole_below_max - below_max)

    def invisible_mass_sq(self, points: Offsets) -> Array:
        """Q^2 in GeV^2, not below its minimum; shape of `points`."""
        return (self.m_chi + self.m_phi) ** 2 + np.maximum(points.above_min, 0.0)

    def spectral_density(self, points: Offsets) -> Array:
        """Density rho(Q^2) of nu4* -> chi phi* in GeV^-2 at points of the range; zero outside.

        dGamma(-> chi phi*)/dQ^2 = rho(Q^2) Gamma(-> nu of mass Q) of any decay by the charged current, where
        the rate to a neutrino of mass Q is without its mixing: ``|U|^2 (1 - s^2) gamma(Q^2) / (pi Q^2)`` times
        ``m4^4 / |Q^2 - m4^2 + i gamma (Q^2 - s^2 m4^2)|^2``, the left-chiral propagator of N_L between N and
        nu_l with the chi-phi bubble resummed. It tends to ``|U|^2 delta(Q^2 - m4^2)`` for a narrow nu4.

        Parameters
        ----------
        points : Offsets, shape (n,)

        Returns
        -------
        array, shape (n,)
        """
        inside = (points.above_min > 0.0) & (points.below_max > 0.0)
        u = np.where(inside, points.above_min, 0.0)
        gamma = self._running_width(u)
        # on the pole itself (from_pole = 0) with gamma = 0 the rate is undefined; such a point has weight zero
        q_sq = self.invisible_mass_sq(points)
        width_term = gamma * (q_sq - self.s_sq * self.m4**2)
        denominator = (points.from_pole / self.m4**2) ** 2 + (width_term / self.m4**2) ** 2
        propagator = 1.0 / np.where(inside & (denominator > 0.0), denominator, np.inf)
        return self.U_sq * (1.0 - self.s_sq) * gamma / (math.pi * q_sq) * propagator

    def recoil_ratio(self, points: Offsets) -> Array:
        """Rate of the decay to a neutrino of mass Q over that to a massless one, without its mixing."""
        v = np.maximum(points.below_max, 0.0)
        m_sq = self.m_parent**2
        x_l, q = self.m_lepton**2 / m_sq, self.invisible_mass_sq(points) / m_sq
        lepton_root = np.sqrt(v * (v + 4.0 * self.m_parent * self.m_lepton)) / m_sq
        helicity = q + x_l - (q - x_l) ** 2
        return lepton_root * helicity / (x_l * (1.0 - x_l) ** 2)

    def density(self, points: Offsets) -> Array:
        """(1/Gamma_{M -> l nu}) dGamma/dQ^2 in GeV^-2 at points of the range; zero outside.

        Parameters
        ----------
        points : Offsets, shape (n,)

        Returns
        -------
        array, shape (n,)

        References
        ----------
        arXiv:1709.07001, Eq. 12, times m4^4/|Q^2 - m4^2 + i gamma (Q^2 - s^2 m4^2)|^2.
        """
        return self.spectral_density(points) * self.recoil_ratio(points)


def parent_and_lepton_mass(parent: str, lepton: str) -> tuple[float, float]:
    """Masses (GeV) of a meson and a lepton for which M -> l nu is open.

    Raises
    ------
    InputError
        If the parent is not a charged pseudoscalar meson or the decay is closed.
    """
    if parent not in MESONS:
        raise InputError(f"parent {parent!r} is not allowed here; allowed: {', '.join(MESONS)}")
    m_parent, m_lepton = mass(parent), mass(check_flavour(lepton))
    if m_parent <= m_lepton:
        raise InputError(f"{parent} -> {lepton} nu is closed: {parent} is lighter than {lepton}")
    return m_parent, m_lepton


def dratio_dp(decay: ThreeBodyDecay, momentum: ArrayLike) -> Array:
    """(1/Gamma_{M -> l nu}) dGamma/dp of the lepton in the rest frame of the parent.

    Parameters
    ----------
    decay : ThreeBodyDecay
    momentum : array, shape (n,)
        Lepton momentum in GeV.

    Returns
    -------
    array, shape (n,)
        In 1/GeV; zero outside the kinematic range.
    """
    p = np.asarray(momentum, dtype=np.float64)
    if decay.energy_release <= 0.0:
        return np.zeros_like(p)
    return decay.density(decay.points_at_momentum(p)) * 2.0 * decay.m_parent * p / np.hypot(p, decay.m_lepton)


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
    if decay.energy_release <= 0.0 or decay.yL == 0.0 or decay.U_sq == 0.0:
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
    if decay.energy_release <= 0.0 or decay.yL == 0.0 or decay.U_sq == 0.0:
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
    if decay.energy_release <= 0.0 or decay.yL == 0.0 or decay.U_sq == 0.0:
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
    if decay.energy_release <= 0.0 or decay.yL == 0.0 or decay.U_sq == 0.0:
        return np.zeros(edges.size - 1)
    points = break_points(decay, edges)
    integrals = _interval_integrals(decay, points)
    # cumulative from the top of the Q^2 range, which is p = 0
    momentum = decay.lepton_momentum(points)[::-1]
    cumulative = np.concatenate([[0.0], np.cumsum(integrals[::-1])])
    index = np.searchsorted(momentum, np.minimum(edges, momentum[-1]) * (1.0 - 1e-12), side="left")
    return np.diff(cumulative[np.minimum(index, cumulative.size - 1)])
