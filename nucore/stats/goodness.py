"""Probability of a deviance where bins hold few events, so that it has no chi-square distribution.

The deviance of a Poisson number n of mean nu, 2 (n ln(n/nu) - n + nu), has mean 1 and variance 2 at large nu alone: the
mean is 1.16 at nu = 1.5 and 0.09 at nu = 0.01. A gamma distribution with the mean and the variance of the sum takes the
place of chi-square, to which it tends. Below nu = 0.5 chi-square is the weaker test, and is used: the sum of few bins
with events has no gamma distribution either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, gammaln, xlogy

Array = NDArray[np.float64]

#: Expected events from which a bin counts as in chi-square (its mean deviance is 1.002); events up to which sums go.
_MANY, _LAST = 100.0, 250


def deviance_p_value(deviance: float, expected: ArrayLike, degrees_of_freedom: int) -> float | None:
    """Return the probability of a larger deviance.

    Parameters
    ----------
    deviance : float
        Of the data and the constraints.
    expected : float64[n]
        Events in each bin at the best fit.
    degrees_of_freedom : int

    Returns
    -------
    float or None
        None without degrees of freedom.
    """
    if degrees_of_freedom <= 0:
        return None
    nu = np.maximum(np.asarray(expected, dtype=np.float64), 0.0)
    few = int(np.count_nonzero(nu < _MANY))
    mean, variance = _moments(nu[nu < _MANY])
    total, spread = mean + degrees_of_freedom - few, variance + 2.0 * (degrees_of_freedom - few)
    chi_square = float(gammaincc(0.5 * degrees_of_freedom, 0.5 * max(deviance, 0.0)))
    if total <= degrees_of_freedom or spread <= 0.0:
        return chi_square
    return max(chi_square, float(gammaincc(total**2 / spread, max(deviance, 0.0) * total / spread)))


def _moments(nu: Array) -> tuple[float, float]:
    """Return mean and variance of the deviance of bins with expected events `nu`, summed."""
    n = np.arange(_LAST + 1.0)
    mean, variance = 0.0, 0.0
    for part in np.array_split(nu[:, None], max(1, nu.size // 1000)):
        weight = np.exp(xlogy(n, part) - part - gammaln(n + 1.0))
        deviance = 2.0 * (xlogy(n, n / np.maximum(part, 1e-300)) - n + part)
        first = (weight * deviance).sum(axis=1)
        mean += float(first.sum())
        variance += float(((weight * deviance**2).sum(axis=1) - first**2).sum())
    return mean, variance
