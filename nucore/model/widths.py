"""Partial widths with a massive nu4 (arXiv:1709.07001, Eqs. 9-11).

Rates of Standard Model particles to nu4 are given relative to their rate to a massless neutrino and
without the factor |U_l4|^2: a neutrino of the light states carries 1 - |U_l4|^2 in its place.
"""

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

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


# --- dark decays -------------------------------------------------------------------------------


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


def _width_nu4_to_chi_phi(p: PortalParameters, m_phi: Real) -> Real:
    """Gamma(nu4 -> chi phi*) for a phi of mass `m_phi` (GeV), zero where closed: Eq. 10 with yR."""
    open_ = p.m4 > p.m_chi + m_phi
    root = np.sqrt(np.where(open_, kallen_of_masses(p.m4, p.m_chi, m_phi), 0.0)) / p.m4**2
    return p.m4 * root * _width_nu4_trace(p, m_phi) / (32.0 * np.pi)


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
        return float(_width_nu4_to_chi_phi(p, p.m_phi))
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


# --- weak decays of nu4 ------------------------------------------------------------------------


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


# --- Standard Model parents to a massive nu4 -----------------------------------------------------


def two_body_ratio(m_parent: Real, m_lepton: Real, m4: Real) -> Real:
    """Gamma(M -> l nu4) / (|U_l4|^2 Gamma(M -> l nu)) of a pseudoscalar meson.

    Parameters
    ----------
    m_parent, m_lepton, m4 : float or array
        Masses in GeV.

    Returns
    -------
    float or array
        ``[x_l + x_4 - (x_l - x_4)^2] lambda^(1/2)(1, x_l, x_4) / [x_l (1 - x_l)^2]``; 1 at m4 = 0, above 1
        where the helicity suppression is lifted, 0 where closed.

    References
    ----------
    R. E. Shrock, Phys. Rev. D 24 (1981) 1232.
    """
    x_l, x_4 = (m_lepton / m_parent) ** 2, (m4 / m_parent) ** 2
    open_ = m_parent > m_lepton + m4
    root = np.sqrt(np.where(open_, kallen_of_masses(m_parent, m_lepton, m4), 0.0)) / m_parent**2
    ratio = (x_l + x_4 - (x_l - x_4) ** 2) * root / (x_l * (1.0 - x_l) ** 2)
    return np.where(open_, ratio, 0.0)[()]


def z_two_body_factor(r: Real) -> Real:
    """Gamma(Z -> nu nu4 and its conjugate) / (|U_l4|^2 (1 - |U_l4|^2) 2 Gamma(Z -> nu nubar)) at r = m4^2/m_Z^2.

    The same function of r as for the W; 0.714935 at m4 = 40 GeV.
    """
    return w_two_body_factor(r)


def z_pair_factor(r: Real) -> Real:
    """Gamma(Z -> nu4 nu4bar) / (|U_l4|^4 Gamma(Z -> nu nubar)) at r = m4^2/m_Z^2: (1 - r) sqrt(1 - 4r)."""
    r = np.asarray(r)
    return np.where(r < 0.25, (1.0 - r) * np.sqrt(np.maximum(1.0 - 4.0 * r, 0.0)), 0.0)


def invisible_neutrino_number(U_sq: Real, m4: Real, m_Z: float = float(c.M_Z)) -> Real:
    """Number of light neutrinos the invisible Z width counts, one flavour mixing, nu4 invisible.

    Parameters
    ----------
    U_sq : float or array
        |U_l4|^2 = u.
    m4 : float or array
        GeV.
    m_Z : float
        GeV.

    Returns
    -------
    float or array
        ``2 + (1-u)^2 + 2 u (1-u) f1 + u^2 f2``; 3 for m4 -> 0.
    """
    r = (m4 / m_Z) ** 2
    return 2.0 + (1.0 - U_sq) ** 2 + 2.0 * U_sq * (1.0 - U_sq) * z_two_body_factor(r) + U_sq**2 * z_pair_factor(r)


def width_h_to_nu4(U_sq: Real, m4: Real, m_h: float = float(c.M_H), vev: float = c.VEV) -> Real:
    """Width of h -> nu nu4 (both charge states) and h -> nu4 nu4bar, in GeV.

    Parameters
    ----------
    U_sq : float or array
        |U_l4|^2 = u, one flavour.
    m4 : float or array
        GeV.
    m_h, vev : float
        GeV; vev = 174.

    Returns
    -------
    float or array
        ``u (1-u) m4^2 m_h (1 - m4^2/m_h^2)^2/(16 pi v^2) + u^2 m4^2 m_h (1 - 4 m4^2/m_h^2)^(3/2)/(16 pi v^2)``.
    """
    r = np.asarray((m4 / m_h) ** 2)
    scale = m4**2 * m_h / (16.0 * np.pi * vev**2)
    single = np.where(r < 1.0, (1.0 - r) ** 2, 0.0)
    pair = np.maximum(1.0 - 4.0 * r, 0.0) ** 1.5
    return scale * (U_sq * (1.0 - U_sq) * single + U_sq**2 * pair)


