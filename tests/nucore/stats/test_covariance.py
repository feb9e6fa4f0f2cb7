"""Correlated uncertainties, Gaussian data and effective counts against linear algebra."""

from __future__ import annotations

import numpy as np
import pytest

from nucore.errors import InputError
from nucore.prediction import Prediction
from nucore.stats import Likelihood, Model, NormFactor, Sample, fit
from nucore.stats.covariance import (
    ErrorSource,
    effective_counts,
    gaussian_data,
    modes,
    smooth_correlation,
)

N = 12
SIGNAL = np.linspace(-1.0, 2.0, N) ** 2


def random_covariance(seed: int = 3) -> np.ndarray:
    root = np.random.default_rng(seed).normal(size=(N, N))
    return root @ root.T / N + 0.3 * np.eye(N)


def generalised_least_squares(data: np.ndarray, expected: np.ndarray, covariance: np.ndarray) -> tuple[float, ...]:
    """Best amplitude of `SIGNAL`, its error, and chi-square, in closed form."""
    weight = np.linalg.inv(covariance)
    variance = 1.0 / (SIGNAL @ weight @ SIGNAL)
    best = variance * (SIGNAL @ weight @ (data - expected))
    rest = data - expected - best * SIGNAL
    return float(best), float(np.sqrt(variance)), float(rest @ weight @ rest)


def fitted(prediction: Prediction, data: np.ndarray, unit) -> tuple[float, ...]:
    samples = prediction.samples([Sample("light", prediction.signal), Sample("signal", SIGNAL, [NormFactor("u")])], 0.0)
    model = Model(samples if unit is None else unit.samples(samples), "u", (-np.inf, np.inf))
    result = fit(Likelihood(model, data if unit is None else unit.counts(data)))
    return result.best_fit["u"], result.uncertainties["u"], result.goodness_of_fit


def test_modes_add_up_to_the_covariance():
    covariance, beside = random_covariance(), np.linspace(0.5, 2.0, N)
    shapes = modes(covariance, beside)
    assert np.abs(shapes.T @ shapes - covariance).max() < 2e-3 * beside.max()
    assert len(modes(np.outer(SIGNAL, SIGNAL), beside)) == 1


