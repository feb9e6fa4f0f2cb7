"""Leptons of any generator through the response and selection of an experiment, and what is added up.

The lepton is smeared and selected as in `collider.kernel`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from collider.response import Experiment
from collider.sample import WSelection
from nuportal.histograms import Spectrum
from nuportal.io.event_files import LeptonBlock

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

CUTFLOW = ("events", "lepton", "charge", "abs_eta", "efficiency", "pt_window")
#: Random numbers of an event: W pT and its azimuth, two for the resolution, efficiency.
N_UNIFORMS = 5


def transverse_boost(lepton: FloatArray, boson: FloatArray, w_pt: FloatArray, w_phi: FloatArray) -> FloatArray:
    """Give the W a transverse momentum and return the lepton's new momentum.

    Mass and rapidity of the W and the lepton's direction in the Collins-Soper frame stay; the frame's x axis is along
    the new transverse momentum, so the lepton's azimuth about the beams has to be random already.

    Parameters
    ----------
    lepton, boson : float64[4, n]
        (E, px, py, pz) in GeV; the boson without transverse momentum.
    w_pt, w_phi : float64[n]
        Transverse momentum in GeV and azimuth to give it.

    Returns
    -------
    float64[4, n]
    """
    mass = np.sqrt(np.maximum(boson[0] ** 2 - boson[3] ** 2, np.finfo(float).tiny))
    cosh, sinh = boson[0] / mass, boson[3] / mass
    energy, z = cosh * lepton[0] - sinh * lepton[3], cosh * lepton[3] - sinh * lepton[0]
    cos, sin = np.cos(w_phi), np.sin(w_phi)
    along = cos * lepton[1] + sin * lepton[2]
    gamma, gamma_beta = np.hypot(mass, w_pt) / mass, w_pt / mass
    shift = gamma * along + gamma_beta * energy - along
    energy = gamma * energy + gamma_beta * along
    return np.array(
        [cosh * energy + sinh * z, lepton[1] + cos * shift, lepton[2] + sin * shift, sinh * energy + cosh * z]
    )


@dataclass(frozen=True)
class EventResponse:
    """Response and selection of an experiment, ready for blocks of leptons."""

    experiment: Experiment
    selection: WSelection
    quantiles: FloatArray
    seed: int

    def lepton(self, block: LeptonBlock, u: FloatArray, boost: bool) -> FloatArray:
        """Momentum of the leptons before the detector."""
        if not boost or block.boson is None:
            return block.lepton
        nodes = np.linspace(0.0, 1.0, self.quantiles.size)
        w_pt, w_phi = np.interp(u[0], nodes, self.quantiles), np.pi * (2.0 * u[1] - 1.0)
        return transverse_boost(block.lepton, block.boson, w_pt, w_phi)

    def steps(self, block: LeptonBlock, lepton: FloatArray, u: FloatArray) -> tuple[list[BoolArray], NDArray[np.int64]]:
        """Which leptons pass each step of `CUTFLOW` after the first, and the bin of each."""
        s = self.selection
        charge = [block.charge != 0, np.isin(block.charge, self.experiment.charges)]
        if block.measured_pt is not None:
            measured = np.isfinite(block.measured_pt)
            steps, pt = [*charge, measured, measured], np.where(measured, block.measured_pt, 0.0)
        else:
            true_pt = np.hypot(lepton[1], lepton[2])
            gauss = np.sqrt(-2.0 * np.log(u[2])) * np.cos(2.0 * np.pi * u[3])
            central = np.abs(lepton[3]) < true_pt * np.sinh(s.abs_eta_max)
            steps, pt = [*charge, central, u[4] < s.efficiency], true_pt * (1.0 + s.resolution * gauss)
        window = (pt >= s.pt_min) & (pt < s.pt_max)
        bins = np.clip((pt - s.pt_min) * (s.n_bins / (s.pt_max - s.pt_min)), 0, s.n_bins - 1).astype(np.int64)
        return [*steps, window], bins


@dataclass
class EventSums:
    """What is added up over the blocks of a file."""

    n_bins: int
    passed: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(CUTFLOW), np.int64))
    n_negative: int = 0
    sum_w: float = 0.0
    sum_w_sq: float = 0.0
    weight_range: tuple[float, float] = (np.inf, -np.inf)

    def __post_init__(self) -> None:
        self.counts, self.values, self.variances = (np.zeros(self.n_bins) for _ in range(3))

    def add(self, weight: FloatArray, steps: list[BoolArray], bins: NDArray[np.int64]) -> None:
        """Add a block: which events pass each step after the first, and the bins of those that pass all."""
        left = np.ones(weight.size, bool)
        for i, step in enumerate([left, *steps]):
            left = left & step
            self.passed[i] += np.count_nonzero(left)
        kept, slots = weight[left], bins[left]
        self.counts += np.bincount(slots, minlength=self.n_bins)
        self.values += np.bincount(slots, kept, minlength=self.n_bins)
        self.variances += np.bincount(slots, kept**2, minlength=self.n_bins)
        self.n_negative += int(np.count_nonzero(weight < 0.0))
        self.sum_w += float(weight.sum())
        self.sum_w_sq += float(weight @ weight)
        low, high = self.weight_range
        self.weight_range = (min(low, float(weight.min())), max(high, float(weight.max())))

    @property
    def n_equivalent(self) -> float:
        """Number of unweighted events with the same relative uncertainty."""
        return float(self.passed[0]) if self.unweighted else self.sum_w**2 / self.sum_w_sq

    @property
    def unweighted(self) -> bool:
        """Whether all weights are the same."""
        return self.weight_range[0] == self.weight_range[1]

    def spectrum(self, selection: WSelection) -> Spectrum:
        """Histogram, scaled to the equivalent number of unweighted events."""
        values, variances = self.counts, self.counts
        if not self.unweighted:
            scale = self.n_equivalent / self.sum_w
            values, variances = self.values * scale, self.variances * scale**2
        return Spectrum("lepton_pt", selection.edges, values, variances, "lepton pT [GeV]")
