from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, poisson

from nucore.stats import HistoSys, Likelihood, LinearNorm, LogLinearShape, Model, NormFactor, NormSys, Sample, StatError


def _everything() -> Model:
    """One model with every kind of modifier, names shared between samples and kinds."""
    x = np.linspace(0.1, 1.0, 6)
    light = 40.0 * np.exp(-x)
    return Model(
        [
            Sample(
                "light",
                light,
                [NormSys("a", 0.9, 1.2), HistoSys("h", light * 0.95, light * (1 + 0.1 * x)), StatError("mc", 0.05 * x)],
            ),
            Sample(
                "difference",
                light * (x - 0.5),
                [NormFactor("u"), NormFactor("k"), NormSys("a", 0.8, 1.1), LinearNorm("l", 0.1)],
            ),
            Sample("smooth", np.full(6, 3.0), [LogLinearShape.log_polynomial("c", x, 2), NormSys("h", 0.97, 1.05)]),
            Sample("free", np.full(6, 5.0), [NormFactor("k"), StatError("mc", 0.05 * x)]),
        ],
        poi="u",
    )


MODEL = _everything()
COUNTS = np.array([50.0, 38.0, 0.0, 41.0, 25.0, 30.0])


def _point(z: list[float]) -> np.ndarray:
    theta = MODEL.initial + 0.1 * np.asarray(z)
    gaussian = [MODEL.index(name) for name in ("a", "h", "l")]
    theta[gaussian] = np.asarray(z)[gaussian]
    return theta


POINTS = st.lists(st.floats(-1.6, 1.6), min_size=MODEL.initial.size, max_size=MODEL.initial.size).filter(
    lambda z: all(abs(abs(v) - 1.0) > 1e-3 for v in z)
)


@given(POINTS)
@settings(deadline=None, max_examples=40)
def test_gradient_and_hessian_against_finite_differences(z: list[float]) -> None:
    likelihood = Likelihood(MODEL, COUNTS)
    theta = _point(z)
    gradient, hessian, step = likelihood.gradient(theta), likelihood.hessian(theta), 1e-4
    for k in range(theta.size):
        up, down = theta.copy(), theta.copy()
        up[k] += step
        down[k] -= step
        # central difference: truncation step^2 times third derivatives of order 1e4
        slope = (likelihood(up) - likelihood(down)) / (2 * step)
        assert gradient[k] == pytest.approx(slope, rel=1e-4, abs=1e-3)
        row = (likelihood.gradient(up) - likelihood.gradient(down)) / (2 * step)
        np.testing.assert_allclose(hessian[k], row, rtol=1e-3, atol=1e-2)


@given(POINTS)
@settings(deadline=None, max_examples=25)
def test_value_differs_from_log_probabilities_by_a_constant(z: list[float]) -> None:
    likelihood = Likelihood(MODEL, COUNTS)

    def reference(theta: np.ndarray) -> float:
        pulls = (theta[MODEL.constrained] - MODEL.initial[MODEL.constrained]) / MODEL.widths
        return -float(poisson.logpmf(COUNTS, MODEL.expected(theta)).sum() + norm.logpdf(pulls).sum())

    theta, origin = _point(z), MODEL.initial
    # sums of a few hundred: 1e-9 is rounding
    assert likelihood(theta) - likelihood(origin) == pytest.approx(reference(theta) - reference(origin), abs=1e-9)


@pytest.mark.parametrize("n", [1e3, 1e9, 1e15])
def test_no_cancellation_at_large_counts(n: float) -> None:
    model = Model([Sample("b", [n]), Sample("s", [np.sqrt(n)], [NormFactor("u")])], "u")
    value = Likelihood(model, [n])([1.5])
    with mpmath.workdps(50):
        nu = mpmath.mpf(n) + mpmath.mpf("1.5") * mpmath.mpf(float(np.sqrt(n)))
        exact = nu - n + n * mpmath.log(n / nu)
    # the expectation itself is rounded to 1e-16 n, i.e. 1e-16 sqrt(n) standard deviations
    assert value == pytest.approx(float(exact), rel=1e-6)


def test_zero_and_negative_expectation() -> None:
    model = Model([Sample("b", [4.0, 2.0]), Sample("s", [0.0, 1.0], [NormFactor("u")])], "u")
    empty, filled = Likelihood(model, [4.0, 0.0]), Likelihood(model, [4.0, 1.0])
    assert empty([-2.0]) == 0.0
    assert empty([-2.001]) == np.inf
    assert filled([-2.0]) == np.inf
    assert filled([-1.999]) > 5.0
    assert empty.with_barrier(1e-3)([-2.0]) == np.inf
