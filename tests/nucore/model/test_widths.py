"""Widths against other formulas, limits, and published or independently derived numbers."""

import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad

from nucore.model import constants as c
from nucore.model import nu4_decays
from nucore.model import widths as w
from nucore.model.parameters import PortalParameters


def test_phi_width_is_eq_9_with_one_flavour():
    p = PortalParameters(m_chi=1.0, m_phi=3.0, m4=10.0, yL=2.0, Umu4=0.1)
    expected = 4 * 0.01 * 3.0 * (1 - 1 / 9) ** 2 / (16 * math.pi)
    assert nu4_decays.width_phi(p) == pytest.approx(expected, rel=1e-12)


def test_phi_to_nu4_opens_and_is_the_crossed_amplitude_of_nu4_to_phi():
    # the squared amplitude of nu4 -> chi phi* and phi -> chi nu4bar is one function of the masses
    p = PortalParameters(m_chi=0.2, m_phi=3.0, m4=1.5, yL=1.3, yR=0.4, Umu4=0.3)
    cos = math.sqrt(p.UN4_sq)
    squared = (p.yL**2 * p.UN4_sq + p.yR**2) * (
        p.m_phi**2 - p.m_chi**2 - p.m4**2
    ) - 4 * cos * p.yL * p.yR * p.m_chi * p.m4
    lam = (
        p.m_phi**4 + p.m_chi**4 + p.m4**4 - 2 * (p.m_phi**2 * p.m_chi**2 + p.m_phi**2 * p.m4**2 + p.m_chi**2 * p.m4**2)
    )
    heavy = squared * math.sqrt(lam) / (2 * p.m_phi) / (8 * math.pi * p.m_phi**2)
    light = nu4_decays.width_phi(p.replace(m4=100.0))
    assert nu4_decays.width_phi(p) - light == pytest.approx(heavy, rel=1e-10)


def test_nu4_dark_width_at_the_benchmark_ratios():
    # 1:3:10 at yL = 4 pi: Gamma4/m4 = 1.298
    p = PortalParameters(m_chi=1.0, m_phi=3.0, m4=10.0, yL=4 * math.pi, Umu4=1e-6)
    assert nu4_decays.width_nu4_dark(p) / p.m4 == pytest.approx(1.298, abs=5e-4)


def test_three_body_dark_decay_in_the_heavy_phi_limit():
    # contact interaction: |M|^2 = g^4/m_phi^4 (p4.p_chi)(p_chibar.p_nu) summed over spins, massless products
    # averaged over the nu4 spin: Gamma = g_4^2 g_nu^2 m4^5 / (6144 pi^3 m_phi^4)
    p = PortalParameters(m_chi=1e-4, m_phi=300.0, m4=1.0, yL=1.0, Umu4=0.1)
    expected = p.UN4_sq * p.U4_sq / (6144 * math.pi**3 * p.m_phi**4)
    # corrections of order (m_chi/m4)^2 and (m4/m_phi)^2, below 1e-4
    assert nu4_decays.width_nu4_dark(p) == pytest.approx(expected, rel=1e-4, abs=0)


def test_nu4_is_stable_below_twice_m_chi():
    p = PortalParameters(m_chi=0.06, m_phi=0.09, m4=0.1)
    assert nu4_decays.width_nu4_dark(p) == 0.0
    assert nu4_decays.branching_nu4_visible(p.replace(Umu4=0.0)) is None


def test_two_body_weak_widths_approach_the_goldstone_limit():
    # m4 >> m_W: W : Z : h = 2 : 1 : 1 and the sum is lambda^2 m4/(16 pi) with lambda = U m4/v
    p = PortalParameters(m4=5e4, Umu4=1e-3)
    parts = nu4_decays.TwoBodyWidths.of(p)[:3]
    # corrections are of order (m_h/m4)^2 ~ 6e-6 and s^2 = 1e-6
    assert np.array(parts) / parts[1] == pytest.approx([2.0, 1.0, 1.0], rel=3e-5)
    yukawa = p.Umu4 * p.m4 / p.vev
    assert sum(parts) == pytest.approx(yukawa**2 * p.m4 / (16 * math.pi), rel=3e-5, abs=0)
    found = [nu4_decays.width_nu4_w(p), nu4_decays.width_nu4_z(p), nu4_decays.width_nu4_h(p)]
    # tails of order Gamma/m are in these
    assert found == pytest.approx(parts, rel=0.012, abs=0)


