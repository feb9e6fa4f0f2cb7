"""tau -> l nu + invisible in the pseudo-rest frame."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from mesons.decays.channels import decay_channel
from mesons.decays.leptonic_decays import LeptonicDecay
from mesons.decays.three_body import three_body_ratio
from mesons.events.generator import generate_events, generate_histogram
from mesons.events.sample import prepare
from mesons.experiments.cards import load_experiment
from mesons.experiments.observables import LEPTON_ENERGY
from mesons.experiments.response import smeared
from mesons.inference.options import AnalysisOptions
from mesons.inference.reach import project
from mesons.inference.tau_templates import TauTemplates
from mesons.inference.templates import build_likelihood, expected_spectrum
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.stats import fit

P_VALUE = 1e-4
POINTS = [
    PortalParameters(m_chi=0.05, m_phi=0.15, m4=400.0, yL=2.0, Utau4=0.3),
    PortalParameters(m_chi=0.05, m_phi=0.15, m4=0.5, yL=1e-3, Utau4=0.3),
    PortalParameters(m_chi=0.1, m_phi=0.3, m4=1.2, yL=1.0, Utau4=0.3),
]


@pytest.mark.parametrize("lepton", ["e", "mu"])
@pytest.mark.parametrize("m4", [0.2, 1.0, 1.5])
def test_rates(lepton: str, m4: float) -> None:
    card = load_experiment(f"belle-ii-tau-{lepton}")
    point = PortalParameters(m4=m4, m_chi=0.3 * m4, m_phi=0.9 * m4, Umu4=0.0, Utau4=0.1)
    channel = decay_channel("tau-", lepton)
    assert channel.nu4_spectrum(m4)[1].sum() == pytest.approx(channel.nu4_rate(point) / 0.01, rel=1e-6)
    decay = LeptonicDecay(*card.masses, 0.05, 0.15, m4, 1.0, 1.0, 0.0)
    assert channel.dark_spectrum(decay)[1].sum() == pytest.approx(three_body_ratio(decay), rel=1e-4)


def test_no_mass_no_signal() -> None:
    card = load_experiment("belle-ii-tau-mu")
    point = PortalParameters(m4=1e-6, m_chi=3e-7, m_phi=9e-7)
    two_body = TauTemplates(card, AnalysisOptions(two_body=True))
    change = two_body.counts_per_mixing(point, 1e9)
    assert np.abs(change).max() < 1e-6 * two_body.background(1e9).max()
    assert not smeared(card, *card.channel.nu4_spectrum(1.75)).any()
    with pytest.raises(InputError, match="closed"):
        TauTemplates(card, AnalysisOptions()).counts_per_mixing(point.replace(m_chi=1.0, m_phi=1.5, m4=5.0), 1e9)


@pytest.mark.parametrize("name", ["belle-ii-tau-mu", "belle-ii-tau-e"])
@pytest.mark.parametrize("point", POINTS)
def test_generated_spectrum_is_the_expected_one(name: str, point: PortalParameters) -> None:
    card = load_experiment(name)
    sample = prepare(card, point, decays=3e8, seed=4)
    found = generate_histogram(sample)
    assert found.spectrum.name == LEPTON_ENERGY
    expected = expected_spectrum(card, point, 3e8).values
    used = expected > 20
    statistic = ((found.spectrum.values - expected)[used] ** 2 / expected[used]).sum()
    assert chi2.sf(statistic, used.sum()) > P_VALUE


def test_fit_recovers_the_mixing() -> None:
    card = load_experiment("belle-ii-tau-mu")
    point = POINTS[1].replace(Utau4=0.03, Umu4=0.0)
    data = expected_spectrum(card, point)
    result = fit(build_likelihood(card, point, data, card.decays))
    # the secant of the point is exact there
    assert result.best_fit["Utau4_sq"] == pytest.approx(9e-4, rel=1e-3)
    with pytest.raises(InputError, match="bins"):
        build_likelihood(load_experiment("belle-ii-tau-e"), point, data, card.decays)


def test_events_conserve_momentum() -> None:
    sample = prepare(load_experiment("belle-ii-tau-mu"), POINTS[2], n_events=500, seed=2)
    events = next(generate_events(sample))
    total = events.lepton + events.chi + events.phi
    np.testing.assert_allclose(total[:, 0], sample.masses[0], rtol=1e-12)
    np.testing.assert_allclose(total[:, 1:], 0.0, atol=1e-12)
    assert set(events.component) <= {0, 1}


def test_reach_scales_with_the_luminosity() -> None:
    card = load_experiment("belle-ii-tau-mu")
    grid = [0.5, 1.0]
    one, hundred = (project(card.scaled(f), two_body=True, grid=grid) for f in (1.0, 100.0))
    for a, b in zip(one.points(), hundred.points(), strict=True):
        assert a["Utau4_sq"] / b["Utau4_sq"] == pytest.approx(10.0, rel=0.02)
    reached, closed = project(card, grid=[0.1, 0.5]).points()
    assert closed["Y"] is None
    assert closed["reason"] == "the decay is closed"
    assert reached["Y"] == pytest.approx(reached["yL_sq_Utau4_sq"] ** 2 / 81)
    assert project(card, two_body=True, grid=[1.7]).points()[0]["Utau4_sq"] is None
    for options in ({"method": "window"}, {"background_model": "radiative"}, {"background_degree": 1}):
        with pytest.raises(InputError, match="tau"):
            project(card, grid=[0.1], **options)
