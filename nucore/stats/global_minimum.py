"""Global minimum of a likelihood: bounds, starting points, and a clear failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from nucore.errors import FitError
from nucore.stats.likelihood import Likelihood
from nucore.stats.minimise import Minimum, minimise

Array = NDArray[np.float64]


def starting_points(likelihood: Likelihood, lower: Array, upper: Array) -> Iterator[Array]:
    """Yield points of finite likelihood to start from: the model's own, then others with signal."""
    model = likelihood.model
    base = np.clip(model.start(likelihood.observation), lower, upper)
    if np.isfinite(likelihood.value(base)):
        yield base
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
    signal, so with them the lowest of the minima from the fitted and from the nominal shapes is.

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
    model = likelihood.model
    lower, upper = model.lower.copy(), model.upper.copy()
    if physical:
        lower[0], upper[0] = max(lower[0], model.poi_bounds[0]), min(upper[0], model.poi_bounds[1])
    mask = np.zeros(model.initial.size, dtype=bool)
    for name, value in (fixed or {}).items():
        index = model.index(name)
        mask[index], lower[index], upper[index] = True, value, value
    message = "the likelihood is not finite at any starting point (data where nothing is expected?)"
    if start is not None:
        result = minimise(likelihood, np.clip(start, lower, upper), mask, lower, upper)
        if result.converged:
            return result
    found: list[Minimum] = []
    wanted = 2 if model.free_shapes and not mask[0] else 1
    for point in starting_points(likelihood, lower, upper):
        result = minimise(likelihood, point, mask, lower, upper)
        if result.converged:
            found.append(result)
        else:
            message = result.message
        if len(found) == wanted:
            break
    if found:
        return min(found, key=lambda minimum: minimum.value)
    raise FitError(f"minimisation failed: {message}")
