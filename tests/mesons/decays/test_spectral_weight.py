"""Light neutrinos, nu4 and chi phi share a flavour: sums of rates, and the weight against dispersion integrals."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from mesons.decays.boson_decays import boson_rates
from mesons.decays.ratios import rate_factors
from mesons.decays.semileptonic import semileptonic_rates
from mesons.decays.spectral_weight import pole_and_weight
from nucore.model.loop_corrections import mixing_loop_shift
from nucore.model.points import ParameterPoints
from nuportal.constraints.predictions import muon_rate, z_invisible

LEPTONS = ("e", "mu", "tau")
#: Input of the prediction that is not a measurement here.
Z_INPUTS = {"number": 3.0, "number_uncertainty": 0.01}


def weighted(**columns):
    """Points with their pole and weight; a nu4 that cannot decay to chi phi is stable."""
    given = {"Ue4": 0.0, "Umu4": 0.0, "Utau4": 0.0} | columns
    p = ParameterPoints.single("mu", U_sq=np.square(given.pop("Umu4")), **given)
    pole, weight = pole_and_weight(p)
    return replace(p, pole=pole, weight=weight)


def rates(p):
    """Rates over the Standard Model that no mixing and no mass of the neutrino enhances."""
    return {
        **{f"W {f}": 1.0 - p.lost(f) + boson_rates("W+", f, p) for f in LEPTONS},
        "Z": z_invisible(p, Z_INPUTS).prediction[0] - 2.0,
        "mu": muon_rate(p),
        "tau e": rate_factors("tau-", "e", p),
        "tau mu": rate_factors("tau-", "mu", p),
        "tau pi": rate_factors("tau-", "pi", p),
        "K_l3 e": semileptonic_rates("e", p),
        "K_l3 mu": semileptonic_rates("mu", p),
    }


def gamma(q_sq, m_chi, m_phi, yL):
    """Eq. 10 of arXiv:1709.07001 over m4 at m4^2 = q_sq, for small mixing."""
    x, y = m_chi**2 / q_sq, m_phi**2 / q_sq
    root = math.sqrt(max(1.0 + x**2 + y**2 - 2.0 * (x + y + x * y), 0.0))
    return yL**2 / (32.0 * math.pi) * (1.0 + x - y) * root


def integral(function, m_chi, m_phi, m4, largest=math.inf):
    """Integral over Q^2 = Q^2_min + t^2 up to a mass, with breaks about the pole and the threshold."""
    low = (m_chi + m_phi) ** 2
    far = abs(m4**2 - low)
    breaks = {0.0, *(math.sqrt(far * f) for f in (0.01, 0.1, 0.5, 0.9, 0.99, 1.0, 1.01, 1.1, 1.5, 4.0)), math.sqrt(low)}
    breaks |= {math.sqrt(max(m4**2, low) * f) for f in (10.0, 100.0, 1e4)}
    end = math.sqrt(largest**2 - low)
    ends = [*sorted(t for t in breaks if t < end), end]
    return sum(
        quad(lambda t: 2.0 * t * function(low + t**2), a, b, epsabs=0, epsrel=1e-9, limit=400)[0]
        for a, b in pairwise(ends)
    )


def carried(m_chi, m_phi, m4, yL, s_sq=0.0):
    """Residue of nu4 and what chi phi carry, per |U_l4|^2."""

    def density(q_sq):
        g = gamma(q_sq, m_chi, m_phi, yL)
        return (1.0 - s_sq) * g / (math.pi * q_sq) * m4**4 / ((q_sq - m4**2) ** 2 + (g * (q_sq - s_sq * m4**2)) ** 2)

    def slope_density(q_sq):
        return m4**2 / math.pi * gamma(q_sq, m_chi, m_phi, yL) / (q_sq - m4**2) ** 2

    continuum = integral(density, m_chi, m_phi, m4)
    if m4 > m_chi + m_phi:
        return 0.0, continuum
    slope = integral(slope_density, m_chi, m_phi, m4)
    return 1.0 - slope / math.sqrt(1.0 + slope**2), continuum


def below_and_above(total):
    return total * np.array([0.05, 0.5, 0.9, 0.99, 0.9999, 1.0001, 1.01, 1.5, 4.0, 10.0])


@pytest.mark.parametrize("yL", [0.1, 1.35, 4.0, 12.0])
@pytest.mark.parametrize(("m_chi", "m_phi"), [(1e-3, 3e-3), (1.9e-3, 2.1e-3)])
def test_with_all_phase_space_open_a_w_decays_as_in_the_standard_model(m_chi, m_phi, yL):
    p = weighted(m4=below_and_above(m_chi + m_phi), m_chi=m_chi, m_phi=m_phi, yL=yL, Ue4=0.1, Umu4=0.2, Utau4=0.05)
    share = p.U4_sq
    assert share[0] == pytest.approx(0.0525)
    for k in range(p.n):
        # of what the light neutrinos miss; around the threshold they are taken to miss all of |U|^2
        total = sum(carried(m_chi, m_phi, p.m4[k], yL, share[k]))
        missing = max(1.0 - total, 0.0)
        for flavour in LEPTONS:
            rate = 1.0 - p.lost(flavour)[k] + boson_rates("W+", flavour, p)[k]
            assert (1.0 - rate) / p.lost(flavour)[k] == pytest.approx(missing, abs=2e-4)
        number = z_invisible(p, Z_INPUTS).prediction[0][k]
        if missing == 0.0:
            assert number == pytest.approx(3.0, abs=1e-5)
        else:
            assert 3.0 - number == pytest.approx(2.0 * share[k] * (1.0 - share[k]) * missing, abs=4e-5)


@pytest.mark.parametrize("yL", [0.1, 1.35, 4.0, 12.0])
def test_with_all_phase_space_open_leptons_decay_as_in_the_standard_model(yL):
    # 1e-6 GeV beside the smallest mass in the phase space, that of the electron
    total = 2e-6
    p = weighted(m4=below_and_above(total), m_chi=0.3 * total, m_phi=0.7 * total, yL=yL, Umu4=0.1)
    missing = [max(1.0 - sum(carried(0.3 * total, 0.7 * total, m4, yL, 0.01)), 0.0) for m4 in p.m4]
    for name in ("mu", "tau mu", "K_l3 mu"):
        # the phase space is tabulated to 1e-4 of the rate to nu4
        error = 1e-4 * 0.01 * p.weight.max() + 1e-6
        np.testing.assert_allclose(1.0 - rates(p)[name], 0.01 * np.array(missing), atol=error, err_msg=name)


@pytest.mark.parametrize(
    ("m_chi", "m_phi", "m4", "yL"),
    [(0.01, 0.03, 0.02, 1.0), (0.01, 0.03, 0.0396, 4.0), (0.01, 0.03, 0.05, 12.0), (0.01, 0.03, 0.1, 1.35),
     (1e-3, 9.0, 5.0, 3.0), (1.0, 1.01, 20.0, 4.0)],
)  # fmt: skip
def test_weight_against_integrals(m_chi, m_phi, m4, yL):
    p = weighted(m4=m4, m_chi=m_chi, m_phi=m_phi, yL=yL, Umu4=1e-5)
    pole, continuum = carried(m_chi, m_phi, m4, yL)
    assert p.pole[0] == pytest.approx(pole if pole > 0.0 else 1.0, rel=1e-7)
    assert p.weight[0] == pytest.approx(max(pole + continuum, 1.0), rel=1e-5)


def test_weight_to_first_order():
    # not too close to the threshold, where higher orders count
    m4, yL = 4e-5 * np.array([0.05, 0.5, 0.9, 0.99, 1.01, 1.5, 4.0, 10.0, 30.0, 60.0]), 0.02
    p = weighted(m4=m4, m_chi=1e-5, m_phi=3e-5, yL=yL, Umu4=1e-5)
    shift, above = mixing_loop_shift(p.m_chi, p.m_phi, p.m4, yL), p.m4 > 4e-5
    assert (shift[above] > 2e-6).sum() == 3
    np.testing.assert_allclose((p.weight - 1.0)[above], np.maximum(shift[above], 0.0), rtol=0.02, atol=1e-7)
    # of W to chi phi, and of W to nu4 where it cannot decay so; the light neutrinos miss at least |U|^2
    total = boson_rates("W+", "mu", p) / p.U_sq("mu")
    np.testing.assert_allclose((total - 1.0)[above][:3], shift[above][:3], rtol=0.02, atol=1e-7)
    np.testing.assert_allclose((total - p.pole)[~above], shift[~above], rtol=0.02, atol=1e-6)
    assert (p.weight[~above] == 1.0).all()


def random_points(n, seed):
    rng = np.random.default_rng(seed)
    m4 = 10.0 ** rng.uniform(-3, 2.5, n)
    m_chi = m4 * 10.0 ** rng.uniform(-1.5, 0.5, n)
    mixings = {f"U{f}4": 10.0 ** rng.uniform(-3, -0.7, n) * (rng.random(n) < 0.7) for f in LEPTONS}
    m_phi = m_chi * (1.0 + 10.0 ** rng.uniform(-3, 0.7, n))
    return weighted(m4=m4, m_chi=m_chi, m_phi=m_phi, yL=10.0 ** rng.uniform(-1, 1.1, n), **mixings)


def test_no_rate_exceeds_that_of_the_standard_model():
    p = random_points(4000, 11)
    assert (p.weight > 1.5).sum() > 50
    assert (p.weight == 1.0).sum() > 100
    # where more than a flavour is missing, one loop says nothing
    sound = np.max([p.lost(f) for f in LEPTONS], axis=0) + p.U4_sq * p.weight < 1.0
    assert sound.sum() > 3000
    for name, rate in rates(p).items():
        excess = (rate - 1.0)[sound]
        assert np.isfinite(rate).all(), name
        assert excess.max() < 1e-5, name
        assert excess.min() < -1e-2, name


@pytest.mark.parametrize("yL", [0.5, 1.35, 4.0, 12.0])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.4])
@pytest.mark.parametrize("total", [0.04, 0.3, 1.0, 40.0])
def test_rates_are_continuous_where_chi_phi_opens(total, share, yL):
    steps = np.array([1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
    m4 = total * np.concatenate([1.0 - steps, 1.0 + steps])
    p = weighted(m4=m4, m_chi=share * total, m_phi=(1.0 - share) * total, yL=yL, Umu4=0.03)
    found = rates(p) | {"light": 1.0 - p.lost("mu"), "K mu": rate_factors("K+", "mu", p)}
    assert max(abs(1.0 - rate).max() for rate in found.values()) > 2e-4
    for name, rate in found.items():
        below, above = rate[: steps.size], rate[steps.size :]
        # the rates change with m4 by a few times the step; the sum of nu4 and chi phi moves by up to 4% within 1e-3
        # of the threshold, which the light neutrinos do not follow where it is below 1
        largest = {"Z": 2.0, "K mu": 4.5}.get(name, 1.0)  # rate to nu4 per |U|^2 at any mass
        moved = largest * (0.04 + 10.0 * steps) * p.U_sq("mu")[0]
        bound = (0.05 + 15.0 * steps) * np.abs(1.0 - above) + moved + 1e-7
        assert (np.abs(above - below) < bound).all(), name


def test_without_a_known_density_the_weight_is_that_of_tree_level():
    p = ParameterPoints.single("mu", [0.1, 0.1, 0.1], [1e-2, 1e-2, 0.0], yL=[0.0, 1.0, 1.0], yR=[0.0, 0.1, 0.0])
    pole, weight = pole_and_weight(p)
    assert pole.tolist() == weight.tolist() == [1.0, 1.0, 1.0]
