"""Pseudo-data of a meson experiment: summary and file of a generated sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.experiments import Experiment, card_text
from mesons.generator import (
    EventChunk,
    GeneratedHistogram,
    count_chunk,
    generate_histogram,
    histogram_of_counts,
    iterate_events,
)
from mesons.sample import Sample, prepare
from nuportal.events import GenerateResult, check_count
from nuportal.histograms import Spectrum
from nuportal.parameters import PortalParameters
from nuportal.provenance import provenance, text_digest
from nuportal.pseudodata import Source, fraction_of, produce

DEFAULT_EVENTS = 100_000


def event_arrays(chunk: EventChunk) -> dict[str, NDArray[Any]]:
    """Branches of a chunk of events, in the schema of `nuportal.events`."""
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


def _blocks(
    sample: Sample, workers: int | None, progress: Callable[[int], None] | None
) -> Iterator[tuple[dict[str, NDArray[Any]], NDArray[np.int64]]]:
    for chunk in iterate_events(sample, workers=workers, progress=progress):
        yield event_arrays(chunk), count_chunk(sample, chunk)


def generate(
    experiment: Experiment,
    parameters: PortalParameters,
    *,
    events: int | None,
    decays: float | None,
    out: str | Path | None,
    histogram_only: bool,
    all_events: bool,
    seed: int,
    workers: int | None,
    progress: Callable[[float], None] | None = None,
) -> GenerateResult:
    """Generate decays M -> l + invisible as an experiment sees them.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
    events, decays
        At most one; see `mesons.generator.prepare`. 100,000 events by default.
    out, histogram_only, all_events
        See `nuportal.pseudodata.produce`.
    seed, workers, progress
        `progress` is called with the fraction done.

    Returns
    -------
    GenerateResult
    """
    n_events = DEFAULT_EVENTS if events is None and decays is None else events
    if n_events is not None:
        check_count(n_events)
    sample = prepare(experiment, parameters, n_events=n_events, decays=decays, seed=seed)
    done = fraction_of(progress, max(sample.n_events, 1))

    def histogram(counts: NDArray[np.int64]) -> GeneratedHistogram:
        return histogram_of_counts(sample, counts)

    def count() -> NDArray[np.int64]:
        return generate_histogram(sample, workers=workers, progress=done).counts

    def metadata(counts: NDArray[np.int64]) -> dict[str, Any]:
        return {
            "process": experiment.process,
            "experiment": experiment.name,
            "flavour": experiment.flavour,
            "exposure": {"decays": sample.decays},
            "n_generated": sample.n_events,
            "parameters": parameters.to_dict(),
            "provenance": provenance(
                seed=seed, card=experiment.name, card_sha256=text_digest(card_text(experiment.name))
            ),
        }

    def spectra(counts: NDArray[np.int64]) -> tuple[Spectrum, ...]:
        found = histogram(counts).spectra
        return found[:1] if Path(out or "").suffix == ".csv" else found  # which holds one

    source = Source(count, partial(_blocks, sample, workers, done), spectra)
    counts, outputs, seconds = produce(source, metadata, out, histogram_only, all_events)
    result = histogram(counts)
    return GenerateResult(
        process=experiment.process,
        experiment=experiment.name,
        n_requested=events if decays is None else None,
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
