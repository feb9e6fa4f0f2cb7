"""Pseudo-data of pp -> W -> l nu: the mixture of light neutrinos and nu4 that a parameter point says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.background_samples import expected_backgrounds
from collider.generator import generate_events, generate_histogram
from collider.les_houches import les_houches_run, write_les_houches
from collider.measurement import AnalysisOptions, Measurement, measurement
from collider.production import WComponent, w_component
from collider.response import Experiment, card_text
from collider.sample import WSample
from nuportal.errors import InputError
from nuportal.events import GenerateResult, check_count
from nuportal.histograms import Spectrum
from nuportal.io.lhe import is_lhe
from nuportal.parameters import PortalParameters
from nuportal.provenance import provenance, text_digest
from nuportal.pseudodata import Source, fraction_of, produce
from nuportal.rng import Stream, generator

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


def generate(
    experiment: Experiment,
    parameters: PortalParameters,
    flavour: str,
    *,
    selection: str = DEFAULT_SELECTION,
    events: int | None,
    luminosity_invfb: float | None,
    out: str | Path | None,
    histogram_only: bool,
    all_events: bool,
    seed: int,
    workers: int | None,
    progress: Callable[[float], None] | None = None,
) -> GenerateResult:
    """Generate W bosons and their leptons as an experiment sees them.

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
    out, histogram_only, all_events
        See `nuportal.pseudodata.produce`; a Les Houches file (``.lhe``, ``.lhe.gz``) holds the hard process of all
        events, see `collider.les_houches`.
    seed, workers, progress
        `progress` is called with the fraction done.

    Returns
    -------
    GenerateResult
    """
    measured = measurement(experiment, flavour, AnalysisOptions(selection=selection))
    components, rates = final_states(measured, parameters)
    total_pb = sum(rates)
    n_events, luminosity = _size(events, luminosity_invfb, total_pb, seed)
    arguments = (components, rates, measured.lepton_selection, n_events, seed)
    done = fraction_of(progress, n_events)

    def count() -> WSample:
        return generate_histogram(*arguments, workers=workers, progress=done)

    def blocks() -> Iterator[tuple[dict[str, NDArray[Any]], WSample]]:
        for chunk in generate_events(*arguments, workers=workers, progress=done):
            arrays = {name: array for name, array in chunk.arrays.items() if name != "up_type_side"}
            yield {**arrays, "component": _codes(components)[arrays["component"]]}, chunk.sample

    def metadata(n_generated: int) -> dict[str, Any]:
        return {
            "process": "w",
            "experiment": experiment.name,
            "selection": measured.name,
            "flavour": flavour,
            "exposure": {"luminosity_invfb": luminosity},
            "backgrounds": luminosity_invfb is not None,
            "n_generated": n_generated,
            "parameters": parameters.to_dict(),
            "provenance": provenance(
                seed=seed, card=experiment.name, card_sha256=text_digest(card_text(experiment.name))
            ),
        }

    background = np.zeros(measured.kept.size)
    if luminosity_invfb is not None and not (out is not None and is_lhe(out)):
        exposed = replace(measured, luminosity_invfb=luminosity)
        background += generator(seed, Stream.BACKGROUND).poisson(expected_backgrounds(exposed, parameters.m_W))

    def spectrum(sample: WSample) -> Spectrum:
        counts = measured_spectrum(measured, components, sample).values + background
        return measured.spectrum(counts, counts)

    if out is not None and is_lhe(out):
        if experiment.beams != "pp":
            raise InputError(f"output {out}: events of {experiment.beams} do not keep which beam a quark comes from")
        if histogram_only:
            raise InputError(f"output {out} holds events; write .root, .json or .csv for a histogram alone")
        records = ((c.arrays, c.sample) for c in generate_events(*arguments, workers=workers, progress=done))
        run = les_houches_run(experiment.sqrt_s_TeV, components, rates, parameters, metadata(n_events))
        sample, seconds = write_les_houches(out, run, records, flavour)
        outputs = [str(out)]
    else:
        source = Source(count, blocks, spectrum)
        sample, outputs, seconds = produce(source, lambda s: metadata(s.n_generated), out, histogram_only, all_events)
    return GenerateResult(
        process="w",
        experiment=experiment.name,
        n_requested=events if luminosity_invfb is None else None,
        n_generated=sample.n_generated,
        n_selected=sample.n_selected + int(background.sum()),
        exposure={"luminosity_invfb": luminosity},
        cross_section_pb=total_pb,
        branching_ratio=None,
        events_per_second=n_events / seconds,
        cutflow=sample.cutflow,
        outputs=outputs,
        spectrum=spectrum(sample),
    )


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
