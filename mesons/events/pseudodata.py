"""Pseudo-data of a meson experiment: summary and file of a generated sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.events.generator import (
    EventChunk,
    GeneratedHistogram,
    count_chunk,
    empty_counts,
    event_chunk,
    histogram_of_counts,
)
from mesons.events.generator import generation_job as describe
from mesons.events.sample import COMPONENTS, Sample, prepare
from mesons.experiments.cards import Experiment
from nucore.events import GenerateResult, check_count, compact
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters
from nucore.pseudodata import Counts, Output, Piece, produce
from nucore.run.chunks import Chunk
from nucore.run.job import Job
from nucore.run.provenance import provenance

DEFAULT_EVENTS = 100_000
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


@dataclass(frozen=True)
class _Plan:
    """A generation and what its result says."""

    sample: Sample
    parameters: PortalParameters
    n_requested: int | None
    seed: int
    out: str | Path | None

    def histogram(self, counts: Counts) -> GeneratedHistogram:
        return histogram_of_counts(self.sample, counts["counts"][:, :-1])

    def spectra(self, counts: Counts) -> tuple[Spectrum, ...]:
        found = self.histogram(counts).spectra
        return found[:1] if Path(self.out or "").suffix == ".csv" else found  # which holds one

    def metadata(self, _: Counts) -> dict[str, Any]:
        experiment = self.sample.experiment
        return {
            "process": experiment.process,
            "experiment": experiment.name,
            "flavour": experiment.flavour,
            "exposure": {"decays": self.sample.decays},
            "n_generated": self.sample.n_events,
            "parameters": self.parameters.to_dict(),
            "provenance": provenance(
                seed=self.seed, card=experiment.name, card_sha256=experiment.origin["card_sha256"]
            ),
        }

    def finish(self, pieces: Iterator[Piece], events: bool) -> GenerateResult:
        output = Output(self.out, self.spectra, self.metadata, events)
        counts, outputs, seconds = produce(pieces, empty_counts(self.sample), output)
        result, sample = self.histogram(counts), self.sample
        return GenerateResult(
            process=sample.experiment.process,
            experiment=sample.experiment.name,
            n_requested=self.n_requested,
            n_generated=sample.n_events,
            n_selected=result.n_selected,
            exposure={"decays": sample.decays},
            cross_section_pb=None,
            branching_ratio=sample.branching_ratio,
            events_per_second=sample.n_events / seconds,
            cutflow={"generated": sample.n_events, "momentum_window": result.n_selected},
            outputs=outputs,
            spectrum=result.spectrum,
        )


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
    plan = _Plan(sample, parameters, n_events, seed, out)
    choices["out"] = None if out is None else Path(out)
    keep_events = out is not None and not histogram_only
    task = partial(event_piece, sample, not all_events) if keep_events else None
    if keep_events and all_events:
        choices["least_disk_bytes_per_item"] = _DISK_BYTES_PER_EVENT
    return describe(sample, partial(plan.finish, events=keep_events), task, **choices)
