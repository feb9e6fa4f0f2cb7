"""What is shaded between the points of a scan."""

from __future__ import annotations

import numpy as np

from nucore.plot.scan_regions import ALLOWED, EXCLUDED, NO_POINT, UNDECIDED, interpolated, regions

NAN = np.nan


def along(margins, states, places):
    """On a grid of one row."""
    return regions([np.array([m]) for m in margins], np.array([states]), np.zeros(1), np.array(places))[0].tolist()


def test_strip_between_two_limits_is_allowed():
    """One excludes below 0.4, the other above 0.6; each point of the grid is excluded by one of them."""
    falling, rising = [-0.4, 0.6], [0.6, -0.4]
    found = along([falling, rising], [EXCLUDED, EXCLUDED], [0.0, 0.3, 0.45, 0.55, 0.7, 1.0])
    assert found == [EXCLUDED, EXCLUDED, ALLOWED, ALLOWED, EXCLUDED, EXCLUDED]


def test_nearest_point_counts_where_a_limit_does_not_apply_to_a_neighbour():
    assert along([[-0.5, NAN]], [EXCLUDED, ALLOWED], [0.0, 0.4, 0.6, 1.0]) == [EXCLUDED, EXCLUDED, ALLOWED, ALLOWED]


def test_undecided_and_no_points_are_those_of_the_nearest():
    states = [UNDECIDED, NO_POINT, ALLOWED]
    assert along([[0.5, NAN, 0.5]], states, [-1.0, 0.4, 0.6, 1.4, 1.6, 3.0]) == [
        UNDECIDED, UNDECIDED, NO_POINT, NO_POINT, ALLOWED, ALLOWED
    ]  # fmt: skip


def test_limit_on_mixings_that_vanish_on_the_axes():
    """Margin of a limit on the product of two mixings squared, from a grid of four points."""
    mixing = np.array([0.0, 0.25])
    with np.errstate(divide="ignore"):
        margin = np.log10(1e-6 / np.outer(mixing, mixing) ** 2)
    places = np.array([0.0, 0.3, 0.376, 1.0])
    product = np.outer(places, places) * 0.25**2
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(interpolated(margin, places, places), np.log10(1e-6 / product**2), atol=1e-9)


def test_points_keep_their_states():
    rng = np.random.default_rng(4)
    margins = rng.normal(size=(3, 5, 7))
    states = np.where(margins.min(axis=0) < 0.0, EXCLUDED, ALLOWED)
    assert np.array_equal(regions(list(margins), states, np.arange(5.0), np.arange(7.0)), states)
    between = regions([margins[0]], np.where(margins[0] < 0.0, EXCLUDED, ALLOWED), np.array([1.25]), np.array([2.5]))
    mean = 0.75 * margins[0, 1, 2:4].mean() + 0.25 * margins[0, 2, 2:4].mean()
    assert between[0, 0] == (EXCLUDED if mean < 0.0 else ALLOWED)
