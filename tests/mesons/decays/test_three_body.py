"""Eq. 12 with finite m4: against mpmath, the resummed 2x2 propagator, the two-body limit and known values."""

from __future__ import annotations

import dataclasses
import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from mesons.decays.channels import decay_channel
from mesons.decays.three_body import dratio_dx, momentum_nodes, ratio_in_bins, three_body_ratio
from mesons.decays.three_body_decay import ThreeBodyDecay
from mesons.decays.two_body import parent_and_lepton_mass
from nucore.errors import InputError
from nucore.model.nu4_decays import TwoBodyWidths
from nucore.model.parameters import PortalParameters
from nucore.model.widths import two_body_ratio

M_K, M_MU, M_E = 0.493677, 0.1056583755, 0.51099895069e-3
FOUR_PI = 4.0 * math.pi


def reduced_ratio(parent: str, lepton: str, m_chi: float, m4: float, yL: float) -> float:
    """Integral of Eq. 12 over yL^2 s^2 (1 - s^2), at m_phi = 3 m_chi."""
    u = 1e-4
    point = PortalParameters(m_chi=m_chi, m_phi=3 * m_chi, m4=m4, yL=yL, Umu4=0.0).replace(**{f"U{lepton}4": u})
    return three_body_ratio(decay_channel(parent, lepton).dark_decay(point)) / (yL**2 * u**2 * (1 - u**2))


# Values computed with an independent program (explicit spinors for the integrand); four digits are given,
# and for B -> mu three: half a unit of the last is up to 3.5e-4.
@pytest.mark.parametrize(
    ("parent", "lepton", "m_chi", "m4", "yL", "value"),
    [
        *[
            ("K+", "mu", m, 1e5, 1.0, v)
            for m, v in [(0.01, 2.976e-2), (0.02, 2.161e-2), (0.04, 1.018e-2), (0.06, 3.475e-3), (0.08, 5.472e-4)]
        ],
        *[("K+", "mu", m, 10 * m, 1e-6, v) for m, v in [(0.04, 8.768e-2), (0.06, 6.802e-3), (0.08, 8.481e-4)]],
        *[
            ("K+", "mu", m, 10 * m, FOUR_PI, v)
            for m, v in [(0.01, 8.596e-3), (0.02, 1.469e-2), (0.04, 1.704e-2), (0.06, 6.148e-3), (0.08, 8.405e-4)]
        ],
        *[("K+", "e", m, 1e5, 1.0, v) for m, v in [(0.01, 892.7), (0.05, 276.4), (0.1, 6.166)]],
        *[("pi+", "e", m, 1e5, 1.0, v) for m, v in [(0.005, 61.67), (0.01, 38.08), (0.02, 7.612)]],
        *[("B+", "mu", m, 1e5, 1.0, v) for m, v in [(0.1, 2.423), (0.5, 0.845)]],
    ],
)
def test_known_values(parent: str, lepton: str, m_chi: float, m4: float, yL: float, value: float) -> None:
    assert reduced_ratio(parent, lepton, m_chi, m4, yL) == pytest.approx(value, rel=6e-4)


@pytest.mark.parametrize(("m_chi", "value"), [(0.02, 0.021613), (0.05, 0.0062855)])
def test_heavy_nu4_rates(m_chi: float, value: float) -> None:
    point = PortalParameters(m_chi=m_chi, m_phi=3 * m_chi, m4=400, yL=1, Umu4=1e-4)
    ratio = three_body_ratio(decay_channel("K+", "mu").dark_decay(point))
    assert ratio / 1e-8 == pytest.approx(value, rel=1e-4)  # digits of the reference


def kallen(a, b, c):
    return a * a + b * b + c * c - 2 * a * b - 2 * a * c - 2 * b * c