def test_visible_branching_leaves_out_the_invisible_z():
    p = PortalParameters(m4=200.0, m_chi=0.1, m_phi=0.3, yL=1e-9, Umu4=0.1)
    total = nu4_decays.width_nu4_weak(p) + nu4_decays.width_nu4_dark(p)
    hidden = c.BR_Z_INVISIBLE * nu4_decays.width_nu4_z(p) / total
    # our Z has its tree-level partial widths with a QCD factor: 0.1995 invisible
    assert 1 - nu4_decays.branching_nu4_visible(p) == pytest.approx(hidden, rel=0.01, abs=0)


@pytest.mark.parametrize(
    ("parent", "lepton", "m4", "expected"),
    [
        (c.M_K, c.M_MU, 0.25, 4.10097),
        (c.M_PI, c.M_E, 0.08, 11051.3),
        (c.M_PI, c.M_MU, 0.02, 0.9485),
        (c.M_PI, c.M_MU, 0.03, 0.6463),
        (c.M_K, c.M_E, 0.1, 3.522e4),
        (c.M_K, c.M_E, 0.3, 1.371e5),
    ],
)
def test_two_body_ratio_against_amplitudes_with_explicit_spinors(parent, lepton, m4, expected):
    # values of a numerical sum over explicit spinors, quoted to 4-6 digits
    assert w.two_body_ratio(parent, lepton, m4) == pytest.approx(expected, rel=2e-4)


def test_two_body_ratio_limits():
    assert w.two_body_ratio(c.M_K, c.M_MU, 0.0) == pytest.approx(1.0)
    assert w.two_body_ratio(c.M_K, c.M_MU, c.M_K - c.M_MU + 1e-9) == 0.0
    assert np.shape(w.two_body_ratio(c.M_B, c.M_E, np.linspace(0.1, 5, 7))) == (7,)


def test_w_factor_is_the_integral_of_the_angular_distribution():
    r = 0.3
    integral = quad(lambda x: 3 / 8 * (1 - r) ** 2 * ((1 + x) ** 2 + r * (1 - x**2)), -1, 1)[0]
    assert float(w.w_two_body_factor(r)) == pytest.approx(integral, rel=1e-10)
    assert float(w.w_two_body_factor(1.2)) == 0.0


def test_lepton_function_is_symmetric_and_known_with_one_mass():
    x = 0.3
    y = x**2
    closed = 1 - 8 * y + 8 * y**3 - y**4 - 12 * y**2 * math.log(y)
    for masses in ((x, 0, 0), (0, x, 0), (0, 0, x)):
        assert w.three_body_lepton_function(*masses) == pytest.approx(closed, rel=1e-8)
    assert w.three_body_lepton_function(0.4, 0.3, 0.31) == 0.0
    several = w.three_body_lepton_function(np.array([[0.0], [0.4], [0.99]]), 0.06, np.array([0.0, 0.2]))
    expected = [[w.three_body_lepton_function(a, 0.06, b) for b in (0.0, 0.2)] for a in (0.0, 0.4, 0.99)]
    np.testing.assert_allclose(several, expected, rtol=1e-14)


def test_lepton_function_against_high_precision():
    def integrand(s):
        kallen = lambda a, b, d: a**2 + b**2 + d**2 - 2 * (a * b + a * d + b * d)  # noqa: E731
        root = mpmath.sqrt(kallen(s, x2**2, x3**2) * kallen(1, s, x1**2))
        return (s - x2**2 - x3**2) * (1 + x1**2 - s) * root / s

    x1, x2, x3 = mpmath.mpf("0.3"), mpmath.mpf("0.06"), mpmath.mpf("0.2")
    exact = 12 * mpmath.quad(integrand, [(x2 + x3) ** 2, (1 - x1) ** 2])
    assert w.three_body_lepton_function(0.3, 0.06, 0.2) == pytest.approx(float(exact), rel=1e-8)


def test_tau_ratios():
    # massless lepton: the function of one massive neutrino
    y = (0.7 / c.M_TAU) ** 2
    assert w.three_body_lepton_function(0.7 / c.M_TAU, 0.0, 0.0) == pytest.approx(
        1 - 8 * y + 8 * y**3 - y**4 - 12 * y**2 * math.log(y), rel=1e-7
    )
    assert w.tau_hadron_ratio(0.7, float(c.M_PI)) == pytest.approx(0.598315, rel=2e-5)  # explicit spinors
    assert w.tau_hadron_ratio(1.7, float(c.M_PI)) == 0.0


