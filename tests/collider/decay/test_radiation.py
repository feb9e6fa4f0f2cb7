"""Final-state photons: moments, normalisation, eikonal integral, quantiles and Pythia 8."""

from __future__ import annotations

import dataclasses
import math

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import digamma

from collider.decay.radiation import FinalStateRadiation, leading_logarithm
from nucore.errors import InputError
from nucore.model import constants
from tools.validation.pythia_radiation import CONE, shower_fractions
from tools.validation.radiation import direction_change, lepton_pt, pt_at_rest, sampled, without_mass_term

CELL = 0.00125
ALL = (FinalStateRadiation("e"), FinalStateRadiation("mu"), FinalStateRadiation("e", "dressed", 0.1))
PER_PHOTON = 0.5 * float(constants.ALPHA_EM) / math.pi


def hard_part(fsr, z):
    """h(z) of `collider.decay.radiation`, in mpmath."""
    if fsr.mode == "bare":
        return 2 * (1 + z**2) / (1 - z) * mpmath.log(z) + 2 * (1 - z) ** 2 - (1 - z) * mpmath.log(1 - z)
    inside = mpmath.sin(fsr.cone / 2) ** 2
    return (1 - z) * ((1 - inside) * (1 - 2 * z) - mpmath.log(1 - z) + mpmath.log(1 - inside * z))


def hard_moment(fsr, moment):
    return PER_PHOTON * fsr.strength * float(mpmath.quad(lambda z: z ** (moment - 1) * hard_part(fsr, z), [0, 0.5, 1]))


def points(fsr, cell=CELL):
    first, weights = fsr.kernel(cell)
    return (first + np.arange(weights.size)) * cell, weights


@pytest.mark.parametrize("fsr", ALL, ids=lambda fsr: f"{fsr.lepton}-{fsr.mode}")
@pytest.mark.parametrize("moment", [2, 3, 5, 10])
def test_moments_are_those_of_the_evolution_equation_and_of_the_hard_part(fsr, moment):
    """With constant alpha the evolution gives moment N as exp(beta/4 gamma_N) to all orders in beta."""
    log_z, weights = points(fsr)
    gamma_n = 1.5 + 1.0 / (moment * (moment + 1)) - 2.0 * (digamma(moment + 1) + np.euler_gamma)
    # the density is correct to second order: what is missed is of the order of (beta/2)^3; sharing between grid points
    # adds up to ((N-1) cell)^2/8 to the power of those that radiate
    expected = (np.exp(0.25 * fsr.beta * gamma_n) + hard_moment(fsr, moment)) / (1.0 + hard_moment(fsr, 1))
    difference = np.exp((moment - 1) * log_z) @ weights - expected
    assert abs(difference) < 0.6 * (0.5 * fsr.beta) ** 3 + 2e-6


@pytest.mark.parametrize("fsr", ALL, ids=lambda fsr: f"{fsr.lepton}-{fsr.mode}")
def test_kernel_keeps_sum_and_mean(fsr):
    log_z, weights = points(fsr)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.all(weights >= 0.0)
    assert log_z[-1] == 0.0
    # mean of -ln z from its cumulative: integral of the probability to lose more
    more = lambda t: 1.0 - float(fsr.radiated_below(-np.expm1(-t)))  # noqa: E731
    mean = quad(lambda v: 4.0 * v**3 * more(v**4), 0.0, 0.5, epsabs=1e-12)[0]
    mean += quad(more, 0.0625, 14.0, epsabs=1e-11, limit=300)[0]
    # 14 e-foldings leave out 3e-8 of the probability
    assert -log_z @ weights == pytest.approx(mean, abs=1e-6)
    coarse, coarse_weights = points(fsr, 8.0 * CELL)
    assert coarse @ coarse_weights == pytest.approx(log_z @ weights, abs=1e-6)


