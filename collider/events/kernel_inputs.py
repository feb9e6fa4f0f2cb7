"""Samples and selections of W events as the kernel takes them: tables, response, cuts and bins in float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collider.events import kernel
from collider.events.kernel_detector import N_FAILED, OBSERVABLES
from collider.events.kernel_tables import Detector, Production
from collider.events.sample import WSample, selection_steps
from collider.experiments.selection import (
    TREND_CENTRE_GEV,
    TREND_RANGE_GEV,
    TREND_STEP_GEV,
    LeptonSelection,
    Recoil,
)
from collider.production.spin import PT_RATIO, SpinTable
from collider.production.w_production import WComponent
from collider.production.w_pt import PT_RAPIDITY_STEP
from nucore.errors import InputError
from nucore.random_streams import Stream, check_seed
from nucore.rng import BLOCK
from nucore.run.chunks import Chunk, cut
from nucore.smearing import Efficiency

FloatArray = NDArray[np.float64]

#: A bound that no quantity in GeV reaches.
_NO_BOUND = 1e30
#: No lepton of a collider is as forward.
_NO_ETA = 30.0
#: Nodes of the radiation's quantile table.
N_RADIATION_NODES = 4097
#: Largest number of equal cells by which bins are found.
_MAX_CELLS = 1 << 18


@dataclass(frozen=True)
class Run:
    """All that the kernel needs except the range of events."""

    selection: LeptonSelection
    seed: int
    charge: NDArray[np.int8]
    m4: FloatArray
    production: Production
    detector: Detector | NDArray[np.float32]

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
    return np.ascontiguousarray([getattr(component, name) for component in components], np.float32)


def _spin_tables(spins: Sequence[SpinTable]) -> dict[str, Any]:
    """Spin tables of the components, each different one once, and their common grid.

    Raises
    ------
    InputError
        If the grids differ.
    """
    tables = list(dict.fromkeys(spins))
    grids = {_spin_grid(table) for table in tables}
    if len(grids) != 1 or len({table.values.shape for table in tables}) != 1:
        raise InputError(f"{len(tables)} spin tables of {len(grids)} grids: expected one grid for all components")
    values = np.array([table.values for table in tables])
    return {
        "spin_table": np.array([tables.index(spin) for spin in spins], np.int32),
        "coefficients": _float32(values[..., :5]),
        "share": _float32(values[..., 5]),
        "spin_grid": _float32(grids.pop()),
    }


def _spin_grid(table: SpinTable) -> tuple[float, ...]:
    """First node and nodes per unit of ln m, s and y, and what s is relative to."""
    return (
        table.log_mass_low, 1.0 / table.log_mass_step, 0.0, 1.0 / table.pt_step,
        -table.rapidity_max, 1.0 / table.rapidity_step, PT_RATIO,
    )  # fmt: skip


def prepare(
    components: Sequence[WComponent],
    weights: Sequence[float],
    selection: LeptonSelection,
    n_events: int,
    seed: int,
    first_event: int = 0,
) -> tuple[Run, Chunk]:
    """Make the tables of a sample and check its range of events.

    Parameters
    ----------
    components : sequence of WComponent
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
        For invalid weights, tables, seed or range.
    """
    if n_events < 1:
        raise InputError(f"invalid number of events {n_events}: expected an integer >= 1")
    events = Chunk(first_event, n_events)
    cut(events, BLOCK, BLOCK)  # checks the range
    m4 = np.array([component.m4 for component in components], float)
    run = Run(
        selection=selection,
        seed=check_seed(seed),
        charge=np.array([component.charge for component in components], np.int8),
        m4=m4,
        production=Production(
            thresholds=_thresholds(weights, len(components)),
            m4_sq=(m4**2).astype(np.float32),
            mass=_stack(components, "mass_quantiles"),
            row=_stack(components, "rapidity_row"),
            rapidity=_stack(components, "rapidity_quantiles"),
            pt=_stack(components, "pt_rows"),
            rows_per_rapidity=np.float32(1.0 / PT_RAPIDITY_STEP),
            **_spin_tables([component.spin for component in components]),
        ),
        detector=simple_cuts(selection) if is_simple(selection) else detector(selection),
    )
    return run, events


def detector(selection: LeptonSelection) -> Detector:
    """Turn a selection into what the general response of the kernel reads."""
    edges = np.asarray(selection.edges, float)
    resolution = selection.resolution
    nodes, slopes, start = efficiency_ramps(selection.efficiency)
    recoil, ranges = selection.recoil, selection.cuts.ranges.values()
    limits = [(-_NO_BOUND if low is None else low, _NO_BOUND if high is None else high) for low, high in ranges]
    return Detector(
        sinh_eta_edges=_float32(_sinh(selection.eta_edges)),
        resolution=_float32(
            [resolution.constant**2, resolution.relative**2, resolution.quadratic**2, resolution.stochastic**2]
        ),
        regions=_float32([(np.sinh(border), factor) for border, factor in selection.resolution_regions]).reshape(-1, 2),
        scale=np.float32(1.0 + selection.scale),
        efficiency_nodes=nodes,
        efficiency_slopes=slopes,
        efficiency_start=start,
        trend=_float32(_trend(selection)),
        radiation=_float32([] if selection.fsr is None else selection.fsr.quantiles(N_RADIATION_NODES)),
        recoil=_float32([] if recoil is None else _recoil_terms(recoil)),
        limits=_float32(limits),
        observable=OBSERVABLES.index(selection.observable),
        edges=_float32(edges),
        cells=bin_cells(edges),
    )


def is_simple(selection: LeptonSelection) -> bool:
    """Say whether `collider.events.kernel_detector.fill_slot` covers the selection, the faster of the two."""
    width = np.diff(selection.edges)
    resolution = selection.resolution
    return bool(
        selection.observable == "lepton_pt"
        and len(selection.eta_edges) == 2
        and selection.eta_edges[0] == 0.0
        and np.ptp(width) < 1e-9 * width[0]
        and resolution.constant == resolution.quadratic == resolution.stochastic == selection.scale == 0.0
        and not selection.resolution_regions
        and selection.efficiency_slope == selection.efficiency_curvature == 0.0
        and len(selection.efficiency.nodes) == 1
        and selection.fsr is None
        and selection.recoil is None
        and not selection.cuts.names
    )


def _recoil_terms(recoil: Recoil) -> list[float]:
    """Return the terms of `collider.events.kernel_response.fill_recoil`."""
    response = [recoil.response + recoil.response_rise, recoil.response_rise, 1.0 / recoil.response_scale_GeV]
    return [*response, recoil.resolution_GeV, recoil.resolution_slope, recoil.resolution_spread]


def _trend(selection: LeptonSelection) -> list[float]:
    """Return the terms of `collider.events.kernel_response.fill_trend`."""
    low, high = ((pt - TREND_CENTRE_GEV) / TREND_STEP_GEV for pt in TREND_RANGE_GEV)
    trend = [selection.efficiency_slope, selection.efficiency_curvature, TREND_CENTRE_GEV, 1.0 / TREND_STEP_GEV]
    return [*trend, low, high]


def efficiency_ramps(efficiency: Efficiency) -> tuple[NDArray[np.float32], NDArray[np.float32], np.float32]:
    """Return where the slope of an efficiency changes, by how much, and its value before the first node."""
    values, nodes = np.asarray(efficiency.values), np.asarray(efficiency.nodes)
    slopes = np.concatenate([[0.0], np.diff(values) / np.diff(nodes), [0.0]])
    return _float32(nodes), _float32(np.diff(slopes)), np.float32(values[0])


def bin_cells(edges: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the bin at the beginning of each of equal cells so narrow that none meets two edges.

    Parameters
    ----------
    edges : float64[n_bins + 1]
        Increasing.

    Returns
    -------
    int32[n_cells]

    Raises
    ------
    InputError
        If float32 cannot tell the bins apart.
    """
    n_cells = 2 * int(np.ceil((edges[-1] - edges[0]) / np.diff(edges).min()))
    if n_cells > _MAX_CELLS:
        raise InputError(f"invalid bin edges: expected no bin narrower than {2.0 / _MAX_CELLS:.0e} of the range")
    # a quarter of a cell of margin: the float32 position of a value may be rounded into a neighbouring cell
    start = np.linspace(edges[0], edges[-1], n_cells, endpoint=False) - 0.25 * (edges[-1] - edges[0]) / n_cells
    return np.clip(np.searchsorted(edges, start, side="right") - 1, 0, edges.size - 2).astype(np.int32)


def _sinh(eta_edges: tuple[float, ...]) -> NDArray[np.float64]:
    return np.asarray(np.sinh(np.minimum(eta_edges, _NO_ETA)))


def simple_cuts(selection: LeptonSelection) -> NDArray[np.float32]:
    """Turn a selection that `is_simple` into what `collider.events.kernel_detector.fill_slot` reads."""
    low, high, n_bins = selection.edges[0], selection.edges[-1], len(selection.edges) - 1
    resolution, efficiency = selection.resolution.relative, selection.efficiency.values[0]
    sinh_eta_max = _sinh(selection.eta_edges)[-1]
    return _float32([sinh_eta_max, low, high, n_bins / (high - low), n_bins, resolution, efficiency])


def _float32(values: object) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)
