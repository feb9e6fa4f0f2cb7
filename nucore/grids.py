"""Grids of numbers, as typed on a command line or given in Python."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.model.parameters import check_mass

#: Numbers, or text such as ``10,20,30``, ``5:80:16`` or ``1:100:50:log``.
GridValues = str | Sequence[float] | NDArray[np.float64]

_GRAMMAR = "1,2,3 or LOW:HIGH:N or LOW:HIGH:N:log"
MAX_GRID_POINTS = 1_000_000


def parse_grid(values: GridValues, name: str) -> NDArray[np.float64]:
    """Read a grid: ``1,2,3``, ``LOW:HIGH:N`` or ``LOW:HIGH:N:log``; numbers pass through.

    Parameters
    ----------
    values : str or sequence of float
        N is the number of points, both ends included.
    name : str
        The quantity or option, for messages.

    Returns
    -------
    float64[n]
        In the given order.

    Raises
    ------
    InputError
        If the text does not follow the grammar, or a value is not finite, or there is none.
    """
    try:
        grid = _read(values) if isinstance(values, str) else np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"invalid grid {name} = {values!r}: expected {_GRAMMAR}") from None
    if grid.ndim != 1 or grid.size == 0:
        raise InputError(f"grid {name} has no values: expected {_GRAMMAR}")
    if not np.all(np.isfinite(grid)):
        raise InputError(f"invalid grid {name}: values must be finite")
    return grid


def mass_grid(values: GridValues, name: str) -> NDArray[np.float64]:
    """Read a grid of increasing masses in GeV, in the grammar of `parse_grid`.

    Raises
    ------
    InputError
        As `parse_grid`, and if the masses are not positive and increasing.
    """
    masses = parse_grid(values, name)
    for mass in masses:
        check_mass(name, mass)
    if np.any(np.diff(masses) <= 0.0):
        raise InputError(f"invalid grid {name}: masses must increase")
    return masses


def _read(text: str) -> NDArray[np.float64]:
    if ":" not in text:
        return np.array([float(value) for value in text.split(",")])
    low, high, count, *spacing = text.split(":")
    first, last, n = float(low), float(high), int(count)
    if spacing not in ([], ["log"]) or not 1 <= n <= MAX_GRID_POINTS or not np.all(np.isfinite([first, last])):
        raise ValueError
    if spacing and min(first, last) <= 0.0:
        raise ValueError
    return np.geomspace(first, last, n) if spacing else np.linspace(first, last, n)
