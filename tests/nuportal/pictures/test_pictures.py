"""All pictures: no word on another, files in all formats that do not change, and what cannot be drawn."""

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import QuadMesh

import nuportal
from nucore.errors import InputError
from nucore.plot.legends import place_legend
from nucore.plot.observed import systematics_figure
from nucore.plot.reports import charges_figure, correlation_figure, impacts_figure, pulls_figure, scan_figure
from nucore.plot.style import new_figure, save
from nucore.reports.per_charge import PerCharge
from nucore.reports.report_content import report_content
from tests.nuportal.pictures.collisions import collisions
from tests.nuportal.pictures.examples import EXAMPLES, decay, fit, flavours, kaon_reach, scan_line, scan_plane, w_reach
from tests.nuportal.pictures.test_baselines import NAMES


def _words(figure):
    return [text.get_text() for text in figure.findobj(mpl.text.Text) if text.get_text()]


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - set(NAMES)))  # the others with their stored pictures
def test_no_words_collide(name):
    figure = EXAMPLES[name]().plot()
    assert collisions(figure) == []
    assert not [text for text in _words(figure) if "(GeV)" in text or "(MeV)" in text]


def test_no_words_of_a_report_collide():
    report = fit()
    charges = PerCharge({"+": 0.01, "-": 0.02}, {"+": 5e-3, "-": 6e-3}, 0.1, -1.3)
    for figure in (
        pulls_figure(report), impacts_figure(report), correlation_figure(report), scan_figure(report_content(report)),
        charges_figure(report, charges),
    ):  # fmt: skip
        assert collisions(figure) == []


def test_words_on_each_other_are_found():
    figure, (axes,) = new_figure()
    axes.text(0.5, 0.5, "one")
    axes.text(0.5, 0.5, "other")
    axes.text(0.0, 0.3, "on the frame", ha="center")
    axes.set_xlim(0.0, 1.0)
    found = collisions(figure)
    assert ("one", "other") in found
    assert ("on the frame", "frame 0") in found


@pytest.mark.parametrize("suffix", ["pdf", "svg"])
def test_files_are_the_same_every_time_and_keep_text(suffix, tmp_path):
    first, second = (tmp_path / f"{k}.{suffix}" for k in "ab")
    for path in (first, second):
        flavours().plot(path)
    content = first.read_bytes()
    assert content == second.read_bytes()
    if suffix == "svg":
        assert b"joint region" in content
        assert b"<dc:date>" not in content
    if suffix == "pdf":
        assert b"CreationDate" not in content
        assert b"/FontFile2" in content  # TrueType, whose text can be edited
    with pytest.raises(InputError, match="suffix"):
        save(flavours().plot(), tmp_path / "a.jpg")


def test_a_legend_makes_room_for_itself():
    figure, (axes,) = new_figure()
    x = np.linspace(0.0, 1.0, 200)
    axes.plot(x, np.sin(40.0 * x), label="a line")
    axes.set(xlim=(0.0, 1.0), ylim=(-1.0, 1.0))
    place_legend(axes)
    figure.draw_without_rendering()
    box = axes.get_legend().get_window_extent(figure.canvas.get_renderer())
    pixels = axes.transData.transform(np.column_stack([x, np.sin(40.0 * x)]))
    assert not any(box.contains(*point) for point in pixels)
    assert axes.get_ylim()[0] == -1.0


def test_bands_conditions_and_the_target_are_named():
    words = _words(kaon_reach().plot())
    assert {"68%", "95%", "thermal target"} <= set(words)
    conditions = next(text for text in words if "CL$" in text)
    for part in (r"$1.7\times10^{12}$ decays", "90% CL", r"$y_L = 4\pi$", "$m_4$ = 400 GeV", r"$m_\phi = 3\,m_\chi$"):
        assert part in conditions
    conditions = next(text for text in _words(w_reach(observed=True).plot()) if "fb" in text)
    for part in (r"4.1 fb$^{-1}$", "full systematics", r"$W^\pm$", "data: mu-pt"):
        assert part in conditions


