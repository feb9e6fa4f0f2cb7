"""Backgrounds of a measurement as samples of its likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from collider.measurement import Measurement
from collider.production import M_W

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BackgroundSample:
    """One background in the fitted bins.

    Attributes
    ----------
    name : str
    values : float64[n]
        Expected events.
    uncertainty : float
        Relative, of the rate.
    of_luminosity : bool
        Whether the rate is proportional to the luminosity, as is one not measured with the data.
    shifts : mapping of float64[n]
        Changes of the shape for one standard deviation, by nuisance.
    """

    name: str
    values: Array
    uncertainty: float
    of_luminosity: bool
    shifts: Mapping[str, Array] = field(default_factory=dict)

    @property
    def nuisance(self) -> str:
        """Name of the nuisance of the rate."""
        return f"background_{self.name}"


def background_samples(measured: Measurement, light: Array, m_W: float = M_W) -> tuple[BackgroundSample, ...]:
    """Return the backgrounds of a measurement; none with the systematics of the paper."""
    return ()
