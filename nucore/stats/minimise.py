"""Newton minimisation of a likelihood with exact derivatives, bounds and fixed parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv

from nucore.stats.likelihood import Derivatives, Likelihood

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

EDM_GOAL = 1e-10
"""Estimated distance to the minimum (in units of the negative log-likelihood) that ends a fit."""
EDM_QUADRATIC = 1e-7
"""Estimated distance from which one more full Newton step ends a fit without a further estimate."""
EDM_ACCEPTED = 1e-5
"""Largest estimated distance accepted where rounding stops further progress."""
MAX_ITERATIONS = 200
_ARMIJO = 1e-4
_SMALLEST_STEP = 2.0**-60
_SHORT_STEP = 1e-3
_MAX_SHORT_STEPS = 5
_RIDGE = 1e-9
_SMALLEST_PIVOT = 1e-7
_EDGE_COUNTS = 1e-4
_EDGE_SIGMAS = 1e-3
_BARRIERS = (1.0, 1e-2, 1e-4, 1e-6, 1e-8)


@dataclass(frozen=True, eq=False)
class Minimum:
    """Outcome of a minimisation.

    Attributes
    ----------
    theta : array, shape (n_parameters,)
    value : float
        Negative log-likelihood.
    edm : float
        Estimated vertical distance to the minimum.
    calls : int
        Evaluations of the likelihood.
    converged : bool
    message : str
        Why it did not converge; empty if it did.
    at_bound : array of bool, shape (n_parameters,)
        Parameters held by one of their bounds.
    edge : array of bool, shape (n_parameters,)
        Parameters that change the expectation of an empty bin, where it vanishes at the minimum.
    """

    theta: Array
    value: float
    edm: float
    calls: int
    converged: bool
    message: str
    at_bound: Mask
    edge: Mask

    @property
    def zero_expectation(self) -> bool:
        """Whether the minimum lies where the expectation of an empty bin vanishes."""
        return bool(self.edge.any())


def _solve(matrix: Array, gradient: Array) -> Array | None:
    """Newton direction from a positive definite matrix, scaled to unit diagonal; None if it is not."""
    diagonal = matrix.diagonal()
    if not diagonal.min() > 0.0:
        return None
    scale = 1.0 / np.sqrt(diagonal)
    factor, solution, info = dposv(matrix * scale * scale[:, None], scale * gradient)
    if info != 0 or factor.diagonal().min() < _SMALLEST_PIVOT:
        return None
    return np.asarray(-scale * solution)


def _ridge_direction(matrix: Array, gradient: Array) -> Array:
    """Newton direction from a positive semi-definite matrix with a small ridge."""
    diagonal = np.diag(matrix).copy()
    diagonal[diagonal <= 0.0] = 1.0
    ridge = _RIDGE
    while True:
        direction = _solve(matrix + ridge * np.diag(diagonal), gradient)
        if direction is not None:
            return direction
        ridge *= 100.0


def _direction(at: Derivatives, free: Mask) -> tuple[Array, float, bool]:
    """Descent direction (0 for fixed parameters), estimated distance to the minimum, exact Hessian or not."""
    index = np.flatnonzero(free)
    full = np.zeros(free.size)
    if not index.size:
        return full, 0.0, True
    block = (index[:, None], index)
    gradient = at.gradient[index]
    step = _solve(at.hessian[block], gradient)
    exact = step is not None
    if step is None:
        step = _ridge_direction(at.fisher[block], gradient)
    full[index] = step
    return full, float(-0.5 * (gradient @ step)), exact


def _held(theta: Array, gradient: Array, lower: Array, upper: Array) -> Mask:
    return ((theta <= lower) & (gradient > 0.0)) | ((theta >= upper) & (gradient < 0.0))


def _first_bound(theta: Array, direction: Array, lower: Array, upper: Array) -> tuple[float, int]:
    """Fraction of a step at which the first parameter comes to a bound, and the parameter."""
    room = np.where(direction > 0.0, upper - theta, theta - lower)
    fractions = np.divide(room, np.abs(direction), out=np.full_like(room, np.inf), where=direction != 0.0)
    first = int(np.argmin(fractions)) if fractions.size else 0
    return float(fractions.min(initial=np.inf)), first


def newton(likelihood: Likelihood, start: Array, fixed: Mask, lower: Array, upper: Array) -> Minimum:
    """Minimise from `start` inside the region of positive expectation; arguments as in `minimise`."""
    theta = np.where(fixed, start, np.clip(start, lower, upper))
    evaluated = likelihood.evaluate(theta)
    calls, edm, short = 1, np.inf, 0
    held = np.zeros(theta.size, dtype=bool)

    def outcome(message: str) -> Minimum:
        converged = not message or edm < EDM_ACCEPTED
        return Minimum(
            theta, evaluated[0], edm, calls, converged, "" if converged else message, held, np.zeros_like(held)
        )

    if not np.isfinite(evaluated[0]):
        return outcome("the likelihood is not finite at the starting point")
    for _ in range(MAX_ITERATIONS):
        at = likelihood.derivatives(theta, evaluated)
        held = _held(theta, at.gradient, lower, upper) & ~fixed
        direction, edm, exact = _direction(at, ~(fixed | held))
        if not np.isfinite(edm):
            return outcome("the derivatives are not finite")
        if edm < EDM_GOAL:
            return outcome("")
        blocking = _held(theta, -direction, lower, upper) & ~(fixed | held)
        direction[blocking] = 0.0
        slope = float(at.gradient @ direction)
        if slope >= 0.0:
            direction = np.where(fixed | held | blocking, 0.0, -at.gradient / np.maximum(np.diag(at.fisher), 1e-300))
            slope = float(at.gradient @ direction)
        length, (reach, first) = 1.0, _first_bound(theta, direction, lower, upper)
        while True:
            target = np.where(fixed, theta, theta + length * direction)
            trial = np.where(fixed, theta, np.clip(target, lower, upper))
            if length == reach:
                trial[first] = np.where(direction > 0.0, upper, lower)[first]
            new = likelihood.evaluate(trial)
            calls += 1
            if new[0] <= evaluated[0] + _ARMIJO * length * slope:
                break
            length = reach if 0.5 * length <= reach < length else 0.5 * length
            if length < _SMALLEST_STEP or (edm < EDM_ACCEPTED and length < _SHORT_STEP):
                return outcome("no step decreases the likelihood (edge of the region of positive expectation?)")
        theta, evaluated = trial, new
        short = short + 1 if length < _SHORT_STEP and length != reach else 0
        if short > _MAX_SHORT_STEPS:
            return outcome("steps stay short (edge of the region of positive expectation?)")
        if exact and edm < EDM_QUADRATIC and length == 1.0 and np.array_equal(trial, target):
            return outcome("")
    return outcome(f"no convergence in {MAX_ITERATIONS} iterations")


def _moved_empty(likelihood: Likelihood, theta: Array, fixed: Mask) -> Mask:
    """Bins without counts that expect any, or can; one that never does needs no barrier."""
    at = likelihood.model.expectation(theta)
    moved = (at.counts > 0.0) | np.any(at.jacobian()[~fixed] != 0.0, axis=0)
    return np.asarray((likelihood.observation.counts == 0.0) & moved)


def _edge(likelihood: Likelihood, theta: Array, fixed: Mask) -> Mask:
    """Parameters a small part of a standard deviation of which brings an empty bin to zero expectation."""
    at = likelihood.model.expectation(theta)
    near = (likelihood.observation.counts == 0.0) & (at.counts < _EDGE_COUNTS)
    if not near.any():
        return np.zeros_like(fixed)
    jacobian = at.jacobian()
    information = (jacobian[:, ~near] ** 2 / at.counts[~near]).sum(axis=1)
    moved = np.abs(jacobian[:, near]) * _EDGE_SIGMAS > at.counts[near] * np.sqrt(information)[:, None]
    return np.asarray(moved.any(axis=1) & ~fixed)


def minimise(likelihood: Likelihood, start: Array, fixed: Mask, lower: Array, upper: Array) -> Minimum:
    """Minimise the negative log-likelihood from `start`.

    Full Newton steps with the exact Hessian where it is positive definite, Fisher scoring
    elsewhere, with backtracking; parameters at a bound are held there while the gradient points
    outwards. A minimum at which the expectation of an empty bin vanishes is approached through a
    decreasing logarithmic barrier. Nothing is raised: look at ``converged``.

    Parameters
    ----------
    likelihood : Likelihood
    start : array, shape (n_parameters,)
    fixed : array of bool, shape (n_parameters,)
        Parameters kept at their start value.
    lower, upper : array, shape (n_parameters,)
        Bounds.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        result = newton(likelihood, start, fixed, lower, upper)
        if np.all(likelihood.observation.counts > 0.0):
            return result
        if result.converged or not np.isfinite(result.value):
            return replace(result, edge=_edge(likelihood, result.theta, fixed))
        calls, point, barred = result.calls, start, _moved_empty(likelihood, start, fixed)
        for barrier in _BARRIERS:
            softened = newton(likelihood.with_barrier(barrier, barred), point, fixed, lower, upper)
            calls, point = calls + softened.calls, softened.theta
        plain = newton(likelihood, softened.theta, fixed, lower, upper)
        if plain.converged:
            edge = _edge(likelihood, plain.theta, fixed)
            return replace(plain, calls=calls + plain.calls, edge=edge)
        value = likelihood.value(softened.theta)
        if not softened.converged or value > result.value + 1e-5:
            return result
        edge = _edge(likelihood, softened.theta, fixed)
        return replace(softened, value=value, calls=calls, edge=edge if edge.any() else ~fixed)
