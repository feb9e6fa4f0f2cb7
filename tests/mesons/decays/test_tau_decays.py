"""tau -> h nu4, h chi phi and 3 pi nu4: traces, the Dalitz integral of the a1 width, limits, Monte Carlo."""

from __future__ import annotations

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.stats import chi2, kstest

from mesons.decays.spectra import decay
from mesons.decays.standard_decays import value
from mesons.decays.tau_decays import (
    TauHadronDecay,
    a1_width_function,
    generate_three_pions,
    three_pion_density,
    three_pion_energy_range,
    three_pion_mass_spectrum,
    three_pion_ratio,
)
from mesons.decays.three_body import three_body_ratio
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters

M_TAU, M_PI, M_K = 1.77693, 0.13957039, 0.493677


@pytest.mark.parametrize(
    ("m4", "yL", "hadron"),
    [
        (0.5, 1e-5, "pi"),
        (0.2 - 1e-9, 0.3, "pi"),
        (0.2 + 1e-9, 0.3, "K"),
        (M_TAU - M_PI - 1e-6, 1e-4, "pi"),
        (M_TAU - M_PI + 1e-6, 1.0, "pi"),
        (400.0, 1.0, "K"),
    ],
)
def test_against_30_digits(m4: float, yL: float, hadron: str) -> None:
    point = PortalParameters(m_chi=0.05, m_phi=0.15, m4=m4, yL=yL, Umu4=0.0, Utau4=0.01)
    d = TauHadronDecay.from_parameters("tau-", hadron, point)
    with mpmath.workdps(30):
        m, mh, mc, mf, m4_, y, u = (
            mpmath.mpf(v) for v in (d.m_parent, d.m_lepton, d.m_chi, d.m_phi, d.m4, d.yL, d.U_sq)
        )
        low, high = (mc + mf) ** 2, (m - mh) ** 2
        x = (mh / m) ** 2

        def integrand(s):
            root = mpmath.sqrt(abs((s - mf**2 - mc**2) ** 2 - 4 * mf**2 * mc**2)) / s
            g = y**2 / (32 * mpmath.pi) * (1 + (mc**2 - mf**2) / s) * root
            rho = u * (1 - u) * g / (mpmath.pi * s) * m4_**4 / abs(s - m4_**2 + 1j * g * (s - u * m4_**2)) ** 2
            z = s / m**2
            recoil = ((1 - z) ** 2 - x * (1 + z)) * mpmath.sqrt(abs((1 - x - z) ** 2 - 4 * x * z)) / (1 - x) ** 2
            return rho * recoil

        points = {low, high, m4_**2} if low < m4_**2 < high else {low, high}
        for anchor, sign in ((low, 1), (high, -1), (m4_**2, 1), (m4_**2, -1)):
            for k in range(0, 31, 2):
                point_ = anchor + sign * (high - low) * mpmath.mpf(10) ** (-k)
                if low < point_ < high:
                    points.add(point_)
        exact = mpmath.quad(integrand, sorted(points), maxdegree=5)
    assert three_body_ratio(d) == pytest.approx(float(exact), rel=1e-9)  # the aim is 1e-6


def test_two_body_limit_and_the_record() -> None:
    point = PortalParameters(m_chi=0.05, m_phi=0.15, m4=0.7, yL=1e-3, Umu4=0.0, Utau4=0.1)
    result = decay("tau-", "pi", point)
    assert result.two_body_ratio == pytest.approx(0.01 * 0.598315, rel=2e-6)  # explicit spinors, six digits
    assert result.three_body_ratio == pytest.approx(result.two_body_ratio, rel=1e-6)
    p = result.two_body_momentum_GeV
    assert p is not None
    assert math.hypot(p, M_PI) + math.hypot(p, 0.7) == pytest.approx(M_TAU)
    assert result.spectrum.integral == pytest.approx(result.three_body_ratio, rel=1e-3)
    assert result.branching_ratio == pytest.approx(result.three_body_ratio * 0.1082)
    closed = decay("tau-", "K", point.replace(m4=1.5))
    assert closed.two_body_ratio == 0.0
    assert closed.two_body_momentum_GeV is None


