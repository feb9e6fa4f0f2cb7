"""Drawing of Figs. 1 and 2: names beside the curves, ticks on the side that is excluded, and a key to the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke, withTickedStroke
from numpy.typing import NDArray

from nucore.plot.labels import Name, even_steps, place_names
from nucore.plot.style import RC, describe, log_ticks
from nucore.plot.symbols import MIXING, in_symbols

Array = NDArray[np.float64]

_PANEL_SIZE = (5.8, 5.0)
#: Panels side by side at most, by figure.
_COLUMNS = {1: 2, 2: 3}
#: Pixels: length of a tick on the excluded side, between ticks, and between samples of a curve.
_TICK, _BETWEEN, _STEP = 5.0, 11.0, 2.0
#: Samples on each side of a tick among which the curve must be straight, and least share of chord in arc.
_SMOOTH, _STRAIGHT = 12, 0.9
_SIDES = {"above": 1.0, "left": 1.0, "below": -1.0}
_BAND_ALPHA, _SHADE_ALPHA = 0.25, 0.12
#: Inches: width of a column of the key, and height of one of its lines.
_KEY_COLUMN, _KEY_LINE = 3.8, 0.21


class Curve(Protocol):
    """What is drawn; `nuportal.figures.content.FigureCurve` is one."""

    id: str
    label: str
    x: Array
    y: Array
    style: str
    band_with: str

    @property
    def vertical(self) -> bool: ...  # noqa: D102


def paper_figure(result: Any) -> Figure:
    """Draw Fig. 1 or 2.

    Parameters
    ----------
    result : nuportal.api.figure.FigureResult
    """
    content = result.content
    panels = [(panel.title, list(panel.curves)) for panel in content.panels]
    words = [f"inputs: {content.inputs}", f"convention: {content.convention}", r"$m_\phi = 3\,m_\chi$"]
    return draw_panels(panels, content.axes, content.styles, min(len(panels), _COLUMNS[content.number]), words)


def draw_panels(
    panels: list[tuple[str, list[Curve]]],
    axes_card: Mapping[str, Any],
    styles: Mapping[str, Any],
    columns: int,
    conditions: Sequence[str] = (),
) -> Figure:
    """Draw panels (title, curves) on logarithmic axes, and a key to the styles below them.

    Parameters
    ----------
    panels : list of (str, list of curves)
    axes_card : mapping
        ``x_label, y_label, x_range, y_range``.
    styles : mapping
        By name ``colour, line, width`` and optionally ``shade`` (side to fill up to the axes: ``above`` or ``below``),
        ``excluded`` (side of the ticks: ``above``, ``below`` or ``left``) and ``key`` (its words in the key).
    columns : int
    conditions : sequence of str
        Written over every panel.
    """
    rows = -(-len(panels) // columns)
    key = _key([curve for _, curves in panels for curve in curves], styles)
    width = _PANEL_SIZE[0] * columns
    key_columns = int(width / _KEY_COLUMN)
    height = _PANEL_SIZE[1] * rows + _KEY_LINE * (-(-len(key) // key_columns) + 1)
    with mpl.rc_context(RC):
        figure = Figure(figsize=(width, height), layout="constrained")
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes, (title, curves) in zip(grid.ravel(), panels, strict=False):
            axes.set(xscale="log", yscale="log", xlim=axes_card["x_range"], ylim=axes_card["y_range"])
            own = title if title.replace(" ", "") in MIXING.values() else axes_card["y_label"]
            axes.set(xlabel=axes_card["x_label"], ylabel=own)
            describe(axes, title, conditions)
            log_ticks(axes.xaxis, axes.yaxis)
            for curve in curves:
                _draw(axes, curve, curves, styles[curve.style])
        for axes in grid.ravel()[len(panels) :]:
            axes.set_axis_off()
        figure.legend(handles=key, loc="outside lower center", ncols=key_columns)
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()  # the layout is final: what follows is placed in pixels
        for axes, (_, curves) in zip(grid.ravel(), panels, strict=False):
            paths = [_paths(axes, curve) for curve in curves]
            _draw_ticks(axes, curves, paths, styles)
            _write_names(axes, curves, paths, styles)
    return figure


def _look(style: Mapping[str, Any]) -> dict[str, Any]:
    return {"color": style["colour"], "ls": style["line"], "lw": style["width"]}


def _draw(axes: Axes, curve: Curve, curves: Sequence[Curve], style: Mapping[str, Any]) -> None:
    if curve.vertical:
        axes.axvline(float(curve.x[0]), **_look(style))
        return
    axes.plot(curve.x, curve.y, zorder=1.5 if "shade" in style else 2.0, **_look(style))
    known = np.isfinite(curve.y)
    if "shade" in style:
        end = axes.get_ylim()[1 if style["shade"] == "above" else 0]
        shade = {"color": style["colour"], "alpha": _SHADE_ALPHA, "lw": 0, "zorder": 0.5}
        axes.fill_between(curve.x, curve.y, end, where=known.tolist(), **shade)
    if curve.band_with:
        partner = next(other for other in curves if other.id == curve.band_with)
        back = np.flatnonzero(np.isfinite(partner.y))[::-1]
        x, y = np.concatenate([curve.x[known], partner.x[back]]), np.concatenate([curve.y[known], partner.y[back]])
        axes.fill(x, y, color=style["colour"], alpha=_BAND_ALPHA, lw=0)


def _key(curves: Sequence[Curve], styles: Mapping[str, Any]) -> list[Artist]:
    """Handles that say what the styles in use stand for."""
    used = {curve.style for curve in curves}
    banded = {curve.style for curve in curves if curve.band_with}
    found: list[Artist] = []
    for name, style in styles.items():
        if name in used and "key" in style:
            if name in banded:
                found.append(Patch(color=style["colour"], alpha=_BAND_ALPHA, label=style["key"]))
            else:
                found.append(Line2D([], [], label=style["key"], **_look(style)))
    ticked = [withTickedStroke(angle=90.0, spacing=5.0, length=0.6)]
    return [*found, Line2D([], [], color="0.2", lw=1.0, path_effects=ticked, label="ticks: on the excluded side")]


def _paths(axes: Axes, curve: Curve) -> list[Array]:
    """Parts of a curve inside the axes, at even steps in pixels from left to right."""
    x_end, y_end = np.array(axes.get_xlim()), np.array(axes.get_ylim())
    if curve.vertical:
        x, y = np.full(2, float(curve.x[0])), y_end
    else:  # far beyond the axes, lines are as steep as inside them
        x, y = np.asarray(curve.x), np.clip(curve.y, y_end[0] * 1e-9, y_end[1] * 1e9)
    found = []
    known = np.isfinite(y) & (x >= x_end[0] * (1.0 - 1e-9)) & (x <= x_end[1] * (1.0 + 1e-9))
    (low, bottom), (high, top) = axes.transData.transform(np.column_stack([x_end, y_end]))
    for run in _runs(known):
        if run.size < 2:
            continue
        path = even_steps(axes.transData.transform(np.column_stack([x[run], y[run]])), _STEP)
        inside = (path[:, 1] >= bottom) & (path[:, 1] <= top) & (path[:, 0] >= low - 1) & (path[:, 0] <= high + 1)
        found += [path[part] for part in _runs(inside) if part.size >= 2]
    return found


def _runs(kept: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Indices of what is kept, in runs without a gap."""
    at = np.flatnonzero(kept)
    return [run for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if run.size]


