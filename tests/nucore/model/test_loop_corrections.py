"""The shift of |U_l4|^2 between zero momentum and the nu4 mass shell, against dispersion relations."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from nucore.model.loop_corrections import mixing_loop_shift, pole_residue
from nucore.model.nu4_decays import running_width_nu4


def absorptive(s, m_chi, m_phi, yL):
    # quad may ask for an end of the range up to rounding
    return running_width_nu4(max(s - (m_chi + m_phi) ** 2, 0.0), m_chi, m_phi, yL)


@pytest.mark.parametrize(
    ("m_chi", "m_phi", "m4"),
    [(0.01, 0.03, 0.001), (0.01, 0.03, 0.0199), (0.01, 0.03, 0.0201), (0.01, 0.03, 0.0399), (1e-6, 1.0, 0.4),
     (1.0, 1.3, 1.9), (1.0, 1.000001, 1.9), (1.0, 1.45, 1.3)],
)  # fmt: skip
def test_below_the_threshold_it_is_the_weight_of_virtual_chi_phi_states(m_chi, m_phi, m4):
    low, yL = (m_chi + m_phi) ** 2, 1.7

    def integrand(s):
        return absorptive(s, m_chi, m_phi, yL) / (s * (s - m4**2) ** 2)

    ends = (low, 2 * low - m4**2, 10 * low, np.inf)
    weight = sum(quad(integrand, a, b, epsabs=0, epsrel=1e-11, limit=400)[0] for a, b in pairwise(ends))
    (shift,) = mixing_loop_shift(m_chi, m_phi, m4, yL)
    # the closed form loses up to 1e-10 to cancellation
    assert shift == pytest.approx(m4**4 / np.pi * weight, rel=1e-9, abs=0)


@pytest.mark.parametrize(("m_chi", "m_phi", "m4"), [(0.01, 0.03, 0.041), (0.01, 0.03, 0.1), (1.0, 3.0, 40.0)])
def test_above_the_threshold_it_is_a_principal_value(m_chi, m_phi, m4):
    low, yL = (m_chi + m_phi) ** 2, 0.8

    def self_energy(p_sq):
        """Real part of Sigma(p^2) - Sigma(0)."""

        def in_log(t):
            s = 2 * p_sq * np.exp(t)
            return absorptive(s, m_chi, m_phi, yL) / (s - p_sq)

        tail = quad(in_log, 0, 40, epsabs=0, limit=400)[0]
        near = quad(
            lambda s: absorptive(s, m_chi, m_phi, yL) / s, low, 2 * p_sq, weight="cauchy", wvar=p_sq, limit=400
        )[0]
        return p_sq / np.pi * (near + tail)

    def slope(step):
        return (self_energy(m4**2 * (1 + step)) - self_energy(m4**2 * (1 - step))) / (2 * step)

    step = 0.02 * (1 - low / m4**2)
    expected = -self_energy(m4**2) + (4 * slope(step / 2) - slope(step)) / 3
    # the numerical derivative is good to 1e-5
    assert mixing_loop_shift(m_chi, m_phi, m4, yL)[0] == pytest.approx(expected, rel=1e-4, abs=0)


def test_limits():
    # m4 much above: Sigma(0) - Sigma(m4^2) is yL^2/(32 pi^2) ln(m4^2/m_phi^2) + constant and the slope -yL^2/(32 pi^2)
    m4 = np.array([1e4, 1e5])
    shift = mixing_loop_shift(1e-3, 3e-3, m4, 2.0)
    assert np.diff(shift) == pytest.approx(4 / (32 * np.pi**2) * 2 * np.log(10), rel=1e-6)
    # m4 much below a phi with m_chi << m_phi: (yL^2/16 pi^2) m4^4 int y^3 (1-y)^2 / (2 y^2 m_phi^4)
    (light,) = mixing_loop_shift(1e-6, 1.0, 1e-2, 1.0)
    assert light == pytest.approx(1e-8 / (16 * np.pi**2) / 24, rel=1e-3, abs=0)
    assert mixing_loop_shift(1.0, 3.0, 10.0, 0.0) == 0.0


def test_series_and_closed_form_meet_and_the_threshold_is_finite():
    m4 = 0.02 * (1 + np.array([-1e-9, 1e-9]))
    below, above = mixing_loop_shift(0.01, 0.03, m4, 1.0)
    assert above == pytest.approx(below, rel=1e-7, abs=0)
    assert np.isfinite(mixing_loop_shift(0.01, 0.03, [0.04, 0.04 + 1e-12, 0.04 - 1e-12], 1.0)).all()


def test_the_difference_of_the_masses_is_no_special_mass():
    m4 = 0.02 * (1 + np.array([-1e-8, -1e-9, -1e-12, 0.0, 1e-12, 1e-9, 1e-8]))
    for m_chi, m_phi in ((0.01, 0.03), (1e-9, 0.02 + 1e-9)):
        shift = mixing_loop_shift(m_chi, m_phi, m4, 1.0)
        assert shift == pytest.approx(np.full(7, shift[3]), rel=1e-5)
        residue = pole_residue(m_chi, m_phi, m4, 1.0)
        assert 1.0 - residue == pytest.approx(np.full(7, 1.0 - residue[3]), rel=1e-5)


@pytest.mark.parametrize("ratio", [1e7, 1e8, 1e9, 1e12])
def test_a_nu4_much_heavier_than_chi_and_phi(ratio):
    # the integral of y ln(...) from its limits: logarithms of masses and -y^2 ln y, y (1 - y) at large m4
    x_chi, x_phi = 1.0 / ratio**2, 9.0 / ratio**2
    at_zero = quad(lambda y: y * np.log(y * x_phi + (1 - y) * x_chi), 0, 1)[0]
    at_mass = quad(lambda y: y * (np.log(y) + np.log1p(-y)), 0, 1)[0]
    (shift,) = mixing_loop_shift(1.0, 3.0, ratio, 1.0)
    # ln(u - 1) + Re u/(1 - u) -> ln u - 1 at u = y (1 - y)/(y x_phi + (1 - y) x_chi)
    assert shift == pytest.approx((at_mass - at_zero - 0.5) / (16 * np.pi**2), rel=1e-6)


@pytest.mark.parametrize("relative", [1e-3, 1e-6, 1e-9, 1e-14])
@pytest.mark.parametrize("m4", [1.5, 1.9, 5.0])
def test_chi_and_phi_of_nearly_the_same_mass(relative, m4):
    shift = mixing_loop_shift(1.0, 1.0 + relative * np.array([1.0, 1.01]), m4, 1.0)
    (further,) = mixing_loop_shift(1.0, 1.002, m4, 1.0)
    assert shift[0] == pytest.approx(shift[1], rel=1e-3)
    assert shift[0] == pytest.approx(further, rel=0.05)


@pytest.mark.parametrize("yL", [0.3, 2.0, 12.0])
@pytest.mark.parametrize("m4", [1e-3, 0.0199, 0.02, 0.0201, 0.035, 0.0399])
def test_residue_against_the_slope_of_the_dispersion_integral(m4, yL):
    m_chi, m_phi = 0.01, 0.03
    low = (m_chi + m_phi) ** 2
    ends = (low, 2 * low - m4**2, 10 * low, np.inf)
    slope = m4**2 / np.pi * sum(
        quad(lambda s: absorptive(s, m_chi, m_phi, yL) / (s - m4**2) ** 2, a, b, epsabs=0, epsrel=1e-10, limit=400)[0]
        for a, b in pairwise(ends)
    )  # fmt: skip
    (residue,) = pole_residue(m_chi, m_phi, m4, yL)
    assert 1.0 - residue == pytest.approx(slope / np.hypot(1.0, slope), rel=1e-8)


def test_residue_at_the_threshold():
    # k^2 (1 + S^2) = k^2 + 4 d, from gamma = k u^(1/2)/Q^2 close to it
    m_chi, m_phi, yL = 0.01, 0.03, 2.0
    total = m_chi + m_phi
    for step in (1e-6, 1e-9, 1e-12):
        u = step * total**2
        k = absorptive(total**2 + u, m_chi, m_phi, yL) * total**2 / np.sqrt(u)
        m4 = total * (1.0 - step)
        d = (total - m4) * (total + m4)
        expected = 1.0 - k / np.sqrt(k**2 + 4.0 * d)
        # terms of relative size step^(1/2), and rounding of m4
        assert pole_residue(m_chi, m_phi, m4, yL)[0] == pytest.approx(expected, rel=0.01)
    assert pole_residue(m_chi, m_phi, [total, 1.1 * total, 100.0 * total], yL).tolist() == [0.0, 1.0, 1.0]
