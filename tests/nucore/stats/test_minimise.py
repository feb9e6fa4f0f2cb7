from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize as scipy_minimize

from nucore.stats import FitError, HistoSys, Likelihood, LogLinearShape, Model, NormFactor, NormSys, Sample
from nucore.stats.global_minimum import find_minimum

minimise_module = importlib.import_module("nucore.stats.minimise")


def _counting(background: list[float], signal: list[float]) -> Model:
    return Model([Sample("b", background), Sample("s", signal, [NormFactor("u")])], "u")


@given(st.lists(st.integers(0, 30), min_size=8, max_size=8))
@settings(deadline=None, max_examples=40)
def test_sparse_data_against_a_general_minimiser(counts: list[int]) -> None:
    x = np.linspace(-1.0, 1.0, 8)
    model = Model(
        [
            Sample("b", np.full(8, 10.0), [NormSys("n", 0.7, 1.4)]),
            Sample("s", 4.0 * np.exp(-(x**2) / 0.1), [NormFactor("u"), NormSys("n", 0.7, 1.4)]),
        ],
        "u",
    )
    likelihood = Likelihood(model, np.array(counts, dtype=float))
    ours = find_minimum(likelihood, physical=True)
    other = scipy_minimize(likelihood, [0.5, 0.0], bounds=[(0.0, None), (-10.0, 10.0)], method="L-BFGS-B", tol=1e-14)
    # ours may not be higher; L-BFGS-B with numerical derivatives may stop a little above the minimum
    assert ours.value <= other.fun + 1e-7
    assert ours.value == pytest.approx(other.fun, abs=1e-3)


def test_best_fit_at_a_bound_is_held_there() -> None:
    minimum = find_minimum(Likelihood(_counting([100.0], [10.0]), [80.0]), physical=True)
    assert minimum.theta[0] == 0.0
    assert minimum.at_bound.tolist() == [True]


def test_minimum_where_the_expectation_of_an_empty_bin_vanishes() -> None:
    likelihood = Likelihood(_counting([5.0, 0.5], [0.0, 1.0]), [5.0, 0.0])
    minimum = find_minimum(likelihood)
    # the likelihood falls linearly down to nu = 0.5 + u = 0
    assert minimum.theta[0] == pytest.approx(-0.5, abs=1e-6)
    assert minimum.value == pytest.approx(0.0, abs=1e-6)
    assert minimum.zero_expectation


def test_small_expectation_of_an_exponential_is_no_edge() -> None:
    shape = LogLinearShape(["c0", "c1"], [[1.0, 1.0, 1.0], [0.0, 1.0, 20.0]])
    model = Model([Sample("b", [1.0, 1.0, 1.0], [shape]), Sample("s", [1.0, 0.0, 0.0], [NormFactor("u")])], "u")
    minimum = find_minimum(Likelihood(model, [100.0, 10.0, 0.0]), fixed={"u": 0.0})
    assert model.expected(minimum.theta)[2] < 1e-10
    assert not minimum.zero_expectation


def test_several_empty_bins_at_the_edge() -> None:
    # 100 tight bins, one of them empty and the only one with signal; a nuisance moves them all
    model = Model(
        [
            Sample("b", np.full(20, 2.0), [NormSys("n", 0.9, 1.1)]),
            Sample("s", [3.0, 1.0] + 18 * [0.0], [NormFactor("u")]),
        ],
        "u",
    )
    minimum = find_minimum(Likelihood(model, [0.0, 0.0] + 18 * [2.0]))
    # both fall with u until the first expectation is zero: u = -2 f / 3, f the common factor
    factor = model.expected(minimum.theta)[-1] / 2.0
    assert minimum.theta[0] == pytest.approx(-2.0 * factor / 3.0, abs=1e-6)
    assert minimum.zero_expectation


def test_start_outside_the_allowed_region_is_left() -> None:
    # without signal the filled second bin is impossible, so the model's own start is useless
    minimum = find_minimum(Likelihood(_counting([5.0, 0.0], [1.0, 2.0]), [5.0, 3.0]))
    # stationary point of 5 ln(5 + u) + 3 ln(2 u) - 3 u, i.e. 3 u^2 + 7 u - 15 = 0
    assert minimum.theta[0] == pytest.approx((-7.0 + np.sqrt(49.0 + 180.0)) / 6.0, rel=1e-7)


