"""Results of fits, limits and toy studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nucore.results import Result as Result
from nucore.results import plain as plain

Array = NDArray[np.float64]
LimitMethod = Literal["cls", "clsb", "delta-chi2"]


@dataclass(frozen=True)
class MinimumReport(Result):
    """How a minimisation ended.

    Attributes
    ----------
    valid : bool
        Whether it converged.
    edm : float
        Estimated distance to the minimum.
    calls : int
        Evaluations of the likelihood.
    value : float
        Minimum of -ln L, which is 0 where the model gives the data exactly.
    """

    valid: bool
    edm: float
    calls: int
    value: float


@dataclass(frozen=True)
class FitResult(Result):
    """Best fit of a model.

    Attributes
    ----------
    parameters : tuple of str
        Names, in the order of `covariance`; the parameter of interest first.
    best_fit, uncertainties : dict, name -> float
        Values and symmetric (HESSE) uncertainties; NaN where a parameter is fixed.
    intervals : dict, name -> (float, float)
        MINOS uncertainties (lower < 0, upper > 0) of the parameters they were asked for; not of those at a bound, or
        near the edge of the region of positive expectation.
    covariance : array, shape (n, n)
        Of the parameters; NaN where there is none.
    pulls : dict, name -> float
        (best fit - auxiliary measurement) / prior uncertainty of each constrained parameter.
    constraints : dict, name -> float
        Uncertainty after the fit / prior uncertainty of each constrained parameter.
    minimum : MinimumReport
        How the minimisation ended.
    goodness_of_fit : float
        Likelihood-ratio chi-square against the saturated model, constraint terms included.
    degrees_of_freedom : int
        Bins minus free parameters.
    p_value : float or None
        Probability of a larger goodness_of_fit, `nucore.stats.goodness`; None without degrees of freedom.
    at_bound : tuple of str
        Parameters whose best fit is at a bound: their uncertainty is that of the curvature there.
    zero_expectation : bool
        The best fit lies where the expectation of a bin without counts vanishes: the region of
        allowed parameters ends there, and uncertainties and covariance are NaN.
    expected_counts : array, shape (n_bins,)
        At the best fit.
    """

    parameters: tuple[str, ...]
    best_fit: Mapping[str, float]
    uncertainties: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    covariance: Array
    pulls: Mapping[str, float]
    constraints: Mapping[str, float]
    minimum: MinimumReport
    goodness_of_fit: float
    degrees_of_freedom: int
    p_value: float | None
    at_bound: tuple[str, ...]
    zero_expectation: bool
    expected_counts: Array

    @property
    def correlation(self) -> Array:
        """Correlation matrix, shape (n, n); 0 for fixed parameters."""
        sigma = np.sqrt(np.diag(self.covariance))
        inverse = np.where(sigma > 0.0, 1.0 / np.where(sigma > 0.0, sigma, 1.0), 0.0)
        return np.asarray(self.covariance * inverse * inverse[:, None])


BAND: Mapping[str, float] = {"minus2": -2.0, "minus1": -1.0, "plus1": 1.0, "plus2": 2.0}
"""Names of the band entries and the fluctuation of the data, in sigma, each stands for."""


@dataclass(frozen=True)
class UpperLimit(Result):
    """Upper limit on the parameter of interest.

    Attributes
    ----------
    parameter : str
        Name of the parameter of interest.
    method : "cls", "clsb" or "delta-chi2"
        Convention of the limit.
    confidence_level : float
        Fraction.
    observed : float or None
        From the data; None with `observed_reason` if nothing up to the physical bound is excluded.
    expected : float or None
        Median for data without signal (Asimov); None with `expected_reason`.
    band : dict
        minus2, minus1, plus1, plus2: expected limit for data fluctuated by that many sigma;
        a positive fluctuation gives a weaker limit. None where nothing is excluded, 0 where
        every positive value is (plain one-sided limits after a downward fluctuation).
    observed_reason, expected_reason : str or None
        Why there is no such limit.
    """

    parameter: str
    method: LimitMethod
    confidence_level: float
    observed: float | None
    expected: float | None
    band: Mapping[str, float | None] = field(default_factory=dict)
    observed_reason: str | None = None
    expected_reason: str | None = None
