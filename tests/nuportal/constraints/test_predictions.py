"""Predictions with several mixings, heavy, light and visible nu4, against closed formulas."""

import dataclasses
import math

import numpy as np
import pytest
from scipy.integrate import quad

from mesons.decays.semileptonic import neutrino_mass_factor
from nucore.limits.catalogue import load_curve
from nucore.model.parameters import PortalParameters
from nucore.model.points import ParameterPoints
from nuportal import check
from nuportal.constraints.constraint import constraints
from nuportal.verdicts.judgement import VerdictOptions, judge

EVERY = {one.id: one for q in ("U_sq", "branching_ratio") for one in constraints(quantity=q)}
M_PI, M_K, M_E, M_MU, M_TAU = 0.13957039, 0.493677, 0.51099895e-3, 0.1056583755, 1.77693
M_W, M_Z = 80.3625, 91.1879
U_E, U_MU, U_TAU = 0.013, 0.007, 0.021


def mixed(m4, u_e=U_E, u_mu=U_MU, u_tau=U_TAU, **others):
    """One stable nu4, or with yL."""
    names = {"Umu4": np.sqrt(u_mu), "Utau4": np.sqrt(u_tau), **others}
    return ParameterPoints.single("e", m4, u_e, **names)


def prediction(name, points, convention="refined"):
    return EVERY[name].evaluate(points, convention).prediction


def shifts(name, points):
    return prediction(name, points)[:, 0]


def two_body(meson: float, lepton: float, m4: float) -> float:
    """Gamma(M -> l nu4)/Gamma(M -> l nu), from |amplitude|^2 = M^2 (l^2 + m4^2) - (l^2 - m4^2)^2 times the momentum."""
    if m4 >= meson - lepton:
        return 0.0

    def rate(mass):
        energy = (meson**2 + mass**2 - lepton**2) / (2 * meson)
        return math.sqrt(energy**2 - mass**2) * (meson**2 * (lepton**2 + mass**2) - (lepton**2 - mass**2) ** 2)

    return rate(m4) / rate(0.0)


def michel(r: float) -> float:
    """Phase space of a lepton decay with one massive neutrino, r = m4^2/m^2, as an integral over the pair of others."""
    if r >= 1:
        return 0.0

    # W* of mass^2 s recoiling against the massive one: kallen^(1/2) [(1 - r)^2 + s (1 + r) - 2 s^2]
    def integrand(s):
        return math.sqrt(max((1 - r - s) ** 2 - 4 * r * s, 0.0)) * ((1 - r) ** 2 + s * (1 + r) - 2 * s**2)

    return 2 * quad(integrand, 0, (1 - math.sqrt(r)) ** 2)[0]


def muon_rate(m4: float, u_e: float, u_mu: float) -> float:
    """Light pairs, and one nu4 in place of nu_e or of nu_mu; two nu4 only if that is open."""
    single = michel((m4 / M_MU) ** 2)
    assert 2 * m4 > M_MU
    return (1 - u_e) * (1 - u_mu) + (u_e * (1 - u_mu) + u_mu * (1 - u_e)) * single


@pytest.mark.parametrize("m4", [1.0, 100.0])
def test_equal_mixings_leave_the_ratios_of_a_heavy_nu4(m4):
    points = mixed(m4, U_E, U_E, 0.0)
    for name in ("pi-universality-2026", "pienu-2015", "kaon-universality-2026"):
        assert shifts(name, points) == pytest.approx(1.0, abs=1e-12)
        assert EVERY[name].evaluate(points).margin[0] > 1e6
    assert shifts("pi-universality-2026", mixed(m4)) == pytest.approx((1 - U_E) / (1 - U_MU))


def test_pion_ratio_of_a_light_nu4():
    # both flavours; positrons count where nu4 is below 60 MeV
    for m4 in (0.005, 0.03, 0.059):
        e, mu = (1 - u * (1 - two_body(M_PI, m, m4)) for u, m in ((U_E, M_E), (U_MU, M_MU)))
        assert shifts("pi-universality-2026", mixed(m4)) == pytest.approx(e / mu, rel=1e-6)
    silent = EVERY["pi-universality-2026"].evaluate(mixed([0.1, 0.1], np.array([U_E, 0.0])))
    assert np.isnan(silent.margin).tolist() == [True, False]


