"""Matrix element against explicit Dirac matrices; angular law, width and cross section; momenta in the laboratory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from collider.decay.w_decay import decay_density, decay_momenta
from nucore.random_streams import uniforms
from tests.collider.w_decay_law import (
    azimuth,
    current_product_sq,
    dot,
    one_minus_cos,
    random_coefficients,
    squared_amplitude,
)

METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def gamma_matrices() -> tuple[np.ndarray, np.ndarray]:
    """Dirac matrices [4, 4, 4] in the Dirac basis, and gamma5."""
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    gamma = np.zeros((4, 4, 4), complex)
    gamma[0] = np.diag([1, 1, -1, -1])
    for k in range(3):
        gamma[k + 1, :2, 2:], gamma[k + 1, 2:, :2] = pauli[k], -pauli[k]
    return gamma, 1j * gamma[0] @ gamma[1] @ gamma[2] @ gamma[3]


def current_tensor(outgoing: np.ndarray, incoming: np.ndarray) -> np.ndarray:
    """Spin sum of the current's square, [mu, nu], from the two spin sums (slash(p) +- m)."""
    gamma, gamma5 = gamma_matrices()
    vertex = gamma @ (np.eye(4) - gamma5)
    return np.einsum("ab,mbc,cd,nda->mn", outgoing, vertex, incoming, vertex)


def slash(p: np.ndarray) -> np.ndarray:
    gamma, _ = gamma_matrices()
    return np.einsum("m,mab->ab", METRIC @ p, gamma)


def event(m: float, m4: float, cos_theta: float, phi: float) -> tuple[np.ndarray, ...]:
    """Momenta in the rest frame of the W, the up-type parton along +z."""
    k = (m**2 - m4**2) / (2.0 * m)
    sin_theta = np.sqrt(1.0 - cos_theta**2)
    direction = np.array([sin_theta * np.cos(phi), sin_theta * np.sin(phi), cos_theta])
    beam = m / 2.0 * np.array([1.0, 0.0, 0.0, 1.0])
    lepton = np.concatenate([[k], k * direction])
    neutrino = np.concatenate([[np.hypot(k, m4)], -k * direction])
    return beam, m / 2.0 * np.array([1.0, 0.0, 0.0, -1.0]), lepton, neutrino


COSINE = st.floats(-1.0, 1.0)
ANGLE = st.floats(0.0, 2.0 * np.pi)


@pytest.mark.parametrize("charge", [1, -1])
@settings(deadline=None, max_examples=25)
@given(m=st.floats(60.0, 120.0), fraction=st.floats(0.0, 0.99), c=COSINE, phi=ANGLE)
def test_matrix_element_from_dirac_matrices(charge, m, fraction, c, phi):
    m4 = fraction * m
    p_up, p_down, lepton, neutrino = event(m, m4, c, phi)
    if charge > 0:  # u dbar -> l+ nu: vbar(p_down) ... u(p_up), ubar(nu) ... v(l)
        quarks = current_tensor(slash(p_down), slash(p_up))
        leptons = current_tensor(slash(neutrino) + m4 * np.eye(4), slash(lepton))
    else:  # d ubar -> l- nubar: vbar(p_up) ... u(p_down), ubar(l) ... v(nu)
        quarks = current_tensor(slash(p_up), slash(p_down))
        leptons = current_tensor(slash(lepton), slash(neutrino) - m4 * np.eye(4))
    # The numerator of the W propagator in unitary gauge, whose second term the massless quarks annihilate.
    q = p_up + p_down
    numerator = METRIC - np.outer(METRIC @ q, METRIC @ q) / 80.4**2
    total = np.einsum("mn,ma,nb,ab->", quarks, numerator, numerator, leptons)
    expected = current_product_sq(p_up, p_down, lepton, neutrino)
    # Sums of 256 products of size m^4: 1e-12 of the largest possible value is rounding.
    assert total.real == pytest.approx(float(expected), rel=1e-10, abs=1e-11 * m**4)
    assert abs(total.imag) < 1e-10 * m**4


POLARISED = np.array([0.0, 0.0, 0.0, 0.0, -2.0])


@pytest.mark.parametrize("m4", [0.0, 10.0, 40.0, 75.0])
def test_leading_order_density_follows_from_the_matrix_element(m4):
    m, cosines = 80.4, np.linspace(-0.99, 0.99, 21)
    weights = [float(current_product_sq(*event(m, m4, c, 0.3))) for c in cosines]
    ratio = np.array(weights) / decay_density(cosines, 0.3, POLARISED, (m4 / m) ** 2)
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)


