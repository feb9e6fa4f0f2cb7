"""What the W kernel reads: tables of production, response, cuts and bins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array32 = NDArray[np.float32]


class Production(NamedTuple):
    """Tables of the components of a sample, float32.

    Attributes
    ----------
    thresholds : uint64[n_components - 1]
        Cumulative probabilities of the components times 2**32.
    m4_sq : float32[n_components]
        In GeV^2.
    mass, row : float32[n_components, n_mass]
        Quantiles of the W mass in GeV, and the row of `rapidity` at each.
    rapidity : float32[n_components, n_rows, n_y]
    pt : float32[n_components, n_pt_rows, n_pt]
        Quantiles of the W transverse momentum in GeV at |rapidity| = row / `rows_per_rapidity`.
    rows_per_rapidity : float32
    spin_table : int32[n_components]
        Table of each component in the following.
    coefficients : float32[n_tables, n_spin_mass, n_spin_pt, n_spin_y, 5]
        A0 ... A4 of the W on a grid in ln m, s = b/(b + ratio), b = pT/m, and y.
    share : float32[n_tables, n_spin_mass, n_spin_pt, n_spin_y]
        Share of the side y among W bosons of this |y|.
    spin_grid : float32[7]
        First node and nodes per unit of ln m, s, y; ratio.
    """

    thresholds: NDArray[np.uint64]
    m4_sq: Array32
    mass: Array32
    row: Array32
    rapidity: Array32
    pt: Array32
    rows_per_rapidity: np.float32
    spin_table: NDArray[np.int32]
    coefficients: Array32
    share: Array32
    spin_grid: Array32


class Detector(NamedTuple):
    """The general response, cuts and bins.

    Attributes
    ----------
    sinh_eta_edges : float32[n_eta + 1]
    resolution : float32[4]
        Squares of constant, relative, quadratic and stochastic term.
    regions : float32[n, 2]
        See `collider.events.kernel_response.fill_normal_by_eta`.
    scale : float32
        Measured over true lepton pT.
    efficiency_nodes, efficiency_slopes : float32[n]
    efficiency_start : float32
        See `collider.events.kernel_response.fill_efficiency`.
    trend : float32[6]
        See `collider.events.kernel_response.fill_trend`.
    radiation : float32[n] or float32[0]
        Quantiles of the share of the lepton's momentum that final-state radiation leaves.
    recoil : float32[6] or float32[0]
        See `collider.events.kernel_response.fill_recoil`.
    limits : float32[4, 2]
        Of lepton pT, missing momentum, transverse mass, |recoil|, in GeV.
    observable : int
        Index in `collider.events.kernel_detector.OBSERVABLES`.
    edges : float32[n_bins + 1]
        In GeV.
    cells : int32[n_cells]
        See `collider.events.kernel_detector.fill_bin`.
    """

    sinh_eta_edges: Array32
    resolution: Array32
    regions: Array32
    scale: np.float32
    efficiency_nodes: Array32
    efficiency_slopes: Array32
    efficiency_start: np.float32
    trend: Array32
    radiation: Array32
    recoil: Array32
    limits: Array32
    observable: int
    edges: Array32
    cells: NDArray[np.int32]