def reference_integral(d: ThreeBodyDecay) -> mpmath.mpf:
    """Eq. 12 with the propagator as a complex number, integrated with 30 digits between decades of distance."""
    with mpmath.workdps(30):
        names = ("m_parent", "m_lepton", "m_chi", "m_phi", "m4", "yL", "U_sq", "s_sq")
        m, ml, mc, mf, m4, y, u, s = (mpmath.mpf(getattr(d, n)) for n in names)
        low, high = (mc + mf) ** 2, (m - ml) ** 2
        x_l, x_c, x_f = (v**2 / m**2 for v in (ml, mc, mf))

        def integrand(q_sq):
            q = q_sq / m**2
            x = 1 + x_l - q
            root = mpmath.sqrt(abs(kallen(q, x_f, x_c)))
            lepton = mpmath.sqrt(abs(x * x - 4 * x_l)) * ((1 - x) * x + 2 * x_l) / (x_l * (1 - x_l) ** 2)
            eq12 = y**2 * u * (1 - s) / (32 * mpmath.pi**2) * lepton * (q + x_c - x_f) * root / q**3
            gamma = y**2 / (32 * mpmath.pi) * (1 + (x_c - x_f) / q) * root / q
            return eq12 * m4**4 / abs(q_sq - m4**2 + 1j * gamma * (q_sq - s * m4**2)) ** 2 / m**2

        span = high - low
        points = {low, high, m4**2} if low < m4**2 < high else {low, high}
        for anchor, sign in ((low, 1), (high, -1), (m4**2, 1), (m4**2, -1)):
            for k in range(31):
                point = anchor + sign * span * mpmath.mpf(10) ** (-k)
                if low < point < high:
                    points.add(point)
        return mpmath.quad(integrand, sorted(points), maxdegree=4)


K_MU = {"m_parent": M_K, "m_lepton": M_MU, "m_chi": 0.025, "m_phi": 0.075}


@pytest.mark.parametrize(
    "changes",
    [
        {"m4": 0.2, "yL": 1e-5},  # Gamma4/m4 = 7e-13
        {"m4": 0.1 - 1e-9, "yL": 0.3},  # just below m_chi + m_phi
        {"m4": 0.1 + 1e-9, "yL": 0.3},  # just above
        {"m4": M_K - M_MU - 1e-9, "yL": 1e-5},  # just below M - m_l
        {"m4": M_K - M_MU + 1e-9, "yL": 0.3},  # just above
        {"m4": 0.2, "yL": 0.7, "s_sq": 0.5},  # large mixing
        {"m4": 0.3, "yL": 1e-4, "m_lepton": M_E},
    ],
)
def test_against_30_digits(changes: dict[str, float]) -> None:
    decay = ThreeBodyDecay(**({"U_sq": 1e-4, "s_sq": 1e-4} | K_MU | changes))
    # the aim is 1e-6; double precision reaches 1e-13
    assert three_body_ratio(decay) == pytest.approx(float(reference_integral(decay)), rel=1e-10)


OTHER_MESONS = [("pi+", "e"), ("pi+", "mu"), ("K+", "e"), ("D+", "mu"), ("D_s+", "tau"), ("B+", "e"), ("B+", "tau")]


@pytest.mark.parametrize(("parent", "lepton"), [("pi+", "e"), ("K+", "e"), ("D_s+", "tau"), ("B+", "mu")])
@pytest.mark.parametrize(
    ("share", "yL"),
    [(0.5, 1e-5), (1.0 - 1e-7, 1e-3), (1.0 + 1e-7, 0.3), (0.3 * (1.0 - 1e-8), 0.3), (0.3 * (1.0 + 1e-8), 0.3)],
)
def test_every_meson_against_30_digits(parent: str, lepton: str, share: float, yL: float) -> None:
    """m4 within the range (Gamma4/m4 = 1e-12) and on both sides of either end; m_chi + m_phi at 30% of the range."""
    m_parent, m_lepton = parent_and_lepton_mass(parent, lepton)
    end = m_parent - m_lepton
    decay = ThreeBodyDecay(m_parent, m_lepton, 0.1 * end, 0.2 * end, share * end, yL, 1e-4, 1e-4)
    assert three_body_ratio(decay) == pytest.approx(float(reference_integral(decay)), rel=1e-9)