def muon_decay_factor(r: Real) -> Real:
    """Phase space of mu -> e nu nu with one neutrino of mass m4, r = m4^2/m_mu^2: 1 at r = 0, 0 for r >= 1.

    I(r) = 1 - 8r + 8r^3 - r^4 - 12 r^2 ln r; I(0.09) = 0.5198187.
    """
    r = np.asarray(r, dtype=np.float64)
    safe = np.where((r > 0.0) & (r < 1.0), r, 0.5)
    value = 1.0 - 8.0 * safe + 8.0 * safe**3 - safe**4 - 12.0 * safe**2 * np.log(safe)
    return np.where(r <= 0.0, 1.0, np.where(r >= 1.0, 0.0, value))


def w_two_body_factor(r: Real) -> Real:
    """Gamma(W -> l nu4) / (|U_l4|^2 Gamma(W -> l nu)) at r = m4^2/m_W^2: (1 - r)^2 (1 + r/2), 0 for r >= 1."""
    return np.where(np.asarray(r) < 1.0, (1.0 - r) ** 2 * (1.0 + 0.5 * r), 0.0)


def three_body_lepton_function(x1: float, x2: float, x3: float) -> float:
    """Phase-space function I(x1, x2, x3) of a V-A decay of a fermion to three fermions.

    Parameters
    ----------
    x1, x2, x3 : float
        Masses of the products over the mass of the parent: x1 is paired with the parent in the charged
        current (tau -> nu_tau or nu4), x2 and x3 come from the W.

    Returns
    -------
    float
        Rate relative to massless products; I(0, 0, 0) = 1, 0 where closed.

    References
    ----------
    A. Atre, T. Han, S. Pascoli, B. Zhang, arXiv:0901.3589 (their I_1).
    """
    low, high = (x2 + x3) ** 2, (1.0 - x1) ** 2
    if x1 + x2 + x3 >= 1.0:
        return 0.0
    # s = low + (high - low) sin^2(t) makes the square roots at both ends smooth
    t = 0.25 * math.pi * (_NODES + 1.0)
    above, below = (high - low) * np.sin(t) ** 2, (high - low) * np.cos(t) ** 2
    s = low + above
    pair = np.sqrt(above * np.maximum(s - (x2 - x3) ** 2, 0.0))
    parent = np.sqrt(below * ((1.0 + x1) ** 2 - s))
    density = (s - x2**2 - x3**2) * (1.0 + x1**2 - s) * pair * parent / s
    return float(12.0 * 0.25 * math.pi * np.sum(_WEIGHTS * density * 2.0 * np.sqrt(above * below)))


def tau_leptonic_ratio(m4: Real, m_lepton: float) -> Real:
    """Gamma(tau -> l nubar_l nu4) / (|U_tau4|^2 Gamma(tau -> l nubar_l nu)) for masses m4 (GeV); 0 where closed."""
    m_tau = float(c.M_TAU)
    x_l = m_lepton / m_tau
    light = three_body_lepton_function(0.0, x_l, 0.0)
    if np.ndim(m4) == 0:
        return three_body_lepton_function(float(m4) / m_tau, x_l, 0.0) / light
    masses, index = np.unique(np.asarray(m4, dtype=np.float64), return_inverse=True)
    found = np.array([three_body_lepton_function(mass / m_tau, x_l, 0.0) for mass in masses])
    return (found / light)[index].reshape(np.shape(m4))


def tau_hadron_ratio(m4: Real, m_hadron: float) -> Real:
    """Gamma(tau -> h nu4) / (|U_tau4|^2 Gamma(tau -> h nu)) of a pseudoscalar h (masses in GeV); 0 where closed."""
    m_tau = float(c.M_TAU)
    x, y = (m_hadron / m_tau) ** 2, (m4 / m_tau) ** 2
    root = np.sqrt(np.where(m4 < m_tau - m_hadron, kallen_of_masses(m_tau, m_hadron, m4), 0.0)) / m_tau**2
    return ((1.0 - y) ** 2 - x * (1.0 + y)) * root / (1.0 - x) ** 2


def tau_pion_ratio(m4: Real) -> Real:
    """Gamma(tau -> pi nu4) / (|U_tau4|^2 Gamma(tau -> pi nu)) for a mass m4 (GeV); 0 where closed."""
    return tau_hadron_ratio(m4, float(c.M_PI))
