"""Histograms brought to the bins of an analysis: bins are added up and cropped, never split."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nucore.errors import InputError
from nucore.histograms import Axis, Spectrum

Array = NDArray[np.float64]

#: Edges that differ by less than this share of the narrowest bin are the same.
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Rebinning:
    """Which bin of an analysis each bin of a histogram belongs to.

    Attributes
    ----------
    axes : tuple of Axis
        Of the analysis.
    numbers : intp[n]
        Flattened bin of the analysis for each flattened bin of the histogram; -1 where it is left out.
    """

    axes: tuple[Axis, ...]
    numbers: NDArray[np.intp]

    @property
    def n_bins(self) -> int:
        """Bins of the analysis."""
        return math.prod(axis.n_bins for axis in self.axes)

    @property
    def is_identity(self) -> bool:
        """Whether every bin stays where it is."""
        return bool(np.array_equal(self.numbers, np.arange(self.n_bins)))

    def values(self, contents: ArrayLike) -> Array:
        """Return contents, or variances, in the bins of the analysis, shape (n_bins,)."""
        kept = self.numbers >= 0
        weights = np.asarray(contents, np.float64)[kept]
        return np.bincount(self.numbers[kept], weights, self.n_bins).astype(np.float64)

    def covariance(self, matrix: Array) -> Array:
        """Return a covariance matrix in the bins of the analysis, shape (n_bins, n_bins)."""
        return np.stack([self.values(row) for row in np.stack([self.values(row) for row in matrix]).T])

    def spectrum(self, given: Spectrum) -> Spectrum:
        """Return a histogram in the bins of the analysis, under its own name."""
        return Spectrum.on_axes(
            given.name, self.axes, self.values(given.values), self.values(given.variances), given.label
        )


def grid(axes: Sequence[Axis]) -> str:
    """Say what the bins of some axes are, in one line."""
    shape = " x ".join(str(axis.n_bins) for axis in axes)
    each = [f"{axis.name} from {axis.edges[0]:g} to {axis.edges[-1]:g}" for axis in axes]
    return f"{shape} bins, {', '.join(each)}"


def axes_of(spectrum: Spectrum) -> tuple[Axis, ...]:
    """Return the axes of a spectrum, of which it has one at least."""
    return spectrum.axes or (Axis(spectrum.name, tuple(spectrum.edges.tolist()), spectrum.label),)


def rebinning(spectrum: Spectrum, wanted: Sequence[Axis], where: str) -> Rebinning:
    """Find the bins of an analysis in those of a histogram: the same, finer ones, or more at the ends.

    Parameters
    ----------
    spectrum : Spectrum
        Its axes may be in another order; several may be flattened to one that counts the bins.
    wanted : sequence of Axis
        Of the analysis.
    where : str
        What needs them, for errors.

    Raises
    ------
    InputError
        If an edge of the analysis is none of the histogram; with the bins of both.
    """
    own, axes = axes_of(spectrum), tuple(wanted)
    shape = [axis.n_bins for axis in own]
    for order in itertools.permutations(range(len(own))) if len(own) == len(axes) else ():
        maps = [_bin_numbers(own[i], axis, signed=axis is axes[-1]) for i, axis in zip(order, axes, strict=True)]
        if all(found is not None for found in maps):
            numbers = _flattened([np.asarray(m) for m in maps], [axis.n_bins for axis in axes])
            return Rebinning(axes, numbers.transpose(np.argsort(order)).ravel())
    n_bins = math.prod(axis.n_bins for axis in axes)
    if len(own) == 1 < len(axes) and shape == [n_bins] and _counts_bins(spectrum.edges):
        return Rebinning(axes, np.arange(n_bins))
    unit = next((f" (its axis says {axis.label!r})" for axis in own if "MeV" in axis.label), "")
    both = f"{where} needs {grid(axes)}" + (", or finer bins with the same edges" if len(own) == len(axes) else "")
    n_axes = f"{len(own)} axes, " if len(own) > 1 else ""
    raise InputError(f"histogram {spectrum.name!r} has {n_axes}{grid(own)}{unit}; {both}")


def _bin_numbers(own: Axis, wanted: Axis, signed: bool) -> NDArray[np.intp] | None:
    """Return the bin of an axis that each bin of another one lies in, -1 outside; None if edges do not coincide.

    Values below 0 are outside only of a ``signed`` quantity: those of eta are not outside of |eta|.
    """
    have, need = np.asarray(own.edges), np.asarray(wanted.edges)
    if not signed and have[0] < 0.0 <= need[0]:
        return None
    distance = _SAME * min(np.diff(have).min(), np.diff(need).min())
    above = np.clip(np.searchsorted(have, need), 1, have.size - 1)
    if np.any(np.minimum(np.abs(have[above] - need), np.abs(have[above - 1] - need)) > distance):
        return None
    centres = 0.5 * (have[1:] + have[:-1])
    numbers = np.searchsorted(need, centres) - 1
    return np.where(numbers < wanted.n_bins, numbers, -1)


def _flattened(maps: Sequence[NDArray[np.intp]], shape: Sequence[int]) -> NDArray[np.intp]:
    """Return the flattened bin for each combination of bin numbers, -1 where one is -1."""
    grids = np.meshgrid(*maps, indexing="ij")
    inside = np.all([one >= 0 for one in grids], axis=0)
    numbers = np.ravel_multi_index([np.maximum(one, 0) for one in grids], tuple(shape))
    return np.where(inside, numbers, -1)


def _counts_bins(edges: Array) -> bool:
    """Whether the edges are 0, 1, 2, ..., as those of flattened bins."""
    return bool(np.allclose(edges, np.arange(edges.size)))


def change_of(spectrum: Spectrum, found: Rebinning) -> str | None:
    """Say how a histogram was brought to the bins of an analysis; None if it was not changed."""
    if found.is_identity:
        return None
    left_out = int(np.count_nonzero(found.numbers < 0))
    lost = spectrum.values[found.numbers < 0].sum()
    dropped = f"; {left_out} bins with {lost:g} are outside" if left_out else ""
    return f"histogram {spectrum.name!r}, {grid(axes_of(spectrum))}: used in {grid(found.axes)}{dropped}"
