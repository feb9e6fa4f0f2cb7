"""Pseudo-data of a meson experiment: summary and file of a generated sample."""

from __future__ import annotations

from functools import partial
from typing import Any

from mesons.events.generator import count_piece, empty_counts, event_pieces, histogram_of_counts
from mesons.events.sample import Sample, prepare
from mesons.experiments.cards import Experiment
from nucore.errors import InputError
from nucore.events import GenerateResult
from nucore.generation import Counts, Generation, GenerationRequest, Summary
from nucore.model.parameters import PortalParameters, require_left_handed
from nucore.run.chunks import Chunk
from nucore.run.job import Job


def generation_job(
    experiment: Experiment,
    process: str,
    flavour: str,
    parameters: PortalParameters,
    request: GenerationRequest,
    options: Any,
    **choices: Any,
) -> Job[GenerateResult]:
    """Describe the generation of decays M -> l + invisible as an experiment sees them.

    Parameters
    ----------
    experiment : Experiment
    process : str
        That of the experiment.
    flavour : str
        That of the experiment.
    parameters : PortalParameters
        yR must be 0.
    request : GenerationRequest
        Its exposure is a number of parent decays.
    options : AnalysisOptions
        None counts here.
    **choices
        Other fields of `nucore.run.job.Job`.

    Raises
    ------
    InputError
        If the experiment measures another process, or yR is not 0.
    """
    require_left_handed(parameters, f"generate {process}")
    if experiment.process != process:
        raise InputError(
            f"experiment {experiment.name} does not measure process {process}: expected {experiment.process}"
        )
    sample = prepare(experiment, parameters, n_events=request.n_events, decays=request.exposure, seed=request.seed)
    generation = Generation(
        process=process,
        experiment=experiment,
        parameters=parameters,
        request=request,
        events=Chunk(0, sample.n_events),
        exposure={"decays": sample.decays},
        count=partial(count_piece, sample),
        empty=empty_counts(sample),
        summarise=partial(_summary, sample),
        branching_ratio=sample.branching_ratio,
        about={"flavour": flavour},
    )
    return generation.job(event_pieces(sample, not request.all_events) if request.writes_events else None, **choices)


def _summary(sample: Sample, counts: Counts) -> Summary:
    found = histogram_of_counts(sample, counts["counts"][:, :-1])
    cutflow = {"generated": sample.n_events, "momentum_window": found.n_selected}
    return Summary(found.spectra, found.n_selected, cutflow)
