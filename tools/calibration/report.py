"""Tables, figure and card fragment of a calibration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import matplotlib as mpl
import numpy as np
import tomli_w
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nucore.plot.style import COLOURS, RC
from tools.calibration.fit import Fit
from tools.calibration.spectra import SYMBOLS, PublishedSpectrum

Array = NDArray[np.float64]
#: Range, GeV, in which shapes are compared, and the width of the bins there.
COMPARED = {"lepton_pt": (30.0, 50.0, 1.0), "transverse_mass": (65.0, 95.0, 1.0), "missing_momentum": (30.0, 50.0, 1.0)}
#: Error over the width of the constraint from which the spectra say little of a parameter.
UNDETERMINED = 0.7
#: Digits of the error that a number on a card keeps.
DIGITS = 2


def compared(spectrum: PublishedSpectrum, residual: Array) -> tuple[Array, Array]:
    """Return edges (GeV) of the bins in which shapes are compared, and published over fitted content less 1 there.

    Parameters
    ----------
    spectrum : PublishedSpectrum
    residual : float64[n_bins]
        ln(published/fitted).
    """
    low, high, width = COMPARED[spectrum.observable]
    merged = max(round(width / (spectrum.edges[1] - spectrum.edges[0])), 1)
    inside = (spectrum.edges[:-1] > low - 1e-6) & (spectrum.edges[1:] < high + 1e-6)
    n = np.count_nonzero(inside) // merged * merged
    rows = np.array([spectrum.content, spectrum.content * np.exp(-residual)])[:, inside][:, :n]
    published, fitted = rows.reshape(2, -1, merged).sum(axis=2)
    first = spectrum.edges[:-1][inside][0]
    edges = first + merged * (spectrum.edges[1] - spectrum.edges[0]) * np.arange(published.size + 1)
    return edges, published / published.sum() / (fitted / fitted.sum()) - 1.0


def parameter_table(fit: Fit) -> str:
    """Return start, result, error and what to look at of each parameter, as Markdown."""
    lines = ["| parameter | start | fitted | error | note |", "| --- | --- | --- | --- | --- |"]
    for i, p in enumerate(fit.parameters):
        note = "at a bound" if fit.at_bound(i) else ""
        if p.nuisance is not None:
            note = ", ".join(filter(None, [f"pull, one unit is {p.nuisance.size:g} of the card", note]))
        elif fit.errors[i] > UNDETERMINED * p.width:
            note = ", ".join(filter(None, ["hardly determined by the spectra", note]))
        value, error = rounded(fit.values[i], fit.errors[i]), rounded(fit.errors[i], fit.errors[i])
        lines.append(f"| {p.name} | {p.start:g} | {value} | {error} | {note} |")
    return "\n".join(lines)


def residual_table(spectra: Iterable[PublishedSpectrum], residuals: Iterable[Array]) -> str:
    """Return the largest deviation in shape of each spectrum, as Markdown."""
    lines = [
        "| spectrum | bins compared | rms | largest | at | noise of a bin |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for spectrum, residual in zip(spectra, residuals, strict=True):
        edges, ratio = compared(spectrum, residual)
        i = int(np.argmax(np.abs(ratio)))
        lines.append(
            f"| {spectrum.name} | {edges[0]:g}-{edges[-1]:g} GeV, {edges[1] - edges[0]:g} GeV wide "
            f"| {100.0 * np.sqrt(np.mean(ratio**2)):.2f}% | {100.0 * ratio[i]:+.2f}% "
            f"| {edges[i]:g}-{edges[i + 1]:g} GeV | {100.0 * spectrum.noise:.2f}% |"
        )
    return "\n".join(lines)


def rounded(value: float, error: float) -> str:
    """Return a number with the digits that its error leaves it."""
    if not (np.isfinite(error) and error > 0.0):
        return f"{value:.4g}"
    decimals = DIGITS - 1 - int(np.floor(np.log10(error)))
    return f"{value:.{max(decimals, 0)}f}"


def card_fragment(fit: Fit, selection: str) -> str:
    """Return the fitted numbers under their keys on the card, as TOML."""
    content: dict[str, Any] = {}
    for p, value, error in zip(fit.parameters, fit.values, fit.errors, strict=True):
        if p.nuisance is None:
            *path, last = p.name.split(".")
            place = content
            for key in path:
                place = place.setdefault(key, {})
            place[last] = float(rounded(value, error))
    return tomli_w.dumps({"selections": {selection: _lists(content)}})


def _lists(content: Any) -> Any:
    """Turn tables whose keys are 0, 1, ... into lists."""
    if not isinstance(content, dict):
        return content
    if all(re.fullmatch(r"\d+", key) for key in content):
        return [_lists(content[key]) for key in sorted(content, key=int)]
    return {key: _lists(value) for key, value in content.items()}


def ratio_figure(spectra: tuple[PublishedSpectrum, ...], before: list[Array], after: list[Array]) -> Figure:
    """Draw published over predicted content of each spectrum, before and after the calibration.

    Parameters
    ----------
    spectra : tuple of PublishedSpectrum
    before, after : list of float64[n_bins]
        ln(published/predicted).
    """
    observables = [name for name in SYMBOLS if any(s.observable == name for s in spectra)]
    columns = max(sum(s.observable == name for s in spectra) for name in observables)
    with mpl.rc_context(RC):
        size = (0.6 + 3.4 * columns, 0.6 + 2.7 * len(observables))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots(len(observables), columns, sharey=True, squeeze=False)
        for row, observable in zip(axes, observables, strict=True):
            chosen = [i for i, s in enumerate(spectra) if s.observable == observable]
            for axis, i in zip(row, chosen, strict=False):
                _panel(axis, spectra[i], before[i], after[i])
                axis.set_xlabel(f"{SYMBOLS[observable]} [GeV]")
            row[0].set_ylabel("published / predicted - 1 [%]")
        axes[0][0].legend(loc="lower left")
    return figure


def _panel(axis: Any, spectrum: PublishedSpectrum, before: Array, after: Array) -> None:
    noise = 100.0 * spectrum.noise
    axis.fill_between(spectrum.edges[[0, -1]], -noise, noise, color="0.85", lw=0, label="noise of a bin")
    axis.axhline(0.0, color="0.4", lw=0.8)
    for residual, colour, label in ((before, COLOURS[1], "start"), (after, COLOURS[0], "fitted")):
        axis.stairs(100.0 * np.expm1(residual), spectrum.edges, baseline=None, color=colour, lw=1.3, label=label)
    axis.set(xlim=(spectrum.edges[0], spectrum.edges[-1]), ylim=(-4.0, 4.0))
    axis.set_title(spectrum.name, fontsize=10.0)
