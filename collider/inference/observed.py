"""Observed limits: fits of published spectra against the nu4 mass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from collider.experiments.measurement import Measurement
from collider.inference.observed_spectra import ObservedSpectra
from nucore.reports.reach import ReachPoint
from nucore.stats import Likelihood, LimitChoice, fit, upper_limit
from nucore.stats.test_statistics import ProfileLikelihood

Array = NDArray[np.float64]


def observed_point(spectra: Sequence[ObservedSpectra], m4: float, limit: LimitChoice) -> ReachPoint:
    """Fit published spectra at a nu4 mass; of several treatments of an uncertainty the weakest limit counts.

    Parameters
    ----------
    spectra : sequence of ObservedSpectra
        The same data, one a treatment.
    m4 : float
        GeV.
    limit : LimitChoice

    Returns
    -------
    ReachPoint
        Expected limit, band and fit are those of the treatment that counts.
    """
    reason = spectra[0].no_limit(m4)
    if reason is not None:
        return ReachPoint(m4, reason=reason, others=dict.fromkeys(_quantities(spectra)))
    found = [_point(one, m4, limit) for one in spectra]
    observed = [point.others[f"{spectra[0].measurement.parameter}_observed"] for point in found]
    weakest = int(np.argmax([math.inf if value is None else value for value in observed]))
    others = dict(found[weakest].others)
    if len(spectra) > 1:
        others |= {"correlation_GeV": spectra[weakest].correlation_GeV}
        others |= {_treated(one): value for one, value in zip(spectra, observed, strict=True)}
    return replace(found[weakest], others=others)


def _treated(spectra: ObservedSpectra) -> str:
    return f"{spectra.measurement.parameter}_observed_correlation_{spectra.correlation_GeV:g}_GeV"


def _quantities(spectra: Sequence[ObservedSpectra]) -> list[str]:
    """Names of the further quantities of a point."""
    measured = spectra[0].measurement
    names = [f"{measured.parameter}_observed", "best_fit", "best_fit_uncertainty", "local_significance", "p_value"]
    names += [f"p_value_W{data}" for data in _labels(measured)]
    return names if len(spectra) == 1 else [*names, "correlation_GeV", *map(_treated, spectra)]


def _labels(measured: Measurement) -> list[str]:
    """Names of the charge of each spectrum; none if there is one spectrum."""
    groups = measured.charge_groups
    return ["plus" if group == (1,) else "minus" for group in groups] if len(groups) > 1 else []


def _point(spectra: ObservedSpectra, m4: float, limit: LimitChoice) -> ReachPoint:
    """Fit at a mass with one treatment of the uncertainties."""
    expected = spectra.expectation(m4)
    data = expected.counts(spectra.data.spectrum.values)
    likelihood = Likelihood(expected.model(), data)
    fitted, bound = fit(likelihood), upper_limit(likelihood, limit)
    name = expected.parameter
    best = fitted.best_fit[name]
    above = fitted.goodness_of_fit - 2.0 * ProfileLikelihood(likelihood).conditional(0.0).value
    each = np.array_split(_deviances(data, fitted.expected_counts), len(expected.measurement.charge_groups))
    others = {
        f"{name}_observed": bound.observed,
        "best_fit": best,
        "best_fit_uncertainty": fitted.uncertainties[name],
        "local_significance": math.copysign(math.sqrt(max(-above, 0.0)), best),
        "p_value": fitted.p_value,
    }
    labels = _labels(expected.measurement)
    others |= {f"p_value_W{k}": float(chdtrc(part.size, part.sum())) for k, part in zip(labels, each, strict=False)}
    reason = bound.expected_reason or bound.observed_reason
    return ReachPoint(m4, bound.expected, dict(bound.band), reason, others)


def _deviances(counts: Array, expected: Array) -> Array:
    """Return the terms of the likelihood-ratio chi-square of counts, shape (n,)."""
    ratio = np.log(np.divide(counts, expected, out=np.ones_like(expected), where=counts > 0.0))
    return 2.0 * (expected - counts + counts * ratio)
