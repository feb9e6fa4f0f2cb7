"""Templates: closed forms, an independent simulation, the event generator, finer integration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from collider.decay.radiation import FinalStateRadiation
from collider.events.generator import generate_histogram
from collider.experiments.response import load_experiment
from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from collider.production.w_production import WComponent, w_component
from collider.production.w_pt import PT_RAPIDITY_STEP
from collider.templates import angular_kernel, truth_spectrum
from collider.templates.angular_response import (
    COARSE_GRID,
    AngularResponse,
    IntegrationGrid,
    angular_response,
    mass_nodes,
)
from collider.templates.folding import truth_window
from collider.templates.recoil_acceptance import recoil_modes
from collider.templates.template import WTables, fold, lepton_template, truth_template
from nucore.errors import InputError
from nucore.model.kinematics import boost
from nucore.run.executors import Execution
from nucore.smearing import Efficiency, Resolution, smearing_matrix

ATLAS = load_experiment("atlas-2011")
SELECTION = LeptonSelection(tuple(np.linspace(30.0, 50.0, 41).tolist()), (0.0, 2.4), Resolution(relative=0.02))
TABLES = WTables(7.0, 1)
MASS = 80.0
#: Few points and repetitions: enough for 3e-4 of a bin.
QUICK = IntegrationGrid(n_tail=24, n_replicas=3)
#: Where the recoil smears the observable.
COARSE = replace(COARSE_GRID, n_angles=32, n_replicas=2)
#: A W at rest needs many polar angles, and nothing else.
AT_REST = IntegrationGrid(n_angles=2001, n_across=14, n_tail=1, n_nodes=49, n_replicas=1, edge_step=0.005)
RECOIL = Recoil(response=0.85, resolution_GeV=8.0, resolution_slope=0.05)
CUTS = Cuts(pt_min_GeV=30.0, missing_momentum_min_GeV=25.0, transverse_mass_min_GeV=50.0, recoil_max_GeV=30.0)
DETECTOR = replace(
    SELECTION,
    eta_edges=(0.0, 0.8, 1.4, 2.0, 2.4),
    resolution=Resolution(0.015, 0.2, 1e-4),
    efficiency=Efficiency((25.0, 35.0, 60.0), (0.6, 0.8, 0.9)),
    scale=2e-3,
    fsr=FinalStateRadiation("mu"),
)
FULL = replace(DETECTOR, recoil=RECOIL, cuts=CUTS)
TRANSVERSE_MASS = replace(
    FULL, eta_edges=(0.0, 1.4, 2.4), observable="transverse_mass", edges=tuple(np.linspace(60.0, 100.0, 21).tolist())
)
MISSING = replace(FULL, observable="missing_momentum", edges=(25.0, 28.0, 30.0, 35.0, 40.0, 45.0, 60.0))
NO_CUTS = replace(TRANSVERSE_MASS, eta_edges=(0.0, 2.4), fsr=None, cuts=Cuts(pt_min_GeV=25.0))
SHARP = replace(NO_CUTS, resolution=Resolution(), scale=0.1, edges=tuple(np.linspace(20.0, 100.0, 21).tolist()))


#: All that a response can do; the regions of the resolution are no bins of |eta|.
RISING = Recoil(
    response=0.757, response_rise=0.055, response_scale_GeV=15.0,
    resolution_GeV=11.4, resolution_slope=0.08, resolution_spread=0.34,
)  # fmt: skip
ALL_ON = replace(
    FULL,
    eta_edges=(0.0, 0.8, 1.4, 2.4),
    resolution=Resolution(0.012, 0.2, 1e-4, 0.12),
    resolution_regions=((1.05, 1.31), (2.0, 0.8)),
    scale=-5e-3,
    efficiency_slope=-0.018,
    efficiency_curvature=-0.04,
    recoil=RISING,
)
ALL_ON_MASS = replace(ALL_ON, eta_edges=(0.0, 2.4), observable="transverse_mass", edges=TRANSVERSE_MASS.edges)
ALL_ON_MISSING = replace(ALL_ON_MASS, observable="missing_momentum", edges=MISSING.edges)


def w_at_rest(m4: float) -> WComponent:
    """Production of W bosons of one mass with hardly any momentum."""
    u = np.linspace(0.0, 1.0, 33)
    rows = np.tile(1e-4 * np.sqrt(-2.0 * np.log(1.0 - 0.999 * u)), (2, 1))
    return WComponent(
        charge=1,
        m4=m4,
        cross_section_pb=1.0,
        mass_quantiles=np.array([MASS, MASS]),
        rapidity_row=np.array([1.0, 1.0]),
        rapidity_quantiles=np.tile(np.linspace(-1e-6, 1e-6, 33), (4, 1)),
        rapidity_masses=np.array([60.0, 80.0, 100.0, 120.0]),
        pt_rows=rows,
        spin=w_component(7.0, 1, 0.0).spin,  # of leading order at rest
    )


def response_at_rest(eta_max: float = np.inf) -> AngularResponse:
    return angular_response(w_at_rest(0.0), np.array([78.0, 79.0, 80.0, 81.0]), (0.0, eta_max), 5.0, AT_REST)


def probability_below(pt: np.ndarray, momentum: float, r: float, eta_max: float = np.inf) -> np.ndarray:
    """Closed form at rest: |c| > sqrt(1 - (pt/k)^2) with 3/8 [(1-c)^2 + r(1-c^2)]/(1+r/2), and |c| < tanh(eta)."""

    def inside(c: np.ndarray) -> np.ndarray:
        return 0.75 / (1.0 + 0.5 * r) * ((1.0 + r) * c + (1.0 - r) * c**3 / 3.0)

    c_cut = np.tanh(eta_max)
    c = np.minimum(np.sqrt(np.clip(1.0 - (pt / momentum) ** 2, 0.0, 1.0)), c_cut)
    return np.asarray(inside(np.asarray(c_cut)) - inside(c))


@pytest.mark.parametrize("eta_max", [np.inf, 1.0])
def test_jacobian_peak_of_a_w_at_rest(eta_max: float) -> None:
    response = response_at_rest(eta_max)
    for m4 in (0.0, 30.0, 60.0):
        truth = truth_spectrum.truth_spectrum(w_at_rest(m4), response, 6.0, 60.0)
        truth_edges = truth.cells.edges
        r = (m4 / MASS) ** 2
        momentum = 0.5 * MASS * (1.0 - r)  # the kink of arXiv:1709.07001, Eq. 13
        coarse = np.arange(6.8, 45.0, 1.0)  # no edge within 0.3 GeV of a kink
        cumulative = np.concatenate([[0.0], np.cumsum(truth.replicas[0, 0, 0])])
        found = np.diff(np.interp(coarse, truth_edges, cumulative))
        expected = np.diff(probability_below(coarse, momentum, r, eta_max))
        # Steps of 2001 angles (5e-4 of the probability each) and cells of 0.25% around a singularity: next to the
        # peak a cell holds 3-4% and is split linearly by the bin edges.
        np.testing.assert_allclose(found, expected, atol=2.5e-3)
        assert found.sum() == pytest.approx(expected.sum(), abs=1e-3)
        # the cubic interpolation rings behind a step of 3% a cell, alternating and falling by 3 a cell
        above = truth_edges[1:] > 1.02 * momentum
        assert np.abs(truth.replicas[0, 0, 0][above]).max() < 3e-4
        assert abs(truth.replicas[0, 0, 0][above].sum()) < 3e-4


def test_wide_acceptance_gives_the_cross_section() -> None:
    wide = LeptonSelection((1.0, 20.0, 40.0, 100.0, 1200.0), (0.0, np.inf), Resolution(relative=0.02))
    template = lepton_template(TABLES, 30.0, wide, QUICK)
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
    y_table, uniform = component.rapidity_quantiles, np.linspace(0.0, 1.0, component.rapidity_quantiles.shape[1])
    y, pt = np.empty((2, n))
    for i in np.unique(row.astype(int)):
        chosen = row.astype(int) == i
        low, high = (np.interp(u[2][chosen], uniform, y_table[min(k, len(y_table) - 1)]) for k in (i, i + 1))
        y[chosen] = low + (row[chosen] - i) * (high - low)
    of_row = np.minimum(np.abs(y) / PT_RAPIDITY_STEP + u[3], len(component.pt_rows) - 1).astype(int)
    for i, quantiles in enumerate(component.pt_rows):
        chosen = of_row == i
        pt[chosen] = np.interp(u[1][chosen], np.linspace(0.0, 1.0, quantiles.size), quantiles)
    r = (component.m4 / mass) ** 2
    y = np.where(rng.random(n) < component.spin(mass, pt, np.abs(y))[5], 1.0, -1.0) * np.abs(y)
    a = component.spin(mass, pt, y)[:5]
    c, phi = np.empty((2, n))
    todo = np.arange(n)
    while todo.size:  # rejection from a flat distribution; the density is at most about 5
        c_, phi_ = rng.uniform(-1.0, 1.0, todo.size), rng.uniform(0.0, 2.0 * np.pi, todo.size)
        a0, a1, a2, a3, a4 = a[:, todo]
        s = np.sqrt(1.0 - c_ * c_)
        even = 1.0 + c_ * c_ + 0.5 * a0 * (1.0 - 3.0 * c_ * c_) + 2.0 * a1 * s * c_ * np.cos(phi_)
        even += 0.5 * a2 * s * s * np.cos(2.0 * phi_)
        density = even + a3 * s * np.cos(phi_) + a4 * c_ + r[todo] * (2.0 - even)
        accept = 6.0 * rng.random(todo.size) < density
        c[todo[accept]], phi[todo[accept]] = c_[accept], phi_[accept]
        todo = todo[~accept]
    s, k = np.sqrt(1.0 - c * c), 0.5 * mass * (1.0 - r)
    lepton = np.stack([k, k * s * np.cos(phi), k * s * np.sin(phi), k * c], axis=-1)
    transverse = np.stack([pt / np.hypot(mass, pt), np.zeros(n), np.zeros(n)], axis=-1)
    longitudinal = np.stack([np.zeros(n), np.zeros(n), np.tanh(y)], axis=-1)
    lepton = boost(boost(lepton, transverse), longitudinal)
    lepton_pt = np.hypot(lepton[:, 1], lepton[:, 2])
    return lepton_pt * (1.0 + 0.02 * rng.standard_normal(n)), np.abs(np.arcsinh(lepton[:, 3] / lepton_pt))


@pytest.mark.parametrize(("m4", "seed"), [(0.0, 11), (55.0, 13)])
def test_agrees_with_an_independent_simulation(m4: float, seed: int) -> None:
    component, n = TABLES.component(m4), 400_000
    pt, eta = simulate(component, n, seed)
    counts = np.histogram(pt[eta < SELECTION.eta_edges[-1]], bins=np.asarray(SELECTION.edges))[0]
    expected = n * lepton_template(TABLES, m4, SELECTION).values / component.cross_section_pb
    statistic = np.sum((counts - expected) ** 2 / expected)
    assert chi2.sf(statistic, counts.size) > 1e-3


def closes(tables: WTables, m4: float, selection: LeptonSelection, n: int, grid: IntegrationGrid | None = None) -> bool:
    """Whether generated events agree with the template."""
    component = tables.component(m4)
    sample = generate_histogram([component], [1.0], selection, n, 31, execution=Execution(2))
    template, scale = lepton_template(tables, m4, selection, grid), n / component.cross_section_pb
    expected = scale * template.values
    variances = expected + scale**2 * template.variances
    return bool(chi2.sf(np.sum((sample.counts - expected) ** 2 / variances), expected.size) > 1e-3)


@pytest.mark.parametrize("m4", [0.0, 30.0, 60.0])
def test_closure_with_the_event_generator(m4: float) -> None:
    # 2e7 events: about 1.2e-3 a bin.  With 1e9 events see docs/explanation/physics/w-production.md.
    assert closes(TABLES, m4, SELECTION, 20_000_000)


@pytest.mark.parametrize("tables", [WTables(7.0, -1), WTables(1.96, 1, beams="ppbar"), WTables(13.0, 1)])
def test_closure_of_other_beams_and_charges(tables: WTables) -> None:
    assert closes(tables, 20.0, SELECTION, 4_000_000, QUICK)


@pytest.mark.parametrize(
    "selection",
    [
        DETECTOR, NO_CUTS, SHARP, ALL_ON, ALL_ON_MASS, ALL_ON_MISSING
    ],
)  # fmt: skip
def test_closure_with_detector_radiation_and_recoil(selection: LeptonSelection) -> None:
    assert closes(TABLES, 30.0, selection, 4_000_000, QUICK if selection is DETECTOR else COARSE)


def test_stated_accuracy_against_a_finer_integration() -> None:
    fine = IntegrationGrid(n_angles=64, n_across=18, n_tail=64, n_nodes=97, n_replicas=2, seed=5, refinement=2)
    for m4 in (0.0, 30.0):
        default, reference = (lepton_template(TABLES, m4, SELECTION, grid) for grid in (None, fine))
        relative = np.sqrt(default.variances) / default.values
        # The mean over the window; 4e-4 for the worst of 40 variances that are known to 50% each.
        assert relative.mean() < 2e-4
        assert relative.max() < 4e-4
        spread = np.sqrt(default.variances + reference.variances + (3e-5 * default.values) ** 2)
        pulls = (default.values - reference.values) / spread
        # Student's t with few degrees of freedom, bins correlated over a few GeV.
        assert np.abs(pulls).max() < 8.0
        np.testing.assert_allclose(default.values, reference.values, rtol=5e-4)


def test_replicas_with_other_seeds_scatter_as_stated() -> None:
    grids = [replace(QUICK, n_nodes=33, n_angles=40, seed=seed) for seed in range(5)]
    values = np.array([lepton_template(TABLES, 0.0, SELECTION, grid).values for grid in grids])
    stated = np.mean([lepton_template(TABLES, 0.0, SELECTION, grid).variances for grid in grids], axis=0)
    ratio = values.var(axis=0, ddof=1) / stated
    # 4 degrees of freedom over 10, in about ten independent groups of bins.
    assert 0.4 < ratio.mean() < 2.0


@settings(deadline=None, max_examples=25)
@given(m4=st.floats(0.5, 15.0))
def test_small_masses_change_the_template_in_proportion_to_m4_squared(m4: float) -> None:
    light = lepton_template(TABLES, 0.0, SELECTION).values
    change = (lepton_template(TABLES, m4, SELECTION).values - light) / light / m4**2
    reference = (lepton_template(TABLES, 2.0, SELECTION).values - light) / light / 4.0
    # No independent noise: the difference at 0.5 GeV is 4e-5 of a bin.  Next order in r: half the shift of the
    # edge (40 GeV r) times the logarithmic slope of the derivative of the spectrum (below 0.4 per GeV).
    np.testing.assert_allclose(change, reference, atol=(0.005 + 8.0 * (m4 / MASS) ** 2) * np.abs(reference).max())


def test_eta_bins_add_up() -> None:
    bins = replace(SELECTION, eta_edges=(0.0, 0.5, 1.1, 2.4))
    whole, parts = (lepton_template(TABLES, 30.0, s, QUICK) for s in (SELECTION, bins))
    np.testing.assert_allclose(parts.values.reshape(3, -1).sum(axis=0), whole.values, rtol=1e-5)  # float32 densities
    acceptance = SELECTION.n_bins * [0.388 / SELECTION.n_bins]
    # W+ cross section at 7 TeV (6.15 nb) times the acceptance of the window, about 39% for the light neutrino.
    light = lepton_template(TABLES, 0.0, SELECTION, QUICK)
    assert light.values.sum() == pytest.approx(sum(acceptance) * 6150, rel=0.02)


def test_variations_of_the_detector_share_the_truth() -> None:
    shifted = replace(SELECTION, scale=1e-3, efficiency=Efficiency((30.0, 50.0), (0.8, 0.9)))
    assert truth_template(TABLES, 30.0, SELECTION, QUICK) is truth_template(TABLES, 30.0, shifted, QUICK)
    truth = truth_template(TABLES, 30.0, SELECTION, QUICK)
    np.testing.assert_array_equal(fold(truth, shifted).values, lepton_template(TABLES, 30.0, shifted, QUICK).values)


def test_recoil_without_effect_changes_nothing() -> None:
    loose = replace(SELECTION, recoil=Recoil(response=1.0, resolution_GeV=5.0), cuts=Cuts(recoil_max_GeV=5000.0))
    plain, with_cut = (lepton_template(TABLES, 30.0, s, QUICK).values for s in (SELECTION, loose))
    assert recoil_modes(loose) is not None
    np.testing.assert_allclose(with_cut, plain, rtol=3e-5)


@pytest.mark.parametrize("selection", [SELECTION, replace(SELECTION, resolution=Resolution(), scale=0.05)])
def test_bins_of_an_observable_add_up_to_what_passes_the_cuts(selection: LeptonSelection) -> None:
    grid = replace(COARSE, n_angles=24, n_tail=6, n_replicas=1)
    cuts = Cuts(pt_min_GeV=30.0, pt_max_GeV=50.0, missing_momentum_min_GeV=25.0, recoil_max_GeV=30.0)
    of_pt = replace(selection, recoil=RECOIL, cuts=cuts)
    edges = tuple(np.linspace(1.0, 161.0, 17).tolist())
    of_mass = replace(of_pt, observable="transverse_mass", edges=edges)
    of_missing = replace(of_pt, observable="missing_momentum", edges=edges)
    totals = [lepton_template(TABLES, 30.0, s, grid).values.sum() for s in (of_pt, of_mass, of_missing)]
    # truncation of the modes: 3e-6 of the largest, a few of them
    np.testing.assert_allclose(totals, totals[0], rtol=1e-4)


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
    grid = IntegrationGrid(n_angles=4, n_across=2, n_tail=2, n_nodes=9, n_replicas=1)
    modes = recoil_modes(replace(SELECTION, recoil=RECOIL, cuts=CUTS))
    narrow = replace(component, mass_quantiles=np.array([79.0, 80.0]))
    compiled = angular_response(component, masses, (0.0, 2.4), 25.0, grid, modes)
    spectrum = truth_spectrum.truth_spectrum(narrow, compiled, 26.0, 50.0)
    names = ("integrals_at", "fill_density", "_look_up_modes", "integrate_nodes", "add_integral", "_edge_above")
    for name in names:
        monkeypatch.setattr(angular_kernel, name, getattr(angular_kernel, name).py_func)
    monkeypatch.setattr("collider.templates.angular_response.fill_edges", angular_kernel.fill_edges.py_func)
    monkeypatch.setattr(truth_spectrum, "convolve", truth_spectrum.convolve.py_func)
    plain = angular_response(component, masses, (0.0, 2.4), 25.0, grid, modes)
    # Same operations; compiled code may contract or reorder them.
    for one, other in zip(plain.density, compiled.density, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    again = truth_spectrum.truth_spectrum(narrow, plain, 26.0, 50.0)
    np.testing.assert_allclose(again.replicas, spectrum.replicas, atol=1e-3)  # pb, of 6 nb


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="bin edges"):
        LeptonSelection((30.0,), (0.0, 2.4), Resolution(0.02))
    with pytest.raises(InputError, match="bin edges"):
        LeptonSelection((0.0, 1.0), (0.0, 2.4), Resolution(0.02))
    with pytest.raises(InputError, match="eta"):
        LeptonSelection((30.0, 31.0), (0.0,), Resolution(0.02))
    with pytest.raises(InputError, match="needs a recoil"):
        replace(SELECTION, cuts=Cuts(recoil_max_GeV=30.0))
    with pytest.raises(InputError, match="lowest lepton pT"):
        replace(SELECTION, observable="transverse_mass", recoil=RECOIL)
    with pytest.raises(InputError, match="odd number"):
        IntegrationGrid(n_nodes=10)
    for regions in (((0.0, 1.2),), ((1.0, 1.2), (1.0, 1.3)), ((1.0, -1.0),)):
        with pytest.raises(InputError, match="regions of the resolution"):
            replace(SELECTION, resolution_regions=regions)
    with pytest.raises(InputError, match="W pT"):
        lepton_template(WTables(7.0, 1, w_pt="unknown"), 0.0, SELECTION)
