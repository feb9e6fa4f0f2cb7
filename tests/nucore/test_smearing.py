"""Smearing matrices against direct quadrature, exact limits and moments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from nucore.errors import InputError
from nucore.smearing import Efficiency, Resolution, smearing_density, smearing_matrix


def test_resolution_terms_add_in_quadrature() -> None:
    resolution = Resolution(relative=0.03, constant=0.4, quadratic=1e-3)
    assert resolution.sigma(10.0) == pytest.approx(np.sqrt(0.3**2 + 0.4**2 + 0.1**2), rel=1e-14)
    calorimeter = Resolution(relative=0.03, constant=0.4, quadratic=1e-3, stochastic=0.2)
    assert calorimeter.sigma(10.0) == pytest.approx(np.sqrt(0.3**2 + 0.4**2 + 0.1**2 + 0.2**2 * 10.0), rel=1e-14)
    np.testing.assert_allclose(calorimeter.scaled(1.3).sigma([1.0, 40.0]), 1.3 * calorimeter.sigma([1.0, 40.0]))


def test_matrix_equals_direct_integral() -> None:
    truth, reco = np.array([38.0, 38.5, 39.0]), np.array([37.0, 38.2, 40.0])
    matrix = smearing_matrix(truth, reco, Resolution(relative=0.02), n_points=6)
    for t in range(2):
        for r in range(2):

            def inside(x: float, r: int = r) -> float:
                return float(norm.cdf(reco[r + 1], x, 0.02 * x) - norm.cdf(reco[r], x, 0.02 * x))

            expected = quad(inside, truth[t], truth[t + 1], epsabs=1e-13)[0] / 0.5
            # Gauss-Legendre with 6 points on a function that is smooth over the bin (0.6 sigma wide)
            assert matrix[r, t] == pytest.approx(expected, rel=1e-9)


def test_density_is_the_derivative_of_the_matrix() -> None:
    resolution, step = Resolution(relative=0.02, constant=0.3), 1e-3
    narrow = smearing_matrix([39.999, 40.001], [40.5 - 0.5 * step, 40.5 + 0.5 * step], resolution)[0, 0] / step
    # Central differences: second derivatives of a Gaussian of 0.85 GeV times the squares of the steps, 1e-6.
    assert smearing_density([40.0], [40.5], resolution)[0, 0] == pytest.approx(narrow, rel=3e-6)


def test_zero_resolution_is_bin_overlap() -> None:
    matrix = smearing_matrix([0.0, 1.0, 2.0, 3.0], [0.5, 2.0, 2.25], Resolution())
    np.testing.assert_allclose(matrix, [[0.5, 1.0, 0.0], [0.0, 0.0, 0.25]], atol=1e-15)


@settings(deadline=None, max_examples=30)
@given(relative=st.floats(0.005, 0.05), centre=st.floats(20.0, 60.0))
def test_columns_sum_to_efficiency_and_keep_mean(relative: float, centre: float) -> None:
    truth = np.array([centre - 0.01, centre + 0.01])
    reco = np.linspace(0.3 * centre, 1.7 * centre, 4001)
    efficiency = Efficiency(nodes=(10.0, 70.0), values=(0.5, 0.9))
    column = smearing_matrix(truth, reco, Resolution(relative), efficiency)[:, 0]
    assert column.sum() == pytest.approx(float(efficiency(centre)), rel=1e-9)
    middle = 0.5 * (reco[1:] + reco[:-1])
    mean = column @ middle / column.sum()
    spread = np.sqrt(column @ (middle - mean) ** 2 / column.sum())
    assert mean == pytest.approx(centre, rel=1e-6)
    # The truth bin (0.02) and the reconstructed bins (centre/2857) add about 1e-4 of the width.
    assert spread == pytest.approx(relative * centre, rel=2e-3)


def test_efficiency_is_linear_between_nodes_and_flat_outside() -> None:
    efficiency = Efficiency(nodes=(20.0, 40.0), values=(0.2, 1.0))
    np.testing.assert_allclose(efficiency([10.0, 30.0, 90.0]), [0.2, 0.6, 1.0])
    assert float(Efficiency(values=(0.7,))(123.0)) == 0.7


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Resolution(relative=-0.1), "relative"),
        (lambda: Resolution(constant=float("nan")), "constant"),
        (lambda: Resolution(stochastic=-0.1), "stochastic"),
        (lambda: Efficiency(nodes=(1.0,), values=(0.5, 0.6)), "one value per node"),
        (lambda: Efficiency(nodes=(2.0, 1.0), values=(0.5, 0.6)), "increase"),
        (lambda: Efficiency(values=(1.2,)), "from 0 to 1"),
        (lambda: smearing_density([1.0], [1.0], Resolution()), "above 0"),
        (lambda: smearing_matrix([1.0], [0.0, 1.0], Resolution(0.1)), "truth"),
        (lambda: smearing_matrix([0.0, 1.0], [1.0, 0.0], Resolution(0.1)), "reconstructed"),
    ],
)
def test_bad_input_is_refused(make: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()  # type: ignore[operator]
