"""Checks of the calibration of a meson search: residuals, and simulated peak searches."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mesons.experiments.calibration import Calibration
from mesons.experiments.cards import Experiment
from mesons.experiments.tracking import measured_errors, momentum_of_missing_mass_sq
from nucore.random_streams import Stream, generator
from nucore.stats.upper_limits import asimov_threshold

Array = NDArray[np.float64]

#: Decay angles over which the resolution is averaged.
_COSINES, _COSINE_WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True)
class CalibrationChecks:
    """How well the calibration reproduces its input.

    Attributes
    ----------
    mean : float
        Mean of ln(published / smooth) over all points.
    thirds : tuple of 3 floats
        The same for the lower, middle and upper third of the points in momentum.
    thirds_of_range : tuple of 3 floats
        The same for three equal intervals of momentum.
    rms : float
        Scatter of ln(published / smooth).
    """

    mean: float
    thirds: tuple[float, float, float]
    thirds_of_range: tuple[float, float, float]
    rms: float


def check_calibration(calibration: Calibration) -> CalibrationChecks:
    """Compare the smooth curve with the published points."""
    residuals, p = calibration.residuals(), calibration.momentum
    by_points = [float(part.mean()) for part in np.array_split(residuals, 3)]
    third = np.minimum(((p - p[0]) / (p[-1] - p[0]) * 3.0).astype(int), 2)
    by_range = [float(residuals[third == k].mean()) for k in range(3)]
    return CalibrationChecks(
        float(residuals.mean()),
        (by_points[0], by_points[1], by_points[2]),
        (by_range[0], by_range[1], by_range[2]),
        float(residuals.std()),
    )


@dataclass(frozen=True)
class PeakSearchToys:
    """Simulated peak search on background-only toys.

    Attributes
    ----------
    momentum : array, shape (n,)
        Tested momenta, GeV.
    smooth : array, shape (n,)
        Smooth curve of the calibration.
    median : array, shape (n,)
        Median over toys of the limit on BR(M -> l nu4).
    toys : array, shape (n_toys, n)
        Limits of each toy.
    """

    momentum: Array
    smooth: Array
    median: Array
    toys: Array

    @property
    def mean_ratio(self) -> float:
        """Geometric mean over momenta of median / smooth."""
        return float(np.exp(np.log(self.median / self.smooth).mean()))


def simulate_peak_search(
    calibration: Calibration, n_toys: int = 200, seed: int = 1, n_masses: int = 40
) -> PeakSearchToys:
    """Search background-only toys for a peak and set the limit at each momentum.

    The search counts events in the window of the card around each momentum, with the background in the window
    known, and sets the CLs limit at 90% in the Gaussian approximation, whose median for no signal is z = 1.645
    standard deviations. Momenta whose window leaves the range of the card are left out.

    Parameters
    ----------
    calibration : Calibration
    n_toys : int
    seed : int
    n_masses : int
        Momenta tested, evenly over the range.

    Returns
    -------
    PeakSearchToys
    """
    experiment = calibration.experiment
    low, high = experiment.momentum_GeV
    candidates = np.linspace(low, high, n_masses + 2)[1:-1]
    half = experiment.window_sigma * experiment.resolution.sigma(candidates)
    p = candidates[(candidates - half >= low) & (candidates + half <= high)]
    half = experiment.window_sigma * experiment.resolution.sigma(p)
    random = generator(seed, Stream.TOYS)
    # Unbinned events would serve as well: bins are fine enough to build every window from their edges.
    edges = np.unique(np.concatenate([p - half, p + half]))
    cells = calibration.background_between(edges[:-1], edges[1:])
    counts = random.poisson(cells, size=(n_toys, cells.size))
    cumulative = np.concatenate([np.zeros((n_toys, 1)), np.cumsum(counts, axis=1)], axis=1)
    upper, lower = np.searchsorted(edges, p + half), np.searchsorted(edges, p - half)
    in_window = cumulative[:, upper] - cumulative[:, lower]
    expected = calibration.background_between(p - half, p + half)
    pull = (in_window - expected) / np.sqrt(expected)
    threshold = np.vectorize(lambda n: asimov_threshold("cls", 0.90, n))(np.clip(pull, -5.0, 5.0))
    signal_fraction = math.erf(experiment.window_sigma / math.sqrt(2.0))
    exposure = experiment.decays * experiment.acceptance.value
    limits = threshold * np.sqrt(expected) / (exposure * signal_fraction)
    return PeakSearchToys(p, calibration.smooth_limit(p), np.median(limits, axis=0), limits)


def sigma_missing_mass(experiment: Experiment, m4: ArrayLike) -> Array:
    """Resolution of the missing mass (GeV) that the tracking of a card gives, averaged over decay angles."""
    m4 = np.asarray(m4, dtype=np.float64)
    momentum = momentum_of_missing_mass_sq(experiment, m4**2)
    sigma = measured_errors(experiment, momentum[..., None], _COSINES)[1]
    return np.sqrt(sigma**2 @ _COSINE_WEIGHTS / 2.0) / (2.0 * m4)
