"""Charged-lepton flavour violation against brute-force mixing sums, other loop functions, running and phase space."""

import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from nucore.errors import InputError
from nucore.model import constants as c
from nucore.model import flavour_violation as lfv
from nucore.model import loop_functions as loops

ALPHA_W = math.sqrt(2) * float(c.G_F) * float(c.M_W) ** 2 / math.pi
SIN2 = float(c.SIN2_THETA_EFF)


# the functions as printed in arXiv:1209.2679 and hep-ph/9403398, in high precision


def photon_vector(x):
    return x * (7 * x**2 - x - 12) / (12 * (1 - x) ** 3) - x**2 * (x**2 - 10 * x + 12) * mpmath.log(x) / (
        6 * (1 - x) ** 4
    )


def photon_dipole(x):
    return -x * (2 * x**2 + 5 * x - 1) / (4 * (1 - x) ** 3) - 3 * x**3 * mpmath.log(x) / (2 * (1 - x) ** 4)


def z_single(x):
    return -5 * x / (2 * (1 - x)) - 5 * x**2 * mpmath.log(x) / (2 * (1 - x) ** 2)


def z_pair(x, y):
    def part(a, other):
        return a**2 * (1 - other) * mpmath.log(a) / (1 - a)

    return -(part(x, y) - part(y, x)) / (2 * (x - y))


def box(x, y):
    def b(a):
        return 1 / (1 - a) + a * mpmath.log(a) / (1 - a) ** 2

    def c_(a):
        return 1 / (1 - a) + a**2 * mpmath.log(a) / (1 - a) ** 2

    return ((1 + x * y / 4) * (c_(x) - c_(y)) - 2 * x * y * (b(x) - b(y))) / (x - y)


_TINY = mpf("1e-60")


def equal(function, x):
    """Limit y -> x of a symmetric function."""
    return function(x * (1 + mpf("1e-30")), x * (1 - mpf("1e-30")))


PRINTED = {
    "PHOTON_VECTOR": photon_vector,
    "PHOTON_DIPOLE": photon_dipole,
    "Z_SINGLE": z_single,
    "Z_LIGHT_HEAVY": lambda x: z_pair(x, _TINY),
    "Z_HEAVY_HEAVY": lambda x: equal(z_pair, x),
    "BOX_LIGHT_HEAVY": lambda x: box(x, _TINY) - 1,
    "BOX_HEAVY_HEAVY": lambda x: equal(box, x) - 1,
}


@pytest.mark.parametrize("name", PRINTED)
def test_loop_functions_keep_their_digits_from_1e_12_to_1e10_and_at_one(name):
    with mpmath.workdps(120):
        near = [1.0 + s * d for s in (-1, 1) for d in (1e-15, 1e-9, 1e-4, 0.01, 0.1, 0.2499, 0.2501, 0.3)]
        values = np.array([*np.geomspace(1e-12, 1e10, 60), *near])
        printed = [float(PRINTED[name](mpf(float(x)))) for x in values]
        np.testing.assert_allclose(getattr(loops, name)(values), printed, rtol=2e-12)
        at_one = float(PRINTED[name](1 + mpf("1e-20")))
    function = getattr(loops, name)
    assert function(1.0) == pytest.approx(at_one, rel=1e-13)
    assert function(0.0) == 0.0


