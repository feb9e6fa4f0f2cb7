r"""W -> l nu with a massless or massive (nu4) neutrino: the angular law for any W spin state, and the kinematics.

In the rest frame of the W, with the axes of Collins and Soper (z on the side of the beam of the up-type (anti)parton, x
along the transverse momentum of the W), the lepton, massless, has with a massless neutrino the density E + O in
its direction (c = cos(theta), phi),

    E = 1 + c^2 + A0 (1 - 3 c^2)/2 + A1 sin(2 theta) cos(phi) + A2/2 sin^2(theta) cos(2 phi),
    O = A3 sin(theta) cos(phi) + A4 c,

and at leading order A4 = -2, the others 0, for both charges. A neutrino of mass m4, r = m4^2/m^2, makes it

    dGamma/dOmega ~ (1 - r)^2 [E + O + r (2 - E)],

whatever the spin state: E + O is 4 times the probability of the one spin projection on the lepton's direction that
decays into a massless pair, 2 - E is twice that of the projection 0, which a massive neutrino reaches with the relative
rate r/2. The part of the W propagator along its momentum drops out as the quarks are massless. The law is that of
a massless neutrino with, N = 1 + r/2,

    A0' = [r + (1 - r) A0]/N,  A1', A2' = (1 - r) A1, A2/N,  A3', A4' = A3, A4/N.

For massless quarks without radiation, sum |M|^2 ~ (p_u . k_l) (p_d . k_n), which is (1 - c)^2 + r (1 - c^2).

References
----------
Coefficients: E. Mirkes, Nucl. Phys. B 387 (1992) 3; in the normalisation of arXiv:1606.00689. Massless
matrix element: R. K. Ellis, W. J. Stirling, B. R. Webber, QCD and Collider Physics (1996), chapter 9; the neutrino mass
is kept here. Kinematics of W -> l nu4: arXiv:1709.07001, Eq. (13). Rest frame: J. C. Collins and D. E. Soper, Phys.
Rev. D 16 (1977) 2219.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class DecayMomenta:
    """Four-momenta of W -> l nu in the laboratory, ``[4, n]`` as (E, px, py, pz) in GeV."""

    lepton: FloatArray
    neutrino: FloatArray


def decay_density(cosine: ArrayLike, phi: ArrayLike, coefficients: ArrayLike, r: ArrayLike) -> FloatArray:
    """Compute the density of the lepton's direction, normalised to 1 over c in [-1, 1] and phi in 2 pi.

    Parameters
    ----------
    cosine, phi : array[...]
        cos(theta) and azimuth of the lepton in the Collins-Soper frame.
    coefficients : array[5, ...]
        A0 ... A4 of the massless law.
    r : array[...]
        m4^2/m^2 in [0, 1].

    Returns
    -------
    array[...]
        3/(16 pi) [E + O + r (2 - E)]/(1 + r/2) of the module docstring; negative where the coefficients are those of
        no spin state.
    """
    c, ratio = np.asarray(cosine, float), np.asarray(r, float)
    a0, a1, a2, a3, a4 = np.asarray(coefficients, float)
    sine, cos_phi = np.sqrt(1.0 - c**2), np.cos(phi)
    even = 1.0 + c**2 + 0.5 * a0 * (1.0 - 3.0 * c**2) + 2.0 * a1 * sine * c * cos_phi
    even = even + 0.5 * a2 * sine**2 * np.cos(2.0 * np.asarray(phi))
    odd = a3 * sine * cos_phi + a4 * c
    return np.asarray(3.0 / (16.0 * np.pi) * (even + odd + ratio * (2.0 - even)) / (1.0 + 0.5 * ratio))


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

    The direction of the lepton has the density `decay_density`. In the Collins-Soper frame z lies on the side of the
    beam of the up-type (anti)parton and x along the W's transverse momentum. The way to the laboratory is a boost along
    x with gamma = m_T/m, one along z by the rapidity, and a rotation by phi.

    Parameters
    ----------
    mass, pt : array[n]
        Mass and transverse momentum of the W in GeV.
    m4 : array[n]
        Neutrino mass in GeV, below `mass`.
    rapidity, phi : array[n]
        Of the W; the beam of the up-type parton moves towards +z.
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
