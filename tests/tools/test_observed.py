"""Validation of observed limits, on spectra of a formula in place of templates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import expit, ndtr

from collider.experiments.analysis_options import AnalysisOptions
from collider.experiments.measurement import measurement
from collider.experiments.published_data import load_data
from collider.experiments.response import load_experiment
from collider.inference.likelihood import Expectation
from collider.inference.observed_spectra import ObservedSpectra
from collider.templates.systematics import Shapes
from nucore.stats import upper_limit
from tools.validation import observed_studies as studies
from tools.validation.observed_bands import band, effect_of, widths, without_band
from tools.validation.observed_coverage import Truth, cls, coverage, exclusion
from tools.validation.observed_fits import LIMIT, Analysis, likelihood_of, outcome, placed, weakest
from tools.validation.observed_tables import hidden_table, recovery_table
from tools.validation.observed_tuning import NODES_GEV, MassDependence, fitted_mass, tuned
from tools.validation.pythia_spectra import decays, directions

Array = NDArray[np.float64]

M_W, M4 = 80.375, 30.0
N_EVENTS = 40_000


def _spectrum(edge: float, x: Array) -> Array:
    """Events against lepton pT: rising, with an edge that the W transverse momentum smears."""
    return np.asarray(2e5 * (x / 40.0) * (expit((edge - x) / 1.7) + 0.02))


@pytest.fixture(scope="module")
def found() -> Analysis:
    card = load_experiment("atlas-2011")
    measured = measurement(card, "mu", AnalysisOptions(systematics="full", selection="published"))
    block = next(block for block in card.data if block.name == "mu-pt")
    (apart, _) = block.model_copy(update={"prediction_m_W_GeV": None}).treatments(2.0)
    data = load_data(card.model_copy(update={"data": (apart,)}), "mu-pt")
    x = np.tile(0.5 * (data.edges[1:] + data.edges[:-1]), 2)

    def shapes(m4: float) -> Shapes:
        def at(m_W: float, scale: float = 0.0) -> Array:
            return _spectrum(0.5 * m_W * (1.0 - (m4 / m_W) ** 2), x / (1.0 + scale)) * (1.0 - (m4 / m_W) ** 2) ** 2

        moved = {"m_W": at(M_W + 0.0189), "lepton_scale": at(M_W, 2e-4), "efficiency_slope": at(M_W) * (0.6 + 0.01 * x)}
        return Shapes(np.stack([at(M_W)] * 2), {name: value - at(M_W) for name, value in moved.items()})

    light = shapes(0.0)
    assert data.prediction is not None
    prediction = replace(data.prediction, signal=light.values, background=0.02 * light.values)
    spectra = ObservedSpectra(data, measured, M_W, light, prediction)
    return Analysis((spectra,), {M4: Expectation(measured, light, shapes(M4))})


@pytest.fixture(scope="module")
def mass(found: Analysis) -> MassDependence:
    masses, x = M_W + np.array(NODES_GEV), found.low_edges + 0.25
    return MassDependence(M_W, CubicSpline(masses, np.log([_spectrum(0.5 * m, x) for m in masses]), axis=0))


def test_mass_of_the_data_is_found(found: Analysis, mass: MassDependence) -> None:
    base = found.predictions[0]
    norm = np.where(found.groups == 0, 0.9, 1.2)
    data = norm * base.signal * mass.ratio(M_W - 0.07) + base.background
    assert fitted_mass(data, base, mass, studies.fit_range(found)) == pytest.approx(M_W - 0.07, abs=1e-4)


def test_fit_of_the_mass_does_not_hide_nu4(
    found: Analysis, mass: MassDependence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "INJECTED_GEV", (M4,))
    monkeypatch.setattr(studies, "MIXINGS", (0.02,))
    (row,) = studies.recoveries(found, mass, (found, mass))
    assert row.shift_MeV["lepton_pt"] < -20.0
    assert row.used.U_sq == pytest.approx(0.02, abs=2e-4)
    assert row.free.U_sq == pytest.approx(0.02, abs=5e-4)
    assert row.free.uncertainty > row.used.uncertainty
    # A prediction whose mass nobody corrects has eaten a part of it.
    assert abs(row.ignored.U_sq - 0.02) > 0.1 * 0.02
    assert recovery_table([row]).rows[0][:2] == ("30", "0.02")


def test_tuned_prediction_leaves_nothing_along_its_nuisances(found: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    base, light = found.predictions[0], found.spectra[0].light
    data = studies.injected(found, M4, 0.02)
    moved = tuned(data, base, light.shifts, ["lepton_scale", "m_W"], constrained=False)
    left = (data - moved.total) / data
    columns = [light.shifts["lepton_scale"], light.shifts["m_W"], base.signal * (found.groups == 1)]
    before = [abs(column @ ((data - base.total) / data)) for column in columns]
    assert np.all(np.abs([column @ left for column in columns]) < 1e-6 * np.array(before))
    monkeypatch.setattr("tools.validation.observed_tables.INJECTED_GEV", (M4,))
    monkeypatch.setattr("tools.validation.observed_tables.TREATMENT", 0)
    rows = {name: [float(cell) for cell in cells] for name, *cells in hidden_table(found).rows}
    for name, cells in rows.items():
        names = tuple(light.shifts) if name == "all" else (name,)
        for cell, constrained in zip(cells, (False, True), strict=True):
            moved = tuned(data, base, light.shifts, names, constrained)
            assert cell == pytest.approx(_estimate(found, data - moved.total) / 0.02, abs=0.02)
    assert rows["m_W"][0] == pytest.approx(rows["lepton_scale"][0], abs=0.2)  # they move the same edge


def _estimate(found: Analysis, residual: Array) -> float:
    """Return |U|^2 from data minus expectation, by linear algebra."""
    effect = effect_of(found, M4)
    weights = np.linalg.solve(without_band(found, M4) + band(found, 2.0, False).covariance, effect)
    return float(weights @ residual / (weights @ effect))


def test_claimed_uncertainty_is_that_of_linear_algebra(found: Analysis) -> None:
    fitted = band(found, 2.0, False)
    known, (same, narrow) = widths(found, M4, fitted, [fitted, band(found, 10.0, False)])
    one = weakest(M4, found.ours[M4], found.predictions, found.predictions[0].total)
    assert known == pytest.approx(one.uncertainty, rel=0.02)
    assert same == pytest.approx(1.0)
    assert narrow > 1.0
    together = band(found, 2.0, True).correlation
    assert together is not None
    assert together[0, 40] == pytest.approx(1.0)
    assert np.array_equal(band(found, 0.0, False).covariance, np.diag(fitted.sigma**2))


def test_excluded_values_are_those_above_the_limit(found: Analysis) -> None:
    likelihood = likelihood_of(placed(found.ours[M4], found.predictions[0]), studies.injected(found, M4, 0.01))
    limit = upper_limit(likelihood, LIMIT).observed
    assert limit is not None
    assert cls(likelihood, limit) == pytest.approx(0.1, rel=1e-3)


def test_pseudo_experiments_cover(found: Analysis, mass: MassDependence) -> None:
    truth = Truth(M4, 0.03, 0, mass, studies.fit_range(found))
    one = coverage(found, truth, 60)
    assert abs(one.pulls.mean()) < 4.0 / np.sqrt(60)
    assert one.pulls.std() == pytest.approx(1.0, abs=0.35)
    expected = exclusion(truth.U_sq / float(np.median(one.uncertainties)))
    assert abs(one.excluded_by_all - expected) < 4.0 * np.sqrt(expected * (1.0 - expected) / 60)
    assert np.array_equal(coverage(found, truth, 2).best_fits, one.best_fits[:2])


def test_share_that_cls_excludes() -> None:
    assert exclusion(0.0) == 0.0
    assert exclusion(12.0) == pytest.approx(0.1, rel=1e-6)
    # At the limit for a best fit of x standard deviations the truth is d above it: Phi(-d) = 0.1 Phi(x).
    x, d = 0.0, -1.6448536269514722
    assert exclusion(x - d) == pytest.approx(ndtr(d), rel=1e-9)


def test_auxiliary_measurements_move_the_fit(found: Analysis) -> None:
    templates, data = placed(found.ours[M4], found.predictions[0]), studies.injected(found, M4, 0.0)
    centred = outcome(M4, templates, data)
    assert centred.U_sq == pytest.approx(0.0, abs=1e-5)
    moved = outcome(M4, templates, data, {"m_W": 2.0})
    expected = _estimate(found, -2.0 * found.spectra[0].light.shifts["m_W"])
    assert abs(expected) > 5e-4
    assert moved.U_sq == pytest.approx(expected, rel=0.05)


def test_decays_of_a_w_at_rest() -> None:
    rng = np.random.default_rng(1)
    zero, mass = np.zeros(N_EVENTS, np.float32), np.full(N_EVENTS, 80.0, np.float32)
    sample = {"w_mass": mass, "w_pt": zero, "w_rapidity": zero, "up": zero + 1, "cos_theta": zero + 2, "phi": zero}
    r = 0.5
    cosine, phi = directions(sample, 1, 7.0, np.full(N_EVENTS, r), rng)
    # (1 - c)^2 + r (1 - c^2) has the mean -1/(2 + r), and no preferred azimuth.
    assert cosine.mean() == pytest.approx(-1.0 / (2.0 + r), abs=4.0 * cosine.std() / np.sqrt(N_EVENTS))
    assert abs(np.cos(phi).mean()) < 4.0 * np.sqrt(0.5 / N_EVENTS)
    m4, U_sq = 80.0 * np.sqrt(r), 0.3
    (chosen,) = decays(iter([sample]), 1, 7.0, m4, U_sq, rng)
    heavy = chosen["m4"] > 0.0
    expected = N_EVENTS * U_sq * (1.0 - r) ** 2 * (1.0 + 0.5 * r)
    assert abs(heavy.sum() - expected) < 4.0 * np.sqrt(expected)
    assert abs((~heavy).sum() - 0.7 * N_EVENTS) < 4.0 * np.sqrt(0.21 * N_EVENTS)
    assert np.all(chosen["cos_theta"][~heavy] == 2.0)  # those of the generator
    assert np.all(np.abs(chosen["cos_theta"][heavy]) <= 1.0)
