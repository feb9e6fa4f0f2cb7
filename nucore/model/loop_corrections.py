"""One-loop relation between the mixing of nu4 at zero momentum and on its mass shell.

The chi-phi bubble multiplies the kinetic term of N_L by ``1 + Sigma(p^2)``, with the absorptive part
`nucore.model.nu4_decays.running_width_nu4`. The light neutrinos, which universality and electroweak data see, mix with
N at p^2 = 0; the rate of an on-shell nu4, which a peak search sees, is the residue at p^2 = m4^2. In
``[p^2 (1 + Sigma) - M^2]`` of N, coupled to nu_l by mu, the two are to first order in mu^2/M^2

    |U|^2 (light states) = mu^2/M^2 (1 + Sigma(0)),
    |U|^2 (nu4 pole)     = mu^2/M^2 (1 + Sigma(m4^2)) / (1 + m4^2 Sigma'(m4^2)),

so their ratio is finite. By the dispersion relation of Sigma the shift below the threshold of chi phi is
``m4^4/pi int ds gamma(s) / [s (s - m4^2)^2]``: the share of the virtual chi-phi states in what the light neutrinos
miss.

Contained: all of order yL^2 at leading order in |U_l4|^2. Not contained: order yL^4 (the shift is an estimate where it
exceeds about 0.3), the N_R coupling yR, order |U_l4|^4, loops of W, Z and h, and the meson or W decays to l chi phi
themselves, which are real emission of the same states. There is no other vertex correction of W l nu at this order, as
chi and phi are neutral: in arXiv:2511.08102, where phi chi couples to nu_l directly, the same self-energy appears with
its divergence, which here is part of the measured |U_l4|^2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: Below this fraction of m_chi + m_phi the power series in p^2 is used: the closed form cancels there.
_SERIES_BELOW = 0.5
_ORDERS = np.arange(2, 24)
_NODES, _WEIGHTS = (x for x in np.polynomial.legendre.leggauss(48))
#: The closed form is singular at the threshold, where one loop is not enough: stay this far away from it, relatively.
_THRESHOLD = 1e-6
#: The residue is finite there; rounding of the masses is about this.
_CLOSEST = 1e-15
_COINCIDENCE = 1e-9


def mixing_loop_shift(m_chi: ArrayLike, m_phi: ArrayLike, m4: ArrayLike, yL: ArrayLike) -> Array:
    """Relative difference of |U_l4|^2 at zero momentum and on the nu4 mass shell, at one loop of chi and phi.

    Parameters
    ----------
    m_chi, m_phi, m4 : array_like, shape (n,)
        GeV; ``m_chi < m_phi``.
    yL : array_like, shape (n,)

    Returns
    -------
    array, shape (n,)
        ``Re[Sigma(0) - Sigma(m4^2) + m4^2 Sigma'(m4^2)]``: |U|^2 of the light states over that of nu4, minus 1. It
        is positive below m_chi + m_phi and grows as an inverse square root towards it.
    """
    given = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (m_chi, m_phi, m4, yL)))
    m_chi, m_phi, m4, yL = (np.atleast_1d(x) for x in given)
    total = m_chi + m_phi
    light = m4 < _SERIES_BELOW * total
    shift = np.empty(m4.shape)
    shift[light] = _series(m_chi[light], m_phi[light], m4[light])
    shift[~light] = _closed_form(m_chi[~light], m_phi[~light], m4[~light])
    return yL**2 / (16.0 * np.pi**2) * shift


def pole_residue(m_chi: ArrayLike, m_phi: ArrayLike, m4: ArrayLike, yL: ArrayLike) -> Array:
    """Residue of a nu4 that cannot decay to chi phi, and 1 for one that can.

    To first order it is ``1 - S``, S = m4^2 Sigma'(m4^2). Beside a density of chi phi in which only the absorptive part
    is resummed it is ``1 - S/(1 + S^2)^(1/2)``: near the threshold, where S = k/(2 d^(1/2)) at m4^2 = Q^2_min - d and
    the absorptive part is k u^(1/2) at Q^2 = Q^2_min + u, that density holds k/(k^2 + 4 d)^(1/2) of |U_l4|^2 and the
    two add up to 1 as they do above.

    Parameters
    ----------
    m_chi, m_phi, m4 : array_like, shape (n,)
        GeV.
    yL : array_like, shape (n,)

    Returns
    -------
    array, shape (n,)
        Falls to 0 at the threshold, where chi phi takes over.
    """
    given = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (m_chi, m_phi, m4, yL)))
    m_chi, m_phi, m4, yL = (np.atleast_1d(x) for x in given)
    residue = np.ones(m4.shape)
    below = m4 <= m_chi + m_phi
    near = below & (m4 >= _SERIES_BELOW * (m_chi + m_phi))
    slope = np.zeros(m4.shape)
    if near.any():
        slope[near] = _closed_parts(m_chi[near], m_phi[near], (1.0 - _CLOSEST) * m4[near], _CLOSEST)[1]
    far = below & ~near
    if far.any():
        slope[far] = _far_slope(m_chi[far], m_phi[far], m4[far])
    slope *= yL**2 / (16.0 * np.pi**2)
    root = np.hypot(1.0, slope)
    residue[below] = (1.0 / (root * (root + slope)))[below]
    residue[m4 == m_chi + m_phi] = 0.0
    return residue


def _far_slope(m_chi: Array, m_phi: Array, m4: Array) -> Array:
    """Integral of ``y u/(1 - u)`` over y far below the threshold."""
    y = 0.5 * (_NODES + 1.0)
    u = m4[:, None] ** 2 * y * (1.0 - y) / (y * m_phi[:, None] ** 2 + (1.0 - y) * m_chi[:, None] ** 2)
    return np.asarray((0.5 * _WEIGHTS * y * u / (1.0 - u)).sum(axis=1))


def _series(m_chi: Array, m_phi: Array, m4: Array) -> Array:
    """Integral of ``y [ln(1 - u) + u/(1 - u)]`` over y, u = m4^2 y (1 - y)/[y m_phi^2 + (1 - y) m_chi^2] < 1/4."""
    y = 0.5 * (_NODES + 1.0)
    denominator = y * m_phi[:, None] ** 2 + (1.0 - y) * m_chi[:, None] ** 2
    u = m4[:, None] ** 2 * y * (1.0 - y) / denominator
    value = np.zeros_like(u)
    for n in _ORDERS[::-1]:
        value = u * value + (1.0 - 1.0 / n)
    return np.asarray((0.5 * _WEIGHTS * y * u**2 * value).sum(axis=1))


def _closed_form(m_chi: Array, m_phi: Array, m4: Array) -> Array:
    """The same integral from the roots of ``y m_phi^2 + (1 - y) m_chi^2 - y (1 - y) m4^2`` in y."""
    return np.asarray(sum(_closed_parts(m_chi, m_phi, m4)))


def _closed_parts(m_chi: Array, m_phi: Array, m4: Array, threshold: float = _THRESHOLD) -> tuple[Array, Array]:
    """``Re[Sigma(0) - Sigma(m4^2)]`` and ``Re m4^2 Sigma'(m4^2)`` over yL^2/(16 pi^2)."""
    # the roots coincide at m4 = m_phi - m_chi, where the sum is smooth
    m4 = np.where(np.abs(m4 / (m_phi - m_chi) - 1.0) < _COINCIDENCE, m4 * (1.0 + _COINCIDENCE), m4)
    x_chi, x_phi = (m_chi / m4) ** 2, (m_phi / m4) ** 2
    root_chi, root_phi = m_chi / m4, m_phi / m4
    gap = (m4 - m_chi - m_phi) / m4
    gap = np.where(np.abs(gap) < threshold, np.copysign(threshold, gap), gap)
    kallen = gap * (2.0 - gap) * (1.0 - root_phi + root_chi) * (1.0 + root_phi - root_chi)
    middle, half = 0.5 * (1.0 + x_chi - x_phi), 0.5 * np.sqrt(kallen.astype(complex))
    # the larger root without cancellation, the other from the product of both
    high = middle + np.where(middle < 0.0, -half, half)
    low = x_chi / high
    logs = _log_moment(high) + _log_moment(low) - _log_moment_at_zero(x_chi, x_phi)
    poles = (_pole_moment(high) - _pole_moment(low)) / (high - low)
    return np.asarray(logs.real), np.asarray(poles.real)


def _log_moment(root: Array) -> Array:
    """``int_0^1 y ln(1 - y/root) dy``, up to an imaginary part for real roots."""
    return np.asarray(0.5 * (1.0 - root**2) * _log_at_one(root) - 0.5 * root - 0.25)


def _log_moment_at_zero(x_chi: Array, x_phi: Array) -> Array:
    """``int_0^1 y ln[1 + y (x_phi - x_chi)/x_chi] dy``."""
    change = (x_phi - x_chi) / x_chi
    y = 0.5 * (_NODES + 1.0)
    # the closed form cancels for nearly equal masses
    small = (0.5 * _WEIGHTS * y * np.log1p(y * np.minimum(change, 1.0)[:, None])).sum(axis=1)
    return np.where(change < 1.0, small, _log_moment((-1.0 / np.maximum(change, 1.0)).astype(complex)))


def _pole_moment(root: Array) -> Array:
    """``int_0^1 y^2 (1 - y)/(y - root) dy``, up to an imaginary part for real roots."""
    return np.asarray(root**2 * (1.0 - root) * _log_at_one(root) + root * (1.0 - root) - 0.5 * root + 1.0 / 6.0)


def _log_at_one(root: Array) -> Array:
    """``ln(1 - 1/root)``; 0 at root = 1 (as where m4 is 1e8 times the other masses), where it is multiplied by 0."""
    inverse = 1.0 - 1.0 / root
    return np.log(np.where(inverse == 0.0, 1.0, inverse))
