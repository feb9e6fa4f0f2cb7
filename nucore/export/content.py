"""Spectra of an export: data, expectations and samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nucore.histograms import Spectrum
from nucore.reports.fit_report import FitReport
from nucore.stats.covariance import OFFSET


def spectra(report: FitReport) -> list[Spectrum]:
    """Data, expectation before the fit without signal, best fit, and every sample before the fit.

    A signal sample is that of a parameter of interest of 1.
    """
    source = report.source
    data, model = source.spectrum, source.likelihood.model
    nominal = model.vector({model.poi: 0.0})
    unit = model.vector({model.poi: 1.0})

    def like_data(suffix: str, values: NDArray[np.float64]) -> Spectrum:
        counts = values[: data.n_bins]
        return Spectrum(f"{data.name}_{suffix}", data.edges, counts, np.zeros_like(counts), data.label)

    background = like_data("background", source.in_unit_of_data(model.expected(nominal)))
    scale = 1.0 if source.gaussian is None else source.gaussian.scale
    samples = [
        like_data("sample_" + "".join(c if c.isalnum() else "_" for c in sample.name), counts[: data.n_bins] / scale)
        for sample, counts in zip(model.samples, model.expectation(unit).by_sample, strict=True)
        if sample.name != OFFSET
    ]
    return [data, background, like_data("best_fit", report.expected), *samples]
