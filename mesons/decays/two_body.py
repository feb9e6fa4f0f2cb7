"""M -> l nu4 of a charged meson: masses, and the momentum of the lepton."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError
from nucore.model.kinematics import two_body_momentum
from nucore.model.particles import MESONS, check_flavour, mass

Array = NDArray[np.float64]
Real = Any  # float or array of floats


def parent_and_lepton_mass(parent: str, lepton: str) -> tuple[float, float]:
    """Masses (GeV) of a meson and a lepton for which M -> l nu is open.

    Raises
    ------
    InputError
        If the parent is not a charged pseudoscalar meson or the decay is closed.
    """
    if parent not in MESONS:
        raise InputError(f"unknown parent {parent!r}: expected one of {', '.join(MESONS)}")
    m_parent, m_lepton = mass(parent), mass(check_flavour(lepton))
    if m_parent <= m_lepton:
        raise InputError(f"{parent} -> {lepton} nu is closed: {lepton} is not lighter than {parent}")
    return m_parent, m_lepton


def peak_momentum(parent: str, lepton: str, m4: Real) -> Real:
    """Lepton momentum (GeV) of M -> l nu4 in the rest frame of M; zero where closed.

    Parameters
    ----------
    parent, lepton : str
        PDG-style names: ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+``; ``e``, ``mu``, ``tau``.
    m4 : float or array
        GeV.
    """
    return two_body_momentum(*parent_and_lepton_mass(parent, lepton), m4)


def invisible_mass_sq(m_parent: float, m_lepton: float, momentum: ArrayLike) -> Array:
    """Squared mass (GeV^2) that recoils against a lepton of given momenta in the rest frame of the parent.

    Parameters
    ----------
    m_parent, m_lepton : float
        GeV.
    momentum : array, shape (n,)
        GeV.
    """
    energy = np.hypot(np.asarray(momentum, dtype=np.float64), m_lepton)
    return np.asarray(m_parent**2 + m_lepton**2 - 2.0 * m_parent * energy)
