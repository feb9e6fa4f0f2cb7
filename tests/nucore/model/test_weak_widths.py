"""Weak widths of nu4 against closed formulas, other integrals, limits and published totals."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from nucore.model import constants as c
from nucore.model import nu4_decays, widths
from nucore.model.alpha_s import alpha_s, hadronic_correction
from nucore.model.fermion_pairs import Boson, charged_current, higgs, interference, neutral_current
from nucore.model.meson_modes import charged_mesons, neutral_mesons
from nucore.model.parameters import PortalParameters
from nucore.model.points import ParameterPoints
from nucore.model.resonance_quadrature import peak_nodes
from nucore.model.weak_widths import MEASURED, Bosons, tabulated_weak_widths, weak_widths

CONTACT = Boson(np.array([1e6]), 0.026)  # so heavy that the propagator is 1
FLAVOURS = ("e", "mu", "tau")


def one(value):
    return np.array([float(value)])


def total(weak):
    return weak.charged + weak.neutral + weak.invisible + weak.higgs


def unit(m4):
    return float(c.G_F) ** 2 * np.asarray(m4) ** 5 / (192 * math.pi**3)


@pytest.mark.parametrize("x", [(0.3, 0.06, 0.2), (0.1, 0.1, 0.0), (0.0, 0.4, 0.3), (0.02, 0.9, 0.01), (0.5, 0.5, 0.1)])
def test_charged_current_without_propagator_is_the_published_function(x):
    expected = widths.three_body_lepton_function(*x)
    assert charged_current(CONTACT, *map(one, x))[0] == pytest.approx(expected, rel=1e-9, abs=0)


@pytest.mark.parametrize("x", [0.05, 0.2, 0.4, 0.49])
def test_neutral_current_without_propagator_is_the_published_function(x):
    # C1 and C2 functions of D. Gorbunov, M. Shaposhnikov, arXiv:0705.1729, Eqs. 3.5 ff.
    root = math.sqrt(1 - 4 * x**2)
    log = math.log((1 - 3 * x**2 - (1 - x**2) * root) / (x**2 * (1 + root)))
    same = (1 - 14 * x**2 - 2 * x**4 - 12 * x**6) * root + 12 * x**4 * (x**4 - 1) * log
    opposite = x**2 * (2 + 10 * x**2 - 12 * x**4) * root + 6 * x**4 * (1 - 2 * x**2 + 2 * x**4) * log
    found = neutral_current(CONTACT, one(x))
    assert np.ravel(found) == pytest.approx([same, 4 * opposite], rel=1e-8, abs=0)
    assert np.ravel(neutral_current(CONTACT, one(0.5))) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize("m4", [5.0, 60.0, 80.4, 82.0, 150.0, 2000.0])
def test_peak_against_quad(m4):
    ratio = 0.026
    w = Boson.of(80.3625, 80.3625 * ratio, one(m4))
    r = (80.3625 / m4) ** 2
    points = [x for x in (0.8 * r, 0.97 * r, r, 1.03 * r, 1.2 * r) if x < 1] or None

    def integrand(s):
        return 2 * (1 - s) ** 2 * (1 + 2 * s) / ((1 - s / r) ** 2 + (ratio * s / r) ** 2)

    expected = quad(integrand, 0, 1, points=points, limit=500, epsabs=0, epsrel=1e-10)[0]
    assert charged_current(w, one(0), one(0), one(0))[0] == pytest.approx(expected, rel=1e-7)
    narrow = 2 * (1 - r) ** 2 * (1 + 2 * r) * math.pi * r / ratio if r < 1 else 0
    if m4 > 140:
        # Eq. 11, up to the tails
        assert expected == pytest.approx(narrow, rel=1.5 * ratio)


@pytest.mark.parametrize("m4", [5.0, 60.0, 85.0, 100.0, 130.0])
def test_interference_against_two_integrals(m4):
    w, z = Boson.of(80.36, 2.1, one(m4)), Boson.of(91.19, 2.5, one(m4))

    def propagator(boson, s):
        return 1 / (1 - s / boson.mass[0] ** 2 * (1 + 1j * boson.ratio))

    # Gauss nodes: 400 in each variable resolve peaks of width 0.02
    x, weight = np.polynomial.legendre.leggauss(400)
    x, weight = 0.5 * (x + 1), 0.5 * weight
    s = x[:, None] * x  # s = x t, ds = x dt
    product = propagator(w, s) * np.conj(propagator(z, x[:, None] - s))
    expected = np.sum(weight[:, None] * weight * 12 * x[:, None] ** 2 * (1 - x[:, None]) * product.real)
    assert interference(w, z)[0] == pytest.approx(expected, rel=2e-3)


def test_higgs_peak():
    h = Boson.of(125.13, 4.07e-3, one(400.0))
    assert higgs(h, one(0.01))[0] == pytest.approx((1 - (125.13 / 400) ** 2) ** 2, rel=1e-4)
    # 10 GeV below: the tail, Gamma/(pi m) up to a factor
    tail = higgs(Boson.of(125.13, 4.07e-3, one(115.0)), one(0.04))[0]
    assert 0 < tail < 4.07e-3 / 125
    assert higgs(h, one(0.5))[0] == 0.0


def test_known_widths_of_w_and_z_and_strong_coupling():
    assert alpha_s(np.array([1.777, float(c.M_Z)])) == pytest.approx([0.314, 0.118], abs=0.004)
    assert hadronic_correction(np.array([80.4]))[0] == pytest.approx(1.04, abs=0.01)
    # three neutrinos, W and Z of nu4 at 10 TeV: Eq. 11 holds for the sum of channels if Gamma_W, Gamma_Z are theirs
    weak = weak_widths(one(1e4))
    eq_11 = float(c.G_F) * 1e12 / (8 * math.pi * math.sqrt(2))
    assert weak.charged[:, 0] == pytest.approx(np.full(3, eq_11), rel=0.01)
    assert weak.neutral[:, 0] + weak.invisible == pytest.approx(np.full(3, eq_11 / 2), rel=0.012)
    assert weak.invisible[0] / (eq_11 / 2) == pytest.approx(float(c.BR_Z_INVISIBLE), rel=0.02)


def test_light_nu4_with_mixing_in_mu():
    # 50 MeV: 3 nu and nu e e by the Z alone; gL^2 + gR^2 of the electron
    weak = weak_widths(one(0.05))
    g = (-0.5 + float(c.SIN2_THETA_EFF)) ** 2 + float(c.SIN2_THETA_EFF) ** 2
    assert weak.charged[1, 0] == 0.0
    # (m_e/m4)^2 = 1e-4 times 14 at most
    assert total(weak)[1, 0] == pytest.approx(unit(0.05) * (1 + g), rel=2e-3, abs=0)
    # mixing in e: nu4 -> e- e+ nu by W and Z, (gL + 1)^2 + gR^2
    g_both = (0.5 + float(c.SIN2_THETA_EFF)) ** 2 + float(c.SIN2_THETA_EFF) ** 2
    assert total(weak)[0, 0] == pytest.approx(unit(0.05) * (1 + g_both), rel=2e-3, abs=0)
    p = PortalParameters(m4=0.05, Umu4=0.01)
    assert nu4_decays.width_nu4_weak(p) == pytest.approx(1e-4 * total(weak)[1, 0], rel=1e-3, abs=0)


#: Total widths in GeV of a Majorana neutrino (twice ours) at |U|^2 = 1 by M. Ovchynnikov et al., SensCalc
#: (arXiv:2305.13383), tables decay-width-U*; tolerance: leptons and single mesons 1%, near the rho and above 10%,
#: tau below 2 GeV 18% (there the tables take massless strange quarks, as we do not).
PUBLISHED = {
    "e": [(0.01, 7.15367e-24, 0.01), (0.1, 7.24685e-19, 0.01), (0.3, 2.447351e-15, 0.01), (0.5, 1.750904e-14, 0.01),
          (1.0, 3.51954e-13, 0.10), (2.0, 1.181457e-11, 0.10), (3.0, 9.75853e-11, 0.10), (5.0, 1.468137e-9, 0.08)],
    "mu": [(0.01, 5.116614e-24, 1e-3), (0.05, 1.607566e-20, 1e-3), (0.1, 5.145108e-19, 1e-3),
           (0.15, 9.557511e-18, 0.01), (0.3, 1.665548e-15, 0.01), (0.5, 1.582487e-14, 0.01), (0.7, 5.975926e-14, 0.01),
           (1.0, 3.355701e-13, 0.10), (1.5, 2.746509e-12, 0.10), (3.0, 9.694133e-11, 0.10), (5.0, 1.464748e-9, 0.08)],
    "tau": [(0.2, 1.249652e-16, 0.01), (0.5, 6.597154e-15, 0.01), (1.0, 1.232301e-13, 0.02), (1.5, 1.057113e-12, 0.18),
            (2.0, 4.404246e-12, 0.13), (3.0, 3.729426e-11, 0.08), (5.0, 8.346355e-10, 0.08)],
}  # fmt: skip


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_total_widths_against_published_tables(flavour):
    for m4, width, tolerance in PUBLISHED[flavour]:
        found = 2 * total(weak_widths(one(m4)))[FLAVOURS.index(flavour), 0]
        assert found == pytest.approx(width, rel=tolerance, abs=0), m4


def test_hadrons_are_those_of_the_tau():
    # nu4 -> e + hadrons at m4 = m_tau is tau -> nu + hadrons turned round: R_tau = 3.64 (HFLAV, 1/B_e - 1.9726)
    m4 = one(c.M_TAU)
    weak = weak_widths(m4)
    leptons = sum(widths.three_body_lepton_function(0.0, float(m / c.M_TAU), 0.0) for m in (c.M_E, c.M_MU))
    hadrons = weak.charged[0, 0] / unit(m4[0]) - leptons
    assert hadrons == pytest.approx(3.64, rel=0.08)
    # the single pion: tau -> pi nu over tau -> e nu nu, 0.1082/0.1782
    pion = charged_mesons(np.array([float(c.M_TAU)]), 0.0)[0] - charged_mesons(np.array([float(c.M_TAU)]), 10.0)[0]
    rho_and_pion = (0.1082 + 0.0070 + 0.252) / 0.1782  # PDG: pi, K, pi pi0
    assert pion == pytest.approx(rho_and_pion, rel=0.03)


def test_single_mesons_open_at_their_thresholds():
    low = float(c.M_PI + c.M_MU)
    assert charged_mesons(one(low - 1e-6), float(c.M_MU))[0] == 0.0
    assert charged_mesons(one(low + 1e-6), float(c.M_MU))[0] > 0.0
    assert neutral_mesons(one(0.134))[0] == 0.0 < neutral_mesons(one(0.136))[0]


def largest_changes(m4):
    """Largest relative change of W, Z, h and their sum between neighbours; where a part opens, from 1e-9 of the sum."""
    weak = weak_widths(m4)
    parts = np.array([*weak.charged, *(weak.neutral + weak.invisible), weak.higgs, *total(weak)])
    changes = np.abs(np.diff(np.log(np.maximum(parts, 1e-300)), axis=1))
    return np.where(parts[:, 1:] > 1e-9 * total(weak)[1, 1:], changes, 0.0).max(axis=1)


@pytest.mark.parametrize(
    ("low", "high", "steps"), [(79.0, 82.0, 300), (90.0, 92.5, 250), (124.6, 125.6, 100), (160.0, 185.0, 500)]
)
def test_widths_are_continuous(low, high, steps):
    """Half the step halves the largest relative change; the last steps at m_W, m_Z and m_h are 5 MeV."""
    coarse, fine = (largest_changes(np.linspace(low, high, n + 1)) for n in (steps, 2 * steps))
    assert fine / coarse == pytest.approx(np.full(fine.size, 0.5), abs=0.03)


def test_sums_are_continuous_from_1_to_300_GeV():
    coarse, fine = (largest_changes(np.geomspace(1.0, 300.0, n + 1)) for n in (1500, 3000))
    # without W of the tau and h, which open inside of the range
    shown = [0, 1, 3, 4, 5, 7, 8, 9]
    assert fine[shown] / coarse[shown] == pytest.approx(np.full(8, 0.5), abs=0.03)
    assert coarse[shown].max() < 0.1


def test_dark_width_is_continuous():
    base = {"m_chi": 1.0, "m_phi": 3.0, "yL": 3.0, "yR": 0.3, "s_sq": 0.1}
    largest = []
    for n in (400, 800):
        m4 = np.linspace(3.9, 4.1, n + 1)
        largest.append(np.abs(np.diff(np.log(nu4_decays.width_dark(m4=m4, **base)))).max())
    assert largest[1] / largest[0] == pytest.approx(0.5, abs=0.02)
    # a narrow phi: the two-body width above
    (narrow,) = nu4_decays.width_dark(m4=5.0, **base | {"s_sq": 1e-9})
    p = PortalParameters(m_chi=1.0, m_phi=3.0, m4=5.0, yL=3.0, yR=0.3, Umu4=math.sqrt(1e-9))
    assert narrow == pytest.approx(nu4_decays.TwoBodyWidths.of(p).phi, rel=1e-6, abs=0)
    assert nu4_decays.width_dark(m4=[1.99, 3.9, 5.0], **base | {"s_sq": 0.0}) == pytest.approx(
        [0.0, 0.0, narrow], rel=1e-6
    )


def test_table_against_the_integrals():
    rng = np.random.default_rng(3)
    m4 = np.concatenate([np.exp(rng.uniform(np.log(1e-5), np.log(1e6), 600)), rng.uniform(60, 200, 600)])
    ratio = total(tabulated_weak_widths(m4)) / total(weak_widths(m4))
    assert np.abs(ratio - 1).max() < 1e-3


def test_branching_of_many_points_is_that_of_one():
    rng = np.random.default_rng(4)
    points = [
        PortalParameters(m_chi=0.02 * m, m_phi=k * m, m4=m, yL=yL, yR=0.1 * yL, Ue4=0.02, Umu4=0.1, Utau4=0.3, m_W=m_W)
        for m, k, yL, m_W in zip(
            10 ** rng.uniform(-2, 3, 40),
            rng.uniform(0.1, 3, 40),
            10 ** rng.uniform(-5, 1, 40),
            np.where(np.arange(40) % 4, float(c.M_W), 80.0),
            strict=True,
        )
    ]
    found = nu4_decays.nu4_widths(ParameterPoints.of(points)).visible_share
    expected = [nu4_decays.branching_nu4_visible(p) for p in points]
    # the table is good to 1e-3, points with another m_W are integrated
    assert found == pytest.approx(expected, rel=2e-3, abs=0)
    assert found[::4] == pytest.approx(expected[::4], rel=1e-12, abs=0)
    stable = PortalParameters(m_chi=0.06, m_phi=0.09, m4=0.1, yL=1.0, Umu4=0.0)
    assert np.isnan(nu4_decays.nu4_widths(ParameterPoints.of([stable])).visible_share).all()


def test_another_fermi_constant_scales_the_light_widths():
    light = one(0.3)
    doubled = weak_widths(light, Bosons(G_F=2 * float(c.G_F)))
    assert total(doubled) == pytest.approx(4 * total(weak_widths(light)), rel=1e-4, abs=0)


@pytest.mark.parametrize("m4", [1e-30, 1e-12, 1e-7, 1e-6, 2.9e-6, 3.05e-6, 3.1e-6, 1e-5, 1e-4])
def test_far_below_the_electron_only_three_neutrinos_are_left(m4):
    weak = weak_widths(np.array([m4, 1e-6, 0.1]), MEASURED)
    # nu nu nubar of three flavours, G_F^2 m^5/(192 pi^3) in all
    assert weak.invisible[0] == pytest.approx(unit(m4), rel=1e-6, abs=0)
    assert weak.charged[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert weak.higgs[0] == 0.0


def test_nodes_far_from_the_peak_are_inside_the_range():
    low = np.array([-1e15, -1e8, -1.0, 1.0, 1e8, 1e15])
    for half_width in (1e-3, 1.0, 1e13):
        nodes = peak_nodes(low, low + 1e-3, np.full(6, 1e-3), np.full(6, half_width))
        assert (nodes.from_low > 0.0).all()
        assert (nodes.from_high > 0.0).all()
        assert nodes.weight.sum(axis=1) == pytest.approx(1e-3, rel=1e-9)
        assert (nodes.weight * nodes.from_low).sum(axis=1) == pytest.approx(0.5e-6, rel=1e-9)