@pytest.mark.parametrize(("common", "small"), [(0.05, 1e-3), (0.03, 2e-4)])
def test_small_uncertainties_beside_a_large_common_one_are_kept(common, small):
    # a luminosity far larger than the statistics, on a spectrum that falls by four orders of magnitude
    expected = 1e5 * np.exp(-np.linspace(0.0, 9.0, N))
    statistical = np.where(np.arange(N) < N // 2, small, 30.0 * small) * expected
    matrix = np.diag(statistical**2) + np.outer(common * expected, common * expected)
    data = expected * (1.0 + common) + np.random.default_rng(5).normal(size=N) * statistical
    prediction, unit = Prediction(expected, 0.0 * expected, normalisation="fixed").of_gaussian(data, matrix)
    best, error, chi2 = generalised_least_squares(data, expected, matrix)
    found = fitted(prediction, data, unit)
    assert found[0] == pytest.approx(best, abs=0.02 * error)
    assert found[1] == pytest.approx(error, rel=5e-3)
    assert found[2] == pytest.approx(chi2, rel=1e-2)


def test_smooth_correlation_is_within_groups_and_of_its_length():
    x, groups = np.tile(np.arange(5.0), 2), np.repeat([0, 1], 5)
    matrix = smooth_correlation(x, 2.0, groups)
    assert matrix[0, 2] == pytest.approx(np.exp(-0.5))
    assert np.all(matrix[:5, 5:] == 0.0)
    assert smooth_correlation(x, 2.0)[0, 5] == 1.0


@pytest.mark.parametrize("negative", [False, True])
def test_gaussian_data_give_generalised_least_squares(negative):
    rng = np.random.default_rng(1)
    covariance, expected = random_covariance(), np.full(N, 20.0)
    data = expected + rng.normal(size=N) + 0.7 * SIGNAL
    if negative:  # a covariance matrix may belong to numbers below 0, as differences are
        data, expected = data - 19.5, expected - 19.5
    uncorrelated = rng.uniform(0.2, 0.5, N)
    source = ErrorSource("band", uncorrelated)
    prediction, unit = Prediction(expected, 0.0 * expected, errors=(source,), normalisation="fixed").of_gaussian(
        data, covariance
    )
    best, error, chi2 = generalised_least_squares(data, expected, covariance + np.diag(uncorrelated**2))
    found = fitted(prediction, data, unit)
    assert found[0] == pytest.approx(best, abs=0.01 * error)
    assert found[1] == pytest.approx(error, rel=2e-3)
    assert found[2] == pytest.approx(chi2, rel=5e-3)
    np.testing.assert_allclose(unit.contents(unit.counts(data)), data)


def test_uncorrelated_uncertainties_of_counts_are_fewer_counts():
    rng = np.random.default_rng(2)
    expected = np.linspace(3e5, 6e5, N)
    sigma = 0.003 * expected
    data = expected + rng.normal(size=N) * np.hypot(sigma, np.sqrt(expected))
    prediction = Prediction(expected, 0.0 * expected, errors=(ErrorSource("band", sigma),), normalisation="fixed")
    unit = prediction.effective_counts()
    best, error, chi2 = generalised_least_squares(data, expected, np.diag(sigma**2 + expected))
    found = fitted(prediction, data, unit)
    assert found[0] == pytest.approx(best, abs=0.02 * error)
    assert found[1] == pytest.approx(error, rel=5e-3)
    assert found[2] == pytest.approx(chi2, rel=1e-2)


def test_correlated_uncertainty_of_counts():
    expected = np.full(N, 4e5)
    correlation = smooth_correlation(np.arange(N), 3.0)
    source = ErrorSource("band", np.full(N, 800.0), correlation)
    data = expected + 900.0 * np.cos(np.arange(N))
    prediction = Prediction(expected, 0.0 * expected, errors=(source,), normalisation="fixed")
    best, error, chi2 = generalised_least_squares(data, expected, np.diag(expected) + 800.0**2 * correlation)
    found = fitted(prediction, data, prediction.effective_counts())
    assert found[0] == pytest.approx(best, abs=0.02 * error)
    assert found[1] == pytest.approx(error, rel=5e-3)
    assert found[2] == pytest.approx(chi2, rel=1e-2)


def test_effective_counts_need_expected_content():
    with pytest.raises(InputError, match="without expected content"):
        effective_counts([0.0, 1.0], [1.0, 0.0])
    np.testing.assert_allclose(effective_counts([0.0, 4.0], [0.0, 4.0]).scale, [1.0, 0.5])


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.ones((3, 3)), "expected 2 x 2"),
        (np.array([[1.0, 0.5], [0.1, 1.0]]), "symmetric"),
        (np.array([[1.0, 2.0], [2.0, 1.0]]), "eigenvalue"),
        (np.array([[1.0, 0.0], [0.0, 0.0]]), "above 0"),
    ],
)
def test_matrices_that_are_no_covariances(matrix, words):
    with pytest.raises(InputError, match=words):
        gaussian_data([1.0, 2.0], matrix)


def test_a_singular_covariance_is_fitted_along_its_modes():
    # shares of the whole: the sum of the data is fixed
    shares = np.full(N, 1.0 / N)
    covariance = 1e-4 * (np.eye(N) - np.full((N, N), 1.0 / N))
    unit, variances, rest = gaussian_data(shares, covariance)
    total = np.outer(rest.sigma, rest.sigma) * rest.correlation + np.diag(variances)
    np.testing.assert_allclose(unit.counts(shares) / unit.scale**2, variances)
    assert np.abs(total - covariance).max() < 2e-4 * covariance.max()
