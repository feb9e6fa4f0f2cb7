"""Omega h^2 of parameter points with every annihilation channel."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.interpolate import PchipInterpolator
from scipy.special import kve

from nucore.cosmology import relic_density as module
from nucore.cosmology.annihilation import annihilation_sigma_v
from nucore.cosmology.degrees_of_freedom import entropy_slope, g_energy, g_entropy
from nucore.cosmology.direct_detection import z_coupling
from nucore.cosmology.relic_abundance import SIGMA_V_RANGE, relic_abundance, solve_boltzmann
from nucore.cosmology.relic_density import dark_matter_fraction, relic_density
from nucore.model import constants as c


def sigma(s, m_chi, m_phi, m_1, m_2):
    """Cross section of chi chibar -> N_1 Nbar_2 for unit couplings by quadrature in the angle (GeV^-2)."""
    energy = math.sqrt(s)
    p = math.sqrt(s / 4 - m_chi**2)
    k = math.sqrt(max((s - (m_1 + m_2) ** 2) * (s - (m_1 - m_2) ** 2), 0)) / (2 * energy)
    e_1 = (s + m_1**2 - m_2**2) / (2 * energy)
    z, weights = np.polynomial.legendre.leggauss(24)
    first = energy / 2 * e_1 - p * k * z
    second = energy / 2 * (energy - e_1) - p * k * z
    propagator = m_chi**2 + m_1**2 - 2 * first - m_phi**2
    squared = first * second / propagator**2
    return float(weights @ squared) * k / p / (32 * math.pi * s)


def thermal_sigma_v(m_chi, m_phi, m_1, m_2, x):
    """Gondolo and Gelmini, Eq. 3.8, in GeV^-2."""
    t = m_chi / x
    least = max(2 * m_chi, m_1 + m_2)

    def integrand(u):  # E = least + T u^2
        energy = least + t * u**2
        s = energy**2
        bessel = kve(1, energy / t) * math.exp(-(energy - 2 * m_chi) / t)
        return sigma(s, m_chi, m_phi, m_1, m_2) * (s - 4 * m_chi**2) * energy * bessel * 2 * energy * 2 * t * u

    integral = quad(integrand, 1e-9, 7, epsrel=1e-5, epsabs=0)[0]
    return integral / (8 * m_chi**4 * t * kve(2, x) ** 2)


def stiff_solution(m_chi, sigma_v, weight=lambda x: 0.0):
    """Omega h^2 for <sigma v>(x) in GeV^-2; ``weight`` is n_phi/n_chi."""

    def density(x):
        t = m_chi / x
        n = 4 * m_chi**2 * t / (2 * math.pi**2) * kve(2, x) * math.exp(-x) * (1 + weight(x))
        return n / (2 * math.pi**2 / 45 * g_entropy(t) * t**3)

    def slope(log_x, log_yield):
        x = math.exp(log_x)
        t = m_chi / x
        s = 2 * math.pi**2 / 45 * g_entropy(t) * t**3
        hubble = 1.6601 * math.sqrt(g_energy(t)) * t**2 / float(c.M_PLANCK)
        factor = s * sigma_v(x) / (2 * hubble) * (1 + float(entropy_slope(t)) / 3)
        y = np.exp(log_yield)
        return -factor * (y - density(x) ** 2 / y)

    end = solve_ivp(slope, (math.log(8), math.log(3e4)), [math.log(density(8.0))], method="Radau", rtol=1e-6, atol=1e-8)
    return m_chi * math.exp(end.y[0, -1]) * 2891.2 / 1.053672e-5


@pytest.mark.parametrize("ratio", [0.6, 1.0, 1.02, 1.2, 1.6, 2.05])
def test_nu4_channels_by_integral_and_stiff_solver(ratio):
    m_chi, m_phi, s_sq, yL = 5.0, 15.0, 1e-4, 1.5
    light, heavy, m4 = yL**2 * s_sq, yL**2 * (1 - s_sq), ratio * m_chi
    nodes = np.concatenate([np.geomspace(8, 300, 40), [1e3, 1e4, 3e4]])
    s_wave = float(annihilation_sigma_v(m_chi, m_phi, light)) / c.GEV_M2_TO_CM3_PER_S
    one, two = (
        np.array([thermal_sigma_v(m_chi, m_phi, m_1, m4, x) for x in np.minimum(nodes, 500)]) for m_1 in (0.0, m4)
    )
    total = s_wave + 2 * light * heavy * one + heavy**2 * two
    curve = PchipInterpolator(np.log(nodes), np.log(total))
    expected = stiff_solution(m_chi, lambda x: math.exp(curve(math.log(x))))
    assert relic_density(m_chi, m_phi, m4, yL, s_sq) == pytest.approx(expected, rel=0.01)


def test_light_nu4_annihilates_like_a_neutrino():
    # with massless nu4 all neutrinos together couple with yL, whatever s^2; the velocity dependence that only the nu4
    # channels have is 1% here
    alone = relic_abundance(5.0, annihilation_sigma_v(5.0, 15.0, 0.3**2))
    assert relic_density(5.0, 15.0, 1e-5, 0.3, 1e-6) == pytest.approx(1.01 * alone, rel=3e-3)
    assert relic_density(5.0, 15.0, 1e-5, 0.3, 0.99) == pytest.approx(alone, rel=3e-3)


def test_forbidden_annihilation_at_published_points():
    # m_chi = 5, m_phi = 15 GeV, s^2 = 1e-4, yL = 1.5: an independent calculation, given to two or three digits
    omega = relic_density(5.0, 15.0, 5.0 * np.array([1.02, 1.1, 1.2]), 1.5, 1e-4)
    assert omega == pytest.approx([7e-4, 0.022, 0.175], rel=0.03)


@pytest.mark.parametrize("ratio", [1.01, 1.05, 1.1, 1.2])
def test_phi_dilutes_the_annihilation_of_chi(ratio):
    # only chi chibar -> nu nubar; phi phi* -> nu nubar is p-wave and takes 1-2% off
    m_chi, s_sq, yL = 5.0, 1e-2, 1.5
    s_wave = float(annihilation_sigma_v(m_chi, ratio * m_chi, yL**2 * s_sq)) / c.GEV_M2_TO_CM3_PER_S

    def weight(x):
        return 0.5 * ratio**2 * kve(2, ratio * x) / kve(2, x) * math.exp(-x * (ratio - 1))

    diluted = stiff_solution(m_chi, lambda x: s_wave / (1 + weight(x)) ** 2, weight)
    omega = relic_density(m_chi, ratio * m_chi, 400.0, yL, s_sq)
    assert 0.975 < omega / diluted < 1.003


def test_rise_of_the_abundance_by_phi():
    m_chi, yL_sq_s_sq = 5.0, 1.5**2 * 1e-2
    alone = relic_abundance(m_chi, annihilation_sigma_v(m_chi, 1.01 * m_chi, yL_sq_s_sq))
    assert relic_density(m_chi, 1.01 * m_chi, 400.0, 1.5, 1e-2) / alone == pytest.approx(1.62, rel=0.01)


def test_weak_bosons_lower_the_abundance_of_a_heavy_chi():
    # sigma v of chi phi* over that of chi chibar is 32 pi Gamma_w(Q)/(Q yL^2 s^2) for m_phi = m_chi, m4 >> m_chi
    alone = relic_abundance(100.0, annihilation_sigma_v(100.0, 101.0, 1.5**2 * 1e-2))
    assert relic_density(100.0, 101.0, 2000.0, 1.5, 1e-2) < 0.1 * alone


@pytest.mark.parametrize("m_chi", [0.01, 1.0, 2.9])
def test_nu_nubar_alone_is_the_table(m_chi):
    # m_phi = 3 m_chi, m4 = 10 m_chi: nothing else, the Z is far away
    omega = relic_density(m_chi, 3 * m_chi, 10 * m_chi, 2.0, 1e-3)
    rate = annihilation_sigma_v(m_chi, 3 * m_chi, 4e-3)
    assert omega == pytest.approx(relic_abundance(m_chi, rate), rel=1e-12)
    assert omega == pytest.approx(solve_boltzmann(m_chi, rate, 2000), rel=2e-3)


@pytest.mark.parametrize("ratio", [3.0, 9.0])
@pytest.mark.parametrize("m_chi", [30.0, 43.0, 45.0, 45.594, 46.5, 60.0])
def test_abundance_near_the_z(m_chi, ratio):
    # amplitudes of nu nubar add: phi exchange, T = yL^2 s^2/[2 (m_phi^2 + m_chi^2)], and the Z with the vector
    # coupling a_Z g/cos theta_W; m_chi^2 |T + Z|^2/(8 pi) for one neutrino, the square of the Z for all fermions
    m_Z, gamma = float(c.M_Z), float(c.GAMMA_Z)
    m_phi, yL, s_sq = ratio * m_chi, 2.0, 1e-3
    tree = yL**2 * s_sq / (2 * (m_phi**2 + m_chi**2))
    a_Z = float(z_coupling(yL**2, s_sq, m_chi, m_phi, 10 * m_chi))
    strength = a_Z * 4 * float(c.G_F) / math.sqrt(2) * m_Z**2  # a_Z (g/cos theta_W)^2/2
    # sum of N_c (v^2 + a^2) over that of a neutrino, 1/2, from the measured widths
    as_neutrinos = float(c.GAMMA_Z) / (float(c.G_F) * m_Z**3 / (12 * math.sqrt(2) * math.pi))

    def sigma_v(x):
        def at(u):
            propagator = 1 / complex(m_Z**2 - 4 * m_chi**2 * (1 + u**2 / x), -m_Z * gamma)
            z = strength * propagator
            value = m_chi**2 / (8 * math.pi) * (tree**2 + 2 * tree * z.real + as_neutrinos * abs(z) ** 2)
            return value * 4 / math.sqrt(math.pi) * u**2 * math.exp(-(u**2))

        peak = x * (m_Z**2 / (4 * m_chi**2) - 1)
        points = [math.sqrt(peak)] if 0 < peak < 25 else None
        return quad(at, 0, 6, points=points, limit=200, epsrel=1e-6, epsabs=0)[0]

    nodes = np.geomspace(8, 3e4, 60)
    curve = PchipInterpolator(np.log(nodes), np.log([sigma_v(x) for x in nodes]))
    expected = stiff_solution(m_chi, lambda x: math.exp(curve(math.log(x))))
    assert relic_density(m_chi, m_phi, 10 * m_chi, yL, s_sq) == pytest.approx(expected, rel=0.02)


def largest_jump(m_chi, m_phi, m4, yL, s_sq):
    """Largest departure of ln Omega, from one point of a scan to the next, from the median of its neighbours."""
    change = np.diff(np.log(relic_density(m_chi, m_phi, m4, yL, s_sq)))
    median = np.median(np.lib.stride_tricks.sliding_window_view(change, 5), axis=1)
    return float(np.abs(change[2:-2] - median).max())


@pytest.mark.parametrize(
    ("m_chi", "yL", "s_sq"),
    [(0.02, 1.5, 1e-7), (0.02, 8.0, 1e-2), (5.0, 0.3, 1e-4), (5.0, 8.0, 1e-7), (120.0, 0.3, 1e-2), (120.0, 1.5, 1e-4)],
)
def test_no_jump_at_any_threshold(m_chi, yL, s_sq):
    scan = np.geomspace(0.3, 6, 4000)
    for ratio in (1.02, 1.3, 3.0):
        assert largest_jump(m_chi, ratio * m_chi, scan * m_chi, yL, s_sq) < 0.03
    above = 1 + np.geomspace(1e-3, 5, 2000)
    for ratio in (0.5, 1.1, 2.05, 10.0):
        assert largest_jump(m_chi, above * m_chi, ratio * m_chi, yL, s_sq) < 0.03


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_steps_shrink_across_thresholds(ratio):
    # a continuous function: a tenth of the step, a tenth of the change
    def change(step):
        around = 5.0 * (ratio + step * np.arange(-3, 4))
        return np.abs(np.diff(np.log(relic_density(5.0, 15.0, around, 1.5, 1e-4)))).max()

    assert change(2e-5) < 3e-3
    assert change(2e-6) == pytest.approx(change(2e-5) / 10, rel=0.1)


def test_values_beyond_the_tables():
    # no annihilation: overclosure; m_chi beyond the table: no value; yR with nu4: no value
    assert relic_density(1.0, 3.0, 0.5, 0.0, 1e-4) == math.inf
    assert relic_density(1.0, 3.0, 0.5, 1.0, 0.0) == math.inf
    assert np.isnan(relic_density([1e-4, 2e4], 3e4, 10.0, 1.0, 1e-4)).all()
    assert np.isnan(relic_density(1.0, 3.0, 0.5, 1.0, 1e-4, yR=0.1))
    assert relic_density(1.0, 3.0, 10.0, 1.0, 1e-4, yR=0.1) == relic_density(1.0, 3.0, 10.0, 1.0, 1e-4)
    # too weak an annihilation for the table: a lower bound
    assert relic_density(1.0, 3.0, 40.0, 1e-3, 1e-8) == pytest.approx(relic_abundance(1.0, SIGMA_V_RANGE[0]), rel=5e-3)
    assert 0.0 < relic_density(1e-3, 2e-3, 0.1, 12.0, 0.5) < 1e-8


def test_broadcasting_and_order_of_points():
    m4 = np.array([[3.0, 5.5], [12.0, 50.0]])  # full, full, full, table
    omega = relic_density(5.0, 15.0, m4, 1.5, 1e-4)
    assert omega.shape == (2, 2)
    assert omega[1, 0] == pytest.approx(float(relic_density(5.0, 15.0, 12.0, 1.5, 1e-4)), rel=1e-12)
    many = np.tile(m4.ravel(), module._CHUNK)
    np.testing.assert_allclose(relic_density(5.0, 15.0, many, 1.5, 1e-4)[-4:], omega.ravel(), rtol=1e-12)


def test_fraction_of_the_dark_matter():
    assert dark_matter_fraction([0.012, 0.12, 3.0, math.inf]) == pytest.approx([0.1, 1.0, 1.0, 1.0])
    assert np.isnan(dark_matter_fraction(math.nan))
