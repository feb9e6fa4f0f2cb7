"""Drawing of Figs. 1 and 2: labels stand on the curves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from nucore.plot.style import RC

Array = NDArray[np.float64]

_PANEL_SIZE = (5.2, 4.6)
#: Places tried for a label, as fractions of the visible part of its curve.
_PLACES = (0.5, 0.35, 0.65, 0.22, 0.78, 0.12, 0.88, 0.05, 0.95)
#: Distance of a label from its curve, pixels.
_LIFT = 2.0
_SYMBOLS = {"->": "→", "pi": "π", "mu": "μ", "tau": "τ", "nu": "ν", "chi": "χ", "phi": "φ"}


class Curve(Protocol):
    """What is drawn; `nuportal.figures.content.FigureCurve` is one."""

    label: str
    x: Array
    y: Array
    style: str

    @property
    def vertical(self) -> bool: ...  # noqa: D102


def draw_panels(
    panels: list[tuple[str, list[Curve]]], axes_card: Mapping[str, Any], styles: Mapping[str, Any], columns: int
) -> Figure:
    """Draw panels (title, curves) on logarithmic axes.

    Parameters
    ----------
    panels : list of (str, list of curves)
    axes_card : mapping
        ``x_label, y_label, x_range, y_range``.
    styles : mapping
        ``colour, line, width`` and optionally ``shade`` (``above`` or ``below``) by key.
    columns : int
    """
    rows = -(-len(panels) // columns)
    with mpl.rc_context(RC):
        figure = Figure(figsize=(_PANEL_SIZE[0] * columns, _PANEL_SIZE[1] * rows), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes, (title, curves) in zip(grid.ravel(), panels, strict=False):
            axes.set(xscale="log", yscale="log", xlim=axes_card["x_range"], ylim=axes_card["y_range"])
            axes.set(xlabel=axes_card["x_label"], ylabel=axes_card["y_label"], title=title)
            for curve in curves:
                _draw(axes, curve, styles[curve.style])
        for axes in grid.ravel()[len(panels) :]:
            axes.set_axis_off()
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()
        for axes, (_, curves) in zip(grid.ravel(), panels, strict=False):
            _label(axes, curves, styles)
    return figure


def _draw(axes: Axes, curve: Curve, style: Mapping[str, Any]) -> None:
    look = {"color": style["colour"], "ls": style["line"], "lw": style["width"]}
    if curve.vertical:
        axes.axvline(float(curve.x[0]), **look)
        return
    axes.plot(curve.x, curve.y, **look)
    if "shade" in style:
        end = axes.get_ylim()[1 if style["shade"] == "above" else 0]
        known = np.isfinite(curve.y)
        axes.fill_between(curve.x, curve.y, end, where=known.tolist(), color=style["colour"], alpha=0.15, lw=0)


def _label(axes: Axes, curves: list[Curve], styles: Mapping[str, Any]) -> None:
    """Write the label of each curve beside it where it hides no other label."""
    taken: list[Bbox] = []
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    frame = axes.get_window_extent(renderer)
    written: set[str] = set()
    for curve in curves:
        if not curve.label or curve.label in written:
            continue
        points = _visible(axes, curve)
        if len(points) < 2:
            continue
        text = axes.text(
            1.0, 1.0, _in_symbols(curve.label), color=styles[curve.style]["colour"], fontsize=8.5, ha="center",
            va="bottom", rotation_mode="anchor", clip_on=True, in_layout=False,
            path_effects=[withStroke(linewidth=2.5, foreground="white")], zorder=5,
        )  # fmt: skip
        back = axes.transData.inverted()
        best: tuple[float, Any] | None = None
        for fraction in _PLACES:
            at = int(fraction * (len(points) - 1))
            low, high = points[max(at - 8, 0)], points[min(at + 8, len(points) - 1)]
            angle = float(np.degrees(np.arctan2(high[1] - low[1], high[0] - low[0])))
            normal = np.array([-np.sin(np.radians(angle)), np.cos(np.radians(angle))])
            text.set(rotation=angle, position=tuple(back.transform(points[at] + _LIFT * normal)))
            box = text.get_window_extent(renderer)
            outside = box.x0 < frame.x0 or box.x1 > frame.x1 or box.y0 < frame.y0 or box.y1 > frame.y1
            cost = sum(_overlap(box, other) for other in taken) + (1e6 if outside else 0.0)
            if best is None or cost < best[0]:
                best = (cost, (angle, text.get_position(), box))
            if cost == 0.0:
                break
        assert best is not None
        if best[0] >= 1e6:
            text.remove()
            continue
        angle, position, box = best[1]
        text.set(rotation=angle, position=position)
        taken.append(box)
        written.add(curve.label)


def _in_symbols(label: str) -> str:
    """Write particle names as symbols, outside of TeX."""
    if "$" in label:
        return label
    return re.sub(r"->|(?<![A-Za-z])3?(?:pi|mu|tau|nu|chi|phi)(?![A-Za-z])", _symbol, label).replace("_", " ")


def _symbol(match: re.Match[str]) -> str:
    name = match.group().lstrip("3")
    return match.group().replace(name, _SYMBOLS[name])


def _visible(axes: Axes, curve: Curve) -> Array:
    """Points of a curve inside the axes, in pixels, at even steps."""
    if curve.vertical:
        low, high = axes.get_ylim()
        x, y = np.full(60, float(curve.x[0])), np.geomspace(low, high, 60)
    else:
        x, y = np.asarray(curve.x), np.asarray(curve.y)
    (x_low, x_high), (y_low, y_high) = axes.get_xlim(), axes.get_ylim()
    inside = np.isfinite(y) & (x >= x_low) & (x <= x_high) & (y >= y_low) & (y <= y_high)
    if inside.sum() < 2:
        return np.empty((0, 2))
    pixels = axes.transData.transform(np.column_stack([x[inside], y[inside]]))
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(pixels, axis=0).T))])
    steps = np.linspace(0.0, length[-1], 120)
    return np.column_stack([np.interp(steps, length, pixels[:, k]) for k in (0, 1)])


def _overlap(one: Bbox, other: Bbox) -> float:
    common = Bbox.intersection(one, other)
    return 0.0 if common is None else float(common.width * common.height)
