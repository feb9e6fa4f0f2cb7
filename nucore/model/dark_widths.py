"""Width of nu4 to the dark sector, through an on-shell or off-shell phi, for arrays of points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.model.resonance_quadrature import peak_nodes

Real = Any  # float or array of floats
Array = NDArray[np.float64]

#: A phi narrower than this, in units of its mass, is taken as this narrow.
_NARROWEST = 1e-100


def nu4_to_chi_phi_trace(m_chi: Real, m_phi: Real, m4: Real, yL: Real, yR: Real, s_sq: Real) -> Real:
    """Squared amplitude of nu4 -> chi phi* in units of m4^2/2: the bracket of Eq. 10 of arXiv:1709.07001 with yR."""
    cos = np.sqrt(1.0 - s_sq)
    x_chi, x_phi = (m_chi / m4) ** 2, (m_phi / m4) ** 2
    return (yL**2 * cos**2 + yR**2) * (1.0 + x_chi - x_phi) + 4.0 * cos * yL * yR * m_chi / m4


def width_dark(
    m_chi: ArrayLike, m_phi: ArrayLike, m4: ArrayLike, yL: ArrayLike, yR: ArrayLike, s_sq: ArrayLike
) -> Array:
    """Width of nu4 -> chi phi*, phi* -> chibar nu, with the Breit-Wigner peak of phi.

    One integral over the mass of phi* from m_chi to m4 - m_chi: far above m_chi + m_phi the two-body width, up to
    Gamma_phi/m_phi; below the three-body nu4 -> chi chibar nu. The width of phi* runs up to m_phi and is that of phi
    above: there its growth would add logarithms of m4/m_phi, which belong to the scale at which yL is taken.
    About 10 microseconds a point.

    Parameters
    ----------
    m_chi, m_phi, m4 : array_like, shape (n,)
        GeV.
    yL, yR : array_like, shape (n,)
    s_sq : array_like, shape (n,)
        Sum of |U_l4|^2.

    Returns
    -------
    array, shape (n,)
        GeV; 0 for m4 <= 2 m_chi.

    References
    ----------
    arXiv:1709.07001, Eqs. 9 and 10.
    """
    given = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (m_chi, m_phi, m4, yL, yR, s_sq)))
    m_chi, m_phi, m4, yL, yR, s_sq = (np.atleast_1d(x) for x in given)
    width = np.zeros(m4.shape)
    open_ = (m4 > 2.0 * m_chi) & ((yL != 0.0) | (yR != 0.0))
    unstable = open_ & (yL**2 * s_sq > 0.0)
    if unstable.any():
        width[unstable] = _through_unstable_phi(*(x[unstable] for x in (m_chi, m_phi, m4, yL, yR, s_sq)))
    stable = open_ & ~unstable & (m4 > m_chi + m_phi)
    if stable.any():
        width[stable] = width_two_body(*(x[stable] for x in (m_chi, m_phi, m4, yL, yR, s_sq)))
    return width


def width_two_body(m_chi: Real, m_phi: Real, m4: Real, yL: Real, yR: Real, s_sq: Real) -> Real:
    """Width of nu4 -> chi phi* for a phi without width in GeV (Eq. 10 with yR); m4 above m_chi + m_phi."""
    trace = nu4_to_chi_phi_trace(m_chi, m_phi, m4, yL, yR, s_sq)
    total, difference = m_chi + m_phi, m_phi - m_chi
    root = np.sqrt((m4 - total) * (m4 + total) * (m4 - difference) * (m4 + difference)) / m4**2
    return m4 * root * trace / (32.0 * np.pi)


def _through_unstable_phi(m_chi: Array, m_phi: Array, m4: Array, yL: Array, yR: Array, s_sq: Array) -> Array:
    # phi -> chi nu4bar is closed for every mass that phi* can have here
    strength = yL**2 * s_sq / (16.0 * np.pi)
    half_width = np.maximum(strength * (m_phi - m_chi * (m_chi / m_phi)) ** 2, _NARROWEST * m_phi**2)
    largest = m4 - m_chi
    nodes = peak_nodes(
        low_from_peak=-(m_phi - m_chi) * (m_phi + m_chi),
        high_from_peak=-((m_phi - m4) + m_chi) * (m_phi + largest),
        span=m4 * (m4 - 2.0 * m_chi),
        half_width=half_width,
    )
    m_chi, m_phi, m4, yL, yR, s_sq, largest, strength = (
        x[:, None] for x in (m_chi, m_phi, m4, yL, yR, s_sq, largest, strength)
    )
    q_sq = m_chi**2 + nodes.from_low
    q = np.sqrt(q_sq)
    absorptive = np.minimum(strength * nodes.from_low**2 / q_sq, half_width[:, None])
    spectrum = absorptive / (np.pi * (nodes.from_peak**2 + absorptive**2))
    root = np.sqrt(nodes.from_high * (m4 + m_chi + q) * (2.0 * m_chi + nodes.from_high / (largest + q))) / m4**2
    heavy = m4 * root * nu4_to_chi_phi_trace(m_chi, q, m4, yL, yR, s_sq) / (32.0 * np.pi)
    return np.asarray(np.sum(nodes.weight * spectrum * heavy, axis=1))
