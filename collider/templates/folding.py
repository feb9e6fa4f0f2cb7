"""From the true to the measured spectrum: radiation, resolution, scale, efficiency and cuts as one matrix.

The matrix acts on the cells of `TruthTemplate`.  Cells are taken as points at their centres, with a second difference
that restores the second moment, so that their width enters to fourth order only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from collider.experiments.selection import LeptonSelection
from collider.templates.recoil_acceptance import RecoilModes, lepton_range, recoil_modes
from collider.templates.truth_spectrum import LogCells, TruthTemplate
from nucore.smearing import Resolution, smearing_density, smearing_matrix

Array = NDArray[np.float64]

#: Measured pT considered outside the truth cells' own range, in standard deviations of the resolution.
MARGIN_SIGMA = 5.0
#: The truth begins and ends at one of these times the ends of the measured range, so that selections that differ a
#: little in scale or resolution share it.
WINDOW_LOW, WINDOW_HIGH = (0.8, 0.7, 0.6, 0.4, 0.25), (1.25, 1.6, 2.5, 4.0)
#: Where leptons radiate, truth is looked at up to this times the largest pT: hardly any lepton loses more than 60%.
RADIATION_REACH = 2.5
#: Gauss-Legendre nodes of a panel of the measured pT, which is at most one standard deviation wide.
N_GAUSS = 5


def truth_window(selection: LeptonSelection) -> tuple[float, float]:
    """Return a range of true pT (GeV) outside which nothing is measured inside ``selection``."""
    first, last = lepton_range(selection)
    widest = max(factor for _, factor in selection.response_bins)

    def beyond(edge: float, ratio: float) -> bool:
        pt = ratio * edge
        margin = MARGIN_SIGMA * widest * float(selection.resolution.sigma(pt))
        return abs(pt - edge / (1.0 + selection.scale)) > margin

    low = next((r for r in WINDOW_LOW if beyond(first, r)), WINDOW_LOW[-1]) * first
    high = next((r for r in WINDOW_HIGH if beyond(last, r)), WINDOW_HIGH[-1]) * last
    return low, high if selection.fsr is None else RADIATION_REACH * high


def fold_cells(truth: TruthTemplate, selection: LeptonSelection) -> Array:
    """Return what is measured of a true spectrum.

    Parameters
    ----------
    truth : TruthTemplate
        In the |eta| bins between the `response_eta_edges` of the selection.
    selection : LeptonSelection

    Returns
    -------
    float64[n_replicas, n_eta, n_bins]
    """
    rows = truth.replicas
    binned = np.zeros((rows.shape[0], selection.n_eta, selection.n_bins))
    for i, (eta_bin, factor) in enumerate(selection.response_bins):
        inside = replace(selection, resolution=selection.resolution.scaled(factor), resolution_regions=())
        matrix = folding_matrix(inside, truth.cells)
        binned[:, eta_bin] += rows[:, i].reshape(rows.shape[0], -1) @ matrix.reshape(matrix.shape[0], -1).T
    return binned


@lru_cache(maxsize=128)
def folding_matrix(selection: LeptonSelection, cells: LogCells) -> Array:
    """Return [n_bins, n_modes, n_cells]: what a true lepton in a cell contributes to each bin.

    Parameters
    ----------
    selection : LeptonSelection
        Its resolution is that of all |eta|.
    cells : LogCells
    """
    truth_edges, centres = cells.edges, cells.centres
    modes = recoil_modes(selection)
    if modes is None:
        edges = np.asarray(selection.edges) / (1.0 + selection.scale)
        matrix = smearing_matrix(truth_edges, edges, selection.resolution)[:, None, :]
        spread = 1.0 / 12.0  # the matrix is a mean over cells already
    elif np.any(selection.resolution.sigma(centres) == 0.0):
        edges = np.asarray(_lepton_edges(selection)) / (1.0 + selection.scale)
        overlap = smearing_matrix(truth_edges, edges, selection.resolution)
        matrix = overlap[:, None, :] * modes.at_lepton(centres * (1.0 + selection.scale))
        spread = 1.0 / 12.0
    else:
        matrix = _matrix_with_recoil(selection, modes, centres)
        spread = 1.0 / 24.0
    if np.all(selection.resolution.sigma(centres) > 0.0):
        matrix[..., 1:-1] -= spread * np.diff(matrix, n=2, axis=-1)
    matrix *= selection.efficiency_at(centres)
    return _radiate(matrix, selection, cells.step)


def _matrix_with_recoil(selection: LeptonSelection, modes: RecoilModes, centres: Array) -> Array:
    """Integrate the modes over the measured lepton pT."""
    rows = []
    for low, high in pairwise(_lepton_edges(selection)):
        pt, weights = _panels(low, high, selection.resolution)
        scale = 1.0 + selection.scale
        density = smearing_density(centres, pt / scale, selection.resolution) * (weights / scale)[:, None]
        rows.append(modes.at_lepton(pt) @ density)
    return np.concatenate(rows)


def _lepton_edges(selection: LeptonSelection) -> tuple[float, ...]:
    """Edges, GeV, of the measured lepton pT: the bins, or the range where the observable is another one."""
    return selection.edges if selection.observable == "lepton_pt" else lepton_range(selection)


def _panels(low: float, high: float, resolution: Resolution) -> tuple[Array, Array]:
    """Return nodes and weights on panels that are as wide everywhere in standard deviations, one at most."""
    pt = np.geomspace(low, high, 101)
    sigma = resolution.sigma(pt)
    deviations = np.concatenate([[0.0], np.cumsum(2.0 * np.diff(pt) / (sigma[1:] + sigma[:-1]))])
    n = int(np.ceil(deviations[-1])) + 1
    borders = np.interp(np.linspace(0.0, deviations[-1], n + 1), deviations, pt)
    x, w = np.polynomial.legendre.leggauss(N_GAUSS)
    width = np.diff(borders)[:, None]
    return (borders[:-1, None] + 0.5 * width * (x + 1.0)).ravel(), (0.5 * width * w).ravel()


def _radiate(matrix: Array, selection: LeptonSelection, step: float) -> Array:
    """Return the matrix that acts on leptons before they radiate."""
    if selection.fsr is None:
        return matrix
    first, probability = selection.fsr.kernel(step)
    # Weight i moves a lepton by first + i <= 0 cells; what moves by more than all cells is not measured.
    loss = -(first + np.arange(probability.size))
    kernel = np.zeros(matrix.shape[-1])
    kernel[loss[loss < kernel.size]] = probability[loss < kernel.size]
    n = next_fast_len(2 * kernel.size - 1, real=True)  # no part comes round to the other end
    return np.asarray(irfft(rfft(matrix, n) * rfft(kernel, n), n)[..., : kernel.size])
