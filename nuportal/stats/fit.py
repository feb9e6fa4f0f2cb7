"""Best fit with uncertainties: Newton to the minimum, Minuit to confirm it and to give HESSE and MINOS."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from iminuit import Minuit
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cholesky, inv
from scipy.stats import chi2

from nuportal.errors import InputError
from nuportal.stats.likelihood import Likelihood
from nuportal.stats.minimise import FitError, Minimum, minimise
from nuportal.stats.results import FitResult, MinimumReport

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

AGREEMENT = 1e-3
"""Largest difference of the two minimisers accepted, in negative log-likelihood."""


def fit_bounds(likelihood: Likelihood, physical: bool) -> tuple[Array, Array]:
    """Bounds of a fit; with `physical` also those of the parameter of interest."""
    model = likelihood.model
    lower, upper = model.lower.copy(), model.upper.copy()
    if physical:
        lower[0], upper[0] = max(lower[0], model.poi_bounds[0]), min(upper[0], model.poi_bounds[1])
    return lower, upper


def starting_points(likelihood: Likelihood, lower: Array, upper: Array) -> list[Array]:
    """Points of finite likelihood to start from: the model's own, and others with signal."""
    model = likelihood.model
    base = np.clip(model.start(likelihood.observation), lower, upper)
    signal = model.expectation(base).jacobian()[0]
    excess = likelihood.observation.counts - model.expectation(base).counts
    size = float(np.abs(signal).sum())
    scale = float(np.abs(excess).sum()) / size if size > 0.0 else 0.0
    points = []
    for value in (base[0], base[0] + scale, base[0] + 0.1 * scale, base[0] - 0.1 * scale):
        point = base.copy()
        point[0] = np.clip(value, lower[0], upper[0])
        if np.isfinite(likelihood.value(point)):
            points.append(point)
    return points


def find_minimum(
    likelihood: Likelihood,
    *,
    physical: bool = False,
    fixed: Mapping[str, float] | None = None,
    start: Array | None = None,
) -> Minimum:
    """Global minimum by Newton's method, tried from several starting points until one converges.

    Parameters
    ----------
    likelihood : Likelihood
    physical : bool
        Keep the parameter of interest within ``model.poi_bounds``.
    fixed : dict, name -> value
        Parameters held.
    start : array, shape (n_parameters,), optional
        First point to try.

    Raises
    ------
    FitError
        No starting point leads to a minimum.
    """
    lower, upper = fit_bounds(likelihood, physical)
    mask = np.zeros(likelihood.model.initial.size, dtype=bool)
    for name, value in (fixed or {}).items():
        index = likelihood.model.index(name)
        mask[index], lower[index], upper[index] = True, value, value
    message = "the likelihood is not finite at any starting point"
    if start is not None:
        result = minimise(likelihood, np.clip(start, lower, upper), fixed=mask, bounds=(lower, upper))
        if result.converged:
            return result
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        points = starting_points(likelihood, lower, upper)
    for point in points:
        result = minimise(likelihood, point, fixed=mask, bounds=(lower, upper))
        if result.converged:
            return result
        message = result.message
    raise FitError(f"minimisation failed: {message}")


def _whitening(hessian: Array, order: Array) -> Array:
    """Matrix L with theta = L z that makes the Hessian the unit matrix.

    The first parameter in `order` depends on the first z alone, so that its profile in z is its
    profile in theta.
    """
    scale = 1.0 / np.sqrt(np.diag(hessian))
    covariance = inv(hessian * scale * scale[:, None]) * scale * scale[:, None]
    result = np.zeros_like(covariance)
    result[np.ix_(order, range(len(order)))] = cholesky(covariance[np.ix_(order, order)], lower=True)
    return result


class _WhitenedMinuit:
    """Minuit over the free parameters, in coordinates where the problem is well conditioned."""

    def __init__(self, likelihood: Likelihood, theta: Array, free: Mask, first: int | None = None) -> None:
        self.likelihood, self.theta, self.index = likelihood, theta, np.flatnonzero(free)
        order = np.arange(self.index.size)
        if first is not None:
            k = int(np.flatnonzero(self.index == first)[0])
            order = np.concatenate([[k], np.delete(order, k)])
        hessian = likelihood.hessian(theta)[np.ix_(self.index, self.index)]
        try:
            if not np.all(np.diag(hessian) > 0.0):
                raise LinAlgError("negative curvature")
            self.transform = _whitening(hessian, order)
        except LinAlgError:
            raise FitError("the matrix of second derivatives is not positive definite at the minimum") from None
        self.offset = likelihood.value(theta)
        self.minuit = Minuit(self._value, np.zeros(self.index.size), grad=self._gradient)
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


def _confirm(likelihood: Likelihood, minimum: Minimum, free: Mask) -> tuple[Array, Array, float, int]:
    """MIGRAD and HESSE from the Newton minimum: parameters, covariance (n, n), edm, calls."""
    work = _WhitenedMinuit(likelihood, minimum.theta, free)
    minuit = work.minuit
    minuit.migrad()
    minuit.hesse()
    if not minuit.valid or minuit.covariance is None:
        raise FitError("Minuit does not confirm the minimum")
    if abs(minuit.fval or 0.0) > AGREEMENT:
        raise FitError(f"two minimisers disagree: the likelihood differs by {minuit.fval:.3g}")
    covariance = np.zeros((free.size, free.size))
    inner = work.transform @ np.asarray(minuit.covariance) @ work.transform.T
    covariance[np.ix_(work.index, work.index)] = inner
    return work.point(np.asarray(minuit.values)), covariance, float(minuit.fmin.edm), minuit.nfcn  # type: ignore[union-attr]


