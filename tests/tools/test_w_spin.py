"""Decay angles of simulated W bosons: frame, moments, their reduction, and weights to other angles."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from collider.decay.collins_soper import angular_moments
from collider.decay.w_decay import decay_density
from collider.production.shower_spin import AT_REST, RAPIDITY_MAX, S_MAX, shower_coefficients
from collider.production.w_production import w_component
from tools.recipes.reduce_w_spin import N_S_NODES, N_Y_NODES, binned_moments, fit_coefficients
from tools.validation.pythia_w import transverse_mass
from tools.validation.reweighting import PT_EDGES_GEV, RAPIDITY_EDGES, decay_weights, expected_cells

Array = NDArray[np.float64]


def drawn_angles(coefficients: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw one pair of angles from the decay density of each of n sets of coefficients, float64[5, n]."""
    n = coefficients.shape[1]
    cosine, phi = np.empty(n), np.empty(n)
    left = np.arange(n)
    while left.size:
        c, f = rng.uniform(-1.0, 1.0, left.size), rng.uniform(-np.pi, np.pi, left.size)
        accepted = rng.uniform(0.0, 0.4, left.size) < decay_density(c, f, coefficients[:, left], 0.0)
        cosine[left[accepted]], phi[left[accepted]] = c[accepted], f[accepted]
        left = left[~accepted]
    return cosine, phi


def test_transverse_mass_of_a_decay_at_rest() -> None:
    assert transverse_mass(np.array([[3.0], [4.0]]), np.array([[-3.0], [-4.0]])) == pytest.approx([10.0])


def test_reduction_finds_the_coefficients_of_a_sample() -> None:
    rng = np.random.default_rng(2)
    n = 400_000
    b = rng.exponential(0.3, n)
    y = rng.normal(0.0, 1.2, n)
    square = b**2 / (1.0 + b**2)
    truth = np.stack([square, 0.1 * b * y / (1 + b), 0.7 * square, -0.4 * np.sqrt(square) * np.tanh(y), -2.0 + square])
    cosine, phi = drawn_angles(truth, rng)
    sample = {
        "charge": np.ones(n), "w_mass": np.full(n, 80.0), "w_pt": 80.0 * b, "up": np.ones(n), "w_rapidity": y,
        "cos_theta": cosine, "phi": phi,
    }  # fmt: skip
    table, chi2 = fit_coefficients(binned_moments(sample, 1))
    assert table.shape == (N_S_NODES, N_Y_NODES, 5)
    assert table[0] == pytest.approx(np.tile(AT_REST, (N_Y_NODES, 1)))
    assert np.all((chi2 > 0.8) & (chi2 < 1.25))
    s, at_y = S_MAX * np.arange(N_S_NODES) / (N_S_NODES - 1), np.linspace(-RAPIDITY_MAX, RAPIDITY_MAX, N_Y_NODES)
    i, j = int(np.abs(s - 0.6).argmin()), int(np.abs(at_y - 1.0).argmin())
    node = 0.25 * s[i] / (1.0 - s[i])  # b
    square = node**2 / (1.0 + node**2)
    a1, a3 = 0.1 * node * at_y[j] / (1 + node), -0.4 * np.sqrt(square) * np.tanh(at_y[j])
    expected = [square, a1, 0.7 * square, a3, -2.0 + square]
    # 10,000 events within a spline's width: standard deviations of 0.02 (A4) to 0.04 (A0)
    assert table[i, j] == pytest.approx(expected, abs=0.1)


def test_weights_turn_the_shower_into_our_decay() -> None:
    rng = np.random.default_rng(3)
    n = 60_000
    component = w_component(7.0, 1, 0.0)
    up, y = rng.choice([-1.0, 1.0], n), rng.normal(0.0, 1.5, n)
    mass, pt = np.full(n, 80.4), np.full(n, 20.0)
    cosine, phi = drawn_angles(shower_coefficients(7.0, 1, pt / mass, y), rng)
    sample = {"w_mass": mass, "w_pt": pt, "up": up, "w_rapidity": up * y, "cos_theta": cosine, "phi": phi}
    weight = decay_weights(sample, component, 7.0)
    values = angular_moments(cosine, phi)[:5]
    expected = component.spin(mass, pt, y)[:5].mean(axis=1)
    error = (weight * (values - expected[:, None])).std(axis=1) / np.sqrt(n)
    assert weight.mean() == pytest.approx(1.0, abs=0.01)
    assert np.all(np.abs((weight * values).mean(axis=1) - expected) < 4.0 * error + 0.01)
    # Without weights the test sees the difference between both.
    assert np.abs(values.mean(axis=1) - expected).max() > 0.1


def test_expected_cells_are_the_tables() -> None:
    component = w_component(7.0, 1, 0.0)
    cells = expected_cells(component).production
    assert cells.sum() == pytest.approx(1.0)
    in_y = cells.sum(axis=1)
    centre = 0.5 * (RAPIDITY_EDGES[1:] + RAPIDITY_EDGES[:-1])
    one = (centre > 1.4) & (centre < 1.6)
    pt = 0.5 * (PT_EDGES_GEV[1:-1] + PT_EDGES_GEV[:-2])
    share = component.spin(80.4, 15.0, 1.5)[5]
    low = (pt > 12.0) & (pt < 18.0)
    here, there = cells[one][:, :-1][:, low].sum(), cells[::-1][one][:, :-1][:, low].sum()
    assert here / (here + there) == pytest.approx(share, abs=0.003)
    assert in_y[one].sum() > in_y[::-1][one].sum()
    # Half of the W bosons have less transverse momentum than the median of data/w_pt/README.md.
    cumulative = np.interp(9.12, PT_EDGES_GEV[:-1], np.append(0.0, np.cumsum(cells.sum(axis=0))[:-1]))
    assert cumulative == pytest.approx(0.5, abs=0.01)
