"""Confidence regions of two parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtri

from nucore.errors import FitError, InputError
from nucore.stats.fit import fit
from nucore.stats.global_minimum import find_minimum
from nucore.stats.likelihood import Likelihood
from nucore.stats.results import Result

Array = NDArray[np.float64]

_LARGE = 1e6
_MAX_DOUBLINGS = 20


@dataclass(frozen=True)
class Contour(Result):
    """Closed curve around the best fit on which the profile likelihood ratio is constant.

    Attributes
    ----------
    parameters : (str, str)
        Names of the two parameters.
    confidence_level : float
        Of the region inside, for two parameters.
    threshold : float
        2 (NLL - NLL at the best fit) on the curve.
    x, y : array, shape (n,)
        Points of the curve.
    best_fit : (float, float)
        Of the two parameters.
    """

    parameters: tuple[str, str]
    confidence_level: float
    threshold: float
    x: Array
    y: Array
    best_fit: tuple[float, float]


def contour(likelihood: Likelihood, x: str, y: str, *, confidence_level: float = 0.90, n_points: int = 48) -> Contour:
    """Region of two parameters, all others profiled (asymptotic: chi-square with two degrees of freedom).

    Parameters
    ----------
    likelihood : Likelihood
    x, y : str
        Two different parameters.
    confidence_level : float in (0, 1)
    n_points : int, >= 4

    Raises
    ------
    FitError
        If a minimisation fails inside the region of positive expectation.
    InputError
        For unknown names or numbers that are not allowed.
    """
    model = likelihood.model
    index = [model.index(x), model.index(y)]
    if x == y or not 0.0 < confidence_level < 1.0 or n_points < 4:
        raise InputError("contour: needs two different parameters, 0 < confidence_level < 1 and n_points >= 4")
    best = fit(likelihood)
    if best.zero_expectation:
        raise FitError("contour: the best fit lies at the edge of the region of positive expectation")
    theta, lowest = model.vector(best.best_fit), best.minimum.value
    axes = np.linalg.cholesky(best.covariance[np.ix_(index, index)])
    threshold = float(chdtri(2, 1.0 - confidence_level))

    def excess(radius: float, direction: Array) -> float:
        """Root of 2 (NLL - NLL at the best fit) less that of the threshold: nearly linear in the radius."""
        if radius == 0.0:
            return -math.sqrt(threshold)
        point = theta[index] + radius * direction
        try:
            minimum = find_minimum(likelihood, fixed=dict(zip((x, y), point.tolist(), strict=True)), start=theta)
        except FitError:
            trial = theta.copy()
            trial[index] = point
            if math.isfinite(likelihood.value(trial)):
                raise
            return _LARGE
        return math.sqrt(max(2.0 * (minimum.value - lowest), 0.0)) - math.sqrt(threshold)

    points = []
    for angle in np.linspace(0.0, 2.0 * np.pi, n_points, endpoint=False):
        direction = axes @ np.array([math.cos(angle), math.sin(angle)])
        outer = math.sqrt(threshold)
        for _ in range(_MAX_DOUBLINGS):
            if excess(outer, direction) > 0.0:
                break
            outer *= 1.3
        else:
            raise FitError(f"contour: the likelihood of {x} and {y} is flat")
        points.append(theta[index] + brentq(excess, 0.0, outer, args=(direction,), xtol=1e-4) * direction)
    curve = np.array(points)
    centre = (float(theta[index[0]]), float(theta[index[1]]))
    return Contour((x, y), confidence_level, threshold, curve[:, 0], curve[:, 1], centre)
