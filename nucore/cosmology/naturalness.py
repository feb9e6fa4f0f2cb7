"""Perturbativity and fine-tuning bounds (arXiv:1709.07001, section on naturalness of m_phi)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nucore.model.parameters import PortalParameters
from nucore.model.particles import FLAVOURS
from nucore.model.points import ParameterPoints

Real = Any  # float or array of floats
Points = PortalParameters | ParameterPoints

#: Largest coupling.
PERTURBATIVE = 4.0 * math.pi


def fine_tuning(p: Points) -> Real:
    """Return delta m_phi^2 / m_phi^2 with delta m_phi^2 = yL^2 m4^2 / (16 pi^2): the cutoff is m4."""
    return (p.yL * p.m4 / (4.0 * math.pi * p.m_phi)) ** 2


def largest_coupling(p: Points) -> Real:
    """Return the largest of |yL|, |yR| and the Yukawa couplings |lambda_l| = |U_l4| m4/v."""
    couplings: list[Real] = [p.yL, p.yR, *map(p.yukawa, FLAVOURS)]
    return np.max(np.abs(couplings), axis=0)


def perturbative(p: Points) -> Any:
    """Whether no coupling exceeds 4 pi."""
    return largest_coupling(p) <= PERTURBATIVE
