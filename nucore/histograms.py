"""Spectra in one to three dimensions with named axes and weight storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError

if TYPE_CHECKING:
    import hist


@dataclass(frozen=True)
class Axis:
    """One axis of a spectrum in several dimensions.

    Attributes
    ----------
    name : str
        E.g. ``charge``, ``abs_eta``, ``lepton_pt``.
    edges : tuple of float
        Increasing bin edges.
    label : str
        For a plot.
    """

    name: str
    edges: tuple[float, ...]
    label: str = ""

    @property
    def n_bins(self) -> int:
        """Number of bins."""
        return len(self.edges) - 1

    def __repr__(self) -> str:
        return f"<Axis {self.name}: {self.n_bins} bins from {self.edges[0]:g} to {self.edges[-1]:g}>"


@dataclass(frozen=True)
class Spectrum:
    """A binned spectrum.

    In several dimensions the contents are one row after the other, the last axis fastest, and ``edges`` count the
    bins: 0, 1, 2, ...

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
    axes : tuple of Axis
        Of a spectrum in several dimensions; empty in one.

    Raises
    ------
    InputError
        If shapes differ, edges do not increase, or an entry is not finite.

    Examples
    --------
    >>> from nucore.histograms import Spectrum
    >>> Spectrum.from_counts("lepton_pt", [30.0, 40.0, 50.0], [3, 4]).to_hist().sum().value
    7.0
    """

    name: str
    edges: NDArray[np.float64]
    values: NDArray[np.float64]
    variances: NDArray[np.float64]
    label: str = ""
    axes: tuple[Axis, ...] = ()

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
        if self.axes and self.n_bins != np.prod([axis.n_bins for axis in self.axes]):
            raise InputError(f"histogram {self.name!r}: {self.n_bins} bins do not fill its axes")

    @classmethod
    def on_axes(
        cls, name: str, axes: Sequence[Axis], values: ArrayLike, variances: ArrayLike, label: str = ""
    ) -> Spectrum:
        """Spectrum on any number of axes; `values` and `variances` in their shape or flattened, the last fastest."""
        contents, squares = (np.asarray(a, dtype=np.float64).ravel() for a in (values, variances))
        if len(axes) == 1:
            return cls(name, np.asarray(axes[0].edges), contents, squares, axes[0].label or label)
        return cls(name, np.arange(contents.size + 1.0), contents, squares, label, tuple(axes))

    @classmethod
    def from_counts(cls, name: str, edges: ArrayLike, counts: ArrayLike, label: str = "") -> Spectrum:
        """Spectrum of unweighted events: the variance of a bin is its count."""
        values = np.asarray(counts, dtype=np.float64)
        return cls(name, np.asarray(edges, dtype=np.float64), values, values, label)

    def __repr__(self) -> str:
        binning = f"{self.n_bins} bins from {self.edges[0]:g} to {self.edges[-1]:g}"
        if self.axes:
            binning = " x ".join(f"{axis.n_bins} {axis.name}" for axis in self.axes)
        return f"<Spectrum {self.name[:60]}: {binning}, sum {self.integral:g}>"

    def _repr_html_(self) -> str | None:
        """Return the small picture that `hist` draws in a notebook."""
        found: str | None = self.to_hist()._repr_html_()
        return found

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

    def on_last_axis(self) -> Spectrum:
        """Sum over all axes but the last; the spectrum itself in one dimension."""
        if not self.axes:
            return self
        last = self.axes[-1]
        values, variances = (a.reshape(-1, last.n_bins).sum(axis=0) for a in (self.values, self.variances))
        return Spectrum(self.name, np.asarray(last.edges), values, variances, last.label or self.label)

    def require_edges(self, edges: ArrayLike, where: str) -> None:
        """Raise `InputError` unless the binning is that of `where` (to 1e-6 of a bin)."""
        wanted = np.asarray(edges, dtype=np.float64)
        if self.edges.size != wanted.size or np.any(np.abs(self.edges - wanted) > 1e-6 * np.min(np.diff(wanted))):
            raise InputError(
                f"histogram {self.name!r} has {self.n_bins} bins from {self.edges[0]:g} to {self.edges[-1]:g}; "
                f"{where} needs {wanted.size - 1} bins from {wanted[0]:g} to {wanted[-1]:g}"
            )

    def require_axes(self, axes: Sequence[Axis], where: str) -> None:
        """Raise `InputError` unless the binning is that of `where`; several axes may be given flattened."""
        if len(axes) == 1:
            self.require_edges(axes[0].edges, where)
            return
        if not self.axes:
            self.require_edges(np.arange(np.prod([axis.n_bins for axis in axes]) + 1.0), where)
            return
        if len(self.axes) != len(axes):
            raise InputError(f"histogram {self.name!r} has {len(self.axes)} axes; {where} needs {len(axes)}")
        for own, wanted in zip(self.axes, axes, strict=True):
            one = Spectrum.from_counts(f"{self.name}, axis {wanted.name}", own.edges, np.zeros(own.n_bins))
            one.require_edges(wanted.edges, where)

    def to_hist(self) -> hist.Hist:
        """Convert to a `hist.Hist` with Weight storage."""
        import hist

        axes = self.axes or (Axis(self.name, tuple(self.edges.tolist()), self.label),)
        variables = [hist.axis.Variable(axis.edges, name=axis.name, label=axis.label or axis.name) for axis in axes]
        histogram = hist.Hist(*variables, storage=hist.storage.Weight(), name=self.name)
        view = histogram.view()
        view["value"], view["variance"] = self.values.reshape(view.shape), self.variances.reshape(view.shape)
        return histogram
