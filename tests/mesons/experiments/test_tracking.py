"""Decays in flight: resolution of the missing mass, response, and fits of its histogram."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from mesons.events import kernel
from mesons.events.generator import generate_events, generate_histogram
from mesons.events.sample import prepare
from mesons.experiments.cards import card_of, experiment_names, load_experiment, parse_card
from mesons.experiments.observables import in_momentum
from mesons.experiments.response import smeared, smearing_matrix
from mesons.experiments.tracking import (
    MISSING_MASS_SQ,
    missing_mass_sq,
    missing_mass_sq_edges,
    momentum_of_missing_mass_sq,
)
from mesons.inference.meson_templates import peak_fractions
from mesons.inference.templates import build_likelihood
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.stats import fit

IN_FLIGHT = [n for n in experiment_names() if getattr(parse_card(card_of(n)), "tracking", None) is not None]
P_VALUE = 1e-4


def peak_events(name: str, m4: float, n: int):
    point = PortalParameters(m_chi=0.3 * m4, m_phi=0.9 * m4, m4=m4, Umu4=0.01, Ue4=0.01)
    sample = prepare(load_experiment(name), point, n_events=n, signal="two-body", signal_fraction=1.0, seed=3)
    return sample, next(generate_events(sample, chunk_events=n))


@pytest.mark.parametrize("name", IN_FLIGHT)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_simulated_missing_mass_has_the_resolution_of_the_card(name: str, share: float) -> None:
    card = load_experiment(name)
    low, high = card.resolution.missing_mass_MeV[0], card.resolution.missing_mass_MeV[-1]
    m4 = (low + share * (high - low)) * 1e-3
    _, events = peak_events(name, m4, 30_000)
    mass_sq = missing_mass_sq(card, np.abs(events.momentum_reco))
    sigma = (mass_sq - m4**2)[events.momentum_reco > 0].std() / (2.0 * m4)
    # the angle of the card was chosen for 10% (15% for the shape of na62-2007); 0.4% is statistics
    given = np.interp(m4 * 1e3, card.resolution.missing_mass_MeV, card.resolution.sigma_mass_MeV) * 1e-3
    assert sigma == pytest.approx(given, rel=0.16 if "2007" in name else 0.11)


@pytest.mark.parametrize(("name", "m4"), [("na62-2021", 0.25), ("na62-2021", 0.32), ("na62-2015", 0.3)])
def test_response_is_that_of_the_simulation(name: str, m4: float) -> None:
    """Exact kinematics and Gaussian errors against their expansion to second order."""
    card = load_experiment(name)
    n = 200_000
    sample, _ = peak_events(name, m4, 1)
    sample = prepare(card, sample.parameters, n_events=n, signal="two-body", signal_fraction=1.0, seed=3)
    counts = generate_histogram(sample).spectrum.values
    expected = n * peak_fractions(card, m4)
    used = expected > 20
    assert chi2.sf(((counts - expected)[used] ** 2 / expected[used]).sum(), used.sum()) > P_VALUE


def test_decay_angles_in_the_laboratory() -> None:
    """E_lab = gamma (E + beta p cos), with cos uniform; gamma from the momenta of all particles."""
    for name in ("na62-2021", "na62-2020-e"):
        card = load_experiment(name)
        _, events = peak_events(name, 0.3, 20_000)
        m_parent, m_lepton = card.masses
        total = events.lepton + events.chi + events.phi
        gamma, gamma_beta = total[:, 0] / m_parent, total[:, 3] / m_parent
        p = events.momentum_truth
        cosine = (events.lepton[:, 0] - gamma * np.hypot(p, m_lepton)) / (gamma_beta * p)
        assert kstest(cosine, "uniform", args=(-1.0, 2.0)).pvalue > P_VALUE
        spread = kstest((total[:, 3] / 75.0 - 1.0) / 0.01, "norm")
        assert spread.pvalue > P_VALUE


def test_table_of_the_response() -> None:
    card = load_experiment("na62-2021")
    p = np.array([0.05, 0.11, 0.17])
    exact = smearing_matrix(card, p)
    for i in range(p.size):
        table = smeared(card, p[i : i + 1], np.ones(1))
        # linear interpolation over a 24th of a standard deviation: (1/24)^2/8 of it, and the narrowest of 16 angles
        np.testing.assert_allclose(table, exact[i], atol=6e-4 * exact[i].max())


def test_momentum_and_missing_mass() -> None:
    card = load_experiment("na62-2021")
    p = np.array([0.001, 0.1, 0.2])
    np.testing.assert_allclose(momentum_of_missing_mass_sq(card, missing_mass_sq(card, p)), p, rtol=1e-9)
    m_parent, m_lepton = card.masses
    assert missing_mass_sq(card, 0.0) == pytest.approx((m_parent - m_lepton) ** 2)
    assert momentum_of_missing_mass_sq(card, (m_parent - m_lepton) ** 2 + 0.01) < 0
    assert missing_mass_sq_edges(load_experiment("e949")).size == 0


def test_both_histograms_give_the_same_mixing() -> None:
    card = load_experiment("na62-2021")
    point = PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=1.0, Umu4=1e-3)
    sample = prepare(card, point, decays=card.decays, seed=2)
    found = generate_histogram(sample)
    assert found.missing_mass is not None
    assert found.missing_mass.name == MISSING_MASS_SQ
    assert [s.integral for s in found.spectra] == [found.n_selected] * 2
    results = [fit(build_likelihood(card, point, s, sample.decays)) for s in found.spectra]
    values = [r.best_fit["Umu4_sq"] for r in results]
    sigma = results[0].uncertainties["Umu4_sq"]
    assert results[1].uncertainties["Umu4_sq"] == pytest.approx(sigma, rel=0.05)  # coarser bins
    assert abs(values[0] - 1e-6) < 4 * sigma
    assert abs(values[0] - values[1]) < sigma
    with pytest.raises(InputError, match="needs 54 bins"):
        in_momentum(card, type(found.missing_mass)(MISSING_MASS_SQ, np.array([0.1, 0.2]), np.ones(1), np.ones(1)))


def test_kernel_in_flight_as_plain_python() -> None:
    words = np.arange(16, dtype=np.uint32) * np.uint32(268435399)
    flight = (75.0, 0.01, 0.002, 0.003, 5e-5, 2e-4, 0.493677, 0.1056583755)
    for nominal in (flight, (*flight[:2], 0.0, *flight[3:])):
        for p in (0.001, 0.1, 0.2):
            compiled = kernel.momentum_in_flight(p, words, nominal)
            assert kernel.momentum_in_flight.py_func(p, words, nominal) == pytest.approx(compiled, rel=1e-9)
    assert kernel.normal_pair.py_func(7, 9) == pytest.approx(kernel.normal_pair(7, 9))