def amplitude_sq(
    m: float, m4: float, charge: int, states: np.ndarray, weights: np.ndarray, c: float, phi: float
) -> float:
    """Decay rate of a mixture of W bosons at rest with polarisation vectors states[n, 3], summed over spins."""
    _, _, lepton, neutrino = event(m, m4, c, phi)
    if charge > 0:  # ubar(nu) ... v(l)
        tensor = current_tensor(slash(neutrino) + m4 * np.eye(4), slash(lepton))
    else:  # ubar(l) ... v(nu)
        tensor = current_tensor(slash(lepton), slash(neutrino) - m4 * np.eye(4))
    vectors = np.concatenate([np.zeros((len(states), 1)), states], axis=1)
    rates = np.einsum("sm,mn,sn->s", vectors, tensor, vectors.conj())
    assert np.abs(rates.imag).max() < 1e-10 * m**2
    return float(weights @ rates.real)


def moments_of(density: Callable[[float, float], float]) -> np.ndarray:
    """A0 ... A4 of a density of second degree in the direction, by exact quadrature."""
    cosines, weights = np.polynomial.legendre.leggauss(4)
    total = np.zeros(6)
    for c, w in zip(cosines, weights, strict=True):
        for phi in 2.0 * np.pi * np.arange(6) / 6.0:
            s, value = np.sqrt(1.0 - c**2), w * density(c, phi)
            functions = (1.0, c * c, 2 * s * c * np.cos(phi), s * s * np.cos(2 * phi), s * np.cos(phi), c)
            total += value * np.array(functions)
    _, c_sq, *others = total / total[0]
    return np.array([4.0 - 10.0 * c_sq, *np.array([5.0, 10.0, 4.0, 4.0]) * others])


@pytest.mark.parametrize("charge", [1, -1])
@pytest.mark.parametrize("fraction", [0.0, 0.3, 0.9])
def test_decay_density_of_any_spin_state_from_dirac_matrices(charge, fraction):
    """Mixtures of any polarisation vectors: A_i from the massless decay must give the massive one."""
    rng, m = np.random.default_rng(int(10 * fraction) + charge + 1), 80.4
    m4 = fraction * m
    for _ in range(3):
        states = rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3))
        weights = rng.dirichlet(np.ones(2))

        def rate(c: float, phi: float, mass: float, states=states, weights=weights) -> float:
            """The mean of phi and -phi leaves out A5, A6, A7."""
            return 0.5 * sum(amplitude_sq(m, mass, charge, states, weights, c, f) for f in (phi, -phi))

        coefficients = moments_of(lambda c, phi, rate=rate: rate(c, phi, 0.0))
        assert np.abs(coefficients).max() > 0.1
        points = np.array([(c, phi) for c in rng.uniform(-1.0, 1.0, 4) for phi in rng.uniform(0.0, 2 * np.pi, 4)])
        rates = np.array([rate(c, phi, m4) for c, phi in points])
        expected = decay_density(*points.T, coefficients, fraction**2)
        # (1 - r) from the lepton's momentum; the other factor of (1 - r) is phase space
        scale = rates.sum() / expected.sum()
        np.testing.assert_allclose(rates, scale * expected, rtol=0.0, atol=1e-12 * rates.max())
        light = np.array([rate(c, phi, 0.0) for c, phi in points]).sum()
        norm = decay_density(*points.T, coefficients, 0.0).sum()
        assert scale / (light / norm) == pytest.approx((1 - fraction**2) * (1 + 0.5 * fraction**2), rel=1e-11)


@pytest.mark.parametrize("r", [0.0, 0.2, 0.7, 1.0])
def test_decay_density_is_normalised_with_known_moments(r):
    coefficients = random_coefficients(np.random.default_rng(1))
    cosines, weights = np.polynomial.legendre.leggauss(4)
    phi = 2.0 * np.pi * np.arange(6) / 6.0
    total = decay_density(cosines[:, None], phi, coefficients[:, None, None], r)
    assert (weights @ total).sum() * 2.0 * np.pi / 6.0 == pytest.approx(1.0, rel=1e-12)
    found = moments_of(lambda c, f: float(decay_density(c, f, coefficients, r)))
    changed = np.array([r + (1 - r) * coefficients[0], *(1 - r) * coefficients[1:3], *coefficients[3:]])
    np.testing.assert_allclose(found, changed / (1 + 0.5 * r), atol=1e-12)


