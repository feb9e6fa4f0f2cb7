r"""Standard Model decays W -> l nu made into decays to a massive nu4, event by event.

With c_m the density of the lepton's direction n for a massless neutrino, E + O of `collider.decay.w_decay`, a neutrino
of mass m4, r = m4^2/m^2, makes it (1 - r)^2 [(E + O) + r (2 - E)] and the lepton's momentum in the rest frame of the W
(m/2)(1 - r). Two facts make a sample of the one into a sample of the other without a division by E + O:

- The first term is the decay as it is. A massless momentum that shrinks by 1 - r in the rest frame does so in every
  frame, so that a lepton l, measured after radiation or before, becomes (1 - r) l, with the weight (1 - r)^2.
- The second is the probability of the spin projection 0 along n; its integral is r/2 times that of the first. E is
  (4/3)(1 + t), with t of angular momentum 2, and 2 - E = (2/3)(1 - 2 t). As 5 P_2(n.n') projects on angular momentum
  2, the mean of 5 P_2(n.n') over the n' of the sample is t(n). Leptons in directions n drawn uniformly with the weights

      (1 - r)^2 (r/2) [1 - 10 P_2(n.n')],

  n' that of the lepton of the same event, hence have the density wanted, for any spin state of any W, known or not.

Six directions n, up and down three random orthogonal axes, add up to 1 - 10 P_2 of mean 1 in every event, so that each
has the total rate (1 - r)^2 (1 + r/2). 1 - 10 P_2 has the mean square 21, so they enlarge the variance of a bin by
about (r/2)^2 21/6: 2% at 30 GeV, 5% at 40 GeV. Moments A_i of the sample in bins of pT and rapidity would enlarge it
less, but err by their binning.

Coefficients A_i that are given, in place of those of the sample, weight all six directions with the law itself, for the
massless neutrino too.

References
----------
arXiv:1709.07001, Eq. (13), for W bosons of one helicity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collider.decay.collins_soper import collins_soper
from collider.decay.w_decay import decay_density, decay_momenta

Array = NDArray[np.float64]

#: New directions of the lepton, and uniform random numbers that they need, per event.
N_DIRECTIONS, N_DIRECTION_UNIFORMS = 6, 3


@dataclass(frozen=True, eq=False)
class Redecay:
    """Leptons of W decays, and their weights as a function of r = m4^2/m^2.

    Attributes
    ----------
    mass : float64[n]
        Of the W, GeV.
    leptons : float64[4, 1 + N_DIRECTIONS, n]
        (E, px, py, pz) in GeV at r = 0: that of the event, then those in new directions with the same share of the
        energy lost to photons.
    massless, longitudinal : float64[1 + N_DIRECTIONS, n]
        Weights (1 - r)^2 (massless + r longitudinal).
    """

    mass: Array
    leptons: Array
    massless: Array
    longitudinal: Array

    def at(self, m4: float) -> tuple[Array, Array]:
        """Return leptons, float64[4, 1 + N_DIRECTIONS, n], and weights, float64[1 + N_DIRECTIONS, n], at a mass (GeV).

        The weight is 0 where the W is lighter.
        """
        r = (m4 / self.mass) ** 2
        left = np.maximum(1.0 - r, 0.0)
        weights = left**2 * (self.massless + r * self.longitudinal)
        return np.where(left > 0.0, left, 1.0) * self.leptons, weights


def random_directions(u: Array) -> Array:
    """Return up and down three orthogonal axes, float64[3, N_DIRECTIONS, n], from uniforms float64[3, n]."""
    cosine, azimuth, turn = 2.0 * u[0] - 1.0, 2.0 * np.pi * u[1], 2.0 * np.pi * u[2]
    sine, zero = np.sqrt(1.0 - cosine**2), np.zeros_like(cosine)
    east = np.array([-np.sin(azimuth), np.cos(azimuth), zero])
    north = np.array([-cosine * np.cos(azimuth), -cosine * np.sin(azimuth), sine])
    up = np.array([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine])
    one = np.cos(turn) * east + np.sin(turn) * north
    two = np.cos(turn) * north - np.sin(turn) * east
    return np.stack([one, -one, two, -two, up, -up], axis=1)


def redecay(lepton: Array, boson: Array, u: Array, coefficients: Array | None = None) -> Redecay:
    """Prepare W decays for any neutrino mass.

    Parameters
    ----------
    lepton, boson : float64[4, n]
        (E, px, py, pz) in GeV; the boson is all that it decays to, photons too.
    u : float64[N_DIRECTION_UNIFORMS, n]
    coefficients : float64[5, n], optional
        A0..A4 with z along +z, in place of the sample's own.

    Returns
    -------
    Redecay

    References
    ----------
    The module docstring.
    """
    pt = np.hypot(boson[1], boson[2])
    mt = np.sqrt(boson[0] ** 2 - boson[3] ** 2)
    mass = np.sqrt(mt**2 - pt**2)
    kept = energy_share(lepton, boson)
    cosine, phi = collins_soper(boson, lepton / kept, 1.0)
    n = random_directions(u)
    phi_star = np.arctan2(n[1], n[0])
    of_w = (mass, np.zeros_like(mass), pt, np.arcsinh(boson[3] / mt), np.arctan2(boson[2], boson[1]))
    mass_k, m4_k, pt_k, y_k, azimuth_k = (np.broadcast_to(a, phi_star.shape) for a in of_w)
    new = decay_momenta(mass_k, m4_k, pt_k, y_k, azimuth_k, 1.0 - n[2], phi_star).lepton
    massless, longitudinal = np.zeros((2, 1 + N_DIRECTIONS, mass.size))
    if coefficients is None:
        massless[0] = 1.0
        sine = np.sqrt(np.maximum(1.0 - cosine**2, 0.0))
        along = sine * np.cos(phi) * n[0] + sine * np.sin(phi) * n[1] + cosine * n[2]
        longitudinal[1:] = 0.5 * (6.0 - 15.0 * along**2) / N_DIRECTIONS
    else:
        light, heavy = (4.0 * np.pi * decay_density(n[2], phi_star, coefficients[:, None], r) for r in (0.0, 1.0))
        massless[1:] = light / N_DIRECTIONS
        longitudinal[1:] = (1.5 * heavy - light) / N_DIRECTIONS  # decay_density divides by 1 + r/2
    leptons = np.concatenate([lepton[:, None], kept * new], axis=1)
    return Redecay(mass, leptons, massless, longitudinal)


def energy_share(lepton: Array, boson: Array) -> Array:
    """Return the lepton's energy over half of the mass of the W, in its rest frame: 1 but for photons, float64[n]."""
    product = boson[0] * lepton[0] - (boson[1:] * lepton[1:]).sum(axis=0)
    mass_sq = boson[0] ** 2 - np.square(boson[1:]).sum(axis=0)
    return np.asarray(2.0 * product / mass_sq)
