"""Backgrounds: the tau spectrum from Michel's and from Pythia, templates against events drawn one by one."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from collider.backgrounds.multijet import multijet_events
from collider.decay.radiation import FinalStateRadiation
from collider.decay.tau_background import LeptonicTauDecay, fraction_below
from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.production.w_pt import PT_RAPIDITY_STEP
from collider.templates.systematics import SHIFT_GRID
from collider.templates.template import WTables, lepton_template
from nucore.errors import InputError
from nucore.smearing import Resolution

CELL = 0.0025
WITH_RECOIL = LeptonSelection(
    edges=tuple(np.arange(30.0, 51.0, 2.0)),
    eta_edges=(0.0, 1.2, 2.4),
    resolution=Resolution(relative=0.02),
    recoil=Recoil(response=0.85, resolution_GeV=11.0, resolution_slope=0.05),
    cuts=Cuts(missing_momentum_min_GeV=30.0, transverse_mass_min_GeV=60.0, recoil_max_GeV=30.0),
)


def fraction_density(x, polarisation=-1.0):
    """Density of the lepton's share of the tau momentum, see `collider.decay.tau_background`."""
    return ((5.0 - 9.0 * x**2 + 4.0 * x**3) + polarisation * (1.0 - 9.0 * x**2 + 8.0 * x**3)) / 3.0


@pytest.mark.parametrize("polarisation", [-1.0, 0.0, 0.6, 1.0])
@pytest.mark.parametrize("x", [0.05, 0.4, 0.9])
def test_tau_spectrum_is_the_boosted_michel_spectrum(x, polarisation):
    """In the tau frame d2N/dy dc = y^2 [(3 - 2y) + P c (1 - 2y)], y = 2 E/m, c about the flight of a tau-.

    A massless lepton has x = y (1 + c)/2.  P is twice the helicity of a tau-, the opposite of a tau+.
    """

    def integrand(y):
        c = 2.0 * x / y - 1.0
        return y**2 * ((3.0 - 2.0 * y) + polarisation * c * (1.0 - 2.0 * y)) * 2.0 / y

    assert fraction_density(x, polarisation) == pytest.approx(quad(integrand, x, 1.0)[0], rel=1e-10)


def test_tau_spectrum_of_w_decays():
    assert quad(fraction_density, 0.0, 1.0)[0] == pytest.approx(1.0, rel=1e-12)
    assert quad(lambda x: x * fraction_density(x), 0.0, 1.0)[0] == pytest.approx(0.4, rel=1e-12)
    for x in (0.2, 0.7, 1.0):
        assert fraction_below(x) == pytest.approx(quad(fraction_density, 0.0, x)[0], rel=1e-12)


def test_tau_kernel_and_quantiles():
    first, weights = LeptonicTauDecay("mu").kernel(CELL)
    log_x = (first + np.arange(weights.size)) * CELL
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    # mean ln x of 4 (1 - x^3)/3 is -5/4; the part below ln x = -14, 1.1e-6, is left out
    assert log_x @ weights == pytest.approx(-1.25, abs=3e-5)
    # sharing between neighbours adds cell^2/12 of the mean
    assert np.exp(log_x) @ weights == pytest.approx(0.4, abs=2e-6)
    x = LeptonicTauDecay("mu").quantiles(1025)
    assert 0.5 * np.mean(x[1:] + x[:-1]) == pytest.approx(0.4, abs=1e-5)  # steps of 1e-3, squared
    np.testing.assert_allclose(fraction_below(x[1:-1]), np.linspace(0.0, 1.0, 1025)[1:-1], atol=1e-6)


def test_tau_kernel_with_radiation():
    """Losses one after the other: moments multiply."""
    radiation = FinalStateRadiation("e")
    moments = []
    for part in (LeptonicTauDecay("e"), radiation, LeptonicTauDecay("e", radiation)):
        first, weights = part.kernel(CELL)
        assert weights.min() >= 0.0
        log_z = (first + np.arange(weights.size)) * CELL
        moments.append([np.exp(log_z) @ weights, np.exp(2.0 * log_z) @ weights])
    # the tail beyond ln z = -14 is cut off once more
    np.testing.assert_allclose(moments[2], np.multiply(moments[0], moments[1]), rtol=3e-6)


