"""Angular coefficients against amplitudes from Dirac spinors, published values and symmetries."""

from __future__ import annotations

import numpy as np
import pytest

from collider.decay.w_decay import decay_density
from collider.production.angular_coefficients import coefficients_of, recoil_moments
from collider.production.luminosity import parton_pairs
from collider.production.neutral_current import GAMMA_Z, M_Z
from collider.production.partons import load_partons
from collider.production.spin import PT_RATIO, RAPIDITIES
from collider.production.z_spin import Z_PT_STEP, z_coefficients, z_table
from nucore.model import constants
from tests.collider.production import dirac_amplitudes as dirac

CHANNELS = ("both", "up", "down")


def random_kinematics(rng, n, mass=80.4):
    """Return the kinematics of n points of production, at different pT and rapidities."""
    points = [
        dirac.production(pt, y, mass, rng.uniform(-3.0, 3.0, 1))
        for pt, y in zip(rng.uniform(1.0, 150.0, n), rng.uniform(-3.0, 3.0, n), strict=True)
    ]
    return tuple(np.concatenate(parts) for parts in zip(*points, strict=True))


def partons(channel, kinematics):
    along, against, recoil, _ = kinematics
    return {"both": (along, against, recoil), "up": (along, recoil, against), "down": (recoil, against, along)}[channel]


def test_spinors_are_complete():
    rng = np.random.default_rng(1)
    p = rng.normal(scale=30.0, size=(20, 3))
    for mass in (0.0, 25.0):
        momentum = np.concatenate([np.sqrt(np.sum(p**2, axis=1, keepdims=True) + mass**2), p], axis=1)
        for anti, sign in ((False, 1.0), (True, -1.0)):
            psi = dirac.spinors(dirac.Fermion(momentum, anti, mass))
            total = np.einsum("h...a,h...b->...ab", psi, dirac.adjoint(psi))
            np.testing.assert_allclose(total, dirac.slash(momentum) + sign * mass * np.eye(4), atol=1e-11)


def test_amplitudes_are_gauge_invariant():
    """A gluon polarised along its momentum does nothing; a current of massless quarks is conserved."""
    along, against, recoil, boson = random_kinematics(np.random.default_rng(2), 10)
    quarks = dirac.Fermion(along), dirac.Fermion(against, anti=True)
    current = dirac.quark_current(*quarks, -recoil, recoil, 0)
    eps = dirac.polarisations(recoil)[0]
    physical = dirac.quark_current(*quarks, -recoil, eps, 0)
    size = np.abs(physical).max()
    assert np.abs(current).max() < 1e-10 * size * np.abs(recoil).max()
    assert np.abs(np.einsum("if...m,...m->if...", physical, boson * dirac.METRIC)).max() < 1e-10 * size * boson.max()


