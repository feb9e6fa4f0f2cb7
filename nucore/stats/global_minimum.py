"""Global minimum of a likelihood: bounds, starting points, and a clear failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from nucore.errors import FitError
from nucore.stats.likelihood import Likelihood
from nucore.stats.minimise import Minimum, minimise
from nucore.stats.relaxed import relaxed_points

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


#: Standard deviations of a folded shape below which its two minima are one; difference that makes a minimum lower.
_SMALL_SHIFT, _LOWER = 0.3, 1e-6


class ImpossibleDataError(FitError):
    """No parameters give the data: a bin with events has no expectation, or an empty one a negative one."""


def starting_points(likelihood: Likelihood, lower: Array, upper: Array) -> Iterator[Array]:
    """Yield points of finite likelihood to start from: the model's own, the user's, then others with signal."""
    model = likelihood.model
    base = np.clip(model.start(likelihood.observation), lower, upper)
    given = np.array([np.nan if p.start is None else p.start for p in model.parameters])
    if np.isfinite(likelihood.value(base)):
        yield base
    if not np.all(np.isnan(given)):
        point = np.clip(np.where(np.isnan(given), base, given), lower, upper)
        if np.isfinite(likelihood.value(point)):
            yield point
    if not model.poi:
        return
    yield from _nominal_shapes(likelihood, base, lower, upper)
    signal = model.expectation(base).jacobian()[0]
    excess = likelihood.observation.counts - model.expectation(base).counts
    size = float(np.abs(signal).sum())
    scale = float(np.abs(excess).sum()) / size if size > 0.0 else 0.0
    for value in (base[0] + scale, base[0] + 0.1 * scale, base[0] - 0.1 * scale):
        point = base.copy()
        point[0] = np.clip(value, lower[0], upper[0])
        if np.isfinite(likelihood.value(point)):
            yield point


def _nominal_shapes(likelihood: Likelihood, base: Array, lower: Array, upper: Array) -> Iterator[Array]:
    """Yield the nominal shapes with as much signal as the data have above them, where these differ from `base`.

    `base` holds free shapes fitted to the data without signal. A large signal that resembles the background has
    then been taken by the shapes, and descent from there can end in a local minimum of negative signal.
    """
    model = likelihood.model
    nominal = model.initial.copy()
    nominal[model.constrained] = base[model.constrained]
    nominal = np.clip(nominal, lower, upper)
    if np.array_equal(nominal[1:], base[1:]):
        return
    expectation = model.expectation(nominal)
    signal = expectation.jacobian()[0]
    weight = 1.0 / np.maximum(likelihood.observation.counts, 1.0)
    size = float(np.sum(weight * signal**2))
    if size > 0.0:
        excess = float(np.sum(weight * signal * (likelihood.observation.counts - expectation.counts)))
        nominal[0] = np.clip(nominal[0] + excess / size, lower[0], upper[0])
    if np.isfinite(likelihood.value(nominal)):
        yield nominal


def find_minimum(
    likelihood: Likelihood,
    *,
    physical: bool = False,
    fixed: Mapping[str, float] | None = None,
    start: Array | None = None,
) -> Minimum:
    """Global minimum by Newton's method.

    Without free shapes the first starting point that converges is taken. Free shapes can trade places with the
    signal, so with them the lowest of the minima from the fitted and from the nominal shapes is; likewise with the
    starting values of nuisance parameters. From a minimum with a folded shape (`Model.folded`) that of its other sign
    is looked for. Where no starting point has a finite likelihood, a relaxed one leads there.

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
    ImpossibleDataError
        No parameters give the data.
    FitError
        No starting point leads to a minimum.
    """
    model = likelihood.model
    lower, upper = model.lower.copy(), model.upper.copy()
    if physical and model.poi:
        lower[0], upper[0] = max(lower[0], model.poi_bounds[0]), min(upper[0], model.poi_bounds[1])
    mask = np.zeros(model.initial.size, dtype=bool)
    for name, value in (fixed or {}).items():
        index = model.index(name)
        mask[index], lower[index], upper[index] = True, value, value
    if start is not None:
        result = minimise(likelihood, np.clip(start, lower, upper), mask, lower, upper)
        if result.converged:
            return _unfolded(likelihood, result, mask, lower, upper)
    found: list[Minimum] = []
    message = ""
    several = (model.free_shapes and not mask[:1].any()) or any(p.start is not None for p in model.nuisances)
    wanted = 2 if several else 1
    for point in starting_points(likelihood, lower, upper):
        result = minimise(likelihood, point, mask, lower, upper)
        if result.converged:
            found.append(result)
        else:
            message = result.message
        if len(found) == wanted:
            break
    if found:
        lowest = min(found, key=lambda minimum: minimum.value)
        return _unfolded(likelihood, lowest, mask, lower, upper)
    base = np.clip(model.start(likelihood.observation), lower, upper)
    for point in relaxed_points(likelihood, base, mask, lower, upper):
        result = minimise(likelihood, point, mask, lower, upper)
        if result.converged:
            return result
        if np.isfinite(result.value):
            message = result.message
    if not message:
        raise ImpossibleDataError(_impossible(likelihood, point))
    raise FitError(f"minimisation failed: {message}")


def _unfolded(likelihood: Likelihood, minimum: Minimum, fixed: Mask, lower: Array, upper: Array) -> Minimum:
    """Return the lower one of a minimum and those with the other sign of a folded shape."""
    best = minimum
    for k in likelihood.model.folded:
        if fixed[k] or abs(minimum.theta[k]) < _SMALL_SHIFT:
            continue
        point = best.theta.copy()
        point[k] *= -1.0
        other = minimise(likelihood, np.clip(point, lower, upper), fixed, lower, upper)
        if other.converged and other.value < best.value - _LOWER:
            best = other
    return best


def _impossible(likelihood: Likelihood, theta: Array) -> str:
    """Say which bin of the data the parameters nearest to them cannot give."""
    counts, expected = likelihood.observation.counts, likelihood.model.expected(theta)
    k = int(np.argmin(np.where(counts > 0.0, expected / np.maximum(counts, 1.0), expected)))
    if counts[k] > 0.0:
        return f"bin {k + 1} of the data holds {counts[k]:g} events, where the model expects none"
    return f"bin {k + 1} of the data is empty, where the model expects a negative number of events"
