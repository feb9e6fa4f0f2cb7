"""Counts, weights and histogram of an event file, added up block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nucore.io.lepton_origin import Origin

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

#: Place of the step ``charge`` in the cutflow.
_STEP_OF_CHARGE = 2


@dataclass
class EventSums:
    """What is added up over the blocks of a file.

    Attributes
    ----------
    passed : int64[n_steps]
        Events left after each step, whatever their weights.
    sum_w, sum_w_sq, sum_w_kept, sum_w_sq_kept : float
        Weights and their squares, of all events and of those that pass all steps.
    weight_range, size_range : (float, float)
        Smallest and largest weight, and absolute weight.
    sum_w_charged : float
        Of the events with a lepton of a measured charge that comes from a W.
    origins : float64[2, n_origins]
        Absolute weights by the `Origin` of the lepton: of all events that have one, and of those that pass all steps.
    """

    n_bins: int
    n_steps: int
    n_negative: int = 0
    sum_w: float = 0.0
    sum_w_sq: float = 0.0
    sum_w_kept: float = 0.0
    sum_w_sq_kept: float = 0.0
    sum_w_charged: float = 0.0
    weight_range: tuple[float, float] = (np.inf, -np.inf)
    size_range: tuple[float, float] = (np.inf, 0.0)
    passed: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.passed = np.zeros(self.n_steps, np.int64)
        self.origins = np.zeros((2, len(Origin)))
        self.counts, self.values, self.variances = (np.zeros(self.n_bins) for _ in range(3))

    def add(
        self, weight: FloatArray, steps: list[BoolArray], bins: IntArray, origin: NDArray[np.int8] | None = None
    ) -> None:
        """Add a block: which events pass each step after the first, and the bins of those that pass all.

        ``origin`` is that of `LeptonBlock`; the first step is that the event has a lepton.
        """
        left = np.ones(weight.size, bool)
        kinds = np.full(weight.size, Origin.W, np.int8) if origin is None else origin
        for i, step in enumerate([left, *steps]):
            left = left & step
            self.passed[i] += np.count_nonzero(left)
            if i == _STEP_OF_CHARGE:
                self.sum_w_charged += float(weight[left & (kinds == Origin.W)].sum())
        kept, slots = weight[left], bins[left]
        for row, having in enumerate((steps[0], left)):
            self.origins[row] += np.bincount(kinds[having], np.abs(weight[having]), minlength=len(Origin))
        self.sum_w_kept += float(kept.sum())
        self.sum_w_sq_kept += float(kept @ kept)
        self.counts += np.bincount(slots, minlength=self.n_bins)
        self.values += np.bincount(slots, kept, minlength=self.n_bins)
        self.variances += np.bincount(slots, kept**2, minlength=self.n_bins)
        self.n_negative += int(np.count_nonzero(weight < 0.0))
        self.sum_w += float(weight.sum())
        self.sum_w_sq += float(weight @ weight)
        self.weight_range = _wider(self.weight_range, weight)
        self.size_range = _wider(self.size_range, np.abs(weight))

    @property
    def n_equivalent(self) -> float:
        """Number of unweighted events with the same relative uncertainty."""
        return float(self.passed[0]) if self.unweighted else self.sum_w**2 / self.sum_w_sq

    @property
    def n_equivalent_kept(self) -> float:
        """The same of the events that pass all steps."""
        n = float(self.passed[-1])
        return n if self.unweighted or n == 0.0 else self.sum_w_kept**2 / max(self.sum_w_sq_kept, 1e-300)

    @property
    def lepton_origins(self) -> dict[str, float]:
        """Share of the leptons, by absolute weight, of each origin that there is."""
        weights = self.origins[0]
        return {o.name.lower(): float(weights[o] / weights.sum()) for o in Origin if weights[o] > 0.0}

    @property
    def unweighted(self) -> bool:
        """Whether all weights are the same."""
        return self.weight_range[0] == self.weight_range[1]

    @property
    def contents(self) -> tuple[FloatArray, FloatArray]:
        """Values and variances of the histogram, scaled to the equivalent number of unweighted events."""
        if self.unweighted:
            return self.counts, self.counts
        scale = self.n_equivalent / self.sum_w
        return self.values * scale, self.variances * scale**2


def _wider(bounds: tuple[float, float], values: FloatArray) -> tuple[float, float]:
    return min(bounds[0], float(values.min())), max(bounds[1], float(values.max()))
