"""Distributions of a lost momentum fraction as kernels on a uniform grid of its logarithm, and as quantiles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Kernels reach down to ln z = -LOG_REACH; what lies below is left out and the rest normalised again.
LOG_REACH = 14.0
_N_FINE = 4000


def log_kernel(below: Callable[[Array], Array], cell: float) -> tuple[int, Array]:
    """Share the distribution of ln z < 0 among the points of a grid, keeping its mean.

    Parameters
    ----------
    below : function of float64[...]
        Cumulative probability of t = -ln z; it may rise like a small power of t at 0.
    cell : float
        Spacing of the grid, positive.

    Returns
    -------
    int
        Weight i belongs to ln z = (first + i) cell, the last one to ln z = 0.
    float64[n]
        Probabilities, sum 1; a value of ln z is shared linearly between its two neighbours.
    """
    n = int(np.ceil(LOG_REACH / cell))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    s, weights = 0.5 * (1.0 + nodes), 0.5 * weights
    # Sharing linearly, the sum of the weights up to point k is the mean of the cumulative from k to k + 1.
    mean = below((np.arange(n)[:, None] + s) * cell) @ weights
    mean[0] = below(cell * s**4) @ (4.0 * weights * s**3)  # t = cell s^4 smooths the rise
    total = float(below(np.array(n * cell)))
    shared = np.diff(np.concatenate([[0.0], mean / total, [1.0]]))
    return -n, frozen(shared[::-1])


def fraction_quantiles(lost: Array, cumulative: Array, n: int) -> Array:
    """Return the fraction z kept, increasing, at ``n`` uniform steps of its cumulative probability.

    Parameters
    ----------
    lost : float64[m]
        1 - z on a fine increasing grid from 0 to 1.
    cumulative : float64[m]
        Probability to lose less, 0 to 1.
    n : int
        At least 3.  z is linear between the nodes; the lowest is placed so that the mean below the next is kept.
    """
    z = 1.0 - np.interp(np.linspace(1.0, 0.0, n), cumulative, lost)
    fine = 1.0 - (np.arange(_N_FINE) + 0.5) / _N_FINE / (n - 1)
    z[0] = max(2.0 * (1.0 - np.interp(fine, cumulative, lost).mean()) - z[1], 0.0)
    return frozen(z)


def frozen(array: Array) -> Array:
    """Return the array contiguous and read-only."""
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
