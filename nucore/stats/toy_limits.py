"""CLs and CLs+b limits and goodness-of-fit p-values from pseudo-experiments instead of asymptotic formulae.

Nuisance parameters of the truth are those fitted to the data at the tested value (the profile construction), and
auxiliary measurements fluctuate with the data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from nucore.errors import InputError
from nucore.stats.fit import fit
from nucore.stats.likelihood import Likelihood
from nucore.stats.results import BAND, Result
from nucore.stats.test_statistics import ProfileLikelihood, q_mu_tilde
from nucore.stats.toys import ToyMap, good, in_this_thread, toy_statistics
from nucore.stats.upper_limits import LimitChoice, upper_limit

Array = NDArray[np.float64]

DEFAULT_POINTS = 9
_WINDOW = 1.0  # standard deviations: points whose p-value is this near to the wanted one decide the limit


@dataclass(frozen=True)
class ToyUpperLimit(Result):
    """Upper limit from toys.

    Attributes
    ----------
    parameter : str
        Name of the parameter of interest.
    method : str
        ``cls`` or ``clsb``.
    confidence_level : float
        As a fraction.
    observed, expected : float or None
        None where the scan does not reach an excluded value.
    uncertainty : float or None
        Of `observed`, from the number of toys.
    band : dict
        minus2, minus1, plus1, plus2.
    n_toys : int
        Per tested value, with and without signal each.
    """

    parameter: str
    method: str
    confidence_level: float
    observed: float | None
    expected: float | None
    uncertainty: float | None
    n_toys: int
    band: Mapping[str, float | None] = field(default_factory=dict)


def _saturated(toy: ProfileLikelihood, _: float) -> float:
    return 2.0 * toy.best(physical=False).value


def _fraction(values: Array, threshold: float) -> float:
    """Share of toys at least as extreme, never exactly 0."""
    return max(float(np.mean(values >= threshold - 1e-9)), 0.5 / values.size)


def _scan_values(likelihood: Likelihood, choice: LimitChoice) -> Array:
    """Values around the asymptotic limits, observed and expected with band."""
    asymptotic = upper_limit(likelihood, choice)
    known = [v for v in (asymptotic.observed, asymptotic.expected, *asymptotic.band.values()) if v]
    if not known:
        raise InputError(f"no limit to look for: {asymptotic.observed_reason or asymptotic.expected_reason}")
    upper = min(1.3 * max(known), likelihood.model.poi_bounds[1])
    return np.geomspace(0.75 * min(known), upper, DEFAULT_POINTS)


def _crossing(values: Array, p: Array, errors: Array, alpha: float) -> tuple[float | None, float | None]:
    """Where p falls through alpha, and its uncertainty.

    The normal quantile of p is nearly linear in the tested value: a line, or a parabola through four points or
    more, is fitted to it near the crossing.
    """
    below = np.flatnonzero(p < alpha)
    if not below.size or below[0] == 0:
        return None, None
    z = -ndtri(np.minimum(p, 1.0 - 1e-9))
    sigma = errors * math.sqrt(2.0 * math.pi) * np.exp(0.5 * z * z)
    near = np.abs(z + ndtri(alpha)) < _WINDOW
    near[below[0] - 1 : below[0] + 1] = True
    origin, scale = values[below[0]], values[below[0]] - values[below[0] - 1]
    x, y = (values[near] - origin) / scale, z[near] + ndtri(alpha)
    degree = 2 if near.sum() > 3 else 1
    design = np.vander(x, degree + 1) / sigma[near, None]
    covariance = np.linalg.inv(design.T @ design)
    coefficients = covariance @ (design.T @ (y / sigma[near]))
    slope = np.polyder(coefficients)
    roots = np.roots(coefficients)
    allowed = [r.real for r in roots if abs(r.imag) < 1e-9 and np.polyval(slope, r.real) > 0.0]
    if not allowed:
        return None, None
    root = min(allowed, key=abs)
    basis = root ** np.arange(degree, -1, -1)
    error = math.sqrt(basis @ covariance @ basis) / np.polyval(slope, root)
    return float(origin + root * scale), float(error * scale)


def toy_upper_limit(
    likelihood: Likelihood,
    n_toys: int,
    rng: np.random.Generator,
    choice: LimitChoice = LimitChoice(),
    *,
    values: Sequence[float] | None = None,
    run: ToyMap = in_this_thread,
    progress: Callable[[float], None] | None = None,
) -> ToyUpperLimit:
    """Upper limit from the distribution of q_mu tilde in toys, observed and expected with band.

    Parameters
    ----------
    likelihood : Likelihood
    n_toys : int, >= 50
        Per tested value, with and without signal each.
    rng : numpy Generator
        Gives the seed of the toys.
    choice : LimitChoice
        With method "cls" or "clsb".
    values : increasing sequence of float, optional
        Tested values; by default `DEFAULT_POINTS` around the asymptotic limits.
    run : callable, optional
        Computes the toys, see `nucore.stats.toys.ToyMap`.
    progress : callable, optional
        Called with the fraction done.

    Raises
    ------
    FitError
        More than 1% of the fits failed.
    InputError
        For arguments that are not allowed.

    References
    ----------
    arXiv:1007.1727, Eq. 16; CLs: J. Phys. G 28 (2002) 2693.
    """
    if choice.method not in ("cls", "clsb"):
        raise InputError(f"limit {choice.method!r} has no toys: expected cls or clsb")
    tested = _scan_values(likelihood, choice) if values is None else np.array(values)
    seeds = rng.integers(2**63, size=tested.size + 1)
    data = ProfileLikelihood(likelihood)

    def ensemble(mu: float, seed: int, at: Sequence[float]) -> Array:
        truth = ProfileLikelihood(likelihood).conditional(mu).theta
        return toy_statistics(likelihood.model, truth, seed, q_mu_tilde, at, n_toys, run)

    background = ensemble(0.0, int(seeds[-1]), tested.tolist())
    p, errors = [], []
    for k, mu in enumerate(map(float, tested)):
        q = q_mu_tilde(data, mu)
        signal, without = good(ensemble(mu, int(seeds[k]), [mu])[:, 0]), good(background[:, k])
        thresholds = [q, *(float(np.quantile(without, ndtr(-n))) for n in (0.0, *BAND.values()))]
        row = [_p_value(signal, without, threshold, choice.method) for threshold in thresholds]
        p.append([value for value, _ in row])
        errors.append([error for _, error in row])
        if progress is not None:
            progress((tested.size + k + 1) / (2 * tested.size))  # the background has taken half of the time
    alpha = 1.0 - choice.confidence_level
    found = [_crossing(tested, *columns, alpha) for columns in zip(np.array(p).T, np.array(errors).T, strict=True)]
    return ToyUpperLimit(
        parameter=likelihood.model.poi,
        method=choice.method,
        confidence_level=choice.confidence_level,
        observed=found[0][0],
        expected=found[1][0],
        uncertainty=found[0][1],
        n_toys=n_toys,
        band={name: value for name, (value, _) in zip(BAND, found[2:], strict=True)},
    )


def _p_value(signal: Array, background: Array, q: float, method: str) -> tuple[float, float]:
    """CLs or CLs+b, and its binomial uncertainty."""
    upper = _fraction(signal, q)
    variance = upper * (1.0 - upper) / signal.size
    if method == "clsb":
        return upper, math.sqrt(max(variance, 0.25 / signal.size**2))
    lower = _fraction(background, q)
    relative = variance / upper**2 + (1.0 - lower) / (lower * background.size)
    value = upper / lower
    return value, value * math.sqrt(max(relative, 0.25 / signal.size**2))


@dataclass(frozen=True)
class ToyPValue(Result):
    """A p-value from toys.

    Attributes
    ----------
    statistic : str
        What is compared.
    observed : float
        Value of the statistic in the data.
    p_value : float
        Share of the toys at least as extreme.
    uncertainty : float
        Binomial.
    n_toys : int
        Number of pseudo-experiments.
    """

    statistic: str
    observed: float
    p_value: float
    uncertainty: float
    n_toys: int


def toy_goodness_of_fit(
    likelihood: Likelihood, n_toys: int, rng: np.random.Generator, *, run: ToyMap = in_this_thread
) -> ToyPValue:
    """p-value of the likelihood-ratio chi-square against the saturated model, from toys around the best fit.

    Parameters
    ----------
    likelihood : Likelihood
    n_toys : int
    rng : numpy Generator
    run : callable, optional
        As in `toy_upper_limit`.
    """
    best, model = fit(likelihood), likelihood.model
    seed = int(rng.integers(2**63))
    statistics = toy_statistics(model, model.vector(best.best_fit), seed, _saturated, [math.nan], n_toys, run)
    values, observed = good(statistics[:, 0]), best.goodness_of_fit
    p = float(np.mean(values >= observed - 1e-9))
    error = math.sqrt(max(p * (1.0 - p), 1.0 / values.size) / values.size)
    return ToyPValue("saturated likelihood ratio", observed, p, error, values.size)