def density(fsr, z):
    """D(z) of `collider.decay.radiation` before normalisation."""
    x, b = 1.0 - z, 0.5 * fsr.beta
    soft = np.exp(b * (0.75 - np.euler_gamma)) / math.gamma(1.0 + b) * b * x ** (b - 1.0)
    second = (1.0 + 3.0 * z**2) / x * np.log(z) + 4.0 * (1.0 + z) * np.log(x) + 5.0 + z
    logarithm = soft - 0.5 * b * (1.0 + z) - 0.125 * b**2 * second
    return logarithm + PER_PHOTON * fsr.strength * float(hard_part(fsr, z))


@pytest.mark.parametrize("fsr", ALL, ids=lambda fsr: f"{fsr.lepton}-{fsr.mode}")
def test_cumulative_is_the_integral_of_the_density(fsr):
    total = float(leading_logarithm(np.array(1.0), 0.5 * fsr.beta)) + hard_moment(fsr, 1)
    for low, high in ((0.005, 0.3), (0.3, 0.9), (0.9, 0.99), (0.99, 0.9999)):
        integral = quad(lambda z: density(fsr, z), low, high, epsrel=1e-9)[0] / total
        step = fsr.radiated_below(1.0 - low) - fsr.radiated_below(1.0 - high)
        # the total ends at the lepton's mass, not at z = 0, and ln(1-kz) is -kz: at most 2e-5 and 2e-7 of it
        assert step == pytest.approx(integral, rel=2e-5)
    assert fsr.radiated_below([0.0, 1.0]) == pytest.approx([0.0, 1.0], abs=1e-15)


