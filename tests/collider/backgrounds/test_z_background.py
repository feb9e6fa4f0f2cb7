"""Z with a lost lepton: against events drawn one by one, against Pythia 8, and limits."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from collider.backgrounds.z_background import MASS_RANGE_GEV, z_template, z_truth_template
from collider.backgrounds.z_kernel import accumulate, fill_lost, seen_alone
from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.production.luminosity import load_table
from collider.production.neutral_current import (
    differential_cross_section,
    fixed_order_cross_section_pb,
    mass_spectrum,
    z_k_factor,
)
from collider.production.spin import PT_RATIO, RAPIDITIES, SpinModel
from collider.production.w_pt import PT_RAPIDITY_STEP, pt_rows
from collider.production.z_spin import Z_PT_STEP, z_table
from collider.templates.template import WTables
from nucore.smearing import Resolution

TABLES = WTables(7.0, 1)
PLAIN = LeptonSelection(tuple(np.arange(30.0, 51.0, 2.0)), (0.0, 1.2, 2.4), Resolution(relative=0.02))
WITH_RECOIL = replace(
    PLAIN,
    recoil=Recoil(response=0.85, resolution_GeV=11.0, resolution_slope=0.05),
    cuts=Cuts(missing_momentum_min_GeV=30.0, transverse_mass_min_GeV=60.0, recoil_max_GeV=30.0),
)
LOST = (2.7, 15.0)


def coefficients_at(mass, q, y, order):
    """Return A0..A4 of l- at each event, linear between 60 masses and the nodes of the table."""
    masses = np.quantile(mass, np.linspace(0.0, 1.0, 60))
    table = z_table(7.0, TABLES.pdf_set, "pp", order, masses)
    s = q / mass / (q / mass + PT_RATIO)
    nodes = masses, Z_PT_STEP * np.arange(table.shape[1]), RAPIDITIES
    found = RegularGridInterpolator(nodes, table)((mass, np.minimum(s, nodes[1][-1]), y))
    return found.T


@lru_cache(maxsize=1)
def drawn_pairs(n, order):
    """Draw Z/gamma* -> l+ l-: mass, transverse momentum q, both leptons' (along q, across, pz)."""
    table, rng = load_table(7.0), np.random.default_rng(12)
    mass_grid, rate = mass_spectrum(table, *MASS_RANGE_GEV)
    cumulative = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]) * np.diff(mass_grid))])
    mass = np.interp(rng.random(n), cumulative / cumulative[-1], mass_grid)
    y_max = table.maximal_rapidity(mass)
    y, c = y_max * (2.0 * rng.random(n) - 1.0), 2.0 * rng.random(n) - 1.0
    even = 0.5 * sum(differential_cross_section(table, mass, side * y)[0] for side in (1.0, -1.0))
    rows = 0.5 * (pt_rows(7.0, 1) + pt_rows(7.0, -1))
    row = np.minimum(np.floor(np.abs(y) / PT_RAPIDITY_STEP + rng.random(n)), rows.shape[0] - 1).astype(int)
    x = rng.random(n) * (rows.shape[1] - 1)
    k = x.astype(int)
    q = rows[row, k] + (x - k) * (rows[row, k + 1] - rows[row, k])
    azimuth, s = 2.0 * np.pi * rng.random(n), np.sqrt(1.0 - c**2)
    a0, a1, a2, a3, a4 = coefficients_at(mass, q, y, order)
    density = 1.0 + c**2 + 0.5 * a0 * (1.0 - 3.0 * c**2) + a1 * 2.0 * s * c * np.cos(azimuth)
    density += 0.5 * a2 * s**2 * np.cos(2.0 * azimuth) + a3 * s * np.cos(azimuth) + a4 * c
    # rapidity and angles uniform, the density over the uniform one as weight
    weights = 2.0 * even * density * 2.0 * y_max * 2.0 / np.interp(mass, mass_grid, rate)
    b = q / mass
    gamma = np.sqrt(1.0 + b**2)
    leptons = []
    for sign in (1.0, -1.0):  # l- first, whose angles are those drawn
        along = 0.5 * mass * (sign * gamma * s * np.cos(azimuth) + b)
        across = sign * 0.5 * mass * s * np.sin(azimuth)
        energy = 0.5 * mass * (gamma + sign * b * s * np.cos(azimuth))
        leptons.append((along, across, np.sinh(y) * energy + sign * np.cosh(y) * 0.5 * mass * c))
    return q, leptons, weights, cumulative[-1]


