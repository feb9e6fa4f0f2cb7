"""Annihilation of chi and the relic target (arXiv:1709.07001, Eqs. 7 and 8)."""

from __future__ import annotations

import math
from typing import Any

from nucore.cosmology.relic_abundance import relic_abundance, relic_sigma_v
from nucore.model import constants as c
from nucore.model.kinematics import two_body_momentum
from nucore.model.parameters import PortalParameters, require_left_handed

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


def thermal_target(m_chi: Real, m_chi_over_m_phi: Real, sigma_v_cm3_per_s: float | None = None) -> Real:
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


def sigma_v(p: PortalParameters) -> float:
    """Return sigma v of chi chibar -> nu nubar (light states) at a parameter point, in cm^3/s."""
    return float(annihilation_sigma_v(p.m_chi, p.m_phi, p.yL**2 * p.U4_sq))


def sigma_v_to_nu4(p: PortalParameters) -> float:
    """s-wave sigma v of chi chibar -> nu nu4bar, nu4 nubar and nu4 nu4bar, in cm^3/s; zero where closed.

    The exchange of phi with left-handed couplings gives |M|^2 = g_1^2 g_2^2 (p_chi.k_1)(p_chibar.k_2)/(t - m_phi^2)^2
    averaged over spins; the formula of Eq. 7 for massless products.

    Raises
    ------
    InputError
        For yR != 0 where a channel is open.
    """
    light, heavy = p.yL**2 * p.U4_sq, p.yL**2 * p.UN4_sq
    total = 0.0
    for m_1, m_2, couplings in ((0.0, p.m4, 2.0 * light * heavy), (p.m4, p.m4, heavy**2)):
        if m_1 + m_2 >= 2.0 * p.m_chi:
            continue
        require_left_handed(p, "annihilation to nu4")
        energy = p.m_chi + (m_1**2 - m_2**2) / (4.0 * p.m_chi)
        momentum = two_body_momentum(2.0 * p.m_chi, m_1, m_2)
        virtuality = p.m_phi**2 - p.m_chi**2 - m_1**2 + 2.0 * p.m_chi * energy
        phase_space = energy * (2.0 * p.m_chi - energy) * momentum / (32.0 * math.pi * p.m_chi)
        total += couplings * phase_space / virtuality**2
    return total * c.GEV_M2_TO_CM3_PER_S


def omega_h2(p: PortalParameters) -> float | None:
    """Return Omega h^2 of chi at a parameter point, all channels to neutrinos and nu4; None outside the tables.

    References
    ----------
    `nucore.cosmology.relic_abundance`.
    """
    value = float(relic_abundance(p.m_chi, sigma_v(p) + sigma_v_to_nu4(p)))
    return value if math.isfinite(value) else None


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
