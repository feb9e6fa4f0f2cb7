"""Templates of pp -> W -> l nu4 and l nu without Monte Carlo noise: lepton pT, transverse mass, missing momentum.

A template is the integral over the W mass of the distributions of `collider.templates.angular_response`, each shifted
in ln pT by the ln of the lepton momentum in the W rest frame (`templates.truth_spectrum`); radiation, resolution, cuts
and binning then act on the fine ln pT grid as a matrix (`templates.folding`).  The production tables are those the
event generator samples from (`w_production.WComponent`), so both describe the same model.  Every nu4 mass uses
the same response, so differences between templates carry no independent noise.

The numerical uncertainty is the scatter of independent replicas of the integration, with other random offsets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from collider.experiments.selection import Cuts, LeptonSelection
from collider.production.luminosity import load_table
from collider.production.partons import DEFAULT_PDF_SET, pdf_sets
from collider.production.spin import DEFAULT_SPIN, SpinModel
from collider.production.w_production import GAMMA_W, M_W, WComponent, WRate, w_component, w_rate
from collider.templates.angular_response import (
    COARSE_GRID,
    AngularResponse,
    IntegrationGrid,
    mass_nodes,
    response_of,
    response_steps,
)
from collider.templates.folding import fold_cells, truth_window
from collider.templates.recoil_acceptance import recoil_modes
from collider.templates.truth_spectrum import TruthTemplate, truth_spectrum
from nucore.run.stored import stored_array
from nucore.smearing import Efficiency, Resolution

Array = NDArray[np.float64]

_RESPONSE_LOCKS: dict[tuple[object, ...], Lock] = {}


@dataclass(frozen=True, eq=False)
class Template:
    """Expected content of bins with its numerical uncertainty.

    Attributes
    ----------
    replicas : float64[n_replicas, n]
        Content of each bin, one row for each repetition of the integration with other offsets; the bins of the
        observable run fastest.
    """

    replicas: Array

    @property
    def values(self) -> Array:
        """Content of each bin, shape (n,): the mean of the replicas."""
        return np.asarray(self.replicas.mean(axis=0))

    @property
    def variances(self) -> Array:
        """Numerical variance of ``values``, shape (n,)."""
        return np.asarray(self.replicas.var(axis=0, ddof=1) / self.replicas.shape[0])


@dataclass(frozen=True)
class WTables:
    """Which production tables to use: the arguments of `collider.production.w_production.w_component` but m4.

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
    spin : SpinModel
        Of the angular coefficients.
    """

    sqrt_s_TeV: float
    charge: int
    beams: Literal["pp", "ppbar"] = "pp"
    pdf_set: str = DEFAULT_PDF_SET
    m_W: float = M_W
    gamma_W: float = GAMMA_W
    w_pt: str = "nominal"
    spin: SpinModel = DEFAULT_SPIN

    @property
    def shipped(self) -> bool:
        """Whether all data are part of the package."""
        return self.pdf_set in pdf_sets()

    def component(self, m4: float) -> WComponent:
        """Return the tables of pp -> W -> l nu4 at nu4 mass ``m4`` (GeV), 0 for the light neutrino."""
        return w_component(
            self.sqrt_s_TeV, self.charge, float(m4), self.pdf_set, self.m_W, self.gamma_W, self.w_pt, self.beams,
            self.spin,
        )  # fmt: skip

    def rate(self, m4: float) -> WRate:
        """Return the rate at nu4 mass ``m4`` (GeV), 0 for the light neutrino."""
        return w_rate(self.sqrt_s_TeV, self.charge, float(m4), self.pdf_set, self.m_W, self.gamma_W, self.beams)


@lru_cache(maxsize=256)
def lepton_template(
    tables: WTables, m4: float, selection: LeptonSelection, grid: IntegrationGrid | None = None
) -> Template:
    """Return the cross section (pb, over |U_l4|^2) in bins of the measured observable.

    Parameters
    ----------
    tables : WTables
    m4 : float
        Mass of the neutral lepton, GeV; 0 for the light neutrino.
    selection : LeptonSelection
    grid : IntegrationGrid, optional
        By default one whose relative error per bin is of the order of 1e-4, and 1e-3 in the tails of a heavy nu4.
    """

    def replicas() -> Array:
        return fold(truth_template(tables, m4, selection, grid), selection).replicas

    if not tables.shipped:
        return Template(replicas())
    return Template(stored_array("lepton_template", (tables, float(m4), selection, grid), replicas))


def truth_template(
    tables: WTables, m4: float, selection: LeptonSelection, grid: IntegrationGrid | None = None
) -> TruthTemplate:
    """Return the spectrum of the true lepton pT (pb, over |U_l4|^2) from which ``selection`` is measured.

    Selections that differ in efficiency, scale, radiation and, unless it changes much, resolution share it.

    Parameters
    ----------
    tables, m4, selection, grid
        As in `lepton_template`.
    """
    low, high = truth_window(selection)
    geometry = _geometry(selection)
    if grid is None:
        grid = IntegrationGrid() if recoil_modes(geometry) is None else COARSE_GRID
    return _truth(tables, float(m4), geometry, low, high, grid)


def fold(truth: TruthTemplate, selection: LeptonSelection) -> Template:
    """Return what is measured of a spectrum: radiation, resolution, scale, efficiency, cuts and bins.

    Parameters
    ----------
    truth : TruthTemplate
        Of this selection or of one with the same |eta| bins and regions, recoil and cuts.
    selection : LeptonSelection
    """
    binned = fold_cells(truth, selection)
    return Template(binned.reshape(binned.shape[0], -1))


def _geometry(selection: LeptonSelection) -> LeptonSelection:
    """Return what of a selection enters the angular integration: |eta| bins, and the recoil where it matters."""
    bare = replace(
        selection, eta_edges=selection.response_eta_edges, resolution=Resolution(), resolution_regions=(),
        efficiency=Efficiency(), efficiency_slope=0.0, efficiency_curvature=0.0, scale=0.0, fsr=None,
    )  # fmt: skip
    if recoil_modes(selection) is not None:
        return bare
    return replace(bare, edges=(1.0, 2.0), recoil=None, cuts=Cuts())


@lru_cache(maxsize=64)
def _truth(
    tables: WTables, m4: float, geometry: LeptonSelection, low: float, high: float, grid: IntegrationGrid
) -> TruthTemplate:
    shared = replace(tables, m_W=M_W, gamma_W=GAMMA_W), geometry, low, grid
    with _RESPONSE_LOCKS.setdefault(shared, Lock()):  # what several threads need is computed once
        response = _response(*shared)
    return truth_spectrum(tables.rate(m4), response, low, high)


@lru_cache(maxsize=64)
def _response(tables: WTables, geometry: LeptonSelection, pt_low: float, grid: IntegrationGrid) -> AngularResponse:
    table, eta_edges = load_table(tables.sqrt_s_TeV, tables.pdf_set, tables.beams), geometry.eta_edges
    lowest = max(0.55 * pt_low, float(table.masses[0]))
    masses = mass_nodes(lowest, float(table.masses[-1]), M_W, grid.refinement)

    def steps() -> NDArray[np.float32]:
        return response_steps(tables.component(0.0), masses, eta_edges, pt_low, grid, recoil_modes(geometry))

    known = stored_array("response_steps", (tables, geometry, pt_low, grid), steps) if tables.shipped else steps()
    return response_of(known, masses, len(eta_edges) - 1, pt_low, grid)
