"""Minuit on a likelihood near its minimum: confirmation (MIGRAD), HESSE and MINOS.

Minuit is given the exact first and second derivatives, in coordinates in which the latter are the
unit matrix at the minimum, so that strong correlations and any scale of the parameters are harmless.
"""

from __future__ import annotations

import numpy as np
from iminuit import Minuit
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.linalg.lapack import dposv, dpotrf

from nucore.errors import FitError
from nucore.stats.likelihood import Likelihood
from nucore.stats.minimise import Minimum

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.intp]

AGREEMENT = 1e-3
"""Largest difference of the two minimisers accepted, in negative log-likelihood."""
_SMALLEST_PIVOT = 1e-7


def _scaled(hessian: Array) -> tuple[Array, Array, Array]:
    """Hessian scaled to unit diagonal, its Cholesky factor and the scales; refused if not positive definite."""
    diagonal = hessian.diagonal()
    if diagonal.min() > 0.0:
        scale = 1.0 / np.sqrt(diagonal)
        scaled = hessian * scale * scale[:, None]
        factor, info = dpotrf(scaled, lower=True)
        if info == 0 and factor.diagonal().min() > _SMALLEST_PIVOT:
            return scaled, factor, scale
    raise FitError("the matrix of second derivatives is not positive definite at the minimum")


def inverse_hessian(hessian: Array) -> Array:
    """Covariance matrix: inverse of a positive definite matrix of second derivatives.

    Raises
    ------
    FitError
        The matrix is not positive definite, or singular to rounding (a parameter without effect, or two
        with the same).
    """
    scaled, _, scale = _scaled(hessian)
    # not dpotri: threaded OpenBLAS lets it wait for milliseconds on a busy machine
    inverse = dposv(scaled, np.eye(scale.size))[1]
    return np.asarray(0.5 * (inverse + inverse.T) * scale * scale[:, None])


def _whitening(hessian: Array, order: Index) -> Array:
    """Matrix L with theta = L z that makes the Hessian the unit matrix.

    The first parameter in `order` depends on the first z alone, so that its profile in z is its
    profile in theta.
    """
    scaled, _, scale = _scaled(hessian)
    backwards = order[::-1]
    factor = cholesky(scaled[np.ix_(backwards, backwards)], lower=True)[::-1, ::-1]
    result = np.empty_like(scaled)
    result[order] = solve_triangular(factor, np.eye(order.size), lower=False, trans="T")
    return result * scale[:, None]


class _WhitenedMinuit:
    """Minuit over the free parameters, in coordinates where the problem is well conditioned."""

    def __init__(self, likelihood: Likelihood, theta: Array, free: Mask, first: int | None = None) -> None:
        self.likelihood, self.theta, self.index = likelihood, theta, np.flatnonzero(free)
        order = np.arange(self.index.size)
        if first is not None:
            k = int(np.flatnonzero(self.index == first)[0])
            order = np.concatenate([[k], np.delete(order, k)])
        hessian = likelihood.hessian(theta)[np.ix_(self.index, self.index)]
        self.transform = _whitening(hessian, order)
        self.offset = likelihood.value(theta)
        self.minuit = Minuit(self._value, np.zeros(self.index.size), grad=self._gradient, hessian=self._hessian)
        self.minuit.errordef = Minuit.LIKELIHOOD
        self.minuit.errors = np.ones(self.index.size)
        self.minuit.tol = 1e-3
        self.minuit.print_level = 0

    def point(self, z: Array) -> Array:
        theta = self.theta.copy()
        theta[self.index] += self.transform @ z
        return theta

    def _value(self, z: Array) -> float:
        value = self.likelihood.value(self.point(np.asarray(z))) - self.offset
        return value if np.isfinite(value) else 1e30

    def _gradient(self, z: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            gradient = self.likelihood.gradient(self.point(np.asarray(z)))[self.index]
        return np.asarray(np.nan_to_num(self.transform.T @ gradient, posinf=1e30, neginf=-1e30))

    def _hessian(self, z: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            hessian = self.likelihood.hessian(self.point(np.asarray(z)))[self.index[:, None], self.index]
        return np.asarray(np.nan_to_num(self.transform.T @ hessian @ self.transform, posinf=1e30, neginf=-1e30))


def confirm_minimum(likelihood: Likelihood, minimum: Minimum, free: Mask) -> tuple[Array, Array, float, int]:
    """MIGRAD and HESSE from the Newton minimum: parameters, covariance (n, n), edm, calls.

    Raises
    ------
    FitError
        Minuit finds no valid minimum there, or a different one.
    """
    work = _WhitenedMinuit(likelihood, minimum.theta, free)
    minuit = work.minuit
    minuit.migrad()
    minuit.hesse()
    if not minuit.valid or minuit.covariance is None:
        raise FitError("Minuit does not confirm the minimum")
    difference = float(minuit.fval or 0.0)
    if abs(difference) > AGREEMENT:
        raise FitError(f"two minimisers disagree: the likelihood differs by {difference:.3g}")
    covariance = np.zeros((free.size, free.size))
    inner = work.transform @ np.asarray(minuit.covariance) @ work.transform.T
    covariance[np.ix_(work.index, work.index)] = inner
    edm = float(minuit.fmin.edm) if minuit.fmin is not None else np.inf
    return work.point(np.asarray(minuit.values)), covariance, edm, minuit.nfcn


def minos_interval(likelihood: Likelihood, theta: Array, free: Mask, index: int) -> tuple[float, float] | None:
    """MINOS uncertainties (lower < 0, upper > 0) of the parameter at `index`.

    None where the likelihood ends before it has risen by 1/2, at the edge of the region of positive expectation.
    """
    work = _WhitenedMinuit(likelihood, theta, free, first=index)
    work.minuit.migrad()
    work.minuit.minos(0)
    merror = work.minuit.merrors[0]
    if not merror.is_valid:
        return None
    unit = work.transform[np.flatnonzero(work.index == index)[0], 0]
    return float(merror.lower * unit), float(merror.upper * unit)