def test_they_combine_to_the_functions_of_inami_and_lim():
    # hep-ph/9512380, Eqs. VI.8 to VI.14; X0 = C0 - 4 B0 and Y0 = C0 - B0 are the gauge-independent sums
    x = np.array([1e-3, 0.05, 0.4, 3.0, 25.0, 4e3])
    ln = np.log(x)
    b0 = (x / (1 - x) + x * ln / (x - 1) ** 2) / 4
    c0 = x / 8 * ((x - 6) / (x - 1) + (3 * x + 2) * ln / (x - 1) ** 2)
    d0 = (
        -4 / 9 * ln
        + (-19 * x**3 + 25 * x**2) / (36 * (x - 1) ** 3)
        + x**2 * (5 * x**2 - 2 * x - 6) * ln / (18 * (x - 1) ** 4)
    )
    e0 = (
        -2 / 3 * ln
        + x**2 * (15 - 16 * x + 4 * x**2) * ln / (6 * (1 - x) ** 4)
        + x * (18 - 11 * x - x**2) / (12 * (1 - x) ** 3)
    )
    d0_dipole = -(8 * x**3 + 5 * x**2 - 7 * x) / (12 * (1 - x) ** 3) + x**2 * (2 - 3 * x) * ln / (2 * (1 - x) ** 4)
    e0_dipole = -x * (x**2 - 5 * x - 2) / (4 * (1 - x) ** 3) + 1.5 * x**2 * ln / (1 - x) ** 4
    np.testing.assert_allclose(loops.Z_SINGLE(x) + loops.Z_HEAVY_HEAVY(x), -4 * c0, rtol=1e-9)
    np.testing.assert_allclose(loops.BOX_LIGHT_HEAVY(x), 4 * b0, rtol=1e-9)
    np.testing.assert_allclose(loops.PHOTON_VECTOR(x), d0 - 2 / 3 * e0, rtol=1e-9)
    np.testing.assert_allclose(loops.PHOTON_DIPOLE(x), d0_dipole - 2 / 3 * e0_dipole, rtol=1e-8)
    # nu4 coupled as an SM fermion: down-type partner Y0, up-type partner X0
    f = lfv.FormFactors(0 * x, 0 * x, loops.Z_SINGLE(x) + loops.Z_HEAVY_HEAVY(x), loops.BOX_LIGHT_HEAVY(x), 0 * x)
    up, down = lfv.quark_couplings(f)
    z_part = SIN2 * f.Z
    np.testing.assert_allclose(up - 2 / 3 * z_part, c0 - 4 * b0, rtol=1e-9)
    np.testing.assert_allclose(down + 1 / 3 * z_part, -(c0 - b0), rtol=1e-9)


def test_mu_to_e_gamma_is_the_closed_form():
    # F(x) of T. P. Cheng, L. F. Li, Phys. Rev. D 44 (1991) 1502, less its massless value
    m4 = np.array([2.0, 30.0, 70.0, 90.0, 400.0, 3e4])
    x = (m4 / float(c.M_W)) ** 2
    closed = (10 - 43 * x + 78 * x**2 - 49 * x**3 + 4 * x**4 + 18 * x**3 * np.log(x)) / (3 * (x - 1) ** 4) - 10 / 3
    expected = 3 * float(c.ALPHA_EM) / (32 * math.pi) * (0.035 * 0.0195) ** 2 * closed**2
    np.testing.assert_allclose(lfv.mu_to_e_gamma(m4, 0.035, 0.0195, 0.0), expected, rtol=1e-7)
    assert expected[4] == pytest.approx(2.5e-10, rel=0.02)
    reach = math.sqrt(1.5e-13 / float(lfv.mu_to_e_gamma(400.0, 1.0, 1.0, 0.0)))
    assert reach == pytest.approx(1.7e-5, rel=0.02)


def unitary(seed):
    """4 x 4 unitary matrix with complex phases; columns nu1, nu2, nu3, nu4."""
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0]


def pair_sum(function, x, left, right):
    """Sum of left_i right_j f(x_i, x_j) over three nearly massless states and one heavy one."""
    light = [_TINY * (k + 1) for k in range(3)]
    masses = [*light, mpf(x)]

    def value(i, j):
        return equal(function, masses[i]) if i == j else function(masses[i], masses[j])

    return complex(sum(left[i, j] * value(i, j) * right[i, j] for i in range(4) for j in range(4)))


