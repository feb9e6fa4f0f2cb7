"""Pictures of events: the spectrum of a generation, and of events of any generator with their cutflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nucore.histograms import Spectrum
from nucore.plot.legends import place_legend
from nucore.plot.spectra import POINTS, finish_counts
from nucore.plot.style import COLOURS, RC, describe, new_figure
from nucore.plot.symbols import exposure, observable, plain, point_words

_PROCESS = {
    "w": r"$W\to\ell\nu$",
    "kaon": r"$K^+\to\ell^+$ + invisible",
    "pion": r"$\pi^+\to\ell^+$ + invisible",
    "b": r"$B^+\to\ell^+$ + invisible",
    "tau": r"$\tau\to\ell$ + invisible",
}


def generated_figure(result: Any) -> Figure:
    """Draw the spectrum of pseudo-data, and below it the events left after each step.

    Parameters
    ----------
    result : nucore.events.GenerateResult
    """
    words = [exposure({"exposure": result.exposure}), *point_words(result.parameters or {})]
    title = f"{_PROCESS.get(result.process, plain(result.process))}, {plain(result.experiment)}: pseudo-data"
    return _events_figure(result.spectrum, result.cutflow, title, words)


def analysed_figure(result: Any) -> Figure:
    """Draw the spectrum of analysed events, and below it the events left after each step.

    Parameters
    ----------
    result : collider.events.analyse_result.AnalyseResult
    """
    words = [
        exposure({"exposure": result.exposure}) or "no cross section",
        f"{plain(result.selection)} selection",
        f"events of {plain(result.generator)}",
    ]
    return _events_figure(result.spectrum, result.cutflow, f"{plain(result.experiment)}: analysed events", words)


def _events_figure(spectrum: Spectrum, cutflow: Mapping[str, int], title: str, words: list[str]) -> Figure:
    shown = spectrum.on_last_axis()
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure(4.6 + 0.26 * len(cutflow))
        axes.remove()
        axes, steps = figure.subplots(2, 1, height_ratios=[4.0, 0.5 + 0.3 * len(cutflow)])
        label = "events" if (shown.variances == shown.values).all() else "weighted events"
        axes.stairs(shown.values, shown.edges, fill=True, color=COLOURS[0], alpha=0.2)
        axes.stairs(shown.values, shown.edges, baseline=None, color=COLOURS[0], lw=1.5)
        axes.errorbar(shown.centers, shown.values, np.sqrt(shown.variances), label=label, **POINTS)
        finish_counts(axes, shown)
        axes.set_xlabel(observable(shown))
        describe(axes, title, words)
        place_legend(axes)
        _draw_cutflow(steps, cutflow)
    return figure


def _draw_cutflow(axes: Axes, cutflow: Mapping[str, int]) -> None:
    """Draw the share of events left after each step, with their number beside it."""
    rows, counts = np.arange(len(cutflow))[::-1], np.array(list(cutflow.values()), dtype=float)
    share = counts / counts[0] if counts.size and counts[0] > 0.0 else np.zeros_like(counts)
    axes.barh(rows, share, height=0.65, color=COLOURS[0], alpha=0.6)
    axes.set_yticks(rows, [plain(name.replace("_", " "), 40) for name in cutflow], fontsize=9.0)
    axes.tick_params(axis="y", which="both", length=0)
    axes.yaxis.set_minor_locator(mpl.ticker.NullLocator())
    axes.set(xlim=(0.0, 1.0), ylim=(-0.6, len(cutflow) - 0.4), xlabel="share of events left")
    for row, count in zip(rows, counts, strict=True):
        axes.annotate(
            f"{count:,.0f}", (1.0, row), (4.0, 0.0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", fontsize=8.5,
        )  # fmt: skip
