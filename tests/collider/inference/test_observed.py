"""Observed limits from data blocks: closure with a distorted prediction, treatments of a band, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.response import load_experiment
from collider.inference.observed import observed_point, weakest
from collider.inference.observed_spectra import observed_spectra
from collider.inference.reach import ReachOptions, reach_job
from collider.templates.systematics import values_at
from nucore.errors import InputError
from nucore.run.job import complete
from nucore.stats import LimitChoice

EDGES = np.array([30.0, 32.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0, 40.0, 41.0, 43.0, 46.0, 50.0])
CARD = """
name = "mine"
extends = "lhcb-2016"

[selections.mine]
observable = "lepton_pt"
edges_GeV = [{edges}]
charges = ["+"]
abs_eta_edges = [0.0, 2.0]
reference = "a test"
response.l = {{ resolution_relative = 0.02, reference = "a test" }}

[[data]]
name = "pt"
flavour = "mu"
observable = "lepton_pt"
level = "{level}"
selection = "mine"
unit = "{unit}"
data = {{ "+" = "spectrum.csv:data", "-" = "spectrum.csv:data_minus" }}
{more}
reference = "a test"
origin = "a test"
"""
PREDICTION = """
prediction = { "+" = "spectrum.csv:prediction", "-" = "spectrum.csv:prediction_minus" }
prediction_m_W_GeV = 80.38
uncertainties = [{ name = "band", on = "prediction", size = 0.002, relative = true, correlation_GeV = [0.0, 5.0] }]
"""
GAUSSIAN = """
normalisation = "constrained"
uncertainties = [{ name = "statistical", size = 0.004, relative = true, correlation = "none", statistical = true }]
"""
OPTIONS = AnalysisOptions()


def mine(folder, columns: dict[str, np.ndarray], *, level="detector", unit="events", more=PREDICTION):
    names = ["low_GeV", "high_GeV", *columns]
    table = np.column_stack([EDGES[:-1], EDGES[1:], *columns.values()])
    np.savetxt(folder / "spectrum.csv", table, delimiter=",", header=",".join(names), comments="")
    edges = ", ".join(map(str, EDGES))
    (folder / "mine.toml").write_text(CARD.format(edges=edges, level=level, unit=unit, more=more))
    return load_experiment(folder / "mine.toml")


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """Our templates of W- and W+ in the bins of the card: massless (at two W masses) and of 30 GeV."""
    ones = dict.fromkeys(("data", "data_minus", "prediction", "prediction_minus"), np.full(EDGES.size - 1, 100.0))
    spectra = observed_spectra(mine(tmp_path_factory.mktemp("card"), ones), "mu", OPTIONS, "pt", 0.0)[0]
    measured, m_W = spectra.measurement, spectra.m_W
    return [values_at(measured, *at) for at in ((0.0, m_W), (0.0, 80.38), (30.0, m_W))]


def columns_of(templates, U_sq: float, scale: float = 1e4) -> dict[str, np.ndarray]:
    """Data with nu4 and a prediction of another W mass, both distorted by a slope that our templates do not have."""
    light, light_other, nu4 = templates
    slope = np.tile(1.0 + 0.03 * (EDGES[1:] - 40.0) / 10.0, 2)
    data = slope * (light + U_sq * (nu4 - light)) / light.sum() * scale * 1000.0
    prediction = 0.9 * slope * light_other / light.sum() * scale * 1000.0
    minus, plus = np.split(data, 2)
    predicted_minus, predicted_plus = np.split(prediction, 2)
    return {"data": plus, "data_minus": minus, "prediction": predicted_plus, "prediction_minus": predicted_minus}


def test_injected_mixing_comes_back_in_a_distorted_prediction(tmp_path, templates):
    spectra = observed_spectra(mine(tmp_path, columns_of(templates, 0.02)), "mu", OPTIONS)
    assert [one.correlation_GeV for one in spectra] == [0.0, 5.0]
    point = observed_point(spectra, 30.0, LimitChoice())
    error = point.others["best_fit_uncertainty"]
    assert point.others["best_fit"] == pytest.approx(0.02, abs=0.01 * error)
    assert point.others["local_significance"] == pytest.approx(0.02 / error, rel=0.05)
    assert point.others["p_value"] > 0.999
    both = [point.others[f"Umu4_sq_observed_correlation_{length}_GeV"] for length in (0, 5)]
    assert point.others["Umu4_sq_observed"] == max(both)
    assert weakest(spectra, 30.0).correlation_GeV == point.others["correlation_GeV"]


def test_effective_counts_agree_with_a_chi_square(tmp_path, templates):
    # light (1 + a per charge) + U (nu4 - light), with variances n + (0.002 n)^2: a linear fit
    columns = columns_of(templates, 0.0)
    spectra = observed_spectra(mine(tmp_path, columns), "mu", OPTIONS, "pt", 0.0)[0]
    point = observed_point((spectra,), 30.0, LimitChoice())
    light, _, nu4 = templates
    data = np.concatenate([columns["data_minus"], columns["data"]])
    half = np.arange(data.size) < data.size // 2
    added = (nu4 / light - 1.0) * data
    design = np.stack([added, data * half, data * ~half])
    weight = 1.0 / (data + (0.002 * data) ** 2)
    variance = np.linalg.inv((design * weight) @ design.T)[0, 0]
    assert point.others["best_fit_uncertainty"] == pytest.approx(math.sqrt(variance), rel=0.02)


def test_each_charge_and_window_alone(tmp_path, templates):
    experiment = mine(tmp_path, columns_of(templates, 0.02))
    part = observed_spectra(experiment, "mu", AnalysisOptions(charge="-", window=(34.0, 43.0)), "pt", 0.0)[0]
    assert part.measurement.charge_groups == ((-1,),)
    assert part.measurement.selection.edges_GeV == (34.0, 35.0, 36.0, 37.0, 38.0, 39.0, 40.0, 41.0, 43.0)
    found = observed_point((part,), 30.0, LimitChoice())
    assert found.others["best_fit"] == pytest.approx(0.02, abs=0.02 * found.others["best_fit_uncertainty"])
    assert "p_value_Wplus" not in found.others


def test_data_corrected_for_the_detector_without_a_prediction(tmp_path, templates):
    # in pb, our own templates the expectation: no resolution, no nuisance of the detector, one hemisphere
    ones = dict.fromkeys(("data", "data_minus"), np.full(EDGES.size - 1, 100.0))
    about = {"level": "born", "unit": "pb", "more": GAUSSIAN + "one_hemisphere = true\n"}
    card = mine(tmp_path, ones, **about)
    options = AnalysisOptions(systematics="full", nuisance={"all": 0.0, "normalisation": 1.0})
    spectra = observed_spectra(card, "mu", options)[0]
    selection = spectra.measurement.lepton_selection
    assert selection.resolution.relative == 0.0
    assert selection.fsr is None
    assert not any(n.of_detector for n in spectra.measurement.experiment.nuisances)
    expected = values_at(spectra.measurement, 0.0, spectra.m_W)
    nu4 = values_at(spectra.measurement, 30.0, spectra.m_W)
    minus, plus = np.split(expected + 0.03 * (nu4 - expected), 2)
    again = mine(
        tmp_path,
        {"data": plus, "data_minus": minus},
        level="born",
        unit="pb",
        more=GAUSSIAN + "one_hemisphere = true\n",
    )
    point = observed_point(observed_spectra(again, "mu", options), 30.0, LimitChoice())
    assert point.others["best_fit"] == pytest.approx(0.03, abs=0.02 * point.others["best_fit_uncertainty"])
    whole = observed_spectra(mine(tmp_path, ones, level="born", unit="pb", more=GAUSSIAN), "mu", options)[0]
    np.testing.assert_allclose(whole.light.values, 2.0 * expected, rtol=1e-3)


def test_no_limit_far_below_the_window(tmp_path, templates):
    experiment = mine(tmp_path, columns_of(templates, 0.0))
    options = ReachOptions(observed=True, correlation=0.0)
    curve = complete(reach_job(experiment, "mu", "30,49", options)).points()
    assert curve[0]["Umu4_sq_observed"] is not None
    assert curve[1]["Umu4_sq_observed"] is None
    assert "below the window" in curve[1]["reason"]


def test_published_data_of_lhcb_are_described():
    point = observed_point(observed_spectra(load_experiment("lhcb-5"), "mu", OPTIONS), 30.0, LimitChoice())
    assert abs(point.others["local_significance"]) < 2.5
    assert point.others["p_value"] > 0.01
    assert 0.01 < point.others["Umu4_sq_observed"] < 0.1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"observed": True, "spectrum": "mt"}, "no published data 'mt' of flavour mu: expected pt"),
        ({"observed": True, "scan_window": (30.0,)}, "--scan-window does not apply"),
        ({"spectrum": "pt"}, "expected --observed"),
        ({"observed": True, "window": (30.0, 41.5)}, "30"),
    ],
)
def test_refused(tmp_path, templates, options, words):
    experiment = mine(tmp_path, columns_of(templates, 0.0))
    with pytest.raises(InputError, match=words):
        complete(reach_job(experiment, "mu", "30", ReachOptions(**options)))


def test_no_data_on_the_card():
    with pytest.raises(InputError, match=r"d0 has no published data of flavour e: expected a card with a \[\[data\]\]"):
        observed_spectra(load_experiment("d0"), "e", OPTIONS)


def test_the_command_says_what_it_fits(tmp_path, templates, capsys):
    from nuportal.cli import main

    mine(tmp_path, columns_of(templates, 0.0))
    with pytest.raises(SystemExit) as ended:
        main(["fit", "--spectrum", "pt", "--experiment", str(tmp_path / "mine.toml"), "--set", "m4=30"])
    assert ended.value.code == 0
    data, point, luminosity, *_ = capsys.readouterr().out.splitlines()
    assert data.split()[:6] == ["data", "pt", "on", "the", "card", "mine"]
    assert "m4 = 30" in point
    assert "(card of mine)" in luminosity
