"""Mixing: exact unitarity for any flavour structure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucore.model.constants import VEV
from nucore.model.mixing import lambda_yukawa, mixing_matrix, z_couplings

amplitude = st.floats(-0.57, 0.57)  # three of them stay below sum of squares 1
amplitudes = st.tuples(amplitude, amplitude, amplitude)


@given(amplitudes)
def test_the_matrix_is_orthogonal_and_holds_the_amplitudes(u):
    matrix = mixing_matrix(u)
    assert matrix @ matrix.T == pytest.approx(np.eye(4), abs=1e-14)
    assert matrix[:3, 3] == pytest.approx(np.array(u))


@given(amplitudes)
def test_z_couplings_follow_the_closed_forms(u):
    coupling = z_couplings(u)
    u = np.array(u)
    s_sq = u @ u
    assert coupling[:3, :3] == pytest.approx(np.eye(3) - np.outer(u, u), abs=1e-14)
    assert coupling[:3, 3] == pytest.approx(np.sqrt(1 - s_sq) * u, abs=1e-14)
    assert coupling[3, 3] == pytest.approx(s_sq, abs=1e-14)
    # three active neutrinos: a projector of rank 3
    assert coupling @ coupling == pytest.approx(coupling, abs=1e-13)


def test_one_flavour_mixes_only_itself():
    matrix = mixing_matrix((0.0, 0.3, 0.0))
    assert matrix[1, 1] == pytest.approx(np.sqrt(1 - 0.09))
    assert matrix[0] == pytest.approx([1, 0, 0, 0])


def test_yukawa_uses_the_174_gev_vacuum_value():
    assert lambda_yukawa(0.1, 400.0, VEV) == pytest.approx(0.1 * 400 / 174.1036, rel=1e-5)
