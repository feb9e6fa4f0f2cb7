r"""Z/gamma* -> l l with one lepton that is not seen: it looks like W -> l nu.

The lepton pT spectrum, with the other lepton outside the detector, is integrated over mass, transverse momentum and
decay angles of the pair with points that have random shifts; the rapidity exactly (`z_kernel`).  Resolution,
radiation and cuts then act as on a W.  A lost lepton leaves nothing in the recoil, so that the recoil is that of a W
of the same transverse momentum, and missing momentum and transverse mass follow from the one lepton and the recoil.
This holds for muons; an electron outside the tracker but inside the calorimeter becomes part of the recoil, which then
balances the other one, so that cuts on the missing momentum remove the event: for electrons
``seen_abs_eta_max`` is the end of the calorimeter.

Production is that of `neutral_current`, with the angular coefficients of `z_spin`; the transverse momentum of the pair
is taken from the tables of the W (mean of the two charges), whatever the mass of the pair; lighter pairs than 40 GeV,
which would get too much of it, are left out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid

from collider.backgrounds.z_kernel import fill_lost
from collider.experiments.selection import LeptonSelection
from collider.production.luminosity import LuminosityTable, charge_index, load_table
from collider.production.neutral_current import differential_cross_section, mass_spectrum, z_k_factor
from collider.production.quantiles import quantile_nodes
from collider.production.spin import PT_RATIO, RAPIDITY_MAX
from collider.production.w_pt import pt_rows, row_shares
from collider.production.z_spin import Z_PT_STEP, z_table
from collider.templates.folding import truth_window
from collider.templates.recoil_acceptance import RecoilModes, recoil_modes
from collider.templates.template import Template, WTables, fold
from collider.templates.truth_spectrum import LogCells, TruthTemplate
from nucore.run.stored import stored_array
from nucore.run.threads import local_map

Array = NDArray[np.float64]

#: Points of the integration in transverse momentum and azimuth, masses, polar angles, and independent repetitions.
N_POINTS, N_MASSES, N_COSINES, N_REPLICAS = 1024, 256, 32, 4
#: Each point takes every so many-th of the masses.
MASS_STRIDE = 16
#: Width of the cells of the true lepton pT, in ln pT.
LOG_CELL = 0.0025
#: Cells of the rapidity distribution.
N_RAPIDITY = 256
#: Masses of the pair considered, GeV.
MASS_RANGE_GEV = (40.0, 1500.0)
_N_MASS_QUANTILES = 2049


def z_template(
    tables: WTables, selection: LeptonSelection, seen_abs_eta_max: float, seen_pt_min_GeV: float = 0.0, seed: int = 1
) -> Template:
    """Return the cross section (pb) of Z/gamma* -> l l with a lost lepton in the bins of a selection.

    Parameters
    ----------
    tables : WTables
        Energy, beams, PDF set, model of the transverse momentum; ``charge`` is that of the measured lepton.
    selection : LeptonSelection
    seen_abs_eta_max, seen_pt_min_GeV : float
        The other lepton is seen below this |eta| and above this transverse momentum, and the event not taken for a W.
    seed : int
        Of the random shifts of the points.
    """
    arguments = (tables, selection, float(seen_abs_eta_max), float(seen_pt_min_GeV), seed)

    def replicas() -> Array:
        return fold(z_truth_template(*arguments), selection).replicas

    return Template(stored_array("z_template", arguments, replicas) if tables.shipped else replicas())


def z_truth_template(
    tables: WTables, selection: LeptonSelection, seen_abs_eta_max: float, seen_pt_min_GeV: float = 0.0, seed: int = 1
) -> TruthTemplate:
    """Return the spectrum of the true pT of the measured lepton from which ``selection`` is measured."""
    both = _both_charges(replace(tables, charge=1), selection, float(seen_abs_eta_max), float(seen_pt_min_GeV), seed)
    return both[charge_index(tables.charge)]


@lru_cache(maxsize=16)
def _both_charges(
    tables: WTables, selection: LeptonSelection, seen_abs_eta_max: float, seen_pt_min_GeV: float, seed: int
) -> tuple[TruthTemplate, ...]:
    """Return the spectra of positive and negative leptons, whatever the charge of the tables."""
    low, high = truth_window(selection)
    cells = LogCells.between(low, high, LOG_CELL)
    modes = recoil_modes(selection)
    positive, negative = (pt_rows(tables.sqrt_s_TeV, charge, tables.w_pt, tables.beams) for charge in (1, -1))
    rows = 0.5 * (positive + negative)
    eta_edges = np.asarray(selection.response_eta_edges, dtype=np.float64)
    seen = (min(seen_abs_eta_max, 1e3), seen_pt_min_GeV)

    def fill(replica: int) -> Array:
        shifts = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(replica,))).random(4)
        points = _points(rows, modes, shifts[0], shifts[1])
        nodes = _mass_nodes(tables, low, rows.shape[0], shifts[2])
        content = np.zeros((2, cells.n, eta_edges.size - 1, points[-1].shape[2]))
        fill_lost(
            content, cells.first, cells.step, *points, *nodes, (PT_RATIO, Z_PT_STEP, RAPIDITY_MAX), eta_edges,
            seen, MASS_STRIDE, N_COSINES, shifts[3],
        )  # fmt: skip
        return np.moveaxis(content, 1, -1)

    replicas = np.stack(local_map(fill, range(N_REPLICAS), "leptons of Z bosons"), axis=1) * z_k_factor(
        tables.sqrt_s_TeV, tables.beams
    )
    return tuple(TruthTemplate(of_charge, cells) for of_charge in replicas)


def _points(rows: Array, modes: RecoilModes | None, shift_pt: float, shift_azimuth: float) -> tuple[Array, ...]:
    """Return transverse momenta, azimuths, weights of the rows and modes as `fill_lost` takes them.

    Points are spread evenly in azimuth and, but for fewer in the tail, in the probability of the transverse momentum.
    """
    n = N_POINTS
    uniform, reference = np.linspace(0.0, 1.0, rows.shape[1]), rows.mean(axis=0)

    def momentum(v: Array) -> Array:
        return np.asarray(np.interp(1.0 - (1.0 - np.clip(v, 0.0, 1.0)) ** 2, uniform, reference))

    boson_pt = momentum((np.arange(n) + shift_pt) / n)
    borders = momentum((np.arange(n + 1) + shift_pt - 0.5) / n)
    borders[0], borders[-1] = 0.0, np.inf
    weights = np.diff([np.interp(borders, row, uniform, left=0.0) for row in rows], axis=1).T
    golden = 0.5 * (np.sqrt(5.0) - 1.0)
    azimuths = 2.0 * np.pi * ((np.arange(n) * golden + shift_azimuth) % 1.0)
    factors = np.ones((n, 1, 1)) if modes is None else modes.at_boson(boson_pt)
    return boson_pt, azimuths, np.ascontiguousarray(weights), factors


def _mass_nodes(tables: WTables, pt_low: float, n_rows: int, shift: float) -> tuple[Array, ...]:
    """Return masses, rates, rapidity distributions and angular coefficients as `fill_lost` takes them.

    Masses are where leptons above ``pt_low`` come from; rates add up to the cross section at fixed order.
    """
    table = load_table(tables.sqrt_s_TeV, tables.pdf_set, tables.beams)
    fine, rate = _mass_spectrum(tables.sqrt_s_TeV, tables.pdf_set, tables.beams)
    # pairs lighter than 2 pt_low pass by their transverse momentum only
    importance = np.minimum(fine / (2.0 * pt_low), 1.0) ** 3
    quantiles = quantile_nodes(fine, rate * importance, _N_MASS_QUANTILES)
    masses = np.interp((np.arange(N_MASSES) + shift) / N_MASSES, np.linspace(0.0, 1.0, quantiles.size), quantiles)
    total = trapezoid(rate * importance, fine)
    rates = total / N_MASSES / np.interp(masses, fine, importance)
    densities = np.stack([_rapidity_densities(table, float(mass), n_rows) for mass in masses])
    y_max = table.maximal_rapidity(masses)
    coefficients = z_table(tables.sqrt_s_TeV, tables.pdf_set, tables.beams, tables.spin.order, masses)
    return masses, rates, densities, -y_max, np.asarray(0.5 * N_RAPIDITY / y_max), coefficients


@lru_cache(maxsize=16)
def _mass_spectrum(sqrt_s_TeV: float, pdf_set: str, beams: str) -> tuple[Array, Array]:
    return mass_spectrum(load_table(sqrt_s_TeV, pdf_set, beams), *MASS_RANGE_GEV)


def _rapidity_densities(table: LuminosityTable, mass: float, n_rows: int) -> Array:
    """Return the distribution of the rapidity in cells, [n_rows, N_RAPIDITY], as `fill_lost` takes it."""
    y_max = float(table.maximal_rapidity(mass))
    y = np.linspace(-y_max, y_max, N_RAPIDITY + 1)
    centres = 0.5 * (y[1:] + y[:-1])
    even, _ = differential_cross_section(table, mass, centres)
    even = even + even[::-1]
    return even / even.sum() * row_shares(centres, n_rows)
