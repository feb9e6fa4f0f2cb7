"""Matrix element of W -> l nu and sampling of `collider.decay.w_decay.decay_density`, in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from collider.decay.w_decay import decay_density

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


def random_coefficients(rng: np.random.Generator, *shape: int) -> FloatArray:
    """Draw A0 ... A4, float64[5, *shape], of a mixture of three W bosons, each fully polarised along some vector v.

    Each has the density (1 - v.n)^2 in the direction n of the lepton, averaged over the sign of v_y.
    """
    v = rng.normal(size=(3, 3, *shape))
    x, y, z = v / np.sqrt((v**2).sum(axis=0))
    share = rng.dirichlet(np.ones(3), shape)
    coefficients = np.array([x**2 + y**2, x * z, x**2 - y**2, -2.0 * x, -2.0 * z])
    return np.asarray(np.einsum("ak...,...k->a...", coefficients, share))


def one_minus_cos(uniforms: ArrayLike, select: ArrayLike, coefficients: ArrayLike, r: ArrayLike) -> FloatArray:
    """Sample 1 - c of the decay density, integrated over the azimuth, without inverting it.

    Of three uniforms the maximum has the density 3 t^2, the minimum 3 (1 - t)^2 and the median 6 t (1 - t): with
    1 - c = 2 t these are the three terms (1 - c)^2, (1 + c)^2 and 1 - c^2 of the density.

    Parameters
    ----------
    uniforms : array[3, n]
    select : array[n]
        Uniforms that choose between the three.
    coefficients : array[5, n] or array[5]
        A0 ... A4.
    r : array[n] or float
        m4^2/m^2 in [0, 1].

    Returns
    -------
    array[n]
        1 - cos(theta) in [0, 2].
    """
    least, median, largest = np.sort(np.asarray(uniforms, float), axis=0)
    u, r, A = np.asarray(select, float), np.asarray(r, float), np.asarray(coefficients, float)
    A0, A4 = (r + (1.0 - r) * A[0]) / (1.0 + 0.5 * r), A[4] / (1.0 + 0.5 * r)
    is_largest, is_median = u < 0.5 - 0.25 * A0 - 0.25 * A4, u >= 1.0 - 0.5 * A0
    return np.asarray(2.0 * np.where(is_largest, largest, np.where(is_median, median, least)))


def azimuth(u_phi: ArrayLike, choose: ArrayLike, x: ArrayLike, coefficients: ArrayLike, r: ArrayLike) -> FloatArray:
    """Choose one of four images of an azimuth 2 pi u by the decay density at each, which add up to a constant.

    A negative density counts as 0, and that of the mirror image, phi to pi - phi, as the sum of both.

    Parameters
    ----------
    u_phi, choose : array[n]
        Uniforms.
    x : array[n]
        1 - cos(theta).
    coefficients, r
        As in `one_minus_cos`.
    """
    phi = 2.0 * np.pi * np.asarray(u_phi, float)
    images = np.array([phi, np.pi - phi, 0.5 * np.pi - phi, 0.5 * np.pi + phi])
    cosine = 1.0 - np.asarray(x, float)
    weights = np.array([decay_density(cosine, image, coefficients, r) for image in images])
    cumulative = np.cumsum(weights, axis=0)
    lowest = np.array([np.zeros(phi.size), cumulative[1]])
    for k in (0, 2):
        cumulative[k] = np.clip(cumulative[k], lowest[k // 2], cumulative[k + 1])
    index = (np.asarray(choose, float) * cumulative[3] >= cumulative[:3]).sum(axis=0)
    return np.asarray(np.take_along_axis(images, index[None], axis=0)[0])
