"""Spectra with a ratio panel: what a heavy neutrino does to a lepton's momentum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.histograms import Spectrum
from nucore.plot.legends import place_legend
from nucore.plot.style import COLOURS, RC, describe, new_figure, power_of_ten
from nucore.plot.symbols import number

#: Relative spread of the widths of equal bins.
_EQUAL = 1e-6
#: GeV: widths of bins below this are told in MeV.
_FINE = 1e-2
#: Look of data.
POINTS: dict[str, Any] = {"fmt": "o", "color": "0.25", "ms": 2.8, "lw": 0.8, "zorder": 1.8}


@dataclass(frozen=True)
class SpectrumLine:
    """A spectrum and its name in the legend; `mark` draws a vertical line at a kink or peak."""

    spectrum: Spectrum
    label: str
    mark: float | None = None


def spectrum_figure(
    reference: SpectrumLine,
    others: Sequence[SpectrumLine],
    x_label: str,
    title: str,
    conditions: Sequence[str] = (),
    data: SpectrumLine | None = None,
    ratio_range: tuple[float, float] | None = None,
    band: NDArray[np.float64] | None = None,
) -> Figure:
    """Draw spectra over one another, and their ratio to the reference below.

    Parameters
    ----------
    reference : SpectrumLine
        What the ratio is taken to, usually the Standard Model.
    others : sequence of SpectrumLine
        Same binning.
    x_label, title : str
    conditions : sequence of str
    data : SpectrumLine, optional
        Drawn as points with error bars, in both panels.
    ratio_range : (float, float), optional
        Of the ratio panel; what is drawn by default.
    band : array, shape (n_bins,), optional
        Uncertainty of the reference.
    """
    with mpl.rc_context(RC):
        figure, (main, ratio) = new_figure(ratio=True)
        base = reference.spectrum
        edges, safe = base.edges, np.where(base.values > 0, base.values, np.nan)
        if band is not None:
            style: dict[str, Any] = {"fill": True, "color": "0.78", "lw": 0}
            main.stairs(base.values + band, edges, baseline=base.values - band, **style)
            ratio.stairs(1.0 + band / safe, edges, baseline=1.0 - band / safe, **style)
            main.fill_between([], [], [], color="0.78", lw=0, label=f"uncertainty of {reference.label}")
        main.stairs(base.values, edges, baseline=None, color="black", lw=1.6, label=reference.label)
        ratio.axhline(1.0, color="black", lw=1.0)
        for colour, line in zip(COLOURS, others, strict=False):
            line.spectrum.require_edges(base.edges, "the reference spectrum")
            main.stairs(line.spectrum.values, edges, baseline=None, color=colour, lw=1.5, label=line.label)
            ratio.stairs(line.spectrum.values / safe, edges, baseline=None, color=colour, lw=1.5)
        if data is not None:
            values, errors = data.spectrum.values, np.sqrt(data.spectrum.variances)
            main.errorbar(base.centers, values, errors, label=data.label, **POINTS)
            ratio.errorbar(base.centers, values / safe, errors / safe, **POINTS)
        _mark_kinks((main, ratio), (reference, *others))
        finish_counts(main, base)
        ratio.set(xlabel=x_label, ylabel=f"ratio to\n{reference.label}", ylim=ratio_range)
        ratio.yaxis.label.set_fontsize(9.5)
        describe(main, title, conditions)
        place_legend(main)
    return figure


def finish_counts(axes: Axes, spectrum: Spectrum) -> None:
    """Label the axis of the contents of a spectrum, and set the ranges."""
    widths = np.diff(spectrum.edges)
    equal = np.ptp(widths) < _EQUAL * widths.mean() and not spectrum.axes and spectrum.name != "bin"
    unit = "GeV$^2$" if spectrum.name == "missing_mass_sq" else "GeV"
    axes.set(xlim=(spectrum.edges[0], spectrum.edges[-1]))
    axes.set_ylim(bottom=min(0.0, float(spectrum.values.min())))
    width = float(widths.mean())
    if unit == "GeV" and width < _FINE:
        width, unit = 1e3 * width, "MeV"
    per = f"{number(width)} {unit}" if equal else "bin"
    power_of_ten(axes.yaxis, f"events / {per}", axes.get_ylim()[1])


def _mark_kinks(panels: Sequence[Axes], lines: Sequence[SpectrumLine]) -> None:
    low, high = lines[0].spectrum.edges[[0, -1]]
    label = "kink of the signal"
    for colour, line in zip(("0.4", *COLOURS), lines, strict=False):
        if line.mark is not None and low < line.mark < high:
            for panel in panels:
                panel.axvline(line.mark, color=colour, lw=1.1, ls=":", label=label)
                label = ""
