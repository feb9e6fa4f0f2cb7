"""Kinematics: invariance, thresholds, limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucore.model.kinematics import boost, kallen, kallen_of_masses, mass_left, transverse_mass, two_body_momentum

masses = st.floats(0.001, 10.0)


@given(masses, masses, masses)
def test_the_two_forms_of_the_kallen_function_agree(m, m1, m2):
    scale = max(m, m1, m2) ** 4
    assert kallen_of_masses(m, m1, m2) == pytest.approx(kallen(m**2, m1**2, m2**2), abs=1e-13 * 20 * scale)


@given(masses, masses, st.floats(0.0, 5.0))
def test_two_body_momentum_conserves_energy(m1, m2, extra):
    m = m1 + m2 + extra
    p = two_body_momentum(m, m1, m2)
    # rounding only: near threshold the square root loses half of the digits
    assert np.hypot(p, m1) + np.hypot(p, m2) == pytest.approx(m, rel=1e-12)


@given(masses, masses, masses)
def test_mass_left_is_rounded_once(m, m1, m2):
    for m0 in (m, m1 + m2, (m1 + m2) * (1 + 1e-15)):
        expected = math.fsum([m0, -m1, -m2])
        assert mass_left(m0, m1, m2) == pytest.approx(expected, rel=1e-15, abs=1e-30)
        assert mass_left(np.array([m0]), m1, np.array([m2]))[0] == mass_left(m0, m1, m2)


def test_a_closed_decay_has_no_momentum():
    assert two_body_momentum(1.0, 0.7, 0.4) == 0.0


components = st.floats(-3.0, 3.0)


@given(
    st.tuples(components, components, components), st.floats(0.0, 3.0), st.tuples(components, components, components)
)
def test_a_boost_keeps_the_mass_and_carries_the_rest_vector(p3, mass, direction):
    p = np.array([np.sqrt(np.dot(p3, p3) + mass**2), *p3])
    norm = np.linalg.norm(direction)
    beta = 0.9 * np.asarray(direction) / norm if norm > 0 else np.zeros(3)
    boosted = boost(p, beta)
    # gamma = 2.3 multiplies energies of a few GeV: rounding of the squared mass stays below 1e-12 GeV^2
    assert boosted[0] ** 2 - boosted[1:] @ boosted[1:] == pytest.approx(mass**2, abs=1e-11)
    at_rest = boost(np.array([1.0, 0.0, 0.0, 0.0]), beta)
    assert at_rest[1:] / at_rest[0] == pytest.approx(beta, abs=1e-14)
    assert boost(boosted, -beta) == pytest.approx(p, abs=1e-12)


def test_transverse_mass_of_a_back_to_back_pair_is_twice_pt():
    assert transverse_mass(40.0, 40.0, np.pi) == pytest.approx(80.0)
    assert transverse_mass(40.0, 40.0, 0.0) == 0.0
