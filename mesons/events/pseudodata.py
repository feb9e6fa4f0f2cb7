"""Pseudo-data of a meson experiment: summary and file of a generated sample."""

from __future__ import annotations

from functools import partial
from typing import Any

from mesons.events.generator import count_piece, empty_counts, event_pieces, histogram_of_counts
from mesons.events.sample import Sample, prepare
from mesons.experiments.cards import Experiment
from nucore.events import GenerateResult
from nucore.generation import Counts, Generation, GenerationRequest, Summary
from nucore.model.parameters import PortalParameters
from nucore.run.chunks import Chunk
from nucore.run.job import Job


def generation_job(
    experiment: Experiment,
    parameters: PortalParameters,
    request: GenerationRequest,
    **choices: Any,
) -> Job[GenerateResult]:
    """Describe the generation of decays M -> l + invisible as an experiment sees them.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
    request : GenerationRequest
        Its exposure is a number of parent decays.
    **choices
        Other fields of `nucore.run.Job`.
    """
    sample = prepare(experiment, parameters, n_events=request.n_events, decays=request.exposure, seed=request.seed)
    generation = Generation(
        process=experiment.process,
        experiment=experiment,
        parameters=parameters,
        request=request,
        events=Chunk(0, sample.n_events),
        exposure={"decays": sample.decays},
        count=partial(count_piece, sample),
        empty=empty_counts(sample),
        summarise=partial(_summary, sample),
        branching_ratio=sample.branching_ratio,
        about={"flavour": experiment.flavour},
    )
    return generation.job(event_pieces(sample, not request.all_events) if request.writes_events else None, **choices)


def _summary(sample: Sample, counts: Counts) -> Summary:
    found = histogram_of_counts(sample, counts["counts"][:, :-1])
    cutflow = {"generated": sample.n_events, "momentum_window": found.n_selected}
    return Summary(found.spectra, found.n_selected, cutflow)
