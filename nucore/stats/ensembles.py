"""Ensembles of toys and their test statistics; each toy depends on its number alone, so an ensemble can be split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucore.errors import FitError
from nucore.stats.likelihood import Likelihood
from nucore.stats.model import Model
from nucore.stats.test_statistics import ProfileLikelihood
from nucore.stats.toys import draw, toy_generator

Array = NDArray[np.float64]

SMALLEST_ENSEMBLE = 50
_MAX_FAILED = 0.01  # share of failed toys that is still a result

ToyTask = Callable[[int, int], Array]
"""Takes the number of the first toy and how many, and gives a row for each; can be pickled."""
ToyMap = Callable[[ToyTask, int], Array]
"""Applies a task to toys 0 ... n - 1, on however many workers, and joins the rows."""


def in_this_thread(task: ToyTask, n: int) -> Array:
    """Apply a task to `n` toys here."""
    return task(0, n)


@dataclass(frozen=True, eq=False)
class ToyTests:
    """Test statistic of toys at some values of the parameter of interest.

    Attributes
    ----------
    model : Model
    theta : array
        The truth.
    seed : int
    test : callable (toy, value) -> float
        A function of a module, so that it can be pickled.
    values : sequence of float
    """

    model: Model
    theta: Array
    seed: int
    test: Callable[[ProfileLikelihood, float], float]
    values: Sequence[float]

    def __call__(self, first: int, n: int) -> Array:
        """Draw and fit toys ``first ... first + n - 1``.

        Returns
        -------
        array, shape (n, n_values)
            NaN where the fit failed.
        """
        counts = self.model.expected(self.theta)
        rows = np.full((n, len(self.values)), np.nan)
        for i in range(n):
            data = draw(self.model, self.theta, counts, toy_generator(self.seed, first + i))
            toy = ProfileLikelihood(Likelihood(self.model, data))
            for k, value in enumerate(self.values):
                with suppress(FitError):
                    rows[i, k] = self.test(toy, value)
        return rows


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
