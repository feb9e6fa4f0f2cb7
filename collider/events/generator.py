"""Pseudo-data of pp -> W -> l nu, the neutrino massless or nu4: histograms and event records.

A sample is a mixture of components (a charge with a neutrino mass); every event draws its component from its own
uniform. Event i of a seed is the same event whatever the workers, the chunk or the shard, and the histogram of a
range of events is the same whether or not the events themselves are kept (`collider.events.kernel`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from collider.decay.w_decay import decay_momenta
from collider.events import kernel
from collider.events.run_tables import Component, Run, prepare_run
from collider.events.sample import WEvents, WSample, selection_steps
from collider.experiments.selection import LeptonSelection
from nucore.errors import InputError
from nucore.events import compact
from nucore.pseudodata import COUNT_CHUNK, LEAST_COUNT_CHUNK, Counts, Piece, add
from nucore.rng import BLOCK, Stream, uniforms
from nucore.run.chunks import Chunk, cut
from nucore.run.engine import run_chunks
from nucore.run.executors import Execution, open_workers
from nucore.run.job import Job, complete

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Result = TypeVar("Result")

EVENT_CHUNK = 128 * 1024
"""Events in a chunk of records: about 25 MB."""
_BYTES_PER_EVENT = 600.0  # while a chunk of records is made
_DISK_BYTES_PER_EVENT, _LEAST_SELECTED = 60.0, 0.05


@dataclass(frozen=True)
class Generation:
    """A sample, ready to run piece by piece; see `prepare`.

    Attributes
    ----------
    first_event, n_events : int
    """

    run: Run
    first_event: int
    n_events: int

    @property
    def empty(self) -> Counts:
        """Counts of no events."""
        shapes = {"counts": self.run.n_slots, "failed": len(selection_steps(self.run.selection))}
        return {name: np.zeros((len(self.run.m4), n), np.int64) for name, n in shapes.items()}

    def sample(self, counts: Counts) -> WSample:
        """Sample of the counts of all pieces."""
        return WSample(self.run.selection, counts["counts"], counts["failed"])

    def job(
        self, finish: Callable[[Iterator[Piece]], Result], events: EventChoice | None = None, **choices: Any
    ) -> Job[Result]:
        """Describe the run over all events.

        Parameters
        ----------
        finish : callable (iterator of pieces) -> Result
        events : EventChoice, optional
            Keep events too.
        **choices
            Other fields of `nucore.run.Job`.
        """
        least, most = (LEAST_COUNT_CHUNK, COUNT_CHUNK) if events is None else (EVENT_CHUNK, EVENT_CHUNK)
        return Job(
            partial(_piece, self.run, events), Chunk(self.first_event, self.n_events), finish, "events",
            chunk=most, least_chunk=least, grain=BLOCK, local="threads",
            bytes_per_item=0.0 if events is None else _BYTES_PER_EVENT,
            least_disk_bytes_per_item=0.0 if events is None else events.least_disk_bytes, **choices,
        )  # fmt: skip


@dataclass(frozen=True)
class EventChoice:
    """Which events a piece keeps, and how.

    Attributes
    ----------
    selected_only : bool
    codes : int8 array, shape (n_components,), optional
        Of the components in the event record, in single precision; without them all branches stay as they are.
    """

    selected_only: bool
    codes: NDArray[np.int8] | None = None

    @property
    def least_disk_bytes(self) -> float:
        """Of an event, on average: the branches alone, and of few events where a selection takes part."""
        return _DISK_BYTES_PER_EVENT * (_LEAST_SELECTED if self.selected_only else 1.0)

    def arrays(self, events: WEvents) -> dict[str, NDArray[Any]]:
        """Branches of the events that are kept."""
        arrays = events.arrays
        if self.codes is None:
            return arrays
        arrays = {name: array for name, array in arrays.items() if name != "up_type_side"}
        arrays["component"] = self.codes[arrays["component"]]
        return compact(arrays, arrays["selected"] if self.selected_only else None)


def _piece(run: Run, choice: EventChoice | None, chunk: Chunk) -> Piece:
    """Counts of a chunk, and its events if they are wanted."""
    if choice is None:
        sample, arrays = run.outcomes(chunk, np.empty((kernel.N_STORED, 0), np.float32)), {}
    else:
        events = _record_chunk(run, chunk)
        sample, arrays = events.sample, {"arrays": choice.arrays(events)}
    return {"counts": sample.component_counts, "failed": sample.component_failed, **arrays}


def _record_chunk(run: Run, chunk: Chunk) -> WEvents:
    stored = np.empty((kernel.N_STORED, chunk.n), np.float32)
    sample = run.outcomes(chunk, stored)
    v = dict(zip(kernel.STORED, stored, strict=True))
    component = v["component"].astype(np.int8)
    u_azimuth = uniforms(run.seed, Stream.W, chunk.first, chunk.n, kernel.W_AZIMUTH_WORD + 1)[-1]
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
        "event": np.arange(chunk.first, chunk.stop),
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
        "selected": v["slot"] < run.n_slots,
        "bin": np.where(v["slot"] < run.n_slots, v["slot"], -1.0).astype(np.int32),
    }
    if run.selection.fsr is not None:
        arrays["radiated_fraction"] = 1.0 - v["kept"].astype(float)
    if run.selection.recoil is not None:
        arrays |= _recoil_arrays(v, lepton_phi, w_phi)
    return WEvents(chunk.first, arrays, sample)


def _recoil_arrays(v: dict[str, NDArray[np.float32]], lepton_phi: FloatArray, w_phi: FloatArray) -> dict[str, Any]:
    """Measured recoil and missing momentum in the laboratory."""
    along, across = v["recoil_along"].astype(float), v["recoil_across"].astype(float)
    recoil_px = along * np.cos(w_phi) - across * np.sin(w_phi)
    recoil_py = along * np.sin(w_phi) + across * np.cos(w_phi)
    missing_px = -v["reco_pt"] * np.cos(lepton_phi) - recoil_px
    missing_py = -v["reco_pt"] * np.sin(lepton_phi) - recoil_py
    return {
        "reco_recoil_px": recoil_px,
        "reco_recoil_py": recoil_py,
        "reco_missing_pt": v["missing_pt"],
        "reco_missing_phi": np.arctan2(missing_py, missing_px),
        "reco_transverse_mass": v["transverse_mass"],
    }


def prepare(
    components: Sequence[Component],
    weights: Sequence[float],
    selection: LeptonSelection,
    n_events: int,
    seed: int,
    first_event: int = 0,
) -> Generation:
    """Make the tables of a sample, and check what is given.

    Parameters
    ----------
    components : sequence of Component
        For example `collider.production.w_production.WComponent`.
    weights : sequence of float
        Relative number of W bosons of each component (cross section times |U|^2 factor).
    selection : LeptonSelection
        Response, selection and binning.
    n_events : int
        W bosons before selection, >= 1.
    seed : int
        From 0 to 2**64 - 1.
    first_event : int
        Index of the first event.

    Raises
    ------
    InputError
        For weights, tables, seed or range that are not allowed.
    """
    run = prepare_run(components, weights, selection, seed)
    if n_events < 1:
        raise InputError(f"number of events = {n_events}: an integer >= 1 is needed")
    cut(Chunk(first_event, n_events), BLOCK, BLOCK)  # refuses numbers that are not allowed
    return Generation(run, first_event, n_events)


def generate_histogram(*sample: Any, execution: Execution | None = None, **choices: Any) -> WSample:
    """Generate W bosons, measure and select the lepton, and count, in memory that does not grow with the events.

    Parameters
    ----------
    *sample, **choices
        As for `prepare`.
    execution : Execution, optional

    Returns
    -------
    WSample
    """
    generation = prepare(*sample, **choices)
    return complete(
        generation.job(
            lambda pieces: generation.sample(reduce(add, pieces, generation.empty)), execution=execution or Execution()
        )
    )


def generate_events(
    *sample: Any, execution: Execution | None = None, chunk_events: int = EVENT_CHUNK, **choices: Any
) -> Iterator[WEvents]:
    """Generate the same events as `generate_histogram` and yield their records in order, chunk by chunk.

    All events are yielded, selected or not. Energy and momentum are conserved and the particles on their mass
    shells to float64 accuracy; the truth momenta follow, in float64, from the float32 mass, rapidity, transverse
    momentum and decay angle that the kernel drew, so ``lepton_pt`` is the pT before smearing to about 1e-7.

    Parameters
    ----------
    *sample, **choices
        As for `prepare`.
    execution : Execution, optional
    chunk_events : int
        Events in a chunk, rounded up to a multiple of 1024.

    Returns
    -------
    iterator of WEvents

    Raises
    ------
    InputError
        At the call and not at the first step.
    """
    generation = prepare(*sample, **choices)
    items = Chunk(generation.first_event, generation.n_events)
    chunks = cut(items, chunk_events, BLOCK)
    return _records(partial(_record_chunk, generation.run), chunks, execution or Execution())


def _records(task: Callable[[Chunk], WEvents], chunks: Iterator[Chunk], execution: Execution) -> Iterator[WEvents]:
    with open_workers(execution, "threads") as workers:
        yield from run_chunks(task, chunks, execution, workers)
