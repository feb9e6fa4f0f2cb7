"""Angular coefficients of a shower Monte Carlo."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from collider.production.shower_spin import AT_REST, RAPIDITY_MAX, shower_coefficients, shower_rapidity_factor
from collider.production.spin import SpinModel
from collider.production.w_production import w_component
from nucore.errors import InputError

Array = NDArray[np.float64]


def boosted_direction(b: float, y: float) -> Array:
    """Direction v, in the Collins-Soper frame, of the up-type parton of a W that did not move across the beams.

    Pythia decays the W before the initial-state shower and takes the decay along by the one boost, without rotation,
    that turns the momentum of the W before into that after the shower.  It depends on the frame of the beams, hence
    on y.  The shower is taken not to change y; the W has mass 1.
    """
    mt = np.hypot(1.0, b)
    before = np.array([np.cosh(y), 0.0, 0.0, np.sinh(y)])
    after = np.array([mt * np.cosh(y), b, 0.0, mt * np.sinh(y)])
    half = (after[1:] - before[1:]) / (after[0] + before[0])
    velocity = 2.0 * half / (1.0 + half @ half)
    parton = _boost(np.array([1.0, 0.0, 0.0, 1.0]), velocity)
    assert _boost(before, velocity) == pytest.approx(after, abs=1e-12)
    parton = _boost(parton, np.array([0.0, 0.0, -np.tanh(y)]))
    parton = _boost(parton, np.array([-b / mt, 0.0, 0.0]))
    return np.asarray(parton[1:] / parton[0])


def _boost(p: Array, velocity: Array) -> Array:
    square = velocity @ velocity
    if square == 0.0:
        return p
    gamma, along = (1.0 - square) ** -0.5, velocity @ p[1:]
    energy = gamma * (p[0] + along)
    return np.append(energy, p[1:] + velocity * ((gamma - 1.0) * along / square + gamma * p[0]))


@pytest.mark.parametrize("charge", [1, -1])
@pytest.mark.parametrize(("b", "y"), [(0.1, 1.5), (0.1, -2.0), (0.3, 2.0), (0.3, -2.0), (0.5, 2.5)])
def test_coefficients_are_those_of_a_single_boost(charge: int, b: float, y: float) -> None:
    v = boosted_direction(b, y)
    expected = [v[0] ** 2, v[0] * v[2], v[0] ** 2, -2.0 * v[0], -2.0 * v[2]]
    # The shower changes y by 0.3 (standard deviation), which spreads v and lowers its mean.
    found = shower_coefficients(7.0, charge, b, y)
    assert found == pytest.approx(expected, abs=0.25 * b)
    assert found[3] == pytest.approx(-2.0 * v[0], rel=0.15)


@pytest.mark.parametrize("charge", [1, -1])
def test_no_transverse_momentum_is_leading_order(charge: int) -> None:
    found = shower_coefficients(7.0, charge, 0.0, np.linspace(-4.0, 4.0, 9))
    assert found == pytest.approx(np.tile(np.array(AT_REST)[:, None], 9), abs=1e-6)


def test_beyond_the_table_its_end_holds() -> None:
    found = shower_coefficients(8.0, 1, [[0.2], [20.0], [200.0]], [RAPIDITY_MAX, RAPIDITY_MAX + 1.0])
    assert found.shape == (5, 3, 2)
    assert found[:, :, 0] == pytest.approx(found[:, :, 1])
    assert found[:, 1] == pytest.approx(found[:, 2])
    assert found[:, 0, 0] == pytest.approx(shower_coefficients(7.0, 1, 0.2, RAPIDITY_MAX))


def test_proton_antiproton_charges_are_the_same_and_beams_are_checked() -> None:
    b, y = np.array([0.1, 0.3])[:, None], np.linspace(-2.0, 2.0, 5)
    plus, minus = (shower_coefficients(1.96, charge, b, y, "ppbar") for charge in (1, -1))
    assert plus == pytest.approx(minus)
    with pytest.raises(InputError, match="unknown beams 'ep'"):
        shower_coefficients(7.0, 1, 0.1, 0.0, "ep")


@pytest.mark.parametrize("charge", [1, -1])
def test_shower_makes_the_rapidity_more_central_and_keeps_the_rate(charge: int) -> None:
    fraction = np.linspace(-1.0, 1.0, 2001)
    factor = shower_rapidity_factor(7.0, charge, fraction)
    assert factor == pytest.approx(factor[::-1])
    assert factor[1000] == pytest.approx(1.04, abs=0.01)
    assert np.all(np.diff(factor[1000:]) <= 0.0)
    without, moved = (w_component(7.0, charge, 0.0, spin=SpinModel(shower=shower)) for shower in (0.0, 1.0))
    assert moved.cross_section_pb == without.cross_section_pb
    row = int(np.abs(without.rapidity_masses - 80.4).argmin())
    steps = np.linspace(0.0, 1.0, without.rapidity_quantiles.shape[1])
    ends = np.array([-1.0, 1.0])
    inside = [np.diff(np.interp(ends, one.rapidity_quantiles[row], steps))[0] for one in (without, moved)]
    # docs/explanation/validation/w-validation.md, a comparison with other PDF sets and seeds: 3 to 5% more at |y| < 2
    assert 1.025 < inside[1] / inside[0] < 1.055


def test_shower_moves_the_table_to_the_coefficients_of_the_shower() -> None:
    mass, pt, y = 80.4, np.array([5.0, 24.0, 60.0]), np.array([-2.0, 0.3, 1.7])
    nominal, half, full = (
        w_component(7.0, -1, 0.0, spin=SpinModel(shower=s)).spin(mass, pt, y) for s in (0.0, 0.5, 1.0)
    )
    assert full[:5] == pytest.approx(shower_coefficients(7.0, -1, pt / mass, y), abs=0.005)
    assert half == pytest.approx(0.5 * (nominal + full))
    assert full[5] == pytest.approx(nominal[5])
