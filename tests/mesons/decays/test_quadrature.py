"""Graded panels: exact distances, and integrals with known results."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mesons.decays.quadrature import Offsets, cell_nodes, gap, interval_grid, interval_nodes


def point(q_sq: float, low: float = 0.0, high: float = 1.0, pole: float = 0.3) -> Offsets:
    return Offsets(np.array(q_sq - low), np.array(high - q_sq), np.array(q_sq - pole))


@pytest.mark.parametrize("width", [1e-3, 1e-9, 1e-15])
def test_lorentzian_of_any_width(width: float) -> None:
    total = 0.0
    low = Offsets(np.array(0.0), np.array(1.0), np.array(-0.3))
    middle = Offsets(np.array(0.3), np.array(0.7), np.array(0.0))
    high = Offsets(np.array(1.0), np.array(0.0), np.array(0.7))
    for a, b in ((low, middle), (middle, high)):
        nodes, weights = interval_nodes(a, b, width)
        total += float((width / (nodes.from_pole**2 + width**2)) @ weights)
    assert total == pytest.approx(math.atan(0.7 / width) + math.atan(0.3 / width), rel=1e-13)


def test_square_root_ends() -> None:
    nodes, weights = interval_nodes(point(0.0, pole=5.0), point(1.0, pole=5.0), 0.0)
    beta = float(np.sqrt(nodes.above_min * nodes.below_max) @ weights)
    assert beta == pytest.approx(math.pi / 8, rel=1e-13)
    singular = float((1 / np.sqrt(nodes.above_min)) @ weights)
    assert singular == pytest.approx(2.0, rel=1e-9)  # the last panel holds 1e-11 of the range's root


def test_gap_avoids_cancellation() -> None:
    tiny = Offsets(np.array(0.3), np.array(0.7), np.array(1e-20))
    pole = Offsets(np.array(0.3), np.array(0.7), np.array(0.0))
    assert gap(pole, tiny) == 1e-20


def test_grid_covers_the_interval_in_order() -> None:
    grid = interval_grid(point(0.0), point(1.0), 1e-3, 8)
    assert np.all(np.diff(grid.above_min) > 0)
    assert grid.above_min[0] == 0.0
    assert grid.above_min[-1] < 1.0
    nodes, weights = cell_nodes(Offsets.concatenate([grid, point(1.0)]))
    assert nodes.above_min.shape == weights.shape
    assert weights.sum() == pytest.approx(1.0, rel=1e-13)
