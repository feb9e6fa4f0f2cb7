"""Pictures of what is behind observed limits: spectra, the cost of systematic uncertainties, significances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.plot.legends import place_legend
from nucore.plot.rows import row_panels
from nucore.plot.style import COLOURS, RC, WIDTH, describe, new_figure
from nucore.plot.symbols import AXIS, column, plain

Array = NDArray[np.float64]


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


def ratio_figure(panels: Sequence[RatioPanel], x_label: str, title: str, conditions: Sequence[str] = ()) -> Figure:
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
                axes.axvline(panel.mark, color=COLOURS[1], lw=1.1, ls=":", label="kink of the signal")
            axes.set(ylabel="data / prediction", xlim=(panel.edges[0], panel.edges[-1]))
            inside: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "top"}
            axes.annotate(panel.title, (0.0, 1.0), (6.0, -6.0), **inside)
        describe(rows[0], title, conditions)
        handles, labels = rows[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9)
        rows[-1].set_xlabel(x_label)
    return figure


def systematics_figure(effects: Sequence[Mapping[str, Any]], title: str, conditions: Sequence[str] = ()) -> Figure:
    """Draw the limits with each change of the uncertainties, over those with all of them."""
    with mpl.rc_context(RC):
        figure, (axes,) = row_panels([len(effects)], WIDTH)
        rows = np.arange(len(effects))[::-1]
        axes.axvline(1.0, color="0.5", lw=0.8)
        axes.plot(column(effects, "expected_ratio"), rows, "o", color=COLOURS[0], mfc="none", ms=7, label="expected")
        axes.plot(column(effects, "observed_ratio"), rows, "s", color=COLOURS[1], ms=4, label="observed")
        axes.set_yticks(rows, [plain(effect["label"], 60) for effect in effects], fontsize=9)
        axes.set_xlabel("limit / limit with all uncertainties")
        describe(axes, title, conditions)
        figure.legend(loc="outside lower center", ncols=2, fontsize=9)
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
        axes.set(xlabel=AXIS["m4_GeV"], ylabel=r"local significance [$\sigma$]")
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -2.5), max(high, 2.5))
        describe(axes, title)
        place_legend(axes)
    return figure
