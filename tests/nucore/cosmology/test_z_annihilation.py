"""chi chibar -> Z*: against a Breit-Wigner, the loop, scattering on a neutron, and the amplitude of one neutrino."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from nucore.cosmology.annihilation import annihilation_sigma_v, thermal_target
from nucore.cosmology.direct_detection import nucleon_cross_section, z_coupling
from nucore.cosmology.z_annihilation import thermal_z_sigma_v, z_exchange_sigma_v, z_interference_sigma_v
from nucore.model import constants as c

M_Z = float(c.M_Z)


def _breit_wigner(vector, beta=1e-3):
    """Sigma v at the peak for L = g/(2 cos theta_W) vector Z chibar gamma chi.

    sigma = (2J+1)/4 * 4 pi/k^2 * B_in B_out with B_in from Gamma(Z -> chi chibar) at the velocity beta,
    G_F m_Z^3/(6 sqrt2 pi) vector^2 beta (3 - beta^2)/2, and all other decays in B_out.
    """
    gamma_in = float(c.G_F) * M_Z**3 / (6 * math.sqrt(2) * math.pi) * vector**2 * 1.5 * beta
    return 3 * math.pi / (M_Z / 2 * beta) ** 2 * gamma_in / float(c.GAMMA_Z) * 2 * beta * c.GEV_M2_TO_CM3_PER_S


def test_peak_with_the_vector_coupling_that_scatters_on_neutrons():
    # f_n = sqrt2 G_F g_V(chi) g_V(n) with g_V(n) = -1/2; without protons sigma = mu^2 f_n^2/pi, here from xenon
    a_Z, mass, protons, nucleons = 0.01, M_Z / 2, 54, 131.29
    reduced = float(c.M_NUCLEON) * mass / (float(c.M_NUCLEON) + mass)
    weak_charge = (nucleons - protons - (1 - 4 * float(c.SIN2_THETA_EFF)) * protons) / nucleons
    f_n = math.sqrt(nucleon_cross_section(a_Z, mass) / (c.HBARC_SQ_GEV2_PB * 1e-36) * math.pi) / reduced / weak_charge
    vector = f_n / (math.sqrt(2) * float(c.G_F) * 0.5)
    assert vector == pytest.approx(a_Z)
    # 4%: fermions are massless and without QCD corrections in the sum of couplings, 2.42 of 2.4955 GeV
    assert z_exchange_sigma_v(a_Z, mass) == pytest.approx(_breit_wigner(vector), rel=0.04)


def test_loop_has_the_coupling_of_eq_14():
    # two neutrino lines <N nubar> = s c kslash m4^2/[k^2 (k^2 - m4^2)] around gamma^mu P_L, Euclidean k^2 = t m4^2:
    # kslash gamma^mu kslash -> -k^2/2 gamma^mu; a right-handed coupling in units of g/(2 cos theta_W)
    x, yL_sq, U_sq = 0.09, 2.0, 1e-3
    integral = quad(lambda t: t * (t / 2) / (t**2 * (1 + t) ** 2 * (t + x)), 0, np.inf)[0]
    right = yL_sq * U_sq * (1 - U_sq) / (16 * math.pi**2) * integral
    # vector half of `right` equals a_Z, which the peak above takes as vector coupling
    assert z_coupling(yL_sq, U_sq, 1e-4, 0.3, 1.0) == pytest.approx(right / 2, rel=1e-6)


def test_share_at_the_peak_is_a_third_whatever_the_couplings():
    masses = np.linspace(40.0, 50.0, 2001)
    for yL_sq_U_sq in (float(np.sqrt(9 * 9 * thermal_target(45.6, 1 / 3))), 1e-3):
        a_Z = z_coupling(yL_sq_U_sq / 1e-4, 1e-4, masses, 3 * masses, 10 * masses)
        share = z_exchange_sigma_v(a_Z, masses) / annihilation_sigma_v(masses, 3 * masses, yL_sq_U_sq)
        assert share.max() == pytest.approx(0.33, abs=0.01)
        assert masses[share.argmax()] == pytest.approx(M_Z / 2, abs=0.05)
    # a heavy phi suppresses the tree: the Z dominates
    a_Z = z_coupling(10.0, 1e-4, M_Z / 2, 5 * M_Z, 15 * M_Z)
    assert z_exchange_sigma_v(a_Z, M_Z / 2) > 10 * annihilation_sigma_v(M_Z / 2, 5 * M_Z, 1e-3)


@pytest.mark.parametrize("mass", [10.0, 44.9, 45.6, 46.3, 200.0])
def test_interference_completes_the_square_of_one_neutrino(mass):
    # amplitude of (chibar gamma P_R chi)(nubar gamma P_L nu) with coefficient C: sigma v = |C|^2 m^2/8 pi
    a_Z, coupling, m_phi = 0.003, 0.2, 3 * mass
    z_nu = z_exchange_sigma_v(a_Z, mass) * 0.5 / _sum_of_couplings()
    tree = annihilation_sigma_v(mass, m_phi, coupling)
    difference = M_Z**2 - 4 * mass**2
    cosine = difference / math.hypot(difference, M_Z * float(c.GAMMA_Z))
    expected = 2 * math.sqrt(z_nu * tree) * cosine
    assert z_interference_sigma_v(a_Z, mass, m_phi, coupling) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("x", [3.0, 22.0, 1e4, 1e9])
@pytest.mark.parametrize("mass", [5.0, 40.0, 45.0, 45.594, 46.5, 150.0])
def test_thermal_average_of_the_propagator(mass, x):
    # <sigma v> = (2/sqrt(pi)) int sqrt(t) exp(-t) sigma v(t), with t = u^2, at s = 4 m^2 (1 + t/x)
    a_Z, coupling, m_phi = 0.003, 0.2, 3 * mass
    gamma = M_Z * float(c.GAMMA_Z)

    def of_s(u, power):
        from_pole = M_Z**2 - 4 * mass**2 * (1 + u**2 / x)
        size = from_pole**2 + gamma**2
        return (1.0, from_pole)[power] / size * 4 / math.sqrt(math.pi) * u**2 * math.exp(-(u**2))

    def mean(power):
        peak = x * (M_Z**2 / (4 * mass**2) - 1)
        width = x * gamma / (4 * mass**2)
        near = [peak + k * width for k in (-30, -3, 0, 3, 30)]
        points = [math.sqrt(t) for t in near if 0 < t < 36]
        return quad(of_s, 0, 6, args=(power,), points=points or None, limit=500, epsrel=1e-10, epsabs=0)[0]

    rest = (M_Z**2 - 4 * mass**2) ** 2 + gamma**2
    square = z_exchange_sigma_v(a_Z, mass) * rest * mean(0)
    at_rest = (M_Z**2 - 4 * mass**2) / rest
    interference = z_interference_sigma_v(a_Z, mass, m_phi, coupling) / at_rest * mean(1)
    scale = abs(square) + abs(interference)
    assert thermal_z_sigma_v(a_Z, mass, m_phi, coupling, x) == pytest.approx(square + interference, abs=1e-5 * scale)


def _sum_of_couplings():
    """Of N_c (v^2 + a^2), from the widths of the Z at lowest order with massless fermions."""
    s_sq = float(c.SIN2_THETA_EFF)
    neutrinos, leptons = 3 * 0.5, 3 * (0.25 + (0.5 - 2 * s_sq) ** 2)
    up, down = 6 * (0.25 + (0.5 - 4 / 3 * s_sq) ** 2), 9 * (0.25 + (0.5 - 2 / 3 * s_sq) ** 2)
    return neutrinos + leptons + up + down
