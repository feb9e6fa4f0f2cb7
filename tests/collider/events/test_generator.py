"""W events: against a float64 implementation, analytic spectra, conservation laws, and independence of the workers."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy import stats

from collider.decay.w_decay import decay_density
from collider.events import kernel
from collider.events.generator import (
    count_piece,
    event_pieces,
    generate_events,
    generate_histogram,
)
from collider.events.kernel_inputs import prepare
from collider.events.sample import WEvents, WSample
from collider.experiments.selection import LeptonSelection
from collider.production.spin import SpinModel, SpinTable
from collider.production.w_production import w_component
from collider.production.w_pt import PT_RAPIDITY_STEP
from nucore.errors import InputError
from nucore.generation import generation_job
from nucore.run.executors import Execution
from nucore.run.job import complete
from nucore.smearing import Efficiency, Resolution
from nuportal.api.generate import is_compiled
from tests.collider.events.w_reference import made_events, rapidity_of
from tests.collider.w_decay_law import random_coefficients


@dataclass(frozen=True)
class Tables:
    """A component as the generator sees it."""

    charge: int
    m4: float
    mass_quantiles: np.ndarray
    rapidity_row: np.ndarray
    rapidity_quantiles: np.ndarray
    pt_rows: np.ndarray
    spin: SpinTable


def uniform_spin(coefficients: ArrayLike, share: float = 1.0) -> SpinTable:
    """The same coefficients everywhere, and the same share of the side of positive rapidity from |y| = 0.1."""
    values = np.empty((2, 2, 3, 6))
    values[..., :5] = np.asarray(coefficients)
    values[..., 5] = 1.0 - share, 0.5, share
    return SpinTable(4.0, 1.0, 0.5, 0.1, 0.1, values)


def random_spin(seed: int) -> SpinTable:
    """Coefficients and shares that change from node to node, on a grid which does not cover all W bosons."""
    rng, shape = np.random.default_rng(seed), (3, 5, 7)
    share = rng.uniform(0.1, 0.9, shape)
    share = 0.5 * (1.0 + share - share[..., ::-1])
    values = np.stack([*random_coefficients(rng, *shape), share], axis=-1)
    return SpinTable(float(np.log(70.0)), 0.15, 0.1, 2.4, 0.8, values)


LOWEST_ORDER = uniform_spin([0.0, 0.0, 0.0, 0.0, -2.0], 0.7)
SPIN = {1: random_spin(1), -1: random_spin(2)}


def synthetic(
    charge: int,
    m4: float,
    n_m: int = 1025,
    n_y: int = 257,
    n_rows: int = 5,
    n_pt: int = 513,
    spin: SpinTable | None = None,
) -> Tables:
    """Breit-Wigner mass, Gaussian rapidity narrowing with the mass, Rayleigh transverse momentum."""
    m_W, width = 80.4, 2.1
    low, high = (np.arctan((m * m - m_W**2) / (m_W * width)) for m in (max(50.0, m4 + 1.0), 200.0))
    mass = np.sqrt(m_W**2 + m_W * width * np.tan(np.linspace(low, high, n_m)))
    row = np.linspace(0.0, n_rows - 1.0, n_m) ** 2 / (n_rows - 1.0)
    z = stats.norm.ppf(np.clip(np.linspace(0.0, 1.0, n_y), 2e-4, 1.0 - 2e-4))
    rapidity = np.array([0.4 * charge + (1.3 - 0.1 * j) * z for j in range(n_rows)])
    pt = 8.0 * np.sqrt(-2.0 * np.log(np.clip(1.0 - np.linspace(0.0, 1.0, n_pt), 5e-4, 1.0)))
    w_pt = np.array([1.0 + 0.1 * charge, 0.9, 0.7, 0.6])[:, None] * pt
    return Tables(charge, m4, mass, row, rapidity, w_pt, SPIN[charge] if spin is None else spin)


def fixed(mass: float, m4: float, rapidity: float = 0.0, spin: SpinTable | None = None, w_pt: float = 0.0) -> Tables:
    """A W of fixed mass, |rapidity| and transverse momentum; fully polarised and on the positive side by default."""
    two = np.ones(2)
    spin = uniform_spin([0.0, 0.0, 0.0, 0.0, -2.0]) if spin is None else spin
    return Tables(1, m4, mass * two, 0.0 * two, rapidity * np.ones((2, 2)), w_pt * np.ones((1, 2)), spin)


PT_EDGES = tuple(np.linspace(30.0, 50.0, 41).tolist())
SELECTION = LeptonSelection(PT_EDGES, (0.0, 2.4), Resolution(0.02), Efficiency(values=(0.9,)))
EVERYTHING = LeptonSelection((1e-4, 1000.0), (0.0, np.inf), Resolution())
MIXTURE = [synthetic(1, 0.0), synthetic(1, 30.0), synthetic(-1, 0.0)]
WEIGHTS = [0.5, 0.3, 0.2]


def all_events(components: Sequence[Tables], selection: LeptonSelection, n: int, seed: int, first: int = 0) -> WEvents:
    weights = np.ones(len(components))
    (events,) = generate_events(components, weights, selection, n, seed, first, chunk_events=2**64)
    return events


def reference(
    components: Sequence[Tables], weights: Sequence[float], selection: LeptonSelection, n: int, seed: int, first: int
) -> dict[str, np.ndarray]:
    """Evaluate the model in float64 numpy with libm, from the same random words."""
    made = made_events(components, weights, n, seed, first)
    u, (_, px, py, pz) = made["u"], made["lepton"]
    pt = np.hypot(px, py)
    eta = np.arcsinh(pz / pt)
    normal = np.sqrt(-2.0 * np.log(u[8])) * np.cos(2.0 * np.pi * u[9])
    reco = pt * (1.0 + selection.resolution.relative * normal)
    in_eta = np.abs(eta) < selection.eta_edges[-1]
    in_window = (reco >= selection.edges[0]) & (reco < selection.edges[-1])
    selected = in_eta & (u[11] < selection.efficiency(pt)) & in_window
    return {"component": made["component"], "mass": made["mass"], "pt": pt, "eta": eta, "reco": reco,
            "selected": selected, "near": in_eta & in_window}  # fmt: skip


def check_against_reference(components: Sequence[Tables], weights: Sequence[float], n: int) -> None:
    (events,) = generate_events(components, weights, SELECTION, n, 3, 0, chunk_events=n)
    a, r = events.arrays, reference(components, weights, SELECTION, n, 3, 0)
    np.testing.assert_array_equal(a["component"], r["component"])
    # Another node or image of an event within a rounding of the border between two: about one in a million.
    same = np.isclose(a["lepton_pt"], r["pt"], rtol=1e-5) & (np.abs(np.abs(a["lepton_eta"]) - np.abs(r["eta"])) < 1e-3)
    assert np.mean(~same) < 1e-5
    bins = (a["reco_lepton_pt"].astype(float) - r["reco"]) / 0.5
    near = r["near"] & same
    # The requirement: a bias below 1e-5 of a bin, overall and within every bin.
    assert abs(bins[near].mean()) < 1e-5
    index = ((r["reco"][near] - 30.0) * 2.0).astype(int)
    in_bin = np.bincount(index, minlength=40)
    # Single events differ by a few roundings of 40 GeV (4e-6 GeV): 6e-6 of a bin, averaged over those in it.
    assert np.all(np.abs(np.bincount(index, bins[near], 40) / in_bin) < 1e-5 + 5 * 6e-6 / np.sqrt(in_bin))
    assert np.abs(bins[near]).max() < 2e-4
    # An event changes sides only within a rounding of an edge: expected below 1e-5 of the events.
    assert np.mean(a["selected"] != r["selected"]) < 1e-5
    np.testing.assert_allclose(a["w_mass"], r["mass"], rtol=1e-6)
    counts = np.histogram(r["reco"][r["selected"]], np.array(PT_EDGES))[0]
    assert np.abs(counts - events.sample.counts).sum() <= max(4, 4e-5 * n)


def test_agrees_with_float64_event_by_event():
    check_against_reference(MIXTURE, WEIGHTS, 400_000)


def test_agrees_with_float64_on_the_real_tables():
    components = [w_component(7.0, charge, m4) for charge, m4 in ((1, 0.0), (-1, 0.0), (1, 40.0))]
    check_against_reference(components, [0.4, 0.3, 0.3], 200_000)


@pytest.mark.parametrize("n_nodes", [2, 3, 100, 1000])
def test_tables_of_any_length_agree_with_float64(n_nodes):
    """Without a power of two the interpolation rounds, the result stays within the float32 error."""
    components = [synthetic(1, 20.0, n_nodes, n_nodes, 3, n_nodes)]
    n = 20_000
    events, r = all_events(components, SELECTION, n, 8), reference(components, [1.0], SELECTION, n, 8, 0)
    # t = u (n_nodes - 1) is rounded by 6e-5 at most, times the widest interval (100 GeV with 3 nodes).
    np.testing.assert_allclose(events.arrays["w_mass"], r["mass"], atol=6e-3)


def assert_same(a: WSample, b: WSample) -> None:
    np.testing.assert_array_equal(a.component_counts, b.component_counts)
    np.testing.assert_array_equal(a.component_failed, b.component_failed)


def added(parts: Sequence[WSample]) -> WSample:
    counts, failed = (sum(getattr(p, f"component_{name}") for p in parts) for name in ("counts", "failed"))
    return WSample(parts[0].selection, counts, failed)


def test_histogram_does_not_depend_on_workers_or_shards():
    n, first = 3_000_001, 777
    sample = (MIXTURE, WEIGHTS, SELECTION, n, 9, first)
    one = generate_histogram(*sample, execution=Execution(workers=1))
    assert one.n_generated == n
    for workers, chunk in ((2, None), (8, 1024), (3, 3 * 1024), (2, 12_345)):
        assert_same(one, generate_histogram(*sample, execution=Execution(workers=workers, chunk=chunk)))
    with ThreadPoolExecutor(3) as executor:
        assert_same(one, generate_histogram(*sample, execution=Execution(executor=executor)))
    cuts = [0, 1, 1500, 1_000_000, n]
    shards = [generate_histogram(MIXTURE, WEIGHTS, SELECTION, b - a, 9, first + a) for a, b in itertools.pairwise(cuts)]
    assert_same(one, added(shards))
    other_seed = generate_histogram(MIXTURE, WEIGHTS, SELECTION, n, 10, first)
    assert np.any(other_seed.component_counts != one.component_counts)


def test_events_do_not_depend_on_workers_or_chunks():
    n, first = 10_000, 5_000
    (whole,) = generate_events(MIXTURE, WEIGHTS, SELECTION, n, 2, first, chunk_events=2**20)
    for workers, chunk in ((1, 1024), (2, 3000)):
        execution = Execution(workers=workers)
        sample = (MIXTURE, WEIGHTS, SELECTION, n, 2, first)
        parts = list(generate_events(*sample, execution=execution, chunk_events=chunk))
        assert len(parts) > 1
        assert [p.arrays["event"][0] for p in parts[1:]] == [p.arrays["event"][-1] + 1 for p in parts[:-1]]
        for name, values in whole.arrays.items():
            np.testing.assert_array_equal(values, np.concatenate([p.arrays[name] for p in parts]), err_msg=name)
        assert_same(whole.sample, added([p.sample for p in parts]))


def test_histogram_counts_the_recorded_events():
    n = 200_000
    (events,) = generate_events(MIXTURE, WEIGHTS, SELECTION, n, 4, chunk_events=n)
    sample = generate_histogram(MIXTURE, WEIGHTS, SELECTION, n, 4)
    assert_same(events.sample, sample)
    a = events.arrays
    for j in range(3):
        pt = a["reco_lepton_pt"][a["selected"] & (a["component"] == j)].astype(float)
        # Edges of 30 + i/2 GeV are exact in float32, so that no event changes its bin.
        np.testing.assert_array_equal(
            sample.component_counts[j], np.histogram(pt, np.asarray(sample.selection.edges))[0]
        )
    assert sample.n_selected == a["selected"].sum()
    flow = sample.cutflow
    assert flow["generated"] == sample.n_generated == n
    assert flow["abs_eta"] == pytest.approx(np.sum(np.abs(a["lepton_eta"]) < 2.4), abs=3)  # float32 at the edge
    assert flow["pt_window"] == sample.n_selected
    np.testing.assert_array_equal(sample.component_generated, np.bincount(a["component"]))
    np.testing.assert_array_equal(a["charge"], np.array([1, 1, -1])[a["component"]])


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**64 - 1),
    first=st.integers(0, 2**62),
    n=st.integers(1, 3000),
    m4=st.sampled_from([0.0, 1e-3, 5.0, 30.0, 60.0, 85.0]),
)
def test_energy_momentum_and_mass_shells(seed, first, n, m4):
    events = all_events([synthetic(1, m4), synthetic(-1, 0.0)], SELECTION, n, seed, first)
    a = events.arrays
    assert len(events.arrays["event"]) == n
    assert all(len(values) == n and np.all(np.isfinite(values)) for values in a.values())
    px, py = (a["lepton_pt"] * f(a["lepton_phi"]) for f in (np.cos, np.sin))
    pz = a["lepton_pt"] * np.sinh(a["lepton_eta"])
    lepton_energy = a["lepton_pt"] * np.cosh(a["lepton_eta"])
    m_transverse = np.hypot(a["w_mass"], a["w_pt"])
    w_energy = m_transverse * np.cosh(a["w_rapidity"])
    # float64 rounding of sums of terms of size w_energy; the way through eta costs a few digits.
    tolerance = {"rtol": 0.0, "atol": 1e-11 * w_energy.max()}
    np.testing.assert_allclose(px + a["neutrino_px"], a["w_pt"] * np.cos(a["w_phi"]), **tolerance)
    np.testing.assert_allclose(py + a["neutrino_py"], a["w_pt"] * np.sin(a["w_phi"]), **tolerance)
    np.testing.assert_allclose(pz + a["neutrino_pz"], m_transverse * np.sinh(a["w_rapidity"]), **tolerance)
    np.testing.assert_allclose(lepton_energy + a["neutrino_energy"], w_energy, **tolerance)
    momentum_sq = a["neutrino_px"] ** 2 + a["neutrino_py"] ** 2 + a["neutrino_pz"] ** 2
    mass_sq = a["neutrino_energy"] ** 2 - momentum_sq
    np.testing.assert_allclose(mass_sq, a["neutrino_mass"] ** 2, atol=1e-12 * w_energy.max() ** 2)
    assert set(a["neutrino_mass"]) <= {m4, 0.0}


def in_standard_errors(values: np.ndarray, expected: np.ndarray | float) -> float:
    difference = values - expected
    return float(difference.mean() / (difference.std() / np.sqrt(len(values))))


def direction(a: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Direction of the lepton in the Collins-Soper frame with z towards +z, from laboratory momenta."""
    m, y, angle = a["w_mass"], a["w_rapidity"], a["lepton_phi"] - a["w_phi"]
    k = (m**2 - a["neutrino_mass"] ** 2) / (2.0 * m)
    energy, z = (a["lepton_pt"] * f(a["lepton_eta"] - y) for f in (np.cosh, np.sinh))
    x = (np.hypot(m, a["w_pt"]) * a["lepton_pt"] * np.cos(angle) - a["w_pt"] * energy) / m
    return x / k, a["lepton_pt"] * np.sin(angle) / k, z / k


