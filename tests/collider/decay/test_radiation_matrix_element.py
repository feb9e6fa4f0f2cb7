"""W -> l nu gamma at order alpha: explicit Dirac matrices, the formulas of `collider.decay.radiation`, and PHOTOS."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import quad

from collider.decay.radiation import LEPTON_MASSES, FinalStateRadiation
from nucore.model import constants
from tools.validation.radiation import spin_changes

ALPHA = float(constants.ALPHA_EM)
PER_PHOTON = 0.5 * ALPHA / math.pi
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
_PAULI = (np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1]))
_NONE, _ONE = np.zeros((2, 2)), np.eye(2)
GAMMA = np.array(
    [np.block([[_NONE, _ONE], [_ONE, _NONE]])] + [np.block([[_NONE, s], [-s, _NONE]]) for s in _PAULI], dtype=complex
)
LEFT = 0.5 * (np.eye(4) - 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3])
#: Spin -1, 0 and +1 of the W along the lepton, the z axis.
SPINS = np.array([[0, 1, -1j, 0], [0, 0, 0, math.sqrt(2.0)], [0, 1, 1j, 0]]) / math.sqrt(2.0)


def slash(p):
    return np.einsum("m,mij->ij", METRIC @ p, GAMMA)


def dot(p, q):
    return p @ METRIC @ q


def momenta(z, y, mass):
    """Lepton along z, neutrino and photon, of a W of mass 1: z = 2 E_l and y = 2 p.k."""
    energy, neutrino = 0.5 * z, 0.5 * (1.0 - y - mass**2)
    momentum, photon = math.sqrt(energy**2 - mass**2), 1.0 - energy - neutrino
    cosine = (photon**2 - momentum**2 - neutrino**2) / (2.0 * momentum * neutrino)
    p = np.array([energy, 0.0, 0.0, momentum])
    q = neutrino * np.array([1.0, math.sqrt(1.0 - cosine**2), 0.0, cosine])
    return p, q, np.array([1.0, 0.0, 0.0, 0.0]) - p - q


def amplitude(p, q, k, mass):
    """[photon, W] matrices between ubar(p) and v(q): emission from the lepton and from the W, kappa = 1."""
    total, virtual = p + q + k, p + q
    propagator = -METRIC + np.outer(virtual, virtual)  # of a W of mass 1 and squared momentum 1 - 2 E_gamma
    vertex = (
        np.einsum("ab,n->abn", METRIC, total + virtual)
        + np.einsum("bn,a->abn", METRIC, k - virtual)
        - np.einsum("na,b->abn", METRIC, k + total)
    )
    lowered = np.einsum("abn,bc,cd,de->ane", vertex, METRIC, propagator, METRIC)
    from_w = np.einsum("ane,eij->naij", lowered, GAMMA @ LEFT) / (dot(virtual, virtual) - 1.0)
    inner = (slash(p + k) + mass * np.eye(4)) / (2.0 * dot(p, k))
    from_lepton = np.einsum("nij,jk,akl->nail", GAMMA, inner, GAMMA @ LEFT)
    return from_lepton - from_w


def squared(chain, p, q, mass):
    bar = GAMMA[0] @ chain.conj().T @ GAMMA[0]
    return np.trace((slash(p) + mass * np.eye(4)) @ chain @ slash(q) @ bar).real


def exact_density(z, y, mass):
    """dGamma/(Gamma dz dy), by the spin of the W along the lepton, without formula: traces and phase space."""
    p, q, k = momenta(z, y, mass)
    chains = np.einsum("sa,naij->snij", SPINS @ METRIC, amplitude(p, q, k, mass))
    by_spin = [-sum(METRIC[n, n] * squared(spin[n], p, q, mass) for n in range(4)) for spin in chains]
    born_p, born_q = 0.5 * np.array([1.0, 0, 0, 1.0]), 0.5 * np.array([1.0, 0, 0, -1.0])
    born = sum(squared(slash(spin) @ LEFT, born_p, born_q, 0.0) for spin in SPINS)
    # phase space 1/(128 pi^3) dz dy against 1/(8 pi) of two bodies; e^2 = 4 pi alpha
    return 4.0 * math.pi * ALPHA / (16.0 * math.pi**2) * np.array(by_spin) / born


def formula(z, y, mass=0.0):
    """The matrix element of `collider.decay.radiation`."""
    return PER_PHOTON * ((1 - z) / (y * (1 - z + y) ** 2) * (z**2 + (1 - y) ** 2) - 2.0 * mass**2 / y**2)


def integrated(z, low, mass=0.0):
    return quad(lambda log: math.exp(log) * formula(z, math.exp(log), mass), math.log(low), math.log(z), limit=200)[0]


POINTS = [(0.9, 0.3), (0.3, 0.1), (0.6, 0.55), (0.95, 0.01), (0.15, 0.002)]


@pytest.mark.parametrize(("z", "y"), POINTS)
def test_massless_matrix_element(z, y):
    exact = exact_density(z, y, 0.0)
    assert exact.sum() == pytest.approx(formula(z, y), rel=1e-11)
    # z'^2 goes with the spin of the W along the neutrino: rotated to the lepton
    share, along = z**2 / (z**2 + (1 - y) ** 2), (z - y) / (z * (1 - y))
    spins = (1 - share) * np.array([along**2, 2 * along * (1 - along), (1 - along) ** 2]) + share * np.array([1, 0, 0])
    np.testing.assert_allclose(exact / exact.sum(), spins, atol=1e-11)


def test_photons_couple_to_a_conserved_current():
    p, q, k = momenta(0.6, 0.2, 0.03)
    chains = np.einsum("n,sa,naij->sij", METRIC @ k, SPINS @ METRIC, amplitude(p, q, k, 0.03))
    scale = squared(np.einsum("a,aij->ij", METRIC @ SPINS[0], amplitude(p, q, k, 0.03)[0]), p, q, 0.03)
    assert max(abs(squared(chain, p, q, 0.03)) for chain in chains) < 1e-12 * scale


@pytest.mark.parametrize("mass", [1e-2, 1e-3])
def test_lepton_mass_adds_one_term(mass):
    """In the cone of the mass, y of the order of mass^2, and far from it; the rest is of the relative order mass^2."""
    for z in (0.2, 0.5, 0.8):
        for y in (1.5 * mass**2 / z, 30.0 * mass**2 / z, 0.5 * z):
            if y > mass**2 * (1.0 - z) / z:
                assert exact_density(z, y, mass).sum() == pytest.approx(formula(z, y, mass), rel=40.0 * mass**2)


@pytest.mark.parametrize("z", [0.05, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("lepton", ["mu", "e"])
def test_weak_coupling_gives_the_matrix_element(z, lepton):
    strength = 1e-4
    mass = LEPTON_MASSES[lepton] / float(constants.M_W)
    inside = math.sin(0.05) ** 2
    lowest = {"bare": mass**2 * (1 - z) / z, "dressed": z * (1 - z) * inside / (1 - z * inside)}
    for mode, low in lowest.items():
        fsr = dataclasses.replace(FinalStateRadiation(lepton, mode, 0.1), strength=strength)
        step = 1e-3 * min(z, 1.0 - z)
        slope = (fsr.radiated_below(1 - z + step) - fsr.radiated_below(1 - z - step)) / (2 * step * strength)
        expected = integrated(z, low, mass if mode == "bare" else 0.0)
        # second order and rounding 2e-5; for dressed ones ln(1-kz) as -kz
        assert slope == pytest.approx(expected, rel=5e-5)


def test_a_narrow_cone_takes_the_place_of_the_mass():
    """Bare less dressed is the splitting function times the logarithm of the cone over the mass, less the dead cone."""
    strength, cone = 1e-6, 0.01
    mass = LEPTON_MASSES["e"] / float(constants.M_W)
    for z in (0.2, 0.7, 0.98):
        step = 1e-3 * min(z, 1.0 - z)
        slopes = [
            np.diff(fsr.radiated_below(1 - z + step * np.array([-1.0, 1.0])))[0] / (2 * step * strength * PER_PHOTON)
            for fsr in (
                FinalStateRadiation("e", strength=strength),
                FinalStateRadiation("e", "dressed", cone, strength=strength),
            )
        ]
        angles = math.log((z * cone / (2.0 * mass)) ** 2)
        assert slopes[0] - slopes[1] == pytest.approx((1 + z**2) / (1 - z) * angles - 2 * z / (1 - z), rel=1e-4)


def test_spin_changes_are_the_integrals_over_the_photon():
    for z in (0.05, 0.4, 0.9):
        flipped = [quad(lambda y, s=s, z=z: exact_density(z, y, 0.0)[s], 1e-9, z - 1e-9)[0] for s in (1, 2)]
        np.testing.assert_allclose(spin_changes(z), flipped, rtol=1e-6)


def test_photos():
    """Muon and neutrino of W -> mu nu (gamma) have more than 98% of the W mass in 93.61% of the decays of PHOTOS.

    This is with the exact matrix element at first order and 10^7 decays, error 0.008%; with exponentiation 93.78%
    (Nanava and Was, http://cern.ch/~wasm/W-ME.html).
    """
    mass, lost = LEPTON_MASSES["mu"] / float(constants.M_W), 1.0 - 0.98**2
    fraction = 0.0
    nodes, weights = np.polynomial.legendre.leggauss(60)
    logs = 0.5 * math.log(lost) * (1.0 - nodes)  # of the photon energy x = 1 - z + y, lost to 1
    for log, weight in zip(logs, weights, strict=True):
        x = math.exp(log)
        low, high = mass**2 * x / (1.0 - x), x
        by_log = lambda t, x=x: math.exp(t) * formula(1.0 - x + math.exp(t), math.exp(t), mass)  # noqa: E731
        fraction += -0.5 * math.log(lost) * weight * x * quad(by_log, math.log(low), math.log(high), limit=200)[0]
    assert fraction == pytest.approx(0.0639, abs=0.00016)
    # exponentiation: of our z instead of the mass, for which soft photons count alike
    fsr = FinalStateRadiation("mu")
    weak = dataclasses.replace(fsr, strength=1e-6)
    exponentiated = float(1.0 - fsr.radiated_below(lost)) / (1e6 * float(1.0 - weak.radiated_below(lost)))
    assert exponentiated == pytest.approx(0.0622 / 0.0639, abs=0.006)
