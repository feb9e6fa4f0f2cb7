"""Pictures of a fit: pulls, impacts, correlation matrix, spectra before and after, likelihood scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import chdtri

from nucore.io.atomic import output_folder
from nucore.io.writers import write_json
from nucore.plot.fit import fit_conditions, fit_figure
from nucore.plot.flavours import contours_figure
from nucore.plot.legends import place_legend
from nucore.plot.rows import row_panels
from nucore.plot.style import COLOURS, RC, WIDTH, describe, new_figure, power_of_ten, save, show_warnings
from nucore.plot.symbols import AXIS, measured, plain
from nucore.reports.fit_report import FitReport
from nucore.reports.per_charge import CHARGES, PerCharge
from nucore.reports.report_content import ReportContent, report_content
from nucore.run.provenance import provenance

SHOWN_PARAMETERS = 30
"""Parameters drawn at most; the numbers hold all of them."""


def _name(parameter: str) -> str:
    return AXIS.get(parameter, plain(parameter, 40))


def _row_figure(labels: list[str]) -> tuple[Figure, Axes, NDArray[np.intp]]:
    """Make a figure with one row a parameter, the first on top, and the heights of the rows."""
    figure, (axes,) = row_panels([len(labels)], WIDTH)
    rows = np.arange(len(labels))[::-1]
    axes.set_yticks(rows, labels, fontsize=9.5)
    return figure, axes, rows


def _finish(figure: Figure, axes: Axes, report: FitReport, words: Sequence[str] | None = None) -> None:
    """Add a title, the conditions of the fit (or these words), and a legend below."""
    describe(axes, plain(report.source.title), fit_conditions(report) if words is None else words)
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)


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
        figure, axes, rows = _row_figure([_name(n) for n in names])
        axes.axvspan(-2, 2, color=COLOURS[4], alpha=0.25, lw=0, label=r"$\pm2\,\sigma$")
        axes.axvspan(-1, 1, color=COLOURS[2], alpha=0.3, lw=0, label=r"$\pm1\,\sigma$")
        axes.axvline(0.0, color="0.4", lw=0.8)
        errors = np.nan_to_num([constraints[n] for n in names])
        axes.errorbar([pulls[n] for n in names], rows, xerr=errors, fmt="o", color="black", ms=4, label="after the fit")
        reach = max(3.0, 1.1 * max(abs(pulls[n]) + e for n, e in zip(names, errors, strict=True)))
        axes.set(xlim=(-reach, reach), ylim=(-0.7, len(names) - 0.3))
        axes.set_xlabel(r"pull [prior $\sigma$]")
        _finish(figure, axes, report)
    return figure


def impacts_figure(report: FitReport) -> Figure:
    """Draw the shift of the parameter of interest for each nuisance parameter one standard deviation up and down."""
    shown = report.impacts[:SHOWN_PARAMETERS]
    if not report.parameter:
        return _empty("no parameter of interest")
    if not shown:
        return _empty("no nuisance parameter")
    with mpl.rc_context(RC):
        figure, axes, rows = _row_figure([_name(i.parameter) for i in shown])
        for key, colour, label in (("plus", COLOURS[1], "+1"), ("minus", COLOURS[0], "-1")):
            shifts = [getattr(i, key) or 0.0 for i in shown]
            axes.barh(rows, shifts, height=0.6, color=colour, alpha=0.75, label=rf"${label}\,\sigma$")
        axes.axvline(0.0, color="0.3", lw=0.8)
        sigma = report.fit.uncertainties[report.parameter]
        if np.isfinite(sigma):
            axes.axvline(-sigma, color="0.4", ls=":", lw=1.2)
            axes.axvline(sigma, color="0.4", ls=":", lw=1.2, label=f"uncertainty of {_name(report.parameter)}")
        largest = max(max(i.size for i in shown), sigma if np.isfinite(sigma) else 0.0) or 1.0
        axes.set(xlim=(-1.25 * largest, 1.25 * largest), ylim=(-0.7, len(shown) - 0.3))
        power_of_ten(axes.xaxis, f"shift of {_name(report.parameter)}", 1.25 * largest)
        _finish(figure, axes, report)
    return figure


def correlation_figure(report: FitReport) -> Figure:
    """Draw the correlation matrix of the parameters at the best fit."""
    names = report.fit.parameters[:SHOWN_PARAMETERS]
    matrix = report.fit.correlation[: len(names), : len(names)]
    with mpl.rc_context({**RC, "xtick.top": False, "ytick.right": False}):
        side = 2.4 + 0.42 * max(len(names), 4)
        figure = Figure(figsize=(side + 2.0, side), layout="compressed")
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
        describe(axes, plain(report.source.title), fit_conditions(report))
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
        axes.errorbar(found[0], rows, xerr=np.nan_to_num(found[1]), fmt="o", color="black", ms=4, label="one charge")
        axes.set(ylim=(-0.7, len(CHARGES) - 0.3), xlabel=_name(report.parameter))
        words = [*fit_conditions(report), f"difference: {charges.difference_pull:.1f} standard deviations"]
        _finish(figure, axes, report, words)
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
        share = report.limit.confidence_level
        for height, text in ((1.0, "68% CL"), (float(chdtri(1, 1.0 - share)), f"{share:.0%} CL")):
            axes.axhline(height, color="0.5", lw=0.9, ls=":")
            axes.text(0.02, height, f" {text}", transform=axes.get_yaxis_transform(), va="bottom", fontsize=9)
        axes.set_ylabel(r"$-2\,\Delta\ln L$")
        axes.set_ylim(0.0, max(1.05 * np.nanmax(scan.profile), 4.0))
        axes.set_xlim(np.nanmin(scan.values), np.nanmax(scan.values))
        power_of_ten(axes.xaxis, _name(report.parameter), float(np.nanmax(np.abs(scan.values))))
        name, fitted = _name(report.parameter), report.fit
        best = measured(name, fitted.best_fit[report.parameter], fitted.uncertainties[report.parameter])
        describe(axes, plain(report.source.title), [*fit_conditions(report), best])
        place_legend(axes)
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
        "spectrum": fit_figure(report),
        "likelihood-scan": scan_figure(content),
    }
    if content.contours:
        figures["joint-contour"] = contours_figure(content.contours, plain(report.source.title), fit_conditions(report))
    if report.per_charge is not None:
        figures["charges"] = charges_figure(report, report.per_charge)
    files = [path / f"{name}{suffix}" for name in figures for suffix in (".png", ".pdf")]
    for file in files:
        save(show_warnings(figures[file.stem], report.warnings), file)
    numbers = path / "report.json"
    write_json(numbers, {"provenance": provenance(), **content.to_dict()})
    return [str(numbers), *map(str, files)]
