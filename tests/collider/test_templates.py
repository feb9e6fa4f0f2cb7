"""Lepton-pT templates: closed forms, an independent simulation, the event generator, finer integration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from collider import angular_response as response_module
from collider import templates as templates_module
from collider.angular_response import AngularResponse, IntegrationGrid, angular_response, mass_nodes
from collider.generator import generate_histogram
from collider.production import WComponent, w_component
from collider.response import load_experiment
from collider.templates import (
    LeptonSelection,
    WTables,
    lepton_template,
    truth_spectrum,
    truth_window,
    w_templates,
)
from nuportal.errors import InputError
from nuportal.kinematics import boost
from nuportal.smearing import Resolution, smearing_matrix

ATLAS = load_experiment("atlas-2011")
SELECTION = ATLAS.analysis().lepton
TABLES = WTables(7.0, 1)
MASS = 80.0
#: Few points: enough where the integrand is simple.
COARSE = IntegrationGrid(n_theta=400, n_phi=4, n_pt=2, n_replicas=2)


def w_at_rest(m4: float) -> WComponent:
    """Production of W bosons of one mass without any momentum."""
    return WComponent(
        charge=1,
        m4=m4,
        cross_section_pb=1.0,
        mass_quantiles=np.array([MASS, MASS]),
        rapidity_row=np.array([1.0, 1.0]),
        rapidity_quantiles=np.tile(np.linspace(-1e-6, 1e-6, 33), (4, 1)),
        pt_quantiles=np.array([0.0, 0.0]),
        rapidity_masses=np.array([60.0, 80.0, 100.0, 120.0]),
        pt_rows=np.zeros((2, 2)),
        pt_rapidity_step=1.0,
    )


def response_at_rest(eta_max: float = np.inf) -> AngularResponse:
    return angular_response(w_at_rest(0.0), np.array([78.0, 79.0, 80.0, 81.0]), eta_max, 5.0, COARSE)


def probability_below(pt: np.ndarray, momentum: float, r: float, eta_max: float = np.inf) -> np.ndarray:
    """Closed form at rest: |c| > sqrt(1 - (pt/k)^2) with 3/8 [(1-c)^2 + r(1-c^2)]/(1+r/2), and |c| < tanh(eta)."""

    def inside(c: np.ndarray) -> np.ndarray:
        return 0.75 / (1.0 + 0.5 * r) * ((1.0 + r) * c + (1.0 - r) * c**3 / 3.0)

    c_cut = np.tanh(eta_max)
    c = np.minimum(np.sqrt(np.clip(1.0 - (pt / momentum) ** 2, 0.0, 1.0)), c_cut)
    return np.asarray(inside(np.asarray(c_cut)) - inside(c))


@pytest.mark.parametrize("m4", [0.0, 30.0, 60.0])
@pytest.mark.parametrize("eta_max", [np.inf, 1.0])
def test_jacobian_peak_of_a_w_at_rest(m4: float, eta_max: float) -> None:
    spectrum, edges = truth_spectrum(w_at_rest(m4), response_at_rest(eta_max), 6.0, 60.0)
    r = (m4 / MASS) ** 2
    momentum = 0.5 * MASS * (1.0 - r)  # the kink of arXiv:1709.07001, Eq. 13
    coarse = np.arange(6.8, 45.0, 1.0)  # no edge within 0.3 GeV of a kink
    cumulative = np.concatenate([[0.0], np.cumsum(spectrum[0])])
    found = np.diff(np.interp(coarse, edges, cumulative))
    expected = np.diff(probability_below(coarse, momentum, r, eta_max))
    # Next to the peak a cell of the fine grid holds 1-2% and is split linearly by the bin edges.
    # A cut in eta without any spread in rapidity falls into one of the cells of 0.004 rad.
    np.testing.assert_allclose(found, expected, atol=3e-4 if np.isinf(eta_max) else 2e-3)
    assert found.sum() == pytest.approx(expected.sum(), abs=2e-4 if np.isinf(eta_max) else 2e-3)


@pytest.mark.parametrize("m4", [0.0, 25.0, 50.0])
def test_the_edge_is_where_eq_13_says(m4: float) -> None:
    spectrum, edges = truth_spectrum(w_at_rest(m4), response_at_rest(), 6.0, 60.0)
    momentum = 0.5 * MASS * (1.0 - (m4 / MASS) ** 2)
    assert spectrum[0][edges[1:] > 1.005 * momentum].sum() == pytest.approx(0.0, abs=1e-9)
    peak = np.argmax(spectrum[0] / np.diff(edges))
    assert edges[peak] == pytest.approx(momentum, rel=3e-3)


def test_wide_acceptance_gives_the_cross_section() -> None:
    wide = LeptonSelection((1.0, 20.0, 40.0, 100.0, 1200.0), (0.0, np.inf), Resolution(relative=0.02))
    grid = IntegrationGrid(n_theta=64, n_phi=12, n_pt=24, n_replicas=2)
    template = lepton_template(TABLES, 30.0, wide, grid)
    sigma = TABLES.component(30.0).cross_section_pb
    # Below 1 GeV: a fraction of order (pT/k)^2 = 1e-3, so ask for the sum within that.
    assert template.values.sum() == pytest.approx(sigma, rel=1.5e-3)
    assert template.values.sum() < sigma * (1.0 + 2e-4)


def simulate(component: WComponent, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return reconstructed pT and |eta| from four-vectors, independent of template and generator code."""
    rng = np.random.default_rng(seed)
    u = rng.random((4, n))
    node = u[0] * (component.mass_quantiles.size - 1)
    mass = np.interp(node, np.arange(component.mass_quantiles.size), component.mass_quantiles)
    row = np.interp(node, np.arange(component.rapidity_row.size), component.rapidity_row)
    pt = np.interp(u[1], np.linspace(0.0, 1.0, component.pt_quantiles.size), component.pt_quantiles)
    y_table, uniform = component.rapidity_quantiles, np.linspace(0.0, 1.0, component.rapidity_quantiles.shape[1])
    y = np.empty(n)
    for i in np.unique(row.astype(int)):
        chosen = row.astype(int) == i
        low, high = (np.interp(u[2][chosen], uniform, y_table[min(k, len(y_table) - 1)]) for k in (i, i + 1))
        y[chosen] = low + (row[chosen] - i) * (high - low)
    r = (component.m4 / mass) ** 2
    c = np.empty(n)
    todo = np.arange(n)
    while todo.size:  # rejection from a flat distribution; the density is at most 4
        trial = rng.uniform(-1.0, 1.0, todo.size)
        accept = 4.0 * rng.random(todo.size) < (1.0 - trial) ** 2 + r[todo] * (1.0 - trial**2)
        c[todo[accept]] = trial[accept]
        todo = todo[~accept]
    phi, s, k = 2.0 * np.pi * u[3], np.sqrt(1.0 - c * c), 0.5 * mass * (1.0 - r)
    lepton = np.stack([k, k * s * np.cos(phi), k * s * np.sin(phi), k * c], axis=-1)
    transverse = np.stack([pt / np.hypot(mass, pt), np.zeros(n), np.zeros(n)], axis=-1)
    longitudinal = np.stack([np.zeros(n), np.zeros(n), np.tanh(y)], axis=-1)
    lepton = boost(boost(lepton, transverse), longitudinal)
    lepton_pt = np.hypot(lepton[:, 1], lepton[:, 2])
    return lepton_pt * (1.0 + 0.02 * rng.standard_normal(n)), np.abs(np.arcsinh(lepton[:, 3] / lepton_pt))


