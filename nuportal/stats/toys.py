"""Pseudo-experiments: Poisson counts and fluctuated auxiliary measurements, their fits and limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nuportal.errors import FitError, InputError
from nuportal.stats.fit import fit
from nuportal.stats.likelihood import Likelihood
from nuportal.stats.model import Model, Observation
from nuportal.stats.results import Result
from nuportal.stats.upper_limits import LimitMethod, upper_limit

Array = NDArray[np.float64]


def generate_toys(
    model: Model, parameters: Mapping[str, float] | ArrayLike | None, n: int, rng: np.random.Generator
) -> Iterator[Observation]:
    """Yield `n` pseudo-data sets: Poisson counts, Gaussian auxiliary measurements around the truth.

    Parameters
    ----------
    model : Model
    parameters : parameters of the truth
    n : int, >= 0
    rng : numpy Generator
    """
    theta = model.vector(parameters)
    counts = model.expected(theta)
    if np.any(counts < 0.0):
        raise InputError("the expected counts are negative in some bins; toys cannot be drawn")
    centres = theta[model.constrained]
    for _ in range(n):
        yield model.observation(rng.poisson(counts), rng.normal(centres, model.widths))


@dataclass(frozen=True)
class ToyStudy(Result):
    """Fits of many toys.

    Attributes
    ----------
    truth : float
        True value of the parameter of interest.
    best_fits, uncertainties : array, shape (n_good,)
        Parameter of interest, of the toys whose fit succeeded. The uncertainty is NaN where the best
        fit lies at the end of the region of positive expectation.
    limits : array, shape (n_good,)
        Observed upper limits; infinite where nothing is excluded. Empty if not asked for.
    n_failed : int
        Toys whose minimisation failed; they are in no average.
    """

    truth: float
    best_fits: Array
    uncertainties: Array
    limits: Array
    n_failed: int

    @property
    def pulls(self) -> Array:
        """(best fit - truth) / uncertainty of the toys that have an uncertainty."""
        usable = np.isfinite(self.uncertainties)
        return np.asarray((self.best_fits - self.truth)[usable] / self.uncertainties[usable])

    @property
    def pull_mean(self) -> float:
        """Mean of the pulls."""
        return float(self.pulls.mean())

    @property
    def pull_width(self) -> float:
        """Standard deviation of the pulls."""
        return float(self.pulls.std(ddof=1))

    @property
    def coverage(self) -> float | None:
        """Fraction of the toys whose limit lies above the truth; None without limits."""
        return float(np.mean(self.limits >= self.truth)) if self.limits.size else None


def run_toys(
    model: Model,
    parameters: Mapping[str, float] | ArrayLike | None,
    n: int,
    rng: np.random.Generator,
    *,
    limit: LimitMethod | None = None,
    confidence_level: float = 0.90,
) -> ToyStudy:
    """Fit `n` toys, and set an upper limit in each if `limit` names a method.

    Parameters
    ----------
    model : Model
    parameters : parameters of the truth
    n : int, > 0
    rng : numpy Generator
    limit : "cls", "clsb", "delta-chi2" or None
    confidence_level : float
    """
    values, sigmas, limits, failed = [], [], [], 0
    for observation in generate_toys(model, parameters, n, rng):
        likelihood = Likelihood(model, observation)
        try:
            result = fit(likelihood, confirm=False)
            bound = (
                upper_limit(likelihood, method=limit, confidence_level=confidence_level, expected=False).observed
                if limit is not None
                else 0.0
            )
        except FitError:
            failed += 1
            continue
        values.append(result.best_fit[model.poi])
        sigmas.append(result.uncertainties[model.poi])
        limits.append(np.inf if bound is None else bound)
    return ToyStudy(
        truth=float(model.vector(parameters)[0]),
        best_fits=np.array(values),
        uncertainties=np.array(sigmas),
        limits=np.array(limits if limit is not None else []),
        n_failed=failed,
    )