def test_kaon_ratio_by_missing_mass():
    one_kaon = EVERY["kaon-universality-2026"]
    for m4, counted in ((0.09, 1.0), (0.2, 0.0), (0.45, 0.0)):
        e = 1 - U_E * (1 - counted * two_body(M_K, M_E, m4))
        mu = 1 - U_MU * (1 - counted * two_body(M_K, M_MU, m4))
        assert one_kaon.evaluate(mixed(m4)).prediction[0] == pytest.approx(e / mu, rel=1e-6)
    unclear = one_kaon.evaluate(mixed([0.12, 0.12, 0.12], np.array([U_E, 0.0, 0.0]), np.array([U_MU, U_MU, 0.0])))
    # muons beside a nu4 are cut by missing mass too
    assert np.isnan(unclear.margin).tolist() == [True, True, False]
    assert np.isinf(unclear.margin[2])


def test_electroweak_adds_electron_and_muon():
    for m4 in (0.06, 0.2, 400.0):
        expected = 1 - muon_rate(m4, U_E, U_MU)
        assert shifts("electroweak-2026", mixed(m4)) == pytest.approx(expected, rel=1e-4)
    assert shifts("electroweak-2026", mixed(400.0)) == pytest.approx(1 - (1 - U_E) * (1 - U_MU))
    limit = EVERY["electroweak-2026"].values(400.0, "e")
    for share in (0.0, 0.3, 1.0):
        beyond = EVERY["electroweak-2026"].evaluate(mixed(400.0, share * limit, (1 - share) * limit, 0.0))
        assert beyond.margin[0] == pytest.approx(1.0, abs=1e-3)


def test_electroweak_responses_are_those_of_the_tree_relations():
    # s^2 c^2 = pi alpha/(sqrt2 G_F m_Z^2 (1 - Delta r)) at G_F = G_mu (1 + Delta/2), both ends of a small interval
    numbers = load_curve("electroweak-2026").formula.numbers()
    for name, s_sq in (("m_W", 1 - (80.356 / M_Z) ** 2), ("sin2", 0.23155)):
        ends = []
        for delta in (-1e-4, 1e-4):
            shifted = (1 - math.sqrt(1 - 4 * s_sq * (1 - s_sq) / (1 + delta / 2))) / 2
            ends.append(M_Z * math.sqrt(1 - shifted) if name == "m_W" else shifted)
        assert (ends[1] - ends[0]) / 2e-4 == pytest.approx(numbers[f"{name}_response"], rel=2e-3)


def row_numbers():
    return load_curve("ckm-first-row-2026").formula.numbers()


def test_first_row_of_a_heavy_nu4():
    # beta: (1-u_e)/[(1-u_e)(1-u_mu)]; K -> pi l nu: its own flavour; K -> mu nu over pi -> mu nu: nothing
    n = row_numbers()
    us_sq, share = n["V_us_Kl3"] ** 2, n["Kl3_electron_weight"]
    beta = 1 / (1 - U_MU)
    semileptonic = share / (1 - U_MU) + (1 - share) / (1 - U_E)
    expected = [(1 - us_sq) * (beta - 1) + us_sq * (semileptonic - 1), beta - 1]
    assert shifts("ckm-first-row-2026", mixed(10.0)) == pytest.approx(expected)
    # an electron mixing alone cancels but in K -> pi mu nu
    expected = [us_sq * (1 - share) * U_E / (1 - U_E), 0.0]
    assert shifts("ckm-first-row-2026", mixed(10.0, u_mu=0.0)) == pytest.approx(expected, abs=1e-12)
    # one average of |V_us|, as from K -> pi e nu: everything follows beta decay
    assert shifts("ckm-unitarity-2024", mixed(10.0)) == pytest.approx(beta - 1)


@pytest.mark.parametrize("m4", [0.06, 0.2, 0.3])
def test_first_row_of_a_nu4_in_meson_decays(m4):
    n = row_numbers()
    us_sq, share = n["V_us_Kl3"] ** 2, n["Kl3_electron_weight"]
    muon = muon_rate(m4, U_E, U_MU)
    beta = (1 - U_E) / muon
    kept = {name: float(neutrino_mass_factor(name, m4)) for name in ("e", "mu")}
    semileptonic = share * (1 - U_E * (1 - kept["e"])) + (1 - share) * (1 - U_MU * (1 - kept["mu"]))
    leptonic = (1 - U_MU * (1 - two_body(M_K, M_MU, m4))) / (1 - U_MU * (1 - two_body(M_PI, M_MU, m4)))
    found = shifts("ckm-first-row-2026", mixed(m4))
    first = (1 - us_sq) * (beta - 1)
    assert found == pytest.approx(
        [first + us_sq * (semileptonic / muon - 1), first + us_sq * (beta * leptonic - 1)], rel=1e-3
    )


