"""Loop coupling to the Z, scattering on nuclei, resonant annihilation, the Higgs portal."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from nucore.cosmology.annihilation import thermal_target
from nucore.cosmology.direct_detection import (
    coupling_limit,
    largest_splitting_seen,
    nucleon_cross_section,
    vector_loop_function,
    z_coupling,
)
from nucore.cosmology.higgs_portal import portal_coupling, relative_mass_shift, width_h_to_phi
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters


@np.vectorize
def loop_function(x):
    """Eq. 15, for a light chi."""
    return 1 / 8 if x == 1 else (x - 1 - math.log(x)) / (4 * (1 - x) ** 2)


@pytest.mark.parametrize("x", [1e-8, 1e-4, 0.09, 0.5, 0.989, 0.9999, 1.0, 1.0001, 1.011, 2.0, 100.0])
def test_loop_function_is_the_loop_integral(x):
    # Euclidean integral of Eq. 15, in u = t/(1+t)
    integral = quad(lambda u: 1 / (u / (1 - u) + x), 0, 1, epsabs=0, epsrel=1e-11, points=[min(0.5, 10 * x)])[0] / 4
    assert vector_loop_function(1e-9 * math.sqrt(x), math.sqrt(x), 1.0) == pytest.approx(integral, rel=1e-8)


def test_loop_function_at_published_points():
    x = np.array([1e-8, 1e-4, 0.01, 0.09, 0.5, 2.0, 100.0])
    values = [4.35517, 2.05302, 0.922143, 0.452224, 0.193147, 0.0767132, 0.00240779]
    assert loop_function(x) == pytest.approx(values, rel=3e-6)  # digits given
    assert vector_loop_function(1e-9 * np.sqrt(x), np.sqrt(x), 1.0) == pytest.approx(values, rel=3e-6)


def test_vector_loop_function_for_a_light_chi():
    m4 = np.array([1e4, 1e2, 1.0, 0.1])
    assert vector_loop_function(1e-6, 1.0, m4) == pytest.approx(loop_function(1 / m4**2), rel=1e-9)


@pytest.mark.parametrize("ratio", [1e2, 1e4, 1e6])
def test_vector_loop_function_far_above_nu4(ratio):
    """Eq. 15 tends to m4^2/(4 m_phi^2): nothing cancels down to rounding."""
    assert vector_loop_function(1e-3 * ratio, ratio, 1.0) == pytest.approx(0.25 / ratio**2, rel=1e-2)


def test_vector_loop_function_by_adaptive_quadrature():
    m_chi, m_phi, m4 = 99.0, 297.0, 400.0
    chi, phi = (m_chi / m4) ** 2, (m_phi / m4) ** 2

    def integrand(z):
        below = z * phi - z * (1 - z) * chi
        loop = 1 - z
        above = below + loop
        h = [math.log(d) - z * z * chi / d for d in (above, below)]
        mixed = above * math.log(above) - below * math.log(below) - loop - z * z * chi * math.log(above / below)
        return loop * sum(h) - 2 * mixed

    assert vector_loop_function(m_chi, m_phi, m4) == pytest.approx(-0.5 * quad(integrand, 0, 1, limit=400)[0], rel=1e-9)


def test_vector_loop_function_over_that_of_a_light_chi():
    assert vector_loop_function(1.0, 3.0, 10.0) / loop_function(0.09) == pytest.approx(1.0483, abs=5e-5)
    m = np.array([0.1, 1.0, 10.0, 50.0, 99.0])
    ratio = vector_loop_function(m, 3 * m, 400.0) / loop_function((3 * m / 400) ** 2)
    assert ratio == pytest.approx([1.0087, 1.0133, 1.0264, 1.0535, 1.0718], abs=5e-5)


def test_cross_section_per_nucleon():
    assert nucleon_cross_section(1.0, [1.0, 10.0, 100.0]) == pytest.approx([6.151e-40, 1.933e-39, 2.270e-39], rel=3e-4)
    assert nucleon_cross_section(1.0, 10.0, "Ge") == pytest.approx(1.720e-39, rel=3e-4)
    with pytest.raises(InputError, match="Xe"):
        nucleon_cross_section(1.0, 1.0, "Pb")


def test_limits_on_the_coupling_recast():
    # sigma limit, m_chi, m4 and Y of an independent evaluation
    for sigma, m_chi, m4, expected in [
        (7.7e-47, 35.0, 350.0, 4.81e-5),
        (7.7e-47, 35.0, 400.0, 3.91e-5),
        (1.7e-46, 20.0, 200.0, 1.10e-4),
        (1.7e-46, 20.0, 400.0, 4.26e-5),
        (2.2e-48, 40.0, 400.0, 1.37e-6),
        (3.0e-48, 100.0, 1000.0, 1.81e-6),
    ]:
        assert coupling_limit(sigma, m_chi, 3 * m_chi, m4) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize(("m_chi", "m4", "expected"), [(10, 100, 4.50e-47), (10, 400, 2.36e-46), (15, 400, 3.82e-46)])
def test_cross_section_on_the_thermal_line(m_chi, m4, expected):
    target = float(thermal_target(float(m_chi), 1 / 3))
    mixing = math.sqrt(9 * math.sqrt(target)) / (4 * math.pi)
    a_Z = z_coupling((4 * math.pi) ** 2, mixing**2, m_chi, 3 * m_chi, m4)
    sigma_n = nucleon_cross_section(a_Z, m_chi)
    assert sigma_n == pytest.approx(expected, rel=5e-3)  # s^2 is up to 1e-3 of 1 - s^2, digits given
    # the limit at that cross section is the point itself, but for s^2(1 - s^2)
    assert coupling_limit(sigma_n, m_chi, 3 * m_chi, m4) == pytest.approx(target, rel=5e-3)


def test_coupling_to_the_z_has_the_mixing_of_one_neutrino_line():
    assert z_coupling(4.0, 0.2, 1.0, 3.0, 10.0) == pytest.approx(
        0.16 * 4.0 / (16 * math.pi**2) * vector_loop_function(1.0, 3.0, 10.0)
    )


def test_a_split_chi_escapes_xenon():
    # mu v^2/2 for a very heavy chi on 122 GeV at 776 km/s: about 410 keV
    assert largest_splitting_seen(1e6) == pytest.approx(0.5 * 131.29 * 0.93149 * (776 / 299792.458) ** 2, rel=1e-3)
    light = 0.5 * 10 * 122.3 / 132.3 * (776 / 299792.458) ** 2
    assert largest_splitting_seen(10.0) == pytest.approx(light, rel=1e-3)
    with pytest.raises(InputError, match="Pb"):
        largest_splitting_seen(1.0, "Pb")


def test_higgs_portal():
    p = PortalParameters(m_chi=10.0, m_phi=30.0, m4=100.0, yL=3.0, Umu4=0.04)
    yukawa = 0.04 * 100.0 / p.vev
    assert portal_coupling(p) == pytest.approx(9.0 * yukawa**2 / (16 * math.pi**2))
    # |H|^2 = (v + h/sqrt2)^2: vertex g = sqrt2 v lambda; Gamma = g^2 beta/(16 pi m_h) for distinct particles
    vertex = math.sqrt(2) * p.vev * 0.01
    beta = math.sqrt(1 - 4 * 30.0**2 / p.m_h**2)
    assert width_h_to_phi(p, 0.01) == pytest.approx(vertex**2 * beta / (16 * math.pi * p.m_h))
    assert width_h_to_phi(p.replace(m_phi=70.0), 0.01) == 0.0
    assert relative_mass_shift(p, 0.02) == pytest.approx(0.02 * (p.vev / 30.0) ** 2)
