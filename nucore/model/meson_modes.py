"""Decay of a light nu4 to a lepton and one meson.

Widths are for |U_l4|^2 = 1 in units of ``G_F^2 m4^5 / (192 pi^3)``. Pseudoscalar mesons and the vector mesons rho,
omega, phi as narrow states; K* (V_us) and heavier mesons are left to the quarks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucore.model import constants as c

Array = NDArray[np.float64]

_S2 = float(c.SIN2_THETA_EFF)
#: Mass and f^2 |V_CKM|^2 in GeV, and whether a vector.
_CHARGED = (
    (float(c.M_PI), float(c.F_PI**2 * (1.0 - c.V_US**2)), False),
    (float(c.M_K), float((c.F_K * c.V_US) ** 2), False),
    (float(c.M_RHO), float(c.F_RHO**2 * (1.0 - c.V_US**2)), True),
)
#: Mass and f^2 times the square of the neutral coupling relative to the charged one, and whether a vector.
_NEUTRAL = (
    (float(c.M_PI0), float(c.F_PI**2) / 2.0, False),
    (float(c.M_ETA), float(c.F_ETA**2) / 2.0, False),
    (float(c.M_ETA_PRIME), float(c.F_ETA_PRIME**2) / 2.0, False),
    (float(c.M_RHO), float(c.F_RHO**2) * (1.0 - 2.0 * _S2) ** 2 / 2.0, True),
    (float(c.M_OMEGA), float(c.F_OMEGA**2) * (2.0 / 3.0 * _S2) ** 2 / 2.0, True),
    (float(c.M_PHI_MESON), float(c.F_PHI_MESON**2) * (0.5 - 2.0 / 3.0 * _S2) ** 2, True),
)


def charged_mesons(m4: Array, m_lepton: float) -> Array:
    """Width of nu4 -> l- pi+, K+ and rho+.

    Parameters
    ----------
    m4 : array
        GeV.
    m_lepton : float
        GeV.

    References
    ----------
    arXiv:0705.1729, arXiv:0901.3589; as in arXiv:1805.08567, section 3.
    """
    return sum((_one_meson(m4, m_lepton, *meson) for meson in _CHARGED), np.zeros_like(m4))


def neutral_mesons(m4: Array) -> Array:
    """Width of nu4 -> nu pi0, eta, eta', rho0, omega and phi, the same for all flavours.

    Parameters
    ----------
    m4 : array
        GeV.

    References
    ----------
    arXiv:1805.08567, section 3; couplings of omega and phi as in arXiv:2007.03701.
    """
    return sum((_one_meson(m4, 0.0, *meson) for meson in _NEUTRAL), np.zeros_like(m4))


def _one_meson(m4: Array, m_lepton: float, m_meson: float, strength: float, vector: bool) -> Array:
    open_ = m4 > m_lepton + m_meson
    m = np.where(open_, m4, 2.0 * (m_lepton + m_meson))
    a, h = (m_lepton / m) ** 2, (m_meson / m) ** 2
    root = np.sqrt((1.0 - (m_lepton + m_meson) ** 2 / m**2) * (1.0 - (m_lepton - m_meson) ** 2 / m**2))
    spin = h * (1.0 + a) - 2.0 * h**2 if vector else -h * (1.0 + a)
    return np.where(open_, 12.0 * np.pi**2 * strength / m**2 * root * ((1.0 - a) ** 2 + spin), 0.0)