def trace_of_spin_one(s: float, m4: float) -> float:
    """Lepton trace of tau -> nu4 V, contracted with the sum over the three polarisations of V, from matrices."""
    zero, one = np.zeros((2, 2)), np.eye(2)
    pauli = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]])]
    gamma = [np.block([[zero, one], [one, zero]])]
    gamma += [np.block([[zero, sigma], [-sigma, zero]]) for sigma in pauli]
    left = np.diag([1.0, 1.0, 0.0, 0.0])
    metric = np.diag([1.0, -1.0, -1.0, -1.0])
    slash = lambda v: sum(metric[i, i] * v[i] * gamma[i] for i in range(4))  # noqa: E731
    e = (M_TAU**2 + s - m4**2) / (2 * M_TAU)
    q = np.array([e, 0, 0, math.sqrt(e * e - s)])
    tau = np.array([M_TAU, 0, 0, 0])
    neutrino = tau - q
    total = 0.0
    for mu in range(4):
        for nu in range(4):
            polarisation = -metric[mu, nu] + q[mu] * q[nu] / s
            lower = metric[mu, mu] * metric[nu, nu]
            trace = np.trace(slash(neutrino) @ gamma[mu] @ left @ slash(tau) @ gamma[nu] @ left)
            total += lower * polarisation * trace.real
    return total


@pytest.mark.parametrize("m4", [0.0, 0.3, 0.6])
def test_mass_spectrum_has_the_trace_of_a_spin_one_system(m4: float) -> None:
    m = np.array([0.7, 0.9, 1.1])
    ratio = three_pion_mass_spectrum(m, m4) / three_pion_mass_spectrum(m)
    momentum = lambda a: np.sqrt((M_TAU**2 - (m + a) ** 2) * (M_TAU**2 - (m - a) ** 2))  # noqa: E731
    expected = [trace_of_spin_one(v * v, m4) / trace_of_spin_one(v * v, 0.0) for v in m] * momentum(m4) / momentum(0.0)
    np.testing.assert_allclose(ratio, expected, rtol=1e-10)


def rho_propagator(s: np.ndarray) -> np.ndarray:
    """Rho and rho' with running widths, as in the paper of the line shape."""

    def shape(mass: float, width: float) -> np.ndarray:
        momentum = lambda x: np.sqrt(np.maximum(x / 4 - M_PI**2, 0.0))  # noqa: E731
        running = mass**2 / np.sqrt(s) * width * (momentum(s) / momentum(np.array(mass**2))) ** 3
        return mass**2 / (mass**2 - s - 1j * running)

    resonance = "three_pion_resonances"
    rho = shape(value(resonance, "m_rho_GeV"), value(resonance, "width_rho_GeV"))
    prime = shape(value(resonance, "m_rho_prime_GeV"), value(resonance, "width_rho_prime_GeV"))
    share = value(resonance, "rho_prime_share")
    return (rho + share * prime) / (1 + share)


def dalitz_width(s: float, n: int = 200) -> float:
    """(1/s) Int ds1 ds2 |J|^2 of the a1 current J = B(s2) (p1 - p3) + B(s1) (p2 - p3), made transverse."""
    low, high = 4 * M_PI**2, (math.sqrt(s) - M_PI) ** 2
    s1 = low + (high - low) * (np.arange(n) + 0.5) / n
    total = s + 3 * M_PI**2
    energy = np.sqrt(s1) / 2
    other = (s - s1 - M_PI**2) / (2 * np.sqrt(s1))
    half = 2 * np.sqrt(np.maximum(energy**2 - M_PI**2, 0)) * np.sqrt(np.maximum(other**2 - M_PI**2, 0))
    middle = 2 * M_PI**2 + 2 * energy * other
    c = (np.arange(n) + 0.5) / n * 2 - 1
    s2 = middle[:, None] + half[:, None] * c
    a, b = np.broadcast_to(s1[:, None], s2.shape), s2
    s3 = total - a - b
    # products of momenta; s1 = (p2 + p3)^2, s2 = (p1 + p3)^2, s3 = (p1 + p2)^2
    p23, p13, p12 = ((x - 2 * M_PI**2) / 2 for x in (a, b, s3))
    v1v1, v2v2 = 2 * M_PI**2 - 2 * p13, 2 * M_PI**2 - 2 * p23
    v1v2 = p12 - p13 - p23 + M_PI**2
    q1 = (M_PI**2 + p12 + p13) - (M_PI**2 + p13 + p23)
    q2 = (M_PI**2 + p12 + p23) - (M_PI**2 + p13 + p23)
    f1, f2 = rho_propagator(b), rho_propagator(a)
    norm = abs(f1) ** 2 * (v1v1 - q1 * q1 / s) + abs(f2) ** 2 * (v2v2 - q2 * q2 / s)
    norm = norm + 2 * np.real(f1 * np.conj(f2)) * (v1v2 - q1 * q2 / s)
    cells = (high - low) / n * half[:, None] * 2 / n
    return float(np.sum(-norm * cells)) / s


