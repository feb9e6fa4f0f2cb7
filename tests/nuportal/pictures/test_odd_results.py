"""Pictures of results with little in them, and of names that are no TeX."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text

import nuportal
from nucore.model.parameters import default_point
from nucore.plot.observed import systematics_figure
from nucore.plot.toys import toys_figure
from nucore.stats.toys import ToyStudy
from nuportal.cli import main
from tests.nuportal.pictures.collisions import collisions
from tests.nuportal.pictures.examples import (
    analysed,
    kaon_reach,
    limits,
    paper,
    scan_line,
    scan_plane,
    toys,
    verdict,
    w_reach,
)
from tests.nuportal.pictures.test_pictures import _words

_ODD = r"a $x_{ \\frac ^2_3 card & 50% of it, " + 6 * "with a very long title, "


@pytest.mark.parametrize(("parent", "lepton"), [("pi+", "e"), ("K+", "e"), ("mu-", "e"), ("tau-", "K")])
def test_every_decay_is_drawn(parent, lepton):
    assert collisions(nuportal.decay(parent, lepton).plot()) == []


def test_a_closed_decay_gives_the_reason_and_the_line_of_nu4():
    nothing = nuportal.decay("K+", "mu", default_point([]).replace(Umu4=0.0)).plot()
    assert r"no decay: $U_{\mu4}$ = 0" in _words(nothing)
    assert not nothing.axes[0].lines
    heavy = default_point([]).replace(m_chi=1.0, m_phi=3.0, m4=0.2, Umu4=0.01)
    result = nuportal.decay("K+", "mu", heavy)
    (line,) = result.plot().axes[0].lines
    assert line.get_xdata()[0] == result.two_body_momentum_GeV


def test_no_limit_at_all_is_said():
    assert "no limit at this mass" in _words(replace(limits(), limits=(), dark_matter=()).plot())


@pytest.mark.parametrize("made", [w_reach(observed=True), kaon_reach()])
def test_a_single_mass_is_drawn_with_markers(made):
    figure = replace(made, curve=made.curve[3:4]).plot()
    assert all(line.get_marker() not in ("", "None") for line in figure.axes[0].lines)
    assert (
        len(
            [
                bars
                for bars in figure.axes[0].collections
                if np.size(bars.get_linewidth()) and bars.get_linewidth()[0] > 5
            ]
        )
        == 2
    )
    assert collisions(figure) == []


def test_masses_without_a_limit_give_their_reason():
    point = replace(
        w_reach().curve[0], value=None, band=dict.fromkeys(w_reach().curve[0].band), reason="no $ sensitivity"
    )
    figure = replace(w_reach(), curve=(point,)).plot()
    assert any(r"no \$ sensitivity" in words for words in _words(figure))
    assert figure.axes[0].get_yticks().size == 0
    assert figure.axes[0].get_xticks().tolist() == [point.mass_GeV]


@pytest.mark.parametrize(
    "made",
    [
        replace(analysed(), generator=_ODD), replace(analysed(), experiment=_ODD), replace(w_reach(), title=_ODD),
    ],
)  # fmt: skip
def test_no_text_of_a_card_is_read_as_tex(made):
    assert collisions(made.plot()) == []


def _renamed(mapping, odd):
    """A mapping whose first name is another."""
    first, *others = mapping.items()
    return {odd: first[1], **dict(others)}


@pytest.mark.parametrize("odd", ["mine_$x_{1$", r"50% $\frac$", "a_b^c {d} & #e"])
def test_names_of_limits_are_read_as_they_stand(odd):
    judged, listed, plane, line = verdict(), limits(), scan_plane(), scan_line()
    first = replace(listed.limits[0], id=odd)
    effects = [{"label": odd, "expected_ratio": 1.0, "observed_ratio": 0.9}]
    excluding = [{f"margin:{odd}" if name == "margin:universality" else name: values for name, values in one.items()}
                 for one in (plane.columns, line.columns)]  # fmt: skip
    for columns in excluding:
        columns["excluded_by"] = [odd if name == "universality" else name for name in columns["excluded_by"]]
    figures = [
        replace(judged, margins=_renamed(judged.margins, odd), excluded_by=(odd,)).plot(),
        replace(listed, limits=(first, *listed.limits[1:])).plot(),
        systematics_figure(effects, "title"),
        *(replace(made, columns=columns).plot() for made, columns in zip((plane, line), excluding, strict=True)),
    ]
    for figure in figures:
        figure.canvas.draw()  # TeX that is wrong fails here
        legends = [text for legend in figure.legends for text in legend.get_texts()]
        texts = [*legends, *(text for axes in figure.axes for text in axes.findobj(Text))]
        assert any(odd in text.get_text().replace(r"\$", "$") for text in texts)


def test_points_that_are_no_grid_are_drawn_one_by_one():
    made = scan_plane()
    kept = {name: values[::7] for name, values in made.columns.items()}
    figure = replace(made, columns=kept, n_points=len(kept["m4"])).plot()
    assert sum(line.get_xdata().size for line in figure.axes[0].lines) == len(kept["m4"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["scan", "--grid", "m4=1,2", "--grid", "yL=1,2", "--grid", "Umu4=0.1,0.2"], "varies m4, yL, Umu4"),
        (["scan", "--grid", "m4=1"], "varies none"),
        (["scan", "--grid", "m4=1,2", "--out", "a.csv"], "one of both"),
        (["limits", "--check"], "--check has no picture"),
    ],
)
def test_what_has_no_picture_is_refused_first(words, told, tmp_path, capsys):
    with pytest.raises(SystemExit) as left:
        main([*words, "--plot", str(tmp_path / "a.png")])
    assert left.value.code == 2
    assert told in " ".join(capsys.readouterr().err.split())
    assert not list(tmp_path.iterdir())


def test_one_toy_is_drawn_around_its_limit():
    study = ToyStudy(0.01, np.array([0.01]), np.array([2e-3]), np.array([0.013]), 0)
    low, high = toys_figure(replace(toys(), study=study)).axes[1].get_xlim()
    assert 0.0 < low < 0.013 < high < 0.03


def test_an_axis_is_labelled_with_the_flavour_of_its_panel():
    assert paper().plot().axes[0].get_ylabel() == r"$|U_{\mu4}|^2$"
