"""Grids as typed: lists, and ranges by their number of points, ends included."""

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.grids import mass_grid, parse_grid


def test_lists_and_ranges():
    assert parse_grid("10,20,30", "m4").tolist() == [10, 20, 30]
    assert parse_grid("5:80:16", "m4") == pytest.approx(np.arange(5, 81, 5))
    assert parse_grid("1:100:3:log", "m4") == pytest.approx([1, 10, 100])
    assert parse_grid("2:1:2", "m4").tolist() == [2, 1]
    assert parse_grid((0.0, -1.0), "m4").tolist() == [0, -1]


@pytest.mark.parametrize("text", ["", "a", "1:2", "1:5:0", "1:5:2:lin", "1:5:2.5", "0:1:3:log", "1:inf:1", "1:2:1e9"])
def test_other_text_is_refused_with_the_grammar(text):
    with pytest.raises(InputError, match="--grid.*LOW:HIGH:N"):
        parse_grid(text, "--grid")


def test_masses_are_positive_and_increase():
    assert mass_grid("1:3:2", "m4").tolist() == [1, 3]
    for text in ("20,10", "1,1", "-1,2", "nan", "0:3:2", "1,1e9"):
        with pytest.raises(InputError, match="m4"):
            mass_grid(text, "m4")