def massive(coefficients: np.ndarray, r: np.ndarray | float) -> np.ndarray:
    """A0 ... A4 of the law of a massless neutrino that equals that of a massive one."""
    shift = np.array([1.0, 0.0, 0.0, 0.0, 0.0]).reshape(5, *np.ones(np.ndim(coefficients) - 1, int))
    scale = np.array([1.0 - r, 1.0 - r, 1.0 - r, np.ones_like(r), np.ones_like(r)])
    return (shift * r + scale * coefficients) / (1.0 + 0.5 * r)


@pytest.mark.parametrize("m4", [0.0, 30.0, 70.0])
def test_moments_of_the_generated_distributions(m4):
    """Means of the angular functions, with the coefficients between the nodes at each W, and of products."""
    component = synthetic(1, m4)
    n = 400_000
    a = all_events([component], EVERYTHING, n, 21).arrays
    up, (x, _, z) = a["up_type_side"], direction(a)
    c, y = up * z, up * a["w_rapidity"]
    values = component.spin(a["w_mass"], a["w_pt"], y)
    r = (m4 / a["w_mass"]) ** 2
    A0, A1, A2, A3, A4 = massive(values[:5], r)
    sin_sq = 1.0 - c**2
    pairs = {
        "A0": (c**2, (4.0 - A0) / 10.0),
        "A1": (2.0 * c * x, A1 / 5.0),
        "A2": (2.0 * x**2 - sin_sq, A2 / 10.0),
        "A3": (x, A3 / 4.0),
        "A4": (c, A4 / 4.0),
        "side": (np.sign(y), 2.0 * component.spin(a["w_mass"], a["w_pt"], np.abs(y))[5] - 1.0),
    }
    slices = {"all": 1.0, "pt": a["w_pt"] - 10.0, "|y|": np.abs(y) - 1.0, "mass": a["w_mass"] - 80.4}
    both = {"y": y, "y pt": y * (a["w_pt"] - 10.0), "A4": A4, "A3": A3, "A1": A1, "A0": A0}
    for name, (found, expected) in pairs.items():
        for where, weight in (slices if name == "side" else {**slices, **both}).items():
            score = in_standard_errors((found - expected) * weight, 0.0)
            assert 2.0 * stats.norm.sf(abs(score)) > 1e-4, (name, where)
    # The whole event is mirrored: on average no direction is left.
    for found in (z, a["w_rapidity"]):
        assert abs(in_standard_errors(found, 0.0)) < 4.0
    table = component.mass_quantiles
    u = np.interp(a["w_mass"], table, np.linspace(0.0, 1.0, len(table)))
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert stats.kstest(a["w_phi"] / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3
    assert stats.ks_2samp(a["lepton_eta"], -a["lepton_eta"]).pvalue > 1e-3


@pytest.mark.parametrize("m4", [0.0, 48.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_directions_follow_the_decay_density(m4, seed):
    """Counts in cells of cos(theta) and the azimuth at a fixed W, for coefficients of random spin states."""
    coefficients, mass, n = random_coefficients(np.random.default_rng(seed)), 80.0, 300_000
    w = fixed(mass, m4, 0.5, uniform_spin(coefficients), w_pt=20.0)
    x, y, z = direction(all_events([w], EVERYTHING, n, seed).arrays)
    up = all_events([w], EVERYTHING, n, seed).arrays["up_type_side"]
    edges = np.linspace(-1.0, 1.0, 11), np.linspace(-np.pi, np.pi, 13)
    found = np.histogram2d(up * z, np.arctan2(y, x), edges)[0]
    fine = [0.5 * (e[1:] + e[:-1]) for e in (np.linspace(-1.0, 1.0, 201), np.linspace(-np.pi, np.pi, 241))]
    density = decay_density(fine[0][:, None], fine[1], coefficients[:, None, None], (m4 / mass) ** 2)
    cells = density.reshape(10, 20, 12, 20).sum(axis=(1, 3))
    assert stats.chisquare(found.ravel(), cells.ravel() * n / cells.sum()).pvalue > 1e-4


def test_coefficients_of_no_spin_state_leave_the_cosine_and_the_plane():
    """A2 below A0 makes the density negative in corners: there it is 0, at the cost of the mirror image in x."""
    v_x, v_z = 0.6, 0.8
    coefficients = np.array([v_x**2, v_x * v_z, 0.5 * v_x**2, -2.0 * v_x, -2.0 * v_z])
    cosine = np.linspace(-0.995, 0.995, 200)[:, None]
    phi = np.pi * (np.arange(400) + 0.5) / 400.0
    density = decay_density(cosine, phi, coefficients[:, None, None], 0.0)
    assert -density[density < 0.0].sum() > 5e-4 * density.sum()  # a share that 300,000 events see
    expected = np.where(density < 0.0, 0.0, np.minimum(density, density + density[:, ::-1]))
    w, n = fixed(80.0, 0.0, 0.5, uniform_spin(coefficients)), 300_000
    a = all_events([w], EVERYTHING, n, 4).arrays
    x, y, z = direction(a)
    edges = np.linspace(-1.0, 1.0, 21), np.linspace(0.0, np.pi, 21)
    found = np.histogram2d(a["up_type_side"] * z, np.arctan2(np.abs(y), x), edges)[0]
    cells = expected.reshape(20, 10, 20, 20).sum(axis=(1, 3))
    possible = cells > 0.0
    assert found[~possible].sum() == 0
    assert stats.chisquare(found[possible], cells[possible] * n / cells.sum()).pvalue > 1e-4


def test_leading_order_is_the_law_without_radiation():
    """With the spin `lo` the W goes where the luminosity says, fully polarised."""
    w, n = w_component(7.0, -1, 30.0, spin=SpinModel("lo")), 200_000
    a = all_events([w], EVERYTHING, n, 6).arrays
    up = a["up_type_side"]
    x, y, z = direction(a)
    r = (30.0 / a["w_mass"]) ** 2
    t = 1.0 - up * z
    cumulative = (t**3 / 3 + r * (t**2 - t**3 / 3)) / (8 / 3 + 4 * r / 3)
    assert stats.kstest(cumulative, "uniform").pvalue > 1e-3
    assert stats.kstest(np.arctan2(y, x) / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3
    row = np.interp(a["w_mass"], w.mass_quantiles, w.rapidity_row)
    luminosity = rapidity_of(w, row, (np.arange(n) * 0.6180339887498949) % 1.0)
    # the share is interpolated in steps of 0.125: within the error of 200,000 events
    assert stats.ks_2samp(up * a["w_rapidity"], luminosity).pvalue > 1e-3


def test_w_pt_is_a_mixture_of_the_rows_around_the_rapidity():
    component = synthetic(1, 0.0)
    a = all_events([component], EVERYTHING, 400_000, 22).arrays
    position = np.abs(a["w_rapidity"]) / PT_RAPIDITY_STEP
    n_rows = len(component.pt_rows)
    nodes = np.linspace(0.0, 1.0, component.pt_rows.shape[1])
    u = np.array([np.interp(a["w_pt"], row, nodes) for row in component.pt_rows])
    hats = np.maximum(1.0 - np.abs(np.minimum(position, n_rows - 1) - np.arange(n_rows)[:, None]), 0.0)
    for low, high in ((0.0, 0.3), (0.3, 1.0), (1.2, 1.8), (2.5, 3.0), (3.0, 99.0)):
        near = (position >= low) & (position < high)
        # the cumulative probability of the mixture at each event, which a sample of it makes uniform
        assert stats.kstest((hats * u).sum(axis=0)[near], "uniform").pvalue > 1e-3
    wrong = u[0][position > 2.0]
    assert stats.kstest(wrong, "uniform").pvalue < 1e-9


def test_fractions_efficiency_and_resolution():
    n = 1_000_000
    selection = replace(EVERYTHING, resolution=Resolution(0.02), efficiency=Efficiency(values=(0.7,)))
    (events,) = generate_events(MIXTURE, WEIGHTS, selection, n, 33, chunk_events=n)
    generated = events.sample.component_generated
    assert stats.chisquare(generated, np.multiply(WEIGHTS, n)).pvalue > 1e-3
    assert stats.binomtest(events.sample.n_selected, n, 0.7).pvalue > 1e-3
    a = events.arrays
    pull = (a["reco_lepton_pt"] / a["lepton_pt"] - 1.0)[:200_000] / 0.02
    assert stats.kstest(pull, "norm").pvalue > 1e-3


@pytest.mark.parametrize("m4", [0.0, 35.0])
def test_spectrum_and_acceptance_of_a_fixed_w(m4):
    """At fixed mass and no transverse momentum pT = k sin(theta): an analytic spectrum with its edge."""
    mass, n, eta_max = 80.0, 2_000_000, 1.5
    r = (m4 / mass) ** 2
    k = mass / 2.0 * (1.0 - r)
    selection = replace(EVERYTHING, edges=(1e-6, *np.arange(1.0, np.ceil(k) + 1.0)))

    def below(c: np.ndarray | float) -> np.ndarray:
        """Probability of |cos| < c."""
        c = np.asarray(c)
        return 0.75 * ((1 + r) * c + (1 - r) * c**3 / 3) / (1 + r / 2)

    sample = generate_histogram([fixed(mass, m4)], [1.0], selection, n, 5)
    cumulative = 1.0 - below(np.sqrt(np.maximum(1.0 - (np.asarray(sample.selection.edges) / k) ** 2, 0.0)))
    expected = np.diff(cumulative) * n
    assert stats.chisquare(sample.counts, expected * sample.n_selected / expected.sum()).pvalue > 1e-3
    central = generate_histogram([fixed(mass, m4)], [1.0], replace(selection, eta_edges=(0.0, eta_max)), n, 6)
    probability = float(below(np.tanh(eta_max)))
    assert stats.binomtest(central.cutflow["abs_eta"], n, probability).pvalue > 1e-3
    # At W rapidity y, the lepton's is y + atanh(c) with c from (1-c)^2 + r(1-c^2), in the up-type direction.
    y = 1.2  # on the side of the up-type parton
    moved = generate_histogram([fixed(mass, m4, y)], [1.0], replace(selection, eta_edges=(0.0, eta_max)), n, 7)
    low, high = np.tanh(-eta_max - y), np.tanh(eta_max - y)

    def cumulative_c(c: float) -> float:
        x = 1.0 - c
        return 1.0 - (x**3 / 3 + r * (x**2 - x**3 / 3)) / (8 / 3 + 4 * r / 3)

    probability = cumulative_c(high) - cumulative_c(low)
    assert stats.binomtest(moved.cutflow["abs_eta"], n, probability).pvalue > 1e-3


def test_weights_of_zero_and_selection_of_nothing():
    sample = generate_histogram(
        MIXTURE, [0.0, 2.0, 0.0], replace(SELECTION, efficiency=Efficiency(values=(0.0,))), 5_000, 1
    )
    assert sample.component_generated.tolist() == [0, 5000, 0]
    assert sample.n_selected == 0
    full = generate_histogram(MIXTURE, [0.0, 2.0, 0.0], replace(SELECTION, efficiency=Efficiency()), 5_000, 1)
    assert full.cutflow["efficiency"] == full.cutflow["abs_eta"]


def test_the_kernel_is_compiled_after_use_and_runs_can_travel():
    generate_histogram(MIXTURE, WEIGHTS, SELECTION, 1, 1)
    assert is_compiled(kernel.generate_blocks)
    run = pickle.loads(pickle.dumps(prepare(MIXTURE, WEIGHTS, SELECTION, 10, 1)[0]))
    assert run.selection == SELECTION


@pytest.mark.parametrize(
    ("components", "weights", "n", "seed"),
    [
        (MIXTURE, WEIGHTS, 0, 1),
        (MIXTURE, WEIGHTS, 10, -1),
        (MIXTURE, WEIGHTS[:2], 10, 1),
        ([], [], 10, 1),
        (MIXTURE, [1.0, -1.0, 1.0], 10, 1),
        (MIXTURE, [0.0, 0.0, 0.0], 10, 1),
        (MIXTURE, [1.0, float("nan"), 1.0], 10, 1),
    ],
)
def test_bad_input_is_refused_at_the_call(components, weights, n, seed):
    for function in (generate_histogram, generate_events):
        with pytest.raises(InputError):
            function(components, weights, SELECTION, n, seed)


def test_events_that_cannot_fit_onto_the_disk_are_refused_at_once(tmp_path):
    """Less than 60 bytes an event could not hold the branches; without events nothing needs the disk."""
    run, events = prepare([synthetic(1, 0.0)], [1.0], SELECTION, 10**12, 1)
    count, pieces = partial(count_piece, run), event_pieces(run, np.zeros(1, np.int8), selected_only=False)
    job = generation_job(count, events, list, pieces, out=tmp_path / "w.root")
    with pytest.raises(InputError, match="1000000000000 events need at least 60 TB on disk"):
        complete(job)
    assert list(tmp_path.iterdir()) == []
    assert generation_job(count, events, list).least_disk_bytes_per_item == 0.0
