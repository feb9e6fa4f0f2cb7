"""Picture of a scan: the plane of two parameters with what is excluded by which limit, or margins against one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withTickedStroke
from numpy.typing import NDArray

from nucore.errors import InputError
from nucore.model.parameters import PARAMETER_NAMES
from nucore.plot.legends import place_legend
from nucore.plot.scan_regions import interpolated, regions
from nucore.plot.style import ALLOWED, COLOURS, DASHES, EXCLUDED, RC, UNDECIDED, describe, log_ticks, new_figure
from nucore.plot.symbols import AXIS, plain, point_words

Array = NDArray[np.float64]

#: Limits that are drawn by name at most.
SHOWN = 8
#: Parameters are drawn on a logarithmic axis over a range of more than this factor; margins within this one.
_WIDE, _MARGIN_RANGE = 10.0, 1e4
#: Parts of the cell of a point between which the shading may change; odd, so that the point is in the middle of one.
_FINE = 25
#: Relative spread of the steps of a logarithmic grid.
_EVEN = 1e-6
#: Name and colour of each state of a point.
_STATES = (("allowed", "#d5e8f3"), ("excluded", "#f6d9c4"), ("undecided", "0.85"), ("no parameter point", "0.6"))
#: Ticks on the right of a contour, where margins are smaller.
_TICKS = withTickedStroke(angle=-90.0, spacing=7.0, length=0.5)


@dataclass(frozen=True)
class _Table:
    """Columns of a scan, and the parameters that vary with their values."""

    columns: Mapping[str, list[Any]]
    varied: dict[str, Array]

    @property
    def states(self) -> NDArray[np.int64]:
        """Of each point, an index of `_STATES`."""
        allowed, margin = self.columns["allowed"], self.columns["margin"]
        order = {True: 0, False: 1, None: 2}
        return np.array([3 if m is None else order[a] for a, m in zip(allowed, margin, strict=True)])

    def numbers(self, name: str) -> Array:
        """A column, NaN where there is none."""
        return np.array([np.nan if value is None else value for value in self.columns[name]], dtype=np.float64)

    def log_margin(self, name: str) -> Array:
        """log10 of a column of margins: infinite without an effect, NaN where the limit does not apply."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log10(self.numbers(name)))

    @property
    def excluding(self) -> list[str]:
        """Limits that exclude a point, those that are the strongest at most points first."""
        strongest = [name for name in self.columns["excluded_by"] if name is not None]
        return sorted(set(strongest), key=lambda name: (-strongest.count(name), name))[:SHOWN]

    @property
    def conditions(self) -> list[str]:
        """Parameters that do not vary."""
        fixed = {name: self.columns[name][0] for name in PARAMETER_NAMES if name in self.columns}
        return point_words({name: value for name, value in fixed.items() if name not in self.varied})


def scan_figure(result: Any) -> Figure:
    """Draw a scan of one or two parameters, points that are no grid one by one.

    Parameters
    ----------
    result : nuportal.api.scan.ScanResult

    Raises
    ------
    InputError
        For a table that went to a file, or points that vary none or more than two parameters.
    """
    columns = result.columns
    if not columns:
        raise InputError("the table of the scan was written to a file: scan without --out to draw it")
    named = [name for name in PARAMETER_NAMES if name in columns]
    varied = {name: np.unique(columns[name]) for name in named if len(set(columns[name])) > 1}
    table = _Table(columns, varied)
    with mpl.rc_context(RC):
        if len(varied) == 2 and np.prod([values.size for values in varied.values()]) == result.n_points:
            return _plane(table)
        if len(varied) == 2:
            return _points(table)
        if len(varied) == 1 and max(values.size for values in varied.values()) == result.n_points:
            return _line(table)
    raise InputError(
        f"a picture needs one or two parameters that vary: this scan varies {', '.join(varied) or 'none'}"
        f" over {result.n_points} points"
    )


def _logarithmic(values: Array) -> bool:
    if values.min() <= 0.0:
        return False
    steps = np.diff(np.log(values))
    even = steps.size > 1 and np.ptp(steps) < _EVEN * np.abs(steps).mean()
    return bool(even or values.max() > _WIDE * values.min())


def _fine(values: Array) -> tuple[Array, Array, Array]:
    """Edges and middles of `_FINE` parts of the cell of each point, and the middles in steps from the first point."""
    logarithmic = _logarithmic(values)
    nodes = np.log(values) if logarithmic else values
    nodes = np.concatenate([[2.0 * nodes[0] - nodes[1]], nodes, [2.0 * nodes[-1] - nodes[-2]]])
    steps = np.arange(values.size * _FINE + 1) / _FINE - 0.5
    middles = 0.5 * (steps[1:] + steps[:-1])
    edges, places = (np.interp(one, np.arange(-1.0, values.size + 1.0), nodes) for one in (steps, middles))
    return (np.exp(edges), np.exp(places), middles) if logarithmic else (edges, places, middles)


def _prepare(axes: Axes, names: Mapping[str, Array]) -> None:
    for (name, values), axis, label in zip(names.items(), ("x", "y"), ("xlabel", "ylabel"), strict=False):
        axes.set(**{label: AXIS[name]})
        if _logarithmic(values):
            axes.set(**{f"{axis}scale": "log"})
            log_ticks(getattr(axes, f"{axis}axis"))


