"""A legend that covers nothing that is drawn: it takes the corner with most room, and the axes grow if need be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.transforms import Transform
from numpy.typing import NDArray

from nucore.plot.labels import even_steps

Array = NDArray[np.float64]

_CORNERS = ("upper right", "upper left", "lower left", "lower right", "upper center", "lower center")
#: Between legend and drawing, and from the ends of the axes, in units of these; pixels between points of a drawing.
_CLEAR, _END, _STEP = 0.02, 0.01, 4.0


def place_legend(axes: Axes, **options: Any) -> None:
    """Add a legend where it covers nothing, raising the upper end of the axes if there is no such place.

    Lines and areas from the lower to the upper end of the axes do not count.

    Parameters
    ----------
    axes : Axes
        All else must be drawn, and its limits final.
    **options
        Of `Axes.legend`.
    """
    handles, _ = axes.get_legend_handles_labels()
    if not handles:
        return
    figure: Any = axes.figure
    canvas = FigureCanvasAgg(figure)
    points: Array | None = None
    needed: dict[str, float] = {}
    for corner in _CORNERS:
        legend = axes.legend(loc=corner, **options)
        if points is None:
            figure.get_layout_engine().execute(figure)
            points = _points(axes)
        box = legend.get_window_extent(canvas.get_renderer()).transformed(axes.transAxes.inverted())
        beside = points[(points[:, 0] > box.x0 - _CLEAR) & (points[:, 0] < box.x1 + _CLEAR), 1]
        if not ((beside > box.y0 - _CLEAR) & (beside < box.y1 + _CLEAR)).any():
            return
        if corner.startswith("upper"):
            needed[corner] = float(beside[beside < 1.0 + _CLEAR].max() / (box.y0 - _CLEAR))
    best = min(needed, key=lambda corner: needed[corner])
    axes.legend(loc=best, **options)
    low, high = axes.transScale.transform([(1.0, y) for y in axes.get_ylim()])[:, 1]
    top = axes.transScale.inverted().transform((1.0, low + (high - low) * needed[best]))[1]
    axes.set_ylim(top=top)


def _points(axes: Axes) -> Array:
    """Points of what is drawn inside the axes, in units of these, shape (n, 2)."""
    found = [np.zeros((0, 2))]
    back = axes.transAxes.inverted()
    for path, transform in _paths(axes):
        for part in map(np.asarray, path.transformed(transform).to_polygons(closed_only=False)):
            known = part[np.isfinite(part).all(axis=1)]
            if len(known) == 0:
                continue
            inside = np.clip(back.transform(known), -0.1, 1.1)
            if ((inside[:, 1] > _END) & (inside[:, 1] < 1.0 - _END)).any():
                found.append(back.transform(even_steps(axes.transAxes.transform(inside), _STEP)))
    points = np.concatenate(found)
    return points[(points[:, 0] >= 0.0) & (points[:, 0] <= 1.0) & (points[:, 1] >= 0.0)]


def _paths(axes: Axes) -> Iterator[tuple[Path, Transform]]:
    artists: list[Artist] = [*axes.lines, *axes.patches, *axes.collections]
    for artist in artists:
        if isinstance(artist, Line2D | Patch):
            yield artist.get_path(), artist.get_transform()
        elif isinstance(artist, Collection):
            for path in artist.get_paths():
                yield path, artist.get_transform()
