"""Loops of the W kernel, one by one: error bounds against float64, and plain-Python forms against compiled ones."""

from __future__ import annotations

import numpy as np
import pytest

from collider import kernel
from nuportal.rng import BLOCK

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
        result = both_forms(kernel.fill_exp, np.empty_like(x), x) if scale < 10 else np.empty_like(x)
        kernel.fill_exp(result, x)
        np.testing.assert_allclose(result, np.exp(x.astype(float)), rtol=3e-7)


def test_component_is_the_interval_of_the_word():
    words = RNG.integers(0, 2**32, BLOCK, np.uint32)
    thresholds = np.array([2**30, 2**30, 3 * 2**30], np.uint64)
    words[:4] = [2**30 - 1, 2**30, 3 * 2**30 - 1, 3 * 2**30]
    component = both_forms(kernel.fill_component, np.empty(BLOCK, np.int32), words, thresholds)
    assert component[:4].tolist() == [0, 2, 2, 3]
    assert not np.any(component == 1)  # a component of weight 0
    np.testing.assert_array_equal(component, np.searchsorted(thresholds, words, side="right"))


@pytest.mark.parametrize("n_nodes", [2, 1000, 1025, 4097])
def test_index_and_fraction(n_nodes):
    u = random_block()
    u[:2] = 2.0**-24, 1.0 - 2.0**-24
    index, fraction = np.empty(BLOCK, np.int32), np.empty(BLOCK, np.float32)
    plain = index.copy()
    kernel.fill_index.py_func(plain, fraction.copy(), u, n_nodes)
    kernel.fill_index(index, fraction, u, n_nodes)
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
    out = both_forms(kernel.look_up, np.empty(BLOCK, np.float32), table, component, index, fraction)
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
    out = both_forms(kernel.look_up_rapidity, np.empty(BLOCK, np.float32), *arguments)
    np.testing.assert_allclose(out, 7 * component + 0.5 * rows - 0.25 * (index + fraction), atol=3e-6)


def test_plain_forms_of_the_decay_and_the_boost():
    component, m4_sq = RNG.integers(0, 2, BLOCK).astype(np.int32), np.array([0, 900], np.float32)
    mass, w_pt, boost = random_block(60, 100), random_block(0, 50), np.exp(random_block(-3, 3))
    u, select, out = RNG.random((3, BLOCK)).astype(np.float32), random_block(), np.empty(BLOCK, np.float32)
    x = both_forms(kernel.fill_one_minus_cos, out, u, select, mass, m4_sq, component).copy()
    momentum = both_forms(kernel.fill_momentum, out, mass, m4_sq, component).copy()
    cosine = random_block(-1, 1)
    plain, compiled = np.empty((2, BLOCK), np.float32), np.empty((2, BLOCK), np.float32)
    kernel.boost_along_x.py_func(plain[0], plain[1], mass, w_pt, x, cosine)
    kernel.boost_along_x(compiled[0], compiled[1], mass, w_pt, x, cosine)
    np.testing.assert_allclose(compiled, plain, rtol=2e-6, atol=2e-6)
    along, energy = compiled
    # atol 2e-6 of both_forms holds for unit momentum; the results are linear in it.
    unit = np.ones(BLOCK, np.float32)
    both_forms(kernel.fill_transverse, out, unit, along, x, cosine)
    both_forms(kernel.fill_longitudinal, out, unit, energy, x, np.minimum(boost, 2).astype(np.float32))
    kernel.fill_transverse(out, momentum, along, x, cosine)
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
    kernel.fill_slot.py_func(plain, reco.copy(), pt, pz, normal, efficiency, CUTS)
    kernel.fill_slot(slot, reco, pt, pz, normal, efficiency, CUTS)
    np.testing.assert_array_equal(slot, plain)
    np.testing.assert_array_equal(reco, pt)
    assert slot[:4].tolist() == [0, 42, 42, 39]
    eta = np.arcsinh(pz.astype(float) / pt)
    reason = np.where(np.abs(eta) >= 2.4, 40, np.where(efficiency >= 0.8, 41, np.where((pt < 30) | (pt >= 50), 42, -1)))
    np.testing.assert_array_equal(np.where(slot >= 40, slot, -1), reason)
    inside = slot < 40
    np.testing.assert_array_equal(slot[inside], np.floor((pt[inside].astype(float) - 30) * 2))


def test_plain_kernel_equals_compiled_kernel():
    nodes = np.linspace(0, 1, 33, dtype=np.float32)
    tables = (
        np.array([70 + 20 * nodes, 65 + 30 * nodes]),
        np.array([2 * nodes, 2 * nodes]),
        np.array([[6 * nodes[::4] - 3, 4 * nodes[::4] - 2, 2 * nodes[::4] - 1]] * 2),
        np.array([40 * nodes**2, 30 * nodes**2]),
    )
    results = []
    for function in (kernel.generate_blocks, kernel.generate_blocks.py_func):
        outcomes = np.zeros((2, 43), np.int64)
        stored = np.zeros((kernel.N_STORED, 1500), np.float32)
        function(
            outcomes, stored, 700, 1500, np.uint64(4), 1, np.array([2**31], np.uint64),
            np.array([0, 400], np.float32), *(table.astype(np.float32) for table in tables), CUTS,
        )  # fmt: skip
        assert outcomes.sum() == 1500
        results.append((outcomes, stored))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    # Both call the same compiled loops or are inlined into one function: roundings of float32 may differ.
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=2e-6, atol=2e-6)
