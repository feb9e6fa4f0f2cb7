"""The decay M -> l chi phi*: kinematics of the invisible mass Q, propagator of nu4, and rate against Q^2.

One expression covers the off-shell exchange and the on-shell nu4, whose narrow-width limit is the two-body
decay M -> l nu4 followed by nu4 -> chi phi*.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.quadrature import Offsets
from nucore.model.kinematics import mass_left
from nucore.model.nu4_decays import running_width_nu4

Array = NDArray[np.float64]
Real = Any  # float or array of floats


@dataclass(frozen=True)
class ThreeBodyDecay:
    """Masses (GeV) and couplings of the decay M -> l chi phi*, of one parameter point or of n points.

    Attributes
    ----------
    m_parent, m_lepton : float
        Masses in GeV.
    m_chi, m_phi, m4 : float or array, shape (n, 1)
        Masses in GeV. With arrays, functions of `Offsets` take and return arrays of shape (n, k).
    yL : float or array, shape (n, 1)
        Coupling of phi chibar N_L.
    U_sq : float or array, shape (n, 1)
        |U_l4|^2 of the lepton produced.
    s_sq : float or array, shape (n, 1)
        Sum of |U_l4|^2 over flavours, which enters the propagator.
    """

    m_parent: Real
    m_lepton: float
    m_chi: Real
    m_phi: Real
    m4: Real
    yL: Real
    U_sq: Real
    s_sq: Real

    @property
    def energy_release(self) -> Real:
        """M - m_l - m_chi - m_phi in GeV; the decay is open where it is positive."""
        return mass_left(self.m_parent, self.m_lepton, self.m_chi, self.m_phi)

    @property
    def pole_above_min(self) -> Real:
        """m4^2 - Q^2_min in GeV^2; positive where nu4 -> chi phi* is open."""
        return mass_left(self.m4, self.m_chi, self.m_phi) * (self.m4 + self.m_chi + self.m_phi)

    @property
    def pole_below_max(self) -> Real:
        """Q^2_max - m4^2 in GeV^2; positive where M -> l nu4 is open."""
        return mass_left(self.m_parent, self.m_lepton, self.m4) * (self.m_parent - self.m_lepton + self.m4)

    @property
    def range_sq(self) -> Real:
        """Q^2_max - Q^2_min in GeV^2."""
        return self.energy_release * (self.m_parent - self.m_lepton + self.m_chi + self.m_phi)

    @property
    def is_closed(self) -> Any:
        """Whether the rate vanishes, by phase space or by a coupling: bool, or an array for n points."""
        return (self.energy_release <= 0.0) | (self.yL == 0.0) | (self.U_sq == 0.0)

    @property
    def max_momentum(self) -> float:
        """Largest lepton momentum in the rest frame of the parent, at Q^2_min (GeV)."""
        return float(self._momentum(self.range_sq))

    @property
    def pole_momentum(self) -> float | None:
        """Lepton momentum (GeV) beside an on-shell nu4; None where M -> l nu4 or nu4 -> chi phi* is closed."""
        if self.pole_below_max <= 0.0 or self.pole_above_min <= 0.0:
            return None
        return float(self._momentum(self.pole_below_max))

    @property
    def pole_width(self) -> Real:
        """m4 Gamma4 of Eq. 10 in GeV^2, zero where nu4 -> chi phi* is closed."""
        above = np.maximum(self.pole_above_min, 0.0)
        return self.m4**2 * (1.0 - self.s_sq) * running_width_nu4(above, self.m_chi, self.m_phi, self.yL)

    def lepton_momentum(self, points: Offsets) -> Array:
        """Lepton momentum in the parent's rest frame (GeV), shape of `points`."""
        return self._momentum(points.below_max)

    def _momentum(self, below_max: ArrayLike) -> Array:
        """Lepton momentum (GeV) at Q^2_max - Q^2 in GeV^2."""
        v = np.asarray(below_max, dtype=np.float64)
        return np.asarray(np.sqrt(v * (v + 4.0 * self.m_parent * self.m_lepton)) / (2.0 * self.m_parent))

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
        gamma = running_width_nu4(u, self.m_chi, self.m_phi, self.yL)
        # on the pole itself (from_pole = 0) with gamma = 0 the rate is undefined; such a point has weight zero
        q_sq = self.invisible_mass_sq(points)
        width_term = gamma * (q_sq - self.s_sq * self.m4**2)
        denominator = (points.from_pole / self.m4**2) ** 2 + (width_term / self.m4**2) ** 2
        propagator = 1.0 / np.where(inside & (denominator > 0.0), denominator, np.inf)
        return self.U_sq * (1.0 - self.s_sq) * gamma / (math.pi * q_sq) * propagator

    def recoil_ratio(self, points: Offsets) -> Array:
        """Rate of the decay to a neutrino of mass Q over that to a massless one, without its mixing."""
        x_l, q, lepton_root = self._reduced(points)
        helicity = q + x_l - (q - x_l) ** 2
        return lepton_root * helicity / (x_l * (1.0 - x_l) ** 2)

    def _reduced(self, points: Offsets) -> tuple[float, Array, Array]:
        """Return x = m_l^2/M^2, q = Q^2/M^2 and lambda^(1/2)(1, x, q)."""
        v = np.maximum(points.below_max, 0.0)
        m_sq = self.m_parent**2
        root = np.sqrt(v * (v + 4.0 * self.m_parent * self.m_lepton)) / m_sq
        return self.m_lepton**2 / m_sq, self.invisible_mass_sq(points) / m_sq, root

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

    def dratio_dp(self, momentum: ArrayLike) -> Array:
        """Spectrum of the lepton in the rest frame of the parent, (1/Gamma_{M -> l nu}) dGamma/dp.

        Parameters
        ----------
        momentum : array, shape (n,)
            Lepton momentum in GeV.

        Returns
        -------
        array, shape (n,)
            In 1/GeV; zero outside the kinematic range.
        """
        p = np.asarray(momentum, dtype=np.float64)
        if self.energy_release <= 0.0:
            return np.zeros_like(p)
        return self.density(self.points_at_momentum(p)) * 2.0 * self.m_parent * p / np.hypot(p, self.m_lepton)


@dataclass(frozen=True)
class TauHadronDecay(ThreeBodyDecay):
    """tau -> h chi phi* through nu4*: ``m_parent`` of the tau, ``m_lepton`` of the hadron."""

    def recoil_ratio(self, points: Offsets) -> Array:
        """[(1-y)^2 - x(1+y)] lambda^(1/2)(1,x,y)/(1-x)^2 with x = m_h^2/m_tau^2, y = Q^2/m_tau^2."""
        x, y, root = self._reduced(points)
        return ((1.0 - y) ** 2 - x * (1.0 + y)) * root / (1.0 - x) ** 2
