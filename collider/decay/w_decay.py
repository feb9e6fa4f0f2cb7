r"""W -> l nu with a massless or massive (nu4) neutrino: matrix element, angular law and how it is sampled.

For an up-type quark or antiquark p_u and its down-type partner p_d annihilating into a W, and for both charges,

    sum |[vbar gamma^mu (1 - gamma5) u] [ubar gamma_mu (1 - gamma5) v]|^2 = 256 (p_u . k_l) (p_d . k_n),

k_l the charged lepton and k_n the neutrino of mass m4. The longitudinal part of the W propagator drops out, because
the quark current is conserved for massless quarks, so the law is exact in m4. With c the cosine of the angle between
the lepton and the up-type parton in the W rest frame and r = m4^2/m^2 the decay density is

    dGamma/dc ~ (1 - r)^2 [(1 - c)^2 + r (1 - c^2)].

References
----------
Matrix element for a massless neutrino: R. K. Ellis, W. J. Stirling, B. R. Webber, QCD and Collider Physics (1996),
chapter 9; the neutrino mass is kept here. Kinematics of W -> l nu4: arXiv:1709.07001, Eq. (13). Rest frame:
J. C. Collins and D. E. Soper, Phys. Rev. D 16 (1977) 2219.
"""

from __future__ import annotations

from dataclasses import dataclass

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


def max_probability(r: ArrayLike) -> FloatArray:
    """Compute the probability 1/(1 + r/2) that (1 - c)/2 is the maximum, not the median, of three uniforms.

    The maximum has the density 3 t^2 and the median 6 t (1 - t): with 1 - c = 2 t these are the two terms of the
    decay density.
    """
    return np.asarray(1.0 / (1.0 + 0.5 * np.asarray(r, float)))


def one_minus_cos(uniforms: ArrayLike, select: ArrayLike, r: ArrayLike) -> FloatArray:
    """Sample 1 - c of the decay density without inverting it.

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
    return np.asarray(2.0 * np.where(np.asarray(select, float) < max_probability(r), ordered[2], ordered[1]))


@dataclass(frozen=True)
class DecayMomenta:
    """Four-momenta of W -> l nu in the laboratory, ``[4, n]`` as (E, px, py, pz) in GeV."""

    lepton: FloatArray
    neutrino: FloatArray


def decay_momenta(
    mass: FloatArray,
    m4: FloatArray,
    pt: FloatArray,
    rapidity: FloatArray,
    phi: FloatArray,
    one_minus_cosine: FloatArray,
    phi_star: FloatArray,
) -> DecayMomenta:
    """Compute the momenta of lepton and neutrino in the laboratory from the variables of production and decay.

    In the Collins-Soper frame z points along the up-type parton and x along the W's transverse momentum. The way to
    the laboratory is a boost along x with gamma = m_T/m, one along z by the rapidity, and a rotation by phi.

    Parameters
    ----------
    mass, pt : array[n]
        Mass and transverse momentum of the W in GeV.
    m4 : array[n]
        Neutrino mass in GeV, below `mass`.
    rapidity, phi : array[n]
        Of the W; the up-type parton moves towards +z.
    one_minus_cosine, phi_star : array[n]
        1 - cos(theta) and azimuth of the lepton in the Collins-Soper frame.

    Returns
    -------
    DecayMomenta
    """
    r = (m4 / mass) ** 2
    momentum = 0.5 * mass * (1.0 - r)
    sin_theta = np.sqrt(one_minus_cosine * (2.0 - one_minus_cosine))
    k = momentum * np.array([sin_theta * np.cos(phi_star), sin_theta * np.sin(phi_star), 1.0 - one_minus_cosine])
    boost = (mass, pt, rapidity, phi)
    return DecayMomenta(
        lepton=_to_laboratory(momentum, k, *boost),
        neutrino=_to_laboratory(0.5 * mass * (1.0 + r), -k, *boost),
    )


def _to_laboratory(
    energy: FloatArray,
    k: FloatArray,
    mass: FloatArray,
    pt: FloatArray,
    rapidity: FloatArray,
    phi: FloatArray,
) -> FloatArray:
    """Boost from the Collins-Soper frame along x and z and rotate about z; ``k`` is ``[3, n]``."""
    gamma, gamma_beta = np.hypot(mass, pt) / mass, pt / mass
    x = gamma * k[0] + gamma_beta * energy
    e = gamma * energy + gamma_beta * k[0]
    cosh, sinh = np.cosh(rapidity), np.sinh(rapidity)
    cos, sin = np.cos(phi), np.sin(phi)
    return np.array([cosh * e + sinh * k[2], cos * x - sin * k[1], sin * x + cos * k[1], sinh * e + cosh * k[2]])