def unseen(lepton, lost):
    pt = np.hypot(lepton[0], lepton[1])
    eta = np.arcsinh(lepton[2] / pt)
    return np.where((np.abs(eta) < lost[0]) & (pt > lost[1]), 0.0, 1.0)


@pytest.mark.parametrize(
    ("selection", "charge", "order"),
    [(PLAIN, 1, "measured"), (WITH_RECOIL, -1, "measured"), (PLAIN, -1, "lo")],
    ids=["plain", "recoil", "leading order"],
)
def test_against_drawn_events(selection, charge, order):
    n, rng = 500_000, np.random.default_rng(13)
    q, (negative, positive), weights, total = drawn_pairs(n, order)
    seen, other = (positive, negative) if charge == 1 else (negative, positive)
    weights = weights * unseen(other, LOST) * total * z_k_factor(7.0) / n
    pt = np.hypot(seen[0], seen[1])
    measured = pt * (1.0 + 0.02 * rng.standard_normal(n))
    eta = np.abs(np.arcsinh(seen[2] / pt))
    if selection.recoil is not None:
        recoil, cuts = selection.recoil, selection.cuts
        sigma = recoil.resolution_GeV + recoil.resolution_slope * q
        u_x, u_y = sigma * rng.standard_normal(n) - recoil.response * q, sigma * rng.standard_normal(n)
        l_x, l_y = measured / pt * seen[0], measured / pt * seen[1]
        missing = np.hypot(l_x + u_x, l_y + u_y)
        mass_sq = 2.0 * (measured * missing + l_x * (l_x + u_x) + l_y * (l_y + u_y))
        passed = (missing > cuts.missing_momentum_min_GeV) & (mass_sq > cuts.transverse_mass_min_GeV**2)
        weights = weights * (passed & (np.hypot(u_x, u_y) < cuts.recoil_max_GeV))
    bins = (selection.eta_edges, selection.edges)
    drawn = np.histogram2d(eta, measured, bins=bins, weights=weights)[0].ravel()
    variance = np.histogram2d(eta, measured, bins=bins, weights=weights**2)[0].ravel()
    template = z_template(replace(TABLES, charge=charge, spin=SpinModel(order)), selection, *LOST)
    difference = template.values - drawn
    chi2 = np.sum(difference**2 / (variance + template.variances))
    assert chi2 < 45.3  # 99.9% of chi2 with 20 degrees of freedom
    assert np.sum(variance) / np.sum(drawn) ** 2 < 0.01**2  # the comparison is worth it


def test_nothing_seen_is_the_whole_cross_section():
    everything = LeptonSelection((0.5, 20.0, 700.0), (0.0, np.inf), Resolution())
    template = z_template(TABLES, everything, 0.0)
    # 1e-4 of the leptons are below 0.5 GeV; the points integrate the rate to 0.3%
    assert template.values.sum() == pytest.approx(
        fixed_order_cross_section_pb(7.0, *MASS_RANGE_GEV) * z_k_factor(7.0), rel=0.01
    )


def test_a_wider_detector_loses_less():
    rates = [z_template(TABLES, PLAIN, eta).values.sum() for eta in (2.4, 3.5, 4.9)]
    assert rates[0] > 2.0 * rates[1] > 8.0 * rates[2]


def test_relative_error_is_small_against_the_signal():
    """1% of a background of 5% is a small part of the statistical error of a bin; other points agree."""
    one, other = (z_template(TABLES, PLAIN, *LOST, seed) for seed in (1, 2))
    assert np.max(np.sqrt(one.variances) / one.values) < 0.02
    pull = (one.values - other.values) / np.sqrt(one.variances + other.variances)
    # the errors are themselves estimated from 8 repetitions: a t distribution with 7 degrees of freedom
    assert np.sum(pull**2) < 60.0


