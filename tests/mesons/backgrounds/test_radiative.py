"""M -> l nu gamma: squared amplitude from matrices, and published branching ratios in their windows."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from mesons.backgrounds.lost_particles import LostParticles
from mesons.backgrounds.radiative import RadiativeDecay
from nucore.errors import InputError

ZERO, ONE = np.zeros((2, 2)), np.eye(2)
PAULI = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]])]
GAMMA = [np.block([[ZERO, ONE], [ONE, ZERO]])] + [np.block([[ZERO, s], [-s, ZERO]]) for s in PAULI]
GAMMA5 = np.diag([-1.0, -1.0, 1.0, 1.0])
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
LEVI_CIVITA = np.zeros((4, 4, 4, 4))
for order in itertools.permutations(range(4)):
    LEVI_CIVITA[order] = -np.linalg.det(np.eye(4)[list(order)])


def slash(v: np.ndarray) -> np.ndarray:
    return sum(METRIC[i, i] * v[i] * GAMMA[i] for i in range(4))


def squared_amplitude(m: float, m_l: float, f: float, vector: float, axial: float, x: float, y: float) -> float:
    """Sum over spins of |f L - H l|^2 with L, H and l as in hep-ph/9209261, Eqs. 3.2 to 3.4.

    The polarisations are summed with -g, which needs a gauge-invariant amplitude.
    """
    photon, energy = x * m / 2, y * m / 2
    p_l = math.sqrt(energy**2 - m_l**2)
    cosine = ((m - photon - energy) ** 2 - photon**2 - p_l**2) / (2 * photon * p_l)
    q = np.array([photon, 0, 0, photon])
    l_ = np.array([energy, p_l * math.sqrt(1 - cosine**2), 0, p_l * cosine])
    p = np.array([m, 0, 0, 0])
    w, neutrino = p - q, p - q - l_
    dot = lambda a, b: a @ METRIC @ b  # noqa: E731
    left, right = np.eye(4) - GAMMA5, np.eye(4) + GAMMA5
    total = 0.0
    for mu in range(4):
        external = p[mu] / dot(p, q) * np.eye(4)
        internal = (2 * l_[mu] * np.eye(4) + slash(q) @ GAMMA[mu]) / (2 * dot(l_, q))
        amplitude = f * m_l * right @ (external - internal)
        for nu in range(4):
            tensor = 1j * vector * np.einsum("ab,a,b->", LEVI_CIVITA[mu, nu], METRIC @ q, METRIC @ p)
            tensor += -axial * (dot(q, w) * METRIC[mu, nu] - w[mu] * q[nu])
            amplitude = amplitude - tensor * METRIC[nu, nu] * GAMMA[nu] @ left
        conjugate = GAMMA[0] @ amplitude.conj().T @ GAMMA[0]
        trace = np.trace(slash(neutrino) @ amplitude @ (slash(l_) - m_l * np.eye(4)) @ conjugate)
        total -= METRIC[mu, mu] * trace.real
    return total


@pytest.mark.parametrize(("vector", "axial"), [(0.0, 0.0), (0.4, 0.0), (0.0, 0.4), (0.3, 0.2), (-0.5, 0.1)])
@pytest.mark.parametrize(("x", "y"), [(0.3, 0.9), (0.5, 0.8), (0.1, 1.0), (0.7, 0.6)])
def test_squared_amplitude(vector: float, axial: float, x: float, y: float) -> None:
    decay = RadiativeDecay(0.493677, 0.1056583755, 0.1557, vector, axial, 0.0, 1.0)
    r = decay.r
    terms = lambda d: sum(d.terms(np.array(x), np.array(x + y - 1 - r), np.array(1 + r - y)))  # noqa: E731
    none = dataclasses.replace(decay, vector=0.0, axial=0.0)
    # F_V, F_A of the PDG review are -M V and -M A where f is f_M
    form = lambda v, a: squared_amplitude(decay.m_parent, decay.m_lepton, 0.1557, v, a, x, y)  # noqa: E731
    expected = form(-vector / decay.m_parent, -axial / decay.m_parent) / form(0.0, 0.0)
    assert terms(decay) / terms(none) == pytest.approx(expected, rel=1e-9)


def test_interference_with_the_minus_term_is_destructive() -> None:
    """Observed by ISTRA+ (arXiv:1001.0374) and OKA with F_V - F_A > 0."""
    decay = dataclasses.replace(RadiativeDecay.of("K+", "mu"), vector=0.0765, axial=-0.0765)
    x, y = np.array(0.3), np.array(0.8)
    assert decay.terms(x, x + y - 1 - decay.r, 1 + decay.r - y)[2] < 0


Window = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def in_window(decay: RadiativeDecay, window: Window, n: int = 1500) -> list[float]:
    """The three terms within cuts on momentum, energies (GeV) and the cosine between lepton and photon."""
    edges = decay.max_momentum * (1 - np.geomspace(1e-7, 1, n + 1)[::-1])
    p = 0.5 * (edges[1:] + edges[:-1])[:, None]
    low, high, gap = decay.d_range(p)
    length = np.log(high / low)
    d = low * np.exp(length * (np.arange(n) + 0.5) / n)
    energy, photon = np.hypot(p, decay.m_lepton), 0.5 * decay.m_parent * (d + gap)
    cosine = (energy * photon - 0.5 * d * decay.m_parent**2) / (p * photon)
    measure = d * length / n * 2 * p / (decay.m_parent * energy) * np.diff(edges)[:, None]
    inside = window(p, energy, photon, cosine)
    return [float(np.sum(term * measure * inside)) for term in decay.terms(d + gap, d, gap)]


def test_pion_to_muon() -> None:
    """QED expectation for E_gamma > 1 MeV quoted with the measurement of Bressi 1998 (PDG 2026, S008R1)."""
    decay = RadiativeDecay.of("pi+", "mu")
    value = decay.branching_ratio(1e-3)
    assert value == pytest.approx(2.283e-4, rel=5e-4)  # four digits
    assert value == pytest.approx(sum(in_window(decay, lambda p, e, k, c: k > 1e-3)), rel=1e-3)
    assert abs(value - 2.0e-4) < 1.5 * 0.25e-4


@pytest.mark.parametrize(
    ("photon", "momentum", "measured", "uncertainty"),
    [
        (1e-3, 0.2315, 5.4e-3, 0.3e-3),  # Akiba 1985
        (1e-3, 0.2315, 6.0e-3, 0.9e-3),  # Barmin 1988
        (1e-3, 0.2315, 6.2e-3, 0.8e-3),  # average
        (20e-3, math.inf, 3.2e-3, 0.5e-3),  # Barmin 1988
        (20e-3, math.inf, 3.5e-3, 0.8e-3),  # Demidov 1990
    ],
)
def test_kaon_to_muon(photon: float, momentum: float, measured: float, uncertainty: float) -> None:
    """PDG 2026, S010R45."""
    value = RadiativeDecay.of("K+", "mu").branching_ratio(photon, momentum_GeV=(0.0, momentum))
    assert abs(value - measured) < 1.1 * uncertainty


def test_structure_dependent_kaon_decay() -> None:
    """BR(SD+) = 1.33(22)e-5 for |F_V + F_A| = 0.165 (Adler 2000B, PDG 2026, S010R60)."""
    decay = dataclasses.replace(RadiativeDecay.of("K+", "mu"), vector=0.0825, axial=0.0825)
    assert in_window(decay, lambda p, e, k, c: k > 0)[1] == pytest.approx(1.33e-5, abs=0.22e-5)


def test_kaon_to_electron() -> None:
    """10 < E_gamma < 250 MeV, p_e > 200 MeV/c, over K -> mu nu (PDG 2026, S010R78)."""
    terms = in_window(RadiativeDecay.of("K+", "e"), lambda p, e, k, c: (k > 0.01) & (k < 0.25) & (p > 0.2))
    assert sum(terms) / 0.6356 == pytest.approx(1.62e-5, abs=0.22e-5)


def test_pion_to_electron() -> None:
    """E_gamma > 10 MeV, angle > 40 degrees (Bychkov 2009, PDG 2026, S008R4)."""
    terms = in_window(RadiativeDecay.of("pi+", "e"), lambda p, e, k, c: (k > 0.01) & (c < math.cos(math.radians(40))))
    # lowest order: radiative corrections of some percent to bremsstrahlung, which is 90% of this window, are left out
    assert sum(terms) == pytest.approx(7.386e-7, rel=0.06)


def test_loss_of_photons() -> None:
    decay = RadiativeDecay.of("K+", "mu")
    everything = decay.branching_ratio(1e-3)
    soft = decay.branching_ratio(1e-3, LostParticles((0.02,), (1.0, 0.0)))
    hard = decay.branching_ratio(20e-3)
    assert soft + hard == pytest.approx(everything, rel=1e-6)
    tenth = decay.branching_ratio(1e-3, LostParticles((0.02,), (1.0, 0.1)))
    assert tenth == pytest.approx(soft + 0.1 * hard, rel=1e-6)
    window = decay.branching_ratio(1e-3, momentum_GeV=(0.1, 0.2))
    p = np.linspace(0.1, 0.2, 4001)
    assert window == pytest.approx(np.trapezoid(decay.dbr_dp(p, 1e-3), p), rel=1e-5)
    assert not decay.dbr_dp([0.0, 0.2356, 0.3], 1e-3).any()
    assert decay.branching_ratio(1e-3, momentum_GeV=(0.3, 0.4)) == 0.0


def test_heavy_mesons_radiate_by_bremsstrahlung_alone() -> None:
    decay = RadiativeDecay.of("B+", "mu")
    assert in_window(decay, lambda p, e, k, c: k > 0.1)[1:] == [0.0, 0.0]
    with pytest.raises(InputError, match="closed"):
        RadiativeDecay.of("K+", "tau")
