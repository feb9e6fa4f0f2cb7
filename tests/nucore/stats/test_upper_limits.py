from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from nucore.errors import InputError
from nucore.stats import (
    Likelihood,
    LimitChoice,
    LinearNorm,
    LogLinearShape,
    Model,
    NormFactor,
    NormSys,
    Sample,
    upper_limit,
)
from nucore.stats.results import BAND
from nucore.stats.test_statistics import ProfileLikelihood
from nucore.stats.upper_limits import METHODS


def _gaussian(scale: float = 1.0, bounds: tuple[float, float] = (0.0, np.inf)) -> Model:
    """Counting with sigma_u = scale, exactly Gaussian up to corrections of 1e-6."""
    return Model([Sample("b", [1e12]), Sample("s", [1e6 / scale], [NormFactor("u")])], "u", bounds)


def _closed_form(method: str, best: float, cl: float) -> float:
    """Upper limit for a Gaussian estimate `best` of unit variance and a physical bound at 0."""
    alpha = 1.0 - cl
    if method == "cls":
        return best + float(norm.isf(alpha * norm.cdf(best)))
    if method == "clsb":
        return max(0.0, best + float(norm.isf(alpha)))
    z, bounded = float(norm.isf(alpha / 2.0)), max(best, 0.0)
    return float(brentq(lambda mu: (mu - best) ** 2 - (bounded - best) ** 2 - z**2, bounded, bounded + 20.0))


@pytest.mark.parametrize("cl", [0.9, 0.95])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("best", [-2.0, -1.0, 0.0, 1.0, 2.5])
def test_gaussian_limits_in_closed_form(method: Any, cl: float, best: float) -> None:
    limit = upper_limit(Likelihood(_gaussian(), [1e12 + 1e6 * best]), LimitChoice(cl, method))
    # Poisson corrections at 1e12 counts are of order 1e-6
    assert limit.observed == pytest.approx(_closed_form(method, best, cl), rel=1e-5)
    assert limit.expected == pytest.approx(_closed_form(method, 0.0, cl), rel=1e-5)
    for name, fluctuation in BAND.items():
        assert limit.band[name] == pytest.approx(_closed_form(method, fluctuation, cl), rel=1e-5)
    assert (limit.method, limit.confidence_level, limit.parameter) == (method, cl, "u")


@pytest.mark.parametrize(("method", "threshold"), [("cls", 2.705543), ("delta-chi2", 2.705543), ("clsb", 1.642374)])
def test_asimov_median_at_90_per_cent_in_delta_chi2(method: Any, threshold: float) -> None:
    # quantiles of chi-square with one degree of freedom, 0.90 and 0.80; holds at any counts
    model = Model([Sample("b", [7.0, 3.0], [NormSys("n", 0.8, 1.2)]), Sample("s", [2.0, 4.0], [NormFactor("u")])], "u")
    limit = LimitChoice(method=method).expected(model)
    assert limit.expected is not None
    ratio = ProfileLikelihood(Likelihood(model, model.asimov())).ratio(limit.expected)
    assert ratio == pytest.approx(threshold, rel=1e-5)


def test_rate_deficit_with_two_per_cent_normalisation() -> None:
    light = np.full(40, 1e10)
    model = Model(
        [Sample("light", light, [LinearNorm("normalisation", 0.02)]), Sample("difference", -light, [NormFactor("u")])],
        "u",
        (0.0, 1.0),
    )
    # statistics of 4e11 events add 1e-9 to the variance of 4e-4
    for method in ("cls", "delta-chi2"):
        assert LimitChoice(method=method).expected(model).expected == pytest.approx(1.6448536 * 0.02, rel=1e-5)


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e6])
@pytest.mark.parametrize("method", METHODS)
def test_any_scale_of_the_parameter(scale: float, method: Any) -> None:
    unit, scaled = (
        upper_limit(Likelihood(_gaussian(s), [1e12 + 7e5]), LimitChoice(method=method)) for s in (1.0, scale)
    )
    assert scaled.observed == pytest.approx(scale * unit.observed, rel=1e-5)  # type: ignore[operator]
    assert scaled.band["plus2"] == pytest.approx(scale * unit.band["plus2"], rel=1e-5)  # type: ignore[operator]


@pytest.mark.parametrize("method", METHODS)
def test_nothing_excluded_is_none_with_a_reason(method: Any) -> None:
    limit = upper_limit(Likelihood(_gaussian(1.0, (0.0, 1.5)), [1e12 + 2e6]), LimitChoice(method=method))
    assert limit.observed is None
    assert "physical bound 1.5" in str(limit.observed_reason)
    if method != "clsb":
        assert limit.expected is None
        assert "physical bound 1.5" in str(limit.expected_reason)
        assert limit.band["plus1"] is None


def test_signal_without_effect_is_none_with_a_reason() -> None:
    model = Model([Sample("b", [100.0, 50.0]), Sample("s", [0.0, 0.0], [NormFactor("u")])], "u")
    limit = upper_limit(Likelihood(model, [90.0, 50.0]))
    assert limit.expected is None
    assert limit.observed is None
    assert "changes no bin" in str(limit.expected_reason)


