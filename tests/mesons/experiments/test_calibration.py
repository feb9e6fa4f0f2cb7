"""The calibrated experiment gives back the published peak limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from mesons.experiments.calibration import calibrate, published_branching_limits
from mesons.experiments.cards import load_experiment


def test_recovers_a_known_background() -> None:
    """Limits computed from a power-law background by the window formula give the power law back."""
    card = load_experiment("e949")
    momentum, _ = published_branching_limits(card)
    density = 3e7 * (momentum / 0.165) ** 4.2
    width = 2 * 2.0 * 0.011 * momentum
    limit = 1.645 * np.sqrt(density * width) / (1.7e12 * 0.03 * math.erf(2.0 / math.sqrt(2.0)))
    m4 = np.array(card.peak_limit.m4_MeV) * 1e-3
    per_mixing = published_branching_limits(card)[1][::-1] / np.array(card.peak_limit.U_sq)
    table = card.peak_limit.model_copy(update={"U_sq": tuple(limit[::-1] / per_mixing)})
    calibration = calibrate(card.model_copy(update={"peak_limit": table}))
    assert m4.size == momentum.size
    assert calibration.coefficients == pytest.approx((math.log(3e7), 4.2), rel=1e-9)
    assert np.abs(calibration.residuals()).max() < 1e-9


def test_published_branching_limits_at_250_mev() -> None:
    """By hand: |U|^2 x rho x BR with rho(250 MeV) = 4.10097 (and 4.10 +- 1% within 2 MeV of it)."""
    card = load_experiment("e949")
    m4 = np.array(card.peak_limit.m4_MeV)
    i = int(np.argmin(np.abs(m4 - 250.0)))
    _, limits = published_branching_limits(card)
    assert limits[::-1][i] == pytest.approx(card.peak_limit.U_sq[i] * 4.10 * 0.6356, rel=0.01)


def test_background_counts_integrate_the_density() -> None:
    calibration = calibrate(load_experiment("na62-2021"))
    counts, edges = calibration.background_counts(), calibration.experiment.edges
    total = quad(lambda p: float(calibration.background_density(p)), edges[0], edges[-1], epsabs=0.0, epsrel=1e-9)[0]
    assert counts.sum() == pytest.approx(total, rel=1e-8)
    assert counts[3] == pytest.approx(float(calibration.background_between(edges[3], edges[4])), rel=1e-12)


def test_scaled_exposure() -> None:
    base, scaled = calibrate(load_experiment("e949")), calibrate(load_experiment("na62-full"))
    assert scaled.background_counts() == pytest.approx(10 * base.background_counts())
    p = np.linspace(0.14, 0.19, 4)
    assert scaled.smooth_limit(p) == pytest.approx(base.smooth_limit(p) / math.sqrt(10))
