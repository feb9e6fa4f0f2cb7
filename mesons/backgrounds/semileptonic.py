"""K+ -> pi0 l+ nu: Dalitz plot with measured form factors."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from mesons.backgrounds.dalitz import ThreeBody, dalitz_scale
from mesons.decays.semileptonic import form_factors
from mesons.decays.standard_decays import value
from nucore.errors import InputError
from nucore.model import constants as c
from nucore.model.particles import mass

Array = NDArray[np.float64]

_M_K, _M_PI0 = float(c.M_K), float(c.M_PI0)


def kinematics(lepton: str) -> ThreeBody:
    """Masses with the lepton first, the pi0 second.

    Raises
    ------
    InputError
        For a tau.
    """
    if lepton not in ("e", "mu"):
        raise InputError(f"K+ -> pi0 {lepton} nu is closed: expected one of e, mu")
    return ThreeBody(_M_K, mass(lepton), _M_PI0, 0.0)


def _shape(lepton: str, energy: Array, pion_energy: Array) -> Array:
    """Rate per unit of both energies, in arbitrary units.

    References
    ----------
    L.-M. Chounet, J.-M. Gaillard, M. K. Gaillard, Phys. Rep. 4 (1972) 199; PDG review of the K_l3 form factors.
    """
    m_sq = kinematics(lepton).m1 ** 2
    neutrino = _M_K - energy - pion_energy
    released = (_M_K**2 + _M_PI0**2 - m_sq) / (2.0 * _M_K) - pion_energy
    t = _M_K**2 + _M_PI0**2 - 2.0 * _M_K * pion_energy
    plus, zero = form_factors(t)
    xi = (zero / plus - 1.0) * (_M_K**2 - _M_PI0**2) / t
    a = _M_K * (2.0 * energy * neutrino - _M_K * released) + m_sq * (0.25 * released - neutrino)
    return plus**2 * (a + m_sq * (neutrino - 0.5 * released) * xi + 0.25 * m_sq * released * xi**2)


@cache
def _scale(lepton: str) -> float:
    """Measured branching ratio over the integral of the shape."""
    measured = value("branching_ratios", f"pi0_{lepton}_nu")
    return dalitz_scale(kinematics(lepton), lambda *e: _shape(lepton, *e), measured)


def weight(lepton: str, energy: Array, pion_energy: Array) -> Array:
    """d2(BR)/dE_l dE_pi in 1/GeV^2 within the Dalitz plot, normalised to the measured branching ratio."""
    return _scale(lepton) * _shape(lepton, energy, pion_energy)
