"""Observed limits with systematic uncertainties left out, and of two flavours together, against other fits."""

import numpy as np
import pytest

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.response import load_experiment
from collider.inference.flavours import EQUAL_MIXING, joint_model
from collider.inference.observed import observed_point
from collider.inference.observed_curve import MassGrid, observed_curve
from collider.inference.observed_flavours import equal_mixing, separate_mixings
from collider.inference.observed_spectra import observed_spectra
from nucore.run.executors import Execution
from nucore.stats import Likelihood, LimitChoice
from tests.collider.inference.published_spectra import write_card

LIMIT = LimitChoice()
MASSES = MassGrid((30.0, 60.0), (30.0, 60.0), (30.0,))


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    return write_card(tmp_path_factory.mktemp("card"), U_sq=0.01)


def loaded(card, flavour="mu", **options):
    experiment = load_experiment(card)
    return observed_spectra(experiment, flavour, AnalysisOptions(systematics="full", **options), f"{flavour}-pt")


@pytest.fixture(scope="module")
def curve(card):
    return observed_curve(loaded(card), MASSES, LIMIT, Execution(workers=1))


def test_a_curve_has_the_points_of_its_masses_and_whole_fits(card, curve):
    first, above = curve.reach.curve
    assert first == observed_point(loaded(card), 30.0, LIMIT)
    assert above.value is None
    assert "below the window" in above.reason
    assert list(curve.fits) == [30.0]
    whole = curve.fits[30.0]
    assert whole.report.limit.observed == pytest.approx(first.others["Umu4_sq_observed"], rel=1e-6)
    assert whole.spectra.correlation_GeV == first.others["correlation_GeV"]


def test_no_result_depends_on_the_workers(card, curve):
    again = observed_curve(loaded(card), MASSES, LIMIT, Execution(workers=2))
    assert again.reach == curve.reach
    assert again.fits[30.0].effects == curve.fits[30.0].effects


def by_name(curve):
    return {effect.name: effect for effect in curve.fits[30.0].effects}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("m_W-fixed", {"nuisance": {"m_W": 0.0}}),
        ("m_W-free", {"float_mw": True}),
        ("lepton-response", {"nuisance": {"lepton_scale": 0.0}}),
        ("templates", {"nuisance": {"m_W": 0.0, "lepton_scale": 0.0}}),
    ],
)
def test_a_nuisance_of_our_templates_is_changed_as_by_the_options(card, curve, name, options):
    length = curve.fits[30.0].spectra.correlation_GeV
    spectra = [one for one in loaded(card, **options) if one.correlation_GeV == length]
    point, effect = observed_point(spectra, 30.0, LIMIT), by_name(curve)[name]
    assert effect.expected == pytest.approx(point.value, rel=4e-3)  # one-sided shifts against symmetric ones
    assert effect.observed == pytest.approx(point.others["Umu4_sq_observed"], rel=4e-3)
    assert effect.best_fit == pytest.approx(point.others["best_fit"], abs=1e-2 * effect.uncertainty)


def test_effects_of_the_prediction(card, curve):
    effects = by_name(curve)
    assert effects["all"].expected_ratio == effects["all"].observed_ratio == 1.0
    assert effects["band"].expected_ratio < 1.0
    assert effects["normalisation"].expected_ratio < 0.99
    assert effects["background"].uncertainty <= effects["all"].uncertainty
    point = curve.reach.curve[0].others
    for length in ("0", "20"):
        observed = effects[f"band-{length}-GeV"].observed
        assert observed == pytest.approx(point[f"Umu4_sq_observed_correlation_{length}_GeV"], rel=1e-6)
    assert "recoil" not in effects  # there is no such nuisance on the card


def test_without_its_band_a_prediction_is_one_without_uncertainties(card, curve, tmp_path):
    text = card.read_text()
    start, end = (text.index(mark) for mark in ("[[data.uncertainties]]", '\n[[data]]\nname = "mu-narrow"'))
    for path in card.parent.glob("mu-pt*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "bare.toml").write_text(text[:start])
    assert end > start
    point = observed_point(loaded(tmp_path / "bare.toml"), 30.0, LIMIT)
    assert by_name(curve)["band"].expected == pytest.approx(point.value, rel=1e-6)


def test_equal_mixings_are_the_average_of_independent_ones(card):
    """Without the W mass nothing is common to the flavours: the estimates are averaged, the likelihoods multiplied."""
    alone = [loaded(card, flavour, nuisance={"m_W": 0.0})[0] for flavour in ("e", "mu")]
    expected, data = [one.expectation(30.0) for one in alone], [one.data.spectrum.values for one in alone]
    joint = equal_mixing(expected, data, LIMIT)
    separate = separate_mixings(expected, data, 30.0, ["e-pt", "mu-pt"], LIMIT, 4)
    points = [observed_point([one], 30.0, LIMIT).others for one in alone]
    weights = np.array([point["best_fit_uncertainty"] ** -2 for point in points])
    mean = np.sum(weights * [point["best_fit"] for point in points]) / weights.sum()
    assert joint.uncertainty == pytest.approx(weights.sum() ** -0.5, rel=0.01)
    assert joint.best_fit == pytest.approx(mean, abs=0.02 * joint.uncertainty)
    assert abs(separate.result.correlation) < 1e-3
    first, second = separate.result.limits
    assert joint.limit.observed < min(first.profiled.observed, second.profiled.observed)
    counts = [one.counts(values) for one, values in zip(expected, data, strict=True)]
    likelihood = Likelihood(joint_model(expected, EQUAL_MIXING), np.concatenate(counts))
    rise = _rise(likelihood)
    assert rise == pytest.approx(sum(_rise(Likelihood(e.model(), c)) for e, c in zip(expected, counts, strict=True)))


def _rise(likelihood):
    """Change of the likelihood with the mixing, the nuisances at their start."""
    model = likelihood.model
    values = [likelihood.value(model.vector({model.poi: mixing})) for mixing in (0.0, 0.02)]
    return values[1] - values[0]
