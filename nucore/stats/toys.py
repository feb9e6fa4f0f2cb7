"""Pseudo-experiments: Poisson counts and fluctuated auxiliary measurements, their fits and limits.

Toy number i of a seed has random numbers of its own, so that a study is the same for any number of workers and can
be resumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import FitError, InputError
from nucore.stats.fit import fit
from nucore.stats.likelihood import Likelihood
from nucore.stats.model import Model, Observation
from nucore.stats.results import BAND, Result
from nucore.stats.upper_limits import LimitMethod, upper_limit

Array = NDArray[np.float64]

_STREAM = 18  # nucore.rng.Stream.TOYS; not imported, as its module loads a compiler


def toy_generator(seed: int, number: int) -> np.random.Generator:
    """Random numbers of toy `number`: Philox4x64 with key (seed, stream of toys) and a counter of its own."""
    return np.random.Generator(np.random.Philox(key=int(seed) + (_STREAM << 64), counter=int(number) << 192))


def _truth(model: Model, parameters: Mapping[str, float] | ArrayLike | None) -> tuple[Array, Array]:
    """Parameters and expected counts; refused if toys cannot be drawn."""
    theta = model.vector(parameters)
    counts = model.expected(theta)
    if np.any(counts < 0.0):
        raise InputError("the expected counts are negative in some bins; toys cannot be drawn")
    return theta, counts


def draw(model: Model, theta: Array, counts: Array, rng: np.random.Generator) -> Observation:
    """Draw one pseudo-experiment: Poisson counts, Gaussian auxiliary measurements around the truth."""
    return model.observation(rng.poisson(counts), rng.normal(theta[model.constrained], model.widths))


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
    def bias(self) -> float | None:
        """Mean of best fit - truth; None without toys."""
        return float(np.mean(self.best_fits) - self.truth) if self.best_fits.size else None

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

    @property
    def coverage_uncertainty(self) -> float | None:
        """Binomial uncertainty of the coverage; None without limits."""
        c = self.coverage
        return None if c is None else float(np.sqrt(c * (1.0 - c) / self.limits.size))

    def limit_band(self) -> dict[str, float | None]:
        """Median of the limits and their quantiles at -2, -1, +1, +2 sigma; None where nothing is excluded."""
        if not self.limits.size:
            return {}
        from scipy.special import ndtr

        quantiles = {"median": 0.0, **BAND}
        found = {name: float(np.quantile(self.limits, ndtr(n), method="nearest")) for name, n in quantiles.items()}
        return {name: value if np.isfinite(value) else None for name, value in found.items()}


@dataclass(frozen=True, eq=False)
class ToyJob:
    """Study of toys: fit each, and set a limit if `limit` names a method.

    Attributes
    ----------
    model : Model
    parameters : the truth
    limit : "cls", "clsb", "delta-chi2" or None
    confidence_level : float
    seed : int
    """

    model: Model
    parameters: Mapping[str, float] | ArrayLike | None
    limit: LimitMethod | None = None
    confidence_level: float = 0.90
    seed: int = 1

    @property
    def truth(self) -> float:
        """True value of the parameter of interest."""
        return float(self.model.vector(self.parameters)[0])

    def run(self, first: int, n: int) -> Array:
        """Fit toys ``first ... first + n - 1``.

        Returns
        -------
        array, shape (n, 3)
            Best fit, uncertainty and limit of the parameter of interest; a NaN best fit marks a failed fit.
        """
        theta, counts = _truth(self.model, self.parameters)
        rows = np.full((n, 3), np.nan)
        for k in range(n):
            observation = draw(self.model, theta, counts, toy_generator(self.seed, first + k))
            rows[k] = self._one(Likelihood(self.model, observation))
        return rows

    def _one(self, likelihood: Likelihood) -> tuple[float, float, float]:
        name = self.model.poi
        try:
            result = fit(likelihood)
            if self.limit is None:
                return result.best_fit[name], result.uncertainties[name], np.nan
            bound = upper_limit(
                likelihood, method=self.limit, confidence_level=self.confidence_level, expected=False
            ).observed
        except FitError:
            return np.nan, np.nan, np.nan
        return result.best_fit[name], result.uncertainties[name], np.inf if bound is None else bound

    def study(self, rows: Array) -> ToyStudy:
        """Collect rows of :meth:`run`."""
        good = rows[np.isfinite(rows[:, 0])]
        return ToyStudy(
            truth=self.truth,
            best_fits=good[:, 0],
            uncertainties=good[:, 1],
            limits=good[:, 2] if self.limit is not None else np.zeros(0),
            n_failed=len(rows) - len(good),
        )
