"""Radiative coupling of phi to the Higgs boson, h -> phi phi* through it, and its effect on m_phi.

A loop of chi, nu4 and the light lepton gives lambda_phiH |phi|^2 |H|^2 with |lambda_phiH| of the order of
yL^2 lambda^2/(16 pi^2), lambda = U m4/v: the estimate of arXiv:1709.07001 without its logarithm or constant, so every
number here is an order of magnitude.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nucore.model.parameters import PortalParameters
from nucore.model.particles import FLAVOURS
from nucore.model.points import ParameterPoints

Real = Any  # float or array of floats
Points = PortalParameters | ParameterPoints


def portal_coupling(p: Points) -> Real:
    """Return the estimate yL^2 sum lambda_l^2/(16 pi^2) of |lambda_phiH|."""
    return p.yL**2 * sum(p.yukawa(flavour) ** 2 for flavour in FLAVOURS) / (16.0 * math.pi**2)


def width_h_to_phi(p: Points, coupling: Real) -> Real:
    """Width of h -> phi phi* (GeV) at a coupling lambda_phiH, zero where closed.

    Returns
    -------
    float
        ``lambda_phiH^2 v^2 sqrt(1 - 4 m_phi^2/m_h^2)/(8 pi m_h)`` with v = 174 GeV: the vertex of |phi|^2 |H|^2 is
        sqrt2 v lambda_phiH.
    """
    speed = np.sqrt(np.maximum(1.0 - (2.0 * p.m_phi / p.m_h) ** 2, 0.0))
    return coupling**2 * p.vev**2 * speed / (8.0 * math.pi * p.m_h)


def relative_mass_shift(p: Points, coupling: Real) -> Real:
    """Return delta m_phi^2/m_phi^2 = lambda_phiH v^2/m_phi^2, the contribution of electroweak breaking."""
    return coupling * p.vev**2 / p.m_phi**2
