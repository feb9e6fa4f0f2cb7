"""Results of a fit carried from the parameter of interest to the reported quantity, a monotone function of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from nucore.stats import FitResult, UpperLimit
from nucore.stats.impacts import Impact
from nucore.stats.toy_limits import ToyUpperLimit

Convert = Callable[[float], float]

NO_MIXING = "no |U|^2 gives a rate this high"


def _moved(value: float | None, convert: Convert) -> float | None:
    """Convert a value; None where there is none or it has no finite counterpart."""
    found = math.nan if value is None else convert(value)
    return found if math.isfinite(found) else None


def converted_fit(result: FitResult, convert: Convert) -> FitResult:
    """Convert value, uncertainty and covariance of the parameter of interest."""
    name = result.parameters[0]
    value, sigma = result.best_fit[name], result.uncertainties[name]
    step = 1e-4 * sigma if math.isfinite(sigma) and sigma > 0 else 1e-6 * max(abs(value), 1e-12)
    slope = (convert(value + step) - convert(value - step)) / (2.0 * step)
    scale = np.ones(len(result.parameters))
    scale[0] = slope
    intervals = dict(result.intervals)
    if name in intervals:
        low, high = (convert(value + end) - convert(value) for end in intervals[name])
        intervals[name] = low, high
    return replace(
        result,
        best_fit={**result.best_fit, name: convert(value)},
        uncertainties={**result.uncertainties, name: sigma * slope},
        intervals=intervals,
        covariance=result.covariance * scale * scale[:, None],
    )


def converted_impact(impact: Impact, result: FitResult, convert: Convert) -> Impact:
    """Convert the shifts of the parameter of interest around its best fit."""
    value = result.best_fit[result.parameters[0]]

    def shift(by: float) -> float:
        return convert(value + by) - convert(value)

    return replace(impact, minus=_moved(impact.minus, shift), plus=_moved(impact.plus, shift))


def _limits(result: UpperLimit | ToyUpperLimit, convert: Convert) -> dict[str, Any]:
    return {
        "observed": _moved(result.observed, convert),
        "expected": _moved(result.expected, convert),
        "band": {name: _moved(value, convert) for name, value in result.band.items()},
    }


def converted_limit(result: UpperLimit, convert: Convert) -> UpperLimit:
    """Convert an asymptotic limit."""
    limits = _limits(result, convert)
    return replace(
        result,
        **limits,
        observed_reason=(result.observed_reason or NO_MIXING) if limits["observed"] is None else None,
        expected_reason=(result.expected_reason or NO_MIXING) if limits["expected"] is None else None,
    )


def converted_toy_limit(result: ToyUpperLimit, convert: Convert) -> ToyUpperLimit:
    """Convert a limit from toys and its uncertainty."""
    uncertainty, at = result.uncertainty, result.observed
    if uncertainty is not None and at is not None:
        uncertainty *= (convert(at * 1.001) - convert(at)) / (at * 0.001)
    return replace(result, **_limits(result, convert), uncertainty=uncertainty)
