"""From true to reconstructed momenta: the response of an experiment in the bins of its card."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from mesons.experiments.cards import Experiment
from mesons.experiments.tracking import response_in_flight

Array = NDArray[np.float64]

#: Steps of the tabulated response per smallest standard deviation, or per smallest bin where that is larger.
_STEPS_PER_SIGMA = 24
#: Standard deviations beyond which smearing is negligible.
FARTHEST_SIGMA = 7.0


def smearing_matrix(experiment: Experiment, momentum: ArrayLike) -> Array:
    """Probability that a lepton of true momentum (GeV) is reconstructed in each bin.

    Parameters
    ----------
    experiment : Experiment
    momentum : array, shape (n,)

    Returns
    -------
    array, shape (n, n_bins)
        Gaussian in the momentum, or in the squared missing mass of an experiment in flight; rows add up to at
        most 1.
    """
    if experiment.tracking is not None:
        return response_in_flight(experiment, momentum)
    p = np.asarray(momentum, dtype=np.float64)
    sigma = np.maximum(experiment.resolution.sigma(p), 1e-12)
    below = ndtr((experiment.edges - p[:, None]) / sigma[:, None])
    return np.diff(below, axis=1)


def smearing_cuts(experiment: Experiment) -> Array:
    """Momenta (GeV) a standard deviation apart, over all that can be smeared into the histogram."""
    low, high = experiment.edges[[0, -1]]
    sigma = experiment.resolution.sigma(np.linspace(low, high, 50))
    step, reach = float(sigma.min()), FARTHEST_SIGMA * float(sigma.max())
    return np.arange(max(low - reach, step), high + reach, step)


@lru_cache(maxsize=16)
def _tabulated(experiment: Experiment) -> tuple[Array, Array]:
    low, high = experiment.edges[[0, -1]]
    sigma = experiment.resolution.sigma(np.linspace(low, high, 50))
    reach = FARTHEST_SIGMA * float(sigma.max())
    # a spectrum is smooth over a fraction of the resolution and of a bin
    step = max(float(sigma.min()), float(np.diff(experiment.edges).min())) / _STEPS_PER_SIGMA
    grid = np.arange(max(low - reach, step), high + reach, step)
    return grid, smearing_matrix(experiment, grid)


def smeared(experiment: Experiment, momentum: Array, weight: Array) -> Array:
    """Sum of weights of true momenta (GeV) in each bin after smearing, from a table of the response.

    Returns
    -------
    array, shape (n_bins,)
    """
    grid, matrix = _tabulated(experiment)
    position = (momentum - grid[0]) / (grid[1] - grid[0])
    inside = (position >= 0.0) & (position < grid.size - 1)
    cell, share = np.divmod(position[inside], 1.0)
    cell, w = cell.astype(np.intp), weight[inside]
    onto = np.bincount(cell, w * (1.0 - share), grid.size) + np.bincount(cell + 1, w * share, grid.size)
    return np.asarray(onto @ matrix)
