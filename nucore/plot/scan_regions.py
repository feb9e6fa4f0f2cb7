"""What of a plane a scan excludes, between its points too: margins of all limits are interpolated, each for itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
States = NDArray[np.int64]

#: State of a point, in the order of the colours of `nucore.plot.scan`.
ALLOWED, EXCLUDED, UNDECIDED, NO_POINT = range(4)


def regions(margins: Sequence[Array], states: States, rows: Array, columns: Array) -> States:
    """Return the states of places between the points of a grid.

    A place is excluded where the interpolated margin of a limit is below 1: not because two limits, that exclude a
    neighbour each, leave a strip between them which no point of the grid hits.

    Parameters
    ----------
    margins : sequence of float64[n_y, n_x]
        log10 of the margin of each limit; NaN where it does not apply: the nearest point counts there.
    states : int64[n_y, n_x]
    rows, columns : float64[m_y], float64[m_x]
        Places, in steps of the grid from its first point; clipped to the grid.

    Returns
    -------
    int64[m_y, m_x]
    """
    i, f = _between(rows, states.shape[0])
    j, g = _between(columns, states.shape[1])
    nearest, f = np.ix_(i + (f > 0.5), j + (g > 0.5)), f[:, None]
    above = np.minimum(i + 1, states.shape[0] - 1), np.minimum(j + 1, states.shape[1] - 1)
    corners = [np.ix_(row, column) for row in (i, above[0]) for column in (j, above[1])]
    smallest = np.full((i.size, j.size), np.inf)
    for margin in margins:
        a, b, c, d = (margin[corner] for corner in corners)
        inside = (1.0 - f) * ((1.0 - g) * a + g * b) + f * ((1.0 - g) * c + g * d)
        smallest = np.fmin(smallest, np.where(np.isnan(inside), margin[nearest], inside))
    found = states[nearest]
    free = np.where(found == UNDECIDED, UNDECIDED, ALLOWED)
    return np.where(found == NO_POINT, NO_POINT, np.where(smallest < 0.0, EXCLUDED, free))


def _between(places: Array, n: int) -> tuple[NDArray[np.int64], Array]:
    """Return the point below each place and the fraction of a step from there."""
    inside = np.clip(places, 0.0, n - 1.0)
    below = np.floor(inside).astype(np.int64)
    return below, inside - below