@pytest.mark.parametrize(("m4", "seed"), [(0.0, 11), (30.0, 12), (55.0, 13)])
def test_agrees_with_an_independent_simulation(m4: float, seed: int) -> None:
    component, n = TABLES.component(m4), 400_000
    pt, eta = simulate(component, n, seed)
    counts = np.histogram(pt[eta < SELECTION.eta_edges[-1]], bins=np.asarray(SELECTION.edges))[0]
    expected = n * lepton_template(TABLES, m4, SELECTION).values / component.cross_section_pb
    statistic = np.sum((counts - expected) ** 2 / expected)
    assert chi2.sf(statistic, counts.size) > 1e-3


@pytest.mark.parametrize("charge", [1, -1])
@pytest.mark.parametrize("m4", [0.0, 20.0, 40.0])
def test_closure_with_the_event_generator(m4: float, charge: int) -> None:
    tables = WTables(7.0, charge)
    component, n = tables.component(m4), 4_000_000
    sample = generate_histogram([component], [1.0], ATLAS.selection(), n, 31, workers=1)
    expected = n * lepton_template(tables, m4, SELECTION).values / component.cross_section_pb
    statistic = np.sum((sample.counts - expected) ** 2 / expected)
    assert chi2.sf(statistic, expected.size) > 1e-3


def test_stated_accuracy() -> None:
    fine = IntegrationGrid(n_theta=128, n_phi=32, n_pt=72, n_replicas=2, seed=5)
    for m4 in (0.0, 30.0):
        default, reference = (lepton_template(TABLES, m4, SELECTION, grid) for grid in (None, fine))
        relative = np.sqrt(default.variances) / default.values
        # Aim of the integration: 2e-4 per bin.  The scatter overestimates the error of the mean of replicas with
        # evenly spaced offsets; against a finer integration (itself good to 5e-5) half of the aim is reached.
        assert relative.max() < 2e-4
        np.testing.assert_allclose(default.values, reference.values, rtol=1e-4)


