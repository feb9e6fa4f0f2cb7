"""M -> l nu4: rate and momentum, relative to M -> l nu with a massless neutrino."""

from __future__ import annotations

from typing import Any

from mesons.decays.three_body import parent_and_lepton_mass
from nucore.model.kinematics import two_body_momentum
from nucore.model.parameters import PortalParameters
from nucore.model.widths import two_body_ratio as ratio_per_mixing

Real = Any  # float or array of floats


def two_body_ratio(parent: str, lepton: str, parameters: PortalParameters) -> float:
    """Gamma(M -> l nu4) / Gamma(M -> l nu, massless) at a parameter point.

    Parameters
    ----------
    parent, lepton : str
        PDG-style names: ``pi+``, ``K+``, ``D+``, ``D_s+``, ``B+``; ``e``, ``mu``, ``tau``.
    parameters : PortalParameters

    Returns
    -------
    float
        ``|U_l4|^2 rho``; zero where closed.

    References
    ----------
    R. E. Shrock, Phys. Rev. D 24 (1981) 1232.
    """
    m_parent, m_lepton = parent_and_lepton_mass(parent, lepton)
    # a closed channel may come as -0.0
    return parameters.U_sq(lepton) * float(ratio_per_mixing(m_parent, m_lepton, parameters.m4)) + 0.0


def light_neutrino_ratio(lepton: str, parameters: PortalParameters) -> float:
    """Gamma(M -> l nu_light) / Gamma(M -> l nu): the share 1 - |U_l4|^2 left to the massless states."""
    return 1.0 - parameters.U_sq(lepton)


def peak_momentum(parent: str, lepton: str, m4: Real) -> Real:
    """Lepton momentum (GeV) of M -> l nu4 in the rest frame of M; zero where closed.

    Parameters
    ----------
    parent, lepton : str
    m4 : float or array
        GeV.
    """
    m_parent, m_lepton = parent_and_lepton_mass(parent, lepton)
    return two_body_momentum(m_parent, m_lepton, m4)