@pytest.mark.parametrize("x", [0.02, 0.7, 30.0, 900.0])
def test_amplitudes_are_the_sums_over_all_mass_eigenstates(x):
    U = unitary(3)
    e, mu, tau = U[0], U[1], U[2]
    coupling = U[:3].conj().T @ U[:3]  # C_ij of the Z
    C = float(np.sum(np.abs(U[:3, 3]) ** 2))
    m4 = math.sqrt(x) * float(c.M_W)
    f = lfv.form_factors(m4, C)
    one = np.ones((4, 4))

    def line(out, into):
        return out * into.conj()

    def boxes(first, second):
        return pair_sum(box, x, np.outer(first, second), one)

    with mpmath.workdps(100):
        z = pair_sum(z_pair, x, np.outer(e, mu.conj()), coupling) + line(e, mu)[3] * complex(z_single(mpf(x)))
        mu_eee = boxes(line(e, mu), line(e, e))
        tau_mu_ee = boxes(line(mu, tau), line(e, e)) + boxes(line(e, tau), line(mu, e))
    assert complex(z / line(e, mu)[3]) == pytest.approx(float(f.Z), rel=1e-9)
    u = abs(e[3]) ** 2
    assert mu_eee / line(e, mu)[3] == pytest.approx(float((1 - 2 * u) * f.box + u * f.box_pair), rel=1e-9)
    expected = float((1 - 4 * u) * f.box + 2 * u * f.box_pair)
    assert tau_mu_ee / line(mu, tau)[3] == pytest.approx(expected, rel=1e-9)

    # and the branching ratios, of real amplitudes of these sizes, are made of them
    sizes = tuple(float(v) for v in np.abs(U[:3, 3]))
    product = (sizes[0] * sizes[1]) ** 2
    L = 2 * math.log(float(c.M_MU) / float(c.M_E))
    F, G, Z, B = float(f.F), float(f.G), float(f.Z), 2 * float((1 - 2 * u) * f.box + u * f.box_pair)
    # hep-ph/9403398 as printed
    bracket = (
        2 * (B / 2 + Z - 2 * SIN2 * (Z - F)) ** 2
        + 4 * SIN2**2 * (Z - F) ** 2
        + 16 * SIN2 * (Z + B / 2) * G
        - 48 * SIN2**2 * (Z - F) * G
        + 32 * SIN2**2 * G**2 * (L - 11 / 4)
    )
    assert lfv.mu_to_3e(m4, *sizes) == pytest.approx(ALPHA_W**2 / (64 * math.pi**2) * product * bracket, rel=1e-9)
    L, B = 2 * math.log(float(c.M_TAU) / float(c.M_E)), expected
    bracket = (
        (B + Z - 2 * SIN2 * (Z - F)) ** 2
        + 4 * SIN2**2 * (Z - F) ** 2
        + 8 * SIN2 * (Z + B) * G
        - 32 * SIN2**2 * (Z - F) * G
        + 32 * SIN2**2 * G**2 * (L - 3)
    )
    relative = lfv.tau_to_mu_ee(m4, *sizes) / float(c.BR_TAU_ENUNU) / (sizes[1] * sizes[2]) ** 2
    assert relative == pytest.approx(ALPHA_W**2 / (64 * math.pi**2) * bracket, rel=1e-9)


def test_heavy_logarithm_of_the_conversion_is_the_running_of_the_effective_operators():
    # C_Hl1 = -C_Hl3 at m4, one-loop running to m_W: E. Jenkins, A. Manohar, M. Trott, arXiv:1310.4838 and 1312.2014
    g2_sq = 1.0
    g1_sq = g2_sq * SIN2 / (1 - SIN2)
    penguin = g1_sq / 3 + 17 / 3 * g2_sq  # C_Hl1 + C_Hl3
    slopes = []
    for T3, Q in ((0.5, 2 / 3), (-0.5, -1 / 3)):
        contact = 2 / 3 * g1_sq * ((Q - T3) + Q) + 2 * T3 * g2_sq / 3  # C_lq1 - 2 T3 C_lq3 + C_lu or C_ld
        slopes.append(2 * penguin * (T3 / 2 - Q * SIN2) + contact / 2)
    low, high = lfv.form_factors(1e7, 0.0), lfv.form_factors(1e9, 0.0)
    found = [(b - a) / math.log(1e4) for a, b in zip(lfv.quark_couplings(low), lfv.quark_couplings(high), strict=True)]
    # 6 g2^2 T3 in the running is (3/4) T3 ln x in F_q
    np.testing.assert_allclose(found, np.array(slopes) / 8, rtol=1e-6)


@pytest.mark.parametrize(("m4", "e_gamma", "three_e", "al", "ti", "au"), [
    (1, 5.21e-12, 2.33e-12, 2.13e-9, 3.73e-9, 5.27e-9),
    (10, 4.94e-8, 6.15e-9, 3.70e-6, 6.44e-6, 9.02e-6),
    (50, 1.517e-5, 6.55e-7, 1.55e-4, 2.67e-4, 3.63e-4),
    (100, 8.92e-5, 3.18e-6, 3.76e-4, 6.39e-4, 8.41e-4),
    (300, 4.36e-4, 1.98e-5, 5.76e-4, 9.38e-4, 1.09e-3),
    (1000, 7.63e-4, 7.05e-5, 3.12e-4, 4.42e-4, 3.15e-4),
    (10000, 8.68e-4, 2.83e-4, 2.19e-5, 1.25e-4, 8.39e-4),
])  # fmt: skip
def test_rates_per_mixing_calculated_independently(m4, e_gamma, three_e, al, ti, au):
    U = 1e-7  # no |U|^2 m4^2/m_W^2
    found = [lfv.PROCESSES[name](float(m4), U, U, 0.0) / U**4 for name in (
        "mu-e-gamma", "mu-3e", "mu-e-conversion-al", "mu-e-conversion-ti", "mu-e-conversion-au",
    )]  # fmt: skip
    np.testing.assert_allclose(found, [e_gamma, three_e, al, ti, au], rtol=5e-3)