@pytest.mark.parametrize(
    "point",
    [
        {"m4": 0.04},  # exactly at threshold
        {"m4": 0.04 - 1e-9},
        {"m4": 0.04 - 1e-12, "yL": 1e-3},
        {"m4": 0.0201},
        {"m_chi": 1.0, "m_phi": 3.0, "m4": 4.0, "yL": 12.5, "Umu4": 0.3, "yR": 0.5},
    ],
)
def test_three_body_dark_decay_next_to_the_threshold(point):
    p = PortalParameters(**{"m_chi": 0.01, "m_phi": 0.03, "yL": 1.0} | point)
    m4, m_chi, m_phi = mpmath.mpf(p.m4), mpmath.mpf(p.m_chi), mpmath.mpf(p.m_phi)
    cos_sq = 1 - mpmath.mpf(p.U4_sq)

    def integrand(q):
        kallen = (m4 - m_chi - q) * (m4 + m_chi + q) * (m4 - m_chi + q) * (m4 + m_chi - q)
        trace = (p.yL**2 * cos_sq + p.yR**2) * (1 + (m_chi / m4) ** 2 - (q / m4) ** 2)
        trace += 4 * mpmath.sqrt(cos_sq) * p.yL * p.yR * m_chi / m4
        heavy = trace * mpmath.sqrt(kallen) / (32 * mpmath.pi * m4)
        light = p.yL**2 * p.U4_sq * q * (1 - (m_chi / q) ** 2) ** 2 / (16 * mpmath.pi)
        # the width of phi runs
        return 2 * q**2 / mpmath.pi * light * heavy / ((q**2 - m_phi**2) ** 2 + (q * light) ** 2)

    top = m4 - m_chi
    with mpmath.workdps(30):
        exact = mpmath.quad(integrand, [m_chi, *(top - (top - m_chi) / 10**k for k in range(1, 26)), top])
    assert nu4_decays.width_nu4_dark(p) == pytest.approx(float(exact), rel=1e-8, abs=0)


def test_invisible_z_width():
    m_Z = float(c.M_Z)
    assert w.w_two_body_factor((40 / m_Z) ** 2) == pytest.approx(0.714935, abs=1e-6)
    # 91.1876 GeV in the source of this number: 5e-6 in r
    assert w.z_pair_factor((40 / m_Z) ** 2) == pytest.approx(0.387579, abs=3e-6)
    assert w.invisible_neutrino_number(0.3, 1.0, 1.0, 1.0) == pytest.approx(3.0, abs=1e-9)
    # closed channels leave the light states alone
    assert w.invisible_neutrino_number(0.01, 1.0, 0.0, 0.0) == pytest.approx(2 + 0.99**2)


@pytest.mark.parametrize(("m4", "U_sq"), [(10.0, 0.0602), (30.0, 7.44e-3), (60.0, 2.79e-3), (100.0, 4.57e-3)])
def test_h_to_nu4(m4, U_sq):
    r = (m4 / float(c.M_H)) ** 2
    width = w.width_h_to_nu4(U_sq, r * (1 - r) ** 2, w.h_pair_factor(r))
    assert width / (width + 4.07e-3) == pytest.approx(0.107, rel=3e-3)  # three digits given


def test_h_to_nu4_pairs_near_threshold_and_above():
    assert w.h_pair_factor((63.0 / 125.13) ** 2) == 0.0
    assert 0.0 < w.h_pair_factor((62.5 / 125.13) ** 2) < 1e-3
    assert w.h_pair_factor(0.01) == pytest.approx(0.01 * 0.96**1.5)


def test_muon_decay_factor_is_the_phase_space_integral():
    assert w.muon_decay_factor(0.09) == pytest.approx(0.5198187, abs=1e-7)
    assert w.muon_decay_factor(0.09) == pytest.approx(w.three_body_lepton_function(0.3, 0.0, 0.0), rel=1e-8)
    assert w.muon_decay_factor([0.0, 1.0, 2.0]) == pytest.approx([1.0, 0.0, 0.0])


def test_running_width_on_the_shell_is_eq_10():
    p = PortalParameters(m_chi=1.0, m_phi=3.0, m4=10.0, yL=2.0, Umu4=0.3)
    gamma = nu4_decays.running_width_nu4(10.0**2 - 4.0**2, 1.0, 3.0, 2.0)
    assert 10.0 * gamma == pytest.approx(nu4_decays.TwoBodyWidths.of(p).phi / p.UN4_sq, rel=1e-12)
    assert nu4_decays.running_width_nu4(0.0, 1.0, 3.0, 2.0) == 0.0
