"""Grids of masses as they are typed."""

from __future__ import annotations

import itertools
import math

from nucore.errors import InputError

_MAX_POINTS = 10_000


def parse_grid(text: str, option: str = "--grid") -> list[float]:
    """Read ``10,20,30`` or ``5:80:5`` (first:last:step, last included) as increasing positive masses.

    Raises
    ------
    InputError
        If it is neither, a mass is not positive and finite, or there are more than 10,000 points.
    """
    where = f"{option} {text!r}"
    try:
        if ":" in text:
            low, high, step = (float(part) for part in text.split(":"))
            if not (math.isfinite(low) and math.isfinite(high) and step > 0 and high >= low):
                raise InputError(f"{where} is not allowed: give first:last:step with last >= first and step > 0")
            n = int(min((high - low) / step * (1 + 1e-12), _MAX_POINTS + 1)) + 1
            grid = [low + step * i for i in range(min(n, _MAX_POINTS + 1))]
        else:
            grid = [float(part) for part in text.split(",")]
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{where} is not a grid: give masses in GeV as 10,20,30 or 5:80:5") from None
    if len(grid) > _MAX_POINTS:
        raise InputError(f"{where} has more than {_MAX_POINTS} points")
    if not all(math.isfinite(x) and x > 0 for x in grid):
        raise InputError(f"{where} is not allowed: masses must be positive and finite")
    if any(b <= a for a, b in itertools.pairwise(grid)):
        raise InputError(f"{where} is not allowed: masses must increase")
    return grid