def test_a1_width_is_the_dalitz_integral() -> None:
    s = np.array([0.5, 0.9, 1.2, 1.6, 2.2, 2.8])
    ratio = np.array([dalitz_width(v) for v in s]) / a1_width_function(s)
    # the published polynomial is a fit to this integral; it is good to some percent
    np.testing.assert_allclose(ratio / ratio[2], 1.0, atol=0.06)


def test_rate_to_three_pions() -> None:
    assert three_pion_ratio(0.0) == pytest.approx(1.0)
    assert three_pion_ratio(1.36) == 0.0
    masses = [0.1, 0.5, 0.9, 1.3]
    ratios = [three_pion_ratio(m) for m in masses]
    assert all(a > b > 0 for a, b in itertools.pairwise(ratios))
    for m4, ratio in zip(masses, ratios, strict=True):
        m = np.linspace(3 * M_PI, M_TAU - m4, 20001)
        assert np.trapezoid(three_pion_mass_spectrum(m, m4), m) == pytest.approx(ratio, rel=1e-4)
    m = np.linspace(0.5, 1.7, 1000)
    # measured spectra peak near 1.1 GeV, below the a1 mass
    assert m[np.argmax(three_pion_mass_spectrum(m))] == pytest.approx(1.1, abs=0.05)


def test_kinematic_plane_of_moving_taus() -> None:
    m4, energy = 0.5, 5.29
    m, e = np.linspace(0.45, 1.25, 201), np.linspace(0.5, 5.3, 1201)
    plane = three_pion_density(m[:, None], e[None, :], m4, energy)
    np.testing.assert_allclose(plane.sum(axis=1) * (e[1] - e[0]), three_pion_mass_spectrum(m, m4), rtol=0.02)
    # decays in the rest frame, isotropic, boosted
    mass = 0.9
    rng = np.random.default_rng(3)
    star = (M_TAU**2 + mass**2 - m4**2) / (2 * M_TAU)
    p = math.sqrt(star**2 - mass**2)
    gamma = energy / M_TAU
    boosted = gamma * star + math.sqrt(gamma**2 - 1) * p * rng.uniform(-1, 1, 20000)
    low, high = three_pion_energy_range(mass, m4, energy)
    assert kstest((boosted - low) / (high - low), "uniform").pvalue > 1e-4


@pytest.mark.parametrize("m4", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3])
@pytest.mark.parametrize("energy", [M_TAU, 5.29])
def test_generated_three_pions(m4: float, energy: float) -> None:
    n = 50000
    mass, e = generate_three_pions(n, m4, energy, seed=4)
    edges = np.linspace(3 * M_PI, M_TAU - m4, 26)
    fine = np.linspace(3 * M_PI, M_TAU - m4, 25 * 400 + 1)
    density = three_pion_mass_spectrum(fine, m4)
    cumulative = np.concatenate([[0], np.cumsum(0.5 * (density[1:] + density[:-1]))])[::400]
    expected = n * np.diff(cumulative) / cumulative[-1]
    counts, used = np.histogram(mass, edges)[0], expected > 20
    # what is left of the bins with few events counts as one more
    rest = expected[~used].sum(), counts[~used].sum()
    chi_sq = np.sum((counts - expected)[used] ** 2 / expected[used]) + (rest[1] - rest[0]) ** 2 / max(rest[0], 1.0)
    assert chi2.sf(chi_sq, used.sum()) > 1e-4
    low, high = three_pion_energy_range(mass, m4, energy)
    if energy > M_TAU:
        assert kstest((e - low) / (high - low), "uniform").pvalue > 1e-4
    else:
        np.testing.assert_allclose(e, (M_TAU**2 + mass**2 - m4**2) / (2 * M_TAU), rtol=1e-12)
    part = generate_three_pions(100, m4, energy, seed=4, first_event=300)
    np.testing.assert_array_equal(part[0], mass[300:400])


def test_bad_input() -> None:
    with pytest.raises(InputError, match="open"):
        generate_three_pions(10, 1.4, 5.0)
    with pytest.raises(InputError, match="at least"):
        generate_three_pions(10, 0.1, 1.0)
    with pytest.raises(InputError, match="pi, K"):
        TauHadronDecay.from_parameters("tau-", "rho", PortalParameters())
    with pytest.raises(InputError, match="tau-"):
        TauHadronDecay.from_parameters("mu-", "pi", PortalParameters())
    with pytest.raises(InputError, match="exceed"):
        three_pion_density(1.0, 1.5, 0.0, 1.0)
