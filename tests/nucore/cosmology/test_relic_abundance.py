"""Degrees of freedom and the relic abundance of a Dirac chi."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import kve

from nucore.cosmology.annihilation import (
    relic_target,
    thermal_target,
)
from nucore.cosmology.degrees_of_freedom import entropy_slope, g_energy, g_entropy
from nucore.cosmology.effective_neutrinos import entropy_ratio
from nucore.cosmology.relic_abundance import (
    equilibrium_yield,
    relic_abundance,
    relic_sigma_v,
    solve_boltzmann,
    solve_for_sigma_v,
)
from nucore.cosmology.relic_density import relic_density
from nucore.model import constants as c

M_CHI = np.array([0.01, 0.1, 1.0, 10.0, 100.0])


def test_degrees_of_freedom_of_photons_electrons_and_neutrinos():
    # ideal gases at 3 MeV: photons 2, electrons 4 with their mass, neutrinos 6 * 7/8; QED corrections are below 0.3%
    electrons = 4.0 * entropy_ratio(float(c.M_E) / 3e-3, "fermion")
    assert g_entropy(3e-3) == pytest.approx(2.0 + electrons + 5.25, rel=3e-3)


def test_degrees_of_freedom_today_and_at_high_temperature():
    # photons and neutrinos of temperature (4/11)^(1/3) T; N_eff = 3.046 rather than 3 changes them by 0.7%
    nu = (4 / 11) ** (1 / 3)
    assert g_energy(1e-6) == pytest.approx(2 + 5.25 * nu**4, rel=8e-3)
    assert g_entropy(1e-6) == pytest.approx(2 + 5.25 * nu**3, rel=8e-3)
    # 106.75 without interactions, which take 1-3% away
    assert 0.97 * 106.75 < g_energy(2e3) < 106.75


@pytest.mark.parametrize("temperature", [0.003, 0.05, 0.5, 20.0])
def test_slope_of_the_entropy(temperature):
    numerical = math.log(g_entropy(1.01 * temperature) / g_entropy(0.99 * temperature)) / math.log(1.01 / 0.99)
    assert entropy_slope(temperature) == pytest.approx(numerical, abs=1e-3)


def test_equilibrium_yield_of_the_relativistic_gas():
    # Maxwell-Boltzmann statistics: n = 4 T^3/pi^2 for four states
    x = 1e-3
    entropy = 2 * math.pi**2 / 45 * g_entropy(10.0 / x)
    assert equilibrium_yield(10.0, x) == pytest.approx(4 / math.pi**2 / entropy, rel=1e-5)


def test_boltzmann_equation_by_a_stiff_solver():
    m_chi, sigma_v_cm3 = 7.0, 4e-26
    natural = sigma_v_cm3 / c.GEV_M2_TO_CM3_PER_S

    def slope(log_x, log_yield):
        x = math.exp(log_x)
        t = m_chi / x
        s = 2 * math.pi**2 / 45 * g_entropy(t) * t**3
        hubble = 1.6601 * math.sqrt(g_energy(t)) * t**2 / float(c.M_PLANCK)
        n_eq = 4 * m_chi**2 * t / (2 * math.pi**2) * kve(2, x) * math.exp(-x)
        y = np.exp(log_yield)
        factor = s * natural / (2 * hubble) * (1 + float(entropy_slope(t)) / 3)
        return -factor * (y - (n_eq / s) ** 2 / y)

    start = math.log(float(equilibrium_yield(m_chi, 8.0)))
    end = solve_ivp(slope, (math.log(8.0), math.log(1e5)), [start], method="Radau", rtol=1e-8, atol=1e-10)
    omega = m_chi * math.exp(end.y[0, -1]) * 2891.2 / 1.053672e-5
    # 3e-4: Richardson extrapolation of 600 Euler steps; 5e-5: chi is taken in equilibrium at x = 8
    assert float(solve_boltzmann(m_chi, sigma_v_cm3)) == pytest.approx(omega, rel=5e-4)


def test_cross_sections_that_leave_the_observed_density():
    # integrated by an implicit Euler method to x = 3000 in an independent calculation; what annihilates later, 0.7%, is
    # in ours
    expected = [8.23e-26, 9.06e-26, 9.09e-26, 5.01e-26, 4.38e-26]
    assert relic_sigma_v(M_CHI) == pytest.approx(expected, rel=0.012)
    assert relic_target(M_CHI, 1 / 3) == pytest.approx([8.75e-11, 9.63e-9, 9.66e-7, 5.32e-5, 4.65e-3], rel=0.012)


def test_a_dirac_fermion_needs_twice_the_self_conjugate_cross_section():
    # Steigman, Dasgupta, Beacom (arXiv:1204.3622): 2.2e-26 cm^3/s above 10 GeV for Omega h^2 = 0.11
    assert solve_for_sigma_v(np.array([100.0]), 0.11)[0] / 2 == pytest.approx(2.2e-26, rel=0.1)


def test_interpolation_agrees_with_the_integration():
    rng = np.random.default_rng(5)
    m = np.exp(rng.uniform(math.log(2e-3), math.log(5e3), 40))
    rate = np.exp(rng.uniform(math.log(1e-30), math.log(1e-19), 40))
    assert relic_abundance(m, rate) == pytest.approx(solve_boltzmann(m, rate, 3000), rel=1.5e-3)


def test_outside_the_tables_there_is_no_value():
    assert np.isnan(relic_abundance(1e-4, 1e-26))
    assert np.isnan(relic_abundance(1.0, 1e-40))
    assert np.isnan(relic_sigma_v(1e5))
    assert np.isinf(relic_density(1.0, 3.0, 10.0, 1.0, 0.0))


@pytest.mark.parametrize("m_chi", M_CHI[:-1])
def test_a_point_on_the_relic_target_has_the_observed_density(m_chi):
    target = float(relic_target(m_chi, 1 / 3))
    mixing = math.sqrt(9 * math.sqrt(target)) / (4 * math.pi)
    assert relic_density(m_chi, 3 * m_chi, 400.0, 4 * math.pi, mixing**2) == pytest.approx(0.12, rel=1e-3)
    assert target / thermal_target(m_chi, 1 / 3) == pytest.approx(float(relic_sigma_v(m_chi)) / 3e-26)
