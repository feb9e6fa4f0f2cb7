"""Margins of upper limits and of measured numbers."""

import math

import numpy as np
import pytest

from nuportal.constraints.comparison import deviation, upper_limit


def _single(predicted, measured, sigma=1.0):
    return deviation(("x",), np.array([[predicted]]), [0.0], [measured], [[sigma**2]])


def test_upper_limit():
    found = upper_limit("x", [2.0, 0.0, np.nan, 1.0], [1.0, 1.0, 1.0, np.nan])
    assert found.margin[:2] == pytest.approx([0.5, math.inf])
    assert np.isnan(found.margin[2:]).all()


def test_upper_limit_at_the_ends_of_numbers():
    found = upper_limit("x", [np.nan, 0.0, 5e-324, 1.0], [np.nan, np.nan, 1.0, 0.0])
    assert np.isnan(found.margin[:2]).all()
    assert found.margin[2:].tolist() == [math.inf, 0.0]
    assert found.delta_chi2 is None
    assert found.silent(0)


def test_unknown_predictions_have_no_margin():
    predicted = np.array([[1.0, np.nan, 0.0, 1.0], [2.0, 2.0, 0.0, np.nan]])
    found = deviation(("x", "y"), predicted, [0.0, 0.0], [0.1, -0.2], np.eye(2))
    assert np.isnan(found.margin).tolist() == [False, True, False, True]
    assert np.isnan(found.delta_chi2).tolist() == [False, True, False, True]
    assert found.delta_chi2[2] == 0.0
    assert np.isnan(found.limit[:, 1:]).all()
    taken = found.without(np.array([True, False, False, False]), lambda k: f"point {k}")
    assert np.isnan([taken.margin[0], taken.delta_chi2[0]]).all()
    assert np.isinf(taken.margin[2])


@pytest.mark.parametrize(("predicted", "measured"), [(3.0, 1.0), (-3.0, 1.0), (3.0, -2.0), (-0.5, 2.0)])
def test_margin_is_where_delta_chi2_is_that_of_the_limit(predicted, measured):
    found = _single(predicted, measured)
    edge = float(found.margin[0]) * predicted
    best = measured if measured * predicted > 0 else 0.0
    assert (edge - measured) ** 2 - (best - measured) ** 2 == pytest.approx(2.706, rel=1e-3)
    assert found.limit[0, 0] == pytest.approx(edge)
    assert found.delta_chi2[0] == pytest.approx((predicted - measured) ** 2 - measured**2)


def test_a_deviation_that_the_data_prefer_is_excluded_only_beyond_them():
    assert _single(1.0, 5.0).margin[0] > 1.0  # the Standard Model fits worse
    assert _single(7.0, 5.0).margin[0] < 1.0
    assert _single(-1.0, 5.0).margin[0] < 1.0


def test_no_effect_has_an_infinite_margin():
    found = deviation(("x",), np.zeros((1, 2)), [0.0], [0.3], [[1.0]])
    assert np.isinf(found.margin).all()


def test_correlated_observables_combine_by_least_squares():
    shift, pull = np.array([0.7, -0.4]), np.array([0.3, 0.5])
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])
    found = deviation(("x", "y"), shift[:, None], [0.0, 0.0], pull, covariance)
    t = np.linspace(0, 20, 200_001)
    weight = np.linalg.inv(covariance)
    rest = pull[:, None] - shift[:, None] * t
    chi2 = np.einsum("it,ij,jt->t", rest, weight, rest)
    allowed = t[chi2 - chi2.min() <= 2.706]
    assert found.margin[0] == pytest.approx(allowed.max(), abs=2e-4)


def test_points_can_lose_their_margin_for_a_reason():
    found = upper_limit("x", [2.0, 0.5], 1.0).without(np.array([False, True]), lambda k: f"point {k}")
    assert found.margin[0] == 0.5
    assert math.isnan(found.margin[1])
    assert found.silent(1) == "point 1"
    assert found.weakened(np.array([0.5, 1.0])).margin[0] == 1.0
