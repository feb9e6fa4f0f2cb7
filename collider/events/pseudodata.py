"""Pseudo-data of pp -> W -> l nu: the mixture of light neutrinos and nu4 that a parameter point says."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.backgrounds.background_samples import expected_backgrounds
from collider.events.generator import count_piece, empty_counts, event_pieces, sample_of
from collider.events.kernel_inputs import Run, prepare
from collider.events.les_houches import les_houches_run, open_les_houches
from collider.events.sample import WSample
from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import PB_PER_INVFB, Measurement, measurement
from collider.experiments.response import Experiment
from collider.production.w_production import WComponent, w_component
from nucore.errors import InputError
from nucore.events import GenerateResult
from nucore.generation import Counts, Generation, GenerationRequest, Summary, draw_events
from nucore.io.lhe import is_lhe
from nucore.model.parameters import PortalParameters
from nucore.random_streams import Stream, generator
from nucore.run.job import Job

DEFAULT_SELECTION = "paper"


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
    spin, components, rates = measured.options.spin_model, [], []
    for charge in measured.selection.charge_signs:
        for m4, factor in ((0.0, 1.0 - u_sq), (parameters.m4, u_sq)):
            if factor > 0.0:
                component = w_component(
                    experiment.sqrt_s_TeV, charge, m4, m_W=parameters.m_W, beams=experiment.beams, spin=spin
                )
                components.append(component)
                rates.append(factor * component.cross_section_pb)
    return components, rates


def generation_job(
    experiment: Experiment,
    process: str,
    flavour: str,
    parameters: PortalParameters,
    request: GenerationRequest,
    options: AnalysisOptions,
    **choices: Any,
) -> Job[GenerateResult]:
    """Describe the generation of W bosons and their leptons as an experiment sees them.

    Parameters
    ----------
    experiment : Experiment
    process : str
        ``w``.
    flavour : str
        ``e`` or ``mu``.
    parameters : PortalParameters
    request : GenerationRequest
        Its exposure is a luminosity in fb^-1; the events of the background are not written. A Les Houches file
        (``.lhe``, ``.lhe.gz``) holds the hard process of all events, always with the spin ``lo``, see
        `collider.events.les_houches`.
    options : AnalysisOptions
        Of these the selection, ``paper`` by default, and the spin count.
    **choices
        Other fields of `nucore.run.job.Job`.
    """
    out = request.out
    les_houches = out is not None and is_lhe(out)
    if les_houches and options.spin not in (None, "lo"):
        raise InputError(
            f"spin {options.spin}: output {out} holds the hard process, whose W has no transverse momentum; expected lo"
        )
    spin = "lo" if les_houches else options.spin
    chosen = AnalysisOptions(selection=options.selection or DEFAULT_SELECTION, spin=spin)
    measured = measurement(experiment, flavour, chosen)
    components, rates = final_states(measured, parameters)
    n_events, luminosity = _size(request, sum(rates))
    background = np.zeros(measured.kept.size)
    if request.exposure is not None and not les_houches:
        exposed = replace(measured, luminosity_invfb=luminosity)
        background += generator(request.seed, Stream.BACKGROUND).poisson(expected_backgrounds(exposed, parameters.m_W))
    run, span = prepare(components, rates, measured.lepton_selection, n_events, request.seed)
    generation = Generation(
        process=process,
        experiment=experiment,
        parameters=parameters,
        request=request,
        events=span,
        exposure={"luminosity_invfb": luminosity},
        count=partial(count_piece, run),
        empty=empty_counts(run),
        summarise=partial(_summary, measured, run, background),
        cross_section_pb=sum(rates),
        about={
            "selection": measured.name,
            "spin": measured.options.spin_model.order,
            "flavour": flavour,
            "backgrounds": request.exposure is not None,
        },
    )
    if out is not None and les_houches:
        _check_les_houches(experiment, out, request.histogram_only)
        header = les_houches_run(experiment.sqrt_s_TeV, components, rates, parameters, generation.metadata())
        return generation.job(event_pieces(run), partial(open_les_houches, out, header, flavour), **choices)
    codes = np.array([component.m4 > 0.0 for component in components], np.int8)  # 0 light neutrino, 1 nu4
    kept = event_pieces(run, codes, not request.all_events) if request.writes_events else None
    return generation.job(kept, **choices)


def _check_les_houches(experiment: Experiment, out: str | Path, histogram_only: bool) -> None:
    if experiment.beams != "pp":
        raise InputError(
            f"output {out} cannot hold {experiment.beams} events, which do not tell the beam of a quark: expected pp"
        )
    if histogram_only:
        raise InputError(f"output {out} cannot hold a histogram alone: expected .root, .json or .csv")


def _size(request: GenerationRequest, total_pb: float) -> tuple[int, float]:
    """Number of W bosons and the luminosity (fb^-1) they stand for."""
    n_events, luminosity_invfb = request.n_events, request.exposure
    if n_events is not None:
        return n_events, n_events / (total_pb * PB_PER_INVFB)
    if luminosity_invfb is None or not luminosity_invfb > 0.0:
        raise InputError(f"invalid luminosity {luminosity_invfb:g} fb^-1: expected a positive number")
    n_events = draw_events(
        luminosity_invfb * total_pb * PB_PER_INVFB, request.seed, f"luminosity {luminosity_invfb:g} fb^-1"
    )
    if n_events == 0:
        raise InputError(f"luminosity {luminosity_invfb:g} fb^-1 is too small: it gives no W boson")
    return n_events, luminosity_invfb


def _summary(measured: Measurement, run: Run, background: NDArray[np.float64], counts: Counts) -> Summary:
    """Spectrum with the background, and the cutflow of the generated events."""
    sample = sample_of(run, counts)
    values = measured.data_bins(measured_counts(measured, run.charge, sample)) + background
    return Summary((measured.spectrum(values, values),), sample.n_selected + int(background.sum()), sample.cutflow)


def measured_counts(measured: Measurement, charge: NDArray[np.int8], sample: WSample) -> NDArray[np.float64]:
    """Counts of a sample in all bins of a measurement, charges added or apart; ``charge`` is that of its components."""
    groups = [np.isin(charge, group) for group in measured.charge_groups]
    return np.concatenate([sample.component_counts[group].sum(axis=0) for group in groups]).astype(float)
