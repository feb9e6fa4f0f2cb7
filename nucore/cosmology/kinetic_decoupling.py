"""Late kinetic decoupling of chi from neutrinos and the smallest haloes, M_cut (arXiv:1709.07001, Eq. 17).

Elastic scattering, sigma(chi nu) = Y E^2/(8 pi m_chi^4), relaxes momenta at the rate
Gamma_p = Y T_nu^6 J/(24 pi^3 m_chi^5), J = 6 (31/32) 5! zeta(6).  Decoupling, Gamma_p = H, then gives
M_cut = (4 pi/3) rho_chi H^-3, which falls as (m_chi/0.1 GeV)^(-15/4): the printed (0.1 GeV/m_chi)^(-14/4) has the
wrong sign and 14 for 15.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from scipy.special import zeta

from nucore.model import constants as c

Real = Any  # float or array of floats
Convention = Literal["paper", "refined"]

_J = 6.0 * 31.0 / 32.0 * math.factorial(5) * float(zeta(6))
#: Photons, and neutrinos of temperature (4/11)^(1/3) T.
_NU_TEMPERATURE = (4.0 / 11.0) ** (1.0 / 3.0)
_G_ENERGY = 2.0 + 5.25 * _NU_TEMPERATURE**4
_G_ENTROPY = 2.0 + 5.25 * _NU_TEMPERATURE**3
_REFERENCE_GEV = 0.1
_PAPER_NORMALISATION_MSUN = 1e8


def decoupling_temperature(m_chi: Real, Y: Real) -> Real:
    """Temperature (GeV) of the photons at which Gamma_p = H, for photons and neutrinos as the only radiation."""
    hubble = math.sqrt(4.0 * math.pi**3 * _G_ENERGY / 45.0) / float(c.M_PLANCK)  # times T^2
    relaxation = Y * _NU_TEMPERATURE**6 * _J / (24.0 * math.pi**3 * m_chi**5)  # times T^6
    return (hubble / relaxation) ** 0.25


def cutoff_mass(m_chi: Real, Y: Real, convention: Convention = "refined") -> Real:
    """Mass (solar masses) of the smallest haloes.

    Parameters
    ----------
    m_chi : float or array
        GeV.
    Y : float or array
    convention : "paper" or "refined"
        ``paper``: 10^8 Y^(3/4) (m_chi/0.1 GeV)^(-15/4), the normalisation printed in Eq. 17 (T_nu = T).
        ``refined``: dark matter within the horizon at decoupling, 1.9e7 in place of 10^8.

    Returns
    -------
    float or array
        NaN without coupling.
    """
    Y = np.where(np.asarray(Y) > 0.0, Y, np.nan)[()]
    if convention == "paper":
        return _PAPER_NORMALISATION_MSUN * Y**0.75 * (m_chi / _REFERENCE_GEV) ** -3.75
    temperature = decoupling_temperature(m_chi, Y)
    radius = float(c.M_PLANCK) / (math.sqrt(4.0 * math.pi**3 * _G_ENERGY / 45.0) * temperature**2)  # 1/H, GeV^-1
    entropy = 2.0 * math.pi**2 / 45.0 * _G_ENTROPY * temperature**3
    density_per_entropy = (
        float(c.OMEGA_DM_H2) * float(c.CRITICAL_DENSITY_GEV_PER_CM3) / float(c.ENTROPY_TODAY_PER_CM3)
    )  # GeV
    return 4.0 * math.pi / 3.0 * density_per_entropy * entropy * radius**3 / float(c.SOLAR_MASS_GEV)


def coupling_of_cutoff(m_chi: Real, cutoff_Msun: Real, convention: Convention = "refined") -> Real:
    """Y at which `cutoff_mass` is ``cutoff_Msun``."""
    return (cutoff_Msun / cutoff_mass(m_chi, 1.0, convention)) ** (4.0 / 3.0)