def test_tau_decays_of_pythia():
    """Pythia 8 decays taus of W with their spin; electrons, so that the lepton's mass does not matter."""
    pythia8 = pytest.importorskip("pythia8mc")
    pythia = pythia8.Pythia("", False)
    settings = (
        "Print:quiet = on", "WeakSingleBoson:ffbar2W = on", "24:onMode = off", "24:onIfAny = 15", "15:onMode = off",
        "15:onIfAny = 11", "PartonLevel:ISR = off", "PartonLevel:MPI = off", "PartonLevel:FSR = off",
        "PartonLevel:Remnants = off", "HadronLevel:Hadronize = off", "Check:event = off", "Beams:eCM = 7000.",
        "Random:setSeed = on", "Random:seed = 11", "PhaseSpace:mHatMin = 70.4",
    )  # fmt: skip
    assert all(pythia.readString(setting) for setting in settings)
    assert pythia.init()
    fractions: list[float] = []
    while len(fractions) < 2_000:
        if not pythia.next():
            continue
        event = pythia.event
        boson, tau = (next(i for i in range(event.size()) if abs(event[i].id()) == name) for name in (24, 15))
        boson, tau = event[boson].iBotCopyId(), event[tau].iBotCopyId()
        final = next(i for i in range(event.size()) if event[i].isFinal() and abs(event[i].id()) == 11)
        energies = []
        for i in (final, tau):
            momentum = pythia8.Vec4(event[i].p())
            momentum.bstback(event[boson].p())
            energies.append(momentum.e())
        fractions.append(energies[0] / energies[1])
    counts, edges = np.histogram(fractions, bins=10, range=(0.0, 1.0))
    expected = len(fractions) * np.diff(fraction_below(edges))
    # another polarisation would move the mean from 0.4 by 9 standard deviations; 60,000 events gave 0.4018(10)
    assert np.sum((counts - expected) ** 2 / expected) < 25.2  # 99.5% of chi2 with 10 degrees of freedom


def w_events(component, n, rng):
    """Draw lepton momenta (pT, pz) and the angle to the W's transverse momentum q, in W -> l nu."""
    mass = np.interp(rng.random(n), np.linspace(0.0, 1.0, component.mass_quantiles.size), component.mass_quantiles)
    log_rows = np.log(component.rapidity_masses)
    row = np.interp(np.log(mass), log_rows, np.arange(log_rows.size))
    rapidity = look_up(component.rapidity_quantiles, row, rng.random(n))
    pt_row = np.floor(np.abs(rapidity) / PT_RAPIDITY_STEP + rng.random(n))
    pt_row = np.minimum(pt_row, component.pt_rows.shape[0] - 1)
    boson_pt = look_up(component.pt_rows, pt_row, rng.random(n))
    cosine = 1.0 - 2.0 * rng.random((3, n)).max(axis=0)  # (1 - c)^2
    return lepton_momentum(mass, rapidity, boson_pt, cosine, 2.0 * np.pi * rng.random(n))


def look_up(table, row, u):
    """Bilinear in a quantile table."""
    i = np.minimum(row.astype(int), table.shape[0] - 2)
    x = u * (table.shape[1] - 1)
    k = np.minimum(x.astype(int), table.shape[1] - 2)
    f = row - i
    low, high = ((1.0 - f) * table[i, j] + f * table[i + 1, j] for j in (k, k + 1))
    return low + (x - k) * (high - low)


def lepton_momentum(mass, rapidity, boson_pt, cosine, azimuth):
    sine = np.sqrt(1.0 - cosine**2)
    b = boson_pt / mass
    gamma = np.sqrt(1.0 + b**2)
    along = 0.5 * mass * (gamma * sine * np.cos(azimuth) + b)
    across = 0.5 * mass * sine * np.sin(azimuth)
    energy = 0.5 * mass * (gamma + b * sine * np.cos(azimuth))
    pz = np.sinh(rapidity) * energy + np.cosh(rapidity) * 0.5 * mass * cosine
    return boson_pt, along, across, pz


