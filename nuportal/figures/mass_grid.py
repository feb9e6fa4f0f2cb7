"""Masses at which a curve is computed: the points of its tables, both sides of every end, and where it bends."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.limits.curve import LimitCurve
from nucore.model import constants as c

Array = NDArray[np.float64]

#: Relative error of a log-log interpolation midway between two masses that is small enough to stop at.
TOLERANCE = 0.02
#: Relative distance of two masses on the two sides of an end; the six digits of a table of a figure resolve it.
SMALLEST_STEP = 2e-5
_LARGEST_SIZE = 6000

#: nu4 masses (GeV) at which a decay that makes nu4, or one of nu4, opens or closes.
THRESHOLDS = tuple(
    float(mass)
    for mass in (
        c.M_MU - c.M_E, c.M_PI - c.M_MU, c.M_PI - c.M_E, c.M_K - c.M_MU, c.M_K - c.M_E, c.M_TAU - c.M_PI,
        c.M_TAU - c.M_MU, c.M_TAU - c.M_E, c.M_B - c.M_MU, c.M_B - c.M_E, c.M_Z / 2, c.M_H / 2, c.M_W, c.M_Z, c.M_H,
    )
)  # fmt: skip


def both_sides(masses: ArrayLike) -> Array:
    """Masses just below, at, and just above each of the masses, shape (3 n,)."""
    sides = np.array([1.0 - SMALLEST_STEP, 1.0, 1.0 + SMALLEST_STEP])
    return np.outer(np.asarray(masses, dtype=np.float64), sides).ravel()


def knots(curves: Iterable[LimitCurve]) -> Array:
    """Masses at which limits have a corner: points of tables, both sides of the ends of ranges and of thresholds."""
    curves = list(curves)
    tables = [np.array(curve.points.mass_GeV) for curve in curves if curve.points is not None]
    ends = [end for curve in curves for end in curve.mass_range_GeV if end > 0.0]
    return np.unique(np.concatenate([*tables, both_sides(ends), both_sides(THRESHOLDS)]))


def within(masses: Array, low: float, high: float) -> Array:
    """Those of the masses in a range, and its ends: sorted, each once."""
    return np.unique(np.concatenate([masses[(masses > low) & (masses < high)], [low, high]]))


def adaptive(
    function: Callable[[Array], Array],
    start: Array,
    tolerance: float = TOLERANCE,
    smallest_step: float = SMALLEST_STEP,
) -> tuple[Array, Array]:
    """Compute curves at masses between which a log-log interpolation holds.

    A middle that the interpolation misses is tested again on both of its sides, down to a smallest step (jumps, ends).

    Parameters
    ----------
    function : callable
        Masses, shape (n,), to values, shape (n,) or (k, n) for k curves at the same masses: positive, or NaN where
        there is none.
    start : array, shape (n,)
        Masses to begin with; narrower features than their distance are not found.
    tolerance : float
        Relative.
    smallest_step : float
        Relative.

    Returns
    -------
    masses : array, shape (m,)
        Increasing; at most a few thousand.
    values : array, shape (m,) or (k, m)
    """
    x = np.unique(start)
    y = np.asarray(function(x), dtype=np.float64)
    left = np.arange(x.size - 1)
    while x.size < _LARGEST_SIZE:
        left = left[x[left + 1] > x[left] * (1.0 + 1.5 * smallest_step)]
        if not left.size:
            break
        middle = np.sqrt(x[left] * x[left + 1])
        found = np.asarray(function(middle), dtype=np.float64)
        missed = left[~_close(found, y[..., left], y[..., left + 1], tolerance)]
        moved = missed + np.searchsorted(left, missed)  # where they are after the insertion
        x = np.insert(x, left + 1, middle)
        y = np.insert(y, left + 1, found, axis=-1)
        left = np.sort(np.concatenate([moved, moved + 1]))
    return x, y


def _close(found: Array, low: Array, high: Array, tolerance: float) -> NDArray[np.bool_]:
    """Whether every curve is near the mean of its neighbours, or none of the three is known; shape (n,)."""
    miss = np.log(found) - 0.5 * (np.log(low) + np.log(high))
    nothing = np.isnan(found) & np.isnan(low) & np.isnan(high)
    good = (np.abs(miss) < np.log1p(tolerance)) | nothing  # a NaN is not near
    return np.asarray(good if good.ndim == 1 else good.all(axis=0))
