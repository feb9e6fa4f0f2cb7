"""Figs. 1 and 2: where lines cross, what is drawn, and what is written."""

import csv
import json

import numpy as np
import pytest
import yaml
from scipy.integrate import quad
from scipy.optimize import brentq

from nucore.cosmology.annihilation import thermal_target
from nucore.errors import InputError
from nuportal.api.figure import figure
from nuportal.cli import main
from nuportal.figures.content import columns, figure_card, search_reach
from nuportal.figures.coupling import figure_1
from nuportal.figures.mixing import figure_2


def _curve(content, panel, name):
    return next(c for p in content.panels if p.id == panel for c in p.curves if c.id == name)


@pytest.fixture(scope="module")
def first():
    return {inputs: figure_1(inputs, "paper", ["tau"]) for inputs in ("2017", "latest")}


@pytest.mark.parametrize(("panel", "expected", "margin"), [("tau-heavy", 15.0, 3.0), ("tau-light", 19.0, 4.0)])
def test_direct_detection_meets_the_thermal_line(first, panel, expected, margin):
    curve = _curve(first["2017"], panel, "direct-detection")
    excluded = curve.x[curve.y < thermal_target(curve.x, 1 / 3)]
    assert excluded.min() == pytest.approx(expected, abs=margin)


def test_new_detectors_reach_lower_masses(first):
    lowest = {}
    for inputs, content in first.items():
        curve = _curve(content, "tau-heavy", "direct-detection")
        lowest[inputs] = curve.x[curve.y < thermal_target(curve.x, 1 / 3)].min()
    assert lowest["latest"] == pytest.approx(9.0, abs=1.0)
    assert lowest["latest"] < lowest["2017"]


def test_blue_lines_of_the_tau_panels(first):
    # |U_tau4|^2 < 1.69e-3 above the tau mass gives Y = 307.861 |U|^4 = 8.76e-4
    curve = _curve(first["2017"], "tau-heavy", "mixing-perturbative")
    inside = np.isfinite(curve.y)
    assert curve.y[inside] == pytest.approx(8.76e-4, rel=0.02)
    assert curve.x[inside].max() < 100.0
    natural = _curve(first["2017"], "tau-heavy", "mixing-natural")
    slope = np.diff(np.log(natural.y[inside])) / np.diff(np.log(natural.x[inside]))
    assert slope == pytest.approx(4.0, abs=1e-6)


def test_visible_lines_end_where_nothing_is_visible(first):
    light = _curve(first["2017"], "tau-light", "visible-perturbative")
    found = np.interp(np.log(20.0), np.log(light.x), np.where(np.isfinite(light.y), light.y, np.nan))
    # 1.28 for a narrow phi; at yL = 4 pi its width takes a part of nu4 -> chi phi* away
    narrow_u = np.sqrt(1.28 / 307.861)
    u = brentq(lambda u: u / narrow_u - _broad_phi(u) * (1 - u) / (1 - narrow_u), 1e-3, 0.5)
    assert found == pytest.approx(307.861 * u**2, rel=0.02)
    assert np.isnan(light.y[light.x < 5.0]).all()


def _broad_phi(u):
    """Gamma(nu4 -> chi phi*) at m_chi : m_phi : m4 = 1 : 3 : 10 and yL = 4 pi, over that of a phi without width."""

    def rate(q_sq):
        return (1.01 - q_sq / 100) * np.sqrt((1.01 - q_sq / 100) ** 2 - 0.04)

    def line(q_sq):
        absorptive = np.pi * u * (min(q_sq, 9.0) - 1.0) ** 2 / min(q_sq, 9.0)
        return absorptive / np.pi / ((q_sq - 9.0) ** 2 + absorptive**2)

    integral = quad(lambda q_sq: line(q_sq) * rate(q_sq), 1.0, 81.0, points=[9.0], limit=200)[0]
    return integral / rate(9.0)


