"""The oracle itself against integrals done another way, limits, and published or tabulated numbers."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from tests.nuportal.verdicts import oracle
from tests.nuportal.verdicts import oracle_flavour_violation as lfv
from tests.nuportal.verdicts import oracle_rates as rates
from tests.nuportal.verdicts.oracle_rates import M_E, M_K, M_MU, M_PI, M_TAU, M_Z
from tests.nuportal.verdicts.oracle_statistics import bounded_limit, single_limit


def points(**values):
    """Points with the default of a heavy, narrow nu4 and no mixing; any value may be an array."""
    every = {"m_chi": 20.0, "m_phi": 60.0, "m4": 200.0, "yL": 1.0, "Ue4": 0.0, "Umu4": 0.0, "Utau4": 0.0} | values
    return dict(zip(every, np.atleast_1d(*np.broadcast_arrays(*every.values())), strict=True))


def spectrum(m_chi, ratio, m4, yL, meson, lepton, C=1e-9):
    """Total of M -> l chi phi per |U_l4|^2, m_phi = ratio m_chi."""
    p = {"m_chi": m_chi, "m_phi": ratio * m_chi, "m4": m4, "yL": yL, "C": C}
    p = {name: np.array([value]) for name, value in p.items()}
    return float(rates.continuum(p, rates.two_body(meson, lepton), 0.0, meson - lepton)[0])


# --- M -> l chi phi -------------------------------------------------------------------------------------------------
def eq_12(m_chi, m_phi, meson, lepton):
    """Integral of Eq. 12 of arXiv:1709.07001 over x = 2 E_l/m_M as it is printed, without couplings."""
    xl, xc, xp = (m**2 / meson**2 for m in (lepton, m_chi, m_phi))

    def rate(x):
        q = 1.0 + xl - x
        root = np.sqrt(max((q - xc - xp) ** 2 - 4.0 * xc * xp, 0.0))
        return np.sqrt(x**2 - 4.0 * xl) * ((1.0 - x) * x + 2.0 * xl) * (q + xc - xp) * root / q**3

    end = 1.0 + xl - (np.sqrt(xc) + np.sqrt(xp)) ** 2
    return quad(rate, 2.0 * np.sqrt(xl), end, epsrel=1e-9)[0] / (32.0 * np.pi**2 * xl * (1.0 - xl) ** 2)


@pytest.mark.parametrize("m_chi", [0.001, 0.01, 0.04, 0.08])
@pytest.mark.parametrize("ratio", [1.05, 3.0])
def test_heavy_nu4_gives_eq_12(m_chi, ratio):
    found = spectrum(m_chi, ratio, 1e3, 1e-2, M_K, M_MU) / 1e-4
    assert found == pytest.approx(eq_12(m_chi, ratio * m_chi, M_K, M_MU), rel=1e-4)


@pytest.mark.parametrize(
    ("m_chi", "contact", "broad"),
    [
        (0.01, 2.976e-2, 8.596e-3),
        (0.02, 2.161e-2, 1.469e-2),
        (0.04, 1.018e-2, 1.704e-2),
        (0.06, 3.475e-3, 6.148e-3),
        (0.08, 5.472e-4, 8.405e-4),
    ],
)
def test_kaon_table(m_chi, contact, broad):
    assert spectrum(m_chi, 3.0, 1e3, 1e-2, M_K, M_MU) / 1e-4 == pytest.approx(contact, rel=1e-3)
    assert spectrum(m_chi, 3.0, 10.0 * m_chi, 4.0 * np.pi, M_K, M_MU) / (16.0 * np.pi**2) == pytest.approx(
        broad, rel=1e-3
    )


@pytest.mark.parametrize(
    ("meson", "lepton", "m_chi", "expected"),
    [(M_K, M_E, 0.01, 892.7), (M_K, M_E, 0.1, 6.166), (M_PI, M_E, 0.005, 61.67), (M_PI, M_E, 0.02, 7.612)],
)
def test_electron_table(meson, lepton, m_chi, expected):
    assert spectrum(m_chi, 3.0, 1e3, 1e-2, meson, lepton) / 1e-4 == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("yL", "share"), [(0.3, 0.99949), (0.1, 0.99994), (1e-3, 1.0)])
def test_narrow_nu4_is_a_line(yL, share):
    line = float(rates.two_body(M_K, M_MU)(np.array([0.2**2]))[0])
    assert spectrum(0.02, 3.0, 0.2, yL, M_K, M_MU) / line == pytest.approx(share, rel=2e-5)


def test_quadrature_against_scipy_at_random_points():
    rng = np.random.default_rng(5)
    for _ in range(25):
        m_chi, ratio = 10.0 ** rng.uniform(-3, -1.2), 10.0 ** rng.uniform(0.01, 0.6)
        m4, yL, C = 10.0 ** rng.uniform(-3, 1), 10.0 ** rng.uniform(-2, 1), 10.0 ** rng.uniform(-4, -1)
        p = {"m_chi": m_chi, "m_phi": ratio * m_chi, "m4": m4, "yL": yL, "C": C}
        p = {name: np.array([value]) for name, value in p.items()}
        low, high = m_chi * (1.0 + ratio), M_K - M_MU
        if low >= high:
            continue

        def rate(q, p=p):
            q2 = np.array([q**2])
            return float((rates.density(p, q2, q2 - p["m4"] ** 2) * rates.two_body(M_K, M_MU)(q2))[0]) * 2.0 * q

        steps = m4 * (1.0 + np.array([sign * 10.0 ** (-k / 3.0) for k in range(30) for sign in (-1, 1)] + [0.0]))
        edges = np.unique(np.concatenate([np.geomspace(low, high, 12), steps[(steps > low) & (steps < high)]]))
        expected = sum(quad(rate, a, b, epsrel=1e-8)[0] for a, b in pairwise(edges))
        assert spectrum(m_chi, ratio, m4, yL, M_K, M_MU, C) == pytest.approx(expected, rel=5e-3)


def test_window_of_the_standard_decay():
    e949 = [rates.recoil_mass(M_K, M_MU, p) for p in (0.175, 0.130)]
    assert rates.three_neutrino_fraction(M_K, M_MU, *e949) == pytest.approx(0.313, abs=5e-4)
    assert rates.three_neutrino_fraction(M_K, M_MU, 0.316, M_K) == pytest.approx(0.438, abs=5e-4)


# --- phase space ----------------------------------------------------------------------------------------------------
def test_three_body_phase_space():
    assert rates.three_body(0.3, 0.0, 0.0) == pytest.approx(0.5198187, rel=1e-6)
    assert rates.three_body(0.0, 0.3, 0.0) == pytest.approx(float(rates.muon_like(np.array(0.09))), rel=1e-6)
    assert rates.three_body(0.1, 0.2, 0.3) == pytest.approx(rates.three_body(0.3, 0.1, 0.2), rel=1e-5)
    assert rates.three_body(0.5, 0.0, 0.6) == 0.0


@pytest.mark.parametrize(
    ("meson", "lepton", "m4", "rho"),
    [(M_K, M_MU, 0.25, 4.10097), (M_PI, M_E, 0.08, 11051.3), (M_PI, M_MU, 0.03, 0.6463), (M_K, M_E, 0.3, 1.371e5)],
)
def test_two_body(meson, lepton, m4, rho):
    assert rates.two_body(meson, lepton)(np.array(m4**2)) == pytest.approx(rho, rel=5e-4)


def test_bosons():
    assert rates.boson_one(M_Z)(np.array(1600.0)) == pytest.approx(0.714935, rel=1e-4)
    assert rates.boson_pair(np.array(40.0), M_Z) == pytest.approx(0.387579, rel=1e-4)


# --- limits on one flavour ------------------------------------------------------------------------------------------
def u_90(observable, flavour, m4):
    """|U|^2 at which the strongest way of a list of limits on the strength is 1."""
    u = np.geomspace(1e-8, 0.5, 4000)
    p = oracle.prepare(points(m_chi=1e4, m_phi=2e4, m4=m4, **{f"U{flavour}4": np.sqrt(u)}))
    limit = next(iter(observable(p)))
    return float(u[np.argmax(limit < 1.0)])


@pytest.mark.parametrize(
    ("limits", "flavour", "m4", "expected"),
    [
        (oracle.electroweak_limits, "e", 1.0, 1.59e-3),
        (oracle.electroweak_limits, "mu", 1.0, 1.59e-3),
        (oracle.tau_limits, "tau", 100.0, 1.85e-3),
    ],
)
def test_limits_of_precision_data(limits, flavour, m4, expected):
    assert u_90(limits, flavour, m4) == pytest.approx(expected, rel=0.02)


def test_limits_of_universality_and_neutrino_number():
    def r_pi(p):
        return [single_limit(r - 1.0, 1.23265 / 1.23524, 1.0, 0.0023 / 1.2352, 1.2e-4) for r in oracle.r_pi(p)]

    def n_nu(p):
        return [single_limit(n - 3.0, 2.9963, 3.0, 0.0074) for n in oracle.neutrino_number(p)]

    assert u_90(r_pi, "e", 1.0) == pytest.approx(5.1e-3, rel=0.03)
    assert u_90(r_pi, "e", 0.01) == pytest.approx(4.3e-6, rel=0.06)
    assert u_90(r_pi, "mu", 1.0) == pytest.approx(1.6e-3, rel=0.03)
    assert u_90(n_nu, "tau", 150.0) == pytest.approx(7.97e-3, rel=0.01)
    assert u_90(n_nu, "tau", 60.0) == pytest.approx(1.31e-2, rel=0.01)


@pytest.mark.parametrize(("m4", "expected"), [(10.0, 6.02e-2), (30.0, 7.44e-3), (60.0, 2.79e-3), (100.0, 4.57e-3)])
def test_limit_of_the_higgs(m4, expected):
    u = np.geomspace(1e-4, 0.4, 4000)
    p = oracle.prepare(points(m_chi=m4 / 10, m_phi=m4 / 4, m4=m4, yL=2.0, Utau4=np.sqrt(u)))
    line, _ = oracle.h_invisible(p)
    assert u[np.argmax(line > 0.107)] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("m4", [20.0, 60.0, 90.0])
def test_higgs_spectrum_of_a_narrow_nu4_is_its_line(m4):
    line, off_shell = oracle.h_invisible(oracle.prepare(points(m_chi=1.0, m_phi=3.0, m4=m4, yL=0.2, Umu4=0.02)))
    assert off_shell == pytest.approx(line, rel=0.01)


def test_bounded_limit():
    assert bounded_limit(np.array(0.5), np.array(0.1)) == pytest.approx(0.5 + 0.1645, abs=1e-4)
    d = -0.5
    u = bounded_limit(np.array(d), np.array(0.2))
    assert (u - d) ** 2 - d**2 == pytest.approx(2.706 * 0.04)


def test_equal_mixing_of_e_and_mu_leaves_universality_alone_but_not_g_f():
    p = oracle.prepare(points(Ue4=0.05, Umu4=0.05))
    assert all(r == pytest.approx(1.0, abs=1e-12) for r in (*oracle.r_pi(p), *oracle.r_k(p)))
    assert rates.muon_ways(p)[0] == pytest.approx((1.0 - 0.0025) ** 2)


def test_response_of_the_electroweak_numbers():
    shift = oracle.electroweak(np.array([1.0 - 1e-5]))[:, 0] / 1e-5
    assert shift == pytest.approx([8.11, -0.1657], rel=0.005)


def test_a_massless_nu4_changes_no_precision_number():
    """Unitarity: nu4 as light as the others, without dark decays, is one of them."""
    p = oracle.prepare(points(m_chi=1.0, m_phi=2.0, m4=1e-7, Ue4=0.2, Umu4=0.1, Utau4=0.15))
    assert rates.muon_ways(p)[1] == pytest.approx(1.0, abs=1e-6)
    assert list(oracle.neutrino_number(p))[1] == pytest.approx(3.0, abs=1e-6)
    assert oracle.tau_ratios(p)[4] == pytest.approx(np.ones((2, 1)), abs=1e-4)
    assert oracle.r_k(p)[0] == pytest.approx(1.0, abs=1e-4)
    assert list(oracle.ckm_shifts(p))[1][1:] == pytest.approx(np.zeros((2, 1)), abs=1e-4)


def test_kaon_to_pion_with_a_massive_neutrino_closes_at_its_threshold():
    rate = rates.semileptonic_kaon(M_MU)
    masses = np.linspace(0.0, 0.4, 81)
    values = rate(masses**2)
    assert values[0] == pytest.approx(1.0)
    assert np.all(np.diff(values) <= 1e-9)
    assert np.all(values[masses > M_K - rates.M_PI0 - M_MU] == 0.0)


def test_tau_phase_space_of_the_table():
    u = rates.leptonic(M_TAU, M_MU)(np.array([0.5, 1.0]) ** 2)
    expected = [
        rates.three_body(m / M_TAU, M_MU / M_TAU, 0.0) / rates.three_body(0.0, M_MU / M_TAU, 0.0) for m in (0.5, 1)
    ]
    assert u == pytest.approx(expected, rel=1e-4)


# --- charged-lepton flavour violation -------------------------------------------------------------------------------
MASSES = np.array([1.0, 10.0, 50.0, 100.0, 300.0, 1000.0, 10000.0])
UNIT = {"m4": MASSES, "u_e": np.full(7, 1e-12), "u_mu": np.full(7, 1e-12), "C": np.zeros(7)}
TABLE_CONVENTION = (0.03392 / lfv.ALPHA_W) ** 2


def closed_form(x):
    """F(x) of mu -> e gamma, e.g. T.-P. Cheng and L.-F. Li, Phys. Rev. Lett. 45 (1980) 1908."""
    log = 18.0 * x**3 * np.log(x)
    return (10.0 - 43.0 * x + 78.0 * x**2 - 49.0 * x**3 + 4.0 * x**4 + log) / (3.0 * (x - 1.0) ** 4)


@pytest.mark.parametrize("x", [0.2, 0.5, 2.0, 10.0, 1e3])
def test_dipole_is_the_closed_form(x):
    dipole = lfv.photon_dipole(np.array([np.sqrt(x) * rates.M_W]))[0]
    assert dipole == pytest.approx((10.0 / 3.0 - closed_form(x)) / 4.0, rel=1e-6)


def test_dipole_decouples_and_saturates():
    low, high = lfv.photon_dipole(rates.M_W * np.array([1e-4, 1e6]))
    assert low == pytest.approx(0.25e-8, rel=1e-5)
    assert high == pytest.approx(0.5, rel=1e-5)


def test_mu_e_gamma():
    found = lfv.radiative(UNIT, "mu", "e") / 1e-24
    assert found == pytest.approx([5.21e-12, 4.94e-8, 1.517e-5, 8.92e-5, 4.36e-4, 7.63e-4, 8.68e-4], rel=2e-3)
    p = oracle.prepare(points(m4=400.0, Ue4=np.sqrt(1.7e-5), Umu4=np.sqrt(1.7e-5)))
    assert lfv.radiative(p, "mu", "e")[0] == pytest.approx(1.5e-13, rel=0.02)


def test_mu_3e_and_conversion():
    three = lfv.mu_to_3e(UNIT) / 1e-24 * TABLE_CONVENTION
    gold = lfv.mu_e_gold(UNIT) / 1e-24 * TABLE_CONVENTION
    assert three == pytest.approx([2.33e-12, 6.15e-9, 6.55e-7, 3.18e-6, 1.98e-5, 7.05e-5, 2.83e-4], rel=5e-3)
    assert gold == pytest.approx([5.27e-9, 9.02e-6, 3.63e-4, 8.41e-4, 1.09e-3, 3.15e-4, 8.39e-4], rel=5e-3)


# --- known points ---------------------------------------------------------------------------------------------------
def found(**values):
    """Names of the limits that one point violates."""
    return {name for name, flags in oracle.violations(points(**values)).items() if flags[0]}


def test_muon_point_violates_the_kaon_windows_alone():
    values = {"Umu4": 0.015, "m4": 400.0, "m_chi": 0.017, "m_phi": 0.051, "yL": 12.0}
    assert found(**values) == {"K -> mu chi phi, E949", "K -> mu chi phi, NA62"}
    p = oracle.prepare(points(**values))
    assert oracle.B_K_MU * oracle.dark_share(p, "mu", M_K, 0.0, M_K)[0] == pytest.approx(4.9e-4, rel=0.01)


def test_mixed_point_violates_flavour_and_electroweak_limits():
    values = {"Ue4": 0.035, "Umu4": 0.0195, "m4": 400.0}
    assert "mu -> e gamma" in found(**values)
    p = oracle.prepare(points(**values))
    assert lfv.radiative(p, "mu", "e")[0] == pytest.approx(2.5e-10, rel=0.01)
    assert next(iter(oracle.electroweak_limits(p)))[0] < 1.0  # by 1%, less than the slack of `violations`
    assert not found(Ue4=0.035, m4=400.0)
    assert "mu -> e gamma" not in found(Umu4=0.0195, m4=400.0)


def test_tau_point_violates_tau_ratios_alone():
    values = {"Utau4": 0.09, "m4": 100.0, "m_chi": 60.0, "m_phi": 65.0, "yL": 8.0}
    assert found(**values) == {"tau ratios"}
    limit = next(iter(oracle.tau_limits(oracle.prepare(points(**values)))))
    assert 1.0 / limit[0] == pytest.approx(4.4, abs=0.1)


def test_equal_electron_and_muon_mixing_is_excluded_by_g_f():
    assert "m_W and sin^2 theta_eff" in found(Ue4=0.05, Umu4=0.05)
    assert "R_pi" not in found(Ue4=0.05, Umu4=0.05)


def test_no_mixing_violates_nothing():
    assert not found()
    assert not found(m_chi=0.01, m_phi=0.03, m4=0.1, yL=4.0 * np.pi)


def test_violations_do_not_depend_on_neighbours():
    many = oracle.sample("mixed", 300, seed=3)
    together = oracle.violations(many)
    for k in range(0, 300, 50):
        alone = oracle.violations({name: values[k : k + 1] for name, values in many.items()})
        assert {name: bool(flags[0]) for name, flags in alone.items()} == {n: bool(f[k]) for n, f in together.items()}
