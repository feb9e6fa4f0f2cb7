"""Events of M -> l chi phi and M -> l nu, at rest or in flight, smeared to an experiment's lepton momentum.

Random numbers belong to the event index, so events are the same for any number of workers and any chunk
size; memory does not grow with the number of events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons.events import kernel
from mesons.events.sample import COMPONENTS, Sample
from mesons.experiments.observables import main_spectrum
from mesons.experiments.tracking import MISSING_MASS_SQ, missing_mass_sq_edges
from nucore.events import compact
from nucore.generation import Counts, EventPieces, Piece, add, generation_job, in_order
from nucore.histograms import Spectrum
from nucore.run.chunks import Chunk
from nucore.run.executors import Execution
from nucore.run.job import complete

Array = NDArray[np.float64]

EVENT_CHUNK = 64 * 1024
_BYTES_PER_EVENT = 500.0  # while a chunk of events is made
_DISK_BYTES_PER_EVENT = 40.0  # of a file of all events, at the least


@dataclass(frozen=True)
class GeneratedHistogram:
    """Histogram of generated events and the bookkeeping that normalises it.

    Attributes
    ----------
    sample : Sample
    spectrum : Spectrum
        Reconstructed lepton momentum in the binning of the card.
    missing_mass : Spectrum or None
        Squared missing mass of the same events, of an experiment in flight.
    n_selected : int
        Events within the histogram.
    counts : int64 array, shape (3, n_bins + n_mass)
        Selected events by component, in bins of the momentum and then of the squared missing mass.
    """

    sample: Sample
    spectrum: Spectrum
    missing_mass: Spectrum | None
    n_selected: int
    counts: NDArray[np.int64]

    @property
    def selected(self) -> dict[str, int]:
        """Events within the histogram by component."""
        rows = self.counts[:, : self.spectrum.n_bins]
        return {name: int(row.sum()) for name, row in zip(COMPONENTS, rows, strict=True)}

    @property
    def spectra(self) -> tuple[Spectrum, ...]:
        """All histograms."""
        return (self.spectrum,) if self.missing_mass is None else (self.spectrum, self.missing_mass)


@dataclass(frozen=True)
class EventChunk:
    """Consecutive events.

    Attributes
    ----------
    first_event : int
    component : int8 array, shape (n,)
        Index into `COMPONENTS`.
    momentum_truth, momentum_reco : array, shape (n,)
        Of the lepton in the rest frame of the parent, GeV; truth is NaN for background.
    selected : bool array, shape (n,)
        Whether momentum_reco lies within the range of the card.
    lepton, chi, phi : array, shape (n, 4)
        (E, px, py, pz) in GeV in the laboratory; NaN for background. For two-body decays ``chi`` holds the
        neutrino and ``phi`` is zero.
    """

    first_event: int
    component: NDArray[np.int8]
    momentum_truth: Array
    momentum_reco: Array
    selected: NDArray[np.bool_]
    lepton: Array
    chi: Array
    phi: Array

    @property
    def n_events(self) -> int:
        """Number of events."""
        return int(self.component.size)


def count_piece(sample: Sample, events: Chunk) -> Piece:
    """Counts of a chunk by component, shape (3, n_bins + n_mass + 1); those outside in the last column."""
    counts = kernel.histogram_range(events.first, events.n, *sample.kernel_arguments(), *sample.binning)
    return {"counts": counts}


def empty_counts(sample: Sample) -> Counts:
    """Counts of no events."""
    return {"counts": np.zeros((len(COMPONENTS), sum(sample.binning[2:]) + 1), np.int64)}


def generate_histogram(sample: Sample, *, execution: Execution | None = None) -> GeneratedHistogram:
    """Generate all events of a sample and keep their histogram alone.

    Parameters
    ----------
    sample : Sample
        From `prepare`.
    execution : Execution, optional
    """

    def finish(pieces: Iterator[Piece]) -> GeneratedHistogram:
        counts = reduce(add, pieces, empty_counts(sample))
        return histogram_of_counts(sample, counts["counts"][:, :-1])

    count, events = partial(count_piece, sample), Chunk(0, sample.n_events)
    return complete(generation_job(count, events, finish, execution=execution or Execution()))


def histogram_of_counts(sample: Sample, counts: NDArray[np.int64]) -> GeneratedHistogram:
    """Make the result of counts by component, shape (3, n_bins + n_mass), e.g. summed over `generate_events`."""
    experiment = sample.experiment
    n_bins = sample.binning[2]
    momentum, mass = counts[:, :n_bins].sum(axis=0), counts[:, n_bins:].sum(axis=0)
    values = momentum.astype(np.float64)
    spectrum = main_spectrum(experiment, values, values)
    missing = None
    if mass.size:
        edges = missing_mass_sq_edges(experiment)
        missing = Spectrum.from_counts(MISSING_MASS_SQ, edges, mass, "squared missing mass [GeV^2]")
    return GeneratedHistogram(sample, spectrum, missing, int(momentum.sum()), counts)


def count_chunk(sample: Sample, chunk: EventChunk) -> NDArray[np.int64]:
    """Count a chunk by component, shape (3, n_bins + n_mass); sum them for `histogram_of_counts`."""
    low, high, n_bins, n_mass = sample.binning
    reco = chunk.momentum_reco[chunk.selected]
    component = chunk.component[chunk.selected].astype(np.int64)
    m_lepton = sample.experiment.masses[1]
    columns = [np.minimum(((reco - low) * (n_bins / (high - low))).astype(np.int64), n_bins - 1)]
    if n_mass:
        # as in the kernel, to the last bit
        highest = np.sqrt(high * high + m_lepton**2)
        scale = n_mass / (highest - np.sqrt(low * low + m_lepton**2))
        below = highest - np.sqrt(reco * reco + m_lepton**2)
        columns.append(n_bins + np.minimum((below * scale).astype(np.int64), n_mass - 1))
    size = n_bins + n_mass
    flat = sum(np.bincount(component * size + column, minlength=3 * size) for column in columns)
    return np.asarray(flat).reshape(3, size).astype(np.int64)


def record_chunk(sample: Sample, events: Chunk) -> EventChunk:
    """Events of a chunk."""
    n = events.n
    component = np.empty(n, np.int8)
    truth, reco = np.empty(n), np.empty(n)
    arguments = sample.kernel_arguments()
    kernel.sample_range(events.first, n, *arguments, component, truth, reco)
    vectors = np.empty((3, 4, n))
    kernel.fill_vectors(
        events.first, n, arguments[0], arguments[1], component, truth, sample.masses, sample.beam, vectors
    )
    low, high = sample.experiment.momentum_GeV
    lepton, chi, phi = (np.ascontiguousarray(v.T) for v in vectors)
    selected = (reco >= low) & (reco < high)
    return EventChunk(events.first, component, truth, reco, selected, lepton, chi, phi)


def _branches(chunk: EventChunk) -> dict[str, NDArray[Any]]:
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
    events = record_chunk(sample, chunk)
    arrays = compact(_branches(events), events.selected if selected_only else None)
    outside = np.bincount(events.component[~events.selected], minlength=len(COMPONENTS))
    return {"counts": np.column_stack([count_chunk(sample, events), outside]), "arrays": arrays}


def event_pieces(sample: Sample, selected_only: bool) -> EventPieces:
    """Pieces with events as an event file holds them, possibly without those that fail the selection."""
    disk = 0.0 if selected_only else _DISK_BYTES_PER_EVENT
    return EventPieces(partial(event_piece, sample, selected_only), EVENT_CHUNK, _BYTES_PER_EVENT, disk)


def generate_events(
    sample: Sample, *, execution: Execution | None = None, chunk_events: int = EVENT_CHUNK
) -> Iterator[EventChunk]:
    """Generate the events of a sample, chunk by chunk in order, in constant memory.

    Parameters
    ----------
    sample : Sample
        From `prepare`.
    execution : Execution, optional
    chunk_events : int
        Largest number of events in a chunk.

    Returns
    -------
    iterator of EventChunk
        The same events for any number of workers and any chunk size; their histogram is that of
        `generate_histogram`.
    """
    return in_order(partial(record_chunk, sample), Chunk(0, sample.n_events), chunk_events, execution)
