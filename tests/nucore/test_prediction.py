"""A prediction from elsewhere as samples of a likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.prediction import Prediction, Variation
from nucore.stats import Likelihood, Model, NormFactor, Sample, fit
from nucore.stats.covariance import ErrorSource

SIGNAL, BACKGROUND = np.array([4000.0, 9000.0, 5000.0, 2000.0]), np.array([100.0, 50.0, 200.0, 0.0])
ADDED = np.array([1000.0, -3000.0, 500.0, 100.0])


def model(prediction: Prediction, constraint: float = 0.02) -> Model:
    samples = [Sample("light", prediction.signal), Sample("nu4 - light", ADDED, [NormFactor("u")])]
    return Model(prediction.samples(samples, constraint), "u", (0.0, 1.0))


@pytest.mark.parametrize("normalisation", ["fixed", "constrained", "free"])
def test_normalisation_per_group(normalisation):
    prediction = Prediction(SIGNAL, BACKGROUND, normalisation=normalisation, groups=np.array([0, 0, 1, 1]))
    found = model(prediction)
    np.testing.assert_allclose(found.expected({"u": 0.1}), SIGNAL + BACKGROUND + 0.1 * ADDED)
    if normalisation == "fixed":
        assert found.names == ("u",)
        return
    unit = 1.1 if normalisation == "free" else 5.0  # 5 sigma of 2%
    at = {"normalisation_2": unit, "u": 0.1}
    factor = np.array([1.0, 1.0, 1.1, 1.1])
    added = 0.1 * ADDED * (factor if normalisation == "free" else 1.0)
    np.testing.assert_allclose(found.expected(at), factor * SIGNAL + added + BACKGROUND)


def test_a_free_normalisation_takes_the_rate():
    prediction = Prediction(SIGNAL, BACKGROUND)
    found = fit(Likelihood(model(prediction), 1.3 * SIGNAL + BACKGROUND))
    assert found.best_fit["normalisation"] == pytest.approx(1.3)
    assert found.best_fit["u"] == pytest.approx(0.0, abs=1e-6)


def test_variations_move_the_total():
    up, down = np.array([10.0, 20.0, 30.0, 40.0]), np.array([-5.0, -10.0, -15.0, -20.0])
    total = SIGNAL + BACKGROUND
    prediction = Prediction(
        SIGNAL, BACKGROUND, variations=(Variation("mine", total + down, total + up),), normalisation="fixed"
    )
    found = model(prediction)
    np.testing.assert_allclose(found.expected({"mine": 1.0}), total + up)
    np.testing.assert_allclose(found.expected({"mine": -1.0}), total + down)


def test_background_rate():
    found = model(Prediction(SIGNAL, BACKGROUND, background_uncertainty=0.1, normalisation="fixed"))
    np.testing.assert_allclose(found.expected({"background": 1.0}), SIGNAL + 1.1 * BACKGROUND)


def test_a_part_of_the_bins():
    kept = np.array([True, False, True, True])
    errors = (ErrorSource("a", np.arange(4.0)), ErrorSource("b", np.ones(4), np.full((4, 4), 0.5) + 0.5 * np.eye(4)))
    whole = Prediction(
        SIGNAL,
        BACKGROUND,
        np.ones(4),
        errors,
        (Variation("v", SIGNAL, 2 * SIGNAL),),
        groups=np.arange(4),
        nu4={3.0: ADDED},
    )
    part = whole.in_bins(kept)
    np.testing.assert_allclose(part.total, whole.total[kept])
    np.testing.assert_allclose(part.uncorrelated, whole.uncorrelated[kept])
    assert part.errors[1].correlation.shape == (3, 3)
    np.testing.assert_allclose(part.nu4_at(3.0), ADDED[kept])
    np.testing.assert_array_equal(part.groups, [0, 2, 3])


def test_ratio_and_own_templates():
    prediction = Prediction(SIGNAL, BACKGROUND, nu4={20.0: ADDED}, origin="mine.root")
    np.testing.assert_allclose(prediction.ratio(2.0 * SIGNAL), 0.5)
    with pytest.raises(InputError, match=r"bins 2 hold signal where"):
        prediction.ratio(np.array([1.0, 0.0, 1.0, 1.0]))
    with pytest.raises(InputError, match=r"mine.root has no template of m4 = 21 GeV: expected one of 20"):
        prediction.nu4_at(21.0)


@pytest.mark.parametrize(
    ("signal", "background"), [(SIGNAL - 3000.0, BACKGROUND), (0.0 * SIGNAL, BACKGROUND), (SIGNAL, BACKGROUND - 60.0)]
)
def test_impossible_predictions(signal, background):
    with pytest.raises(InputError, match="expected the background"):
        Prediction(signal, background)


@pytest.mark.parametrize("name", ["background", "normalisation_1", "band_1", "normalisation"])
def test_names_of_parameters_are_distinct(name):
    # two charges and a smooth band, whose modes are band_1, band_2, ...
    band = ErrorSource("band", 0.01 * SIGNAL, np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    mine = Variation(name, SIGNAL, 1.1 * SIGNAL)
    prediction = Prediction(SIGNAL, BACKGROUND, None, (band,), (mine,), 0.1, groups=np.array([0, 0, 1, 1]))
    with pytest.raises(InputError, match=f"uncertainty '(band_1|{name})' of the prediction"):
        model(prediction)


def test_an_uncertainty_cannot_have_the_name_of_the_data():
    own = ErrorSource("data", 0.02 * SIGNAL, np.ones((4, 4)))
    matrix = np.diag((0.01 * SIGNAL) ** 2) + np.outer(0.02 * SIGNAL, 0.02 * SIGNAL)
    prediction, _ = Prediction(SIGNAL, BACKGROUND, None, (own,)).of_gaussian(SIGNAL, matrix)
    with pytest.raises(InputError, match="'data(_1)?' of the prediction"):
        model(prediction)