def test_plain_limit_after_a_downward_fluctuation_is_zero() -> None:
    limit = upper_limit(Likelihood(_gaussian(), [1e12 - 2e6]), LimitChoice(method="clsb"))
    assert limit.observed == 0.0
    assert "downward fluctuation" in str(limit.observed_reason)
    assert limit.band["minus2"] == 0.0


def test_limit_where_a_larger_signal_is_impossible() -> None:
    # light + u (nu4 - light) with nu4 = 0 in a bin that has data: u -> 1 is infinitely unlikely
    light, heavy = np.array([3.0, 2.0]), np.array([4.0, 0.0])
    model = Model([Sample("l", light), Sample("d", heavy - light, [NormFactor("u")])], "u", (0.0, np.inf))
    limit = upper_limit(Likelihood(model, [3.0, 2.0]))
    assert limit.observed is not None
    assert 0.5 < limit.observed < 1.0


def test_empty_data() -> None:
    # no events, no uncertainty: CLs+b / CLb = exp(-s u) exactly; the asymptotic 90% limit is close to 2.3
    model = Model([Sample("b", [0.3]), Sample("s", [1.0], [NormFactor("u")])], "u")
    observed = upper_limit(Likelihood(model, [0.0])).observed
    assert observed is not None
    assert 1.0 < observed < 2.3  # known to under-cover at such counts


def test_power_law_background_costs_sensitivity() -> None:
    p = np.linspace(0.13, 0.2, 70)
    signal = Sample("s", np.exp(-0.5 * ((p - 0.16) / 0.015) ** 2), [NormFactor("u")])
    background = 1e4 * (p / 0.16) ** -3
    limits = []
    for degree in (None, 0, 1, 2):
        shapes = [] if degree is None else [LogLinearShape.log_polynomial("c", p, degree, 0.16)]
        model = Model([Sample("b", background, shapes), signal], "u")
        limits.append(float(LimitChoice().expected(model).expected or 0.0))
    assert limits == sorted(limits)
    # Gaussian estimate: signal orthogonal to the background modes, information sum(r^2 / b)
    for degree, limit in zip((None, 0, 1, 2), limits, strict=True):
        s = np.asarray(signal.values) / np.sqrt(background)
        if degree is not None:
            modes = np.stack([np.sqrt(background) * np.log(p / 0.16) ** k for k in range(degree + 1)], axis=1)
            s = s - modes @ np.linalg.lstsq(modes, s, rcond=None)[0]
        # non-linear terms: signal is a few per cent of the background
        assert limit == pytest.approx(1.6448536 / np.sqrt(s @ s), rel=0.02)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("seed", "band"), [(1, True), (2, True), (3, False), (4, True), (5, True)])
def test_limits_equal_pyhf(seed: int, band: bool, random_model: Callable[[int], Any], precise_pyhf: Any) -> None:
    reference = random_model(seed)
    workspace = reference.pyhf_model((0.0, 10.0))
    data = reference.counts.tolist() + workspace.config.auxdata
    level = 0.05 if seed % 2 else 0.10
    ours = upper_limit(Likelihood(reference.model, reference.counts), LimitChoice(1.0 - level))

    def values(mu: float) -> tuple[float, list[float]]:
        observed, band = precise_pyhf.infer.hypotest(mu, data, workspace, return_expected_set=True)
        return float(observed), [float(value) for value in band]

    # a relative error of 0.5% in CLs is less than 0.5% in the limit
    assert values(float(ours.observed))[0] == pytest.approx(level, rel=5e-3)
    assert values(float(ours.expected))[1][2] == pytest.approx(level, rel=5e-3)
    if not band:  # pyhf takes seconds a point with per-bin parameters
        return
    for k, name in ((0, "minus2"), (1, "minus1"), (3, "plus1"), (4, "plus2")):
        assert values(float(ours.band[name]))[1][k] == pytest.approx(level, rel=5e-3)


@pytest.mark.filterwarnings("ignore")
def test_limit_equals_pyhf_scan(random_model: Callable[[int], Any], precise_pyhf: Any) -> None:
    reference = random_model(7)
    workspace = reference.pyhf_model((0.0, 10.0))
    data = reference.counts.tolist() + workspace.config.auxdata
    ours = upper_limit(Likelihood(reference.model, reference.counts))
    scan = np.linspace(0.8, 1.2, 9) * float(ours.observed or 0.0)
    observed, _ = precise_pyhf.infer.intervals.upper_limits.upper_limit(data, workspace, scan=scan, level=0.1)
    # linear interpolation between scan points 5% apart
    assert ours.observed == pytest.approx(float(observed), rel=1e-2)


def test_bad_requests_are_refused() -> None:
    with pytest.raises(InputError, match="cls, clsb, delta-chi2"):
        LimitChoice(method="bayes")  # type: ignore[arg-type]
    for cl in (0.5, 1.0, 90.0):
        with pytest.raises(InputError, match=r"between 0\.5 and 1"):
            LimitChoice(cl)


def test_only_what_is_asked_for() -> None:
    likelihood = Likelihood(_gaussian(), [1e12])
    assert upper_limit(likelihood, expected=False).band == {}
    assert upper_limit(likelihood, observed=False).observed_reason == "not asked for"
