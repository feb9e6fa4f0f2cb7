"""Panels: ticks on the excluded side, bands, shades, the key and the names of particles."""

from dataclasses import dataclass

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from nucore.plot.paper_figures import draw_panels

CARD = {"x_label": "x", "y_label": "y", "x_range": [1e-2, 1e2], "y_range": [1e-6, 1.0]}
LINE = {"colour": "red", "line": "-", "width": 1.0}
X = np.geomspace(1e-2, 1e2, 81)


@dataclass
class Curve:
    id: str
    x: np.ndarray
    y: np.ndarray
    label: str = ""
    style: str = "s"
    band_with: str = ""

    @property
    def vertical(self):
        return self.x.size == 1


def _axes(curves, **style):
    figure = draw_panels([("title", curves)], CARD, {"s": LINE | style}, 1)
    return figure, figure.axes[0]


def _ticks(axes):
    (ticks,) = [c for c in axes.collections if isinstance(c, LineCollection)]
    return np.array(ticks.get_segments())  # n, 2 ends, 2 coordinates


@pytest.mark.parametrize(("side", "sign"), [("above", 1.0), ("below", -1.0)])
@pytest.mark.parametrize("power", [0.5, -1.0])
def test_ticks_are_on_the_side_that_is_excluded(side, sign, power):
    _, axes = _axes([Curve("a", X, 1e-3 * X**power)], excluded=side)
    ends = _ticks(axes)
    assert len(ends) > 10
    foot, tip = (ends[:, k, 1] / (1e-3 * ends[:, k, 0] ** power) for k in (0, 1))
    assert foot == pytest.approx(1.0, rel=1e-6)
    assert (sign * np.log(tip) > 0.01).all()


def test_ticks_of_a_vertical_line_are_on_its_left():
    _, axes = _axes([Curve("a", np.array([1.0]), np.array([np.nan]))], excluded="left")
    ends = _ticks(axes)
    assert (ends[:, 1, 0] < 0.99).all()
    assert ends[:, 0, 0] == pytest.approx(1.0)


def test_zigzags_have_no_ticks():
    steps = np.geomspace(0.9, 1.1, 200)
    _, axes = _axes([Curve("a", steps, np.where(np.arange(200) % 2, 1e-3, 1.5e-3))], excluded="above")
    assert not len(_ticks(axes))


def test_a_band_lies_between_its_two_curves_at_different_masses():
    low = Curve("low", X, 1e-4 * X)
    high = Curve("high", X[::2], 1e-2 * X[::2], band_with="low")
    _, axes = _axes([low, high])
    (band,) = axes.patches
    inside = [band.get_path().contains_point((1.0, y)) for y in (3e-5, 3e-4, 3e-3, 3e-2)]
    assert inside == [False, True, True, False]


def test_the_key_names_the_styles_in_use():
    styles = {"s": LINE | {"key": "solid"}, "t": LINE | {"key": "unused"}, "u": LINE}
    curves = [Curve("a", X, 1e-3 * X), Curve("b", X, 1e-2 * X, style="u")]
    figure = draw_panels([("title", curves)], CARD, styles, 1)
    (key,) = figure.legends
    assert [text.get_text() for text in key.get_texts()] == ["solid", "ticks: on the excluded side"]


def test_labels_are_written_once_with_symbols():
    curves = [Curve("a", X, 1e-3 * X, "nu_mu -> nu_tau"), Curve("b", X, 1e-2 * X, "nu_mu -> nu_tau")]
    curves += [Curve("c", X, 1e-4 / X, "tau -> nu 3pi"), Curve("d", X, 1e-5 / X, "E949 (window)")]
    curves += [Curve("e", X, 1e3 * X / X, "outside")]
    _, axes = _axes(curves)
    found = {text.get_text() for text in axes.texts}
    assert len(axes.texts) == 3
    assert found == {r"$\nu_{\mu}$ → $\nu_{\tau}$", "τ → ν 3π", "E949 (window)"}
