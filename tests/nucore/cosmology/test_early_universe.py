"""N_eff and kinetic decoupling."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from nucore.cosmology.effective_neutrinos import effective_neutrino_number, entropy_ratio, lowest_chi_mass
from nucore.cosmology.kinetic_decoupling import coupling_of_cutoff, cutoff_mass, decoupling_temperature


@pytest.mark.parametrize(("statistics", "sign"), [("fermion", 1), ("boson", -1)])
@pytest.mark.parametrize("x", [0.0, 0.1, 1.0, 5.0, 20.0])
def test_entropy_of_a_massive_gas(x, statistics, sign):
    def density(p):
        energy = math.sqrt(p * p + x * x)
        return p * p * (energy + p * p / (3 * energy)) / (math.exp(energy) + sign)

    entropy = quad(density, 0, 60, epsabs=0, epsrel=1e-10, points=[1, 5, 20])[0] / (2 * math.pi**2)
    assert entropy_ratio(x, statistics) == pytest.approx(entropy / (2 * math.pi**2 / 45), rel=1e-8)


def test_neutrino_number_against_mass():
    found = [effective_neutrino_number(m) for m in (0.010, 0.012, 0.015, 0.020)]
    assert found == pytest.approx([3.613, 3.372, 3.180, 3.073], abs=6e-4)
    assert effective_neutrino_number(1.0) == pytest.approx(3.046)
    # all entropy of a very light chi and phi: 4 * 7/8 + 2 on top of 5.25
    assert effective_neutrino_number(1e-7) == pytest.approx(3.046 * (1 + 5.5 / 5.25) ** (4 / 3), rel=1e-6)


def test_bound_on_the_mass():
    assert lowest_chi_mass(3.60) == pytest.approx(0.0101, abs=5e-5)  # arXiv:1709.07001 has 10 MeV
    assert lowest_chi_mass(3.32) == pytest.approx(0.0126, abs=5e-5)
    assert lowest_chi_mass(3.11) == pytest.approx(0.0173, abs=5e-5)
    assert lowest_chi_mass(3.0) is None
    assert lowest_chi_mass(20.0) == pytest.approx(1e-5)


def test_cutoff_mass_scales_as_derived():
    for convention in ("paper", "refined"):
        masses = cutoff_mass(np.array([0.1, 0.2]), 1.0, convention)
        assert math.log2(masses[0] / masses[1]) == pytest.approx(3.75)
        assert math.log10(cutoff_mass(0.1, 10.0, convention) / cutoff_mass(0.1, 1.0, convention)) == pytest.approx(0.75)


def test_normalisation_of_the_cutoff():
    assert cutoff_mass(0.1, 1.0, "paper") == 1e8
    assert cutoff_mass(0.1, 1.0) == pytest.approx(1.9e7, rel=0.03)  # two digits
    # neutrinos as warm as the photons: Gamma_p is larger by 11/4 squared, and 8.8e7 follows, the paper's 1e8
    warmer = (11 / 4) ** 2
    assert cutoff_mass(0.1, 1.0) * warmer**0.75 == pytest.approx(8.8e7, rel=0.03)


def test_lines_of_constant_cutoff():
    assert coupling_of_cutoff(0.01, 1e7, "paper") == pytest.approx(4.642e-7, rel=1e-3)
    assert coupling_of_cutoff(0.1, 1e9, "paper") == pytest.approx(21.54, rel=1e-3)
    assert cutoff_mass(0.03, coupling_of_cutoff(0.03, 1e8)) == pytest.approx(1e8)


def test_relaxation_equals_expansion_at_decoupling():
    m_chi, coupling = 0.05, 1e-4
    t = decoupling_temperature(m_chi, coupling)
    t_nu = (4 / 11) ** (1 / 3) * t
    # momentum transfer rate: integral of the neutrino flux times sigma = Y E^2/(8 pi m^4) and the mean squared momentum
    integral = quad(lambda e: e**6 * math.exp(e) / (math.exp(e) + 1) ** 2, 0, 80)[0]
    rate = 6 * coupling * t_nu**6 / (24 * math.pi**3 * m_chi**5) * integral / 6
    hubble = 1.6601 * math.sqrt(3.363) * t * t / 1.22089e19
    assert rate == pytest.approx(hubble, rel=2e-3)