def test_margin_of_the_first_row():
    # errors of the three numbers propagated by finite differences; chi2 on a grid along the prediction
    n = row_numbers()
    names = ("V_ud", "V_us_Kl3", "V_us_over_V_ud")

    def sums(values):
        ud, us, ratio = values
        return np.array([ud**2 + us**2 + n["V_ub"] ** 2 - 1, ud**2 + (ratio * ud) ** 2 + n["V_ub"] ** 2 - 1])

    centre = np.array([n[name] for name in names])
    steps = np.diag([n[f"{name}_uncertainty"] for name in names]) * 0.01
    jacobian = np.array([(sums(centre + s) - sums(centre - s)) / 0.02 for s in steps]).T
    weight = np.linalg.inv(jacobian @ jacobian.T)
    found = EVERY["ckm-first-row-2026"].evaluate(mixed(10.0, 0.0, 3e-4, 0.0))
    t = np.linspace(0.0, 20.0, 200_001)
    rest = sums(centre)[:, None] - found.prediction * t
    chi2 = np.einsum("it,ij,jt->t", rest, weight, rest)
    assert found.margin[0] == pytest.approx(t[chi2 < chi2.min() + 2.706].max(), rel=1e-3)
    assert found.delta_chi2[0] == pytest.approx(chi2[10_000] - chi2[0], rel=1e-4)


def test_beta_decay_is_silent_where_it_emits_nu4():
    found = EVERY["ckm-first-row-2026"].evaluate(mixed([0.005, 0.005], np.array([U_E, 0.0])))
    assert np.isnan(found.margin).tolist() == [True, False]
    assert np.isnan(found.delta_chi2).tolist() == [True, False]


@pytest.mark.parametrize("m4", [30.0, 60.0, 120.0])
def test_w_universality(m4):
    r = min((m4 / M_W) ** 2, 1.0)
    lost = 1 - (1 - r) ** 2 * (1 + r / 2)
    e, mu, tau = (1 - u * lost for u in (U_E, U_MU, U_TAU))
    assert shifts("w-universality-2026", mixed(m4)) == pytest.approx([mu / e, tau / e], rel=1e-5)
    assert shifts("w-universality-cms-2022-tau-mu", mixed(m4)) == pytest.approx(tau / mu, rel=1e-5)
    # a single ratio: deviation x of the point, d of the measurement
    x, n = mu / e - 1, load_curve("w-universality-lep-2013-mu-e").formula.numbers()
    d, sigma = n["ratio"] / n["ratio_sm"] - 1, n["ratio_uncertainty"] / n["ratio_sm"]
    same_side = d * x > 0
    largest = abs(d) + 1.645 * sigma if same_side else -abs(d) + math.hypot(d, 1.645 * sigma)
    found = EVERY["w-universality-lep-2013-mu-e"].evaluate(mixed(m4))
    assert found.margin[0] == pytest.approx(largest / abs(x), rel=1e-3)


def test_tau_ratios_of_all_flavours():
    over_mu, over_e = (1 - U_TAU) / (1 - U_MU), (1 - U_TAU) / (1 - U_E)
    assert shifts("tau-leptonic-2026", mixed(10.0)) == pytest.approx([over_mu, over_e])
    assert shifts("tau-pion-2026", mixed(10.0)) == pytest.approx((1 - U_TAU) / (1 - U_MU))
    # nu4 in the decay of the tau but not of the muon
    m4 = 0.4
    kept = michel((m4 / M_TAU) ** 2)
    light = (1 - U_E) * (1 - U_TAU) + (U_E * (1 - U_TAU) + U_TAU * (1 - U_E)) * kept
    pair = shifts("tau-leptonic-2026", mixed(m4))
    # two nu4 in place of nu_e and nu_tau give the rest
    assert pair[0] == pytest.approx(light / muon_rate(m4, U_E, U_MU), abs=U_E * U_TAU)


def test_number_of_neutrinos_from_the_mixing_matrix():
    # sum over i, j of |delta_ij - U_i4 U_j4|^2 for light pairs; nu4 is not produced above m_Z
    u = np.sqrt([U_E, U_MU, U_TAU])
    light = np.linalg.norm(np.eye(3) - np.outer(u, u)) ** 2
    assert prediction("z-invisible-2020", mixed(120.0))[0] == pytest.approx(light)
    s_sq, r = U_E + U_MU + U_TAU, (30.0 / M_Z) ** 2
    single = 2 * s_sq * (1 - s_sq) * (1 - r) ** 2 * (1 + r / 2)
    pair = s_sq**2 * (1 - r) * math.sqrt(1 - 4 * r)
    stable = mixed(30.0)
    assert prediction("z-invisible-2020", stable)[0] == pytest.approx(light + single + pair, rel=1e-6)
    gone = dataclasses.replace(stable, visible=np.ones(1), width=np.full(1, np.inf))
    assert prediction("z-invisible-2020", gone)[0] == pytest.approx(light)
    half = dataclasses.replace(stable, visible=np.full(1, 0.5), width=np.full(1, np.inf))
    assert prediction("z-invisible-2020", half)[0] == pytest.approx(light + single / 2 + pair / 4, rel=1e-6)


