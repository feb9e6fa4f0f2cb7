"""Places of names: clear of each other, of the axes and of lines."""

import numpy as np
import pytest

from nucore.plot.labels import Name, even_steps, place_names

LOW, HIGH = np.array([100.0, 50.0]), np.array([500.0, 350.0])
LEVEL = np.array([[100.0, 200.0], [500.0, 200.0]])


def _corners(place, size):
    angle = np.radians(place.angle[0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * size
    return place.centre[0] + corners @ turn.T


def test_even_steps_keep_ends_and_length():
    path = even_steps(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 14.0]]), 1.0)
    assert path[0].tolist() == [0.0, 0.0]
    assert path[-1].tolist() == [3.0, 14.0]
    assert np.hypot(*np.diff(path, axis=0).T) == pytest.approx(1.0)


@pytest.mark.parametrize("slope", [0.0, 0.4, -0.7])
def test_a_name_stands_along_its_line_without_touching_it(slope):
    x = np.array([100.0, 500.0])
    path = even_steps(np.column_stack([x, 200.0 + slope * (x - 300.0)]))
    (place,) = place_names([Name([path], (80.0, 12.0), "red")], [("red", path)], LOW, HIGH)
    corners = _corners(place, (80.0, 12.0))
    side = corners[:, 1] - (200.0 + slope * (corners[:, 0] - 300.0))
    assert abs(side).min() > 1.0
    assert (np.sign(side) == np.sign(side[0])).all()
    assert not place.leader[0]


def test_many_names_of_one_line_stay_apart_and_inside():
    path = even_steps(LEVEL)
    size = (90.0, 12.0)
    places = place_names([Name([path], size, "red")] * 12, [("red", path)], LOW, HIGH)
    boxes = [(p.centre[0] - p.half_size(size)[0], p.centre[0] + p.half_size(size)[0]) for p in places]
    for k, (low, high) in enumerate(boxes):
        assert (low > LOW).all()
        assert (high < HIGH).all()
        for other_low, other_high in boxes[:k]:
            assert (high < other_low).any() or (other_high < low).any()
    assert places[-1].leader[0]  # the last have to move away from the line


def test_other_lines_are_avoided():
    path = even_steps(LEVEL)
    # vertical lines everywhere but between 400 and 490
    lines = [("blue", even_steps(np.array([[x, 50.0], [x, 350.0]]))) for x in np.arange(110.0, 401.0, 10.0)]
    (place,) = place_names([Name([path], (80.0, 12.0), "red")], [("red", path), *lines], LOW, HIGH)
    assert _corners(place, (80.0, 12.0))[:, 0].min() > 400.0


def test_a_name_that_is_too_long_has_no_place():
    path = even_steps(LEVEL)
    assert place_names([Name([path], (500.0, 12.0), "red")], [("red", path)], LOW, HIGH) == [None]