@pytest.mark.parametrize("process", ["W+", "W-"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_squared_amplitude_of_a_w(process, channel):
    """[(u.l)^2 + (d.n)^2] / [(u.g)(d.g)] at random points, and the vectors v and weights w in the W rest frame."""
    kinematics = random_kinematics(np.random.default_rng(3), 30)
    leptons = dirac.leptons_of(kinematics[3])
    squared = dirac.channel_squared(process, channel, kinematics, leptons)
    u, d, g = partons(channel, kinematics)
    dot = dirac.dot
    closed = (dot(u, leptons[0]) ** 2 + dot(d, leptons[1]) ** 2) / (dot(u, g) * dot(d, g))
    np.testing.assert_allclose(squared / closed, squared[0, 0] / closed[0, 0], rtol=1e-10)
    rest, axes = kinematics[3] * dirac.METRIC, dirac.collins_soper_axes(kinematics[3])
    expected = np.zeros((6, 30))
    for sign, parton in ((1.0, u), (-1.0, d)):
        momentum = dirac.boost(parton, rest)
        x, _, z = sign * np.einsum("kni,ni->kn", axes, momentum[:, 1:]) / momentum[:, 0]
        weight = momentum[:, 0] ** 2 / (dot(u, g) * dot(d, g))
        expected += weight * np.array([np.ones(30), x**2, x * z, x**2, -2.0 * x, -2.0 * z])
    found = dirac.moments(squared)
    np.testing.assert_allclose(found[1:] / found[0], expected[1:] / expected[0], atol=1e-10)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("mass_4", [10.0, 60.0])
def test_decay_law_of_a_massive_neutrino(channel, mass_4):
    """`decay_density` times (1 - r)(1 + r/2); the phase space has another factor 1 - r."""
    kinematics = random_kinematics(np.random.default_rng(4), 10)
    massless, massive = (
        dirac.channel_squared("W+", channel, kinematics, dirac.leptons_of(kinematics[3], m), mass_4=m)
        for m in (0.0, mass_4)
    )
    moments = dirac.moments(massless)
    c, phi, _ = dirac.decay_grid()
    for squared, r in ((massless, 0.0), (massive, (mass_4 / 80.4) ** 2)):
        density = decay_density(c[:, None], phi[:, None], moments[1:] / moments[0], r)
        expected = (1.0 - r) * (1.0 + 0.5 * r) * moments[0] * density
        np.testing.assert_allclose(squared / moments[0], expected / moments[0], atol=1e-12)


#: pT, y, A0 = A2, A1, A3, A4 of W+ in pp collisions of 7 TeV, NNPDF31, m = 80.3625 GeV: an independent calculation.
REFERENCE = [
    (5.0, 0.0, 0.0089, -0.0013, 0.0023, -1.9854),
    (10.0, -2.0, 0.0399, -0.0216, 0.0534, -1.9368),
    (10.0, 2.0, 0.0351, 0.0081, -0.0360, -1.9424),
    (20.0, 1.0, 0.1374, 0.0022, -0.0634, -1.7614),
    (40.0, 0.0, 0.3977, -0.0292, 0.0055, -1.3096),
    (40.0, 2.0, 0.3903, 0.0309, -0.4203, -1.3561),
    (80.0, -2.0, 0.7157, -0.2056, 0.7742, -0.8384),
]


@pytest.mark.parametrize(("pt", "y", "a0", "a1", "a3", "a4"), REFERENCE)
def test_reference_values(pt, y, a0, a1, a3, a4):
    pdf, expected = load_partons(), np.array([a0, a1, a0, a3, a4])
    _, oracle = dirac.recoil_coefficients(pdf, 7000.0, "W+", parton_pairs(1), 80.3625, pt, y)
    np.testing.assert_allclose(oracle, expected, atol=1e-4)
    ours = coefficients_of(recoil_moments(pdf, 7000.0, 1, 80.3625, pt, y))[:, 0]
    np.testing.assert_allclose(ours, expected, atol=1e-4)


CASES = [
    (7000.0, "pp", 80.4, 0.5, 0.3), (7000.0, "pp", 80.4, 20.0, -3.0), (7000.0, "pp", 40.0, 12.0, 1.5),
    (13000.0, "pp", 80.4, 60.0, 2.0), (13000.0, "pp", 300.0, 35.0, -1.0), (1960.0, "ppbar", 80.4, 10.0, 1.0),
    (1960.0, "ppbar", 80.4, 40.0, -1.5), (2760.0, "pp", 80.4, 5.0, 2.2),
]  # fmt: skip


@pytest.mark.parametrize(("sqrt_s", "beams", "mass", "pt", "y"), CASES)
def test_amplitudes_and_densities_together(sqrt_s, beams, mass, pt, y):
    """Rates and coefficients of both charges, whose ratio of rates also has to be right."""
    pdf, rates = load_partons("CT14qed_proton"), []
    for charge, process in ((1, "W+"), (-1, "W-")):
        rate, oracle = dirac.recoil_coefficients(pdf, sqrt_s, process, parton_pairs(charge), mass, pt, y, beams=beams)
        ours = recoil_moments(pdf, sqrt_s, charge, mass, pt, y, beams)
        np.testing.assert_allclose(coefficients_of(ours)[:, 0], oracle, atol=3e-4)
        rates.append(ours.rate[0] / rate)
    assert rates[0] == pytest.approx(rates[1], rel=1e-3)


def test_cp_in_proton_antiproton_collisions():
    """W+ and W- have the same coefficients and rates on the axis of the up-type parton, at every rapidity."""
    y = np.linspace(-2.0, 2.0, 9)
    plus, minus = (recoil_moments(load_partons(), 1960.0, charge, 80.4, 25.0, y, "ppbar") for charge in (1, -1))
    np.testing.assert_allclose(np.array(plus), np.array(minus), rtol=1e-12)


def test_quarks_without_gluons_in_the_beam():
    """q qbar' alone has A0 = pT^2/(m^2 + pT^2)."""
    kinematics = dirac.production(30.0, 0.4, 80.4, np.linspace(-4.0, 4.0, 9))
    found = dirac.moments(dirac.channel_squared("W-", "both", kinematics, dirac.leptons_of(kinematics[3])))
    np.testing.assert_allclose(found[1] / found[0], 30.0**2 / (80.4**2 + 30.0**2), rtol=1e-10)


def z_couplings(channel, mass):
    """Return the photon and Z amplitudes for quark (rows) and lepton (columns) of left and right chirality."""
    sin_sq = float(constants.SIN2_THETA_EFF)
    g_sq = 4.0 * np.sqrt(2.0) * float(constants.G_F) * M_Z**2
    isospin, charge = {"up": (0.5, 2.0 / 3.0), "down": (-0.5, -1.0 / 3.0)}[channel]
    quark, lepton = np.array([isospin, 0.0]) - charge * sin_sq, np.array([-0.5, 0.0]) + sin_sq
    z = g_sq * np.outer(quark, lepton) / (mass**2 - M_Z**2 + 1j * mass**2 * GAMMA_Z / M_Z)
    return z - g_sq * sin_sq * (1.0 - sin_sq) * charge / mass**2


Z_CASES = [
    (8000.0, "pp", 91.0, 20.0, 1.2), (8000.0, "pp", 60.0, 40.0, -2.2), (7000.0, "pp", 200.0, 8.0, 0.5),
    (1960.0, "ppbar", 130.0, 10.0, 0.7),
]  # fmt: skip


def test_photon_and_z():
    """Coefficients, and rates at all masses, energies and transverse momenta up to one factor."""
    ratios = []
    for sqrt_s, beams, mass, pt, y in Z_CASES:
        rate, weighted = 0.0, 0.0
        for channel in ("up", "down"):
            one, coefficients = dirac.recoil_coefficients(
                load_partons(), sqrt_s, "Z", parton_pairs(channel), mass, pt, y, beams=beams,
                couplings=z_couplings(channel, mass),
            )  # fmt: skip
            rate, weighted = rate + one, weighted + one * coefficients
        ours, found = z_coefficients(sqrt_s / 1000.0, pt, y, mass, beams=beams, axis="quark")
        np.testing.assert_allclose(found[:, 0], weighted / rate, atol=3e-5)
        # the oracle has 1/(x1 x2)^2 for the flux, and a phase space without its factors
        ratios.append(ours[0] * sqrt_s**4 / (rate * mass * pt))
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-4)


def test_axis_of_the_rapidity():
    """Mean of both directions of the quark; nothing prefers a side at y = 0."""
    (rate,), found = z_coefficients(8.0, 30.0, 1.7, 91.2)
    ((here,), one), ((there,), two) = (z_coefficients(8.0, 30.0, y, 91.2, axis="quark") for y in (1.7, -1.7))
    assert rate == pytest.approx(here + there)
    mirrored = two * np.array([[1.0], [-1.0], [1.0], [1.0], [-1.0]])
    np.testing.assert_allclose(found, (here * one + there * mirrored) / (here + there), rtol=1e-12)
    np.testing.assert_allclose(z_coefficients(8.0, 30.0, 0.0, 91.2)[1][[1, 4], 0], 0.0, atol=1e-12)


def test_table_of_the_z():
    masses = np.array([62.0, 91.0, 300.0])
    for order, ratio in (("measured", 0.7), ("lam-tung", 1.0)):
        table = z_table(8.0, "CT14qed_proton", "pp", order, masses)
        for i, j, k in ((0, 5, 52), (1, 8, 62), (1, 15, 48), (2, 2, 38)):
            s = j * Z_PT_STEP
            pt, y = masses[i] * PT_RATIO * s / (1.0 - s), RAPIDITIES[k]
            expected = z_coefficients(8.0, pt, abs(y), masses[i], pdf_set="CT14qed_proton")[1][:, 0]
            expected[2] *= ratio
            expected[[1, 4]] *= np.sign(y)
            np.testing.assert_allclose(table[i, j, k], expected, atol=0.003)
    leading = z_table(8.0, "CT14qed_proton", "pp", "lo", masses)
    np.testing.assert_allclose(leading[:, 0], table[:, 0], atol=1e-12)
    assert leading.shape[1] == 2
