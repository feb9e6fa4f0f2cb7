"""Grids of masses: curves are reproduced between their points."""

import numpy as np
import pytest

from nucore.limits.catalogue import select
from nuportal.figures.mass_grid import SMALLEST_STEP, adaptive, both_sides, knots

START = np.geomspace(1e-3, 1e3, 121)


def _between(x, y, at):
    return np.exp(np.interp(np.log(at), np.log(x), np.log(y)))


def test_a_narrow_minimum_is_followed():
    def curve(x):
        return 1e-6 + np.log(x) ** 2 / (1.0 + x)

    x, y = adaptive(curve, START)
    at = np.geomspace(0.5, 2.0, 5001)
    assert _between(x, y, at) == pytest.approx(curve(at), rel=0.05)
    assert x.size < 500


def test_jumps_and_ends_are_found_to_the_smallest_step():
    x, y = adaptive(lambda x: np.where(x < 0.3, 1.0, np.where(x < 7.0, 20.0, np.nan)), START)
    jump = np.flatnonzero(y > 1.0)[0]
    end = np.flatnonzero(np.isnan(y))[0]
    for k, place in ((jump, 0.3), (end, 7.0)):
        assert x[k - 1] < place <= x[k]
        assert x[k] / x[k - 1] - 1.0 < 2.0 * SMALLEST_STEP
    assert (np.diff(x) > 0.0).all()


def test_curves_of_one_grid_are_refined_together():
    x, y = adaptive(lambda x: np.stack([x, 1.0 + 100.0 * np.exp(-((np.log(x) / 0.1) ** 2))]), START)
    assert y.shape == (2, x.size)
    assert y[0] == pytest.approx(x)
    assert x.size > 250


def test_a_noisy_curve_has_a_bounded_number_of_points():
    noise = np.random.default_rng(1)
    x, _ = adaptive(lambda x: np.exp(noise.normal(size=x.size)), START)
    assert x.size < 13_000


def test_knots_have_table_points_and_both_sides_of_ends():
    (curve,) = [c for c in select("mu", inputs="latest") if c.id == "na62-2021-mu"]
    found = knots([curve])
    assert np.isin(curve.points.mass_GeV, found).all()
    assert np.isfinite(curve.values(found)).sum() >= len(curve.points.mass_GeV)
    low, high = curve.mass_range_GeV
    outside = np.isnan(curve.values(both_sides([low, high])))
    assert outside.tolist() == [True, False, False, False, False, True]
