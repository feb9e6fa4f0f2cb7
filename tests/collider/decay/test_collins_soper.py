"""Decay angles: the frame undoes the decay, and moments give back the coefficients."""

from __future__ import annotations

import numpy as np
import pytest

from collider.decay.collins_soper import angular_moments, collins_soper
from collider.decay.w_decay import decay_momenta


def test_collins_soper_angles_undo_the_decay() -> None:
    rng = np.random.default_rng(1)
    n = 500
    mass, pt, y, azimuth = (rng.uniform(*r, n) for r in ((60, 100), (0.1, 90), (-3, 3), (-np.pi, np.pi)))
    cosine, phi = rng.uniform(-0.999, 0.999, n), rng.uniform(-3.1, 3.1, n)
    side = rng.choice([-1.0, 1.0], n)
    momenta = decay_momenta(mass, np.zeros(n), pt, y, azimuth, 1.0 - cosine, phi)
    boson, lepton = momenta.lepton + momenta.neutrino, momenta.lepton.copy()
    # A rotation by pi about the W's transverse momentum moves the axis to the other beam and leaves all angles.
    direction = boson[1:3] / pt
    for p in (boson, lepton):
        along = (direction * p[1:3]).sum(axis=0)
        p[1:3] = np.where(side > 0.0, p[1:3], 2.0 * along * direction - p[1:3])
        p[3] *= side
    found = collins_soper(boson, lepton, side)
    assert found[0] == pytest.approx(cosine, abs=1e-9)
    assert found[1] == pytest.approx(phi, abs=1e-7)


def test_moments_are_the_coefficients() -> None:
    expected = np.array([0.3, 0.1, 0.2, -0.25, -1.4, 0.03, -0.06, 0.05])
    nodes, weights = np.polynomial.legendre.leggauss(200)
    phi = np.linspace(0.0, 2.0 * np.pi, 20, endpoint=False)
    c, f = np.broadcast_arrays(nodes[:, None], phi)
    s = np.sqrt(1.0 - c**2)
    terms = np.stack(
        [0.5 * (1.0 - 3.0 * c**2), 2.0 * s * c * np.cos(f), 0.5 * s**2 * np.cos(2.0 * f), s * np.cos(f), c,
         s**2 * np.sin(2.0 * f), 2.0 * s * c * np.sin(f), s * np.sin(f)]
    )  # fmt: skip
    density = 3.0 / (16.0 * np.pi) * (1.0 + c**2 + np.tensordot(expected, terms, 1))
    density = density * weights[:, None] * 2.0 * np.pi / phi.size
    # 1e-6: sin(theta) alone is no polynomial in c.
    assert (angular_moments(c, f) * density).sum(axis=(1, 2)) == pytest.approx(expected, abs=1e-6)


def test_a_boson_along_the_beams_has_the_axes_of_the_laboratory() -> None:
    boson = np.array([[100.0], [0.0], [0.0], [60.0]])
    momenta = decay_momenta(np.array([80.0]), np.zeros(1), np.zeros(1), np.arctanh([0.6]), np.zeros(1), np.array([0.7]),
                            np.array([0.4]))  # fmt: skip
    assert collins_soper(boson, momenta.lepton, 1.0) == (pytest.approx([0.3]), pytest.approx([0.4]))
