"""Events of M -> l chi phi and M -> l nu, at rest or in flight, smeared to an experiment's lepton momentum.

Random numbers belong to the event index, so events are the same for any number of workers and any chunk
size; memory does not grow with the number of events.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesons import kernel
from mesons.branching import leptonic_branching_ratio
from mesons.calibration import calibrate
from mesons.experiments import Experiment
from mesons.leptonic_decays import neutrino_shares
from mesons.observables import main_spectrum
from mesons.sampling import MomentumTable, background_table, tau_dark_table, tau_table, three_body_table
from mesons.tau_search import branching_ratio
from mesons.templates import Signal
from mesons.three_body import ThreeBodyDecay, three_body_ratio
from mesons.tracking import MISSING_MASS_SQ, missing_mass_sq_edges
from mesons.two_body import light_neutrino_ratio, peak_momentum, two_body_ratio
from nuportal.errors import InputError
from nuportal.execution import (
    DEFAULT_CHUNK_EVENTS,
    EventRange,
    Progress,
    check_workers,
    event_chunks,
    map_chunks,
    reduce_chunks,
)
from nuportal.histograms import Spectrum
from nuportal.parameters import PortalParameters
from nuportal.rng import Stream, check_seed, generator

Array = NDArray[np.float64]

#: Names of the components, in the order of their codes in the event record.
COMPONENTS = ("signal", "light_neutrino", "background")
_STREAMS = {"K+": Stream.KAON, "pi+": Stream.PION, "tau-": Stream.TAU}
_EVENT_CHUNK = 64 * 1024
_LARGEST_SAMPLE = 2**62


@dataclass(frozen=True)
class Sample:
    """What is to be generated: the tables of each component and their expected shares.

    Attributes
    ----------
    experiment : Experiment
    parameters : PortalParameters
    signal : "three-body" or "two-body"
    masses : tuple of 4 floats
        Parent, lepton, chi, phi in GeV; chi and phi 0 for a two-body signal.
    n_requested : float
        Events, or parent decays of an exposure.
    n_events : int
        Events to generate.
    decays : float
        Parent decays the sample stands for.
    branching_ratio : float
        Of the signal.
    expected : tuple of 3 floats
        Expected events of each of `COMPONENTS`.
    seed : int
    signal_table, light_table, background : MomentumTable
        Light: with massless neutrinos alone.
    """

    experiment: Experiment
    parameters: PortalParameters
    signal: Signal
    masses: tuple[float, float, float, float]
    n_requested: float
    n_events: int
    decays: float
    branching_ratio: float
    expected: tuple[float, float, float]
    seed: int
    signal_table: MomentumTable
    light_table: MomentumTable
    background: MomentumTable

    def kernel_arguments(self) -> tuple[Any, ...]:
        """Arguments of the kernels between the event range and the output."""
        total = sum(self.expected)
        cumulative = np.cumsum(self.expected[:2]) / total if total > 0.0 else np.zeros(2)
        if self.expected[2] == 0.0:
            cumulative[1] = 2.0  # no uniform reaches it
        form = self.experiment.resolution
        table = (form.momentum_GeV, form.sigma_GeV) if form.relative is None else ((0.0,), (0.0,))
        smear = (form.relative or 0.0, np.array(table[0], dtype=float), np.array(table[1], dtype=float))
        found = (self.signal_table, self.light_table, self.background)
        tables = [(t.momentum, t.cumulative, t.density, t.guide) for t in found]
        stream = int(_STREAMS.get(self.experiment.parent, Stream.MESON))
        seed = np.uint64(self.seed)
        return seed, stream, cumulative, *tables, smear, self._flight()

    def _flight(self) -> tuple[float, ...]:
        """Tracking of an experiment in flight, as the kernel takes it."""
        tracking = self.experiment.tracking
        measured = (0.0,) * 6
        if tracking is not None:
            lepton = (tracking.momentum_constant, tracking.momentum_slope_per_GeV, tracking.angle_rad)
            measured = (
                self.experiment.beam_momentum_GeV,
                tracking.beam_spread,
                tracking.beam_resolution,
                *lepton,
            )
        return (*measured, *self.experiment.masses)

    @property
    def beam(self) -> tuple[float, float]:
        """Momentum of the parents in GeV and its relative spread."""
        tracking = self.experiment.tracking
        return self.experiment.beam_momentum_GeV, 0.0 if tracking is None else tracking.beam_spread

    @property
    def binning(self) -> tuple[float, float, int, int]:
        """Range of the momentum (GeV), and numbers of bins of the momentum and of the squared missing mass."""
        edges = self.experiment.edges
        mass_edges = missing_mass_sq_edges(self.experiment)
        return float(edges[0]), float(edges[-1]), edges.size - 1, max(mass_edges.size - 1, 0)


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
    n_generated, n_selected : int
        Events generated, and those within the histogram.
    counts : int64 array, shape (3, n_bins + n_mass)
        Selected events by component, in bins of the momentum and then of the squared missing mass.
    """

    sample: Sample
    spectrum: Spectrum
    missing_mass: Spectrum | None
    n_generated: int
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

    def to_hist(self) -> Any:
        """Return a `hist.Hist` of the spectrum."""
        return self.spectrum.to_hist()


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


