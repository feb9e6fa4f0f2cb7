"""Loops of the W kernel, one by one: error bounds against float64, and plain-Python forms against compiled ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from collider.decay.radiation import FinalStateRadiation
from collider.events import kernel, kernel_detector, kernel_event, kernel_response, kernel_spin
from collider.events.kernel_inputs import bin_cells, detector, efficiency_ramps, is_simple, simple_cuts
from collider.events.kernel_tables import Production
from collider.experiments.selection import Cuts, LeptonSelection, Recoil
from nucore.errors import InputError
from nucore.rng import BLOCK
from nucore.smearing import Efficiency, Resolution
from tests.collider.w_decay_law import azimuth, one_minus_cos, random_coefficients

RNG = np.random.default_rng(1)


def random_block(low: float = 0.0, high: float = 1.0) -> np.ndarray:
    return RNG.uniform(low, high, BLOCK).astype(np.float32)


def both_forms(function, output: np.ndarray, *arguments: object) -> np.ndarray:
    """Run the compiled and the plain form, compare, return the compiled result."""
    plain = np.zeros_like(output)
    function.py_func(plain, *arguments)
    function(output, *arguments)
    # Vector instructions may fuse operations and replace x/y by x*(1/y): a few roundings of float32 (6e-8).
    np.testing.assert_allclose(output, plain, rtol=2e-6, atol=2e-6)
    return output


def test_exp_within_its_bound():
    for scale in (0.5, 6.0, 79.0):
        x = random_block(-scale, scale)
        result = both_forms(kernel_event.fill_exp, np.empty_like(x), x) if scale < 10 else np.empty_like(x)
        kernel_event.fill_exp(result, x)
        np.testing.assert_allclose(result, np.exp(x.astype(float)), rtol=3e-7)


def test_component_is_the_interval_of_the_word():
    words = RNG.integers(0, 2**32, BLOCK, np.uint32)
    thresholds = np.array([2**30, 2**30, 3 * 2**30], np.uint64)
    words[:4] = [2**30 - 1, 2**30, 3 * 2**30 - 1, 3 * 2**30]
    component = both_forms(kernel_event.fill_component, np.empty(BLOCK, np.int32), words, thresholds)
    assert component[:4].tolist() == [0, 2, 2, 3]
    assert not np.any(component == 1)  # a component of weight 0
    np.testing.assert_array_equal(component, np.searchsorted(thresholds, words, side="right"))


@pytest.mark.parametrize("n_nodes", [2, 1000, 1025, 4097])
def test_index_and_fraction(n_nodes):
    u = random_block()
    u[:2] = 2.0**-24, 1.0 - 2.0**-24
    index, fraction = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.float32)
    plain = index.copy()
    kernel_event.fill_index.py_func(plain, fraction.copy(), u, n_nodes)
    kernel_event.fill_index(index, fraction, u, n_nodes)
    np.testing.assert_array_equal(index, plain)
    assert index.min() >= 0
    assert index.max() <= n_nodes - 2
    t = u.astype(float) * (n_nodes - 1)
    # Exact for powers of two; else half a unit in the last place of t < n_nodes.
    bound = 0.0 if n_nodes in (2, 1025, 4097) else n_nodes * 2.0**-24
    assert np.abs(index + fraction.astype(float) - t).max() <= bound


def test_linear_look_up():
    table = np.sort(RNG.uniform(0, 100, (2, 65)), axis=1).astype(np.float32)
    component = RNG.integers(0, 2, BLOCK).astype(np.int32)
    index, fraction = RNG.integers(0, 64, BLOCK).astype(np.int32), random_block()
    out = both_forms(kernel_event.look_up, np.empty(BLOCK, np.float32), table, component, index, fraction)
    expected = [np.interp(i + f, np.arange(65), table[c]) for c, i, f in zip(component, index, fraction, strict=True)]
    np.testing.assert_allclose(out, expected, rtol=3e-7)


def test_bilinear_look_up():
    # A plane is reproduced exactly by bilinear interpolation: value = a c + b row + d column.
    c, row, column = np.meshgrid(np.arange(2), np.arange(5), np.arange(9), indexing="ij")
    table = (7 * c + 0.5 * row - 0.25 * column).astype(np.float32)
    component = RNG.integers(0, 2, BLOCK).astype(np.int32)
    index, fraction, rows = RNG.integers(0, 8, BLOCK).astype(np.int32), random_block(), random_block(0, 4)
    rows[0] = 4.0  # the last row itself
    arguments = (table, component, rows, index, fraction)
    out = both_forms(kernel_event.look_up_rapidity, np.empty(BLOCK, np.float32), *arguments)
    np.testing.assert_allclose(out, 7 * component + 0.5 * rows - 0.25 * (index + fraction), atol=3e-6)


def test_plain_forms_of_the_decay_and_the_boost():
    component, m4_sq = RNG.integers(0, 2, BLOCK).astype(np.int32), np.array([0, 900], np.float32)
    mass, w_pt, boost = random_block(60, 100), random_block(0, 50), np.exp(random_block(-3, 3))
    x, out = random_block(0.0, 2.0), np.empty(BLOCK, np.float32)
    momentum = both_forms(kernel_event.fill_momentum, out, mass, m4_sq, component).copy()
    cosine = random_block(-1, 1)
    plain, compiled = np.empty((2, BLOCK), np.float32), np.empty((2, BLOCK), np.float32)
    kernel_event.boost_along_x.py_func(plain[0], plain[1], mass, w_pt, x, cosine)
    kernel_event.boost_along_x(compiled[0], compiled[1], mass, w_pt, x, cosine)
    np.testing.assert_allclose(compiled, plain, rtol=2e-6, atol=2e-6)
    along, energy = compiled
    # atol 2e-6 of both_forms holds for unit momentum; the results are linear in it.
    unit = np.ones(BLOCK, np.float32)
    both_forms(kernel_event.fill_transverse, out, unit, along, x, cosine)
    both_forms(kernel_event.fill_longitudinal, out, unit, energy, x, np.minimum(boost, 2).astype(np.float32))
    kernel_event.fill_transverse(out, momentum, along, x, cosine)
    expected = momentum * np.sqrt(along**2 + x * (2 - x) * (1 - cosine**2))
    np.testing.assert_allclose(out, expected, rtol=1e-5)


CUTS = np.array([np.sinh(2.4), 30.0, 50.0, 2.0, 40.0, 0.0, 0.8], np.float32)


def test_slot_is_bin_or_reason():
    pt, pz = random_block(25, 55), random_block(-200, 200)
    pt[:4] = 30.0, np.nextafter(np.float32(30), np.float32(0)), 50.0, np.nextafter(np.float32(50), np.float32(0))
    pz[:4] = 0.0
    efficiency = random_block()
    efficiency[:4] = 0.1
    normal = random_block(-3, 3)
    slot, plain = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.int32)
    reco = np.empty(BLOCK, np.float32)
    kernel_detector.fill_slot.py_func(plain, reco.copy(), pt, pz, normal, efficiency, CUTS)
    kernel_detector.fill_slot(slot, reco, pt, pz, normal, efficiency, CUTS)
    np.testing.assert_array_equal(slot, plain)
    np.testing.assert_array_equal(reco, pt)
    assert slot[:4].tolist() == [0, 46, 46, 39]
    eta = np.arcsinh(pz.astype(float) / pt)
    reason = np.where(np.abs(eta) >= 2.4, 40, np.where(efficiency >= 0.8, 41, np.where((pt < 30) | (pt >= 50), 46, -1)))
    np.testing.assert_array_equal(np.where(slot >= 40, slot, -1), reason)
    inside = slot < 40
    np.testing.assert_array_equal(slot[inside], np.floor((pt[inside].astype(float) - 30) * 2))


def test_row_of_the_transverse_momentum():
    words = RNG.integers(0, 2**32, BLOCK, np.uint32)
    rapidity, component = random_block(-4, 4), RNG.integers(0, 3, BLOCK).astype(np.int32)
    row = np.empty(BLOCK, np.int32)
    both_forms(kernel_event.fill_pt_row, row, component, rapidity, words, np.float32(2.0), 6)
    expected = np.minimum(np.floor(2.0 * np.abs(rapidity.astype(float)) + (words % 512 + 0.5) / 512), 5)
    # float32 of a position up to 9 rounds by 5e-7: one event in a million
    assert np.count_nonzero(row - 6 * component != expected) <= 1


def test_positions_and_nodes_of_the_spin_table():
    x = random_block(-2.0, 8.0)
    position = both_forms(kernel_spin.fill_position, np.empty_like(x), x, np.float32(1.0), np.float32(0.5), 4)
    np.testing.assert_allclose(position, np.clip((x - 1.0) / 2.0, 0.0, 3.0), atol=1e-6)
    w_pt, mass = random_block(0.0, 200.0), random_block(20.0, 200.0)
    s = both_forms(kernel_spin.fill_pt_share, np.empty_like(x), w_pt, mass, np.float32(0.5))
    np.testing.assert_allclose(s, w_pt / mass / (w_pt / mass + 0.5), rtol=1e-6)
    shape, words = (2, 4, 3), RNG.integers(0, 2**32, (3, BLOCK), np.uint32)
    positions = np.array([random_block(0.0, n - 1.0) for n in shape])
    positions[:, :2] = [[0.0, 1.0], [0.0, 3.0], [0.0, 2.0]]
    component, table = RNG.integers(0, 3, BLOCK).astype(np.int32), np.array([1, 0, 1], np.int32)
    node = np.empty(BLOCK, np.int32)
    both_forms(kernel_spin.fill_node, node, positions, words, component, table, shape)
    chosen = np.floor(positions.astype(float) + (words % 512 + 0.5) / 512).astype(int)
    expected = np.ravel_multi_index((table[component], *chosen), (2, *shape))
    # a rounding of float32 at the border between two nodes: one in a million
    assert np.count_nonzero(node != expected) <= 1
    assert node[0] % 24 == 0
    assert node[1] % 24 == 23
    u = both_forms(kernel_spin.fill_low_uniforms, np.empty_like(x), words[:2])
    np.testing.assert_array_equal(u, (512.0 * (words[0] % 512) + words[1] % 512 + 0.5) / 2**18)


def test_loops_of_the_decay_agree_with_float64():
    coefficients = random_coefficients(RNG, BLOCK)
    component, m4_sq = RNG.integers(0, 2, BLOCK).astype(np.int32), np.array([0, 900], np.float32)
    mass, u, choose = random_block(60, 100), RNG.random((3, BLOCK)).astype(np.float32), random_block()
    u_phi, select = RNG.random(BLOCK), random_block()
    results = []
    for form in ("__call__", "py_func"):
        massive, one_minus, turn = (
            getattr(f, form)
            for f in (kernel_spin.fill_massive, kernel_spin.fill_one_minus_cos, kernel_spin.fill_azimuth)
        )
        ratio, x, spin = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32), coefficients.astype(np.float32)
        cosine, sine = (f(2.0 * np.pi * u_phi).astype(np.float32) for f in (np.cos, np.sin))
        massive(ratio, spin, mass, m4_sq, component)
        one_minus(x, u, select, ratio, spin)
        turn(cosine, sine, choose, x, ratio, spin)
        results.append((x, cosine, sine))
    r = m4_sq[component].astype(float) / mass.astype(float) ** 2
    x = one_minus_cos(u, (2.0 * select.astype(float)) % 1.0, coefficients, r)
    phi = azimuth(u_phi, choose, x, coefficients, r)
    for found in results:
        for values, expected in zip(found, (x, np.cos(phi), np.sin(phi)), strict=True):
            # an event within a rounding of the border between two choices
            assert np.count_nonzero(np.abs(values - expected) > 1e-6) <= 1


def test_side_and_coefficients_are_those_of_the_node():
    node, y, u = RNG.integers(0, 6, BLOCK).astype(np.int32), random_block(-2, 2), random_block()
    share, table = random_block()[:6], RNG.random((6, 5)).astype(np.float32)
    expected = np.where(u < share[node], y, -y)
    for form in ("__call__", "py_func"):
        rapidity, spin = y.copy(), np.empty((5, BLOCK), np.float32)
        getattr(kernel_spin.fill_side, form)(rapidity, u, share, node)
        getattr(kernel_spin.fill_coefficients, form)(spin, table, node)
        np.testing.assert_array_equal(rapidity, expected)
        np.testing.assert_array_equal(spin, table[node].T)


def test_eta_bins():
    pt, pz = random_block(20, 60), random_block(-400, 400)
    edges = np.array([0.5, 1.0, 2.4])
    bins = np.empty(BLOCK, np.int32)
    both_forms(kernel_detector.fill_eta_bin, bins, pt, pz, np.sinh(edges).astype(np.float32))
    eta = np.abs(np.arcsinh(pz.astype(float) / pt))
    assert set(bins) == {-1, 0, 1, 2}
    np.testing.assert_array_equal(bins, np.searchsorted(edges, eta, side="right") - 1)


@pytest.mark.parametrize("nodes", [(0.0,), (30.0, 40.0), (20.0, 30.0, 35.0, 50.0)])
def test_efficiency_is_interpolated(nodes):
    efficiency = Efficiency(nodes, tuple(np.linspace(0.4, 0.9, len(nodes)) ** 2))
    pt = random_block(10, 70)
    out = both_forms(kernel_response.fill_efficiency, np.empty(BLOCK, np.float32), pt, *efficiency_ramps(efficiency))
    np.testing.assert_allclose(out, efficiency(pt), atol=3e-6)


def test_reco_pt_has_the_resolution():
    pt, normal = random_block(20, 60), random_block(-3, 3)
    resolution = Resolution(0.02, 0.3, 3e-4, 0.15)
    terms = np.array([0.3**2, 0.02**2, 3e-4**2, 0.15**2], np.float32)
    out = both_forms(kernel_response.fill_reco_pt, np.empty(BLOCK, np.float32), pt, normal, terms, np.float32(1.01))
    np.testing.assert_allclose(out, 1.01 * (pt + resolution.sigma(pt) * normal), rtol=1e-6)


def test_the_resolution_depends_on_eta():
    pt, pz, normal = random_block(20, 60), random_block(-200, 200), random_block(-3, 3)
    regions = np.array([(np.sinh(1.0), 1.3), (np.sinh(2.0), 0.8)], np.float32)
    out = both_forms(kernel_response.fill_normal_by_eta, np.empty(BLOCK, np.float32), normal, pt, pz, regions)
    eta = np.abs(np.arcsinh(pz.astype(float) / pt))
    np.testing.assert_allclose(out, normal * np.where(eta < 1.0, 1.0, np.where(eta < 2.0, 1.3, 0.8)), rtol=1e-6)


def test_recoil_missing_momentum_and_transverse_mass():
    normals = np.array([random_block(-3, 3), random_block(-3, 3)])
    w_pt, reco_pt, angle = random_block(0, 40), random_block(20, 60), random_block(-3, 3)
    response = np.array([0.8, 0.2, 1 / 15, 5.0, 0.1, 0.3], np.float32)
    exponents, plain_exponents = np.empty((2, 2, BLOCK), np.float32)
    kernel_response.fill_exponents(*exponents, w_pt, angle, response)
    kernel_response.fill_exponents.py_func(*plain_exponents, w_pt, angle, response)
    np.testing.assert_allclose(exponents, plain_exponents, rtol=2e-6)
    fall, spread = np.exp(exponents)
    recoil, plain = normals.copy(), normals.copy()
    kernel_response.fill_recoil(recoil, w_pt, fall, spread, response)
    kernel_response.fill_recoil.py_func(plain, w_pt, fall, spread, response)
    np.testing.assert_allclose(recoil, plain, rtol=2e-6, atol=2e-6)
    ratio = 0.6 + 0.2 * (1.0 - np.exp(-w_pt / 15.0))
    expected = (5.0 + 0.1 * w_pt) * np.exp(0.3 * angle) * normals - np.array([ratio * w_pt, 0.0 * w_pt])
    np.testing.assert_allclose(recoil, expected, rtol=2e-6, atol=1e-5)
    along, across = 3.0 * np.cos(angle), 3.0 * np.sin(angle)
    out, out_plain = np.empty((2, 3, BLOCK), np.float32)
    kernel_detector.fill_missing(*out, reco_pt, along, across, recoil)
    kernel_detector.fill_missing.py_func(*out_plain, reco_pt, along, across, recoil)
    np.testing.assert_allclose(out**2, out_plain**2, rtol=3e-6, atol=5e-3)
    lepton = reco_pt.astype(float) * np.exp(1j * angle.astype(float))
    u = recoil[0] + 1j * recoil[1].astype(float)
    missing = -(lepton + u)
    mass = np.sqrt(2.0 * np.abs(lepton) * np.abs(missing) * (1.0 - np.cos(np.angle(missing / lepton))))
    # a small mass is a difference of large numbers: absolute accuracy of the square, 1e-7 of 2 * 60**2
    np.testing.assert_allclose(out[0], np.abs(missing), rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(out[1] ** 2, mass**2, rtol=3e-6, atol=5e-3)
    np.testing.assert_allclose(out[2], np.abs(u), rtol=1e-6)


@pytest.mark.parametrize(
    "edges", [np.linspace(30.0, 50.0, 41), np.array([26.0, 26.5, 30.0, 31.0, 47.0]), np.array([60.0, 100.0])]
)
def test_bins_are_exact(edges):
    x = random_block(edges[0] - 2.0, edges[-1] + 2.0)
    at_edges = edges.astype(np.float32)
    x[: 2 * edges.size : 2] = at_edges
    x[1 : 2 * edges.size : 2] = np.nextafter(at_edges, np.float32(0.0))
    bins = np.empty(BLOCK, np.int32)
    both_forms(kernel_detector.fill_bin, bins, x, at_edges, bin_cells(edges))
    expected = np.searchsorted(at_edges, x, side="right") - 1
    np.testing.assert_array_equal(bins, np.where(expected < edges.size - 1, expected, -1))


def test_bins_too_narrow_for_single_precision_are_refused():
    with pytest.raises(InputError, match="narrower"):
        bin_cells(np.array([30.0, 30.00001, 50.0]))


NODES = np.linspace(0, 1, 33, dtype=np.float32)
SPIN = random_coefficients(np.random.default_rng(3), 1, 3, 4, 5)
PRODUCTION = Production(
    thresholds=np.array([2**31], np.uint64),
    m4_sq=np.array([0, 400], np.float32),
    mass=np.array([70 + 20 * NODES, 65 + 30 * NODES], np.float32),
    row=np.array([2 * NODES, 2 * NODES], np.float32),
    rapidity=np.array([[6 * NODES[::4] - 3, 4 * NODES[::4] - 2, 2 * NODES[::4] - 1]] * 2, np.float32),
    pt=np.array([[40 * NODES**2, 35 * NODES**2], [30 * NODES**2, 20 * NODES**2]], np.float32),
    rows_per_rapidity=np.float32(1.0),
    spin_table=np.array([0, 0], np.int32),
    coefficients=np.ascontiguousarray(np.moveaxis(SPIN, 0, -1), np.float32),
    share=np.linspace(0.2, 0.8, 60, dtype=np.float32).reshape(1, 3, 4, 5),
    spin_grid=np.array([4.2, 5.0, 0.0, 10.0, -2.0, 1.0, 0.5], np.float32),
)
SIMPLE = LeptonSelection(
    tuple(np.linspace(30.0, 50.0, 41).tolist()), (0.0, 2.4), Resolution(0.02), Efficiency(values=(0.8,))
)
GENERAL = replace(
    SIMPLE,
    eta_edges=(0.1, 0.8, 2.4),
    resolution=Resolution(0.02, 0.2, 1e-4),
    efficiency=Efficiency((25.0, 40.0), (0.5, 0.9)),
    scale=0.01,
    fsr=FinalStateRadiation("e"),
    recoil=Recoil(response=0.8, resolution_GeV=4.0, resolution_slope=0.1),
    cuts=Cuts(
        pt_min_GeV=25.0,
        missing_momentum_min_GeV=20.0,
        transverse_mass_min_GeV=30.0,
        transverse_mass_max_GeV=110.0,
        recoil_max_GeV=30.0,
    ),
)
RISING = replace(
    GENERAL,
    resolution=Resolution(0.02, 0.2, 1e-4, 0.1),
    resolution_regions=((0.5, 1.3), (1.0, 0.8)),
    efficiency_slope=-0.02,
    efficiency_curvature=0.01,
    recoil=GENERAL.recoil.model_copy(update={"response_rise": 0.1, "resolution_spread": 0.3}),
)
MASS = replace(GENERAL, observable="transverse_mass", edges=(40.0, 60.0, 65.0, 70.0, 90.0))
MISSING = replace(GENERAL, observable="missing_momentum", edges=(25.0, 30.0, 50.0))


@pytest.mark.parametrize(
    "selection", [SIMPLE, GENERAL, MASS, MISSING, replace(GENERAL, fsr=None, recoil=None, cuts=Cuts())]
)
def test_plain_kernel_equals_compiled_kernel(selection):
    n_slots, simple = selection.n_eta * selection.n_bins, is_simple(selection)
    assert simple == (selection is SIMPLE)
    chosen = simple_cuts(selection) if simple else detector(selection)
    generate = kernel.generate_blocks if simple else kernel.generate_measured_blocks
    results = []
    for function in (generate, generate.py_func):
        outcomes = np.zeros((2, n_slots + kernel_detector.N_FAILED), np.int64)
        stored = np.zeros((kernel.N_STORED, 1500), np.float32)
        function(outcomes, stored, 700, 1500, np.uint64(4), 1, PRODUCTION, chosen)
        assert outcomes.sum() == 1500
        assert outcomes[:, :n_slots].sum() > 100
        results.append((outcomes, stored))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    # One is inlined into one function, the other calls compiled loops, so roundings of float32 differ. The missing
    # momentum is a sum of two vectors of up to 100 GeV, where the spacing of float32 is 8e-6 GeV: four of them.
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=2e-6, atol=4 * np.spacing(np.float32(100.0)))


def test_plain_measurement_equals_the_compiled_one():
    ranges = ((25, 50), (-90, 90), (-1, 1), (-1, 1), (-2, 2), (-2, 2))
    event = np.array([random_block(*limits) for limits in ranges])
    w_pt, u = random_block(0, 30), RNG.uniform(0.01, 0.99, (4, BLOCK)).astype(np.float32)
    for selection in (GENERAL, MASS, MISSING, RISING, replace(GENERAL, fsr=None, recoil=None, cuts=Cuts())):
        slots, measured = np.empty((2, BLOCK), np.int32), np.zeros((2, 7, BLOCK), np.float32)
        kernel_detector.measure(slots[0], measured[0], event, w_pt, u[3], u[:3], detector(selection))
        kernel_detector.measure.py_func(slots[1], measured[1], event, w_pt, u[3], u[:3], detector(selection))
        np.testing.assert_allclose(measured[0], measured[1], rtol=2e-6, atol=1e-5)
        assert np.count_nonzero(slots[0] != slots[1]) <= 1  # an event within a rounding of an edge


def test_plain_blocks_equal_compiled_ones():
    words = RNG.integers(0, 2**32, (kernel.N_WORDS, BLOCK), np.uint32)
    u = ((words >> 9).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
    component, (made, event) = np.empty((2, BLOCK), np.int32), np.zeros((2, 2, 6, BLOCK), np.float32)
    kernel.make_block(component[0], made[0], event[0], words, u, PRODUCTION)
    kernel.make_block.py_func(component[1], made[1], event[1], words, u, PRODUCTION)
    np.testing.assert_array_equal(component[0], component[1])
    same = np.isclose(event[0], event[1], rtol=1e-5, atol=1e-4).all(axis=0)
    assert np.count_nonzero(~same) <= 1  # an event within a rounding of the border between two choices
    outcomes, stored = np.zeros((2, 2, 50), np.int64), np.zeros((2, kernel.N_STORED, 100), np.float32)
    slot, measured = RNG.integers(0, 50, BLOCK).astype(np.int32), np.zeros((7, BLOCK), np.float32)
    for k, function in enumerate((kernel.keep_block, kernel.keep_block.py_func)):
        function(outcomes[k], stored[k], component[0], slot, made[0], u, measured, 2048, 2500, 2600)
    np.testing.assert_array_equal(outcomes[0], outcomes[1])
    np.testing.assert_array_equal(stored[0], stored[1])
    assert outcomes[0].sum() == 100
    np.testing.assert_array_equal(stored[0, 8], slot[452:552])