@pytest.mark.parametrize(("parent", "lepton"), OTHER_MESONS)
def test_limits_of_every_meson(parent: str, lepton: str) -> None:
    m_parent, m_lepton = parent_and_lepton_mass(parent, lepton)
    end = m_parent - m_lepton
    # massless chi, phi and nu4: the light neutrino's rate
    light = ThreeBodyDecay(m_parent, m_lepton, 1e-10 * end, 3e-10 * end, 1e-7 * end, 1e-3, 1e-4, 1e-4)
    assert three_body_ratio(light) == pytest.approx(1e-4, rel=1e-4)  # Gamma4/m4 = 1e-8, helicity (m4/m_l)^2 < 1e-6
    # m4 -> infinity: contact interaction, corrections of order (M/m4)^2
    heavy = ThreeBodyDecay(m_parent, m_lepton, 0.1 * end, 0.2 * end, 1e4 * end, 0.5, 1e-4, 1e-4)
    heavier = dataclasses.replace(heavy, m4=1e6 * end)
    assert three_body_ratio(heavy) == pytest.approx(three_body_ratio(heavier), rel=1e-7)


@pytest.mark.parametrize("yL", [0.3, 0.1, 0.03, 1e-2, 1e-4, 1e-8])
@pytest.mark.parametrize("m4", [0.15, 0.25, 0.38])
def test_narrow_width_limit_is_the_two_body_rate(m4: float, yL: float) -> None:
    decay = ThreeBodyDecay(M_K, M_MU, 0.1 * m4, 0.3 * m4, m4, yL, 1e-6, 1e-6)
    two_body = 1e-6 * two_body_ratio(M_K, M_MU, m4)
    # corrections are of order Gamma4/m4, at most 1e-3 here (near the end of the range a few times that)
    assert three_body_ratio(decay) == pytest.approx(two_body, rel=8e-3 * (yL / 0.3) ** 2 + 1e-11)


def test_resummed_propagator_of_two_states() -> None:
    """|<N nubar>|^2 from inverting the 2x2 left-chiral inverse propagator, for large mixing."""
    decay = ThreeBodyDecay(M_K, M_MU, 0.02, 0.06, 0.2, 9.0, 0.3, 0.4)
    contact = dataclasses.replace(decay, m4=1e6, yL=1e-3)
    p = np.linspace(0.02, 0.2, 7)
    ratio = decay.dratio_dp(p) / contact.dratio_dp(p) * (1e-3 / 9.0) ** 2
    q_sq = M_K**2 + M_MU**2 - 2 * M_K * np.hypot(p, M_MU)
    x_c, x_f = 0.02**2 / q_sq, 0.06**2 / q_sq
    gamma = 81 / (32 * np.pi) * (1 + x_c - x_f) * np.sqrt(kallen(1, x_c, x_f))
    s, c = math.sqrt(0.4), math.sqrt(0.6)
    for value, g, q in zip(ratio, gamma, q_sq, strict=True):
        mass = np.array([[s * s, s * c], [s * c, c * c]]) * 0.2**2 / q
        inverse = np.eye(2) - mass + 1j * g * np.diag([0.0, 1.0])
        amplitude = np.linalg.inv(inverse)[1, 0]
        # contact: the same amplitude for m4 -> infinity is s c/(s^2 c^2 + ...) -> -s c, without the width
        assert value == pytest.approx(abs(amplitude) ** 2 / (s * c) ** 2, rel=1e-9)


def test_width_on_the_pole_is_eq_10() -> None:
    point = PortalParameters(m_chi=0.02, m_phi=0.06, m4=0.2, yL=2.0, Umu4=0.5)
    decay = decay_channel("K+", "mu").dark_decay(point)
    assert decay.pole_width == pytest.approx(point.m4 * TwoBodyWidths.of(point).phi, rel=1e-12)


