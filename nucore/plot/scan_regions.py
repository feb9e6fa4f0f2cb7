"""Between the points of a scan: margins of limits, each interpolated for itself, and what they exclude."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
States = NDArray[np.int64]

#: State of a point, in the order of the colours of `nucore.plot.scan`.
ALLOWED, EXCLUDED, UNDECIDED, NO_POINT = range(4)


def interpolated(log_margin: Array, rows: Array, columns: Array) -> Array:
    """Return log10 of the margin of a limit at places between the points of a grid.

    Linear in the logarithm of the margin; next to a point without an effect, where the margin is infinite, in the
    root of its inverse, as of a mixing that vanishes there.  Where the limit does not apply to a neighbour the nearest
    point counts.

    Parameters
    ----------
    log_margin : float64[n_y, n_x]
        log10 of the margin; NaN where the limit does not apply.
    rows, columns : float64[m_y], float64[m_x]
        Places, in steps of the grid from its first point; clipped to the grid.

    Returns
    -------
    float64[m_y, m_x]
    """
    (i, f), (j, g) = _between(rows, log_margin.shape[0]), _between(columns, log_margin.shape[1])
    above = np.minimum(i + 1, log_margin.shape[0] - 1), np.minimum(j + 1, log_margin.shape[1] - 1)
    corners = [log_margin[np.ix_(row, column)] for row in (i, above[0]) for column in (j, above[1])]
    f = f[:, None]
    shares = ((1.0 - f) * (1.0 - g), (1.0 - f) * g, f * (1.0 - g), f * g)

    def mean(values: Sequence[Array]) -> Array:
        # a corner without a share has no say
        return np.sum(
            [np.where(share > 0.0, share * value, 0.0) for share, value in zip(shares, values, strict=True)], axis=0
        )

    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(
            np.any(np.isposinf(corners), axis=0),
            -2.0 * np.log10(mean([10.0 ** (-0.5 * value) for value in corners])),
            mean(corners),
        )
    return np.where(np.isnan(inside), log_margin[_nearest(rows, columns, log_margin.shape)], inside)


def regions(log_margins: Sequence[Array], states: States, rows: Array, columns: Array) -> States:
    """Return the states of places between the points of a grid; arguments as of `interpolated`.

    A place is excluded where the margin of a limit is below 1: not because two limits, that exclude a neighbour each,
    leave a strip between them which no point of the grid hits.
    """
    found = states[_nearest(rows, columns, states.shape)]
    smallest = np.full(found.shape, np.inf)
    for one in log_margins:
        smallest = np.fmin(smallest, interpolated(one, rows, columns))
    free = np.where(found == UNDECIDED, UNDECIDED, ALLOWED)
    return np.where(found == NO_POINT, NO_POINT, np.where(smallest < 0.0, EXCLUDED, free))


def _between(places: Array, n: int) -> tuple[NDArray[np.int64], Array]:
    """Return the point below each place and the fraction of a step from there."""
    inside = np.clip(places, 0.0, n - 1.0)
    below = np.floor(inside).astype(np.int64)
    return below, inside - below


def _nearest(rows: Array, columns: Array, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], ...]:
    inside = (np.clip(np.floor(places + 0.5), 0, n - 1) for places, n in zip((rows, columns), shape, strict=True))
    return np.ix_(*(places.astype(np.int64) for places in inside))
