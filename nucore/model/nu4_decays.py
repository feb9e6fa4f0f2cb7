"""Widths of nu4 and phi (arXiv:1709.07001, Eqs. 9-11)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.integrate import quad

from nucore.model import constants as c
from nucore.model.kinematics import kallen_of_masses
from nucore.model.parameters import PortalParameters

Real = Any  # float or array of floats


def _width_phi_to_chi(m_phi: Real, m_chi: Real, m_nu: Real, g_left: Real, g_right: Real) -> Real:
    """Gamma(phi -> chi nubar) for a coupling g_left P_L + g_right P_R; zero where closed (GeV)."""
    open_ = m_phi > m_chi + m_nu
    root = np.sqrt(np.where(open_, kallen_of_masses(m_phi, m_chi, m_nu), 0.0)) / m_phi**2
    trace = (g_left**2 + g_right**2) * (1.0 - (m_chi**2 + m_nu**2) / m_phi**2)
    trace = trace - 4.0 * g_left * g_right * m_chi * m_nu / m_phi**2
    return m_phi * trace * root / (16.0 * np.pi)


def width_phi(p: PortalParameters) -> float:
    """Width of phi -> chi nubar, summed over the open mass states.

    The light states give Eq. 9, ``yL^2 s^2 m_phi (1 - m_chi^2/m_phi^2)^2 / (16 pi)``; phi -> chi nu4bar is
    added where ``m_phi > m_chi + m4``.

    Returns
    -------
    float
        Width in GeV.

    References
    ----------
    arXiv:1709.07001, Eq. 9.
    """
    light = _width_phi_to_chi(p.m_phi, p.m_chi, 0.0, p.yL * math.sqrt(p.U4_sq), 0.0)
    heavy = _width_phi_to_chi(p.m_phi, p.m_chi, p.m4, p.yL * math.sqrt(p.UN4_sq), p.yR)
    return float(light + heavy)


def _width_nu4_trace(p: PortalParameters, m_phi: Real) -> Real:
    """Squared amplitude of nu4 -> chi phi* in units of m4^2/2: the bracket of Eq. 10 with yR."""
    cos = math.sqrt(p.UN4_sq)
    x_chi, x_phi = (p.m_chi / p.m4) ** 2, (m_phi / p.m4) ** 2
    return (p.yL**2 * p.UN4_sq + p.yR**2) * (1.0 + x_chi - x_phi) + 4.0 * cos * p.yL * p.yR * p.m_chi / p.m4


def running_width_nu4(above_threshold: Real, m_chi: float, m_phi: float, yL: float) -> Real:
    """Absorptive part gamma(Q^2) of the chi-phi bubble of a virtual nu4, dimensionless.

    Parameters
    ----------
    above_threshold : float or array
        Q^2 - (m_chi + m_phi)^2 in GeV^2, >= 0: the difference, so that nothing cancels near the threshold.
    m_chi, m_phi : float
        GeV.
    yL : float

    Returns
    -------
    float or array
        ``yL^2/(32 pi) (1 + (m_chi^2 - m_phi^2)/Q^2) lambda^(1/2)(1, m_phi^2/Q^2, m_chi^2/Q^2)``; ``Q^2 gamma`` is
        ``m4 Gamma4/(1 - s^2)`` of Eq. 10 at Q^2 = m4^2.
    """
    total = m_chi + m_phi
    q_sq = total**2 + above_threshold
    root = np.sqrt(above_threshold * (above_threshold + 4.0 * m_chi * m_phi))
    return yL**2 / (32.0 * math.pi) * (above_threshold + 2.0 * m_chi * total) * root / q_sq**2


def width_nu4_dark(p: PortalParameters) -> float:
    """Width of nu4 to the dark sector.

    Above ``m_chi + m_phi``: nu4 -> chi phi*, Eq. 10 (with yR). Below: the three-body nu4 -> chi chibar nu
    through an off-shell phi, zero for ``m4 < 2 m_chi``.

    Returns
    -------
    float
        Width in GeV.

    References
    ----------
    arXiv:1709.07001, Eq. 10.
    """
    if p.m4 > p.m_chi + p.m_phi:
        root = np.sqrt(kallen_of_masses(p.m4, p.m_chi, p.m_phi)) / p.m4**2
        return float(p.m4 * root * _width_nu4_trace(p, p.m_phi) / (32.0 * np.pi))
    if p.m4 <= 2.0 * p.m_chi or p.yL == 0.0 or p.U4_sq == 0.0:
        return 0.0
    return _width_nu4_three_body(p)


def _width_nu4_three_body(p: PortalParameters) -> float:
    """Gamma(nu4 -> chi chibar nu) below ``m_chi + m_phi``, in GeV.

    The phi is off shell at q^2 = m_phi^2 - z, with z >= delta > 0 and a Lorentzian of half width w = m_phi
    Gamma_phi. With z = w sinh(t) the integrand varies slowly however narrow phi is and however near the threshold.
    """
    w = p.m_phi * width_phi(p)
    g_light = p.yL * math.sqrt(p.U4_sq)
    q_max = p.m4 - p.m_chi
    delta = math.fsum([p.m_phi, p.m_chi, -p.m4]) * (p.m_phi + q_max)

    def integrand(t: float) -> float:
        z = w * math.sinh(t)
        q = math.sqrt(max(p.m_phi**2 - z, p.m_chi**2))
        # m4 - m_chi - q without cancellation
        above = max(z - delta, 0.0) / (q_max + q)
        root = math.sqrt(above * (p.m4 + p.m_chi + q) * (p.m4 - p.m_chi + q) * (p.m4 + p.m_chi - q))
        heavy = _width_nu4_trace(p, q) * root / (32.0 * math.pi * p.m4)
        light = float(_width_phi_to_chi(q, p.m_chi, 0.0, g_light, 0.0))
        return q / math.pi * light * heavy / (w * math.cosh(t))

    ends = math.asinh(delta / w), math.asinh((p.m_phi**2 - p.m_chi**2) / w)
    return float(quad(integrand, *ends, epsabs=0.0, epsrel=1e-9, limit=400)[0])


@lru_cache(maxsize=4096)
def _width_nu4_to_vector(m4: float, m_v: float, gamma_v: float, g_f: float) -> float:
    """Gamma(nu4 -> l W) for |U|^2 = 1, on shell above m_V, through an off-shell boson below (GeV)."""
    scale = g_f * m4**3 / (8.0 * math.pi * math.sqrt(2.0))

    def two_body(q_sq: float) -> float:
        return float((1.0 - q_sq / m4**2) ** 2 * (1.0 + 2.0 * q_sq / m4**2))

    if m4 > m_v:
        return scale * two_body(m_v**2)

    def integrand(q_sq: float) -> float:
        return m_v * gamma_v / math.pi / ((q_sq - m_v**2) ** 2 + (m_v * gamma_v) ** 2) * two_body(q_sq)

    # the scale of the integrand is far below quad's default absolute tolerance
    near = max(0.0, m4**2 - 4.0 * m_v * gamma_v)
    points = [near] if 0.0 < near < m4**2 else None
    return scale * float(quad(integrand, 0.0, m4**2, epsabs=0.0, epsrel=1e-10, limit=200, points=points)[0])


def width_nu4_w(p: PortalParameters) -> float:
    """Gamma(nu4 -> l- W+) summed over flavours, in GeV (Eq. 11); off-shell W below threshold.

    Below m_W the final states are leptons and massless quarks: inclusive, without hadronic resonances.
    """
    return p.U4_sq * _width_nu4_to_vector(p.m4, p.m_W, float(c.GAMMA_W), p.G_F)


def width_nu4_z(p: PortalParameters) -> float:
    """Gamma(nu4 -> nu Z) summed over the light states, in GeV; off-shell Z below threshold."""
    return 0.5 * p.U4_sq * p.UN4_sq * _width_nu4_to_vector(p.m4, p.m_Z, float(c.GAMMA_Z), p.G_F)


def width_nu4_h(p: PortalParameters) -> float:
    """Gamma(nu4 -> nu h) summed over the light states, in GeV; zero below m_h."""
    if p.m4 <= p.m_h:
        return 0.0
    scale = p.G_F * p.m4**3 / (16.0 * math.pi * math.sqrt(2.0))
    return scale * p.U4_sq * p.UN4_sq * (1.0 - (p.m_h / p.m4) ** 2) ** 2


def width_nu4_weak(p: PortalParameters) -> float:
    """Width of nu4 to l W, nu Z and nu h, in GeV."""
    return width_nu4_w(p) + width_nu4_z(p) + width_nu4_h(p)


def branching_nu4_visible(p: PortalParameters) -> float | None:
    """Branching ratio of nu4 to final states a detector sees; None if nu4 is stable.

    Counts l W, nu h and nu Z without the invisible Z decays.
    """
    total = width_nu4_weak(p) + width_nu4_dark(p)
    if total == 0.0:
        return None
    visible = width_nu4_w(p) + (1.0 - float(c.BR_Z_INVISIBLE)) * width_nu4_z(p) + width_nu4_h(p)
    return visible / total
