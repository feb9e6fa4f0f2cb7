"""The W kernel on one thread, random numbers alone and Pythia 8.

Philox and numpy's generator draw as many uniforms as the kernel does for each selection.
"""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from collider.events.generator import generate_histogram
from collider.events.kernel import N_WORDS, N_WORDS_GENERAL
from collider.experiments.response import load_experiment
from collider.production.w_production import w_component
from nucore.rng import BLOCK, fill_words, words_to_uniforms
from nucore.run.executors import Execution

GROUP = "W events on one thread"
N_BLOCKS = 8192
N_PYTHIA = 5000
UNIFORMS = {"paper": N_WORDS, "full": N_WORDS_GENERAL}
PYTHIA = {
    "hard process": ("PartonLevel:all = off",),
    "initial-state radiation": ("PartonLevel:MPI = off", "PartonLevel:FSR = off"),
}


@njit(nogil=True, fastmath=True)
def philox_blocks(words, u, n_blocks):
    """Fill the block of uniforms once for each block of events."""
    total = np.float32(0.0)
    for block in range(n_blocks):
        fill_words(words, np.uint64(1), 1, block * BLOCK)
        words_to_uniforms(words, u)
        total += u[0, block % BLOCK]
    return total


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("name", UNIFORMS)
def test_kernel(benchmark, name):
    components = [w_component(7.0, charge, m4) for m4 in (0.0, 30.0) for charge in (1, -1)]
    selection = load_experiment("atlas-2011").analysis(name).lepton_selection("mu")
    arguments = (components, (0.5, 0.49, 0.005, 0.005), selection)
    n = N_BLOCKS * BLOCK
    benchmark.pedantic(
        lambda: generate_histogram(*arguments, n, 1, execution=Execution(workers=1)), rounds=5, warmup_rounds=1
    )
    benchmark.extra_info["n"] = n


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("n_uniforms", UNIFORMS.values(), ids=UNIFORMS)
def test_philox_alone(benchmark, n_uniforms):
    words, u = np.empty((n_uniforms, BLOCK), np.uint32), np.empty((n_uniforms, BLOCK), np.float32)
    benchmark.pedantic(philox_blocks, (words, u, N_BLOCKS), rounds=5, warmup_rounds=1)
    benchmark.extra_info["n"] = N_BLOCKS * BLOCK


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("n_uniforms", UNIFORMS.values(), ids=UNIFORMS)
def test_numpy_uniforms(benchmark, n_uniforms):
    generator = np.random.default_rng(1)
    u = np.empty((n_uniforms, BLOCK), np.float32)

    def fill() -> None:
        for _ in range(N_BLOCKS):
            generator.random(out=u, dtype=np.float32)

    benchmark.pedantic(fill, rounds=5, warmup_rounds=1)
    benchmark.extra_info["n"] = N_BLOCKS * BLOCK


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("parton_level", PYTHIA.values(), ids=PYTHIA)
def test_pythia(benchmark, parton_level):
    """Pythia 8 without multiparton interactions, final-state radiation and hadronisation."""
    pythia8 = pytest.importorskip("pythia8mc")
    pythia = pythia8.Pythia("", False)
    settings = (
        "Print:quiet = on", "Beams:eCM = 7000.", "WeakSingleBoson:ffbar2W = on", "24:onMode = off",
        "24:onIfAny = 13 14", *parton_level, "HadronLevel:all = off",
    )  # fmt: skip
    for line in settings:
        pythia.readString(line)
    if not pythia.init():
        raise RuntimeError("Pythia does not start")
    benchmark.pedantic(lambda: [pythia.next() for _ in range(N_PYTHIA)], rounds=5, warmup_rounds=1)
    benchmark.extra_info["n"] = N_PYTHIA
