"""Rates of many points at once: against the exact integrals of one point, Eq. 12, limits and sum rules."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from mesons.decays.channels import decay_channel
from mesons.decays.dark_ratios import dark_ratios
from mesons.decays.three_body import ratio_in_bins, three_body_ratio
from mesons.decays.two_body import parent_and_lepton_mass
from nucore.errors import InputError
from nucore.model.parameters import PortalParameters
from nucore.model.points import ParameterPoints
from nucore.model.widths import two_body_ratio

CHANNELS = [
    *[
        ("pi+", "e"),
        ("pi+", "mu"),
        ("K+", "e"),
        ("K+", "mu"),
        ("D+", "mu"),
        ("D_s+", "tau"),
        ("B+", "e"),
        ("B+", "tau"),
    ],
    *[("tau-", "pi"), ("tau-", "K"), ("tau-", "e"), ("tau-", "mu"), ("mu-", "e")],
]
WINDOWED = [channel for channel in CHANNELS if decay_channel(*channel).single_neutrino]
#: The aim; what is reached is mostly below 1e-5.
ACCURACY = 1e-3


def log_uniform(rng: np.random.Generator, low: float, high: float, n: int) -> np.ndarray:
    return np.exp(rng.uniform(math.log(low), math.log(high), n))


def random_points(parent: str, lepton: str, n: int) -> ParameterPoints:
    """Open points: a quarter with m4 near the threshold of nu4, near the end of the range, or little energy release."""
    rng = np.random.default_rng(n)
    m_parent, m_lepton = decay_channel(parent, lepton).masses
    end = m_parent - m_lepton
    chi, phi, m4 = (
        log_uniform(rng, 1e-4, end, 8 * n),
        log_uniform(rng, 1e-4, end, 8 * n),
        log_uniform(rng, 1e-4, 100, 8 * n),
    )
    kind = rng.integers(4, size=8 * n)
    distance = rng.choice([-1.0, 1.0], 8 * n) * log_uniform(rng, 1e-9, 1.0, 8 * n)
    scale = np.where(kind == 1, end * (1.0 - log_uniform(rng, 1e-6, 0.5, 8 * n)) / (chi + phi), 1.0)
    chi, phi = chi * scale, phi * scale
    m4 = np.where(kind == 2, (chi + phi) * (1.0 + distance), np.where(kind == 3, end * (1.0 + distance), m4))
    chosen = np.flatnonzero((chi < phi) & (chi + phi < end) & (m4 > 0.0))[:n]
    assert chosen.size == n
    columns = ParameterPoints.single("mu", m4[chosen], 0.0)
    mixings = {f"U{name}4": np.sqrt(log_uniform(rng, 1e-9, 0.1, n)) for name in ("e", "mu", "tau")}
    yL = log_uniform(rng, 1e-6, 4.0 * math.pi, n)
    yL[::20] *= 1e-3
    return dataclasses.replace(columns, m_chi=chi[chosen], m_phi=phi[chosen], yL=yL, **mixings)


def exact(parent: str, lepton: str, points: ParameterPoints, of: Callable[..., object]) -> np.ndarray:
    """`of` of the decay of each point alone."""
    channel = decay_channel(parent, lepton)
    columns = (points.m_chi, points.m_phi, points.m4, points.yL, channel.nu4_share(points), points.U4_sq)
    return np.array([of(channel.dark(*map(float, row))) for row in np.transpose(columns)])


@pytest.mark.parametrize(("parent", "lepton"), CHANNELS)
def test_rates_agree_with_those_of_single_points(parent: str, lepton: str) -> None:
    points = random_points(parent, lepton, 200)
    np.testing.assert_allclose(
        dark_ratios(parent, lepton, points), exact(parent, lepton, points, three_body_ratio), rtol=ACCURACY
    )


@pytest.mark.parametrize(("parent", "lepton"), WINDOWED)
def test_windows_agree_with_bins_of_single_points(parent: str, lepton: str) -> None:
    points = random_points(parent, lepton, 150)
    m_parent, m_lepton = decay_channel(parent, lepton).masses
    edges = np.array([0.0, 0.3, 0.6, 0.9, 1.3]) * (m_parent**2 - m_lepton**2) / (2.0 * m_parent)
    found = dark_ratios(parent, lepton, points, list(itertools.pairwise(edges)))
    expected = exact(parent, lepton, points, lambda decay: ratio_in_bins(decay, edges)).T
    total = dark_ratios(parent, lepton, points)
    np.testing.assert_allclose(found, expected, rtol=ACCURACY, atol=1e-12 * total.max())
    np.testing.assert_allclose(found.sum(axis=0), total, rtol=ACCURACY)


@pytest.mark.parametrize("yL", [1e-9, 1e-3, 1.0, 12.0])
@pytest.mark.parametrize("shift", [-1e-2, -1e-6, 0.0, 1e-6, 1e-2])
def test_peak_at_the_edge_of_a_window(yL: float, shift: float) -> None:
    points = dataclasses.replace(
        ParameterPoints.single("mu", 0.25, 1e-4), m_chi=np.array([0.02]), m_phi=np.array([0.06]), yL=np.array([yL])
    )
    decay = decay_channel("K+", "mu").dark(0.02, 0.06, 0.25, yL, 1e-4, 1e-4)
    assert decay.pole_momentum is not None
    edge = decay.pole_momentum * (1.0 + shift)
    expected = ratio_in_bins(decay, [0.0, edge, 0.3])
    found = dark_ratios("K+", "mu", points, [(0.0, edge), (edge, 0.3)])[:, 0]
    # on the very pole the two halves of a peak of width 1e-20 are lost in rounding
    if shift == 0.0 and yL < 1e-6:
        assert found.sum() == pytest.approx(expected.sum(), rel=1e-3)
    else:
        np.testing.assert_allclose(found, expected, rtol=ACCURACY, atol=1e-14 * expected.sum())


@pytest.mark.parametrize(("parent", "lepton", "m_chi"), [("pi+", "e", 0.01), ("K+", "mu", 0.05), ("B+", "tau", 0.4)])
def test_heavy_nu4_against_equation_12(parent: str, lepton: str, m_chi: float) -> None:
    """Eq. 12 of arXiv:1709.07001 (contact limit), integrated by scipy over x = 2 E_l/M."""
    m_parent, m_lepton = parent_and_lepton_mass(parent, lepton)
    m_phi, u, yL = 3.0 * m_chi, 1e-4, 2.0
    x_l, x_chi, x_phi = ((m / m_parent) ** 2 for m in (m_lepton, m_chi, m_phi))

    def density(x: float) -> float:
        q = 1.0 + x_l - x
        lam = (q - x_chi - x_phi) ** 2 - 4.0 * x_chi * x_phi
        shape = math.sqrt(max(x * x - 4.0 * x_l, 0.0) * max(lam, 0.0)) * (q + x_chi - x_phi)
        return shape * ((1.0 - x) * x + 2.0 * x_l) / (32.0 * math.pi**2 * q**3 * x_l * (1.0 - x_l) ** 2)

    ends = 2.0 * math.sqrt(x_l), 1.0 + x_l - (math.sqrt(x_chi) + math.sqrt(x_phi)) ** 2
    # x = low + (high - low) sin^2(t) makes the roots at both ends smooth
    contact = quad(
        lambda t: density(ends[0] + (ends[1] - ends[0]) * math.sin(t) ** 2) * (ends[1] - ends[0]) * math.sin(2.0 * t),
        0.0,
        0.5 * math.pi,
        epsrel=1e-9,
    )[0]
    points = dataclasses.replace(
        ParameterPoints.single(lepton, 1e4, u), m_chi=np.array([m_chi]), m_phi=np.array([m_phi]), yL=np.array([yL])
    )
    # 1 - s^2, and (Q/m4)^2 below 1e-6
    assert dark_ratios(parent, lepton, points)[0] == pytest.approx(yL**2 * u * (1.0 - u) * contact, rel=2e-5)


def test_narrow_nu4_keeps_the_two_body_rate() -> None:
    m4 = np.linspace(0.01, 0.38, 38)
    points = ParameterPoints.single("mu", m4, 1e-4)
    points = dataclasses.replace(points, m_chi=0.2 * m4, m_phi=0.7 * m4, yL=np.full(m4.size, 1e-4))
    m_parent, m_lepton = parent_and_lepton_mass("K+", "mu")
    np.testing.assert_allclose(
        dark_ratios("K+", "mu", points), 1e-4 * two_body_ratio(m_parent, m_lepton, m4), rtol=1e-5
    )


def test_what_is_closed_is_zero_and_yR_is_not_a_number() -> None:
    base = PortalParameters(m_chi=0.01, m_phi=0.03, m4=0.2, yL=1.0)
    changes = [
        {},
        {"m_phi": 1.0},
        {"yL": 0.0},
        {"Umu4": 0.0},
        {"yR": 0.1},
        {"yR": 0.1, "Umu4": 0.0},
        {"yL": 0.0, "yR": 1.0},
    ]
    points = ParameterPoints.of([base.replace(**change) for change in changes])
    ratios = dark_ratios("K+", "mu", points)
    assert ratios[0] > 0.0
    np.testing.assert_array_equal(ratios[1:], [0.0, 0.0, 0.0, math.nan, 0.0, math.nan])
    windows = dark_ratios("K+", "mu", points, [(0.0, 0.1), (0.3, 0.4)])
    np.testing.assert_array_equal(windows[1], [0.0, 0.0, 0.0, 0.0, math.nan, 0.0, math.nan])
    assert dark_ratios("K+", "mu", ParameterPoints.of([])).shape == (0,)


def test_windows_need_a_single_neutrino() -> None:
    points = ParameterPoints.single("tau", 0.1, 0.01)
    with pytest.raises(InputError, match="window"):
        dark_ratios("tau-", "mu", points, [(0.0, 0.1)])
    with pytest.raises(InputError, match="window"):
        dark_ratios("tau-", "pi", points, [(0.2, 0.1)])


def test_masses_on_a_threshold() -> None:
    """m4 at m_chi + m_phi, at the end of the range, and at neither; no width at the first."""
    m_parent, m_lepton = parent_and_lepton_mass("K+", "mu")
    points = ParameterPoints.single("mu", [0.25, m_parent - m_lepton, 0.25], 1e-4)
    points = dataclasses.replace(points, m_chi=np.full(3, 0.125), m_phi=np.array([0.125, 0.2, 0.13]), yL=np.ones(3))
    np.testing.assert_allclose(
        dark_ratios("K+", "mu", points), exact("K+", "mu", points, three_body_ratio), rtol=ACCURACY
    )
