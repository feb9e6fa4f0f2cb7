"""Squared missing mass of a decay in flight: its relation to the lepton momentum, and its resolution.

The parent moves with momentum P along z. With the measured momenta of parent and lepton and the angle theta
between them,

    m_miss^2 = M^2 + m^2 - 2 (E_P E - P p cos(theta)),

which for perfect measurements is M^2 + m^2 - 2 M E*, E* the energy of the lepton in the rest frame.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from mesons.decays.two_body import invisible_mass_sq
from mesons.experiments.cards import Experiment

Array = NDArray[np.float64]

#: Name of the histogram of the squared missing mass.
MISSING_MASS_SQ = "missing_mass_sq"
#: Decay angles over which the resolution is averaged.
_COSINES, _COSINE_WEIGHTS = np.polynomial.legendre.leggauss(16)


def missing_mass_sq(experiment: Experiment, momentum: ArrayLike) -> Array:
    """Squared missing mass (GeV^2) of lepton momenta (GeV) in the rest frame of the parent."""
    return invisible_mass_sq(*experiment.masses, momentum)


def missing_mass_sq_edges(experiment: Experiment) -> Array:
    """Edges (GeV^2) of the histogram of the squared missing mass over the momentum range of a card in flight.

    Empty for an experiment that does not measure it.
    """
    if experiment.tracking is None:
        return np.zeros(0)
    high, low = missing_mass_sq(experiment, experiment.momentum_GeV)
    return np.linspace(low, high, round((high - low) / experiment.tracking.missing_mass_sq_bin_GeV2) + 1)


def momentum_of_missing_mass_sq(experiment: Experiment, mass_sq: ArrayLike) -> Array:
    """Rest-frame momentum (GeV) that belongs to a squared missing mass (GeV^2).

    Beyond the largest missing mass M - m the momentum is imaginary; minus its modulus is given.
    """
    m_parent, m_lepton = experiment.masses
    energy = (m_parent**2 + m_lepton**2 - np.asarray(mass_sq, dtype=np.float64)) / (2.0 * m_parent)
    square = (energy - m_lepton) * (energy + m_lepton)
    return np.sign(square) * np.sqrt(np.abs(square))


def measured_errors(experiment: Experiment, momentum: ArrayLike, cosine: ArrayLike) -> tuple[Array, Array, Array]:
    """Mean shift, resolution and skewness of the squared missing mass by the errors of the card's tracking.

    Errors of momenta enter to first order. The squared angle, measured in two planes with an error s each, has
    the mean theta^2 + 2 s^2, the variance 4 theta^2 s^2 + 4 s^4 and the third cumulant 24 theta^2 s^4 + 16 s^6.

    Parameters
    ----------
    experiment : Experiment
        With `tracking`.
    momentum, cosine : arrays that broadcast
        Of the lepton in the rest frame (GeV; angle to the direction of flight).

    Returns
    -------
    shift, sigma, skewness : arrays
        In GeV^2; the skewness has no unit.
    """
    tracking = experiment.tracking
    assert tracking is not None
    m_parent, m_lepton = experiment.masses
    p, c = np.asarray(momentum, dtype=np.float64), np.asarray(cosine, dtype=np.float64)
    beam = experiment.beam_momentum_GeV
    beam_energy = np.hypot(beam, m_parent)
    along = (beam_energy * p * c + beam * np.hypot(p, m_lepton)) / m_parent
    across = p * np.sqrt(1.0 - c**2)
    lab = np.hypot(along, across)
    energy = np.hypot(lab, m_lepton)
    by_lepton = (beam_energy * lab / energy - beam * along / lab) * lab
    by_lepton = by_lepton * np.hypot(tracking.momentum_constant, tracking.momentum_slope_per_GeV * lab)
    by_beam = (beam / beam_energy * energy - along) * beam * (tracking.beam_resolution or tracking.beam_spread)
    error, angle, scale = tracking.angle_rad, across / along, beam * lab
    angular = scale**2 * 4.0 * error**2 * (angle**2 + error**2)
    sigma = np.sqrt(4.0 * (by_lepton**2 + by_beam**2) + angular)
    shift = -2.0 * scale * error**2 + _nominal_beam_shift(experiment, p, c)
    third = -(scale**3) * error**4 * (24.0 * angle**2 + 16.0 * error**2)
    return shift, sigma, third / sigma**3


def _nominal_beam_shift(experiment: Experiment, momentum: Array, cosine: Array) -> Array:
    """Mean shift (GeV^2) from taking the nominal beam momentum for parents that spread around it."""
    tracking = experiment.tracking
    assert tracking is not None
    if tracking.beam_resolution > 0.0:
        return np.zeros(np.broadcast_shapes(momentum.shape, cosine.shape))
    m_parent, m_lepton = experiment.masses
    nominal = experiment.beam_momentum_GeV
    energy, mean = np.hypot(momentum, m_lepton), 0.0
    for node, weight in ((-math.sqrt(3.0), 1.0 / 6.0), (0.0, 2.0 / 3.0), (math.sqrt(3.0), 1.0 / 6.0)):
        beam = nominal * (1.0 + tracking.beam_spread * node)
        along = (np.hypot(beam, m_parent) * momentum * cosine + beam * energy) / m_parent
        lab_energy = np.sqrt(along**2 + momentum**2 * (1.0 - cosine**2) + m_lepton**2)
        mean = mean + weight * 2.0 * (nominal * along - np.hypot(nominal, m_parent) * lab_energy)
    return mean + 2.0 * m_parent * energy


def response_in_flight(experiment: Experiment, momentum: ArrayLike) -> Array:
    """Probability that a lepton of true rest-frame momentum (GeV) is reconstructed in each bin.

    Returns
    -------
    array, shape (n, n_bins)
        Averaged over decay angles; rows add up to at most 1.
    """
    p = np.atleast_1d(np.asarray(momentum, dtype=np.float64))
    edges = missing_mass_sq(experiment, experiment.edges)
    shift, sigma, skewness = measured_errors(experiment, p[:, None], _COSINES)
    mean = missing_mass_sq(experiment, p)[:, None] + shift
    z = (edges - mean[:, :, None]) / np.maximum(sigma, 1e-12)[:, :, None]
    # Edgeworth expansion of the cumulative distribution; the mass falls as the momentum rises
    edgeworth = skewness[:, :, None] * (z**2 - 1.0) * np.exp(-0.5 * z**2) / (6.0 * math.sqrt(2.0 * math.pi))
    above = ndtr(-z) + edgeworth
    return np.diff(np.tensordot(above, _COSINE_WEIGHTS / 2.0, axes=([1], [0])), axis=1)
