"""Backgrounds: integrals against published branching ratios, decays in flight, losses."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pdg
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

from mesons.backgrounds import semileptonic, three_pions
from mesons.backgrounds.background_spectra import background_processes, background_spectrum
from mesons.backgrounds.dalitz import integrate_momentum, momentum_density
from mesons.backgrounds.decay_in_flight import electron_from_muon, muon_from_pion, muon_momentum_range, muons_from_pions
from mesons.backgrounds.lost_particles import LostParticles
from mesons.decays.standard_decays import measured, value
from nucore.errors import InputError
from nucore.model import constants as c

M_K, M_PI, M_PI0, M_MU, M_E = 0.493677, 0.13957039, 0.1349768, 0.1056583755, 0.51099895069e-3
VETO = LostParticles((0.02, 0.05), (1.0, 0.5, 0.2), 0.6)


@pytest.mark.parametrize(
    ("group", "name", "identifier", "scale"),
    [
        ("branching_ratios", "pi0_e_nu", "S010.6", 1.0),
        ("branching_ratios", "pi0_mu_nu", "S010.5", 1.0),
        ("branching_ratios", "pion_pi0", "S010.2", 1.0),
        ("branching_ratios", "three_pions", "S010.3", 1.0),
        ("branching_ratios", "pion_two_pi0", "S010.4", 1.0),
        ("branching_ratios", "tau_pi", "S035.12", 1.0),
        ("branching_ratios", "tau_K", "S035.7", 1.0),
        ("form_factors", "pi_vector", "S008FV", 1.0),
        ("form_factors", "pi_vector_slope", "S008FSV", 1.0),
        ("form_factors", "pi_axial", "S008FA", 1.0),
        ("form_factors", "K_sum_e", "S010F+E", 1.0),
        ("form_factors", "K_sum_mu", "S010F+M", 1.0),
        ("form_factors", "K_difference", "S010F-M", -1.0),
        ("form_factors", "lambda_plus_1", "S010LPE", 1.0),
        ("form_factors", "lambda_plus_2", "S010LQE", 1.0),
        *[("slopes", f"three_pions_{a.lower()}", f"S010{a}T", 1.0) for a in "GHK"],
        *[("slopes", f"pion_two_pi0_{a.lower()}", f"S010{a}TP", 1.0) for a in "GHK"],
    ],
)
@pytest.mark.filterwarnings("ignore")  # of the library
def test_numbers_are_those_of_the_listings(group: str, name: str, identifier: str, scale: float) -> None:
    entry = measured(group, name)
    listings = pdg.connect(pedantic=False)
    listed = listings.get(identifier).summary_values(summary_table_only=False)[0].value
    listings.engine.dispose()
    assert entry.verified
    # rounded as in the listings
    assert entry.value == pytest.approx(scale * listed, rel=6e-3)


def phase_space_integral(lepton: str) -> float:
    """Integral I_K over t of the K_l3 rate, about 0.160 (e) and 0.106 (mu).

    References
    ----------
    M. Antonelli et al., arXiv:1005.2323, Eq. 4.
    """
    m_l = semileptonic.kinematics(lepton).m1

    def integrand(t: float) -> float:
        lam = (t - (M_K + M_PI0) ** 2) * (t - (M_K - M_PI0) ** 2) / M_K**4
        plus, zero = (float(f) for f in semileptonic.form_factors(np.asarray(t)))
        scalar = 3.0 * m_l**2 * (1.0 - (M_PI0 / M_K) ** 2) ** 2 / (2.0 * t + m_l**2) / max(lam, 1e-300)
        kinematic = max(lam, 0.0) ** 1.5 * (1.0 + 0.5 * m_l**2 / t) * (1.0 - m_l**2 / t) ** 2
        return kinematic * (plus**2 + scalar * zero**2)

    integral = quad(integrand, m_l**2, (M_K - M_PI0) ** 2, epsabs=0.0, epsrel=1e-9, limit=200)[0]
    return float(integral) / M_K**2


def rate_from_the_form_factor(lepton: str) -> float:
    """Branching ratio of K+ -> pi0 l+ nu(gamma) from |V_us| f_+(0) and the phase-space integral.

    References
    ----------
    M. Antonelli et al., arXiv:1005.2323, Eq. 3.
    """
    get = partial(value, "form_factors")
    scale = float(c.G_F) ** 2 * M_K**5 / (192.0 * math.pi**3) * get("S_EW") * get("f_plus_V_us") ** 2
    corrections = (1.0 + get("delta_isospin") + get(f"delta_EM_{lepton}")) ** 2
    width = 0.5 * scale * phase_space_integral(lepton) * corrections
    return width * float(c.TAU_K) / float(c.HBAR_GEV_S)


@pytest.mark.parametrize("lepton", ["e", "mu"])
def test_semileptonic_rate_from_the_form_factor(lepton: str) -> None:
    published = measured("branching_ratios", f"pi0_{lepton}_nu")
    # |V_us| f_+(0) to 0.16%, isospin breaking to 0.2%, slopes to 0.3%
    assert rate_from_the_form_factor(lepton) == pytest.approx(published.value, rel=0.008)


def test_dalitz_plot_and_integral_over_t_agree() -> None:
    """Two forms of the K_l3 rate from different papers, in the ratio of muon to electron."""
    totals = {}
    for lepton in ("e", "mu"):
        plot = semileptonic.kinematics(lepton)
        edges = np.linspace(0, plot.max_momentum, 33)
        totals[lepton] = integrate_momentum(
            lambda p, name=lepton, plot=plot: momentum_density(plot, lambda *e: semileptonic._shape(name, *e), p), edges
        )
    ratio = phase_space_integral("mu") / phase_space_integral("e")
    assert totals["mu"] / totals["e"] == pytest.approx(ratio, rel=1e-9)


@pytest.mark.parametrize(("parent", "lepton"), [("K+", "mu"), ("K+", "e"), ("pi+", "e"), ("D_s+", "tau")])
@pytest.mark.parametrize("lost", [None, VETO])
def test_spectra_integrate_to_their_branching_ratio(parent: str, lepton: str, lost: LostParticles | None) -> None:
    for process in background_processes(parent, lepton):
        s = background_spectrum(process, parent, lepton, lost, 0.01)
        momentum, ratio = s.nodes()
        assert ratio.sum() == pytest.approx(s.branching_ratio, rel=1e-12)
        assert np.all(ratio >= 0)
        assert np.all((momentum >= 0) & (momentum <= s.max_momentum_GeV * (1 + 1e-12)))
        assert not s.density([1.001 * s.max_momentum_GeV]).any()
        parts = [s.nodes((a, b))[1].sum() for a, b in ((0.0, 0.07), (0.07, 0.15), (0.15, math.inf))]
        assert sum(parts) == pytest.approx(s.branching_ratio, rel=2e-4)  # a cut in a panel with a step


@pytest.mark.parametrize(
    ("process", "lepton", "published"),
    [
        ("semileptonic", "e", 5.07e-2),
        ("semileptonic", "mu", 3.352e-2),
        ("pion-pi0", "mu", 0.2067),
        ("pion-pi0-muon", "mu", 0.2067),
        ("three-pions", "mu", 2 * 5.583e-2),
        ("three-pions-muon", "mu", 2 * 5.583e-2),
        ("pion-two-pi0", "mu", 1.760e-2),
        ("pion-two-pi0-muon", "mu", 1.760e-2),
        ("muon-decay", "e", 0.6356),
        ("muon-decay-at-rest", "e", 0.6356),
    ],
)
def test_inclusive_branching_ratios(process: str, lepton: str, published: float) -> None:
    assert background_spectrum(process, "K+", lepton).branching_ratio == pytest.approx(published, rel=1e-5)


def test_line_of_two_pions() -> None:
    s = background_spectrum("pion-pi0", "K+", "mu")
    ((momentum, ratio),) = s.lines
    assert momentum == pytest.approx(0.2051, abs=1e-4)  # 205 MeV/c
    assert ratio == s.branching_ratio
    assert s.nodes((0.0, 0.2))[0].size == 0
    box = background_spectrum("pion-pi0-muon", "K+", "mu")
    pion = math.hypot(momentum, M_PI)
    gamma, star = pion / M_PI, (M_PI**2 + M_MU**2) / (2 * M_PI)
    ends = [gamma * star + sign * momentum / M_PI * math.sqrt(star**2 - M_MU**2) for sign in (-1, 1)]
    p = np.sqrt(np.array([ends[0] + 1e-6, ends[1] - 1e-6]) ** 2 - M_MU**2)
    np.testing.assert_allclose(box.density(p) * np.hypot(p, M_MU) / p, 0.2067 / (ends[1] - ends[0]), rtol=1e-10)


@pytest.mark.parametrize("mode", ["three_pions", "pion_two_pi0"])
def test_three_pions_against_flat_phase_space(mode: three_pions.Mode) -> None:
    """Mean kinetic energy of the pi+ from points flat in invariant masses, weighted by the slopes."""
    rng = np.random.default_rng(11)
    plot = three_pions.kinematics(mode)
    m = np.array([plot.m1, plot.m2, plot.m3])
    q = M_K - m.sum()
    kinetic = rng.uniform(0, q, (2, 400000))
    energy = kinetic + m[:2, None]
    third = M_K - energy.sum(axis=0)
    p = [np.sqrt(np.maximum(e**2 - mm**2, 0)) for e, mm in zip([*energy, third], m, strict=True)]
    inside = (third > m[2]) & (p[2] < p[0] + p[1]) & (p[2] > abs(p[0] - p[1]))
    s = [M_K**2 + mm**2 - 2 * M_K * e for e, mm in zip([*energy, third], m, strict=True)]
    s0 = (M_K**2 + (m**2).sum()) / 3
    odd, i, j = (2, 0, 1) if mode == "three_pions" else (0, 1, 2)
    g, h, k = (measured("slopes", f"{mode}_{a}").value for a in "ghk")
    u, v = (s[odd] - s0) / M_PI**2, (s[i] - s[j]) / M_PI**2
    weight = np.where(inside, 1 + g * u + h * u**2 + k * v**2, 0.0)
    mean = (weight * kinetic[0]).sum() / weight.sum()
    spread = math.sqrt((weight**2 * (kinetic[0] - mean) ** 2).sum()) / weight.sum()
    density = lambda x: momentum_density(plot, lambda *e: three_pions.weight(mode, *e), x)  # noqa: E731
    x = np.linspace(0, plot.max_momentum, 2001)
    f = density(x)
    expected = np.trapezoid(f * (np.hypot(x, M_PI) - M_PI), x) / np.trapezoid(f, x)
    assert abs(mean - expected) < 4 * spread


def test_shape_of_three_pions_along_v() -> None:
    """At equal energy of the odd pion the shape differs by k v^2 alone."""
    for mode, odd_mass in (("three_pions", M_PI), ("pion_two_pi0", M_PI)):
        like = M_PI if mode == "three_pions" else M_PI0
        g, h, k = (measured("slopes", f"{mode}_{a}").value for a in "ghk")
        odd = odd_mass + 0.015
        middle = (M_K - odd) / 2
        u = (M_K**2 + odd_mass**2 - 2 * M_K * odd - (M_K**2 + odd_mass**2 + 2 * like**2) / 3) / M_PI**2
        v = 4 * M_K * 0.01 / M_PI**2  # the energies differ by 20 MeV
        pair = (middle + 0.01, middle - 0.01)
        points = (
            [(*pair, odd), (middle, middle, odd)] if mode == "three_pions" else [(odd, *pair), (odd, middle, middle)]
        )
        apart, together = (float(three_pions.weight(mode, np.array(p[0]), np.array(p[1]))) for p in points)
        assert apart / together - 1 == pytest.approx(k * v**2 / (1 + g * u + h * u**2), rel=1e-6)


def test_positrons_of_kaons_are_soft() -> None:
    """The mu+ of K+ -> mu+ nu has negative helicity (its neutrino is left-handed) and sends its e+ backwards."""
    s = background_spectrum("muon-decay", "K+", "e")
    p, ratio = s.nodes()
    mean = float(np.sum(np.hypot(p, M_E) * ratio) / ratio.sum())
    muon = (M_K**2 - M_MU**2) / (2 * M_K)
    assert mean == pytest.approx(math.hypot(muon, M_MU) * 0.35 - muon * 0.05, rel=5e-4)  # massless electron


@pytest.mark.parametrize(("momentum", "helicity"), [(0.0, 0.0), (0.0298, -1.0), (0.2355, -1.0), (0.2355, 1.0)])
def test_electron_of_a_moving_muon(momentum: float, helicity: float) -> None:
    """Norm and mean energy: gamma (<E*> + P beta <p* cos>) of the Michel spectrum."""
    p = np.linspace(0, 0.3, 60001)
    f = electron_from_muon(p, momentum, helicity)
    assert np.trapezoid(f, p) == pytest.approx(1.0, rel=3e-5)  # a step at the end of the spectrum at rest
    energy = math.hypot(momentum, M_MU)
    # massless: <E*> = 7/20 m_mu, <p* cos> = 1/20 m_mu along the spin for a positron
    expected = energy * 0.35 + helicity * momentum * 0.05
    assert np.trapezoid(f * np.hypot(p, M_E), p) == pytest.approx(expected, rel=5e-4)  # (m_e/m_mu)^2


def test_muons_of_pions() -> None:
    rng = np.random.default_rng(5)
    pion = 0.2 * rng.beta(2, 3, 20000)
    star = (M_PI**2 + M_MU**2) / (2 * M_PI)
    boosted = np.hypot(pion, M_PI) * star + pion * math.sqrt(star**2 - M_MU**2) * rng.uniform(-1, 1, pion.size)
    muon = np.sqrt((boosted / M_PI) ** 2 - M_MU**2)
    density = lambda p: 12 * (p / 0.2) * (1 - p / 0.2) ** 2 / 0.2 * (p < 0.2)  # noqa: E731
    grid = np.linspace(0, muon_momentum_range(0.2)[1], 4001)
    f = muons_from_pions(grid, density, 0.2)
    cumulative = np.concatenate([[0], np.cumsum(0.5 * (f[1:] + f[:-1]) * np.diff(grid))])
    assert cumulative[-1] == pytest.approx(1.0, rel=1e-5)
    assert kstest(muon, lambda v: np.interp(v, grid, cumulative)).pvalue > 1e-4
    one = muon_from_pion(grid, 0.1)
    assert np.trapezoid(one, grid) == pytest.approx(1.0, rel=1e-2)  # steps at both ends
    assert muon_momentum_range(1e-9)[1] == pytest.approx(math.sqrt(star**2 - M_MU**2))


def test_loss_of_a_pi0() -> None:
    rng = np.random.default_rng(2)
    lost = LostParticles((0.02, 0.08), (1.0, 0.1, 0.01))
    for energy in (M_PI0, 0.16, 0.25):
        beta = math.sqrt(1 - (M_PI0 / energy) ** 2)
        first = 0.5 * energy * (1 + beta * rng.uniform(-1, 1, 200000))
        weights = lost.photon(first) * lost.photon(energy - first)
        assert lost.pi0(energy, M_PI0) == pytest.approx(weights.mean(), abs=5 * weights.std() / 447 + 1e-9)
    assert LostParticles().pi0(0.2, M_PI0) == 1.0


def test_bad_input() -> None:
    with pytest.raises(InputError, match="one more"):
        LostParticles((0.1,), (1.0,))
    with pytest.raises(InputError, match="increasing"):
        LostParticles((0.1, 0.05), (1.0, 0.5, 0.1))
    with pytest.raises(InputError, match="0 to 1"):
        LostParticles((), (1.5,))
    with pytest.raises(InputError, match="Lorentz"):
        LostParticles(parent_gamma=0.5)
    with pytest.raises(InputError, match="one of radiative"):
        background_spectrum("semileptonic", "B+", "mu")
    with pytest.raises(InputError, match="positive"):
        background_spectrum("radiative", "K+", "mu", None, 0.0)
    with pytest.raises(InputError, match="tau nu is closed"):
        semileptonic.kinematics("tau")
