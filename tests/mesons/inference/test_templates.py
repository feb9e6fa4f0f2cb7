"""Templates and the likelihood of the muon-momentum fit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mesons.decays.channels import decay_channel
from mesons.decays.three_body import ratio_in_bins, three_body_ratio
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.events.generator import generate_histogram
from mesons.events.sample import prepare
from mesons.experiments.calibration import calibrate
from mesons.experiments.cards import load_experiment
from mesons.experiments.response import smearing_matrix
from mesons.inference.meson_templates import build_model, peak_fractions, signal_fractions
from mesons.inference.mixing import MixingLaw
from mesons.inference.options import AnalysisOptions
from mesons.inference.templates import build_likelihood, expected_spectrum
from nucore.errors import InputError
from nucore.histograms import Spectrum
from nucore.model.parameters import PortalParameters
from nucore.stats import fit

E949, NA62 = load_experiment("e949"), load_experiment("na62-2021")
POINT = PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=1.0, Umu4=3e-4)


def test_smearing_matrix() -> None:
    matrix = smearing_matrix(E949, [0.165, 0.130, 0.05])
    assert matrix.sum(axis=1) == pytest.approx([1.0, 0.5, 0.0], abs=1e-9)
    centers = 0.5 * (E949.edges[1:] + E949.edges[:-1])
    assert matrix[0] @ centers == pytest.approx(0.165, rel=1e-6)
    # variance of the Gaussian plus that of a bin
    variance = matrix[0] @ (centers - 0.165) ** 2
    assert variance == pytest.approx((0.011 * 0.165) ** 2 + 0.5e-3**2 / 12, rel=1e-3)


@pytest.mark.parametrize("m4", [400.0, 0.25])
def test_signal_without_resolution_is_the_binned_spectrum(m4: float) -> None:
    resolution = E949.resolution.model_copy(update={"relative": 1e-4})
    sharp = E949.model_copy(update={"resolution": resolution})
    decay = decay_channel("K+", "mu").dark_decay(POINT.replace(m4=m4, yL=8.0))
    fractions, ratio = signal_fractions(sharp, decay)
    assert ratio == pytest.approx(three_body_ratio(decay), rel=1e-9)
    # a resolution of 1e-4 moves 2% of a bin across its edges, in both directions
    np.testing.assert_allclose(fractions, ratio_in_bins(decay, sharp.edges) / ratio, rtol=1e-2)


def test_closed_decay_has_no_template() -> None:
    fractions, ratio = signal_fractions(E949, ThreeBodyDecay(0.493677, 0.1056583755, 0.2, 0.6, 1.0, 1.0, 1.0, 0.0))
    assert ratio == 0.0
    assert not fractions.any()


@pytest.mark.parametrize(("experiment", "seed"), [(E949, 1), (NA62, 2)])
def test_round_trip(experiment, seed: int) -> None:
    """Exposure of the card with background and signal, then the fit: |U|^2 within 3 standard deviations."""
    sample = prepare(experiment, POINT, decays=experiment.decays, seed=seed)
    data = generate_histogram(sample).spectrum
    likelihood = build_likelihood(experiment, POINT, data, sample.decays)
    result = fit(likelihood)
    name = "Umu4_sq"
    assert likelihood.model.poi == name
    assert abs(result.best_fit[name] - 9e-8) < 3 * result.uncertainties[name]
    assert result.best_fit[name] > 2 * result.uncertainties[name]  # the signal is seen
    assert result.p_value is not None
    assert result.p_value > 1e-3


def test_asimov_signal_is_recovered_exactly() -> None:
    counts = calibrate(E949).background_counts()
    fractions, ratio = signal_fractions(E949, decay_channel("K+", "mu").dark_decay(POINT))
    counts = counts + E949.decays * E949.acceptance.value * 0.6356 * ratio * fractions
    data = Spectrum.from_counts("muon_momentum", E949.edges, counts)
    result = fit(build_likelihood(E949, POINT, data, E949.decays))
    assert result.best_fit["Umu4_sq"] == pytest.approx(9e-8, rel=1e-4)


def test_two_body_likelihood() -> None:
    counts = calibrate(E949).background_counts()
    peak = E949.decays * E949.acceptance.value * 0.6356 * 4.10097 * 1e-7 * peak_fractions(E949, 0.25)
    data = Spectrum.from_counts("muon_momentum", E949.edges, counts + peak)
    result = fit(build_likelihood(E949, POINT.replace(m4=0.25), data, E949.decays, AnalysisOptions(two_body=True)))
    assert result.best_fit["Umu4_sq"] == pytest.approx(1e-7, rel=1e-3)


def test_expected_spectrum_is_the_mean_of_generated_ones() -> None:
    expected = expected_spectrum(E949, POINT, exposure=1e12)
    sample = prepare(E949, POINT, decays=1e12, seed=8)
    counts = generate_histogram(sample).spectrum.values
    pulls = (counts - expected.values) / np.sqrt(expected.values)
    # chi-square of 140 bins: mean 140, standard deviation 17
    assert (pulls**2).sum() == pytest.approx(140, abs=5 * 17)
    without = expected_spectrum(E949, POINT.replace(Umu4=0.0), exposure=1e12)
    assert np.all(expected.values >= without.values)


def test_background_models() -> None:
    counts = calibrate(NA62).background_counts()
    signal = peak_fractions(NA62, 0.3)
    assert build_model(NA62, signal, counts, poi="x", degree=3).names == (
        "x",
        *(f"background_c{k}" for k in range(4)),
    )
    assert build_model(NA62, signal, counts, poi="x", degree=1).names[1:] == ("background_c0", "background_c1")
    known = build_model(NA62, signal, counts, poi="x", known=True, degree=3)
    assert known.names == ("x", "background_norm")
    assert build_model(E949, np.ones(140), np.ones(140), poi="x", known=True, degree=1).names == ("x",)


@pytest.mark.parametrize(
    "point",
    [
        PortalParameters(m_chi=0.02, m_phi=0.06, m4=400.0, Umu4=0.1),
        PortalParameters(m_chi=0.02, m_phi=0.06, m4=400.0, Umu4=0.1, Utau4=0.9),
        PortalParameters(m_chi=0.025, m_phi=0.075, m4=0.25, yL=0.3, Umu4=0.01, Ue4=0.5),
        PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=4 * math.pi, Umu4=0.6),
    ],
)
@pytest.mark.parametrize("truth", [1e-9, 1e-4, 0.04])
def test_the_mixing_of_a_rate_is_the_one_that_gives_it(point: PortalParameters, truth: float) -> None:
    experiment = load_experiment("e949")
    law = MixingLaw.at(experiment, point)
    actual = three_body_ratio(decay_channel("K+", "mu").dark_decay(point.replace(Umu4=math.sqrt(truth))))
    fitted = actual / three_body_ratio(law.decay)
    assert law.mixing(fitted) == pytest.approx(truth, rel=1e-9)


def test_mixing_law_limits() -> None:
    experiment = load_experiment("e949")
    off_shell = MixingLaw.at(experiment, PortalParameters(m_chi=0.02, m_phi=0.06, m4=400.0, yL=0.01, Umu4=1e-6))
    # far off shell the rate is u (1 - u); what s^2 does in the propagator is of order (yL^2 / 32 pi)^2
    assert off_shell.mixing(0.3 * 0.7) == pytest.approx(0.3, rel=1e-5)
    assert math.isnan(off_shell.mixing(0.26))
    assert off_shell.mixing(-1e-9) == pytest.approx(-1e-9)
    # on shell and narrow it is u
    on_shell = MixingLaw.at(experiment, PortalParameters(m_chi=0.025, m_phi=0.075, m4=0.25, yL=1e-3, Umu4=1e-6))
    assert on_shell.mixing(0.3) == pytest.approx(0.3, rel=1e-5)


def test_bad_input() -> None:
    data = Spectrum.from_counts("muon_momentum", E949.edges, calibrate(E949).background_counts())
    with pytest.raises(InputError, match="decays"):
        build_likelihood(E949, POINT, data, 0.0)
    with pytest.raises(InputError, match="bins"):
        build_likelihood(NA62, POINT, data, 1e10)
    with pytest.raises(InputError, match="closed"):
        build_likelihood(E949, POINT.replace(m_chi=0.1, m_phi=0.3), data, 1e12)
    with pytest.raises(InputError, match="closed"):
        build_likelihood(E949, POINT.replace(m4=0.4), data, 1e12, AnalysisOptions(two_body=True))
