from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from nucore.errors import InputError
from nucore.stats import Likelihood, LinearNorm, Model, NormFactor, Sample
from nucore.stats.test_statistics import ProfileLikelihood, log_p_values, q_0, q_mu_tilde


def _counting(n: float, bounds: tuple[float, float] = (0.0, np.inf)) -> Likelihood:
    return Likelihood(Model([Sample("b", [100.0]), Sample("s", [10.0], [NormFactor("u")])], "u", bounds), [n])


def _twice_nll(n: float, u: float) -> float:
    return 2.0 * (10.0 * u + 100.0 - n * np.log(100.0 + 10.0 * u))


@given(st.integers(20, 300), st.floats(0.0, 20.0))
@settings(deadline=None, max_examples=40)
def test_counting_experiment_in_closed_form(n: int, mu: float) -> None:
    likelihood = _counting(n)
    best = (n - 100.0) / 10.0
    ratio = _twice_nll(n, mu) - _twice_nll(n, best)
    bounded = _twice_nll(n, mu) - _twice_nll(n, max(best, 0.0))
    # minima are found to 1e-10
    assert ProfileLikelihood(likelihood).ratio(mu, physical=False) == pytest.approx(ratio, abs=1e-8)
    assert q_mu_tilde(ProfileLikelihood(likelihood), mu) == pytest.approx(bounded if mu >= best else 0.0, abs=1e-8)
    zero = _twice_nll(n, 0.0) - _twice_nll(n, best) if best > 0.0 else 0.0
    assert q_0(ProfileLikelihood(likelihood)) == pytest.approx(zero, abs=1e-8)


@pytest.mark.parametrize(("on", "off", "alpha"), [(30, 100, 0.2), (140, 500, 0.25), (12, 3, 1.0)])
def test_discovery_significance_is_li_and_ma(on: int, off: int, alpha: float) -> None:
    # Li and Ma, ApJ 272 (1983) 317, Eq. 17
    total = on + off
    expected = np.sqrt(2 * (on * np.log((1 + alpha) / alpha * on / total) + off * np.log((1 + alpha) * off / total)))
    model = Model(
        [
            Sample("background", [10.0 * alpha, 10.0], [NormFactor("b", 1.0, (0.0, np.inf))]),
            Sample("signal", [1.0, 0.0], [NormFactor("s")]),
        ],
        "s",
    )
    assert np.sqrt(q_0(ProfileLikelihood(Likelihood(model, [on, off])))) == pytest.approx(expected, rel=1e-7)


def test_upper_physical_bound_holds_the_best_fit() -> None:
    profile = ProfileLikelihood(_counting(250.0, (0.0, 1.0)))
    assert q_mu_tilde(profile, 1.0) == 0.0
    assert profile.best().theta[0] == 1.0


def test_tested_value_outside_the_physical_range_is_refused() -> None:
    with pytest.raises(InputError, match="outside the physical range"):
        q_mu_tilde(ProfileLikelihood(_counting(100.0)), -1.0)


def test_impossible_values_have_infinite_ratio() -> None:
    model = Model([Sample("b", [10.0, 10.0]), Sample("d", [5.0, -5.0], [NormFactor("u")])], "u")
    profile = ProfileLikelihood(Likelihood(model, [10.0, 10.0]))
    assert profile.ratio(2.5) == np.inf
    assert profile.value(1.0) is not None
    assert np.isfinite(profile.ratio(1.9))


def test_values_that_only_a_nuisance_makes_possible_are_reached() -> None:
    # 1 + 0.02 alpha - u vanishes at u = 1 for alpha = 0, but not at the conditional minimum
    model = Model(
        [Sample("l", [0.01], [LinearNorm("n", 0.02)]), Sample("d", [-0.01], [NormFactor("u")])], "u", (0.0, 1.0)
    )
    profile = ProfileLikelihood(Likelihood(model, [0.01]))
    profile.conditional(0.5)
    # stationary in alpha: expected e = 0.01 * 0.02 alpha, 0.0002 (1 - 0.01 / e) + alpha = 0
    alpha = 2e-4 * (-1.0 + np.sqrt(1.0 + 4.0 * 0.01 / 4e-8)) / 2.0
    counts = 2e-4 * alpha
    exact = counts - 0.01 + 0.01 * np.log(0.01 / counts) + alpha**2 / 2.0
    assert profile.value(1.0) == pytest.approx(exact, rel=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("best", [-2.0, -0.5, 0.0, 0.7, 1.5])
def test_p_values_are_gaussian_probabilities(best: float) -> None:
    # in units of sigma: q_mu tilde of a Gaussian estimate `best`, mu = 1.8
    mu = 1.8
    q = (mu - best) ** 2 - (best**2 if best < 0 else 0.0)
    log_signal, log_background = log_p_values(q, mu**2)
    # CLs+b is the probability of an estimate below `best` with signal, CLb without
    assert np.exp(log_signal) == pytest.approx(norm.cdf(best - mu), rel=1e-9)
    assert np.exp(log_background) == pytest.approx(norm.cdf(best), rel=1e-9)
