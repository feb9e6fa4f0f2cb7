"""Content of an export: a likelihood, its data, fit, limit and origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.histograms import Spectrum
from nucore.reports.fit_report import FitReport
from nucore.stats import Likelihood

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Histogram:
    """A spectrum and its description."""

    spectrum: Spectrum
    description: str


@dataclass(frozen=True)
class ExportContent:
    """A fitted likelihood, ready to be written for another tool.

    Attributes
    ----------
    likelihood : Likelihood
    report : FitReport
        Fit and limit of that likelihood.
    metadata : dict
        Experiment, flavour, exposure, parameter point, provenance.
    """

    likelihood: Likelihood
    report: FitReport
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def data(self) -> Spectrum:
        """Measured spectrum."""
        return self.report.data

    def histograms(self) -> list[Histogram]:
        """Data, expectation before the fit without signal, best fit, and every sample before the fit."""
        model = self.likelihood.model
        nominal = model.vector()
        nominal[0] = 0.0
        unit = nominal.copy()
        unit[0] = 1.0
        without, contributions = model.expectation(nominal), model.expectation(unit).by_sample
        result = [
            Histogram(self.data, "data"),
            self._like_data("background", without.counts, "expected events without signal, before the fit"),
            self._like_data("best_fit", self.report.expected, "expected events at the best fit"),
        ]
        for sample, values in zip(model.samples, contributions, strict=True):
            name = "sample_" + "".join(c if c.isalnum() else "_" for c in sample.name)
            text = f"sample {sample.name!r} before the fit; a signal sample for a parameter of interest of 1"
            result.append(self._like_data(name, values, text))
        return result

    def _like_data(self, suffix: str, values: Array, description: str) -> Histogram:
        name, counts = f"{self.data.name}_{suffix}", values[: self.data.n_bins]
        return Histogram(Spectrum(name, self.data.edges, counts, np.zeros_like(counts), self.data.label), description)
