"""Options of W measurements at the command line: systematics, windows, charges, a floating W mass, two flavours."""

import json

import pytest

from nucore.plot.flavours import contours_figure
from nucore.stats import Contour

POINT = ("--set", "m4=30", "--set", "Umu4=0.1")


@pytest.fixture
def data(run):
    """Pseudo-data of the paper's selection in the folder of the test."""
    ended = run("generate", "w", *POINT, "--luminosity", "0.02", "--histogram-only", "--out", "w.root")
    assert ended.status == 0, ended.err


def test_fit_with_all_nuisances_and_a_floating_mass(data, answer, tmp_path):
    found = answer("fit", "w.root:lepton_pt", *POINT, "--systematics", "full", "--float-mw", "--report", "r")
    assert (found["selection"], found["systematics"]) == ("paper", "full")
    assert set(found["pulls"]) == set(found["nuisances"])
    assert set(found["impacts"]) == {*found["nuisances"], "m_W"}
    joint = found["joint_fit"]
    # 20 /pb measure the mass to 0.1 GeV.
    assert joint["value_without_signal"] == pytest.approx(80.3692, abs=0.5)
    assert abs(joint["correlation"]) <= 1.0
    numbers = json.loads((tmp_path / "r" / "report.json").read_text(encoding="utf-8"))
    assert [c["parameters"] for c in numbers["contours"]] == [["Umu4_sq", "m_W_GeV"]] * 2
    assert (tmp_path / "r" / "joint-contour.png").stat().st_size > 5000


def test_fit_prints_pulls_and_impacts(data, run):
    shown = run("fit", "w.root:lepton_pt", *POINT, "--systematics", "full", "--nuisance", "w_pt_isr-alphas=0").out
    assert "impact" in shown
    assert "w_pt_primordial-kt" in shown
    assert "w_pt_isr-alphas" not in shown


def test_a_selection_that_is_not_that_of_the_data(data, run):
    ended = run("fit", "w.root:lepton_pt", "--selection", "full")
    assert ended.status == 2
    assert "contradicts the data file" in ended.err


def test_project_over_charges_windows_and_thresholds(answer, tmp_path):
    def reach(*options):
        return answer("project", "atlas-2011", "--grid", "40", *options)

    positive, both = reach("--charge", "+"), reach("--charge", "+", "--charge", "-")
    assert positive["charges"] == ["+"]
    assert both["charges"] == ["+", "-"]
    assert both["curve"][0]["Umu4_sq"] < positive["curve"][0]["Umu4_sq"]
    scan = reach("--scan-window", "25,30", "--plot", "scan.png")["window_scan"]
    assert [curve["window_GeV"] for curve in scan] == [[25.0, 50.0], [30.0, 50.0]]
    assert (tmp_path / "scan.png").is_file()
    floating = answer("project", "atlas-2011", "--grid", "30,40", "--float-mw", "--plot", "mw.png")
    assert floating["curve"][0]["loss"] >= 1.0
    assert (tmp_path / "mw.png").is_file()


def test_flavours(answer, run, tmp_path):
    found = answer("flavours", "atlas-2011", "--m4", "30", "--selection", "paper", "--plot", "f.png")
    assert [one["parameter"] for one in found["limits"]] == ["Ue4_sq", "Umu4_sq"]
    assert len(found["contour"]["x"]) == 48
    assert (tmp_path / "f.png").is_file()
    assert "correlation" in run("flavours", "atlas-2011", "--m4", "30", "--selection", "paper").out
    assert run("flavours", "e949", "--m4", "30").status == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("project", "atlas-2011", "--window", "20"), "LOW:HIGH"),
        (("project", "atlas-2011", "--nuisance", "m_W"), "NAME=X"),
        (("project", "atlas-2011", "--nuisance", "m_Z=1"), "unknown nuisance"),
        (("project", "atlas-2011", "--systematics", "half"), "expected one of paper, full"),
        (("project", "e949", "--float-mw"), "does not apply to e949"),
        (("project", "e949", "--systematics", "full"), "does not apply to e949"),
        (("toys", "--experiment", "e949", "--n", "2", "--charge", "+"), "does not apply to e949"),
    ],
)
def test_bad_options_end_in_one_line(run, arguments, words):
    ended = run(*arguments)
    assert ended.status == 2
    assert words in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_contours_are_closed():
    contour = Contour(("u", "m_W_GeV"), 0.9, 4.6, *([0.0, 1.0, 2.0], [1.0, 2.0, 1.0]), (1.0, 1.5))
    (axes,) = contours_figure([contour], "title").axes
    assert axes.lines[0].get_xdata()[0] == axes.lines[0].get_xdata()[-1]


@pytest.mark.slow
def test_generated_data_of_the_full_selection_close_with_its_model(run, answer):
    """Events through cuts, recoil and radiation, with backgrounds, are described by the templates."""
    options = (*POINT, "--selection", "full", "--histogram-only", "--out", "w.root")
    for size in (("--luminosity", "0.2"), ("--events", "2000000")):
        assert run("generate", "w", *options, *size).status == 0
        found = answer("fit", "w.root", *POINT, "--systematics", "full")
        assert found["backgrounds"] == (size[0] == "--luminosity")
        assert found["p_value"] > 1e-3
        assert abs(found["best_fit"]["Umu4_sq"] - 0.01) < 4.0 * found["uncertainties"]["Umu4_sq"]
        assert max(abs(pull) for pull in found["pulls"].values()) < 4.0
