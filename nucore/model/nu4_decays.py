"""Widths of nu4 and phi at a parameter point, and the visible share of nu4 decays (arXiv:1709.07001, Eqs. 9-11)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nucore.model.dark_widths import width_dark, width_two_body
from nucore.model.kinematics import kallen_of_masses
from nucore.model.parameters import PortalParameters
from nucore.model.particles import FLAVOURS
from nucore.model.points import ParameterPoints
from nucore.model.weak_widths import MEASURED, Bosons, WeakWidths, tabulated_weak_widths, weak_widths

Real = Any  # float or array of floats
Array = NDArray[np.float64]


def _width_phi_to_chi(m_phi: Real, m_chi: Real, m_nu: Real, g_left: Real, g_right: Real) -> Real:
    """Gamma(phi -> chi nubar) for a coupling g_left P_L + g_right P_R; zero where closed (GeV)."""
    open_ = m_phi > m_chi + m_nu
    root = np.sqrt(np.where(open_, kallen_of_masses(m_phi, m_chi, m_nu), 0.0)) / m_phi**2
    trace = (g_left**2 + g_right**2) * (1.0 - (m_chi**2 + m_nu**2) / m_phi**2)
    trace = trace - 4.0 * g_left * g_right * m_chi * m_nu / m_phi**2
    return m_phi * trace * root / (16.0 * np.pi)


def width_phi(p: PortalParameters | ParameterPoints) -> Real:
    """Width of phi -> chi nubar, summed over the open mass states.

    The light states give Eq. 9, ``yL^2 s^2 m_phi (1 - m_chi^2/m_phi^2)^2 / (16 pi)``; phi -> chi nu4bar is
    added where ``m_phi > m_chi + m4``.

    Returns
    -------
    float, or array of shape (n,)
        Width in GeV.

    References
    ----------
    arXiv:1709.07001, Eq. 9.
    """
    light = _width_phi_to_chi(p.m_phi, p.m_chi, 0.0, p.yL * np.sqrt(p.U4_sq), 0.0)
    heavy = _width_phi_to_chi(p.m_phi, p.m_chi, p.m4, p.yL * np.sqrt(p.UN4_sq), p.yR)
    total = light + heavy
    return total if np.ndim(total) else float(total)


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
    """Width of nu4 to the dark sector in GeV; see `nucore.model.dark_widths.width_dark`."""
    return float(width_dark(p.m_chi, p.m_phi, p.m4, p.yL, p.yR, p.U4_sq)[0])


@lru_cache(maxsize=4096)
def _weak_at(m4: float, bosons: Bosons) -> WeakWidths:
    return weak_widths(np.array([m4]), bosons)


def _weak(p: PortalParameters) -> WeakWidths:
    return _weak_at(p.m4, Bosons(p.m_W, p.m_Z, p.m_h, p.G_F))


def width_nu4_w(p: PortalParameters) -> float:
    """Gamma(nu4 -> l- W*) summed over flavours, in GeV: Eq. 11 above m_W, up to Gamma_W/m_W."""
    return float(sum(p.U_sq(flavour) * _weak(p).charged[k, 0] for k, flavour in enumerate(FLAVOURS)))


def width_nu4_z(p: PortalParameters) -> float:
    """Gamma(nu4 -> nu Z*) summed over the light states, in GeV, with the interference with nu4 -> l W*."""
    weak = _weak(p)
    neutral = sum(p.U_sq(flavour) * weak.neutral[k, 0] for k, flavour in enumerate(FLAVOURS))
    return float(p.UN4_sq * (neutral + p.U4_sq * weak.invisible[0]))


def width_nu4_h(p: PortalParameters) -> float:
    """Gamma(nu4 -> nu h*) summed over the light states, in GeV."""
    return float(p.U4_sq * p.UN4_sq * _weak(p).higgs[0])


def width_nu4_weak(p: PortalParameters) -> float:
    """Width of nu4 to l W*, nu Z* and nu h*, in GeV."""
    return width_nu4_w(p) + width_nu4_z(p) + width_nu4_h(p)


class TwoBodyWidths(NamedTuple):
    """Widths of nu4 in GeV to a lepton and an on-shell boson, summed over flavours; 0 where closed.

    For W, Z, h and phi without widths and massless leptons, as the paper and event generators take them.
    """

    w: float
    z: float
    h: float
    phi: float

    @classmethod
    def of(cls, p: PortalParameters) -> TwoBodyWidths:
        """Eq. 11 of arXiv:1709.07001, its companions for Z and h, and Eq. 10."""
        r_w, r_z, r_h = (min((m / p.m4) ** 2, 1.0) for m in (p.m_W, p.m_Z, p.m_h))
        scale = p.G_F * p.m4**3 * p.U4_sq / (8.0 * math.pi * math.sqrt(2.0))
        return cls(
            w=scale * (1.0 - r_w) ** 2 * (1.0 + 2.0 * r_w),
            z=0.5 * scale * p.UN4_sq * (1.0 - r_z) ** 2 * (1.0 + 2.0 * r_z),
            h=0.5 * scale * p.UN4_sq * (1.0 - r_h) ** 2,
            phi=float(width_two_body(p.m_chi, p.m_phi, p.m4, p.yL, p.yR, p.U4_sq)) if p.m4 > p.m_chi + p.m_phi else 0.0,
        )


def branching_nu4_visible(p: PortalParameters) -> float | None:
    """Branching ratio of nu4 to final states a detector sees; None if nu4 is stable.

    Everything but three neutrinos and the dark sector counts.
    """
    weak = width_nu4_weak(p)
    total = weak + width_nu4_dark(p)
    if total == 0.0:
        return None
    return (weak - p.U4_sq * p.UN4_sq * float(_weak(p).invisible[0])) / total


class Nu4Widths(NamedTuple):
    """Widths of nu4 at n points in GeV, arrays of shape (n,); ``visible`` are those a detector sees."""

    weak: Array
    dark: Array
    visible: Array

    @property
    def visible_share(self) -> Array:
        """Branching ratio to what a detector sees, NaN where nu4 is stable."""
        total = self.weak + self.dark
        return np.divide(self.visible, total, out=np.full(total.shape, np.nan), where=total > 0.0)


def nu4_widths(p: ParameterPoints, exact: bool = False) -> Nu4Widths:
    """Widths of nu4 at many points at once.

    The weak widths for the measured bosons and G_F come from a table (to 1e-3, 5 us a point); other values, and all
    with ``exact``, are integrated (4 ms for each m4, 0.3 ms in a large batch).

    Returns
    -------
    Nu4Widths
    """
    U_sq = np.array([p.U_sq(flavour) for flavour in FLAVOURS])
    s_sq = p.U4_sq
    weak = _weak_of_points(p.m4, np.array([p.m_W, p.m_Z, p.m_h, p.G_F]), exact)
    visible = (U_sq * (weak.charged + (1.0 - s_sq) * (weak.neutral + weak.higgs))).sum(axis=0)
    dark = width_dark(p.m_chi, p.m_phi, p.m4, p.yL, p.yR, s_sq)
    return Nu4Widths(visible + s_sq * (1.0 - s_sq) * weak.invisible, dark, visible)


def _weak_of_points(m4: Array, bosons: Array, exact: bool) -> WeakWidths:
    """Weak widths for bosons given by m_W, m_Z, m_h and G_F of each point, shape (4, n)."""
    others = exact | (bosons != np.array(MEASURED)[:, None]).any(axis=0)
    if others.all():
        weak = WeakWidths(*(np.empty((3, m4.size)) for _ in range(2)), *(np.empty(m4.size) for _ in range(2)))
    else:
        weak = tabulated_weak_widths(m4)
    for values in np.unique(bosons[:, others], axis=1).T:
        same = others & (bosons == values[:, None]).all(axis=0)
        for all_points, found in zip(weak, weak_widths(m4[same], Bosons(*values.tolist())), strict=True):
            all_points[..., same] = found
    return weak
