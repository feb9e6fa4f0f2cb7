"""Inverse-cumulative tables from which the kernel draws the momentum of the lepton."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesons.decays.channel import MomentumCells
from mesons.experiments.calibration import Calibration

Array = NDArray[np.float64]

_GUIDE_ENTRIES = 8192
_BACKGROUND_CELLS = 2048


@dataclass(frozen=True)
class MomentumTable:
    """Cells of momentum with their exact probabilities; the density is linear within a cell.

    Attributes
    ----------
    momentum : array, shape (n + 1,)
        Edges in GeV; neighbouring edges may coincide to rounding in a very narrow peak.
    cumulative : array, shape (n + 1,)
        From 0 to 1.
    density : array, shape (n + 1,)
        At the edges, up to a factor common to a cell.
    guide : int64 array, shape (n_guide,)
        For equal steps of the cumulative, the cell to start a search from.
    """

    momentum: Array
    cumulative: Array
    density: Array
    guide: NDArray[np.int64]

    @classmethod
    def from_cells(cls, cells: MomentumCells) -> MomentumTable:
        """Table of cells of any normalisation."""
        cumulative = np.concatenate([[0.0], np.cumsum(cells.probability)])
        cumulative /= cumulative[-1]
        cumulative[-1] = 1.0
        starts = np.arange(_GUIDE_ENTRIES) / _GUIDE_ENTRIES
        guide = np.searchsorted(cumulative, starts, side="right") - 1
        n_cells = cells.probability.size
        return cls(cells.momentum, cumulative, cells.density, np.clip(guide, 0, n_cells - 1).astype(np.int64))

    @classmethod
    def at(cls, momentum: float) -> MomentumTable:
        """Table of a single momentum (GeV)."""
        return cls.from_cells(MomentumCells.line(momentum, 1.0))


def background_table(calibration: Calibration) -> MomentumTable:
    """Table of the reconstructed momentum of background events within the range of the card."""
    edges = np.linspace(*calibration.experiment.momentum_GeV, _BACKGROUND_CELLS + 1)
    probability = calibration.background_between(edges[:-1], edges[1:])
    return MomentumTable.from_cells(MomentumCells(edges, probability, calibration.background_density(edges), 1.0))
