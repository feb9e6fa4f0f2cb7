"""The calibration of a card's response finds what spectra were made with."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest

from collider.experiments.response import load_experiment
from collider.templates.angular_response import IntegrationGrid
from collider.templates.template import WTables
from nucore.errors import InputError
from tools.calibration.calibrate import WINDOWS, calibrate
from tools.calibration.fit import Problem, fit
from tools.calibration.model import CardModel
from tools.calibration.parameters import Parameter, card_parameters, constrained_parameters, started, with_values
from tools.calibration.report import card_fragment, compared, parameter_table, ratio_figure, residual_table
from tools.calibration.spectra import PublishedSpectrum, published_simulation

EDGES = np.linspace(30.0, 50.0, 41)


@pytest.fixture(scope="module")
def published():
    return published_simulation(load_experiment("atlas-2011"), WINDOWS)


def test_published_spectra(published):
    # arXiv:1701.07240, Figs. 24 and 25: signal and background add up to the candidates of the data
    assert [s.observable for s in published] == 4 * ["lepton_pt"] + 4 * ["transverse_mass"]
    assert {(s.flavour, s.charge) for s in published} == {("e", "+"), ("e", "-"), ("mu", "+"), ("mu", "-")}
    sums = {s.name: s.content.sum() for s in published}
    assert sums["W+ -> mu lepton pT"] == pytest.approx(4.367e6, rel=0.08)
    assert all(0.001 < s.noise < 0.006 for s in published)


def test_noise_is_that_of_the_bins():
    rng, centres = np.random.default_rng(3), 0.5 * (EDGES[1:] + EDGES[:-1])
    smooth = 1e5 * np.exp(-0.5 * ((centres - 38.0) / 8.0) ** 2)
    noises = [
        PublishedSpectrum("lepton_pt", "mu", "+", EDGES, smooth * (1.0 + 0.004 * rng.standard_normal(40))).noise
        for _ in range(200)
    ]
    assert np.sqrt(np.mean(np.square(noises))) == pytest.approx(0.004, rel=0.1)


def test_merging_keeps_the_content(published):
    spectrum = published[0]
    merged = spectrum.merged(1.0)
    assert merged.content.sum() == pytest.approx(spectrum.content.sum())
    assert merged.content.size == 20


def test_spectra_that_are_not_there_are_refused():
    with pytest.raises(InputError, match="expected data blocks, of e-pt, e-mt, mu-pt, mu-mt"):
        published_simulation(load_experiment("atlas-2011"), WINDOWS, ["mu-pt", "tau-pt"])
    with pytest.raises(InputError, match="expected a prediction of each charge"):
        published_simulation(load_experiment("lhcb-5"), {"lepton_pt": (28.0, 52.0)}, ["mu-pt"])
    with pytest.raises(InputError, match="at least 16 of one width"):
        published_simulation(load_experiment("atlas-2011"), {"lepton_pt": (30.0, 35.0)}, ["mu-pt"])


def test_numbers_of_a_card_are_found_and_replaced():
    experiment = load_experiment("atlas-2011")
    selection = experiment.analysis("full")
    names = [p.name for p in card_parameters(selection, ("e", "mu"))]
    assert len(set(names)) == len(names)
    assert {"recoil.resolution_spread", "response.mu.resolution_regions.0.factor", "response.e.scale"} <= set(names)
    changed = with_values(
        selection.model_dump(), {"response.mu.resolution_regions.0.factor": 1.5, "recoil.response": 0.5}
    )
    again = type(selection).model_validate(changed)
    assert again.lepton_response("mu").resolution_regions[0].factor == 1.5
    assert again.recoil.response == 0.5
    assert again.lepton_response("e") == selection.lepton_response("e")


def test_unknown_parameters_are_refused():
    known = card_parameters(load_experiment("atlas-2011").analysis("full"), ("mu",))
    with pytest.raises(InputError, match="unknown parameter"):
        started(known, {}, ["recoil.nothing"])
    with pytest.raises(InputError, match="expected"):
        started(known, {"recoil.response": 7.0}, [])


def toy(noise):
    """Two spectra of a curve with a position, a width, and a constrained tilt of size 0.02; the truth and the fit."""
    x = np.linspace(-1.0, 1.0, 60)
    nuisance = load_experiment("atlas-2011").nuisances[0]
    parameters = (
        Parameter("position", 0.0, 0.01, -0.5, 0.5, 0.0, 10.0),
        Parameter("width", 1.0, 0.01, 0.2, 1.2, 1.0, 10.0),
        Parameter("tilt", 0.0, 1.0, -5.0, 5.0, 0.0, 1.0, nuisance),
    )

    def content(values):
        peak = np.exp(-0.5 * ((x - values["position"]) / values["width"]) ** 2)
        return [peak, peak * (2.0 + x)]

    def shift(values, _):
        return [0.02 * x, np.zeros_like(x)]

    truth = {"position": 0.1, "width": 0.8}
    rng = np.random.default_rng(5)
    made = [c * (1.0 + t) * f for c, t, f in zip(content(truth), shift(truth, None), (3.0, 70.0), strict=True)]
    data = [c * (1.0 + noise * rng.standard_normal(c.size)) for c in made]
    return fit(Problem(parameters, data, [np.full(60, max(noise, 1e-4))] * 2, content, shift))


def test_fit_finds_the_truth():
    exact = toy(0.0)
    assert exact.values == pytest.approx([0.1, 0.8, 1.0], abs=5e-3)
    noisy = toy(0.002)
    pulls = (noisy.values - [0.1, 0.8, 1.0]) / noisy.errors
    assert np.all(np.abs(pulls) < 3.5)
    assert 60 < noisy.chi2 < 190
    assert noisy.n_dof == 116


def test_parameters_stop_at_their_bounds():
    x = np.linspace(0.0, 1.0, 20)
    slope = Parameter("slope", 0.0, 0.1, -0.5, 0.5, 0.0, 10.0)
    found = fit(Problem([slope], [np.exp(x)], [np.full(20, 0.01)], lambda v: [np.exp(v["slope"] * x)], lambda *_: []))
    assert found.values == pytest.approx([0.5])
    assert found.at_bound(0)
    assert "at a bound" in parameter_table(found)


@pytest.fixture(scope="module")
def synthetic():
    """Muon spectra of the selection without recoil, made with other numbers than those of the card."""
    experiment = load_experiment("atlas-2011")
    blank = PublishedSpectrum("lepton_pt", "mu", "+", EDGES, np.ones(40))
    spectra = (blank,)
    truth = {"response.l.resolution_relative": 0.026, "response.l.scale": -0.002, "response.l.efficiency_slope": -0.03}
    # other points of the integration than those of the fit
    grid = IntegrationGrid(n_angles=36, n_across=10, n_tail=14, n_replicas=1, seed=7)
    made = CardModel(experiment, "paper", spectra, WTables(7.0, 1), grid).content(truth)
    return experiment, tuple(replace(s, content=1e6 * c) for s, c in zip(spectra, made, strict=True)), truth


def test_calibration_finds_the_response_of_a_synthetic_card(synthetic):
    experiment, spectra, truth = synthetic
    free = [p for p in card_parameters(experiment.analysis("paper"), ["mu"]) if p.name in truth]
    constrained = constrained_parameters(n for n in experiment.nuisances if n.variation == "primordial-kt")
    made = calibrate(experiment, "paper", spectra, (*free, *constrained))
    found = made.fit
    for p, value, error in zip(found.parameters, found.values, found.errors, strict=True):
        assert value == pytest.approx(truth.get(p.name, 0.0), abs=error), p.name
    assert found.errors[0] < 0.001
    assert "W+ -> mu lepton pT" in residual_table(spectra, made.after)
    for spectrum, residual in zip(spectra, made.after, strict=True):
        assert np.max(np.abs(compared(spectrum, residual)[1])) < 6e-3
    fragment = tomllib.loads(card_fragment(found, "paper"))["selections"]["paper"]["response"]["l"]
    assert fragment["scale"] == pytest.approx(-0.002, abs=1e-4)
    assert len(ratio_figure(spectra, made.before, made.after).axes) == 1


@pytest.mark.slow
def test_atlas_card_describes_the_published_simulation():
    # normalised in each window, with the W mass of the publication and nothing of the production pulled
    experiment = load_experiment("atlas-2011")
    published = published_simulation(experiment, {**WINDOWS, "transverse_mass": (65.0, 95.0)})
    chosen = [s for s in published if s.observable == "lepton_pt" or s.name in ("W+ -> mu mT", "W- -> e mT")]
    model = CardModel(experiment, "full", chosen, WTables(7.0, 1, m_W=80.37))
    for spectrum, content in zip(chosen, model.content({}), strict=True):
        bound = 0.015 if spectrum.name.startswith("W- -> e") else 0.013 if spectrum.observable == "lepton_pt" else 0.01
        assert np.max(np.abs(compared(spectrum, np.log(spectrum.content / content))[1])) < bound, spectrum.name