def test_regions_of_a_scan_are_its_verdicts():
    made = scan_plane()
    axes = made.plot().axes[0]
    (mesh,) = [c for c in axes.collections if isinstance(c, QuadMesh)]
    places = np.log(np.asarray(mesh.get_coordinates()))
    columns, order = made.columns, {True: 0, False: 1, None: 2}
    drawn = np.asarray(mesh.get_array())
    for m4, mixing, allowed in zip(columns["m4"], columns["Umu4"], columns["allowed"], strict=True):
        row = np.searchsorted(places[:, 0, 1], np.log(mixing)) - 1
        column = np.searchsorted(places[0, :, 0], np.log(m4)) - 1
        # one of the parts that meet at the point
        near = drawn[row : row + 2, column : column + 2]
        assert order[allowed] in near
    assert np.unique(drawn).tolist() == [0, 1, 2]


def test_what_is_no_plane_or_line_is_refused():
    plane = scan_plane()
    with pytest.raises(InputError, match="written to a file"):
        replace(plane, columns={}).plot()
    several = {**plane.columns, "yL": [float(k % 3) for k in range(plane.n_points)]}
    with pytest.raises(InputError, match="varies m4, yL, Umu4"):
        replace(plane, columns=several).plot()
    constant = {name: values[:1] for name, values in scan_line().columns.items()}
    with pytest.raises(InputError, match="varies none"):
        replace(plane, columns=constant, n_points=1).plot()


def test_several_results_in_one_picture(tmp_path):
    figure = nuportal.plot([w_reach(), w_reach(observed=True)], tmp_path / "a.png", labels=["one", "other"])
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["one", "one, 95%", "one, 68%", "other, observed", "other"]
    assert (tmp_path / "a.png").is_file()
    assert collisions(figure) == []
    figure = nuportal.plot([decay(), decay(0.25, 0.16)])
    assert any("$m_4$ = 0.25 GeV" in text for text in _words(figure))
    assert nuportal.plot(decay()).axes[0].get_yscale() == "log"


@pytest.mark.parametrize(
    ("results", "options", "message"),
    [
        ([], {}, "at least one"),
        ([w_reach(), kaon_reach()], {}, "different quantity"),
        ([w_reach(), decay()], {}, "no common picture of DecayResult, Reach"),
        ([w_reach()], {"labels": ["a", "b"]}, "2 labels for 1 results"),
        ([decay(), replace(decay(), parent="pi+")], {}, "different decays"),
        (w_reach(), {"title": "x"}, "for several results"),
        (w_reach(), {"path": "a.jpg"}, "unknown suffix"),
    ],
)
def test_what_does_not_belong_together_is_refused(results, options, message):
    with pytest.raises(InputError, match=message):
        nuportal.plot(results, **options)


def test_conditions_over_rows_of_long_names_stay_in_the_picture():
    effects = [
        {"label": f"band correlated over {k} GeV, charges together", "expected_ratio": 0.5, "observed_ratio": 0.7}
        for k in range(6)
    ]
    words = [
        "$m_4$ = 30 GeV",
        r"4.6 fb$^{-1}$",
        "90% CL",
        "full systematics",
        r"30 < $p_T^\ell$ < 50 GeV",
        "data: e-pt",
    ]
    assert collisions(systematics_figure(effects, "ATLAS 7 TeV (2011)", words)) == []


def test_an_unphysical_best_fit_is_not_drawn_outside_of_the_axes():
    made = flavours()
    contour = replace(made.result.contour, best_fit=(-1e-3, 1e-3))
    moved = replace(made, result=replace(made.result, contour=contour))
    drawn, without = (
        [line.get_label() for line in result.plot().axes[0].lines] for result in (made, moved)
    )  # fmt: skip
    assert set(drawn) - set(without) == {"best fit"}
