"""Best fit with uncertainties from exact derivatives; Minuit gives MINOS and, if asked, confirms the minimum."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nucore.errors import FitError
from nucore.stats.degeneracy import check_degeneracy, undetermined
from nucore.stats.global_minimum import find_minimum
from nucore.stats.goodness import deviance_p_value
from nucore.stats.likelihood import Likelihood
from nucore.stats.minimise import Minimum
from nucore.stats.minuit import confirm_minimum, inverse_hessian, minos_interval
from nucore.stats.results import FitResult, MinimumReport

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _newton_covariance(likelihood: Likelihood, theta: Array, free: Mask) -> Array:
    index = np.flatnonzero(free)
    covariance = np.zeros((free.size, free.size))
    if index.size:
        covariance[np.ix_(index, index)] = inverse_hessian(likelihood.hessian(theta)[np.ix_(index, index)])
    return covariance


def _without(covariance: Array, unknown: Mask) -> Array:
    """Put NaN where the uncertainty of a parameter is not known."""
    result = covariance.copy()
    result[unknown], result[:, unknown] = np.nan, np.nan
    return result


def _determined(likelihood: Likelihood, minimum: Minimum, free: Mask) -> Mask:
    """Free parameters that the data determine at the minimum.

    Raises
    ------
    DegenerateModelError
        If some are degenerate there and elsewhere.
    """
    loose = undetermined(likelihood, minimum.theta, free)
    if loose.any():
        check_degeneracy(likelihood, minimum.theta, free | minimum.at_bound)
    return free & ~loose


def fit(
    likelihood: Likelihood,
    *,
    physical: bool = False,
    fixed: Mapping[str, float] | None = None,
    minos: Collection[str] = (),
    confirm: bool = False,
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
        Let Minuit (MIGRAD and HESSE) confirm the minimum, three to ten times slower. Without it a minimum is
        valid if the estimated distance to it is small and the exact second derivatives there, which give the
        uncertainties, are positive definite.

    Raises
    ------
    DegenerateModelError
        No data can tell some parameters apart.
    FitError
        The minimisation failed, the second derivatives are not positive definite, or two minimisers disagree.
    InputError
        Unknown parameter name.
    """
    model = likelihood.model
    fixed = dict(fixed or {})
    for name in (*fixed, *minos):
        model.index(name)
    minimum = find_minimum(likelihood, physical=physical, fixed=fixed)
    held = np.array([name in fixed for name in model.names], dtype=bool)
    free = ~(held | minimum.at_bound)
    if np.any(minimum.edge & free):
        covariance = np.full((free.size, free.size), np.nan)
        return _report(likelihood, minimum, covariance, {}, held)
    if confirm:
        free = _determined(likelihood, minimum, free)
    try:
        minimum, covariance = _curvature(likelihood, minimum, free, confirm)
    except FitError:
        determined = _determined(likelihood, minimum, free)
        if np.array_equal(determined, free):
            raise
        free = determined
        minimum, covariance = _curvature(likelihood, minimum, free, confirm)
    wanted = [name for name in minos if free[model.index(name)]]
    found = ((name, minos_interval(likelihood, minimum.theta, free, model.index(name))) for name in wanted)
    intervals = {name: interval for name, interval in found if interval is not None}
    covariance = _without(covariance, ~(held | minimum.at_bound | free))
    return _report(likelihood, minimum, covariance, intervals, held)


def _curvature(likelihood: Likelihood, minimum: Minimum, free: Mask, confirm: bool) -> tuple[Minimum, Array]:
    """Minimum and covariance matrix of the free parameters and those at a bound; 0 elsewhere."""
    if confirm and free.any():
        theta, covariance, edm, calls = confirm_minimum(likelihood, minimum, free)
        minimum = replace(minimum, theta=theta, edm=edm, calls=minimum.calls + calls)
    else:
        covariance = _newton_covariance(likelihood, minimum.theta, free)
    if minimum.at_bound.any():
        covariance = _with_bounds(likelihood, covariance, minimum, free)
    return minimum, covariance


def _with_bounds(likelihood: Likelihood, covariance: Array, minimum: Minimum, free: Mask) -> Array:
    """Covariance with the parameters at a bound, from the curvature there; NaN where it is none.

    Where such a parameter brings an empty bin to zero expectation, the likelihood falls linearly to the bound, and its
    curvature says nothing.
    """
    if not minimum.zero_expectation:
        with suppress(FitError):
            return _newton_covariance(likelihood, minimum.theta, free | minimum.at_bound)
    return _without(covariance, minimum.at_bound)


def _report(
    likelihood: Likelihood,
    minimum: Minimum,
    covariance: Array,
    intervals: Mapping[str, tuple[float, float]],
    held: Mask,
) -> FitResult:
    model, names, theta = likelihood.model, likelihood.model.names, minimum.theta
    value, at = likelihood.evaluate(theta)
    sigma = np.sqrt(np.diag(covariance))
    free = np.array([p.width is None for p in model.parameters], dtype=np.bool_)
    free[model.constrained[~model.measured]] = True
    pulls = (theta[model.constrained] - likelihood.observation.auxiliary) / model.widths
    ndf = model.n_bins - int(np.count_nonzero(free & ~held))
    known = [(row, k) for row, k in enumerate(model.constrained) if model.measured[row]]
    return FitResult(
        parameters=names,
        best_fit=dict(zip(names, theta.tolist(), strict=True)),
        uncertainties={n: float("nan") if h else float(s) for n, s, h in zip(names, sigma, held, strict=True)},
        intervals=intervals,
        covariance=covariance,
        pulls={names[k]: float(pulls[row]) for row, k in known},
        constraints={names[k]: float(sigma[k] / model.widths[row]) for row, k in known},
        minimum=MinimumReport(True, minimum.edm, minimum.calls, value),
        goodness_of_fit=2.0 * value,
        degrees_of_freedom=ndf,
        p_value=deviance_p_value(2.0 * value, at.counts, ndf),
        at_bound=tuple(name for name, bound in zip(names, minimum.at_bound, strict=True) if bound),
        zero_expectation=minimum.zero_expectation,
        expected_counts=at.counts,
    )
