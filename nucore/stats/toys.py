"""Pseudo-experiments: Poisson counts and fluctuated auxiliary measurements, their fits and limits.

Toy number i of a seed has random numbers of its own, so that a study is the same for any number of workers and can
be resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from nucore.errors import FitError, InputError
from nucore.random_streams import Stream
from nucore.stats.fit import fit
from nucore.stats.likelihood import Likelihood
from nucore.stats.model import Model, Observation
from nucore.stats.results import BAND, LimitMethod, Result
from nucore.stats.test_statistics import ProfileLikelihood
from nucore.stats.upper_limits import LimitChoice, upper_limit

Array = NDArray[np.float64]

_SMALLEST_ENSEMBLE = 50
_MAX_FAILED = 0.01  # share of failed toys that is still a result


def toy_generator(seed: int, number: int) -> np.random.Generator:
    """Random numbers of toy `number`: Philox4x64 with key (seed, stream of toys) and a counter of its own."""
    return np.random.Generator(np.random.Philox(key=int(seed) + (int(Stream.TOYS) << 64), counter=int(number) << 192))


def draw(model: Model, theta: Array, counts: Array, rng: np.random.Generator) -> Observation:
    """Draw one pseudo-experiment: Poisson counts, Gaussian auxiliary measurements around the truth."""
    return model.observation(rng.poisson(counts), rng.normal(theta[model.constrained], model.widths * model.measured))


@dataclass(frozen=True, eq=False)
class Toys:
    """Pseudo-experiments of one truth and what is measured in each.

    Attributes
    ----------
    model : Model
    theta : array, shape (n_parameters,)
        The truth.
    seed : int
    measure : callable (Likelihood) -> sequence of float
        A function of a module or a partial of one, so that it can be pickled.
    """

    model: Model
    theta: Array
    seed: int
    measure: Callable[[Likelihood], Sequence[float]]

    def __call__(self, first: int, n: int) -> Array:
        """Draw and measure toys ``first ... first + n - 1``, one row each.

        Raises
        ------
        InputError
            If expected counts are negative.
        """
        counts = self.model.expected(self.theta)
        if np.any(counts < 0.0):
            raise InputError("the expected counts are negative in some bins: toys cannot be drawn")
        generators = (toy_generator(self.seed, number) for number in range(first, first + n))
        toys = (draw(self.model, self.theta, counts, rng) for rng in generators)
        return np.array([self.measure(Likelihood(self.model, toy)) for toy in toys])


ToyMap = Callable[[Toys, int], Array]
"""Computes toys 0 ... n - 1, on however many workers, and joins the rows."""


def in_this_thread(toys: Toys, n: int) -> Array:
    """Compute `n` toys here."""
    return toys(0, n)


def toy_statistics(
    model: Model, theta: Array, seed: int, test: Callable[[ProfileLikelihood, float], float], values: Sequence[float],
    n: int, run: ToyMap,
) -> Array:  # fmt: skip
    """Test statistic of `n` toys at some values of the parameter of interest.

    Parameters
    ----------
    model, theta, seed
        As in `Toys`.
    test : callable (toy, value) -> float
        A function of a module, so that it can be pickled.
    values : sequence of float
    n : int, >= 50
    run : callable

    Returns
    -------
    array, shape (n, n_values)
        NaN where the fit failed.
    """
    if n < _SMALLEST_ENSEMBLE:
        raise InputError(f"number of toys must be at least {_SMALLEST_ENSEMBLE}, got {n}")
    return run(Toys(model, theta, seed, partial(_tests, test, values)), n)


def _tests(
    test: Callable[[ProfileLikelihood, float], float], values: Sequence[float], likelihood: Likelihood
) -> list[float]:
    toy, found = ProfileLikelihood(likelihood), [np.nan] * len(values)
    for k, value in enumerate(values):
        with suppress(FitError):
            found[k] = test(toy, value)
    return found


def good(statistics: Array) -> Array:
    """Leave out the toys whose fit failed.

    Raises
    ------
    FitError
        If they are more than 1%.
    """
    found = statistics[~np.isnan(statistics)]
    if statistics.size - found.size > _MAX_FAILED * statistics.size:
        raise FitError(f"{statistics.size - found.size} of {statistics.size} toy fits failed")
    return found


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

    def run(self, first: int, n: int) -> Array:
        """Fit toys ``first ... first + n - 1``.

        Returns
        -------
        array, shape (n, 3)
            Best fit, uncertainty and limit of the parameter of interest; a NaN best fit marks a failed fit.
        """
        choice = None if self.limit is None else LimitChoice(self.confidence_level, self.limit)
        measure = partial(_fit_and_limit, choice)
        return Toys(self.model, self.model.vector(self.parameters), self.seed, measure)(first, n)

    def study(self, rows: Array) -> ToyStudy:
        """Collect rows of :meth:`run`."""
        good = rows[np.isfinite(rows[:, 0])]
        return ToyStudy(
            truth=float(self.model.vector(self.parameters)[0]),
            best_fits=good[:, 0],
            uncertainties=good[:, 1],
            limits=good[:, 2] if self.limit is not None else np.zeros(0),
            n_failed=len(rows) - len(good),
        )


def _fit_and_limit(choice: LimitChoice | None, likelihood: Likelihood) -> tuple[float, float, float]:
    name, bound = likelihood.model.poi, None
    try:
        result = fit(likelihood)
        if choice is not None:
            bound = upper_limit(likelihood, choice, expected=False).observed
    except FitError:
        return np.nan, np.nan, np.nan
    return result.best_fit[name], result.uncertainties[name], np.inf if bound is None else bound
