"""Numbers and curves made small: rounded, and without points that an interpolation gives back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def rounded(values: ArrayLike, digits: int = 6) -> list[float | None]:
    """Numbers to some significant digits, None in place of NaN."""
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in np.ravel(values).tolist()]


def thinned(x: Array, columns: Iterable[Array], tolerance: float) -> NDArray[np.intp]:
    """Numbers of the points that keep every column within a relative tolerance of its log-log interpolation.

    Parameters
    ----------
    x : array, shape (n,)
        Increasing, positive.
    columns : iterable of array, shape (n,)
        Positive, or NaN where there is no value: both sides of every end stay.
    tolerance : float

    Returns
    -------
    array of int
    """
    log_x = np.log(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        log_y = np.log(np.stack(list(columns)))
    kept = {0, x.size - 1}
    known = np.isfinite(log_y)
    changes = np.flatnonzero((known[:, 1:] != known[:, :-1]).any(axis=0))
    kept |= {*changes.tolist(), *(changes + 1).tolist()}
    ends = sorted(kept)
    stack = list(itertools.pairwise(ends))
    while stack:
        low, high = stack.pop()
        if high - low < 2:
            continue
        inside = slice(low + 1, high)
        share = (log_x[inside] - log_x[low]) / (log_x[high] - log_x[low])
        between = log_y[:, low, None] + share * (log_y[:, high] - log_y[:, low])[:, None]
        miss = np.nan_to_num(np.abs(log_y[:, inside] - between)).max(axis=0)
        worst = int(miss.argmax())
        if miss[worst] > tolerance:
            middle = low + 1 + worst
            kept.add(middle)
            stack += [(low, middle), (middle, high)]
    return np.array(sorted(kept))
