"""Weights that give the W bosons of a simulation our rapidity, transverse momentum, mass and decay angles.

The weight of an event is the ratio of our density and that of the simulation at its W, the latter counted in cells of
signed rapidity and transverse momentum and in slices of mass, times the ratio of the decay densities at its angles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collider.decay.w_decay import decay_density
from collider.production.shower_spin import shower_coefficients
from collider.production.w_production import M_W, WComponent
from collider.production.w_pt import PT_SCALE_GEV, row_shares

Array = NDArray[np.float64]
Sample = dict[str, NDArray[np.float32]]

RAPIDITY_EDGES = np.linspace(-5.0, 5.0, 101)
PT_EDGES_GEV = np.append(PT_SCALE_GEV * np.expm1(np.linspace(0.0, np.log1p(250.0 / PT_SCALE_GEV), 61)), np.inf)
MASS_EDGES_GEV = np.concatenate([[40.0, 50.0, 60.0, 70.0], np.arange(75.0, 86.1, 0.5), [90.0, 100.0, 120.0, 300.0]])
#: Where the simulated decay has (almost) no events none can be had by weights: least decay density, and largest weight.
LEAST_DENSITY, LARGEST_WEIGHT = 1e-3, 20.0


@dataclass(frozen=True, eq=False)
class Cells:
    """W bosons by signed rapidity and transverse momentum, and by mass; shares of all inside the edges.

    Attributes
    ----------
    production : float64[n_y, n_pt]
        y is counted along the axis ``up``.
    mass : float64[n_mass]
    """

    production: Array
    mass: Array

    def __truediv__(self, other: Cells) -> Cells:
        """Ratio of the shares, 1 where the other has none."""
        return Cells(_ratio(self.production, other.production), _ratio(self.mass, other.mass))

    def at(self, sample: Sample) -> Array:
        """Values at events, float64[n]: that of production times that of the mass."""
        i, j, k = _indices(sample)
        return np.asarray(self.production[i, j] * self.mass[k])


def simulated_cells(samples: Iterable[Sample]) -> Cells:
    """Return the shares of simulated W bosons of one charge."""
    production = np.zeros((RAPIDITY_EDGES.size - 1, PT_EDGES_GEV.size - 1))
    mass = np.zeros(MASS_EDGES_GEV.size - 1)
    for sample in samples:
        i, j, k = _indices(sample)
        production += np.bincount(i * production.shape[1] + j, minlength=production.size).reshape(production.shape)
        mass += np.bincount(k, minlength=mass.size)
    return Cells(production / production.sum(), mass / mass.sum())


def expected_cells(component: WComponent) -> Cells:
    """Return the shares of our W bosons; rapidity and transverse momentum are those at the W mass."""
    row = int(np.abs(np.log(component.rapidity_masses / M_W)).argmin())
    quantiles = component.rapidity_quantiles[row]
    cumulative = np.interp(RAPIDITY_EDGES, quantiles, np.linspace(0.0, 1.0, quantiles.size))
    in_y = np.diff(cumulative)
    in_abs_y = in_y + in_y[::-1]
    centre = 0.5 * (RAPIDITY_EDGES[1:] + RAPIDITY_EDGES[:-1])
    rows = component.pt_rows
    steps = np.linspace(0.0, 1.0, rows.shape[1])
    in_pt = np.diff([np.interp(PT_EDGES_GEV, one, steps) for one in rows], axis=1)
    in_pt = row_shares(centre, rows.shape[0]).T @ in_pt
    pt = np.append(0.5 * (PT_EDGES_GEV[1:-1] + PT_EDGES_GEV[:-2]), PT_EDGES_GEV[-2])
    share = component.spin(M_W, pt[None, :], centre[:, None])[5]
    masses = component.mass_quantiles
    in_mass = np.diff(np.interp(MASS_EDGES_GEV, masses, np.linspace(0.0, 1.0, masses.size)))
    production = in_abs_y[:, None] * in_pt * share
    return Cells(production / production.sum(), in_mass / in_mass.sum())


def decay_weights(sample: Sample, component: WComponent, sqrt_s_TeV: float, beams: str = "pp") -> Array:
    """Return our decay density over that of Pythia's coefficients at the decay angles of events, float64[n]."""
    mass, pt = (sample[name].astype(np.float64) for name in ("w_mass", "w_pt"))
    y = sample["up"] * sample["w_rapidity"].astype(np.float64)
    angles = sample["cos_theta"].astype(np.float64), sample["phi"].astype(np.float64)
    theirs = shower_coefficients(sqrt_s_TeV, component.charge, pt / mass, y, beams)
    density = np.maximum(decay_density(*angles, theirs, 0.0), LEAST_DENSITY)
    ours = np.maximum(decay_density(*angles, component.spin(mass, pt, y)[:5], 0.0), 0.0)
    return np.asarray(np.minimum(ours / density, LARGEST_WEIGHT))


def _indices(sample: Sample) -> tuple[NDArray[np.int64], ...]:
    values = (sample["up"] * sample["w_rapidity"], sample["w_pt"], sample["w_mass"])
    edges = (RAPIDITY_EDGES, PT_EDGES_GEV, MASS_EDGES_GEV)
    found = (np.searchsorted(e, v, side="right") - 1 for e, v in zip(edges, values, strict=True))
    return tuple(np.clip(i, 0, e.size - 2) for i, e in zip(found, edges, strict=True))


def _ratio(numerator: Array, denominator: Array) -> Array:
    return np.where(denominator > 0.0, numerator / np.where(denominator > 0.0, denominator, 1.0), 1.0)
