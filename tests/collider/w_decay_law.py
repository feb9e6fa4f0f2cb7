"""Matrix element and angular law of W -> l nu in float64, see `collider.decay.w_decay`: what the kernels must give."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

_METRIC = np.array([1.0, -1.0, -1.0, -1.0])


def dot(p: ArrayLike, q: ArrayLike) -> FloatArray:
    """Compute the Minkowski product of four-vectors ``[..., (E, px, py, pz)]``."""
    return np.asarray(np.sum(np.asarray(p, float) * np.asarray(q, float) * _METRIC, axis=-1))


def current_product_sq(p_up: ArrayLike, p_down: ArrayLike, lepton: ArrayLike, neutrino: ArrayLike) -> FloatArray:
    """Compute the spin sum of the squared product of the two V-A currents, 256 (p_u.k_l)(p_d.k_n).

    Parameters
    ----------
    p_up, p_down, lepton, neutrino : array[..., 4]
        Four-momenta (E, px, py, pz) in GeV; quarks and lepton massless, the neutrino of any mass.

    Returns
    -------
    array[...]
        In GeV^4.
    """
    return np.asarray(256.0 * dot(p_up, lepton) * dot(p_down, neutrino))


def squared_amplitude(
    p_up: ArrayLike,
    p_down: ArrayLike,
    lepton: ArrayLike,
    neutrino: ArrayLike,
    m_W: float,
    gamma_W: float,
    G_F: float,
) -> FloatArray:
    """Compute the spin-summed, not averaged, |M|^2 of q qbar' -> l nu for unit CKM and mixing elements.

    128 G_F^2 m_W^4 (p_u.k_l)(p_d.k_n) / [(s - m_W^2)^2 + m_W^2 Gamma_W^2], from G_F/sqrt(2) = g^2/(8 m_W^2).

    Parameters
    ----------
    p_up, p_down, lepton, neutrino : array[..., 4]
        As in `current_product_sq`.
    m_W, gamma_W : float
        W mass and width in GeV.
    G_F : float
        Fermi constant in GeV^-2.

    Returns
    -------
    array[...]
        Dimensionless.
    """
    total = np.asarray(p_up, float) + np.asarray(p_down, float)
    s = dot(total, total)
    coupling_sq = G_F**2 * m_W**4 / 2.0
    propagator = (s - m_W**2) ** 2 + (m_W * gamma_W) ** 2
    return np.asarray(coupling_sq * current_product_sq(p_up, p_down, lepton, neutrino) / propagator)


def angular_density(cos_theta: ArrayLike, r: ArrayLike) -> FloatArray:
    """Compute the density of c = cos(lepton, up-type parton), normalised to 1 on [-1, 1].

    Parameters
    ----------
    cos_theta : array
        In [-1, 1].
    r : array
        m4^2/m^2 in [0, 1], m the mass of the (off-shell) W.
    """
    c, ratio = np.asarray(cos_theta, float), np.asarray(r, float)
    return np.asarray(0.375 * ((1.0 - c) ** 2 + ratio * (1.0 - c**2)) / (1.0 + 0.5 * ratio))


def one_minus_cos(uniforms: ArrayLike, select: ArrayLike, r: ArrayLike) -> FloatArray:
    """Sample 1 - c of the decay density without inverting it.

    The maximum of three uniforms has the density 3 t^2 and the median 6 t (1 - t): with 1 - c = 2 t these are the two
    terms of the decay density, and the first has the probability 1/(1 + r/2).

    Parameters
    ----------
    uniforms : array[3, n]
    select : array[n]
        Uniforms that choose between maximum and median.
    r : array[n] or float
        m4^2/m^2 in [0, 1].

    Returns
    -------
    array[n]
        1 - cos(theta) in [0, 2].
    """
    ordered = np.sort(np.asarray(uniforms, float), axis=0)
    return np.asarray(
        2.0 * np.where(np.asarray(select, float) < 1.0 / (1.0 + 0.5 * np.asarray(r)), ordered[2], ordered[1])
    )
