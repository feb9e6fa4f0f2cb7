"""Mesons and taus with a Standard Model expectation from elsewhere, against matrices of bins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mesons import search
from mesons.experiments.cards import load_experiment
from mesons.experiments.observables import main_spectrum
from mesons.experiments.tracking import MISSING_MASS_SQ, missing_mass_sq_edges
from mesons.inference.options import AnalysisOptions
from mesons.inference.templates import templates_of
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.prediction import Prediction, Variation
from nucore.rebinning import axes_of
from nucore.stats import fit

PEAK = AnalysisOptions(two_body=True)
CASES = {"e949": (0.25, 1e-7), "belle-ii-tau-mu": (0.8, 1e-3)}


def _case(name: str):
    """Experiment, point, our expectation and change per |U|^2, a prediction 3% steeper and 20% smaller, Asimov data."""
    card = load_experiment(name)
    m4, mixing = CASES[name]
    point = PortalParameters(m4=m4, Umu4=0.0)
    own = templates_of(card, PEAK)
    light, change = own.background(card.decays), own.counts_per_mixing(point, card.decays)
    predicted = light * (0.8 + 0.03 * np.linspace(-1.0, 1.0, light.size))
    data = predicted * (1.0 + mixing * change / light)
    return card, point, light, change, Prediction(predicted, 0.0 * predicted, origin="steep"), data, mixing


def _fit(card, point, data, prediction, options=PEAK):
    file = SpectrumFile(main_spectrum(card, data, data))
    found = search.fit_input(card, None, point, file, None, options, prediction)
    result = fit(found.likelihood)
    poi = found.likelihood.model.poi
    return result.best_fit[poi], result.uncertainties[poi], result


@pytest.mark.parametrize("name", CASES)
def test_the_injected_mixing_comes_back(name: str) -> None:
    card, point, light, change, prediction, data, mixing = _case(name)
    best, sigma, _ = _fit(card, point, data, prediction)
    assert abs(best - mixing) < 0.01 * sigma
    # kappa S (1 + u h/L) at kappa = 1: V = (J diag(1/n) J^T)^-1
    jacobian = np.stack([prediction.signal * change / light, data])
    assert sigma == pytest.approx(np.linalg.inv((jacobian / data) @ jacobian.T)[0, 0] ** 0.5, rel=0.01)
    _, fixed, _ = _fit(card, point, data, replace(prediction, normalisation="fixed"))
    assert fixed == pytest.approx(1.0 / np.sqrt((jacobian[0] / data) @ jacobian[0]), rel=0.01)


def test_a_background_of_a_meson_is_part_of_the_ratio_and_one_of_a_tau_is_not() -> None:
    """What is added to all that the kaon leaves is not changed by how this is divided; a tau distorts its own part."""
    for name, alike in (("e949", True), ("belle-ii-tau-mu", False)):
        card, point, _, _, whole, data, _ = _case(name)
        fixed = replace(whole, normalisation="fixed")
        half = replace(fixed, signal=0.5 * whole.signal, background=0.5 * whole.signal)
        one, other = (_fit(card, point, data, p)[1] for p in (fixed, half))
        assert (other / one == pytest.approx(1.0, rel=1e-6)) is alike
        assert alike or other / one == pytest.approx(2.0, rel=0.02)


def test_variations_widen_the_error() -> None:
    card, point, light, change, prediction, data, mixing = _case("belle-ii-tau-mu")
    s = prediction.signal
    shift = 0.02 * s * np.linspace(-1.0, 1.0, s.size)
    best, sigma, _ = _fit(card, point, data, replace(prediction, variations=(Variation("tilt", s - shift, s + shift),)))
    jacobian = np.stack([s * change / light, data])
    covariance = np.diag(data) + np.outer(shift, shift)
    expected = np.linalg.inv(jacobian @ np.linalg.solve(covariance, jacobian.T))[0, 0] ** 0.5
    assert sigma == pytest.approx(expected, rel=0.01)
    assert sigma > 1.05 * _fit(card, point, data, prediction)[1]
    assert abs(best - mixing) < 0.01 * sigma


def test_bins_of_missing_mass_run_the_other_way() -> None:
    """The prediction is in the bins of the data; the fit in those of the momentum."""
    card = load_experiment("na62-2021")
    edges = missing_mass_sq_edges(card)
    values = np.linspace(1e5, 2e5, edges.size - 1)
    data = SpectrumFile(Spectrum(MISSING_MASS_SQ, edges, values, values), covariance=np.diag(4.0 * values))
    point = PortalParameters(m4=0.25)
    prediction = Prediction(values, 0.0 * values, normalisation="fixed")
    found = search.fit_input(card, None, point, data, None, PEAK, prediction)
    assert found.spectrum.values == pytest.approx(values[::-1])
    model = found.likelihood.model
    np.testing.assert_allclose(found.contents(model.expected({model.poi: 0.0})), values[::-1], rtol=1e-9)
    assert found.unit is not None
    # counts n for data of variance V: d n/d data = sqrt(n/V)
    np.testing.assert_allclose(found.unit.scale * np.sqrt(4.0 * values[::-1]), 1e3, rtol=1e-6)
    (axis,) = axes_of(search.rebinned(card, None, point, data, PEAK)[0].spectrum)
    assert axis.edges == pytest.approx(edges)


def test_what_a_prediction_cannot_be() -> None:
    card, point, _, _, prediction, data, _ = _case("e949")
    for changed, options, words in (
        (replace(prediction, nu4={0.25: prediction.signal}), PEAK, "e949 has no W"),
        (prediction, replace(PEAK, background_degree=1), "a background degree is of our own background"),
        (replace(prediction, normalisation="constrained"), PEAK, "no uncertainty of the rate; expected fixed, free"),
    ):
        with pytest.raises(InputError, match=words):
            _fit(card, point, data, changed, options)
