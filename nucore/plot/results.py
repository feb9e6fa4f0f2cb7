"""Pictures of results: a fit over its data, and reach curves with their bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.histograms import Spectrum
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import COLOURS, RC, new_figure, show_warnings
from nucore.reports.fit_report import FitReport

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
    title = report.source.title
    if report.parameter:
        value, sigma = report.fit.best_fit[report.parameter], report.fit.uncertainties[report.parameter]
        spread = f" ± {sigma:.1g}" if np.isfinite(sigma) else ""
        title += f": {MIXING.get(report.parameter, report.parameter)} = {value:.2g}{spread}"
    figure = spectrum_figure(
        SpectrumLine(best, "best fit", report.source.mark), [], OBSERVABLE.get(data.name, data.name),
        title, SpectrumLine(data, "data"), scale, unit,
    )  # fmt: skip
    return show_warnings(figure, report.warnings)


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
    name, mass = curves[0]["quantity"], curves[0]["mass"]
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        for k, (curve, label) in enumerate(zip(curves, labels, strict=True)):
            points, colour = curve["curve"], COLOURS[k % len(COLOURS)]
            x = column(points, mass)
            for low, high, alpha in (("minus2", "plus2", 0.15), ("minus1", "plus1", 0.25)):
                if k == 0:
                    axes.fill_between(x, column(points, low), column(points, high), color=colour, alpha=alpha, lw=0)
            observed = name == "Y" and all(p["Y"] is None for p in points)
            axes.plot(x, column(points, "Y_observed" if observed else name), color=colour, lw=1.6, label=label)
        if name == "Y":
            points = curves[0]["curve"]
            thermal = column(points, "Y_thermal")
            axes.plot(column(points, mass), thermal, color="0.5", lw=2.0, label="thermal target")
        y_label = MIXING.get(name, r"$Y = y_L^4 |U|^4 (m_\chi/m_\phi)^4$")
        axes.set(xscale="log", yscale="log", xlabel=_X_LABEL[mass], title=title)
        axes.set_ylabel(f"{y_label}, {curves[0]['confidence_level']:.0%} CL")
        axes.legend()
    return figure
