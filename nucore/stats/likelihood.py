"""Binned likelihood: Poisson counts times Gaussian constraints, with exact derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.stats.expectation import Expectation
from nucore.stats.model import Model, Observation

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Value, gradient and Hessian of the negative log-likelihood at one point."""

    value: float
    gradient: Array
    hessian: Array
    fisher: Array


def _log1p(ratio: Array, nu: Array, n: Array) -> Array:
    """Logarithm of nu / n = 1 + ratio, without cancellation at either end."""
    if ratio.min(initial=0.0) > -0.5:
        return np.log1p(ratio)
    return np.where(ratio > -0.5, np.log1p(np.maximum(ratio, -0.5)), np.log(nu / n))


class Likelihood:
    r"""Negative log-likelihood of a model for given data, relative to the saturated model.

    .. math:: \sum_i \left[\nu_i - n_i + n_i \ln\frac{n_i}{\nu_i}\right]
              + \sum_k \frac{(\theta_k - a_k)^2}{2\sigma_k^2}

    Twice this value is a likelihood-ratio chi-square, exact to rounding also for very large counts.
    It is infinite where any expected count is negative, or zero with n > 0: fits and scans stay
    inside the region of non-negative expectation.

    Parameters
    ----------
    model : Model
    data : array, shape (n_bins,), or Observation
        Counts; auxiliary measurements are nominal unless an Observation gives them.
    barrier : float, >= 0
        Weight of a logarithmic barrier, -barrier ln(nu), in bins without counts. Used by the
        minimiser to approach a boundary of zero expectation; 0 for the likelihood itself.
    barred : array of bool, shape (n_bins,), optional
        Bins without counts that have the barrier; all by default.
    """

    def __init__(
        self,
        model: Model,
        data: ArrayLike | Observation,
        barrier: float = 0.0,
        barred: NDArray[np.bool_] | None = None,
    ) -> None:
        self.model = model
        self.observation = data if isinstance(data, Observation) else model.observation(data)
        self.barrier = barrier
        counts = self.observation.counts
        self._filled = counts > 0.0
        self._barred = (~self._filled if barred is None else barred) & (barrier > 0.0)
        self._all_filled = bool(self._filled.all())
        self._safe = np.where(self._filled, counts, 1.0)

    def with_barrier(self, barrier: float, barred: NDArray[np.bool_] | None = None) -> Likelihood:
        """Return the same likelihood with a logarithmic barrier in empty bins."""
        return Likelihood(self.model, self.observation, barrier, barred)

    def before_fit(self, poi: float = 0.0) -> Array:
        """Parameters before a fit: constrained ones as measured, that of interest as given, others where they start."""
        theta = self.model.vector()
        theta[self.model.constrained] = self.observation.auxiliary
        if self.model.poi:
            theta[0] = poi
        return theta

    def __call__(self, theta: ArrayLike) -> float:
        """Negative log-likelihood (dimensionless, >= 0) at the parameter vector `theta`."""
        return self.value(np.asarray(theta, dtype=np.float64))

    def value(self, theta: Array) -> float:
        """Negative log-likelihood at `theta`; infinity outside the region of non-negative expectation."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return self.evaluate(theta)[0]

    def evaluate(self, theta: Array) -> tuple[float, Expectation]:
        """Negative log-likelihood and the expectation it came from (may be infinite)."""
        at = self.model.expectation(theta)
        return self._counts_term(at.counts) + self._constraint(theta), at

    def _constraint(self, theta: Array) -> float:
        pull = (theta[self.model.constrained] - self.observation.auxiliary) / self.model.widths
        return 0.5 * float(pull @ pull)

    def _counts_term(self, nu: Array) -> float:
        n = self.observation.counts
        lowest = nu.min()
        if not (np.isfinite(nu.max()) and lowest >= 0.0):
            return np.inf
        ratio = (nu - n) / self._safe
        if self._all_filled:
            if lowest == 0.0:
                return np.inf
            return float(n @ (ratio - _log1p(ratio, nu, n)))
        if lowest == 0.0 and np.any((nu == 0.0) & (self._filled | self._barred)):
            return np.inf
        log_term = _log1p(ratio[self._filled], nu[self._filled], n[self._filled])
        total = float(n[self._filled] @ (ratio[self._filled] - log_term) + nu[~self._filled].sum())
        if self.barrier > 0.0:
            total -= self.barrier * float(np.log(nu[self._barred]).sum())
        return total

    def _weights(self, nu: Array) -> tuple[Array, Array, Array]:
        """First and second derivative of the term of each bin in nu, and the expected second."""
        n = self.observation.counts
        safe = nu if self._all_filled else np.where(nu > 0.0, nu, 1.0)
        effective = n if self.barrier == 0.0 else np.where(self._barred, self.barrier, n)
        inverse = 1.0 / safe
        first = (safe - effective) * inverse if self._all_filled else 1.0 - effective * inverse
        return first, effective * inverse * inverse, inverse

    def gradient(self, theta: ArrayLike) -> Array:
        """Gradient of the negative log-likelihood, shape (n_parameters,)."""
        theta = np.asarray(theta, dtype=np.float64)
        at = self.model.expectation(theta)
        result = at.jacobian() @ self._weights(at.counts)[0]
        model = self.model
        result[model.constrained] += (theta[model.constrained] - self.observation.auxiliary) / model.widths**2
        return np.asarray(result)

    def hessian(self, theta: ArrayLike) -> Array:
        """Matrix of second derivatives, shape (n_parameters, n_parameters)."""
        return self.derivatives(np.asarray(theta, dtype=np.float64)).hessian

    def derivatives(self, theta: Array, evaluated: tuple[float, Expectation] | None = None) -> Derivatives:
        """Value, gradient, Hessian and expected (Fisher) Hessian at `theta`."""
        value, at = evaluated if evaluated is not None else self.evaluate(theta)
        jacobian = at.jacobian()
        first, second, expected = self._weights(at.counts)
        gradient = jacobian @ first
        hessian = (jacobian * second) @ jacobian.T + at.contracted_hessian(first)
        fisher = (jacobian * expected) @ jacobian.T
        index, widths = self.model.constrained, self.model.widths
        gradient[index] += (theta[index] - self.observation.auxiliary) / widths**2
        hessian[index, index] += 1.0 / widths**2
        fisher[index, index] += 1.0 / widths**2
        return Derivatives(value, gradient, hessian, fisher)
