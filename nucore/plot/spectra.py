"""Spectra with a ratio panel: what a heavy neutrino does to a lepton's momentum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from nucore.histograms import Spectrum
from nucore.plot.style import COLOURS, RC, new_figure


@dataclass(frozen=True)
class SpectrumLine:
    """A spectrum and how it is named in the legend; `mark` draws a vertical line at a kink or peak."""

    spectrum: Spectrum
    label: str
    mark: float | None = None


def spectrum_figure(
    reference: SpectrumLine,
    others: Sequence[SpectrumLine],
    x_label: str,
    title: str,
    data: SpectrumLine | None = None,
    scale: float = 1.0,
    unit: str = "GeV",
    ratio_range: tuple[float, float] | None = None,
) -> Figure:
    """Draw spectra over one another, and their ratio to the reference below.

    Parameters
    ----------
    reference : SpectrumLine
        What the ratio is taken to, usually the Standard Model.
    others : sequence of SpectrumLine
        Same binning.
    x_label, title : str
    data : SpectrumLine, optional
        Drawn as points with error bars, in both panels.
    scale, unit : float, str
        Factor from GeV to the unit of the axis, and its name; empty for none.
    ratio_range : (float, float), optional
        Of the ratio panel; what is drawn by default.
    """
    with mpl.rc_context(RC):
        figure, (main, ratio) = new_figure(ratio=True)
        base = reference.spectrum
        edges = base.edges * scale
        safe = np.where(base.values > 0, base.values, np.nan)
        main.stairs(base.values, edges, baseline=None, color="black", lw=1.6, label=reference.label)
        ratio.axhline(1.0, color="black", lw=1.0)
        for colour, line in zip(COLOURS, others, strict=False):
            line.spectrum.require_edges(base.edges, "the reference spectrum")
            main.stairs(line.spectrum.values, edges, baseline=None, color=colour, lw=1.4, label=line.label)
            ratio.stairs(line.spectrum.values / safe, edges, baseline=None, color=colour, lw=1.4)
        for colour, line in zip(("0.4", *COLOURS), (reference, *others), strict=False):
            if line.mark is not None and edges[0] < line.mark * scale < edges[-1]:
                for panel in (main, ratio):
                    panel.axvline(line.mark * scale, color=colour, lw=0.9, ls=":")
        if data is not None:
            centers, errors = data.spectrum.centers * scale, np.sqrt(data.spectrum.variances)
            style: dict[str, Any] = {"fmt": "o", "color": "0.35", "ms": 2.5, "lw": 0.8, "zorder": 1}
            main.errorbar(centers, data.spectrum.values, errors, label=data.label, **style)
            ratio.errorbar(centers, data.spectrum.values / safe, errors / safe, **style)
        width = f"{np.diff(edges).mean():.3g} {unit}" if unit else "bin"
        main.set(ylabel=f"events / {width}", title=title, xlim=(edges[0], edges[-1]))
        main.set_ylim(bottom=0)
        ratio.set(xlabel=f"{x_label} ({unit})" if unit else x_label, ylabel="ratio", ylim=ratio_range)
        main.legend()
    return figure
