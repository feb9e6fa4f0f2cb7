"""K -> pi l nu with measured form factors: rate with a massive neutrino."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from mesons.decays.channel import Real
from mesons.decays.channels import MesonChannel
from mesons.decays.dark_ratios import dark_ratios_of
from mesons.decays.leptonic_decays import neutrino_tensor
from mesons.decays.quadrature import Offsets
from mesons.decays.ratios import nu4_rates
from mesons.decays.standard_decays import value
from mesons.decays.three_body_decay import ThreeBodyDecay
from nucore.model import constants as c
from nucore.model.kinematics import kallen_of_masses
from nucore.model.particles import mass
from nucore.model.points import ParameterPoints

Array = NDArray[np.float64]

_M_K, _M_PI, _M_PI0, _M_E = float(c.M_K), float(c.M_PI), float(c.M_PI0), float(c.M_E)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_SPLINE_POINTS = 201


def form_factors(t: Array) -> tuple[Array, Array]:
    """f_+(t)/f_+(0) and f_0(t)/f_+(0) of K -> pi l nu at squared lepton-neutrino masses t (GeV^2)."""
    z = t / _M_PI**2
    linear, quadratic = value("form_factors", "lambda_plus_1"), value("form_factors", "lambda_plus_2")
    return 1.0 + linear * z + 0.5 * quadratic * z**2, 1.0 + value("form_factors", "lambda_zero") * z


def _rates(lepton: str, m4: Array) -> Array:
    """Width of K+ -> pi0 l nu4 in arbitrary units, masses in GeV, shape (n,).

    With the neutrino tensor lambda^(1/2) (A t g^ab + B q^a q^b) the W* of spin 1 and 0 contribute
    lambda^(1/2) [(1 - w1 - w2)/2 - 2A] H_0^2 and lambda^(1/2) [2A + 2B - (1 - w1 - w2)/2] H_t^2, with
    H_0^2 = 4 m_K^2 p^2 f_+^2 and H_t^2 = (m_K^2 - m_pi^2)^2 f_0^2.
    """
    low, high = (mass(lepton) + m4[:, None]) ** 2, (_M_K - _M_PI0) ** 2
    # t = low + (high - low) sin^2 makes the square roots at both ends smooth
    angle = 0.25 * np.pi * (_NODES + 1.0)
    span = np.maximum(high - low, 0.0)
    t = low + span * np.sin(angle) ** 2
    w1, w2 = mass(lepton) ** 2 / t, m4[:, None] ** 2 / t
    a, b = neutrino_tensor(w1, w2)
    root = np.sqrt(np.maximum((1.0 - w1 - w2) ** 2 - 4.0 * w1 * w2, 0.0))
    half = 0.5 * root * (1.0 - w1 - w2)
    momentum = np.sqrt(np.maximum(kallen_of_masses(_M_K, _M_PI0, np.sqrt(t)), 0.0)) / (2.0 * _M_K)
    plus, zero = form_factors(t)
    vector = (half - 2.0 * a) * (2.0 * _M_K * momentum * plus) ** 2
    scalar = (2.0 * a + 2.0 * b - half) * ((_M_K**2 - _M_PI0**2) * zero) ** 2
    density = momentum * (vector + scalar) * span * np.sin(2.0 * angle)
    return np.asarray(np.sum(_WEIGHTS * density, axis=1))


@cache
def _spline(lepton: str) -> tuple[CubicSpline, float]:
    """Ratio of widths against m4, and the largest m4 (GeV)."""
    end = _M_K - _M_PI0 - mass(lepton)
    masses = np.linspace(0.0, end, _SPLINE_POINTS)
    rates = _rates(lepton, masses)
    return CubicSpline(masses, rates / rates[0]), end


class _SemileptonicDecay(ThreeBodyDecay):
    """K+ -> pi0 l chi phi: ``m_parent`` is m_K - m_pi, which gives the range of Q."""

    def recoil_ratio(self, points: Offsets) -> Array:
        """Rate with a neutrino of mass Q over that with a massless one."""
        return neutrino_mass_factor("mu" if self.m_lepton > _M_E else "e", np.sqrt(self.invisible_mass_sq(points)))


class SemileptonicChannel(MesonChannel):
    """K+ -> pi0 l nu, rates only."""

    _fast_type = _SemileptonicDecay

    @property
    def masses(self) -> tuple[float, float]:
        """Energy left for lepton and neutrino, m_K - m_pi, and mass of the lepton in GeV."""
        return _M_K - _M_PI0, mass(self.lepton)

    def nu4_ratio(self, m4: Real) -> Real:
        """Rate with one nu4 of mass m4 (GeV) per unit of |U_l4|^2."""
        return neutrino_mass_factor(self.lepton, m4)


@cache
def _channel(lepton: str) -> SemileptonicChannel:
    return SemileptonicChannel("K+", lepton)


def semileptonic_rates(lepton: str, points: ParameterPoints) -> Array:
    """Rate of K+ -> pi0 l and anything unseen over the Standard Model, of n points: shape (n,)."""
    channel = _channel(lepton)
    return np.asarray(channel.light_share(points) + nu4_rates(channel, points, dark_ratios_of(channel, points)))


def neutrino_mass_factor(lepton: str, m4: ArrayLike) -> Array:
    """Gamma(K -> pi l nu4)/(|U_l4|^2 Gamma(K -> pi l nu)) at masses m4 (GeV); 0 where closed.

    References
    ----------
    Form factors as in the PDG review of K_l3.
    """
    spline, end = _spline(lepton)
    masses = np.asarray(m4, dtype=np.float64)
    return np.where(masses < end, spline(np.minimum(masses, end)), 0.0)
