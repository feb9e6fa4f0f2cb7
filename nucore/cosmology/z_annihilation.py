"""chi chibar -> Z* -> f fbar through the loop coupling a_Z, resonant near m_chi = m_Z/2.

The tree process chi chibar -> nu nubar (Eq. 7 of arXiv:1709.07001) dominates even where m_chi is close to half the Z
mass.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.model import constants as c

Array = NDArray[np.float64]
Real = Any  # float or array of floats


def _fermion_couplings_sq() -> float:
    """Sum of N_c (v_f^2 + a_f^2) over all fermions but the top, v_f = T3 - 2 Q sin^2, a_f = T3."""
    s_sq = float(c.SIN2_THETA_EFF)
    total = 0.0
    for count, isospin, charge in ((3, 0.5, 0.0), (3, -0.5, -1.0), (6, 0.5, 2.0 / 3.0), (9, -0.5, -1.0 / 3.0)):
        total += count * ((isospin - 2.0 * charge * s_sq) ** 2 + isospin**2)
    return total


def z_exchange_sigma_v(a_Z: Real, m_chi: Real) -> Array:
    """s-wave sigma v of chi chibar -> Z* -> f fbar (cm^3/s), massless fermions, at rest.

    Parameters
    ----------
    a_Z : float or array
        Right-handed coupling of chi in units of that of a neutrino: its vector half annihilates.
    m_chi : float or array
        GeV.
    """
    m = np.asarray(m_chi, dtype=np.float64)
    m_Z, width = float(c.M_Z), float(c.GAMMA_Z)
    gauge_4 = 2.0 * float(c.G_F) ** 2 * m_Z**4  # (g/2 cos theta_W)^4
    propagator = (4.0 * m**2 - m_Z**2) ** 2 + (m_Z * width) ** 2
    natural = gauge_4 * (0.5 * np.asarray(a_Z)) ** 2 * _fermion_couplings_sq() * m**2 / (math.pi * propagator)
    return np.asarray(natural * c.GEV_M2_TO_CM3_PER_S)
