"""Loop-induced coupling of chi to the Z and scattering on nuclei (arXiv:1709.07001, Eqs. 14-16).

Only the neutrinos inside the loop couple to the Z.  Both of their lines are <N nubar>, so that

    a_Z = s^2 (1 - s^2) yL^2/(16 pi^2) * G,

G a function of the masses: (x - 1 - ln x)/[4 (1-x)^2], x = m_phi^2/m4^2, at m_chi = 0 (Eq. 15), and
`vector_loop_function` for any m_chi.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import unknown
from nucore.model import constants as c

Array = NDArray[np.float64]
Real = Any  # float or array of floats

#: Nuclei by name: protons and mean mass number.
NUCLEI = {"Xe": (54, 131.29), "Ge": (32, 72.63), "Ar": (18, 39.95)}


def _double_exponential(n: int = 60, reach: float = 3.6) -> tuple[Array, Array, Array]:
    """Nodes z, 1 - z and weights of the tanh-sinh rule on [0, 1]."""
    t = np.linspace(-reach, reach, 2 * n + 1)
    u = 0.5 * math.pi * np.sinh(t)
    z, rest = 1.0 / (1.0 + np.exp(-2.0 * u)), 1.0 / (1.0 + np.exp(2.0 * u))
    return z, rest, np.asarray(math.pi * np.cosh(t) * z * rest * (t[1] - t[0]))


_Z, _ONE_MINUS_Z, _WEIGHTS = _double_exponential()


def vector_loop_function(m_chi: Real, m_phi: Real, m4: Real) -> Array:
    """G_V, the loop function of the vector (spin-independent) coupling at zero momentum transfer for any m_chi.

    Parameters
    ----------
    m_chi, m_phi, m4 : float or array
        GeV; m_phi > m_chi > 0.

    Returns
    -------
    array
        Tends to Eq. 15 for m_chi -> 0.

    Notes
    -----
    Vertex A gamma^mu P_R + B p^mu pslash P_R of the one-loop diagram with Feynman parameters; by the Gordon identity
    the vector coupling is A + B m_chi^2.
    """
    scale = np.asarray(m4, dtype=np.float64)[..., None]
    chi_sq, phi_sq = (np.asarray(m, dtype=np.float64)[..., None] / scale for m in (m_chi, m_phi))
    chi_sq, phi_sq = chi_sq**2, phi_sq**2
    below = _Z * (phi_sq - chi_sq) + _Z**2 * chi_sq  # z m_phi^2 - z (1-z) m_chi^2
    above = below + _ONE_MINUS_Z
    ratio = np.log1p(_ONE_MINUS_Z / below)  # ln(above/below): nothing large cancels for m_phi far from m4
    recoil = _Z**2 * chi_sq
    single = _ONE_MINUS_Z * (ratio + recoil / above + recoil / below)
    mixed = below * ratio - _ONE_MINUS_Z - recoil * ratio
    return np.asarray(0.5 * np.sum(_WEIGHTS * (single + 2.0 * mixed), axis=-1))


def z_coupling(yL_sq: Real, U_sq: Real, m_chi: Real, m_phi: Real, m4: Real) -> Array:
    """Right-handed coupling a_Z of chi to the Z over g/cos theta_W (Eq. 14), with `vector_loop_function`.

    That of a neutrino is 1/2.

    Parameters
    ----------
    yL_sq, U_sq : float or array
        yL^2 and s^2 = sum |U_l4|^2.
    m_chi, m_phi, m4 : float or array
        GeV.
    """
    return np.asarray(U_sq * (1.0 - U_sq) * yL_sq / (16.0 * math.pi**2) * vector_loop_function(m_chi, m_phi, m4))


def _nucleus(name: str) -> tuple[int, float]:
    if name not in NUCLEI:
        raise unknown("nucleus", name, NUCLEI)
    return NUCLEI[name]


def nucleon_cross_section(a_Z: Real, m_chi: Real, nucleus: str = "Xe") -> Array:
    """Spin-independent cross section per nucleon (cm^2), Eq. 16.

    Parameters
    ----------
    a_Z : float or array
    m_chi : float or array
        GeV.
    nucleus : str
        One of `NUCLEI`: the vector coupling to protons is nearly nil, so the cross section *per nucleon* that a
        limit assuming equal couplings refers to depends on it.
    """
    protons, nucleons = _nucleus(nucleus)
    mass = np.asarray(m_chi, dtype=np.float64)
    reduced = float(c.M_NUCLEON) * mass / (float(c.M_NUCLEON) + mass)
    neutron = float(c.G_F) * np.asarray(a_Z, dtype=np.float64) / math.sqrt(2.0)
    per_nucleon = neutron * (nucleons - protons - (1.0 - 4.0 * float(c.SIN2_THETA_EFF)) * protons) / nucleons
    return np.asarray(reduced**2 / math.pi * per_nucleon**2 * float(c.HBARC_SQ_GEV2_PB) * 1e-36)


def coupling_limit(sigma_n_cm2: Real, m_chi: Real, m_phi: Real, m4: Real, nucleus: str = "Xe") -> Array:
    """Largest Y that a limit on the cross section per nucleon allows, for s^2 << 1.

    Parameters
    ----------
    sigma_n_cm2 : float or array
    m_chi, m_phi, m4 : float or array
        GeV.
    nucleus : str

    Returns
    -------
    array
        Y = (yL^2 s^2)^2 (m_chi/m_phi)^4.
    """
    a_Z = np.sqrt(sigma_n_cm2 / nucleon_cross_section(1.0, m_chi, nucleus))
    yL_sq_U_sq = 16.0 * math.pi**2 * a_Z / vector_loop_function(m_chi, m_phi, m4)
    return np.asarray((yL_sq_U_sq * (np.asarray(m_chi) / m_phi) ** 2) ** 2)


def largest_splitting_seen(m_chi: Real, nucleus: str = "Xe") -> Real:
    """Mass splitting (GeV) of the two halves of chi above which no inelastic scattering on a nucleus is possible.

    A Majorana mass splits chi into two states of which the Z couples one to the other; scattering needs
    delta < mu_N v^2/2, v the escape speed plus that of the Earth.

    Parameters
    ----------
    m_chi : float
        GeV.
    nucleus : str
    """
    mass = _nucleus(nucleus)[1] * float(c.ATOMIC_MASS_UNIT)
    return 0.5 * mass * m_chi / (mass + m_chi) * float(c.MAX_HALO_SPEED) ** 2