def test_scale_of_the_parameter_does_not_matter() -> None:
    for scale in (1e-12, 1.0, 1e6):
        likelihood = Likelihood(_counting([100.0, 50.0], [10.0 / scale, -3.0 / scale]), [130.0, 45.0])
        reference = find_minimum(Likelihood(_counting([100.0, 50.0], [10.0, -3.0]), [130.0, 45.0]))
        assert find_minimum(likelihood).theta[0] == pytest.approx(scale * reference.theta[0], rel=1e-7)


def test_bad_start_of_an_exponential_is_recovered() -> None:
    shape = LogLinearShape(["c0"], [[1.0, 1.0]])
    model = Model([Sample("b", [1.0, 1.0], [shape]), Sample("s", [1.0, 0.0], [NormFactor("u")])], "u")
    minimum = find_minimum(Likelihood(model, [1e6, 1e6]), fixed={"u": 0.0}, start=np.array([0.0, -30.0]))
    assert minimum.theta[1] == pytest.approx(np.log(1e6), rel=1e-9)


def test_impossible_data_are_reported() -> None:
    with pytest.raises(FitError, match="bin 1 of the data holds 3 events, where the model expects none"):
        find_minimum(Likelihood(_counting([0.0, 5.0], [0.0, 1.0]), [3.0, 5.0]))


def test_failure_is_never_returned_as_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minimise_module, "MAX_ITERATIONS", 1)
    with pytest.raises(FitError, match="no convergence in 1 iterations"):
        find_minimum(Likelihood(_counting([10.0, 5.0], [10.0, 1.0]), [100.0, 3.0]))


def test_the_other_sign_of_a_folded_shape_is_tried() -> None:
    # both variations raise the first bin, so there is a minimum on either side of 0: descent finds the higher one
    shape = HistoSys("h", [136.0, 102.0], [123.0, 105.0])
    model = Model([Sample("b", [100.0, 100.0], [shape]), Sample("s", [1.0, 1.0], [NormFactor("u")])], "u")
    likelihood = Likelihood(model, [112.0, 133.0])
    scan = min(likelihood.value(np.array([0.0, h])) for h in np.linspace(-2.0, 2.0, 2001))
    assert find_minimum(likelihood, fixed={"u": 0.0}).value == pytest.approx(scan, abs=1e-4)


def test_a_step_beyond_a_bound_ends_there() -> None:
    # nearly degenerate factors: the step to the minimum is far outside the bounds of one of them
    samples = [
        Sample("a", [100.0, 50.0, 300.0], [NormFactor("a", 1.0, (-10.0, 10.0))]),
        Sample("b", [10.0, 5.0, 30.001], [NormFactor("b", 1.0, (-10.0, 10.0))]),
        Sample("s", [20.0, 0.0, 0.0], [NormFactor("u")]),
    ]
    minimum = find_minimum(Likelihood(Model(samples, "u"), [343.0, 272.0, 1569.0]), fixed={"u": 0.0})
    assert minimum.at_bound.tolist() == [False, False, True]
    # with b held at a bound the rest is one factor: a weighted mean, here by the sum of the bins
    ends = [(2184.0 - end * 45.001) / 450.0 for end in (-10.0, 10.0)]
    assert minimum.theta[1] == pytest.approx(ends[0] if minimum.theta[2] < 0.0 else ends[1], rel=1e-4)


def test_no_free_parameter() -> None:
    minimum = find_minimum(Likelihood(_counting([10.0], [1.0]), [12.0]), fixed={"u": 1.0})
    assert minimum.converged
    assert minimum.value == pytest.approx(11.0 - 12.0 + 12.0 * np.log(12.0 / 11.0))


def test_a_parameter_without_effect_is_harmless_to_the_minimum() -> None:
    # the extra factor multiplies an empty sample; the ridge leaves it where it starts
    model = Model(
        [
            Sample("b", [10.0, 5.0]),
            Sample("s", [10.0, 1.0], [NormFactor("u")]),
            Sample("z", [0.0, 0.0], [NormFactor("k")]),
        ],
        "u",
    )
    minimum = find_minimum(Likelihood(model, [15.0, 5.0]))
    alone = find_minimum(Likelihood(_counting([10.0, 5.0], [10.0, 1.0]), [15.0, 5.0]))
    assert minimum.theta[0] == pytest.approx(alone.theta[0], rel=1e-6)
    assert minimum.theta[1] == pytest.approx(1.0)
