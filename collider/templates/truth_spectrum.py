"""Spectrum of the true lepton pT: the integral of the angular response over the W mass.

Each W mass shifts the distribution of ln X by the ln of the lepton momentum in the W rest frame.  Positions between
cells are shared by cubic Lagrange weights, which keep moments up to the third.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from collider.production.w_production import WRate
from collider.templates.angular_response import AngularResponse

Array = NDArray[np.float64]

#: Range of ln(mass) on either side of the median in which every cell is used, and the stride of cells outside.
PEAK_RANGE, TAIL_STRIDE = 0.08, 4


@dataclass(frozen=True)
class LogCells:
    """Cells of the true lepton pT: number i covers ln(pT/GeV) from (first + i - 1/2) to (first + i + 1/2) steps."""

    step: float
    first: int
    n: int

    @classmethod
    def between(cls, pt_low: float, pt_high: float, step: float) -> LogCells:
        """Return cells that cover a range of pT (GeV)."""
        first, last = int(np.floor(np.log(pt_low) / step)), int(np.ceil(np.log(pt_high) / step))
        return cls(step, first, last - first + 1)

    @property
    def centres(self) -> Array:
        """Centres, GeV, shape (n,)."""
        return np.asarray(np.exp((self.first + np.arange(self.n)) * self.step))

    @property
    def edges(self) -> Array:
        """Edges, GeV, shape (n + 1,)."""
        return np.asarray(np.exp((self.first - 0.5 + np.arange(self.n + 1)) * self.step))


@dataclass(frozen=True, eq=False)
class TruthTemplate:
    """Spectrum of the true lepton pT on cells of equal width in ln pT.

    Attributes
    ----------
    replicas : float64[n_replicas, n_eta, n_modes, n_cells]
        Cross section (pb, over |U_l4|^2) per cell, one entry for each repetition of the integration, |eta| bin and
        mode of the recoil (`collider.templates.recoil_acceptance`; one if nothing depends on it).
    cells : LogCells
    """

    replicas: Array
    cells: LogCells


def truth_spectrum(rate: WRate, response: AngularResponse, pt_low: float, pt_high: float) -> TruthTemplate:
    """Return the cross section per cell of the true lepton pT from ``pt_low`` to ``pt_high`` (GeV)."""
    cells = LogCells.between(pt_low, pt_high, response.log_cell)
    weights, first_shift = _shift_weights(rate, response.log_masses, response.log_cell)
    n_replicas, _, n_eta, n_modes, _ = response.density[0].shape
    out = np.zeros((n_replicas, n_eta * n_modes, cells.n))
    for weight, density, first_cell in zip(weights, response.density, response.first_cells, strict=True):
        flat = density.reshape(n_replicas, 2, n_eta * n_modes, -1)
        convolve(out, weight, flat, cells.first - first_shift - int(first_cell))
    replicas = rate.cross_section_pb * out.reshape(n_replicas, n_eta, n_modes, -1)
    return TruthTemplate(replicas, cells)


def _shift_weights(rate: WRate, log_masses: Array, log_cell: float) -> tuple[Array, int]:
    """Return the weight of each response node, decay density and shift of ln k; and the first shift.

    The W mass is uniform inside a cell of its quantile table; wide cells are subdivided.
    """
    nodes = rate.mass_quantiles
    # Positions are shared between cells that are neighbours near the peak and TAIL_STRIDE apart elsewhere.
    middle, centre = nodes[nodes.size // 2], 0.5 * (nodes[1:] + nodes[:-1])
    stride = np.where(np.abs(np.log(centre / middle)) < PEAK_RANGE, 1, TAIL_STRIDE)
    pieces = np.ceil(np.abs(np.diff(np.log(nodes))) / (0.5 * log_cell * stride)).astype(np.int64).clip(1, 4000)
    cell = np.repeat(np.arange(pieces.size), pieces)
    inside = (np.arange(cell.size) - np.repeat(np.cumsum(pieces) - pieces, pieces) + 0.5) / pieces[cell]
    mass = nodes[cell] + inside * (nodes[cell + 1] - nodes[cell])
    shift = np.full(mass.size, -np.inf)
    open_ = mass > rate.m4
    shift[open_] = np.log(0.5 * mass[open_] * (1.0 - (rate.m4 / mass[open_]) ** 2)) / log_cell
    keep = (np.log(mass) >= log_masses[0]) & (shift > np.log(1e-3) / log_cell)
    mass, probability, shift = mass[keep], (1.0 / (pieces[cell] * pieces.size))[keep], shift[keep]
    stride = stride[cell][keep]
    r = (rate.m4 / mass) ** 2
    probability *= 0.375 / (1.0 + 0.5 * r)
    below = np.floor(shift / stride).astype(np.int64) * stride
    shares = _lagrange(1.0 + (shift - below) / stride, np.arange(4.0))[1]
    first_shift = int((below - stride).min())
    n_shifts = int((below + 2 * stride).max()) - first_shift + 1
    weights = np.zeros((log_masses.size, 2, n_shifts))
    start, lagrange = _lagrange(np.log(mass), log_masses)
    for k in range(4):
        for term, angular in enumerate((probability, probability * r)):
            for step in range(4):
                flat = (start + k) * n_shifts + below + (step - 1) * stride - first_shift
                total = np.bincount(flat, lagrange[k] * angular * shares[step], minlength=log_masses.size * n_shifts)
                weights[:, term, :] += total.reshape(log_masses.size, n_shifts)
    return weights, first_shift


def _lagrange(x: Array, nodes: Array) -> tuple[NDArray[np.int64], Array]:
    """Return, for each x, the first of four neighbouring nodes and their cubic Lagrange weights [4, n]."""
    start = np.clip(np.searchsorted(nodes, x) - 2, 0, nodes.size - 4)
    x = np.clip(x, nodes[0], nodes[-1])
    near = nodes[start + np.arange(4)[:, None]]
    weights = np.ones((4, x.size))
    for k in range(4):
        for j in range(4):
            if j != k:
                weights[k] *= (x - near[j]) / (near[k] - near[j])
    return start, weights


@njit(cache=True, nogil=True, fastmath={"contract", "reassoc"})
def convolve(out, weights, density, offset):  # type: ignore[no-untyped-def]
    """Add weights[term, shift] * density[replica, term, channel, i + offset - shift] to out[replica, channel, i]."""
    n_cells, n_out = density.shape[3], out.shape[2]
    # one row of the density and of the result after the other: both stay in the fastest cache for all shifts
    for replica in range(out.shape[0]):
        for channel in range(out.shape[1]):
            first, second = density[replica, 0, channel], density[replica, 1, channel]
            row = out[replica, channel]
            for shift in range(weights.shape[1]):
                w0, w1 = np.float32(weights[0, shift]), np.float32(weights[1, shift])
                if w0 == 0.0 and w1 == 0.0:
                    continue
                start, stop = max(0, shift - offset), min(n_out, n_cells + shift - offset)
                if start >= stop:
                    continue
                a = first[start + offset - shift : stop + offset - shift]
                b = second[start + offset - shift : stop + offset - shift]
                c = row[start:stop]
                for i in range(c.size):
                    c[i] += w0 * a[i] + w1 * b[i]