def test_pythia():
    """Pythia 8 with the same PDF set and its own shower: fraction of Z with one lepton selected and the other lost."""
    pythia8 = pytest.importorskip("pythia8mc")
    pythia = pythia8.Pythia("", False)
    settings = (
        "Print:quiet = on", "WeakSingleBoson:ffbar2gmZ = on", "23:onMode = off", "23:onIfAny = 13",
        "PartonLevel:FSR = off", "PartonLevel:MPI = off", "HadronLevel:all = off", "Beams:eCM = 7000.",
        "PhaseSpace:mHatMin = 40.", "PhaseSpace:mHatMax = 1000.", "Random:setSeed = on", "Random:seed = 3",
        "Tune:pp = 5", "SpaceShower:alphaSvalue = 0.1237", "SpaceShower:pT0Ref = 0.59",
        "BeamRemnants:primordialKThard = 1.71", "PDF:pSet = LHAGrid1:CT14qed_proton_0000.dat",
    )  # fmt: skip
    assert all(pythia.readString(setting) for setting in settings)
    assert pythia.init()
    lost, n_pole, n_lost, n_bins = (2.4, 10.0), 0, 0, np.zeros(10)
    for _ in range(15_000):
        if not pythia.next():
            continue
        event = pythia.event
        muons = [event[i] for i in range(event.size()) if event[i].isFinal() and abs(event[i].id()) == 13][:2]
        n_pole += 66.0 < pythia8.m(muons[0].p(), muons[1].p()) < 116.0
        for one, other in (muons, muons[::-1]):
            seen = abs(other.eta()) < lost[0] and other.pT() > lost[1]
            if abs(one.eta()) < 2.4 and 30.0 < one.pT() < 50.0 and not seen:
                n_lost += 1
                n_bins[int((one.pT() - 30.0) / 2.0)] += 1
    sharp = LeptonSelection(PLAIN.edges, (0.0, 2.4), Resolution())
    tables = WTables(7.0, 1, pdf_set="CT14qed_proton")
    expected = sum(z_template(replace(tables, charge=charge), sharp, *lost).values for charge in (1, -1))
    fraction = expected.sum() / (fixed_order_cross_section_pb(7.0, 66.0, 116.0, "CT14qed_proton") * z_k_factor(7.0))
    # statistical errors, and 4% for the pT of the Z in place of the W's, the shower's rapidity and pairs below 40 GeV
    assert n_lost / n_pole == pytest.approx(fraction, rel=0.04 + 3.0 / np.sqrt(n_lost))
    shape = expected / expected.sum()
    assert np.sum((n_bins - n_lost * shape) ** 2 / (n_lost * shape * (1.0 + 0.05**2 * n_lost * shape))) < 27.9


def test_loop_without_compilation():
    """The kernel as Python, on a few points: the same numbers."""
    truth = [np.zeros((2, 40, 1, 2)) for _ in range(2)]
    rng = np.random.default_rng(2)
    densities, coefficients = rng.random((1, 2, 8)), rng.normal(size=(1, 3, 5, 5))
    arguments = (
        140, 0.025, np.array([5.0, 20.0]), np.array([0.3, 2.0]), rng.random((2, 2)), rng.random((2, 5, 2)),
        np.array([91.0]), np.array([3.0]), densities, np.array([-3.0]), np.array([8.0 / 6.0]), coefficients,
        (0.5, 0.1, 2.5), np.array([0.0, 2.4]), (2.4, 10.0), 1, 12, 0.4,
    )  # fmt: skip
    fill_lost(truth[0], *arguments)
    fill_lost.py_func(truth[1], *arguments)
    np.testing.assert_allclose(truth[0], truth[1], rtol=1e-12)
    assert np.abs(truth[0]).sum() > 0.0
    cumulatives = [np.empty((9, 6)) for _ in range(2)]
    shares = np.array([0.3, 0.6])
    accumulate(cumulatives[0], shares, densities[0], -3.0, 8.0 / 6.0, coefficients[0], 1.3, 2.5)
    accumulate.py_func(cumulatives[1], shares, densities[0], -3.0, 8.0 / 6.0, coefficients[0], 1.3, 2.5)
    np.testing.assert_allclose(cumulatives[0], cumulatives[1], rtol=1e-12, atol=1e-15)
    totals = [np.empty(6) for _ in range(2)]
    seen_alone(totals[0], cumulatives[0], -3.0, 8.0 / 6.0, 0.5, -0.5, 0.0, 2.4, 2.0)
    seen_alone.py_func(totals[1], cumulatives[0], -3.0, 8.0 / 6.0, 0.5, -0.5, 0.0, 2.4, 2.0)
    np.testing.assert_allclose(totals[0], totals[1], rtol=1e-12, atol=1e-15)


def test_truth_is_shared():
    assert z_truth_template(TABLES, PLAIN, *LOST) is z_truth_template(TABLES, PLAIN, *LOST)