def test_conversion_in_gold_is_stronger_than_meg_below_about_200_GeV():
    m4 = np.array([10.0, 50.0, 100.0, 500.0, 1000.0])
    meg = np.sqrt(1.5e-13 / lfv.mu_to_e_gamma(m4, 1e-3, 1e-3, 0.0)) * 1e-6
    gold = np.sqrt(7e-13 / lfv.mu_e_conversion(m4, 1e-4, 1e-4, 0.0)) * 1e-8
    np.testing.assert_allclose(meg, [1.74e-3, 9.9e-5, 4.1e-5, 1.57e-5, 1.40e-5], rtol=0.01)
    np.testing.assert_allclose(gold, [2.8e-4, 4.4e-5, 2.9e-5, 3.0e-5, 4.7e-5], rtol=0.02)


@pytest.mark.parametrize(
    ("nucleus", "zero_TeV", "exact_TeV"),
    [("Al", 6.36, 6.32), ("Ti", 4.70, 4.65), ("Au", 2.57, 2.50), ("Pb", 2.44, 2.37)],
)
def test_conversion_vanishes_at_one_mass(nucleus, zero_TeV, exact_TeV):
    n = lfv.NUCLEI[nucleus]
    e = math.sqrt(4 * math.pi * float(c.ALPHA_EM))
    # heavy limits F -> -7/12 - ln x/6, G -> 1/2, Z -> 5/2 - (3/2) ln x, b - 1 -> -1
    above = 9 / 8 * n.V_n + (9 / 8 + 37 * SIN2 / 12) * n.V_p - SIN2 * n.D / (16 * e)
    below = 3 / 8 * n.V_n + (4 * SIN2 / 3 - 3 / 8) * n.V_p
    assert float(c.M_W) * math.exp(above / below / 2) / 1e3 == pytest.approx(zero_TeV, rel=5e-3)
    masses = np.linspace(0.9 * exact_TeV, 1.1 * exact_TeV, 2001) * 1e3
    rate = lfv.mu_e_conversion(masses, 1e-9, 1e-9, 0.0, nucleus=nucleus)
    assert masses[np.argmin(rate)] / 1e3 == pytest.approx(exact_TeV, rel=3e-3)


def test_heavy_limit():
    heavy = float(lfv.mu_to_e_gamma(1e8, 1e-12, 1e-12, 0.0)) / 1e-48
    assert heavy == pytest.approx(3 * float(c.ALPHA_EM) / (8 * math.pi), rel=1e-4)
    x = 1e10
    f = lfv.form_factors(math.sqrt(x) * float(c.M_W), 0.0)
    ln = math.log(x)
    assert float(f.F) == pytest.approx(-7 / 12 - ln / 6, rel=1e-8)
    assert float(f.Z) == pytest.approx(5 / 2 - 1.5 * ln, rel=1e-8)
    assert float(f.box) == pytest.approx(-1.0, rel=1e-8)
    # Yukawa couplings: two nu4 grow as x
    assert float(loops.Z_HEAVY_HEAVY(x)) == pytest.approx(-x / 2, rel=1e-8)
    assert float(loops.BOX_HEAVY_HEAVY(x)) == pytest.approx(x / 4, rel=1e-7)


