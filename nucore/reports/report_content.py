"""Numbers behind the report of a fit: pulls, impacts, correlations, spectra before and after, likelihood scan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nucore.histograms import Spectrum
from nucore.reports.fit_report import FitReport
from nucore.reports.joint_fit import joint_contour
from nucore.stats import Contour, FitError
from nucore.stats.results import Result, plain
from nucore.stats.test_statistics import ProfileLikelihood

Array = NDArray[np.float64]

SCAN_POINTS = 61
SCAN_SIGMAS = 3.0
_ONE_SIGMA = 0.683


@dataclass(frozen=True)
class LikelihoodScan(Result):
    """Profile likelihood ratio against the parameter of interest.

    Attributes
    ----------
    values : array, shape (n,)
        Parameter of interest.
    profile : array, shape (n,)
        2 (NLL - NLL at the best fit), nuisance parameters refitted; NaN where no fit exists.
    fixed : array, shape (n,)
        The same with the nuisance parameters held at their best fit.
    """

    values: Array
    profile: Array
    fixed: Array


@dataclass(frozen=True)
class ReportContent(Result):
    """Content of a report.

    Attributes
    ----------
    report : FitReport
    data : Spectrum
        Summed over all axes but the last, as are the following three.
    background : array, shape (n_bins,)
        Expected counts without signal, before the fit.
    expected : array, shape (n_bins,)
        Counts at the best fit.
    expected_uncertainty : array, shape (n_bins,)
        Of the counts at the best fit, from the covariance.
    scan : LikelihoodScan or None
        None where the best fit has no uncertainty.
    contours : tuple of Contour
        Of the parameter of interest and a quantity that floats with it, if there is one.
    """

    report: FitReport
    data: Spectrum
    background: Array
    expected: Array
    expected_uncertainty: Array
    scan: LikelihoodScan | None
    contours: tuple[Contour, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Fields as plain Python types; numbers that are not finite are null."""
        data = self.data
        spectrum = {
            "edges": data.edges,
            "data": data.values,
            "before_fit": self.background,
            "after_fit": self.expected,
            "after_fit_uncertainty": self.expected_uncertainty,
        }
        return {
            "fit": self.report.to_dict(),
            "correlation": plain(self.report.fit.correlation),
            "spectrum": plain(spectrum),
            "likelihood_scan": plain(self.scan),
            "contours": plain(self.contours),
        }


def _scan(report: FitReport, profile: ProfileLikelihood, variance: float) -> LikelihoodScan | None:
    """Scan the parameter of interest over three standard deviations on both sides of the best fit."""
    if not variance > 0.0:
        return None
    best, sigma = profile.best(physical=False), math.sqrt(variance)
    values = best.theta[0] + sigma * np.linspace(-SCAN_SIGMAS, SCAN_SIGMAS, SCAN_POINTS)
    ratios, fixed = np.full((2, values.size), np.nan)
    for k, value in enumerate(values):
        try:
            ratios[k] = profile.ratio(float(value), physical=False)
        except FitError:
            continue
        point = best.theta.copy()
        point[0] = value
        fixed[k] = 2.0 * (profile.likelihood.value(point) - best.value)
    ratios[~np.isfinite(ratios)] = np.nan
    fixed[~np.isfinite(fixed)] = np.nan
    return LikelihoodScan(np.array([report.source.convert(float(v)) for v in values]), ratios, fixed)


@dataclass(frozen=True)
class FittedSpectrum:
    """Data of a fit and its expectations, summed over all axes but the last.

    Attributes
    ----------
    data : Spectrum
    background, expected, uncertainty : array, shape (n_bins,)
        Expected contents without signal before the fit, at the best fit, and the uncertainty of the latter.
    """

    data: Spectrum
    background: Array
    expected: Array
    uncertainty: Array


def fitted_spectrum(report: FitReport, profile: ProfileLikelihood | None = None) -> FittedSpectrum:
    """Compute what a fit expects before and after; `profile` is that of its likelihood, if there is one already."""
    source, model = report.source, report.source.likelihood.model
    profile, data = profile or ProfileLikelihood(source.likelihood), source.spectrum.on_last_axis()
    nominal, covariance = source.likelihood.before_fit(), _covariance(profile)
    jacobian = model.expectation(profile.best(physical=False).theta).jacobian()[:, : source.spectrum.n_bins]
    if source.unit is not None:
        jacobian = jacobian / source.unit.scale
    jacobian = _on_last_axis(jacobian, data.n_bins)
    variance = np.einsum("ib,ij,jb->b", jacobian, covariance, jacobian)
    return FittedSpectrum(
        data,
        _on_last_axis(source.contents(model.expected(nominal)), data.n_bins),
        _on_last_axis(report.expected, data.n_bins),
        np.sqrt(np.maximum(variance, 0.0)),
    )


def _covariance(profile: ProfileLikelihood) -> Array:
    """Covariance of all parameters at the best fit, zero where nothing is expected."""
    best, likelihood = profile.best(physical=False), profile.likelihood
    if best.zero_expectation:
        return np.zeros((len(likelihood.model.names),) * 2)
    return np.asarray(np.linalg.pinv(likelihood.hessian(best.theta), hermitian=True))


def report_content(report: FitReport) -> ReportContent:
    """Compute the content of a report."""
    source, likelihood = report.source, report.source.likelihood
    profile = ProfileLikelihood(likelihood)
    spectrum = fitted_spectrum(report, profile)
    levels = () if source.free is None else (_ONE_SIGMA, report.limit.confidence_level)
    return ReportContent(
        report,
        spectrum.data,
        spectrum.background,
        spectrum.expected,
        spectrum.uncertainty,
        _scan(report, profile, float(_covariance(profile)[0, 0])) if likelihood.model.poi else None,
        tuple(joint_contour(likelihood, source.free, level) for level in levels if source.free is not None),
    )


def _on_last_axis(contents: Array, n_bins: int) -> Array:
    """Sum flattened contents, in the last axis of an array, over all axes of a spectrum but its last."""
    return np.asarray(contents.reshape(*contents.shape[:-1], -1, n_bins).sum(axis=-2))
