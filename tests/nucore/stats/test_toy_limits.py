"""Limits, p-values and intervals from toys against asymptotic formulae and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from nucore.errors import InputError
from nucore.stats import (
    Likelihood,
    LimitChoice,
    LinearNorm,
    Model,
    NormFactor,
    Sample,
    feldman_cousins,
    fit,
    toy_goodness_of_fit,
    toy_upper_limit,
    upper_limit,
)
from nucore.stats.feldman_cousins import FeldmanCousins
from nucore.stats.toys import draw, toy_generator


def _gaussian() -> Model:
    """Counting with unit uncertainty of u; skewness 1e-4."""
    return Model([Sample("b", [1e8]), Sample("s", [1e4], [NormFactor("u")])], "u")


def _spectrum() -> Model:
    x = np.linspace(0.0, 1.0, 5)
    light, heavy = 5e3 * np.exp(-x), 5e3 * np.exp(-1.6 * x)
    samples = [Sample("light", light, [LinearNorm("n", 0.02)]), Sample("d", heavy - light, [NormFactor("u")])]
    return Model(samples, "u", (0.0, 1.0))


def test_toy_limits_equal_asymptotic_ones_at_large_counts() -> None:
    likelihood = Likelihood(_gaussian(), [1e8 + 0.5e4])
    asymptotic = upper_limit(likelihood)
    seen: list[float] = []
    toys = toy_upper_limit(likelihood, 800, np.random.default_rng(1), progress=seen.append)
    assert toys.uncertainty is not None
    assert toys.uncertainty < 0.1
    # three standard deviations of the toy sample; no systematic difference is left at 1e8 counts
    assert toys.observed == pytest.approx(asymptotic.observed, abs=3.0 * toys.uncertainty)
    assert toys.expected == pytest.approx(asymptotic.expected, abs=4.0 * toys.uncertainty)
    for name in ("minus1", "plus1"):
        assert toys.band[name] == pytest.approx(asymptotic.band[name], abs=5.0 * toys.uncertainty)
    assert seen[-1] == 1.0


def test_toy_limits_with_nuisances_and_one_sided() -> None:
    likelihood = Likelihood(_spectrum(), np.round(_spectrum().expected({"u": 0.02})))
    choice = LimitChoice(method="clsb")
    asymptotic = upper_limit(likelihood, choice)
    around = np.linspace(0.75, 1.25, 4) * float(asymptotic.observed or 0.0)
    toys = toy_upper_limit(likelihood, 250, np.random.default_rng(2), choice, values=around.tolist())
    assert toys.uncertainty is not None
    assert toys.observed == pytest.approx(asymptotic.observed, abs=3.0 * toys.uncertainty)
    assert toys.uncertainty / toys.observed < 0.15


def test_toy_limits_do_not_depend_on_anything_but_the_seed() -> None:
    likelihood = Likelihood(_gaussian(), [1e8])
    pair = [toy_upper_limit(likelihood, 60, np.random.default_rng(3), values=[1.2, 1.6, 2.0]) for _ in range(2)]
    assert pair[0] == pair[1]


def test_a_scan_that_excludes_nothing_has_no_limit() -> None:
    toys = toy_upper_limit(Likelihood(_gaussian(), [1e8]), 60, np.random.default_rng(3), values=[0.1, 0.2])
    assert toys.observed is None
    assert toys.uncertainty is None


def test_bad_requests_are_refused() -> None:
    likelihood, rng = Likelihood(_gaussian(), [1e8]), np.random.default_rng(1)
    with pytest.raises(InputError, match="cls or clsb"):
        toy_upper_limit(likelihood, 100, rng, LimitChoice(method="delta-chi2"))
    with pytest.raises(InputError, match="at least 50"):
        toy_upper_limit(likelihood, 10, rng)
    with pytest.raises(InputError, match="at least 50"):
        FeldmanCousins(_gaussian(), [0.0], 10, rng)


def test_goodness_of_fit() -> None:
    likelihood = Likelihood(
        _spectrum(), np.round(_spectrum().expected({"u": 0.05})) + np.array([60.0, -60.0, 60.0, -30.0, 20.0])
    )
    goodness = toy_goodness_of_fit(likelihood, 400, np.random.default_rng(5))
    expected = fit(likelihood).p_value
    # four binomial standard deviations; chi-square holds at thousands of counts
    assert expected is not None
    assert goodness.p_value == pytest.approx(expected, abs=4.0 * np.sqrt(expected * (1 - expected) / 400) + 1e-3)


# -- Feldman-Cousins -------------------------------------------------------------------------------------------------


def _exact_critical(mu: float, level: float = 0.90) -> float:
    """Quantile of t_mu tilde for a Gaussian estimate x of unit variance and mu >= 0, by integration over x."""
    x = np.linspace(mu - 8.0, mu + 8.0, 160001)
    best = np.maximum(x, 0.0)
    t = (x - mu) ** 2 - (x - best) ** 2
    weight = np.exp(-0.5 * (x - mu) ** 2)
    order = np.argsort(t)
    cumulative = np.cumsum(weight[order]) / weight.sum()
    return float(t[order][np.searchsorted(cumulative, level)])


def _exact_interval(x: float) -> tuple[float, float]:
    """Feldman-Cousins interval of a bounded Gaussian."""

    def excess(mu: float) -> float:
        return (x - mu) ** 2 - (x - max(x, 0.0)) ** 2 - _exact_critical(mu)

    best = max(x, 0.0)
    lower = float(brentq(excess, 0.0, best)) if best > 0.0 and excess(0.0) > 0.0 else 0.0
    return lower, float(brentq(excess, best + 1e-9, best + 6.0))


@pytest.fixture(scope="module")
def construction() -> FeldmanCousins:
    grid = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0]
    return FeldmanCousins(_gaussian(), grid, 1200, np.random.default_rng(7))


def test_published_gaussian_intervals() -> None:
    # Table X of physics/9711021 at 90%: (x, lower, upper)
    for x, lower, upper in (
        (0.0, 0.0, 1.64),
        (1.0, 0.0, 2.64),
        (2.0, 0.58, 3.64),
        (3.0, 1.37, 4.64),
        (-1.0, 0.0, 0.81),
    ):
        assert _exact_interval(x) == pytest.approx((lower, upper), abs=0.011)


def test_critical_values_equal_the_exact_ones(construction: FeldmanCousins) -> None:
    for mu in construction.values:
        exact = _exact_critical(mu)
        # quantile of 1200 toys: sqrt(0.9 0.1 / 1200) / density (0.06 to 0.12 there) is 0.14; three of them
        assert construction.critical_value(mu) == pytest.approx(exact, abs=0.42)


@pytest.mark.parametrize("x", [-1.0, 0.0, 1.0, 2.0, 3.0])
def test_intervals_equal_the_exact_ones(construction: FeldmanCousins, x: float) -> None:
    found = construction.interval(Likelihood(_gaussian(), [1e8 + 1e4 * x]))
    lower, upper = _exact_interval(x)
    # a critical value off by 0.42 moves an end by 0.42 / (2 x 1.6) = 0.13
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=0.13)
    assert found.lower <= found.best_fit <= found.upper
    assert found.method == "feldman-cousins"


@pytest.mark.parametrize("truth", [0.0, 0.3, 1.2, 2.5])
def test_coverage_near_the_bound(construction: FeldmanCousins, truth: float) -> None:
    model, covered, n = _gaussian(), 0, 400
    theta = model.vector({"u": truth})
    counts = model.expected(theta)
    for i in range(n):
        toy = construction.interval(Likelihood(model, draw(model, theta, counts, toy_generator(99, i))))
        covered += toy.lower <= truth <= toy.upper
    # binomial 1.5%, and as much from the toys of the construction: three of the sum in quadrature, 0.9 is exact
    assert covered / n == pytest.approx(0.90, abs=0.05)


def test_interval_of_data_with_nuisances() -> None:
    likelihood = Likelihood(_spectrum(), np.round(_spectrum().expected({"u": 0.0})))
    seen: list[float] = []
    found = feldman_cousins(likelihood, 60, np.random.default_rng(8), progress=seen.append)
    sigma = fit(likelihood).uncertainties["u"]
    # near the exact 1.64 sigma of an estimate at the bound; 60 toys give 10%
    assert found.lower == 0.0
    assert found.upper == pytest.approx(1.64 * sigma, rel=0.35)
    assert seen[-1] == 1.0


def test_feldman_cousins_needs_a_bound_and_a_signal() -> None:
    rng = np.random.default_rng(1)
    free = Model([Sample("b", [100.0]), Sample("s", [5.0], [NormFactor("u")])], "u", (-np.inf, np.inf))
    with pytest.raises(InputError, match="finite lower bound"):
        feldman_cousins(Likelihood(free, [100.0]), 50, rng)
    blind = Model([Sample("b", [100.0]), Sample("s", [0.0], [NormFactor("u")])], "u")
    with pytest.raises(InputError, match="changes no bin"):
        feldman_cousins(Likelihood(blind, [100.0]), 50, rng)
