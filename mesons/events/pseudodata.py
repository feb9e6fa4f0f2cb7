"""Pseudo-data of a meson experiment: summary and file of a generated sample."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.events.generator import (
    BYTES_PER_EVENT,
    EVENT_CHUNK,
    EventChunk,
    count_chunk,
    count_piece,
    empty_counts,
    event_chunk,
    histogram_of_counts,
)
from mesons.events.sample import COMPONENTS, Sample, prepare
from mesons.experiments.cards import Experiment
from nucore.events import GenerateResult, check_count, compact
from nucore.generation import DEFAULT_EVENTS, Counts, EventPieces, Generation, Piece, Summary
from nucore.model.parameters import PortalParameters
from nucore.run.chunks import Chunk
from nucore.run.job import Job

_DISK_BYTES_PER_EVENT = 40.0  # of a file of all events, at the least


def event_arrays(chunk: EventChunk) -> dict[str, NDArray[Any]]:
    """Branches of a chunk of events, in the schema of `nucore.events`."""
    arrays: dict[str, NDArray[Any]] = {
        "event": np.arange(chunk.first_event, chunk.first_event + chunk.n_events),
        "component": chunk.component,
        "lepton_momentum": chunk.momentum_truth,
        "reco_lepton_momentum": chunk.momentum_reco,
        "selected": chunk.selected,
    }
    for name, vectors in (("lepton", chunk.lepton), ("chi", chunk.chi), ("phi", chunk.phi)):
        for i, part in enumerate(("energy", "px", "py", "pz")):
            arrays[f"{name}_{part}"] = vectors[:, i]
    return arrays


def event_piece(sample: Sample, selected_only: bool, chunk: Chunk) -> Piece:
    """Events of a chunk in single precision, and their counts as `mesons.events.generator.count_piece` has them."""
    events = event_chunk(sample, chunk)
    arrays = compact(event_arrays(events), events.selected if selected_only else None)
    outside = np.bincount(events.component[~events.selected], minlength=len(COMPONENTS))
    return {"counts": np.column_stack([count_chunk(sample, events), outside]), "arrays": arrays}


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
    if out is None or histogram_only:
        return generation.job(out, None, **choices)
    task = partial(event_piece, sample, not all_events)
    disk = _DISK_BYTES_PER_EVENT if all_events else 0.0
    return generation.job(out, EventPieces(task, EVENT_CHUNK, BYTES_PER_EVENT, disk), **choices)


def _summary(sample: Sample, counts: Counts) -> Summary:
    found = histogram_of_counts(sample, counts["counts"][:, :-1])
    cutflow = {"generated": sample.n_events, "momentum_window": found.n_selected}
    return Summary(found.spectra, found.n_selected, cutflow)
