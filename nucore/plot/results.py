"""Pictures of results: a fit over its data, and reach curves with their bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.histograms import Spectrum
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import COLOURS, RC, new_figure
from nucore.reports.fit_report import FitReport
from nucore.stats.results import BAND

Array = NDArray[np.float64]

MIXING = {"Ue4_sq": r"$|U_{e4}|^2$", "Umu4_sq": r"$|U_{\mu4}|^2$", "Utau4_sq": r"$|U_{\tau4}|^2$"}
_X_LABEL = {"m4_GeV": r"$m_4$ (GeV)", "m_chi_GeV": r"$m_\chi$ (GeV)"}
OBSERVABLE = {
    "lepton_pt": r"lepton $p_T$",
    "transverse_mass": r"$m_T$",
    "missing_momentum": r"$p_T^\mathrm{miss}$",
    "muon_momentum": "muon momentum",
}


def fit_figure(report: FitReport, scale: float = 1.0, unit: str = "GeV") -> Figure:
    """Draw the data of a fit with the best fit, and their ratio.

    Parameters
    ----------
    report : FitReport
    scale, unit : float, str
        Factor from GeV to the unit of the axis, and its name.
    """
    data = report.source.spectrum.on_last_axis()
    expected = report.expected.reshape(-1, data.n_bins).sum(axis=0)
    best = Spectrum(data.name, data.edges, expected, np.zeros_like(expected))
    value, sigma = report.fit.best_fit[report.parameter], report.fit.uncertainties[report.parameter]
    name = MIXING.get(report.parameter, report.parameter)
    return spectrum_figure(
        SpectrumLine(best, "best fit", report.source.mark), [], OBSERVABLE.get(data.name, data.name),
        f"{report.source.title}: {name} = {value:.2g} ± {sigma:.1g}", SpectrumLine(data, "data"), scale, unit,
    )  # fmt: skip


@dataclass(frozen=True)
class ReachLine:
    """A curve; where `y` is not finite there is no reach and nothing is drawn.

    Attributes
    ----------
    x, y : array, shape (n,)
    label : str
    band : dict
        Optional arrays ``minus2``, ``minus1``, ``plus1``, ``plus2``.
    style : str
        Line style; ``guide`` draws a grey line for comparison, such as the thermal target.
    """

    x: Array
    y: Array
    label: str
    band: dict[str, Array] = field(default_factory=dict)
    style: str = "-"


def reach_figure(lines: Sequence[ReachLine], x_label: str, y_label: str, title: str) -> Figure:
    """Draw reach curves on logarithmic axes, each with its 68% and 95% bands if it has them."""
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        colours = iter(COLOURS * 3)
        for line in lines:
            guide = line.style == "guide"
            colour = "0.5" if guide else next(colours)
            for low, high, alpha in (("minus2", "plus2", 0.15), ("minus1", "plus1", 0.25)):
                if low in line.band and high in line.band:
                    axes.fill_between(line.x, line.band[low], line.band[high], color=colour, alpha=alpha, lw=0)
            width = 2.0 if guide else 1.6
            axes.plot(line.x, line.y, color=colour, ls="-" if guide else line.style, lw=width, label=line.label)
        axes.set(xscale="log", yscale="log", xlabel=x_label, ylabel=y_label, title=title)
        axes.legend()
    return figure


def column(points: Sequence[Mapping[str, Any]], name: str) -> Array:
    """One quantity at the points of a curve, NaN where it is not known."""
    return np.array([np.nan if p.get(name) is None else p[name] for p in points], dtype=float)


def curve_figure(curves: Sequence[Mapping[str, Any]], labels: Sequence[str], title: str) -> Figure:
    """Draw reach curves of one quantity, the first with its band; with Y, the thermal target beside them.

    Parameters
    ----------
    curves : sequence of mappings
        ``to_dict()`` of results of `nuportal.project`.
    labels : sequence of str
    title : str
    """
    name, mass, first = curves[0]["quantity"], curves[0]["mass"], curves[0]["curve"]
    lines = []
    for curve, label in zip(curves, labels, strict=True):
        points = curve["curve"]
        observed = name == "Y" and all(p["Y"] is None for p in points)
        band = {k: column(points, k) for k in BAND} if curve is curves[0] else {}
        y = column(points, "Y_observed" if observed else name)
        lines.append(ReachLine(column(points, mass), y, label, band))
    if name == "Y":
        thermal = column(first, "Y_thermal")
        lines.append(ReachLine(column(first, mass), thermal, "thermal target", style="guide"))
    y_label = MIXING.get(name, r"$Y = y_L^4 |U|^4 (m_\chi/m_\phi)^4$")
    return reach_figure(lines, _X_LABEL[mass], f"{y_label}, {curves[0]['confidence_level']:.0%} CL", title)
