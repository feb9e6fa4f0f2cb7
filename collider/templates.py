"""Lepton-pT templates of pp -> W -> l nu4 and l nu without Monte Carlo noise.

A template is the integral over the W mass of the distributions of `collider.angular_response`, each shifted
in ln pT by the ln of the lepton momentum in the W rest frame; resolution and binning then act on the fine
ln pT grid as a matrix.  The production tables are those the event generator samples from
(`collider.production.WComponent`), so both describe the same model.  Every nu4 mass uses the same response,
so differences between templates carry no independent noise.

The numerical uncertainty is the scatter of replicas of the integration with other offsets of its grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from collider.angular_response import LOG_CELL, AngularResponse, IntegrationGrid, angular_response, mass_nodes
from collider.partons import DEFAULT_PDF_SET
from collider.production import GAMMA_W, M_W, WComponent, w_component
from collider.selection import LeptonSelection
from nuportal.errors import InputError
from nuportal.smearing import smearing_matrix

Array = NDArray[np.float64]

#: Truth pT considered beyond the reconstructed window, in standard deviations of the resolution.
MARGIN_SIGMA = 6.0


@dataclass(frozen=True, eq=False)
class Template:
    """A binned lepton-pT spectrum with its numerical uncertainty.

    Attributes
    ----------
    edges : float64[n + 1]
        Bins of the reconstructed lepton pT, GeV.
    replicas : float64[n_replicas, n]
        Content of each bin, one row for each repetition of the integration with other offsets.
    """

    edges: Array
    replicas: Array

    @property
    def values(self) -> Array:
        """Content of each bin, shape (n,): the mean of the replicas."""
        return np.asarray(self.replicas.mean(axis=0))

    @property
    def variances(self) -> Array:
        """Numerical variance of ``values``, shape (n,)."""
        return np.asarray(self.replicas.var(axis=0, ddof=1) / self.replicas.shape[0])

    def scaled(self, factor: float) -> Template:
        """Return the template times ``factor``."""
        return Template(self.edges, factor * self.replicas)

    def __add__(self, other: Template) -> Template:
        return Template(self.edges, self.replicas + other.replicas)

    def __sub__(self, other: Template) -> Template:
        return Template(self.edges, self.replicas - other.replicas)


@dataclass(frozen=True)
class WTables:
    """Which production tables to use: the arguments of `collider.production.w_component` but m4.

    Attributes
    ----------
    sqrt_s_TeV : float
    charge : {+1, -1}
    beams : {"pp", "ppbar"}
    pdf_set : str
    m_W, gamma_W : float
        GeV.
    w_pt : str
        Model of the W transverse momentum.
    """

    sqrt_s_TeV: float
    charge: int
    beams: Literal["pp", "ppbar"] = "pp"
    pdf_set: str = DEFAULT_PDF_SET
    m_W: float = M_W
    gamma_W: float = GAMMA_W
    w_pt: str = "nominal"

    def component(self, m4: float) -> WComponent:
        """Return the tables of pp -> W -> l nu4 at nu4 mass ``m4`` (GeV), 0 for the light neutrino."""
        if self.beams != "pp" or self.w_pt != "nominal":
            raise InputError(f"templates of {self.beams} beams with the W pT model {self.w_pt!r} are not available")
        return w_component(self.sqrt_s_TeV, self.charge, float(m4), self.pdf_set, self.m_W, self.gamma_W)


@lru_cache(maxsize=256)
def lepton_template(
    tables: WTables, m4: float, selection: LeptonSelection, grid: IntegrationGrid | None = None
) -> Template:
    """Return the cross section (pb, over |U_l4|^2) in bins of the reconstructed lepton pT.

    Parameters
    ----------
    tables : WTables
    m4 : float
        Mass of the neutral lepton, GeV; 0 for the light neutrino.
    selection : LeptonSelection
    grid : IntegrationGrid, optional
        By default one whose relative error per bin is of the order of 1e-4.
    """
    plain = LeptonSelection(selection.edges, (0.0, selection.eta_edges[-1]), selection.resolution, selection.efficiency)
    if selection != plain:
        raise InputError("templates are available for the lepton pT in one |eta| bin, without cuts or variations")
    grid = IntegrationGrid() if grid is None else grid
    low, high = truth_window(selection)
    response = _response(tables.sqrt_s_TeV, tables.charge, tables.pdf_set, selection.eta_edges[-1], low, grid)
    component = tables.component(m4)
    fine, truth_edges = truth_spectrum(component, response, low, high)
    binned = component.cross_section_pb * fine @ _matrix(selection, truth_edges).T
    return Template(np.asarray(selection.edges), binned)


@dataclass(frozen=True, eq=False)
class WTemplates:
    """Expected events per bin of the light-neutrino and, at |U_l4|^2 = 1, the nu4 hypothesis.

    The expectation is (1 - |U_l4|^2) light + |U_l4|^2 nu4.
    """

    light: Template
    nu4: Template


def w_templates(
    sqrt_s_TeV: float,
    charges: Sequence[int],
    selection: LeptonSelection,
    m4: float,
    luminosity_invfb: float,
    *,
    pdf_set: str = DEFAULT_PDF_SET,
    m_W: float = M_W,
    gamma_W: float = GAMMA_W,
    grid: IntegrationGrid | None = None,
) -> WTemplates:
    """Return the expected lepton-pT spectra of an exposure.

    Parameters
    ----------
    sqrt_s_TeV : float
    charges : sequence of +1, -1
        Charges whose spectra are added.
    selection : LeptonSelection
    m4 : float
        nu4 mass, GeV.
    luminosity_invfb : float
        Integrated luminosity, fb^-1.
    pdf_set, m_W, gamma_W, grid
        As in `WTables` and `lepton_template`.
    """
    if not charges:
        raise InputError("templates need at least one W charge")
    spectra = []
    for mass in (0.0, m4):
        total: Template | None = None
        for charge in charges:
            tables = WTables(sqrt_s_TeV, charge, pdf_set=pdf_set, m_W=m_W, gamma_W=gamma_W)
            one = lepton_template(tables, mass, selection, grid)
            total = one if total is None else total + one
        assert total is not None
        spectra.append(total.scaled(1000.0 * luminosity_invfb))
    return WTemplates(*spectra)


def truth_window(selection: LeptonSelection) -> tuple[float, float]:
    """Return the range of true pT (GeV) that can be measured inside the bins of ``selection``."""
    edges, resolution = selection.edges, selection.resolution
    low, high = edges[0], edges[-1]
    for _ in range(30):  # the resolution is that of the true value, so widen until it fits
        low = max(edges[0] - MARGIN_SIGMA * float(resolution.sigma(low)), 0.25 * edges[0])
        high = min(edges[-1] + MARGIN_SIGMA * float(resolution.sigma(high)), 4.0 * edges[-1])
    return low, high


def truth_spectrum(
    component: WComponent, response: AngularResponse, pt_low: float, pt_high: float
) -> tuple[Array, Array]:
    """Return the probability per cell of the true lepton pT, and the cells.

    Returns
    -------
    float64[n_replicas, n_cells]
        Probability; sums to the |eta| acceptance if the cells cover all pT.
    float64[n_cells + 1]
        Edges (GeV), uniform in ln pT.
    """
    first = int(np.floor(np.log(pt_low) / LOG_CELL))
    last = int(np.ceil(np.log(pt_high) / LOG_CELL))
    weights, first_shift = _shift_weights(component, response.log_masses)
    out = np.zeros((response.density.shape[0], last - first + 1))
    _convolve(out, weights, response.density, first - first_shift - response.first_cell)
    edges = np.exp((np.arange(first, last + 2) - 0.5) * LOG_CELL)
    return out, np.asarray(edges)


def _shift_weights(component: WComponent, log_masses: Array) -> tuple[Array, int]:
    """Return the weight of each response node, decay density and shift of ln k; and the first shift.

    The W mass is uniform inside a cell of its quantile table; wide cells are subdivided.
    """
    nodes = component.mass_quantiles
    pieces = np.ceil(np.abs(np.diff(np.log(nodes))) / (0.5 * LOG_CELL)).astype(np.int64).clip(1, 4000)
    cell = np.repeat(np.arange(pieces.size), pieces)
    inside = (np.arange(cell.size) - np.repeat(np.cumsum(pieces) - pieces, pieces) + 0.5) / pieces[cell]
    mass = nodes[cell] + inside * (nodes[cell + 1] - nodes[cell])
    keep = (mass > component.m4) & (np.log(mass) >= log_masses[0])
    mass, probability = mass[keep], (1.0 / (pieces[cell] * pieces.size))[keep]
    r = (component.m4 / mass) ** 2
    probability *= 0.375 / (1.0 + 0.5 * r)
    shift = np.log(0.5 * mass * (1.0 - r)) / LOG_CELL
    in_reach = shift > np.log(1e-3) / LOG_CELL
    mass, probability, r, shift = mass[in_reach], probability[in_reach], r[in_reach], shift[in_reach]
    first_shift, fraction = int(np.floor(shift.min())), shift - np.floor(shift)
    index = np.floor(shift).astype(np.int64) - first_shift
    n_shifts = int(index.max()) + 2
    weights = np.zeros((log_masses.size, 2, n_shifts))
    start, lagrange = _lagrange(np.log(mass), log_masses)
    for k in range(lagrange.shape[0]):
        for term, angular in enumerate((probability, probability * r)):
            for step, share in enumerate((1.0 - fraction, fraction)):
                flat = (start + k) * n_shifts + index + step
                total = np.bincount(flat, lagrange[k] * angular * share, minlength=log_masses.size * n_shifts)
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


@njit(cache=True, nogil=True)
def _convolve(out, weights, density, offset):  # type: ignore[no-untyped-def]
    """Add weights[node, term, shift] * density[replica, node, term, i + offset - shift] to out[replica, i]."""
    n_cells = density.shape[3]
    for node in range(weights.shape[0]):
        for shift in range(weights.shape[2]):
            w0 = weights[node, 0, shift]
            w1 = weights[node, 1, shift]
            if w0 == 0.0 and w1 == 0.0:
                continue
            start = max(0, shift - offset)
            stop = min(out.shape[1], n_cells + shift - offset)
            for replica in range(out.shape[0]):
                first = density[replica, node, 0]
                second = density[replica, node, 1]
                for i in range(start, stop):
                    j = i + offset - shift
                    out[replica, i] += w0 * first[j] + w1 * second[j]


@lru_cache(maxsize=8)
def _response(
    sqrt_s_TeV: float, charge: int, pdf_set: str, eta_max: float, pt_low: float, grid: IntegrationGrid
) -> AngularResponse:
    component = w_component(sqrt_s_TeV, charge, 0.0, pdf_set)
    masses = mass_nodes(max(0.55 * pt_low, component.rapidity_masses[0]), component.rapidity_masses[-1], M_W)
    return angular_response(component, masses, eta_max, pt_low, grid)


@lru_cache(maxsize=32)
def _matrix_of(selection: LeptonSelection, edges: tuple[float, ...]) -> Array:
    return smearing_matrix(edges, selection.edges, selection.resolution, selection.efficiency)


def _matrix(selection: LeptonSelection, truth_edges: Sequence[float] | Array) -> Array:
    return _matrix_of(selection, tuple(float(edge) for edge in truth_edges))