def test_light_limit_vanishes_as_the_fourth_power_of_m4():
    x = 1e-9
    m4, ln = math.sqrt(x) * float(c.M_W), math.log(x)
    f = lfv.form_factors(m4, 0.0)
    assert float(f.F) == pytest.approx(-x, rel=1e-7)
    assert float(f.G) == pytest.approx(x / 4, rel=1e-7)
    assert float(f.Z) == pytest.approx(-x * (2.5 + ln), rel=1e-7)
    assert float(f.box) == pytest.approx(x * (1 + ln), rel=1e-7)
    ratio = lfv.mu_to_e_gamma(2 * m4, 0.1, 0.1, 0.0) / lfv.mu_to_e_gamma(m4, 0.1, 0.1, 0.0)
    assert ratio == pytest.approx(16.0, rel=1e-7)
    for name, process in lfv.PROCESSES.items():
        rates = process(np.array([m4, 2 * m4]), 0.1, 0.1, 0.1)
        if "gamma" in name:
            assert rates[1] / rates[0] == pytest.approx(16.0, rel=1e-7), name
        else:  # the amplitude is x times (constant + ln x)
            assert 16.0 * (1.0 - 4 * math.log(4) / -ln) < rates[1] / rates[0] < 16.0, name
        assert process(0.0, 0.1, 0.1, 0.1) == 0.0, name


def test_mixings_squared_matter_for_heavy_nu4():
    # Ti at 5 TeV: C = 1e-4 changes the rate by a factor 4
    rate = lfv.mu_e_conversion(
        5000.0, np.array([1e-8, math.sqrt(0.5e-4)]), np.array([1e-8, math.sqrt(0.5e-4)]), 0.0, nucleus="Ti"
    )
    ratio = rate / np.array([1e-32, 0.25e-8])
    assert ratio[1] / ratio[0] == pytest.approx(4.0, rel=0.25)
    # the tau mixing enters through the Z: C [G_Z(x, x) - 2 G_Z(0, x)] -> -C x/2
    x = (5000.0 / float(c.M_W)) ** 2
    difference = lfv.form_factors(5000.0, 4e-4).Z - lfv.form_factors(5000.0, 0.0).Z
    assert float(difference) == pytest.approx(-4e-4 * x / 2, rel=1e-3)
    rates = lfv.mu_to_3e(5000.0, 1e-5, 1e-5, np.array([0.0, 0.02]))
    assert rates[1] / rates[0] > 1.1


def test_only_the_two_flavours_of_a_process_are_needed_and_their_order_is_that_of_the_arguments():
    mixings = {"e": (1.0, 0.0, 0.0), "mu": (0.0, 1.0, 0.0), "tau": (0.0, 0.0, 1.0)}
    parts = {"mu-e": ("e", "mu"), "mu-3e": ("e", "mu"), "tau-mu": ("mu", "tau"), "tau-3mu": ("mu", "tau"),
             "tau-e": ("e", "tau"), "tau-3e": ("e", "tau")}  # fmt: skip
    for name, process in lfv.PROCESSES.items():
        needed = next(pair for start, pair in parts.items() if name.startswith(start))
        both = 0.01 * (np.array(mixings[needed[0]]) + np.array(mixings[needed[1]]))
        assert process(50.0, *both) > 0.0, name
        for flavour in needed:
            assert process(50.0, *(0.1 * (1.0 - np.array(mixings[flavour])))) == 0.0, name


def test_arrays_equal_points_and_m_w_is_free():
    rng = np.random.default_rng(2)
    m4 = np.geomspace(0.1, 1e5, 9)
    U = rng.uniform(0.0, 0.1, (3, 9))
    for process in lfv.PROCESSES.values():
        found = process(m4, *U)
        assert found.shape == (9,)
        single = [float(process(float(m), *(float(v) for v in u))) for m, u in zip(m4, U.T, strict=True)]
        np.testing.assert_allclose(found, single, rtol=1e-13)
    # mu -> e gamma depends on m4/m_W only
    assert lfv.mu_to_e_gamma(100.0, 0.1, 0.1, 0.0, 160.0) == lfv.mu_to_e_gamma(50.0, 0.1, 0.1, 0.0, 80.0)


def test_unknown_nucleus_is_refused():
    with pytest.raises(InputError, match=r"unknown nucleus 'Xe': expected one of Al, Ti"):
        lfv.mu_e_conversion(10.0, 0.1, 0.1, 0.0, nucleus="Xe")


# decay rate of a fermion of mass 1 to three leptons of mass m, by spinors and quadrature

_SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_ONE, _ZERO = np.eye(2), np.zeros((2, 2))
GAMMA = np.array(
    [np.block([[_ONE, _ZERO], [_ZERO, -_ONE]]), *(np.block([[_ZERO, s], [-s, _ZERO]]) for s in _SIGMA)], dtype=complex
)
METRIC = np.array([1.0, -1.0, -1.0, -1.0])
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT, RIGHT = (np.eye(4) - GAMMA5) / 2, (np.eye(4) + GAMMA5) / 2


def slash(p):
    return np.einsum("...m,m,mab->...ab", p, METRIC, GAMMA)


def projector(p, mass):
    return slash(p) + mass * np.eye(4)


def momenta(s13, s23, m):
    """p1, p2 of the leptons and p3 of the antilepton in the rest frame of the parent, in a plane."""
    e1, e2 = (1 + m**2 - s23) / 2, (1 + m**2 - s13) / 2
    e3 = 1 - e1 - e2
    k1, k2, k3 = (np.sqrt(np.maximum(e**2 - m**2, 0)) for e in (e1, e2, e3))
    cos = np.clip((k3**2 - k1**2 - k2**2) / (2 * k1 * k2), -1, 1)
    sin, zero = np.sqrt(1 - cos**2), np.zeros_like(k1)
    p1 = np.stack([e1, zero, zero, k1], -1)
    p2 = np.stack([e2, k2 * sin, zero, k2 * cos], -1)
    return p1, p2, np.array([1.0, 0, 0, 0]) - p1 - p2


def magnetic(q):
    """-i sigma^mn q_n P_R: dipole of the penguin q^2 gamma^m F P_L - i sigma^mn q_n G P_R, parent mass 1."""
    commutator = (np.einsum("mab,nbc->mnac", GAMMA, GAMMA) - np.einsum("nab,mbc->mnac", GAMMA, GAMMA)) / 2
    return np.einsum("mnab,n,pn,bc->pmac", commutator, METRIC, q, RIGHT)


def test_photon_penguin_of_the_conversion_is_the_sum_of_vector_and_dipole():
    # muon at rest to a massless electron on a static charge, q^2 = -m_mu^2; same vertex as in the decays below
    p, out = np.array([1.0, 0, 0, 0]), np.array([1.0, 0, 0, 1.0])
    q = p - out

    def rate(F, G):
        vertex = -F * GAMMA[0] @ LEFT + G * magnetic(q[None])[0, 0]
        bar = GAMMA[0] @ vertex.conj().T @ GAMMA[0]
        return float(np.trace(projector(out, 0.0) @ vertex @ projector(p, 1.0) @ bar).real)

    for F, G in ((1.0, 1.0), (1.0, -1.0), (0.3, 2.0)):
        assert rate(F, G) == pytest.approx(rate(1.0, 0.0) * (F + G) ** 2, abs=1e-12)
    # so are the terms of the rate: -4 s^2 F V_p and -4 s^2 G D/(8 e), with D = 8 e V_p for a light nucleus
    f = lfv.FormFactors(*(np.array(v) for v in (-0.4, 0.2, 0.0, 0.0, 0.0)))
    up, down = lfv.quark_couplings(f)
    assert 4 * float(2 * up + down) == pytest.approx(-4 * SIN2 * -0.4)
    al = lfv.NUCLEI["Al"]
    assert al.D / (8 * math.sqrt(4 * math.pi * float(c.ALPHA_EM))) == pytest.approx(al.V_p, rel=0.08)


def vertices(p1, left, right, dipole):
    """Pairs of (matrix of the parent line, matrix of the pair line), index of gamma first but for the points."""
    q = np.array([1.0, 0, 0, 0]) - p1
    q_sq = np.einsum("pm,m,pm->p", q, METRIC, q)
    lower = METRIC[:, None, None] * GAMMA
    points = (len(p1), 4, 4, 4)
    parent = np.broadcast_to(np.einsum("mab,bc->mac", GAMMA, LEFT), points)
    pair_l = np.broadcast_to(np.einsum("mab,bc->mac", lower, LEFT), points)
    pair_r = np.broadcast_to(np.einsum("mab,bc->mac", lower, RIGHT), points)
    photon = 2 * dipole * magnetic(q) / q_sq[:, None, None, None]
    return [(left * parent, pair_l), (right * parent, pair_r), (photon, np.broadcast_to(lower, points))]