def test_limits_of_the_decay_density():
    c = np.linspace(-1, 1, 11)
    np.testing.assert_allclose(2 * np.pi * decay_density(c, 0.4, POLARISED, 0.0), 0.375 * (1 - c) ** 2)  # V-A
    np.testing.assert_allclose(2 * np.pi * decay_density(c, 0.4, POLARISED, 1.0), 0.5 * (1 - c))  # nu4 at rest
    longitudinal = np.array([2.0, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(2 * np.pi * decay_density(c, 0.4, longitudinal, 0.0), 0.75 * (1 - c**2), atol=1e-15)
    isotropic = np.array([2.0 / 3.0, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(4 * np.pi * decay_density(c, 0.4, isotropic, 0.3), 1.0)


@pytest.mark.parametrize("m4", [0.0, 25.0, 60.0])
def test_narrow_resonance_cross_section(m4):
    """Integral over s of q qbar' -> W -> l nu4 is pi sqrt2 G_F m_W^2/3 times the branching ratio."""
    m_W, width, G_F = 80.4, 1e-4, 1.166e-5
    r = (m4 / m_W) ** 2

    def amplitude(c: float) -> float:
        return float(squared_amplitude(*event(m_W, m4, c, 0.0), m_W, width, G_F))

    phase_space = (1.0 - r) / (16.0 * np.pi) * integrate.quad(amplitude, -1, 1)[0]
    peak = phase_space / (12.0 * 2.0 * m_W**2)  # spins 1/4, colours 1/3, flux 1/(2s)
    integral = peak * np.pi * m_W * width  # area of a Breit-Wigner
    partial_width = G_F * m_W**3 / (6.0 * np.sqrt(2.0) * np.pi) * (1 - r) ** 2 * (1 + r / 2)
    assert integral == pytest.approx(np.pi * np.sqrt(2) * G_F * m_W**2 / 3 * partial_width / width, rel=1e-9)


@pytest.mark.parametrize("r", [0.0, 0.3, 0.95])
def test_sampled_directions_follow_the_density(r):
    n, coefficients = 300_000, random_coefficients(np.random.default_rng(5))
    u = uniforms(5, 1, 0, n, 8)
    x = one_minus_cos(u[:3], u[3], coefficients, r)
    phi = azimuth(u[4], u[5], x, coefficients[:, None], r) % (2.0 * np.pi)
    edges = np.linspace(-1.0, 1.0, 13), np.linspace(0.0, 2.0 * np.pi, 13)
    fine = (np.arange(240) + 0.5) / 120.0
    density = decay_density((fine - 1.0)[:, None], np.pi * fine, coefficients[:, None, None], r)
    cells = density.reshape(12, 20, 12, 20).sum(axis=(1, 3))
    found = np.histogram2d(1.0 - x, phi, edges)[0]
    assert stats.chisquare(found.ravel(), cells.ravel() * n / cells.sum()).pvalue > 1e-4


@settings(deadline=None, max_examples=50)
@given(
    m=st.floats(40.0, 500.0),
    fraction=st.floats(0.0, 0.999),
    pt=st.floats(0.0, 300.0),
    y=st.floats(-5.0, 5.0),
    phi=st.floats(-np.pi, np.pi),
    x=st.floats(1e-6, 2.0 - 1e-6),
    phi_star=ANGLE,
)
def test_momenta_in_the_laboratory(m, fraction, pt, y, phi, x, phi_star):
    m4 = fraction * m
    values = [np.array([v]) for v in (m, m4, pt, y, phi, x, phi_star)]
    momenta = decay_momenta(*values)
    lepton, neutrino = momenta.lepton[:, 0], momenta.neutrino[:, 0]
    m_transverse = np.hypot(m, pt)
    w = np.array([m_transverse * np.cosh(y), pt * np.cos(phi), pt * np.sin(phi), m_transverse * np.sinh(y)])
    scale = w[0]
    # float64 rounding, amplified by the boost in the squares.
    np.testing.assert_allclose(lepton + neutrino, w, atol=1e-13 * scale)
    assert abs(dot(lepton, lepton)) < 1e-13 * scale**2
    assert abs(dot(neutrino, neutrino) - m4**2) < 1e-13 * scale**2
    # Collins and Soper's formula for the angle, (l+ P- - l- P+)/(m_T k) for a lepton of momentum k.
    k = m * (1 - fraction**2) / 2
    plus_minus = (lepton[0] + lepton[3]) * (w[0] - w[3]) - (lepton[0] - lepton[3]) * (w[0] + w[3])
    assert plus_minus / (2 * m_transverse * k) == pytest.approx(1 - x, abs=1e-13 * scale**2 / (m * k))
    # Azimuth: the part of the lepton's transverse momentum along that of the W.
    along = lepton[1] * np.cos(phi) + lepton[2] * np.sin(phi)
    sin_theta = np.sqrt(x * (2 - x))
    assert along == pytest.approx(k * (m_transverse * sin_theta * np.cos(phi_star) + pt) / m, abs=1e-11 * scale)
