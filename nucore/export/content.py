"""Spectra of an export: data, expectations and samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucore.histograms import Spectrum
from nucore.reports.fit_report import FitReport
from nucore.stats.covariance import OFFSET

_OFFSET = f"sample_{OFFSET}"


def spectra(report: FitReport) -> list[Spectrum]:
    """Data, expectation before the fit without signal, best fit, and every sample before the fit.

    A signal sample is that of a parameter of interest of 1.
    """
    data, model = report.source.spectrum, report.source.likelihood.model
    nominal, unit = (report.source.likelihood.before_fit(value) for value in (0.0, 1.0))

    def like_data(suffix: str, values: NDArray[np.float64]) -> Spectrum:
        counts = values[: data.n_bins]
        return Spectrum(f"{data.name}_{suffix}", data.edges, counts, np.zeros_like(counts), data.label)

    names = ("sample_" + "".join(c if c.isalnum() else "_" for c in sample.name) for sample in model.samples)
    contributions = model.expectation(unit).by_sample
    if report.source.unit is not None:
        contributions = contributions[:, : data.n_bins] / report.source.unit.scale
    before = report.source.contents(model.expected(nominal))
    samples = [like_data(name, part) for name, part in zip(names, contributions, strict=True) if name != _OFFSET]
    return [data, like_data("background", before), like_data("best_fit", report.expected), *samples]
