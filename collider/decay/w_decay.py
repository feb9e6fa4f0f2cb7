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
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


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
