"""Pseudo-data of pp -> W -> l nu, the neutrino massless or nu4: histograms and event records.

A sample is a mixture of components (a charge with a neutrino mass); every event draws its component from its own
uniform. Event i of a seed is the same event whatever the workers, the chunk or the shard, and the histogram of a
range of events is the same whether or not the events themselves are kept (`collider.events.kernel`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.decay.w_decay import decay_momenta
from collider.events import kernel
from collider.events.kernel_inputs import Run, prepare
from collider.events.sample import WEvents, WSample, selection_steps
from nucore.events import compact
from nucore.generation import Counts, EventPieces, Piece, add, generation_job, in_order
from nucore.random_streams import Stream, uniforms
from nucore.run.chunks import Chunk
from nucore.run.executors import Execution
from nucore.run.job import complete

FloatArray = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]

EVENT_CHUNK = 128 * 1024
"""Events in a chunk of records: about 25 MB."""
_BYTES_PER_EVENT = 600.0  # while a chunk of records is made
_DISK_BYTES_PER_EVENT = 60.0  # of the branches alone
_LEAST_SELECTED = 0.05  # assumed share of the events that pass a selection


def count_piece(run: Run, chunk: Chunk) -> Piece:
    """Counts of a chunk of events."""
    return dict(_counts(run.outcomes(chunk, np.empty((kernel.N_STORED, 0), np.float32))))


def _counts(sample: WSample) -> Counts:
    return {"counts": sample.component_counts, "failed": sample.component_failed}


def empty_counts(run: Run) -> Counts:
    """Counts of no events."""
    shapes = {"counts": run.n_slots, "failed": len(selection_steps(run.selection))}
    return {name: np.zeros((len(run.m4), n), np.int64) for name, n in shapes.items()}


def sample_of(run: Run, counts: Counts) -> WSample:
    """Sample of the counts of all pieces."""
    return WSample(run.selection, counts["counts"], counts["failed"])


def event_pieces(run: Run, codes: NDArray[np.int8] | None = None, selected_only: bool = False) -> EventPieces:
    """Describe pieces that hold events.

    Parameters
    ----------
    run : Run
    codes : int8[n_components], optional
        Of the components in an event file, which holds single precision; all branches stay as they are without it.
    selected_only : bool
        Leave out events that fail the selection.
    """
    disk = _DISK_BYTES_PER_EVENT * (_LEAST_SELECTED if selected_only else 1.0)
    task, variant = partial(_event_piece, run, codes, selected_only), "records" if codes is None else "events"
    return EventPieces(task, EVENT_CHUNK, _BYTES_PER_EVENT, disk, variant)


def _event_piece(run: Run, codes: NDArray[np.int8] | None, selected_only: bool, chunk: Chunk) -> Piece:
    events = record_chunk(run, chunk)
    arrays = dict(events.arrays)
    if codes is not None:
        del arrays["up_type_side"]
        arrays["component"] = codes[arrays["component"]]
        arrays = compact(arrays, arrays["selected"] if selected_only else None)
    return {**_counts(events.sample), "arrays": arrays}


def record_chunk(run: Run, chunk: Chunk) -> WEvents:
    """Record of the events of a chunk."""
    stored = np.empty((kernel.N_STORED, chunk.n), np.float32)
    sample = run.outcomes(chunk, stored)
    v = dict(zip(kernel.STORED, stored, strict=True))
    component = v["component"].astype(np.int8)
    u_azimuth = uniforms(run.seed, Stream.W, chunk.first, chunk.n, kernel.W_AZIMUTH_WORD + 1)[-1]
    mass, w_pt, rapidity, x = (v[name].astype(float) for name in ("mass", "pt", "rapidity", "one_minus_cos"))
    m4, w_phi = run.m4[component], np.pi * (2.0 * u_azimuth - 1.0)
    phi_star = np.arctan2(v["sin_phi"].astype(float), v["cos_phi"].astype(float))
    momenta = decay_momenta(mass, m4, w_pt, rapidity, w_phi, x, phi_star)
    z_sign = np.where(v["u_mirror"] < 0.5, -1.0, 1.0)
    _, lepton_px, lepton_py, lepton_pz = momenta.lepton
    lepton_pt = np.hypot(lepton_px, lepton_py)
    lepton_eta = z_sign * np.arcsinh(lepton_pz / lepton_pt)
    lepton_phi = np.arctan2(lepton_py, lepton_px)
    arrays: Arrays = {
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
    return WEvents(arrays, sample)


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
    run, events = prepare(*sample, **choices)

    def finish(pieces: Iterator[Piece]) -> WSample:
        return sample_of(run, reduce(add, pieces, empty_counts(run)))

    return complete(generation_job(partial(count_piece, run), events, finish, execution=execution or Execution()))


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
    run, events = prepare(*sample, **choices)
    return in_order(partial(record_chunk, run), events, chunk_events, execution)
