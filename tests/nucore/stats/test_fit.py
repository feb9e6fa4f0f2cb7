from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from iminuit import Minuit, cost
from scipy.stats import chi2

from nucore.errors import InputError
from nucore.stats import FitError, Likelihood, LogLinearShape, Model, NormFactor, NormSys, Sample, fit

minuit_module = importlib.import_module("nucore.stats.minuit")


def _numerical_hessian(function: Callable[[np.ndarray], float], point: np.ndarray, steps: np.ndarray) -> np.ndarray:
    n = point.size
    shifts = np.diag(steps)
    hessian = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            corners = [function(point + a * shifts[i] + b * shifts[j]) for a in (1, -1) for b in (1, -1)]
            hessian[i, j] = hessian[j, i] = np.dot(corners, [1, -1, -1, 1]) / (4 * steps[i] * steps[j])
    return hessian


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(10))
def test_best_fit_and_uncertainties_equal_pyhf(
    seed: int, random_model: Callable[[int], Any], precise_pyhf: Any
) -> None:
    reference = random_model(seed)
    workspace = reference.pyhf_model((-10.0, 10.0))
    data = reference.counts.tolist() + workspace.config.auxdata
    theirs = np.asarray(precise_pyhf.infer.mle.fit(data, workspace))
    ours = fit(Likelihood(reference.model, reference.counts))
    names = [name if not name.startswith("mc") else f"mc[{name[3:-1]}]" for name in workspace.config.par_names]
    values = np.array([ours.best_fit[name] for name in names])
    sigma = np.array([ours.uncertainties[name] for name in names])
    # the minimum found with numerical derivatives is good to about 1e-3 standard deviations
    np.testing.assert_allclose((values - theirs) / sigma, 0.0, atol=1e-3)

    # HESSE behind pyhf is only good to a few per cent (finite differences); so pyhf's own likelihood
    # is differentiated along directions in which our covariance is the unit matrix
    order = [reference.model.index(name) for name in names]
    directions = np.linalg.cholesky(ours.covariance[np.ix_(order, order)])

    def nll(z: np.ndarray) -> float:
        twice = precise_pyhf.infer.mle.twice_nll(values + directions @ z, data, workspace)
        return 0.5 * float(np.asarray(twice).item())

    hessian = _numerical_hessian(nll, np.zeros(sigma.size), np.full(sigma.size, 0.002))
    # truncation step^2 times fourth derivatives (up to 20, strongly correlated norms); rounding 1e-13 / step^2
    np.testing.assert_allclose(hessian, np.eye(sigma.size), atol=1e-3)


def _power_law() -> tuple[Model, np.ndarray, np.ndarray]:
    p = np.linspace(0.131, 0.199, 35)
    signal = 400.0 * np.exp(-0.5 * ((p - 0.165) / 0.004) ** 2)
    shape = LogLinearShape.log_polynomial("c", p, 1, reference=0.165)
    model = Model([Sample("b", np.ones(35), [shape]), Sample("s", signal, [NormFactor("u")])], "u")
    return model, p, signal


def test_power_law_background_against_extended_binned_nll() -> None:
    model, p, signal = _power_law()
    counts = np.random.default_rng(5).poisson(model.expected({"c0": np.log(900.0), "c1": -4.0, "u": 0.3}))

    def cumulative(_: np.ndarray, u: float, c0: float, c1: float) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum(np.exp(c0) * (p / 0.165) ** c1 + u * signal)])

    minuit = Minuit(cost.ExtendedBinnedNLL(counts, np.arange(36.0), cumulative), u=0.1, c0=6.0, c1=-3.0)
    minuit.strategy, minuit.tol = 2, 1e-5
    minuit.migrad()
    minuit.hesse()
    minuit.minos("u")
    ours = fit(Likelihood(model, counts), minos=["u"])
    for k, name in enumerate(("u", "c0", "c1")):
        # Minuit with numerical derivatives: minimum good to 1e-3, HESSE to 2e-3
        assert ours.best_fit[name] == pytest.approx(minuit.values[name], abs=1e-3 * minuit.errors[name])
        assert ours.uncertainties[name] == pytest.approx(minuit.errors[name], rel=2e-3)
        np.testing.assert_allclose(ours.correlation[k], minuit.covariance.correlation()[k], atol=1e-3)
    merror = minuit.merrors["u"]
    assert ours.intervals["u"] == pytest.approx((merror.lower, merror.upper), rel=2e-3)
    assert ours.goodness_of_fit == pytest.approx(minuit.fval, abs=1e-6)


