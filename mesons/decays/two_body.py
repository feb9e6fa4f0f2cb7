"""M -> l nu of a charged meson: masses and kinematics."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError, unknown
from nucore.model.particles import MESONS, check_flavour, mass

Array = NDArray[np.float64]


def parent_and_lepton_mass(parent: str, lepton: str) -> tuple[float, float]:
    """Masses (GeV) of a meson and a lepton for which M -> l nu is open.

    Raises
    ------
    InputError
        If the parent is not a charged pseudoscalar meson or the decay is closed.
    """
    if parent not in MESONS:
        raise unknown("parent", parent, MESONS)
    m_parent, m_lepton = mass(parent), mass(check_flavour(lepton))
    if m_parent <= m_lepton:
        raise InputError(f"{parent} -> {lepton} nu is closed: {lepton} is not lighter than {parent}")
    return m_parent, m_lepton


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