def _plane(table: _Table) -> Figure:
    """Draw the state of every point of a grid, and where the margins of limits are 1."""
    figure, (axes,) = new_figure(5.2)
    (x_name, x), (y_name, y) = table.varied.items()
    shape = (y.size, x.size)
    place = np.searchsorted(y, table.columns[y_name]) * x.size + np.searchsorted(x, table.columns[x_name])

    def on_grid(values: Any) -> Any:
        out = np.empty(place.size, dtype=np.asarray(values).dtype)
        out[place] = values
        return out.reshape(shape)

    def margin_of(column: str) -> Any:
        return on_grid(table.log_margin(column))

    colours = ListedColormap([colour for _, colour in _STATES])
    margins = [margin_of(column) for column in table.columns if column.startswith("margin:")]
    (x_edges, x_places, columns), (y_edges, y_places, rows) = _fine(x), _fine(y)
    states = regions(margins, on_grid(table.states), rows, columns)
    axes.pcolormesh(x_edges, y_edges, states, cmap=colours, vmin=-0.5, vmax=len(_STATES) - 0.5, rasterized=True)
    handles: list[Any] = [
        Patch(facecolor=colour, edgecolor="0.4", lw=0.5, label=words)
        for k, (words, colour) in enumerate(_STATES) if (states == k).any()
    ]  # fmt: skip
    for k, name in enumerate(table.excluding):
        look = {"colors": COLOURS[k % len(COLOURS)], "linestyles": DASHES[k // len(COLOURS) % len(DASHES)]}
        margin = interpolated(margin_of(f"margin:{name}"), rows, columns)
        line = Line2D([], [], color=look["colors"], ls=look["linestyles"], label=plain(name, 60))
        if np.nanmin(margin) < 0.0 < np.nanmax(margin):
            shown = np.ma.masked_invalid(np.clip(margin, -np.log10(_MARGIN_RANGE), np.log10(_MARGIN_RANGE)))
            lines = axes.contour(x_places, y_places, shown, levels=[0.0], linewidths=1.6, **look)
            lines.set_path_effects([_TICKS])
            line.set_path_effects([_TICKS])
        else:
            line = Line2D([], [], ls="", label=f"{plain(name, 60)} (everywhere it applies)")
        handles.append(line)
    _prepare(axes, table.varied)
    for values, limits in ((x, axes.set_xlim), (y, axes.set_ylim)):
        limits(values[0], values[-1])
    axes.tick_params(which="both", pad=7.0)  # the corner belongs to labels of both axes
    describe(axes, "Allowed and excluded; lines: limit = prediction, ticks: excluded side", table.conditions)
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=8.5)
    return figure


def _points(table: _Table) -> Figure:
    """Draw the state of points that are no grid."""
    figure, (axes,) = new_figure(5.2)
    x, y = (table.numbers(name) for name in table.varied)
    for k, ((words, _), colour) in enumerate(zip(_STATES, (ALLOWED, EXCLUDED, UNDECIDED, "black"), strict=True)):
        of = table.states == k
        if of.any():
            axes.plot(x[of], y[of], "os^x"[k], color=colour, ms=5.0, label=words)
    _prepare(axes, table.varied)
    describe(axes, "Allowed and excluded points", table.conditions)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8.5)
    return figure


def _line(table: _Table) -> Figure:
    """Draw the margins of the limits that exclude a point, and of the strongest at each, against one parameter."""
    figure, (axes,) = new_figure()
    name = max(table.varied, key=lambda one: table.varied[one].size)
    order = np.argsort(table.columns[name])
    x = table.numbers(name)[order]

    def margins(column: str) -> Array:
        return np.clip(table.numbers(column)[order], 1.0 / _MARGIN_RANGE, _MARGIN_RANGE)

    for k, limit in enumerate(table.excluding):
        colour, dash = COLOURS[k % len(COLOURS)], DASHES[k // len(COLOURS) % len(DASHES)]
        axes.plot(x, margins(f"margin:{limit}"), dash, color=colour, label=plain(limit, 60))
    places, smallest = _smallest(table, x, order)
    axes.plot(places, smallest, color="black", lw=2.6, alpha=0.5, zorder=1.5, label="smallest of all limits")
    axes.axhline(1.0, color="0.4", lw=1.0)
    axes.set(yscale="log", xlim=(x[0], x[-1]))
    axes.set_ylim(min(0.5, 0.5 * np.nanmin(smallest)), max(10.0, 3.0 * np.nanmax(smallest)))
    axes.axhspan(axes.get_ylim()[0], 1.0, color=_STATES[1][1], alpha=0.6, lw=0, zorder=0.5)
    states = table.states[order]
    edges = _fine(x)[0][::_FINE]  # of the cells of the points
    for state in (2, 3):
        words, colour = _STATES[state]
        for k in np.flatnonzero(states == state).tolist():
            axes.axvspan(edges[k], edges[k + 1], color=colour, alpha=0.6, lw=0, zorder=0.6, label=words)
            words = ""
    _prepare(axes, {name: x})
    axes.set_ylabel("margin = limit / prediction (below 1: excluded)")
    log_ticks(axes.yaxis)
    describe(axes, "Margins of the limits", table.conditions)
    place_legend(axes, fontsize=8.5)
    return figure


def _smallest(table: _Table, x: Array, order: NDArray[np.int64]) -> tuple[Array, Array]:
    """Return places between the points of a line, and the smallest margin of the limits there."""
    _, places, steps = _fine(x)
    inside = (steps >= 0.0) & (steps <= x.size - 1.0)
    found = np.full(np.count_nonzero(inside), np.inf)
    for name in table.columns:
        if name.startswith("margin:"):
            found = np.fmin(found, interpolated(table.log_margin(name)[order][None], np.zeros(1), steps[inside])[0])
    log_range = np.log10(_MARGIN_RANGE)
    return places[inside], 10.0 ** np.clip(found, -log_range, log_range)
