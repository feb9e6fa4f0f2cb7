"""Picture of a study of toys: their pulls with a unit Gaussian, and their upper limits with the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.plot.legends import place_legend
from nucore.plot.style import COLOURS, RC, WIDTH, describe, power_of_ten
from nucore.plot.symbols import MIXING, exposure, level, number, plain, systematics

Array = NDArray[np.float64]

#: Of the histogram of pulls: half width, and bins; most bins of limits.
_PULLS, _BINS, _MOST_BINS = 4.0, 32, 40


def toys_figure(result: Any) -> Figure:
    """Draw pulls and upper limits of the toys.

    Parameters
    ----------
    result : nucore.reports.toy_report.ToyReport
    """
    fields, study = result.to_dict(), result.study
    limits = study.limits[np.isfinite(study.limits)]
    with mpl.rc_context(RC):
        figure = Figure(figsize=(WIDTH * (1.6 if limits.size else 1.0), 4.4), layout="constrained")
        panels = figure.subplots(1, 2 if limits.size else 1, squeeze=False)[0]
        _draw_pulls(panels[0], study.pulls, fields)
        words = [f"{fields['n']} toys", exposure(fields), systematics(fields)]
        describe(panels[0], f"{plain(fields['experiment'] or 'workspace')}: toys", words)
        if limits.size:
            _draw_limits(panels[1], limits, fields)
    return figure


def _draw_pulls(axes: Axes, pulls: Array, fields: Mapping[str, Any]) -> None:
    counts, edges = np.histogram(pulls, np.linspace(-_PULLS, _PULLS, _BINS + 1))
    label = "toys"
    if fields["pull_mean"] is not None:
        label += f": mean {fields['pull_mean']:.2f} ± {fields['pull_mean_uncertainty']:.2f},\n"
        label += f"width {fields['pull_width']:.2f} ± {fields['pull_width_uncertainty']:.2f}"
    axes.stairs(counts, edges, fill=True, color=COLOURS[0], alpha=0.45, label=label)
    x = np.linspace(-_PULLS, _PULLS, 201)
    gaussian = np.exp(-0.5 * x**2) / math.sqrt(2.0 * math.pi) * pulls.size * (edges[1] - edges[0])
    axes.plot(x, gaussian, color="black", label="unit Gaussian")
    axes.set(xlabel="pull = (best fit $-$ truth) / uncertainty", ylabel="toys", xlim=(-_PULLS, _PULLS))
    axes.set_ylim(bottom=0.0)
    place_legend(axes, fontsize=8.5)


def _draw_limits(axes: Axes, limits: Array, fields: Mapping[str, Any]) -> None:
    n_bins = max(8, min(_MOST_BINS, round(math.sqrt(limits.size) * 1.5)))
    low, high = float(limits.min()), float(limits.max())
    if low == high:
        low, high = sorted((0.5 * low, 1.5 * low)) if low else (-1.0, 1.0)
    counts, edges = np.histogram(limits, n_bins, (low, high))
    axes.stairs(counts, edges, fill=True, color=COLOURS[2], alpha=0.45, label="upper limits")
    axes.axvline(fields["truth"], color=COLOURS[1], lw=1.8, ls="--", label="truth")
    name = MIXING.get(fields["parameter"], plain(fields["parameter"], 40))
    power_of_ten(axes.xaxis, f"upper limit on {name}", float(max(edges[-1], fields["truth"])))
    axes.set(ylabel="toys", ylim=(0.0, 1.05 * counts.max()))
    coverage = f"truth = {number(fields['truth'])}"
    covered = f"coverage {fields['coverage']:.3f} ± {fields['coverage_uncertainty']:.3f}"
    describe(axes, f"Limits at {level(fields)}", [coverage, covered])
    place_legend(axes, fontsize=8.5)
