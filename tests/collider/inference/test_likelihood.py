"""The likelihood of a W measurement: mixture, nuisances, Gaussian limit, injected signals."""

from __future__ import annotations

import numpy as np
import pytest

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.response import load_experiment
from collider.inference.likelihood import (
    Expectation,
    expectation,
    expected_spectrum,
    gaussian_uncertainty,
)
from collider.search import fit_input
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.io.readers import SpectrumFile
from nucore.model.parameters import PortalParameters
from nucore.stats import Likelihood, fit

ATLAS = load_experiment("atlas-2011")
#: All nuisances, on a selection whose templates are quick.
FULL = AnalysisOptions("full", selection="paper")


def expected(options: AnalysisOptions | None = None, m4: float = 30.0) -> Expectation:
    return expectation(measurement(ATLAS, "mu", options), m4)


def likelihood(
    point: PortalParameters, spectrum: Spectrum, exposure: float, options: AnalysisOptions | None = None
) -> Likelihood:
    return fit_input(ATLAS, "mu", point, SpectrumFile(spectrum), exposure, options or AnalysisOptions()).likelihood


@pytest.fixture(scope="module")
def full() -> Expectation:
    return expected(FULL)


def test_expectation_is_the_mixture() -> None:
    found = expected(m4=40.0)
    mixture = 0.7 * found.light.values + 0.3 * found.nu4.values
    np.testing.assert_allclose(found.model().expected({"Umu4_sq": 0.3}), mixture, rtol=1e-12)
    np.testing.assert_allclose(found.values(0.3), mixture, rtol=1e-12)


def test_nuisances_move_both_neutrinos(full: Expectation) -> None:
    model, u = full.model(), 0.3
    for name, shift in full.light.shifts.items():
        change = model.expected({name: 0.5, "Umu4_sq": u}) - model.expected({"Umu4_sq": u})
        mixture = 0.5 * ((1.0 - u) * shift + u * full.nu4.shifts[name])
        np.testing.assert_allclose(change, mixture, rtol=1e-9, atol=1e-9 * full.light.values.max())
    norm = model.expected({"normalisation": 1.0}) - model.expected()
    np.testing.assert_allclose(norm, 0.02 * full.light.values, rtol=1e-9)


def test_gaussian_uncertainty_inverts_the_covariance() -> None:
    rng = np.random.default_rng(3)
    counts, signal = rng.uniform(50.0, 100.0, 12), rng.uniform(-20.0, 50.0, 12)
    shifts = {str(k): rng.normal(0.0, 3.0, 12) for k in range(4)}
    covariance = np.diag(counts) + sum(np.outer(d, d) for d in shifts.values())
    direct = (signal @ np.linalg.solve(covariance, signal)) ** -0.5
    assert gaussian_uncertainty(counts, signal, shifts) == pytest.approx(direct, rel=1e-12)
    assert gaussian_uncertainty(counts, signal, {}) == pytest.approx((signal**2 / counts).sum() ** -0.5, rel=1e-12)


def test_uncertainty_of_a_fit_is_that_of_the_fisher_matrix(full: Expectation) -> None:
    model = full.model()
    found = fit(Likelihood(model, model.asimov()))
    difference = full.nu4.values - full.light.values
    sigma = gaussian_uncertainty(full.standard_model, difference, full.nuisance_shifts())
    # Second derivatives of a Poisson likelihood at its Asimov data are the Fisher matrix; shifts are linear.
    assert found.uncertainties["Umu4_sq"] == pytest.approx(sigma, rel=1e-4)


def test_fit_of_asimov_data_returns_the_injected_mixing() -> None:
    point = PortalParameters(m4=30.0, Umu4=0.1)
    spectrum = expected_spectrum(ATLAS, "mu", point, 2.0)
    result = fit(likelihood(point, spectrum, 2.0))
    assert result.best_fit["Umu4_sq"] == pytest.approx(0.01, rel=1e-3)


def test_a_shifted_mass_is_found_by_a_floating_one() -> None:
    options = AnalysisOptions(float_mw=True)
    spectrum = expected_spectrum(ATLAS, "mu", PortalParameters(m4=30.0, m_W=80.4192, Umu4=0.0), 2.0)
    result = fit(likelihood(PortalParameters(m4=30.0, m_W=80.3792), spectrum, 2.0, options))
    # 40 MeV are two steps; the templates are not quite linear in the mass.
    assert result.best_fit["m_W"] == pytest.approx(2.0, abs=0.02)
    assert abs(result.best_fit["Umu4_sq"]) < 0.02 * result.uncertainties["Umu4_sq"]
    assert "m_W" not in result.pulls


def test_bad_input_is_refused() -> None:
    edges, point = np.linspace(130.0, 150.0, 21), PortalParameters(m4=30.0)
    with pytest.raises(InputError, match="40 bins"):
        likelihood(point, Spectrum.from_counts("lepton_pt", edges, np.ones(20)), 4.1)
    with pytest.raises(InputError, match="m4"):
        expected(m4=-1.0)