def test_share_of_nu4_seen_in_a_detector():
    # 1 - exp(-L/(beta gamma c tau)) of the visible decays, L = 10 m
    m4, parent = 0.3, M_K
    momentum = (parent**2 - m4**2) / (2 * parent)
    for length in (1e-6, 1.0, 10.0, 1e4):
        width = momentum / m4 * 1.973269804e-16 / length
        points = ParameterPoints.of([PortalParameters(m4=m4)], visible=0.7, width=width)
        assert points.seen(parent) == pytest.approx(-0.7 * np.expm1(-10.0 / length))
    at_once = ParameterPoints.of([PortalParameters(m4=m4)], visible=0.7)
    assert at_once.seen(parent) == pytest.approx(0.7)
    assert ParameterPoints.of([PortalParameters(m4=m4)], visible=0.0, width=1.0).seen(parent) == 0.0
    assert ParameterPoints.of([PortalParameters(m4=m4)], visible=1.0, width=0.0).seen(parent) == 0.0


@pytest.mark.parametrize(("width", "seen"), [(np.inf, 0.8), (1e-30, 0.0)])
def test_a_visible_nu4_leaves_the_pion_but_not_the_muon_lifetime(width, seen):
    m4 = 0.02
    stable = mixed(m4, 0.0)
    visible = dataclasses.replace(stable, visible=np.full(1, 0.8), width=np.full(1, width))
    kept = (1 - seen) * two_body(M_PI, M_MU, m4)
    assert shifts("pi-universality-2026", visible) == pytest.approx(1 / (1 - U_MU * (1 - kept)), rel=1e-6)
    assert shifts("electroweak-2026", visible) == pytest.approx(shifts("electroweak-2026", stable), rel=1e-12)
    # rates do not care where nu4 is not produced
    heavy = dataclasses.replace(visible, m4=np.full(1, 200.0))
    for name in ("pi-universality-2026", "tau-leptonic-2026", "z-invisible-2020", "w-universality-2026"):
        still = dataclasses.replace(heavy, visible=np.zeros(1))
        assert shifts(name, heavy) == pytest.approx(shifts(name, still), rel=1e-12)


def test_peak_searches_hear_what_is_not_seen():
    peak = EVERY["na62-2021-mu"]
    invisible, visible, far = (
        ParameterPoints.of([PortalParameters(m4=0.3, Umu4=1e-3, yL=0.0)], visible=v, width=w)
        for v, w in ((0.0, np.inf), (1.0, np.inf), (1.0, 1e-30))
    )
    assert np.isfinite(peak.evaluate(invisible).margin[0])
    assert peak.evaluate(far).margin == pytest.approx(peak.evaluate(invisible).margin)
    assert np.isnan(peak.evaluate(visible).margin[0])
    assert "visibly" in peak.evaluate(visible).silent(0)
    outside = dataclasses.replace(visible, m4=np.full(1, 30.0))
    assert "outside" in peak.evaluate(outside).silent(0)


@pytest.mark.parametrize(
    ("card", "point"),
    [
        ("na62-2020-e", {"Ue4": 0.01, "m_chi": 0.0625, "m_phi": 0.1875, "yL": 3.0}),
        ("na62-2020-e", {"Ue4": 2.5e-4, "m_chi": 0.12, "m_phi": 0.13, "yL": 12.0}),
        ("na62-2021-mu", {"Umu4": 1e-4, "m_chi": 0.1, "m_phi": 0.15, "yL": 0.05}),
    ],
)
def test_peak_searches_do_not_end_at_the_threshold_of_chi_phi(card, point):
    # below it chi phi close by lies in the same window as the peak
    steps = np.array([-1e-4, -1e-6, -1e-9, 0.0, 1e-9, 1e-6, 1e-4])
    total = point["m_chi"] + point["m_phi"]
    judged = judge([PortalParameters(m4=total * (1 + step), **point) for step in steps], VerdictOptions())
    margins = judged.comparisons[card].margin
    assert margins == pytest.approx(margins[3], rel=0.02)


def test_a_broad_nu4_that_a_narrow_search_would_exclude_is_undecided():
    broad = PortalParameters(Utau4=0.05, m4=0.5, m_chi=0.05, m_phi=0.15, yL=6.0)
    found = check(broad, ignore=["omega-2018"])
    assert found.allowed is None
    assert "broad" in found.warnings[0]
    assert check(broad.replace(yL=0.5), ignore=["omega-2018"]).excluded_by[0] == "babar-2022-tau"
