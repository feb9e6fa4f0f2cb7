"""What readers of spectra return, and the checks that all of them share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.histograms import Axis, Spectrum
from nucore.io.metadata import exposure_in
from nucore.rebinning import Rebinning
from nucore.text import LARGEST_NUMBER, SMALLEST_NUMBER, check_name

Array = NDArray[np.float64]

#: Bins of all axes together, and axes, of a histogram.
MAX_BINS, MAX_AXES = 100_000, 3


@dataclass(frozen=True)
class SpectrumFile:
    """A spectrum with the exposure and metadata of its file.

    Attributes
    ----------
    spectrum : Spectrum
    metadata : dict
        Provenance, experiment, parameters, exposure and so on of our own files.
    has_variances : bool
        The file states the variances; else they were set to the size of the values.
    covariance : float64[n, n] or None
        Of data that are no counts of events, in their unit squared, bins flattened as in the spectrum.
    stated_unit : str
        What the contents are in the words of the file: units of a HEPData header, title of the axis of contents, header
        of a column; empty where it says nothing.
    """

    spectrum: Spectrum
    metadata: dict[str, Any] = field(default_factory=dict)
    has_variances: bool = False
    covariance: Array | None = None
    stated_unit: str = ""

    def __repr__(self) -> str:
        told = ", ".join(f"{name} = {value:g}" for name, value in self.exposure.items())
        return f"<SpectrumFile: {self.spectrum!r}{told and f', {told}'}>"

    def to_hist(self) -> Any:
        """Return the spectrum as a `hist.Hist`."""
        return self.spectrum.to_hist()

    @property
    def exposure(self) -> dict[str, float]:
        """``{"luminosity_invfb": L}`` or ``{"decays": N}``; empty if the file records none."""
        return exposure_in(self.metadata)

    @property
    def states_variances(self) -> bool:
        """Whether the file has variances that are not all 0, as of a histogram that was filled with contents alone."""
        return self.has_variances and bool(self.spectrum.variances.any())

    def rebinned(self, found: Rebinning) -> SpectrumFile:
        """Return the file with its spectrum in other bins, covariance matrix included."""
        covariance = None if self.covariance is None else found.covariance(self.covariance)
        return replace(self, spectrum=found.spectrum(self.spectrum), covariance=covariance)


@dataclass(frozen=True, eq=False)
class Bins:
    """One number in each of adjacent bins, as a file has it.

    Attributes
    ----------
    name : str
    edges : float64[n + 1]
        Increasing.
    values : float64[n]
        nan where a number is missing.
    places : tuple of str
        What errors call each bin, e.g. ``data f.csv, line 7``.
    """

    name: str
    edges: Array
    values: Array
    places: tuple[str, ...]

    @classmethod
    def of_rows(
        cls, name: str, low: Sequence[float], high: Sequence[float], values: Sequence[float], places: Sequence[str]
    ) -> Bins:
        """Make bins that follow one another; ``places[0]`` names the file before its last comma."""
        file = places[0].rpartition(", ")[0]
        starts, ends = np.asarray(low, np.float64), np.asarray(high, np.float64)
        if np.any(np.diff(starts) < 0.0):
            raise InputError(f"{file}: the edges of the bins do not increase; expected rows in order")
        if not np.allclose(starts[1:], ends[:-1], rtol=1e-9, atol=0.0):
            raise InputError(f"{file}: bins must follow one another without gaps or overlaps")
        edges = np.append(starts, ends[-1])
        _check_numbers(edges, np.asarray(values, np.float64), name, file)
        return cls(check_name(name), edges, np.asarray(values, np.float64), tuple(places))

    def inside(self, window: tuple[float, float] | None) -> NDArray[np.bool_]:
        """Return which bins lie in a window, shape (n,); all where None.

        Raises
        ------
        InputError
            If an end of the window is no edge.
        """
        low, high = (self.edges[0], self.edges[-1]) if window is None else window
        tolerance = 1e-6 * np.diff(self.edges).min()
        for end in (low, high):
            if np.abs(self.edges - end).min() > tolerance:
                edges = ", ".join(f"{edge:g}" for edge in self.edges)
                raise InputError(f"{self.places[0]}: no bin edge at {end:g}; expected one of {edges}")
        return np.asarray((self.edges[:-1] >= low - tolerance) & (self.edges[1:] <= high + tolerance))

    def numbers(self, kept: NDArray[np.bool_] | None = None) -> Array:
        """Return the values of the kept bins.

        Raises
        ------
        InputError
            If one of them is missing.
        """
        chosen = np.ones(self.values.size, bool) if kept is None else kept
        for k in np.flatnonzero(chosen & np.isnan(self.values)):
            raise InputError(f"{self.places[k]}: 'nan' is not a finite number")
        return np.asarray(self.values[chosen])


def _check_numbers(edges: Array, values: Array, name: str, where: str) -> None:
    """Refuse numbers with which nothing can be computed; missing values pass."""
    if values.size > MAX_BINS or not np.all(np.abs(edges) <= LARGEST_NUMBER) or np.any(np.diff(edges) <= 0.0):
        raise InputError(f"{where}: expected up to {MAX_BINS} bins with edges that increase, up to {LARGEST_NUMBER:g}")
    sizes = np.abs(values[~np.isnan(values)])
    if np.any(sizes > LARGEST_NUMBER) or np.any((sizes != 0.0) & (sizes < SMALLEST_NUMBER)):
        raise InputError(f"{where}, {name!r}: values must be 0 or from {SMALLEST_NUMBER:g} to {LARGEST_NUMBER:g}")


def pick(names: Sequence[str], name: str | None, file: Path, what: str = "histogram") -> str:
    """Return the one that is named, or the only one."""
    if name is None and len(names) == 1:
        return names[0]
    if name is None or name not in names:
        asked = f"{what} {name!r} is not in it" if name else f"name the {what} as FILE:NAME"
        raise InputError(f"data {file}: {asked}; it has: {', '.join(names) or f'no {what}'}")
    return name


def checked_spectrum(name: str, axes: Sequence[Axis], values: Array, variances: Array, file: Path) -> Spectrum:
    """Make a spectrum after checking its size and its numbers."""
    n_bins = math.prod(axis.n_bins for axis in axes)
    if not 1 <= len(axes) <= MAX_AXES or n_bins > MAX_BINS or values.size > MAX_BINS:
        raise InputError(f"data {file}: {n_bins} bins on {len(axes)} axes: expected up to {MAX_BINS} on {MAX_AXES}")
    for what, numbers, largest in (
        ("edges", np.concatenate([axis.edges for axis in axes]), LARGEST_NUMBER),
        ("values", values, LARGEST_NUMBER),
        ("variances", variances, LARGEST_NUMBER**2),
    ):
        if not np.all(np.abs(numbers) <= largest):
            raise InputError(f"data {file}, histogram {name!r}: {what} must be finite numbers up to {largest:g}")
    if np.any((values != 0.0) & (np.abs(values) < SMALLEST_NUMBER)):
        raise InputError(f"data {file}, histogram {name!r}: values must be 0 or at least {SMALLEST_NUMBER:g} in size")
    if np.any((variances > 0.0) & (variances < SMALLEST_NUMBER**2)):
        raise InputError(f"data {file}, histogram {name!r}: variances must be 0 or at least {SMALLEST_NUMBER**2:g}")
    if np.any(variances < 0.0) or any(np.any(np.diff(axis.edges) <= 0.0) for axis in axes):
        raise InputError(f"data {file}, histogram {name!r}: a variance is negative, or the edges do not increase")
    for text in (name, *(axis.name for axis in axes), *(axis.label for axis in axes)):
        check_name(text)
    return Spectrum.on_axes(name, axes, values, variances)


def spectrum_of(bins: Bins, variances: Array | None, file: Path, metadata: dict[str, Any]) -> SpectrumFile:
    """Make a spectrum of bins, none of which may be missing; variances are the sizes of the values where None."""
    values = bins.numbers()
    axis = Axis(bins.name, tuple(bins.edges.tolist()))
    squares = np.abs(values) if variances is None else variances
    return SpectrumFile(checked_spectrum(bins.name, [axis], values, squares, file), metadata, variances is not None)
