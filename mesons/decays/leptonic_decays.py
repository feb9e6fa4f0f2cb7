"""L -> l nu nu of a muon or tau with massive neutrinos, and L -> l nu chi phi.

The charged-current interaction in its charge-retention form gives a squared amplitude proportional to
(P.k1)(l.k2) for the neutrinos k1 of the lepton l and k2 of the parent P. Integrated over their directions at
fixed k = k1 + k2 (with w_i = m_i^2/k^2) the product k1^a k2^b becomes

    lambda^(1/2) [ A k^2 g^ab + B k^a k^b ],  A = lambda(1, w1, w2)/12,  B = [1 + w1 + w2 - 2 (w1 - w2)^2]/6,

which is symmetric in the two: nu4 leaves the same spectrum whether it comes from the vertex of the parent or
from that of the lepton. Rates are relative to Gamma(L -> l nu nu) with massless neutrinos.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.quadrature import Offsets
from mesons.decays.three_body import invisible_moments
from mesons.decays.three_body_decay import ThreeBodyDecay
from nucore.errors import InputError, unknown
from nucore.model.kinematics import kallen
from nucore.model.parameters import PortalParameters
from nucore.model.particles import DECAYING_LEPTONS, check_flavour, mass
from nucore.model.points import ParameterPoints
from nucore.model.widths import three_body_lepton_function

Array = NDArray[np.float64]
Real = Any  # float, or array of shape (n,) for n points

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
#: Panels in the rapidity of the neutral particle and in the logarithm of the lepton-neutrino mass.
_RAPIDITY_PANELS, _LOG_PANELS = 2, 2
#: Smallest Q/M: below it the rate differs from the massless one by 1e-17.
_SMALLEST_MASS_RATIO = 1e-9
#: Tabulated shares of Q^2_max - Q^2 in its largest value: by factors near the end, by steps where Q is small.
_TABLE_SHARES = np.concatenate([np.geomspace(1e-15, 0.2, 800, endpoint=False), np.linspace(0.2, 1.0, 400)])


def _panel_nodes(n_panels: int) -> tuple[Array, Array]:
    """Composite Gauss-Legendre nodes and weights on [0, 1]."""
    starts = np.arange(n_panels)[:, None]
    nodes = (starts + 0.5 * (_NODES + 1.0)) / n_panels
    return nodes.ravel(), np.tile(0.5 * _WEIGHTS / n_panels, n_panels)


def neutral_mass_function(m_parent: float, m_lepton: float, below_max: ArrayLike) -> Array:
    """Phase-space function I(Q/M, m_l/M, 0) for neutral masses Q up to threshold, without cancellation.

    The integral over s = (l + nu)^2 is taken in the rapidity of the neutral particle from its end, where the
    integrand is sqrt(u (u + 4 Q/M)), and in ln s from the other.

    Parameters
    ----------
    m_parent, m_lepton : float
        GeV.
    below_max : array, shape (n,)
        (M - m_l)^2 - Q^2 in GeV^2.

    Returns
    -------
    array, shape (n,)
        As `nucore.model.widths.three_body_lepton_function`; zero where `below_max` is not positive.
    """
    v = np.maximum(np.asarray(below_max, dtype=np.float64), 0.0)[..., None]
    q_max = m_parent - m_lepton
    q = np.sqrt(np.maximum(q_max**2 - v, (_SMALLEST_MASS_RATIO * m_parent) ** 2))
    x, y = q / m_parent, m_lepton / m_parent
    span = v / (q_max + q) * (m_parent - q + m_lepton) / m_parent**2  # (1 - x)^2 - y^2

    def integrand(s_above: Array, u: Array) -> Array:
        s = y**2 + s_above
        return s_above**2 / s * (1.0 + x**2 - s) * np.sqrt(u * (u + 4.0 * x))

    # u = (1 - x)^2 - s = 2 x (cosh(theta) - 1)
    nodes, weights = _panel_nodes(_RAPIDITY_PANELS)
    top = 2.0 * np.arcsinh(np.sqrt(span / (8.0 * x)))
    theta = top * nodes
    u = 4.0 * x * np.sinh(0.5 * theta) ** 2
    near_top = np.sum(weights * integrand(span - u, u) * 2.0 * x * np.sinh(theta), axis=-1) * top[..., 0]
    # s = y^2 exp(t)
    nodes, weights = _panel_nodes(_LOG_PANELS)
    length = np.log1p(0.5 * span / y**2)
    above = y**2 * np.expm1(length * nodes)
    bottom = np.sum(weights * integrand(above, span - above) * (y**2 + above), axis=-1) * length[..., 0]
    return 12.0 * (near_top + bottom)


def neutrino_tensor(w1: ArrayLike, w2: ArrayLike) -> tuple[Array, Array]:
    """Coefficients lambda^(1/2) A and lambda^(1/2) B of the neutrino tensor; zero where closed.

    Parameters
    ----------
    w1, w2 : array
        Squared masses over k^2.
    """
    w1, w2 = np.asarray(w1, dtype=np.float64), np.asarray(w2, dtype=np.float64)
    lam = np.where(np.sqrt(w1) + np.sqrt(w2) < 1.0, kallen(1.0, w1, w2), 0.0)
    root = np.sqrt(lam)
    return root * lam / 12.0, root * (1.0 + w1 + w2 - 2.0 * (w1 - w2) ** 2) / 6.0


def _invariants(m_parent: float, m_lepton: float, momentum: Array) -> tuple[Array, Array, Array, Array]:
    """k^2, P.l, (P.k)(l.k) in powers of GeV^2, and the lepton energy, at lepton momenta in the parent's frame."""
    energy = np.hypot(momentum, m_lepton)
    kinetic = momentum**2 / (energy + m_lepton)
    k_sq = (m_parent - m_lepton) ** 2 - 2.0 * m_parent * kinetic
    parent_k = m_parent * (m_parent - energy)
    lepton_k = m_parent * energy - m_lepton**2
    return k_sq, m_parent * energy, parent_k * lepton_k, energy


