"""Amplitudes of chi chibar and phi phi* to neutrinos against explicit spinors, and their thermal averages."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import kve

from nucore.cosmology.annihilation import annihilation_sigma_v
from nucore.cosmology.reaction_densities import (
    chi_pair_amplitude,
    energies_above,
    log_density,
    phi_pair_amplitude,
)
from nucore.model import constants as c
from tests.nucore.cosmology.dirac import LEFT, RIGHT, bar, slash, spinors

#: Energy, m_phi, m_1, m_2 in units of m_chi.
POINTS = [(2.3, 3.0, 0.0, 0.0), (2.5, 1.3, 0.0, 1.7), (3.1, 1.05, 0.8, 0.8), (9.0, 2.0, 1.4, 1.4), (4.0, 1.5, 1.2, 0.3)]


def momenta(energy, m_1, m_2, cosine):
    p = math.sqrt((energy**2 - (m_1 + m_2) ** 2) * (energy**2 - (m_1 - m_2) ** 2)) / (2 * energy)
    way = np.array([math.sqrt(1 - cosine**2), 0.0, cosine])
    first = np.array([math.hypot(p, m_1), *(p * way)])
    return first, np.array([energy, 0, 0, 0]) - first, p


def chi_pair(energy, m_phi, m_1, m_2, cosine):
    p_1, p_2, _ = momenta(energy, 1.0, 1.0, 1.0)
    k_1, k_2, _ = momenta(energy, m_1, m_2, cosine)
    q = p_1 - k_1
    propagator = q[0] ** 2 - q[1:] @ q[1:] - m_phi**2
    return sum(
        abs((bar(n) @ RIGHT @ chi) * (bar(anti) @ LEFT @ n_bar) / propagator) ** 2
        for n in spinors(k_1)
        for chi in spinors(p_1)
        for anti in spinors(p_2, antiparticle=True)
        for n_bar in spinors(k_2, antiparticle=True)
    )


def phi_pair(energy, m_phi, m_1, m_2, cosine):
    _, q_2, _ = momenta(energy, m_phi, m_phi, 1.0)
    k_1, k_2, _ = momenta(energy, m_1, m_2, cosine)
    q = k_1 - q_2
    propagator = (slash(q) + np.eye(4)) / (q[0] ** 2 - q[1:] @ q[1:] - 1.0)
    return sum(
        abs(bar(n) @ RIGHT @ propagator @ LEFT @ n_bar) ** 2
        for n in spinors(k_1)
        for n_bar in spinors(k_2, antiparticle=True)
    )


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    ("squared", "amplitude", "of_phi"), [(chi_pair, chi_pair_amplitude, False), (phi_pair, phi_pair_amplitude, True)]
)
def test_amplitudes_against_spinors(point, squared, amplitude, of_phi):
    energy, m_phi, m_1, m_2 = point
    if of_phi:
        energy = max(energy, 2.1 * m_phi)
    cosines, weights = np.polynomial.legendre.leggauss(60)
    incoming = momenta(energy, *([m_phi] * 2 if of_phi else [1.0] * 2), 1.0)[2]
    outgoing = momenta(energy, m_1, m_2, 1.0)[2]
    expected = (
        2
        * incoming
        * outgoing
        * sum(w * squared(energy, m_phi, m_1, m_2, z) for z, w in zip(cosines, weights, strict=True))
    )
    assert amplitude(energy, m_phi, m_1, m_2) == pytest.approx(expected, rel=1e-9)


def test_a_heavy_mediator_does_not_cancel():
    # S m_phi^4 of the contact interaction: 16 p k (p_chi.k)(p_chibar.k) averaged over angles
    energy, k = 2.4, 1.2
    p = math.sqrt(k**2 - 1)
    expected = 4 * p * k * k**2 * 4 * (k**2 + p**2 / 3)
    assert chi_pair_amplitude(energy, 1e5, 0.0, 0.0) * 1e20 == pytest.approx(expected, rel=1e-8)


def test_s_wave_limit_is_the_published_cross_section():
    energy = 2.0 + 1e-7
    p = math.sqrt(energy**2 / 4 - 1)
    # sigma = (S/4)/(64 pi p^2 s), the mean over four spin states; v = 4 p/E
    sigma_v = chi_pair_amplitude(energy, 3.0, 0.0, 0.0) / (256 * math.pi * p**2 * energy**2) * 4 * p / energy
    published = annihilation_sigma_v(1.0, 3.0, 1.0) / c.GEV_M2_TO_CM3_PER_S
    assert sigma_v == pytest.approx(published, rel=1e-5)


@pytest.mark.parametrize("energy", [2.5, 4.0])
def test_detailed_balance(energy):
    # nu4 nu4bar -> chi chibar in units of m4 has the same S
    m4, m_phi = 1.15, 1.4
    reverse = chi_pair_amplitude(energy / m4, m_phi / m4, 1 / m4, 1 / m4) * m4**2
    assert chi_pair_amplitude(energy, m_phi, m4, m4) == pytest.approx(reverse, rel=1e-12)


@pytest.mark.parametrize("masses", [(0.0, 1.2), (1.0, 1.0), (1.05, 1.05), (0.0, 2.3), (0.4, 0.4), (2.0, 2.0)])
@pytest.mark.parametrize("x", [1.5, 10.0, 27.0, 300.0])
def test_thermal_average_against_the_integral(masses, x):
    threshold, m_phi = max(2.0, sum(masses)), 1.7

    def integrand(log_above):
        above = math.exp(log_above)
        energy = threshold + above
        bessel = kve(1, x * energy) * math.exp(-x * above)
        return bessel * float(chi_pair_amplitude(energy, m_phi, *masses)) * above

    integral = quad(integrand, -25, 6, epsrel=1e-8, limit=300)[0]
    expected = math.log(integral / (256 * math.pi**5 * x)) - x * (threshold - 2)
    least = np.array([threshold])
    found = log_density(chi_pair_amplitude(energies_above(least), m_phi, *masses), least, np.array([x]))
    assert found[0, 0] == pytest.approx(expected, abs=3e-3)