def measured_counts(selection, boson_pt, along, across, pz, fraction, rng):
    """Histogram of what is measured when the lepton keeps a fraction of its momentum; the smearing is drawn."""
    pt = fraction * np.hypot(along, across)
    measured = pt * (1.0 + selection.resolution.relative * rng.standard_normal(pt.size))
    to_measured = measured / np.hypot(along, across)
    recoil, sigma = selection.recoil, selection.recoil.resolution_GeV + selection.recoil.resolution_slope * boson_pt
    u_x = -recoil.response * boson_pt + sigma * rng.standard_normal(pt.size)
    u_y = sigma * rng.standard_normal(pt.size)
    l_x, l_y = to_measured * along, to_measured * across
    missing = np.hypot(l_x + u_x, l_y + u_y)
    mass = np.sqrt(np.maximum(2.0 * (measured * missing + l_x * (l_x + u_x) + l_y * (l_y + u_y)), 0.0))
    cuts = selection.cuts
    passed = (missing > cuts.missing_momentum_min_GeV) & (mass > cuts.transverse_mass_min_GeV)
    passed &= np.hypot(u_x, u_y) < cuts.recoil_max_GeV
    eta = np.abs(np.arcsinh(pz / np.hypot(along, across)))
    counts = np.histogram2d(eta[passed], measured[passed], bins=(selection.eta_edges, selection.edges))[0]
    return counts.ravel()


def test_tau_template_with_recoil_cuts():
    """Multiplying the momentum before cuts that act on the measured lepton and recoil is exact."""
    tables, rng, size, n_samples = WTables(7.0, 1), np.random.default_rng(7), 500_000, 4
    radiations = (None, FinalStateRadiation("mu"))
    counts, uniform = np.zeros((2, 20)), np.linspace(0.0, 1.0, 2001)
    for _ in range(n_samples):
        events = w_events(tables.component(0.0), size, rng)
        decayed = np.interp(rng.random(size), fraction_below(uniform), uniform)
        for k, radiation in enumerate(radiations):
            z = np.ones(2) if radiation is None else radiation.quantiles(4097)
            kept = decayed * np.interp(rng.random(size), np.linspace(0.0, 1.0, z.size), z)
            counts[k] += measured_counts(WITH_RECOIL, *events, kept, rng)
    for k, radiation in enumerate(radiations):
        selection = replace(WITH_RECOIL, fsr=LeptonicTauDecay("mu", radiation))
        # the quick integration is good to 1e-3, the events to 1%
        template = lepton_template(tables, 0.0, selection, SHIFT_GRID)
        expected = template.values * n_samples * size / tables.component(0.0).cross_section_pb
        chi2 = np.sum((counts[k] - expected) ** 2 / expected)
        assert chi2 < 44.3  # 99.9% of chi2 with 20 degrees of freedom


def test_bad_tau_input():
    with pytest.raises(InputError, match="no joint quantiles"):
        LeptonicTauDecay("mu", FinalStateRadiation("mu")).quantiles(9)


def test_multijet_shape():
    edges = np.array([30.0, 31.0, 35.0, 50.0])
    slope = -0.12
    norm = quad(lambda x: np.exp(slope * x), 30.0, 50.0)[0]
    expected = [quad(lambda x: np.exp(slope * x), a, b)[0] / norm for a, b in itertools.pairwise(edges)]
    np.testing.assert_allclose(multijet_events([1.0, 0.0, 0.0], edges, 1.0, slope), expected, rtol=1e-12)
    np.testing.assert_allclose(multijet_events([1.0, 0.0, 0.0], edges, 1.0, 0.0), np.diff(edges) / 20.0, rtol=1e-12)
    np.testing.assert_allclose(multijet_events([1.0, 0.0, 0.0], edges, 1.0, 1e-9), np.diff(edges) / 20.0, rtol=1e-7)
    assert np.all(np.isfinite(multijet_events([1.0, 0.0, 0.0], edges, 1.0, -50.0)))


def test_multijet_events_follow_the_signal_of_each_group():
    edges = np.linspace(30.0, 50.0, 5)
    signal = np.arange(8.0)
    events = multijet_events(signal, edges, 0.01, -0.1)
    np.testing.assert_allclose(events.reshape(2, 4).sum(axis=1), 0.01 * signal.reshape(2, 4).sum(axis=1))
    np.testing.assert_allclose(events[:4] / events[:4].sum(), events[4:] / events[4:].sum())
