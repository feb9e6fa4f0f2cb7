"""Best fit with uncertainties from exact derivatives; Minuit gives MINOS and, if asked, confirms the minimum."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from nucore.stats.global_minimum import find_minimum
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
    held = np.array([name in fixed for name in model.names])
    free = ~(held | minimum.at_bound)
    theta, edm, calls = minimum.theta, minimum.edm, minimum.calls
    intervals: dict[str, tuple[float, float]] = {}
    if minimum.zero_expectation:
        covariance = np.full((free.size, free.size), np.nan)
    elif confirm and free.any():
        theta, covariance, edm, more = confirm_minimum(likelihood, minimum, free)
        calls += more
    else:
        covariance = _newton_covariance(likelihood, theta, free)
    if not minimum.zero_expectation:
        if minimum.at_bound.any():
            covariance = _newton_covariance(likelihood, theta, ~held)
        wanted = [name for name in minos if free[model.index(name)]]
        intervals = {name: minos_interval(likelihood, theta, free, model.index(name)) for name in wanted}
    return _report(likelihood, theta, covariance, intervals, edm, calls, minimum, held)


def _report(
    likelihood: Likelihood,
    theta: Array,
    covariance: Array,
    intervals: Mapping[str, tuple[float, float]],
    edm: float,
    calls: int,
    minimum: Minimum,
    held: Mask,
) -> FitResult:
    model, names = likelihood.model, likelihood.model.names
    value, at = likelihood.evaluate(theta)
    sigma = np.sqrt(np.diag(covariance))
    ndf = model.n_bins - int(sum(p.width is None and not h for p, h in zip(model.parameters, held, strict=True)))
    pulls = (theta[model.constrained] - likelihood.observation.auxiliary) / model.widths
    return FitResult(
        parameters=names,
        best_fit=dict(zip(names, theta.tolist(), strict=True)),
        uncertainties={n: float("nan") if h else float(s) for n, s, h in zip(names, sigma, held, strict=True)},
        intervals=intervals,
        covariance=covariance,
        pulls={names[k]: float(p) for k, p in zip(model.constrained, pulls, strict=True)},
        constraints={names[k]: float(sigma[k] / w) for k, w in zip(model.constrained, model.widths, strict=True)},
        minimum=MinimumReport(True, edm, calls, value),
        goodness_of_fit=2.0 * value,
        degrees_of_freedom=ndf,
        p_value=float(chdtrc(ndf, 2.0 * value)) if ndf > 0 else None,
        at_bound=tuple(name for name, bound in zip(names, minimum.at_bound, strict=True) if bound),
        zero_expectation=minimum.zero_expectation,
        expected_counts=at.counts,
    )