def test_spectra_in_x_and_p_are_one() -> None:
    decay = ThreeBodyDecay(M_K, M_MU, 0.02, 0.06, 0.2, 3.0, 1e-4, 1e-4)
    p = np.linspace(0.01, decay.max_momentum * 0.999, 50)
    energy = np.hypot(p, M_MU)
    in_x = dratio_dx(decay, 2 * energy / M_K) * 2 * p / (M_K * energy)
    np.testing.assert_allclose(decay.dratio_dp(p), in_x, rtol=1e-9)  # x carries a rounding of 1e-16/(x - x_min)
    assert np.all(decay.dratio_dp([decay.max_momentum * 1.01, 0.24]) == 0.0)
    assert dratio_dx(decay, [2 * M_MU / M_K * 0.99])[0] == 0.0


def test_bins_against_quad() -> None:
    decay = ThreeBodyDecay(M_K, M_MU, 0.025, 0.075, 0.25, 4.0, 1e-4, 1e-4)
    edges = np.linspace(0.03, 0.2, 8)
    expected = [
        quad(lambda p: float(decay.dratio_dp(p)), a, b, epsabs=0.0, epsrel=1e-10)[0]
        for a, b in itertools.pairwise(edges)
    ]
    np.testing.assert_allclose(ratio_in_bins(decay, edges), expected, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(
    m_chi=st.floats(1e-3, 0.09),
    ratio=st.floats(1.1, 6.0),
    m4=st.floats(0.01, 1.0),
    log_y=st.floats(-5.0, 1.0),
    cut=st.floats(0.01, 0.99),
)
def test_bins_add_up(m_chi: float, ratio: float, m4: float, log_y: float, cut: float) -> None:
    decay = ThreeBodyDecay(M_K, M_MU, m_chi, ratio * m_chi, m4, 10**log_y, 1e-3, 1e-3)
    total = three_body_ratio(decay)
    if decay.energy_release <= 0:
        assert total == 0.0
        return
    edges = np.array([0.0, cut * decay.max_momentum, 0.9 * decay.max_momentum + 0.1 * cut * M_K, 0.5])
    bins = ratio_in_bins(decay, np.sort(edges))
    assert np.all(bins >= 0.0)
    assert bins.sum() == pytest.approx(total, rel=1e-9)
    momentum, weight = momentum_nodes(decay)
    assert weight.sum() == pytest.approx(total, rel=1e-9)
    assert np.all((momentum >= 0.0) & (momentum <= decay.max_momentum * (1 + 1e-12)))
    half = dataclasses.replace(decay, U_sq=0.5e-3)
    assert three_body_ratio(half) == pytest.approx(0.5 * total, rel=1e-12)


def test_closed_decays() -> None:
    closed = ThreeBodyDecay(M_K, M_MU, 0.2, 0.6, 0.3, 1.0, 1e-4, 1e-4)
    assert three_body_ratio(closed) == 0.0
    assert not dratio_dx(closed, [0.7]).any()
    assert not closed.dratio_dp([0.1]).any()
    assert ratio_in_bins(closed, [0.0, 0.1, 0.2]).sum() == 0.0
    assert momentum_nodes(closed)[0].size == 0
    no_coupling = ThreeBodyDecay(M_K, M_MU, 0.02, 0.06, 0.2, 0.0, 1e-4, 1e-4)
    assert three_body_ratio(no_coupling) == 0.0
    assert no_coupling.pole_width == 0.0


def test_bad_input() -> None:
    point = PortalParameters()
    with pytest.raises(InputError, match="yR"):
        decay_channel("K+", "mu").dark_decay(point.replace(yR=0.1))
    with pytest.raises(InputError, match="W"):
        parent_and_lepton_mass("W+", "mu")
    with pytest.raises(InputError, match="closed"):
        parent_and_lepton_mass("K+", "tau")
    with pytest.raises(InputError, match="flavour"):
        parent_and_lepton_mass("K+", "muon")
