"""A prediction of W production beside what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """A binned reference and our prediction of it.

    Attributes
    ----------
    name, title, x_label, y_label : str
        ``name`` is that of the picture.
    edges : float64[n + 1]
    reference, reference_error : float64[n]
    ours, ours_error : float64[n]
        Errors are standard deviations; ours is that of the integration or of the finite sample.
    normalised : bool
        Whether both are normalised to the same sum, which takes one degree of freedom.
    """

    name: str
    title: str
    x_label: str
    y_label: str
    edges: Array
    reference: Array
    reference_error: Array
    ours: Array
    ours_error: Array
    normalised: bool

    @property
    def pulls(self) -> Array:
        """(ours - reference) over the standard deviation of the difference, [n]."""
        return (self.ours - self.reference) / np.hypot(self.reference_error, self.ours_error)

    @property
    def chi2(self) -> float:
        """Sum of squared pulls, correlations between bins neglected."""
        return float(np.sum(self.pulls**2))

    @property
    def n_dof(self) -> int:
        """Degrees of freedom."""
        return self.reference.size - int(self.normalised)

    @property
    def largest_deviation(self) -> float:
        """Largest |ours/reference - 1|."""
        return float(np.abs(self.ours / self.reference - 1.0).max())


@dataclass(frozen=True)
class RatePull:
    """A measured cross section (pb) or ratio and our prediction of it."""

    sqrt_s_TeV: float
    experiment: str
    quantity: str
    measured: float
    uncertainty: float
    predicted: float
    reference: str
    verified: bool

    @property
    def pull(self) -> float:
        """(predicted - measured) over the measured uncertainty; that of the prediction, about 3%, is left out."""
        return (self.predicted - self.measured) / self.uncertainty
