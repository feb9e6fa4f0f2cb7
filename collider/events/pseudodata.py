"""Pseudo-data of pp -> W -> l nu: the mixture of light neutrinos and nu4 that a parameter point says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.backgrounds.background_samples import expected_backgrounds
from collider.events.generator import EventChoice, Generation, prepare
from collider.events.les_houches import les_houches_run, write_les_houches
from collider.events.sample import WSample
from collider.experiments.measurement import AnalysisOptions, Measurement, measurement
from collider.experiments.response import Experiment
from collider.production.w_production import WComponent, w_component
from nucore.errors import InputError
from nucore.events import GenerateResult, check_count
from nucore.histograms import Spectrum
from nucore.io.lhe import is_lhe
from nucore.model.parameters import PortalParameters
from nucore.pseudodata import Counts, Output, Piece, produce
from nucore.rng import Stream, generator
from nucore.run.job import Job
from nucore.run.provenance import provenance

DEFAULT_EVENTS = 100_000
DEFAULT_SELECTION = "paper"
PB_PER_INVFB = 1000.0
#: A Poisson mean above this would not be a number of events any machine generates.
_MAX_EXPECTED = 1e13


def final_states(measured: Measurement, parameters: PortalParameters) -> tuple[list[WComponent], list[float]]:
    """Components of W -> l nu for the charges of a measurement, and their cross sections.

    Parameters
    ----------
    measured : Measurement
    parameters : PortalParameters

    Returns
    -------
    components : list of WComponent
        For each charge the light neutrinos, then nu4.
    cross_sections_pb : list of float
        With the factors 1 - |U_l4|^2 and |U_l4|^2.
    """
    u_sq = parameters.U_sq(measured.flavour)
    experiment = measured.experiment
    components, rates = [], []
    for charge in measured.selection.charge_signs:
        for m4, factor in ((0.0, 1.0 - u_sq), (parameters.m4, u_sq)):
            if factor > 0.0:
                component = w_component(experiment.sqrt_s_TeV, charge, m4, m_W=parameters.m_W, beams=experiment.beams)
                components.append(component)
                rates.append(factor * component.cross_section_pb)
    return components, rates


@dataclass(frozen=True)
class _Plan:
    """A generation and what its result says."""

    generation: Generation
    measured: Measurement
    components: list[WComponent]
    rates_pb: list[float]
    parameters: PortalParameters
    luminosity_invfb: float
    n_requested: int | None
    background: NDArray[np.float64]
    seed: int
    out: str | Path | None

    def metadata(self) -> dict[str, Any]:
        experiment = self.measured.experiment
        return {
            "process": "w",
            "experiment": experiment.name,
            "selection": self.measured.name,
            "flavour": self.measured.flavour,
            "exposure": {"luminosity_invfb": self.luminosity_invfb},
            "backgrounds": self.n_requested is None,
            "n_generated": self.generation.n_events,
            "parameters": self.parameters.to_dict(),
            "provenance": provenance(
                seed=self.seed, card=experiment.name, card_sha256=experiment.origin["card_sha256"]
            ),
        }

    def spectrum(self, counts: Counts) -> Spectrum:
        sample = self.generation.sample(counts)
        values = measured_spectrum(self.measured, self.components, sample).values + self.background
        return self.measured.spectrum(values, values)

    def finish(self, pieces: Iterator[Piece], events: bool) -> GenerateResult:
        output = Output(self.out, self.spectrum, lambda _: self.metadata(), events)
        return self._result(*produce(pieces, self.generation.empty, output))

    def finish_les_houches(self, pieces: Iterator[Piece]) -> GenerateResult:
        start = time.perf_counter()
        experiment = self.measured.experiment
        path = str(self.out)
        run = les_houches_run(experiment.sqrt_s_TeV, self.components, self.rates_pb, self.parameters, self.metadata())
        counts = write_les_houches(path, run, pieces, self.generation.empty, self.measured.flavour)
        return self._result(counts, [path], time.perf_counter() - start)

    def _result(self, counts: Counts, outputs: list[str], seconds: float) -> GenerateResult:
        sample = self.generation.sample(counts)
        return GenerateResult(
            process="w",
            experiment=self.measured.experiment.name,
            n_requested=self.n_requested,
            n_generated=sample.n_generated,
            n_selected=sample.n_selected + int(self.background.sum()),
            exposure={"luminosity_invfb": self.luminosity_invfb},
            cross_section_pb=sum(self.rates_pb),
            branching_ratio=None,
            events_per_second=self.generation.n_events / seconds,
            cutflow=sample.cutflow,
            outputs=outputs,
            spectrum=self.spectrum(counts),
        )


def generation_job(
    experiment: Experiment,
    parameters: PortalParameters,
    flavour: str,
    *,
    selection: str = DEFAULT_SELECTION,
    events: int | None = None,
    luminosity_invfb: float | None = None,
    out: str | Path | None = None,
    histogram_only: bool = False,
    all_events: bool = False,
    seed: int = 1,
    **choices: Any,
) -> Job[GenerateResult]:
    """Describe the generation of W bosons and their leptons as an experiment sees them.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
    flavour : str
        ``e`` or ``mu``.
    selection : str
        Name on the experiment's card.
    events : int, optional
        W bosons before selection; 100,000 if no size is given.
    luminosity_invfb : float, optional
        Instead of `events`: their number is Poisson distributed, and the histogram has the backgrounds of the
        selection, whose events are not written.
    out : str or Path, optional
        Histogram and events by its suffix; a Les Houches file (``.lhe``, ``.lhe.gz``) holds the hard process of all
        events, see `collider.events.les_houches`.
    histogram_only, all_events : bool
        Write no events; write also those that fail the selection.
    seed : int
    **choices
        Other fields of `nucore.run.Job`.
    """
    measured = measurement(experiment, flavour, AnalysisOptions(selection=selection))
    components, rates = final_states(measured, parameters)
    n_events, luminosity = _size(events, luminosity_invfb, sum(rates), seed)
    les_houches = out is not None and is_lhe(out)
    if les_houches:
        _check_les_houches(experiment, out, histogram_only)
    background = np.zeros(measured.kept.size)
    if luminosity_invfb is not None and not les_houches:
        exposed = replace(measured, luminosity_invfb=luminosity)
        background += generator(seed, Stream.BACKGROUND).poisson(expected_backgrounds(exposed, parameters.m_W))
    generation = prepare(components, rates, measured.lepton_selection, n_events, seed)
    requested = n_events if luminosity_invfb is None else None
    plan = _Plan(
        generation, measured, components, rates, parameters, luminosity, requested, background, seed, out,
    )  # fmt: skip
    choices["out"] = None if out is None else Path(out)
    if les_houches:
        return generation.job(plan.finish_les_houches, EventChoice(False), variant="hard processes", **choices)
    if out is None or histogram_only:
        return generation.job(partial(plan.finish, events=False), variant="counts", **choices)
    choice = EventChoice(not all_events, _codes(components))
    return generation.job(partial(plan.finish, events=True), choice, variant="events", **choices)


def _check_les_houches(experiment: Experiment, out: str | Path | None, histogram_only: bool) -> None:
    if experiment.beams != "pp":
        raise InputError(f"output {out}: events of {experiment.beams} do not keep which beam a quark comes from")
    if histogram_only:
        raise InputError(f"output {out} holds events; write .root, .json or .csv for a histogram alone")


def _size(events: int | None, luminosity_invfb: float | None, total_pb: float, seed: int) -> tuple[int, float]:
    """Number of W bosons and the luminosity (fb^-1) they stand for."""
    if luminosity_invfb is None:
        n_events = check_count(DEFAULT_EVENTS if events is None else events)
        return n_events, n_events / (total_pb * PB_PER_INVFB)
    expected = luminosity_invfb * total_pb * PB_PER_INVFB
    if not 0.0 < expected <= _MAX_EXPECTED:
        raise InputError(
            f"luminosity = {luminosity_invfb:g} fb^-1 is not allowed: it must be positive, with at most "
            f"{_MAX_EXPECTED:g} W bosons ({_MAX_EXPECTED / total_pb / PB_PER_INVFB:.3g} fb^-1)"
        )
    n_events = int(generator(seed, Stream.EXPOSURE).poisson(expected))
    if n_events == 0:
        raise InputError(f"luminosity = {luminosity_invfb:g} fb^-1 gives no W boson at all; give more")
    return n_events, luminosity_invfb


def _codes(components: list[WComponent]) -> NDArray[np.int8]:
    """Code of each component in the event record: 0 light neutrino, 1 nu4."""
    return np.array([component.m4 > 0.0 for component in components], dtype=np.int8)


def measured_spectrum(measured: Measurement, components: list[WComponent], sample: WSample) -> Spectrum:
    """Histogram of a sample as the measurement has it: charges added or apart."""
    charge = np.array([component.charge for component in components])
    counts = np.array([sample.component_counts[np.isin(charge, g)].sum(axis=0) for g in measured.charge_groups], float)
    return measured.spectrum(counts, counts)
