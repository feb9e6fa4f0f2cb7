"""A likelihood that stays finite where the true one is infinite: finds parameters that can give the data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nucore.stats.likelihood import Likelihood
from nucore.stats.minimise import newton
from nucore.stats.model import Model, Observation

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Expectation below which a bin is relaxed: share of its content, or events where it is empty.
_FLOORS = (1e-1, 1e-3, 1e-6)


class RelaxedLikelihood(Likelihood):
    """Likelihood whose terms are parabolas below a floor of the expectation, with value and slope continuous.

    Parameters
    ----------
    model : Model
    observation : Observation
    floor : float, > 0
        Share of the content of a bin; events in an empty bin, where the parabola leads back to a positive expectation.
    """

    def __init__(self, model: Model, observation: Observation, floor: float) -> None:
        super().__init__(model, observation)
        self._floor = floor * self._safe

    def _counts_term(self, nu: Array) -> float:
        if not np.all(np.isfinite(nu)):
            return np.inf
        n, floor = self.observation.counts, self._floor
        below, above = np.minimum(nu - floor, 0.0) / floor, np.maximum(nu, floor)
        logarithm = np.where(self._filled, n * np.log(above / self._safe), 0.0)
        parabola = np.where(self._filled, 0.5 * n * below**2 - n * below, 0.5 * below**2)
        return float((nu - n - logarithm + parabola).sum())

    def _weights(self, nu: Array) -> tuple[Array, Array, Array]:
        n, floor = self.observation.counts, self._floor
        below, above = np.minimum(nu - floor, 0.0) / floor, np.maximum(nu, floor)
        first = np.where(self._filled, 1.0 - n / above + n * below / floor, 1.0 + below / floor)
        curvature = np.where(self._filled, n / above**2, (below < 0.0) / floor**2)
        return first, curvature, np.maximum(curvature, 1.0 / above)


def relaxed_points(likelihood: Likelihood, start: Array, fixed: Mask, lower: Array, upper: Array) -> Iterator[Array]:
    """Yield minima of relaxed likelihoods, each nearer to the true one; arguments as in `minimise.minimise`."""
    point = start
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for floor in _FLOORS:
            relaxed = RelaxedLikelihood(likelihood.model, likelihood.observation, floor)
            point = newton(relaxed, point, fixed, lower, upper).theta
            yield point