def test_two_templates_against_iminuit_template() -> None:
    edges = np.linspace(0.0, 1.0, 13)
    first, second = np.linspace(50.0, 5.0, 12), np.linspace(10.0, 30.0, 12)
    counts = np.random.default_rng(2).poisson(0.8 * first + 1.3 * second).astype(float)
    tiny = 1e-4  # template variances, relative to Poisson: they add as much to the total
    template = cost.Template(counts, edges, tuple(np.stack([t, tiny * t], axis=-1) for t in (first, second)))
    minuit = Minuit(template, first.sum(), second.sum())
    minuit.tol = 1e-5
    minuit.migrad()
    minuit.hesse()
    model = Model([Sample("a", first, [NormFactor("a")]), Sample("b", second, [NormFactor("u")])], "u")
    ours = fit(Likelihood(model, counts))
    for name, k, size in (("a", 0, first.sum()), ("u", 1, second.sum())):
        assert ours.best_fit[name] == pytest.approx(minuit.values[k] / size, rel=1e-3)
        assert ours.uncertainties[name] == pytest.approx(minuit.errors[k] / size, rel=5e-3)


def test_counting_experiment_in_closed_form() -> None:
    model = Model([Sample("b", [100.0]), Sample("s", [10.0], [NormFactor("u")])], "u")
    result = fit(Likelihood(model, [144.0]), minos=["u"])
    # an estimated distance of 1e-10 to the minimum is 1.4e-5 standard deviations of 1.2
    assert result.best_fit["u"] == pytest.approx(4.4, abs=2e-5)
    assert result.uncertainties["u"] == pytest.approx(1.2, rel=1e-6)
    for bound in result.intervals["u"]:
        nu = 144.0 + 10.0 * bound
        # MINOS: the likelihood rises by 1/2; Minuit's own tolerance is a few per mille of it
        assert nu - 144.0 + 144.0 * np.log(144.0 / nu) == pytest.approx(0.5, rel=1e-2)
    assert result.p_value is None
    assert result.degrees_of_freedom == 0


def test_pulls_and_constraints_of_a_single_nuisance() -> None:
    # one bin fixed at u = 0 measures the nuisance: n = N (1 + 0.1 alpha) with constraint
    model = Model([Sample("b", [1e8], [NormSys("a", 1 / 1.1, 1.1)]), Sample("s", [1.0], [NormFactor("u")])], "u")
    result = fit(Likelihood(model, [1.1e8]), fixed={"u": 0.0})
    # at 1e8 counts the data decide: alpha = 1, uncertainty 1e-4 / (0.1 ln-slope)
    assert result.pulls["a"] == pytest.approx(1.0, abs=1e-3)
    assert result.constraints["a"] == pytest.approx(1 / np.sqrt(1.1e8) / np.log(1.1), rel=1e-3)
    assert np.isnan(result.uncertainties["u"])
    assert result.degrees_of_freedom == 1