@pytest.mark.parametrize("strength", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("fsr", [*ALL, FinalStateRadiation("e", "dressed", 1.0)], ids=str)
def test_density_is_positive(fsr, strength):
    fsr = dataclasses.replace(fsr, strength=strength)
    lost = np.concatenate([np.geomspace(1e-12, 0.5, 300), 1.0 - np.geomspace(0.5, 1e-6, 300)])
    assert np.all(np.diff(fsr.radiated_below(lost)) >= 0.0)


@pytest.mark.parametrize("lepton", ["e", "mu"])
def test_logarithm_is_the_eikonal_integral(lepton):
    """-(p/(p.k) - P/(P.k))^2 of explicit momenta, integrated over the photon direction."""
    mass_w, mass = float(constants.M_W), float({"e": constants.M_E, "mu": constants.M_MU}[lepton])
    energy = 0.5 * (mass_w + mass**2 / mass_w)
    momentum = np.sqrt(energy**2 - mass**2)

    def factor(angle):
        lepton_k, w_k = mass**2 / (energy + momentum) + 2.0 * momentum * np.sin(0.5 * angle) ** 2, mass_w
        eikonal = 2.0 * mass_w * energy / (lepton_k * w_k) - (mass / lepton_k) ** 2 - (mass_w / w_k) ** 2
        return 0.5 * eikonal * np.sin(angle)

    def integral(low):
        by_log = lambda log: np.exp(log) * factor(np.exp(log))  # noqa: E731
        return quad(by_log, np.log(low), np.log(np.pi), epsrel=1e-9, limit=500)[0]

    # 4 E^2/m^2 and m_W^2/m^2 differ by (m/m_W)^2, times the logarithm
    assert FinalStateRadiation(lepton).logarithm == pytest.approx(integral(1e-9), abs=1e-4)
    # the mass matters inside the cone: 2 (m/(E cone))^2 = 3.5e-4 for the muon
    assert FinalStateRadiation(lepton, "dressed", 0.2).logarithm == pytest.approx(integral(0.2), abs=4e-4)


def test_dressed_leptons_forget_their_mass_and_radiate_less():
    bare = FinalStateRadiation("mu")
    narrow, wide = FinalStateRadiation("mu", "dressed", 0.05), FinalStateRadiation("mu", "dressed", 0.2)
    assert wide.beta < narrow.beta < bare.beta < FinalStateRadiation("e").beta
    assert FinalStateRadiation("e", "dressed", 0.2).beta == wide.beta


def test_strength():
    none = FinalStateRadiation("mu", strength=0.0)
    first, weights = none.kernel(CELL)
    assert (first, weights.tolist()) == (0, [1.0])
    assert np.all(none.quantiles(9) == 1.0)
    half, full = (FinalStateRadiation("mu", strength=s) for s in (0.5, 1.0))
    assert half.beta == pytest.approx(0.5 * full.beta)
    log_z, weights = points(half)
    # the mean of z is exp(-beta/3) in leading logarithms; missed: (beta/2)^3
    mean = (np.exp(-half.beta / 3.0) + hard_moment(half, 2)) / (1.0 + hard_moment(half, 1))
    assert np.exp(log_z) @ weights == pytest.approx(mean, abs=1e-5)


@pytest.mark.parametrize("fsr", ALL, ids=lambda fsr: f"{fsr.lepton}-{fsr.mode}")
def test_quantiles_agree_with_the_kernel(fsr):
    z = fsr.quantiles(4097)
    assert np.all(np.diff(z) >= 0.0)
    assert z[-1] == 1.0
    assert z[0] >= 0.0
    log_z, weights = points(fsr)
    # sharing on the grid raises the mean of z by less than cell^2/8 = 2e-7; the trapezoid adds 1/n^2
    assert 0.5 * np.mean(z[1:] + z[:-1]) == pytest.approx(np.exp(log_z) @ weights, abs=2e-6)
    probability = np.linspace(0.0, 1.0, z.size)
    for cut in (0.3, 0.7, 0.95, 0.999):
        expected = 1.0 - float(fsr.radiated_below(1.0 - cut))
        # a step of the table is 2.4e-4 of probability, linear inside
        assert np.interp(cut, z, probability) == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize(("field", "value"), [("strength", -1.0), ("strength", 4.1), ("cone", 0.0), ("cone", 1.5)])
def test_bad_input(field, value):
    with pytest.raises(InputError, match=field):
        dataclasses.replace(ALL[0], **{field: value})


@pytest.mark.parametrize("lepton", ["mu", "e"])
def test_pythia_shower(lepton):
    """Another calculation: Pythia's dipole shower with the coupling of real photons and the neutrino taking the recoil.

    It has no mass term of the matrix element and radiates accordingly more along bare leptons.  With 500,000 events
    the mean losses are 0.01659(11) and 0.03265(16) for bare muons and electrons, to compare with 0.01664 and 0.03275
    without that term, and 0.0081(1) for dressed ones, to compare with 0.0080: hence 3%.
    """
    pytest.importorskip("pythia8mc")
    n_events, margin = 40_000, 0.03
    for z, mode in zip(shower_fractions(lepton, n_events, seed=5), ("bare", "dressed"), strict=True):
        fsr = FinalStateRadiation(lepton, mode, CONE)
        log_z, weights = points(fsr)
        loss = 1.0 - np.exp(log_z) @ weights + (PER_PHOTON if mode == "bare" else 0.0)
        assert 1.0 - z.mean() == pytest.approx(loss, abs=margin * loss + 3.0 * z.std() / np.sqrt(n_events))
        tail = 1.0 - float(without_mass_term(fsr)(np.array(0.1)))
        assert np.mean(z < 0.9) == pytest.approx(tail, abs=margin * tail + 3.0 * np.sqrt(tail / n_events))


def test_lepton_pt_hardly_knows_of_the_changed_direction():
    """Folding a sample gives the spectrum of the sample; leptons of another spin are less than 2e-4 of any bin."""
    rng = np.random.default_rng(3)
    fsr, edges, n = ALL[1], np.linspace(30.0, 42.0, 13), 400_000
    z = np.interp(rng.random(n), np.linspace(0.0, 1.0, 20_001), fsr.quantiles(20_001))
    pt = np.interp(rng.random(n), pt_at_rest()(grid := np.linspace(15.0, 60.0, 20_001)), grid)
    counts = np.histogram(z * pt, edges)[0]
    expected = n * lepton_pt(fsr.radiated_below, pt_at_rest(), edges)
    assert np.sum((counts - expected) ** 2 / expected) < 33.0  # 12 bins, p = 0.001
    # the finite sample: 6e-4
    np.testing.assert_allclose(lepton_pt(sampled(z), pt_at_rest(), edges) * n, expected, rtol=2e-3)
    assert np.all(np.abs(direction_change(edges)) < 2e-4 * expected / n)
