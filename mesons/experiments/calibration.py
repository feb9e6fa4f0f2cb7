"""Calibrating a simulated peak search on its published limits.

For an invisible nu4 an experiment publishes an upper limit on |U_l4|^2 at each m4, i.e. on the branching ratio
of M -> l nu4 at the momentum p(m4). With many background events in a window of width w = 2 n sigma_p that
holds the fraction eps = erf(n / sqrt 2) of the signal,

    BR_UL(p) = z sqrt(B(p) w(p)) / (N A eps),

B being the background density per GeV. ln B is a polynomial in ln p (degree 1: a power law), whose
coefficients follow from a least-squares fit of ln BR_UL to all published points with equal weights: the
smooth curve through scatter that is statistical.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.experiments.card_fields import PublishedPeakLimit
from mesons.experiments.cards import Experiment
from nucore.errors import InputError
from nucore.model.kinematics import two_body_momentum
from nucore.model.widths import two_body_ratio

Array = NDArray[np.float64]

_GAUSS_NODES, _GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(6)


@dataclass(frozen=True)
class Calibration:
    """Background of an experiment that gives back its published peak limits.

    Attributes
    ----------
    experiment : Experiment
    coefficients : tuple of float
        Of ln(B GeV), at the exposure of the published limits, in powers of ln(p / reference momentum).
    momentum, published : array, shape (n,)
        Lepton momentum (GeV, increasing) and published limit on the branching ratio of M -> l nu4.
    """

    experiment: Experiment
    coefficients: tuple[float, ...]
    momentum: Array
    published: Array

    def background_density(self, momentum: ArrayLike) -> Array:
        """Background events per GeV of reconstructed momentum, for the exposure of the experiment."""
        log_p = np.log(np.asarray(momentum, dtype=np.float64) / self.experiment.background.reference_momentum_GeV)
        density = np.exp(np.polynomial.polynomial.polyval(log_p, self.coefficients))
        return self.experiment.exposure_factor * density

    def background_between(self, low: ArrayLike, high: ArrayLike) -> Array:
        """Background events with momentum (GeV) from `low` to `high`; shapes broadcast."""
        low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
        half = 0.5 * (high - low)
        nodes = 0.5 * (high + low)[..., None] + half[..., None] * _GAUSS_NODES
        return half * (self.background_density(nodes) @ _GAUSS_WEIGHTS)

    def background_counts(self) -> Array:
        """Return the expected background in the bins of the card, shape (n_bins,)."""
        edges = self.experiment.edges
        return self.background_between(edges[:-1], edges[1:])

    def smooth_limit(self, momentum: ArrayLike) -> Array:
        """Smooth curve of the peak limit on BR(M -> l nu4) at momenta in GeV, scaled with the exposure."""
        root = np.sqrt(self.background_density(momentum)) / self.experiment.exposure_factor
        return _limit_per_root_density(self.experiment, momentum) * root

    def residuals(self) -> Array:
        """ln(published / smooth) at the published points, shape (n,)."""
        return np.log(self.published / self.smooth_limit(self.momentum))


def _limit_per_root_density(experiment: Experiment, momentum: ArrayLike) -> Array:
    """Z sqrt(w(p)) / (N A eps): the peak limit of the published exposure for one background event per GeV."""
    n = experiment.window_sigma
    width = 2.0 * n * experiment.resolution.sigma(momentum)
    signal_fraction = math.erf(n / math.sqrt(2.0))
    published_exposure = experiment.n_parent.value * experiment.acceptance.value
    return experiment.limit_z * np.sqrt(width) / (published_exposure * signal_fraction)


def peak_table(experiment: Experiment) -> PublishedPeakLimit:
    """Published limits an experiment is calibrated on.

    Raises
    ------
    InputError
        If it has none.
    """
    if experiment.peak_limit is None:
        raise InputError(f"experiment {experiment.name} has no published peak limit to calibrate on")
    return experiment.peak_limit


def published_branching_limits(experiment: Experiment) -> tuple[Array, Array]:
    """Momenta (GeV, increasing) and published limits on BR(M -> l nu4) that enter the calibration, shape (n,)."""
    table = peak_table(experiment)
    m4 = np.array(table.m4_MeV) * 1e-3
    if table.branching_ratio:
        limit = np.array(table.branching_ratio)
    else:
        standard = experiment.channel.standard_branching_ratio
        limit = np.array(table.U_sq) * two_body_ratio(*experiment.masses, m4) * standard
    low, high = (0.0, math.inf) if table.calibrated_MeV is None else table.calibrated_MeV
    used = (m4 * 1e3 >= low) & (m4 * 1e3 <= high)
    momentum = np.asarray(two_body_momentum(*experiment.masses, m4))
    order = np.flatnonzero(used)[::-1]  # the momentum falls as m4 rises
    return momentum[order], limit[order]


def published_mixing(experiment: Experiment, m4: float) -> float | None:
    """Published limit on |U_l4|^2 at m4 (GeV), log-log between the points of the table; None beyond its ends.

    A scaled experiment has none.
    """
    table = peak_table(experiment)
    if not table.m4_MeV[0] <= m4 * 1e3 <= table.m4_MeV[-1] or experiment.exposure_factor != 1.0:
        return None
    limit = np.array(table.U_sq or table.branching_ratio)
    value = math.exp(np.interp(math.log(m4 * 1e3), np.log(table.m4_MeV), np.log(limit)))
    if table.U_sq:
        return value
    channel = experiment.channel
    return value / (channel.standard_branching_ratio * channel.nu4_ratio(m4))


@lru_cache(maxsize=64)
def calibrate(experiment: Experiment) -> Calibration:
    """Background density from the published peak limits.

    Parameters
    ----------
    experiment : Experiment

    Returns
    -------
    Calibration
    """
    momentum, published = published_branching_limits(experiment)
    form = experiment.background
    log_p = np.log(momentum / form.reference_momentum_GeV)
    # ln BR_UL = ln(limit at B = 1) + (1/2) ln B
    half_log_density = np.log(published / _limit_per_root_density(experiment, momentum))
    fit = np.polynomial.polynomial.polyfit(log_p, half_log_density, form.degree)
    coefficients = tuple(2.0 * float(c) for c in fit)
    return Calibration(experiment, coefficients, momentum, published)
