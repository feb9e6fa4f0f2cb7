"""Overlap integrals of muon conversion against a solution of the Dirac equation in the field of the nucleus."""

import math

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid, solve_ivp

from nucore.model import constants as c
from nucore.model.flavour_violation import NUCLEI, Nucleus, mu_e_conversion

FM = 1.0 / 0.1973269804  # 1/GeV
ALPHA, M_MU, M_E = float(c.ALPHA_EM), float(c.M_MU), float(c.M_E)
CUT, ASYMPTOTIC = 25.0 * FM, 400.0 * FM

# Z, N, rms radius and diffuseness of the charge in fm: I. Angeli, K. P. Marinova, ADNDT 99 (2013) 69, with a
# surface of 2.3 fm; gold as in electron scattering (c = 6.38 fm, H. de Vries et al., ADNDT 36 (1987) 495)
CHARGE = {
    "Al": (13, 14, 3.0610, 0.523),
    "Ti": (22, 26, 3.5921, 0.523),
    "Au": (79, 118, 5.327, 0.535),
    "Pb": (82, 126, 5.5012, 0.523),
}
GOLD_OF_MUONIC_ATOMS = (79, 5.4371, 0.523)


def wave(energy, mass, potential, end):
    """(r, r g, r f) of a kappa = -1 state, regular at the origin."""

    def slope(r, u):
        kinetic = energy - potential(r)
        return [u[0] / r + (kinetic + mass) * u[1], -u[1] / r - (kinetic - mass) * u[0]]

    start = 1e-3
    first = [start, -(energy - potential(start) - mass) * start**2 / 3.0]
    return solve_ivp(slope, [start, end], first, method="DOP853", rtol=1e-8, atol=1e-12, dense_output=True).sol


def overlaps(Z, rms, diffuseness):
    """V_p and D (m_mu^5/2) in the normalisation of hep-ph/0203110: bound muon to 1, electron to 2 pi delta(E - E')."""
    # Fermi distribution: rms^2 = (3/5) c^2 + (7/5) (pi a)^2
    half_density = math.sqrt((5.0 * rms**2 - 7.0 * (math.pi * diffuseness) ** 2) / 3.0)
    r = np.linspace(1e-4, CUT, 8001)
    density = 1.0 / (1.0 + np.exp((r / FM - half_density) / diffuseness))
    inside = cumulative_trapezoid(4.0 * math.pi * r**2 * density, r, initial=0.0)
    outside = cumulative_trapezoid(4.0 * math.pi * r * density, r, initial=0.0)
    table = -Z * ALPHA * (inside / r + outside[-1] - outside) / inside[-1]

    def potential(x):
        return -Z * ALPHA / x if x > CUT else float(np.interp(x, r, table))

    # below the 1s energy g grows without a node, above it has one
    reach = 14.0 / (Z * ALPHA * M_MU) + 6.0 * half_density * FM
    low, high = M_MU + 0.99 * float(table[0]), M_MU * (1.0 - 0.1 * (Z * ALPHA) ** 2)
    low = max(low, M_MU * (1.0 - 0.6 * (Z * ALPHA) ** 2))
    grid = np.linspace(1e-3, reach, 4001)
    for _ in range(45):
        middle = 0.5 * (low + high)
        node = np.any(wave(middle, M_MU, potential, reach)(grid)[0] < 0.0)
        low, high = (low, middle) if node else (middle, high)
    muon = wave(low, M_MU, potential, reach)(grid)
    muon = muon[:, : np.argmin(np.abs(muon[0, 500:])) + 500]  # cut where the growing solution takes over
    x = grid[: muon.shape[1]]
    muon = muon / math.sqrt(np.trapezoid(np.sum(muon**2, axis=0), x))

    state = wave(low, M_E, potential, ASYMPTOTIC)
    far = np.sum(state(np.linspace(0.9, 1.0, 400) * ASYMPTOTIC) ** 2, axis=0).mean()
    electron = state(x) * math.sqrt(2.0 / far)
    protons = np.interp(x, r, Z * density / inside[-1], right=0.0)
    charge = np.interp(x, r, inside / inside[-1])
    field = Z * math.sqrt(4.0 * math.pi * ALPHA) * charge / (4.0 * math.pi * x**2)
    V_p = np.trapezoid(np.sum(electron * muon, axis=0) * protons, x) / (2.0 * math.sqrt(2.0))
    D = -4.0 / math.sqrt(2.0) * M_MU * np.trapezoid(field * (electron[0] * muon[1] + electron[1] * muon[0]), x)
    return V_p / M_MU**2.5, D / M_MU**2.5


@pytest.mark.parametrize("name", NUCLEI)
def test_overlap_integrals_follow_from_the_dirac_equation(name):
    Z, N, rms, diffuseness = CHARGE[name]
    V_p, D = overlaps(Z, rms, diffuseness)
    nucleus = NUCLEI[name]
    # 1.5%: shape of the charge distribution
    assert pytest.approx(V_p, rel=0.015) == nucleus.V_p
    assert pytest.approx(D, rel=0.015) == nucleus.D
    # neutrons distributed as the protons
    assert pytest.approx(V_p * N / Z, rel=0.015) == nucleus.V_n


def test_radius_of_muonic_atoms_lowers_the_rate_in_gold_by_a_quarter(monkeypatch):
    published = mu_e_conversion(100.0, 1e-6, 1e-6, 0.0, nucleus="Au")
    V_p, D = overlaps(*GOLD_OF_MUONIC_ATOMS)
    gold = Nucleus(V_p, V_p * 118 / 79, D, NUCLEI["Au"].capture_per_s)
    monkeypatch.setitem(NUCLEI, "Au", gold)
    assert mu_e_conversion(100.0, 1e-6, 1e-6, 0.0, nucleus="Au") / published == pytest.approx(0.76, abs=0.02)
