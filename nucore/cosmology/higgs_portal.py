"""Radiative coupling of phi to the Higgs boson, h -> phi phi* through it, and its effect on m_phi.

A loop of chi, nu4 and the light lepton gives lambda_phiH |phi|^2 |H|^2 with |lambda_phiH| of the order of
yL^2 lambda^2/(16 pi^2), lambda = U m4/v: the estimate of arXiv:1709.07001, without its logarithm or constant, so every
number here is one of order of magnitude.
"""

from __future__ import annotations

import math

from nucore.model.mixing import lambda_yukawa
from nucore.model.parameters import PortalParameters


def portal_coupling(p: PortalParameters) -> float:
    """Return the estimate yL^2 sum lambda_l^2/(16 pi^2) of |lambda_phiH|."""
    yukawas_sq = sum(lambda_yukawa(u, p.m4, p.vev) ** 2 for u in (p.Ue4, p.Umu4, p.Utau4))
    return p.yL**2 * yukawas_sq / (16.0 * math.pi**2)


def width_h_to_phi(p: PortalParameters, coupling: float | None = None) -> float:
    """Width of h -> phi phi* (GeV), zero where closed.

    Parameters
    ----------
    p : PortalParameters
    coupling : float, optional
        lambda_phiH; `portal_coupling` by default.

    Returns
    -------
    float
        ``lambda_phiH^2 v^2 sqrt(1 - 4 m_phi^2/m_h^2)/(8 pi m_h)`` with v = 174 GeV: the vertex of |phi|^2 |H|^2 is
        sqrt2 v lambda_phiH.
    """
    if 2.0 * p.m_phi >= p.m_h:
        return 0.0
    value = portal_coupling(p) if coupling is None else coupling
    speed = math.sqrt(1.0 - (2.0 * p.m_phi / p.m_h) ** 2)
    return value**2 * p.vev**2 * speed / (8.0 * math.pi * p.m_h)


def relative_mass_shift(p: PortalParameters, coupling: float | None = None) -> float:
    """Return delta m_phi^2/m_phi^2 = lambda_phiH v^2/m_phi^2, what electroweak breaking adds through the coupling."""
    value = portal_coupling(p) if coupling is None else coupling
    return value * p.vev**2 / p.m_phi**2
