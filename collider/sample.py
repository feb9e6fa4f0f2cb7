"""What is asked of a W sample (response, selection, binning) and what comes back: counts and event records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nuportal.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CUTFLOW = ("generated", "abs_eta", "efficiency", "pt_window")


@dataclass(frozen=True)
class WSelection:
    """Response, selection and binning of the lepton's transverse momentum.

    Parameters
    ----------
    abs_eta_max : float
        Events need |eta| < abs_eta_max; in (0, 20].
    pt_min, pt_max : float
        Window of the reconstructed pT in GeV, the lower edge included; 0 <= pt_min < pt_max.
    n_bins : int
        Equal bins over the window.
    resolution : float
        Relative, Gaussian, of pT; in [0, 1).
    efficiency : float
        In [0, 1], the same for all leptons.

    Raises
    ------
    InputError
        For a value outside its range.
    """

    abs_eta_max: float
    pt_min: float
    pt_max: float
    n_bins: int
    resolution: float
    efficiency: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 < self.abs_eta_max <= 20.0:
            raise InputError(f"abs_eta_max = {self.abs_eta_max}: above 0 and at most 20 is needed")
        if not 0.0 <= self.pt_min < self.pt_max < np.inf:
            raise InputError(f"pt window {self.pt_min} to {self.pt_max} GeV: 0 <= pt_min < pt_max is needed")
        if not 1 <= self.n_bins <= 10_000:
            raise InputError(f"n_bins = {self.n_bins}: 1 to 10000 is needed")
        if not 0.0 <= self.resolution < 1.0:
            raise InputError(f"resolution = {self.resolution}: at least 0 and below 1 is needed")
        if not 0.0 <= self.efficiency <= 1.0:
            raise InputError(f"efficiency = {self.efficiency}: 0 to 1 is needed")

    @property
    def edges(self) -> FloatArray:
        """Bin edges in GeV, [n_bins + 1]."""
        return np.linspace(self.pt_min, self.pt_max, self.n_bins + 1)

    def cuts(self) -> NDArray[np.float32]:
        """Return the numbers `collider.kernel.fill_slot` needs, float32[7]."""
        window = self.pt_max - self.pt_min
        return np.array(
            [
                np.sinh(self.abs_eta_max),
                self.pt_min,
                self.pt_max,
                self.n_bins / window,
                self.n_bins,
                self.resolution,
                self.efficiency,
            ],
            np.float32,
        )


@dataclass(frozen=True)
class WSample:
    """Counts of a generated sample.

    Parameters
    ----------
    edges : array[n_bins + 1]
        In GeV.
    component_counts : int64[n_components, n_bins]
        Selected events in each bin of reconstructed lepton pT.
    component_failed : int64[n_components, 3]
        Events that fail |eta|, then the efficiency, then the pT window.
    """

    edges: FloatArray
    component_counts: IntArray
    component_failed: IntArray

    @property
    def counts(self) -> IntArray:
        """Selected events in each bin, all components, [n_bins]."""
        return np.asarray(self.component_counts.sum(axis=0))

    @property
    def component_generated(self) -> IntArray:
        """Generated events of each component, [n_components]."""
        return np.asarray(self.component_counts.sum(axis=1) + self.component_failed.sum(axis=1))

    @property
    def n_generated(self) -> int:
        """Number of events before selection."""
        return int(self.component_generated.sum())

    @property
    def n_selected(self) -> int:
        """Number of events in the histogram."""
        return int(self.component_counts.sum())

    @property
    def cutflow(self) -> dict[str, int]:
        """Events left after each step of `CUTFLOW`."""
        lost = np.concatenate([[0], np.cumsum(self.component_failed.sum(axis=0))])
        return {name: self.n_generated - int(n) for name, n in zip(CUTFLOW, lost, strict=True)}

    def __add__(self, other: WSample) -> WSample:
        """Add the counts of another range of events; exact."""
        if not np.array_equal(self.edges, other.edges):
            raise InputError("samples with different bin edges cannot be added")
        return WSample(
            self.edges,
            self.component_counts + other.component_counts,
            self.component_failed + other.component_failed,
        )


@dataclass(frozen=True)
class WEvents:
    """Events of a range, one array of length n per quantity, with their counts.

    `arrays` holds ``event`` (index), ``component``, ``charge``; truth: ``up_type_side`` (+1 or -1: the beam, along +z
    or -z, that the up-type parton comes from), ``w_mass, w_pt, w_rapidity, w_phi``,
    ``lepton_pt, lepton_eta, lepton_phi``, ``neutrino_mass, neutrino_px, neutrino_py, neutrino_pz,
    neutrino_energy``; reconstructed: ``reco_lepton_pt, reco_lepton_eta, reco_lepton_phi``; ``selected``. In GeV,
    float64 except ``reco_lepton_pt``, which is the kernel's float32.
    """

    first_event: int
    arrays: dict[str, NDArray[Any]]
    sample: WSample

    @property
    def n_events(self) -> int:
        """Number of events."""
        return len(self.arrays["event"])


def merge_samples(samples: Sequence[WSample]) -> WSample:
    """Add the counts of several ranges of events, at least one.

    Raises
    ------
    InputError
        For different bin edges.
    """
    return reduce(WSample.__add__, samples)