def test_bounded_fit_reports_the_bound() -> None:
    model = Model([Sample("b", [100.0, 100.0]), Sample("s", [10.0, 0.0], [NormFactor("u")])], "u")
    free, bounded = (fit(Likelihood(model, [80.0, 100.0]), physical=physical) for physical in (False, True))
    assert free.best_fit["u"] == pytest.approx(-2.0)
    assert free.at_bound == ()
    assert bounded.best_fit["u"] == 0.0
    assert bounded.at_bound == ("u",)
    # curvature at 0: n s^2 / b^2
    assert bounded.uncertainties["u"] == pytest.approx(np.sqrt(1e4 / (80.0 * 100.0)), rel=1e-9)


def test_edge_of_positive_expectation_has_no_uncertainty() -> None:
    model = Model([Sample("b", [5.0, 0.5]), Sample("s", [0.0, 1.0], [NormFactor("u")])], "u")
    result = fit(Likelihood(model, [5.0, 0.0]), minos=["u"])
    assert result.zero_expectation
    assert np.isnan(result.uncertainties["u"])
    assert result.intervals == {}


def test_no_minos_interval_beyond_the_edge() -> None:
    # at u = -0.5 the first bin has no expectation left, half a standard deviation from the best fit
    model = Model([Sample("b", [0.5, 100.0]), Sample("s", [1.0, 10.0], [NormFactor("u")])], "u")
    result = fit(Likelihood(model, [0.0, 110.0]), minos=["u"])
    assert result.best_fit["u"] == pytest.approx(0.0, abs=1e-6)
    assert result.uncertainties["u"] == pytest.approx(110.0**0.5 / 11.0, rel=1e-6)
    assert result.intervals == {}


def test_p_value_is_uniform_enough() -> None:
    model, _, _ = _power_law()
    rng = np.random.default_rng(11)
    truth = {"c0": np.log(900.0), "c1": -4.0, "u": 0.3}
    results = [fit(Likelihood(model, rng.poisson(model.expected(truth))), confirm=False) for _ in range(200)]
    assert results[0].degrees_of_freedom == 32
    total = sum(result.goodness_of_fit for result in results)
    # sum of 200 chi-squares of 32 degrees of freedom: a two-sided probability above 1e-4
    assert 5e-5 < chi2.sf(total, 200 * 32) < 1 - 5e-5
    assert results[0].p_value == pytest.approx(chi2.sf(results[0].goodness_of_fit, 32))


def test_newton_and_minuit_give_the_same(random_model: Callable[[int], Any]) -> None:
    reference = random_model(3)
    likelihood = Likelihood(reference.model, reference.counts)
    confirmed, plain = fit(likelihood), fit(likelihood, confirm=False)
    for name in plain.parameters:
        assert confirmed.best_fit[name] == pytest.approx(plain.best_fit[name], abs=1e-5 * plain.uncertainties[name])
        assert confirmed.uncertainties[name] == pytest.approx(plain.uncertainties[name], rel=1e-5)


def test_degenerate_parameters_are_a_failure() -> None:
    model = Model([Sample("b", [5.0, 6.0], [NormFactor("a")]), Sample("s", [10.0, 12.0], [NormFactor("u")])], "u")
    for confirm in (True, False):
        with pytest.raises(FitError, match="degenerate: only combinations of u, a change"):
            fit(Likelihood(model, [7.0, 8.0]), confirm=confirm)


def test_disagreement_of_the_minimisers_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model([Sample("b", [100.0, 90.0]), Sample("s", [10.0, 0.0], [NormFactor("u")])], "u")
    monkeypatch.setattr(minuit_module, "AGREEMENT", -1.0)
    with pytest.raises(FitError, match="two minimisers disagree"):
        fit(Likelihood(model, [120.0, 90.0]), confirm=True)


def test_unknown_names_are_refused() -> None:
    model = Model([Sample("b", [100.0]), Sample("s", [10.0], [NormFactor("u")])], "u")
    with pytest.raises(InputError, match="no parameter 'x'"):
        fit(Likelihood(model, [120.0]), fixed={"x": 1.0})
    with pytest.raises(InputError, match="no parameter 'y'"):
        fit(Likelihood(model, [120.0]), minos=["y"])
