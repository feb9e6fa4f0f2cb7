"""Uncertainty of the shape of the background, calculated shapes, and the spurious signal."""

from __future__ import annotations

import numpy as np
import pytest

from mesons.backgrounds.background_model import alternative_counts, background_counts, floating_degree
from mesons.backgrounds.background_spectra import background_spectrum
from mesons.backgrounds.radiative import RadiativeDecay
from mesons.experiments.calibration import calibrate
from mesons.experiments.card_fields import BackgroundSystematic
from mesons.experiments.cards import load_experiment
from mesons.inference.background_systematic import shape_components
from mesons.inference.meson_templates import build_model, peak_fractions
from mesons.inference.reach import project
from mesons.inference.spurious_signal import spurious_signal
from nucore.errors import InputError
from nucore.stats import Likelihood, fit

SYSTEMATIC = ("e949", "na62-2021")


def test_components_add_up_to_the_uncertainty() -> None:
    card = load_experiment("na62-2021")
    systematic = BackgroundSystematic(relative=0.1, correlation_length=0.5, fitted_to="", reference="")
    variance = (shape_components(card, systematic) ** 2).sum(axis=0)
    assert np.sqrt(variance.mean()) == pytest.approx(0.1, rel=0.01)
    assert np.sqrt(variance).max() < 0.1001


@pytest.mark.parametrize("name", SYSTEMATIC)
def test_systematic_limited_reach(name: str) -> None:
    grid = [0.005, 0.02, 0.05]
    none, published = (project(name, grid=grid, background_systematic=c) for c in ("none", "published"))
    assert published.choices["background_systematic"] == "published"
    for a, b in zip(none.curve, published.curve, strict=True):
        assert 1.0 < b.others["br"] / a.others["br"] < 20.0
    with pytest.raises(InputError, match="no background systematic"):
        project("kek-1982-mu", grid=[0.02], background_systematic="published")
    with pytest.raises(InputError, match="none, published"):
        project(name, grid=[0.02], background_systematic="some")


def test_radiative_background_is_the_decay() -> None:
    """Far from its edges, smearing changes a smooth spectrum little."""
    card = load_experiment("na62-2021")
    counts = background_counts(calibrate(card), "radiative")
    centers = 0.5 * (card.edges[1:] + card.edges[:-1])
    density = RadiativeDecay.of("K+", "mu").dbr_dp(centers, 5e-3)
    ratio = (counts / density)[40:120]
    np.testing.assert_allclose(ratio / ratio.mean(), 1.0, atol=0.02)
    assert counts.sum() == pytest.approx(calibrate(card).background_counts().sum())
    assert floating_degree(card, "radiative") == 0
    assert floating_degree(card, "floating") == 3


def test_every_process_that_fills_the_range_is_a_background_model() -> None:
    card = load_experiment("na62-2007")
    total = calibrate(card).background_counts().sum()
    for process in ("semileptonic", "pion-two-pi0"):
        counts = background_counts(calibrate(card), process)
        assert counts.sum() == pytest.approx(total)
        # smearing changes a smooth spectrum little
        centers = 0.5 * (card.edges[1:] + card.edges[:-1])
        ratio = (counts / background_spectrum(process, "K+", card.lepton).density(centers))[5:-5]
        np.testing.assert_allclose(ratio / ratio.mean(), 1.0, atol=0.03)
    with pytest.raises(InputError, match="does not fill"):
        background_counts(calibrate(card), "pion-pi0")
    with pytest.raises(InputError, match="unknown background"):
        background_counts(calibrate(load_experiment("pienu-2017-e")), "semileptonic")
    assert project("e949", grid=[0.02], background_model="semileptonic").choices["background_degree"] == 0


@pytest.mark.parametrize("name", ["e949", "na62-2021", "pienu-2017-e"])
def test_spurious_signal_is_that_of_a_fit(name: str) -> None:
    """The linear estimate against the full likelihood, for a difference of a few standard deviations."""
    card = load_experiment(name)
    calibration = calibrate(card)
    background = background_counts(calibration)
    difference = alternative_counts(calibration) - background
    m4 = float(np.mean(card.peak_limit.m4_MeV)) * 1e-3
    fractions = peak_fractions(card, m4)
    degree = floating_degree(card, "floating")
    full = spurious_signal(card, fractions, background, background + difference, degree)
    share = 1.0 / max(1.0, abs(full))
    estimate = spurious_signal(card, fractions, background, background + share * difference, degree)
    assert estimate == pytest.approx(share * full)
    counts = card.decays * card.acceptance.value * fractions
    model = build_model(card, counts, background, poi="br", degree=degree)
    result = fit(Likelihood(model, background + share * difference))
    # the background moves by up to per cents of itself, and its variance with it
    assert result.best_fit["br"] / result.uncertainties["br"] == pytest.approx(estimate, abs=0.1)


def test_spurious_signal_is_reported_with_the_reach() -> None:
    three, two = project("e949", grid=[0.02]), project("e949", grid=[0.25], two_body=True)
    assert isinstance(three.points()[0]["spurious_signal"], float)
    assert isinstance(two.points()[0]["spurious_signal"], float)
    known = project("e949", grid=[0.02], background_model="known").points()[0]
    assert known["spurious_signal"] is None
    itself = project("e949", grid=[0.02], background_model="radiative").points()[0]
    assert itself["spurious_signal"] == pytest.approx(0.0, abs=1e-9)
