"""Events of the backgrounds against their spectra: p-values, conservation, mass shells, chunks, flight."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from mesons.backgrounds.background_spectra import background_spectrum
from mesons.backgrounds.lost_particles import LostParticles
from mesons.events.background_events import BackgroundEvents, generate_background
from nucore.errors import InputError
from nucore.model.particles import mass

VETO = LostParticles((0.02, 0.05), (1.0, 0.5, 0.2), 0.6)
N = 100_000
POINTS = [
    *[("K+", "mu", p) for p in ("semileptonic", "pion-pi0-muon", "three-pions", "three-pions-muon")],
    *[("K+", "mu", p) for p in ("pion-two-pi0", "pion-two-pi0-muon")],
    *[("K+", "e", p) for p in ("semileptonic", "muon-decay", "muon-decay-at-rest")],
    ("pi+", "e", "muon-decay"),
    *[(parent, lepton, "radiative") for parent, lepton in (("K+", "mu"), ("K+", "e"), ("pi+", "e"), ("pi+", "mu"))],
    *[(parent, lepton, "radiative") for parent, lepton in (("D+", "mu"), ("D_s+", "tau"), ("B+", "mu"))],
]


def charged_momentum(events: BackgroundEvents) -> np.ndarray:
    return np.linalg.norm(events.momenta[0][:, 1:], axis=1)


def p_value(counts: np.ndarray, variances: np.ndarray, expected: np.ndarray, least: float) -> float:
    used = expected > least
    return float(chi2.sf(np.sum((counts - expected)[used] ** 2 / variances[used]), used.sum()))


# 17 processes, with and without losses: 34 comparisons
@pytest.mark.parametrize(("parent", "lepton", "process"), POINTS)
def test_histogram_follows_the_density(parent: str, lepton: str, process: str) -> None:
    events = generate_background(process, parent, lepton, N, seed=5, min_photon_energy_GeV=5e-3)
    inclusive = background_spectrum(process, parent, lepton, None, 5e-3)
    p = charged_momentum(events)
    edges = np.linspace(0.0, inclusive.max_momentum_GeV, 31)
    for lost in (LostParticles(), VETO):
        spectrum = background_spectrum(process, parent, lepton, lost, 5e-3)
        weights = events.loss(lost)
        counts, variances = (np.histogram(p, edges, weights=w)[0] for w in (weights, weights**2))
        share = np.array([spectrum.nodes(pair)[1].sum() for pair in itertools.pairwise(edges)])
        expected = share * N / inclusive.branching_ratio
        assert p_value(counts, variances, expected, 25 * weights.max()) > 1e-4


@pytest.mark.parametrize(("parent", "lepton", "process"), [*POINTS, ("K+", "e", "pion-pi0"), ("K+", "mu", "pion-pi0")])
def test_conservation_and_mass_shells(parent: str, lepton: str, process: str) -> None:
    events = generate_background(process, parent, lepton, 2000)
    momenta = events.momenta
    if not process.endswith("at-rest"):  # a stopped muon has given its momentum to matter
        total = np.array([mass(parent), 0, 0, 0])
        np.testing.assert_allclose(momenta.sum(axis=0), np.broadcast_to(total, (2000, 4)), atol=1e-13 * mass(parent))
    for name, p in zip(events.particles, momenta, strict=True):
        m_sq = p[:, 0] ** 2 - np.sum(p[:, 1:] ** 2, axis=1)
        if name == "invisible":
            assert np.all(m_sq > -1e-12 * mass(parent) ** 2)
        else:
            m = {"gamma": 0.0, "pi-": mass("pi+")}.get(name)
            np.testing.assert_allclose(m_sq, (mass(name) if m is None else m) ** 2, atol=1e-12 * mass(parent) ** 2)
    # isotropic
    direction = momenta[0][:, 3] / charged_momentum(events)
    assert kstest(direction, "uniform", args=(-1, 2)).pvalue > 1e-4


def test_events_do_not_depend_on_chunks() -> None:
    whole = generate_background("semileptonic", "K+", "mu", 3000, seed=9)
    part = generate_background("semileptonic", "K+", "mu", 500, seed=9, first_event=2100)
    np.testing.assert_array_equal(whole.momenta[:, 2100:2600], part.momenta)
    other = generate_background("semileptonic", "K+", "mu", 3000, seed=10)
    assert not np.any(whole.momenta[0] == other.momenta[0])


@pytest.mark.parametrize("process", ["semileptonic", "radiative", "three-pions"])
def test_events_in_flight(process: str) -> None:
    """Squared missing mass to the parent is the same in both frames; the boosted energy has the right mean."""
    rest = generate_background(process, "K+", "mu", 20000)
    flight = rest.in_flight(75.0)
    m = mass("K+")
    energy = np.hypot(75.0, m)
    missing = np.array([energy, 0, 0, 75.0]) - flight.momenta[0]
    in_flight = missing[:, 0] ** 2 - np.sum(missing[:, 1:] ** 2, axis=1)
    charged = rest.momenta[0]
    m_charged_sq = charged[:, 0] ** 2 - np.sum(charged[:, 1:] ** 2, axis=1)
    np.testing.assert_allclose(in_flight, m * m + m_charged_sq - 2 * m * charged[:, 0], atol=1e-9)  # 75^2 eps
    mean, spread = flight.momenta[0][:, 0].mean(), flight.momenta[0][:, 0].std() / np.sqrt(20000)
    assert mean == pytest.approx(energy / m * charged[:, 0].mean(), abs=4 * spread)


@pytest.mark.parametrize(
    ("process", "momentum", "thresholds"),
    [
        ("semileptonic", 0.6, (0.05, 0.15)),
        ("semileptonic", 75.0, (5.0, 15.0)),
        ("radiative", 75.0, (2.0, 10.0)),
        ("pion-pi0-muon", 75.0, (5.0, 15.0)),
    ],
)
def test_losses_of_parents_in_flight(process: str, momentum: float, thresholds: tuple[float, float]) -> None:
    """Laboratory energies of boosted events against the average over the direction of flight."""
    gamma = float(np.hypot(momentum, mass("K+")) / mass("K+"))
    lost = LostParticles(thresholds, (1.0, 0.3, 0.05), 1.0, gamma)
    events = generate_background(process, "K+", "mu", N, seed=3, min_photon_energy_GeV=0.02)
    weights = events.in_flight(momentum).loss(lost)
    spectrum = background_spectrum(process, "K+", "mu", lost, 0.02)
    inclusive = background_spectrum(process, "K+", "mu", None, 0.02)
    edges = np.linspace(0.0, spectrum.max_momentum_GeV, 21)
    counts, variances = (np.histogram(charged_momentum(events), edges, weights=w)[0] for w in (weights, weights**2))
    share = np.array([spectrum.nodes(pair)[1].sum() for pair in itertools.pairwise(edges)])
    expected = share * N / inclusive.branching_ratio
    assert 1e-4 < spectrum.branching_ratio / inclusive.branching_ratio < 0.95
    assert p_value(counts, variances, expected, 25 * weights.max()) > 1e-4


def test_correlation_of_lepton_and_photon() -> None:
    """Photons of K -> mu nu gamma: their spectrum from the density in the other variable."""
    from mesons.backgrounds.radiative import RadiativeDecay

    events = generate_background("radiative", "K+", "mu", N, min_photon_energy_GeV=0.02)
    energy = events.momenta[1][:, 0]
    decay = RadiativeDecay.of("K+", "mu")
    edges = np.array([0.02, 0.03, 0.05, 0.08, 0.12, 0.18, 0.236])
    cumulative = np.array([decay.branching_ratio(e) for e in edges[:-1]] + [0.0])
    expected = -np.diff(cumulative) / cumulative[0] * N
    counts = np.histogram(energy, edges)[0]
    assert p_value(counts, expected, expected, 0.0) > 1e-4


def test_bad_input() -> None:
    with pytest.raises(InputError, match="allowed"):
        generate_background("semileptonic", "pi+", "e", 10)
    with pytest.raises(InputError, match="positive"):
        generate_background("semileptonic", "K+", "e", 0)
    with pytest.raises(InputError, match="photon"):
        generate_background("radiative", "K+", "e", 10, min_photon_energy_GeV=-1.0)