def three_lepton_rate(left, right, dipole, m, identical, n=32):
    """Gamma over G_F^2 M^5/(192 pi^3) for -(4 G_F/sqrt2)[l'bar gamma P_L l (left, right) + dipole], dipole > 0 as G."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    low, high = 4 * m**2, (1 - m) ** 2
    # s23 = pair mass squared, logarithmic; s13 over its range with the ends smooth
    t = np.log(low) + (np.log(high / low)) * (nodes + 1) / 2
    if identical:  # the exchanged term has its peak in s13
        split = np.log(0.3)
        t = np.concatenate([np.log(low) + (split - np.log(low)) * (nodes + 1) / 2,
                            split + (np.log(high) - split) * (nodes + 1) / 2])  # fmt: skip
        wt = np.concatenate([weights * (split - np.log(low)) / 2, weights * (np.log(high) - split) / 2])
    else:
        wt = weights * np.log(high / low) / 2
    s23 = np.exp(t)
    e2, e1 = np.sqrt(s23) / 2, (1 - s23 - m**2) / (2 * np.sqrt(s23))
    k2, k1 = np.sqrt(np.maximum(e2**2 - m**2, 0)), np.sqrt(np.maximum(e1**2 - m**2, 0))
    start, end = (e1 + e2) ** 2 - (k1 + k2) ** 2, (e1 + e2) ** 2 - (k1 - k2) ** 2
    v = np.log(end / start)[:, None] * (nodes + 1) / 2
    s13 = start[:, None] * np.exp(v)
    weight = (wt * s23)[:, None] * weights * np.log(end / start)[:, None] / 2 * s13
    s23, s13, weight = np.broadcast_to(s23[:, None], s13.shape).ravel(), s13.ravel(), weight.ravel()
    p1, p2, p3 = momenta(s13, s23, m)
    parent, anti = projector(np.array([1.0, 0, 0, 0]), 1.0), projector(p3, -m)
    one, two = projector(p1, m), projector(p2, m)

    def bar(matrix):
        return GAMMA[0] @ np.conj(np.swapaxes(matrix, -1, -2)) @ GAMMA[0]

    direct, exchange = vertices(p1, left, right, dipole), vertices(p2, left, right, dipole)
    total = np.zeros(len(s13))
    for A, P in direct:
        for B, R in direct:
            first = np.einsum("pab,pmbc,cd,pnda->pmn", one, A, parent, bar(B), optimize=True)
            second = np.einsum("pab,pmbc,pcd,pnda->pmn", two, P, anti, bar(R), optimize=True)
            total = total + np.einsum("pmn,pmn->p", first, second).real
    if identical:
        for A, P in exchange:
            for B, R in exchange:
                first = np.einsum("pab,pmbc,cd,pnda->pmn", two, A, parent, bar(B), optimize=True)
                second = np.einsum("pab,pmbc,pcd,pnda->pmn", one, P, anti, bar(R), optimize=True)
                total = total + np.einsum("pmn,pmn->p", first, second).real
        for A, P in direct:
            for B, R in exchange:
                inner = np.einsum("pab,pmbc,cd,pnde->pmnae", one, A, parent, bar(B), optimize=True)
                outer = np.einsum("pef,pmfg,pgh,pnha->pmnea", two, P, anti, bar(R), optimize=True)
                total = total - 2 * np.einsum("pmnae,pmnea->p", inner, outer).real
        total = total / 2
    # (4 G_F/sqrt2)^2 |M|^2/2 dPhi with dGamma = |M|^2 ds ds/(256 pi^3)
    return 8 * 0.5 * float(np.sum(weight * total)) / (256 * math.pi**3) * 192 * math.pi**3


@pytest.mark.parametrize("identical", [True, False])
def test_three_lepton_rate_is_the_integral_over_phase_space(identical):
    m = 1e-3
    log = -2 * math.log(m)

    def formula(left, right, dipole):
        # photon and Z penguin and box chosen to give these couplings
        Z = np.array(0.0)
        f = lfv.FormFactors(Z + right / (2 * SIN2), Z + dipole / SIN2, Z, Z, Z)
        rate = lfv._three_leptons(f, Z + left - right, identical, log, float(c.M_W))
        return float(rate) / (ALPHA_W / (8 * math.pi)) ** 2

    for couplings in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 0.7, 0.1), (1.0, 0.7, -0.1), (0.0, 0.0, 1.0)):
        assert three_lepton_rate(*couplings, m, identical) == pytest.approx(formula(*couplings), rel=3e-3), couplings
