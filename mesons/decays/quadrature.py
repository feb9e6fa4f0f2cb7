"""Integration over the invisible mass Q^2 that resolves a peak of any width.

The integrand of M -> l chi phi has square-root ends at Q^2_min and Q^2_max and a pole near m4^2, which may
lie inside the range, outside it, or anywhere near an end. Panels shrink geometrically towards each of these
three points (their *anchors*), and a node is stored as its distance from its anchor, so that
``Q^2 - Q^2_min``, ``Q^2_max - Q^2`` and ``Q^2 - m4^2`` are all known without cancellation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: Gauss-Legendre points in a panel [a, 2a]: the nearest singularity, at 0, gives an error 5.8^(-2n).
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
#: Share of an interval left to the last panel at an end, where the integrand may go as t^(-1/2).
_END_SHARE = 1e-22
#: The same for a grid that is drawn or tabulated.
_DRAWN_END_SHARE = 1e-5
_MAX_LEVELS = 400


@dataclass(frozen=True)
class Offsets:
    """Points of the Q^2 range by their distances (GeV^2) from its three special points.

    Attributes
    ----------
    above_min : array, shape (n,)
        Q^2 - Q^2_min.
    below_max : array, shape (n,)
        Q^2_max - Q^2.
    from_pole : array, shape (n,)
        Q^2 - m4^2.
    """

    above_min: Array
    below_max: Array
    from_pole: Array

    def shifted(self, step: Array) -> Offsets:
        """Points moved by `step` (GeV^2); shapes broadcast."""
        return Offsets(self.above_min + step, self.below_max - step, self.from_pole + step)

    def take(self, i: int) -> Offsets:
        """Point number `i`, with shape ()."""
        return Offsets(self.above_min[i], self.below_max[i], self.from_pole[i])

    def where(self, condition: ArrayLike, other: Offsets) -> Offsets:
        """These points where a condition holds and those of `other` elsewhere."""
        return Offsets(
            np.where(condition, self.above_min, other.above_min),
            np.where(condition, self.below_max, other.below_max),
            np.where(condition, self.from_pole, other.from_pole),
        )

    @staticmethod
    def concatenate(parts: list[Offsets]) -> Offsets:
        """Join sets of points."""
        return Offsets(
            np.concatenate([np.ravel(p.above_min) for p in parts]),
            np.concatenate([np.ravel(p.below_max) for p in parts]),
            np.concatenate([np.ravel(p.from_pole) for p in parts]),
        )


_gauss_legendre = lru_cache(np.polynomial.legendre.leggauss)


def panel_nodes(edges: ArrayLike, n_nodes: int = 12) -> tuple[Array, Array]:
    """Gauss-Legendre nodes and weights of an integral, panel by panel between increasing edges, shape (n,)."""
    edges = np.asarray(edges, dtype=np.float64)
    unit_nodes, unit_weights = _gauss_legendre(n_nodes)
    half = 0.5 * np.diff(edges)[:, None]
    return (edges[:-1, None] + half * (unit_nodes + 1.0)).ravel(), (half * unit_weights).ravel()


def gap(low: Offsets, high: Offsets) -> Array:
    """Q^2 distance of points (GeV^2), from the coordinate in which the difference cancels least."""
    differences = np.stack(
        [high.above_min - low.above_min, low.below_max - high.below_max, high.from_pole - low.from_pole]
    )
    sizes = np.stack(
        [
            np.maximum(np.abs(low.above_min), np.abs(high.above_min)),
            np.maximum(np.abs(low.below_max), np.abs(high.below_max)),
            np.maximum(np.abs(low.from_pole), np.abs(high.from_pole)),
        ]
    )
    best = np.argmin(sizes, axis=0)
    return np.take_along_axis(differences, np.expand_dims(best, 0), axis=0)[0]


def panel_edges(point: Offsets, half: float, pole_width: float, end_share: float = _END_SHARE) -> Array:
    """Distances from `point` at which panels end: 0, ..., half/4, half/2, half.

    Panels shrink until they are below the distance to the nearest singularity. At a square-root end itself
    they stop at a fixed share; at the pole they stop at its width, however small.

    Parameters
    ----------
    point : Offsets, shape ()
    half : float
        Length to cover, GeV^2.
    pole_width : float
        Half width of the pole, m4 Gamma4, in GeV^2.
    end_share : float
        Where to stop at a square-root end.
    """
    to_end = min(abs(float(point.above_min)), abs(float(point.below_max))) / half
    to_pole = math.hypot(float(point.from_pole), pole_width) / half
    share = 0.5 * min(max(to_end, end_share), to_pole)
    levels = max(1, math.ceil(-math.log2(share))) if share > 2.0**-_MAX_LEVELS else _MAX_LEVELS
    return np.concatenate([[0.0], half * 2.0 ** np.arange(-levels, 1.0)])


def interval_nodes(low: Offsets, high: Offsets, pole_width: float) -> tuple[Offsets, Array]:
    """Nodes and weights (GeV^2) between two neighbouring points; half the interval belongs to each."""
    half = 0.5 * float(gap(low, high))
    points, weights = [], []
    for anchor, sign in ((low, 1.0), (high, -1.0)):
        edges = panel_edges(anchor, half, pole_width)
        width = np.diff(edges)
        step = edges[:-1, None] + 0.5 * width[:, None] * (_NODES + 1.0)
        points.append(anchor.shifted(sign * step.ravel()))
        weights.append((0.5 * width[:, None] * _WEIGHTS).ravel())
    return Offsets.concatenate(points), np.concatenate(weights)


def cell_nodes(points: Offsets) -> tuple[Offsets, Array]:
    """Nodes and weights of the cells between neighbouring grid points, each of shape (n - 1, n_nodes)."""
    low = Offsets(points.above_min[:-1], points.below_max[:-1], points.from_pole[:-1])
    high = Offsets(points.above_min[1:], points.below_max[1:], points.from_pole[1:])
    half = 0.5 * gap(low, high)[:, None]
    column = Offsets(low.above_min[:, None], low.below_max[:, None], low.from_pole[:, None])
    return column.shifted(half * (_NODES + 1.0)), half * _WEIGHTS


def smooth_cells(points: Offsets, pole_width: float) -> NDArray[np.bool_]:
    """Which cells between neighbouring points lie at least their own length from every singularity."""
    to_pole = np.hypot(points.from_pole, pole_width)
    distance = np.minimum(np.minimum(points.above_min, points.below_max), to_pole)
    low = Offsets(points.above_min[:-1], points.below_max[:-1], points.from_pole[:-1])
    high = Offsets(points.above_min[1:], points.below_max[1:], points.from_pole[1:])
    return gap(low, high) <= np.minimum(distance[:-1], distance[1:])


def interval_grid(low: Offsets, high: Offsets, pole_width: float, per_octave: int) -> Offsets:
    """Points from `low` to `high` (without `high`) to draw or tabulate, dense where panels are short.

    Parameters
    ----------
    low, high : Offsets, shape ()
    pole_width : float
        GeV^2.
    per_octave : int
        Points in each factor of two of the distance from an anchor.
    """
    half = 0.5 * float(gap(low, high))
    ratios = 2.0 ** (np.arange(per_octave) / per_octave)
    steps = []
    for anchor in (low, high):
        edges = panel_edges(anchor, half, pole_width, _DRAWN_END_SHARE)
        first = np.linspace(0.0, edges[1], per_octave, endpoint=False)
        steps.append(np.concatenate([first, (edges[1:-1, None] * ratios).ravel()]))
    return Offsets.concatenate([low.shifted(steps[0]), low.shifted(np.array([half])), high.shifted(-steps[1][:0:-1])])