def _draw_ticks(axes: Axes, curves: Sequence[Curve], paths: Sequence[list[Array]], styles: Mapping[str, Any]) -> None:
    """Draw short ticks on the excluded side of the curves whose style names one."""
    back = axes.transData.inverted()
    for curve, parts in zip(curves, paths, strict=True):
        style = styles[curve.style]
        if "excluded" not in style:
            continue
        ticks = [_ticks(part, _SIDES[style["excluded"]]) for part in parts]
        lines = [back.transform(tick) for part in ticks for tick in part]
        axes.add_collection(LineCollection(lines, colors=style["colour"], linewidths=0.7, clip_on=True), autolim=False)


def _ticks(path: Array, side: float) -> Array:
    """Ticks on the left of a path (1) or on its right (-1) where it does not zigzag, shape (n, 2, 2)."""
    at = np.arange(int(0.5 * _BETWEEN / _STEP), len(path), int(_BETWEEN / _STEP))
    first, last = np.maximum(at - _SMOOTH, 0), np.minimum(at + _SMOOTH, len(path) - 1)
    chord = path[last] - path[first]
    length = np.hypot(*chord.T)
    straight = length > _STRAIGHT * _STEP * (last - first)
    along = chord[straight] / length[straight, None]
    foot = path[at[straight]]
    normal = side * np.column_stack([-along[:, 1], along[:, 0]])
    return np.stack([foot, foot + _TICK * normal], axis=1)


def _write_names(axes: Axes, curves: Sequence[Curve], paths: Sequence[list[Array]], styles: Mapping[str, Any]) -> None:
    """Write each label once, beside one of the curves that have it."""
    renderer = axes.figure.canvas.get_renderer()  # type: ignore[attr-defined]
    frame = axes.get_window_extent(renderer)
    texts, names = [], []
    for label in dict.fromkeys(curve.label for curve in curves if curve.label):
        of = [k for k, curve in enumerate(curves) if curve.label == label]
        parts = [part for k in of for part in paths[k]]
        if not parts:
            continue
        colour = styles[curves[of[0]].style]["colour"]
        text = axes.text(
            1.0, 1.0, in_symbols(label), color=colour, fontsize=8.5, ha="center", va="center", clip_on=True,
            in_layout=False, path_effects=[withStroke(linewidth=2.5, foreground="white")], zorder=5,
        )  # fmt: skip
        box = text.get_window_extent(renderer)
        texts.append(text)
        names.append(Name(parts, (box.width, box.height), colour))
    lines = [(styles[curve.style]["colour"], part) for curve, of in zip(curves, paths, strict=True) for part in of]
    back = axes.transData.inverted()
    for text, place in zip(texts, place_names(names, lines, np.array(frame.min), np.array(frame.max)), strict=True):
        if place is None:
            text.remove()
            continue
        text.set(rotation=place.angle[0], position=tuple(back.transform(place.centre[0])))
        if place.leader[0]:
            ends = back.transform(np.array([place.centre[0], place.anchor[0]]))
            axes.plot(*ends.T, color=text.get_color(), lw=0.6, zorder=4.5, in_layout=False)
