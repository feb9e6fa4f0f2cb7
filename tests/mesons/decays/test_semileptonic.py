"""K -> pi l nu4 against an integral over the Dalitz plot."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from mesons.decays.semileptonic import form_factors, neutrino_mass_factor, semileptonic_rates
from nucore.model.kinematics import kallen
from nucore.model.points import ParameterPoints

M_K, M_PI0 = 0.493677, 0.1349768
MASSES = {"e": 0.51099895e-3, "mu": 0.1056583755}


def dalitz_rate(lepton: str, m4: float) -> float:
    """Width up to a factor: |M|^2 = 2 (l.H)(n.H) - H^2 l.n over pion and lepton energies, H = f_+ (K + pi) + f_- q."""
    m_l = MASSES[lepton]
    nodes, weights = np.polynomial.legendre.leggauss(80)
    low, high = M_PI0, (M_K**2 + M_PI0**2 - (m_l + m4) ** 2) / (2 * M_K)
    angle = math.pi / 4 * (nodes + 1)  # square roots at both ends
    e_pi = low + (high - low) * np.sin(angle) ** 2
    outer = weights * math.pi / 4 * (high - low) * np.sin(2 * angle)
    total = 0.0
    for energy, weight in zip(e_pi, outer, strict=True):
        momentum = math.sqrt(energy**2 - M_PI0**2)
        t = M_K**2 + M_PI0**2 - 2 * M_K * energy
        # the lepton in the frame of q, boosted
        e_star = (t + m_l**2 - m4**2) / (2 * math.sqrt(t))
        p_star = math.sqrt(max(e_star**2 - m_l**2, 0.0))
        gamma, boost = (M_K - energy) / math.sqrt(t), momentum / math.sqrt(t)
        e_l = gamma * e_star + boost * p_star * nodes
        f_plus, f_zero = (float(f) for f in form_factors(np.array(t)))
        f_minus = (f_zero - f_plus) * (M_K**2 - M_PI0**2) / t
        k_l, q_l = M_K * e_l, (t + m_l**2 - m4**2) / 2
        k_n, q_n = M_K * (M_K - energy - e_l), (t + m4**2 - m_l**2) / 2
        k_q = M_K * (M_K - energy)
        # K + pi = 2 K - q
        h_l = f_plus * (2 * k_l - q_l) + f_minus * q_l
        h_n = f_plus * (2 * k_n - q_n) + f_minus * q_n
        a, b = 2 * f_plus, f_minus - f_plus
        h_sq = a**2 * M_K**2 + 2 * a * b * k_q + b**2 * t
        squared = 2 * h_l * h_n - h_sq * (t - m_l**2 - m4**2) / 2
        total += weight * float(weights @ squared) * boost * p_star
    return total


@pytest.mark.parametrize("lepton", ["e", "mu"])
@pytest.mark.parametrize("m4", [0.001, 0.03, 0.1, 0.17, 0.22, 0.25, 0.33, 0.355])
def test_rate_with_a_massive_neutrino(lepton, m4):
    if m4 > M_K - M_PI0 - MASSES[lepton]:
        assert neutrino_mass_factor(lepton, m4) == 0.0
        return
    expected = dalitz_rate(lepton, m4) / dalitz_rate(lepton, 0.0)
    assert neutrino_mass_factor(lepton, m4) == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_muons_over_electrons():
    # ratio of the phase-space integrals with these form factors, as in the review of K_l3: 0.6625
    assert dalitz_rate("mu", 0.0) / dalitz_rate("e", 0.0) == pytest.approx(0.6625, abs=0.0015)


def test_massless_and_closed():
    assert neutrino_mass_factor("e", [0.0, 0.36, 10.0]) == pytest.approx([1.0, 0.0, 0.0])
    assert neutrino_mass_factor("mu", 0.2530) < 1e-4


def spectral_density(q_sq, m_chi, m_phi, m4, yL):
    """Of nu4* -> chi phi per |U_l4|^2, with Eq. 10 of arXiv:1709.07001 as the width of mass Q."""
    x, y = m_chi**2 / q_sq, m_phi**2 / q_sq
    gamma = yL**2 / (32 * math.pi) * (1 + x - y) * math.sqrt(max(kallen(1.0, x, y), 0.0))
    return gamma / (math.pi * q_sq) * m4**4 / ((q_sq - m4**2) ** 2 + (q_sq * gamma) ** 2)


@pytest.mark.parametrize("lepton", ["e", "mu"])
@pytest.mark.parametrize(
    ("m_chi", "m_phi", "m4", "yL"),
    [
        (0.02, 0.06, 10.0, 1.35),  # contact
        (0.02, 0.06, 0.15, 3.0),  # a broad nu4
        (0.02, 0.06, 0.07, 12.0),  # off-shell
        (0.1, 0.3, 0.09, 6.0),  # closed but for nu4
        (0.05, 0.15, 0.3, 4.0),  # nu4 at the end of the range, or beyond
    ],
)
def test_rate_with_chi_phi(lepton, m_chi, m_phi, m4, yL):
    # any pole of a nu4 that cannot decay to chi phi, and any weight
    U_sq, pole, weight = 1e-4, 0.7 if m4 < m_chi + m_phi else 1.0, 1.3
    p = ParameterPoints.single(lepton, m4, U_sq, m_chi=m_chi, m_phi=m_phi, yL=yL)
    found = semileptonic_rates(lepton, replace(p, pole=np.full(1, pole), weight=np.full(1, weight)))
    massless, end = dalitz_rate(lepton, 0.0), M_K - M_PI0 - MASSES[lepton]

    def per_mass(q):
        return 2 * q * spectral_density(q**2, m_chi, m_phi, m4, yL) * dalitz_rate(lepton, q) / massless

    dark, low = 0.0, m_chi + m_phi
    if low < end:
        breaks = [q for q in (0.9 * m4, m4, 1.1 * m4) if low < q < end]
        dark = quad(per_mass, low, end, points=breaks or None, epsabs=0, epsrel=1e-5, limit=100)[0]
        assert dark > 1e-6
    stable = pole * dalitz_rate(lepton, m4) / massless if m4 < low and m4 < end else 0.0
    # of first order in the mixing; the rate to nu4 is interpolated
    assert (found[0] - 1.0) / U_sq + weight == pytest.approx(dark + stable, rel=1e-3, abs=1e-6)
    other = "mu" if lepton == "e" else "e"
    assert semileptonic_rates(other, p).tolist() == [1.0]
