"""Pseudo-data of a meson experiment: summary and file of a generated sample."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from mesons.events.generator import count_piece, empty_counts, event_pieces, histogram_of_counts
from mesons.events.sample import Sample, prepare
from mesons.experiments.cards import Experiment
from nucore.events import GenerateResult, check_count
from nucore.generation import DEFAULT_EVENTS, Counts, Generation, Summary
from nucore.model.parameters import PortalParameters
from nucore.run.chunks import Chunk
from nucore.run.job import Job


def generation_job(
    experiment: Experiment,
    parameters: PortalParameters,
    *,
    events: int | None = None,
    decays: float | None = None,
    out: str | Path | None = None,
    histogram_only: bool = False,
    all_events: bool = False,
    seed: int = 1,
    **choices: Any,
) -> Job[GenerateResult]:
    """Describe the generation of decays M -> l + invisible as an experiment sees them.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
    events, decays
        At most one; see `mesons.events.sample.prepare`. 100,000 events by default.
    out : str or Path, optional
        Histogram and events by its suffix.
    histogram_only, all_events : bool
        Write no events; write also those that fail the selection.
    seed : int
    **choices
        Other fields of `nucore.run.Job`.
    """
    n_events = DEFAULT_EVENTS if events is None and decays is None else events
    if n_events is not None:
        check_count(n_events)
    sample = prepare(experiment, parameters, n_events=n_events, decays=decays, seed=seed)
    generation = Generation(
        process=experiment.process,
        experiment=experiment.name,
        origin=experiment.origin,
        parameters=parameters,
        seed=seed,
        events=Chunk(0, sample.n_events),
        n_requested=n_events,
        exposure={"decays": sample.decays},
        count=partial(count_piece, sample),
        empty=empty_counts(sample),
        summarise=partial(_summary, sample),
        branching_ratio=sample.branching_ratio,
        about={"flavour": experiment.flavour},
    )
    keep_events = out is not None and not histogram_only
    return generation.job(out, event_pieces(sample, not all_events) if keep_events else None, **choices)


def _summary(sample: Sample, counts: Counts) -> Summary:
    found = histogram_of_counts(sample, counts["counts"][:, :-1])
    cutflow = {"generated": sample.n_events, "momentum_window": found.n_selected}
    return Summary(found.spectra, found.n_selected, cutflow)
