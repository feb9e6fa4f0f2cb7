"""Coannihilation of chi with phi* to leptons and weak bosons through a virtual neutrino.

The neutrino line <N nubar> between chi phi* and the weak interaction is s c Qslash [1/(Q^2 - m4^2) - 1/Q^2], so that

    S = 16 pi p E  4 yL^2 s^2 c^2 m4^4/[E^4 ((E^2 - m4^2)^2 + ...)] E Gamma_w(E) (p_chi.Q)

in the normalisation of `reaction_densities`, Gamma_w(E) the weak width of a neutrino of mass E for |U|^2 = 1. It wants
one power of yL^2 s^2 where chi chibar -> nu nubar wants two, and Gamma_w grows as E^3: it counts where m_chi + m_phi
exceeds m_W. On the pole of nu4 it is phi* chi -> nu4 -> weak bosons at the rate of the slower step, the weak decay.
Masses are in units of m_chi unless said.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.model import constants as c
from nucore.model.kinematics import two_body_momentum

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: The pole of nu4 at chi phi* is smoothed over this fraction of its mass.
_SMOOTHING = 0.05
#: It counts in full from 1 - (m_chi + m_phi)/m4 = 0.1 on; at the threshold, where it would set in at once, by 0.4%.
_FULL_POLE, _RISE = 0.1, 0.03
_CONTACT = 0.15


def weak_width(mass_GeV: Real) -> Array:
    """Weak width (GeV) of a Dirac neutrino of a mass in GeV for |U|^2 = 1: l W, nu Z, nu h, all fermions massless.

    References
    ----------
    arXiv:1709.07001, Eq. 11; below threshold with the Breit-Wigner distribution of the boson.
    """
    m = np.asarray(mass_GeV, dtype=np.float64)
    vectors = _boson_factor(m, float(c.M_W), float(c.GAMMA_W)) + 0.5 * _boson_factor(m, float(c.M_Z), float(c.GAMMA_Z))
    higgs = 0.5 * np.maximum(1.0 - (float(c.M_H) / m) ** 2, 0.0) ** 2
    return np.asarray(float(c.G_F) * m**3 / (8.0 * math.pi * math.sqrt(2.0)) * (vectors + higgs))


def largest_weak_width(mass_GeV: Real) -> Array:
    """A quick upper bound of `weak_width` over the mass."""
    strength = float(c.G_F) * np.asarray(mass_GeV, dtype=np.float64) ** 2
    return np.asarray(0.06 * strength * np.minimum(strength / (float(c.G_F) * float(c.M_W) ** 2), 1.0))


def _boson_factor(m: Array, boson: float, width: float) -> Array:
    """Mean of (1 - y)^2 (1 + 2 y), y = q^2/m^2 < 1, over a Breit-Wigner distribution of q^2 (all in GeV)."""
    near = np.maximum(m, _CONTACT * boson)
    pole = (boson**2 - 1j * boson * width) / near**2
    # (1/pi) Im int_0^1 P(y)/(y - pole) dy with P(y) = P(pole) + (y - pole) R(y)
    polynomial = 1.0 + pole**2 * (2.0 * pole - 3.0)
    rest = 2.0 / 3.0 + 0.5 * (2.0 * pole - 3.0) + pole * (2.0 * pole - 3.0)
    exact = -np.imag(polynomial * (np.log(1.0 - pole) - np.log(-pole)) + rest) / math.pi
    return np.asarray(exact * (m / near) ** 2)


def running_width(energy: Real, m_phi: Real, yL: Real) -> Array:
    """Gamma/E of a virtual nu4 of mass E to chi phi* for c = 1 (Eq. 10 of arXiv:1709.07001); zero where closed."""
    momentum = two_body_momentum(energy, 1.0, m_phi)
    return np.asarray(yL**2 * (1.0 + (1.0 - m_phi**2) / energy**2) * momentum / (16.0 * math.pi * energy))


def _smoothing(energy: Array, m_phi: Array, m4: Array, yL: Array, U4_sq: Array, weak: Array) -> tuple[Array, Array]:
    """E Gamma of a virtual nu4 in the form 2/sqrt(pi) E Gamma, and the smoothing b of its pole (at least as large)."""
    dark = (1.0 - U4_sq) * energy**2 * running_width(energy, m_phi, yL)
    width = 2.0 / math.sqrt(math.pi) * (dark + energy * U4_sq * weak)
    beyond = 0.4 * np.maximum(m4**2 - (1.0 + m_phi) ** 2, 0.0)
    return width, np.maximum(np.maximum(width, _SMOOTHING * m4**2), beyond)


def chi_phi_amplitude(energy: Array, m_chi_GeV: Array, m_phi: Array, m4: Array, yL: Array, U4_sq: Array) -> Array:
    """S of chi phi* -> weak bosons away from the pole of nu4.

    Parameters
    ----------
    energy : array
        In units of m_chi, above 1 + m_phi.
    m_chi_GeV, m_phi, m4, yL, U4_sq : array
        Broadcast against `energy`.
    """
    weak = weak_width(energy * m_chi_GeV) / m_chi_GeV
    _, smooth = _smoothing(energy, m_phi, m4, yL, U4_sq, weak)
    distance = energy**2 - m4**2
    # 1/distance^2, smoothed so that its integral over the pole is 2 sqrt(pi)/b
    with np.errstate(divide="ignore", invalid="ignore"):
        propagator = np.where(distance == 0.0, 1.0 / smooth**2, -np.expm1(-((distance / smooth) ** 2)) / distance**2)
    momentum = two_body_momentum(energy, 1.0, m_phi)
    along = 0.5 * (energy**2 + 1.0 - m_phi**2)
    mixing = yL**2 * U4_sq * (1.0 - U4_sq)
    return np.asarray(64.0 * math.pi * mixing * momentum * along * m4**4 / energy**2 * propagator * weak)


def log_pole_density(x: Array, m_chi_GeV: Array, m_phi: Array, m4: Array, yL: Array, U4_sq: Array) -> Array:
    """Logarithm of gamma/m_chi^4 exp(2 x) of chi phi* -> nu4 -> weak bosons on the pole that `chi_phi_amplitude` lacks.

    Parameters
    ----------
    x, m_chi_GeV, m_phi, m4, yL, U4_sq : array
        Broadcast against each other.
    """
    weak = weak_width(m4 * m_chi_GeV) / m_chi_GeV
    width, smooth = _smoothing(m4, m_phi, m4, yL, U4_sq, weak)
    threshold = 1.0 + m_phi
    lacking = np.maximum(_FULL_POLE - (1.0 - threshold / m4), 0.0)
    # the width to the dark sector exceeds the weak one, which therefore sets the rate
    share = U4_sq * weak * np.exp(-0.5 * (lacking / _RISE) ** 2) * (1.0 - width / smooth)
    mass = np.maximum(m4, threshold)
    bessel = np.sqrt(0.5 * math.pi / (x * mass)) * (1.0 + 1.0 / (x * mass)) ** 0.375
    return np.asarray(np.log(mass**2 * bessel / (x * math.pi**2) * share + 1e-200) - x * (mass - 2.0))
