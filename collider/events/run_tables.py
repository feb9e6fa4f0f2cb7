"""Tables of a sample of W events, as the kernel takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collider.events import kernel
from collider.events.detector import detector, is_simple, simple_cuts
from collider.events.kernel_detector import N_FAILED
from collider.events.sample import WSample, selection_steps
from collider.experiments.selection import LeptonSelection
from collider.production.w_production import WComponent
from collider.production.w_pt import PT_RAPIDITY_STEP
from nucore.errors import InputError
from nucore.rng import Stream, check_seed
from nucore.run.chunks import Chunk

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """All that the kernel needs except the range of events."""

    selection: LeptonSelection
    seed: int
    charge: NDArray[np.int8]
    m4: FloatArray
    production: kernel.Production
    detector: kernel.Detector | NDArray[np.float32]

    @property
    def n_slots(self) -> int:
        """Bins of the flattened histogram."""
        return self.selection.n_eta * self.selection.n_bins

    def outcomes(self, chunk: Chunk, stored: NDArray[np.float32]) -> WSample:
        """Run the kernel; fill `stored` unless it has no columns."""
        outcomes = np.zeros((len(self.m4), self.n_slots + N_FAILED), np.int64)
        simple = isinstance(self.detector, np.ndarray)
        generate = kernel.generate_blocks if simple else kernel.generate_measured_blocks
        generate(
            outcomes, stored, chunk.first, chunk.n, np.uint64(self.seed), int(Stream.W),
            self.production, self.detector,
        )  # fmt: skip
        failed = outcomes[:, self.n_slots :][:, list(selection_steps(self.selection).values())]
        return WSample(self.selection, outcomes[:, : self.n_slots], failed)


def _thresholds(weights: Sequence[float], n_components: int) -> NDArray[np.uint64]:
    """Cumulative probabilities times 2**32, without the last."""
    values = np.asarray(weights, float)
    if values.shape != (n_components,) or n_components == 0:
        raise InputError(f"{values.size} weights of {n_components} components: expected one weight for each")
    if not (np.all(np.isfinite(values)) and np.all(values >= 0.0) and values.sum() > 0.0):
        raise InputError(f"invalid weights {values.tolist()}: expected numbers >= 0, not all 0")
    cumulative = np.cumsum(values)[:-1] / values.sum()
    return np.asarray(np.rint(cumulative * 2.0**32), np.uint64)


def _stack(components: Sequence[WComponent], name: str) -> NDArray[np.float32]:
    tables = [np.asarray(getattr(component, name), float) for component in components]
    if len({table.shape for table in tables}) != 1:
        raise InputError(f"invalid {name}: expected tables of the same shape for all components")
    if tables[0].size == 0 or tables[0].shape[-1] < 2:
        raise InputError(f"invalid {name}: expected at least two nodes")
    if not all(np.all(np.isfinite(table)) for table in tables):
        raise InputError(f"invalid {name}: expected finite numbers")
    return np.ascontiguousarray(tables, np.float32)


def prepare_run(
    components: Sequence[WComponent], weights: Sequence[float], selection: LeptonSelection, seed: int
) -> Run:
    """Make the tables of a sample; arguments and errors as in `collider.events.generator.prepare`."""
    thresholds = _thresholds(weights, len(components))
    for component in components:
        if not 0.0 <= component.m4 < component.mass_quantiles[0]:
            raise InputError(f"invalid m4 = {component.m4} GeV: expected at least 0 and below the lowest W mass")
    rapidity_table = _stack(components, "rapidity_quantiles")
    if rapidity_table.shape[1] == 1:
        rapidity_table = np.repeat(rapidity_table, 2, axis=1)
    m4 = np.array([component.m4 for component in components], float)
    return Run(
        selection=selection,
        seed=check_seed(seed),
        charge=np.array([component.charge for component in components], np.int8),
        m4=m4,
        production=kernel.Production(
            thresholds=thresholds,
            m4_sq=(m4**2).astype(np.float32),
            mass=_stack(components, "mass_quantiles"),
            row=_stack(components, "rapidity_row"),
            rapidity=rapidity_table,
            pt=_stack(components, "pt_rows"),
            rows_per_rapidity=np.float32(1.0 / PT_RAPIDITY_STEP),
        ),
        detector=simple_cuts(selection) if is_simple(selection) else detector(selection),
    )
