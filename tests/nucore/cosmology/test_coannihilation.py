"""chi phi* to weak bosons through a virtual neutrino."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import kn

from nucore.cosmology.coannihilation import (
    chi_phi_amplitude,
    largest_weak_width,
    log_pole_density,
    running_width,
    weak_width,
)
from nucore.cosmology.reaction_densities import energies_above, log_density
from nucore.model import constants as c
from nucore.model.nu4_decays import TwoBodyWidths
from nucore.model.parameters import PortalParameters
from tests.nucore.cosmology.dirac import RIGHT, bar, slash, spinors


def boson_factor(m, boson, width):
    def integrand(q_sq):
        shape = boson * width / math.pi / ((q_sq - boson**2) ** 2 + (boson * width) ** 2)
        return shape * (1 - q_sq / m**2) ** 2 * (1 + 2 * q_sq / m**2)

    points = [q for q in (boson**2 - 5 * boson * width, boson**2) if q < m**2]
    return quad(integrand, 0, m**2, epsabs=0, epsrel=1e-10, limit=500, points=points or None)[0]


@pytest.mark.parametrize(("mass", "accuracy"), [(5.0, 0.02), (30.0, 1e-6), (80.0, 1e-6), (95.0, 1e-6), (400.0, 1e-6)])
def test_weak_width_is_the_breit_wigner_integral(mass, accuracy):
    vectors = boson_factor(mass, c.M_W, c.GAMMA_W) + 0.5 * boson_factor(mass, c.M_Z, c.GAMMA_Z)
    higgs = 0.5 * max(1 - (c.M_H / mass) ** 2, 0) ** 2
    expected = c.G_F * mass**3 / (8 * math.pi * math.sqrt(2)) * (vectors + higgs)
    assert weak_width(mass) == pytest.approx(expected, rel=accuracy)


def test_quick_bound_of_the_weak_width():
    mass = np.geomspace(1e-3, 1e4, 2000)
    assert np.all(weak_width(mass) <= largest_weak_width(mass) * mass)


def test_width_of_nu4_to_chi_phi():
    p = PortalParameters(m_chi=2.0, m_phi=2.5, m4=7.0, yL=0.7, Umu4=0.1)
    assert running_width(3.5, 1.25, 0.7) * 7.0 * p.UN4_sq == pytest.approx(TwoBodyWidths.of(p).phi, rel=1e-12)


def test_amplitude_against_spinors():
    # nu* -> l W with unit coupling; Gamma_w of the same vertex, so that only the structure of the line is tested
    m_chi, m_phi, energy, boson, m4, yL, s_sq = 1.0, 1.1, 2.4, 0.9, 400.0, 0.3, 1e-3
    p = math.sqrt((energy**2 - 2.1**2) * (energy**2 - 0.1**2)) / (2 * energy)
    total = np.array([energy, 0, 0, 0])
    chi = np.array([math.hypot(p, m_chi), 0, 0, p])
    line = slash(total) * (1 / (energy**2 - m4**2) - 1 / energy**2)
    k = (energy**2 - boson**2) / (2 * energy)
    metric = np.diag([1.0, -1.0, -1.0, -1.0])
    gammas = [slash(metric @ e) for e in np.eye(4)]

    def squared(spinors_in, cosine):
        lepton = k * np.array([1, math.sqrt(1 - cosine**2), 0, cosine])
        w = total - lepton
        sum_of_polarisations = np.outer(w, w) / boson**2 - metric
        found = 0.0
        for out in spinors(lepton):
            for u in spinors_in:
                current = np.array([bar(out) @ g @ u for g in gammas])
                found += np.real(np.einsum("m,n,mn", current, current.conj(), metric @ sum_of_polarisations @ metric))
        return found

    cosines, weights = np.polynomial.legendre.leggauss(20)
    phase_space = k / (8 * math.pi * energy)

    def integrated(spinors_in):
        return phase_space * sum(w * squared(spinors_in, z) for z, w in zip(cosines, weights, strict=True))

    left = np.eye(4) - RIGHT
    # a neutrino at rest of mass E: projector on left-handed fields
    rest = [np.concatenate([math.sqrt(energy) * xi, math.sqrt(energy) * xi]) for xi in np.eye(2)]
    gamma_w = 0.5 * integrated([left @ u for u in rest]) / (2 * energy)
    produced = integrated([yL * math.sqrt(s_sq * (1 - s_sq)) * line @ RIGHT @ u for u in spinors(chi)])
    expected = 16 * math.pi * p * energy * produced
    shape = chi_phi_amplitude(energy, 1e3, m_phi, m4, yL, s_sq) / (weak_width(1e3 * energy) / 1e3)
    assert shape * gamma_w == pytest.approx(expected, rel=3e-3)


@pytest.mark.parametrize(
    ("m4", "x"), [(1.5, 20.0), (2.0, 20.0), (2.4, 8.0), (2.4, 20.0), (3.5, 8.0), (5.0, 8.0), (20.0, 20.0)]
)
def test_the_pole_of_nu4_against_the_integral(m4, x):
    m_chi, m_phi, yL, s_sq = 60.0, 1.1, 0.5, 1e-3
    threshold = 1 + m_phi

    def width(energy):
        dark = energy**2 * running_width(energy, m_phi, yL) * (1 - s_sq)
        return dark + energy * s_sq * weak_width(energy * m_chi) / m_chi

    def integrand(energy):
        p = math.sqrt((energy**2 - threshold**2) * (energy**2 - (1 - m_phi) ** 2)) / (2 * energy)
        line = m4**4 / energy**4 / ((energy**2 - m4**2) ** 2 + width(energy) ** 2)
        trace = 4 * yL**2 * s_sq * (1 - s_sq) * line * energy * weak_width(energy * m_chi) / m_chi
        return kn(1, x * energy) * 16 * math.pi * p * energy * trace * 0.5 * (energy**2 + 1 - m_phi**2)

    near = [m4 + n * width(m4) / (2 * m4) for n in (-100, -10, -1, 0, 1, 10, 100)]
    near = [energy for energy in near if threshold < energy < 9]
    integral = quad(integrand, threshold, 9, points=near or None, limit=1000, epsrel=1e-8, epsabs=0)[0]
    expected = math.log(integral / (256 * math.pi**5 * x)) + 2 * x
    point = [np.array([[v]]) for v in (m_chi, m_phi, m4, yL, s_sq)]
    away = log_density(
        chi_phi_amplitude(energies_above(np.array([threshold])), *point), np.array([threshold]), np.array([x])
    )
    found = np.logaddexp(away, log_pole_density(np.array([[x]]), *point))
    assert found.item() == pytest.approx(expected, abs=0.08)
