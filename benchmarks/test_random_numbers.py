"""Our normal random numbers compared with numpy's; test_w_kernel.py has the uniform ones."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from nucore.random_streams import Stream, uniforms
from nucore.rng import BLOCK, fill_normals

N_BLOCKS = 4096


@njit(nogil=True, fastmath=True)
def normal_blocks(out, u, n_blocks):
    """Transform the same uniforms to normals, once per block of events."""
    total = np.float32(0.0)
    for block in range(n_blocks):
        fill_normals(out, u[0], u[1])
        total += out[block % BLOCK]
    return total


@pytest.mark.benchmark(group="normal numbers")
def test_box_muller(benchmark, record_rate):
    u = uniforms(1, Stream.TOYS, 0, BLOCK, 4, np.float32)
    benchmark.pedantic(normal_blocks, (np.empty(BLOCK, np.float32), u, N_BLOCKS), rounds=5, warmup_rounds=1)
    record_rate(N_BLOCKS * BLOCK)


@pytest.mark.benchmark(group="normal numbers")
def test_numpy_normals(benchmark, record_rate):
    generator = np.random.default_rng(1)
    out = np.empty(BLOCK * 64, np.float32)
    benchmark.pedantic(
        lambda: [generator.standard_normal(out=out, dtype=np.float32) for _ in range(16)], rounds=5, warmup_rounds=1
    )
    record_rate(16 * 64 * BLOCK)
