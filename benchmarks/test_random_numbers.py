"""Our normal random numbers compared with numpy's; test_w_kernel.py has the uniform ones."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from nucore.rng import BLOCK, fill_normal_pairs, fill_words, words_to_uniforms

N_BLOCKS = 4096


@njit(nogil=True, fastmath=True)
def normal_blocks(words, u, out, n_blocks):
    """Draw four words for each of the events of a block, and make four normals of them."""
    total = np.float32(0.0)
    for block in range(n_blocks):
        fill_words(words, np.uint64(1), 1, block * BLOCK)
        words_to_uniforms(words, u)
        fill_normal_pairs(out[0], out[1], u[0], u[1])
        fill_normal_pairs(out[2], out[3], u[2], u[3])
        total += out[0, block % BLOCK]
    return total


@pytest.mark.benchmark(group="normal numbers")
def test_philox_and_box_muller(benchmark):
    words, u = np.empty((4, BLOCK), np.uint32), np.empty((4, BLOCK), np.float32)
    benchmark.pedantic(normal_blocks, (words, u, np.empty_like(u), N_BLOCKS), rounds=5, warmup_rounds=1)
    benchmark.extra_info["n"] = 4 * N_BLOCKS * BLOCK


@pytest.mark.benchmark(group="normal numbers")
def test_numpy_normals(benchmark):
    generator = np.random.default_rng(1)
    out = np.empty((4, BLOCK), np.float32)

    def fill() -> None:
        for _ in range(N_BLOCKS):
            generator.standard_normal(out=out, dtype=np.float32)

    benchmark.pedantic(fill, rounds=5, warmup_rounds=1)
    benchmark.extra_info["n"] = 4 * N_BLOCKS * BLOCK
