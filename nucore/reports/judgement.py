"""What a user is told of a fit that does not, or hardly, describe its data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from nucore.errors import FitError, InputError
from nucore.reports.fit_quality import P_VALUES, far_rate, fit_warnings, not_described
from nucore.stats.likelihood import Likelihood
from nucore.summaries import bosons

if TYPE_CHECKING:
    from nucore.reports.fit_report import FitReport

#: Best fits this near to 0 are at a bound that is physical.
_ZERO = 1e-9
#: Data that differ from the expectation by more than this factor and number of events cannot be fitted.
_FAR = 10.0
#: Deviance for each degree of freedom below which data are the expectation of the model itself.
_EXPECTATION = 1e-3


def warnings_of(report: FitReport) -> tuple[str, ...]:
    """Return what is wrong with data or fit; empty if they are good."""
    fit = report.fit
    found = fit_warnings(fit.p_value, fit.pulls, report.outside, report.per_charge)
    told = (*_rate(report, 0), *_at_bounds(report), *_too_smooth(report), *_untested(report))
    return (*report.source.warnings, *told, *found)


def bad_fit(report: FitReport) -> str | None:
    """Return why there is no result; None if the fit describes the data."""
    source = report.source
    reason = "; ".join(_rate(report, 1)) or not_described(report.fit.p_value, report.fit.pulls, report.outside)
    if reason is None:
        return None
    exposure = ", ".join(f"{name} = {value:g}" for name, value in source.exposure.items())
    origin = source.analysis.get("exposure_origin")
    assumed = f" with {exposure} ({origin})" if exposure and origin else ""
    if "charges" in source.analysis:
        assumed = f" ({bosons(source.analysis['charges'])}){assumed}"
    doubts = "".join(f" ({warning})" for warning in source.warnings)
    expected = float(source.contents(source.likelihood.model.expected(source.likelihood.before_fit())).sum())
    return (
        f"{reason}; so there is no limit{doubts}. The data hold {source.spectrum.integral:.5g} events where "
        f"{source.title}{assumed} expects {expected:.5g}: another charge, exposure, selection or detector? "
        f"--allow-bad-fit gives the result all the same"
    )


def _rate(report: FitReport, level: int) -> Iterator[str]:
    expected, data = report.source.expected_events, report.source.spectrum.integral
    if expected is not None and (told := far_rate(data, expected, level)):
        yield told


def _at_bounds(report: FitReport) -> Iterator[str]:
    """Name the parameters that are held by a bound other than 0."""
    held = {name: report.fit.best_fit[name] for name in report.fit.at_bound}
    shown = ", ".join(f"{name} = {value:g}" for name, value in held.items() if abs(value) > _ZERO)
    if shown:
        yield f"the best fit lies at bounds of its parameters: {shown}"


def _untested(report: FitReport) -> Iterator[str]:
    """Tell a fit that describes any data; of a workspace that is its own affair."""
    if report.fit.degrees_of_freedom <= 0 and report.source.experiment is not None:
        yield "the fit has no degrees of freedom: nothing tells whether it describes the data"


def _too_smooth(report: FitReport) -> Iterator[str]:
    """Tell variances that are too large: data scatter by less, but are not the expectation of the model."""
    if report.source.unit is None:
        return
    deviance, n = report.fit.goodness_of_fit, report.fit.degrees_of_freedom
    p_value = report.fit.p_value
    if p_value is not None and 1.0 - p_value < P_VALUES[1] and deviance > _EXPECTATION * n:
        yield (
            f"the data scatter less than their variances say (chi-square {deviance:.2g} of {n} degrees of freedom): "
            f"expected variances of events, or an expectation"
        )


def refuse_far_data(likelihood: Likelihood, error: FitError) -> None:
    """Raise `InputError` if a bin of the data lies an order of magnitude from what is expected."""
    counts, model = likelihood.observation.counts, likelihood.model
    with np.errstate(all="ignore"):
        expected = model.expected(model.start(likelihood.observation))
        near = (counts <= _FAR * (expected + _FAR)) & (expected <= _FAR * (counts + _FAR))
        near &= (expected > 0.0) | (counts == 0.0)
    if not near.all():
        k = int(np.argmin(near))
        raise InputError(
            f"bin {k + 1} of the data holds {counts[k]:g} events where about {expected[k]:g} are expected before the "
            f"fit, which finds no parameters that reach it ({error})"
        ) from None
