"""Inverse-cumulative tables of the lepton momentum, safe for a peak of any width."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesons.decays import leptonic_decays
from mesons.decays.quadrature import cell_nodes
from mesons.decays.spectra import spectrum_points
from mesons.decays.three_body import ThreeBodyDecay
from mesons.experiments.calibration import Calibration
from mesons.experiments.cards import Experiment
from mesons.inference.tau_templates import signal_decay
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters

Array = NDArray[np.float64]

_GUIDE_ENTRIES = 8192
_BACKGROUND_CELLS = 2048
_TAU_CELLS = 2048


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
    def from_cells(cls, momentum: Array, probabilities: Array, density: Array) -> MomentumTable:
        """Table from cell probabilities (any normalisation) and densities at the edges."""
        cumulative = np.concatenate([[0.0], np.cumsum(probabilities)])
        cumulative /= cumulative[-1]
        cumulative[-1] = 1.0
        starts = np.arange(_GUIDE_ENTRIES) / _GUIDE_ENTRIES
        guide = np.searchsorted(cumulative, starts, side="right") - 1
        return cls(momentum, cumulative, density, np.clip(guide, 0, momentum.size - 2).astype(np.int64))

    @classmethod
    def at(cls, momentum: float) -> MomentumTable:
        """Table of a single momentum (GeV)."""
        return cls.from_cells(np.array([momentum, momentum]), np.ones(1), np.ones(2))


def three_body_table(decay: ThreeBodyDecay) -> MomentumTable:
    """Table of the lepton momentum of M -> l chi phi.

    Raises
    ------
    InputError
        If the decay is closed.
    """
    if decay.energy_release <= 0.0 or decay.yL == 0.0:
        raise InputError(
            f"the decay to chi phi is closed at m_chi = {decay.m_chi:g}, m_phi = {decay.m_phi:g}, yL = {decay.yL:g}"
        )
    points = spectrum_points(decay, decay.pole_width)
    nodes, weights = cell_nodes(points)
    probabilities = (decay.density(nodes) * weights).sum(axis=1)
    momentum = decay.lepton_momentum(points)
    density = decay.density(points) * momentum / np.hypot(momentum, decay.m_lepton)
    # the grid runs up in Q^2, down in momentum
    return MomentumTable.from_cells(momentum[::-1], probabilities[::-1], density[::-1])


def _cells_table(momentum: Array, density: Array) -> tuple[MomentumTable, float]:
    """Table of a density (1/GeV) at increasing momenta (GeV), linear between them, and its integral."""
    probabilities = 0.5 * (density[1:] + density[:-1]) * np.diff(momentum)
    total = float(probabilities.sum())
    if total == 0.0:
        return MomentumTable.at(1.0), 0.0
    return MomentumTable.from_cells(momentum, probabilities, density), total


def _tau_grid(experiment: Experiment, end: float | None) -> Array:
    m_parent, m_lepton = experiment.masses
    last = (m_parent**2 - m_lepton**2) / (2.0 * m_parent)
    grid = np.linspace(0.0, last, _TAU_CELLS + 1)
    return grid if end is None else np.unique(np.append(grid, end))


def tau_table(experiment: Experiment, m4: float = 0.0) -> tuple[MomentumTable, float]:
    """Table of the lepton momentum of tau -> l nu nu4, and the rate over that of tau -> l nu nu."""
    m_parent, m_lepton = experiment.masses
    energy = (m_parent**2 + m_lepton**2 - m4**2) / (2.0 * m_parent)
    if energy <= m_lepton:
        return MomentumTable.at(1.0), 0.0
    grid = _tau_grid(experiment, float(np.sqrt(energy**2 - m_lepton**2)))
    return _cells_table(grid, leptonic_decays.dratio_dp(experiment.parent, experiment.lepton, grid, m4))


def tau_dark_table(experiment: Experiment, parameters: PortalParameters) -> tuple[MomentumTable, float]:
    """Table of tau -> l nu chi phi, and its rate over that of tau -> l nu nu, per unit of |U_tau4|^2."""
    decay = signal_decay(experiment, parameters)
    if decay.energy_release <= 0.0 or decay.yL == 0.0:
        return MomentumTable.at(1.0), 0.0
    grid = _tau_grid(experiment, decay.pole_momentum)
    return _cells_table(grid, decay.dratio_dp(grid))


def background_table(calibration: Calibration) -> MomentumTable:
    """Table of the reconstructed momentum of background events within the range of the card."""
    edges = np.linspace(*calibration.experiment.momentum_GeV, _BACKGROUND_CELLS + 1)
    probabilities = calibration.background_between(edges[:-1], edges[1:])
    return MomentumTable.from_cells(edges, probabilities, calibration.background_density(edges))
