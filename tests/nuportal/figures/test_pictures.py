"""Pictures of Figs. 1 and 2: every name is written, apart from the others and inside its axes; no spike is missed."""

from functools import cache
from itertools import combinations

import numpy as np
import pytest

from nucore.limits.recast import MassRule, coupling_of_mixing
from nucore.plot.paper_figures import draw_panels
from nuportal.api.figure import NUMBERS
from nuportal.constraints.combine import envelope
from nuportal.figures.content import figure_card
from nuportal.figures.mixing import existing_limits

FIGURES = [(number, inputs) for number in (1, 2) for inputs in ("2017", "latest")]


@cache
def _content(number, inputs):
    return NUMBERS[number](inputs, "paper")


def _in_view(curve, axes):
    (low, high), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    if curve.vertical:
        return low < curve.x[0] < high
    return ((curve.x > low) & (curve.x < high) & (curve.y > bottom) & (curve.y < top)).sum() > 1


@pytest.mark.parametrize(("number", "inputs"), FIGURES)
def test_names_are_apart_and_inside_in_every_panel(number, inputs):
    content = _content(number, inputs)
    panels = [(panel.title, list(panel.curves)) for panel in content.panels]
    figure = draw_panels(panels, content.axes, figure_card()["styles"], 2 if number == 1 else 3)
    figure.set_dpi(200)  # as saved
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    for axes, panel in zip(figure.axes, content.panels, strict=True):
        frame = axes.get_window_extent(renderer)
        boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in axes.texts]
        labels = {curve.label for curve in panel.curves if curve.label and _in_view(curve, axes)}
        assert len(boxes) == len(labels), panel.id
        for name, box in boxes:
            assert frame.x0 <= box.x0 <= box.x1 <= frame.x1, (panel.id, name)
            assert frame.y0 <= box.y0 <= box.y1 <= frame.y1, (panel.id, name)
        for (one, first), (other, second) in combinations(boxes, 2):
            assert not first.overlaps(second), (panel.id, one, other)


def test_e949_is_a_band_from_no_to_the_published_systematic():
    for panel in _content(1, "2017").panels[2:4]:
        curves = {curve.id: curve for curve in panel.curves}
        low, high = curves["e949-spectrum"], curves["e949-systematic"]
        assert high.band_with == low.id
        ratio = np.interp(0.03, high.x, np.log(high.y)) - np.interp(0.03, low.x, np.log(low.y))
        assert ratio > np.log(3.0)


@pytest.mark.parametrize("inputs", ["2017", "latest"])
def test_higgs_lines_are_blue_and_the_projection_dotted(inputs):
    styles = figure_card()["styles"]
    for panel in _content(2, inputs).panels:
        looks = {c.id: (styles[c.style]["colour"], styles[c.style]["line"]) for c in panel.curves if "h-inv" in c.id}
        observed = "h-invisible-0.24" if inputs == "2017" else "h-invisible-0.107"
        assert looks == {observed: ("#0072B2", "-"), "h-invisible-0.05": ("#0072B2", ":")}


def test_the_atmospheric_line_of_the_tau_is_named():
    for inputs in ("2017", "latest"):
        (tau,) = [panel for panel in _content(2, inputs).panels if panel.id == "tau"]
        assert "nu_mu -> nu_tau" in {curve.label for curve in tau.curves}


def _largest_miss(curve, function):
    """Largest error (log) of an interpolation at random masses, of neighbours too near for a picture the smaller."""
    random = np.random.default_rng(2).uniform(np.log(1.1e-3), np.log(5.0), 1_500)
    at = np.append(np.exp(random), [0.035, 0.35])
    drawn = np.interp(np.log(at), np.log(curve.x), np.log(curve.y))
    nearby = at * (1.0 + np.array([-5e-5, 0.0, 5e-5])[:, None])
    return np.abs(drawn - np.log(function(nearby.ravel()).reshape(nearby.shape))).min(axis=0).max()


@pytest.mark.parametrize("inputs", ["2017", "latest"])
@pytest.mark.parametrize(("index", "flavour"), [(0, "e"), (2, "mu"), (4, "tau")])
@pytest.mark.parametrize("which", ["perturbative", "natural"])
def test_blue_lines_hold_between_their_points(index, flavour, inputs, which):
    def limit(m_chi):
        U_sq = envelope(existing_limits(flavour, inputs), 10.0 * m_chi, flavour)[0]
        return coupling_of_mixing(U_sq, m_chi, MassRule(3.0, "10x"), which)

    panel = _content(1, inputs).panels[index]
    (curve,) = [c for c in panel.curves if c.id == f"mixing-{which}"]
    assert _largest_miss(curve, limit) < 0.04


@pytest.mark.parametrize("inputs", ["2017", "latest"])
def test_envelopes_hold_between_their_points(inputs):
    for panel in _content(2, inputs).panels:
        limits = existing_limits(panel.id, inputs)
        (curve,) = [c for c in panel.curves if c.style == "envelope"]
        assert _largest_miss(curve, lambda m, limits=limits, of=panel.id: envelope(limits, m, of)[0]) < 0.04