def _signal(
    experiment: Experiment, parameters: PortalParameters, signal: Signal
) -> tuple[MomentumTable, float, tuple[float, float]]:
    """Momentum table, rate relative to M -> l nu, and masses of chi and phi of a signal."""
    parent, lepton = experiment.parent, experiment.lepton
    if parent == "tau-":
        return _tau_signal(experiment, parameters, signal)
    if signal == "three-body":
        decay = ThreeBodyDecay.from_parameters(parent, lepton, parameters)
        ratio = three_body_ratio(decay)
        if ratio == 0.0:
            return MomentumTable.at(1.0), 0.0, (0.0, 0.0)
        return three_body_table(decay), ratio, (parameters.m_chi, parameters.m_phi)
    if signal != "two-body":
        raise InputError(f"signal {signal!r} is not allowed; allowed: three-body, two-body")
    momentum = float(peak_momentum(parent, lepton, parameters.m4))
    return MomentumTable.at(momentum), two_body_ratio(parent, lepton, parameters), (0.0, 0.0)


def _light_share(experiment: Experiment, parameters: PortalParameters) -> float:
    """Share of decays with light neutrinos alone."""
    if experiment.parent == "tau-":
        return neutrino_shares(experiment.parent, experiment.lepton, parameters)[0]
    return light_neutrino_ratio(experiment.lepton, parameters)


def _line(experiment: Experiment) -> float:
    """Lepton momentum of M -> l nu in GeV."""
    return float(peak_momentum(experiment.parent, experiment.lepton, 0.0))


def _tau_signal(
    experiment: Experiment, parameters: PortalParameters, signal: Signal
) -> tuple[MomentumTable, float, tuple[float, float]]:
    """The same for a tau; all invisible particles are recorded as one."""
    share = neutrino_shares(experiment.parent, experiment.lepton, parameters)[1]
    if signal == "two-body":
        table, ratio = tau_table(experiment, parameters.m4)
    else:
        table, ratio = tau_dark_table(experiment, parameters)
    return table, share * ratio, (0.0, 0.0)


def prepare(
    experiment: Experiment,
    parameters: PortalParameters,
    *,
    n_events: int | None = None,
    decays: float | None = None,
    signal: Signal = "three-body",
    signal_fraction: float | None = None,
    seed: int = 1,
) -> Sample:
    """Decide what to generate.

    With `n_events`: so many decays M -> l + invisible, signal and light neutrinos mixed by their rates (or by
    `signal_fraction`), before selection. With `decays`: a Poisson-distributed exposure of so many parent
    decays times the acceptance of the card, with the calibrated background of its momentum range and the
    signal; M -> l nu is left out, its peak lies outside the range. For a tau the light neutrinos are the
    background.

    Parameters
    ----------
    experiment : Experiment
    parameters : PortalParameters
    n_events : int, optional
    decays : float, optional
        Exactly one of the two, positive.
    signal : "three-body" or "two-body"
    signal_fraction : float, optional
        Share of the signal among `n_events`, from 0 to 1.
    seed : int

    Raises
    ------
    InputError
        For sizes or names that are not allowed, or yR not zero.
    """
    check_seed(seed)
    table, ratio, dark_masses = _signal(experiment, parameters, signal)
    tau = experiment.parent == "tau-"
    standard = branching_ratio(experiment) if tau else leptonic_branching_ratio(experiment.parent, experiment.lepton)
    light = _light_share(experiment, parameters)
    acceptance = experiment.acceptance.value
    if (n_events is None) == (decays is None):
        raise InputError("size of the sample: give either a number of events or a number of decays")
    if n_events is not None:
        if not 1 <= n_events <= _LARGEST_SAMPLE:
            raise InputError(f"number of events = {n_events} is not allowed: 1 to 2^62 are")
        fraction = ratio / (ratio + light) if signal_fraction is None else signal_fraction
        if not 0.0 <= fraction <= 1.0 or (fraction > 0.0 and ratio == 0.0):
            raise InputError(f"signal fraction = {fraction:g} is not allowed: 0 to 1 is, 0 where the signal is closed")
        expected = (n_events * fraction, n_events * (1.0 - fraction), 0.0)
        total, requested = n_events, float(n_events)
        represented = n_events / (acceptance * standard * (ratio + light))
    else:
        assert decays is not None
        if not (math.isfinite(decays) and decays > 0.0):
            raise InputError(f"number of decays = {decays:g} is not allowed: it must be positive and finite")
        recorded = decays * acceptance * standard
        if tau:
            expected = (recorded * ratio, recorded * light, 0.0)
        else:
            background = float(calibrate(experiment).background_counts().sum()) * decays / experiment.decays
            expected = (recorded * ratio, 0.0, background)
        if sum(expected) > 1e13:
            raise InputError(f"number of decays = {decays:g} is not allowed: more than 1e13 events would be expected")
        total = int(generator(seed, Stream.EXPOSURE).poisson(sum(expected)))
        requested = represented = decays
    return Sample(
        experiment=experiment,
        parameters=parameters,
        signal=signal,
        masses=(*experiment.masses, *dark_masses),
        n_requested=requested,
        n_events=total,
        decays=represented,
        branching_ratio=standard * ratio,
        expected=expected,
        seed=seed,
        signal_table=table,
        light_table=tau_table(experiment)[0] if tau else MomentumTable.at(_line(experiment)),
        background=MomentumTable.at(1.0) if tau else background_table(calibrate(experiment)),
    )


