"""Limits of the oracle on the strength of a predicted shift: bounded Delta chi2 of 2.706."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tests.nuportal.verdicts.oracle_rates import Array

SLACK = 1.05
DELTA_CHI2 = 2.706


def bounded_limit(estimate: Array, uncertainty: Array) -> Array:
    """Upper limit of a strength u >= 0 from (u - d)^2 - min(0, d)^2 = 2.706 s^2."""
    return estimate + np.sqrt(np.minimum(estimate, 0.0) ** 2 + DELTA_CHI2 * uncertainty**2)


def strength_limit(shifts: Array, pulls: Array, covariance: Array, free: Array | None = None) -> Array:
    """Upper limit on u for predictions SM + u shifts, shape (n,); by least squares.

    Parameters
    ----------
    shifts : array, shape (k, n)
    pulls : array, shape (k,)
        Measured minus SM.
    covariance : array, shape (k, k)
    free : array, shape (k,), optional
        Change of the predictions with a parameter that is fitted too.
    """
    inverse = np.linalg.inv(covariance)
    if free is not None:
        inverse = inverse - np.outer(inverse @ free, inverse @ free) / (free @ inverse @ free)
    size = np.einsum("in,ij,jn->n", shifts, inverse, shifts)
    safe = np.where(size > 1e-12, size, 1.0)
    limit = bounded_limit(np.einsum("in,ij,j->n", shifts, inverse, pulls) / safe, 1.0 / np.sqrt(safe))
    return np.where(size > 1e-12, limit, np.inf)


def single_limit(shift: Array, value: float, standard: float, *uncertainties: float) -> Array:
    """`strength_limit` of one number."""
    variance = float(np.square(uncertainties).sum())
    return strength_limit(shift[None], np.array([value - standard]), np.array([[variance]]))


def beyond(limits: Iterable[Array], slack: float = SLACK) -> NDArray[np.bool_]:
    """Where every one of the limits on the strength is below 1/slack."""
    return np.logical_and.reduce([limit < 1.0 / slack for limit in limits])
