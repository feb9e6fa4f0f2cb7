"""Pictures of a fit: pulls, impacts, correlation matrix, spectra before and after, likelihood scan."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import chdtri

from nucore.histograms import Spectrum
from nucore.io.atomic import output_folder
from nucore.io.writers import write_json
from nucore.plot.joint import contours_figure
from nucore.plot.results import MIXING, OBSERVABLE
from nucore.plot.spectra import SpectrumLine, spectrum_figure
from nucore.plot.style import COLOURS, RC, new_figure, save, show_warnings
from nucore.reports.fit_report import FitReport
from nucore.reports.per_charge import CHARGES, PerCharge
from nucore.reports.report_content import ReportContent, report_content

SHOWN_PARAMETERS = 30
"""Parameters drawn at most; the numbers hold all of them."""
_ROW_INCHES = 0.28


def _name(parameter: str) -> str:
    return MIXING.get(parameter, parameter)


def _row_figure(names: list[str]) -> tuple[Figure, Axes, NDArray[np.intp]]:
    """Make a figure with one row a parameter, the first on top, and the heights of the rows."""
    figure, (axes,) = new_figure(1.6 + _ROW_INCHES * max(len(names), 2))
    rows = np.arange(len(names))[::-1]
    axes.set_yticks(rows, [_name(n) for n in names])
    axes.tick_params(axis="y", which="both", length=0)
    axes.minorticks_off()
    return figure, axes, rows


def _empty(text: str) -> Figure:
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure(1.6)
        axes.set_axis_off()
        axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)
    return figure


def pulls_figure(report: FitReport) -> Figure:
    """Draw (best fit - prior) / prior uncertainty of each constrained parameter, with its uncertainty after the fit."""
    pulls, constraints = report.fit.pulls, report.fit.constraints
    names = sorted(pulls, key=lambda n: -abs(pulls[n]))[:SHOWN_PARAMETERS]
    if not names:
        return _empty("no constrained parameter")
    with mpl.rc_context(RC):
        figure, axes, rows = _row_figure(names)
        axes.axvspan(-2, 2, color=COLOURS[4], alpha=0.25, lw=0)
        axes.axvspan(-1, 1, color=COLOURS[2], alpha=0.3, lw=0)
        axes.axvline(0.0, color="0.4", lw=0.8)
        errors = np.nan_to_num([constraints[n] for n in names])
        axes.errorbar([pulls[n] for n in names], rows, xerr=errors, fmt="o", color="black", ms=4)
        reach = max(3.0, 1.1 * max(abs(pulls[n]) + e for n, e in zip(names, errors, strict=True)))
        axes.set(xlim=(-reach, reach), ylim=(-0.7, len(names) - 0.3), title=report.source.title)
        axes.set_xlabel("pull (prior standard deviations)")
    return figure


def impacts_figure(report: FitReport) -> Figure:
    """Draw the shift of the parameter of interest for each nuisance parameter one standard deviation up and down."""
    shown = report.impacts[:SHOWN_PARAMETERS]
    if not report.parameter:
        return _empty("no parameter of interest")
    if not shown:
        return _empty("no nuisance parameter")
    with mpl.rc_context(RC):
        figure, axes, rows = _row_figure([i.parameter for i in shown])
        for key, colour, label in (("plus", COLOURS[1], "+1"), ("minus", COLOURS[0], "-1")):
            shifts = [getattr(i, key) or 0.0 for i in shown]
            axes.barh(rows, shifts, height=0.6, color=colour, alpha=0.75, label=rf"${label}\,\sigma$")
        axes.axvline(0.0, color="0.3", lw=0.8)
        sigma = report.fit.uncertainties[report.parameter]
        for side in (-sigma, sigma) if np.isfinite(sigma) else ():
            axes.axvline(side, color="0.5", ls=":", lw=1.0)
        largest = max(max(i.size for i in shown), sigma if np.isfinite(sigma) else 0.0) or 1.0
        axes.set(xlim=(-1.25 * largest, 1.25 * largest), ylim=(-0.7, len(shown) + 0.5), title=report.source.title)
        axes.set_xlabel(f"shift of {_name(report.parameter)} (dotted: its uncertainty)")
        axes.ticklabel_format(axis="x", style="sci", scilimits=(-2, 3))
        axes.legend(loc="upper center", ncols=2)
    return figure


def correlation_figure(report: FitReport) -> Figure:
    """Draw the correlation matrix of the parameters at the best fit."""
    names = report.fit.parameters[:SHOWN_PARAMETERS]
    matrix = report.fit.correlation[: len(names), : len(names)]
    with mpl.rc_context({**RC, "xtick.top": False, "ytick.right": False}):
        side = 2.4 + 0.42 * max(len(names), 4)
        figure = Figure(figsize=(side + 1.0, side), layout="constrained")
        axes = figure.subplots()
        image = axes.imshow(matrix, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
        for (i, j), value in np.ndenumerate(matrix):
            if len(names) <= 15 and np.isfinite(value):
                colour = "white" if abs(value) > 0.6 else "black"
                axes.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
        labels = [_name(n) for n in names]
        axes.set_xticks(range(len(names)), labels, rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(names)), labels)
        axes.minorticks_off()
        axes.tick_params(length=0)
        axes.set_title(report.source.title)
        figure.colorbar(image, ax=axes, label="correlation", shrink=0.85)
    return figure


def charges_figure(report: FitReport, charges: PerCharge) -> Figure:
    """Draw the mixing of W+ and of W-, over that of both (band)."""
    both, sigma = report.fit.best_fit[report.parameter], report.fit.uncertainties[report.parameter]
    with mpl.rc_context(RC):
        figure, axes, rows = _row_figure([f"$W^{charge}$" for charge in CHARGES])
        axes.axvspan(both - sigma, both + sigma, color=COLOURS[2], alpha=0.3, lw=0, label="both")
        axes.axvline(0.0, color="0.4", lw=0.8)
        found = [[values[charge] for charge in CHARGES] for values in (charges.best_fit, charges.uncertainties)]
        axes.errorbar(found[0], rows, xerr=np.nan_to_num(found[1]), fmt="o", color="black", ms=4)
        axes.set(ylim=(-0.7, len(CHARGES) - 0.3), xlabel=_name(report.parameter))
        axes.set_title(f"{report.source.title}: difference {charges.difference_pull:.1f} standard deviations")
        axes.legend()
    return figure


def spectrum_report_figure(content: ReportContent) -> Figure:
    """Draw the data with the expectation before (no signal) and after the fit, and the ratio to the latter."""
    report, data = content.report, content.data
    zero = np.zeros_like(content.expected)
    after, before = (Spectrum(data.name, data.edges, values, zero) for values in (content.expected, content.background))
    label = OBSERVABLE.get(data.name, data.name)
    figure = spectrum_figure(
        SpectrumLine(after, "after the fit", report.source.mark),
        [SpectrumLine(before, "before the fit, no signal")],
        label,
        report.source.title,
        SpectrumLine(data, "data"),
        unit="GeV" if report.source.experiment else "",
    )
    band = content.expected_uncertainty / np.where(after.values > 0.0, after.values, np.nan)
    with mpl.rc_context(RC):
        figure.axes[1].stairs(1.0 + band, data.edges, baseline=1.0 - band, fill=True, color="black", alpha=0.2)
    return figure


def scan_figure(content: ReportContent) -> Figure:
    """Draw the profile likelihood ratio against the parameter of interest."""
    scan, report = content.scan, content.report
    if not report.parameter:
        return _empty("no parameter of interest")
    if scan is None:
        return _empty("the best fit lies at the edge of the region of positive expectation")
    with mpl.rc_context(RC):
        figure, (axes,) = new_figure()
        axes.plot(scan.values, scan.profile, color=COLOURS[0], lw=1.8, label="nuisance parameters refitted")
        axes.plot(scan.values, scan.fixed, color=COLOURS[1], lw=1.4, ls="--", label="nuisance parameters fixed")
        level = report.limit.confidence_level
        for height, text in ((1.0, "68% CL"), (float(chdtri(1, 1.0 - level)), f"{level:.0%} CL")):
            axes.axhline(height, color="0.5", lw=0.9, ls=":")
            axes.text(0.02, height, f" {text}", transform=axes.get_yaxis_transform(), va="bottom", fontsize=9)
        axes.set(xlabel=_name(report.parameter), ylabel=r"$-2\,\Delta\ln L$", title=report.source.title)
        axes.set_ylim(0.0, max(1.05 * np.nanmax(scan.profile), 4.0))
        axes.set_xlim(np.nanmin(scan.values), np.nanmax(scan.values))
        axes.ticklabel_format(axis="x", style="sci", scilimits=(-3, 3))
        axes.legend(loc="upper center", frameon=True, framealpha=0.9, edgecolor="none")
    return figure


def write_report(report: FitReport, folder: str | Path) -> list[str]:
    """Write the report of a fit: its pictures, each as PNG and PDF, and ``report.json`` with all numbers.

    Parameters
    ----------
    report : FitReport
    folder : str or Path
        Made if it is not there; files of the same names are replaced.

    Returns
    -------
    list of str
        The files.
    """
    path = output_folder(folder)
    content = report_content(report)
    figures = {
        "pulls": pulls_figure(report),
        "impacts": impacts_figure(report),
        "correlation": correlation_figure(report),
        "spectrum": spectrum_report_figure(content),
        "likelihood-scan": scan_figure(content),
    }
    if content.contours:
        figures["joint-contour"] = contours_figure(content.contours, report.source.title)
    if report.per_charge is not None:
        figures["charges"] = charges_figure(report, report.per_charge)
    files = [path / f"{name}{suffix}" for name in figures for suffix in (".png", ".pdf")]
    for file in files:
        save(show_warnings(figures[file.stem], report.warnings), file)
    numbers = path / "report.json"
    write_json(numbers, content.to_dict())
    return [str(numbers), *map(str, files)]