def _minos(likelihood: Likelihood, theta: Array, free: Mask, index: int) -> tuple[float, float]:
    work = _WhitenedMinuit(likelihood, theta, free, first=index)
    work.minuit.migrad()
    work.minuit.minos(0)
    merror = work.minuit.merrors[0]
    if not merror.is_valid:
        raise FitError(f"MINOS failed for {likelihood.model.names[index]}")
    unit = work.transform[np.flatnonzero(work.index == index)[0], 0]
    return float(merror.lower * unit), float(merror.upper * unit)


def _newton_covariance(likelihood: Likelihood, theta: Array, free: Mask) -> Array:
    index = np.flatnonzero(free)
    hessian = likelihood.hessian(theta)[np.ix_(index, index)]
    covariance = np.zeros((free.size, free.size))
    if index.size:
        if not np.all(np.diag(hessian) > 0.0):
            raise FitError("the matrix of second derivatives is not positive definite at the minimum")
        scale = 1.0 / np.sqrt(np.diag(hessian))
        covariance[np.ix_(index, index)] = inv(hessian * scale * scale[:, None]) * scale * scale[:, None]
    return covariance


def fit(
    likelihood: Likelihood,
    *,
    physical: bool = False,
    fixed: Mapping[str, float] | None = None,
    minos: Collection[str] = (),
    confirm: bool = True,
) -> FitResult:
    """Best fit of all parameters with their uncertainties.

    Parameters
    ----------
    likelihood : Likelihood
    physical : bool
        Keep the parameter of interest within the model's physical bounds. Off by default: an
        estimate that may become negative is unbiased.
    fixed : dict, name -> value
        Parameters held at a value.
    minos : names
        Parameters to give asymmetric uncertainties for.
    confirm : bool
        Let Minuit (MIGRAD and HESSE) confirm the minimum. Without it the exact second derivatives
        at the Newton minimum give the uncertainties: faster, for many toys.

    Raises
    ------
    FitError
        The minimisation failed, or the two minimisers disagree.
    InputError
        Unknown parameter name.
    """
    model = likelihood.model
    fixed = dict(fixed or {})
    unknown = [name for name in (*fixed, *minos) if name not in model.names]
    if unknown:
        raise InputError(f"no parameter {unknown[0]!r} in the model; there are {', '.join(model.names)}")
    minimum = find_minimum(likelihood, physical=physical, fixed=fixed)
    used = likelihood.with_barrier(minimum.barrier) if minimum.barrier else likelihood
    held = np.array([name in fixed for name in model.names])
    free = ~(held | minimum.at_bound)
    theta, edm, calls = minimum.theta, minimum.edm, minimum.calls
    if confirm and free.any():
        theta, covariance, edm, more = _confirm(used, minimum, free)
        calls += more
    else:
        covariance = _newton_covariance(used, theta, free)
    if minimum.at_bound.any():
        covariance = _newton_covariance(used, theta, ~held)
    intervals = {name: _minos(used, theta, free, model.index(name)) for name in minos if free[model.index(name)]}
    return _report(likelihood, theta, covariance, intervals, MinimumReport(True, edm, calls, 0.0), minimum, held)


def _report(
    likelihood: Likelihood,
    theta: Array,
    covariance: Array,
    intervals: Mapping[str, tuple[float, float]],
    status: MinimumReport,
    minimum: Minimum,
    held: Mask,
) -> FitResult:
    model, names = likelihood.model, likelihood.model.names
    value = likelihood.value(theta)
    sigma = np.sqrt(np.diag(covariance))
    ndf = model.n_bins - int(sum(p.width is None and not h for p, h in zip(model.parameters, held, strict=True)))
    pulls = (theta[model.constrained] - likelihood.observation.auxiliary) / model.widths
    at_bound = [name for name, bound in zip(names, minimum.at_bound, strict=True) if bound]
    return FitResult(
        parameters=names,
        best_fit=dict(zip(names, theta.tolist(), strict=True)),
        uncertainties={n: float("nan") if h else float(s) for n, s, h in zip(names, sigma, held, strict=True)},
        intervals=intervals,
        covariance=covariance,
        pulls={names[k]: float(p) for k, p in zip(model.constrained, pulls, strict=True)},
        constraints={names[k]: float(sigma[k] / w) for k, w in zip(model.constrained, model.widths, strict=True)},
        minimum=MinimumReport(status.valid, status.edm, status.calls, value),
        goodness_of_fit=2.0 * value,
        degrees_of_freedom=ndf,
        p_value=float(chi2.sf(2.0 * value, ndf)) if ndf > 0 else None,
        at_bound=tuple(at_bound),
        expected_counts=model.expected(theta),
    )


__all__ = ["FitError", "find_minimum", "fit"]
