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
from collider.production.w_pt import PT_RAPIDITY_STEP
from nucore.errors import InputError
from nucore.generation import generation_job
from nucore.run.executors import Execution
from nucore.run.job import complete
from nucore.smearing import Efficiency, Resolution
from nuportal.api.generate import is_compiled
from tests.collider.events.w_reference import made_events
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


def synthetic(charge: int, m4: float, n_m: int = 1025, n_y: int = 257, n_rows: int = 5, n_pt: int = 513) -> Tables:
    """Breit-Wigner mass, Gaussian rapidity narrowing with the mass, Rayleigh transverse momentum."""
    m_W, width = 80.4, 2.1
    low, high = (np.arctan((m * m - m_W**2) / (m_W * width)) for m in (max(50.0, m4 + 1.0), 200.0))
    mass = np.sqrt(m_W**2 + m_W * width * np.tan(np.linspace(low, high, n_m)))
    row = np.linspace(0.0, n_rows - 1.0, n_m) ** 2 / (n_rows - 1.0)
    z = stats.norm.ppf(np.clip(np.linspace(0.0, 1.0, n_y), 2e-4, 1.0 - 2e-4))
    rapidity = np.array([0.4 * charge + (1.3 - 0.1 * j) * z for j in range(n_rows)])
    pt = 8.0 * np.sqrt(-2.0 * np.log(np.clip(1.0 - np.linspace(0.0, 1.0, n_pt), 5e-4, 1.0)))
    return Tables(charge, m4, mass, row, rapidity, np.array([1.0 + 0.1 * charge, 0.9, 0.7, 0.6])[:, None] * pt)


def fixed(mass: float, m4: float, rapidity: float = 0.0) -> Tables:
    """A W of fixed mass and rapidity without transverse momentum."""
    two = np.ones(2)
    return Tables(1, m4, mass * two, 0.0 * two, rapidity * np.ones((2, 2)), np.zeros((1, 2)))


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
    return {"component": made["component"], "mass": made["mass"], "pt": pt, "eta": eta, "reco": reco, "selected": selected,
            "near": in_eta & in_window}  # fmt: skip


def check_against_reference(components: Sequence[Tables], weights: Sequence[float], n: int) -> None:
    (events,) = generate_events(components, weights, SELECTION, n, 3, 0, chunk_events=n)
    a, r = events.arrays, reference(components, weights, SELECTION, n, 3, 0)
    np.testing.assert_array_equal(a["component"], r["component"])
    bins = (a["reco_lepton_pt"].astype(float) - r["reco"]) / 0.5
    near = r["near"]
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
    np.testing.assert_allclose(a["lepton_pt"][near], r["pt"][near], rtol=1e-5)
    counts = np.histogram(r["reco"][r["selected"]], np.array(PT_EDGES))[0]
    assert np.abs(counts - events.sample.counts).sum() <= max(4, 4e-5 * n)


def test_agrees_with_float64_event_by_event():
    check_against_reference(MIXTURE, WEIGHTS, 400_000)


def test_agrees_with_float64_on_the_real_tables():
    production = pytest.importorskip("collider.production.w_production")
    components = [production.w_component(7.0, charge, m4) for charge, m4 in ((1, 0.0), (-1, 0.0), (1, 40.0))]
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


def cos_theta(a: dict[str, np.ndarray]) -> np.ndarray:
    """Collins and Soper's angle to +z, from laboratory momenta."""
    y = a["w_rapidity"]
    k = (a["w_mass"] ** 2 - a["neutrino_mass"] ** 2) / (2.0 * a["w_mass"])
    plus, minus = a["lepton_pt"] * np.exp(a["lepton_eta"]), a["lepton_pt"] * np.exp(-a["lepton_eta"])
    return (plus * np.exp(-y) - minus * np.exp(y)) / (2.0 * k)


@pytest.mark.parametrize("m4", [0.0, 30.0, 70.0])
def test_moments_of_the_generated_distributions(m4):
    component = synthetic(1, m4)
    n = 400_000
    a = all_events([component], EVERYTHING, n, 21).arrays
    r = (m4 / a["w_mass"]) ** 2
    k = 0.5 * a["w_mass"] * (1.0 - r)
    c_sq = (4.0 + r) / (10.0 + 5.0 * r)  # second moment of (1-c)^2 + r(1-c^2)
    beta_gamma_sq = (a["w_pt"] / a["w_mass"]) ** 2
    pt_sq = k**2 * ((1.0 - c_sq) * (2.0 + beta_gamma_sq) / 2.0 + beta_gamma_sq)
    c = cos_theta(a)
    scores = {
        "pT^2": in_standard_errors(a["lepton_pt"] ** 2, pt_sq),
        "c^2": in_standard_errors(c**2, c_sq),
        # The whole event is mirrored: on average no direction is left ...
        "c": in_standard_errors(c, 0.0),
        "y": in_standard_errors(a["w_rapidity"], 0.0),
        # ... but lepton and W keep their relative direction: <y c> = <y><c> with <c> = -1/(2+r).
        "y c": in_standard_errors(a["w_rapidity"] * c, -0.4 / (2.0 + r)),
    }
    for name, score in scores.items():
        assert 2.0 * stats.norm.sf(abs(score)) > 1e-3, name
    table = component.mass_quantiles
    u = np.interp(a["w_mass"], table, np.linspace(0.0, 1.0, len(table)))
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert stats.kstest(a["w_phi"] / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3
    assert stats.ks_2samp(a["lepton_eta"], -a["lepton_eta"]).pvalue > 1e-3


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
    y = 1.2
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