def spectrum_shape(m_parent: float, m_lepton: float, momentum: ArrayLike, tensor: tuple[ArrayLike, ArrayLike]) -> Array:
    """dGamma/dp in units of G_F^2 M^5/(192 pi^3) per GeV, for a neutrino tensor (A, B) at each momentum."""
    p = np.asarray(momentum, dtype=np.float64)
    k_sq, parent_l, product, energy = _invariants(m_parent, m_lepton, p)
    a, b = (np.asarray(t, dtype=np.float64) for t in tensor)
    # dx = 2 p dp / (M E); massless neutrinos give 2 x^2 (3 - 2x) dx
    value = a * k_sq * parent_l + b * product
    return np.where(k_sq > 0.0, 192.0 * p**2 / (m_parent**6 * energy) * value, 0.0)


def spin_shape(m_parent: float, m_lepton: float, momentum: ArrayLike, tensor: tuple[ArrayLike, ArrayLike]) -> Array:
    """Coefficient of the cosine between spin of L- and momentum of l- in dGamma/dp, in units of `spectrum_shape`.

    For a parent spin s the amplitude holds P - M s in place of P; l+ of an L+ has the opposite sign.
    """
    p = np.asarray(momentum, dtype=np.float64)
    k_sq, _, _, energy = _invariants(m_parent, m_lepton, p)
    a, b = (np.asarray(t, dtype=np.float64) for t in tensor)
    value = m_parent * p * (a * k_sq - b * (m_parent * energy - m_lepton**2))
    return np.where(k_sq > 0.0, 192.0 * p**2 / (m_parent**6 * energy) * value, 0.0)


def lepton_masses(parent: str, lepton: str) -> tuple[float, float]:
    """Masses (GeV) of the parent and the lepton of L -> l nu nu.

    Raises
    ------
    InputError
        If the parent is not ``mu-`` or ``tau-``, or the lepton is not lighter.
    """
    if parent not in DECAYING_LEPTONS:
        raise unknown("parent", parent, DECAYING_LEPTONS)
    m_parent, m_lepton = mass(parent), mass(check_flavour(lepton))
    if m_parent <= m_lepton:
        raise InputError(f"{parent} -> {lepton} nu nu is closed: {lepton} is not lighter than {parent}")
    return m_parent, m_lepton


def neutrino_shares(
    parent: str, lepton: str, parameters: PortalParameters | ParameterPoints
) -> tuple[Real, Real, Real]:
    """Shares of decays with no, one and two nu4 but for phase space: (1-a)(1-b), a(1-b) + b(1-a), a b."""
    a, b = parameters.U_sq(DECAYING_LEPTONS[parent]), parameters.U_sq(lepton)
    light_a, light_b = 1.0 - parameters.lost(DECAYING_LEPTONS[parent]), 1.0 - parameters.lost(lepton)
    return light_a * light_b, a * light_b + b * light_a, a * b


