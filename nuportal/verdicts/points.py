"""Points of a scan by their number: values along axes, as a grid or point by point."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.grids import GridValues, parse_grid
from nucore.model.parameters import PARAMETER_NAMES, unknown_parameter
from nucore.run.chunks import Chunk

Array = NDArray[np.float64]
MAX_POINTS = 10_000_000


@dataclass(frozen=True, eq=False)
class ScanPoints:
    """Numbered points.

    Attributes
    ----------
    names : tuple of str
        Of the parameters that vary.
    values : tuple of float64[n_values]
        Along each axis.
    listed : bool
        The values of all axes belong together, point by point; else the last axis runs fastest.
    """

    names: tuple[str, ...]
    values: tuple[Array, ...]
    listed: bool

    @classmethod
    def of(cls, axes: Mapping[str, GridValues], listed: bool) -> ScanPoints:
        """Points of axes by the names of parameters.

        Raises
        ------
        InputError
            For unknown parameters, too many points, or lists of different lengths.
        """
        if not axes:
            raise InputError("a scan needs at least one parameter to vary")
        for name in axes:
            if name not in PARAMETER_NAMES:
                raise unknown_parameter(name)
        points = cls(tuple(axes), tuple(parse_grid(values, name) for name, values in axes.items()), listed)
        lengths = sorted({values.size for values in points.values})
        if listed and len(lengths) > 1:
            raise InputError(f"listed values have different lengths: {', '.join(map(str, lengths))}")
        if points.n > MAX_POINTS:
            raise InputError(f"number of scan points must be at most {MAX_POINTS}, got {points.n}")
        return points

    @property
    def n(self) -> int:
        """Number of points."""
        return self.values[0].size if self.listed else math.prod(values.size for values in self.values)

    def changes(self, chunk: Chunk) -> list[dict[str, float]]:
        """Values of the parameters that vary, at each point of a range."""
        numbers = np.arange(chunk.first, chunk.stop)
        shape = [values.size for values in self.values]
        where = [numbers] * len(shape) if self.listed else np.unravel_index(numbers, shape)
        columns = [values[at].tolist() for values, at in zip(self.values, where, strict=True)]
        return [dict(zip(self.names, row, strict=True)) for row in zip(*columns, strict=True)]
