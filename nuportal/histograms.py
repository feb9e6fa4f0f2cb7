"""One-dimensional spectra with named axes and weight storage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nuportal.errors import InputError

if TYPE_CHECKING:
    import hist


@dataclass(frozen=True)
class Spectrum:
    """A binned spectrum.

    Attributes
    ----------
    name : str
        Observable, e.g. ``lepton_pt``; the name of the histogram in a file.
    edges : array, shape (n + 1,)
        Increasing bin edges (GeV, or GeV^2 for a squared mass).
    values, variances : array, shape (n,)
        Sums of weights and of squared weights.
    label : str
        Axis label for a plot.

    Raises
    ------
    InputError
        If shapes differ, edges do not increase, or an entry is not finite.
    """

    name: str
    edges: NDArray[np.float64]
    values: NDArray[np.float64]
    variances: NDArray[np.float64]
    label: str = ""

    def __post_init__(self) -> None:
        for field in ("edges", "values", "variances"):
            array = np.asarray(getattr(self, field), dtype=np.float64)
            if array.ndim != 1 or not np.all(np.isfinite(array)):
                raise InputError(f"histogram {self.name!r}: {field} must be finite numbers in one dimension")
            object.__setattr__(self, field, array)
        if self.edges.size < 2 or np.any(np.diff(self.edges) <= 0):
            raise InputError(f"histogram {self.name!r}: needs at least one bin and increasing edges")
        if self.values.size != self.n_bins or self.variances.size != self.n_bins:
            raise InputError(
                f"histogram {self.name!r}: {self.n_bins} bins by its edges, but {self.values.size} values "
                f"and {self.variances.size} variances"
            )
        if np.any(self.variances < 0):
            raise InputError(f"histogram {self.name!r}: variances must not be negative")

    @classmethod
    def from_counts(cls, name: str, edges: ArrayLike, counts: ArrayLike, label: str = "") -> Spectrum:
        """Spectrum of unweighted events: the variance of a bin is its count."""
        values = np.asarray(counts, dtype=np.float64)
        return cls(name, np.asarray(edges, dtype=np.float64), values, values, label)

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return self.edges.size - 1

    @property
    def centers(self) -> NDArray[np.float64]:
        """Bin centres."""
        return 0.5 * (self.edges[1:] + self.edges[:-1])

    @property
    def integral(self) -> float:
        """Sum of all bins."""
        return float(self.values.sum())

    def require_edges(self, edges: ArrayLike, where: str) -> None:
        """Raise `InputError` unless the binning is that of `where` (to 1e-6 of a bin)."""
        wanted = np.asarray(edges, dtype=np.float64)
        if self.edges.size != wanted.size or np.any(np.abs(self.edges - wanted) > 1e-6 * np.min(np.diff(wanted))):
            raise InputError(
                f"histogram {self.name!r} has {self.n_bins} bins from {self.edges[0]:g} to {self.edges[-1]:g}; "
                f"{where} needs {wanted.size - 1} bins from {wanted[0]:g} to {wanted[-1]:g}"
            )

    def to_hist(self) -> hist.Hist:
        """Convert to a `hist.Hist` with Weight storage."""
        import hist

        axis = hist.axis.Variable(self.edges.tolist(), name=self.name, label=self.label or self.name)
        histogram = hist.Hist(axis, storage=hist.storage.Weight(), name=self.name)
        view = histogram.view()
        view["value"], view["variance"] = self.values, self.variances
        return histogram
