"""Annihilation of chi and the relic target (arXiv:1709.07001, Eqs. 7 and 8)."""

from __future__ import annotations

import math
from typing import Any

from nucore.cosmology.relic_abundance import relic_sigma_v
from nucore.model import constants as c

Real = Any  # float or array of floats


def dark_coupling(yL_sq_U_sq: Real, m_chi_over_m_phi: Real) -> Real:
    """Y = yL^4 |U|^4 (m_chi/m_phi)^4 from yL^2 |U|^2 and the mass ratio (Eq. 8)."""
    return yL_sq_U_sq**2 * m_chi_over_m_phi**4


def annihilation_sigma_v(m_chi: Real, m_phi: Real, yL_sq_U_sq: Real) -> Real:
    """s-wave sigma v of chi chibar -> nu nubar (light states), in cm^3/s.

    Parameters
    ----------
    m_chi, m_phi : float or array
        Masses in GeV.
    yL_sq_U_sq : float or array
        yL^2 s^2 with s^2 = sum over flavours of |U_l4|^2.

    References
    ----------
    arXiv:1709.07001, Eq. 7, first line.
    """
    natural = yL_sq_U_sq**2 * m_chi**2 / (32.0 * math.pi * (m_phi**2 + m_chi**2) ** 2)
    return natural * c.GEV_M2_TO_CM3_PER_S


def thermal_target(m_chi: Real, m_chi_over_m_phi: Real, sigma_v_cm3_per_s: Real = None) -> Real:
    """Y at which chi annihilates with a given sigma v, by the full Eq. 7.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    m_chi_over_m_phi : float or array
        Mass ratio, below 1.
    sigma_v_cm3_per_s : float, optional
        Target, 3e-26 cm^3/s by default.

    Returns
    -------
    float or array
        ``32 pi m_chi^2 (1 + m_chi^2/m_phi^2)^2 sigma v``.
    """
    target = float(c.SIGMA_V_THERMAL_CM3_PER_S) if sigma_v_cm3_per_s is None else sigma_v_cm3_per_s
    natural = target / c.GEV_M2_TO_CM3_PER_S
    return 32.0 * math.pi * m_chi**2 * (1.0 + m_chi_over_m_phi**2) ** 2 * natural


def relic_target(m_chi: Real, m_chi_over_m_phi: Real) -> Real:
    """Y at which chi chibar -> nu nubar (Eq. 7) leaves the observed dark matter; NaN outside the tables.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    m_chi_over_m_phi : float or array
        Mass ratio, below 1.
    """
    return thermal_target(m_chi, m_chi_over_m_phi, 1.0) * relic_sigma_v(m_chi)
