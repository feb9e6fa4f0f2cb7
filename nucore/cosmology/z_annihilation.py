"""chi chibar -> Z* -> f fbar through the loop coupling a_Z, resonant near m_chi = m_Z/2.

For m_phi = 3 m_chi and m4 = 10 m_chi it reaches 33% of the tree process chi chibar -> nu nubar (Eq. 7 of
arXiv:1709.07001) at the peak, whatever the couplings; the share grows as (1 + m_phi^2/m_chi^2)^2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import wofz

from nucore.model import constants as c

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: (g/2 cos theta_W)^2.
_GAUGE_SQ = math.sqrt(2.0) * float(c.G_F) * float(c.M_Z) ** 2


def _fermion_couplings_sq() -> float:
    """Sum of N_c (v_f^2 + a_f^2) over all fermions but the top, v_f = T3 - 2 Q sin^2, a_f = T3."""
    s_sq = float(c.SIN2_THETA_EFF)
    total = 0.0
    for count, isospin, charge in ((3, 0.5, 0.0), (3, -0.5, -1.0), (6, 0.5, 2.0 / 3.0), (9, -0.5, -1.0 / 3.0)):
        total += count * ((isospin - 2.0 * charge * s_sq) ** 2 + isospin**2)
    return total


def _propagator(m_chi: Array) -> Array:
    """1/(m_Z^2 - s - i m_Z Gamma_Z) at s = 4 m_chi^2."""
    m_Z, width = float(c.M_Z), float(c.GAMMA_Z)
    return np.asarray(1.0 / (m_Z**2 - 4.0 * m_chi**2 - 1j * m_Z * width))


def z_exchange_sigma_v(a_Z: Real, m_chi: Real) -> Array:
    """s-wave sigma v of chi chibar -> Z* -> f fbar (cm^3/s), massless fermions, at rest.

    Parameters
    ----------
    a_Z : float or array
        Right-handed coupling of chi to the Z over g/cos theta_W (`nucore.cosmology.direct_detection.z_coupling`); its
        vector half annihilates.
    m_chi : float or array
        GeV.

    Notes
    -----
    At rest, as today; `thermal_z_sigma_v` is the average at freeze-out. a_Z at zero momentum transfer.
    """
    m = np.asarray(m_chi, dtype=np.float64)
    vector = np.asarray(a_Z) * _GAUGE_SQ  # a_Z/2 (g/cos theta_W), times g/(2 cos theta_W) of f
    natural = vector**2 * _fermion_couplings_sq() * (m * np.abs(_propagator(m))) ** 2 / math.pi
    return np.asarray(natural * c.GEV_M2_TO_CM3_PER_S)


def z_interference_sigma_v(a_Z: Real, m_chi: Real, m_phi: Real, yL_sq_U_sq: Real) -> Array:
    """Interference of Z and phi exchange in chi chibar -> nu nubar (cm^3/s), at rest: positive for m_chi < m_Z/2.

    Both make the operator (chibar gamma P_R chi)(nubar gamma P_L nu) of the neutrino that phi couples to, phi exchange
    after a Fierz rearrangement; the loop gives a_Z the sign of the coupling of a neutrino.

    Parameters
    ----------
    a_Z : float or array
        As in `z_exchange_sigma_v`.
    m_chi, m_phi : float or array
        GeV.
    yL_sq_U_sq : float or array
        yL^2 s^2 with s^2 = sum over flavours of |U_l4|^2, much below 1.
    """
    m = np.asarray(m_chi, dtype=np.float64)
    tree = 0.5 * np.asarray(yL_sq_U_sq) / (np.asarray(m_phi) ** 2 + m**2)
    loop = 2.0 * np.asarray(a_Z) * _GAUGE_SQ * _propagator(m).real
    return np.asarray(tree * loop * m**2 / (4.0 * math.pi) * c.GEV_M2_TO_CM3_PER_S)


def thermal_z_sigma_v(a_Z: Real, m_chi: Real, m_phi: Real, yL_sq_U_sq: Real, x: Real) -> Array:
    """<sigma v> (cm^3/s) that Z exchange adds to chi chibar -> nu nubar: its square and the interference.

    The average over the energy t T above threshold, s = 4 m_chi^2 (1 + t/x), is one over sqrt(t) exp(-t) of the
    propagator alone (s-wave). With zeta^2 = x [(m_Z^2 - i m_Z Gamma_Z)/(4 m_chi^2) - 1] conjugated and Faddeeva's w,

        int sqrt(t) exp(-t)/(t - zeta^2) dt = sqrt(pi) + i pi zeta w(zeta).

    Parameters
    ----------
    a_Z, m_chi, m_phi, yL_sq_U_sq : float or array
        As in `z_interference_sigma_v`, GeV.
    x : float or array
        m_chi/T; broadcast against the rest.
    """
    m = np.asarray(m_chi, dtype=np.float64)
    m_Z, width = float(c.M_Z), float(c.GAMMA_Z)
    pole = x * ((m_Z**2 + 1j * m_Z * width) / (4.0 * m**2) - 1.0)
    zeta = np.sqrt(pole)
    mean = 2.0 + 2j * math.sqrt(math.pi) * zeta * wofz(zeta)
    square = x / (4.0 * m**2) * mean.imag / (m_Z * width)
    real = -x / (4.0 * m**2) * mean.real
    vector = np.asarray(a_Z) * _GAUGE_SQ
    tree = 0.5 * np.asarray(yL_sq_U_sq) / (np.asarray(m_phi) ** 2 + m**2)
    natural = m**2 / math.pi * (vector**2 * _fermion_couplings_sq() * square + 0.5 * tree * vector * real)
    return np.asarray(natural * c.GEV_M2_TO_CM3_PER_S)
