"""Least squares fit of a card's response to the shapes of spectra.

The residuals are those of the logarithms, each spectrum with a normalisation of its own, over the relative error of a
bin.  Gauss-Newton steps inside of the parameters' ranges; derivatives are differences between templates at the same
integration points; those that cost an integration serve for several steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from tools.calibration.parameters import Parameter

Array = NDArray[np.float64]
#: A step that lowers chi2 by less is the last one with the same derivatives; largest number of these steps.
TOLERANCE, N_STEPS = 0.3, 4
#: Derivatives are computed again where they lowered chi2 by more than this part; times they are at most.
SMALL_GAIN, N_ROUNDS = 0.05, 6
#: Distance from an end of its range, relative, at which a parameter is at a bound.
AT_BOUND = 1e-3


@dataclass(frozen=True, eq=False)
class Fit:
    """Result of a calibration.

    Attributes
    ----------
    parameters : tuple of Parameter
    values, errors : float64[n]
        Fitted, and their standard deviations; constrained parameters in units of their size.
    chi2, penalty : float
        Of the bins; of the constraints.
    n_dof : int
        Bins less normalisations and parameters of the response.
    residuals : list of float64[n_bins]
        ln(published/fitted) of each spectrum, normalised.
    """

    parameters: tuple[Parameter, ...]
    values: Array
    errors: Array
    chi2: float
    penalty: float
    n_dof: int
    residuals: list[Array]

    def at_bound(self, i: int) -> bool:
        """Whether a parameter ended at a bound of its range."""
        one = self.parameters[i]
        return min(self.values[i] - one.low, one.high - self.values[i]) < AT_BOUND * (one.high - one.low)


class Problem:
    """Residuals of a calibration and their derivatives.

    Parameters
    ----------
    parameters : sequence of Parameter
    published : sequence of float64[n_bins]
        Content of each spectrum.
    errors : sequence of float64[n_bins]
        Relative.
    content : callable (dict) -> list of float64[n_bins]
        Predicted content at values of the free parameters.
    shift : callable (dict, Nuisance) -> list of float64[n_bins]
        Relative change of it for one standard deviation.
    """

    def __init__(
        self,
        parameters: Sequence[Parameter],
        published: Sequence[Array],
        errors: Sequence[Array],
        content: Callable[..., list[Array]],
        shift: Callable[..., list[Array]],
    ) -> None:
        self.parameters = tuple(parameters)
        self.published = [np.log(one) for one in published]
        self.errors = list(errors)
        self._content, self._shift = content, shift
        self.shifts: dict[str, list[Array]] = {}

    def values(self, x: Array) -> dict[str, float]:
        """Return the values of the free parameters by name."""
        return {p.name: float(value) for p, value in zip(self.parameters, x, strict=True) if p.nuisance is None}

    def prepare(self, x: Array) -> None:
        """Compute the shifts of the constrained parameters."""
        values = self.values(x)
        self.shifts = {p.name: self._shift(values, p.nuisance) for p in self.parameters if p.nuisance is not None}

    def shifted(self, x: Array) -> list[Array]:
        """Return the change of ln(content) by the constrained parameters."""
        total = [np.zeros_like(one) for one in self.published]
        for p, pull in zip(self.parameters, x, strict=True):
            for change, shift in zip(total, self.shifts.get(p.name, []), strict=False):
                change += pull * shift
        return total

    def residuals(self, x: Array) -> list[Array]:
        """Return ln(published/predicted) of each spectrum, less its weighted mean."""
        found = zip(self.published, self._content(self.values(x)), self.shifted(x), strict=True)
        return self._centred([data - np.log(one) - shift for data, one, shift in found])

    def derivatives(self, x: Array, chosen: Sequence[int] | None = None) -> Array:
        """Return the derivatives of the residuals over their errors, [n_bins, n_chosen]; all parameters by default."""
        columns, nominal = [], self._content(self.values(x))
        for i in range(x.size) if chosen is None else chosen:
            p = self.parameters[i]
            if p.nuisance is not None:
                change = [-one for one in self.shifts[p.name]]
            else:
                step = p.step if x[i] + p.step <= p.high else -p.step
                moved = x.copy()
                moved[i] += step
                pairs = zip(nominal, self._content(self.values(moved)), strict=True)
                change = [-np.log(there / here) / step for here, there in pairs]
            columns.append(self.over_errors(self._centred(change)))
        return np.stack(columns, axis=1)

    def over_errors(self, spectra: list[Array]) -> Array:
        """Return the bins of all spectra over their errors."""
        return np.concatenate([one / error for one, error in zip(spectra, self.errors, strict=True)])

    def penalties(self, x: Array) -> Array:
        """Return the distances of the parameters from the centres of their constraints, in standard deviations."""
        return np.array([(value - p.centre) / p.width for p, value in zip(self.parameters, x, strict=True)])

    def chi2(self, x: Array, residuals: list[Array]) -> float:
        """Return chi2 with the penalty."""
        return float(np.sum(self.over_errors(residuals) ** 2) + np.sum(self.penalties(x) ** 2))

    def _centred(self, spectra: list[Array]) -> list[Array]:
        weights = [1.0 / error**2 for error in self.errors]
        return [one - np.average(one, weights=weight) for one, weight in zip(spectra, weights, strict=True)]


def fit(problem: Problem, report: Callable[[str], None] = lambda _: None) -> Fit:
    """Fit the parameters.

    Parameters
    ----------
    problem : Problem
    report : callable (str), optional
        Told of each step.
    """
    x = np.array([p.start for p in problem.parameters])
    bounds = np.array([(p.low, p.high) for p in problem.parameters]).T
    constrained = np.diag([1.0 / p.width for p in problem.parameters])
    quick = [i for i, p in enumerate(problem.parameters) if p.quick]
    for _ in range(N_ROUNDS):
        problem.prepare(x)
        residuals = problem.residuals(x)
        first = best = problem.chi2(x, residuals)
        derivatives = problem.derivatives(x)
        report(f"chi2 {best:.1f}, {derivatives.shape[1]} derivatives computed")
        matrix = np.concatenate([derivatives, constrained])
        for i in range(N_STEPS):
            if i > 0 and quick:
                matrix[: derivatives.shape[0], quick] = problem.derivatives(x, quick)
            target = -np.concatenate([problem.over_errors(residuals), problem.penalties(x)])
            step = np.asarray(lsq_linear(matrix, target, bounds=(bounds[0] - x - 1e-12, bounds[1] - x + 1e-12)).x)
            moved, improved = _descend(problem, x, step, best, bounds)
            if moved is None:
                break
            x, residuals, before, best = moved, improved, best, problem.chi2(moved, improved)
            report(f"chi2 {best:.1f}")
            if before - best < TOLERANCE:
                break
        if first - best < max(TOLERANCE, SMALL_GAIN * best):
            break
    return _result(problem, x, residuals, matrix)


def _descend(problem: Problem, x: Array, step: Array, best: float, bounds: Array) -> tuple[Array | None, list[Array]]:
    """Return a point on the way of the step where chi2 is lower, and the residuals there."""
    for factor in (1.0, 0.5, 0.2, 0.05):
        moved = np.clip(x + factor * step, *bounds)
        residuals = problem.residuals(moved)
        if problem.chi2(moved, residuals) < best:
            return moved, residuals
    return None, []


def _result(problem: Problem, x: Array, residuals: list[Array], matrix: Array) -> Fit:
    covariance = np.linalg.inv(matrix.T @ matrix)
    penalty = float(np.sum(problem.penalties(x) ** 2))
    n_free = sum(p.nuisance is None for p in problem.parameters)
    return Fit(
        problem.parameters, x, np.sqrt(np.diag(covariance)), problem.chi2(x, residuals) - penalty, penalty,
        sum(one.size - 1 for one in residuals) - n_free, residuals,
    )  # fmt: skip