def test_refined_convention_has_the_relic_target_of_a_dirac_fermion():
    refined = figure_1("latest", "refined", ["tau"])
    thermal = _curve(refined, "tau-light", "thermal")
    at_one = np.interp(1.0, thermal.x, thermal.y)
    assert at_one == pytest.approx(9.66e-7, rel=0.02)


def test_neutrino_lines_of_the_latest_figure(first):
    # Y = 32 pi m^2 (1 + 1/9)^2 sigma v; nu_tau at 27 MeV and NFW: 4.9e-25 cm^3/s
    assert not any("line" in c.id for p in first["2017"].panels for c in p.curves)
    for panel in ("tau-light", "tau-heavy"):
        curve = _curve(first["latest"], panel, "neutrino-line")
        near = np.interp(0.027, curve.x, curve.y)
        assert near == pytest.approx(100.53 * 0.027**2 * (10 / 9) ** 2 * 4.9e-25 / 1.1673e-17, rel=0.05)
        known = np.isfinite(curve.y)
        assert (curve.y[known] > 2 * thermal_target(curve.x[known], 1 / 3)).all()
        projection = _curve(first["latest"], panel, "hyper-k-2018-line")
        assert np.interp(0.02, projection.x, projection.y) < 0.3 * np.interp(0.02, curve.x, curve.y)
        assert _curve(first["latest"], panel, "juno-2015-line").metadata["halo"] == "nfw"


def test_second_figure_of_tau():
    content = figure_2("2017", "paper", ["tau"])
    curves = {c.id: c for c in content.panels[0].curves}
    flat = curves["super-kamiokande-2014-tau"]
    assert flat.y == pytest.approx(0.18, rel=1e-9)
    z = curves["z-invisible-lep"]
    assert z.y[z.x > 92.0] == pytest.approx(1.547e-2, rel=2e-3)
    assert curves["n-eff"].vertical
    assert curves["n-eff"].x[0] == pytest.approx(0.0101, abs=1e-4)
    envelope = curves["envelope-tau"]
    assert np.nanmin(envelope.y) == pytest.approx(5.04e-6, rel=0.2)
    assert not any(c.id.startswith("w-") for c in content.panels[0].curves)


def test_every_style_is_on_the_card(first):
    styles = figure_card()["styles"]
    for content in first.values():
        assert {c.style for p in content.panels for c in p.curves} <= set(styles)


def test_search_lines_are_those_of_project():
    reach = search_reach("atlas-2011", grid=(30.0, 100.0), flavour="mu", systematics="paper")
    x, y = columns(reach, "m4_GeV", "Umu4_sq")
    assert x.tolist() == [30.0, 100.0]
    assert y[1] == pytest.approx(3.29e-2, rel=0.01)


def test_files_of_a_figure(tmp_path, capsys):
    out = tmp_path / "fig"
    with pytest.raises(SystemExit) as stop:
        main(["figure", "2", "--inputs", "2017", "--flavour", "tau", "--out", str(out), "--json"])
    assert stop.value.code == 0
    fields = json.loads(capsys.readouterr().out)
    assert fields["panels"]["tau"]
    assert (out / "figure-2-2017.png").stat().st_size > 10_000
    assert (out / "figure-2-2017.pdf").read_bytes().startswith(b"%PDF")
    lines = (out / "tau" / "z-invisible-lep.csv").read_text().splitlines()
    about = json.loads(lines[0].removeprefix("# "))
    assert about["reference"]
    assert about["inputs"] == "2017"
    assert next(csv.reader(lines[1:2])) == ["m4_GeV", "U_sq"]
    submission = list(yaml.safe_load_all((out / "submission.yaml").read_text()))
    for entry in submission[1:]:
        table = yaml.safe_load((out / entry["data_file"]).read_text())
        n = {len(v["values"]) for part in table.values() for v in part}
        assert len(n) == 1


def test_wrong_figures_are_refused():
    for bad in ({"inputs": "2020"}, {"convention": "own"}, {"flavour": "x"}):
        with pytest.raises(InputError, match="2017|paper|mu"):
            figure(2, **bad)
    with pytest.raises(InputError, match="expected 1 or 2"):
        figure(3)