def _count(sample: Sample, events: EventRange) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = kernel.histogram_range(
        events.first_event, events.n_events, *sample.kernel_arguments(), *sample.binning
    )
    return counts


def generate_histogram(
    sample: Sample, *, workers: int | None = None, progress: Progress | None = None
) -> GeneratedHistogram:
    """Generate all events of a sample and keep their histogram alone.

    Parameters
    ----------
    sample : Sample
        From `prepare`.
    workers : int, optional
        Threads; all cores by default.
    progress : callable, optional
        Called with the number of events finished.

    Returns
    -------
    GeneratedHistogram
        The same for any number of workers.
    """
    check_workers(workers)
    counts = np.zeros((len(COMPONENTS), sum(sample.binning[2:]) + 1), np.int64)
    if sample.n_events > 0:
        chunks = event_chunks(0, sample.n_events, DEFAULT_CHUNK_EVENTS)
        counts = reduce_chunks(partial(_count, sample), chunks, np.add, workers=workers, progress=progress)
    return histogram_of_counts(sample, counts[:, :-1])


def histogram_of_counts(sample: Sample, counts: NDArray[np.int64]) -> GeneratedHistogram:
    """Make the result of counts by component, shape (3, n_bins + n_mass), e.g. summed over `iterate_events`."""
    experiment = sample.experiment
    n_bins = sample.binning[2]
    momentum, mass = counts[:, :n_bins].sum(axis=0), counts[:, n_bins:].sum(axis=0)
    values = momentum.astype(np.float64)
    spectrum = main_spectrum(experiment, values, values)
    missing = None
    if mass.size:
        edges = missing_mass_sq_edges(experiment)
        missing = Spectrum.from_counts(MISSING_MASS_SQ, edges, mass, "squared missing mass [GeV^2]")
    return GeneratedHistogram(sample, spectrum, missing, sample.n_events, int(momentum.sum()), counts)


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


def _events(sample: Sample, events: EventRange) -> EventChunk:
    n = events.n_events
    component = np.empty(n, np.int8)
    truth, reco = np.empty(n), np.empty(n)
    arguments = sample.kernel_arguments()
    kernel.sample_range(events.first_event, n, *arguments, component, truth, reco)
    vectors = np.empty((3, 4, n))
    kernel.fill_vectors(
        events.first_event, n, arguments[0], arguments[1], component, truth, sample.masses, sample.beam, vectors
    )
    low, high = sample.experiment.momentum_GeV
    lepton, chi, phi = (np.ascontiguousarray(v.T) for v in vectors)
    selected = (reco >= low) & (reco < high)
    return EventChunk(events.first_event, component, truth, reco, selected, lepton, chi, phi)


def iterate_events(
    sample: Sample,
    *,
    workers: int | None = None,
    chunk_events: int = _EVENT_CHUNK,
    progress: Progress | None = None,
) -> Iterator[EventChunk]:
    """Generate the events of a sample, chunk by chunk in order, in constant memory.

    Parameters
    ----------
    sample : Sample
        From `prepare`.
    workers, progress
        As in `generate_histogram`.
    chunk_events : int
        Largest number of events in a chunk.

    Yields
    ------
    EventChunk
        The same events for any number of workers and any chunk size; their histogram is that of
        `generate_histogram`.
    """
    if sample.n_events == 0:
        return
    chunks = event_chunks(0, sample.n_events, chunk_events)
    yield from map_chunks(partial(_events, sample), chunks, workers=workers, progress=progress)
