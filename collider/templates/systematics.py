"""Templates of a measurement, and how each nuisance shifts them: the same computation with another argument.

A shift by one standard deviation is computed at the same integration points as the nominal template and taken to
be linear in the nuisance parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from collider.decay.radiation import FinalStateRadiation
from collider.experiments.measurement import PB_PER_INVFB, Measurement
from collider.experiments.nuisances import Nuisance
from collider.experiments.selection import LeptonSelection, Recoil
from collider.production.w_production import M_W
from collider.templates.angular_response import IntegrationGrid
from collider.templates.template import Template, WTables, lepton_template
from nucore.errors import InputError
from nucore.run.stages import stage
from nucore.run.threads import local_map

Array = NDArray[np.float64]

#: Kinds that change rates, not the shape of a spectrum.
RATE_KINDS = ("normalisation", "luminosity", "lepton_efficiency")
#: Kinds that change the response to the lepton alone: they share the integration of the nominal template.
_RESPONSE_KINDS = ("lepton_scale", "lepton_resolution", "efficiency_slope", "efficiency_curvature", "fsr")
#: The integration of all other kinds, with fewer points, W masses and cells: a shift, between templates at its points,
#: is off by 1% of its maximum at most, or by less than 1e-4 of a bin (the primordial kT, which moves none by more than
#: 1e-3, by 7%).
SHIFT_GRID = IntegrationGrid(n_angles=24, n_across=8, n_tail=8, n_nodes=41, n_replicas=1, refinement=0.4, log_cell=0.01)
#: Change of the W mass, GeV, that 1 of the free parameter ``m_W`` stands for.
M_W_STEP_GEV = 0.02


@dataclass(frozen=True)
class Inputs:
    """What templates of W -> l nu are computed from, but for the mass of the neutral lepton."""

    tables: WTables
    selection: LeptonSelection


@dataclass(frozen=True, eq=False)
class Shapes(Template):
    """Expected events of W -> l nu4 in the fitted bins, at |U_l4|^2 = 1, and their shifts.

    Attributes
    ----------
    replicas : float64[n_replicas, n]
        As in `Template`.
    shifts : mapping of float64[n]
        By nuisance, for one standard deviation.
    m_W_slope : float64[n] or None
        Change for `M_W_STEP_GEV` more W mass.
    """

    shifts: Mapping[str, Array]
    m_W_slope: Array | None = None

    def scaled(self, factor: Array) -> Shapes:
        """Return the same with each bin multiplied by a factor, shape (n,)."""
        shifts = {name: factor * shift for name, shift in self.shifts.items()}
        return Shapes(factor * self.replicas, shifts, None if self.m_W_slope is None else factor * self.m_W_slope)


def shapes(measurement: Measurement, m4: float, m_W: float = M_W) -> Shapes:
    """Compute the expected events of a measurement with their shifts.

    Parameters
    ----------
    measurement : Measurement
        Which nuisances there are, and how large.
    m4 : float
        Mass of the neutral lepton, GeV; 0 for the light neutrino.
    m_W : float
        GeV.
    """
    inputs = nominal_inputs(measurement, m_W)
    varied = [n for n in measurement.nuisances if n.kind not in RATE_KINDS]
    own_grid = any(n.kind not in _RESPONSE_KINDS for n in varied)
    of = "the Standard Model" if m4 == 0.0 else f"m4 = {m4:g} GeV"
    steps = 1 + own_grid + len(varied) + measurement.options.float_mw
    with stage(f"templates of {of}", steps) as advance:
        nominal = coarse = _replicas(measurement, inputs, m4)
        advance(1)
        if own_grid:
            coarse = _replicas(measurement, inputs, m4, SHIFT_GRID)
            advance(1)

        def shift(n: Nuisance) -> Array:
            same, grid = (nominal, None) if n.kind in _RESPONSE_KINDS else (coarse, SHIFT_GRID)
            found = _shift(measurement, inputs, n, m4, same[0], grid)
            advance(1)
            return found

        shifts = dict(zip((n.name for n in varied), local_map(shift, varied), strict=True))
        slope = None
        if measurement.options.float_mw:
            moved = [
                replace(inputs, tables=replace(inputs.tables, m_W=m_W + step)) for step in (M_W_STEP_GEV, -M_W_STEP_GEV)
            ]
            up, down = (_replicas(measurement, one, m4, SHIFT_GRID)[0] for one in moved)
            slope = 0.5 * (up - down)
            advance(1)
    return Shapes(nominal, shifts, slope)


def values_at(measurement: Measurement, m4: float, m_W: float) -> Array:
    """Return the expected events in the fitted bins for a W mass, shape (n,), without shifts."""
    return np.asarray(_replicas(measurement, nominal_inputs(measurement, m_W), m4).mean(axis=0))


def nominal_inputs(measurement: Measurement, m_W: float = M_W) -> Inputs:
    """Inputs of the nominal templates; the charge in the tables is that of the W+."""
    experiment, spin = measurement.experiment, measurement.options.spin_model
    tables = WTables(experiment.sqrt_s_TeV, 1, beams=experiment.beams, m_W=m_W, spin=spin)
    return Inputs(tables, measurement.lepton_selection)


def all_bins(measurement: Measurement, inputs: Inputs, m4: float, grid: IntegrationGrid | None = None) -> Array:
    """Return the expected events in all bins of a measurement, one row a replica, shape (n_replicas, n_all_bins)."""
    return add_charges(measurement, inputs.tables, lambda t: lepton_template(t, m4, inputs.selection, grid).replicas)


def add_charges(measurement: Measurement, tables: WTables, template: Callable[[WTables], Array]) -> Array:
    """Return the expected events in all bins of a measurement from the cross sections (pb) of each charge.

    Parameters
    ----------
    measurement : Measurement
    tables : WTables
        Of any charge.
    template : callable (WTables) -> float64[n_rows, n_bins]

    Returns
    -------
    float64[n_rows, n_all_bins]
    """
    groups = []
    for charges in measurement.charge_groups:
        first, *others = [template(replace(tables, charge=charge)) for charge in charges]
        groups.append(sum(others, start=first))
    return PB_PER_INVFB * measurement.luminosity_invfb * np.concatenate(groups, axis=1)


def _replicas(measurement: Measurement, inputs: Inputs, m4: float, grid: IntegrationGrid | None = None) -> Array:
    return measurement.fitted_bins(all_bins(measurement, inputs, m4, grid))


def _shift(
    measurement: Measurement,
    inputs: Inputs,
    nuisance: Nuisance,
    m4: float,
    nominal: Array,
    grid: IntegrationGrid | None,
) -> Array:
    """Return the change of the expected events for one standard deviation.

    Of the replicas of a template the first is enough: the nominal one has the same points.
    """
    changed, factor = varied_inputs(inputs, nuisance)
    return np.asarray(factor * (_replicas(measurement, changed, m4, grid)[0] - nominal))


def varied_inputs(inputs: Inputs, nuisance: Nuisance) -> tuple[Inputs, float]:
    """Return the inputs that a nuisance changes, and the factor on the difference they make."""
    size, tables, selection = nuisance.size, inputs.tables, inputs.selection
    factor = size if nuisance.kind in ("w_pt", "pdf", "parton_shower_spin") else 1.0
    match nuisance.kind:
        case "w_pt":
            tables = replace(tables, w_pt=str(nuisance.variation))
        case "pdf":
            tables = replace(tables, pdf_set=str(nuisance.variation))
        case "spin_A0" | "spin_A1" | "spin_A2" | "spin_A3" | "spin_A4":
            name = nuisance.kind.removeprefix("spin_")
            tables = replace(tables, spin=replace(tables.spin, **{name: getattr(tables.spin, name) + size}))
        case "parton_shower_spin":
            tables = replace(tables, spin=replace(tables.spin, shower=1.0))
        case "m_W":
            tables = replace(tables, m_W=tables.m_W + size)
        case "gamma_W":
            tables = replace(tables, gamma_W=tables.gamma_W + size)
        case "lepton_scale":
            selection = replace(selection, scale=selection.scale + size)
        case "lepton_resolution":
            selection = replace(selection, resolution=selection.resolution.scaled(1.0 + size))
        case "efficiency_slope":
            selection = replace(selection, efficiency_slope=selection.efficiency_slope + size)
        case "efficiency_curvature":
            selection = replace(selection, efficiency_curvature=selection.efficiency_curvature + size)
        case "fsr":
            assert isinstance(selection.fsr, FinalStateRadiation)  # the nuisance applies to nothing else
            stronger = replace(selection.fsr, strength=selection.fsr.strength * (1.0 + size))
            selection = replace(selection, fsr=stronger)
        case "recoil_response":
            selection = replace(selection, recoil=_scaled(selection.recoil, size, "response", "response_rise"))
        case "recoil_resolution":
            wider = _scaled(selection.recoil, size, "resolution_GeV", "resolution_slope")
            selection = replace(selection, recoil=wider)
        case "recoil_spread":
            selection = replace(selection, recoil=_scaled(selection.recoil, size, "resolution_spread"))
        case _:
            raise InputError(f"nuisance {nuisance.name} changes no template")
    return Inputs(tables, selection), factor


def _scaled(recoil: Recoil | None, size: float, *names: str) -> Recoil:
    assert recoil is not None  # the nuisances apply to nothing else
    return recoil.model_copy(update={name: (1.0 + size) * getattr(recoil, name) for name in names})
