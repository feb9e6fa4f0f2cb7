"""Picture of a fit: the data, what is expected without signal and at the best fit, and their ratio."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from nucore.histograms import Spectrum
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import show_warnings
from nucore.plot.symbols import MIXING, exposure, level, measured, number, observable, plain, point_words, systematics
from nucore.reports.fit_report import FitReport
from nucore.reports.report_content import fitted_spectrum


def fit_figure(report: FitReport) -> Figure:
    """Draw the data of a fit with what is expected without signal, before the fit, and at the best fit.

    Parameters
    ----------
    report : FitReport
    """
    found = fitted_spectrum(report)
    data, zero = found.data, np.zeros_like(found.expected)
    after, before = (Spectrum(data.name, data.edges, values, zero) for values in (found.expected, found.background))
    figure = spectrum_figure(
        SpectrumLine(after, "best fit", report.source.mark),
        [SpectrumLine(before, "no signal, before the fit")],
        observable(data, report.source.experiment is not None),
        plain(report.source.title),
        [*fit_conditions(report), *_outcome(report)],
        SpectrumLine(data, "data"),
        band=found.uncertainty,
    )
    return show_warnings(figure, report.warnings)


def fit_conditions(report: FitReport) -> list[str]:
    """What a fit assumes: exposure, systematic uncertainties, parameter point."""
    source = report.source
    fields = {"exposure": source.exposure, **source.analysis}
    point: dict[str, Any] = fields.get("point") or {}
    return [exposure(fields), systematics(fields), *point_words(point, ("Ue4", "Umu4", "Utau4"))]


def _outcome(report: FitReport) -> list[str]:
    """Best fit, limit and p-value."""
    found, name = [], MIXING.get(report.parameter, plain(report.parameter, 40))
    if report.parameter:
        found.append(measured(name, report.fit.best_fit[report.parameter], report.fit.uncertainties[report.parameter]))
    limit = report.limit
    if limit.observed is not None:
        fields = {"confidence_level": limit.confidence_level, "limit": limit.method}
        found.append(f"{name} < {number(limit.observed)} at {level(fields)}")
    p_value = report.fit.p_value
    if p_value is not None and math.isfinite(p_value):
        found.append(f"p-value {number(p_value, 2)}")
    return found
