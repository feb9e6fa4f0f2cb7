"""Philox alone against numpy's default generator, at the number of uniforms a W event takes and at 8."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from nuportal.rng import BLOCK, Stream, fill_normals, fill_uniforms

N_BLOCKS = 4096


@njit(nogil=True, fastmath=True)
def philox_blocks(u, n_blocks):
    """Fill the block of uniforms once for each block of events."""
    total = np.float32(0.0)
    for block in range(n_blocks):
        fill_uniforms(u, np.uint64(1), 1, block * BLOCK)
        total += u[0, block % BLOCK]
    return total


@njit(nogil=True, fastmath=True)
def normal_blocks(out, u, n_blocks):
    """Turn the same uniforms into normals once for each block of events."""
    total = np.float32(0.0)
    for block in range(n_blocks):
        fill_normals(out, u[0], u[1])
        total += out[block % BLOCK]
    return total


@pytest.mark.benchmark(group="random numbers")
@pytest.mark.parametrize("n_uniforms", [8, 12])
def test_philox(benchmark, record_rate, n_uniforms):
    u = np.empty((n_uniforms, BLOCK), np.float32)
    benchmark.pedantic(philox_blocks, (u, N_BLOCKS), rounds=5, warmup_rounds=1)
    record_rate(N_BLOCKS * BLOCK)


@pytest.mark.benchmark(group="random numbers")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_uniforms", [8, 12])
def test_numpy_default_generator(benchmark, record_rate, n_uniforms, dtype):
    generator = np.random.default_rng(1)
    u = np.empty((n_uniforms, BLOCK), dtype)

    def fill() -> None:
        for _ in range(N_BLOCKS // 4):
            generator.random(out=u, dtype=dtype)

    benchmark.pedantic(fill, rounds=5, warmup_rounds=1)
    record_rate(N_BLOCKS // 4 * BLOCK)


@pytest.mark.benchmark(group="normal numbers")
def test_box_muller(benchmark, record_rate):
    u = np.empty((4, BLOCK), np.float32)
    fill_uniforms(u, np.uint64(1), int(Stream.TOYS), 0)
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
