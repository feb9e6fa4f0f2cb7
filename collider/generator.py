"""Pseudo-data of pp -> W -> l nu, the neutrino massless or nu4: histograms and event records.

A sample is a mixture of components (a charge with a neutrino mass); every event draws its component from its own
uniform. Event i of a seed is the same event whatever the workers, the chunk or the shard, and the histogram of a
range of events is the same whether or not the events themselves are kept (`collider.kernel`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from collider import kernel
from collider.sample import WEvents, WSample, WSelection
from collider.w_decay import decay_momenta
from nuportal.errors import InputError
from nuportal.execution import EventRange, Progress, event_chunks, map_chunks, reduce_chunks
from nuportal.rng import Stream, check_seed, uniforms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EVENT_CHUNK = 128 * 1024
"""Events in a chunk of records: about 25 MB."""


class Component(Protocol):
    """One final state and its tables; `collider.production.WComponent` is one.

    Quantile tables have uniform nodes in the cumulative probability and are interpolated linearly; n_nodes - 1 a
    power of two makes the float32 interpolation exact. Components of one sample have tables of the same shapes.
    """

    @property
    def charge(self) -> int:
        """Charge of the W, +1 or -1."""

    @property
    def m4(self) -> float:
        """Neutrino mass in GeV, 0 for the light ones."""

    @property
    def mass_quantiles(self) -> FloatArray:
        """W mass in GeV, [n_m]."""

    @property
    def rapidity_row(self) -> FloatArray:
        """Fractional row of `rapidity_quantiles` for each mass node, [n_m]."""

    @property
    def rapidity_quantiles(self) -> FloatArray:
        """W rapidity for the up-type parton along +z, [n_rows, n_y]."""

    @property
    def pt_quantiles(self) -> FloatArray:
        """W transverse momentum in GeV, [n_pt]."""


@dataclass(frozen=True)
class _Run:
    """All that the kernel needs except the range of events."""

    selection: WSelection
    seed: int
    charge: NDArray[np.int8]
    m4: FloatArray
    thresholds: NDArray[np.uint64]
    mass_table: NDArray[np.float32]
    row_table: NDArray[np.float32]
    rapidity_table: NDArray[np.float32]
    pt_table: NDArray[np.float32]

    def outcomes(self, chunk: EventRange, stored: NDArray[np.float32]) -> WSample:
        """Run the kernel; fill `stored` unless it has no columns."""
        n_bins = self.selection.n_bins
        outcomes = np.zeros((len(self.m4), n_bins + kernel.N_FAILED), np.int64)
        kernel.generate_blocks(
            outcomes, stored, chunk.first_event, chunk.n_events, np.uint64(self.seed), int(Stream.W),
            self.thresholds, (self.m4**2).astype(np.float32), self.mass_table, self.row_table,
            self.rapidity_table, self.pt_table, self.selection.cuts(),
        )  # fmt: skip
        return WSample(self.selection.edges, outcomes[:, :n_bins], outcomes[:, n_bins:])


def _thresholds(weights: Sequence[float], n_components: int) -> NDArray[np.uint64]:
    """Cumulative probabilities times 2**32, without the last."""
    values = np.asarray(weights, float)
    if values.shape != (n_components,) or n_components == 0:
        raise InputError(f"{n_components} components with {values.size} weights: one weight each is needed")
    if not (np.all(np.isfinite(values)) and np.all(values >= 0.0) and values.sum() > 0.0):
        raise InputError(f"weights {values.tolist()}: finite, >= 0 and not all 0 is needed")
    cumulative = np.cumsum(values)[:-1] / values.sum()
    return np.asarray(np.rint(cumulative * 2.0**32), np.uint64)


def _stack(components: Sequence[Component], name: str) -> NDArray[np.float32]:
    tables = [np.asarray(getattr(component, name), float) for component in components]
    if len({table.shape for table in tables}) != 1:
        raise InputError(f"{name}: the components of a sample need tables of the same shape")
    if min(tables[0].shape) < 2 and not (name == "rapidity_quantiles" and tables[0].shape[1] > 1):
        raise InputError(f"{name}: at least two nodes are needed")
    if not all(np.all(np.isfinite(table)) for table in tables):
        raise InputError(f"{name}: values must be finite")
    return np.ascontiguousarray(tables, np.float32)


def _prepare(components: Sequence[Component], weights: Sequence[float], selection: WSelection, seed: int) -> _Run:
    thresholds = _thresholds(weights, len(components))
    for component in components:
        if not 0.0 <= component.m4 < component.mass_quantiles[0]:
            raise InputError(f"m4 = {component.m4} GeV: at least 0 and below the lowest W mass is needed")
    rapidity_table = _stack(components, "rapidity_quantiles")
    if rapidity_table.shape[1] == 1:
        rapidity_table = np.repeat(rapidity_table, 2, axis=1)
    return _Run(
        selection=selection,
        seed=check_seed(seed),
        charge=np.array([component.charge for component in components], np.int8),
        m4=np.array([component.m4 for component in components], float),
        thresholds=thresholds,
        mass_table=_stack(components, "mass_quantiles"),
        row_table=_stack(components, "rapidity_row"),
        rapidity_table=rapidity_table,
        pt_table=_stack(components, "pt_quantiles"),
    )


def _count_chunk(run: _Run, chunk: EventRange) -> WSample:
    return run.outcomes(chunk, np.empty((kernel.N_STORED, 0), np.float32))


def _record_chunk(run: _Run, chunk: EventRange) -> WEvents:
    stored = np.empty((kernel.N_STORED, chunk.n_events), np.float32)
    sample = run.outcomes(chunk, stored)
    v = dict(zip(kernel.STORED, stored, strict=True))
    component = v["component"].astype(np.int8)
    u_azimuth = uniforms(run.seed, Stream.W, chunk.first_event, chunk.n_events, kernel.W_AZIMUTH_WORD + 1)[-1]
    mass, w_pt, rapidity, x = (v[name].astype(float) for name in ("mass", "pt", "rapidity", "one_minus_cos"))
    m4, w_phi = run.m4[component], np.pi * (2.0 * u_azimuth - 1.0)
    phi_star = 2.0 * np.pi * v["u_phi_star"].astype(float)
    momenta = decay_momenta(mass, m4, w_pt, rapidity, w_phi, x, phi_star)
    z_sign = np.where(v["u_mirror"] < 0.5, -1.0, 1.0)
    _, lepton_px, lepton_py, lepton_pz = momenta.lepton
    lepton_pt = np.hypot(lepton_px, lepton_py)
    lepton_eta = z_sign * np.arcsinh(lepton_pz / lepton_pt)
    lepton_phi = np.arctan2(lepton_py, lepton_px)
    arrays: dict[str, NDArray[Any]] = {
        "event": np.arange(chunk.first_event, chunk.stop),
        "component": component,
        "charge": run.charge[component],
        "up_type_side": z_sign.astype(np.int8),
        "w_mass": mass,
        "w_pt": w_pt,
        "w_rapidity": z_sign * rapidity,
        "w_phi": w_phi,
        "lepton_pt": lepton_pt,
        "lepton_eta": lepton_eta,
        "lepton_phi": lepton_phi,
        "neutrino_mass": m4,
        "neutrino_px": momenta.neutrino[1],
        "neutrino_py": momenta.neutrino[2],
        "neutrino_pz": z_sign * momenta.neutrino[3],
        "neutrino_energy": momenta.neutrino[0],
        "reco_lepton_pt": v["reco_pt"],
        "reco_lepton_eta": lepton_eta,
        "reco_lepton_phi": lepton_phi,
        "selected": v["slot"] < run.selection.n_bins,
    }
    return WEvents(chunk.first_event, arrays, sample)


def generate_histogram(
    components: Sequence[Component],
    weights: Sequence[float],
    selection: WSelection,
    n_events: int,
    seed: int,
    first_event: int = 0,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> WSample:
    """Generate W bosons, smear and select the lepton, and count, in memory that does not grow with the events.

    Parameters
    ----------
    components : sequence of Component
        For example `collider.production.WComponent`.
    weights : sequence of float
        Relative number of W bosons of each component (cross section times |U|^2 factor).
    selection : WSelection
        Response, selection and binning.
    n_events : int
        W bosons before selection, >= 1.
    seed : int
        From 0 to 2**64 - 1.
    first_event : int
        Index of the first event, for shards.
    workers, executor, progress
        See `nuportal.execution.map_chunks`.

    Returns
    -------
    WSample

    Raises
    ------
    InputError
        For weights, tables, seed or range that are not allowed.
    """
    run = _prepare(components, weights, selection, seed)
    chunks = event_chunks(first_event, n_events)
    return reduce_chunks(
        partial(_count_chunk, run),
        chunks,
        WSample.__add__,
        workers=workers,
        executor=executor,
        progress=progress,
    )


def generate_events(
    components: Sequence[Component],
    weights: Sequence[float],
    selection: WSelection,
    n_events: int,
    seed: int,
    first_event: int = 0,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    chunk_events: int = EVENT_CHUNK,
) -> Iterator[WEvents]:
    """Generate the same events as `generate_histogram` and yield their records in order, chunk by chunk.

    All events are yielded, selected or not. Energy and momentum are conserved and the particles on their mass
    shells to float64 accuracy; the truth momenta follow, in float64, from the float32 mass, rapidity, transverse
    momentum and decay angle that the kernel drew, so ``lepton_pt`` is the pT before smearing to about 1e-7.

    Parameters
    ----------
    components, weights, selection, n_events, seed, first_event, workers, executor, progress
        As in `generate_histogram`.
    chunk_events : int
        Events in a chunk, rounded up to a multiple of 1024.

    Returns
    -------
    iterator of WEvents

    Raises
    ------
    InputError
        As in `generate_histogram`, at the call and not at the first step.
    """
    run = _prepare(components, weights, selection, seed)
    chunks = event_chunks(first_event, n_events, chunk_events)
    return map_chunks(partial(_record_chunk, run), chunks, workers=workers, executor=executor, progress=progress)
