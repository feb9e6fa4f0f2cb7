"""Perturbativity and fine-tuning bounds (arXiv:1709.07001, section on naturalness of m_phi)."""

from __future__ import annotations

import math

from nucore.model.mixing import lambda_yukawa
from nucore.model.parameters import PortalParameters


def fine_tuning(p: PortalParameters) -> float:
    """Return delta m_phi^2 / m_phi^2 with delta m_phi^2 = yL^2 m4^2 / (16 pi^2): the cutoff is m4."""
    return (p.yL * p.m4 / (4.0 * math.pi * p.m_phi)) ** 2


def largest_coupling(p: PortalParameters) -> float:
    """Return the largest of |yL|, |yR| and the Yukawa couplings |lambda_l| = |U_l4| m4/v."""
    yukawas = [lambda_yukawa(u, p.m4, p.vev) for u in (p.Ue4, p.Umu4, p.Utau4)]
    return max(abs(y) for y in (p.yL, p.yR, *yukawas))


def perturbative(p: PortalParameters) -> bool:
    """Whether no coupling exceeds 4 pi."""
    return largest_coupling(p) <= 4.0 * math.pi