def dratio_dp(parent: str, lepton: str, momentum: ArrayLike, m4: float = 0.0, m_other: float = 0.0) -> Array:
    """Lepton spectrum of L -> l nu nu with neutrinos of given masses, without their mixings.

    Parameters
    ----------
    parent, lepton : str
    momentum : array, shape (n,)
        Lepton momentum in the rest frame of L, GeV.
    m4, m_other : float
        Masses of the two neutrinos in GeV.

    Returns
    -------
    array, shape (n,)
        (1/Gamma_0) dGamma/dp in 1/GeV, Gamma_0 with massless neutrinos; zero outside the range.
    """
    m_parent, m_lepton = lepton_masses(parent, lepton)
    p = np.asarray(momentum, dtype=np.float64)
    k_sq = _invariants(m_parent, m_lepton, p)[0]
    open_ = k_sq > (m4 + m_other) ** 2
    k_sq = np.where(open_, k_sq, 1.0)
    tensor = neutrino_tensor(m4**2 / k_sq, m_other**2 / k_sq)
    massless = three_body_lepton_function(0.0, m_lepton / m_parent, 0.0)
    return np.where(open_, spectrum_shape(m_parent, m_lepton, p, tensor) / massless, 0.0)


@dataclass(frozen=True)
class LeptonicDecay(ThreeBodyDecay):
    """L -> l nu chi phi: ``m_parent`` and ``m_lepton`` of the charged leptons, one light neutrino beside.

    ``U_sq`` is the share of decays with one nu4 (`neutrino_shares`); two are left out.
    """

    def recoil_ratio(self, points: Offsets) -> Array:
        """I(Q/M, m_l/M, 0) over its value for massless neutrinos."""
        massless = three_body_lepton_function(0.0, self.m_lepton / self.m_parent, 0.0)
        return neutral_mass_function(self.m_parent, self.m_lepton, points.below_max) / massless

    def dratio_dp(self, momentum: ArrayLike) -> Array:
        """Lepton spectrum of L -> l nu chi phi, (1/Gamma_0) dGamma/dp in 1/GeV; zero outside the range.

        Parameters
        ----------
        momentum : array, shape (n,)
            GeV.
        """
        p = np.asarray(momentum, dtype=np.float64)
        k_sq = _invariants(self.m_parent, self.m_lepton, p)[0]
        inside = k_sq > (self.m_chi + self.m_phi) ** 2
        moments = invisible_moments(self, p, 4) / np.where(inside, k_sq, 1.0) ** np.arange(4.0)[:, None]
        # (1 - w)^3 and (1 - w)^2 (1 + 2 w) averaged over the spectral density
        a = np.maximum(moments[0] - 3.0 * moments[1] + 3.0 * moments[2] - moments[3], 0.0) / 12.0
        b = np.maximum(moments[0] - 3.0 * moments[2] + 2.0 * moments[3], 0.0) / 6.0
        shape = spectrum_shape(self.m_parent, self.m_lepton, p, (a, b))
        massless = three_body_lepton_function(0.0, self.m_lepton / self.m_parent, 0.0)
        return np.where(inside, shape / massless, 0.0)


@lru_cache
def _recoil_table(m_parent: float, m_lepton: float) -> tuple[Array, Array]:
    """Logarithms of Q^2_max - Q^2 (GeV^2) and of the recoil ratio."""
    below_max = (m_parent - m_lepton) ** 2 * _TABLE_SHARES
    massless = three_body_lepton_function(0.0, m_lepton / m_parent, 0.0)
    return np.log(below_max), np.log(neutral_mass_function(m_parent, m_lepton, below_max) / massless)


@dataclass(frozen=True)
class TabulatedLeptonicDecay(LeptonicDecay):
    """L -> l nu chi phi with the phase space interpolated, to 1e-4: for rates of many points."""

    def recoil_ratio(self, points: Offsets) -> Array:
        """As that of `LeptonicDecay`."""
        log_below, log_ratio = _recoil_table(self.m_parent, self.m_lepton)
        # outside the range, where the density vanishes, any number does
        return np.exp(np.interp(np.log(np.maximum(points.below_max, np.exp(log_below[0]))), log_below, log_ratio))