@settings(deadline=None, max_examples=25)
@given(m4=st.floats(0.5, 15.0))
def test_small_masses_change_the_template_in_proportion_to_m4_squared(m4: float) -> None:
    light = lepton_template(TABLES, 0.0, SELECTION).values
    change = (lepton_template(TABLES, m4, SELECTION).values - light) / light / m4**2
    reference = (lepton_template(TABLES, 2.0, SELECTION).values - light) / light / 4.0
    # No independent noise: the difference at 0.5 GeV is 4e-5 of a bin.  Next order in r: half the shift of the
    # edge (40 GeV r) times the logarithmic slope of the derivative of the spectrum (below 0.4 per GeV).
    np.testing.assert_allclose(change, reference, atol=(0.005 + 8.0 * (m4 / MASS) ** 2) * np.abs(reference).max())


def test_charges_add_and_luminosity_scales() -> None:
    arguments = (SELECTION, 30.0)
    both = w_templates(7.0, (1, -1), *arguments, 2.0)
    plus, minus = (w_templates(7.0, (charge,), *arguments, 1.0) for charge in (1, -1))
    np.testing.assert_allclose(both.light.values, 2.0 * (plus.light.values + minus.light.values), rtol=1e-12)
    np.testing.assert_allclose(both.nu4.values, 2.0 * (plus.nu4 + minus.nu4).values, rtol=1e-12)
    np.testing.assert_allclose((both.nu4 - both.nu4).variances, 0.0)
    # W+ cross section at 7 TeV (6.15 nb) times the acceptance of the window, about 39%.
    assert plus.light.values.sum() == pytest.approx(0.388 * 6150e3, rel=0.02)


def test_window_contains_what_can_be_measured() -> None:
    low, high = truth_window(SELECTION)
    matrix = smearing_matrix([0.98 * low, low], SELECTION.edges, SELECTION.resolution)
    assert matrix.sum() < 1e-8
    matrix = smearing_matrix([high, 1.02 * high], SELECTION.edges, SELECTION.resolution)
    assert matrix.sum() < 1e-8


def test_mass_nodes_cover_the_range() -> None:
    nodes = mass_nodes(12.0, 4000.0, 80.4)
    assert nodes[0] == pytest.approx(12.0)
    assert nodes[-1] == pytest.approx(4000.0)
    assert np.all(np.diff(nodes) > 0.0)
    assert mass_nodes(70.0, 120.0, 80.4)[0] >= 70.0


def test_kernels_in_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    component = w_component(7.0, 1, 0.0)
    masses = np.array([70.0, 78.0, 82.0, 90.0])
    grid = IntegrationGrid(n_theta=6, n_phi=4, n_pt=3, n_replicas=1)
    compiled = angular_response(component, masses, 2.4, 25.0, grid)
    spectrum, _ = truth_spectrum(replace(component, mass_quantiles=np.array([79.0, 80.0])), compiled, 26.0, 50.0)
    for name in ("fill_ramps", "fill_cumulative", "probability_below", "add_ramp", "add_trapezoid"):
        monkeypatch.setattr(response_module, name, getattr(response_module, name).py_func)
    monkeypatch.setattr(templates_module, "_convolve", templates_module._convolve.py_func)
    plain = angular_response(component, masses, 2.4, 25.0, grid)
    # Same operations; compiled code may contract or reorder them.
    np.testing.assert_allclose(plain.density, compiled.density, atol=1e-6)
    again, _ = truth_spectrum(replace(component, mass_quantiles=np.array([79.0, 80.0])), plain, 26.0, 50.0)
    np.testing.assert_allclose(again, spectrum, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(position=st.floats(20.0, 60.0), a=st.floats(0.5, 8.0), b=st.floats(0.5, 8.0))
def test_trapezoids_keep_total_mean_and_variance(position: float, a: float, b: float) -> None:
    ramps = np.zeros((2, 100))
    response_module.add_trapezoid(ramps, position, a, b, 2.0, 3.0)
    content = ramps.cumsum(axis=1).cumsum(axis=1)
    cells = np.arange(100)
    np.testing.assert_allclose(content.sum(axis=1), [2.0, 3.0], rtol=1e-9)
    np.testing.assert_allclose(content @ cells, [2.0 * position, 3.0 * position], rtol=1e-9)
    variance = content @ (cells - position) ** 2 / content.sum(axis=1)
    # Two boxes; sampling at the cells takes 1/6 of a cell squared, the cubic weights add up to 0.1/(a b).
    np.testing.assert_allclose(variance, (a * a + b * b) / 3.0 - 1.0 / 6.0, atol=1e-6 + 0.1 / (a * b))


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="bin edges"):
        LeptonSelection((30.0,), (0.0, 2.4), Resolution(0.02))
    with pytest.raises(InputError, match="bin edges"):
        LeptonSelection((0.0, 1.0), (0.0, 2.4), Resolution(0.02))
    with pytest.raises(InputError, match="eta"):
        LeptonSelection((30.0, 31.0), (0.0,), Resolution(0.02))
    with pytest.raises(InputError, match="charge"):
        w_templates(7.0, (), SELECTION, 30.0, 1.0)
