"""Charged particles from the decay in flight of a muon or a pion, in the rest frame of the first parent."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.decays.leptonic_decays import neutrino_tensor, spectrum_shape, spin_shape
from nucore.model import constants as c
from nucore.model.kinematics import two_body_momentum
from nucore.model.widths import three_body_lepton_function

Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_M_E, _M_MU, _M_PI = float(c.M_E), float(c.M_MU), float(c.M_PI)
#: Largest energy of the electron of mu -> e nu nu, and its momentum, in the rest frame of the muon (GeV).
_MAX_ENERGY = (_M_MU**2 + _M_E**2) / (2.0 * _M_MU)
_MAX_MOMENTUM = (_M_MU**2 - _M_E**2) / (2.0 * _M_MU)
#: Energy and momentum of the muon of pi -> mu nu in the rest frame of the pion (GeV).
_MUON_ENERGY = (_M_PI**2 + _M_MU**2) / (2.0 * _M_PI)
_MUON_MOMENTUM = float(two_body_momentum(_M_PI, _M_MU, 0.0))

#: Longitudinal polarisation of the mu+ of M+ -> mu+ nu: the neutrino is left-handed and M has no spin.
MUON_HELICITY = -1.0


def electron_momentum_ends(muon_momentum: float) -> tuple[float, float]:
    """Momenta (GeV) of the fastest electron of a muon in flight, emitted against and along its flight.

    The spectrum has a kink at the first and ends at the second.
    """
    gamma, gamma_beta = math.hypot(muon_momentum, _M_MU) / _M_MU, muon_momentum / _M_MU
    return abs(gamma * _MAX_MOMENTUM - gamma_beta * _MAX_ENERGY), gamma * _MAX_MOMENTUM + gamma_beta * _MAX_ENERGY


def michel_density(momentum: ArrayLike) -> tuple[Array, Array]:
    """Spectrum of the positron of mu+ -> e+ nu nu at rest, and the coefficient of its cosine to the spin.

    Parameters
    ----------
    momentum : array, shape (n,)
        GeV.

    Returns
    -------
    isotropic, asymmetric : arrays, shape (n,)
        In 1/GeV; the isotropic part integrates to 1.
    """
    massless = neutrino_tensor(0.0, 0.0)
    norm = three_body_lepton_function(0.0, _M_E / _M_MU, 0.0)
    isotropic = spectrum_shape(_M_MU, _M_E, momentum, massless) / norm
    # the charge-conjugate of the electron of a mu- goes the other way
    return isotropic, -spin_shape(_M_MU, _M_E, momentum, massless) / norm


def electron_from_muon(momentum: ArrayLike, muon_momentum: float, polarisation: float) -> Array:
    """Spectrum dN/dp of the e+ of mu+ -> e+ nu nu in flight, per decay.

    Parameters
    ----------
    momentum : array, shape (n,)
        Of the e+ where the muon moves, GeV.
    muon_momentum : float
        GeV; zero for a muon at rest.
    polarisation : float
        Longitudinal, from -1 to 1: -1 for the mu+ of M+ -> mu+ nu.

    Returns
    -------
    array, shape (n,)
        In 1/GeV, zero outside the range; integrates to 1.
    """
    p = np.atleast_1d(np.asarray(momentum, dtype=np.float64))
    if muon_momentum == 0.0:
        return np.where(p < _MAX_MOMENTUM, michel_density(p)[0], 0.0)
    gamma, gamma_beta = math.hypot(muon_momentum, _M_MU) / _M_MU, muon_momentum / _M_MU
    energy = np.hypot(p, _M_E)
    # energies in the rest frame of the muon for a positron along and against its flight
    low = (energy**2 + gamma_beta**2 * _M_E**2) / (gamma * energy + gamma_beta * p)
    high = np.minimum(gamma * energy + gamma_beta * p, _MAX_ENERGY)
    inside = (p > 0.0) & (high > low)
    half = 0.5 * np.where(inside, high - low, 0.0)
    star = np.where(inside, low, _MAX_ENERGY)[:, None] + half[:, None] * (_NODES + 1.0)
    momentum_star = np.sqrt(np.maximum(star**2 - _M_E**2, 1e-300))
    isotropic, asymmetric = michel_density(momentum_star)
    # the cosine follows from E = gamma E* + gamma_beta p* cos
    cosine = (energy[:, None] - gamma * star) / (gamma_beta * momentum_star)
    rate = (isotropic + polarisation * asymmetric * cosine) * star / momentum_star**2
    return p / energy * half * (rate @ _WEIGHTS) / (2.0 * gamma_beta)


def muon_momentum_range(pion_momentum: ArrayLike) -> tuple[Array, Array]:
    """Smallest and largest momentum (GeV) of the muon of pi -> mu nu for pions of given momenta (GeV)."""
    p = np.asarray(pion_momentum, dtype=np.float64)
    middle, spread = p * _MUON_ENERGY / _M_PI, np.hypot(p, _M_PI) * _MUON_MOMENTUM / _M_PI
    return np.abs(middle - spread), middle + spread


def muon_from_pion(momentum: ArrayLike, pion_momentum: float) -> Array:
    """Spectrum dN/dp of the muon of pi -> mu nu in flight, per decay of pions of one momentum.

    Parameters
    ----------
    momentum : array, shape (n,)
        Of the muon where the pion moves, GeV.
    pion_momentum : float
        GeV, positive.

    Returns
    -------
    array, shape (n,)
        In 1/GeV: flat in energy, zero outside `muon_momentum_range`; integrates to 1.
    """
    p = np.atleast_1d(np.asarray(momentum, dtype=np.float64))
    low, high = _muon_energies(pion_momentum)
    energy = np.hypot(p, _M_MU)
    inside = (energy > low) & (energy < high)
    return np.where(inside, p / energy / (high - low), 0.0)


def _muon_energies(pion_momentum: float) -> tuple[float, float]:
    """Smallest and largest energy (GeV) of the muon of pi -> mu nu in flight."""
    middle, spread = math.hypot(pion_momentum, _M_PI) * _MUON_ENERGY, pion_momentum * _MUON_MOMENTUM
    return (middle - spread) / _M_PI, (middle + spread) / _M_PI


def muons_from_pions(momentum: ArrayLike, pions: Callable[[ArrayLike], Array], max_pion_momentum: float) -> Array:
    """Spectrum of the muons of pi -> mu nu in flight for a spectrum of pions.

    Parameters
    ----------
    momentum : array, shape (n,)
        Of the muon, GeV.
    pions : callable
        Density in the pion momentum.
    max_pion_momentum : float
        End of it, GeV.

    Returns
    -------
    array, shape (n,)
        Density in the muon momentum: the integral is that of the pions.
    """
    p = np.atleast_1d(np.asarray(momentum, dtype=np.float64))
    energy = np.hypot(p, _M_MU)
    # pions whose muons reach this momentum: the kinematics of pi <-> mu is symmetric
    low = np.abs(p * _MUON_ENERGY - energy * _MUON_MOMENTUM) * _M_PI / _M_MU**2
    high = np.minimum((p * _MUON_ENERGY + energy * _MUON_MOMENTUM) * _M_PI / _M_MU**2, max_pion_momentum)
    half = 0.5 * np.maximum(high - low, 0.0)
    pion = np.minimum(low, max_pion_momentum)[:, None] + half[:, None] * (_NODES + 1.0)
    flat = pions(pion.ravel()).reshape(pion.shape) * _M_PI / (2.0 * pion * _MUON_MOMENTUM)
    return p / energy * half * (flat @ _WEIGHTS)
