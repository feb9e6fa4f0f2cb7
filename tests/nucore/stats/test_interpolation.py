from __future__ import annotations

import numpy as np
import pytest

from nucore.stats.interpolation import code4_coefficients, code4_log, code4p_weights

ALPHAS = np.array([-3.0, -1.0, -0.7, -0.2, 0.0, 0.3, 0.99, 1.0, 2.5])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("low", "high"), [(0.9, 1.1), (0.97, 1.3), (1.05, 0.8), (0.5, 2.0)])
def test_code4_equals_pyhf(low: float, high: float) -> None:
    from pyhf.interpolators import code4

    reference = code4([[[[low], [1.0], [high]]]], subscribe=False)(ALPHAS[None, :])
    for k, alpha in enumerate(ALPHAS):
        lows, highs = np.array([[low]]), np.array([[high]])
        value = code4_log(np.array([alpha]), code4_coefficients(lows, highs), np.log(lows), np.log(highs))[0]
        # two implementations of one polynomial: rounding only
        assert np.exp(value[0, 0]) == pytest.approx(np.asarray(reference)[0, 0, k, 0], rel=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_code4p_equals_pyhf() -> None:
    from pyhf.interpolators import code4p

    low, nominal, high = [9.0, 20.0], [10.0, 20.0], [12.0, 19.0]
    reference = np.asarray(code4p([[[low, nominal, high]]], subscribe=False)(ALPHAS[None, :]))[0, 0]
    symmetric = (np.array(high) - low) / 2
    antisymmetric = (np.array(high) + low - 2 * np.array(nominal)) / 2
    even = code4p_weights(ALPHAS)[0]
    ours = ALPHAS[:, None] * symmetric + even[:, None] * antisymmetric
    np.testing.assert_allclose(ours, reference, atol=1e-12)


@pytest.mark.parametrize("alpha", [-1.7, -0.6, 0.05, 0.8, 1.4])
def test_derivatives_against_finite_differences(alpha: float) -> None:
    low, high = np.array([[0.93]]), np.array([[1.12]])
    arguments = (code4_coefficients(low, high), np.log(low), np.log(high))
    step = 1e-4
    points = [code4_log(np.array([alpha + d]), *arguments) for d in (-step, 0.0, step)]
    # central differences are accurate to step^2
    assert (points[2][0] - points[0][0]) / (2 * step) == pytest.approx(points[1][1], rel=1e-6)
    assert (points[2][1] - points[0][1]) / (2 * step) == pytest.approx(points[1][2], rel=1e-5, abs=1e-7)
    weights = [code4p_weights(np.array([alpha + d])) for d in (-step, 0.0, step)]
    assert (weights[2][0] - weights[0][0]) / (2 * step) == pytest.approx(weights[1][1], rel=1e-6)
    assert (weights[2][1] - weights[0][1]) / (2 * step) == pytest.approx(weights[1][2], rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("edge", [-1.0, 1.0])
def test_both_are_twice_continuously_differentiable_at_one(edge: float) -> None:
    low, high = np.array([[0.9]]), np.array([[1.2]])
    arguments = (code4_coefficients(low, high), np.log(low), np.log(high))
    inside, outside = np.array([edge * (1 - 1e-9)]), np.array([edge * (1 + 1e-9)])
    for below, above in zip(code4_log(inside, *arguments), code4_log(outside, *arguments), strict=True):
        assert below == pytest.approx(above, abs=1e-6)
    for below, above in zip(code4p_weights(inside), code4p_weights(outside), strict=True):
        assert below == pytest.approx(above, abs=1e-6)
