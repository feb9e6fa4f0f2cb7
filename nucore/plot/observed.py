"""Pictures of observed limits: against the mass, the spectra behind them, the cost of systematic uncertainties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.plot.results import MIXING, column
from nucore.plot.style import COLOURS, RC, new_figure

Array = NDArray[np.float64]

#: Highest value of the axis over that of the bands: room for the legend.
_ROOM = 3.0
#: Of the regions of one and two standard deviations.
_BANDS = (("minus2", "plus2", COLOURS[4], 0.35, "95%"), ("minus1", "plus1", COLOURS[2], 0.45, "68%"))


@dataclass(frozen=True, eq=False)
class RatioPanel:
    """Data of one charge over the prediction.

    Attributes
    ----------
    title : str
    edges : float64[n + 1]
        GeV.
    data, error : float64[n]
        Over the prediction.
    band : float64[n]
        Relative uncertainty of the prediction.
    lines : mapping
        Expectations over the prediction by label, float64[n].
    mark : float or None
        Where the nu4 spectrum ends, GeV.
    """

    title: str
    edges: Array
    data: Array
    error: Array
    band: Array
    lines: Mapping[str, Array]
    mark: float | None = None


def observed_column(curve: Mapping[str, Any]) -> Array:
    """Observed limits of a curve, NaN where there is none."""
    return column(curve["curve"], f"{curve['quantity']}_observed")


def draw_observed(axes: Axes, curve: Mapping[str, Any]) -> None:
    """Draw observed and expected limit of a curve with the bands of the latter."""
    points = curve["curve"]
    x = column(points, curve["mass"])
    for low, high, colour, alpha, share in _BANDS:
        label = f"{share} of expected limits"
        axes.fill_between(x, column(points, low), column(points, high), color=colour, alpha=alpha, lw=0, label=label)
    axes.plot(x, column(points, curve["quantity"]), "k--", lw=1.3, label="expected")
    axes.plot(x, observed_column(curve), "k-", lw=2.0, label="observed")


def limit_figure(curve: Mapping[str, Any], title: str, others: Sequence[tuple[str, Mapping[str, Any]]] = ()) -> Figure:
    """Draw the observed limit of a curve over its expected bands, and observed limits of other data beside it.

    Parameters
    ----------
    curve : mapping
        ``to_dict()`` of a result of `nuportal.project` with ``observed=True``.
    title : str
    others : sequence of (str, mapping)
        Labels and curves.
    """
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        draw_observed(axes, curve)
        for colour, (label, other) in zip((COLOURS[0], *COLOURS[3:]), others, strict=False):
            points = other["curve"]
            axes.plot(column(points, other["mass"]), observed_column(other), color=colour, lw=1.6, label=label)
        axes.set(yscale="log", xlabel=r"$m_4$ (GeV)", title=title)
        axes.set_ylabel(f"{MIXING[curve['quantity']]}, upper limit at {curve['confidence_level']:.0%} CL")
        axes.set_ylim(top=_ROOM * float(np.nanmax(column(curve["curve"], "plus2"))))
        axes.legend(ncols=2, loc="upper center", fontsize=8.5)
    return figure


def ratio_figure(panels: Sequence[RatioPanel], x_label: str, title: str) -> Figure:
    """Draw data over prediction, one panel a charge, with expectations as lines."""
    with mpl.rc_context(RC):
        figure = Figure(figsize=(6.4, 1.0 + 2.6 * len(panels)), layout="constrained")
        rows = figure.subplots(len(panels), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
        for axes, panel in zip(rows, panels, strict=True):
            centers, band = 0.5 * (panel.edges[1:] + panel.edges[:-1]), panel.band
            axes.stairs(
                1.0 + band,
                panel.edges,
                baseline=1.0 - band,
                fill=True,
                color="0.85",
                label="uncertainty of the prediction",
            )
            axes.axhline(1.0, color="0.5", lw=0.8)
            for colour, (label, line) in zip(COLOURS, panel.lines.items(), strict=False):
                axes.stairs(line, panel.edges, baseline=None, color=colour, lw=1.6, label=label)
            axes.errorbar(centers, panel.data, panel.error, fmt="o", color="black", ms=2.5, lw=0.8, label="data")
            if panel.mark is not None and panel.edges[0] < panel.mark < panel.edges[-1]:
                axes.axvline(panel.mark, color=COLOURS[1], lw=0.9, ls=":")
            axes.set(ylabel="over prediction", xlim=(panel.edges[0], panel.edges[-1]))
            axes.text(0.02, 0.93, panel.title, transform=axes.transAxes, va="top")
        rows[0].legend(ncols=2, loc="upper right", fontsize=8.5)
        low, high = rows[0].get_ylim()
        rows[0].set_ylim(low, high + 0.35 * (high - low))  # room for the legend
        rows[0].set_title(title)
        rows[-1].set_xlabel(x_label)
    return figure


def systematics_figure(effects: Sequence[Mapping[str, Any]], title: str) -> Figure:
    """Draw the limits with each change of the uncertainties, over those with all of them."""
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure(1.4 + 0.26 * len(effects))
        rows = np.arange(len(effects))[::-1]
        axes.axvline(1.0, color="0.5", lw=0.8)
        axes.plot(column(effects, "expected_ratio"), rows, "o", color=COLOURS[0], mfc="none", ms=7, label="expected")
        axes.plot(column(effects, "observed_ratio"), rows, "s", color=COLOURS[1], ms=4, label="observed")
        axes.set_yticks(rows, [effect["label"] for effect in effects])
        axes.tick_params(axis="y", which="both", length=0)
        axes.yaxis.set_minor_locator(mpl.ticker.NullLocator())
        axes.grid(axis="y", color="0.9", lw=0.6)
        axes.set(xlabel="limit over that with all uncertainties")
        figure.suptitle(title)
        axes.legend(loc="lower left")
    return figure


def significance_figure(curves: Mapping[str, Mapping[str, Any]], title: str) -> Figure:
    """Draw the local significance of the best fit, negative for a deficit, against the mass, by label."""
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure(3.6)
        for level in (-2.0, -1.0, 1.0, 2.0):
            axes.axhline(level, color="0.8", lw=0.8)
        axes.axhline(0.0, color="0.4", lw=0.8)
        for colour, (label, curve) in zip(COLOURS, curves.items(), strict=False):
            points = curve["curve"]
            axes.plot(column(points, curve["mass"]), column(points, "local_significance"), "o-", color=colour,
                      ms=3, lw=1.4, label=label)  # fmt: skip
        axes.set(xlabel=r"$m_4$ (GeV)", ylabel="local significance", title=title)
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -2.5), max(high, 2.5))
        axes.legend()
    return figure
