"""From an estimate d +- s of a non-negative quantity to its upper limit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Real = Any  # float or array of floats

#: Delta chi2 of the limit: 90% two-sided (95% one-sided); 1.642 would be 90% one-sided.
TWO_SIDED_90 = 2.706


def bounded_limit(estimate: Real, uncertainty: Real, threshold: float = TWO_SIDED_90) -> Real:
    """Upper limit where Delta chi2 with respect to the best value >= 0 reaches a threshold.

    Parameters
    ----------
    estimate : float or array
        Measured value d of the quantity, possibly negative.
    uncertainty : float or array
        Standard deviation s > 0.
    threshold : float

    Returns
    -------
    float or array
        ``d + sqrt(threshold) s`` for d >= 0, ``d + sqrt(d^2 + threshold s^2)`` for d < 0.
    """
    d, s = np.asarray(estimate, dtype=np.float64), np.asarray(uncertainty, dtype=np.float64)
    return np.where(d >= 0.0, d + math.sqrt(threshold) * s, d + np.sqrt(d * d + threshold * s * s))[()]


def average(estimates: Real, covariance: Real) -> tuple[Real, Real]:
    """Best linear unbiased average of correlated estimates of one quantity, and its standard deviation.

    Parameters
    ----------
    estimates : array, shape (..., n)
    covariance : array, shape (..., n, n)
    """
    weights = np.linalg.inv(np.asarray(covariance, dtype=np.float64)).sum(axis=-1)
    total = weights.sum(axis=-1)
    return (weights * np.asarray(estimates)).sum(axis=-1) / total, 1.0 / np.sqrt(total)
