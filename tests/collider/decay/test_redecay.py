"""Decays to nu4 from those to a massless neutrino: exact law, exact rate, exact kinematics, for any spin."""

from __future__ import annotations

import numpy as np
import pytest

from collider.decay.collins_soper import angular_moments, collins_soper
from collider.decay.redecay import N_DIRECTIONS, random_directions, redecay
from collider.decay.w_decay import decay_density, decay_momenta
from tests.collider.w_decay_law import random_coefficients

M = 80.0


def sphere(n_cosine: int, n_phi: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directions and weights of a quadrature that is exact for polynomials of low degree."""
    nodes, weights = np.polynomial.legendre.leggauss(n_cosine)
    phi = np.linspace(-np.pi, np.pi, n_phi, endpoint=False) + 0.1
    c, f = (a.ravel() for a in np.meshgrid(nodes, phi, indexing="ij"))
    return c, f, np.repeat(weights, n_phi) * 2.0 * np.pi / n_phi


def lepton_and_boson(c, phi, pt=0.0, y=0.0, azimuth=0.0):
    columns = (np.broadcast_to(a, np.shape(c)) for a in (M, 0.0, pt, y, azimuth))
    momenta = decay_momenta(*columns, 1.0 - c, phi)
    return momenta.lepton, momenta.lepton + momenta.neutrino


@pytest.mark.parametrize("pt", [0.0, 35.0])
def test_the_density_in_a_new_direction_is_that_of_the_law(pt):
    """Weights averaged over the massless decays, by quadrature, at given new directions, for random coefficients."""
    c, phi, w = sphere(6, 8)
    lepton, boson = lepton_and_boson(c, phi, pt, 1.3, 0.7 if pt else 0.0)
    rng = np.random.default_rng(1)
    coefficients = random_coefficients(rng, 1)[:, 0]
    massless = decay_density(c, phi, coefficients[:, None], 0.0) * w
    for u in rng.uniform(size=(4, 3)):
        found = redecay(lepton, boson, np.repeat(u[:, None], c.size, axis=1))
        new = random_directions(u[:, None])[..., 0]
        for r in (0.1, 0.6):
            # density of the law, less that of the leptons which stay: (1 + r/2) normalises decay_density
            law = (1.0 + 0.5 * r) * decay_density(new[2], np.arctan2(new[1], new[0]), coefficients[:, None], r)
            stays = decay_density(new[2], np.arctan2(new[1], new[0]), coefficients[:, None], 0.0)
            _, weights = found.at(M * np.sqrt(r))
            per_direction = (weights[1:] @ massless) / (1.0 - r) ** 2 * N_DIRECTIONS / (4.0 * np.pi)
            assert per_direction == pytest.approx(law - stays, abs=1e-12)


def test_new_directions_are_uniform():
    n = random_directions(np.random.default_rng(3).uniform(size=(3, 50_000)))
    axes = n[:, ::2, 0]
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(n[:, 1::2], -n[:, ::2])
    for k in range(N_DIRECTIONS):  # of uniform directions A0 is 2/3 and all the other moments are 0
        means = angular_moments(n[2, k], np.arctan2(n[1, k], n[0, k])).mean(axis=1)
        assert means == pytest.approx([2.0 / 3.0, *[0.0] * 7], abs=0.08)


@pytest.mark.parametrize("given", [False, True])
def test_rate_and_kinematics_of_every_event(given):
    rng = np.random.default_rng(2)
    n = 300
    c, phi = rng.uniform(-1.0, 1.0, n), rng.uniform(-3.0, 3.0, n)
    lepton, boson = lepton_and_boson(c, phi, rng.exponential(15.0, n), rng.normal(0.0, 2.0, n), rng.uniform(-3, 3, n))
    coefficients = random_coefficients(rng, n) if given else None
    found = redecay(lepton, boson, rng.uniform(size=(3, n)), coefficients)
    for m4 in (0.0, 20.0, 60.0):
        r = (m4 / M) ** 2
        leptons, weights = found.at(m4)
        np.testing.assert_allclose(weights.sum(axis=0), (1.0 - r) ** 2 * (1.0 + 0.5 * r), rtol=1e-9)
        neutral = boson[:, None] - leptons
        scale = boson[0] ** 2
        for p, mass_sq in ((leptons, 0.0), (neutral, m4**2)):
            assert np.all(np.abs(p[0] ** 2 - np.square(p[1:]).sum(axis=0) - mass_sq) < 1e-9 * scale)
    assert not found.at(M + 1.0)[1].any()
    np.testing.assert_allclose(found.at(0.0)[0][:, 0], lepton)


def test_given_coefficients_are_those_of_the_new_decays():
    rng = np.random.default_rng(4)
    n, r = 30_000, 0.25
    a = random_coefficients(rng, 1)
    c, phi = rng.uniform(-1.0, 1.0, n), rng.uniform(-3.0, 3.0, n)  # another spin: it must not matter
    lepton, boson = lepton_and_boson(c, phi, 20.0, -0.8, 1.1)
    leptons, weights = redecay(lepton, boson, rng.uniform(size=(3, n)), np.repeat(a, n, axis=1)).at(M * np.sqrt(r))
    assert not weights[0].any()
    moments = (
        sum(
            angular_moments(*collins_soper(boson, leptons[:, k] / (1.0 - r), 1.0))[:5] * weights[k]
            for k in range(1, 1 + N_DIRECTIONS)
        ).mean(axis=1)
        / weights.sum(axis=0).mean()
    )
    a0, a1, a2, a3, a4 = a[:, 0]
    norm = 1.0 + 0.5 * r  # the law with a mass, docstring of collider.decay.w_decay
    expected = np.array([r + (1.0 - r) * a0, (1.0 - r) * a1, (1.0 - r) * a2, a3, a4]) / norm
    assert moments == pytest.approx(expected, abs=0.06)


def test_photons_keep_their_share():
    rng = np.random.default_rng(5)
    lepton, boson = lepton_and_boson(rng.uniform(-1, 1, 50), rng.uniform(-3, 3, 50), 10.0, 0.4, 0.2)
    kept = rng.uniform(0.5, 1.0, 50)
    leptons, _ = redecay(kept * lepton, boson, rng.uniform(size=(3, 50))).at(40.0)
    np.testing.assert_allclose(leptons[:, 0], 0.75 * kept * lepton)
    energy = 2.0 * (boson[0] * leptons[0] - (boson[1:, None] * leptons[1:]).sum(axis=0)) / M**2
    np.testing.assert_allclose(energy, np.broadcast_to(0.75 * kept, energy.shape))
