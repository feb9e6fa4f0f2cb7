"""Pictures of results: a fit over its data, and reach curves as `project` gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nucore.histograms import Spectrum
from nucore.plot.exclusion import Array, ReachLine, reach_figure
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.reports.fit_report import FitReport

_MIXING = {"Ue4_sq": r"$|U_{e4}|^2$", "Umu4_sq": r"$|U_{\mu4}|^2$", "Utau4_sq": r"$|U_{\tau4}|^2$"}
_X_LABEL = {"m4_GeV": r"$m_4$ (GeV)", "m_chi_GeV": r"$m_\chi$ (GeV)"}
_OBSERVABLE = {
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
    data = report.data.on_last_axis()
    expected = report.expected.reshape(-1, data.n_bins).sum(axis=0)
    best = Spectrum(data.name, data.edges, expected, np.zeros_like(expected))
    value, sigma = report.fit.best_fit[report.parameter], report.fit.uncertainties[report.parameter]
    name = _MIXING.get(report.parameter, report.parameter)
    title = f"{report.experiment or 'pyhf workspace'}: {name} = {value:.2g} ± {sigma:.1g}"
    return spectrum_figure(
        SpectrumLine(best, "best fit", mark=report.mark),
        [],
        _OBSERVABLE.get(report.data.name, report.data.name),
        title,
        data=SpectrumLine(data, "data"),
        scale=scale,
        unit=unit,
    )


def _column(points: Sequence[Mapping[str, Any]], name: str) -> Array:
    return np.array([np.nan if p.get(name) is None else p[name] for p in points], dtype=float)


def reach_line(curve: Mapping[str, Any], label: str, band: bool = True) -> ReachLine:
    """Turn a reach curve, as a dictionary, into a line.

    Parameters
    ----------
    curve : mapping
        ``to_dict()`` of a result of `nuportal.api.project`.
    label : str
    band : bool
        Draw its bands.
    """
    points = curve["curve"]
    name = quantity(curve)
    observed = name == "Y" and all(p["Y"] is None for p in points)
    bands = {k: _column(points, k) for k in ("minus2", "minus1", "plus1", "plus2")} if band else {}
    y = _column(points, "Y_observed" if observed else name)
    return ReachLine(_column(points, mass_name(curve)), y, label, bands)


def mass_name(curve: Mapping[str, Any]) -> str:
    """Name of the mass a curve scans."""
    return "m_chi_GeV" if "m_chi_GeV" in curve["curve"][0] else "m4_GeV"


def quantity(curve: Mapping[str, Any]) -> str:
    """Name of the quantity a curve limits: ``Y`` or a mixing."""
    point = curve["curve"][0]
    return "Y" if "Y" in point else next(name for name in _MIXING if name in point)


def curve_figure(curves: Sequence[Mapping[str, Any]], labels: Sequence[str], title: str) -> Figure:
    """Draw reach curves of one quantity; with Y, the thermal target beside them.

    Parameters
    ----------
    curves : sequence of mappings
        As of `reach_line`.
    labels : sequence of str
    title : str
    """
    lines = [reach_line(c, label, band=i == 0) for i, (c, label) in enumerate(zip(curves, labels, strict=True))]
    name, first = quantity(curves[0]), curves[0]["curve"]
    y_label = _MIXING.get(name, r"$Y = y_L^4 |U|^4 (m_\chi/m_\phi)^4$")
    if name == "Y":
        thermal = ReachLine(_column(first, "m_chi_GeV"), _column(first, "Y_thermal"), "thermal target", style="guide")
        lines.append(thermal)
    level = f"{curves[0]['confidence_level']:.0%} CL"
    return reach_figure(lines, _X_LABEL[mass_name(curves[0])], f"{y_label}, {level}", title)
