"""What `collider.events.kernel` needs of a selection: response, cuts and bins as float32 arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collider.events.kernel import Detector
from collider.events.kernel_detector import OBSERVABLES
from collider.experiments.selection import Cuts, LeptonSelection, LossKernel
from nucore.errors import InputError
from nucore.smearing import Efficiency

#: A bound that no quantity in GeV reaches.
_NO_BOUND = 1e30
#: No lepton of a collider is as forward.
_NO_ETA = 30.0
#: Nodes of the radiation's quantile table.
N_RADIATION_NODES = 4097
#: Largest number of equal cells by which bins are found.
_MAX_CELLS = 1 << 18


def detector(selection: LeptonSelection) -> Detector:
    """Turn a selection into what the general response of the kernel reads."""
    edges = np.asarray(selection.edges, float)
    resolution = selection.resolution
    nodes, slopes, start = efficiency_ramps(selection.efficiency)
    recoil = selection.recoil
    return Detector(
        sinh_eta_edges=_float32(_sinh(selection.eta_edges)),
        resolution=_float32([resolution.constant**2, resolution.relative**2, resolution.quadratic**2]),
        scale=np.float32(1.0 + selection.scale),
        efficiency_nodes=nodes,
        efficiency_slopes=slopes,
        efficiency_start=start,
        radiation=_float32([] if selection.fsr is None else radiation_quantiles(selection.fsr)),
        recoil=_float32([] if recoil is None else [recoil.response, recoil.resolution_GeV, recoil.resolution_slope]),
        limits=_limits(selection.cuts),
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
        and resolution.constant == resolution.quadratic == selection.scale == 0.0
        and len(selection.efficiency.nodes) == 1
        and selection.fsr is None
        and selection.recoil is None
        and not selection.cuts.names
    )


def radiation_quantiles(loss: LossKernel) -> NDArray[np.float64]:
    """Return the share of the lepton's momentum that is kept, at `N_RADIATION_NODES` steps of its probability.

    Raises
    ------
    InputError
        For a loss that only templates know.
    """
    quantiles = getattr(loss, "quantiles", None)
    if quantiles is None:
        raise InputError(f"{type(loss).__name__} cannot be generated: expected a loss with quantiles")
    return np.asarray(quantiles(N_RADIATION_NODES))


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


def _limits(cuts: Cuts) -> NDArray[np.float32]:
    ranges = cuts.ranges.values()
    return _float32([(-_NO_BOUND if low is None else low, _NO_BOUND if high is None else high) for low, high in ranges])


def _float32(values: object) -> NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)
