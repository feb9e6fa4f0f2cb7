"""Rates of Standard Model particles to a massive nu4.

They are relative to the rate to a massless neutrino and without the factor |U_l4|^2: a neutrino of the light states
carries 1 - |U_l4|^2 in its place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nucore.model import constants as c
from nucore.model.kinematics import kallen_of_masses

Real = Any  # float or array of floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


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


def z_pair_factor(r: Real) -> Real:
    """Gamma(Z -> nu4 nu4bar) / (|U_l4|^4 Gamma(Z -> nu nubar)) at r = m4^2/m_Z^2: (1 - r) sqrt(1 - 4r)."""
    r = np.asarray(r)
    return np.where(r < 0.25, (1.0 - r) * np.sqrt(np.maximum(1.0 - 4.0 * r, 0.0)), 0.0)


def invisible_neutrino_number(s_sq: Real, weight: Real, single: Real, pair: Real) -> Real:
    """Number of light neutrinos that the invisible Z width counts.

    Z nu_i nu_j carries delta_ij - U_i4 U_j4, so that only the sum over flavours s^2 counts.

    Parameters
    ----------
    s_sq : float or array
        s^2.
    weight : float or array
        What the light neutrinos miss per s^2: 1 at tree level.
    single : float or array
        Gamma(Z -> nu nu4)/Gamma(Z -> nu nubar) of what is not seen, per unit of s^2 (1 - s^2): f1, `w_two_body_factor`
        at r = m4^2/m_Z^2 for a narrow and invisible nu4.
    pair : float or array
        f2, that of nu4 nu4bar per unit of s^4: `z_pair_factor`.

    Returns
    -------
    float or array
        ``2 + (1 - s^2)^2 + 2 s^2 (1 - s^2) f1 + s^4 f2``; 3 for m4 -> 0.
    """
    light = 1.0 - weight * s_sq
    return 2.0 + light**2 + 2.0 * s_sq * light * single + s_sq**2 * pair


def width_h_to_nu4(s_sq: Real, single: Real, pair: Real) -> Real:
    """Width of h -> nu nu4 (both charge states) and h -> nu4 nu4bar, in GeV.

    Parameters
    ----------
    s_sq : float or array
        s^2, sum of |U_l4|^2 over flavours.
    single : float or array
        r (1 - r)^2 at r = m4^2/m_h^2, or what takes its place for a broad nu4.
    pair : float or array
        r (1 - 4 r)^(3/2), `h_pair_factor`.

    Returns
    -------
    float or array
        ``[s^2 (1 - s^2) r (1 - r)^2 + s^4 r (1 - 4 r)^(3/2)] m_h^3/(16 pi v^2)``, v = 174 GeV.
    """
    return (s_sq * (1.0 - s_sq) * single + s_sq**2 * pair) * float(c.M_H) ** 3 / (16.0 * np.pi * c.VEV**2)


def h_pair_factor(r: Real) -> Real:
    """R (1 - 4 r)^(3/2) of h -> nu4 nu4bar at r = m4^2/m_h^2; 0 where closed."""
    return r * np.maximum(1.0 - 4.0 * np.asarray(r), 0.0) ** 1.5


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


def three_body_lepton_function(x1: Real, x2: Real, x3: Real) -> Real:
    """Phase-space function I(x1, x2, x3) of a V-A decay of a fermion to three fermions.

    Parameters
    ----------
    x1, x2, x3 : float or array
        Masses of the products over the mass of the parent: x1 is paired with the parent in the charged
        current (tau -> nu_tau or nu4), x2 and x3 come from the W.

    Returns
    -------
    float or array
        Rate relative to massless products, of the broadcast shape; I(0, 0, 0) = 1, 0 where closed.

    References
    ----------
    A. Atre, T. Han, S. Pascoli, B. Zhang, arXiv:0901.3589 (their I_1).
    """
    masses = np.stack(np.broadcast_arrays(x1, x2, x3)).astype(np.float64)
    is_open = masses.sum(axis=0) < 1.0
    value = np.zeros(masses.shape[1:])
    value[is_open] = _open_lepton_function(*masses[:, is_open, None])
    return value[()]


def _open_lepton_function(x1: Real, x2: Real, x3: Real) -> Real:
    """`three_body_lepton_function` of masses of shape (n, 1) where it is not zero, shape (n,)."""
    low, high = (x2 + x3) ** 2, (1.0 - x1) ** 2
    # s = low + (high - low) sin^2(t) makes the square roots at both ends smooth
    t = 0.25 * math.pi * (_NODES + 1.0)
    above, below = (high - low) * np.sin(t) ** 2, (high - low) * np.cos(t) ** 2
    s = low + above
    pair = np.sqrt(above * np.maximum(s - (x2 - x3) ** 2, 0.0))
    parent = np.sqrt(below * ((1.0 + x1) ** 2 - s))
    density = (s - x2**2 - x3**2) * (1.0 + x1**2 - s) * pair * parent / s
    return 12.0 * 0.25 * math.pi * np.sum(_WEIGHTS * density * 2.0 * np.sqrt(above * below), axis=-1)


def tau_hadron_ratio(m4: Real, m_hadron: float) -> Real:
    """Gamma(tau -> h nu4) / (|U_tau4|^2 Gamma(tau -> h nu)) of a pseudoscalar h (masses in GeV); 0 where closed."""
    m_tau = float(c.M_TAU)
    x, y = (m_hadron / m_tau) ** 2, (m4 / m_tau) ** 2
    root = np.sqrt(np.where(m4 < m_tau - m_hadron, kallen_of_masses(m_tau, m_hadron, m4), 0.0)) / m_tau**2
    return ((1.0 - y) ** 2 - x * (1.0 + y)) * root / (1.0 - x) ** 2
