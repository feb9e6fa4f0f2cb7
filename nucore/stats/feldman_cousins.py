"""Feldman-Cousins intervals for the parameter of interest, bounded by its physical range."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from nucore.errors import InputError
from nucore.stats.likelihood import Likelihood
from nucore.stats.model import Model
from nucore.stats.results import Result
from nucore.stats.test_statistics import ProfileLikelihood
from nucore.stats.toys import ToyMap, good, in_this_thread, toy_statistics

Array = NDArray[np.float64]

GRID_SIGMAS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
"""Where critical values are computed, in standard deviations from the physical bound; beyond, the last holds."""


@dataclass(frozen=True)
class ConfidenceInterval(Result):
    """Interval of the parameter of interest.

    Attributes
    ----------
    parameter : str
        Name of the parameter of interest.
    method : str
        ``feldman-cousins``.
    confidence_level : float
        As a fraction.
    lower, upper : float
        `lower` is the physical bound where the interval is one-sided.
    best_fit : float
        Within the physical range.
    n_toys : int
        Per critical value.
    """

    parameter: str
    method: str
    confidence_level: float
    lower: float
    upper: float
    best_fit: float
    n_toys: int


class FeldmanCousins:
    """Critical values of t_mu tilde from toys, and the intervals they give.

    Parameters
    ----------
    model : Model
    values : increasing sequence of float
        Values of the parameter of interest at which toys are made; linear interpolation between.
    n_toys : int, >= 50
        Toys per value.
    rng : numpy Generator
        Gives the seed.
    confidence_level : float
    truth : callable (value) -> parameters, optional
        Parameters of the toys at a value; nominal nuisance parameters by default.
    run : callable, optional
        Computes the toys, see `nucore.stats.toys.ToyMap`.
    progress : callable, optional
        Called with the fraction done.

    References
    ----------
    arXiv:physics/9711021 (ordering); arXiv:1007.1727, Eq. 11 (t_mu tilde).
    """

    def __init__(
        self,
        model: Model,
        values: Sequence[float],
        n_toys: int,
        rng: np.random.Generator,
        *,
        confidence_level: float = 0.90,
        truth: Callable[[float], Mapping[str, float] | ArrayLike] | None = None,
        run: ToyMap = in_this_thread,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.model, self.n_toys, self.confidence_level = model, n_toys, confidence_level
        self.values = np.array(values, dtype=np.float64)
        seeds = rng.integers(2**63, size=self.values.size)
        found = []
        for k, mu in enumerate(map(float, self.values)):
            theta = model.vector({model.poi: mu} if truth is None else truth(mu))
            at = [float(theta[0])]
            ratios = toy_statistics(model, theta, int(seeds[k]), ProfileLikelihood.ratio, at, n_toys, run)
            found.append(float(np.quantile(good(ratios[:, 0]), confidence_level)))
            if progress is not None:
                progress((k + 1) / self.values.size)
        self.critical = np.array(found)

    def critical_value(self, mu: float) -> float:
        """Largest t_mu tilde that is accepted at `mu`."""
        return float(np.interp(mu, self.values, self.critical))

    def interval(self, likelihood: Likelihood) -> ConfidenceInterval:
        """Values of the parameter of interest whose t_mu tilde in the data is accepted."""
        profile = ProfileLikelihood(likelihood)
        lowest, highest = self.model.poi_bounds
        best = float(profile.best(physical=True).theta[0])

        def excess(mu: float) -> float:
            return min(profile.ratio(mu), 1e6) - self.critical_value(mu)

        step = max(float(np.diff(self.values).max()) if self.values.size > 1 else abs(best), 1e-300)
        lower = lowest
        if best > lowest and math.isfinite(lowest) and excess(lowest) > 0.0:
            lower = float(brentq(excess, lowest, best, xtol=1e-4 * step))
        upper = best + step
        while upper < highest and excess(upper) < 0.0:
            upper += step
        upper = min(upper, highest)
        if excess(upper) > 0.0:
            upper = float(brentq(excess, best, upper, xtol=1e-4 * step))
        return ConfidenceInterval(
            self.model.poi, "feldman-cousins", self.confidence_level, lower, upper, best, self.n_toys
        )


def feldman_cousins(
    likelihood: Likelihood,
    n_toys: int,
    rng: np.random.Generator,
    *,
    confidence_level: float = 0.90,
    run: ToyMap = in_this_thread,
    progress: Callable[[float], None] | None = None,
) -> ConfidenceInterval:
    """Feldman-Cousins interval of the data; toys have the nuisance parameters fitted to the data at each value.

    Parameters
    ----------
    likelihood : Likelihood
        The lower physical bound of its model must be finite.
    n_toys : int, >= 50
        Per critical value; there are eight.
    rng : numpy Generator
    confidence_level : float
    run, progress : callable, optional
        As in `FeldmanCousins`.
    """
    model = likelihood.model
    lowest, highest = model.poi_bounds
    if not math.isfinite(lowest):
        raise InputError("Feldman-Cousins: the parameter of interest needs a finite lower bound")
    profile = ProfileLikelihood(likelihood)
    hessian = likelihood.derivatives(profile.conditional(max(lowest, 0.0)).theta).fisher
    variance = np.linalg.pinv(hessian, hermitian=True)[0, 0]
    if not variance > 0.0:
        raise InputError("Feldman-Cousins: the signal changes no bin")
    grid = [v for v in lowest + math.sqrt(variance) * np.array(GRID_SIGMAS) if v <= highest]
    construction = FeldmanCousins(
        model, grid, n_toys, rng, confidence_level=confidence_level,
        truth=lambda mu: profile.conditional(mu).theta, run=run, progress=progress,
    )  # fmt: skip
    return construction.interval(likelihood)
