"""Predictions at parameter points beside a measurement, and how far each is from exclusion.

The margin says by how much a prediction may grow before it is excluded: below 1 excludes.

- A published upper limit: margin = limit/prediction.
- Measured numbers m with covariance C, and their Standard Model values o: the point predicts the deviation x. Along
  the ray t x, t >= 0, the best description is t^ = x.C^-1.(m - o)/x.C^-1.x with variance 1/x.C^-1.x, and the margin is
  the upper limit on t >= 0 by `nucore.limits.prescription.bounded_limit`: the point itself is t = 1. A deviation to the
  side that the data prefer is excluded only where it overshoots them; for a single flavour this is the limit on
  |U_l4|^2 over |U_l4|^2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.limits.prescription import bounded_limit

Array = NDArray[np.float64]

Reason = Callable[[int], str]

BOUND = "limit over prediction"
DEVIATION = "largest allowed over predicted deviation from the Standard Model"


def _unknown(_: int) -> str:
    return "the prediction is not known at this point"


@dataclass(frozen=True, eq=False)
class Comparison:
    """A constraint at n points, for k observables.

    Attributes
    ----------
    observables : tuple of str
        What is predicted, with its unit.
    prediction, limit : array, shape (k, n)
        The limit lies on the side of the prediction.
    margin : array, shape (n,)
        Below 1 excludes; infinite without an effect, NaN where the measurement says nothing.
    sense : str
        What the margin is.
    delta_chi2 : array, shape (n,), or None
        chi2 of the prediction minus chi2 of the Standard Model, for measured numbers.
    silent : callable
        Why the measurement says nothing, by the number of a point.
    """

    observables: tuple[str, ...]
    prediction: Array
    limit: Array
    margin: Array
    sense: str
    delta_chi2: Array | None = None
    silent: Reason = _unknown

    def without(self, where: NDArray[np.bool_], reason: Reason) -> Comparison:
        """Take the margins of some points away, for a reason; where there was none its reason stays."""
        silent, where = self.silent, where & ~np.isnan(self.margin)
        return replace(
            self,
            margin=np.where(where, np.nan, self.margin),
            delta_chi2=None if self.delta_chi2 is None else np.where(where, np.nan, self.delta_chi2),
            silent=lambda k: reason(k) if where[k] else silent(k),
        )

    def explained(self, where: NDArray[np.bool_], reason: str) -> Comparison:
        """Give the reason why there is no margin at some points."""
        silent = self.silent
        return replace(self, silent=lambda k: reason if where[k] else silent(k))

    def weakened(self, seen: Array) -> Comparison:
        """Raise limits and margins where a search sees only a share of the prediction, shape (n,)."""
        with np.errstate(divide="ignore"):
            return replace(self, limit=self.limit / seen, margin=self.margin / seen)


def upper_limit(observable: str, prediction: ArrayLike, limit: ArrayLike, silent: Reason = _unknown) -> Comparison:
    """Compare predictions, shape (n,), with an upper limit, a number or shape (n,)."""
    predicted = np.asarray(prediction, dtype=np.float64)
    limits = np.broadcast_to(np.asarray(limit, dtype=np.float64), predicted.shape)
    with np.errstate(divide="ignore", over="ignore"):
        margin = np.where(predicted > 0.0, limits / predicted, np.where(np.isnan(predicted), np.nan, np.inf))
    margin = np.where(np.isnan(limits), np.nan, margin)
    return Comparison((observable,), predicted[None], limits[None], margin, BOUND, silent=silent)


def deviation(
    observables: tuple[str, ...],
    prediction: ArrayLike,
    standard: ArrayLike,
    measured: ArrayLike,
    covariance: ArrayLike,
    silent: Reason = _unknown,
) -> Comparison:
    """Compare predictions with measured numbers.

    Parameters
    ----------
    observables : tuple of str, k names
    prediction : array, shape (k, n)
    standard, measured : array, shape (k,)
        Standard Model values and measured ones.
    covariance : array, shape (k, k)
        Of measured minus standard.
    """
    predicted = np.asarray(prediction, dtype=np.float64)
    base = np.asarray(standard, dtype=np.float64)
    shift, pull = predicted - base[:, None], np.asarray(measured, dtype=np.float64) - base
    weight = np.linalg.inv(np.asarray(covariance, dtype=np.float64))
    # summed one by one: the same bits whatever the number of points
    weighted = [sum(weight[i, j] * shift[j] for j in range(len(pull))) for i in range(len(pull))]
    size = np.asarray(sum(shift[i] * weighted[i] for i in range(len(pull))))
    overlap = np.asarray(sum(pull[i] * weighted[i] for i in range(len(pull))))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        margin = np.where(size > 0.0, bounded_limit(overlap / size, 1.0 / np.sqrt(size)), np.inf)
        margin = np.where(np.isnan(size), np.nan, margin)
        limit = np.where(np.isfinite(margin), base[:, None] + margin * shift, np.nan)
    return Comparison(observables, predicted, limit, margin, DEVIATION, size - 2.0 * overlap, silent)
