"""Backgrounds of a measurement as samples of its likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from collider.backgrounds.multijet import multijet_events
from collider.backgrounds.z_background import z_template
from collider.decay.radiation import FinalStateRadiation
from collider.decay.tau_background import LeptonicTauDecay
from collider.experiments.cards import Background, LostLepton, Multijet
from collider.experiments.measurement import MULTIJET_SHAPE, Measurement
from collider.production.w_production import M_W
from collider.templates.angular_response import IntegrationGrid
from collider.templates.systematics import SHIFT_GRID, Inputs, add_charges, all_bins, nominal_inputs
from collider.templates.template import WTables

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BackgroundSample:
    """One background in the fitted bins.

    Attributes
    ----------
    name : str
    values : float64[n]
        Expected events.
    uncertainty : float
        Relative, of the rate.
    of_luminosity : bool
        Whether the rate is proportional to the luminosity, as is one not measured with the data.
    shifts : mapping of float64[n]
        Changes of the shape for one standard deviation, by nuisance.
    """

    name: str
    values: Array
    uncertainty: float
    of_luminosity: bool
    shifts: Mapping[str, Array] = field(default_factory=dict)

    @property
    def nuisance(self) -> str:
        """Name of the nuisance of the rate."""
        return f"background_{self.name}"


def expected_backgrounds(measured: Measurement, m_W: float = M_W) -> Array:
    """Return the expected events of all backgrounds in the data's bins, excluded ones empty, for pseudo-data; to 1%."""
    result = np.zeros(measured.kept.size)
    if measured.has_backgrounds:
        light = measured.fitted_bins(all_bins(measured, nominal_inputs(measured, m_W), 0.0, SHIFT_GRID)[0])
        samples = background_samples(measured, light, m_W, SHIFT_GRID)
        result[measured.kept] = np.sum([sample.values for sample in samples], axis=0)
    return result


def background_samples(
    measured: Measurement, light: Array, m_W: float = M_W, grid: IntegrationGrid | None = None
) -> tuple[BackgroundSample, ...]:
    """Return the backgrounds of a measurement.

    Parameters
    ----------
    measured : Measurement
    light : float64[n]
        Expected W -> l nu in the fitted bins, to which the card may refer.
    m_W : float
        GeV.
    grid : IntegrationGrid, optional
        Of the decays W -> tau nu.
    """
    given = measured.selection.backgrounds
    found = []
    if given.tau is not None:
        found.append(_of_rate("tau", given.tau, _tau_events(measured, m_W, grid), light))
    if given.z is not None:
        found.append(_of_rate("z", given.z, _z_events(given.z, measured), light))
    if given.multijet is not None:
        found.append(_multijet(given.multijet, measured, light))
    return tuple(found)


def _of_rate(name: str, card: Background, computed: Array, light: Array) -> BackgroundSample:
    """Return a computed background, scaled if the card has its fraction."""
    scale = 1.0 if card.fraction is None else card.fraction * light.sum() / computed.sum()
    return BackgroundSample(name, scale * computed, card.uncertainty, card.fraction is None)


def _tau_events(measured: Measurement, m_W: float, grid: IntegrationGrid | None) -> Array:
    """Return the expected leptons of W -> tau nu."""
    inputs = nominal_inputs(measured, m_W)
    radiation = inputs.selection.fsr
    assert radiation is None or isinstance(radiation, FinalStateRadiation)  # selections of a card
    decay = LeptonicTauDecay(measured.flavour, radiation)  # type: ignore[arg-type]
    changed = Inputs(inputs.tables, replace(inputs.selection, fsr=decay))
    return decay.branching_ratio * measured.fitted_bins(all_bins(measured, changed, 0.0, grid).mean(axis=0))


def _z_events(card: LostLepton, measured: Measurement) -> Array:
    """Return the expected leptons of Z -> l l with a lost lepton."""
    selection = measured.lepton_selection
    seen = dict(card.seen_abs_eta_max).get(measured.flavour, selection.eta_edges[-1])  # type: ignore[call-overload]

    def template(tables: WTables) -> Array:
        return z_template(tables, selection, seen, card.seen_pt_min_GeV).values[None]

    return measured.fitted_bins(add_charges(measured, nominal_inputs(measured).tables, template)[0])


def _multijet(card: Multijet, measured: Measurement, light: Array) -> BackgroundSample:
    """Return an exponential in each charge and |eta| bin, its slope the shape nuisance."""
    edges, slope, uncertainty = measured.selection.edges, card.slope_per_GeV, card.slope_uncertainty_per_GeV
    values = multijet_events(light, edges, card.fraction, slope)
    shifts = {}
    if uncertainty > 0.0:
        up, down = (multijet_events(light, edges, card.fraction, slope + s) for s in (uncertainty, -uncertainty))
        shifts[MULTIJET_SHAPE] = 0.5 * (up - down)
    return BackgroundSample("multijet", values, card.uncertainty, False, shifts)
